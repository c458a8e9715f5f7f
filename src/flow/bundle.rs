//! Flows, texts and reading files together, under one hash.
//!
//! A conversation is pinned to its bundle, so that a question asked yesterday means today what it
//! meant then. A bundle that loads has passed the checker: everything in it leads somewhere.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use rayon::iter::{
    IntoParallelRefIterator as _, IntoParallelRefMutIterator as _, ParallelIterator as _,
};
use rust_embed::RustEmbed;
use sha2::{Digest as _, Sha256};

use super::check;
use super::definition::Flow;
use super::load;
use super::value::Values;
use crate::fault::{Fault, Severity, Sources, too_long};
use crate::text::language::{DEFAULT, Languages, tag_of};
use crate::text::plain::Plain;
use crate::text::reading::Reading;

/// The flow that is said when nothing else fits, and what `menu` reaches.
pub const MENU: &str = "menu";
/// The flow that brings a person.
pub const HAND_OVER: &str = "hand-over";
/// What matters today, wherever the conversation is.
pub const TODAY: &str = "today";
/// What answers "C-1042?".
pub const STATUS: &str = "status";
/// What CHANGE reaches, at its entry `change`.
pub const MEETING: &str = "meeting";

#[derive(RustEmbed)]
#[folder = "flows"]
#[prefix = "flows/"]
struct EmbeddedFlows;

#[derive(RustEmbed)]
#[folder = "locales"]
#[prefix = "locales/"]
struct EmbeddedLocales;

/// Everything a turn is played by.
#[derive(Debug)]
pub struct Bundle {
    /// SHA-256 over the sources, in hex.
    pub hash: String,
    /// The flows by name.
    pub flows: BTreeMap<String, Flow>,
    /// What is said.
    pub languages: Languages,
    /// What is understood, by language tag.
    pub readings: BTreeMap<String, Reading>,
    /// The files it was made of; stored under the hash, they make the same bundle again.
    pub sources: Sources,
}

/// A bundle's parts before it is checked.
#[derive(Debug)]
pub struct Parts {
    /// The flows that could be read.
    pub flows: BTreeMap<String, Flow>,
    /// What is said.
    pub languages: Languages,
    /// What is understood.
    pub readings: BTreeMap<String, Reading>,
    /// What makes a text hard to read, by language tag.
    pub plain: BTreeMap<String, Plain>,
    /// The files in which something could not be read: what they hold is not known to be missing.
    pub unread: BTreeSet<String>,
}

/// A bundle under the checker: all that can be said of it.
#[derive(Debug)]
pub struct Examined {
    /// The bundle, unless it has errors.
    pub bundle: Option<Bundle>,
    /// Errors, and warnings beside them.
    pub faults: Vec<Fault>,
    /// What its texts come to.
    pub texts: check::Texts,
}

impl Bundle {
    /// Loads and checks a bundle. Only `flows/*.toml`, `locales/*/*.ftl` and of `locales/*`
    /// `reading.toml`, `examples*.toml` and `plain.toml` count, also for the hash.
    ///
    /// # Errors
    /// All errors of all flows and languages, and the warnings beside them.
    pub fn load(sources: Sources) -> Result<Self, Vec<Fault>> {
        let (bundle, faults) = Self::load_with_warnings(sources);
        match bundle {
            Some(bundle) => Ok(bundle),
            None => Err(faults),
        }
    }

    /// Loads and checks a bundle and keeps what the checker warns of.
    pub fn load_with_warnings(mut sources: Sources) -> (Option<Self>, Vec<Fault>) {
        sources.retain(|path, _| is_part(path));
        let (parts, faults) = Self::checked(&sources);
        Self::of(parts, sources, faults)
    }

    /// Loads and checks a bundle and measures its texts, with a school's own values filled in.
    pub fn examine(mut sources: Sources, given: &Values) -> Examined {
        sources.retain(|path, _| is_part(path));
        let (parts, faults) = Self::checked(&sources);
        let texts = check::texts(&parts, given);
        let (bundle, faults) = Self::of(parts, sources, faults);
        Examined {
            bundle,
            faults,
            texts,
        }
    }

    /// What could be read, with every fault of it.
    fn checked(sources: &Sources) -> (Parts, Vec<Fault>) {
        let (parts, mut faults) = Parts::load(sources);
        faults.extend(check::check(&parts));
        (parts, faults)
    }

    fn of(parts: Parts, sources: Sources, faults: Vec<Fault>) -> (Option<Self>, Vec<Fault>) {
        if faults.iter().any(|f| f.severity == Severity::Error) {
            return (None, faults);
        }
        let bundle = Self {
            hash: hash(&sources),
            flows: parts.flows,
            languages: parts.languages,
            readings: parts.readings,
            sources,
        };
        (Some(bundle), faults)
    }

    /// Learns now from the examples of every language, which else is done when they are first needed.
    pub fn learn_now(&self) {
        self.readings
            .par_iter()
            .for_each(|(_, reading)| reading.learn_now());
    }

    /// The flows, texts and reading files this program was built with.
    pub fn embedded_sources() -> Sources {
        let flows = EmbeddedFlows::iter().map(|path| (EmbeddedFlows::get(&path), path));
        let locales = EmbeddedLocales::iter().map(|path| (EmbeddedLocales::get(&path), path));
        flows
            .chain(locales)
            .filter_map(|(file, path)| {
                let text = String::from_utf8(file?.data.into_owned()).ok()?;
                Some((path.into_owned(), text))
            })
            .filter(|(path, _)| is_part(path))
            .collect()
    }
}

impl Parts {
    /// Reads every file, and every fault of each. What can be read is there to be checked.
    pub fn load(sources: &Sources) -> (Self, Vec<Fault>) {
        let mut sources = sources.clone();
        let mut faults = Vec::new();
        sources.retain(|path, source| {
            let fault = too_long(path, source.len());
            let short = fault.is_none();
            faults.extend(fault);
            short
        });
        let (languages, found) = Languages::read(&sources);
        let mut parts = Self {
            flows: BTreeMap::new(),
            languages,
            readings: BTreeMap::new(),
            plain: BTreeMap::new(),
            unread: BTreeSet::new(),
        };
        for (path, source) in &sources {
            faults.extend(parts.read(path, source));
        }
        let Self {
            flows, readings, ..
        } = &mut parts;
        let (flows, sources) = (&*flows, &sources);
        let learn = |tag: &str, reading: &mut Reading| {
            // A school's own flow is found by its examples alone; only a language's own need patterns.
            let begun = flows.values().filter(|f| !f.desk);
            reading.routes_to(begun.map(|f| f.name.as_str()));
            // One whose file has a fault is told of once, there.
            let stems = sources
                .keys()
                .filter_map(|path| path.strip_prefix("flows/"));
            let stems = stems.filter_map(|path| path.strip_suffix(".toml"));
            reading.routes_to(stems.filter(|name| !flows.contains_key(*name)));
            let examples: Vec<(&str, &str)> = sources
                .iter()
                .filter(|(path, _)| is_examples(path) && tag_of(path).is_some_and(|t| t.0 == tag))
                .map(|(path, source)| (path.as_str(), source.as_str()))
                .collect();
            reading.learn(&examples)
        };
        // Each language by itself, at the same time.
        let learned: Vec<Vec<Fault>> = readings
            .par_iter_mut()
            .map(|(tag, reading)| learn(tag, reading))
            .collect();
        faults.extend(learned.into_iter().flatten());
        faults.extend(found);
        parts.unread = faults.iter().map(|fault| fault.file.clone()).collect();
        let english = format!("locales/{DEFAULT}/reading.toml");
        if !parts.readings.contains_key(DEFAULT) && !parts.unread.contains(&english) {
            faults.push(Fault::error(
                english,
                None,
                "nothing says what English words mean",
                "add the reading file: choices, yes and no, days, routes",
            ));
        }
        (parts, faults)
    }

    /// Reads one file that is whole by itself; texts and examples are read together.
    fn read(&mut self, path: &str, source: &str) -> Vec<Fault> {
        let faults = if path.starts_with("flows/") && path.ends_with(".toml") {
            let flow = load::flow(path, source);
            flow.map(|flow| drop(self.flows.insert(flow.name.clone(), flow)))
        } else if let Some((tag, "toml")) = tag_of(path) {
            if is_reading(path) {
                let reading = Reading::load(tag, path, source);
                reading.map(|reading| drop(self.readings.insert(tag.to_owned(), reading)))
            } else if is_plain(path) {
                let plain = Plain::load(path, source);
                plain.map(|plain| drop(self.plain.insert(tag.to_owned(), plain)))
            } else {
                Ok(())
            }
        } else {
            Ok(())
        };
        faults.err().unwrap_or_default()
    }

    /// Whether the file of this flow could not be read.
    pub fn is_unread(&self, flow: &str) -> bool {
        self.unread.contains(&format!("flows/{flow}.toml"))
    }
}

/// Whether a file is one that a bundle or the screen reads, by its path.
pub fn is_part(path: &str) -> bool {
    let flow = path.starts_with("flows/") && path.ends_with(".toml");
    let text = matches!(tag_of(path), Some((_, "ftl")));
    flow || text
        || is_reading(path)
        || is_examples(path)
        || is_plain(path)
        || is_screen_examples(path)
}

fn is_plain(path: &str) -> bool {
    path.starts_with("locales/") && path.ends_with("/plain.toml")
}

fn is_reading(path: &str) -> bool {
    path.ends_with("/reading.toml")
}

/// `examples.toml`, and beside it any `examples-….toml`: there a school adds its own.
fn is_examples(path: &str) -> bool {
    let file = path.rsplit_once('/').map_or(path, |(_, file)| file);
    let kind = file
        .strip_prefix("examples")
        .and_then(|f| f.strip_suffix(".toml"));
    path.starts_with("locales/") && kind.is_some_and(|k| k.is_empty() || k.starts_with('-'))
}

/// `screen-examples.toml`, and a school's own `screen-examples-….toml`: what the screen learns from.
fn is_screen_examples(path: &str) -> bool {
    let examples = path
        .rsplit_once("/screen-")
        .map(|(folder, file)| format!("{folder}/{file}"));
    examples.is_some_and(|path| is_examples(&path))
}

/// Path and bytes with their lengths, in the order of the paths: no two bundles share a hash by
/// moving text from one file to the next.
pub(crate) fn hash(sources: &Sources) -> String {
    let mut digest = Sha256::new();
    for part in sources.iter().flat_map(|(path, source)| [path, source]) {
        digest.update((part.len() as u64).to_be_bytes());
        digest.update(part.as_bytes());
    }
    digest.finalize().iter().fold(String::new(), |mut hex, b| {
        // Writing to a String cannot fail.
        let _ = write!(hex, "{b:02x}");
        hex
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_program_was_built_with_loads_without_an_error() {
        let sources = Bundle::embedded_sources();
        let (bundle, faults) = Bundle::load_with_warnings(sources.clone());
        let errors: Vec<String> = faults
            .iter()
            .filter(|f| f.severity == Severity::Error)
            .map(|f| f.render(&sources))
            .collect();
        assert!(errors.is_empty(), "{}", errors.join("\n"));
        let bundle = bundle.unwrap();
        assert_eq!(bundle.hash.len(), 64);
        assert!(bundle.flows.contains_key(MENU) && bundle.flows.contains_key(HAND_OVER));
    }

    #[test]
    fn the_hash_follows_every_byte_and_ignores_other_files() {
        let mut sources = Bundle::embedded_sources();
        let first = hash(&sources);
        sources.insert("README.md".to_owned(), "Hello".to_owned());
        assert_eq!(Bundle::load(sources.clone()).unwrap().hash, first);
        sources.insert("locales/en/own.ftl".to_owned(), "own = Ours\n".to_owned());
        assert_ne!(Bundle::load(sources).unwrap().hash, first);
    }
}
