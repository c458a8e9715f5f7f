//! Whether texts are easy to read: warnings, from each language's `plain.toml`.

use std::collections::BTreeSet;

use super::cost::is_sent;
use crate::fault::Fault;
use crate::flow::bundle::Parts;
use crate::flow::definition::Act;
use crate::text::language::Message;
use crate::text::plain::{Hard, Plain};
use crate::text::value::Value;

/// Warns of what is hard to read in every language that has a `plain.toml`.
pub fn warn(parts: &Parts, faults: &mut Vec<Fault>) {
    let asked = asked(parts);
    for (tag, plain) in &parts.plain {
        for (id, message) in parts.languages.messages(tag) {
            // Staff know the words of their work.
            if !is_sent(id) || id.starts_with("staff-") {
                continue;
            }
            // A value counts as one word: how long a name is, is not the text's fault.
            let filled = Value::Text("1".to_owned());
            let text = parts.languages.say_with(tag, id, &|_| Some(&filled));
            hard(plain, tag, id, message, &text, faults);
            if asked.contains(id) && plain.questions(&text) > 1 {
                faults.push(Fault::warning(
                    &message.file,
                    message.span.clone(),
                    format!("the text `{id}` ({tag}) asks two things at once"),
                    "ask one, and the other in a step of its own",
                ));
            }
        }
    }
}

fn hard(
    plain: &Plain,
    tag: &str,
    id: &str,
    message: &Message,
    text: &str,
    faults: &mut Vec<Fault>,
) {
    for hard in plain.hard(text) {
        let (what, remedy) = match hard {
            Hard::Long(count, sentence) => {
                let begins: Vec<&str> = sentence.split_whitespace().take(4).collect();
                (
                    format!(
                        "has a sentence of {count} words: \"{} …\"",
                        begins.join(" ")
                    ),
                    "make two sentences of it".to_owned(),
                )
            }
            Hard::Word(word, plainer) => (
                format!("says \"{word}\""),
                match plainer.as_str() {
                    "" => "leave it out".to_owned(),
                    plainer => format!("plainer: \"{plainer}\""),
                },
            ),
            Hard::Letters(letters) => (
                format!("does not say what {letters} is"),
                format!(
                    "write the words, or add {letters} to [letters] of locales/{tag}/plain.toml"
                ),
            ),
        };
        faults.push(Fault::warning(
            &message.file,
            message.span.clone(),
            format!("the text `{id}` ({tag}) {what}"),
            remedy,
        ));
    }
}

/// The texts that ask something.
fn asked(parts: &Parts) -> BTreeSet<&str> {
    let steps = parts.flows.values().flat_map(|flow| flow.steps.values());
    let asks = steps.filter_map(|step| match &step.act {
        Act::Ask(ask) => Some(ask),
        _ => None,
    });
    let texts = asks.flat_map(|ask| [Some(&ask.text), ask.again.as_ref(), ask.unlisted.as_ref()]);
    texts.flatten().map(|text| text.it.as_str()).collect()
}
