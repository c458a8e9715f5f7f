//! What a person was told would happen, and by when.
//!
//! Each function gives the moment at which a promise falls due, or something must be told. A moment
//! in a term that nobody has configured is `None`: the service never promises what the school has
//! not said. A day counts only if it has not begun, so that a text at 07:00 and one at 23:00 the
//! evening before are answered by the same time. Nothing here remembers a promise.

use std::iter;

use jiff::ToSpan as _;
use jiff::civil::{DateTime, Time, Weekday};

use super::calendar::{SchoolCalendar, Work};
use super::people::Role;

/// How many school days somebody may be away and still be named in a promise.
const NAMED_WITHIN_SCHOOL_DAYS: usize = 3;

/// What a school has said it will keep to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promises {
    /// A concern is answered by the end of this working day of somebody named. Default 2.
    pub concern_working_days: usize,
    /// The time of day that counts as the end of that day. Default 16:00.
    pub concern_at: Time,
    /// A request that the office looks at: this time on the next school day. Default 16:00.
    pub office_at: Time,
    /// Words handed to the office because the service did not understand: this time on the next
    /// school day. Default 12:00.
    pub hand_over_at: Time,
    /// When staff get what was not told at once, in order, at least one. Default 08:00 and 15:30.
    pub digests: Vec<Time>,
}

/// Somebody who may be named in a promise.
#[derive(Debug, Clone, Copy)]
pub struct Named<'a> {
    /// Their key, or whatever the caller knows them by.
    pub key: &'a str,
    /// When they are in.
    pub work: &'a Work,
}

/// Who keeps a promise.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Keeper {
    /// One of these, by key, in the order in which they were given.
    Staff(Vec<String>),
    /// The office, because nobody named is in soon.
    Office,
}

/// A promise as it can be made: who, and by when on the school's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Promise {
    /// Who will be in touch.
    pub keeper: Keeper,
    /// By when.
    pub due: DateTime,
}

/// The promise for a concern that came at `now`: the end of the second working day of somebody who
/// is in within three school days, or else the office.
pub fn concern(
    promises: &Promises,
    calendar: &SchoolCalendar,
    named: &[Named<'_>],
    now: DateTime,
) -> Option<Promise> {
    let first = calendar.first_whole_day(now)?;
    let soon: Vec<_> = calendar
        .school_days_from(first)
        .take(NAMED_WITHIN_SCHOOL_DAYS)
        .collect();
    let in_soon = |n: &&Named<'_>| {
        calendar
            .whole_days(n.work, now)
            .next()
            .is_some_and(|day| soon.contains(&day))
    };
    let in_soon: Vec<&Named<'_>> = named.iter().filter(in_soon).collect();
    let nth = promises.concern_working_days.saturating_sub(1);
    let due = in_soon
        .iter()
        .filter_map(|n| calendar.whole_days(n.work, now).nth(nth))
        .min();
    let Some(due) = due else {
        return Some(Promise {
            keeper: Keeper::Office,
            due: office(promises, calendar, now)?,
        });
    };
    // Somebody who is in only after the promise is due cannot be the one who keeps it.
    let keepers = in_soon
        .iter()
        .filter(|n| calendar.whole_days(n.work, now).any(|day| day <= due))
        .map(|n| n.key.to_owned())
        .collect();
    Some(Promise {
        keeper: Keeper::Staff(keepers),
        due: due.to_datetime(promises.concern_at),
    })
}

/// When the office will have looked at a request that came at `now`.
pub fn office(promises: &Promises, calendar: &SchoolCalendar, now: DateTime) -> Option<DateTime> {
    let day = calendar.first_whole_day(now)?;
    Some(day.to_datetime(promises.office_at))
}

/// When the office will be in touch about words that the service did not understand.
pub fn hand_over(
    promises: &Promises,
    calendar: &SchoolCalendar,
    now: DateTime,
) -> Option<DateTime> {
    let day = calendar.first_whole_day(now)?;
    Some(day.to_datetime(promises.hand_over_at))
}

/// The last day to answer a formal request about personal data: the same day of the next month, or
/// its last day; a weekend or bank holiday moves it to the next working day. School holidays do not
/// (UK GDPR article 12(3); Regulation 1182/71 on periods, as the ICO reads it).
pub fn one_month(promises: &Promises, calendar: &SchoolCalendar, now: DateTime) -> DateTime {
    let mut day = now.date().saturating_add(1.month());
    let free = |day: jiff::civil::Date| {
        matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday)
            || calendar.bank_holidays.days.contains_key(&day)
    };
    while free(day) {
        day = day.saturating_add(1.day());
    }
    day.to_datetime(promises.office_at)
}

/// When an unkept promise is admitted to the parent: an hour before it breaks.
pub fn admit_at(due: DateTime) -> DateTime {
    due.saturating_sub(1.hour())
}

/// By when somebody must have acknowledged what came at `now`: the end of the next school day.
pub fn acknowledge_by(calendar: &SchoolCalendar, now: DateTime) -> Option<DateTime> {
    let day = calendar.first_whole_day(now)?;
    Some(day.to_datetime(calendar.close))
}

/// Who hears when nobody has acknowledged: the SENCO, and a school day later the head.
pub fn escalation(calendar: &SchoolCalendar, opened: DateTime) -> Vec<(DateTime, Role)> {
    let Some(senco) = acknowledge_by(calendar, opened) else {
        return Vec::new();
    };
    let head = calendar.next_school_day(senco.date());
    iter::once((senco, Role::Senco))
        .chain(head.map(|day| (day.to_datetime(calendar.close), Role::Head)))
        .collect()
}

/// When the owner of a new concern is told: at once in their hours, otherwise in their next morning
/// digest, or when their day begins if that digest has gone.
pub fn tell_owner_at(
    promises: &Promises,
    calendar: &SchoolCalendar,
    work: &Work,
    now: DateTime,
) -> Option<DateTime> {
    if calendar.is_at_work(work, now) {
        return Some(now);
    }
    let morning = promises.digests.first().copied().unwrap_or(work.from);
    next_of(&[morning, work.from], calendar, work, now)
}

/// When somebody copied is told: the next digest on a day of theirs.
pub fn tell_copied_at(
    promises: &Promises,
    calendar: &SchoolCalendar,
    work: &Work,
    now: DateTime,
) -> Option<DateTime> {
    next_of(&promises.digests, calendar, work, now)
}

/// The first of some times of day, on a working day, that is still to come.
fn next_of(
    times: &[Time],
    calendar: &SchoolCalendar,
    work: &Work,
    now: DateTime,
) -> Option<DateTime> {
    calendar
        .school_days_from(now.date())
        .filter(|day| calendar.works_on(work, *day))
        .flat_map(|day| times.iter().map(move |time| day.to_datetime(*time)))
        .filter(|at| *at > now)
        .min()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::school::calendar::Period;
    use crate::school::fixture::{at, kingfisher};

    /// `mrs-cole or mr-hughes by 2026-12-03T16:00`, for people of the demo school.
    fn promised(keys: &[&str], now: &str) -> String {
        let school = kingfisher();
        let named: Vec<_> = keys
            .iter()
            .map(|key| Named {
                key,
                work: &school.people.staff(key).unwrap().work,
            })
            .collect();
        match concern(&school.promises, &school.calendar, &named, at(now)) {
            None => "no promise".to_owned(),
            Some(promise) => {
                let who = match promise.keeper {
                    Keeper::Staff(keys) => keys.join(" or "),
                    Keeper::Office => "office".to_owned(),
                };
                format!("{who} by {}", promise.due.strftime("%a %-d %b %H:%M"))
            }
        }
    }

    #[test]
    fn a_formal_request_is_answered_in_a_month_of_working_days() {
        let school = kingfisher();
        for (now, due) in [
            ("2026-12-01 10:00", "2027-01-04 16:00"), // the 1st is a bank holiday, then a weekend
            ("2026-12-02 23:00", "2027-01-04 16:00"),
            ("2027-01-31 10:00", "2027-03-01 16:00"), // 28 February is a Sunday
            ("2027-07-20 10:00", "2027-08-20 16:00"), // in the summer holidays
        ] {
            let got = one_month(&school.promises, &school.calendar, at(now));
            assert_eq!(got, at(due), "{now}");
        }
    }

    #[test]
    fn a_concern_is_promised_for_the_second_working_day() {
        let both = ["mrs-cole", "mr-hughes"];
        for (keys, now, expected) in [
            // The first conversation: Tuesday night.
            (
                &both[..],
                "2026-12-01 21:40",
                "mrs-cole or mr-hughes by Thu 3 Dec 16:00",
            ),
            // A school day that has begun does not count; one that has not does.
            (
                &both,
                "2026-12-01 10:00",
                "mrs-cole or mr-hughes by Thu 3 Dec 16:00",
            ),
            (
                &both,
                "2026-12-01 07:55",
                "mrs-cole or mr-hughes by Wed 2 Dec 16:00",
            ),
            // Mrs Cole is not in on Fridays, but is in on Monday, before the promise is due.
            (
                &both,
                "2026-12-03 17:00",
                "mrs-cole or mr-hughes by Mon 7 Dec 16:00",
            ),
            (
                &["mrs-cole"],
                "2026-12-03 17:00",
                "mrs-cole by Tue 8 Dec 16:00",
            ),
            // Mr Baker is in on Thursdays only: from Friday, too far away to be named.
            (
                &["mr-baker"],
                "2026-12-04 10:00",
                "office by Mon 7 Dec 16:00",
            ),
            (
                &["mrs-cole", "mr-baker"],
                "2026-12-04 10:00",
                "mrs-cole by Tue 8 Dec 16:00",
            ),
            (&[], "2026-12-05 10:00", "office by Mon 7 Dec 16:00"),
            // Over a half-term, over Christmas, over the May bank holiday.
            (
                &["mr-hughes"],
                "2026-10-23 18:00",
                "mr-hughes by Tue 3 Nov 16:00",
            ),
            (
                &["mr-hughes"],
                "2026-12-18 18:00",
                "mr-hughes by Tue 5 Jan 16:00",
            ),
            (
                &["mr-hughes"],
                "2027-04-29 18:00",
                "mr-hughes by Tue 4 May 16:00",
            ),
            // The school has not said what comes after July.
            (&["mr-hughes"], "2027-07-23 18:00", "no promise"),
        ] {
            assert_eq!(promised(keys, now), expected, "{keys:?} at {now}");
        }
    }

    #[test]
    fn somebody_who_is_ill_is_not_named() {
        let school = kingfisher();
        let mut hughes = school.people.staff("mr-hughes").unwrap().work.clone();
        hughes.absent.push(Period {
            from: date(2026, 12, 1),
            to: date(2026, 12, 11),
        });
        let named = [Named {
            key: "mr-hughes",
            work: &hughes,
        }];
        let promise = concern(
            &school.promises,
            &school.calendar,
            &named,
            at("2026-12-01 21:40"),
        );
        assert_eq!(promise.unwrap().keeper, Keeper::Office);
    }

    #[test]
    fn the_office_answers_on_the_next_school_day() {
        let school = kingfisher();
        let (promises, calendar) = (&school.promises, &school.calendar);
        // The second conversation: Tuesday 12:10, "by Wed 2 Dec, 4pm".
        let now = at("2026-12-01 12:10");
        assert_eq!(
            office(promises, calendar, now),
            Some(at("2026-12-02 16:00"))
        );
        assert_eq!(
            hand_over(promises, calendar, now),
            Some(at("2026-12-02 12:00"))
        );
        assert_eq!(admit_at(at("2026-12-02 16:00")), at("2026-12-02 15:00"));
    }

    #[test]
    fn what_nobody_acknowledges_goes_to_the_senco_and_then_the_head() {
        let school = kingfisher();
        assert_eq!(
            escalation(&school.calendar, at("2026-12-03 10:00")),
            [
                (at("2026-12-04 16:00"), Role::Senco),
                (at("2026-12-07 16:00"), Role::Head)
            ]
        );
    }

    #[test]
    fn staff_are_told_in_their_hours_and_otherwise_in_a_digest() {
        let school = kingfisher();
        for (key, now, owner, copied) in [
            (
                "mr-hughes",
                "2026-12-01 10:00",
                "2026-12-01 10:00",
                "2026-12-01 15:30",
            ),
            (
                "mr-hughes",
                "2026-12-01 21:40",
                "2026-12-02 08:00",
                "2026-12-02 08:00",
            ),
            (
                "mr-hughes",
                "2026-12-01 08:10",
                "2026-12-01 08:30",
                "2026-12-01 15:30",
            ),
            (
                "mr-hughes",
                "2026-12-05 10:00",
                "2026-12-07 08:00",
                "2026-12-07 08:00",
            ),
            (
                "mrs-cole",
                "2026-12-03 16:10",
                "2026-12-07 08:00",
                "2026-12-07 08:00",
            ),
            (
                "mr-baker",
                "2026-12-04 10:00",
                "2026-12-10 08:00",
                "2026-12-10 08:00",
            ),
        ] {
            let work = &school.people.staff(key).unwrap().work;
            let (promises, calendar) = (&school.promises, &school.calendar);
            assert_eq!(
                tell_owner_at(promises, calendar, work, at(now)),
                Some(at(owner)),
                "{key} as owner at {now}"
            );
            assert_eq!(
                tell_copied_at(promises, calendar, work, at(now)),
                Some(at(copied)),
                "{key} copied at {now}"
            );
        }
    }
}
