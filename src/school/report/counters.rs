//! Three counters for each child and school year, kept apart because they are three promises: three
//! SEN meetings (R29), a review each term with the SENCO (R30), contact each term by the class teacher
//! (R32). Each is held, offered and declined, or missed, as far as the record can tell.
//!
//! The record knows meetings that were booked and called off, calls that were logged and texts that
//! staff wrote. A booked meeting whose time has come counts as held.

use jiff::civil::{Date, DateTime};

use super::period::Span;

/// How many SEN meetings a child has in a school year.
pub const SEN_MEETINGS: usize = 3;

/// A meeting about a child.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Met {
    /// When it was, or was to be.
    pub at: DateTime,
    /// It was called off.
    pub off: bool,
    /// The SENCO was to be there.
    pub senco: bool,
    /// A teacher of the child's class was to be there.
    pub teacher: bool,
}

/// A call that was logged, or a text that staff wrote.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    /// The day.
    pub on: Date,
    /// It was a call: words that were spoken.
    pub call: bool,
    /// The SENCO did it.
    pub senco: bool,
    /// A teacher of the child's class did it.
    pub teacher: bool,
}

/// Where something that is due each term stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Termly {
    /// It took place.
    Held,
    /// It was offered, and called off.
    Declined,
    /// The term is over, and nothing was.
    Missed,
    /// The term is not over.
    Due,
    /// The term has not begun.
    Ahead,
}

impl Termly {
    /// In a word or two.
    pub const fn words(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Declined => "offered, declined",
            Self::Missed => "missed",
            Self::Due => "due",
            Self::Ahead => "not yet",
        }
    }
}

/// The counters of one child in one school year.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Counters {
    /// SEN meetings that took place: with the SENCO or a teacher of the class.
    pub held: usize,
    /// SEN meetings that were called off.
    pub declined: usize,
    /// SEN meetings that did not take place in a year that is over.
    pub missed: usize,
    /// The SENCO's review, term by term.
    pub reviews: Vec<Termly>,
    /// The class teacher's contact, term by term.
    pub contacts: Vec<Termly>,
}

/// Counts for one child, at a moment of or after the year.
pub fn counters(
    year: &Span,
    terms: &[Span],
    meetings: &[Met],
    contacts: &[Contact],
    now: DateTime,
) -> Counters {
    let of_year = |m: &&Met| (m.senco || m.teacher) && year.days.contains(m.at.date());
    let took_place = |m: &Met| !m.off && m.at <= now;
    let held = meetings.iter().filter(of_year).filter(|m| took_place(m));
    let declined = meetings.iter().filter(of_year).filter(|m| m.off).count();
    let held = held.count();
    let over = year.days.to < now.date();
    let missed = if over {
        SEN_MEETINGS.saturating_sub(held + declined)
    } else {
        0
    };
    let termly = |meets: fn(&Met) -> bool, talks: fn(&Contact) -> bool| {
        let state = |term: &Span| {
            let mut met = meetings
                .iter()
                .filter(|m| meets(m) && term.days.contains(m.at.date()));
            let talked = contacts
                .iter()
                .any(|c| talks(c) && term.days.contains(c.on));
            match () {
                () if talked || met.clone().any(took_place) => Termly::Held,
                () if now.date() < term.days.from => Termly::Ahead,
                () if met.any(|m| m.off) => Termly::Declined,
                () if now.date() <= term.days.to => Termly::Due,
                () => Termly::Missed,
            }
        };
        terms.iter().map(state).collect()
    };
    Counters {
        held,
        declined,
        missed,
        // A text is no review: they have to have talked.
        reviews: termly(|m| m.senco, |c| c.senco && c.call),
        contacts: termly(|m| m.teacher, |c| c.teacher),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::school::fixture;
    use crate::school::report::period::{terms_of, year};

    fn met(at: Date) -> Met {
        Met {
            at: at.at(15, 30, 0, 0),
            off: false,
            senco: false,
            teacher: true,
        }
    }

    fn count(meetings: &[Met], contacts: &[Contact], today: Date) -> Counters {
        let terms = terms_of(&fixture::kingfisher().calendar, 2026);
        counters(
            &year(2026),
            &terms,
            meetings,
            contacts,
            today.at(18, 0, 0, 0),
        )
    }

    #[test]
    fn what_was_booked_and_came_is_held_and_what_was_called_off_is_declined() {
        let autumn = met(date(2026, 11, 12));
        let off = Met {
            off: true,
            senco: true,
            ..met(date(2027, 1, 20))
        };
        let ahead = met(date(2027, 3, 1));
        let counted = count(&[autumn, off, ahead], &[], date(2027, 2, 1));
        assert_eq!((counted.held, counted.declined, counted.missed), (1, 1, 0));
        use Termly::{Ahead, Declined, Held, Missed};
        assert_eq!(counted.contacts, [Held, Declined, Ahead]);
        assert_eq!(counted.reviews, [Missed, Declined, Ahead]);
        let over = count(&[autumn, off], &[], date(2027, 9, 1));
        assert_eq!((over.held, over.declined, over.missed), (1, 1, 1));
    }

    #[test]
    fn a_call_is_a_review_and_a_text_is_not_but_either_is_contact() {
        let contact = |call, senco| Contact {
            on: date(2026, 10, 1),
            call,
            senco,
            teacher: !senco,
        };
        let today = date(2026, 12, 1);
        use Termly::{Ahead, Due, Held};
        assert_eq!(
            count(&[], &[contact(true, true)], today).reviews,
            [Held, Ahead, Ahead]
        );
        assert_eq!(
            count(&[], &[contact(false, true)], today).reviews,
            [Due, Ahead, Ahead]
        );
        assert_eq!(
            count(&[], &[contact(false, false)], today).contacts,
            [Held, Ahead, Ahead]
        );
    }
}
