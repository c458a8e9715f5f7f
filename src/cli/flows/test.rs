//! `schoolgate flows test`: conversations as tests, and which ways through the flows they take.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use futures::{StreamExt as _, stream};

use super::Whose;
use crate::fault::Fault;
use crate::testing::Stage;

/// Plays conversations (`*.chat`) through the real inbox, store and outbox under a clock that stands
/// still, each on a database of its own.
#[derive(Debug, Args)]
pub struct Test {
    #[command(flatten)]
    whose: Whose,
    /// Files, or folders of files; without any, the folder `tests` in the configuration's
    /// `flows_dir`, or `flows/tests`.
    #[arg(value_name = "PATH")]
    paths: Vec<PathBuf>,
    /// Also list every way through a flow that no conversation takes.
    #[arg(long)]
    coverage: bool,
    /// Fail below this share of ways taken, in percent.
    #[arg(long, value_name = "PERCENT", requires = "coverage")]
    min: Option<u8>,
    /// Write the expected texts (`<` lines) anew where they do not hold.
    #[arg(long)]
    update: bool,
}

impl Test {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let (config, parts) = self.whose.load()?;
        parts.learn_now();
        let folder = config
            .flows_dir
            .as_ref()
            .map_or_else(|| PathBuf::from("flows/tests"), |flows| flows.join("tests"));
        let paths = if self.paths.is_empty() {
            vec![folder]
        } else {
            self.paths.clone()
        };
        let mut files = Vec::new();
        for path in &paths {
            collect(path, &mut files)?;
        }
        // Whatever a school sends by, a test sends nothing.
        let mut stage = Stage::new(config.on_handsets(), Arc::new(parts));
        stage.update = self.update;
        let workers = std::thread::available_parallelism().map_or(2, usize::from);
        let played: Vec<anyhow::Result<()>> = stream::iter(&files)
            .map(|file| one(&stage, file))
            .buffered(workers)
            .inspect(|result| {
                if let Err(why) = result {
                    println!("failed {why:#}\n");
                }
            })
            .collect()
            .await;
        let enough = !self.coverage || self.report(&stage);
        let failed = played.iter().filter(|p| p.is_err()).count();
        println!("{} passed, {failed} failed", played.len() - failed);
        Ok(if failed == 0 && enough {
            ExitCode::SUCCESS
        } else {
            ExitCode::FAILURE
        })
    }

    /// Prints what was not reached in each language; whether enough was, in each.
    fn report(&self, stage: &Stage) -> bool {
        let bundle = &stage.parts.bundle;
        let mut enough = true;
        for (tag, coverage) in &stage.coverage {
            let name = bundle.languages.own_name(tag);
            let (mut all, mut missed) = (0, 0);
            println!("Conversations in {name} ({tag})");
            for flow in bundle.flows.values() {
                let (count, missing) = coverage.of(flow);
                all += count;
                missed += missing.len();
                let share = percent(count - missing.len(), count);
                enough &= self.min.is_none_or(|min| share >= u32::from(min));
                println!("{share:>4} %  {}", flow.name);
                for (visit, span) in missing {
                    let place = Fault::warning(flow.file.as_str(), span, "", "");
                    let line = place.line(&bundle.sources).unwrap_or(1);
                    println!(
                        "        {}:{line}: {}: {}",
                        flow.file,
                        visit.step,
                        visit.missed()
                    );
                }
            }
            let share = percent(all - missed, all);
            println!(
                "{share:>4} %  in all: {} of {all} ways in {name}\n",
                all - missed
            );
        }
        enough
    }
}

/// Rounded down: only all of it is 100.
fn percent(part: usize, whole: usize) -> u32 {
    let share = (part * 100).checked_div(whole).unwrap_or(100);
    u32::try_from(share).unwrap_or(0)
}

async fn one(stage: &Stage, file: &Path) -> anyhow::Result<()> {
    let source = std::fs::read_to_string(file).with_context(|| file.display().to_string())?;
    let temp = tempfile::tempdir()?;
    let database = |name: &str| format!("sqlite:{}", temp.path().join(name).display());
    let name = file.display().to_string();
    let played = stage.play(&name, &source, &database("school.db")).await?;
    if played.written != source {
        std::fs::write(file, &played.written)
            .with_context(|| format!("{name} cannot be written"))?;
    }
    for tag in stage
        .others(&source, &played)
        .with_context(|| name.clone())?
    {
        let database = database(&format!("{tag}.db"));
        stage
            .play_in(&tag, &name, &source, &database, &played)
            .await?;
    }
    match played.unmet.into_iter().next() {
        Some(why) => Err(why),
        None => Ok(()),
    }
}

/// The conversation files that a path means, in order.
fn collect(path: &Path, files: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    if !path.is_dir() {
        files.push(path.to_owned());
        return Ok(());
    }
    let mut found = Vec::new();
    let entries = std::fs::read_dir(path);
    for entry in entries.with_context(|| format!("the folder {}", path.display()))? {
        let path = entry?.path();
        if path.extension().is_some_and(|e| e == "chat") {
            found.push(path);
        }
    }
    anyhow::ensure!(
        !found.is_empty(),
        "{} holds no conversation: write one as NAME.chat, or name another folder",
        path.display()
    );
    found.sort();
    files.append(&mut found);
    Ok(())
}
