//! Several answers in one message: "sam, 3H, reading".
//!
//! The parts that did not answer the open question wait for the questions that follow it in the same
//! turn. Only a certain answer is taken, and it is said back; everything else is asked as if nothing
//! had been there, and the words are kept as any words beside an answer are.

use super::answer::Found;
use super::hear::is_global;
use super::{Why, Work};
use crate::flow::conversation::{Open, Todo};
use crate::flow::definition::Expect;
use crate::flow::value::{Value, Values};
use crate::text::fold::fold;

/// More words than these are no bare name or choice.
const FEW: usize = 3;

impl Work<'_> {
    /// Keeps the parts of a message that did not answer this question for the next ones.
    pub(super) fn keep_for_later(&mut self, open: &Open, text: &str, value: Option<&Value>) {
        let parts = text.split([',', ';', '\n']).map(str::trim);
        let mut parts: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
        if parts.len() < 2 {
            return;
        }
        let answers = |part: &&str| match self.answer_in(open, part) {
            Found::Taken { value: own, .. } => own.as_ref() == value,
            Found::Told(own) => Some(&own) == value,
            _ => false,
        };
        // An answer that is spread over several parts leaves none of them.
        let Some(answer) = parts.iter().position(answers) else {
            return;
        };
        parts.remove(answer);
        self.conv.left = parts.into_iter().map(str::to_owned).collect();
    }

    /// Answers a question that is about to be asked from what was left of the message. `true` when
    /// it was answered, or is read back.
    pub(super) fn answer_from_left(&mut self, open: &Open) -> Result<bool, Why> {
        let certain = self.conv.left.iter().enumerate();
        let mut certain = certain.filter_map(|(at, part)| Some((at, self.certain(open, part)?)));
        let (Some((at, found)), None) = (certain.next(), certain.next()) else {
            return Ok(false);
        };
        let part = self.conv.left.remove(at);
        if self.conv.left.is_empty() {
            // Every part was an answer: nothing was said besides.
            let kept = self
                .conv
                .todo
                .iter()
                .position(|t| matches!(t, Todo::Keep(_)));
            kept.map(|at| self.conv.todo.remove(at));
        }
        match found {
            Found::Told(value) => self.read_back(open, value, &part),
            Found::Taken { value, then, .. } => {
                let choice = open.choices.iter().find(|c| c.value == value);
                let what = match (choice, &value) {
                    (Some(choice), _) => self.label(choice),
                    (None, Some(value)) => self.bundle.languages.value(self.tag(), value),
                    (None, None) => part,
                };
                let what = Values::from([("what".to_owned(), Value::Text(what))]);
                self.say("also-taken", &what);
                self.conv.open = Some(open.clone());
                self.accept(value, then, None)?;
            }
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// What a part of a message answers beyond doubt. Never a number or a yes: nobody has seen the
    /// question they would be the answer to.
    fn certain(&self, open: &Open, part: &str) -> Option<Found> {
        let expect = self.expected(open);
        let few = part.split_whitespace().count() <= FEW;
        if is_global(self.readings(), part) {
            return None;
        }
        let found = self.answer_in(open, part);
        let sure = match expect {
            Expect::Choice | Expect::DayPart => few && self.is_whole_choice(open, part),
            Expect::Pupil | Expect::Staff => few && part.chars().any(char::is_alphabetic),
            Expect::Date | Expect::Time | Expect::DateTime => matches!(found, Found::Told(_)),
            Expect::Phone | Expect::Email | Expect::Language => true,
            _ => false,
        };
        match found {
            Found::Taken {
                value: Some(_),
                rest: None,
                ..
            }
            | Found::Told(_)
                if sure =>
            {
                Some(found)
            }
            _ => None,
        }
    }

    /// Whether a part is nothing but the words of one choice.
    fn is_whole_choice(&self, open: &Open, part: &str) -> bool {
        let part = fold(part);
        let expect = self.expected(open);
        self.readings().take(2).any(|reading| {
            open.choices.iter().any(|choice| {
                let words = self.words_for(reading, choice, expect);
                std::iter::once(&words.label)
                    .chain(&words.synonyms)
                    .any(|word| fold(word) == part)
            })
        })
    }
}
