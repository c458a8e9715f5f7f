//! Conversations as files (`flows/tests/*.chat`): the format, not the playing of it.
//!
//! ```text
//! # a remark
//! @ Tue 1 Dec 2026 21:40
//! > im worried about sam
//! < Thank you. Your message is saved: C-1042. …
//! [+447700900202] opens C-1042
//! ! case concern for Sam
//! ```
//!
//! Some remarks mean something to whoever plays the file: `# as +44…` names the parent, `# with KEY:
//! VALUE` changes the school, `# only in pl: WHY` keeps it to the parent's own language.

use jiff::civil::{Date, DateTime, Time, Weekday};
use jiff::{SignedDuration, ToSpan as _};

use crate::fault::Fault;

/// One line that says something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// Its 1-based number in the file.
    pub number: usize,
    /// What it says.
    pub says: Says,
}

/// What a line says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Says {
    /// `> words`: a message comes in, from the parent or from the one in brackets. `[photo]` or
    /// `[voice]` before the words stands for what comes with them.
    From {
        /// Somebody else's address.
        who: Option<String>,
        /// The words, exactly.
        words: String,
    },
    /// `< words`: a message must have gone out; `…` stands for anything.
    To {
        /// Somebody else's address.
        who: Option<String>,
        /// The words.
        words: String,
    },
    /// `…` on a line of its own: any further messages.
    AnyMore,
    /// `@ time`: the clock moves there.
    Time(String),
    /// `[+44…] opens C-1042`: somebody does something at the desk.
    Desk {
        /// Who, by their number.
        who: String,
        /// What, in words.
        words: String,
    },
    /// `! fact`: this must stand in the record.
    Fact(String),
}

/// The lines of a conversation file.
///
/// # Errors
/// Every line that is none of these, with its place.
pub fn parse(path: &str, source: &str) -> Result<Vec<Line>, Vec<Fault>> {
    let mut lines = Vec::new();
    let mut faults = Vec::new();
    let mut at = 0;
    for (i, raw) in source.split_inclusive('\n').enumerate() {
        let span = at..at + raw.trim_end().len();
        at += raw.len();
        let text = raw.trim();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match says(text) {
            Ok(says) => lines.push(Line {
                number: i + 1,
                says,
            }),
            Err(why) => faults.push(Fault::error(
                path,
                span,
                why,
                "a line begins with `>`, `<`, `@`, `!`, `#` or `[+44…]`",
            )),
        }
    }
    if faults.is_empty() {
        Ok(lines)
    } else {
        Err(faults)
    }
}

fn says(text: &str) -> Result<Says, String> {
    if text == "…" {
        return Ok(Says::AnyMore);
    }
    let (who, rest) = match text.strip_prefix('[') {
        Some(bracket) => {
            let (who, rest) = bracket.split_once(']').ok_or("the `[` is not closed")?;
            (Some(who.trim().to_owned()), rest.trim())
        }
        None => (None, text),
    };
    let Some(first) = rest.chars().next() else {
        return Err("nothing is said after the brackets".to_owned());
    };
    let words = rest[first.len_utf8()..].trim().to_owned();
    match (first, who) {
        ('>', who) => Ok(Says::From { who, words }),
        ('<', who) => Ok(Says::To { who, words }),
        ('@', None) => match moment(&words) {
            Some(_) => Ok(Says::Time(words)),
            None => Err(format!(
                "`{words}` is no time, such as `Tue 1 Dec 2026 21:40`, `Saturday 10:00` or `+24h`"
            )),
        },
        ('!', None) => Ok(Says::Fact(words)),
        (_, Some(who)) => Ok(Says::Desk {
            who,
            words: rest.to_owned(),
        }),
        _ => Err("this line says nothing that can be played".to_owned()),
    }
}

/// Whether a text is what an expected line says; `…` stands for any words, also none.
pub fn matches(expected: &str, got: &str) -> bool {
    let mut parts = expected.split('…');
    let first = parts.next().unwrap_or_default();
    let Some(mut rest) = got.strip_prefix(first) else {
        return false;
    };
    let parts: Vec<&str> = parts.collect();
    let Some((last, middle)) = parts.split_last() else {
        return rest.is_empty();
    };
    for part in middle {
        match rest.find(part) {
            Some(at) => rest = &rest[at + part.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}

/// A text as a `<` line expects it: a line has no room for line breaks, nor for spaces around it.
pub fn expected(body: &str) -> String {
    let mut lines: Vec<&str> = body.split('\n').map(str::trim).collect();
    if body.starts_with(char::is_whitespace) {
        lines.insert(0, "");
    }
    if body.ends_with(char::is_whitespace) {
        lines.push("");
    }
    lines.join("…")
}

/// A time as it is written.
enum Moment {
    After(SignedDuration),
    On(Date, Time),
    Next(Weekday, Time),
    At(Time),
}

/// The moment an `@` line means, when it is `now` on the school's clock. A weekday or a time alone
/// is the next such moment that is not past.
///
/// # Errors
/// What is wrong with it.
pub fn resolve(written: &str, now: DateTime) -> Result<DateTime, String> {
    let moment = moment(written).ok_or_else(|| format!("`{written}` is no time"))?;
    let next = |date: Date, time: Time, days: i64| {
        let at = date.to_datetime(time);
        if at < now {
            at.checked_add(days.days())
        } else {
            Ok(at)
        }
    };
    match moment {
        Moment::After(by) => now.checked_add(by),
        Moment::On(date, time) => Ok(date.to_datetime(time)),
        Moment::At(time) => next(now.date(), time, 1),
        Moment::Next(day, time) => {
            let ahead = now.weekday().until(day);
            now.date()
                .checked_add(i64::from(ahead).days())
                .and_then(|date| next(date, time, 7))
        }
    }
    .map_err(|e| format!("`{written}` is too far away: {e}"))
}

fn moment(written: &str) -> Option<Moment> {
    if let Some(by) = written.strip_prefix('+') {
        let unit = by.chars().last()?;
        let count: i64 = by.strip_suffix(unit)?.trim().parse().ok()?;
        let minutes = match unit {
            'm' => 1,
            'h' => 60,
            'd' => 24 * 60,
            _ => return None,
        };
        let minutes = count.checked_mul(minutes)?;
        return Some(Moment::After(SignedDuration::from_mins(minutes)));
    }
    let words: Vec<&str> = written.split_whitespace().collect();
    let (time, before) = words.split_last()?;
    let time = clock(time)?;
    match before {
        [] => Some(Moment::At(time)),
        [day] => Some(Moment::Next(weekday(day)?, time)),
        [day, month, year] => Some(Moment::On(date(day, month, year)?, time)),
        [name, day, month, year] => {
            let date = date(day, month, year)?;
            (weekday(name)? == date.weekday()).then_some(Moment::On(date, time))
        }
        _ => None,
    }
}

fn clock(text: &str) -> Option<Time> {
    let (hour, minute) = text.split_once(':')?;
    Time::new(hour.parse().ok()?, minute.parse().ok()?, 0, 0).ok()
}

fn date(day: &str, month: &str, year: &str) -> Option<Date> {
    const MONTHS: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let month = month.get(..3)?.to_lowercase();
    let month = MONTHS.iter().position(|m| *m == month)? + 1;
    Date::new(
        year.parse().ok()?,
        i8::try_from(month).ok()?,
        day.parse().ok()?,
    )
    .ok()
}

fn weekday(text: &str) -> Option<Weekday> {
    const DAYS: [&str; 7] = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"];
    let day = text.get(..3)?.to_lowercase();
    let day = DAYS.iter().position(|d| *d == day)? + 1;
    Weekday::from_monday_one_offset(i8::try_from(day).ok()?).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    #[test]
    fn a_file_is_read_line_by_line() {
        let lines = parse(
            "flows/tests/x.chat",
            "# night\n@ Tue 1 Dec 2026 21:40\n> im worried, [really]\n< Thank you. …\n…\n\n[+447700900207] > OK 7294\n[+447700900207] < Thank you\n[+447700900202] opens C-1042\n! case concern for Sam\n",
        )
        .unwrap();
        let words = |w: &str| w.to_owned();
        let who = |w: &str| Some(w.to_owned());
        assert_eq!(
            lines
                .iter()
                .map(|l| (l.number, l.says.clone()))
                .collect::<Vec<_>>(),
            [
                (2, Says::Time(words("Tue 1 Dec 2026 21:40"))),
                (
                    3,
                    Says::From {
                        who: None,
                        words: words("im worried, [really]")
                    }
                ),
                (
                    4,
                    Says::To {
                        who: None,
                        words: words("Thank you. …")
                    }
                ),
                (5, Says::AnyMore),
                (
                    7,
                    Says::From {
                        who: who("+447700900207"),
                        words: words("OK 7294")
                    }
                ),
                (
                    8,
                    Says::To {
                        who: who("+447700900207"),
                        words: words("Thank you")
                    }
                ),
                (
                    9,
                    Says::Desk {
                        who: words("+447700900202"),
                        words: words("opens C-1042")
                    }
                ),
                (10, Says::Fact(words("case concern for Sam"))),
            ]
        );
    }

    #[test]
    fn lines_that_say_nothing_are_faults_with_their_place() {
        let source = "> hello\nhello\n@ someday\n[+447700900202\n";
        let faults = parse("x.chat", source).unwrap_err();
        let sources = crate::fault::Sources::from([("x.chat".to_owned(), source.to_owned())]);
        let lines: Vec<_> = faults.iter().filter_map(|f| f.line(&sources)).collect();
        assert_eq!(lines, [2, 3, 4]);
    }

    #[test]
    fn times_are_told_from_now() {
        // A Tuesday evening.
        let now = date(2026, 12, 1).at(21, 40, 0, 0);
        for (written, expected) in [
            ("Tue 1 Dec 2026 21:40", date(2026, 12, 1).at(21, 40, 0, 0)),
            ("3 December 2026 8:00", date(2026, 12, 3).at(8, 0, 0, 0)),
            ("Saturday 10:00", date(2026, 12, 5).at(10, 0, 0, 0)),
            ("Tuesday 22:00", date(2026, 12, 1).at(22, 0, 0, 0)),
            ("Tuesday 10:00", date(2026, 12, 8).at(10, 0, 0, 0)),
            ("07:55", date(2026, 12, 2).at(7, 55, 0, 0)),
            ("+24h", date(2026, 12, 2).at(21, 40, 0, 0)),
            ("+30m", date(2026, 12, 1).at(22, 10, 0, 0)),
            ("+3d", date(2026, 12, 4).at(21, 40, 0, 0)),
        ] {
            assert_eq!(resolve(written, now), Ok(expected), "{written}");
        }
        assert!(
            resolve("Mon 1 Dec 2026 21:40", now).is_err(),
            "it was a Tuesday"
        );
    }

    #[test]
    fn every_text_fits_the_line_that_expects_it() {
        for body in [
            "Booked: Thu",
            "C-1042\nC-1043",
            " begins late\n\nends late \n",
            "\n",
            "",
            "a\r\nb",
        ] {
            let line = format!("< {}", expected(body));
            let lines = parse("x.chat", &line).unwrap();
            let [
                Line {
                    says: Says::To { words, .. },
                    ..
                },
            ] = lines.as_slice()
            else {
                panic!("{line}: {lines:?}");
            };
            assert!(matches(words, body), "{words} / {body}");
        }
        assert_eq!(expected("one\n  two"), "one…two");
    }

    #[test]
    fn three_dots_stand_for_anything() {
        for (expected, got, same) in [
            ("Thank you. …", "Thank you. Your message is saved.", true),
            ("… C-… by …", "Saved: C-1042. Mrs Cole rings by Thu", true),
            ("Booked", "Booked: Thu", false),
            ("a…a", "a", false),
            ("…", "", true),
        ] {
            assert_eq!(matches(expected, got), same, "{expected} / {got}");
        }
    }
}
