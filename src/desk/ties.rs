//! What stands between an adult and a child, changed by hand: restrictions, the court-order field,
//! who is a contact and who no longer.
//!
//! What keeps somebody from a child counts from the moment it is saved: everything on its way is
//! stopped in the same transaction. What lets somebody be told more needs a reason, and of an order or
//! a restriction somebody who may lift one.

use super::Actor;
use super::people::{PeopleError, keep, keeps_people, stands};
use super::stop::{Stop, Stopped};
use crate::school::people::{
    Adult, BadRestriction, Basis, Entry, Kind, Known, Person, Register, Relationship, Restricting,
    Role, Staff, may_lift, may_restrict,
};
use crate::store::{NewTie, StoreError, Tx};

/// Why what stands between an adult and a child was not changed.
#[derive(Debug, thiserror::Error)]
pub enum TieError {
    /// What was typed.
    #[error(transparent)]
    Bad(#[from] BadRestriction),
    /// The office decides nothing of this.
    #[error(
        "the office records a court order of which it holds a copy: anything else is for a safeguarding lead or the head"
    )]
    OrdersOnly,
    /// Ending or changing one.
    #[error("a safeguarding lead or the head does this")]
    ForLeads,
    /// Nobody is named who decided.
    #[error("choose who decided it or holds the order")]
    NoAuthor,
    /// Nobody said why.
    #[error("write why: how you know, or who decided it")]
    NoReason,
    /// What they are to the child.
    #[error("write what they are to the child, such as mother or foster carer")]
    NoKind,
    /// No child.
    #[error("choose a child")]
    NoChild,
    /// There is one.
    #[error("they are a contact of {0} already")]
    Already(String),
    /// It stands.
    #[error("end the restriction first: while it stands it must not go with the contact")]
    Restricted,
    /// Nothing is different.
    #[error("nothing is different from what stands there")]
    Same,
    /// Not there, or not theirs to change.
    #[error("there is nobody of that name")]
    Nobody,
    /// The people.
    #[error(transparent)]
    People(PeopleError),
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<PeopleError> for TieError {
    fn from(error: PeopleError) -> Self {
        match error {
            PeopleError::Store(error) => Self::Store(error),
            PeopleError::Nobody => Self::Nobody,
            other => Self::People(other),
        }
    }
}

impl TieError {
    /// The field of the form that it is about.
    pub fn field(&self) -> &'static str {
        match self {
            Self::Bad(bad) => bad.field(),
            Self::OrdersOnly => "basis",
            Self::NoAuthor => "by",
            Self::NoKind => "kind",
            Self::NoChild | Self::Already(_) => "pupil",
            Self::NoReason => "reason",
            _ => "tie",
        }
    }
}

type Result<T> = std::result::Result<T, TieError>;

/// What stands between an adult and a child, as somebody chose it.
#[derive(Debug, Clone)]
pub struct Chosen<'a> {
    /// What they are to the child.
    pub kind: &'a str,
    /// Parental responsibility.
    pub responsibility: Known,
    /// Whether the child lives with them.
    pub lives_with: Known,
    /// Whether a court order concerns them.
    pub court_order: Known,
    /// How one knows.
    pub reason: &'a str,
}

/// Who sees the records of parents and carers: those who keep the school's lists, and the safeguarding
/// leads.
pub fn sees_people(staff: &Staff) -> bool {
    keeps_people(staff) || staff.is(Role::Dsl) || staff.is(Role::DeputyDsl)
}

/// Who sets a restriction of some kind.
pub fn may_restrict_at_all(staff: &Staff) -> bool {
    may_restrict(staff, Basis::Order)
}

/// Who may be named as the one who decided a restriction or holds its order: the leads, the head, and
/// whoever writes it down.
pub fn authors<'s>(staff: &'s [Staff], writes: &Staff) -> Vec<&'s Staff> {
    staff
        .iter()
        .filter(|s| may_lift(s) || s.key == writes.key)
        .collect()
}

/// An adult and a child as they stand, with the people around them.
struct Found {
    version: i64,
    register: Register,
    adult: Adult,
    pupil: String,
    /// "Dean Price and Ola Price".
    names: String,
}

impl Found {
    fn tie(&self) -> Option<&Relationship> {
        self.adult.tie(&self.pupil)
    }
}

/// A change to be kept.
struct Change<'a> {
    /// The word in the list of changes of the people.
    what: &'a str,
    /// The word in what was written down about the two.
    did: &'a str,
    /// The line in the audit log.
    audit: &'a str,
    /// What stands now, without the reason.
    said: &'a str,
    why: &'a str,
}

impl Actor<'_> {
    /// Sets a restriction of an adult about a child, or changes the one that stands. From then on
    /// nothing about the child goes to them, and what was on its way is stopped.
    ///
    /// # Errors
    /// [`TieError`]; nothing was changed.
    pub async fn restrict(
        &self,
        tx: &mut Tx,
        adult: &str,
        pupil: &str,
        typed: &Restricting<'_>,
    ) -> Result<Stopped> {
        let found = self.found(tx, adult, pupil).await?;
        let today = self.school.local(tx.now()).date();
        let restriction = typed.read(today)?;
        if !may_restrict(self.staff, restriction.basis.unwrap_or(Basis::Decision)) {
            return Err(TieError::OrdersOnly);
        }
        let known = authors(&self.school.people.staff, self.staff);
        if !known.iter().any(|s| s.key == restriction.by) {
            return Err(TieError::NoAuthor);
        }
        let mut after = found.tie().ok_or(TieError::Nobody)?.clone();
        let before = after.restriction.take();
        if before.is_some() && !may_lift(self.staff) {
            return Err(TieError::ForLeads);
        }
        if before.as_ref() == Some(&restriction) {
            return Err(TieError::Same);
        }
        if restriction.basis == Some(Basis::Order) {
            after.court_order = Known::Yes;
        }
        let by = self.school.name(&restriction.by);
        let stands = restriction.in_words(&by);
        let why = restriction.why.clone().unwrap_or_default();
        after.restriction = Some(restriction);
        let stopped = self.stop(tx, &found, "a restriction stands").await?;
        let (did, audit) = match before {
            None => ("restricted", "set a restriction"),
            Some(_) => ("restriction-changed", "changed a restriction"),
        };
        let change = Change {
            what: "restriction",
            did,
            audit,
            said: &format!("Restricted {stands}. {}", stopped.in_words()),
            why: &why,
        };
        self.keep_tie(tx, found, Some(after), &change).await?;
        Ok(stopped)
    }

    /// Ends a restriction, for a reason.
    ///
    /// # Errors
    /// [`TieError`]; it stands.
    pub async fn end_restriction(
        &self,
        tx: &mut Tx,
        adult: &str,
        pupil: &str,
        why: &str,
    ) -> Result<()> {
        if !may_lift(self.staff) {
            return Err(TieError::ForLeads);
        }
        let why = reason(why)?;
        let found = self.found(tx, adult, pupil).await?;
        let mut after = found.tie().ok_or(TieError::Nobody)?.clone();
        after.restriction.take().ok_or(TieError::Nobody)?;
        let change = Change {
            what: "restriction-ended",
            did: "restriction-ended",
            audit: "ended a restriction",
            said: "The restriction was ended.",
            why,
        };
        self.keep_tie(tx, found, Some(after), &change).await
    }

    /// Changes what stands between an adult and a child, but for a restriction.
    ///
    /// # Errors
    /// [`TieError`]; nothing was changed.
    pub async fn change_tie(
        &self,
        tx: &mut Tx,
        adult: &str,
        pupil: &str,
        chosen: &Chosen<'_>,
    ) -> Result<Option<Stopped>> {
        let found = self.found(tx, adult, pupil).await?;
        let before = found.tie().ok_or(TieError::Nobody)?.clone();
        let after = Relationship {
            restriction: before.restriction.clone(),
            ..relationship(pupil, chosen, before.by_hand)?
        };
        if after == before {
            return Err(TieError::Same);
        }
        let today = self.school.local(tx.now()).date();
        if before.lifted_in(Some(&after)).is_some() && !may_lift(self.staff) {
            return Err(TieError::ForLeads);
        }
        if after.tells_more_than(Some(&before), today) {
            reason(chosen.reason)?;
        }
        // Who may be told no more is told nothing that was on its way either.
        let stops = after.is_unchecked(today) && !before.is_unchecked(today);
        let stopped = match stops {
            true => Some(self.stop(tx, &found, "they are not checked").await?),
            false => None,
        };
        let mut said = in_words(&after);
        if let Some(stopped) = &stopped {
            said.push_str(&format!(". {}", stopped.in_words()));
        }
        let change = Change {
            what: "contact",
            did: "changed",
            audit: "changed what stands between an adult and a child",
            said: &said,
            why: chosen.reason.trim(),
        };
        self.keep_tie(tx, found, Some(after), &change).await?;
        Ok(stopped)
    }

    /// Makes an adult a contact of a child.
    ///
    /// # Errors
    /// [`TieError`]; nothing was changed.
    pub async fn add_tie(
        &self,
        tx: &mut Tx,
        adult: &str,
        pupil: &str,
        chosen: &Chosen<'_>,
    ) -> Result<()> {
        if self.school.people.pupil(pupil).is_none() {
            return Err(TieError::NoChild);
        }
        let found = self.found(tx, adult, pupil).await?;
        if found.tie().is_some() {
            return Err(TieError::Already(self.child(pupil)));
        }
        let after = relationship(pupil, chosen, true)?;
        let why = reason(chosen.reason)?;
        let change = Change {
            what: "contact",
            did: "added",
            audit: "made an adult a contact of a child",
            said: &in_words(&after),
            why,
        };
        self.keep_tie(tx, found, Some(after), &change).await
    }

    /// An adult is a contact of a child no longer: nothing more about the child goes to them.
    ///
    /// # Errors
    /// [`TieError`]; nothing was changed.
    pub async fn end_tie(
        &self,
        tx: &mut Tx,
        adult: &str,
        pupil: &str,
        why: &str,
    ) -> Result<Stopped> {
        let why = reason(why)?;
        let found = self.found(tx, adult, pupil).await?;
        let before = found.tie().ok_or(TieError::Nobody)?;
        if before.restriction.is_some() {
            return Err(TieError::Restricted);
        }
        if before.lifted_in(None).is_some() && !may_lift(self.staff) {
            return Err(TieError::ForLeads);
        }
        let stopped = self
            .stop(tx, &found, "they are no contact of this child any more")
            .await?;
        let change = Change {
            what: "contact",
            did: "ended",
            audit: "took an adult off the contacts of a child",
            said: &format!("No contact of this child any more. {}", stopped.in_words()),
            why,
        };
        self.keep_tie(tx, found, None, &change).await?;
        Ok(stopped)
    }

    async fn found(&self, tx: &mut Tx, adult: &str, pupil: &str) -> Result<Found> {
        if !sees_people(self.staff) {
            return Err(TieError::Nobody);
        }
        let (version, register) = stands(tx, self.school).await?;
        let Some(Entry {
            person: Person::Adult(adult),
            gone: false,
        }) = register.find(Kind::Adult, adult)
        else {
            return Err(TieError::Nobody);
        };
        Ok(Found {
            version,
            adult: adult.clone(),
            pupil: pupil.to_owned(),
            names: format!("{} and {}", adult.name, self.child(pupil)),
            register,
        })
    }

    async fn stop(&self, tx: &mut Tx, found: &Found, why: &str) -> Result<Stopped> {
        let stop = Stop {
            school: self.school,
            by: &self.staff.key,
            why,
        };
        Ok(stop.all(tx, &found.adult, &found.pupil).await?)
    }

    fn child(&self, pupil: &str) -> String {
        let found = self.school.people.pupil(pupil);
        found.map_or_else(|| pupil.to_owned(), |p| p.full_name())
    }

    async fn keep_tie(
        &self,
        tx: &mut Tx,
        found: Found,
        after: Option<Relationship>,
        change: &Change<'_>,
    ) -> Result<()> {
        let Found {
            version,
            register,
            mut adult,
            pupil,
            names,
        } = found;
        let place = adult.children.iter().position(|c| c.pupil == pupil);
        match (place, after) {
            (Some(n), Some(after)) => adult.children[n] = after,
            (None, Some(after)) => {
                adult.ended.retain(|ended| *ended != pupil);
                adult.children.push(after);
            }
            (Some(n), None) => {
                adult.children.remove(n);
                adult.ended.push(pupil.clone());
            }
            (None, None) => return Err(TieError::Nobody),
        }
        let id = &self.school.config.id;
        let new = NewTie {
            adult: &adult.key,
            pupil: &pupil,
            did: change.did,
            said: change.said,
            why: change.why,
            staff: &self.staff.key,
        };
        tx.tie(id, &new).await?;
        tx.audit_about(id, &self.staff.key, change.audit, &adult.key)
            .await?;
        let entry = Entry {
            person: Person::Adult(adult),
            gone: false,
        };
        let from = (version, &register);
        let why = (change.what, names.as_str());
        keep(tx, id, &self.staff.key, from, &[entry], why, &|_| ()).await?;
        Ok(())
    }
}

fn relationship(pupil: &str, chosen: &Chosen<'_>, by_hand: bool) -> Result<Relationship> {
    let kind = chosen.kind.trim().to_lowercase();
    if kind.is_empty() {
        return Err(TieError::NoKind);
    }
    Ok(Relationship {
        pupil: pupil.to_owned(),
        kind,
        parental_responsibility: chosen.responsibility,
        lives_with: chosen.lives_with,
        court_order: chosen.court_order,
        restriction: None,
        by_hand,
    })
}

/// What stands between an adult and a child, but for a restriction.
fn in_words(tie: &Relationship) -> String {
    let known = |known: Known| match known {
        Known::Yes => "yes",
        Known::No => "no",
        Known::Unknown => "not recorded",
    };
    format!(
        "{}; parental responsibility: {}; lives with them: {}; court order: {}",
        tie.kind,
        known(tie.parental_responsibility),
        known(tie.lives_with),
        known(tie.court_order)
    )
}

fn reason(why: &str) -> Result<&str> {
    let why = why.trim();
    if why.is_empty() {
        return Err(TieError::NoReason);
    }
    Ok(why)
}
