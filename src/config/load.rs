//! From a path, a text or the program itself to a [`Config`].

use std::collections::BTreeMap;
use std::fmt;
use std::path::Path;

use super::secret::Outside;
use super::{Config, School};
use super::{read, secret};
use crate::document::Document;
use crate::fault::{Fault, Severity, Sources};
use crate::school::calendar::Work;
use crate::school::noticeboard::Noticeboard;
use crate::school::people::People;

/// A configuration with faults in it. Printed, it shows each as `rustc` would.
#[derive(Debug, Clone, thiserror::Error)]
pub struct Refused {
    /// The faults, and the warnings found with them.
    pub faults: Vec<Fault>,
    /// The files they are in.
    pub sources: Sources,
}

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, fault) in self.faults.iter().enumerate() {
            if i > 0 {
                writeln!(f, "\n")?;
            }
            write!(f, "{}", fault.render(&self.sources))?;
        }
        Ok(())
    }
}

impl Config {
    /// Reads a file, the files it names and the environment of this process.
    pub fn load(path: &Path) -> Result<Self, Refused> {
        let name = path.display().to_string();
        let text = std::fs::read_to_string(path).map_err(|e| Refused {
            faults: vec![Fault::error(
                name.as_str(),
                None,
                format!("the configuration cannot be read: {e}"),
                "`schoolgate config example` prints one to start from",
            )],
            sources: Sources::new(),
        })?;
        let outside = Outside {
            base: path.parent().unwrap_or(Path::new("")),
            env: &|name| std::env::var(name).ok(),
            file: &|path| Some(without_mark(std::fs::read_to_string(path).ok()?)),
        };
        Self::with_people(&name, &without_mark(text), &outside)
    }

    /// The demo school, which the program carries. Its database and addresses are the caller's to
    /// replace.
    pub fn demo() -> Result<Self, Refused> {
        let files = BTreeMap::from([
            (
                Path::new("demo/kingfisher.toml"),
                include_str!("../../demo/kingfisher.toml"),
            ),
            (
                Path::new("demo/noticeboard.toml"),
                include_str!("../../demo/noticeboard.toml"),
            ),
        ]);
        let outside = Outside {
            base: Path::new("demo"),
            env: &|_| None,
            file: &|path| files.get(path).map(|text| (*text).to_owned()),
        };
        let text = include_str!("../../demo/schoolgate.toml");
        Self::with_people("demo/schoolgate.toml", text, &outside)
    }

    /// Reads the configuration alone: no other file is opened, nobody's people are known, and a
    /// secret kept in a file counts as missing.
    pub fn parse(
        file: &str,
        text: &str,
        env: &dyn Fn(&str) -> Option<String>,
    ) -> Result<Self, Vec<Fault>> {
        let outside = Outside {
            base: Path::new(file).parent().unwrap_or(Path::new("")),
            env,
            file: &|_| None,
        };
        match read_config(file, text, &outside) {
            (Some(config), _) => Ok(config),
            (None, faults) => Err(faults),
        }
    }

    fn with_people(file: &str, text: &str, outside: &Outside<'_>) -> Result<Self, Refused> {
        let mut sources = Sources::from([(file.to_owned(), secret::hidden(text))]);
        let (config, mut faults) = read_config(file, text, outside);
        let Some(mut config) = config else {
            return Err(Refused { faults, sources });
        };
        for school in &mut config.schools {
            read_people(file, school, outside, &mut faults, &mut sources);
            read_noticeboard(file, school, outside, &mut faults, &mut sources);
        }
        if faults.iter().any(|f| f.severity == Severity::Error) {
            return Err(Refused { faults, sources });
        }
        config.warnings = faults;
        config.sources = sources;
        Ok(config)
    }
}

/// Without the byte order mark that some editors put before the text.
fn without_mark(text: String) -> String {
    match text.strip_prefix('\u{feff}') {
        Some(rest) => rest.to_owned(),
        None => text,
    }
}

/// The configuration, unless it has errors; and every fault and warning.
fn read_config(file: &str, text: &str, outside: &Outside<'_>) -> (Option<Config>, Vec<Fault>) {
    let document = Document::parse(file, text);
    let config = read::config(document.root(), outside);
    let sound = !document.has_errors();
    let faults = document.into_faults();
    let config = config.filter(|_| sound).map(|mut config| {
        config.warnings.clone_from(&faults);
        config.sources.insert(file.to_owned(), secret::hidden(text));
        config
    });
    (config, faults)
}

fn read_people(
    file: &str,
    school: &mut School,
    outside: &Outside<'_>,
    faults: &mut Vec<Fault>,
    sources: &mut Sources,
) {
    let Some(path) = &school.people_file else {
        return;
    };
    let name = path.display().to_string();
    let Some(text) = (outside.file)(path) else {
        faults.push(Fault::error(
            file,
            None,
            format!("the people of {} cannot be read from {name}", school.id),
            "write that file, or correct `people`",
        ));
        return;
    };
    let hours = Work {
        days: school.calendar.days,
        from: school.calendar.open,
        to: school.calendar.close,
        absent: Vec::new(),
    };
    match People::parse(&name, &text, &hours) {
        Ok((people, warnings)) => {
            faults.extend(warnings);
            faults.extend(rota_names_known(file, school, &people));
            school.people = people;
        }
        Err(found) => faults.extend(found),
    }
    sources.insert(name, text);
}

/// After the people: it names classes and staff.
fn read_noticeboard(
    file: &str,
    school: &mut School,
    outside: &Outside<'_>,
    faults: &mut Vec<Fault>,
    sources: &mut Sources,
) {
    let Some(path) = &school.noticeboard_file else {
        return;
    };
    // Where the people cannot be read, every class and organiser would be a fault of its own.
    if school.people_file.is_some() && school.people.staff.is_empty() {
        return;
    }
    let name = path.display().to_string();
    let Some(text) = (outside.file)(path) else {
        faults.push(Fault::error(
            file,
            None,
            format!(
                "the noticeboard of {} cannot be read from {name}",
                school.id
            ),
            "write that file, or leave `noticeboard` out",
        ));
        return;
    };
    match Noticeboard::parse(&name, &text, &school.people) {
        Ok((board, warnings)) => {
            faults.extend(warnings);
            school.noticeboard = board;
        }
        Err(found) => faults.extend(found),
    }
    sources.insert(name, text);
}

/// A page for somebody who is not on the staff would reach nobody.
fn rota_names_known(file: &str, school: &School, people: &People) -> Vec<Fault> {
    let shifts = &school.safeguarding.rota.shifts;
    shifts
        .iter()
        .flat_map(|s| s.staff.iter().map(move |key| (key, s.span.clone())))
        .filter_map(|(key, span)| {
            let (message, remedy) = match people.staff(key) {
                None => (
                    format!("the rota names `{key}`, who is not on the staff"),
                    crate::fault::did_you_mean(key, people.staff.iter().map(|s| s.key.as_str())),
                ),
                Some(member) if member.phone.is_none() => (
                    format!("{} is on the rota and has no phone", member.name),
                    "add a phone in the people file".to_owned(),
                ),
                Some(_) => return None,
            };
            Some(Fault::error(file, span, message, remedy))
        })
        .collect()
}
