//! A turn that failed: it is tried again, and at last a person is given the words.

use jiff::SignedDuration;

use super::Failure;
use super::play::say;
use crate::deployment::{Deployment, Endpoint};
use crate::flow::conversation::Say;
use crate::flow::value::Value;
use crate::inbox::facts;
use crate::inbox::perform::question_case;
use crate::store::{Cue, Lane, Message, Purpose, StoreError};

/// After so many failures a message goes to the office's list with its words.
const PATIENCE: i64 = 5;

/// A turn failed: it is tried again, and at last a person is given the words.
pub(super) async fn message_failed(
    d: &Deployment,
    endpoint: &Endpoint,
    message: &Message,
    failure: &Failure,
) -> Result<(), StoreError> {
    tracing::error!(%failure, tries = message.failures + 1, "a turn failed");
    metrics::counter!("schoolgate_failed_turns_total").increment(1);
    let mut tx = d.store.begin().await?;
    if message.failures + 1 < PATIENCE {
        let wait = SignedDuration::from_secs(1 << (2 * message.failures.clamp(0, 4)));
        let at = tx.now() + wait;
        tx.turn_failed(message.id, at.into()).await?;
        return tx.save().await;
    }
    let school = &endpoint.school;
    let due = crate::desk::promises::hand_over_by(school, tx.now());
    let case = question_case(d, &mut tx, endpoint, message, "schoolgate could not answer").await?;
    let words = if message.safeguarding_case.is_some() {
        "A sealed message could not be answered; the safeguarding lead has it.".to_owned()
    } else {
        message.words()
    };
    tx.task(
        &school.config.id,
        "failed-turn",
        "office",
        case.as_ref().map(|c| c.id),
        &message.endpoint,
        &message.address,
        &words,
        Some(due),
    )
    .await?;
    let lane = tx
        .hold_lane(&school.config.id, &message.endpoint, &message.address)
        .await?;
    let writer = facts::writer_in(&mut tx, school, Some(&lane), &message.address).await?;
    let language = facts::language(school, Some(&lane), &writer);
    let mut values = facts::school_values(school, tx.now());
    values.insert("by".to_owned(), Value::When(school.local(due)));
    let text = d.bundle().languages.say(&language, "handed-over", &values);
    let said = Say {
        id: "handed-over".to_owned(),
        text,
        buttons: Vec::new(),
    };
    let said_it = say(
        &mut tx,
        endpoint,
        &lane,
        &[said],
        case.map(|c| c.id),
        false,
        Purpose::Answer,
    )
    .await;
    if let Err(Failure::Store(e)) = said_it {
        return Err(e);
    }
    // The conversation that failed is not gone on with: the next message begins anew.
    tx.keep_lane(&Lane {
        conversation: None,
        bundle: None,
        expires_at: None,
        nudge_at: None,
        ..lane
    })
    .await?;
    tx.processed(message.id).await?;
    tx.save().await
}

pub(super) async fn cue_failed(
    d: &Deployment,
    endpoint: &Endpoint,
    cue: &Cue,
    failure: &Failure,
) -> Result<(), StoreError> {
    let mut tx = d.store.begin().await?;
    if cue.failures + 1 < PATIENCE {
        let at = tx.now() + SignedDuration::from_secs(30);
        tx.cue_failed(cue.id, at).await?;
        return tx.save().await;
    }
    let what =
        format!("A text of the school's could not be sent ({failure}). Reach them another way.");
    tx.task(
        &endpoint.school.config.id,
        "delivery",
        "office",
        cue.case_id,
        &cue.endpoint,
        &cue.address,
        &what,
        None,
    )
    .await?;
    tx.cue_done(cue.id).await?;
    tx.save().await
}
