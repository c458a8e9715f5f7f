//! Closed days: said in one form, counting at once, with what falls on them.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::Form;
use jiff::civil::Date;
use serde::Deserialize;

use super::field::Field;
use super::{Asked, HERE, Source, after, title};
use crate::config::shown::days;
use crate::desk::settings::SettingError;
use crate::school::calendar::Period;
use crate::school::setting::Section;
use crate::web::error::PageError;
use crate::web::pages::waiting::{Falls, Look, ShutRow};
use crate::web::pages::{Frame, Problem, reads_words, render};
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// The page.
#[derive(Template)]
#[template(path = "settings_closed.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// From today on.
    ahead: Vec<Row>,
    past: Vec<Row>,
    /// What falls on the days ahead, of what this person may see.
    shut: Vec<ShutRow>,
    /// How much falls on them that others look after.
    others: usize,
    /// Whether this person sees anything of cases and meetings at all.
    reads: bool,
    fields: Vec<Field>,
    source: Source,
}

struct Row {
    words: String,
    why: String,
    from: Date,
    to: Date,
}

/// The form, as typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    from: String,
    #[serde(default)]
    to: String,
    #[serde(default)]
    why: String,
}

/// `GET /settings/closed`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let frame = Frame::of(&who, HERE, title(Section::Closed)).done(asked.done.as_deref());
    view(&web, &who, frame, &Typed::default()).await
}

/// `POST /settings/closed`
pub(crate) async fn close(
    State(web): State<Shared>,
    who: SignedIn,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.begin().await?;
    let done = who
        .actor(&web)
        .close_school(&mut tx, &typed.from, &typed.to, &typed.why)
        .await;
    match after(&web, tx, done).await? {
        None => Ok(Redirect::to("/settings/closed?done=closed-day").into_response()),
        Some(wrong) => refused(&web, &who, wrong, &typed).await,
    }
}

/// `POST /settings/closed/open`
pub(crate) async fn reopen(
    State(web): State<Shared>,
    who: SignedIn,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.begin().await?;
    let day = |typed: &str| typed.parse::<Date>().ok();
    let done = match day(&typed.from).zip(day(&typed.to)) {
        Some((from, to)) => {
            who.actor(&web)
                .reopen_school(&mut tx, Period { from, to })
                .await
        }
        None => Err(SettingError::Meanwhile),
    };
    match after(&web, tx, done).await? {
        None => Ok(Redirect::to("/settings/closed?done=opened-day").into_response()),
        Some(wrong) => refused(&web, &who, wrong, &Typed::default()).await,
    }
}

async fn refused(
    web: &Web,
    who: &SignedIn,
    (field, words): (String, String),
    typed: &Typed,
) -> Result<Response, PageError> {
    let field = if field.is_empty() {
        "from".to_owned()
    } else {
        field
    };
    let frame = Frame {
        problem: Some(Problem::new(field, &words)),
        ..Frame::of(who, HERE, title(Section::Closed))
    };
    view(web, who, frame, typed).await
}

async fn view(
    web: &Web,
    who: &SignedIn,
    frame: Frame,
    typed: &Typed,
) -> Result<Response, PageError> {
    // As it stands now: somebody else may just have changed it.
    let school = web.d.school(&who.school.config.id);
    let school = school.unwrap_or_else(|| who.school.clone());
    let mut tx = web.d.store.read().await?;
    let today = school.local(tx.now()).date();
    let mut closed: Vec<_> = school.calendar().closed.iter().collect();
    closed.sort_by_key(|c| c.days.from);
    let (past, ahead): (Vec<_>, Vec<_>) = closed.into_iter().partition(|c| c.days.to < today);
    let row = |c: &&crate::school::calendar::Closed| Row {
        words: days(c.days),
        why: c.why.clone(),
        from: c.days.from,
        to: c.days.to,
    };
    let (shut, others) = Look::new(&mut tx, &school, who.staff()).shut().await?;
    let page = Page {
        ahead: ahead.iter().map(row).collect(),
        past: past.iter().map(row).collect(),
        shut,
        others,
        reads: reads_words(who.staff()),
        fields: vec![
            Field::new("from", "Closed on", "date").with(&typed.from, &frame),
            Field::new("to", "Until, if it is more than one day", "date").with(&typed.to, &frame),
            Field::new("why", "Because", "text")
                .hint("Such as “INSET day” or “snow”. It is for staff; parents do not see it.")
                .with(&typed.why, &frame),
        ],
        source: Source::of(&mut tx, &school, Section::Closed).await?,
        frame,
    };
    Ok((page.frame.status(), render(&page)).into_response())
}
