//! Random words that somebody holds and the database does not.

use sha2::{Digest as _, Sha256};

use crate::clock::Clock;

/// What a browser, a link or a slip of paper holds. The database keeps its SHA-256 alone, so that
/// whoever steals the database signs in nowhere. It has too much randomness to be guessed from that.
#[derive(Clone)]
pub struct Token(String);

impl Token {
    /// A fresh one: 256 bits, as 64 hexadecimal digits.
    pub fn fresh(clock: &Clock) -> Self {
        let bytes = clock.secret();
        Self(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
    }

    /// A fresh one of 128 bits, for a link that is texted: a longer one would cost another text.
    pub fn short(clock: &Clock) -> Self {
        let bytes = clock.secret();
        let half = bytes.iter().take(16);
        Self(half.map(|byte| format!("{byte:02x}")).collect())
    }

    /// One that somebody shows.
    pub fn shown(text: &str) -> Self {
        Self(text.to_owned())
    }

    /// What they hold.
    pub fn text(&self) -> &str {
        &self.0
    }

    /// What the database keeps.
    pub(super) fn digest(&self) -> Vec<u8> {
        Sha256::digest(self.0.as_bytes()).to_vec()
    }
}

impl std::fmt::Debug for Token {
    /// It is nobody's to print.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Token(…)")
    }
}
