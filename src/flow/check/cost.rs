//! What each text comes to: how many parts a network counts and bills, filled in as a parent might
//! get it.

use std::collections::BTreeMap;

use serde::Serialize;

use super::paths::texts;
use super::samples;
use crate::fault::Fault;
use crate::flow::bundle::Parts;
use crate::flow::definition::{Act, Ask, Expect, Given};
use crate::flow::value::{Value, Values};
use crate::text::gsm7;
use crate::text::language::{DEFAULT, split_part};
use crate::text::segments::{Encoding, Segments, segments};

/// More parts than this are warned of.
const MOST: usize = 2;

/// Messages that are parts of others, and are never sent by themselves.
const PARTS: &[&str] = &[
    "clock",
    "clock-bare",
    "when",
    "slot-time",
    "opens",
    "time-only",
    "date-only",
    "slot-phone",
    "slot-video",
    "days-range",
    "hours",
    "list-more",
    "list-and",
    "list-or",
];
/// Names, and the words on a button.
const NAMES: &[&str] = &["language-name", "the-office", "prove-number-button"];
/// What leaves by email alone, which costs nothing by its length.
const BY_EMAIL: &[&str] = &["mail-not-known", "staff-mail-help", "staff-mail-files"];
/// What the names of such messages begin with.
const PREFIXES: &[&str] = &["-", "day-", "month-", "choice-", "topic-", "letter-"];

/// One text in one language, as it would be sent.
#[derive(Debug, Clone, Serialize)]
pub struct Cost {
    /// Its name.
    pub id: String,
    /// The language's tag.
    pub language: String,
    /// Encoding, units and parts.
    #[serde(flatten)]
    pub segments: Segments,
    /// Its length in characters.
    pub characters: usize,
    /// The text itself, filled in.
    pub text: String,
}

/// Whether a message is sent by itself.
pub fn is_sent(id: &str) -> bool {
    !PARTS.contains(&id)
        && !NAMES.contains(&id)
        && !BY_EMAIL.contains(&id)
        && !PREFIXES.iter().any(|prefix| id.starts_with(prefix))
}

/// Every text that is sent, in every language that has it; `given` are values of the school's own.
pub fn costs(parts: &Parts, given: &Values) -> Vec<Cost> {
    let asks = asks(parts);
    let mut all = Vec::new();
    for tag in parts.languages.tags() {
        for (id, _) in parts.languages.messages(tag).filter(|(id, _)| is_sent(id)) {
            let asked = asks.get(id).map(Vec::as_slice).unwrap_or_default();
            let mut said: Vec<String> = asked
                .iter()
                .map(|ask| filled(parts, tag, id, &choices(parts, tag, ask, given), given))
                .collect();
            if said.is_empty() {
                said.push(filled(parts, tag, id, "", given));
            }
            // One that is asked in several places is measured where it is longest.
            let counted = said.into_iter().map(|text| (segments(&text), text));
            if let Some((segments, text)) = counted.max_by_key(|(s, _)| (s.parts, s.units)) {
                all.push(Cost {
                    id: id.to_owned(),
                    language: tag.to_owned(),
                    segments,
                    characters: text.chars().count(),
                    text,
                });
            }
        }
    }
    all
}

/// Warns of texts that are dear.
pub fn warn(parts: &Parts, costs: &[Cost], faults: &mut Vec<Fault>) {
    for cost in costs.iter().filter(|cost| cost.segments.parts > MOST) {
        let Some(message) = parts.languages.message(&cost.language, &cost.id) else {
            continue;
        };
        let (remedy, why) = match cost.segments.encoding {
            Encoding::Gsm7 => (
                format!("cut {} characters", over(&cost.text)),
                String::new(),
            ),
            Encoding::Ucs2 => (
                format!(
                    "cut {} characters, or write it without these",
                    over(&cost.text)
                ),
                format!("; {} make it dear", dear(&cost.text)),
            ),
        };
        faults.push(Fault::warning(
            &message.file,
            message.span.clone(),
            format!(
                "the text `{}` ({}) takes {} parts of a text message{why}",
                cost.id, cost.language, cost.segments.parts
            ),
            remedy,
        ));
    }
}

/// The characters outside the 7-bit alphabet, each once.
fn dear(text: &str) -> String {
    let all = gsm7::dear(text);
    let all: Vec<String> = all.iter().map(char::to_string).collect();
    all.join(" ")
}

/// How many characters must go from the end for the text to fit into [`MOST`] parts.
fn over(text: &str) -> usize {
    let characters: Vec<char> = text.chars().collect();
    (0..characters.len())
        .find(|cut| {
            // The encoding stays: what makes it dear may stand anywhere.
            let mut kept: String = characters[..characters.len() - cut].iter().collect();
            let last = characters.iter().find(|c| gsm7::septets(**c).is_none());
            if let Some(last) = last.filter(|_| gsm7::fits(&kept)) {
                kept.pop();
                kept.push(*last);
            }
            segments(&kept).parts <= MOST
        })
        .unwrap_or(characters.len())
}

/// A text as it is sent, its choices placed in it or behind it, as `turn` does.
fn filled(parts: &Parts, tag: &str, id: &str, choices: &str, given: &Values) -> String {
    let Some(message) = parts.languages.message(tag, id) else {
        return String::new();
    };
    let mut values = Values::new();
    for name in &message.variables {
        let base = split_part(name).map_or(name.as_str(), |(base, _)| base);
        values.insert(base.to_owned(), samples::value(base, given));
    }
    values.insert("choices".to_owned(), Value::Text(choices.to_owned()));
    let said = parts.languages.say(tag, id, &values);
    if choices.is_empty() || message.variables.contains("choices") {
        said
    } else {
        format!("{said} {choices}")
    }
}

/// The questions by the texts that ask them.
fn asks(parts: &Parts) -> BTreeMap<&str, Vec<&Ask>> {
    let mut all: BTreeMap<&str, Vec<&Ask>> = BTreeMap::new();
    let steps = parts.flows.values().flat_map(|flow| flow.steps.values());
    for step in steps {
        if let Act::Ask(ask) = &step.act {
            for (text, with_choices) in texts(step) {
                // A reminder stands by itself: the choices are in it only where it places them.
                let nudge = ask.nudge.as_ref().and_then(|n| n.it.say.as_ref());
                let alone = nudge.is_some_and(|say| say.it == text.it);
                let placed = || {
                    let message = parts.languages.message(DEFAULT, &text.it);
                    message.is_some_and(|m| m.variables.contains("choices"))
                };
                if with_choices && (!alone || placed()) {
                    all.entry(text.it.as_str()).or_default().push(ask);
                }
            }
        }
    }
    all
}

/// What a question offers, numbered.
fn choices(parts: &Parts, tag: &str, ask: &Ask, given: &Values) -> String {
    let say = |id: &str| {
        // A label that is not in this language is said in English.
        let tag = match parts.languages.message(tag, id) {
            Some(_) => tag,
            None => DEFAULT,
        };
        parts.languages.say(tag, id, &Values::new())
    };
    let labels = |name: &str| match samples::value(name, given) {
        Value::List(items) => items.into_iter().map(|item| item.label).collect(),
        Value::Slots(slots) => slots.iter().map(|s| parts.languages.slot(tag, s)).collect(),
        other => vec![parts.languages.value(tag, &other)],
    };
    let mut all: Vec<String> = match ask.expect {
        Expect::Choice => ask.choices.iter().map(|c| say(&c.label.it)).collect(),
        Expect::YesNo => vec![say("choice-yes"), say("choice-no")],
        Expect::Pupil => labels("children"),
        _ => match ask.from.as_ref().map(|from| &from.it) {
            Some(Given::Name { name, .. }) => labels(name),
            _ => Vec::new(),
        },
    };
    if ask.other.is_some() {
        all.push(say(ask.expect.other_label()));
    }
    let numbered = all.iter().enumerate();
    let numbered: Vec<String> = numbered
        .map(|(at, label)| format!("{} {label}", at + 1))
        .collect();
    numbered.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_must_go_is_counted_in_the_alphabet_that_stays() {
        assert_eq!(over(&"a".repeat(320)), 14);
        assert_eq!(over(&format!("ł{}", "a".repeat(139))), 6);
        assert_eq!(over(&format!("{}ł", "a".repeat(139))), 6);
        assert_eq!(over("short"), 0);
        assert_eq!(dear("Cześć, Łukasz! ść"), "ć Ł ś");
    }
}
