//! Everything the school says, in every language: Fluent texts from `locales/<tag>/*.ftl`.
//!
//! A language is a folder. How days, times, lists and hours of work read is also a message of that
//! folder (`when`, `clock`, `list-and`…), so nothing here knows English. A message that a language
//! does not have yet is said in English. It never sends anything and never decides what to say.

mod source;

use std::collections::BTreeMap;

use fluent_bundle::{FluentArgs, FluentValue};
use jiff::civil::{DateTime, Time};
use unic_langid::LanguageIdentifier;

use super::value::{Slot, Value, Values};
use crate::fault::{Fault, Sources};

use source::Language;
pub use source::Message;

/// The language every text exists in, and the one said where another has none.
pub const DEFAULT: &str = "en";

/// All languages the school can write in.
pub struct Languages {
    all: BTreeMap<String, Language>,
}

impl std::fmt::Debug for Languages {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Languages")
            .field(&self.all.keys().collect::<Vec<_>>())
            .finish()
    }
}

impl Languages {
    /// Every `locales/<tag>/*.ftl` in the sources.
    ///
    /// # Errors
    /// All faults at once: bad Fluent syntax with its place, a message written twice, a folder that
    /// is no language tag, no English at all.
    pub fn load(sources: &Sources) -> Result<Self, Vec<Fault>> {
        match Self::read(sources) {
            (languages, faults) if faults.is_empty() => Ok(languages),
            (_, faults) => Err(faults),
        }
    }

    /// As [`Self::load`], with what could be read where there are faults.
    pub fn read(sources: &Sources) -> (Self, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut all = BTreeMap::new();
        for (path, source) in sources {
            let Some((tag, "ftl")) = tag_of(path) else {
                continue;
            };
            let Ok(id) = tag.parse::<LanguageIdentifier>() else {
                faults.push(Fault::error(
                    path,
                    None,
                    format!("`{tag}` is no language tag"),
                    "name the folder like `pl` or `pt-BR`",
                ));
                continue;
            };
            let language = all
                .entry(tag.to_owned())
                .or_insert_with(|| Language::new(id));
            language.add(path, source, &mut faults);
        }
        for language in all.values_mut() {
            language.close_over_references(&mut faults);
        }
        if !all.contains_key(DEFAULT) {
            faults.push(Fault::error(
                format!("locales/{DEFAULT}"),
                None,
                "there are no English texts",
                "add locales/en/*.ftl: every other language falls back to them",
            ));
        }
        (Self { all }, faults)
    }

    /// The tags of the languages that have texts.
    pub fn tags(&self) -> impl Iterator<Item = &str> {
        self.all.keys().map(String::as_str)
    }

    /// The tag whose texts are used for `tag`: itself, its main language (`pl` for `pl-PL`), or
    /// `None` when we have no texts in it.
    pub fn best<'a>(&self, tag: &'a str) -> Option<&'a str> {
        if self.all.contains_key(tag) {
            return Some(tag);
        }
        let main = tag.split('-').next()?;
        self.all.contains_key(main).then_some(main)
    }

    /// The language's name for itself: "Polski".
    pub fn own_name(&self, tag: &str) -> String {
        self.say(tag, "language-name", &Values::new())
    }

    /// A message as the checker sees it, in this language only.
    pub fn message(&self, tag: &str, id: &str) -> Option<&Message> {
        self.all.get(tag)?.messages.get(id)
    }

    /// The message that is said for `tag`: its own, or the English one.
    pub fn said(&self, tag: &str, id: &str) -> Option<&Message> {
        self.language_of(tag, id)?.messages.get(id)
    }

    /// Every message of a language by its id.
    pub fn messages(&self, tag: &str) -> impl Iterator<Item = (&str, &Message)> {
        self.all
            .get(tag)
            .into_iter()
            .flat_map(|l| l.messages.iter().map(|(id, m)| (id.as_str(), m)))
    }

    /// A text as it goes to a phone.
    pub fn say(&self, tag: &str, id: &str, values: &Values) -> String {
        self.say_with(tag, id, &|name| values.get(name))
    }

    /// A text as it goes to a phone, its values found by name. `{$by-time}` is the clock time of
    /// the value `by`, `{$by-date}` its day.
    pub fn say_with<'v>(
        &self,
        tag: &str,
        id: &str,
        find: &dyn Fn(&str) -> Option<&'v Value>,
    ) -> String {
        let Some(language) = self.language_of(tag, id) else {
            return id.to_owned();
        };
        let args = self.args(tag, language, id, find);
        language.format(&language.plain, id, &args)
    }

    /// A text for a page: filled-in values are isolated (U+2068…U+2069); it is not escaped.
    pub fn html(&self, tag: &str, id: &str, values: &Values) -> String {
        let Some(language) = self.language_of(tag, id) else {
            return id.to_owned();
        };
        let args = self.args(tag, language, id, &|name| values.get(name));
        language.format(&language.html, id, &args)
    }

    /// One value as it reads in a language.
    pub fn value(&self, tag: &str, value: &Value) -> String {
        match value {
            Value::Text(text) => text.clone(),
            Value::Number(n) => n.to_string(),
            Value::Flag(flag) => if *flag { "yes" } else { "no" }.to_owned(),
            Value::Item(item) => item.label.clone(),
            Value::List(items) => {
                self.joined(tag, "list-and", items.iter().map(|i| i.label.as_str()))
            }
            Value::Slots(slots) => {
                let all: Vec<String> = slots.iter().map(|s| self.slot(tag, s)).collect();
                self.joined(tag, "list-or", all.iter().map(String::as_str))
            }
            Value::When(at) => self.moment(tag, "when", *at),
            Value::Opens(at) => self.moment(tag, "opens", *at),
            Value::Day(day) => self.moment(tag, "date-only", day.to_datetime(Time::midnight())),
            Value::Clock(time) => self.clock(tag, "clock", *time),
            Value::Everyone(names) => {
                self.joined(tag, "list-and", names.iter().map(String::as_str))
            }
            Value::Anyone(names) => self.joined(tag, "list-or", names.iter().map(String::as_str)),
            Value::Hours { days, from, to } => self.hours(tag, days, *from, *to),
        }
    }

    /// A time that can be chosen, with how the meeting would be held: "By phone Wed 9 Dec 3.30pm".
    pub fn slot(&self, tag: &str, slot: &Slot) -> String {
        let at = self.moment(tag, "slot-time", slot.at);
        let id = match slot.mode.as_str() {
            "phone" => "slot-phone",
            "video" => "slot-video",
            _ => return at,
        };
        self.fixed(tag, id, &[("at", at)])
    }

    fn language_of(&self, tag: &str, id: &str) -> Option<&Language> {
        let own = self.best(tag).and_then(|tag| self.all.get(tag));
        own.filter(|l| l.messages.contains_key(id)).or_else(|| {
            self.all
                .get(DEFAULT)
                .filter(|l| l.messages.contains_key(id))
        })
    }

    fn args<'v>(
        &self,
        tag: &str,
        language: &Language,
        id: &str,
        find: &dyn Fn(&str) -> Option<&'v Value>,
    ) -> FluentArgs<'static> {
        let mut args = FluentArgs::new();
        let Some(message) = language.messages.get(id) else {
            return args;
        };
        for name in &message.variables {
            let filled: FluentValue<'static> = match find(name) {
                Some(Value::Number(n)) => FluentValue::from(*n),
                Some(value) => self.value(tag, value).into(),
                None => match part_of(name, find) {
                    Some((id, at)) => self.moment(tag, id, at).into(),
                    None => continue,
                },
            };
            args.set(name.clone(), filled);
        }
        args
    }

    fn joined<'a>(
        &self,
        tag: &str,
        last: &str,
        mut items: impl Iterator<Item = &'a str>,
    ) -> String {
        let Some(first) = items.next() else {
            return String::new();
        };
        let rest: Vec<&str> = items.collect();
        let mut all = first.to_owned();
        for (i, next) in rest.iter().enumerate() {
            let id = if i + 1 == rest.len() {
                last
            } else {
                "list-more"
            };
            all = self.fixed(tag, id, &[("left", all), ("right", (*next).to_owned())]);
        }
        all
    }

    fn moment(&self, tag: &str, id: &str, at: DateTime) -> String {
        let day = at.weekday().to_monday_one_offset();
        self.fixed(
            tag,
            id,
            &[
                ("weekday", self.fixed(tag, &format!("day-{day}"), &[])),
                ("day", at.day().to_string()),
                (
                    "month",
                    self.fixed(tag, &format!("month-{}", at.month()), &[]),
                ),
                ("time", self.clock(tag, "clock", at.time())),
            ],
        )
    }

    fn clock(&self, tag: &str, id: &str, time: Time) -> String {
        let twelve = match time.hour() % 12 {
            0 => 12,
            hour => hour,
        };
        self.fixed(
            tag,
            id,
            &[
                ("hour", twelve.to_string()),
                ("hour24", time.hour().to_string()),
                ("minutes", format!("{:02}", time.minute())),
                (
                    "whole",
                    if time.minute() == 0 { "yes" } else { "no" }.to_owned(),
                ),
                (
                    "half",
                    if time.hour() < 12 { "am" } else { "pm" }.to_owned(),
                ),
            ],
        )
    }

    fn hours(&self, tag: &str, days: &[i8], from: Time, to: Time) -> String {
        let name = |day: &i8| self.fixed(tag, &format!("day-{day}"), &[]);
        let in_a_row = days.windows(2).all(|pair| pair[1] == pair[0] + 1);
        let days = match days {
            [first, .., last] if in_a_row => self.fixed(
                tag,
                "days-range",
                &[("first", name(first)), ("last", name(last))],
            ),
            _ => {
                let names: Vec<String> = days.iter().map(name).collect();
                self.joined(tag, "list-more", names.iter().map(String::as_str))
            }
        };
        self.fixed(
            tag,
            "hours",
            &[
                ("days", days),
                ("from", self.clock(tag, "clock-bare", from)),
                ("to", self.clock(tag, "clock-bare", to)),
            ],
        )
    }

    fn fixed(&self, tag: &str, id: &str, values: &[(&'static str, String)]) -> String {
        let Some(language) = self.language_of(tag, id) else {
            return id.to_owned();
        };
        let mut args = FluentArgs::with_capacity(values.len());
        for (name, value) in values {
            args.set(*name, value.clone());
        }
        language.format(&language.plain, id, &args)
    }
}

/// `by-time` and `by-date` of a moment named `by`.
fn part_of<'v>(
    name: &str,
    find: &dyn Fn(&str) -> Option<&'v Value>,
) -> Option<(&'static str, DateTime)> {
    let (base, id) = split_part(name)?;
    match find(base) {
        Some(Value::When(at) | Value::Opens(at)) => Some((id, *at)),
        _ => None,
    }
}

/// The value a variable such as `by-time` is a part of, and the message that says that part.
pub fn split_part(name: &str) -> Option<(&str, &'static str)> {
    if let Some(base) = name.strip_suffix("-time") {
        return Some((base, "time-only"));
    }
    name.strip_suffix("-date").map(|base| (base, "date-only"))
}

/// The language and the extension of a path under `locales`.
pub fn tag_of(path: &str) -> Option<(&str, &str)> {
    let (tag, file) = path.strip_prefix("locales/")?.split_once('/')?;
    Some((tag, file.rsplit_once('.')?.1))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::value::Item;
    use jiff::civil::date;

    fn languages() -> Languages {
        let sources = Sources::from([
            (
                "locales/en/common.ftl".to_owned(),
                include_str!("../../../locales/en/common.ftl").to_owned(),
            ),
            (
                "locales/xx/common.ftl".to_owned(),
                "language-name = Xish\nclock = { $hour24 }:{ $minutes }\nday-4 = Czw\nhello = Cześć { $who }\n"
                    .to_owned(),
            ),
            (
                "locales/en/own.ftl".to_owned(),
                "hello = Hello { $who }\ncall = { $who } rings by { $by-time } on { $by-date }\nrefers = { hello }, { -school }\n-school = the { $kind } school\n"
                    .to_owned(),
            ),
        ]);
        Languages::load(&sources).unwrap()
    }

    #[test]
    fn values_read_as_people_write_them() {
        let languages = languages();
        let reads = |value: Value| languages.value("en", &value);
        let thursday = date(2026, 12, 3);
        let names = |all: &[&str]| all.iter().map(|n| (*n).to_owned()).collect::<Vec<_>>();
        for (value, expected) in [
            (Value::When(thursday.at(16, 0, 0, 0)), "Thu 3 Dec, 4pm"),
            (Value::When(thursday.at(16, 30, 0, 0)), "Thu 3 Dec, 4.30pm"),
            (Value::When(thursday.at(12, 0, 0, 0)), "Thu 3 Dec, 12pm"),
            (Value::When(thursday.at(0, 5, 0, 0)), "Thu 3 Dec, 12.05am"),
            (Value::Opens(thursday.at(8, 30, 0, 0)), "Thu 8.30am"),
            (Value::Day(thursday), "Thu 3 Dec"),
            (Value::Clock(Time::constant(15, 30, 0, 0)), "3.30pm"),
            (Value::Everyone(names(&["A", "B", "C"])), "A, B and C"),
            (
                Value::Anyone(names(&["Mrs Cole", "Mr Hughes"])),
                "Mrs Cole or Mr Hughes",
            ),
            (Value::Anyone(names(&["Mrs Cole"])), "Mrs Cole"),
            (
                Value::Hours {
                    days: vec![1, 2, 3, 4],
                    from: Time::constant(8, 30, 0, 0),
                    to: Time::constant(16, 0, 0, 0),
                },
                "Mon-Thu 8.30-4",
            ),
            (
                Value::Hours {
                    days: vec![1, 4],
                    from: Time::constant(9, 0, 0, 0),
                    to: Time::constant(12, 0, 0, 0),
                },
                "Mon, Thu 9-12",
            ),
            (Value::Number(12_345), "12345"),
            (
                Value::Item(Item {
                    id: "x".to_owned(),
                    label: "Sam".to_owned(),
                }),
                "Sam",
            ),
        ] {
            assert_eq!(reads(value), expected);
        }
        let slot = |mode: &str| Slot {
            id: "s".to_owned(),
            at: thursday.at(15, 30, 0, 0),
            mode: mode.to_owned(),
        };
        assert_eq!(languages.slot("en", &slot("school")), "Thu 3 Dec 3.30pm");
        assert_eq!(
            languages.slot("en", &slot("phone")),
            "By phone Thu 3 Dec 3.30pm"
        );
    }

    #[test]
    fn a_language_is_a_folder_and_borrows_from_english_what_it_lacks() {
        let languages = languages();
        let when = Value::When(date(2026, 12, 3).at(16, 0, 0, 0));
        assert_eq!(languages.value("xx", &when), "Czw 3 Dec, 16:00");
        assert_eq!(languages.own_name("xx"), "Xish");
        assert_eq!(languages.best("xx-PL"), Some("xx"));
        assert_eq!(languages.best("so"), None);
        let who = Values::from([("who".to_owned(), Value::Text("Sam".to_owned()))]);
        assert_eq!(languages.say("xx", "hello", &who), "Cześć Sam");
        assert_eq!(languages.say("so", "hello", &who), "Hello Sam");
        assert_eq!(
            languages.html("en", "hello", &who),
            "Hello \u{2068}Sam\u{2069}"
        );
    }

    #[test]
    fn parts_of_a_moment_and_variables_behind_references() {
        let languages = languages();
        let values = Values::from([
            ("who".to_owned(), Value::Text("Mrs Cole".to_owned())),
            (
                "by".to_owned(),
                Value::When(date(2026, 12, 3).at(15, 0, 0, 0)),
            ),
        ]);
        assert_eq!(
            languages.say("en", "call", &values),
            "Mrs Cole rings by 3pm on Thu 3 Dec"
        );
        let used = &languages.message("en", "refers").unwrap().variables;
        assert_eq!(used.iter().collect::<Vec<_>>(), ["kind", "who"]);
    }

    #[test]
    fn faults_are_told_with_their_place() {
        let sources = Sources::from([
            (
                "locales/en/a.ftl".to_owned(),
                "ok = Fine\nbad = { $x\n".to_owned(),
            ),
            (
                "locales/en/b.ftl".to_owned(),
                "twice = One\ntwice = Two\n".to_owned(),
            ),
        ]);
        let faults = Languages::load(&sources).unwrap_err();
        let said: Vec<String> = faults
            .iter()
            .map(|f| format!("{} {:?} {}", f.file, f.line(&sources), f.message))
            .collect();
        assert_eq!(said.len(), 2, "{said:?}");
        assert!(
            said[0].starts_with("locales/en/a.ftl Some(2) this is not Fluent"),
            "{said:?}"
        );
        assert!(said[1].contains("`twice` is written twice"), "{said:?}");
    }
}
