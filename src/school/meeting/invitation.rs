//! A meeting as a calendar file, as RFC 5545 and RFC 5546 have it.
//!
//! The same meeting keeps its UID for life, so that a change moves the entry in people's calendars
//! and a cancellation removes it. It says no more than the caller gives it: calendars are seen over
//! shoulders, so the caller gives no child's name.

use icalendar::{Calendar, Component as _, Event, Property};
use jiff::Timestamp;
use jiff::civil::DateTime;

use super::end;

/// The rules of British clocks since 1996, for calendars that do not know them.
const LONDON: &str = "BEGIN:VTIMEZONE\r\n\
    TZID:Europe/London\r\n\
    BEGIN:DAYLIGHT\r\n\
    TZOFFSETFROM:+0000\r\n\
    TZOFFSETTO:+0100\r\n\
    TZNAME:BST\r\n\
    DTSTART:19960331T010000\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=3;BYDAY=-1SU\r\n\
    END:DAYLIGHT\r\n\
    BEGIN:STANDARD\r\n\
    TZOFFSETFROM:+0100\r\n\
    TZOFFSETTO:+0000\r\n\
    TZNAME:GMT\r\n\
    DTSTART:19961027T020000\r\n\
    RRULE:FREQ=YEARLY;BYMONTH=10;BYDAY=-1SU\r\n\
    END:STANDARD\r\n\
    END:VTIMEZONE\r\n";

/// Somebody with an address.
#[derive(Debug, Clone, Copy)]
pub struct Party<'a> {
    /// As people know them.
    pub name: &'a str,
    /// Their email.
    pub email: &'a str,
}

/// What an invitation says.
#[derive(Debug, Clone, Copy)]
pub struct Invitation<'a> {
    /// The meeting's own for life, such as `<uuid>@school.example`.
    pub uid: &'a str,
    /// 0 at first, one more with each change and with the cancellation.
    pub sequence: u32,
    /// When this file was made.
    pub made: Timestamp,
    /// When the meeting starts, on the clocks of London.
    pub at: DateTime,
    /// How long it is.
    pub minutes: u16,
    /// What a calendar shows.
    pub summary: &'a str,
    /// Where, or by phone.
    pub location: &'a str,
    /// Who invites.
    pub organizer: Party<'a>,
    /// Who is invited.
    pub attendees: &'a [Party<'a>],
    /// The meeting will not take place.
    pub cancelled: bool,
}

impl Invitation<'_> {
    /// The text of the `.ics`: `METHOD:REQUEST`, or `CANCEL`.
    pub fn ics(&self) -> String {
        let (method, status) = if self.cancelled {
            ("CANCEL", "CANCELLED")
        } else {
            ("REQUEST", "CONFIRMED")
        };
        let mut event = Event::new();
        event
            .add_property("UID", plain(self.uid))
            .add_property("SEQUENCE", self.sequence.to_string())
            .add_property("DTSTAMP", self.made.strftime("%Y%m%dT%H%M%SZ").to_string())
            .add_property("SUMMARY", plain(self.summary))
            .add_property("LOCATION", plain(self.location))
            .add_property("STATUS", status)
            .append_property(local("DTSTART", self.at))
            .append_property(local("DTEND", end(self.at, self.minutes)))
            .append_property(party("ORGANIZER", &self.organizer));
        for attendee in self.attendees {
            let mut attendee = party("ATTENDEE", attendee);
            attendee.add_parameter("PARTSTAT", "NEEDS-ACTION");
            event.append_multi_property(attendee);
        }
        let mut calendar = Calendar::empty();
        for (key, value) in [
            ("VERSION", "2.0"),
            ("PRODID", "-//schoolgate//EN"),
            ("CALSCALE", "GREGORIAN"),
            ("METHOD", method),
        ] {
            calendar.append_property((key, value));
        }
        calendar.push(event);
        // The library has no time zones as components, and would give them a UID if it had.
        calendar
            .to_string()
            .replacen("BEGIN:VEVENT", &format!("{LONDON}BEGIN:VEVENT"), 1)
    }
}

fn local(key: &str, at: DateTime) -> Property {
    Property::new(key, at.strftime("%Y%m%dT%H%M%S").to_string())
        .add_parameter("TZID", "Europe/London")
        .done()
}

fn party(key: &str, party: &Party<'_>) -> Property {
    Property::new(key, format!("mailto:{}", plain(party.email)))
        .add_parameter("CN", &plain(party.name).replace('"', "'"))
        .done()
}

/// One line: a line break would let a name write lines of its own into the file.
fn plain(text: &str) -> String {
    text.split(char::is_control).collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::school::fixture::at;

    fn invitation() -> Invitation<'static> {
        Invitation {
            uid: "0193a1@texts.school.example",
            sequence: 0,
            made: "2026-12-01T21:40:00Z".parse().unwrap(),
            at: at("2026-12-03 15:30"),
            minutes: 30,
            summary: "Meeting, 3H, parent 1",
            location: "Kingfisher Primary School",
            organizer: Party {
                name: "Kingfisher Primary School",
                email: "texts@school.example",
            },
            attendees: &[Party {
                name: "Mrs Cole",
                email: "cole@kingfisher.example",
            }],
            cancelled: false,
        }
    }

    /// The lines from the event on, without line folding.
    fn event(ics: &str) -> String {
        let unfolded = ics.replace("\r\n ", "").replace("\r\n", "\n");
        unfolded[unfolded.find("BEGIN:VEVENT").unwrap()..].to_owned()
    }

    #[test]
    fn an_invitation_is_what_calendars_expect() {
        let ics = invitation().ics();
        assert!(ics.starts_with("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//schoolgate//EN\r\n"));
        assert!(ics.contains("METHOD:REQUEST\r\nBEGIN:VTIMEZONE\r\nTZID:Europe/London\r\n"));
        insta::assert_snapshot!(event(&ics), @r"
BEGIN:VEVENT
DTEND;TZID=Europe/London:20261203T160000
DTSTAMP:20261201T214000Z
DTSTART;TZID=Europe/London:20261203T153000
LOCATION:Kingfisher Primary School
ORGANIZER;CN=Kingfisher Primary School:mailto:texts@school.example
SEQUENCE:0
STATUS:CONFIRMED
SUMMARY:Meeting\, 3H\, parent 1
UID:0193a1@texts.school.example
ATTENDEE;CN=Mrs Cole;PARTSTAT=NEEDS-ACTION:mailto:cole@kingfisher.example
END:VEVENT
END:VCALENDAR
");
    }

    #[test]
    fn a_cancellation_keeps_the_uid_and_raises_the_sequence() {
        let ics = Invitation {
            sequence: 2,
            cancelled: true,
            ..invitation()
        }
        .ics();
        for line in [
            "METHOD:CANCEL\r\n",
            "UID:0193a1@texts.school.example\r\n",
            "SEQUENCE:2\r\n",
            "STATUS:CANCELLED\r\n",
        ] {
            assert!(ics.contains(line), "{line}{ics}");
        }
    }

    #[test]
    fn a_name_cannot_write_lines_of_its_own() {
        let ics = Invitation {
            summary: "Meeting\r\nATTENDEE:mailto:x@y.example; BEGIN:VEVENT",
            attendees: &[Party {
                name: "Anna \"Ann\" Reed\r\nX:1",
                email: "a@b.example\r\nX:2",
            }],
            ..invitation()
        }
        .ics();
        assert!(!ics.contains("\r\nX:"), "{ics}");
        assert_eq!(ics.matches("\r\nATTENDEE").count(), 1, "{ics}");
        assert_eq!(ics.matches("BEGIN:VTIMEZONE").count(), 1, "{ics}");
    }

    #[test]
    fn long_lines_are_folded() {
        let summary = "A meeting with a very long name, longer than a line may be: żółć ".repeat(3);
        let ics = Invitation {
            summary: &summary,
            ..invitation()
        }
        .ics();
        assert!(ics.split("\r\n").all(|line| line.len() <= 75), "{ics}");
    }
}
