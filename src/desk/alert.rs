//! Safeguarding alerts: who is paged, and again and again until one of them opens the entry.

use jiff::Timestamp;

use super::tell;
use crate::deployment::{Deployment, School};
use crate::school::people::Staff;
use crate::school::rota::{self, Level, after_ok, head_at, next_page};
use crate::store::{Alert, Case, Moment, NewEntry, Result, Tx};

/// Who is paged for a sealed case: the leads; about staff, the head; about the head, the chair.
/// Whoever is named is left out, and if nobody is left, it goes one higher.
pub fn recipients<'s>(
    school: &'s School,
    tier: &str,
    barred: &[String],
    now: Timestamp,
) -> Vec<&'s Staff> {
    let rota = &school.config.safeguarding.rota;
    let on = rota.on(school.local(now));
    rota::paged(
        &school.people,
        &on,
        matches!(tier, "staff" | "head"),
        barred,
    )
}

/// Whether somebody is on the rota now, which decides what a parent is told.
pub fn staffed(school: &School, barred: &[String], now: Timestamp) -> bool {
    school
        .config
        .safeguarding
        .rota
        .staffed(school.local(now), barred)
}

fn level_of(word: &str) -> Level {
    if word == "urgent" {
        Level::Urgent
    } else {
        Level::Review
    }
}

/// Pages everyone who must know, at once, and says when it is paged again.
pub async fn raise(
    d: &Deployment,
    tx: &mut Tx,
    school: &School,
    case: &Case,
    level: &str,
) -> Result<()> {
    let barred = case.barred()?;
    let now = tx.now();
    // A review after an urgent one stays urgent until somebody has opened it.
    let standing = tx.alert(case.id).await?.filter(|a| a.read_at.is_none());
    let urgent = level == "urgent" || standing.as_ref().is_some_and(|a| a.level == "urgent");
    let level = if urgent { "urgent" } else { "review" };
    let next = next_page(level_of(level), now, school.calendar());
    let head = standing.and_then(|a| a.head_at).map_or_else(
        || head_at(level_of(level), now, school.calendar()),
        Moment::timestamp,
    );
    tx.raise_alert(&school.config.id, case.id, level, next, head)
        .await?;
    let people = recipients(school, &case.tier, &barred, now);
    if people.is_empty() {
        tracing::error!(
            "nobody can be paged for a safeguarding entry: everyone who could is named in it"
        );
    }
    for staff in people {
        page(d, tx, school, case, staff, level).await?;
    }
    Ok(())
}

async fn page(
    d: &Deployment,
    tx: &mut Tx,
    school: &School,
    case: &Case,
    staff: &Staff,
    level: &str,
) -> Result<()> {
    let notice = tx
        .notify(&school.config.id, case.id, &staff.key, "page", None, false)
        .await?;
    // Whoever is paged may open it: the head, say, where no lead has.
    if let Some(mut held) = tx.hold_case(&school.config.id, case.id).await?
        && held.owner.as_deref() != Some(&staff.key)
    {
        held.copy_to(&staff.key)?;
        tx.keep_case(&held).await?;
    }
    tell::page(d, tx, school, case, staff, &notice, level).await?;
    tx.notice_sent(notice.id).await?;
    let who = format!("{} was paged ({level})", staff.name);
    tx.append(case.id, &NewEntry::new("page", "schoolgate", &who))
        .await?;
    metrics::counter!("schoolgate_pages_total", "level" => level.to_owned()).increment(1);
    Ok(())
}

/// Pages again what nobody has opened, and the next one up when its time has come; false when the
/// school or the case is not there any more.
pub async fn page_again(d: &Deployment, tx: &mut Tx, alert: &mut Alert) -> Result<bool> {
    let Some(school) = d.school(&alert.school_id) else {
        return Ok(false);
    };
    let Some(case) = tx.hold_case(&alert.school_id, alert.case_id).await? else {
        return Ok(false);
    };
    let barred = case.barred()?;
    let now = Moment::from(tx.now());
    let head_joins = alert.head_at.is_some_and(|at| at <= now);
    if head_joins {
        alert.head_at = None;
        for staff in rota::above(&school.people, &barred) {
            page(d, tx, &school, &case, staff, &alert.level).await?;
        }
    }
    if alert.next_page_at.is_some_and(|at| at <= now) {
        let paged = tx.notices_of(case.id).await?;
        for notice in paged
            .iter()
            .filter(|n| n.kind == "page" && n.closed_at.is_none())
        {
            // The head who joined a moment ago has just been paged.
            let recent = Moment::from(tx.now() - jiff::SignedDuration::from_mins(2));
            if notice.sent_at.is_some_and(|at| at >= recent) {
                continue;
            }
            if let Some(staff) = school.people.staff(&notice.staff) {
                page(d, tx, &school, &case, staff, &alert.level).await?;
            }
        }
        alert.pages += 1;
        alert.last_page_at = now;
        alert.next_page_at =
            Some(next_page(level_of(&alert.level), tx.now(), school.calendar()).into());
    }
    tx.keep_alert(alert).await?;
    Ok(true)
}

/// Somebody said by text that they have it: the next page waits 15 minutes, no more. Sender numbers
/// can be forged, so only opening the entry, signed in, stops the pages.
pub async fn delay(tx: &mut Tx, case: &Case) -> Result<()> {
    if let Some(mut alert) = tx.alert(case.id).await?
        && alert.read_at.is_none()
    {
        let now = tx.now();
        let next = alert.next_page_at.map_or(now, Moment::timestamp);
        alert.next_page_at = Some(after_ok(next, now).into());
        tx.keep_alert(&alert).await?;
    }
    Ok(())
}

/// Somebody who may read it has opened it, signed in: the pages stop.
pub async fn read(tx: &mut Tx, case: &Case, staff: &Staff) -> Result<()> {
    let Some(mut alert) = tx.alert(case.id).await? else {
        return Ok(());
    };
    if alert.read_at.is_some() {
        return Ok(());
    }
    alert.read_at = Some(Moment::from(tx.now()));
    alert.read_by = Some(staff.key.clone());
    alert.next_page_at = None;
    alert.head_at = None;
    tx.keep_alert(&alert).await?;
    let what = format!("{} opened it", staff.name);
    tx.append(case.id, &NewEntry::new("opened", &staff.key, &what))
        .await?;
    Ok(())
}
