//! Which words a language of the screen knows, and whether a text is in any of them.

use rustc_hash::{FxHashMap, FxHashSet};

use super::language::Language;
use crate::text::fold::fold;
use crate::text::patterns::{Pattern, Vocabulary};
use crate::text::sheet::{Section, Sheet};

/// The common words of one language.
#[derive(Debug)]
pub(super) struct Known {
    words: FxHashSet<String>,
    /// Words that many people of another language write, and nobody of this one.
    foreign: FxHashSet<String>,
    /// Beginnings that stand for all their endings, for languages with many cases: `szkol*`.
    stems: FxHashSet<String>,
    /// What may be added to a known word: "ed", "ing"; by their last byte, because a word has one.
    endings: FxHashMap<u8, Vec<String>>,
    /// Names of languages: whoever answers with one is understood, in whatever script.
    languages: FxHashSet<String>,
    /// The language in whatlang's ISO 639-3.
    whatlang: Option<String>,
}

impl Known {
    pub(super) fn load(
        root: &Section<'_, '_>,
        section: &Section<'_, '_>,
        vocabulary: &Vocabulary,
        patterns: &[&Pattern],
        sheet: &mut Sheet<'_>,
    ) -> Self {
        let mut words = vocabulary.literals(patterns.iter().copied());
        let mut stems = FxHashSet::default();
        for (line, _) in section.words("known", sheet) {
            for word in line.split_whitespace() {
                match word.strip_suffix('*') {
                    Some(stem) => stems.insert(fold(stem)),
                    None => words.insert(fold(word)),
                };
            }
        }
        let foreign = section.words("foreign", sheet).into_iter();
        let foreign = foreign.flat_map(|(line, _)| {
            let words = line.split_whitespace().map(fold);
            words.collect::<Vec<_>>()
        });
        let foreign = foreign.collect();
        let mut languages = FxHashSet::default();
        if let Some(table) = root.section("languages", sheet) {
            for tag in table.keys() {
                let names = table.words(&tag, sheet).into_iter();
                languages.extend(names.map(|(name, _)| fold(&name)));
            }
        }
        let mut endings: FxHashMap<u8, Vec<String>> = FxHashMap::default();
        for (ending, _) in section.words("known-endings", sheet) {
            let ending = fold(&ending);
            if let Some(last) = ending.as_bytes().last() {
                endings.entry(*last).or_default().push(ending);
            }
        }
        Self {
            languages,
            words,
            foreign,
            stems,
            endings,
            whatlang: section.text("whatlang", sheet).map(|(code, _)| code),
        }
    }

    /// Whether a folded word stands in the language's lists as it is, without an ending.
    pub(super) fn lists(&self, word: &str) -> bool {
        self.words.contains(word)
    }

    /// Whether a folded word is one of this language's.
    pub(super) fn has(&self, word: &str) -> bool {
        let stemmed = || {
            let cuts = word.char_indices().map(|(at, _)| at);
            cuts.skip(2).any(|at| self.stems.contains(&word[..at])) || self.stems.contains(word)
        };
        let ended = || {
            let last = word.as_bytes().last();
            let endings = last.and_then(|last| self.endings.get(last));
            endings.into_iter().flatten().any(|ending| {
                let stem = word.strip_suffix(ending.as_str());
                stem.is_some_and(|stem| stem.len() > 2 && self.words.contains(stem))
            })
        };
        self.words.contains(word) || ended() || stemmed()
    }
}

/// So few words can be a name, a place or a slip of the thumb; nothing is concluded from them.
const TOO_FEW: usize = 2;
/// A shorter word that only stands in examples may be anybody's name, or a word of any language.
const TELLING: usize = 4;
/// What whatlang is sure of although the text is in a language it does not know: it takes Somali for
/// Tagalog, Yoruba for Vietnamese, Tigrinya for Amharic.
const LOOKALIKES: [&str; 3] = ["tgl", "vie", "amh"];
/// Of ten words, so many known ones make a text readable without a second opinion.
const READABLE: usize = 6;
/// With fewer of ten it is unreadable, whatever it looks like.
const UNREADABLE: usize = 3;
/// A stretch of a readable text in which no word is known: a sentence in another language.
const STRETCH: usize = 5;

/// Whether none of the languages can read the text.
pub(super) fn unread<'l>(
    text: &str,
    languages: impl Iterator<Item = &'l Language> + Clone,
) -> bool {
    let folded = fold(text);
    if languages
        .clone()
        .any(|language| language.known.languages.contains(&folded))
    {
        return false;
    }
    let words: Vec<&str> = folded
        .split(' ')
        .filter(|word| word.chars().all(char::is_alphabetic) && word.chars().count() > 1)
        .collect();
    if folded
        .split(' ')
        .filter(|word| foreign_script(word))
        .count()
        * 4
        > words.len()
    {
        return true;
    }
    let foreign = words.iter().any(|word| {
        let mut any = languages.clone();
        any.any(|language| language.known.foreign.contains(*word))
    });
    if foreign {
        return true;
    }
    if words.len() <= TOO_FEW {
        return false;
    }
    let known = |word: &str, language: &Language| {
        let respelled = language.vocabulary.respelled(word);
        let seen = || word.chars().count() >= TELLING && language.taught.words.contains(word);
        respelled != word || language.known.has(respelled) || seen()
    };
    let best = languages
        .clone()
        .map(|language| words.iter().filter(|word| known(word, language)).count())
        .max()
        .unwrap_or(0);
    let lost = words.windows(STRETCH).any(|stretch| {
        let mut anyone = languages.clone();
        !anyone.any(|language| stretch.iter().any(|word| known(word, language)))
    });
    if lost || best * 10 < words.len() * UNREADABLE {
        return true;
    }
    if best * 10 >= words.len() * READABLE {
        return false;
    }
    // Between the two, a second opinion: a language that whatlang is sure of and we do not have.
    whatlang::detect(text).is_some_and(|info| {
        let ours = languages
            .clone()
            .any(|language| language.known.whatlang.as_deref() == Some(info.lang().code()));
        info.is_reliable() && !ours
    })
}

/// The language of a text that none of ours can read, as ISO 639-3, where that is beyond doubt and
/// somebody has named it in `[languages]`: an interpreter is offered in it, so a guess will not do.
pub(super) fn guessed<'l>(
    text: &str,
    mut languages: impl Iterator<Item = &'l Known> + Clone,
) -> Option<String> {
    let info = whatlang::detect(text).filter(whatlang::Info::is_reliable)?;
    let code = info.lang().code();
    // Latin letters alone tell little: Somali and Hausa have no others.
    let telling = |c: char| c.is_alphabetic() && !c.is_ascii();
    if LOOKALIKES.contains(&code) || !text.chars().any(telling) {
        return None;
    }
    let ours = |known: &Known| known.whatlang.as_deref() == Some(code);
    let name = fold(info.lang().eng_name());
    let named = |known: &Known| known.languages.contains(&name);
    (!languages.clone().any(ours) && languages.any(named)).then(|| code.to_owned())
}

/// A word in letters other than Latin ones. Every screen so far is of a Latin script.
fn foreign_script(word: &str) -> bool {
    word.chars()
        .any(|c| c.is_alphabetic() && c > '\u{24f}' && !('\u{1e00}'..='\u{1eff}').contains(&c))
}
