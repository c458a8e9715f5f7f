//! Young people who decide for themselves: what they decided about who is told, and from when.

use jiff::civil::Date;

use super::stage::sets_stage;
use super::{Actor, DeskError, Result};
use crate::deployment::School;
use crate::school::stage::{Decided, alone_from, decides_from, said_from};
use crate::store::{NewEntry, StoreError, Tx};

/// From which day nothing new about a pupil is shared with parents, because the young person said so.
pub async fn alone_since(
    tx: &mut Tx,
    school: &School,
    pupil: &str,
) -> std::result::Result<Option<Date>, StoreError> {
    let last = tx.young_decision(&school.config.id, pupil).await?;
    let decided = last.and_then(|d| Some((Decided::from_word(&d.decided)?, d.since())));
    let born = school.people.pupil(pupil).and_then(|p| p.date_of_birth);
    Ok(alone_from(born, decided))
}

impl Actor<'_> {
    /// Whether the young person decides and wants only themselves told, today.
    pub(super) async fn is_alone(&self, tx: &mut Tx, pupil: &str) -> Result<bool> {
        let today = self.school.local(tx.now()).date();
        let since = alone_since(tx, self.school, pupil).await?;
        Ok(since.is_some_and(|from| from <= today))
    }

    /// Writes down what a young person decided. It tells nobody by itself: parents are not cut off
    /// silently, so somebody talks with them.
    pub async fn young_person_decides(
        &self,
        tx: &mut Tx,
        pupil: &str,
        decided: &str,
        since: &str,
        words: &str,
    ) -> Result<()> {
        if !sets_stage(self.staff) {
            return Err(DeskError::NoSuchCase);
        }
        let pupil = self.pupil(pupil)?;
        let decided = Decided::from_word(decided).ok_or(DeskError::NotDecided)?;
        let since = self.day(tx, since)?;
        let words = words.trim();
        if words.is_empty() {
            return Err(DeskError::NoWhy);
        }
        let today = self.school.local(tx.now()).date();
        if let Some(born) = pupil.date_of_birth
            && today < said_from(born)
        {
            return Err(DeskError::TooYoung {
                from: decides_from(born),
                said: said_from(born),
            });
        }
        let id = &self.school.config.id;
        let record = self.record_of(tx, pupil).await?;
        let what = format!(
            "{}, from {}. {words}",
            decided.called(),
            since.strftime("%-d %B %Y")
        );
        let entry = NewEntry::new("decision", &self.staff.key, &what);
        let seq = tx.append(record.id, &entry).await?;
        tx.keep_young_decision(
            id,
            &pupil.key,
            decided.word(),
            since,
            &self.staff.key,
            (record.id, seq),
        )
        .await?;
        let did = "recorded who decides for a young person";
        tx.audit_about(id, &self.staff.key, did, &pupil.key).await?;
        Ok(())
    }
}
