//! Who is paged for safeguarding, and when again.
//!
//! A page repeats until somebody opens the entry, signed in. Moments are instants here, not times on
//! the wall: on the night when the clocks go back, ten minutes must not become seventy. Whoever is
//! named in a message is taken out before any list is made.

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};
use jiff::{SignedDuration, Timestamp, ToSpan as _};

use super::calendar::{Days, SchoolCalendar};
use super::people::{People, Role, Staff};

/// Hours of the week, every week of the year, at which named staff answer a page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shift {
    /// Their keys.
    pub staff: Vec<String>,
    /// On which days it begins.
    pub days: Days,
    /// From.
    pub from: Time,
    /// Until; at or before `from` it is the next morning.
    pub to: Time,
    /// Where the shift stands in the configuration, for a fault found later.
    pub span: Option<Range<usize>>,
}

/// The safeguarding rota.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Rota {
    /// The shifts.
    pub shifts: Vec<Shift>,
    /// The school has said that nobody is on at other hours, which changes what parents are told.
    pub not_staffed: bool,
}

/// How pressing a page is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Level {
    /// A child may be in danger now.
    Urgent,
    /// Somebody must judge it soon.
    Review,
}

const URGENT_EVERY: SignedDuration = SignedDuration::from_mins(10);
const REVIEW_EVERY: SignedDuration = SignedDuration::from_mins(60);
const REVIEW_LAST: Time = Time::constant(20, 0, 0, 0);
const REVIEW_FIRST: Time = Time::constant(7, 30, 0, 0);
const OK_DELAYS: SignedDuration = SignedDuration::from_mins(15);
const HEAD_AFTER: SignedDuration = SignedDuration::from_mins(30);
const HEAD_AFTER_SCHOOL_TIME: SignedDuration = SignedDuration::from_hours(2);

impl Shift {
    /// Whether a moment lies in the shift, which may run past midnight.
    fn covers(&self, at: DateTime) -> bool {
        let (today, time) = (at.date().weekday(), at.time());
        if self.from < self.to {
            return self.days.contains(today) && self.from <= time && time < self.to;
        }
        let evening = self.days.contains(today) && self.from <= time;
        let morning = self.days.contains(today.previous()) && time < self.to;
        evening || morning
    }
}

impl Rota {
    /// Who is on at a moment, by key. Nobody means that the school is not staffed then.
    pub fn on(&self, at: DateTime) -> Vec<&str> {
        let mut staff: Vec<&str> = self
            .shifts
            .iter()
            .filter(|s| s.covers(at))
            .flat_map(|s| s.staff.iter().map(String::as_str))
            .collect();
        staff.sort_unstable();
        staff.dedup();
        staff
    }

    /// Whether somebody other than the people named is on: it decides what a parent is told.
    pub fn staffed(&self, at: DateTime, named: &[String]) -> bool {
        self.on(at).iter().any(|key| !is_named(named, key))
    }

    /// The first day and time of the week that no shift covers.
    pub fn first_gap(&self) -> Option<(&'static str, Time)> {
        const DAYS: [&str; 7] = [
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ];
        // Any week does: a shift knows days of the week, not dates.
        const MONDAY: Date = Date::constant(2026, 11, 30);
        let start = MONDAY.to_datetime(Time::midnight());
        start
            .series(1.minute())
            .take(7 * 24 * 60)
            .find(|at| !self.shifts.iter().any(|s| s.covers(*at)))
            .map(|at| {
                let day = at.date().weekday().to_monday_zero_offset();
                let name = DAYS.get(usize::from(day.unsigned_abs())).copied();
                (name.unwrap_or_default(), at.time())
            })
    }
}

/// Who is paged at once: the safeguarding lead, the deputies and whoever is on the rota. About staff
/// it is the head, and about the head the chair of governors. When everybody of that list is named
/// or missing, the next who is not: a page always has somebody to go to where the school has anybody.
pub fn paged<'p>(
    people: &'p People,
    on_rota: &[&str],
    about_staff: bool,
    named: &[String],
) -> Vec<&'p Staff> {
    if about_staff {
        return above(people, named);
    }
    let leads = |s: &&Staff| {
        let lead = s.is(Role::Dsl) || s.is(Role::DeputyDsl) || on_rota.contains(&s.key.as_str());
        lead && s.reachable() && !is_named(named, &s.key)
    };
    let leads: Vec<&Staff> = people.staff.iter().filter(leads).collect();
    if leads.is_empty() {
        above(people, named)
    } else {
        leads
    }
}

/// Who is told next: the head; the chair of governors where the head is named or cannot be reached;
/// failing both, the safeguarding leads.
pub fn above<'p>(people: &'p People, named: &[String]) -> Vec<&'p Staff> {
    let ladder: [&[Role]; 3] = [
        &[Role::Head],
        &[Role::ChairOfGovernors],
        &[Role::Dsl, Role::DeputyDsl],
    ];
    ladder
        .iter()
        .map(|roles| with_roles(people, roles, named))
        .find(|found| !found.is_empty())
        .unwrap_or_default()
}

fn with_roles<'p>(people: &'p People, roles: &[Role], named: &[String]) -> Vec<&'p Staff> {
    let fits = |s: &&Staff| {
        roles.iter().any(|role| s.is(*role)) && s.reachable() && !is_named(named, &s.key)
    };
    people.staff.iter().filter(fits).collect()
}

fn is_named(named: &[String], key: &str) -> bool {
    named.iter().any(|n| n == key)
}

/// When an entry that nobody has opened is paged again, after the page at `last`: urgent every ten
/// minutes; review every hour until 20:00 and again at 07:30.
pub fn next_page(level: Level, last: Timestamp, calendar: &SchoolCalendar) -> Timestamp {
    let every = match level {
        Level::Urgent => return later(last, URGENT_EVERY),
        Level::Review => REVIEW_EVERY,
    };
    let next = later(last, every);
    let wall = calendar.local(next);
    if wall.time() < REVIEW_FIRST {
        calendar.instant(wall.date().to_datetime(REVIEW_FIRST))
    } else if wall.time() > REVIEW_LAST {
        let tomorrow = wall.date().saturating_add(1.day());
        calendar.instant(tomorrow.to_datetime(REVIEW_FIRST))
    } else {
        next
    }
}

/// When the next page goes after `OK` and a code by text, which proves nothing: it is put off to a
/// quarter of an hour from now at most, however often it is sent.
pub fn after_ok(next: Timestamp, now: Timestamp) -> Timestamp {
    next.max(later(now, OK_DELAYS))
}

/// When the head is told of an entry that nobody has opened: after 30 minutes, or for a review after
/// two hours of the school's own hours. Those count in holidays too: a page cannot wait for term.
pub fn head_at(level: Level, opened: Timestamp, calendar: &SchoolCalendar) -> Timestamp {
    if level == Level::Urgent {
        return later(opened, HEAD_AFTER);
    }
    let opened_at = calendar.local(opened);
    let mut left = HEAD_AFTER_SCHOOL_TIME;
    for day in opened_at.date().series(1.day()).take(14) {
        if !calendar.days.contains(day.weekday()) {
            continue;
        }
        let from = day.to_datetime(calendar.open).max(opened_at);
        let to = day.to_datetime(calendar.close);
        let here = to.duration_since(from).max(SignedDuration::ZERO);
        if left <= here {
            return calendar.instant(from.saturating_add(left));
        }
        left -= here;
    }
    later(opened, HEAD_AFTER)
}

fn later(at: Timestamp, by: SignedDuration) -> Timestamp {
    at.checked_add(by).unwrap_or(Timestamp::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::school::fixture::{at, kingfisher};

    fn keys(staff: Vec<&Staff>) -> Vec<&str> {
        staff.into_iter().map(|s| s.key.as_str()).collect()
    }

    #[test]
    fn the_rota_says_when_somebody_is_there() {
        let rota = &kingfisher().safeguarding.rota;
        for (now, expected) in [
            ("2026-12-01 07:29", false),
            ("2026-12-01 07:30", true),
            ("2026-12-26 19:59", true),
            ("2026-12-01 20:00", false),
        ] {
            assert_eq!(rota.staffed(at(now), &[]), expected, "{now}");
        }
        assert_eq!(rota.on(at("2026-12-01 12:00")), ["mr-grant", "mrs-adeyemi"]);
        let both = ["mr-grant".to_owned(), "mrs-adeyemi".to_owned()];
        assert!(!rota.staffed(at("2026-12-01 12:00"), &both));
    }

    #[test]
    fn a_night_shift_ends_the_next_morning() {
        let night = Rota {
            shifts: vec![Shift {
                staff: vec!["mr-grant".to_owned()],
                days: Days::parse("fri").unwrap(),
                from: Time::constant(20, 0, 0, 0),
                to: Time::constant(7, 30, 0, 0),
                span: None,
            }],
            not_staffed: true,
        };
        for (now, expected) in [
            ("2026-12-04 19:59", false),
            ("2026-12-04 20:00", true),
            ("2026-12-05 07:29", true),
            ("2026-12-05 07:30", false),
            ("2026-12-04 07:00", false),
        ] {
            assert_eq!(night.staffed(at(now), &[]), expected, "{now}");
        }
    }

    #[test]
    fn a_gap_in_the_rota_is_named() {
        let mut rota = kingfisher().safeguarding.rota.clone();
        assert_eq!(rota.first_gap(), Some(("Monday", Time::midnight())));
        let night = Shift {
            from: Time::constant(20, 0, 0, 0),
            to: Time::constant(7, 30, 0, 0),
            days: Days::parse("mon-sat").unwrap(),
            ..rota.shifts[0].clone()
        };
        rota.shifts.push(night);
        // Sunday night is left: it begins on Sunday and ends on Monday.
        assert_eq!(rota.first_gap(), Some(("Monday", Time::midnight())));
        rota.shifts[1].days = Days::EVERY;
        assert_eq!(rota.first_gap(), None);
    }

    #[test]
    fn whoever_is_named_is_never_paged() {
        let people = &kingfisher().people;
        let named = |keys: &[&str]| keys.iter().map(|k| (*k).to_owned()).collect::<Vec<_>>();
        for (about_staff, who, expected) in [
            (false, &[][..], &["mrs-adeyemi", "mr-grant"][..]),
            (false, &["mr-lewis"], &["mrs-adeyemi", "mr-grant"]),
            (false, &["mr-grant"], &["mrs-adeyemi"]),
            (false, &["mr-grant", "mrs-adeyemi"], &["mr-wright"]),
            // About staff: the head; about the head: the chair.
            (true, &["mr-lewis"], &["mr-wright"]),
            (true, &["mr-grant"], &["mr-wright"]),
            (true, &["mr-wright"], &["dr-shah"]),
            // The head is only mentioned: the leads judge it.
            (false, &["mr-wright"], &["mrs-adeyemi", "mr-grant"]),
            (
                true,
                &["mr-wright", "dr-shah"],
                &["mrs-adeyemi", "mr-grant"],
            ),
        ] {
            let paged = paged(people, &["mr-grant"], about_staff, &named(who));
            assert_eq!(keys(paged), expected, "{about_staff} {who:?}");
        }
        assert_eq!(keys(above(people, &[])), ["mr-wright"]);
    }

    #[test]
    fn whoever_is_on_the_rota_is_paged_too() {
        let people = &kingfisher().people;
        assert_eq!(
            keys(paged(people, &["mr-hughes"], false, &[])),
            ["mr-hughes", "mrs-adeyemi", "mr-grant"]
        );
    }

    #[test]
    fn pages_repeat() {
        let calendar = &kingfisher().calendar;
        for (level, last, expected) in [
            (Level::Urgent, "2026-12-01 12:00", "2026-12-01 12:10"),
            (Level::Urgent, "2026-12-26 23:55", "2026-12-27 00:05"),
            (Level::Review, "2026-12-01 12:00", "2026-12-01 13:00"),
            (Level::Review, "2026-12-01 19:00", "2026-12-01 20:00"),
            (Level::Review, "2026-12-01 19:01", "2026-12-02 07:30"),
            (Level::Review, "2026-12-01 23:30", "2026-12-02 07:30"),
            (Level::Review, "2026-12-02 06:00", "2026-12-02 07:30"),
        ] {
            let next = next_page(level, calendar.instant(at(last)), calendar);
            assert_eq!(calendar.local(next), at(expected), "{level:?} {last}");
        }
    }

    #[test]
    fn ten_minutes_stay_ten_when_the_clocks_change() {
        let calendar = &kingfisher().calendar;
        for last in ["2026-10-25T00:55:00Z", "2027-03-28T00:55:00Z"] {
            let last: Timestamp = last.parse().unwrap();
            let next = next_page(Level::Urgent, last, calendar);
            assert_eq!(next.duration_since(last), SignedDuration::from_mins(10));
        }
    }

    #[test]
    fn an_ok_by_text_puts_the_next_page_off_by_a_quarter_of_an_hour() {
        let moment = |text: &str| text.parse::<Timestamp>().unwrap();
        let now = moment("2026-12-01T12:05:00Z");
        let soon = moment("2026-12-01T12:10:00Z");
        let far = moment("2026-12-01T13:00:00Z");
        assert_eq!(after_ok(soon, now), moment("2026-12-01T12:20:00Z"));
        assert_eq!(after_ok(after_ok(soon, now), now), after_ok(soon, now));
        assert_eq!(after_ok(far, now), far);
    }

    #[test]
    fn the_head_is_told_when_nobody_opens_it() {
        let calendar = &kingfisher().calendar;
        for (level, opened, expected) in [
            (Level::Urgent, "2026-12-26 03:00", "2026-12-26 03:30"),
            (Level::Review, "2026-12-01 10:00", "2026-12-01 12:00"),
            (Level::Review, "2026-12-01 15:00", "2026-12-02 09:30"),
            (Level::Review, "2026-12-01 07:55", "2026-12-01 10:30"),
            (Level::Review, "2026-12-04 21:40", "2026-12-07 10:30"),
            // In the holidays too.
            (Level::Review, "2027-08-03 10:00", "2027-08-03 12:00"),
        ] {
            let head = head_at(level, calendar.instant(at(opened)), calendar);
            assert_eq!(calendar.local(head), at(expected), "{level:?} {opened}");
        }
    }
}
