//! What is understood of an answer, by the words of several languages; and several answers in one
//! message.
//!
//! Of two languages that both understand something, the one that accounts for more of the words is
//! taken; where they account for as much, the one that comes first.

use std::ops::Range;

use jiff::civil::{Date, DateTime, Time};

use super::Reading;
use super::choice::{Choice, ChoiceWords};
use super::day::Told;
use super::names::Named;
use super::told::Seen;

/// What a question expects.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Expected {
    /// Yes or no.
    YesNo,
    /// One of these, each with the value whose other words count too: (label, value). Without a
    /// value, the words of those that the label is a word for count, which takes longer.
    Choice(Vec<(String, String)>),
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A day and a time.
    DateTime,
    /// One of the children of these names.
    Child(Vec<String>),
    /// Any words.
    Words,
}

/// What an answer means. Places count from 0.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Understood {
    /// Yes.
    Yes,
    /// No.
    No,
    /// This choice.
    Choice(usize),
    /// This day.
    Date(Date),
    /// This time of day.
    Time(Time),
    /// This day and time.
    DateTime(DateTime),
    /// This child.
    Child(usize),
    /// These words.
    Words(String),
    /// None of what was offered.
    Other,
    /// A day or a time that has gone by.
    Past,
    /// No telling.
    Unclear,
}

impl Understood {
    /// Whether it says something that was asked for.
    pub const fn is_answer(&self) -> bool {
        !matches!(self, Self::Other | Self::Past | Self::Unclear)
    }
}

/// One answer, and what in the text gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What is understood.
    pub what: Understood,
    /// The words that said so, or why nothing is understood.
    pub why: String,
    /// Where those words stand in the text; empty where that is not known.
    spans: Vec<Range<usize>>,
    /// Whether a day or a time is told beyond doubt.
    sure: bool,
    /// What was said beside the answer.
    rest: Option<String>,
}

impl Part {
    fn new(what: Understood, why: impl Into<String>) -> Self {
        Self {
            what,
            why: why.into(),
            spans: Vec::new(),
            sure: false,
            rest: None,
        }
    }
}

/// Reads a text as the answer to a question, seen from `now`.
///
/// The readings are those of the languages that the person may write in, the likeliest first.
pub fn understand<'r>(
    readings: impl Iterator<Item = &'r Reading> + Clone,
    expected: &Expected,
    text: &str,
    now: DateTime,
) -> Part {
    match expected {
        Expected::YesNo => answer(readings, text),
        Expected::Choice(offered) => chosen(readings, offered, text),
        Expected::Child(names) => child(readings, names, text),
        Expected::Words if text.trim().is_empty() => Part::new(Understood::Unclear, "no words"),
        Expected::Words => Part::new(Understood::Words(text.trim().to_owned()), "words"),
        Expected::Date => {
            let seen = readings.map(|r| r.almanac.date(text, &r.vocabulary, now));
            told(best(seen), text, Understood::Date)
        }
        Expected::Time => {
            let seen = readings.map(|r| r.almanac.time(text, &r.vocabulary, now, true));
            told(best(seen), text, Understood::Time)
        }
        Expected::DateTime => {
            let seen = readings.map(|r| r.almanac.date_time(text, &r.vocabulary, now));
            told(best(seen), text, Understood::DateTime)
        }
    }
}

/// Yes or no in any of the languages; `None` when it is neither, or both, or could be either: a
/// Polish "no" nods and an English one does not.
pub fn yes_no<'r>(readings: impl Iterator<Item = &'r Reading> + Clone, text: &str) -> Option<bool> {
    let answers = readings.map(|r| r.whole.answers().read(text, &r.vocabulary));
    // The first of those that leave the fewest words unexplained.
    let mut answers = answers.min_by_key(|answer| answer.unexplained);
    answers.take()?.yes
}

fn answer<'r>(readings: impl Iterator<Item = &'r Reading> + Clone, text: &str) -> Part {
    match yes_no(readings.clone(), text) {
        Some(true) => Part::new(Understood::Yes, quoted(text)),
        Some(false) => Part::new(Understood::No, quoted(text)),
        // The texts offer "1 Yes 2 No", and people answer by number.
        None => {
            let numbered = [1, 2].map(|n| (n.to_string(), n.to_string())).to_vec();
            match chosen(readings, &numbered, text).what {
                Understood::Choice(0) => Part::new(Understood::Yes, quoted(text)),
                Understood::Choice(1) => Part::new(Understood::No, quoted(text)),
                _ => Part::new(Understood::Unclear, "neither yes nor no"),
            }
        }
    }
}

/// Which of the offered choices a text takes in any of the languages; `offered` gives the words for
/// them in each.
///
/// The first language that understands something decides: "1 or 2" is two choices in English, and
/// not the first of them in Polish. Only what was a guess gives way, to a language that is
/// certain of the same.
pub fn choose_among<'r>(
    readings: impl Iterator<Item = &'r Reading>,
    offered: impl Fn(&'r Reading) -> Vec<ChoiceWords>,
    text: &str,
) -> Choice {
    let mut first = Choice::None;
    for reading in readings {
        let found = reading.choice(text, &offered(reading));
        first = match (first, found) {
            (Choice::None, Choice::Exact(at)) => return Choice::Exact(at),
            (Choice::None, found) => found,
            (Choice::Near(some), Choice::Exact(at)) if some == [at] => return Choice::Exact(at),
            // "1 albo 2" is a number with more to say in English, and two in Polish.
            (Choice::ExactWithMore(..), Choice::Near(some)) if some.len() > 1 => Choice::Near(some),
            (first, _) => first,
        };
    }
    first
}

/// As [`choose_among`], each choice being a label and a value; "yep" is one where one of them is yes.
pub fn choose<'r>(
    readings: impl Iterator<Item = &'r Reading> + Clone,
    offered: &[(String, String)],
    text: &str,
) -> Choice {
    let labels: Vec<&str> = offered.iter().map(|(label, _)| label.as_str()).collect();
    let words = |reading: &'r Reading| {
        let words = offered.iter().map(|(label, value)| {
            let synonyms = match value.as_str() {
                "" => reading.words_like(label, &labels),
                value => reading.synonyms(value),
            };
            let label = label.clone();
            ChoiceWords { label, synonyms }
        });
        words.collect()
    };
    let first = choose_among(readings.clone(), words, text);
    if first == Choice::None
        && let Some(yes) = yes_no(readings.clone(), text)
    {
        // "Yep", where one of the choices is yes.
        let mut same =
            (0..labels.len()).filter(|at| yes_no(readings.clone(), labels[*at]) == Some(yes));
        if let (Some(at), None) = (same.next(), same.next()) {
            return Choice::Exact(at);
        }
    }
    first
}

fn chosen<'r>(
    readings: impl Iterator<Item = &'r Reading> + Clone,
    offered: &[(String, String)],
    text: &str,
) -> Part {
    let label = |at: usize| offered.get(at).map_or("", |(label, _)| label.as_str());
    let near = match choose(readings.clone(), offered, text) {
        Choice::Exact(at) => return Part::new(Understood::Choice(at), quoted(text)),
        Choice::ExactWithMore(at, rest) => {
            let mut part = Part::new(Understood::Choice(at), quoted(text));
            part.rest = Some(rest);
            return part;
        }
        Choice::Near(some) => Some(some),
        Choice::None => None,
    };
    if let Some([one]) = near.as_deref() {
        let why = format!("perhaps, asked first: {}", quoted(text));
        return Part::new(Understood::Choice(*one), why);
    }
    if readings.clone().any(|reading| reading.is_none(text)) {
        return Part::new(Understood::Other, quoted(text));
    }
    match near {
        Some(some) => {
            let labels: Vec<&str> = some.iter().map(|at| label(*at)).collect();
            let why = format!("perhaps {}", labels.join(" or "));
            Part::new(Understood::Unclear, why)
        }
        None => Part::new(Understood::Unclear, "none of the choices"),
    }
}

fn child<'r>(
    readings: impl Iterator<Item = &'r Reading> + Clone,
    names: &[String],
    text: &str,
) -> Part {
    let named: Vec<Named> = readings
        .clone()
        .map(|reading| reading.child(text, names))
        .collect();
    let one = named.iter().find_map(|named| match named {
        Named::One(at) => Some(*at),
        _ => None,
    });
    if let Some(at) = one {
        let mut part = Part::new(Understood::Child(at), quoted(text));
        // What is left when the words that name the child are gone.
        let left = text.split_whitespace().filter(|word| {
            let mut readings = readings.clone();
            !readings.any(|reading| reading.child(word, names) == Named::One(at))
        });
        part.rest = Some(left.collect::<Vec<_>>().join(" "));
        return part;
    }
    let any = |wanted: Named| named.contains(&wanted);
    if any(Named::Several) {
        return Part::new(Understood::Unclear, "more than one of them");
    }
    if any(Named::Other) {
        return Part::new(Understood::Other, quoted(text));
    }
    // By number or place only: what is nearly a name is not one.
    let offered = vec![(String::new(), String::new()); names.len()];
    let by_number = chosen(readings, &offered, text);
    match by_number.what {
        Understood::Choice(at) => {
            let mut part = Part::new(Understood::Child(at), by_number.why);
            part.rest = by_number.rest;
            part
        }
        _ if !named.is_empty() && named.iter().all(|named| *named == Named::Unknown) => Part::new(
            Understood::Other,
            format!("not one of them: {}", quoted(text)),
        ),
        _ => Part::new(Understood::Unclear, "no name"),
    }
}

/// What the language says that tells it with the most words.
fn best<T>(seen: impl Iterator<Item = Seen<T>>) -> Option<Seen<T>> {
    let mut best: Option<Seen<T>> = None;
    for one in seen {
        let found = |seen: &Seen<T>| {
            let answers = !matches!(seen.told, Told::Unclear);
            (seen.weight, answers)
        };
        if best.as_ref().is_none_or(|best| found(&one) > found(best)) {
            best = Some(one);
        }
    }
    best
}

fn told<T>(seen: Option<Seen<T>>, text: &str, is: fn(T) -> Understood) -> Part {
    let Some(seen) = seen else {
        return Part::new(Understood::Unclear, "no language");
    };
    let words: Vec<&str> = seen
        .spans
        .iter()
        .filter_map(|span| text.get(span.clone()))
        .collect();
    let why = if words.is_empty() {
        "nothing tells it".to_owned()
    } else {
        quoted(&words.join("\", \""))
    };
    let what = match seen.told {
        Told::Is(value) => is(value),
        Told::Past => Understood::Past,
        Told::Unclear => Understood::Unclear,
    };
    let mut part = Part::new(what, why);
    part.sure = seen.weight > 0;
    part.rest = Some(without(text, &seen.spans));
    part.spans = seen.spans;
    part
}

/// Several answers in one message: "sam, 3H, reading"; "tues 3.30 by phone".
///
/// Given what the open question and those after it expect, in their order, says which of them are
/// answered, each by a part of the message. A part is what stands between commas, lines and
/// sentences; a day, a time, a name or a number gives the words beside it on to the next question.
/// Where two parts would answer one question differently, it is not answered. What answered
/// nothing is returned beside.
pub fn parts<'r>(
    readings: impl Iterator<Item = &'r Reading> + Clone,
    expected: &[Expected],
    text: &str,
    now: DateTime,
) -> (Vec<Option<Part>>, Vec<String>) {
    let mut pieces: Vec<Piece> = split(text).map(Piece::new).collect();
    let mut found: Vec<Option<Part>> = Vec::new();
    for (at, one) in expected.iter().enumerate() {
        if *one == Expected::Words {
            // The last question takes all that is left, as it was written.
            let left: Vec<&mut Piece> = pieces.iter_mut().filter(|p| !p.taken).collect();
            let many = if at + 1 == expected.len() {
                left.len()
            } else {
                1
            };
            let taken: Vec<String> = left
                .into_iter()
                .take(many)
                .map(|piece| {
                    piece.taken = true;
                    piece.text.clone()
                })
                .collect();
            let words = taken.join(", ");
            let part = Part::new(Understood::Words(words.clone()), "words");
            found.push((!words.is_empty()).then_some(part));
            continue;
        }
        let dated = matches!(one, Expected::Date | Expected::Time | Expected::DateTime);
        let read: Vec<Option<Part>> = pieces
            .iter()
            .map(|piece| {
                let part = understand(readings.clone(), one, &piece.text, now);
                let open = !piece.taken || (piece.by_words && dated && part.sure);
                (open && part.what.is_answer()).then_some(part)
            })
            .collect();
        let first = read.iter().position(Option::is_some);
        let part = first.and_then(|first| Some((first, read.get(first).cloned()??)));
        let Some((first, part)) = part else {
            found.push(None);
            continue;
        };
        // Another part that says something else, and is the answer to nothing that comes after.
        let later = &expected[at + 1..];
        let other = read
            .iter()
            .enumerate()
            .skip(first + 1)
            .any(|(place, other)| {
                let differs = other.as_ref().is_some_and(|other| other.what != part.what);
                differs
                    && !later.iter().any(|one| {
                        let text = &pieces[place].text;
                        understand(readings.clone(), one, text, now)
                            .what
                            .is_answer()
                    })
            });
        if other {
            found.push(None);
            continue;
        }
        let rest = part.rest.clone().filter(|rest| !rest.trim().is_empty());
        let piece = &mut pieces[first];
        let again = piece.taken;
        piece.by_words = !dated && rest.is_none() && piece.text.contains(' ');
        piece.taken = true;
        if let Some(rest) = rest.filter(|_| !again) {
            pieces.insert(first + 1, Piece::new(rest));
        }
        found.push(Some(part));
    }
    let left = pieces.into_iter().filter(|piece| !piece.taken);
    (found, left.map(|piece| piece.text).collect())
}

/// What stands between two commas.
struct Piece {
    text: String,
    taken: bool,
    /// Taken by its words as a whole: a day beside them was not looked for.
    by_words: bool,
}

impl Piece {
    fn new(text: String) -> Self {
        Self {
            text,
            taken: false,
            by_words: false,
        }
    }
}

/// More parts than this are a letter.
const PIECES: usize = 12;

fn split(text: &str) -> impl Iterator<Item = String> {
    let mut parts: Vec<String> = Vec::new();
    let mut rest = text;
    while let Some(at) = breaks(rest).filter(|_| parts.len() + 1 < PIECES) {
        let (before, after) = rest.split_at(at);
        parts.push(before.to_owned());
        rest = after.trim_start_matches(|c: char| ",;\n.!?".contains(c) || c.is_whitespace());
    }
    parts.push(rest.to_owned());
    let parts = parts.into_iter().map(|part| part.trim().to_owned());
    parts.filter(|part| part.chars().any(char::is_alphanumeric) || !part.is_ascii())
}

/// Where the first part ends.
fn breaks(text: &str) -> Option<usize> {
    let mut chars = text.char_indices().peekable();
    while let Some((at, c)) = chars.next() {
        let space = chars.peek().is_none_or(|(_, next)| next.is_whitespace());
        if ",;\n".contains(c) || (".!?".contains(c) && space && at + 1 < text.len()) {
            return Some(at);
        }
    }
    None
}

/// A text without some of its places.
fn without(text: &str, spans: &[Range<usize>]) -> String {
    let mut out = String::new();
    let mut from = 0;
    for span in spans {
        if let Some(kept) = text.get(from..span.start.max(from)) {
            out.push_str(kept);
        }
        from = from.max(span.end);
    }
    out.push_str(text.get(from..).unwrap_or_default());
    let words: Vec<&str> = out.split_whitespace().collect();
    words.join(" ")
}

fn quoted(words: &str) -> String {
    format!("\"{}\"", words.trim())
}
