//! Passwords: argon2id, with OWASP's parameters, so many at a time.

use std::sync::LazyLock;

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};

use super::Web;

/// Characters a password must have at least.
pub const LEAST_PASSWORD: usize = 12;

/// Why a password is not taken.
#[derive(Debug, thiserror::Error)]
pub enum BadPassword {
    /// Under [`LEAST_PASSWORD`] characters.
    #[error("the password has {0} characters: take at least {LEAST_PASSWORD}, such as four words")]
    TooShort(usize),
    /// No randomness, or no memory.
    #[error("the password could not be hashed: {0}")]
    Hash(String),
}

/// The argon2id hash of a password that somebody sets, for `Tx::set_password`. Takes 20 ms of
/// one processor and 19 MiB (OWASP's parameters), so not on a thread that serves others.
pub fn hash_password(password: &str) -> Result<String, BadPassword> {
    let length = password.chars().count();
    if length < LEAST_PASSWORD {
        return Err(BadPassword::TooShort(length));
    }
    hash(password).map_err(BadPassword::Hash)
}

fn hash(password: &str) -> Result<String, String> {
    let hash = Argon2::default().hash_password(password.as_bytes());
    hash.map(|hash| hash.to_string())
        .map_err(|error| error.to_string())
}

/// What is verified when there is no account: nobody's password, and as much work.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hash("nobody signs in with this").unwrap_or_default());

fn verify(password: &str, hash: &str) -> bool {
    Argon2::default()
        .verify_password(password.as_bytes(), hash)
        .is_ok()
}

impl Web {
    /// The hash of a password that somebody sets, on a thread that serves nobody.
    pub(crate) async fn hash(&self, password: String) -> Result<String, BadPassword> {
        let _turn = self.hashing.acquire().await;
        tokio::task::spawn_blocking(move || hash_password(&password))
            .await
            .unwrap_or_else(|error| Err(BadPassword::Hash(error.to_string())))
    }

    /// The hash of a parent's PIN, which is short because they carry it on paper: five wrong ones end
    /// the link it opens.
    pub(crate) async fn hash_pin(&self, pin: String) -> Option<String> {
        let _turn = self.hashing.acquire().await;
        let hashed = tokio::task::spawn_blocking(move || hash(&pin)).await;
        hashed.ok()?.ok()
    }

    /// Whether a password is the one behind a hash. Without a hash it takes as long, and is wrong.
    pub(crate) async fn verify(&self, password: String, hash: Option<String>) -> bool {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let _turn = self.hashing.acquire().await;
        let right = tokio::task::spawn_blocking(move || verify(&password, &hash)).await;
        right.unwrap_or(false) && known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_password_is_long_and_its_hash_is_argon2id_with_a_salt_of_its_own() {
        assert!(matches!(
            hash_password("short"),
            Err(BadPassword::TooShort(5))
        ));
        let one = hash_password("correct horse battery").unwrap();
        let other = hash_password("correct horse battery").unwrap();
        assert!(one.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{one}");
        assert_ne!(one, other);
        assert!(verify("correct horse battery", &one));
        assert!(!verify("correct horse batterz", &one));
        assert!(!verify("correct horse battery", "not a hash"));
    }
}
