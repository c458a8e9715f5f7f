//! Texts: what is missing in which language, values they are not given, and what a text must never
//! tell people to send.

use std::collections::{BTreeMap, BTreeSet};

use serde::Serialize;

use super::paths::texts;
use crate::fault::{Fault, did_you_mean};
use crate::flow::bundle::{HAND_OVER, MENU, Parts};
use crate::flow::definition::{At, DAY_PARTS, Flow};
use crate::text::language::DEFAULT;

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
    ("mail-not-known", SCHOOL),
    ("link-sent", SCHOOL),
    ("link-code", &["school", "office-phone", "code"]),
    ("link-wrong", SCHOOL),
    ("link-over", SCHOOL),
    ("link-enough", SCHOOL),
    ("screen-staffed", SCHOOL_BY),
    ("screen-closed", SCHOOL_BY),
    ("screen-closed-no-line", SCHOOL_BY),
    ("screen-emergency", SCHOOL_BY),
    ("screen-crisis", SCHOOL_BY),
    ("screen-crisis-too", SCHOOL_BY),
    ("screen-young-person", SCHOOL_BY),
    ("screen-unread", SCHOOL_BY),
    (
        "screen-unread-in",
        &[
            "language",
            "school",
            "office-phone",
            "by",
            "by-time",
            "by-date",
        ],
    ),
    ("screen-media", SCHOOL_BY),
    (
        "page-link",
        &["school", "link", "until", "until-time", "until-date"],
    ),
    ("page-title", &[]),
    ("page-pin-label", &[]),
    ("page-pin-hint", &[]),
    ("page-open", &[]),
    ("page-not-opened", &[]),
    ("page-heading", &["reference"]),
    ("page-intro", &["school"]),
    ("page-you-wrote", &["who"]),
    ("page-we-wrote", &["who"]),
    ("page-agreed", &["who"]),
    ("page-nothing-changes", &["who"]),
    ("page-review", &["who"]),
    ("page-added", &["who"]),
    ("page-correction", &["who"]),
    ("page-other", &["who"]),
    ("page-right", &[]),
    ("page-add-label", &[]),
    ("page-add-hint", &[]),
    ("page-add", &[]),
    ("page-thanks-right", &[]),
    ("page-thanks-added", &[]),
    ("page-empty", &[]),
    ("page-danger", &[]),
    ("page-leave", &[]),
    ("page-early-discussion", &["who"]),
    ("page-stage", &["who"]),
    ("page-told", &["who"]),
    ("page-formal-notice", &["who"]),
    ("stage-concern", STAGE),
    ("stage-support", STAGE),
    ("stage-assessment", STAGE),
    ("stage-plan", STAGE),
    ("stage-none", STAGE),
    ("letter-heading", LETTER),
    ("letter-dear", LETTER),
    ("letter-decided", LETTER),
    ("letter-means", LETTER),
    ("letter-together", LETTER),
    ("letter-talk", LETTER),
    ("letter-sendiass", LETTER),
    ("letter-otherwise", LETTER),
    ("letter-close", LETTER),
    ("desk-reply", &["who", "words"]),
    ("staff-new", NOTICE),
    ("staff-waiting", NOTICE),
    ("staff-escalation", NOTICE),
    ("staff-canary", &["number"]),
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
    ("staff-mail-help", &[]),
    ("staff-mail-files", &[]),
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
/// What a text about a change of support may name: `desk::stage`.
const STAGE: &[&str] = &["school", "child", "who", "office-phone", "plan"];
/// What the letter about support may name: `desk::letter`.
const LETTER: &[&str] = &[
    "school",
    "child",
    "adult",
    "since",
    "who",
    "office-phone",
    "service",
    "reach",
];
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

/// Checks the texts of every language.
pub fn check(parts: &Parts, faults: &mut Vec<Fault>) {
    let used = used(parts);
    missing(parts, &used, faults);
    for (id, variables) in BUILT_IN {
        built_in(parts, id, variables, faults);
    }
    carrier_words(parts, faults);
}

/// How much of a language is done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Done {
    /// The language's tag.
    pub language: String,
    /// How many of the texts that parents can get it has.
    pub done: usize,
    /// How many there are.
    pub of: usize,
}

impl Done {
    /// In whole percent; 100 only when nothing is missing.
    pub const fn percent(&self) -> usize {
        match self.of {
            0 => 100,
            of => self.done * 100 / of,
        }
    }
}

/// How much of each language is done.
pub fn done(parts: &Parts) -> Vec<Done> {
    let used = used(parts);
    let needed = needed(parts);
    let all = for_parents(&used, &needed);
    parts
        .languages
        .tags()
        .map(|tag| Done {
            language: tag.to_owned(),
            done: all
                .iter()
                .filter(|id| parts.languages.message(tag, id).is_some())
                .count(),
            of: all.len(),
        })
        .collect()
}

/// The texts that the service says by itself.
fn needed(parts: &Parts) -> Vec<String> {
    let mut needed: Vec<String> = BUILT_IN.iter().map(|(id, _)| (*id).to_owned()).collect();
    needed.extend((1..=7).map(|d| format!("day-{d}")));
    needed.extend((1..=12).map(|m| format!("month-{m}")));
    needed.extend(DAY_PARTS.iter().map(|part| format!("part-{part}")));
    let offered = parts
        .flows
        .values()
        .filter(|f| !f.desk && !f.brief && f.name != MENU && f.name != HAND_OVER);
    needed.extend(offered.map(|f| format!("topic-{}", f.name)));
    needed
}

/// Staff read the language the school works in, and what staff write is in their own words.
fn for_parents<'a>(
    used: &BTreeMap<&'a str, (&Flow, &At<String>)>,
    needed: &'a [String],
) -> BTreeSet<&'a str> {
    used.keys()
        .copied()
        .chain(needed.iter().map(String::as_str))
        .filter(|id| !id.starts_with("staff-") && *id != "desk-reply")
        .collect()
}

/// Whether every file of a language's texts could be read: else anything may stand in what could not.
fn is_whole(parts: &Parts, tag: &str) -> bool {
    let folder = format!("locales/{tag}/");
    let texts = |path: &&String| path.starts_with(&folder) && path.ends_with(".ftl");
    !parts.unread.iter().any(|path| texts(&path))
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
    let needed = needed(parts);
    if is_whole(parts, DEFAULT) {
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
    }
    for tag in parts.languages.tags().filter(|tag| *tag != DEFAULT) {
        if !is_whole(parts, tag) {
            continue;
        }
        for id in for_parents(used, &needed) {
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
            let mut words = message.words.split(|c: char| !c.is_alphanumeric());
            let shown = words.find(|word| CARRIER_WORDS.contains(word));
            // In small letters they are everyday words, unless people are asked to send one.
            let plain = parts.plain.get(tag);
            let asked = || plain.and_then(|p| p.asks_to_send(&message.words, CARRIER_WORDS));
            let Some(word) = shown.or_else(asked) else {
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
