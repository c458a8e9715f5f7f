//! The hold on a case: shown to whoever opens it, set and lifted by those who may.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::acts::number;
use super::case::{self, Typed};
use super::{Problem, Stamp, clean};
use crate::desk::keeping::{KeepError, hold_on, may_hold};
use crate::store::{Case, Moment, Result, Tx};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// What stands on a case's page.
pub(super) struct Keeping {
    /// The hold that stands on it.
    pub hold: Option<HoldRow>,
    /// Whether this person sets and lifts holds.
    may: bool,
}

/// A hold.
pub(super) struct HoldRow {
    pub since: Stamp,
    pub by: String,
    pub why: String,
    /// It is on this case alone, not on all of the pupil's.
    pub of_case: bool,
}

impl Keeping {
    pub async fn of(tx: &mut Tx, who: &SignedIn, case: &Case) -> Result<Self> {
        let school = &who.school;
        let now = Moment::from(tx.now());
        let holds = tx.standing_holds(&school.config.id).await?;
        let hold = hold_on(&holds, case).map(|hold| HoldRow {
            since: Stamp::new(school, hold.since, now),
            by: match hold.staff.as_str() {
                "command-line" => "somebody at the machine".to_owned(),
                key => school.name(key),
            },
            why: hold.why.clone(),
            of_case: hold.case_id.is_some(),
        });
        Ok(Self {
            hold,
            may: may_hold(who.staff()),
        })
    }
}

impl Keeping {
    /// Whether this person can set or lift one here: a pupil's is not lifted on one case's page.
    pub fn changes(&self) -> bool {
        self.may && self.hold.as_ref().is_none_or(|hold| hold.of_case)
    }
}

/// The form.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Wanted {
    #[serde(default)]
    why: String,
    /// `yes`: the hold is over.
    #[serde(default)]
    lift: String,
}

/// `POST /c/{number}/hold`
pub(crate) async fn hold(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(wanted): Form<Wanted>,
) -> std::result::Result<Response, PageError> {
    let number = number(&said)?;
    let why = clean(&wanted.why);
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let case = actor.case(&mut tx, number).await?;
    let lift = wanted.lift == "yes";
    let kept = match lift {
        true => actor.lift(&mut tx, &case, &why).await,
        false => actor.hold(&mut tx, &case, &why).await,
    };
    match kept {
        Ok(()) => {
            tx.save().await?;
            let done = if lift { "lifted" } else { "held" };
            Ok(Redirect::to(&format!("/c/{number}?done={done}")).into_response())
        }
        Err(KeepError::Store(error)) => Err(PageError::Store(error)),
        Err(KeepError::NotYours) => Err(PageError::NotFound),
        Err(said) => {
            drop(tx);
            let problem = Problem::new("hold", &said.to_string());
            case::again(&web, &who, number, problem, Typed::default()).await
        }
    }
}
