//! A pupil's support as their page, the card of a case and the evidence pack show it: the stage with its
//! history, the next review, and who decides once they are a young person.

use std::collections::HashMap;

use jiff::civil::Date;
use uuid::Uuid;

use super::case::one_line;
use super::children::last_review;
use crate::deployment::School;
use crate::desk::may_open;
use crate::desk::stage::sets_stage;
use crate::school::people::{Pupil, Role, Staff};
use crate::school::stage::{Decided, alone_from, decides_from, review_due, said_from};
use crate::store::{Case, Entry, Moment, Result, StageChange, Tx};
use crate::web::session::SignedIn;

/// One change of stage.
pub(super) struct Change {
    pub called: String,
    pub since: String,
    /// "by Mrs Cole", "with an import".
    pub by: String,
    /// Why, for whoever may open the record.
    pub why: Option<String>,
    /// The record's case, for them.
    pub number: Option<i64>,
}

/// What the pupil's page shows of it.
pub(super) struct Support {
    /// The pupil's key.
    pub key: String,
    /// Whether this person sets it.
    pub sets: bool,
    /// When the next review is due, and whether that is past.
    pub review: Option<(String, bool)>,
    pub young: Option<Young>,
    /// For the form: today.
    pub today: String,
}

/// Who decides.
pub(super) struct Young {
    /// From which day they decide.
    pub from: Option<String>,
    /// That day is still to come.
    pub ahead: bool,
    /// What was decided last, from when, and how they said so.
    pub decided: Option<String>,
    pub how: Option<String>,
    /// Nothing new is shared with parents, from this day.
    pub alone: Option<String>,
}

/// A day in full.
pub(super) fn in_full(day: Date) -> String {
    day.strftime("%-d %B %Y").to_string()
}

/// Cases and entries of records of support, read once.
struct Records<'a> {
    who: &'a SignedIn,
    known: HashMap<Uuid, Option<(Case, Vec<Entry>)>>,
}

impl Records<'_> {
    /// An entry's words and the number of its case, if this person may open it.
    async fn words(
        &mut self,
        tx: &mut Tx,
        at: Option<(Uuid, i64)>,
    ) -> Result<Option<(i64, String)>> {
        let Some((id, seq)) = at else { return Ok(None) };
        if !self.known.contains_key(&id) {
            let school = &self.who.school;
            let case = tx.case(&school.config.id, id).await?;
            let case = case.filter(|c| may_open(school, self.who.staff(), c));
            let found = match case {
                Some(case) => {
                    let entries = tx.chronology(id).await?;
                    Some((case, entries))
                }
                None => None,
            };
            self.known.insert(id, found);
        }
        let Some(Some((case, entries))) = self.known.get(&id) else {
            return Ok(None);
        };
        let entry = entries.iter().find(|e| e.seq == seq);
        let words = entry.and_then(Entry::words).unwrap_or_default();
        Ok(Some((case.number, one_line(&words))))
    }
}

/// The history of a stage, the newest first.
pub(super) async fn history(
    tx: &mut Tx,
    who: &SignedIn,
    changes: &[StageChange],
) -> Result<Vec<Change>> {
    let school = &who.school;
    let mut records = Records {
        who,
        known: HashMap::new(),
    };
    let mut history = Vec::new();
    for change in changes {
        let words = records.words(tx, change.case_id.zip(change.seq)).await?;
        let (number, words) = words.unzip();
        history.push(Change {
            called: change.called().to_owned(),
            since: in_full(change.since()),
            by: by_words(school, change),
            why: words
                .as_deref()
                .and_then(|w| w.split_once("Why: "))
                .map(|(_, why)| why.to_owned()),
            number,
        });
    }
    Ok(history)
}

fn by_words(school: &School, change: &StageChange) -> String {
    let who = match change.staff.as_str() {
        "" => "the command line".to_owned(),
        key => school.name(key),
    };
    match change.source.as_str() {
        "import" => format!("with an import by {who}"),
        "undo" => format!("because {who} undid a change"),
        _ => format!("set by {who}"),
    }
}

/// "SEN support since 1 December 2026 (set by Mrs Cole); Initial concern since 5 October 2026 (…)", for a
/// line of a card or pack; `None` where nothing is known but the stage.
pub(super) async fn stages_line(
    tx: &mut Tx,
    school: &School,
    pupil: &str,
) -> Result<Option<String>> {
    let changes = tx.stages_of(&school.config.id, pupil).await?;
    let line = changes.iter().map(|change| {
        format!(
            "{} since {} ({})",
            change.called(),
            in_full(change.since()),
            by_words(school, change)
        )
    });
    let line = line.collect::<Vec<_>>().join("; ");
    Ok(Some(line).filter(|l| !l.is_empty()))
}

/// When a pupil's stage began, where that is known.
pub(super) fn stage_since(pupil: &Pupil, changes: &[StageChange]) -> Option<Date> {
    let here = pupil.set_here.as_ref().map(|s| s.since);
    let same = changes.first().filter(|c| c.stage() == pupil.sen);
    here.or_else(|| same.map(StageChange::since))
}

/// What a pupil's page shows, and the history of the stage.
pub(super) async fn support(
    tx: &mut Tx,
    who: &SignedIn,
    pupil: &Pupil,
    now: Moment,
) -> Result<(Support, Vec<Change>)> {
    let school = &who.school;
    let today = school.local(now.timestamp()).date();
    let changes = tx.stages_of(&school.config.id, &pupil.key).await?;
    let last = last_review(tx, school, pupil, now).await?;
    let due = review_due(pupil.sen, stage_since(pupil, &changes), last, today);
    let support = Support {
        key: pupil.key.clone(),
        sets: sets_stage(who.staff()),
        review: due
            .filter(|_| sees_support(who.staff(), pupil))
            .map(|day| (in_full(day), day < today)),
        young: young(tx, who, pupil, today).await?,
        today: today.to_string(),
    };
    Ok((support, history(tx, who, &changes).await?))
}

/// Whether reviews are somebody's to see to: whoever answers for every child, and the child's teachers.
fn sees_support(staff: &Staff, pupil: &Pupil) -> bool {
    let all = [Role::Senco, Role::Head, Role::Dsl, Role::DeputyDsl];
    all.iter().any(|role| staff.is(*role)) || staff.classes.contains(&pupil.class)
}

async fn young(tx: &mut Tx, who: &SignedIn, pupil: &Pupil, today: Date) -> Result<Option<Young>> {
    let last = tx.young_decision(&who.school.config.id, &pupil.key).await?;
    let born = pupil.date_of_birth;
    if last.is_none() && born.is_none_or(|born| today < said_from(born)) {
        return Ok(None);
    }
    let from = born.map(decides_from);
    let decided = last
        .as_ref()
        .and_then(|d| Some((Decided::from_word(&d.decided)?, d.since())));
    let mut records = Records {
        who,
        known: HashMap::new(),
    };
    let at = last.as_ref().map(|d| (d.case_id, d.seq));
    let how = records.words(tx, at).await?;
    Ok(Some(Young {
        from: from.map(in_full),
        ahead: from.is_some_and(|from| today < from),
        decided: decided.map(|(what, since)| format!("{}, from {}", what.called(), in_full(since))),
        how: how.map(|(_, words)| words),
        alone: alone_from(born, decided).map(in_full),
    }))
}
