//! One parent or carer: numbers, children and what stands between, how they want to be reached.

use askama::Template;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Response};

use super::passport::NewNumber;
use super::tie::Asked;
use super::{Frame, Problem, Stamp, render, standing};
use crate::deployment::School;
use crate::desk::people::keeps_people;
use crate::desk::sight::may_see_restrictions;
use crate::school::people::{Adult, Known, Relationship};
use crate::store::{Moment, Tx};
use crate::text::fold::fold;
use crate::web::error::PageError;
use crate::web::session::SignedIn;
use crate::web::{Shared, Web};

#[derive(Template)]
#[template(path = "adult.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    key: String,
    name: String,
    numbers: Vec<Number>,
    /// What was written down about their numbers.
    about_numbers: Vec<Line>,
    typed: NewNumber,
    facts: Vec<(&'static str, String)>,
    children: Vec<Child>,
    /// Records of others whose name is like theirs.
    others: Vec<Other>,
    /// Whether this person keeps the lists; a safeguarding lead looks, and restricts.
    keeps: bool,
}

struct Number {
    /// E.164.
    number: String,
    shown: String,
    /// The office found it to be theirs.
    matched: bool,
    /// Somebody has written from it.
    heard: bool,
    /// They have texted STOP: nothing goes there.
    stopped: bool,
}

/// A number that was theirs, or what was written down about one.
struct Line {
    when: Stamp,
    who: String,
    said: String,
    why: String,
}

struct Child {
    key: String,
    name: String,
    class: String,
    kind: String,
    responsibility: &'static str,
    lives_with: &'static str,
    order: &'static str,
    restriction: Option<String>,
}

struct Other {
    key: String,
    shown: String,
}

/// A PIN, shown once.
#[derive(Template)]
#[template(path = "pin.html", config = "src/web/askama.toml")]
struct PinPage {
    frame: Frame,
    key: String,
    name: String,
    pin: String,
}

/// `POST /people/adults/{key}/pin`: a new PIN, shown this once.
pub(crate) async fn new_pin(
    State(web): State<Shared>,
    who: SignedIn,
    Path(key): Path<String>,
) -> Result<Response, PageError> {
    let adult = who.school.people.adult(&key).ok_or(PageError::NotFound)?;
    let pin = web.d.clock.six_digits();
    let hash = web.hash_pin(pin.clone()).await.ok_or(PageError::Form)?;
    let (school, staff) = (&who.school.config.id, &who.staff().key);
    let mut tx = web.d.store.begin().await?;
    tx.set_pin(school, &adult.key, &hash, staff).await?;
    tx.audit(school, staff, "made a parent's PIN", None).await?;
    tx.save().await?;
    let page = PinPage {
        frame: Frame::of(&who, "/people", format!("A PIN for {}", adult.name)),
        key: adult.key.clone(),
        name: adult.name.clone(),
        pin,
    };
    Ok(render(&page))
}

/// `GET /people/adults/{key}`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Path(key): Path<String>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let adult = who.school.people.adult(&key).ok_or(PageError::NotFound)?;
    let mut tx = web.d.store.begin().await?;
    let frame = Frame::of(&who, "/people", adult.name.clone()).done(asked.done.as_deref());
    let page = view(&web, &mut tx, &who, (adult, frame), NewNumber::default()).await?;
    let did = "opened a parent's record";
    tx.audit_about(&who.school.config.id, &who.staff().key, did, &adult.key)
        .await?;
    tx.save().await?;
    Ok(page)
}

/// The record again, after a number that was not taken.
pub(super) async fn again(
    web: &Web,
    who: &SignedIn,
    key: &str,
    problem: Problem,
    typed: NewNumber,
) -> Result<Response, PageError> {
    let adult = who.school.people.adult(key).ok_or(PageError::NotFound)?;
    let frame = Frame {
        problem: Some(problem),
        ..Frame::of(who, "/people", adult.name.clone())
    };
    let mut tx = web.d.store.read().await?;
    view(web, &mut tx, who, (adult, frame), typed).await
}

async fn view(
    web: &Web,
    tx: &mut Tx,
    who: &SignedIn,
    (adult, frame): (&Adult, Frame),
    typed: NewNumber,
) -> Result<Response, PageError> {
    let school = &who.school;
    let passport = tx.passport(&school.config.id, &adult.key).await?;
    let ties = tx.ties_of(&school.config.id, &adult.key).await?;
    let numbers = numbers(tx, school, adult).await?;
    let today = school.local(tx.now()).date();
    let now = Moment::from(tx.now());
    let mut facts = vec![
        (
            "A text from them is",
            standing(school, adult, today).to_owned(),
        ),
        ("Email", adult.email.clone().unwrap_or_default()),
        (
            "Language",
            adult
                .language
                .as_deref()
                .map_or_else(String::new, |tag| web.d.language_name(tag)),
        ),
        (
            "Key worker",
            adult
                .key_worker
                .as_deref()
                .map_or_else(String::new, |k| school.name(k)),
        ),
        (
            "Prefers",
            adult
                .prefers
                .map_or_else(String::new, |p| p.word().replace('-', " ")),
        ),
        ("Note", adult.note.clone().unwrap_or_default()),
    ];
    if let Some((_, at, passport)) = passport {
        let said = passport.lines(|tag| web.d.language_name(tag)).join("; ");
        let when = Stamp::new(school, at, now);
        facts.push(("They told us", format!("{said} ({when})")));
    }
    facts.retain(|(_, value)| !value.is_empty());
    let page = Page {
        frame,
        key: adult.key.clone(),
        name: adult.name.clone(),
        numbers,
        about_numbers: ties
            .into_iter()
            .filter(|t| t.did == "number")
            .map(|t| Line {
                when: Stamp::new(school, t.at, now),
                who: school.name(&t.staff),
                said: t.said,
                why: t.why,
            })
            .collect(),
        typed,
        facts,
        children: adult
            .children
            .iter()
            .filter_map(|c| child(who, c))
            .collect(),
        others: others(school, adult),
        keeps: keeps_people(who.staff()),
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

async fn numbers(tx: &mut Tx, school: &School, adult: &Adult) -> Result<Vec<Number>, PageError> {
    let mut shown = Vec::new();
    for phone in adult.numbers() {
        let lanes = tx.lanes_of_number(&school.config.id, phone.e164()).await?;
        shown.push(Number {
            number: phone.e164().to_owned(),
            shown: phone.national(),
            matched: adult.matched.contains(phone),
            heard: !lanes.is_empty(),
            stopped: lanes.iter().any(|lane| lane.stopped_at.is_some()),
        });
    }
    Ok(shown)
}

fn child(who: &SignedIn, child: &Relationship) -> Option<Child> {
    let school = &who.school;
    let pupil = school.people.pupil(&child.pupil)?;
    let words = |known: Known| match known {
        Known::Yes => "yes",
        Known::No => "no",
        Known::Unknown => "not recorded",
    };
    let restriction = child.restriction.as_ref().map(|r| {
        let mut words = r.in_words(&school.name(&r.by));
        // Why is not for the staff of a class, who may keep the lists besides.
        if let Some(why) = r.why.as_ref().filter(|_| may_see_restrictions(who.staff())) {
            words.push_str(&format!(": {why}"));
        }
        if let Some(say) = &r.say {
            words.push_str(&format!(". If they make contact: {say}"));
        }
        words
    });
    Some(Child {
        key: pupil.key.clone(),
        name: pupil.full_name(),
        class: pupil.class.clone(),
        kind: child.kind.clone(),
        responsibility: words(child.parental_responsibility),
        lives_with: words(child.lives_with),
        order: words(child.court_order),
        restriction,
    })
}

/// Whoever shares a name, a number or a child's last name with them: one of these may be the same person.
fn others(school: &School, adult: &Adult) -> Vec<Other> {
    let last = |name: &str| fold(name).rsplit(' ').next().unwrap_or_default().to_owned();
    let mine = last(&adult.name);
    school
        .people
        .adults
        .iter()
        .filter(|other| other.key != adult.key)
        .filter(|other| {
            last(&other.name) == mine || other.numbers().any(|n| adult.numbers().any(|m| m == n))
        })
        .map(|other| Other {
            key: other.key.clone(),
            shown: format!("{} ({})", other.name, super::children(school, other)),
        })
        .take(super::MOST)
        .collect()
}
