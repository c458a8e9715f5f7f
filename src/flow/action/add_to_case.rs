//! Adds words, a child or a wish to a case that is open.
use super::Kind::{Flag, Item, Text};
use super::{Out, Spec, needs, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "add-to-case",
    doc: "Adds an entry to an open case: words, the child it is about, or how the adult wants to be \
          reached. `sealed` marks words that the safeguarding screen has taken: the case gets a line \
          that says so, never the words.",
    inputs: &[
        needs("case", Item),
        takes("words", Text),
        takes("pupil", Item),
        takes("wish", Text),
        takes("sealed", Flag),
    ],
    outcomes: &[Out {
        name: "added",
        values: &[("case", Item)],
    }],
    example: r#"do = { add-to-case = { case = "$case", wish = "$wish" } }"#,
};
