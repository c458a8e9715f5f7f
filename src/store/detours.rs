//! People on their way through another sign-in page, of their school account, and back.

use jiff::Timestamp;

use super::{Moment, Result, Token, Tx, exec, one};

/// Somebody who was sent to sign in elsewhere and is expected back in the same browser.
#[derive(Clone, sqlx::FromRow)]
pub struct Detour {
    /// What comes back with them, so that nobody comes back who was not sent.
    pub state: String,
    /// What stands in the proof that they bring, so that it is not an older one.
    pub nonce: String,
    /// What proves that we are whoever sent them (PKCE, RFC 7636).
    pub verifier: String,
    /// The page they wanted.
    pub next: String,
}

impl Tx {
    /// Remembers that the browser that holds `token` was sent away, until a moment.
    pub async fn begin_detour(
        &mut self,
        token: &Token,
        detour: &Detour,
        until: Timestamp,
    ) -> Result<()> {
        let now = Moment::from(self.now);
        exec!(self, "DELETE FROM detours WHERE expires_at <= $1", now);
        exec!(
            self,
            "INSERT INTO detours (token, state, nonce, verifier, next, expires_at)
             VALUES ($1, $2, $3, $4, $5, $6)",
            token.digest(),
            detour.state.as_str(),
            detour.nonce.as_str(),
            detour.verifier.as_str(),
            detour.next.as_str(),
            Moment::from(until)
        );
        Ok(())
    }

    /// The detour of a browser that is back: once, and in time.
    pub async fn end_detour(&mut self, token: &Token) -> Result<Option<Detour>> {
        let now = Moment::from(self.now);
        let found = one!(
            self,
            Detour,
            "SELECT state, nonce, verifier, next FROM detours WHERE token = $1 AND expires_at > $2",
            token.digest(),
            now
        );
        let ended = exec!(self, "DELETE FROM detours WHERE token = $1", token.digest());
        Ok(found.filter(|_| ended == 1))
    }
}
