//! Gives a case to somebody else to look at.
use super::Kind::{Item, Text};
use super::{Out, Spec, needs};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "forward",
    doc: "Tells somebody more of a case, who may read it from then on. `to` is `head`, `senco`, \
          `key-worker` or `office`. `nobody` when there is no such person, or the case is about them.",
    inputs: &[needs("case", Item), needs("to", Text)],
    outcomes: &[
        Out {
            name: "forwarded",
            values: &[("who", Text)],
        },
        Out {
            name: "nobody",
            values: &[],
        },
    ],
    example: r#"do = { forward = { case = "$case", to = "senco" } }"#,
};
