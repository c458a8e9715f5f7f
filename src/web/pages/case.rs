//! One case: at the top a card that can be acted on in four minutes, then the chronology.
//!
//! Opening a sealed entry stops the pages for it, so only a person who opens the page counts: not a
//! browser that fetches ahead, not another site, not the page renewing itself.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use jiff::civil::Date;
use serde::Deserialize;

use super::card::{Card, card};
use super::file::{FileRow, Files};
use super::health::status_words;
use super::keeping::Keeping;
use super::names::link;
use super::wording::entry_title;
use super::{Frame, Stamp, clean, render};
use crate::deployment::School;
use crate::desk::fate::{Fate, fates};
use crate::desk::life::{may_have, review_day};
use crate::desk::may_open;
use crate::school::calendar::SchoolCalendar;
use crate::school::case::discussion::headed;
use crate::school::case::{Kind, State as Life, Step, may_step, number};
use crate::school::people::Staff;
use crate::store::{Case, Entry, Moment, Tx};
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

/// Entries of a chronology on one page, the newest; the others are a link away.
const ON_A_PAGE: usize = 30;

/// Characters of one message shown there; the whole of it is a link away. Both keep the page
/// under 100 KB whatever people write.
const SHOWN: usize = 1_200;

/// The page.
#[derive(Template)]
#[template(path = "case.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    number: i64,
    card: Card,
    chronology: Vec<EntryRow>,
    /// The last entry there is.
    seen: i64,
    /// Where earlier entries are, if there are any.
    earlier: Option<String>,
    /// What was typed into a form that was not taken.
    typed: Typed,
    /// Days on which a call can be promised.
    days: Vec<(String, String)>,
    /// What the case may become now.
    steps: Steps,
    /// Who else could have it.
    owners: Vec<(String, String)>,
    /// The hold on it.
    keeping: Keeping,
}

struct EntryRow {
    title: String,
    when: Stamp,
    /// When it was written down, if much later.
    entered: Option<Stamp>,
    words: String,
    /// The headings of a note and what stands under each; empty for any other entry.
    parts: Vec<(String, String)>,
    whole: Option<String>,
    /// From the parent, to the parent, or neither.
    class: &'static str,
    /// The number of it, and of the entry it puts right.
    seq: i64,
    corrects: Option<i64>,
    /// What came with a message.
    file: Option<FileRow>,
    /// How far a text to the parent has come, and whether it did not arrive.
    fate: Option<(String, bool)>,
}

/// What was typed into the forms.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    pub reply: String,
    pub time: String,
    pub day: String,
    pub call: String,
    pub note: String,
    pub release: String,
    pub step: String,
}

/// What the page is asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// What was just done.
    done: Option<String>,
    /// Show entries before this one.
    before: Option<i64>,
}

/// A case that is not opened yet.
#[derive(Template)]
#[template(path = "unopened.html", config = "src/web/askama.toml")]
struct Unopened {
    frame: Frame,
    number: i64,
}

/// `GET /c/{number}`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Path(said): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.read().await?;
    let case = find(&mut tx, &who, &said).await?;
    let paged = tx
        .alert(case.id)
        .await?
        .is_some_and(|alert| alert.read_at.is_none());
    if client.ahead || (paged && !client.looks) {
        let frame = Frame::of(&who, "/cases", case.reference());
        return Ok(render(&Unopened {
            frame,
            number: case.number,
        }));
    }
    let frame = Frame::of(&who, "/cases", case.reference()).done(asked.done.as_deref());
    let now = tx.now();
    if client.refresh && web.readers.are_reading(&who, case.id, now) {
        return view(
            &web,
            &who,
            &mut tx,
            &case,
            frame,
            Typed::default(),
            asked.before,
        )
        .await;
    }
    drop(tx);
    let mut tx = web.d.store.begin().await?;
    let case = if client.looks {
        who.actor(&web).open(&mut tx, case.number).await?
    } else {
        // Read, and written down as such; but whatever pages meanwhile goes on paging.
        let case = find(&mut tx, &who, &said).await?;
        tx.audit(
            &who.school.config.id,
            &who.staff().key,
            "read",
            Some(case.id),
        )
        .await?;
        case
    };
    web.readers.opened(&who, case.id, now);
    let page = view(
        &web,
        &who,
        &mut tx,
        &case,
        frame,
        Typed::default(),
        asked.before,
    )
    .await?;
    tx.save().await?;
    Ok(page)
}

/// The case that an address names, if this person may open it.
pub(crate) async fn find(tx: &mut Tx, who: &SignedIn, said: &str) -> Result<Case, PageError> {
    let number = number(said).ok_or(PageError::NotFound)?;
    let found = tx.case_by_number(&who.school.config.id, number).await?;
    found
        .filter(|case| may_open(&who.school, who.staff(), case))
        .ok_or(PageError::NotFound)
}

/// The case again, after a form that was not taken.
pub(crate) async fn again(
    web: &Web,
    who: &SignedIn,
    number: i64,
    problem: super::Problem,
    typed: Typed,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.read().await?;
    let case = find(&mut tx, who, &number.to_string()).await?;
    let frame = Frame {
        problem: Some(problem),
        ..Frame::of(who, "/cases", case.reference())
    };
    view(web, who, &mut tx, &case, frame, typed, None).await
}

async fn view(
    web: &Web,
    who: &SignedIn,
    tx: &mut Tx,
    case: &Case,
    frame: Frame,
    typed: Typed,
    before: Option<i64>,
) -> Result<Response, PageError> {
    let school = &who.school;
    let now = Moment::from(tx.now());
    let entries = tx.chronology(case.id).await?;
    let mut card = card(web, tx, school, case, &entries, now).await?;
    let pupil = case.pupil.as_deref();
    let pupil = pupil.and_then(|key| link(school, who.staff(), key));
    card.pupil_page = pupil.map(|(href, _)| href);
    let until = before.map_or(entries.len(), |seq| {
        entries.iter().take_while(|e| e.seq < seq).count()
    });
    let from = until.saturating_sub(ON_A_PAGE);
    let shown = entries.get(from..until).unwrap_or_default();
    let earlier = shown.first().filter(|_| from > 0);
    let files = Files::of(tx, case, &entries).await?;
    let fates = fates(&entries, &tx.outbox_of_case(case.id).await?);
    let keeping = Keeping::of(tx, who, case).await?;
    let status = frame.status();
    let page = Page {
        frame: frame.live("/events"),
        number: case.number,
        card,
        chronology: shown
            .iter()
            .map(|e| EntryRow {
                file: files.of_entry(case, e),
                fate: fates.get(&e.seq).map(fate_words),
                ..entry_row(school, case, e, now)
            })
            .collect(),
        seen: entries.last().map_or(0, |e| e.seq),
        earlier: earlier.map(|e| format!("/c/{}?before={}#chronology", case.number, e.seq)),
        typed,
        days: days(school.local(now.timestamp()).date()),
        steps: Steps::of(
            case,
            school.calendar(),
            school.local(now.timestamp()).date(),
        ),
        owners: owners(school, case),
        keeping,
    };
    Ok((status, render(&page)).into_response())
}

/// Which forms a case shows for its next step.
struct Steps {
    /// They have talked.
    talk: bool,
    /// What came of it.
    outcome: bool,
    /// The day on which they look at it again, as the form begins.
    review: Option<String>,
    /// It may be closed, once the parent knows.
    close: bool,
    /// The parent has not been told yet.
    untold: bool,
}

impl Steps {
    fn of(case: &Case, calendar: &SchoolCalendar, today: Date) -> Self {
        let from = Life::from_word(&case.state).unwrap_or(Life::Received);
        let kind = Kind::from_word(&case.kind).unwrap_or(Kind::Question);
        let may = |to: Life| {
            let step = Step {
                to,
                reason: Some("a reason"),
                outcome_told: true,
                copy_owed: false,
            };
            // Whoever takes a step has read it: what is received counts as acknowledged.
            let from = if from == Life::Received {
                Life::Acknowledged
            } else {
                from
            };
            may_step(kind, from, &step).is_ok()
        };
        if case.tier != "ordinary" {
            return Self {
                talk: false,
                outcome: false,
                review: None,
                close: from != Life::Closed,
                untold: false,
            };
        }
        Self {
            talk: may(Life::Discussed),
            outcome: may(Life::Agreed),
            review: may(Life::Review).then(|| review_day(calendar, today).to_string()),
            close: may(Life::Closed),
            untold: case.told_at.is_none(),
        }
    }
}

/// The staff who could have this case: those who may read it and can be told.
fn owners(school: &School, case: &Case) -> Vec<(String, String)> {
    let could = |s: &&Staff| case.owner.as_ref() != Some(&s.key) && may_have(school, s, case);
    let staff = school.people.staff.iter().filter(could);
    staff.map(|s| (s.key.clone(), s.name.clone())).collect()
}

/// The beginning of an entry's words, and where the whole is when that is not all.
pub(super) fn shown(case: &Case, entry: &Entry) -> (String, Option<String>) {
    let words = entry
        .words()
        .map_or_else(|| "(removed, as the law asks)".to_owned(), |w| clean(&w));
    if words.is_empty() {
        return ("(no words: look at what came with it)".to_owned(), None);
    }
    match words.char_indices().nth(SHOWN) {
        Some((end, _)) => {
            let whole = format!("/c/{}/entries/{}", case.number, entry.seq);
            (format!("{}…", &words[..end]), Some(whole))
        }
        None => (words, None),
    }
}

/// Words of several lines as one, for a list.
pub(super) fn one_line(words: &str) -> String {
    clean(words)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
}

/// "delivered", or what went wrong.
fn fate_words(fate: &Fate) -> (String, bool) {
    let error = fate.error.as_deref();
    let why = error.map_or(String::new(), |why| format!(" ({why})"));
    (format!("{}{why}", status_words(fate.status)), fate.is_bad())
}

fn entry_row(school: &School, case: &Case, entry: &Entry, now: Moment) -> EntryRow {
    let (words, whole) = shown(case, entry);
    let late = entry.entered_at.0 - entry.happened_at.0 > 60_000_000;
    EntryRow {
        title: entry_title(school, case, entry),
        when: Stamp::new(school, entry.happened_at, now),
        entered: late.then(|| Stamp::new(school, entry.entered_at, now)),
        parts: match entry.kind.as_str() {
            "early-discussion" => headed(&words)
                .into_iter()
                .map(|(heading, said)| (heading.to_owned(), said.to_owned()))
                .collect(),
            _ => Vec::new(),
        },
        words,
        whole,
        file: None,
        fate: None,
        seq: entry.seq,
        corrects: entry.corrects,
        class: class_of(entry),
    }
}

/// How an entry looks: from the parent, to the parent, or neither.
pub(super) fn class_of(entry: &Entry) -> &'static str {
    match entry.kind.as_str() {
        "message-in" => "words",
        "message-out" => "words words--out",
        _ => "plain-words",
    }
}

fn days(today: Date) -> Vec<(String, String)> {
    let label = |n: usize, day: &Date| match n {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        _ => day.strftime("%a %-d %b").to_string(),
    };
    let week = std::iter::successors(Some(today), |day| day.tomorrow().ok())
        .take(8)
        .enumerate();
    week.map(|(n, day)| (day.to_string(), label(n, &day)))
        .collect()
}
