//! Reports: the school's figures for a term or a year, as tables, as pictures and as files, with small
//! numbers hidden from everybody: a page is passed on.

use std::collections::{HashMap, HashSet};

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::{Frame, render};
use crate::channel::phone_of_address;
use crate::deployment::School;
use crate::desk::sight::{may_see_counters, may_see_reports};
use crate::school::people::Pupil;
use crate::school::report::figures::{self, AdultFact, CaseFact, ChildFact, PromiseFact};
use crate::school::report::period::{Span, after, spans, until};
use crate::school::report::small::Figure;
use crate::school::report::{Shown, Table, chart};
use crate::store::{Moment, Result, Tx};
use crate::web::client::Client;
use crate::web::error::PageError;
use crate::web::session::SignedIn;
use crate::web::{Shared, Web, csv};

/// The page.
#[derive(Template)]
#[template(path = "reports.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    period: Span,
    periods: Vec<Span>,
    /// Its days that have been, in words.
    so_far: String,
    /// Whether figures of each child are a link away.
    children: bool,
    reports: Vec<Report>,
}

/// One report.
struct Report {
    table: Table,
    shown: Shown,
    chart: String,
}

/// Which period.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// The key of a [`Span`]; the present term where there is none.
    #[serde(default)]
    pub period: String,
}

/// The span that was asked for, or the present one, and all there are.
pub(super) fn period(school: &School, now: Moment, key: &str) -> (Span, Vec<Span>) {
    let today = school.local(now.timestamp()).date();
    let spans = spans(school.calendar(), today);
    let chosen = spans.iter().find(|span| span.key == key);
    let chosen = chosen.or(spans.first()).cloned();
    let year = || crate::school::report::period::year(today.year());
    (chosen.unwrap_or_else(year), spans)
}

/// `GET /reports`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, PageError> {
    if client.ahead || !may_see_reports(who.staff()) {
        return Err(PageError::NotFound);
    }
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let (period, periods) = period(&who.school, now, &asked.period);
    let tables = gather(&web, &mut tx, &who.school, &period).await?;
    drop(tx);
    let reports = tables.into_iter().map(|table| {
        let shown = table.shown();
        Report {
            chart: chart::bars(&table, &shown),
            shown,
            table,
        }
    });
    let page = Page {
        frame: Frame::of(&who, "/reports", "Reports"),
        children: may_see_counters(who.staff()),
        reports: reports.collect(),
        so_far: so_far(&who.school, &period, now),
        period,
        periods,
    };
    Ok(render(&page))
}

/// `GET /reports/{file}`: one report for a spreadsheet, such as `themes.csv`.
pub(crate) async fn file(
    State(web): State<Shared>,
    who: SignedIn,
    Path(file): Path<String>,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, PageError> {
    let name = file.strip_suffix(".csv").ok_or(PageError::NotFound)?;
    if !may_see_reports(who.staff()) {
        return Err(PageError::NotFound);
    }
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let (period, _) = period(&who.school, now, &asked.period);
    let tables = gather(&web, &mut tx, &who.school, &period).await?;
    let table = tables.iter().find(|table| table.name == name);
    let table = table.ok_or(PageError::NotFound)?;
    let shown = table.shown();
    let head = std::iter::once(table.of.to_owned());
    let head = head.chain(table.columns.iter().map(|c| (*c).to_owned()));
    let line = |label: &str, figures: &[Figure]| {
        let label = std::iter::once(label.to_owned());
        label.chain(figures.iter().map(Figure::to_string)).collect()
    };
    let mut rows: Vec<Vec<String>> = vec![head.collect()];
    rows.extend(
        shown
            .rows
            .iter()
            .map(|(label, figures)| line(label, figures)),
    );
    rows.push(line("All", &shown.totals));
    Ok(csv::answer(&format!("{name}-{}", period.key), &rows))
}

/// The moments from which and until before which a span runs.
pub(super) fn moments(school: &School, span: &Span) -> (Moment, Moment) {
    let midnight = jiff::civil::Time::midnight();
    let from = school.instant(span.days.from.to_datetime(midnight));
    let to = school.instant(after(span.days).to_datetime(midnight));
    (from.into(), to.into())
}

/// Who wrote in a span, by phone.
pub(super) async fn heard(tx: &mut Tx, school: &School, span: &Span) -> Result<HashSet<String>> {
    let (from, to) = moments(school, span);
    let heard = tx.heard_between(&school.config.id, from, to).await?;
    Ok(heard
        .iter()
        .map(|address| phone_of_address(address).unwrap_or(address).to_owned())
        .collect())
}

/// Pupils, each with whether somebody of the family was heard from in a span, on one of `phones` or in
/// a case. An adult who is not to
/// hear of the child does not count.
pub(super) async fn pupils_heard<'s>(
    tx: &mut Tx,
    school: &'s School,
    span: &Span,
    phones: &HashSet<String>,
) -> Result<Vec<(&'s Pupil, bool)>> {
    let (from, to) = moments(school, span);
    let spoken = tx.pupils_spoken_of(&school.config.id, from, to).await?;
    let today = school.local(tx.now()).date();
    let mut heard: HashSet<&str> = spoken.iter().map(String::as_str).collect();
    for adult in &school.people.adults {
        if adult.phones.iter().any(|p| phones.contains(p.e164())) {
            let children = adult.children.iter();
            let theirs = children.filter(|c| !c.is_restricted(today));
            heard.extend(theirs.map(|c| c.pupil.as_str()));
        }
    }
    let pupils = school.people.pupils.iter();
    Ok(pupils
        .map(|p| (p, heard.contains(p.key.as_str())))
        .collect())
}

/// Every report of a span.
async fn gather(web: &Web, tx: &mut Tx, school: &School, span: &Span) -> Result<Vec<Table>> {
    let id = &school.config.id;
    let (from, to) = moments(school, span);
    let local = |at: Moment| school.local(at.timestamp());
    let now = local(tx.now().into());
    let cases = tx.cases_opened(id, from, to).await?;
    let cases: Vec<CaseFact> = cases
        .into_iter()
        .map(|c| CaseFact {
            kind: c.kind,
            opened: local(c.opened_at),
            acknowledged: c.acknowledged_at.map(local),
            told: c.told_at.map(local),
        })
        .collect();
    let promises = tx.promises_due(id, from, to).await?;
    let promises: Vec<PromiseFact> = promises
        .into_iter()
        .map(|(due, kept)| PromiseFact {
            due: local(due),
            kept: kept.map(local),
        })
        .collect();
    let phones = heard(tx, school, span).await?;
    let children = pupils_heard(tx, school, span, &phones).await?;
    let children: Vec<ChildFact> = children
        .into_iter()
        .map(|(pupil, heard)| ChildFact {
            class: pupil.class.clone(),
            heard,
        })
        .collect();
    let mut names: HashMap<&str, String> = HashMap::new();
    let adults = school.people.adults.iter().map(|adult| {
        let language = adult.language.as_deref().map_or_else(
            || "Not on record".to_owned(),
            |tag| {
                let name = names.entry(tag);
                name.or_insert_with(|| web.d.language_name(tag)).clone()
            },
        );
        AdultFact {
            language,
            heard: adult.phones.iter().any(|p| phones.contains(p.e164())),
        }
    });
    let adults: Vec<AdultFact> = adults.collect();
    let calendar = school.calendar();
    Ok(vec![
        figures::acknowledgement(calendar, &cases),
        figures::outcome(calendar, &cases),
        figures::promises(&promises, now),
        figures::themes(&cases),
        figures::balance(&cases),
        figures::not_heard(&children),
        figures::languages(&adults),
    ])
}

/// The days of a span that have been, in words.
fn so_far(school: &School, span: &Span, now: Moment) -> String {
    let days = until(span, school.local(now.timestamp()).date());
    format!(
        "{} to {}",
        days.from.strftime("%-d %b %Y"),
        days.to.strftime("%-d %b %Y")
    )
}
