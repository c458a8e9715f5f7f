//! What became of what was said to a parent: each entry of a chronology and the text that carried it.
//!
//! An entry holds words and never changes; the outbox holds the text that left, and what its provider
//! said of it. They are matched by their words and their moment, each text once.

use std::collections::{HashMap, HashSet};

use crate::channel::Status;
use crate::store::{Entry, OutboxRow};
use crate::text::gsm7;

/// An entry and its text are written in one transaction; a reply waits for the lane.
const APART: i64 = 5 * 60 * 1_000_000;

/// How far a text has come.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fate {
    /// The step of the ladder that it, or what was sent in its place, stands on.
    pub status: Status,
    /// What its provider said, where it did not arrive.
    pub error: Option<String>,
}

impl Fate {
    /// Whether somebody has to reach the parent another way.
    pub const fn is_bad(&self) -> bool {
        matches!(
            self.status,
            Status::Failed | Status::Undelivered | Status::Uncertain
        )
    }
}

/// The fates of a chronology's entries, by their number; `rows` are the texts of its case.
pub fn fates(entries: &[Entry], rows: &[OutboxRow]) -> HashMap<i64, Fate> {
    let mut taken = HashSet::new();
    let mut fates = HashMap::new();
    for entry in entries.iter().filter(|e| e.kind == "message-out") {
        let Some(words) = entry.words() else { continue };
        let words = gsm7::downgrade(&words);
        let carried = rows.iter().find(|row| {
            row.staff.is_none()
                && row.instead_of.is_none()
                && !taken.contains(&row.id)
                && (row.created_at.0 - entry.entered_at.0).abs() <= APART
                && row.body.contains(&words)
        });
        let Some(mut row) = carried else { continue };
        taken.insert(row.id);
        while let Some(next) = rows.iter().find(|next| next.instead_of == Some(row.id)) {
            row = next;
        }
        let status = row.status();
        let did_not = matches!(status, Status::Failed | Status::Undelivered);
        let error = row.error.clone().filter(|_| did_not);
        fates.insert(entry.seq, Fate { status, error });
    }
    fates
}
