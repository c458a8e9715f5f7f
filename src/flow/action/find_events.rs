//! What is on at school.
use super::Kind::List;
use super::{Out, Spec};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "find-events",
    doc: "Up to three events of the school's noticeboard that are still to come, the next one first; \
          each reads as its name and its time. `none` when the school has entered none.",
    inputs: &[],
    outcomes: &[
        Out {
            name: "found",
            values: &[("events", List)],
        },
        Out {
            name: "none",
            values: &[],
        },
    ],
    example: "do = { find-events = {} }",
};
