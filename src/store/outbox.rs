//! Messages to send: written in the transaction that causes them, sent after it.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Moment, Result, Tx, all, claim, exec, from_json, one, to_json};
use crate::channel::{Button, Outbound, Receipt, Status};
use crate::text::gsm7;
use crate::text::segments::segments;

/// How long a message that is being retried still holds back later ones to the same person.
const HOLDS_BACK: SignedDuration = SignedDuration::from_secs(60);

/// Why a message is sent. It decides what waits for quiet hours, and what happens when nobody
/// knows whether it left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Somebody just wrote, and this answers them. Never held.
    Answer,
    /// Safeguarding: the reply to a parent or a page to staff. Never held, never waits its turn.
    Safeguarding,
    /// A notice, digest or escalation to staff.
    Staff,
    /// What staff wrote or decided, to a parent. Held in quiet hours.
    School,
    /// A reminder. Worthless once its moment has passed.
    Reminder,
}

impl Purpose {
    /// The word in the database.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Answer => "answer",
            Self::Safeguarding => "safeguarding",
            Self::Staff => "staff",
            Self::School => "school",
            Self::Reminder => "reminder",
        }
    }

    /// What leaves first among messages that are due: the lowest.
    const fn priority(self) -> i64 {
        match self {
            Self::Safeguarding => 0,
            Self::Answer => 1,
            Self::Staff | Self::School => 2,
            Self::Reminder => 3,
        }
    }

    fn from_word(word: &str) -> Option<Self> {
        [
            Self::Answer,
            Self::Safeguarding,
            Self::Staff,
            Self::School,
            Self::Reminder,
        ]
        .into_iter()
        .find(|p| p.word() == word)
    }
}

/// A message to put in the outbox.
#[derive(Debug, Clone)]
pub struct Outgoing {
    /// Whose.
    pub school_id: String,
    /// The number, bot or mail server it leaves by.
    pub endpoint: String,
    /// Where to.
    pub address: String,
    /// Why.
    pub purpose: Purpose,
    /// The whole text.
    pub body: String,
    /// Email only.
    pub subject: Option<String>,
    /// Choices, for channels with buttons.
    pub buttons: Vec<Button>,
    /// Ask for the person's own number with the channel's button.
    pub ask_contact: bool,
    /// The case it belongs to.
    pub case_id: Option<Uuid>,
    /// The meeting it speaks of: changing the meeting withdraws what is not yet sent.
    pub meeting: Option<Uuid>,
    /// The member of staff it goes to.
    pub staff: Option<String>,
    /// Not before.
    pub due: Timestamp,
}

impl Outgoing {
    /// A plain text, due at `due`.
    pub fn text(
        school_id: &str,
        endpoint: &str,
        address: &str,
        purpose: Purpose,
        body: String,
        due: Timestamp,
    ) -> Self {
        Self {
            school_id: school_id.to_owned(),
            endpoint: endpoint.to_owned(),
            address: address.to_owned(),
            purpose,
            body,
            subject: None,
            buttons: Vec::new(),
            ask_contact: false,
            case_id: None,
            meeting: None,
            staff: None,
            due,
        }
    }
}

/// A message in the outbox.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct OutboxRow {
    /// Ours; it travels in the status callback.
    pub id: Uuid,
    /// Whose.
    pub school_id: String,
    /// The endpoint it leaves by.
    pub endpoint: String,
    /// Where to.
    pub address: String,
    purpose: String,
    /// The whole text.
    pub body: String,
    subject: Option<String>,
    buttons: String,
    ask_contact: bool,
    /// The case it belongs to.
    pub case_id: Option<Uuid>,
    /// The meeting it speaks of.
    pub meeting: Option<Uuid>,
    /// The member of staff it goes to.
    pub staff: Option<String>,
    /// What it costs in texts.
    pub parts: i64,
    /// `GSM-7` or `UCS-2`.
    pub encoding: String,
    /// When it was written.
    pub created_at: Moment,
    /// Not before.
    pub due_at: Moment,
    status: String,
    /// How often it was handed to a provider.
    pub attempts: i64,
    /// When it first was.
    pub first_try_at: Option<Moment>,
    /// What the provider said last, without words.
    pub error: Option<String>,
}

impl OutboxRow {
    /// Where on the ladder it stands.
    pub fn status(&self) -> Status {
        Status::from_word(&self.status).unwrap_or(Status::Uncertain)
    }

    /// Why it is sent.
    pub fn purpose(&self) -> Purpose {
        Purpose::from_word(&self.purpose).unwrap_or(Purpose::Answer)
    }

    /// As a channel takes it.
    pub fn outbound(&self) -> Result<Outbound> {
        Ok(Outbound {
            id: self.id,
            to: self.address.clone(),
            body: self.body.clone(),
            subject: self.subject.clone(),
            buttons: from_json::<Vec<Button>>("a message's buttons", &self.buttons)?,
            ask_contact: self.ask_contact,
        })
    }
}

impl Tx {
    /// Queues a message; it leaves after this transaction is saved.
    pub async fn queue(&mut self, out: &Outgoing) -> Result<Uuid> {
        let id = self.clock.id();
        // What costs a parent's school twice as much and says no more: curly quotes, long dashes. The
        // letters of a language stay as they are, and NUL is what PostgreSQL cannot keep.
        let body = gsm7::downgrade(&out.body.replace('\0', "\u{fffd}"));
        let cost = segments(&body);
        let buttons = to_json("a message's buttons", &out.buttons)?;
        exec!(
            self,
            "INSERT INTO outbox (id, school_id, endpoint, address, purpose, body, subject, buttons, ask_contact,
             case_id, meeting, staff, encoding, parts, created_at, due_at, priority, status, attempts)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, 'queued', 0)",
            id,
            out.school_id.as_str(),
            out.endpoint.as_str(),
            out.address.as_str(),
            out.purpose.word(),
            body.as_str(),
            out.subject.as_deref(),
            buttons.as_str(),
            out.ask_contact,
            out.case_id,
            out.meeting,
            out.staff.as_deref(),
            cost.encoding.name(),
            i64::try_from(cost.parts).unwrap_or(i64::MAX),
            Moment::from(self.now),
            Moment::from(out.due),
            out.purpose.priority(),
        );
        Ok(id)
    }

    /// Takes one message that is due and marks it `sending` under a lease. Messages to one person
    /// leave in order, but for safeguarding, which waits for nothing, and what matters less, for
    /// which nothing waits.
    pub async fn claim_due(&mut self, lease: SignedDuration) -> Result<Option<OutboxRow>> {
        let now = Moment::from(self.now);
        let holding = Moment::from(self.now - HOLDS_BACK);
        let Some(row) = claim!(
            self,
            OutboxRow,
            "SELECT * FROM outbox AS o WHERE o.status = 'queued' AND o.due_at <= $1
               AND (o.purpose = 'safeguarding' OR NOT EXISTS (
                 SELECT 1 FROM outbox AS e WHERE e.endpoint = o.endpoint AND e.address = o.address AND e.id < o.id
                   AND e.priority <= o.priority AND e.status IN ('queued', 'sending')
                   AND ((e.attempts = 0 AND e.due_at <= $1) OR (e.attempts > 0 AND e.first_try_at > $2))))
             ORDER BY o.priority, o.due_at, o.id LIMIT 1",
            now,
            holding,
        ) else {
            return Ok(None);
        };
        exec!(
            self,
            "UPDATE outbox SET status = 'sending', attempts = attempts + 1, lease_until = $2,
             first_try_at = COALESCE(first_try_at, $3) WHERE id = $1",
            row.id,
            Moment::from(self.now + lease),
            now,
        );
        Ok(Some(row))
    }

    /// Takes one message whose lease ran out while it was `sending`: nobody knows whether it left.
    pub async fn claim_unknown(&mut self, lease: SignedDuration) -> Result<Option<OutboxRow>> {
        let Some(row) = claim!(
            self,
            OutboxRow,
            "SELECT * FROM outbox WHERE status = 'sending' AND lease_until <= $1 ORDER BY lease_until LIMIT 1",
            Moment::from(self.now),
        ) else {
            return Ok(None);
        };
        exec!(
            self,
            "UPDATE outbox SET lease_until = $2 WHERE id = $1",
            row.id,
            Moment::from(self.now + lease)
        );
        Ok(Some(row))
    }

    /// Moves a message up the ladder; false when it stood as high already. Never down, whatever
    /// order receipts arrive in.
    pub async fn settle(
        &mut self,
        id: Uuid,
        status: Status,
        provider_id: Option<&str>,
        error: Option<&str>,
    ) -> Result<bool> {
        let Some((word, known)) = one!(
            self,
            (String, Option<String>),
            "SELECT status, provider_id FROM outbox WHERE id = $1",
            id
        ) else {
            return Ok(false);
        };
        let from = Status::from_word(&word).unwrap_or(Status::Uncertain);
        let climbs = from.may_become(status);
        if !climbs && known.is_some() {
            return Ok(false);
        }
        let to = if climbs { status } else { from };
        // The old status stands in the condition, so that of two receipts at once one is not lost.
        let rows = exec!(
            self,
            "UPDATE outbox SET status = $2, provider_id = COALESCE(provider_id, $3), error = COALESCE($4, error),
             settled_at = $5, lease_until = NULL WHERE id = $1 AND status = $6",
            id,
            to.word(),
            provider_id,
            error,
            Moment::from(self.now),
            word.as_str(),
        );
        Ok(rows == 1 && climbs)
    }

    /// A receipt from a provider, by our id or by theirs; the message it settled.
    pub async fn receipt(
        &mut self,
        endpoint: &str,
        receipt: &Receipt,
    ) -> Result<Option<OutboxRow>> {
        let row = match (receipt.outbox, receipt.provider_id.as_deref()) {
            (Some(id), _) => lock_row(self, endpoint, id).await?,
            (None, Some(theirs)) => one!(
                self,
                OutboxRow,
                "SELECT * FROM outbox WHERE endpoint = $1 AND provider_id = $2",
                endpoint,
                theirs
            ),
            (None, None) => None,
        };
        let Some(row) = row else { return Ok(None) };
        let climbed = self
            .settle(
                row.id,
                receipt.status,
                receipt.provider_id.as_deref(),
                receipt.error.as_deref(),
            )
            .await?;
        if receipt.stopped {
            self.stop_lane(&row.endpoint, &row.address).await?;
        }
        Ok(climbed.then_some(row))
    }

    /// It certainly did not leave: back in the queue, due later.
    pub async fn retry(&mut self, id: Uuid, due: Timestamp, error: &str) -> Result<()> {
        exec!(
            self,
            "UPDATE outbox SET status = 'queued', due_at = $2, lease_until = NULL, error = $3
             WHERE id = $1 AND status IN ('sending', 'uncertain', 'failed')",
            id,
            Moment::from(due),
            error
        );
        Ok(())
    }

    /// Nobody knows whether it left: ask again at `at`.
    pub async fn unknown_until(&mut self, id: Uuid, at: Timestamp, error: &str) -> Result<()> {
        exec!(
            self,
            "UPDATE outbox SET lease_until = $2, error = $3 WHERE id = $1 AND status = 'sending'",
            id,
            Moment::from(at),
            error
        );
        Ok(())
    }

    /// Provider ids of an endpoint that are known to be ours, among messages to this address.
    pub async fn owned_ids(&mut self, endpoint: &str, address: &str) -> Result<Vec<String>> {
        Ok(all!(
            self,
            (String,),
            "SELECT provider_id FROM outbox WHERE endpoint = $1 AND address = $2 AND provider_id IS NOT NULL",
            endpoint,
            address
        )
        .into_iter()
        .map(|r| r.0)
        .collect())
    }

    /// Withdraws what is not yet sent about a meeting that was moved or cancelled.
    pub async fn withdraw_for_meeting(&mut self, meeting: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE outbox SET status = 'expired', settled_at = $2 WHERE meeting = $1 AND status = 'queued'",
            meeting,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// The newest messages of a school that have not left or arrived: waiting, being sent, failed, or
    /// nobody knows.
    pub async fn outbox_open(&mut self, school: &str, most: u32) -> Result<Vec<OutboxRow>> {
        Ok(all!(
            self,
            OutboxRow,
            "SELECT * FROM outbox WHERE school_id = $1
               AND status IN ('queued', 'sending', 'failed', 'undelivered', 'uncertain')
             ORDER BY created_at DESC, id DESC LIMIT $2",
            school,
            i64::from(most)
        ))
    }

    /// Queues again, at once, what failed, did not arrive or is uncertain; false for anything else.
    pub async fn send_again(&mut self, id: Uuid) -> Result<bool> {
        let rows = exec!(
            self,
            "UPDATE outbox SET status = 'queued', due_at = $2, attempts = 0, first_try_at = NULL, lease_until = NULL,
             provider_id = NULL, settled_at = NULL
             WHERE id = $1 AND status IN ('failed', 'undelivered', 'uncertain')",
            id,
            Moment::from(self.now)
        );
        Ok(rows == 1)
    }

    /// The earlier message to the same person that a queued one waits for, as [`Self::claim_due`] has it.
    pub async fn held_back_by(&mut self, row: &OutboxRow) -> Result<Option<Uuid>> {
        if row.purpose() == Purpose::Safeguarding {
            return Ok(None);
        }
        let found = one!(
            self,
            (Uuid,),
            "SELECT id FROM outbox WHERE endpoint = $1 AND address = $2 AND id < $3 AND priority <= $4
               AND status IN ('queued', 'sending')
               AND ((attempts = 0 AND due_at <= $5) OR (attempts > 0 AND first_try_at > $6))
             ORDER BY id LIMIT 1",
            row.endpoint.as_str(),
            row.address.as_str(),
            row.id,
            row.purpose().priority(),
            Moment::from(self.now),
            Moment::from(self.now - HOLDS_BACK)
        );
        Ok(found.map(|(id,)| id))
    }

    /// The newest messages of a school that failed or of which nobody knows whether they left.
    pub async fn undelivered(&mut self, school: &str) -> Result<Vec<OutboxRow>> {
        Ok(all!(
            self,
            OutboxRow,
            "SELECT * FROM outbox WHERE school_id = $1 AND status IN ('failed', 'undelivered', 'uncertain')
             ORDER BY created_at DESC LIMIT 50",
            school
        ))
    }

    /// One message.
    pub async fn outbox_row(&mut self, id: Uuid) -> Result<Option<OutboxRow>> {
        Ok(one!(
            self,
            OutboxRow,
            "SELECT * FROM outbox WHERE id = $1",
            id
        ))
    }

    /// What was written to one address from `since` on, oldest first: the handset shows it, and
    /// `chat` and the tests read it.
    pub async fn written_to(
        &mut self,
        endpoint: &str,
        address: &str,
        since: Moment,
    ) -> Result<Vec<OutboxRow>> {
        Ok(all!(
            self,
            OutboxRow,
            "SELECT * FROM outbox WHERE endpoint = $1 AND address = $2 AND created_at >= $3 ORDER BY created_at, id",
            endpoint,
            address,
            since
        ))
    }

    /// Whether a message of this lane had reached the phone, or at least the provider, before `at`:
    /// what was typed before a question had left does not answer it.
    pub async fn left_before(&mut self, endpoint: &str, address: &str, at: Moment) -> Result<bool> {
        Ok(one!(
            self,
            (i64,),
            "SELECT COUNT(*) FROM outbox WHERE endpoint = $1 AND address = $2 AND purpose = 'answer'
             AND (settled_at IS NULL OR settled_at > $3) AND created_at <= $3 AND status <> 'expired'",
            endpoint,
            address,
            at
        )
        .is_some_and(|r| r.0 == 0))
    }

    /// How many messages stand at each step of the ladder, for the metrics.
    pub async fn ladder(&mut self) -> Result<Vec<(String, i64)>> {
        Ok(all!(
            self,
            (String, i64),
            "SELECT status, COUNT(*) FROM outbox GROUP BY status"
        ))
    }
}

async fn lock_row(tx: &mut Tx, endpoint: &str, id: Uuid) -> Result<Option<OutboxRow>> {
    Ok(one!(
        tx,
        OutboxRow,
        "SELECT * FROM outbox WHERE id = $1 AND endpoint = $2",
        id,
        endpoint
    ))
}
