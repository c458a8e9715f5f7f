//! Texts somebody asks for.
use super::Kind::{Flag, Text};
use super::{Out, Spec, needs};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "subscribe",
    doc: "Puts this phone on or off the list for `events`, `news` or `surveys`.",
    inputs: &[needs("topic", Text), needs("on", Flag)],
    outcomes: &[
        Out {
            name: "subscribed",
            values: &[],
        },
        Out {
            name: "unsubscribed",
            values: &[],
        },
    ],
    example: r#"do = { subscribe = { topic = "surveys", on = true } }"#,
};
