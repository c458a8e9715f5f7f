//! The way in over HTTP: providers' webhooks, the staff console, the demo's handset, health.
//!
//! It holds no rule about who may read or do what (`desk` does) and no SQL (`store` does). Pages
//! work without JavaScript; nothing here is served to a person who is not signed in but the way in,
//! and the handset in a demo. `routes` lists every route with who may use it, `access` holds them to it.

mod access;
mod assets;
mod client;
mod csv;
mod error;
mod events;
mod health;
mod hooks;
pub mod pages;
pub mod password;
mod readers;
mod routes;
mod school_account;
mod second_step;
pub mod session;
mod sheet;
mod sign_in;
#[cfg(test)]
mod tests;
mod tries;

use std::sync::Arc;
use std::time::Duration;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::http::header::{self, HeaderName};
use axum::http::{HeaderValue, StatusCode};
use axum::middleware::{from_fn, map_response};
use axum::response::Response;
use tokio::sync::Semaphore;
use tokio_util::sync::CancellationToken;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::csrf::{CsrfLayer, ProtectionError};
use tower_http::timeout::TimeoutLayer;

use crate::deployment::Deployment;
use readers::Readers;
use routes::{Routes, routes};
use school_account::Known;
use tries::Tries;

/// The largest form, and call of a provider about a message of ours: 64 KiB.
const LARGEST_BODY: usize = 64 * 1024;

/// The largest upload: three files of people, each as long as they may be.
const LARGEST_UPLOAD: usize = 3 * crate::school::people::import::LONGEST + LARGEST_BODY;

/// The largest call of a provider with a message: an Android phone puts a picture message into it whole.
const LARGEST_CALL: usize = 2 * 1024 * 1024;

/// The largest call of an email provider: a message with photos, which is a third larger on its way.
const LARGEST_MAIL: usize = 40 * 1024 * 1024;

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
    /// Wrong passwords and codes of late.
    tries: Tries,
    /// Who has which case on their screen.
    readers: Readers,
    /// argon2id takes 19 MiB a time: so many people at once, the others wait their turn.
    hashing: Semaphore,
    /// What the provider of school accounts has said of itself.
    provider: Known,
    /// Ends what would stay open for ever (live pages), so that a shutdown need not wait for it.
    stop: CancellationToken,
}

pub(crate) type Shared = Arc<Web>;

impl Web {
    fn new(d: Arc<Deployment>, demo: bool, stop: CancellationToken) -> Shared {
        Arc::new(Self {
            d,
            demo,
            tries: Tries::default(),
            readers: Readers::default(),
            hashing: Semaphore::new(4),
            provider: Known::default(),
            stop,
        })
    }
}

/// Everything that is served over HTTP, but metrics, which stand on their own listener. Serve it
/// with `into_make_service_with_connect_info::<SocketAddr>()`: wrong passwords are counted by address.
pub fn router(d: Arc<Deployment>, demo: bool) -> Router {
    router_until(d, demo, CancellationToken::new())
}

/// The same; live pages end when `stop` is cancelled, so that a shutdown need not wait for them.
pub fn router_until(d: Arc<Deployment>, demo: bool, stop: CancellationToken) -> Router {
    let csrf = csrf(&d.public_url());
    let web = Web::new(d, demo, stop);
    let Routes {
        people, providers, ..
    } = routes(&web);
    people
        .method_not_allowed_fallback(error::wrong_method)
        .layer(from_fn(error::as_page))
        .layer(csrf)
        .merge(providers)
        .fallback(error::no_such_page)
        .with_state(web)
        .layer(DefaultBodyLimit::disable())
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
    const ALWAYS: [(HeaderName, &str); 6] = [
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "no-referrer"),
        (
            HeaderName::from_static("cross-origin-opener-policy"),
            "same-origin",
        ),
        (
            HeaderName::from_static("cross-origin-resource-policy"),
            "same-origin",
        ),
        // Browsers pass over it where there is no TLS: a demo, a test.
        (header::STRICT_TRANSPORT_SECURITY, "max-age=31536000"),
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
