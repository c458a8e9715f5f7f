//! The day, the time, and the day and time of a text, and which of its words told them.

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};

use super::almanac::Almanac;
use super::day::{Heard, Telling, Told};
use super::tokens::{Token, tokens};
use crate::text::patterns::Vocabulary;

/// What was told, by what.
#[derive(Debug, Clone)]
pub(super) struct Seen<T> {
    pub(super) told: Told<T>,
    /// How many words tell it beyond doubt: of two languages, the one that knows more is right.
    pub(super) weight: usize,
    /// Where the words that tell it stand in the text.
    pub(super) spans: Vec<Range<usize>>,
}

impl<T> Seen<T> {
    fn new(
        told: Told<T>,
        telling: &Telling<'_>,
        sure: &[Range<usize>],
        weak: &[Range<usize>],
    ) -> Self {
        let (tokens, words) = (telling.tokens, telling.words);
        let mut spans: Vec<Range<usize>> = Vec::new();
        for found in sure.iter().chain(weak) {
            // "At 3" and "on tuesday" go whole.
            let mut start = found.start;
            for small in [&words.at, &words.links] {
                start = small.before(tokens, start).unwrap_or(start);
            }
            let (Some(first), Some(last)) = (tokens.get(start), tokens.get(found.end - 1)) else {
                continue;
            };
            spans.push(first.span.start..last.span.end);
        }
        spans.sort_by_key(|span| span.start);
        Self {
            told,
            weight: sure.iter().map(Range::len).sum(),
            spans,
        }
    }
}

impl Almanac {
    pub(super) fn is_month(&self, word: &str) -> bool {
        self.months.of(word).is_some()
    }

    /// Days and months by the first of their words, and times without am and pm, so that "the
    /// Thursday one at 3.30" meets the label "Thu 3 Dec 3.30pm".
    pub(super) fn canonical(&self, phrase: &str) -> String {
        let mut out: Vec<&str> = Vec::new();
        for word in phrase.split(' ') {
            let named = self.weekdays.of(word).or_else(|| self.months.of(word));
            let bare = word.strip_suffix("am").or_else(|| word.strip_suffix("pm"));
            let clock = bare.filter(|digits| digits.starts_with(|c: char| c.is_ascii_digit()));
            out.push(named.map(|(_, first)| first).or(clock).unwrap_or(word));
        }
        out.join(" ")
    }

    pub(super) fn date(&self, text: &str, vocabulary: &Vocabulary, now: DateTime) -> Seen<Date> {
        let tokens = tokens(text, vocabulary);
        let telling = self.telling(&tokens, now);
        let day = telling.day();
        Seen::new(day.told, &telling, &day.sure, &day.weak)
    }

    /// The time alone. What was told with a day that has gone by has gone by with it.
    pub(super) fn time(
        &self,
        text: &str,
        vocabulary: &Vocabulary,
        now: DateTime,
        asked: bool,
    ) -> Seen<Time> {
        let tokens = tokens(text, vocabulary);
        let telling = self.telling(&tokens, now);
        let day = telling.day();
        let clock = telling.clock(&day.sure, asked);
        let told = if !day.sure.is_empty() && gone(&day, clock.told, now) {
            Told::Past
        } else {
            match clock.told {
                Told::Is(at) => Told::Is(at.time()),
                Told::Past => Told::Past,
                Told::Unclear => Told::Unclear,
            }
        };
        Seen::new(told, &telling, &clock.sure, &clock.weak)
    }

    /// Both. A day alone or a time alone is unclear, unless it has gone by.
    pub(super) fn date_time(
        &self,
        text: &str,
        vocabulary: &Vocabulary,
        now: DateTime,
    ) -> Seen<DateTime> {
        let tokens = tokens(text, vocabulary);
        let telling = self.telling(&tokens, now);
        let day = telling.day();
        // A number that may be a day is one when nothing else is.
        let of_day = if day.sure.is_empty() {
            &day.weak
        } else {
            &day.sure
        };
        let clock = telling.clock(of_day, true);
        let told = match (day.told, clock.told) {
            _ if gone(&day, clock.told, now) => Told::Past,
            (Told::Is(_), Told::Is(_)) if telling.may_be_day(&day, &clock) => Told::Unclear,
            (Told::Is(day), Told::Is(at)) => Told::Is(if at.date() == now.date() {
                day.to_datetime(at.time())
            } else {
                at
            }),
            (Told::Unclear, Told::Past) => Told::Past,
            _ => Told::Unclear,
        };
        let sure = [day.sure.clone(), clock.sure].concat();
        let weak = [of_day.clone(), clock.weak].concat();
        let weak: Vec<_> = weak
            .into_iter()
            .filter(|span| !sure.contains(span))
            .collect();
        Seen::new(told, &telling, &sure, &weak)
    }

    const fn telling<'a>(&'a self, tokens: &'a [Token], now: DateTime) -> Telling<'a> {
        Telling {
            tokens,
            words: self,
            now,
        }
    }
}

impl Telling<'_> {
    /// "Tuesday 3", when the third is a Tuesday too.
    fn may_be_day(&self, day: &Heard<Date>, clock: &Heard<DateTime>) -> bool {
        let number = clock.sure.iter().chain(&clock.weak).next();
        let bare = number.filter(|span| span.len() == 1);
        let number = bare.and_then(|span| self.tokens[span.start].number);
        let (Some(number), Some(day)) = (number, day.told.value()) else {
            return false;
        };
        let follows = |span: &Range<usize>| bare.is_some_and(|bare| span.end == bare.start);
        let nth = i8::try_from(number)
            .ok()
            .and_then(|nth| self.coming_nth(nth));
        let other = nth.filter(|nth| nth.weekday() == day.weekday());
        let named = |span: &Range<usize>| self.words.weekdays.at(self.tokens, span.start).is_some();
        let sure = |span: &&Range<usize>| follows(span) && named(span);
        other.is_some() && clock.told.value().is_some() && {
            let mut days = self.day().sure.into_iter();
            days.any(|span| sure(&&span))
        }
    }
}

/// Whether the day has gone by, or is today and its time has.
fn gone(day: &Heard<Date>, at: Told<DateTime>, now: DateTime) -> bool {
    match (day.told, at) {
        (Told::Past, _) => true,
        (Told::Is(day), Told::Is(at)) => day == now.date() && at < now,
        _ => false,
    }
}
