//! What a person typed, in one language: a keyword, a choice, a name, a day, what they want.
//!
//! Driven wholly by `locales/<language>/reading.toml`: there is no word of any language in this
//! code. Reading never decides what is done, and is never sure: where two readings are possible it
//! says so, and the conversation asks.

mod choice;
mod day;
mod learned;
mod names;
mod route;
mod whole;

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};

pub use choice::{Choice, ChoiceWords};
pub use day::Told;
pub use route::{ACK, CONTEXT_REPLY, FALLBACK, HUMAN, Route};
pub use whole::{Global, Keyword};

use super::patterns::{Matcher, Vocabulary, patterns};
use super::sheet::{Section, Sheet};
use crate::fault::Fault;
use choice::Choices;
use day::Days;
use learned::Examples;
use names::Names;
use route::Routes;
use whole::Whole;

/// The tables of a reading file; `screen` belongs to [`crate::school::safeguarding`].
const TABLES: [&str; 16] = [
    "posts",
    "respell",
    "words",
    "keywords",
    "global",
    "person",
    "languages",
    "answers",
    "choices",
    "choosing",
    "names",
    "days",
    "times",
    "reference",
    "routes",
    "screen",
];

/// One language's reading file, compiled.
#[derive(Debug)]
pub struct Reading {
    language: String,
    vocabulary: Vocabulary,
    whole: Whole,
    person: Option<Matcher>,
    choices: Choices,
    names: Names,
    days: Days,
    routes: Routes,
}

impl Reading {
    /// Compiles a reading file. Reports every fault with its place: what is not TOML, unknown
    /// keys, wrong types, patterns that cannot be read or can never match.
    pub fn load(language: &str, path: &str, source: &str) -> Result<Self, Vec<Fault>> {
        let (mut sheet, table) = Sheet::parse(path, source);
        let root = Section::root(&table);
        root.only(&TABLES, &mut sheet);
        let vocabulary = Vocabulary::load(&root, &mut sheet);
        let whole = Whole::load(&root, &vocabulary, &mut sheet);
        let person = root.section("person", &mut sheet).and_then(|section| {
            section.only(&["asks"], &mut sheet);
            let asks = patterns(section.words("asks", &mut sheet));
            vocabulary.any(&asks, &mut sheet)
        });
        let reading = Self {
            language: language.to_owned(),
            choices: Choices::load(&root, &vocabulary, &mut sheet),
            names: Names::load(&root, &mut sheet),
            days: Days::load(&root, &vocabulary, &mut sheet),
            routes: Routes::load(&root, &vocabulary, &mut sheet),
            person,
            whole,
            vocabulary,
        };
        let faults = sheet.into_faults();
        if faults.is_empty() {
            Ok(reading)
        } else {
            Err(faults)
        }
    }

    /// The language's tag.
    pub fn language(&self) -> &str {
        &self.language
    }

    /// STOP, START or HELP as the whole message; please and thanks may stand around it.
    pub fn keyword(&self, text: &str) -> Option<Keyword> {
        self.whole.keyword(&self.phrase(text))
    }

    /// A word that works at every step, as the whole message.
    pub fn global(&self, text: &str) -> Option<Global> {
        self.whole.global(&self.phrase(text))
    }

    /// Whether the text asks to talk to a human being, anywhere in it.
    pub fn asks_for_person(&self, text: &str) -> bool {
        let sentences = self.vocabulary.sentences(text);
        self.person
            .as_ref()
            .is_some_and(|asks| asks.is_match(&sentences))
    }

    /// The tag of a language named by the whole message, in its own words or in this language's.
    pub fn language_named(&self, text: &str) -> Option<String> {
        self.whole.language(&self.phrase(text))
    }

    /// What the language of a tag is called in this one: `so` is "Somali" in English.
    pub fn language_name(&self, tag: &str) -> Option<String> {
        let name = self.whole.language_name(tag)?;
        let mut letters = name.chars();
        let first = letters.next()?.to_uppercase();
        Some(first.chain(letters).collect())
    }

    /// Yes or no; `None` when it is neither, or both.
    pub fn yes_no(&self, text: &str) -> Option<bool> {
        self.whole.yes_no(&self.phrase(text))
    }

    /// Which of the offered choices a text takes.
    pub fn choice(&self, text: &str, labels: &[ChoiceWords]) -> Choice {
        self.choices.read(text, labels, self)
    }

    /// Words that mean a choice's value beside its label: `call` → phone, ring, ring me.
    pub fn synonyms(&self, value: &str) -> Vec<String> {
        self.choices.synonyms(value)
    }

    /// Which of the names stand in the text, by any part of the name that is a whole word.
    pub fn names<L: AsRef<str>>(&self, text: &str, labels: &[L]) -> Vec<usize> {
        self.names.read(text, labels)
    }

    /// Whether the whole message asks to change a meeting.
    pub fn is_change(&self, text: &str) -> bool {
        self.whole.is_change(&self.phrase(text))
    }

    /// Whether the whole message only says that ours was read, and needs no answer.
    pub fn ack(&self, text: &str) -> bool {
        self.whole.is_ack(&self.phrase(text))
    }

    /// A day named in the text: the next such day after `today`, unless the text says which.
    pub fn date(&self, text: &str, today: Date) -> Option<Date> {
        self.days.date(&self.phrase(text), today)
    }

    /// A time of day named in the text. A bare hour is taken within a school's day: 8 to 12 are
    /// in the morning, 1 to 7 in the afternoon.
    pub fn time(&self, text: &str) -> Option<Time> {
        self.days.time(&self.phrase(text))
    }

    /// The day a text tells, seen from `now`; what has gone by is [`Told::Past`].
    pub fn told_date(&self, text: &str, now: DateTime) -> Told<Date> {
        self.date(text, now.date()).into()
    }

    /// The time of day a text tells, seen from `now`.
    pub fn told_time(&self, text: &str, _now: DateTime) -> Told<Time> {
        self.time(text).into()
    }

    /// The day and time a text tells, seen from `now`. A day alone, or a time alone, is unclear.
    pub fn told_date_time(&self, text: &str, now: DateTime) -> Told<DateTime> {
        let both = self.date(text, now.date()).zip(self.time(text));
        both.map(|(date, time)| date.to_datetime(time)).into()
    }

    /// Learns where messages lead from files of examples, given as (path, source). Reports every
    /// fault with its place: what is not TOML, wrong types, examples of a route that does not exist.
    pub fn learn(&mut self, files: &[(&str, &str)]) -> Vec<Fault> {
        let mut examples = Examples::default();
        let mut faults = Vec::new();
        for (path, source) in files {
            let (mut sheet, table) = Sheet::parse(path, source);
            let root = Section::root(&table);
            let wrong = |route: &str| self.routes.unknown(route);
            examples.read(&root, &self.vocabulary, &wrong, &mut sheet);
            faults.extend(sheet.into_faults());
        }
        self.routes.learn(&examples);
        faults
    }

    /// What the text asks for: certain before uncertain, riskier before less, first named first.
    pub fn routes(&self, text: &str) -> Vec<Route> {
        self.routes.read(text, &self.vocabulary)
    }

    /// Where its routes lead: flow and entry, with their place in the reading file.
    pub fn targets(&self) -> impl Iterator<Item = (&str, Option<&str>, Range<usize>)> {
        self.routes.targets()
    }

    /// Words as this language compares them: folded and respelled.
    pub fn folded(&self, text: &str) -> String {
        self.phrase(text)
    }

    /// Whether a single word stands in the examples of what people write.
    pub fn knows(&self, word: &str) -> bool {
        self.routes.knows(&self.phrase(word))
    }

    /// As [`Self::routes`], and what the text may be beside a wish: [`HUMAN`], [`ACK`],
    /// [`CONTEXT_REPLY`], [`FALLBACK`].
    pub fn opening(&self, text: &str) -> Vec<Route> {
        self.routes.opening(text, &self.vocabulary)
    }

    /// The number of a case, when the whole message is its reference: "C-1042?" → 1042.
    pub fn reference(&self, text: &str) -> Option<u32> {
        self.whole.reference(&self.phrase(text))
    }

    fn phrase(&self, text: &str) -> String {
        self.vocabulary.phrase(text)
    }
}

#[cfg(test)]
mod tests;
