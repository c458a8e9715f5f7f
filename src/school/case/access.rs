//! Who owns a new case, who is told of it, and who may read it.
//!
//! One rule stands above all others: nobody receives, owns or reads a case about themselves.

use super::{Copied, Kind, Owner};
use crate::school::people::{People, Role, Sen, Staff};
use crate::school::rota::{above, paged};

/// A case that is about to be opened.
#[derive(Debug, Clone, Copy)]
pub struct Opening<'a> {
    /// What it is about.
    pub kind: Kind,
    /// The pupil's class; `None` while nobody knows which child it is.
    pub class: Option<&'a str>,
    /// The pupil's SEN stage.
    pub sen: Sen,
    /// The words are about special needs.
    pub about_sen: bool,
    /// Staff whom the words complain of or accuse, by key.
    pub about: &'a [String],
    /// The words accuse somebody on the staff, named or not.
    pub about_staff: bool,
    /// The adult's key worker, by key.
    pub key_worker: Option<&'a str>,
}

/// Who has a new case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owners<'p> {
    /// Who answers for it; `None` only where the school has nobody left to ask.
    pub owner: Option<&'p Staff>,
    /// Who is told as well.
    pub copied: Vec<&'p Staff>,
}

/// The first owner of a case, and who is copied, by the table of [`Kind::rule`]. With nobody of those
/// left, the office has it; what is about a teacher of the class goes over their head.
pub fn first_owner<'p>(people: &'p People, opening: &Opening<'_>) -> Owners<'p> {
    let free = |s: &&'p Staff| !opening.about.contains(&s.key) && s.reachable();
    let holder = |role| people.with_role(role).find(free);
    let teacher = || {
        let mut teachers = opening
            .class
            .into_iter()
            .flat_map(|c| people.teachers_of(c));
        teachers.find(free)
    };
    let key_worker = || {
        opening
            .key_worker
            .and_then(|key| people.staff(key))
            .filter(free)
    };
    let against_a_teacher = opening.class.is_some_and(|class| {
        people
            .teachers_of(class)
            .any(|t| opening.about.contains(&t.key))
    });
    let sen = opening.about_sen || opening.sen.is_registered();
    let senior = || above(people, opening.about).into_iter().next();
    let rule = opening.kind.rule();
    let accused = against_a_teacher || opening.about_staff;
    let owner = match rule.owner {
        Owner::Leads => paged(people, &[], opening.about_staff, opening.about)
            .into_iter()
            .next(),
        Owner::Head => senior(),
        _ if accused => senior(),
        Owner::Office => holder(Role::Office),
        Owner::KeyWorker => key_worker().or_else(|| holder(Role::Senco)),
        Owner::Senco => holder(Role::Senco),
        Owner::Teacher => teacher().or_else(|| holder(Role::Senco).filter(|_| sen)),
    };
    let owner = owner.or_else(|| holder(Role::Office)).or_else(senior);
    let copied: Vec<&Staff> = match rule.copied {
        _ if accused => Vec::new(),
        Copied::Nobody => Vec::new(),
        Copied::SencoForSen => holder(Role::Senco).filter(|_| sen).into_iter().collect(),
        Copied::Senco => holder(Role::Senco).into_iter().collect(),
        Copied::Office => holder(Role::Office).into_iter().collect(),
        Copied::ClassTeam => {
            let team = opening.class.into_iter();
            team.flat_map(|c| people.teachers_of(c))
                .filter(free)
                .collect()
        }
    };
    let copied = copied
        .into_iter()
        .filter(|s| owner.is_none_or(|o| o.key != s.key))
        .collect();
    Owners { owner, copied }
}

/// What decides who may read a case. A sealed entry, wherever it stands, is judged as a case of kind
/// [`Kind::Safeguarding`] of its own.
#[derive(Debug, Clone, Copy)]
pub struct Record<'a> {
    /// What it is about.
    pub kind: Kind,
    /// The pupil's class, where it is known.
    pub class: Option<&'a str>,
    /// Staff whom it is about, by key.
    pub about: &'a [String],
    /// It is about the head.
    pub about_head: bool,
    /// It accuses somebody on the staff.
    pub about_staff: bool,
    /// Owner, copied, paged, and whoever it was shared with, by key.
    pub held_by: &'a [String],
    /// The adult has not been checked: the office's two questions are open.
    pub unchecked: bool,
}

/// Whether a member of staff may read a case.
pub fn may_read(reader: &Staff, record: &Record<'_>) -> bool {
    // Whoever is nothing else here reads no words, even if somebody shared a case by mistake.
    let never = [Role::Governor, Role::It, Role::CouncilOperator];
    if record.about.contains(&reader.key) || reader.roles.iter().all(|r| never.contains(r)) {
        return false;
    }
    if record.held_by.contains(&reader.key) {
        // The chair's account opens what is about the head and nothing else.
        let only_chair = reader
            .roles
            .iter()
            .all(|r| *r == Role::ChairOfGovernors || never.contains(r));
        return !only_chair || record.about_head;
    }
    reader
        .roles
        .iter()
        .any(|role| role_reads(*role, reader, record))
}

fn role_reads(role: Role, reader: &Staff, record: &Record<'_>) -> bool {
    let safeguarding = record.kind == Kind::Safeguarding;
    match role {
        Role::ChairOfGovernors => record.about_head,
        Role::Head => !safeguarding || record.about_staff,
        Role::Dsl | Role::DeputyDsl => !(safeguarding && record.about_staff),
        Role::Senco => !safeguarding,
        Role::ClassTeacher => {
            // Complaints and a family's own troubles are not for the class's staff.
            let theirs = record
                .class
                .is_some_and(|class| reader.classes.iter().any(|c| c == class));
            theirs && !record.kind.rule().private && !record.about_staff
        }
        Role::Office => {
            // The office answers whoever has not been checked, but for what goes to the head.
            let rule = record.kind.rule();
            let asks = record.unchecked && rule.owner != Owner::Head;
            (rule.office || asks) && !safeguarding && !record.about_staff
        }
        Role::KeyWorker | Role::DeputyHead | Role::Governor | Role::It | Role::CouncilOperator => {
            false
        }
    }
}

#[cfg(test)]
mod tests;
