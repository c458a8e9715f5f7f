//! What a turn is told about the adult and the school, as a table the checker and the caller share.
//!
//! Flows may branch on `checked`, never on why somebody has not been checked: adults who have not
//! been checked all get the same texts.

use super::action::Kind;

/// One fact.
#[derive(Debug)]
pub struct Fact {
    /// The name flows and texts use.
    pub name: &'static str,
    /// What sort of value.
    pub kind: Kind,
    /// Whether it is set in every turn; otherwise a flow must cope without it.
    pub always: bool,
    /// What it means.
    pub doc: &'static str,
}

const fn always(name: &'static str, kind: Kind, doc: &'static str) -> Fact {
    Fact {
        name,
        kind,
        always: true,
        doc,
    }
}

const fn sometimes(name: &'static str, kind: Kind, doc: &'static str) -> Fact {
    Fact {
        name,
        kind,
        always: false,
        doc,
    }
}

/// Every fact a flow may use.
pub const FACTS: &[Fact] = &[
    always("school", Kind::Text, "the school's name"),
    always(
        "office-phone",
        Kind::Text,
        "the office's number, in national form",
    ),
    always(
        "checked",
        Kind::Flag,
        "this adult has been checked; otherwise nothing about a child may be said",
    ),
    always("open", Kind::Flag, "the school is open now"),
    always("opens", Kind::Opens, "when the school opens next"),
    always(
        "children",
        Kind::List,
        "this adult's checked children; empty for an adult who has not been checked",
    ),
    always(
        "children-listed",
        Kind::Flag,
        "the children may be named first; otherwise (one phone, two adults) ask for the first name",
    ),
    always("senco", Kind::Text, "the SENCO's name"),
    always(
        "senco-hours",
        Kind::Hours,
        "when the SENCO can be reached by phone",
    ),
    always(
        "staff",
        Kind::List,
        "the staff this adult may know: who leads on SEND, the head, and for a checked adult the \
         children's class teachers and the family's key worker",
    ),
    always("head", Kind::Text, "the head's name"),
    always(
        "interpreter",
        Kind::Flag,
        "this adult's passport asks for an interpreter when they talk",
    ),
    always(
        "has-passport",
        Kind::Flag,
        "this adult has said how they want to be reached",
    ),
    always(
        "may-ring",
        Kind::Flag,
        "this adult may be rung; otherwise no call and no meeting by phone is offered",
    ),
    sometimes(
        "child",
        Kind::Item,
        "the one child this can be about: the only one, or the one named in the message",
    ),
    sometimes("council", Kind::Text, "the child's home council"),
    sometimes(
        "out-of-hours-who",
        Kind::Text,
        "whose line is open when the school is closed: the council",
    ),
    sometimes("out-of-hours-phone", Kind::Text, "the number of that line"),
    sometimes(
        "sen",
        Kind::Text,
        "`none`, `support` or `ehcp`: the SEN stage of `child`, for checked adults only",
    ),
    sometimes(
        "key-worker",
        Kind::Text,
        "the name of this adult's key worker",
    ),
    sometimes(
        "language-name",
        Kind::Text,
        "the language that this adult's passport or record names, as staff call it",
    ),
    sometimes(
        "absence-phone",
        Kind::Text,
        "the line for telling of absence, in national form",
    ),
    sometimes(
        "complaints-link",
        Kind::Text,
        "the school's complaints policy",
    ),
    sometimes(
        "sen-report-link",
        Kind::Text,
        "the school's SEN information report",
    ),
    sometimes("local-offer-link", Kind::Text, "the council's Local Offer"),
    sometimes(
        "parent-view-link",
        Kind::Text,
        "where parents tell the inspectorate what they think",
    ),
];

/// The fact of this name.
pub fn find(name: &str) -> Option<&'static Fact> {
    FACTS.iter().find(|fact| fact.name == name)
}
