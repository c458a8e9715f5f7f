//! What only an email is: the answer of a member of staff to a notice, the answer of a machine, and
//! the letter of somebody who has proved nothing.

use jiff::SignedDuration;

use super::message::Read;
use super::{Failure, own_words};
use crate::deployment::{Deployment, Endpoint};
use crate::desk::{Actor, by_text, tell};
use crate::flow::value::Values;
use crate::inbox::mail::on_record;
use crate::store::{Lane, Mail, MailThread, Message, Moment, NewEntry, Tx};

/// Somebody who has proved nothing is told so once in this time.
const ONCE_IN: SignedDuration = SignedDuration::from_hours(24);

/// Reads an email; false when it is a parent's message like any other.
pub(super) async fn read_mail(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &mut Lane,
    message: &Message,
    mail: &Mail,
    read: &Read,
) -> Result<bool, Failure> {
    let thread = match mail.thread {
        Some(id) => tx.mail_thread_by_id(id).await?,
        None => None,
    };
    match thread {
        Some(thread) if mail.automatic => {
            note_machine(tx, endpoint, message, &thread, read).await?;
        }
        Some(thread) if thread.staff.is_some() => {
            staff(d, tx, endpoint, lane, message, &thread, read).await?
        }
        Some(_) => return Ok(false),
        None if !read.hit => unproved(d, tx, endpoint, lane, message, mail, read).await?,
        // The screen has answered, and told whom it concerns.
        None => {}
    }
    Ok(true)
}

/// A member of staff answers a notice, as they would have by text.
async fn staff(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &mut Lane,
    message: &Message,
    thread: &MailThread,
    read: &Read,
) -> Result<(), Failure> {
    let key = thread.staff.as_deref();
    let Some(staff) = key.and_then(|key| endpoint.school.people.staff(key)) else {
        return Ok(());
    };
    let actor = Actor {
        d,
        school: &endpoint.school,
        staff,
    };
    let words = by_text::under_notice(&message.words(), thread.code);
    let obeyed = by_text::obey(&actor, tx, lane, &words).await?;
    if !obeyed && !read.hit {
        let help = tell::say(d, "staff-mail-help", &Values::new());
        tell::answer(tx, lane, help).await?;
    }
    if obeyed && !message.media()?.is_empty() {
        let note = tell::say(d, "staff-mail-files", &Values::new());
        tell::answer(tx, lane, note).await?;
    }
    Ok(())
}

/// A holiday notice, or another machine's answer: it stands in the case it answers, and is not answered.
async fn note_machine(
    tx: &mut Tx,
    endpoint: &Endpoint,
    message: &Message,
    thread: &MailThread,
    read: &Read,
) -> Result<(), Failure> {
    // What the screen took stands in its own case, and nowhere else.
    if read.hit {
        return Ok(());
    }
    let school = &endpoint.school;
    let case = match thread.case_id {
        Some(id) => tx.case(&school.config.id, id).await?,
        None => {
            let open = tx
                .open_cases_at(&message.endpoint, &message.address)
                .await?;
            open.into_iter().next()
        }
    };
    let Some(case) = case else { return Ok(()) };
    let whose = match &thread.staff {
        Some(key) => format!("{}'s mailbox", school.name(key)),
        None => "the parent's mailbox".to_owned(),
    };
    let what = format!("An automatic answer of {whose}: {}", message.words());
    let entry = NewEntry {
        message: Some(message.id),
        ..NewEntry::new("automatic-answer", "schoolgate", &what)
    };
    tx.append(case.id, &entry).await?;
    Ok(())
}

/// Nobody knows whose it is: the office reads it, and the writer is told how to be known, once a day.
async fn unproved(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &Lane,
    message: &Message,
    mail: &Mail,
    read: &Read,
) -> Result<(), Failure> {
    let known = on_record(&endpoint.school, &mail.from);
    // Newsletters are nobody's work; what may be a parent's is, and so is what does not say whose it is.
    if mail.automatic && !known && !mail.from.is_empty() {
        return Ok(());
    }
    // What the screen could not judge is a case, and answered, already.
    if read.unread || read.young {
        return Ok(());
    }
    let listed = format!(
        "An email that says it is from {}, which is not proved. Ring them before you answer: {}",
        lane.address,
        message.words()
    );
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
    let since = Moment::from(tx.now() - ONCE_IN);
    let told = tx
        .mailed_since(&lane.endpoint, &lane.address, since)
        .await?;
    if !mail.automatic && !told && lane.address.contains('@') {
        let text = own_words(d, tx, endpoint, lane, "mail-not-known").await?;
        tell::answer(tx, lane, text).await?;
    }
    Ok(())
}
