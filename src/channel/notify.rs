//! Texts through GOV.UK Notify: bearer-marked callbacks in, its API out, its lists to catch up from
//! and to settle what is unknown.
//!
//! Notify sends templates only, so ours is one placeholder, and the whole text goes into it.

mod api;
pub mod callback;

use std::num::NonZeroU32;
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use reqwest::Url;
use secrecy::{ExposeSecret as _, SecretString};
use serde_json::json;
use sha2::Sha256;
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::{
    Abilities, Accepted, Call, FetchError, Found, Inbound, NotHeard, Outbound, SendError, Status,
    Told, http,
};
use crate::clock::Clock;
use api::{Fault, Received, Sent, SentPage, Template};

/// What it can do.
pub(super) const ABILITIES: Abilities = Abilities {
    kind: "notify",
    name: "GOV.UK Notify",
    known_by: "a bearer token",
    receipts: "to `delivered`",
    files: false,
    catches_up: true,
    polls: true,
    can_be_asked: true,
    buttons: false,
    longest: Some(LONGEST),
    // "3,000 messages per minute", of all a service sends.
    per_minute: NonZeroU32::new(3000),
    page: "notify.md",
};

/// Notify's own address; a test has another.
pub const API: &str = "https://api.notifications.service.gov.uk";

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The longest text Notify takes (its page "Text message length"): six parts.
const LONGEST: usize = 918;

/// What the template has to be, and the placeholder's name.
const TEMPLATE: &str = "((message))";

/// Pages read of one list, at most: Notify keeps texts for a week, 250 a page.
const MOST_PAGES: usize = 20;

/// What it needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// [`API`] but in tests.
    pub api: String,
    /// `name-<service id>-<secret>`.
    pub key: SecretString,
    /// A template whose whole body is `((message))`.
    pub template: String,
    /// What Notify shows with each callback.
    pub callback_token: SecretString,
}

/// One service at Notify.
#[derive(Debug)]
pub struct Notify {
    http: reqwest::Client,
    api: Url,
    service: String,
    secret: SecretString,
    template: String,
    callback_token: SecretString,
}

impl Notify {
    /// # Errors
    /// What is wrong with the settings, as a sentence.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let api = Url::parse(&settings.api)
            .ok()
            .filter(|url| !url.cannot_be_a_base())
            .ok_or("Notify's api_base is not an address such as https://example.org")?;
        let (service, secret) = halves(settings.key.expose_secret()).ok_or(
            "the Notify api_key is a name, the service's id and a secret, all joined by `-`: copy \
             the whole of what Notify shows when a key is made",
        )?;
        if Uuid::parse_str(&settings.template).is_err() {
            return Err(
                "the Notify template_id is not an id such as Notify shows under the \
                        template's name"
                    .to_owned(),
            );
        }
        if settings.callback_token.expose_secret().is_empty() {
            return Err(
                "the Notify callback_token is empty: make one up, of ten letters or more, \
                        and give it to Notify with the callbacks' addresses"
                    .to_owned(),
            );
        }
        Ok(Self {
            http: http::client(TIMEOUT).map_err(|_| http::NO_AUTHORITIES.to_owned())?,
            api,
            service: service.to_owned(),
            secret: secret.into(),
            template: settings.template.clone(),
            callback_token: settings.callback_token.clone(),
        })
    }

    /// Asks Notify to send one text.
    pub async fn send(&self, out: &Outbound) -> Result<Accepted, SendError> {
        let length = out.body.chars().count();
        if length > LONGEST {
            return Err(SendError::Refused {
                why: format!("the text has {length} characters, and GOV.UK Notify takes {LONGEST}"),
                stopped: false,
            });
        }
        let request = json!({
            "phone_number": out.to,
            "template_id": self.template,
            "personalisation": { "message": out.body },
            "reference": out.id.to_string(),
        });
        let request = self
            .http
            .post(self.under("v2/notifications/sms"))
            .json(&request);
        let response = match request.bearer_auth(self.token()).send().await {
            Ok(response) => response,
            Err(error) => return Err(http::not_answered("Notify", &error)),
        };
        let status = response.status();
        let retry_after = http::retry_after(response.headers());
        // An answer that breaks off is read as what there is of it, which is not JSON.
        let body = response.bytes().await.unwrap_or_default();
        if status.is_success() {
            return match serde_json::from_slice::<Sent>(&body) {
                // It is queued: how it fares is told by receipts.
                Ok(sent) => Ok(Accepted {
                    provider_id: sent.id,
                    status: Status::Accepted,
                }),
                Err(_) => Err(SendError::Unknown {
                    why: format!(
                        "Notify answered HTTP {} without a message id",
                        status.as_u16()
                    ),
                }),
            };
        }
        let why = Fault::read(&body).why(status);
        Err(http::not_sent(status, why, retry_after))
    }

    /// What a callback says: see [`callback`]. Which of the two addresses was called does not
    /// matter where the body says what it is: at Notify they are easily swapped.
    pub fn hear(&self, call: &Call<'_>) -> Result<Vec<Told>, NotHeard> {
        let shown = call.header("authorization").unwrap_or_default();
        let shown = shown.strip_prefix("Bearer ").unwrap_or_default();
        let token = self.callback_token.expose_secret().as_bytes();
        if !bool::from(token.ct_eq(shown.as_bytes())) {
            return Err(NotHeard::NotThem);
        }
        match callback::told(call.body, call.status) {
            Ok(Told::Nothing) => Ok(Vec::new()),
            Ok(told) => Ok(vec![told]),
            Err(wrong) => Err(NotHeard::Unreadable(wrong.to_string())),
        }
    }

    /// Texts that came in since `since`, in the order they came.
    pub async fn recent(&self, since: Timestamp) -> Result<Vec<Inbound>, FetchError> {
        let mut texts = Vec::new();
        let mut older_than: Option<String> = None;
        'pages: for _ in 0..MOST_PAGES {
            let mut url = self.under("v2/received-text-messages");
            if let Some(id) = &older_than {
                url.query_pairs_mut().append_pair("older_than", id);
            }
            let page: Received = self.get(url).await?;
            // Newest first; a page is followed until there is an empty one.
            let Some(last) = page.received_text_messages.last() else {
                break;
            };
            older_than = Some(last.id.clone());
            for text in page.received_text_messages {
                let inbound = text.inbound();
                if inbound.sent_at.is_some_and(|at| at < since) {
                    break 'pages;
                }
                texts.push(inbound);
            }
        }
        texts.reverse();
        Ok(texts)
    }

    /// What became of a message whose outcome is unknown: its reference is our id.
    pub async fn find_sent(&self, out: &Outbound) -> Result<Found, FetchError> {
        let reference = out.id.to_string();
        let mut url = self.under("v2/notifications");
        url.query_pairs_mut().append_pair("reference", &reference);
        let page: SentPage = self.get(url).await?;
        let mut notifications = page.notifications.into_iter();
        let ours = notifications.find(|one| one.reference.as_ref() == Some(&reference));
        Ok(match ours {
            Some(sent) => Found::Sent(Accepted {
                status: callback::status(&sent.status).unwrap_or(Status::Accepted),
                provider_id: sent.id,
            }),
            None => Found::Absent,
        })
    }

    /// Whether the key works and the template is the one it has to be. Whether the service is still
    /// in trial mode cannot be asked.
    pub async fn probe(&self) -> Result<String, String> {
        let url = self.under(&format!("v2/template/{}", self.template));
        let template: Template = match self.get(url).await {
            Ok(template) => template,
            Err(FetchError::Refused { why }) => return Err(why),
            Err(FetchError::Unavailable { why, .. }) => {
                return Err(format!(
                    "{why}: see whether this machine may reach {} and status.notifications.service.gov.uk",
                    self.api
                ));
            }
        };
        if template.kind != "sms" {
            return Err(format!(
                "the Notify template is not a text message: make a text message template whose \
                 whole content is {TEMPLATE}, and put its id into template_id"
            ));
        }
        // Notify keeps a line's end at the end; it sends none.
        if template.body.trim() != TEMPLATE {
            return Err(format!(
                "the Notify template is not right: edit it so that its whole content is \
                 {TEMPLATE}, with nothing before or after it"
            ));
        }
        Ok("GOV.UK Notify takes the key, and the template is right".to_owned())
    }

    async fn get<T: serde::de::DeserializeOwned>(&self, url: Url) -> Result<T, FetchError> {
        let unavailable = |why: &str| FetchError::Unavailable {
            why: why.to_owned(),
            retry_after: None,
        };
        let response = match self.http.get(url).bearer_auth(self.token()).send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                return Err(unavailable("no connection to Notify"));
            }
            Err(_) => return Err(unavailable("Notify did not answer in time")),
        };
        let status = response.status();
        let retry_after = http::retry_after(response.headers());
        let body = response.bytes().await.unwrap_or_default();
        if status.is_success() {
            return serde_json::from_slice(&body)
                .map_err(|_| unavailable("Notify's answer could not be read"));
        }
        let why = Fault::read(&body).why(status);
        Err(http::not_fetched(status, why, retry_after))
    }

    /// A token for one request: Notify takes it for 30 seconds, by the real time.
    fn token(&self) -> String {
        let now = Clock::real().now();
        token(&self.service, self.secret.expose_secret(), now)
    }

    fn under(&self, path: &str) -> Url {
        let mut url = self.api.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }
}

/// Which service a key is of; `None` for what is no key.
pub fn service_of(key: &str) -> Option<&str> {
    halves(key).map(|(service, _)| service)
}

/// The service's id and the secret: the last two UUIDs of a key, whose name may have `-` as well.
fn halves(key: &str) -> Option<(&str, &str)> {
    const UUID: usize = 36;
    let is_id = |text: &str| Uuid::parse_str(text).is_ok();
    let (rest, secret) = key
        .trim()
        .split_at_checked(key.trim().len().checked_sub(UUID)?)?;
    let rest = rest.strip_suffix('-')?;
    let (name, service) = rest.split_at_checked(rest.len().checked_sub(UUID)?)?;
    (name.ends_with('-') && is_id(service) && is_id(secret)).then_some((service, secret))
}

/// A JSON Web Token (RFC 7519) as Notify's page "Authorisation header" describes it: HS256, who and
/// when.
fn token(service: &str, secret: &str, now: Timestamp) -> String {
    let part = |json: &str| URL_SAFE_NO_PAD.encode(json);
    let header = part(r#"{"alg":"HS256","typ":"JWT"}"#);
    // The service's id is a UUID, so nothing in it wants escaping.
    let claims = part(&format!(
        r#"{{"iss":"{service}","iat":{}}}"#,
        now.as_second()
    ));
    let signed = format!("{header}.{claims}");
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else {
        return signed; // HMAC takes keys of any length; without a signature Notify says 403.
    };
    mac.update(signed.as_bytes());
    let signature = URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes());
    format!("{signed}.{signature}")
}

#[cfg(test)]
mod tests;
