//! What is made of the files people write: flows, texts, services, the screen; overlays laid over.

use std::collections::BTreeSet;
use std::ops::Range;
use std::path::Path;
use std::sync::Arc;

use toml::Table;

use super::NotReady;
use crate::config::{Config, Folders, Refused};
use crate::fault::{Fault, Severity, Sources, did_you_mean, read_file};
use crate::flow::bundle::{self, Bundle, is_part};
use crate::flow::check::Texts;
use crate::flow::value::{Value, Values};
use crate::school::safeguarding::Screen;
use crate::school::service::Directory;

/// What is made of the files people write, before a database is touched: `check` stops here.
pub struct Parts {
    /// Flows, texts and reading files.
    pub bundle: Arc<Bundle>,
    /// Local and national services.
    pub directory: Directory,
    /// The screen, of every language's words.
    pub screen: Screen,
    /// What is worth a look and does not stop anything.
    pub warnings: Vec<Fault>,
    /// The hash of the files it was made of.
    pub(super) files: String,
}

/// All files under the checker, with all that can be said of them.
pub struct Examination {
    /// Every fault and warning.
    pub faults: Vec<Fault>,
    /// The files they are in.
    pub sources: Sources,
    /// What the texts come to.
    pub texts: Texts,
    /// How many flows and languages there are, where they have no errors.
    pub counts: Option<(usize, usize)>,
}

impl Parts {
    /// Reads and checks all of it, overlays included.
    ///
    /// # Errors
    /// Every fault of every file at once.
    pub fn load(config: &Config) -> Result<Self, NotReady> {
        Self::make(config, Files::read(&Folders::of(config)))
    }

    /// Learns now from all examples, as fast as the machine can. Else whoever needs it first waits for
    /// it: the first message after a start.
    pub fn learn_now(&self) {
        rayon::join(|| self.screen.learn_now(), || self.bundle.learn_now());
    }

    /// As [`Self::load`], of files that were read before.
    pub(super) fn make(config: &Config, mut files: Files) -> Result<Self, NotReady> {
        let hash = files.hash();
        // The screen and the flows read the same files and know nothing of each other.
        let ((bundle, found), (directory, screen, beside)) = rayon::join(
            || Bundle::load_with_warnings(files.sources.clone()),
            || files.directory_and_screen(),
        );
        files.faults.extend(found);
        files.add(beside);
        files
            .faults
            .extend(fit(config, bundle.as_ref(), directory.as_ref()));
        let errors = files.faults.iter().any(|f| f.severity == Severity::Error);
        match (bundle, directory, screen) {
            (Some(bundle), Some(directory), Some(screen)) if !errors => Ok(Self {
                bundle: Arc::new(bundle),
                directory,
                screen,
                warnings: files.faults,
                files: hash,
            }),
            _ => {
                let sources = files.shown(config);
                let faults = files.faults;
                Err(NotReady::Faults(Refused { faults, sources }))
            }
        }
    }
}

/// Reads all of it, as [`Parts::load`], and measures the texts too. Without a configuration that can
/// be read, the files are checked by themselves.
pub fn examine(folders: &Folders, config: Option<&Config>) -> Examination {
    let mut files = Files::read(folders);
    let given = config.map(school_values).unwrap_or_default();
    let (examined, (directory, _, beside)) = rayon::join(
        || Bundle::examine(files.sources.clone(), &given),
        || files.directory_and_screen(),
    );
    files.faults.extend(examined.faults);
    files.add(beside);
    let bundle = examined.bundle.as_ref();
    if let Some(config) = config {
        files.faults.extend(fit(config, bundle, directory.as_ref()));
    }
    let mut texts = examined.texts;
    files.faults.append(&mut texts.warnings);
    Examination {
        sources: config.map_or_else(|| files.all(), |config| files.shown(config)),
        counts: bundle.map(|b| (b.flows.len(), b.languages.tags().count())),
        faults: files.faults,
        texts,
    }
}

/// What texts are filled in with, of the school whose name is longest.
fn school_values(config: &Config) -> Values {
    let longest = config.schools.iter().max_by_key(|s| s.short_name.len());
    let Some(school) = longest else {
        return Values::new();
    };
    let text = |text: &str| Value::Text(text.to_owned());
    Values::from([
        ("school".to_owned(), text(&school.short_name)),
        (
            "office-phone".to_owned(),
            text(&school.office_phone.national()),
        ),
    ])
}

/// The files as they were read.
pub(super) struct Files {
    sources: Sources,
    directory_file: String,
    directory_text: String,
    faults: Vec<Fault>,
}

impl Files {
    pub(super) fn read(folders: &Folders) -> Self {
        let mut faults = Vec::new();
        let mut sources = Bundle::embedded_sources();
        for (dir, name) in [
            (&folders.flows_dir, "flows"),
            (&folders.locales_dir, "locales"),
        ] {
            if let Some(dir) = dir {
                overlay(&mut sources, dir, name, &mut faults);
            }
        }
        let file = &folders.services_file;
        let directory_file = file
            .as_ref()
            .map_or("data/services.toml".to_owned(), |p| p.display().to_string());
        let directory_text = match file {
            None => DIRECTORY.to_owned(),
            Some(path) => read_file(path, &directory_file).unwrap_or_else(|fault| {
                faults.push(fault);
                String::new()
            }),
        };
        Self {
            sources,
            directory_file,
            directory_text,
            faults,
        }
    }

    /// Changes when any of them does, or whether they can be read.
    pub(super) fn hash(&self) -> String {
        let mut all = self.sources.clone();
        all.insert(self.directory_file.clone(), self.directory_text.clone());
        let unread = self
            .faults
            .iter()
            .map(|f| (f.file.clone(), f.message.clone()));
        all.extend(unread);
        bundle::hash(&all)
    }

    fn directory_and_screen(&self) -> (Option<Directory>, Option<Screen>, Vec<Fault>) {
        let mut faults = Vec::new();
        let directory = Directory::load(&self.directory_file, &self.directory_text);
        let languages: Vec<(&str, &str, &str)> = self
            .sources
            .iter()
            .filter(|(path, _)| path.ends_with(".toml"))
            .filter_map(|(path, text)| {
                let (language, _) = path.strip_prefix("locales/")?.split_once('/')?;
                Some((language, path.as_str(), text.as_str()))
            })
            .collect();
        let directory = directory.map_err(|found| faults.extend(found)).ok();
        let screen = Screen::load(&languages);
        let screen = screen.map_err(|found| faults.extend(found)).ok();
        (directory, screen, faults)
    }

    /// Adds faults. The bundle and the screen read the same files; a fault in one is told once.
    fn add(&mut self, faults: Vec<Fault>) {
        for fault in faults {
            if !self.faults.contains(&fault) {
                self.faults.push(fault);
            }
        }
    }

    fn all(&self) -> Sources {
        let mut sources = self.sources.clone();
        sources.insert(self.directory_file.clone(), self.directory_text.clone());
        sources
    }

    /// The files, and those of the configuration.
    fn shown(&self, config: &Config) -> Sources {
        let mut sources = self.all();
        sources.extend(config.sources.clone());
        sources
    }
}

/// Where the configuration and the files it is played by must fit together: languages without texts,
/// councils that nobody knows.
fn fit(config: &Config, bundle: Option<&Bundle>, directory: Option<&Directory>) -> Vec<Fault> {
    let mut faults = Vec::new();
    for school in &config.schools {
        let unread = |tag: &&String| bundle.is_some_and(|b| b.languages.best(tag).is_none());
        for tag in school.languages.iter().filter(unread) {
            faults.push(Fault::error(
                school.places.file.as_str(),
                school.places.languages.clone(),
                format!("there are no texts in the language `{tag}`"),
                format!("add a folder `{tag}` to `locales_dir`, or take it out of `languages`"),
            ));
        }
        let Some(directory) = directory else { continue };
        let mut unknown = |file: &str, council: &str, place: Option<Range<usize>>| {
            if directory.council(council).is_none() {
                faults.push(Fault::warning(
                    file,
                    place,
                    format!("there is no council `{council}` in the directory of services"),
                    format!(
                        "{}; families get the national services until it is",
                        did_you_mean(council, directory.councils())
                    ),
                ));
            }
        };
        let places = &school.places;
        unknown(&places.file, &school.authority, places.authority.clone());
        let people = school.people_file.as_ref();
        let people = people.map_or_else(String::new, |path| path.display().to_string());
        for home in &school.people.home_councils {
            unknown(&people, &home.value, Some(home.span.clone()));
        }
    }
    faults
}

/// The services that the program carries.
const DIRECTORY: &str = include_str!("../../data/services.toml");

/// A file that a school has put beside ours, under a name that nothing reads.
fn unread(path: &str) -> Fault {
    Fault::error(
        path,
        None,
        "nothing reads a file of this name",
        "name it reading.toml (which takes the place of ours), examples-….toml, screen-examples-….toml or \
         plain.toml in a language's folder, or ….ftl for texts; flows stand in flows/….toml",
    )
}

/// Lays the files of a folder over those in the program.
fn overlay(sources: &mut Sources, dir: &Path, name: &str, faults: &mut Vec<Fault>) {
    let mut folders = vec![(dir.to_owned(), name.to_owned())];
    while let Some((folder, name)) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) => {
                let what = format!("the folder cannot be read: {e}");
                faults.push(Fault::error(
                    folder.display().to_string(),
                    None,
                    what,
                    "name a folder that exists",
                ));
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let inner = format!("{name}/{}", entry.file_name().to_string_lossy());
            if path.is_dir() {
                folders.push((path, inner));
            } else if path.extension().is_some_and(|e| e == "toml" || e == "ftl") {
                match read_file(&path, &inner) {
                    Ok(_) if !is_part(&inner) => faults.push(unread(&inner)),
                    Ok(text) => {
                        let ours = sources.get(&inner);
                        let lost =
                            ours.map_or_else(Vec::new, |ours| taken_away(&inner, ours, &text));
                        if !lost.is_empty() {
                            faults.push(too_little(&inner, &lost));
                        }
                        sources.insert(inner, text);
                    }
                    Err(fault) => faults.push(fault),
                }
            }
        }
    }
}

/// The tables of a file of the program that a file laid over it does not have, of those without which
/// messages are not understood, or a child's danger not seen. What cannot be read is told elsewhere.
fn taken_away(path: &str, ours: &str, theirs: &str) -> Vec<String> {
    let (Ok(ours), Ok(theirs)) = (ours.parse::<Table>(), theirs.parse::<Table>()) else {
        return Vec::new();
    };
    // The screen's tables one by one, and each kind of line that it learns from.
    let whole = |table: &Table| match path.rsplit('/').next() {
        Some("reading.toml") => {
            let mut names: BTreeSet<String> = filled(table).collect();
            if let Some(screen) = table.get("screen").and_then(toml::Value::as_table) {
                names.extend(filled(screen).map(|name| format!("screen.{name}")));
            }
            names
        }
        Some("screen-examples.toml") => {
            let examples = table.get("examples").and_then(toml::Value::as_table);
            let kinds = examples.into_iter().flat_map(filled);
            kinds.map(|kind| format!("examples.{kind}")).collect()
        }
        _ => BTreeSet::new(),
    };
    whole(&ours).difference(&whole(&theirs)).cloned().collect()
}

/// The keys of a table that hold something.
fn filled(table: &Table) -> impl Iterator<Item = String> {
    let empty = |value: &toml::Value| match value {
        toml::Value::Table(table) => table.is_empty(),
        toml::Value::Array(list) => list.is_empty(),
        toml::Value::String(text) => text.trim().is_empty(),
        _ => false,
    };
    let keys = table.iter().filter(move |(_, value)| !empty(value));
    keys.map(|(key, _)| key.clone())
}

fn too_little(path: &str, lost: &[String]) -> Fault {
    let lost: Vec<String> = lost.iter().map(|name| format!("[{name}]")).collect();
    Fault::error(
        path,
        None,
        format!(
            "this file takes the place of the program's own, whole, and lacks {} of it",
            lost.join(", ")
        ),
        format!("copy the program's {path} and change the copy, or take this file away"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_of_a_schools_own_switches_the_screen_off() {
        let ours = "[choices]\na = [\"b\"]\n[screen]\nwhatlang = \"eng\"\n[screen.urgent]\nfire = [\"fire\"]\n";
        let path = "locales/en/reading.toml";
        let lost = |theirs: &str| taken_away(path, ours, theirs);
        assert_eq!(lost(ours), Vec::<String>::new());
        assert_eq!(
            lost(""),
            ["choices", "screen", "screen.urgent", "screen.whatlang"]
        );
        let words = "[choices]\nsecond-hand = [\"used\"]\n";
        assert_eq!(lost(words), ["screen", "screen.urgent", "screen.whatlang"]);
        let empty = "[choices]\na = [\"b\"]\n[screen]\nwhatlang = \"eng\"\n[screen.urgent]\n";
        assert_eq!(lost(empty), ["screen.urgent"]);
        let lines = "[examples]\nurgent = \"the house is on fire\"\n";
        let path = "locales/en/screen-examples.toml";
        assert_eq!(
            taken_away(path, lines, "[examples]\nurgent = \" \"\n"),
            ["examples.urgent"]
        );
        assert!(taken_away("locales/en/concern.ftl", "a = b", "").is_empty());
    }
}
