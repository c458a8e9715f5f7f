//! Which ways lead to which flows: routes that lead nowhere, flows that nothing leads to. A route
//! without a flow is a warning: a school may hear of a wish that it has no flow for.

use std::collections::BTreeSet;

use crate::fault::{Fault, did_you_mean};
use crate::flow::bundle::{HAND_OVER, MEETING, MENU, Parts, STATUS, TODAY};
use crate::flow::definition::Act;

/// Flows that the engine begins by itself.
const BY_ITSELF: &[&str] = &[MENU, HAND_OVER, TODAY, STATUS, MEETING];

/// Routes of the reading files against the flows, and the flows against whatever leads to them.
pub fn check(parts: &Parts, faults: &mut Vec<Fault>) {
    let mut reached: BTreeSet<&str> = BY_ITSELF.iter().copied().collect();
    for (tag, reading) in &parts.readings {
        let file = format!("locales/{tag}/reading.toml");
        for (name, entry, place) in reading.targets() {
            reached.insert(name);
            let Some(flow) = parts.flows.get(name) else {
                if !parts.is_unread(name) {
                    let known = parts.flows.keys().map(String::as_str);
                    let near = did_you_mean(name, known);
                    faults.push(Fault::warning(
                        &file,
                        place,
                        format!("there is no flow `{name}`: a person gets what this route finds"),
                        format!("add flows/{name}.toml, or lead elsewhere: {near}"),
                    ));
                }
                continue;
            };
            if let Some(entry) = entry.filter(|entry| flow.first_step(Some(entry)).is_none()) {
                let known = flow.entries.iter().map(|(name, _)| name.it.as_str());
                let message = format!("the flow `{name}` has no entry `{entry}`");
                faults.push(Fault::error(
                    &file,
                    place,
                    message,
                    did_you_mean(entry, known),
                ));
            }
        }
    }
    // What could not be read may lead anywhere.
    if !parts.unread.is_empty() {
        return;
    }
    for flow in parts.flows.values() {
        for step in flow.steps.values() {
            if let Act::Call(jump) | Act::Goto(jump) = &step.act
                && jump.flow.it != flow.name
            {
                reached.insert(&jump.flow.it);
            }
        }
    }
    for flow in parts.flows.values() {
        if !flow.desk && !reached.contains(flow.name.as_str()) {
            faults.push(Fault::warning(
                &flow.file,
                flow.title.span.clone(),
                format!("nothing leads to the flow `{}`", flow.name),
                format!(
                    "add lines that people write for it under [examples] of locales/en/examples-ours.toml (`{} = \"\"\"…\"\"\"`), or goto = \"{0}\" to a flow",
                    flow.name
                ),
            ));
        }
    }
}
