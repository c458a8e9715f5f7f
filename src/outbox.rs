//! The way out: claim what is due, hand it to its channel, write down what happened.
//!
//! Only what certainly did not leave is sent again. Of anything else the provider is asked, and
//! where it cannot be asked, an alert about a child is sent again and anything else is shown to a
//! person as `uncertain`. It never decides what is said, or to whom; but what is about a child from
//! whom a restriction keeps its recipient is withdrawn here too, whoever wrote it ([`withheld`]).
//!
//! A [`Sender`] works in rounds. Each is one transaction that writes down what has ended since the
//! last and claims what may leave now; the messages are then handed over side by side, each endpoint
//! at its own pace, so that a slow provider of one school holds up nobody else.

mod money;
mod outcome;
mod pace;
mod way;
mod withheld;

use std::collections::HashMap;
use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::task::{AbortHandle, JoinError, JoinSet};

use crate::channel::{Accepted, FetchError, Found, Receipt, SendError, Status};
use crate::deployment::Deployment;
use crate::store::{Failing, OutboxRow, Purpose, Result, Tx};
use pace::{Pace, Place};

pub use money::price;
pub use way::rests;

/// Messages of whose fate providers are asked at the same time.
const ASKING: usize = 4;

/// Hands over everything that is due, several messages at once.
#[expect(missing_debug_implementations, reason = "a deployment has secrets")]
pub struct Sender {
    d: Arc<Deployment>,
    paces: HashMap<String, Arc<Pace>>,
    /// `None` is a turn that has come at an endpoint.
    under_way: JoinSet<Option<Ended>>,
    /// Endpoints whose next turn somebody waits for.
    waiting: HashMap<String, AbortHandle>,
    /// Places for asking.
    asking: Arc<Semaphore>,
    /// What has ended and is not written down yet: kept while the database is away.
    ended: Vec<Ended>,
    /// Something was withdrawn in this round.
    withheld: bool,
    /// Ways were chosen in the last round, and there may be more to choose.
    choosing: bool,
}

/// A message that was handed over, or that its provider was asked about.
#[derive(Debug)]
struct Ended {
    row: OutboxRow,
    /// When the provider was called.
    called: Timestamp,
    what: What,
}

#[derive(Debug)]
enum What {
    Sent(std::result::Result<Accepted, SendError>),
    Asked(std::result::Result<Found, FetchError>),
}

/// Sends everything that is due; how many messages were handed over or settled.
pub async fn drain(d: &Arc<Deployment>) -> Result<usize> {
    let mut sender = Sender::new(d);
    let mut done = 0;
    loop {
        done += sender.round().await?;
        if !sender.one_ended().await && !sender.choosing {
            return Ok(done);
        }
    }
}

impl Sender {
    /// One that has nothing under way.
    pub fn new(d: &Arc<Deployment>) -> Self {
        Self {
            d: Arc::clone(d),
            paces: HashMap::new(),
            under_way: JoinSet::new(),
            waiting: HashMap::new(),
            asking: Arc::new(Semaphore::new(ASKING)),
            ended: Vec::new(),
            withheld: false,
            choosing: false,
        }
    }

    /// Writes down what has ended and hands over what may leave now; how many were written down.
    pub async fn round(&mut self) -> Result<usize> {
        while let Some(joined) = self.under_way.try_join_next() {
            self.take(joined);
        }
        let mut tx = self.d.store.begin().await?;
        let failing = self.write_down(&mut tx).await?;
        let mut changed = !self.ended.is_empty() || tx.withdraw_stale().await? > 0;
        // A few at a time: an answer does not wait until the ways of a long queue are chosen.
        self.choosing = way::choose(&self.d, &mut tx).await? > 0;
        changed |= self.choosing;
        let claimed = self.claim(&mut tx, &failing).await?;
        let unknown = self.claim_unknown(&mut tx).await?;
        changed |= !claimed.is_empty() || !unknown.is_empty() || self.withheld;
        self.withheld = false;
        // Saving wakes every worker: only for something.
        if changed {
            tx.save().await?;
        }
        let done = self.ended.len();
        self.ended.clear();
        for (row, place) in claimed {
            let handed = hand_over(Arc::clone(&self.d), row, place);
            self.under_way.spawn(async move { Some(handed.await) });
        }
        for (row, place) in unknown {
            let asked = ask(Arc::clone(&self.d), row, place);
            self.under_way.spawn(async move { Some(asked.await) });
        }
        Ok(done)
    }

    /// Writes down what has ended; the endpoints that fail by then.
    async fn write_down(&self, tx: &mut Tx) -> Result<Vec<Failing>> {
        let mut failing = tx.failing().await?;
        for ended in &self.ended {
            outcome::write_down(&self.d, tx, ended, &mut failing).await?;
        }
        Ok(failing)
    }

    /// Waits until something that is under way has ended; false when nothing is.
    pub async fn one_ended(&mut self) -> bool {
        match self.under_way.join_next().await {
            Some(joined) => {
                self.take(joined);
                true
            }
            None => !self.ended.is_empty(),
        }
    }

    /// Waits until everything that is under way has ended, and writes it down. Nothing more leaves.
    pub async fn finish(&mut self) -> Result<()> {
        self.waiting.values().for_each(AbortHandle::abort);
        while !self.under_way.is_empty() {
            self.one_ended().await;
        }
        let mut tx = self.d.store.begin().await?;
        self.write_down(&mut tx).await?;
        tx.save().await?;
        self.ended.clear();
        Ok(())
    }

    fn take(&mut self, joined: std::result::Result<Option<Ended>, JoinError>) {
        match joined {
            Ok(ended) => self.ended.extend(ended),
            // Nobody waits for a turn any more.
            Err(why) if why.is_cancelled() => {}
            // Its lease runs out, and then its provider is asked what became of it.
            Err(why) => tracing::error!(%why, "a message was being handed over and was cut off"),
        }
    }

    /// Messages that may leave now, each with its place at the endpoint it leaves by.
    async fn claim(&mut self, tx: &mut Tx, failing: &[Failing]) -> Result<Vec<(OutboxRow, Place)>> {
        let d = Arc::clone(&self.d);
        let lease = lease(&d);
        let mut claimed = Vec::new();
        let mut ways = Vec::new();
        for planned in tx.ways_out().await? {
            let chosen = way::chosen(&d, &planned, failing, tx.now());
            // For what is fixed nothing stands in.
            if chosen != planned {
                ways.push((planned.clone(), planned.clone(), true));
            }
            ways.push((planned, chosen, false));
        }
        for (planned, way, only_fixed) in ways {
            let pace = self.pace(&way);
            // One that is set aside and has nobody to stand in is tried with one message at a time.
            let (ordinary, urgent) = pace.free(way::rests(failing, &way, tx.now()));
            let alerts = Purpose::Safeguarding;
            let mut rows = tx
                .claim_due(&planned, &way, only_fixed, alerts, urgent, lease)
                .await?;
            let left_alone = way::is_left_alone(failing, &way, tx.now());
            let most = match left_alone {
                true => 0,
                false => pace.turns(ordinary.saturating_sub(rows.len())),
            };
            if most > 0 {
                let least = match money::is_spent(&d, tx, &way).await? {
                    true => Purpose::School,
                    false => Purpose::Reminder,
                };
                let others = tx
                    .claim_due(&planned, &way, only_fixed, least, most, lease)
                    .await?;
                others.iter().for_each(|_| pace.take_turn());
                rows.extend(others);
            }
            for row in rows {
                if withheld::withheld(&d, tx, &row).await? {
                    self.withheld = true;
                    continue;
                }
                let Some(place) = Pace::place(&pace) else {
                    break;
                };
                claimed.push((row, place));
            }
            self.wait_at(&way, pace);
        }
        Ok(claimed)
    }

    /// Where whatever is left must wait for its turn, somebody waits for it.
    fn wait_at(&mut self, endpoint: &str, pace: Arc<Pace>) {
        let waited = self.waiting.get(endpoint).is_some_and(|w| !w.is_finished());
        if pace.waits() && !waited {
            let turn = self.under_way.spawn(async move {
                pace.next_turn().await;
                None
            });
            self.waiting.insert(endpoint.to_owned(), turn);
        }
    }

    /// Messages whose provider may be asked about them now, each with its place.
    async fn claim_unknown(&self, tx: &mut Tx) -> Result<Vec<(OutboxRow, OwnedSemaphorePermit)>> {
        let mut claimed = Vec::new();
        while let Ok(place) = Arc::clone(&self.asking).try_acquire_owned() {
            let Some(row) = tx.claim_unknown(lease(&self.d)).await? else {
                break;
            };
            claimed.push((row, place));
        }
        Ok(claimed)
    }

    fn pace(&mut self, endpoint: &str) -> Arc<Pace> {
        if let Some(known) = self.paces.get(endpoint) {
            return Arc::clone(known);
        }
        let pace = Arc::new(Pace::of(&self.d, endpoint));
        self.paces.insert(endpoint.to_owned(), Arc::clone(&pace));
        pace
    }
}

/// Hands one claimed message to its channel.
async fn hand_over(d: Arc<Deployment>, row: OutboxRow, place: Place) -> Ended {
    place.is_free(row.purpose(), &row.address).await;
    let called = d.clock.now();
    let sent = match (way::channel(&d, &row.via), way::outbound(&d, &row)) {
        (Some(channel), Ok(out)) => {
            let answer = tokio::time::timeout(d.config.timing.send_timeout, channel.send(&out));
            answer.await.unwrap_or_else(|_| {
                Err(SendError::Unknown {
                    why: "no answer in time".to_owned(),
                })
            })
        }
        (None, _) => Err(SendError::Refused {
            why: format!("there is no channel `{}` any more", row.via),
            stopped: false,
        }),
        (_, Err(why)) => Err(SendError::Refused {
            why: why.to_string(),
            stopped: false,
        }),
    };
    let what = What::Sent(sent);
    Ended { row, called, what }
}

/// Asks the provider about a message of which nobody knows whether it left.
async fn ask(d: Arc<Deployment>, row: OutboxRow, _place: OwnedSemaphorePermit) -> Ended {
    let called = d.clock.now();
    let asked = match find(&d, &row).await {
        Ok(found) => found,
        Err(why) => Err(FetchError::Unavailable {
            why: why.to_string(),
            retry_after: None,
        }),
    };
    let what = What::Asked(asked);
    Ended { row, called, what }
}

async fn find(d: &Deployment, row: &OutboxRow) -> Result<std::result::Result<Found, FetchError>> {
    let Some(channel) = way::channel(d, &row.via) else {
        return Ok(Ok(Found::CannotAsk));
    };
    let since = row.first_try_at.map_or(Timestamp::MIN, |m| m.timestamp());
    let mut tx = d.store.read().await?;
    let owned = tx.owned_ids(&row.via, &row.address).await?;
    drop(tx);
    let owned = owned.into_iter().collect();
    let out = way::outbound(d, row)?;
    Ok(channel.find_sent(&out, since, &owned).await)
}

/// How long a claim is good for. The configuration holds it to over twice `send_timeout`, so that
/// nobody else takes a message while it is being sent.
fn lease(d: &Deployment) -> SignedDuration {
    SignedDuration::try_from(d.config.timing.lease).unwrap_or(SignedDuration::from_secs(40))
}

/// Tells the metrics how much waits at each endpoint, and for how long.
pub async fn measure(d: &Deployment) -> Result<()> {
    let mut tx = d.store.read().await?;
    let queues = tx.queues().await?;
    for endpoint in d.roll().endpoints.keys() {
        let queue = queues.iter().find(|q| q.endpoint == *endpoint);
        let waiting = queue.map_or(0, |q| q.waiting);
        let oldest = queue.and_then(|q| q.oldest).map(|m| m.timestamp());
        let age = oldest.map_or(SignedDuration::ZERO, |at| tx.now().duration_since(at));
        metrics::gauge!("schoolgate_outbox_waiting", "endpoint" => endpoint.clone())
            .set(waiting as f64);
        metrics::gauge!("schoolgate_outbox_oldest_seconds", "endpoint" => endpoint.clone())
            .set(age.as_secs_f64());
    }
    Ok(())
}

/// A receipt moves a message up the ladder; one that failed for good is tried another way, or goes on
/// a person's list.
///
/// `raw` is the call it came by, without anything private: it is kept for a week, also where the receipt
/// is of no message we know.
pub async fn receipt(d: &Deployment, endpoint: &str, receipt: &Receipt, raw: &str) -> Result<()> {
    let receipt = receipt.clone().storable();
    let mut tx = d.store.begin().await?;
    tx.keep_receipt(endpoint, &receipt, raw).await?;
    if let Some((row, status)) = tx.receipt(endpoint, &receipt).await? {
        match status {
            Status::Failed | Status::Undelivered => {
                let why = receipt.error.as_deref().unwrap_or(status.word());
                outcome::give_up(d, &mut tx, &row, status, why, receipt.stopped).await?;
            }
            Status::Delivered => {
                let took = tx.now().duration_since(row.created_at.timestamp());
                metrics::histogram!("schoolgate_delivery_seconds", "endpoint" => row.via.clone())
                    .record(took.as_secs_f64());
            }
            _ => {}
        }
    }
    tx.save().await
}
