//! What the school's figures are counted from. What is sealed is never among it.

use std::collections::BTreeMap;

use super::{Meeting, Moment, Result, Tx, all, one};

/// What is counted of a case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFigures {
    /// What it is about.
    pub kind: String,
    /// When its first words came.
    pub opened_at: Moment,
    /// When a person said they have it.
    pub acknowledged_at: Option<Moment>,
    /// When an outcome was told to the parent.
    pub told_at: Option<Moment>,
}

/// Something that a member of staff said or wrote to a family.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Spoken {
    /// Whose child.
    pub pupil: String,
    /// `call` or `message-out`.
    pub kind: String,
    /// Who, by key.
    pub author: String,
    /// When.
    pub happened_at: Moment,
}

/// Moments of many rows out of one text, which the database has made of them: a row for each would take
/// most of the time of a report. 0 is none.
fn moments<const N: usize>(rows: &str) -> impl Iterator<Item = [Option<Moment>; N]> {
    let rows = rows.split(',').filter(|row| !row.is_empty());
    rows.map(|row| {
        let mut moments = row
            .split(' ')
            .map(|at| at.parse().ok().filter(|at| *at != 0));
        std::array::from_fn(|_| moments.next().flatten().map(Moment))
    })
}

impl Tx {
    /// Cases that were opened from one moment until before another; not the school's own records of
    /// support, which nobody wrote in to begin.
    pub async fn cases_opened(
        &mut self,
        school: &str,
        from: Moment,
        until: Moment,
    ) -> Result<Vec<CaseFigures>> {
        let rows = all!(
            self,
            (String, String),
            "SELECT kind, string_agg(opened_at || ' ' || COALESCE(acknowledged_at, 0) || ' '
                                     || COALESCE(told_at, 0), ',') FROM cases
             WHERE school_id = $1 AND opened_at >= $2 AND opened_at < $3 AND tier = 'ordinary'
               AND kind <> 'sen-record'
             GROUP BY kind",
            school,
            from,
            until
        );
        let figures = rows.iter().flat_map(|(kind, all)| {
            moments(all).map(|[opened, acknowledged, told]| CaseFigures {
                kind: kind.clone(),
                opened_at: opened.unwrap_or(Moment(0)),
                acknowledged_at: acknowledged,
                told_at: told,
            })
        });
        Ok(figures.collect())
    }

    /// How many texts, chat messages and emails each member of staff was sent since a moment: notices,
    /// digests, escalations and pages.
    pub async fn sent_to_staff(
        &mut self,
        school: &str,
        since: Moment,
    ) -> Result<BTreeMap<String, i64>> {
        let rows = all!(
            self,
            (String, i64),
            "SELECT staff, COUNT(*) FROM outbox
             WHERE school_id = $1 AND created_at >= $2 AND staff IS NOT NULL
               AND purpose IN ('staff', 'safeguarding') GROUP BY staff",
            school,
            since
        );
        Ok(rows.into_iter().collect())
    }

    /// When promises were due, from one moment until before another, and when they were kept.
    pub async fn promises_due(
        &mut self,
        school: &str,
        from: Moment,
        until: Moment,
    ) -> Result<Vec<(Moment, Option<Moment>)>> {
        let row = one!(
            self,
            (Option<String>,),
            "SELECT string_agg(p.due_at || ' ' || COALESCE(p.kept_at, 0), ',')
             FROM promises AS p JOIN cases AS c ON c.id = p.case_id
             WHERE p.school_id = $1 AND p.due_at >= $2 AND p.due_at < $3 AND c.tier = 'ordinary'",
            school,
            from,
            until
        );
        let all = row.and_then(|(all,)| all).unwrap_or_default();
        let due = moments(&all).map(|[due, kept]| (due.unwrap_or(Moment(0)), kept));
        Ok(due.collect())
    }

    /// Pupils about whom something went into a case that is not sealed, in a span of time: it was
    /// opened before the end of it, and grew after its beginning.
    pub async fn pupils_spoken_of(
        &mut self,
        school: &str,
        from: Moment,
        until: Moment,
    ) -> Result<Vec<String>> {
        let rows = all!(
            self,
            (String,),
            "SELECT DISTINCT pupil FROM cases WHERE school_id = $1 AND opened_at < $3
               AND touched_at >= $2 AND pupil IS NOT NULL AND tier = 'ordinary' AND kind <> 'sen-record'",
            school,
            from,
            until
        );
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    /// Who wrote in a span of time: their phone where it is known, else their address.
    pub async fn heard_between(
        &mut self,
        school: &str,
        from: Moment,
        until: Moment,
    ) -> Result<Vec<String>> {
        let rows = all!(
            self,
            (String,),
            "SELECT DISTINCT COALESCE(l.proved_phone, l.address) FROM lanes AS l
             WHERE l.school_id = $1 AND EXISTS (
               SELECT 1 FROM messages AS m WHERE m.endpoint = l.endpoint AND m.address = l.address
                 AND m.received_at >= $2 AND m.received_at < $3)",
            school,
            from,
            until
        );
        Ok(rows.into_iter().map(|r| r.0).collect())
    }

    /// What staff said and wrote to a child's family since a moment.
    pub async fn spoken_about(
        &mut self,
        school: &str,
        pupil: &str,
        since: Moment,
    ) -> Result<Vec<Spoken>> {
        Ok(all!(
            self,
            Spoken,
            "SELECT c.pupil, e.kind, e.author, e.happened_at
             FROM cases AS c JOIN entries AS e ON e.case_id = c.id
             WHERE c.school_id = $1 AND c.pupil = $2 AND c.touched_at >= $3 AND c.tier = 'ordinary'
               AND e.kind IN ('call', 'message-out') AND e.author NOT IN ('parent', 'schoolgate')
               AND e.happened_at >= $3",
            school,
            pupil,
            since
        ))
    }

    /// Meetings about a child, but for those of sealed cases.
    pub async fn open_meetings_about(&mut self, school: &str, pupil: &str) -> Result<Vec<Meeting>> {
        Ok(all!(
            self,
            Meeting,
            "SELECT m.* FROM meetings AS m JOIN cases AS c ON c.id = m.case_id
             WHERE m.school_id = $1 AND m.pupil = $2 AND c.tier = 'ordinary'",
            school,
            pupil
        ))
    }
}
