//! The values of a TOML table, each with its place, and what is said when one is of another kind.

use std::borrow::Cow;
use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::Load;
use super::keys::{Key, names};
use crate::fault::{Fault, did_you_mean};
use crate::flow::definition::At;

pub(super) type Table<'a, 'i> = &'a DeTable<'i>;

impl Load<'_> {
    pub(super) fn fault(
        &mut self,
        span: Range<usize>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) {
        self.faults
            .push(Fault::error(self.path, span, message, remedy));
    }

    pub(super) fn known(&mut self, table: Table<'_, '_>, keys: &[Key], what: &str) {
        let keys = names(keys);
        for key in table.keys() {
            let name: &str = key.get_ref();
            if !keys.contains(&name) {
                self.fault(
                    key.span(),
                    format!("{what} has no `{name}`"),
                    did_you_mean(name, keys.iter().copied()),
                );
            }
        }
    }

    pub(super) fn required(&mut self, table: Table<'_, '_>, key: &str) -> Option<At<String>> {
        if entry(table, key).is_none() {
            self.faults.push(Fault::error(
                self.path,
                None,
                format!("`{key}` is missing"),
                format!("add {key} = \"…\""),
            ));
        }
        self.text(table, key)
    }

    pub(super) fn text(&mut self, table: Table<'_, '_>, key: &str) -> Option<At<String>> {
        let (_, value) = entry(table, key)?;
        match value.get_ref().as_str() {
            Some(text) => Some(at(text.to_owned(), value.span())),
            None => {
                self.fault(
                    value.span(),
                    format!("`{key}` takes words"),
                    "put them in quotes",
                );
                None
            }
        }
    }

    /// One text or a list of them.
    pub(super) fn texts(&mut self, table: Table<'_, '_>, key: &str) -> Vec<At<String>> {
        let Some((_, value)) = entry(table, key) else {
            return Vec::new();
        };
        let items: Vec<&Spanned<DeValue<'_>>> = match value.get_ref() {
            DeValue::Array(items) => items.iter().collect(),
            _ => vec![value],
        };
        let mut all = Vec::new();
        for item in items {
            match item.get_ref().as_str() {
                Some(text) => all.push(at(text.to_owned(), item.span())),
                None => self.fault(
                    item.span(),
                    format!("`{key}` takes words"),
                    "put them in quotes",
                ),
            }
        }
        all
    }

    pub(super) fn flag(&mut self, table: Table<'_, '_>, key: &str) -> bool {
        let Some((_, value)) = entry(table, key) else {
            return false;
        };
        value.get_ref().as_bool().unwrap_or_else(|| {
            self.fault(
                value.span(),
                format!("`{key}` is true or false"),
                "write true or false, without quotes",
            );
            false
        })
    }

    pub(super) fn pairs(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(At<String>, At<String>)> {
        let mut all = Vec::new();
        for (key, value) in self.table(value).into_iter().flatten() {
            match value.get_ref().as_str() {
                Some(text) => all.push((named(key), at(text.to_owned(), value.span()))),
                None => self.fault(
                    value.span(),
                    "this takes the name of a step",
                    "put it in quotes",
                ),
            }
        }
        all
    }

    pub(super) fn table<'a, 'i>(
        &mut self,
        value: &'a Spanned<DeValue<'i>>,
    ) -> Option<Table<'a, 'i>> {
        let table = value.get_ref().as_table();
        if table.is_none() {
            self.fault(value.span(), "a table stands here", "write { … }");
        }
        table
    }

    pub(super) fn array<'a, 'i>(
        &mut self,
        value: &'a Spanned<DeValue<'i>>,
    ) -> Option<&'a [Spanned<DeValue<'i>>]> {
        match value.get_ref() {
            DeValue::Array(items) => Some(items),
            _ => {
                self.fault(value.span(), "a list stands here", "write [ … ]");
                None
            }
        }
    }
}

pub(super) fn at<T>(it: T, span: Range<usize>) -> At<T> {
    At { it, span }
}

pub(super) fn named(key: &Spanned<Cow<'_, str>>) -> At<String> {
    at(key.get_ref().clone().into_owned(), key.span())
}

pub(super) fn entry<'a, 'i>(
    table: Table<'a, 'i>,
    key: &str,
) -> Option<(Range<usize>, &'a Spanned<DeValue<'i>>)> {
    table
        .iter()
        .find(|(name, _)| name.get_ref() == key)
        .map(|(name, value)| (name.span(), value))
}

pub(super) fn number(value: &DeValue<'_>) -> Option<i64> {
    let integer = value.as_integer()?;
    i64::from_str_radix(integer.as_str(), integer.radix()).ok()
}

/// "3 days", "24 hours", "30 minutes" in minutes.
pub(super) fn minutes(text: &str) -> Option<i64> {
    let (count, unit) = text.split_once(' ')?;
    let each = match unit.trim_end_matches('s') {
        "day" => 24 * 60,
        "hour" => 60,
        "minute" => 1,
        _ => return None,
    };
    count
        .parse::<i64>()
        .ok()?
        .checked_mul(each)
        .filter(|n| *n > 0)
}
