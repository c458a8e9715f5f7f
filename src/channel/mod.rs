//! Adapters, one provider a file: bytes to [`Inbound`], [`Outbound`] to bytes, and [`Receipt`]s.
//!
//! A channel never decides: it does not know what a case or a flow is, stores nothing, and retries
//! nothing. It says exactly what happened, and `inbox` and `outbox` decide what that means. What it
//! says never holds a message's words, a number, a name or a secret, so it may be logged.

pub mod abilities;
pub mod android;
pub mod email;
#[cfg(test)]
mod fake;
mod files;
pub mod form;
pub mod handset;
pub mod http;
pub mod kannel;
pub mod notify;
mod redact;
mod storable;
pub mod telegram;
pub mod twilio;
pub mod vonage;

use std::collections::HashSet;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::HeaderMap;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

pub use abilities::Abilities;

/// A message that came in, as the provider told it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Inbound {
    /// The provider's id of the message itself (Twilio `MessageSid`, Telegram `chat:message`):
    /// unique per endpoint, and the key that makes a repeat harmless.
    pub provider_id: String,
    /// Who wrote: E.164 for SMS, the chat id for Telegram.
    pub from: String,
    /// The words as bytes; they need not be UTF-8 and may hold NUL.
    pub body: Vec<u8>,
    /// Photos, voice notes and the like: the provider's own content type and address.
    pub media: Vec<Media>,
    /// When the provider received it, where it says so.
    pub sent_at: Option<Timestamp>,
    /// A phone number the person proved to be their own (Telegram's share-contact), E.164.
    pub proved_phone: Option<String>,
    /// Where the provider hands over each part of a long text by itself: which one this is.
    pub part: Option<Part>,
}

/// One part of a long text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What the parts of one text have in common.
    pub reference: String,
    /// Which part, from 1.
    pub n: u8,
    /// Of how many.
    pub total: u8,
}

/// Something that came with a message and is not words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Media {
    /// As the provider says, such as `image/jpeg`; `audio/ogg` for a voice note.
    pub content_type: String,
    /// Where the provider keeps it.
    pub reference: String,
}

/// One call of a provider at an address of ours, as it came.
#[derive(Debug)]
pub struct Call<'c> {
    /// The public address that was called, query included: what a provider signs.
    pub url: &'c str,
    /// The part of it behind the `?`.
    pub query: &'c str,
    /// Whether it was the endpoint's address for receipts (`…/status`).
    pub status: bool,
    /// The headers.
    pub headers: &'c HeaderMap,
    /// The body.
    pub body: &'c [u8],
    /// When it came, for signatures that have a time.
    pub now: Timestamp,
}

impl Call<'_> {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// Our id of a message, from the query of an address that we gave the provider for it.
    pub fn outbox(&self) -> Option<Uuid> {
        let query = form::parse_form(self.query.as_bytes());
        query.text("outbox").and_then(|id| Uuid::parse_str(id).ok())
    }
}

/// What a provider's call tells us.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Told {
    /// Somebody wrote.
    Message(Inbound),
    /// What became of a message that went out.
    Receipt(Receipt),
    /// Nothing that concerns us: an event of another kind, a word that is new to us.
    Nothing,
}

/// Why a call is not heard.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotHeard {
    /// The signature or secret is missing or wrong. Nothing may be stored.
    #[error("the signature is missing or wrong")]
    NotThem,
    /// It is the provider, and yet not what this provider sends.
    #[error("{0}")]
    Unreadable(String),
    /// This channel is not called.
    #[error("nobody calls this channel")]
    NotCalled,
}

/// A message to send.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Outbound {
    /// Our id of this message; it travels in the status callback's address.
    pub id: Uuid,
    /// E.164 for SMS, chat id for Telegram, an address for email.
    pub to: String,
    /// The whole text.
    pub body: String,
    /// A subject, where the channel has one (email).
    pub subject: Option<String>,
    /// Choices that a channel with buttons may show; the text already holds their numbers.
    pub buttons: Vec<Button>,
    /// Ask the person to prove their number with the channel's own button (Telegram).
    pub ask_contact: bool,
    /// How an answer finds its way back (email).
    pub correspondence: Correspondence,
}

/// What an email carries so that an answer to it is known for one.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Correspondence {
    /// What stands in the address that answers go to.
    pub token: Option<String>,
    /// The Message-ID of the email that this one answers.
    pub answers: Option<String>,
}

/// What stands before a number that is written to on WhatsApp, through Twilio.
pub const WHATSAPP: &str = "whatsapp:";

/// The phone number in somebody's address, E.164; `None` where it holds none (a Telegram chat, a name).
pub fn phone_of_address(address: &str) -> Option<&str> {
    let number = address.strip_prefix(WHATSAPP).unwrap_or(address);
    number.starts_with('+').then_some(number)
}

/// One button under a message: what it shows, and what comes back as if it had been typed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Button {
    /// What the button shows.
    pub label: String,
    /// What comes back when it is pressed.
    pub answer: String,
}

/// What a provider said when it took a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Accepted {
    /// The provider's id, by which later receipts may name the message.
    pub provider_id: String,
    /// How far it has come already.
    pub status: Status,
}

/// Why a message was not taken. The difference decides whether it may be sent again.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SendError {
    /// It certainly did not leave: no connection was made, or 429, or 503. May be sent again.
    #[error("not sent: {why}")]
    NotSent {
        /// What happened, without words, names or numbers.
        why: String,
        /// How long the provider asked us to wait.
        retry_after: Option<Duration>,
    },
    /// The provider refused for good (bad number, wrong credentials, blocked).
    #[error("refused: {why}")]
    Refused {
        /// What happened, without words, names or numbers.
        why: String,
        /// The person has stopped messages from us (Twilio 21610, Telegram 403).
        stopped: bool,
    },
    /// Nobody knows whether it left: a time-out, a lost connection, an unreadable answer.
    #[error("outcome unknown: {why}")]
    Unknown {
        /// What happened, without words, names or numbers.
        why: String,
    },
}

/// Why a provider could not be asked about messages.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// Asking again will not help until somebody changes something (credentials, a second poller).
    #[error("refused: {why}")]
    Refused {
        /// What happened, without words, names, numbers or secrets.
        why: String,
    },
    /// May work later.
    #[error("not available: {why}")]
    Unavailable {
        /// What happened, without words, names, numbers or secrets.
        why: String,
        /// How long the provider asked us to wait.
        retry_after: Option<Duration>,
    },
}

/// What the provider knows of a message whose outcome we do not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    /// It left, and this is it.
    Sent(Accepted),
    /// The provider's list was read to the end of the time in question, and it is not there.
    Absent,
    /// This provider has no list to ask, or one too long to read to its end.
    CannotAsk,
}

/// One way to reach people, ready to use.
#[derive(Debug)]
pub enum Channel {
    /// Texts through Twilio.
    Twilio(Box<twilio::Twilio>),
    /// Texts through Vonage.
    Vonage(Box<vonage::Vonage>),
    /// Texts through GOV.UK Notify.
    Notify(Box<notify::Notify>),
    /// Texts through a Kannel gateway, and what hangs on it: SMPP, GSM modems.
    Kannel(Box<kannel::Kannel>),
    /// Texts through an Android phone with a SIM.
    Android(Box<android::Android>),
    /// A Telegram bot.
    Telegram(Box<telegram::Telegram>),
    /// Email through the school's mail server.
    Email(Box<email::Email>),
    /// The demo's own phones.
    Handset,
}

impl Channel {
    /// Hands one message over, once. Takes 20 seconds at most (see each channel's time-outs), and
    /// never tries again by itself: whether it may be sent again is in the [`SendError`].
    pub async fn send(&self, out: &Outbound) -> Result<Accepted, SendError> {
        match self {
            Self::Twilio(twilio) => twilio.send(out).await,
            Self::Vonage(vonage) => vonage.send(out).await,
            Self::Notify(notify) => notify.send(out).await,
            Self::Kannel(kannel) => kannel.send(out).await,
            Self::Android(android) => android.send(out).await,
            Self::Telegram(telegram) => telegram.send(out).await,
            Self::Email(email) => email.send(out).await,
            Self::Handset => Ok(handset::deliver(out)),
        }
    }

    /// What a provider's call at `/hooks/<endpoint>` says, once it is sure who calls. Telegram's is
    /// heard elsewhere, because it wants to be answered.
    pub fn hear(&self, call: &Call<'_>) -> Result<Vec<Told>, NotHeard> {
        match self {
            Self::Twilio(twilio) => twilio.hear(call),
            Self::Vonage(vonage) => vonage.hear(call),
            Self::Notify(notify) => notify.hear(call),
            Self::Kannel(kannel) => kannel.hear(call),
            Self::Android(android) => android.hear(call),
            Self::Telegram(_) | Self::Email(_) | Self::Handset => Err(NotHeard::NotCalled),
        }
    }

    /// What it is called on screens: "texts through Twilio".
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Twilio(_) => "texts through Twilio",
            Self::Vonage(_) => "texts through Vonage",
            Self::Notify(_) => "texts through GOV.UK Notify",
            Self::Kannel(_) => "texts through Kannel",
            Self::Android(_) => "texts through an Android phone",
            Self::Telegram(_) => "Telegram",
            Self::Email(_) => "email",
            Self::Handset => "the demo's handset",
        }
    }

    /// What it can do; `None` for the demo's handset, which is no channel of anybody's.
    pub const fn abilities(&self) -> Option<Abilities> {
        match self {
            Self::Twilio(_) => Some(twilio::ABILITIES),
            Self::Vonage(_) => Some(vonage::ABILITIES),
            Self::Notify(_) => Some(notify::ABILITIES),
            Self::Kannel(_) => Some(kannel::ABILITIES),
            Self::Android(_) => Some(android::ABILITIES),
            Self::Telegram(_) => Some(telegram::ABILITIES),
            Self::Email(_) => Some(email::ABILITIES),
            Self::Handset => None,
        }
    }

    /// What came in since `since`, as the provider remembers it: the way to catch up after a gap.
    /// `None` where a provider keeps no such list (email, the handset) or hands each message over
    /// once ([`telegram::Telegram::poll`]).
    pub async fn recent(&self, since: Timestamp) -> Result<Option<Vec<Inbound>>, FetchError> {
        match self {
            Self::Twilio(twilio) => twilio.recent(since).await.map(Some),
            Self::Notify(notify) => notify.recent(since).await.map(Some),
            Self::Vonage(_)
            | Self::Kannel(_)
            | Self::Android(_)
            | Self::Telegram(_)
            | Self::Email(_)
            | Self::Handset => Ok(None),
        }
    }

    /// The content of what came with a message, from the provider's own address and nowhere else.
    pub async fn fetch(&self, media: &Media) -> Result<Vec<u8>, FetchError> {
        match self {
            Self::Twilio(twilio) => twilio.fetch(&media.reference).await,
            Self::Telegram(telegram) => telegram.fetch(&media.reference).await,
            Self::Android(_) => Err(FetchError::Refused {
                why: format!(
                    "{} hand over no files: it is on the school's phone, look at it there",
                    self.name()
                ),
            }),
            Self::Vonage(_)
            | Self::Notify(_)
            | Self::Kannel(_)
            | Self::Email(_)
            | Self::Handset => Err(FetchError::Refused {
                why: format!("{} hand over no files", self.name()),
            }),
        }
    }

    /// Looks for a message whose outcome is unknown among what the provider sent since
    /// `sent_since`. `owned` are the provider ids that other messages of ours already hold: the
    /// same words may have been sent to the same person twice on purpose.
    pub async fn find_sent(
        &self,
        out: &Outbound,
        sent_since: Timestamp,
        owned: &HashSet<String>,
    ) -> Result<Found, FetchError> {
        match self {
            Self::Twilio(twilio) => twilio.find_sent(out, sent_since, owned).await,
            Self::Notify(notify) => notify.find_sent(out).await,
            Self::Android(android) => android.find_sent(out).await,
            Self::Vonage(_) | Self::Kannel(_) | Self::Telegram(_) | Self::Email(_) => {
                Ok(Found::CannotAsk)
            }
            Self::Handset => Ok(Found::Sent(handset::deliver(out))),
        }
    }

    /// Whether this channel could send now, for `doctor`: what was reached, or what is wrong and
    /// what to do about it. Sends nothing to anybody.
    pub async fn probe(&self) -> Result<String, String> {
        match self {
            Self::Twilio(twilio) => twilio.probe().await,
            Self::Vonage(vonage) => vonage.probe().await,
            Self::Notify(notify) => notify.probe().await,
            Self::Kannel(kannel) => kannel.probe().await,
            Self::Android(android) => android.probe().await,
            Self::Telegram(telegram) => telegram.probe().await,
            Self::Email(email) => email.probe().await,
            Self::Handset => Ok("the demo's handset is built in".to_owned()),
        }
    }
}

/// The ladder of a message that goes out. Never climbed down: see [`Status::may_become`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Status {
    /// In the outbox, waiting for its time.
    Queued,
    /// Handed to a provider; the outcome is not known yet.
    Sending,
    /// The provider has it.
    Accepted,
    /// The provider has passed it on.
    Sent,
    /// It reached the phone.
    Delivered,
    /// The provider could not send it.
    Failed,
    /// It left and did not arrive.
    Undelivered,
    /// We do not know, and nobody can tell us: a person is shown it.
    Uncertain,
    /// Too late to be worth sending (a reminder of a meeting that was moved).
    Expired,
}

impl Status {
    /// The word in the database and on screens.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Sending => "sending",
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Failed => "failed",
            Self::Undelivered => "undelivered",
            Self::Uncertain => "uncertain",
            Self::Expired => "expired",
        }
    }

    /// The status a word in the database stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        const ALL: [Status; 9] = [
            Status::Queued,
            Status::Sending,
            Status::Accepted,
            Status::Sent,
            Status::Delivered,
            Status::Failed,
            Status::Undelivered,
            Status::Uncertain,
            Status::Expired,
        ];
        ALL.into_iter().find(|s| s.word() == word)
    }

    const fn rank(self) -> u8 {
        match self {
            Self::Queued => 0,
            Self::Sending => 1,
            Self::Uncertain => 2,
            Self::Accepted => 3,
            Self::Sent => 4,
            Self::Failed | Self::Undelivered | Self::Expired => 5,
            Self::Delivered => 6,
        }
    }

    /// Whether a receipt may move a message from `self` to `to`: only ever upwards, whatever order
    /// receipts arrive in. Delivery is the last word.
    pub const fn may_become(self, to: Self) -> bool {
        to.rank() > self.rank()
    }
}

/// What a provider says later about a message we sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// Our id, from the address the provider called back.
    pub outbox: Option<Uuid>,
    /// The provider's id.
    pub provider_id: Option<String>,
    /// The step of the ladder.
    pub status: Status,
    /// The provider's error code, if any.
    pub error: Option<String>,
    /// The person has stopped messages from us.
    pub stopped: bool,
    /// Where the provider reports each part of a long text by itself: which one, in its own words.
    pub part: Option<String>,
}
