//! Looks a service up in the local directory.
use super::Kind::Text;
use super::{Out, Spec, needs, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "find-service",
    doc: "Finds a service (`sendiass`, `mediation`, `forum`, `local-offer`) of a council. `reach` is \
          its number and its website, as far as they are established. `unknown` brings where to \
          look (the council's local offer, or the national finder), when the council is not known or \
          has no such service in the directory.",
    inputs: &[needs("kind", Text), takes("council", Text)],
    outcomes: &[
        Out {
            name: "found",
            values: &[("name", Text), ("reach", Text)],
        },
        Out {
            name: "unknown",
            values: &[("reach", Text)],
        },
    ],
    example: r#"do = { find-service = { kind = "sendiass", council = "$council?" } }"#,
};
