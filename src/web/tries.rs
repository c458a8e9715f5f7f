//! Wrong passwords of late, by account and by address: after so many, a wait.
//!
//! Only wrong ones count, so a school behind one address signs in as often as it likes. Kept in
//! memory, by this process alone: a restart forgives, and a password is far beyond so few guesses.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};

use jiff::{SignedDuration, Timestamp};

/// Tries at one account before a wait.
const OF_ACCOUNT: u32 = 5;

/// Tries from one address: a whole school may be behind it.
const OF_ADDRESS: u32 = 30;

/// How long the wait is, counted from the last wrong try.
const WAIT: SignedDuration = SignedDuration::from_mins(5);

/// More keys than this, and those whose wait is over are forgotten.
const MANY: usize = 10_000;

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Key {
    Account(String),
    Address(IpAddr),
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
    /// Counts a try before its password is looked at, so that many at once are no way round it.
    ///
    /// # Errors
    /// How long to wait, when there were too many.
    pub fn begin(
        &self,
        account: &str,
        address: Option<IpAddr>,
        now: Timestamp,
    ) -> Result<(), SignedDuration> {
        let mut counts = self.counts();
        if counts.len() > MANY {
            counts.retain(|_, count| now < count.last + WAIT);
        }
        for (key, most) in keys(account, address) {
            let wait = counts.get(&key).map_or(SignedDuration::ZERO, |count| {
                if count.tries < most {
                    SignedDuration::ZERO
                } else {
                    (count.last + WAIT).duration_since(now)
                }
            });
            if wait > SignedDuration::ZERO {
                return Err(wait);
            }
        }
        for (key, _) in keys(account, address) {
            let count = counts.entry(key).or_insert(Count {
                tries: 0,
                last: now,
            });
            if count.last + WAIT <= now {
                count.tries = 0;
            }
            *count = Count {
                tries: count.tries + 1,
                last: now,
            };
        }
        Ok(())
    }

    /// The password was right: the account's tries are forgiven, and this one of the address.
    pub fn right(&self, account: &str, address: Option<IpAddr>) {
        let mut counts = self.counts();
        for (key, _) in keys(account, address) {
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

fn keys(account: &str, address: Option<IpAddr>) -> impl Iterator<Item = (Key, u32)> {
    let account = (Key::Account(account.to_owned()), OF_ACCOUNT);
    let address = address.map(|address| (Key::Address(address), OF_ADDRESS));
    std::iter::once(account).chain(address)
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: Option<IpAddr> = Some(IpAddr::V4(std::net::Ipv4Addr::LOCALHOST));

    fn at(minutes: i64) -> Timestamp {
        Timestamp::UNIX_EPOCH + SignedDuration::from_mins(minutes)
    }

    #[test]
    fn five_wrong_tries_and_then_a_wait_of_five_minutes() {
        let tries = Tries::default();
        for _ in 0..5 {
            assert_eq!(tries.begin("cole", HERE, at(0)), Ok(()));
        }
        assert_eq!(
            tries.begin("cole", HERE, at(1)),
            Err(SignedDuration::from_mins(4))
        );
        assert_eq!(
            tries.begin("hughes", HERE, at(1)),
            Ok(()),
            "others are not shut out"
        );
        assert_eq!(
            tries.begin("cole", None, at(1)),
            Err(SignedDuration::from_mins(4))
        );
        assert_eq!(tries.begin("cole", HERE, at(5)), Ok(()), "the wait is over");
    }

    #[test]
    fn a_right_password_forgives_and_does_not_count_against_the_address() {
        let tries = Tries::default();
        for _ in 0..100 {
            assert_eq!(tries.begin("cole", HERE, at(0)), Ok(()));
            tries.right("cole", HERE);
        }
        for n in 0..30 {
            assert_eq!(tries.begin(&format!("guess-{n}"), HERE, at(0)), Ok(()));
        }
        assert!(
            tries.begin("cole", HERE, at(0)).is_err(),
            "thirty wrong ones from one address"
        );
        assert_eq!(tries.begin("cole", None, at(0)), Ok(()));
    }
}
