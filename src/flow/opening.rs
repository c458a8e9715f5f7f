//! What the words of a first message are, when no question is open: the order in which they are
//! tried, in one place for the engine and for whoever asks beforehand.
//!
//! The safeguarding screen has come first, elsewhere; this never judges risk.

use crate::flow::bundle::{MEETING, MENU, STATUS, TODAY};
use crate::text::language::DEFAULT;
use crate::text::reading::{ACK, CONTEXT_REPLY, FALLBACK, Global, HUMAN, Keyword, Reading, Route};

/// Below this a message is not taken for anything.
const FLOOR: f32 = 0.3;

/// What one message is, or one of the several things it is.
#[derive(Debug, Clone, PartialEq)]
pub struct Opening {
    /// A flow by its name, or one of `stop`, `start`, `help`, `human`, `ack`, `context_reply`,
    /// `fallback`.
    pub name: String,
    /// How sure this is, from 0 to 1.
    pub score: f32,
    /// The words that said so, folded.
    pub why: String,
}

impl Opening {
    fn exact(name: &str, why: &str) -> Vec<Self> {
        vec![Self {
            name: name.to_owned(),
            score: 1.0,
            why: format!("\"{why}\""),
        }]
    }
}

/// What a text asks for, in the language that is surest of it; the first language wins a tie.
/// Flows, and beside them [`HUMAN`], [`ACK`], [`CONTEXT_REPLY`] and [`FALLBACK`].
pub fn wishes<'r>(readings: impl Iterator<Item = &'r Reading>, text: &str) -> Vec<Route> {
    // A number asks for nothing, and is what most people answer with.
    if is_number(text) {
        return Vec::new();
    }
    let sure = |routes: &[Route]| routes.iter().map(|r| r.score).fold(0.0, f32::max);
    let mut best: Vec<Route> = Vec::new();
    for reading in readings {
        // Most messages are plainly in one language, and the others need not be asked.
        if !best.is_empty() && reading.opening_at_most(text) <= sure(&best) {
            continue;
        }
        let routes = reading.opening(text);
        if sure(&routes) > sure(&best) {
            best = routes;
        }
    }
    best
}

/// Which of the wishes to follow when nothing else is going on: the likeliest, and with it the flows
/// that are likely too. Empty when none is likely enough to be asked about.
pub fn wanted(wishes: &[Route]) -> Vec<&Route> {
    let likeliest = wishes.iter().max_by(|a, b| a.score.total_cmp(&b.score));
    let Some(likeliest) = likeliest.filter(|r| r.score >= FLOOR) else {
        return Vec::new();
    };
    let beside = |r: &Route| r.is_likely() && r.is_flow() && likeliest.flow != FALLBACK;
    let follow = |r: &&Route| *r == likeliest || beside(r);
    let mut found: Vec<&Route> = wishes.iter().filter(follow).collect();
    if found.len() > 1 {
        let idle = [MENU, FALLBACK, ACK, CONTEXT_REPLY];
        found.retain(|r| !idle.contains(&r.flow.as_str()));
    }
    found
}

/// The flows to ask about ("did you mean"), likeliest first and at most three, when nothing that is
/// wished is likely enough to be begun. Empty when something is, or when nothing comes near.
pub fn unsure(wishes: &[Route]) -> Vec<&Route> {
    if wishes.iter().any(Route::is_likely) {
        return Vec::new();
    }
    let mut near: Vec<&Route> = wishes.iter().filter(|r| r.is_flow()).collect();
    near.sort_by(|a, b| b.score.total_cmp(&a.score));
    near.retain(|r| r.flow != MENU);
    near.truncate(3);
    near
}

/// Everything a first message is: whole messages that mean one thing, then what it asks for, the
/// main wish first. Never empty.
pub fn read<'r>(readings: impl Iterator<Item = &'r Reading> + Clone, text: &str) -> Vec<Opening> {
    let text = text.trim();
    if let Some(keyword) = readings.clone().find_map(|r| r.keyword(text)) {
        let name = match keyword {
            Keyword::Stop => "stop",
            Keyword::Start => "start",
            Keyword::Help => "help",
        };
        return Opening::exact(name, text);
    }
    let wishes = wishes(readings.clone(), text);
    let today = wishes.iter().any(|r| r.confident && r.flow == TODAY);
    if !today && let Some(name) = whole(readings.clone(), text) {
        return Opening::exact(name, text);
    }
    let mut found = wanted(&wishes);
    if found.is_empty() {
        // The engine asks about these; the first of them is the best guess there is.
        found = unsure(&wishes);
        found.truncate(1);
    }
    if found.is_empty() {
        return nothing();
    }
    let named = found.into_iter().map(|route| Opening {
        name: route.flow.replace(CONTEXT_REPLY, "context_reply"),
        score: route.score,
        why: route.why.clone(),
    });
    named.collect()
}

/// The words that are the same wherever they come: a menu, a person, a language, a reference, thanks,
/// and answers to a question that is not there.
fn whole<'r>(
    readings: impl Iterator<Item = &'r Reading> + Clone,
    text: &str,
) -> Option<&'static str> {
    match readings.clone().find_map(|r| r.global(text)) {
        Some(Global::Menu | Global::Back) => return Some(MENU),
        Some(Global::Person) => return Some(HUMAN),
        None => {}
    }
    if readings.clone().any(|r| r.language_named(text).is_some()) {
        return Some("passport");
    }
    if readings.clone().any(|r| r.reference(text).is_some()) {
        return Some(STATUS);
    }
    if readings.clone().any(|r| r.is_change(text)) {
        return Some(MEETING);
    }
    if readings.clone().any(|r| r.ack(text)) {
        return Some(ACK);
    }
    let words = text.split_whitespace().count();
    let answer = words <= 2 && readings.clone().any(|r| r.yes_no(text).is_some());
    (is_number(text) || answer || is_name(readings, text)).then_some("context_reply")
}

/// Digits, with whatever marks: "2", "3.30", "1?".
fn is_number(text: &str) -> bool {
    let marks = |c: char| c.is_ascii_digit() || c.is_ascii_punctuation();
    text.chars().all(marks) && text.contains(|c: char| c.is_ascii_digit())
}

/// One word that no language knows and that begins with a capital: "Sam", the answer to "which
/// child?".
fn is_name<'r>(mut readings: impl Iterator<Item = &'r Reading>, text: &str) -> bool {
    let bare = text.trim_matches(|c: char| !c.is_alphanumeric());
    let mut letters = bare.chars();
    letters.next().is_some_and(char::is_uppercase)
        && letters.clone().next().is_some()
        && letters.all(char::is_lowercase)
        && readings.all(|r| !r.knows(bare))
}

fn nothing() -> Vec<Opening> {
    vec![Opening {
        name: FALLBACK.to_owned(),
        score: 0.0,
        why: "near nothing".to_owned(),
    }]
}

/// The readings of a bundle, English first, for a message of which nothing else is known.
pub fn all(
    readings: &std::collections::BTreeMap<String, Reading>,
) -> impl Iterator<Item = &Reading> + Clone {
    let english = readings.get(DEFAULT).into_iter();
    let others = readings.iter().filter(|(tag, _)| *tag != DEFAULT);
    english.chain(others.map(|(_, reading)| reading))
}
