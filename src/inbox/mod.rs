//! The way in: accept, screen, turn and its actions, record, queue replies.
//!
//! A message is durable before its provider is told 200. The screen runs at once, in no order and
//! in a transaction of its own; the turn follows in the person's lane, in order, and everything it
//! causes commits together. Nothing is sent from here: replies are rows of the outbox.

mod canary;
mod catch_up;
mod facts;
mod files;
mod keyword;
mod lane;
mod link;
mod mail;
mod media;
mod parts;
mod perform;
mod screen;

use std::sync::Arc;

use uuid::Uuid;

pub use canary::canaries;
pub use catch_up::{accept_heard, catch_up, poll_telegram};
pub use facts::{language, phone_of, school_values, writer};
pub use files::fetch_files;
pub use lane::run_lane;
pub use mail::{Arrived, Taken, take_mail};
pub use parts::join_late_parts;
pub use screen::screen_waiting;

use crate::channel::Inbound;
use crate::deployment::{Deployment, Endpoint};
use crate::store::Result;

/// Stores a message; `None` when it was stored before, is a text of the service's to itself, or is a
/// part of one that waits for the others. After this returns, the provider may be told 200: nothing
/// that happens later can lose it.
pub async fn accept(
    d: &Deployment,
    endpoint: &Endpoint,
    inbound: &Inbound,
    caught_up: bool,
) -> Result<Option<Uuid>> {
    let inbound = &inbound.clone().storable();
    if canary::heard(d, endpoint, inbound).await? {
        return Ok(None);
    }
    let mut tx = d.store.begin().await?;
    let id = match &inbound.part {
        Some(part) => parts::keep(&mut tx, endpoint, inbound, part, caught_up).await?,
        None => {
            let school = &endpoint.school.config.id;
            tx.accept(school, &endpoint.id, inbound, caught_up).await?
        }
    };
    tx.save().await?;
    let outcome = match (id, &inbound.part) {
        (Some(_), _) => "stored",
        (None, Some(_)) => "part",
        (None, None) => "repeated",
    };
    metrics::counter!("schoolgate_received_total", "endpoint" => endpoint.id.clone(), "outcome" => outcome)
        .increment(1);
    Ok(id)
}

/// Screens and answers everything that waits; how much was done.
pub async fn drain(d: &Arc<Deployment>) -> Result<usize> {
    let mut done = screen_waiting(d).await?;
    loop {
        let mut tx = d.store.read().await?;
        let mut lanes = tx.waiting_lanes().await?;
        lanes.extend(tx.cued_lanes().await?);
        lanes.extend(tx.expired_lanes().await?);
        lanes.extend(tx.nudged_lanes().await?);
        drop(tx);
        let mut moved = 0;
        for (endpoint, address) in lanes {
            moved += run_lane(d, &endpoint, &address).await?;
        }
        if moved == 0 {
            return Ok(done);
        }
        done += moved;
        done += screen_waiting(d).await?;
    }
}
