//! Asks for a copy of the record.
use super::Kind::{Item, Text, When};
use super::{Out, Spec, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "send-record",
    doc: "Asks the office for a copy of what is written down about a case, or of everything: a task \
          with its day, and a promise. `how` is `paper`, `translated` or `read-out`.",
    inputs: &[takes("case", Item), takes("how", Text)],
    outcomes: &[Out {
        name: "requested",
        values: &[("by", When)],
    }],
    example: r#"do = { send-record = { case = "$case?", how = "$how" } }"#,
};
