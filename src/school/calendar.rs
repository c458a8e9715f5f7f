//! When the school is there: hours, terms, holidays, quiet hours, and who works on which day.
//!
//! Everything is a civil date or time on the school's own clock; [`SchoolCalendar::local`] and
//! [`SchoolCalendar::instant`] are the only places that know of time zones. It never asks what time
//! it is. Where the school has not said what its next term is, the answer is `None`: nothing can be
//! promised for a day that nobody has configured.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use serde::{Deserialize, Serialize};

use crate::document::Document;
use crate::fault::Fault;

/// Days of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Days(u8);

const DAY_WORDS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];

impl Days {
    /// Monday to Friday.
    pub const WEEKDAYS: Self = Self(0b001_1111);
    /// All seven.
    pub const EVERY: Self = Self(0b111_1111);

    /// Reads `mon-fri`, `thu`, `mon-wed, fri`. A range may not run over Sunday.
    pub fn parse(text: &str) -> Option<Self> {
        let number = |word: &str| DAY_WORDS.iter().position(|d| *d == word.trim());
        let mut days = 0;
        for part in text.to_lowercase().split(',') {
            let (from, to) = match part.split_once('-') {
                Some((from, to)) => (number(from)?, number(to)?),
                None => (number(part)?, number(part)?),
            };
            if from > to {
                return None;
            }
            for day in from..=to {
                days |= 1 << day;
            }
        }
        Some(Self(days))
    }

    /// How many days of the week they are.
    pub const fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Whether a day of the week is one of them.
    pub fn contains(self, day: Weekday) -> bool {
        self.0 & (1 << day.to_monday_zero_offset()) != 0
    }

    /// The days in order, Monday is 1 (ISO 8601).
    pub fn numbers(self) -> Vec<i8> {
        (1..=7).filter(|n| self.0 & (1 << (n - 1)) != 0).collect()
    }
}

/// A word that is no day.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("these are no days such as \"mon-fri\" or \"mon, thu\"")]
pub struct NoDays;

impl TryFrom<String> for Days {
    type Error = NoDays;

    fn try_from(text: String) -> Result<Self, NoDays> {
        Self::parse(&text).ok_or(NoDays)
    }
}

impl From<Days> for String {
    fn from(days: Days) -> Self {
        days.to_string()
    }
}

impl std::fmt::Display for Days {
    /// As [`Days::parse`] reads it: `mon-thu`, `mon, wed`.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let on = |day: usize| day < 7 && self.0 & (1 << day) != 0;
        let mut first = true;
        let mut day = 0;
        while day < 7 {
            let run = (day..7).take_while(|d| on(*d)).count();
            if run == 0 {
                day += 1;
                continue;
            }
            if !std::mem::take(&mut first) {
                f.write_str(", ")?;
            }
            match run {
                1 => f.write_str(DAY_WORDS[day])?,
                2 => write!(f, "{}, {}", DAY_WORDS[day], DAY_WORDS[day + 1])?,
                _ => write!(f, "{}-{}", DAY_WORDS[day], DAY_WORDS[day + run - 1])?,
            }
            day += run;
        }
        Ok(())
    }
}

/// From a day until a day, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Period {
    /// The first day.
    pub from: Date,
    /// The last day.
    pub to: Date,
}

impl Period {
    /// Whether a day lies in it.
    pub fn contains(self, date: Date) -> bool {
        self.from <= date && date <= self.to
    }
}

/// Days in a term on which the school is shut: half-term, inset days.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Closed {
    /// Which days.
    pub days: Period,
    /// What to call it ("half-term").
    pub why: String,
}

/// When a member of staff works.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Work {
    /// On which days of the week.
    pub days: Days,
    /// The working day begins.
    pub from: Time,
    /// The working day ends.
    pub to: Time,
    /// Away: illness, a course, leave.
    pub absent: Vec<Period>,
}

/// Why a day is not a school day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NoSchool<'c> {
    /// A day of the week without school.
    Weekend,
    /// Before, between or after the terms.
    OutOfTerm,
    /// Half-term, inset day and the like, as the school calls it.
    Closed(&'c str),
    /// A bank holiday, by name.
    BankHoliday(&'c str),
}

/// Bank holidays in England and Wales, by day.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct BankHolidays {
    /// The name of each.
    pub days: BTreeMap<Date, String>,
    /// The last year that is known.
    pub until: i16,
}

impl BankHolidays {
    /// The ones this program carries: `data/bank-holidays.toml`, which names its source.
    pub fn england() -> Result<Self, Vec<Fault>> {
        Self::parse(
            "data/bank-holidays.toml",
            include_str!("../../data/bank-holidays.toml"),
        )
    }

    /// Reads a file of `[[holiday]]`.
    pub fn parse(file: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let document = Document::parse(file, text);
        let root = document.root();
        root.number("from");
        let until = root.number("until").map_or(0, |n| n.value);
        let mut days = BTreeMap::new();
        for holiday in root.tables("holiday") {
            let day = holiday.need_date("day");
            let name = holiday.need_text("name");
            if let (Some(day), Some(name)) = (day, name) {
                days.insert(day, name.value);
            }
            holiday.no_more();
        }
        root.no_more();
        let faults = document.into_faults();
        if faults.is_empty() {
            let until = i16::try_from(until).unwrap_or(i16::MAX);
            Ok(Self { days, until })
        } else {
            Err(faults)
        }
    }
}

/// The days and hours of one school.
#[derive(Debug, Clone)]
pub struct SchoolCalendar {
    /// Where the school's clock stands.
    pub zone: TimeZone,
    /// Days of the week with school.
    pub days: Days,
    /// The office opens.
    pub open: Time,
    /// The office closes.
    pub close: Time,
    /// Terms, each from the first to the last day of school.
    pub terms: Vec<Period>,
    /// Days shut within the terms.
    pub closed: Vec<Closed>,
    /// National holidays.
    pub bank_holidays: BankHolidays,
    /// From this time nothing is sent that nobody just asked for.
    pub quiet_from: Time,
    /// Until this time, the next morning.
    pub quiet_to: Time,
}

impl SchoolCalendar {
    /// A moment, as the school's clock shows it.
    pub fn local(&self, at: Timestamp) -> DateTime {
        self.zone.to_datetime(at)
    }

    /// The month of a moment on the school's clock: `2026-12`.
    pub fn month(&self, at: Timestamp) -> String {
        self.local(at).strftime("%Y-%m").to_string()
    }

    /// The moment at which the school's clock shows `at`. A time that the clocks jump over is
    /// taken as long after midnight as it says; one that comes twice is the first.
    pub fn instant(&self, at: DateTime) -> Timestamp {
        let ambiguous = self.zone.to_ambiguous_timestamp(at);
        ambiguous.compatible().unwrap_or(Timestamp::MAX)
    }

    /// Why there is no school on a day; `None` when there is.
    pub fn no_school(&self, date: Date) -> Option<NoSchool<'_>> {
        if !self.days.contains(date.weekday()) {
            return Some(NoSchool::Weekend);
        }
        if !self.terms.iter().any(|t| t.contains(date)) {
            return Some(NoSchool::OutOfTerm);
        }
        if let Some(closed) = self.closed.iter().find(|c| c.days.contains(date)) {
            return Some(NoSchool::Closed(&closed.why));
        }
        let holiday = self.bank_holidays.days.get(&date);
        holiday.map(|name| NoSchool::BankHoliday(name))
    }

    /// Whether a day was closed: one that would be a school day.
    pub fn is_closed(&self, date: Date) -> bool {
        matches!(self.no_school(date), Some(NoSchool::Closed(_)))
    }

    /// Whether there is school on a day.
    pub fn is_school_day(&self, date: Date) -> bool {
        self.no_school(date).is_none()
    }

    /// Whether a day lies before, between or after the terms.
    pub fn out_of_term(&self, date: Date) -> bool {
        !self.terms.iter().any(|t| t.contains(date))
    }

    /// Whether somebody is in the office.
    pub fn is_open(&self, at: DateTime) -> bool {
        self.is_school_day(at.date()) && self.open <= at.time() && at.time() < self.close
    }

    /// The next time the office opens, after `at`.
    pub fn next_opening(&self, at: DateTime) -> Option<DateTime> {
        let day = self.first_whole_day(at)?;
        Some(day.to_datetime(self.open))
    }

    /// The first school day that has not begun at `at`: today before the office opens, else the next.
    pub fn first_whole_day(&self, at: DateTime) -> Option<Date> {
        self.school_days_from(at.date())
            .find(|d| d.to_datetime(self.open) > at)
    }

    /// The first school day after a day.
    pub fn next_school_day(&self, after: Date) -> Option<Date> {
        self.nth_school_day_after(after, 1)
    }

    /// The `n`th school day after a day; the 0th is the day itself.
    pub fn nth_school_day_after(&self, after: Date, n: usize) -> Option<Date> {
        match n {
            0 => Some(after),
            _ => self
                .school_days_from(after)
                .filter(|d| *d > after)
                .nth(n - 1),
        }
    }

    /// School days from a day on, that day included where it is one, to the end of the last term.
    pub fn school_days_from(&self, from: Date) -> impl Iterator<Item = Date> + '_ {
        let last = self.terms.iter().map(|t| t.to).max();
        from.series(1.day())
            .take_while(move |d| last.is_some_and(|last| *d <= last))
            .filter(|d| self.is_school_day(*d))
    }

    /// How many school days have gone from one day to another: 0 on the same day.
    pub fn school_days_between(&self, from: Date, to: Date) -> usize {
        self.school_days_from(from)
            .take_while(|d| *d <= to)
            .filter(|d| *d > from)
            .count()
    }

    /// The last day of school that has been configured.
    pub fn last_school_day(&self) -> Option<Date> {
        let first = self.terms.iter().map(|t| t.from).min()?;
        self.school_days_from(first).last()
    }

    /// Whether a member of staff is in on a day.
    pub fn works_on(&self, work: &Work, date: Date) -> bool {
        work.days.contains(date.weekday())
            && !work.absent.iter().any(|a| a.contains(date))
            && self.is_school_day(date)
    }

    /// Whether a member of staff is in at a moment.
    pub fn is_at_work(&self, work: &Work, at: DateTime) -> bool {
        self.works_on(work, at.date()) && work.from <= at.time() && at.time() < work.to
    }

    /// The working days of a member of staff that have not begun at `at`, in order.
    pub fn whole_days<'c>(
        &'c self,
        work: &'c Work,
        at: DateTime,
    ) -> impl Iterator<Item = Date> + 'c {
        self.school_days_from(at.date())
            .filter(move |d| d.to_datetime(work.from) > at && self.works_on(work, *d))
    }

    /// Whether a time of day is one at which nothing unasked is sent.
    pub fn is_quiet(&self, time: Time) -> bool {
        if self.quiet_from <= self.quiet_to {
            self.quiet_from <= time && time < self.quiet_to
        } else {
            self.quiet_from <= time || time < self.quiet_to
        }
    }

    /// When something that nobody just asked for may go: `at` itself, or the end of quiet hours.
    pub fn held_until(&self, at: DateTime) -> DateTime {
        if !self.is_quiet(at.time()) {
            return at;
        }
        let today = at.date().to_datetime(self.quiet_to);
        if today > at {
            today
        } else {
            today.saturating_add(1.day())
        }
    }

    /// When a reminder goes that was due at `at`: then, or at the last waking minute before.
    pub fn brought_forward(&self, at: DateTime) -> DateTime {
        if !self.is_quiet(at.time()) {
            return at;
        }
        let begins = at.date().to_datetime(self.quiet_from);
        let begins = if begins > at {
            begins.saturating_sub(1.day())
        } else {
            begins
        };
        begins.saturating_sub(1.minute())
    }
}

#[cfg(test)]
mod tests;
