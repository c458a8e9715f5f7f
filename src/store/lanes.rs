//! Lanes: one person's thread at one endpoint, the row that keeps their messages in order.

use super::{Moment, Result, Tx, all, claim, exec, lock, one, to_json};
use crate::flow::bundle::Bundle;

/// A lane, with the conversation it is in.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Lane {
    /// The number or bot.
    pub endpoint: String,
    /// The person's address there.
    pub address: String,
    /// Whose.
    pub school_id: String,
    /// The language this person chose here.
    pub language: Option<String>,
    /// The number they proved to be theirs (Telegram).
    pub proved_phone: Option<String>,
    /// When they said STOP, or the carrier did.
    pub stopped_at: Option<Moment>,
    /// When they said that this phone is not whose we think. Whoever writes from it is nobody we
    /// know, and nothing is sent to it unasked, until the office has put the record right.
    pub wrong_at: Option<Moment>,
    /// A message of this conversation hit the screen: no nudge, reminder or "carry on?".
    pub sealed: bool,
    /// `flow::conversation::Conversation`, as JSON.
    pub conversation: Option<String>,
    /// The hash of the bundle the conversation is pinned to.
    pub bundle: Option<String>,
    /// When the open question expires.
    pub expires_at: Option<Moment>,
    /// When the person is reminded of it, once.
    pub nudge_at: Option<Moment>,
    /// What a member of staff has written and not yet confirmed, as JSON.
    pub draft: Option<String>,
}

impl Tx {
    /// Takes a lane for this transaction; `None` when another worker holds it. The lock dies with
    /// its connection, so a crash leaves the lane free.
    pub async fn claim_lane(&mut self, endpoint: &str, address: &str) -> Result<Option<Lane>> {
        Ok(claim!(
            self,
            Lane,
            "SELECT * FROM lanes WHERE endpoint = $1 AND address = $2",
            endpoint,
            address
        ))
    }

    /// The lane, made if it is new, held until this transaction ends: what the desk sends and what
    /// timers do pass through the lane as well.
    pub async fn hold_lane(
        &mut self,
        school_id: &str,
        endpoint: &str,
        address: &str,
    ) -> Result<Lane> {
        exec!(
            self,
            "INSERT INTO lanes (endpoint, address, school_id, sealed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (endpoint, address) DO NOTHING",
            endpoint,
            address,
            school_id,
            false,
        );
        let lane = lock!(
            self,
            Lane,
            "SELECT * FROM lanes WHERE endpoint = $1 AND address = $2",
            endpoint,
            address
        );
        lane.ok_or_else(|| sqlx::Error::RowNotFound.into())
    }

    /// A lane as it stands, for reading only.
    pub async fn lane(&mut self, endpoint: &str, address: &str) -> Result<Option<Lane>> {
        Ok(one!(
            self,
            Lane,
            "SELECT * FROM lanes WHERE endpoint = $1 AND address = $2",
            endpoint,
            address
        ))
    }

    /// Where somebody who proved this number can be written to (Telegram).
    pub async fn lane_of_phone(
        &mut self,
        school: &str,
        phone: &str,
    ) -> Result<Option<(String, String)>> {
        Ok(one!(
            self,
            (String, String),
            "SELECT endpoint, address FROM lanes WHERE school_id = $1 AND proved_phone = $2
             ORDER BY endpoint, address LIMIT 1",
            school,
            phone
        ))
    }

    /// Writes the lane back. Call with the lane held.
    pub async fn keep_lane(&mut self, lane: &Lane) -> Result<()> {
        exec!(
            self,
            "UPDATE lanes SET language = $3, proved_phone = $4, stopped_at = $5, sealed = $6,
             conversation = $7, bundle = $8, expires_at = $9, draft = $10, wrong_at = $11,
             nudge_at = $12
             WHERE endpoint = $1 AND address = $2",
            lane.endpoint.as_str(),
            lane.address.as_str(),
            lane.language.as_deref(),
            lane.proved_phone.as_deref(),
            lane.stopped_at,
            lane.sealed,
            lane.conversation.as_deref(),
            lane.bundle.as_deref(),
            lane.expires_at,
            lane.draft.as_deref(),
            lane.wrong_at,
            lane.nudge_at,
        );
        Ok(())
    }

    /// The carrier or the provider told us that this person stopped messages.
    pub async fn stop_lane(&mut self, endpoint: &str, address: &str) -> Result<()> {
        exec!(
            self,
            "UPDATE lanes SET stopped_at = $3 WHERE endpoint = $1 AND address = $2 AND stopped_at IS NULL",
            endpoint,
            address,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Lanes whose open question has expired.
    pub async fn expired_lanes(&mut self) -> Result<Vec<(String, String)>> {
        Ok(all!(
            self,
            (String, String),
            "SELECT endpoint, address FROM lanes WHERE expires_at <= $1 ORDER BY expires_at LIMIT 50",
            Moment::from(self.now)
        ))
    }

    /// Lanes whose open question is due for its reminder.
    pub async fn nudged_lanes(&mut self) -> Result<Vec<(String, String)>> {
        Ok(all!(
            self,
            (String, String),
            "SELECT endpoint, address FROM lanes WHERE nudge_at <= $1 ORDER BY nudge_at LIMIT 50",
            Moment::from(self.now)
        ))
    }

    /// Keeps the sources a hash stands for, so that conversations pinned to them can go on.
    pub async fn keep_bundle(&mut self, bundle: &Bundle) -> Result<()> {
        let sources = to_json("a bundle's sources", &bundle.sources)?;
        exec!(
            self,
            "INSERT INTO bundles (hash, sources, stored_at) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING",
            &bundle.hash,
            &sources,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// The sources a hash stands for.
    pub async fn bundle_sources(&mut self, hash: &str) -> Result<Option<String>> {
        Ok(one!(
            self,
            (String,),
            "SELECT sources FROM bundles WHERE hash = $1",
            hash
        )
        .map(|r| r.0))
    }

    /// Keeps what a turn was given and what came of it.
    pub async fn keep_turn(
        &mut self,
        lane: &Lane,
        message: Option<uuid::Uuid>,
        bundle: &str,
        record: &str,
    ) -> Result<()> {
        let id = self.clock.id();
        exec!(
            self,
            "INSERT INTO turns (id, school_id, endpoint, address, message, at, bundle, record)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            id,
            lane.school_id.as_str(),
            lane.endpoint.as_str(),
            lane.address.as_str(),
            message,
            Moment::from(self.now),
            bundle,
            record,
        );
        Ok(())
    }
}
