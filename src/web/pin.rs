//! PINs by which parents open their page: six digits, given on paper.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

use crate::clock::Clock;

/// A new PIN.
pub(crate) fn new(clock: &Clock) -> String {
    let secret = clock.secret();
    let number = secret
        .iter()
        .take(8)
        .fold(0_u64, |n, byte| (n << 8) | u64::from(*byte));
    format!("{:06}", number % 1_000_000)
}

/// Its argon2id hash; 20 ms of work.
pub(crate) fn hash(pin: &str) -> Option<String> {
    let hash = Argon2::default().hash_password(pin.as_bytes());
    hash.ok().map(|hash| hash.to_string())
}

/// What is verified where there is no PIN: nobody's, and as much work.
static NOBODY: LazyLock<String> = LazyLock::new(|| hash("no pin").unwrap_or_default());

/// Whether a PIN is the right one. It takes as long where there is none.
pub(crate) fn verify(pin: &str, hash: Option<&str>) -> bool {
    let right = Argon2::default()
        .verify_password(pin.as_bytes(), hash.unwrap_or(&NOBODY))
        .is_ok();
    right && hash.is_some()
}
