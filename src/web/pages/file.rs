//! Photos, recordings and documents: on the page of the case they stand in, and each by itself for
//! whoever may open it.

use std::collections::HashMap;

use axum::extract::{Path, State};
use axum::http::{HeaderValue, header};
use axum::response::{IntoResponse as _, Response};
use uuid::Uuid;

use super::case::find;
use crate::school::attachment::{FileKind, Shown};
use crate::store::{Case, Entry, File, StoreError, Tx};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// A photo, recording or document.
pub(super) struct FileRow {
    /// Where it is, once it is kept.
    pub href: Option<String>,
    /// `picture`, `sound` or `saved`.
    pub shown: &'static str,
    /// What to call it: "photo 1 (jpg, 240 KB)", or why it is not there.
    pub label: String,
}

/// The files of a case, and which entry each belongs to: a message's entries of them stand in order.
pub(super) struct Files {
    files: Vec<File>,
    of: HashMap<i64, (Uuid, i64)>,
}

impl Files {
    pub async fn of(tx: &mut Tx, case: &Case, entries: &[Entry]) -> Result<Self, StoreError> {
        let mut counts: HashMap<Uuid, i64> = HashMap::new();
        let mut of = HashMap::new();
        for entry in entries.iter().filter(|e| e.kind == "attachment") {
            if let Some(message) = entry.message {
                let n = counts.entry(message).or_default();
                of.insert(entry.seq, (message, *n));
                *n += 1;
            }
        }
        let files = if of.is_empty() {
            Vec::new()
        } else {
            tx.files_of_case(case.id).await?
        };
        Ok(Self { files, of })
    }

    pub fn of_entry(&self, case: &Case, entry: &Entry) -> Option<FileRow> {
        let (message, n) = self.of.get(&entry.seq)?;
        let file = self
            .files
            .iter()
            .find(|f| f.message == *message && f.n == *n)?;
        let kind = file.kind.as_deref().and_then(FileKind::named);
        let Some(kind) = kind else {
            let why = file
                .why
                .as_deref()
                .unwrap_or("its provider has not handed it over yet");
            let label = match file.state.as_str() {
                "waiting" => format!("Not here yet ({why}). It is asked for again."),
                "erased" => "(removed, as the law asks)".to_owned(),
                _ => format!("Not kept: {why}. Ask them to send it another way."),
            };
            return Some(FileRow {
                href: None,
                shown: "",
                label,
            });
        };
        let kilobytes = file.size.unwrap_or(0) / 1024 + 1;
        Some(FileRow {
            href: Some(format!("/c/{}/files/{message}/{n}", case.number)),
            shown: match kind.shown {
                Shown::Picture => "picture",
                Shown::Sound => "sound",
                Shown::Saved => "saved",
            },
            label: format!("file {} ({}, {kilobytes} KB)", n + 1, kind.extension),
        })
    }
}

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
