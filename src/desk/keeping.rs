//! Holds on removal, and the lawful erasure of an entry's words.

use super::Actor;
use crate::deployment::School;
use crate::school::case::Kind;
use crate::school::people::{Role, Sen, Staff};
use crate::school::retention::{Erasing, MayNotErase, may_erase};
use crate::store::{Case, Hold, NewEntry, StoreError, Tx};
use crate::text::gsm7;

/// Why nothing was held, lifted or erased.
#[derive(Debug, thiserror::Error)]
pub enum KeepError {
    /// Only some may.
    #[error("the SENCO, the head or a safeguarding lead does this")]
    NotYours,
    /// Nobody has said why.
    #[error("write down why: it stands in the record")]
    NoReason,
    /// There is no such entry.
    #[error("{case} has no entry {seq}: it has {entries}")]
    NoEntry {
        /// The case.
        case: String,
        /// What was asked for.
        seq: i64,
        /// How many there are.
        entries: i64,
    },
    /// It was erased before.
    #[error("the words of entry {0} are erased already")]
    Already(i64),
    /// One of its texts is on its way at this moment.
    #[error("this is being sent at this moment: try again in a minute")]
    OnItsWay,
    /// A hold stands already, or none.
    #[error("{0}")]
    Hold(&'static str),
    /// The law says no.
    #[error(transparent)]
    MayNot(#[from] MayNotErase),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Whether somebody sets and lifts holds.
pub fn may_hold(staff: &Staff) -> bool {
    let hold = [Role::Senco, Role::Head, Role::Dsl, Role::DeputyDsl];
    hold.iter().any(|role| staff.is(*role))
}

/// The hold that stands on a case, its own or its pupil's.
pub fn hold_on<'h>(holds: &'h [Hold], case: &Case) -> Option<&'h Hold> {
    let on = |hold: &&Hold| {
        hold.case_id == Some(case.id) || (hold.pupil.is_some() && hold.pupil == case.pupil)
    };
    holds.iter().find(on)
}

impl Actor<'_> {
    /// Nothing of this case is removed from now on.
    ///
    /// # Errors
    /// [`KeepError`].
    pub async fn hold(&self, tx: &mut Tx, case: &Case, why: &str) -> Result<(), KeepError> {
        if !may_hold(self.staff) {
            return Err(KeepError::NotYours);
        }
        hold(tx, self.school, case, why, &self.staff.key).await
    }

    /// The hold on this case is over.
    ///
    /// # Errors
    /// [`KeepError`].
    pub async fn lift(&self, tx: &mut Tx, case: &Case, why: &str) -> Result<(), KeepError> {
        if !may_hold(self.staff) {
            return Err(KeepError::NotYours);
        }
        lift(tx, self.school, case, why, &self.staff.key).await
    }
}

/// Sets a hold on a case, by a member of staff or `command-line`.
///
/// # Errors
/// [`KeepError`].
pub async fn hold(
    tx: &mut Tx,
    school: &School,
    case: &Case,
    why: &str,
    by: &str,
) -> Result<(), KeepError> {
    let why = reason(why)?;
    let id = &school.config.id;
    let holds = tx.standing_holds(id).await?;
    if holds.iter().any(|h| h.case_id == Some(case.id)) {
        return Err(KeepError::Hold("a hold stands on this case already"));
    }
    tx.set_hold(id, Some(case.id), None, why, by).await?;
    tx.audit(id, by, "held", Some(case.id)).await?;
    let what = format!("Nothing of this case is removed until the hold is lifted: {why}");
    tx.append(case.id, &NewEntry::new("hold", by, &what))
        .await?;
    Ok(())
}

/// Lifts the hold on a case.
///
/// # Errors
/// [`KeepError`].
pub async fn lift(
    tx: &mut Tx,
    school: &School,
    case: &Case,
    why: &str,
    by: &str,
) -> Result<(), KeepError> {
    let why = reason(why)?;
    let id = &school.config.id;
    let holds = tx.standing_holds(id).await?;
    let Some(hold) = holds.iter().find(|h| h.case_id == Some(case.id)) else {
        return Err(KeepError::Hold("no hold stands on this case by itself"));
    };
    tx.lift_hold(id, hold.id, by).await?;
    tx.audit(id, by, "lifted a hold", Some(case.id)).await?;
    let what = format!("The hold is lifted: {why}");
    tx.append(case.id, &NewEntry::new("hold-lifted", by, &what))
        .await?;
    Ok(())
}

/// Sets or lifts a hold on all cases of a pupil.
///
/// # Errors
/// [`KeepError`].
pub async fn hold_pupil(
    tx: &mut Tx,
    school: &School,
    pupil: &str,
    why: &str,
    by: &str,
    set: bool,
) -> Result<(), KeepError> {
    let why = reason(why)?;
    let id = &school.config.id;
    let holds = tx.standing_holds(id).await?;
    let standing = holds.iter().find(|h| h.pupil.as_deref() == Some(pupil));
    let did = match (standing, set) {
        (Some(_), true) => return Err(KeepError::Hold("a hold stands on this pupil already")),
        (None, false) => return Err(KeepError::Hold("no hold stands on this pupil")),
        (None, true) => {
            tx.set_hold(id, None, Some(pupil), why, by).await?;
            "held"
        }
        (Some(hold), false) => {
            tx.lift_hold(id, hold.id, by).await?;
            "lifted a hold"
        }
    };
    tx.audit_about(id, by, did, pupil).await?;
    Ok(())
}

/// Erases the words of one entry because somebody asks for it and the law does not stand against it
/// (UK GDPR article 17). The entry stays, with its digest; a new one says what was done and why.
///
/// # Errors
/// [`KeepError`]; nothing was erased.
pub async fn erase(
    tx: &mut Tx,
    school: &School,
    case: &Case,
    seq: i64,
    why: &str,
    by: &str,
) -> Result<(), KeepError> {
    let why = reason(why)?;
    let id = &school.config.id;
    let chronology = tx.chronology(case.id).await?;
    let entry = chronology.iter().find(|e| e.seq == seq);
    let entry = entry.ok_or_else(|| KeepError::NoEntry {
        case: case.reference(),
        seq,
        entries: case.entries,
    })?;
    let words = entry.words().ok_or(KeepError::Already(seq))?;
    let pupil = case.pupil.as_deref().and_then(|k| school.people.pupil(k));
    let sealed = case.tier != "ordinary" || case.kind == Kind::Safeguarding.word();
    let erasing = Erasing {
        kind: if sealed {
            Kind::Safeguarding
        } else {
            Kind::from_word(&case.kind).unwrap_or(Kind::HandOver)
        },
        sen: pupil.map_or(Sen::None, |p| p.sen),
        born: pupil.and_then(|p| p.date_of_birth),
        held: hold_on(&tx.standing_holds(id).await?, case).is_some(),
        today: school.local(tx.now()).date(),
    };
    may_erase(&school.config.retention, &erasing)?;
    // The texts and notices that carried these words carry them no more.
    let sent = gsm7::downgrade(&words);
    let whole = !words.trim().is_empty();
    for row in tx.outbox_of_case(case.id).await? {
        if whole && (row.body.contains(&words) || row.body.contains(&sent)) {
            if row.status() == crate::channel::Status::Sending {
                return Err(KeepError::OnItsWay);
            }
            tx.erase_text(row.id).await?;
        }
    }
    if !tx.erase_entry(case.id, seq).await? {
        return Err(KeepError::Already(seq));
    }
    let what = format!("The words of entry {seq} were erased: {why}");
    tx.append(case.id, &NewEntry::new("erased", by, &what))
        .await?;
    tx.audit(id, by, "erased", Some(case.id)).await?;
    Ok(())
}

fn reason(why: &str) -> Result<&str, KeepError> {
    let why = why.trim();
    if why.is_empty() {
        return Err(KeepError::NoReason);
    }
    Ok(why)
}
