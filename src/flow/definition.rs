//! A flow as data: its steps, what each asks, does, and leads to.
//!
//! It is what `load` reads from TOML and `check` and `turn` work on. Everything a fault can be about
//! keeps its place in the file.

use std::collections::BTreeMap;
use std::ops::Range;

use super::condition::Condition;

/// Something written in a file, with where.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct At<T> {
    /// The thing.
    pub it: T,
    /// Its bytes in the file.
    pub span: Range<usize>,
}

/// One conversation: a file in `flows/`.
#[derive(Debug, Clone)]
pub struct Flow {
    /// The file's name without `.toml`.
    pub name: String,
    /// The file, as in the sources.
    pub file: String,
    /// What it is for, in words.
    pub title: At<String>,
    /// The step it begins with.
    pub start: At<String>,
    /// Other ways in: an entry's name and its first step.
    pub entries: Vec<(At<String>, At<String>)>,
    /// What whoever begins it gives; `true` when it may be missing.
    pub takes: Vec<(At<String>, bool)>,
    /// How long a question stays open, in minutes.
    pub expires: i64,
    /// It may be answered in the middle of another flow, whose question is asked again afterwards.
    pub brief: bool,
    /// It cannot wait: it runs in the middle of any other flow, and comes first of several wishes.
    pub interrupts: bool,
    /// Only staff begin it, from the desk.
    pub desk: bool,
    /// Its steps by name.
    pub steps: BTreeMap<String, Step>,
}

/// One step.
#[derive(Debug, Clone)]
pub struct Step {
    /// Its name, where its table begins.
    pub name: At<String>,
    /// Passed over when this holds: the answer is already known.
    pub skip_if: Option<At<Condition>>,
    /// Texts said first.
    pub say: Vec<At<String>>,
    /// What it does after that.
    pub act: Act,
    /// The step after it.
    pub then: Option<At<String>>,
}

/// What a step does, after what it says.
#[derive(Debug, Clone)]
pub enum Act {
    /// Asks, and waits for a message.
    Ask(Box<Ask>),
    /// Has an action done; the outcomes name the next steps.
    Do {
        /// The action.
        action: At<String>,
        /// What it is given.
        inputs: Vec<(At<String>, At<Given>)>,
        /// Outcome and step.
        outcomes: Vec<(At<String>, At<String>)>,
    },
    /// Goes on with the first branch that holds; one without a condition always does.
    When(Vec<Branch>),
    /// Runs another flow and comes back.
    Call(Jump),
    /// Goes over to another flow for good.
    Goto(Jump),
    /// Ends the flow.
    End,
    /// Goes on to `then`.
    Pass,
}

/// A question.
#[derive(Debug, Clone)]
pub struct Ask {
    /// The text; it may place `{$choices}` itself, otherwise they follow it.
    pub text: At<String>,
    /// A different text when the answer was not understood.
    pub again: Option<At<String>>,
    /// A different text, without choices, when the children may not be listed.
    pub unlisted: Option<At<String>>,
    /// What an answer must be.
    pub expect: Expect,
    /// The list it chooses from.
    pub from: Option<At<Given>>,
    /// Where "none of these" leads.
    pub other: Option<At<String>>,
    /// The name the answer gets.
    pub save: Option<At<String>>,
    /// Fixed choices.
    pub choices: Vec<Choice>,
    /// How many messages may be misunderstood before a person takes over.
    pub tries: u8,
    /// A message that is no answer passes it over.
    pub optional: bool,
    /// What the person begins to talk about instead wins over this question.
    pub yields: bool,
    /// How long it stays open, in minutes: its own time, or the flow's.
    pub expires: i64,
    /// Its one reminder: its own, or the flow's.
    pub nudge: Option<At<Nudge>>,
}

/// One reminder of a question that nobody has answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Nudge {
    /// How long after the question, in minutes; in waking hours only.
    pub after: i64,
    /// What is said instead of the question: a text that stands by itself. Without it the question
    /// is asked again, after words of the engine's own.
    pub say: Option<At<String>>,
}

/// What a question expects.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Expect {
    /// One of the fixed choices.
    Choice,
    /// Any words.
    Text,
    /// Yes or no.
    YesNo,
    /// One of this adult's children.
    Pupil,
    /// A time that is offered.
    Slot,
    /// One of this adult's meetings.
    Meeting,
    /// A service of the directory.
    Service,
    /// Something of a list.
    Item,
    /// A language, by its name.
    Language,
    /// A case's reference.
    Reference,
    /// A whole number.
    Number,
    /// A day, read back before it counts.
    Date,
    /// A time of day, read back before it counts.
    Time,
    /// A day and a time, read back before they count.
    DateTime,
    /// A part of the day.
    DayPart,
    /// A phone number.
    Phone,
    /// An email address.
    Email,
    /// Somebody on the staff whom this adult may know.
    Staff,
    /// A photo, a voice message or another file, for staff to see or hear.
    PhotoOrVoice,
}

/// The words of `expect`, in one place.
pub const EXPECTS: &[(&str, Expect)] = &[
    ("text", Expect::Text),
    ("yes-no", Expect::YesNo),
    ("pupil", Expect::Pupil),
    ("slot", Expect::Slot),
    ("meeting", Expect::Meeting),
    ("service", Expect::Service),
    ("item", Expect::Item),
    ("language", Expect::Language),
    ("reference", Expect::Reference),
    ("number", Expect::Number),
    ("date", Expect::Date),
    ("time", Expect::Time),
    ("datetime", Expect::DateTime),
    ("day-part", Expect::DayPart),
    ("phone", Expect::Phone),
    ("email", Expect::Email),
    ("staff", Expect::Staff),
    ("photo-or-voice", Expect::PhotoOrVoice),
];

/// The parts of a day that `day-part` offers; each is also the word whose synonyms choose it, and
/// its text is `part-` and the word.
pub const DAY_PARTS: &[&str] = &["morning", "afternoon", "after-school", "evening"];

impl Expect {
    /// What an answer is, for the reference and for pictures.
    pub const fn doc(self) -> &'static str {
        match self {
            Self::Choice => "one of the choices",
            Self::Text => "any words",
            Self::YesNo => "yes or no",
            Self::Pupil => "one of this adult's children",
            Self::Slot => "one of the times that are offered",
            Self::Meeting => "one of this adult's meetings",
            Self::Service => "one of the services that are listed",
            Self::Item => "one of the things that are listed",
            Self::Language => "a language, by its name",
            Self::Reference => "a case's reference",
            Self::Number => "a whole number; `0` is a person",
            Self::Date => "a day, read back before it counts",
            Self::Time => "a time of day, read back before it counts",
            Self::DateTime => "a day and a time, read back before they count",
            Self::DayPart => "morning, afternoon, after school or evening",
            Self::Phone => "a phone number",
            Self::Email => "an email address",
            Self::Staff => "somebody on the staff whom this adult may know",
            Self::PhotoOrVoice => "a photo or a voice message, for staff to see or hear",
        }
    }

    /// The label of "none of these", where a question has one.
    pub const fn other_label(self) -> &'static str {
        match self {
            Self::Pupil => "choice-someone-else",
            Self::Slot => "choice-other-times",
            Self::Staff => "choice-other-staff",
            _ => "choice-other",
        }
    }

    /// What is said when the answer was none of this kind; the usual words otherwise.
    pub const fn hint(self) -> Option<&'static str> {
        Some(match self {
            Self::Number => "hint-number",
            Self::Date => "hint-date",
            Self::Time => "hint-time",
            Self::DateTime => "hint-datetime",
            Self::Phone => "hint-phone",
            Self::Email => "hint-email",
            Self::PhotoOrVoice => "hint-media",
            _ => return None,
        })
    }

    /// Whether it chooses among people, of whom there may be none.
    pub const fn wants_people(self) -> bool {
        matches!(self, Self::Pupil | Self::Staff)
    }

    /// Whether it chooses from the list in `from`.
    pub const fn wants_list(self) -> bool {
        matches!(
            self,
            Self::Slot | Self::Meeting | Self::Service | Self::Item
        )
    }
}

/// One fixed choice.
#[derive(Debug, Clone)]
pub struct Choice {
    /// What is saved; its synonyms stand in `reading.toml`.
    pub value: At<String>,
    /// The text that names it.
    pub label: At<String>,
    /// Where it leads; the step's own `then` otherwise.
    pub then: Option<At<String>>,
}

/// One branch of `when`.
#[derive(Debug, Clone)]
pub struct Branch {
    /// When it is taken; always, without one.
    pub condition: Option<At<Condition>>,
    /// Where it leads.
    pub then: At<String>,
}

/// Where `call` and `goto` lead.
#[derive(Debug, Clone)]
pub struct Jump {
    /// The flow.
    pub flow: At<String>,
    /// Its entry, when not its start.
    pub entry: Option<At<String>>,
    /// What it is given.
    pub with: Vec<(At<String>, At<Given>)>,
    /// Names brought back from a called flow.
    pub gives: Vec<At<String>>,
}

/// A value written in a flow.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// These words.
    Text(String),
    /// This number.
    Number(i64),
    /// Yes or no.
    Flag(bool),
    /// The value of this name (`$name`), which may be missing (`$name?`).
    Name {
        /// Without `$` and `?`.
        name: String,
        /// Whether it may be missing.
        optional: bool,
    },
}

impl Flow {
    /// The first step of an entry, or of the flow.
    pub fn first_step(&self, entry: Option<&str>) -> Option<&str> {
        match entry {
            None => Some(&self.start.it),
            Some(entry) => self
                .entries
                .iter()
                .find(|(name, _)| name.it == entry)
                .map(|(_, step)| step.it.as_str()),
        }
    }
}

impl Step {
    /// Whether it asks something and waits.
    pub const fn asks(&self) -> bool {
        matches!(self.act, Act::Ask(_))
    }

    /// Every step this one can lead to inside its flow, without waiting or after it.
    pub fn next(&self) -> Vec<&At<String>> {
        let mut all: Vec<&At<String>> = self.then.iter().collect();
        match &self.act {
            Act::Ask(ask) => {
                all.extend(ask.choices.iter().filter_map(|c| c.then.as_ref()));
                all.extend(&ask.other);
            }
            Act::Do { outcomes, .. } => all.extend(outcomes.iter().map(|(_, step)| step)),
            Act::When(branches) => all.extend(branches.iter().map(|b| &b.then)),
            Act::Call(_) | Act::Goto(_) | Act::End | Act::Pass => {}
        }
        all
    }
}
