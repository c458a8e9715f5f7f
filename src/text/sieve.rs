//! Many rules tried on one text in little time.
//!
//! One automaton out of hundreds of patterns with gaps grows without bounds. So each pattern stands by
//! itself, together with the pieces of words of which a text must hold some for it to match at all;
//! one pass finds which pieces a text holds, and only the few patterns that can match are tried. A
//! pattern is compiled when it is first tried. Nothing here knows what a rule means.

use std::borrow::Cow;
use std::ops::Range;
use std::sync::OnceLock;

use aho_corasick::{AhoCorasick, MatchKind};
use regex::bytes::{NoExpand, Regex};
use rustc_hash::FxHashMap;

use super::outline::{Lists, Piece, pieces};
use super::patterns::{Pattern, Rule, Vocabulary, compiled};
use super::sheet::Sheet;

/// Rules in tables, ready to be tried.
#[derive(Debug, Default)]
pub struct Sieve {
    pieces: Option<AhoCorasick>,
    /// For each piece, the groups it is of.
    groups: Vec<Vec<usize>>,
    /// For each group, the patterns of which it is the first that is looked for.
    first_of: Vec<Vec<Place>>,
    /// Patterns that no piece is known for.
    always: Vec<Place>,
    tables: Vec<Vec<Prepared>>,
}

/// Where a pattern stands: its table, its rule, and its place among what that rule looks for.
type Place = (usize, usize, usize);

#[derive(Debug)]
struct Prepared {
    name: String,
    any: Vec<Meshed>,
    unless: Vec<Meshed>,
}

/// A pattern and what a text must hold for it.
#[derive(Debug)]
struct Meshed {
    source: String,
    /// The groups of pieces; of each a text must hold one.
    needs: Vec<usize>,
    regex: OnceLock<Option<Regex>>,
}

/// A text with the pieces it holds.
#[derive(Debug, Clone)]
pub struct Sifted<'s> {
    sieve: &'s Sieve,
    text: Cow<'s, str>,
    /// Of which groups it holds a piece.
    held: Vec<bool>,
    /// The patterns that can match, in their order.
    possible: Vec<Place>,
}

/// Numbers for what is met again and again.
#[derive(Debug)]
struct Numbers<T>(FxHashMap<T, usize>);

impl<T: Eq + std::hash::Hash> Numbers<T> {
    fn of(&mut self, thing: T) -> usize {
        let next = self.0.len();
        *self.0.entry(thing).or_insert(next)
    }

    fn in_order(self) -> Vec<T> {
        let mut all: Vec<(T, usize)> = self.0.into_iter().collect();
        all.sort_unstable_by_key(|(_, number)| *number);
        all.into_iter().map(|(thing, _)| thing).collect()
    }
}

impl<T> Default for Numbers<T> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

/// Pieces and their groups while they are numbered.
struct Numbered<'v> {
    lists: &'v Lists,
    pieces: Numbers<String>,
    groups: Numbers<Vec<usize>>,
    /// The group of a list alone, which many patterns need.
    of_list: FxHashMap<String, usize>,
}

impl Numbered<'_> {
    fn group(&mut self, group: Vec<Piece>) -> usize {
        let alone = match group.as_slice() {
            [Piece::List(name)] => Some(name.clone()),
            _ => None,
        };
        if let Some(known) = alone.as_ref().and_then(|name| self.of_list.get(name)) {
            return *known;
        }
        let mut numbers = Vec::new();
        for piece in group {
            match piece {
                Piece::Words(words) => numbers.push(self.pieces.of(words)),
                Piece::List(name) => {
                    let words = pieces(&name, self.lists).iter();
                    numbers.extend(words.map(|words| self.pieces.of(words.clone())));
                }
            }
        }
        numbers.sort_unstable();
        numbers.dedup();
        let number = self.groups.of(numbers);
        self.of_list.extend(alone.map(|name| (name, number)));
        number
    }
}

impl Sieve {
    /// Prepares tables of rules. Faults in patterns go to the sheet.
    pub fn new(tables: &[Vec<Rule>], vocabulary: &Vocabulary, sheet: &mut Sheet<'_>) -> Self {
        let mut numbered = Numbered {
            lists: vocabulary.lists(),
            pieces: Numbers::default(),
            groups: Numbers::default(),
            of_list: FxHashMap::default(),
        };
        let mut mesh = |patterns: &[Pattern], sheet: &mut Sheet<'_>| {
            let sources = patterns.iter().filter_map(|p| vocabulary.source(p, sheet));
            let meshed = sources.map(|(source, needs)| Meshed {
                needs: needs.into_iter().map(|g| numbered.group(g)).collect(),
                source,
                regex: OnceLock::new(),
            });
            meshed.collect::<Vec<_>>()
        };
        let tables = tables
            .iter()
            .map(|rules| {
                let prepared = rules.iter().map(|rule| Prepared {
                    name: rule.name.clone(),
                    any: mesh(rule.patterns(), sheet),
                    unless: mesh(rule.exceptions(), sheet),
                });
                prepared.collect()
            })
            .collect();
        let tables: Vec<Vec<Prepared>> = tables;
        let Numbered { pieces, groups, .. } = numbered;
        let pieces = pieces.in_order();
        let groups = groups.in_order();
        let mut first_of = vec![Vec::new(); groups.len()];
        let mut always = Vec::new();
        for (table, rules) in tables.iter().enumerate() {
            for (rule, prepared) in rules.iter().enumerate() {
                for (at, pattern) in prepared.any.iter().enumerate() {
                    let list = pattern.needs.first().map(|group| &mut first_of[*group]);
                    list.unwrap_or(&mut always).push((table, rule, at));
                }
            }
        }
        let mut of_piece = vec![Vec::new(); pieces.len()];
        for (group, members) in groups.iter().enumerate() {
            for piece in members {
                of_piece[*piece].push(group);
            }
        }
        Self {
            first_of,
            always,
            groups: of_piece,
            pieces: AhoCorasick::builder()
                .match_kind(MatchKind::Standard)
                .build(pieces)
                .ok(),
            tables,
        }
    }

    /// Finds the pieces that a text made by [`Vocabulary::sentences`] holds.
    pub fn sift<'s>(&'s self, text: impl Into<Cow<'s, str>>) -> Sifted<'s> {
        let text = text.into();
        let mut held = vec![self.pieces.is_none(); self.first_of.len()];
        let mut met = vec![false; self.groups.len()];
        let mut found = Vec::new();
        if let Some(pieces) = &self.pieces {
            for piece in pieces.find_overlapping_iter(text.as_ref()) {
                let piece = piece.pattern().as_usize();
                if !std::mem::replace(&mut met[piece], true) {
                    for group in &self.groups[piece] {
                        if !std::mem::replace(&mut held[*group], true) {
                            found.push(*group);
                        }
                    }
                }
            }
        } else {
            found.extend(0..held.len());
        }
        let first = found.iter().flat_map(|group| &self.first_of[*group]);
        let mut possible: Vec<Place> = self.always.iter().chain(first).copied().collect();
        let can = |place: &Place| {
            let pattern = self.pattern(*place);
            pattern.needs.iter().all(|group| held[*group])
        };
        possible.retain(can);
        possible.sort_unstable();
        Sifted {
            sieve: self,
            text,
            held,
            possible,
        }
    }

    fn pattern(&self, (table, rule, at): Place) -> &Meshed {
        &self.tables[table][rule].any[at]
    }
}

impl<'s> Sifted<'s> {
    /// The text itself.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The rules of a table that hold, by name: any of their patterns matches and no exception does.
    pub fn holding(&self, table: usize) -> Vec<&str> {
        let by_rule = self.of(table).chunk_by(|a, b| a.1 == b.1);
        let holds = |places: &&[Place]| {
            let rule = &self.sieve.tables[table][places[0].1];
            let mut any = places.iter().map(|place| self.sieve.pattern(*place));
            let mut unless = rule.unless.iter().filter(|pattern| self.can(pattern));
            any.any(|pattern| self.matches(pattern)) && !unless.any(|p| self.matches(p))
        };
        by_rule
            .filter(holds)
            .map(|places| self.sieve.tables[table][places[0].1].name.as_str())
            .collect()
    }

    /// Whether any pattern of a rule matches.
    pub fn holds(&self, table: usize, rule: usize) -> bool {
        let mut any = self.of_rule(table, rule).iter();
        any.any(|place| self.matches(self.sieve.pattern(*place)))
    }

    /// The first place in the text that a pattern of a rule matches, with the spaces around it; of
    /// two at the same place, that of the earlier pattern.
    pub fn find(&self, table: usize, rule: usize) -> Option<Range<usize>> {
        let found = self.of_rule(table, rule).iter().filter_map(|place| {
            let regex = self.sieve.pattern(*place).regex()?;
            Some(regex.find(self.text.as_bytes())?.range())
        });
        found.min_by_key(|found| found.start)
    }

    /// The text with ` ~ ` for each match of the patterns of a table.
    #[must_use]
    pub fn without(&self, table: usize) -> Sifted<'s> {
        let mut text = Cow::Borrowed(self.text());
        for place in self.of(table) {
            let found = self.sieve.pattern(*place).regex();
            // Twice, because neighbours share the space between them.
            for _ in 0..2 {
                if let Some(regex) = found.filter(|regex| regex.is_match(text.as_bytes())) {
                    let bytes = regex
                        .replace_all(text.as_bytes(), NoExpand(b" ~ "))
                        .into_owned();
                    text = Cow::Owned(String::from_utf8_lossy(&bytes).into_owned());
                }
            }
        }
        match text {
            Cow::Borrowed(_) => self.clone(),
            Cow::Owned(text) => self.sieve.sift(text),
        }
    }

    /// Those of the patterns that can match which are of a table.
    fn of(&self, table: usize) -> &[Place] {
        let from = self.possible.partition_point(|place| place.0 < table);
        let to = self.possible.partition_point(|place| place.0 <= table);
        &self.possible[from..to]
    }

    /// The same of one rule of a table.
    fn of_rule(&self, table: usize, rule: usize) -> &[Place] {
        let all = self.of(table);
        let from = all.partition_point(|place| place.1 < rule);
        let to = all.partition_point(|place| place.1 <= rule);
        &all[from..to]
    }

    fn can(&self, pattern: &Meshed) -> bool {
        pattern.needs.iter().all(|group| self.held[*group])
    }

    fn matches(&self, pattern: &Meshed) -> bool {
        // What is too large to be compiled is shown to a person rather than passed over.
        let is_in = |regex: &Regex| regex.is_match(self.text.as_bytes());
        pattern.regex().is_none_or(is_in)
    }
}

impl Meshed {
    fn regex(&self) -> Option<&Regex> {
        self.regex
            .get_or_init(|| compiled(&self.source).ok())
            .as_ref()
    }
}
