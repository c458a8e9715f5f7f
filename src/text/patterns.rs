//! Patterns that people write in a language's `reading.toml`, made ready to match.
//!
//! A pattern is a regular expression over folded, respelled words one space apart. `<name>` in it
//! stands for any of the words of that name. It matches whole words only. Nothing here knows what
//! a pattern means.

use std::collections::BTreeMap;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder};
use rustc_hash::FxHashSet;

use super::fold::{Spelling, fold, fold_letters, fold_sentences};
use super::outline::{List, Lists, Outline, Piece};
use super::sheet::{Section, Sheet};
use crate::fault::did_you_mean;

/// Room for one pattern; who writes a larger one is told so by `check`.
const SIZE_LIMIT: usize = 64 << 20;
/// A pattern with its words written out is no longer than this many bytes.
const LONGEST: usize = 1 << 20;
/// A message without words, which no pattern should match.
const NOTHING: &[u8] = b"  ";

/// A pattern with its place in the file.
#[derive(Debug, Clone)]
pub struct Pattern {
    source: String,
    span: Range<usize>,
}

/// The words of one language that its patterns share: `[respell]` and `[words]`.
#[derive(Debug, Default)]
pub struct Vocabulary {
    spelling: Spelling,
    words: BTreeMap<String, Vec<Pattern>>,
    /// Each list of `[words]` as it stands in an expression.
    expanded: BTreeMap<String, String>,
    /// Each list as far as it can be seen without compiling it.
    lists: Lists,
}

impl Vocabulary {
    /// Reads `[respell]` and `[words]`.
    pub fn load(root: &Section<'_, '_>, sheet: &mut Sheet<'_>) -> Self {
        let mut vocabulary = Self::default();
        if let Some(section) = root.section("respell", sheet) {
            let pairs = section.texts(sheet);
            let folded = pairs
                .into_iter()
                .map(|(key, to, _)| (fold(&key), fold(&to)));
            vocabulary.spelling = Spelling::new(folded);
        }
        if let Some(section) = root.section("words", sheet) {
            for name in section.keys() {
                let patterns = patterns(section.words(&name, sheet));
                vocabulary.words.insert(name, patterns);
            }
            for name in vocabulary.words.keys() {
                for pattern in &vocabulary.words[name] {
                    if let Err(fault) = vocabulary.expand(pattern, 0) {
                        sheet.error(pattern.span.clone(), fault.0, fault.1);
                    }
                }
            }
            let names: Vec<String> = vocabulary.words.keys().cloned().collect();
            for name in &names {
                let mut expanded = String::new();
                if vocabulary.expand_list(&mut expanded, name, 0).is_ok() {
                    vocabulary.expanded.insert(name.clone(), expanded);
                }
            }
            for name in &names {
                vocabulary.outline(name, 0);
            }
        }
        vocabulary
    }

    /// A message as patterns read it: sentences kept apart, `«` before it and `»` after.
    pub fn sentences(&self, text: &str) -> String {
        let folded = fold_sentences(text);
        let mut out = String::with_capacity(folded.len() + 16);
        out.push_str(" « ");
        self.spelling.apply_into(&mut out, &folded);
        out.push_str(" » ");
        out
    }

    /// A message or a phrase as whole-message comparisons read it.
    pub fn phrase(&self, text: &str) -> String {
        self.spelling.apply(&fold(text))
    }

    /// Every word that stands in `[words]`, in a respelling or in the patterns given: a language
    /// knows the words it listens for.
    pub fn literals<'p>(
        &'p self,
        more: impl IntoIterator<Item = &'p Pattern>,
    ) -> FxHashSet<String> {
        let mut all = FxHashSet::default();
        for pattern in self.words.values().flatten().chain(more) {
            let folded = fold_letters(&pattern.source);
            let words = folded.split(|c: char| !c.is_alphabetic());
            for word in words.filter(|word| word.len() > 2) {
                // Most words were met before.
                if !all.contains(word) {
                    all.insert(word.to_owned());
                }
            }
        }
        all
    }

    /// A word as this language spells it: the first of its respelling, where it has one.
    pub fn respelled<'w>(&'w self, word: &'w str) -> &'w str {
        self.spelling.of(word).unwrap_or(word)
    }

    /// The regular expression behind a pattern, or what is wrong with it and what to do.
    fn expand(&self, pattern: &Pattern, depth: usize) -> Result<String, (String, String)> {
        let mut out = String::new();
        self.expand_into(&mut out, pattern, depth)?;
        Ok(out)
    }

    /// As [`Self::expand`], behind what stands in `out` already; stops where that grows too long,
    /// because lists that name lists grow with every level.
    fn expand_into(
        &self,
        out: &mut String,
        pattern: &Pattern,
        depth: usize,
    ) -> Result<(), (String, String)> {
        if out.len() > LONGEST {
            let wrong = format!("the words in `{}` become too many", pattern.source);
            return Err((wrong, "use shorter lists of words".to_owned()));
        }
        if depth > 8 {
            let wrong = format!("the words in `{}` stand for themselves", pattern.source);
            return Err((wrong, "take the name out of its own list".to_owned()));
        }
        let folded = fold_letters(&pattern.source);
        if let Some(word) = self.never_seen(&folded) {
            let to = self.spelling.of(word).unwrap_or_default();
            return Err((
                format!("`{word}` never reaches a pattern: [respell] makes it `{to}` first"),
                format!("write `{to}`"),
            ));
        }
        let mut rest = folded.as_str();
        while let Some(at) = rest.find('<') {
            let (before, after) = rest.split_at(at);
            out.push_str(before);
            let Some((name, tail)) = after[1..].split_once('>') else {
                return Err((
                    "`<` begins a name that does not end".to_owned(),
                    "end it with `>`".to_owned(),
                ));
            };
            match self.expanded.get(name) {
                Some(list) => out.push_str(list),
                None => self.expand_list(out, name, depth)?,
            }
            rest = tail;
        }
        out.push_str(rest);
        Ok(())
    }

    /// A list of words as it stands in an expression, behind what stands in `out` already.
    fn expand_list(
        &self,
        out: &mut String,
        name: &str,
        depth: usize,
    ) -> Result<(), (String, String)> {
        let Some(words) = self.words.get(name) else {
            let known = self.words.keys().map(String::as_str);
            return Err((
                format!("there are no words `{name}`"),
                did_you_mean(name, known),
            ));
        };
        out.push_str("(?:");
        for (n, word) in words.iter().enumerate() {
            if n > 0 {
                out.push('|');
            }
            self.expand_into(out, word, depth + 1)?;
        }
        out.push(')');
        Ok(())
    }

    /// Looks at a list, and first at those that it names.
    fn outline(&mut self, name: &str, depth: usize) {
        if self.lists.contains_key(name) || depth > 8 {
            return;
        }
        let words = self.words.get(name).into_iter().flatten();
        let words: Vec<String> = words.map(|p| fold_letters(&p.source)).collect();
        for inner in words.iter().flat_map(|word| word.split('<').skip(1)) {
            if let Some((inner, _)) = inner.split_once('>') {
                self.outline(inner, depth + 1);
            }
        }
        let outlines = words.iter().map(|word| Outline::of(word, "", &self.lists));
        let list = List::of(outlines, &self.lists);
        self.lists.insert(name.to_owned(), list);
    }

    /// The lists of words, as patterns name them.
    pub(super) const fn lists(&self) -> &Lists {
        &self.lists
    }

    /// A whole word of the pattern that respelling replaces before patterns are tried, if any.
    fn never_seen<'p>(&self, folded: &'p str) -> Option<&'p str> {
        let whole = |c: char| matches!(c, ' ' | '(' | ')' | '|' | ':');
        folded
            .split(whole)
            .filter(|word| word.len() > 1)
            .find(|word| self.spelling.of(word).is_some_and(|to| to != *word))
    }

    /// One pattern expanded over whole words, and the groups of pieces of which a text must hold one
    /// each for it; `None` when it is at fault, and the sheet is told.
    pub(super) fn source(
        &self,
        pattern: &Pattern,
        sheet: &mut Sheet<'_>,
    ) -> Option<(String, Vec<Vec<Piece>>)> {
        let mut source = " (?:".to_owned();
        if let Err((wrong, remedy)) = self.expand_into(&mut source, pattern, 0) {
            sheet.error(pattern.span.clone(), wrong, remedy);
            return None;
        }
        source.push_str(") ");
        let plain = Outline::of(&fold_letters(&pattern.source), " ", &self.lists);
        if let Some(outline) = plain.filter(|outline| !outline.empty) {
            return Some((source, outline.needs));
        }
        match compiled(&source) {
            Ok(regex) if regex.is_match(NOTHING) => sheet.error(
                pattern.span.clone(),
                format!("the pattern `{}` matches everything", pattern.source),
                "ask for at least one word",
            ),
            Ok(_) => return Some((source, Vec::new())),
            Err(error) => {
                let why = error.to_string();
                let why = why.lines().last().unwrap_or_default();
                sheet.error(
                    pattern.span.clone(),
                    format!("the pattern `{}` cannot be read", pattern.source),
                    why.trim_start_matches("error: "),
                );
            }
        }
        None
    }
}

/// Over bytes, not characters: a gap of "anything but a space" is then one small step instead of
/// hundreds, and texts are folded already. Letters outside ASCII work as words, not in `[…]`.
pub(super) fn compiled(source: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(source)
        .unicode(false)
        .size_limit(SIZE_LIMIT)
        .build()
}

/// Words with their places, as patterns.
pub fn patterns(words: Vec<(String, Range<usize>)>) -> Vec<Pattern> {
    words
        .into_iter()
        .map(|(source, span)| Pattern { source, span })
        .collect()
}

/// A named rule: it holds where any of its patterns matches and none of its exceptions does.
#[derive(Debug, Clone)]
pub struct Rule {
    /// The name in the file, which says what was found.
    pub name: String,
    any: Vec<Pattern>,
    unless: Vec<Pattern>,
}

/// Reads a table of rules: `name = [patterns]` or `name = { any = [patterns], unless = [patterns] }`.
pub fn rules(section: &Section<'_, '_>, sheet: &mut Sheet<'_>) -> Vec<Rule> {
    let mut out = Vec::new();
    for name in section.keys() {
        let (any, unless) = if section.is_table(&name) {
            let Some(rule) = section.section(&name, sheet) else {
                continue;
            };
            rule.only(&["any", "unless"], sheet);
            (rule.words("any", sheet), rule.words("unless", sheet))
        } else {
            (section.words(&name, sheet), Vec::new())
        };
        out.push(Rule {
            name,
            any: patterns(any),
            unless: patterns(unless),
        });
    }
    out
}

impl Rule {
    /// A rule without a name.
    pub fn of(patterns: Vec<Pattern>) -> Self {
        Self {
            name: String::new(),
            any: patterns,
            unless: Vec::new(),
        }
    }

    /// Its patterns, without the exceptions.
    pub fn patterns(&self) -> &[Pattern] {
        &self.any
    }

    /// The patterns that take it back.
    pub fn exceptions(&self) -> &[Pattern] {
        &self.unless
    }
}
