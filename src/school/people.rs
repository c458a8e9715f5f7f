//! Parents and carers, pupils and staff, as the school's records tell of them.
//!
//! Here stands who is who and who has been checked. It never decides what is said to anybody, and
//! a restriction's reason is for the office and the safeguarding leads, not for class staff.

use std::collections::BTreeMap;

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::calendar::Work;
use super::meeting::Availability;
use crate::document::Placed;
use crate::phone::Phone;

pub mod import;
mod load;
mod merge;
mod register;
mod sound;
mod tie;
mod upn;

pub use register::{Entry, Kind, Person, Register};
pub use sound::{Flaw, Who};
pub use tie::{BadRestriction, Basis, Restricting, may_lift, may_restrict};
pub use upn::{BadUpn, Upn};

/// What a member of staff is at the school. One person may be several.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Role {
    /// Special educational needs co-ordinator.
    Senco,
    /// Class teacher of the classes named.
    ClassTeacher,
    /// Key worker of the adults who name them.
    KeyWorker,
    /// Designated safeguarding lead.
    Dsl,
    /// Deputy safeguarding lead.
    DeputyDsl,
    /// Head teacher.
    Head,
    /// Deputy head.
    DeputyHead,
    /// School office.
    Office,
    /// Governor.
    Governor,
    /// Chair of governors.
    ChairOfGovernors,
    /// Keeps the machine running; never reads a word.
    It,
    /// Runs several schools' services for a council; never reads a word.
    CouncilOperator,
}

impl Role {
    /// Every role with the word that files and the database use.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("senco", Self::Senco),
        ("class-teacher", Self::ClassTeacher),
        ("key-worker", Self::KeyWorker),
        ("dsl", Self::Dsl),
        ("deputy-dsl", Self::DeputyDsl),
        ("head", Self::Head),
        ("deputy-head", Self::DeputyHead),
        ("office", Self::Office),
        ("governor", Self::Governor),
        ("chair-of-governors", Self::ChairOfGovernors),
        ("it", Self::It),
        ("council-operator", Self::CouncilOperator),
    ];

    /// The word in files and in the database.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// As people say it.
    pub fn title(self) -> &'static str {
        match self {
            Self::Senco => "SENCO",
            Self::ClassTeacher => "class teacher",
            Self::KeyWorker => "key worker",
            Self::Dsl => "safeguarding lead",
            Self::DeputyDsl => "deputy safeguarding lead",
            Self::Head => "head",
            Self::DeputyHead => "deputy head",
            Self::Office => "office",
            Self::Governor => "governor",
            Self::ChairOfGovernors => "chair of governors",
            Self::It => "IT",
            Self::CouncilOperator => "council operator",
        }
    }

    /// The role a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }
}

/// Somebody's roles, as people say them.
pub fn titles(roles: &[Role]) -> String {
    let titles: Vec<&str> = roles.iter().map(|role| role.title()).collect();
    titles.join(", ")
}

/// The word of a value in a table of words.
pub(crate) fn word_of<T: PartialEq>(words: &[(&'static str, T)], value: T) -> &'static str {
    words
        .iter()
        .find(|(_, v)| *v == value)
        .map_or("", |(w, _)| w)
}

/// The value of a word in a table of words.
pub(crate) fn from_word<T: Copy>(words: &[(&'static str, T)], word: &str) -> Option<T> {
    words.iter().find(|(w, _)| *w == word).map(|(_, v)| *v)
}

/// A member of staff.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// How files name them: `mrs-cole`.
    pub key: String,
    /// How parents know them: `Mrs Cole`.
    pub name: String,
    /// What they are here.
    pub roles: Vec<Role>,
    /// Where notices go by text, and from which they answer.
    pub phone: Option<Phone>,
    /// Where notices go by email, and the name they sign in by.
    pub email: Option<String>,
    /// Classes they teach.
    pub classes: Vec<String>,
    /// A group of staff they lead, in words ("teaching assistants").
    pub leads: Option<String>,
    /// When they are in.
    pub work: Work,
    /// Who stands in while they are away, by key.
    pub cover: Option<String>,
    /// When parents can meet them.
    pub available: Vec<Availability>,
}

impl Staff {
    /// Whether they hold a role.
    pub fn is(&self, role: Role) -> bool {
        self.roles.contains(&role)
    }

    /// Whether a notice can reach them at all.
    pub fn reachable(&self) -> bool {
        self.phone.is_some() || self.email.is_some()
    }
}

/// How an adult wants to be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Prefers {
    /// Text messages, and a call where it helps.
    Text,
    /// Text messages; never ring this phone.
    TextOnly,
    /// A call.
    Phone,
    /// Email.
    Email,
}

impl Prefers {
    /// Every way with its word.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("text", Self::Text),
        ("text-only", Self::TextOnly),
        ("phone", Self::Phone),
        ("email", Self::Email),
    ];

    /// The word in files and in the database.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// The way a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }
}

/// A parent or carer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Adult {
    /// How files name them.
    pub key: String,
    /// Their name.
    pub name: String,
    /// Their phones, as the school's records have them.
    pub phones: Vec<Phone>,
    /// Numbers that the office found to be theirs after somebody wrote from them. An import that does
    /// not know them leaves them.
    #[serde(default)]
    pub matched: Vec<Phone>,
    /// Numbers that are somebody else's by now. An import that still has them leaves them out.
    #[serde(default)]
    pub lost: Vec<Phone>,
    /// Pupils whose contact they were until somebody at school ended it, by key. An import that names
    /// one again waits for a yes.
    #[serde(default)]
    pub ended: Vec<String>,
    /// What the school's own records call them.
    #[serde(default)]
    pub contact_id: Option<String>,
    /// Other records that turned out to be theirs: cases still name them.
    #[serde(default)]
    pub merged: Vec<Merged>,
    /// Their email.
    pub email: Option<String>,
    /// The language they read, as a tag (`pl`); `None` where nobody has asked.
    pub language: Option<String>,
    /// Their key worker, by key: a key worker belongs to the adult, not to the pupil.
    pub key_worker: Option<String>,
    /// How they want to be reached.
    pub prefers: Option<Prefers>,
    /// What staff should know before they ring or write.
    pub note: Option<String>,
    /// Their children here.
    pub children: Vec<Relationship>,
}

/// A record that turned out to be of somebody who had another.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Merged {
    /// By which cases name it.
    pub key: String,
    /// By which the school's own records do.
    pub contact_id: Option<String>,
}

impl Adult {
    /// Whether a key is theirs: their own, or that of a record merged into it.
    pub fn is(&self, key: &str) -> bool {
        self.key == key || self.merged.iter().any(|m| m.key == key)
    }

    /// Every number from which they may write.
    pub fn numbers(&self) -> impl Iterator<Item = &Phone> {
        self.phones.iter().chain(&self.matched)
    }
}

/// What the record says of something that may be unknown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Known {
    /// It is so.
    Yes,
    /// It is not so.
    No,
    /// Nobody has recorded it.
    Unknown,
}

impl Known {
    /// As files spell it.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("yes", Self::Yes),
        ("no", Self::No),
        ("unknown", Self::Unknown),
    ];

    /// As files spell it for a court order, which is `blank` where nobody has recorded it.
    pub const COURT_ORDER: &'static [(&'static str, Self)] = &[
        ("yes", Self::Yes),
        ("no", Self::No),
        ("blank", Self::Unknown),
    ];

    /// The word in files and in the database.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// What a word stands for; `blank` is unknown too.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word).or_else(|| from_word(Self::COURT_ORDER, word))
    }
}

/// What links an adult and a pupil.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Relationship {
    /// The pupil, by key.
    pub pupil: String,
    /// `mother`, `foster carer`, in the record's words.
    pub kind: String,
    /// Parental responsibility. It changes consent questions only: a natural parent without it is a
    /// parent in education law (Education Act 1996 s.576).
    pub parental_responsibility: Known,
    /// Whether the child lives with them.
    pub lives_with: Known,
    /// Whether a court order concerns them; unknown where the field was left blank.
    pub court_order: Known,
    /// Nothing about this child goes out to this adult.
    pub restriction: Option<Restriction>,
    /// Somebody at school wrote it down. An import that does not know it leaves it.
    #[serde(default)]
    pub by_hand: bool,
}

impl Relationship {
    /// Whether a restriction stands on a day.
    pub fn is_restricted(&self, today: Date) -> bool {
        self.restriction
            .as_ref()
            .is_some_and(|r| r.since <= today && r.until.is_none_or(|until| today <= until))
    }

    /// Whether the office must ask its two questions before anything goes out about this child:
    /// restricted, or lives apart (or nobody knows) with the court-order field blank.
    pub fn is_unchecked(&self, today: Date) -> bool {
        let apart = self.lives_with != Known::Yes && self.court_order == Known::Unknown;
        self.is_restricted(today) || apart
    }
}

/// A block on everything outgoing about a child to an adult. It comes from an order or from a
/// safeguarding lead's decision.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Restriction {
    /// What it rests on; `None` where the record does not say.
    #[serde(default)]
    pub basis: Option<Basis>,
    /// Who set it, by key.
    pub by: String,
    /// From this day.
    pub since: Date,
    /// Until this day; `None` until somebody lifts it.
    pub until: Option<Date>,
    /// The reason, not shown to class staff.
    pub why: Option<String>,
    /// What to say if they make contact.
    pub say: Option<String>,
}

/// How far the school's support for a child's special educational needs is formal: the stages of the
/// graduated approach (SEND Code of Practice 6.44 to 6.66, 9.11), in their order.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sen {
    /// Not on the SEN register.
    None,
    /// Somebody is worried, and school and family look into it: not on the register yet.
    Concern,
    /// SEN support.
    Support,
    /// The council was asked for an EHC needs assessment.
    Assessment,
    /// A plan that the council keeps: now the education, health and care plan. What kind it is may be
    /// said beside it, because the law may change.
    Ehcp,
}

impl Sen {
    /// Every stage with its word.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("none", Self::None),
        ("concern", Self::Concern),
        ("support", Self::Support),
        ("assessment", Self::Assessment),
        ("ehcp", Self::Ehcp),
    ];

    /// The word in files and in the database.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// The stage a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }

    /// Whether the child is on the SEN register.
    pub fn is_registered(self) -> bool {
        self >= Self::Support
    }

    /// What staff call it.
    pub const fn called(self) -> &'static str {
        match self {
            Self::None => "Not on the SEN register",
            Self::Concern => "Initial concern",
            Self::Support => "SEN support",
            Self::Assessment => "EHC needs assessment requested",
            Self::Ehcp => "EHC plan",
        }
    }

    /// As far as the school's own system tells it: the school census knows N, K and E.
    #[must_use]
    pub const fn of_census(self) -> Self {
        match self {
            Self::None | Self::Concern => Self::None,
            Self::Support | Self::Assessment => Self::Support,
            Self::Ehcp => Self::Ehcp,
        }
    }
}

/// A stage that somebody set here. An import that says otherwise does not change it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SetHere {
    /// From which day it holds.
    pub since: Date,
    /// Who set it, by key.
    pub by: String,
    /// What kind of plan it is, where that is not an EHC plan.
    pub plan: Option<String>,
}

/// A child at the school.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pupil {
    /// How files name them.
    pub key: String,
    /// First name: the only one that texts ever use.
    pub first_name: String,
    /// Last name.
    pub last_name: String,
    /// Class, such as `3H`.
    pub class: String,
    /// School year, where it is known.
    pub year: Option<u32>,
    /// The council of the child's home, which need not be the school's.
    pub home_council: Option<String>,
    /// SEN stage.
    pub sen: Sen,
    /// Since when, if it was set here; `None` while the school's own system says it.
    #[serde(default)]
    pub set_here: Option<SetHere>,
    /// Date of birth.
    pub date_of_birth: Option<Date>,
    /// The unique pupil number, where it is known and its check letter fits.
    #[serde(default)]
    pub upn: Option<Upn>,
    /// What the school's own records call them: the admission number.
    #[serde(default)]
    pub admission_number: Option<String>,
}

impl Pupil {
    /// First and last name, for staff.
    pub fn full_name(&self) -> String {
        format!("{} {}", self.first_name, self.last_name)
    }

    /// Their stage as staff call it, with the kind of plan.
    pub fn stage(&self) -> &str {
        let plan = self.set_here.as_ref().and_then(|s| s.plan.as_deref());
        plan.filter(|_| self.sen == Sen::Ehcp)
            .unwrap_or_else(|| self.sen.called())
    }
}

/// Everybody in one school's records.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct People {
    /// Staff and governors.
    pub staff: Vec<Staff>,
    /// Parents and carers.
    pub adults: Vec<Adult>,
    /// Pupils.
    pub pupils: Vec<Pupil>,
    /// The home councils that the file names, with their places: whether they are known is seen
    /// later, beside the directory.
    pub home_councils: Vec<Placed<String>>,
    /// Who has left, by key: the record still names them.
    pub former: BTreeMap<String, String>,
}

/// What a phone number is to the school. Everything but `Checked` gets one and the same answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Standing<'p> {
    /// Nobody has this number.
    Unknown,
    /// On the records, but the office has to ask first.
    Unchecked(Vec<&'p Adult>),
    /// One adult, or several of one household.
    Checked(Vec<&'p Adult>),
}

impl People {
    /// A member of staff by key.
    pub fn staff(&self, key: &str) -> Option<&Staff> {
        self.staff.iter().find(|s| s.key == key)
    }

    /// An adult by key, or by that of a record merged into theirs.
    pub fn adult(&self, key: &str) -> Option<&Adult> {
        self.adults.iter().find(|a| a.is(key))
    }

    /// A pupil by key.
    pub fn pupil(&self, key: &str) -> Option<&Pupil> {
        self.pupils.iter().find(|p| p.key == key)
    }

    /// The staff who hold a role.
    pub fn with_role(&self, role: Role) -> impl Iterator<Item = &Staff> {
        self.staff.iter().filter(move |s| s.is(role))
    }

    /// The teachers of a class.
    pub fn teachers_of(&self, class: &str) -> impl Iterator<Item = &Staff> {
        self.staff
            .iter()
            .filter(move |s| s.classes.iter().any(|c| c == class))
    }

    /// The adults who have a number.
    pub fn with_phone<'p>(&'p self, phone: &Phone) -> Vec<&'p Adult> {
        let has = |adult: &&Adult| adult.numbers().any(|n| n == phone);
        self.adults.iter().filter(has).collect()
    }

    /// What a number is to the school on a day.
    pub fn standing(&self, phone: &Phone, today: Date) -> Standing<'_> {
        let adults = self.with_phone(phone);
        let checked = |a: &&Adult| {
            !a.children.is_empty() && !a.children.iter().any(|c| c.is_unchecked(today))
        };
        if adults.is_empty() {
            Standing::Unknown
        } else if adults.iter().all(checked) && one_household(&adults) {
            Standing::Checked(adults)
        } else {
            Standing::Unchecked(adults)
        }
    }
}

/// Whether adults who share a number are one household: each shares a child with the first.
fn one_household(adults: &[&Adult]) -> bool {
    let Some((first, others)) = adults.split_first() else {
        return true;
    };
    let shares = |adult: &&Adult| {
        adult
            .children
            .iter()
            .any(|c| first.children.iter().any(|f| f.pupil == c.pupil))
    };
    others.iter().all(shares)
}

#[cfg(test)]
mod tests;
