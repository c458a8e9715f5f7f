//! The last look before a message leaves: whether the school is open on the day it reminds of, and
//! whether a restriction keeps its child from whom it goes to.
//!
//! What waited was withdrawn when the restriction was set. This catches what was written since by
//! somebody, or a process, that did not know, what is sent again by hand, and what takes another way.

use crate::deployment::{About, Deployment, School, about, restrictions};
use crate::store::{NewEntry, OutboxRow, Purpose, Result, Tx};

/// Why, as it stands beside the message.
const WHY: &str = "withdrawn: a restriction stands";
const CLOSED: &str = "withdrawn: the school is closed on that day";

/// Withdraws a message that was taken to be sent, if it must not leave; whether it was. An answer is
/// left alone: what is said to somebody who is restricted is what anybody unknown is told.
pub(super) async fn withheld(d: &Deployment, tx: &mut Tx, row: &OutboxRow) -> Result<bool> {
    if row.purpose() == Purpose::Answer {
        return Ok(false);
    }
    let Some(school) = d.school(&row.school_id) else {
        return Ok(false);
    };
    if leads_to_closed_school(&school, row) {
        tx.withdraw_taken(row.id, CLOSED).await?;
        return Ok(true);
    }
    let today = school.local(tx.now()).date();
    let kept = restrictions(&school.people, today);
    if about(tx, &kept, row).await? != About::Child {
        return Ok(false);
    }
    tx.withdraw_taken(row.id, WHY).await?;
    let Some(case) = row.case_id else {
        return Ok(true);
    };
    let what = "A message to them was not sent: a restriction stands. Ask a safeguarding lead.";
    tx.append(case, &NewEntry::new("not-sent", "schoolgate", what))
        .await?;
    if tx.open_task_of("restricted", case).await?.is_none() {
        let what = "A message about a child to somebody who is restricted was not sent. Decide who speaks to them.";
        let (endpoint, address) = (&row.endpoint, &row.address);
        let school = &row.school_id;
        tx.task(
            school,
            "restricted",
            "dsl",
            Some(case),
            endpoint,
            address,
            what,
            None,
        )
        .await?;
    }
    Ok(true)
}

/// Whether a reminder is of a meeting or an event on a day that was closed since. Staff are told on Today
/// to ring the family; a reminder would send them to a locked door.
fn leads_to_closed_school(school: &School, row: &OutboxRow) -> bool {
    let Some(begins) = row.stale_at.filter(|_| row.purpose() == Purpose::Reminder) else {
        return false;
    };
    let date = school.local(begins.timestamp()).date();
    school.calendar().is_closed(date)
}
