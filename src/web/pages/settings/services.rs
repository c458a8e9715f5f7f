//! Local services: what families are told of advice, forums and lines outside the school, and when
//! somebody last asked whether it is right.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::Form;
use jiff::civil::Date;
use serde::Deserialize;

use super::field::Field;
use super::{HERE, Source, after, title};
use crate::deployment::School;
use crate::desk::settings::TypedService;
use crate::school::service::{Directory, Kind, Service, checked_since};
use crate::school::setting::Section;
use crate::web::error::PageError;
use crate::web::pages::{Frame, Problem, render};
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// The list.
#[derive(Template)]
#[template(path = "settings_services.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// Those to which this school's families are sent.
    here: Vec<Row>,
    /// Those of other councils.
    elsewhere: Vec<Row>,
    hidden: Vec<Row>,
    source: Source,
}

/// One service.
struct Row {
    key: String,
    name: String,
    /// Whose, and what for.
    what: String,
    about: String,
    reach: String,
    read_at: String,
    checked: String,
    /// Nobody has checked it of late.
    old: bool,
    /// The school has written it itself.
    own: bool,
    /// Whether it may be hidden: the country's own stay.
    hides: bool,
}

/// The form of one service.
#[derive(Template)]
#[template(path = "settings_service.html", config = "src/web/askama.toml")]
struct OnePage {
    frame: Frame,
    typed: Typed,
    fields: Vec<Field>,
    kinds: Vec<(&'static str, &'static str)>,
    councils: Vec<String>,
}

/// A service as typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    key: String,
    #[serde(default)]
    council: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    name: String,
    #[serde(default)]
    about: String,
    #[serde(default)]
    phone: String,
    #[serde(default)]
    website: String,
    #[serde(default)]
    email: String,
    #[serde(default)]
    source: String,
    /// `yes`: it was checked with the service itself, today.
    #[serde(default)]
    checked: String,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    done: Option<String>,
    /// Which service to write; none is a new one.
    #[serde(default)]
    key: String,
}

/// `GET /settings/services`
pub(crate) async fn list(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let frame = Frame::of(&who, HERE, title(Section::Services)).done(asked.done.as_deref());
    view(&web, &who, frame).await
}

/// The directory as the program or the school's file has it, with all that the school has written
/// itself, hidden or not.
fn with_hidden(web: &Web, school: &School) -> Directory {
    let own = crate::school::service::Own {
        hidden: Vec::new(),
        ..school.config.services.clone()
    };
    web.d.parts().directory.with(&own)
}

async fn view(web: &Web, who: &SignedIn, frame: Frame) -> Result<Response, PageError> {
    let school = web.d.school(&who.school.config.id);
    let school = school.unwrap_or_else(|| who.school.clone());
    let mut tx = web.d.store.read().await?;
    let since = checked_since(school.local(tx.now()).date());
    let all = with_hidden(web, &school);
    let own = &school.config.services;
    let councils = school.councils();
    let (mut here, mut elsewhere, mut hidden) = (Vec::new(), Vec::new(), Vec::new());
    for service in all.services() {
        let row = row(&school, service, since);
        if own.hidden.contains(&service.key) {
            hidden.push(row);
        } else if all.serves(service, &councils) {
            here.push(row);
        } else {
            elsewhere.push(row);
        }
    }
    // What is to be checked first; the order of the directory otherwise.
    here.sort_by_key(|row| !row.old);
    let page = Page {
        here,
        elsewhere,
        hidden,
        source: Source::of(&mut tx, &school, Section::Services).await?,
        frame,
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

fn row(school: &School, service: &Service, since: Date) -> Row {
    let whose = service.council.as_deref().unwrap_or("The whole country");
    let ways = [&service.phone, &service.website, &service.email];
    let ways: Vec<&str> = ways.into_iter().filter_map(|w| w.as_deref()).collect();
    Row {
        key: service.key.clone(),
        name: service.name.clone(),
        what: format!("{whose}: {}", kind_words(service.kind)),
        about: service.about.clone(),
        reach: ways.join(", "),
        read_at: service.source.clone(),
        checked: service.last_verified.map_or_else(
            || "never".to_owned(),
            |day| day.strftime("%-d %B %Y").to_string(),
        ),
        old: service.last_verified.is_none_or(|day| day < since),
        own: school.config.services.service(&service.key).is_some(),
        hides: service.council.is_some(),
    }
}

const fn kind_words(kind: Kind) -> &'static str {
    match kind {
        Kind::Sendiass => "advice about SEND (SENDIASS)",
        Kind::LocalOffer => "local offer",
        Kind::Mediation => "mediation",
        Kind::Forum => "parents' forum",
        Kind::WorriedAboutAChild => "worried about a child",
        Kind::OutOfHours => "out of hours",
        Kind::Emergency => "emergency",
        Kind::Helpline => "a line to ring",
        Kind::TextLine => "a line to text",
    }
}

/// `GET /settings/services/edit`
pub(crate) async fn edit(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let all = with_hidden(&web, &who.school);
    let typed = if asked.key.is_empty() {
        Typed::default()
    } else {
        let service = all.get(&asked.key).ok_or(PageError::NotFound)?;
        let or_none = |text: &Option<String>| text.clone().unwrap_or_default();
        Typed {
            key: service.key.clone(),
            council: or_none(&service.council),
            kind: service.kind.word().to_owned(),
            name: service.name.clone(),
            about: service.about.clone(),
            phone: or_none(&service.phone),
            website: or_none(&service.website),
            email: or_none(&service.email),
            source: service.source.clone(),
            checked: String::new(),
        }
    };
    let frame = Frame::of(&who, HERE, heading(&typed));
    Ok(one(frame, &all, typed))
}

fn heading(typed: &Typed) -> &'static str {
    if typed.key.is_empty() {
        "A service to add"
    } else {
        "What families are told of a service"
    }
}

fn one(frame: Frame, all: &Directory, typed: Typed) -> Response {
    let text = |id: &'static str, label: &'static str, value: &str| {
        Field::new(id, label, "text").with(value, &frame)
    };
    let page = OnePage {
        fields: vec![
            text("name", "Its name", &typed.name),
            text("about", "What it does, in a sentence", &typed.about),
            text("phone", "Phone, as people dial it", &typed.phone).hint(
                "A number that you have rung, never a named person's. Leave out what is not known.",
            ),
            text("website", "Website, without https://", &typed.website),
            text("email", "Email", &typed.email),
            text("source", "Where you have this from", &typed.source)
                .hint("A web page, or “rang them”."),
        ],
        kinds: Kind::WORDS
            .iter()
            .map(|(word, kind)| (*word, kind_words(*kind)))
            .collect(),
        councils: all.councils().map(str::to_owned).collect(),
        typed,
        frame,
    };
    (page.frame.status(), render(&page)).into_response()
}

/// `POST /settings/services/edit`
pub(crate) async fn write(
    State(web): State<Shared>,
    who: SignedIn,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let all = with_hidden(&web, &who.school);
    let service = TypedService {
        key: typed.key.clone(),
        council: typed.council.clone(),
        kind: typed.kind.clone(),
        name: typed.name.clone(),
        about: typed.about.clone(),
        phone: typed.phone.clone(),
        website: typed.website.clone(),
        email: typed.email.clone(),
        source: typed.source.clone(),
        checked: typed.checked == "yes",
    };
    let mut tx = web.d.store.begin().await?;
    let done = who.actor(&web).write_service(&mut tx, &all, &service).await;
    let Some((field, words)) = after(&web, tx, done).await? else {
        return Ok(Redirect::to("/settings/services?done=set").into_response());
    };
    let field = if field.is_empty() {
        "name".to_owned()
    } else {
        field
    };
    let frame = Frame {
        problem: Some(Problem::new(field, &words)),
        ..Frame::of(&who, HERE, heading(&typed))
    };
    Ok(one(frame, &all, typed))
}

/// Which service.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Which {
    #[serde(default)]
    key: String,
}

/// `POST /settings/services/checked`
pub(crate) async fn checked(
    State(web): State<Shared>,
    who: SignedIn,
    Form(which): Form<Which>,
) -> Result<Response, PageError> {
    let all = with_hidden(&web, &who.school);
    if all.get(&which.key).is_none() {
        return gone(&web, &who).await;
    }
    let mut tx = web.d.store.begin().await?;
    let actor = who.actor(&web);
    let done = actor.service_checked(&mut tx, &all, &which.key).await;
    match after(&web, tx, done).await? {
        None => Ok(Redirect::to("/settings/services?done=checked").into_response()),
        Some((_, words)) => refused(&web, &who, &words).await,
    }
}

/// `POST /settings/services/hide`: or show it again.
pub(crate) async fn hide(
    State(web): State<Shared>,
    who: SignedIn,
    Form(which): Form<Which>,
) -> Result<Response, PageError> {
    let all = with_hidden(&web, &who.school);
    if all.get(&which.key).is_none() {
        return gone(&web, &who).await;
    }
    let mut tx = web.d.store.begin().await?;
    let done = who
        .actor(&web)
        .hide_service(&mut tx, &all, &which.key)
        .await;
    match after(&web, tx, done).await? {
        None => Ok(Redirect::to("/settings/services?done=set").into_response()),
        Some((_, words)) => refused(&web, &who, &words).await,
    }
}

async fn gone(web: &Web, who: &SignedIn) -> Result<Response, PageError> {
    refused(web, who, "this service is not in the list any more").await
}

async fn refused(web: &Web, who: &SignedIn, words: &str) -> Result<Response, PageError> {
    let frame = Frame {
        problem: Some(Problem::new("services", words)),
        ..Frame::of(who, HERE, title(Section::Services))
    };
    view(web, who, frame).await
}
