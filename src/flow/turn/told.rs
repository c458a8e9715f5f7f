//! Answers that are read as values: numbers, days and times, parts of the day, addresses, staff.

use std::str::FromStr as _;

use super::Work;
use super::answer::{Found, taken};
use crate::flow::conversation::{Label, Offered, Open};
use crate::flow::definition::{DAY_PARTS, Expect};
use crate::flow::value::{Item, Value, Values};
use crate::phone::Phone;
use crate::text::reading::{ChoiceWords, Expected, Reading, Understood, understand};

impl Work<'_> {
    /// Reads a message as a value of this kind.
    pub(super) fn value_in(&self, open: &Open, expect: Expect, text: &str) -> Found {
        match expect {
            Expect::Date => self.told_in(&Expected::Date, text),
            Expect::Time => self.told_in(&Expected::Time, text),
            Expect::DateTime => self.told_in(&Expected::DateTime, text),
            Expect::Number => {
                let number = self.readings().take(2).find_map(|r| r.number(text));
                number.map_or(Found::Nothing, |n| taken(Value::Number(n)))
            }
            Expect::Phone => phone_in(text).map_or(Found::Nothing, |phone| {
                taken(Value::Item(Item {
                    id: phone.e164().to_owned(),
                    label: phone.national(),
                }))
            }),
            Expect::Email => {
                email_in(text).map_or(Found::Nothing, |address| taken(Value::Text(address)))
            }
            Expect::Staff => self.staff_in(open, text),
            _ => Found::Nothing,
        }
    }

    /// A day or a time, in the person's language or in English.
    fn told_in(&self, expected: &Expected, text: &str) -> Found {
        match understand(self.readings().take(2), expected, text, self.now).what {
            Understood::Date(day) => Found::Told(Value::Day(day)),
            Understood::Time(time) => Found::Told(Value::Clock(time)),
            Understood::DateTime(at) => Found::Told(Value::When(at)),
            Understood::Past => Found::Past,
            _ => Found::Nothing,
        }
    }

    /// One of the staff offered, by surname among other words.
    fn staff_in(&self, open: &Open, text: &str) -> Found {
        let names: Vec<&str> = open.choices.iter().map(surname).collect();
        let named = self.readings().next().map(|r| r.names(text, &names));
        match named.as_deref() {
            Some([one]) => open.choices.get(*one).map_or(Found::Nothing, |choice| {
                let more = text.split_whitespace().count() > super::answer::BARE_NAME;
                Found::Taken {
                    value: choice.value.clone(),
                    then: choice.then.clone(),
                    rest: more.then(|| text.to_owned()),
                }
            }),
            Some(several @ [_, _, ..]) => Found::Near(several.to_vec()),
            _ => Found::Nothing,
        }
    }

    /// The words that choose one of the numbered choices.
    pub(super) fn words_for(
        &self,
        reading: &Reading,
        offered: &Offered,
        expect: Expect,
    ) -> ChoiceWords {
        let label = self.label(offered);
        let mut synonyms = reading.synonyms(&offered.word);
        // "Mrs" is no part of a name: "Mrs Smith" is not the only Mrs there is.
        if expect == Expect::Staff && offered.value.is_some() {
            synonyms.push(label);
            return ChoiceWords {
                label: surname(offered).to_owned(),
                synonyms,
            };
        }
        // Whoever knows the English words may answer with them; but yes and no are never taken from
        // another language, in which a Polish "no" would be its opposite.
        if let Label::Message(id) = &offered.label
            && expect != Expect::YesNo
        {
            let languages = &self.bundle.languages;
            synonyms.push(languages.say_with(reading.language(), id, &|name| self.find(name)));
        }
        ChoiceWords { label, synonyms }
    }

    /// The parts of a day, as choices.
    pub(super) fn day_parts(&self) -> Vec<Offered> {
        let part = |word: &&str| {
            let text = format!("part-{word}");
            let label = self.bundle.languages.say(self.tag(), &text, &Values::new());
            Offered {
                label: Label::Message(text),
                value: Some(Value::Item(Item {
                    id: (*word).to_owned(),
                    label,
                })),
                word: (*word).to_owned(),
                then: None,
            }
        };
        DAY_PARTS.iter().map(part).collect()
    }
}

fn surname(offered: &Offered) -> &str {
    match &offered.label {
        Label::Words(name) => name.split_whitespace().last().unwrap_or_default(),
        _ => "",
    }
}

/// The phone number among other words.
fn phone_in(text: &str) -> Option<Phone> {
    let part_of_one = |c: char| c.is_ascii_digit() || c.is_whitespace() || "+()-./".contains(c);
    let runs = text.split(|c: char| !part_of_one(c));
    let longest = runs.max_by_key(|run| run.chars().filter(char::is_ascii_digit).count())?;
    Phone::parse(longest.trim_matches(|c: char| !c.is_ascii_digit() && c != '+' && c != '(')).ok()
}

/// The email address among other words: with a dot behind the `@`, as every address outside a
/// building has.
fn email_in(text: &str) -> Option<String> {
    let edges = |c: char| !c.is_alphanumeric();
    let words = text.split_whitespace().map(|word| word.trim_matches(edges));
    words.into_iter().find_map(|word| {
        let address = lettre::Address::from_str(word).ok()?;
        address.domain().contains('.').then(|| address.to_string())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_found_among_other_words() {
        let phone = |text: &str| phone_in(text).map(|p| p.national());
        assert_eq!(
            phone("its 07700 900 123 after 5").as_deref(),
            Some("07700 900123")
        );
        assert_eq!(
            phone("+44 (0)7700 900123.").as_deref(),
            Some("07700 900123")
        );
        assert_eq!(phone("0770"), None);
        assert_eq!(phone("the same one"), None);
        for (text, address) in [
            ("amina@example.com", Some("amina@example.com")),
            (
                "Its a.yusuf@mail.example.org, thanks",
                Some("a.yusuf@mail.example.org"),
            ),
            ("amina at example.com", None),
            ("amina@home", None),
            ("@", None),
        ] {
            assert_eq!(email_in(text).as_deref(), address, "{text}");
        }
    }
}
