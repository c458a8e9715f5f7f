//! A backup: everything that one database holds at one moment, in one file that fits the other kind too.
//!
//! It is taken while the service runs, row by row, from one transaction that sees one moment.

use std::collections::BTreeMap;
use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::archive::{BackupError, Beginning, Columns, FORMAT, Manifest, Writer};
use crate::store::Store;

/// What is in no backup: secrets that are good for minutes, which a stolen file must not hold. Everything
/// else that the database has is in it.
pub const LEFT_OUT: &[(&str, &str)] = &[
    (
        "sessions",
        "who was signed in signs in again: a copy must sign nobody in",
    ),
    (
        "link_codes",
        "a code that was texted to a phone is good for minutes; another is asked for",
    ),
    (
        "invitations",
        "a link that sets a password must not outlive its deployment; another is made",
    ),
    (
        "detours",
        "whoever was on the way to their school account begins again",
    ),
    ("imports", "files that nobody agreed to are uploaded again"),
    (
        "import_files",
        "files that nobody agreed to are uploaded again",
    ),
];

/// Why a table is left out, if it is.
pub fn left_out(table: &str) -> Option<&'static str> {
    let found = LEFT_OUT.iter().find(|(name, _)| *name == table);
    found.map(|(_, why)| *why)
}

/// Writes a backup to `to`, and what it holds.
///
/// # Errors
/// The database cannot be read, or `to` not written; what was written then has no manifest.
pub async fn backup<W: Write>(store: &Store, to: W) -> Result<(W, Manifest), BackupError> {
    let mut tx = store.read().await?;
    tx.take_your_time().await?;
    let mut tables = tx.tables().await?;
    tables.retain(|table| left_out(&table.name).is_none());
    let beginning = Beginning {
        schoolgate_backup: FORMAT,
        schema: tx.schema().await?,
        taken_at: tx.now(),
        tables: tables
            .iter()
            .map(|table| Columns {
                name: table.name.clone(),
                columns: table.columns.iter().map(|c| c.name.clone()).collect(),
            })
            .collect(),
        left_out: LEFT_OUT
            .iter()
            .map(|(name, why)| ((*name).to_owned(), (*why).to_owned()))
            .collect(),
    };
    let gzip = GzEncoder::new(to, Compression::default());
    let mut writer = Writer::begin(gzip, &beginning)?;
    let mut rows = BTreeMap::new();
    for table in &tables {
        writer.table(&table.name)?;
        let mut count = 0;
        tx.each_row(table, |cells| {
            count += 1;
            writer.row(cells).map_err(BackupError::from)
        })
        .await?;
        rows.insert(table.name.clone(), count);
    }
    let (gzip, manifest) = writer.finish(rows)?;
    Ok((gzip.finish()?, manifest))
}
