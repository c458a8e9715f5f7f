//! What every provider's HTTP API has in common: one client, and what its answers mean for a message.

use std::sync::Once;
use std::time::Duration;

use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};

use super::{FetchError, SendError};

/// How long a connection may take to open; what is slower counts as never made.
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(5);

/// What [`client`] fails for, and the remedy.
pub(super) const NO_AUTHORITIES: &str =
    "this machine has no certificate authorities: install its `ca-certificates` package";

/// The HTTP client of every channel: TLS by rustls with ring, a connect time-out, `timeout` for a
/// whole request, and no redirects (a provider's API has none, and following one would take the
/// credentials along).
///
/// # Errors
/// When this machine has no certificate authorities to check a provider against.
pub fn client(timeout: Duration) -> reqwest::Result<reqwest::Client> {
    builder(timeout).build()
}

/// The same, to be told more.
pub(super) fn builder(timeout: Duration) -> reqwest::ClientBuilder {
    static PROVIDER: Once = Once::new();
    PROVIDER.call_once(|| {
        // Err means that somebody installed one before us, which serves as well.
        _ = rustls::crypto::ring::default_provider().install_default();
    });
    reqwest::Client::builder()
        .connect_timeout(CONNECT_TIMEOUT)
        .timeout(timeout)
        .redirect(reqwest::redirect::Policy::none())
        .user_agent(concat!("schoolgate/", env!("CARGO_PKG_VERSION")))
}

/// How long the provider asked us to wait, in seconds (RFC 9110, `Retry-After`); a date is passed over.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim();
    seconds.parse().ok().map(Duration::from_secs)
}

/// What a request that brought no answer means for the message it carried. Only a connection that
/// was never made is sure not to have carried it.
pub(super) fn not_answered(whose: &str, error: &reqwest::Error) -> SendError {
    if error.is_connect() {
        SendError::NotSent {
            why: format!("no connection to {whose}"),
            retry_after: None,
        }
    } else if error.is_builder() {
        SendError::Refused {
            why: "the request could not be made".to_owned(),
            stopped: false,
        }
    } else if error.is_timeout() {
        SendError::Unknown {
            why: format!("{whose} did not answer in time"),
        }
    } else {
        SendError::Unknown {
            why: format!("the connection to {whose} broke"),
        }
    }
}

/// What an answer that is no success means for the message: only "too many" and "not available" say
/// that it was not read.
pub(super) fn not_sent(
    status: StatusCode,
    why: String,
    retry_after: Option<Duration>,
) -> SendError {
    match status {
        StatusCode::TOO_MANY_REQUESTS | StatusCode::SERVICE_UNAVAILABLE => {
            SendError::NotSent { why, retry_after }
        }
        _ if is_final(status) => SendError::Refused {
            why,
            stopped: false,
        },
        _ => SendError::Unknown { why },
    }
}

/// What an answer that is no success means for a question.
pub(super) fn not_fetched(
    status: StatusCode,
    why: String,
    retry_after: Option<Duration>,
) -> FetchError {
    if is_final(status) {
        FetchError::Refused { why }
    } else {
        FetchError::Unavailable { why, retry_after }
    }
}

/// Whether asking again would bring the same. After 408 the request may have been read to its end.
fn is_final(status: StatusCode) -> bool {
    (status.is_client_error() || status.is_redirection())
        && status != StatusCode::TOO_MANY_REQUESTS
        && status != StatusCode::REQUEST_TIMEOUT
}
