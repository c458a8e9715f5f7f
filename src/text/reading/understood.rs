//! What is understood of an answer, by the words of several languages.
//!
//! Of two languages that both understand something, the one that accounts for more of the words is
//! taken; where they account for as much, the one that comes first.

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
    /// None of what was offered.
    Other,
    /// A day or a time that has gone by.
    Past,
    /// No telling.
    Unclear,
}

/// One answer, and what in the text gave it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// What is understood.
    pub what: Understood,
    /// The words that said so, or why nothing is understood.
    pub why: String,
}

impl Part {
    fn new(what: Understood, why: impl Into<String>) -> Self {
        Self {
            what,
            why: why.into(),
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

/// Which of `count` choices a text takes in any of the languages; `offered` gives the words for
/// them in each.
///
/// The first language that understands something decides: "1 or 2" is two choices in English, and
/// not the first of them in Polish. Only what was a guess gives way, to a language that is
/// certain of the same. Where one hears that something is turned down, those that do not are not asked.
pub fn choose_among<'r>(
    readings: impl Iterator<Item = &'r Reading> + Clone,
    count: usize,
    offered: impl Fn(&'r Reading) -> Vec<ChoiceWords>,
    text: &str,
) -> Choice {
    let Some(own) = readings.clone().next() else {
        return Choice::None;
    };
    if let Some(number) = own.choices.by_number(text, count, own) {
        return Choice::Exact(number);
    }
    let holds_back = |reading: &&Reading| reading.choices.holds_back(text, reading, own);
    let careful = readings.clone().any(|reading| holds_back(&reading));
    let mut first = Choice::None;
    for reading in readings.filter(|reading| !careful || holds_back(reading)) {
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
    let first = choose_among(readings.clone(), offered.len(), words, text);
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
        Choice::Exact(at) | Choice::ExactWithMore(at, _) => {
            return Part::new(Understood::Choice(at), quoted(text));
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

/// Which child a text names in any of the languages. A name that is turned down in one of them, or that
/// says whose friend somebody is, is nobody's in the others.
pub fn child_among<'r, L: AsRef<str>>(
    readings: impl Iterator<Item = &'r Reading> + Clone,
    names: &[L],
    text: &str,
) -> Named {
    let all = readings.clone();
    let named: Vec<Named> = readings
        .map(|reading| {
            // "Same" is no case of Sam's, although Polish names may end so.
            let beside = all
                .clone()
                .filter(|other| other.language() != reading.language());
            let is_word = |word: &str| beside.clone().any(|other| other.knows(word));
            reading.child(text, names, &is_word)
        })
        .collect();
    let is = |wanted: fn(&Named) -> bool| named.iter().copied().find(wanted);
    is(|named| *named == Named::Refused)
        .or_else(|| is(|named| matches!(named, Named::One(_))))
        .or_else(|| is(|named| *named == Named::Several))
        .or_else(|| is(|named| *named == Named::Other))
        .or_else(|| {
            named
                .iter()
                .all(|n| *n == Named::Unknown)
                .then(|| named.first().copied())?
        })
        .unwrap_or(Named::Nobody)
}

fn child<'r>(
    readings: impl Iterator<Item = &'r Reading> + Clone,
    names: &[String],
    text: &str,
) -> Part {
    let named = child_among(readings.clone(), names, text);
    match named {
        Named::One(at) => return Part::new(Understood::Child(at), quoted(text)),
        Named::Several => return Part::new(Understood::Unclear, "more than one of them"),
        Named::Refused => {
            return Part::new(Understood::Unclear, "turned down, or somebody beside them");
        }
        Named::Other => return Part::new(Understood::Other, quoted(text)),
        Named::Unknown | Named::Nobody => {}
    }
    // By number or place only: what is nearly a name is not one.
    let offered = vec![(String::new(), String::new()); names.len()];
    let by_number = chosen(readings, &offered, text);
    match by_number.what {
        Understood::Choice(at) => Part::new(Understood::Child(at), by_number.why),
        _ if named == Named::Unknown => Part::new(
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
    Part::new(what, why)
}

fn quoted(words: &str) -> String {
    format!("\"{}\"", words.trim())
}
