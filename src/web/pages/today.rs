//! Today: what needs this person, the most urgent first, and only what they may see.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::waiting::{Falls, Look, Waiting};
use super::{Frame, Problem, reads_words, render, settings, sign_in, watches};
use crate::school::people::Role;
use crate::web::error::PageError;
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// The page.
#[derive(Template)]
#[template(path = "today.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    waiting: Waiting,
    /// "3 things wait for you", for the eye and for a screen reader when it changes.
    summary: String,
    /// Services that families are sent to and nobody has checked of late, for the office.
    unchecked: usize,
    /// Somebody who sees numbers only.
    governor: bool,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// What was just done.
    done: Option<String>,
}

/// `GET /today`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    if !reads_words(who.staff()) && watches(who.staff()) {
        return Ok(Redirect::to(sign_in::home(&who)).into_response());
    }
    if reads_words(who.staff()) {
        looked(&web, &who).await?;
    }
    let frame = Frame::of(&who, "/today", "Today").done(asked.done.as_deref());
    view(&web, &who, frame).await
}

/// Today shows how parents began: looking at it is a reading, written down once while it goes on.
async fn looked(web: &Web, who: &SignedIn) -> Result<(), PageError> {
    let now = web.d.clock.now();
    if web.readers.are_reading(who, Uuid::nil(), now) {
        return Ok(());
    }
    let mut tx = web.d.store.begin().await?;
    let did = "looked at Today";
    tx.audit(&who.school.config.id, &who.staff().key, did, None)
        .await?;
    tx.save().await?;
    web.readers.opened(who, Uuid::nil(), now);
    Ok(())
}

/// Today again, after a form that was not taken.
pub(crate) async fn again(
    web: &Web,
    who: &SignedIn,
    problem: Problem,
) -> Result<Response, PageError> {
    let frame = Frame {
        problem: Some(problem),
        ..Frame::of(who, "/today", "Today")
    };
    view(web, who, frame).await
}

async fn view(web: &Web, who: &SignedIn, frame: Frame) -> Result<Response, PageError> {
    let governor = !reads_words(who.staff());
    let waiting = if governor {
        Waiting::default()
    } else {
        let mut tx = web.d.store.read().await?;
        Look::new(&mut tx, &who.school, who.staff())
            .gather()
            .await?
    };
    let unchecked = match who.staff().is(Role::Office) {
        true => settings::unchecked(web, &who.school),
        false => 0,
    };
    let summary = match waiting.count() + unchecked.min(1) {
        0 => "Nothing waits for you.".to_owned(),
        1 => "1 thing waits for you.".to_owned(),
        n => format!("{n} things wait for you."),
    };
    let status = frame.status();
    let page = Page {
        frame: frame.live("/events"),
        waiting,
        summary,
        unchecked,
        governor,
    };
    Ok((status, render(&page)).into_response())
}
