//! Messages as they came in: durable before a provider is told 200, and never written twice.

use uuid::Uuid;

use super::{Mail, Moment, Result, Tx, all, claim, exec, from_json, one, to_json};
use crate::channel::{Inbound, Media};
use crate::school::safeguarding::Verdict;

/// A message that was accepted.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Message {
    /// Ours.
    pub id: Uuid,
    /// Whose.
    pub school_id: String,
    /// The endpoint of the lane it belongs to.
    pub endpoint: String,
    /// The number or bot it came to: another than the lane's, where it answers what we sent by there.
    pub via: String,
    /// The provider's id: the key that makes a repeat harmless.
    pub provider_id: String,
    /// Who wrote: E.164, or a chat id.
    pub address: String,
    /// The words as bytes, exactly as they came.
    pub body: Vec<u8>,
    media: String,
    /// A number the person proved to be theirs with this message.
    pub proved_phone: Option<String>,
    /// When it was stored.
    pub received_at: Moment,
    /// Read from the provider's list after a gap, so the answer apologises for the delay.
    pub caught_up: bool,
    verdict: Option<String>,
    /// The sealed case its screen opened, if it hit.
    pub safeguarding_case: Option<Uuid>,
    /// How often its turn has failed.
    pub failures: i64,
    pub(super) mail: Option<String>,
}

impl Message {
    /// The words as people read them: bytes that are not UTF-8 show as `�`.
    pub fn words(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// What came with it that is not words.
    pub fn media(&self) -> Result<Vec<Media>> {
        from_json("a message's media", &self.media)
    }

    /// What it was besides its words, if it was an email.
    pub fn mail(&self) -> Result<Option<Mail>> {
        let mail = self.mail.as_deref();
        mail.map(|mail| from_json("an email", mail)).transpose()
    }

    /// What the screen said; `None` before it has run.
    pub fn verdict(&self) -> Result<Option<Verdict>> {
        self.verdict
            .as_deref()
            .map(|v| from_json("a verdict", v))
            .transpose()
    }
}

impl Tx {
    /// What the screen has taken from this person's messages in the last ten days: it stands nowhere
    /// else.
    pub async fn sealed_words(&mut self, endpoint: &str, address: &str) -> Result<Vec<String>> {
        let since = Moment::from(self.now - jiff::SignedDuration::from_hours(240));
        let rows = all!(
            self,
            (Vec<u8>,),
            "SELECT body FROM messages WHERE endpoint = $1 AND address = $2 AND received_at >= $3
               AND safeguarding_case IS NOT NULL",
            endpoint,
            address,
            since
        );
        Ok(rows
            .into_iter()
            .map(|r| String::from_utf8_lossy(&r.0).into_owned())
            .collect())
    }

    /// Stores a message that was heard at `via`; `None` when its id was stored before, and then
    /// nothing has changed.
    pub async fn accept(
        &mut self,
        school_id: &str,
        via: &str,
        inbound: &Inbound,
        caught_up: bool,
    ) -> Result<Option<Uuid>> {
        let id = self.clock.id();
        let media = to_json("a message's media", &inbound.media)?;
        let now = Moment::from(self.now);
        let lane = self.lane_written_to_by(via, &inbound.from).await?;
        let endpoint = lane.as_deref().unwrap_or(via);
        let rows = exec!(
            self,
            "INSERT INTO messages (id, school_id, endpoint, provider_id, address, body, media, proved_phone, sent_at, received_at, caught_up, failures, via)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, 0, $12)
             ON CONFLICT (via, provider_id) DO NOTHING",
            id,
            school_id,
            endpoint,
            inbound.provider_id.as_str(),
            inbound.from.as_str(),
            inbound.body.as_slice(),
            media.as_str(),
            inbound.proved_phone.as_deref(),
            inbound.sent_at.map(Moment::from),
            now,
            caught_up,
            via,
        );
        if rows == 0 {
            return Ok(None);
        }
        self.expect_files(id, school_id, via, &inbound.media)
            .await?;
        exec!(
            self,
            "INSERT INTO lanes (endpoint, address, school_id, sealed) VALUES ($1, $2, $3, $4)
             ON CONFLICT (endpoint, address) DO NOTHING",
            endpoint,
            inbound.from.as_str(),
            school_id,
            false,
        );
        Ok(Some(id))
    }

    /// Takes one message the screen has not seen, in no order; others pass over it meanwhile.
    pub async fn claim_unscreened(&mut self) -> Result<Option<Message>> {
        Ok(claim!(
            self,
            Message,
            "SELECT * FROM messages WHERE screened_at IS NULL ORDER BY received_at, id LIMIT 1"
        ))
    }

    /// Takes this message for the screen, unless it was screened or someone else has it.
    pub async fn claim_to_screen(&mut self, id: Uuid) -> Result<Option<Message>> {
        Ok(claim!(
            self,
            Message,
            "SELECT * FROM messages WHERE id = $1 AND screened_at IS NULL",
            id
        ))
    }

    /// Writes down what the screen said.
    pub async fn screened(
        &mut self,
        id: Uuid,
        verdict: &Verdict,
        case: Option<Uuid>,
    ) -> Result<()> {
        let verdict = to_json("a verdict", verdict)?;
        exec!(
            self,
            "UPDATE messages SET screened_at = $2, verdict = $3, safeguarding_case = $4 WHERE id = $1",
            id,
            Moment::from(self.now),
            verdict.as_str(),
            case,
        );
        Ok(())
    }

    /// Lanes with a message to read, the longest waiting first.
    pub async fn waiting_lanes(&mut self) -> Result<Vec<(String, String)>> {
        Ok(all!(
            self,
            (String, String),
            "SELECT endpoint, address FROM messages
             WHERE processed_at IS NULL AND screened_at IS NOT NULL AND (retry_at IS NULL OR retry_at <= $1)
             GROUP BY endpoint, address ORDER BY MIN(received_at) LIMIT 50",
            Moment::from(self.now),
        ))
    }

    /// The oldest message of a lane that no turn has read. One that waits to be tried again holds
    /// the lane: overtaking it would answer out of order.
    pub async fn next_message(&mut self, endpoint: &str, address: &str) -> Result<Option<Message>> {
        Ok(one!(
            self,
            Message,
            "SELECT * FROM messages WHERE endpoint = $1 AND address = $2 AND processed_at IS NULL
             ORDER BY received_at, id LIMIT 1",
            endpoint,
            address,
        ))
    }

    /// A turn has read this message.
    pub async fn processed(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE messages SET processed_at = $2, retry_at = NULL WHERE id = $1",
            id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// A turn failed on this message; it is tried again at `retry_at`.
    pub async fn turn_failed(&mut self, id: Uuid, retry_at: Moment) -> Result<()> {
        exec!(
            self,
            "UPDATE messages SET failures = failures + 1, retry_at = $2 WHERE id = $1",
            id,
            retry_at
        );
        Ok(())
    }

    /// Whether a message waits to be tried again.
    pub async fn waits(&mut self, id: Uuid) -> Result<bool> {
        Ok(one!(
            self,
            (i64,),
            "SELECT COUNT(*) FROM messages WHERE id = $1 AND retry_at > $2",
            id,
            Moment::from(self.now)
        )
        .is_some_and(|r| r.0 > 0))
    }

    /// Whether this person wrote something the screen could not judge, since `since` and before now.
    pub async fn unread_before(
        &mut self,
        endpoint: &str,
        address: &str,
        since: Moment,
    ) -> Result<bool> {
        Ok(one!(
            self,
            (i64,),
            "SELECT COUNT(*) FROM messages WHERE endpoint = $1 AND address = $2 AND received_at >= $3
             AND screened_at IS NOT NULL AND verdict LIKE '%\"unread\"%'",
            endpoint,
            address,
            since
        )
        .is_some_and(|r| r.0 > 0))
    }

    /// Whether this person wrote since `since`: they are awake, and an answer is no disturbance.
    pub async fn heard_since(
        &mut self,
        endpoint: &str,
        address: &str,
        since: Moment,
    ) -> Result<bool> {
        Ok(one!(
            self,
            (i64,),
            "SELECT COUNT(*) FROM messages WHERE endpoint = $1 AND address = $2 AND received_at >= $3",
            endpoint,
            address,
            since
        )
        .is_some_and(|r| r.0 > 0))
    }

    /// The words of messages that did not alert since `since`, for the safeguarding lead to skim.
    pub async fn not_alerted(&mut self, school: &str, since: Moment) -> Result<Vec<Message>> {
        Ok(all!(
            self,
            Message,
            "SELECT * FROM messages WHERE school_id = $1 AND received_at >= $2 AND safeguarding_case IS NULL
             ORDER BY received_at DESC LIMIT 200",
            school,
            since
        ))
    }
}
