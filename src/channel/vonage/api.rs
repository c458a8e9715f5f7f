//! What Vonage's SMS API answers, as far as we read it.
//!
//! From its pages "SMS API reference" and "Troubleshooting SMS". `error-text` is not read: it may
//! quote what was sent.

use std::time::Duration;

use serde::Deserialize;
use serde_json::Value;

use crate::channel::{Accepted, SendError, Status};

/// What one of Vonage's codes means for the text it answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Verdict {
    /// Vonage has it.
    Taken,
    /// Refused for good.
    Refused,
    /// Nobody knows.
    Unknown,
    /// Not taken, and may be tried again.
    Later,
}

/// Vonage's codes for a text that was handed over, all 20 of "Troubleshooting SMS", and what to do.
pub(super) const CODES: &[(&str, Verdict, &str)] = &[
    ("0", Verdict::Taken, "accepted"),
    (
        "1",
        Verdict::Later,
        "more texts a second than the account may send",
    ),
    ("2", Verdict::Refused, "a parameter is missing"),
    ("3", Verdict::Refused, "a parameter is not valid"),
    (
        "4",
        Verdict::Refused,
        "the key or its secret is wrong or disabled: see api_key and api_secret",
    ),
    ("5", Verdict::Unknown, "an error inside Vonage"),
    ("6", Verdict::Refused, "the number's prefix is not known"),
    ("7", Verdict::Refused, "the number is barred"),
    (
        "8",
        Verdict::Refused,
        "the account is suspended: ask Vonage's support",
    ),
    (
        "9",
        Verdict::Refused,
        "not enough credit: top up in Vonage's dashboard",
    ),
    ("10", Verdict::Later, "too many connections at once"),
    (
        "11",
        Verdict::Refused,
        "the account may not use the SMS API: ask Vonage's support",
    ),
    ("12", Verdict::Refused, "the text is too long"),
    (
        "14",
        Verdict::Refused,
        "the account wants signed requests: turn that off in Vonage's dashboard",
    ),
    (
        "15",
        Verdict::Refused,
        "the account may not send from this number: see number",
    ),
    ("22", Verdict::Refused, "the network code is not valid"),
    (
        "23",
        Verdict::Refused,
        "the address of receipts is not valid: see public_url",
    ),
    (
        "29",
        Verdict::Refused,
        "the account is in demo mode: top up in Vonage's dashboard",
    ),
    (
        "32",
        Verdict::Refused,
        "the account wants signed requests: turn that off in Vonage's dashboard",
    ),
    ("33", Verdict::Refused, "the number is no longer in use"),
];

/// The answer to a text: one entry for each part of it.
#[derive(Deserialize)]
pub(super) struct Answer {
    messages: Vec<Part>,
}

/// What became of one part.
#[derive(Deserialize)]
struct Part {
    /// A number in quotes; bare ones have been seen in documentation.
    status: Value,
    #[serde(rename = "message-id")]
    id: Option<String>,
}

impl Part {
    fn code(&self) -> String {
        match &self.status {
            Value::String(code) => code.clone(),
            other => other.to_string(),
        }
    }

    /// A code that is new to us says nothing about whether the part left.
    fn verdict(&self) -> (Verdict, &'static str) {
        let code = self.code();
        let known = CODES.iter().find(|(known, ..)| *known == code);
        known.map_or(
            (Verdict::Unknown, "a code that is new to us"),
            |(_, v, why)| (*v, why),
        )
    }
}

impl Answer {
    /// One outcome for all parts. Any part that was not taken counts, the gravest first; what was
    /// taken in part has left, so it is never said to be unsent.
    pub fn outcome(&self, retry_after: Option<Duration>) -> Result<Accepted, SendError> {
        let failed = |wanted: Verdict| {
            let mut parts = self.messages.iter();
            parts.find(|part| part.verdict().0 == wanted)
        };
        let why = |part: &Part| {
            // A code is Vonage's, and still not to be trusted with a log.
            let code = part
                .code()
                .chars()
                .take(4)
                .filter(char::is_ascii_digit)
                .collect::<String>();
            format!("Vonage's status {code}: {}", part.verdict().1)
        };
        if let Some(part) = failed(Verdict::Refused) {
            return Err(SendError::Refused {
                why: why(part),
                stopped: false,
            });
        }
        if let Some(part) = failed(Verdict::Unknown) {
            return Err(SendError::Unknown { why: why(part) });
        }
        if let Some(part) = failed(Verdict::Later) {
            return Err(match failed(Verdict::Taken) {
                None => SendError::NotSent {
                    why: why(part),
                    retry_after,
                },
                Some(_) => SendError::Unknown {
                    why: format!("only a part of the text was taken, {}", why(part)),
                },
            });
        }
        let first = self.messages.first().and_then(|part| part.id.as_deref());
        match first.filter(|id| !id.is_empty()) {
            Some(id) => Ok(Accepted {
                provider_id: id.to_owned(),
                status: Status::Accepted,
            }),
            None => Err(SendError::Unknown {
                why: "Vonage answered without a message id".to_owned(),
            }),
        }
    }
}

/// What the account has left, in euros.
#[derive(Deserialize)]
pub(super) struct Balance {
    value: f64,
    #[serde(default, rename = "autoReload")]
    reloads: bool,
}

impl Balance {
    /// Whether a text could leave: money, or an account that fetches some by itself.
    pub fn is_enough(&self) -> bool {
        self.value > 0.0 || self.reloads
    }
}
