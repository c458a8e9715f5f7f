//! A trial in the terminal as a conversation file, which `flows test` plays as it stands.

use std::fs::{File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::Context as _;
use jiff::civil::DateTime;

use crate::flow::transcript;

/// A conversation file under way. Every line is on disk as soon as it is said, so that a trial which
/// ends in the middle is a whole file too.
#[derive(Debug)]
pub struct Record {
    path: PathBuf,
    file: File,
    said: usize,
    told: usize,
}

impl Record {
    /// Begins a file: whose phone it is, in which language it is answered, when the trial was, and
    /// the moment it begins.
    ///
    /// # Errors
    /// The file is there already and may not be written over, or cannot be written.
    pub fn begin(
        path: &Path,
        (who, language): (&str, &str),
        now: DateTime,
        force: bool,
    ) -> anyhow::Result<Self> {
        let mut how = OpenOptions::new();
        how.write(true);
        if force {
            how.create(true).truncate(true);
        } else {
            how.create_new(true);
        }
        let file = how.open(path).map_err(|e| {
            if e.kind() == std::io::ErrorKind::AlreadyExists {
                anyhow::anyhow!(
                    "{} is there already: name another file, or write over it with --force",
                    path.display()
                )
            } else {
                anyhow::Error::new(e).context(format!("{} cannot be written", path.display()))
            }
        })?;
        let mut record = Self {
            path: path.to_owned(),
            file,
            said: 0,
            told: 0,
        };
        record.line(&format!("# as {who}"))?;
        record.line(&format!("# only in {language}: one trial, as it went"))?;
        record.line(&format!("# A trial of {}.", now.strftime("%-d %B %Y")))?;
        record.time(&now.strftime("%a %-d %b %Y %H:%M").to_string())?;
        Ok(record)
    }

    /// The clock was moved, as it was written after the `@`.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn time(&mut self, written: &str) -> anyhow::Result<()> {
        self.line(&format!("@ {}", written.trim()))
    }

    /// Somebody wrote: the parent, or the one in brackets.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn heard(&mut self, who: Option<&str>, words: &str) -> anyhow::Result<()> {
        self.said += 1;
        let line = format!("{}> {}", brackets(who), words.trim());
        self.line(line.trim_end())
    }

    /// Somebody was told something.
    ///
    /// # Errors
    /// The file cannot be written.
    pub fn told(&mut self, who: Option<&str>, body: &str) -> anyhow::Result<()> {
        self.told += 1;
        self.line(&format!(
            "{}< {}",
            brackets(who),
            transcript::expected(body)
        ))
    }

    /// What was written, for whoever tried it.
    pub fn summary(&self) -> String {
        let path = self.path.display();
        format!(
            "{path} holds {} messages and {} replies: `schoolgate flows test {path}` plays it",
            self.said, self.told
        )
    }

    fn line(&mut self, line: &str) -> anyhow::Result<()> {
        writeln!(self.file, "{line}")
            .with_context(|| format!("{} cannot be written", self.path.display()))
    }
}

fn brackets(who: Option<&str>) -> String {
    who.map_or_else(String::new, |who| format!("[{who}] "))
}
