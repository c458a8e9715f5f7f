//! `schoolgate flows route`: where opening messages lead, and why.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;

use super::Whose;
use crate::cli::lines;
use crate::deployment::Parts;
use crate::flow::opening::{self, Opening};
use crate::school::safeguarding::{Risk, StaffName};

/// Reads a message a line from standard input. Prints `route<TAB>score`, several joined by `+`, the
/// main one first.
#[derive(Debug, Args)]
pub struct Route {
    #[command(flatten)]
    whose: Whose,
    /// Also say what in the message led there.
    #[arg(long)]
    why: bool,
}

impl Route {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let (config, parts) = self.whose.load()?;
        parts.learn_now();
        let staff = super::staff(&config, &parts.screen);
        let mut out = std::io::stdout().lock();
        for line in lines() {
            let line = line?;
            let found = found(&parts, &staff, &line);
            let all = |each: fn(&Opening) -> String, between: &str| {
                found.iter().map(each).collect::<Vec<_>>().join(between)
            };
            let names = all(|o| o.name.clone(), "+");
            write!(out, "{names}\t{}", all(|o| format!("{:.2}", o.score), "+"))?;
            if self.why {
                write!(out, "\t{}", all(|o| o.why.clone(), "; "))?;
            }
            writeln!(out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What the screen and then the engine would do with a message that opens a conversation.
fn found(parts: &Parts, staff: &[StaffName], text: &str) -> Vec<Opening> {
    let verdict = parts.screen.verdict(text, false, staff);
    let why = verdict.why.join(", ");
    let screened = verdict.set.iter().map(|risk| Opening {
        name: match risk {
            Risk::CrisisAdult | Risk::YoungPerson | Risk::Unread => risk.word().to_owned(),
            Risk::Urgent | Risk::Review | Risk::Staff => format!("safeguarding_{}", risk.word()),
        },
        score: 1.0,
        why: why.clone(),
    });
    let mut found: Vec<Opening> = screened.collect();
    if !found.is_empty() && !verdict.alerts() {
        // Nothing is guessed about what nobody could read.
        return found;
    }
    let words = opening::read(opening::all(&parts.bundle.readings), text);
    // A worry beside it is what the screen took, as in the engine.
    let alerts = !found.is_empty();
    let pupil = verdict.set.iter().all(|risk| *risk == Risk::YoungPerson);
    let beside = words
        .into_iter()
        .filter(|o| !alerts || asked_beside(o, pupil));
    found.extend(beside);
    found
}

/// Whether something is wanted beside what the screen took.
fn asked_beside(wish: &Opening, pupil: bool) -> bool {
    let aside = [
        "fallback",
        "context_reply",
        "ack",
        "menu",
        "concern",
        "news",
        "complaint",
    ];
    (pupil || wish.score >= 0.6) && !aside.contains(&wish.name.as_str())
}
