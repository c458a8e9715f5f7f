//! Branches that nobody takes: behind one that is always taken, or under a condition that never holds,
//! because the answer it looks at is never one of the words it names (a day is not `'today'`).

use crate::fault::{Fault, did_you_mean};
use crate::flow::condition::Condition;
use crate::flow::definition::{Act, Ask, At, Expect, Flow, Given, Step};

/// Looks at every branch and `skip-if` of a flow.
pub fn check(flow: &Flow, faults: &mut Vec<Fault>) {
    for step in flow.steps.values() {
        let branches = match &step.act {
            Act::When(branches) => branches.as_slice(),
            _ => &[],
        };
        let always = branches.iter().position(|b| b.condition.is_none());
        if always.is_some_and(|at| at + 1 < branches.len()) {
            faults.push(Fault::error(
                &flow.file,
                step.name.span.clone(),
                format!(
                    "step `{}` has branches behind one that is always taken",
                    step.name.it
                ),
                "put the branch without `if` last",
            ));
        }
        let branches = branches.iter().filter_map(|b| b.condition.as_ref());
        for condition in step.skip_if.iter().chain(branches) {
            condition.it.each_comparison(&mut |name, words| {
                compared(flow, condition, name, words, faults);
            });
        }
    }
}

fn compared(
    flow: &Flow,
    at: &At<Condition>,
    name: &str,
    words: &[String],
    faults: &mut Vec<Fault>,
) {
    let asks: Vec<&Ask> = flow.steps.values().filter_map(|s| saves(s, name)).collect();
    // Whoever begins the flow may give it, and so may an action: what they give is not known here.
    let given = flow.takes.iter().any(|(taken, _)| taken.it == name);
    let brought = given || flow.steps.values().any(|step| brings(step, name));
    let Some(first) = asks.first().filter(|_| !brought) else {
        return;
    };
    for word in words {
        if asks.iter().any(|ask| can_be(ask, word)) {
            continue;
        }
        let (is, remedy) = match first.expect {
            Expect::Choice => {
                let known = first.choices.iter().map(|c| c.value.it.as_str());
                ("the choice taken", did_you_mean(word, known))
            }
            Expect::YesNo => ("yes or no", "write 'yes' or 'no'".to_owned()),
            Expect::Number => ("a number", format!("write it without quotes: {name} < 3")),
            Expect::Date => (
                "a day",
                format!("compare days ({name} < '2026-12-01'), or ask with choices"),
            ),
            Expect::Time => (
                "a time of day",
                format!("compare times ({name} < '15:30'), or ask with choices"),
            ),
            Expect::DateTime => (
                "a day and a time",
                format!("compare them ({name} < '2026-12-01T15:30'), or ask with choices"),
            ),
            _ => (
                "one of this person's own, which no flow can name",
                format!("ask only whether it is known (`{name}`), or ask with choices"),
            ),
        };
        faults.push(Fault::error(
            &flow.file,
            at.span.clone(),
            format!("`{name}` is {is}, and never '{word}'"),
            remedy,
        ));
    }
}

/// The question of a step that saves its answer under this name.
fn saves<'s>(step: &'s Step, name: &str) -> Option<&'s Ask> {
    let Act::Ask(ask) = &step.act else {
        return None;
    };
    let ours = ask.save.as_ref().is_some_and(|save| save.it == name);
    ours.then_some(ask)
}

/// Whether something other than a question may set the name: an action's outcome, or a flow that is
/// called and hands its answers back.
fn brings(step: &Step, name: &str) -> bool {
    match &step.act {
        Act::Do { action, .. } => crate::flow::action::ALL
            .iter()
            .filter(|spec| spec.name == action.it)
            .flat_map(|spec| spec.outcomes)
            .any(|outcome| {
                outcome
                    .values
                    .iter()
                    .any(|(value, _)| value.trim_end_matches('?') == name)
            }),
        Act::Call(_) => true,
        _ => false,
    }
}

fn can_be(ask: &Ask, word: &str) -> bool {
    match ask.expect {
        Expect::Choice => {
            // What comes from a list is known when it is asked.
            let listed = matches!(
                &ask.from,
                Some(At {
                    it: Given::Name { .. },
                    ..
                })
            );
            listed || ask.choices.iter().any(|choice| choice.value.it == word)
        }
        Expect::YesNo => matches!(word, "yes" | "no"),
        Expect::Number => word.parse::<i64>().is_ok(),
        Expect::Date => word.parse::<jiff::civil::Date>().is_ok(),
        Expect::Time => word.parse::<jiff::civil::Time>().is_ok(),
        Expect::DateTime => word.parse::<jiff::civil::DateTime>().is_ok(),
        Expect::Pupil | Expect::Slot | Expect::Meeting | Expect::Staff => false,
        _ => true,
    }
}
