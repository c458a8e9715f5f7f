//! Messages to send: written in the transaction that causes them, sent after it.

use jiff::Timestamp;
use uuid::Uuid;

use super::mail::Letter;
use super::{Moment, Result, Tx, all, exec, from_json, one, to_json};
use crate::channel::email::is_endpoint as is_email;
use crate::channel::{Button, Correspondence, Outbound, Status};
use crate::text::gsm7;
use crate::text::segments::segments;

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
    pub(super) const fn priority(self) -> i64 {
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
    /// The number, bot or mail server it belongs to. It leaves by that one, or by the one the person
    /// wrote to last in this lane.
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
    /// From then on it is no longer true, and is withdrawn if it has not left.
    pub stale: Option<Timestamp>,
    /// The endpoint it leaves by, and no other.
    pub by: Option<String>,
    /// The message it takes the place of.
    pub instead_of: Option<Uuid>,
    /// By email: whose mailbox it goes to, where that is not `address`.
    pub mailbox: Option<String>,
    /// The code of the notice it is, which an answer by email need not repeat.
    pub code: Option<i64>,
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
            stale: None,
            by: None,
            instead_of: None,
            mailbox: None,
            code: None,
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
    /// The endpoint of the lane it belongs to.
    pub endpoint: String,
    /// The endpoint it is to leave by: the one the person wrote to last in this lane.
    pub planned: String,
    /// The endpoint that carried it, or tried to: another than planned while that one fails.
    pub via: String,
    /// It leaves as planned, and nothing stands in.
    pub fixed: bool,
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
    /// The provider's id, once it has taken the message.
    pub provider_id: Option<String>,
    /// What the provider said last, without words.
    pub error: Option<String>,
    /// What the provider was paid, where a price is known, in millionths.
    pub cost: Option<i64>,
    /// The message it is sent in place of, which could not be sent that way.
    pub instead_of: Option<Uuid>,
    /// From then on it is no longer true.
    pub stale_at: Option<Moment>,
    /// By email: whose mailbox it goes to, where that is not `address`.
    pub mailbox: Option<String>,
    /// By email: what answers to it bear.
    reply_token: Option<String>,
    /// By email: the Message-ID of what it answers.
    answers: Option<String>,
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
            correspondence: Correspondence {
                token: self.reply_token.clone(),
                answers: self.answers.clone(),
            },
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
        let planned = match &out.by {
            Some(by) => by.clone(),
            None => {
                let worked = self.last_heard_by(&out.endpoint, &out.address).await?;
                worked.unwrap_or_else(|| out.endpoint.clone())
            }
        };
        let letter = match is_email(&planned) {
            true => self.letter(out).await?,
            false => Letter::default(),
        };
        // What nobody has just asked for leaves first by the way this person wants.
        let own_accord = matches!(out.purpose, Purpose::School | Purpose::Reminder);
        let choose = own_accord && out.staff.is_none() && out.by.is_none();
        exec!(
            self,
            "INSERT INTO outbox (id, school_id, endpoint, address, purpose, body, subject, buttons, ask_contact,
             case_id, meeting, staff, encoding, parts, created_at, due_at, priority, via, planned, fixed, instead_of, stale_at, status, attempts,
             mailbox, reply_token, answers, choose)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $18, $19, $20, $21, 'queued', 0,
             $22, $23, $24, $25)",
            id,
            out.school_id.as_str(),
            out.endpoint.as_str(),
            out.address.as_str(),
            out.purpose.word(),
            body.as_str(),
            out.subject.as_deref().or(letter.subject.as_deref()),
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
            planned.as_str(),
            out.by.is_some(),
            out.instead_of,
            out.stale.map(Moment::from),
            letter.mailbox.as_deref(),
            letter.token.as_deref(),
            letter.answers.as_deref(),
            choose,
        );
        Ok(id)
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
    /// nobody knows. Where another was sent in place of one, that other.
    pub async fn outbox_open(&mut self, school: &str, most: u32) -> Result<Vec<OutboxRow>> {
        Ok(all!(
            self,
            OutboxRow,
            "SELECT * FROM outbox AS o WHERE school_id = $1
               AND status IN ('queued', 'sending', 'failed', 'undelivered', 'uncertain')
               AND NOT EXISTS (SELECT 1 FROM outbox AS i WHERE i.instead_of = o.id)
             ORDER BY created_at DESC, id DESC LIMIT $2",
            school,
            i64::from(most)
        ))
    }

    /// The newest messages of a school that failed or of which nobody knows whether they left, and that
    /// nothing else was sent in place of.
    pub async fn undelivered(&mut self, school: &str) -> Result<Vec<OutboxRow>> {
        Ok(all!(
            self,
            OutboxRow,
            "SELECT * FROM outbox AS o WHERE school_id = $1 AND status IN ('failed', 'undelivered', 'uncertain')
               AND NOT EXISTS (SELECT 1 FROM outbox AS i WHERE i.instead_of = o.id)
             ORDER BY created_at DESC LIMIT 50",
            school
        ))
    }

    /// Everything that was written for a case, oldest first.
    pub async fn outbox_of_case(&mut self, case_id: Uuid) -> Result<Vec<OutboxRow>> {
        Ok(all!(
            self,
            OutboxRow,
            "SELECT * FROM outbox WHERE case_id = $1 ORDER BY created_at, id",
            case_id
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
