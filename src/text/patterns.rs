//! Patterns that people write in a language's `reading.toml`, made ready to match.
//!
//! A pattern is a regular expression over folded, respelled words one space apart. `<name>` in it
//! stands for any of the words of that name. It matches whole words only. Nothing here knows what
//! a pattern means.

use std::collections::BTreeMap;
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};
use regex_syntax::ParserBuilder;
use regex_syntax::hir::Hir;
use rustc_hash::FxHashSet;

use super::fold::{Spelling, fold, fold_letters, fold_sentences};
use super::sheet::{Section, Sheet};
use super::sieve::{MOST_PIECES, Pieces, SHORTEST_PIECE, needs};
use crate::fault::{Fault, did_you_mean};

/// Room for one set of patterns; a language that needs more is told so by `check`.
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
    /// Of each list, what a text must hold, and whether it may be empty.
    meshes: BTreeMap<String, (Option<Pieces>, bool)>,
}

/// What stands for a list of words while a pattern is looked at: no text has these characters.
const LIST: [char; 2] = ['\u{1}', '\u{2}'];

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
                vocabulary.mesh(name, 0);
            }
        }
        vocabulary
    }

    /// A message as patterns read it: sentences kept apart, `«` before it and `»` after.
    pub fn sentences(&self, text: &str) -> String {
        format!(" « {} » ", self.spelling.apply(&fold_sentences(text)))
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
        let shared = self.words.values().flatten();
        shared
            .chain(more)
            .flat_map(|pattern| {
                let folded = fold_letters(&pattern.source);
                let words = folded.split(|c: char| !c.is_alphabetic());
                words
                    .filter(|word| word.len() > 2)
                    .map(str::to_owned)
                    .collect::<Vec<_>>()
            })
            .collect()
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

    /// A pattern as it is parsed to see what a text must hold for it: lists of words as marks.
    fn outline(&self, source: &str) -> Option<Hir> {
        let folded = fold_letters(source);
        let mut out = String::with_capacity(folded.len());
        let mut rest = folded.as_str();
        while let Some((before, after)) = rest.split_once('<') {
            let (name, tail) = after.split_once('>')?;
            out.push_str(before);
            let [begin, end] = LIST;
            let empty = self.meshes.get(name).is_some_and(|(_, empty)| *empty);
            let marks = if empty { "?" } else { "" };
            out.push_str(&format!("(?:{begin}{name}{end}){marks}"));
            rest = tail;
        }
        out.push_str(rest);
        let mut parser = ParserBuilder::new().unicode(false).utf8(false).build();
        parser.parse(&out).ok()
    }

    /// Finds what a text must hold for any word of a list.
    fn mesh(&mut self, name: &str, depth: usize) {
        if self.meshes.contains_key(name) || depth > 8 {
            return;
        }
        let sources: Vec<String> = self
            .words
            .get(name)
            .into_iter()
            .flatten()
            .map(|p| p.source.clone())
            .collect();
        for inner in sources.iter().flat_map(|source| source.split('<').skip(1)) {
            if let Some((inner, _)) = inner.split_once('>') {
                self.mesh(inner, depth + 1);
            }
        }
        let mut all = Some(Vec::new());
        let mut empty = false;
        for source in &sources {
            let Some(hir) = self.outline(source) else {
                all = None;
                continue;
            };
            empty |= hir.properties().minimum_len() == Some(0);
            let group = self.unmarked(&hir).into_iter().min_by_key(Vec::len);
            match (&mut all, group) {
                (Some(all), Some(group)) => all.extend(group),
                _ => all = None,
            }
        }
        self.meshes.insert(
            name.to_owned(),
            (all.filter(|all: &Pieces| !empty && !all.is_empty()), empty),
        );
    }

    /// The groups of pieces of an outline, each list's own in the place of its mark.
    fn unmarked(&self, hir: &Hir) -> Vec<Pieces> {
        let groups = needs(hir).into_iter().filter_map(|group| {
            let mut out = Pieces::new();
            for piece in group {
                let piece = String::from_utf8(piece).ok()?;
                let [begin, end] = LIST;
                // A mark that was cut short says nothing.
                match piece.split_once(begin) {
                    None if piece.contains(end) => return None,
                    None => out.push(piece.into_bytes()),
                    Some((before, _)) if before.trim().len() >= SHORTEST_PIECE => {
                        out.push(before.as_bytes().to_vec());
                    }
                    Some((_, marked)) => {
                        let (name, _) = marked.split_once(end)?;
                        out.extend(self.meshes.get(name)?.0.clone()?);
                    }
                }
            }
            let telling = out.iter().all(|piece| piece.len() >= SHORTEST_PIECE);
            (telling && out.len() <= MOST_PIECES).then_some(out)
        });
        groups.collect()
    }

    /// A whole word of the pattern that respelling replaces before patterns are tried, if any.
    fn never_seen<'p>(&self, folded: &'p str) -> Option<&'p str> {
        let whole = |c: char| matches!(c, ' ' | '(' | ')' | '|' | ':');
        folded
            .split(whole)
            .filter(|word| word.len() > 1)
            .find(|word| self.spelling.of(word).is_some_and(|to| to != *word))
    }

    /// All the patterns as one expression that matches where any of them does; `None` when there
    /// are none. Faults go to the sheet.
    pub fn any(&self, patterns: &[Pattern], sheet: &mut Sheet<'_>) -> Option<Matcher> {
        let joined = self.joined(patterns, sheet)?;
        match compiled(&joined) {
            Ok(regex) if !regex.is_match(NOTHING) => Some(Matcher(regex)),
            Ok(_) | Err(_) => {
                self.blame(patterns, sheet);
                None
            }
        }
    }

    /// The patterns expanded into one expression over whole words.
    fn joined(&self, patterns: &[Pattern], sheet: &mut Sheet<'_>) -> Option<String> {
        let mut sources = Vec::new();
        for pattern in patterns {
            match self.expand(pattern, 0) {
                Ok(source) => sources.push(format!("(?:{source})")),
                Err((wrong, remedy)) => sheet.error(pattern.span.clone(), wrong, remedy),
            }
        }
        (!sources.is_empty()).then(|| format!(" (?:{}) ", sources.join("|")))
    }

    /// One pattern expanded over whole words, and what a text must hold for it; `None` when it is at
    /// fault, and the sheet is told.
    pub(super) fn source(
        &self,
        pattern: &Pattern,
        sheet: &mut Sheet<'_>,
    ) -> Option<(String, Vec<Pieces>)> {
        let alone = std::slice::from_ref(pattern);
        let source = self.joined(alone, sheet)?;
        match self.outline(&format!(" (?:{}) ", pattern.source)) {
            Some(hir) if hir.properties().minimum_len() > Some(NOTHING.len()) => {
                Some((source, self.unmarked(&hir)))
            }
            Some(_) | None => {
                self.blame(alone, sheet);
                None
            }
        }
    }

    /// Finds which of the patterns are at fault; done only when together they fail, because trying
    /// each by itself takes several times as long.
    fn blame(&self, patterns: &[Pattern], sheet: &mut Sheet<'_>) {
        for pattern in patterns {
            let Some(alone) = self.joined(std::slice::from_ref(pattern), sheet) else {
                continue;
            };
            match compiled(&alone) {
                Ok(regex) if regex.is_match(NOTHING) => sheet.error(
                    pattern.span.clone(),
                    format!("the pattern `{}` matches everything", pattern.source),
                    "ask for at least one word",
                ),
                Ok(_) => {}
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
        }
    }
}

/// One expression out of many patterns.
#[derive(Debug)]
pub struct Matcher(Regex);

impl Matcher {
    /// Whether any of the patterns is in a text made by [`Vocabulary::sentences`].
    pub fn is_match(&self, sentences: &str) -> bool {
        self.0.is_match(sentences.as_bytes())
    }

    /// The place of the first match, with the spaces around it.
    pub fn find(&self, sentences: &str) -> Option<Range<usize>> {
        self.0.find(sentences.as_bytes()).map(|found| found.range())
    }

    /// The text with ` ~ ` for each match; twice, because neighbours share the space between them.
    pub fn taken_out(&self, sentences: &str) -> String {
        self.once(&self.once(sentences))
    }

    fn once(&self, sentences: &str) -> String {
        let mut out = String::with_capacity(sentences.len());
        let mut from = 0;
        for found in self.0.find_iter(sentences.as_bytes()) {
            // Matches begin and end with a space, so both ends are between characters.
            out.push_str(sentences.get(from..found.start()).unwrap_or_default());
            out.push_str(" ~ ");
            from = found.end();
        }
        out.push_str(sentences.get(from..).unwrap_or_default());
        out
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

/// Rules compiled together: one pass over a text finds all that hold.
#[derive(Debug)]
pub struct RuleSet {
    set: RegexSet,
    /// For each expression of the set, its rule and whether it is the rule's exception.
    owners: Vec<(usize, bool)>,
    names: Vec<String>,
}

impl RuleSet {
    /// Compiles the rules of one language.
    pub fn compile(rules: &[Rule], vocabulary: &Vocabulary, sheet: &mut Sheet<'_>) -> Self {
        let mut expressions = Vec::new();
        let mut owners = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            for (patterns, exception) in [(&rule.any, false), (&rule.unless, true)] {
                if let Some(joined) = vocabulary.joined(patterns, sheet) {
                    expressions.push(joined);
                    owners.push((at, exception));
                }
            }
        }
        let built = RegexSetBuilder::new(&expressions)
            .unicode(false)
            .size_limit(SIZE_LIMIT)
            .build();
        let set = match built {
            Ok(set) if !set.is_match(NOTHING) => set,
            failed => {
                for patterns in rules.iter().flat_map(|rule| [&rule.any, &rule.unless]) {
                    vocabulary.blame(patterns, sheet);
                }
                if let Err(regex::Error::CompiledTooBig(most)) = failed {
                    sheet.push(Fault::error(
                        sheet.path(),
                        None,
                        format!("these patterns need more than {most} bytes together"),
                        "shorten the lists of words, or use fewer gaps",
                    ));
                }
                RegexSet::empty()
            }
        };
        Self {
            set,
            owners,
            names: rules.iter().map(|rule| rule.name.clone()).collect(),
        }
    }

    /// The rules that hold for a text made by [`Vocabulary::sentences`], by name.
    pub fn holding(&self, sentences: &str) -> Vec<&str> {
        let mut held = vec![None; self.names.len()];
        for at in self.set.matches(sentences.as_bytes()) {
            let (rule, exception) = self.owners[at];
            if exception {
                held[rule] = Some(false);
            } else if held[rule].is_none() {
                held[rule] = Some(true);
            }
        }
        let names = self.names.iter().zip(held);
        names
            .filter(|(_, held)| *held == Some(true))
            .map(|(name, _)| name.as_str())
            .collect()
    }
}
