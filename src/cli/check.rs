//! `schoolgate check`: every fault of the configuration, flows, texts and directory at once.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::config::{Config, Refused};
use crate::deployment::{NotReady, Parts};
use crate::fault::{Fault, Severity, Sources};

/// What to check, and how to print it.
#[derive(Debug, Args)]
pub struct Check {
    /// The configuration file; without one, the flows, texts and demo school of the program itself.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How to print faults.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// As `rustc` prints them.
    Text,
    /// One JSON object a line.
    Json,
}

impl Check {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let read = match &self.config {
            Some(path) => Config::load(path),
            None => Config::demo(),
        };
        let config = match read {
            Ok(config) => config,
            Err(Refused { faults, sources }) => {
                self.print(&faults, &sources);
                return Ok(ExitCode::FAILURE);
            }
        };
        self.print(&config.warnings, &config.sources);
        for missing in config.missing_secrets() {
            println!("warning: {missing}");
        }
        match Parts::load(&config) {
            Ok(parts) => {
                self.print(&parts.warnings, &parts.bundle.sources);
                if self.format == Format::Text {
                    let schools = config.schools.len();
                    let flows = parts.bundle.flows.len();
                    let languages = parts.bundle.languages.tags().count();
                    println!(
                        "{schools} school(s), {flows} flows, {languages} languages: no errors."
                    );
                }
                Ok(ExitCode::SUCCESS)
            }
            Err(NotReady::Faults(Refused { faults, sources })) => {
                self.print(&faults, &sources);
                Ok(ExitCode::FAILURE)
            }
            Err(other) => Err(other.into()),
        }
    }

    fn print(&self, faults: &[Fault], sources: &Sources) {
        for fault in faults {
            match self.format {
                Format::Text => println!("{}\n", fault.render(sources)),
                Format::Json => {
                    let line = fault.line(sources);
                    let severity = match fault.severity {
                        Severity::Error => "error",
                        Severity::Warning => "warning",
                    };
                    println!(
                        "{}",
                        serde_json::json!({
                            "severity": severity, "file": fault.file, "line": line,
                            "message": fault.message, "remedy": fault.remedy,
                        })
                    );
                }
            }
        }
    }
}
