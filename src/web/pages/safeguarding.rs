//! "This is a safeguarding matter": the second net, asked once more before the case is sealed.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};

use super::{Frame, acts, case, render};
use crate::desk::{DeskError, may_open};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// The question.
#[derive(Template)]
#[template(path = "safeguarding.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    number: i64,
    reference: String,
}

/// `GET /c/{number}/safeguarding`
pub(crate) async fn ask(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.read().await?;
    let case = case::find(&mut tx, &who, &said).await?;
    let frame = Frame::of(&who, "/cases", "Is this a safeguarding matter?");
    Ok(render(&Page {
        frame,
        number: case.number,
        reference: case.reference(),
    }))
}

/// `POST /c/{number}/safeguarding`
pub(crate) async fn mark(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
) -> Result<Response, PageError> {
    let number = acts::number(&said)?;
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let mut case = actor.case(&mut tx, number).await?;
    match actor.mark_safeguarding(&mut tx, &mut case).await {
        // Marked by somebody else a moment ago: what was wanted has happened.
        Ok(()) | Err(DeskError::Done) => {}
        Err(error) => return Err(error.into()),
    }
    let stays = may_open(&who.school, who.staff(), &case);
    tx.save().await?;
    // Whoever marked it may not be one of those who read it from now on.
    let to = if stays {
        format!("/c/{number}?done=sealed")
    } else {
        "/today?done=sealed".to_owned()
    };
    Ok(Redirect::to(&to).into_response())
}
