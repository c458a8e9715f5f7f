//! Rows of parents and carers: one for each child, made into one record.

use std::collections::BTreeMap;

use super::super::headings::Column;
use super::super::{cells, key_for};
use super::{Found, Line, Reading, named, note, number, one, two_names};
use crate::fault::did_you_mean;
use crate::phone::Phone;
use crate::school::people::{Adult, Known, Pupil, Relationship, Restriction, Upn};

impl Reading<'_> {
    pub(super) fn know_adult(&mut self, adult: Adult) {
        let key = adult.key.clone();
        let by = &mut self.adults_by;
        note(by, format!("key {key}"), &key);
        let merged = adult.merged.iter().filter_map(|m| m.contact_id.as_ref());
        for id in adult.contact_id.iter().chain(merged) {
            note(by, format!("id {id}"), &key);
        }
        for phone in adult.numbers() {
            note(
                by,
                format!("{} phone {}", named(&adult.name), phone.e164()),
                &key,
            );
        }
        if let Some(email) = &adult.email {
            note(by, format!("{} email {email}", named(&adult.name)), &key);
        }
        for child in &adult.children {
            note(
                by,
                format!("{} of {}", named(&adult.name), child.pupil),
                &key,
            );
        }
        self.adults.insert(key, adult);
    }

    /// The adult of a row, with what the row adds; whether it is their first row.
    pub(super) fn adult_of(
        &mut self,
        line: &Line<'_>,
        seen: &BTreeMap<String, usize>,
    ) -> Option<(Adult, bool)> {
        let name = match line.cell(Column::Name) {
            Some(name) => Some(name.to_owned()),
            None => line.full_name(),
        };
        let Some(name) = name else {
            self.read
                .faults
                .push(line.error("this adult has no name", "write it, or leave the row out"));
            return None;
        };
        let pupil = self.pupil_named(line)?;
        let mut phones: Vec<Phone> = Vec::new();
        for column in [Column::Phone, Column::OtherPhone, Column::ThirdPhone] {
            let (some, bad) = cells::phones(line.cell(column).unwrap_or_default());
            for phone in some {
                if !phones.contains(&phone) {
                    phones.push(phone);
                }
            }
            for (message, remedy) in bad {
                self.read.faults.push(line.doubt(message, remedy));
            }
        }
        let email = line.cell(Column::Email).map(cells::email);
        let email = email.and_then(|e| self.take_or_leave_out(line, e));
        let key = self
            .known_adult(line, &name, &phones, email.as_deref(), &pupil)
            .unwrap_or_else(|| {
                key_for(&name, |key| {
                    self.adults.contains_key(key) || self.staff.contains_key(key)
                })
            });
        let first = !seen.contains_key(&key);
        let known = self.adults.get(&key).cloned();
        // What is known of the children is of the register's: the file says which there are.
        let before = known
            .as_ref()
            .map(|a| a.children.clone())
            .unwrap_or_default();
        let mut adult = known.unwrap_or_else(|| Adult {
            key,
            name: String::new(),
            phones: Vec::new(),
            matched: Vec::new(),
            lost: Vec::new(),
            ended: Vec::new(),
            merged: Vec::new(),
            contact_id: None,
            email: None,
            language: None,
            key_worker: None,
            prefers: None,
            note: None,
            children: Vec::new(),
        });
        let columns = line.columns;
        let has_phones = [Column::Phone, Column::OtherPhone, Column::ThirdPhone]
            .into_iter()
            .any(|c| columns.has(c));
        if first {
            adult.name = name;
            // What somebody at school wrote down is nothing that a file has to know.
            adult.children.retain(|c| c.by_hand);
            if has_phones {
                adult.phones.clear();
            }
            if columns.has(Column::Email) {
                adult.email = None;
            }
        }
        for phone in phones {
            if adult.lost.contains(&phone) {
                self.read.faults.push(line.doubt(
                    format!(
                        "{} was marked as no longer theirs, and is left out",
                        phone.national()
                    ),
                    "correct it in the school's own records; if it is theirs again, add it on their page",
                ));
            } else if !adult.phones.contains(&phone) {
                adult.phones.push(phone);
            }
        }
        adult.matched.retain(|m| !adult.phones.contains(m));
        adult.email = adult.email.or(email);
        self.details(line, &mut adult);
        let was = before.iter().find(|c| c.pupil == pupil);
        let child = self.relationship(line, pupil.clone(), was);
        adult.ended.retain(|ended| *ended != pupil);
        match adult.children.iter_mut().find(|c| c.pupil == pupil) {
            Some(there) => *there = child,
            None => adult.children.push(child),
        }
        Some((adult, first))
    }

    pub(super) fn details(&mut self, line: &Line<'_>, adult: &mut Adult) {
        if let Some(id) = line.cell(Column::ContactId)
            && !adult
                .merged
                .iter()
                .any(|m| m.contact_id.as_deref() == Some(id))
        {
            adult.contact_id = Some(id.to_owned());
        }
        if let Some(name) = line.cell(Column::Language) {
            match (self.rules.language)(name) {
                Some(tag) => adult.language = Some(tag),
                None => self.read.faults.push(line.doubt(
                    format!("`{name}` is no language that is known here, and is left out"),
                    "write its English name, or its tag, such as pl",
                )),
            }
        }
        if let Some(prefers) = line.cell(Column::Prefers).map(cells::prefers) {
            adult.prefers = self.take_or_leave_out(line, prefers).or(adult.prefers);
        }
        if line.columns.has(Column::KeyWorker) {
            adult.key_worker = line.cell(Column::KeyWorker).map(str::to_owned);
        }
        if line.columns.has(Column::Note) {
            adult.note = line.cell(Column::Note).map(str::to_owned);
        }
    }

    pub(super) fn relationship(
        &mut self,
        line: &Line<'_>,
        pupil: String,
        was: Option<&Relationship>,
    ) -> Relationship {
        let mut answer = |column: Column, known: Option<Known>| {
            if !line.columns.has(column) {
                return known.unwrap_or(Known::Unknown);
            }
            let read = cells::known(line.cell(column).unwrap_or_default());
            self.take(line, read).unwrap_or(Known::Unknown)
        };
        let parental_responsibility = answer(
            Column::ParentalResponsibility,
            was.map(|w| w.parental_responsibility),
        );
        let lives_with = answer(Column::LivesWith, was.map(|w| w.lives_with));
        let court_order = answer(Column::CourtOrder, was.map(|w| w.court_order));
        let kind = line.cell(Column::Relationship).unwrap_or("contact");
        Relationship {
            pupil,
            kind: kind.to_lowercase(),
            parental_responsibility,
            lives_with,
            court_order,
            restriction: self.restriction(line, was.and_then(|w| w.restriction.as_ref())),
            by_hand: false,
        }
    }

    pub(super) fn restriction(
        &mut self,
        line: &Line<'_>,
        was: Option<&Restriction>,
    ) -> Option<Restriction> {
        if !line.columns.has(Column::Restriction) {
            return was.cloned();
        }
        let why = line.cell(Column::Restriction)?;
        if matches!(why.to_lowercase().as_str(), "n" | "no" | "none" | "false") {
            return None;
        }
        let since = line.cell(Column::RestrictionSince).map(cells::date);
        let since = since.and_then(|d| self.take(line, d));
        let until = line.cell(Column::RestrictionUntil).map(cells::date);
        let until = until.and_then(|d| self.take(line, d));
        let plain_yes = matches!(why.to_lowercase().as_str(), "y" | "yes" | "true");
        let or = |cell: Option<&str>, known: Option<String>| cell.map(str::to_owned).or(known);
        Some(Restriction {
            basis: was.and_then(|w| w.basis),
            by: or(line.cell(Column::RestrictionBy), was.map(|w| w.by.clone())).unwrap_or_default(),
            // Without a day it stands already.
            since: since
                .or(was.map(|w| w.since))
                .unwrap_or(jiff::civil::date(2000, 1, 1)),
            until: until.or(was.and_then(|w| w.until)),
            why: (!plain_yes)
                .then(|| why.to_owned())
                .or_else(|| was.and_then(|w| w.why.clone())),
            say: or(
                line.cell(Column::RestrictionSay),
                was.and_then(|w| w.say.clone()),
            ),
        })
    }

    pub(super) fn pupil_named(&mut self, line: &Line<'_>) -> Option<String> {
        let upn = line.cell(Column::Upn).and_then(|upn| Upn::parse(upn).ok());
        let upn = upn.map(|upn| format!("upn {}", upn.as_str()));
        let key = line.cell(Column::PupilKey).map(|key| format!("key {key}"));
        let name = match (
            line.cell(Column::PupilFirstName),
            line.cell(Column::PupilLastName),
        ) {
            (Some(first), Some(last)) => Some(format!("{first} {last}")),
            _ => line.cell(Column::PupilName).map(|name| {
                let (first, last) = two_names(name);
                format!("{first} {last}").trim().to_owned()
            }),
        };
        let class = line.cell(Column::Class).map(str::to_lowercase);
        let in_class = name
            .as_ref()
            .zip(class)
            .map(|(name, class)| format!("{} class {class}", named(name)));
        let named_only = name.as_ref().map(|name| named(name));
        let ids = [key, upn, number(line), in_class, named_only];
        let found = ids.iter().flatten().find_map(|id| one(&self.pupils_by, id));
        if found.is_none() {
            let several = ids
                .iter()
                .flatten()
                .any(|id| self.pupils_by.get(id) == Some(&Found::Several));
            let shown = name.or_else(|| line.cell(Column::AdmissionNumber).map(str::to_owned));
            let shown = shown.unwrap_or_else(|| "of this row".to_owned());
            self.read.faults.push(if several {
                line.error(
                    format!("there are several pupils `{shown}`"),
                    "add the UPN or the admission number to both files",
                )
            } else {
                let names: Vec<String> = self.pupils.values().map(Pupil::full_name).collect();
                line.error(
                    format!("there is no pupil `{shown}`"),
                    did_you_mean(&shown, names.iter().map(String::as_str)),
                )
            });
        }
        found
    }

    pub(super) fn known_adult(
        &self,
        line: &Line<'_>,
        name: &str,
        phones: &[Phone],
        email: Option<&str>,
        pupil: &str,
    ) -> Option<String> {
        let by = &self.adults_by;
        if let Some(key) = line.cell(Column::Key) {
            return one(by, &format!("key {key}"));
        }
        if let Some(found) = line
            .cell(Column::ContactId)
            .and_then(|id| one(by, &format!("id {id}")))
        {
            return Some(found);
        }
        let mine = |key: &String| {
            // Two ids are two people, whatever they share.
            let known = self.adults.get(key).and_then(|a| a.contact_id.as_deref());
            let id = line.cell(Column::ContactId);
            known.is_none() || id.is_none() || known == id
        };
        let by_phone = phones
            .iter()
            .find_map(|phone| one(by, &format!("{} phone {}", named(name), phone.e164())));
        by_phone
            .or_else(|| one(by, &format!("{} email {}", named(name), email?)))
            .or_else(|| one(by, &format!("{} of {pupil}", named(name))))
            .filter(mine)
    }
}
