//! Flows: how each conversation goes, drawn; what it says in every language, side by side; what the
//! checker warns of; and at which question people leave, as counts without names.

use std::collections::HashMap;

use askama::Template;
use axum::extract::{Path, State};
use axum::http::header;
use axum::response::{IntoResponse as _, Response};
use jiff::ToSpan as _;

use super::{Frame, render};
use crate::deployment::{Parts, School};
use crate::desk::sight::may_see_flows;
use crate::flow::definition::Flow;
use crate::flow::graph::{Picture, StepTexts, texts};
use crate::store::{Result, Tx};
use crate::text::language::DEFAULT;
use crate::web::Shared;
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// How far back it is counted where people left, in days.
const LOOKED_BACK: i32 = 90;

/// The list.
#[derive(Template)]
#[template(path = "flows.html", config = "src/web/askama.toml")]
struct List {
    frame: Frame,
    rows: Vec<Row>,
    days: i32,
}

struct Row {
    name: String,
    title: String,
    questions: usize,
    left: i64,
    warnings: usize,
}

/// One flow.
#[derive(Template)]
#[template(path = "flow.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    name: String,
    days: i32,
    /// Steps at which people left, the most first.
    left: Vec<(String, i64)>,
    warnings: Vec<Warning>,
    /// Tags of the languages and their names.
    languages: Vec<(String, String)>,
    steps: Vec<StepTexts>,
}

/// What the checker warns of.
struct Warning {
    place: String,
    message: String,
    remedy: String,
}

/// How often people left at each question: flow and step, as `concern.words`.
async fn left(tx: &mut Tx, school: &School) -> Result<HashMap<String, i64>> {
    let today = school.local(tx.now()).date();
    let since = today.saturating_sub(LOOKED_BACK.days()).to_string();
    let rows = tx.left_since(&school.config.id, &since).await?;
    Ok(rows.into_iter().collect())
}

/// What is warned of in a flow's own file, or in a file of its texts.
fn warnings(parts: &Parts, flow: &Flow) -> Vec<Warning> {
    let texts = format!("/{}.ftl", flow.name);
    let faults = parts.warnings.iter();
    let of_it = faults.filter(|f| f.file == flow.file || f.file.ends_with(&texts));
    of_it
        .map(|fault| Warning {
            place: match fault.line(&parts.bundle.sources) {
                Some(line) => format!("{}, line {line}", fault.file),
                None => fault.file.clone(),
            },
            message: fault.message.clone(),
            remedy: fault.remedy.clone(),
        })
        .collect()
}

/// `GET /flows`
pub(crate) async fn list(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
) -> std::result::Result<Response, PageError> {
    if client.ahead || !may_see_flows(who.staff()) {
        return Err(PageError::NotFound);
    }
    let mut tx = web.d.store.read().await?;
    let left = left(&mut tx, &who.school).await?;
    drop(tx);
    let parts = web.d.parts();
    let rows = parts.bundle.flows.values().map(|flow| {
        let steps = flow.steps.iter();
        let places = steps
            .clone()
            .map(|(step, _)| format!("{}.{step}", flow.name));
        Row {
            name: flow.name.clone(),
            title: flow.title.it.clone(),
            questions: steps.filter(|(_, step)| step.asks()).count(),
            left: places.filter_map(|place| left.get(&place)).sum(),
            warnings: warnings(&parts, flow).len(),
        }
    });
    let page = List {
        frame: Frame::of(&who, "/flows", "Flows"),
        rows: rows.collect(),
        days: LOOKED_BACK,
    };
    Ok(render(&page))
}

/// `GET /flows/{name}`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Path(name): Path<String>,
) -> std::result::Result<Response, PageError> {
    if client.ahead || !may_see_flows(who.staff()) {
        return Err(PageError::NotFound);
    }
    let parts = web.d.parts();
    let bundle = &parts.bundle;
    let flow = bundle.flows.get(&name).ok_or(PageError::NotFound)?;
    let mut tx = web.d.store.read().await?;
    let counts = left(&mut tx, &who.school).await?;
    drop(tx);
    let mut tags: Vec<&str> = bundle.languages.tags().collect();
    // English, which is said where another language has no text, comes first.
    tags.sort_by_key(|tag| (*tag != DEFAULT, *tag));
    let steps = flow.steps.keys();
    let mut left: Vec<(String, i64)> = steps
        .filter_map(|step| {
            let n = counts.get(&format!("{name}.{step}"))?;
            Some((step.clone(), *n))
        })
        .collect();
    left.sort_by_key(|(_, n)| std::cmp::Reverse(*n));
    let page = Page {
        frame: Frame::of(&who, "/flows", flow.title.it.clone()),
        days: LOOKED_BACK,
        left,
        warnings: warnings(&parts, flow),
        languages: tags
            .iter()
            .map(|tag| ((*tag).to_owned(), bundle.languages.own_name(tag)))
            .collect(),
        steps: texts(flow, &bundle.languages, &tags),
        name,
    };
    Ok(render(&page))
}

/// `GET /flows/{name}/picture.svg`: the drawing, with how often people left at each question.
pub(crate) async fn picture(
    State(web): State<Shared>,
    who: SignedIn,
    Path(name): Path<String>,
) -> std::result::Result<Response, PageError> {
    if !may_see_flows(who.staff()) {
        return Err(PageError::NotFound);
    }
    let bundle = web.d.bundle();
    let flow = bundle.flows.get(&name).ok_or(PageError::NotFound)?;
    let mut tx = web.d.store.read().await?;
    let left = left(&mut tx, &who.school).await?;
    drop(tx);
    let mut picture = Picture::new(flow, &bundle, DEFAULT);
    for part in &mut picture.parts {
        if let Some(n) = left.get(&format!("{name}.{}", part.name)) {
            let times = if *n == 1 { "time" } else { "times" };
            part.notes.push(format!("Left here {n} {times}"));
        }
    }
    let kind = [(header::CONTENT_TYPE, "image/svg+xml")];
    Ok((kind, picture.svg()).into_response())
}
