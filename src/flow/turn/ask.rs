//! Questions: what is offered, how it is numbered, how it reads.

use super::{Why, Work};
use crate::flow::conversation::{Asked, Label, Offered, Open, Say};
use crate::flow::definition::{Ask, At, Expect, Given};
use crate::flow::value::{Value, Values};

impl<'a> Work<'a> {
    /// Asks the question of the present step and waits.
    pub(super) fn ask(&mut self, ask: &Ask) -> Result<(), Why> {
        let by_name = ask.expect == Expect::Pupil && !self.is_fact("children-listed");
        let choices = if by_name {
            Vec::new()
        } else {
            self.offered(ask)?
        };
        if ask.expect.wants_people() && !by_name && choices.iter().all(|c| c.value.is_none()) {
            // Nobody to choose: "someone else" is the only answer.
            self.visit("other");
            return self.go_on(ask.other.as_ref().map(|o| o.it.clone()));
        }
        let text = match &ask.unlisted {
            Some(unlisted) if by_name => unlisted,
            _ => &ask.text,
        };
        let open = Open {
            asked: Asked::Step,
            text: text.it.clone(),
            values: Values::new(),
            choices,
            since: self.now,
            tries: 0,
            unheard: Vec::new(),
            nudged: false,
        };
        if self.answer_from_left(&open)? {
            return Ok(());
        }
        self.conv.open = Some(open);
        self.say_open(None);
        Ok(())
    }

    fn offered(&self, ask: &Ask) -> Result<Vec<Offered>, Why> {
        let mut all: Vec<Offered> = match ask.expect {
            Expect::Choice => ask
                .choices
                .iter()
                .map(|c| Offered {
                    label: Label::Message(c.label.it.clone()),
                    value: Some(Value::Text(c.value.it.clone())),
                    word: c.value.it.clone(),
                    then: c.then.as_ref().map(|t| t.it.clone()),
                })
                .collect(),
            Expect::YesNo => yes_no(),
            Expect::Pupil => self.listed("children")?,
            Expect::Slot | Expect::Meeting | Expect::Service | Expect::Item => match &ask.from {
                Some(from) => match &from.it {
                    Given::Name { name, .. } => self.listed(name)?,
                    _ => return Err(Why::NothingToChoose),
                },
                None => return Err(Why::NothingToChoose),
            },
            Expect::Staff => match &ask.from {
                Some(At {
                    it: Given::Name { name, .. },
                    ..
                }) => self.listed(name)?,
                _ => self.listed("staff")?,
            },
            Expect::DayPart => self.day_parts(),
            Expect::Text
            | Expect::Language
            | Expect::Reference
            | Expect::Number
            | Expect::Date
            | Expect::Time
            | Expect::DateTime
            | Expect::Phone
            | Expect::Email
            | Expect::PhotoOrVoice => Vec::new(),
        };
        if let Some(other) = &ask.other {
            all.push(Offered {
                label: Label::Message(ask.expect.other_label().to_owned()),
                value: None,
                word: if ask.expect == Expect::Pupil {
                    "someone-else"
                } else {
                    "other"
                }
                .to_owned(),
                then: Some(other.it.clone()),
            });
        }
        if ask.expect.wants_list() && all.is_empty() {
            return Err(Why::NothingToChoose);
        }
        Ok(all)
    }

    fn listed(&self, name: &str) -> Result<Vec<Offered>, Why> {
        match self.find(name) {
            Some(Value::List(items)) => Ok(items
                .iter()
                .map(|item| Offered {
                    label: Label::Words(item.label.clone()),
                    word: item.id.clone(),
                    value: Some(Value::Item(item.clone())),
                    then: None,
                })
                .collect()),
            Some(Value::Slots(slots)) => Ok(slots
                .iter()
                .map(|slot| Offered {
                    label: Label::Slot(slot.clone()),
                    word: slot.id.clone(),
                    value: Some(Value::Item(crate::flow::value::Item {
                        id: slot.id.clone(),
                        label: self.bundle.languages.slot(self.tag(), slot),
                    })),
                    then: None,
                })
                .collect()),
            Some(_) => Err(Why::NothingToChoose),
            None => Err(Why::NotSet(name.to_owned())),
        }
    }

    /// What a choice shows, in the person's language.
    pub(super) fn label(&self, offered: &Offered) -> String {
        let languages = &self.bundle.languages;
        match &offered.label {
            Label::Message(id) => languages.say_with(self.tag(), id, &|name| self.find(name)),
            Label::Words(words) => words.clone(),
            Label::Slot(slot) => languages.slot(self.tag(), slot),
        }
    }

    /// Says the open question, with its choices numbered; `again` is a text to say it with instead.
    /// A question that was said earlier in this turn moves to the end.
    pub(super) fn say_open(&mut self, again: Option<&str>) {
        let Some(open) = &self.conv.open else {
            return;
        };
        let id = again.unwrap_or(&open.text).to_owned();
        let (numbered, buttons) = self.numbered();
        let choices = Value::Text(numbered.clone());
        let languages = &self.bundle.languages;
        let mut text = languages.say_with(self.tag(), &id, &|name| match name {
            "choices" => Some(&choices),
            _ => open.values.get(name).or_else(|| self.find(name)),
        });
        if !numbered.is_empty() && !self.places_choices(&id) {
            text = format!("{text} {numbered}");
        }
        let say = Say { id, text, buttons };
        self.conv.says.retain(|earlier| *earlier != say);
        self.conv.says.push(say);
    }

    /// The choices of the open question as a text shows them, and as buttons.
    pub(super) fn numbered(&self) -> (String, Vec<(String, String)>) {
        let choices = self.conv.open.iter().flat_map(|open| &open.choices);
        let buttons: Vec<(String, String)> = choices
            .enumerate()
            .map(|(i, c)| (self.label(c), (i + 1).to_string()))
            .collect();
        let numbered: Vec<String> = buttons
            .iter()
            .map(|(label, number)| format!("{number} {label}"))
            .collect();
        (numbered.join(" "), buttons)
    }

    /// Whether a text has a place for the choices; otherwise they follow it.
    pub(super) fn places_choices(&self, id: &str) -> bool {
        let said = self.bundle.languages.said(self.tag(), id);
        said.is_some_and(|m| m.variables.contains("choices"))
    }

    /// The question of the present step, when it is a step that asks.
    pub(super) fn asking(&self) -> Option<&'a Ask> {
        self.conv.asking(self.bundle)
    }
}

/// Yes and no, as choices.
pub(super) fn yes_no() -> Vec<Offered> {
    [("yes", true), ("no", false)]
        .into_iter()
        .map(|(word, flag)| Offered {
            label: Label::Message(format!("choice-{word}")),
            value: Some(Value::Flag(flag)),
            word: word.to_owned(),
            then: None,
        })
        .collect()
}
