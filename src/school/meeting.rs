//! Meetings: when people are free, what is offered, and the invitation.
//!
//! Offers are not held: two parents may be offered one time, and the database's key on
//! `(person, five minutes)` decides who has it. Nothing here knows what is in the database; what is
//! taken is given. Home visits and meetings with specialists are requests, never slots.

use std::collections::BTreeSet;

use jiff::ToSpan as _;
use jiff::civil::{Date, DateTime, Time};
use serde::{Deserialize, Serialize};

use super::calendar::{Days, SchoolCalendar};
use super::people::{from_word, word_of};

pub mod invitation;
pub mod offer;

/// How people meet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mode {
    /// In school.
    School,
    /// By phone.
    Phone,
    /// By video.
    Video,
    /// At the family's home: a request that the SENCO arranges, never a slot.
    Home,
}

impl Mode {
    /// Every mode with its word.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("school", Self::School),
        ("phone", Self::Phone),
        ("video", Self::Video),
        ("home", Self::Home),
    ];

    /// The word in files, in slots and in the database.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// The mode a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }
}

/// What a meeting is about, which decides how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// How is my child doing: ten minutes.
    Ordinary,
    /// A concern: half an hour, for an open and unhurried conversation.
    Concern,
}

impl Kind {
    /// How long it is.
    pub const fn minutes(self) -> u16 {
        match self {
            Self::Ordinary => 10,
            Self::Concern => 30,
        }
    }
}

/// A weekly time at which a member of staff can meet parents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Availability {
    /// On which days, where they are working days of theirs.
    pub days: Days,
    /// From.
    pub from: Time,
    /// Until: a meeting has ended by then.
    pub to: Time,
    /// In which ways.
    pub modes: Vec<Mode>,
}

/// A time that can be booked: enough to book it by, whoever offered it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Slot {
    /// When it starts, on the school's clock.
    pub at: DateTime,
    /// How long it is.
    pub minutes: u16,
    /// How.
    pub mode: Mode,
    /// Who is there, by key, sorted.
    pub staff: Vec<String>,
}

/// Five minutes of one person: `(who, which)`. What the database holds one row for.
pub type Quantum = (String, i64);

impl Slot {
    /// `2026-12-03T15:30/30/school/mr-hughes+mrs-cole`: the same for the same slot, always.
    pub fn id(&self) -> String {
        format!(
            "{}/{}/{}/{}",
            self.at.strftime("%Y-%m-%dT%H:%M"),
            self.minutes,
            self.mode.word(),
            self.staff.join("+")
        )
    }

    /// The slot of an id; `None` if it was not made by [`Slot::id`].
    pub fn from_id(id: &str) -> Option<Self> {
        let mut parts = id.split('/');
        let slot = Self {
            at: parts.next()?.parse().ok()?,
            minutes: parts.next()?.parse().ok()?,
            mode: Mode::from_word(parts.next()?)?,
            staff: parts.next()?.split('+').map(str::to_owned).collect(),
        };
        (parts.next().is_none() && slot.id() == id).then_some(slot)
    }

    /// What booking it takes, sorted: unsorted, two bookers could wait for each other for ever.
    pub fn taken(&self) -> BTreeSet<Quantum> {
        let quanta = quanta(self.at, self.minutes);
        self.staff
            .iter()
            .flat_map(|who| quanta.iter().map(move |q| (who.clone(), *q)))
            .collect()
    }
}

/// The five minutes that a meeting takes, numbered from 1 January 1970 on the school's clock, sorted.
/// A quantum that is only touched is taken.
pub fn quanta(start: DateTime, minutes: u16) -> Vec<i64> {
    const EPOCH: DateTime = Date::constant(1970, 1, 1).to_datetime(Time::midnight());
    let from = start.duration_since(EPOCH).as_mins();
    let to = from + i64::from(minutes);
    (from.div_euclid(5)..(to + 4).div_euclid(5)).collect()
}

/// When a meeting ends.
pub fn end(start: DateTime, minutes: u16) -> DateTime {
    start.saturating_add(i64::from(minutes).minutes())
}

/// When a parent is reminded: the day before and two hours before, or at the last waking minute before
/// that where it would be night.
pub fn reminders(start: DateTime, calendar: &SchoolCalendar) -> [DateTime; 2] {
    [1.day(), 2.hours()].map(|before| calendar.brought_forward(start.saturating_sub(before)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::school::fixture::{at, kingfisher};

    #[test]
    fn reminders_come_in_waking_hours() {
        let calendar = &kingfisher().calendar;
        for (meeting, day_before, same_day) in [
            ("2026-12-03 15:30", "2026-12-02 15:30", "2026-12-03 13:30"),
            // Two hours before 8.40 is night.
            ("2026-12-03 08:40", "2026-12-02 08:40", "2026-12-02 19:59"),
        ] {
            let expected = [at(day_before), at(same_day)];
            assert_eq!(reminders(at(meeting), calendar), expected, "{meeting}");
        }
    }

    #[test]
    fn a_slot_travels_as_text_and_comes_back() {
        let slot = Slot {
            at: at("2026-12-03 15:30"),
            minutes: 30,
            mode: Mode::School,
            staff: vec!["mr-hughes".to_owned(), "mrs-cole".to_owned()],
        };
        assert_eq!(slot.id(), "2026-12-03T15:30/30/school/mr-hughes+mrs-cole");
        assert_eq!(Slot::from_id(&slot.id()), Some(slot));
        for wrong in [
            "",
            "2026-12-03T15:30/30/school",
            "2026-12-03T15:30/30/school/a/b",
            "2026-12-03T15:30/30/tent/a",
            "2026-12-03 15:30/30/school/a",
        ] {
            assert_eq!(Slot::from_id(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_meeting_takes_every_five_minutes_it_touches() {
        let first = quanta(at("1970-01-01 00:00"), 10);
        assert_eq!(first, [0, 1]);
        let half_hour = quanta(at("2026-12-03 15:30"), 30);
        assert_eq!(half_hour.len(), 6);
        assert!(half_hour.is_sorted());
        // The next meeting takes none of them; one that overlaps by a minute does.
        let next = quanta(at("2026-12-03 16:00"), 10);
        assert!(next.iter().all(|q| !half_hour.contains(q)));
        let overlapping = quanta(at("2026-12-03 15:21"), 10);
        assert!(overlapping.iter().any(|q| half_hour.contains(q)));
    }

    #[test]
    fn a_meeting_of_two_takes_the_time_of_both() {
        let id = "2026-12-03T15:30/10/phone/mr-hughes+mrs-cole";
        let taken = Slot::from_id(id).unwrap().taken();
        assert_eq!(taken.len(), 4);
        assert_eq!(end(at("2026-12-03 15:30"), 10), at("2026-12-03 15:40"));
    }
}
