//! The list of cases that this person may open, with a few ways to narrow it.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::wording::{adult_name, kind_words, knows_pupil, pupil_name, state_words};
use super::{Frame, Stamp, reads_words, render};
use crate::desk::may_open;
use crate::store::{CaseFilter, Moment};
use crate::web::Shared;
use crate::web::error::{PageError, form_encoded};
use crate::web::session::SignedIn;

/// Cases on one page, which keeps it under 100 KB.
const ON_A_PAGE: usize = 50;

/// Kinds that cases may be narrowed to.
const KINDS: &[&str] = &[
    "concern",
    "question",
    "meeting",
    "complaint",
    "request",
    "unread",
    "safeguarding",
];

/// The page.
#[derive(Template)]
#[template(path = "cases.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    /// What the list was narrowed to.
    asked: Asked,
    kinds: Vec<Choice>,
    owners: Vec<Choice>,
    pupils: Vec<Choice>,
    /// The address of the next page, if there is one.
    more: Option<String>,
}

/// One case.
struct Row {
    number: i64,
    reference: String,
    kind: String,
    pupil: String,
    adult: String,
    owner: String,
    state: String,
    touched: Stamp,
}

/// One thing to choose.
struct Choice {
    value: String,
    label: String,
    chosen: bool,
}

/// What the list is narrowed to.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// `open` or `all`.
    #[serde(default)]
    show: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    owner: String,
    #[serde(default)]
    pupil: String,
    #[serde(default)]
    from: usize,
}

/// `GET /cases`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    if !reads_words(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let some = |text: &String| (!text.is_empty()).then(|| text.clone());
    let filter = CaseFilter {
        open_only: asked.show != "all",
        kind: some(&asked.kind),
        owner: some(&asked.owner),
        pupil: some(&asked.pupil),
    };
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let found = tx.cases(&school.config.id, &filter).await?;
    drop(tx);
    let mut mine = found
        .iter()
        .filter(|c| may_open(school, who.staff(), c))
        .skip(asked.from);
    let rows: Vec<Row> = mine
        .by_ref()
        .take(ON_A_PAGE)
        .map(|c| Row {
            number: c.number,
            reference: c.reference(),
            kind: kind_words(&c.kind),
            pupil: pupil_name(school, c),
            adult: adult_name(school, c),
            owner: c
                .owner
                .as_ref()
                .map_or_else(|| "nobody yet".to_owned(), |key| school.name(key)),
            state: state_words(&c.state),
            touched: Stamp::new(school, c.touched_at, now),
        })
        .collect();
    let more = mine.next().map(|_| {
        let query = form_encoded(&[
            ("show", asked.show.clone()),
            ("kind", asked.kind.clone()),
            ("owner", asked.owner.clone()),
            ("pupil", asked.pupil.clone()),
            ("from", (asked.from + ON_A_PAGE).to_string()),
        ]);
        format!("/cases?{query}")
    });
    let choice = |value: &str, label: String, chosen: &str| Choice {
        value: value.to_owned(),
        label,
        chosen: value == chosen,
    };
    let people = &school.people;
    let page = Page {
        frame: Frame::of(&who, "/cases", "Cases").live("/events"),
        rows,
        kinds: KINDS
            .iter()
            .map(|k| choice(k, kind_words(k), &asked.kind))
            .collect(),
        owners: people
            .staff
            .iter()
            .map(|s| choice(&s.key, s.name.clone(), &asked.owner))
            .collect(),
        pupils: people
            .pupils
            .iter()
            .filter(|p| knows_pupil(who.staff(), p))
            .map(|p| {
                choice(
                    &p.key,
                    format!("{} {}, {}", p.first_name, p.last_name, p.class),
                    &asked.pupil,
                )
            })
            .collect(),
        asked,
        more,
    };
    Ok(render(&page))
}
