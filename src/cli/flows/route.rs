//! `schoolgate flows route`: where opening messages lead, and why.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;

use super::{Whose, lines};

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
        let (_, parts) = self.whose.load()?;
        let mut out = std::io::stdout().lock();
        for line in lines() {
            let line = line?;
            let found = parts.bundle.readings.values().map(|r| r.routes(&line));
            let routes = found
                .into_iter()
                .find(|r| !r.is_empty())
                .unwrap_or_default();
            let names: Vec<&str> = routes.iter().map(|r| r.flow.as_str()).collect();
            let scores: Vec<&str> = routes
                .iter()
                .map(|r| if r.confident { "1.00" } else { "0.50" })
                .collect();
            let names = if names.is_empty() {
                "fallback".to_owned()
            } else {
                names.join("+")
            };
            write!(out, "{names}\t{}", scores.join("+"))?;
            if self.why {
                let why: Vec<&str> = routes.iter().map(|r| r.why.as_str()).collect();
                write!(out, "\t{}", why.join("; "))?;
            }
            writeln!(out)?;
        }
        Ok(ExitCode::SUCCESS)
    }
}
