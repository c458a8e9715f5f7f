//! What was agreed for a day on which the school turned out to be closed: nobody is there to keep it,
//! and the family does not know.

use jiff::ToSpan as _;
use jiff::civil::{Date, Time};

use super::{Look, MeetingRow, PromiseRow};
use crate::store::Result;

/// One thing on a closed day, and why the school is closed.
pub(in crate::web::pages) struct ShutRow {
    pub why: String,
    pub what: Falls,
}

/// What falls on a closed day.
pub(in crate::web::pages) enum Falls {
    Promise(PromiseRow),
    Meeting(MeetingRow),
}

impl Look<'_> {
    /// What falls on closed days from today on, of what this person may see: promises, then meetings.
    /// And how much else does, which others look after.
    pub async fn shut(&mut self) -> Result<(Vec<ShutRow>, usize)> {
        let calendar = self.school.calendar();
        let today = self.school.local(self.now.timestamp()).date();
        let shut = |date: Date| {
            let mut closed = calendar.closed.iter();
            closed.find(|c| today <= date && c.days.contains(date))
        };
        let mut rows = Vec::new();
        let mut others = 0;
        for promise in self.tx.open_promises(&self.school.config.id).await? {
            let due = self.school.local(promise.due_at.timestamp()).date();
            let Some(closed) = shut(due) else { continue };
            let row = self.promise_row(&promise).await?;
            others += usize::from(row.is_none());
            rows.extend(row.map(|row| ShutRow {
                why: closed.why.clone(),
                what: Falls::Promise(row),
            }));
        }
        for closed in calendar.closed.iter().filter(|c| today <= c.days.to) {
            let midnight = |date: Date| self.school.instant(date.to_datetime(Time::midnight()));
            let from = midnight(closed.days.from.max(today));
            let to = midnight(closed.days.to.saturating_add(1.day()));
            let school = &self.school.config.id;
            for meeting in self.tx.meetings_between(school, from, to).await? {
                let row = self.meeting_row(&meeting).await?;
                others += usize::from(row.is_none());
                rows.extend(row.map(|row| ShutRow {
                    why: closed.why.clone(),
                    what: Falls::Meeting(row),
                }));
            }
        }
        rows.truncate(50);
        Ok((rows, others))
    }
}
