//! The screens, one a file, and what they share: the frame around a page and how moments read.
//!
//! A handler takes `SignedIn`, asks `desk` what this person may see or do, and fills in a template.

pub(crate) mod account;
pub(crate) mod acts;
pub(crate) mod audit;
mod card;
pub(crate) mod case;
pub(crate) mod cases;
pub(crate) mod children;
pub(crate) mod discussion;
pub(crate) mod entry;
pub(crate) mod erasure;
pub(crate) mod file;
pub(crate) mod flows;
pub(crate) mod handset;
pub(crate) mod health;
pub(crate) mod invitation;
pub(crate) mod keeping;
pub(crate) mod life;
mod listing;
pub(crate) mod messages;
mod names;
pub(crate) mod pack;
pub(crate) mod parent;
pub(crate) mod people;
pub(crate) mod pupil;
pub(crate) mod reports;
pub(crate) mod requests;
pub(crate) mod safeguarding;
pub(crate) mod school_account;
pub(crate) mod search;
pub(crate) mod second_step;
pub(crate) mod settings;
pub(crate) mod share;
pub(crate) mod sign_in;
pub(crate) mod skim;
mod spending;
pub(crate) mod staff;
pub(crate) mod stage;
pub(crate) mod start;
mod support;
pub(crate) mod tasks;
pub(crate) mod today;
mod waiting;
mod when;
mod wording;
pub(crate) mod young;

use askama::Template;
use axum::http::StatusCode;
use axum::response::{Html, IntoResponse as _, Response};

pub(crate) use when::{Stamp, minutes_of};

use super::session::SignedIn;
use crate::desk::rights::takes_requests;
use crate::desk::sees_audit;
use crate::desk::settings::keeps_settings;
use crate::desk::sight::{may_see_flows, may_see_messages, may_see_reports, may_skim};
use crate::desk::ties::sees_people;
use crate::school::people::{Role, Staff};

/// What stands around every page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Frame {
    /// The page's heading, and what the browser's tab shows.
    pub title: String,
    /// In the header: the school, or the service.
    pub school: String,
    /// Who is signed in.
    pub person: Option<String>,
    /// The pages this person has.
    pub tabs: Vec<Tab>,
    /// Whether they search: whoever reads no words does not.
    pub searches: bool,
    /// What was just done.
    pub done: Option<&'static str>,
    /// What could not be done, and why.
    pub problem: Option<Problem>,
    /// Where the page hears that something changed; empty for one that does not renew itself.
    pub events: &'static str,
}

/// One page in the navigation.
#[derive(Debug, Clone)]
pub(crate) struct Tab {
    /// Its address.
    pub href: &'static str,
    /// Its name.
    pub label: &'static str,
    /// Whether this is the page shown.
    pub here: bool,
}

/// What is wrong with a form: shown above it, and beside its field.
#[derive(Debug, Clone)]
pub(crate) struct Problem {
    /// The id of the field.
    pub field: String,
    /// What is wrong and what to do.
    pub words: String,
}

impl Problem {
    /// What `words` say is wrong with a field, as a sentence.
    pub fn new(field: impl Into<String>, words: &str) -> Self {
        let mut letters = words.trim_end_matches('.').chars();
        let first: String = letters
            .next()
            .into_iter()
            .flat_map(char::to_uppercase)
            .collect();
        Self {
            field: field.into(),
            words: format!("{first}{}.", letters.as_str()),
        }
    }
}

/// What a page says after something was done; the address holds the word, never the sentence.
const DONE: &[(&str, &str)] = &[
    (
        "acknowledged",
        "You have it. The parent is told so if they ask.",
    ),
    (
        "replied",
        "Your reply is on its way, and stands in the record.",
    ),
    (
        "ring",
        "Your promise to ring is on its way to the parent, and stands in the record.",
    ),
    ("called", "The call is in the record."),
    ("asked", "They are asked how they want to go on."),
    (
        "released",
        "The head has those lines, as a complaint of its own.",
    ),
    ("noted", "Your note is in the record."),
    ("stepped", "It is in the record."),
    ("told", "They are told, and it is in the record."),
    ("closed", "The case is closed."),
    ("assigned", "They have it now, and are told so."),
    (
        "corrected",
        "It stands beside the entry, which stays as it was.",
    ),
    ("shared", "The link is on its way to them."),
    (
        "discussion",
        "The note is in the record. Give it to the parents from here: it stands on the page of each.",
    ),
    (
        "stage",
        "The stage is set. Now tell the parents: what is prepared for each stands below.",
    ),
    ("stage-text", "The text is on its way to them."),
    (
        "stage-letter",
        "It is written down that the letter was sent.",
    ),
    (
        "decision",
        "It is in the record. Nobody is told by itself: talk with the parents.",
    ),
    ("kept", "Saved."),
    (
        "sealed",
        "The safeguarding leads have been paged. What happens next is with them.",
    ),
    ("task", "Done, and off the list."),
    (
        "answered",
        "Your answers are kept. What follows from them happens by itself.",
    ),
    (
        "imported",
        "The people are imported. Texts are answered by the new lists from now on.",
    ),
    (
        "dropped",
        "The files were thrown away. Nothing was changed.",
    ),
    ("merged", "The two records are one. You can undo it below."),
    (
        "matched",
        "The number is on their record. You can undo it below.",
    ),
    ("undone", "It is as it was before."),
    (
        "restricted",
        "The restriction stands from now on. What was stopped by it is written down below.",
    ),
    (
        "restriction-ended",
        "The restriction is ended, and that stands in the record.",
    ),
    (
        "tie",
        "The record is changed. Texts are answered by it from now on.",
    ),
    (
        "passport",
        "It is kept as a new version, and counts from now on.",
    ),
    (
        "number",
        "The number is on their record. Texts from it are answered as theirs.",
    ),
    (
        "number-lost",
        "The number is theirs no longer, and nothing of theirs goes there.",
    ),
    ("tie-added", "They are a contact of this child from now on."),
    (
        "tie-ended",
        "They are no contact of that child any more, and nothing about the child goes to them.",
    ),
    (
        "erased",
        "The words are erased. Backups that hold them are yours to replace.",
    ),
    (
        "held-pupil",
        "The hold is set: nothing of any case of this pupil is removed.",
    ),
    ("held", "The hold is set: nothing of this case is removed."),
    (
        "lifted",
        "The hold is lifted, and that stands in the record.",
    ),
    (
        "request",
        "The request is written down, and stands on Today until it is answered.",
    ),
    (
        "request-answered",
        "The request is answered, and off the list.",
    ),
    (
        "flagged",
        "It is sealed, and the safeguarding leads have been paged.",
    ),
    (
        "again",
        "It will be sent again. Look here in a minute whether it left.",
    ),
    ("skimmed", "What you have read is not shown to you again."),
    ("signed-out", "You are signed out."),
    (
        "password",
        "Your password is changed, and you are signed out everywhere else.",
    ),
    (
        "session",
        "Ended: what is on that screen opens nothing more.",
    ),
    ("invited", "The invitation is on its way by email."),
    ("staff-signed-out", "They are signed out everywhere."),
    ("set", "Saved. It counts from now on."),
    (
        "closed-day",
        "The school is closed then. Look below at what falls on those days.",
    ),
    ("opened-day", "The school is open then."),
    ("checked", "Written down: it was checked today."),
    (
        "restored",
        "It is as it was then. What stood here before is among the earlier versions.",
    ),
];

impl Frame {
    /// For a page that nobody need be signed in for.
    pub fn bare(title: impl Into<String>) -> Self {
        Self {
            title: title.into(),
            school: "schoolgate".to_owned(),
            ..Self::default()
        }
    }

    /// For a page of the console.
    pub fn of(who: &SignedIn, here: &str, title: impl Into<String>) -> Self {
        let staff = who.staff();
        let tabs = tabs(staff).map(|(href, label)| Tab {
            href,
            label,
            here: href == here,
        });
        Self {
            title: title.into(),
            school: who.school.config.name.clone(),
            person: Some(staff.name.clone()),
            tabs: tabs.collect(),
            searches: reads_words(staff),
            ..Self::default()
        }
    }

    /// The same, saying what was just done.
    pub fn done(self, word: Option<&str>) -> Self {
        let done = DONE
            .iter()
            .find(|(known, _)| Some(*known) == word)
            .map(|(_, sentence)| *sentence);
        Self { done, ..self }
    }

    /// The same, renewing itself.
    pub fn live(self, events: &'static str) -> Self {
        Self { events, ..self }
    }

    /// What is wrong with this field, if it is the one.
    pub fn problem_of(&self, field: &str) -> Option<&str> {
        self.problem
            .as_ref()
            .filter(|p| p.field == field)
            .map(|p| p.words.as_str())
    }

    /// 422 when something is wrong with a form.
    pub fn status(&self) -> StatusCode {
        if self.problem.is_some() {
            StatusCode::UNPROCESSABLE_ENTITY
        } else {
            StatusCode::OK
        }
    }
}

/// Whether somebody has a page.
type Has = fn(&Staff) -> bool;

/// The pages in the navigation, and who has each: by the rule of its route, or nearer to what they do.
const TABS: &[(&str, &str, Has)] = &[
    ("/today", "Today", has_today),
    ("/cases", "Cases", reads_words),
    ("/skim", "Skim", may_skim),
    ("/people", "People", sees_people),
    ("/messages", "Messages", may_see_messages),
    ("/reports", "Reports", may_see_reports),
    ("/flows", "Flows", may_see_flows),
    ("/requests", "Requests", takes_requests),
    ("/audit", "Audit", sees_audit),
    ("/health", "Health", watches),
    ("/settings", "Settings", keeps_settings),
];

fn tabs(staff: &Staff) -> impl Iterator<Item = (&'static str, &'static str)> {
    let theirs = TABS.iter().filter(|(.., has)| has(staff));
    theirs.map(|(href, label, _)| (*href, *label))
}

/// Whoever only watches over the machine has nothing that waits for them here.
fn has_today(staff: &Staff) -> bool {
    reads_words(staff) || !watches(staff)
}

/// Whether somebody has any business with what people write. IT and the council's operator keep the
/// machine running and governors see numbers: none of them ever sees a word.
pub(crate) fn reads_words(staff: &Staff) -> bool {
    const NEVER: [Role; 3] = [Role::It, Role::CouncilOperator, Role::Governor];
    staff.roles.iter().any(|role| !NEVER.contains(role))
}

/// Whether somebody watches over the machine.
pub(crate) fn watches(staff: &Staff) -> bool {
    staff.is(Role::It) || staff.is(Role::CouncilOperator)
}

/// A page, made.
pub(crate) fn render(page: &impl Template) -> Response {
    match page.render() {
        Ok(html) => Html(html).into_response(),
        Err(error) => {
            tracing::error!(%error, "a template could not be filled in");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

/// Words from a form: line breaks as people mean them (a form sends CRLF, which would be paid for
/// twice), and no NUL, which no phone shows and one database refuses.
pub(crate) fn clean(words: &str) -> String {
    words.replace("\r\n", "\n").replace('\0', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_done_is_a_word_we_know_or_nothing_is_said() {
        assert!(Frame::default().done(Some("replied")).done.is_some());
        assert_eq!(Frame::default().done(Some("<script>")).done, None);
        assert_eq!(Frame::default().done(None).done, None);
    }

    #[test]
    fn a_problem_is_a_sentence() {
        assert_eq!(
            Problem::new("reply", "the message is empty").words,
            "The message is empty."
        );
        assert_eq!(Problem::new("reply", "Éa.").words, "Éa.");
    }

    #[test]
    fn words_of_a_form_are_what_was_meant() {
        assert_eq!(clean("one\r\ntwo\0\n"), "one\ntwo\n");
    }
}
