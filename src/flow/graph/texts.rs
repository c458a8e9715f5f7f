//! What a flow says, step by step, in one language beside the other.

use crate::flow::check::texts_of;
use crate::flow::definition::Flow;
use crate::flow::value::{Value, Values};
use crate::text::language::Languages;

/// What one step says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StepTexts {
    /// The step's name.
    pub step: String,
    /// Its texts, in the order in which they may be said.
    pub texts: Vec<Text>,
}

/// One text in several languages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Text {
    /// Its name, as the files have it.
    pub id: String,
    /// The tag of each language, and its words there; `None` where it has none, and the English ones
    /// are said.
    pub said: Vec<(String, Option<String>)>,
}

/// The texts of the steps of a flow that say something, by the names of the steps.
pub fn texts(flow: &Flow, languages: &Languages, tags: &[&str]) -> Vec<StepTexts> {
    let steps = flow.steps.iter().map(|(name, step)| {
        let texts = texts_of(step).into_iter().map(|(id, _)| Text {
            id: id.it.clone(),
            said: tags
                .iter()
                .map(|tag| ((*tag).to_owned(), said(languages, tag, &id.it)))
                .collect(),
        });
        StepTexts {
            step: name.clone(),
            texts: texts.collect(),
        }
    });
    steps.filter(|step| !step.texts.is_empty()).collect()
}

/// A text with the names of its values where they would be filled in.
fn said(languages: &Languages, tag: &str, id: &str) -> Option<String> {
    let message = languages.message(tag, id)?;
    let name = |name: &String| {
        let words = format!("[{}]", name.replace('-', " "));
        (name.clone(), Value::Text(words))
    };
    let values: Values = message.variables.iter().map(name).collect();
    Some(languages.say(tag, id, &values))
}
