//! What a young person decided about who is told, written down from their page.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::names::pupil_of_key;
use super::{Problem, clean, pupil};
use crate::desk::DeskError;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// A decision as it is typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    pub decided: String,
    #[serde(default)]
    pub since: String,
    /// How they said so.
    #[serde(default)]
    pub words: String,
}

/// `POST /pupils/{pupil}/decision`
pub(crate) async fn decide(
    State(web): State<Shared>,
    who: SignedIn,
    Path(key): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let pupil = pupil_of_key(&who.school, who.staff(), &key).ok_or(PageError::NotFound)?;
    let typed = Typed {
        words: clean(&typed.words),
        ..typed
    };
    let mut tx = web.d.store.begin().await?;
    let done = who
        .actor(&web)
        .young_person_decides(&mut tx, &key, &typed.decided, &typed.since, &typed.words)
        .await;
    let why = match done {
        Ok(()) => {
            tx.save().await?;
            let to = format!("/pupils/{key}?done=decision#young");
            return Ok(Redirect::to(&to).into_response());
        }
        Err(DeskError::Store(error)) => return Err(error.into()),
        Err(DeskError::NoSuchCase) => return Err(PageError::NotFound),
        Err(why) => why,
    };
    drop(tx);
    let problem = Problem::new("decided", &why.to_string());
    pupil::again(&web, &who, pupil, problem, typed).await
}
