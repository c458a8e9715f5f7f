//! Health: for those who keep the machine running. Numbers and states, never a word, name or address.

use askama::Template;
use axum::extract::State;
use axum::response::{IntoResponse as _, Response};

use rust_decimal::Decimal;

use super::{Frame, Stamp, render, watches};
use crate::channel::Status;
use crate::deployment::School;
use crate::store::{Failing, Moment, Queue, Spending};
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
    endpoints: Vec<Way>,
    /// What texts have cost this month, where prices are known.
    spent: Option<String>,
    /// What did not arrive.
    failed: Vec<Failed>,
}

/// One way in and out.
struct Way {
    id: String,
    kind: &'static str,
    /// How many messages wait to leave by it, and for how long the oldest that is due has.
    waiting: Option<String>,
    /// How its provider fails.
    fails: Option<String>,
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
    let failing = tx.failing().await?;
    let queues = tx.queues().await?;
    let month = school.calendar().month(tx.now());
    let spent = tx.spent(&school.config.id, &month).await?;
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
        .endpoints()
        .into_iter()
        .filter(|e| e.school.config.id == school.config.id);
    let page = Page {
        frame: Frame::of(&who, "/health", "Health").live("/events"),
        ladder: ladder.collect(),
        endpoints: endpoints
            .map(|e| Way {
                id: e.id.clone(),
                kind: e.channel.name(),
                waiting: queues
                    .iter()
                    .find(|q| q.endpoint == e.id)
                    .map(|q| waiting(q, now)),
                fails: failing
                    .iter()
                    .find(|f| f.endpoint == e.id)
                    .map(|f| fails(school, f, now)),
            })
            .collect(),
        spent: (spent.parts > 0).then(|| money(spent, school.config.monthly_budget)),
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

/// "3 waiting, the oldest for 12 minutes".
fn waiting(queue: &Queue, now: Moment) -> String {
    let oldest = queue.oldest.map_or(String::new(), |oldest| {
        let minutes = now.timestamp().duration_since(oldest.timestamp()).as_mins();
        format!(", the oldest for {minutes} min")
    });
    format!("{} waiting{oldest}", queue.waiting)
}

fn fails(school: &School, failing: &Failing, now: Moment) -> String {
    let since = Stamp::new(school, failing.failing_since, now);
    let rests = failing.rests_until.filter(|_| failing.rests(now));
    let rests = rests.map_or(String::new(), |until| {
        format!("; set aside until {}", Stamp::new(school, until, now))
    });
    if failing.asked() {
        return format!("it asked us to wait, {since} ({}){rests}", failing.why);
    }
    format!(
        "since {since} ({}), {} in a row{rests}",
        failing.why, failing.failures
    )
}

fn money(spent: Spending, budget: Option<Decimal>) -> String {
    let cost = Decimal::new(spent.cost, 6).round_dp(2);
    let of = budget.map_or(String::new(), |budget| {
        format!(" of a budget of {budget:.2}")
    });
    format!("{cost:.2}{of}, for {} parts", spent.parts)
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
