//! Where the files are that are laid over those in the program.

use std::path::{Path, PathBuf};

use super::Config;
use crate::document::Document;

/// What a configuration lays over the flows, texts and services of the program.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Folders {
    /// Flows.
    pub flows_dir: Option<PathBuf>,
    /// Texts and reading files.
    pub locales_dir: Option<PathBuf>,
    /// The directory of services.
    pub services_file: Option<PathBuf>,
}

impl Folders {
    /// Those of a configuration.
    pub fn of(config: &Config) -> Self {
        Self {
            flows_dir: config.flows_dir.clone(),
            locales_dir: config.locales_dir.clone(),
            services_file: config.services_file.clone(),
        }
    }

    /// Those that a file names, whatever else is wrong in it: so that faults of the flows are told
    /// beside the faults of the configuration.
    pub fn named_in(path: &Path) -> Self {
        let Ok(text) = std::fs::read_to_string(path) else {
            return Self::default();
        };
        let document = Document::parse(&path.display().to_string(), &text);
        let root = document.root();
        let base = path.parent().unwrap_or(Path::new(""));
        let named = |key| root.text(key).map(|written| base.join(written.value));
        Self {
            flows_dir: named("flows_dir"),
            locales_dir: named("locales_dir"),
            services_file: named("services_file"),
        }
    }
}
