//! Passes something that matters today to the office.
use super::Kind::{Flag, Item, Text};
use super::{Out, Spec, needs, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "pass-on",
    doc: "Passes words that matter today (collection, medicine, a child who has not come home) to \
          the office at once. When `sealed`, the words stay in the safeguarding tier and the office \
          is told only to ring.",
    inputs: &[
        needs("words", Text),
        takes("pupil", Item),
        takes("sealed", Flag),
    ],
    outcomes: &[Out {
        name: "passed",
        values: &[],
    }],
    example: r#"do = { pass-on = { words = "$words", pupil = "$child?" } }"#,
};
