//! The directory of services outside the school: advice, mediation, forums, helplines.
//!
//! It is data with a source, never code: numbers change, and a wrong one does harm. It answers with
//! what is known and nothing more; where a council's own service is not known, the national one is
//! what there is. It counts nobody and remembers nobody.

mod own;

use jiff::ToSpan as _;
use jiff::civil::Date;

use super::people::{from_word, word_of};
use crate::document::{Document, Placed, Table};
use crate::fault::{Fault, did_you_mean};

pub use own::{Checked, Own};

/// What a service is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Special educational needs and disability information, advice and support service.
    Sendiass,
    /// The council's list of what there is.
    LocalOffer,
    /// Talks with the council, led by somebody independent.
    Mediation,
    /// Parents' own group.
    Forum,
    /// The council's team for children at risk.
    WorriedAboutAChild,
    /// The same at night and at weekends.
    OutOfHours,
    /// 999.
    Emergency,
    /// A line to ring.
    Helpline,
    /// A line to text.
    TextLine,
}

impl Kind {
    /// Every kind with its word.
    pub const WORDS: &'static [(&'static str, Self)] = &[
        ("sendiass", Self::Sendiass),
        ("local-offer", Self::LocalOffer),
        ("mediation", Self::Mediation),
        ("forum", Self::Forum),
        ("worried-about-a-child", Self::WorriedAboutAChild),
        ("out-of-hours", Self::OutOfHours),
        ("emergency", Self::Emergency),
        ("helpline", Self::Helpline),
        ("text-line", Self::TextLine),
    ];

    /// The word in files and flows.
    pub fn word(self) -> &'static str {
        word_of(Self::WORDS, self)
    }

    /// The kind a word stands for.
    pub fn from_word(word: &str) -> Option<Self> {
        from_word(Self::WORDS, word)
    }
}

/// After so many months somebody checks a service again: numbers change, and a wrong one does harm.
pub const CHECKED_EVERY_MONTHS: i32 = 12;

/// The day since which a service must have been checked, to be trusted `today`.
pub fn checked_since(today: Date) -> Date {
    today.saturating_sub(CHECKED_EVERY_MONTHS.months())
}

/// One service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// How flows and records name it.
    pub key: String,
    /// Whose it is; `None` is the whole country's.
    pub council: Option<String>,
    /// What it is for.
    pub kind: Kind,
    /// What it is called.
    pub name: String,
    /// What it does, in a sentence.
    pub about: String,
    /// A number, as people dial it; only where one is established.
    pub phone: Option<String>,
    /// A website without `https://`, as a text shows it.
    pub website: Option<String>,
    /// An address, never a named person's.
    pub email: Option<String>,
    /// Where this was read.
    pub source: String,
    /// When somebody last checked it with the service itself; `None` if nobody has.
    pub last_verified: Option<Date>,
}

impl Service {
    /// Its number, then its website, as a text shows them; its email where there is neither.
    pub fn reach(&self) -> String {
        let known: Vec<&str> = [&self.phone, &self.website]
            .into_iter()
            .filter_map(|r| r.as_deref())
            .collect();
        if known.is_empty() {
            return self.email.clone().unwrap_or_default();
        }
        known.join(", ")
    }
}

/// What was found for a family.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Found<'d> {
    /// Their own council's.
    Local(&'d Service),
    /// The national one, because their council's is not known.
    National(&'d Service),
}

#[derive(Debug, Clone, PartialEq, Eq)]
struct Council {
    name: String,
    also: Vec<String>,
}

/// Every service that is known.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Directory {
    councils: Vec<Council>,
    services: Vec<Service>,
}

impl Directory {
    /// The directory that the program carries.
    pub fn embedded() -> Result<Self, Vec<Fault>> {
        Self::load(
            "data/services.toml",
            include_str!("../../data/services.toml"),
        )
    }

    /// Reads a directory; `path` is only how faults name it.
    pub fn load(path: &str, text: &str) -> Result<Self, Vec<Fault>> {
        let document = Document::parse(path, text);
        let root = document.root();
        let councils: Vec<Council> = root
            .tables("council")
            .into_iter()
            .filter_map(council)
            .collect();
        let mut services: Vec<Service> = Vec::new();
        for table in root.tables("service") {
            let span = table.span();
            let Some(service) = service(table, Some(&councils)) else {
                continue;
            };
            if services.iter().any(|s| s.key == service.key) {
                let message = format!("there are two services `{}`", service.key);
                document.fault(span, message, "give each a key of its own");
            }
            services.push(service);
        }
        root.no_more();
        if document.has_errors() {
            Err(document.into_faults())
        } else {
            Ok(Self { councils, services })
        }
    }

    /// Every service, in the order of the file.
    pub fn services(&self) -> &[Service] {
        &self.services
    }

    /// The councils that are known, by name.
    pub fn councils(&self) -> impl Iterator<Item = &str> {
        self.councils.iter().map(|c| c.name.as_str())
    }

    /// A service by its key.
    pub fn get(&self, key: &str) -> Option<&Service> {
        self.services.iter().find(|s| s.key == key)
    }

    /// The service of a kind for a council as people write it, or else the national one.
    pub fn find(&self, kind: Kind, council: &str) -> Option<Found<'_>> {
        let of = |council: Option<&str>| {
            self.services
                .iter()
                .find(|s| s.kind == kind && s.council.as_deref() == council)
        };
        let local = self.council(council).and_then(|name| of(Some(name)));
        local
            .map(Found::Local)
            .or_else(|| of(None).map(Found::National))
    }

    /// The council that somebody means: `camden council`, `we live in camden`, `cambs`, or with a
    /// letter or two wrong. `None` rather than a guess between two.
    pub fn council(&self, said: &str) -> Option<&str> {
        let said = bare(said);
        let mut near: Vec<(usize, &str)> = Vec::new();
        for council in &self.councils {
            for name in std::iter::once(&council.name).chain(&council.also) {
                let name = bare(name);
                let wrong = said
                    .windows(name.len())
                    .map(|words| strsim::damerau_levenshtein(&words.join(" "), &name.join(" ")))
                    .min();
                let letters: usize = name.iter().map(|w| w.chars().count()).sum();
                near.extend(
                    wrong
                        .filter(|w| *w <= letters / 6)
                        .map(|w| (w, council.name.as_str())),
                );
            }
        }
        near.sort_unstable();
        let (best, council) = *near.first()?;
        let rival = near
            .iter()
            .any(|(w, other)| *w == best && *other != council);
        (!rival).then_some(council)
    }

    /// The services that nobody has checked since a day; those never checked are always among them.
    pub fn unverified_since(&self, day: Date) -> impl Iterator<Item = &Service> {
        self.services
            .iter()
            .filter(move |s| s.last_verified.is_none_or(|at| at < day))
    }

    /// Whether families of these councils are sent to a service: it is theirs, or the whole country's.
    pub fn serves(&self, service: &Service, councils: &[&str]) -> bool {
        let theirs = |council: &str| councils.iter().any(|c| self.council(c) == Some(council));
        service.council.as_deref().is_none_or(theirs)
    }

    /// The same directory, as a school knows it: with what it has written itself, without what it
    /// has hidden, and with the days on which it checked what stands here.
    pub fn with(&self, own: &Own) -> Self {
        let mut services: Vec<Service> = own.services.clone();
        let theirs = self
            .services
            .iter()
            .filter(|s| own.service(&s.key).is_none());
        services.extend(theirs.cloned());
        services.retain(|s| !own.hidden.contains(&s.key));
        for service in &mut services {
            // Whoever checked another number has not checked this one.
            let checked = own.checked.iter().find(|c| c.key == service.key);
            if let Some(checked) = checked.filter(|c| c.said == service.reach()) {
                service.last_verified = service.last_verified.max(Some(checked.on));
            }
        }
        Self {
            councils: self.councils.clone(),
            services,
        }
    }
}

/// The words of a council's name, without those that everybody leaves out.
fn bare(name: &str) -> Vec<String> {
    const FILLER: [&str; 11] = [
        "the",
        "london",
        "royal",
        "borough",
        "city",
        "county",
        "district",
        "council",
        "of",
        "local",
        "authority",
    ];
    name.to_lowercase()
        .split(|c: char| !c.is_alphabetic())
        .filter(|word| !word.is_empty() && !FILLER.contains(word))
        .map(str::to_owned)
        .collect()
}

fn council(table: Table<'_>) -> Option<Council> {
    let name = table.need_text("name");
    let also = table.texts("also");
    for name in name.iter().chain(&also) {
        if bare(&name.value).is_empty() {
            table.document().fault(
                name.span.clone(),
                format!("`{}` is no council's name", name.value),
                "write the name without \"council\" or \"borough\"",
            );
        }
    }
    table.no_more();
    Some(Council {
        name: name?.value,
        also: also.into_iter().map(|t| t.value).collect(),
    })
}

/// How many characters there is room for.
const ROOM: [(&str, usize); 3] = [("name", 80), ("about", 160), ("website", 80)];

/// Whether a text may be the address of a website, with a path or without.
fn is_address(text: &str) -> bool {
    let host = text.split('/').next().unwrap_or_default();
    let plain = |c: char| c.is_alphanumeric() || ".-".contains(c);
    host.contains('.') && host.chars().all(plain) && !text.contains(char::is_whitespace)
}

/// `councils` are those of the file; `None` where nobody looks them up.
fn service(table: Table<'_>, councils: Option<&[Council]>) -> Option<Service> {
    let document = table.document();
    let council = table.text("council");
    if let (Some(Placed { value, span }), Some(councils)) = (&council, councils)
        && !councils.iter().any(|c| c.name == *value)
    {
        document.fault(
            span.clone(),
            format!("there is no council `{value}` in this file"),
            did_you_mean(value, councils.iter().map(|c| c.name.as_str())),
        );
    }
    if !table.has("kind") {
        table.missing("kind", "\"sendiass\"");
    }
    for (key, most) in ROOM {
        if let Some(text) = table.text(key) {
            let long = text.value.chars().count();
            if long > most {
                document.fault(
                    text.span,
                    format!("`{key}` has {long} characters"),
                    format!("say it in {most}: it stands in texts to families"),
                );
            }
        }
    }
    let website = table.text("website");
    if let Some(website) = &website {
        if website.value.contains("://") {
            document.fault(
                website.span.clone(),
                "a text has no room for the beginning of an address",
                "leave out https:// and www.",
            );
        } else if !is_address(&website.value) {
            document.fault(
                website.span.clone(),
                format!("`{}` is no web address", website.value),
                "write one such as contact.org.uk",
            );
        }
    }
    if !["phone", "website", "email"]
        .iter()
        .any(|key| table.has(key))
    {
        document.fault(
            table.span(),
            "a family would be sent to a service that it cannot reach",
            "add a phone, a website or an email",
        );
    }
    let last_verified = table.need_date_or("last_verified", "never");
    let key = table.need_text("key");
    let kind = table.one_of("kind", Kind::WORDS);
    let name = table.need_text("name");
    let about = table.need_text("about");
    let source = table.need_text("source");
    let phone = table.parsed("phone", "a number as people dial it", |text| {
        let sound = text.chars().all(|c| c.is_ascii_digit() || c == ' ');
        (sound && !text.is_empty()).then(|| text.to_owned())
    });
    let email = table.parsed("email", "an email address", |text| {
        let (name, host) = text.split_once('@')?;
        (!name.is_empty() && is_address(host) && !name.contains(char::is_whitespace))
            .then(|| text.to_owned())
    });
    table.no_more();
    Some(Service {
        key: key?.value,
        council: council.map(|c| c.value),
        kind: kind?,
        name: name?.value,
        about: about?.value,
        phone,
        website: website.map(|w| w.value),
        email,
        source: source?.value,
        last_verified,
    })
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn directory() -> Directory {
        Directory::embedded().unwrap_or_else(|faults| panic!("{faults:#?}"))
    }

    #[test]
    fn a_family_is_told_whatever_way_there_is_to_reach_a_service() {
        let service = |lines: &str| {
            let text = format!(
                "[[service]]\nkey = \"a\"\nkind = \"forum\"\nname = \"A\"\nabout = \"B\"\n\
                 source = \"C\"\nlast_verified = \"never\"\n{lines}\n"
            );
            let directory = Directory::load("services.toml", &text).unwrap();
            directory.get("a").unwrap().reach()
        };
        let phone = "phone = \"020 7946 0123\"";
        let website = "website = \"a.example\"";
        let email = "email = \"a@a.example\"";
        assert_eq!(service(phone), "020 7946 0123");
        assert_eq!(service(website), "a.example");
        assert_eq!(service(email), "a@a.example");
        assert_eq!(
            service(&format!("{phone}\n{website}\n{email}")),
            "020 7946 0123, a.example"
        );
    }

    #[test]
    fn people_name_their_council_as_they_like() {
        let directory = directory();
        for (said, expected) in [
            ("Camden", Some("Camden")),
            ("camden council", Some("Camden")),
            ("London Borough of Camden", Some("Camden")),
            ("its camdon", Some("Camden")),
            ("hull", Some("Hull")),
            ("Hull City Council", Some("Hull")),
            ("Kingston upon Hull", Some("Hull")),
            ("Barnett", Some("Barnet")),
            ("cambs", Some("Cambridgeshire")),
            ("Cambridgeshire County Council", Some("Cambridgeshire")),
            ("cambridgshire", Some("Cambridgeshire")),
            ("we live in camden now", Some("Camden")),
            // A council of its own, which the post puts in another's county.
            ("Peterborough", Some("Peterborough")),
            ("Peterborough, Cambridgeshire", None),
            ("barnet or camden", None),
            ("Kingston upon Thames", None),
            ("Kingston", None),
            ("hall", None),
            ("council", None),
            ("", None),
        ] {
            assert_eq!(directory.council(said), expected, "{said}");
        }
    }

    #[test]
    fn advice_is_that_of_the_home_council_or_the_national_finder() {
        let directory = directory();
        let told = |council| match directory.find(Kind::Sendiass, council) {
            Some(Found::Local(service)) => format!("local {}", service.key),
            Some(Found::National(service)) => format!("national {}", service.key),
            None => "nothing".to_owned(),
        };
        assert_eq!(told("camden council"), "local camden-sendiass");
        assert_eq!(told("barnet"), "local barnet-sendiass");
        assert_eq!(told("Leeds"), "national iass-finder");
        assert_eq!(told("Peterborough"), "national iass-finder");
        // Hull's mediator is not known, and there is no national one.
        assert_eq!(directory.find(Kind::Mediation, "Hull"), None);
    }

    #[test]
    fn no_number_is_given_that_was_not_established() {
        let directory = directory();
        for service in directory.services() {
            if service.kind == Kind::Sendiass {
                assert_eq!(service.phone, None, "{}", service.key);
            }
        }
        // A number of a neighbour, and of a person who has moved on.
        let all: Vec<&str> = directory
            .services()
            .iter()
            .filter_map(|s| s.phone.as_deref())
            .collect();
        for wrong in ["0300 365 1020", "020 7974 6264"] {
            assert!(!all.contains(&wrong), "{wrong}");
        }
        let samaritans = directory.get("samaritans").unwrap();
        assert_eq!(samaritans.phone.as_deref(), Some("116 123"));
    }

    #[test]
    fn what_was_never_checked_is_always_due() {
        let text = r#"
            [[service]]
            key = "a"
            kind = "helpline"
            name = "A"
            about = "A."
            phone = "116 123"
            source = "https://a.example"
            last_verified = 2026-11-01

            [[service]]
            key = "b"
            kind = "helpline"
            name = "B"
            about = "B."
            phone = "0800 1111"
            source = "https://b.example"
            last_verified = "never"
        "#;
        let directory = Directory::load("services.toml", text).unwrap();
        let due = |day| {
            let due = directory.unverified_since(day);
            due.map(|s| s.key.as_str()).collect::<Vec<_>>()
        };
        assert_eq!(due(date(2026, 6, 1)), ["b"]);
        assert_eq!(due(date(2026, 12, 1)), ["a", "b"]);
    }

    #[test]
    fn a_school_knows_better_and_what_it_checked_counts_until_it_changes() {
        let directory = directory();
        let mut own = Own::default();
        let today = date(2026, 12, 1);
        let advice = directory.get("camden-sendiass").unwrap();
        own.check(advice, today);
        own.hidden.push("camden-forum".to_owned());
        own.set(Service {
            key: "hull-advice".to_owned(),
            council: Some("Hull".to_owned()),
            phone: Some("020 7946 0999".to_owned()),
            ..advice.clone()
        });
        let read = Own::load("own", own.draft().text()).unwrap();
        assert_eq!(read, own);

        let known = directory.with(&own);
        let checked = known.get("camden-sendiass").unwrap();
        assert_eq!(checked.last_verified, Some(today));
        assert!(known.find(Kind::Forum, "Camden").is_none());
        // What the school wrote comes before what the directory has of that kind.
        let Some(Found::Local(hull)) = known.find(Kind::Sendiass, "hull") else {
            panic!("Hull has one");
        };
        assert_eq!(hull.key, "hull-advice");

        let mut moved = directory.clone();
        for service in &mut moved.services {
            if service.key == "camden-sendiass" {
                service.website = Some("elsewhere.example".to_owned());
            }
        }
        let moved = moved.with(&own);
        assert_eq!(moved.get("camden-sendiass").unwrap().last_verified, None);
    }

    #[test]
    fn what_no_family_could_use_is_refused() {
        let told = |line: &str| {
            let text = format!(
                "[[service]]\nkey = \"a\"\nkind = \"forum\"\nname = \"A\"\nabout = \"B\"\n\
                 source = \"C\"\nlast_verified = \"never\"\n{line}\n"
            );
            let faults = Own::load("own", &text).unwrap_err();
            faults.into_iter().map(|f| f.message).collect::<Vec<_>>()
        };
        assert_eq!(
            told("website = \"javascript:alert(1)\""),
            ["`javascript:alert(1)` is no web address"]
        );
        assert_eq!(told("email = \"x\""), ["`email` cannot be read: `x`"]);
        let long = format!("website = \"{}.example\"", "a".repeat(80));
        assert_eq!(told(&long), ["`website` has 88 characters"]);
    }

    #[test]
    fn a_directory_with_faults_is_refused() {
        let text = "\
[[service]]
key = \"x\"
kind = \"sendias\"
council = \"Camdem\"
name = \"X\"
about = \"X.\"
webiste = \"x.example\"
last_verified = \"yes\"

[[council]]
name = \"Camden\"
";
        let faults = Directory::load("services.toml", text).unwrap_err();
        let sources = [("services.toml".to_owned(), text.to_owned())].into();
        let told: Vec<String> = faults
            .iter()
            .map(|f| {
                format!(
                    "{}: {} / {}",
                    f.line(&sources).unwrap(),
                    f.message,
                    f.remedy
                )
            })
            .collect();
        insta::assert_snapshot!(told.join("\n"), @r#"
1: a family would be sent to a service that it cannot reach / add a phone, a website or an email
1: `source` is missing in `service` / add: source = "…"
3: `kind` cannot be `sendias` / did you mean `sendiass`?
4: there is no council `Camdem` in this file / did you mean `Camden`?
7: there is no key `webiste` in `service` / did you mean `website`?
8: `last_verified` is not written as expected / write a day, such as 2026-09-02
"#);
    }
}
