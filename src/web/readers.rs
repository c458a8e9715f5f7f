//! Who has which case on their screen: a page that renews itself is one reading, not hundreds.
//!
//! Every reading is written to the audit log; this only says when one is still going on. Another
//! process does not know of it, and writes it down once more.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::session::SignedIn;

/// A page left open is written down again this often.
const ONE_READING: SignedDuration = SignedDuration::from_mins(30);

type Reading = (String, String, Uuid);

/// When each reading that goes on was last written down.
#[derive(Debug, Default)]
pub(crate) struct Readers(Mutex<HashMap<Reading, Timestamp>>);

impl Readers {
    /// Somebody opened a case, and that was written down.
    pub fn opened(&self, who: &SignedIn, case: Uuid, now: Timestamp) {
        let mut readings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        readings.retain(|_, since| now < *since + ONE_READING);
        readings.insert(reading(who, case), now);
    }

    /// Whether they opened it a short while ago.
    pub fn are_reading(&self, who: &SignedIn, case: Uuid, now: Timestamp) -> bool {
        let readings = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        readings
            .get(&reading(who, case))
            .is_some_and(|since| now < *since + ONE_READING)
    }
}

fn reading(who: &SignedIn, case: Uuid) -> Reading {
    (who.school.config.id.clone(), who.staff().key.clone(), case)
}
