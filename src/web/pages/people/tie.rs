//! What stands between one parent or carer and one child: what the record says, a restriction, and
//! who is a contact no longer. What would let somebody be told more asks once more, with a reason.

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

/// What is asked before a restriction, a contact or a number is ended.
#[derive(Template)]
#[template(path = "tie_end.html", config = "src/web/askama.toml")]
pub(super) struct EndPage {
    pub frame: Frame,
    pub at: String,
    /// Where the form goes.
    pub to: String,
    /// What happens, a line each.
    pub follows: Vec<String>,
    pub button: &'static str,
    pub warning: Option<String>,
    pub typed: String,
}

/// `GET /people/adults/{adult}/children/{pupil}/restriction/end`
pub(crate) async fn ask_end_restriction(
    State(web): State<Shared>,
    who: SignedIn,
    Path((adult, pupil)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let two = two(&who, &adult, &pupil)?;
    let today = who.school.local(web.d.clock.now()).date();
    end_restriction_page(&who, two, today, String::new(), None)
}

fn end_restriction_page(
    who: &SignedIn,
    (adult, pupil): (&Adult, &Pupil),
    today: jiff::civil::Date,
    typed: String,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    if !may_lift(who.staff()) {
        return Err(PageError::NotFound);
    }
    let tie = adult.tie(&pupil.key).ok_or(PageError::NotFound)?;
    if tie.restriction.is_none() {
        return Err(PageError::NotFound);
    }
    let free = Relationship {
        restriction: None,
        ..tie.clone()
    };
    let child = pupil.full_name();
    let elsewhere = adult
        .children
        .iter()
        .filter(|c| c.pupil != pupil.key && c.is_unchecked(today))
        .count();
    let mut follows = if free.is_unchecked(today) {
        vec![format!(
            "{} can be written to about {child} again by staff. Until the office has answered its two \
             questions, schoolgate itself tells them nothing: they do not live together as far as the \
             record says, and nobody has recorded whether a court order concerns them.",
            adult.name
        )]
    } else {
        vec![
            format!(
                "From then on {} is answered about {child} like any parent: who teaches {child}, what \
                 was arranged, homework and events.",
                adult.name
            ),
            format!("They can book a meeting about {child}, and are reminded of it."),
            format!(
                "Staff can write to them about {child}, and give them a page and copies of a case. \
                 Whether they get copies is decided anew."
            ),
        ]
    };
    if elsewhere > 0 {
        follows.push(
            "Another child of theirs is kept from them all the same: until that ends too, they are \
             answered as somebody nobody has checked."
                .to_owned(),
        );
    }
    follows.push(
        "What was withdrawn when the restriction was set is not sent. Pages that were ended stay ended."
            .to_owned(),
    );
    if free.court_order == Known::Yes {
        follows.push(
            "The record goes on saying that a court order concerns them. If that is over too, change it \
             on the page you came from."
                .to_owned(),
        );
    }
    let title = format!("End the restriction of {}?", adult.name);
    let page = EndPage {
        frame: Frame {
            problem,
            ..Frame::of(who, "/people", title)
        },
        at: address(adult, pupil),
        to: format!("{}/restriction/end", address(adult, pupil)),
        follows,
        button: "End the restriction",
        warning: tie
            .restriction
            .as_ref()
            .map(|r| format!("It stands {}.", r.in_words(&who.school.name(&r.by)))),
        typed,
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

/// `POST /people/adults/{adult}/children/{pupil}/restriction/end`
pub(crate) async fn end_restriction(
    State(web): State<Shared>,
    who: SignedIn,
    Path((adult, pupil)): Path<(String, String)>,
    Form(form): Form<Reason>,
) -> Result<Response, PageError> {
    let two = two(&who, &adult, &pupil)?;
    let reason = clean(&form.reason);
    let mut tx = web.d.store.begin().await?;
    let actor = who.actor(&web);
    let done = actor
        .end_restriction(&mut tx, &two.0.key, &two.1.key, &reason)
        .await;
    if let Err(error @ TieError::NoReason) = &done {
        let today = who.school.local(tx.now()).date();
        let problem = Problem::new("reason", &error.to_string());
        return end_restriction_page(&who, two, today, reason, Some(problem));
    }
    if let Err(TieError::ForLeads) = &done {
        return Err(PageError::NotFound);
    }
    let to = format!("{}?done=restriction-ended", address(two.0, two.1));
    after(&web, &who, tx, two, done, (&to, Again::Neither)).await
}

/// `GET /people/adults/{adult}/children/{pupil}/end`
pub(crate) async fn ask_end(
    who: SignedIn,
    Path((adult, pupil)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let two = two(&who, &adult, &pupil)?;
    end_page(&who, two, String::new(), None)
}

fn end_page(
    who: &SignedIn,
    (adult, pupil): (&Adult, &Pupil),
    typed: String,
    problem: Option<Problem>,
) -> Result<Response, PageError> {
    adult.tie(&pupil.key).ok_or(PageError::NotFound)?;
    let child = pupil.full_name();
    let mut follows = vec![
        format!("Nothing about {child} is said to {} any more.", adult.name),
        "Messages to them about the child that have not left are withdrawn, and pages they were given \
         open no more. Meetings go to the safeguarding leads, who decide whether they stand."
            .to_owned(),
        "Their cases stay in the record.".to_owned(),
    ];
    if adult.children.len() == 1 {
        follows.push(
            "They have no other child here: what they write goes to the office, as from anybody whom \
             nobody has checked."
                .to_owned(),
        );
    }
    follows.push(
        "A later import that names them as a contact again waits for a yes. Correct the school's own \
         records too."
            .to_owned(),
    );
    let title = format!("{} is no contact of {child} any more?", adult.name);
    let page = EndPage {
        frame: Frame {
            problem,
            ..Frame::of(who, "/people", title)
        },
        at: address(adult, pupil),
        to: format!("{}/end", address(adult, pupil)),
        follows,
        button: "They are no contact any more",
        warning: None,
        typed,
    };
    Ok((page.frame.status(), render(&page)).into_response())
}

/// `POST /people/adults/{adult}/children/{pupil}/end`
pub(crate) async fn end(
    State(web): State<Shared>,
    who: SignedIn,
    Path((adult, pupil)): Path<(String, String)>,
    Form(form): Form<Reason>,
) -> Result<Response, PageError> {
    let two = two(&who, &adult, &pupil)?;
    let reason = clean(&form.reason);
    let mut tx = web.d.store.begin().await?;
    let actor = who.actor(&web);
    let done = actor
        .end_tie(&mut tx, &two.0.key, &two.1.key, &reason)
        .await;
    if let Err(error @ TieError::NoReason) = &done {
        let problem = Problem::new("reason", &error.to_string());
        return end_page(&who, two, reason, Some(problem));
    }
    let to = format!("/people/adults/{}?done=tie-ended", two.0.key);
    after(&web, &who, tx, two, done, (&to, Again::Neither)).await
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
