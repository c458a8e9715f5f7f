//! `schoolgate hold`: nothing of a case or pupil is removed until it is lifted.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::cases::when;
use super::{Where, case_number, one_school};
use crate::clock::Clock;
use crate::desk::keeping::{hold, hold_pupil, lift};

/// A legal hold: for a claim, an appeal or an inquiry. Without a case or pupil it lists those that stand.
#[derive(Debug, Args)]
pub struct Hold {
    /// The case, such as C-1042.
    #[arg(conflicts_with = "pupil")]
    reference: Option<String>,
    /// All cases of this pupil, by their key in the people file.
    #[arg(long, value_name = "KEY")]
    pupil: Option<String>,
    /// Why: it stands in the record.
    #[arg(long)]
    why: Option<String>,
    /// Lift it.
    #[arg(long)]
    lift: bool,
    /// Which school, where there are several.
    #[arg(long)]
    school: Option<String>,
    #[command(flatten)]
    place: Where,
}

impl Hold {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (config, store) = self.place.store(Clock::real()).await?;
        let school = one_school(&config, self.school.as_deref())?;
        let id = &school.config.id;
        let mut tx = store.begin().await?;
        let why = self.why.as_deref().unwrap_or_default();
        let by = "command-line";
        if let Some(reference) = &self.reference {
            let number = case_number(reference)?;
            let case = tx.case_by_number(id, number).await?;
            let case = case.with_context(|| format!("there is no case C-{number}"))?;
            if self.lift {
                lift(&mut tx, &school, &case, why, by).await?;
            } else {
                hold(&mut tx, &school, &case, why, by).await?;
            }
        } else if let Some(key) = &self.pupil {
            let pupil = school.people.pupil(key);
            pupil.with_context(|| format!("no pupil in the people file has the key `{key}`"))?;
            hold_pupil(&mut tx, &school, key, why, by, !self.lift).await?;
        }
        let holds = tx.standing_holds(id).await?;
        for hold in &holds {
            let on = match (hold.case_id, &hold.pupil) {
                (Some(case), _) => {
                    let case = tx.case(id, case).await?;
                    case.map_or_else(String::new, |c| c.reference())
                }
                (None, pupil) => format!("pupil {}", pupil.as_deref().unwrap_or_default()),
            };
            println!(
                "{on}: since {}, by {}: {}",
                when(&school.config.calendar.zone, hold.since),
                hold.staff,
                hold.why
            );
        }
        if holds.is_empty() {
            println!("No hold stands.");
        }
        tx.save().await?;
        Ok(ExitCode::SUCCESS)
    }
}
