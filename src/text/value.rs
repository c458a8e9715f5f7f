//! Values with a name: what a conversation knows and a text says. The engine knows values, never school types.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

/// Named values: answers, facts, what an action brought.
pub type Values = BTreeMap<String, Value>;

/// Something a person can choose, or that an action made: an id for us, a label for them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Item {
    /// What an action is given (a UUID, a service's key).
    pub id: String,
    /// What a person reads: `Sam`, `C-1042`.
    pub label: String,
}

impl AsRef<str> for Item {
    fn as_ref(&self) -> &str {
        &self.label
    }
}

/// One value. How it reads in a text depends on the language, so times stay times until then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Value {
    /// Words.
    Text(String),
    /// A whole number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// One thing.
    Item(Item),
    /// Several things to choose from, in order.
    List(Vec<Item>),
    /// Several moments to choose from (slots): the id books it.
    Slots(Vec<Slot>),
    /// A moment on the school's clock: "Thu 3 Dec, 4pm".
    When(DateTime),
    /// A moment that is soon: "Wed 8.30am" (weekday and time, no date).
    Opens(DateTime),
    /// A day: "Thu 3 Dec".
    Day(Date),
    /// A time of day: "3.30pm".
    Clock(Time),
    /// People joined by "and": "Mrs Cole and Mr Hughes".
    Everyone(Vec<String>),
    /// People joined by "or": "Mrs Cole or Mr Hughes".
    Anyone(Vec<String>),
    /// Days and hours of work: "Mon-Thu 8.30-4".
    Hours {
        /// The days in order, Monday is 1 (ISO 8601).
        days: Vec<i8>,
        /// From.
        from: Time,
        /// Until.
        to: Time,
    },
}

/// A time that can be booked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Slot {
    /// What `book` is given.
    pub id: String,
    /// When it starts, on the school's clock.
    pub at: DateTime,
    /// How: `school`, `phone`, `video`.
    pub mode: String,
}
