//! Requests for everything about a person, and what stands in no case of theirs.

use uuid::Uuid;

use super::{Moment, Result, Tx, all, exec, one};

/// A request for everything that is held about a person.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct SubjectRequest {
    /// Ours.
    pub id: Uuid,
    /// `pupil` or `adult`.
    pub about: String,
    /// Their key.
    pub person: String,
    /// Who asked, in the school's words.
    pub asked_by: String,
    /// The day it was received: `2026-12-01`.
    pub received: String,
    /// The last day to answer it.
    pub due: String,
    /// Who wrote it down.
    pub staff: String,
    /// When.
    pub recorded_at: Moment,
    /// What stands on Today until it is answered.
    pub task: Uuid,
    /// When it was answered.
    pub done_at: Option<Moment>,
    /// Who answered it.
    pub done_by: Option<String>,
}

/// What somebody wrote or was sent that stands in no case.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Said {
    /// When.
    pub at: Moment,
    /// The words, as bytes of UTF-8 or of whatever came.
    pub body: Vec<u8>,
    /// The screen saw something in it, or it has not been looked at.
    pub sealed: bool,
}

impl Tx {
    /// Writes down a request; its task must stand already.
    pub async fn keep_request(&mut self, school: &str, new: &SubjectRequest) -> Result<()> {
        exec!(
            self,
            "INSERT INTO subject_requests (id, school_id, about, person, asked_by, received, due, staff, recorded_at, task)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            new.id,
            school,
            new.about.as_str(),
            new.person.as_str(),
            new.asked_by.as_str(),
            new.received.as_str(),
            new.due.as_str(),
            new.staff.as_str(),
            new.recorded_at,
            new.task,
        );
        Ok(())
    }

    /// Requests of a school: the open ones first, by the day they are due, then the newest.
    pub async fn requests(&mut self, school: &str) -> Result<Vec<SubjectRequest>> {
        Ok(all!(
            self,
            SubjectRequest,
            "SELECT r.id, r.about, r.person, r.asked_by, r.received, r.due, r.staff, r.recorded_at, r.task,
                    t.done_at, t.done_by
             FROM subject_requests r JOIN tasks t ON t.id = r.task WHERE r.school_id = $1
             ORDER BY CASE WHEN t.done_at IS NULL THEN 0 ELSE 1 END, CASE WHEN t.done_at IS NULL THEN r.due END,
                      r.recorded_at DESC LIMIT 200",
            school
        ))
    }

    /// One request.
    pub async fn request(&mut self, school: &str, id: Uuid) -> Result<Option<SubjectRequest>> {
        Ok(one!(
            self,
            SubjectRequest,
            "SELECT r.id, r.about, r.person, r.asked_by, r.received, r.due, r.staff, r.recorded_at, r.task,
                    t.done_at, t.done_by
             FROM subject_requests r JOIN tasks t ON t.id = r.task WHERE r.school_id = $1 AND r.id = $2",
            school,
            id
        ))
    }

    /// Every case of a pupil or of an adult, in the order they were opened.
    pub async fn cases_about(
        &mut self,
        school: &str,
        pupil: &str,
        adult: &str,
    ) -> Result<Vec<super::Case>> {
        Ok(all!(
            self,
            super::Case,
            "SELECT * FROM cases WHERE school_id = $1 AND (($2 <> '' AND pupil = $2) OR ($3 <> '' AND adult = $3))
             ORDER BY number",
            school,
            pupil,
            adult
        ))
    }

    /// What a number wrote that stands in no case.
    pub async fn wrote_in_no_case(&mut self, school: &str, phone: &str) -> Result<Vec<Said>> {
        Ok(all!(
            self,
            Said,
            "SELECT received_at AS at, body, (screened_at IS NULL OR safeguarding_case IS NOT NULL) AS sealed
             FROM messages m WHERE school_id = $1 AND (address = $2 OR proved_phone = $2)
               AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.message = m.id)
             ORDER BY received_at",
            school,
            phone
        ))
    }

    /// What was sent to a number and belongs to no case.
    pub async fn sent_in_no_case(
        &mut self,
        school: &str,
        phone: &str,
    ) -> Result<Vec<(Moment, String)>> {
        Ok(all!(
            self,
            (Moment, String),
            "SELECT created_at, body FROM outbox WHERE school_id = $1 AND address = $2 AND case_id IS NULL
               AND staff IS NULL AND purpose <> 'safeguarding' AND instead_of IS NULL ORDER BY created_at",
            school,
            phone
        ))
    }

    /// The office's answers about an adult: `(when, a current contact?, an order or a note?)`.
    pub async fn checks_of(&mut self, school: &str, adult: &str) -> Result<Vec<(Moment, bool)>> {
        Ok(all!(
            self,
            (Moment, bool),
            "SELECT checked_at, current_contact FROM checks WHERE school_id = $1 AND adult = $2 ORDER BY checked_at",
            school,
            adult
        ))
    }
}
