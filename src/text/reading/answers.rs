//! Yes and no, as people write them: "yeah go on", "no thanks", "not really", "no pewnie".

use std::collections::BTreeMap;

use crate::text::fold::fold;
use crate::text::patterns::Vocabulary;
use crate::text::sheet::{Section, Sheet};

/// An answer with more words than this says something besides.
const MOST: usize = 8;

/// What a phrase says to a question.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Says {
    /// Nothing: "then", "please", "for me".
    Aside,
    /// Yes, when nothing else is said: "fine", "do".
    AlsoYes,
    Yes,
    AlsoNo,
    No,
    /// Neither: "maybe", "not sure".
    Unsure,
}

/// What was heard: an answer or none, and how many words of the text are not accounted for. Of two
/// languages, the one that accounts for more is right.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Answer {
    pub(super) yes: Option<bool>,
    pub(super) unexplained: usize,
}

/// `[answers]` of one language.
#[derive(Debug, Default)]
pub(super) struct Answers {
    /// By their first word, as all its words.
    phrases: BTreeMap<String, Vec<(Vec<String>, Says)>>,
    /// Answers of one letter, which respelling would make into words: "y".
    letters: Vec<(String, bool)>,
}

impl Answers {
    pub(super) fn load(
        section: &Section<'_, '_>,
        vocabulary: &Vocabulary,
        sheet: &mut Sheet<'_>,
    ) -> Self {
        let mut answers = Self::default();
        for (key, says) in [
            ("yes", Says::Yes),
            ("no", Says::No),
            ("also-yes", Says::AlsoYes),
            ("also-no", Says::AlsoNo),
            ("unsure", Says::Unsure),
            ("aside", Says::Aside),
            ("polite", Says::Aside),
        ] {
            for (word, _) in section.words(key, sheet) {
                let folded = fold(&word);
                let answer = match says {
                    Says::Yes | Says::AlsoYes => Some(true),
                    Says::No | Says::AlsoNo => Some(false),
                    Says::Aside | Says::Unsure => None,
                };
                if folded.len() == 1 && vocabulary.respelled(&folded) != folded {
                    answers.letters.extend(answer.map(|yes| (folded, yes)));
                    continue;
                }
                let phrase = vocabulary.phrase(&word);
                let words: Vec<String> = phrase.split(' ').map(str::to_owned).collect();
                let first = words.first().cloned().unwrap_or_default();
                let row = answers.phrases.entry(first).or_default();
                row.push((words, says));
            }
        }
        answers
    }

    pub(super) fn read(&self, text: &str, vocabulary: &Vocabulary) -> Answer {
        let folded = fold(text);
        if let Some((_, yes)) = self.letters.iter().find(|(letter, _)| *letter == folded) {
            return Answer {
                yes: Some(*yes),
                unexplained: 0,
            };
        }
        let phrase = vocabulary.phrase(text);
        let words: Vec<&str> = phrase.split(' ').filter(|word| !word.is_empty()).collect();
        let mut unexplained = 0;
        let mut said: Vec<(Says, usize)> = Vec::new();
        let mut at = 0;
        while at < words.len() {
            let longest = self.longest(&words[at..]);
            let Some((len, says)) = longest else {
                unexplained += 1;
                at += 1;
                continue;
            };
            if says != Says::Aside {
                said.push((says, unexplained));
            }
            at += len;
        }
        if said.is_empty()
            && let [word] = words.as_slice()
            && let Some(yes) = self.nearly(word)
        {
            return Answer {
                yes: Some(yes),
                unexplained: 0,
            };
        }
        Answer {
            yes: decided(&said, unexplained, words.len()),
            unexplained,
        }
    }

    /// Whether some phrase begins with a word.
    pub(super) fn knows(&self, word: &str) -> bool {
        self.phrases.contains_key(word)
    }

    /// The words that say that they do not know.
    pub(super) fn unsure(&self, words: &[&str]) -> Vec<std::ops::Range<usize>> {
        let places = (0..words.len()).filter_map(|at| {
            let (len, says) = self.longest(&words[at..])?;
            (says == Says::Unsure).then_some(at..at + len)
        });
        places.collect()
    }

    /// Whether the text says that they do not know.
    pub(super) fn is_unsure(&self, phrase: &str) -> bool {
        let words: Vec<&str> = phrase.split(' ').collect();
        !self.unsure(&words).is_empty()
    }

    /// The longest phrase that the words begin with. Of two meanings of the same words, the more
    /// careful.
    fn longest(&self, words: &[&str]) -> Option<(usize, Says)> {
        let begins = |phrase: &Vec<String>| {
            phrase.len() <= words.len() && phrase.iter().zip(words).all(|(a, b)| a == b)
        };
        let known = self.phrases.get(*words.first()?)?;
        let known = known.iter().filter(|(phrase, _)| begins(phrase));
        known.map(|(phrase, says)| (phrase.len(), *says)).max()
    }

    /// A long word but for a slip of the thumb: "defintely".
    fn nearly(&self, word: &str) -> Option<bool> {
        let letters = word.chars().count();
        if !(6..16).contains(&letters) {
            return None;
        }
        let allowed = if letters < 8 { 1 } else { 2 };
        let mut phrases = self.phrases.values().flatten();
        phrases.find_map(|(phrase, says)| {
            let [known] = phrase.as_slice() else {
                return None;
            };
            let yes = match says {
                Says::Yes | Says::AlsoYes => true,
                Says::No | Says::AlsoNo => false,
                Says::Aside | Says::Unsure => return None,
            };
            (known.chars().count() >= 6 && strsim::osa_distance(known, word) <= allowed)
                .then_some(yes)
        })
    }
}

/// One answer out of all that was said, each with the number of strange words before it.
fn decided(said: &[(Says, usize)], unexplained: usize, words: usize) -> Option<bool> {
    let has = |says: Says| said.iter().any(|(one, _)| *one == says);
    let (first, before) = *said.first()?;
    if has(Says::Unsure) || (has(Says::Yes) && has(Says::No)) {
        return None;
    }
    // "No, it's ok" is no; "fine, no" is anybody's guess.
    let yes = match first {
        Says::Yes => true,
        Says::No => false,
        Says::AlsoYes if !has(Says::No) && !has(Says::AlsoNo) => true,
        Says::AlsoNo if !has(Says::Yes) && !has(Says::AlsoYes) => false,
        _ => return None,
    };
    let plain = matches!(first, Says::Yes | Says::No) || has(Says::Yes) || has(Says::No);
    let begins = plain && before == 0 && words <= MOST;
    (unexplained == 0 || begins).then_some(yes)
}
