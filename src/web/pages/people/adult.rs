//! One parent or carer: numbers, children and what stands between, how they want to be reached.

use askama::Template;
use axum::extract::{Path, State};
use axum::response::Response;

use super::{Frame, render, standing};
use crate::deployment::School;
use crate::phone::Phone;
use crate::school::people::{Adult, Known, Relationship};
use crate::store::Moment;
use crate::text::fold::fold;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::session::SignedIn;

#[derive(Template)]
#[template(path = "adult.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    key: String,
    name: String,
    numbers: Vec<Number>,
    facts: Vec<(&'static str, String)>,
    children: Vec<Child>,
    /// Records of others whose name is like theirs.
    others: Vec<Other>,
}

struct Number {
    shown: String,
    /// The office found it to be theirs.
    matched: bool,
}

struct Child {
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
) -> Result<Response, PageError> {
    let school = &who.school;
    let adult = school.people.adult(&key).ok_or(PageError::NotFound)?;
    let mut tx = web.d.store.begin().await?;
    let passport = tx.passport(&school.config.id, &adult.key).await?;
    tx.audit(
        &school.config.id,
        &who.staff().key,
        "opened a parent's record",
        None,
    )
    .await?;
    let today = school.local(tx.now()).date();
    let now = Moment::from(tx.now());
    tx.save().await?;
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
        let when = super::Stamp::new(school, at, now);
        facts.push(("They told us", format!("{said} ({when})")));
    }
    facts.retain(|(_, value)| !value.is_empty());
    let page = Page {
        frame: Frame::of(&who, "/people", adult.name.clone()),
        key: adult.key.clone(),
        name: adult.name.clone(),
        numbers: numbers(adult),
        facts,
        children: adult
            .children
            .iter()
            .filter_map(|c| child(school, c))
            .collect(),
        others: others(school, adult),
    };
    Ok(render(&page))
}

fn numbers(adult: &Adult) -> Vec<Number> {
    let of = |matched: bool| {
        move |phone: &Phone| Number {
            shown: phone.national(),
            matched,
        }
    };
    let recorded = adult.phones.iter().map(of(false));
    recorded.chain(adult.matched.iter().map(of(true))).collect()
}

fn child(school: &School, child: &Relationship) -> Option<Child> {
    let pupil = school.people.pupil(&child.pupil)?;
    let words = |known: Known| match known {
        Known::Yes => "yes",
        Known::No => "no",
        Known::Unknown => "not recorded",
    };
    let restriction = child.restriction.as_ref().map(|r| {
        let mut words = format!("since {} by {}", r.since, school.name(&r.by));
        if let Some(until) = r.until {
            words.push_str(&format!(", until {until}"));
        }
        if let Some(why) = &r.why {
            words.push_str(&format!(": {why}"));
        }
        if let Some(say) = &r.say {
            words.push_str(&format!(". If they make contact: {say}"));
        }
        words
    });
    Some(Child {
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
