//! `schoolgate config`: an example, what channels can do, what is set and where, and back to the file.

use std::process::ExitCode;
use std::sync::Arc;

use clap::{Args, Subcommand};

use super::cases::when;
use super::{Where, one_school};
use crate::channel::abilities;
use crate::clock::Clock;
use crate::config::shown::shown;
use crate::config::{self, Config};
use crate::deployment::{Layer, as_set};
use crate::school::setting::Section;
use crate::store::{Setting, Store};

#[derive(Debug, Subcommand)]
pub enum What {
    /// A commented example.
    Example,
    /// What each kind of channel can do: the page docs/channels/README.md.
    Channels,
    /// Every value of each school, and whether the file says it or staff have set it in the console.
    Show(Where),
    /// Go back to what the file says of a section that staff have set. What they set is kept, and can
    /// be taken up again in the console.
    Reset(Reset),
}

/// What to go back on.
#[derive(Debug, Args)]
pub struct Reset {
    /// closed, terms, contact, services or retention.
    #[arg(value_parser = section)]
    section: Section,
    /// Of which school, where there are several.
    #[arg(long)]
    school: Option<String>,
    #[command(flatten)]
    place: Where,
}

fn section(word: &str) -> Result<Section, String> {
    Section::from_word(word).ok_or_else(|| {
        let words: Vec<&str> = Section::WORDS.iter().map(|(word, _)| *word).collect();
        format!("write one of {}", words.join(", "))
    })
}

impl What {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self {
            Self::Example => print!("{}", config::EXAMPLE),
            Self::Channels => print!("{}", abilities::matrix()),
            Self::Show(place) => show(&place).await?,
            Self::Reset(reset) => reset.run().await?,
        }
        Ok(ExitCode::SUCCESS)
    }
}

async fn show(place: &Where) -> anyhow::Result<()> {
    let (config, store) = place.as_in_the_file(Clock::real()).await?;
    for file in layers(&store, &config).await? {
        let (school, layer) = file?;
        println!("{} ({})", school.name, school.id);
        for value in shown(&school) {
            let set = value.section.and_then(|section| layer.of(section));
            println!("  {:<36} {}", value.what, value.value);
            if let Some(set) = set {
                println!("  {:<36} ({})", "", by_and_when(&school, set));
            }
        }
        println!(
            "  What has no line below it stands in the configuration file, or is the default.\n"
        );
    }
    Ok(())
}

/// Each school as it stands, or why it cannot be read.
pub(super) async fn layers(
    store: &Store,
    config: &Config,
) -> anyhow::Result<Vec<Result<(config::School, Layer), config::Refused>>> {
    let mut tx = store.read().await?;
    let mut all = Vec::new();
    for school in &config.schools {
        all.push(as_set(&mut tx, &Arc::new(school.clone())).await?);
    }
    Ok(all)
}

/// "set in Settings by ms-park, 2026-12-01 12:10".
pub(super) fn by_and_when(school: &config::School, set: &Setting) -> String {
    let by = match set.staff.as_str() {
        "" => "at the command line".to_owned(),
        key => format!("in Settings by {key}"),
    };
    format!("set {by}, {}", when(&school.calendar.zone, set.at))
}

impl Reset {
    async fn run(self) -> anyhow::Result<()> {
        let (config, store) = self.place.as_in_the_file(Clock::real()).await?;
        let school = one_school(&config, self.school.as_deref())?;
        let id = &school.config.id;
        let (word, called) = (self.section.word(), self.section.called());
        let mut tx = store.begin().await?;
        let newest = tx.setting_versions(id, word, 1).await?;
        let set = newest.first().filter(|setting| setting.body.is_some());
        let Some(set) = set else {
            println!("{called}: the file says it already.");
            return Ok(());
        };
        let by = "command-line";
        tx.set_section(id, word, set.version, None, "").await?;
        tx.audit(id, by, &format!("went back to the file: {called}"), None)
            .await?;
        tx.save().await?;
        println!(
            "{called}: the file says it from now on. Running processes follow within seconds."
        );
        Ok(())
    }
}
