//! The canary: each school day at 07:40 a text to the school's own number, which must be read within
//! five minutes. If it is not, the office and IT are told before the first parent is not heard.

use std::sync::Arc;

use jiff::SignedDuration;
use jiff::civil::{DateTime, Time};

use crate::channel::Inbound;
use crate::deployment::{Deployment, Endpoint, School};
use crate::desk::tell;
use crate::flow::value::{Value, Values};
use crate::school::people::Role;
use crate::store::{Canary, Moment, Outgoing, Purpose, Result, Tx};

/// When it is sent, on the school's clock: before the office opens.
const AT: Time = Time::constant(7, 40, 0, 0);

/// How long it may take.
const PATIENCE: SignedDuration = SignedDuration::from_mins(5);

/// What it says before its code.
const WORDS: &str = "schoolgate test ";

/// Sends each canary whose time has come, and tells people of each that was not heard; how many.
pub async fn canaries(d: &Arc<Deployment>) -> Result<usize> {
    let mut done = 0;
    for endpoint in &d.endpoints() {
        let Some(by) = &endpoint.config.canary else {
            continue;
        };
        let mut tx = d.store.begin().await?;
        if one(d, &mut tx, endpoint, by).await? {
            tx.save().await?;
            done += 1;
        }
    }
    Ok(done)
}

async fn one(d: &Deployment, tx: &mut Tx, endpoint: &Endpoint, by: &str) -> Result<bool> {
    let school = &endpoint.school;
    let Some(number) = endpoint.config.kind.number() else {
        return Ok(false);
    };
    let now = Moment::from(tx.now());
    let Some(mut canary) = tx.canary(&endpoint.id).await? else {
        let Some(next_at) = next(school, school.local(tx.now())) else {
            return Ok(false);
        };
        let first = Canary {
            endpoint: endpoint.id.clone(),
            code: String::new(),
            sent_at: None,
            heard_at: None,
            missed_at: None,
            next_at,
        };
        tx.keep_canary(&first).await?;
        return Ok(true);
    };
    if canary.next_at > now {
        return Ok(false);
    }
    let overdue = canary.sent_at.map(|sent| sent.timestamp() + PATIENCE);
    if overdue.is_some_and(|at| at == canary.next_at.timestamp()) {
        // What was on its way is judged.
        if canary.heard_at.is_none() {
            canary.missed_at = Some(now);
            missed(d, tx, endpoint).await?;
        }
    } else if school.local(tx.now()).time() < AT.saturating_add(SignedDuration::from_hours(2))
        && school
            .calendar()
            .is_school_day(school.local(tx.now()).date())
    {
        let [a, b, c, ..] = d.clock.secret();
        canary.code = format!("{a:02X}{b:02X}{c:02X}");
        let body = format!("{WORDS}{}", canary.code);
        let overdue = tx.now() + PATIENCE;
        let text = Outgoing::text(
            &school.config.id,
            by,
            number.e164(),
            Purpose::Staff,
            body,
            tx.now(),
        );
        tx.queue(&Outgoing {
            by: Some(by.to_owned()),
            stale: Some(overdue),
            ..text
        })
        .await?;
        canary.sent_at = Some(now);
        canary.heard_at = None;
        canary.missed_at = None;
        canary.next_at = overdue.into();
        tx.keep_canary(&canary).await?;
        return Ok(true);
    }
    // Out of term there is none for weeks; where no term is known, tomorrow is looked at again.
    canary.next_at = next(school, school.local(tx.now()))
        .unwrap_or_else(|| (tx.now() + SignedDuration::from_hours(24)).into());
    tx.keep_canary(&canary).await?;
    Ok(true)
}

/// The next moment at which one is sent, after `now`.
fn next(school: &School, now: DateTime) -> Option<Moment> {
    let calendar = school.calendar();
    let today = now.date();
    let day = if calendar.is_school_day(today) && now.time() < AT {
        today
    } else {
        calendar.next_school_day(today)?
    };
    Some(school.instant(day.to_datetime(AT)).into())
}

/// It was not heard: the office finds it on its list and on Today, and whoever looks after the office
/// and the machine is told by text and email, of which one may still work.
async fn missed(d: &Deployment, tx: &mut Tx, endpoint: &Endpoint) -> Result<()> {
    tracing::error!(endpoint = endpoint.id, "the test text was not heard");
    metrics::counter!("schoolgate_canary_missed_total", "endpoint" => endpoint.id.clone())
        .increment(1);
    let school = &endpoint.school;
    let number = endpoint.config.kind.number();
    let number = number.map_or_else(String::new, |n| n.national());
    let what = format!(
        "The test text to {number} was not read within five minutes: texts from parents may not be arriving. \
         Text it yourself; if nothing answers, ring whoever looks after schoolgate."
    );
    let (of, to) = (&endpoint.id, address(endpoint));
    if tx.open_task_for("canary", of, to).await?.is_none() {
        let id = &school.config.id;
        tx.task(id, "canary", "office", None, of, to, &what, None)
            .await?;
    }
    let values = Values::from([("number".to_owned(), Value::Text(number.clone()))]);
    let text = tell::say(d, "staff-canary", &values);
    let told = [Role::Office, Role::It].map(|role| school.people.with_role(role));
    for staff in told.into_iter().flatten() {
        tell::notice(d, tx, school, staff, &text).await?;
    }
    Ok(())
}

/// The number that is to hear it.
fn address(endpoint: &Endpoint) -> &str {
    endpoint.config.kind.number().map_or("", |n| n.e164())
}

/// Takes a canary out of what comes in: whether this was one. Only a number of the school's own sends
/// them; from anybody else the same words are words.
pub(super) async fn heard(d: &Deployment, endpoint: &Endpoint, inbound: &Inbound) -> Result<bool> {
    let ours = endpoint.school.config.channels.iter().any(|channel| {
        let number = channel.kind.number();
        number.is_some_and(|n| n.e164() == inbound.from)
    });
    let words = String::from_utf8_lossy(&inbound.body);
    // From another of the school's numbers a text may begin with its name.
    let Some(at) = words.find(WORDS).filter(|_| ours) else {
        return Ok(false);
    };
    let code = words[at + WORDS.len()..].trim();
    let mut tx = d.store.begin().await?;
    if tx.canary_heard(&endpoint.id, code).await? {
        tx.tasks_over("canary", &endpoint.id, address(endpoint))
            .await?;
        tx.save().await?;
    }
    Ok(true)
}
