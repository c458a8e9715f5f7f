//! Who to contact about a child.
use super::Kind::{Item, Text};
use super::{Out, Spec, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "find-contact",
    doc: "The class teacher of a child of this adult's. The outcome is `office` when the child or \
          the teacher is not known, and for every adult who has not been checked.",
    inputs: &[takes("pupil", Item)],
    outcomes: &[
        Out {
            name: "named",
            values: &[("pupil", Item), ("teacher", Text), ("class", Text)],
        },
        Out {
            name: "office",
            values: &[],
        },
    ],
    example: r#"do = { find-contact = { pupil = "$child?" } }"#,
};
