//! Everything that is kept about one child, over all cases. Whoever asks has to take out what the
//! reader may not see.

use super::{Case, Entry, Meeting, Promise, Result, Tx, all};

/// The most that is read of one child at a time: ten years of a busy record.
const MOST: i64 = 2_000;

impl Tx {
    /// A child's cases, the newest first.
    pub async fn cases_of_pupil(&mut self, school: &str, pupil: &str) -> Result<Vec<Case>> {
        Ok(all!(
            self,
            Case,
            "SELECT * FROM cases WHERE school_id = $1 AND pupil = $2 ORDER BY number DESC LIMIT $3",
            school,
            pupil,
            MOST
        ))
    }

    /// What happened over all cases of a child, the latest first.
    pub async fn entries_of_pupil(&mut self, school: &str, pupil: &str) -> Result<Vec<Entry>> {
        Ok(all!(
            self,
            Entry,
            "SELECT e.* FROM entries AS e JOIN cases AS c ON c.id = e.case_id
             WHERE c.school_id = $1 AND c.pupil = $2
             ORDER BY e.happened_at DESC, c.number DESC, e.seq DESC LIMIT $3",
            school,
            pupil,
            MOST
        ))
    }

    /// Meetings about a child, the latest first.
    pub async fn meetings_of_pupil(&mut self, school: &str, pupil: &str) -> Result<Vec<Meeting>> {
        Ok(all!(
            self,
            Meeting,
            "SELECT * FROM meetings WHERE school_id = $1 AND pupil = $2
             ORDER BY starts_at DESC LIMIT $3",
            school,
            pupil,
            MOST
        ))
    }

    /// Promises about a child that are not kept yet, the earliest due first.
    pub async fn promises_about(&mut self, school: &str, pupil: &str) -> Result<Vec<Promise>> {
        Ok(all!(
            self,
            Promise,
            "SELECT p.* FROM promises AS p JOIN cases AS c ON c.id = p.case_id
             WHERE c.school_id = $1 AND c.pupil = $2 AND p.kept_at IS NULL
             ORDER BY p.due_at LIMIT $3",
            school,
            pupil,
            MOST
        ))
    }
}
