//! Children named in a text.

use std::collections::HashSet;

use crate::text::fold::{capitals, fold};
use crate::text::sheet::{Section, Sheet};

/// How names stand in this language's sentences.
#[derive(Debug, Default)]
pub struct Names {
    /// What may be added to a name: the `s` of "Sams", Polish cases.
    endings: Vec<String>,
    /// Last letters that a name gives up before an ending: the `a` of "Zofia", "Zofii".
    drops: Vec<String>,
    /// Names that are words too ("will", "may"): they count only when written as a name.
    also_words: HashSet<String>,
}

impl Names {
    pub(super) fn load(root: &Section<'_, '_>, sheet: &mut Sheet<'_>) -> Self {
        let Some(section) = root.section("names", sheet) else {
            return Self::default();
        };
        section.only(&["endings", "drops", "also-words"], sheet);
        let folded = |key: &str, sheet: &mut Sheet<'_>| -> Vec<String> {
            let words = section.words(key, sheet).into_iter();
            words.map(|(word, _)| fold(&word)).collect()
        };
        Self {
            endings: folded("endings", sheet),
            drops: folded("drops", sheet),
            also_words: folded("also-words", sheet).into_iter().collect(),
        }
    }

    pub(super) fn read<L: AsRef<str>>(&self, text: &str, labels: &[L]) -> Vec<usize> {
        let folded = fold(text);
        let words: Vec<&str> = folded.split(' ').collect();
        let capitals = capitals(text);
        let named = labels.iter().enumerate().filter(|(_, label)| {
            let label = fold(label.as_ref());
            let mut parts = label.split(' ').filter(|part| part.chars().count() > 1);
            parts.any(|part| {
                words.iter().any(|word| {
                    self.is(word, part)
                        && (!self.also_words.contains(part)
                            || words.len() == 1
                            || capitals.contains(*word))
                })
            })
        });
        named.map(|(at, _)| at).collect()
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
}
