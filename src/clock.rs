//! The time, fresh ids and codes: real, or set by a test.
//!
//! Nothing else reads the system clock or the random generator (`clippy.toml` says so), so any
//! conversation, digest or escalation can be played at any moment.

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use rand::RngExt as _;
use uuid::Uuid;

/// A source of time and randomness, cheap to clone.
#[derive(Clone, Debug)]
pub struct Clock(Arc<Inner>);

#[derive(Debug)]
enum Inner {
    Real,
    /// Starts at the real time and can be moved forward: `chat` with its `@` lines.
    Offset(Mutex<SignedDuration>),
    /// Stands still until moved; ids and codes count up, so that expected texts can name them.
    Set {
        now: Mutex<Timestamp>,
        next: AtomicU64,
    },
}

impl Clock {
    /// The system's clock and randomness.
    pub fn real() -> Self {
        Self(Arc::new(Inner::Real))
    }

    /// The real time plus an offset that [`Clock::advance_to`] enlarges.
    pub fn movable() -> Self {
        Self(Arc::new(Inner::Offset(Mutex::new(SignedDuration::ZERO))))
    }

    /// A clock that stands still at `now`; codes count up from 7294.
    pub fn set(now: Timestamp) -> Self {
        Self(Arc::new(Inner::Set {
            now: Mutex::new(now),
            next: AtomicU64::new(0),
        }))
    }

    /// The present moment, in whole microseconds (what both databases keep).
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that reads the system clock"
    )]
    pub fn now(&self) -> Timestamp {
        let now = match &*self.0 {
            Inner::Real => Timestamp::now(),
            Inner::Offset(offset) => {
                Timestamp::now() + *offset.lock().unwrap_or_else(PoisonError::into_inner)
            }
            Inner::Set { now, .. } => *now.lock().unwrap_or_else(PoisonError::into_inner),
        };
        Timestamp::from_microsecond(now.as_microsecond()).unwrap_or(now)
    }

    /// Moves a movable or set clock forward to `to`; a real clock, or a moment gone by, is left alone.
    pub fn advance_to(&self, to: Timestamp) {
        let by = to.duration_since(self.now());
        if by <= SignedDuration::ZERO {
            return;
        }
        match &*self.0 {
            Inner::Real => {}
            Inner::Offset(offset) => {
                *offset.lock().unwrap_or_else(PoisonError::into_inner) += by;
            }
            Inner::Set { now, .. } => *now.lock().unwrap_or_else(PoisonError::into_inner) = to,
        }
    }

    /// A fresh UUIDv7: ids sort by the time they were made.
    #[expect(clippy::disallowed_methods, reason = "the one place that makes ids")]
    pub fn id(&self) -> Uuid {
        match &*self.0 {
            Inner::Set { next, .. } => {
                let n = next.fetch_add(1, Ordering::Relaxed);
                let millis = u64::try_from(self.now().as_millisecond()).unwrap_or(0);
                let mut tail = [0; 10];
                tail[2..].copy_from_slice(&n.to_be_bytes());
                uuid::Builder::from_unix_timestamp_millis(millis, &tail).into_uuid()
            }
            _ => Uuid::now_v7(),
        }
    }

    /// A four-digit code for one notice and one recipient. A set clock counts from 7294; `attempt`
    /// is how many codes were found taken.
    #[expect(clippy::disallowed_methods, reason = "the one place that draws codes")]
    pub fn code(&self, already: u64) -> u16 {
        match &*self.0 {
            Inner::Set { .. } => u16::try_from(1000 + (6294 + already) % 9000).unwrap_or(7294),
            _ => rand::rng().random_range(1000..=9999),
        }
    }

    /// Six digits that nobody guesses in five tries. From the machine's randomness: four bytes are
    /// uneven over a million by less than one in four thousand.
    pub fn six_digits(&self) -> String {
        let [a, b, c, d, ..] = self.secret();
        format!("{:06}", u32::from_le_bytes([a, b, c, d]) % 1_000_000)
    }

    /// Unpredictable bytes, for salts and session tokens.
    #[expect(
        clippy::disallowed_methods,
        reason = "the one place that draws secrets"
    )]
    pub fn secret(&self) -> [u8; 32] {
        rand::rng().random()
    }
}
