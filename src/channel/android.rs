//! Texts through an Android phone with a SIM, running SMS Gateway for Android.

use jiff::Timestamp;
use secrecy::SecretString;

use super::{Accepted, Call, FetchError, Found, Inbound, NotHeard, Outbound, SendError, Told};

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

/// One of them.
#[derive(Debug)]
pub struct Android {
    settings: Settings,
}

impl Android {
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

    /// Texts that came in since `since`, in the order they came.
    pub async fn recent(&self, since: Timestamp) -> Result<Vec<Inbound>, FetchError> {
        Ok(Vec::new())
    }

    /// What became of a message whose outcome is unknown.
    pub async fn find_sent(&self, out: &Outbound) -> Result<Found, FetchError> {
        Ok(Found::CannotAsk)
    }
}
