//! Writes into the record without a promise.
use super::Kind::{Item, Text};
use super::{Out, Spec, needs, takes};

/// See the module.
pub const SPEC: Spec = Spec {
    name: "add-note",
    doc: "Writes words into the record without promising anything. `kind` is `news` (the class team, \
          in a digest), `news-health` (the class teacher and the office, at once), `home-task` \
          (nobody is told), `home-task-help` (the class teacher, in a digest), `feedback` (told with \
          the month), `absence` (the office, at once) or `signposted` (nobody). It joins this \
          adult's open note of the same kind of the same day. For an adult who has not been checked \
          the office is told.",
    inputs: &[
        needs("kind", Text),
        takes("words", Text),
        takes("pupil", Item),
    ],
    outcomes: &[Out {
        name: "noted",
        values: &[("case", Item)],
    }],
    example: r#"do = { add-note = { kind = "news", words = "$words", pupil = "$child?" } }"#,
};
