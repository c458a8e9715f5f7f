//! Settings: what the school has set, where it stands, and who may change it here.
//!
//! What a page here sets lies over `schoolgate.toml` and counts at once. Faults are the file's own,
//! shown beside the field.

pub(crate) mod closed;
pub(crate) mod cover;
mod field;
pub(crate) mod form;
pub(crate) mod keys;
pub(crate) mod services;

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;

use super::{Frame, Problem, Stamp, render};
use crate::config::shown::shown;
use crate::deployment::School;
use crate::desk::accounts::keeps_accounts;
use crate::desk::people::keeps_people;
use crate::desk::settings::{SettingError, keeps_machine, may_set};
use crate::school::service::checked_since;
use crate::school::setting::Section;
use crate::store::{Moment, Setting, Tx};
use crate::web::error::PageError;
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// Where the tab leads, and every page under it belongs.
pub(super) const HERE: &str = "/settings";

/// Earlier versions of a section that are offered.
const EARLIER: i64 = 10;

/// The first page.
#[derive(Template)]
#[template(path = "settings.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    pages: Vec<Link>,
    values: Vec<Value>,
    /// Why what was last set is not in use.
    refused: Vec<String>,
}

/// A page of settings.
struct Link {
    href: &'static str,
    label: &'static str,
    about: &'static str,
    /// Something on it to look at.
    tag: Option<String>,
}

/// One value, and where it is set.
struct Value {
    what: &'static str,
    value: String,
    place: String,
    /// Where somebody may set it here.
    change: Option<&'static str>,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// What was just done.
    done: Option<String>,
}

/// Where a section is set.
const fn address(section: Section) -> &'static str {
    match section {
        Section::Closed => "/settings/closed",
        Section::Terms => "/settings/terms",
        Section::Contact => "/settings/contact",
        Section::Services => "/settings/services",
        Section::Retention => "/settings/retention",
    }
}

const fn about(section: Section) -> &'static str {
    match section {
        Section::Closed => "INSET days, snow days, half-terms: when the school is shut",
        Section::Terms => "the first and last day of each term, and when the office is open",
        Section::Contact => "numbers and pages that families are sent to",
        Section::Services => {
            "advice, forums and lines outside the school, and when they were checked"
        }
        Section::Retention => "how long what is kept, and what goes at night",
    }
}

/// `GET /settings`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let frame = Frame::of(&who, HERE, "Settings").done(asked.done.as_deref());
    Ok(overview(&web, &who, frame))
}

fn overview(web: &Web, who: &SignedIn, frame: Frame) -> Response {
    let (school, staff) = (&who.school, who.staff());
    let now = Moment::from(web.d.clock.now());
    let theirs = Section::WORDS.iter().map(|(_, section)| *section);
    let theirs = theirs.filter(|section| may_set(staff, *section));
    let mut pages: Vec<Link> = theirs
        .map(|section| Link {
            href: address(section),
            label: title(section),
            about: about(section),
            tag: match section {
                Section::Services => to_check(web, school),
                _ => None,
            },
        })
        .collect();
    let link = |href, label, about| Link {
        href,
        label,
        about,
        tag: None,
    };
    if keeps_people(staff) {
        pages.push(link(
            "/settings/cover",
            "Hours, absence and cover",
            "when staff are in, when they are away, and who stands in",
        ));
    }
    if keeps_machine(staff) {
        pages.push(link(
            "/settings/keys",
            "Keys and ways",
            "numbers, bots and email: what is set, and what last came and went",
        ));
    }
    if keeps_accounts(staff) {
        pages.push(link(
            "/settings/staff",
            "Staff who sign in",
            "invitations, second steps, signing somebody out",
        ));
    }
    let values = shown(&school.config).into_iter().map(|value| {
        let set = value.section.and_then(|section| school.layer.of(section));
        let may = value.section.filter(|section| may_set(staff, *section));
        Value {
            what: value.what,
            value: value.value,
            place: set.map_or_else(
                || "schoolgate.toml".to_owned(),
                |set| format!("here, by {}", by_and_when(school, set, now)),
            ),
            change: may.map(address),
        }
    });
    let refused = school.layer.refused.iter();
    let page = Page {
        values: values.collect(),
        refused: refused
            .map(|f| format!("{}: {}", f.file, f.message))
            .collect(),
        frame,
        pages,
    };
    (page.frame.status(), render(&page)).into_response()
}

/// How many services, of those that this school's families are sent to, nobody has checked of late.
pub(super) fn unchecked(web: &Web, school: &School) -> usize {
    let parts = web.d.parts();
    let directory = school.directory(&parts);
    let councils = school.councils();
    let since = checked_since(school.local(web.d.clock.now()).date());
    let old = directory.unverified_since(since);
    old.filter(|s| directory.serves(s, &councils)).count()
}

fn to_check(web: &Web, school: &School) -> Option<String> {
    match unchecked(web, school) {
        0 => None,
        n => Some(format!("{n} to check")),
    }
}

/// A section as the heading of its page.
const fn title(section: Section) -> &'static str {
    match section {
        Section::Closed => "Closed days",
        Section::Terms => "Term dates and hours",
        Section::Contact => "Phones and web pages",
        Section::Services => "Local services",
        Section::Retention => "How long things are kept",
    }
}

/// "Ms Park, today, 12.10pm".
fn by_and_when(school: &School, set: &Setting, now: Moment) -> String {
    let by = match set.staff.as_str() {
        "" => "somebody at the machine".to_owned(),
        key => school.name(key),
    };
    format!("{by}, {}", Stamp::new(school, set.at, now))
}

/// Where a section stands, what stood there before, and the way back: the foot of its page.
#[derive(Template)]
#[template(path = "settings_source.html", config = "src/web/askama.toml")]
struct Source {
    section: &'static str,
    /// The version that whoever looks at the page has seen.
    seen: i64,
    /// Who set it; `None` where the file says it.
    set: Option<String>,
    /// Whether the file says something else.
    differs: bool,
    earlier: Vec<Earlier>,
}

/// An earlier version.
struct Earlier {
    version: i64,
    by: String,
    /// The TOML; `None` where somebody went back to the file.
    body: Option<String>,
}

impl Source {
    async fn of(tx: &mut Tx, school: &School, section: Section) -> Result<Self, PageError> {
        let now = Moment::from(tx.now());
        let word = section.word();
        let all = tx
            .setting_versions(&school.config.id, word, EARLIER + 1)
            .await?;
        let set = school.layer.of(section);
        let seen = school.layer.seen(section);
        let earlier = all.into_iter().filter(|v| v.version != seen);
        Ok(Self {
            section: word,
            seen,
            set: set.map(|set| by_and_when(school, set, now)),
            differs: school.differs_from_file(section),
            earlier: earlier
                .map(|v| Earlier {
                    by: by_and_when(school, &v, now),
                    version: v.version,
                    body: v.body,
                })
                .collect(),
        })
    }
}

/// Which version of what.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Restore {
    #[serde(default)]
    section: String,
    #[serde(default)]
    seen: i64,
    #[serde(default)]
    version: i64,
}

/// `POST /settings/restore`
pub(crate) async fn restore(
    State(web): State<Shared>,
    who: SignedIn,
    Form(form): Form<Restore>,
) -> Result<Response, PageError> {
    let Some(section) = Section::from_word(&form.section) else {
        let problem = Problem::new("values", "choose what to go back on");
        return Ok(again(&web, &who, problem));
    };
    let mut tx = web.d.store.begin().await?;
    let done = who
        .actor(&web)
        .restore(&mut tx, section, form.seen, form.version)
        .await;
    let Some((_, words)) = after(&web, tx, done).await? else {
        let to = format!("{}?done=restored", address(section));
        return Ok(Redirect::to(&to).into_response());
    };
    Ok(again(&web, &who, Problem::new("values", &words)))
}

fn again(web: &Web, who: &SignedIn, problem: Problem) -> Response {
    let frame = Frame {
        problem: Some(problem),
        ..Frame::of(who, HERE, "Settings")
    };
    overview(web, who, frame)
}

/// What the parser says of `keys` of a file, for whoever sees a form and no file.
fn in_form_words(words: &str) -> String {
    const NAMES: [(&str, &str); 9] = [
        ("from", "the first day"),
        ("to", "the last day"),
        ("open", "the hour it opens"),
        ("close", "the hour it closes"),
        ("days", "the days with school"),
        ("term", "a term"),
        ("why", "why it is closed"),
        ("out_of_hours", "the number out of hours"),
        ("out_of_hours_who", "whose line that is"),
    ];
    let mut said = String::new();
    for (n, part) in words.split('`').enumerate() {
        let name = NAMES.iter().find(|(key, _)| *key == part);
        match (n % 2 == 1, name) {
            (true, Some((_, name))) => said.push_str(name),
            (true, None) => {
                let key = part.chars().all(|c| c.is_ascii_lowercase() || c == '_');
                let part = if key {
                    part.replace('_', " ")
                } else {
                    part.to_owned()
                };
                said.push_str(&format!("\u{201c}{part}\u{201d}"));
            }
            (false, _) => said.push_str(part),
        }
    }
    let first = said.chars().next().map(|c| c.to_uppercase().to_string());
    let rest = said.chars().skip(1);
    first.into_iter().chain(rest.map(String::from)).collect()
}

/// Saves what was set and takes it up at once; or the field and the words of what stood in the way.
async fn after(
    web: &Web,
    tx: Tx,
    done: Result<(), SettingError>,
) -> Result<Option<(String, String)>, PageError> {
    match done {
        Ok(()) => {
            tx.save().await?;
            web.d.look_at_people().await?;
            Ok(None)
        }
        Err(SettingError::Store(error)) => Err(error.into()),
        Err(SettingError::NotYours) => Err(PageError::NotFound),
        Err(SettingError::Meanwhile) => {
            // Another process may have changed it: what is shown is what stands.
            drop(tx);
            web.d.look_at_people().await?;
            Ok(Some((String::new(), SettingError::Meanwhile.to_string())))
        }
        Err(SettingError::Refused { field, words }) => Ok(Some((field, in_form_words(&words)))),
    }
}
