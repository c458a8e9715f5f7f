//! What is different, in words a school office reads, and what of it needs a yes.

use std::collections::{BTreeMap, BTreeSet};

use super::{Ask, Kind, Person, Proposal};
use crate::school::people::{Adult, Known, Pupil, Register, Relationship, Role, Staff, may_lift};

/// So many of a kind may leave at once without a question…
const FEW_GONE: usize = 10;

/// …and more, as long as they are under this share of all (one in so many): at the end of a school
/// year a seventh of a primary school leaves. A file cut short loses more.
const SHARE_GONE: usize = 4;

/// Where most are gone, as from a small school's file that was cut short, so few need no question.
const FEW_OF_MOST: usize = 2;

/// One person for whom something changes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Their record afterwards; of somebody who leaves, as it was.
    pub person: Person,
    /// What changes.
    pub what: What,
    /// The question it waits for.
    pub ask: Option<String>,
}

/// What changes for somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum What {
    /// They are new.
    Added,
    /// Something in their record is different.
    Changed(Vec<Different>),
    /// They are in the file no longer.
    Gone,
    /// They had gone, and are in the file again.
    Back(Vec<Different>),
}

/// A field that is different.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Different {
    /// What it is.
    pub field: String,
    /// What stood there; empty for nothing.
    pub before: String,
    /// What stands there now; empty for nothing.
    pub after: String,
}

/// A question, before it has its name.
struct Asked {
    words: String,
    /// Only who may lift what keeps somebody from a child says yes.
    lifts: bool,
    /// Nobody signed in says yes.
    outside: bool,
}

impl Asked {
    const fn of(words: String, lifts: bool) -> Self {
        Self {
            words,
            lifts,
            outside: false,
        }
    }
}

/// A field of a record, in words.
struct Field {
    /// What it is.
    name: String,
    /// What it says; empty for nothing.
    value: String,
}

/// Compares what was found in files of `kinds` with the register.
pub(super) fn compare(
    register: &Register,
    found: &[Person],
    kinds: impl Iterator<Item = Kind>,
) -> Proposal {
    let mut proposal = Proposal::default();
    let mut known = BTreeMap::new();
    for entry in &register.entries {
        known.insert((entry.person.kind(), entry.person.key()), entry);
    }
    let mut seen = BTreeSet::new();
    for person in found {
        seen.insert((person.kind(), person.key()));
        let Some(entry) = known.get(&(person.kind(), person.key())) else {
            proposal.push(person.clone(), What::Added, raised(register, None, person));
            continue;
        };
        let different = differences(&entry.person, person);
        if entry.gone {
            // Somebody took a contact out for a reason that may still stand.
            let ask = (person.kind() == Kind::Adult).then(|| {
                let words = format!(
                    "{} was taken out before, and is in the file again. Let them back in?",
                    person.name()
                );
                let lifts = loosened(&entry.person, person).is_some_and(|asked| asked.lifts);
                Asked::of(words, lifts)
            });
            let ask = ask.or_else(|| raised(register, None, person));
            proposal.push(person.clone(), What::Back(different), ask);
        } else if entry.person == *person {
            proposal.same += 1;
        } else {
            let ask = loosened(&entry.person, person)
                .or_else(|| raised(register, Some(&entry.person), person));
            proposal.push(person.clone(), What::Changed(different), ask);
        }
    }
    for kind in kinds {
        let there = register
            .entries
            .iter()
            .filter(|e| e.person.kind() == kind && !e.gone);
        let all = there.clone().count();
        let missing: Vec<&Person> = there
            .map(|e| &e.person)
            .filter(|p| !seen.contains(&(kind, p.key())))
            .collect();
        let many = missing.len() > FEW_GONE && missing.len() * SHARE_GONE > all
            || missing.len() > FEW_OF_MOST && missing.len() * 2 > all;
        let id = many.then(|| format!("gone-{}", kind.plural()));
        if let Some(id) = &id {
            proposal.asks.push(Ask {
                id: id.clone(),
                words: format!(
                    "{} of {all} {} are not in the file. Is it complete, and have they left?",
                    missing.len(),
                    kind.plural()
                ),
                lifts: false,
                outside: false,
            });
        }
        for person in missing {
            proposal.changes.push(Change {
                person: person.clone(),
                what: What::Gone,
                ask: id.clone(),
            });
        }
    }
    proposal
}

impl Proposal {
    fn push(&mut self, person: Person, what: What, question: Option<Asked>) {
        let ask = question.map(|asked| {
            let id = format!("{}-{}", person.kind().word(), person.key());
            self.asks.push(Ask {
                id: id.clone(),
                words: asked.words,
                lifts: asked.lifts,
                outside: asked.outside,
            });
            id
        });
        self.changes.push(Change { person, what, ask });
    }
}

/// The question, when somebody who was kept from something would be kept from it no longer.
/// Whether an order or a restriction is lifted by it stands beside.
fn loosened(before: &Person, after: &Person) -> Option<Asked> {
    let (Person::Adult(before), Person::Adult(after)) = (before, after) else {
        return None;
    };
    if let Some(what) = before.lifted_in(after) {
        let words = format!(
            "The file no longer has {what} that stands against {}. Is it lifted?",
            after.name
        );
        return Some(Asked::of(words, true));
    }
    let again = after
        .children
        .iter()
        .any(|c| before.ended.contains(&c.pupil));
    again.then(|| {
        let words = format!(
            "{} was taken off the contacts of a child, and the file has them again. Let them back in?",
            after.name
        );
        Asked::of(words, false)
    })
}

/// Roles that read more than a class: what nobody gets by a list alone.
const READS: [Role; 8] = [
    Role::Senco,
    Role::Dsl,
    Role::DeputyDsl,
    Role::Head,
    Role::DeputyHead,
    Role::ChairOfGovernors,
    Role::It,
    Role::CouncilOperator,
];

/// The question, when somebody would read more than they did, or would sign in or be paged by another
/// address and reads it: once there is somebody who may say yes, no list of the office's decides that.
fn raised(register: &Register, before: Option<&Person>, after: &Person) -> Option<Asked> {
    let Person::Staff(after) = after else {
        return None;
    };
    let before = match before {
        Some(Person::Staff(staff)) => Some(staff),
        _ => None,
    };
    let entries = register.entries.iter().filter(|e| !e.gone);
    let mut leads = entries.filter(|e| matches!(&e.person, Person::Staff(s) if may_lift(s)));
    let reads = READS.iter().any(|role| after.is(*role));
    if !reads || leads.next().is_none() {
        return None;
    }
    let gained = |role: &&Role| after.is(**role) && !before.is_some_and(|b| b.is(**role));
    let gained: Vec<&str> = READS
        .iter()
        .filter(gained)
        .map(|role| role.title())
        .collect();
    let moved = before.is_some_and(|b| b.email != after.email);
    let paged = may_lift(after) || after.is(Role::ChairOfGovernors);
    let rung = paged && before.is_some_and(|b| b.phone != after.phone);
    let name = &after.name;
    let words = if !gained.is_empty() {
        format!(
            "{name} would be {} here, and read more than now. Is that right?",
            gained.join(" and ")
        )
    } else if moved {
        format!("{name} would sign in by another email address. Is that right?")
    } else if rung {
        format!("{name} would be paged on another phone. Is that right?")
    } else {
        return None;
    };
    Some(Asked {
        words,
        lifts: true,
        // What only the chair reads is about the head.
        outside: after.is(Role::ChairOfGovernors),
    })
}

fn differences(before: &Person, after: &Person) -> Vec<Different> {
    let (before, after) = (fields(before), fields(after));
    let value = |fields: &[Field], name: &str| {
        let field = fields.iter().find(|f| f.name == name);
        field.map(|f| f.value.clone()).unwrap_or_default()
    };
    let mut names: Vec<&String> = before.iter().map(|f| &f.name).collect();
    for field in &after {
        if !names.contains(&&field.name) {
            names.push(&field.name);
        }
    }
    names
        .into_iter()
        .map(|name| Different {
            field: name.clone(),
            before: value(&before, name),
            after: value(&after, name),
        })
        .filter(|d| d.before != d.after)
        .collect()
}

fn fields(person: &Person) -> Vec<Field> {
    match person {
        Person::Staff(staff) => of_staff(staff),
        Person::Pupil(pupil) => of_pupil(pupil),
        Person::Adult(adult) => of_adult(adult),
    }
}

fn field(name: impl Into<String>, value: impl Into<String>) -> Field {
    Field {
        name: name.into(),
        value: value.into(),
    }
}

fn listed<T>(values: impl IntoIterator<Item = T>, word: impl Fn(T) -> String) -> String {
    values.into_iter().map(word).collect::<Vec<_>>().join(", ")
}

fn of_staff(staff: &Staff) -> Vec<Field> {
    let clock = |time: jiff::civil::Time| time.strftime("%H:%M").to_string();
    vec![
        field("name", &staff.name),
        field("roles", listed(&staff.roles, |r| r.word().to_owned())),
        field("classes", staff.classes.join(", ")),
        field(
            "phone",
            staff
                .phone
                .as_ref()
                .map(|p| p.national())
                .unwrap_or_default(),
        ),
        field("email", staff.email.clone().unwrap_or_default()),
        field("leads", staff.leads.clone().unwrap_or_default()),
        field("days", staff.work.days.to_string()),
        field(
            "hours",
            format!("{}-{}", clock(staff.work.from), clock(staff.work.to)),
        ),
        field(
            "away",
            listed(&staff.work.absent, |p| format!("{} to {}", p.from, p.to)),
        ),
        field("cover", staff.cover.clone().unwrap_or_default()),
        field(
            "meetings",
            listed(&staff.available, |a| {
                let modes = listed(&a.modes, |m| m.word().to_owned());
                format!("{} {}-{} ({modes})", a.days, clock(a.from), clock(a.to))
            }),
        ),
    ]
}

fn of_pupil(pupil: &Pupil) -> Vec<Field> {
    vec![
        field("name", pupil.full_name()),
        field("class", &pupil.class),
        field(
            "year",
            pupil.year.map(|y| y.to_string()).unwrap_or_default(),
        ),
        field("SEN stage", pupil.sen.word()),
        field(
            "date of birth",
            pupil
                .date_of_birth
                .map(|d| d.to_string())
                .unwrap_or_default(),
        ),
        field(
            "UPN",
            pupil.upn.as_ref().map(|u| u.as_str()).unwrap_or_default(),
        ),
        field(
            "admission number",
            pupil.admission_number.clone().unwrap_or_default(),
        ),
        field(
            "home council",
            pupil.home_council.clone().unwrap_or_default(),
        ),
    ]
}

fn of_adult(adult: &Adult) -> Vec<Field> {
    let mut fields = vec![
        field("name", &adult.name),
        field("phones", listed(&adult.phones, |p| p.national())),
        field("email", adult.email.clone().unwrap_or_default()),
        field("language", adult.language.clone().unwrap_or_default()),
        field("key worker", adult.key_worker.clone().unwrap_or_default()),
        field(
            "prefers",
            adult.prefers.map(|p| p.word()).unwrap_or_default(),
        ),
        field("note", adult.note.clone().unwrap_or_default()),
        field("contact id", adult.contact_id.clone().unwrap_or_default()),
    ];
    let of_child = |c: &Relationship| field(format!("of {}", c.pupil), in_words(c));
    fields.extend(adult.children.iter().map(of_child));
    fields
}

/// The restriction's reason is for the office and the safeguarding leads: that there is one is enough.
fn in_words(child: &Relationship) -> String {
    let known = |what: &str, known: Known| match known {
        Known::Yes => format!(", {what}"),
        Known::No => format!(", not {what}"),
        Known::Unknown => String::new(),
    };
    let restriction = match &child.restriction {
        Some(r) => match r.until {
            Some(until) => format!(", restricted until {until}"),
            None => ", restricted".to_owned(),
        },
        None => String::new(),
    };
    format!(
        "{}{}{}{}{restriction}",
        child.kind,
        known("parental responsibility", child.parental_responsibility),
        known("living with them", child.lives_with),
        known("under a court order", child.court_order),
    )
}
