//! Timers: what happens because time has passed. Pages, notices, escalations, promises.
//!
//! Each takes one thing in one transaction, so that a fault in one holds up no other. Expired
//! conversations and cues are the inbox's: they pass through their lanes.

mod mail;

use std::sync::Arc;

use jiff::SignedDuration;

pub use mail::look_into_mailbox;

use crate::deployment::Deployment;
use crate::desk::{alert, tell};
use crate::flow::value::Value;
use crate::inbox;
use crate::keeping::retention;
use crate::school::case::Kind;
use crate::school::people::Role;
use crate::school::promise;
use crate::store::{Case, Moment, NewEntry, Outgoing, Promise, Purpose, Result, Tx};

/// How long before a promise breaks it is admitted that it will be late.
const ADMIT: SignedDuration = SignedDuration::from_hours(1);

/// Does everything whose time has come; how much was done.
pub async fn run_due(d: &Arc<Deployment>) -> Result<usize> {
    let mut done = inbox::join_late_parts(d).await?;
    done += pages(d).await?;
    done += escalations(d).await?;
    done += promises(d).await?;
    done += notices(d).await?;
    done += inbox::canaries(d).await?;
    done += removals(d).await?;
    Ok(done)
}

/// What a school has said may go each night, a part of it at a time.
async fn removals(d: &Arc<Deployment>) -> Result<usize> {
    let mut done = 0;
    for school in d.schools() {
        if school.config.retention.nightly.is_empty() {
            continue;
        }
        let mut tx = d.store.begin().await?;
        let count = retention::nightly(&mut tx, &school).await?;
        if count > 0 {
            tx.save().await?;
        }
        done += usize::try_from(count).unwrap_or(usize::MAX);
    }
    Ok(done)
}

async fn pages(d: &Arc<Deployment>) -> Result<usize> {
    let mut tx = d.store.begin().await?;
    let mut count = 0;
    for mut alert in tx.alerts_due().await? {
        // A school that was taken out of the configuration has nobody to page.
        count += usize::from(alert::page_again(d, &mut tx, &mut alert).await?);
    }
    if count > 0 {
        tx.save().await?;
    }
    Ok(count)
}

async fn notices(d: &Arc<Deployment>) -> Result<usize> {
    let mut tx = d.store.begin().await?;
    let count = tell::send_now(d, &mut tx).await?;
    if count > 0 {
        tx.save().await?;
    }
    Ok(count)
}

/// Nobody has acknowledged it in time: the SENCO, then the head; never somebody it names.
async fn escalations(d: &Arc<Deployment>) -> Result<usize> {
    let mut tx = d.store.begin().await?;
    let mut count = 0;
    for case in tx.cases_to_escalate().await? {
        let Some(school) = d.school(&case.school_id) else {
            continue;
        };
        let Some(mut case) = tx.hold_case(&case.school_id, case.id).await? else {
            continue;
        };
        case.escalate_at = None;
        if case.acknowledged_at.is_none() {
            let barred = case.barred()?;
            let steps =
                promise::escalation(school.calendar(), school.local(case.opened_at.timestamp()));
            let step = usize::try_from(case.escalations).unwrap_or(0);
            let role = steps.get(step).map_or(Role::Head, |(_, role)| *role);
            // What is the head's, or only for who has it, does not go round by the SENCO.
            let owner = case.owner.as_deref().and_then(|k| school.people.staff(k));
            let private = Kind::rule_of(&case.kind).private;
            let role = if private || owner.is_some_and(|o| o.is(Role::Head)) {
                Role::Head
            } else {
                role
            };
            case.escalations += 1;
            case.escalate_at = steps
                .get(step + 1)
                .map(|(at, _)| school.instant(*at).into());
            let next = school
                .first_with(role, &barred)
                .or_else(|| school.first_with(Role::Head, &barred));
            if let Some(staff) = next {
                let now = tx.now();
                tx.notify(
                    &school.config.id,
                    case.id,
                    &staff.key,
                    "escalation",
                    Some(now),
                    false,
                )
                .await?;
                let what = format!("Nobody has acknowledged it: {} was told", staff.name);
                tx.append(case.id, &NewEntry::new("escalated", "schoolgate", &what))
                    .await?;
            }
        }
        tx.keep_case(&case).await?;
        count += 1;
    }
    if count > 0 {
        tx.save().await?;
    }
    Ok(count)
}

/// A promise that will be late is admitted to the parent an hour before; one that broke goes up.
async fn promises(d: &Arc<Deployment>) -> Result<usize> {
    let mut tx = d.store.begin().await?;
    let horizon = tx.now() + ADMIT;
    let mut count = 0;
    for promise in tx.promises_at_risk(horizon).await? {
        let Some(school) = d.school(&promise.school_id) else {
            continue;
        };
        let Some(case) = tx.hold_case(&promise.school_id, promise.case_id).await? else {
            continue;
        };
        if promise.due_at <= Moment::from(tx.now()) {
            tx.promise_broken(promise.id).await?;
            tx.append(
                case.id,
                &NewEntry::new("promise-broken", "schoolgate", &promise.what),
            )
            .await?;
            if let Some(head) = school.first_with(Role::Head, &case.barred()?)
                && case.tier == "ordinary"
            {
                let now = tx.now();
                tx.notify(
                    &school.config.id,
                    case.id,
                    &head.key,
                    "promise",
                    Some(now),
                    false,
                )
                .await?;
            }
            // Made for so soon that it could not be admitted before.
            if promise.admitted_at.is_none() {
                tx.promise_admitted(promise.id).await?;
                apologise(d, &mut tx, &school, &case, &promise).await?;
            }
        } else {
            admit(d, &mut tx, &school, &case, &promise).await?;
        }
        count += 1;
    }
    if count > 0 {
        tx.save().await?;
    }
    Ok(count)
}

/// Reminds the owner that a promise is due, and tells the parent that it may be late.
async fn admit(
    d: &Deployment,
    tx: &mut Tx,
    school: &crate::deployment::School,
    case: &Case,
    promise: &Promise,
) -> Result<()> {
    tx.promise_admitted(promise.id).await?;
    if let Some(owner) = &case.owner
        && !case.barred()?.contains(owner)
    {
        let now = tx.now();
        tx.notify(
            &school.config.id,
            case.id,
            owner,
            "promise",
            Some(now),
            false,
        )
        .await?;
    }
    apologise(d, tx, school, case, promise).await
}

/// Tells the parent, rather than let the time pass in silence.
async fn apologise(
    d: &Deployment,
    tx: &mut Tx,
    school: &crate::deployment::School,
    case: &Case,
    promise: &Promise,
) -> Result<()> {
    // A sealed conversation gets no text that nobody has looked at.
    let lane = tx.lane(&case.endpoint, &case.address).await?;
    let today = school.local(tx.now()).date();
    // A case that names nobody, or no child, may be anybody's: its apology tells nothing of either, and it
    // would show who is restricted if it came to all the others and not to them.
    if case.tier != "ordinary"
        || (case.adult.is_some()
            && case.pupil.is_some()
            && school.kept_from_writer(case, today).is_some())
        || school.is_lost_number(case)
        || lane
            .as_ref()
            .is_some_and(|l| l.sealed || l.stopped_at.is_some() || l.wrong_at.is_some())
    {
        if case.tier == "ordinary" {
            let what = format!(
                "{}: what was promised will be late, and they cannot be texted about it. Reach them another way.",
                case.reference()
            );
            tx.task(
                &case.school_id,
                "phone",
                "dsl",
                Some(case.id),
                &case.endpoint,
                &case.address,
                &what,
                None,
            )
            .await?;
        }
        return Ok(());
    }
    let writer = inbox::writer(tx, school, &case.endpoint, &case.address).await?;
    let language = inbox::language(school, lane.as_ref(), &writer);
    let mut values = inbox::school_values(school, tx.now());
    values.insert("reference".to_owned(), Value::Text(case.reference()));
    let by = school.local(promise.due_at.timestamp());
    values.insert("by".to_owned(), Value::When(by));
    let body = d.bundle().languages.say(&language, "promise-late", &values);
    // Two things promised for one moment are admitted once.
    let said = tx.chronology(case.id).await?;
    if said
        .iter()
        .any(|e| e.kind == "message-out" && e.words().is_some_and(|w| w == body))
    {
        return Ok(());
    }
    tx.append(
        case.id,
        &NewEntry::new("message-out", "schoolgate", &body).to_adult(),
    )
    .await?;
    let due = school.waking(tx, &case.endpoint, &case.address).await?;
    tx.queue(&Outgoing {
        case_id: Some(case.id),
        ..Outgoing::text(
            &case.school_id,
            &case.endpoint,
            &case.address,
            Purpose::School,
            body,
            due,
        )
    })
    .await?;
    Ok(())
}
