//! The way to the sign-in page of the school account, and the way back.

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, header};
use axum::response::{AppendHeaders, IntoResponse as _, Redirect, Response};
use axum_extra::extract::cookie::CookieJar;
use jiff::SignedDuration;
use serde::Deserialize;
use subtle::ConstantTimeEq as _;

use super::sign_in::{self, onwards};
use crate::store::{Detour, Token};
use crate::web::error::PageError;
use crate::web::school_account::NotProved;
use crate::web::{Shared, Web};

/// The cookie of whoever is on the way. It comes back with them, as they come by a link.
const COOKIE: &str = "__Host-schoolgate-detour";

/// How long somebody may take at the other page.
const DETOUR: SignedDuration = SignedDuration::from_mins(10);

/// What the way there is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The page to go to afterwards.
    #[serde(default)]
    next: String,
}

/// What they come back with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Brought {
    #[serde(default)]
    state: String,
    #[serde(default)]
    code: String,
}

/// `GET /sign-in/school`
pub(crate) async fn go(
    State(web): State<Shared>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let accounts = web.d.config.school_accounts.as_ref();
    let accounts = accounts.ok_or(PageError::NotFound)?;
    let (address, detour) = match web.detour(accounts, &asked.next).await {
        Ok(found) => found,
        Err(why) => return Ok(refused(&web, &why, asked.next)),
    };
    let token = Token::fresh(&web.d.clock);
    let mut tx = web.d.store.begin().await?;
    let until = tx.now() + DETOUR;
    tx.begin_detour(&token, &detour, until).await?;
    tx.save().await?;
    let cookie = cookie(&format!("{}; Max-Age={}", token.text(), DETOUR.as_secs()));
    Ok(([(header::SET_COOKIE, cookie)], Redirect::to(&address)).into_response())
}

/// `GET /sign-in/school/back`
pub(crate) async fn back(
    State(web): State<Shared>,
    headers: HeaderMap,
    Query(brought): Query<Brought>,
) -> Result<Response, PageError> {
    let accounts = web.d.config.school_accounts.as_ref();
    let accounts = accounts.ok_or(PageError::NotFound)?;
    let Some(detour) = ended(&web, &headers).await? else {
        let words = "That took too long, or began in another browser. Try once more";
        return Ok(sign_in::refused(&web, words, String::new()));
    };
    let ours = detour.state.as_bytes().ct_eq(brought.state.as_bytes());
    if !bool::from(ours) || brought.code.is_empty() {
        let words = format!("Signing in with {} was given up. Try again", accounts.label);
        return Ok(sign_in::refused(&web, &words, detour.next));
    }
    let email = match web.proved_email(accounts, &detour, &brought.code).await {
        Ok(email) => email,
        Err(why) => return Ok(refused(&web, &why, detour.next)),
    };
    let Some((school, key)) = web.members(&email).next() else {
        return Ok(refused(&web, &NotProved::Email, detour.next));
    };
    let mut tx = web.d.store.begin().await?;
    let did = format!("came by {}", accounts.label);
    tx.audit(&school.config.id, &key, &did, None).await?;
    let (signed_in, stage) = web.admit(&mut tx, &school, &key, &headers).await?;
    tx.save().await?;
    let cookies: AppendHeaders<[(HeaderName, HeaderValue); 2]> = AppendHeaders([
        (header::SET_COOKIE, signed_in),
        (header::SET_COOKIE, cookie("; Max-Age=0")),
    ]);
    let to = Redirect::to(&onwards(stage, &detour.next));
    Ok((cookies, to).into_response())
}

/// The detour that this browser was on. It ends here, however it went.
async fn ended(web: &Web, headers: &HeaderMap) -> Result<Option<Detour>, PageError> {
    let jar = CookieJar::from_headers(headers);
    let Some(token) = jar.get(COOKIE).map(|held| Token::shown(held.value())) else {
        return Ok(None);
    };
    let mut tx = web.d.store.begin().await?;
    let detour = tx.end_detour(&token).await?;
    tx.save().await?;
    Ok(detour)
}

/// The sign-in page, saying what can be done; the log has why.
fn refused(web: &Web, why: &NotProved, next: String) -> Response {
    tracing::warn!(%why, "somebody was not signed in by their school account");
    let words = match why {
        NotProved::Email => {
            "That account is nobody's on the staff here. Choose your school account, or ask the office which address they have for you"
        }
        NotProved::Config(_) | NotProved::Provider(_) | NotProved::Proof(_) => {
            "Your school account could not be asked. Try again, or sign in with your password"
        }
    };
    sign_in::refused(web, words, next)
}

fn cookie(held: &str) -> HeaderValue {
    let cookie = format!("{COOKIE}={held}; Path=/; Secure; HttpOnly; SameSite=Lax");
    HeaderValue::try_from(cookie).unwrap_or(HeaderValue::from_static(""))
}
