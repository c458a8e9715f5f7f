//! Requests for everything about a person: written down on the day they come, due in one month.

use jiff::civil::{Date, Time};
use uuid::Uuid;

use super::{Actor, DeskError, Result};
use crate::school::people::{Role, Staff};
use crate::school::promise::one_month;
use crate::store::{Moment, SubjectRequest, Tx};

/// Whether somebody takes such requests in and sees when they are due.
pub fn takes_requests(staff: &Staff) -> bool {
    makes_copies(staff) || staff.is(Role::Office)
}

/// Whether somebody makes the copies: those who may read all ordinary cases. The office may not, so it
/// writes the request down and ticks it off, and one of them makes the copy.
pub fn makes_copies(staff: &Staff) -> bool {
    const READ_ALL: [Role; 4] = [Role::Senco, Role::Head, Role::Dsl, Role::DeputyDsl];
    READ_ALL.iter().any(|role| staff.is(*role))
}

/// Whether somebody may put safeguarding records into a copy.
pub fn includes_safeguarding(staff: &Staff) -> bool {
    staff.is(Role::Dsl) || staff.is(Role::DeputyDsl)
}

/// A request as it came.
#[derive(Debug, Clone)]
pub struct NewRequest<'a> {
    /// `pupil` or `adult`.
    pub about: &'a str,
    /// Their key.
    pub person: &'a str,
    /// Their name, for the list of things to do.
    pub name: &'a str,
    /// Who asked, and how.
    pub asked_by: &'a str,
    /// The day it reached the school.
    pub received: &'a str,
}

impl Actor<'_> {
    /// Writes a request down, with the last day to answer it, and puts it on Today.
    pub async fn take_request(&self, tx: &mut Tx, new: &NewRequest<'_>) -> Result<SubjectRequest> {
        if !takes_requests(self.staff) {
            return Err(DeskError::NoSuchCase);
        }
        let asked_by = new.asked_by.trim();
        if asked_by.is_empty() {
            return Err(DeskError::NobodyAsked);
        }
        let today = self.school.local(tx.now()).date();
        let received = new.received.trim();
        let received: Date = received
            .parse()
            .ok()
            .filter(|day| *day <= today)
            .ok_or_else(|| DeskError::NotADay(received.to_owned()))?;
        let promises = &self.school.config.promises;
        let on_the_day = received.to_datetime(Time::midnight());
        let due = one_month(promises, self.school.calendar(), on_the_day);
        let words = format!(
            "A copy of everything about {}, asked for by {asked_by}, received {}. The law gives one month.",
            new.name,
            received.strftime("%-d %B %Y")
        );
        let school = &self.school.config.id;
        let due_at = self.school.instant(due);
        let task = tx
            .task(
                school,
                "subject-access",
                "office",
                None,
                "",
                "",
                &words,
                Some(due_at),
            )
            .await?;
        let request = SubjectRequest {
            id: tx.clock().id(),
            about: new.about.to_owned(),
            person: new.person.to_owned(),
            asked_by: asked_by.to_owned(),
            received: received.to_string(),
            due: due.date().to_string(),
            staff: self.staff.key.clone(),
            recorded_at: Moment::from(tx.now()),
            task,
            done_at: None,
            done_by: None,
        };
        tx.keep_request(school, &request).await?;
        let did = "recorded a request";
        tx.audit_about(school, &self.staff.key, did, new.person)
            .await?;
        Ok(request)
    }

    /// A request that this person may see.
    pub async fn request(&self, tx: &mut Tx, id: Uuid) -> Result<SubjectRequest> {
        let found = tx.request(&self.school.config.id, id).await?;
        found
            .filter(|_| takes_requests(self.staff))
            .ok_or(DeskError::NoSuchCase)
    }

    /// The copy was sent, or the request answered in another way.
    pub async fn answer_request(&self, tx: &mut Tx, id: Uuid) -> Result<()> {
        let request = self.request(tx, id).await?;
        if !tx.task_done(request.task, &self.staff.key).await? {
            return Err(DeskError::Done);
        }
        let did = "answered a request";
        tx.audit_about(
            &self.school.config.id,
            &self.staff.key,
            did,
            &request.person,
        )
        .await?;
        Ok(())
    }
}
