//! Words about risk as hurried thumbs spell them, and names of staff likewise.
//!
//! It corrects towards a list that the language gives, never towards a dictionary, and it leaves
//! alone every word that the language knows.

use crate::text::fold::fold;
use crate::text::sheet::{Section, Sheet};

/// Shorter words have too many innocent neighbours: "tied" is one letter from "tired".
const SHORTEST: usize = 6;

/// How one word differs from another by a single slip.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Slip {
    /// A letter left out or put in beside the same letter: "slaped".
    Doubling,
    /// A letter left out or put in: "sexualy" is a doubling, "assulted" is this.
    Length,
    /// Two neighbours changed places: "brusies".
    Places,
    /// One letter for another: "adeyeme".
    Letter,
}

/// The single slip that makes one word of the other; `None` when they are equal or further apart.
pub(super) fn slip(one: &str, other: &str) -> Option<Slip> {
    let (short, long) = if one.chars().count() <= other.chars().count() {
        (one, other)
    } else {
        (other, one)
    };
    let (short, long): (Vec<char>, Vec<char>) = (short.chars().collect(), long.chars().collect());
    let same = short.iter().zip(&long).take_while(|(a, b)| a == b).count();
    let (rest, more) = (&short[same..], &long[same..]);
    match long.len() - short.len() {
        1 if rest == &more[1..] => {
            let beside = same > 0 && long[same - 1] == long[same];
            Some(if beside { Slip::Doubling } else { Slip::Length })
        }
        0 if rest.len() > 1
            && rest[2..] == more[2..]
            && rest[0] == more[1]
            && rest[1] == more[0] =>
        {
            Some(Slip::Places)
        }
        0 if !rest.is_empty() && rest[1..] == more[1..] => Some(Slip::Letter),
        _ => None,
    }
}

/// The words about risk of one language that are worth a correction.
#[derive(Debug, Default)]
pub(super) struct RiskWords(Vec<String>);

impl RiskWords {
    /// Reads `spelling`: words, any number to a line.
    pub(super) fn load(section: &Section<'_, '_>, sheet: &mut Sheet<'_>) -> Self {
        let mut words = Vec::new();
        for (line, span) in section.words("spelling", sheet) {
            for word in line.split_whitespace().map(fold) {
                if word.chars().count() < SHORTEST {
                    sheet.error(
                        span.clone(),
                        format!("`{word}` is too short to be told from its neighbours"),
                        "give its misspellings under [respell]",
                    );
                } else {
                    words.push(word);
                }
            }
        }
        Self(words)
    }

    /// What a word was most likely meant to be. `ended` says that it is a known word with a known
    /// ending, so that only a doubled letter is taken for a slip: "hiting", but not "tapped" for
    /// "trapped". One letter for another is never corrected: "attached" is not "attacked".
    pub(super) fn meant(&self, word: &str, ended: bool) -> Option<&str> {
        if word.len() + 1 < SHORTEST {
            return None;
        }
        let near = self.0.iter().find(|risk| {
            risk.chars().next() == word.chars().next()
                && match slip(word, risk) {
                    Some(Slip::Doubling) => true,
                    Some(Slip::Length | Slip::Places) => !ended && word.len() >= SHORTEST,
                    Some(Slip::Letter) | None => false,
                }
        });
        near.map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_single_slip_is_told_from_two() {
        for (one, other, expected) in [
            ("slaped", "slapped", Some(Slip::Doubling)),
            ("sexualy", "sexually", Some(Slip::Doubling)),
            ("sombody", "somebody", Some(Slip::Length)),
            ("brusies", "bruises", Some(Slip::Places)),
            ("adeyeme", "adeyemi", Some(Slip::Letter)),
            ("bruise", "bruise", None),
            ("brushes", "bruises", None),
            ("", "a", Some(Slip::Length)),
            ("", "", None),
            ("ab", "", None),
        ] {
            assert_eq!(slip(one, other), expected, "{one} {other}");
            assert_eq!(slip(other, one), expected, "{other} {one}");
        }
    }
}
