//! Faults are found before a parent finds them: every flow, every text, all at once, each with its
//! place and a remedy.
//!
//! It only reads what `load` made; a bundle with an error is never played.

mod branches;
mod choices;
mod cost;
mod paths;
mod reach;
mod samples;
mod wording;
mod words;

use std::collections::BTreeSet;

use super::action::{self, Spec};
use super::bundle::{HAND_OVER, MENU, Parts};
use super::definition::{Act, At, Expect, Flow, Given, Jump, Nudge, Step};
use super::facts;
use super::value::Values;
use crate::fault::{Fault, did_you_mean};

/// Names that every flow may find set when it begins: what was said, the child it named, and the
/// flow that the same message also asked for.
const MAYBE_GIVEN: &[&str] = &["words", "child", "also"];
/// Names the engine always sets: begun in the middle of another flow; begun by a sealed message.
const ENGINE: &[&str] = &["digression", "sealed"];

pub use cost::{Cost, is_sent};
pub use paths::texts as texts_of;
pub use samples::value as sample;
pub use words::Done;

/// What the checker can say of texts beyond whether they are right.
#[derive(Debug, Default)]
pub struct Texts {
    /// How much of each language is done.
    pub done: Vec<Done>,
    /// What each text comes to in each language.
    pub costs: Vec<Cost>,
    /// Texts that are dear or hard to read.
    pub warnings: Vec<Fault>,
}

/// Measures every text, filled in with the school's own values where they are given.
pub fn texts(parts: &Parts, given: &Values) -> Texts {
    let costs = cost::costs(parts, given);
    let mut warnings = Vec::new();
    cost::warn(parts, &costs, &mut warnings);
    wording::warn(parts, &mut warnings);
    sort(&mut warnings);
    Texts {
        done: words::done(parts),
        costs,
        warnings,
    }
}

/// Every fault of a bundle, but for what [`texts`] measures.
pub fn check(parts: &Parts) -> Vec<Fault> {
    let mut faults = Vec::new();
    for (name, why) in [
        (MENU, "what is said when nothing else fits"),
        (HAND_OVER, "what brings a person"),
    ] {
        if !parts.flows.contains_key(name) && !parts.is_unread(name) {
            faults.push(Fault::error(
                format!("flows/{name}.toml"),
                None,
                format!("there is no flow `{name}`"),
                format!("add it: it is {why}"),
            ));
        }
    }
    for flow in parts.flows.values() {
        Checked {
            parts,
            flow,
            faults: &mut faults,
        }
        .names();
        branches::check(flow, &mut faults);
    }
    // Paths are only followed where every name leads somewhere, or one slip would show as many.
    let flows_unread = parts.unread.iter().any(|path| path.starts_with("flows/"));
    if faults.is_empty() && !flows_unread {
        paths::check(parts, &mut faults);
    }
    reach::check(parts, &mut faults);
    words::check(parts, &mut faults);
    choices::check(parts, &mut faults);
    sort(&mut faults);
    faults
}

/// Errors first, then by place.
fn sort(faults: &mut [Fault]) {
    faults.sort_by(|a, b| {
        let place = |f: &Fault| (f.severity, f.file.clone(), f.span.as_ref().map(|s| s.start));
        place(a).cmp(&place(b))
    });
}

/// Every name that can be set in a flow, on some path.
fn vocabulary(flow: &Flow) -> BTreeSet<&str> {
    let mut all: BTreeSet<&str> = facts::FACTS.iter().map(|f| f.name).collect();
    all.extend(MAYBE_GIVEN);
    all.extend(ENGINE);
    all.extend(flow.takes.iter().map(|(name, _)| name.it.as_str()));
    for step in flow.steps.values() {
        match &step.act {
            Act::Ask(ask) => all.extend(ask.save.as_ref().map(|s| s.it.as_str())),
            Act::Do { action, .. } => {
                let outcomes = action::find(&action.it)
                    .into_iter()
                    .flat_map(|s| s.outcomes);
                let values = outcomes.flat_map(|o| o.values);
                all.extend(values.map(|(name, _)| name.trim_end_matches('?')));
            }
            Act::Call(jump) => all.extend(jump.gives.iter().map(|g| g.it.as_str())),
            Act::When(_) | Act::Goto(_) | Act::End | Act::Pass => {}
        }
    }
    all
}

/// One flow under the checker: does every name in it stand for something?
struct Checked<'a> {
    parts: &'a Parts,
    flow: &'a Flow,
    faults: &'a mut Vec<Fault>,
}

impl Checked<'_> {
    fn fault<T>(&mut self, at: &At<T>, message: String, remedy: String) {
        let file = self.flow.file.clone();
        self.faults
            .push(Fault::error(file, at.span.clone(), message, remedy));
    }

    fn names(&mut self) {
        let flow = self.flow;
        self.step_exists(&flow.start);
        for (_, step) in &flow.entries {
            self.step_exists(step);
        }
        let vocabulary = vocabulary(flow);
        for step in flow.steps.values() {
            for next in step.next() {
                self.step_exists(next);
            }
            self.leads_on(step);
            let conditions = step.skip_if.iter().chain(
                match &step.act {
                    Act::When(branches) => branches.as_slice(),
                    _ => &[],
                }
                .iter()
                .filter_map(|b| b.condition.as_ref()),
            );
            for condition in conditions {
                for name in condition.it.names() {
                    self.name_known(condition, name, &vocabulary);
                }
            }
            match &step.act {
                Act::Do {
                    action,
                    inputs,
                    outcomes,
                } => {
                    self.givens(inputs, &vocabulary);
                    self.action(action, inputs, outcomes);
                }
                Act::Call(jump) | Act::Goto(jump) => {
                    self.givens(&jump.with, &vocabulary);
                    self.jump(jump);
                }
                Act::Ask(ask) => {
                    if let Some(from) = &ask.from
                        && let Given::Name { name, .. } = &from.it
                    {
                        self.name_known(from, name, &vocabulary);
                    }
                    if let Some(nudge) = &ask.nudge
                        && nudge.it.after >= ask.expires
                    {
                        self.too_late(nudge);
                    }
                }
                Act::When(_) | Act::End | Act::Pass => {}
            }
        }
    }

    fn step_exists(&mut self, step: &At<String>) {
        if !self.flow.steps.contains_key(&step.it) {
            let remedy = did_you_mean(&step.it, self.flow.steps.keys().map(String::as_str));
            self.fault(step, format!("there is no step `{}`", step.it), remedy);
        }
    }

    fn name_known<T>(&mut self, at: &At<T>, name: &str, vocabulary: &BTreeSet<&str>) {
        if !vocabulary.contains(name) {
            let remedy = did_you_mean(name, vocabulary.iter().copied());
            self.fault(at, format!("nothing sets `{name}`"), remedy);
        }
    }

    fn givens(&mut self, inputs: &[(At<String>, At<Given>)], vocabulary: &BTreeSet<&str>) {
        for (input, given) in inputs {
            if let Given::Text(words) = &given.it
                && input.it == *words
                && vocabulary.contains(words.as_str())
            {
                self.fault(
                    given,
                    format!("`{words}` stands here as a word, not as the answer of that name"),
                    format!("write \"${words}\""),
                );
            }
            if let Given::Name { name, .. } = &given.it {
                self.name_known(given, name, vocabulary);
            }
        }
    }

    /// A reminder of a question that is no longer open.
    fn too_late(&mut self, nudge: &At<Nudge>) {
        let known = |f: &Fault| f.file == self.flow.file && f.span.as_ref() == Some(&nudge.span);
        if !self.faults.iter().any(known) {
            self.fault(
                nudge,
                "the reminder would come after the question has expired".to_owned(),
                "remind sooner, or let the question stand longer with `expires`".to_owned(),
            );
        }
    }

    /// A step must lead somewhere, whatever happens in it.
    fn leads_on(&mut self, step: &Step) {
        let needs_then = match &step.act {
            Act::Ask(ask) => match ask.expect {
                Expect::Choice => ask.optional || ask.choices.iter().any(|c| c.then.is_none()),
                _ => true,
            },
            Act::When(branches) => branches.iter().all(|b| b.condition.is_some()),
            Act::Call(_) | Act::Pass => true,
            Act::Do { .. } | Act::Goto(_) | Act::End => step.skip_if.is_some(),
        };
        if needs_then && step.then.is_none() {
            let (message, remedy) = match &step.act {
                Act::When(_) => (
                    format!("step `{}` leads nowhere when no branch holds", step.name.it),
                    "add a last branch without `if`, or `then`",
                ),
                _ => (
                    format!("step `{}` leads nowhere", step.name.it),
                    "add `then = \"…\"`, or `end = true`",
                ),
            };
            self.fault(&step.name, message, remedy.to_owned());
        }
    }

    fn jump(&mut self, jump: &Jump) {
        let Some(target) = self.parts.flows.get(&jump.flow.it) else {
            if self.parts.is_unread(&jump.flow.it) {
                return;
            }
            let remedy = did_you_mean(&jump.flow.it, self.parts.flows.keys().map(String::as_str));
            let message = format!("there is no flow `{}`", jump.flow.it);
            return self.fault(&jump.flow, message, remedy);
        };
        if let Some(entry) = &jump.entry
            && target.first_step(Some(&entry.it)).is_none()
        {
            let known = target.entries.iter().map(|(name, _)| name.it.as_str());
            let remedy = did_you_mean(&entry.it, known);
            let message = format!("the flow `{}` has no entry `{}`", target.name, entry.it);
            self.fault(entry, message, remedy);
        }
        for (name, _) in target.takes.iter().filter(|(_, optional)| !optional) {
            if !jump.with.iter().any(|(given, _)| given.it == name.it) {
                self.fault(
                    &jump.flow,
                    format!("the flow `{}` needs `{}`", target.name, name.it),
                    format!("add with = {{ {0} = \"${0}\" }}", name.it),
                );
            }
        }
        let takes: Vec<&str> = target
            .takes
            .iter()
            .map(|(name, _)| name.it.as_str())
            .chain(MAYBE_GIVEN.iter().copied())
            .collect();
        for (name, _) in &jump.with {
            if !takes.contains(&name.it.as_str()) {
                let message = format!("the flow `{}` does not take `{}`", target.name, name.it);
                self.fault(name, message, did_you_mean(&name.it, takes.iter().copied()));
            }
        }
    }

    fn action(
        &mut self,
        name: &At<String>,
        inputs: &[(At<String>, At<Given>)],
        outcomes: &[(At<String>, At<String>)],
    ) {
        let Some(spec) = action::find(&name.it) else {
            let remedy = did_you_mean(&name.it, action::ALL.iter().map(|s| s.name));
            return self.fault(name, format!("there is no action `{}`", name.it), remedy);
        };
        self.inputs(spec, name, inputs);
        for (outcome, _) in outcomes {
            if spec.outcome(&outcome.it).is_none() {
                let remedy = did_you_mean(&outcome.it, spec.outcomes.iter().map(|o| o.name));
                let message = format!("`{}` never comes out as `{}`", spec.name, outcome.it);
                self.fault(outcome, message, remedy);
            }
        }
        for outcome in spec.outcomes {
            if !outcomes.iter().any(|(routed, _)| routed.it == outcome.name) {
                self.fault(
                    name,
                    format!(
                        "`{}` can come out as `{}`, which leads nowhere",
                        spec.name, outcome.name
                    ),
                    format!("add {} = \"…\" to `outcomes`", outcome.name),
                );
            }
        }
    }

    fn inputs(&mut self, spec: &Spec, name: &At<String>, inputs: &[(At<String>, At<Given>)]) {
        for (input, given) in inputs {
            match spec.inputs.iter().find(|i| i.name == input.it) {
                None => {
                    let remedy = did_you_mean(&input.it, spec.inputs.iter().map(|i| i.name));
                    let message = format!("`{}` takes no `{}`", spec.name, input.it);
                    self.fault(input, message, remedy);
                }
                Some(known) => {
                    let maybe = matches!(given.it, Given::Name { optional: true, .. });
                    if maybe && !known.optional {
                        self.fault(
                            given,
                            format!("`{}` cannot do without `{}`", spec.name, known.name),
                            "ask for it first, and remove the `?`".to_owned(),
                        );
                    }
                }
            }
        }
        for needed in spec.inputs.iter().filter(|i| !i.optional) {
            if !inputs.iter().any(|(input, _)| input.it == needed.name) {
                self.fault(
                    name,
                    format!("`{}` needs `{}`", spec.name, needed.name),
                    format!("for example: {}", spec.example),
                );
            }
        }
    }
}

#[cfg(test)]
mod tests;
