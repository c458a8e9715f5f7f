//! Texts through a Kannel gateway: its smsbox out, its unsigned calls in, known by a secret in the address.

use jiff::Timestamp;
use secrecy::SecretString;

use super::{Accepted, Call, FetchError, Found, Inbound, NotHeard, Outbound, SendError, Told};

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

/// One of them.
#[derive(Debug)]
pub struct Kannel {
    settings: Settings,
}

impl Kannel {
    /// # Errors
    /// What is wrong with the settings, as a sentence.
    pub fn new(settings: &Settings) -> Result<Self, String> {
        Ok(Self { settings: settings.clone() })
    }

    /// Hands one text over.
    pub async fn send(&self, out: &Outbound) -> Result<Accepted, SendError> {
        Err(SendError::NotSent { why: String::new(), retry_after: None })
    }

    /// What a call says.
    pub fn hear(&self, call: &Call<'_>) -> Result<Vec<Told>, NotHeard> {
        Err(NotHeard::NotThem)
    }

    /// Whether it could send now.
    pub async fn probe(&self) -> Result<String, String> {
        Err(String::new())
    }
}
