//! Which ways through the flows some conversation has taken, and which none has.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::{Mutex, PoisonError};

use super::conversation::Say;
use super::definition::{Act, Flow, Step};

/// One way through one step.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Visit {
    /// The flow.
    pub flow: String,
    /// The step.
    pub step: String,
    /// Which way: `reached`, `skipped`, `answered`, `choice call`, `other`, `outcome opened`,
    /// `when 2`.
    pub way: String,
}

impl Visit {
    /// What has not happened, in words: "nobody answers `call`".
    pub fn missed(&self) -> String {
        match self.way.split_once(' ') {
            Some(("choice", word)) => format!("nobody answers `{word}`"),
            Some(("outcome", word)) => format!("it never comes out as `{word}`"),
            Some(("when", branch)) => format!("branch {branch} is never taken"),
            _ if self.way == "other" => "nobody wants anything else than is offered".to_owned(),
            _ => format!("it is never {}", self.way),
        }
    }
}

/// The ways taken so far, and the texts said.
#[derive(Debug, Default)]
pub struct Coverage {
    taken: Mutex<BTreeSet<Visit>>,
    /// Which message each text was made of.
    said: Mutex<BTreeMap<String, String>>,
}

impl Coverage {
    /// Adds what a turn came through.
    pub fn add(&self, visits: &[Visit]) {
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        for visit in visits {
            if !taken.contains(visit) {
                taken.insert(visit.clone());
            }
        }
    }

    /// Adds the ways that another has seen taken.
    pub fn join(&self, other: &Self) {
        let theirs = other.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let mut taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        taken.extend(theirs.iter().cloned());
    }

    /// Adds what a turn said.
    pub fn hear(&self, says: &[Say]) {
        let mut said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        for say in says {
            said.insert(say.text.clone(), say.id.clone());
        }
    }

    /// The message that a text was last made of, as [`Say::id`]; `None` when no flow said it.
    pub fn id_of(&self, text: &str) -> Option<String> {
        let said = self.said.lock().unwrap_or_else(PoisonError::into_inner);
        said.get(text).cloned()
    }

    /// How many ways a flow has, and those that nobody took, with their places in its file. Outcomes
    /// that lead to one step are one way.
    pub fn of(&self, flow: &Flow) -> (usize, Vec<(Visit, Range<usize>)>) {
        let taken = self.taken.lock().unwrap_or_else(PoisonError::into_inner);
        let all = ways(flow);
        let count = all.len();
        let missing = all
            .into_iter()
            .filter(|(same, _)| !same.iter().any(|visit| taken.contains(visit)))
            .filter_map(|(same, span)| same.into_iter().next().map(|visit| (visit, span)));
        (count, missing.collect())
    }
}

/// Every way that a flow's file writes down, under each of its names, with its place.
fn ways(flow: &Flow) -> Vec<(Vec<Visit>, Range<usize>)> {
    let of_step = |step: &Step| {
        let mut all: Vec<(Vec<String>, Range<usize>)> = Vec::new();
        let one = |way: String, span: &Range<usize>| (vec![way], span.clone());
        if let Some(skip) = &step.skip_if {
            all.push(one("skipped".to_owned(), &skip.span));
        }
        match &step.act {
            Act::Ask(ask) => {
                for choice in &ask.choices {
                    let way = format!("choice {}", choice.value.it);
                    all.push(one(way, &choice.value.span));
                }
                if ask.choices.is_empty() {
                    all.push(one("answered".to_owned(), &ask.text.span));
                }
                all.extend(ask.other.iter().map(|o| one("other".to_owned(), &o.span)));
            }
            Act::Do { outcomes, .. } => {
                let mut leads: BTreeMap<&str, (Vec<String>, Range<usize>)> = BTreeMap::new();
                for (name, to) in outcomes {
                    let way = format!("outcome {}", name.it);
                    let same = leads.entry(&to.it);
                    same.or_insert_with(|| (Vec::new(), name.span.clone()))
                        .0
                        .push(way);
                }
                all.extend(leads.into_values());
            }
            Act::When(branches) => {
                for (at, branch) in branches.iter().enumerate() {
                    all.push(one(format!("when {}", at + 1), &branch.then.span));
                }
            }
            Act::Call(_) | Act::Goto(_) | Act::End | Act::Pass => {
                all.push(one("reached".to_owned(), &step.name.span));
            }
        }
        let visit = |way| Visit {
            flow: flow.name.clone(),
            step: step.name.it.clone(),
            way,
        };
        all.into_iter()
            .map(|(ways, span)| (ways.into_iter().map(visit).collect(), span))
            .collect::<Vec<_>>()
    };
    flow.steps.values().flat_map(of_step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_nobody_took_is_named_with_its_place() {
        let source = "title = \"T\"\nstart = \"a\"\n[steps.a]\nask = \"q\"\nchoices = [{ value = \"call\", label = \"l\", then = \"b\" }, { value = \"text\", label = \"l\", then = \"b\" }]\n[steps.b]\nend = true\n";
        let flow = crate::flow::load::flow("flows/x.toml", source).unwrap();
        let coverage = Coverage::default();
        let visit = |step: &str, way: &str| Visit {
            flow: "x".to_owned(),
            step: step.to_owned(),
            way: way.to_owned(),
        };
        coverage.add(&[visit("a", "choice call"), visit("b", "reached")]);
        let (count, missing) = coverage.of(&flow);
        assert_eq!(count, 3);
        let [(missed, span)] = missing.as_slice() else {
            panic!("{missing:?}");
        };
        assert_eq!(*missed, visit("a", "choice text"));
        assert_eq!(&source[span.clone()], "\"text\"");
    }
}
