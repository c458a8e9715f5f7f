//! Doubts: "did you mean…?", and days and times that are read back before they count.
//!
//! Each is a question over the question it is about, which stands again when it is settled.

use super::answer::{BARE_CHOICE, Found};
use super::{Why, Work};
use crate::flow::conversation::{Asked, Intent, Label, Offered, Open};
use crate::flow::value::{Value, Values};

/// More than these are no "did you mean": the whole question is asked again.
pub(super) const NEAR: usize = 3;

impl Work<'_> {
    /// Asks which of these choices of the open question was meant.
    pub(super) fn ask_which(&mut self, open: &Open, near: &[usize], text: &str) {
        let offered = |at: &usize| open.choices.get(*at).map(|choice| (*at, choice));
        let near: Vec<(usize, &Offered)> = near.iter().filter_map(offered).collect();
        let over = Box::new(open.clone());
        let (asked, id, values, choices) = match near.as_slice() {
            [] => return,
            [(choice, offered)] => {
                let label = Value::Text(self.label(offered));
                (
                    Asked::Meant {
                        choice: *choice,
                        over,
                    },
                    "near",
                    Values::from([("choice".to_owned(), label)]),
                    super::ask::yes_no(),
                )
            }
            several => {
                let choice = |(at, offered): &(usize, &Offered)| Offered {
                    value: i64::try_from(*at).ok().map(Value::Number),
                    then: None,
                    ..(*offered).clone()
                };
                let mut choices: Vec<Offered> = several.iter().map(choice).collect();
                choices.push(something_else());
                (Asked::Which { over }, "near-which", Values::new(), choices)
            }
        };
        self.doubt(asked, id, values, choices, text);
    }

    /// Reads a day or a time back.
    pub(super) fn read_back(&mut self, open: &Open, value: Value, text: &str) {
        let values = Values::from([("told".to_owned(), value.clone())]);
        let over = Box::new(open.clone());
        let asked = Asked::Told { value, over };
        self.doubt(asked, "told", values, super::ask::yes_no(), text);
    }

    /// Asks which of these flows the words are about.
    pub(super) fn offer_several(&mut self, intents: Vec<Intent>) {
        let choice = |(at, intent): (usize, &Intent)| Offered {
            label: Label::Message(format!("topic-{}", intent.flow)),
            value: i64::try_from(at).ok().map(Value::Number),
            word: intent.flow.clone(),
            then: None,
        };
        let mut choices: Vec<Offered> = intents.iter().enumerate().map(choice).collect();
        choices.push(something_else());
        self.doubt(
            Asked::Offers(intents),
            "meant-which",
            Values::new(),
            choices,
            "",
        );
    }

    fn doubt(&mut self, asked: Asked, id: &str, values: Values, choices: Vec<Offered>, text: &str) {
        let unheard = Some(text.to_owned()).filter(|text| !text.is_empty());
        let nudged = asked.over().is_some_and(|over| over.nudged);
        self.conv.open = Some(Open {
            asked,
            text: id.to_owned(),
            values,
            choices,
            since: self.now,
            tries: 0,
            unheard: unheard.into_iter().collect(),
            nudged,
        });
        self.say_open(None);
    }

    /// The message that corrects what was read back: "no, friday". It answers the question anew.
    pub(super) fn corrects(&self, open: &Open, found: &Found, text: &str) -> bool {
        let Asked::Told { value, over } = &open.asked else {
            return false;
        };
        let refused = matches!(
            found,
            Found::Taken {
                value: Some(Value::Flag(false)),
                ..
            }
        );
        refused
            && text.chars().any(char::is_alphabetic)
            && matches!(self.answer_in(over, text), Found::Told(other) if other != *value)
    }

    /// A doubt is settled: the question beneath is answered, or stands again.
    pub(super) fn settle_doubt(
        &mut self,
        open: Open,
        value: Option<Value>,
        rest: Option<String>,
    ) -> Result<(), Why> {
        let said = open.unheard.join("\n");
        let nudged = open.nudged;
        let (mut over, meant, why) = match open.asked {
            Asked::Told { value: told, over } => {
                let right = value == Some(Value::Flag(true));
                (
                    over,
                    right.then_some((Some(told), None)),
                    Some("told-wrong"),
                )
            }
            Asked::Meant { choice, over } => {
                let right = value == Some(Value::Flag(true));
                let meant = over.choices.get(choice).filter(|_| right);
                let meant = meant.map(|m| (m.value.clone(), m.then.clone()));
                (over, meant, None)
            }
            Asked::Which { over } => {
                let choice = match value {
                    Some(Value::Number(at)) => usize::try_from(at).ok(),
                    _ => None,
                };
                let meant = choice.and_then(|at| over.choices.get(at));
                let meant = meant.map(|m| (m.value.clone(), m.then.clone()));
                (over, meant, None)
            }
            Asked::Step | Asked::CarryOn | Asked::Offer(_) | Asked::Offers(_) => return Ok(()),
        };
        over.nudged |= nudged;
        if let Some((value, _)) = &meant {
            self.keep_for_later(&over, &said, value.as_ref());
        }
        self.conv.open = Some(*over);
        match meant {
            Some((value, then)) => {
                let long = said.split_whitespace().count() > BARE_CHOICE;
                let rest = rest.or_else(|| long.then_some(said));
                self.accept(value, then, rest)
            }
            None => self.not_understood(&said, why),
        }
    }
}

/// The last choice of every doubt.
fn something_else() -> Offered {
    Offered {
        label: Label::Message("choice-other".to_owned()),
        value: None,
        word: "other".to_owned(),
        then: None,
    }
}
