//! Choices of one question must be told apart, from one another and from words that hold everywhere.

use std::collections::{BTreeMap, HashMap};

use crate::fault::Fault;
use crate::flow::bundle::Parts;
use crate::flow::definition::{Act, Ask, Flow};
use crate::flow::value::Values;
use crate::text::reading::{Global, Reading};

/// Checks every question with fixed choices, in every language.
pub fn check(parts: &Parts, faults: &mut Vec<Fault>) {
    // Many questions offer the same words.
    let mut everywhere = HashMap::new();
    let mut holds = |word: &str| -> Option<String> {
        let known = everywhere.entry(word.to_owned());
        let holds: &Option<String> = known.or_insert_with(|| holds_everywhere(parts, word));
        holds.clone()
    };
    for flow in parts.flows.values() {
        for step in flow.steps.values() {
            if let Act::Ask(ask) = &step.act {
                for (tag, reading) in &parts.readings {
                    question(parts, flow, ask, (tag, reading), &mut holds, faults);
                }
            }
        }
    }
}

fn question(
    parts: &Parts,
    flow: &Flow,
    ask: &Ask,
    (tag, reading): (&str, &Reading),
    everywhere: &mut dyn FnMut(&str) -> Option<String>,
    faults: &mut Vec<Fault>,
) {
    let mut taken: BTreeMap<String, &str> = BTreeMap::new();
    for (at, choice) in ask.choices.iter().enumerate() {
        let value = choice.value.it.as_str();
        if ask.choices[..at].iter().any(|c| c.value.it == value) {
            faults.push(Fault::error(
                &flow.file,
                choice.value.span.clone(),
                format!("two choices have the value `{value}`, so nobody can tell which was taken"),
                "give each a value of its own",
            ));
            continue;
        }
        let mut words = reading.synonyms(value);
        if parts.languages.message(tag, &choice.label.it).is_some() {
            words.push(parts.languages.say(tag, &choice.label.it, &Values::new()));
        }
        words.sort();
        words.dedup();
        for word in words {
            let mut fault = |message: String, remedy: &str| {
                let span = choice.value.span.clone();
                faults.push(Fault::error(&flow.file, span, message, remedy));
            };
            if let Some(holds) = everywhere(&word) {
                fault(
                    format!("\"{word}\" ({tag}) chooses `{value}`, but {holds}"),
                    "use another label or synonym",
                );
            }
            let folded = reading.folded(&word);
            if let Some(other) = taken.get(&folded).filter(|other| **other != value) {
                fault(
                    format!("\"{word}\" ({tag}) chooses both `{other}` and `{value}`"),
                    "use another label or synonym for one of them",
                );
            }
            taken.insert(folded, value);
        }
    }
}

/// What a word means whatever is asked, in any language: those are read before an answer is.
fn holds_everywhere(parts: &Parts, word: &str) -> Option<String> {
    parts.readings.values().find_map(|reading| {
        if reading.keyword(word).is_some() {
            return Some("it is a word that carriers take".to_owned());
        }
        match reading.global(word) {
            Some(Global::Menu | Global::Back) => {
                return Some("holds everywhere as a word of its own".to_owned());
            }
            // Words for a person give way to a choice of that name; 0 never does.
            Some(Global::Person) if word.trim() == "0" => {
                return Some("0 brings a person everywhere".to_owned());
            }
            Some(Global::Person) | None => {}
        }
        let language = reading.language_named(word)?;
        Some(format!("it asks for the language `{language}` everywhere"))
    })
}
