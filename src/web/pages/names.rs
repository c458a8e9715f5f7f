//! People by what they are called, of those whom this person may look up.

use crate::deployment::School;
use crate::desk::sight::{may_see_adult, may_see_pupil};
use crate::school::people::{Adult, Pupil, Staff};
use crate::store::Term;
use crate::text::fold::fold;

/// `Sam Yusuf, 3H`.
pub(super) fn label(pupil: &Pupil) -> String {
    format!("{} {}, {}", pupil.first_name, pupil.last_name, pupil.class)
}

/// Whether every word looked for begins a word of the name.
fn is_called(name: &str, terms: &[Term]) -> bool {
    let folded = fold(name);
    !terms.is_empty()
        && terms
            .iter()
            .all(|term| folded.split_whitespace().any(|word| term.finds(word)))
}

/// Pupils by name, and by class: `sam 3h`.
pub(super) fn pupils_called<'s>(school: &'s School, staff: &Staff, said: &str) -> Vec<&'s Pupil> {
    let terms = Term::all(said);
    let pupils = school.people.pupils.iter();
    pupils
        .filter(|p| is_called(&label(p), &terms) && may_see_pupil(school, staff, p))
        .collect()
}

/// Adults by name.
pub(super) fn adults_called<'s>(school: &'s School, staff: &Staff, said: &str) -> Vec<&'s Adult> {
    let terms = Term::all(said);
    let adults = school.people.adults.iter();
    adults
        .filter(|a| is_called(&a.name, &terms) && may_see_adult(school, staff, a))
        .collect()
}

/// The pupil of a key, if this person may look them up.
pub(super) fn pupil_of_key<'s>(school: &'s School, staff: &Staff, key: &str) -> Option<&'s Pupil> {
    let pupil = school.people.pupil(key);
    pupil.filter(|p| may_see_pupil(school, staff, p))
}

/// The pupil whose page somebody may open, as a link: its address and its name.
pub(super) fn link(school: &School, staff: &Staff, key: &str) -> Option<(String, String)> {
    let pupil = pupil_of_key(school, staff, key)?;
    Some((format!("/pupils/{}", pupil.key), label(pupil)))
}
