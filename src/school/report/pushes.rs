//! How often each member of staff will hear of something in a school week: what a school looks at before
//! it goes live, because whoever is told too often stops looking.

use crate::school::people::{People, Role, Sen, Staff};
use crate::school::promise::Promises;

/// Weeks of a school year: 190 days (School Teachers' Pay and Conditions Document).
const WEEKS: f64 = 38.0;

/// How often the family of a child whose needs are supported brings something new, in a school year.
/// An estimate of ours, as long as a school has none of its own.
pub const SUPPORTED_A_YEAR: f64 = 6.0;

/// The same, of any other child.
pub const OTHERS_A_YEAR: f64 = 1.0;

/// What one member of staff may expect in a school week.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Pushes {
    /// Digests, at most: one is sent only when there is something in it.
    pub digests: usize,
    /// New cases of their own, told at once in their hours and otherwise in the next digest.
    pub cases: f64,
}

/// What `staff` may expect, by the children whose cases are theirs first: those of their classes, and for
/// the SENCO those whose class has no teacher.
pub fn expected(people: &People, promises: &Promises, staff: &Staff) -> Pushes {
    let taught = |class: &str| {
        people
            .staff
            .iter()
            .any(|s| s.classes.iter().any(|c| c == class))
    };
    let theirs = people.pupils.iter().filter(|pupil| {
        staff.classes.contains(&pupil.class) || staff.is(Role::Senco) && !taught(&pupil.class)
    });
    let a_year: f64 = theirs
        .map(|pupil| match pupil.sen {
            Sen::None | Sen::Concern => OTHERS_A_YEAR,
            Sen::Support | Sen::Assessment | Sen::Ehcp => SUPPORTED_A_YEAR,
        })
        .sum();
    Pushes {
        digests: staff.work.days.count() * promises.digests.len(),
        cases: a_year / WEEKS,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::school::fixture::kingfisher;

    #[test]
    fn a_teacher_hears_of_their_class_and_the_senco_of_classes_without_a_teacher() {
        let school = kingfisher();
        let mut people = school.people.clone();
        let of = |people: &People, key: &str| {
            expected(people, &school.promises, people.staff(key).unwrap())
        };
        let teacher = of(&people, "mr-hughes");
        assert_eq!(teacher.digests, 10, "two a day, five days");
        let theirs = people.pupils.iter().filter(|p| p.class == "3H");
        let supported = theirs
            .clone()
            .filter(|p| !matches!(p.sen, Sen::None | Sen::Concern))
            .count();
        let others = theirs.count() - supported;
        let a_year = supported as f64 * SUPPORTED_A_YEAR + others as f64 * OTHERS_A_YEAR;
        assert!((teacher.cases - a_year / WEEKS).abs() < 1e-9);
        assert!(teacher.cases > 0.0);

        let before = of(&people, "mrs-cole").cases;
        people.pupils[0].class = "nobody's".to_owned();
        assert!(of(&people, "mrs-cole").cases > before);
    }
}
