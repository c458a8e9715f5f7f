//! Patterns that people write in a language's `reading.toml`, made ready to match.
//!
//! A pattern is a regular expression over folded, respelled words one space apart. `<name>` in it
//! stands for any of the words of that name. It matches whole words only. Nothing here knows what
//! a pattern means.

use std::collections::{BTreeMap, HashSet};
use std::ops::Range;

use regex::bytes::{Regex, RegexBuilder, RegexSet, RegexSetBuilder};

use super::fold::{Spelling, fold, fold_letters, fold_sentences};
use super::sheet::{Section, Sheet};
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
    pub fn literals<'p>(&'p self, more: impl IntoIterator<Item = &'p Pattern>) -> HashSet<String> {
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
            rest = tail;
        }
        out.push_str(rest);
        Ok(())
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
fn compiled(source: &str) -> Result<Regex, regex::Error> {
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
#[derive(Debug)]
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
    /// Its patterns, without the exceptions.
    pub fn patterns(&self) -> &[Pattern] {
        &self.any
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
