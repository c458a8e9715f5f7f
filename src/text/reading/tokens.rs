//! A text as days and times are read in it: numbers apart from words, and what stood between.
//!
//! Folding alone would lose it: "3-12" and "3 12", "3rd" and "3 rd" mean different things.

use std::ops::Range;

use crate::text::fold::fold;
use crate::text::patterns::Vocabulary;

/// Nobody tells a day or a time in more words than this; the rest is not looked at.
const MOST: usize = 80;

/// What stood before a token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Between {
    /// Nothing: the "rd" of "3rd".
    Nothing,
    /// A space, and nothing that means more.
    Space,
    Dot,
    Colon,
    Slash,
    Dash,
    /// A comma, the end of a sentence, a picture.
    Break,
}

/// A word or a number.
#[derive(Debug, Clone)]
pub(super) struct Token {
    /// Folded and respelled.
    pub(super) word: String,
    /// The value of at most four digits.
    pub(super) number: Option<u16>,
    pub(super) before: Between,
    /// Where it stands in the text.
    pub(super) span: Range<usize>,
}

impl Token {
    /// How many digits it was written with.
    pub(super) const fn digits(&self) -> usize {
        match self.number {
            Some(_) => self.word.len(),
            None => 0,
        }
    }
}

/// The tokens of a text.
pub(super) fn tokens(text: &str, vocabulary: &Vocabulary) -> Vec<Token> {
    let mut out = Vec::new();
    let mut end = 0;
    for run in runs(text) {
        if out.len() >= MOST {
            break;
        }
        let before = between(&text[end..run.start]);
        end = run.end;
        let folded = fold(&text[run.clone()]);
        let respelled = folded
            .split(' ')
            .map(|word| vocabulary.respelled(word))
            .collect::<Vec<_>>()
            .join(" ");
        for (at, word) in respelled.split(' ').enumerate() {
            let before = if at == 0 { before } else { Between::Space };
            push(word, before, &run, &mut out);
        }
    }
    out
}

/// A word, or the numbers and letters of "3rd" and "20mins".
fn push(word: &str, mut before: Between, span: &Range<usize>, out: &mut Vec<Token>) {
    let mut rest = word;
    while let Some(first) = rest.chars().next() {
        let digits = first.is_ascii_digit();
        let end = rest.find(|c: char| c.is_ascii_digit() != digits);
        let (piece, left) = rest.split_at(end.unwrap_or(rest.len()));
        let number = (digits && piece.len() <= 4).then(|| piece.parse().ok());
        out.push(Token {
            word: piece.to_owned(),
            number: number.flatten(),
            before,
            span: span.clone(),
        });
        before = Between::Nothing;
        rest = left;
    }
}

/// Where letters and digits stand together; an apostrophe belongs to its word.
fn runs(text: &str) -> impl Iterator<Item = Range<usize>> {
    let mut chars = text.char_indices().peekable();
    std::iter::from_fn(move || {
        let start = loop {
            let (at, c) = chars.next()?;
            if belongs(c) {
                break at;
            }
        };
        let mut end = text.len();
        while let Some((at, c)) = chars.peek().copied() {
            if !belongs(c) && !"'’‘`´".contains(c) {
                end = at;
                break;
            }
            chars.next();
        }
        Some(start..end)
    })
}

fn belongs(c: char) -> bool {
    c.is_alphanumeric() || unicode_normalization::char::is_combining_mark(c)
}

fn between(gap: &str) -> Between {
    match gap.trim() {
        "" if gap.is_empty() => Between::Nothing,
        "" | "@" => Between::Space,
        "." if gap == "." => Between::Dot,
        ":" if gap == ":" => Between::Colon,
        "/" => Between::Slash,
        "-" | "–" | "—" => Between::Dash,
        _ => Between::Break,
    }
}

/// Phrases that mean the same, as words; the longest first.
#[derive(Debug, Default)]
pub(super) struct Phrases(Vec<Vec<String>>);

impl Phrases {
    /// From folded and respelled phrases.
    pub(super) fn new(phrases: impl IntoIterator<Item = String>) -> Self {
        let split = |phrase: String| {
            let mut tokens = Vec::new();
            for word in phrase.split(' ') {
                push(word, Between::Space, &(0..0), &mut tokens);
            }
            tokens.into_iter().map(|token| token.word).collect()
        };
        let mut all: Vec<Vec<String>> = phrases.into_iter().map(split).collect();
        // A mark by itself has no words, and would be found everywhere.
        all.retain(|words| !words.is_empty());
        all.sort_by_key(|words| std::cmp::Reverse(words.len()));
        Self(all)
    }

    /// How many tokens the longest phrase takes that begins here.
    pub(super) fn at(&self, tokens: &[Token], at: usize) -> Option<usize> {
        let rest = tokens.get(at..)?;
        let begins = |words: &&Vec<String>| {
            words.len() <= rest.len() && words.iter().zip(rest).all(|(word, t)| *word == t.word)
        };
        self.0.iter().find(begins).map(Vec::len)
    }

    /// Where the phrase begins that ends just before a place.
    pub(super) fn before(&self, tokens: &[Token], end: usize) -> Option<usize> {
        let ends = |words: &Vec<String>| {
            let from = end.checked_sub(words.len())?;
            let same = words.iter().zip(&tokens[from..]);
            same.into_iter()
                .all(|(word, t)| *word == t.word)
                .then_some(from)
        };
        self.0.iter().find_map(ends)
    }

    /// Whether a word is one of the phrases but for a slip of the thumb. Short words are not
    /// tried: a slip makes another word of them.
    pub(super) fn nearly(&self, word: &str) -> bool {
        let letters = word.chars().count();
        let close = |known: &str| {
            let allowed = match known.chars().count().min(letters) {
                0..=5 => return false,
                6 | 7 => 1,
                _ => 2,
            };
            strsim::osa_distance(known, word) <= allowed
        };
        // Nothing that is so long is a slip of a word that we know.
        letters < 16
            && self
                .0
                .iter()
                .any(|words| matches!(words.as_slice(), [one] if close(one)))
    }

    /// The first phrase, which stands for all of them.
    pub(super) fn first(&self) -> Option<&str> {
        self.0.first()?.first().map(String::as_str)
    }
}

/// Phrases in rows: the days of the week, the numbers.
#[derive(Debug, Default)]
pub(super) struct Rows(Vec<Phrases>);

impl Rows {
    pub(super) fn new(rows: impl IntoIterator<Item = Vec<String>>) -> Self {
        Self(rows.into_iter().map(Phrases::new).collect())
    }

    /// The row, counted from 0, and the tokens of the longest phrase that begins here.
    pub(super) fn at(&self, tokens: &[Token], at: usize) -> Option<(usize, usize)> {
        let rows = self.0.iter().enumerate();
        rows.filter_map(|(row, phrases)| Some((row, phrases.at(tokens, at)?)))
            .max_by_key(|(row, len)| (*len, std::cmp::Reverse(*row)))
    }

    /// As [`Self::at`], and with a slip of the thumb in a long word.
    pub(super) fn nearly_at(&self, tokens: &[Token], at: usize) -> Option<(usize, usize)> {
        self.at(tokens, at).or_else(|| {
            let word = &tokens.get(at)?.word;
            let mut near = (0..self.0.len()).filter(|row| self.0[*row].nearly(word));
            match (near.next(), near.next()) {
                (Some(row), None) => Some((row, 1)),
                _ => None,
            }
        })
    }

    /// The row that a single word stands for.
    pub(super) fn of(&self, word: &str) -> Option<(usize, &str)> {
        let token = Token {
            word: word.to_owned(),
            number: None,
            before: Between::Space,
            span: 0..0,
        };
        let (row, _) = self.at(std::slice::from_ref(&token), 0)?;
        Some((row, self.0[row].first()?))
    }
}
