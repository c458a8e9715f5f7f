//! What is on the lists of people: for a role or for one of the staff, until somebody has done it.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Moment, Result, Tx, all, exec, one};

/// Something a person at school has to do.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Task {
    /// Ours.
    pub id: Uuid,
    /// Whose.
    pub school_id: String,
    /// `hand-over`, `two-questions`, `phone`, `stopped`, `copy`, `formal-answer`, `interpreter`, `unread`, `delivery`…
    pub kind: String,
    /// Whose list: `office`, `senco`, `head`, `dsl`, `it`.
    pub role: String,
    /// Whose alone it is, where one person promised.
    pub staff: Option<String>,
    /// The case, if it belongs to one.
    pub case_id: Option<Uuid>,
    /// The endpoint of the person it is about.
    pub endpoint: String,
    /// Their address.
    pub address: String,
    /// What to do, or the words that were handed over.
    pub words: String,
    /// Since when.
    pub created_at: Moment,
    /// By when.
    pub due_at: Option<Moment>,
    /// When it was done.
    pub done_at: Option<Moment>,
    /// By whom.
    pub done_by: Option<String>,
}

impl Tx {
    /// Puts something on a list for people.
    #[expect(
        clippy::too_many_arguments,
        reason = "one call a row, each column once"
    )]
    pub async fn task(
        &mut self,
        school: &str,
        kind: &str,
        role: &str,
        case_id: Option<Uuid>,
        endpoint: &str,
        address: &str,
        words: &str,
        due: Option<Timestamp>,
    ) -> Result<Uuid> {
        let id = self.clock.id();
        exec!(
            self,
            "INSERT INTO tasks (id, school_id, kind, role, case_id, endpoint, address, words, created_at, due_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            id,
            school,
            kind,
            role,
            case_id,
            endpoint,
            address,
            words.replace('\0', "\u{fffd}"),
            Moment::from(self.now),
            due.map(Moment::from),
        );
        Ok(id)
    }

    /// Makes a task one person's own.
    pub async fn task_for(&mut self, id: Uuid, staff: &str) -> Result<()> {
        exec!(self, "UPDATE tasks SET staff = $2 WHERE id = $1", id, staff);
        Ok(())
    }

    /// What a task is about: nobody needs to do it once this message has arrived.
    pub async fn task_about(&mut self, id: Uuid, outbox: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE tasks SET outbox = $2 WHERE id = $1",
            id,
            outbox
        );
        Ok(())
    }

    /// A message arrived after all, or is sent again.
    pub(super) async fn tasks_about_over(&mut self, outbox: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE tasks SET done_at = $2, done_by = 'schoolgate' WHERE outbox = $1 AND done_at IS NULL",
            outbox,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Nobody needs to do this for this person any more.
    pub async fn tasks_over(&mut self, kind: &str, endpoint: &str, address: &str) -> Result<()> {
        exec!(
            self,
            "UPDATE tasks SET done_at = $4, done_by = 'schoolgate'
             WHERE kind = $1 AND endpoint = $2 AND address = $3 AND done_at IS NULL",
            kind,
            endpoint,
            address,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// The open task of this kind of a case.
    pub async fn open_task_of(&mut self, kind: &str, case_id: Uuid) -> Result<Option<Task>> {
        Ok(one!(
            self,
            Task,
            "SELECT * FROM tasks WHERE kind = $1 AND case_id = $2 AND done_at IS NULL ORDER BY created_at LIMIT 1",
            kind,
            case_id
        ))
    }

    /// What is on the lists, the oldest first.
    pub async fn open_tasks(&mut self, school: &str) -> Result<Vec<Task>> {
        Ok(all!(
            self,
            Task,
            "SELECT * FROM tasks WHERE school_id = $1 AND done_at IS NULL ORDER BY created_at LIMIT 200",
            school
        ))
    }

    /// An open task of this kind for this person, so that the same thing is asked once.
    pub async fn open_task_for(
        &mut self,
        kind: &str,
        endpoint: &str,
        address: &str,
    ) -> Result<Option<Task>> {
        Ok(one!(
            self,
            Task,
            "SELECT * FROM tasks WHERE kind = $1 AND endpoint = $2 AND address = $3 AND done_at IS NULL
             ORDER BY created_at LIMIT 1",
            kind,
            endpoint,
            address
        ))
    }

    /// One task.
    pub async fn task_by_id(&mut self, school: &str, id: Uuid) -> Result<Option<Task>> {
        Ok(one!(
            self,
            Task,
            "SELECT * FROM tasks WHERE id = $1 AND school_id = $2",
            id,
            school
        ))
    }

    /// A task was done; false if somebody else had done it.
    pub async fn task_done(&mut self, id: Uuid, by: &str) -> Result<bool> {
        let rows = exec!(
            self,
            "UPDATE tasks SET done_at = $2, done_by = $3 WHERE id = $1 AND done_at IS NULL",
            id,
            Moment::from(self.now),
            by
        );
        Ok(rows == 1)
    }
}
