//! How long what is kept, and what may not be erased before.
//!
//! Years are counted from a child's birth, as schools' retention schedules do (IRMS Toolkit for
//! Schools: special educational needs, date of birth and 31 years; safeguarding, 25, then reviewed).

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::case::Kind;
use super::people::{Sen, from_word, word_of};

/// What a school keeps for how long.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Retention {
    /// Cases of a pupil: so many years from their birth.
    pub sen_years: u32,
    /// Safeguarding cases: so many years from birth, then a person looks at each.
    pub safeguarding_years: u32,
    /// Messages that became part of no record: so many months.
    pub messages_months: u32,
    /// What providers said of messages: so many days.
    pub provider_logs_days: u32,
    /// What is removed each night by itself; nothing until a school says so.
    pub nightly: Vec<Kept>,
}

impl Default for Retention {
    fn default() -> Self {
        Self {
            sen_years: 31,
            safeguarding_years: 25,
            messages_months: 12,
            provider_logs_days: 7,
            nightly: Vec::new(),
        }
    }
}

/// What is kept for a time of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// Messages in and out that became part of no record.
    Messages,
    /// What providers said of messages.
    ProviderLogs,
    /// Cases of a pupil, but for safeguarding.
    SenRecords,
    /// Safeguarding cases: looked at by a person, never removed by a program.
    Safeguarding,
}

impl Kept {
    /// Every kind with its word.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("messages", Self::Messages),
        ("provider-logs", Self::ProviderLogs),
        ("sen-records", Self::SenRecords),
        ("safeguarding", Self::Safeguarding),
    ];

    /// The word in the configuration.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// The kind a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }

    /// What it is, in words.
    pub const fn called(self) -> &'static str {
        match self {
            Self::Messages => "messages that became part of no record",
            Self::ProviderLogs => "what providers said of messages",
            Self::SenRecords => "cases of pupils",
            Self::Safeguarding => "safeguarding cases, for a safeguarding lead to review",
        }
    }
}

impl Retention {
    /// The first day on which a pupil's cases may go.
    pub fn sen_over(&self, born: Date) -> Date {
        born.saturating_add(i64::from(self.sen_years).years())
    }

    /// The first day on which a pupil's safeguarding cases are looked at again.
    pub fn safeguarding_over(&self, born: Date) -> Date {
        born.saturating_add(i64::from(self.safeguarding_years).years())
    }

    /// Messages of no record from before this day may go.
    pub fn messages_before(&self, today: Date) -> Date {
        today.saturating_sub(i64::from(self.messages_months).months())
    }
}

/// What decides whether words of a case may be erased because somebody asks for it.
#[derive(Debug, Clone, Copy)]
pub struct Erasing {
    /// What the case is about; a sealed case is one of safeguarding.
    pub kind: Kind,
    /// The pupil's SEN stage.
    pub sen: Sen,
    /// When the pupil was born, where it is known.
    pub born: Option<Date>,
    /// A legal hold stands on the case or the pupil.
    pub held: bool,
    /// The day.
    pub today: Date,
}

/// Why words are not erased though somebody asks: UK GDPR article 17(3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MayNotErase {
    /// A hold stands.
    #[error(
        "a legal hold stands on this case or pupil: nothing of it is removed (UK GDPR article 17(3)(e)). \
         Lift the hold first, if it is over"
    )]
    Held,
    /// It is a safeguarding record.
    #[error(
        "this is a safeguarding record, which the school must keep (UK GDPR article 17(3)(b); Keeping \
         children safe in education, part 2): a correction or a statement can be added instead"
    )]
    Safeguarding,
    /// It is a record of special educational needs within its time.
    #[error(
        "this is a record of special educational needs, which the school keeps until {} (UK GDPR article \
         17(3)(b); Children and Families Act 2014, part 3): a correction or a statement can be added instead",
        until.strftime("%-d %B %Y")
    )]
    SenRecord {
        /// The first day on which it may go.
        until: Date,
    },
    /// The same, and nobody knows how long.
    #[error(
        "this is a record of special educational needs, and the pupil's date of birth is not on record, so \
         nobody can say until when the school must keep it: add the date first"
    )]
    BirthUnknown,
}

/// Whether a case is part of a child's record of special educational needs.
pub fn is_sen_record(kind: Kind, sen: Sen) -> bool {
    let about_support = kind.is_talked_over() || matches!(kind, Kind::Meeting | Kind::Records);
    matches!(kind, Kind::Ehcp | Kind::SenRecord) || (sen.is_registered() && about_support)
}

/// Whether the words of an entry may be erased because somebody asks for it.
///
/// # Errors
/// Why not, with the law.
pub fn may_erase(retention: &Retention, erasing: &Erasing) -> Result<(), MayNotErase> {
    if erasing.held {
        return Err(MayNotErase::Held);
    }
    if erasing.kind == Kind::Safeguarding {
        return Err(MayNotErase::Safeguarding);
    }
    if !is_sen_record(erasing.kind, erasing.sen) {
        return Ok(());
    }
    match erasing.born.map(|born| retention.sen_over(born)) {
        None => Err(MayNotErase::BirthUnknown),
        Some(until) if erasing.today < until => Err(MayNotErase::SenRecord { until }),
        Some(_) => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    fn erasing(kind: Kind) -> Erasing {
        Erasing {
            kind,
            sen: Sen::None,
            born: Some(date(2018, 2, 28)),
            held: false,
            today: date(2026, 12, 1),
        }
    }

    #[test]
    fn what_the_law_makes_the_school_keep_is_not_erased() {
        let may = |erasing: Erasing| may_erase(&Retention::default(), &erasing);
        assert_eq!(may(erasing(Kind::Question)), Ok(()));
        assert_eq!(may(erasing(Kind::Concern)), Ok(()));
        let held = Erasing {
            held: true,
            ..erasing(Kind::Question)
        };
        assert_eq!(may(held), Err(MayNotErase::Held));
        let sealed = erasing(Kind::Safeguarding);
        assert_eq!(may(sealed), Err(MayNotErase::Safeguarding));
        let until = date(2049, 2, 28);
        let kept = Err(MayNotErase::SenRecord { until });
        assert_eq!(may(erasing(Kind::Ehcp)), kept);
        let support = Erasing {
            sen: Sen::Support,
            ..erasing(Kind::Concern)
        };
        assert_eq!(may(support), kept);
        let over = Erasing {
            today: until,
            ..support
        };
        assert_eq!(may(over), Ok(()));
        let unknown = Erasing {
            born: None,
            ..support
        };
        assert_eq!(may(unknown), Err(MayNotErase::BirthUnknown));
        // News from home is no record of support, whoever the child is.
        let news = Erasing {
            sen: Sen::Support,
            ..erasing(Kind::News)
        };
        assert_eq!(may(news), Ok(()));
    }
}
