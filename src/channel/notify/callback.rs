//! What Notify calls us with: an incoming text, a delivery receipt. Check the bearer token first.
//!
//! Rules from its page "Callbacks". It tries again only where it had no answer, 429, or 500 and
//! above, five times in 25 minutes; so whatever can be read is read, and what cannot is fetched
//! from its list.

use serde_json::Value;
use uuid::Uuid;

use crate::channel::{Inbound, Receipt, Status, Told};
use crate::phone::Phone;

/// Notify's words for where a message is, and ours: the eight of texts ("Text message status
/// descriptions"), then those of emails and letters, which are not ours, and `failed`, by which its
/// list may be asked for three of the others.
pub const STATUSES: &[(&str, Option<Status>)] = &[
    ("created", Some(Status::Accepted)),
    ("sending", Some(Status::Sent)),
    ("pending", Some(Status::Sent)),
    ("sent", Some(Status::Sent)),
    ("delivered", Some(Status::Delivered)),
    ("permanent-failure", Some(Status::Undelivered)),
    ("temporary-failure", Some(Status::Undelivered)),
    ("technical-failure", Some(Status::Failed)),
    ("failed", Some(Status::Failed)),
    ("accepted", None),
    ("cancelled", None),
    ("pending-virus-check", None),
    ("received", None),
    ("returned-letter", None),
    ("validation-failed", None),
    ("virus-scan-failed", None),
];

/// What one of Notify's words means for a text of ours; unknown words mean nothing yet.
pub(super) fn status(word: &str) -> Option<Status> {
    let (_, status) = STATUSES.iter().find(|(known, _)| *known == word)?;
    *status
}

/// A callback that is not what Notify sends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// Not a JSON object.
    #[error("Notify's callback is not JSON")]
    NotJson,
    /// A field that Notify always sends.
    #[error("Notify's callback has no `{0}`")]
    Missing(&'static str),
}

/// Reads a callback. What it is about is in the fields; only where they say neither, the address
/// does (`is_receipt`).
///
/// # Errors
/// [`Wrong`] when it is neither a text nor a receipt.
pub fn told(body: &[u8], is_receipt: bool) -> Result<Told, Wrong> {
    // Bytes that are not UTF-8 cost their letters, not the message.
    let json: Value = serde_json::from_slice(body)
        .or_else(|_| serde_json::from_str(&String::from_utf8_lossy(body)))
        .map_err(|_| Wrong::NotJson)?;
    if !json.is_object() {
        return Err(Wrong::NotJson);
    }
    let text = |name: &str| json[name].as_str().filter(|text| !text.is_empty());
    let need = |name: &'static str| text(name).ok_or(Wrong::Missing(name));
    // Complaints about emails and returned letters name what they are about otherwise.
    if text("notification_id").is_some() {
        return Ok(Told::Nothing);
    }
    match (text("source_number"), text("status")) {
        (None, None) if is_receipt => Err(Wrong::Missing("status")),
        (None, None) => Err(Wrong::Missing("source_number")),
        (Some(from), _) => Ok(Told::Message(Inbound {
            provider_id: need("id")?.to_owned(),
            from: e164(from),
            body: text("message").unwrap_or_default().as_bytes().to_vec(),
            sent_at: text("date_received").and_then(|at| at.parse().ok()),
            ..Inbound::default()
        })),
        (None, Some(word)) => {
            let id = need("id")?;
            let is_text = text("notification_type").is_none_or(|kind| kind == "sms");
            let Some(status) = status(word).filter(|_| is_text) else {
                return Ok(Told::Nothing);
            };
            let failed = matches!(status, Status::Failed | Status::Undelivered);
            Ok(Told::Receipt(Receipt {
                // A message of somebody else's, through the same service, has another reference.
                outbox: text("reference").and_then(|id| Uuid::parse_str(id).ok()),
                provider_id: Some(id.to_owned()),
                status,
                error: failed.then(|| format!("Notify's {word}")),
                stopped: false,
                part: None,
            }))
        }
    }
}

/// Notify writes UK numbers as 07700900111 or 447700900111, others with their country's code. What
/// is no number, such as a sender's name, stays as it is.
pub(super) fn e164(number: &str) -> String {
    let known = if number.starts_with(['0', '+']) {
        Phone::parse(number)
    } else {
        Phone::parse(&format!("+{number}"))
    };
    known.map_or_else(|_| number.to_owned(), |phone| phone.e164().to_owned())
}

#[cfg(test)]
mod tests;
