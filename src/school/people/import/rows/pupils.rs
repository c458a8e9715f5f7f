//! Rows of pupils.

use super::super::cells;
use super::super::headings::Column;
use super::super::key_for;
use super::{Line, Reading, named, note, number, one, two_names};
use crate::school::people::{Pupil, Sen, Upn};

impl Reading<'_> {
    pub(super) fn know_pupil(&mut self, pupil: Pupil) {
        let key = pupil.key.clone();
        let full = pupil.full_name();
        let by = &mut self.pupils_by;
        note(by, format!("key {key}"), &key);
        note(by, named(&full), &key);
        note(
            by,
            format!("{} class {}", named(&full), pupil.class.to_lowercase()),
            &key,
        );
        if let Some(born) = pupil.date_of_birth {
            note(by, format!("{} born {born}", named(&full)), &key);
        }
        if let Some(upn) = &pupil.upn {
            note(by, format!("upn {}", upn.as_str()), &key);
        }
        if let Some(number) = &pupil.admission_number {
            note(by, format!("number {number}"), &key);
        }
        self.pupils.insert(key, pupil);
    }

    pub(super) fn pupil_of(&mut self, line: &Line<'_>) -> Option<Pupil> {
        let (first, last) = match (
            line.cell(Column::FirstName),
            line.cell(Column::LastName),
            line.cell(Column::Name),
        ) {
            (Some(first), Some(last), _) => (first.to_owned(), last.to_owned()),
            (None, None, Some(name)) => two_names(name),
            _ => (String::new(), String::new()),
        };
        if first.is_empty() || last.is_empty() {
            self.read.faults.push(line.error(
                "this pupil has no first name or no last name",
                "texts to parents use the first, staff the other: write both",
            ));
            return None;
        }
        let Some(class) = line.cell(Column::Class) else {
            self.read.faults.push(line.error(
                format!("{first} {last} has no class"),
                "a concern goes to the class teacher first: write the class, or leave the row out",
            ));
            return None;
        };
        let born = line.cell(Column::DateOfBirth).map(cells::date);
        let born = born.and_then(|b| self.take(line, b));
        let upn = line.cell(Column::Upn).map(|upn| {
            Upn::parse(upn).map_err(|why| {
                (
                    format!("the UPN of {first} {last} is left out: {why}"),
                    "compare it with the school's records",
                )
            })
        });
        let upn = upn.and_then(|upn| self.take_or_leave_out(line, upn));
        let full = format!("{first} {last}");
        let key = self
            .known_pupil(line, &full, upn.as_ref(), born)
            .unwrap_or_else(|| key_for(&full, |key| self.pupils.contains_key(key)));
        let mut pupil = self.pupils.get(&key).cloned().unwrap_or_else(|| Pupil {
            key,
            first_name: String::new(),
            last_name: String::new(),
            class: String::new(),
            year: None,
            home_council: None,
            sen: Sen::None,
            set_here: None,
            date_of_birth: None,
            upn: None,
            admission_number: None,
        });
        pupil.first_name = first;
        pupil.last_name = last;
        class.clone_into(&mut pupil.class);
        let columns = line.columns;
        if columns.has(Column::DateOfBirth) {
            pupil.date_of_birth = born;
        }
        // A slip in the UPN does not take the right one away.
        pupil.upn = upn.or(pupil.upn);
        if let Some(number) = line.cell(Column::AdmissionNumber) {
            pupil.admission_number = Some(number.trim_start_matches('0').to_owned());
        }
        if columns.has(Column::Year) {
            let year = cells::year(line.cell(Column::Year).unwrap_or_default());
            pupil.year = self.take_or_leave_out(line, year).flatten();
        }
        if columns.has(Column::Sen) {
            let sen = cells::sen(line.cell(Column::Sen).unwrap_or_default());
            if let Some(said) = self.take(line, sen) {
                self.stage_of(line, &mut pupil, said);
            }
        }
        if columns.has(Column::HomeCouncil) {
            pupil.home_council = line.cell(Column::HomeCouncil).map(str::to_owned);
        }
        Some(pupil)
    }

    /// The file says N, K or E. A stage that was set here stands until somebody sets another; where the
    /// two do not fit, that is said.
    fn stage_of(&mut self, line: &Line<'_>, pupil: &mut Pupil, said: Sen) {
        if said == pupil.sen.of_census() {
            return;
        }
        let Some(here) = &pupil.set_here else {
            pupil.sen = said;
            return;
        };
        self.read.faults.push(line.doubt(
            format!(
                "the file says \u{201c}{}\u{201d} of {}; here it is \u{201c}{}\u{201d} since {}, and stays so",
                said.called(),
                pupil.full_name(),
                pupil.stage(),
                here.since.strftime("%-d %B %Y")
            ),
            "put the school's own system right, or set the stage on the pupil's page",
        ));
    }

    pub(super) fn known_pupil(
        &self,
        line: &Line<'_>,
        full: &str,
        upn: Option<&Upn>,
        born: Option<jiff::civil::Date>,
    ) -> Option<String> {
        let as_id = upn.map(|upn| format!("upn {}", upn.as_str()));
        let key = line.cell(Column::Key).map(|key| format!("key {key}"));
        let sure = [key, as_id, number(line)];
        if let Some(found) = sure
            .into_iter()
            .flatten()
            .find_map(|id| one(&self.pupils_by, &id))
        {
            return Some(found);
        }
        if let Some(found) =
            born.and_then(|born| one(&self.pupils_by, &format!("{} born {born}", named(full))))
        {
            return Some(found);
        }
        // The name alone: only where nothing that is known of the two differs.
        let found = one(&self.pupils_by, &named(full))?;
        let there = self.pupils.get(&found)?;
        let differ =
            |a: Option<String>, b: Option<String>| matches!((a, b), (Some(a), Some(b)) if a != b);
        let as_text = |d: jiff::civil::Date| d.to_string();
        let others = differ(there.date_of_birth.map(as_text), born.map(as_text))
            || differ(
                there.upn.as_ref().map(|u| u.as_str().to_owned()),
                upn.map(|u| u.as_str().to_owned()),
            )
            || differ(
                there.admission_number.clone(),
                line.cell(Column::AdmissionNumber).map(str::to_owned),
            );
        (!others).then_some(found)
    }
}
