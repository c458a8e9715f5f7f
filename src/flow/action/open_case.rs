//! Opens a case, with its notice and its promise, or joins the one that is open.
use super::Kind::{Anyone, Item, Text, When};
use super::{Out, Spec, needs, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "open-case",
    doc: "Opens a case with these words, tells its owner and makes the promise; opening again in the \
          same conversation, or soon after, joins the open case. `kind` is `concern`, `complaint`, \
          `meeting`, `question`, `ehcp`, `records`, `data-rights`, `family-support`, `request` or \
          `today`; it decides whose the case is, who reads it and by when it is answered. `about` is \
          a short word for staff (`draft`, `money`). For an adult who has not been checked the \
          outcome names only the office.",
    inputs: &[
        needs("kind", Text),
        needs("words", Text),
        takes("pupil", Item),
        takes("about", Text),
    ],
    outcomes: &[
        Out {
            name: "opened",
            values: &[("case", Item), ("who", Anyone), ("by", When)],
        },
        Out {
            name: "joined",
            values: &[("case", Item), ("who?", Anyone), ("by?", When)],
        },
        Out {
            name: "office",
            values: &[("case", Item), ("by", When)],
        },
    ],
    example: r#"do = { open-case = { kind = "concern", words = "$words", pupil = "$child?" } }"#,
};
