//! An invitation's page: whoever has the link chooses a password, once.
//!
//! A link that never was, is too old or was used is one answer. Looking does not use it up: mail
//! servers look at links before people do.

use std::sync::Arc;

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::sign_in::onwards;
use super::{Frame, Problem, render};
use crate::deployment::School;
use crate::desk::accounts;
use crate::store::{Token, Tx};
use crate::web::error::PageError;
use crate::web::password::BadPassword;
use crate::web::session::with_cookie;
use crate::web::{Shared, Web};

/// The page.
#[derive(Template)]
#[template(path = "invitation.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// Who is invited.
    name: String,
    /// What they sign in by.
    email: String,
    token: String,
}

/// A link that does not work.
#[derive(Template)]
#[template(path = "invitation_over.html", config = "src/web/askama.toml")]
struct Over {
    frame: Frame,
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    password: String,
}

/// `GET /invitation/{token}`
pub(crate) async fn show(
    State(web): State<Shared>,
    Path(token): Path<String>,
) -> Result<Response, PageError> {
    view(&web, &token, None).await
}

/// `POST /invitation/{token}`
pub(crate) async fn accept(
    State(web): State<Shared>,
    Path(shown): Path<String>,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let token = Token::shown(&shown);
    let mut tx = web.d.store.read().await?;
    let works = invited(&web, &mut tx, &token).await?.is_some();
    drop(tx);
    // Nobody makes the machine work at hashing without an invitation.
    if !works {
        return Ok(over());
    }
    let hash = match web.hash(typed.password).await {
        Ok(hash) => hash,
        Err(why @ BadPassword::TooShort(_)) => {
            let problem = Problem::new("password", &why.to_string());
            return view(&web, &shown, Some(problem)).await;
        }
        Err(BadPassword::Hash(why)) => return Err(PageError::Machine(why)),
    };
    let mut tx = web.d.store.begin().await?;
    let taken = accounts::accept(&mut tx, &token, &hash).await?;
    let Some((school, key)) = taken.and_then(|(id, key)| Some((web.d.school(&id)?, key))) else {
        return Ok(over());
    };
    let (cookie, stage) = web.admit(&mut tx, &school, &key, &headers).await?;
    tx.save().await?;
    let to = Redirect::to(&onwards(stage, ""));
    Ok((with_cookie(cookie), to).into_response())
}

/// Whom a link invites: their school and key, if they are still on its staff.
async fn invited(
    web: &Web,
    tx: &mut Tx,
    token: &Token,
) -> Result<Option<(Arc<School>, String)>, PageError> {
    let found = tx.invitation(token).await?;
    Ok(found.and_then(|invitation| {
        let school = web.d.school(&invitation.school_id)?;
        school.people.staff(&invitation.staff)?;
        Some((school, invitation.staff))
    }))
}

async fn view(web: &Web, token: &str, problem: Option<Problem>) -> Result<Response, PageError> {
    let mut tx = web.d.store.read().await?;
    let found = invited(web, &mut tx, &Token::shown(token)).await?;
    let Some((school, key)) = found else {
        return Ok(over());
    };
    let Some(staff) = school.people.staff(&key) else {
        return Ok(over());
    };
    let frame = Frame {
        problem,
        school: school.config.name.clone(),
        ..Frame::bare("Choose your password")
    };
    let status = frame.status();
    let page = Page {
        frame,
        name: staff.name.clone(),
        email: staff.email.clone().unwrap_or_default(),
        token: token.to_owned(),
    };
    Ok((status, render(&page)).into_response())
}

fn over() -> Response {
    let page = Over {
        frame: Frame::bare("This link does not work"),
    };
    (StatusCode::NOT_FOUND, render(&page)).into_response()
}
