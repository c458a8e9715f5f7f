//! Notes of early discussions: written from a case, for the pupil's record and the parents.

use jiff::civil::Time;

use super::{Actor, DeskError, Result};
use crate::school::case::discussion::Discussion;
use crate::school::case::share::NotShared;
use crate::store::{Case, Entry, Moment, NewEntry, Tx};

impl Actor<'_> {
    /// Keeps a note of a discussion: every parent's who may be told of the child. Whoever writes down
    /// that they talked has talked.
    pub async fn note_discussion(
        &self,
        tx: &mut Tx,
        case: &mut Case,
        note: &Discussion<'_>,
    ) -> Result<()> {
        if case.tier != "ordinary" {
            return Err(DeskError::NotShared(NotShared::Sealed));
        }
        let now = self.school.local(tx.now());
        let held = note.whole(now.date())?;
        // On which day is known, at what time is not.
        let noon = held.to_datetime(Time::constant(12, 0, 0, 0));
        let happened = self.school.instant(noon).min(tx.now());
        self.acknowledge(tx, case).await?;
        let words = note.words(held);
        // A form that was sent twice is one note.
        let chronology = tx.chronology(case.id).await?;
        let same = |entry: &Entry| {
            entry.kind == "early-discussion" && entry.words().as_deref() == Some(words.as_str())
        };
        if chronology.iter().any(same) {
            return Ok(());
        }
        tx.append(
            case.id,
            &NewEntry {
                audience: "parents",
                happened: Some(Moment::from(happened)),
                ..NewEntry::new("early-discussion", &self.staff.key, &words)
            },
        )
        .await?;
        if case.state == "acknowledged" {
            "discussed".clone_into(&mut case.state);
            tx.keep_case(case).await?;
        }
        Ok(())
    }
}
