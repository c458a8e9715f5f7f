//! What every provider's HTTP API has in common: one client, and what its answers mean for a message.

use std::sync::Once;
use std::time::Duration;

use jiff::fmt::rfc2822;
use reqwest::StatusCode;
use reqwest::header::{DATE, HeaderMap, RETRY_AFTER};

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

/// How long the provider asked us to wait (RFC 9110, `Retry-After`): seconds, or a time, which is the
/// provider's own and counts from its `Date`.
pub(super) fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| Some(headers.get(name)?.to_str().ok()?.trim());
    let after: &str = text(RETRY_AFTER)?;
    if let Ok(seconds) = after.parse() {
        return Some(Duration::from_secs(seconds));
    }
    let time = |text: &str| Some(rfc2822::parse(text).ok()?.timestamp());
    let wait = time(after)?.duration_since(time(text(DATE)?)?);
    Some(Duration::try_from(wait).unwrap_or(Duration::ZERO))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_provider_asks_for_is_seconds_or_a_time_of_its_own() {
        let wait = |after: &str, date: Option<&str>| {
            let mut headers = HeaderMap::new();
            headers.insert(RETRY_AFTER, after.parse().unwrap());
            if let Some(date) = date {
                headers.insert(DATE, date.parse().unwrap());
            }
            retry_after(&headers).map(|wait| wait.as_secs())
        };
        let now = Some("Tue, 01 Dec 2026 12:10:00 GMT");
        assert_eq!(wait("7", None), Some(7));
        assert_eq!(wait("Tue, 01 Dec 2026 12:12:30 GMT", now), Some(150));
        assert_eq!(wait("Tue, 01 Dec 2026 12:09:00 GMT", now), Some(0), "over");
        assert_eq!(wait("Tue, 01 Dec 2026 12:12:30 GMT", None), None);
        for nonsense in ["", "soon", "-5", "7.5"] {
            assert_eq!(wait(nonsense, now), None, "{nonsense}");
        }
    }
}
