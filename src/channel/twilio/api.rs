//! What Twilio's REST API answers, as far as we read it.

use jiff::Timestamp;
use reqwest::StatusCode;
use serde::Deserialize;

use super::{Sender, webhook};
use crate::channel::{Accepted, Inbound, Media, Status};

/// One page of the list of messages, newest first.
#[derive(Deserialize)]
pub(super) struct Page {
    pub messages: Vec<Listed>,
    pub next_page_uri: Option<String>,
}

/// A message as Twilio keeps it; also its answer when it takes one.
#[derive(Deserialize)]
pub(super) struct Listed {
    pub sid: String,
    #[serde(default)]
    status: String,
    #[serde(default)]
    direction: String,
    from: Option<String>,
    pub body: Option<String>,
    num_media: Option<String>,
    date_created: Option<String>,
    date_sent: Option<String>,
    messaging_service_sid: Option<String>,
}

impl Listed {
    /// How far our message has come; a word that is new to us means at least that Twilio has it.
    pub fn accepted(&self) -> Accepted {
        Accepted {
            provider_id: self.sid.clone(),
            status: webhook::status(&self.status).unwrap_or(Status::Accepted),
        }
    }

    pub fn came_in(&self, to: &Sender) -> bool {
        self.direction == "inbound" && self.is_of(to)
    }

    /// Sent by us through the API, not received (`inbound`) nor an answer of Twilio's own to a
    /// webhook (`outbound-reply`).
    pub fn went_out(&self, from: &Sender) -> bool {
        self.direction == "outbound-api" && self.is_of(from)
    }

    /// Lists are asked for by number; a service's are picked out here.
    fn is_of(&self, sender: &Sender) -> bool {
        match sender {
            Sender::Number(_) => true,
            Sender::Service(sid) => self.messaging_service_sid.as_ref() == Some(sid),
        }
    }

    pub fn created(&self) -> Option<Timestamp> {
        moment(self.date_created.as_deref()?)
    }

    pub fn media_count(&self) -> usize {
        let count = self.num_media.as_deref().unwrap_or_default();
        count.parse().unwrap_or(0)
    }

    pub fn inbound(self, media: Vec<Media>) -> Inbound {
        let sent_at = self.date_sent.as_deref().and_then(moment);
        Inbound {
            sent_at: sent_at.or_else(|| self.created()),
            provider_id: self.sid,
            from: self.from.unwrap_or_default(),
            body: self.body.unwrap_or_default().into_bytes(),
            media,
            ..Inbound::default()
        }
    }
}

/// Twilio writes moments as RFC 2822: `Sun, 22 Nov 2026 08:30:00 +0000`.
fn moment(text: &str) -> Option<Timestamp> {
    let zoned = jiff::fmt::rfc2822::parse(text).ok()?;
    Some(zoned.timestamp())
}

/// What came with one message.
#[derive(Deserialize)]
pub(super) struct MediaPage {
    pub media_list: Vec<ListedMedia>,
}

#[derive(Deserialize)]
pub(super) struct ListedMedia {
    pub content_type: String,
    pub uri: String,
}

/// The account itself.
#[derive(Deserialize)]
pub(super) struct Account {
    pub status: String,
    #[serde(rename = "type")]
    pub kind: Option<String>,
}

/// A refusal. Its `message` is not read: it quotes numbers.
#[derive(Deserialize, Default)]
pub(super) struct Fault {
    #[serde(default)]
    pub code: u32,
}

impl Fault {
    pub fn why(&self, status: StatusCode) -> String {
        let what = match self.code {
            0 => String::new(),
            code => format!(", Twilio's error {code} (twilio.com/docs/api/errors/{code})"),
        };
        format!("Twilio answered HTTP {}{what}", status.as_u16())
    }
}
