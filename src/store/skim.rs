//! What did not alert, for the safeguarding leads to read once more: how far each has read, and what
//! was flagged.

use std::collections::HashMap;

use jiff::SignedDuration;
use uuid::Uuid;

use super::{Case, Message, Moment, Result, Tx, all, exec, one};

/// Transactions end within this: until then, one that began earlier may still come to be seen.
const STILL_OPEN: SignedDuration = SignedDuration::from_secs(60);

/// A place among the messages of a school, in the order in which the screen let them pass.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, sqlx::FromRow)]
pub struct Mark {
    /// When the screen had run.
    pub screened_at: Moment,
    /// The message.
    pub message: Uuid,
}

/// A case, and a message that stands in it.
#[derive(sqlx::FromRow)]
struct Holding {
    of_message: Uuid,
    #[sqlx(flatten)]
    case: Case,
}

impl Mark {
    /// Before everything that was screened from `at` on.
    pub fn before(at: Moment) -> Self {
        Self {
            screened_at: at,
            message: Uuid::nil(),
        }
    }
}

impl Tx {
    /// How far somebody has read; `None` for whoever has not begun.
    pub async fn skimmed(&mut self, school: &str, staff: &str) -> Result<Option<Mark>> {
        Ok(one!(
            self,
            Mark,
            "SELECT screened_at, message FROM skims WHERE school_id = $1 AND staff = $2",
            school,
            staff
        ))
    }

    /// Somebody has read as far as a message of the school's. The mark never goes back; an id that is
    /// none moves nothing.
    pub async fn keep_skimmed(&mut self, school: &str, staff: &str, message: Uuid) -> Result<()> {
        exec!(
            self,
            "INSERT INTO skims (school_id, staff, screened_at, message)
             SELECT school_id, $2, screened_at, id FROM messages
             WHERE id = $3 AND school_id = $1 AND screened_at IS NOT NULL
             ON CONFLICT (school_id, staff)
             DO UPDATE SET screened_at = excluded.screened_at, message = excluded.message
             WHERE skims.screened_at < excluded.screened_at
                OR (skims.screened_at = excluded.screened_at AND skims.message < excluded.message)",
            school,
            staff,
            message
        );
        Ok(())
    }

    /// Messages that did not alert, after a place, in order. Those of the last minute come next time:
    /// none may turn up before one that was read.
    pub async fn to_skim(
        &mut self,
        school: &str,
        after: Mark,
        most: i64,
    ) -> Result<Vec<(Mark, Message)>> {
        let until = Moment::from(self.now - STILL_OPEN);
        let rows = all!(
            self,
            Skimmed,
            "SELECT * FROM messages WHERE school_id = $1 AND safeguarding_case IS NULL
               AND screened_at >= $2 AND screened_at <= $4 AND (screened_at > $2 OR id > $3)
             ORDER BY screened_at, id LIMIT $5",
            school,
            after.screened_at,
            after.message,
            until,
            most
        );
        Ok(rows
            .into_iter()
            .map(|row| {
                let mark = Mark {
                    screened_at: row.screened_at,
                    message: row.message.id,
                };
                (mark, row.message)
            })
            .collect())
    }

    /// The cases in which messages from one place to another stand, by message; the last place is
    /// one of them.
    pub async fn cases_to_skim(
        &mut self,
        school: &str,
        after: Mark,
        last: Mark,
    ) -> Result<HashMap<Uuid, Vec<Case>>> {
        let rows = all!(
            self,
            Holding,
            "SELECT e.message AS of_message, c.* FROM messages AS m
               JOIN entries AS e ON e.message = m.id JOIN cases AS c ON c.id = e.case_id
             WHERE m.school_id = $1 AND m.safeguarding_case IS NULL AND c.school_id = $1
               AND m.screened_at >= $2 AND m.screened_at <= $4
               AND (m.screened_at > $2 OR m.id > $3) AND (m.screened_at < $4 OR m.id <= $5)
             ORDER BY c.number",
            school,
            after.screened_at,
            after.message,
            last.screened_at,
            last.message
        );
        let mut cases: HashMap<Uuid, Vec<Case>> = HashMap::new();
        for row in rows {
            cases.entry(row.of_message).or_default().push(row.case);
        }
        Ok(cases)
    }

    /// A message of a school.
    pub async fn message(&mut self, school: &str, id: Uuid) -> Result<Option<Message>> {
        Ok(one!(
            self,
            Message,
            "SELECT * FROM messages WHERE id = $1 AND school_id = $2",
            id,
            school
        ))
    }

    /// The cases a message stands in.
    pub async fn cases_holding(&mut self, school: &str, message: Uuid) -> Result<Vec<Case>> {
        Ok(all!(
            self,
            Case,
            "SELECT * FROM cases WHERE school_id = $1
               AND id IN (SELECT case_id FROM entries WHERE message = $2) ORDER BY number",
            school,
            message
        ))
    }

    /// Somebody found in a message what the screen did not: it belongs to a sealed case from now on,
    /// and is an example of what to look for.
    pub async fn keep_flag(
        &mut self,
        school: &str,
        message: Uuid,
        case: Uuid,
        staff: &str,
    ) -> Result<()> {
        exec!(
            self,
            "UPDATE messages SET safeguarding_case = $3 WHERE id = $1 AND school_id = $2",
            message,
            school,
            case
        );
        exec!(
            self,
            "INSERT INTO flags (message, school_id, staff, flagged_at) VALUES ($1, $2, $3, $4)
             ON CONFLICT (message) DO NOTHING",
            message,
            school,
            staff,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Every message that was flagged, the first first.
    pub async fn flagged(&mut self, school: &str) -> Result<Vec<Message>> {
        Ok(all!(
            self,
            Message,
            "SELECT m.* FROM flags AS f JOIN messages AS m ON m.id = f.message
             WHERE f.school_id = $1 ORDER BY f.flagged_at, m.id",
            school
        ))
    }
}

/// A message with its place.
#[derive(sqlx::FromRow)]
struct Skimmed {
    screened_at: Moment,
    #[sqlx(flatten)]
    message: Message,
}
