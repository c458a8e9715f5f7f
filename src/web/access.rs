//! Who may use a route: the rules, and the one place that holds people to them.
//!
//! A rule is looked at before its handler hears of a request. A handler may ask for more (a promise
//! is for whoever owns the case), never for less. What is not there and what is not theirs are
//! answered alike.

use axum::extract::{FromRequestParts as _, RawPathParams, Request, State};
use axum::http::request::Parts;
use axum::middleware::Next;
use axum::response::Response;
use uuid::Uuid;

use super::Shared;
use super::error::PageError;
use super::pages::{case, tasks};
use super::session::{Halfway, SignedIn};
use crate::school::people::Staff;

/// Who may use a route.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Rule {
    /// Anybody: nothing about anybody is on it, or it takes what only one person was given.
    Open,
    /// A provider, which proves itself to the handler by its endpoint's own secret. A form from
    /// another site is what it sends.
    Provider,
    /// Whoever has given a right password, and has the second step before them.
    Halfway,
    /// Whoever is signed in.
    SignedIn,
    /// Whoever is signed in and is this.
    Staff(fn(&Staff) -> bool),
    /// Whoever may read the case that `{number}` names.
    Reader,
    /// Whoever has the task that `{task}` names on a list of theirs.
    TheirTask,
}

/// Lets a request through to its handler if the rule of its route does.
pub(super) async fn enforce(
    State((web, rule)): State<(Shared, Rule)>,
    request: Request,
    next: Next,
) -> Result<Response, PageError> {
    let (mut parts, body) = request.into_parts();
    rule.admit(&mut parts, &web).await?;
    Ok(next.run(Request::from_parts(parts, body)).await)
}

impl Rule {
    /// Whoever is let through is known to the handler without being looked up again.
    async fn admit(self, parts: &mut Parts, web: &Shared) -> Result<(), PageError> {
        match self {
            Self::Open | Self::Provider => return Ok(()),
            Self::Halfway => {
                let half = Halfway::from_request_parts(parts, web).await?;
                parts.extensions.insert(half);
                return Ok(());
            }
            _ => {}
        }
        let who = SignedIn::from_request_parts(parts, web).await?;
        match self {
            Self::Staff(is) if !is(who.staff()) => return Err(PageError::NotFound),
            Self::Reader => {
                let number = named(parts, "number").await?;
                let mut tx = web.d.store.read().await?;
                case::find(&mut tx, &who, &number).await?;
            }
            Self::TheirTask => {
                let task = named(parts, "task").await?;
                let task = Uuid::parse_str(&task).map_err(|_| PageError::NotFound)?;
                let mut tx = web.d.store.read().await?;
                tasks::is_theirs(&mut tx, &who, task).await?;
            }
            _ => {}
        }
        parts.extensions.insert(who);
        Ok(())
    }
}

/// What stands in the address in the place of a name.
async fn named(parts: &mut Parts, name: &str) -> Result<String, PageError> {
    let params = RawPathParams::from_request_parts(parts, &())
        .await
        .map_err(|_| PageError::NotFound)?;
    params
        .iter()
        .find(|(known, _)| *known == name)
        .map(|(_, value)| value.to_owned())
        .ok_or(PageError::NotFound)
}
