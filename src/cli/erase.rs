//! `schoolgate erase`: the words of one entry, where somebody asks for it and the law lets it.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::{Where, case_number, one_school};
use crate::clock::Clock;
use crate::desk::erasure::erase;

/// Erases the words of an entry, and the message they came in. The entry, its moment and its digest stay,
/// so that `verify` still finds every chain whole; a new entry says that it was done, and why.
#[derive(Debug, Args)]
pub struct Erase {
    /// The case, such as C-1042.
    reference: String,
    /// The entry's number, as `schoolgate cases show` prints it.
    #[arg(long)]
    entry: i64,
    /// Why: it stands in the record, so without the words that go.
    #[arg(long)]
    why: String,
    /// Which school, where there are several.
    #[arg(long)]
    school: Option<String>,
    #[command(flatten)]
    place: Where,
}

impl Erase {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (config, store) = self.place.store(Clock::real()).await?;
        let school = one_school(&config, self.school.as_deref())?;
        let number = case_number(&self.reference)?;
        let mut tx = store.begin().await?;
        let id = &school.config.id;
        let case = tx.case_by_number(id, number).await?;
        let case = case.with_context(|| format!("there is no case C-{number}"))?;
        erase(
            &mut tx,
            &school,
            &case,
            self.entry,
            &self.why,
            "command-line",
        )
        .await?;
        tx.save().await?;
        println!(
            "The words of entry {} of {} are erased. Backups that hold them are yours to replace.",
            self.entry,
            case.reference()
        );
        Ok(ExitCode::SUCCESS)
    }
}
