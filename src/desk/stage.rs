//! The stage of a pupil's support: set with a day and a reason, kept with its history, and told to each
//! adult who may be told, once a person has seen the exact text.
//!
//! What is said and decided stands in the pupil's record of support: one case a pupil, which the school
//! begins and nobody writes in to.

use jiff::civil::Date;

use super::share::language_of;
use super::young::alone_since;
use super::{Actor, DeskError, LONGEST, Result, people};
use crate::deployment::School;
use crate::flow::value::{Value, Values};
use crate::school::case::Kind;
use crate::school::case::share::{NotShared, Sharing, audience_of};
use crate::school::people::{Adult, Entry, Kind as Who, Person, Pupil, Role, Sen, SetHere, Staff};
use crate::store::{
    Case, FormalNotice, Moment, NewCase, NewEntry, NewStage, Outgoing, Purpose, StageChange,
    StageTold, StoreError, Tx,
};

/// Nobody is a pupil for longer, in years: education, health and care plans go on to the age of 25.
const LONGEST_AT_SCHOOL: i64 = 25;

/// Who sets a pupil's stage, and sees to it that the parents are told: the SENCO and the head.
pub fn sets_stage(staff: &Staff) -> bool {
    staff.is(Role::Senco) || staff.is(Role::Head)
}

/// A stage as somebody sets it.
#[derive(Debug, Clone, Copy)]
pub struct Setting<'a> {
    /// The stage's word.
    pub stage: &'a str,
    /// What kind of plan it is; empty for an EHC plan.
    pub plan: &'a str,
    /// From which day, as it was typed.
    pub since: &'a str,
    /// Why.
    pub why: &'a str,
}

/// An adult of a pupil's, and how they stand to a change of stage.
#[derive(Debug, Clone)]
pub struct Standing<'s> {
    /// Who.
    pub adult: &'s Adult,
    /// Why nothing of it goes to them, if so.
    pub not: Option<NotShared>,
    /// How they came to know.
    pub told: Option<StageTold>,
    /// Their letter.
    pub notice: Option<FormalNotice>,
}

impl Standing<'_> {
    /// Whether somebody has still to do something about them.
    pub fn waits(&self, stage: Sen) -> bool {
        let sent = self.notice.as_ref().is_some_and(|n| n.sent_on().is_some());
        match (&self.not, &self.told) {
            // Somebody has to decide about copies.
            (Some(NotShared::NotDecided), told) => told.is_none(),
            (Some(_), _) => false,
            // Not to tell them was decided, for a reason.
            (None, Some(told)) if told.how == "not" => false,
            (None, _) if stage == Sen::Support => !sent,
            (None, told) => told.is_none(),
        }
    }
}

/// How an adult is told.
#[derive(Debug, Clone, Copy)]
pub enum Telling<'a> {
    /// By this text.
    Text(&'a str),
    /// In another way: when, as it was typed, and how.
    Otherwise(&'a str, &'a str),
    /// Not at all, for a reason.
    Not(&'a str),
}

/// The adult whom the school speaks with first: the first on record with whom the child lives and against
/// whom nothing stands. For everybody else somebody decides about copies.
fn first_adult<'s>(school: &'s School, pupil: &str, today: Date) -> Option<&'s Adult> {
    school.people.adults.iter().find(|adult| {
        let mut children = adult.children.iter();
        children.any(|c| {
            c.pupil == pupil
                && c.lives_with == crate::school::people::Known::Yes
                && !c.is_unchecked(today)
        })
    })
}

/// How each adult of a pupil's stands to a change of stage.
pub async fn standings<'s>(
    tx: &mut Tx,
    school: &'s School,
    change: &StageChange,
) -> std::result::Result<Vec<Standing<'s>>, StoreError> {
    let id = &school.config.id;
    let today = school.local(tx.now()).date();
    let told = tx.told_of(change.id).await?;
    let notices = tx.letters_about(change.id).await?;
    let record = tx.sen_record_as_it_is(id, &change.pupil).await?;
    let first = match record.and_then(|case| case.adult) {
        Some(key) => Some(key),
        None => first_adult(school, &change.pupil, today).map(|a| a.key.clone()),
    };
    let alone = alone_since(tx, school, &change.pupil).await?;
    let mut found = Vec::new();
    for adult in &school.people.adults {
        if !adult.children.iter().any(|c| c.pupil == change.pupil) {
            continue;
        }
        let own = first.as_deref().is_some_and(|key| adult.is(key));
        let sharing = Sharing {
            adult,
            pupil: Some(&change.pupil),
            own,
            sealed: false,
            copies: tx.duplicates(id, &change.pupil, &adult.key).await?,
            alone: alone.is_some_and(|from| from <= today),
            today,
        };
        found.push(Standing {
            adult,
            not: not_told(&sharing),
            told: told.iter().find(|t| adult.is(&t.adult)).cloned(),
            notice: notices.iter().find(|n| adult.is(&n.adult)).cloned(),
        });
    }
    Ok(found)
}

/// Why nothing of a change goes to an adult. Nobody wrote: so whoever the office has not checked is told
/// nothing, and a decision against copies holds for everybody.
fn not_told(sharing: &Sharing<'_>) -> Option<NotShared> {
    let mut children = sharing.adult.children.iter();
    let child = children.find(|c| Some(c.pupil.as_str()) == sharing.pupil);
    if sharing.copies == Some(false) {
        return Some(NotShared::Declined);
    }
    match sharing.allowed() {
        Ok(()) if child.is_some_and(|c| c.is_unchecked(sharing.today)) => {
            Some(NotShared::Unchecked)
        }
        Ok(()) => None,
        Err(why) => Some(why),
    }
}

impl<'a> Actor<'a> {
    /// A pupil of the school.
    pub(super) fn pupil(&self, key: &str) -> Result<&'a Pupil> {
        self.school.people.pupil(key).ok_or(DeskError::NoSuchCase)
    }

    /// The record of a pupil's support; begun, where there is none.
    pub(super) async fn record_of(&self, tx: &mut Tx, pupil: &Pupil) -> Result<Case> {
        let school = self.school;
        let id = &school.config.id;
        if let Some(case) = tx.sen_record(id, &pupil.key).await? {
            return Ok(case);
        }
        let today = school.local(tx.now()).date();
        let adult = first_adult(school, &pupil.key, today);
        let (endpoint, address) = adult.and_then(|a| self.by_phone(a)).unwrap_or_default();
        let owner = school.first_with(Role::Senco, &[]);
        let new = NewCase {
            school_id: id,
            kind: Kind::SenRecord.word(),
            tier: "ordinary",
            endpoint: &endpoint,
            address: &address,
            adult: adult.map(|a| a.key.as_str()),
            pupil: Some(&pupil.key),
            owner: owner.map(|s| s.key.as_str()),
            copied: &[],
            barred: &[],
            escalate_at: None,
        };
        let mut case = tx.open_case(&new).await?;
        // Nobody waits for an answer, and no parent's next words belong to it by themselves.
        case.note = true;
        "acknowledged".clone_into(&mut case.state);
        case.acknowledged_at = Some(Moment::from(tx.now()));
        case.acknowledged_by = Some(self.staff.key.clone());
        tx.keep_case(&case).await?;
        Ok(case)
    }

    /// Sets a pupil's stage: in the people, so that everything goes by it from now on, in the history,
    /// and in the record, where every parent who may be told can be shown why.
    pub async fn set_stage(&self, tx: &mut Tx, pupil: &str, new: &Setting<'_>) -> Result<()> {
        if !sets_stage(self.staff) {
            return Err(DeskError::NoSuchCase);
        }
        let pupil = self.pupil(pupil)?;
        let stage = Sen::from_word(new.stage).ok_or(DeskError::NoStage)?;
        let since = self.day(tx, new.since)?;
        let today = self.school.local(tx.now()).date();
        let longest = jiff::Span::new().years(LONGEST_AT_SCHOOL);
        let born = pupil.date_of_birth;
        let first = born.unwrap_or_else(|| today.checked_sub(longest).unwrap_or(Date::MIN));
        if since < first {
            return Err(DeskError::NotADay(new.since.trim().to_owned()));
        }
        let plan = Some(new.plan.trim()).filter(|p| !p.is_empty() && stage == Sen::Ehcp);
        let why = new.why.trim();
        if why.is_empty() {
            return Err(DeskError::NoWhy);
        }
        // As they stand in the database: another process may have changed more of them meanwhile.
        let id = &self.school.config.id;
        let (version, register) = people::stands(tx, self.school).await?;
        let Some(Entry {
            person: Person::Pupil(was),
            gone: false,
        }) = register.find(Who::Pupil, &pupil.key)
        else {
            return Err(DeskError::NoSuchCase);
        };
        let mut is = was.clone();
        is.sen = stage;
        is.set_here = Some(SetHere {
            since,
            by: self.staff.key.clone(),
            plan: plan.map(str::to_owned),
        });
        let same = is.stage() == was.stage();
        if same && was.set_here.is_some() {
            return Err(DeskError::SameStage(was.stage().to_owned()));
        }
        // One stage follows the other.
        if let Some(set) = was.set_here.as_ref().filter(|set| since < set.since) {
            let from = set.since.strftime("%-d %B %Y").to_string();
            return Err(DeskError::StageBefore(was.stage().to_owned(), from));
        }
        let about = format!("{}: {}", pupil.full_name(), is.stage());
        let entry = Entry {
            person: Person::Pupil(is.clone()),
            gone: false,
        };
        let from = (version, &register);
        let what = ("stage", about.as_str());
        people::keep(tx, id, &self.staff.key, from, &[entry], what, &|_| ()).await?;
        let record = self.record_of(tx, pupil).await?;
        let words = format!(
            "{} since {}. Why: {why}",
            is.stage(),
            since.strftime("%-d %B %Y")
        );
        let seq = tx
            .append(
                record.id,
                &NewEntry {
                    audience: "parents",
                    ..NewEntry::new("stage", &self.staff.key, &words)
                },
            )
            .await?;
        let change = tx
            .keep_stage(
                id,
                &NewStage {
                    pupil: &pupil.key,
                    stage,
                    plan,
                    since,
                    source: "here",
                    staff: &self.staff.key,
                    entry: Some((record.id, seq)),
                },
            )
            .await?;
        if same {
            // What the school's own system said has a day now: nothing that parents have to be told.
            tx.settle_stage(change).await?;
        }
        tx.audit_about(id, &self.staff.key, "set the stage of a pupil", &pupil.key)
            .await?;
        Ok(())
    }

    /// A day that was typed: today, or one that has been.
    pub(super) fn day(&self, tx: &Tx, typed: &str) -> Result<Date> {
        let today = self.school.local(tx.now()).date();
        let day = typed.trim().parse::<Date>().ok();
        day.filter(|day| *day <= today)
            .ok_or_else(|| DeskError::NotADay(typed.trim().to_owned()))
    }

    /// The text that is prepared for an adult, in their language and in the school's own.
    pub async fn stage_text(
        &self,
        tx: &mut Tx,
        change: &StageChange,
        adult: &Adult,
    ) -> Result<(String, Option<String>)> {
        let pupil = self.pupil(&change.pupil)?;
        let school = self.school;
        let senco = school.first_with(Role::Senco, &[]);
        let values = Values::from([
            (
                "school".to_owned(),
                Value::Text(school.config.short_name.clone()),
            ),
            ("child".to_owned(), Value::Text(pupil.first_name.clone())),
            (
                "who".to_owned(),
                Value::Text(senco.map_or_else(|| self.staff.name.clone(), |s| s.name.clone())),
            ),
            (
                "office-phone".to_owned(),
                Value::Text(school.office_phone()),
            ),
            ("plan".to_owned(), Value::Text(change.called().to_owned())),
        ]);
        let id = match change.stage() {
            Sen::None => "stage-none",
            Sen::Concern => "stage-concern",
            Sen::Support => "stage-support",
            Sen::Assessment => "stage-assessment",
            Sen::Ehcp => "stage-plan",
        };
        let way = self.by_phone(adult);
        let language = language_of(tx, school, adult, way.as_ref()).await?;
        let bundle = self.d.bundle();
        let own = &school.config.default_language;
        let ours = (language != *own).then(|| bundle.languages.say(own, id, &values));
        Ok((bundle.languages.say(&language, id, &values), ours))
    }

    /// Why no text reaches an adult, if so.
    pub async fn no_text(&self, tx: &mut Tx, adult: &Adult) -> Result<Option<NotShared>> {
        let Some((endpoint, address)) = self.by_phone(adult) else {
            return Ok(Some(NotShared::NoNumber));
        };
        let lane = tx.lane(&endpoint, &address).await?;
        let stopped = lane.is_some_and(|l| l.stopped_at.is_some() || l.wrong_at.is_some());
        Ok(stopped.then_some(NotShared::Stopped))
    }

    /// How an adult stands to a change, for whoever tells them.
    pub(super) async fn standing(
        &self,
        tx: &mut Tx,
        change: &StageChange,
        adult: &str,
    ) -> Result<Standing<'a>> {
        if !sets_stage(self.staff) {
            return Err(DeskError::NoSuchCase);
        }
        let all = standings(tx, self.school, change).await?;
        all.into_iter()
            .find(|s| s.adult.is(adult))
            .ok_or(DeskError::NotShared(NotShared::NotTheirs))
    }

    /// Tells an adult of a change, or writes down how they were told, or why they are not.
    pub async fn tell_stage(
        &self,
        tx: &mut Tx,
        change: &StageChange,
        adult: &str,
        telling: Telling<'_>,
    ) -> Result<()> {
        let standing = self.standing(tx, change, adult).await?;
        let adult = standing.adult;
        if let (Some(why), false) = (standing.not, matches!(telling, Telling::Not(_))) {
            return Err(DeskError::NotShared(why));
        }
        let today = self.school.local(tx.now()).date();
        let (how, on, words) = match telling {
            Telling::Text(words) => {
                let words = words.trim();
                let length = words.chars().count();
                if words.is_empty() {
                    return Err(DeskError::Empty);
                }
                if length > LONGEST {
                    return Err(DeskError::TooLong(length));
                }
                if let Some(why) = self.no_text(tx, adult).await? {
                    return Err(DeskError::NotShared(why));
                }
                ("text", today, words.to_owned())
            }
            Telling::Otherwise(on, how) => {
                if how.trim().is_empty() {
                    return Err(DeskError::NoHow);
                }
                let on = self.day(tx, on)?;
                let day = on.strftime("%-d %B %Y");
                let words = format!(
                    "{} was told on {day} ({}). How: {}",
                    adult.name,
                    change.called(),
                    how.trim()
                );
                ("otherwise", on, words)
            }
            Telling::Not(why) => {
                if why.trim().is_empty() {
                    return Err(DeskError::NoReason);
                }
                let words = format!(
                    "{} is not told of this stage ({}). Why: {}",
                    adult.name,
                    change.called(),
                    why.trim()
                );
                ("not", today, words)
            }
        };
        let id = &self.school.config.id;
        let record = self.record_of(tx, self.pupil(&change.pupil)?).await?;
        if !tx
            .stage_told(id, change.id, &adult.key, how, on, &self.staff.key)
            .await?
        {
            return Err(DeskError::Done);
        }
        if how == "text" {
            self.text_about(tx, &record, adult, &words).await?;
        }
        let audience = audience(&record, adult);
        let kind = match how {
            "text" => "message-out",
            "otherwise" => "told",
            _ => "not-told",
        };
        let audience = if how == "not" {
            "school"
        } else {
            audience.as_str()
        };
        tx.append(
            record.id,
            &NewEntry {
                audience,
                ..NewEntry::new(kind, &self.staff.key, &words)
            },
        )
        .await?;
        let did = "told a parent of a stage";
        tx.audit(id, &self.staff.key, did, Some(record.id)).await?;
        self.settle(tx, change).await
    }

    /// Queues a text of the school's own to an adult; it keeps quiet hours.
    async fn text_about(
        &self,
        tx: &mut Tx,
        record: &Case,
        adult: &Adult,
        words: &str,
    ) -> Result<()> {
        let (endpoint, address) = self
            .by_phone(adult)
            .ok_or(DeskError::NotShared(NotShared::NoNumber))?;
        let due = self.school.waking(tx, &endpoint, &address).await?;
        let text = Outgoing::text(
            &record.school_id,
            &endpoint,
            &address,
            Purpose::School,
            words.to_owned(),
            due,
        );
        tx.queue(&Outgoing {
            case_id: Some(record.id),
            ..text
        })
        .await?;
        Ok(())
    }

    /// Takes a change off Today, once nobody waits.
    pub(super) async fn settle(&self, tx: &mut Tx, change: &StageChange) -> Result<()> {
        let all = standings(tx, self.school, change).await?;
        if !all.iter().any(|s| s.waits(change.stage())) {
            tx.settle_stage(change.id).await?;
        }
        Ok(())
    }

    /// Decides whether an adult is given copies of what concerns a pupil, from the page of a stage.
    pub async fn decide_copies_of(
        &self,
        tx: &mut Tx,
        change: &StageChange,
        adult: &str,
        given: bool,
    ) -> Result<()> {
        self.standing(tx, change, adult).await?;
        let record = self.record_of(tx, self.pupil(&change.pupil)?).await?;
        self.decide_copies(tx, &record, adult, given).await?;
        self.settle(tx, change).await
    }
}

/// Whose words in a record of support are what one adult was told.
pub(super) fn audience(record: &Case, adult: &Adult) -> String {
    match record.adult.as_deref() {
        Some(key) if adult.is(key) => "adult".to_owned(),
        _ => audience_of(&adult.key),
    }
}
