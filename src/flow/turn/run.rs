//! Steps: what a flow does by itself, until it asks or has something done.

use super::{MAX_DEPTH, MAX_STEPS, Why, Work};
use crate::flow::conversation::{Action, Asked, Frame, Intent, Open, Over, Pending, Todo};
use crate::flow::definition::{Act, Given, Jump, Step};
use crate::flow::value::{Item, Value, Values};

impl<'a> Work<'a> {
    /// Runs the step the innermost flow is at.
    pub(super) fn step(&mut self) -> Result<(), Why> {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            return Err(Why::TooManySteps);
        }
        let step = self.current()?;
        if let Some(condition) = &step.skip_if
            && condition.it.holds(&|name| self.find(name))
        {
            let chosen = self.known_choice(step);
            self.visit("skipped");
            return self.go_on(chosen);
        }
        for text in &step.say {
            self.say(&text.it, &Values::new());
        }
        match &step.act {
            Act::Ask(ask) => self.ask(ask),
            Act::Do { action, inputs, .. } => {
                let inputs = self.given(inputs)?;
                self.conv.pending = Some(Pending::Step(action.it.clone()));
                self.action = Some(Action {
                    name: action.it.clone(),
                    inputs,
                });
                Ok(())
            }
            Act::When(branches) => {
                let taken = branches.iter().position(|b| {
                    b.condition
                        .as_ref()
                        .is_none_or(|c| c.it.holds(&|name| self.find(name)))
                });
                let at = taken.ok_or(Why::NoNext)?;
                self.visit(&format!("when {}", at + 1));
                self.go_on(Some(branches[at].then.it.clone()))
            }
            Act::Call(jump) => {
                self.visit("reached");
                let with = self.given(&jump.with)?;
                let gives = jump.gives.iter().map(|g| g.it.clone()).collect();
                // What the flow turns to by itself is not offered afterwards.
                self.conv
                    .remembered
                    .retain(|intent| intent.flow != jump.flow.it);
                self.push(&jump.flow.it, entry(jump), with, Over::Return(gives))
            }
            Act::Goto(jump) => {
                self.visit("reached");
                self.goto(jump)
            }
            Act::End => {
                self.visit("reached");
                self.end()
            }
            Act::Pass => {
                self.visit("reached");
                self.go_on(None)
            }
        }
    }

    /// The step the innermost flow is at.
    pub(super) fn current(&self) -> Result<&'a Step, Why> {
        let frame = self.conv.frames.last().ok_or(Why::NoNext)?;
        let flow = self
            .bundle
            .flows
            .get(&frame.flow)
            .ok_or_else(|| Why::NoFlow(frame.flow.clone()))?;
        flow.steps
            .get(&frame.step)
            .ok_or_else(|| Why::NoStep(frame.step.clone()))
    }

    /// Goes to a step, or to the present step's `then`.
    pub(super) fn go_on(&mut self, step: Option<String>) -> Result<(), Why> {
        let next = match step {
            Some(step) => step,
            None => self.current()?.then.as_ref().ok_or(Why::NoNext)?.it.clone(),
        };
        let frame = self.conv.frames.last_mut().ok_or(Why::NoNext)?;
        frame.step = next;
        Ok(())
    }

    /// A choice that is passed over because it is known leads where choosing it would.
    fn known_choice(&self, step: &Step) -> Option<String> {
        let Act::Ask(ask) = &step.act else {
            return None;
        };
        let value = self.find(&ask.save.as_ref()?.it)?;
        let words = crate::flow::condition::words_of(value);
        let choice = ask.choices.iter().find(|c| c.value.it == words)?;
        Some(choice.then.as_ref()?.it.clone())
    }

    pub(super) fn step_outcome(&mut self, name: &str, values: Values) -> Result<(), Why> {
        let step = self.current()?;
        let Act::Do { outcomes, .. } = &step.act else {
            return Err(Why::StrayOutcome(name.to_owned()));
        };
        let then = outcomes
            .iter()
            .find(|(outcome, _)| outcome.it == name)
            .map(|(_, then)| then.it.clone())
            .ok_or_else(|| Why::StrayOutcome(name.to_owned()))?;
        self.visit(&format!("outcome {name}"));
        let frame = self.conv.frames.last_mut().ok_or(Why::NoNext)?;
        frame.answers.extend(values);
        // What an action did stays done. A flow in the middle of another did nothing to that one.
        if !matches!(frame.over, Over::Ask(_)) {
            self.conv.history.clear();
        }
        self.go_on(Some(then))
    }

    /// The values a step gives to an action or to another flow.
    fn given(
        &self,
        inputs: &[(
            crate::flow::definition::At<String>,
            crate::flow::definition::At<Given>,
        )],
    ) -> Result<Values, Why> {
        let mut all = Values::new();
        for (name, given) in inputs {
            let value = match &given.it {
                Given::Text(text) => Value::Text(text.clone()),
                Given::Number(n) => Value::Number(*n),
                Given::Flag(flag) => Value::Flag(*flag),
                Given::Name { name, optional } => match self.find(name) {
                    Some(value) => value.clone(),
                    None if *optional => continue,
                    None => return Err(Why::NotSet(name.clone())),
                },
            };
            all.insert(name.it.clone(), value);
        }
        Ok(all)
    }

    fn goto(&mut self, jump: &Jump) -> Result<(), Why> {
        let mut with = self.given(&jump.with)?;
        // "2 he is not sleeping": the words beside the choice are what the next flow begins with.
        if !with.contains_key("words")
            && let Some(at) = self.conv.todo.iter().position(is_keep)
            && let Some(Todo::Keep(words)) = self.conv.todo.remove(at)
        {
            with.insert("words".to_owned(), Value::Text(words));
        }
        let over = match self.conv.frames.pop() {
            Some(frame) => frame.over,
            None => Over::Rest,
        };
        self.push(&jump.flow.it, entry(jump), with, over)
    }

    /// Begins a flow where nothing else is under way.
    pub(super) fn begin(
        &mut self,
        flow: &str,
        entry: Option<&str>,
        with: Values,
    ) -> Result<(), Why> {
        self.conv.frames.clear();
        self.conv.open = None;
        self.conv.history.clear();
        self.conv.left.clear();
        self.conv.late = None;
        self.conv.case = None;
        self.conv.handed_over = false;
        self.conv.sealed = with.get("sealed") == Some(&Value::Flag(true));
        self.push(flow, entry, with, Over::Rest)
    }

    /// Begins a flow in the middle of an open question, which is asked again afterwards; a brief
    /// flow that itself waits makes room for the next.
    pub(super) fn begin_inside(
        &mut self,
        flow: &str,
        entry: Option<&str>,
        mut with: Values,
    ) -> Result<(), Why> {
        let Some(open) = self.conv.open.take() else {
            return self.begin(flow, entry, with);
        };
        let mut beneath = match open.asked {
            Asked::Meant { over, .. } | Asked::Which { over } | Asked::Told { over, .. } => *over,
            _ => open,
        };
        let brief = |name: &str| self.bundle.flows.get(name).is_some_and(|f| f.brief);
        if let Some(top) = self.conv.frames.last()
            && brief(&top.flow)
            && matches!(top.over, Over::Ask(_))
            && let Some(top) = self.conv.frames.pop()
            && let Over::Ask(open) = top.over
        {
            beneath = *open;
        }
        with.insert("digression".to_owned(), Value::Flag(true));
        self.push(flow, entry, with, Over::Ask(Box::new(beneath)))
    }

    fn push(
        &mut self,
        name: &str,
        entry: Option<&str>,
        mut with: Values,
        over: Over,
    ) -> Result<(), Why> {
        if self.conv.frames.len() >= MAX_DEPTH {
            return Err(Why::TooDeep);
        }
        let flow = self
            .bundle
            .flows
            .get(name)
            .ok_or_else(|| Why::NoFlow(name.to_owned()))?;
        let step = flow
            .first_step(entry)
            .ok_or_else(|| Why::NoStep(entry.unwrap_or_default().to_owned()))?
            .to_owned();
        if let Some(Value::Item(case)) = with.get("case") {
            self.conv.case = Some(case.clone());
        }
        for flag in ["digression", "sealed"] {
            with.entry(flag.to_owned()).or_insert(Value::Flag(false));
        }
        if !with.contains_key("child")
            && let Some(child) = self.child_named(with.get("words"))
        {
            with.insert("child".to_owned(), Value::Item(child));
        }
        self.conv.frames.push(Frame {
            flow: name.to_owned(),
            step,
            answers: with,
            over,
        });
        Ok(())
    }

    /// The child of this adult's whom the words name, when it is one.
    fn child_named(&self, words: Option<&Value>) -> Option<Item> {
        let (Some(Value::Text(words)), Some(Value::List(children))) =
            (words, self.facts.values.get("children"))
        else {
            return None;
        };
        let mut readings = self.readings();
        let named = readings.next()?.names(words, &labels(children));
        match named.as_slice() {
            [one] => children.get(*one).cloned(),
            _ => None,
        }
    }

    /// Turns to the next thing the person had asked for.
    pub(super) fn offer_remembered(&mut self) -> Result<(), Why> {
        let intent = self.conv.remembered.remove(0);
        let brief = self.bundle.flows.get(&intent.flow).is_some_and(|f| f.brief);
        if brief {
            let with = words(&intent.words);
            return self.begin(&intent.flow, intent.entry.as_deref(), with);
        }
        self.offer("offer", intent);
        Ok(())
    }

    /// Asks whether the person wants this, as `offer` or `meant`.
    pub(super) fn offer(&mut self, text: &str, intent: Intent) {
        let topic = format!("topic-{}", intent.flow);
        let topic = self
            .bundle
            .languages
            .say(self.tag(), &topic, &Values::new());
        self.conv.open = Some(Open {
            asked: Asked::Offer(intent),
            text: text.to_owned(),
            values: Values::from([("topic".to_owned(), Value::Text(topic))]),
            choices: super::ask::yes_no(),
            since: self.now,
            tries: 0,
            unheard: Vec::new(),
            nudged: false,
        });
        self.say_open(None);
    }
}

fn entry(jump: &Jump) -> Option<&str> {
    jump.entry.as_ref().map(|e| e.it.as_str())
}

fn is_keep(todo: &Todo) -> bool {
    matches!(todo, Todo::Keep(_))
}

/// The words that began a flow, as its first value.
pub(super) fn words(text: &str) -> Values {
    Values::from([("words".to_owned(), Value::Text(text.to_owned()))])
}

/// What a person would call these things.
pub(super) fn labels(items: &[Item]) -> Vec<&str> {
    items.iter().map(|i| i.label.as_str()).collect()
}
