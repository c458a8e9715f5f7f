//! Health: for those who keep the machine running. Numbers and states, never a word, name or address.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use super::{Frame, Stamp, render, watches};
use crate::channel::Status;
use crate::store::Moment;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// The page.
#[derive(Template)]
#[template(path = "health.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// Step of the ladder and how many messages stand on it.
    ladder: Vec<(&'static str, i64)>,
    /// How messages travel.
    endpoints: Vec<(String, &'static str)>,
    /// What did not arrive.
    failed: Vec<Failed>,
}

/// One message that did not arrive.
struct Failed {
    when: Stamp,
    endpoint: String,
    status: &'static str,
    why: String,
}

/// `GET /health`
pub(crate) async fn show(State(web): State<Shared>, who: SignedIn) -> Result<Response, PageError> {
    if !watches(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let counts = tx.ladder().await?;
    let failed = tx.undelivered(&school.config.id).await?;
    drop(tx);
    let ladder = LADDER.iter().map(|(status, label)| {
        let count = counts
            .iter()
            .find(|(word, _)| word == status.word())
            .map_or(0, |(_, n)| *n);
        (*label, count)
    });
    let endpoints = web
        .d
        .endpoints
        .values()
        .filter(|e| e.school.config.id == school.config.id);
    let page = Page {
        frame: Frame::of(&who, "/health", "Health").live("/events"),
        ladder: ladder.collect(),
        endpoints: endpoints
            .map(|e| (e.id.clone(), e.channel.name()))
            .collect(),
        failed: failed
            .iter()
            .map(|row| Failed {
                when: Stamp::new(school, row.created_at, now),
                endpoint: row.endpoint.clone(),
                status: status_words(row.status()),
                why: row.error.clone().unwrap_or_default(),
            })
            .collect(),
    };
    Ok(render(&page).into_response())
}

const LADDER: [(Status, &str); 9] = [
    (Status::Queued, "Waiting for their time"),
    (Status::Sending, "Being sent"),
    (Status::Accepted, "Taken by the provider"),
    (Status::Sent, "Sent on"),
    (Status::Delivered, "Arrived"),
    (Status::Failed, "Could not be sent"),
    (Status::Undelivered, "Left and did not arrive"),
    (Status::Uncertain, "Nobody knows"),
    (Status::Expired, "Withdrawn: too late to be worth sending"),
];

/// Where a message stands, in words.
pub(crate) fn status_words(status: Status) -> &'static str {
    match status {
        Status::Queued => "waiting",
        Status::Sending => "being sent",
        Status::Accepted => "taken by the provider",
        Status::Sent => "sent",
        Status::Delivered => "delivered",
        Status::Failed => "could not be sent",
        Status::Undelivered => "did not arrive",
        Status::Uncertain => "nobody knows whether it arrived",
        Status::Expired => "withdrawn",
    }
}
