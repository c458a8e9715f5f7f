//! `schoolgate flows read`: what is understood of answers, and why.

use std::io::Write as _;
use std::process::ExitCode;

use clap::Args;
use jiff::civil::DateTime;

use super::Whose;
use crate::cli::lines;
use crate::fault::did_you_mean;
use crate::flow::opening;
use crate::text::reading::{Expected, Part, Reading, Understood, understand};

/// Reads lines of `expect<TAB>local time<TAB>text` from standard input. Expect is one of `yes-no`,
/// `choice:a|b|c`, `date`, `time`, `datetime` and `child:Sam|Zofia`; the local time is written as
/// `2026-11-24T10:00`. Prints for each what was understood: `yes`, `no`, the choice, `2026-12-03`,
/// `15:30`, `2026-12-03T15:30`, the name, `other`, `past` or `unclear`. For a line that cannot be
/// read it prints `error`, says why on standard error, and fails at the end.
#[derive(Debug, Args)]
pub struct Read {
    #[command(flatten)]
    whose: Whose,
    /// Also say what in the text said so, after a tab.
    #[arg(long)]
    why: bool,
    /// Whose words are read, by the tag of the language; without it those of all, English first.
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
}

const KINDS: [&str; 6] = [
    "yes-no",
    "choice:a|b|c",
    "date",
    "time",
    "datetime",
    "child:Sam|Zofia",
];

impl Read {
    pub fn run(self) -> anyhow::Result<ExitCode> {
        let (_, parts) = self.whose.load()?;
        let all = &parts.bundle.readings;
        let readings: Vec<&Reading> = match &self.language {
            None => opening::all(all).collect(),
            Some(tag) => {
                let known = || all.keys().map(String::as_str);
                let reading = all.get(tag).ok_or_else(|| {
                    let all = known().collect::<Vec<_>>().join(", ");
                    let remedy = did_you_mean(tag, known());
                    anyhow::anyhow!("there is no language `{tag}` among {all}\n{remedy}")
                })?;
                vec![reading]
            }
        };
        let mut out = std::io::stdout().lock();
        let mut code = ExitCode::SUCCESS;
        for (at, line) in lines().enumerate() {
            let line = line?;
            match read(&readings, &line) {
                Ok((word, part)) if self.why => writeln!(out, "{word}\t{}", part.why)?,
                Ok((word, _)) => writeln!(out, "{word}")?,
                Err(why) => {
                    writeln!(out, "error")?;
                    eprintln!("error: line {}: {why}", at + 1);
                    code = ExitCode::FAILURE;
                }
            }
        }
        Ok(code)
    }
}

/// What is understood of one line, or what is wrong with the line.
fn read(readings: &[&Reading], line: &str) -> Result<(String, Part), String> {
    let mut columns = line.splitn(3, '\t');
    let (Some(kind), Some(now), Some(text)) = (columns.next(), columns.next(), columns.next())
    else {
        return Err("write expect, local time and text with a tab between".to_owned());
    };
    let (expected, labels) = expected(readings, kind)?;
    let now: DateTime = now
        .trim()
        .parse()
        .map_err(|_| format!("`{now}` is no local time; write it as 2026-11-24T10:00"))?;
    let part = understand(readings.iter().copied(), &expected, text, now);
    let label = |at: usize| labels.get(at).cloned().unwrap_or_default();
    let word = match &part.what {
        Understood::Yes => "yes".to_owned(),
        Understood::No => "no".to_owned(),
        Understood::Choice(at) | Understood::Child(at) => label(*at),
        Understood::Date(date) => date.to_string(),
        Understood::Time(time) => time.strftime("%H:%M").to_string(),
        Understood::DateTime(at) => at.strftime("%Y-%m-%dT%H:%M").to_string(),
        Understood::Other => "other".to_owned(),
        Understood::Past => "past".to_owned(),
        Understood::Unclear => "unclear".to_owned(),
    };
    Ok((word, part))
}

/// What the first column asks for, and the labels that it offers.
fn expected(readings: &[&Reading], kind: &str) -> Result<(Expected, Vec<String>), String> {
    let (name, labels) = kind.trim().split_once(':').unwrap_or((kind.trim(), ""));
    let labels: Vec<String> = labels
        .split('|')
        .map(|label| label.trim().to_owned())
        .filter(|label| !label.is_empty())
        .collect();
    let expected = match name {
        "yes-no" => Expected::YesNo,
        "date" => Expected::Date,
        "time" => Expected::Time,
        "datetime" => Expected::DateTime,
        "choice" if !labels.is_empty() => {
            // A label that is a value of a flow has its other words.
            let offered = labels.iter().map(|label| {
                let value = label.to_lowercase();
                let known = readings.iter().any(|r| !r.synonyms(&value).is_empty());
                (label.clone(), if known { value } else { String::new() })
            });
            Expected::Choice(offered.collect())
        }
        "child" if !labels.is_empty() => Expected::Child(labels.clone()),
        "choice" | "child" => {
            return Err(format!("`{kind}` offers nothing; write `{name}:one|two`"));
        }
        _ => {
            let remedy = did_you_mean(name, KINDS.iter().map(|k| k.split(':').next().unwrap_or(k)));
            let all = KINDS.join(", ");
            return Err(format!("`{name}` is not one of {all}; {remedy}"));
        }
    };
    Ok((expected, labels))
}
