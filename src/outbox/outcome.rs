//! What became of a message, written down: up the ladder, back in the queue, or on a person's list.

use jiff::SignedDuration;

use super::{Ended, What, money, way};
use crate::channel::{Accepted, FetchError, Found, SendError, Status};
use crate::deployment::Deployment;
use crate::store::{Failing, OutboxRow, Purpose, Result, Tx};

/// Waits between tries of what certainly did not leave. One that comes after the last of them is given
/// up: six tries in about two hours, and more where a provider came back meanwhile.
const BACK_OFF: [i64; 5] = [5, 60, 300, 1500, 5400];

/// An alert about a child waits no longer than this between two tries, whatever the provider asks.
const LONGEST_WAIT_OF_ALERTS: SignedDuration = SignedDuration::from_secs(60);

/// How much longer than a provider asked a message may wait by our own back-off, in seconds.
const LONGEST_GUESS_BESIDE_ASKED: i64 = 60;

/// How long a message is tried.
const LONGEST: SignedDuration = SignedDuration::from_hours(2);

/// A provider that cannot be reached is not asked for longer than this what became of a message.
const ASK_FOR: SignedDuration = SignedDuration::from_mins(30);

/// Writes down what has ended.
pub(super) async fn write_down(
    d: &Deployment,
    tx: &mut Tx,
    ended: &Ended,
    failing: &mut Vec<Failing>,
) -> Result<()> {
    match &ended.what {
        What::Sent(sent) => handed_over(d, tx, ended, sent, failing).await,
        What::Asked(asked) => answered(d, tx, &ended.row, asked).await,
    }
}

async fn handed_over(
    d: &Deployment,
    tx: &mut Tx,
    ended: &Ended,
    sent: &std::result::Result<Accepted, SendError>,
    failing: &mut Vec<Failing>,
) -> Result<()> {
    let Ended { row, called, .. } = ended;
    metrics::counter!("schoolgate_sent_total", "endpoint" => row.via.clone(),
        "outcome" => outcome_word(sent))
    .increment(1);
    match sent {
        Ok(taken) => {
            way::answered(tx, failing, &row.via, *called).await?;
            accepted(d, tx, row, taken).await
        }
        Err(SendError::NotSent { why, retry_after }) => {
            let asked = retry_after.and_then(|wait| SignedDuration::try_from(wait).ok());
            let asked = asked.filter(|wait| wait.is_positive());
            let asked = asked.map(|wait| wait.min(LONGEST));
            not_sent(d, tx, row, why, asked).await?;
            // One that says when to come back is busy and not broken.
            match asked {
                Some(wait) => way::asked_to_wait(d, tx, failing, &row.via, why, wait).await,
                None => way::failed(d, tx, failing, &row.via, why).await,
            }
        }
        Err(SendError::Refused { why, stopped }) => {
            way::answered(tx, failing, &row.via, *called).await?;
            tx.settle(row.id, Status::Failed, None, Some(why)).await?;
            if *stopped {
                tx.stop_lane(&row.endpoint, &row.address).await?;
            }
            give_up(d, tx, row, Status::Failed, why, *stopped).await
        }
        Err(SendError::Unknown { why }) => {
            way::failed(d, tx, failing, &row.via, why).await?;
            let at = tx.now() + reconcile_after(d);
            tx.unknown_until(row.id, at, why).await
        }
    }
}

fn outcome_word(outcome: &std::result::Result<Accepted, SendError>) -> &'static str {
    match outcome {
        Ok(_) => "accepted",
        Err(SendError::NotSent { .. }) => "not-sent",
        Err(SendError::Refused { .. }) => "refused",
        Err(SendError::Unknown { .. }) => "unknown",
    }
}

async fn accepted(d: &Deployment, tx: &mut Tx, row: &OutboxRow, taken: &Accepted) -> Result<()> {
    // The provider has just given this id to this message: whoever else has it was taken for it, when
    // its list was read meanwhile.
    if let Some(other) = tx.owner_of(&row.via, &taken.provider_id, row.id).await? {
        tracing::warn!(%other, "a message was taken for another; its provider is asked again");
        tx.was_mistaken(other).await?;
    }
    tx.settle(row.id, taken.status, Some(&taken.provider_id), None)
        .await?;
    money::paid(d, tx, row).await
}

/// How long a receipt may settle an unknown outcome before the provider is asked.
fn reconcile_after(d: &Deployment) -> SignedDuration {
    SignedDuration::try_from(d.config.timing.reconcile_after)
        .unwrap_or(SignedDuration::from_secs(60))
}

async fn not_sent(
    d: &Deployment,
    tx: &mut Tx,
    row: &OutboxRow,
    why: &str,
    asked: Option<SignedDuration>,
) -> Result<()> {
    let first = row.first_try_at.map_or(tx.now(), |m| m.timestamp());
    if tx.now().duration_since(first) >= LONGEST {
        tx.settle(row.id, Status::Failed, None, Some(why)).await?;
        return give_up(d, tx, row, Status::Failed, why, false).await;
    }
    let tries = usize::try_from(row.attempts).unwrap_or(usize::MAX);
    let last = BACK_OFF.len() - 1;
    let mut wait = BACK_OFF[tries.saturating_sub(1).min(last)];
    if asked.is_some() {
        // The provider knows better than our guesses, but for one that says "at once" again and again.
        wait = wait.min(LONGEST_GUESS_BESIDE_ASKED);
    }
    let jitter = i64::from(d.clock.secret()[0]) * wait / 1024;
    let mut wait = SignedDuration::from_secs(wait + jitter);
    if let Some(asked) = asked {
        wait = wait.max(asked);
    }
    if row.purpose() == Purpose::Safeguarding {
        wait = wait.min(LONGEST_WAIT_OF_ALERTS);
    }
    let due = tx.now() + wait;
    tx.retry(row.id, due, why).await?;
    if asked.is_some() {
        tx.wait_until(row.id, due).await?;
    }
    Ok(())
}

async fn answered(
    d: &Deployment,
    tx: &mut Tx,
    row: &OutboxRow,
    asked: &std::result::Result<Found, FetchError>,
) -> Result<()> {
    let now = tx.now();
    match asked {
        Ok(Found::Sent(taken)) => {
            // Settled since the list was read: that one is another's, and this one asks again.
            let owner = tx.owner_of(&row.via, &taken.provider_id, row.id).await?;
            if owner.is_some() {
                let why = "the provider has one that is another message's";
                return tx.unknown_until(row.id, now, why).await;
            }
            accepted(d, tx, row, taken).await
        }
        Ok(Found::Absent) => tx.retry(row.id, now, "the provider does not have it").await,
        Ok(Found::CannotAsk) | Err(FetchError::Refused { .. }) => nobody_knows(d, tx, row).await,
        Err(FetchError::Unavailable { why, retry_after }) => {
            let first = row.first_try_at.map(|m| m.timestamp());
            if first.is_some_and(|at| now.duration_since(at) > ASK_FOR) {
                return nobody_knows(d, tx, row).await;
            }
            let wait = retry_after
                .and_then(|r| SignedDuration::try_from(r).ok())
                .unwrap_or(reconcile_after(d));
            tx.unknown_until(row.id, now + wait, why).await
        }
    }
}

/// An alert about a child is sent again; anything else is shown to a person.
async fn nobody_knows(d: &Deployment, tx: &mut Tx, row: &OutboxRow) -> Result<()> {
    const WHY: &str = "nobody knows whether it left";
    if row.purpose() == Purpose::Safeguarding {
        let now = tx.now();
        return tx
            .retry(row.id, now, "nobody knows whether it left; sent again")
            .await;
    }
    tx.settle(row.id, Status::Uncertain, None, Some(WHY))
        .await?;
    give_up(d, tx, row, Status::Uncertain, WHY, false).await
}

/// It is tried another way, where there is one and it certainly did not arrive. Otherwise loud, never
/// silent: somebody has to reach this person.
pub(super) async fn give_up(
    d: &Deployment,
    tx: &mut Tx,
    row: &OutboxRow,
    status: Status,
    why: &str,
    stopped: bool,
) -> Result<()> {
    // A test text of ours to ourselves: whoever waits for it tells people.
    if row.fixed && row.instead_of.is_none() {
        return Ok(());
    }
    let certain = matches!(status, Status::Failed | Status::Undelivered);
    if certain && !stopped && way::next(d, tx, row, status).await? {
        return Ok(());
    }
    if row.purpose() == Purpose::Reminder {
        return Ok(());
    }
    // One who stopped our texts is rung once, not once a text.
    let stopped = stopped && row.staff.is_none();
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
    let why = if stopped { "stopped" } else { why };
    let what = match status {
        Status::Uncertain => {
            "A message may not have arrived: nobody knows whether it left. Reach them another way."
                .to_owned()
        }
        _ => format!("A message did not arrive ({why}). Reach them another way."),
    };
    let task = tx
        .task(
            &row.school_id,
            kind,
            role,
            row.case_id,
            &row.endpoint,
            &row.address,
            &what,
            None,
        )
        .await?;
    if !stopped {
        tx.task_about(task, row.id).await?;
    }
    Ok(())
}
