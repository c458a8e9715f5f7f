//! What staff do to a case from its page or from Today: each one act of `desk`, in one transaction.

use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::civil::{Date, Time};
use serde::Deserialize;

use super::case::{self, Typed};
use super::{Problem, clean, minutes_of};
use crate::desk::{DeskError, LONGEST};
use crate::flow::value::{Value, Values};
use crate::text::segments::segments;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// Where somebody pressed "I have this".
#[derive(Debug, Default, Deserialize)]
pub(crate) struct From {
    /// `today`, or the case's own page.
    #[serde(default)]
    from: String,
    /// The last entry that stood on the page.
    seen: Option<i64>,
}

/// Words.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Words {
    #[serde(default)]
    words: String,
    /// The last entry that stood on the page.
    seen: Option<i64>,
}

/// A call, and whether they talked.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Called {
    #[serde(default)]
    words: String,
    /// `yes`: the parent is told that it is written down, and offered a copy.
    #[serde(default)]
    talked: String,
    /// The last entry that stood on the page.
    seen: Option<i64>,
}

/// When somebody will ring.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Ring {
    #[serde(default)]
    day: String,
    #[serde(default)]
    time: String,
}

fn done(number: i64, word: &str) -> Response {
    Redirect::to(&format!("/c/{number}?done={word}")).into_response()
}

/// What a person can put right, as a problem of `field`; anything else is a page of its own.
pub(super) fn problem(error: DeskError, field: &str) -> Result<Problem, PageError> {
    match error {
        DeskError::Store(error) => Err(PageError::Store(error)),
        DeskError::NoSuchCase => Err(PageError::NotFound),
        said => Ok(Problem::new(field, &said.to_string())),
    }
}

/// `POST /c/{number}/acknowledge`
pub(crate) async fn acknowledge(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(form): Form<From>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let mut case = actor.case(&mut tx, number).await?;
    if let Err(error) = actor.has_before_them(&mut tx, &case, form.seen).await {
        drop(tx);
        let problem = problem(error, "reply")?;
        return case::again(&web, &who, number, problem, Typed::default()).await;
    }
    if case.acknowledged_at.is_some() {
        // They have written again since: the record says who has read that, too.
        actor
            .note(&mut tx, &case, "Has read what they wrote.")
            .await?;
    }
    actor.acknowledge(&mut tx, &mut case).await?;
    tx.save().await?;
    if form.from == "today" {
        return Ok(Redirect::to("/today?done=acknowledged").into_response());
    }
    Ok(done(number, "acknowledged"))
}

/// `POST /c/{number}/reply`
pub(crate) async fn reply(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(form): Form<Words>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let words = clean(&form.words);
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let mut case = actor.case(&mut tx, number).await?;
    let sent = async {
        actor.has_before_them(&mut tx, &case, form.seen).await?;
        actor.reply(&mut tx, &mut case, &words).await
    };
    if let Err(error) = sent.await {
        drop(tx);
        let typed = Typed {
            reply: words,
            ..Typed::default()
        };
        return case::again(&web, &who, number, problem(error, "reply")?, typed).await;
    }
    tx.save().await?;
    Ok(done(number, "replied"))
}

/// `POST /c/{number}/parts`: how many texts a reply makes, while it is typed.
pub(crate) async fn parts(
    State(web): State<Shared>,
    who: SignedIn,
    Form(form): Form<Words>,
) -> Result<String, PageError> {
    let words = clean(&form.words);
    let length = words.trim().chars().count();
    if length == 0 {
        return Ok("Nothing written yet.".to_owned());
    }
    if length > LONGEST {
        return Ok(format!(
            "Too long: {length} characters. Keep it under {LONGEST}."
        ));
    }
    let values = Values::from([
        ("who".to_owned(), Value::Text(who.staff().name.clone())),
        ("words".to_owned(), Value::Text(words.trim().to_owned())),
    ]);
    let language = &who.school.config.default_language;
    let cost = segments(
        &web.d
            .bundle()
            .languages
            .say(language, "desk-reply", &values),
    );
    let texts = if cost.parts == 1 { "text" } else { "texts" };
    Ok(format!("This goes out as {} {texts}.", cost.parts))
}

/// `POST /c/{number}/ring`
pub(crate) async fn ring(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(form): Form<Ring>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let typed = Typed {
        time: form.time.clone(),
        day: form.day.clone(),
        ..Typed::default()
    };
    let by = form
        .day
        .parse::<Date>()
        .ok()
        .zip(minutes_of(&form.time))
        .and_then(|(day, minutes)| {
            let hour = i8::try_from(minutes / 60).ok()?;
            let minute = i8::try_from(minutes % 60).ok()?;
            Some(day.to_datetime(Time::new(hour, minute, 0, 0).ok()?))
        });
    let Some(by) = by else {
        let problem = problem(DeskError::NotATime(form.time), "time")?;
        return case::again(&web, &who, number, problem, typed).await;
    };
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let mut case = actor.case(&mut tx, number).await?;
    if let Err(error) = actor.promise_ring(&mut tx, &mut case, by).await {
        drop(tx);
        return case::again(&web, &who, number, problem(error, "time")?, typed).await;
    }
    tx.save().await?;
    Ok(done(number, "ring"))
}

/// `POST /c/{number}/call`
pub(crate) async fn call(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(form): Form<Called>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let words = clean(&form.words);
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let mut case = actor.case(&mut tx, number).await?;
    let kept = async {
        actor.has_before_them(&mut tx, &case, form.seen).await?;
        actor.log_call(&mut tx, &mut case, &words).await?;
        match form.talked.as_str() {
            "yes" => actor.after_call(&mut tx, &mut case).await,
            _ => Ok(()),
        }
    };
    if let Err(error) = kept.await {
        drop(tx);
        let typed = Typed {
            call: words,
            ..Typed::default()
        };
        return case::again(&web, &who, number, problem(error, "call")?, typed).await;
    }
    tx.save().await?;
    Ok(done(number, "called"))
}

/// `POST /c/{number}/ask`: how they want to go on with a complaint.
pub(crate) async fn ask(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let mut case = actor.case(&mut tx, number).await?;
    if let Err(error) = actor.ask_about(&mut tx, &mut case).await {
        drop(tx);
        let problem = problem(error, "reply")?;
        return case::again(&web, &who, number, problem, Typed::default()).await;
    }
    tx.save().await?;
    Ok(done(number, "asked"))
}

/// `POST /c/{number}/release`: lines of a sealed entry for the head, as a complaint of its own.
pub(crate) async fn release(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(form): Form<Words>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let words = clean(&form.words);
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let case = actor.case(&mut tx, number).await?;
    if let Err(error) = actor.release(&mut tx, &case, &words).await {
        drop(tx);
        let typed = Typed {
            release: words,
            ..Typed::default()
        };
        return case::again(&web, &who, number, problem(error, "release")?, typed).await;
    }
    tx.save().await?;
    Ok(done(number, "released"))
}

/// `POST /c/{number}/note`
pub(crate) async fn note(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(form): Form<Words>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let words = clean(&form.words);
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let case = actor.case(&mut tx, number).await?;
    let kept = async {
        actor.has_before_them(&mut tx, &case, form.seen).await?;
        actor.note(&mut tx, &case, &words).await
    };
    if let Err(error) = kept.await {
        drop(tx);
        let typed = Typed {
            note: words,
            ..Typed::default()
        };
        return case::again(&web, &who, number, problem(error, "note")?, typed).await;
    }
    tx.save().await?;
    Ok(done(number, "noted"))
}

/// The number in an address.
pub(crate) fn number(said: &str) -> Result<i64, PageError> {
    crate::school::case::number(said).ok_or(PageError::NotFound)
}
