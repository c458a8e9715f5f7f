//! Who is signed in: passwords, the cookie, and the extractor that every page of the console takes.
//!
//! The browser holds a random token, the database its SHA-256. It never says whether an email
//! address has an account: an unknown one takes as long, and is answered alike.

use std::net::IpAddr;
use std::sync::{Arc, LazyLock};

use argon2::Argon2;
use argon2::password_hash::{PasswordHasher as _, PasswordVerifier as _};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum_extra::extract::cookie::CookieJar;
use jiff::SignedDuration;
use sha2::{Digest as _, Sha256};

use super::client::Client;
use super::error::PageError;
use super::{Shared, Web};
use crate::deployment::School;
use crate::desk::Actor;
use crate::school::people::Staff;
use crate::store::{Moment, Result};

/// The cookie. `__Host-`: only this host, only over TLS (or on this machine itself), every path.
const COOKIE: &str = "__Host-schoolgate";

/// A session in which nothing is done ends after this long.
const IDLE: SignedDuration = SignedDuration::from_mins(30);

/// A session ends after this long whatever is done in it: a working day.
const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// How stale "last seen" may be: a page need not write each time it is opened.
const STALE: SignedDuration = SignedDuration::from_secs(60);

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
pub fn hash_password(password: &str) -> std::result::Result<String, BadPassword> {
    let length = password.chars().count();
    if length < LEAST_PASSWORD {
        return Err(BadPassword::TooShort(length));
    }
    hash(password).map_err(BadPassword::Hash)
}

fn hash(password: &str) -> std::result::Result<String, String> {
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

/// How signing in went.
pub(crate) enum SignIn {
    /// Signed in; the cookie to set.
    Done(HeaderValue),
    /// No such account, or another password.
    Wrong,
    /// Too many wrong tries: how long to wait.
    Wait(SignedDuration),
}

impl Web {
    /// Signs somebody in by email and password.
    pub(crate) async fn sign_in(
        &self,
        email: &str,
        password: String,
        address: Option<IpAddr>,
    ) -> Result<SignIn> {
        let email = email.trim().to_lowercase();
        if let Err(wait) = self.tries.begin(&email, address, self.d.clock.now()) {
            metrics::counter!("schoolgate_sign_ins_total", "outcome" => "wait").increment(1);
            return Ok(SignIn::Wait(wait));
        }
        let account = self.account(&email).await?;
        let hash = account
            .as_ref()
            .map_or_else(|| NOBODY.clone(), |(_, _, hash)| hash.clone());
        let permit = self.hashing.acquire().await;
        let checked = tokio::task::spawn_blocking(move || verify(&password, &hash)).await;
        drop(permit);
        let (true, Some((school, staff, _))) = (checked.unwrap_or(false), account) else {
            metrics::counter!("schoolgate_sign_ins_total", "outcome" => "wrong").increment(1);
            return Ok(SignIn::Wrong);
        };
        self.tries.right(&email, address);
        metrics::counter!("schoolgate_sign_ins_total", "outcome" => "done").increment(1);
        let token: String = self
            .d
            .clock
            .secret()
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect();
        let mut tx = self.d.store.begin().await?;
        tx.open_session(&digest(&token), &school, &staff).await?;
        tx.audit(&school, &staff, "signed in", None).await?;
        tx.save().await?;
        let cookie = format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax");
        Ok(SignIn::Done(
            HeaderValue::try_from(cookie).unwrap_or(HeaderValue::from_static("")),
        ))
    }

    /// School, staff key and hash of the account behind an email address.
    async fn account(&self, email: &str) -> Result<Option<(String, String, String)>> {
        let is = |staff: &&Staff| {
            staff
                .email
                .as_ref()
                .is_some_and(|e| e.to_lowercase() == email)
        };
        let mut tx = self.d.store.read().await?;
        for school in self.d.schools() {
            let id = &school.config.id;
            for staff in school.people.staff.iter().filter(is) {
                if let Some(hash) = tx.password_hash(id, &staff.key).await? {
                    return Ok(Some((id.clone(), staff.key.clone(), hash)));
                }
            }
        }
        Ok(None)
    }

    /// Signs out whoever holds this cookie; the cookie that takes it away.
    pub(crate) async fn sign_out(&self, headers: &HeaderMap) -> Result<HeaderValue> {
        if let Some(token) = token(headers) {
            let mut tx = self.d.store.begin().await?;
            if let Some(session) = tx.session(&digest(&token), Moment(0)).await? {
                tx.audit(&session.school_id, &session.staff, "signed out", None)
                    .await?;
            }
            tx.end_session(&digest(&token)).await?;
            tx.save().await?;
        }
        const GONE: &str = "__Host-schoolgate=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";
        Ok(HeaderValue::from_static(GONE))
    }
}

fn token(headers: &HeaderMap) -> Option<String> {
    CookieJar::from_headers(headers)
        .get(COOKIE)
        .map(|cookie| cookie.value().to_owned())
}

fn digest(token: &str) -> Vec<u8> {
    Sha256::digest(token.as_bytes()).to_vec()
}

/// A member of staff who is signed in. As an argument of a handler, it sends everybody else to the
/// sign-in page.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    /// Their school.
    pub school: Arc<School>,
    /// Who, as the people file names them.
    key: usize,
}

impl SignedIn {
    /// Who.
    pub fn staff(&self) -> &Staff {
        &self.school.people.staff[self.key]
    }

    /// Them at the desk.
    pub fn actor<'a>(&'a self, web: &'a Web) -> Actor<'a> {
        Actor {
            d: &web.d,
            school: &self.school,
            staff: self.staff(),
        }
    }

    async fn from(parts: &mut Parts, web: &Shared) -> Result<Option<Self>> {
        let Some(token) = token(&parts.headers) else {
            return Ok(None);
        };
        let token = digest(&token);
        let now = web.d.clock.now();
        let mut tx = web.d.store.read().await?;
        let found = tx.session(&token, Moment::from(now - IDLE)).await?;
        drop(tx);
        let Some(session) = found.filter(|s| now < s.created_at.timestamp() + LONGEST) else {
            return Ok(None);
        };
        // A page that renews itself is nobody doing anything.
        let Ok(client) = Client::from_request_parts(parts, web).await;
        if !client.refresh && session.seen_at.timestamp() + STALE <= now {
            let mut tx = web.d.store.begin().await?;
            tx.touch_session(&token).await?;
            tx.save().await?;
        }
        // Who has left the people file is signed out by it.
        let school = web.d.school(&session.school_id);
        Ok(school.and_then(|school| {
            let key = school
                .people
                .staff
                .iter()
                .position(|s| s.key == session.staff)?;
            Some(Self { school, key })
        }))
    }
}

impl FromRequestParts<Shared> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &Shared,
    ) -> std::result::Result<Self, PageError> {
        match Self::from(parts, web).await? {
            Some(signed_in) => Ok(signed_in),
            None if parts.method == Method::GET || parts.method == Method::HEAD => {
                let asked = parts.uri.path_and_query().map_or("/today", |p| p.as_str());
                Err(PageError::SignIn(asked.to_owned()))
            }
            None => Err(PageError::Ended),
        }
    }
}

impl OptionalFromRequestParts<Shared> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &Shared,
    ) -> std::result::Result<Option<Self>, PageError> {
        Ok(Self::from(parts, web).await?)
    }
}

/// The headers that set a cookie and go to another page.
pub(crate) fn with_cookie(cookie: HeaderValue) -> [(header::HeaderName, HeaderValue); 1] {
    [(header::SET_COOKIE, cookie)]
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
