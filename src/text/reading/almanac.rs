//! The words for days and times of one language: `[days]` and `[times]` of its reading file.

use jiff::civil::Time;

use super::tokens::{Phrases, Rows, Token};
use crate::text::patterns::Vocabulary;
use crate::text::sheet::{Section, Sheet};

/// Everything that days and times are told with. Folded and respelled.
#[derive(Debug, Default)]
pub(super) struct Almanac {
    /// Days by their distance from today: -2 to 2.
    pub(super) days: Vec<(i32, Phrases)>,
    pub(super) weekdays: Rows,
    pub(super) months: Rows,
    /// "first" to "thirty first", as days of a month.
    pub(super) nth: Rows,
    /// What follows a day's number: "rd".
    pub(super) endings: Phrases,
    /// "Next Tuesday" is in the week after this one.
    pub(super) next: Phrases,
    pub(super) this: Phrases,
    pub(super) last: Phrases,
    /// "The week after next".
    pub(super) after_next: Phrases,
    /// Words between the parts of a day: "of", "the", "on".
    pub(super) links: Phrases,
    /// What makes a day into many: "before", "after".
    pub(super) around: Phrases,
    /// What turns the day after it down: "not".
    pub(super) refused: Phrases,
    /// What turns the day before it down: "is no good".
    pub(super) no_good: Phrases,
    /// "In" two days; "two days" from now; "two days" ago.
    pub(super) ahead: Phrases,
    pub(super) later: Phrases,
    pub(super) ago: Phrases,
    pub(super) day: Phrases,
    pub(super) week: Phrases,
    pub(super) fortnight: Phrases,
    pub(super) month: Phrases,
    pub(super) year: Phrases,
    pub(super) hour: Phrases,
    pub(super) minute: Phrases,
    /// "A", where it counts: "a week".
    pub(super) one: Phrases,
    /// Lengths of time in minutes: "half an hour".
    pub(super) lengths: Vec<(i32, Phrases)>,
    pub(super) numbers: Rows,
    /// Twenty, thirty, forty, fifty.
    pub(super) tens: Rows,
    /// Hours with words of their own: the Polish "trzecia".
    pub(super) hours: Rows,
    pub(super) am: Phrases,
    pub(super) pm: Phrases,
    pub(super) morning: Phrases,
    pub(super) afternoon: Phrases,
    pub(super) evening: Phrases,
    /// Times with names: "noon", "after school".
    pub(super) moments: Vec<(Time, Phrases)>,
    pub(super) half_past: Phrases,
    /// Half to: the Polish half.
    pub(super) half_to: Phrases,
    pub(super) quarter_past: Phrases,
    pub(super) quarter_to: Phrases,
    pub(super) past: Phrases,
    pub(super) to: Phrases,
    /// What a range of times begins with: "between".
    pub(super) range: Phrases,
    /// What a bare hour follows: "at", "by".
    pub(super) at: Phrases,
    /// What makes an hour the end of many: "before", "till".
    pub(super) limits: Phrases,
    /// What a number after it is no hour of: "room", "year".
    pub(super) numbered: Phrases,
    /// What an hour may be followed by: "o'clock".
    pub(super) oclock: Phrases,
    /// What an hour may end with: "ish".
    pub(super) roughly: Phrases,
    /// Words that join two: "or".
    pub(super) joins: Phrases,
    /// Words that make a number before them a count: "times", "boys".
    pub(super) units: Phrases,
}

/// Reads the keys of one table.
struct Table<'a, 't, 's> {
    section: Section<'t, 's>,
    vocabulary: &'a Vocabulary,
    known: Vec<&'static str>,
}

impl Table<'_, '_, '_> {
    fn phrases(&mut self, key: &'static str, sheet: &mut Sheet<'_>) -> Phrases {
        self.known.push(key);
        let words = self.section.words(key, sheet).into_iter();
        Phrases::new(words.map(|(word, _)| self.vocabulary.phrase(&word)))
    }

    /// Rows, as many as there are in the calendar; `None` where a language may have fewer.
    fn rows(&mut self, key: &'static str, wanted: Option<usize>, sheet: &mut Sheet<'_>) -> Rows {
        self.known.push(key);
        let lists = self.section.lists(key, sheet);
        if let Some(wanted) = wanted.filter(|wanted| *wanted != lists.len()) {
            let first = lists.iter().flatten().next();
            let place = first.map_or(0..0, |(_, span)| span.clone());
            let wrong = format!("`days.{key}` has {} rows and needs {wanted}", lists.len());
            sheet.error(place, wrong, "one row each, in the order of the calendar");
        }
        let phrase = |(word, _): &(String, _)| self.vocabulary.phrase(word);
        Rows::new(lists.iter().map(|row| row.iter().map(phrase).collect()))
    }

    /// A table below, whose keys are values.
    fn keyed<T>(
        &mut self,
        key: &'static str,
        read: impl Fn(&str) -> Option<T>,
        remedy: &str,
        sheet: &mut Sheet<'_>,
    ) -> Vec<(T, Phrases)> {
        self.known.push(key);
        let Some(section) = self.section.section(key, sheet) else {
            return Vec::new();
        };
        let mut out = Vec::new();
        for name in section.keys() {
            let words = section.words(&name, sheet);
            let place = words.first().map_or(0..0, |(_, span)| span.clone());
            let phrases = words
                .into_iter()
                .map(|(word, _)| self.vocabulary.phrase(&word));
            match read(&name) {
                Some(value) => out.push((value, Phrases::new(phrases))),
                None => sheet.error(
                    place,
                    format!("`times.{key}.{name}` cannot be read"),
                    remedy,
                ),
            }
        }
        out
    }
}

impl Almanac {
    pub(super) fn load(
        root: &Section<'_, '_>,
        vocabulary: &Vocabulary,
        sheet: &mut Sheet<'_>,
    ) -> Self {
        let mut almanac = Self::default();
        let table = |section| Table {
            section,
            vocabulary,
            known: Vec::new(),
        };
        if let Some(mut t) = root.section("days", sheet).map(table) {
            almanac.days = [
                (2, "after-tomorrow"),
                (-2, "before-yesterday"),
                (1, "tomorrow"),
                (-1, "yesterday"),
                (0, "today"),
            ]
            .map(|(distance, key)| (distance, t.phrases(key, sheet)))
            .into();
            almanac.weekdays = t.rows("weekdays", Some(7), sheet);
            almanac.months = t.rows("months", Some(12), sheet);
            almanac.nth = t.rows("nth", None, sheet);
            almanac.endings = t.phrases("endings", sheet);
            almanac.next = t.phrases("next", sheet);
            almanac.this = t.phrases("this", sheet);
            almanac.last = t.phrases("last", sheet);
            almanac.after_next = t.phrases("after-next", sheet);
            almanac.links = t.phrases("links", sheet);
            almanac.around = t.phrases("around", sheet);
            almanac.refused = t.phrases("refused", sheet);
            almanac.no_good = t.phrases("no-good", sheet);
            almanac.ahead = t.phrases("ahead", sheet);
            almanac.later = t.phrases("later", sheet);
            almanac.ago = t.phrases("ago", sheet);
            almanac.day = t.phrases("day", sheet);
            almanac.week = t.phrases("week", sheet);
            almanac.fortnight = t.phrases("fortnight", sheet);
            almanac.month = t.phrases("month", sheet);
            almanac.year = t.phrases("year", sheet);
            t.section.only(&t.known, sheet);
        }
        if let Some(mut t) = root.section("times", sheet).map(table) {
            almanac.am = t.phrases("am", sheet);
            almanac.pm = t.phrases("pm", sheet);
            almanac.morning = t.phrases("morning", sheet);
            almanac.afternoon = t.phrases("afternoon", sheet);
            almanac.evening = t.phrases("evening", sheet);
            almanac.half_past = t.phrases("half-past", sheet);
            almanac.half_to = t.phrases("half-to", sheet);
            almanac.quarter_past = t.phrases("quarter-past", sheet);
            almanac.quarter_to = t.phrases("quarter-to", sheet);
            almanac.past = t.phrases("past", sheet);
            almanac.to = t.phrases("to", sheet);
            almanac.range = t.phrases("range", sheet);
            almanac.at = t.phrases("at", sheet);
            almanac.limits = t.phrases("limits", sheet);
            almanac.numbered = t.phrases("numbered", sheet);
            almanac.oclock = t.phrases("oclock", sheet);
            almanac.roughly = t.phrases("roughly", sheet);
            almanac.hour = t.phrases("hour", sheet);
            almanac.minute = t.phrases("minute", sheet);
            almanac.one = t.phrases("one", sheet);
            almanac.hours = t.rows("hours", None, sheet);
            let time = |name: &str| name.parse().ok();
            almanac.moments = t.keyed("moments", time, "write a time, as \"15:30\"", sheet);
            let minutes = |name: &str| name.parse().ok().filter(|m| (1..=1440).contains(m));
            almanac.lengths = t.keyed("lengths", minutes, "write minutes, as \"30\"", sheet);
            t.section.only(&t.known, sheet);
        }
        if let Some(mut t) = root.section("choosing", sheet).map(table) {
            almanac.numbers = t.rows("numbers", None, sheet);
            almanac.tens = t.rows("tens", None, sheet);
            almanac.joins = t.phrases("joins", sheet);
            almanac.units = t.phrases("units", sheet);
        }
        almanac
    }

    /// A number in digits or words, and the place after it.
    pub(super) fn number(&self, tokens: &[Token], at: usize) -> Option<(u16, usize)> {
        if let Some(number) = tokens.get(at)?.number {
            return Some((number, at + 1));
        }
        let unit = |at| {
            let (row, len) = self.numbers.at(tokens, at)?;
            Some((u16::try_from(row + 1).ok()?, at + len))
        };
        let Some((row, len)) = self.tens.at(tokens, at) else {
            return unit(at);
        };
        let tens = u16::try_from(row + 2).ok()? * 10;
        match unit(at + len) {
            Some((units, to)) if units < 10 => Some((tens + units, to)),
            _ => Some((tens, at + len)),
        }
    }

    /// The place after the words that only link.
    pub(super) fn linked(&self, tokens: &[Token], at: usize) -> usize {
        let first = self.links.at(tokens, at).map_or(at, |len| at + len);
        self.links
            .at(tokens, first)
            .map_or(first, |len| first + len)
    }
}
