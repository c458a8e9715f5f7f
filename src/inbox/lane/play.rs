//! One turn, played: the flow and its actions until it waits or ends, what is kept of it, and what it
//! said.

use std::sync::Arc;

use serde::Serialize;
use uuid::Uuid;

use super::Failure;
use crate::channel::Button;
use crate::deployment::{Deployment, Endpoint, School};
use crate::flow::bundle::Bundle;
use crate::flow::conversation::{Action, Asked, Conversation, Say};
use crate::flow::turn::{Facts, Input, turn};
use crate::flow::value::Values;
use crate::inbox::facts;
use crate::inbox::perform::Scene;
use crate::store::{LEFT, Lane, Outgoing, Purpose, StoreError, Tx};

/// What is kept of a turn: enough to play the conversation again.
#[derive(Serialize)]
struct Record<'t> {
    input: &'t Input,
    facts: &'t Facts,
    outcomes: &'t [(Action, String, Values)],
    says: Vec<&'t str>,
}

/// Plays one input: turn, actions, turn… until it waits or ends; then says what it said.
pub(super) async fn play(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &mut Lane,
    input: Input,
    mut scene: Scene<'_>,
    purpose: Purpose,
) -> Result<Played, Failure> {
    let school = &endpoint.school;
    let writer = facts::writer_in(tx, school, Some(lane), &lane.address).await?;
    let (bundle, mut conversation) = resume(d, tx, lane).await?;
    if matches!(input, Input::Expired) {
        count_left(tx, school, &conversation).await?;
    }
    let mut facts = facts::facts(d, tx, school, lane, &writer).await?;
    facts.apart = scene.apart;
    let now = school.local(tx.now());
    let mut first = input.clone();
    // What is answered in the middle of a flow belongs to that flow's case.
    let in_a_flow = !conversation.is_idle();
    let mut outcomes = Vec::new();
    let mut says: Vec<Say> = Vec::new();
    let mut next = input;
    loop {
        let result = turn(&bundle, conversation, next, &facts, now)?;
        conversation = result.conversation;
        if let Some(coverage) = d.coverage.get() {
            coverage.add(&result.visits);
            coverage.hear(&result.says);
        }
        says.extend(result.says);
        let Some(action) = result.action else { break };
        scene.in_flow(conversation.case.as_ref());
        let outcome = scene
            .perform(d, tx, endpoint, lane, &writer, &action)
            .await?;
        outcomes.push((action, outcome.name.clone(), outcome.values.clone()));
        next = Input::Outcome {
            name: outcome.name,
            values: outcome.values,
        };
    }

    // Sealed words are kept once, in the safeguarding tier: the record of the turn has none.
    let kept_sealed = match scene.case() {
        Some(case) => tx
            .case(&school.config.id, case)
            .await?
            .is_some_and(|c| c.tier != "ordinary"),
        None => false,
    };
    if scene.sealed() || kept_sealed {
        if let Input::Message { text, .. } = &mut first {
            text.clear();
        }
        for (action, ..) in &mut outcomes {
            action.inputs.remove("words");
        }
    }
    let brief = says.iter().all(|s| s.id.starts_with("sendiass"));
    let record = Record {
        input: &first,
        facts: &facts,
        outcomes: &outcomes,
        says: says.iter().map(|s| s.text.as_str()).collect(),
    };
    let record = crate::store::to_json("a turn", &record)?;
    tx.keep_turn(lane, scene.message(), &bundle.hash, &record)
        .await?;

    lane.sealed = conversation.sealed;
    if let Some(case) = conversation
        .case
        .as_ref()
        .filter(|_| in_a_flow && !brief && !scene.apart)
    {
        scene.belongs_to(case);
    }
    scene
        .write_down(tx, says.iter().map(|s| s.text.as_str()))
        .await?;
    say(
        tx,
        endpoint,
        lane,
        &says,
        scene.case(),
        scene.sealed() || conversation.sealed,
        purpose,
    )
    .await?;

    if let Some(chosen) = &conversation.language {
        lane.language = Some(chosen.clone());
    }
    lane.expires_at = conversation
        .expires(&bundle)
        .map(|at| school.instant(at).into());
    lane.nudge_at = conversation.nudges(&bundle).map(|at| {
        let waking = school.calendar().held_until(at);
        school.instant(waking).into()
    });
    lane.bundle = Some(conversation.bundle.clone());
    lane.conversation = Some(
        conversation
            .to_json()
            .map_err(|e| Failure::Other(e.to_string()))?,
    );
    let not_understood = says
        .iter()
        .flat_map(|s| s.id.split('+'))
        .any(|id| matches!(id, "menu-again" | "not-understood" | "near"));
    Ok(Played {
        recorded: scene.stands(),
        brief: brief && !says.is_empty(),
        not_understood,
    })
}

/// What a turn came to, as far as its words are concerned.
pub(super) struct Played {
    /// They stand in a chronology.
    pub recorded: bool,
    /// They asked for independent advice only, which nobody is told of.
    pub brief: bool,
    /// They were not understood.
    pub not_understood: bool,
}

/// Counts, with no name, at which question of which flow somebody left: it has expired unanswered.
async fn count_left(tx: &mut Tx, school: &School, left: &Conversation) -> Result<(), StoreError> {
    let asked = left.open.as_ref().is_some_and(|o| o.asked == Asked::Step);
    let Some(frame) = left.frames.last().filter(|_| asked && !left.sealed) else {
        return Ok(());
    };
    let what = format!("{LEFT}{}.{}", frame.flow, frame.step);
    let day = school.local(tx.now()).date().to_string();
    tx.count(&school.config.id, &what, &day).await
}

/// The conversation of a lane and the bundle it is pinned to. One that cannot be loaded is begun
/// anew on the present bundle, and a person takes over with the words kept.
async fn resume(
    d: &Deployment,
    tx: &mut Tx,
    lane: &Lane,
) -> Result<(Arc<Bundle>, Conversation), Failure> {
    let current = d.bundle();
    let Some(state) = &lane.conversation else {
        let conversation = Conversation::new(&current);
        return Ok((current, conversation));
    };
    let Ok(conversation) = Conversation::from_json(state) else {
        return handed_over(tx, lane, current, &[]).await;
    };
    // With nothing going on, it moves on to the present bundle.
    if conversation.is_idle() || conversation.bundle == current.hash {
        return Ok((current, conversation));
    }
    let stored = tx.bundle_sources(&conversation.bundle).await?;
    match d.pinned(&conversation.bundle, stored.as_deref()) {
        Some(bundle) => Ok((bundle, conversation)),
        None => handed_over(tx, lane, current, &conversation.words()).await,
    }
}

async fn handed_over(
    tx: &mut Tx,
    lane: &Lane,
    current: Arc<Bundle>,
    words: &[String],
) -> Result<(Arc<Bundle>, Conversation), Failure> {
    let mut what =
        "Their conversation was cut off by an update: read what they wrote and carry on with them."
            .to_owned();
    for words in words {
        what.push_str("\n> ");
        what.push_str(words);
    }
    tracing::error!(
        "a conversation could not be loaded by this version; it begins anew and the office is told"
    );
    tx.task(
        &lane.school_id,
        "hand-over",
        "office",
        None,
        &lane.endpoint,
        &lane.address,
        &what,
        None,
    )
    .await?;
    let conversation = Conversation::new(&current);
    Ok((current, conversation))
}

/// Queues what a turn said.
pub(super) async fn say(
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &Lane,
    says: &[Say],
    case: Option<Uuid>,
    sealed: bool,
    purpose: Purpose,
) -> Result<(), Failure> {
    let school = &endpoint.school;
    // Whoever has this phone is not whom the school wants to reach: only they are answered.
    if lane.wrong_at.is_some() && purpose != Purpose::Answer {
        return Ok(());
    }
    if lane.stopped_at.is_some() && (purpose != Purpose::Answer || endpoint.carrier_answers_stop())
    {
        let (of, to) = (&lane.endpoint, &lane.address);
        if says.is_empty() || tx.open_task_for("stopped", of, to).await?.is_some() {
            return Ok(());
        }
        let what = "They stopped our texts; this was not sent. Ring them.";
        tx.task(
            &school.config.id,
            "stopped",
            if sealed { "dsl" } else { "office" },
            case,
            &lane.endpoint,
            &lane.address,
            what,
            None,
        )
        .await?;
        return Ok(());
    }
    let now = tx.now();
    let due = if purpose == Purpose::Answer {
        now
    } else {
        school.waking(tx, &lane.endpoint, &lane.address).await?
    };
    for said in says {
        let button = |(label, answer): &(String, String)| Button {
            label: label.clone(),
            answer: answer.clone(),
        };
        let text = said.text.clone();
        tx.queue(&Outgoing {
            buttons: said.buttons.iter().map(button).collect(),
            case_id: case,
            ..Outgoing::text(
                &school.config.id,
                &endpoint.id,
                &lane.address,
                purpose,
                text,
                due,
            )
        })
        .await?;
    }
    Ok(())
}
