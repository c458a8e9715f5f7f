//! Texts through Vonage's SMS API: signed webhooks in, its REST API out.
//!
//! Vonage keeps no list of texts that this API could be asked for, so what its webhooks did not
//! bring cannot be fetched, and an unknown outcome is settled by a receipt or by a person.

mod api;
pub mod webhook;

use std::num::NonZeroU32;
use std::time::Duration;

use reqwest::{RequestBuilder, Url};
use secrecy::{ExposeSecret as _, SecretString};
use uuid::Uuid;

use super::{Abilities, Accepted, Call, NotHeard, Outbound, SendError, Told, http};
use crate::text::gsm7;
use api::{Answer, Balance};

/// What it can do.
pub(super) const ABILITIES: Abilities = Abilities {
    kind: "vonage",
    name: "Vonage",
    known_by: "a signature by the signature secret, good for a day",
    receipts: "to `delivered`",
    files: false,
    catches_up: false,
    polls: false,
    can_be_asked: false,
    buttons: false,
    longest: Some(3200),
    // "30 API requests per second."
    per_minute: NonZeroU32::new(1800),
    page: "vonage.md",
};

/// Vonage's own address; a test has another.
pub const API: &str = "https://rest.nexmo.com";

/// How long one request may take.
const TIMEOUT: Duration = Duration::from_secs(15);

/// The longest `callback` Vonage takes (its SMS API reference). A longer one is status 23, and the
/// text does not leave.
const LONGEST_CALLBACK: usize = 100;

/// How Vonage signs webhooks: the choices of its dashboard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignatureMethod {
    /// MD5 over the fields and the secret: what old accounts have.
    Md5Hash,
    /// HMAC with SHA-1.
    Sha1,
    /// HMAC with SHA-256.
    Sha256,
    /// HMAC with SHA-512.
    Sha512,
}

/// What it needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// [`API`] but in tests.
    pub api: String,
    /// Whom texts come from, E.164.
    pub number: String,
    /// The account's key.
    pub key: String,
    /// Signs us in.
    pub secret: SecretString,
    /// Signs webhooks.
    pub signature_secret: SecretString,
    /// How.
    pub method: SignatureMethod,
    /// The public address that takes delivery receipts.
    pub callback: Option<String>,
}

/// One account and number at Vonage.
#[derive(Debug)]
pub struct Vonage {
    http: reqwest::Client,
    api: Url,
    number: String,
    key: String,
    secret: SecretString,
    signature_secret: SecretString,
    method: SignatureMethod,
    callback: Option<Url>,
}

impl Vonage {
    /// Each text names `settings.callback` as the address of its receipts; without it Vonage calls
    /// the one in its dashboard.
    ///
    /// # Errors
    /// What is wrong with the settings, as a sentence.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let url = |what: &str, text: &str| {
            Url::parse(text)
                .ok()
                .filter(|url| !url.cannot_be_a_base())
                .ok_or_else(|| format!("{what} is not an address such as https://example.org"))
        };
        let sound = |byte: u8| byte.is_ascii_alphanumeric();
        if settings.key.is_empty() || !settings.key.bytes().all(sound) {
            return Err("the Vonage api_key is letters and digits, as in its dashboard".to_owned());
        }
        if settings.signature_secret.expose_secret().is_empty() {
            return Err(
                "the Vonage signature_secret is empty: it is in the dashboard, beside the key"
                    .to_owned(),
            );
        }
        let callback = settings.callback.as_deref();
        let callback = callback
            .map(|text| url("the address of receipts", text))
            .transpose()?;
        if callback
            .as_ref()
            .is_some_and(|url| url.as_str().len() > LONGEST_CALLBACK)
        {
            return Err(format!(
                "the address of receipts is longer than the {LONGEST_CALLBACK} characters that \
                 Vonage takes: shorten public_url or the channel's id"
            ));
        }
        Ok(Self {
            http: http::client(TIMEOUT).map_err(|_| http::NO_AUTHORITIES.to_owned())?,
            api: url("Vonage's api_base", &settings.api)?,
            number: plain(&settings.number).to_owned(),
            key: settings.key.clone(),
            secret: settings.secret.clone(),
            signature_secret: settings.signature_secret.clone(),
            method: settings.method,
            callback,
        })
    }

    /// Asks Vonage to send one text.
    pub async fn send(&self, out: &Outbound) -> Result<Accepted, SendError> {
        let mut fields = vec![
            ("from", self.number.clone()),
            ("to", plain(&out.to).to_owned()),
            ("text", out.body.clone()),
            // Comes back in the receipt, and is signed there.
            ("client-ref", out.id.to_string()),
        ];
        if !gsm7::fits(&out.body) {
            fields.push(("type", "unicode".to_owned()));
        }
        if let Some(callback) = self.callback_of(out.id) {
            fields.push(("callback", callback));
        }
        let request = self.http.post(self.under("sms/json")).form(&fields);
        let response = match self.signed_in(request).send().await {
            Ok(response) => response,
            Err(error) => return Err(http::not_answered("Vonage", &error)),
        };
        let status = response.status();
        let retry_after = http::retry_after(response.headers());
        // An answer that breaks off is read as what there is of it, which is not JSON.
        let body = response.bytes().await.unwrap_or_default();
        if status.is_success() {
            return match serde_json::from_slice::<Answer>(&body) {
                Ok(answer) => answer.outcome(retry_after),
                Err(_) => Err(SendError::Unknown {
                    why: format!("Vonage answered HTTP {} unreadably", status.as_u16()),
                }),
            };
        }
        let why = format!("Vonage answered HTTP {}", status.as_u16());
        Err(http::not_sent(status, why, retry_after))
    }

    /// What a signed webhook says: see [`webhook`]. Which of the two addresses was called does not
    /// matter where the fields say what it is: in the dashboard they are easily swapped.
    pub fn hear(&self, call: &Call<'_>) -> Result<Vec<Told>, NotHeard> {
        let secret = self.signature_secret.expose_secret();
        let form = webhook::signed(call, secret, self.method).ok_or(NotHeard::NotThem)?;
        let unreadable = |missing: webhook::Missing| NotHeard::Unreadable(missing.to_string());
        if webhook::is_receipt(&form).unwrap_or(call.status) {
            let receipt = webhook::receipt(&form, call.outbox()).map_err(unreadable)?;
            return Ok(receipt.map(Told::Receipt).into_iter().collect());
        }
        if !webhook::is_to(&form, &self.number) {
            return Err(NotHeard::Unreadable(
                "a text for another number came here: at Vonage, point each number's webhook at its \
                 own channel"
                    .to_owned(),
            ));
        }
        let message = webhook::inbound(&form).map_err(unreadable)?;
        Ok(vec![Told::Message(message)])
    }

    /// Whether the key and its secret work, and whether there is money. What the dashboard says of
    /// webhooks and their signatures cannot be asked.
    pub async fn probe(&self) -> Result<String, String> {
        let reach = |why: &str| {
            format!(
                "{why}: see whether this machine may reach {} and whether Vonage reports trouble \
                 at vonageapi.statuspage.io",
                self.api
            )
        };
        let request = self.http.get(self.under("account/get-balance"));
        let response = match self.signed_in(request).send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => return Err(reach("no connection to Vonage")),
            Err(_) => return Err(reach("Vonage did not answer in time")),
        };
        let status = response.status();
        let body = response.bytes().await.unwrap_or_default();
        let answered = format!("Vonage answered HTTP {}", status.as_u16());
        if !status.is_success() {
            return Err(if status.is_client_error() {
                format!(
                    "{answered}: compare api_key and api_secret with those in Vonage's dashboard"
                )
            } else {
                reach(&answered)
            });
        }
        match serde_json::from_slice::<Balance>(&body) {
            Ok(balance) if balance.is_enough() => {
                Ok("the Vonage account works and has credit".to_owned())
            }
            Ok(_) => Err(
                "the Vonage account has no credit, so no text can leave: top it up in Vonage's \
                 dashboard, and turn on auto-reload there"
                    .to_owned(),
            ),
            Err(_) => Err(reach("Vonage's answer could not be read")),
        }
    }

    /// Where a text's receipts go, with our id of it; without, where the address would be too long
    /// (`client-ref` says it as well).
    fn callback_of(&self, id: Uuid) -> Option<String> {
        let callback = self.callback.as_ref()?;
        let mut named = callback.clone();
        named
            .query_pairs_mut()
            .append_pair("outbox", &id.simple().to_string());
        let fits = named.as_str().len() <= LONGEST_CALLBACK;
        Some(if fits { named } else { callback.clone() }.into())
    }

    fn signed_in(&self, request: RequestBuilder) -> RequestBuilder {
        request.basic_auth(&self.key, Some(self.secret.expose_secret()))
    }

    fn under(&self, path: &str) -> Url {
        let mut url = self.api.clone();
        let base = url.path().trim_end_matches('/').to_owned();
        url.set_path(&format!("{base}/{path}"));
        url
    }
}

/// A number as Vonage takes it: E.164 without the plus.
fn plain(number: &str) -> &str {
    number.strip_prefix('+').unwrap_or(number)
}

#[cfg(test)]
mod tests;
