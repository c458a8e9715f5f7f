//! Stage 2: the turn. A lane's messages, cues and expiries are taken one at a time, in order, and
//! everything one of them causes commits together.

mod failed;
mod mail;
mod message;
mod play;

use std::collections::BTreeMap;
use std::sync::Arc;

use super::facts;
use super::perform::Scene;
use crate::deployment::{Deployment, Endpoint};
use crate::flow::turn::Input;
use crate::flow::value::{Value, Values};
use crate::school::safeguarding::Risk;
use crate::store::{Lane, Moment, Purpose, StoreError, Tx};
use failed::{cue_failed, message_failed};
use message::{Read, read_message};
use play::play;

/// Why a turn did not happen. Nothing it did is kept; the words are.
#[derive(Debug, thiserror::Error)]
enum Failure {
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error("the flow: {0}")]
    Flow(#[from] crate::flow::turn::TurnError),
    #[error("{0}")]
    Other(String),
}

/// Takes what waits in a lane, once; how much was done (0 when another worker has the lane).
pub async fn run_lane(
    d: &Arc<Deployment>,
    endpoint: &str,
    address: &str,
) -> Result<usize, StoreError> {
    let mut tx = d.store.begin().await?;
    let Some(mut lane) = tx.claim_lane(endpoint, address).await? else {
        return Ok(0);
    };
    if let Some(message) = tx.next_message(endpoint, address).await? {
        // Not screened, or waiting to be tried again: nothing overtakes it.
        let Some(verdict) = message.verdict()? else {
            return Ok(0);
        };
        if tx.waits(message.id).await? {
            return Ok(0);
        }
        let Some(at) = d.endpoint(endpoint) else {
            tx.processed(message.id).await?;
            tx.save().await?;
            return Ok(1);
        };
        let hit = verdict.set.iter().any(|r| *r != Risk::Unread);
        let unread = verdict.set.contains(&Risk::Unread);
        let young = verdict.set.contains(&Risk::YoungPerson);
        let read = Read { hit, unread, young };
        return match read_message(d, &mut tx, &at, &mut lane, &message, &read).await {
            Ok(()) => {
                tx.keep_lane(&lane).await?;
                tx.processed(message.id).await?;
                tx.save().await?;
                Ok(1)
            }
            Err(failure) => {
                drop(tx);
                message_failed(d, &at, &message, &failure).await?;
                Ok(1)
            }
        };
    }
    let Some(at) = d.endpoint(endpoint) else {
        return Ok(0);
    };
    if let Some(cue) = tx.next_cue(endpoint, address).await? {
        let input = Input::Begin {
            flow: cue.flow.clone(),
            entry: cue.entry.clone(),
            with: cue.given()?,
        };
        let scene = Scene::of_cue(cue.case_id);
        return match play(d, &mut tx, &at, &mut lane, input, scene, Purpose::School).await {
            Ok(_) => {
                tx.keep_lane(&lane).await?;
                tx.cue_done(cue.id).await?;
                tx.save().await?;
                Ok(1)
            }
            Err(failure) => {
                drop(tx);
                tracing::error!(%failure, "a cue failed");
                cue_failed(d, &at, &cue, &failure).await?;
                Ok(1)
            }
        };
    }
    if lane.expires_at.is_some_and(|e| e <= Moment::from(tx.now())) {
        lane.expires_at = None;
        if let Err(failure) = play(
            d,
            &mut tx,
            &at,
            &mut lane,
            Input::Expired,
            Scene::default(),
            Purpose::School,
        )
        .await
        {
            tracing::error!(%failure, "a conversation could not expire; it begins anew");
            drop(tx);
            let mut tx = d.store.begin().await?;
            lane.conversation = None;
            lane.nudge_at = None;
            tx.keep_lane(&lane).await?;
            tx.save().await?;
            return Ok(1);
        }
        tx.keep_lane(&lane).await?;
        tx.save().await?;
        return Ok(1);
    }
    if lane.nudge_at.is_some_and(|e| e <= Moment::from(tx.now())) {
        return nudge(d, tx, &at, lane).await;
    }
    Ok(0)
}

/// Reminds the person of the open question, once. One who stopped our texts, whose phone it is not,
/// or whose conversation is sealed is not reminded; at night it waits for the morning.
async fn nudge(
    d: &Arc<Deployment>,
    mut tx: Tx,
    at: &Endpoint,
    mut lane: Lane,
) -> Result<usize, StoreError> {
    let school = &at.school;
    let local = school.local(tx.now());
    let waking = school.calendar().held_until(local);
    let unwanted = lane.sealed || lane.stopped_at.is_some() || lane.wrong_at.is_some();
    lane.nudge_at = None;
    if waking > local {
        lane.nudge_at = Some(school.instant(waking).into());
    } else if !unwanted {
        let (input, scene) = (Input::Nudge, Scene::default());
        if let Err(failure) = play(d, &mut tx, at, &mut lane, input, scene, Purpose::School).await {
            tracing::error!(%failure, "a reminder of an open question failed; it is left out");
            drop(tx);
            tx = d.store.begin().await?;
            let Some(kept) = tx.claim_lane(&lane.endpoint, &lane.address).await? else {
                return Ok(0);
            };
            lane = Lane {
                nudge_at: None,
                ..kept
            };
        }
    }
    tx.keep_lane(&lane).await?;
    tx.save().await?;
    Ok(1)
}

/// A text of the service's own, in this person's language.
pub(super) async fn own_words(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &Lane,
    id: &str,
) -> Result<String, StoreError> {
    let (language, values) = own_values(tx, endpoint, lane).await?;
    Ok(d.bundle().languages.say(&language, id, &values))
}

/// This person's language, and the values that texts of the service's own may show.
pub(super) async fn own_values(
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &Lane,
) -> Result<(String, Values), StoreError> {
    let school = &endpoint.school;
    let writer = facts::writer_in(tx, school, Some(lane), &lane.address).await?;
    let language = facts::language(school, Some(lane), &writer);
    Ok((language, facts::school_values(school, tx.now())))
}

/// Values by name, for the actions.
pub(super) fn values<const N: usize>(pairs: [(&str, Value); N]) -> Values {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect::<BTreeMap<_, _>>()
}
