//! Finds times that can be booked.
use super::Kind::{Everyone, Item, Number, Slots, Text, When};
use super::{Out, Spec, needs, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "find-slots",
    doc: "Up to three times with the people a child's meeting needs. `none` says by when the office \
          will offer some; `office` opens a case for the office (nobody can be booked by text).",
    inputs: &[
        takes("pupil", Item),
        needs("kind", Text),
        takes("replaces", Item),
    ],
    outcomes: &[
        Out {
            name: "found",
            values: &[("slots", Slots), ("who", Everyone), ("minutes", Number)],
        },
        Out {
            name: "none",
            values: &[("by", When)],
        },
        Out {
            name: "office",
            values: &[("by", When), ("case", Item)],
        },
    ],
    example: r#"do = { find-slots = { kind = "meeting", pupil = "$child?" } }"#,
};
