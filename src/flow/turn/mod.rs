//! One turn: where a person is and what happened, to where they are now, what they are told, and at
//! most one action.
//!
//! A turn that returns an action is not over: the caller does it, inside its own transaction, and
//! calls again with [`Input::Outcome`]. What is said comes with the last of these calls. Nothing
//! here reads a clock, sends or stores; the same input gives the same turn.

mod answer;
mod ask;
mod doubt;
mod hear;
mod nudge;
mod run;
mod several;
mod told;
mod wishes;

use jiff::civil::DateTime;
use serde::Serialize;

use super::bundle::Bundle;
use super::conversation::{Action, Conversation, Media, Over, Pending, Say, Todo};
use super::coverage::Visit;
use super::value::{Item, Value, Values};
use crate::text::reading::Reading;
use crate::text::segments::segments;

/// What happened.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Input {
    /// The person wrote.
    Message {
        /// Their words, decoded.
        text: String,
        /// The screen has taken this message; the urgent reply is on its way already.
        sealed: bool,
        /// What came with it and is not words.
        media: Vec<Media>,
        /// It was received before the open question had left: it cannot be an answer to it.
        before_question: bool,
    },
    /// An action was done.
    Outcome {
        /// One of the action's outcomes.
        name: String,
        /// What it brings.
        values: Values,
    },
    /// Staff begin a flow from the desk ("Is it OK to ring this phone?").
    Begin {
        /// The flow.
        flow: String,
        /// Its entry.
        entry: Option<String>,
        /// What it takes.
        with: Values,
    },
    /// The open question has stood for as long as its flow says.
    Expired,
    /// The open question is due for its one reminder.
    Nudge,
}

/// What a turn may know about the adult and the school.
#[derive(Debug, Clone, PartialEq, Default, Serialize)]
pub struct Facts {
    /// The facts of [`super::facts::FACTS`].
    pub values: Values,
    /// The language on the adult's record, as a tag, until they choose one here.
    pub language: String,
    /// Staff have written to or rung this adult within 10 school days, and the case is open.
    pub live_thread: Option<Thread>,
    /// This adult's case touched since the last day.
    pub open_case: Option<Item>,
    /// The same, sealed: what the screen took from this adult since the last day.
    pub sealed_case: Option<Item>,
    /// The message that the screen took names staff: no other case learns that there is one.
    pub apart: bool,
}

/// A conversation with a person at school.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Thread {
    /// The case.
    pub case: Item,
    /// Who reads it: "Mr Hughes".
    pub person: String,
}

/// What a turn came to.
#[derive(Debug, Clone, PartialEq)]
pub struct Turn {
    /// Where the person is now.
    pub conversation: Conversation,
    /// What they are told, in order; empty while there is an action.
    pub says: Vec<Say>,
    /// What must be done before the turn can go on.
    pub action: Option<Action>,
    /// The ways through the flows it took, for coverage; not stored.
    pub visits: Vec<Visit>,
}

/// A turn that could not be played: a person takes over, with the words.
#[derive(Debug, Clone, PartialEq, thiserror::Error)]
#[error("{place}: {why}")]
pub struct TurnError {
    /// What went wrong.
    pub why: Why,
    /// The flow and step, as `concern.wish`.
    pub place: String,
    /// Every word of the person's that stands nowhere but in this turn.
    pub words: Vec<String>,
}

/// What went wrong in a turn.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Why {
    /// The conversation is under way in another bundle: load that one by its hash.
    #[error("the conversation belongs to the bundle {0}")]
    OtherBundle(String),
    /// The bundle has no such flow.
    #[error("there is no flow `{0}`")]
    NoFlow(String),
    /// The flow has no such step or entry.
    #[error("there is no step `{0}`")]
    NoStep(String),
    /// A step leads nowhere.
    #[error("the step leads nowhere")]
    NoNext,
    /// A value that a step needs is not there.
    #[error("`{0}` is not set")]
    NotSet(String),
    /// There is nothing to choose from.
    #[error("there is nothing to choose from")]
    NothingToChoose,
    /// An outcome that nobody waits for, or that the step does not route.
    #[error("nobody waits for the outcome `{0}`")]
    StrayOutcome(String),
    /// A message or another input came while an action was under way.
    #[error("an action is under way")]
    ActionUnderWay,
    /// More than 100 steps in one turn.
    #[error("more than {MAX_STEPS} steps in one turn")]
    TooManySteps,
    /// Flows inside flows, more than 8 deep.
    #[error("flows inside flows, more than {MAX_DEPTH} deep")]
    TooDeep,
}

/// Steps in one call of [`turn`]; more means a flow that never waits.
pub const MAX_STEPS: u32 = 100;
/// Flows inside flows.
pub const MAX_DEPTH: usize = 8;

/// Plays one turn.
///
/// # Errors
/// A fault in a flow, a bound, a state of another bundle. The error holds the person's words.
pub fn turn(
    bundle: &Bundle,
    mut conversation: Conversation,
    input: Input,
    facts: &Facts,
    now: DateTime,
) -> Result<Turn, TurnError> {
    if conversation.is_idle() {
        conversation.bundle.clone_from(&bundle.hash);
    }
    let said = match &input {
        Input::Message { text, .. } => Some(text.clone()),
        _ => None,
    };
    let mut work = Work {
        bundle,
        facts,
        now,
        conv: conversation,
        steps: 0,
        action: None,
        free: false,
        visits: Vec::new(),
    };
    let played = work.take(input).and_then(|()| work.settle());
    match played {
        Ok(()) => Ok(work.finish()),
        Err(why) => {
            let mut words = work.conv.words();
            words.extend(said.filter(|s| !s.trim().is_empty() && !words.contains(s)));
            let place = work
                .conv
                .frames
                .last()
                .map_or_else(String::new, |f| format!("{}.{}", f.flow, f.step));
            Err(TurnError { why, place, words })
        }
    }
}

/// A turn under way.
struct Work<'a> {
    bundle: &'a Bundle,
    facts: &'a Facts,
    now: DateTime,
    conv: Conversation,
    steps: u32,
    action: Option<Action>,
    /// A misunderstanding of this message costs no try.
    free: bool,
    visits: Vec<Visit>,
}

impl<'a> Work<'a> {
    fn take(&mut self, input: Input) -> Result<(), Why> {
        if self.conv.bundle != self.bundle.hash {
            return Err(Why::OtherBundle(self.conv.bundle.clone()));
        }
        if self.conv.pending.is_some() != matches!(input, Input::Outcome { .. }) {
            return Err(match input {
                Input::Outcome { name, .. } => Why::StrayOutcome(name),
                _ => Why::ActionUnderWay,
            });
        }
        match input {
            Input::Message {
                text,
                sealed,
                media,
                before_question,
            } => self.hear(&text, sealed, &media, before_question),
            Input::Outcome { name, values } => self.outcome(&name, values),
            Input::Begin { flow, entry, with } => {
                self.conv.open = None;
                self.conv.frames.clear();
                self.begin(&flow, entry.as_deref(), with)
            }
            Input::Expired => {
                self.expire();
                Ok(())
            }
            Input::Nudge => {
                self.nudge();
                Ok(())
            }
        }
    }

    /// Notes which way the present step went.
    fn visit(&mut self, way: &str) {
        if let Some(frame) = self.conv.frames.last() {
            self.visits.push(Visit {
                flow: frame.flow.clone(),
                step: frame.step.clone(),
                way: way.to_owned(),
            });
        }
    }

    fn outcome(&mut self, name: &str, values: Values) -> Result<(), Why> {
        let pending = self.conv.pending.take();
        if let Some(Value::Item(case)) = values.get("case")
            && (self.conv.case.is_none() || matches!(pending, Some(Pending::Step(_))))
        {
            self.conv.case = Some(case.clone());
        }
        match pending {
            Some(Pending::Step(_)) => self.step_outcome(name, values),
            Some(Pending::Engine(_, say)) => {
                if let Some(id) = say {
                    self.say(&id, &values);
                }
                Ok(())
            }
            None => Err(Why::StrayOutcome(name.to_owned())),
        }
    }

    /// The question goes; where it stood is kept, so that a late reply can carry on. Wishes that
    /// were still to be offered go to a person: nobody will offer them now.
    fn expire(&mut self) {
        let words: Vec<String> = self.conv.remembered.drain(..).map(|i| i.words).collect();
        if !words.is_empty() {
            self.act_hand_over(words.join("\n"), "more-words", None);
        }
        if let Some(open) = self.conv.open.take() {
            let frames = std::mem::take(&mut self.conv.frames);
            // What was brief has been said; there is nothing to carry on with.
            let topic = frames.first().filter(|f| !self.is_brief(&f.flow));
            let topic = topic.map(|f| format!("topic-{}", f.flow));
            let can_carry_on =
                topic.is_some_and(|t| self.bundle.languages.said(self.tag(), &t).is_some());
            self.conv.late = None;
            if can_carry_on && !self.conv.sealed {
                self.conv.late = Some(super::conversation::Late {
                    frames,
                    open,
                    words: None,
                });
            }
        }
        self.conv.history.clear();
    }

    /// Runs until something waits: the person, or an action.
    fn settle(&mut self) -> Result<(), Why> {
        while self.action.is_none() && self.conv.pending.is_none() {
            if self.conv.open.is_none() && !self.conv.frames.is_empty() {
                self.step()?;
            } else if let Some(todo) = self.conv.todo.pop_front() {
                self.carry_out(todo)?;
            } else if self.conv.open.is_none() && !self.conv.remembered.is_empty() {
                self.offer_remembered()?;
            } else {
                break;
            }
        }
        Ok(())
    }

    fn carry_out(&mut self, todo: Todo) -> Result<(), Why> {
        match todo {
            Todo::Say(id, values) => self.say(&id, &values),
            Todo::Act(mut action, say) => {
                // The case may be one that was opened since this was put on the list.
                if action.name == "hand-over"
                    && let Some(case) = self.case()
                {
                    let inputs = action.inputs.entry("case".to_owned());
                    inputs.or_insert(Value::Item(case));
                }
                self.conv.pending = Some(Pending::Engine(action.name.clone(), say));
                self.action = Some(action);
            }
            Todo::Begin { flow, entry, with } => {
                self.begin_inside(&flow, entry.as_deref(), with)?;
            }
            Todo::AskAgain => self.say_open(None),
            Todo::Keep(words) => self.keep(&words),
        }
        Ok(())
    }

    fn finish(mut self) -> Turn {
        let says = match self.action {
            Some(_) => Vec::new(),
            None => joined(std::mem::take(&mut self.conv.says)),
        };
        if self.conv.frames.is_empty() {
            self.conv.history.clear();
        }
        Turn {
            conversation: self.conv,
            says,
            action: self.action,
            visits: self.visits,
        }
    }

    /// A name as the innermost flow knows it, or a fact.
    fn find(&self, name: &str) -> Option<&Value> {
        let own = self.conv.frames.last().and_then(|f| f.answers.get(name));
        own.or_else(|| self.facts.values.get(name))
    }

    fn is_fact(&self, name: &str) -> bool {
        matches!(self.facts.values.get(name), Some(Value::Flag(true)))
    }

    /// The language texts are said in.
    fn tag(&self) -> &str {
        self.conv
            .language
            .as_deref()
            .unwrap_or(&self.facts.language)
    }

    /// What words mean: in the person's language, then in English, then in the others.
    fn readings(&self) -> impl Iterator<Item = &'a Reading> + Clone + use<'a> {
        let bundle = self.bundle;
        let own = bundle.languages.best(self.tag());
        let first = own.and_then(|tag| bundle.readings.get(tag));
        let own = own.unwrap_or_default().to_owned();
        let english = crate::text::language::DEFAULT;
        first
            .into_iter()
            .chain(bundle.readings.get(english).filter(|_| own != english))
            .chain(
                bundle
                    .readings
                    .iter()
                    .filter(move |(tag, _)| **tag != own && *tag != english)
                    .map(|(_, reading)| reading),
            )
    }

    fn say(&mut self, id: &str, values: &Values) {
        let text = self.bundle.languages.say_with(self.tag(), id, &|name| {
            values.get(name).or_else(|| self.find(name))
        });
        self.conv.says.push(Say {
            id: id.to_owned(),
            text,
            buttons: Vec::new(),
        });
    }

    /// The case that words said now belong to.
    fn case(&self) -> Option<Item> {
        let known = self
            .conv
            .frames
            .iter()
            .rev()
            .find_map(|f| match f.answers.get("case") {
                Some(Value::Item(case)) => Some(case),
                _ => None,
            });
        known
            .or(self.conv.case.as_ref())
            .or(self.facts.open_case.as_ref())
            .cloned()
    }

    fn is_in(&self, flow: &str) -> bool {
        self.conv.frames.iter().any(|f| f.flow == flow)
    }

    fn act_add(&mut self, case: Item, words: &str, say: Option<&str>) {
        let inputs = Values::from([
            ("case".to_owned(), Value::Item(case)),
            ("words".to_owned(), Value::Text(words.to_owned())),
        ]);
        self.later("add-to-case", inputs, say);
    }

    /// Puts words on the office's list, without a word to the person.
    fn act_hand_over(&mut self, words: String, reason: &str, about: Option<&str>) {
        let mut inputs = Values::from([
            ("words".to_owned(), Value::Text(words)),
            ("reason".to_owned(), Value::Text(reason.to_owned())),
        ]);
        inputs.extend(about.map(|about| ("about".to_owned(), Value::Text(about.to_owned()))));
        self.later("hand-over", inputs, None);
    }

    fn later(&mut self, action: &str, inputs: Values, say: Option<&str>) {
        let action = Action {
            name: action.to_owned(),
            inputs,
        };
        self.conv
            .todo
            .push_back(Todo::Act(action, say.map(str::to_owned)));
    }

    /// Ends the innermost flow.
    fn end(&mut self) -> Result<(), Why> {
        let Some(frame) = self.conv.frames.pop() else {
            return Ok(());
        };
        match frame.over {
            Over::Rest => Ok(()),
            Over::Return(gives) => {
                let brought = gives.into_iter().filter_map(|name| {
                    let value = frame.answers.get(&name)?.clone();
                    Some((name, value))
                });
                let brought: Values = brought.collect();
                let caller = self.conv.frames.last_mut().ok_or(Why::NoNext)?;
                caller.answers.extend(brought);
                self.go_on(None)
            }
            Over::Ask(open) => {
                self.conv.open = Some(*open);
                // After a message that the screen took, nothing is asked again.
                if frame.answers.get("sealed") != Some(&Value::Flag(true)) {
                    self.say_open(None);
                }
                Ok(())
            }
        }
    }
}

/// Texts that follow each other and fit into one are sent as one: a person reads one, and pays for
/// one. A text with choices ends there.
fn joined(says: Vec<Say>) -> Vec<Say> {
    let mut all: Vec<Say> = Vec::with_capacity(says.len());
    for say in says {
        if let Some(last) = all.last_mut()
            && last.buttons.is_empty()
        {
            let text = format!("{} {}", last.text, say.text);
            if segments(&text).parts == 1 {
                last.id = format!("{}+{}", last.id, say.id);
                last.text = text;
                last.buttons = say.buttons;
                continue;
            }
        }
        all.push(say);
    }
    all
}
