//! Which times are free, and which three of them to offer.

use std::collections::BTreeSet;

use jiff::SignedDuration;
use jiff::civil::{Date, DateTime, Time};

use super::{Availability, Mode, Quantum, Slot, end};
use crate::school::calendar::{SchoolCalendar, Work};

/// How many school days ahead times are offered.
const SCHOOL_DAYS_AHEAD: usize = 20;

/// One person's working days and the times at which they meet parents.
#[derive(Debug, Clone, Copy)]
pub struct Diary<'a> {
    /// Their key, or whatever the caller knows them by.
    pub key: &'a str,
    /// Their working days and absences.
    pub work: &'a Work,
    /// When they meet parents.
    pub available: &'a [Availability],
}

/// What is looked for.
#[derive(Debug, Clone, Copy)]
pub struct Wanted<'a> {
    /// How long.
    pub minutes: u16,
    /// In which ways, the preferred one first.
    pub modes: &'a [Mode],
    /// Nothing is offered before the next school day after this moment.
    pub now: DateTime,
    /// What is booked already.
    pub taken: &'a BTreeSet<Quantum>,
}

/// The free times at which all of these people can be there, soonest first.
pub fn together(
    calendar: &SchoolCalendar,
    diaries: &[Diary<'_>],
    wanted: &Wanted<'_>,
) -> Vec<Slot> {
    let Some((first, others)) = diaries.split_first() else {
        return Vec::new();
    };
    let today = wanted.now.date();
    let mut slots = BTreeSet::new();
    for day in calendar
        .school_days_from(today)
        .filter(|day| *day > today)
        .take(SCHOOL_DAYS_AHEAD)
    {
        if !diaries.iter().all(|d| calendar.works_on(d.work, day)) {
            continue;
        }
        let mut windows = windows(first, day, wanted.modes);
        for other in others {
            let theirs = self::windows(other, day, wanted.modes);
            windows = windows
                .iter()
                .flat_map(|a| theirs.iter().filter_map(|b| a.shared_with(b)))
                .collect();
        }
        for window in &windows {
            slots.extend(window.slots(day, diaries, wanted));
        }
    }
    slots.into_iter().collect()
}

/// The free times of all of these people together; where they have none in common, those of the
/// first of them who has any. Whom a family needs most is given first.
pub fn together_or_alone(
    calendar: &SchoolCalendar,
    diaries: &[Diary<'_>],
    wanted: &Wanted<'_>,
) -> Vec<Slot> {
    let all = together(calendar, diaries, wanted);
    if !all.is_empty() {
        return all;
    }
    diaries
        .iter()
        .map(|diary| together(calendar, &[*diary], wanted))
        .find(|slots| !slots.is_empty())
        .unwrap_or_default()
}

/// A stretch of one day in one mode.
struct Window {
    from: Time,
    to: Time,
    mode: Mode,
}

fn windows(diary: &Diary<'_>, day: Date, modes: &[Mode]) -> Vec<Window> {
    diary
        .available
        .iter()
        .filter(|a| a.days.contains(day.weekday()))
        .flat_map(|a| {
            modes
                .iter()
                .filter(|mode| a.modes.contains(mode) && **mode != Mode::Home)
                .map(|mode| Window {
                    from: a.from,
                    to: a.to,
                    mode: *mode,
                })
        })
        .collect()
}

impl Window {
    fn shared_with(&self, other: &Self) -> Option<Self> {
        let from = self.from.max(other.from);
        let to = self.to.min(other.to);
        (self.mode == other.mode && from < to).then_some(Self {
            from,
            to,
            mode: self.mode,
        })
    }

    /// Meetings one after another from the beginning, without those that are taken.
    fn slots(&self, day: Date, diaries: &[Diary<'_>], wanted: &Wanted<'_>) -> Vec<Slot> {
        let mut staff: Vec<String> = diaries.iter().map(|d| d.key.to_owned()).collect();
        staff.sort_unstable();
        let last = day.to_datetime(self.to);
        let mut at = day.to_datetime(self.from);
        let mut slots = Vec::new();
        while wanted.minutes > 0 && end(at, wanted.minutes) <= last {
            let slot = Slot {
                at,
                minutes: wanted.minutes,
                mode: self.mode,
                staff: staff.clone(),
            };
            if slot.taken().is_disjoint(wanted.taken) {
                slots.push(slot);
            }
            at = end(at, wanted.minutes);
        }
        slots
    }
}

/// Three times to offer, soonest first: on different days and at different times of day where that
/// can be had; if there is more than one mode, the last in another mode than the first. `passed` are
/// ids that this person has turned down; `offered` is what others were offered in the last hour, and
/// comes last.
pub fn three(slots: &[Slot], passed: &BTreeSet<String>, offered: &BTreeSet<Quantum>) -> Vec<Slot> {
    let fits = |slot: &&Slot| !passed.contains(&slot.id());
    let mut chosen: Vec<Slot> = Vec::new();
    while chosen.len() < 3 {
        let next = slots
            .iter()
            .filter(fits)
            .filter(|s| !chosen.iter().any(|c| c.at == s.at))
            .min_by_key(|s| unsuited(s, &chosen, offered));
        match next {
            Some(slot) => chosen.push(slot.clone()),
            None => break,
        }
    }
    chosen.sort();
    chosen
}

/// How badly a slot fits beside those chosen: the first thing that differs decides.
fn unsuited<'s>(
    slot: &'s Slot,
    chosen: &[Slot],
    offered: &BTreeSet<Quantum>,
) -> (bool, bool, bool, bool, &'s Slot) {
    const NEAR: SignedDuration = SignedDuration::from_mins(60);
    let to_others = !slot.taken().is_disjoint(offered);
    let same_day = chosen.iter().any(|c| c.at.date() == slot.at.date());
    let same_mode = chosen.first().is_some_and(|first| {
        let change = chosen.len() == 2;
        (first.mode == slot.mode) == change
    });
    let same_time = chosen
        .iter()
        .any(|c| slot.at.time().duration_since(c.at.time()).abs() < NEAR);
    (to_others, same_day, same_mode, same_time, slot)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::school::calendar::Period;
    use crate::school::fixture::{at, kingfisher};
    use crate::school::meeting::Kind;
    use crate::school::people::Staff;

    const SCHOOL: &[Mode] = &[Mode::School];

    fn diary(staff: &Staff) -> Diary<'_> {
        Diary {
            key: &staff.key,
            work: &staff.work,
            available: &staff.available,
        }
    }

    fn diaries(keys: &[&str]) -> Vec<Diary<'static>> {
        let people = &kingfisher().people;
        keys.iter()
            .map(|key| diary(people.staff(key).unwrap()))
            .collect()
    }

    fn wanted(taken: &BTreeSet<Quantum>) -> Wanted<'_> {
        Wanted {
            minutes: Kind::Concern.minutes(),
            modes: SCHOOL,
            now: at("2026-12-01 21:40"),
            taken,
        }
    }

    fn told(slots: &[Slot]) -> Vec<String> {
        slots
            .iter()
            .map(|s| format!("{} {}", s.at.strftime("%a %-d %b %H:%M"), s.mode.word()))
            .collect()
    }

    #[test]
    fn the_senco_can_be_met_from_the_next_school_day() {
        let none = BTreeSet::new();
        let calendar = &kingfisher().calendar;
        let slots = together(calendar, &diaries(&["mrs-cole"]), &wanted(&none));
        assert_eq!(
            told(&slots[..7]),
            [
                "Wed 2 Dec 08:40 school",
                "Wed 2 Dec 14:00 school",
                "Wed 2 Dec 14:30 school",
                "Wed 2 Dec 15:00 school",
                "Wed 2 Dec 15:30 school",
                "Thu 3 Dec 08:40 school",
                "Thu 3 Dec 14:00 school",
            ]
        );
        let friday = |s: &Slot| s.at.date() == date(2026, 12, 4);
        assert!(!slots.iter().any(friday), "Mrs Cole is not in on Fridays");
    }

    #[test]
    fn teacher_and_senco_meet_when_both_can() {
        let none = BTreeSet::new();
        let calendar = &kingfisher().calendar;
        let both = diaries(&["mrs-cole", "mr-hughes"]);
        let slots = together_or_alone(calendar, &both, &wanted(&none));
        assert_eq!(
            told(&slots[..3]),
            [
                "Wed 2 Dec 15:30 school",
                "Thu 3 Dec 15:30 school",
                "Mon 7 Dec 15:30 school",
            ]
        );
        assert_eq!(slots[0].staff, ["mr-hughes", "mrs-cole"]);
    }

    #[test]
    fn without_a_time_in_common_the_first_one_is_met_alone() {
        let none = BTreeSet::new();
        let school = kingfisher();
        let mut hughes = school.people.staff("mr-hughes").unwrap().clone();
        hughes.work.absent.push(Period {
            from: date(2026, 12, 1),
            to: date(2027, 7, 31),
        });
        let cole = school.people.staff("mrs-cole").unwrap();
        let both = [diary(cole), diary(&hughes)];
        let slots = together_or_alone(&school.calendar, &both, &wanted(&none));
        assert_eq!(slots[0].staff, ["mrs-cole"]);
        let both = [diary(&hughes), diary(cole)];
        let slots = together_or_alone(&school.calendar, &both, &wanted(&none));
        assert_eq!(slots[0].staff, ["mrs-cole"]);
        assert_eq!(together_or_alone(&school.calendar, &[], &wanted(&none)), []);
    }

    #[test]
    fn what_is_taken_is_not_offered() {
        let calendar = &kingfisher().calendar;
        let hughes = diaries(&["mr-hughes"]);
        // Ten minutes of Wednesday are booked with somebody else: half an hour no longer fits.
        let taken = Slot::from_id("2026-12-02T15:40/10/phone/mr-hughes")
            .unwrap()
            .taken();
        let slots = together(calendar, &hughes, &wanted(&taken));
        assert_eq!(told(&slots[..1]), ["Thu 3 Dec 15:30 school"]);
        let short = Wanted {
            minutes: Kind::Ordinary.minutes(),
            ..wanted(&taken)
        };
        assert_eq!(
            told(&together(calendar, &hughes, &short)[..2]),
            ["Wed 2 Dec 15:30 school", "Wed 2 Dec 15:50 school"]
        );
    }

    #[test]
    fn three_are_spread_over_days_and_times() {
        let none = BTreeSet::new();
        let calendar = &kingfisher().calendar;
        let slots = together(calendar, &diaries(&["mrs-cole"]), &wanted(&none));
        let first = three(&slots, &BTreeSet::new(), &none);
        assert_eq!(
            told(&first),
            [
                "Wed 2 Dec 08:40 school",
                "Thu 3 Dec 14:00 school",
                "Mon 7 Dec 15:00 school",
            ]
        );
        // "Other times": none of the first three again.
        let passed: BTreeSet<String> = first.iter().map(Slot::id).collect();
        let second = three(&slots, &passed, &none);
        assert_eq!(second.len(), 3);
        assert!(second.iter().all(|s| !first.contains(s)));
    }

    #[test]
    fn a_call_is_among_three_when_the_family_can_be_rung() {
        let none = BTreeSet::new();
        let calendar = &kingfisher().calendar;
        let both = Wanted {
            modes: &[Mode::School, Mode::Phone],
            ..wanted(&none)
        };
        let slots = together(calendar, &diaries(&["mrs-okafor", "mrs-cole"]), &both);
        assert_eq!(
            told(&three(&slots, &BTreeSet::new(), &none)),
            [
                "Wed 2 Dec 15:30 school",
                "Thu 3 Dec 15:30 school",
                "Mon 7 Dec 15:30 phone",
            ]
        );
    }

    #[test]
    fn what_others_were_just_offered_comes_last() {
        let none = BTreeSet::new();
        let calendar = &kingfisher().calendar;
        let slots = together(calendar, &diaries(&["mr-hughes"]), &wanted(&none));
        let theirs: BTreeSet<Quantum> = slots[..3].iter().flat_map(Slot::taken).collect();
        let ours = three(&slots, &BTreeSet::new(), &theirs);
        assert!(ours.iter().all(|s| !slots[..3].contains(s)));
        // With nothing else left, they are offered all the same: the database decides who is first.
        assert_eq!(three(&slots[..3], &BTreeSet::new(), &theirs), slots[..3]);
    }
}
