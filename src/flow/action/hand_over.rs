//! Hands the conversation to a person.
use super::Kind::{Item, Text, When};
use super::{Out, Spec, needs, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "hand-over",
    doc: "Puts the words on the office's list and promises when somebody will be in touch. `reason` \
          is `person` (asked for one), `tries` (not understood), `no-flow` (`about` names what there \
          is no flow for yet), `media` (a photo or recording) or `more-words` (said beside an answer).",
    inputs: &[
        takes("words", Text),
        needs("reason", Text),
        takes("case", Item),
        takes("about", Text),
    ],
    outcomes: &[Out {
        name: "handed",
        values: &[("case", Item), ("by", When)],
    }],
    example: r#"do = { hand-over = { words = "$words?", reason = "$reason" } }"#,
};
