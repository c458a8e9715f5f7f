//! `schoolgate staff`: who can sign in to the console.

use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::Where;
use crate::clock::Clock;
use crate::web::session::hash_password;

/// Staff accounts. Who the staff are stands in the school's people file.
#[derive(Debug, Args)]
pub struct Accounts {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// List the staff of a school, and who can sign in.
    List {
        #[command(flatten)]
        place: Where,
    },
    /// Set somebody's password, read from standard input: at least 12 characters.
    Password {
        /// Their email, as in the people file.
        email: String,
        #[command(flatten)]
        place: Where,
    },
}

impl Accounts {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::List { place } => {
                let (config, store) = place.store(Clock::real()).await?;
                let mut tx = store.read().await?;
                for school in &config.schools {
                    let can = tx.accounts(&school.id).await?;
                    println!("{}", school.name);
                    for staff in &school.people.staff {
                        let roles: Vec<_> = staff.roles.iter().map(|r| r.word()).collect();
                        let sign_in = if can.contains(&staff.key) {
                            "can sign in"
                        } else {
                            "no password yet"
                        };
                        let email = staff.email.as_deref().unwrap_or("no email");
                        println!(
                            "  {:<18} {:<28} {:<28} {sign_in}",
                            staff.name,
                            email,
                            roles.join(", ")
                        );
                    }
                }
                Ok(ExitCode::SUCCESS)
            }
            What::Password { email, place } => {
                let (config, store) = place.store(Clock::real()).await?;
                let (school, staff) = config
                    .schools
                    .iter()
                    .find_map(|s| {
                        let staff = s.people.staff.iter().find(|p| {
                            p.email
                                .as_deref()
                                .is_some_and(|e| e.eq_ignore_ascii_case(&email))
                        })?;
                        Some((s, staff))
                    })
                    .with_context(|| format!("nobody in the people files has the email {email}"))?;
                if std::io::stdin().is_terminal() {
                    println!("Type the new password for {} and press Enter:", staff.name);
                }
                let mut line = String::new();
                std::io::stdin().lock().read_line(&mut line)?;
                let hash = hash_password(line.trim_end_matches(['\r', '\n']))?;
                let mut tx = store.begin().await?;
                tx.keep_school(&school.id, &school.name, i64::from(school.first_case))
                    .await?;
                tx.set_password(&school.id, &staff.key, &hash).await?;
                tx.audit(
                    &school.id,
                    &staff.key,
                    "password set from the command line",
                    None,
                )
                .await?;
                tx.save().await?;
                println!("{} can sign in now.", staff.name);
                Ok(ExitCode::SUCCESS)
            }
        }
    }
}
