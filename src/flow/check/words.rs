//! Texts and choices: what is missing in which language, what would be misread, and what a text
//! must never tell people to send.

use std::collections::{BTreeMap, BTreeSet};

use super::paths::texts;
use crate::fault::{Fault, did_you_mean};
use crate::flow::bundle::{HAND_OVER, MENU, Parts};
use crate::flow::definition::{Act, At, DAY_PARTS, Flow};
use crate::flow::value::Values;
use crate::text::language::DEFAULT;
use crate::text::reading::Global;

/// The texts the engine says by itself, and the values each may use.
pub const BUILT_IN: &[(&str, &[&str])] = &[
    ("not-understood", &[]),
    ("near", &["choice", "choices"]),
    ("near-which", &["choices"]),
    ("nudge", &[]),
    ("also-taken", &["what"]),
    ("told", &["told", "choices"]),
    ("told-wrong", &[]),
    ("gone-by", &[]),
    ("gone-by-time", &[]),
    ("hint-number", &[]),
    ("hint-date", &[]),
    ("hint-time", &[]),
    ("hint-datetime", &[]),
    ("hint-phone", &[]),
    ("hint-email", &[]),
    ("hint-media", &[]),
    ("came-photo", &[]),
    ("came-voice", &[]),
    ("came-file", &[]),
    (
        "carry-on",
        &["since", "since-time", "since-date", "topic", "choices"],
    ),
    ("offer", &["topic", "choices"]),
    ("offer-later", &[]),
    ("offer-declined", &[]),
    ("meant", &["topic", "choices"]),
    ("meant-which", &["choices"]),
    ("also-added", &["case"]),
    ("sealed-added", &[]),
    ("passed-on", &["person"]),
    ("noted-will-ask", &[]),
    ("language-set", &["named"]),
    ("language-none", &["named"]),
    ("language-name", &[]),
    ("back-none", &[]),
    ("menu-kept", &["case"]),
    ("choice-yes", &[]),
    ("choice-no", &[]),
    ("choice-carry-on", &[]),
    ("choice-something-else", &[]),
    ("choice-someone-else", &[]),
    ("choice-other-times", &[]),
    ("choice-other", &[]),
    ("choice-other-staff", &[]),
    ("list-more", &["left", "right"]),
    ("list-and", &["left", "right"]),
    ("list-or", &["left", "right"]),
    ("days-range", &["first", "last"]),
    ("hours", &["days", "from", "to"]),
    ("clock", CLOCK),
    ("clock-bare", CLOCK),
    ("when", MOMENT),
    ("opens", MOMENT),
    ("slot-time", MOMENT),
    ("time-only", MOMENT),
    ("date-only", MOMENT),
    ("slot-phone", &["at"]),
    ("slot-video", &["at"]),
    ("the-office", &[]),
    ("stopped", SCHOOL),
    ("started", SCHOOL),
    ("help", SCHOOL),
    ("handed-over", SCHOOL_BY),
    (
        "meeting-reminder",
        &["school", "at", "at-time", "at-date", "who", "mode"],
    ),
    ("event-line", EVENT),
    ("event-reminder", EVENT),
    ("no-groups", SCHOOL),
    ("sorry-delay", SCHOOL),
    ("prove-number", SCHOOL),
    ("prove-number-button", SCHOOL),
    ("number-proved", SCHOOL),
    ("screen-staffed", SCHOOL_BY),
    ("screen-closed", SCHOOL_BY),
    ("screen-closed-no-line", SCHOOL_BY),
    ("screen-emergency", SCHOOL_BY),
    ("screen-crisis", SCHOOL_BY),
    ("screen-crisis-too", SCHOOL_BY),
    ("screen-young-person", SCHOOL_BY),
    ("screen-unread", SCHOOL_BY),
    ("screen-media", SCHOOL_BY),
    ("desk-reply", &["who", "words"]),
    ("staff-new", NOTICE),
    ("staff-waiting", NOTICE),
    ("staff-escalation", NOTICE),
    ("staff-promise", NOTICE),
    ("staff-today", NOTICE),
    ("staff-meeting", NOTICE),
    ("staff-meeting-asked", NOTICE),
    (
        "promise-late",
        &[
            "reference",
            "by",
            "by-time",
            "by-date",
            "office-phone",
            "school",
        ],
    ),
    ("staff-page-urgent", NOTICE),
    ("staff-page-review", NOTICE),
    ("staff-digest", &["count", "list", "link"]),
    ("staff-page-delayed", &["reference", "link"]),
    ("staff-have", &["reference", "link"]),
    ("staff-safe", &["reference"]),
    ("staff-echo", &["family", "words", "reference"]),
    ("staff-sent", &["reference"]),
    ("staff-nothing-to-send", &[]),
    ("staff-no-code", &["code"]),
    ("staff-sealed", &["link"]),
    ("staff-cannot-stop", &[]),
    ("staff-help", &[]),
];

/// What is true for everybody who writes: `inbox::facts::school_values`.
const SCHOOL: &[&str] = &[
    "school",
    "office-phone",
    "open",
    "opens",
    "senco",
    "senco-hours",
    "out-of-hours-who",
    "out-of-hours-phone",
];
const SCHOOL_BY: &[&str] = &[
    "school",
    "office-phone",
    "open",
    "opens",
    "senco",
    "senco-hours",
    "out-of-hours-who",
    "out-of-hours-phone",
    "by",
    "by-time",
    "by-date",
];
/// What an event may name: `inbox::perform::board`.
const EVENT: &[&str] = &["school", "name", "at", "at-time", "at-date", "place"];
/// What a notice to staff may name: `desk::tell::notice_values`.
const NOTICE: &[&str] = &["reference", "class", "code", "link", "kind"];

const CLOCK: &[&str] = &["hour", "hour24", "minutes", "whole", "half"];
const MOMENT: &[&str] = &["weekday", "day", "month", "time"];

/// Words that carriers and Twilio take for themselves: who sends one is opted out, or gets the
/// carrier's help text, and we never see the answer (Twilio, "Advanced Opt-Out" default keywords).
const CARRIER_WORDS: &[&str] = &[
    "STOP",
    "STOPALL",
    "UNSUBSCRIBE",
    "CANCEL",
    "END",
    "QUIT",
    "REVOKE",
    "OPTOUT",
    "START",
    "YES",
    "UNSTOP",
    "HELP",
    "INFO",
];

/// Checks texts and choices of every language.
pub fn check(parts: &Parts, faults: &mut Vec<Fault>) {
    let used = used(parts);
    missing(parts, &used, faults);
    for (id, variables) in BUILT_IN {
        built_in(parts, id, variables, faults);
    }
    carrier_words(parts, faults);
    for flow in parts.flows.values() {
        choices(parts, flow, faults);
    }
}

/// Every message a flow uses, with the first place that does.
fn used(parts: &Parts) -> BTreeMap<&str, (&Flow, &At<String>)> {
    let mut all = BTreeMap::new();
    for flow in parts.flows.values() {
        for step in flow.steps.values() {
            for (text, _) in texts(step) {
                all.entry(text.it.as_str()).or_insert((flow, text));
            }
        }
    }
    all
}

fn missing(parts: &Parts, used: &BTreeMap<&str, (&Flow, &At<String>)>, faults: &mut Vec<Fault>) {
    let known: Vec<&str> = parts
        .languages
        .messages(DEFAULT)
        .map(|(id, _)| id)
        .collect();
    for (id, (flow, text)) in used {
        if parts.languages.message(DEFAULT, id).is_none() {
            faults.push(Fault::error(
                &flow.file,
                text.span.clone(),
                format!("there is no text `{id}` in locales/{DEFAULT}"),
                did_you_mean(id, known.iter().copied()),
            ));
        }
    }
    let mut needed: Vec<String> = BUILT_IN.iter().map(|(id, _)| (*id).to_owned()).collect();
    needed.extend((1..=7).map(|d| format!("day-{d}")));
    needed.extend((1..=12).map(|m| format!("month-{m}")));
    needed.extend(DAY_PARTS.iter().map(|part| format!("part-{part}")));
    let offered = parts
        .flows
        .values()
        .filter(|f| !f.desk && !f.brief && f.name != MENU && f.name != HAND_OVER);
    needed.extend(offered.map(|f| format!("topic-{}", f.name)));
    for id in &needed {
        if parts.languages.message(DEFAULT, id).is_none() {
            faults.push(Fault::error(
                format!("locales/{DEFAULT}/common.ftl"),
                None,
                format!("there is no text `{id}`, which the service says by itself"),
                format!("add {id} = …"),
            ));
        }
    }
    let all: BTreeSet<&str> = used
        .keys()
        .copied()
        .chain(needed.iter().map(String::as_str))
        .collect();
    for tag in parts.languages.tags().filter(|tag| *tag != DEFAULT) {
        // Staff read the language the school works in, and what staff write is in their own words.
        let parents = |id: &&&str| !id.starts_with("staff-") && **id != "desk-reply";
        for id in all.iter().filter(parents) {
            if parts.languages.message(tag, id).is_none()
                && let Some(english) = parts.languages.message(DEFAULT, id)
            {
                faults.push(Fault::warning(
                    &english.file,
                    english.span.clone(),
                    format!("`{id}` is not in {tag} yet: it is said in English"),
                    format!("add it to a file in locales/{tag}"),
                ));
            }
        }
    }
}

fn built_in(parts: &Parts, id: &str, variables: &[&str], faults: &mut Vec<Fault>) {
    for tag in parts.languages.tags() {
        let Some(message) = parts.languages.message(tag, id) else {
            continue;
        };
        for name in &message.variables {
            let fact = crate::flow::facts::find(name).is_some_and(|f| f.always);
            if !fact && !variables.iter().any(|v| v == name) {
                faults.push(Fault::error(
                    &message.file,
                    message.span.clone(),
                    format!("the text `{id}` uses `{name}`, which it is not given"),
                    did_you_mean(name, variables.iter().copied()),
                ));
            }
        }
    }
}

fn carrier_words(parts: &Parts, faults: &mut Vec<Fault>) {
    for tag in parts.languages.tags() {
        for (id, message) in parts.languages.messages(tag) {
            let words = message.words.split(|c: char| !c.is_alphanumeric());
            let Some(word) = words.into_iter().find(|w| CARRIER_WORDS.contains(w)) else {
                continue;
            };
            faults.push(Fault::error(
                &message.file,
                message.span.clone(),
                format!("the text `{id}` tells people to send {word}, which carriers take for themselves"),
                "use a number, or a word such as CHANGE",
            ));
        }
    }
}

/// Choices of one question must be told apart, and from the words that hold everywhere.
fn choices(parts: &Parts, flow: &Flow, faults: &mut Vec<Fault>) {
    for step in flow.steps.values() {
        let Act::Ask(ask) = &step.act else {
            continue;
        };
        for (tag, reading) in &parts.readings {
            let mut taken: BTreeMap<String, &str> = BTreeMap::new();
            for choice in &ask.choices {
                let mut words = reading.synonyms(&choice.value.it);
                if parts.languages.message(tag, &choice.label.it).is_some() {
                    words.push(parts.languages.say(tag, &choice.label.it, &Values::new()));
                }
                words.sort();
                words.dedup();
                for word in words {
                    let plain = word.to_lowercase();
                    // Words for a person give way to a choice of that name; the others do not.
                    let everywhere = reading.global(&word);
                    if matches!(everywhere, Some(Global::Menu | Global::Back)) {
                        faults.push(Fault::error(
                            &flow.file,
                            choice.value.span.clone(),
                            format!("\"{word}\" ({tag}) chooses `{}`, but holds everywhere as a word of its own", choice.value.it),
                            "use another label or synonym",
                        ));
                    }
                    if let Some(other) = taken.get(&plain).filter(|o| **o != choice.value.it) {
                        faults.push(Fault::error(
                            &flow.file,
                            choice.value.span.clone(),
                            format!(
                                "\"{word}\" ({tag}) chooses both `{other}` and `{}`",
                                choice.value.it
                            ),
                            "use another label or synonym for one of them",
                        ));
                    }
                    taken.insert(plain, &choice.value.it);
                }
            }
        }
    }
}
