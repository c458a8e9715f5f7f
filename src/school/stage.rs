//! The graduated approach over time: when a letter is due, when a child is reviewed next, and from when
//! a young person decides for themselves.
//!
//! The stage itself is [`Sen`]; who may be told of one is [`share`]'s to say.
//!
//! [`share`]: super::case::share

use jiff::ToSpan as _;
use jiff::civil::{Date, Weekday, date};

use super::calendar::SchoolCalendar;
use super::people::{Sen, from_word, word_of};

/// School days within which the formal letter about SEN support leaves.
pub const LETTER_DAYS: usize = 10;

/// School days within which a talk is written down as a note for the record.
pub const NOTE_DAYS: usize = 2;

/// The last day on which the formal letter is in time. Beyond the terms that are known, two weeks.
pub fn letter_due(calendar: &SchoolCalendar, since: Date) -> Date {
    within(calendar, since, LETTER_DAYS)
}

/// The last day on which a talk is written down in time.
pub fn note_due(calendar: &SchoolCalendar, talked: Date) -> Date {
    within(calendar, talked, NOTE_DAYS)
}

fn within(calendar: &SchoolCalendar, from: Date, days: usize) -> Date {
    let weeks = i64::try_from(days.div_ceil(5)).unwrap_or(1);
    calendar
        .nth_school_day_after(from, days)
        .unwrap_or_else(|| from.saturating_add(weeks.weeks()))
}

/// The day by which a child is reviewed next. With SEN support or an assessment asked for it is three
/// times a year (SEND Code of Practice 6.65); with a plan at least once a year (Children and Families Act
/// 2014, section 44). It counts from the last review or the day the stage began, whichever was later;
/// where neither is known, from the beginning of this school year.
pub fn review_due(sen: Sen, since: Option<Date>, last: Option<Date>, today: Date) -> Option<Date> {
    let months = match sen {
        Sen::None | Sen::Concern => return None,
        Sen::Support | Sen::Assessment => 4,
        Sen::Ehcp => 12,
    };
    let from = since.max(last).unwrap_or_else(|| {
        let year = school_year_end(today) - 1;
        date(year, 9, 1)
    });
    Some(from.saturating_add(months.months()))
}

/// The year in which the school year of a day ends: years begin on 1 September.
fn school_year_end(day: Date) -> i16 {
    day.year() + i16::from(day.month() >= 9)
}

/// From when a young person decides for themselves about their special educational needs: the end of
/// compulsory school age, which is the last Friday in June of the school year in which they turn 16
/// (Education Act 1996, section 8, and the School Leaving Date Order 1997; Children and Families Act 2014,
/// section 83; SEND Code of Practice 8.13 to 8.16).
pub fn decides_from(born: Date) -> Date {
    let sixteen = born.saturating_add(16.years());
    let june = date(school_year_end(sixteen), 6, 30);
    let past = june.weekday().since(Weekday::Friday);
    june.saturating_sub(i64::from(past).days())
}

/// When staff are told that it comes: six months before.
pub fn said_from(born: Date) -> Date {
    decides_from(born).saturating_sub(6.months())
}

/// What was decided about who is told, once a young person decides.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decided {
    /// They agreed that their parents go on being told.
    Agreed,
    /// They want only themselves told.
    Alone,
    /// They cannot decide this (Mental Capacity Act 2005): their parents stand for them.
    LacksCapacity,
}

impl Decided {
    /// Every decision with its word.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("agreed", Self::Agreed),
        ("alone", Self::Alone),
        ("lacks-capacity", Self::LacksCapacity),
    ];

    /// The word in forms and in the database.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// The decision a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }

    /// As it stands in the record.
    pub const fn called(self) -> &'static str {
        match self {
            Self::Agreed => "The young person agreed that their parents go on being told",
            Self::Alone => "The young person wants only themselves told",
            Self::LacksCapacity => {
                "The young person lacks the capacity to decide this: their parents represent them"
            }
        }
    }
}

/// From which day nothing new is shared with parents; `None` while they go on being told. Nobody
/// decides alone before the law lets them.
pub fn alone_from(born: Option<Date>, decided: Option<(Decided, Date)>) -> Option<Date> {
    match decided {
        Some((Decided::Alone, since)) => Some(born.map_or(since, |b| since.max(decides_from(b)))),
        Some((Decided::Agreed | Decided::LacksCapacity, _)) | None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::school::fixture::kingfisher;

    #[test]
    fn a_young_person_decides_from_the_last_friday_in_june() {
        for (born, from) in [
            // Sixteen in the autumn: the June after.
            (date(2010, 9, 1), date(2027, 6, 25)),
            (date(2011, 8, 31), date(2027, 6, 25)),
            // A day later is a school year later.
            (date(2011, 9, 1), date(2028, 6, 30)),
            // Born on 29 February.
            (date(2012, 2, 29), date(2028, 6, 30)),
        ] {
            assert_eq!(decides_from(born), from, "{born}");
        }
        assert_eq!(said_from(date(2010, 9, 1)), date(2026, 12, 25));
    }

    #[test]
    fn only_a_decision_of_their_own_stops_what_parents_are_told() {
        let born = Some(date(2010, 9, 1));
        let early = date(2027, 1, 10);
        assert_eq!(alone_from(born, None), None);
        assert_eq!(alone_from(born, Some((Decided::Agreed, early))), None);
        assert_eq!(
            alone_from(born, Some((Decided::LacksCapacity, early))),
            None
        );
        let alone = Some((Decided::Alone, early));
        assert_eq!(alone_from(born, alone), Some(date(2027, 6, 25)));
        assert_eq!(alone_from(None, alone), Some(early));
    }

    #[test]
    fn a_child_is_reviewed_three_times_a_year_and_a_plan_once() {
        let today = date(2026, 12, 1);
        let since = Some(date(2026, 10, 5));
        let due = |sen, last| review_due(sen, since, last, today);
        assert_eq!(due(Sen::Concern, None), None);
        assert_eq!(due(Sen::Support, None), Some(date(2027, 2, 5)));
        assert_eq!(
            due(Sen::Support, Some(date(2026, 11, 20))),
            Some(date(2027, 3, 20))
        );
        assert_eq!(due(Sen::Ehcp, None), Some(date(2027, 10, 5)));
        // Nobody knows since when: the school year counts, so that a first import is not one long list.
        assert_eq!(
            review_due(Sen::Support, None, None, today),
            Some(date(2027, 1, 1))
        );
    }

    #[test]
    fn days_are_school_days_and_end_with_the_terms_that_are_known() {
        let calendar = &kingfisher().calendar;
        assert_eq!(note_due(calendar, date(2026, 12, 4)), date(2026, 12, 8));
        assert_eq!(letter_due(calendar, date(2026, 12, 1)), date(2026, 12, 15));
        assert_eq!(letter_due(calendar, date(2099, 1, 1)), date(2099, 1, 15));
    }
}
