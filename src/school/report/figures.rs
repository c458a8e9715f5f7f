//! What is counted, and how: each report is a function of facts.

use std::collections::BTreeMap;

use jiff::civil::{Date, DateTime};

use super::Table;
use crate::school::calendar::SchoolCalendar;
use crate::school::case::Kind;

/// What is counted of a case. Times are on the school's clock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CaseFact {
    /// What it is about, as the database has it.
    pub kind: String,
    /// When its first words came.
    pub opened: DateTime,
    /// When a person said they have it.
    pub acknowledged: Option<DateTime>,
    /// When an outcome was told to the parent.
    pub told: Option<DateTime>,
}

impl CaseFact {
    /// Whether somebody was to answer: a note in the record is not waited for.
    fn is_answered(&self) -> bool {
        !Kind::from_word(&self.kind).is_some_and(Kind::is_note)
    }
}

/// What is counted of a promise.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PromiseFact {
    /// By when.
    pub due: DateTime,
    /// When it was kept.
    pub kept: Option<DateTime>,
}

/// A child, for counting whom nobody has heard from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChildFact {
    /// The class.
    pub class: String,
    /// Somebody of the family has written, or has talked with the school.
    pub heard: bool,
}

/// An adult, for counting whom the school reaches in which language.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AdultFact {
    /// The language, in words.
    pub language: String,
    /// They have written.
    pub heard: bool,
}

/// Steps of a wait: up to so many school days, in words.
type Step = (usize, &'static str);

const TO_ACKNOWLEDGE: [Step; 4] = [
    (0, "The same day"),
    (1, "The next school day"),
    (2, "Two school days"),
    (5, "Within five school days"),
];

const TO_OUTCOME: [Step; 4] = [
    (5, "Within one school week"),
    (10, "Within two"),
    (20, "Within four"),
    (40, "Within eight"),
];

/// Counts waits by their steps; those that are longer, and those that are not over.
fn waits(
    calendar: &SchoolCalendar,
    steps: &[Step],
    waits: impl Iterator<Item = (DateTime, Option<DateTime>)>,
    not_over: &str,
) -> Vec<(String, Vec<u64>)> {
    let waits: Vec<_> = waits.collect();
    // Once for all of them: a calendar is asked about one day at a time.
    let first = waits.iter().map(|(from, _)| from.date()).min();
    let first = first.into_iter();
    let days: Vec<Date> = first
        .flat_map(|day| calendar.school_days_from(day))
        .collect();
    let until = |day: DateTime| days.partition_point(|d| *d <= day.date());
    let mut counts = vec![0; steps.len() + 2];
    for (from, to) in waits {
        let at = match to {
            Some(to) => {
                let days = until(to).saturating_sub(until(from));
                let step = steps.iter().position(|(most, _)| days <= *most);
                step.unwrap_or(steps.len())
            }
            None => steps.len() + 1,
        };
        counts[at] += 1;
    }
    let labels = steps.iter().map(|(_, label)| *label);
    let labels = labels.chain(["Later", not_over]);
    labels
        .zip(counts)
        .map(|(label, n)| (label.to_owned(), vec![n]))
        .collect()
}

/// How long parents waited until a person said they have it.
pub fn acknowledgement(calendar: &SchoolCalendar, cases: &[CaseFact]) -> Table {
    let asked = cases.iter().filter(|c| c.is_answered());
    let asked = asked.map(|c| (c.opened, c.acknowledged));
    Table {
        name: "acknowledgement",
        title: "Time until a person has it",
        about: "Cases that were opened, by the school days until somebody said they have them.",
        of: "Acknowledged",
        columns: vec!["Cases"],
        rows: waits(calendar, &TO_ACKNOWLEDGE, asked, "Not yet"),
    }
}

/// How long it took until the parent was told what came of it.
pub fn outcome(calendar: &SchoolCalendar, cases: &[CaseFact]) -> Table {
    let asked = cases.iter().filter(|c| c.is_answered());
    let asked = asked.map(|c| (c.opened, c.told));
    Table {
        name: "outcome",
        title: "Time until the parent was told",
        about: "The same cases, by the school days until the parent had an answer from a person.",
        of: "Told",
        columns: vec!["Cases"],
        rows: waits(calendar, &TO_OUTCOME, asked, "Not yet"),
    }
}

/// Whether promises were kept, at a moment.
pub fn promises(promises: &[PromiseFact], now: DateTime) -> Table {
    let mut counts = [0; 4];
    for promise in promises {
        let at = match promise.kept {
            Some(kept) if kept <= promise.due => 0,
            Some(_) => 1,
            None if promise.due < now => 2,
            None => 3,
        };
        counts[at] += 1;
    }
    let labels = ["Kept in time", "Kept late", "Not kept", "Not due yet"];
    Table {
        name: "promises",
        title: "Promises kept",
        about: "What parents were told would happen by a time, by whether it did.",
        of: "Promise",
        columns: vec!["Promises"],
        rows: labels
            .into_iter()
            .zip(counts)
            .map(|(label, n)| (label.to_owned(), vec![n]))
            .collect(),
    }
}

/// What parents write about.
pub fn themes(cases: &[CaseFact]) -> Table {
    let mut kinds: BTreeMap<&str, u64> = BTreeMap::new();
    for case in cases {
        *kinds.entry(&case.kind).or_default() += 1;
    }
    let mut rows: Vec<(String, Vec<u64>)> = kinds
        .into_iter()
        .map(|(kind, n)| (called(kind), vec![n]))
        .collect();
    rows.sort_by_key(|(_, n)| std::cmp::Reverse(n.first().copied()));
    Table {
        name: "themes",
        title: "What parents write about",
        about: "Everything that went into the record, by its kind. What is sealed is not counted.",
        of: "Kind",
        columns: vec!["Cases and notes"],
        rows,
    }
}

fn called(kind: &str) -> String {
    let words = match Kind::from_word(kind) {
        Some(kind) => kind.called().to_owned(),
        None => kind.replace('-', " "),
    };
    let mut letters = words.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}", letters.as_str())
}

/// News and worries: whether parents write about more than what goes wrong.
pub fn balance(cases: &[CaseFact]) -> Table {
    use Kind::{Complaint, Concern, Feedback, HomeTask, HomeTaskHelp, News, NewsHealth};
    let count = |kinds: &[Kind]| {
        let of = |c: &&CaseFact| Kind::from_word(&c.kind).is_some_and(|k| kinds.contains(&k));
        u64::try_from(cases.iter().filter(of).count()).unwrap_or(u64::MAX)
    };
    Table {
        name: "balance",
        title: "News and worries",
        about: "Whether families and school talk about more than what goes wrong. News is news from \
                home, an answer about a home task, or what somebody thinks of the school.",
        of: "What it was",
        columns: vec!["Cases and notes"],
        rows: vec![
            ("News".to_owned(), vec![count(&[News, HomeTask, Feedback])]),
            (
                "Worries".to_owned(),
                vec![count(&[Concern, NewsHealth, HomeTaskHelp])],
            ),
            ("Complaints".to_owned(), vec![count(&[Complaint])]),
        ],
    }
}

/// Children whose family nobody has heard from, by class.
pub fn not_heard(children: &[ChildFact]) -> Table {
    let mut classes: BTreeMap<&str, u64> = BTreeMap::new();
    for child in children {
        *classes.entry(&child.class).or_default() += u64::from(!child.heard);
    }
    Table {
        name: "not-heard",
        title: "Families we have not heard from",
        about: "Children of whom no adult has written to this service, and about whom nothing \
                went into a case. What is said at the gate and not written down is not known here.",
        of: "Class",
        columns: vec!["Children"],
        rows: classes
            .into_iter()
            .map(|(class, n)| (class.to_owned(), vec![n]))
            .collect(),
    }
}

/// Whom the school reaches in which language.
pub fn languages(adults: &[AdultFact]) -> Table {
    let mut languages: BTreeMap<&str, [u64; 2]> = BTreeMap::new();
    for adult in adults {
        let counts = languages.entry(&adult.language).or_default();
        counts[usize::from(adult.heard)] += 1;
    }
    let mut rows: Vec<(String, Vec<u64>)> = languages
        .into_iter()
        .map(|(language, counts)| (language.to_owned(), counts.to_vec()))
        .collect();
    rows.sort_by_key(|(_, n)| std::cmp::Reverse(n.iter().sum::<u64>()));
    for (_, counts) in &mut rows {
        counts.reverse();
    }
    Table {
        name: "languages",
        title: "Reach by language",
        about: "Parents and carers on record, by their language and whether they have written.",
        of: "Language",
        columns: vec!["Have written", "Have not"],
        rows,
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::school::fixture;

    fn case(kind: &str, opened: DateTime, acknowledged: Option<DateTime>) -> CaseFact {
        CaseFact {
            kind: kind.to_owned(),
            opened,
            acknowledged,
            told: None,
        }
    }

    fn reads(table: &Table) -> Vec<String> {
        let rows = table.rows.iter();
        rows.map(|(label, counts)| format!("{label}: {counts:?}"))
            .collect()
    }

    #[test]
    fn waits_are_counted_in_school_days_and_notes_are_not_waited_for() {
        // A Friday and the Monday after it.
        let friday = date(2026, 12, 4).at(15, 0, 0, 0);
        let monday = date(2026, 12, 7).at(9, 0, 0, 0);
        let table = acknowledgement(
            &fixture::kingfisher().calendar,
            &[
                case("concern", friday, Some(friday)),
                case("question", friday, Some(monday)),
                case("complaint", friday, None),
                case("news", friday, None),
            ],
        );
        assert_eq!(
            reads(&table),
            [
                "The same day: [1]",
                "The next school day: [1]",
                "Two school days: [0]",
                "Within five school days: [0]",
                "Later: [0]",
                "Not yet: [1]"
            ]
        );
    }

    #[test]
    fn a_promise_is_kept_kept_late_broken_or_not_due_yet() {
        let at = |hour| date(2026, 12, 4).at(hour, 0, 0, 0);
        let promise = |due, kept: Option<i8>| PromiseFact {
            due: at(due),
            kept: kept.map(at),
        };
        let table = promises(
            &[
                promise(12, Some(11)),
                promise(12, Some(13)),
                promise(12, None),
                promise(16, None),
            ],
            at(14),
        );
        assert!(table.rows.iter().all(|(_, n)| n == &[1]), "{table:?}");
    }

    #[test]
    fn children_are_counted_by_class_and_adults_by_language() {
        let child = |class: &str, heard| ChildFact {
            class: class.to_owned(),
            heard,
        };
        let table = not_heard(&[child("3H", true), child("3H", false), child("1B", true)]);
        assert_eq!(reads(&table), ["1B: [0]", "3H: [1]"]);
        let adult = |language: &str, heard| AdultFact {
            language: language.to_owned(),
            heard,
        };
        let table = languages(&[
            adult("Somali", true),
            adult("English", false),
            adult("English", true),
        ]);
        assert_eq!(reads(&table), ["English: [1, 1]", "Somali: [1, 0]"]);
    }
}
