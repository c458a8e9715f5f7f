//! Figures of each child by name, for those who answer for every child: the three counters of a school
//! year, and whose family nobody has heard from.

use askama::Template;
use axum::extract::{Query, State};
use axum::response::Response;
use serde::Deserialize;

use super::names::label;
use super::reports::{heard, moments, period, pupils_heard};
use super::{Frame, render};
use crate::deployment::School;
use crate::desk::sight::may_see_counters;
use crate::school::people::{Pupil, Role};
use crate::school::report::counters::{Contact, Counters, Met, SEN_MEETINGS, Termly, counters};
use crate::school::report::period::{Span, school_year, terms_of, year};
use crate::store::{Meeting, Moment, Result, Spoken, Tx};
use crate::web::client::Client;
use crate::web::error::{PageError, form_encoded};
use crate::web::session::SignedIn;
use crate::web::{Shared, csv};

/// Children on one page.
const ON_A_PAGE: usize = 50;

/// The counters.
#[derive(Template)]
#[template(path = "children.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    year: Span,
    /// What can be chosen: each class with children on the SEN register.
    classes: Vec<String>,
    class: String,
    terms: Vec<String>,
    rows: Vec<Row>,
    more: Option<String>,
    /// Where the file is.
    file: String,
}

/// One child.
struct Row {
    key: String,
    name: String,
    meetings: String,
    /// Fewer than there were to be, in a year that is over.
    missed: bool,
    reviews: Vec<(&'static str, bool)>,
    contacts: Vec<(&'static str, bool)>,
}

/// The families nobody has heard from.
#[derive(Template)]
#[template(path = "families.html", config = "src/web/askama.toml")]
struct Families {
    frame: Frame,
    period: Span,
    rows: Vec<Family>,
    count: usize,
    more: Option<String>,
}

/// One child of such a family.
struct Family {
    key: String,
    name: String,
    sen: bool,
    /// Whom to ask, and how.
    adults: String,
}

/// What the pages are asked with.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    #[serde(default)]
    period: String,
    #[serde(default)]
    class: String,
    /// How many children are passed over.
    #[serde(default)]
    from: usize,
}

/// The school year that a period lies in.
fn year_of(school: &School, now: Moment, key: &str) -> Span {
    let (span, _) = period(school, now, key);
    year(school_year(span.days.from))
}

/// Children on the SEN register, of a class or of all.
fn registered<'s>(school: &'s School, class: &str) -> Vec<&'s Pupil> {
    let pupils = school.people.pupils.iter();
    let mut pupils: Vec<&Pupil> = pupils
        .filter(|p| p.sen.is_registered() && (class.is_empty() || p.class == class))
        .collect();
    pupils.sort_by_key(|p| (&p.class, &p.last_name, &p.first_name));
    pupils
}

/// `GET /reports/children`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, PageError> {
    if client.ahead || !may_see_counters(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let year = year_of(school, now, &asked.period);
    let all = registered(school, &asked.class);
    let mut rows = Vec::new();
    for pupil in all.iter().skip(asked.from).take(ON_A_PAGE) {
        let counted = counted(&mut tx, school, pupil, &year, now).await?;
        rows.push(row(pupil, &counted));
    }
    drop(tx);
    let query = |from: usize| {
        form_encoded(&[
            ("period", asked.period.clone()),
            ("class", asked.class.clone()),
            ("from", from.to_string()),
        ])
    };
    let next = asked.from + ON_A_PAGE;
    let mut classes: Vec<String> = registered(school, "")
        .iter()
        .map(|p| p.class.clone())
        .collect();
    classes.dedup();
    let page = Page {
        frame: Frame::of(&who, "/reports", "Meetings, reviews and contact"),
        terms: terms_of(school.calendar(), school_year(year.days.from))
            .into_iter()
            .map(|term| term.label)
            .collect(),
        more: (all.len() > next).then(|| format!("/reports/children?{}", query(next))),
        file: format!("/reports/children.csv?{}", query(0)),
        class: asked.class,
        classes,
        rows,
        year,
    };
    Ok(render(&page))
}

/// `GET /reports/children.csv`
pub(crate) async fn file(
    State(web): State<Shared>,
    who: SignedIn,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, PageError> {
    if !may_see_counters(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let mut tx = web.d.store.begin().await?;
    let now = Moment::from(tx.now());
    let year = year_of(school, now, &asked.period);
    let terms = terms_of(school.calendar(), school_year(year.days.from));
    let mut head = vec!["Child".to_owned(), "SEN meetings held".to_owned()];
    head.extend(["Declined", "Missed"].map(str::to_owned));
    head.extend(
        terms
            .iter()
            .map(|t| format!("Review with the SENCO, {}", t.label)),
    );
    head.extend(
        terms
            .iter()
            .map(|t| format!("Contact by the class teacher, {}", t.label)),
    );
    let mut rows = vec![head];
    for pupil in registered(school, &asked.class) {
        let counted = counted(&mut tx, school, pupil, &year, now).await?;
        let mut cells = vec![label(pupil)];
        let counts = [counted.held, counted.declined, counted.missed];
        cells.extend(counts.iter().map(usize::to_string));
        let termly = counted.reviews.iter().chain(&counted.contacts);
        cells.extend(termly.map(|t| t.words().to_owned()));
        rows.push(cells);
    }
    let did = "took the children's figures";
    tx.audit(&school.config.id, &who.staff().key, did, None)
        .await?;
    tx.save().await?;
    Ok(csv::answer(&format!("children-{}", year.key), &rows))
}

/// `GET /reports/families`
pub(crate) async fn families(
    State(web): State<Shared>,
    who: SignedIn,
    client: Client,
    Query(asked): Query<Asked>,
) -> std::result::Result<Response, PageError> {
    if client.ahead || !may_see_counters(who.staff()) {
        return Err(PageError::NotFound);
    }
    let school = &who.school;
    let mut tx = web.d.store.read().await?;
    let now = Moment::from(tx.now());
    let (period, _) = period(school, now, &asked.period);
    let phones = heard(&mut tx, school, &period).await?;
    let pupils = pupils_heard(&mut tx, school, &period, &phones).await?;
    drop(tx);
    let mut silent: Vec<&Pupil> = pupils
        .into_iter()
        .filter(|(_, heard)| !heard)
        .map(|(pupil, _)| pupil)
        .collect();
    // Those with special educational needs first.
    silent.sort_by_key(|p| {
        let registered = p.sen.is_registered();
        (!registered, &p.class, &p.last_name, &p.first_name)
    });
    let next = asked.from + ON_A_PAGE;
    let today = school.local(now.timestamp()).date();
    let page = Families {
        frame: Frame::of(&who, "/reports", "Families we have not heard from"),
        count: silent.len(),
        rows: silent
            .iter()
            .skip(asked.from)
            .take(ON_A_PAGE)
            .map(|pupil| Family {
                key: pupil.key.clone(),
                name: label(pupil),
                sen: pupil.sen.is_registered(),
                adults: adults_of(school, pupil, today),
            })
            .collect(),
        more: (silent.len() > next).then(|| {
            let query = [("period", period.key.clone()), ("from", next.to_string())];
            format!("/reports/families?{}", form_encoded(&query))
        }),
        period,
    };
    Ok(render(&page))
}

/// The adults of a child with their phones, but for those who are not to hear of the child.
fn adults_of(school: &School, pupil: &Pupil, today: jiff::civil::Date) -> String {
    let adults = school.people.adults.iter().filter(|adult| {
        let mut children = adult.children.iter();
        children.any(|c| c.pupil == pupil.key && !c.is_unchecked(today))
    });
    let line = adults.map(|adult| {
        let phones: Vec<String> = adult.phones.iter().map(|p| p.national()).collect();
        let name = std::iter::once(adult.name.clone());
        name.chain(phones).collect::<Vec<_>>().join(", ")
    });
    line.collect::<Vec<_>>().join("; ")
}

async fn counted(
    tx: &mut Tx,
    school: &School,
    pupil: &Pupil,
    year: &Span,
    now: Moment,
) -> Result<Counters> {
    let id = &school.config.id;
    let (from, _) = moments(school, year);
    let meetings = tx.open_meetings_about(id, &pupil.key).await?;
    let meetings = meetings
        .iter()
        .map(|m| met(school, pupil, m))
        .collect::<Result<Vec<Met>>>()?;
    let spoken = tx.spoken_about(id, &pupil.key, from).await?;
    let contacts: Vec<Contact> = spoken.iter().map(|s| contact(school, pupil, s)).collect();
    let terms = terms_of(school.calendar(), school_year(year.days.from));
    let now = school.local(now.timestamp());
    Ok(counters(year, &terms, &meetings, &contacts, now))
}

/// The counters of a child in this school year, each with its words.
pub(super) async fn in_words(
    tx: &mut Tx,
    school: &School,
    pupil: &Pupil,
    now: Moment,
) -> Result<Vec<(&'static str, String)>> {
    let today = school.local(now.timestamp()).date();
    let year = year(school_year(today));
    let counted = counted(tx, school, pupil, &year, now).await?;
    let terms = terms_of(school.calendar(), school_year(today));
    let termly = |states: &[Termly]| {
        let begun = |(_, state): &(&Span, &Termly)| **state != Termly::Ahead;
        let states = terms.iter().zip(states).filter(begun);
        let each = states.map(|(term, state)| format!("{}: {}", term.label, state.words()));
        each.collect::<Vec<_>>().join("; ")
    };
    Ok(vec![
        ("SEN meetings", meetings_words(&counted)),
        ("Review with the SENCO", termly(&counted.reviews)),
        ("Contact by the class teacher", termly(&counted.contacts)),
    ])
}

/// Whether a meeting about a pupil is a review of their support: with the SENCO or a teacher of the class.
pub(super) fn is_review(school: &School, pupil: &Pupil, meeting: &Meeting) -> Result<bool> {
    let met = met(school, pupil, meeting)?;
    Ok(met.senco || met.teacher)
}

/// The day of a pupil's last review.
pub(super) async fn last_review(
    tx: &mut Tx,
    school: &School,
    pupil: &Pupil,
    now: Moment,
) -> Result<Option<jiff::civil::Date>> {
    let mut last = None;
    for meeting in tx
        .open_meetings_about(&school.config.id, &pupil.key)
        .await?
    {
        let held = meeting.state == "booked" && meeting.starts_at <= now;
        if held && is_review(school, pupil, &meeting)? {
            last = last.max(Some(school.local(meeting.starts_at.timestamp()).date()));
        }
    }
    Ok(last)
}

fn is_senco(school: &School, key: &str) -> bool {
    let staff = school.people.staff(key);
    staff.is_some_and(|s| s.is(Role::Senco))
}

fn teaches(school: &School, pupil: &Pupil, key: &str) -> bool {
    let staff = school.people.staff(key);
    staff.is_some_and(|s| s.classes.contains(&pupil.class))
}

fn met(school: &School, pupil: &Pupil, meeting: &Meeting) -> Result<Met> {
    let staff = meeting.staff()?;
    Ok(Met {
        at: school.local(meeting.starts_at.timestamp()),
        off: meeting.state != "booked",
        senco: staff.iter().any(|key| is_senco(school, key)),
        teacher: staff.iter().any(|key| teaches(school, pupil, key)),
    })
}

fn contact(school: &School, pupil: &Pupil, spoken: &Spoken) -> Contact {
    Contact {
        on: school.local(spoken.happened_at.timestamp()).date(),
        call: spoken.kind == "call",
        senco: is_senco(school, &spoken.author),
        teacher: teaches(school, pupil, &spoken.author),
    }
}

/// "1 of 3 held, 1 offered and declined".
fn meetings_words(counted: &Counters) -> String {
    let declined = match counted.declined {
        0 => String::new(),
        n => format!(", {n} offered and declined"),
    };
    let missed = match counted.missed {
        0 => String::new(),
        n => format!(", {n} missed"),
    };
    format!("{} of {SEN_MEETINGS} held{declined}{missed}", counted.held)
}

fn row(pupil: &Pupil, counted: &Counters) -> Row {
    let termly = |states: &[Termly]| {
        let state = |t: &Termly| (t.words(), *t == Termly::Missed);
        states.iter().map(state).collect()
    };
    Row {
        key: pupil.key.clone(),
        name: label(pupil),
        meetings: meetings_words(counted),
        missed: counted.missed > 0,
        reviews: termly(&counted.reviews),
        contacts: termly(&counted.contacts),
    }
}
