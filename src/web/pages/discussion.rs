//! A note of an early discussion, written from a case in four parts.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::acts::number;
use super::case::find;
use super::wording::pupil_name;
use super::{Frame, Problem, clean, render};
use crate::desk::DeskError;
use crate::school::case::discussion::{Discussion, PARTS};
use crate::store::{Case, Tx};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// The form.
#[derive(Template)]
#[template(path = "discussion.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    number: i64,
    reference: String,
    pupil: String,
    today: String,
    typed: Typed,
    /// Field, heading and what was typed of each part.
    parts: Vec<(&'static str, &'static str, String)>,
}

/// A note as it is typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    held: String,
    #[serde(default)]
    present: String,
    #[serde(default)]
    strengths: String,
    #[serde(default)]
    concerns: String,
    #[serde(default)]
    outcomes: String,
    #[serde(default)]
    steps: String,
    #[serde(default)]
    views: String,
    #[serde(default)]
    no_views: String,
}

impl Typed {
    fn cleaned(self) -> Self {
        Self {
            held: clean(&self.held),
            present: clean(&self.present),
            strengths: clean(&self.strengths),
            concerns: clean(&self.concerns),
            outcomes: clean(&self.outcomes),
            steps: clean(&self.steps),
            views: clean(&self.views),
            no_views: clean(&self.no_views),
        }
    }

    fn parts(&self) -> [&str; 4] {
        [&self.strengths, &self.concerns, &self.outcomes, &self.steps]
    }
}

/// `GET /c/{number}/discussion`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.read().await?;
    let case = noted(&mut tx, &who, &said).await?;
    Ok(view(&who, &tx, &case, Typed::default(), None))
}

/// A case of which a note can be written: what is sealed is shared with nobody.
async fn noted(tx: &mut Tx, who: &SignedIn, said: &str) -> Result<Case, PageError> {
    let case = find(tx, who, said).await?;
    Some(case)
        .filter(|c| c.tier == "ordinary")
        .ok_or(PageError::NotFound)
}

fn view(who: &SignedIn, tx: &Tx, case: &Case, typed: Typed, problem: Option<Problem>) -> Response {
    let school = &who.school;
    let words = typed.parts().map(str::to_owned);
    let page = Page {
        frame: Frame {
            problem,
            ..Frame::of(who, "/cases", "Note of a discussion")
        },
        number: case.number,
        reference: case.reference(),
        pupil: pupil_name(school, case),
        today: school.local(tx.now()).date().to_string(),
        parts: PARTS
            .into_iter()
            .zip(words)
            .map(|((field, heading), words)| (field, heading, words))
            .collect(),
        typed,
    };
    (page.frame.status(), render(&page)).into_response()
}

/// `POST /c/{number}/discussion`
pub(crate) async fn keep(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let typed = typed.cleaned();
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let mut case = actor.case(&mut tx, number).await?;
    let note = Discussion {
        held: typed.held.parse().ok(),
        present: &typed.present,
        parts: typed.parts(),
        views: &typed.views,
        no_views: &typed.no_views,
    };
    let lacks = match actor.note_discussion(&mut tx, &mut case, &note).await {
        Ok(()) => {
            tx.save().await?;
            // The parents are given it next: from here, each with the exact text.
            let to = format!("/c/{number}/share?done=discussion");
            return Ok(Redirect::to(&to).into_response());
        }
        Err(DeskError::Lacks(lacks)) => lacks,
        Err(DeskError::NotShared(_)) => return Err(PageError::NotFound),
        Err(other) => return Err(other.into()),
    };
    drop(tx);
    let mut tx = web.d.store.read().await?;
    let case = noted(&mut tx, &who, &said).await?;
    let problem = Problem::new(lacks.field(), &lacks.to_string());
    Ok(view(&who, &tx, &case, typed, Some(problem)))
}
