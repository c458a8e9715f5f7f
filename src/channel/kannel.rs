//! Texts through a Kannel gateway: its smsbox out, its unsigned calls in, known by a secret in the
//! address.
//!
//! Rules from Kannel's User's Guide (kannel.org, "SMSBox" and "Delivery Reports"), and from what
//! version 1.4.5 does: `tests/it/kannel.rs` runs it. Kannel keeps no list to ask, so what came in
//! while nobody listened comes only if its smsbox is told to try again (`http-request-retry`).

use std::time::Duration;

use jiff::Timestamp;
use reqwest::{StatusCode, Url};
use secrecy::{ExposeSecret as _, SecretString};
use sha2::{Digest as _, Sha256};
use subtle::ConstantTimeEq as _;
use uuid::Uuid;

use super::form::{Form, parse_form};
use super::{
    Abilities, Accepted, Call, Inbound, NotHeard, Outbound, Receipt, SendError, Status, Told, http,
};
use crate::phone::Phone;
use crate::text::gsm7;

/// What it can do.
pub(super) const ABILITIES: Abilities = Abilities {
    kind: "kannel",
    name: "Kannel",
    known_by: "a secret in the address, which Kannel does not sign",
    receipts: "to `delivered`, where the network behind it reports",
    files: false,
    catches_up: false,
    polls: false,
    can_be_asked: false,
    buttons: false,
    longest: None,
    // It queues by itself, at the pace of its connections.
    per_minute: None,
    page: "kannel.md",
};

/// How long one request may take: smsbox answers once bearerbox has taken the text.
const TIMEOUT: Duration = Duration::from_secs(15);

/// All that Kannel can report (1 + 2 + 4 + 8 + 16).
const EVERY_RECEIPT: &str = "31";

/// What Kannel calls the steps of a text (`%d` in the receipt's address), all five, and ours.
pub const STATUSES: &[(&str, Status)] = &[
    ("1", Status::Delivered),   // delivered to phone
    ("2", Status::Undelivered), // non-delivered to phone
    ("4", Status::Accepted),    // queued on SMSC
    ("8", Status::Sent),        // delivered to SMSC
    ("16", Status::Failed),     // non-delivered to SMSC
];

/// How an answer begins when the text was taken: passed on, kept for later, or (with
/// `immediate-sendsms-reply`) handed on without waiting.
const TAKEN: [&[u8]; 3] = [b"0: ", b"3: ", b"Sent."];

/// What it needs.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Where its smsbox takes texts.
    pub sendsms: String,
    /// Whom texts come from, E.164.
    pub number: String,
    /// Of its `sendsms-user`.
    pub username: String,
    /// Of its `sendsms-user`.
    pub password: SecretString,
    /// Stands in the addresses it calls.
    pub secret: SecretString,
    /// The connection to send through, where it has several.
    pub smsc: Option<String>,
    /// The public address that takes delivery receipts.
    pub callback: Option<String>,
}

/// One user of a Kannel's smsbox.
#[derive(Debug)]
pub struct Kannel {
    http: reqwest::Client,
    sendsms: Url,
    callback: Option<Url>,
    settings: Settings,
}

impl Kannel {
    /// # Errors
    /// What is wrong with the settings, as a sentence.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        let url = |what: &str, text: &str| {
            Url::parse(text)
                .ok()
                .filter(|url| !url.cannot_be_a_base() && url.has_host())
                .ok_or_else(|| format!("{what} is not an address such as https://example.org"))
        };
        if settings.secret.expose_secret().is_empty() {
            return Err("the secret in the addresses that Kannel calls is empty".to_owned());
        }
        Ok(Self {
            http: http::client(TIMEOUT).map_err(|_| http::NO_AUTHORITIES.to_owned())?,
            sendsms: url("Kannel's sendsms_url", &settings.sendsms)?,
            callback: settings
                .callback
                .as_deref()
                .map(|text| url("the status callback", text))
                .transpose()?,
            settings: settings.clone(),
        })
    }

    /// Hands one text over. Kannel gives it no id, so its id is ours.
    pub async fn send(&self, out: &Outbound) -> Result<Accepted, SendError> {
        let mut url = self.signed_in();
        {
            let coding = if gsm7::fits(&out.body) { "0" } else { "2" };
            let mut query = url.query_pairs_mut();
            query.append_pair("to", &out.to);
            query.append_pair("text", &out.body);
            query.append_pair("charset", "UTF-8");
            query.append_pair("coding", coding);
            if let Some(smsc) = &self.settings.smsc {
                query.append_pair("smsc", smsc);
            }
            if let Some(receipts) = self.receipts(out.id) {
                query.append_pair("dlr-mask", EVERY_RECEIPT);
                query.append_pair("dlr-url", &receipts);
            }
        }
        let response = match self.http.get(url).send().await {
            Ok(response) => response,
            Err(error) => return Err(http::not_answered("Kannel", &error)),
        };
        let status = response.status();
        let retry_after = http::retry_after(response.headers());
        let body = response.bytes().await.unwrap_or_default();
        if status.is_success() {
            return if TAKEN.iter().any(|start| body.starts_with(start)) {
                Ok(Accepted {
                    provider_id: out.id.to_string(),
                    status: Status::Accepted,
                })
            } else {
                Err(SendError::Unknown {
                    why: format!(
                        "Kannel answered HTTP {} and not that it has the text",
                        status.as_u16()
                    ),
                })
            };
        }
        let why = format!(
            "Kannel answered HTTP {}{}",
            status.as_u16(),
            meaning(status, &body)
        );
        Err(http::not_sent(status, why, retry_after))
    }

    /// What a call says, once its address shows our secret.
    pub fn hear(&self, call: &Call<'_>) -> Result<Vec<Told>, NotHeard> {
        let query = parse_form(call.query.as_bytes());
        let secret = self.settings.secret.expose_secret().as_bytes();
        let shown = query.bytes("secret").unwrap_or_default();
        if !bool::from(secret.ct_eq(shown)) {
            return Err(NotHeard::NotThem);
        }
        if call.status {
            return receipt(&query, call.outbox()).map(|told| vec![told]);
        }
        // A connection of another school's, pointed here by mistake, would put its families into our
        // records. What is no phone number (a short code, a name) cannot be compared.
        let to = query.text("to").map(e164);
        if to.is_some_and(|to| Phone::parse(&to).is_ok() && to != self.settings.number) {
            return Err(NotHeard::Unreadable(
                "a text for another number came here: in Kannel's sms-service, accept this channel's \
                 number only"
                    .to_owned(),
            ));
        }
        inbound(&query).map(|message| vec![Told::Message(message)])
    }

    /// Whether smsbox answers and knows us: a text to nobody is refused, and the reason tells.
    pub async fn probe(&self) -> Result<String, String> {
        let at = self.sendsms.origin().ascii_serialization();
        let response = match self.http.get(self.signed_in()).send().await {
            Ok(response) => response,
            Err(error) if error.is_connect() => {
                return Err(format!(
                    "no connection to Kannel at {at}: see whether its smsbox runs, and whether \
                     this machine may reach it"
                ));
            }
            Err(_) => {
                return Err(format!(
                    "Kannel at {at} did not answer: see the log of its smsbox"
                ));
            }
        };
        let wrong = match response.status() {
            StatusCode::BAD_REQUEST => {
                return Ok(
                    "Kannel's smsbox answers and knows this user; whether a network is \
                     connected, its status page says"
                        .to_owned(),
                );
            }
            StatusCode::FORBIDDEN => {
                "Kannel refuses the user name, the password or this machine: compare them with \
                 its group sendsms-user, and see whether user-allow-ip there names this machine"
            }
            StatusCode::NOT_FOUND => {
                "Kannel takes no texts at this address: sendsms_url usually ends in \
                 /cgi-bin/sendsms"
            }
            status => {
                return Err(format!(
                    "what answers at sendsms_url is no Kannel: HTTP {} to a text for nobody, \
                     where 400 was due",
                    status.as_u16()
                ));
            }
        };
        Err(wrong.to_owned())
    }

    fn signed_in(&self) -> Url {
        let mut url = self.sendsms.clone();
        url.query_pairs_mut()
            .append_pair("username", &self.settings.username)
            .append_pair("password", self.settings.password.expose_secret())
            .append_pair("from", &self.settings.number);
        url
    }

    /// The address that Kannel calls about one text. To Kannel `%d` in it is a word to fill in, and
    /// so would `%AC` be, from a secret that has such a byte: each `%` that is meant is doubled.
    fn receipts(&self, id: Uuid) -> Option<String> {
        let mut url = self.callback.clone()?;
        url.query_pairs_mut()
            .append_pair("outbox", &id.to_string())
            .append_pair("secret", self.settings.secret.expose_secret());
        let url = url.as_str().replace('%', "%%");
        Some(format!("{url}&type=%d&smsc=%i"))
    }
}

/// Why Kannel refuses, where its words say it. They may quote a number, so they are not passed on.
fn meaning(status: StatusCode, body: &[u8]) -> &'static str {
    match status {
        StatusCode::FORBIDDEN if body.starts_with(b"Authorization") => {
            ": it does not know the user name and password"
        }
        StatusCode::FORBIDDEN => ": none of its connections takes this number",
        StatusCode::BAD_REQUEST => ": its lists bar the number, or the request lacks something",
        StatusCode::NOT_FOUND => ": it takes no texts at this address",
        _ => "",
    }
}

fn inbound(query: &Form) -> Result<Inbound, NotHeard> {
    let lacks = |what: &str| {
        NotHeard::Unreadable(format!(
            "Kannel's call lacks `{what}`: compare its get-url with docs/channels/kannel.md"
        ))
    };
    let from = query.text("from").ok_or_else(|| lacks("from"))?;
    let words = query.bytes("text").ok_or_else(|| lacks("text"))?;
    let seconds = query.text("time").and_then(|time| time.parse().ok());
    let sent_at = seconds.and_then(|seconds| Timestamp::from_second(seconds).ok());
    // A Kannel that knows no `%I` leaves it as it stands.
    let provider_id = match query.text("id").filter(|id| *id != "%I") {
        Some(id) => id.to_owned(),
        None if sent_at.is_some() => fingerprint(query),
        None => return Err(lacks("id")),
    };
    Ok(Inbound {
        provider_id,
        from: e164(from),
        body: utf8(query.text("charset").unwrap_or_default(), words),
        sent_at,
        ..Inbound::default()
    })
}

/// An id for a text that Kannel gave none: the same for a repeat, and another for the same words a
/// second later.
fn fingerprint(query: &Form) -> String {
    let mut digest = Sha256::new();
    for name in ["from", "to", "time", "text"] {
        let value = query.bytes(name).unwrap_or_default();
        digest.update(value.len().to_be_bytes());
        digest.update(value);
    }
    let bytes = digest.finalize();
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn receipt(query: &Form, outbox: Option<Uuid>) -> Result<Told, NotHeard> {
    let lacks = |what: &str| NotHeard::Unreadable(format!("Kannel's receipt lacks `{what}`"));
    let outbox = outbox.ok_or_else(|| lacks("outbox"))?;
    let word = query.text("type").ok_or_else(|| lacks("type"))?;
    let known = STATUSES.iter().find(|(known, _)| *known == word);
    Ok(known.map_or(Told::Nothing, |(_, status)| {
        Told::Receipt(Receipt {
            outbox: Some(outbox),
            provider_id: None,
            status: *status,
            error: None,
            stopped: false,
            part: None,
        })
    }))
}

/// SMPP writes `447700900101`, a modem `+447700900101` or `07700900101`; a name stays a name.
fn e164(written: &str) -> String {
    let phone = Phone::parse(written).or_else(|_| Phone::parse(&format!("+{written}")));
    phone.map_or_else(|_| written.to_owned(), |phone| phone.e164().to_owned())
}

/// The words as UTF-8, from what `%C` calls them. What is no text (`8-BIT`) stays as it came.
fn utf8(charset: &str, words: &[u8]) -> Vec<u8> {
    match charset.to_ascii_uppercase().as_str() {
        "UTF-16BE" | "UTF-16" | "UCS-2" | "UCS-2BE" | "ISO-10646-UCS-2" => {
            let units = words.chunks(2).map(|unit| match unit {
                [high, low] => u16::from_be_bytes([*high, *low]),
                _ => 0xFFFD, // Half a character, at the end.
            });
            let chars = char::decode_utf16(units);
            let text: String = chars
                .map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER))
                .collect();
            text.into_bytes()
        }
        "ISO-8859-1" | "LATIN1" => {
            let text: String = words.iter().map(|byte| char::from(*byte)).collect();
            text.into_bytes()
        }
        _ => words.to_vec(),
    }
}

#[cfg(test)]
mod tests;
