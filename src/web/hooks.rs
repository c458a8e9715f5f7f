//! Providers' webhooks: who is calling, then [`accept`], and only then 200.
//!
//! Without the right signature nothing is stored or said. With it, a message is never refused.

use axum::body::Bytes;
use axum::extract::{OriginalUri, Path, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use uuid::Uuid;

use super::{Shared, Web};
use crate::channel::Channel;
use crate::channel::form::{Form, parse_form};
use crate::channel::telegram::{self, Telegram};
use crate::channel::twilio::{Twilio, webhook};
use crate::deployment::Endpoint;
use crate::inbox::{accept, accept_heard};
use crate::outbox;
use crate::store::StoreError;

/// Twilio takes an answer to the text from here; ours goes out by itself.
const NOTHING_TO_SAY: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?><Response/>";

/// Why a provider is not told 200.
#[derive(Debug)]
pub(crate) enum Refusal {
    /// No such number or bot, or one that nobody calls.
    Unknown,
    /// The signature is missing or wrong.
    NotThem,
    /// Signed, and yet not what this provider sends.
    Unreadable,
    /// The database could not take it.
    Store(StoreError),
}

impl From<StoreError> for Refusal {
    fn from(error: StoreError) -> Self {
        Self::Store(error)
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let (status, why, words) = match self {
            Self::Unknown => (StatusCode::NOT_FOUND, "unknown", "no such endpoint\n"),
            Self::NotThem => (
                StatusCode::FORBIDDEN,
                "signature",
                "the signature is missing or wrong\n",
            ),
            Self::Unreadable => (
                StatusCode::BAD_REQUEST,
                "unreadable",
                "the request lacks what it is about\n",
            ),
            Self::Store(error) => {
                tracing::error!(%error, "a webhook could not be stored");
                (
                    StatusCode::SERVICE_UNAVAILABLE,
                    "database",
                    "not stored: try again\n",
                )
            }
        };
        metrics::counter!("schoolgate_hooks_refused_total", "why" => why).increment(1);
        (status, words).into_response()
    }
}

/// `POST /hooks/{endpoint}`: a message that came in.
pub(crate) async fn inbound(
    State(web): State<Shared>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    let endpoint = web.d.endpoint(&id).ok_or(Refusal::Unknown)?;
    match &endpoint.channel {
        Channel::Twilio(twilio) => {
            let form = signed(&web, twilio, &uri, &headers, &body)?;
            let message =
                webhook::inbound(&form).map_err(|missing| unreadable(&endpoint, &missing))?;
            accept(&web.d, &endpoint, &message, false)
                .await
                .map_err(Refusal::from)?;
            Ok((
                [(header::CONTENT_TYPE, "text/xml; charset=utf-8")],
                NOTHING_TO_SAY,
            )
                .into_response())
        }
        Channel::Telegram(telegram) => {
            from_telegram(&web, &endpoint, telegram, &headers, &body).await
        }
        Channel::Email(_) | Channel::Handset => Err(Refusal::Unknown),
    }
}

async fn from_telegram(
    web: &Web,
    endpoint: &Endpoint,
    telegram: &Telegram,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Refusal> {
    let secret = headers
        .get("x-telegram-bot-api-secret-token")
        .map(|value| value.as_bytes());
    if !telegram.verify_secret(secret) {
        return Err(Refusal::NotThem);
    }
    let heard = telegram::update::parse(body).map_err(|error| unreadable(endpoint, &error))?;
    accept_heard(&web.d, endpoint, heard).await?;
    Ok(StatusCode::OK.into_response())
}

/// `POST /hooks/{endpoint}/status?outbox=<our id>`: what became of a message that went out.
pub(crate) async fn status(
    State(web): State<Shared>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<StatusCode, Refusal> {
    let endpoint = web.d.endpoint(&id).ok_or(Refusal::Unknown)?;
    let Channel::Twilio(twilio) = &endpoint.channel else {
        return Err(Refusal::Unknown);
    };
    let form = signed(&web, twilio, &uri, &headers, &body)?;
    let receipt = webhook::receipt(&form, outbox_of(&uri))
        .map_err(|missing| unreadable(&endpoint, &missing))?;
    if let Some(receipt) = receipt {
        outbox::receipt(&web.d, &endpoint.id, &receipt).await?;
    }
    Ok(StatusCode::OK)
}

/// The form of a request that Twilio signed. The address it signed is the public one, as it was
/// called, query included.
fn signed(
    web: &Web,
    twilio: &Twilio,
    uri: &Uri,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Form, Refusal> {
    let signature = headers
        .get("x-twilio-signature")
        .and_then(|value| value.to_str().ok());
    let signature = signature.ok_or(Refusal::NotThem)?;
    let called = uri.path_and_query().map_or("", |p| p.as_str());
    let url = format!("{}{called}", web.d.public_url());
    let form = parse_form(body);
    if twilio.verify(&url, &form, signature) {
        Ok(form)
    } else {
        Err(Refusal::NotThem)
    }
}

fn unreadable(endpoint: &Endpoint, why: &dyn std::fmt::Display) -> Refusal {
    tracing::warn!(endpoint = endpoint.id, %why, "a signed webhook could not be read");
    Refusal::Unreadable
}

fn outbox_of(uri: &Uri) -> Option<Uuid> {
    let query = parse_form(uri.query().unwrap_or_default().as_bytes());
    query.text("outbox").and_then(|id| Uuid::parse_str(id).ok())
}
