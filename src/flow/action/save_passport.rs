//! How a family wants to be reached.
use super::Kind::{Any, Flag, Item, Number, Text, When};
use super::{Out, Spec, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "save-passport",
    doc: "Writes what was said about reaching this adult into a new dated version of their passport; \
          what is not given stays as it was. The class teachers and the office are told. `channel` \
          is `text` (never ring), `ring`, `email` or `face-to-face`. `office` for an adult nobody \
          here knows: the words go to the office.",
    inputs: &[
        takes("language", Any),
        takes("interpreter", Flag),
        takes("channel", Text),
        takes("times", Text),
        takes("needs", Text),
        takes("reading", Text),
        takes("people", Text),
        takes("matters", Text),
        takes("duplicates", Any),
    ],
    outcomes: &[
        Out {
            name: "saved",
            values: &[("version", Number)],
        },
        Out {
            name: "office",
            values: &[("case", Item), ("by", When)],
        },
    ],
    example: r#"do = { save-passport = { channel = "$channel", times = "$times?" } }"#,
};
