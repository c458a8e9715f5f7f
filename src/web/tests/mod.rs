//! The console, webhooks and handset as a browser or a provider meets them: requests in, answers
//! out, on the demo school.

mod access;
mod account;
mod acts;
mod console;
mod erasure;
mod files;
mod hooks;
mod invitations;
mod keeping;
mod life;
mod mail;
mod people;
mod providers;
mod reading;
mod school_account;
mod settings;
mod sign_in;
mod support;
mod ties;

use std::sync::{Arc, OnceLock};

use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{HeaderMap, Request, StatusCode, header};
use jiff::SignedDuration;
use jiff::civil::date;
use tower::ServiceExt as _;

use super::error::form_encoded;
use super::password::hash_password;
use crate::config::{self, Config};
use crate::deployment::Parts;
use crate::school::people::Staff;
use crate::store::{Moment, NewSession, Stage, Token};
use crate::testing::Rig;

const AMINA: &str = "+447700900101";
const PASSWORD: &str = "kingfisher in the reeds";
const TOKEN: &str = "twilio-test-token";
const SECRET: &str = "telegram-test-secret";

/// The demo school with a Twilio number and a Telegram bot besides its handset, on a Tuesday.
struct World {
    rig: Rig,
    app: Router,
    _folder: tempfile::TempDir,
}

/// What came back.
struct Answer {
    status: StatusCode,
    headers: HeaderMap,
    body: String,
}

impl Answer {
    fn location(&self) -> &str {
        self.headers
            .get(header::LOCATION)
            .map_or("", |v| v.to_str().unwrap())
    }
}

async fn world(demo: bool) -> World {
    world_with(demo, |_| {}).await
}

/// The same, with something in its configuration changed.
async fn world_with(demo: bool, change: impl FnOnce(&mut Config)) -> World {
    let folder = tempfile::tempdir().unwrap();
    let env = |name: &str| match name {
        "KINGFISHER_TWILIO_TOKEN" => Some(TOKEN.to_owned()),
        "KINGFISHER_TELEGRAM_TOKEN" => Some("1:test".to_owned()),
        "KINGFISHER_TELEGRAM_SECRET" => Some(SECRET.to_owned()),
        _ => None,
    };
    let example = Config::parse("example.toml", config::EXAMPLE, &env).unwrap();
    let mut config = Config::demo().unwrap();
    config.public_url = Some("https://school.example".to_owned());
    config.schools[0]
        .channels
        .extend(example.schools[0].channels.clone());
    change(&mut config);
    let now = date(2026, 12, 1)
        .at(12, 10, 0, 0)
        .to_zoned(config.schools[0].calendar.zone.clone());
    let clock = crate::clock::Clock::set(now.unwrap().timestamp());
    let database = format!("sqlite:{}", folder.path().join("test.db").display());
    // Flows and texts are the same for all: read once.
    static PARTS: OnceLock<Arc<Parts>> = OnceLock::new();
    let parts = PARTS.get_or_init(|| Arc::new(Parts::load(&config).unwrap()));
    let rig = Rig::with_parts(config, Arc::clone(parts), &database, clock)
        .await
        .unwrap();
    let hash = hash_password(PASSWORD).unwrap();
    let mut tx = rig.d.store.begin().await.unwrap();
    for school in rig.d.schools() {
        for staff in &school.people.staff {
            tx.set_password(&school.config.id, &staff.key, &hash)
                .await
                .unwrap();
        }
    }
    tx.save().await.unwrap();
    let app = super::router(Arc::clone(&rig.d), demo);
    World {
        rig,
        app,
        _folder: folder,
    }
}

impl World {
    async fn ask(&self, request: Request<Body>) -> Answer {
        let answer = self.app.clone().oneshot(request).await.unwrap();
        let (parts, body) = answer.into_parts();
        let body = to_bytes(body, usize::MAX).await.unwrap();
        Answer {
            status: parts.status,
            headers: parts.headers,
            body: String::from_utf8(body.to_vec()).unwrap(),
        }
    }

    async fn get(&self, path: &str, cookie: &str, said: &[(&str, &str)]) -> Answer {
        let mut request = Request::get(path).header(header::COOKIE, cookie);
        for (name, value) in said {
            request = request.header(*name, *value);
        }
        self.ask(request.body(Body::empty()).unwrap()).await
    }

    async fn post(&self, path: &str, cookie: &str, form: &[(&str, &str)]) -> Answer {
        let pairs: Vec<_> = form.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
        let request = Request::post(path)
            .header(header::COOKIE, cookie)
            .header(header::HOST, "school.example")
            .header(header::ORIGIN, "https://school.example")
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
        self.ask(request.body(Body::from(form_encoded(&pairs))).unwrap())
            .await
    }

    /// The cookie of somebody who has come to the end of signing in. How they come there is what
    /// `tests/sign_in.rs` is about; here it is taken as done.
    async fn signed_in(&self, surname: &str) -> String {
        let email = format!("{surname}@kingfisher.example");
        let has = |staff: &&Staff| staff.email.as_deref() == Some(&email);
        let staff = self.rig.school().people.staff.iter().find(has).unwrap();
        self.session_of("kingfisher", &staff.key, Stage::In).await
    }

    /// The cookie of a session, at any school and any stage.
    async fn session_of(&self, school: &str, staff: &str, stage: Stage) -> String {
        let token = Token::fresh(&self.rig.d.clock);
        let session = NewSession {
            school,
            staff,
            stage,
            browser: "A browser",
        };
        let mut tx = self.rig.d.store.begin().await.unwrap();
        tx.open_session(&token, &session).await.unwrap();
        tx.save().await.unwrap();
        format!("__Host-schoolgate={}", token.text())
    }

    /// Time passes.
    fn later(&self, by: SignedDuration) {
        let now = self.rig.d.clock.now();
        self.rig.d.clock.advance_to(now + by);
    }

    /// How many messages are stored.
    async fn stored(&self) -> usize {
        let mut tx = self.rig.d.store.read().await.unwrap();
        tx.not_alerted("kingfisher", Moment(0)).await.unwrap().len()
    }
}
