//! Texts through Vonage's SMS API: signed webhooks in, its REST API out.

use jiff::Timestamp;
use secrecy::SecretString;

use super::{Accepted, Call, FetchError, Found, Inbound, NotHeard, Outbound, SendError, Told};
use crate::config::SignatureMethod;

/// Vonage's own address; a test has another.
pub const API: &str = "https://rest.nexmo.com";

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

/// One of them.
#[derive(Debug)]
pub struct Vonage {
    settings: Settings,
}

impl Vonage {
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
