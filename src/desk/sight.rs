//! Who has which page, and whom they may look up there. Which cases they read, [`may_open`] says;
//! nothing here opens one.
//!
//! [`may_open`]: super::may_open

use crate::deployment::School;
use crate::school::people::{Adult, Pupil, Role, Staff};
use crate::store::Within;

/// Those who look after every child of the school.
const EVERY_CHILD: [Role; 5] = [
    Role::Senco,
    Role::Dsl,
    Role::DeputyDsl,
    Role::Head,
    Role::Office,
];

fn is_one_of(staff: &Staff, roles: &[Role]) -> bool {
    roles.iter().any(|role| staff.is(*role))
}

/// Whether somebody may look a pupil up: they look after every child, teach the class, or are the
/// key worker of an adult of the child's.
pub fn may_see_pupil(school: &School, staff: &Staff, pupil: &Pupil) -> bool {
    is_one_of(staff, &EVERY_CHILD)
        || staff.classes.contains(&pupil.class)
        || school
            .people
            .adults
            .iter()
            .filter(|a| a.key_worker.as_ref() == Some(&staff.key))
            .any(|a| a.children.iter().any(|child| child.pupil == pupil.key))
}

/// Whether somebody may look an adult up: they look after every child, are the adult's key worker,
/// or may look up a child of theirs.
pub fn may_see_adult(school: &School, staff: &Staff, adult: &Adult) -> bool {
    is_one_of(staff, &EVERY_CHILD)
        || adult.key_worker.as_ref() == Some(&staff.key)
        || adult.children.iter().any(|child| {
            let pupil = school.people.pupil(&child.pupil);
            pupil.is_some_and(|p| staff.classes.contains(&p.class))
        })
}

/// Where somebody's cases are to be found who reads few of the school's; `None` for whoever reads many.
pub fn within(school: &School, staff: &Staff) -> Option<Within> {
    let reads_few = |role: &Role| {
        matches!(
            role,
            Role::ClassTeacher
                | Role::KeyWorker
                | Role::DeputyHead
                | Role::Governor
                | Role::It
                | Role::CouncilOperator
        )
    };
    if !staff.roles.iter().all(reads_few) {
        return None;
    }
    let people = &school.people;
    let taught = people.pupils.iter();
    let taught = taught.filter(|p| staff.classes.contains(&p.class));
    let looked_after = people.adults.iter();
    let looked_after = looked_after.filter(|a| a.key_worker.as_ref() == Some(&staff.key));
    Some(Within {
        staff: staff.key.clone(),
        pupils: taught.map(|p| p.key.clone()).collect(),
        adults: looked_after.map(|a| a.key.clone()).collect(),
    })
}

/// Whether somebody is told why contact with a child is restricted: not the staff of the class.
pub fn may_see_restrictions(staff: &Staff) -> bool {
    let told = [Role::Office, Role::Dsl, Role::DeputyDsl, Role::Head];
    is_one_of(staff, &told)
}

/// Whether somebody skims what did not alert.
pub fn may_skim(staff: &Staff) -> bool {
    is_one_of(staff, &[Role::Dsl, Role::DeputyDsl])
}

/// Whether somebody looks after the messages that go out. Whose they are and what they say is not
/// for those who only keep the machine running: [`may_see_recipients`].
pub fn may_see_messages(staff: &Staff) -> bool {
    may_see_recipients(staff) || staff.is(Role::It)
}

/// Whether somebody sees to whom messages went.
pub fn may_see_recipients(staff: &Staff) -> bool {
    is_one_of(staff, &[Role::Senco, Role::Head, Role::Office])
}

/// Whether somebody has the school's figures, in which no child can be told from another.
pub fn may_see_reports(staff: &Staff) -> bool {
    may_see_counters(staff) || is_one_of(staff, &[Role::Governor, Role::ChairOfGovernors])
}

/// Whether somebody has the figures of each child by name.
pub fn may_see_counters(staff: &Staff) -> bool {
    is_one_of(
        staff,
        &[Role::Senco, Role::Head, Role::Dsl, Role::DeputyDsl],
    )
}

/// Whether somebody sees how conversations are scripted, and where people leave them.
pub fn may_see_flows(staff: &Staff) -> bool {
    is_one_of(staff, &[Role::Senco, Role::Head, Role::It])
}
