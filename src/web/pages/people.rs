//! Who is who: finding somebody, numbers that nobody has, records that may be one person's, and what
//! was changed. For whoever keeps the school's lists.

pub(crate) mod adult;
pub(crate) mod import;
pub(crate) mod passport;
pub(crate) mod tie;

use std::collections::BTreeMap;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;
use uuid::Uuid;

use super::{Frame, Problem, Stamp, clean, render};
use crate::deployment::School;
use crate::desk::people::{PeopleError, UNDONE_BY_A_BUTTON, keeps_people};
use crate::phone::Phone;
use crate::school::people::{Adult, Standing, titles};
use crate::store::{Moment, Tx};
use crate::text::fold::fold;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

/// So many are shown of each list.
const MOST: usize = 50;

/// The page.
#[derive(Template)]
#[template(path = "people.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// What was looked for.
    asked: Asked,
    /// The number to be matched, as people write it.
    matching: Option<String>,
    counts: Counts,
    adults: Vec<AdultRow>,
    pupils: Vec<PupilRow>,
    staff: Vec<StaffRow>,
    /// More were found than are shown.
    more: bool,
    unmatched: Vec<Unmatched>,
    twins: Vec<Twins>,
    changes: Vec<ChangeRow>,
    /// Whether this person keeps the lists; a safeguarding lead looks.
    keeps: bool,
}

struct Counts {
    pupils: usize,
    adults: usize,
    staff: usize,
}

/// An adult, on a list.
struct AdultRow {
    key: String,
    name: String,
    phones: String,
    children: String,
    standing: &'static str,
}

struct PupilRow {
    name: String,
    class: String,
    adults: String,
}

struct StaffRow {
    name: String,
    roles: String,
    classes: String,
}

/// A number that wrote and is on nobody's record.
struct Unmatched {
    /// E.164.
    number: String,
    shown: String,
    case: i64,
    reference: String,
    when: Stamp,
}

/// Two records that may be one person's.
struct Twins {
    name: String,
    first: String,
    second: String,
    why: String,
}

/// A change that was made.
struct ChangeRow {
    id: Uuid,
    when: Stamp,
    who: String,
    what: String,
    undone: bool,
    /// There is a button to undo it.
    button: bool,
}

/// What is looked for.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    q: String,
    /// A number to be matched with somebody who is found.
    #[serde(default, rename = "match")]
    number: String,
    #[serde(default)]
    done: String,
}

/// `GET /people`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    list(&web, &who, asked, None).await
}

async fn list(
    web: &Shared,
    who: &SignedIn,
    asked: Asked,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let school = &who.school;
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let today = school.local(now.timestamp()).date();
    let unmatched = unmatched(&mut tx, school, now).await?;
    let changes = tx.people_changes(&school.config.id, 20).await?;
    drop(tx);
    let people = &school.people;
    let wanted = fold(asked.q.trim());
    let number = Phone::parse(asked.q.trim()).ok();
    let found = |name: &str| !wanted.is_empty() && fold(name).contains(&wanted);
    let adults: Vec<&Adult> = people
        .adults
        .iter()
        .filter(|a| {
            let children = a.children.iter().filter_map(|c| people.pupil(&c.pupil));
            found(&a.name)
                || number.as_ref().is_some_and(|n| a.numbers().any(|p| p == n))
                || children.map(|p| p.full_name()).any(|name| found(&name))
        })
        .collect();
    let more = adults.len() > MOST;
    let page = Page {
        frame: Frame {
            problem,
            ..Frame::of(who, "/people", "People").done(Some(&asked.done))
        },
        matching: Phone::parse(&asked.number).ok().map(|p| p.national()),
        counts: Counts {
            pupils: people.pupils.len(),
            adults: people.adults.len(),
            staff: people.staff.len(),
        },
        adults: adults
            .into_iter()
            .take(MOST)
            .map(|adult| AdultRow {
                key: adult.key.clone(),
                name: adult.name.clone(),
                phones: phones(adult),
                children: children(school, adult),
                standing: standing(school, adult, today),
            })
            .collect(),
        pupils: people
            .pupils
            .iter()
            .filter(|p| found(&p.full_name()))
            .take(MOST)
            .map(|pupil| PupilRow {
                name: pupil.full_name(),
                class: pupil.class.clone(),
                adults: people
                    .adults
                    .iter()
                    .filter(|a| a.children.iter().any(|c| c.pupil == pupil.key))
                    .map(|a| a.name.as_str())
                    .collect::<Vec<_>>()
                    .join(", "),
            })
            .collect(),
        staff: people
            .staff
            .iter()
            .filter(|s| found(&s.name))
            .map(|staff| StaffRow {
                name: staff.name.clone(),
                roles: titles(&staff.roles),
                classes: staff.classes.join(", "),
            })
            .collect(),
        more,
        unmatched,
        twins: twins(school),
        changes: changes
            .into_iter()
            .map(|change| ChangeRow {
                id: change.id,
                when: Stamp::new(school, change.at, now),
                who: match change.staff.as_str() {
                    "" => "the command line".to_owned(),
                    key => school.name(key),
                },
                what: match change.what.as_str() {
                    "import" => format!("Imported {}", change.about),
                    "merge" => format!("Merged {}", change.about),
                    "match" => format!("Matched {}", change.about),
                    "restriction" => format!("Restricted contact: {}", change.about),
                    "restriction-ended" => format!("Ended a restriction: {}", change.about),
                    "contact" => format!("Changed what stands between {}", change.about),
                    "number" => format!("Changed a number of {}", change.about),
                    "stage" => format!("Set the stage of {}", change.about),
                    "work" => format!("Changed {}", change.about),
                    _ => format!("Undid: {}", change.about),
                },
                undone: change.undone_at.is_some(),
                button: UNDONE_BY_A_BUTTON.contains(&change.what.as_str()),
            })
            .collect(),
        keeps: keeps_people(who.staff()),
        asked,
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

/// Numbers that opened a case and are on nobody's record, the newest first.
async fn unmatched(tx: &mut Tx, school: &School, now: Moment) -> Result<Vec<Unmatched>, PageError> {
    let cases = tx.cases_of_nobody(&school.config.id, 100).await?;
    let mut numbers = BTreeMap::new();
    for case in cases {
        let lane = tx.lane(&case.endpoint, &case.address).await?;
        let number = crate::inbox::phone_of(lane.as_ref(), &case.address);
        let Some(phone) = number.and_then(|n| Phone::parse(n).ok()) else {
            continue;
        };
        if school.people.with_phone(&phone).is_empty() && numbers.len() < MOST {
            numbers
                .entry(phone.e164().to_owned())
                .or_insert_with(|| Unmatched {
                    number: phone.e164().to_owned(),
                    shown: phone.national(),
                    case: case.number,
                    reference: case.reference(),
                    when: Stamp::new(school, case.touched_at, now),
                });
        }
    }
    Ok(numbers.into_values().collect())
}

fn phones(adult: &Adult) -> String {
    let numbers = adult.numbers().map(Phone::national);
    numbers.collect::<Vec<_>>().join(", ")
}

fn children(school: &School, adult: &Adult) -> String {
    let children = adult.children.iter().filter_map(|c| {
        let pupil = school.people.pupil(&c.pupil)?;
        Some(format!(
            "{} of {}, {}",
            c.kind,
            pupil.full_name(),
            pupil.class
        ))
    });
    children.collect::<Vec<_>>().join("; ")
}

/// What a text from one of their numbers is answered by.
fn standing(school: &School, adult: &Adult, today: jiff::civil::Date) -> &'static str {
    if adult.children.iter().any(|c| c.is_restricted(today)) {
        return "restricted: the office answers";
    }
    let standings = adult.numbers().map(|n| school.people.standing(n, today));
    let mut answers = standings.map(|s| matches!(s, Standing::Checked(_)));
    match answers.next() {
        None => "no number",
        Some(first) => {
            if first && answers.all(|checked| checked) {
                "answered"
            } else {
                "not checked: the office is asked first"
            }
        }
    }
}

/// Adults of one name who share a child or a number, or have no more than the name in common.
fn twins(school: &School) -> Vec<Twins> {
    let mut names: BTreeMap<String, Vec<&Adult>> = BTreeMap::new();
    for adult in &school.people.adults {
        names.entry(fold(&adult.name)).or_default().push(adult);
    }
    let mut found = Vec::new();
    for same in names.values().filter(|same| same.len() > 1) {
        for two in same.windows(2) {
            let [one, other] = two else { continue };
            let number = one.numbers().any(|n| other.numbers().any(|o| o == n));
            let child = one
                .children
                .iter()
                .any(|c| other.children.iter().any(|o| o.pupil == c.pupil));
            let why = match (number, child) {
                (true, true) => "one number and one child",
                (true, false) => "one number",
                (false, true) => "one child",
                (false, false) => "the same name, and nothing else",
            };
            found.push(Twins {
                name: one.name.clone(),
                first: one.key.clone(),
                second: other.key.clone(),
                why: why.to_owned(),
            });
        }
    }
    found.truncate(MOST);
    found
}

/// A number, and whose it is.
#[derive(Debug, Deserialize)]
pub(crate) struct Match {
    number: String,
    adult: String,
    /// How one knows.
    #[serde(default)]
    told: String,
}

/// `POST /people/match`
pub(crate) async fn match_number(
    State(web): State<Shared>,
    who: SignedIn,
    Form(form): Form<Match>,
) -> Result<Response, PageError> {
    let phone = Phone::parse(&form.number).map_err(|_| PageError::Form)?;
    let mut tx = web.d.store.begin().await?;
    let done = who
        .actor(&web)
        .match_number(&mut tx, &phone, &form.adult, &clean(&form.told))
        .await;
    after(&web, &who, tx, done, "/people?done=matched").await
}

/// The two records.
#[derive(Debug, Deserialize)]
pub(crate) struct Merge {
    stays: String,
    goes: String,
    /// How one knows.
    #[serde(default)]
    told: String,
}

/// `POST /people/merge`
pub(crate) async fn merge(
    State(web): State<Shared>,
    who: SignedIn,
    Form(form): Form<Merge>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.begin().await?;
    let done = who
        .actor(&web)
        .merge_adults(&mut tx, &form.stays, &form.goes, &clean(&form.told))
        .await;
    after(&web, &who, tx, done, "/people?done=merged").await
}

/// `POST /people/changes/{change}/undo`
pub(crate) async fn undo(
    State(web): State<Shared>,
    who: SignedIn,
    Path(change): Path<Uuid>,
) -> Result<Response, PageError> {
    let mut tx = web.d.store.begin().await?;
    let done = who.actor(&web).undo_people(&mut tx, change).await;
    after(&web, &who, tx, done, "/people?done=undone").await
}

/// Saves, and takes the change up at once; or says on the page what stood in the way.
async fn after(
    web: &Shared,
    who: &SignedIn,
    tx: Tx,
    done: Result<(), PeopleError>,
    to: &str,
) -> Result<Response, PageError> {
    match done {
        Ok(()) => {
            tx.save().await?;
            web.d.look_at_people().await?;
            Ok(Redirect::to(to).into_response())
        }
        Err(PeopleError::Store(error)) => Err(error.into()),
        Err(PeopleError::Nobody) => Err(PageError::NotFound),
        Err(why) => {
            drop(tx);
            let problem = Problem::new("people", &why.to_string());
            list(web, who, Asked::default(), Some(problem)).await
        }
    }
}
