//! Keys and ways: by what the school is reached, whether each key is there, and what last came and
//! went. Never a secret itself: this page could not show one.

use std::time::SystemTime;

use askama::Template;
use axum::extract::State;
use axum::response::Response;
use jiff::Timestamp;

use super::HERE;
use crate::config::{Secret, SecretPlace};
use crate::deployment::School;
use crate::phone::Phone;
use crate::store::{Failing, Moment};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::{Frame, Stamp, render};
use crate::web::session::SignedIn;

/// The page.
#[derive(Template)]
#[template(path = "settings_keys.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    ways: Vec<Way>,
}

/// One way in and out.
struct Way {
    id: String,
    kind: &'static str,
    /// The number, or the server.
    at: Option<String>,
    keys: Vec<Key>,
    came: Option<Stamp>,
    went: Option<Stamp>,
    /// Since when its provider fails, and why.
    fails: Option<(Stamp, String)>,
    /// Whether anything comes in by it at all.
    brings: bool,
}

/// One secret: what it is for, where it is kept, whether it is there.
struct Key {
    what: &'static str,
    place: String,
    is_set: bool,
    /// When its file was last changed; nobody knows that of an environment variable.
    changed: Option<Stamp>,
}

/// `GET /settings/keys`
pub(crate) async fn show(State(web): State<Shared>, who: SignedIn) -> Result<Response, PageError> {
    let school = &who.school;
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let stamp = |at: Moment| Stamp::new(school, at, now);
    let failing = tx.failing().await?;
    let fails = |id: &str| {
        let found: Option<&Failing> = failing.iter().find(|f| f.endpoint == id);
        found.map(|f| (stamp(f.failing_since), f.why.clone()))
    };
    let mut ways = Vec::new();
    for endpoint in web.d.endpoints() {
        if endpoint.school.config.id != school.config.id {
            continue;
        }
        let (came, went) = tx.last_in_and_out(&school.config.id, &endpoint.id).await?;
        let secrets = endpoint.config.kind.secrets().into_iter();
        ways.push(Way {
            kind: endpoint.channel.name(),
            at: endpoint.config.kind.number().map(Phone::national),
            keys: secrets.map(|(what, s)| key(school, what, s, now)).collect(),
            came: came.map(stamp),
            went: went.map(stamp),
            fails: fails(&endpoint.id),
            brings: true,
            id: endpoint.id.clone(),
        });
    }
    if let Some(server) = web.d.mail_server_of(&school.config.id)
        && let Some(email) = web.d.config.mail_server_of(&school.config)
    {
        let (_, went) = tx.last_in_and_out(&school.config.id, &server.id).await?;
        let password = email.password.iter();
        ways.push(Way {
            id: server.id.clone(),
            kind: "email to staff",
            at: Some(email.host.clone()),
            keys: password.map(|s| key(school, "password", s, now)).collect(),
            came: None,
            went: went.map(stamp),
            fails: fails(&server.id),
            brings: false,
        });
    }
    Ok(render(&Page {
        frame: Frame::of(&who, HERE, "Keys and ways"),
        ways,
    }))
}

fn key(school: &School, what: &'static str, secret: &Secret, now: Moment) -> Key {
    let changed = match &secret.place {
        SecretPlace::File(path) => std::fs::metadata(path)
            .and_then(|file| file.modified())
            .ok(),
        SecretPlace::Env(_) | SecretPlace::Inline => None,
    };
    let at = |when: SystemTime| Timestamp::try_from(when).ok();
    Key {
        what,
        place: secret.place.to_string(),
        is_set: secret.value().is_some(),
        changed: changed
            .and_then(at)
            .map(|at| Stamp::new(school, Moment::from(at), now)),
    }
}
