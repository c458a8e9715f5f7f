use std::collections::BTreeSet;
use std::path::Path;

use jiff::civil::date;
use proptest::prelude::*;

use super::*;
use crate::school::fixture::{at, kingfisher};

#[test]
fn days_are_read_as_people_write_them() {
    for (text, expected) in [
        ("mon-fri", Some(vec![1, 2, 3, 4, 5])),
        ("Mon-Thu", Some(vec![1, 2, 3, 4])),
        ("thu", Some(vec![4])),
        ("mon-wed, fri", Some(vec![1, 2, 3, 5])),
        ("sat,sun", Some(vec![6, 7])),
        ("fri-mon", None),
        ("monday", None),
        ("", None),
    ] {
        assert_eq!(Days::parse(text).map(Days::numbers), expected, "{text}");
    }
}

#[test]
fn a_day_without_school_says_why() {
    let calendar = &kingfisher().calendar;
    for (day, expected) in [
        (date(2026, 12, 1), None),
        (date(2026, 12, 5), Some(NoSchool::Weekend)),
        (date(2026, 10, 28), Some(NoSchool::Closed("half-term"))),
        (date(2026, 12, 21), Some(NoSchool::OutOfTerm)),
        (
            date(2027, 5, 3),
            Some(NoSchool::BankHoliday("Early May bank holiday")),
        ),
    ] {
        assert_eq!(calendar.no_school(day), expected, "{day}");
    }
}

#[test]
fn the_office_opens_when_parents_are_told() {
    let calendar = &kingfisher().calendar;
    for (now, open, next) in [
        ("2026-12-01 08:29", false, "2026-12-01 08:30"),
        ("2026-12-01 08:30", true, "2026-12-02 08:30"),
        ("2026-12-01 15:59", true, "2026-12-02 08:30"),
        ("2026-12-01 16:00", false, "2026-12-02 08:30"),
        ("2026-12-04 21:40", false, "2026-12-07 08:30"),
        ("2026-12-18 16:00", false, "2027-01-04 08:30"),
        ("2027-04-30 16:00", false, "2027-05-04 08:30"),
    ] {
        assert_eq!(calendar.is_open(at(now)), open, "{now}");
        assert_eq!(calendar.next_opening(at(now)), Some(at(next)), "{now}");
    }
    assert_eq!(calendar.next_opening(at("2027-07-23 08:30")), None);
    assert_eq!(calendar.last_school_day(), Some(date(2027, 7, 23)));
}

#[test]
fn nothing_unasked_is_sent_at_night() {
    let calendar = &kingfisher().calendar;
    for (now, held, before) in [
        ("2026-12-01 12:00", "2026-12-01 12:00", "2026-12-01 12:00"),
        ("2026-12-01 20:00", "2026-12-02 07:30", "2026-12-01 19:59"),
        ("2026-12-01 23:59", "2026-12-02 07:30", "2026-12-01 19:59"),
        ("2026-12-02 00:00", "2026-12-02 07:30", "2026-12-01 19:59"),
        ("2026-12-02 07:29", "2026-12-02 07:30", "2026-12-01 19:59"),
        ("2026-12-02 07:30", "2026-12-02 07:30", "2026-12-02 07:30"),
    ] {
        assert_eq!(calendar.held_until(at(now)), at(held), "{now}");
        assert_eq!(calendar.brought_forward(at(now)), at(before), "{now}");
    }
}

#[test]
fn the_school_opens_at_half_past_eight_when_the_clocks_have_changed() {
    let calendar = &kingfisher().calendar;
    for (opening, instant) in [
        // Clocks go back on Sunday 25 October 2026 and forward on Sunday 28 March 2027.
        ("2026-10-23 08:30", "2026-10-23T07:30:00Z"),
        ("2026-11-02 08:30", "2026-11-02T08:30:00Z"),
        ("2027-03-26 08:30", "2027-03-26T08:30:00Z"),
        ("2027-04-12 08:30", "2027-04-12T07:30:00Z"),
        // An hour that does not exist, and one that comes twice.
        ("2027-03-28 01:30", "2027-03-28T01:30:00Z"),
        ("2026-10-25 01:30", "2026-10-25T00:30:00Z"),
    ] {
        let expected: Timestamp = instant.parse().unwrap();
        assert_eq!(calendar.instant(at(opening)), expected, "{opening}");
    }
    let spring: Timestamp = "2027-03-28T01:30:00Z".parse().unwrap();
    assert_eq!(calendar.local(spring), at("2027-03-28 02:30"));
}

/// gov.uk's own list, 2018 to 2027, where it is at hand.
#[test]
fn the_bank_holidays_are_those_of_gov_uk() {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("../shared/data/uk_bank_holidays.json");
    let Ok(text) = std::fs::read_to_string(&list) else {
        println!("not compared: {} is not here", list.display());
        return;
    };
    let list: serde_json::Value = serde_json::from_str(&text).unwrap();
    let theirs: BTreeSet<Date> = list["england-and-wales"]["events"]
        .as_array()
        .unwrap()
        .iter()
        .map(|event| event["date"].as_str().unwrap().parse().unwrap())
        .collect();
    let ours = BankHolidays::england().unwrap();
    assert_eq!(ours.days.keys().copied().collect::<BTreeSet<_>>(), theirs);
    assert_eq!(ours.until, theirs.last().unwrap().year());
}

fn any_moment() -> impl Strategy<Value = DateTime> {
    (0i32..900, 0i32..24 * 60).prop_map(|(day, minute)| {
        date(2026, 8, 1).to_datetime(Time::midnight()) + day.days() + minute.minutes()
    })
}

proptest! {
    #[test]
    fn the_next_opening_is_the_first_moment_at_which_it_opens(now in any_moment()) {
        let calendar = &kingfisher().calendar;
        match calendar.next_opening(now) {
            None => prop_assert!(calendar.last_school_day().unwrap() <= now.date()),
            Some(next) => {
                prop_assert!(next > now);
                prop_assert!(calendar.is_open(next));
                prop_assert!(!calendar.is_open(next - 1.minute()));
                // No school day that begins later than now was passed over.
                let between = calendar.school_days_between(now.date(), next.date());
                prop_assert!(between <= 1);
            }
        }
    }

    #[test]
    fn the_nth_school_day_after_a_day_is_n_school_days_away(
        now in any_moment(),
        n in 0usize..15,
    ) {
        let calendar = &kingfisher().calendar;
        let from = now.date();
        if let Some(day) = calendar.nth_school_day_after(from, n) {
            prop_assert_eq!(calendar.school_days_between(from, day), n);
            prop_assert!(n == 0 || calendar.is_school_day(day));
        }
    }

    #[test]
    fn held_or_brought_forward_it_goes_in_waking_hours(now in any_moment()) {
        let calendar = &kingfisher().calendar;
        let (later, sooner) = (calendar.held_until(now), calendar.brought_forward(now));
        prop_assert!(sooner <= now && now <= later);
        prop_assert!(!calendar.is_quiet(later.time()) && !calendar.is_quiet(sooner.time()));
    }

    #[test]
    fn a_moment_survives_the_clock_on_the_wall(minutes in 0i64..1_200_000) {
        let calendar = &kingfisher().calendar;
        let moment = Timestamp::from_second(1_780_000_000 + minutes * 60).unwrap();
        let back = calendar.instant(calendar.local(moment));
        // Only the hour that comes twice in October may be taken for its first time.
        let shift = moment.duration_since(back).as_secs();
        prop_assert!(shift == 0 || shift == 3600);
    }
}
