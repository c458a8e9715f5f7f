//! What a safeguarding lead gives the head of a sealed entry: lines of their own, as a complaint.

use super::{Actor, DeskError, Result, promises, tell};
use crate::school::case::Kind;
use crate::school::case::access::{Opening, first_owner};
use crate::school::people::Sen;
use crate::store::{Case, NewCase, NewEntry, Tx};

impl Actor<'_> {
    /// Puts lines that a lead wrote into a complaint of their own, which the head has. The parent's
    /// words stay sealed, whoever is named stays out, and the parent hears of it from the head.
    pub async fn release(&self, tx: &mut Tx, case: &Case, lines: &str) -> Result<Case> {
        let lines = lines.trim();
        if lines.is_empty() {
            return Err(DeskError::Empty);
        }
        if case.tier != "safeguarding" {
            return Err(DeskError::NotSealed);
        }
        let barred = case.barred()?;
        let owner = first_owner(
            &self.school.people,
            &Opening {
                kind: Kind::Complaint,
                class: None,
                sen: Sen::None,
                about_sen: false,
                about: &barred,
                about_staff: false,
                key_worker: None,
            },
        )
        .owner;
        let released = tx
            .open_case(&NewCase {
                school_id: &case.school_id,
                kind: Kind::Complaint.word(),
                tier: "ordinary",
                endpoint: &case.endpoint,
                address: &case.address,
                adult: case.adult.as_deref(),
                pupil: case.pupil.as_deref(),
                owner: owner.map(|s| s.key.as_str()),
                copied: &[],
                barred: &barred,
                escalate_at: Some(promises::acknowledge_by(self.school, tx.now())),
            })
            .await?;
        tx.append(
            released.id,
            &NewEntry::new("released", &self.staff.key, lines),
        )
        .await?;
        let to = owner.map_or("nobody yet", |s| s.name.as_str());
        let what = format!("To {to}, as {}: {lines}", released.reference());
        tx.append(case.id, &NewEntry::new("released", &self.staff.key, &what))
            .await?;
        tx.audit(
            &self.school.config.id,
            &self.staff.key,
            "released lines",
            Some(case.id),
        )
        .await?;
        tell::owner(self.d, tx, self.school, &released, "owner").await?;
        Ok(released)
    }
}
