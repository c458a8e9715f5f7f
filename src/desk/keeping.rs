//! Holds on removal, and why nothing was held, lifted or erased.

use super::Actor;
use crate::deployment::School;
use crate::school::people::{Role, Staff};
use crate::school::retention::MayNotErase;
use crate::store::{Case, Hold, NewEntry, StoreError, Tx};

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
    /// Somebody is still to be answered in it.
    #[error("{0} is open: close it first, so that nobody waits for an answer in it")]
    Open(String),
    /// Nothing of it has words.
    #[error("the words of {0} are erased already")]
    AllErased(String),
    /// What was typed is not what is to be erased.
    #[error("type {0} to show that this is what you mean")]
    NotConfirmed(String),
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

/// Whether somebody sees what may be erased of somebody, and erases it: the head and the safeguarding
/// leads.
pub fn may_erase_words(staff: &Staff) -> bool {
    let erase = [Role::Head, Role::Dsl, Role::DeputyDsl];
    erase.iter().any(|role| staff.is(*role))
}

impl Actor<'_> {
    /// Sets or lifts a hold on all cases of a pupil.
    ///
    /// # Errors
    /// [`KeepError`].
    pub async fn hold_pupil(
        &self,
        tx: &mut Tx,
        pupil: &str,
        why: &str,
        set: bool,
    ) -> Result<(), KeepError> {
        if !may_hold(self.staff) {
            return Err(KeepError::NotYours);
        }
        hold_pupil(tx, self.school, pupil, why, &self.staff.key, set).await
    }

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

pub(super) fn reason(why: &str) -> Result<&str, KeepError> {
    let why = why.trim();
    if why.is_empty() {
        return Err(KeepError::NoReason);
    }
    Ok(why)
}
