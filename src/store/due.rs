//! When something falls due next, and what the desk or a timer says in a lane.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Moment, Result, Tx, all, exec, from_json, one, to_json};
use crate::flow::value::Values;

/// A flow to begin in somebody's lane: the desk asks "Is it OK to ring this phone?".
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Cue {
    /// Ours.
    pub id: Uuid,
    /// Whose.
    pub school_id: String,
    /// The endpoint.
    pub endpoint: String,
    /// The address.
    pub address: String,
    /// The case it belongs to.
    pub case_id: Option<Uuid>,
    /// Which flow.
    pub flow: String,
    /// Which way in.
    pub entry: Option<String>,
    given: String,
    /// How often it has failed.
    pub failures: i64,
}

impl Cue {
    /// The values the flow is begun with.
    pub fn given(&self) -> Result<Values> {
        from_json("a cue's values", &self.given)
    }
}

/// Every column that holds a moment at which something must happen by itself.
const DUE: [&str; 14] = [
    "SELECT MIN(stale_at) FROM outbox WHERE status = 'queued'",
    "SELECT MIN(lease_until) FROM outbox WHERE status = 'sending'",
    "SELECT MIN(next_at) FROM notices WHERE closed_at IS NULL",
    "SELECT MIN(CASE WHEN head_at IS NOT NULL AND head_at < next_page_at THEN head_at ELSE next_page_at END)
     FROM alerts WHERE read_at IS NULL",
    "SELECT MIN(escalate_at) FROM cases WHERE closed_at IS NULL",
    "SELECT MIN(CASE WHEN admitted_at IS NULL AND due_at - made_at > 3600000000 THEN due_at - 3600000000 ELSE due_at END)
     FROM promises WHERE kept_at IS NULL AND broken_at IS NULL",
    "SELECT MIN(expires_at) FROM lanes",
    "SELECT MIN(nudge_at) FROM lanes",
    "SELECT MIN(retry_at) FROM messages WHERE processed_at IS NULL",
    "SELECT MIN(due_at) FROM cues WHERE done_at IS NULL",
    "SELECT MIN(next_at) FROM canaries",
    "SELECT MIN(next_at) FROM files WHERE state = 'waiting'",
    "SELECT MIN(due_at) FROM parts WHERE joined_at IS NULL",
    "SELECT MIN(next_at) FROM retention",
];

impl Tx {
    /// The next moment at which something falls due, if anything does.
    pub async fn next_due(&mut self) -> Result<Option<Timestamp>> {
        // A message may wait beyond its moment: for another to the same person, or for the next budget.
        let mut next = one!(
            self,
            (Option<Moment>,),
            "SELECT MIN(due_at) FROM outbox WHERE status = 'queued' AND due_at > $1",
            Moment::from(self.now)
        )
        .and_then(|r| r.0);
        // What waits while a provider is left alone is due already.
        let left_alone = one!(
            self,
            (Option<Moment>,),
            "SELECT MIN(rests_until) FROM endpoint_health WHERE rests_until > $1",
            Moment::from(self.now)
        )
        .and_then(|r| r.0);
        next = next.into_iter().chain(left_alone).min();
        for sql in DUE {
            let at = one!(self, (Option<Moment>,), sql).and_then(|r| r.0);
            next = match (next, at) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            };
        }
        Ok(next.map(Moment::timestamp))
    }

    /// Begins a flow in somebody's lane at `due`.
    #[expect(
        clippy::too_many_arguments,
        reason = "one call a row, each column once"
    )]
    pub async fn cue(
        &mut self,
        school: &str,
        endpoint: &str,
        address: &str,
        case_id: Option<Uuid>,
        flow: &str,
        entry: Option<&str>,
        given: &Values,
        due: Timestamp,
    ) -> Result<()> {
        let id = self.clock.id();
        let given = to_json("a cue's values", given)?;
        exec!(
            self,
            "INSERT INTO cues (id, school_id, endpoint, address, case_id, flow, entry, given, due_at, failures)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0)",
            id,
            school,
            endpoint,
            address,
            case_id,
            flow,
            entry,
            given.as_str(),
            Moment::from(due),
        );
        Ok(())
    }

    /// Lanes in which the desk or a timer has something to say.
    pub async fn cued_lanes(&mut self) -> Result<Vec<(String, String)>> {
        Ok(all!(
            self,
            (String, String),
            "SELECT DISTINCT endpoint, address FROM cues WHERE done_at IS NULL AND due_at <= $1 LIMIT 50",
            Moment::from(self.now)
        ))
    }

    /// The oldest cue of a lane that is due.
    pub async fn next_cue(&mut self, endpoint: &str, address: &str) -> Result<Option<Cue>> {
        Ok(one!(
            self,
            Cue,
            "SELECT * FROM cues WHERE endpoint = $1 AND address = $2 AND done_at IS NULL AND due_at <= $3
             ORDER BY due_at, id LIMIT 1",
            endpoint,
            address,
            Moment::from(self.now)
        ))
    }

    /// A cue was given.
    pub async fn cue_done(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE cues SET done_at = $2 WHERE id = $1",
            id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// A cue failed; it is given again at `retry_at`.
    pub async fn cue_failed(&mut self, id: Uuid, retry_at: Timestamp) -> Result<()> {
        exec!(
            self,
            "UPDATE cues SET failures = failures + 1, due_at = $2 WHERE id = $1",
            id,
            Moment::from(retry_at)
        );
        Ok(())
    }
}
