//! How an adult is reached, written down by the office: a new version of their passport, a number that
//! is theirs, one that is somebody else's by now.

use super::people::{PeopleError, keep, keeps_people, stands};
use super::stop::end_talks;
use super::{Actor, interpreter, tell};
use crate::channel::{Status, phone_of_address};
use crate::phone::Phone;
use crate::school::case::Kind as CaseKind;
use crate::school::passport::Passport;
use crate::school::people::{Adult, Entry, Kind, Person, Register};
use crate::store::{Case, Moment, NewCase, NewEntry, StoreError, Told, Tx};

/// Why it was not written down.
#[derive(Debug, thiserror::Error)]
pub enum ReachError {
    /// Nobody said how one knows.
    #[error("write how they told you, such as “on the phone on 1 December”")]
    NotTold,
    /// Nothing is new.
    #[error("nothing is different from what they said before")]
    Same,
    /// No number.
    #[error("`{0}` is not a phone number: write one such as 07700 900123")]
    NotANumber(String),
    /// Somebody has it.
    #[error("this number is on the record of {0} already")]
    Taken(String),
    /// It is a school phone.
    #[error("this is the phone of {0}, who works here: ask the family for another")]
    OfStaff(String),
    /// Somebody was quicker.
    #[error("somebody else has changed the people meanwhile: nothing was changed; look again")]
    Meanwhile,
    /// Not there, or not theirs to do.
    #[error("there is nobody of that name")]
    Nobody,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PeopleError> for ReachError {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Store(error) => Self::Store(error),
            PeopleError::Meanwhile => Self::Meanwhile,
            _ => Self::Nobody,
        }
    }
}

impl ReachError {
    /// The field of the form that it is about.
    pub const fn field(&self) -> &'static str {
        match self {
            Self::NotTold => "told",
            Self::NotANumber(_) | Self::Taken(_) | Self::OfStaff(_) => "number",
            _ => "reach",
        }
    }
}

type Result<T> = std::result::Result<T, ReachError>;

impl Actor<'_> {
    /// A new version of an adult's passport, as they told somebody at school. It stands in the record
    /// as a note of its own, and whoever works with them is told.
    ///
    /// # Errors
    /// [`ReachError`]; nothing was written down.
    pub async fn write_passport(
        &self,
        tx: &mut Tx,
        adult: &str,
        passport: &Passport,
        told: &str,
    ) -> Result<i64> {
        let school = self.school;
        let id = &school.config.id;
        let adult = school.people.adult(adult).ok_or(ReachError::Nobody)?;
        if !keeps_people(self.staff) {
            return Err(ReachError::Nobody);
        }
        let told = told.trim();
        if told.is_empty() {
            return Err(ReachError::NotTold);
        }
        let before = tx.passport(id, &adult.key).await?;
        let before = before.map(|(.., p)| p).unwrap_or_default();
        if before == *passport {
            return Err(ReachError::Same);
        }
        let name = |tag: &str| self.d.language_name(tag);
        let (stood, stands) = (before.lines(name), passport.lines(name));
        let new = stands.iter().filter(|line| !stood.contains(line));
        let gone = stood.iter().filter(|line| {
            let what = line.split(':').next();
            !stands.iter().any(|s| s.split(':').next() == what)
        });
        let mut lines: Vec<String> = new.cloned().collect();
        lines.extend(gone.map(|line| format!("no longer: {line}")));
        let case = self.passport_case(tx, adult).await?;
        let who = Told {
            staff: &self.staff.key,
            how: told,
        };
        let version = tx
            .keep_passport(id, &adult.key, passport, case.id, Some(who))
            .await?;
        let what = format!(
            "Version {version}, as they told {} ({told}): {}",
            self.staff.name,
            lines.join("; ")
        );
        tx.append(case.id, &NewEntry::new("passport", &self.staff.key, &what))
            .await?;
        tx.audit_about(id, &self.staff.key, "wrote a passport", &adult.key)
            .await?;
        tell::owner(self.d, tx, school, &case, "owner").await?;
        for phone in adult.numbers() {
            self.passport_counts(tx, phone, passport).await?;
        }
        Ok(version)
    }

    /// The note that holds it: the teachers of the children who are not kept from this adult have it
    /// too.
    async fn passport_case(&self, tx: &mut Tx, adult: &Adult) -> Result<Case> {
        let school = self.school;
        let today = school.local(tx.now()).date();
        let endpoint = self.d.staff_endpoint(&school.config.id);
        let endpoint = endpoint.map(|e| e.id.clone()).unwrap_or_default();
        let address = adult.numbers().next().map_or("", |n| n.e164());
        let day = today.to_datetime(jiff::civil::Time::midnight());
        let kinds = [CaseKind::Passport.word(); 2];
        let begins = Moment::from(school.instant(day));
        let notes = tx.notes_since(&endpoint, address, kinds, begins).await?;
        // What they say twice on a day is one note.
        let theirs = |case: &Case| {
            let whose = case.adult.as_deref().is_some_and(|key| adult.is(key));
            whose && case.owner.as_ref() == Some(&self.staff.key)
        };
        if let Some(case) = notes.into_iter().find(theirs) {
            return Ok(case);
        }
        let mut copied = Vec::new();
        for child in adult.children.iter().filter(|c| !c.is_restricted(today)) {
            let pupil = school.people.pupil(&child.pupil);
            let teachers = pupil.map(|p| school.people.teachers_of(&p.class));
            copied.extend(teachers.into_iter().flatten().map(|t| t.key.clone()));
        }
        copied.retain(|key| *key != self.staff.key);
        copied.sort();
        copied.dedup();
        let mut case = tx
            .open_case(&NewCase {
                school_id: &school.config.id,
                kind: CaseKind::Passport.word(),
                tier: "ordinary",
                endpoint: &endpoint,
                address,
                adult: Some(&adult.key),
                pupil: None,
                owner: Some(&self.staff.key),
                copied: &copied,
                barred: &[],
                escalate_at: None,
            })
            .await?;
        case.note = true;
        case.acknowledged_at = Some(Moment::from(tx.now()));
        case.acknowledged_by = Some(self.staff.key.clone());
        "acknowledged".clone_into(&mut case.state);
        tx.keep_case(&case).await?;
        Ok(case)
    }

    /// What they are written to in from now on, and an interpreter for what was promised already.
    async fn passport_counts(&self, tx: &mut Tx, phone: &Phone, passport: &Passport) -> Result<()> {
        let school = self.school;
        let id = &school.config.id;
        for lane in tx.lanes_of_number(id, phone.e164()).await? {
            if let Some(tag) = &passport.language
                && school.config.languages.contains(tag)
            {
                let mut lane = tx.hold_lane(id, &lane.endpoint, &lane.address).await?;
                lane.language = Some(tag.clone());
                tx.keep_lane(&lane).await?;
            }
            for case in tx.open_cases_at(&lane.endpoint, &lane.address).await? {
                let promises = tx.promises_of(case.id).await?;
                let open = promises
                    .iter()
                    .find(|p| p.kept_at.is_none() && p.broken_at.is_none());
                if let Some(promise) = open {
                    let by = promise.due_at.timestamp();
                    interpreter::arrange(self.d, tx, school, &case, passport, "phone", by).await?;
                }
            }
        }
        Ok(())
    }

    /// A number is this adult's, as they said. Nobody has proved it: nothing is sent there before
    /// somebody has written from it, but for a page that opens with a PIN.
    ///
    /// # Errors
    /// [`ReachError`]; nothing was changed.
    pub async fn add_number(
        &self,
        tx: &mut Tx,
        adult: &str,
        typed: &str,
        told: &str,
    ) -> Result<()> {
        let (version, register, adult) = self.whom(tx, adult).await?;
        let typed = typed.trim();
        let phone = Phone::parse(typed).map_err(|_| ReachError::NotANumber(typed.to_owned()))?;
        let told = told.trim();
        if told.is_empty() {
            return Err(ReachError::NotTold);
        }
        if let Some(staff) = self.school.staff_with_phone(phone.e164()) {
            return Err(ReachError::OfStaff(staff.name.clone()));
        }
        let people = register.people();
        // Of one household, two have one phone. Of others, the first has to lose it.
        let with = people.with_phone(&phone);
        let theirs = |a: &&&Adult| {
            a.key == adult.key
                || !a
                    .children
                    .iter()
                    .any(|c| adult.children.iter().any(|mine| mine.pupil == c.pupil))
        };
        if let Some(taken) = with.iter().find(theirs) {
            return Err(ReachError::Taken(taken.name.clone()));
        }
        let mut after = adult.clone();
        after.lost.retain(|lost| *lost != phone);
        after.matched.push(phone.clone());
        let said = format!("{} is theirs.", phone.national());
        self.keep_number(tx, (version, &register), after, &said, told)
            .await
    }

    /// A number of this adult's is somebody else's by now: what was on its way there is withdrawn, what
    /// was half said is over, and no case of theirs is answered there.
    ///
    /// # Errors
    /// [`ReachError`]; nothing was changed.
    pub async fn lose_number(
        &self,
        tx: &mut Tx,
        adult: &str,
        number: &str,
        told: &str,
    ) -> Result<()> {
        let (version, register, adult) = self.whom(tx, adult).await?;
        let told = told.trim();
        if told.is_empty() {
            return Err(ReachError::NotTold);
        }
        let phone = adult.numbers().find(|n| n.e164() == number);
        let phone = phone.ok_or(ReachError::Nobody)?.clone();
        let merged = adult.merged.iter().map(|merged| merged.key.as_str());
        let whose: Vec<&str> = std::iter::once(adult.key.as_str()).chain(merged).collect();
        let withdrawn = self
            .number_leaves(tx, (&adult.name, &whose, true), &phone)
            .await?;
        let mut after = adult.clone();
        after.phones.retain(|n| *n != phone);
        after.matched.retain(|n| *n != phone);
        after.lost.push(phone.clone());
        let said = format!(
            "{} is theirs no longer. {withdrawn} messages that had not left were withdrawn.",
            phone.national()
        );
        self.keep_number(tx, (version, &register), after, &said, told)
            .await
    }

    /// What was on its way to a number in cases of these keys of an adult's is withdrawn (in `all` cases, where
    /// the number is a stranger's), what was half said there is over, and each of those cases that is open says
    /// that it is theirs no longer. How many messages were withdrawn.
    pub(super) async fn number_leaves(
        &self,
        tx: &mut Tx,
        (name, whose, all): (&str, &[&str], bool),
        phone: &Phone,
    ) -> std::result::Result<usize, StoreError> {
        let id = &self.school.config.id;
        let mut withdrawn = 0;
        for row in tx.leaving_for_parents(id).await? {
            let there = phone_of_address(&row.address) == Some(phone.e164());
            let case = match row.case_id.filter(|_| there) {
                Some(case) => tx.case(id, case).await?,
                None => None,
            };
            let adult = case.and_then(|case| case.adult);
            let theirs = all || adult.is_none_or(|key| whose.contains(&key.as_str()));
            if there
                && theirs
                && row.status() == Status::Queued
                && tx
                    .withdraw(row.id, "withdrawn: the number is theirs no longer")
                    .await?
            {
                withdrawn += 1;
            }
        }
        end_talks(tx, id, phone).await?;
        for lane in tx.lanes_of_number(id, phone.e164()).await? {
            tx.end_shares_at(id, &lane.endpoint, &lane.address).await?;
            tx.forget_address(&lane.endpoint, &lane.address).await?;
            for case in tx.open_cases_at(&lane.endpoint, &lane.address).await? {
                if !case
                    .adult
                    .as_deref()
                    .is_some_and(|key| whose.contains(&key))
                {
                    continue;
                }
                let what = format!(
                    "{} is {name}'s number no longer: no text of this case goes there. Reach them another way.",
                    phone.national()
                );
                let entry = NewEntry::new("number", &self.staff.key, &what);
                tx.append(case.id, &entry).await?;
            }
        }
        Ok(withdrawn)
    }

    async fn whom(&self, tx: &mut Tx, adult: &str) -> Result<(i64, Register, Adult)> {
        if !keeps_people(self.staff) {
            return Err(ReachError::Nobody);
        }
        let (version, register) = stands(tx, self.school).await?;
        let Some(Entry {
            person: Person::Adult(adult),
            gone: false,
        }) = register.find(Kind::Adult, adult)
        else {
            return Err(ReachError::Nobody);
        };
        let adult = adult.clone();
        Ok((version, register, adult))
    }

    async fn keep_number(
        &self,
        tx: &mut Tx,
        from: (i64, &Register),
        adult: Adult,
        said: &str,
        told: &str,
    ) -> Result<()> {
        let id = &self.school.config.id;
        self.note_number(tx, &adult.key, said, told).await?;
        tx.audit_about(id, &self.staff.key, "changed a number", &adult.key)
            .await?;
        let name = adult.name.clone();
        let entry = Entry {
            person: Person::Adult(adult),
            gone: false,
        };
        let why = ("number", name.as_str());
        keep(tx, id, &self.staff.key, from, &[entry], why, &|_| ()).await?;
        Ok(())
    }
}
