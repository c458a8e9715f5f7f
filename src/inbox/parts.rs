//! Long texts that come in parts, each by itself and in any order: joined before anybody reads them,
//! since half a sentence is no worry and may hide one.

use std::sync::Arc;

use jiff::SignedDuration;
use uuid::Uuid;

use crate::channel::{Inbound, Part};
use crate::deployment::{Deployment, Endpoint};
use crate::store::{Moment, Result, Tx, WaitingPart};

/// A text whose last part has not come by then is read as it is.
const PATIENCE: SignedDuration = SignedDuration::from_secs(30);

/// What stands for a part that never came.
const MISSING: &[u8] = " … ".as_bytes();

/// Keeps a part; the message's id when it was the last.
pub(super) async fn keep(
    tx: &mut Tx,
    endpoint: &Endpoint,
    inbound: &Inbound,
    part: &Part,
    caught_up: bool,
) -> Result<Option<Uuid>> {
    let due = Moment::from(tx.now() + PATIENCE);
    let school = &endpoint.school.config.id;
    if !tx
        .keep_part(school, &endpoint.id, inbound, part, due)
        .await?
    {
        return Ok(None);
    }
    let here = tx
        .parts_of(&endpoint.id, &inbound.from, &part.reference)
        .await?;
    let complete = (1..=i64::from(part.total)).all(|n| here.iter().any(|p| p.n == n));
    if !complete {
        return Ok(None);
    }
    join(tx, endpoint, &here, caught_up).await
}

/// Joins what has waited long enough for a part that does not come; how many texts.
pub async fn join_late_parts(d: &Arc<Deployment>) -> Result<usize> {
    let mut tx = d.store.begin().await?;
    let mut done = 0;
    for (id, address, reference) in tx.late_parts().await? {
        let Some(endpoint) = d.endpoint(&id) else {
            continue;
        };
        let here = tx.parts_of(&id, &address, &reference).await?;
        join(&mut tx, &endpoint, &here, false).await?;
        tracing::warn!(endpoint = id, "a part of a long text did not come");
        done += 1;
    }
    if done > 0 {
        tx.save().await?;
    }
    Ok(done)
}

async fn join(
    tx: &mut Tx,
    endpoint: &Endpoint,
    parts: &[WaitingPart],
    caught_up: bool,
) -> Result<Option<Uuid>> {
    let Some(first) = parts.first() else {
        return Ok(None);
    };
    let mut body = Vec::new();
    let mut next = 1;
    for part in parts {
        if part.n > next {
            body.extend_from_slice(MISSING);
        }
        // A part that was numbered twice is kept twice: nothing that was written is left out.
        body.extend_from_slice(&part.body);
        next = part.n + 1;
    }
    if next <= first.total {
        body.extend_from_slice(MISSING);
    }
    let sent = parts.iter().filter_map(|p| p.sent_at).min();
    let whole = Inbound {
        provider_id: first.provider_id.clone(),
        from: first.address.clone(),
        body,
        sent_at: sent.map(Moment::timestamp),
        ..Inbound::default()
    };
    tx.parts_joined(parts).await?;
    tx.accept(&endpoint.school.config.id, &endpoint.id, &whole, caught_up)
        .await
}
