//! Settings, Staff: who can sign in, and the invitation by which they do the first time or again.
//!
//! With email, the link goes to whoever it is for and nobody else sees it. It is sent from here, not
//! through the outbox, which keeps what it sends: a link is as good as a password.

use std::collections::HashMap;
use std::time::Duration;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::settings::HERE;
use super::{Frame, Problem, Stamp, render};
use crate::channel::Outbound;
use crate::desk::accounts;
use crate::school::people::{Staff, titles};
use crate::store::{Invitation, Moment};
use crate::web::error::PageError;
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// How long the mail server may take, while somebody looks at the page.
const PATIENCE: Duration = Duration::from_secs(10);

/// The page.
#[derive(Template)]
#[template(path = "staff.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    staff: Vec<Row>,
    /// Whether invitations go out by email.
    emails: bool,
    /// Whether this is a demo, in which no second step is asked.
    demo: bool,
}

struct Row {
    key: String,
    name: String,
    roles: String,
    /// `None`: nothing to sign in by.
    email: Option<String>,
    /// Whether they have a password.
    can: bool,
    /// Until when their invitation works.
    invited: Option<Stamp>,
    signed_in: Option<Stamp>,
    second_step: &'static str,
}

/// The link, shown this once.
#[derive(Template)]
#[template(path = "invited.html", config = "src/web/askama.toml")]
struct Invited {
    frame: Frame,
    name: String,
    link: String,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// What was just done.
    done: Option<String>,
}

/// `GET /settings/staff`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let frame = Frame::of(&who, HERE, "Staff who sign in").done(asked.done.as_deref());
    view(&web, &who, frame).await
}

/// `POST /settings/staff/{key}/invite`
pub(crate) async fn invite(
    State(web): State<Shared>,
    who: SignedIn,
    Path(key): Path<String>,
) -> Result<Response, PageError> {
    let staff = member(&who, &key)?;
    let email = staff.email.as_deref().ok_or(PageError::NotFound)?;
    let school = &who.school.config;
    let mut tx = web.d.store.begin().await?;
    let public = web.d.public_url();
    let link = accounts::invite(&mut tx, &public, &school.id, staff, &who.staff().key).await?;
    tx.save().await?;
    let Some(server) = web.d.mail_server_of(&school.id) else {
        return Ok(render(&Invited {
            frame: Frame::of(&who, HERE, format!("A link for {}", staff.name)),
            name: staff.name.clone(),
            link,
        }));
    };
    let mail = Outbound {
        id: web.d.clock.id(),
        to: email.to_owned(),
        subject: Some(format!("{}: choose your password", school.name)),
        body: letter(who.staff(), staff, &school.name, &link),
        buttons: Vec::new(),
        ask_contact: false,
        correspondence: crate::channel::Correspondence::default(),
    };
    let why = match tokio::time::timeout(PATIENCE, server.channel.send(&mail)).await {
        Ok(Ok(_)) => return Ok(Redirect::to("/settings/staff?done=invited").into_response()),
        Ok(Err(why)) => why.to_string(),
        Err(_) => "the mail server did not answer in time".to_owned(),
    };
    tracing::warn!(%why, "an invitation could not be emailed");
    let words = format!(
        "The email to {} could not be sent ({why}). Try again; if it goes on, ask whoever looks after the service to make a link with `schoolgate staff invite`",
        staff.name
    );
    let frame = Frame {
        problem: Some(Problem::new(format!("invite-{key}"), &words)),
        ..Frame::of(&who, HERE, "Staff who sign in")
    };
    view(&web, &who, frame).await
}

/// `POST /settings/staff/{key}/sign-out`: wherever they are signed in.
pub(crate) async fn sign_out(
    State(web): State<Shared>,
    who: SignedIn,
    Path(key): Path<String>,
) -> Result<Response, PageError> {
    let staff = member(&who, &key)?;
    let school = &who.school.config.id;
    let mut tx = web.d.store.begin().await?;
    tx.end_sessions_of(school, &staff.key).await?;
    let did = format!("signed {} out", staff.key);
    tx.audit(school, &who.staff().key, &did, None).await?;
    tx.save().await?;
    Ok(Redirect::to("/settings/staff?done=staff-signed-out").into_response())
}

/// Somebody on the staff of the school of whoever asks.
fn member<'a>(who: &'a SignedIn, key: &str) -> Result<&'a Staff, PageError> {
    who.school.people.staff(key).ok_or(PageError::NotFound)
}

fn letter(from: &Staff, to: &Staff, school: &str, link: &str) -> String {
    format!(
        "Dear {},\n\n{} invites you to sign in to schoolgate for {school}.\n\nChoose your password here:\n{link}\n\nThe link works once, for 7 days, and is for you alone. If you did not expect this, delete it and tell the school.\n",
        to.name, from.name
    )
}

async fn view(web: &Web, who: &SignedIn, frame: Frame) -> Result<Response, PageError> {
    let school = &who.school;
    let id = &school.config.id;
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let can = tx.accounts(id).await?;
    let signed_in: HashMap<String, Moment> = tx.last_sign_ins(id).await?.into_iter().collect();
    let invited = tx.invitations_of(id).await?;
    let stepped = tx.with_second_step(id).await?;
    let invited_until = |key: &str| {
        let mine = |i: &&Invitation| i.staff == key;
        let found = invited.iter().find(mine);
        found.map(|i| Stamp::new(school, i.expires_at, now))
    };
    let rows = school.people.staff.iter().map(|staff| Row {
        key: staff.key.clone(),
        name: staff.name.clone(),
        roles: titles(&staff.roles),
        email: staff.email.clone(),
        can: can.contains(&staff.key),
        invited: invited_until(&staff.key),
        signed_in: signed_in
            .get(&staff.key)
            .map(|at| Stamp::new(school, *at, now)),
        second_step: if stepped.contains(&staff.key) {
            "Set up"
        } else if accounts::needs_second_step(staff) && !web.demo {
            "Not yet: asked when they sign in"
        } else {
            "Not asked of them"
        },
    });
    let status = frame.status();
    let page = Page {
        staff: rows.collect(),
        frame,
        emails: web.d.mail_server_of(&who.school.config.id).is_some(),
        demo: web.demo,
    };
    Ok((status, render(&page)).into_response())
}
