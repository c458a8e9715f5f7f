//! Every text fits into one message, in the alphabet that costs least.

use super::*;
use crate::flow::check::{is_sent, sample};
use crate::flow::definition::{Act, Expect};
use crate::text::gsm7;
use crate::text::language::split_part;

/// The longest value a demo school would fill in.
fn filled(name: &str) -> Value {
    match name {
        "choices" => {
            text("1 Thu 3 Dec 3.30pm 2 Mon 7 Dec 8.40am 3 By phone Wed 9 Dec 3.30pm 4 Other times")
        }
        _ => sample(name, &facts().values),
    }
}

#[test]
fn every_english_text_fits_into_one_message_of_the_small_alphabet() {
    let languages = &BUNDLE.languages;
    // Texts with choices are measured with their own choices in the next test.
    let mut measured = 0;
    for (id, message) in languages.messages("en") {
        // The school's own screens, pages and letters are not texts to phones.
        if !is_sent(id) || message.variables.contains("choices") {
            continue;
        }
        let mut values = Values::new();
        for name in &message.variables {
            let base = split_part(name).map_or(name.as_str(), |(base, _)| base);
            values.insert(base.to_owned(), filled(base));
        }
        let said = languages.say("en", id, &values);
        assert!(gsm7::fits(&said), "{id}: {said}");
        assert!(said.len() <= 160, "{id} is {} long: {said}", said.len());
        measured += 1;
    }
    assert!(measured > 80, "only {measured} texts were found");
}

#[test]
fn questions_with_their_own_choices_fit_too() {
    let languages = &BUNDLE.languages;
    for flow in BUNDLE.flows.values() {
        for step in flow.steps.values() {
            let Act::Ask(ask) = &step.act else { continue };
            let choices = match ask.expect {
                Expect::Choice => ask
                    .choices
                    .iter()
                    .enumerate()
                    .map(|(i, c)| {
                        format!(
                            "{} {}",
                            i + 1,
                            languages.say("en", &c.label.it, &Values::new())
                        )
                    })
                    .collect::<Vec<_>>()
                    .join(" "),
                Expect::Slot | Expect::Meeting => match filled("choices") {
                    Value::Text(choices) => choices,
                    _ => String::new(),
                },
                Expect::YesNo => "1 Yes 2 No".to_owned(),
                _ => continue,
            };
            for id in [Some(&ask.text), ask.again.as_ref()].into_iter().flatten() {
                let message = languages.message("en", &id.it).unwrap();
                let mut values = Values::from([("choices".to_owned(), text(&choices))]);
                for name in message.variables.iter().filter(|n| *n != "choices") {
                    let base = split_part(name).map_or(name.as_str(), |(base, _)| base);
                    values.insert(base.to_owned(), filled(base));
                }
                if ask.expect == Expect::Slot {
                    values.insert(
                        "who".to_owned(),
                        Value::Everyone(names(&["Mrs Okafor", "Mrs Cole"])),
                    );
                }
                let mut said = languages.say("en", &id.it, &values);
                if !message.variables.contains("choices") {
                    said = format!("{said} {choices}");
                }
                assert!(
                    gsm7::fits(&said) && said.len() <= 160,
                    "{} is {}: {said}",
                    id.it,
                    said.len()
                );
            }
        }
    }
}

#[test]
fn adults_who_are_not_checked_get_the_same_texts_letter_for_letter() {
    // Why somebody has not been checked is no fact: what differs between them must not show.
    let unknown = unchecked();
    let mut restricted = unchecked();
    restricted
        .values
        .insert("council".to_owned(), text("Camden"));
    restricted.values.remove("council");
    restricted
        .values
        .insert("children-listed".to_owned(), Value::Flag(false));
    for opening in [
        "hello",
        "im worried about sam, not sleeping",
        "I want a meeting with his teacher",
        "who is his teacher",
        "CHANGE",
        "please do not let his mum collect him today",
    ] {
        let mut one = Story::new(unknown.clone());
        let mut other = Story::new(restricted.clone());
        for words in [opening, "sam in 3H", "1", "2"] {
            let said = one.hears(words);
            assert_eq!(said, other.hears(words), "{opening} / {words}");
            for text in &said {
                for never in ["Hughes", "Sam", "3H", "class teacher"] {
                    assert!(!text.contains(never), "{text}");
                }
            }
        }
    }
}
