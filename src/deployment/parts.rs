//! What is made of the files people write: flows, texts, services, the screen; overlays laid over.

use std::path::Path;
use std::sync::Arc;

use super::NotReady;
use crate::config::{Config, Refused};
use crate::fault::{Fault, Sources};
use crate::flow::bundle::Bundle;
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
}

impl Parts {
    /// Reads and checks all of it, overlays included.
    ///
    /// # Errors
    /// Every fault of every file at once.
    pub fn load(config: &Config) -> Result<Self, NotReady> {
        let mut faults = Vec::new();
        let mut sources = Bundle::embedded_sources();
        for (dir, name) in [
            (&config.flows_dir, "flows"),
            (&config.locales_dir, "locales"),
        ] {
            if let Some(dir) = dir {
                overlay(&mut sources, dir, name, &mut faults);
            }
        }
        let directory_file = config
            .services_file
            .as_ref()
            .map_or("data/services.toml".to_owned(), |p| p.display().to_string());
        let directory_text = match &config.services_file {
            None => DIRECTORY.to_owned(),
            Some(path) => std::fs::read_to_string(path).unwrap_or_else(|e| {
                faults.push(Fault::error(
                    directory_file.as_str(),
                    None,
                    format!("cannot be read: {e}"),
                    "name a file, or leave `services_file` out",
                ));
                String::new()
            }),
        };
        let directory = Directory::load(&directory_file, &directory_text);
        let (bundle, mut found) = Bundle::load_with_warnings(sources.clone());
        let languages: Vec<(&str, &str, &str)> = sources
            .iter()
            .filter(|(path, _)| path.ends_with(".toml"))
            .filter_map(|(path, text)| {
                let (language, _) = path.strip_prefix("locales/")?.split_once('/')?;
                Some((language, path.as_str(), text.as_str()))
            })
            .collect();
        let screen = Screen::load(&languages);
        match (bundle, directory, screen) {
            (Some(bundle), Ok(directory), Ok(screen)) if faults.is_empty() => Ok(Self {
                bundle: Arc::new(bundle),
                directory,
                screen,
                warnings: found,
            }),
            (_, directory, screen) => {
                faults.append(&mut found);
                faults.extend(directory.err().into_iter().flatten());
                // Both read the same files; a fault in one is told once.
                for fault in screen.err().into_iter().flatten() {
                    if !faults.contains(&fault) {
                        faults.push(fault);
                    }
                }
                sources.insert(directory_file, directory_text);
                Err(NotReady::Faults(Refused { faults, sources }))
            }
        }
    }
}

/// The services that the program carries.
const DIRECTORY: &str = include_str!("../../data/services.toml");

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
                match std::fs::read_to_string(&path) {
                    Ok(text) => {
                        sources.insert(inner, text);
                    }
                    Err(e) => faults.push(Fault::error(
                        inner,
                        None,
                        format!("cannot be read: {e}"),
                        "save it as UTF-8 text",
                    )),
                }
            }
        }
    }
}
