//! What stands between one parent or carer and one child: what the record says, a restriction, and
//! who is a contact no longer. What would let somebody be told more asks once more, with a reason.

mod ending;

use askama::Template;
use axum::Form;
use axum::extract::{Path, Query, State};
use axum::response::{IntoResponse as _, Redirect, Response};
use serde::Deserialize;

use super::{Frame, Problem, Stamp, render};
use crate::desk::sight::may_see_restrictions;
use crate::desk::ties::{Chosen, TieError, authors};
use crate::school::people::{
    Adult, Basis, Known, Pupil, Relationship, Restricting, may_lift, may_restrict,
};
use crate::store::{Moment, Tie, Tx};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::clean;
use crate::web::session::SignedIn;

pub(super) use ending::EndPage;
pub(crate) use ending::{ask_end, ask_end_restriction, end, end_restriction};

/// The page.
#[derive(Template)]
#[template(path = "tie.html", config = "src/web/askama.toml")]
struct Page {
    frame: Frame,
    /// Where the forms go.
    at: String,
    adult: String,
    adult_key: String,
    child: String,
    /// The restriction that stands or was recorded, if there is one.
    restriction: Option<Shown>,
    /// Why nothing is said before somebody has been asked, without one.
    unchecked: bool,
    /// Whether this person sets a restriction, or changes the one there is.
    sets: bool,
    /// Whether they decide one, or record orders only.
    decides: bool,
    /// Whether they end one.
    ends: bool,
    authors: Vec<(String, String)>,
    typed: Typed,
    /// What was typed of a restriction was not taken.
    mistyped: bool,
    facts: Facts,
    history: Vec<Line>,
}

struct Shown {
    words: String,
    why: Option<String>,
    say: Option<String>,
    /// Its last day is over.
    over: bool,
}

struct Line {
    when: Stamp,
    who: String,
    did: &'static str,
    said: String,
    why: String,
}

/// A restriction as it is typed.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Typed {
    #[serde(default)]
    basis: String,
    #[serde(default)]
    by: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    until: String,
    #[serde(default)]
    why: String,
    #[serde(default)]
    say: String,
}

/// What stands between them, as it is chosen.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Facts {
    #[serde(default)]
    pupil: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    responsibility: String,
    #[serde(default)]
    lives_with: String,
    #[serde(default)]
    order: String,
    #[serde(default)]
    reason: String,
}

/// A reason.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Reason {
    #[serde(default)]
    reason: String,
}

/// What was just done.
#[derive(Debug, Default, Deserialize)]
pub(crate) struct Asked {
    pub done: Option<String>,
}

impl Typed {
    fn of(tie: &Relationship, today: jiff::civil::Date) -> Self {
        let Some(r) = &tie.restriction else {
            return Self {
                since: today.to_string(),
                ..Self::default()
            };
        };
        Self {
            basis: r.basis.map(Basis::word).unwrap_or_default().to_owned(),
            by: r.by.clone(),
            since: r.since.to_string(),
            until: r.until.map(|d| d.to_string()).unwrap_or_default(),
            why: r.why.clone().unwrap_or_default(),
            say: r.say.clone().unwrap_or_default(),
        }
    }
}

impl Facts {
    fn of(tie: &Relationship) -> Self {
        Self {
            pupil: tie.pupil.clone(),
            kind: tie.kind.clone(),
            responsibility: tie.parental_responsibility.word().to_owned(),
            lives_with: tie.lives_with.word().to_owned(),
            order: tie.court_order.word().to_owned(),
            reason: String::new(),
        }
    }

    /// Whether a form's field stands on a word.
    fn is(&self, field: &str, word: &str) -> bool {
        let said = match field {
            "responsibility" => &self.responsibility,
            "lives_with" => &self.lives_with,
            _ => &self.order,
        };
        said == word || (word == "unknown" && said.is_empty())
    }

    fn chosen(&self) -> Chosen<'_> {
        let known = |word: &str| Known::from_word(word).unwrap_or(Known::Unknown);
        Chosen {
            kind: &self.kind,
            responsibility: known(&self.responsibility),
            lives_with: known(&self.lives_with),
            court_order: known(&self.order),
            reason: &self.reason,
        }
    }
}

/// The two whom an address names.
fn two<'w>(
    who: &'w SignedIn,
    adult: &str,
    pupil: &str,
) -> Result<(&'w Adult, &'w Pupil), PageError> {
    let people = &who.school.people;
    let adult = people.adult(adult).ok_or(PageError::NotFound)?;
    let pupil = people.pupil(pupil).ok_or(PageError::NotFound)?;
    Ok((adult, pupil))
}

fn address(adult: &Adult, pupil: &Pupil) -> String {
    format!("/people/adults/{}/children/{}", adult.key, pupil.key)
}

/// `GET /people/adults/{adult}/children/{pupil}`
pub(crate) async fn show(
    State(web): State<Shared>,
    who: SignedIn,
    Path((adult, pupil)): Path<(String, String)>,
    Query(asked): Query<Asked>,
) -> Result<Response, PageError> {
    let (adult, pupil) = two(&who, &adult, &pupil)?;
    let mut tx = web.d.store.begin().await?;
    let frame = frame(&who, adult, pupil).done(asked.done.as_deref());
    let page = view(&mut tx, &who, (adult, pupil), frame, None, None).await?;
    let school = &who.school.config.id;
    tx.audit_about(
        school,
        &who.staff().key,
        "opened a parent's record",
        &adult.key,
    )
    .await?;
    tx.save().await?;
    Ok(page)
}

fn frame(who: &SignedIn, adult: &Adult, pupil: &Pupil) -> Frame {
    Frame::of(
        who,
        "/people",
        format!("{} and {}", adult.name, pupil.full_name()),
    )
}

async fn view(
    tx: &mut Tx,
    who: &SignedIn,
    (adult, pupil): (&Adult, &Pupil),
    frame: Frame,
    typed: Option<Typed>,
    facts: Option<Facts>,
) -> Result<Response, PageError> {
    let school = &who.school;
    let tie = adult.tie(&pupil.key).ok_or(PageError::NotFound)?;
    let now = Moment::from(tx.now());
    let today = school.local(tx.now()).date();
    let sees = may_see_restrictions(who.staff());
    let ties = tx.ties_of(&school.config.id, &adult.key).await?;
    let restriction = tie.restriction.as_ref().map(|r| Shown {
        words: r.in_words(&school.name(&r.by)),
        why: r.why.clone().filter(|_| sees),
        say: r.say.clone(),
        over: !tie.is_restricted(today),
    });
    let decides = may_restrict(who.staff(), Basis::Decision);
    let sets = decides || (tie.restriction.is_none() && may_restrict(who.staff(), Basis::Order));
    let status = frame.status();
    let page = Page {
        frame,
        mistyped: typed.is_some(),
        at: address(adult, pupil),
        adult: adult.name.clone(),
        adult_key: adult.key.clone(),
        child: pupil.full_name(),
        unchecked: restriction.is_none() && tie.is_unchecked(today),
        sets,
        decides,
        ends: restriction.is_some() && may_lift(who.staff()),
        authors: authors(&school.people.staff, who.staff())
            .into_iter()
            .map(|s| (s.key.clone(), s.name.clone()))
            .collect(),
        typed: typed.unwrap_or_else(|| {
            let mut typed = Typed::of(tie, today);
            if typed.by.is_empty() {
                typed.by.clone_from(&who.staff().key);
            }
            typed
        }),
        facts: facts.unwrap_or_else(|| Facts::of(tie)),
        restriction,
        history: ties
            .into_iter()
            .filter(|t| t.pupil == pupil.key)
            .map(|t| line(who, t, now, sees))
            .collect(),
    };
    Ok((status, render(&page)).into_response())
}

fn line(who: &SignedIn, tie: Tie, now: Moment, sees: bool) -> Line {
    let of_a_restriction = tie.did.starts_with("restrict");
    Line {
        when: Stamp::new(&who.school, tie.at, now),
        who: who.school.name(&tie.staff),
        did: match tie.did.as_str() {
            "restricted" => "set a restriction",
            "restriction-changed" => "changed the restriction",
            "restriction-ended" => "ended the restriction",
            "added" => "made them a contact",
            "ended" => "ended that they are a contact",
            _ => "changed what stands here",
        },
        said: tie.said,
        why: if sees || !of_a_restriction {
            tie.why
        } else {
            String::new()
        },
    }
}

/// Saves, and takes the change up at once; or shows the page again with what was typed.
enum Again {
    Restriction(Typed),
    Facts(Facts),
    Neither,
}

async fn after<T>(
    web: &Shared,
    who: &SignedIn,
    mut tx: Tx,
    two: (&Adult, &Pupil),
    done: Result<T, TieError>,
    (to, again): (&str, Again),
) -> Result<Response, PageError> {
    let error = match done {
        Ok(_) => {
            tx.save().await?;
            web.d.look_at_people().await?;
            return Ok(Redirect::to(to).into_response());
        }
        Err(TieError::Store(error)) => return Err(error.into()),
        Err(TieError::Nobody) => return Err(PageError::NotFound),
        Err(error) => error,
    };
    drop(tx);
    tx = web.d.store.read().await?;
    let frame = Frame {
        problem: Some(Problem::new(error.field(), &error.to_string())),
        ..frame(who, two.0, two.1)
    };
    match again {
        Again::Restriction(typed) => view(&mut tx, who, two, frame, Some(typed), None).await,
        Again::Facts(facts) => view(&mut tx, who, two, frame, None, Some(facts)).await,
        Again::Neither => view(&mut tx, who, two, frame, None, None).await,
    }
}

/// `POST /people/adults/{adult}/children/{pupil}`: what stands between them.
pub(crate) async fn change(
    State(web): State<Shared>,
    who: SignedIn,
    Path((adult, pupil)): Path<(String, String)>,
    Form(mut facts): Form<Facts>,
) -> Result<Response, PageError> {
    let two = two(&who, &adult, &pupil)?;
    facts.kind = clean(&facts.kind);
    facts.reason = clean(&facts.reason);
    let mut tx = web.d.store.begin().await?;
    let actor = who.actor(&web);
    let done = actor
        .change_tie(&mut tx, &two.0.key, &two.1.key, &facts.chosen())
        .await;
    let to = format!("{}?done=tie", address(two.0, two.1));
    after(&web, &who, tx, two, done, (&to, Again::Facts(facts))).await
}

/// `POST /people/adults/{adult}/children/{pupil}/restriction`
pub(crate) async fn restrict(
    State(web): State<Shared>,
    who: SignedIn,
    Path((adult, pupil)): Path<(String, String)>,
    Form(typed): Form<Typed>,
) -> Result<Response, PageError> {
    let two = two(&who, &adult, &pupil)?;
    let (why, say) = (clean(&typed.why), clean(&typed.say));
    let mut tx = web.d.store.begin().await?;
    let restricting = Restricting {
        basis: Basis::from_word(&typed.basis),
        by: &typed.by,
        since: &typed.since,
        until: &typed.until,
        why: &why,
        say: &say,
    };
    let actor = who.actor(&web);
    let done = actor
        .restrict(&mut tx, &two.0.key, &two.1.key, &restricting)
        .await;
    let to = format!("{}?done=restricted", address(two.0, two.1));
    after(&web, &who, tx, two, done, (&to, Again::Restriction(typed))).await
}

/// The form for another child.
#[derive(Template)]
#[template(path = "tie_new.html", config = "src/web/askama.toml")]
struct NewPage {
    frame: Frame,
    adult: String,
    adult_key: String,
    /// Key and "Sam Yusuf, 3H" of every child who is not theirs yet.
    pupils: Vec<(String, String)>,
    facts: Facts,
}

/// `GET /people/adults/{adult}/children`
pub(crate) async fn offer(who: SignedIn, Path(adult): Path<String>) -> Result<Response, PageError> {
    new_page(&who, &adult, Facts::default(), None)
}

fn new_page(
    who: &SignedIn,
    adult: &str,
    facts: Facts,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    let people = &who.school.people;
    let adult = people.adult(adult).ok_or(PageError::NotFound)?;
    let mut pupils: Vec<(String, String)> = people
        .pupils
        .iter()
        .filter(|p| adult.tie(&p.key).is_none())
        .map(|p| (p.key.clone(), format!("{}, {}", p.full_name(), p.class)))
        .collect();
    pupils.sort_by(|a, b| a.1.cmp(&b.1));
    let page = NewPage {
        frame: Frame {
            problem,
            ..Frame::of(who, "/people", format!("{}: another child", adult.name))
        },
        adult: adult.name.clone(),
        adult_key: adult.key.clone(),
        pupils,
        facts,
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

/// `POST /people/adults/{adult}/children`
pub(crate) async fn add(
    State(web): State<Shared>,
    who: SignedIn,
    Path(adult): Path<String>,
    Form(mut facts): Form<Facts>,
) -> Result<Response, PageError> {
    facts.kind = clean(&facts.kind);
    facts.reason = clean(&facts.reason);
    let mut tx = web.d.store.begin().await?;
    let actor = who.actor(&web);
    let done = actor
        .add_tie(&mut tx, &adult, &facts.pupil, &facts.chosen())
        .await;
    match done {
        Ok(()) => {
            tx.save().await?;
            web.d.look_at_people().await?;
            let to = format!("/people/adults/{adult}?done=tie-added");
            Ok(Redirect::to(&to).into_response())
        }
        Err(TieError::Store(error)) => Err(error.into()),
        Err(TieError::Nobody) => Err(PageError::NotFound),
        Err(error) => {
            let problem = Problem::new(error.field(), &error.to_string());
            new_page(&who, &adult, facts, Some(problem))
        }
    }
}
