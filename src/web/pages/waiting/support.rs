//! What waits for somebody in the graduated approach: notes to write, parents to tell, reviews that are
//! past, and young people to ask.

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;
use jiff::civil::Date;
use uuid::Uuid;

use super::super::children::is_review;
use super::super::names::label;
use super::super::support::in_full;
use super::super::wording::pupil_name;
use super::Look;
use crate::desk::may_open;
use crate::desk::stage::{sets_stage, standings};
use crate::desk::young::alone_since;
use crate::school::case::share::NotShared;
use crate::school::people::{Role, Sen};
use crate::school::stage::{decides_from, letter_due, note_due, review_due, said_from};
use crate::store::{Case, Moment, Result};

/// How far back meetings are looked at: a review a year, and the holidays.
const REVIEWED: SignedDuration = SignedDuration::from_hours(24 * 420);

/// A talk of which no note is written, or a note that no parent has been given.
pub(in super::super) struct NoteRow {
    pub number: i64,
    pub reference: String,
    pub pupil: String,
    /// The last day on which a note that is to be written was in time.
    pub due: String,
}

/// A change of stage of which somebody has to be told.
pub(in super::super) struct TellRow {
    pub key: String,
    pub pupil: String,
    pub called: String,
    pub since: String,
    /// Who waits, and for what: "Amina Yusuf".
    pub adults: String,
    /// When the letters leave, where there are any; and they are late.
    pub letter: Option<(String, bool)>,
}

/// A pupil whose review is past, or a young person to ask.
pub(in super::super) struct PupilRow {
    pub key: String,
    pub pupil: String,
    pub words: String,
}

/// All of it.
#[derive(Default)]
pub(in super::super) struct Support {
    pub notes: Vec<NoteRow>,
    pub give: Vec<NoteRow>,
    pub tell: Vec<TellRow>,
    pub reviews: Vec<PupilRow>,
    pub young: Vec<PupilRow>,
}

impl Support {
    pub fn count(&self) -> usize {
        self.notes.len() + self.give.len() + self.tell.len() + self.reviews.len() + self.young.len()
    }
}

impl Look<'_> {
    fn today(&self) -> Date {
        self.school.local(self.now.timestamp()).date()
    }

    /// What waits; the pupils' own only for those who see to it.
    pub(super) async fn support(&mut self) -> Result<Support> {
        let notes = self.notes_to_write().await?;
        let give = self.notes_to_give().await?;
        if !sets_stage(self.staff) {
            return Ok(Support {
                notes,
                give,
                ..Support::default()
            });
        }
        Ok(Support {
            notes,
            give,
            tell: self.untold().await?,
            reviews: self.reviews_past().await?,
            young: self.unasked().await?,
        })
    }

    /// For those who have a case, and the SENCO: talks of two school days ago and more without a note.
    async fn notes_to_write(&mut self) -> Result<Vec<NoteRow>> {
        let today = self.today();
        let mut rows = Vec::new();
        for (id, talked) in self.tx.talked_without_note(&self.school.config.id).await? {
            let talked = self.school.local(talked.timestamp()).date();
            let due = note_due(self.school.calendar(), talked);
            if today < due {
                continue;
            }
            if let Some(case) = self.noted(id).await? {
                rows.push(self.note_row(&case, in_full(due)));
            }
        }
        rows.truncate(50);
        Ok(rows)
    }

    /// For the same people: notes that no parent has been given. Where the young person wants only
    /// themselves told, that is how it is to be.
    async fn notes_to_give(&mut self) -> Result<Vec<NoteRow>> {
        let today = self.today();
        let mut rows = Vec::new();
        for id in self.tx.notes_not_given(&self.school.config.id).await? {
            let Some(case) = self.noted(id).await? else {
                continue;
            };
            let alone = match &case.pupil {
                Some(pupil) => alone_since(self.tx, self.school, pupil).await?,
                None => None,
            };
            if alone.is_none_or(|from| today < from) {
                rows.push(self.note_row(&case, String::new()));
            }
        }
        rows.truncate(50);
        Ok(rows)
    }

    /// A case whose note is for this person to see to: it is theirs, or they are the SENCO.
    async fn noted(&mut self, id: Uuid) -> Result<Option<Case>> {
        let Some(case) = self.case(Some(id)).await? else {
            return Ok(None);
        };
        let theirs = case.owner.as_ref() == Some(&self.staff.key)
            || case.copied()?.contains(&self.staff.key)
            || self.staff.is(Role::Senco);
        let theirs = theirs && may_open(self.school, self.staff, &case);
        Ok(Some(case).filter(|_| theirs))
    }

    fn note_row(&self, case: &Case, due: String) -> NoteRow {
        NoteRow {
            number: case.number,
            reference: case.reference(),
            pupil: pupil_name(self.school, case),
            due,
        }
    }

    async fn untold(&mut self) -> Result<Vec<TellRow>> {
        let today = self.today();
        let mut rows = Vec::new();
        for change in self.tx.stages_to_tell(&self.school.config.id).await? {
            let Some(pupil) = self.school.people.pupil(&change.pupil) else {
                continue;
            };
            let stage = change.stage();
            let waiting: Vec<String> = standings(self.tx, self.school, &change)
                .await?
                .iter()
                .filter(|s| s.waits(stage))
                .map(|s| match s.not {
                    Some(NotShared::NotDecided) => {
                        format!(
                            "{} (decide first whether they are given copies)",
                            s.adult.name
                        )
                    }
                    _ => s.adult.name.clone(),
                })
                .collect();
            if waiting.is_empty() {
                continue;
            }
            let due = letter_due(self.school.calendar(), change.since());
            rows.push(TellRow {
                key: pupil.key.clone(),
                pupil: label(pupil),
                called: change.called().to_owned(),
                since: in_full(change.since()),
                adults: waiting.join(", "),
                letter: (stage == Sen::Support).then(|| (in_full(due), due < today)),
            });
        }
        rows.truncate(50);
        Ok(rows)
    }

    /// Pupils with support whose last review is too long ago.
    async fn reviews_past(&mut self) -> Result<Vec<PupilRow>> {
        let today = self.today();
        let people = &self.school.people;
        let after = Moment::from(self.now.timestamp() - REVIEWED);
        let mut last: HashMap<String, Date> = HashMap::new();
        for meeting in self
            .tx
            .meetings_held_after(&self.school.config.id, after)
            .await?
        {
            let pupil = meeting.pupil.as_deref().and_then(|key| people.pupil(key));
            if let Some(pupil) = pupil
                && is_review(self.school, pupil, &meeting)?
            {
                let on = self.school.local(meeting.starts_at.timestamp()).date();
                let known = last.entry(pupil.key.clone()).or_insert(on);
                *known = on.max(*known);
            }
        }
        let mut past = Vec::new();
        for pupil in people.pupils.iter().filter(|p| p.sen.is_registered()) {
            let since = pupil.set_here.as_ref().map(|s| s.since);
            let due = review_due(pupil.sen, since, last.get(&pupil.key).copied(), today);
            if let Some(due) = due.filter(|due| *due < today) {
                past.push((due, pupil));
            }
        }
        past.sort_by_key(|(due, pupil)| (*due, &pupil.key));
        past.truncate(50);
        Ok(past
            .into_iter()
            .map(|(due, pupil)| PupilRow {
                key: pupil.key.clone(),
                pupil: label(pupil),
                words: format!("{}, review due since {}", pupil.stage(), in_full(due)),
            })
            .collect())
    }

    /// Young people who decide for themselves, or will within six months, and have not been asked.
    async fn unasked(&mut self) -> Result<Vec<PupilRow>> {
        let today = self.today();
        let asked = self.tx.pupils_decided(&self.school.config.id).await?;
        let asked: HashSet<&str> = asked.iter().map(String::as_str).collect();
        let pupils = self.school.people.pupils.iter();
        let waits = pupils.filter(|p| !asked.contains(p.key.as_str()) && p.sen != Sen::None);
        let mut rows: Vec<PupilRow> = waits
            .filter_map(|pupil| {
                let born = pupil.date_of_birth.filter(|b| said_from(*b) <= today)?;
                let from = decides_from(born);
                let words = if today < from {
                    format!("decides for themselves from {}", in_full(from))
                } else {
                    format!("has decided for themselves since {}", in_full(from))
                };
                Some(PupilRow {
                    key: pupil.key.clone(),
                    pupil: label(pupil),
                    words,
                })
            })
            .collect();
        rows.truncate(50);
        Ok(rows)
    }
}
