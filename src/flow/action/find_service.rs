//! Looks a service up in the local directory.
use super::Kind::Text;
use super::{Out, Spec, needs, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "find-service",
    doc: "Finds a service (`sendiass`, `mediation`, `forum`, `local-offer`) of a council. `found` has \
          a number only where one is established; `website` is a service with no number; `unknown` \
          brings the national finder, when the council is not known or not in the directory.",
    inputs: &[needs("kind", Text), takes("council", Text)],
    outcomes: &[
        Out {
            name: "found",
            values: &[("name", Text), ("website", Text), ("phone", Text)],
        },
        Out {
            name: "website",
            values: &[("name", Text), ("website", Text)],
        },
        Out {
            name: "unknown",
            values: &[("website", Text)],
        },
    ],
    example: r#"do = { find-service = { kind = "sendiass", council = "$council?" } }"#,
};
