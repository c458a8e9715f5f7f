//! One entry of a chronology in full, when a case's page shows only its beginning.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::wording::entry_title;
use super::{Frame, Stamp, case, clean, render};
use crate::desk::keeping::may_erase_words;
use crate::store::Moment;
use crate::web::Shared;
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// The page.
#[derive(Template)]
#[template(path = "entry.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    number: i64,
    reference: String,
    when: Stamp,
    words: String,
    seq: i64,
    /// Whether this person erases words, and there are some.
    erases: bool,
    /// Entries that put it right, or tell how a parent sees it.
    about: Vec<Later>,
}

struct Later {
    title: String,
    when: Stamp,
    words: String,
}

/// `GET /c/{number}/entries/{seq}`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Path((said, seq)): Path<(String, i64)>,
) -> Result<Response, PageError> {
    if client.ahead {
        return Err(PageError::NotFound);
    }
    let mut tx = web.d.store.begin().await?;
    let case = case::find(&mut tx, &who, &said).await?;
    // The case is opened from its own page, which is where its pages stop.
    if tx
        .alert(case.id)
        .await?
        .is_some_and(|alert| alert.read_at.is_none())
    {
        return Err(PageError::NotFound);
    }
    let entries = tx.chronology(case.id).await?;
    let entry = entries
        .iter()
        .find(|e| e.seq == seq)
        .ok_or(PageError::NotFound)?;
    tx.audit(
        &who.school.config.id,
        &who.staff().key,
        "read",
        Some(case.id),
    )
    .await?;
    let page = Page {
        frame: Frame::of(&who, "/cases", entry_title(&who.school, &case, entry)),
        number: case.number,
        reference: case.reference(),
        when: Stamp::new(&who.school, entry.happened_at, Moment::from(tx.now())),
        words: entry.words().map(|words| clean(&words)).unwrap_or_default(),
        seq,
        erases: may_erase_words(who.staff()) && entry.words().is_some(),
        about: entries
            .iter()
            .filter(|e| e.corrects == Some(seq))
            .map(|e| Later {
                title: entry_title(&who.school, &case, e),
                when: Stamp::new(&who.school, e.happened_at, Moment::from(tx.now())),
                words: e.words().map(|words| clean(&words)).unwrap_or_default(),
            })
            .collect(),
    };
    let page = render(&page);
    tx.save().await?;
    Ok(page)
}
