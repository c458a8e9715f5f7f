//! What a flow can have done: one action a file, with its inputs, its outcomes, and the values each
//! outcome brings. The checker reads these tables; the caller of a turn does the work, inside its
//! own transaction. Nothing here does anything.

mod add_note;
mod add_to_case;
mod answer;
mod book;
mod cancel;
mod case_status;
mod find_contact;
mod find_events;
mod find_homework;
mod find_meetings;
mod find_service;
mod find_slots;
mod forward;
mod hand_over;
mod open_case;
mod pass_on;
mod request_callback;
mod rsvp;
mod save_passport;
mod send_record;
mod subscribe;
mod wrong_number;

/// What sort of value a name stands for; see [`crate::flow::value::Value`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words.
    Text,
    /// A whole number.
    Number,
    /// Yes or no.
    Flag,
    /// One thing with an id and a label.
    Item,
    /// Things to choose from.
    List,
    /// Times to choose from.
    Slots,
    /// A moment.
    When,
    /// A moment that is soon.
    Opens,
    /// Names joined by "and".
    Everyone,
    /// Names joined by "or".
    Anyone,
    /// Days and hours of work.
    Hours,
    /// Whatever the flow has.
    Any,
}

/// One action.
#[derive(Debug)]
pub struct Spec {
    /// The name flows use.
    pub name: &'static str,
    /// What it does, for the reference.
    pub doc: &'static str,
    /// What it is given.
    pub inputs: &'static [In],
    /// How it can come out. Every one must be routed by a step that does it.
    pub outcomes: &'static [Out],
    /// A line of a flow that uses it.
    pub example: &'static str,
}

/// One input of an action.
#[derive(Debug)]
pub struct In {
    /// The name.
    pub name: &'static str,
    /// Whether the action can do without.
    pub optional: bool,
    /// What sort of value.
    pub kind: Kind,
}

/// One outcome of an action.
#[derive(Debug)]
pub struct Out {
    /// The name.
    pub name: &'static str,
    /// The values it brings; one whose name ends in `?` may be missing.
    pub values: &'static [(&'static str, Kind)],
}

const fn needs(name: &'static str, kind: Kind) -> In {
    In {
        name,
        optional: false,
        kind,
    }
}

const fn takes(name: &'static str, kind: Kind) -> In {
    In {
        name,
        optional: true,
        kind,
    }
}

/// Every action, by name.
pub const ALL: &[&Spec] = &[
    &add_note::SPEC,
    &add_to_case::SPEC,
    &answer::SPEC,
    &book::SPEC,
    &cancel::SPEC,
    &case_status::SPEC,
    &find_contact::SPEC,
    &find_events::SPEC,
    &find_homework::SPEC,
    &find_meetings::SPEC,
    &find_service::SPEC,
    &find_slots::SPEC,
    &forward::SPEC,
    &hand_over::SPEC,
    &open_case::SPEC,
    &pass_on::SPEC,
    &request_callback::SPEC,
    &rsvp::SPEC,
    &save_passport::SPEC,
    &send_record::SPEC,
    &subscribe::SPEC,
    &wrong_number::SPEC,
];

/// The action of this name.
pub fn find(name: &str) -> Option<&'static Spec> {
    ALL.iter().copied().find(|spec| spec.name == name)
}

impl Spec {
    /// The outcome of this name.
    pub fn outcome(&self, name: &str) -> Option<&'static Out> {
        self.outcomes.iter().find(|out| out.name == name)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn actions_are_sorted_named_once_and_their_examples_name_them() {
        assert!(ALL.is_sorted_by(|a, b| a.name < b.name));
        for spec in ALL {
            assert!(spec.example.contains(spec.name), "{}", spec.name);
            assert!(!spec.outcomes.is_empty(), "{}", spec.name);
            for input in spec.inputs.iter().filter(|i| !i.optional) {
                assert!(
                    spec.example.contains(input.name),
                    "{}: {}",
                    spec.name,
                    input.name
                );
            }
        }
    }
}
