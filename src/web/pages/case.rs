//! One case: at the top a card that can be acted on in four minutes, then the chronology.
//!
//! Opening a sealed entry stops the pages for it, so only a person who opens the page counts: not a
//! browser that fetches ahead, not another site, not the page renewing itself.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};
use jiff::civil::Date;
use serde::Deserialize;

use super::{Frame, Stamp, clean, render};
use crate::deployment::School;
use crate::desk::may_open;
use crate::inbox::phone_of;
use crate::phone::Phone;
use crate::school::case::number;
use crate::school::people::{Adult, Prefers, Pupil, Role, Sen, Staff};
use crate::store::{Case, Entry, Moment, Promise, Tx};
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
    /// Where earlier entries are, if there are any.
    earlier: Option<String>,
    /// What was typed into a form that was not taken.
    typed: Typed,
    /// Days on which a call can be promised.
    days: Vec<(String, String)>,
}

/// What somebody needs to know first.
struct Card {
    kind: String,
    state: String,
    /// Who may read it, when it is sealed.
    sealed: Option<&'static str>,
    pupil: String,
    adult: String,
    phone: Option<String>,
    prefers: Option<&'static str>,
    /// Nobody rings this phone.
    text_only: bool,
    language: Option<String>,
    note: Option<String>,
    /// They have stopped our texts.
    stopped: bool,
    /// Nothing about a child has been said to them: the office has to look first.
    unchecked: bool,
    first: Option<Words>,
    latest: Option<Words>,
    wish: Option<String>,
    promises: Vec<PromiseRow>,
    meetings: Vec<String>,
    owner: String,
    copied: String,
    /// Who is written about in it and never told.
    about: String,
    acknowledged: Option<String>,
}

/// What somebody wrote.
struct Words {
    words: String,
    when: Stamp,
    /// Where the whole of it is, when only its beginning is shown.
    whole: Option<String>,
}

struct PromiseRow {
    promise: String,
    due: Stamp,
    /// `kept`, `kept late`, `overdue`, or nothing.
    state: &'static str,
}

struct EntryRow {
    title: String,
    when: Stamp,
    /// When it was written down, if much later.
    entered: Option<Stamp>,
    words: String,
    whole: Option<String>,
    /// From the parent, to the parent, or neither.
    class: &'static str,
}

/// What was typed into the forms.
#[derive(Debug, Default)]
pub(crate) struct Typed {
    pub reply: String,
    pub time: String,
    pub day: String,
    pub call: String,
    pub note: String,
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
    let card = card(web, tx, school, case, &entries, now).await?;
    let until = before.map_or(entries.len(), |seq| {
        entries.iter().take_while(|e| e.seq < seq).count()
    });
    let from = until.saturating_sub(ON_A_PAGE);
    let shown = entries.get(from..until).unwrap_or_default();
    let earlier = shown.first().filter(|_| from > 0);
    let status = frame.status();
    let page = Page {
        frame: frame.live("/events"),
        number: case.number,
        card,
        chronology: shown
            .iter()
            .map(|e| entry_row(school, case, e, now))
            .collect(),
        earlier: earlier.map(|e| format!("/c/{}?before={}#chronology", case.number, e.seq)),
        typed,
        days: days(school.local(now.timestamp()).date()),
    };
    Ok((status, render(&page)).into_response())
}

async fn card(
    web: &Web,
    tx: &mut Tx,
    school: &School,
    case: &Case,
    entries: &[Entry],
    now: Moment,
) -> Result<Card, PageError> {
    let adult = adult(school, case);
    let lane = tx.lane(&case.endpoint, &case.address).await?;
    let phone = phone_of(lane.as_ref(), &case.address).and_then(|p| Phone::parse(p).ok());
    let chosen = lane.as_ref().and_then(|l| l.language.clone());
    let language = chosen.or_else(|| adult.and_then(|a| a.language.clone()));
    let languages = web.d.bundle();
    let promises = tx.promises_of(case.id).await?;
    let promises = promises
        .iter()
        .map(|p| promise_row(school, p, now))
        .collect::<Result<_, _>>()?;
    let mut meetings = Vec::new();
    for meeting in tx.meetings_of(case.id).await? {
        let names: Vec<String> = meeting
            .staff()?
            .iter()
            .map(|key| school.name(key))
            .collect();
        let gone = if meeting.state == "booked" {
            ""
        } else {
            " (cancelled)"
        };
        let when = Stamp::new(school, meeting.starts_at, now);
        meetings.push(format!(
            "{when} with {}, {}{gone}",
            names.join(" and "),
            mode_words(&meeting.mode)
        ));
    }
    let mut theirs = entries.iter().filter(|e| e.kind == "message-in");
    let first = theirs.next().map(|e| words_of(school, case, e, now));
    let latest = theirs.next_back().map(|e| words_of(school, case, e, now));
    let acknowledged = case.acknowledged_at.map(|at| {
        let by = case
            .acknowledged_by
            .as_deref()
            .map_or_else(|| "somebody".to_owned(), |k| school.name(k));
        format!("{by}, {}", Stamp::new(school, at, now))
    });
    let names = |keys: Vec<String>| {
        keys.iter()
            .map(|k| school.name(k))
            .collect::<Vec<_>>()
            .join(", ")
    };
    Ok(Card {
        kind: kind_words(&case.kind),
        state: state_words(&case.state),
        sealed: tier_words(&case.tier),
        pupil: pupil_line(school, case),
        adult: adult_line(school, case),
        phone: phone.map(|p| p.national()),
        prefers: adult.and_then(|a| a.prefers).map(prefers_words),
        text_only: adult.is_some_and(|a| a.prefers == Some(Prefers::TextOnly)),
        language: language.map(|tag| languages.languages.own_name(&tag)),
        note: adult.and_then(|a| a.note.clone()),
        stopped: lane.is_some_and(|l| l.stopped_at.is_some()),
        unchecked: adult.is_none(),
        first,
        latest,
        wish: case.wish.as_deref().map(wish_words),
        promises,
        meetings,
        owner: case
            .owner
            .as_ref()
            .map_or_else(|| "nobody yet".to_owned(), |key| school.name(key)),
        copied: names(case.copied()?),
        about: names(case.barred()?),
        acknowledged,
    })
}

fn words_of(school: &School, case: &Case, entry: &Entry, now: Moment) -> Words {
    let (words, whole) = shown(case, entry);
    Words {
        words,
        when: Stamp::new(school, entry.happened_at, now),
        whole,
    }
}

/// The beginning of an entry's words, and where the whole is when that is not all.
fn shown(case: &Case, entry: &Entry) -> (String, Option<String>) {
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

fn entry_row(school: &School, case: &Case, entry: &Entry, now: Moment) -> EntryRow {
    let (words, whole) = shown(case, entry);
    let late = entry.entered_at.0 - entry.happened_at.0 > 60_000_000;
    EntryRow {
        title: entry_title(school, case, entry),
        when: Stamp::new(school, entry.happened_at, now),
        entered: late.then(|| Stamp::new(school, entry.entered_at, now)),
        words,
        whole,
        class: match entry.kind.as_str() {
            "message-in" => "words",
            "message-out" => "words words--out",
            _ => "plain-words",
        },
    }
}

/// What an entry is and whose, in words.
pub(crate) fn entry_title(school: &School, case: &Case, entry: &Entry) -> String {
    let author = match entry.author.as_str() {
        "parent" => adult_name(school, case),
        "schoolgate" => "schoolgate".to_owned(),
        key => school.name(key),
    };
    let by_itself = entry.author == "schoolgate";
    match entry.kind.as_str() {
        "message-in" => format!("{author} wrote"),
        "message-out" if by_itself => "schoolgate answered".to_owned(),
        "message-out" => format!("{author} wrote to the parent"),
        "sealed-elsewhere" => "Sealed".to_owned(),
        "screen" => "What the screen saw".to_owned(),
        other => {
            let what = other.replace('-', " ");
            let mut letters = what.chars();
            let first: String = letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .collect();
            let what = format!("{first}{}", letters.as_str());
            if by_itself {
                what
            } else {
                format!("{what}, by {author}")
            }
        }
    }
}

fn promise_row(school: &School, promise: &Promise, now: Moment) -> Result<PromiseRow, PageError> {
    let state = match promise.kept_at {
        Some(kept) if kept <= promise.due_at => "kept",
        Some(_) => "kept late",
        None if promise.due_at < now => "overdue",
        None => "",
    };
    Ok(PromiseRow {
        promise: promise_words(promise)?,
        due: Stamp::new(school, promise.due_at, now),
        state,
    })
}

/// "Mrs Cole will ring".
pub(crate) fn promise_words(promise: &Promise) -> Result<String, PageError> {
    let who = promise.who()?;
    let who = if who.is_empty() {
        "The school".to_owned()
    } else {
        who.join(" or ")
    };
    let what = match promise.what.as_str() {
        "contact" => "be in touch".to_owned(),
        other => other.replace('-', " "),
    };
    Ok(format!("{who} will {what}"))
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

/// The adult of a case, when they are known and checked.
pub(crate) fn adult<'s>(school: &'s School, case: &Case) -> Option<&'s Adult> {
    let key = case.adult.as_deref()?;
    school.people.adults.iter().find(|a| a.key == key)
}

/// Who wrote, for staff who may open the case.
pub(crate) fn adult_name(school: &School, case: &Case) -> String {
    match adult(school, case) {
        Some(adult) => adult.name.clone(),
        None => match Phone::parse(&case.address) {
            Ok(phone) if case.address.starts_with('+') => {
                format!("{} (not checked)", phone.national())
            }
            _ => "somebody not checked".to_owned(),
        },
    }
}

fn adult_line(school: &School, case: &Case) -> String {
    let name = adult_name(school, case);
    let of = adult(school, case).and_then(|a| {
        a.children
            .iter()
            .find(|child| Some(&child.pupil) == case.pupil.as_ref())
    });
    of.map_or(name.clone(), |child| format!("{name}, {}", child.kind))
}

/// The pupil a case is about.
pub(crate) fn pupil_name(school: &School, case: &Case) -> String {
    let pupil = case
        .pupil
        .as_deref()
        .and_then(|key| school.people.pupil(key));
    pupil.map_or_else(
        || "not known yet".to_owned(),
        |p| format!("{} {}, {}", p.first_name, p.last_name, p.class),
    )
}

fn pupil_line(school: &School, case: &Case) -> String {
    let name = pupil_name(school, case);
    let sen = case
        .pupil
        .as_deref()
        .and_then(|key| school.people.pupil(key))
        .map(|p| p.sen);
    match sen {
        Some(Sen::Support) => format!("{name}, SEN support"),
        Some(Sen::Ehcp) => format!("{name}, EHC plan"),
        Some(Sen::None) | None => name,
    }
}

/// Whether somebody may be shown a pupil's name in a list.
pub(crate) fn knows_pupil(staff: &Staff, pupil: &Pupil) -> bool {
    const ALL: [Role; 5] = [
        Role::Senco,
        Role::Dsl,
        Role::DeputyDsl,
        Role::Head,
        Role::Office,
    ];
    ALL.iter().any(|role| staff.is(*role)) || staff.classes.contains(&pupil.class)
}

fn tier_words(tier: &str) -> Option<&'static str> {
    match tier {
        "ordinary" => None,
        "safeguarding" => {
            Some("Sealed: only the safeguarding leads, and whom they share it with, can read this.")
        }
        "staff" => Some("Sealed: it is about a member of staff. Only the head reads this."),
        _ => Some("Sealed: it is about the head. Only the chair of governors reads this."),
    }
}

fn prefers_words(prefers: Prefers) -> &'static str {
    match prefers {
        Prefers::Text => "Texts",
        Prefers::TextOnly => "Text only: do not ring this phone",
        Prefers::Phone => "A phone call",
        Prefers::Email => "Email",
    }
}

fn wish_words(wish: &str) -> String {
    match wish {
        "call" => "A phone call".to_owned(),
        "meet" => "A meeting".to_owned(),
        "text" => "Texts".to_owned(),
        other => other.replace('-', " "),
    }
}

/// How a meeting is held.
pub(crate) fn mode_words(mode: &str) -> &'static str {
    match mode {
        "phone" => "by phone",
        "video" => "by video",
        "home" => "at home",
        _ => "at school",
    }
}

/// `hand over`, of `hand-over`.
pub(crate) fn kind_words(kind: &str) -> String {
    kind.replace('-', " ")
}

/// `no change`, of `no-change`.
pub(crate) fn state_words(state: &str) -> String {
    state.replace('-', " ")
}
