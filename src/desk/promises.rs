//! The moments of promises, as instants.
//!
//! Where the term dates have run out, no promise can be worked out: the next weekday stands in, and
//! the log says what is missing. `doctor` warns long before.

use jiff::Timestamp;
use jiff::ToSpan as _;
use jiff::civil::{DateTime, Weekday};

use crate::deployment::School;
use crate::school::people::Staff;
use crate::school::promise::{self, Keeper, Named};

/// When the office will have looked at something.
pub fn office_by(school: &School, now: Timestamp) -> Timestamp {
    let local = school.local(now);
    or_weekday(
        school,
        local,
        promise::office(&school.config.promises, school.calendar(), local),
    )
}

/// When the office will be in touch about words that were not understood.
pub fn hand_over_by(school: &School, now: Timestamp) -> Timestamp {
    let local = school.local(now);
    or_weekday(
        school,
        local,
        promise::hand_over(&school.config.promises, school.calendar(), local),
    )
}

/// When a formal request about personal data must be answered.
pub fn one_month(school: &School, now: Timestamp) -> Timestamp {
    let local = school.local(now);
    let due = promise::one_month(&school.config.promises, school.calendar(), local);
    school.instant(due)
}

/// When a case goes up if nobody has acknowledged it.
pub fn acknowledge_by(school: &School, now: Timestamp) -> Timestamp {
    let local = school.local(now);
    or_weekday(
        school,
        local,
        promise::acknowledge_by(school.calendar(), local),
    )
}

/// Who will be in touch about a concern, by key and none for the office, and by when.
pub fn contact(school: &School, named: &[&Staff], now: Timestamp) -> (Vec<String>, Timestamp) {
    let local = school.local(now);
    let named: Vec<Named<'_>> = named
        .iter()
        .map(|s| Named {
            key: s.key.as_str(),
            work: &s.work,
        })
        .collect();
    match promise::concern(&school.config.promises, school.calendar(), &named, local) {
        Some(promise) => {
            let who = match promise.keeper {
                Keeper::Staff(keys) => keys,
                Keeper::Office => Vec::new(),
            };
            (who, school.instant(promise.due))
        }
        None => (Vec::new(), office_by(school, now)),
    }
}

fn or_weekday(school: &School, local: DateTime, due: Option<DateTime>) -> Timestamp {
    let due = due.unwrap_or_else(|| {
        tracing::error!(
            school = school.config.id,
            "the term dates have run out: add the next year's"
        );
        let mut day = local.date().saturating_add(1.day());
        while matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) {
            day = day.saturating_add(1.day());
        }
        day.to_datetime(school.config.promises.office_at)
    });
    school.instant(due)
}
