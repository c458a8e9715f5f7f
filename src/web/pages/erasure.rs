//! Erasing words because somebody asks for it: what would go, what stays and why, and then, typed once
//! more, that it goes. For the head and the safeguarding leads.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::acts::number;
use super::case;
use super::wording::{entry_title, kind_words};
use super::{Frame, Problem, Stamp, clean, render};
use crate::desk::erasure::{lets, weigh};
use crate::desk::keeping::{KeepError, may_erase_words};
use crate::desk::may_open;
use crate::keeping::person::Subject;
use crate::store::{Case, Moment, Tx};
use crate::web::Shared;
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// Everything of one person, and what of it may go.
#[derive(Template)]
#[template(path = "erasure.html", config = "src/web/askama.toml")]
struct ListPage {
    frame: Frame,
    /// `pupil:sam` and "Sam Yusuf, 3H".
    people: Vec<(String, String)>,
    person: String,
    /// Whom it is about, if somebody was chosen.
    name: Option<String>,
    rows: Vec<Row>,
    /// Cases that this person may not open.
    others: bool,
}

struct Row {
    number: i64,
    reference: String,
    kind: String,
    opened: Stamp,
    /// Why the law does not let it.
    refused: Option<String>,
}

/// What would go of one entry or case.
#[derive(Template)]
#[template(path = "erase.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    reference: String,
    /// Where the form goes.
    to: String,
    /// Where somebody came from.
    back: String,
    goes: Vec<String>,
    stays: Vec<String>,
    /// Why nothing can go.
    refused: Option<String>,
    typed: Typed,
}

/// The form.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    why: String,
    /// The case's reference.
    #[serde(default)]
    confirm: String,
}

/// Whom it is about.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    person: String,
}

/// `GET /erasure`
pub(crate) async fn list(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let school = &who.school;
    let found = asked.person.split_once(':');
    let subject = found.and_then(|(about, key)| Subject::find(school, about, key));
    let mut tx = web.d.store.begin().await?;
    let now = Moment::from(tx.now());
    let mut rows = Vec::new();
    let mut others = false;
    if let Some(subject) = &subject {
        let id = &school.config.id;
        let (pupil, adult) = match subject {
            Subject::Pupil(pupil) => (pupil.key.as_str(), ""),
            Subject::Adult(adult) => ("", adult.key.as_str()),
        };
        for case in tx.cases_about(id, pupil, adult).await? {
            if !may_open(school, who.staff(), &case) {
                // Whether there is a sealed one is nobody's to learn from how long a list is.
                others |= case.tier == "ordinary";
                continue;
            }
            let refused = lets(&mut tx, school, &case).await?;
            rows.push(Row {
                number: case.number,
                reference: case.reference(),
                kind: kind_words(&case.kind),
                opened: Stamp::new(school, case.opened_at, now),
                refused: refused.err().map(|why| why.to_string()),
            });
        }
        let did = "looked at what may be erased of somebody";
        tx.audit_about(id, &who.staff().key, did, subject.key())
            .await?;
        tx.save().await?;
    }
    let page = ListPage {
        frame: Frame::of(&who, "/requests", "What may be erased"),
        people: super::requests::everybody(school),
        person: asked.person,
        name: subject.map(|s| s.name()),
        rows,
        others,
    };
    Ok(render(&page))
}

async fn view(
    tx: &mut Tx,
    who: &SignedIn,
    case: &Case,
    seq: Option<i64>,
    (typed, problem): (Typed, Option<Problem>),
) -> Result<Response, PageError> {
    let school = &who.school;
    let reference = case.reference();
    let weighed = weigh(tx, school, case, seq).await;
    let (mut goes, mut stays, mut refused) = (Vec::new(), Vec::new(), None);
    match weighed {
        Ok(erasure) => {
            let now = Moment::from(tx.now());
            for entry in erasure.entries.iter().take(20) {
                let when = Stamp::new(school, entry.happened_at, now);
                let title = entry_title(school, case, entry);
                goes.push(format!(
                    "The words of entry {}: {title}, {when}.",
                    entry.seq
                ));
            }
            let more = erasure.entries.len().saturating_sub(20);
            for (what, n) in [
                ("More entries", more),
                ("Messages as they came in", erasure.messages),
                ("Photos, recordings or documents with them", erasure.files),
                (
                    "Texts and notices that carried these words (what waits to leave is withdrawn)",
                    erasure.texts.len(),
                ),
            ] {
                if n > 0 {
                    goes.push(format!("{what}: {n}."));
                }
            }
            if seq.is_none() {
                goes.push("Whom the case was about, and their number in it.".to_owned());
            }
            stays.push(
                "That there was an entry, its moment and its digest: the chain of the record stays whole."
                    .to_owned(),
            );
            stays.push("A new entry with your reason, and a line in the audit log.".to_owned());
            if erasure.held_elsewhere > 0 {
                stays.push(format!(
                    "Messages as they came in, because another entry holds the same words: {}. Erase that \
                     one too.",
                    erasure.held_elsewhere
                ));
            }
            stays.push(
                "Backups from before, until they are replaced, and what has arrived on phones."
                    .to_owned(),
            );
        }
        Err(KeepError::Store(error)) => return Err(error.into()),
        Err(KeepError::NoEntry { .. }) => return Err(PageError::NotFound),
        Err(why) => refused = Some(Problem::new("erase", &why.to_string()).words),
    }
    let (to, back, title) = match seq {
        Some(seq) => (
            format!("/c/{}/entries/{seq}/erase", case.number),
            format!("/c/{}/entries/{seq}", case.number),
            format!("Erase the words of entry {seq} of {reference}?"),
        ),
        None => (
            format!("/c/{}/erase", case.number),
            format!("/c/{}", case.number),
            format!("Erase all of {reference}?"),
        ),
    };
    let page = Page {
        frame: Frame {
            problem,
            ..Frame::of(who, "/requests", title)
        },
        reference,
        to,
        back,
        goes,
        stays,
        refused,
        typed,
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

async fn asks(
    web: &Shared,
    who: &SignedIn,
    client: &Client,
    said: &str,
    seq: Option<i64>,
) -> Result<Response, PageError> {
    if client.ahead || !may_erase_words(who.staff()) {
        return Err(PageError::NotFound);
    }
    let mut tx = web.d.store.read().await?;
    let case = case::find(&mut tx, who, said).await?;
    view(&mut tx, who, &case, seq, (Typed::default(), None)).await
}

async fn acts(
    web: &Shared,
    who: &SignedIn,
    said: &str,
    seq: Option<i64>,
    typed: Typed,
) -> Result<Response, PageError> {
    let actor = who.actor(web);
    let why = clean(&typed.why);
    let mut tx = web.d.store.begin().await?;
    let case = actor.case(&mut tx, number(said)?).await?;
    let error = match actor.erase(&mut tx, &case, seq, &why, &typed.confirm).await {
        Ok(()) => {
            tx.save().await?;
            let to = format!("/c/{}?done=erased", case.number);
            return Ok(Redirect::to(&to).into_response());
        }
        Err(KeepError::Store(error)) => return Err(error.into()),
        Err(KeepError::NotYours) => return Err(PageError::NotFound),
        Err(error) => error,
    };
    drop(tx);
    let field = match error {
        KeepError::NoReason => "why",
        KeepError::NotConfirmed(_) => "confirm",
        _ => "erase",
    };
    let problem = Problem::new(field, &error.to_string());
    let mut tx = web.d.store.read().await?;
    view(&mut tx, who, &case, seq, (typed, Some(problem))).await
}

/// `GET /c/{number}/erase`
pub(crate) async fn ask_case(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Path(said): Path<String>,
) -> Result<Response, PageError> {
    asks(&web, &who, &client, &said, None).await
}

/// `POST /c/{number}/erase`
pub(crate) async fn erase_case(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    acts(&web, &who, &said, None, typed).await
}

/// `GET /c/{number}/entries/{seq}/erase`
pub(crate) async fn ask_entry(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Path((said, seq)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    asks(&web, &who, &client, &said, Some(seq)).await
}

/// `POST /c/{number}/entries/{seq}/erase`
pub(crate) async fn erase_entry(
    State(web): State<Shared>,
    who: SignedIn,
    Path((said, seq)): Path<(String, i64)>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    acts(&web, &who, &said, Some(seq), typed).await
}
