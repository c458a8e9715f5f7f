//! `schoolgate export`: everything about one person, as files for them and a page for the school.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::Args;

use super::{Where, one_school};
use crate::clock::Clock;
use crate::keeping::person::{Subject, Wanted, everything};

/// Puts together everything that is held about a pupil, parent or carer who asked for it (UK GDPR
/// article 15). The console's Requests page does the same, and keeps the day it is due.
#[derive(Debug, Args)]
pub struct Export {
    /// The pupil, by their key in the people file.
    #[arg(long, value_name = "KEY", required_unless_present = "adult")]
    pupil: Option<String>,
    /// The parent or carer, by their key in the people file.
    #[arg(long, value_name = "KEY", conflicts_with = "pupil")]
    adult: Option<String>,
    /// The parent or carer to whom a pupil's copy goes: what they said and were told is then in it.
    #[arg(long, value_name = "KEY", requires = "pupil")]
    to: Option<String>,
    /// Put the safeguarding records in: the key of the safeguarding lead who decided it.
    #[arg(long, value_name = "STAFF")]
    with_safeguarding: Option<String>,
    /// The folder for record.html, record.json and left-out.html; made if it is missing.
    #[arg(long, value_name = "FOLDER")]
    out: PathBuf,
    /// Which school, where there are several.
    #[arg(long)]
    school: Option<String>,
    #[command(flatten)]
    place: Where,
}

const FILES: [&str; 3] = ["record.html", "record.json", "left-out.html"];

impl Export {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (config, store) = self.place.store(Clock::real()).await?;
        let school = &one_school(&config, self.school.as_deref())?;
        let (about, key) = match (&self.pupil, &self.adult) {
            (Some(key), _) => ("pupil", key.as_str()),
            (None, key) => ("adult", key.as_deref().unwrap_or_default()),
        };
        let subject = Subject::find(school, about, key)
            .with_context(|| format!("no {about} in the people file has the key `{key}`"))?;
        let to = match &self.to {
            None => None,
            Some(key) => match Subject::find(school, "adult", key) {
                Some(Subject::Adult(adult)) => Some(adult),
                _ => anyhow::bail!("no adult in the people file has the key `{key}`"),
            },
        };
        let lead = match &self.with_safeguarding {
            None => None,
            Some(key) => {
                let lead = school.people.staff(key);
                let lead = lead.filter(|s| crate::desk::rights::includes_safeguarding(s));
                Some(lead.with_context(|| {
                    format!("`{key}` is no safeguarding lead of this school: only they decide that")
                })?)
            }
        };
        nothing_there(&self.out)?;
        let mut tx = store.begin().await?;
        let wanted = Wanted {
            subject,
            to,
            safeguarding: lead.is_some(),
            by: lead,
        };
        let record = everything(&mut tx, school, &wanted).await??;
        let (who, did) = match lead {
            Some(lead) => (lead.key.as_str(), "exported with safeguarding"),
            None => ("command-line", "exported"),
        };
        tx.audit_about(&school.config.id, who, did, key).await?;
        std::fs::create_dir_all(&self.out)?;
        let made = [record.html()?, record.json()?, record.left_out_html()?];
        for (name, text) in FILES.iter().zip(made) {
            std::fs::write(self.out.join(name), text)?;
        }
        tx.save().await?;
        println!(
            "{} holds the copy (record.html, record.json): {} cases, {} messages in none.",
            self.out.display(),
            record.cases.len(),
            record.messages.len()
        );
        println!(
            "left-out.html is for the school alone: {} things are not in the copy. Read both before you send one.",
            record.left_out.len()
        );
        Ok(ExitCode::SUCCESS)
    }
}

/// One person's copy is never mixed with another's.
fn nothing_there(folder: &Path) -> anyhow::Result<()> {
    for name in FILES {
        let file = folder.join(name);
        if file.exists() {
            anyhow::bail!("{} is there already: name another folder", file.display());
        }
    }
    Ok(())
}
