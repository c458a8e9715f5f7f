//! Answers: whether a message answers the open question, and what follows from it.

use super::doubt::NEAR;
use super::run::labels;
use super::{Why, Work};
use crate::flow::bundle::{HAND_OVER, MENU};
use crate::flow::condition::words_of;
use crate::flow::conversation::{Asked, Intent, Late, Open, Todo};
use crate::flow::definition::{Act, Expect};
use crate::flow::value::{Item, Value, Values};
use crate::text::reading::{Choice, ChoiceWords, Named, child_among, choose_among, yes_no};

/// How many earlier questions `back` can reach.
const HISTORY: usize = 10;

/// A name with more words than this around it said something besides the name.
pub(super) const BARE_NAME: usize = 3;

/// A choice in words ("the phone one please") with more words than this said something besides it.
pub(super) const BARE_CHOICE: usize = 6;

/// So many words that answer nothing tell something more, where there is a case to add them to.
const SENTENCE: usize = 4;

/// What a message is to a question.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Found {
    /// An answer: its value, where it leads, and words that were said besides.
    Taken {
        value: Option<Value>,
        then: Option<String>,
        rest: Option<String>,
    },
    /// A day or a time, which is read back before it counts.
    Told(Value),
    /// A day or a time that has gone by.
    Past,
    /// Perhaps one of these choices.
    Near(Vec<usize>),
    /// Words, where words were asked for.
    Words,
    /// Not an answer.
    Nothing,
}

impl Work<'_> {
    /// What the open question expects.
    pub(super) fn expected(&self, open: &Open) -> Expect {
        match open.asked {
            Asked::Step => self.asking().map_or(Expect::Choice, |ask| ask.expect),
            Asked::CarryOn | Asked::Which { .. } | Asked::Offers(_) => Expect::Choice,
            Asked::Offer(_) | Asked::Meant { .. } | Asked::Told { .. } => Expect::YesNo,
        }
    }

    /// Reads a message as an answer to the open question.
    pub(super) fn answer_in(&self, open: &Open, text: &str) -> Found {
        match self.expected(open) {
            Expect::Text => Found::Words,
            Expect::Language => {
                self.readings()
                    .find_map(|r| r.language_named(text))
                    .map_or(Found::Nothing, |tag| {
                        let label = as_named(text);
                        taken(Value::Item(Item { id: tag, label }))
                    })
            }
            Expect::Reference => {
                let bare = text.trim().parse::<u32>().ok();
                let number = self.readings().find_map(|r| r.reference(text)).or(bare);
                number.map_or(Found::Nothing, |n| taken(Value::Number(n.into())))
            }
            expect => {
                let mut found = self.chosen(open, text);
                // Where there is somewhere for them, words are kept rather too often than too seldom.
                let yields = self.asking().is_some_and(|ask| ask.yields);
                let bare = if expect == Expect::Pupil || yields || self.case().is_some() {
                    BARE_NAME
                } else {
                    BARE_CHOICE
                };
                if let Found::Taken { rest, .. } = &mut found
                    && rest.is_none()
                    && text.split_whitespace().count() > bare
                    && !self.is_a_label(open, text)
                {
                    *rest = Some(text.to_owned());
                }
                if matches!(found, Found::Taken { .. }) {
                    return found;
                }
                let read = match expect {
                    Expect::YesNo => yes_no(self.readings().take(2), text)
                        .map_or(Found::Nothing, |yes| taken(Value::Flag(yes))),
                    Expect::Pupil => self.child_in(open, text),
                    Expect::Slot => self.slot_in(open, text),
                    _ => self.value_in(open, expect, text),
                };
                if read == Found::Nothing { found } else { read }
            }
        }
    }

    /// Whether these are a choice's own words, however long it is: "how to reach me".
    fn is_a_label(&self, open: &Open, text: &str) -> bool {
        let said = text.trim().to_lowercase();
        open.choices
            .iter()
            .any(|c| self.label(c).to_lowercase() == said)
    }

    /// One of the numbered choices, by number, words or synonyms.
    fn chosen(&self, open: &Open, text: &str) -> Found {
        let expect = self.expected(open);
        let words = |reading| -> Vec<ChoiceWords> {
            let choices = open.choices.iter();
            choices
                .map(|c| self.words_for(reading, c, expect))
                .collect()
        };
        let count = open.choices.len();
        let (index, rest) = match choose_among(self.readings().take(2), count, words, text) {
            Choice::Exact(i) => (i, None),
            Choice::ExactWithMore(i, rest) => (i, Some(rest)),
            // All of them is no nearer than the question was.
            Choice::Near(some) if some.len() <= NEAR && some.len() < open.choices.len().max(2) => {
                return Found::Near(some);
            }
            Choice::Near(_) | Choice::None => return Found::Nothing,
        };
        open.choices
            .get(index)
            .map_or(Found::Nothing, |choice| Found::Taken {
                value: choice.value.clone(),
                then: choice.then.clone(),
                rest,
            })
    }

    /// A child's name among other words; the other words are kept. Where the children were not
    /// listed, a name we do not know is words about "someone else".
    fn child_in(&self, open: &Open, text: &str) -> Found {
        let Some(Value::List(children)) = self.facts.values.get("children") else {
            return Found::Nothing;
        };
        let named = child_among(self.readings().take(2), &labels(children), text);
        if named == Named::Refused {
            return Found::Nothing;
        }
        if let Named::One(one) = named
            && let Some(child) = children.get(one)
        {
            let more = text.split_whitespace().count() > BARE_NAME;
            return Found::Taken {
                value: Some(Value::Item(child.clone())),
                then: None,
                rest: more.then(|| text.to_owned()),
            };
        }
        if open.choices.is_empty()
            && let Some(ask) = self.asking()
        {
            return Found::Taken {
                value: None,
                then: ask.other.as_ref().map(|o| o.it.clone()),
                rest: Some(text.to_owned()),
            };
        }
        Found::Nothing
    }

    /// A day or a time that fits exactly one of the times offered.
    fn slot_in(&self, open: &Open, text: &str) -> Found {
        for reading in self.readings().take(2) {
            let date = reading.date(text, self.now.date());
            let time = reading.time(text);
            if date.is_none() && time.is_none() {
                continue;
            }
            let fits = |at: jiff::civil::DateTime| {
                date.is_none_or(|d| d == at.date()) && time.is_none_or(|t| t == at.time())
            };
            let mut fitting = open.choices.iter().filter(|c| match &c.label {
                crate::flow::conversation::Label::Slot(slot) => fits(slot.at),
                _ => false,
            });
            if let (Some(one), None) = (fitting.next(), fitting.next()) {
                return Found::Taken {
                    value: one.value.clone(),
                    then: one.then.clone(),
                    rest: None,
                };
            }
        }
        Found::Nothing
    }

    /// Takes an answer to the open question.
    pub(super) fn accept(
        &mut self,
        value: Option<Value>,
        then: Option<String>,
        rest: Option<String>,
    ) -> Result<(), Why> {
        let Some(open) = self.conv.open.take() else {
            return Ok(());
        };
        match open.asked {
            Asked::Step => {
                let way = self.way(value.as_ref(), then.as_deref());
                self.visit(&way);
                self.remember_place();
                let rest = match rest {
                    None if self.leads_away(then.as_deref()) => earlier(&open.unheard),
                    rest => rest,
                };
                self.conv.todo.extend(rest.map(Todo::Keep));
                let save = self.asking().and_then(|ask| ask.save.as_ref());
                if let (Some(save), Some(value)) = (save.map(|s| s.it.clone()), value) {
                    if self.expected(&open) == Expect::Language {
                        self.conv.language = Some(words_of(&value));
                    }
                    if let Some(frame) = self.conv.frames.last_mut() {
                        frame.answers.insert(save, value);
                    }
                }
                self.go_on(then)
            }
            Asked::CarryOn => self.carry_on(value),
            Asked::Offer(intent) => match value {
                Some(Value::Flag(true)) => {
                    self.conv.todo.extend(rest.map(Todo::Keep));
                    self.begin_intent(intent)
                }
                _ if open.text == "meant" => self.none_of_these(Some(intent)),
                _ => {
                    self.say("offer-declined", &Values::new());
                    self.conv.todo.extend(rest.map(Todo::Keep));
                    Ok(())
                }
            },
            Asked::Offers(mut intents) => {
                let chosen = match value {
                    Some(Value::Number(at)) => usize::try_from(at).ok(),
                    _ => None,
                };
                match chosen.filter(|at| *at < intents.len()) {
                    Some(at) => {
                        self.conv.todo.extend(rest.map(Todo::Keep));
                        self.begin_intent(intents.swap_remove(at))
                    }
                    None => self.none_of_these(intents.pop()),
                }
            }
            Asked::Meant { .. } | Asked::Which { .. } | Asked::Told { .. } => {
                self.settle_doubt(open, value, rest)
            }
        }
    }

    /// What the words were about was none of what was offered: the menu, and a person reads them.
    fn none_of_these(&mut self, intent: Option<Intent>) -> Result<(), Why> {
        self.begin(MENU, None, Values::new())?;
        if let Some(intent) = intent
            && intent.words.split_whitespace().count() >= SENTENCE
        {
            self.act_hand_over(intent.words, "more-words", None);
        }
        Ok(())
    }

    /// Which way an answer goes, as coverage names it.
    fn way(&self, value: Option<&Value>, then: Option<&str>) -> String {
        let Some(ask) = self.asking() else {
            return String::new();
        };
        match value.and_then(text_of) {
            Some(word) if ask.choices.iter().any(|c| c.value.it == word) => {
                format!("choice {word}")
            }
            None if then.is_some() && then == ask.other.as_ref().map(|o| o.it.as_str()) => {
                "other".to_owned()
            }
            _ => "answered".to_owned(),
        }
    }

    /// Whether a choice leads straight to another flow, which may begin with words said before.
    fn leads_away(&self, then: Option<&str>) -> bool {
        let step = self.conv.frames.last().zip(then).and_then(|(frame, then)| {
            let flow = self.bundle.flows.get(&frame.flow)?;
            flow.steps.get(then)
        });
        step.is_some_and(|step| matches!(step.act, Act::Goto(_)))
    }

    pub(super) fn begin_intent(&mut self, intent: Intent) -> Result<(), Why> {
        let with = super::run::words(&intent.words);
        self.begin(&intent.flow, intent.entry.as_deref(), with)
    }

    fn remember_place(&mut self) {
        self.conv.history.push(self.conv.frames.clone());
        if self.conv.history.len() > HISTORY {
            self.conv.history.remove(0);
        }
    }

    /// After "1 Carry on 2 Start something else".
    fn carry_on(&mut self, value: Option<Value>) -> Result<(), Why> {
        let late = self.conv.late.take();
        let wants = value
            .as_ref()
            .and_then(text_of)
            .is_some_and(|w| w == "carry-on");
        let Some(Late {
            frames,
            mut open,
            words,
        }) = late
        else {
            return self.begin(MENU, None, Values::new());
        };
        if !wants {
            self.conv.todo.extend(words.map(Todo::Keep));
            return self.begin(MENU, None, Values::new());
        }
        open.since = self.now;
        self.conv.frames = frames;
        let takes_words = self.expected(&open) == Expect::Text;
        self.conv.open = Some(open);
        match words {
            Some(words) if takes_words => self.accept(Some(Value::Text(words)), None, None),
            _ => {
                self.say_open(None);
                Ok(())
            }
        }
    }

    /// A message that is no answer: it costs a try, and after the last one a person takes over with
    /// everything that was said. What belongs to a case is added to it at once.
    /// `why` is what is said instead of the usual words.
    pub(super) fn not_understood(&mut self, text: &str, why: Option<&str>) -> Result<(), Why> {
        if self.follows_sealed(text) {
            return Ok(());
        }
        let ask = self.asking();
        let (limit, again, optional) = match ask {
            Some(ask) => (
                ask.tries,
                ask.again.as_ref().map(|a| a.it.clone()),
                ask.optional,
            ),
            None => (2, None, false),
        };
        if optional {
            let rest = Some(text.to_owned()).filter(|t| !t.is_empty());
            return self.accept(None, None, rest);
        }
        let hint = ask.and_then(|ask| ask.expect.hint());
        let free = self.free;
        let case = self.case();
        let Some(open) = &mut self.conv.open else {
            return Ok(());
        };
        if !free {
            open.tries += 1;
        }
        if open.tries >= limit {
            let words = Some(text.to_owned()).filter(|t| !t.is_empty());
            return self.bring_a_person("tries", words);
        }
        if !text.is_empty() {
            match case {
                // More of what they began with: it is in the case, and that is what they are told.
                Some(case) if text.split_whitespace().count() >= SENTENCE => {
                    self.act_add(case, text, Some("also-added"));
                    self.conv.todo.push_back(Todo::AskAgain);
                    return Ok(());
                }
                Some(case) => self.act_add(case, text, None),
                None => open.unheard.push(text.to_owned()),
            }
        }
        match (why, again) {
            (None, Some(again)) => self.say_open(Some(&again)),
            _ => {
                self.say(why.or(hint).unwrap_or("not-understood"), &Values::new());
                self.say_open(None);
            }
        }
        Ok(())
    }

    /// Hands over to a person, with every word that stands nowhere else.
    pub(super) fn bring_a_person(
        &mut self,
        reason: &str,
        words: Option<String>,
    ) -> Result<(), Why> {
        let case = self.case();
        let mut all: Vec<String> = Vec::new();
        if let Some(open) = self.conv.open.take() {
            all.extend(open.unheard);
        }
        all.extend(self.conv.remembered.drain(..).map(|i| i.words));
        all.extend(words);
        all.dedup();
        let mut with = Values::from([("reason".to_owned(), Value::Text(reason.to_owned()))]);
        if !all.is_empty() {
            with.insert("words".to_owned(), Value::Text(all.join("\n")));
        }
        with.extend(case.map(|case: Item| ("case".to_owned(), Value::Item(case))));
        self.begin(HAND_OVER, None, with)?;
        self.conv.handed_over = true;
        Ok(())
    }
}

/// What was not understood before "2" was: nobody is asked for the same words twice.
fn earlier(unheard: &[String]) -> Option<String> {
    let words = unheard.join("\n");
    let says_something = words.split_whitespace().count() >= BARE_NAME;
    says_something.then_some(words)
}

pub(super) fn taken(value: Value) -> Found {
    Found::Taken {
        value: Some(value),
        then: None,
        rest: None,
    }
}

/// A language as the person named it, the way a sentence shows it.
fn as_named(text: &str) -> String {
    let mut letters = text.trim().chars();
    let first = letters.next().into_iter().flat_map(char::to_uppercase);
    first.chain(letters).collect()
}

fn text_of(value: &Value) -> Option<String> {
    match value {
        Value::Text(text) => Some(text.clone()),
        _ => None,
    }
}
