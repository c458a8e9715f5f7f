//! Rows to records: who each row is about, and what it says of them.
//!
//! A column that is not in the file leaves what is known; one that is there and empty takes it away,
//! but for numbers that the office matched, and restrictions, which an import without that column
//! never touches.

mod adults;
mod pupils;
mod staff;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use super::cells::Bad;
use super::headings::{Column, Columns};
use super::sheet::{Row, Sheet};
use super::{Kind, Person, Place, Register, Rules};
use crate::fault::{Fault, did_you_mean};
use crate::school::people::{Adult, Pupil, Staff};

/// What was read.
#[derive(Default)]
pub(super) struct Read {
    /// Everybody in the files, once each.
    pub found: Vec<Person>,
    /// Where each stands.
    pub places: BTreeMap<(Kind, String), Place>,
    /// What is wrong or doubtful.
    pub faults: Vec<Fault>,
}

pub(super) struct Reading<'r> {
    rules: &'r Rules<'r>,
    read: Read,
    /// Those in the register or read already, gone or not.
    staff: BTreeMap<String, Staff>,
    pupils: BTreeMap<String, Pupil>,
    adults: BTreeMap<String, Adult>,
    /// How rows find them.
    pupils_by: BTreeMap<String, Found>,
    adults_by: BTreeMap<String, Found>,
    staff_by: BTreeMap<String, Found>,
}

/// Whose an identifier is.
#[derive(Clone, PartialEq, Eq)]
enum Found {
    One(String),
    /// More than one: it tells nothing.
    Several,
}

/// One row, and how to complain about it.
struct Line<'s> {
    sheet: &'s Sheet,
    row: &'s Row,
    columns: &'s Columns,
}

impl<'s> Line<'s> {
    fn cell(&self, column: Column) -> Option<&'s str> {
        self.columns.cell(self.row, column)
    }

    fn span(&self) -> Range<usize> {
        self.row.span.clone()
    }

    fn error(&self, message: impl Into<String>, remedy: impl Into<String>) -> Fault {
        Fault::error(&self.sheet.file, self.span(), message, remedy)
    }

    fn doubt(&self, message: impl Into<String>, remedy: impl Into<String>) -> Fault {
        Fault::warning(&self.sheet.file, self.span(), message, remedy)
    }

    /// The name: in one cell, or in two.
    fn full_name(&self) -> Option<String> {
        let two = [Column::Title, Column::FirstName, Column::LastName];
        let parts: Vec<&str> = two.into_iter().filter_map(|c| self.cell(c)).collect();
        self.cell(Column::Name)
            .map(str::to_owned)
            .or_else(|| (!parts.is_empty()).then(|| parts.join(" ")))
    }
}

impl<'r> Reading<'r> {
    pub(super) fn new(register: &Register, rules: &'r Rules<'r>) -> Self {
        let mut reading = Self {
            rules,
            read: Read::default(),
            staff: BTreeMap::new(),
            pupils: BTreeMap::new(),
            adults: BTreeMap::new(),
            pupils_by: BTreeMap::new(),
            adults_by: BTreeMap::new(),
            staff_by: BTreeMap::new(),
        };
        // Who was merged into another is found as that other.
        let merged: BTreeSet<&str> = register
            .entries
            .iter()
            .filter_map(|e| match &e.person {
                Person::Adult(adult) if !e.gone => Some(&adult.merged),
                _ => None,
            })
            .flatten()
            .map(|m| m.key.as_str())
            .collect();
        for entry in &register.entries {
            if entry.person.kind() == Kind::Adult && merged.contains(entry.person.key()) {
                continue;
            }
            match entry.person.clone() {
                Person::Staff(staff) => reading.know_staff(staff),
                Person::Pupil(pupil) => reading.know_pupil(pupil),
                Person::Adult(adult) => reading.know_adult(adult),
            }
        }
        reading
    }

    pub(super) fn read(&mut self, kind: Kind, sheet: &Sheet, columns: &Columns) {
        for heading in &columns.unknown {
            self.read.faults.push(Fault::warning(
                &sheet.file,
                sheet.heading_span.clone(),
                format!("the column `{heading}` is not read"),
                "name it in a mapping file if it holds something of ours (docs/import.md)",
            ));
        }
        let mut seen = BTreeMap::new();
        let mut adults = Vec::new();
        for row in &sheet.rows {
            let line = Line {
                sheet,
                row,
                columns,
            };
            match kind {
                Kind::Staff => {
                    if let Some(staff) = self.staff_of(&line) {
                        self.once(&line, &mut seen, &staff.key, &staff.name);
                        self.found(Person::Staff(staff.clone()), &line);
                        self.know_staff(staff);
                    }
                }
                Kind::Pupil => {
                    if let Some(pupil) = self.pupil_of(&line) {
                        self.once(&line, &mut seen, &pupil.key, &pupil.full_name());
                        self.found(Person::Pupil(pupil.clone()), &line);
                        self.know_pupil(pupil);
                    }
                }
                Kind::Adult => {
                    let Some((adult, first)) = self.adult_of(&line, &seen) else {
                        continue;
                    };
                    if first {
                        seen.insert(adult.key.clone(), line.span().start);
                        adults.push(adult.key.clone());
                        let place = (sheet.file.clone(), line.span());
                        self.read
                            .places
                            .insert((Kind::Adult, adult.key.clone()), place);
                    }
                    self.know_adult(adult);
                }
            }
        }
        // An adult stands in a row for each child: only now is all of it known.
        for key in adults {
            if let Some(adult) = self.adults.get(&key) {
                self.read.found.push(Person::Adult(adult.clone()));
            }
        }
        self.same_names(kind);
    }

    pub(super) fn done(mut self) -> Read {
        self.references();
        self.read
    }

    fn found(&mut self, person: Person, line: &Line<'_>) {
        let key = (person.kind(), person.key().to_owned());
        self.read
            .places
            .insert(key, (line.sheet.file.clone(), line.span()));
        self.read.found.push(person);
    }

    /// Each stands in a file once.
    fn once(&mut self, line: &Line<'_>, seen: &mut BTreeMap<String, usize>, key: &str, name: &str) {
        if let Some(before) = seen.insert(key.to_owned(), line.span().start) {
            let lines = line.sheet.text[..before].matches('\n').count() + 1;
            self.read.faults.push(line.error(
                format!("{name} stands in line {lines} too"),
                "take one of the two rows out; two people of one name need an identifier each",
            ));
        }
    }

    fn take<T>(&mut self, line: &Line<'_>, read: Result<T, Bad>) -> Option<T> {
        read.map_err(|(message, remedy)| self.read.faults.push(line.error(message, remedy)))
            .ok()
    }

    fn take_or_leave_out<T>(&mut self, line: &Line<'_>, read: Result<T, Bad>) -> Option<T> {
        read.map_err(|(message, remedy)| self.read.faults.push(line.doubt(message, remedy)))
            .ok()
    }

    /// Two records of one name may be one person: a person decides.
    fn same_names(&mut self, kind: Kind) {
        if kind != Kind::Adult {
            return;
        }
        let mut names: BTreeMap<String, &str> = BTreeMap::new();
        let mut doubts = Vec::new();
        for person in &self.read.found {
            let Person::Adult(adult) = person else {
                continue;
            };
            if names.insert(named(&adult.name), &adult.key).is_some()
                && let Some((file, span)) = self.read.places.get(&(Kind::Adult, adult.key.clone()))
            {
                doubts.push(Fault::warning(
                    file,
                    span.clone(),
                    format!(
                        "there are two {}, with no phone, email or child in common",
                        adult.name
                    ),
                    "if they are one person, merge them on the page People",
                ));
            }
        }
        self.read.faults.extend(doubts);
    }

    /// Those who are named by another's row: by key, name or email.
    fn references(&mut self) {
        let staff_by = std::mem::take(&mut self.staff_by);
        let resolve = |written: &str| {
            [
                format!("key {written}"),
                named(written),
                format!("email {}", written.to_lowercase()),
            ]
            .iter()
            .find_map(|id| one(&staff_by, id))
        };
        let names: BTreeSet<String> = self.staff.values().map(|s| s.name.clone()).collect();
        let mut faults = Vec::new();
        for person in &mut self.read.found {
            let place = self
                .read
                .places
                .get(&(person.kind(), person.key().to_owned()))
                .cloned();
            let mut look_up = |what: &str, written: &str| {
                let found = resolve(written);
                if found.is_none()
                    && let Some((file, span)) = place.clone()
                {
                    faults.push(Fault::error(
                        file,
                        span,
                        format!("the {what} `{written}` is not on the staff"),
                        did_you_mean(written, names.iter().map(String::as_str)),
                    ));
                }
                found
            };
            match person {
                Person::Staff(staff) => {
                    staff.cover = staff.cover.take().and_then(|c| look_up("cover", &c));
                }
                Person::Adult(adult) => {
                    adult.key_worker = adult
                        .key_worker
                        .take()
                        .and_then(|k| look_up("key worker", &k));
                    for child in &mut adult.children {
                        if let Some(restriction) = &mut child.restriction
                            && !restriction.by.is_empty()
                        {
                            let by = look_up("restriction's author", &restriction.by);
                            restriction.by = by.unwrap_or_default();
                        }
                    }
                }
                Person::Pupil(_) => {}
            }
        }
        self.read.faults.extend(faults);
    }
}

fn number(line: &Line<'_>) -> Option<String> {
    let number = line.cell(Column::AdmissionNumber)?;
    Some(format!("number {}", number.trim_start_matches('0')))
}

/// `Last, First`, or first names and then the last.
fn two_names(name: &str) -> (String, String) {
    let two = name
        .split_once(',')
        .map(|(last, first)| (first, last))
        .or_else(|| name.rsplit_once(' '));
    let (first, last) = two.unwrap_or((name, ""));
    (first.trim().to_owned(), last.trim().to_owned())
}

/// How a name is looked up: without case, accents and titles.
fn named(name: &str) -> String {
    const TITLES: [&str; 8] = ["mr", "mrs", "miss", "ms", "mx", "dr", "rev", "prof"];
    let folded = crate::text::fold::fold(name);
    let words: Vec<&str> = folded
        .split(|c: char| !c.is_alphanumeric())
        .filter(|w| !w.is_empty())
        .collect();
    // A member of staff is known by title and last name: then the title tells them apart.
    let skip = usize::from(words.len() > 2 && TITLES.contains(&words[0]));
    format!("name {}", words[skip..].join(" "))
}

fn note(by: &mut BTreeMap<String, Found>, id: String, key: &str) {
    let found = by.entry(id).or_insert_with(|| Found::One(key.to_owned()));
    if *found != Found::One(key.to_owned()) {
        *found = Found::Several;
    }
}

fn one(by: &BTreeMap<String, Found>, id: &str) -> Option<String> {
    match by.get(id)? {
        Found::One(key) => Some(key.clone()),
        Found::Several => None,
    }
}
