//! An instant as both databases keep it: whole microseconds since 1970, in a `BIGINT`.
//!
//! RFC 3339 text sorts wrongly (`12:00:00Z` > `12:00:00.5Z`), and the two databases' own types differ.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// Microseconds since 1970-01-01T00:00:00Z.
#[derive(
    Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, sqlx::Type, Serialize, Deserialize,
)]
#[sqlx(transparent)]
pub struct Moment(pub i64);

impl Moment {
    /// As a timestamp; a value no clock could have made is the end of time, never a panic.
    pub fn timestamp(self) -> Timestamp {
        Timestamp::from_microsecond(self.0).unwrap_or(Timestamp::MAX)
    }
}

impl From<Timestamp> for Moment {
    fn from(t: Timestamp) -> Self {
        Self(t.as_microsecond())
    }
}

impl From<Moment> for Timestamp {
    fn from(m: Moment) -> Self {
        m.timestamp()
    }
}
