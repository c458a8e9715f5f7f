//! Whether somebody comes to an event.
use super::Kind::{Item, Text, When};
use super::{Out, Spec, needs, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "rsvp",
    doc: "Writes down whether this adult comes to an event (`coming`, `quietly`, `not-coming`), tells \
          the organiser and reminds them the day before. `full` when every place is taken: they stand \
          on the waiting list then. An answer given again replaces the one before.",
    inputs: &[
        needs("event", Item),
        needs("answer", Text),
        takes("needs", Text),
    ],
    outcomes: &[
        Out {
            name: "noted",
            values: &[("event", Item), ("at", When)],
        },
        Out {
            name: "full",
            values: &[("event", Item)],
        },
    ],
    example: r#"do = { rsvp = { event = "$event", answer = "$answer", needs = "$needs?" } }"#,
};
