//! `schoolgate retention`: what has been kept for its time. Shown, and removed only when told to.

use std::process::ExitCode;

use clap::Args;

use super::cases::when;
use super::{Where, schools};
use crate::clock::Clock;
use crate::keeping::retention::{Due, due, remove};
use crate::school::retention::Kept;

/// Shows what would go, by kind, with how much and the oldest. Nothing is removed without --apply.
#[derive(Debug, Args)]
pub struct Retention {
    /// Remove it. Take a backup first.
    #[arg(long)]
    apply: bool,
    /// Only this kind: messages, provider-logs or sen-records.
    #[arg(long, value_name = "KIND", value_parser = kind)]
    only: Option<Kept>,
    /// Only this school.
    #[arg(long)]
    school: Option<String>,
    #[command(flatten)]
    place: Where,
}

fn kind(word: &str) -> Result<Kept, String> {
    Kept::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = Kept::WORDS.iter().map(|(word, _)| *word).collect();
        format!("write one of {}", words.join(", "))
    })
}

impl Retention {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (config, store) = self.place.store(Clock::real()).await?;
        for school in schools(&config, self.school.as_deref())? {
            println!("{}", school.config.name);
            let mut tx = store.read().await?;
            let all = due(&mut tx, &school).await?;
            drop(tx);
            let wanted = |due: &&Due| self.only.is_none_or(|only| only == due.kept);
            for due in all.iter().filter(wanted) {
                let zone = &school.config.calendar.zone;
                let oldest = due.over.oldest.map_or(String::new(), |at| {
                    format!(", the oldest from {}", when(zone, at))
                });
                println!("  {:>7} {}{oldest}", due.over.count, due.kept.called());
                if due.held > 0 {
                    println!("          {} more stay: a hold stands on them", due.held);
                }
                if due.undated > 0 {
                    println!(
                        "          {} more stay: the pupil, or their date of birth, is not on record",
                        due.undated
                    );
                }
                if !due.review.is_empty() {
                    println!("          {}", due.review.join(", "));
                }
                if !self.apply || due.kept == Kept::Safeguarding {
                    continue;
                }
                let mut removed = 0;
                loop {
                    let mut tx = store.begin().await?;
                    let now = remove(&mut tx, &school, due.kept, "command-line").await?;
                    tx.save().await?;
                    removed += now;
                    if now == 0 {
                        break;
                    }
                }
                println!("          removed: {removed}");
            }
        }
        if !self.apply {
            println!("Nothing was removed. `--apply` removes it; take a backup first.");
        }
        Ok(ExitCode::SUCCESS)
    }
}
