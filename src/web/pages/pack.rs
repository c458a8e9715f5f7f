//! The evidence pack: one dated chronology for a review or a request for an EHC plan, to print or save.
//!
//! It goes to people outside the school, so nothing sealed is in it, whoever makes it; nor, where it
//! is of all cases of a child, what was confided for other ends: complaints, help for the family,
//! requests about personal data. It is word for word: nothing is cut short, and a long record comes in
//! parts.

use std::collections::BTreeMap;

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;
use uuid::Uuid;

use super::support::stages_line;
use super::wording::{adult_line, entry_title, kind_words, pupil_line, state_words};
use super::{Frame, case, clean, render};
use crate::deployment::School;
use crate::desk::may_open;
use crate::school::case::Kind;
use crate::store::{Case, Entry, Moment, Tx};
use crate::web::Shared;
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// Words in one part, in bytes: with what stands around them a page stays under 100 KB.
const ONE_PART: usize = 45_000;

/// Entries in one part.
const ENTRIES: usize = 120;

/// Entries that say what the service did inside, and tell an outsider nothing.
const INSIDE: [&str; 6] = [
    "screen",
    "page",
    "opened",
    "sealed",
    "sealed-elsewhere",
    "forward",
];

/// The page.
#[derive(Template)]
#[template(path = "pack.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    number: i64,
    facts: Vec<(&'static str, String)>,
    cases: Vec<Part>,
    chronology: Vec<Row>,
    printed: String,
    by: String,
    /// Whether it is of all cases of the child.
    all: bool,
    /// Whether there is a child to have other cases.
    has_child: bool,
    /// The number of the first entry here, if it is not the first of all.
    first: usize,
    /// Where the parts before and after this one are.
    earlier: Option<String>,
    later: Option<String>,
}

/// One case of the pack.
struct Part {
    reference: String,
    kind: String,
    from: String,
    state: String,
    entries: i64,
    /// By which a copy can be told from the record: the beginning of its last hash.
    fingerprint: String,
}

struct Row {
    when: String,
    entered: Option<String>,
    title: String,
    reference: String,
    words: String,
    class: &'static str,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// `case`: this case alone.
    #[serde(default)]
    only: String,
    /// How many entries the parts before this one hold.
    #[serde(default)]
    from: usize,
}

/// `GET /c/{number}/pack`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Path(said): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    if client.ahead {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let mut tx = web.d.store.begin().await?;
    let case = case::find(&mut tx, &who, &said).await?;
    if case.tier != "ordinary" || is_unopened(&mut tx, &case).await? {
        return Err(PageError::NotFound);
    }
    let now = Moment::from(tx.now());
    let mut facts = facts(school, &case);
    if let Some(pupil) = &case.pupil {
        let stages = stages_line(&mut tx, school, pupil).await?;
        facts.extend(stages.map(|line| ("Stages of support", line)));
    }
    let all = asked.only != "case" && case.pupil.is_some();
    let cases = cases(&mut tx, &who, &case, all).await?;
    let mut entries = Vec::new();
    for case in cases.values() {
        let chronology = tx.chronology(case.id).await?;
        let of_it = chronology.into_iter();
        entries.extend(of_it.filter(|e| !INSIDE.contains(&e.kind.as_str())));
        tx.audit(
            &school.config.id,
            &who.staff().key,
            "made a pack",
            Some(case.id),
        )
        .await?;
    }
    tx.save().await?;
    entries.sort_by_key(|e| (e.happened_at, e.case_id, e.seq));

    let mut size = 0;
    let part: Vec<&Entry> = entries
        .iter()
        .skip(asked.from)
        .take(ENTRIES)
        .take_while(|e| {
            let before = size;
            size += e.words().map_or(0, |w| w.len());
            before == 0 || size <= ONE_PART
        })
        .collect();
    let next = asked.from + part.len();
    let address = |from: usize| {
        let only = if all { "" } else { "only=case&" };
        format!("/c/{}/pack?{only}from={from}", case.number)
    };
    let title = match all {
        true => format!("Record of {}", pupil_line(school, &case)),
        false => format!("Record of case {}", case.reference()),
    };
    let page = Page {
        frame: Frame::of(&who, "/cases", title),
        number: case.number,
        facts,
        cases: cases.values().map(|c| part_of(school, c)).collect(),
        chronology: part
            .iter()
            .filter_map(|e| Some(row(school, cases.get(&e.case_id)?, e, &entries)))
            .collect(),
        printed: dated(school, now),
        by: who.staff().name.clone(),
        all,
        has_child: case.pupil.is_some(),
        first: asked.from,
        earlier: (asked.from > 0).then(|| address(0)),
        later: (next < entries.len()).then(|| address(next)),
    };
    Ok(render(&page))
}

async fn is_unopened(tx: &mut Tx, case: &Case) -> Result<bool, PageError> {
    let alert = tx.alert(case.id).await?;
    Ok(alert.is_some_and(|alert| alert.read_at.is_none()))
}

/// The cases of the pack, by their ids.
async fn cases(
    tx: &mut Tx,
    who: &SignedIn,
    case: &Case,
    all: bool,
) -> Result<BTreeMap<Uuid, Case>, PageError> {
    let mut cases = BTreeMap::from([(case.id, case.clone())]);
    let (true, Some(pupil)) = (all, &case.pupil) else {
        return Ok(cases);
    };
    for other in tx.cases_of_pupil(&who.school.config.id, pupil).await? {
        let told = other.tier == "ordinary" && !Kind::rule_of(&other.kind).private;
        if told && may_open(&who.school, who.staff(), &other) && !is_unopened(tx, &other).await? {
            cases.insert(other.id, other);
        }
    }
    Ok(cases)
}

fn facts(school: &School, case: &Case) -> Vec<(&'static str, String)> {
    let pupil = case.pupil.as_deref().and_then(|p| school.people.pupil(p));
    let born = pupil.and_then(|p| p.date_of_birth);
    [
        ("School", Some(school.config.name.clone())),
        ("Child", pupil.map(|_| pupil_line(school, case))),
        (
            "Date of birth",
            born.map(|day| day.strftime("%-d %B %Y").to_string()),
        ),
        ("Home council", pupil.and_then(|p| p.home_council.clone())),
    ]
    .into_iter()
    .filter_map(|(what, said)| Some((what, said?)))
    .collect()
}

fn part_of(school: &School, case: &Case) -> Part {
    let hash = case.head.iter().take(8);
    Part {
        reference: case.reference(),
        kind: kind_words(&case.kind),
        from: adult_line(school, case),
        state: state_words(&case.state),
        entries: case.entries,
        fingerprint: hash.map(|byte| format!("{byte:02x}")).collect(),
    }
}

/// A moment in full: on paper there is no "yesterday".
fn dated(school: &School, at: Moment) -> String {
    let local = school.local(at.timestamp());
    let clock = super::when::clock(local.time());
    format!("{}, {clock}", local.strftime("%a %-d %B %Y"))
}

/// An entry, with the ones that put it right or that it puts right.
fn row(school: &School, case: &Case, entry: &Entry, all: &[Entry]) -> Row {
    let right = all
        .iter()
        .filter(|e| e.case_id == entry.case_id && e.corrects == Some(entry.seq));
    let right = right.map(|e| format!("see also entry {}", e.seq));
    let about = entry.corrects.map(|seq| format!("about entry {seq}"));
    let place = std::iter::once(format!("{}, entry {}", case.reference(), entry.seq));
    let place: Vec<String> = place.chain(about).chain(right).collect();
    let late = entry.entered_at.0 - entry.happened_at.0 > 60_000_000;
    let words = entry
        .words()
        .map_or_else(|| "(removed, as the law asks)".to_owned(), |w| clean(&w));
    Row {
        when: dated(school, entry.happened_at),
        entered: late.then(|| dated(school, entry.entered_at)),
        title: entry_title(school, case, entry),
        reference: place.join(", "),
        words,
        class: case::class_of(entry),
    }
}
