//! Every text fits into one message, in the alphabet that costs least.

use super::*;
use crate::flow::definition::{Act, Expect};
use crate::text::gsm7;
use crate::text::language::split_part;

/// The longest value a demo school would fill in.
fn filled(name: &str) -> Value {
    if let Some(fact) = facts().values.get(name) {
        return fact.clone();
    }
    match name {
        "told" => Value::When(date(2026, 12, 3).at(15, 30, 0, 0)),
        "what" => text("Independent advice"),
        "case" => Value::Item(item("x", "C-1042")),
        "who" => Value::Anyone(names(&["Mrs Cole", "Mr Hughes"])),
        "by" | "at" | "since" => Value::When(date(2026, 12, 3).at(15, 30, 0, 0)),
        "pupil" => Value::Item(item("x", "Ayaan")),
        "teacher" => text("Mrs Okafor"),
        "meeting" => Value::Item(item("x", "By phone Wed 9 Dec 3.30pm")),
        "minutes" => Value::Number(30),
        "person" => text("Mrs Adeyemi"),
        "topic" => text("a worry about your child"),
        "name" => text("Camden SENDIASS"),
        "place" => text("the Year 1 room"),
        "language-name" => text("Somali"),
        "reach" => text("0800 064 4488, councilfordisabledchildren.org.uk"),
        "choice" => text("Independent advice"),
        "named" => text("somali"),
        "out-of-hours-who" => text("Camden"),
        "out-of-hours-phone" => text("020 7974 4444"),
        "reference" => text("C-1042"),
        "code" => text("7294"),
        "class" => text("3H"),
        "kind" => text("concern"),
        "link" => text("https://k.example/c/1042"),
        "list" => text("C-1042 (7294), C-1043 (7295)"),
        "count" => Value::Number(2),
        "family" => text("Amina Yusuf (Sam, 3H)"),
        "words" => text("I will ring at 3 today."),
        "choices" => {
            text("1 Thu 3 Dec 3.30pm 2 Mon 7 Dec 8.40am 3 By phone Wed 9 Dec 3.30pm 4 Other times")
        }
        "absence-phone" => text("020 7946 0124"),
        "complaints-link" => text("kingfisher.example/complaints"),
        "parent-view-link" => text("parentview.ofsted.gov.uk"),
        "head" => text("Mr Wright"),
        "event" => Value::Item(item("x", "Online safety workshop, Tue 8 Dec, 6pm")),
        "homework" => text("Read for ten minutes a day. Learn the spellings."),
        "language" => Value::Item(item("so", "Somali")),
        other => panic!("no fixture for {other}"),
    }
}

/// Messages that are parts of others, and are never sent by themselves.
const PARTS: &[&str] = &[
    "clock",
    "clock-bare",
    "when",
    "slot-time",
    "opens",
    "time-only",
    "date-only",
    "slot-phone",
    "slot-video",
    "days-range",
    "hours",
    "list-more",
    "list-and",
    "list-or",
];

#[test]
fn every_english_text_fits_into_one_message_of_the_small_alphabet() {
    let languages = &BUNDLE.languages;
    // Texts with choices are measured with their own choices in the next test.
    let mut measured = 0;
    for (id, message) in languages.messages("en") {
        // The school's own screens and pages are not texts to phones.
        if PARTS.contains(&id) || message.variables.contains("choices") {
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
