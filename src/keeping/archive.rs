//! The file of a backup: gzip over lines of JSON, the same from either database.
//!
//! First what it is and which tables it holds, then each table by its name and its rows, a line each,
//! and last the manifest: rows of each table, and the SHA-256 of every line before it. A file that was
//! cut off has no manifest, and one that was changed has another checksum.

use std::collections::BTreeMap;
use std::io::{self, BufRead, Write};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use crate::store::{Cell, ColumnKind, StoreError};

/// The version of this format.
pub const FORMAT: u32 = 1;

/// The first line: what this is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Beginning {
    /// The version of the format, under a name that says what the file is.
    pub schoolgate_backup: u32,
    /// The version of the schema that its rows fit.
    pub schema: i64,
    /// The moment it shows.
    pub taken_at: jiff::Timestamp,
    /// Every table it holds, with its columns in the order of the rows.
    pub tables: Vec<Columns>,
    /// What is deliberately not in it, and why.
    pub left_out: BTreeMap<String, String>,
}

/// A table's name and columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Columns {
    /// The table.
    pub name: String,
    /// Its columns.
    pub columns: Vec<String>,
}

/// The last line.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Manifest {
    /// How many rows of each table.
    pub rows: BTreeMap<String, u64>,
    /// Of every line before this one, in hexadecimal.
    pub sha256: String,
}

impl Manifest {
    /// All rows.
    pub fn total(&self) -> u64 {
        self.rows.values().sum()
    }
}

/// One line.
#[derive(Debug)]
pub enum Line {
    /// The rows that follow are this table's.
    Table(String),
    /// One row.
    Row(Vec<Value>),
    /// The end.
    Manifest(Manifest),
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct TableLine {
    table: String,
}

/// Why a backup was not made or not taken.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The file cannot be read or written.
    #[error("the file: {0}")]
    File(#[from] io::Error),
    /// It is something else.
    #[error("this is no backup of schoolgate's: {0}")]
    NotOurs(String),
    /// It ends before its end.
    #[error(
        "the file is cut off after line {0}: nothing was restored. Take an older backup, or copy this one again"
    )]
    CutOff(u64),
    /// Its checksum is another.
    #[error(
        "the file is not what was written (its checksum is another): nothing was restored. Take an older \
         backup, or copy this one again"
    )]
    Changed,
    /// It was made by a newer program.
    #[error(
        "the backup has schema {theirs}, and this schoolgate knows {ours}: update schoolgate, then restore"
    )]
    Newer {
        /// The backup's.
        theirs: i64,
        /// This program's.
        ours: i64,
    },
    /// There is something in the database already.
    #[error(
        "the database is not empty: `{table}` has {rows} rows. A backup is restored only into a new \
         database, so that nothing is overwritten: name one that is not there yet"
    )]
    NotEmpty {
        /// Where.
        table: String,
        /// How many.
        rows: u64,
    },
    /// The empty database's schema is another than the backup's.
    #[error(
        "the database has schema {ours}, and the backup {theirs}: name a database that is not there yet; \
         it is brought up to date after the backup is in"
    )]
    OtherSchema {
        /// The backup's.
        theirs: i64,
        /// The database's.
        ours: i64,
    },
    /// A line that does not fit.
    #[error("line {line} of the backup: {why}; nothing was restored")]
    Line {
        /// Which, from 1.
        line: u64,
        /// What is wrong.
        why: String,
    },
}

/// A backup that is being written.
#[derive(Debug)]
pub struct Writer<W: Write> {
    to: W,
    sum: Sha256,
}

impl<W: Write> Writer<W> {
    /// Begins.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn begin(to: W, beginning: &Beginning) -> io::Result<Self> {
        let mut writer = Self {
            to,
            sum: Sha256::new(),
        };
        writer.line(beginning)?;
        Ok(writer)
    }

    /// The rows that follow are this table's.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn table(&mut self, name: &str) -> io::Result<()> {
        self.line(&TableLine {
            table: name.to_owned(),
        })
    }

    /// One row.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn row(&mut self, cells: Vec<Cell>) -> io::Result<()> {
        let row: Vec<Value> = cells.into_iter().map(value_of).collect();
        self.line(&row)
    }

    /// Ends with the manifest.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn finish(mut self, rows: BTreeMap<String, u64>) -> io::Result<(W, Manifest)> {
        let manifest = Manifest {
            rows,
            sha256: hex(self.sum.clone().finalize().as_slice()),
        };
        self.line(&manifest)?;
        Ok((self.to, manifest))
    }

    fn line(&mut self, what: &impl Serialize) -> io::Result<()> {
        let mut line = serde_json::to_vec(what)?;
        line.push(b'\n');
        self.sum.update(&line);
        self.to.write_all(&line)
    }
}

/// A backup that is being read.
#[derive(Debug)]
pub struct Reader<R: BufRead> {
    from: R,
    sum: Sha256,
    line: Vec<u8>,
    /// Lines read so far.
    pub at: u64,
}

impl<R: BufRead> Reader<R> {
    /// Reads the first line.
    ///
    /// # Errors
    /// It is not one of ours, or of a format still to come.
    pub fn begin(from: R) -> Result<(Self, Beginning), BackupError> {
        let mut reader = Self {
            from,
            sum: Sha256::new(),
            line: Vec::new(),
            at: 0,
        };
        let read = reader.read();
        let not_ours = |why: String| BackupError::NotOurs(why);
        match read {
            Err(BackupError::File(e)) => return Err(not_ours(e.to_string())),
            other => other?,
        }
        let beginning: Beginning = serde_json::from_slice(&reader.line)
            .map_err(|_| not_ours("it does not begin as one".to_owned()))?;
        if beginning.schoolgate_backup != FORMAT {
            return Err(not_ours(format!(
                "its format is {}, and this program reads {FORMAT}",
                beginning.schoolgate_backup
            )));
        }
        reader.sum.update(&reader.line);
        Ok((reader, beginning))
    }

    /// The next line. The manifest is given only once the file has ended behind it and its checksum is
    /// that of what was read.
    ///
    /// # Errors
    /// The file is cut off or changed, or the line is none of ours.
    pub fn next_line(&mut self) -> Result<Line, BackupError> {
        self.read()?;
        let line = |at: u64, e: serde_json::Error| BackupError::Line {
            line: at,
            why: format!("it cannot be read ({e})"),
        };
        if self.line.starts_with(b"[") {
            self.sum.update(&self.line);
            let row = serde_json::from_slice(&self.line).map_err(|e| line(self.at, e))?;
            return Ok(Line::Row(row));
        }
        if let Ok(TableLine { table }) = serde_json::from_slice(&self.line) {
            self.sum.update(&self.line);
            return Ok(Line::Table(table));
        }
        let manifest: Manifest =
            serde_json::from_slice(&self.line).map_err(|e| line(self.at, e))?;
        if manifest.sha256 != hex(self.sum.clone().finalize().as_slice()) {
            return Err(BackupError::Changed);
        }
        // To the very end, where the compression's own checksum stands.
        match self.read() {
            Err(BackupError::CutOff(_)) if self.line.is_empty() => Ok(Line::Manifest(manifest)),
            Err(other) => Err(other),
            Ok(()) => Err(BackupError::Changed),
        }
    }

    /// One whole line. Compression that ends too early is a file that was cut off.
    fn read(&mut self) -> Result<(), BackupError> {
        self.line.clear();
        let read = self.from.read_until(b'\n', &mut self.line);
        match read {
            Err(e) if e.kind() == io::ErrorKind::UnexpectedEof => {
                // Not mistaken for the clean end of the file.
                self.line.push(b'?');
                Err(BackupError::CutOff(self.at))
            }
            Err(e) if self.at > 0 && e.kind() == io::ErrorKind::InvalidInput => {
                Err(BackupError::Changed)
            }
            Err(e) => Err(BackupError::File(e)),
            Ok(_) if !self.line.ends_with(b"\n") => Err(BackupError::CutOff(self.at)),
            Ok(_) => {
                self.at += 1;
                Ok(())
            }
        }
    }
}

fn value_of(cell: Cell) -> Value {
    match cell {
        Cell::Nothing => Value::Null,
        Cell::Text(text) => Value::String(text),
        Cell::Integer(n) => Value::from(n),
        Cell::Flag(flag) => Value::Bool(flag),
        Cell::Id(id) => Value::String(id.to_string()),
        Cell::Bytes(bytes) => Value::String(BASE64.encode(bytes)),
    }
}

/// The cell that a value of a file stands for; `None` where it does not fit its column.
pub fn cell_of(kind: ColumnKind, value: Value) -> Option<Cell> {
    Some(match (kind, value) {
        (_, Value::Null) => Cell::Nothing,
        (ColumnKind::Text, Value::String(text)) => Cell::Text(text),
        (ColumnKind::Integer, Value::Number(n)) => Cell::Integer(n.as_i64()?),
        (ColumnKind::Flag, Value::Bool(flag)) => Cell::Flag(flag),
        (ColumnKind::Id, Value::String(id)) => Cell::Id(Uuid::parse_str(&id).ok()?),
        (ColumnKind::Bytes, Value::String(text)) => Cell::Bytes(BASE64.decode(text).ok()?),
        _ => return None,
    })
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
