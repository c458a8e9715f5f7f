//! One shape for words, whatever keyboard, mood or spelling they came from.
//!
//! Folding is only for matching: what a person wrote is kept, shown and sent on as they wrote it.

use std::collections::HashSet;

use rustc_hash::FxHashMap;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::{decompose_compatible, is_combining_mark};

/// Latin diacritics.
const FIRST_MARK: char = '\u{300}';
const LAST_MARK: char = '\u{36f}';

/// The text's words in small letters, without diacritics and apostrophes, one space apart; emoji
/// are words of their own, other marks are gone. `3.30` and `3/12` stay together.
pub fn fold(text: &str) -> String {
    folded(text, false)
}

/// As [`fold`], with ` . ` where a sentence ends, so that a pattern does not reach across.
pub fn fold_sentences(text: &str) -> String {
    folded(text, true)
}

/// A letter without its diacritic, in small letters; other characters as they are. For patterns,
/// which are folded like the texts they match but keep their own marks.
pub fn fold_letters(pattern: &str) -> String {
    let mut out = String::with_capacity(pattern.len());
    let mut escaped = false;
    for c in pattern.chars() {
        if escaped || c.is_ascii_punctuation() || c.is_ascii_whitespace() {
            if escaped || !is_apostrophe(c) {
                out.push(c);
            }
            escaped = c == '\\' && !escaped;
        } else {
            letters_of(c, &mut out);
        }
    }
    out
}

fn folded(text: &str, sentences: bool) -> String {
    // Most texts are plain ASCII, which is decomposed already; every word of every message and of
    // every example passes here several times.
    if is_folded(text) {
        return text.to_owned();
    }
    if text.is_ascii() {
        return folded_of(text.bytes().map(char::from), text.len(), sentences);
    }
    // Letters of European languages, each by itself: their marks come in order and are left out.
    if text.chars().all(|c| c < FIRST_MARK) {
        let mut plain = String::with_capacity(text.len());
        for c in text.chars() {
            decompose_compatible(c, |c| {
                if !(FIRST_MARK..=LAST_MARK).contains(&c) {
                    plain.push(c);
                }
            });
        }
        return folded_of(plain.chars(), plain.len(), sentences);
    }
    folded_of(text.nfkd(), text.len(), sentences)
}

/// Small letters only, one space apart, none three times in a row: as many people text.
fn is_folded(text: &str) -> bool {
    let (mut before, mut last) = (b' ', b' ');
    for byte in text.bytes() {
        let letter = byte.is_ascii_lowercase() && !(byte == last && byte == before);
        let single_space = byte == b' ' && last != b' ';
        if !letter && !single_space {
            return false;
        }
        (before, last) = (last, byte);
    }
    text.is_empty() || last != b' '
}

fn folded_of(chars: impl Iterator<Item = char>, length: usize, sentences: bool) -> String {
    let mut out = String::with_capacity(length + 2);
    let mut chars = chars.peekable();
    let mut run = Run::default();
    while let Some(c) = chars.next() {
        // Nearly all of a text is plain letters and spaces: what is rare is asked of the others.
        if c.is_ascii_alphabetic() {
            run.write(c, &mut out);
            continue;
        }
        if c == ' ' {
            run = Run::default();
            space(&mut out);
            continue;
        }
        if is_apostrophe(c) || is_invisible(c) {
            continue;
        }
        if let Some(digit) = digit(c) {
            out.push(digit);
            continue;
        }
        if !c.is_ascii() && is_combining_mark(c) {
            letters_of(c, &mut out);
            continue;
        }
        if c.is_alphabetic() {
            run.write(c, &mut out);
            continue;
        }
        run = Run::default();
        let in_number = out.ends_with(|last: char| last.is_ascii_digit())
            && chars.peek().is_some_and(|next| digit(*next).is_some());
        match c {
            '.' | ':' if in_number => out.push('.'),
            '/' if in_number => out.push('/'),
            '.' if chars.peek() == Some(&'.') => {
                // Dots in a row are a pause inside a sentence, as people text.
                while chars.peek() == Some(&'.') {
                    chars.next();
                }
                space(&mut out);
            }
            '.' | '!' | '?' | ';' | '\n' | '।' | '。' | '؟' if sentences => {
                space(&mut out);
                if !out.is_empty() && !out.ends_with(". ") {
                    out.push_str(". ");
                }
            }
            c if is_emoji(c) => {
                space(&mut out);
                out.push(c);
                out.push(' ');
            }
            _ => space(&mut out),
        }
    }
    let end = out.trim_end_matches([' ', '.']).len();
    out.truncate(end);
    out
}

/// How often the same letter came in a row.
#[derive(Default)]
struct Run {
    letter: char,
    times: usize,
}

impl Run {
    /// "pleeease" and "STOPPP" are said, not spelled: three of a letter are one.
    #[inline]
    fn write(&mut self, letter: char, out: &mut String) {
        self.times = if self.letter == letter {
            self.times + 1
        } else {
            1
        };
        self.letter = letter;
        match self.times {
            1 | 2 => letters_of(letter, out),
            3 => {
                out.pop();
            }
            _ => {}
        }
    }
}

fn space(out: &mut String) {
    if !out.is_empty() && !out.ends_with(' ') {
        out.push(' ');
    }
}

#[inline]
fn letters_of(c: char, out: &mut String) {
    if c.is_ascii() {
        out.push(c.to_ascii_lowercase());
    } else {
        other_letters_of(c, out);
    }
}

fn other_letters_of(c: char, out: &mut String) {
    for c in c.to_lowercase().flat_map(|c| std::iter::once(c).nfkd()) {
        match c {
            // Latin diacritics and Arabic vowel signs are left out as people leave them out; the
            // vowel signs of Indic scripts are letters and stay.
            FIRST_MARK..=LAST_MARK | '\u{64b}'..='\u{65f}' | '\u{670}' => {}
            'ł' => out.push('l'),
            'ø' => out.push('o'),
            'đ' | 'ð' => out.push('d'),
            'ı' => out.push('i'),
            'ß' => out.push_str("ss"),
            'æ' => out.push_str("ae"),
            'œ' => out.push_str("oe"),
            c => out.push(c),
        }
    }
}

/// ASCII for the digits of the scripts that parents' keyboards have.
fn digit(c: char) -> Option<char> {
    const ZEROS: [char; 6] = ['٠', '۰', '०', '০', '੦', '૦'];
    if c.is_ascii() {
        return c.is_ascii_digit().then_some(c);
    }
    ZEROS.iter().find_map(|zero| {
        let value = u32::from(c).checked_sub(u32::from(*zero))?;
        char::from_digit(value, 10)
    })
}

const fn is_apostrophe(c: char) -> bool {
    matches!(c, '\'' | '’' | '‘' | 'ʼ' | '`' | '´' | '′')
}

const fn is_invisible(c: char) -> bool {
    matches!(c, '\0' | '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}' | '\u{20e3}' | '\u{1f3fb}'..='\u{1f3ff}')
}

/// The folded words that are written with a capital where no sentence begins and not all in
/// capitals: there a capital means a name.
pub fn capitals(text: &str) -> HashSet<String> {
    let mut out = HashSet::new();
    let mut begins = true;
    for word in text.split_whitespace() {
        let bare = word.trim_matches(|c: char| !c.is_alphanumeric());
        let mut letters = bare.chars();
        let capital = letters.next().is_some_and(char::is_uppercase);
        if capital && !begins && letters.any(char::is_lowercase) {
            out.extend(fold(bare).split(' ').map(str::to_owned));
        }
        begins = word.ends_with(['.', '!', '?']);
    }
    out
}

/// Pictures that people send as a word.
pub const fn is_emoji(c: char) -> bool {
    matches!(c, '\u{2600}'..='\u{27bf}' | '\u{2b00}'..='\u{2bff}' | '\u{1f000}'..='\u{1faff}')
}

/// How people spell, and how the patterns of their language spell it: `u` → `you`.
#[derive(Debug, Default)]
pub struct Spelling(FxHashMap<String, String>);

impl Spelling {
    /// Builds from folded pairs.
    pub fn new(pairs: impl IntoIterator<Item = (String, String)>) -> Self {
        Self(pairs.into_iter().collect())
    }

    /// What a folded word is respelled to.
    pub fn of(&self, word: &str) -> Option<&str> {
        self.0.get(word).map(String::as_str)
    }

    /// A folded text with each word respelled.
    pub fn apply(&self, folded: &str) -> String {
        let mut out = String::with_capacity(folded.len() + 8);
        self.apply_into(&mut out, folded);
        out
    }

    /// As [`Self::apply`], behind what stands in `out` already.
    pub fn apply_into(&self, out: &mut String, folded: &str) {
        for word in folded.split_ascii_whitespace() {
            space(out);
            out.push_str(self.of(word).unwrap_or(word));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keyboards_moods_and_accents_are_folded_away() {
        for (text, words) in [
            ("  He’s  NOT\u{a0}sleeping!! ", "hes not sleeping"),
            ("Mój mąż bije syna. Boję się.", "moj maz bije syna boje sie"),
            ("STOPPPP", "stop"),
            ("pleeeease", "please"),
            ("call 1000", "call 1000"),
            ("at 3:30pm on 3/12.", "at 3.30pm on 3/12"),
            ("C-1042?", "c 1042"),
            ("1️⃣", "1"),
            ("٣", "3"),
            ("ok👍🏽", "ok 👍"),
            ("step-dad", "step dad"),
            ("a\0b", "ab"),
            ("...", ""),
            ("", ""),
            ("मुझे", "मुझे"),
        ] {
            assert_eq!(fold(text), words, "{text:?}");
        }
    }

    #[test]
    fn what_is_quick_reads_as_what_is_not() {
        // A mark from elsewhere behind the text sends it the long way, and is left out there.
        for text in [
            "Zażółć GĘŚLĄ jaźń!",
            "½ price. ´3.3´ ﬁ",
            "aąą ààà Ǖber ŉ ŀ ĳ ſo",
            "c’est déjà. Où?",
        ] {
            assert_eq!(
                fold_sentences(text),
                fold_sentences(&format!("{text}\u{301}")),
                "{text}"
            );
        }
    }

    #[test]
    fn sentences_end_and_pauses_do_not() {
        for (text, words) in [
            ("Help. He hit me!", "help . he hit me"),
            ("he... hit me", "he hit me"),
            ("one\n\n\ntwo", "one . two"),
            ("?!", ""),
        ] {
            assert_eq!(fold_sentences(text), words, "{text:?}");
        }
    }

    #[test]
    fn a_pattern_keeps_its_own_marks() {
        assert_eq!(fold_letters("Mąż (?:bije|BIŁ)\\W?"), "maz (?:bije|bil)\\W?");
        assert_eq!(fold_letters("don't"), "dont");
    }
}
