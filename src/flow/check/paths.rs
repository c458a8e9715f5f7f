//! Where flows lead: steps nobody reaches, steps nobody leaves, loops that never wait, and names
//! that are not set on every path to their use.

use std::collections::{BTreeMap, BTreeSet};

use super::{ENGINE, vocabulary};
use crate::fault::{Fault, did_you_mean};
use crate::flow::action;
use crate::flow::bundle::Parts;
use crate::flow::definition::{Act, At, Flow, Given, Step};
use crate::flow::facts;
use crate::text::language::split_part;

type Names<'a> = BTreeSet<&'a str>;
type Node<'a> = (&'a str, &'a str);

/// Follows every path of every flow.
pub fn check(parts: &Parts, faults: &mut Vec<Fault>) {
    for flow in parts.flows.values() {
        let set = set_at(flow);
        let vocabulary = vocabulary(flow);
        for step in flow.steps.values() {
            match set.get(step.name.it.as_str()) {
                None => faults.push(Fault::error(
                    &flow.file,
                    step.name.span.clone(),
                    format!("no step leads to `{}`", step.name.it),
                    "lead to it, or remove it",
                )),
                Some(set) => uses(parts, flow, step, set, &vocabulary, faults),
            }
        }
    }
    no_way_out(parts, faults);
    never_waits(parts, faults);
}

/// The edges of a step inside its flow: where it leads, and what is certainly set on the way.
fn edges<'a>(step: &'a Step) -> Vec<(&'a str, Names<'a>)> {
    let mut all = Vec::new();
    let mut base = Names::new();
    let then = step.then.as_ref().map(|t| t.it.as_str());
    if let Some(skip) = &step.skip_if {
        let known: Names<'a> = skip.it.sets(true).into_iter().collect();
        let mut skipped: Vec<&str> = then.into_iter().collect();
        if let Act::Ask(ask) = &step.act {
            skipped.extend(
                ask.choices
                    .iter()
                    .filter_map(|c| c.then.as_ref())
                    .map(|t| t.it.as_str()),
            );
        }
        all.extend(skipped.into_iter().map(|to| (to, known.clone())));
        base.extend(skip.it.sets(false));
    }
    match &step.act {
        Act::Ask(ask) => {
            let mut answered = base.clone();
            answered.extend(ask.save.as_ref().map(|s| s.it.as_str()));
            if let Some(then) = then {
                let sure = !ask.optional && (!ask.expect.wants_people() || ask.other.is_some());
                all.push((then, if sure { answered.clone() } else { base.clone() }));
            }
            let choices = ask.choices.iter().filter_map(|c| c.then.as_ref());
            all.extend(choices.map(|to| (to.it.as_str(), answered.clone())));
            all.extend(ask.other.iter().map(|to| (to.it.as_str(), base.clone())));
        }
        Act::Do {
            action, outcomes, ..
        } => {
            for (outcome, to) in outcomes {
                let mut brought = base.clone();
                let spec = action::find(&action.it).and_then(|s| s.outcome(&outcome.it));
                let values = spec.into_iter().flat_map(|o| o.values);
                brought.extend(values.map(|(name, _)| *name).filter(|n| !n.ends_with('?')));
                all.push((to.it.as_str(), brought));
            }
        }
        Act::When(branches) => {
            let mut so_far = base.clone();
            for branch in branches {
                let mut taken = so_far.clone();
                if let Some(condition) = &branch.condition {
                    taken.extend(condition.it.sets(true));
                    so_far.extend(condition.it.sets(false));
                }
                all.push((branch.then.it.as_str(), taken));
            }
            all.extend(then.map(|then| (then, so_far)));
        }
        Act::Call(_) | Act::Pass => all.extend(then.map(|then| (then, base))),
        Act::Goto(_) | Act::End => {}
    }
    all
}

/// For every step that can be reached, the names that are set on every path to it.
fn set_at(flow: &Flow) -> BTreeMap<&str, Names<'_>> {
    let mut first: Names<'_> = facts::FACTS
        .iter()
        .filter(|f| f.always)
        .map(|f| f.name)
        .collect();
    first.extend(ENGINE);
    first.extend(
        flow.takes
            .iter()
            .filter(|(_, optional)| !optional)
            .map(|(name, _)| name.it.as_str()),
    );
    let mut set: BTreeMap<&str, Names<'_>> = BTreeMap::new();
    let starts = flow.entries.iter().map(|(_, step)| step);
    let mut todo: Vec<&str> = Vec::new();
    for start in starts.chain([&flow.start]) {
        set.insert(&start.it, first.clone());
        todo.push(&start.it);
    }
    while let Some(name) = todo.pop() {
        let (Some(step), Some(here)) = (flow.steps.get(name), set.get(name).cloned()) else {
            continue;
        };
        for (to, mut brought) in edges(step) {
            brought.extend(here.iter().copied());
            let changed = match set.get_mut(to) {
                None => {
                    set.insert(to, brought);
                    true
                }
                Some(there) => {
                    let before = there.len();
                    there.retain(|n| brought.contains(n));
                    there.len() != before
                }
            };
            if changed {
                todo.push(to);
            }
        }
    }
    set
}

/// Every use of a name in a step, against what is set there.
fn uses(
    parts: &Parts,
    flow: &Flow,
    step: &Step,
    set: &Names<'_>,
    vocabulary: &Names<'_>,
    faults: &mut Vec<Fault>,
) {
    let mut set = set.clone();
    if let Some(skip) = &step.skip_if {
        set.extend(skip.it.sets(false));
    }
    let mut needs = |at: &At<Given>| {
        if let Given::Name {
            name,
            optional: false,
        } = &at.it
            && !set.contains(name.as_str())
        {
            faults.push(Fault::error(
                &flow.file,
                at.span.clone(),
                format!("`{name}` is not set on every path to `{}`", step.name.it),
                format!("set it on every path, or write \"${name}?\" if it may be missing"),
            ));
        }
    };
    match &step.act {
        Act::Do { inputs, .. } => inputs.iter().for_each(|(_, given)| needs(given)),
        Act::Call(jump) | Act::Goto(jump) => jump.with.iter().for_each(|(_, given)| needs(given)),
        Act::Ask(ask) => ask.from.iter().for_each(needs),
        Act::When(_) | Act::End | Act::Pass => {}
    }
    for (text, with_choices) in texts(step) {
        for tag in parts.languages.tags() {
            let Some(message) = parts.languages.message(tag, &text.it) else {
                continue;
            };
            for name in &message.variables {
                let base = split_part(name).map_or(name.as_str(), |(base, _)| base);
                if set.contains(name.as_str())
                    || set.contains(base)
                    || (with_choices && name == "choices")
                {
                    continue;
                }
                let sometimes = vocabulary.contains(name.as_str()) || vocabulary.contains(base);
                let (lacks, remedy) = if sometimes {
                    let remedy = "branch on it first, or use another text".to_owned();
                    ("which is not set on every path to step", remedy)
                } else {
                    let known = set.iter().copied();
                    (
                        "which is never set in the flow of step",
                        did_you_mean(name, known),
                    )
                };
                faults.push(Fault::error(
                    &flow.file,
                    text.span.clone(),
                    format!(
                        "the text `{}` ({tag}) uses `{name}`, {lacks} `{}`",
                        text.it, step.name.it
                    ),
                    remedy,
                ));
            }
        }
    }
}

/// The texts of a step, and whether the engine gives them `{$choices}`.
pub fn texts(step: &Step) -> Vec<(&At<String>, bool)> {
    let mut all: Vec<(&At<String>, bool)> = step.say.iter().map(|t| (t, false)).collect();
    if let Act::Ask(ask) = &step.act {
        all.push((&ask.text, true));
        all.extend(ask.again.iter().map(|t| (t, true)));
        all.extend(ask.unlisted.iter().map(|t| (t, false)));
        let reminder = ask.nudge.as_ref().and_then(|n| n.it.say.as_ref());
        all.extend(reminder.map(|t| (t, true)));
        all.extend(ask.choices.iter().map(|c| (&c.label, false)));
    }
    all
}

fn all_nodes(parts: &Parts) -> impl Iterator<Item = (&Flow, &Step)> {
    parts
        .flows
        .values()
        .flat_map(|flow| flow.steps.values().map(move |step| (flow, step)))
}

/// Steps from which neither an end nor a person can be reached.
fn no_way_out(parts: &Parts, faults: &mut Vec<Fault>) {
    let mut out: BTreeSet<Node<'_>> = BTreeSet::new();
    loop {
        let before = out.len();
        for (flow, step) in all_nodes(parts) {
            let node = (flow.name.as_str(), step.name.it.as_str());
            let leads_out = match &step.act {
                Act::End => true,
                Act::Goto(jump) => target(parts, jump).is_some_and(|t| out.contains(&t)),
                _ => edges(step)
                    .iter()
                    .any(|(to, _)| out.contains(&(flow.name.as_str(), *to))),
            };
            if leads_out {
                out.insert(node);
            }
        }
        if out.len() == before {
            break;
        }
    }
    for (flow, step) in all_nodes(parts) {
        if !out.contains(&(flow.name.as_str(), step.name.it.as_str())) {
            faults.push(Fault::error(
                &flow.file,
                step.name.span.clone(),
                format!(
                    "from `{}` neither an end nor a person can be reached",
                    step.name.it
                ),
                "lead to a step with `end = true`, or `goto = \"hand-over\"`",
            ));
        }
    }
}

fn target<'a>(parts: &'a Parts, jump: &'a crate::flow::definition::Jump) -> Option<Node<'a>> {
    let flow = parts.flows.get(&jump.flow.it)?;
    let entry = jump.entry.as_ref().map(|e| e.it.as_str());
    Some((flow.name.as_str(), flow.first_step(entry)?))
}

/// Loops in which nobody is asked anything.
fn never_waits(parts: &Parts, faults: &mut Vec<Fault>) {
    let mut next: BTreeMap<Node<'_>, Vec<Node<'_>>> = BTreeMap::new();
    for (flow, step) in all_nodes(parts) {
        let name = flow.name.as_str();
        let mut to: Vec<Node<'_>> = match &step.act {
            Act::Ask(_) if step.skip_if.is_none() => Vec::new(),
            Act::Ask(_) => step.then.iter().map(|t| (name, t.it.as_str())).collect(),
            _ => edges(step).into_iter().map(|(to, _)| (name, to)).collect(),
        };
        if let Act::Call(jump) | Act::Goto(jump) = &step.act {
            to.extend(target(parts, jump));
        }
        next.insert((name, step.name.it.as_str()), to);
    }
    // What can be taken away step by step is no part of a loop; what is left is one.
    let mut left: BTreeSet<Node<'_>> = next.keys().copied().collect();
    loop {
        let gone: Vec<Node<'_>> = left
            .iter()
            .copied()
            .filter(|n| !next[n].iter().any(|to| left.contains(to)))
            .collect();
        if gone.is_empty() {
            break;
        }
        for node in gone {
            left.remove(&node);
        }
    }
    // Steps that only lead into a loop are not the fault.
    let loops: Vec<Node<'_>> = left
        .iter()
        .copied()
        .filter(|start| {
            let mut seen = BTreeSet::new();
            let mut todo = next[start].clone();
            while let Some(node) = todo.pop() {
                if seen.insert(node) {
                    todo.extend(next.get(&node).into_iter().flatten());
                }
            }
            seen.contains(start)
        })
        .collect();
    for (flow, step) in all_nodes(parts) {
        if loops.contains(&(flow.name.as_str(), step.name.it.as_str())) {
            faults.push(Fault::error(
                &flow.file,
                step.name.span.clone(),
                format!(
                    "`{}` is part of a loop that never waits for the person",
                    step.name.it
                ),
                "ask something in the loop, or lead out of it",
            ));
        }
    }
}
