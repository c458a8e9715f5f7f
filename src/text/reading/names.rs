//! Children named in a text.

use std::collections::HashSet;

use super::Reading;
use crate::text::fold::{capitals, fold};
use crate::text::sheet::{Section, Sheet};

/// More words than this beside a name that we do not know say something else.
const STRANGE: usize = 3;

/// Whether a word names by a part of a name.
type Fits<'f> = dyn Fn(&str, &str) -> bool + 'f;

/// Which of some children a text names, where one was asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Named {
    /// This one, counted from 0.
    One(usize),
    /// More than one of them, or no telling which.
    Several,
    /// One of them is turned down, or somebody beside them is meant: "not Sam", "Sam's brother".
    Refused,
    /// Somebody else.
    Other,
    /// A name that we do not know, as it seems.
    Unknown,
    /// Nobody.
    Nobody,
}

/// How names stand in this language's sentences.
#[derive(Debug, Default)]
pub struct Names {
    /// What may be added to a name: the `s` of "Sams", Polish cases.
    endings: Vec<String>,
    /// Last letters that a name gives up before an ending: the `a` of "Zofia", "Zofii".
    drops: Vec<String>,
    /// Names that are words too ("will", "may"): they count only when written as a name.
    also_words: HashSet<String>,
    /// Names for the same child, and names that are nobody's slip of the thumb.
    nicknames: Vec<Vec<String>>,
    /// "Someone else".
    others: Vec<String>,
    /// "Both".
    all: Vec<String>,
    /// Words beside a name that say nothing.
    around: HashSet<String>,
    /// Whoever belongs to a child and is another: "brother", "friend".
    relatives: HashSet<String>,
}

impl Names {
    pub(super) fn load(root: &Section<'_, '_>, sheet: &mut Sheet<'_>) -> Self {
        let Some(section) = root.section("names", sheet) else {
            return Self::default();
        };
        section.only(
            &[
                "endings",
                "drops",
                "also-words",
                "nicknames",
                "others",
                "all",
                "around",
                "relatives",
            ],
            sheet,
        );
        let folded = |key: &str, sheet: &mut Sheet<'_>| -> Vec<String> {
            let words = section.words(key, sheet).into_iter();
            words.map(|(word, _)| fold(&word)).collect()
        };
        let rows = section.lists("nicknames", sheet).into_iter();
        let nicknames = rows.map(|row| row.iter().map(|(name, _)| fold(name)).collect());
        Self {
            nicknames: nicknames.collect(),
            endings: folded("endings", sheet),
            drops: folded("drops", sheet),
            also_words: folded("also-words", sheet).into_iter().collect(),
            others: folded("others", sheet),
            all: folded("all", sheet),
            around: folded("around", sheet).into_iter().collect(),
            relatives: folded("relatives", sheet).into_iter().collect(),
        }
    }

    /// The children whose names stand in the text, by any whole part of a name. "Sam Yusuf" is not
    /// also his sister.
    pub(super) fn read<L: AsRef<str>>(&self, text: &str, labels: &[L]) -> Vec<usize> {
        let folded = fold(text);
        let words: Vec<&str> = folded.split(' ').collect();
        let capitals = capitals(text);
        let counts = |word: &str| {
            !self.also_words.contains(word) || words.len() == 1 || capitals.contains(word)
        };
        let places = labels.iter().map(|label| {
            let parts = parts(label.as_ref());
            let places = (0..words.len()).filter(|at| {
                let mut parts = parts.iter().filter(|part| counts(part));
                parts.any(|part| self.is(words[*at], part))
            });
            places.collect::<Vec<_>>()
        });
        best(&places.collect::<Vec<_>>())
    }

    /// The child that the text names, where one was asked for: a part of the name, its beginning,
    /// an initial beside it, a nickname, a slip of the thumb. What `is_word` of another language is no
    /// form of a name.
    pub(super) fn child<L: AsRef<str>>(
        &self,
        text: &str,
        labels: &[L],
        reading: &Reading,
        is_word: &dyn Fn(&str) -> bool,
    ) -> Named {
        let folded = fold(text);
        let words: Vec<&str> = folded.split(' ').filter(|word| !word.is_empty()).collect();
        let all: Vec<Vec<String>> = labels.iter().map(|label| parts(label.as_ref())).collect();
        let padded = format!(" {folded} ");
        let says = |phrases: &[String]| {
            let mut phrases = phrases.iter();
            phrases.any(|phrase| padded.contains(&format!(" {phrase} ")))
        };
        let ways: [&Fits<'_>; 3] = [
            &|word, part| self.is(word, part) && (word == part || !is_word(word)),
            &|word, part| self.same(word, part),
            &|word, part| begins(word, part) || self.slips(word, part, reading),
        ];
        for is in ways {
            let places: Vec<Vec<usize>> = all
                .iter()
                .map(|parts| named_at(&words, parts, is))
                .collect();
            let relative = |word: Option<&&str>| word.is_some_and(|w| self.relatives.contains(*w));
            let bare = |at: usize| all.iter().flatten().any(|part| part == words[at]);
            let refused = |at: &usize| {
                let before = words[..*at].iter().rev();
                let said = before.clone().find(|word| !self.around_name(word, reading));
                said.is_some_and(|word| reading.choices.refuses(word))
                    || relative(words.get(at + 1))
                    || (!bare(*at) && relative(before.clone().next()))
            };
            let kept: Vec<Vec<usize>> = places
                .iter()
                .map(|some| some.iter().copied().filter(|at| !refused(at)).collect())
                .collect();
            match best(&kept).as_slice() {
                [] if places.iter().any(|some| !some.is_empty()) => return Named::Refused,
                [] => {}
                [one] => return Named::One(*one),
                _ => return Named::Several,
            }
        }
        if says(&self.others) {
            return Named::Other;
        }
        if says(&self.all) {
            return Named::Several;
        }
        self.stranger(&words, reading)
    }

    /// Whether what is said beside nothing seems to be a name that was not offered.
    fn stranger(&self, words: &[&str], reading: &Reading) -> Named {
        let phrase = words.join(" ");
        let answers = reading.whole.answers();
        let answer = answers.read(&phrase, &reading.vocabulary);
        if answer.yes.is_some() || answers.is_unsure(&reading.phrase(&phrase)) {
            return Named::Nobody;
        }
        let strange: Vec<&str> = words
            .iter()
            .copied()
            .filter(|word| !self.around.contains(*word) && word.chars().count() > 1)
            .collect();
        let letters = strange.iter().all(|w| w.chars().all(char::is_alphabetic));
        if strange.is_empty() || strange.len() > STRANGE || !letters {
            return Named::Nobody;
        }
        let name = |word: &&str| self.is_known(word) || !reading.knows(word);
        let known = strange.iter().any(|word| self.is_known(word));
        if known || strange.iter().all(name) {
            Named::Unknown
        } else {
            Named::Nobody
        }
    }

    /// Whether a word may stand between a refusal and the name it refuses: "not about Sam".
    fn around_name(&self, word: &str, reading: &Reading) -> bool {
        self.around.contains(word) && !reading.choices.refuses(word)
    }

    fn is_known(&self, word: &str) -> bool {
        self.nicknames
            .iter()
            .flatten()
            .any(|name| self.is(word, name))
    }

    fn is(&self, word: &str, name: &str) -> bool {
        if word == name {
            return true;
        }
        let stem = self
            .drops
            .iter()
            .find_map(|drop| name.strip_suffix(drop.as_str()))
            .filter(|stem| stem.chars().count() > 1);
        let ends = |stem: &str| {
            let ending = word.strip_prefix(stem);
            ending.is_some_and(|ending| self.endings.iter().any(|known| known == ending))
        };
        ends(name) || stem.is_some_and(ends)
    }

    /// Two names of one child: "Zosia", "Zofia".
    fn same(&self, word: &str, name: &str) -> bool {
        self.nicknames.iter().any(|row| {
            row.iter().any(|known| known == name) && row.iter().any(|known| self.is(word, known))
        })
    }

    /// A slip of the thumb. Of short names only a letter too many or two in the wrong order: "Tim"
    /// is not "Tom". A word or a name of its own is no slip.
    fn slips(&self, word: &str, name: &str, reading: &Reading) -> bool {
        let (typed, letters) = (word.chars().count(), name.chars().count());
        let allowed = match letters {
            0..=2 => return false,
            3..=6 => 1,
            _ => 2,
        };
        if typed.abs_diff(letters) > allowed || self.is_known(word) || reading.knows(word) {
            return false;
        }
        if letters < 5 {
            let sorted = |word: &str| {
                let mut letters: Vec<char> = word.chars().collect();
                letters.sort_unstable();
                letters
            };
            let mut once: Vec<char> = word.chars().collect();
            once.dedup();
            return once.iter().collect::<String>() == name
                || (strsim::osa_distance(word, name) == 1 && sorted(word) == sorted(name));
        }
        strsim::osa_distance(word, name) <= allowed
    }
}

/// The parts of a name, and what a hyphen joins as one word.
fn parts(label: &str) -> Vec<String> {
    let folded = fold(label);
    let mut parts: Vec<String> = folded
        .split(' ')
        .filter(|part| part.chars().count() > 1)
        .map(str::to_owned)
        .collect();
    for word in label.split_whitespace() {
        let joined = fold(word).replace(' ', "");
        if joined.chars().count() > 1 && !parts.contains(&joined) {
            parts.push(joined);
        }
    }
    parts
}

/// "zof" for "Zofia".
fn begins(word: &str, name: &str) -> bool {
    word.chars().count() >= 3 && name.starts_with(word)
}

/// The words that name a child, with the initial of another part of the name beside one: "Sam B".
fn named_at(words: &[&str], parts: &[String], is: &Fits<'_>) -> Vec<usize> {
    let mut places: Vec<usize> = Vec::new();
    for at in 0..words.len() {
        if parts.iter().any(|part| is(words[at], part)) {
            places.push(at);
        } else if let Some(next) = words.get(at + 1) {
            // "O Brien".
            let joined = format!("{}{next}", words[at]);
            if words[at].len() < joined.len() && parts.contains(&joined) {
                places.extend([at, at + 1]);
            }
        }
    }
    if let Some(last) = places.last().copied()
        && let Some(initial) = words.get(last + 1)
        && initial.chars().count() == 1
    {
        let mut others = parts.iter().filter(|part| !is(words[last], part));
        if others.any(|part| part.starts_with(initial)) {
            places.push(last + 1);
        }
    }
    places
}

/// Those that are named by words that do not name another better.
fn best(places: &[Vec<usize>]) -> Vec<usize> {
    let within = |one: &[usize], other: &[usize]| {
        one.len() < other.len() && one.iter().all(|at| other.contains(at))
    };
    let named = places
        .iter()
        .enumerate()
        .filter(|(_, some)| !some.is_empty() && !places.iter().any(|other| within(some, other)));
    named.map(|(at, _)| at).collect()
}
