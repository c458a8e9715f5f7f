//! What makes a text hard to read in one language, from `locales/<language>/plain.toml`.
//!
//! Long sentences, difficult words, letters that stand for words, two questions at once, and what it
//! looks like when a text asks people to send a word. It finds; it never changes a text.

use std::collections::{BTreeMap, BTreeSet};

use super::fold::fold;
use super::sheet::{Section, Sheet};
use crate::fault::Fault;

/// The words of one language that texts are measured by.
#[derive(Debug, Default)]
pub struct Plain {
    /// More words than this make a sentence long; 0 where the file does not say.
    longest: usize,
    /// Questions that ask for no answer: "In danger now?".
    asides: Vec<String>,
    /// What joins two questions in one: "and who".
    joins: Vec<String>,
    /// Words before something that people are asked to send: "reply", "text".
    sending: BTreeSet<String>,
    /// Letters that may stand without their words.
    letters: BTreeSet<String>,
    /// Difficult words, folded, each with how it is written and a plainer one.
    plainer: BTreeMap<String, (String, String)>,
}

/// What is hard about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Hard {
    /// A sentence of so many words.
    Long(usize, String),
    /// A difficult word, and a plainer one.
    Word(String, String),
    /// Letters that nothing explains.
    Letters(String),
}

impl Plain {
    /// Reads the file; every fault has its place.
    pub fn load(path: &str, source: &str) -> Result<Self, Vec<Fault>> {
        let (mut sheet, table) = Sheet::parse(path, source);
        let root = Section::root(&table);
        root.only(&["sentences", "sending", "letters", "plainer"], &mut sheet);
        let mut plain = Self::default();
        let folded = |words: Vec<(String, _)>| words.into_iter().map(|(word, _)| fold(&word));
        if let Some(section) = root.section("sentences", &mut sheet) {
            section.only(&["longest", "asides", "joins"], &mut sheet);
            plain.longest = section.number("longest", &mut sheet).unwrap_or(0).into();
            plain.asides = folded(section.words("asides", &mut sheet)).collect();
            plain.joins = folded(section.words("joins", &mut sheet)).collect();
        }
        if let Some(section) = root.section("sending", &mut sheet) {
            section.only(&["words"], &mut sheet);
            plain.sending = folded(section.words("words", &mut sheet)).collect();
        }
        if let Some(section) = root.section("letters", &mut sheet) {
            let letters = section.texts(&mut sheet).into_iter();
            plain.letters = letters.map(|(letters, ..)| letters).collect();
        }
        if let Some(section) = root.section("plainer", &mut sheet) {
            for (word, plainer, _) in section.texts(&mut sheet) {
                plain.plainer.insert(fold(&word), (word, plainer));
            }
        }
        match sheet.into_faults() {
            faults if faults.is_empty() => Ok(plain),
            faults => Err(faults),
        }
    }

    /// What is hard about a text.
    pub fn hard(&self, text: &str) -> Vec<Hard> {
        let mut all = Vec::new();
        for sentence in sentences(text) {
            let words = sentence.split_whitespace();
            let count = words.filter(|w| w.contains(char::is_alphanumeric)).count();
            if self.longest > 0 && count > self.longest {
                all.push(Hard::Long(count, sentence.to_owned()));
            }
        }
        let folded = format!(" {} ", fold(text));
        for (word, (written, plainer)) in &self.plainer {
            if folded.contains(&format!(" {word} ")) {
                all.push(Hard::Word(written.clone(), plainer.clone()));
            }
        }
        let mut before = String::new();
        for written in text.split_whitespace() {
            let word = written.trim_matches(|c: char| !c.is_alphanumeric());
            // A word to send is no abbreviation: "reply CHANGE".
            let sent = self.sending.contains(&before);
            before = fold(word);
            if is_letters(word) && !sent && !self.letters.contains(word) && !explained(text, word) {
                let hard = Hard::Letters(word.to_owned());
                if !all.contains(&hard) {
                    all.push(hard);
                }
            }
        }
        all
    }

    /// How many questions a text asks for an answer to.
    pub fn questions(&self, text: &str) -> usize {
        let asked = sentences(text).filter(|s| s.ends_with('?'));
        let asked = asked.map(fold).filter(|s| !self.asides.contains(s));
        asked
            .map(|question| {
                let padded = format!(" {question} ");
                let joins = self.joins.iter();
                1 + joins.filter(|j| padded.contains(&format!(" {j} "))).count()
            })
            .sum()
    }

    /// The first of `words` that a text asks people to send: it stands behind "reply" or the like.
    pub fn asks_to_send<'w>(&self, text: &str, words: &[&'w str]) -> Option<&'w str> {
        let mut before = String::new();
        for folded in fold(text).split_whitespace() {
            if self.sending.contains(&before) {
                let same = |word: &&&str| word.eq_ignore_ascii_case(folded);
                if let Some(word) = words.iter().find(same) {
                    return Some(word);
                }
            }
            folded.clone_into(&mut before);
        }
        None
    }
}

/// Two capitals or more, and nothing else.
fn is_letters(word: &str) -> bool {
    word.chars().nth(1).is_some() && word.chars().all(char::is_uppercase)
}

/// Whether a text says what letters stand for: "EHC (education, health and care)", or the other way
/// about.
fn explained(text: &str, letters: &str) -> bool {
    text.contains(&format!("{letters} (")) || text.contains(&format!("({letters})"))
}

/// The sentences of a text. A point inside a number, or before a small letter, ends none.
fn sentences(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = text.trim();
    std::iter::from_fn(move || {
        if rest.is_empty() {
            return None;
        }
        let ends = |(at, _): &(usize, &str)| {
            let after = rest.get(at + 1..).unwrap_or_default();
            let next = after.trim_start().chars().next();
            after.is_empty() || after.starts_with(' ') && !next.is_some_and(char::is_lowercase)
        };
        let end = rest.match_indices(['.', '!', '?']).find(ends);
        let (sentence, after) = rest.split_at(end.map_or(rest.len(), |(at, _)| at + 1));
        rest = after.trim_start();
        Some(sentence)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn plain() -> Plain {
        let source = r#"
            sentences = { longest = 6, asides = ["In danger now?"], joins = ["and who"] }
            sending = { words = ["reply", "text"] }
            letters = { SENCO = "on every letter a school sends" }
            plainer = { "prior to" = "before", commence = "start" }
        "#;
        Plain::load("plain.toml", source).unwrap()
    }

    #[test]
    fn what_is_hard_is_named() {
        let hard = plain().hard("We commence on Mon 8.30am at the school. Ask the DSL or SENCO, and reply CHANGE. ABC (a big club).");
        assert_eq!(
            hard,
            [
                Hard::Long(8, "We commence on Mon 8.30am at the school.".to_owned()),
                Hard::Long(8, "Ask the DSL or SENCO, and reply CHANGE.".to_owned()),
                Hard::Word("commence".to_owned(), "start".to_owned()),
                Hard::Letters("DSL".to_owned()),
            ]
        );
        assert_eq!(
            plain().hard("Prior-to that: nothing."),
            [Hard::Word("prior to".to_owned(), "before".to_owned())]
        );
    }

    #[test]
    fn questions_that_want_an_answer_are_counted() {
        let plain = plain();
        for (text, count) in [
            ("Which child? In danger now? Ring 999.", 1),
            ("Which child? When?", 2),
            ("When was it and who was there?", 2),
            ("Tell us in your own words.", 0),
        ] {
            assert_eq!(plain.questions(text), count, "{text}");
        }
    }

    #[test]
    fn what_people_are_asked_to_send_is_found_however_it_is_written() {
        let plain = plain();
        for (text, word) in [
            ("Reply 'yes' to go on.", Some("YES")),
            ("Please text Stop.", Some("STOP")),
            ("We stop at four. Yes, text us.", None),
        ] {
            assert_eq!(plain.asks_to_send(text, &["YES", "STOP"]), word, "{text}");
        }
    }

    #[test]
    fn a_fault_in_the_file_has_its_place() {
        let faults = Plain::load("plain.toml", "[sentences]\nlongst = 20\n").unwrap_err();
        assert_eq!(faults[0].remedy, "did you mean `longest`?");
        assert!(Plain::load("plain.toml", "[sentences").is_err());
    }
}
