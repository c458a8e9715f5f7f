//! This week's homework.
use super::Kind::{Item, Text, When};
use super::{Out, Spec, needs};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "find-homework",
    doc: "The homework that the school's noticeboard has for a child's class today. `none` when it \
          has none, and for every adult who has not been checked.",
    inputs: &[needs("pupil", Item)],
    outcomes: &[
        Out {
            name: "found",
            values: &[("homework", Text), ("due?", When)],
        },
        Out {
            name: "none",
            values: &[],
        },
    ],
    example: r#"do = { find-homework = { pupil = "$child" } }"#,
};
