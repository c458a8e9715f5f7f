//! A condition in words: `not checked` reads "not checked", `wish == 'call'` reads "wish is call".

use crate::flow::action::Kind;
use crate::flow::condition::{Condition, Measure, Order};
use crate::flow::definition::{Act, Branch, Expect, Flow, Step};
use crate::flow::facts;

/// A condition as somebody reads it who does not program.
pub(super) fn words(condition: &Condition, flow: &Flow) -> String {
    let is_flag = |name: &str| is_flag(name, flow);
    let words = |condition: &Condition| words(condition, flow);
    match condition {
        Condition::Name(name) if is_flag(name) => plain(name),
        Condition::Name(name) => format!("{} known", plain(name)),
        Condition::Is(name, values) => format!("{} is {}", plain(name), values.join(" or ")),
        Condition::Order(name, order, measure) => {
            let measure = match measure {
                Measure::Number(number) => number.to_string(),
                Measure::Moment(moment) => moment.clone(),
            };
            let order = match order {
                Order::Below => "below",
                Order::Most => "at most",
                Order::Above => "above",
                Order::Least => "at least",
            };
            format!("{} is {order} {measure}", plain(name))
        }
        Condition::Not(inner) => match inner.as_ref() {
            Condition::Name(name) if is_flag(name) => format!("not {}", plain(name)),
            Condition::Name(name) => format!("{} not known", plain(name)),
            Condition::Is(name, values) => {
                format!("{} is not {}", plain(name), values.join(" or "))
            }
            other => format!("not ({})", words(other)),
        },
        Condition::And(all) => joined(all, " and ", &words),
        Condition::Or(all) => joined(all, " or ", &words),
    }
}

/// What a branch asks, and what each of its ways answers.
pub(super) fn branch(step: &Step, branches: &[Branch], flow: &Flow) -> (String, Vec<String>) {
    let words = |condition: &Condition| words(condition, flow);
    let conditions: Vec<Option<&Condition>> = branches
        .iter()
        .map(|b| b.condition.as_ref().map(|c| &c.it))
        .collect();
    match conditions.as_slice() {
        [Some(Condition::Not(inner)), rest @ ..] if rest.iter().all(Option::is_none) => {
            (format!("{}?", words(inner)), yes_no("no", "yes", rest))
        }
        [Some(only), rest @ ..] if rest.iter().all(Option::is_none) => {
            (format!("{}?", words(only)), yes_no("yes", "no", rest))
        }
        all => match same_name(all) {
            Some(name) => {
                let answers = all.iter().map(|c| match c {
                    Some(Condition::Is(_, values)) => values.join(" or "),
                    _ => OTHERWISE.to_owned(),
                });
                (format!("{}?", plain(name)), answers.collect())
            }
            None => {
                let answers = all
                    .iter()
                    .map(|c| c.map_or_else(|| OTHERWISE.to_owned(), words));
                (plain(&step.name.it), answers.collect())
            }
        },
    }
}

const OTHERWISE: &str = "otherwise";

fn yes_no(first: &str, second: &str, rest: &[Option<&Condition>]) -> Vec<String> {
    let mut all = vec![first.to_owned()];
    all.extend(rest.iter().map(|_| second.to_owned()));
    all
}

/// The one name that all the conditions compare.
fn same_name<'c>(all: &[Option<&'c Condition>]) -> Option<&'c str> {
    let mut names = all.iter().flatten().map(|c| match c {
        Condition::Is(name, _) => Some(name.as_str()),
        _ => None,
    });
    let first = names.next()??;
    names.all(|name| name == Some(first)).then_some(first)
}

fn joined(all: &[Condition], between: &str, words: &dyn Fn(&Condition) -> String) -> String {
    let each = |c: &Condition| match c {
        Condition::And(_) | Condition::Or(_) => format!("({})", words(c)),
        other => words(other),
    };
    all.iter().map(each).collect::<Vec<_>>().join(between)
}

/// Whether a name stands for yes or no: such a fact, or the answer to such a question.
fn is_flag(name: &str, flow: &Flow) -> bool {
    let answered = flow.steps.values().any(|step| match &step.act {
        Act::Ask(ask) => {
            ask.expect == Expect::YesNo && ask.save.as_ref().is_some_and(|save| save.it == name)
        }
        _ => false,
    });
    answered || facts::find(name).is_some_and(|fact| fact.kind == Kind::Flag)
}

pub(super) fn plain(name: &str) -> String {
    name.replace('-', " ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn conditions_read_as_words() {
        let source = "title = \"T\"\nstart = \"a\"\n[steps.a]\nask = \"q\"\nexpect = \"yes-no\"\nsave = \"sure\"\n";
        let flow = crate::flow::load::flow("flows/x.toml", source).unwrap();
        for (text, expected) in [
            ("checked", "checked"),
            ("not may-ring", "not may ring"),
            ("sure", "sure"),
            ("child", "child known"),
            ("not child", "child not known"),
            ("wish == 'call'", "wish is call"),
            ("wish != 'call'", "wish is not call"),
            (
                "open and (child or wish in ['call', 'text'])",
                "open and (child known or wish is call or text)",
            ),
        ] {
            let condition = Condition::parse(text).unwrap();
            assert_eq!(words(&condition, &flow), expected, "{text}");
        }
    }
}
