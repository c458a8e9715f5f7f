//! What Notify's API answers, as far as we read it.

use reqwest::StatusCode;
use serde::Deserialize;

use super::callback::e164;
use crate::channel::Inbound;

/// A text that was taken, or that stands in the list of those.
#[derive(Deserialize)]
pub(super) struct Sent {
    pub id: String,
    pub reference: Option<String>,
    #[serde(default)]
    pub status: String,
}

/// Texts with one reference, newest first.
#[derive(Deserialize)]
pub(super) struct SentPage {
    pub notifications: Vec<Sent>,
}

/// Texts that came in, newest first.
#[derive(Deserialize)]
pub(super) struct Received {
    pub received_text_messages: Vec<ReceivedText>,
}

/// One of them.
#[derive(Deserialize)]
pub(super) struct ReceivedText {
    pub id: String,
    user_number: String,
    content: String,
    created_at: String,
}

impl ReceivedText {
    /// The same as the callback would have said, by the same id.
    pub fn inbound(self) -> Inbound {
        Inbound {
            from: e164(&self.user_number),
            body: self.content.into_bytes(),
            sent_at: self.created_at.parse().ok(),
            provider_id: self.id,
            ..Inbound::default()
        }
    }
}

/// A template, as far as it matters.
#[derive(Deserialize)]
pub(super) struct Template {
    #[serde(rename = "type")]
    pub kind: String,
    pub body: String,
}

/// A refusal. Its `message` is not read: it may quote what was sent, and Notify asks not to rely on
/// it.
#[derive(Deserialize, Default)]
pub(super) struct Fault {
    #[serde(default)]
    errors: Vec<One>,
}

#[derive(Deserialize)]
struct One {
    #[serde(default)]
    error: String,
}

impl Fault {
    pub fn read(body: &[u8]) -> Self {
        serde_json::from_slice(body).unwrap_or_default()
    }

    /// What happened and what to do, by Notify's page "Error messages".
    pub fn why(&self, status: StatusCode) -> String {
        let kind = self.errors.first().map_or("", |one| one.error.as_str());
        let remedy = match (status.as_u16(), kind) {
            (400, "ValidationError") => ": the number is not one that it can text",
            (400, _) => {
                ": the service may be in trial mode, the key for the team only, or texts abroad \
                 turned off in the service's settings"
            }
            (401 | 403, _) => {
                ": compare api_key with the API keys at Notify, and see that this machine's clock \
                 is right to within 30 seconds"
            }
            (404, _) => ": compare template_id with the template's id at Notify",
            (429, "TooManyRequestsError") => ": today's limit of texts is used up",
            (429, _) => ": too many requests a minute",
            _ => "",
        };
        // The kind is Notify's word, and still not to be trusted with a log.
        let word =
            !kind.is_empty() && kind.len() <= 40 && kind.bytes().all(|b| b.is_ascii_alphabetic());
        let kind = if word {
            format!(" {kind}")
        } else {
            String::new()
        };
        format!("Notify answered HTTP {}{kind}{remedy}", status.as_u16())
    }
}
