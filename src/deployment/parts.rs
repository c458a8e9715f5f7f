//! What is made of the files people write: flows, texts, services, the screen; overlays laid over.

use std::ops::Range;
use std::sync::Arc;

use super::NotReady;
use super::overlay::overlay;
use crate::config::{Config, Folders, Refused};
use crate::fault::{Fault, Severity, Sources, did_you_mean, read_file};
use crate::flow::bundle::{self, Bundle};
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
