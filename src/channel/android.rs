//! Texts through an Android phone with a SIM, running SMS Gateway for Android: signed webhooks in,
//! its API out (the phone's own, or the relay's at sms-gate.app).
//!
//! Rules from docs.sms-gate.app ("Sending Messages", "Webhooks", "Status Tracking"), and from the
//! project's own client and server. The relay keeps no list of texts that came in (its `/inbox`
//! answers 501), and the phone's list names them otherwise than its webhooks do: so there is
//! nothing to catch up from. The phone itself tries a webhook again for two days.

use std::num::NonZeroU32;
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use reqwest::{RequestBuilder, StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use serde_json::json;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{
    Abilities, Accepted, Call, FetchError, Found, Inbound, Media, NotHeard, Outbound, Receipt,
    SendError, Status, Told, http,
};
use crate::phone::Phone;

/// What it can do.
pub(super) const ABILITIES: Abilities = Abilities {
    kind: "android",
    name: "Android phone",
    known_by: "HMAC-SHA256 over the body and its time, good for five minutes",
    receipts: "to `delivered`",
    files: false,
    catches_up: false,
    polls: false,
    can_be_asked: true,
    buttons: false,
    longest: None,
    // A SIM sends about one in three seconds; its page says what Android asks its owner.
    per_minute: NonZeroU32::new(20),
    page: "android.md",
};

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// How far the phone's clock may be from ours in a signature: what its documentation advises.
const WINDOW: u64 = 5 * 60;

/// The gateway's words for where a message is, and ours: the seven states of its API, then the four
/// events of its webhooks.
pub const STATUSES: &[(&str, Status)] = &[
    ("Pending", Status::Accepted),
    ("Processed", Status::Accepted), // handed to Android, which has not said yet that it sent it
    ("Sent", Status::Sent),
    ("Delivered", Status::Delivered),
    ("Failed", Status::Failed),
    ("Cancelling", Status::Accepted), // too late, perhaps
    ("Cancelled", Status::Failed),
    ("sms:sent", Status::Sent),
    ("sms:delivered", Status::Delivered),
    ("sms:failed", Status::Failed),
    ("sms:cancelled", Status::Failed),
];

/// What it needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The phone's own address, or the relay's.
    pub api: String,
    /// As the app shows it.
    pub username: String,
    /// As the app shows it.
    pub password: SecretString,
    /// Signs webhooks.
    pub signing_key: SecretString,
    /// Which SIM to send with, from 1.
    pub sim: Option<u8>,
}

/// One phone, or one account at the relay.
#[derive(Debug)]
pub struct Android {
    http: reqwest::Client,
    api: Url,
    settings: Settings,
}

/// A message as the API tells it.
#[derive(Deserialize)]
struct State {
    id: String,
    state: String,
}

impl State {
    /// How far it has come; a word that is new to us means at least that the gateway has it.
    fn accepted(self) -> Accepted {
        Accepted {
            status: status(&self.state).unwrap_or(Status::Accepted),
            provider_id: self.id,
        }
    }
}

/// A phone as the API tells it.
#[derive(Deserialize)]
struct Device {
    #[serde(rename = "lastSeen")]
    last_seen: Option<String>,
}

impl Device {
    fn last_seen(&self) -> Option<Timestamp> {
        self.last_seen.as_deref()?.parse().ok()
    }
}

/// What a webhook posts.
#[derive(Deserialize)]
struct Event {
    id: Option<String>,
    event: String,
    #[serde(default)]
    payload: Payload,
}

/// What an event is about, as far as we read it. `phoneNumber` is what apps before February 2026
/// call the `sender`. The `reason` of a failure is free text, so only its code is read.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase")]
struct Payload {
    message_id: Option<String>,
    sender: Option<String>,
    phone_number: Option<String>,
    message: Option<String>,
    received_at: Option<String>,
    reason: Option<String>,
    /// Of a picture message: its words, its subject, what is in it.
    body: Option<String>,
    subject: Option<String>,
    #[serde(default)]
    attachments: Vec<Attachment>,
    content_class: Option<String>,
}

/// Something in a picture message. Its content stays on the phone.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Attachment {
    content_type: Option<String>,
}

impl Android {
    /// # Errors
    /// What is wrong with the settings, as a sentence.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let api = Url::parse(&settings.api)
            .ok()
            .filter(|url| !url.cannot_be_a_base() && url.has_host())
            .ok_or("the phone's api_base is not an address such as https://example.org")?;
        if settings.signing_key.expose_secret().is_empty() {
            return Err("the phone's signing key is empty".to_owned());
        }
        Ok(Self {
            http: http::client(TIMEOUT).map_err(|_| http::NO_AUTHORITIES.to_owned())?,
            api,
            settings: settings.clone(),
        })
    }

    /// Hands one text over under our own id, which makes a second try harmless.
    pub async fn send(&self, out: &Outbound) -> Result<Accepted, SendError> {
        let mut message = json!({
            "id": out.id.to_string(),
            "phoneNumbers": [out.to],
            "textMessage": {"text": out.body},
            "withDeliveryReport": true,
        });
        if let Some(sim) = self.settings.sim {
            message["simNumber"] = sim.into();
        }
        let request = self.http.post(self.at(&["messages"])).json(&message);
        let response = match self.signed_in(request).send().await {
            Ok(response) => response,
            Err(error) => return Err(http::not_answered("the phone", &error)),
        };
        let status = response.status();
        let retry_after = http::retry_after(response.headers());
        let body = response.bytes().await.unwrap_or_default();
        if status.is_success() {
            return match serde_json::from_slice::<State>(&body) {
                Ok(state) if !state.id.is_empty() => Ok(state.accepted()),
                _ => Err(SendError::Unknown {
                    why: format!("{} without a message id", answered(status)),
                }),
            };
        }
        let why = answered(status);
        Err(match status {
            // It has our id already: an earlier try arrived.
            StatusCode::CONFLICT => {
                return Ok(Accepted {
                    provider_id: out.id.to_string(),
                    status: Status::Accepted,
                });
            }
            status => http::not_sent(status, why, retry_after),
        })
    }

    /// What a signed webhook says.
    pub fn hear(&self, call: &Call<'_>) -> Result<Vec<Told>, NotHeard> {
        if !self.signed(call) {
            return Err(NotHeard::NotThem);
        }
        // Lossily: a parent's words are not refused for one byte that is no UTF-8.
        let text = String::from_utf8_lossy(call.body);
        let event: Event = serde_json::from_str(&text)
            .map_err(|_| NotHeard::Unreadable("the phone's webhook is no event".to_owned()))?;
        let told = match event.event.as_str() {
            "sms:received" => Told::Message(inbound(event)?),
            "mms:received" | "mms:downloaded" => Told::Message(picture_message(event)?),
            word => match status(word) {
                Some(status) => Told::Receipt(receipt(event.id, event.payload, status)?),
                None => Told::Nothing,
            },
        };
        Ok(vec![told])
    }

    /// Whether the app answers and knows us, and when the phone was last heard of.
    pub async fn probe(&self) -> Result<String, String> {
        let mut devices = self.get::<Vec<Device>>(&["devices"]).await;
        // The phone's own server says `device`.
        if matches!(&devices, Err((_, Some(StatusCode::NOT_FOUND)))) {
            devices = self.get(&["device"]).await;
        }
        let seen = match devices {
            Ok(devices) if devices.is_empty() => {
                return Err(
                    "no phone is signed in to this account: open the app on the phone, and \
                     switch it on"
                        .to_owned(),
                );
            }
            Ok(devices) => devices.iter().filter_map(Device::last_seen).max(),
            Err((
                FetchError::Refused { why },
                Some(StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN),
            )) => {
                return Err(format!(
                    "{why}: compare the user name and the password with those that the app shows"
                ));
            }
            Err((FetchError::Refused { why }, _)) => {
                return Err(format!(
                    "{why}: api_base is not the address that the app shows"
                ));
            }
            Err((FetchError::Unavailable { why, .. }, _)) => {
                let at = self.api.origin().ascii_serialization();
                return Err(format!(
                    "{why}: see whether the app is switched on, and this machine may reach {at}"
                ));
            }
        };
        Ok(match seen {
            Some(at) => {
                format!("the phone's gateway answers; the phone was last heard of at {at:.0}")
            }
            None => "the phone's gateway answers".to_owned(),
        })
    }

    /// What became of a message whose outcome is unknown, by the id that we gave it.
    pub async fn find_sent(&self, out: &Outbound) -> Result<Found, FetchError> {
        match self.get::<State>(&["messages", &out.id.to_string()]).await {
            Ok(state) => Ok(Found::Sent(state.accepted())),
            Err((_, Some(StatusCode::NOT_FOUND))) => Ok(Found::Absent),
            Err((error, _)) => Err(error),
        }
    }

    async fn get<T: serde::de::DeserializeOwned>(
        &self,
        path: &[&str],
    ) -> Result<T, (FetchError, Option<StatusCode>)> {
        let unavailable = |why: String| FetchError::Unavailable {
            why,
            retry_after: None,
        };
        let request = self.signed_in(self.http.get(self.at(path)));
        let response = match request.send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                return Err((unavailable("no connection to the phone".to_owned()), None));
            }
            Err(_) => {
                let why = "the phone did not answer in time".to_owned();
                return Err((unavailable(why), None));
            }
        };
        let status = response.status();
        let retry_after = http::retry_after(response.headers());
        let body = response.bytes().await.unwrap_or_default();
        if status.is_success() {
            let unreadable = |_| unavailable("the phone's answer could not be read".to_owned());
            return serde_json::from_slice(&body).map_err(|e| (unreadable(e), None));
        }
        let why = answered(status);
        let error = http::not_fetched(status, why, retry_after);
        Err((error, Some(status)))
    }

    /// HMAC-SHA256 in hexadecimal over the body and `X-Timestamp`. The phone signs anew whenever it
    /// tries again, so an old signature is a replay.
    fn signed(&self, call: &Call<'_>) -> bool {
        let (Some(signature), Some(written)) =
            (call.header("x-signature"), call.header("x-timestamp"))
        else {
            return false;
        };
        let recent = written
            .parse::<i64>()
            .is_ok_and(|at| call.now.as_second().abs_diff(at) <= WINDOW);
        let key = self.settings.signing_key.expose_secret().as_bytes();
        let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(key) else {
            return false; // HMAC takes keys of any length.
        };
        mac.update(call.body);
        mac.update(written.as_bytes());
        let bytes = mac.finalize().into_bytes();
        let right: String = bytes.iter().map(|byte| format!("{byte:02x}")).collect();
        recent & bool::from(right.as_bytes().ct_eq(signature.as_bytes()))
    }

    fn signed_in(&self, request: RequestBuilder) -> RequestBuilder {
        let password = self.settings.password.expose_secret();
        request.basic_auth(&self.settings.username, Some(password))
    }

    fn at(&self, path: &[&str]) -> Url {
        let mut url = self.api.clone();
        // Only an address that cannot be a base has no segments, and `new` took none.
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().extend(path);
        }
        url
    }
}

fn status(word: &str) -> Option<Status> {
    let (_, status) = STATUSES.iter().find(|(known, _)| *known == word)?;
    Some(*status)
}

fn answered(status: StatusCode) -> String {
    format!("the phone's gateway answered HTTP {}", status.as_u16())
}

/// A text that came in. The app hands it over more than once, each time as another event
/// (capcom6/android-sms-gateway#291). Its `messageId` is the same then, but it is a hash of 32 bits
/// that "is not guaranteed to be unique", and from some versions of the app it is the same for the
/// same words on another day (#394): so the time of receipt, which a repeat shares, belongs to the
/// key. A second "yes" must be heard.
fn inbound(event: Event) -> Result<Inbound, NotHeard> {
    let lacks = |what: &str| NotHeard::Unreadable(format!("the phone's text lacks `{what}`"));
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    let payload = event.payload;
    let sender = some(payload.sender).or(some(payload.phone_number));
    let sender = sender.ok_or_else(|| lacks("sender"))?;
    let id = some(payload.message_id).or(some(event.id));
    let id = id.ok_or_else(|| lacks("messageId"))?;
    let words = payload.message.ok_or_else(|| lacks("message"))?;
    let received = payload.received_at.as_deref();
    let sent_at = received.and_then(|at| at.parse::<Timestamp>().ok());
    let from = Phone::parse(&sender).map_or(sender, |phone| phone.e164().to_owned());
    Ok(Inbound {
        provider_id: match sent_at {
            Some(at) => format!("{id}@{}", at.as_millisecond()),
            None => id,
        },
        from,
        body: words.into_bytes(),
        sent_at,
        ..Inbound::default()
    })
}

/// A picture message: what it says, and that something came with it which a person looks at on the
/// phone. `mms:received` tells of one that the phone has not fetched yet, `mms:downloaded` of the same
/// once it has: each is heard by itself, because either may be all that comes.
fn picture_message(event: Event) -> Result<Inbound, NotHeard> {
    let some = |text: &Option<String>| text.clone().filter(|text| !text.trim().is_empty());
    let payload = &event.payload;
    let fetched = event.event == "mms:downloaded";
    let (subject, body) = (some(&payload.subject), some(&payload.body));
    let words = match (subject, body) {
        (Some(subject), Some(body)) if !body.contains(&subject) => format!("{subject}\n{body}"),
        (subject, body) => body.or(subject).unwrap_or_default(),
    };
    let seen = |kind: &String| {
        let kind = kind.to_lowercase();
        kind != "text/plain" && kind != "application/smil"
    };
    let kinds = payload.attachments.iter();
    let mut kinds: Vec<String> = kinds
        .filter_map(|a| some(&a.content_type))
        .filter(seen)
        .collect();
    let class = payload.content_class.as_deref().unwrap_or_default();
    if !fetched && class != "TEXT" {
        let kind = match class {
            class if class.starts_with("IMAGE") => "image/*",
            class if class.starts_with("VIDEO") => "video/*",
            _ => "application/octet-stream",
        };
        kinds.push(kind.to_owned());
    }
    let media = kinds.into_iter().map(|content_type| Media {
        content_type,
        reference: String::new(),
    });
    let media = media.collect();
    let of_this_event = if fetched { ":content" } else { "" };
    let inbound = inbound(Event {
        payload: Payload {
            message: Some(words),
            ..event.payload
        },
        ..event
    })?;
    Ok(Inbound {
        provider_id: format!("{}{of_this_event}", inbound.provider_id),
        media,
        ..inbound
    })
}

/// A receipt. The app sends one for each part of a long text.
fn receipt(event: Option<String>, payload: Payload, status: Status) -> Result<Receipt, NotHeard> {
    let id = payload.message_id.filter(|id| !id.is_empty());
    let id =
        id.ok_or_else(|| NotHeard::Unreadable("the phone's receipt lacks `messageId`".to_owned()))?;
    let error = payload.reason.as_deref().and_then(code);
    Ok(Receipt {
        outbox: Uuid::parse_str(&id).ok(),
        provider_id: Some(id),
        status,
        error,
        stopped: false,
        // The event's own id, which is the same when the app sends it again.
        part: event,
    })
}

/// Android's code in the reason of a failure, such as `RESULT_ERROR_LIMIT_EXCEEDED`. The rest is
/// free text, which may quote a number.
fn code(reason: &str) -> Option<String> {
    let part_of_word = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
    let mut words = reason.split(|c| !part_of_word(c));
    words
        .find(|word| word.starts_with("RESULT_"))
        .map(str::to_owned)
}

#[cfg(test)]
mod tests;
