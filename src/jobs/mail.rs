//! Mailboxes, looked into every so often.
//!
//! An email is marked as read only once it is in the database: a crash in between has it handed over
//! again, and its Message-ID makes that harmless.

use crate::channel::FetchError;
use crate::channel::email::imap::{Imap, Mark};
use crate::deployment::{Deployment, MailServer};
use crate::inbox::{Arrived, take_mail};
use crate::outbox;
use crate::store::{Moment, Result};

/// Looks once into the mailbox that answers to a mail server's email come to; how many emails were new.
///
/// # Errors
/// Where the database cannot take them: they are there at the next look.
pub async fn look_into_mailbox(d: &Deployment, server: &MailServer) -> Result<usize> {
    let Some(imap) = server.mail_in.as_ref().and_then(|m| m.imap.as_ref()) else {
        return Ok(0);
    };
    match read(d, server, imap).await? {
        Ok(new) => Ok(new),
        Err(why) => {
            let endpoint = server.id.clone();
            tracing::warn!(%endpoint, %why, "the mailbox could not be read");
            metrics::counter!("schoolgate_catch_up_failed_total", "endpoint" => endpoint)
                .increment(1);
            Ok(0)
        }
    }
}

/// Where it is written down how far a mailbox has been read. The endpoint itself is a lane's.
fn mailbox(server: &MailServer) -> String {
    format!("{}:", server.id)
}

async fn read(
    d: &Deployment,
    server: &MailServer,
    imap: &Imap,
) -> Result<std::result::Result<usize, FetchError>> {
    let mailbox = mailbox(server);
    let mut tx = d.store.read().await?;
    let last = tx.read_until(&mailbox).await?;
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
        let taken = take_mail(d, server, arrived).await?;
        for receipt in &taken.reports {
            outbox::receipt(d, &server.id, receipt, "{}").await?;
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
            tx.set_read_until(&mailbox, now, mark.packed()).await?;
            tx.save().await?;
            last = Some(mark);
        }
    }
    look.end().await;
    Ok(Ok(new))
}
