//! Answers "C-1042?".
use super::Kind::{Anyone, Flag, Item, Number, When};
use super::{Out, Spec, needs};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "case-status",
    doc: "Says whether a person has read a case of this adult's own, and who will be in touch by \
          when. Somebody else's case is unknown.",
    inputs: &[needs("number", Number)],
    outcomes: &[
        Out {
            name: "known",
            values: &[
                ("case", Item),
                ("read", Flag),
                ("who", Anyone),
                ("by?", When),
            ],
        },
        Out {
            name: "unknown",
            values: &[],
        },
    ],
    example: r#"do = { case-status = { number = "$number" } }"#,
};
