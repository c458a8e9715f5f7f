//! A `reading.toml` with its places, so that every fault in it can be shown where it is.
//!
//! Reads the whole file and reports all that is wrong at once; decides nothing about meaning.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeArray, DeTable, DeValue};

use crate::fault::{Fault, did_you_mean};

/// A word or pattern with its place.
pub type Placed = (String, Range<usize>);

/// One file being read, and the faults found in it so far.
#[derive(Debug)]
pub struct Sheet<'f> {
    path: &'f str,
    faults: Vec<Fault>,
}

/// One table of the file.
#[derive(Debug)]
pub struct Section<'t, 's> {
    name: String,
    table: &'t DeTable<'s>,
}

impl<'f> Sheet<'f> {
    /// Parses the file. What cannot be parsed is reported and left out.
    pub fn parse<'s>(path: &'f str, source: &'s str) -> (Self, Spanned<DeTable<'s>>) {
        let (table, errors) = DeTable::parse_recoverable(source);
        let faults = errors
            .into_iter()
            .map(|error| {
                let message = format!("this is not TOML: {}", error.message());
                let remedy = "quote words with \" and patterns with '";
                Fault::error(path, error.span(), message, remedy)
            })
            .collect();
        (Self { path, faults }, table)
    }

    /// The file's path, as faults name it.
    pub fn path(&self) -> &'f str {
        self.path
    }

    /// Adds an error at a place.
    pub fn error(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.push(Fault::error(self.path, span, message, remedy));
    }

    /// Adds a fault, once.
    pub fn push(&mut self, fault: Fault) {
        if !self.faults.contains(&fault) {
            self.faults.push(fault);
        }
    }

    /// What was found wrong, in the order of the file.
    pub fn into_faults(mut self) -> Vec<Fault> {
        self.faults
            .sort_by_key(|fault| fault.span.as_ref().map_or(0, |span| span.start));
        self.faults
    }
}

impl<'t, 's> Section<'t, 's> {
    /// The whole file.
    pub fn root(table: &'t Spanned<DeTable<'s>>) -> Self {
        Self {
            name: String::new(),
            table: table.get_ref(),
        }
    }

    /// The keys, in the order of the file.
    pub fn keys(&self) -> Vec<String> {
        let mut keys: Vec<_> = self
            .table
            .keys()
            .map(|key| (key.span().start, key))
            .collect();
        keys.sort_by_key(|(start, _)| *start);
        keys.into_iter()
            .map(|(_, key)| key.get_ref().to_string())
            .collect()
    }

    /// Where a key stands.
    pub fn place(&self, key: &str) -> Option<Range<usize>> {
        let mut keys = self.table.keys();
        keys.find(|name| name.get_ref() == key).map(Spanned::span)
    }

    /// Reports every key that is not one of `known`.
    pub fn only(&self, known: &[&str], sheet: &mut Sheet<'_>) {
        for key in self.table.keys() {
            let name: &str = key.get_ref();
            if !known.contains(&name) {
                let whole = self.full(name);
                let remedy = did_you_mean(name, known.iter().copied());
                sheet.error(key.span(), format!("there is no key `{whole}`"), remedy);
            }
        }
    }

    /// Whether a key holds a table.
    pub fn is_table(&self, key: &str) -> bool {
        self.table
            .get(key)
            .is_some_and(|value| value.get_ref().is_table())
    }

    /// A table below this one.
    pub fn section(&self, key: &str, sheet: &mut Sheet<'_>) -> Option<Section<'t, 's>> {
        let value = self.table.get(key)?;
        match value.get_ref() {
            DeValue::Table(table) => Some(Section {
                name: self.full(key),
                table,
            }),
            other => {
                self.wrong(key, value.span(), other, "a table", sheet);
                None
            }
        }
    }

    /// A text.
    pub fn text(&self, key: &str, sheet: &mut Sheet<'_>) -> Option<Placed> {
        let value = self.table.get(key)?;
        match value.get_ref() {
            DeValue::String(text) => Some((text.to_string(), value.span())),
            other => {
                self.wrong(key, value.span(), other, "a text", sheet);
                None
            }
        }
    }

    /// A whole number from 0 to 255.
    pub fn number(&self, key: &str, sheet: &mut Sheet<'_>) -> Option<u8> {
        let value = self.table.get(key)?;
        let number = match value.get_ref() {
            DeValue::Integer(number) => number.as_str().parse().ok(),
            _ => None,
        };
        if number.is_none() {
            self.wrong(key, value.span(), value.get_ref(), "a small number", sheet);
        }
        number
    }

    /// All the keys with a text each: key, text, place of the text.
    pub fn texts(&self, sheet: &mut Sheet<'_>) -> Vec<(String, String, Range<usize>)> {
        let keys = self.keys().into_iter();
        keys.filter_map(|key| {
            let (text, span) = self.text(&key, sheet)?;
            Some((key, text, span))
        })
        .collect()
    }

    /// A list of texts, or a text of several lines and words for long plain lists; empty when the
    /// key is missing.
    pub fn words(&self, key: &str, sheet: &mut Sheet<'_>) -> Vec<Placed> {
        let Some(value) = self.table.get(key) else {
            return Vec::new();
        };
        match value.get_ref() {
            DeValue::Array(array) => self.list(key, array, sheet),
            other => {
                self.wrong(key, value.span(), other, "a list of texts", sheet);
                Vec::new()
            }
        }
    }

    /// A list of lists of texts: the days of the week, each with its spellings.
    pub fn lists(&self, key: &str, sheet: &mut Sheet<'_>) -> Vec<Vec<Placed>> {
        let Some(value) = self.table.get(key) else {
            return Vec::new();
        };
        let DeValue::Array(rows) = value.get_ref() else {
            self.wrong(key, value.span(), value.get_ref(), "a list of lists", sheet);
            return Vec::new();
        };
        rows.iter()
            .map(|row| match row.get_ref() {
                DeValue::Array(array) => self.list(key, array, sheet),
                other => {
                    self.wrong(key, row.span(), other, "a list of texts", sheet);
                    Vec::new()
                }
            })
            .collect()
    }

    fn list(&self, key: &str, array: &DeArray<'_>, sheet: &mut Sheet<'_>) -> Vec<Placed> {
        let mut out = Vec::new();
        for item in array.iter() {
            match item.get_ref() {
                DeValue::String(text) => out.push((text.to_string(), item.span())),
                other => self.wrong(key, item.span(), other, "a text", sheet),
            }
        }
        out
    }

    fn wrong(
        &self,
        key: &str,
        span: Range<usize>,
        got: &DeValue<'_>,
        want: &str,
        sheet: &mut Sheet<'_>,
    ) {
        let whole = self.full(key);
        let kind = got.type_str();
        let message = format!("`{whole}` is not {want}");
        sheet.error(
            span,
            message,
            format!("this is of the type {kind}; write {want}"),
        );
    }

    fn full(&self, key: &str) -> String {
        if self.name.is_empty() {
            key.to_owned()
        } else {
            format!("{}.{key}", self.name)
        }
    }
}
