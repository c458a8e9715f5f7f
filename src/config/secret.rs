//! Secrets: named in the file, kept in the environment or in a file of their own, printed nowhere.

use std::fmt;
use std::ops::Range;
use std::path::{Path, PathBuf};

use regex::Regex;
use secrecy::SecretString;

use crate::document::Table;

/// A secret: where it is kept, and what it is once that place has been looked at.
#[derive(Debug, Clone)]
pub struct Secret {
    /// Where it is kept.
    pub place: SecretPlace,
    value: Option<SecretString>,
}

/// Where a secret is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SecretPlace {
    /// An environment variable.
    Env(String),
    /// A file that holds nothing else.
    File(PathBuf),
    /// The configuration itself, where it turned out to hold nothing secret.
    Inline,
}

impl fmt::Display for SecretPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(name) => write!(f, "environment variable {name}"),
            Self::File(path) => write!(f, "file {}", path.display()),
            Self::Inline => write!(f, "the configuration"),
        }
    }
}

/// A secret that is named and not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MissingSecret {
    /// What it is for.
    pub what: String,
    /// Where it was looked for.
    pub place: SecretPlace,
}

impl fmt::Display for MissingSecret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, place } = self;
        match place {
            SecretPlace::Env(name) => write!(f, "{what} is missing: set {name}"),
            _ => write!(f, "{what} is missing: write it to {place}"),
        }
    }
}

/// What lies outside the file: the environment and other files, which a test can stand in for.
pub(super) struct Outside<'a> {
    /// The folder that paths start from.
    pub base: &'a Path,
    /// The environment.
    pub env: &'a dyn Fn(&str) -> Option<String>,
    /// The text of a file; `None` where it cannot be read.
    pub file: &'a dyn Fn(&Path) -> Option<String>,
}

impl Outside<'_> {
    /// A path as written, from the folder of the file it is written in.
    pub(super) fn path(&self, written: &str) -> PathBuf {
        self.base.join(written)
    }
}

/// The three spellings of one secret's key: inline (refused), `_env`, `_file`.
pub(super) type Spelling = [&'static str; 3];

impl Secret {
    /// A secret that is known already.
    pub(super) fn known(place: SecretPlace, value: String) -> Self {
        Self {
            place,
            value: Some(value.into()),
        }
    }

    /// The secret, if its place held one.
    pub fn value(&self) -> Option<&SecretString> {
        self.value.as_ref()
    }

    /// Reads one secret of a table. Written inline it is a fault, and the fault does not repeat it.
    pub(super) fn read(
        table: &Table<'_>,
        spelling: Spelling,
        outside: &Outside<'_>,
    ) -> Option<Self> {
        let [inline, env_key, file_key] = spelling;
        if table.has(inline) {
            table.document().fault(
                table.span_of(inline),
                format!("`{inline}` is a secret, and this file is no place for one"),
                format!(
                    "write {env_key} = \"NAME\" and set that variable, or {file_key} = \"path\""
                ),
            );
        }
        if let Some(name) = table.text(env_key) {
            let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            if name.value.is_empty() || !name.value.chars().all(plain) {
                table.document().fault(
                    name.span,
                    format!("`{env_key}` must be the name of a variable, not the secret itself"),
                    "write capital letters, digits and _, such as \"KINGFISHER_TOKEN\"",
                );
                return None;
            }
            let value = (outside.env)(&name.value).filter(|v| !v.is_empty());
            return Some(Self {
                place: SecretPlace::Env(name.value),
                value: value.map(SecretString::from),
            });
        }
        let path = outside.path(&table.text(file_key)?.value);
        let value = (outside.file)(&path)
            .map(|t| t.trim_end_matches(['\r', '\n']).to_owned())
            .filter(|v| !v.is_empty());
        Some(Self {
            place: SecretPlace::File(path),
            value: value.map(SecretString::from),
        })
    }

    /// As [`Secret::read`], for one that must be named.
    pub(super) fn need(
        table: &Table<'_>,
        spelling: Spelling,
        outside: &Outside<'_>,
    ) -> Option<Self> {
        let [inline, env_key, file_key] = spelling;
        let written = [inline, env_key, file_key].map(|key| table.has(key));
        if !written.contains(&true) {
            table.missing(env_key, "\"NAME_OF_A_VARIABLE\"");
        }
        Self::read(table, spelling, outside)
    }
}

/// The text of a configuration as it may be shown: what somebody wrote into it that belongs elsewhere is
/// hidden, byte for byte, so that every fault still has its place. What looks like a secret is taken for
/// one, however it is written.
pub(super) fn hidden(text: &str) -> String {
    const KEY: &str = r#"(?i)(?:pass|pwd|secret|token|_key|database)[\w-]*["']?(?:[ \t]*\.[ \t]*\w+)?[ \t]*[=: \t][ \t]*"#;
    const USER: &str = r#"://([^/\s"']*)@"#;
    let (Ok(key), Ok(user)) = (Regex::new(KEY), Regex::new(USER)) else {
        return String::new();
    };
    let mut shown = text.to_owned();
    let mut hide = |place: Range<usize>| {
        let stars = "*".repeat(place.len());
        shown.replace_range(place, &stars);
    };
    let (mut at, mut until) = (0, None);
    for line in text.split_inclusive('\n') {
        let begins = at;
        at += line.len();
        let line = line.trim_end();
        if let Some(end) = until {
            let stops = line.find(end);
            hide(begins..begins + stops.unwrap_or(line.len()));
            if stops.is_some() {
                until = None;
            }
            continue;
        }
        if line.trim_start().starts_with(['#', '[']) {
            continue;
        }
        if let Some(secret) = secret_in(line, &key) {
            let value = line.get(secret..).unwrap_or_default();
            hide(begins + secret..begins + line.len());
            let long = ["\"\"\"", "'''"].into_iter().find(|q| value.starts_with(q));
            until = long.filter(|quote| value.matches(*quote).count() == 1);
        } else if is_one_word(line.trim()) {
            hide(begins..begins + line.len());
        } else {
            for found in user.captures_iter(line).filter_map(|c| c.get(1)) {
                hide(begins + found.start()..begins + found.end());
            }
        }
    }
    shown
}

/// Where the first secret of a line begins. What is harmless is stepped over as a whole, since the name of
/// a variable reads like a key too.
fn secret_in(line: &str, key: &Regex) -> Option<usize> {
    let mut from = 0;
    loop {
        let found = key.find_at(line, from)?;
        let value = line.get(found.end()..).unwrap_or_default();
        let Some(length) = harmless(&found.as_str().to_lowercase(), value) else {
            return Some(found.end());
        };
        from = found.end() + length;
    }
}

/// How long a value is that may be shown: the name of a variable, the place of a file, a database in a
/// file, or nothing.
fn harmless(key: &str, text: &str) -> Option<usize> {
    let mut letters = text.chars();
    let Some(quote) = letters.next() else {
        return Some(0);
    };
    let (value, after) = letters
        .as_str()
        .split_once(quote)
        .filter(|_| "\"'".contains(quote))?;
    let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let named = !value.is_empty() && value.chars().all(plain) && key.contains("_env");
    let place = key.contains("_file") || value.starts_with("sqlite:");
    let ends = after.trim().is_empty() || after.trim_start().starts_with(['#', '}', ',']);
    (ends && (named || place)).then(|| text.len() - after.len())
}

/// A line that says nothing to anybody but what it is: a secret without its key.
fn is_one_word(line: &str) -> bool {
    let word = !line.contains(char::is_whitespace) && !line.contains('=');
    word && line.len() > 5 && !line.starts_with(['"', '\'', ']', '}', '{'])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_elsewhere_is_hidden_and_nothing_moves() {
        for written in [
            "password = \"Zebra77\"",
            "password = 'Zebra77'",
            "password = Zebra77",
            "password = \u{201c}Zebra77\u{201d}",
            "password = Zebra77\"",
            "password = [\"Zebra77\"]",
            "password = { env = \"Zebra77\" }",
            "password.env = \"Zebra77\"",
            "\"password\" = \"Zebra77\"",
            "password_env = \"Zebra77\"",
            "password_env \"Zebra77\"",
            "password_env = # Zebra77",
            "password: \"Zebra77\"",
            "Password = \"Zebra77\"",
            "passwrd = \"Zebra77\"",
            "smtp_pwd = \"Zebra77\"",
            "x = { token=\"Zebra77\", y = 1 }",
            "secret = \"\"\"\nZebra77\nmore",
            "secret = '''Zebra77\nZebra77'''\nname = 1",
            "Zebra77",
            "database = \"postgres://me:Zebra77@host/x\"",
            "database_env = \"mysql://me:Zebra77@host/x\"",
            "public_url = \"https://me:Zebra77@host\"",
            "password = \"Zebra77\" # mine",
            "x = { secret_file = \"a\", secret = \"Zebra77\" }",
            "x = { secret_env = \"A\", password = Zebra77 }",
            "password_env = \"PASSWORD\" # password: Zebra77",
        ] {
            let shown = hidden(written);
            assert!(!shown.contains("Zebra77"), "{written}: {shown}");
            assert_eq!(shown.len(), written.len(), "{written}");
        }
        for harmless in [
            "password_env = \"SMTP_PASSWORD\"   # where it is",
            "password_file = \"secrets/one\"",
            "database = \"sqlite:x.db\"",
            "name = \"Kingfisher\"",
            "[school.email]",
            "# password = \"x\"",
            "secret = '''\n'''\nname = \"shown\"",
        ] {
            assert!(
                hidden(harmless).ends_with(harmless.rsplit('\n').next().unwrap()),
                "{harmless}"
            );
        }
    }
}
