//! One photo, recording or document, for whoever may open the case it stands in.

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use uuid::Uuid;

use super::case::find;
use crate::school::attachment::{FileKind, Shown};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// Whatever the file is, nothing in it runs, loads or is framed.
const SANDBOX: HeaderValue = HeaderValue::from_static(
    "sandbox; default-src 'none'; style-src 'unsafe-inline'; img-src 'self'; media-src 'self'; \
     frame-ancestors 'none'",
);

/// `GET /c/{number}/files/{message}/{n}`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Path((said, message, n)): Path<(String, String, String)>,
) -> Result<Response, PageError> {
    let (Ok(message), Ok(n)) = (Uuid::parse_str(&message), n.parse::<i64>()) else {
        return Err(PageError::NotFound);
    };
    let mut tx = web.d.store.begin().await?;
    let case = find(&mut tx, &who, &said).await?;
    if !tx.holds(case.id, message).await? {
        return Err(PageError::NotFound);
    }
    let (kind, content) = tx
        .file_content(message, n)
        .await?
        .ok_or(PageError::NotFound)?;
    let kind = FileKind::named(&kind).ok_or(PageError::NotFound)?;
    tx.audit(
        &who.school.config.id,
        &who.staff().key,
        "read a file",
        Some(case.id),
    )
    .await?;
    tx.save().await?;
    let how = match kind.shown {
        Shown::Picture | Shown::Sound => "inline",
        Shown::Saved => "attachment",
    };
    // The name is ours: what a parent's phone called it could be anything.
    let name = format!(
        "{how}; filename=\"{}-{}.{}\"",
        case.reference(),
        n + 1,
        kind.extension
    );
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(kind.mime)),
        (
            header::CONTENT_DISPOSITION,
            HeaderValue::from_str(&name).unwrap_or(HeaderValue::from_static("attachment")),
        ),
        (header::CONTENT_SECURITY_POLICY, SANDBOX),
    ];
    Ok((headers, content).into_response())
}
