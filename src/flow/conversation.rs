//! Where one person is in their conversation: what is stored between two messages.
//!
//! It is data only. It holds words a person sent only until an action has put them into a record.

use std::collections::VecDeque;

use jiff::civil::DateTime;
use serde::{Deserialize, Serialize};

use super::bundle::Bundle;
use super::definition::{Act, Ask, Expect};
use super::value::{Item, Slot, Value, Values};

/// The shape of the stored state. A state of another version is not guessed at: a person takes over.
pub const VERSION: u32 = 1;

/// What came with a message and is not words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Media {
    /// A picture.
    Photo,
    /// A recording of somebody's voice.
    Voice,
    /// Another file.
    File,
}

impl Media {
    /// What a provider's content type stands for.
    pub fn of(content_type: &str) -> Self {
        match content_type.split('/').next() {
            Some("image") => Self::Photo,
            Some("audio") => Self::Voice,
            _ => Self::File,
        }
    }

    /// The word a condition compares, and the end of the name of its text.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Photo => "photo",
            Self::Voice => "voice",
            Self::File => "file",
        }
    }
}

/// One person's conversation.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Conversation {
    /// [`VERSION`] when it was stored.
    pub version: u32,
    /// The hash of the bundle it is played by; follows the newest while nothing is going on.
    pub bundle: String,
    /// The language the person chose, as a tag; also one we have no texts in.
    pub language: Option<String>,
    /// The flows it is in, innermost last.
    pub frames: Vec<Frame>,
    /// The question that waits for an answer.
    pub open: Option<Open>,
    /// Where it stood at earlier questions, for `back`; never reaches across an action.
    pub history: Vec<Vec<Frame>>,
    /// What else the person asked for, to be offered when the present flow has ended.
    pub remembered: Vec<Intent>,
    /// What is still to do before the turn is over.
    pub todo: VecDeque<Todo>,
    /// What has been said in this turn so far.
    pub says: Vec<Say>,
    /// What the outcome of the action under way is for.
    pub pending: Option<Pending>,
    /// The case of this conversation: words said beside an answer go there.
    pub case: Option<Item>,
    /// Where it stood when its question expired.
    pub late: Option<Late>,
    /// The screen took a message of this flow: no nudge, no reminder, no "carry on?".
    pub sealed: bool,
    /// A person has taken over since the last flow.
    pub handed_over: bool,
    /// The case in whose thread the person was told who reads them.
    pub told: Option<String>,
    /// Parts of the message that did not answer its question; the next questions try them.
    #[serde(default)]
    pub left: Vec<String>,
}

/// One flow under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Frame {
    /// The flow.
    pub flow: String,
    /// The step it is at.
    pub step: String,
    /// What it knows.
    pub answers: Values,
    /// What happens when it ends.
    pub over: Over,
}

/// What happens when a flow ends.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Over {
    /// The conversation rests.
    Rest,
    /// The flow that called it goes on, with these names brought back.
    Return(Vec<String>),
    /// The question it came in the middle of is asked again.
    Ask(Box<Open>),
}

/// A question that waits.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Open {
    /// Who asks: a step, or the engine itself.
    pub asked: Asked,
    /// The text's message.
    pub text: String,
    /// What the text says, where it is the engine's own.
    pub values: Values,
    /// The numbered choices as they were offered.
    pub choices: Vec<Offered>,
    /// When it was asked.
    pub since: DateTime,
    /// How many messages were not understood.
    pub tries: u8,
    /// Those messages.
    pub unheard: Vec<String>,
    /// Its one reminder has been sent.
    #[serde(default)]
    pub nudged: bool,
}

/// Who asks a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Asked {
    /// The step of the innermost flow.
    Step,
    /// "1 Carry on 2 Start something else", after an expiry.
    CarryOn,
    /// "You also asked about…".
    Offer(Intent),
    /// "Did you mean…?", over the question it is about.
    Meant {
        /// The choice it may have been.
        choice: usize,
        /// The question.
        over: Box<Open>,
    },
    /// "Did you mean one of these?", over the question whose choices they are.
    Which {
        /// The question.
        over: Box<Open>,
    },
    /// "Is this about one of these?", of words that may be about several things.
    Offers(Vec<Intent>),
    /// "Thu 3 Dec. Is that right?", over the question it answers.
    Told {
        /// What was understood.
        value: Value,
        /// The question.
        over: Box<Open>,
    },
}

impl Asked {
    /// The question that this one is only a doubt about.
    pub fn over(&self) -> Option<&Open> {
        match self {
            Self::Meant { over, .. } | Self::Which { over } | Self::Told { over, .. } => Some(over),
            Self::Step | Self::CarryOn | Self::Offer(_) | Self::Offers(_) => None,
        }
    }
}

/// One numbered choice, as it was offered.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offered {
    /// What it shows.
    pub label: Label,
    /// What choosing it means; nothing for "none of these".
    pub value: Option<Value>,
    /// The word whose synonyms also choose it.
    pub word: String,
    /// The step it leads to, when not the question's own next.
    pub then: Option<String>,
}

/// What a choice shows. Kept unrendered, so that it can be shown again in another language.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Label {
    /// A text.
    Message(String),
    /// A name.
    Words(String),
    /// A time.
    Slot(Slot),
}

/// Something a person asked for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Intent {
    /// The flow.
    pub flow: String,
    /// Its entry.
    pub entry: Option<String>,
    /// The message.
    pub words: String,
}

/// Where a conversation stood when its question expired.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Late {
    /// The flows.
    pub frames: Vec<Frame>,
    /// The question.
    pub open: Open,
    /// What the person wrote when they came back, if it was more than a number.
    pub words: Option<String>,
}

/// Something the engine still does in this turn, after what is under way.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Todo {
    /// Says a text.
    Say(String, Values),
    /// Has an action done, then says a text with what it brought.
    Act(Action, Option<String>),
    /// Begins a flow, in the middle of what is going on.
    Begin {
        /// The flow.
        flow: String,
        /// Its entry.
        entry: Option<String>,
        /// What it is given.
        with: Values,
    },
    /// Asks the open question again.
    AskAgain,
    /// Keeps words that were said beside an answer.
    Keep(String),
}

/// What the outcome of an action is for.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Pending {
    /// The step of the innermost flow.
    Step(String),
    /// The engine, which says a text then.
    Engine(String, Option<String>),
}

/// Something to be done in the world.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Action {
    /// The action, see [`super::action`].
    pub name: String,
    /// What it is given.
    pub inputs: Values,
}

/// One text to the person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Say {
    /// The message it was made of; several joined by `+` when they fitted into one text.
    pub id: String,
    /// The text.
    pub text: String,
    /// What a channel with buttons may show: label, and the answer a press stands for.
    pub buttons: Vec<(String, String)>,
}

/// A stored state that this program cannot read.
#[derive(Debug, thiserror::Error)]
#[error("a stored conversation cannot be read: {0}")]
pub struct Unreadable(String);

impl Conversation {
    /// A conversation in which nothing has been said.
    pub fn new(bundle: &Bundle) -> Self {
        Self {
            version: VERSION,
            bundle: bundle.hash.clone(),
            language: None,
            frames: Vec::new(),
            open: None,
            history: Vec::new(),
            remembered: Vec::new(),
            todo: VecDeque::new(),
            says: Vec::new(),
            pending: None,
            case: None,
            late: None,
            sealed: false,
            handed_over: false,
            told: None,
            left: Vec::new(),
        }
    }

    /// A state as it was stored.
    ///
    /// # Errors
    /// When it is of another version or damaged: hand over to a person, with the words.
    pub fn from_json(json: &str) -> Result<Self, Unreadable> {
        let state: Self = serde_json::from_str(json).map_err(|e| Unreadable(e.to_string()))?;
        if state.version == VERSION {
            Ok(state)
        } else {
            Err(Unreadable(format!(
                "it is of version {}, and this program reads {VERSION}",
                state.version
            )))
        }
    }

    /// The state as it is stored.
    ///
    /// # Errors
    /// Never in practice: every part of it can be written as JSON.
    pub fn to_json(&self) -> Result<String, Unreadable> {
        serde_json::to_string(self).map_err(|e| Unreadable(e.to_string()))
    }

    /// Nothing waits and nothing is under way: the newest bundle may take over.
    pub fn is_idle(&self) -> bool {
        self.frames.is_empty()
            && self.open.is_none()
            && self.pending.is_none()
            && self.late.is_none()
    }

    /// The question of the innermost flow's step, when it is a step that asks.
    pub fn asking<'b>(&self, bundle: &'b Bundle) -> Option<&'b Ask> {
        let frame = self.frames.last()?;
        let step = bundle.flows.get(&frame.flow)?.steps.get(&frame.step)?;
        match &step.act {
            Act::Ask(ask) => Some(ask),
            _ => None,
        }
    }

    /// Which of the things that came with a message answers the open question: anything where a
    /// photo or a voice message was asked for, a voice message where words were.
    pub fn takes(&self, bundle: &Bundle, media: &[Media]) -> Option<Media> {
        let open = self.open.as_ref()?;
        if open.asked != Asked::Step {
            return None;
        }
        match self.asking(bundle)?.expect {
            Expect::PhotoOrVoice => media.first().copied(),
            Expect::Text => media.iter().copied().find(|m| *m == Media::Voice),
            _ => None,
        }
    }

    /// When the open question expires, on the school's clock.
    pub fn expires(&self, bundle: &Bundle) -> Option<DateTime> {
        let open = self.open.as_ref()?;
        let flow = self.frames.last().and_then(|f| bundle.flows.get(&f.flow));
        let own = self.asking(bundle).map(|ask| ask.expires);
        let minutes = own.or(flow.map(|f| f.expires)).unwrap_or(24 * 60);
        open.since
            .checked_add(jiff::SignedDuration::from_mins(minutes))
            .ok()
    }

    /// When the person is reminded of the open question, on the school's clock: once, and never of
    /// one that belongs to a message the screen took.
    pub fn nudges(&self, bundle: &Bundle) -> Option<DateTime> {
        let open = self.open.as_ref()?;
        let of_a_step = matches!(open.asked, Asked::Step) || open.asked.over().is_some();
        if self.sealed || open.nudged || !of_a_step {
            return None;
        }
        let nudge = self.asking(bundle)?.nudge.as_ref()?;
        open.since
            .checked_add(jiff::SignedDuration::from_mins(nudge.it.after))
            .ok()
    }

    /// Words that stand nowhere but here: whoever gives up on this state hands them to a person.
    pub fn words(&self) -> Vec<String> {
        let heard = self
            .frames
            .iter()
            .filter_map(|f| match f.answers.get("words") {
                Some(Value::Text(words)) => Some(words.clone()),
                _ => None,
            });
        let unheard = self.open.iter().flat_map(|o| o.unheard.iter().cloned());
        let kept = self.todo.iter().filter_map(|t| match t {
            Todo::Keep(words) => Some(words.clone()),
            _ => None,
        });
        let intents = self.remembered.iter().map(|i| i.words.clone());
        let late = self.late.iter().filter_map(|l| l.words.clone());
        let mut all: Vec<String> = Vec::new();
        for words in heard.chain(unheard).chain(kept).chain(intents).chain(late) {
            if !words.is_empty() && !all.contains(&words) {
                all.push(words);
            }
        }
        all
    }
}
