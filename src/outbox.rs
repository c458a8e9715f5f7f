//! The way out: claim what is due, hand it to its channel, write down what happened.
//!
//! Only what certainly did not leave is sent again. Of anything else the provider is asked, and
//! where it cannot be asked, an alert about a child is sent again and anything else is shown to a
//! person as `uncertain`. It never decides what is said, or to whom.

use std::sync::Arc;
use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::channel::{Accepted, Channel, FetchError, Found, Receipt, SendError, Status};
use crate::deployment::{Deployment, EMAIL};
use crate::store::{OutboxRow, Purpose, Result, Tx};

/// Waits between tries of what certainly did not leave: six tries in about two hours.
const BACK_OFF: [i64; 5] = [5, 60, 300, 1500, 5400];

/// Sends everything that is due; how many messages were handed over or settled.
pub async fn drain(d: &Arc<Deployment>) -> Result<usize> {
    let mut done = 0;
    while let Some(row) = claim(d).await? {
        send(d, row).await?;
        done += 1;
    }
    while let Some(row) = claim_unknown(d).await? {
        reconcile(d, row).await?;
        done += 1;
    }
    Ok(done)
}

/// Takes one message that is due, if any: the worker of `serve` sends several at once.
pub async fn claim(d: &Deployment) -> Result<Option<OutboxRow>> {
    let mut tx = d.store.begin().await?;
    let row = tx.claim_due(lease(d)).await?;
    // Saving wakes every worker: only a claim is worth it.
    if row.is_some() {
        tx.save().await?;
    }
    Ok(row)
}

async fn claim_unknown(d: &Deployment) -> Result<Option<OutboxRow>> {
    let mut tx = d.store.begin().await?;
    let row = tx.claim_unknown(lease(d)).await?;
    if row.is_some() {
        tx.save().await?;
    }
    Ok(row)
}

/// Hands one claimed message to its channel and writes down what happened.
pub async fn send(d: &Arc<Deployment>, row: OutboxRow) -> Result<()> {
    let outcome = match channel(d, &row.endpoint) {
        Some(channel) => {
            let out = row.outbound()?;
            let sending = channel.as_channel().send(&out);
            let answer = tokio::time::timeout(d.config.timing.send_timeout, sending).await;
            answer.unwrap_or_else(|_| {
                Err(SendError::Unknown {
                    why: "no answer in time".to_owned(),
                })
            })
        }
        None => Err(SendError::Refused {
            why: format!("there is no channel `{}` any more", row.endpoint),
            stopped: false,
        }),
    };
    metrics::counter!("schoolgate_sent_total", "endpoint" => row.endpoint.clone(),
        "outcome" => outcome_word(&outcome))
    .increment(1);
    let mut tx = d.store.begin().await?;
    match outcome {
        Ok(Accepted {
            provider_id,
            status,
        }) => {
            tx.settle(row.id, status, Some(&provider_id), None).await?;
        }
        Err(SendError::NotSent { why, retry_after }) => {
            not_sent(d, &mut tx, &row, &why, retry_after).await?;
        }
        Err(SendError::Refused { why, stopped }) => {
            tx.settle(row.id, Status::Failed, None, Some(&why)).await?;
            if stopped {
                tx.stop_lane(&row.endpoint, &row.address).await?;
            }
            give_up(&mut tx, &row, if stopped { "stopped" } else { &why }).await?;
        }
        Err(SendError::Unknown { why }) => {
            let at = tx.now() + reconcile_after(d);
            tx.unknown_until(row.id, at, &why).await?;
        }
    }
    tx.save().await
}

fn outcome_word(outcome: &std::result::Result<Accepted, SendError>) -> &'static str {
    match outcome {
        Ok(_) => "accepted",
        Err(SendError::NotSent { .. }) => "not-sent",
        Err(SendError::Refused { .. }) => "refused",
        Err(SendError::Unknown { .. }) => "unknown",
    }
}

/// How long a claim is good for. The configuration holds it to over twice `send_timeout`, so that
/// nobody else takes a message while it is being sent.
fn lease(d: &Deployment) -> SignedDuration {
    SignedDuration::try_from(d.config.timing.lease).unwrap_or(SignedDuration::from_secs(40))
}

/// How long a receipt may settle an unknown outcome before the provider is asked.
fn reconcile_after(d: &Deployment) -> SignedDuration {
    SignedDuration::try_from(d.config.timing.reconcile_after)
        .unwrap_or(SignedDuration::from_secs(60))
}

/// A channel, of a school's endpoint or the deployment's email.
enum Way {
    Endpoint(Arc<crate::deployment::Endpoint>),
    Email(Arc<Channel>),
}

impl Way {
    fn as_channel(&self) -> &Channel {
        match self {
            Self::Endpoint(e) => &e.channel,
            Self::Email(c) => c,
        }
    }
}

fn channel(d: &Deployment, endpoint: &str) -> Option<Way> {
    if endpoint == EMAIL {
        return d.email.clone().map(Way::Email);
    }
    d.endpoint(endpoint).map(Way::Endpoint)
}

async fn not_sent(
    d: &Deployment,
    tx: &mut Tx,
    row: &OutboxRow,
    why: &str,
    retry_after: Option<Duration>,
) -> Result<()> {
    // `attempts` was counted up by the claim, after the row was read.
    let tries = usize::try_from(row.attempts).unwrap_or(0);
    let Some(wait) = BACK_OFF.get(tries) else {
        tx.settle(row.id, Status::Failed, None, Some(why)).await?;
        return give_up(tx, row, why).await;
    };
    let asked = retry_after.map_or(0, |r| i64::try_from(r.as_secs()).unwrap_or(i64::MAX / 4));
    let jitter = i64::from(d.clock.secret()[0]) * wait / 1024;
    let due = tx.now() + SignedDuration::from_secs((*wait).max(asked).min(7200) + jitter);
    tx.retry(row.id, due, why).await
}

/// Asks the provider about a message of which nobody knows whether it left.
async fn reconcile(d: &Arc<Deployment>, row: OutboxRow) -> Result<()> {
    let since = row.first_try_at.map_or(Timestamp::MIN, |m| m.timestamp());
    let found = match channel(d, &row.endpoint) {
        Some(channel) => {
            let mut tx = d.store.read().await?;
            let owned = tx
                .owned_ids(&row.endpoint, &row.address)
                .await?
                .into_iter()
                .collect();
            drop(tx);
            channel
                .as_channel()
                .find_sent(&row.outbound()?, since, &owned)
                .await
        }
        None => Ok(Found::CannotAsk),
    };
    let mut tx = d.store.begin().await?;
    match found {
        Ok(Found::Sent(Accepted {
            provider_id,
            status,
        })) => {
            tx.settle(row.id, status, Some(&provider_id), None).await?;
        }
        Ok(Found::Absent) => {
            let now = tx.now();
            tx.retry(row.id, now, "the provider does not have it")
                .await?;
        }
        Ok(Found::CannotAsk) | Err(FetchError::Refused { .. }) => {
            if row.purpose() == Purpose::Safeguarding {
                let now = tx.now();
                tx.retry(row.id, now, "nobody knows whether it left; sent again")
                    .await?;
            } else {
                tx.settle(
                    row.id,
                    Status::Uncertain,
                    None,
                    Some("nobody knows whether it left"),
                )
                .await?;
                give_up(&mut tx, &row, "nobody knows whether it left").await?;
            }
        }
        Err(FetchError::Unavailable { why, retry_after }) => {
            let wait = retry_after
                .and_then(|r| SignedDuration::try_from(r).ok())
                .unwrap_or(reconcile_after(d));
            let at = tx.now() + wait;
            tx.unknown_until(row.id, at, &why).await?;
        }
    }
    tx.save().await
}

/// A receipt moves a message up the ladder; one that failed for good goes on a person's list.
pub async fn receipt(d: &Deployment, endpoint: &str, receipt: &Receipt) -> Result<()> {
    let mut tx = d.store.begin().await?;
    if let Some(row) = tx.receipt(endpoint, receipt).await?
        && matches!(receipt.status, Status::Failed | Status::Undelivered)
    {
        let why = receipt.error.as_deref().unwrap_or(receipt.status.word());
        give_up(&mut tx, &row, why).await?;
    }
    tx.save().await
}

/// Loud, never silent: somebody has to reach this person another way.
async fn give_up(tx: &mut Tx, row: &OutboxRow, why: &str) -> Result<()> {
    if row.purpose() == Purpose::Reminder {
        return Ok(());
    }
    // One who stopped our texts is rung once, not once a text.
    let stopped = why == "stopped" && row.staff.is_none();
    let kind = if stopped { "stopped" } else { "delivery" };
    if stopped
        && tx
            .open_task_for(kind, &row.endpoint, &row.address)
            .await?
            .is_some()
    {
        return Ok(());
    }
    let role = if row.staff.is_some() { "it" } else { "office" };
    let school = row.school_id.clone();
    let what = format!("A text did not arrive ({why}). Reach them another way.");
    tx.task(
        &school,
        kind,
        role,
        row.case_id,
        &row.endpoint,
        &row.address,
        &what,
        None,
    )
    .await?;
    Ok(())
}
