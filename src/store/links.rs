//! Codes texted to prove a phone on Telegram, and the texts by which the service hears itself.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Lane, Moment, Result, Tx, all, exec, one};

/// A code that was texted to a phone.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct LinkCode {
    /// Ours.
    pub id: Uuid,
    /// The phone it was texted to, E.164.
    pub phone: String,
    /// Six digits.
    pub code: String,
    /// When.
    pub sent_at: Moment,
    /// Wrong tries so far.
    pub tries: i64,
    /// It was typed rightly.
    pub over: bool,
}

/// The text that a number is sent each school day by another of its school's.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Canary {
    /// The endpoint that must hear it.
    pub endpoint: String,
    /// What it says.
    pub code: String,
    /// When the last was sent.
    pub sent_at: Option<Moment>,
    /// When that was heard.
    pub heard_at: Option<Moment>,
    /// When it was missed, and people were told.
    pub missed_at: Option<Moment>,
    /// When the next is sent, or the one on its way is overdue.
    pub next_at: Moment,
}

impl Tx {
    /// The last code asked for in a lane.
    pub async fn link_code(&mut self, endpoint: &str, address: &str) -> Result<Option<LinkCode>> {
        Ok(one!(
            self,
            LinkCode,
            "SELECT * FROM link_codes WHERE endpoint = $1 AND address = $2 ORDER BY sent_at DESC, id DESC LIMIT 1",
            endpoint,
            address
        ))
    }

    /// How many codes were asked for since `since`: in this lane, for this phone, and at this school.
    pub async fn link_codes_since(
        &mut self,
        lane: &Lane,
        phone: &str,
        since: Timestamp,
    ) -> Result<(i64, i64, i64)> {
        let of_lane = one!(
            self,
            (i64,),
            "SELECT COUNT(*) FROM link_codes WHERE endpoint = $1 AND address = $2 AND sent_at > $3",
            lane.endpoint.as_str(),
            lane.address.as_str(),
            Moment::from(since)
        );
        let of_phone = one!(
            self,
            (i64,),
            "SELECT COUNT(*) FROM link_codes WHERE school_id = $1 AND phone = $2 AND sent_at > $3",
            lane.school_id.as_str(),
            phone,
            Moment::from(since)
        );
        let of_school = one!(
            self,
            (i64,),
            "SELECT COUNT(*) FROM link_codes WHERE school_id = $1 AND sent_at > $2",
            lane.school_id.as_str(),
            Moment::from(since)
        );
        let count = |row: Option<(i64,)>| row.map_or(0, |r| r.0);
        Ok((count(of_lane), count(of_phone), count(of_school)))
    }

    /// Keeps a code that is texted now; those of days gone by are forgotten.
    pub async fn keep_link_code(&mut self, lane: &Lane, phone: &str, code: &str) -> Result<()> {
        let id = self.clock.id();
        let day = jiff::SignedDuration::from_hours(48);
        exec!(
            self,
            "DELETE FROM link_codes WHERE sent_at < $1",
            Moment::from(self.now - day)
        );
        exec!(
            self,
            "INSERT INTO link_codes (id, school_id, endpoint, address, phone, code, sent_at, tries, over)
             VALUES ($1, $2, $3, $4, $5, $6, $7, 0, $8)",
            id,
            lane.school_id.as_str(),
            lane.endpoint.as_str(),
            lane.address.as_str(),
            phone,
            code,
            Moment::from(self.now),
            false,
        );
        Ok(())
    }

    /// Somebody typed a code: rightly, and then it is over, or wrongly.
    pub async fn link_code_tried(&mut self, id: Uuid, right: bool) -> Result<()> {
        exec!(
            self,
            "UPDATE link_codes SET tries = tries + 1, over = $2 WHERE id = $1",
            id,
            right
        );
        Ok(())
    }

    /// The canary of an endpoint, if it has had one.
    pub async fn canary(&mut self, endpoint: &str) -> Result<Option<Canary>> {
        Ok(one!(
            self,
            Canary,
            "SELECT * FROM canaries WHERE endpoint = $1",
            endpoint
        ))
    }

    /// All canaries.
    pub async fn canaries(&mut self) -> Result<Vec<Canary>> {
        Ok(all!(
            self,
            Canary,
            "SELECT * FROM canaries ORDER BY endpoint"
        ))
    }

    /// Writes a canary down.
    pub async fn keep_canary(&mut self, canary: &Canary) -> Result<()> {
        exec!(
            self,
            "INSERT INTO canaries (endpoint, code, sent_at, heard_at, missed_at, next_at)
             VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (endpoint) DO UPDATE SET code = excluded.code, sent_at = excluded.sent_at,
               heard_at = excluded.heard_at, missed_at = excluded.missed_at, next_at = excluded.next_at",
            canary.endpoint.as_str(),
            canary.code.as_str(),
            canary.sent_at,
            canary.heard_at,
            canary.missed_at,
            canary.next_at,
        );
        Ok(())
    }

    /// The canary of an endpoint was heard; false when it is another than the last that was sent.
    pub async fn canary_heard(&mut self, endpoint: &str, code: &str) -> Result<bool> {
        let rows = exec!(
            self,
            "UPDATE canaries SET heard_at = $3 WHERE endpoint = $1 AND code = $2 AND heard_at IS NULL",
            endpoint,
            code,
            Moment::from(self.now)
        );
        Ok(rows == 1)
    }
}
