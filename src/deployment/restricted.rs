//! What about a child goes to whom nothing about that child may go: looked at when that is decided, and
//! once more before a message leaves, whoever wrote it.

use jiff::civil::Date;

use super::School;
use crate::channel::phone_of_address;
use crate::school::people::{Adult, People, Relationship};
use crate::store::{Case, OutboxRow, Purpose, Result, Tx};

/// An adult, and a child about whom nothing goes to them.
#[derive(Debug, Clone, Copy)]
pub struct KeptFrom<'p> {
    /// The adult.
    pub adult: &'p Adult,
    /// The child, by key.
    pub pupil: &'p str,
}

/// What a message is, for somebody from whom a child is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum About {
    /// It goes to somebody else, or is about another child.
    Other,
    /// It goes to them, and nobody can say about which child.
    Unknown,
    /// It goes to them and is about the child.
    Child,
}

/// Every restriction that stands on a day.
pub fn restrictions(people: &People, today: Date) -> Vec<KeptFrom<'_>> {
    let mut found = Vec::new();
    for adult in &people.adults {
        let kept = adult.children.iter().filter(|c| c.is_restricted(today));
        found.extend(kept.map(|c| KeptFrom {
            adult,
            pupil: &c.pupil,
        }));
    }
    found
}

/// What a message is for those from whom a child is kept. What is said where a child may be in danger
/// names nobody, and is never kept from anybody.
pub async fn about(tx: &mut Tx, kept: &[KeptFrom<'_>], row: &OutboxRow) -> Result<About> {
    if kept.is_empty() || row.staff.is_some() || row.purpose() == Purpose::Safeguarding {
        return Ok(About::Other);
    }
    let case = match row.case_id {
        Some(id) => tx.case(&row.school_id, id).await?,
        None => None,
    };
    let phone = match phone_of_address(&row.address) {
        Some(phone) => Some(phone.to_owned()),
        None => {
            let lane = tx.lane(&row.endpoint, &row.address).await?;
            lane.and_then(|l| l.proved_phone)
        }
    };
    let has = |adult: &Adult| {
        let number = adult.numbers().any(|n| Some(n.e164()) == phone.as_deref());
        let email = adult.email.as_ref().is_some_and(|e| *e == row.address);
        // Where nobody's number is known, as on Telegram, the case says whose thread it is.
        let thread = case.as_ref().is_some_and(|c| {
            let whose = c.adult.as_deref().is_some_and(|key| adult.is(key));
            whose && c.endpoint == row.endpoint && c.address == row.address
        });
        number || email || thread
    };
    let theirs: Vec<&str> = kept
        .iter()
        .filter(|k| has(k.adult))
        .map(|k| k.pupil)
        .collect();
    Ok(match case.and_then(|c| c.pupil) {
        _ if theirs.is_empty() => About::Other,
        None => About::Unknown,
        Some(pupil) if theirs.contains(&pupil.as_str()) => About::Child,
        Some(_) => About::Other,
    })
}

impl School {
    /// What keeps the child of a case from whoever is answered in it. Where nobody has said yet who wrote,
    /// the number does; and where not about which child, it may be any that is kept from them.
    pub fn kept_from_writer(&self, case: &Case, today: Date) -> Option<&Relationship> {
        let named = case.adult.as_deref().and_then(|key| self.people.adult(key));
        if let (Some(adult), Some(pupil)) = (named, case.pupil.as_deref()) {
            return adult.tie(pupil).filter(|tie| tie.is_restricted(today));
        }
        let number = phone_of_address(&case.address);
        let has = |adult: &&Adult| adult.numbers().any(|n| Some(n.e164()) == number);
        let writers = named
            .into_iter()
            .chain(self.people.adults.iter().filter(has));
        let is_meant = |pupil: &str| case.pupil.as_deref().is_none_or(|of| of == pupil);
        writers
            .flat_map(|adult| &adult.children)
            .find(|tie| is_meant(&tie.pupil) && tie.is_restricted(today))
    }

    /// Whether the number a case was written from is somebody else's by now.
    pub fn is_lost_number(&self, case: &Case) -> bool {
        let adult = case.adult.as_deref().and_then(|key| self.people.adult(key));
        let number = phone_of_address(&case.address);
        adult.is_some_and(|a| a.lost.iter().any(|lost| Some(lost.e164()) == number))
    }
}
