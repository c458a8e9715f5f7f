//! What was written down about an adult and a child, and what is stopped when nothing about the child
//! may go to the adult any more.

use uuid::Uuid;

use super::{Lane, Meeting, Moment, OutboxRow, Result, Tx, all, exec};

/// Something that was written down about an adult and a child.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Tie {
    /// The child, by key; empty for what is about the adult alone.
    pub pupil: String,
    /// `restricted`, `restriction-changed`, `restriction-ended`, `changed`, `added`, `ended`, `number`.
    pub did: String,
    /// What stood afterwards and what was stopped, for whoever sees the record.
    pub said: String,
    /// Why, for those who are told.
    pub why: String,
    /// Who, by key.
    pub staff: String,
    /// When.
    pub at: Moment,
}

/// One to write down.
#[derive(Debug, Clone, Copy)]
pub struct NewTie<'a> {
    /// The adult, by key.
    pub adult: &'a str,
    /// The child, by key.
    pub pupil: &'a str,
    /// As in [`Tie::did`].
    pub did: &'a str,
    /// As in [`Tie::said`].
    pub said: &'a str,
    /// As in [`Tie::why`].
    pub why: &'a str,
    /// Who, by key.
    pub staff: &'a str,
}

impl Tx {
    /// Writes down what was changed between an adult and a child.
    pub async fn tie(&mut self, school: &str, new: &NewTie<'_>) -> Result<()> {
        let id = self.clock.id();
        exec!(
            self,
            "INSERT INTO ties (id, school_id, adult, pupil, did, said, why, staff, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            id,
            school,
            new.adult,
            new.pupil,
            new.did,
            new.said.replace('\0', "\u{fffd}"),
            new.why.replace('\0', "\u{fffd}"),
            new.staff,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// What was written down about an adult, the newest first.
    pub async fn ties_of(&mut self, school: &str, adult: &str) -> Result<Vec<Tie>> {
        Ok(all!(
            self,
            Tie,
            "SELECT pupil, did, said, why, staff, at FROM ties WHERE school_id = $1 AND adult = $2
             ORDER BY at DESC, id DESC LIMIT 100",
            school,
            adult
        ))
    }

    /// Everything that waits to leave for parents or is leaving at this moment.
    pub async fn leaving_for_parents(&mut self, school: &str) -> Result<Vec<OutboxRow>> {
        Ok(all!(
            self,
            OutboxRow,
            "SELECT * FROM outbox WHERE school_id = $1 AND staff IS NULL AND status IN ('queued', 'sending')
             ORDER BY created_at, id",
            school
        ))
    }

    /// Withdraws a message that has not left, and says why; false where it is leaving or has left.
    pub async fn withdraw(&mut self, id: Uuid, why: &str) -> Result<bool> {
        let rows = exec!(
            self,
            "UPDATE outbox SET status = 'expired', settled_at = $2, error = $3 WHERE id = $1 AND status = 'queued'",
            id,
            Moment::from(self.now),
            why
        );
        Ok(rows == 1)
    }

    /// The same of one that this transaction has taken to send it.
    pub async fn withdraw_taken(&mut self, id: Uuid, why: &str) -> Result<()> {
        exec!(
            self,
            "UPDATE outbox SET status = 'expired', settled_at = $2, error = $3, lease_until = NULL,
               attempts = attempts - 1 WHERE id = $1 AND status = 'sending'",
            id,
            Moment::from(self.now),
            why
        );
        Ok(())
    }

    /// Ends the pages that an adult has of cases about a child, or of cases of which nobody knows the
    /// child; the cases.
    pub async fn end_shares_about(
        &mut self,
        school: &str,
        adult: &str,
        pupil: &str,
    ) -> Result<Vec<Uuid>> {
        let ended = all!(
            self,
            (Uuid,),
            "UPDATE shares SET ended_at = $4, session = NULL
             WHERE school_id = $1 AND adult = $2 AND ended_at IS NULL AND expires_at > $4
               AND case_id IN (SELECT id FROM cases WHERE school_id = $1 AND (pupil = $3 OR pupil IS NULL))
             RETURNING case_id",
            school,
            adult,
            pupil,
            Moment::from(self.now)
        );
        Ok(ended.into_iter().map(|r| r.0).collect())
    }

    /// Ends the pages whose link was texted to an address.
    pub async fn end_shares_at(
        &mut self,
        school: &str,
        endpoint: &str,
        address: &str,
    ) -> Result<()> {
        exec!(
            self,
            "UPDATE shares SET ended_at = $4, session = NULL
             WHERE school_id = $1 AND endpoint = $2 AND address = $3 AND ended_at IS NULL",
            school,
            endpoint,
            address,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Whether an adult gets copies about a child is decided anew.
    pub async fn forget_duplicates(
        &mut self,
        school: &str,
        pupil: &str,
        adult: &str,
    ) -> Result<()> {
        exec!(
            self,
            "DELETE FROM duplicates WHERE school_id = $1 AND pupil = $2 AND adult = $3",
            school,
            pupil,
            adult
        );
        Ok(())
    }

    /// What the office once answered about an adult counts no more: it is asked again.
    pub async fn forget_checks(&mut self, school: &str, adult: &str) -> Result<()> {
        exec!(
            self,
            "DELETE FROM checks WHERE school_id = $1 AND adult = $2",
            school,
            adult
        );
        Ok(())
    }

    /// Every meeting of a school that is still to come, the next first.
    pub async fn every_meeting_ahead(&mut self, school: &str) -> Result<Vec<Meeting>> {
        Ok(all!(
            self,
            Meeting,
            "SELECT * FROM meetings WHERE school_id = $1 AND state = 'booked' AND starts_at > $2 ORDER BY starts_at, id",
            school,
            Moment::from(self.now)
        ))
    }

    /// The threads of whoever writes from a number, by text, by WhatsApp or on Telegram.
    pub async fn lanes_of_number(&mut self, school: &str, number: &str) -> Result<Vec<Lane>> {
        Ok(all!(
            self,
            Lane,
            "SELECT * FROM lanes WHERE school_id = $1 AND (address = $2 OR address = $3 OR proved_phone = $2)
             ORDER BY endpoint, address",
            school,
            number,
            format!("{}{number}", crate::channel::WHATSAPP)
        ))
    }

    /// What was about to be said in a lane is said no more.
    pub async fn drop_cues(&mut self, endpoint: &str, address: &str) -> Result<()> {
        exec!(
            self,
            "UPDATE cues SET done_at = $3 WHERE endpoint = $1 AND address = $2 AND done_at IS NULL",
            endpoint,
            address,
            Moment::from(self.now)
        );
        Ok(())
    }
}
