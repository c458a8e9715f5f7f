//! Books a meeting at a time that was offered.
use super::Kind::{Everyone, Item, Number, Text, When};
use super::{Out, Spec, needs, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "book",
    doc: "Books a time that was offered, or moves the meeting it replaces there. Times are not held \
          while they are offered, so one may be gone. `words` are what the adult \
          said when they asked. `mode` is `school`, `phone` or `video`.",
    inputs: &[
        needs("slot", Item),
        takes("pupil", Item),
        takes("replaces", Item),
        takes("case", Item),
        takes("words", Text),
    ],
    outcomes: &[
        Out {
            name: "booked",
            values: &[
                ("meeting", Item),
                ("at", When),
                ("who", Everyone),
                ("minutes", Number),
                ("mode", Text),
            ],
        },
        Out {
            name: "gone",
            values: &[],
        },
    ],
    example: r#"do = { book = { slot = "$slot", pupil = "$child?" } }"#,
};
