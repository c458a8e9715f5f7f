//! The meetings this adult has booked.
use super::Kind::{Everyone, Item, Slots, When};
use super::{Out, Spec};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "find-meetings",
    doc: "This adult's own meetings that are still to come. When there are several, each is a time \
          whose id is the meeting's.",
    inputs: &[],
    outcomes: &[
        Out {
            name: "one",
            values: &[("meeting", Item), ("at", When), ("who", Everyone)],
        },
        Out {
            name: "many",
            values: &[("meetings", Slots)],
        },
        Out {
            name: "none",
            values: &[],
        },
    ],
    example: "do = { find-meetings = {} }",
};
