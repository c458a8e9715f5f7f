//! What a person typed, in one language: a keyword, a choice, a name, a day, what they want.
//!
//! Driven wholly by `locales/<language>/reading.toml`: there is no word of any language in this
//! code. Reading never decides what is done, and is never sure: where two readings are possible it
//! says so, and the conversation asks.

mod almanac;
mod answers;
mod choice;
mod clock;
mod day;
mod learned;
mod names;
mod route;
mod tokens;
mod told;
mod understood;
mod whole;

use std::ops::Range;
use std::sync::Arc;

use jiff::civil::{Date, DateTime, Time};

pub use choice::{Choice, ChoiceWords};
pub use day::Told;
pub use names::Named;
pub use route::{ACK, CONTEXT_REPLY, FALLBACK, HUMAN, Route};
pub use understood::{
    Expected, Part, Understood, child_among, choose, choose_among, understand, yes_no,
};
pub use whole::{Global, Keyword};

use super::patterns::{Rule, Vocabulary, patterns};
use super::sheet::{Section, Sheet};
use super::sieve::Sieve;
use crate::fault::Fault;
use almanac::Almanac;
use choice::Choices;
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
    vocabulary: Arc<Vocabulary>,
    whole: Whole,
    person: Sieve,
    choices: Choices,
    names: Names,
    almanac: Almanac,
    routes: Routes,
}

impl Reading {
    /// Compiles a reading file. Reports every fault with its place: what is not TOML, unknown
    /// keys, wrong types, patterns that cannot be read or can never match.
    pub fn load(language: &str, path: &str, source: &str) -> Result<Self, Vec<Fault>> {
        let (mut sheet, table) = Sheet::parse(path, source);
        let root = Section::root(&table);
        root.only(&TABLES, &mut sheet);
        let vocabulary = Arc::new(Vocabulary::load(&root, &mut sheet));
        let whole = Whole::load(&root, &vocabulary, &mut sheet);
        let mut person = Sieve::default();
        if let Some(section) = root.section("person", &mut sheet) {
            section.only(&["asks"], &mut sheet);
            let asks = Rule::of(patterns(section.words("asks", &mut sheet)));
            person = Sieve::new(&[vec![asks]], &vocabulary, &mut sheet);
        }
        let reading = Self {
            language: language.to_owned(),
            choices: Choices::load(&root, &vocabulary, &mut sheet),
            names: Names::load(&root, &mut sheet),
            almanac: Almanac::load(&root, &vocabulary, &mut sheet),
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
        self.person.sift(sentences).holds(0, 0)
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
        self.whole.answers().read(text, &self.vocabulary).yes
    }

    /// Which of the offered choices a text takes.
    pub fn choice(&self, text: &str, labels: &[ChoiceWords]) -> Choice {
        self.choices.read(text, labels, self)
    }

    /// The one number in the text: in digits anywhere, or in words by itself.
    pub fn number(&self, text: &str) -> Option<i64> {
        self.choices.number(self.whole.plain(&self.phrase(text)))
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

    /// The child that a text names, where one of these was asked for; what `is_word` of another language
    /// is no form of a name.
    fn child<L: AsRef<str>>(
        &self,
        text: &str,
        labels: &[L],
        is_word: &dyn Fn(&str) -> bool,
    ) -> Named {
        self.names.child(text, labels, self, is_word)
    }

    /// Other words for a choice of which only the label is known: those of every value that has the
    /// label, and no other of the labels offered, among its words.
    pub fn words_like(&self, label: &str, offered: &[&str]) -> Vec<String> {
        self.choices.kin(label, offered, self)
    }

    /// Whether the text wants none of what was offered.
    pub fn is_none(&self, text: &str) -> bool {
        self.choices.is_none(text, self)
    }

    /// A day named in the text: the next such day after `today`, unless the text says which. Days
    /// that have gone by are none.
    pub fn date(&self, text: &str, today: Date) -> Option<Date> {
        let now = today.to_datetime(Time::midnight());
        self.almanac.date(text, &self.vocabulary, now).told.value()
    }

    /// A time of day named in the text, where none was asked for: a number alone is no hour. A bare
    /// hour is taken within a school's day: 8 to 12 are in the morning, 1 to 7 in the afternoon.
    pub fn time(&self, text: &str) -> Option<Time> {
        let time = self
            .almanac
            .time(text, &self.vocabulary, DateTime::MIN, false);
        time.told.value()
    }

    /// These flows may have examples, also where no pattern leads to them.
    pub fn routes_to<'f>(&mut self, flows: impl Iterator<Item = &'f str>) {
        self.routes.lead_to(flows);
    }

    /// Takes files of examples, given as (path, source), to learn from them where messages lead: see
    /// [`Self::learn_now`]. Reports every fault with its place: what is not TOML, wrong types, examples
    /// of a route that does not exist.
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
        self.routes.learn(examples, Arc::clone(&self.vocabulary));
        faults
    }

    /// Learns now from what [`Self::learn`] was given, which else is done when it is first needed.
    pub fn learn_now(&self) {
        self.routes.learn_now();
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

    /// No score of [`Self::opening`] is higher than this.
    pub fn opening_at_most(&self, text: &str) -> f32 {
        self.routes.at_most(text, &self.vocabulary)
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
