//! What a school pins up for families: this week's homework and what is on.
//!
//! It is a file that the school edits, read like the people file: every fault at once, each with its
//! place. What is over stays in the file and is not told any more.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};

use super::people::{People, Role};
use crate::document::{Document, Table, read_time};
use crate::fault::{Fault, did_you_mean};

/// Homework of one class.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Homework {
    /// The class, such as `3H`.
    pub class: String,
    /// What there is to do, short enough for a text.
    pub text: String,
    /// Told from this day.
    pub from: Date,
    /// Due on this day, and told until then.
    pub until: Date,
}

/// Something families are invited to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    /// A short word for it, which stands in records: it never changes.
    pub id: String,
    /// Its name, as families read it.
    pub name: String,
    /// When it begins, on the school's clock.
    pub at: DateTime,
    /// Where.
    pub place: String,
    /// How many can come; `None` where everybody can.
    pub capacity: Option<u32>,
    /// Who is told who comes (staff key).
    pub organiser: String,
}

/// Everything on it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Noticeboard {
    /// Homework, in the file's order.
    pub homework: Vec<Homework>,
    /// Events, the first first.
    pub events: Vec<Event>,
}

/// The longest homework and event's name, in characters: with the words around it, two texts.
const LONGEST_HOMEWORK: usize = 160;
const LONGEST_NAME: usize = 40;

impl Noticeboard {
    /// Reads a noticeboard; `people` must know its classes and organisers. The result carries
    /// warnings; an error carries every fault and warning.
    pub fn parse(
        file: &str,
        text: &str,
        people: &People,
    ) -> Result<(Self, Vec<Fault>), Vec<Fault>> {
        let document = Document::parse(file, text);
        let root = document.root();
        let homework: Vec<_> = root
            .tables("homework")
            .into_iter()
            .filter_map(|table| homework(table, people))
            .collect();
        let mut ids = BTreeMap::new();
        let mut events: Vec<_> = root
            .tables("event")
            .into_iter()
            .filter_map(|table| event(table, people, &mut ids))
            .collect();
        events.sort_by_key(|e| e.at);
        root.no_more();
        if document.has_errors() {
            Err(document.into_faults())
        } else {
            Ok((Self { homework, events }, document.into_faults()))
        }
    }

    /// The homework of a class on a day: what was pinned up last.
    pub fn homework_of(&self, class: &str, today: Date) -> Option<&Homework> {
        self.homework
            .iter()
            .filter(|h| h.class == class && h.from <= today && today <= h.until)
            .max_by_key(|h| h.from)
    }

    /// Events still to come, the next first.
    pub fn ahead(&self, now: DateTime) -> impl Iterator<Item = &Event> {
        self.events.iter().filter(move |e| e.at > now)
    }

    /// The event of this id.
    pub fn event(&self, id: &str) -> Option<&Event> {
        self.events.iter().find(|e| e.id == id)
    }
}

fn homework(table: Table<'_>, people: &People) -> Option<Homework> {
    let class = table.need_text("class");
    let known = |c: &str| people.pupils.iter().any(|p| p.class == c);
    if let Some(class) = class.as_ref().filter(|c| !known(&c.value)) {
        let mut classes: Vec<&str> = people.pupils.iter().map(|p| p.class.as_str()).collect();
        classes.sort_unstable();
        classes.dedup();
        table.document().fault(
            class.span.clone(),
            format!("there is no class `{}`", class.value),
            did_you_mean(&class.value, classes),
        );
    }
    let text = table.need_text("text");
    short_enough(&table, "text", LONGEST_HOMEWORK);
    let (from, until) = (table.need_date("from"), table.need_date("until"));
    if from > until && until.is_some() {
        table.document().fault(
            table.span_of("until"),
            "this ends before it begins",
            "put `from` before `until`",
        );
    }
    table.no_more();
    Some(Homework {
        class: class?.value,
        text: text?.value,
        from: from?,
        until: until?,
    })
}

fn event(table: Table<'_>, people: &People, ids: &mut BTreeMap<String, ()>) -> Option<Event> {
    let id = table.need_parsed("id", "small letters, digits and dashes", |text| {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        (!text.is_empty() && text.chars().all(plain)).then(|| text.to_owned())
    });
    if let Some(id) = &id
        && ids.insert(id.clone(), ()).is_some()
    {
        table.document().fault(
            table.span_of("id"),
            format!("two events have the id `{id}`"),
            "give each its own, and never use an old one again",
        );
    }
    let name = table.need_text("name");
    short_enough(&table, "name", LONGEST_NAME);
    let at = table.need_parsed(
        "at",
        "a day and a time, such as \"2026-12-03 09:00\"",
        moment,
    );
    let place = table.need_text("place");
    let capacity = table.number("capacity");
    if let Some(none) = capacity.as_ref().filter(|c| c.value == 0) {
        table.document().fault(
            none.span.clone(),
            "nobody can come to this",
            "write how many can, or leave `capacity` out",
        );
    }
    let organiser = table.need_text("organiser");
    if let Some(organiser) = &organiser {
        let staff = |s: &&crate::school::people::Staff| {
            let reads = |r: &Role| !matches!(r, Role::Governor | Role::It | Role::CouncilOperator);
            s.reachable() && s.roles.iter().any(reads)
        };
        let keys = people.staff.iter().filter(staff).map(|s| s.key.as_str());
        if !keys.clone().any(|key| key == organiser.value) {
            table.document().fault(
                organiser.span.clone(),
                format!(
                    "`{}` is nobody on the staff who can be told who comes",
                    organiser.value
                ),
                did_you_mean(&organiser.value, keys),
            );
        }
    }
    table.no_more();
    Some(Event {
        id: id?,
        name: name?.value,
        at: at?,
        place: place?.value,
        capacity: capacity.map(|c| c.value),
        organiser: organiser?.value,
    })
}

fn short_enough(table: &Table<'_>, key: &'static str, longest: usize) {
    if let Some(text) = table.text(key)
        && text.value.chars().count() > longest
    {
        table.document().fault(
            text.span,
            format!("`{key}` is too long for a text message"),
            format!("keep it under {longest} characters"),
        );
    }
}

/// `2026-12-03 09:00`.
fn moment(text: &str) -> Option<DateTime> {
    let (date, time) = text.trim().split_once(' ')?;
    Some(date.parse::<Date>().ok()?.to_datetime(read_time(time)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::school::fixture::{at, kingfisher};

    fn parse(text: &str) -> Result<(Noticeboard, Vec<Fault>), Vec<Fault>> {
        Noticeboard::parse("noticeboard.toml", text, &kingfisher().people)
    }

    #[test]
    fn what_is_over_is_not_told() {
        let board = &kingfisher().noticeboard;
        let names = |now| -> Vec<&str> { board.ahead(at(now)).map(|e| e.id.as_str()).collect() };
        assert_eq!(names("2026-12-01 09:00").len(), 4);
        assert_eq!(names("2027-06-01 09:00").len(), 0);
        let of = |class, day: &str| board.homework_of(class, at(day).date());
        assert!(of("3H", "2026-12-01 09:00").is_some());
        assert!(of("6M", "2026-12-01 09:00").is_none());
        assert!(of("3H", "2027-06-01 09:00").is_none());
    }

    #[test]
    fn every_fault_is_found_at_once() {
        let text = r#"
[[homework]]
class = "3X"
text  = "Read"
from  = 2026-12-05
until = 2026-12-01
colour = "red"

[[event]]
id = "coffee"
name = "Coffee"
at = "tomorrow"
place = "Hall"
organiser = "mrs-coal"
capacity = 0

[[event]]
id = "coffee"
name = "Coffee again, with a name that is much too long for a text message"
at = "2026-12-03 09:00"
place = "Hall"
organiser = "mrs-cole"
"#;
        let faults = parse(text).unwrap_err();
        let said: Vec<&str> = faults.iter().map(|f| f.message.as_str()).collect();
        insta::assert_debug_snapshot!(said, @r#"
        [
            "there is no class `3X`",
            "this ends before it begins",
            "there is no key `colour` in `homework`",
            "`at` cannot be read: `tomorrow`",
            "`mrs-coal` is nobody on the staff who can be told who comes",
            "nobody can come to this",
            "two events have the id `coffee`",
            "`name` is too long for a text message",
        ]
        "#);
    }
}
