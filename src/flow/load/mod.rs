//! TOML to definition: `flows/concern.toml` to a [`Flow`], with every fault of the file at once.
//!
//! It knows the shape of a flow and nothing of what the names in it mean; `check` does.

use std::collections::BTreeMap;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

pub mod keys;
mod read;

use read::{Table, at, entry, minutes, named, number};

use super::condition::Condition;
use super::definition::{
    Act, Ask, At, Branch, Choice, EXPECTS, Expect, Flow, Given, Jump, Nudge, Step,
};
use crate::fault::{Fault, did_you_mean};

/// How long a question stays open when a flow does not say: three days, in minutes.
const EXPIRES: i64 = 3 * 24 * 60;

/// More steps than these make a flow that nobody can follow, and that takes long to check.
const MOST_STEPS: usize = 300;

/// Nothing waits longer than a year, in minutes.
const LONGEST: i64 = 366 * 24 * 60;

/// Reads one flow file.
///
/// # Errors
/// Every fault of the file: not TOML, unknown keys, wrong types, steps that do two things.
pub fn flow(path: &str, source: &str) -> Result<Flow, Vec<Fault>> {
    let mut load = Load {
        path,
        faults: Vec::new(),
        expires: EXPIRES,
        nudge: None,
    };
    let table = match DeTable::parse(source) {
        Ok(table) => table,
        Err(error) => {
            return Err(vec![Fault::error(
                path,
                error.span(),
                format!("this is not TOML: {}", error.message()),
                "mend the file here",
            )]);
        }
    };
    let flow = load.flow(table.get_ref());
    match flow {
        Some(flow) if load.faults.is_empty() => Ok(flow),
        _ => {
            load.faults
                .sort_by_key(|f| f.span.as_ref().map_or(0, |span| span.start));
            Err(load.faults)
        }
    }
}

struct Load<'p> {
    path: &'p str,
    faults: Vec<Fault>,
    /// What holds for every question of the flow that says nothing else.
    expires: i64,
    nudge: Option<At<Nudge>>,
}

impl Load<'_> {
    fn flow(&mut self, table: Table<'_, '_>) -> Option<Flow> {
        self.known(table, keys::FLOW, "a flow");
        let name = self
            .path
            .trim_end_matches(".toml")
            .rsplit('/')
            .next()
            .unwrap_or_default()
            .to_owned();
        self.expires = self.length(table, "expires").unwrap_or(EXPIRES);
        self.nudge = self.nudge(table);
        let mut steps = BTreeMap::new();
        if let Some((_, value)) = entry(table, "steps") {
            for (key, value) in self.table(value).into_iter().flatten() {
                let step_name = named(key);
                if let Some(table) = self.table(value)
                    && let Some(step) = self.step(step_name.clone(), table)
                {
                    steps.insert(step_name.it, step);
                }
            }
        }
        if steps.len() > MOST_STEPS {
            self.faults.push(Fault::error(
                self.path,
                None,
                format!("{} steps are more than anybody can follow", steps.len()),
                format!("split it into flows of at most {MOST_STEPS} steps, joined by `goto`"),
            ));
            return None;
        }
        let pairs = entry(table, "entries").map(|(_, value)| self.pairs(value));
        let takes = self
            .texts(table, "takes")
            .into_iter()
            .map(|name| match name.it.strip_suffix('?') {
                Some(bare) => (at(bare.to_owned(), name.span), true),
                None => (name, false),
            })
            .collect();
        let title = self.required(table, "title");
        let start = self.required(table, "start");
        Some(Flow {
            name,
            file: self.path.to_owned(),
            title: title?,
            start: start?,
            entries: pairs.unwrap_or_default(),
            takes,
            expires: self.expires,
            brief: self.flag(table, "brief"),
            interrupts: self.flag(table, "interrupts"),
            desk: self.flag(table, "desk"),
            steps,
        })
    }

    fn step(&mut self, name: At<String>, table: Table<'_, '_>) -> Option<Step> {
        self.known(table, keys::STEP, "a step");
        let acts: Vec<&str> = keys::ACTS
            .iter()
            .copied()
            .filter(|key| entry(table, key).is_some())
            .collect();
        if let [first, second, ..] = acts.as_slice() {
            self.fault(
                name.span.clone(),
                format!("step `{}` has both `{first}` and `{second}`", name.it),
                "make it two steps, joined by `then`",
            );
            return None;
        }
        if !acts.contains(&"ask") {
            for key in keys::STEP.iter().filter(|k| k.beside == Some("ask")) {
                let key = key.name;
                if let Some((span, _)) = entry(table, key) {
                    self.fault(
                        span,
                        format!("`{key}` belongs to a question, and this step has no `ask`"),
                        "add `ask`, or remove it",
                    );
                }
            }
        }
        let act = match acts.first() {
            Some(&"ask") => Act::Ask(Box::new(self.ask(table)?)),
            Some(&"do") => self.action(table)?,
            Some(&"when") => Act::When(self.branches(table)),
            Some(&"call") => Act::Call(self.jump(table, "call")?),
            Some(&"goto") => Act::Goto(self.jump(table, "goto")?),
            Some(&"end") => {
                if !self.flag(table, "end") {
                    let (span, _) = entry(table, "end")?;
                    self.fault(span, "`end` can only be true", "write `end = true`");
                }
                Act::End
            }
            _ => Act::Pass,
        };
        if !matches!(act, Act::Do { .. })
            && let Some((span, _)) = entry(table, "outcomes")
        {
            self.fault(
                span,
                "`outcomes` belongs to an action, and this step has no `do`",
                "add `do`, or remove it",
            );
        }
        let skip_if = self
            .text(table, "skip-if")
            .and_then(|text| self.condition(text));
        Some(Step {
            skip_if,
            say: self.texts(table, "say"),
            act,
            then: self.text(table, "then"),
            name,
        })
    }

    fn ask(&mut self, table: Table<'_, '_>) -> Option<Ask> {
        let choices = self.choices(table);
        let expect = match self.text(table, "expect") {
            Some(word) => match EXPECTS.iter().find(|(w, _)| *w == word.it) {
                Some((_, expect)) => *expect,
                None => {
                    let remedy = did_you_mean(&word.it, EXPECTS.iter().map(|(w, _)| *w));
                    self.fault(
                        word.span,
                        format!("no answer is of the kind `{}`", word.it),
                        remedy,
                    );
                    return None;
                }
            },
            None => Expect::Choice,
        };
        let text = self.text(table, "ask")?;
        let from = entry(table, "from").and_then(|(_, value)| self.given(value));
        if expect == Expect::Choice && choices.is_empty() {
            self.fault(
                text.span.clone(),
                "the question says neither what it expects nor what there is to choose",
                "add `expect = \"text\"` or `choices`",
            );
        }
        if expect.wants_list() && from.is_none() {
            self.fault(
                text.span.clone(),
                "the question has nothing to choose from",
                "add `from = \"$list\"`, a list that an action brought",
            );
        }
        if expect != Expect::Choice
            && let Some(first) = choices.first()
        {
            self.fault(
                first.value.span.clone(),
                "a question has either `expect` or `choices`",
                "remove one of them",
            );
        }
        Some(Ask {
            text,
            again: self.text(table, "again"),
            unlisted: self.text(table, "unlisted"),
            expect,
            from,
            other: self.text(table, "other"),
            save: self.text(table, "save"),
            choices,
            tries: self.tries(table),
            optional: self.flag(table, "optional"),
            yields: self.flag(table, "yields"),
            expires: self.length(table, "expires").unwrap_or(self.expires),
            nudge: self.nudge(table),
        })
    }

    /// A length of time, in minutes.
    fn length(&mut self, table: Table<'_, '_>, key: &str) -> Option<i64> {
        let text = self.text(table, key)?;
        let length = minutes(&text.it).filter(|minutes| *minutes <= LONGEST);
        if length.is_none() {
            self.fault(
                text.span,
                format!("`{}` is no length of time", text.it),
                "write it like `3 days`, `24 hours` or `30 minutes`, and no more than a year",
            );
        }
        length
    }

    /// A reminder: `"24 hours"`, `{ after = "24 hours", say = "text" }`, or `false` for none where
    /// the flow has one.
    fn nudge(&mut self, table: Table<'_, '_>) -> Option<At<Nudge>> {
        let Some((_, value)) = entry(table, "nudge") else {
            return self.nudge.clone();
        };
        let nudge = match value.get_ref() {
            DeValue::Boolean(false) => return None,
            DeValue::String(_) => Nudge {
                after: self.length(table, "nudge")?,
                say: None,
            },
            DeValue::Table(own) => {
                self.known(own, keys::NUDGE, "a reminder");
                if entry(own, "after").is_none() {
                    self.fault(
                        value.span(),
                        "the reminder does not say when it is sent",
                        "add after = \"24 hours\"",
                    );
                }
                Nudge {
                    after: self.length(own, "after")?,
                    say: self.text(own, "say"),
                }
            }
            _ => {
                self.fault(
                    value.span(),
                    "`nudge` takes a length of time, or a table",
                    "write it like \"24 hours\", or { after = \"24 hours\", say = \"text\" }",
                );
                return None;
            }
        };
        Some(at(nudge, value.span()))
    }

    fn tries(&mut self, table: Table<'_, '_>) -> u8 {
        let Some((_, value)) = entry(table, "tries") else {
            return 2;
        };
        match number(value.get_ref()) {
            Some(n @ 1..=5) => u8::try_from(n).unwrap_or(2),
            _ => {
                self.fault(
                    value.span(),
                    "`tries` is how often a person may be misunderstood",
                    "write a number from 1 to 5",
                );
                2
            }
        }
    }

    fn choices(&mut self, table: Table<'_, '_>) -> Vec<Choice> {
        let mut all = Vec::new();
        let Some((_, value)) = entry(table, "choices") else {
            return all;
        };
        for item in self.array(value).into_iter().flatten() {
            let Some(choice) = self.table(item) else {
                continue;
            };
            self.known(choice, keys::CHOICE, "a choice");
            let (value, label) = (self.text(choice, "value"), self.text(choice, "label"));
            if let (Some(value), Some(label)) = (value, label) {
                let then = self.text(choice, "then");
                all.push(Choice { value, label, then });
            } else {
                self.fault(
                    item.span(),
                    "a choice needs a `value` and a `label`",
                    "write { value = \"call\", label = \"choice-call\" }",
                );
            }
        }
        all
    }

    fn action(&mut self, table: Table<'_, '_>) -> Option<Act> {
        let (span, value) = entry(table, "do")?;
        let calls = self.table(value)?;
        let Some((key, inputs)) = calls.iter().next().filter(|_| calls.len() == 1) else {
            self.fault(
                span,
                "a step does one action",
                "write do = { open-case = { kind = \"concern\" } }",
            );
            return None;
        };
        let inputs = self.with(inputs);
        let outcomes = entry(table, "outcomes").map(|(_, value)| self.pairs(value));
        Some(Act::Do {
            action: named(key),
            inputs,
            outcomes: outcomes.unwrap_or_default(),
        })
    }

    fn branches(&mut self, table: Table<'_, '_>) -> Vec<Branch> {
        let mut all = Vec::new();
        let Some((_, value)) = entry(table, "when") else {
            return all;
        };
        for item in self.array(value).into_iter().flatten() {
            let Some(branch) = self.table(item) else {
                continue;
            };
            self.known(branch, keys::BRANCH, "a branch");
            let condition = self
                .text(branch, "if")
                .and_then(|text| self.condition(text));
            match self.text(branch, "then") {
                Some(then) => all.push(Branch { condition, then }),
                None => self.fault(item.span(), "a branch leads nowhere", "add `then`"),
            }
        }
        all
    }

    fn jump(&mut self, table: Table<'_, '_>, key: &str) -> Option<Jump> {
        let (_, value) = entry(table, key)?;
        if let Some(text) = value.get_ref().as_str() {
            return Some(Jump {
                flow: at(text.to_owned(), value.span()),
                entry: None,
                with: Vec::new(),
                gives: Vec::new(),
            });
        }
        let jump = self.table(value)?;
        self.known(jump, keys::JUMP, "a jump");
        let with = entry(jump, "with").map(|(_, value)| self.with(value));
        Some(Jump {
            flow: self.required(jump, "flow")?,
            entry: self.text(jump, "entry"),
            with: with.unwrap_or_default(),
            gives: self.texts(jump, "gives"),
        })
    }

    fn with(&mut self, value: &Spanned<DeValue<'_>>) -> Vec<(At<String>, At<Given>)> {
        let mut all = Vec::new();
        for (key, value) in self.table(value).into_iter().flatten() {
            if let Some(given) = self.given(value) {
                all.push((named(key), given));
            }
        }
        all
    }

    fn given(&mut self, value: &Spanned<DeValue<'_>>) -> Option<At<Given>> {
        let given = match value.get_ref() {
            DeValue::String(text) => match text.strip_prefix('$') {
                Some(name) => Given::Name {
                    name: name.trim_end_matches('?').to_owned(),
                    optional: name.ends_with('?'),
                },
                None => Given::Text(text.clone().into_owned()),
            },
            DeValue::Boolean(flag) => Given::Flag(*flag),
            other => match number(other) {
                Some(n) => Given::Number(n),
                None => {
                    self.fault(
                        value.span(),
                        "this is no value a flow can give",
                        "write words, a number, true, false or a name like \"$case\"",
                    );
                    return None;
                }
            },
        };
        Some(at(given, value.span()))
    }

    fn condition(&mut self, text: At<String>) -> Option<At<Condition>> {
        match Condition::parse(&text.it) {
            Ok(condition) => Some(at(condition, text.span)),
            Err(why) => {
                self.fault(
                    text.span,
                    format!("this is no condition: {why}"),
                    "write it like `checked and not open` or `wish == 'call'`",
                );
                None
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fault::Sources;

    fn faults(source: &str) -> String {
        let sources = Sources::from([("flows/x.toml".to_owned(), source.to_owned())]);
        match flow("flows/x.toml", source) {
            Ok(_) => String::new(),
            Err(faults) => faults
                .iter()
                .map(|f| f.render(&sources))
                .collect::<Vec<_>>()
                .join("\n"),
        }
    }

    #[test]
    fn a_flow_is_read_with_its_places() {
        let source = "title = \"T\"\nstart = \"a\"\nexpires = \"24 hours\"\ntakes = [\"case\", \"who?\"]\n\
            [steps.a]\nask = \"q\"\nexpect = \"slot\"\nfrom = \"$slots\"\nthen = \"b\"\n[steps.b]\nend = true\n";
        let flow = flow("flows/x.toml", source).unwrap();
        assert_eq!((flow.name.as_str(), flow.expires), ("x", 24 * 60));
        assert_eq!(
            flow.takes
                .iter()
                .map(|(n, o)| (n.it.as_str(), *o))
                .collect::<Vec<_>>(),
            [("case", false), ("who", true)]
        );
        let Act::Ask(ask) = &flow.steps["a"].act else {
            panic!("not a question")
        };
        assert_eq!(&source[ask.text.span.clone()], "\"q\"");
        assert_eq!(ask.expect, Expect::Slot);
    }

    #[test]
    fn every_mistake_of_shape_is_shown_at_once() {
        insta::assert_snapshot!(faults(
            "title = \"T\"\nstart = \"a\"\nexpires = \"soon\"\nbreif = true\n[steps.a]\nask = \"q\"\nexpect = \"txt\"\n\
             [steps.b]\ndo = { book = {} }\nend = true\n[steps.c]\nsay = 3\nsave = \"x\"\n[steps.d]\nwhen = [{ if = \"wish == call\", then = \"a\" }]\n"
        ), @r#"
        error: `soon` is no length of time
         --> flows/x.toml:3:11
          |
        3 | expires = "soon"
          |           ^^^^^^ write it like `3 days`, `24 hours` or `30 minutes`, and no more than a year
        error: a flow has no `breif`
         --> flows/x.toml:4:1
          |
        4 | breif = true
          | ^^^^^ did you mean `brief`?
        error: no answer is of the kind `txt`
         --> flows/x.toml:7:10
          |
        7 | expect = "txt"
          |          ^^^^^ did you mean `text`?
        error: step `b` has both `do` and `end`
         --> flows/x.toml:8:8
          |
        8 | [steps.b]
          |        ^ make it two steps, joined by `then`
        error: `say` takes words
          --> flows/x.toml:12:7
           |
        12 | say = 3
           |       ^ put them in quotes
        error: `save` belongs to a question, and this step has no `ask`
          --> flows/x.toml:13:1
           |
        13 | save = "x"
           | ^^^^ add `ask`, or remove it
        error: this is no condition: expected a word in single quotes, such as 'call'
          --> flows/x.toml:15:16
           |
        15 | when = [{ if = "wish == call", then = "a" }]
           |                ^^^^^^^^^^^^^^ write it like `checked and not open` or `wish == 'call'`
        "#);
    }

    #[test]
    fn a_reminder_and_a_time_hold_for_a_flow_or_for_one_question() {
        let ask = |name: &str, more: &str, then: &str| {
            format!("[steps.{name}]\nask = \"q\"\nexpect = \"date\"\n{more}then = \"{then}\"\n")
        };
        let source = format!(
            "title = \"T\"\nstart = \"a\"\nexpires = \"2 days\"\nnudge = \"24 hours\"\n{}{}{}[steps.d]\nend = true\n",
            ask("a", "", "b"),
            ask(
                "b",
                "expires = \"1 day\"\nnudge = { after = \"4 hours\", say = \"n\" }\n",
                "c"
            ),
            ask("c", "nudge = false\n", "d"),
        );
        let flow = flow("flows/x.toml", &source).unwrap();
        let of = |name: &str| match &flow.steps[name].act {
            Act::Ask(ask) => {
                let nudge = ask.nudge.as_ref().map(|n| {
                    let say = n.it.say.as_ref().map(|s| s.it.clone());
                    (n.it.after, say)
                });
                (ask.expires, nudge)
            }
            _ => panic!("not a question"),
        };
        assert_eq!(of("a"), (48 * 60, Some((24 * 60, None))));
        assert_eq!(of("b"), (24 * 60, Some((4 * 60, Some("n".to_owned())))));
        assert_eq!(of("c"), (48 * 60, None));
    }

    #[test]
    fn a_reminder_that_cannot_be_read_says_where_and_what_to_write() {
        for (nudge, expected) in [
            ("3", "`nudge` takes a length of time, or a table"),
            ("\"soon\"", "`soon` is no length of time"),
            ("{ aftr = \"4 hours\" }", "a reminder has no `aftr`"),
            (
                "{ say = \"n\" }",
                "the reminder does not say when it is sent",
            ),
            ("{ after = \"4 hours\", say = 3 }", "`say` takes words"),
        ] {
            let shown = faults(&format!(
                "title = \"T\"\nstart = \"a\"\n[steps.a]\nask = \"q\"\nexpect = \"text\"\nnudge = {nudge}\nthen = \"a\"\n"
            ));
            assert!(shown.contains(expected), "{nudge}: {shown}");
            assert!(shown.contains("flows/x.toml:6:"), "{nudge}: {shown}");
        }
    }

    #[test]
    fn a_file_that_is_not_toml_says_where() {
        assert!(faults("title = \"T\nstart").contains("this is not TOML"));
    }
}
