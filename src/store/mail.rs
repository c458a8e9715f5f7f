//! Email that comes back: whose answer it is, by the token in the address it was sent to, and what it
//! was besides its words.

use jiff::{SignedDuration, Timestamp};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{Moment, Outgoing, Result, Token, Tx, all, exec, one, to_json};
use crate::channel::Media;
use crate::channel::email::is_endpoint as is_email;

/// For how long after our last email of a thread answers to it are taken: over the summer holidays.
const GOOD_FOR: SignedDuration = SignedDuration::from_hours(24 * 90);

/// How much of what was said is looked through for what an email quotes.
const SAID_BEFORE: u32 = 60;

/// The kind of the entry that holds a whole email, where its words are an entry without what they quote.
pub const WHOLE_EMAIL: &str = "whole-email";

/// One reader's side of one conversation by email.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct MailThread {
    /// Ours.
    pub id: Uuid,
    /// Whose.
    pub school_id: String,
    token: String,
    /// Who has it: the only address that answers may come from.
    pub mailbox: String,
    /// The lane it belongs to; of a notice to staff, email itself.
    pub endpoint: String,
    /// Their address there.
    pub address: String,
    /// The member of staff, by key.
    pub staff: Option<String>,
    /// The case, if it is about one.
    pub case_id: Option<Uuid>,
    /// The code of the notice.
    pub code: Option<i64>,
    used_at: Moment,
}

impl MailThread {
    /// Whether answers are still taken.
    pub fn is_open(&self, now: Timestamp) -> bool {
        now < self.used_at.timestamp() + GOOD_FOR
    }
}

/// What an email was besides its words.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Mail {
    /// The thread it answers; `None` where that is not proved.
    pub thread: Option<Uuid>,
    /// Who it says it is from.
    pub from: String,
    /// What it is about.
    pub subject: String,
    /// Its Message-ID.
    pub message_id: Option<String>,
    /// A machine wrote it: it is kept and never answered.
    pub automatic: bool,
    /// The whole text, where something was left out of the words.
    pub whole: Option<String>,
    /// What was left out and is not known to us: the screen reads it.
    pub rest: String,
}

/// An email to store.
#[derive(Debug)]
pub struct NewMail<'m> {
    /// Whose.
    pub school: &'m str,
    /// The lane it belongs to.
    pub endpoint: &'m str,
    /// Their address there.
    pub address: &'m str,
    /// The endpoint of the mail server whose mailbox it came to.
    pub via: &'m str,
    /// What makes a repeat harmless.
    pub key: &'m str,
    /// The words.
    pub words: &'m str,
    /// What it was besides.
    pub mail: &'m Mail,
    /// What came with it: the kind its content says it is, if it is one we keep, and its content.
    pub files: &'m [(Media, Option<&'static str>, &'m [u8])],
    /// How many of the files are something to see; the others are ornaments.
    pub shown: usize,
    /// When it was written.
    pub sent_at: Option<Timestamp>,
    /// It lay in the mailbox for a while.
    pub caught_up: bool,
}

/// What a message that leaves by email has besides its words.
#[derive(Debug, Default)]
pub(super) struct Letter {
    pub mailbox: Option<String>,
    pub token: Option<String>,
    pub answers: Option<String>,
    pub subject: Option<String>,
}

impl Tx {
    /// The thread a token belongs to, whatever became of it.
    pub async fn mail_thread(&mut self, token: &str) -> Result<Option<MailThread>> {
        Ok(one!(
            self,
            MailThread,
            "SELECT * FROM mail_threads WHERE token = $1",
            token
        ))
    }

    /// A thread by its id.
    pub async fn mail_thread_by_id(&mut self, id: Uuid) -> Result<Option<MailThread>> {
        Ok(one!(
            self,
            MailThread,
            "SELECT * FROM mail_threads WHERE id = $1",
            id
        ))
    }

    /// What was last heard by email in a lane.
    async fn last_mail(&mut self, endpoint: &str, address: &str) -> Result<Option<Mail>> {
        let row = one!(
            self,
            (String,),
            "SELECT mail FROM messages WHERE endpoint = $1 AND address = $2 AND mail IS NOT NULL
             ORDER BY received_at DESC, id DESC LIMIT 1",
            endpoint,
            address
        );
        row.map(|(mail,)| super::from_json("an email", &mail))
            .transpose()
    }

    /// Everything that makes a queued message a letter: whose mailbox, under which token.
    pub(super) async fn letter(&mut self, out: &Outgoing) -> Result<Letter> {
        let last = self.last_mail(&out.endpoint, &out.address).await?;
        let thread = match last.as_ref().and_then(|mail| mail.thread) {
            Some(id) => self.mail_thread_by_id(id).await?,
            None => None,
        };
        let mailbox = out
            .mailbox
            .clone()
            .or_else(|| thread.as_ref().map(|t| t.mailbox.clone()))
            .or_else(|| out.address.contains('@').then(|| out.address.clone()));
        let mut letter = Letter {
            answers: last.as_ref().and_then(|mail| mail.message_id.clone()),
            subject: last
                .map(|mail| mail.subject)
                .filter(|s| !s.is_empty())
                .map(|subject| {
                    let again = subject.to_lowercase().starts_with("re:");
                    if again {
                        subject
                    } else {
                        format!("Re: {subject}")
                    }
                }),
            mailbox: mailbox.clone().filter(|m| *m != out.address),
            token: None,
        };
        // Whoever proved nothing gets no address that proves something.
        let unproved = !is_email(&out.endpoint) && out.address.contains('@') && thread.is_none();
        let Some(mailbox) = mailbox.filter(|_| !unproved) else {
            return Ok(letter);
        };
        // In their own mail lane staff go on with the notice they answered.
        letter.token = Some(match thread {
            Some(thread) if thread.staff.is_some() && out.staff.is_none() => {
                self.thread_used(thread.id).await?;
                thread.token
            }
            _ => self.thread_for(out, &mailbox).await?,
        });
        Ok(letter)
    }

    async fn thread_used(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE mail_threads SET used_at = $2 WHERE id = $1",
            id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// The token of the thread that a message belongs to, which begins with it if need be.
    async fn thread_for(&mut self, out: &Outgoing, mailbox: &str) -> Result<String> {
        let threads = all!(
            self,
            MailThread,
            "SELECT * FROM mail_threads WHERE school_id = $1 AND endpoint = $2 AND address = $3 AND mailbox = $4
               AND COALESCE(code, 0) = $5 AND COALESCE(staff, '') = $6",
            out.school_id.as_str(),
            out.endpoint.as_str(),
            out.address.as_str(),
            mailbox,
            out.code.unwrap_or(0),
            out.staff.as_deref().unwrap_or_default()
        );
        if let Some(there) = threads.into_iter().find(|t| t.case_id == out.case_id) {
            self.thread_used(there.id).await?;
            return Ok(there.token);
        }
        let token = Token::short(&self.clock).text().to_owned();
        exec!(
            self,
            "INSERT INTO mail_threads (id, school_id, token, mailbox, endpoint, address, staff, case_id, code, used_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            self.clock.id(),
            out.school_id.as_str(),
            token.as_str(),
            mailbox,
            out.endpoint.as_str(),
            out.address.as_str(),
            out.staff.as_deref(),
            out.case_id,
            out.code,
            Moment::from(self.now)
        );
        Ok(token)
    }

    /// What a lane has heard and been told of late, and what a mailbox was sent by a mail server's
    /// endpoint: an email may quote it.
    pub async fn said_before(
        &mut self,
        endpoint: &str,
        address: &str,
        server: &str,
        mailbox: &str,
    ) -> Result<Vec<String>> {
        let sent = all!(
            self,
            (String,),
            "SELECT COALESCE(subject, '') || ' ' || body FROM outbox WHERE (endpoint = $1 AND address = $2) OR (endpoint = $3 AND address = $4)
             ORDER BY created_at DESC LIMIT $5",
            endpoint,
            address,
            server,
            mailbox,
            i64::from(SAID_BEFORE)
        );
        let heard = all!(
            self,
            (Vec<u8>,),
            "SELECT body FROM messages WHERE endpoint = $1 AND address = $2 AND mail IS NOT NULL
             ORDER BY received_at DESC LIMIT $3",
            endpoint,
            address,
            i64::from(SAID_BEFORE)
        );
        let heard = heard
            .into_iter()
            .map(|(body,)| String::from_utf8_lossy(&body).into_owned());
        Ok(sent.into_iter().map(|(body,)| body).chain(heard).collect())
    }

    /// Stores an email and what came with it; `None` when it was stored before, and then nothing has
    /// changed.
    pub async fn accept_mail(&mut self, new: &NewMail<'_>) -> Result<Option<Uuid>> {
        let id = self.clock.id();
        let media: Vec<&Media> = new.files.iter().take(new.shown).map(|(m, ..)| m).collect();
        let rows = exec!(
            self,
            "INSERT INTO messages (id, school_id, endpoint, provider_id, address, body, media, sent_at, received_at, caught_up, failures, via, mail)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0, $11, $12)
             ON CONFLICT (via, provider_id) DO NOTHING",
            id,
            new.school,
            new.endpoint,
            new.key,
            new.address,
            new.words.as_bytes(),
            to_json("a message's media", &media)?.as_str(),
            new.sent_at.map(Moment::from),
            Moment::from(self.now),
            new.caught_up,
            new.via,
            to_json("an email", new.mail)?.as_str(),
        );
        if rows == 0 {
            return Ok(None);
        }
        for (n, (media, kind, content)) in (0_i64..).zip(new.files) {
            exec!(
                self,
                "INSERT INTO files (message, n, school_id, via, said_type, reference, state, why, tries, kind, size, content)
                 VALUES ($1, $2, $3, $4, $5, '', $6, $7, 1, $8, $9, $10)",
                id,
                n,
                new.school,
                new.via,
                media.content_type.as_str(),
                if kind.is_some() { "kept" } else { "refused" },
                kind.is_none()
                    .then_some("it is no photo, recording, film or document that is kept here"),
                *kind,
                i64::try_from(content.len()).unwrap_or(i64::MAX),
                kind.map(|_| *content),
            );
        }
        self.hold_lane(new.school, new.endpoint, new.address)
            .await?;
        Ok(Some(id))
    }

    /// Whether something was written to an address by email since `since`.
    pub async fn mailed_since(
        &mut self,
        endpoint: &str,
        address: &str,
        since: Moment,
    ) -> Result<bool> {
        Ok(one!(
            self,
            (i64,),
            "SELECT COUNT(*) FROM outbox WHERE endpoint = $1 AND address = $2 AND created_at >= $3",
            endpoint,
            address,
            since
        )
        .is_some_and(|r| r.0 > 0))
    }
}
