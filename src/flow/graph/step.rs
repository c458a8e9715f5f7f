//! One step in words: what its box says, and what stands on its arrows.

use std::collections::BTreeMap;

use super::condition::{branch, plain, words};
use super::{Part, Shape};
use crate::flow::action;
use crate::flow::bundle::HAND_OVER;
use crate::flow::definition::{Act, Ask, DAY_PARTS, Expect, Flow, Given, Jump, Step};
use crate::flow::value::{Value, Values};
use crate::text::language::Languages;

/// The words of a picture: the flows by name, and the texts of one language.
pub(super) struct Words<'b> {
    pub(super) flow: &'b Flow,
    pub(super) flows: &'b BTreeMap<String, Flow>,
    pub(super) languages: &'b Languages,
    pub(super) language: &'b str,
}

impl Words<'_> {
    /// The box of a step.
    pub(super) fn part(&self, step: &Step) -> Part {
        let mut said: Vec<String> = step.say.iter().map(|id| self.text(&id.it, None)).collect();
        let mut notes = Vec::new();
        let shape = match &step.act {
            Act::Ask(ask) => {
                said.push(self.text(&ask.text.it, Some(ask)));
                self.ask_notes(ask, &mut notes);
                Shape::Question
            }
            Act::Do { action, inputs, .. } => {
                said.push(self.done(&action.it));
                for (name, given) in inputs {
                    if let Given::Text(text) = &given.it {
                        notes.push(format!("{}: {text}", plain(&name.it)));
                    }
                }
                Shape::Done
            }
            Act::When(branches) => {
                said.push(branch(step, branches, self.flow).0);
                Shape::Branch
            }
            Act::Call(jump) => {
                said.push(format!("{}, and comes back here", self.jump(jump)));
                shape_of(jump)
            }
            Act::Goto(jump) => {
                said.push(self.jump(jump));
                shape_of(jump)
            }
            Act::End if said.is_empty() => {
                said.push("The end".to_owned());
                Shape::End
            }
            Act::End => {
                notes.push("The end".to_owned());
                Shape::Said
            }
            Act::Pass => Shape::Said,
        };
        if let Some(skip) = &step.skip_if {
            notes.push(format!("Passed over if {}", words(&skip.it, self.flow)));
        }
        Part {
            shape,
            name: step.name.it.clone(),
            words: said,
            notes,
        }
    }

    /// Where a step leads: what stands on the arrow, and the step.
    pub(super) fn arrows(&self, step: &Step) -> Vec<(String, String)> {
        let mut all: Vec<(String, String)> = Vec::new();
        let mut add = |label: String, to: &str| all.push((label, to.to_owned()));
        let then = step.then.as_ref().map(|then| then.it.as_str());
        match &step.act {
            Act::Ask(ask) => {
                for choice in &ask.choices {
                    if let Some(to) = choice.then.as_ref().map(|t| t.it.as_str()).or(then) {
                        add(self.text(&choice.label.it, None), to);
                    }
                }
                if ask.choices.is_empty()
                    && let Some(to) = then
                {
                    add(String::new(), to);
                }
                if let Some(other) = &ask.other {
                    add(self.text(ask.expect.other_label(), None), &other.it);
                }
            }
            Act::Do { outcomes, .. } => {
                for (name, to) in outcomes {
                    add(plain(&name.it), &to.it);
                }
            }
            Act::When(branches) => {
                let (_, answers) = branch(step, branches, self.flow);
                for (branch, answer) in branches.iter().zip(answers) {
                    add(answer, &branch.then.it);
                }
                if let Some(then) = then {
                    add("otherwise".to_owned(), then);
                }
            }
            Act::Call(_) | Act::Goto(_) | Act::End | Act::Pass => {
                if let Some(then) = then {
                    add(String::new(), then);
                }
            }
        }
        all
    }

    fn ask_notes(&self, ask: &Ask, notes: &mut Vec<String>) {
        if ask.expect != Expect::Choice {
            notes.push(format!("Answer: {}", ask.expect.doc()));
        }
        if let Some(again) = &ask.again {
            notes.push(format!(
                "If not understood: {}",
                self.text(&again.it, Some(ask))
            ));
        }
        if let Some(unlisted) = &ask.unlisted {
            notes.push(format!(
                "Where the children may not be named: {}",
                self.text(&unlisted.it, None)
            ));
        }
        if let Some(nudge) = &ask.nudge {
            let after = after(nudge.it.after);
            notes.push(match &nudge.it.say {
                Some(say) => format!("Reminder after {after}: {}", self.text(&say.it, None)),
                None => format!("Asked once more after {after}"),
            });
        }
        if ask.optional {
            notes.push("May be left unanswered".to_owned());
        }
    }

    /// A text with the names of what is filled in; the choices of a question are numbered in it.
    fn text(&self, id: &str, ask: Option<&Ask>) -> String {
        let Some(message) = self.languages.said(self.language, id) else {
            return id.to_owned();
        };
        let mut values: Values = message
            .variables
            .iter()
            .map(|name| (name.clone(), Value::Text(format!("[{}]", plain(name)))))
            .collect();
        let choices = ask.map(|ask| self.choices(ask)).unwrap_or_default();
        if !choices.is_empty() {
            values.insert("choices".to_owned(), Value::Text(choices.clone()));
        }
        let text = self.languages.say(self.language, id, &values);
        if choices.is_empty() || message.variables.contains("choices") {
            text
        } else {
            format!("{text} {choices}")
        }
    }

    fn choices(&self, ask: &Ask) -> String {
        let mut labels: Vec<String> = match ask.expect {
            Expect::Choice => {
                let labels = ask.choices.iter().map(|c| self.text(&c.label.it, None));
                labels.collect()
            }
            Expect::YesNo => ["choice-yes", "choice-no"]
                .map(|id| self.text(id, None))
                .to_vec(),
            Expect::DayPart => {
                let parts = DAY_PARTS.iter();
                parts
                    .map(|p| self.text(&format!("part-{p}"), None))
                    .collect()
            }
            // A list is longer or shorter each time; "none of these" comes last.
            _ => return String::new(),
        };
        if ask.other.is_some() {
            labels.push(self.text(ask.expect.other_label(), None));
        }
        // A number stays with its label when the line is broken.
        let numbered = labels.iter().zip(1..).map(|(l, n)| format!("{n}\u{a0}{l}"));
        numbered.collect::<Vec<_>>().join(" ")
    }

    fn done(&self, name: &str) -> String {
        let doc = action::find(name).map_or(name, |spec| spec.doc);
        let end = doc.find(['.', ';']).unwrap_or(doc.len());
        doc.get(..end).unwrap_or(doc).to_owned()
    }

    fn jump(&self, jump: &Jump) -> String {
        let title = self.flows.get(&jump.flow.it).map(|f| f.title.it.as_str());
        let entry = jump.entry.as_ref();
        let entry = entry.map_or(String::new(), |e| format!(", at “{}”", plain(&e.it)));
        match title {
            _ if is_hand_over(jump) => "A person takes over".to_owned(),
            Some(title) => format!("Goes to “{title}”{entry}"),
            None => format!("Goes to {}{entry}", jump.flow.it),
        }
    }
}

/// Minutes as a flow writes them.
fn after(minutes: i64) -> String {
    let (count, unit) = match minutes {
        m if m % (24 * 60) == 0 => (m / (24 * 60), "day"),
        m if m % 60 == 0 => (m / 60, "hour"),
        m => (m, "minute"),
    };
    let s = if count == 1 { "" } else { "s" };
    format!("{count} {unit}{s}")
}

fn is_hand_over(jump: &Jump) -> bool {
    jump.flow.it == HAND_OVER
}

fn shape_of(jump: &Jump) -> Shape {
    if is_hand_over(jump) {
        Shape::Person
    } else {
        Shape::Flow
    }
}
