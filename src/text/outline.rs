//! What a text must hold for a pattern to match, seen from the pattern alone.
//!
//! People write patterns of plain words, choices, gaps and lists. Those are read here, which takes
//! a small part of the time that compiling them does, and are known to compile. Whatever else is
//! written is not read, and has to be compiled to see what it is.

use std::collections::BTreeMap;

/// More pieces than this say too little to be worth looking for.
const MOST_PIECES: usize = 1500;
/// A piece shorter than this is in every text.
const SHORTEST_PIECE: usize = 3;
/// Brackets inside brackets; people write three or four.
const DEEPEST: usize = 20;
/// Repeated more often than this, a part may be too large to compile.
const MOST_REPEATS: usize = 50;
/// A larger pattern may be too large to compile.
const LARGEST: usize = 50_000;

/// What a text holds one of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Piece {
    /// A piece of words.
    Words(String),
    /// A piece of the list of this name.
    List(String),
}

/// A pattern, or a part of one, as far as it can be seen without compiling it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Outline {
    /// Groups of pieces; whatever it matches holds one piece of each.
    pub(super) needs: Vec<Vec<Piece>>,
    /// Whether it can match nothing at all.
    pub(super) empty: bool,
    /// How many characters it is when written out.
    size: usize,
}

/// The same of a list of words: the pieces of which a text holds one, where that is known.
#[derive(Debug, Default)]
pub(super) struct List {
    pub(super) pieces: Option<Vec<String>>,
    pub(super) empty: bool,
    size: usize,
}

/// Every list that a pattern may name.
pub(super) type Lists = BTreeMap<String, List>;

impl Outline {
    /// Reads a folded pattern; `None` when only compiling it can tell. `edge` stands before it and
    /// behind it.
    pub(super) fn of(pattern: &str, edge: &str, lists: &Lists) -> Option<Self> {
        let mut reader = Reader {
            rest: pattern,
            lists,
            edge,
        };
        let outline = reader.choice(0)?;
        (reader.rest.is_empty() && outline.size <= LARGEST).then_some(outline)
    }

    /// What any of several holds.
    fn any(rows: Vec<Self>, lists: &Lists) -> Self {
        let mut any = Self::default();
        let mut group = Some(Vec::new());
        for row in rows {
            any.empty |= row.empty;
            any.grows(1, row.size);
            group = group.zip(row.telling(lists)).map(|(mut all, more)| {
                all.extend(more);
                all
            });
        }
        let group = group.filter(|group| count(group, lists) <= MOST_PIECES);
        any.needs.extend(group);
        any
    }

    /// What was read letter by letter must be held; a new run begins.
    fn holds(&mut self, run: &mut String) {
        if run.len() >= SHORTEST_PIECE {
            self.needs.push(vec![Piece::Words(std::mem::take(run))]);
        }
        run.clear();
    }

    fn grows(&mut self, times: usize, size: usize) {
        self.size = self.size.saturating_add(times.saturating_mul(size));
    }

    /// The group of fewest pieces, and of those the one of the longest.
    fn telling(mut self, lists: &Lists) -> Option<Vec<Piece>> {
        let length = |piece: &Piece| match piece {
            Piece::Words(words) => words.len(),
            Piece::List(_) => 0,
        };
        let least = |at: &usize| {
            let group = &self.needs[*at];
            let shortest = group.iter().map(length).min();
            (count(group, lists), std::cmp::Reverse(shortest))
        };
        let at = (0..self.needs.len()).min_by_key(least)?;
        Some(self.needs.swap_remove(at))
    }
}

impl List {
    /// Of its words, given as outlines; `None` is a word that could not be read.
    pub(super) fn of(words: impl Iterator<Item = Option<Outline>>, lists: &Lists) -> Self {
        let mut list = Self {
            pieces: Some(Vec::new()),
            ..Self::default()
        };
        for word in words {
            // What cannot be read may be anything, however large.
            let word = word.unwrap_or(Outline {
                size: LARGEST,
                ..Outline::default()
            });
            list.size = list.size.saturating_add(word.size);
            list.empty |= word.empty;
            list.pieces = list
                .pieces
                .zip(word.telling(lists))
                .map(|(mut all, group)| {
                    for piece in group {
                        match piece {
                            Piece::Words(words) => all.push(words),
                            Piece::List(name) => all.extend(pieces(&name, lists).iter().cloned()),
                        }
                    }
                    all
                });
        }
        let says = |all: &Vec<String>| !all.is_empty() && all.len() <= MOST_PIECES;
        list.pieces = list.pieces.filter(says).filter(|_| !list.empty);
        list
    }
}

/// The pieces of a list that has some.
pub(super) fn pieces<'l>(list: &str, lists: &'l Lists) -> &'l [String] {
    let list = lists.get(list).and_then(|list| list.pieces.as_ref());
    list.map_or(&[], Vec::as_slice)
}

fn count(group: &[Piece], lists: &Lists) -> usize {
    let counts = group.iter().map(|piece| match piece {
        Piece::Words(_) => 1,
        Piece::List(name) => pieces(name, lists).len(),
    });
    counts.sum()
}

/// A pattern that is being read.
struct Reader<'p> {
    rest: &'p str,
    lists: &'p Lists,
    edge: &'p str,
}

/// The smallest part of a row.
enum Part {
    Letter(char),
    Other(Outline),
}

impl Reader<'_> {
    /// Rows with `|` between them, up to a closing bracket or the end.
    fn choice(&mut self, depth: usize) -> Option<Outline> {
        let mut rows = vec![self.row(depth)?];
        while self.takes('|') {
            rows.push(self.row(depth)?);
        }
        match <[Outline; 1]>::try_from(rows) {
            Ok([row]) => Some(row),
            Err(rows) => Some(Outline::any(rows, self.lists)),
        }
    }

    /// Parts one behind the other.
    fn row(&mut self, depth: usize) -> Option<Outline> {
        let edge = if depth == 0 { self.edge } else { "" };
        let mut row = Outline {
            empty: true,
            ..Outline::default()
        };
        let mut run = edge.to_owned();
        while !matches!(self.rest.chars().next(), None | Some('|' | ')')) {
            let part = self.part(depth)?;
            let (least, most) = self.repeats()?;
            match part {
                Part::Letter(letter) => {
                    if least > 0 {
                        run.push(letter);
                    }
                    if (least, most) != (1, 1) {
                        row.holds(&mut run);
                    }
                    row.empty &= least == 0;
                    row.grows(most, 1);
                }
                Part::Other(part) => {
                    row.holds(&mut run);
                    row.empty &= least == 0 || part.empty;
                    row.grows(most, part.size);
                    if least > 0 {
                        row.needs.extend(part.needs);
                    }
                }
            }
        }
        run.push_str(edge);
        row.holds(&mut run);
        Some(row)
    }

    fn part(&mut self, depth: usize) -> Option<Part> {
        let mut letters = self.rest.chars();
        let first = letters.next()?;
        let behind = letters.as_str();
        match first {
            '(' => {
                self.rest = behind.strip_prefix("?:")?;
                if depth >= DEEPEST {
                    return None;
                }
                let inner = self.choice(depth + 1)?;
                return self.takes(')').then_some(Part::Other(inner));
            }
            '<' => {
                let (name, behind) = behind.split_once('>')?;
                self.rest = behind;
                let list = self.lists.get(name)?;
                let known = list.pieces.is_some();
                let piece = known.then(|| vec![Piece::List(name.to_owned())]);
                return Some(Part::Other(Outline {
                    needs: piece.into_iter().collect(),
                    empty: list.empty,
                    size: list.size,
                }));
            }
            '[' => {
                let (class, behind) = behind.split_once(']')?;
                self.rest = behind;
                is_plain_class(class.strip_prefix('^').unwrap_or(class)).then_some(())?;
            }
            '.' => self.rest = behind,
            '\\' => {
                let mark = letters.next().filter(|c| ".?*+()[]{}|".contains(*c))?;
                self.rest = letters.as_str();
                return Some(Part::Letter(mark));
            }
            '?' | '*' | '+' | '{' | '}' | ']' | '^' | '$' => return None,
            letter => {
                self.rest = behind;
                return Some(Part::Letter(letter));
            }
        }
        Some(Part::Other(Outline {
            size: 1,
            ..Outline::default()
        }))
    }

    /// How often the part before is repeated: at least, and in how many copies.
    fn repeats(&mut self) -> Option<(usize, usize)> {
        if !self.rest.starts_with(['?', '*', '+', '{']) {
            return Some((1, 1));
        }
        let times = if self.takes('?') || self.takes('*') {
            (0, 1)
        } else if self.takes('+') {
            (1, 2)
        } else {
            let (times, behind) = self.rest.strip_prefix('{')?.split_once('}')?;
            self.rest = behind;
            let (least, most) = times.split_once(',').unwrap_or((times, times));
            (least.parse().ok()?, most.parse().ok()?)
        };
        let (least, most) = times;
        (least <= most && most <= MOST_REPEATS && !self.rest.starts_with(['?', '*', '+', '{']))
            .then_some(times)
    }

    fn takes(&mut self, mark: char) -> bool {
        let behind = self.rest.strip_prefix(mark);
        self.rest = behind.unwrap_or(self.rest);
        behind.is_some()
    }
}

/// Letters, digits, spaces and dots, and `a-z`.
fn is_plain_class(class: &str) -> bool {
    let bytes = class.as_bytes();
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b' ' | b'.');
    let range = |at: usize| match (
        at.checked_sub(1).and_then(|at| bytes.get(at)),
        bytes.get(at + 1),
    ) {
        (Some(a), Some(b)) => a.is_ascii_alphanumeric() && b.is_ascii_alphanumeric() && a <= b,
        _ => false,
    };
    let fits = |(at, byte): (usize, &u8)| plain(byte) || (*byte == b'-' && range(at));
    !bytes.is_empty() && bytes.iter().enumerate().all(fits)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn lists() -> Lists {
        let mut lists = Lists::new();
        for (name, words) in [
            ("g", &["(?: [^ .]+){0,3}"][..]),
            ("kid", &["son", "daughters?", "little (?:one|boy)"]),
            ("who", &["them", "my <kid>", "<kid>"]),
        ] {
            let outlines = words.iter().map(|word| Outline::of(word, "", &lists));
            let list = List::of(outlines, &lists);
            lists.insert(name.to_owned(), list);
        }
        lists
    }

    fn shown(pattern: &str) -> Option<String> {
        let outline = Outline::of(pattern, " ", &lists())?;
        let piece = |piece: &Piece| match piece {
            Piece::Words(words) => words.clone(),
            Piece::List(name) => format!("<{name}>"),
        };
        let group = |group: &Vec<Piece>| group.iter().map(piece).collect::<Vec<_>>().join("|");
        let needs: Vec<String> = outline.needs.iter().map(group).collect();
        Some(needs.join("&"))
    }

    #[test]
    fn what_a_text_must_hold() {
        for (pattern, needs) in [
            ("hit (?:him|her)", " hit &him|her"),
            ("hit|slap(?:ped|s)?", " hit | slap"),
            ("<who><g> (?:is|are) (?:very )?sad", "<who>&sad "),
            ("punche?s", " punch"),
            ("(?:he|she) is", " is "),
            ("(?: [^ .]+){0,3}", ""),
            ("st+op [a-z0-9]{2,3} 3\\.30", " st&op & 3.30 "),
        ] {
            assert_eq!(shown(pattern).as_deref(), Some(needs), "{pattern}");
        }
        assert_eq!(
            pieces("who", &lists()),
            ["them", "my ", "son", "daughter", "little "]
        );
    }

    #[test]
    fn what_can_be_empty_is_known() {
        for (pattern, empty) in [
            ("a?b*", true),
            ("<g>", true),
            ("a|(?:b?)", true),
            ("a?b", false),
        ] {
            assert_eq!(
                Outline::of(pattern, " ", &lists()).unwrap().empty,
                empty,
                "{pattern}"
            );
        }
    }

    #[test]
    fn what_only_compiling_can_tell_is_left_to_it() {
        let deep = "(?:".repeat(3000);
        for pattern in [
            "a(",
            "a)",
            "(a)",
            "(?i:a)",
            "\\bhit\\b",
            "[^",
            "[]a]",
            "[z-a]",
            "[[:alpha:]]",
            "a**",
            "*",
            "a{3,2}",
            "a{1000}",
            "a{,3}",
            "a^b$",
            "<nobody>",
            "<kid",
            "\\",
            deep.as_str(),
            "(?:(?:[a-z]{50}){50}){50}",
        ] {
            assert_eq!(shown(pattern), None, "{pattern}");
        }
    }

    proptest! {
        /// Whatever is read here compiles, and a text that it matches holds what it needs.
        #[test]
        fn what_is_read_is_true(
            pattern in "([a-c]|[a-c ]{3,5}|\\?|\\+|\\*|\\||\\(\\?:|\\)|\\[\\^ \\.\\]|\\[a-b\\]|\\{0,2\\}|\\{2\\}|»|\\.){1,12}",
            text in "[abc ».]{0,20}",
        ) {
            if let Some(outline) = Outline::of(&pattern, " ", &Lists::new()) {
                let regex = super::super::patterns::compiled(&format!(" (?:{pattern}) ")).unwrap();
                let text = format!(" {text} ");
                if regex.is_match(text.as_bytes()) {
                    for group in &outline.needs {
                        let held = group.iter().any(|piece| matches!(piece, Piece::Words(w) if text.contains(w.as_str())));
                        prop_assert!(held, "{pattern} needs {group:?}, which {text:?} does not hold");
                    }
                }
                prop_assert!(outline.empty == regex.is_match(b"  "), "{}", pattern);
            }
        }
    }
}
