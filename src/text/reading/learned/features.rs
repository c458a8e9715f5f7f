//! What a message is weighed by: its words, their beginnings, what they are alike to, and pairs.
//!
//! Each is known by a number, so that learning and weighing compare no words.

use std::sync::Arc;

use rustc_hash::FxHashMap;

/// Beginnings of so many letters stand for words with other endings, and for slips in them.
const STEMS: [usize; 2] = [4, 5];
/// A beginning in `[alike]` has at least so many letters.
pub(super) const BEGINNING: usize = 3;
/// No more of a message is weighed than this many words: whoever writes more has said it by then.
const WORDS: usize = 120;

/// What the words of one language stand for, beside themselves.
#[derive(Debug, Default, Clone)]
pub(super) struct Meanings {
    /// Words that count as one another: `=day` for each day of the week.
    pub(super) same: FxHashMap<String, String>,
    /// Words that have something in common: `~ill` for "poorly" and "fever".
    pub(super) alike: FxHashMap<String, Vec<String>>,
    /// The same, for all words that begin so.
    pub(super) beginnings: FxHashMap<String, Vec<String>>,
}

impl Meanings {
    /// What a word has in common with others. The longest beginning that is known speaks.
    fn of(&self, word: &str) -> &[String] {
        if let Some(alike) = self.alike.get(word) {
            return alike;
        }
        let ends = word.char_indices().map(|(at, c)| at + c.len_utf8());
        let mut ends: Vec<usize> = ends.skip(BEGINNING - 1).collect();
        ends.reverse();
        let known = ends
            .into_iter()
            .find_map(|end| self.beginnings.get(word.get(..end)?));
        known.map_or(&[], Vec::as_slice)
    }
}

/// What a word is known by.
#[derive(Debug, Clone, Copy)]
pub(super) enum Form<'w> {
    /// A word, what it is alike to, or a length.
    Whole(&'w str),
    /// How words begin.
    Beginning(&'w str),
}

/// Every form that was seen, each with a number.
#[derive(Debug, Default)]
pub(super) struct Forms {
    whole: FxHashMap<Arc<str>, u32>,
    beginnings: FxHashMap<Arc<str>, u32>,
    /// Each by its number, to say why, and what follows it then.
    names: Vec<(Arc<str>, &'static str)>,
}

impl Forms {
    pub(super) fn add(&mut self, form: Form<'_>) -> u32 {
        if let Some(known) = self.find(form) {
            return known;
        }
        let next = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        let (forms, form, rest) = match form {
            Form::Whole(form) => (&mut self.whole, form, ""),
            Form::Beginning(form) => (&mut self.beginnings, form, "*"),
        };
        let form: Arc<str> = Arc::from(form);
        forms.insert(Arc::clone(&form), next);
        self.names.push((form, rest));
        next
    }

    pub(super) fn find(&self, form: Form<'_>) -> Option<u32> {
        let known = match form {
            Form::Whole(form) => self.whole.get(form),
            Form::Beginning(form) => self.beginnings.get(form),
        };
        known.copied()
    }

    /// A form as people read it: `begin*`.
    pub(super) fn name(&self, number: u32) -> String {
        let name = self.names.get(number as usize);
        name.map_or_else(String::new, |(form, rest)| format!("{form}{rest}"))
    }
}

/// The forms of a word that the examples have.
#[derive(Debug, Default)]
pub(super) struct Word {
    itself: Option<u32>,
    stems: [Option<u32>; 2],
    alike: Vec<u32>,
}

impl Word {
    pub(super) fn of(
        word: &str,
        meanings: &Meanings,
        mut form: impl FnMut(Form<'_>) -> Option<u32>,
    ) -> Self {
        let mut found = Self {
            itself: form(Form::Whole(word)),
            ..Self::default()
        };
        if word.starts_with('=') {
            return found;
        }
        for (length, stem) in STEMS.into_iter().zip(&mut found.stems) {
            let end = word.char_indices().nth(length).map(|(end, _)| end);
            if let Some(start) = end.and_then(|end| word.get(..end)) {
                *stem = form(Form::Beginning(start));
            }
        }
        let alike = meanings.of(word).iter();
        found.alike = alike.filter_map(|alike| form(Form::Whole(alike))).collect();
        found
    }
}

/// One thing that a message is weighed by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Feature {
    One(u32),
    First(u32),
    Pair(u32, u32),
    /// A word stands between.
    Apart(u32, u32),
}

/// Where each feature stands among all.
#[derive(Debug, Default)]
pub(super) struct Places {
    /// Of forms alone, by the form's number: the place and one more, because 0 is none.
    one: Vec<u32>,
    first: Vec<u32>,
    /// Of two forms, by both numbers; and a bit for those that stand apart.
    pairs: FxHashMap<u64, u32>,
    all: u32,
}

impl Places {
    const APART: u64 = 1 << 63;

    /// Room for so many pairs.
    pub(super) fn reserve(&mut self, pairs: usize) {
        self.pairs.reserve(pairs);
    }

    /// Gives back the room that nothing came to.
    pub(super) fn shrink(&mut self) {
        self.pairs.shrink_to_fit();
    }

    pub(super) fn len(&self) -> usize {
        self.all as usize
    }

    const fn pair(a: u32, b: u32) -> u64 {
        ((a as u64) << 31) | b as u64
    }

    pub(super) fn add(&mut self, feature: Feature) -> u32 {
        let next = self.all;
        let (forms, form) = match feature {
            Feature::One(form) => (&mut self.one, form as usize),
            Feature::First(form) => (&mut self.first, form as usize),
            Feature::Pair(a, b) | Feature::Apart(a, b) => {
                let apart = u64::from(matches!(feature, Feature::Apart(..))) * Self::APART;
                let place = *self.pairs.entry(Self::pair(a, b) | apart).or_insert(next);
                self.all += u32::from(place == next);
                return place;
            }
        };
        if forms.len() <= form {
            forms.resize(form + 1, 0);
        }
        if forms[form] == 0 {
            self.all += 1;
            forms[form] = self.all;
        }
        forms[form] - 1
    }

    pub(super) fn find(&self, feature: Feature) -> Option<u32> {
        let (forms, form) = match feature {
            Feature::One(form) => (&self.one, form),
            Feature::First(form) => (&self.first, form),
            Feature::Pair(a, b) => return self.pairs.get(&Self::pair(a, b)).copied(),
            Feature::Apart(a, b) => {
                return self.pairs.get(&(Self::pair(a, b) | Self::APART)).copied();
            }
        };
        forms.get(form as usize)?.checked_sub(1)
    }
}

/// Everything a message is weighed by.
pub(super) fn features(words: &[&Word], length: Option<u32>, mut each: impl FnMut(Feature)) {
    for (at, word) in words.iter().enumerate() {
        let stems = word.stems.iter().copied().flatten();
        for one in word.itself.into_iter().chain(stems) {
            each(Feature::One(one));
        }
        word.alike.iter().for_each(|one| each(Feature::One(*one)));
        if let Some(first) = word.itself.filter(|_| at == 0) {
            each(Feature::First(first));
        }
        if let Some(next) = words.get(at + 1) {
            if let (Some(a), Some(b)) = (word.itself, next.itself) {
                each(Feature::Pair(a, b));
            }
            for a in &word.alike {
                next.meanings().for_each(|b| each(Feature::Pair(*a, b)));
            }
            if let (Some(a), true) = (word.itself, word.alike.is_empty()) {
                next.alike.iter().for_each(|b| each(Feature::Pair(a, *b)));
            }
        }
        if let Some(next) = words.get(at + 2)
            && let (Some(a), Some(b)) = (word.itself, next.itself)
        {
            each(Feature::Apart(a, b));
        }
    }
    length.into_iter().for_each(|one| each(Feature::One(one)));
}

impl Word {
    /// What it is alike to, or else the word itself.
    fn meanings(&self) -> impl Iterator<Item = u32> + '_ {
        let itself = self.itself.filter(|_| self.alike.is_empty());
        self.alike.iter().copied().chain(itself)
    }
}

pub(super) const fn length(words: usize) -> &'static str {
    match words {
        0..=3 => "#1",
        4 => "#2",
        5..=7 => "#3",
        8..=14 => "#4",
        _ => "#5",
    }
}

/// The words to weigh: those that count as one another are one.
pub(super) fn split<'w>(
    same: &'w FxHashMap<String, String>,
    sentences: &'w str,
) -> impl Iterator<Item = &'w str> {
    let number = |word: &str| {
        word.bytes()
            .all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'/'))
    };
    let words = sentences
        .split_ascii_whitespace()
        .filter(|word| !matches!(*word, "." | "«" | "»"));
    words.take(WORDS).map(move |word| match same.get(word) {
        Some(same) => same.as_str(),
        None if number(word) && word.len() == 1 => "=digit",
        None if number(word) => "=number",
        None => word,
    })
}
