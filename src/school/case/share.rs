//! What of a case an adult may be shown, and when a page of it may be given to them.
//!
//! What an adult said or was told is that adult's only. What the school did, decided and agreed about
//! the child is every parent's who has no block. Nothing goes to a second adult before somebody has
//! decided that copies are given.

use jiff::civil::Date;

use crate::school::people::Adult;

/// Why a page of a case is not given to an adult.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotShared {
    /// Safeguarding words, or words about staff.
    #[error("this case is sealed: nothing of it is shared")]
    Sealed,
    /// They are no contact of this child.
    #[error("they are no contact of this child")]
    NotTheirs,
    /// A restriction stands against them.
    #[error("a restriction stands against them: nothing about this child goes to them")]
    Restricted,
    /// The office has not asked its two questions.
    #[error("they have not been checked: the office asks its two questions first")]
    Unchecked,
    /// Nobody has decided about copies for them.
    #[error("decide first whether they are given copies")]
    NotDecided,
    /// It was decided that they get none.
    #[error("it was decided that they are given no copies")]
    Declined,
    /// The young person decides now, and wants only themselves told.
    #[error(
        "the young person decides for themselves now, and wants only themselves told: nothing new about them is \
         shared with parents. Talk with the young person first if you think it should be"
    )]
    YoungPerson,
    /// There is no number to text the link to.
    #[error("there is no phone number of theirs to text the link to")]
    NoNumber,
    /// They have no PIN.
    #[error("they have no PIN: make one on their page under People, and give it to them on paper")]
    NoPin,
    /// They have stopped our texts, or the number is not theirs.
    #[error("our texts do not reach them: they have stopped them, or the number is wrong")]
    Stopped,
}

impl NotShared {
    /// Whether only the text cannot reach them: on paper they may have it.
    pub const fn is_of_the_way(self) -> bool {
        matches!(self, Self::NoNumber | Self::NoPin | Self::Stopped)
    }
}

/// What is known of a case and an adult, before a page is given to them.
#[derive(Debug, Clone, Copy)]
pub struct Sharing<'a> {
    /// Who.
    pub adult: &'a Adult,
    /// The pupil whom the case is about, by key.
    pub pupil: Option<&'a str>,
    /// They are the one whose case it is.
    pub own: bool,
    /// The case is not of the ordinary tier.
    pub sealed: bool,
    /// The decision about copies for somebody who is not the one that wrote.
    pub copies: Option<bool>,
    /// The young person decides, and wants only themselves told.
    pub alone: bool,
    /// Today.
    pub today: Date,
}

impl Sharing<'_> {
    /// Whether a page may be given to them, as far as the record tells.
    pub fn allowed(&self) -> Result<(), NotShared> {
        if self.sealed {
            return Err(NotShared::Sealed);
        }
        if self.alone {
            return Err(NotShared::YoungPerson);
        }
        let of_pupil = |pupil: &str| self.adult.children.iter().find(|c| c.pupil == pupil);
        match self.pupil.map(of_pupil) {
            // Nobody knows which child it is: only the one who wrote knows what it is about.
            None if !self.own => return Err(NotShared::NotTheirs),
            None => {}
            Some(None) => return Err(NotShared::NotTheirs),
            Some(Some(child)) if child.is_restricted(self.today) => {
                return Err(NotShared::Restricted);
            }
            Some(Some(child)) if child.is_unchecked(self.today) && !self.own => {
                return Err(NotShared::Unchecked);
            }
            Some(Some(_)) => {}
        }
        match (self.own, self.copies) {
            (true, _) | (false, Some(true)) => Ok(()),
            (false, Some(false)) => Err(NotShared::Declined),
            (false, None) => Err(NotShared::NotDecided),
        }
    }
}

/// The audience of what one adult, who is not the one whose case it is, said or was told.
pub fn audience_of(adult: &str) -> String {
    format!("adult:{adult}")
}

/// Whether an entry is shown to an adult; `own` is whether the case is theirs.
pub fn shows(audience: &str, adult: &str, own: bool) -> bool {
    match audience {
        "parents" => true,
        "adult" => own,
        "school" => false,
        other => other.strip_prefix("adult:") == Some(adult),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::school::fixture::kingfisher;

    fn sharing<'a>(adult: &'a Adult, pupil: &'a str) -> Sharing<'a> {
        Sharing {
            adult,
            pupil: Some(pupil),
            own: false,
            sealed: false,
            copies: Some(true),
            alone: false,
            today: date(2026, 12, 1),
        }
    }

    #[test]
    fn a_page_goes_to_whoever_may_be_told_and_to_nobody_else() {
        let people = &kingfisher().people;
        let adult = |key: &str| people.adult(key).unwrap();
        let sarah = sharing(adult("sarah-reed"), "leo");
        assert_eq!(sarah.allowed(), Ok(()));
        let undecided = Sharing {
            copies: None,
            ..sarah
        };
        assert_eq!(undecided.allowed(), Err(NotShared::NotDecided));
        assert_eq!(
            Sharing {
                own: true,
                ..undecided
            }
            .allowed(),
            Ok(())
        );
        let declined = Sharing {
            copies: Some(false),
            ..sarah
        };
        assert_eq!(declined.allowed(), Err(NotShared::Declined));
        assert_eq!(
            Sharing {
                sealed: true,
                ..sarah
            }
            .allowed(),
            Err(NotShared::Sealed)
        );
        let alone = Sharing {
            own: true,
            alone: true,
            ..sarah
        };
        assert_eq!(alone.allowed(), Err(NotShared::YoungPerson));
        // Lives apart, and nobody has filled in the court-order field.
        assert_eq!(
            sharing(adult("mark-reed"), "leo").allowed(),
            Err(NotShared::Unchecked)
        );
        let dean = Sharing {
            own: true,
            ..sharing(adult("dean-price"), "ola")
        };
        assert_eq!(dean.allowed(), Err(NotShared::Restricted));
        assert_eq!(
            sharing(adult("amina-yusuf"), "leo").allowed(),
            Err(NotShared::NotTheirs)
        );
        let unknown = Sharing {
            pupil: None,
            ..sarah
        };
        assert_eq!(unknown.allowed(), Err(NotShared::NotTheirs));
        assert_eq!(
            Sharing {
                own: true,
                ..unknown
            }
            .allowed(),
            Ok(())
        );
    }

    #[test]
    fn each_adult_is_shown_their_own_words_and_what_the_school_decided() {
        assert!(shows("parents", "mark-reed", false));
        assert!(shows("adult", "sarah-reed", true));
        assert!(!shows("adult", "mark-reed", false));
        assert!(shows("adult:mark-reed", "mark-reed", false));
        assert!(!shows("adult:mark-reed", "sarah-reed", true));
        assert!(!shows("school", "sarah-reed", true));
        assert!(!shows("", "sarah-reed", true));
    }
}
