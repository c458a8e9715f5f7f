//! The actions of a turn, carried out in its transaction.
//!
//! Each changes only the database and comes back with one of the outcomes it declares. An expected
//! conflict (a slot that went meanwhile) is an outcome, never an error.

mod board;
mod calls;
mod cases;
mod directory;
mod hand_over;
mod meetings;
mod notes;
mod open;
mod own;
mod reach;

use uuid::Uuid;

pub use hand_over::question_case;

use crate::deployment::{Deployment, Endpoint, Writer};
use crate::flow::action::Kind;
use crate::flow::conversation::Action;
use crate::flow::value::{Item, Value, Values};
use crate::store::{Lane, Message, NewEntry, Result, StoreError, Tx};

/// What came of an action.
#[derive(Debug, Clone)]
pub struct Outcome {
    /// One of the outcomes the action declares.
    pub name: String,
    /// The values it brings.
    pub values: Values,
}

/// What a turn is about while it is played: its message, and the case its words belong to.
#[derive(Debug, Default)]
pub struct Scene<'m> {
    message: Option<&'m Message>,
    sealed: bool,
    case: Option<Uuid>,
    /// The case of the flow that is going on, from an earlier turn.
    flow_case: Option<Uuid>,
    /// The message stands in a chronology already.
    stands: bool,
    /// The message is sealed and names staff: no other case learns of it.
    pub(super) apart: bool,
}

/// Everything an action may look at.
pub(super) struct Doing<'a> {
    pub d: &'a Deployment,
    pub endpoint: &'a Endpoint,
    pub lane: &'a mut Lane,
    pub writer: &'a Writer<'a>,
    pub inputs: &'a Values,
}

impl Doing<'_> {
    /// An input as words: text as it is, an item by its id.
    pub fn text(&self, name: &str) -> Option<&str> {
        match self.inputs.get(name)? {
            Value::Text(text) => Some(text),
            Value::Item(item) => Some(&item.id),
            _ => None,
        }
    }

    /// An input that names a row.
    pub fn id(&self, name: &str) -> Option<Uuid> {
        self.text(name).and_then(|t| Uuid::parse_str(t).ok())
    }

    /// A yes or no.
    pub fn flag(&self, name: &str) -> Option<bool> {
        match self.inputs.get(name)? {
            Value::Flag(flag) => Some(*flag),
            _ => None,
        }
    }

    /// The pupil an input names, if it is one of this writer's children.
    pub fn pupil(&self, name: &str) -> Option<&str> {
        let key = self.text(name)?;
        self.writer
            .children
            .iter()
            .find(|p| p.key == key)
            .map(|p| p.key.as_str())
    }
}

/// What an action is given: a day, a time or a number reads as the school reads it where words are
/// taken.
fn in_words(d: &Deployment, endpoint: &Endpoint, action: &Action) -> Values {
    let spec = crate::flow::action::find(&action.name);
    let takes_words = |name: &str| {
        let inputs = spec.map_or([].as_slice(), |spec| spec.inputs);
        inputs
            .iter()
            .any(|i| i.name == name && i.kind == Kind::Text)
    };
    let bundle = d.bundle();
    let tag = &endpoint.school.config.default_language;
    let inputs = action.inputs.iter().map(|(name, value)| {
        let value = match value {
            Value::Day(_) | Value::Clock(_) | Value::When(_) | Value::Number(_)
                if takes_words(name) =>
            {
                Value::Text(bundle.languages.value(tag, value))
            }
            other => other.clone(),
        };
        (name.clone(), value)
    });
    inputs.collect()
}

/// An outcome and its values.
pub(super) fn outcome<const N: usize>(name: &str, values: [(&str, Value); N]) -> Outcome {
    Outcome {
        name: name.to_owned(),
        values: super::lane::values(values),
    }
}

impl<'m> Scene<'m> {
    /// A turn that reads a message.
    pub fn of_message(message: &'m Message, sealed: bool) -> Self {
        Self {
            message: Some(message),
            sealed,
            case: None,
            flow_case: None,
            stands: sealed,
            apart: false,
        }
    }

    /// A turn that the desk or a timer begins, about a case.
    pub fn of_cue(case: Option<Uuid>) -> Self {
        Self {
            case,
            ..Self::default()
        }
    }

    /// The message's id.
    pub fn message(&self) -> Option<Uuid> {
        self.message.map(|m| m.id)
    }

    /// Whether the message stands in a chronology.
    pub fn stands(&self) -> bool {
        self.stands
    }

    /// The case this turn belongs to.
    pub fn case(&self) -> Option<Uuid> {
        self.case
    }

    /// Whether the message hit the screen.
    pub fn sealed(&self) -> bool {
        self.sealed
    }

    /// Says which case this turn's words belong to, where no action has.
    pub fn belongs_to(&mut self, case: &Item) {
        if self.case.is_none() {
            self.case = Uuid::parse_str(&case.id).ok();
        }
    }

    /// Says which case the flow is about that asks for an action.
    pub fn in_flow(&mut self, case: Option<&Item>) {
        self.flow_case = case.and_then(|c| Uuid::parse_str(&c.id).ok());
    }

    /// Carries out one action.
    pub async fn perform(
        &mut self,
        d: &Deployment,
        tx: &mut Tx,
        endpoint: &Endpoint,
        lane: &mut Lane,
        writer: &Writer<'_>,
        action: &Action,
    ) -> Result<Outcome> {
        let inputs = in_words(d, endpoint, action);
        let mut doing = Doing {
            d,
            endpoint,
            lane,
            writer,
            inputs: &inputs,
        };
        let doing = &mut doing;
        match action.name.as_str() {
            "add-note" => self.add_note(tx, doing).await,
            "add-to-case" => self.add_to_case(tx, doing).await,
            "answer" => self.answer(tx, doing).await,
            "book" => self.book(tx, doing).await,
            "cancel" => self.cancel(tx, doing).await,
            "case-status" => self.case_status(tx, doing).await,
            "find-contact" => directory::find_contact(tx, doing).await,
            "find-events" => Ok(board::find_events(tx, doing)),
            "find-homework" => Ok(board::find_homework(tx, doing)),
            "find-meetings" => self.find_meetings(tx, doing).await,
            "find-service" => directory::find_service(tx, doing).await,
            "find-slots" => self.find_slots(tx, doing).await,
            "forward" => self.forward(tx, doing).await,
            "hand-over" => self.hand_over(tx, doing).await,
            "open-case" => self.open_case(tx, doing).await,
            "pass-on" => self.pass_on(tx, doing).await,
            "request-callback" => self.request_callback(tx, doing).await,
            "rsvp" => self.rsvp(tx, doing).await,
            "save-passport" => self.save_passport(tx, doing).await,
            "send-record" => self.send_record(tx, doing).await,
            "subscribe" => reach::subscribe(tx, doing).await,
            "wrong-number" => self.wrong_number(tx, doing).await,
            other => Err(StoreError::Unreadable {
                what: "an action",
                why: format!("`{other}` is not known to this version"),
            }),
        }
    }

    /// Writes the message, if no action has, and what was said into the case they belong to.
    pub async fn write_down<'t>(
        &mut self,
        tx: &mut Tx,
        says: impl Iterator<Item = &'t str>,
    ) -> Result<()> {
        let Some(case) = self.case else { return Ok(()) };
        self.write_message(tx, case).await?;
        for text in says {
            tx.append(
                case,
                &NewEntry::new("message-out", "schoolgate", text).to_adult(),
            )
            .await?;
        }
        Ok(())
    }

    /// The message, word for word, once.
    async fn write_message(&mut self, tx: &mut Tx, case: Uuid) -> Result<()> {
        if let (Some(message), false) = (self.message, self.stands) {
            // What the screen could not read stands in the case that it found or opened.
            if !tx.holds(case, message.id).await? {
                crate::inbox::media::write_message(tx, case, message).await?;
            }
            self.stands = true;
        }
        Ok(())
    }
}
