//! Changes of who is who: imports, records that are merged, numbers that are matched, and undoing them.
//!
//! Each is one transaction on the people as they stood; when somebody else has changed them meanwhile,
//! nothing is changed and the person looks again.

use std::collections::BTreeSet;

use jiff::civil::Date;
use uuid::Uuid;

use super::Actor;
use super::stop::Stop;
use crate::deployment::School;
use crate::fault::{Fault, Sources};
use crate::flow::bundle::Bundle;
use crate::phone::Phone;
use crate::school::calendar::Work;
use crate::school::people::import::{self, File, Mapping, Proposal, Rules, Unusable};
use crate::school::people::{Adult, Entry, Kind, Person, Pupil, Register, Role, Staff, may_lift};
use crate::school::setting::Draft;
use crate::store::{Moment, NewStage, NewTie, PeopleChange, StoreError, Tx};

/// Why the people were not changed.
#[derive(Debug, thiserror::Error)]
pub enum PeopleError {
    /// The files cannot be imported.
    #[error(transparent)]
    Unusable(#[from] Unusable),
    /// Somebody else was quicker.
    #[error("somebody else has changed the people meanwhile: nothing was changed; look again")]
    Meanwhile,
    /// Not for this person to do, or about nobody.
    #[error("there is nobody of that name")]
    Nobody,
    /// A later change stands on it.
    #[error("{0} was changed again since: undo that first")]
    ChangedSince(String),
    /// Undoing it would let somebody be told what they are kept from.
    #[error(
        "this would lift what keeps {0} from a child: a safeguarding lead or the head ends it on their page, for a reason"
    )]
    Lifts(String),
    /// Contact is restricted for one of two who would be one.
    #[error("contact with a child is restricted for one of them: only the head makes the two one")]
    Kept,
    /// It is changed back on the record's own page, with a reason.
    #[error("this is changed on the page of the parent or carer, where the reason is kept")]
    OnTheirPage,
    /// What was typed cannot be so.
    #[error("{words}")]
    Refused {
        /// The field it is about.
        field: String,
        /// What is wrong, and what to do.
        words: String,
    },
    /// The number is somebody's already.
    #[error("this number is on the record of {0} already")]
    Taken(String),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What files would change in the people as they stand.
#[derive(Debug)]
pub struct Proposed {
    /// The version of the people that the files were compared with.
    pub version: i64,
    /// What would change.
    pub proposal: Proposal,
    /// The people as they stand.
    register: Register,
    /// The day of the import.
    today: Date,
}

/// What is undone from the list of changes. The rest says why on the page of whom it is about.
pub const UNDONE_BY_A_BUTTON: [&str; 4] = ["import", "merge", "match", "undo"];

/// Who keeps the school's lists: the SENCO, the head and the office.
pub fn keeps_people(staff: &Staff) -> bool {
    [Role::Senco, Role::Head, Role::Office]
        .into_iter()
        .any(|role| staff.is(role))
}

/// What `files` would change. Nothing is changed.
pub async fn propose(
    tx: &mut Tx,
    school: &School,
    bundle: &Bundle,
    files: &[File],
    mapping: &Mapping,
) -> Result<Proposed, PeopleError> {
    let (version, register) = stands(tx, school).await?;
    let calendar = school.calendar();
    let hours = Work {
        days: calendar.days,
        from: calendar.open,
        to: calendar.close,
        absent: Vec::new(),
    };
    let english = bundle.readings.get("en");
    let language = |name: &str| {
        let tag = name.to_lowercase();
        let is_tag = english.is_some_and(|r| r.language_name(&tag).is_some());
        if is_tag {
            return Some(tag);
        }
        english.and_then(|reading| reading.language_named(name))
    };
    let rules = Rules {
        hours: &hours,
        language: &language,
        mapping,
    };
    let mut proposal = import::propose(&register, files, &rules)?;
    let after = register.with(&proposal, &proposal.every_yes()).people();
    let on_rota = school.config.safeguarding.rota.shifts.iter();
    let missing: BTreeSet<&String> = on_rota
        .flat_map(|shift| &shift.staff)
        .filter(|key| after.staff(key).is_none_or(|s| s.phone.is_none()))
        .collect();
    let file = files.first().map(|f| f.name.clone()).unwrap_or_default();
    let of_rota = missing.into_iter().map(|key| {
        Fault::error(
            &file,
            None,
            format!(
                "the safeguarding rota pages `{key}`, who would not be on the staff with a phone"
            ),
            "add them to the staff file, or change the rota in schoolgate.toml first",
        )
    });
    proposal.doubts.extend(of_rota);
    if proposal
        .doubts
        .iter()
        .any(|f| f.severity == crate::fault::Severity::Error)
    {
        let sources: Sources = std::mem::take(&mut proposal.sources);
        return Err(Unusable {
            faults: proposal.doubts,
            sources,
        }
        .into());
    }
    Ok(Proposed {
        version,
        proposal,
        register,
        today: school.local(tx.now()).date(),
    })
}

/// Carries out what was proposed, and of what waits for a yes whatever has one. `by` is the key of
/// whoever imports; empty for the command line. The new version.
pub async fn carry_out(
    tx: &mut Tx,
    school: &School,
    by: &str,
    proposed: &Proposed,
    yes: &BTreeSet<String>,
    progress: &(dyn Fn(usize) + Sync),
) -> Result<i64, PeopleError> {
    let proposal = &proposed.proposal;
    stop_for_the_restricted(tx, school, by, proposed, yes).await?;
    let entries: Vec<Entry> = proposal
        .agreed(yes)
        .map(|change| Entry {
            person: change.person.clone(),
            gone: matches!(change.what, import::What::Gone),
        })
        .collect();
    let files: Vec<&str> = proposal.sources.keys().map(String::as_str).collect();
    let from = (proposed.version, &proposed.register);
    let version = keep(
        tx,
        &school.config.id,
        by,
        from,
        &entries,
        ("import", &files.join(", ")),
        progress,
    )
    .await?;
    let changed = stages_changed(&proposed.register, &entries);
    for (pupil, plan) in changed {
        let stage = NewStage {
            pupil: &pupil.key,
            stage: pupil.sen,
            plan,
            since: proposed.today,
            source: "import",
            staff: by,
            entry: None,
        };
        tx.keep_stage(&school.config.id, &stage).await?;
    }
    Ok(version)
}

/// A restriction that comes with a file stops what is on its way as one set by hand does.
async fn stop_for_the_restricted(
    tx: &mut Tx,
    school: &School,
    by: &str,
    proposed: &Proposed,
    yes: &BTreeSet<String>,
) -> Result<(), StoreError> {
    let stop = Stop {
        school,
        by,
        why: "a restriction stands",
    };
    let today = school.local(tx.now()).date();
    for change in proposed.proposal.agreed(yes) {
        let Person::Adult(after) = &change.person else {
            continue;
        };
        let before = proposed.register.find(Kind::Adult, &after.key);
        let Some(Person::Adult(before)) = before.map(|e| &e.person) else {
            continue;
        };
        for child in after.children.iter().filter(|c| c.is_restricted(today)) {
            let stood = before.tie(&child.pupil);
            if !stood.is_some_and(|c| c.is_restricted(today)) {
                stop.all(tx, before, &child.pupil).await?;
            }
        }
    }
    Ok(())
}

/// What makes one person's number or record another's is answered for: children are talked about to it.
fn how_one_knows(told: &str) -> Result<&str, PeopleError> {
    match told.trim() {
        "" => Err(PeopleError::Refused {
            field: "told".to_owned(),
            words: "write how you know, such as \u{201c}she rang from it on 1 December\u{201d}"
                .to_owned(),
        }),
        told => Ok(told),
    }
}

/// Whether a record is what a change made of it. What another undone change has noted as nobody's of theirs
/// stands in no change's way.
fn is_same_but_for_lost(stands: &Entry, made: &Entry) -> bool {
    let mut stands = stands.clone();
    if let (Person::Adult(stands), Person::Adult(made)) = (&mut stands.person, &made.person) {
        stands.lost.clone_from(&made.lost);
    }
    stands == *made
}

/// The pupils who were here before and have another stage now, with their kind of plan. Of somebody
/// who is new, or back, the stage is where their history begins, not a change of it.
fn stages_changed<'e>(
    register: &'e Register,
    entries: &'e [Entry],
) -> impl Iterator<Item = (&'e Pupil, Option<&'e str>)> {
    entries.iter().filter_map(|entry| {
        let Person::Pupil(is) = &entry.person else {
            return None;
        };
        let before = register.find(Kind::Pupil, &is.key)?;
        let Person::Pupil(was) = &before.person else {
            return None;
        };
        let changed = !before.gone && !entry.gone && was.stage() != is.stage();
        let plan = is.set_here.as_ref().and_then(|s| s.plan.as_deref());
        changed.then_some((is, plan))
    })
}

pub(super) async fn stands(tx: &mut Tx, school: &School) -> Result<(i64, Register), StoreError> {
    Ok(tx
        .register(&school.config.id)
        .await?
        .unwrap_or_else(|| (0, Register::of(&school.config.people))))
}

pub(super) async fn keep(
    tx: &mut Tx,
    school: &str,
    by: &str,
    from: (i64, &Register),
    entries: &[Entry],
    (what, about): (&str, &str),
    progress: &(dyn Fn(usize) + Sync),
) -> Result<i64, PeopleError> {
    let change = PeopleChange {
        id: tx.clock().id(),
        version: from.0 + 1,
        at: Moment::from(tx.now()),
        staff: by.to_owned(),
        what: what.to_owned(),
        about: about.to_owned(),
        undone_at: None,
    };
    tx.change_people(school, from, entries, &change, progress)
        .await?
        .ok_or(PeopleError::Meanwhile)
}

impl Actor<'_> {
    /// Two records are one adult's: the first stays, with what the second knows. `told` is how one knows.
    pub async fn merge_adults(
        &self,
        tx: &mut Tx,
        stays: &str,
        goes: &str,
        told: &str,
    ) -> Result<(), PeopleError> {
        self.may_keep_people()?;
        let told = how_one_knows(told)?;
        let (version, register) = stands(tx, self.school).await?;
        let adult = |key: &str| match register.find(Kind::Adult, key) {
            Some(Entry {
                person: Person::Adult(adult),
                gone: false,
            }) => Some(adult),
            _ => None,
        };
        let (Some(one), Some(other)) = (adult(stays), adult(goes)) else {
            return Err(PeopleError::Nobody);
        };
        if one.key == other.key {
            return Err(PeopleError::Nobody);
        }
        // By whose record a number stands on it is decided what it is told.
        let today = self.school.local(tx.now()).date();
        let is_kept = |adult: &Adult| adult.children.iter().any(|c| c.is_restricted(today));
        if (is_kept(one) || is_kept(other)) && !may_lift(self.staff) {
            return Err(PeopleError::Kept);
        }
        let entries = [
            Entry {
                person: Person::Adult(one.merged_with(other)),
                gone: false,
            },
            Entry {
                person: Person::Adult(other.clone()),
                gone: true,
            },
        ];
        let said = format!("The record of {} is part of this one.", other.name);
        self.note_number(tx, &one.key, &said, told).await?;
        let about = format!("{} and {}", one.name, other.name);
        self.keep_people(tx, (version, &register), &entries, ("merge", &about))
            .await
    }

    /// Somebody wrote from a number that nobody had: it is this adult's. Whether anything may be said
    /// of a child is asked as before. `told` is how one knows.
    pub async fn match_number(
        &self,
        tx: &mut Tx,
        phone: &Phone,
        adult: &str,
        told: &str,
    ) -> Result<(), PeopleError> {
        self.may_keep_people()?;
        let told = how_one_knows(told)?;
        let (version, register) = stands(tx, self.school).await?;
        if let Some(taken) = register.people().with_phone(phone).first() {
            return Err(PeopleError::Taken(taken.name.clone()));
        }
        let Some(Entry {
            person: Person::Adult(adult),
            gone: false,
        }) = register.find(Kind::Adult, adult)
        else {
            return Err(PeopleError::Nobody);
        };
        let mut with = adult.clone();
        with.matched.push(phone.clone());
        with.lost.retain(|lost| lost != phone);
        let said = format!("{} is theirs.", phone.national());
        self.note_number(tx, &adult.key, &said, told).await?;
        let about = format!("a number of {}", adult.name);
        let entry = Entry {
            person: Person::Adult(with),
            gone: false,
        };
        self.keep_people(tx, (version, &register), &[entry], ("match", &about))
            .await
    }

    /// Sets when a member of staff is in and away, as typed, and who stands in for them (nobody: empty).
    pub async fn set_work(
        &self,
        tx: &mut Tx,
        staff: &str,
        work: &Draft,
        cover: &str,
    ) -> Result<(), PeopleError> {
        self.may_keep_people()?;
        let (version, register) = stands(tx, self.school).await?;
        let there = |key: &str| match register.find(Kind::Staff, key) {
            Some(Entry {
                person: Person::Staff(staff),
                gone: false,
            }) => Some(staff),
            _ => None,
        };
        let staff = there(staff).ok_or(PeopleError::Nobody)?;
        let read = Work::parse(work.text(), &staff.work).map_err(|faults| {
            let fault = faults.first();
            PeopleError::Refused {
                field: fault.map_or_else(String::new, |f| work.field_of(f).to_owned()),
                words: fault.map_or_else(String::new, |f| format!("{}: {}", f.message, f.remedy)),
            }
        })?;
        let cover = match cover {
            "" => None,
            key if key != staff.key && there(key).is_some() => Some(key.to_owned()),
            _ => {
                return Err(PeopleError::Refused {
                    field: "cover".to_owned(),
                    words: "nobody stands in for themselves: choose a colleague".to_owned(),
                });
            }
        };
        let entry = Entry {
            person: Person::Staff(Staff {
                work: read,
                cover,
                ..staff.clone()
            }),
            gone: false,
        };
        let about = format!("the hours of {}", staff.name);
        self.keep_people(tx, (version, &register), &[entry], ("work", &about))
            .await
    }

    /// Undoes a change of the people, unless a later one stands on it.
    pub async fn undo_people(&self, tx: &mut Tx, change: Uuid) -> Result<(), PeopleError> {
        self.may_keep_people()?;
        let id = &self.school.config.id;
        let (version, register) = stands(tx, self.school).await?;
        let made = tx.people_changes(id, i64::MAX).await?;
        let made = made
            .into_iter()
            .find(|c| c.id == change && c.undone_at.is_none())
            .ok_or(PeopleError::Nobody)?;
        if !UNDONE_BY_A_BUTTON.contains(&made.what.as_str()) {
            return Err(PeopleError::OnTheirPage);
        }
        let mut before = Vec::new();
        for (was, is) in tx.people_changed(id, change).await? {
            let gone_before = was.gone;
            let stands = register.find(is.person.kind(), is.person.key());
            let stands = stands.filter(|stands| is_same_but_for_lost(stands, &is));
            let Some(stands) = stands else {
                return Err(PeopleError::ChangedSince(is.person.name()));
            };
            if made.what != "merge"
                && let (Person::Adult(was), Person::Adult(is)) = (&was.person, &is.person)
                && is.lifted_in(was).is_some()
            {
                return Err(PeopleError::Lifts(is.name.clone()));
            }
            let was = match (was.person, &is.person) {
                (Person::Adult(mut was), Person::Adult(is))
                    if matches!(made.what.as_str(), "match" | "merge") =>
                {
                    self.numbers_leave(tx, is, &mut was).await?;
                    if let Person::Adult(stands) = &stands.person {
                        let theirs: Vec<Phone> = was.numbers().chain(&was.lost).cloned().collect();
                        let lost = stands.lost.iter().filter(|lost| !theirs.contains(lost));
                        was.lost.extend(lost.cloned());
                    }
                    Person::Adult(was)
                }
                (was, _) => was,
            };
            before.push(Entry {
                person: was,
                gone: gone_before,
            });
        }
        tx.change_undone(id, change).await?;
        let about = format!("{} ({})", made.what, made.about);
        self.keep_people(tx, (version, &register), &before, ("undo", &about))
            .await?;
        let since = self.school.local(tx.now()).date();
        for (pupil, plan) in stages_changed(&register, &before) {
            let stage = NewStage {
                pupil: &pupil.key,
                stage: pupil.sen,
                plan,
                since,
                source: "undo",
                staff: &self.staff.key,
                entry: None,
            };
            tx.keep_stage(id, &stage).await?;
        }
        Ok(())
    }

    async fn keep_people(
        &self,
        tx: &mut Tx,
        from: (i64, &Register),
        entries: &[Entry],
        why: (&str, &str),
    ) -> Result<(), PeopleError> {
        let id = &self.school.config.id;
        keep(tx, id, &self.staff.key, from, entries, why, &|_| ()).await?;
        let did = match why.0 {
            "merge" => "merged two records",
            "match" => "matched a number",
            "work" => "changed somebody's hours or absence",
            _ => "undid a change of the people",
        };
        // Whom it is about, by key: a name in the log would outlive an erasure.
        match entries.first().map(|entry| &entry.person) {
            Some(Person::Adult(adult)) => {
                tx.audit_about(id, &self.staff.key, did, &adult.key).await?;
            }
            _ => tx.audit(id, &self.staff.key, did, None).await?,
        }
        Ok(())
    }

    /// What was decided of an adult's numbers, and how one knows, for their page.
    pub(super) async fn note_number(
        &self,
        tx: &mut Tx,
        adult: &str,
        said: &str,
        why: &str,
    ) -> Result<(), StoreError> {
        let new = NewTie {
            adult,
            pupil: "",
            did: "number",
            said,
            why,
            staff: &self.staff.key,
        };
        tx.tie(&self.school.config.id, &new).await
    }

    /// A number that was theirs by a change that is undone is somebody else's, as one that was lost: no
    /// case of theirs is answered there.
    async fn numbers_leave(
        &self,
        tx: &mut Tx,
        is: &Adult,
        was: &mut Adult,
    ) -> Result<(), PeopleError> {
        let left = is.numbers().filter(|n| !was.numbers().any(|w| w == *n));
        let left: Vec<Phone> = left.cloned().collect();
        for phone in left {
            // Cases of a record that was part of this one for a while stay that record's.
            let whose = (is.name.as_str(), &[is.key.as_str()][..], false);
            self.number_leaves(tx, whose, &phone).await?;
            if !was.lost.contains(&phone) {
                was.lost.push(phone);
            }
        }
        Ok(())
    }

    fn may_keep_people(&self) -> Result<(), PeopleError> {
        if keeps_people(self.staff) {
            Ok(())
        } else {
            Err(PeopleError::Nobody)
        }
    }
}
