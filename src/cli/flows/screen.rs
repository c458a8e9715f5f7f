//! `schoolgate flows screen`: what the safeguarding screen finds in messages, and why.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;

use super::Whose;
use crate::cli::lines;

/// Reads a message a line from standard input. Prints `outcome<TAB>why`: a set joined by `+` out of
/// urgent, review, staff, crisis_adult, young_person and unread, or none; why names the rules.
#[derive(Debug, Args)]
pub struct Screen {
    #[command(flatten)]
    whose: Whose,
}

impl Screen {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let (config, parts) = self.whose.load()?;
        parts.learn_now();
        let staff = super::staff(&config, &parts.screen);
        let mut out = std::io::stdout().lock();
        for line in lines() {
            let verdict = parts.screen.verdict(&line?, false, &staff);
            writeln!(out, "{}\t{}", verdict.words(), verdict.why.join("; "))?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
