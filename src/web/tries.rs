//! Wrong passwords and codes of late, by account and by address: after so many, a wait.
//!
//! Only wrong ones count, so a school behind one address signs in as often as it likes. Kept in
//! memory, by this process alone: a restart forgives, and a password is far beyond so few guesses.
//! A code is not: its wait is long, and only whoever knows the password comes to it.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Tries at one account before a wait.
const OF_ACCOUNT: u32 = 5;

/// Tries from one address: a whole school may be behind it.
const OF_ADDRESS: u32 = 30;

/// How long the wait is, counted from the last wrong password.
const WAIT: SignedDuration = SignedDuration::from_mins(5);

/// And from the last wrong code: of a million codes three are right, so that at 240 guesses a day it
/// takes whoever has stolen a password years.
const WAIT_FOR_CODE: SignedDuration = SignedDuration::from_mins(30);

/// More keys than this, and those whose wait is over are forgotten.
const MANY: usize = 10_000;

/// What somebody tries.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub(crate) enum Tried {
    /// The password behind an email address.
    Password(String),
    /// The second step of somebody, by their school and key: a code, or a recovery code.
    Code(String, String),
    /// The PIN of the page behind a link.
    Page(String),
}

impl Tried {
    const fn wait(&self) -> SignedDuration {
        match self {
            Self::Password(_) | Self::Page(_) => WAIT,
            Self::Code(..) => WAIT_FOR_CODE,
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(Tried),
    Address(IpAddr),
}

impl Key {
    const fn most(&self) -> u32 {
        match self {
            Self::Account(_) => OF_ACCOUNT,
            Self::Address(_) => OF_ADDRESS,
        }
    }

    const fn wait(&self) -> SignedDuration {
        match self {
            Self::Account(tried) => tried.wait(),
            Self::Address(_) => WAIT,
        }
    }
}

#[derive(Debug, Clone, Copy)]
struct Count {
    tries: u32,
    last: Timestamp,
}

/// The wrong tries that still count.
#[derive(Debug, Default)]
pub(crate) struct Tries(Mutex<HashMap<Key, Count>>);

impl Tries {
    /// Counts a try before it is looked at, so that many at once are no way round it.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn begin(
        &self,
        tried: &Tried,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<(), SignedDuration> {
        let mut counts = self.counts();
        if counts.len() > MANY {
            counts.retain(|key, count| now < count.last + key.wait());
        }
        for key in keys(tried, address) {
            let wait = counts.get(&key).map_or(SignedDuration::ZERO, |count| {
                if count.tries < key.most() {
                    SignedDuration::ZERO
                } else {
                    (count.last + key.wait()).duration_since(now)
                }
            });
            if wait > SignedDuration::ZERO {
                return Err(wait);
            }
        }
        for key in keys(tried, address) {
            let wait = key.wait();
            let count = counts.entry(key).or_insert(Count {
                tries: 0,
                last: now,
            });
            if count.last + wait <= now {
                count.tries = 0;
            }
            *count = Count {
                tries: count.tries + 1,
                last: now,
            };
        }
        Ok(())
    }

    /// It was right: the account's tries at it are forgiven, and this one of the address.
    pub fn right(&self, tried: &Tried, address: Option<IpAddr>) {
        let mut counts = self.counts();
        for key in keys(tried, address) {
            match &key {
                Key::Account(_) => {
                    counts.remove(&key);
                }
                Key::Address(_) => {
                    if let Some(count) = counts.get_mut(&key) {
                        count.tries = count.tries.saturating_sub(1);
                    }
                }
            }
        }
    }

    fn counts(&self) -> MutexGuard<'_, HashMap<Key, Count>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn keys(tried: &Tried, address: Option<IpAddr>) -> impl Iterator<Item = Key> {
    let account = Key::Account(tried.clone());
    std::iter::once(account).chain(address.map(Key::Address))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    fn password(of: &str) -> Tried {
        Tried::Password(of.to_owned())
    }

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn five_wrong_tries_and_then_a_wait_of_five_minutes() {
        let tries = Tries::default();
        for _ in 0..5 {
            assert_eq!(tries.begin(&password("cole"), HERE, at(0)), Ok(()));
        }
        assert_eq!(
            tries.begin(&password("cole"), HERE, at(1)),
            Err(SignedDuration::from_mins(4))
        );
        assert_eq!(
            tries.begin(&password("hughes"), HERE, at(1)),
            Ok(()),
            "others are not shut out"
        );
        assert_eq!(
            tries.begin(&password("cole"), None, at(1)),
            Err(SignedDuration::from_mins(4))
        );
        assert_eq!(
            tries.begin(&password("cole"), HERE, at(5)),
            Ok(()),
            "the wait is over"
        );
    }

    #[test]
    fn a_right_password_forgives_and_does_not_count_against_the_address() {
        let tries = Tries::default();
        for _ in 0..100 {
            assert_eq!(tries.begin(&password("cole"), HERE, at(0)), Ok(()));
            tries.right(&password("cole"), HERE);
        }
        for n in 0..30 {
            assert_eq!(
                tries.begin(&password(&format!("guess-{n}")), HERE, at(0)),
                Ok(())
            );
        }
        assert!(
            tries.begin(&password("cole"), HERE, at(0)).is_err(),
            "thirty wrong ones from one address"
        );
        assert_eq!(tries.begin(&password("cole"), None, at(0)), Ok(()));
    }

    #[test]
    fn five_wrong_codes_and_then_a_long_wait_which_a_right_password_does_not_end() {
        let tries = Tries::default();
        let code = Tried::Code("kingfisher".to_owned(), "mrs-cole".to_owned());
        for _ in 0..5 {
            assert_eq!(tries.begin(&code, None, at(0)), Ok(()));
        }
        tries.right(&password("mrs-cole"), None);
        assert_eq!(
            tries.begin(&code, None, at(1)),
            Err(SignedDuration::from_mins(29))
        );
        assert_eq!(tries.begin(&password("mrs-cole"), None, at(1)), Ok(()));
        assert_eq!(tries.begin(&code, None, at(30)), Ok(()));
    }
}
