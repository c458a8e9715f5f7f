//! Signing in and out.

use askama::Template;
use axum::Form;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse as _, Redirect, Response};
use jiff::SignedDuration;
use serde::Deserialize;

use super::{Frame, Problem, reads_words, render, watches};
use crate::store::Stage;
use crate::web::client::Client;
use crate::web::error::{PageError, form_encoded};
use crate::web::session::{SignedIn, with_cookie};
use crate::web::sign_in::SignIn;
use crate::web::{Shared, Web};

/// The page.
#[derive(Template)]
#[template(path = "sign_in.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// The page to go to afterwards.
    next: String,
    /// What was typed.
    email: String,
    /// Whether this is a demo.
    demo: bool,
    /// What people call their school account, if they may sign in with it, and the way there.
    school_account: Option<(String, String)>,
}

impl Page {
    fn new(web: &Web, frame: Frame, next: String, email: String) -> Self {
        let way = format!(
            "/sign-in/school?{}",
            form_encoded(&[("next", next.clone())])
        );
        let accounts = web.d.config.school_accounts.as_ref();
        Self {
            frame,
            next,
            email,
            demo: web.demo,
            school_account: accounts.map(|accounts| (accounts.label.clone(), way)),
        }
    }
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The page to go to afterwards.
    #[serde(default)]
    next: String,
    /// What was just done.
    done: Option<String>,
}

/// The form.
#[derive(Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    email: String,
    #[serde(default)]
    password: String,
    #[serde(default)]
    next: String,
}

/// `GET /sign-in`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: Option<SignedIn>,
    Query(asked): Query<Asked>,
) -> Response {
    if let Some(who) = who {
        return Redirect::to(&after(&who, &asked.next)).into_response();
    }
    let frame = Frame::bare("Sign in").done(asked.done.as_deref());
    render(&Page::new(&web, frame, asked.next, String::new()))
}

/// `POST /sign-in`
pub(crate) async fn sign_in(
    State(web): State<Shared>,
    client: Client,
    headers: HeaderMap,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let (status, words) = match web
        .sign_in(&typed.email, typed.password, client.address, &headers)
        .await?
    {
        SignIn::Right(cookie, stage) => {
            let to = onwards(stage, &typed.next);
            return Ok((with_cookie(cookie), Redirect::to(&to)).into_response());
        }
        SignIn::Wrong => (
            StatusCode::UNPROCESSABLE_ENTITY,
            "The email address or the password is not right. Check both and try again.".to_owned(),
        ),
        SignIn::Wait(wait) => {
            let words = format!(
                "{} If you do not know your password, ask for a new one.",
                too_many("passwords", wait)
            );
            (StatusCode::TOO_MANY_REQUESTS, words)
        }
    };
    let frame = Frame {
        problem: Some(Problem::new("email", &words)),
        ..Frame::bare("Sign in")
    };
    let page = Page::new(&web, frame, typed.next, typed.email);
    Ok((status, render(&page)).into_response())
}

/// The page, for somebody whom their school account did not bring in.
pub(super) fn refused(web: &Web, words: &str, next: String) -> Response {
    let frame = Frame {
        problem: Some(Problem::new("email", words)),
        ..Frame::bare("Sign in")
    };
    let status = frame.status();
    let page = Page::new(web, frame, next, String::new());
    (status, render(&page)).into_response()
}

/// `POST /sign-out`
pub(crate) async fn sign_out(
    State(web): State<Shared>,
    headers: HeaderMap,
) -> Result<Response, PageError> {
    let cookie = web.sign_out(&headers).await?;
    let forget = [(
        header::HeaderName::from_static("clear-site-data"),
        "\"cache\"",
    )];
    Ok((
        with_cookie(cookie),
        forget,
        Redirect::to("/sign-in?done=signed-out"),
    )
        .into_response())
}

/// "There were too many wrong passwords. Wait 5 minutes, then try again."
pub(super) fn too_many(what: &str, wait: SignedDuration) -> String {
    let minutes = (wait.as_secs() + 59) / 60;
    let unit = if minutes == 1 { "minute" } else { "minutes" };
    format!("There were too many wrong {what}. Wait {minutes} {unit}, then try again.")
}

/// Where somebody goes who has come to a stage of signing in, on the way to `next`.
pub(super) fn onwards(stage: Stage, next: &str) -> String {
    let step = match stage {
        Stage::In if is_ours(next) => return next.to_owned(),
        Stage::In => return "/today".to_owned(),
        Stage::Code => "/sign-in/code",
        Stage::SetUp => "/sign-in/set-up",
    };
    format!("{step}?{}", form_encoded(&[("next", next.to_owned())]))
}

fn after(who: &SignedIn, next: &str) -> String {
    if is_ours(next) {
        next.to_owned()
    } else {
        home(who).to_owned()
    }
}

/// The first page of somebody.
pub(crate) fn home(who: &SignedIn) -> &'static str {
    if !reads_words(who.staff()) && watches(who.staff()) {
        "/health"
    } else {
        "/today"
    }
}

/// Whether an address is a page of ours to come to once signed in: a link to the sign-in page must
/// not lead elsewhere, nor round and round.
fn is_ours(next: &str) -> bool {
    let plain = next.bytes().all(|b| b.is_ascii_graphic() && b != b'\\');
    let here = next.starts_with('/') && !next.starts_with("//");
    plain && here && !next.starts_with("/sign-in")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn signing_in_leads_nowhere_but_here() {
        for next in ["/today", "/c/1042?done=replied"] {
            assert!(is_ours(next), "{next}");
        }
        for next in [
            "",
            "//evil.example",
            "/\\evil.example",
            "https://evil.example",
            "/a\nb",
            "today",
            "/sign-in/code",
        ] {
            assert!(!is_ours(next), "{next:?}");
        }
    }
}
