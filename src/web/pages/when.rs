//! How moments read: "today, 4pm", "Thu 3 Dec, 4pm"; and how people type a time of day.

use std::fmt;

use jiff::civil::{DateTime, Time};

use crate::deployment::School;
use crate::store::Moment;

/// A moment on the school's clock, as it reads now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Stamp {
    at: DateTime,
    now: DateTime,
}

impl Stamp {
    /// `at` as it reads at `now`.
    pub fn new(school: &School, at: Moment, now: Moment) -> Self {
        Self {
            at: school.local(at.timestamp()),
            now: school.local(now.timestamp()),
        }
    }

    /// Whether the moment has gone by.
    pub fn is_past(&self) -> bool {
        self.at < self.now
    }

    /// For a `<time>`'s `datetime`.
    pub fn iso(&self) -> String {
        self.at.strftime("%Y-%m-%dT%H:%M").to_string()
    }

    /// The time of day alone.
    pub fn clock(&self) -> String {
        clock(self.at.time())
    }
}

impl fmt::Display for Stamp {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let today = self.now.date();
        let day = self.at.date();
        let clock = clock(self.at.time());
        let pattern = if day.year() == today.year() {
            "%a %-d %b"
        } else {
            "%a %-d %b %Y"
        };
        match () {
            () if day == today => write!(f, "today, {clock}"),
            () if today.tomorrow().is_ok_and(|d| d == day) => write!(f, "tomorrow, {clock}"),
            () if today.yesterday().is_ok_and(|d| d == day) => write!(f, "yesterday, {clock}"),
            () => write!(f, "{}, {clock}", day.strftime(pattern)),
        }
    }
}

/// `4pm`, `9.40pm`, `midday` (GOV.UK's style).
pub(crate) fn clock(time: Time) -> String {
    let (hour, minute) = (time.hour(), time.minute());
    match (hour, minute) {
        (0, 0) => return "midnight".to_owned(),
        (12, 0) => return "midday".to_owned(),
        _ => {}
    }
    let half = if hour < 12 { "am" } else { "pm" };
    let hour = if hour % 12 == 0 { 12 } else { hour % 12 };
    if minute == 0 {
        format!("{hour}{half}")
    } else {
        format!("{hour}.{minute:02}{half}")
    }
}

/// Minutes after midnight of a time as people type it: `15:00`, `15.00`, `3pm`, `3.30 pm`. A bare
/// number is an hour of the school's day: `3` is 3pm.
pub(crate) fn minutes_of(typed: &str) -> Option<i16> {
    let typed: String = typed.trim().to_lowercase().split_whitespace().collect();
    let (digits, half) = match (typed.strip_suffix("am"), typed.strip_suffix("pm")) {
        (Some(rest), _) => (rest, Some(false)),
        (_, Some(rest)) => (rest, Some(true)),
        _ => (typed.as_str(), None),
    };
    let (hour, minute) = digits.split_once([':', '.']).unwrap_or((digits, "00"));
    let number = |text: &str| {
        let short = (1..=2).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
        short.then(|| text.parse::<i16>().ok()).flatten()
    };
    let (hour, minute) = (number(hour)?, number(minute)?);
    let hour = match half {
        Some(_) if !(1..=12).contains(&hour) => return None,
        Some(true) => hour % 12 + 12,
        Some(false) => hour % 12,
        None if (1..=6).contains(&hour) && !typed.starts_with('0') => hour + 12,
        None => hour,
    };
    (hour < 24 && minute < 60).then_some(hour * 60 + minute)
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::{date, time};

    #[test]
    fn moments_read_as_people_say_them() {
        let now = date(2026, 12, 1).at(12, 10, 0, 0);
        let reads = |at: DateTime| Stamp { at, now }.to_string();
        assert_eq!(reads(date(2026, 12, 1).at(16, 0, 0, 0)), "today, 4pm");
        assert_eq!(reads(date(2026, 12, 2).at(8, 30, 0, 0)), "tomorrow, 8.30am");
        assert_eq!(
            reads(date(2026, 11, 30).at(21, 40, 0, 0)),
            "yesterday, 9.40pm"
        );
        assert_eq!(
            reads(date(2026, 12, 3).at(12, 0, 0, 0)),
            "Thu 3 Dec, midday"
        );
        assert_eq!(
            reads(date(2027, 1, 4).at(0, 5, 0, 0)),
            "Mon 4 Jan 2027, 12.05am"
        );
        assert_eq!(clock(time(12, 30, 0, 0)), "12.30pm");
    }

    #[test]
    fn a_time_is_read_however_it_is_typed() {
        let table = [
            ("15:00", Some(900)),
            ("15.00", Some(900)),
            ("3pm", Some(900)),
            ("3", Some(900)),
            (" 3.30 PM ", Some(930)),
            ("3:30", Some(930)),
            ("03:30", Some(210)),
            ("9", Some(540)),
            ("8.40am", Some(520)),
            ("12pm", Some(720)),
            ("12am", Some(0)),
            ("0:15", Some(15)),
            ("13pm", None),
            ("24:00", None),
            ("12:60", None),
            ("soon", None),
            ("", None),
            ("3:", None),
        ];
        for (typed, expected) in table {
            assert_eq!(minutes_of(typed), expected, "{typed:?}");
        }
    }
}
