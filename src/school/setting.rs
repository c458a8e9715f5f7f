//! The parts of a school's configuration that staff set in the console, and how what somebody typed
//! becomes the TOML that the file could hold.
//!
//! There is one reader for both: what is refused in `schoolgate.toml` is refused on the page, in the
//! same words. What stands where is for `config` to say; here is only what the parts are called.

use std::fmt::Write as _;

use super::people::{from_word, word_of};
use crate::fault::Fault;

/// A part of the configuration that is set as a whole.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Section {
    /// Days shut in a term: `[[closed]]`.
    Closed,
    /// The days and hours of the school, and its terms: `[hours]`, `[[term]]`.
    Terms,
    /// Numbers and pages that families are sent to.
    Contact,
    /// What the school knows better of services outside it, or has checked.
    Services,
    /// How long what is kept: `[retention]`.
    Retention,
}

impl Section {
    /// Every section with its word in the database, in the order of the console.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("closed", Self::Closed),
        ("terms", Self::Terms),
        ("contact", Self::Contact),
        ("services", Self::Services),
        ("retention", Self::Retention),
    ];

    /// The word in the database and on the command line.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// The section a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }

    /// What people call it.
    pub const fn called(self) -> &'static str {
        match self {
            Self::Closed => "closed days",
            Self::Terms => "term dates and hours",
            Self::Contact => "phones and web pages",
            Self::Services => "local services",
            Self::Retention => "how long things are kept",
        }
    }
}

/// A section as somebody typed it: TOML, a line for each field of the form, so that a fault is shown
/// beside the field it is in.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Draft {
    text: String,
    /// The field of each line.
    fields: Vec<String>,
}

impl Draft {
    /// The TOML.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Begins a table, `[hours]` or `[[term]]`; a fault of the whole table is shown at `field`.
    pub fn table(&mut self, heading: &str, field: &str) {
        self.line(heading.to_owned(), field);
    }

    /// A text, as typed.
    pub fn put(&mut self, key: &str, typed: &str, field: &str) {
        self.line(format!("{key} = {}", quoted(typed.trim())), field);
    }

    /// A text that may be left out: nothing where nothing was typed.
    pub fn put_if_any(&mut self, key: &str, typed: &str, field: &str) {
        if !typed.trim().is_empty() {
            self.put(key, typed, field);
        }
    }

    /// A whole number, as typed: what is none is left for the reader to refuse.
    pub fn number(&mut self, key: &str, typed: &str, field: &str) {
        match typed.trim().parse::<u32>() {
            Ok(number) => self.line(format!("{key} = {number}"), field),
            Err(_) => self.put(key, typed, field),
        }
    }

    /// A list of texts.
    pub fn list<'t>(&mut self, key: &str, typed: impl IntoIterator<Item = &'t str>, field: &str) {
        let all: Vec<String> = typed.into_iter().map(quoted).collect();
        self.line(format!("{key} = [{}]", all.join(", ")), field);
    }

    /// The field that a fault of this text is shown at.
    pub fn field_of(&self, fault: &Fault) -> &str {
        let start = fault.span.as_ref().map_or(0, |span| span.start);
        let before = self.text.get(..start).unwrap_or_default();
        let line = before.matches('\n').count();
        self.fields.get(line).map_or("", String::as_str)
    }

    fn line(&mut self, line: String, field: &str) {
        self.text.push_str(&line);
        self.text.push('\n');
        self.fields.push(field.to_owned());
    }
}

/// A text as TOML spells it, in one line whatever is in it.
fn quoted(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for letter in text.chars() {
        match letter {
            '"' => quoted.push_str("\\\""),
            '\\' => quoted.push_str("\\\\"),
            // Writing to a String does not fail.
            control if control.is_control() => {
                let _ = write!(quoted, "\\u{:04X}", u32::from(control));
            }
            letter => quoted.push(letter),
        }
    }
    quoted.push('"');
    quoted
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Document;

    #[test]
    fn whatever_is_typed_stays_in_its_field() {
        let typed = "snow\"]\n[[closed]]\\ \u{7f}🦊 = 1";
        let mut draft = Draft::default();
        draft.table("[[closed]]", "from");
        draft.put("from", "2026-12-07", "from");
        draft.put("why", typed, "why");
        draft.put_if_any("to", "  ", "to");
        draft.number("years", "31", "years");
        draft.number("days", "a week", "days");
        let document = Document::parse("closed", draft.text());
        let root = document.root();
        let tables = root.tables("closed");
        assert_eq!(tables.len(), 1);
        assert_eq!(tables[0].text("why").unwrap().value, typed);
        assert!(!tables[0].has("to"));
        assert_eq!(tables[0].number("years").unwrap().value, 31);
        assert!(tables[0].number("days").is_none());
        let faults = document.into_faults();
        assert_eq!(draft.field_of(&faults[0]), "days");
    }
}
