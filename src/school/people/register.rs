//! Everybody who is or was in a school's records, a record each: what the database keeps and an
//! import changes. [`People`] is made of those who are there.

use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};

use super::{Adult, People, Pupil, Staff};

/// Which list somebody stands in.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Staff and governors.
    Staff,
    /// Pupils.
    Pupil,
    /// Parents and carers.
    Adult,
}

impl Kind {
    /// Every kind with its word in the database.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("staff", Self::Staff),
        ("pupil", Self::Pupil),
        ("adult", Self::Adult),
    ];

    /// The word in the database.
    pub fn word(self) -> &'static str {
        super::word_of(Self::WORDS, self)
    }

    /// The kind a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        super::from_word(Self::WORDS, word)
    }

    /// The word for many of them, on screens and in mapping files.
    pub const fn plural(self) -> &'static str {
        match self {
            Self::Staff => "staff",
            Self::Pupil => "pupils",
            Self::Adult => "adults",
        }
    }
}

/// One person's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "lowercase")]
pub enum Person {
    /// A member of staff.
    Staff(Staff),
    /// A pupil.
    Pupil(Pupil),
    /// A parent or carer.
    Adult(Adult),
}

impl Person {
    /// Which list they stand in.
    pub const fn kind(&self) -> Kind {
        match self {
            Self::Staff(_) => Kind::Staff,
            Self::Pupil(_) => Kind::Pupil,
            Self::Adult(_) => Kind::Adult,
        }
    }

    /// What records call them.
    pub fn key(&self) -> &str {
        match self {
            Self::Staff(staff) => &staff.key,
            Self::Pupil(pupil) => &pupil.key,
            Self::Adult(adult) => &adult.key,
        }
    }

    /// What staff call them.
    pub fn name(&self) -> String {
        match self {
            Self::Staff(staff) => staff.name.clone(),
            Self::Pupil(pupil) => pupil.full_name(),
            Self::Adult(adult) => adult.name.clone(),
        }
    }
}

/// Somebody in the register.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Their record.
    pub person: Person,
    /// No longer in the school's records: kept because cases name them.
    pub gone: bool,
}

/// Everybody who is or was in a school's records, in the order in which they came.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Register {
    /// A record each.
    pub entries: Vec<Entry>,
}

impl Register {
    /// Everybody of a people file.
    pub fn of(people: &People) -> Self {
        let staff = people.staff.iter().cloned().map(Person::Staff);
        let pupils = people.pupils.iter().cloned().map(Person::Pupil);
        let adults = people.adults.iter().cloned().map(Person::Adult);
        let everybody = staff.chain(pupils).chain(adults);
        let there = |person| Entry {
            person,
            gone: false,
        };
        Self {
            entries: everybody.map(there).collect(),
        }
    }

    /// Those who are there; of the others, their names.
    pub fn people(&self) -> People {
        let mut people = People::default();
        for entry in &self.entries {
            let person = &entry.person;
            if entry.gone {
                people.former.insert(person.key().to_owned(), person.name());
                continue;
            }
            match person.clone() {
                Person::Staff(staff) => people.staff.push(staff),
                Person::Pupil(pupil) => people.pupils.push(pupil),
                Person::Adult(adult) => people.adults.push(adult),
            }
        }
        people.forget_the_gone();
        people
    }

    /// Somebody, whether there or gone.
    pub fn find(&self, kind: Kind, key: &str) -> Option<&Entry> {
        let is = |e: &&Entry| e.person.kind() == kind && e.person.key() == key;
        self.entries.iter().find(is)
    }

    /// Sets somebody's record.
    pub fn set(&mut self, entry: Entry) {
        let same = |e: &&mut Entry| {
            e.person.kind() == entry.person.kind() && e.person.key() == entry.person.key()
        };
        match self.entries.iter_mut().find(same) {
            Some(there) => *there = entry,
            None => self.entries.push(entry),
        }
    }
}

impl People {
    /// Nobody refers to somebody who has left.
    fn forget_the_gone(&mut self) {
        let pupils: BTreeSet<&str> = self.pupils.iter().map(|p| p.key.as_str()).collect();
        let staff: BTreeSet<String> = self.staff.iter().map(|s| s.key.clone()).collect();
        let there = |key: &Option<String>| key.as_ref().is_some_and(|k| staff.contains(k));
        for adult in &mut self.adults {
            adult.children.retain(|c| pupils.contains(c.pupil.as_str()));
            if !there(&adult.key_worker) {
                adult.key_worker = None;
            }
        }
        for member in &mut self.staff {
            if !there(&member.cover) {
                member.cover = None;
            }
        }
    }
}
