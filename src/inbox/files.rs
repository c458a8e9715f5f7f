//! Fetching what came with messages from the providers that keep it.

use std::sync::Arc;

use jiff::SignedDuration;

use crate::channel::{FetchError, Media};
use crate::deployment::Deployment;
use crate::school::attachment::FileKind;
use crate::store::{File, Result};

/// Nobody else asks for a file while one does.
const LEASE: SignedDuration = SignedDuration::from_mins(3);

/// Waits between tries while a provider cannot be reached.
const BACK_OFF: [i64; 5] = [1, 5, 30, 120, 720];

/// Fetches every file that waits; how many were asked for.
pub async fn fetch_files(d: &Arc<Deployment>) -> Result<usize> {
    let mut done = 0;
    loop {
        let mut tx = d.store.begin().await?;
        let again = (tx.now() + LEASE).into();
        let Some(file) = tx.claim_file(again).await? else {
            return Ok(done);
        };
        tx.save().await?;
        fetch(d, &file).await?;
        done += 1;
    }
}

async fn fetch(d: &Deployment, file: &File) -> Result<()> {
    let media = Media {
        content_type: file.said_type.clone(),
        reference: file.reference.clone(),
    };
    let fetched = match d.endpoint(&file.via) {
        Some(endpoint) => endpoint.channel.fetch(&media).await,
        None => Err(FetchError::Refused {
            why: "the number it came to is not configured any more".to_owned(),
        }),
    };
    let mut tx = d.store.begin().await?;
    let outcome = match fetched {
        Ok(content) => match FileKind::of(&content) {
            Some(kind) => {
                tx.keep_file(file, kind.mime, &content).await?;
                "kept"
            }
            None => {
                let why = "it is no photo, recording, film or document that is kept here";
                tx.file_not_kept(file, "refused", why, None).await?;
                "refused"
            }
        },
        Err(FetchError::Refused { why }) => {
            tx.file_not_kept(file, "refused", &why, None).await?;
            "refused"
        }
        Err(FetchError::Unavailable { why, retry_after }) => {
            let tries = usize::try_from(file.tries - 1).unwrap_or(usize::MAX);
            match BACK_OFF.get(tries) {
                Some(minutes) => {
                    let asked = retry_after.and_then(|r| SignedDuration::try_from(r).ok());
                    let wait = SignedDuration::from_mins(*minutes).max(asked.unwrap_or_default());
                    let again = (tx.now() + wait).into();
                    tx.file_not_kept(file, "waiting", &why, Some(again)).await?;
                    "later"
                }
                None => {
                    tx.file_not_kept(file, "lost", &why, None).await?;
                    "lost"
                }
            }
        }
    };
    metrics::counter!("schoolgate_files_total", "endpoint" => file.via.clone(), "outcome" => outcome)
        .increment(1);
    tx.save().await
}
