//! Stage 1: the safeguarding screen, before everything and by itself.
//!
//! It runs for every accepted message, in no order, in its own transaction: verdict, alerts, the
//! urgent reply and the sealed entry commit together. It holds no lane, so a broken flow or a stuck
//! lane can neither delay nor undo an alert. A fault in it counts as `unread`: a person looks.

use std::panic::AssertUnwindSafe;
use std::sync::Arc;

use uuid::Uuid;

use super::facts;
use crate::deployment::{Deployment, Endpoint};
use crate::desk::{alert, by_text, tell};
use crate::flow::value::{Value, Values};
use crate::school::people::Role;
use crate::school::safeguarding::{Risk, Verdict};
use crate::store::{
    Case, CaseFilter, Message, Moment, NewCase, NewEntry, Outgoing, Purpose, Result, Tx,
};

/// Screens every message that waits for it; how many were screened.
pub async fn screen_waiting(d: &Arc<Deployment>) -> Result<usize> {
    let mut done = 0;
    loop {
        let mut tx = d.store.begin().await?;
        let Some(message) = tx.claim_unscreened().await? else {
            return Ok(done);
        };
        screen(d, &mut tx, &message).await?;
        tx.save().await?;
        done += 1;
    }
}

async fn screen(d: &Deployment, tx: &mut Tx, message: &Message) -> Result<()> {
    let Some(endpoint) = d.endpoint(&message.endpoint) else {
        // The endpoint was taken out of the configuration: the words go on a list all the same.
        let words = message.words();
        tx.task(
            &message.school_id,
            "failed-turn",
            "office",
            None,
            &message.endpoint,
            &message.address,
            &words,
            None,
        )
        .await?;
        tx.screened(message.id, &Verdict::default(), None).await?;
        return tx.processed(message.id).await;
    };
    let words = to_read(message)?;
    let from_staff = is_command(tx, &endpoint, message).await?;
    let verdict = if from_staff {
        Verdict::default()
    } else {
        verdict(d, &endpoint, &words, !message.media()?.is_empty())
    };
    for risk in &verdict.set {
        metrics::counter!("schoolgate_screened_total", "risk" => risk.word()).increment(1);
    }
    let hit = verdict.set.iter().any(|r| *r != Risk::Unread);
    let case = if hit {
        Some(sealed(d, tx, &endpoint, message, &verdict, &words).await?)
    } else {
        if verdict.set.contains(&Risk::Unread) {
            unread(d, tx, &endpoint, message, &verdict).await?;
        }
        None
    };
    tx.screened(message.id, &verdict, case).await
}

/// What the screen reads of a message: of an email also what was left out of its words and is not known
/// to be ours.
fn to_read(message: &Message) -> Result<String> {
    let mut words = message.words();
    if let Some(mail) = message.mail()?.filter(|mail| !mail.rest.is_empty()) {
        words.push('\n');
        words.push_str(&mail.rest);
    }
    Ok(words)
}

/// Whether a message is a command of a member of staff: nobody's words about a child.
async fn is_command(tx: &mut Tx, endpoint: &Endpoint, message: &Message) -> Result<bool> {
    let words = message.words();
    if endpoint.school.staff_with_phone(&message.address).is_some() {
        return Ok(by_text::is_command(&words));
    }
    let thread = match message.mail()?.and_then(|mail| mail.thread) {
        Some(id) => tx.mail_thread_by_id(id).await?,
        None => None,
    };
    Ok(thread.is_some_and(|thread| {
        thread.staff.is_some() && by_text::is_command(&by_text::under_notice(&words, thread.code))
    }))
}

/// The verdict; a fault in the screen is `unread`, so that a person looks.
fn verdict(d: &Deployment, endpoint: &Endpoint, words: &str, media: bool) -> Verdict {
    let screened = std::panic::catch_unwind(AssertUnwindSafe(|| {
        let screen = &d.parts().screen;
        screen.verdict(words, media, &endpoint.school.names(screen))
    }));
    screened.unwrap_or_else(|_| {
        tracing::error!("the screen failed on a message; it counts as unread");
        Verdict {
            set: [Risk::Unread].into(),
            why: vec!["the screen failed".to_owned()],
            ..Verdict::default()
        }
    })
}

/// A message that hit: stored once, in the safeguarding tier; pages; the reply to the parent.
async fn sealed(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    message: &Message,
    verdict: &Verdict,
    words: &str,
) -> Result<Uuid> {
    let school = &endpoint.school;
    let writer = facts::writer(tx, school, &message.endpoint, &message.address).await?;
    let barred = school.named_in(&d.parts().screen, words, &writer);
    let about_staff = verdict.set.contains(&Risk::Staff);
    let about_head = about_staff
        && barred
            .iter()
            .any(|k| school.people.staff(k).is_some_and(|s| s.is(Role::Head)));
    let tier = match (about_head, about_staff) {
        (true, _) => "head",
        (_, true) => "staff",
        _ => "safeguarding",
    };
    let case = match open_sealed_case(tx, message, tier).await? {
        Some(case)
            if barred
                .iter()
                .all(|b| case.barred().is_ok_and(|c| c.contains(b))) =>
        {
            case
        }
        _ => {
            let owner = alert::recipients(school, tier, &barred, tx.now())
                .first()
                .map(|s| s.key.clone());
            tx.open_case(&NewCase {
                school_id: &school.config.id,
                kind: "safeguarding",
                tier,
                endpoint: &message.endpoint,
                address: &message.address,
                adult: writer.adult.map(|a| a.key.as_str()),
                pupil: match writer.children.as_slice() {
                    [only] => Some(only.key.as_str()),
                    _ => None,
                },
                owner: owner.as_deref(),
                copied: &[],
                barred: &barred,
                escalate_at: None,
            })
            .await?
        }
    };
    super::media::write_message(tx, case.id, message).await?;
    tx.append(
        case.id,
        &NewEntry::new("screen", "schoolgate", &verdict.why.join("; ")),
    )
    .await?;

    let urgent = verdict
        .set
        .iter()
        .any(|r| matches!(r, Risk::Urgent | Risk::CrisisAdult));
    let level = if urgent { "urgent" } else { "review" };
    alert::raise(d, tx, school, &case, level).await?;

    for id in reply_ids(endpoint, &verdict.set, &barred, tx.now()) {
        say(d, tx, endpoint, message, Some(&case), id, Values::new()).await?;
    }
    Ok(case.id)
}

async fn open_sealed_case(tx: &mut Tx, message: &Message, tier: &str) -> Result<Option<Case>> {
    let filter = CaseFilter {
        open_only: true,
        kind: Some("safeguarding".to_owned()),
        ..CaseFilter::default()
    };
    let cases = tx.cases(&message.school_id, &filter).await?;
    Ok(cases
        .into_iter()
        .find(|c| c.tier == tier && c.endpoint == message.endpoint && c.address == message.address))
}

/// Which texts answer a hit. No name, no "safe", no promise to ring: a person makes that promise.
fn reply_ids(
    endpoint: &Endpoint,
    set: &std::collections::BTreeSet<Risk>,
    barred: &[String],
    now: jiff::Timestamp,
) -> Vec<&'static str> {
    let mut ids = Vec::new();
    if set.contains(&Risk::YoungPerson) {
        ids.push("screen-young-person");
        if set.contains(&Risk::Urgent) {
            ids.push("screen-emergency");
        }
        return ids;
    }
    if set
        .iter()
        .any(|r| matches!(r, Risk::Urgent | Risk::Review | Risk::Staff))
    {
        let school = &endpoint.school;
        let line = school.config.safeguarding.out_of_hours.is_some();
        let there =
            alert::staffed(school, barred, now) || school.calendar().is_open(school.local(now));
        ids.push(
            // In school hours somebody senior has it, whoever is left of the rota.
            match (there, line) {
                (true, _) => "screen-staffed",
                (false, true) => "screen-closed",
                (false, false) => "screen-closed-no-line",
            },
        );
    }
    if set.contains(&Risk::CrisisAdult) {
        ids.push(if ids.is_empty() {
            "screen-crisis"
        } else {
            "screen-crisis-too"
        });
    }
    ids
}

/// What the screen cannot judge: 999, an interpreter and a time; a person sees it the same school day.
async fn unread(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    message: &Message,
    verdict: &Verdict,
) -> Result<()> {
    let school = &endpoint.school;
    let open = tx
        .open_cases_at(&message.endpoint, &message.address)
        .await?;
    let case = match open.into_iter().next() {
        Some(case) => case,
        None => {
            let writer = facts::writer(tx, school, &message.endpoint, &message.address).await?;
            let owner = school
                .first_with(Role::Senco, &[])
                .or_else(|| school.first_with(Role::Office, &[]));
            tx.open_case(&NewCase {
                school_id: &school.config.id,
                kind: "unread",
                tier: "ordinary",
                endpoint: &message.endpoint,
                address: &message.address,
                adult: writer.adult.map(|a| a.key.as_str()),
                pupil: None,
                owner: owner.map(|s| s.key.as_str()),
                copied: &[],
                barred: &[],
                escalate_at: Some(crate::desk::promises::acknowledge_by(school, tx.now())),
            })
            .await?
        }
    };
    super::media::write_message(tx, case.id, message).await?;
    let due = crate::desk::promises::office_by(school, tx.now());
    if tx
        .open_task_for("unread", &message.endpoint, &message.address)
        .await?
        .is_none()
    {
        let language = verdict.language_names();
        let language = language.map_or(String::new(), |(_, english)| format!(" in {english}"));
        let what = format!(
            "{}: a message{language} that nobody could read yet. See it the same day.",
            case.reference()
        );
        tx.task(
            &school.config.id,
            "unread",
            "office",
            Some(case.id),
            &message.endpoint,
            &message.address,
            &what,
            Some(due),
        )
        .await?;
        tx.promise(&school.config.id, case.id, "contact", &[], due)
            .await?;
    } else if !school.calendar().is_open(school.local(tx.now()))
        && tx
            .unread_before(
                &message.endpoint,
                &message.address,
                Moment::from(tx.now() - jiff::SignedDuration::from_hours(2)),
            )
            .await?
    {
        // Written again within two hours, out of hours: it is paged like a review.
        alert::raise(d, tx, school, &case, "review").await?;
    }
    tell::owner(d, tx, school, &case, "owner").await?;
    let lane = tx.lane(&message.endpoint, &message.address).await?;
    let media = super::media::of(message)?;
    let asked_for = match lane.filter(|_| message.words().trim().is_empty()) {
        Some(lane) => super::media::asked_for(d, tx, &lane, &media).await?,
        None => false,
    };
    let mut values = Values::new();
    let id = match verdict.language_names() {
        _ if asked_for => "screen-media",
        Some((own, _)) => {
            values.insert("language".to_owned(), Value::Text(own.to_owned()));
            "screen-unread-in"
        }
        None => "screen-unread",
    };
    say(d, tx, endpoint, message, Some(&case), id, values).await
}

/// A reply of the screen: a text of its own, before any reply of the turn, never held.
async fn say(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    message: &Message,
    case: Option<&Case>,
    id: &str,
    mut values: Values,
) -> Result<()> {
    // Two machines would answer each other for ever.
    if message.mail()?.is_some_and(|mail| mail.automatic) {
        return Ok(());
    }
    let lane = tx.lane(&message.endpoint, &message.address).await?;
    if lane.as_ref().is_some_and(|l| l.stopped_at.is_some()) && endpoint.carrier_answers_stop() {
        let school = &endpoint.school.config.id;
        tx.task(
            school,
            "phone",
            "dsl",
            case.map(|c| c.id),
            &message.endpoint,
            &message.address,
            "They stopped our texts and then wrote this: ring them.",
            None,
        )
        .await?;
        return Ok(());
    }
    let writer = facts::writer(tx, &endpoint.school, &message.endpoint, &message.address).await?;
    let language = facts::language(&endpoint.school, lane.as_ref(), &writer);
    values.extend(facts::school_values(&endpoint.school, tx.now()));
    let by = crate::desk::promises::office_by(&endpoint.school, tx.now());
    values.insert("by".to_owned(), Value::When(endpoint.school.local(by)));
    let body = d.bundle().languages.say(&language, id, &values);
    if let Some(case) = case {
        tx.append(
            case.id,
            &NewEntry::new("message-out", "schoolgate", &body).to_adult(),
        )
        .await?;
    }
    let due = tx.now();
    let school = &endpoint.school.config.id;
    tx.queue(&Outgoing {
        case_id: case.map(|c| c.id),
        ..Outgoing::text(
            school,
            &endpoint.id,
            &message.address,
            Purpose::Safeguarding,
            body,
            due,
        )
    })
    .await?;
    Ok(())
}
