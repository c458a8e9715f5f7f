//! The spans that figures are of: a term with the holidays after it, or a school year.

use jiff::ToSpan as _;
use jiff::civil::{Date, date};

use crate::school::calendar::{Period, SchoolCalendar};

/// A span of days with a name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Span {
    /// In addresses: `2026-09-02` for the term that begins then, `2026` for the school year.
    pub key: String,
    /// In words.
    pub label: String,
    /// From the first day to the last.
    pub days: Period,
}

/// The year in which a school year begins: on the first of September (R29).
pub fn school_year(day: Date) -> i16 {
    if day.month() >= 9 {
        day.year()
    } else {
        day.year() - 1
    }
}

/// A school year by the year in which it begins.
pub fn year(begins: i16) -> Span {
    Span {
        key: begins.to_string(),
        label: format!("School year {begins} to {}", begins + 1),
        days: Period {
            from: date(begins, 9, 1),
            to: date(begins + 1, 8, 31),
        },
    }
}

/// The terms of the calendar in order, each with the holidays after it.
pub fn terms(calendar: &SchoolCalendar) -> Vec<Span> {
    let mut terms = calendar.terms.clone();
    terms.sort_by_key(|term| term.from);
    let next = terms
        .iter()
        .skip(1)
        .map(|term| Some(term.from))
        .chain([None]);
    terms
        .iter()
        .zip(next)
        .map(|(term, next)| {
            let before = next.and_then(|next| next.yesterday().ok());
            Span {
                key: term.from.to_string(),
                label: format!(
                    "Term of {} to {}",
                    term.from.strftime("%-d %b"),
                    term.to.strftime("%-d %b %Y")
                ),
                days: Period {
                    from: term.from,
                    to: before.unwrap_or(term.to),
                },
            }
        })
        .collect()
}

/// The terms of one school year.
pub fn terms_of(calendar: &SchoolCalendar, begins: i16) -> Vec<Span> {
    let all = terms(calendar).into_iter();
    all.filter(|term| school_year(term.days.from) == begins)
        .collect()
}

/// The spans that can be chosen on a day, the present term first: terms that have begun, and their
/// years.
pub fn spans(calendar: &SchoolCalendar, today: Date) -> Vec<Span> {
    let begun = terms(calendar);
    let mut begun: Vec<Span> = begun
        .into_iter()
        .filter(|term| term.days.from <= today)
        .collect();
    begun.reverse();
    let mut years: Vec<i16> = begun.iter().map(|t| school_year(t.days.from)).collect();
    years.push(school_year(today));
    years.sort_unstable();
    years.dedup();
    begun.extend(years.into_iter().rev().map(year));
    begun
}

/// The days of a span before a day: what has been, of a span that is not over.
pub fn until(span: &Span, today: Date) -> Period {
    Period {
        from: span.days.from,
        to: span.days.to.min(today),
    }
}

/// The day after a period.
pub fn after(period: Period) -> Date {
    period.to.saturating_add(1.day())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::school::fixture;

    #[test]
    fn a_term_has_the_holidays_after_it_and_a_year_begins_in_september() {
        let calendar = &fixture::kingfisher().calendar;
        let spans = spans(calendar, date(2027, 1, 10));
        let labels: Vec<&str> = spans.iter().map(|s| s.label.as_str()).collect();
        assert_eq!(
            labels,
            [
                "Term of 4 Jan to 26 Mar 2027",
                "Term of 2 Sep to 18 Dec 2026",
                "School year 2026 to 2027"
            ]
        );
        assert_eq!(spans[1].days.to, date(2027, 1, 3));
        assert_eq!(school_year(date(2026, 8, 31)), 2025);
        assert_eq!(school_year(date(2026, 9, 1)), 2026);
        assert_eq!(terms_of(calendar, 2026).len(), 3);
        assert!(terms_of(calendar, 2020).is_empty());
    }
}
