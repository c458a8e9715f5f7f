//! Giving parents a page of a case: for each adult who has to do with the child the exact text, what
//! they would read, and why not where not.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use axum_extra::extract::Form;
use serde::Deserialize;

use super::acts::number;
use super::case::{find, shown};
use super::wording::entry_title;
use super::{Frame, Problem, Stamp, clean, render};
use crate::desk::DeskError;
use crate::desk::share::{Recipient, opens};
use crate::school::case::share::NotShared;
use crate::store::{Case, Entry, Moment, Tx, Withheld};
use crate::text::segments::segments;
use crate::web::error::PageError;
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

#[derive(Template)]
#[template(path = "share.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    number: i64,
    reference: String,
    recipients: Vec<Row>,
}

/// One adult.
struct Row {
    key: String,
    name: String,
    relation: String,
    /// Why they cannot have a page.
    not: Option<String>,
    /// They may be given it in another way.
    otherwise: bool,
    /// Somebody has to decide whether they are given copies; what was decided, if it was.
    copies: Option<&'static str>,
    text: String,
    parts: usize,
    entries: Vec<EntryRow>,
    /// Why something is kept back, as it was typed.
    why: String,
    last: Option<String>,
}

struct EntryRow {
    seq: i64,
    title: String,
    when: Stamp,
    words: String,
    /// Why it is kept from them, if it is.
    kept: Option<String>,
    ticked: bool,
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    done: Option<String>,
}

/// What is said of what somebody wanted: that it is done, or why not, with what they had typed.
enum Said<'a> {
    Done(Option<&'a str>),
    Refused(&'a Act, Problem),
}

/// What somebody wants to do for one adult.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Act {
    #[serde(default)]
    adult: String,
    /// `give`, `otherwise`, `keep`, `copies` or `no-copies`.
    #[serde(default, rename = "do")]
    act: String,
    /// Entries to keep from them.
    #[serde(default)]
    kept: Vec<i64>,
    #[serde(default)]
    why: String,
}

/// `GET /c/{number}/share`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.begin().await?;
    let case = find(&mut tx, &who, &said).await?;
    tx.audit(&case.school_id, &who.staff().key, "read", Some(case.id))
        .await?;
    let page = view(
        &web,
        &who,
        &mut tx,
        &case,
        Said::Done(asked.done.as_deref()),
    )
    .await?;
    tx.save().await?;
    Ok(page)
}

async fn view(
    web: &Web,
    who: &SignedIn,
    tx: &mut Tx,
    case: &Case,
    said: Said<'_>,
) -> Result<Response, PageError> {
    let actor = who.actor(web);
    let recipients = actor.recipients(tx, case).await?;
    let entries = tx.chronology(case.id).await?;
    let withheld = tx.withheld(case.id).await?;
    let now = Moment::from(tx.now());
    let rows = recipients
        .iter()
        .map(|r| {
            let mut row = row(who, case, r, &entries, &withheld, now);
            if let Said::Refused(typed, _) = &said
                && r.adult.is(&typed.adult)
                && matches!(typed.act.as_str(), "give" | "keep")
            {
                row.why.clone_from(&typed.why);
                for entry in &mut row.entries {
                    entry.ticked = typed.kept.contains(&entry.seq);
                }
            }
            row
        })
        .collect();
    let frame = Frame::of(who, "/cases", format!("Share {}", case.reference()));
    let page = Page {
        frame: match said {
            Said::Done(done) => frame.done(done),
            Said::Refused(_, problem) => Frame {
                problem: Some(problem),
                ..frame
            },
        },
        number: case.number,
        reference: case.reference(),
        recipients: rows,
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

fn row(
    who: &SignedIn,
    case: &Case,
    recipient: &Recipient<'_>,
    entries: &[Entry],
    withheld: &[Withheld],
    now: Moment,
) -> Row {
    let school = &who.school;
    let adult = recipient.adult;
    let child = adult
        .children
        .iter()
        .find(|c| Some(&c.pupil) == case.pupil.as_ref());
    let relation = child.map_or_else(String::new, |c| c.kind.clone());
    let copies = match recipient.not {
        _ if recipient.own => None,
        Some(NotShared::NotDecided) => Some("Nobody has decided whether they are given copies."),
        Some(NotShared::Declined) => Some("It was decided that they are given no copies."),
        None | Some(NotShared::NoNumber | NotShared::NoPin | NotShared::Stopped) => {
            Some("It was decided that they are given copies.")
        }
        Some(_) => None,
    };
    let entry = |(seq, kept): &(i64, bool)| {
        let entry = entries.iter().find(|e| e.seq == *seq)?;
        let why = withheld
            .iter()
            .find(|w| w.seq == *seq && adult.is(&w.adult))
            .filter(|_| *kept);
        Some(EntryRow {
            seq: *seq,
            title: entry_title(school, case, entry),
            when: Stamp::new(school, entry.happened_at, now),
            words: shown(case, entry).0,
            ticked: why.is_some(),
            kept: why.map(|w| format!("{} ({})", w.why, school.name(&w.staff))),
        })
    };
    Row {
        key: adult.key.clone(),
        name: adult.name.clone(),
        relation,
        not: recipient
            .not
            .map(|why| Problem::new("", &why.to_string()).words),
        copies,
        otherwise: recipient.not.is_none_or(NotShared::is_of_the_way),
        // As long as it will be: the dots stand for a secret of 32 letters.
        parts: segments(&recipient.text.replace('…', &"0".repeat(32))).parts,
        text: recipient.text.clone(),
        why: String::new(),
        entries: recipient.entries.iter().filter_map(entry).collect(),
        last: recipient.last.as_ref().map(|share| {
            let stamp = |at: Moment| Stamp::new(school, at, now);
            let given = format!("Given {} by {}", stamp(share.at), school.name(&share.staff));
            let opened = match share.opened_at {
                Some(at) => format!("opened {}", stamp(at)),
                None if opens(share, now) => "not opened yet".to_owned(),
                None => "never opened".to_owned(),
            };
            let answered = share
                .answered_at
                .map_or_else(String::new, |at| format!(", answered {}", stamp(at)));
            let over = if opens(share, now) {
                ""
            } else {
                "; the link opens no more"
            };
            format!("{given}, {opened}{answered}{over}.")
        }),
    }
}

/// `POST /c/{number}/share`
pub(crate) async fn act(
    State(web): State<Shared>,
    who: SignedIn,
    Path(said): Path<String>,
    Form(form): Form<Act>,
) -> Result<Response, PageError> {
    let number = number(&said)?;
    let actor = who.actor(&web);
    let mut tx = web.d.store.begin().await?;
    let mut case = actor.case(&mut tx, number).await?;
    let adult = form.adult.as_str();
    let why = clean(&form.why);
    let done = match form.act.as_str() {
        "copies" | "no-copies" => {
            let given = form.act == "copies";
            actor.decide_copies(&mut tx, &case, adult, given).await
        }
        "keep" => {
            actor
                .keep_from(&mut tx, &case, adult, &form.kept, &why)
                .await
        }
        "otherwise" => actor.gave_otherwise(&mut tx, &case, adult, &why).await,
        "give" => {
            // What is ticked now is what counts, whichever button was pressed.
            match actor
                .keep_from(&mut tx, &case, adult, &form.kept, &why)
                .await
            {
                Ok(()) => actor.give_page(&mut tx, &mut case, adult).await,
                refused => refused,
            }
        }
        _ => return Err(PageError::Form),
    };
    match done {
        Ok(()) => {
            tx.save().await?;
            let word = if form.act == "give" { "shared" } else { "kept" };
            Ok(Redirect::to(&format!("/c/{number}/share?done={word}")).into_response())
        }
        Err(DeskError::Store(error)) => Err(error.into()),
        Err(DeskError::NoSuchCase) => Err(PageError::NotFound),
        Err(why) => {
            drop(tx);
            let mut tx = web.d.store.read().await?;
            let case = find(&mut tx, &who, &said).await?;
            let problem = Problem::new(format!("adult-{adult}"), &why.to_string());
            view(&web, &who, &mut tx, &case, Said::Refused(&form, problem)).await
        }
    }
}
