//! Your account: what is somebody's own. Their password, their second step, and where they are signed
//! in.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::HeaderMap;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::sign_in::too_many;
use super::{Frame, Problem, Stamp, render};
use crate::desk::accounts::needs_second_step;
use crate::store::{Moment, Stage};
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::password::BadPassword;
use crate::web::session::{IDLE, LONGEST, SignedIn, with_cookie};
use crate::web::{Shared, Web};

/// The page.
#[derive(Template)]
#[template(path = "account.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// What they sign in by.
    email: String,
    sessions: Vec<SessionRow>,
    /// Since when they have a second step, and how many recovery codes are left.
    second_step: Option<(Stamp, i64)>,
    /// Whether one is asked of them.
    needs_second_step: bool,
    /// Whether this is a demo, in which it is not.
    demo: bool,
}

/// One browser somebody is signed in with.
struct SessionRow {
    id: Uuid,
    browser: String,
    opened: Stamp,
    seen: Stamp,
    /// The one that asks.
    here: bool,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// What was just done.
    done: Option<String>,
}

/// The form for another password.
#[derive(Deserialize)]
pub(crate) struct Passwords {
    #[serde(default)]
    current: String,
    #[serde(default)]
    new: String,
}

/// `GET /account`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let frame = Frame::of(&who, "", "Your account").done(asked.done.as_deref());
    view(&web, &who, frame).await
}

/// `POST /account/password`: it ends their other sessions.
pub(crate) async fn password(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    headers: HeaderMap,
    Form(typed): Form<Passwords>,
) -> Result<Response, PageError> {
    let right = web
        .is_their_password(&who.school, who.staff(), typed.current, client.address)
        .await?;
    let problem = match right {
        Ok(true) => None,
        Ok(false) => Some(Problem::new("current", "That is not your password")),
        Err(wait) => Some(Problem::new("current", &too_many("passwords", wait))),
    };
    if let Some(problem) = problem {
        return again(&web, &who, problem).await;
    }
    let hash = match web.hash(typed.new).await {
        Ok(hash) => hash,
        Err(why @ BadPassword::TooShort(_)) => {
            return again(&web, &who, Problem::new("new", &why.to_string())).await;
        }
        Err(BadPassword::Hash(why)) => return Err(PageError::Machine(why)),
    };
    let (school, staff) = (&who.school.config.id, &who.staff().key);
    let mut tx = web.d.store.begin().await?;
    tx.set_password(school, staff, &hash).await?;
    tx.audit(school, staff, "changed their password", None)
        .await?;
    let cookie = web
        .open(&mut tx, school, staff, Stage::In, &headers)
        .await?;
    tx.save().await?;
    let to = Redirect::to("/account?done=password");
    Ok((with_cookie(cookie), to).into_response())
}

/// `POST /account/sessions/{session}/end`
pub(crate) async fn end(
    State(web): State<Shared>,
    who: SignedIn,
    Path(session): Path<String>,
) -> Result<Response, PageError> {
    let session = Uuid::parse_str(&session).map_err(|_| PageError::NotFound)?;
    let (school, staff) = (&who.school.config.id, &who.staff().key);
    let mut tx = web.d.store.begin().await?;
    if !tx.end_session_of(school, staff, session).await? {
        return Err(PageError::NotFound);
    }
    tx.audit(school, staff, "ended a session of their own", None)
        .await?;
    tx.save().await?;
    Ok(Redirect::to("/account?done=session").into_response())
}

/// `POST /account/sessions/end`: all but this one.
pub(crate) async fn end_others(
    State(web): State<Shared>,
    who: SignedIn,
) -> Result<Response, PageError> {
    let (school, staff) = (&who.school.config.id, &who.staff().key);
    let mut tx = web.d.store.begin().await?;
    tx.end_other_sessions(school, staff, who.session).await?;
    tx.audit(school, staff, "ended their other sessions", None)
        .await?;
    tx.save().await?;
    Ok(Redirect::to("/account?done=session").into_response())
}

async fn again(web: &Web, who: &SignedIn, problem: Problem) -> Result<Response, PageError> {
    let frame = Frame {
        problem: Some(problem),
        ..Frame::of(who, "", "Your account")
    };
    view(web, who, frame).await
}

async fn view(web: &Web, who: &SignedIn, frame: Frame) -> Result<Response, PageError> {
    let (school, staff) = (&who.school, who.staff());
    let id = &school.config.id;
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let opened = Moment::from(tx.now() - LONGEST);
    let idle = Moment::from(tx.now() - IDLE);
    let sessions = tx.sessions_of(id, &staff.key, opened, idle).await?;
    let second_step = match tx.second_step(id, &staff.key).await? {
        Some(set) => {
            let left = tx.recovery_codes_left(id, &staff.key).await?;
            Some((Stamp::new(school, set.set_at, now), left))
        }
        None => None,
    };
    let row = |session: crate::store::Session| SessionRow {
        id: session.id,
        opened: Stamp::new(school, session.created_at, now),
        seen: Stamp::new(school, session.seen_at, now),
        here: session.id == who.session,
        browser: session.browser,
    };
    let status = frame.status();
    let page = Page {
        frame,
        email: staff.email.clone().unwrap_or_default(),
        sessions: sessions.into_iter().map(row).collect(),
        second_step,
        needs_second_step: needs_second_step(staff),
        demo: web.demo,
    };
    Ok((status, render(&page)).into_response())
}
