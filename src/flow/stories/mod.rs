//! Conversations played through the engine, with a school that answers every action the same way.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::LazyLock;

use jiff::civil::{DateTime, Time, date};

use super::bundle::Bundle;
use super::conversation::{Action, Conversation, Media, Say};
use super::turn::{Facts, Input, Thread, TurnError, turn};
use super::value::{Item, Slot, Value, Values};
use crate::text::segments::segments;

mod concerns;
mod edges;
mod kinds;
mod meetings;
mod order;
mod texts;

static BUNDLE: LazyLock<Bundle> = LazyLock::new(|| {
    let mut sources = Bundle::embedded_sources();
    // A wish that a school hears of and has no flow for.
    if let Some(reading) = sources.get_mut("locales/en/reading.toml") {
        reading.push_str("\n[routes.lost-property]\nsure = ['lost (?:his|her) coat']\n");
    }
    Bundle::load(sources.clone()).unwrap_or_else(|faults| {
        let all: Vec<String> = faults.iter().map(|f| f.render(&sources)).collect();
        panic!("{}", all.join("\n"))
    })
});

pub(crate) fn text(words: &str) -> Value {
    Value::Text(words.to_owned())
}

pub(crate) fn item(id: &str, label: &str) -> Item {
    Item {
        id: id.to_owned(),
        label: label.to_owned(),
    }
}

fn values<const N: usize>(all: [(&str, Value); N]) -> Values {
    all.into_iter()
        .map(|(name, value)| (name.to_owned(), value))
        .collect()
}

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

/// Tuesday 1 December 2026, half past ten.
pub(crate) fn morning() -> DateTime {
    date(2026, 12, 1).at(10, 30, 0, 0)
}

fn thursday() -> DateTime {
    date(2026, 12, 3).at(16, 0, 0, 0)
}

/// The demo school, as a checked parent of Sam finds it.
pub(crate) fn facts() -> Facts {
    Facts {
        values: values([
            ("school", text("Kingfisher Primary")),
            ("office-phone", text("020 7946 0123")),
            ("checked", Value::Flag(true)),
            ("open", Value::Flag(true)),
            ("opens", Value::Opens(date(2026, 12, 2).at(8, 30, 0, 0))),
            ("children", Value::List(vec![item("pupil-sam", "Sam")])),
            ("children-listed", Value::Flag(true)),
            ("may-ring", Value::Flag(true)),
            (
                "staff",
                Value::List(vec![
                    item("hughes", "Mr Hughes"),
                    item("cole", "Mrs Cole"),
                    item("wright", "Mr Wright"),
                ]),
            ),
            ("child", Value::Item(item("pupil-sam", "Sam"))),
            ("senco", text("Mrs Cole")),
            (
                "senco-hours",
                Value::Hours {
                    days: vec![1, 2, 3, 4],
                    from: Time::constant(8, 30, 0, 0),
                    to: Time::constant(16, 0, 0, 0),
                },
            ),
            ("council", text("Camden")),
        ]),
        language: "en".to_owned(),
        live_thread: None,
        open_case: None,
        sealed_case: None,
        apart: false,
    }
}

/// An adult who has not been checked: nothing about a child.
fn unchecked() -> Facts {
    let mut facts = facts();
    for gone in ["child", "council"] {
        facts.values.remove(gone);
    }
    facts
        .values
        .insert("checked".to_owned(), Value::Flag(false));
    facts
        .values
        .insert("children".to_owned(), Value::List(vec![]));
    let staff = vec![item("cole", "Mrs Cole"), item("wright", "Mr Wright")];
    facts.values.insert("staff".to_owned(), Value::List(staff));
    facts
}

fn slots() -> Value {
    let slot = |id: &str, day, hour, minute, mode: &str| Slot {
        id: id.to_owned(),
        at: date(2026, 12, day).at(hour, minute, 0, 0),
        mode: mode.to_owned(),
    };
    Value::Slots(vec![
        slot("slot-1", 3, 15, 30, "school"),
        slot("slot-2", 7, 8, 40, "school"),
        slot("slot-3", 9, 15, 30, "phone"),
    ])
}

/// One person's conversation with the fake school.
struct Story {
    bundle: &'static Bundle,
    conv: Option<Conversation>,
    facts: Facts,
    now: DateTime,
    /// Outcomes that differ from the usual, once each.
    next: RefCell<BTreeMap<String, Vec<(String, Values)>>>,
    /// Actions done, as `name a=… b=…`.
    done: Vec<String>,
}

impl Story {
    fn new(facts: Facts) -> Self {
        Self::on(&BUNDLE, facts)
    }

    fn on(bundle: &'static Bundle, facts: Facts) -> Self {
        Self {
            bundle,
            conv: Some(Conversation::new(bundle)),
            facts,
            now: morning(),
            next: RefCell::default(),
            done: Vec::new(),
        }
    }

    /// The next time this action is done, it comes out like this.
    fn will(&self, action: &str, outcome: &str, brings: Values) {
        let mut next = self.next.borrow_mut();
        next.entry(action.to_owned())
            .or_default()
            .push((outcome.to_owned(), brings));
    }

    fn play(&mut self, input: Input) -> Result<Vec<Say>, TurnError> {
        let mut input = input;
        for _ in 0..50 {
            let conv = self.conv.take().expect("a conversation");
            // A state is always stored and read back between two calls.
            let json = conv.to_json().unwrap();
            let conv = Conversation::from_json(&json).unwrap();
            let played = turn(self.bundle, conv, input, &self.facts, self.now)?;
            self.conv = Some(played.conversation);
            let Some(action) = played.action else {
                return Ok(played.says);
            };
            assert!(played.says.is_empty(), "says come when the turn is over");
            input = self.outcome(&action);
        }
        panic!("the turn does not end");
    }

    fn outcome(&mut self, action: &Action) -> Input {
        let spec = super::action::find(&action.name).expect("a known action");
        for input in spec.inputs.iter().filter(|i| !i.optional) {
            assert!(
                action.inputs.contains_key(input.name),
                "{} needs {}",
                spec.name,
                input.name
            );
        }
        let inputs: Vec<String> = action
            .inputs
            .iter()
            .map(|(name, value)| format!("{name}={}", super::condition::words_of(value)))
            .collect();
        self.done
            .push(format!("{} {}", action.name, inputs.join(" ")));
        let scripted = self
            .next
            .borrow_mut()
            .get_mut(&action.name)
            .filter(|all| !all.is_empty())
            .map(|all| all.remove(0));
        let (name, values) = scripted.unwrap_or_else(|| self.usual(&action.name));
        let out = spec.outcome(&name).expect("a known outcome");
        for (brings, _) in out.values.iter().filter(|(n, _)| !n.ends_with('?')) {
            assert!(
                values.contains_key(*brings),
                "{}.{name} brings {brings}",
                spec.name
            );
        }
        Input::Outcome { name, values }
    }

    fn usual(&self, action: &str) -> (String, Values) {
        let checked = self.facts.values.get("checked") == Some(&Value::Flag(true));
        let case = Value::Item(item("case-1042", "C-1042"));
        let wednesday = Value::When(date(2026, 12, 2).at(16, 0, 0, 0));
        let cole = || Value::Everyone(names(&["Mrs Cole"]));
        let (outcome, brings) = match action {
            "open-case" if checked => (
                "opened",
                values([
                    ("case", case),
                    ("who", Value::Anyone(names(&["Mrs Cole", "Mr Hughes"]))),
                    ("by", Value::When(thursday())),
                ]),
            ),
            "open-case" => ("office", values([("case", case), ("by", wednesday)])),
            "add-to-case" => ("added", values([("case", case)])),
            "hand-over" => ("handed", values([("case", case), ("by", wednesday)])),
            "find-contact" => (
                "named",
                values([
                    ("pupil", Value::Item(item("pupil-sam", "Sam"))),
                    ("teacher", text("Mr Hughes")),
                    ("class", text("3H")),
                ]),
            ),
            "find-slots" => (
                "found",
                values([
                    ("slots", slots()),
                    ("who", cole()),
                    ("minutes", Value::Number(30)),
                ]),
            ),
            "book" => (
                "booked",
                values([
                    (
                        "meeting",
                        Value::Item(item("meeting-1", "Thu 3 Dec 3.30pm")),
                    ),
                    ("at", Value::When(date(2026, 12, 3).at(15, 30, 0, 0))),
                    ("who", cole()),
                    ("minutes", Value::Number(30)),
                    ("mode", text("school")),
                ]),
            ),
            "find-meetings" => (
                "one",
                values([
                    (
                        "meeting",
                        Value::Item(item("meeting-1", "Thu 3 Dec 3.30pm")),
                    ),
                    ("at", Value::When(date(2026, 12, 3).at(15, 30, 0, 0))),
                    ("who", cole()),
                ]),
            ),
            "cancel" => (
                "cancelled",
                values([("at", Value::When(date(2026, 12, 3).at(15, 30, 0, 0)))]),
            ),
            "find-service" => (
                "found",
                values([
                    ("name", text("Camden SENDIASS")),
                    ("reach", text("sendiasscamden.co.uk")),
                ]),
            ),
            "pass-on" => ("passed", Values::new()),
            "case-status" => (
                "known",
                values([
                    ("case", case),
                    ("read", Value::Flag(true)),
                    ("who", Value::Anyone(names(&["Mrs Cole"]))),
                    ("by", Value::When(thursday())),
                ]),
            ),
            "add-note" => ("noted", values([("case", case)])),
            "answer" => ("recorded", Values::new()),
            other => panic!("no usual outcome for {other}"),
        };
        (outcome.to_owned(), brings)
    }

    /// A message, and the texts that answer it.
    fn hears(&mut self, words: &str) -> Vec<String> {
        self.plays(Input::Message {
            text: words.to_owned(),
            sealed: false,
            media: Vec::new(),
            before_question: false,
        })
    }

    fn hears_sealed(&mut self, words: &str) -> Vec<String> {
        self.plays(Input::Message {
            text: words.to_owned(),
            sealed: true,
            media: Vec::new(),
            before_question: false,
        })
    }

    fn plays(&mut self, input: Input) -> Vec<String> {
        let says = self.play(input).unwrap();
        for say in &says {
            assert_eq!(
                segments(&say.text).parts,
                1,
                "more than one text: {}",
                say.text
            );
            assert!(
                !say.text.contains('$') && !say.text.contains('\u{2068}'),
                "{}",
                say.text
            );
        }
        says.into_iter().map(|s| s.text).collect()
    }

    /// What was done since the last time somebody asked.
    fn done(&mut self) -> Vec<String> {
        std::mem::take(&mut self.done)
    }

    fn conv(&self) -> &Conversation {
        self.conv.as_ref().expect("a conversation")
    }

    /// The step of the question that is open.
    fn waits_at(&self) -> Option<String> {
        self.conv().open.as_ref()?;
        let frame = self.conv().frames.last()?;
        Some(format!("{}.{}", frame.flow, frame.step))
    }
}
