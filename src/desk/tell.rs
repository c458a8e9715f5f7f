//! How staff are told: a code and a link by text, words by email only to whom the school allows.
//!
//! The owner of a new concern is told at once in their working hours and otherwise in a digest;
//! copied people in the digests on their days. Nobody is told of a case about themselves.

use jiff::civil::Time;
use jiff::{SignedDuration, Timestamp};

use crate::channel::email::ENDPOINT as EMAIL;
use crate::deployment::{Deployment, School};
use crate::flow::value::{Value, Values};
use crate::school::case::{Kind, Told};
use crate::school::people::Staff;
use crate::school::promise;
use crate::store::{Case, Lane, Notice, Outgoing, Purpose, Result, Tx};

/// How long before a meeting whoever is to be there must know.
const BEFORE_A_MEETING: SignedDuration = SignedDuration::from_hours(2);

/// The address of a case in the console.
pub fn link(d: &Deployment, case: &Case) -> String {
    format!("{}/c/{}", d.public_url(), case.number)
}

/// Tells the owner of a case, and those copied, when the kind of case says.
pub async fn owner(
    d: &Deployment,
    tx: &mut Tx,
    school: &School,
    case: &Case,
    kind: &str,
) -> Result<()> {
    let told = Kind::rule_of(&case.kind).told;
    if told == Told::Never {
        return Ok(());
    }
    let barred = case.barred()?;
    if let Some(key) = case
        .owner
        .as_deref()
        .filter(|k| !barred.iter().any(|b| b == k))
    {
        match told {
            Told::Digest => in_digest(tx, school, case, key, "owner").await?,
            Told::Month => in_month(tx, school, case, key).await?,
            _ => to(d, tx, school, case, key, kind).await?,
        }
    }
    for key in case.copied()? {
        if barred.contains(&key) || case.owner.as_ref() == Some(&key) {
            continue;
        }
        match told {
            Told::Now => to(d, tx, school, case, &key, kind).await?,
            Told::Month => in_month(tx, school, case, &key).await?,
            _ => copy(tx, school, case, &key).await?,
        }
    }
    Ok(())
}

/// Tells one member of staff: at once in their hours, otherwise in their next digest.
pub async fn to(
    d: &Deployment,
    tx: &mut Tx,
    school: &School,
    case: &Case,
    key: &str,
    kind: &str,
) -> Result<()> {
    let Some(staff) = school.people.staff(key) else {
        return Ok(());
    };
    let now = tx.now();
    let at = promise::tell_owner_at(
        &school.config.promises,
        school.calendar(),
        &staff.work,
        school.local(now),
    );
    let next = or_now(school, at, now);
    let school = &school.config.id;
    tx.notify(school, case.id, key, kind, Some(next), next > now)
        .await?;
    if next <= now {
        send_now(d, tx).await?;
    }
    Ok(())
}

/// Tells somebody who is copied in their next digest.
pub async fn copy(tx: &mut Tx, school: &School, case: &Case, key: &str) -> Result<()> {
    in_digest(tx, school, case, key, "copy").await
}

async fn in_digest(tx: &mut Tx, school: &School, case: &Case, key: &str, kind: &str) -> Result<()> {
    if let Some(staff) = school.people.staff(key) {
        let now = tx.now();
        let at = promise::tell_copied_at(
            &school.config.promises,
            school.calendar(),
            &staff.work,
            school.local(now),
        );
        let next = or_now(school, at, now);
        tx.notify(&school.config.id, case.id, key, kind, Some(next), true)
            .await?;
    }
    Ok(())
}

/// Tells somebody with the month: in their first digest of the next.
async fn in_month(tx: &mut Tx, school: &School, case: &Case, key: &str) -> Result<()> {
    if let Some(staff) = school.people.staff(key) {
        let now = tx.now();
        let month_ends = school.local(now).date().last_of_month();
        let at = promise::tell_copied_at(
            &school.config.promises,
            school.calendar(),
            &staff.work,
            month_ends.to_datetime(Time::constant(23, 59, 0, 0)),
        );
        let next = or_now(school, at, now);
        tx.notify(&school.config.id, case.id, key, "month", Some(next), true)
            .await?;
    }
    Ok(())
}

/// Tells somebody of a meeting that was booked, moved or called off: in their next digest, or at
/// once where the digest would come too late for it.
pub async fn meeting(
    tx: &mut Tx,
    school: &School,
    case: &Case,
    key: &str,
    starts: Timestamp,
) -> Result<()> {
    if let Some(staff) = school.people.staff(key) {
        let now = tx.now();
        let at = promise::tell_copied_at(
            &school.config.promises,
            school.calendar(),
            &staff.work,
            school.local(now),
        );
        let digest = or_now(school, at, now);
        let soon = digest > starts - BEFORE_A_MEETING;
        let next = if soon { now } else { digest };
        tx.notify(
            &school.config.id,
            case.id,
            key,
            "meeting",
            Some(next),
            !soon,
        )
        .await?;
    }
    Ok(())
}

/// Sends every notice whose time has come: those told by themselves, and digests, oldest first.
pub async fn send_now(d: &Deployment, tx: &mut Tx) -> Result<usize> {
    let mut due = tx.notices_due().await?;
    // Nobody can be told for a school that was taken out of the configuration.
    due.retain(|notice| d.school(&notice.school_id).is_some());
    let count = due.len();
    let mut digests: Vec<(String, String, Vec<Notice>)> = Vec::new();
    for notice in due {
        if notice.digest {
            match digests
                .iter_mut()
                .find(|(s, k, _)| *s == notice.school_id && *k == notice.staff)
            {
                Some((_, _, list)) => list.push(notice),
                None => {
                    digests.push((notice.school_id.clone(), notice.staff.clone(), vec![notice]))
                }
            }
            continue;
        }
        let Some(school) = d.school(&notice.school_id) else {
            continue;
        };
        let (Some(staff), Some(case)) = (
            school.people.staff(&notice.staff),
            tx.case(&notice.school_id, notice.case_id).await?,
        ) else {
            tx.notice_sent(notice.id).await?;
            continue;
        };
        single(d, tx, &school, &case, staff, &notice).await?;
        tx.notice_sent(notice.id).await?;
    }
    for (school, key, notices) in digests {
        let Some(school) = d.school(&school) else {
            continue;
        };
        if let Some(staff) = school.people.staff(&key) {
            digest(d, tx, &school, staff, &notices).await?;
        }
        for notice in notices {
            tx.notice_sent(notice.id).await?;
        }
    }
    Ok(count)
}

/// One notice by itself.
async fn single(
    d: &Deployment,
    tx: &mut Tx,
    school: &School,
    case: &Case,
    staff: &Staff,
    notice: &Notice,
) -> Result<()> {
    let id = match notice.kind.as_str() {
        "escalation" => "staff-escalation",
        "waiting" => "staff-waiting",
        "today" => "staff-today",
        "promise" => "staff-promise",
        "meeting" => "staff-meeting",
        _ if case.kind == "meeting" => "staff-meeting-asked",
        _ => "staff-new",
    };
    let values = notice_values(d, school, case, notice);
    let text = say(d, id, &values);
    let words = email_words(school, staff, case);
    send(
        d,
        tx,
        school,
        staff,
        &text,
        words,
        Some((case, notice.code)),
        Purpose::Staff,
    )
    .await
}

/// Everything that waits for one member of staff, in one text with one link.
async fn digest(
    d: &Deployment,
    tx: &mut Tx,
    school: &School,
    staff: &Staff,
    notices: &[Notice],
) -> Result<()> {
    if let [only] = notices
        && let Some(case) = tx.case(&only.school_id, only.case_id).await?
    {
        return single(d, tx, school, &case, staff, only).await;
    }
    let mut list = Vec::new();
    for notice in notices.iter().take(4) {
        if let Some(case) = tx.case(&notice.school_id, notice.case_id).await? {
            list.push(format!("{} ({})", case.reference(), notice.code));
        }
    }
    let mut values = Values::new();
    values.insert(
        "count".to_owned(),
        Value::Number(i64::try_from(notices.len()).unwrap_or(i64::MAX)),
    );
    values.insert("list".to_owned(), Value::Text(list.join(", ")));
    values.insert(
        "link".to_owned(),
        Value::Text(format!("{}/today", d.public_url())),
    );
    let text = say(d, "staff-digest", &values);
    send(d, tx, school, staff, &text, None, None, Purpose::Staff).await
}

/// A page: no words, no name, a code and a link.
pub async fn page(
    d: &Deployment,
    tx: &mut Tx,
    school: &School,
    case: &Case,
    staff: &Staff,
    notice: &Notice,
    level: &str,
) -> Result<()> {
    let id = if level == "urgent" {
        "staff-page-urgent"
    } else {
        "staff-page-review"
    };
    let text = say(d, id, &notice_values(d, school, case, notice));
    send(
        d,
        tx,
        school,
        staff,
        &text,
        None,
        Some((case, notice.code)),
        Purpose::Safeguarding,
    )
    .await
}

/// Something about the service itself, for whoever looks after it.
pub async fn notice(
    d: &Deployment,
    tx: &mut Tx,
    school: &School,
    staff: &Staff,
    text: &str,
) -> Result<()> {
    send(d, tx, school, staff, text, None, None, Purpose::Staff).await
}

/// Answers whoever wrote, where they wrote from: the echo of a command, what a code stands for.
pub async fn answer(tx: &mut Tx, lane: &Lane, text: String) -> Result<()> {
    let now = tx.now();
    tx.queue(&Outgoing::text(
        &lane.school_id,
        &lane.endpoint,
        &lane.address,
        Purpose::Answer,
        text,
        now,
    ))
    .await?;
    Ok(())
}

fn notice_values(d: &Deployment, school: &School, case: &Case, notice: &Notice) -> Values {
    let class = case
        .pupil
        .as_deref()
        .and_then(|p| school.people.pupil(p))
        .map_or_else(|| "-".to_owned(), |p| p.class.clone());
    let text = |s: String| Value::Text(s);
    Values::from([
        ("reference".to_owned(), text(case.reference())),
        ("class".to_owned(), text(class)),
        ("code".to_owned(), text(notice.code.to_string())),
        ("link".to_owned(), text(link(d, case))),
        ("kind".to_owned(), text(called(case))),
    ])
}

/// What staff call a case in a text: its kind, and in a word what it is about. What is private says
/// no more than its kind.
fn called(case: &Case) -> String {
    let Some(kind) = Kind::from_word(&case.kind) else {
        return case.kind.clone();
    };
    match case.about.as_deref().filter(|_| !kind.rule().private) {
        Some(about) => format!("{} ({})", kind.called(), about.replace('-', " ")),
        None => kind.called().to_owned(),
    }
}

/// The case whose words may stand in an email to this member of staff: never one that is sealed,
/// private by its kind, or that names staff.
fn email_words<'c>(school: &School, staff: &Staff, case: &'c Case) -> Option<&'c Case> {
    let allowed = school.config.email_words.iter().any(|role| staff.is(*role));
    let names_nobody = case.barred().is_ok_and(|b| b.is_empty());
    let ordinary = case.tier == "ordinary" && !Kind::rule_of(&case.kind).private;
    (allowed && names_nobody && ordinary).then_some(case)
}

/// What staff read is in the language the school works in.
pub fn say(d: &Deployment, id: &str, values: &Values) -> String {
    d.bundle().languages.say("en", id, values)
}

#[expect(
    clippy::too_many_arguments,
    reason = "the one place that addresses staff"
)]
async fn send(
    d: &Deployment,
    tx: &mut Tx,
    school: &School,
    staff: &Staff,
    text: &str,
    words: Option<&Case>,
    about: Option<(&Case, i64)>,
    purpose: Purpose,
) -> Result<()> {
    let now = tx.now();
    let (case, code) = about.map_or((None, None), |(case, code)| (Some(case), Some(code)));
    let out = |endpoint: &str, address: &str, body: String, subject: Option<String>| Outgoing {
        subject,
        code,
        case_id: case.map(|c| c.id),
        staff: Some(staff.key.clone()),
        ..Outgoing::text(&school.config.id, endpoint, address, purpose, body, now)
    };
    let mut reached = false;
    if let Some(phone) = &staff.phone {
        // By text where the school has a number; otherwise on Telegram, where they proved theirs.
        let by = match d.staff_endpoint(&school.config.id) {
            Some(endpoint) => Some((endpoint.id.clone(), phone.e164().to_owned())),
            None => tx.lane_of_phone(&school.config.id, phone.e164()).await?,
        };
        if let Some((endpoint, address)) = by {
            tx.queue(&out(&endpoint, &address, text.to_owned(), None))
                .await?;
            reached = true;
        }
    }
    if let (Some(email), Some(server)) = (&staff.email, d.mail_server_of(&school.config.id)) {
        let mut body = text.to_owned();
        if let Some(case) = words {
            for entry in tx.chronology(case.id).await? {
                if entry.kind == "message-in" {
                    body.push_str("\n\n> ");
                    body.push_str(&entry.words().unwrap_or_default().replace('\n', "\n> "));
                }
            }
        }
        let subject = case.map_or_else(
            || school.config.name.clone(),
            |c| format!("{} {}", school.config.name, c.reference()),
        );
        tx.queue(&out(&server.id, email, body, Some(subject)))
            .await?;
        reached = true;
    }
    if !reached {
        let what = format!(
            "{} has no phone or email that works: tell them yourself.",
            staff.name
        );
        let address = staff.key.clone();
        tx.task(
            &school.config.id,
            "delivery",
            "office",
            case.map(|c| c.id),
            EMAIL,
            &address,
            &what,
            None,
        )
        .await?;
    }
    Ok(())
}

/// An instant on the school's clock; where the term dates have run out, now rather than never.
fn or_now(school: &School, at: Option<jiff::civil::DateTime>, now: Timestamp) -> Timestamp {
    at.map_or(now, |at| school.instant(at)).max(now)
}
