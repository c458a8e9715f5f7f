//! Messages: what goes out and how far it has come, another try for what did not arrive, and what the
//! month cost.
//!
//! A message of a case shows only to those who may open the case, its words with it. Whoever keeps the
//! machine running sees states and no more: no word, no purpose, no person.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::SignedDuration;
use serde::Deserialize;
use uuid::Uuid;

use super::health::status_words;
use super::spending::{Cost, costs};
use super::wording::who_at;
use super::{Frame, Stamp, clean, render};
use crate::channel::Status;
use crate::deployment::School;
use crate::desk::may_open;
use crate::desk::sight::{may_see_messages, may_see_recipients};
use crate::store::{Case, Moment, OutboxFilter, OutboxRow, Purpose, Result, Tx};
use crate::web::client::Client;
use crate::web::error::{PageError, form_encoded};
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// Messages on one page.
const ON_A_PAGE: usize = 50;

/// Messages that are read at a time until a page is full.
const AT_ONCE: i64 = 200;

/// How far back the list goes.
const LOOKED_BACK: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Characters of a message that are shown; 50 of them keep a page under 100 KB.
const SHOWN: usize = 500;

/// The page.
#[derive(Template)]
#[template(path = "messages.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    states: Vec<Choice>,
    ways: Vec<Choice>,
    /// Whether recipients and words are shown at all.
    people: bool,
    more: Option<String>,
    /// The month, and what it came to by way and language.
    month: String,
    costs: Vec<Cost>,
    total: Option<Cost>,
}

struct Choice {
    value: String,
    label: &'static str,
    name: String,
    chosen: bool,
}

struct Row {
    id: Uuid,
    when: Stamp,
    to: String,
    purpose: &'static str,
    via: String,
    status: &'static str,
    bad: bool,
    why: String,
    tries: i64,
    words: Option<String>,
    case: Option<i64>,
}

/// What the list is narrowed to.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// A step of the ladder, or `trouble`.
    #[serde(default)]
    state: String,
    #[serde(default)]
    via: String,
    /// When the last one of the page before was written, in microseconds, and which it was.
    before: Option<i64>,
    id: Option<Uuid>,
    /// What was just done.
    done: Option<String>,
}

/// `GET /messages`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, PageError> {
    if client.ahead || !may_see_messages(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let filter = OutboxFilter {
        status: Status::from_word(&asked.state),
        trouble: asked.state == "trouble",
        via: (!asked.via.is_empty()).then(|| asked.via.clone()),
        since: Moment::from(tx.now() - LOOKED_BACK),
        before: asked.before.map(Moment).zip(asked.id),
    };
    let (rows, more) = rows(&mut tx, &who, filter).await?;
    let spent = costs(&web, &mut tx, school).await?;
    drop(tx);
    let more = more.map(|(at, id)| {
        let query = form_encoded(&[
            ("state", asked.state.clone()),
            ("via", asked.via.clone()),
            ("before", at.0.to_string()),
            ("id", id.to_string()),
        ]);
        format!("/messages?{query}")
    });
    let page = Page {
        frame: Frame::of(&who, "/messages", "Messages").done(asked.done.as_deref()),
        rows: rows
            .into_iter()
            .map(|(row, case)| row_of(&who, &row, case.as_ref(), now))
            .collect(),
        states: states(&asked.state),
        ways: ways(&web, school, &asked.via),
        people: may_see_recipients(who.staff()),
        more,
        month: spent.month,
        costs: spent.rows,
        total: spent.total,
    };
    Ok(render(&page))
}

/// `POST /messages/{id}/retry`
pub(crate) async fn retry(
    State(web): State<Shared>,
    who: SignedIn,
    Path(id): Path<Uuid>,
) -> std::result::Result<Response, PageError> {
    if !may_see_messages(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school.config.id;
    let mut tx = web.d.store.begin().await?;
    let found = tx.outbox_row(id).await?;
    let row = found
        .filter(|row| row.school_id == *school)
        .ok_or(PageError::NotFound)?;
    let case = match row.case_id {
        Some(case) => tx.case(school, case).await?,
        None => None,
    };
    if !is_shown(&who, &row, case.as_ref()) {
        return Err(PageError::NotFound);
    }
    // Pressed twice, or it has arrived meanwhile: there is nothing to send again.
    if tx.send_again(id).await? {
        tx.audit(
            school,
            &who.staff().key,
            "sent a message again",
            row.case_id,
        )
        .await?;
    }
    tx.save().await?;
    Ok(Redirect::to("/messages?state=trouble&done=again").into_response())
}

/// Whether a message is on this person's list. One of a case is as much theirs as the case; what
/// alerted is nobody's but those it was for.
fn is_shown(who: &SignedIn, row: &OutboxRow, case: Option<&Case>) -> bool {
    if !may_see_recipients(who.staff()) {
        // States only, of all.
        return true;
    }
    match (row.case_id, case) {
        (Some(_), Some(case)) => may_open(&who.school, who.staff(), case),
        (Some(_), None) => false,
        (None, _) => row.purpose() != Purpose::Safeguarding,
    }
}

type Shown = (OutboxRow, Option<Case>);

/// A page of messages with their cases, and where the next page begins.
async fn rows(
    tx: &mut Tx,
    who: &SignedIn,
    mut filter: OutboxFilter,
) -> Result<(Vec<Shown>, Option<(Moment, Uuid)>)> {
    let school = &who.school.config.id;
    let mut cases: HashMap<Uuid, Option<Case>> = HashMap::new();
    let mut shown: Vec<Shown> = Vec::new();
    loop {
        let some = tx.outbox_page(school, &filter, AT_ONCE).await?;
        let last = some.last().map(|row| (row.created_at, row.id));
        for row in some {
            let case = match row.case_id {
                Some(id) => match cases.get(&id) {
                    Some(known) => known.clone(),
                    None => {
                        let case = tx.case(school, id).await?;
                        cases.insert(id, case.clone());
                        case
                    }
                },
                None => None,
            };
            if is_shown(who, &row, case.as_ref()) {
                if shown.len() == ON_A_PAGE {
                    let last = shown.last().map(|(row, _)| (row.created_at, row.id));
                    return Ok((shown, last));
                }
                shown.push((row, case));
            }
        }
        match last {
            Some(last) => filter.before = Some(last),
            None => return Ok((shown, None)),
        }
    }
}

fn row_of(who: &SignedIn, row: &OutboxRow, case: Option<&Case>, now: Moment) -> Row {
    let school = &who.school;
    let people = may_see_recipients(who.staff());
    let staff = row.staff.as_deref().map(|key| school.name(key));
    let to = staff.unwrap_or_else(|| who_at(school, &row.address));
    let words = case.filter(|_| people && row.staff.is_none()).map(|_| {
        let words = clean(&row.body);
        match words.char_indices().nth(SHOWN) {
            Some((end, _)) => format!("{}…", words.get(..end).unwrap_or_default()),
            None => words,
        }
    });
    let status = row.status();
    Row {
        id: row.id,
        when: Stamp::new(school, row.created_at, now),
        to: if people { to } else { String::new() },
        purpose: if people { purpose_words(row) } else { "" },
        via: row.via.clone(),
        status: status_words(status),
        bad: is_bad(status),
        why: row.error.clone().unwrap_or_default(),
        tries: row.attempts,
        words,
        case: case.filter(|_| people).map(|c| c.number),
    }
}

fn is_bad(status: Status) -> bool {
    matches!(
        status,
        Status::Failed | Status::Undelivered | Status::Uncertain
    )
}

fn purpose_words(row: &OutboxRow) -> &'static str {
    match row.purpose() {
        Purpose::Answer => "an answer",
        Purpose::Safeguarding => "safeguarding",
        Purpose::Staff => "a notice to staff",
        Purpose::School => "from the school",
        Purpose::Reminder => "a reminder",
    }
}

fn states(chosen: &str) -> Vec<Choice> {
    let all = [
        ("", "Everything"),
        ("trouble", "What needs a person"),
        ("queued", "Waiting"),
        ("sending", "Being sent"),
        ("accepted", "Taken by the provider"),
        ("sent", "Sent"),
        ("delivered", "Delivered"),
        ("failed", "Could not be sent"),
        ("undelivered", "Did not arrive"),
        ("uncertain", "Nobody knows"),
        ("expired", "Withdrawn"),
    ];
    let choice = |(value, label): (&str, &'static str)| Choice {
        value: value.to_owned(),
        label,
        name: String::new(),
        chosen: value == chosen,
    };
    all.map(choice).into()
}

/// The school's ways out.
fn ways(web: &Web, school: &School, chosen: &str) -> Vec<Choice> {
    let ours = web.d.endpoints().into_iter();
    ours.filter(|e| e.school.config.id == school.config.id)
        .map(|e| Choice {
            value: e.id.clone(),
            label: e.channel.name(),
            name: e.id.clone(),
            chosen: e.id == chosen,
        })
        .collect()
}
