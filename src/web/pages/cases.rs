//! The list of cases that this person may open, with a few ways to narrow it.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::listing::{Listing, Row, openable};
use super::names::{label, pupil_of_key, pupils_called};
use super::wording::{kind_words, state_words};
use super::{Frame, reads_words, render};
use crate::school::case::{Kind, State as Life};
use crate::store::{CaseFilter, Moment, Term};
use crate::web::Shared;
use crate::web::error::{PageError, form_encoded};
use crate::web::session::SignedIn;

/// Cases on one page, which keeps it under 100 KB.
const ON_A_PAGE: usize = 50;

/// Pupils of one name that are offered.
const WHICH: usize = 20;

/// The page.
#[derive(Template)]
#[template(path = "cases.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    /// What the list was narrowed to.
    asked: Asked,
    kinds: Vec<Choice>,
    states: Vec<Choice>,
    owners: Vec<Choice>,
    /// The pupil it was narrowed to, by name, or what was typed.
    pupil: String,
    /// Where the pupil's own page is.
    pupil_page: Option<String>,
    /// Pupils of that name, when there are several: the address of the list of each, and their name.
    which: Vec<(String, String)>,
    /// No pupil of this person's is called that.
    no_such_pupil: bool,
    /// The address of the next page, if there is one.
    more: Option<String>,
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
    state: String,
    /// Words that stand in it.
    #[serde(default)]
    words: String,
    /// Only cases with a lower number; empty for the newest.
    #[serde(default)]
    before: String,
}

impl Asked {
    fn before(&self) -> Option<i64> {
        self.before.parse().ok()
    }
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
    let address = |pupil: &str, before: Option<i64>| {
        let before = before.map(|n| n.to_string());
        let query = form_encoded(&[
            ("show", asked.show.clone()),
            ("kind", asked.kind.clone()),
            ("owner", asked.owner.clone()),
            ("pupil", pupil.to_owned()),
            ("state", asked.state.clone()),
            ("words", asked.words.clone()),
            ("before", before.unwrap_or_default()),
        ]);
        format!("/cases?{query}")
    };
    let called = match pupil_of_key(school, who.staff(), &asked.pupil) {
        Some(pupil) => vec![pupil],
        None => pupils_called(school, who.staff(), &asked.pupil),
    };
    let one = match called.as_slice() {
        [one] => Some(*one),
        _ => None,
    };
    // Several of that name, or none: the list waits for the answer, and is not one of every child.
    let undecided = one.is_none() && !asked.pupil.trim().is_empty();
    let filter = CaseFilter {
        open_only: asked.show != "all",
        kind: some(&asked.kind),
        owner: some(&asked.owner),
        pupil: one.map(|p| p.key.clone()),
        state: some(&asked.state),
        words: Term::all(&asked.words),
        before: asked.before(),
        ..CaseFilter::default()
    };
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let found = if undecided {
        Listing::default()
    } else {
        openable(&mut tx, &who, &filter, ON_A_PAGE).await?
    };
    drop(tx);
    let rows = found.cases.iter().map(|c| Row::new(school, c, now));
    let rows = rows.collect();
    let key = one.map_or(asked.pupil.as_str(), |p| p.key.as_str());
    let more = found.more.map(|before| address(key, Some(before)));
    let which = called.iter().take(WHICH).filter(|_| undecided);
    let which = which.map(|p| (address(&p.key, None), label(p))).collect();
    let choice = |value: &str, label: String, chosen: &str| Choice {
        value: value.to_owned(),
        label,
        chosen: value == chosen,
    };
    let people = &school.people;
    let page = Page {
        frame: Frame::of(&who, "/cases", "Cases").live("/events"),
        rows,
        kinds: Kind::WORDS
            .iter()
            .map(|(word, _)| *word)
            .chain(["unread"])
            .map(|k| choice(k, kind_words(k), &asked.kind))
            .collect(),
        states: Life::WORDS
            .iter()
            .map(|(word, _)| choice(word, state_words(word), &asked.state))
            .collect(),
        owners: people
            .staff
            .iter()
            .map(|s| choice(&s.key, s.name.clone(), &asked.owner))
            .collect(),
        pupil: one.map_or_else(|| asked.pupil.clone(), label),
        pupil_page: one.map(|p| format!("/pupils/{}", p.key)),
        which,
        no_such_pupil: undecided && called.is_empty(),
        asked,
        more,
    };
    Ok(render(&page))
}
