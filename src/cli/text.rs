//! `schoolgate text`: what a text comes to on the network.

use std::io::Write as _;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde::Serialize;

use super::lines;
use crate::text::gsm7;
use crate::text::segments::{Segments, segments};

/// Texts as a network counts and bills them.
#[derive(Debug, Args)]
pub struct Text {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Count parts and say what makes a text dear.
    ///
    /// Reads a JSON string a line, as it is and without any downgrading, and prints for each
    /// `{"encoding":"GSM-7","units":8,"parts":1,"dear":[]}`: units are septets of GSM-7 or UTF-16
    /// units of UCS-2, parts the texts that are billed, and `dear` the characters that are not in the
    /// 7-bit alphabet and so leave 70 units to a text instead of 160. A line that is no JSON string
    /// prints `{"error":"…"}`, and the command fails at the end.
    Measure,
}

#[derive(Serialize)]
struct Measured {
    #[serde(flatten)]
    segments: Segments,
    dear: Vec<char>,
}

#[derive(Serialize)]
struct Wrong {
    error: String,
}

impl Text {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let What::Measure = self.what;
        let mut out = std::io::stdout().lock();
        let mut code = ExitCode::SUCCESS;
        for line in lines() {
            let line = line?;
            let json = match serde_json::from_str::<String>(&line) {
                Ok(text) => serde_json::to_string(&Measured {
                    segments: segments(&text),
                    dear: gsm7::dear(&text),
                })?,
                Err(why) => {
                    code = ExitCode::FAILURE;
                    let error = format!("not a JSON string such as \"hello\": {why}");
                    serde_json::to_string(&Wrong { error })?
                }
            };
            writeln!(out, "{json}")?;
        }
        Ok(code)
    }
}
