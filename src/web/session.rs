//! Who is signed in: the cookie, and the extractors that pages for staff take.
//!
//! The browser holds a random token, the database its SHA-256. A token is good for one stage of
//! signing in: whoever comes a step further gets another, and the old one is nothing any more.

use std::sync::Arc;

use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, Method, header};
use axum_extra::extract::cookie::CookieJar;
use jiff::SignedDuration;
use uuid::Uuid;

use super::client::Client;
use super::error::PageError;
use super::{Shared, Web};
use crate::deployment::School;
use crate::desk::Actor;
use crate::school::people::Staff;
use crate::store::{Moment, Result, Session, Stage, Token};

/// The cookie. `__Host-`: only this host, only over TLS (or on this machine itself), every path.
const COOKIE: &str = "__Host-schoolgate";

/// A session in which nothing is done ends after this long.
pub(super) const IDLE: SignedDuration = SignedDuration::from_mins(30);

/// A session ends after this long whatever is done in it: a working day.
pub(super) const LONGEST: SignedDuration = SignedDuration::from_hours(12);

/// Whoever has given their password has this long for the second step.
const HALFWAY: SignedDuration = SignedDuration::from_mins(15);

/// How stale "last seen" may be: a page need not write each time it is opened.
const STALE: SignedDuration = SignedDuration::from_secs(60);

impl Web {
    /// Signs out whoever holds this cookie; the cookie that takes it away.
    pub(crate) async fn sign_out(&self, headers: &HeaderMap) -> Result<HeaderValue> {
        if let Some(token) = token(headers) {
            let mut tx = self.d.store.begin().await?;
            if let Some(session) = tx.session(&token, Moment(0)).await? {
                tx.audit(&session.school_id, &session.staff, "signed out", None)
                    .await?;
            }
            tx.end_session(&token).await?;
            tx.save().await?;
        }
        const GONE: &str = "__Host-schoolgate=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0";
        Ok(HeaderValue::from_static(GONE))
    }

    /// The session of whoever sent these headers, if it has not ended, and their place on the staff.
    async fn session(&self, headers: &HeaderMap) -> Result<Option<(Session, Arc<School>, usize)>> {
        let Some(token) = token(headers) else {
            return Ok(None);
        };
        let now = self.d.clock.now();
        let mut tx = self.d.store.read().await?;
        let found = tx.session(&token, Moment::from(now - IDLE)).await?;
        drop(tx);
        let longest = |session: &Session| match session.stage() {
            Stage::In => LONGEST,
            Stage::Code | Stage::SetUp => HALFWAY,
        };
        let Some(session) = found.filter(|s| now < s.created_at.timestamp() + longest(s)) else {
            return Ok(None);
        };
        // Who has left the people file is signed out by it.
        Ok(self.d.school(&session.school_id).and_then(|school| {
            let mut staff = school.people.staff.iter();
            let key = staff.position(|s| s.key == session.staff)?;
            Some((session, school, key))
        }))
    }
}

/// What a browser holds.
pub(super) fn token(headers: &HeaderMap) -> Option<Token> {
    CookieJar::from_headers(headers)
        .get(COOKIE)
        .map(|cookie| Token::shown(cookie.value()))
}

/// The cookie that makes a browser hold a token.
pub(super) fn cookie(token: &Token) -> HeaderValue {
    let token = token.text();
    let cookie = format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax");
    HeaderValue::try_from(cookie).unwrap_or(HeaderValue::from_static(""))
}

/// A member of staff who is signed in. As an argument of a handler, it sends everybody else to the
/// sign-in page.
#[derive(Debug, Clone)]
pub(crate) struct SignedIn {
    /// Their school.
    pub school: Arc<School>,
    /// The session this browser is in.
    pub session: Uuid,
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
        // Whoever let the request through has looked already.
        if let Some(who) = parts.extensions.get::<Self>() {
            return Ok(Some(who.clone()));
        }
        let found = web.session(&parts.headers).await?;
        let Some((session, school, key)) = found.filter(|(s, ..)| s.stage() == Stage::In) else {
            return Ok(None);
        };
        // A page that renews itself is nobody doing anything.
        let Ok(client) = Client::from_request_parts(parts, web).await;
        let stale = session.seen_at.timestamp() + STALE <= web.d.clock.now();
        if stale && !client.refresh {
            let mut tx = web.d.store.begin().await?;
            tx.touch_session(session.id).await?;
            tx.save().await?;
        }
        let session = session.id;
        Ok(Some(Self {
            school,
            session,
            key,
        }))
    }
}

impl FromRequestParts<Shared> for SignedIn {
    type Rejection = PageError;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &Shared,
    ) -> std::result::Result<Self, PageError> {
        Self::from(parts, web)
            .await?
            .ok_or_else(|| sign_in_first(parts))
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

/// Somebody whose password was right, and who has the second step before them. They see nothing yet.
#[derive(Debug, Clone)]
pub(crate) struct Halfway {
    /// Their school.
    pub school: Arc<School>,
    /// The session this browser is in.
    pub session: Uuid,
    /// What is still to come.
    pub stage: Stage,
    key: usize,
}

impl Halfway {
    /// Who, if they go on.
    pub fn staff(&self) -> &Staff {
        &self.school.people.staff[self.key]
    }
}

impl FromRequestParts<Shared> for Halfway {
    type Rejection = PageError;

    async fn from_request_parts(
        parts: &mut Parts,
        web: &Shared,
    ) -> std::result::Result<Self, PageError> {
        if let Some(half) = parts.extensions.get::<Self>() {
            return Ok(half.clone());
        }
        let found = web.session(&parts.headers).await?;
        let (session, school, key) = found
            .filter(|(session, ..)| session.stage() != Stage::In)
            .ok_or_else(|| sign_in_first(parts))?;
        Ok(Self {
            school,
            session: session.id,
            stage: session.stage(),
            key,
        })
    }
}

fn sign_in_first(parts: &Parts) -> PageError {
    if parts.method == Method::GET || parts.method == Method::HEAD {
        let asked = parts.uri.path_and_query().map_or("/today", |p| p.as_str());
        PageError::SignIn(asked.to_owned())
    } else {
        PageError::Ended
    }
}

/// The headers that set a cookie and go to another page.
pub(crate) fn with_cookie(cookie: HeaderValue) -> [(header::HeaderName, HeaderValue); 1] {
    [(header::SET_COOKIE, cookie)]
}
