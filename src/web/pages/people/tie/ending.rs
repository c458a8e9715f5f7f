//! What is asked before a restriction or a contact is ended: what follows, and why.

use askama::Template;
use axum::Form;
use axum::extract::{Path, State};
use axum::response::{IntoResponse as _, Response};

use super::{Again, Reason, address, after, two};
use crate::desk::ties::TieError;
use crate::school::people::{Adult, Known, Pupil, Relationship, may_lift};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::{Frame, Problem, clean, render};
use crate::web::session::SignedIn;

/// What is asked before a restriction, a contact or a number is ended.
#[derive(Template)]
#[template(path = "tie_end.html", config = "src/web/askama.toml")]
pub(in crate::web::pages::people) struct EndPage {
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
