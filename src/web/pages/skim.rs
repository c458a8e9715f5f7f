//! Skim: the words of every message that did not alert since this lead last looked, a line each, one
//! key to flag one. The second net under the screen.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::wording::{adult_name, pupil_name, who_at};
use super::{Frame, Stamp, case, render};
use crate::desk::DeskError;
use crate::desk::sight::may_skim;
use crate::desk::skim::Passed;
use crate::school::case::reference;
use crate::store::Moment;
use crate::web::Shared;
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// Messages on one page: as many as somebody reads at a sitting.
const ON_A_PAGE: usize = 50;

/// Characters of a message that stand in its line; the rest unfolds below it.
const LINE: usize = 160;

/// Characters of a message that are shown at all: of 50 such messages a page stays under 100 KB.
const SHOWN: usize = 1_000;

/// The page.
#[derive(Template)]
#[template(path = "skim.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    since: Stamp,
    /// How far this page reaches.
    until: Option<Uuid>,
    more: bool,
    /// How many examples there are for the screen.
    examples: usize,
}

struct Row {
    id: Uuid,
    when: Stamp,
    who: String,
    words: String,
    /// What did not fit into the line.
    rest: Option<String>,
    /// It came close to alerting.
    near: bool,
    /// Something came with it.
    media: bool,
    number: Option<i64>,
    reference: String,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// What was just done.
    done: Option<String>,
}

/// How far somebody has read.
#[derive(Debug, Deserialize)]
pub(crate) struct Read {
    until: Uuid,
}

/// `GET /skim`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    if client.ahead || !may_skim(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let mut tx = web.d.store.begin().await?;
    let now = Moment::from(tx.now());
    let skim = who.actor(&web).skim(&mut tx, ON_A_PAGE).await?;
    let examples = tx.flagged(&school.config.id).await?.len();
    tx.audit(&school.config.id, &who.staff().key, "skimmed", None)
        .await?;
    tx.save().await?;
    let row = |passed: &Passed| row(&who, passed, now);
    let page = Page {
        frame: Frame::of(&who, "/skim", "Skim").done(asked.done.as_deref()),
        rows: skim.passed.iter().map(row).collect::<Result<_, _>>()?,
        since: Stamp::new(school, skim.since, now),
        until: skim.until,
        more: skim.more,
        examples,
    };
    Ok(render(&page))
}

fn row(who: &SignedIn, passed: &Passed, now: Moment) -> Result<Row, PageError> {
    let school = &who.school;
    let message = &passed.message;
    let words = case::one_line(&message.words());
    let cut = |at: usize| words.char_indices().nth(at).map(|(at, _)| at);
    let (line, rest) = match cut(LINE) {
        Some(at) => {
            let end = cut(SHOWN).unwrap_or(words.len());
            let whole = if end < words.len() { "…" } else { "" };
            let rest = words.get(at..end).unwrap_or_default();
            (
                format!("{}…", words.get(..at).unwrap_or_default()),
                Some(format!("…{rest}{whole}")),
            )
        }
        None => (words.clone(), None),
    };
    let verdict = message.verdict()?;
    Ok(Row {
        id: message.id,
        when: Stamp::new(school, message.received_at, now),
        who: passed.case.as_ref().map_or_else(
            || who_at(school, &message.address),
            |case| {
                format!(
                    "{} about {}",
                    adult_name(school, case),
                    pupil_name(school, case)
                )
            },
        ),
        words: line,
        rest,
        near: verdict.is_some_and(|v| v.near_miss || !v.set.is_empty()),
        media: !message.media()?.is_empty(),
        number: passed.case.as_ref().map(|c| c.number),
        reference: passed
            .case
            .as_ref()
            .map_or_else(String::new, |c| reference(c.number)),
    })
}

/// `POST /skim`: "I have read these".
pub(crate) async fn read(
    State(web): State<Shared>,
    who: SignedIn,
    Form(read): Form<Read>,
) -> Result<Response, PageError> {
    if !may_skim(who.staff()) {
        return Err(PageError::NotFound);
    }
    let mut tx = web.d.store.begin().await?;
    let school = &who.school.config.id;
    tx.keep_skimmed(school, &who.staff().key, read.until)
        .await?;
    tx.save().await?;
    Ok(Redirect::to("/skim?done=skimmed").into_response())
}

/// `POST /skim/{message}/flag`
pub(crate) async fn flag(
    State(web): State<Shared>,
    who: SignedIn,
    Path(message): Path<Uuid>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.begin().await?;
    match who.actor(&web).flag(&mut tx, message).await {
        // Somebody was quicker: it is sealed, as was wanted.
        Ok(_) | Err(DeskError::Done) => {}
        Err(error) => return Err(error.into()),
    }
    tx.save().await?;
    Ok(Redirect::to("/skim?done=flagged").into_response())
}

/// `GET /skim/examples.txt`: what was flagged, as the screen's tests and its language files take it.
pub(crate) async fn examples(
    State(web): State<Shared>,
    who: SignedIn,
) -> Result<Response, PageError> {
    if !may_skim(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let mut tx = web.d.store.begin().await?;
    let mut lines = String::new();
    for message in tx.flagged(&school.config.id).await? {
        let cases = tx.cases_holding(&school.config.id, message.id).await?;
        let open = |c| crate::desk::may_open(school, who.staff(), c);
        if !cases.iter().all(open) {
            continue;
        }
        let lane = tx.lane(&message.endpoint, &message.address).await?;
        let language = lane.and_then(|l| l.language);
        let language = language
            .as_deref()
            .unwrap_or(&school.config.default_language);
        let words = case::one_line(&message.words());
        lines.push_str(&format!("{words}\t{language}\treview\tflagged by a lead\n"));
    }
    tx.audit(
        &school.config.id,
        &who.staff().key,
        "took the screen's examples",
        None,
    )
    .await?;
    tx.save().await?;
    let headers = [
        (header::CONTENT_TYPE, "text/plain; charset=utf-8"),
        (
            header::CONTENT_DISPOSITION,
            "attachment; filename=\"examples.txt\"",
        ),
    ];
    Ok((headers, lines).into_response())
}
