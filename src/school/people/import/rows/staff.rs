//! Rows of staff: whoever has a title is known by it and the last name, as parents know them.

use super::super::headings::Column;
use super::super::key_for;
use super::{Line, Reading, named, note, one};
use crate::fault::did_you_mean;
use crate::school::people::import::cells;
use crate::school::people::{Role, Staff};

impl Reading<'_> {
    pub(super) fn know_staff(&mut self, staff: Staff) {
        note(&mut self.staff_by, format!("key {}", staff.key), &staff.key);
        note(&mut self.staff_by, named(&staff.name), &staff.key);
        if let Some(email) = &staff.email {
            note(
                &mut self.staff_by,
                format!("email {}", email.to_lowercase()),
                &staff.key,
            );
        }
        self.staff.insert(staff.key.clone(), staff);
    }

    pub(super) fn staff_of(&mut self, line: &Line<'_>) -> Option<Staff> {
        // Parents know Mrs Cole, not Ann Cole: a first name is left out where there is a title.
        let name = match (
            line.cell(Column::Name),
            line.cell(Column::Title),
            line.cell(Column::LastName),
        ) {
            (None, Some(title), Some(last)) => Some(format!("{title} {last}")),
            _ => line.full_name(),
        };
        let Some(name) = name else {
            self.read.faults.push(line.error(
                "this member of staff has no name",
                "write the name by which parents know them",
            ));
            return None;
        };
        let key = self.known_staff(line, &name).unwrap_or_else(|| {
            key_for(&name, |key| {
                self.staff.contains_key(key) || self.adults.contains_key(key)
            })
        });
        let hours = self.rules.hours;
        let mut staff = self.staff.get(&key).cloned().unwrap_or_else(|| Staff {
            key,
            name: name.clone(),
            roles: Vec::new(),
            phone: None,
            email: None,
            classes: Vec::new(),
            leads: None,
            work: hours.clone(),
            cover: None,
            available: Vec::new(),
        });
        staff.name = name;
        let (roles, unknown) = cells::roles(line.cell(Column::Roles).unwrap_or_default());
        for word in unknown {
            self.read.faults.push(line.doubt(
                format!("`{word}` is no role here, and is left out"),
                did_you_mean(&word.to_lowercase(), Role::WORDS.iter().map(|(w, _)| *w)),
            ));
        }
        staff.roles = roles;
        let columns = line.columns;
        if columns.has(Column::Classes) {
            let classes = line.cell(Column::Classes).unwrap_or_default();
            let classes = classes.split([',', ';', '/']).map(|c| c.trim().to_owned());
            staff.classes = classes.filter(|c| !c.is_empty()).collect();
        }
        if columns.has(Column::Phone) {
            let phone = line.cell(Column::Phone).map(cells::phone);
            staff.phone = phone.and_then(|p| self.take_or_leave_out(line, p));
        }
        if columns.has(Column::Email) {
            let email = line.cell(Column::Email).map(cells::email);
            staff.email = email.and_then(|e| self.take_or_leave_out(line, e));
        }
        if columns.has(Column::Leads) {
            staff.leads = line.cell(Column::Leads).map(str::to_owned);
        }
        if let Some(days) = line.cell(Column::Days).map(cells::days) {
            staff.work.days = self.take(line, days).unwrap_or(staff.work.days);
        }
        if let Some(from) = line.cell(Column::From).map(cells::time) {
            staff.work.from = self.take(line, from).unwrap_or(staff.work.from);
        }
        if let Some(to) = line.cell(Column::To).map(cells::time) {
            staff.work.to = self.take(line, to).unwrap_or(staff.work.to);
        }
        if staff.work.from >= staff.work.to {
            self.read.faults.push(line.error(
                format!("the working day of {} ends before it begins", staff.name),
                "put the earlier time first",
            ));
        }
        if columns.has(Column::Absent) {
            let absent = cells::absences(line.cell(Column::Absent).unwrap_or_default());
            staff.work.absent = self.take(line, absent).unwrap_or_default();
        }
        if columns.has(Column::Meetings) {
            let times = cells::meetings(line.cell(Column::Meetings).unwrap_or_default());
            staff.available = self.take(line, times).unwrap_or_default();
        }
        if columns.has(Column::Cover) {
            staff.cover = line.cell(Column::Cover).map(str::to_owned);
        }
        Some(staff)
    }

    pub(super) fn known_staff(&self, line: &Line<'_>, name: &str) -> Option<String> {
        let key = line.cell(Column::Key).map(|key| format!("key {key}"));
        let email = line
            .cell(Column::Email)
            .map(|e| format!("email {}", e.to_lowercase()));
        [key, email, Some(named(name))]
            .into_iter()
            .flatten()
            .find_map(|id| one(&self.staff_by, &id))
    }
}
