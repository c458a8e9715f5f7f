//! Taking other people out of words that go to somebody else.
//!
//! It knows the names in the school's records and how numbers and email addresses look. A nickname, a
//! name that is spelt another way or "his cousin at number 12" it does not know: a person reads what
//! goes out, and the page of what was left out says so.

use std::collections::HashSet;
use std::sync::LazyLock;

use regex::{Captures, Regex};

use crate::school::people::People;
use crate::text::fold::fold;

/// Stands for somebody who was taken out.
pub const SOMEBODY: &str = "[somebody else]";

/// Names that are words too: taken out only where they are written like names.
const WORDS_TOO: &[&str] = &[
    "amber",
    "april",
    "art",
    "august",
    "autumn",
    "bill",
    "chase",
    "christian",
    "dawn",
    "dean",
    "drew",
    "eve",
    "faith",
    "frank",
    "gene",
    "grace",
    "grant",
    "guy",
    "harmony",
    "hope",
    "ivy",
    "jack",
    "jade",
    "jean",
    "joy",
    "june",
    "lily",
    "mark",
    "max",
    "may",
    "miles",
    "nick",
    "olive",
    "pat",
    "patience",
    "paul",
    "pearl",
    "penny",
    "ray",
    "rich",
    "rob",
    "robin",
    "rose",
    "ruby",
    "skip",
    "sky",
    "sue",
    "summer",
    "sunny",
    "violet",
    "will",
    "young",
    "white",
    "brown",
    "green",
    "black",
    "gray",
    "king",
    "cook",
    "baker",
    "hill",
    "wood",
    "bush",
    "bird",
    "fox",
    "day",
    "long",
    "short",
    "good",
    "best",
    "rice",
    "price",
    "park",
    "read",
    "page",
    "wise",
    "love",
    "loud",
    "mason",
    "carter",
    "walker",
];

/// How people are addressed: no name.
const TITLES: &[&str] = &["mr", "mrs", "ms", "miss", "mx", "dr", "sir", "the"];

static WORD: LazyLock<Option<Regex>> = LazyLock::new(|| Regex::new(r"[\p{L}\p{M}]+").ok());
static ADDRESS: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"[^\s@<>,;]+@[^\s@<>,;]+|\+?\d(?:[\s().-]?\d){8,14}").ok());
static AGAIN: LazyLock<Option<Regex>> =
    LazyLock::new(|| Regex::new(r"\[somebody else\](?:[\s'’-]+\[somebody else\])+").ok());

/// Whose names and addresses are taken out.
#[derive(Debug, Default)]
pub struct Redaction {
    names: HashSet<String>,
    kept: HashSet<String>,
}

impl Redaction {
    /// Takes out every pupil and adult of the school but those whose keys are named. Staff stay: what
    /// they do at school is no secret of theirs (Data Protection Act 2018, schedule 2, paragraph 17).
    pub fn of(people: &People, stay: &[&str]) -> Self {
        let mut redaction = Self::default();
        for pupil in &people.pupils {
            let names = [&pupil.first_name, &pupil.last_name];
            let stays = stay.contains(&pupil.key.as_str());
            names.iter().for_each(|name| redaction.name(name, stays));
        }
        for adult in &people.adults {
            let stays = stay.contains(&adult.key.as_str());
            redaction.name(&adult.name, stays);
            if stays {
                redaction
                    .kept
                    .extend(adult.phones.iter().map(|p| digits(p.e164())));
                redaction.kept.extend(adult.email.iter().map(|e| fold(e)));
            }
        }
        for staff in &people.staff {
            redaction.name(&staff.name, true);
        }
        redaction
    }

    fn name(&mut self, name: &str, stays: bool) {
        let parts = name.split(|c: char| !c.is_alphabetic()).map(fold);
        let parts = parts.filter(|p| p.chars().count() > 1 && !TITLES.contains(&p.as_str()));
        if stays {
            self.kept.extend(parts);
        } else {
            self.names.extend(parts);
        }
    }

    /// The words without the others; and whether anybody was in them.
    pub fn apply(&self, words: &str) -> (String, bool) {
        let Some(((word, address), again)) =
            WORD.as_ref().zip(ADDRESS.as_ref()).zip(AGAIN.as_ref())
        else {
            // Rather nothing than somebody.
            return (SOMEBODY.to_owned(), true);
        };
        let addressed = address.replace_all(words, |found: &Captures<'_>| {
            let written = &found[0];
            let stays = self.kept.contains(&fold(written)) || self.kept.contains(&digits(written));
            if stays {
                written.to_owned()
            } else {
                SOMEBODY.to_owned()
            }
        });
        // What was just put in is none of their words.
        let named: Vec<String> = addressed
            .split(SOMEBODY)
            .map(|part| {
                let named = word.replace_all(part, |found: &Captures<'_>| {
                    if self.is_named(&found[0]) {
                        SOMEBODY.to_owned()
                    } else {
                        found[0].to_owned()
                    }
                });
                named.into_owned()
            })
            .collect();
        let named = named.join(SOMEBODY);
        let changed = named != words;
        (again.replace_all(&named, SOMEBODY).into_owned(), changed)
    }

    fn is_named(&self, word: &str) -> bool {
        let folded = fold(word);
        // "Kais" of "Kai's", as it is typed on a phone.
        let bare = folded.strip_suffix('s').filter(|b| b.chars().count() > 2);
        let known = |name: &str| self.names.contains(name) && !self.kept.contains(name);
        let written_as_name = word.chars().next().is_some_and(char::is_uppercase);
        let counts = |name: &str| known(name) && (written_as_name || !WORDS_TOO.contains(&name));
        counts(&folded) || (!self.kept.contains(&folded) && bare.is_some_and(counts))
    }
}

/// The digits of a number, without the country's: `07700…` and `+447700…` are one.
fn digits(number: &str) -> String {
    let all: String = number.chars().filter(char::is_ascii_digit).collect();
    let national = all.strip_prefix("44").unwrap_or(&all);
    national.trim_start_matches('0').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::Config;

    fn redacted(words: &str) -> String {
        let config = Config::demo().unwrap();
        let people = &config.schools[0].people;
        Redaction::of(people, &["sam", "amina-yusuf"])
            .apply(words)
            .0
    }

    #[test]
    fn others_are_taken_out_however_they_are_written() {
        let table = [
            ("Sam and Kai fight", "Sam and [somebody else] fight"),
            ("sam and KAI's dad", "sam and [somebody else]'s dad"),
            (
                "kais mum, Joy Campbell",
                "[somebody else] mum, [somebody else]",
            ),
            ("what a joy for Sam", "what a joy for Sam"),
            (
                "ring 07700 900105 or joy@home.example",
                "ring [somebody else] or [somebody else]",
            ),
            ("ring me on 07700 900101", "ring me on 07700 900101"),
            (
                "Mrs Cole will ring by 15:30 on 2026-12-01",
                "Mrs Cole will ring by 15:30 on 2026-12-01",
            ),
            ("", ""),
        ];
        for (words, expected) in table {
            assert_eq!(redacted(words), expected, "{words}");
        }
    }
}
