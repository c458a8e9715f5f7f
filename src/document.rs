//! A TOML file that people write, read key by key so that every fault is found in one reading.
//!
//! `serde` stops at the first fault; a person who sets up a school should see all of them at once,
//! each with its place. Keys that nobody asked for are faults too: a misspelt `clsoed` must not
//! silently open the school. It knows TOML and [`Fault`]s, and nothing about schools.

use std::cell::RefCell;
use std::ops::Range;

use jiff::civil::{Date, Time};
use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::fault::{Fault, Severity, did_you_mean};

/// A parsed file and the faults found in it so far.
#[derive(Debug)]
pub struct Document<'t> {
    file: String,
    root: Spanned<DeTable<'t>>,
    faults: RefCell<Vec<Fault>>,
}

/// A value together with where it stands, for faults found later.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Placed<T> {
    /// What was written.
    pub value: T,
    /// Byte range in the file.
    pub span: Range<usize>,
}

impl<'t> Document<'t> {
    /// Parses `text`; faults of syntax are kept, and what can be read is read.
    pub fn parse(file: &str, text: &'t str) -> Self {
        let (root, errors) = DeTable::parse_recoverable(text);
        let faults = errors
            .iter()
            .map(|e| {
                Fault::error(
                    file,
                    e.span(),
                    e.message().to_owned(),
                    "write this line as TOML: key = \"value\"",
                )
            })
            .collect();
        Self {
            file: file.to_owned(),
            root,
            faults: RefCell::new(faults),
        }
    }

    /// The outermost table.
    pub fn root(&self) -> Table<'_> {
        Table {
            document: self,
            name: "the file".to_owned(),
            entries: self.root.get_ref(),
            span: None,
            known: RefCell::new(Vec::new()),
        }
    }

    /// The file's name, as faults show it.
    pub fn file(&self) -> &str {
        &self.file
    }

    /// Adds a fault at a place; `None` is the whole file's.
    pub fn fault(
        &self,
        span: impl Into<Option<Range<usize>>>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let fault = Fault::error(self.file.as_str(), span, message, remedy);
        self.faults.borrow_mut().push(fault);
    }

    /// Adds a warning at a place.
    pub fn warning(
        &self,
        span: impl Into<Option<Range<usize>>>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        let fault = Fault::warning(self.file.as_str(), span, message, remedy);
        self.faults.borrow_mut().push(fault);
    }

    /// Whether anything found so far is more than a warning.
    pub fn has_errors(&self) -> bool {
        let faults = self.faults.borrow();
        faults.iter().any(|f| f.severity == Severity::Error)
    }

    /// Every fault and warning, in the order of the file.
    pub fn into_faults(self) -> Vec<Fault> {
        let mut faults = self.faults.into_inner();
        faults.sort_by_key(|f| f.span.as_ref().map_or(usize::MAX, |s| s.start));
        faults
    }
}

/// One table of a [`Document`]. End with [`Table::no_more`], which names the keys nobody knows.
#[derive(Debug)]
pub struct Table<'d> {
    document: &'d Document<'d>,
    name: String,
    entries: &'d DeTable<'d>,
    span: Option<Range<usize>>,
    known: RefCell<Vec<&'static str>>,
}

impl<'d> Table<'d> {
    /// The document, for faults at other places.
    pub fn document(&self) -> &'d Document<'d> {
        self.document
    }

    /// Where the table stands; `None` for the whole file.
    pub fn span(&self) -> Option<Range<usize>> {
        self.span.clone()
    }

    /// Where a key's value stands, or else the table.
    pub fn span_of(&self, key: &'static str) -> Option<Range<usize>> {
        self.find(key).map(Spanned::span).or_else(|| self.span())
    }

    /// Whether the key is written at all.
    pub fn has(&self, key: &'static str) -> bool {
        self.find(key).is_some()
    }

    /// Text, where it is written.
    pub fn text(&self, key: &'static str) -> Option<Placed<String>> {
        let value = self.find(key)?;
        self.as_text(key, value)
    }

    /// Text that must be there and not be empty.
    pub fn need_text(&self, key: &'static str) -> Option<Placed<String>> {
        if !self.has(key) {
            self.missing(key, "\"…\"");
            return None;
        }
        let text = self.text(key)?;
        if text.value.trim().is_empty() {
            self.document
                .fault(text.span, format!("`{key}` is empty"), "fill it in");
            return None;
        }
        Some(text)
    }

    /// Text read as something else; `expected` completes "`key` must be …".
    pub fn parsed<T>(
        &self,
        key: &'static str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        let text = self.text(key)?;
        let value = read(text.value.trim());
        if value.is_none() {
            self.not_understood(key, &text, expected);
        }
        value
    }

    /// As [`Table::parsed`], for a key that must be there.
    pub fn need_parsed<T>(
        &self,
        key: &'static str,
        expected: &str,
        read: impl Fn(&str) -> Option<T>,
    ) -> Option<T> {
        if !self.has(key) {
            self.missing(key, expected);
            return None;
        }
        self.parsed(key, expected, read)
    }

    /// One of a few words.
    pub fn one_of<T: Copy>(&self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let text = self.text(key)?;
        let found = words.iter().find(|(w, _)| *w == text.value);
        if found.is_none() {
            let remedy = did_you_mean(&text.value, words.iter().map(|(w, _)| *w));
            self.document.fault(
                text.span,
                format!("`{key}` cannot be `{}`", text.value),
                remedy,
            );
        }
        found.map(|(_, value)| *value)
    }

    /// A list of texts; one text alone counts as a list of one.
    pub fn texts(&self, key: &'static str) -> Vec<Placed<String>> {
        match self.find(key) {
            None => Vec::new(),
            Some(value) => match value.get_ref() {
                DeValue::Array(items) => items
                    .iter()
                    .filter_map(|item| self.as_text(key, item))
                    .collect(),
                _ => self.as_text(key, value).into_iter().collect(),
            },
        }
    }

    /// `true` or `false`.
    pub fn flag(&self, key: &'static str) -> Option<bool> {
        let value = self.find(key)?;
        match value.get_ref() {
            DeValue::Boolean(flag) => Some(*flag),
            _ => {
                self.wrong(key, value.span(), "true or false, without quotes");
                None
            }
        }
    }

    /// A whole number from 0 upwards.
    pub fn number(&self, key: &'static str) -> Option<Placed<u32>> {
        let value = self.find(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(n) => u32::from_str_radix(n.as_str(), n.radix()).ok(),
            _ => None,
        };
        match number {
            Some(number) => Some(Placed {
                value: number,
                span: value.span(),
            }),
            None => {
                self.wrong(key, value.span(), "a whole number, without quotes");
                None
            }
        }
    }

    /// A day, written `2026-09-02` with or without quotes.
    pub fn date(&self, key: &'static str) -> Option<Date> {
        let value = self.find(key)?;
        let written = match value.get_ref() {
            DeValue::Datetime(when) => when.to_string(),
            DeValue::String(text) => text.to_string(),
            _ => String::new(),
        };
        let date = if written.len() == "2026-09-02".len() {
            written.parse().ok()
        } else {
            None
        };
        if date.is_none() {
            self.wrong(key, value.span(), "a day, such as 2026-09-02");
        }
        date
    }

    /// A day that must be there, or a word that stands for none.
    pub fn need_date_or(&self, key: &'static str, word: &str) -> Option<Date> {
        let written = self.find(key).map(Spanned::get_ref);
        match written {
            Some(DeValue::String(text)) if text.as_ref() == word => None,
            _ => self.need_date(key),
        }
    }

    /// A day that must be there.
    pub fn need_date(&self, key: &'static str) -> Option<Date> {
        if !self.has(key) {
            self.missing(key, "2026-09-02");
        }
        self.date(key)
    }

    /// A time of day, written `"08:30"`.
    pub fn time(&self, key: &'static str) -> Option<Time> {
        self.parsed(key, "a time of day, such as \"08:30\"", read_time)
    }

    /// A table under this one, where it is written.
    pub fn table(&self, key: &'static str) -> Option<Table<'d>> {
        let value = self.find(key)?;
        self.as_table(key, value)
    }

    /// The tables of a list: `[[key]]`.
    pub fn tables(&self, key: &'static str) -> Vec<Table<'d>> {
        let Some(value) = self.find(key) else {
            return Vec::new();
        };
        match value.get_ref() {
            DeValue::Array(items) => items.iter().filter_map(|v| self.as_table(key, v)).collect(),
            _ => {
                let remedy = format!("a list: write [[…{key}]] with two brackets");
                self.wrong(key, value.span(), &remedy);
                Vec::new()
            }
        }
    }

    /// Names every key that was written and never asked for.
    pub fn no_more(self) {
        let known = self.known.borrow();
        for key in self.entries.keys() {
            let written = key.get_ref().as_ref();
            if !known.contains(&written) {
                self.document.fault(
                    key.span(),
                    format!("there is no key `{written}` in {}", self.name),
                    did_you_mean(written, known.iter().copied()),
                );
            }
        }
    }

    /// A fault for a key that must be written.
    pub fn missing(&self, key: &'static str, example: &str) {
        self.document.fault(
            self.span(),
            format!("`{key}` is missing in {}", self.name),
            format!("add: {key} = {example}"),
        );
    }

    fn not_understood(&self, key: &str, text: &Placed<String>, expected: &str) {
        self.document.fault(
            text.span.clone(),
            format!("`{key}` cannot be read: `{}`", without_user(&text.value)),
            format!("write {expected}"),
        );
    }

    fn wrong(&self, key: &str, span: Range<usize>, expected: &str) {
        self.document.fault(
            span,
            format!("`{key}` is not written as expected"),
            format!("write {expected}"),
        );
    }

    fn find(&self, key: &'static str) -> Option<&'d Spanned<DeValue<'d>>> {
        let mut known = self.known.borrow_mut();
        if !known.contains(&key) {
            known.push(key);
        }
        self.entries
            .iter()
            .find(|(k, _)| k.get_ref().as_ref() == key)
            .map(|(_, v)| v)
    }

    fn as_text(&self, key: &str, value: &Spanned<DeValue<'_>>) -> Option<Placed<String>> {
        match value.get_ref() {
            DeValue::String(text) => Some(Placed {
                value: text.to_string(),
                span: value.span(),
            }),
            _ => {
                self.wrong(key, value.span(), "text, in quotes");
                None
            }
        }
    }

    fn as_table(&self, key: &str, value: &'d Spanned<DeValue<'d>>) -> Option<Table<'d>> {
        match value.get_ref() {
            DeValue::Table(entries) => Some(Table {
                document: self.document,
                name: format!("`{key}`"),
                entries,
                span: Some(value.span()),
                known: RefCell::new(Vec::new()),
            }),
            _ => {
                let expected = format!("a table: [{key}] on a line of its own, keys below it");
                self.wrong(key, value.span(), &expected);
                None
            }
        }
    }
}

/// A time of day as people write it in these files: `08:30`, `8:30` or `16:00`.
pub fn read_time(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    if minute.len() != 2 || hour.is_empty() || hour.len() > 2 {
        return None;
    }
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

/// An address without the name and password that somebody wrote into it; anything else as it is.
pub fn without_user(text: &str) -> String {
    let parts = text.split_once("://");
    match parts.and_then(|(scheme, rest)| Some((scheme, rest.rsplit_once('@')?.1))) {
        Some((scheme, rest)) => format!("{scheme}://…@{rest}"),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_of_a_file_is_found_in_one_reading() {
        let text = "name = 3\nopens = \"8.30\"\nclsoed = 2026-10-26\n[when]\nday = \"monday\"\n";
        let document = Document::parse("a.toml", text);
        let root = document.root();
        root.text("name");
        root.time("opens");
        root.date("closed");
        let when = root.table("when").unwrap();
        when.date("day");
        when.no_more();
        root.missing("office", "\"020 7946 0123\"");
        root.no_more();
        let sources = [("a.toml".to_owned(), text.to_owned())].into();
        let faults = document.into_faults();
        let told: Vec<_> = faults
            .iter()
            .map(|f| (f.line(&sources), f.message.as_str(), f.remedy.as_str()))
            .collect();
        assert_eq!(
            told,
            [
                (
                    Some(1),
                    "`name` is not written as expected",
                    "write text, in quotes"
                ),
                (
                    Some(2),
                    "`opens` cannot be read: `8.30`",
                    "write a time of day, such as \"08:30\""
                ),
                (
                    Some(3),
                    "there is no key `clsoed` in the file",
                    "did you mean `closed`?"
                ),
                (
                    Some(5),
                    "`day` is not written as expected",
                    "write a day, such as 2026-09-02"
                ),
                (
                    None,
                    "`office` is missing in the file",
                    "add: office = \"020 7946 0123\""
                ),
            ]
        );
    }

    #[test]
    fn a_mistake_of_syntax_has_its_line() {
        let text = "name = \"Kingfisher\nopens = \"08:30\"\n";
        let document = Document::parse("a.toml", text);
        let faults = document.into_faults();
        let sources = [("a.toml".to_owned(), text.to_owned())].into();
        assert_eq!(faults[0].line(&sources), Some(1));
    }

    #[test]
    fn times_are_read_as_clocks_show_them() {
        for (text, expected) in [
            ("08:30", Some((8, 30))),
            ("8:30", Some((8, 30))),
            ("16:00", Some((16, 0))),
            ("24:00", None),
            ("8.30", None),
            ("8:3", None),
            ("", None),
        ] {
            let time = read_time(text).map(|t| (t.hour(), t.minute()));
            assert_eq!(time, expected, "{text}");
        }
    }
}
