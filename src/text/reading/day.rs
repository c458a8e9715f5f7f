//! Days and times of day, thinly: enough for "ring by 3" and "thursday at half 3".
//!
//! What is read here is always read back to the person before it counts.

use jiff::ToSpan as _;
use jiff::civil::{Date, Time, Weekday};

use crate::text::patterns::Vocabulary;
use crate::text::sheet::{Section, Sheet};

/// What a text tells of a day or a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told<T> {
    /// This.
    Is(T),
    /// One that has gone by.
    Past,
    /// None, or more than one.
    Unclear,
}

impl<T> From<Option<T>> for Told<T> {
    fn from(told: Option<T>) -> Self {
        told.map_or(Self::Unclear, Self::Is)
    }
}

/// `[days]` and `[times]` of one language, folded and respelled.
#[derive(Debug, Default)]
pub struct Days {
    today: Vec<String>,
    tomorrow: Vec<String>,
    after_tomorrow: Vec<String>,
    next: Vec<String>,
    weekdays: Vec<Vec<String>>,
    months: Vec<Vec<String>>,
    /// What follows a day's number: "rd".
    endings: Vec<String>,
    am: Vec<String>,
    pm: Vec<String>,
    noon: Vec<String>,
    /// Half past: "half", "half past".
    half_past: Vec<String>,
    /// Half to: the Polish half.
    half_to: Vec<String>,
    quarter_past: Vec<String>,
    quarter_to: Vec<String>,
    /// What a bare hour follows: "at", "by".
    at: Vec<String>,
    /// What an hour may be followed by: "o'clock".
    oclock: Vec<String>,
}

impl Days {
    pub(super) fn load(
        root: &Section<'_, '_>,
        vocabulary: &Vocabulary,
        sheet: &mut Sheet<'_>,
    ) -> Self {
        let mut days = Self::default();
        if let Some(section) = root.section("days", sheet) {
            section.only(
                &[
                    "today",
                    "tomorrow",
                    "after-tomorrow",
                    "next",
                    "weekdays",
                    "months",
                    "endings",
                ],
                sheet,
            );
            let words = |key: &str, sheet: &mut Sheet<'_>| read(&section, key, vocabulary, sheet);
            days.today = words("today", sheet);
            days.tomorrow = words("tomorrow", sheet);
            days.after_tomorrow = words("after-tomorrow", sheet);
            days.next = words("next", sheet);
            days.endings = words("endings", sheet);
            for (key, wanted, rows) in [
                ("weekdays", 7, &mut days.weekdays),
                ("months", 12, &mut days.months),
            ] {
                let lists = section.lists(key, sheet);
                if lists.len() != wanted {
                    let place = lists
                        .iter()
                        .flatten()
                        .next()
                        .map_or(0..0, |(_, span)| span.clone());
                    let wrong = format!("`days.{key}` has {} rows and needs {wanted}", lists.len());
                    sheet.error(place, wrong, "one row each, in the order of the calendar");
                }
                let folded = lists.iter().map(|row| {
                    row.iter()
                        .map(|(word, _)| vocabulary.phrase(word))
                        .collect()
                });
                *rows = folded.collect();
            }
        }
        if let Some(section) = root.section("times", sheet) {
            section.only(
                &[
                    "am",
                    "pm",
                    "noon",
                    "half-past",
                    "half-to",
                    "quarter-past",
                    "quarter-to",
                    "at",
                    "oclock",
                ],
                sheet,
            );
            let words = |key: &str, sheet: &mut Sheet<'_>| read(&section, key, vocabulary, sheet);
            days.am = words("am", sheet);
            days.pm = words("pm", sheet);
            days.noon = words("noon", sheet);
            days.half_past = words("half-past", sheet);
            days.half_to = words("half-to", sheet);
            days.quarter_past = words("quarter-past", sheet);
            days.quarter_to = words("quarter-to", sheet);
            days.at = words("at", sheet);
            days.oclock = words("oclock", sheet);
        }
        days
    }

    pub(super) fn is_month(&self, word: &str) -> bool {
        row(&self.months, word).is_some()
    }

    /// Days and months by the first of their words, and times without am and pm, so that "the
    /// Thursday one at 3.30" meets the label "Thu 3 Dec 3.30pm".
    pub(super) fn canonical(&self, phrase: &str) -> String {
        let mut out: Vec<&str> = Vec::new();
        for word in phrase.split(' ') {
            let named = [&self.weekdays, &self.months].into_iter().find_map(|rows| {
                let at = row(rows, word)?;
                rows[at].first().map(String::as_str)
            });
            let bare = word.strip_suffix("am").or_else(|| word.strip_suffix("pm"));
            let clock = bare.filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit()));
            out.push(named.or(clock).unwrap_or(word));
        }
        out.join(" ")
    }

    pub(super) fn date(&self, phrase: &str, today: Date) -> Option<Date> {
        let words: Vec<&str> = phrase.split(' ').collect();
        let says = |list: &[String]| {
            let padded = format!(" {phrase} ");
            list.iter()
                .any(|known| padded.contains(&format!(" {known} ")))
        };
        if says(&self.after_tomorrow) {
            return Some(today.saturating_add(2.days()));
        }
        for (at, word) in words.iter().enumerate() {
            if let Some(date) = self.written(word, today) {
                return Some(date);
            }
            let month = row(&self.months, word);
            let before = at
                .checked_sub(1)
                .and_then(|before| self.day_number(words[before]));
            // "the 3rd of December": with an ending it can only be a day.
            let before = before.or_else(|| {
                let word = words[at.checked_sub(2)?];
                self.day_number(word)
                    .filter(|_| word.parse::<u8>().is_err())
            });
            let after = words.get(at + 1).and_then(|after| self.day_number(after));
            if let (Some(month), Some(day)) = (month, before.or(after)) {
                return coming(today, i8::try_from(month + 1).ok()?, day);
            }
        }
        if says(&self.tomorrow) {
            return Some(today.saturating_add(1.day()));
        }
        if let Some(at) = words
            .iter()
            .position(|word| row(&self.weekdays, word).is_some())
        {
            let place = row(&self.weekdays, words[at])?;
            let weekday = Weekday::from_monday_zero_offset(i8::try_from(place).ok()?).ok()?;
            let next_week = at > 0 && self.next.iter().any(|known| known == words[at - 1]);
            if next_week {
                // "Next Tuesday" on a Monday is not tomorrow: it is in the week after this.
                let monday = today.nth_weekday(1, Weekday::Monday).ok()?;
                let ahead = i64::from(weekday.to_monday_zero_offset());
                return Some(monday.saturating_add(ahead.days()));
            }
            return today.nth_weekday(1, weekday).ok();
        }
        says(&self.today).then_some(today)
    }

    /// "3rd", or the "3" before a month.
    fn day_number(&self, word: &str) -> Option<i8> {
        let bare = self
            .endings
            .iter()
            .find_map(|ending| word.strip_suffix(ending.as_str()));
        let day = bare.unwrap_or(word).parse().ok()?;
        (1..=31).contains(&day).then_some(day)
    }

    /// "3/12", "03/12/2026": the day first, as this country writes it.
    fn written(&self, word: &str, today: Date) -> Option<Date> {
        let mut parts = word.split('/');
        let (day, month) = (parts.next()?.parse().ok()?, parts.next()?.parse().ok()?);
        match (parts.next(), parts.next()) {
            (None, _) => coming(today, month, day),
            (Some(year), None) => {
                let year: i16 = year.parse().ok()?;
                Date::new(if year < 100 { 2000 + year } else { year }, month, day).ok()
            }
            _ => None,
        }
    }

    pub(super) fn time(&self, phrase: &str) -> Option<Time> {
        let words: Vec<&str> = phrase.split(' ').collect();
        for at in 0..words.len() {
            let rest = words[at..].join(" ");
            let half = |minutes: i16, names: &[String]| {
                let left = super::whole::longest(&rest, names)?;
                let (hour, _) = self.clock(left)?;
                at_minutes(hour * 60 + minutes)
            };
            let found = half(30, &self.half_past)
                .or_else(|| half(-30, &self.half_to))
                .or_else(|| half(15, &self.quarter_past))
                .or_else(|| half(-15, &self.quarter_to));
            if found.is_some() {
                return found;
            }
            if super::whole::longest(&rest, &self.noon).is_some() {
                return Time::new(12, 0, 0, 0).ok();
            }
            let Some((hour, certain)) = self.clock(&rest) else {
                continue;
            };
            let follows = at > 0 && self.at.iter().any(|known| known == words[at - 1]);
            if certain || follows || words.len() == 1 {
                let minutes = words[at]
                    .split_once('.')
                    .map_or(0, |(_, minutes)| number(minutes));
                return at_minutes(hour * 60 + minutes);
            }
        }
        None
    }

    /// The hour (0–23) that a text begins with, and whether it can be nothing but a time.
    fn clock(&self, text: &str) -> Option<(i16, bool)> {
        let (word, rest) = text.split_once(' ').unwrap_or((text, ""));
        let digits = word.trim_end_matches(|c: char| c.is_alphabetic());
        let suffix = &word[digits.len()..];
        let (hours, minutes) = digits.split_once('.').unwrap_or((digits, ""));
        let written = !minutes.is_empty();
        if hours.is_empty()
            || hours.len() > 2
            || (written && minutes.len() != 2)
            || number(minutes) > 59
        {
            return None;
        }
        let hour: i16 = hours.parse().ok()?;
        let named = |list: &[String]| {
            list.iter().any(|known| known == suffix)
                || (suffix.is_empty() && super::whole::longest(rest, list).is_some())
        };
        let (am, pm, oclock) = (named(&self.am), named(&self.pm), named(&self.oclock));
        if hour > 23 || !(suffix.is_empty() || am || pm || oclock) {
            return None;
        }
        let hour = match hour {
            12 if am => 0,
            1..=11 if pm => hour + 12,
            1..=7 if !am && hours.len() == 1 => hour + 12,
            _ => hour,
        };
        Some((hour, am || pm || oclock || written))
    }
}

fn read(
    section: &Section<'_, '_>,
    key: &str,
    vocabulary: &Vocabulary,
    sheet: &mut Sheet<'_>,
) -> Vec<String> {
    let words = section.words(key, sheet).into_iter();
    words.map(|(word, _)| vocabulary.phrase(&word)).collect()
}

fn row(rows: &[Vec<String>], word: &str) -> Option<usize> {
    rows.iter()
        .position(|row| row.iter().any(|known| known == word))
}

/// The next such day: this year's, or next year's when it has gone by.
fn coming(today: Date, month: i8, day: i8) -> Option<Date> {
    let years = [today.year(), today.year() + 1];
    let dates = years
        .into_iter()
        .filter_map(|year| Date::new(year, month, day).ok());
    dates.into_iter().find(|date| *date >= today)
}

fn number(digits: &str) -> i16 {
    digits
        .trim_end_matches(|c: char| c.is_alphabetic())
        .parse()
        .unwrap_or(0)
}

fn at_minutes(minutes: i16) -> Option<Time> {
    let (hour, minute) = (minutes.div_euclid(60), minutes.rem_euclid(60));
    Time::new(i8::try_from(hour).ok()?, i8::try_from(minute).ok()?, 0, 0).ok()
}
