//! `schoolgate check`: every fault of the configuration, flows, texts and directory at once, how much
//! of each language is done, and what each text costs.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use secrecy::ExposeSecret as _;
use serde_json::json;

use super::config::{by_and_when, layers};
use crate::clock::Clock;
use crate::config::setting::same;
use crate::config::{self, Config, Database, Folders, Refused};
use crate::deployment::{Examination, Layer, examine};
use crate::fault::{Fault, Severity, Sources};
use crate::flow::check::{Cost, Done};
use crate::school::setting::Section;
use crate::store::Store;

/// What to check, and how to print it.
#[derive(Debug, Args)]
pub struct Check {
    /// The configuration file; without one, the flows, texts and demo school of the program itself.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// How to print what is found. JSON is one object a line: `fault`, `text`, and `summary` last.
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Print every text in every language: how it is encoded, how many parts a network bills, and
    /// the price. Values are filled in as long as they are likely to be.
    #[arg(long)]
    texts: bool,
    /// What your provider charges for one part of a text message, in pence.
    #[arg(long, value_name = "PENCE", default_value_t = 4.0, requires = "texts")]
    price_per_part: f64,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// As `rustc` prints them.
    Text,
    /// One JSON object a line.
    Json,
}

impl Check {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let read = match &self.config {
            Some(path) => Config::load(path),
            None => Config::demo(),
        };
        // Faults of the configuration do not hide those of the flows it names.
        let (mut faults, sources, config) = match read {
            Ok(config) => {
                let mut faults = config.warnings.clone();
                faults.extend(missing_secrets(&config, self.config.as_deref()));
                (faults, config.sources.clone(), Some(config))
            }
            Err(Refused { faults, sources }) => (faults, sources, None),
        };
        let folders = match (&config, &self.config) {
            (Some(config), _) => Folders::of(config),
            (None, Some(path)) => Folders::named_in(path),
            (None, None) => Folders::default(),
        };
        // What staff have set lies over the file: its faults stop `serve` like those of the file.
        let layers = match &config {
            Some(config) if self.config.is_some() => set_over(config).await,
            _ => Vec::new(),
        };
        let mut set = Vec::new();
        let mut set_sources = Sources::new();
        for layer in layers {
            match layer {
                Ok((school, layer)) => set.push((school, layer)),
                Err(refused) => {
                    faults.extend(refused.faults);
                    set_sources.extend(refused.sources);
                }
            }
        }
        let Examination {
            faults: more,
            sources: files,
            texts,
            counts,
        } = examine(&folders, config.as_ref());
        faults.extend(more);
        let sources = sources.into_iter().chain(files).chain(set_sources);
        let sources: Sources = sources.collect();
        for fault in &faults {
            self.print(fault, &sources);
        }
        for (school, layer) in &set {
            self.tell_where(school, layer);
        }
        if self.texts {
            self.costs(&texts.costs);
        }
        let of = |severity| faults.iter().filter(|f| f.severity == severity).count();
        let (errors, warnings) = (of(Severity::Error), of(Severity::Warning));
        let schools = config.as_ref().map(|c| c.schools.len());
        match self.format {
            Format::Json => {
                let languages: Vec<_> = texts.done.iter().map(done_json).collect();
                println!(
                    "{}",
                    json!({
                        "kind": "summary", "errors": errors, "warnings": warnings,
                        "schools": schools, "flows": counts.map(|c| c.0), "languages": languages,
                    })
                );
            }
            Format::Text => {
                for done in &texts.done {
                    println!(
                        "{}: {} of {} texts ({} %)",
                        done.language,
                        done.done,
                        done.of,
                        done.percent()
                    );
                }
                match (schools, counts) {
                    (Some(schools), Some((flows, languages))) if errors == 0 => println!(
                        "{schools} school(s), {flows} flows, {languages} languages: no errors, {warnings} warning(s)."
                    ),
                    _ => println!("{errors} error(s), {warnings} warning(s)."),
                }
            }
        }
        Ok(match errors {
            0 => ExitCode::SUCCESS,
            _ => ExitCode::FAILURE,
        })
    }

    /// Which sections staff have set, and whether the file says something else of them.
    fn tell_where(&self, school: &config::School, layer: &Layer) {
        for (word, section) in Section::WORDS {
            let Some(set) = layer.of(*section) else {
                continue;
            };
            let differs = !same(school, &layer.file, *section);
            match self.format {
                Format::Json => println!(
                    "{}",
                    json!({
                        "kind": "setting", "school": school.id, "section": word, "by": set.staff,
                        "at": set.at.timestamp().to_string(), "differs_from_file": differs,
                    })
                ),
                Format::Text => println!(
                    "{}: {}: {}{}",
                    school.id,
                    section.called(),
                    by_and_when(school, set),
                    if differs {
                        "; what the file says of it is not used"
                    } else {
                        "; the file says the same"
                    }
                ),
            }
        }
    }

    fn print(&self, fault: &Fault, sources: &Sources) {
        match self.format {
            Format::Text => println!("{}\n", fault.render(sources)),
            Format::Json => println!("{}", json!(fault.told(sources))),
        }
    }

    /// What each text costs, and how many are dearer than one part.
    fn costs(&self, costs: &[Cost]) {
        let price = |cost: &Cost| {
            let parts = u32::try_from(cost.segments.parts).unwrap_or(u32::MAX);
            f64::from(parts) * self.price_per_part
        };
        match self.format {
            Format::Json => {
                for cost in costs {
                    let mut object = json!(cost);
                    object["kind"] = json!("text");
                    object["pence"] = json!(price(cost));
                    println!("{object}");
                }
            }
            Format::Text => {
                println!(
                    "{:<32} {:<8} {:<8} {:>5} {:>10} {:>6}",
                    "id", "language", "encoding", "parts", "characters", "pence"
                );
                for cost in costs {
                    println!(
                        "{:<32} {:<8} {:<8} {:>5} {:>10} {:>6.1}",
                        cost.id,
                        cost.language,
                        cost.segments.encoding.name(),
                        cost.segments.parts,
                        cost.characters,
                        price(cost)
                    );
                }
                let dear = costs.iter().filter(|cost| cost.segments.parts > 1).count();
                println!(
                    "{} texts, {dear} of more than one part; {} pence a part.\n",
                    costs.len(),
                    self.price_per_part
                );
            }
        }
    }
}

/// What staff have set of each school, where there is a database to ask. It need not be there yet, and
/// `check` makes none.
async fn set_over(config: &Config) -> Vec<Result<(config::School, Layer), Refused>> {
    if let Database::Sqlite(path) = &config.database
        && !path.exists()
    {
        return Vec::new();
    }
    let Some(address) = config.database.url() else {
        return Vec::new();
    };
    let Ok(store) = Store::open(address.expose_secret(), Clock::real()).await else {
        return Vec::new();
    };
    let found = layers(&store, config).await;
    store.close().await;
    found.unwrap_or_default()
}

fn done_json(done: &Done) -> serde_json::Value {
    json!({
        "language": done.language, "done": done.done, "of": done.of, "percent": done.percent(),
    })
}

/// Secrets that are named and not there stop `serve`, not `check`: they may be kept elsewhere.
fn missing_secrets(config: &Config, path: Option<&std::path::Path>) -> Vec<Fault> {
    let file = path.map_or_else(|| "the demo school".to_owned(), |p| p.display().to_string());
    let missing = config.missing_secrets().into_iter();
    missing
        .map(|missing| {
            Fault::warning(
                file.as_str(),
                None,
                missing.to_string(),
                "`serve` does not start without it",
            )
        })
        .collect()
}
