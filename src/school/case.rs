//! A case record: what it may be, the life it may lead, and what its chronology holds.
//!
//! A chronology only grows: entries are never edited or deleted, and a correction is a new entry that
//! points at the old. Who owns and who reads a case stands in [`access`], and what makes a changed
//! entry visible in [`chain`]. Nothing here stores anything.

use super::people::{from_word, word_of};

pub mod access;
pub mod chain;
pub mod discussion;
mod kind;
pub mod share;

pub use kind::{Copied, Kind, Owner, Promised, Rule, Told};

/// Where a case is in its life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// The words are here.
    Received,
    /// A person has them.
    Acknowledged,
    /// School and family have talked.
    Discussed,
    /// Something was agreed.
    Agreed,
    /// Nothing changes, for a reason.
    NoChange,
    /// A day is set to look at it again.
    Review,
    /// Done, and the family knows.
    Closed,
}

impl State {
    /// Every state with its word.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("received", Self::Received),
        ("acknowledged", Self::Acknowledged),
        ("discussed", Self::Discussed),
        ("agreed", Self::Agreed),
        ("no-change", Self::NoChange),
        ("review", Self::Review),
        ("closed", Self::Closed),
    ];

    /// The word in the database and on screens.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// The state a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }
}

/// A step somebody wants to take with a case.
#[derive(Debug, Clone, Copy)]
pub struct Step<'a> {
    /// To where.
    pub to: State,
    /// Why: needed when nothing changes.
    pub reason: Option<&'a str>,
    /// Whether the outcome was told to the parent: needed to close.
    pub outcome_told: bool,
    /// The parent asked for a copy of what was agreed, and it is neither sent nor refused.
    pub copy_owed: bool,
}

/// Why a step may not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotYet {
    /// Another step comes first.
    #[error(
        "a case that is {} cannot become {}: it may have gone on since you opened the page",
        from.word().replace('-', " "), to.word().replace('-', " ")
    )]
    OutOfOrder {
        /// Where the case is.
        from: State,
        /// Where it was to go.
        to: State,
    },
    /// Nothing changes, and nobody has said why.
    #[error("write down why nothing changes")]
    NoReason,
    /// It would close over the parent's head.
    #[error("tell the parent the outcome before the case is closed")]
    OutcomeNotTold,
    /// It would close before the parent has what they asked for.
    #[error(
        "the parent asked for a copy: send it, and tick it off the list, before the case is closed"
    )]
    CopyOwed,
}

/// Whether a case may take a step.
pub fn may_step(kind: Kind, from: State, step: &Step<'_>) -> Result<(), NotYet> {
    use State::{Acknowledged, Agreed, Closed, Discussed, NoChange, Received, Review};
    let in_order = match (from, step.to) {
        (Received, Acknowledged)
        | (Acknowledged, Discussed)
        | (Discussed, Agreed | NoChange)
        | (Agreed | NoChange, Review)
        // At the review they talk again, or it is done.
        | (Review, Discussed | Closed) => true,
        (Acknowledged | Discussed | Agreed | NoChange, Closed) => !kind.is_talked_over(),
        _ => false,
    };
    if !in_order {
        return Err(NotYet::OutOfOrder { from, to: step.to });
    }
    let reasoned = step.reason.is_some_and(|r| !r.trim().is_empty());
    match step.to {
        NoChange if !reasoned => Err(NotYet::NoReason),
        Closed if !step.outcome_told => Err(NotYet::OutcomeNotTold),
        Closed if step.copy_owed => Err(NotYet::CopyOwed),
        _ => Ok(()),
    }
}

/// What an entry of a chronology is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Entry {
    /// What came in, word for word.
    MessageIn,
    /// What went out, word for word.
    MessageOut,
    /// What staff wrote down.
    Note,
    /// A call: who rang whom, and what came of it.
    Call,
    /// A meeting: planned, moved, cancelled, held.
    Meeting,
    /// Sent on to somebody.
    Forward,
    /// Somebody has it.
    Acknowledgement,
    /// The case took a step.
    Status,
    /// Somebody was told what will happen, and by when; or it was kept or broken.
    Promise,
    /// The owner changed.
    Owner,
    /// Sealed words, or some of them, were shown to somebody more.
    Release,
    /// Puts an earlier entry right.
    Correction,
    /// A parent's own view of an earlier entry.
    Statement,
}

impl Entry {
    /// Every kind of entry with its word.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("message-in", Self::MessageIn),
        ("message-out", Self::MessageOut),
        ("note", Self::Note),
        ("call", Self::Call),
        ("meeting", Self::Meeting),
        ("forward", Self::Forward),
        ("acknowledgement", Self::Acknowledgement),
        ("status", Self::Status),
        ("promise", Self::Promise),
        ("owner", Self::Owner),
        ("release", Self::Release),
        ("correction", Self::Correction),
        ("statement", Self::Statement),
    ];

    /// The word in the database.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// The kind of entry a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }

    /// Whether it must point at an earlier entry.
    pub const fn points_back(self) -> bool {
        matches!(self, Self::Correction | Self::Statement)
    }
}

/// How people say a case's number: `C-1042`.
pub fn reference(number: i64) -> String {
    format!("C-{number}")
}

/// The number in `C-1042`, `c1042`, `C 1042?` or `1042`; `None` where there is more, or none.
pub fn number(said: &str) -> Option<i64> {
    let said = said.trim().trim_end_matches(['?', '.', '!']).trim_end();
    let digits = said.strip_prefix(['C', 'c']).map_or(said, |rest| {
        rest.trim_start_matches(['-', ' ', '\u{2011}', '\u{2013}'])
    });
    let plain = !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit());
    digits.parse().ok().filter(|n| plain && *n > 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(to: State) -> Step<'static> {
        Step {
            to,
            reason: Some("his teacher and his mother both want to wait"),
            outcome_told: true,
            copy_owed: false,
        }
    }

    #[test]
    fn a_concern_is_received_acknowledged_discussed_and_agreed() {
        use State::*;
        let life = [
            Received,
            Acknowledged,
            Discussed,
            Agreed,
            Review,
            Discussed,
            NoChange,
            Review,
            Closed,
        ];
        for pair in life.windows(2) {
            assert_eq!(may_step(Kind::Concern, pair[0], &step(pair[1])), Ok(()));
        }
        for (from, to) in [
            (Received, Discussed),
            (Received, Closed),
            (Acknowledged, Closed),
            (Discussed, Closed),
            (Agreed, Closed),
            (Closed, Received),
            (Discussed, Acknowledged),
        ] {
            let refused = may_step(Kind::Concern, from, &step(to));
            assert_eq!(refused, Err(NotYet::OutOfOrder { from, to }));
        }
        // A question is answered and done.
        let done = may_step(Kind::Question, Acknowledged, &step(Closed));
        assert_eq!(done, Ok(()));
    }

    #[test]
    fn no_case_closes_before_the_parent_knows_the_outcome() {
        for (_, kind) in Kind::WORDS {
            for (_, from) in State::WORDS {
                let untold = Step {
                    outcome_told: false,
                    ..step(State::Closed)
                };
                assert!(
                    may_step(*kind, *from, &untold).is_err(),
                    "{kind:?} {from:?}"
                );
            }
        }
    }

    #[test]
    fn no_case_closes_while_a_copy_is_owed() {
        let owing = Step {
            copy_owed: true,
            ..step(State::Closed)
        };
        let refused = may_step(Kind::Question, State::Acknowledged, &owing);
        assert_eq!(refused, Err(NotYet::CopyOwed));
    }

    #[test]
    fn nothing_changes_only_for_a_reason() {
        for reason in [None, Some(""), Some("  ")] {
            let silent = Step {
                reason,
                ..step(State::NoChange)
            };
            let refused = may_step(Kind::Concern, State::Discussed, &silent);
            assert_eq!(refused, Err(NotYet::NoReason));
        }
    }

    #[test]
    fn a_reference_is_what_people_say_on_the_phone() {
        assert_eq!(reference(1042), "C-1042");
        for (said, expected) in [
            ("C-1042", Some(1042)),
            ("c1042", Some(1042)),
            ("C 1042?", Some(1042)),
            ("1042", Some(1042)),
            ("C-1042 ", Some(1042)),
            ("C-", None),
            ("C-+1", None),
            ("0", None),
            ("C-1042 and C-1043", None),
            ("99999999999999999999", None),
        ] {
            assert_eq!(number(said), expected, "{said}");
        }
    }

    #[test]
    fn words_stand_for_one_thing_each() {
        for (word, kind) in Kind::WORDS {
            assert_eq!((kind.word(), Kind::from_word(word)), (*word, Some(*kind)));
        }
        for (word, entry) in Entry::WORDS {
            assert_eq!(
                (entry.word(), Entry::from_word(word)),
                (*word, Some(*entry))
            );
        }
        for (word, state) in State::WORDS {
            assert_eq!(
                (state.word(), State::from_word(word)),
                (*word, Some(*state))
            );
        }
    }
}
