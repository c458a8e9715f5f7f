//! The second step: asked for when somebody signs in, set up there the first time, and replaced from
//! Your account.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::sign_in::{onwards, too_many};
use super::{Frame, Problem, render};
use crate::deployment::School;
use crate::school::people::Staff;
use crate::store::{Stage, Token, Tx};
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::second_step::{Offer, fresh_secret, recovery_codes, recovery_token, step_of};
use crate::web::session::{Halfway, SignedIn, with_cookie};
use crate::web::sign_in::SignIn;
use crate::web::{Shared, Web};

/// The code is asked for.
#[derive(Template)]
#[template(path = "second_step.html", config = "src/web/askama.toml")]
struct Ask {
    frame: Frame,
    /// The page to go to afterwards.
    next: String,
}

/// The step is set up.
#[derive(Template)]
#[template(path = "second_step_set_up.html", config = "src/web/askama.toml")]
struct SetUp {
    frame: Frame,
    offer: Offer,
    /// Where the form goes.
    action: &'static str,
    /// The page to go to afterwards.
    next: String,
    /// From Your account: the password is asked for too.
    again: bool,
}

/// The recovery codes, this once.
#[derive(Template)]
#[template(path = "recovery_codes.html", config = "src/web/askama.toml")]
struct Codes {
    frame: Frame,
    codes: Vec<String>,
    /// The page to go to afterwards.
    onwards: String,
}

/// What the pages are asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The page to go to afterwards.
    #[serde(default)]
    next: String,
}

/// The forms.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    code: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

const WRONG_CODE: &str = "That code is not right, or was used already. Wait for the next one in your app, then type it. If none is ever right, the phone's clock may be wrong: set it to automatic.";

/// `GET /sign-in/code`
pub(crate) async fn ask(half: Halfway, Query(asked): Query<Asked>) -> Response {
    if half.stage != Stage::Code {
        return Redirect::to(&onwards(half.stage, &asked.next)).into_response();
    }
    render(&Ask {
        frame: Frame::bare("Your code"),
        next: asked.next,
    })
}

/// `POST /sign-in/code`
pub(crate) async fn check(
    State(web): State<Shared>,
    half: Halfway,
    client: Client,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let (status, words) = match web
        .second_step(&half, &typed.code, client.address, &headers)
        .await?
    {
        SignIn::Right(cookie, stage) => {
            let to = onwards(stage, &typed.next);
            return Ok((with_cookie(cookie), Redirect::to(&to)).into_response());
        }
        SignIn::Wrong => (StatusCode::UNPROCESSABLE_ENTITY, WRONG_CODE.to_owned()),
        SignIn::Wait(wait) => (StatusCode::TOO_MANY_REQUESTS, too_many("codes", wait)),
    };
    let frame = Frame {
        problem: Some(Problem::new("code", &words)),
        ..Frame::bare("Your code")
    };
    let next = typed.next;
    Ok((status, render(&Ask { frame, next })).into_response())
}

/// `GET /sign-in/set-up`
pub(crate) async fn offer_first(
    State(web): State<Shared>,
    half: Halfway,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    if half.stage != Stage::SetUp {
        return Ok(Redirect::to(&onwards(half.stage, &asked.next)).into_response());
    }
    first(&web, &half, None, asked.next).await
}

/// `POST /sign-in/set-up`
pub(crate) async fn take_first(
    State(web): State<Shared>,
    half: Halfway,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let (school, staff) = (&half.school.config.id, &half.staff().key);
    let mut tx = web.d.store.begin().await?;
    // Whoever set one up in another browser meanwhile is asked for that one: a password alone must
    // not put another in its place.
    if half.stage != Stage::SetUp || tx.second_step(school, staff).await?.is_some() {
        return Ok(Redirect::to("/sign-in").into_response());
    }
    let Some(codes) = take_offer(&web, &mut tx, school, staff, half.session, &typed.code).await?
    else {
        drop(tx);
        let problem = Problem::new("code", WRONG_CODE);
        return first(&web, &half, Some(problem), typed.next).await;
    };
    web.is_in(&mut tx, school, staff).await?;
    let cookie = web
        .open(&mut tx, school, staff, Stage::In, &headers)
        .await?;
    tx.save().await?;
    let page = Codes {
        frame: Frame::bare("Your recovery codes"),
        codes,
        onwards: onwards(Stage::In, &typed.next),
    };
    Ok((with_cookie(cookie), render(&page)).into_response())
}

async fn first(
    web: &Web,
    half: &Halfway,
    problem: Option<Problem>,
    next: String,
) -> Result<Response, PageError> {
    let frame = Frame {
        problem,
        ..Frame::bare("Set up your second step")
    };
    let status = frame.status();
    let page = SetUp {
        frame,
        offer: offered(web, &half.school, half.staff(), half.session).await?,
        action: "/sign-in/set-up",
        next,
        again: false,
    };
    Ok((status, render(&page)).into_response())
}

/// `GET /account/second-step`
pub(crate) async fn offer(State(web): State<Shared>, who: SignedIn) -> Result<Response, PageError> {
    again(&web, &who, None).await
}

/// `POST /account/second-step`
pub(crate) async fn take(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let right = web
        .is_their_password(&who.school, who.staff(), typed.password, client.address)
        .await?;
    let words = match right {
        Ok(true) => None,
        Ok(false) => Some("That is not your password.".to_owned()),
        Err(wait) => Some(too_many("passwords", wait)),
    };
    if let Some(words) = words {
        return again(&web, &who, Some(Problem::new("password", &words))).await;
    }
    let (school, staff) = (&who.school.config.id, &who.staff().key);
    let mut tx = web.d.store.begin().await?;
    let Some(codes) = take_offer(&web, &mut tx, school, staff, who.session, &typed.code).await?
    else {
        drop(tx);
        return again(&web, &who, Some(Problem::new("code", WRONG_CODE))).await;
    };
    let cookie = web
        .open(&mut tx, school, staff, Stage::In, &headers)
        .await?;
    tx.save().await?;
    let page = Codes {
        frame: Frame::of(&who, "", "Your recovery codes"),
        codes,
        onwards: "/account".to_owned(),
    };
    Ok((with_cookie(cookie), render(&page)).into_response())
}

async fn again(web: &Web, who: &SignedIn, problem: Option<Problem>) -> Result<Response, PageError> {
    let frame = Frame {
        problem,
        ..Frame::of(who, "", "Set up your second step")
    };
    let status = frame.status();
    let page = SetUp {
        frame,
        offer: offered(web, &who.school, who.staff(), who.session).await?,
        action: "/account/second-step",
        next: String::new(),
        again: true,
    };
    Ok((status, render(&page)).into_response())
}

/// What this session was offered, or is from now on: a page that is loaded twice shows one picture.
async fn offered(
    web: &Web,
    school: &School,
    staff: &Staff,
    session: Uuid,
) -> Result<Offer, PageError> {
    let mut tx = web.d.store.begin().await?;
    let secret = match tx.offered_secret(session).await? {
        Some(secret) => secret,
        None => {
            let secret = fresh_secret(tx.clock().secret());
            tx.offer_secret(session, &secret).await?;
            tx.save().await?;
            secret
        }
    };
    let email = staff.email.as_deref().unwrap_or(&staff.name);
    Ok(Offer::of(&secret, &school.config.name, email))
}

/// Takes the second step that a session was offered, if the code proves that their app has it: the
/// recovery codes. All their sessions end.
async fn take_offer(
    web: &Web,
    tx: &mut Tx,
    school: &str,
    staff: &str,
    session: Uuid,
    typed: &str,
) -> Result<Option<Vec<String>>, PageError> {
    let Some(secret) = tx.offered_secret(session).await? else {
        return Ok(None);
    };
    let Some(step) = step_of(&secret, typed, tx.now()) else {
        return Ok(None);
    };
    let codes = recovery_codes(|| web.d.clock.secret());
    let kept: Vec<Token> = codes.iter().map(|code| recovery_token(code)).collect();
    tx.set_second_step(school, staff, &secret, step, &kept)
        .await?;
    tx.end_sessions_of(school, staff).await?;
    tx.audit(school, staff, "set up a second step", None)
        .await?;
    Ok(Some(codes))
}
