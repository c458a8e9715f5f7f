//! `schoolgate backup`: one file with everything, taken while the service runs.

use std::io::{IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::Where;
use crate::clock::Clock;
use crate::keeping::archive::Manifest;
use crate::keeping::backup::{LEFT_OUT, backup};
use crate::store::Store;

/// Writes a backup. It holds children's data: encrypt it where it is kept.
#[derive(Debug, Args)]
pub struct Backup {
    /// The file to write, or `-` for the standard output, such as into `age`.
    file: PathBuf,
    /// Write over a file that is there already, once the new one is whole.
    #[arg(long)]
    force: bool,
    #[command(flatten)]
    place: Where,
}

impl Backup {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (_, store) = self.place.store(Clock::real()).await?;
        let manifest = if self.file == Path::new("-") {
            to_stdout(&store).await?
        } else {
            to_file(&store, &self.file, self.force).await?
        };
        // Never on the standard output, where the backup itself may be.
        eprintln!(
            "{} rows of {} tables are in the backup; SHA-256 {}",
            manifest.total(),
            manifest.rows.len(),
            manifest.sha256
        );
        for (table, why) in LEFT_OUT {
            eprintln!("not in it: {table} ({why})");
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn to_stdout(store: &Store) -> anyhow::Result<Manifest> {
    let stdout = std::io::stdout();
    if stdout.is_terminal() {
        anyhow::bail!(
            "a backup is not for reading: name a file, or pipe it on, such as into `age`"
        );
    }
    let (mut stdout, manifest) = backup(store, stdout.lock()).await?;
    stdout.flush()?;
    Ok(manifest)
}

/// Under a name of its own, which only this user may read, until it is whole and on the disk.
async fn to_file(store: &Store, file: &Path, force: bool) -> anyhow::Result<Manifest> {
    if file.exists() && !force {
        anyhow::bail!(
            "{} is there already: name another file, or write over it with --force",
            file.display()
        );
    }
    let folder = match file.parent() {
        Some(folder) if !folder.as_os_str().is_empty() => folder,
        _ => Path::new("."),
    };
    let unfinished = tempfile::Builder::new()
        .prefix(".schoolgate-backup-")
        .tempfile_in(folder)
        .with_context(|| format!("{} cannot be written to", folder.display()))?;
    let (unfinished, manifest) = backup(store, unfinished).await?;
    unfinished.as_file().sync_all()?;
    unfinished
        .persist(file)
        .with_context(|| format!("{} cannot be written", file.display()))?;
    // The new name is on the disk too.
    std::fs::File::open(folder)?.sync_all()?;
    Ok(manifest)
}
