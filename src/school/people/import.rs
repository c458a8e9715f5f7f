//! People out of the files of the school's own system: what an import would change, and what a person
//! has to say yes to first.
//!
//! It changes nothing itself. A file with a fault changes nothing at all; what is only doubtful (a phone
//! that cannot be read) is said and left out. Whatever would let somebody be told more than before, who
//! had been kept from it, waits for a yes.

mod cells;
mod compare;
mod headings;
mod rows;
mod sheet;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::{Entry, Kind, People, Person, Register, Who};
use crate::fault::{Fault, Severity, Sources};
use crate::school::calendar::Work;

pub use compare::{Change, Different, What};
pub use headings::Mapping;
pub use sheet::{LONGEST, Sheet};

/// What reading needs to know beside the files.
#[derive(Clone, Copy)]
pub struct Rules<'r> {
    /// The school's own days and hours, for staff whose row says none.
    pub hours: &'r Work,
    /// The tag of a language by its name; `None` for one that nobody knows.
    pub language: &'r dyn Fn(&str) -> Option<String>,
    /// The school's own headings.
    pub mapping: &'r Mapping,
}

/// A file to import, and what it is about where somebody said so.
#[derive(Debug, Clone)]
pub struct File {
    /// Its name, as shown to people.
    pub name: String,
    /// As it came.
    pub bytes: Vec<u8>,
    /// Pupils, adults or staff; `None`: its headings tell.
    pub kind: Option<Kind>,
}

/// Something that happens only if somebody says yes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Ask {
    /// By which the yes names it.
    pub id: String,
    /// The question.
    pub words: String,
    /// It lifts what keeps somebody from a child, or lets somebody read what is sealed: only who may lift
    /// that says yes.
    pub lifts: bool,
    /// Nobody signed in says yes to it: whoever looks after the machine does.
    pub outside: bool,
}

/// What an import would do.
#[derive(Debug, Clone, Default)]
pub struct Proposal {
    /// What would change, in the order of the files.
    pub changes: Vec<Change>,
    /// What waits for a yes.
    pub asks: Vec<Ask>,
    /// What is doubtful and left out, or worth a look.
    pub doubts: Vec<Fault>,
    /// How many rows say what is known already.
    pub same: usize,
    /// The files' texts, for [`Fault::render`].
    pub sources: Sources,
}

/// Why files cannot be imported: every fault, with its row.
#[derive(Debug, Clone, thiserror::Error)]
#[error("the files have {} faults; nothing is changed", faults.iter().filter(|f| f.severity == Severity::Error).count())]
pub struct Unusable {
    /// Errors and warnings.
    pub faults: Vec<Fault>,
    /// The files' texts, for [`Fault::render`].
    pub sources: Sources,
}

/// Where somebody's row stands.
pub(super) type Place = (String, Range<usize>);

/// What `files` would change in `register`.
///
/// # Errors
/// Every fault of every file at once.
pub fn propose(
    register: &Register,
    files: &[File],
    rules: &Rules<'_>,
) -> Result<Proposal, Unusable> {
    let mut faults = Vec::new();
    let mut sources = Sources::new();
    let mut sheets: BTreeMap<Kind, (Sheet, headings::Columns)> = BTreeMap::new();
    for file in files {
        match open(file, rules.mapping) {
            Ok((kind, sheet, columns)) => {
                sources.insert(sheet.file.clone(), sheet.text.clone());
                if let Some((other, _)) = sheets.get(&kind) {
                    faults.push(Fault::error(
                        &sheet.file,
                        None,
                        format!(
                            "both {} and {} hold {}",
                            other.file,
                            sheet.file,
                            kind.plural()
                        ),
                        "import one file of each",
                    ));
                } else {
                    sheets.insert(kind, (sheet, columns));
                }
            }
            Err((found, text)) => {
                faults.extend(found);
                sources.extend(text.map(|text| (file.name.clone(), text)));
            }
        }
    }
    let mut reading = rows::Reading::new(register, rules);
    // Adults name pupils and staff, whichever order the files came in.
    for kind in [Kind::Staff, Kind::Pupil, Kind::Adult] {
        if let Some((sheet, columns)) = sheets.get(&kind) {
            reading.read(kind, sheet, columns);
        }
    }
    let rows::Read {
        found,
        places,
        faults: of_rows,
    } = reading.done();
    faults.extend(of_rows);
    let mut proposal = compare::compare(register, &found, sheets.keys().copied());
    let after = register.with(&proposal, &proposal.every_yes()).people();
    let is_error = |f: &Fault| f.severity == Severity::Error;
    // Of a file that cannot be read whole, everybody else would seem to be missing.
    if !faults.iter().any(is_error) {
        faults.extend(flaws(&after, &places, sheets.values().next()));
    }
    if faults.iter().any(is_error) || sheets.is_empty() {
        return Err(Unusable { faults, sources });
    }
    proposal.doubts = faults;
    proposal.sources = sources;
    Ok(proposal)
}

type Opened = (Kind, Sheet, headings::Columns);

fn open(file: &File, mapping: &Mapping) -> Result<Opened, (Vec<Fault>, Option<String>)> {
    let sheet = Sheet::read(&file.name, &file.bytes)?;
    let Some(kind) = file.kind.or_else(|| headings::guess(&sheet)) else {
        let fault = Fault::error(
            &file.name,
            Some(sheet.heading_span.clone()),
            "these headings are neither those of pupils, nor of adults, nor of staff",
            "export it with its headings, or name them in a mapping file (docs/import.md)",
        );
        return Err((vec![fault], Some(sheet.text)));
    };
    match headings::Columns::find(kind, &sheet, mapping) {
        Ok(columns) => Ok((kind, sheet, columns)),
        Err(faults) => Err((faults, Some(sheet.text))),
    }
}

/// What would be wrong with the school's people afterwards, at the rows of those it is about.
fn flaws(
    people: &People,
    places: &BTreeMap<(Kind, String), Place>,
    any: Option<&(Sheet, headings::Columns)>,
) -> Vec<Fault> {
    let any = any.map(|(sheet, _)| sheet.file.clone()).unwrap_or_default();
    let place = |who: Option<Who>| {
        let key = match who? {
            Who::Staff(n) => (Kind::Staff, people.staff.get(n)?.key.clone()),
            Who::Adult(n) => (Kind::Adult, people.adults.get(n)?.key.clone()),
        };
        places.get(&key).cloned()
    };
    let mut faults: Vec<Fault> = people
        .flaws()
        .into_iter()
        .map(|flaw| {
            let (file, span) = match place(flaw.about) {
                Some((file, span)) => (file, Some(span)),
                None => (any.clone(), None),
            };
            Fault {
                severity: flaw.severity,
                file,
                span,
                message: flaw.message,
                remedy: flaw.remedy,
            }
        })
        .collect();
    let classes: BTreeSet<&str> = people.pupils.iter().map(|p| p.class.as_str()).collect();
    for class in classes {
        if people.teachers_of(class).next().is_none() {
            faults.push(Fault::warning(
                &any,
                None,
                format!("class {class} has no teacher"),
                "concerns about its pupils go to the SENCO or the office until it has",
            ));
        }
    }
    faults
}

impl Proposal {
    /// Every question answered with yes.
    pub fn every_yes(&self) -> BTreeSet<String> {
        self.asks.iter().map(|ask| ask.id.clone()).collect()
    }

    /// How many changes of a kind there are.
    pub fn count(&self, kind: Kind, what: fn(&What) -> bool) -> usize {
        let of = |c: &&Change| c.person.kind() == kind && what(&c.what);
        self.changes.iter().filter(of).count()
    }

    /// What is carried out when these questions were answered with yes.
    pub fn agreed<'p>(&'p self, yes: &'p BTreeSet<String>) -> impl Iterator<Item = &'p Change> {
        let agreed = |c: &&Change| c.ask.as_ref().is_none_or(|ask| yes.contains(ask));
        self.changes.iter().filter(agreed)
    }
}

impl Register {
    /// The register after an import.
    #[must_use]
    pub fn with(&self, proposal: &Proposal, yes: &BTreeSet<String>) -> Self {
        let mut places: BTreeMap<(Kind, &str), usize> = BTreeMap::new();
        for (n, entry) in self.entries.iter().enumerate() {
            places.insert((entry.person.kind(), entry.person.key()), n);
        }
        let mut after = self.clone();
        for change in proposal.agreed(yes) {
            let entry = Entry {
                person: change.person.clone(),
                gone: matches!(change.what, What::Gone),
            };
            match places.get(&(change.person.kind(), change.person.key())) {
                Some(n) => after.entries[*n] = entry,
                None => after.entries.push(entry),
            }
        }
        after
    }
}

/// A key for somebody new: their name in small letters, with a number where it is taken.
pub(super) fn key_for(name: &str, taken: impl Fn(&str) -> bool) -> String {
    let folded = crate::text::fold::fold(name);
    let words = folded
        .split(|c: char| !c.is_ascii_alphanumeric())
        .filter(|w| !w.is_empty());
    let key = words.collect::<Vec<_>>().join("-");
    let key = if key.is_empty() {
        "person".to_owned()
    } else {
        key
    };
    if !taken(&key) {
        return key;
    }
    let numbered = |n: u32| format!("{key}-{n}");
    (2..).map(numbered).find(|k| !taken(k)).unwrap_or(key)
}

#[cfg(test)]
mod tests;
