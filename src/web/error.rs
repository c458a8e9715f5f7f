//! What people see when something cannot be done: plain, and with what to do about it.
//!
//! It never shows what went wrong inside; the log has that, without words, names or numbers.

use std::any::Any;

use askama::Template;
use axum::extract::Request;
use axum::http::{Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Redirect, Response};
use tower_http::csrf::ProtectionError;

use super::pages::{Frame, render};
use crate::desk::DeskError;
use crate::store::StoreError;

/// Why a page is not shown.
#[derive(Debug, thiserror::Error)]
pub(crate) enum PageError {
    /// Not there, or not for this person: the same answer for both.
    #[error("no such page")]
    NotFound,
    /// Nobody is signed in; the page to come back to.
    #[error("nobody is signed in")]
    SignIn(String),
    /// Nobody is signed in any more, and a form was sent.
    #[error("the session has ended")]
    Ended,
    /// The form does not hold what it should.
    #[error("the form cannot be read")]
    Form,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The machine could not do it: no memory, no randomness.
    #[error("the machine: {0}")]
    Machine(String),
}

/// A page that says what is wrong.
#[derive(Template)]
#[template(path = "error.html", config = "src/web/askama.toml")]
struct ErrorPage {
    frame: Frame,
    /// What happened.
    what: &'static str,
    /// What to do now.
    remedy: &'static str,
}

fn page(
    status: StatusCode,
    title: &'static str,
    what: &'static str,
    remedy: &'static str,
) -> Response {
    let page = ErrorPage {
        frame: Frame::bare(title),
        what,
        remedy,
    };
    (status, render(&page)).into_response()
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        match self {
            Self::NotFound => page(
                StatusCode::NOT_FOUND,
                "Page not found",
                "There is no such page, or it is not yours to open.",
                "Check the address. If somebody sent you a link to a case, ask them whose case it is.",
            ),
            Self::SignIn(next) => {
                let query = [("next", next)];
                let query = form_encoded(&query);
                Redirect::to(&format!("/sign-in?{query}")).into_response()
            }
            Self::Ended => page(
                StatusCode::UNAUTHORIZED,
                "You have been signed out",
                "Nothing was done for 30 minutes, so you were signed out, and what you have just sent was not taken.",
                "Sign in on another tab, then go back here with your browser's back button: what you wrote is still there, and you can send it again.",
            ),
            Self::Form => page(
                StatusCode::BAD_REQUEST,
                "The form could not be read",
                "Part of the form did not arrive.",
                "Go back, load the page again and fill the form in once more.",
            ),
            Self::Machine(why) => {
                tracing::error!(%why, "a page could not be made");
                page(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "This is not working at the moment",
                    "The machine is too busy, so nothing was changed.",
                    "Wait a minute and try again. If it goes on, ring the person who looks after the service.",
                )
            }
            Self::Store(error) => {
                tracing::error!(%error, "a page could not be made");
                page(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "This is not working at the moment",
                    "The record cannot be reached, so nothing was changed.",
                    "Wait a minute and try again. If it goes on, ring the person who looks after the service.",
                )
            }
        }
    }
}

impl From<DeskError> for PageError {
    /// For acts of which only these can go wrong; what a person can put right stands on the form.
    fn from(error: DeskError) -> Self {
        match error {
            DeskError::Store(error) => Self::Store(error),
            _ => Self::NotFound,
        }
    }
}

/// `a=1&b=2`, for addresses we make.
pub(crate) fn form_encoded(pairs: &[(&str, String)]) -> String {
    let mut encoded = String::new();
    for (name, value) in pairs {
        if !encoded.is_empty() {
            encoded.push('&');
        }
        encoded.push_str(name);
        encoded.push('=');
        for byte in value.bytes() {
            match byte {
                b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                    encoded.push(char::from(byte));
                }
                _ => encoded.push_str(&format!("%{byte:02X}")),
            }
        }
    }
    encoded
}

/// Any address that is no page.
pub(crate) async fn no_such_page() -> PageError {
    PageError::NotFound
}

/// A page that takes no forms, or a form that is no page.
pub(crate) async fn wrong_method() -> Response {
    page(
        StatusCode::METHOD_NOT_ALLOWED,
        "This cannot be opened like that",
        "The address takes a form, or shows a page, and was asked for the other.",
        "Go to Today and begin from there.",
    )
}

/// What was asked for in a way that no page could read, said as a page: the framework has only bare words.
pub(crate) async fn as_page(request: Request, next: Next) -> Response {
    let shows = request.method() == Method::GET;
    let answer = next.run(request).await;
    let bare = answer.headers().get(header::CONTENT_TYPE);
    let bare = bare.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    match answer.status() {
        StatusCode::PAYLOAD_TOO_LARGE if bare => page(
            StatusCode::PAYLOAD_TOO_LARGE,
            "That is too long",
            "What you sent is longer than this page takes, so nothing was kept.",
            "Go back with your browser's back button: what you wrote is still there. Make it shorter and send it again.",
        ),
        // An address in which something is no number is one that is not there.
        StatusCode::BAD_REQUEST if bare && shows => PageError::NotFound.into_response(),
        StatusCode::BAD_REQUEST
        | StatusCode::UNPROCESSABLE_ENTITY
        | StatusCode::UNSUPPORTED_MEDIA_TYPE
            if bare =>
        {
            let mut answer_as_page = PageError::Form.into_response();
            *answer_as_page.status_mut() = answer.status();
            answer_as_page
        }
        _ => answer,
    }
}

/// A form that another site sent in this person's name.
pub(crate) fn from_another_site(_: ProtectionError) -> Response {
    page(
        StatusCode::FORBIDDEN,
        "This came from another website",
        "A form was sent to us from another website, so nothing was done.",
        "If you pressed a button here, load the page again and press it once more. If it goes on, tell the person who looks after the service that its public address may be set wrongly.",
    )
}

/// A fault of ours. The log has its place; the panic's own words might hold somebody's.
pub(crate) fn panicked(_: Box<dyn Any + Send + 'static>) -> Response {
    tracing::error!("a handler panicked");
    metrics::counter!("schoolgate_panics_total").increment(1);
    let mut answer = page(
        StatusCode::INTERNAL_SERVER_ERROR,
        "Something went wrong",
        "This is our fault, not yours. What you were doing may not have been done.",
        "Go back and look whether it was done before you try again. If it goes wrong again, tell the person who looks after the service.",
    );
    answer.headers_mut().insert(
        header::CONNECTION,
        header::HeaderValue::from_static("close"),
    );
    answer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_we_make_are_read_back_as_they_were() {
        let made = form_encoded(&[
            ("next", "/c/1042?a=b&c".to_owned()),
            ("as", "+44".to_owned()),
        ]);
        assert_eq!(made, "next=%2Fc%2F1042%3Fa%3Db%26c&as=%2B44");
    }
}
