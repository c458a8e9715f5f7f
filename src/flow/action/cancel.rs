//! Calls off a meeting.
use super::Kind::{Item, When};
use super::{Out, Spec, needs};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "cancel",
    doc: "Calls off a meeting and tells those who were to come. Calling off one that is off already \
          changes nothing.",
    inputs: &[needs("meeting", Item)],
    outcomes: &[Out {
        name: "cancelled",
        values: &[("at", When)],
    }],
    example: r#"do = { cancel = { meeting = "$meeting" } }"#,
};
