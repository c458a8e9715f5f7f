//! Who read or did what, newest first, for those who answer for the school's records.
//!
//! A line about a case is shown to whoever may open that case, and to nobody else: not that it exists,
//! not who reads it.

use std::collections::{HashMap, HashSet};

use askama::Template;
use axum::extract::{Query, State};
use axum::response::{IntoResponse as _, Response};
use jiff::ToSpan as _;
use jiff::civil::{Date, Time};
use serde::Deserialize;
use uuid::Uuid;

use super::wording::deed_words;
use super::{Frame, Problem, Stamp, render};
use crate::desk::{may_open, sees_audit};
use crate::school::case;
use crate::store::{AuditFilter, AuditLine, Case, Moment, Result, Tx};
use crate::web::error::{PageError, form_encoded};
use crate::web::session::SignedIn;
use crate::web::{Shared, sheet};

/// Lines on one page.
const ON_A_PAGE: usize = 50;

/// Lines in one CSV file: a day, a case or a person rarely has as many.
const IN_A_FILE: usize = 50_000;

/// Lines read at once, and how often for one page: where most lines are of cases that this person may
/// not open, the rest is a page further.
const AT_ONCE: u32 = 500;
const LOOKS: usize = 20;

/// The page.
#[derive(Template)]
#[template(path = "audit.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    rows: Vec<Row>,
    asked: Asked,
    /// Key, name, and whether the list is narrowed to them.
    people: Vec<(String, String, bool)>,
    /// The address of older lines.
    older: Option<String>,
    /// The address of the same list as a file.
    file: String,
}

/// A line's place in the log: its moment and id.
type Place = (Moment, Uuid);

/// One line.
struct Row {
    when: Stamp,
    who: String,
    did: String,
    /// The case, for a link.
    case: Option<(i64, String)>,
}

/// What the list is narrowed to.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    /// Somebody's key.
    #[serde(default)]
    person: String,
    /// `C-1042`.
    #[serde(default)]
    case: String,
    /// `2026-12-01`.
    #[serde(default)]
    day: String,
    /// Older than this line: its moment and id.
    #[serde(default)]
    before: String,
}

impl Asked {
    fn address(&self, page: &str, before: Option<Place>) -> String {
        let mut pairs = vec![
            ("person", self.person.clone()),
            ("case", self.case.clone()),
            ("day", self.day.clone()),
        ];
        pairs.extend(before.map(|(at, id)| ("before", format!("{}.{id}", at.0))));
        pairs.retain(|(_, value)| !value.is_empty());
        match form_encoded(&pairs) {
            query if query.is_empty() => page.to_owned(),
            query => format!("{page}?{query}"),
        }
    }

    fn place(&self) -> Option<Place> {
        let (at, id) = self.before.split_once('.')?;
        Some((Moment(at.parse().ok()?), Uuid::parse_str(id).ok()?))
    }
}

/// `GET /audit`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, PageError> {
    if !sees_audit(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let mut look = Look::new(&mut tx, &who);
    let mut frame = Frame::of(&who, "/audit", "Audit");
    let (lines, older) = match look.filter(&asked).await? {
        Ok(filter) => look.lines(filter, ON_A_PAGE).await?,
        Err(problem) => {
            frame.problem = Some(problem);
            (Vec::new(), None)
        }
    };
    let rows = lines
        .iter()
        .map(|(line, case)| Row {
            when: Stamp::new(school, line.at, now),
            who: name(&who, &line.staff),
            did: deed_words(school, line, case.as_ref()),
            case: case.as_ref().map(|c| (c.number, c.reference())),
        })
        .collect();
    let others = ["schoolgate", "command-line", asked.person.as_str()];
    let staff = school.people.staff.iter().map(|s| s.key.as_str());
    let mut keys: Vec<&str> = staff.chain(others).filter(|key| !key.is_empty()).collect();
    // Somebody who has left can still be asked for by a link.
    let mut met = HashSet::new();
    keys.retain(|key| met.insert(*key));
    let people = keys
        .into_iter()
        .map(|key| (key.to_owned(), name(&who, key), key == asked.person))
        .collect();
    drop(tx);
    // Reading the log is in the log, once for each look from its beginning.
    if asked.before.is_empty() {
        let mut tx = web.d.store.begin().await?;
        let did = "looked at the audit log";
        tx.audit(&school.config.id, &who.staff().key, did, None)
            .await?;
        tx.save().await?;
    }
    let status = frame.status();
    let page = Page {
        frame,
        rows,
        people,
        older: older.map(|place| asked.address("/audit", Some(place))),
        file: asked.address("/audit.csv", None),
        asked,
    };
    Ok((status, render(&page)).into_response())
}

/// `GET /audit.csv`
pub(crate) async fn file(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, PageError> {
    if !sees_audit(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let mut tx = web.d.store.begin().await?;
    let did = "took the audit log as a file";
    tx.audit(&school.config.id, &who.staff().key, did, None)
        .await?;
    tx.save().await?;
    let mut tx = web.d.store.read().await?;
    let mut look = Look::new(&mut tx, &who);
    let Ok(filter) = look.filter(&asked).await? else {
        return Err(PageError::NotFound);
    };
    let headings = ["When", "Who", "What", "Case"].map(str::to_owned);
    let mut rows = vec![headings.to_vec()];
    let (lines, older) = look.lines(filter, IN_A_FILE).await?;
    rows.extend(lines.iter().map(|(line, case)| {
        let at = school.local(line.at.timestamp());
        vec![
            at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            name(&who, &line.staff),
            deed_words(school, line, case.as_ref()),
            case.as_ref().map(Case::reference).unwrap_or_default(),
        ]
    }));
    if older.is_some() {
        rows.push(vec![
            String::new(),
            String::new(),
            "There are older lines: narrow the list to a day, a person or a case.".to_owned(),
            String::new(),
        ]);
    }
    Ok(sheet::csv("audit.csv", &rows))
}

fn name(who: &SignedIn, key: &str) -> String {
    match key {
        "schoolgate" => "schoolgate, by itself".to_owned(),
        "command-line" => "somebody at the machine".to_owned(),
        key => who.school.name(key),
    }
}

/// One look at the log for one person.
struct Look<'a> {
    tx: &'a mut Tx,
    who: &'a SignedIn,
    /// Cases met so far; `None` for one that this person may not open.
    cases: HashMap<Uuid, Option<Case>>,
}

impl<'a> Look<'a> {
    fn new(tx: &'a mut Tx, who: &'a SignedIn) -> Self {
        Self {
            tx,
            who,
            cases: HashMap::new(),
        }
    }

    /// What is asked for, or what is wrong with it.
    async fn filter(&mut self, asked: &Asked) -> Result<std::result::Result<AuditFilter, Problem>> {
        let mut filter = AuditFilter {
            staff: Some(asked.person.clone()).filter(|key| !key.is_empty()),
            before: asked.place(),
            ..AuditFilter::default()
        };
        let case = asked.case.trim();
        if !case.is_empty() {
            let school = &self.who.school.config.id;
            let found = match case::number(case) {
                Some(number) => self.tx.case_by_number(school, number).await?,
                None => None,
            };
            let Some(found) = found.filter(|c| may_open(&self.who.school, self.who.staff(), c))
            else {
                let words =
                    format!("there is no case {case} that you may open: write one such as C-1042");
                return Ok(Err(Problem::new("case", &words)));
            };
            filter.case_id = Some(found.id);
        }
        let day = asked.day.trim();
        if !day.is_empty() {
            let Ok(day) = day.parse::<Date>() else {
                let words = format!("{day} is not a day: write one such as 2026-12-01");
                return Ok(Err(Problem::new("day", &words)));
            };
            let midnight = |day: Date| {
                let at = self.who.school.instant(day.to_datetime(Time::midnight()));
                Moment::from(at)
            };
            filter.from = midnight(day);
            filter.until = midnight(day.saturating_add(1.day()));
        }
        Ok(Ok(filter))
    }

    /// As many lines as `most` that this person may see, each with its case; and the place after which
    /// there is more.
    async fn lines(
        &mut self,
        mut filter: AuditFilter,
        most: usize,
    ) -> Result<(Vec<(AuditLine, Option<Case>)>, Option<Place>)> {
        let school = self.who.school.config.id.clone();
        let mut lines: Vec<(AuditLine, Option<Case>)> = Vec::new();
        for _ in 0..LOOKS.max(most / ON_A_PAGE) {
            let found = self.tx.audit_lines(&school, &filter, AT_ONCE).await?;
            let end = found.len() < AT_ONCE as usize;
            for line in found {
                if lines.len() == most {
                    return Ok((lines, filter.before));
                }
                let place = (line.at, line.id);
                let case = match line.case_id {
                    None => None,
                    Some(id) => self.openable(id).await?,
                };
                if case.is_some() || line.case_id.is_none() {
                    lines.push((line, case));
                }
                filter.before = Some(place);
            }
            if end {
                return Ok((lines, None));
            }
        }
        Ok((lines, filter.before))
    }

    /// The case, if this person may open it.
    async fn openable(&mut self, id: Uuid) -> Result<Option<Case>> {
        if let Some(known) = self.cases.get(&id) {
            return Ok(known.clone());
        }
        let school = &self.who.school;
        let found = self.tx.case(&school.config.id, id).await?;
        let found = found.filter(|c| may_open(school, self.who.staff(), c));
        self.cases.insert(id, found.clone());
        Ok(found)
    }
}
