//! Texts through GOV.UK Notify: bearer-marked callbacks in, its API out, its lists to catch up from.

use jiff::Timestamp;
use secrecy::SecretString;

use super::{Accepted, Call, FetchError, Found, Inbound, NotHeard, Outbound, SendError, Told};
/// Notify's own address; a test has another.
pub const API: &str = "https://api.notifications.service.gov.uk";

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

/// One of them.
#[derive(Debug)]
pub struct Notify {
    settings: Settings,
}

impl Notify {
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
