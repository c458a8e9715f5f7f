//! Catching up: what the provider received and never handed us, by the same key as a webhook.

use std::sync::Arc;

use jiff::SignedDuration;

use super::{accept, facts};
use crate::channel::Channel;
use crate::channel::telegram::update::Heard;
use crate::deployment::{Deployment, Endpoint};
use crate::store::{Moment, Result};

/// How far back a first look goes.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(24);

/// How far a look reaches behind the last one: the provider's clock is not ours.
const OVERLAP: SignedDuration = SignedDuration::from_mins(10);

/// Asks each endpoint that can be asked for what came in since the last look; how many messages
/// were new. A message over two minutes old was missed, and its answer apologises for the delay.
pub async fn catch_up(d: &Arc<Deployment>) -> Result<usize> {
    let mut new = 0;
    for endpoint in &d.endpoints() {
        let now = d.clock.now();
        let mut tx = d.store.read().await?;
        let since = tx
            .read_until(&endpoint.id)
            .await?
            .map_or(now - FIRST_LOOK, |(m, _)| m.timestamp() - OVERLAP);
        drop(tx);
        let listed = match endpoint.channel.recent(since).await {
            Ok(Some(listed)) => listed,
            Ok(None) => continue,
            Err(why) => {
                tracing::warn!(endpoint = endpoint.id, %why, "could not catch up");
                metrics::counter!("schoolgate_catch_up_failed_total", "endpoint" => endpoint.id.clone()).increment(1);
                continue;
            }
        };
        let polled = endpoint.is_polled();
        for inbound in listed {
            let late = inbound
                .sent_at
                .is_some_and(|at| now.duration_since(at) > SignedDuration::from_mins(2));
            if accept(d, endpoint, &inbound, late).await?.is_some() {
                new += 1;
                if !polled {
                    tracing::warn!(
                        endpoint = endpoint.id,
                        "a message came by catching up, not by webhook"
                    );
                }
            }
        }
        let mut tx = d.store.begin().await?;
        tx.set_read_until(&endpoint.id, Moment::from(now), 0)
            .await?;
        tx.save().await?;
    }
    Ok(new)
}

/// Asks Telegram once for what came in; how many messages were new. Waits up to ten seconds.
pub async fn poll_telegram(d: &Arc<Deployment>, endpoint: &Endpoint) -> Result<usize> {
    let Channel::Telegram(telegram) = &*endpoint.channel else {
        return Ok(0);
    };
    let mut tx = d.store.read().await?;
    let offset = tx
        .read_until(&endpoint.id)
        .await?
        .map_or(0, |(_, offset)| offset);
    drop(tx);
    let (heard, next_offset) = match telegram
        .poll(offset, std::time::Duration::from_secs(10))
        .await
    {
        Ok(polled) => polled,
        Err(why) => {
            tracing::warn!(endpoint = endpoint.id, %why, "Telegram could not be polled");
            tokio::time::sleep(std::time::Duration::from_secs(5)).await;
            return Ok(0);
        }
    };
    let mut new = 0;
    for update in heard {
        new += usize::from(accept_heard(d, endpoint, update).await?);
    }
    if next_offset == offset {
        return Ok(new);
    }
    // Only now is Telegram told that we have them.
    let mut tx = d.store.begin().await?;
    let now = tx.now();
    tx.set_read_until(&endpoint.id, Moment::from(now), next_offset)
        .await?;
    tx.save().await?;
    Ok(new)
}

/// Accepts one Telegram update, by webhook or by polling; whether it was a new message. A group is
/// refused politely, and nothing of it is stored.
pub async fn accept_heard(d: &Deployment, endpoint: &Endpoint, heard: Heard) -> Result<bool> {
    let Channel::Telegram(telegram) = &*endpoint.channel else {
        return Ok(false);
    };
    match heard {
        Heard::Message(inbound) => Ok(accept(d, endpoint, &inbound, false).await?.is_some()),
        Heard::Press(inbound, pressed) => {
            let new = accept(d, endpoint, &inbound, false).await?.is_some();
            telegram.settle(&pressed).await;
            Ok(new)
        }
        Heard::Group { chat } => {
            let values = facts::school_values(&endpoint.school, d.clock.now());
            let words = d.bundle().languages.say(
                &endpoint.school.config.default_language,
                "no-groups",
                &values,
            );
            telegram.leave(chat, &words).await;
            Ok(false)
        }
        Heard::Nothing => Ok(false),
    }
}
