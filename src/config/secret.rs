//! Secrets: named in the file, kept in the environment or in a file of their own, printed nowhere.

use std::fmt;
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
/// hidden, byte for byte, so that every fault still has its place.
pub(super) fn hidden(text: &str) -> String {
    // A name of a variable is no secret; whatever else stands there is one, mistaken for it.
    const WRITTEN: &str = r#"(?m)\b(?:auth_token|api_key|api_secret|signature_secret|callback_token|signing_key|client_secret|password|secret|token|(?:auth_token|api_key|api_secret|signature_secret|callback_token|signing_key|client_secret|password|secret|token|database)_env|database(?:_url)?)[ \t]*=[ \t]*["']+([^"'\n]+)"#;
    let Ok(secrets) = Regex::new(WRITTEN) else {
        return String::new();
    };
    let mut shown = text.to_owned();
    for found in secrets.captures_iter(text) {
        let Some(value) = found.get(1) else { continue };
        let plain = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        let harmless = value.as_str().chars().all(plain) || value.as_str().starts_with("sqlite:");
        if !harmless {
            shown.replace_range(value.range(), &"*".repeat(value.len()));
        }
    }
    shown
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_belongs_elsewhere_is_hidden_and_nothing_moves() {
        let table = [
            ("password = \"hunter2\"", "password = \"*******\""),
            ("password_env = \"hunter2\"", "password_env = \"*******\""),
            (
                "password_env = \"SMTP_PASSWORD\"",
                "password_env = \"SMTP_PASSWORD\"",
            ),
            ("x = { token='ż1', y = 1 }", "x = { token='***', y = 1 }"),
            ("secret = \"never ended", "secret = \"***********"),
            ("secret = \"\"\"long\"\"\"", "secret = \"\"\"****\"\"\""),
            (
                "database = \"postgres://me:pw@host/x\"",
                "database = \"***********************\"",
            ),
            ("database = \"sqlite:x.db\"", "database = \"sqlite:x.db\""),
            (
                "password_file = \"secrets/one\"",
                "password_file = \"secrets/one\"",
            ),
            ("name = \"Kingfisher\"", "name = \"Kingfisher\""),
        ];
        for (written, shown) in table {
            assert_eq!(hidden(written), shown);
            assert_eq!(shown.len(), written.len());
        }
    }
}
