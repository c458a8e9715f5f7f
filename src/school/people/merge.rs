//! Two records that turn out to be one person's.

use super::{Adult, Known, Merged, Relationship, Restriction};
use crate::phone::Phone;

impl Adult {
    /// This record with what another one knows: every number and child of both, and of what stands
    /// against telling them of a child the stricter.
    #[must_use]
    pub fn merged_with(&self, other: &Self) -> Self {
        let mut one = self.clone();
        for phone in other.numbers() {
            if !one.numbers().any(|known| known == phone) {
                one.matched.push(phone.clone());
            }
        }
        one.lost.extend(other.lost.iter().cloned());
        let both: Vec<Phone> = one.numbers().cloned().collect();
        one.lost.retain(|lost| !both.contains(lost));
        one.ended.extend(other.ended.iter().cloned());
        one.merged.push(Merged {
            key: other.key.clone(),
            contact_id: other.contact_id.clone(),
        });
        one.merged.extend(other.merged.iter().cloned());
        for child in &other.children {
            match one.children.iter_mut().find(|c| c.pupil == child.pupil) {
                Some(known) => *known = known.stricter(child),
                None => one.children.push(child.clone()),
            }
        }
        let children: Vec<String> = one.children.iter().map(|c| c.pupil.clone()).collect();
        one.ended.retain(|ended| !children.contains(ended));
        one.email = one.email.or_else(|| other.email.clone());
        one.language = one.language.or_else(|| other.language.clone());
        one.key_worker = one.key_worker.or_else(|| other.key_worker.clone());
        one.prefers = one.prefers.or(other.prefers);
        one.note = one.note.or_else(|| other.note.clone());
        one
    }
}

impl Relationship {
    /// What two records say of one adult and child, as far as they may differ.
    fn stricter(&self, other: &Self) -> Self {
        // What one record does not know is not known: "not recorded" keeps more back than "no order".
        let either = |a: Known, b: Known, first: Known| {
            if a == first || b == first {
                first
            } else if a == b {
                a
            } else {
                Known::Unknown
            }
        };
        Self {
            parental_responsibility: either(
                self.parental_responsibility,
                other.parental_responsibility,
                Known::No,
            ),
            lives_with: either(self.lives_with, other.lives_with, Known::No),
            court_order: either(self.court_order, other.court_order, Known::Yes),
            restriction: longer(self.restriction.as_ref(), other.restriction.as_ref()).cloned(),
            by_hand: self.by_hand && other.by_hand,
            ..self.clone()
        }
    }
}

/// Of two restrictions the one that stands longer.
fn longer<'r>(
    one: Option<&'r Restriction>,
    other: Option<&'r Restriction>,
) -> Option<&'r Restriction> {
    let (Some(one), Some(other)) = (one, other) else {
        return one.or(other);
    };
    let outlasts = one
        .until
        .is_none_or(|one| other.until.is_some_and(|other| other <= one));
    Some(if outlasts { one } else { other })
}

#[cfg(test)]
mod tests {
    use crate::school::fixture::kingfisher;
    use crate::school::people::Known;

    #[test]
    fn the_stricter_record_of_a_child_stands() {
        let people = &kingfisher().people;
        let mut other = people.adult("nina-price").unwrap().clone();
        let dean = people.adult("dean-price").unwrap();
        other.key = "d-price".to_owned();
        for (one, two) in [(dean, &other), (&other, dean)] {
            let merged = one.merged_with(two);
            assert_eq!(merged.children.len(), 1);
            let child = &merged.children[0];
            assert!(child.restriction.is_some());
            assert_eq!(
                (child.court_order, child.lives_with),
                (Known::Yes, Known::No)
            );
            assert_eq!(merged.numbers().count(), 2);
            assert!(merged.is(&two.key) && merged.is(&one.key));
        }
    }
}
