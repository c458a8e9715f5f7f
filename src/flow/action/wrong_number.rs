//! This phone is not whose we thought.
use super::{Out, Spec};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "wrong-number",
    doc: "Writes down that this phone is not whose the record says: nothing more is sent to it by \
          itself, whoever writes from it is unknown from now on, and the office puts the record right.",
    inputs: &[],
    outcomes: &[Out {
        name: "noted",
        values: &[],
    }],
    example: "do = { wrong-number = {} }",
};
