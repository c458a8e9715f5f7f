//! The school's mailbox, looked into every so often.
//!
//! An email is marked as read only once it is in the database: a crash in between has it handed over
//! again, and its Message-ID makes that harmless.

use std::sync::Arc;

use crate::channel::FetchError;
use crate::channel::email::imap::{Imap, Mark};
use crate::deployment::{Deployment, EMAIL};
use crate::inbox::{Arrived, take_mail};
use crate::outbox;
use crate::store::{Moment, Result};

/// Where it is written down how far the mailbox has been read.
const MAILBOX: &str = "email:";

/// Looks into the mailbox once; how many emails were new.
///
/// # Errors
/// Where the database cannot take them: they are there at the next look.
pub async fn look_into_mailbox(d: &Arc<Deployment>) -> Result<usize> {
    let Some(imap) = d.mail_in.as_ref().and_then(|m| m.imap.as_ref()) else {
        return Ok(0);
    };
    match read(d, imap).await? {
        Ok(new) => Ok(new),
        Err(why) => {
            tracing::warn!(endpoint = EMAIL, %why, "the mailbox could not be read");
            metrics::counter!("schoolgate_catch_up_failed_total", "endpoint" => EMAIL).increment(1);
            Ok(0)
        }
    }
}

async fn read(d: &Arc<Deployment>, imap: &Imap) -> Result<std::result::Result<usize, FetchError>> {
    let mut tx = d.store.read().await?;
    let last = tx.read_until(MAILBOX).await?;
    drop(tx);
    let mut last = last.and_then(|(_, packed)| Mark::unpacked(packed));
    let mut look = match imap.look(last, d.clock.now()).await {
        Ok(look) => look,
        Err(why) => return Ok(Err(why)),
    };
    let mut new = 0;
    loop {
        let lying = match look.next().await {
            Ok(Some(lying)) => lying,
            Ok(None) => break,
            Err(why) => return Ok(Err(why)),
        };
        let arrived = Arrived {
            raw: &lying.raw,
            to: &[],
            whole: lying.whole,
        };
        let taken = take_mail(d, arrived).await?;
        for receipt in &taken.reports {
            outbox::receipt(d, EMAIL, receipt, "{}").await?;
        }
        new += usize::from(taken.stored.is_some());
        let mark = match look.done(lying.uid).await {
            Ok(mark) => mark,
            Err(why) => return Ok(Err(why)),
        };
        let further = last.is_none_or(|l| l.validity != mark.validity || l.uid < mark.uid);
        if further {
            let mut tx = d.store.begin().await?;
            let now = Moment::from(tx.now());
            tx.set_read_until(MAILBOX, now, mark.packed()).await?;
            tx.save().await?;
            last = Some(mark);
        }
    }
    look.end().await;
    Ok(Ok(new))
}
