//! Putting a backup into an empty database: all of it or nothing, and then walked through.

use std::collections::BTreeMap;
use std::io::{BufReader, Read};

use flate2::bufread::GzDecoder;
use jiff::Timestamp;
use serde_json::Value;

use super::archive::{BackupError, Beginning, Line, Manifest, Reader, cell_of};
use super::backup::left_out;
use crate::store::{Break, Cell, Store, Table, Tx};

/// Rows that go to the database at once: fewer when they are long, so that photos need little memory.
const AT_ONCE: usize = 200;

/// Bytes of them, roughly.
const BYTES_AT_ONCE: usize = 1 << 20;

/// What was restored, and what was found when it was walked through.
#[derive(Debug)]
pub struct Restored {
    /// The moment the backup shows.
    pub taken_at: Timestamp,
    /// What came in, which is what the backup's manifest says.
    pub manifest: Manifest,
    /// Entries of chronologies whose chains are whole.
    pub sound: u64,
    /// Chains that were broken already when the backup was taken.
    pub breaks: Vec<Break>,
    /// Messages that had not left when the backup was taken: they leave when the service starts.
    pub waiting: u64,
}

/// Restores a backup into a database that holds nothing, and brings its schema up to date.
///
/// # Errors
/// [`BackupError`]; the database then holds nothing, as before.
pub async fn restore(store: &Store, from: impl Read) -> Result<Restored, BackupError> {
    let file = BufReader::new(GzDecoder::new(BufReader::new(from)));
    let (mut reader, beginning) = Reader::begin(file)?;
    let ours = Store::newest_schema();
    if beginning.schema > ours {
        return Err(BackupError::Newer {
            theirs: beginning.schema,
            ours,
        });
    }
    store.migrate_to(beginning.schema).await?;
    let mut tx = store.begin().await?;
    tx.take_your_time().await?;
    let tables = fitting(&mut tx, &beginning).await?;
    let mut filling = Filling::new(&mut tx, &tables);
    let manifest = loop {
        match reader.next_line()? {
            Line::Table(name) => filling.turn_to(&name, reader.at).await?,
            Line::Row(row) => filling.row(row, reader.at).await?,
            Line::Manifest(manifest) => break manifest,
        }
    };
    let counts = filling.finish(reader.at).await?;
    let held = manifest.rows.iter().filter(|(_, n)| **n > 0);
    if !held.eq(counts.iter().filter(|(_, n)| **n > 0)) {
        return Err(BackupError::Changed);
    }
    for table in &tables {
        let said = counts.get(&table.name).copied().unwrap_or(0);
        let there = tx.count_rows(table).await?;
        if there != said {
            return Err(BackupError::Line {
                line: reader.at,
                why: format!("`{}` has {there} rows instead of {said}", table.name),
            });
        }
    }
    let (sound, breaks) = tx.verify().await?;
    let waits = |status: &str| matches!(status, "queued" | "sending");
    let ladder = tx.ladder().await?;
    let waiting = ladder.iter().filter(|(status, _)| waits(status));
    let waiting = waiting.map(|(_, n)| u64::try_from(*n).unwrap_or(0)).sum();
    tx.save().await?;
    store.migrate().await?;
    Ok(Restored {
        taken_at: beginning.taken_at,
        manifest,
        sound,
        breaks,
        waiting,
    })
}

/// The tables of the empty database, with the columns of the backup in its order: each has what the
/// other has.
async fn fitting(tx: &mut Tx, beginning: &Beginning) -> Result<Vec<Table>, BackupError> {
    let mut tables = tx.tables().await?;
    for table in &tables {
        let rows = tx.count_rows(table).await?;
        if rows > 0 {
            return Err(BackupError::NotEmpty {
                table: table.name.clone(),
                rows,
            });
        }
    }
    let ours = tx.schema().await?;
    if ours != beginning.schema {
        return Err(BackupError::OtherSchema {
            theirs: beginning.schema,
            ours,
        });
    }
    tables.retain(|table| left_out(&table.name).is_none());
    let line = |why: String| BackupError::Line { line: 1, why };
    let mut fitted = Vec::new();
    for held in &beginning.tables {
        let at = tables.iter().position(|t| t.name == held.name);
        let at = at.ok_or_else(|| line(format!("there is no table `{}`", held.name)))?;
        let Table { name, columns } = tables.swap_remove(at);
        if columns.len() != held.columns.len() {
            return Err(line(format!("`{name}` has other columns here")));
        }
        let in_order = held.columns.iter().map(|wanted| {
            let found = columns.iter().find(|c| c.name == *wanted).cloned();
            found.ok_or_else(|| line(format!("`{name}` has no column `{wanted}` here")))
        });
        let columns = in_order.collect::<Result<Vec<_>, _>>()?;
        fitted.push(Table { name, columns });
    }
    match tables.first() {
        Some(missing) => Err(line(format!(
            "the table `{}` is missing in it",
            missing.name
        ))),
        None => Ok(fitted),
    }
}

/// Rows on their way into their tables.
struct Filling<'a> {
    tx: &'a mut Tx,
    tables: &'a [Table],
    table: Option<&'a Table>,
    rows: Vec<Vec<Cell>>,
    bytes: usize,
    counts: BTreeMap<String, u64>,
}

impl<'a> Filling<'a> {
    fn new(tx: &'a mut Tx, tables: &'a [Table]) -> Self {
        Self {
            tx,
            tables,
            table: None,
            rows: Vec::new(),
            bytes: 0,
            counts: BTreeMap::new(),
        }
    }

    async fn turn_to(&mut self, name: &str, line: u64) -> Result<(), BackupError> {
        self.put(line).await?;
        let found = self.tables.iter().find(|t| t.name == name);
        self.table = Some(found.ok_or_else(|| BackupError::Line {
            line,
            why: format!("the table `{name}` was not announced"),
        })?);
        Ok(())
    }

    async fn row(&mut self, row: Vec<Value>, line: u64) -> Result<(), BackupError> {
        let wrong = |why: String| BackupError::Line { line, why };
        let table = self
            .table
            .ok_or_else(|| wrong("a row before any table".to_owned()))?;
        if row.len() != table.columns.len() {
            return Err(wrong(format!(
                "a row of `{}` has {} values",
                table.name,
                row.len()
            )));
        }
        let mut cells = Vec::with_capacity(row.len());
        for (column, value) in table.columns.iter().zip(row) {
            let cell = cell_of(column.kind, value);
            let cell =
                cell.ok_or_else(|| wrong(format!("{}.{} does not fit", table.name, column.name)))?;
            self.bytes += match &cell {
                Cell::Text(text) => text.len(),
                Cell::Bytes(bytes) => bytes.len(),
                _ => 8,
            };
            cells.push(cell);
        }
        self.rows.push(cells);
        *self.counts.entry(table.name.clone()).or_default() += 1;
        if self.rows.len() >= AT_ONCE || self.bytes >= BYTES_AT_ONCE {
            self.put(line).await?;
        }
        Ok(())
    }

    async fn put(&mut self, line: u64) -> Result<(), BackupError> {
        if let Some(table) = self.table {
            let put = self.tx.put_rows(table, &self.rows).await;
            put.map_err(|e| BackupError::Line {
                line,
                why: format!("`{}` does not take these rows ({e})", table.name),
            })?;
        }
        self.rows.clear();
        self.bytes = 0;
        Ok(())
    }

    async fn finish(mut self, line: u64) -> Result<BTreeMap<String, u64>, BackupError> {
        self.put(line).await?;
        Ok(self.counts)
    }
}
