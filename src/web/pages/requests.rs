//! Requests for everything about a person: taken in, due, and the copy made.

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::civil::Date;
use serde::Deserialize;
use uuid::Uuid;

use super::wording::person_name;
use super::{Frame, Problem, clean, render};
use crate::deployment::School;
use crate::desk::DeskError;
use crate::desk::keeping::may_erase_words;
use crate::desk::rights::{NewRequest, includes_safeguarding, makes_copies, takes_requests};
use crate::keeping::person::{Subject, Wanted, everything};
use crate::store::{SubjectRequest, Tx};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// The list, and the form for a new one.
#[derive(Template)]
#[template(path = "requests.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    open: Vec<Row>,
    answered: Vec<Row>,
    /// `pupil:sam` and "Sam Yusuf, 3H".
    people: Vec<(String, String)>,
    typed: New,
    today: String,
    /// Whether this person sees what may be erased.
    erases: bool,
}

/// Every pupil, parent and carer, by what a form names them with: `pupil:sam` is "Sam Yusuf, 3H".
pub(super) fn everybody(school: &School) -> Vec<(String, String)> {
    let pupils = school.people.pupils.iter().map(|p| {
        let name = format!("{} {}, {}", p.first_name, p.last_name, p.class);
        (format!("pupil:{}", p.key), name)
    });
    let adults = school.people.adults.iter();
    let adults = adults.map(|a| (format!("adult:{}", a.key), a.name.clone()));
    pupils.chain(adults).collect()
}

/// One request.
struct Row {
    id: Uuid,
    about: String,
    asked_by: String,
    received: String,
    due: String,
    overdue: bool,
    /// Who answered it.
    answered: Option<String>,
}

/// One request by itself.
#[derive(Template)]
#[template(path = "request.html", config = "src/web/askama.toml")]
struct OnePage {
    frame: Frame,
    row: Row,
    /// Whether this person makes the copy.
    copies: bool,
    /// Whether this person may put safeguarding records in.
    safeguarding: bool,
    /// Adults to whom a copy about a pupil may go: key and name.
    adults: Vec<(String, String)>,
}

/// A request as it is typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct New {
    #[serde(default)]
    person: String,
    #[serde(default)]
    asked_by: String,
    #[serde(default)]
    received: String,
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    done: Option<String>,
}

/// What copy is wanted.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Copy {
    /// An adult's key; nothing for the person themself.
    #[serde(default)]
    to: String,
    /// `yes`: a safeguarding lead puts the safeguarding records in.
    #[serde(default)]
    safeguarding: String,
}

/// `GET /requests`
pub(crate) async fn list(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let frame = Frame::of(&who, "/requests", "Requests for a copy").done(asked.done.as_deref());
    let mut tx = web.d.store.read().await?;
    view(&who, &mut tx, frame, New::default()).await
}

async fn view(
    who: &SignedIn,
    tx: &mut Tx,
    frame: Frame,
    typed: New,
) -> Result<Response, PageError> {
    if !takes_requests(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let today = school.local(tx.now()).date();
    let requests = tx.requests(&school.config.id).await?;
    let (answered, open): (Vec<_>, Vec<_>) = requests
        .iter()
        .partition(|request| request.done_at.is_some());
    let rows = |requests: Vec<&SubjectRequest>| -> Vec<Row> {
        requests.iter().map(|r| row(who, r, today)).collect()
    };
    let status = frame.status();
    let page = Page {
        frame,
        open: rows(open),
        answered: rows(answered),
        people: everybody(school),
        erases: may_erase_words(who.staff()),
        typed,
        today: today.to_string(),
    };
    Ok((status, render(&page)).into_response())
}

fn row(who: &SignedIn, request: &SubjectRequest, today: Date) -> Row {
    let day = |written: &str| {
        let day = written.parse::<Date>();
        day.map_or_else(
            |_| written.to_owned(),
            |d| d.strftime("%-d %B %Y").to_string(),
        )
    };
    let school = &who.school;
    Row {
        id: request.id,
        about: person_name(school, &request.person).unwrap_or_else(|| request.person.clone()),
        asked_by: request.asked_by.clone(),
        received: day(&request.received),
        due: day(&request.due),
        overdue: request.done_at.is_none() && request.due < today.to_string(),
        answered: request.done_by.as_ref().map(|key| school.name(key)),
    }
}

/// `POST /requests`
pub(crate) async fn take(
    State(web): State<Shared>,
    who: SignedIn,
    Form(typed): Form<New>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.begin().await?;
    let taken = match chosen(&who, &typed.person) {
        Some((about, subject)) => {
            let new = NewRequest {
                about,
                person: subject.key(),
                name: &subject.name(),
                asked_by: &clean(&typed.asked_by),
                received: &typed.received,
            };
            who.actor(&web).take_request(&mut tx, &new).await
        }
        None => Err(DeskError::NobodyChosen),
    };
    let error = match taken {
        Ok(request) => {
            tx.save().await?;
            let to = format!("/requests/{}?done=request", request.id);
            return Ok(Redirect::to(&to).into_response());
        }
        Err(error) => error,
    };
    let field = match error {
        DeskError::NobodyChosen => "person",
        DeskError::NobodyAsked => "asked_by",
        DeskError::NotADay(_) => "received",
        other => return Err(other.into()),
    };
    let frame = Frame {
        problem: Some(Problem::new(field, &error.to_string())),
        ..Frame::of(&who, "/requests", "Requests for a copy")
    };
    view(&who, &mut tx, frame, typed).await
}

/// `pupil:sam` as the person it stands for.
fn chosen<'w>(who: &'w SignedIn, value: &str) -> Option<(&'static str, Subject<'w>)> {
    let (about, key) = value.split_once(':')?;
    let about = ["pupil", "adult"].into_iter().find(|a| *a == about)?;
    Some((about, Subject::find(&who.school, about, key)?))
}

/// `GET /requests/{request}`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Path(id): Path<Uuid>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.read().await?;
    let request = who.actor(&web).request(&mut tx, id).await?;
    let frame = Frame::of(&who, "/requests", "A copy of everything").done(asked.done.as_deref());
    Ok(one(&who, &tx, frame, &request))
}

fn one(who: &SignedIn, tx: &Tx, frame: Frame, request: &SubjectRequest) -> Response {
    let school = &who.school;
    let today = school.local(tx.now()).date();
    let adults = school.people.adults.iter().filter(|a| {
        request.about == "pupil" && a.children.iter().any(|c| c.pupil == request.person)
    });
    let status = frame.status();
    let page = OnePage {
        frame,
        row: row(who, request, today),
        copies: makes_copies(who.staff()),
        safeguarding: includes_safeguarding(who.staff()),
        adults: adults.map(|a| (a.key.clone(), a.name.clone())).collect(),
    };
    (status, render(&page)).into_response()
}

/// `POST /requests/{request}/answered`
pub(crate) async fn answered(
    State(web): State<Shared>,
    who: SignedIn,
    Path(id): Path<Uuid>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.begin().await?;
    match who.actor(&web).answer_request(&mut tx, id).await {
        // Somebody was quicker: it is answered, as was wanted.
        Ok(()) | Err(DeskError::Done) => {}
        Err(error) => return Err(error.into()),
    }
    tx.save().await?;
    Ok(Redirect::to("/requests?done=request-answered").into_response())
}

/// `GET /requests/{request}/{copy}`: `record.html`, `record.json` or `left-out.html`.
pub(crate) async fn copy(
    State(web): State<Shared>,
    who: SignedIn,
    Path((id, file)): Path<(Uuid, String)>,
    Query(copy): Query<Copy>,
) -> Result<Response, PageError> {
    let files = ["record.html", "record.json", "left-out.html"];
    let known = files.into_iter().find(|known| *known == file);
    let file = known
        .filter(|_| makes_copies(who.staff()))
        .ok_or(PageError::NotFound)?;
    let safeguarding = copy.safeguarding == "yes" && includes_safeguarding(who.staff());
    let mut tx = web.d.store.begin().await?;
    let request = who.actor(&web).request(&mut tx, id).await?;
    let school = &who.school;
    // Somebody who has left the records since cannot be told from others in the words.
    let subject = Subject::find(school, &request.about, &request.person);
    let adults = &school.people.adults;
    let wanted = Wanted {
        subject: subject.ok_or(PageError::NotFound)?,
        to: adults.iter().find(|a| a.key == copy.to),
        safeguarding,
        by: Some(who.staff()),
    };
    let record = match everything(&mut tx, school, &wanted).await? {
        Ok(record) => record,
        Err(refused) => {
            let frame = Frame {
                problem: Some(Problem::new("to", &refused.to_string())),
                ..Frame::of(&who, "/requests", "A copy of everything")
            };
            return Ok(one(&who, &tx, frame, &request));
        }
    };
    let did = match safeguarding {
        true => "exported with safeguarding",
        false => "exported",
    };
    tx.audit_about(&school.config.id, &who.staff().key, did, &request.person)
        .await?;
    tx.save().await?;
    let (kind, made) = match file {
        "record.html" => ("text/html; charset=utf-8", record.html().ok()),
        "record.json" => ("application/json", record.json().ok()),
        _ => ("text/html; charset=utf-8", record.left_out_html().ok()),
    };
    let made = made.ok_or(PageError::Form)?;
    let name = format!("attachment; filename=\"{file}\"");
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
        ),
        (
            header::CONTENT_SECURITY_POLICY,
            HeaderValue::from_static("sandbox; default-src 'none'; style-src 'unsafe-inline'"),
        ),
    ];
    Ok((headers, made).into_response())
}
