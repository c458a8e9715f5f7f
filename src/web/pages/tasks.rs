//! Ticking something off a list, and the office's two questions.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::{Problem, today, waiting};
use crate::desk::DeskError;
use crate::store::Tx;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// The answers.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Answers {
    /// Who it is: an adult's key, `nobody` for none of them, or nothing chosen.
    #[serde(default)]
    adult: String,
    /// `yes` or `no`: a current contact?
    #[serde(default)]
    current: String,
    /// `yes` or `no`: an order, a restriction or a safeguarding note?
    #[serde(default)]
    order: String,
}

/// Whether this task is on a list of this person's.
pub(crate) async fn is_theirs(tx: &mut Tx, who: &SignedIn, task: Uuid) -> Result<(), PageError> {
    let school = &who.school.config.id;
    let task = tx
        .task_by_id(school, task)
        .await?
        .ok_or(PageError::NotFound)?;
    let case = match task.case_id {
        Some(id) => tx.case(school, id).await?,
        None => None,
    };
    waiting::may_do(&who.school, who.staff(), &task, case.as_ref())
        .then_some(())
        .ok_or(PageError::NotFound)
}

/// `POST /tasks/{task}/done`
pub(crate) async fn done(
    State(web): State<Shared>,
    who: SignedIn,
    Path(task): Path<Uuid>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.begin().await?;
    is_theirs(&mut tx, &who, task).await?;
    match who.actor(&web).task_done(&mut tx, task).await {
        // Somebody was quicker: it is off the list, as was wanted.
        Ok(()) | Err(DeskError::Done) => {}
        Err(error) => return Err(error.into()),
    }
    tx.save().await?;
    Ok(Redirect::to("/today?done=task").into_response())
}

/// `POST /tasks/{task}/answer`
pub(crate) async fn answer(
    State(web): State<Shared>,
    who: SignedIn,
    Path(task): Path<Uuid>,
    Form(answers): Form<Answers>,
) -> Result<Response, PageError> {
    let yes_no = |answer: &str| match answer {
        "yes" => Some(true),
        "no" => Some(false),
        _ => None,
    };
    let missing = |field: &str, words: &str| Problem::new(format!("{field}-{task}"), words);
    let problem = match (
        answers.adult.as_str(),
        yes_no(&answers.current),
        yes_no(&answers.order),
    ) {
        ("", _, _) => missing("adult", "Choose who it is, or that it is none of them"),
        (_, None, _) => missing("current", "Say whether they are a current contact"),
        (_, _, None) => missing(
            "order",
            "Say whether there is an order, a restriction or a note",
        ),
        (adult, Some(current), Some(order)) => {
            let adult = (adult != "nobody").then_some(adult);
            let mut tx = web.d.store.begin().await?;
            is_theirs(&mut tx, &who, task).await?;
            match who
                .actor(&web)
                .answer_questions(&mut tx, task, adult, current, order)
                .await
            {
                Ok(()) => {
                    tx.save().await?;
                    return Ok(Redirect::to("/today?done=answered").into_response());
                }
                Err(DeskError::Done) => {
                    return Ok(Redirect::to("/today?done=task").into_response());
                }
                Err(error) => return Err(error.into()),
            }
        }
    };
    today::again(&web, &who, problem).await
}
