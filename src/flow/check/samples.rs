//! What a text may be filled with, to measure it: the longest that is likely, of an invented school.

use jiff::civil::{Time, date};

use crate::flow::action::{self, Kind};
use crate::flow::facts;
use crate::flow::value::{Item, Slot, Value, Values};

/// The value of a name: the school's own where it is among `given`, else an invented one.
pub fn value(name: &str, given: &Values) -> Value {
    given.get(name).cloned().unwrap_or_else(|| invented(name))
}

fn invented(name: &str) -> Value {
    let names = |all: &[&str]| all.iter().map(|name| (*name).to_owned()).collect();
    let words = match name {
        "school" => "Kingfisher Primary",
        "office-phone" => "020 7946 0123",
        "senco" => "Mrs Cole",
        "head" => "Mr Wright",
        "council" | "out-of-hours-who" => "Camden",
        "out-of-hours-phone" => "020 7974 4444",
        "absence-phone" => "020 7946 0124",
        "complaints-link" => "kingfisher.example/complaints",
        "sen-report-link" => "kingfisher.example/send",
        "local-offer-link" => "localoffer.camden.gov.uk",
        "parent-view-link" => "parentview.ofsted.gov.uk",
        "teacher" => "Mrs Okafor",
        "person" => "Mrs Adeyemi",
        "topic" => "a worry about your child",
        "name" => "Camden SENDIASS",
        "place" => "the Year 1 room",
        "language-name" | "named" => "Somali",
        "reach" => "0800 064 4488, councilfordisabledchildren.org.uk",
        "what" => "Independent advice",
        "choice" => "Independent advice",
        "reference" => "C-1042",
        "code" => "7294",
        "class" => "3H",
        "kind" => "concern",
        "link" => "https://k.example/c/1042",
        "list" => "C-1042 (7294), C-1043 (7295)",
        "family" => "Amina Yusuf (Sam, 3H)",
        "words" => "I will ring at 3 today.",
        "homework" => "Read for ten minutes a day. Learn the spellings.",
        // The parts that days, times and lists are made of are never measured by themselves.
        "case" => return item("C-1042"),
        "child" | "pupil" => return item("Ayaan"),
        "meeting" => return item("By phone Wed 9 Dec 3.30pm"),
        "event" => return item("Online safety workshop, Tue 8 Dec, 6pm"),
        "language" => return item("Somali"),
        "who" => return Value::Anyone(names(&["Mrs Cole", "Mr Hughes"])),
        "told" | "since" => return Value::When(date(2026, 12, 3).at(15, 30, 0, 0)),
        "count" => return Value::Number(2),
        "minutes" => return Value::Number(30),
        other => return of_kind(kind_of(other)),
    };
    Value::Text(words.to_owned())
}

/// A value of a sort, for the names that a school's own flows bring.
fn of_kind(kind: Option<Kind>) -> Value {
    let names = || vec!["Mrs Cole".to_owned(), "Mr Hughes".to_owned()];
    match kind {
        Some(Kind::Number) => Value::Number(30),
        Some(Kind::Flag) => Value::Flag(true),
        Some(Kind::Item) => item("Ayaan"),
        Some(Kind::List) => Value::List(vec![named("Ayaan"), named("Zofia")]),
        Some(Kind::Slots) => Value::Slots(slots()),
        Some(Kind::Opens) => Value::Opens(date(2026, 12, 2).at(8, 30, 0, 0)),
        Some(Kind::When) => Value::When(date(2026, 12, 3).at(15, 30, 0, 0)),
        Some(Kind::Everyone) => Value::Everyone(names()),
        Some(Kind::Anyone) => Value::Anyone(names()),
        Some(Kind::Hours) => Value::Hours {
            days: vec![1, 2, 3, 4],
            from: Time::constant(8, 30, 0, 0),
            to: Time::constant(16, 0, 0, 0),
        },
        Some(Kind::Text | Kind::Any) | None => Value::Text("Mrs Okafor".to_owned()),
    }
}

fn kind_of(name: &str) -> Option<Kind> {
    if let Some(fact) = facts::find(name) {
        return Some(fact.kind);
    }
    if matches!(name, "by" | "at" | "since") {
        return Some(Kind::When);
    }
    let outcomes = action::ALL.iter().flat_map(|spec| spec.outcomes);
    let mut values = outcomes.flat_map(|outcome| outcome.values);
    let known = values.find(|(brought, _)| brought.trim_end_matches('?') == name);
    known.map(|(_, kind)| *kind)
}

/// Times to choose from.
pub fn slots() -> Vec<Slot> {
    let slot = |day, hour, minute, mode: &str| Slot {
        id: format!("slot-{day}"),
        at: date(2026, 12, day).at(hour, minute, 0, 0),
        mode: mode.to_owned(),
    };
    vec![
        slot(3, 15, 30, "school"),
        slot(7, 8, 40, "school"),
        slot(9, 15, 30, "phone"),
    ]
}

fn named(label: &str) -> Item {
    Item {
        id: label.to_lowercase(),
        label: label.to_owned(),
    }
}

fn item(label: &str) -> Value {
    Value::Item(named(label))
}
