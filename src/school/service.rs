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
mod tests;
