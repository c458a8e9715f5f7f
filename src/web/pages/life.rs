//! A case's way through its life, from its page: steps, another owner, entries put right.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::civil::Date;
use serde::Deserialize;

use super::acts::{number, problem};
use super::case::{self, Typed};
use super::clean;
use crate::desk::life::Taken;
use crate::school::case::State as Life;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// A step.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Step {
    #[serde(default)]
    to: String,
    #[serde(default)]
    words: String,
    /// `yes`: the parent is told.
    #[serde(default)]
    tell: String,
    #[serde(default)]
    day: String,
    /// The last entry that stood on the page.
    seen: Option<i64>,
}

/// `POST /c/{number}/step`
pub(crate) async fn step(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(form): Form<Step>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let to = Life::from_word(&form.to).ok_or(PageError::Form)?;
    let words = clean(&form.words);
    let tell = form.tell == "yes";
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let mut case = actor.case(&mut tx, number).await?;
    let taken = Taken {
        to,
        words: &words,
        tell,
        review: form.day.parse::<Date>().ok(),
    };
    let stepped = async {
        actor.has_before_them(&mut tx, &case, form.seen).await?;
        actor.step(&mut tx, &mut case, &taken).await
    };
    if let Err(error) = stepped.await {
        drop(tx);
        let typed = Typed {
            step: words,
            ..Typed::default()
        };
        return case::again(&web, &who, number, problem(error, "step")?, typed).await;
    }
    tx.save().await?;
    let done = match to {
        Life::Closed => "closed",
        Life::Agreed | Life::NoChange if tell => "told",
        _ => "stepped",
    };
    Ok(Redirect::to(&format!("/c/{number}?done={done}")).into_response())
}

/// Whose it shall be.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Assign {
    #[serde(default)]
    staff: String,
    /// The last entry that stood on the page.
    seen: Option<i64>,
}

/// `POST /c/{number}/assign`
pub(crate) async fn assign(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(form): Form<Assign>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let mut case = actor.case(&mut tx, number).await?;
    let given = async {
        actor.has_before_them(&mut tx, &case, form.seen).await?;
        actor.assign(&mut tx, &mut case, &form.staff).await
    };
    if let Err(error) = given.await {
        drop(tx);
        let problem = problem(error, "staff")?;
        return case::again(&web, &who, number, problem, Typed::default()).await;
    }
    tx.save().await?;
    // Whoever gave it away may not be able to open it any more.
    let to = if crate::desk::may_open(&who.school, who.staff(), &case) {
        format!("/c/{number}?done=assigned")
    } else {
        "/cases?done=assigned".to_owned()
    };
    Ok(Redirect::to(&to).into_response())
}

/// What is right instead.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Correction {
    #[serde(default)]
    words: String,
    /// `parent`: it is how the parent sees it.
    #[serde(default)]
    of: String,
}

/// `POST /c/{number}/entries/{seq}/correct`
pub(crate) async fn correct(
    State(web): State<Shared>,
    who: SignedIn,
    Path((said, seq)): Path<(String, i64)>,
    Form(form): Form<Correction>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let words = clean(&form.words);
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let case = actor.case(&mut tx, number).await?;
    let of_parent = form.of == "parent";
    if let Err(error) = actor.correct(&mut tx, &case, seq, &words, of_parent).await {
        drop(tx);
        let problem = problem(error, "chronology")?;
        return case::again(&web, &who, number, problem, Typed::default()).await;
    }
    tx.save().await?;
    Ok(Redirect::to(&format!("/c/{number}?done=corrected#chronology")).into_response())
}
