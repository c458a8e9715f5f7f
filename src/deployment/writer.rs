//! Who writes: what is known of whoever has an address, and the staff whom their words name.

use jiff::civil::Date;

use super::School;
use crate::phone::Phone;
use crate::school::passport::Passport;
use crate::school::people::{Adult, Prefers, Pupil, Role, Standing};
use crate::school::safeguarding::Screen;

impl School {
    /// The staff whom words name, by key: by name, by their post, or as this family's own teacher or
    /// key worker. Whoever is named is taken out before any list is made.
    pub fn named_in(&self, screen: &Screen, words: &str, writer: &Writer<'_>) -> Vec<String> {
        let mut names = self.names(screen);
        // An unchecked adult has no children here to anybody's knowledge, but may be on record.
        let children: Vec<&str> = writer
            .on_record
            .iter()
            .flat_map(|a| a.children.iter())
            .filter_map(|c| self.people.pupil(&c.pupil))
            .map(|p| p.class.as_str())
            .collect();
        for (name, staff) in names.iter_mut().zip(&self.people.staff) {
            if staff.classes.iter().any(|c| children.contains(&c.as_str())) {
                name.role_words
                    .extend(screen.post_words(Role::ClassTeacher.word()));
            }
            let theirs = |a: &&Adult| a.key_worker.as_deref() == Some(&staff.key);
            if writer.on_record.iter().any(theirs) {
                name.role_words
                    .extend(screen.post_words(Role::KeyWorker.word()));
            }
        }
        screen
            .staff_named(words, &names)
            .into_iter()
            .filter_map(|i| self.people.staff.get(i))
            .map(|s| s.key.clone())
            .collect()
    }
}

/// What is known of whoever writes from an address, for this school, today.
#[derive(Debug, Clone, Default)]
pub struct Writer<'s> {
    /// The adult, when exactly one checked adult has this phone, or the office said who it is.
    pub adult: Option<&'s Adult>,
    /// Whether anything about a child may be said at all.
    pub checked: bool,
    /// Their children here; empty when unchecked.
    pub children: Vec<&'s Pupil>,
    /// Whether children may be listed by name: not on one phone of two adults.
    pub listed: bool,
    /// Adults on the record for this phone, for the office's eyes only.
    pub on_record: Vec<&'s Adult>,
    /// How this adult wants to be reached, where they have said.
    pub passport: Option<Passport>,
}

impl<'s> Writer<'s> {
    /// Whether this adult may be rung: somebody who asked for texts only is not. What they said last
    /// counts, in their passport before the school's record.
    pub fn may_ring(&self) -> bool {
        if let Some(said) = self.passport.as_ref().and_then(Passport::may_ring) {
            return said;
        }
        let text_only = |a: &Adult| a.prefers == Some(Prefers::TextOnly);
        !self.adult.is_some_and(text_only)
    }

    /// Who writes from `phone` (the address itself, or the number proved on Telegram).
    pub fn new(
        school: &'s School,
        phone: Option<&str>,
        checks: &[crate::store::Check],
        today: Date,
    ) -> Self {
        let Some(phone) = phone.and_then(|p| Phone::parse(p).ok()) else {
            return Self::default();
        };
        let people = &school.people;
        let children = |adults: &[&'s Adult]| -> Vec<&'s Pupil> {
            let mut keys: Vec<&str> = adults
                .iter()
                .flat_map(|a| &a.children)
                .filter(|c| !c.is_restricted(today))
                .map(|c| c.pupil.as_str())
                .collect();
            keys.sort_unstable();
            keys.dedup();
            keys.into_iter().filter_map(|k| people.pupil(k)).collect()
        };
        match people.standing(&phone, today) {
            Standing::Checked(adults) => Self {
                checked: true,
                children: children(&adults),
                listed: adults.len() == 1,
                adult: (adults.len() == 1).then(|| adults[0]),
                on_record: adults,
                passport: None,
            },
            Standing::Unknown => Self::default(),
            Standing::Unchecked(adults) => {
                let newest = checks.first();
                let released = newest.filter(|c| c.releases()).and_then(|check| {
                    let adult = adults.iter().find(|a| a.is(&check.adult))?;
                    // An order on the record outweighs an answer: it is lifted there first.
                    (!adult.children.iter().any(|c| c.is_restricted(today))).then_some(*adult)
                });
                match released {
                    Some(adult) => Self {
                        adult: Some(adult),
                        checked: true,
                        children: children(&[adult]),
                        listed: true,
                        on_record: adults,
                        passport: None,
                    },
                    None => Self {
                        on_record: adults,
                        ..Self::default()
                    },
                }
            }
        }
    }
}
