//! One child: the family and how to reach them, what is promised and arranged, and what happened over
//! all cases that this person may open.
//!
//! Whoever may not look the child up gets the same answer as for no such child. A case that somebody
//! is paged about shows no words here: opening its own page is what stops the pages.

use std::collections::{HashMap, HashSet};

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::case::shown;
use super::children::in_words;
use super::listing::{Row, unopened};
use super::support::{Change, Support, support};
use super::wording::{entry_title, known, mode_words, prefers_words, promise_words};
use super::{Frame, Problem, Stamp, names, reads_words, render};
use crate::deployment::School;
use crate::desk::keeping::may_hold;
use crate::desk::may_open;
use crate::desk::sight::{may_see_counters, may_see_restrictions};
use crate::school::people::{Adult, Known, Pupil, Relationship};
use crate::store::{Case, Moment, Result, Tx};
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// Entries of the chronology on one page, which keeps it under 100 KB.
const ON_A_PAGE: usize = 30;

/// Cases listed at the top; the others are a link away.
const CASES: usize = 10;

/// The page.
#[derive(Template)]
#[template(path = "pupil.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    key: String,
    class: String,
    facts: Vec<(&'static str, String)>,
    /// For whom an interpreter has to be there, in words.
    interpreters: Vec<String>,
    family: Vec<Relative>,
    support: Support,
    history: Vec<Change>,
    /// A young person's decision that was not taken, as it was typed.
    typed: super::young::Typed,
    promises: Vec<Promised>,
    meetings: Vec<Met>,
    cases: Vec<Row>,
    more_cases: bool,
    /// Cases that nobody has opened yet.
    unopened: Vec<i64>,
    chronology: Vec<Happened>,
    /// Where later and earlier entries are.
    later: Option<String>,
    earlier: Option<String>,
    /// Whether this person sets and lifts holds.
    holds: bool,
}

/// An adult of the child's.
struct Relative {
    name: String,
    kind: String,
    facts: Vec<(&'static str, String)>,
    /// Nothing about the child goes to them; why, for those who are told.
    restricted: Option<String>,
    /// The office has to ask before anything goes out.
    unchecked: bool,
    passport: Vec<String>,
    /// Which version of it, and of when.
    passport_of: Option<String>,
}

struct Promised {
    words: String,
    due: Stamp,
    number: i64,
    reference: String,
}

struct Met {
    words: String,
    when: Stamp,
    number: i64,
    reference: String,
}

struct Happened {
    title: String,
    when: Stamp,
    number: i64,
    reference: String,
    words: String,
    whole: Option<String>,
    class: &'static str,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// How many of the latest entries are passed over.
    #[serde(default)]
    from: usize,
    /// What was just done.
    done: Option<String>,
}

/// `GET /pupils/{key}`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, PageError> {
    // A page fetched ahead is nobody reading.
    if client.ahead || !reads_words(who.staff()) {
        return Err(PageError::NotFound);
    }
    let pupil = names::pupil_of_key(&who.school, who.staff(), &key).ok_or(PageError::NotFound)?;
    let mut tx = web.d.store.begin().await?;
    let name = format!("{} {}", pupil.first_name, pupil.last_name);
    let frame = Frame::of(&who, "/cases", name).done(asked.done.as_deref());
    let typed = super::young::Typed::default();
    let page = view(&web, &mut tx, &who, pupil, asked.from, (frame, typed)).await?;
    tx.save().await?;
    Ok(page)
}

/// The page again, after a form that was not taken.
pub(super) async fn again(
    web: &Web,
    who: &SignedIn,
    pupil: &Pupil,
    problem: Problem,
    typed: super::young::Typed,
) -> std::result::Result<Response, PageError> {
    let frame = Frame {
        problem: Some(problem),
        ..Frame::of(who, "/cases", pupil.full_name())
    };
    let mut tx = web.d.store.begin().await?;
    let page = view(web, &mut tx, who, pupil, 0, (frame, typed)).await?;
    tx.save().await?;
    Ok(page)
}

async fn view(
    web: &Web,
    tx: &mut Tx,
    who: &SignedIn,
    pupil: &Pupil,
    from: usize,
    (frame, typed): (Frame, super::young::Typed),
) -> Result<Response> {
    let school = &who.school;
    let id = &school.config.id;
    let now = Moment::from(tx.now());
    let closed = unopened(tx, id).await?;
    let mut cases = tx.cases_of_pupil(id, &pupil.key).await?;
    cases.retain(|c| may_open(school, who.staff(), c));
    let of: HashMap<Uuid, &Case> = cases.iter().map(|c| (c.id, c)).collect();

    let mut chronology = Vec::new();
    let mut read = HashSet::new();
    let mut entries = tx.entries_of_pupil(id, &pupil.key).await?;
    entries.retain(|e| of.contains_key(&e.case_id) && !closed.contains(&e.case_id));
    for entry in entries.iter().skip(from).take(ON_A_PAGE) {
        let Some(case) = of.get(&entry.case_id) else {
            continue;
        };
        read.insert(case.id);
        let (words, whole) = shown(case, entry);
        chronology.push(Happened {
            title: entry_title(school, case, entry),
            when: Stamp::new(school, entry.happened_at, now),
            number: case.number,
            reference: case.reference(),
            words,
            whole,
            class: super::case::class_of(entry),
        });
    }
    for case in read {
        tx.audit(id, &who.staff().key, "read", Some(case)).await?;
    }
    let page_at = |from: usize| format!("/pupils/{}?from={from}#chronology", pupil.key);
    let earlier = (entries.len() > from + ON_A_PAGE).then(|| page_at(from + ON_A_PAGE));
    let later = (from > 0).then(|| page_at(from.saturating_sub(ON_A_PAGE)));

    let mut promises = Vec::new();
    for promise in tx.promises_about(id, &pupil.key).await? {
        if let Some(case) = of.get(&promise.case_id) {
            promises.push(Promised {
                words: promise_words(&promise)?,
                due: Stamp::new(school, promise.due_at, now),
                number: case.number,
                reference: case.reference(),
            });
        }
    }
    let mut meetings = Vec::new();
    for meeting in tx.meetings_of_pupil(id, &pupil.key).await? {
        let Some(case) = of.get(&meeting.case_id) else {
            continue;
        };
        let staff = meeting.staff()?;
        let with: Vec<String> = staff.iter().map(|key| school.name(key)).collect();
        let gone = if meeting.state == "booked" {
            ""
        } else {
            " (called off)"
        };
        meetings.push(Met {
            words: format!(
                "with {}, {}{gone}",
                with.join(" and "),
                mode_words(&meeting.mode)
            ),
            when: Stamp::new(school, meeting.starts_at, now),
            number: case.number,
            reference: case.reference(),
        });
    }

    let (family, interpreters) = family(web, tx, who, pupil, now).await?;
    let mut facts = facts(pupil);
    if pupil.sen.is_registered() && may_see_counters(who.staff()) {
        facts.extend(in_words(tx, school, pupil, now).await?);
    }
    let (support, history) = support(tx, who, pupil, now).await?;
    if let Some((due, past)) = &support.review {
        let past = if *past { " (overdue)" } else { "" };
        facts.push(("Next review due", format!("{due}{past}")));
    }
    let status = frame.status();
    let page = Page {
        support,
        history,
        typed,
        frame,
        key: pupil.key.clone(),
        class: pupil.class.clone(),
        facts,
        interpreters,
        family,
        promises,
        meetings,
        more_cases: cases.len() > CASES,
        unopened: cases
            .iter()
            .filter(|c| closed.contains(&c.id))
            .map(|c| c.number)
            .collect(),
        cases: cases
            .iter()
            .take(CASES)
            .map(|c| Row::new(school, c, now))
            .collect(),
        chronology,
        later,
        earlier,
        holds: may_hold(who.staff()),
    };
    Ok((status, render(&page)).into_response())
}

fn facts(pupil: &Pupil) -> Vec<(&'static str, String)> {
    let year = pupil.year.map(|year| year.to_string());
    let born = pupil
        .date_of_birth
        .map(|day| day.strftime("%-d %B %Y").to_string());
    [
        ("Special educational needs", Some(pupil.stage().to_owned())),
        ("Class", Some(pupil.class.clone())),
        ("Year", year),
        ("Date of birth", born),
        ("Home council", pupil.home_council.clone()),
    ]
    .into_iter()
    .filter_map(|(what, said)| Some((what, said?)))
    .collect()
}

/// The adults of a child, and for whom an interpreter has to be there.
async fn family(
    web: &Web,
    tx: &mut Tx,
    who: &SignedIn,
    pupil: &Pupil,
    now: Moment,
) -> Result<(Vec<Relative>, Vec<String>)> {
    let school = &who.school;
    let today = school.local(now.timestamp()).date();
    let mut family = Vec::new();
    let mut interpreters = Vec::new();
    for adult in &school.people.adults {
        let Some(child) = adult.children.iter().find(|c| c.pupil == pupil.key) else {
            continue;
        };
        let passport = tx.passport(&school.config.id, &adult.key).await?;
        if let Some((.., passport)) = &passport
            && passport.interpreter == Some(true)
        {
            let language = passport.language.as_deref().or(adult.language.as_deref());
            let language = language.map_or_else(
                || "language not recorded".to_owned(),
                |tag| web.d.language_name(tag),
            );
            interpreters.push(format!("{} ({language})", adult.name));
        }
        let restricted = child.is_restricted(today).then(|| why(who, child));
        let lines = passport
            .as_ref()
            .map(|(.., p)| p.lines(|tag| web.d.language_name(tag)));
        family.push(Relative {
            name: adult.name.clone(),
            kind: child.kind.clone(),
            facts: facts_of(web, school, adult, child),
            unchecked: restricted.is_none() && child.is_unchecked(today),
            restricted,
            passport: lines.unwrap_or_default(),
            passport_of: passport.as_ref().map(|(version, at, _)| {
                format!("version {version}, {}", Stamp::new(school, *at, now))
            }),
        });
    }
    Ok((family, interpreters))
}

/// Why contact is restricted, for those who are told; what to say is for everybody.
fn why(who: &SignedIn, child: &Relationship) -> String {
    let Some(restriction) = &child.restriction else {
        return String::new();
    };
    let mut words = if may_see_restrictions(who.staff()) {
        let why = restriction.why.as_deref();
        let until = restriction.until.map_or_else(
            || "until somebody lifts it".to_owned(),
            |day| format!("until {}", day.strftime("%-d %b %Y")),
        );
        format!(
            "By {}, {until}{}.",
            who.school.name(&restriction.by),
            why.map_or(String::new(), |why| format!(": {why}"))
        )
    } else {
        "Ask the office before you say anything.".to_owned()
    };
    if let Some(say) = &restriction.say {
        words.push_str(&format!(" If they make contact, say: {say}"));
    }
    words
}

fn facts_of(
    web: &Web,
    school: &School,
    adult: &Adult,
    child: &Relationship,
) -> Vec<(&'static str, String)> {
    let phones: Vec<String> = adult.phones.iter().map(|p| p.national()).collect();
    let said = |known_as: Known| Some(known(known_as).to_owned());
    [
        ("Phone", (!phones.is_empty()).then(|| phones.join(", "))),
        ("Email", adult.email.clone()),
        (
            "Language",
            adult
                .language
                .as_deref()
                .map(|tag| web.d.language_name(tag)),
        ),
        (
            "Prefers",
            adult.prefers.map(|p| prefers_words(p).to_owned()),
        ),
        ("Lives with the child", said(child.lives_with)),
        (
            "Parental responsibility",
            said(child.parental_responsibility),
        ),
        (
            "Key worker",
            adult.key_worker.as_deref().map(|key| school.name(key)),
        ),
        ("Know before you write", adult.note.clone()),
    ]
    .into_iter()
    .filter_map(|(what, said)| Some((what, said?)))
    .collect()
}
