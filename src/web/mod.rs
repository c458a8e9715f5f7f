//! The way in over HTTP: providers' webhooks, the staff console, the demo's handset, health.
//!
//! It holds no rule about who may read or do what (`desk` does) and no SQL (`store` does). Pages
//! work without JavaScript; nothing here is served to a person who is not signed in but the sign-in
//! page, and the handset in a demo.

mod assets;
mod client;
mod csv;
mod error;
mod events;
mod health;
mod hooks;
pub mod pages;
mod readers;
pub mod session;
#[cfg(test)]
mod tests;
mod tries;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::map_response;
use axum::response::Response;
use axum::routing::{get, post};
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::limit::RequestBodyLimitLayer;
use tower_http::timeout::TimeoutLayer;

use crate::deployment::Deployment;
use readers::Readers;
use tries::Tries;

/// The largest request body: 64 KiB, for webhooks and forms alike. A text of 10,000 characters in
/// the longest encoding of a form is under it.
const LARGEST_BODY: usize = 64 * 1024;

/// How long one request may take: Twilio gives up after 15 seconds, and people before.
const LONGEST_REQUEST: Duration = Duration::from_secs(14);

/// Nothing but our own files, and no script or style inside a page.
const CONTENT_SECURITY_POLICY: &str = "default-src 'none'; style-src 'self'; script-src 'self'; \
    img-src 'self'; media-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'";

/// What every handler is given.
pub(crate) struct Web {
    /// What is running.
    d: Arc<Deployment>,
    /// Whether the handset is served and the pages speak of a demo.
    demo: bool,
    /// Wrong passwords of late.
    tries: Tries,
    /// Who has which case on their screen.
    readers: Readers,
    /// argon2id takes 19 MiB a time: so many people at once, the others wait their turn.
    hashing: Semaphore,
    /// Ends what would stay open for ever (live pages), so that a shutdown need not wait for it.
    stop: CancellationToken,
}

pub(crate) type Shared = Arc<Web>;

/// Everything that is served over HTTP, but metrics, which stand on their own listener. Serve it
/// with `into_make_service_with_connect_info::<SocketAddr>()`: wrong passwords are counted by address.
pub fn router(d: Arc<Deployment>, demo: bool) -> Router {
    router_until(d, demo, CancellationToken::new())
}

/// The same; live pages end when `stop` is cancelled, so that a shutdown need not wait for them.
pub fn router_until(d: Arc<Deployment>, demo: bool, stop: CancellationToken) -> Router {
    let csrf = csrf(&d.public_url());
    let web = Arc::new(Web {
        d,
        demo,
        tries: Tries::default(),
        readers: Readers::default(),
        hashing: Semaphore::new(4),
        stop,
    });

    // For providers. Each request is checked by its endpoint's own secret.
    let hooks = Router::new()
        .route(
            "/hooks/{endpoint}",
            get(hooks::inbound).post(hooks::inbound),
        )
        .route(
            "/hooks/{endpoint}/status",
            get(hooks::status).post(hooks::status),
        );

    // For whoever watches over the machine.
    let health = Router::new()
        .route("/healthz", get(health::alive))
        .route("/readyz", get(health::ready));

    // For everybody: the way in, and files that hold nothing about anybody.
    let open = Router::new()
        .route("/", get(pages::start::show))
        .route(
            "/sign-in",
            get(pages::sign_in::show).post(pages::sign_in::sign_in),
        )
        .route("/assets/{hash}/{file}", get(assets::serve));

    // For staff who are signed in. Each handler takes `SignedIn`, and asks `desk` what they may do.
    let console = Router::new()
        .route("/sign-out", post(pages::sign_in::sign_out))
        .route("/today", get(pages::today::show))
        .route("/cases", get(pages::cases::show))
        .route("/c/{number}", get(pages::case::show))
        .route("/c/{number}/files/{message}/{n}", get(pages::file::show))
        .route("/c/{number}/entries/{seq}", get(pages::entry::show))
        .route("/c/{number}/pack", get(pages::pack::show))
        .route("/c/{number}/acknowledge", post(pages::acts::acknowledge))
        .route("/c/{number}/reply", post(pages::acts::reply))
        .route("/c/{number}/parts", post(pages::acts::parts))
        .route("/c/{number}/ring", post(pages::acts::ring))
        .route("/c/{number}/call", post(pages::acts::call))
        .route("/c/{number}/ask", post(pages::acts::ask))
        .route("/c/{number}/release", post(pages::acts::release))
        .route("/c/{number}/note", post(pages::acts::note))
        .route(
            "/c/{number}/safeguarding",
            get(pages::safeguarding::ask).post(pages::safeguarding::mark),
        )
        .route("/tasks/{task}/done", post(pages::tasks::done))
        .route("/tasks/{task}/answer", post(pages::tasks::answer))
        .route("/pupils/{key}", get(pages::pupil::show))
        .route("/search", get(pages::search::show))
        .route("/skim", get(pages::skim::show).post(pages::skim::read))
        .route("/skim/{message}/flag", post(pages::skim::flag))
        .route("/skim/examples.txt", get(pages::skim::examples))
        .route("/messages", get(pages::messages::show))
        .route("/messages/{id}/retry", post(pages::messages::retry))
        .route("/reports", get(pages::reports::show))
        .route("/reports/{file}", get(pages::reports::file))
        .route("/reports/children", get(pages::children::show))
        .route("/reports/children.csv", get(pages::children::file))
        .route("/reports/families", get(pages::children::families))
        .route("/flows", get(pages::flows::list))
        .route("/flows/{name}", get(pages::flows::show))
        .route("/flows/{name}/picture.svg", get(pages::flows::picture))
        .route("/health", get(pages::health::show))
        .route("/events", get(events::console));

    // For a newcomer who looks at both sides at once. Only in a demo: without it, not there.
    let handset = Router::new()
        .route(
            "/handset",
            get(pages::handset::show).post(pages::handset::send),
        )
        .route("/handset/events", get(events::handset));

    let people = open
        .merge(console)
        .merge(if demo { handset } else { Router::new() });
    people
        .method_not_allowed_fallback(error::wrong_method)
        .layer(csrf)
        .merge(hooks)
        .merge(health)
        .fallback(error::no_such_page)
        .with_state(web)
        .layer(DefaultBodyLimit::disable())
        .layer(RequestBodyLimitLayer::new(LARGEST_BODY))
        .layer(TimeoutLayer::with_status_code(
            StatusCode::SERVICE_UNAVAILABLE,
            LONGEST_REQUEST,
        ))
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(map_response(guard))
}

/// Refuses forms sent from other sites. A proxy that changes `Host` is no matter: the public
/// address is trusted besides.
fn csrf(
    public: &str,
) -> CsrfLayer<impl Fn(ProtectionError) -> Response + Clone + Send + Sync + 'static> {
    // The origin alone: an address may go on with a path.
    let origin = public.split('/').take(3).collect::<Vec<_>>().join("/");
    let layer = CsrfLayer::new();
    let layer = layer.clone().add_trusted_origin(&origin).unwrap_or(layer);
    layer.with_rejection_response(error::from_another_site)
}

/// What every answer says, whatever it is.
async fn guard(mut answer: Response) -> Response {
    const ALWAYS: [(HeaderName, &str); 4] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("permissions-policy"),
            "camera=(), microphone=(), geolocation=()",
        ),
    ];
    let headers = answer.headers_mut();
    for (name, value) in ALWAYS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    // A file from a parent's phone has a stricter one.
    headers
        .entry(header::CONTENT_SECURITY_POLICY)
        .or_insert(HeaderValue::from_static(CONTENT_SECURITY_POLICY));
    // A record stays in no cache; files say for themselves how long they are good.
    headers
        .entry(header::CACHE_CONTROL)
        .or_insert(HeaderValue::from_static("no-store"));
    answer
}
