//! What would be wrong with a school's people wherever they came from: a file, or an import.
//!
//! A parent's concern must never be taken in by a school that has nobody to give it to.

use std::collections::BTreeMap;

use super::{Adult, People, Role, Staff, one_household};
use crate::fault::Severity;

/// Whom a flaw is about: their place in [`People`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Who {
    /// A member of staff.
    Staff(usize),
    /// A parent or carer.
    Adult(usize),
}

/// Something wrong with a school's people.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flaw {
    /// Whether the school could work all the same.
    pub severity: Severity,
    /// Whom it is about; `None` when it is about all of them.
    pub about: Option<Who>,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub remedy: String,
}

impl Flaw {
    fn error(about: Option<Who>, message: String, remedy: impl Into<String>) -> Self {
        Self {
            severity: Severity::Error,
            about,
            message,
            remedy: remedy.into(),
        }
    }

    fn warning(about: Option<Who>, message: String, remedy: impl Into<String>) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(about, message, remedy)
        }
    }
}

impl People {
    /// Everything that is wrong with these people.
    pub fn flaws(&self) -> Vec<Flaw> {
        let mut found = Vec::new();
        self.emails_are_unique(&mut found);
        self.phones_are_sound(&mut found);
        self.school_could_work(&mut found);
        found
    }

    /// Staff sign in by their email.
    fn emails_are_unique(&self, found: &mut Vec<Flaw>) {
        let mut seen: BTreeMap<String, &Staff> = BTreeMap::new();
        for (n, member) in self.staff.iter().enumerate() {
            let Some(email) = &member.email else { continue };
            if let Some(other) = seen.insert(email.to_lowercase(), member) {
                found.push(Flaw::error(
                    Some(Who::Staff(n)),
                    format!("{} and {} have one email, {email}", other.name, member.name),
                    "give each an email of their own: it is what they sign in by",
                ));
            }
        }
    }

    fn phones_are_sound(&self, found: &mut Vec<Flaw>) {
        let mut staff: BTreeMap<&str, &str> = BTreeMap::new();
        for (n, member) in self.staff.iter().enumerate() {
            let Some(phone) = &member.phone else { continue };
            if let Some(other) = staff.insert(phone.e164(), &member.name) {
                found.push(Flaw::error(
                    Some(Who::Staff(n)),
                    format!("{} and {other} have the same phone", member.name),
                    "a notice is answered from a phone: give each their own, or leave one out",
                ));
            }
        }
        let mut adults: BTreeMap<&str, &Adult> = BTreeMap::new();
        for (n, adult) in self.adults.iter().enumerate() {
            for phone in adult.numbers() {
                let Some(other) = adults.insert(phone.e164(), adult) else {
                    continue;
                };
                if !one_household(&[other, adult]) {
                    found.push(Flaw::warning(
                        Some(Who::Adult(n)),
                        format!(
                            "{} and {} have one phone and no child in common",
                            adult.name, other.name
                        ),
                        "nothing about either child goes to this number until the office has asked",
                    ));
                }
            }
        }
    }

    fn school_could_work(&self, found: &mut Vec<Flaw>) {
        for (role, what) in [
            (Role::Senco, "SENCO"),
            (Role::Dsl, "designated safeguarding lead"),
            (Role::Head, "head"),
            (Role::Office, "office"),
        ] {
            let mut holders = self.with_role(role).peekable();
            if holders.peek().is_none() {
                found.push(Flaw::error(
                    None,
                    format!("the school has no {what}"),
                    format!("give somebody the role `{}`", role.word()),
                ));
            } else if !holders.any(Staff::reachable) {
                found.push(Flaw::error(
                    None,
                    format!("no message can reach the {what}"),
                    "add a phone or an email",
                ));
            }
        }
        for (n, member) in self.staff.iter().enumerate() {
            if !member.reachable() {
                found.push(Flaw::warning(
                    Some(Who::Staff(n)),
                    format!("no message can reach {}", member.name),
                    "add a phone or an email",
                ));
            }
        }
    }
}
