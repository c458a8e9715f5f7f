//! How cases, their people and their entries read: the words that several screens share.
//!
//! For staff who may see the case: nothing here asks who is looking.

use crate::channel::phone_of_address;
use crate::deployment::School;
use crate::phone::Phone;
use crate::school::people::{Adult, Known, Prefers, Sen};
use crate::store::{AuditLine, Case, Entry, Promise, Result};

/// What an entry is and whose, in words.
pub(crate) fn entry_title(school: &School, case: &Case, entry: &Entry) -> String {
    let author = match entry.author.as_str() {
        "parent" => adult_name(school, case),
        "schoolgate" => "schoolgate".to_owned(),
        key => school.name(key),
    };
    let by_itself = entry.author == "schoolgate";
    match entry.kind.as_str() {
        "message-in" => format!("{author} wrote"),
        "message-out" if by_itself => "schoolgate answered".to_owned(),
        "message-out" => match entry.audience.strip_prefix("adult:") {
            Some(adult) => format!("{author} wrote to {}", school.name(adult)),
            None => format!("{author} wrote to the parent"),
        },
        "sealed-elsewhere" => "Sealed".to_owned(),
        "screen" => "What the screen saw".to_owned(),
        other => {
            let what = other.replace('-', " ");
            let mut letters = what.chars();
            let first: String = letters
                .next()
                .into_iter()
                .flat_map(char::to_uppercase)
                .collect();
            let what = format!("{first}{}", letters.as_str());
            if by_itself {
                what
            } else {
                format!("{what}, by {author}")
            }
        }
    }
}

/// What a line of the audit log says that somebody did: "opened C-1042".
pub(crate) fn deed_words(school: &School, line: &AuditLine, case: Option<&Case>) -> String {
    let in_case = case.map_or_else(|| "a case".to_owned(), Case::reference);
    let person = line.about.as_deref().map_or_else(
        || "somebody".to_owned(),
        |key| person_name(school, key).unwrap_or_else(|| key.to_owned()),
    );
    match line.did.as_str() {
        "read" => format!("opened {in_case}"),
        "read a file" => format!("opened a file in {in_case}"),
        "released lines" => format!("gave lines of a sealed entry on, as {in_case}"),
        "two questions" => format!("answered the office's two questions for {in_case}"),
        "held" => format!(
            "set a hold on {}",
            if case.is_some() { in_case } else { person }
        ),
        "lifted a hold" => format!(
            "lifted a hold on {}",
            if case.is_some() { in_case } else { person }
        ),
        "erased" => format!("erased the words of an entry in {in_case}"),
        "set a restriction" | "changed a restriction" | "ended a restriction" => {
            format!("{} of {person}", line.did)
        }
        "changed what stands between an adult and a child" => {
            format!("changed what stands between {person} and a child")
        }
        "made an adult a contact of a child" => format!("made {person} a contact of a child"),
        "took an adult off the contacts of a child" => {
            format!("took {person} off the contacts of a child")
        }
        "opened a parent's record" => format!("opened the record of {person}"),
        "erased a case" => format!("erased all words of {in_case}"),
        "looked at what may be erased of somebody" => {
            format!("looked at what may be erased of {person}")
        }
        "wrote a passport" => format!("wrote down how to reach {person}"),
        "changed a number" => format!("changed a number of {person}"),
        "matched a number" if line.about.is_some() => format!("matched a number with {person}"),
        "merged two records" if line.about.is_some() => {
            format!("merged another record into that of {person}")
        }
        "undid a change of the people" if line.about.is_some() => {
            format!("undid a change of the people, about {person}")
        }
        "recorded a request" => format!("wrote down a request for everything about {person}"),
        "set the stage of a pupil" => format!("set the stage of support of {person}"),
        "looked at the stage of a pupil" => format!("looked at the stages of support of {person}"),
        "recorded who decides for a young person" => {
            format!("wrote down who decides for {person}")
        }
        "exported" => format!("took everything about {person} out, as a file"),
        "exported with safeguarding" => {
            format!("took everything about {person} out as a file, safeguarding records included")
        }
        other if case.is_some() => format!("{other} ({in_case})"),
        other => other.to_owned(),
    }
}

/// A pupil's or an adult's name by their key.
pub(crate) fn person_name(school: &School, key: &str) -> Option<String> {
    let pupil = school.people.pupil(key);
    let pupil = pupil.map(|p| format!("{} {}", p.first_name, p.last_name));
    let mut adults = school.people.adults.iter();
    pupil.or_else(|| adults.find(|a| a.key == key).map(|a| a.name.clone()))
}

/// "Mrs Cole will ring".
pub(crate) fn promise_words(promise: &Promise) -> Result<String> {
    let who = promise.who()?;
    let who = if who.is_empty() {
        "The school".to_owned()
    } else {
        who.join(" or ")
    };
    let what = match promise.what.as_str() {
        "contact" => "be in touch".to_owned(),
        "copy" => "send a copy".to_owned(),
        "formal-answer" => "answer the formal request".to_owned(),
        other => other.replace('-', " "),
    };
    Ok(format!("{who} will {what}"))
}

/// The adult of a case, when they are known and checked.
pub(crate) fn adult<'s>(school: &'s School, case: &Case) -> Option<&'s Adult> {
    let key = case.adult.as_deref()?;
    school.people.adult(key)
}

/// Who wrote, for staff who may open the case.
pub(crate) fn adult_name(school: &School, case: &Case) -> String {
    match adult(school, case) {
        Some(adult) => adult.name.clone(),
        None if case.address.is_empty() => "the school itself".to_owned(),
        None => match phone_at(&case.address) {
            Some(phone) => format!("{} (not checked)", phone.national()),
            None => "somebody not checked".to_owned(),
        },
    }
}

pub(crate) fn adult_line(school: &School, case: &Case) -> String {
    let name = adult_name(school, case);
    let of = adult(school, case).and_then(|a| {
        a.children
            .iter()
            .find(|child| Some(&child.pupil) == case.pupil.as_ref())
    });
    of.map_or(name.clone(), |child| format!("{name}, {}", child.kind))
}

/// The pupil a case is about.
pub(crate) fn pupil_name(school: &School, case: &Case) -> String {
    let pupil = case
        .pupil
        .as_deref()
        .and_then(|key| school.people.pupil(key));
    pupil.map_or_else(
        || "not known yet".to_owned(),
        |p| format!("{} {}, {}", p.first_name, p.last_name, p.class),
    )
}

pub(crate) fn pupil_line(school: &School, case: &Case) -> String {
    let name = pupil_name(school, case);
    let pupil = case
        .pupil
        .as_deref()
        .and_then(|key| school.people.pupil(key));
    match pupil.filter(|p| p.sen != Sen::None) {
        Some(pupil) => format!("{name}, {}", pupil.stage()),
        None => name,
    }
}

pub(crate) fn tier_words(tier: &str) -> Option<&'static str> {
    match tier {
        "ordinary" => None,
        "safeguarding" => {
            Some("Sealed: only the safeguarding leads, and whom they share it with, can read this.")
        }
        "staff" => Some("Sealed: it is about a member of staff. Only the head reads this."),
        _ => Some("Sealed: it is about the head. Only the chair of governors reads this."),
    }
}

pub(crate) fn prefers_words(prefers: Prefers) -> &'static str {
    match prefers {
        Prefers::Text => "Texts",
        Prefers::TextOnly => "Text only: do not ring this phone",
        Prefers::Phone => "A phone call",
        Prefers::Email => "Email",
    }
}

pub(crate) fn wish_words(wish: &str) -> String {
    match wish {
        "call" => "A phone call".to_owned(),
        "meet" => "A meeting".to_owned(),
        "text" => "Texts".to_owned(),
        other => other.replace('-', " "),
    }
}

/// How a meeting is held.
pub(crate) fn mode_words(mode: &str) -> &'static str {
    match mode {
        "phone" => "by phone",
        "video" => "by video",
        "home" => "at home",
        _ => "at school",
    }
}

/// What staff call a case of a kind.
pub(crate) fn kind_words(kind: &str) -> String {
    match crate::school::case::Kind::from_word(kind) {
        Some(kind) => kind.called().to_owned(),
        None => kind.replace('-', " "),
    }
}

/// `no change`, of `no-change`.
pub(crate) fn state_words(state: &str) -> String {
    state.replace('-', " ")
}

pub(crate) fn task_title(kind: &str) -> &'static str {
    match kind {
        "hand-over" => "Asked for a person, or was not understood",
        "two-questions" => "Two questions before we answer",
        "phone" => "Ring them",
        "stopped" => "They stopped our texts",
        "copy" => "A copy for them",
        "formal-answer" => "A formal request to answer",
        "subject-access" => "Somebody asked for a copy of everything",
        "interpreter" => "Find an interpreter",
        "wrong-number" => "A phone that is not theirs",
        "unread" => "A message nobody could read yet",
        "delivery" => "A message did not arrive",
        "failed-turn" => "The service could not answer this",
        "video-link" => "A link for a meeting by video",
        "moved-meeting" => "A meeting has to be looked at",
        "restricted" => "Somebody is restricted",
        "today" => "About today",
        "canary" => "Texts may not be arriving",
        "budget" => "Money for texts",
        _ => "To do",
    }
}

/// Somebody by their number: a member of staff by name, anybody else as people dial them. Who a
/// parent is stands in the case, for those who may open it.
pub(crate) fn who_at(school: &School, address: &str) -> String {
    if let Some(staff) = phone_of_address(address).and_then(|a| school.staff_with_phone(a)) {
        return staff.name.clone();
    }
    match phone_at(address) {
        _ if address.is_empty() => "schoolgate".to_owned(),
        Some(phone) => phone.national(),
        None => "somebody on Telegram".to_owned(),
    }
}

fn phone_at(address: &str) -> Option<Phone> {
    phone_of_address(address).and_then(|number| Phone::parse(number).ok())
}

/// An adult as the office has to know them before it answers. Restrictions and their reasons are for
/// the office and the safeguarding leads, who are the ones asked.
pub(crate) fn described(school: &School, adult: &Adult) -> String {
    let mut words = adult.name.clone();
    for child in &adult.children {
        let pupil = school.people.pupil(&child.pupil);
        let pupil = pupil.map_or_else(
            || child.pupil.clone(),
            |p| format!("{} ({})", p.first_name, p.class),
        );
        words.push_str(&format!(
            ", {} of {pupil}. Lives together: {}. Court order: {}. Parental responsibility: {}",
            child.kind,
            known(child.lives_with),
            known(child.court_order),
            known(child.parental_responsibility),
        ));
        if let Some(restriction) = &child.restriction {
            let why = restriction
                .why
                .as_deref()
                .map(|w| format!(" ({w})"))
                .unwrap_or_default();
            let by = school.name(&restriction.by);
            words.push_str(&format!(
                ". Restricted since {} by {by}{why}",
                restriction.since.strftime("%-d %b %Y")
            ));
        }
    }
    words
}

pub(crate) fn known(known: Known) -> &'static str {
    match known {
        Known::Yes => "yes",
        Known::No => "no",
        Known::Unknown => "not recorded",
    }
}

/// As much of somebody's words as a list can hold; the case has the rest.
pub(crate) fn beginning(words: &str) -> String {
    let words = super::clean(words);
    match words.char_indices().nth(240) {
        Some((end, _)) => format!("{}…", &words[..end]),
        None => words,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_holds_the_beginning_of_long_words_and_cuts_no_letter_in_two() {
        assert_eq!(beginning("short"), "short");
        let long = "ż".repeat(241);
        assert_eq!(beginning(&long), format!("{}…", "ż".repeat(240)));
    }
}
