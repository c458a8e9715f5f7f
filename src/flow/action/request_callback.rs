//! Asks for a call.
use super::Kind::{Anyone, Item, Text, When};
use super::{Out, Spec, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "request-callback",
    doc: "Asks somebody to ring: a promise and a task. The call is the owner's of this \
          conversation's case, or `staff`'s; `office` when nobody else can be named. `no-calls` when \
          this adult asked not to be rung.",
    inputs: &[
        takes("words", Text),
        takes("times", Text),
        takes("staff", Item),
    ],
    outcomes: &[
        Out {
            name: "requested",
            values: &[("who", Anyone), ("by", When)],
        },
        Out {
            name: "office",
            values: &[("by", When)],
        },
        Out {
            name: "no-calls",
            values: &[],
        },
    ],
    example: r#"do = { request-callback = { times = "$times" } }"#,
};
