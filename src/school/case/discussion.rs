//! A short note of an early discussion: what school and family said before any status exists, for the
//! pupil's record and for the parents.
//!
//! Four parts, as the schools' own policies have them, with the day, who was there, and the pupil's own
//! views or why they were not sought. Here stands what makes one whole, and how it reads.

use jiff::civil::Date;

/// The parts of a note: the name of its field, and its heading.
pub const PARTS: [(&str, &str); 4] = [
    ("strengths", "Strengths and difficulties"),
    ("concerns", "The parent's concerns"),
    ("outcomes", "Agreed outcomes"),
    ("steps", "Next steps"),
];

const PRESENT: &str = "Who was there";
const VIEWS: &str = "The pupil's own views";
const NO_VIEWS: &str = "Why the pupil's views were not sought";

/// A note as somebody writes it.
#[derive(Debug, Clone, Copy)]
pub struct Discussion<'a> {
    /// The day on which they talked; `None` for one that cannot be read.
    pub held: Option<Date>,
    /// Who was there.
    pub present: &'a str,
    /// The words of each of [`PARTS`].
    pub parts: [&'a str; 4],
    /// The pupil's own views.
    pub views: &'a str,
    /// Why they were not sought.
    pub no_views: &'a str,
}

/// What a note lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Lacks {
    /// The day.
    #[error("write the day on which you talked: today, or a day before, in the last year")]
    Day,
    /// Who was there.
    #[error("write who was there")]
    Present,
    /// One of the four parts.
    #[error("write something under \u{201c}{}\u{201d}; if there is nothing, write \u{201c}none\u{201d}", .0.1)]
    Part((&'static str, &'static str)),
    /// The pupil's views, or why not.
    #[error("write the pupil's own views, or why they were not sought")]
    Views,
}

impl Lacks {
    /// The field it is about.
    pub const fn field(self) -> &'static str {
        match self {
            Self::Day => "held",
            Self::Present => "present",
            Self::Part((field, _)) => field,
            Self::Views => "views",
        }
    }
}

impl Discussion<'_> {
    /// The day it was held, if the note is whole.
    ///
    /// # Errors
    /// The first thing it lacks.
    pub fn whole(&self, today: Date) -> Result<Date, Lacks> {
        let year = jiff::Span::new().years(1);
        let first = today.checked_sub(year).unwrap_or(Date::MIN);
        let lately = |day: &Date| *day <= today && *day >= first;
        let held = self.held.filter(lately).ok_or(Lacks::Day)?;
        if self.present.trim().is_empty() {
            return Err(Lacks::Present);
        }
        for (part, words) in PARTS.into_iter().zip(self.parts) {
            if words.trim().is_empty() {
                return Err(Lacks::Part(part));
            }
        }
        if self.views.trim().is_empty() && self.no_views.trim().is_empty() {
            return Err(Lacks::Views);
        }
        Ok(held)
    }

    /// As it stands in the record: a heading on a line of its own over each part.
    pub fn words(&self, held: Date) -> String {
        let mut words = format!("Held on {}.", held.strftime("%A %-d %B %Y"));
        let headed = [(PRESENT, self.present)].into_iter();
        let parts = PARTS.into_iter().zip(self.parts);
        let views = [(VIEWS, self.views), (NO_VIEWS, self.no_views)];
        for (heading, said) in headed
            .chain(parts.map(|((_, heading), said)| (heading, said)))
            .chain(views)
            .filter(|(_, said)| !said.trim().is_empty())
        {
            words.push_str(&format!("\n\n{heading}:\n{}", said.trim()));
        }
        words
    }
}

/// The words of a note, heading by heading; the first has none. Whatever is no note is one part.
pub fn headed(words: &str) -> Vec<(&str, &str)> {
    let headings = || {
        let parts = PARTS.iter().map(|(_, heading)| *heading);
        parts.chain([PRESENT, VIEWS, NO_VIEWS])
    };
    let mut found: Vec<(usize, usize, &str)> = headings()
        .filter_map(|heading| {
            let line = format!("\n\n{heading}:\n");
            let at = words.find(&line)?;
            Some((at, at + line.len(), heading))
        })
        .collect();
    found.sort_unstable();
    let end = |n: usize| found.get(n).map_or(words.len(), |(at, ..)| *at);
    let first = ("", words.get(..end(0)).unwrap_or(words));
    let others = found.iter().enumerate().map(|(n, (_, from, heading))| {
        // A part that quotes a later heading ends there; nothing is lost.
        (*heading, words.get(*from..end(n + 1)).unwrap_or_default())
    });
    std::iter::once(first).chain(others).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::civil::date;

    const NOTE: Discussion<'static> = Discussion {
        held: Some(date(2026, 11, 30)),
        present: "Mrs Cole, Amina Yusuf",
        parts: [
            "Draws well. Mornings are hard.",
            "He does not sleep.",
            "none",
            "Mrs Cole asks him each Friday.",
        ],
        views: "",
        no_views: "He was ill that day.",
    };

    #[test]
    fn a_note_is_whole_or_says_what_it_lacks() {
        let today = date(2026, 12, 1);
        assert_eq!(NOTE.whole(today), Ok(date(2026, 11, 30)));
        let lacks = |note: Discussion<'_>| note.whole(today).unwrap_err().field();
        let day = |held| lacks(Discussion { held, ..NOTE });
        assert_eq!((day(None), day(Some(date(2026, 12, 2)))), ("held", "held"));
        let nobody = Discussion {
            present: " ",
            ..NOTE
        };
        assert_eq!(lacks(nobody), "present");
        let no_outcome = Discussion {
            parts: ["a", "b", "", "d"],
            ..NOTE
        };
        assert_eq!(lacks(no_outcome), "outcomes");
        let unasked = Discussion {
            no_views: "",
            ..NOTE
        };
        assert_eq!(lacks(unasked), "views");
    }

    #[test]
    fn what_is_written_is_read_again_heading_by_heading() {
        let words = NOTE.words(date(2026, 11, 30));
        let read = headed(&words);
        assert_eq!(read[0], ("", "Held on Monday 30 November 2026."));
        assert_eq!(read[1], ("Who was there", "Mrs Cole, Amina Yusuf"));
        assert_eq!(read[4], ("Agreed outcomes", "none"));
        assert_eq!(
            read[6],
            (
                "Why the pupil's views were not sought",
                "He was ill that day."
            )
        );
        assert_eq!(headed("only words"), [("", "only words")]);
    }
}
