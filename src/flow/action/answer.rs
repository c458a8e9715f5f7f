//! Records the answer to a question that staff had asked.
use super::Kind::{Any, Item, Text};
use super::{Out, Spec, needs, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "answer",
    doc: "Records the answer to a question that staff had asked from the desk, and tells them.",
    inputs: &[
        needs("question", Text),
        needs("value", Any),
        takes("case", Item),
    ],
    outcomes: &[Out {
        name: "recorded",
        values: &[],
    }],
    example: r#"do = { answer = { question = "ring-ok", value = "$ok" } }"#,
};
