//! The reference of the flow language, written from the tables that the program itself reads by, so
//! that it cannot tell of something that is not so.

use std::fmt::Write as _;

use super::action::{self, Kind, Spec};
use super::definition::EXPECTS;
use super::facts::FACTS;
use super::load::keys::{BRANCH, CHOICE, FLOW, JUMP, Key, NUDGE, STEP};

const HEAD: &str = "\
# The flow language

Written by `schoolgate flows reference`; a change belongs in the code it is written from.
[Write your first flow](write-your-first-flow.md) is the place to begin.

A flow is a TOML file, one conversation a file. It holds the structure. The words it says stand in
`locales/LANGUAGE/*.ftl`, the words it understands in `locales/LANGUAGE/reading.toml`.
";

const STEPS: &str = "
A step says something, then does at most one of `ask`, `do`, `when`, `call`, `goto` and `end`, then
goes on to `then`.
";

const CONDITIONS: &str = "
## Conditions

`if` and `skip-if` compare; they never calculate. They know answers that were saved, values that
actions brought, and the facts below.

| condition | holds when |
|---|---|
| `child` | it is set, and is not \"no\" or an empty list |
| `wish == 'call'` | the answer is `call`; `!=` is the opposite |
| `wish in ['call', 'text']` | the answer is one of them |
| `not open` | `open` does not hold |
| `checked and (child or wish == 'call')` | as it reads |

`'yes'` and `'no'` are what a yes-or-no answer compares to.

## Values

A value is words (`\"concern\"`), a number, `true`, `false`, or a name: `\"$case\"` must be set on every
way that leads to the step, `\"$case?\"` may be missing. In a text a value is written `{ $case }`; of a
moment, `{ $by-time }` is the time of day and `{ $by-date }` the day.
";

/// The whole reference, as Markdown.
pub fn markdown() -> String {
    let mut out = String::from(HEAD);
    // Writing to a String cannot fail.
    out.push_str("\n## A flow\n");
    keys(&mut out, FLOW);
    out.push_str("\n## A step\n");
    out.push_str(STEPS);
    keys(&mut out, STEP);
    out.push_str("\n### A choice\n");
    keys(&mut out, CHOICE);
    out.push_str("\n### A branch\n");
    keys(&mut out, BRANCH);
    out.push_str("\n### A jump\n");
    keys(&mut out, JUMP);
    out.push_str("\n### A reminder\n");
    keys(&mut out, NUDGE);
    out.push_str("\n### Kinds of answer\n\n| `expect` | the answer is |\n|---|---|\n");
    for (name, expect) in EXPECTS {
        let from = if expect.wants_list() {
            "; it needs `from`"
        } else {
            ""
        };
        let _ = writeln!(out, "| `{name}` | {}{from} |", expect.doc());
    }
    out.push_str(CONDITIONS);
    out.push_str(
        "\n## Facts\n\nKnown in every flow, without asking.\n\n| name | kind | |\n|---|---|---|\n",
    );
    for fact in FACTS {
        let maybe = if fact.always {
            ""
        } else {
            " It may be missing."
        };
        let doc = sentence(fact.doc);
        let _ = writeln!(
            out,
            "| `{}` | {} | {doc}{maybe} |",
            fact.name,
            kind(fact.kind)
        );
    }
    out.push_str(
        "\n## Actions\n\nEach outcome must lead somewhere; what it brings is set from there on.\n",
    );
    for spec in action::ALL {
        action(&mut out, spec);
    }
    out
}

fn keys(out: &mut String, keys: &[Key]) {
    out.push_str("\n| key | takes | | for example |\n|---|---|---|---|\n");
    for key in keys {
        let needed = if key.needed { " Needed." } else { "" };
        let beside = key
            .beside
            .map_or(String::new(), |other| format!(" Only beside `{other}`."));
        let example = if key.example.is_empty() {
            String::new()
        } else {
            format!("`{} = {}`", key.name, key.example)
        };
        let _ = writeln!(
            out,
            "| `{}` | {} | {}{beside}{needed} | {example} |",
            key.name,
            key.kind.words(),
            key.doc
        );
    }
}

fn action(out: &mut String, spec: &Spec) {
    let _ = writeln!(out, "\n### `{}`\n\n{}", spec.name, spec.doc);
    if !spec.inputs.is_empty() {
        let inputs = spec.inputs.iter().map(|i| {
            let maybe = if i.optional { ", may be left out" } else { "" };
            format!("`{}` ({}{maybe})", i.name, kind(i.kind))
        });
        let _ = writeln!(out, "\nIt is given {}.", listed(inputs));
    }
    out.push_str("\n| outcome | brings |\n|---|---|\n");
    for outcome in spec.outcomes {
        let values = outcome.values.iter().map(|(name, of)| {
            let maybe = if name.ends_with('?') {
                ", may be missing"
            } else {
                ""
            };
            format!("`{}` ({}{maybe})", name.trim_end_matches('?'), kind(*of))
        });
        let values: Vec<String> = values.collect();
        let _ = writeln!(out, "| `{}` | {} |", outcome.name, values.join(", "));
    }
    let _ = writeln!(out, "\n```toml\n{}\n```", step_of(spec));
}

/// A step's lines that do an action as its example does.
pub fn step_of(spec: &Spec) -> String {
    let routes: Vec<String> = spec
        .outcomes
        .iter()
        .map(|o| format!("{} = \"…\"", o.name))
        .collect();
    format!("{}\noutcomes = {{ {} }}", spec.example, routes.join(", "))
}

/// What sort of value, in a word or two.
pub(super) const fn kind(kind: Kind) -> &'static str {
    match kind {
        Kind::Text => "words",
        Kind::Number => "a number",
        Kind::Flag => "yes or no",
        Kind::Item => "one thing",
        Kind::List => "a list",
        Kind::Slots => "times",
        Kind::When => "a moment",
        Kind::Opens => "a moment soon",
        Kind::Everyone | Kind::Anyone => "names",
        Kind::Hours => "hours of work",
        Kind::Any => "anything",
    }
}

fn sentence(doc: &str) -> String {
    let mut letters = doc.chars();
    let first: String = letters
        .next()
        .into_iter()
        .flat_map(char::to_uppercase)
        .collect();
    format!("{first}{}.", letters.as_str())
}

fn listed(items: impl Iterator<Item = String>) -> String {
    items.collect::<Vec<_>>().join(", ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::flow::load;

    fn loads(source: &str) {
        if let Err(faults) = load::flow("flows/x.toml", source) {
            panic!("{source}\n{faults:?}");
        }
    }

    #[test]
    fn every_example_of_a_key_loads() {
        for key in STEP {
            let line = format!("{} = {}", key.name, key.example);
            let beside = match (key.name, key.beside) {
                ("expect", _) => "ask = \"q\"\n",
                ("choices", _) => "ask = \"q\"\n",
                (_, Some("ask")) => "ask = \"q\"\nexpect = \"slot\"\nfrom = \"$slots\"\n",
                (_, Some("do")) => "do = { cancel = { meeting = \"$m\" } }\n",
                ("ask", _) => "expect = \"text\"\n",
                _ => "",
            };
            let beside = if key.name == "from" {
                "ask = \"q\"\nexpect = \"slot\"\n"
            } else {
                beside
            };
            loads(&format!(
                "title = \"T\"\nstart = \"a\"\n[steps.a]\n{beside}{line}\n"
            ));
        }
        for key in FLOW.iter().filter(|k| !k.needed) {
            loads(&format!(
                "title = \"T\"\nstart = \"a\"\n{} = {}\n[steps.a]\nend = true\n",
                key.name, key.example
            ));
        }
        let table = |keys: &[Key]| {
            let all: Vec<String> = keys
                .iter()
                .map(|k| format!("{} = {}", k.name, k.example))
                .collect();
            all.join(", ")
        };
        for step in [
            format!("ask = \"q\"\nchoices = [{{ {} }}]", table(CHOICE)),
            format!("when = [{{ {} }}]", table(BRANCH)),
            format!("call = {{ {} }}", table(JUMP)),
            format!(
                "ask = \"q\"\nexpect = \"text\"\nnudge = {{ {} }}",
                table(NUDGE)
            ),
        ] {
            loads(&format!(
                "title = \"T\"\nstart = \"a\"\n[steps.a]\n{step}\n"
            ));
        }
    }

    #[test]
    fn every_example_of_an_action_loads() {
        for spec in action::ALL {
            loads(&format!(
                "title = \"T\"\nstart = \"a\"\n[steps.a]\n{}\n",
                step_of(spec)
            ));
        }
    }
}
