//! Search: a case by its reference, people by name or number, cases by words that stand in them.
//!
//! Only what this person may read is found, and nothing says that there was more. What was looked for
//! is in no log: words somebody searches for tell as much as words somebody wrote.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::listing::{Excerpt, Row, excerpt, openable, unopened};
use super::names::{adults_called, label, link, pupils_called};
use super::{Frame, reads_words, render};
use crate::deployment::School;
use crate::desk::may_open;
use crate::desk::sight::may_see_adult;
use crate::phone::Phone;
use crate::school::case::number;
use crate::school::people::{Adult, Staff};
use crate::store::{CaseFilter, Moment, Result, Term, Tx};
use crate::web::Shared;
use crate::web::client::Client;
use crate::web::error::{PageError, form_encoded};
use crate::web::session::SignedIn;

/// Cases on one page.
const ON_A_PAGE: usize = 20;

/// People of each sort that are listed; a longer list is narrowed with one more word.
const PEOPLE: usize = 15;

/// The longest search, in characters.
const LONGEST: usize = 200;

/// The page.
#[derive(Template)]
#[template(path = "search.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    q: String,
    pupils: Vec<(String, String)>,
    more_pupils: bool,
    adults: Vec<Person>,
    more_adults: bool,
    cases: Vec<Found>,
    more: Option<String>,
    /// Whether anything was looked for.
    asked: bool,
}

/// An adult who was found.
struct Person {
    name: String,
    phones: String,
    /// Their children whom this person may look up.
    children: Vec<(String, String)>,
}

/// A case that was found.
struct Found {
    row: Row,
    /// Where the words stand.
    excerpt: Option<Excerpt>,
    /// Somebody is paged about it: its words show on its own page.
    unopened: bool,
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    /// Only cases with a lower number.
    before: Option<i64>,
}

/// `GET /search`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, PageError> {
    if client.ahead || !reads_words(who.staff()) {
        return Err(PageError::NotFound);
    }
    let q: String = asked.q.trim().chars().take(LONGEST).collect();
    let (school, staff) = (&who.school, who.staff());
    let (mut pupils, mut adults) = match asked.before {
        None => (
            pupils_called(school, staff, &q),
            adults_at(school, staff, &q),
        ),
        Some(_) => (Vec::new(), Vec::new()),
    };
    let (more_pupils, more_adults) = (pupils.len() > PEOPLE, adults.len() > PEOPLE);
    pupils.truncate(PEOPLE);
    adults.truncate(PEOPLE);

    let mut tx = web.d.store.read().await?;
    let (cases, more) = cases(&mut tx, &who, &q, asked.before).await?;
    drop(tx);
    if !q.is_empty() {
        let mut tx = web.d.store.begin().await?;
        tx.audit(&school.config.id, &staff.key, "searched", None)
            .await?;
        tx.save().await?;
    }
    let title = if q.is_empty() {
        "Search".to_owned()
    } else {
        format!("Search: {q}")
    };
    let page = Page {
        frame: Frame::of(&who, "/search", title),
        pupils: pupils
            .iter()
            .map(|p| (format!("/pupils/{}", p.key), label(p)))
            .collect(),
        more_pupils,
        adults: adults.iter().map(|a| person(school, staff, a)).collect(),
        more_adults,
        cases,
        more: more.map(|before| {
            let query = form_encoded(&[("q", q.clone()), ("before", before.to_string())]);
            format!("/search?{query}")
        }),
        asked: !q.is_empty(),
        q,
    };
    Ok(render(&page))
}

fn person(school: &School, staff: &Staff, adult: &Adult) -> Person {
    let phones: Vec<String> = adult.phones.iter().map(|p| p.national()).collect();
    let children = adult.children.iter();
    Person {
        name: adult.name.clone(),
        phones: phones.join(", "),
        children: children
            .filter_map(|c| link(school, staff, &c.pupil))
            .collect(),
    }
}

/// Adults by name or by number.
fn adults_at<'s>(school: &'s School, staff: &Staff, q: &str) -> Vec<&'s Adult> {
    match Phone::parse(q) {
        Ok(phone) => {
            let adults = school.people.with_phone(&phone).into_iter();
            adults.filter(|a| may_see_adult(school, staff, a)).collect()
        }
        Err(_) => adults_called(school, staff, q),
    }
}

/// The case of this reference, then those of this number or with these words, and where the next page
/// begins.
async fn cases(
    tx: &mut Tx,
    who: &SignedIn,
    q: &str,
    before: Option<i64>,
) -> Result<(Vec<Found>, Option<i64>)> {
    let school = &who.school;
    let id = &school.config.id;
    let now = Moment::from(tx.now());
    let closed = unopened(tx, id).await?;
    let mut found = Vec::new();
    let mut named = None;
    if let (Some(number), None) = (number(q), before)
        && let Some(case) = tx.case_by_number(id, number).await?
        && may_open(school, who.staff(), &case)
    {
        named = Some(case.id);
        found.push(Found {
            row: Row::new(school, &case, now),
            excerpt: None,
            unopened: closed.contains(&case.id),
        });
    }
    let terms = Term::all(q);
    let phone = Phone::parse(q).ok();
    if phone.is_none() && terms.is_empty() {
        return Ok((found, None));
    }
    let filter = CaseFilter {
        address: phone.as_ref().map(|p| p.e164().to_owned()),
        words: if phone.is_some() {
            Vec::new()
        } else {
            terms.clone()
        },
        before,
        ..CaseFilter::default()
    };
    let page = openable(tx, who, &filter, ON_A_PAGE).await?;
    for case in page.cases.iter().filter(|c| Some(c.id) != named) {
        let unopened = closed.contains(&case.id);
        let excerpt = match (unopened, phone.is_some()) {
            (false, false) => excerpt(tx, school, case, &terms, now).await?,
            _ => None,
        };
        found.push(Found {
            row: Row::new(school, case, now),
            excerpt,
            unopened,
        });
    }
    Ok((found, page.more))
}
