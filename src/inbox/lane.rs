//! Stage 2: the turn. A lane's messages, cues and expiries are taken one at a time, in order, and
//! everything one of them causes commits together.

use std::collections::BTreeMap;
use std::sync::Arc;

use jiff::SignedDuration;
use serde::Serialize;
use uuid::Uuid;

use super::perform::Scene;
use super::{facts, keyword, media};
use crate::channel::{Button, Channel};
use crate::deployment::{Deployment, Endpoint};
use crate::desk::{Actor, by_text};
use crate::flow::bundle::Bundle;
use crate::flow::conversation::{Action, Conversation, Say};
use crate::flow::turn::{Facts, Input, turn};
use crate::flow::value::{Value, Values};
use crate::school::safeguarding::Risk;
use crate::store::{Lane, Message, Moment, Outgoing, Purpose, StoreError, Tx};

/// After so many failures a message goes to the office's list with its words.
const PATIENCE: i64 = 5;

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

/// What the screen said of a message, as far as the turn must know.
struct Read {
    hit: bool,
    unread: bool,
    young: bool,
}

async fn read_message(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &mut Lane,
    message: &Message,
    read: &Read,
) -> Result<(), Failure> {
    let mut words = message.words();
    if let Some(phone) = &message.proved_phone {
        lane.proved_phone = Some(phone.clone());
        tx.keep_lane(lane).await?;
        if words.is_empty() {
            // The same thanks whoever it is: a number that is known must not be given away.
            let thanks = own_words(d, tx, endpoint, lane, "number-proved").await?;
            crate::desk::tell::answer(tx, lane, thanks).await?;
            return Ok(());
        }
    }
    // What Telegram sends by itself when somebody opens the chat.
    if matches!(endpoint.channel, Channel::Telegram(_)) && words.starts_with("/start") {
        "menu".clone_into(&mut words);
    }
    let phone = facts::phone_of(Some(lane), &lane.address).map(str::to_owned);
    if let Some(staff) = phone
        .as_deref()
        .and_then(|p| endpoint.school.staff_with_phone(p))
    {
        let actor = Actor {
            d,
            school: &endpoint.school,
            staff,
        };
        if by_text::obey(&actor, tx, lane, &words).await? {
            return Ok(());
        }
        let parent_too = phone
            .as_deref()
            .and_then(|p| crate::phone::Phone::parse(p).ok());
        if parent_too.is_none_or(|p| endpoint.school.people.with_phone(&p).is_empty()) && !read.hit
        {
            let help = crate::desk::tell::say(d, "staff-help", &Values::new());
            crate::desk::tell::answer(tx, lane, help).await?;
            return Ok(());
        }
    }
    if !read.hit && keyword::obey(d, tx, endpoint, lane, &words).await? {
        return Ok(());
    }
    // A pupil gets a trusted adult and Childline, not the parents' flows; what the screen could not
    // judge was answered by the screen. Both stand in a case already.
    let media = media::of(message)?;
    let asked_for = words.trim().is_empty() && media::asked_for(d, tx, lane, &media).await?;
    if read.young || (read.unread && !asked_for) {
        return Ok(());
    }
    // Beside an allegation about staff no flow answers: what it would say could reach the accused.
    if let Some(case) = message.safeguarding_case
        && let Some(case) = tx.case(&message.school_id, case).await?
        && case.tier != "safeguarding"
    {
        // Nor is anything gone on with: the question that was open may be the accused's own case's.
        lane.conversation = None;
        lane.expires_at = None;
        lane.nudge_at = None;
        return Ok(());
    }
    // A machine, or this very number: nothing is answered, or two machines would talk for ever.
    if !is_a_person(endpoint, &lane.address) {
        let listed = format!("Not from a phone ({}): {words}", lane.address);
        tx.task(
            &message.school_id,
            "hand-over",
            "office",
            None,
            &lane.endpoint,
            &lane.address,
            &listed,
            None,
        )
        .await?;
        return Ok(());
    }
    let before_question = !tx
        .left_before(&lane.endpoint, &lane.address, message.received_at)
        .await?;
    let input = Input::Message {
        text: words.clone(),
        sealed: read.hit,
        media,
        before_question,
    };
    let mut scene = Scene::of_message(message, read.hit);
    if let Some(sealed) = message.safeguarding_case
        && let Some(sealed) = tx.case(&message.school_id, sealed).await?
    {
        scene.apart = !sealed.barred()?.is_empty();
    }
    let first = lane.conversation.is_none();
    if message.caught_up {
        let sorry = own_words(d, tx, endpoint, lane, "sorry-delay").await?;
        crate::desk::tell::answer(tx, lane, sorry).await?;
    }
    let played = play(d, tx, endpoint, lane, input, scene, Purpose::Answer).await?;
    if !read.hit {
        place_words(d, tx, endpoint, lane, message, &played).await?;
    }
    if first && matches!(endpoint.channel, Channel::Telegram(_)) && lane.proved_phone.is_none() {
        ask_for_number(d, tx, endpoint, lane).await?;
    }
    Ok(())
}

/// Whether an address can be a person's phone: not a name, a short code or our own number.
fn is_a_person(endpoint: &Endpoint, address: &str) -> bool {
    let Some(own) = endpoint.config.kind.number() else {
        return true;
    };
    if matches!(endpoint.channel, Channel::Handset) {
        return true;
    }
    let number = address.rsplit(':').next().unwrap_or(address);
    number.len() > 8 && number.starts_with('+') && number != own.e164()
}

/// A text of the service's own, in this person's language.
pub(super) async fn own_words(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &Lane,
    id: &str,
) -> Result<String, StoreError> {
    let school = &endpoint.school;
    let writer = facts::writer_in(tx, school, Some(lane), &lane.address).await?;
    let language = facts::language(school, Some(lane), &writer);
    let values = facts::school_values(school, tx.now());
    Ok(d.bundle().languages.say(&language, id, &values))
}

/// On Telegram nobody has a number until they share it. They are asked once, and may go on without.
async fn ask_for_number(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &Lane,
) -> Result<(), Failure> {
    let text = own_words(d, tx, endpoint, lane, "prove-number").await?;
    let label = own_words(d, tx, endpoint, lane, "prove-number-button").await?;
    let now = tx.now();
    tx.queue(&Outgoing {
        buttons: vec![Button {
            answer: label.clone(),
            label,
        }],
        ask_contact: true,
        ..Outgoing::text(
            &lane.school_id,
            &lane.endpoint,
            &lane.address,
            Purpose::Answer,
            text,
            now,
        )
    })
    .await?;
    Ok(())
}

/// What is kept of a turn: enough to play the conversation again.
#[derive(Serialize)]
struct Record<'t> {
    input: &'t Input,
    facts: &'t Facts,
    outcomes: &'t [(Action, String, Values)],
    says: Vec<&'t str>,
}

/// Plays one input: turn, actions, turn… until it waits or ends; then says what it said.
async fn play(
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
struct Played {
    /// They stand in a chronology.
    recorded: bool,
    /// They asked for independent advice only, which nobody is told of.
    brief: bool,
    /// They were not understood.
    not_understood: bool,
}

/// Words that no flow put anywhere: they join the case that is open, and a sentence that was not
/// understood goes to a person at once. What a parent wrote first may be all they ever write.
async fn place_words(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &Lane,
    message: &Message,
    played: &Played,
) -> Result<(), StoreError> {
    if played.recorded || played.brief {
        return Ok(());
    }
    let school = &endpoint.school;
    let joins = Moment::from(tx.now() - join_within(d));
    let open = tx.open_cases_at(&lane.endpoint, &lane.address).await?;
    if let Some(case) = open.into_iter().find(|c| c.touched_at >= joins) {
        media::write_message(tx, case.id, message).await?;
        return Ok(());
    }
    let words = message.words();
    if !played.not_understood || words.split_whitespace().count() < 3 {
        return Ok(());
    }
    let why = "not understood";
    if let Some(case) = super::perform::question_case(d, tx, endpoint, message, why).await? {
        let listed = format!("{}: {words}", case.reference());
        // The words of a complaint are its owner's only.
        if case.kind != "complaint" {
            tx.task(
                &school.config.id,
                "hand-over",
                "office",
                Some(case.id),
                &lane.endpoint,
                &lane.address,
                &listed,
                None,
            )
            .await?;
        }
        crate::desk::tell::owner(d, tx, school, &case, "owner").await?;
    }
    Ok(())
}

/// How long after its last words a case is joined by what is sent next.
fn join_within(d: &Deployment) -> SignedDuration {
    SignedDuration::try_from(d.config.timing.join_within).unwrap_or(SignedDuration::from_hours(24))
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
async fn say(
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

/// A turn failed: it is tried again, and at last a person is given the words.
async fn message_failed(
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
    let case =
        super::perform::question_case(d, &mut tx, endpoint, message, "schoolgate could not answer")
            .await?;
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

async fn cue_failed(
    d: &Deployment,
    endpoint: &Endpoint,
    cue: &crate::store::Cue,
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

/// Values by name, for the actions.
pub(super) fn values<const N: usize>(pairs: [(&str, Value); N]) -> Values {
    pairs
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect::<BTreeMap<_, _>>()
}
