//! Providers' webhooks: who is calling, then [`accept`], and only then 200.
//!
//! Without the right signature nothing is stored or said. With it, a message is never refused.

use axum::body::Bytes;
use axum::extract::{FromRequest as _, Multipart, OriginalUri, Path, Request, State};
use axum::http::{HeaderMap, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};

use super::{Shared, Web};
use crate::channel::email::inbound::MailCall;
use crate::channel::telegram::{self, Telegram};
use crate::channel::{Call, Channel, NotHeard, Told};
use crate::deployment::{Endpoint, MailServer};
use crate::inbox::{Arrived, accept, accept_heard, take_mail};
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
    /// Larger than anything that is read.
    TooLarge,
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
            Self::TooLarge => (
                StatusCode::PAYLOAD_TOO_LARGE,
                "too large",
                "larger than anything that is read here\n",
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

/// `/hooks/{endpoint}`: a message that came in, or whatever else the provider says there. Kannel
/// calls by GET, the others by POST.
pub(crate) async fn inbound(
    State(web): State<Shared>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    heard(&web, &id, &uri, false, &headers, &body).await
}

/// `/hooks/{endpoint}/status`: what became of a message that went out; its id is `?outbox=…`.
pub(crate) async fn status(
    State(web): State<Shared>,
    Path(id): Path<String>,
    OriginalUri(uri): OriginalUri,
    headers: HeaderMap,
    body: Bytes,
) -> Result<Response, Refusal> {
    heard(&web, &id, &uri, true, &headers, &body).await
}

async fn heard(
    web: &Web,
    id: &str,
    uri: &Uri,
    status: bool,
    headers: &HeaderMap,
    body: &[u8],
) -> Result<Response, Refusal> {
    let endpoint = web.d.endpoint(id).ok_or(Refusal::Unknown)?;
    if let (Channel::Telegram(telegram), false) = (&*endpoint.channel, status) {
        return from_telegram(web, &endpoint, telegram, headers, body).await;
    }
    // A provider signs the public address as it was called, query included.
    let called = uri.path_and_query().map_or("", |p| p.as_str());
    let call = Call {
        url: &format!("{}{called}", web.d.public_url()),
        query: uri.query().unwrap_or_default(),
        status,
        headers,
        body,
        now: web.d.clock.now(),
    };
    let told = endpoint.channel.hear(&call).map_err(|why| match why {
        NotHeard::NotThem => not_them(&endpoint.id),
        NotHeard::NotCalled => Refusal::Unknown,
        NotHeard::Unreadable(why) => unreadable(&endpoint, &why),
    })?;
    for told in told {
        match told {
            Told::Message(message) => {
                accept(&web.d, &endpoint, &message, false).await?;
            }
            Told::Receipt(receipt) => {
                outbox::receipt(&web.d, &endpoint.id, &receipt, &call.redacted()).await?;
            }
            Told::Nothing => {}
        }
    }
    Ok(match &*endpoint.channel {
        Channel::Twilio(_) if !status => {
            let kind = (header::CONTENT_TYPE, "text/xml; charset=utf-8");
            ([kind], NOTHING_TO_SAY).into_response()
        }
        _ => StatusCode::OK.into_response(),
    })
}

/// `/hooks/email`: what came to the mailbox of the schools that have none of their own, posted by an
/// email provider as it came.
pub(crate) async fn mail(
    State(web): State<Shared>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Result<Response, Refusal> {
    posted(&web, None, &uri, request).await
}

/// `/hooks/email/{school}`: what came to a school's own.
pub(crate) async fn mail_of(
    State(web): State<Shared>,
    Path(school): Path<String>,
    OriginalUri(uri): OriginalUri,
    request: Request,
) -> Result<Response, Refusal> {
    posted(&web, Some(&school), &uri, request).await
}

async fn posted(
    web: &Web,
    school: Option<&str>,
    uri: &Uri,
    request: Request,
) -> Result<Response, Refusal> {
    let mut servers = web.d.mail_servers.iter();
    let server = servers.find(|s| s.school.as_deref() == school);
    let server: &MailServer = server.ok_or(Refusal::Unknown)?;
    let mail_in = server.mail_in.as_ref().ok_or(Refusal::Unknown)?;
    let refuse = |why: NotHeard| match why {
        NotHeard::NotThem => not_them(&server.id),
        NotHeard::NotCalled => Refusal::Unknown,
        NotHeard::Unreadable(why) => {
            tracing::warn!(endpoint = server.id, %why, "a call of the email provider could not be read");
            Refusal::Unreadable
        }
    };
    let encoding = request.headers().get(header::CONTENT_ENCODING);
    if encoding.is_some_and(|e| e != "identity") {
        let why = "its body is compressed: let the provider send it as it is";
        return Err(refuse(NotHeard::Unreadable(why.to_owned())));
    }
    // Before anything of it is read: it may be large.
    let query = uri.query().unwrap_or_default();
    mail_in.known(query, request.headers()).map_err(refuse)?;
    let headers = request.headers().clone();
    let kind = headers
        .get(header::CONTENT_TYPE)
        .and_then(|k| k.to_str().ok());
    let with_files = kind.is_some_and(|k| k.to_lowercase().starts_with("multipart/form-data"));
    let broken = || NotHeard::Unreadable("the email provider's call breaks off".to_owned());
    let (body, fields) = if with_files {
        (
            Bytes::new(),
            fields(request).await.ok_or_else(|| refuse(broken()))?,
        )
    } else {
        let body = Bytes::from_request(request, &()).await;
        let body = body.map_err(|why| match why.status() {
            StatusCode::PAYLOAD_TOO_LARGE => Refusal::TooLarge,
            _ => refuse(broken()),
        })?;
        (body, Vec::new())
    };
    let call = MailCall {
        headers: &headers,
        body: &body,
        fields: &fields,
    };
    let posted = mail_in.posted(&call).map_err(refuse)?;
    let arrived = Arrived {
        raw: &posted.raw,
        to: &posted.to,
        whole: true,
    };
    for receipt in take_mail(&web.d, server, arrived).await?.reports {
        outbox::receipt(&web.d, &server.id, &receipt, "{}").await?;
    }
    Ok(StatusCode::OK.into_response())
}

/// The fields of a form with files, files among them.
async fn fields(request: Request) -> Option<Vec<(String, Vec<u8>)>> {
    let mut form = Multipart::from_request(request, &()).await.ok()?;
    let mut fields = Vec::new();
    while let Some(field) = form.next_field().await.ok()? {
        let name = field.name().unwrap_or_default().to_owned();
        fields.push((name, field.bytes().await.ok()?.to_vec()));
    }
    Some(fields)
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
        return Err(not_them(&endpoint.id));
    }
    let heard = telegram::update::parse(body).map_err(|error| unreadable(endpoint, &error))?;
    accept_heard(&web.d, endpoint, heard).await?;
    Ok(StatusCode::OK.into_response())
}

/// Somebody else, or the provider with a secret that was changed here and not there.
fn not_them(endpoint: &str) -> Refusal {
    tracing::warn!(%endpoint, "a webhook was refused: its signature or secret is missing or wrong");
    Refusal::NotThem
}

fn unreadable(endpoint: &Endpoint, why: &dyn std::fmt::Display) -> Refusal {
    tracing::warn!(endpoint = endpoint.id, %why, "a signed webhook could not be read");
    Refusal::Unreadable
}
