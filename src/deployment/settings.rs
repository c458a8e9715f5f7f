//! What staff set in the console, laid over what `schoolgate.toml` says of their school.
//!
//! A section that was set counts as a whole, whatever the file says of it, until somebody goes back
//! to the file. What cannot be read (set by a newer program, say) is never left out in silence: the
//! program does not start on it, and one that runs goes on with what it had, and says so.

use std::borrow::Cow;
use std::sync::Arc;

use super::{Parts, School};
use crate::config::setting::{lay, same};
use crate::config::{self, Refused};
use crate::fault::{Fault, Sources};
use crate::school::calendar::Period;
use crate::school::service::Directory;
use crate::school::setting::Section;
use crate::store::{Result, Setting, Tx};

/// What staff have set, and the file it lies over.
#[derive(Debug, Clone)]
pub struct Layer {
    /// The school as the file has it.
    pub file: Arc<config::School>,
    /// Which version of the settings this is; 0 is the file alone.
    pub version: i64,
    /// The newest version of each section that was ever set.
    pub set: Vec<Setting>,
    /// Why this version could not be taken up, and an earlier one goes on.
    pub refused: Vec<Fault>,
}

impl Layer {
    /// A file over which nothing lies.
    pub fn none(file: Arc<config::School>) -> Self {
        Self {
            file,
            version: 0,
            set: Vec::new(),
            refused: Vec::new(),
        }
    }

    /// What is set of a section; `None` where the file says it.
    pub fn of(&self, section: Section) -> Option<&Setting> {
        let newest = self.newest(section);
        newest.filter(|setting| setting.body.is_some())
    }

    /// The newest version of a section, 0 where it was never set: whoever changes it has seen this.
    pub fn seen(&self, section: Section) -> i64 {
        self.newest(section).map_or(0, |setting| setting.version)
    }

    fn newest(&self, section: Section) -> Option<&Setting> {
        self.set.iter().find(|s| s.section == section.word())
    }
}

/// A school as it stands: what staff have set, laid over its file.
pub async fn as_set(
    tx: &mut Tx,
    file: &Arc<config::School>,
) -> Result<std::result::Result<(config::School, Layer), Refused>> {
    let (version, set) = tx.settings(&file.id).await?;
    Ok(laid(file, &set).map(|school| {
        let layer = Layer {
            file: Arc::clone(file),
            version,
            set,
            refused: Vec::new(),
        };
        (school, layer)
    }))
}

/// The school of a file with settings laid over it.
fn laid(file: &config::School, set: &[Setting]) -> std::result::Result<config::School, Refused> {
    let mut school = file.clone();
    let (mut faults, mut sources) = (Vec::new(), Sources::new());
    // Closed days are looked at beside the terms.
    let mut set: Vec<&Setting> = set.iter().collect();
    set.sort_by_key(|setting| setting.section == Section::Closed.word());
    for setting in set {
        let Some(body) = &setting.body else { continue };
        let name = format!("Settings of {}, {}", file.id, setting.section);
        let unread = match Section::from_word(&setting.section) {
            Some(section) => lay(&mut school, section, &name, body).err(),
            None => Some(vec![Fault::error(
                name.as_str(),
                None,
                format!(
                    "this program does not know the settings `{}`",
                    setting.section
                ),
                "they were made by a newer one: start that",
            )]),
        };
        if let Some(found) = unread {
            faults.extend(found);
            faults.push(Fault::error(
                name.as_str(),
                None,
                "what staff have set cannot be used",
                format!(
                    "`schoolgate config reset {} --school {}` goes back to what the file says",
                    setting.section, file.id
                ),
            ));
            sources.insert(name, body.clone());
        }
    }
    if faults.is_empty() {
        Ok(school)
    } else {
        Err(Refused { faults, sources })
    }
}

impl School {
    /// The directory of services, as this school knows it.
    pub fn directory<'p>(&self, parts: &'p Parts) -> Cow<'p, Directory> {
        let own = &self.config.services;
        if *own == Default::default() {
            Cow::Borrowed(&parts.directory)
        } else {
            Cow::Owned(parts.directory.with(own))
        }
    }

    /// The councils whose services its families are sent to: its own, and those of children's homes.
    pub fn councils(&self) -> Vec<&str> {
        let homes = self.people.pupils.iter();
        let homes = homes.filter_map(|p| p.home_council.as_deref());
        let mut councils: Vec<&str> = homes.chain([self.config.authority.as_str()]).collect();
        councils.sort_unstable();
        councils.dedup();
        councils
    }

    /// The terms that would be set by this text, if it can be read.
    pub fn terms_in(&self, text: &str) -> Option<Vec<Period>> {
        let mut school = self.config.clone();
        lay(&mut school, Section::Terms, "terms", text).ok()?;
        Some(school.calendar.terms)
    }

    /// What would stand in the way of setting a section to this text.
    ///
    /// # Errors
    /// Every fault and warning of the text.
    pub fn try_setting(
        &self,
        section: Section,
        text: &str,
    ) -> std::result::Result<Vec<Fault>, Vec<Fault>> {
        lay(&mut self.config.clone(), section, section.word(), text)
    }

    /// Whether a section that was set says something else than the file.
    pub fn differs_from_file(&self, section: Section) -> bool {
        self.layer.of(section).is_some() && !same(&self.config, &self.layer.file, section)
    }
}
