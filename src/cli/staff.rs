//! `schoolgate staff`: who can sign in to the console.

use std::io::{BufRead as _, IsTerminal as _};
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};

use super::Where;
use crate::clock::Clock;
use crate::config::{Config, School};
use crate::desk::accounts::{self, needs_second_step};
use crate::school::people::Staff;
use crate::web::password::hash_password;

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
    /// Print a link by which somebody chooses their password: it works once, for 7 days.
    Invite {
        /// Their email, as in the people file.
        email: String,
        #[command(flatten)]
        place: Where,
    },
    /// Take somebody's second step away: for a lost phone, when no recovery code is left. They are
    /// signed out, and set up another phone when they next sign in. Be sure who asks.
    ForgetPhone {
        /// Their email, as in the people file.
        email: String,
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
                    let stepped = tx.with_second_step(&school.id).await?;
                    println!("{}", school.name);
                    for staff in &school.people.staff {
                        let roles: Vec<_> = staff.roles.iter().map(|r| r.word()).collect();
                        let sign_in = match (can.contains(&staff.key), stepped.contains(&staff.key))
                        {
                            (false, _) => "no password yet",
                            (true, true) => "can sign in, with a second step",
                            (true, false) if needs_second_step(staff) => {
                                "can sign in; sets up a second step first"
                            }
                            (true, false) => "can sign in",
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
            What::Invite { email, place } => {
                let (config, store) = place.store(Clock::real()).await?;
                let (school, staff) = with_email(&config, &email)?;
                let mut tx = store.begin().await?;
                tx.keep_school(&school.id, &school.name, i64::from(school.first_case))
                    .await?;
                let public = config.public_address();
                let by = "the command line";
                let link = accounts::invite(&mut tx, &public, &school.id, staff, by).await?;
                tx.save().await?;
                println!("{link}");
                println!(
                    "It works once, for 7 days. Give it to {} and to nobody else.",
                    staff.name
                );
                Ok(ExitCode::SUCCESS)
            }
            What::ForgetPhone { email, place } => {
                let (config, store) = place.store(Clock::real()).await?;
                let (school, staff) = with_email(&config, &email)?;
                let mut tx = store.begin().await?;
                tx.forget_second_step(&school.id, &staff.key).await?;
                tx.end_sessions_of(&school.id, &staff.key).await?;
                let did = "second step taken away from the command line";
                tx.audit(&school.id, &staff.key, did, None).await?;
                tx.save().await?;
                println!(
                    "{} sets up another phone when they next sign in.",
                    staff.name
                );
                Ok(ExitCode::SUCCESS)
            }
            What::Password { email, place } => {
                let (config, store) = place.store(Clock::real()).await?;
                let (school, staff) = with_email(&config, &email)?;
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

/// Whoever signs in by an email, and their school.
fn with_email<'c>(config: &'c Config, email: &str) -> anyhow::Result<(&'c School, &'c Staff)> {
    let is = |staff: &&Staff| {
        let theirs = staff.email.as_deref();
        theirs.is_some_and(|e| e.eq_ignore_ascii_case(email))
    };
    let schools = config.schools.iter();
    schools
        .filter_map(|school| Some((school, school.people.staff.iter().find(is)?)))
        .next()
        .with_context(|| format!("nobody in the people files has the email {email}"))
}
