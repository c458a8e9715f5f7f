//! Which of the offered choices a text takes: by number, by words, by place in the row.

use std::collections::{BTreeMap, HashSet};

use super::Reading;
use super::whole::longest;
use crate::text::fold::fold;
use crate::text::patterns::Vocabulary;
use crate::text::sheet::{Section, Sheet};

/// A choice as it was offered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChoiceWords {
    /// What the person was shown.
    pub label: String,
    /// Other words for it: [`Reading::synonyms`].
    pub synonyms: Vec<String>,
}

/// How a text answers a question with choices. Places count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This one.
    Exact(usize),
    /// This one, and more words that must not be lost.
    ExactWithMore(usize, String),
    /// Perhaps one of these: ask.
    Near(Vec<usize>),
    /// None of them.
    None,
}

/// `[choices]` and `[choosing]` of one language.
#[derive(Debug, Default)]
pub struct Choices {
    synonyms: BTreeMap<String, Vec<String>>,
    /// "one" to "nine", folded.
    numbers: Vec<Vec<String>>,
    /// "first" to "ninth".
    ordinals: Vec<Vec<String>>,
    last: Vec<String>,
    /// Words around a choice that say nothing: "option", "the", "one", "I want".
    fillers: Vec<String>,
    /// Words that turn the next one down: "not", "do not".
    not: HashSet<String>,
    /// Words that join two choices: "or", "and".
    joins: HashSet<String>,
    /// Words that make a number before them a count and no choice: "days", "times", "Dec".
    units: HashSet<String>,
}

const TABLE: [&str; 7] = [
    "numbers", "ordinals", "last", "fillers", "not", "joins", "units",
];

impl Choices {
    pub(super) fn load(
        root: &Section<'_, '_>,
        vocabulary: &Vocabulary,
        sheet: &mut Sheet<'_>,
    ) -> Self {
        let mut choices = Self::default();
        if let Some(section) = root.section("choices", sheet) {
            for value in section.keys() {
                let words = section.words(&value, sheet).into_iter();
                let words = words.map(|(word, _)| word).collect();
                choices.synonyms.insert(value, words);
            }
        }
        if let Some(section) = root.section("choosing", sheet) {
            section.only(&TABLE, sheet);
            let words = |key: &str, sheet: &mut Sheet<'_>| -> Vec<String> {
                let words = section.words(key, sheet).into_iter();
                words.map(|(word, _)| vocabulary.phrase(&word)).collect()
            };
            let rows = |key: &str, sheet: &mut Sheet<'_>| -> Vec<Vec<String>> {
                let rows = section.lists(key, sheet).into_iter();
                rows.map(|row| {
                    row.iter()
                        .map(|(word, _)| vocabulary.phrase(word))
                        .collect()
                })
                .collect()
            };
            choices.numbers = rows("numbers", sheet);
            choices.ordinals = rows("ordinals", sheet);
            choices.last = words("last", sheet);
            choices.fillers = words("fillers", sheet);
            choices.not = words("not", sheet).into_iter().collect();
            choices.joins = words("joins", sheet).into_iter().collect();
            choices.units = words("units", sheet).into_iter().collect();
        }
        choices
    }

    pub(super) fn synonyms(&self, value: &str) -> Vec<String> {
        self.synonyms.get(value).cloned().unwrap_or_default()
    }

    pub(super) fn number(&self, plain: &str) -> Option<i64> {
        let mut digits = plain.split(' ').filter_map(|word| word.parse().ok());
        match (digits.next(), digits.next()) {
            (Some(number), None) => Some(number),
            (Some(_), Some(_)) => None,
            (None, _) => {
                let at = self.row_of(&self.numbers, self.bare(plain))?;
                i64::try_from(at + 1).ok()
            }
        }
    }

    pub(super) fn read(&self, text: &str, labels: &[ChoiceWords], reading: &Reading) -> Choice {
        let phrase = reading.phrase(text);
        let plain = self.bare(reading.whole.plain(&phrase));
        if plain.is_empty() || labels.is_empty() {
            return Choice::None;
        }
        let offered = Offered::new(labels, reading);
        if let Some(choice) = self.numbered(text, plain, &offered, reading) {
            return choice;
        }
        if let Some(at) = self.placed(plain, labels.len()) {
            return Choice::Exact(at);
        }
        let same = offered.which(|phrases| phrases.iter().any(|known| known == plain));
        match same.as_slice() {
            [] => self.within(&offered.days(plain, reading), &offered),
            [one] => Choice::Exact(*one),
            _ => Choice::Near(same),
        }
    }

    /// Without the words around a choice that say nothing.
    fn bare<'p>(&self, phrase: &'p str) -> &'p str {
        let mut rest = phrase;
        loop {
            let before = longest(rest, &self.fillers).filter(|left| !left.is_empty());
            let after = || {
                self.fillers
                    .iter()
                    .find_map(|filler| rest.strip_suffix(filler.as_str())?.strip_suffix(' '))
            };
            match before.or_else(after) {
                Some(next) => rest = next,
                None => return rest,
            }
        }
    }

    /// A number first: alone, with the label it stands for, or with more to say.
    fn numbered(
        &self,
        text: &str,
        plain: &str,
        offered: &Offered,
        reading: &Reading,
    ) -> Option<Choice> {
        let mut words = plain.split(' ');
        let at = self.place_of(words.next()?, offered.count())?;
        let rest: Vec<&str> = words.collect();
        let Some(next) = rest.first() else {
            return Some(Choice::Exact(at));
        };
        // "1 or 2", "1 and 3": they have not chosen.
        let others: Option<Vec<usize>> = rest
            .iter()
            .filter(|word| !self.joins.contains(**word))
            .map(|word| self.place_of(word, offered.count()))
            .collect();
        if let Some(others) = others.filter(|others| !others.is_empty()) {
            let mut all = others;
            all.push(at);
            all.sort_unstable();
            all.dedup();
            return Some(if all.len() == 1 {
                Choice::Exact(at)
            } else {
                Choice::Near(all)
            });
        }
        let counts = |word: &str| self.units.contains(word) || reading.days.is_month(word);
        if counts(next) || rest.get(1).is_some_and(|word| counts(word)) {
            return None;
        }
        let rest = rest.join(" ");
        let rest = self.bare(reading.whole.plain(&rest));
        if reading.whole.is_ack(rest) || offered.phrases[at].iter().any(|known| known == rest) {
            return Some(Choice::Exact(at));
        }
        // "one thing I wanted to say": a number in words is a choice only by itself.
        let digits = plain.starts_with(|c: char| c.is_ascii_digit());
        digits.then(|| Choice::ExactWithMore(at, after_number(text)))
    }

    fn place_of(&self, word: &str, count: usize) -> Option<usize> {
        let number = if word.bytes().all(|b| b.is_ascii_digit()) {
            word.parse::<usize>().ok()?
        } else {
            1 + self.row_of(&self.numbers, word)?
        };
        (1..=count).contains(&number).then(|| number - 1)
    }

    /// "the second one", "the last".
    fn placed(&self, plain: &str, count: usize) -> Option<usize> {
        if self.last.iter().any(|word| word == plain) {
            return count.checked_sub(1);
        }
        self.row_of(&self.ordinals, plain).filter(|at| *at < count)
    }

    fn row_of(&self, rows: &[Vec<String>], word: &str) -> Option<usize> {
        rows.iter()
            .position(|row| row.iter().any(|known| known == word))
    }

    /// Labels, synonyms or words of only one label, somewhere in the text and not turned down.
    fn within(&self, plain: &str, offered: &Offered) -> Choice {
        let words: Vec<&str> = plain.split(' ').collect();
        let holds = |phrase: &String| {
            let parts: Vec<&str> = phrase.split(' ').collect();
            let mut places = words.windows(parts.len()).enumerate();
            places.any(|(at, window)| {
                let refused = words[at.saturating_sub(2)..at]
                    .iter()
                    .any(|word| self.not.contains(*word));
                window == parts && !refused
            })
        };
        let mut found = offered.which(|phrases| phrases.iter().any(holds));
        if found.is_empty() {
            found = offered
                .own
                .iter()
                .enumerate()
                .filter(|(_, own)| own.iter().any(holds))
                .map(|(at, _)| at)
                .collect();
        }
        match found.as_slice() {
            [one] if words.len() <= 8 => Choice::Exact(*one),
            [] if words.len() <= 3 => {
                // "3.30" when two of the slots are at that time.
                let shared = offered.which(|phrases| {
                    let label = phrases.first().map(String::as_str).unwrap_or_default();
                    let mut label = label.split(' ').filter(|word| word.chars().count() > 2);
                    label.any(|word| words.contains(&word))
                });
                if shared.is_empty() {
                    Self::misspelt(&words, offered)
                } else {
                    Choice::Near(shared)
                }
            }
            [] => Choice::None,
            _ => Choice::Near(found),
        }
    }

    /// One slip of the thumb in a short answer.
    fn misspelt(words: &[&str], offered: &Offered) -> Choice {
        let close = |known: &String| {
            let allowed = match known.chars().count() {
                0..=3 => return false,
                4..=7 => 1,
                _ => 2,
            };
            words
                .iter()
                .any(|word| strsim::damerau_levenshtein(word, known) <= allowed)
        };
        let near: Vec<usize> = (0..offered.count())
            .filter(|at| {
                offered.own[*at].iter().any(close) || offered.phrases[*at].iter().any(close)
            })
            .collect();
        if near.is_empty() {
            Choice::None
        } else {
            Choice::Near(near)
        }
    }
}

/// The choices as they are compared: folded phrases, and words that only one of them has.
struct Offered {
    phrases: Vec<Vec<String>>,
    own: Vec<Vec<String>>,
}

impl Offered {
    fn new(labels: &[ChoiceWords], reading: &Reading) -> Self {
        let phrases: Vec<Vec<String>> = labels
            .iter()
            .map(|choice| {
                let all = std::iter::once(&choice.label).chain(&choice.synonyms);
                let phrases = all.map(|words| reading.days.canonical(&reading.phrase(words)));
                phrases.filter(|phrase| !phrase.is_empty()).collect()
            })
            .collect();
        let own = phrases
            .iter()
            .enumerate()
            .map(|(at, mine)| {
                let label = mine.first().map(String::as_str).unwrap_or_default();
                let words = label.split(' ').filter(|word| word.chars().count() > 2);
                let alone = words.filter(|word| {
                    let mut others = phrases.iter().enumerate().filter(|(other, _)| *other != at);
                    !others.any(|(_, other)| {
                        other
                            .iter()
                            .any(|phrase| phrase.split(' ').any(|w| w == *word))
                    })
                });
                alone.map(str::to_owned).collect()
            })
            .collect();
        Self { phrases, own }
    }

    fn count(&self) -> usize {
        self.phrases.len()
    }

    fn which(&self, holds: impl Fn(&[String]) -> bool) -> Vec<usize> {
        (0..self.count())
            .filter(|at| holds(&self.phrases[*at]))
            .collect()
    }

    /// A text with its days and times written as labels write them.
    fn days(&self, plain: &str, reading: &Reading) -> String {
        reading.days.canonical(plain)
    }
}

/// What the person wrote after the number, as they wrote it: "3.whats that" → "whats that".
fn after_number(text: &str) -> String {
    let digit =
        |c: char| fold(c.encode_utf8(&mut [0; 4])).starts_with(|c: char| c.is_ascii_digit());
    let from = text.find(digit).unwrap_or(0);
    let rest = text[from..].trim_start_matches(digit);
    // The rest of "1️⃣" and "1.)".
    rest.trim_start_matches(|c: char| !c.is_alphanumeric())
        .to_owned()
}
