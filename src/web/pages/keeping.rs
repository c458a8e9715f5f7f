//! The hold on a case, shown to whoever opens it, and on all cases of a pupil: set and lifted by those
//! who may.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::acts::number;
use super::case::{self, Typed};
use super::names::pupil_of_key;
use super::{Frame, Problem, Stamp, clean, render};
use crate::deployment::School;
use crate::desk::keeping::{KeepError, hold_on, may_erase_words, may_hold};
use crate::store::{Case, Hold, Moment, Result, Tx};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// What stands on a case's page.
pub(super) struct Keeping {
    /// The hold that stands on it.
    pub hold: Option<HoldRow>,
    /// Whether this person sets and lifts holds.
    may: bool,
    /// Whether they erase words.
    pub erases: bool,
}

/// A hold.
pub(super) struct HoldRow {
    pub since: Stamp,
    pub by: String,
    pub why: String,
    /// It is on this case alone, not on all of the pupil's.
    pub of_case: bool,
}

impl HoldRow {
    fn new(school: &School, hold: &Hold, now: Moment) -> Self {
        Self {
            since: Stamp::new(school, hold.since, now),
            by: match hold.staff.as_str() {
                "command-line" => "somebody at the machine".to_owned(),
                key => school.name(key),
            },
            why: hold.why.clone(),
            of_case: hold.case_id.is_some(),
        }
    }
}

impl Keeping {
    pub async fn of(tx: &mut Tx, who: &SignedIn, case: &Case) -> Result<Self> {
        let school = &who.school;
        let now = Moment::from(tx.now());
        let holds = tx.standing_holds(&school.config.id).await?;
        Ok(Self {
            hold: hold_on(&holds, case).map(|hold| HoldRow::new(school, hold, now)),
            may: may_hold(who.staff()),
            erases: may_erase_words(who.staff()),
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

/// The hold on all cases of a pupil.
#[derive(Template)]
#[template(path = "hold.html", config = "src/web/askama.toml")]
struct PupilPage {
    frame: Frame,
    key: String,
    pupil: String,
    hold: Option<HoldRow>,
}

async fn pupil_page(
    tx: &mut Tx,
    who: &SignedIn,
    key: &str,
    problem: Option<Problem>,
) -> std::result::Result<Response, PageError> {
    let school = &who.school;
    let pupil = pupil_of_key(school, who.staff(), key).ok_or(PageError::NotFound)?;
    let now = Moment::from(tx.now());
    let holds = tx.standing_holds(&school.config.id).await?;
    let hold = holds.iter().find(|h| h.pupil.as_deref() == Some(key));
    let name = pupil.full_name();
    let page = PupilPage {
        frame: Frame {
            problem,
            ..Frame::of(
                who,
                "/cases",
                format!("A legal hold on all cases of {name}"),
            )
        },
        key: pupil.key.clone(),
        pupil: name,
        hold: hold.map(|hold| HoldRow::new(school, hold, now)),
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

/// `GET /pupils/{pupil}/hold`
pub(crate) async fn ask_pupil(
    State(web): State<Shared>,
    who: SignedIn,
    Path(key): Path<String>,
) -> std::result::Result<Response, PageError> {
    let mut tx = web.d.store.read().await?;
    pupil_page(&mut tx, &who, &key, None).await
}

/// `POST /pupils/{pupil}/hold`
pub(crate) async fn hold_pupil(
    State(web): State<Shared>,
    who: SignedIn,
    Path(key): Path<String>,
    Form(wanted): Form<Wanted>,
) -> std::result::Result<Response, PageError> {
    pupil_of_key(&who.school, who.staff(), &key).ok_or(PageError::NotFound)?;
    let (why, lift) = (clean(&wanted.why), wanted.lift == "yes");
    let mut tx = web.d.store.begin().await?;
    let kept = who.actor(&web).hold_pupil(&mut tx, &key, &why, !lift).await;
    match kept {
        Ok(()) => {
            tx.save().await?;
            let done = if lift { "lifted" } else { "held-pupil" };
            Ok(Redirect::to(&format!("/pupils/{key}?done={done}")).into_response())
        }
        Err(KeepError::Store(error)) => Err(PageError::Store(error)),
        Err(KeepError::NotYours) => Err(PageError::NotFound),
        Err(said) => {
            drop(tx);
            let mut tx = web.d.store.read().await?;
            let problem = Problem::new("why", &said.to_string());
            pupil_page(&mut tx, &who, &key, Some(problem)).await
        }
    }
}
