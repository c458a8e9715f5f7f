//! Stages of support: each change with its day, how each adult came to know of it, formal notices, and
//! what young people decided. Words stand in the pupil's record of support, never here.

use jiff::civil::Date;
use uuid::Uuid;

use super::{Case, Meeting, Moment, Result, Tx, all, exec, lock, one};
use crate::school::people::Sen;

/// A change of a pupil's stage.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StageChange {
    /// Ours.
    pub id: Uuid,
    /// The pupil, by key.
    pub pupil: String,
    stage: String,
    /// What kind of plan it is, where that is not an EHC plan.
    pub plan: Option<String>,
    since: String,
    /// `here`, `import` or `undo`.
    pub source: String,
    /// Who, by key; empty for the command line.
    pub staff: String,
    /// When it was written down.
    pub at: Moment,
    /// The record of support in which it says why.
    pub case_id: Option<Uuid>,
    /// The entry there.
    pub seq: Option<i64>,
}

impl StageChange {
    /// The stage.
    pub fn stage(&self) -> Sen {
        Sen::from_word(&self.stage).unwrap_or(Sen::None)
    }

    /// The stage as staff call it, with the kind of plan.
    pub fn called(&self) -> &str {
        let plan = self.plan.as_deref().filter(|_| self.stage() == Sen::Ehcp);
        plan.unwrap_or_else(|| self.stage().called())
    }

    /// From which day it holds.
    pub fn since(&self) -> Date {
        day(&self.since)
    }
}

/// A day out of a column, which we wrote.
fn day(written: &str) -> Date {
    written.parse().unwrap_or(Date::ZERO)
}

/// A change to keep.
#[derive(Debug, Clone, Copy)]
pub struct NewStage<'a> {
    /// The pupil, by key.
    pub pupil: &'a str,
    /// The stage.
    pub stage: Sen,
    /// What kind of plan it is, where that is not an EHC plan.
    pub plan: Option<&'a str>,
    /// From which day.
    pub since: Date,
    /// `here`, `import` or `undo`.
    pub source: &'a str,
    /// Who, by key.
    pub staff: &'a str,
    /// The entry that says why.
    pub entry: Option<(Uuid, i64)>,
}

/// How an adult came to know of a change.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct StageTold {
    /// Of which.
    pub stage: Uuid,
    /// Who, by key.
    pub adult: String,
    /// `text`, `otherwise` or `not`.
    pub how: String,
    told_on: String,
    /// Who told them, by key.
    pub staff: String,
}

impl StageTold {
    /// On which day.
    pub fn on(&self) -> Date {
        day(&self.told_on)
    }
}

/// A letter that tells an adult formally of SEN support.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct FormalNotice {
    /// Of which change.
    pub stage: Uuid,
    /// To whom, by key.
    pub adult: String,
    /// The record of support that holds its text.
    pub case_id: Uuid,
    /// The entry there.
    pub made_seq: i64,
    /// When it was made.
    pub made_at: Moment,
    /// Who made it.
    pub made_by: String,
    /// `post`, `hand` or `email`.
    pub sent_how: Option<String>,
    sent_on: Option<String>,
    /// Who sent it.
    pub sent_by: Option<String>,
}

impl FormalNotice {
    /// On which day it was sent.
    pub fn sent_on(&self) -> Option<Date> {
        self.sent_on.as_deref().map(day)
    }
}

/// What a young person decided about who is told.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct YoungDecision {
    /// The pupil, by key.
    pub pupil: String,
    /// `agreed`, `alone`, `lacks-capacity`.
    pub decided: String,
    since: String,
    /// Who wrote it down.
    pub staff: String,
    /// When.
    pub at: Moment,
    /// The record of support in which they are quoted.
    pub case_id: Uuid,
    /// The entry there.
    pub seq: i64,
}

impl YoungDecision {
    /// From which day.
    pub fn since(&self) -> Date {
        day(&self.since)
    }
}

impl Tx {
    /// A pupil's record of support. The school is held until the transaction ends, so that two people
    /// at once do not begin two.
    pub async fn sen_record(&mut self, school: &str, pupil: &str) -> Result<Option<Case>> {
        lock!(
            self,
            (String,),
            "SELECT id FROM schools WHERE id = $1",
            school
        );
        self.sen_record_as_it_is(school, pupil).await
    }

    /// The same, only to read.
    pub async fn sen_record_as_it_is(&mut self, school: &str, pupil: &str) -> Result<Option<Case>> {
        Ok(one!(
            self,
            Case,
            "SELECT * FROM cases WHERE school_id = $1 AND pupil = $2 AND kind = 'sen-record' AND tier = 'ordinary'
             ORDER BY number LIMIT 1",
            school,
            pupil
        ))
    }

    /// Keeps a change of a pupil's stage. Nobody has to be told of the one before any more, but for SEN
    /// support that goes on: its letter is owed whatever came after.
    pub async fn keep_stage(&mut self, school: &str, new: &NewStage<'_>) -> Result<Uuid> {
        let id = self.clock.id();
        exec!(
            self,
            "UPDATE sen_stages SET settled_at = $3 WHERE school_id = $1 AND pupil = $2 AND settled_at IS NULL
               AND (stage <> 'support' OR $4 = FALSE)",
            school,
            new.pupil,
            Moment::from(self.now),
            new.stage.is_registered()
        );
        exec!(
            self,
            "INSERT INTO sen_stages (id, school_id, pupil, stage, plan, since, source, staff, at, case_id, seq)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
            id,
            school,
            new.pupil,
            new.stage.word(),
            new.plan,
            new.since.to_string(),
            new.source,
            new.staff,
            Moment::from(self.now),
            new.entry.map(|(case, _)| case),
            new.entry.map(|(_, seq)| seq)
        );
        Ok(id)
    }

    /// The changes of a pupil's stage, the newest first.
    pub async fn stages_of(&mut self, school: &str, pupil: &str) -> Result<Vec<StageChange>> {
        Ok(all!(
            self,
            StageChange,
            "SELECT id, pupil, stage, plan, since, source, staff, at, case_id, seq FROM sen_stages
             WHERE school_id = $1 AND pupil = $2 ORDER BY at DESC, id DESC LIMIT 100",
            school,
            pupil
        ))
    }

    /// The changes of which somebody has still to be told, the oldest first.
    pub async fn stages_to_tell(&mut self, school: &str) -> Result<Vec<StageChange>> {
        Ok(all!(
            self,
            StageChange,
            "SELECT id, pupil, stage, plan, since, source, staff, at, case_id, seq FROM sen_stages
             WHERE school_id = $1 AND settled_at IS NULL ORDER BY at, id LIMIT 200",
            school
        ))
    }

    /// Nobody has to be told of a change any more.
    pub async fn settle_stage(&mut self, stage: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE sen_stages SET settled_at = $2 WHERE id = $1 AND settled_at IS NULL",
            stage,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Who knows of a change.
    pub async fn told_of(&mut self, stage: Uuid) -> Result<Vec<StageTold>> {
        Ok(all!(
            self,
            StageTold,
            "SELECT stage, adult, how, told_on, staff FROM stage_told WHERE stage = $1 ORDER BY adult",
            stage
        ))
    }

    /// An adult knows of a change; false if that was written down before.
    pub async fn stage_told(
        &mut self,
        school: &str,
        stage: Uuid,
        adult: &str,
        how: &str,
        on: Date,
        staff: &str,
    ) -> Result<bool> {
        let rows = exec!(
            self,
            "INSERT INTO stage_told (stage, adult, school_id, how, told_on, staff, at)
             VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (stage, adult) DO NOTHING",
            stage,
            adult,
            school,
            how,
            on.to_string(),
            staff,
            Moment::from(self.now)
        );
        Ok(rows == 1)
    }

    /// The letters about a change.
    pub async fn letters_about(&mut self, stage: Uuid) -> Result<Vec<FormalNotice>> {
        Ok(all!(
            self,
            FormalNotice,
            "SELECT stage, adult, case_id, made_seq, made_at, made_by, sent_how, sent_on, sent_by
             FROM formal_notices WHERE stage = $1 ORDER BY adult",
            stage
        ))
    }

    /// A letter was made: its text is an entry of the record. One that was not sent yet is made again;
    /// false where one was sent.
    pub async fn letter_made_to(
        &mut self,
        school: &str,
        stage: Uuid,
        adult: &str,
        (case, seq): (Uuid, i64),
        staff: &str,
    ) -> Result<bool> {
        let rows = exec!(
            self,
            "INSERT INTO formal_notices (stage, adult, school_id, case_id, made_seq, made_at, made_by)
             VALUES ($1, $2, $3, $4, $5, $6, $7)
             ON CONFLICT (stage, adult) DO UPDATE SET case_id = excluded.case_id, made_seq = excluded.made_seq,
               made_at = excluded.made_at, made_by = excluded.made_by WHERE formal_notices.sent_on IS NULL",
            stage,
            adult,
            school,
            case,
            seq,
            Moment::from(self.now),
            staff
        );
        Ok(rows == 1)
    }

    /// A letter was sent; false if that was written down before.
    pub async fn letter_sent_to(
        &mut self,
        stage: Uuid,
        adult: &str,
        how: &str,
        on: Date,
        staff: &str,
    ) -> Result<bool> {
        let rows = exec!(
            self,
            "UPDATE formal_notices SET sent_how = $3, sent_on = $4, sent_by = $5
             WHERE stage = $1 AND adult = $2 AND sent_on IS NULL",
            stage,
            adult,
            how,
            on.to_string(),
            staff
        );
        Ok(rows == 1)
    }

    /// Keeps what a young person decided.
    pub async fn keep_young_decision(
        &mut self,
        school: &str,
        pupil: &str,
        decided: &str,
        since: Date,
        staff: &str,
        (case, seq): (Uuid, i64),
    ) -> Result<()> {
        let id = self.clock.id();
        exec!(
            self,
            "INSERT INTO young_decisions (id, school_id, pupil, decided, since, staff, at, case_id, seq)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)",
            id,
            school,
            pupil,
            decided,
            since.to_string(),
            staff,
            Moment::from(self.now),
            case,
            seq
        );
        Ok(())
    }

    /// A pupil's stages, what was told of them and what they decided are removed, with the record that
    /// holds the words.
    pub(super) async fn forget_stages(&mut self, school: &str, pupil: &str) -> Result<()> {
        for sql in [
            "DELETE FROM stage_told WHERE stage IN
               (SELECT id FROM sen_stages WHERE school_id = $1 AND pupil = $2)",
            "DELETE FROM formal_notices WHERE stage IN
               (SELECT id FROM sen_stages WHERE school_id = $1 AND pupil = $2)",
            "DELETE FROM sen_stages WHERE school_id = $1 AND pupil = $2",
            "DELETE FROM young_decisions WHERE school_id = $1 AND pupil = $2",
        ] {
            exec!(self, sql, school, pupil);
        }
        Ok(())
    }

    /// What a young person decided last.
    pub async fn young_decision(
        &mut self,
        school: &str,
        pupil: &str,
    ) -> Result<Option<YoungDecision>> {
        Ok(one!(
            self,
            YoungDecision,
            "SELECT pupil, decided, since, staff, at, case_id, seq FROM young_decisions
             WHERE school_id = $1 AND pupil = $2 ORDER BY at DESC, id DESC LIMIT 1",
            school,
            pupil
        ))
    }

    /// The pupils of whom a decision is on record.
    pub async fn pupils_decided(&mut self, school: &str) -> Result<Vec<String>> {
        let rows = all!(
            self,
            (String,),
            "SELECT DISTINCT pupil FROM young_decisions WHERE school_id = $1",
            school
        );
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    /// Meetings about children that have been, after a moment; never those of sealed cases.
    pub async fn meetings_held_after(
        &mut self,
        school: &str,
        after: Moment,
    ) -> Result<Vec<Meeting>> {
        Ok(all!(
            self,
            Meeting,
            "SELECT m.* FROM meetings AS m JOIN cases AS c ON c.id = m.case_id
             WHERE m.school_id = $1 AND m.starts_at > $2 AND m.starts_at <= $3 AND m.state = 'booked'
               AND m.pupil IS NOT NULL AND c.tier = 'ordinary'",
            school,
            after,
            Moment::from(self.now)
        ))
    }

    /// Open cases with a note of a discussion that no parent was given since it was written.
    pub async fn notes_not_given(&mut self, school: &str) -> Result<Vec<Uuid>> {
        let rows = all!(
            self,
            (Uuid,),
            "SELECT DISTINCT c.id FROM cases AS c
             JOIN entries AS n ON n.case_id = c.id AND n.kind = 'early-discussion'
             WHERE c.school_id = $1 AND c.closed_at IS NULL AND c.tier = 'ordinary'
               AND NOT EXISTS (SELECT 1 FROM entries AS s WHERE s.case_id = c.id AND s.kind = 'shared'
                               AND s.seq > n.seq)
             LIMIT 200",
            school
        );
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    /// Concerns that were talked over and of which no note is written: the case, and when they first
    /// talked.
    pub async fn talked_without_note(&mut self, school: &str) -> Result<Vec<(Uuid, Moment)>> {
        Ok(all!(
            self,
            (Uuid, Moment),
            "SELECT c.id, MIN(e.happened_at) AS talked_at FROM cases AS c
             JOIN entries AS e ON e.case_id = c.id AND e.kind IN ('talk', 'call')
             WHERE c.school_id = $1 AND c.closed_at IS NULL AND c.kind = 'concern' AND c.tier = 'ordinary'
               AND c.pupil IS NOT NULL AND c.state IN ('discussed', 'agreed', 'no-change', 'review')
               AND NOT EXISTS (SELECT 1 FROM entries AS n WHERE n.case_id = c.id AND n.kind = 'early-discussion')
             GROUP BY c.id ORDER BY talked_at LIMIT 200",
            school
        ))
    }
}
