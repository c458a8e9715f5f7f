//! `schoolgate restore`: a backup into a new database, all of it or nothing.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::Where;
use crate::clock::Clock;
use crate::keeping::restore::{Restored, restore};
use crate::store::Store;

/// Restores a backup of either kind of database into an empty one of either kind.
#[derive(Debug, Args)]
pub struct Restore {
    /// The backup, or `-` for the standard input, such as from `age`.
    file: PathBuf,
    #[command(flatten)]
    place: Where,
}

impl Restore {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let config = self.place.config()?;
        let address = self.place.database(&config)?;
        let restored = if self.file == Path::new("-") {
            let store = Store::open(&address, Clock::real()).await?;
            restore(&store, std::io::stdin().lock()).await?
        } else {
            // Looked for first: a mistyped name makes no empty database.
            let file = File::open(&self.file)
                .with_context(|| format!("{} cannot be read", self.file.display()))?;
            let store = Store::open(&address, Clock::real()).await?;
            restore(&store, file).await?
        };
        Ok(report(&restored))
    }
}

fn report(restored: &Restored) -> ExitCode {
    println!(
        "The backup of {} is in: {} rows of {} tables, as many as its manifest says.",
        restored.taken_at.strftime("%-d %b %Y %H:%M UTC"),
        restored.manifest.total(),
        restored.manifest.rows.len()
    );
    if restored.waiting > 0 {
        println!(
            "{} messages had not left when it was taken. They leave when `serve` starts; if the old service \
             went on after that, they may arrive twice. `schoolgate outbox list` shows them.",
            restored.waiting
        );
    }
    println!("Nobody is signed in: sessions are in no backup.");
    for b in &restored.breaks {
        println!(
            "{}: broken at entry {}: {} (it was so in the backup)",
            b.reference, b.seq, b.what
        );
    }
    if restored.breaks.is_empty() {
        println!("{} entries, every chain whole", restored.sound);
        return ExitCode::SUCCESS;
    }
    println!(
        "{} broken chains; {} entries in whole ones",
        restored.breaks.len(),
        restored.sound
    );
    ExitCode::FAILURE
}
