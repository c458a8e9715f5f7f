//! How email comes back to us: the address that answers go to, a token in it, and providers that post
//! what came to it as it came (the raw message), under a secret.

use reqwest::header::HeaderMap;
use secrecy::{ExposeSecret as _, SecretString};
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::imap::Imap;
use crate::channel::{NotHeard, form};

/// What stands between the mailbox's name and a token.
const PLUS: char = '+';

/// The address that answers go to: `cases@school.example`, which takes `cases+…@school.example` too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplyAddress {
    name: String,
    domain: String,
}

impl ReplyAddress {
    /// Reads one; `None` where it is not the plain address of a mailbox.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, domain) = text.trim().split_once('@')?;
        let plain = |c: char| c.is_ascii_alphanumeric() || "-._".contains(c);
        let sound = |part: &str| !part.is_empty() && part.chars().all(plain);
        (sound(name) && sound(domain)).then(|| Self {
            name: name.to_lowercase(),
            domain: domain.to_lowercase(),
        })
    }

    /// Where answers to one email go.
    pub fn with(&self, token: &str) -> String {
        format!("{}{PLUS}{token}@{}", self.name, self.domain)
    }

    /// The tokens in the addresses an email went to.
    pub fn tokens<'t>(&self, to: &'t [String]) -> Vec<&'t str> {
        let of = |address: &'t String| {
            let (name, domain) = address.rsplit_once('@')?;
            let (name, token) = name.split_once(PLUS)?;
            (name == self.name && domain == self.domain).then_some(token)
        };
        to.iter().filter_map(of).collect()
    }

    /// Whether this is the mailbox's own address, with a token or without.
    pub fn is(&self, address: &str) -> bool {
        address.rsplit_once('@').is_some_and(|(name, domain)| {
            let name = name.split(PLUS).next().unwrap_or_default();
            name == self.name && domain == self.domain
        })
    }
}

impl std::fmt::Display for ReplyAddress {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{}@{}", self.name, self.domain)
    }
}

/// The way in.
#[derive(Debug)]
pub struct MailIn {
    /// The address that answers go to.
    pub address: ReplyAddress,
    /// The mailbox, where it is read by IMAP.
    pub imap: Option<Imap>,
    /// What a provider shows, where one posts.
    pub secret: Option<SecretString>,
}

/// What a provider posted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Posted {
    /// The message as it came.
    pub raw: Vec<u8>,
    /// Whom it was delivered to, where the provider says so.
    pub to: Vec<String>,
}

/// One call of a provider.
#[derive(Debug)]
pub struct MailCall<'c> {
    /// The headers.
    pub headers: &'c HeaderMap,
    /// The body; of a form with files, its fields are in `fields`.
    pub body: &'c [u8],
    /// The fields of a form with files.
    pub fields: &'c [(String, Vec<u8>)],
}

/// Postmark's, as far as we read it.
#[derive(Deserialize)]
struct Postmark {
    #[serde(rename = "RawEmail")]
    raw: Option<String>,
    #[serde(rename = "OriginalRecipient")]
    to: Option<String>,
}

/// SendGrid's note of the envelope.
#[derive(Deserialize)]
struct Envelope {
    #[serde(default)]
    to: Vec<String>,
}

impl MailIn {
    /// Whether it is the provider who calls: by the secret, in the address or as a password.
    ///
    /// # Errors
    /// [`NotHeard::NotCalled`] where nobody is to call, [`NotHeard::NotThem`] for a wrong secret.
    pub fn known(&self, query: &str, headers: &HeaderMap) -> Result<(), NotHeard> {
        let secret = self.secret.as_ref().ok_or(NotHeard::NotCalled)?;
        let secret = secret.expose_secret().as_bytes();
        let query = form::parse_form(query.as_bytes());
        let header = headers.get("x-schoolgate-secret").map(|h| h.as_bytes());
        let shown = header
            .or(query.text("secret").map(str::as_bytes))
            .unwrap_or_default();
        if secret.is_empty() || !bool::from(secret.ct_eq(shown)) {
            return Err(NotHeard::NotThem);
        }
        Ok(())
    }

    /// The message a provider posted: Postmark's JSON with `RawEmail`, SendGrid's field `email` ("POST
    /// the raw, full MIME message"), Mailgun's `body-mime`, or nothing but the message.
    ///
    /// # Errors
    /// [`NotHeard::Unreadable`], saying what is missing.
    pub fn posted(&self, call: &MailCall<'_>) -> Result<Posted, NotHeard> {
        let unreadable = |why: &str| NotHeard::Unreadable(why.to_owned());
        let kind = call
            .headers
            .get("content-type")
            .and_then(|k| k.to_str().ok());
        let kind = kind.unwrap_or_default().to_lowercase();
        let field = |name: &str| {
            let found = call.fields.iter().find(|(key, _)| key == name);
            found.map(|(_, value)| value.clone())
        };
        let text = |name: &str| field(name).map(|v| String::from_utf8_lossy(&v).into_owned());
        let posted = if kind.starts_with("application/json") {
            let body: Postmark = serde_json::from_slice(call.body)
                .map_err(|_| unreadable("the email provider's call is no JSON"))?;
            let raw = body.raw.ok_or_else(|| {
                unreadable("no `RawEmail`: switch on \"Include raw email content in JSON payload\"")
            })?;
            Posted {
                raw: raw.into_bytes(),
                to: body.to.into_iter().collect(),
            }
        } else if kind.starts_with("multipart/form-data") {
            let raw = field("email")
                .or_else(|| field("body-mime"))
                .ok_or_else(|| {
                    unreadable(
                        "no field `email` or `body-mime`: let the provider post the raw message",
                    )
                })?;
            let envelope = text("envelope").and_then(|e| serde_json::from_str::<Envelope>(&e).ok());
            let mut to = envelope.map_or_else(Vec::new, |e| e.to);
            to.extend(text("recipient"));
            Posted { raw, to }
        } else if kind.starts_with("application/x-www-form-urlencoded") {
            let form = form::parse_form(call.body);
            let raw = form
                .bytes("body-mime")
                .or(form.bytes("email"))
                .ok_or_else(|| unreadable("no field `body-mime`: let the address end in `mime`"))?;
            Posted {
                raw: raw.to_vec(),
                to: form
                    .text("recipient")
                    .map(str::to_owned)
                    .into_iter()
                    .collect(),
            }
        } else {
            Posted {
                raw: call.body.to_vec(),
                to: Vec::new(),
            }
        };
        if posted.raw.is_empty() {
            return Err(unreadable("the email provider's call holds no message"));
        }
        Ok(posted)
    }
}

#[cfg(test)]
mod tests;
