//! Messages that are one word or one phrase: STOP, MENU, 0, YES, polski, C-1042.

use std::collections::HashMap;

use super::answers::Answers;
use crate::text::patterns::Vocabulary;
use crate::text::sheet::{Section, Sheet};

/// Words with a meaning for the whole service, which carriers know too.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Keyword {
    /// No more messages.
    Stop,
    /// Messages again.
    Start,
    /// Who is this, and what can it do.
    Help,
}

/// Words that work at every step.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Global {
    /// Leave what is going on and start at the top.
    Menu,
    /// Correct the last answer.
    Back,
    /// A human being, please.
    Person,
}

/// The keys of `[answers]`.
const ANSWERS: [&str; 9] = [
    "yes", "no", "also-yes", "also-no", "unsure", "aside", "change", "ack", "polite",
];

/// The phrases of one language, folded and respelled.
#[derive(Debug, Default)]
pub struct Whole {
    /// Phrases that may stand before or after any other and change nothing: please, thank you.
    polite: Vec<String>,
    keywords: HashMap<String, Keyword>,
    globals: HashMap<String, Global>,
    languages: HashMap<String, String>,
    /// What a language is called here, by its tag: the first word of its line.
    names: HashMap<String, String>,
    /// What may stand before a language's name: "in", "I speak".
    speaking: Vec<String>,
    answers: Answers,
    change: Vec<String>,
    ack: Vec<String>,
    /// What may stand before a reference: "case", "ref".
    case: Vec<String>,
}

impl Whole {
    pub(super) fn load(
        root: &Section<'_, '_>,
        vocabulary: &Vocabulary,
        sheet: &mut Sheet<'_>,
    ) -> Self {
        let mut whole = Self::default();
        let phrases =
            |section: &Section<'_, '_>, key: &str, sheet: &mut Sheet<'_>| -> Vec<String> {
                let words = section.words(key, sheet).into_iter();
                words
                    .map(|(phrase, _)| vocabulary.phrase(&phrase))
                    .collect()
            };
        if let Some(section) = root.section("keywords", sheet) {
            section.only(&["stop", "start", "help"], sheet);
            for (key, keyword) in [
                ("stop", Keyword::Stop),
                ("start", Keyword::Start),
                ("help", Keyword::Help),
            ] {
                let words = phrases(&section, key, sheet);
                whole
                    .keywords
                    .extend(words.into_iter().map(|word| (word, keyword)));
            }
        }
        if let Some(section) = root.section("global", sheet) {
            section.only(&["menu", "back", "person"], sheet);
            for (key, global) in [
                ("menu", Global::Menu),
                ("back", Global::Back),
                ("person", Global::Person),
            ] {
                let words = phrases(&section, key, sheet);
                whole
                    .globals
                    .extend(words.into_iter().map(|word| (word, global)));
            }
        }
        if let Some(section) = root.section("answers", sheet) {
            section.only(&ANSWERS, sheet);
            whole.answers = Answers::load(&section, vocabulary, sheet);
            whole.change = phrases(&section, "change", sheet);
            whole.ack = phrases(&section, "ack", sheet);
            whole.polite = phrases(&section, "polite", sheet);
            // The longest first, so that "thank you very much" goes before "thank you".
            whole
                .polite
                .sort_by_key(|phrase| std::cmp::Reverse(phrase.len()));
        }
        if let Some(section) = root.section("languages", sheet) {
            for tag in section.keys() {
                let words = phrases(&section, &tag, sheet);
                if tag == "speaking" {
                    whole.speaking = words;
                } else {
                    if let Some(first) = words.first() {
                        whole.names.insert(tag.clone(), first.clone());
                    }
                    let named = words.into_iter().map(|word| (word, tag.clone()));
                    whole.languages.extend(named);
                }
            }
        }
        if let Some(section) = root.section("reference", sheet) {
            section.only(&["case"], sheet);
            whole.case = phrases(&section, "case", sheet);
        }
        whole
    }

    pub(super) fn keyword(&self, phrase: &str) -> Option<Keyword> {
        self.look_up(&self.keywords, phrase)
    }

    pub(super) fn global(&self, phrase: &str) -> Option<Global> {
        self.look_up(&self.globals, phrase)
    }

    pub(super) fn language(&self, phrase: &str) -> Option<String> {
        let plain = self.plain(phrase);
        let named = strip_any(plain, &self.speaking).unwrap_or(plain);
        self.languages.get(named).cloned()
    }

    pub(super) fn language_name(&self, tag: &str) -> Option<&str> {
        self.names.get(tag).map(String::as_str)
    }

    pub(super) fn answers(&self) -> &Answers {
        &self.answers
    }

    pub(super) fn is_change(&self, phrase: &str) -> bool {
        let plain = self.plain(phrase);
        self.change.iter().any(|word| word == plain)
    }

    /// Several may follow one another: "ok thanks", "👍 ta". A greeting alone is none.
    pub(super) fn is_ack(&self, phrase: &str) -> bool {
        let mut rest = phrase;
        let mut found = false;
        while !rest.is_empty() {
            if let Some(left) = longest(rest, &self.ack) {
                found = true;
                rest = left;
            } else if let Some(left) = longest(rest, &self.polite) {
                rest = left;
            } else {
                return false;
            }
        }
        found
    }

    pub(super) fn reference(&self, phrase: &str) -> Option<u32> {
        let plain = self.plain(phrase);
        let named = strip_any(plain, &self.case).unwrap_or(plain);
        // The letter is the product's own, the same in every language.
        let digits = named.strip_prefix('c')?.trim_start();
        if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok()
    }

    /// The phrase without please and thanks at its ends; never empty if the phrase was not.
    pub(super) fn plain<'p>(&self, phrase: &'p str) -> &'p str {
        let mut rest = phrase;
        while let Some(next) = self
            .polite
            .iter()
            .find_map(|polite| {
                let after = rest.strip_prefix(polite.as_str())?.strip_prefix(' ');
                after.or_else(|| rest.strip_suffix(polite.as_str())?.strip_suffix(' '))
            })
            .or_else(|| {
                self.polite
                    .iter()
                    .find_map(|polite| rest.strip_suffix(polite.as_str())?.strip_suffix(' '))
            })
        {
            rest = next;
        }
        rest
    }

    fn look_up<T: Copy>(&self, table: &HashMap<String, T>, phrase: &str) -> Option<T> {
        table
            .get(phrase)
            .or_else(|| table.get(self.plain(phrase)))
            .copied()
    }
}

/// What is left after the longest of the phrases that the text begins with.
pub(super) fn longest<'p>(text: &'p str, phrases: &[String]) -> Option<&'p str> {
    let left = phrases.iter().filter_map(|phrase| {
        let left = text.strip_prefix(phrase.as_str())?;
        if left.is_empty() {
            Some(left)
        } else {
            left.strip_prefix(' ')
        }
    });
    left.min_by_key(|left| left.len())
}

fn strip_any<'p>(text: &'p str, phrases: &[String]) -> Option<&'p str> {
    longest(text, phrases).filter(|left| !left.is_empty())
}
