//! What staff have answered.

use super::{Moment, Result, Tx, all, exec, one};

/// What the count of questions that people left begins with; flow and step follow, as `concern.words`.
pub const LEFT: &str = "left:";

/// The office's answers about an adult: a current contact? an order or a note of the DSL?
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Check {
    /// Who writes from the phone (adult key).
    pub adult: String,
    /// Whether they are a current contact of the child.
    pub current_contact: bool,
    /// Whether an order, a restriction or a safeguarding note stands against it.
    pub order_or_note: bool,
    /// Who answered.
    pub staff: String,
    /// When.
    pub checked_at: Moment,
}

impl Check {
    /// Whether this answers both questions so that the child may be spoken of.
    pub fn releases(&self) -> bool {
        self.current_contact && !self.order_or_note
    }
}

impl Tx {
    /// The office's answers to its two questions about an address, newest first.
    pub async fn checks(&mut self, school: &str, phone: &str) -> Result<Vec<Check>> {
        Ok(all!(
            self,
            Check,
            "SELECT adult, current_contact, order_or_note, staff, checked_at FROM checks
             WHERE school_id = $1 AND phone = $2 ORDER BY checked_at DESC",
            school,
            phone
        ))
    }

    /// Keeps the office's answers about an adult at a phone.
    pub async fn keep_check(&mut self, school: &str, phone: &str, check: &Check) -> Result<()> {
        exec!(
            self,
            "INSERT INTO checks (school_id, adult, phone, current_contact, order_or_note, staff, checked_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (school_id, adult, phone) DO UPDATE SET current_contact = excluded.current_contact,
               order_or_note = excluded.order_or_note, staff = excluded.staff, checked_at = excluded.checked_at",
            school,
            check.adult.as_str(),
            phone,
            check.current_contact,
            check.order_or_note,
            check.staff.as_str(),
            check.checked_at,
        );
        Ok(())
    }

    /// Counts one more of something on a day, with no name.
    pub async fn count(&mut self, school: &str, what: &str, day: &str) -> Result<()> {
        exec!(
            self,
            "INSERT INTO counts (school_id, what, day, n) VALUES ($1, $2, $3, 1)
             ON CONFLICT (school_id, what, day) DO UPDATE SET n = counts.n + 1",
            school,
            what,
            day
        );
        Ok(())
    }

    /// At which questions people left flows since a day (`2026-12-01`), and how often: flow and step,
    /// as `concern.words`.
    pub async fn left_since(&mut self, school: &str, day: &str) -> Result<Vec<(String, i64)>> {
        let pattern = format!("{LEFT}%");
        let rows = all!(
            self,
            (String, i64),
            "SELECT what, CAST(SUM(n) AS BIGINT) FROM counts
             WHERE school_id = $1 AND what LIKE $2 AND day >= $3 GROUP BY what",
            school,
            pattern.as_str(),
            day
        );
        let place = |(what, n): (String, i64)| (what.trim_start_matches(LEFT).to_owned(), n);
        Ok(rows.into_iter().map(place).collect())
    }

    /// How far an endpoint's provider has been read: a moment, and Telegram's next update.
    pub async fn read_until(&mut self, endpoint: &str) -> Result<Option<(Moment, i64)>> {
        Ok(one!(
            self,
            (Moment, i64),
            "SELECT read_until, next_offset FROM endpoints WHERE endpoint = $1",
            endpoint
        ))
    }

    /// Remembers how far an endpoint's provider has been read.
    pub async fn set_read_until(
        &mut self,
        endpoint: &str,
        until: Moment,
        next_offset: i64,
    ) -> Result<()> {
        exec!(
            self,
            "INSERT INTO endpoints (endpoint, read_until, next_offset) VALUES ($1, $2, $3)
             ON CONFLICT (endpoint) DO UPDATE SET read_until = excluded.read_until, next_offset = excluded.next_offset",
            endpoint,
            until,
            next_offset
        );
        Ok(())
    }
}
