//! The outbox as people look through it: a page at a time, and what a month's messages came to.

use uuid::Uuid;

use super::{Moment, OutboxRow, Result, Tx, all};
use crate::channel::Status;

/// Which messages to list.
#[derive(Debug, Clone)]
pub struct OutboxFilter {
    /// Only at this step of the ladder.
    pub status: Option<Status>,
    /// Only what failed, did not arrive or is uncertain, and nothing was sent in place of.
    pub trouble: bool,
    /// Only what left, or is to leave, by this endpoint.
    pub via: Option<String>,
    /// Only what was written from then on.
    pub since: Moment,
    /// Only what comes after this one in the list.
    pub before: Option<(Moment, Uuid)>,
}

/// What messages to one address by one endpoint came to.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Carried {
    /// The endpoint that carried them.
    pub via: String,
    /// To whom.
    pub address: String,
    /// The language they chose.
    pub language: Option<String>,
    /// How many.
    pub messages: i64,
    /// In how many texts.
    pub parts: i64,
    /// What they cost where a price is known, in millionths.
    pub cost: i64,
}

impl Tx {
    /// A school's messages, the newest first.
    pub async fn outbox_page(
        &mut self,
        school: &str,
        filter: &OutboxFilter,
        most: i64,
    ) -> Result<Vec<OutboxRow>> {
        let (at, id) = filter.before.unwrap_or((Moment(i64::MAX), Uuid::max()));
        let status = filter.status.map_or("", Status::word);
        let via = filter.via.as_deref().unwrap_or("");
        // The few that are not done stand in an index of their own, which the words have to name.
        let rows = if filter.trouble {
            all!(
                self,
                OutboxRow,
                "SELECT * FROM outbox AS o WHERE school_id = $1 AND created_at >= $2
                   AND status IN ('failed', 'undelivered', 'uncertain')
                   AND (created_at < $3 OR (created_at = $3 AND id < $4)) AND ($5 = '' OR via = $5)
                   AND NOT EXISTS (SELECT 1 FROM outbox AS i WHERE i.instead_of = o.id)
                 ORDER BY created_at DESC, id DESC LIMIT $6",
                school,
                filter.since,
                at,
                id,
                via,
                most
            )
        } else if is_not_done(filter.status) {
            all!(
                self,
                OutboxRow,
                "SELECT * FROM outbox WHERE school_id = $1 AND created_at >= $2
                   AND status IN ('queued', 'sending', 'failed', 'undelivered', 'uncertain')
                   AND (created_at < $3 OR (created_at = $3 AND id < $4)) AND ($5 = '' OR via = $5)
                   AND status = $6
                 ORDER BY created_at DESC, id DESC LIMIT $7",
                school,
                filter.since,
                at,
                id,
                via,
                status,
                most
            )
        } else {
            all!(
                self,
                OutboxRow,
                "SELECT * FROM outbox WHERE school_id = $1 AND created_at >= $2
                   AND (created_at < $3 OR (created_at = $3 AND id < $4)) AND ($5 = '' OR via = $5)
                   AND ($6 = '' OR status = $6)
                 ORDER BY created_at DESC, id DESC LIMIT $7",
                school,
                filter.since,
                at,
                id,
                via,
                status,
                most
            )
        };
        Ok(rows)
    }

    /// What has left since a moment, by endpoint and address; without what is sealed, so that nobody reads off
    /// a sum that there is something.
    pub async fn carried_since(&mut self, school: &str, since: Moment) -> Result<Vec<Carried>> {
        Ok(all!(
            self,
            Carried,
            "SELECT o.via, o.address, l.language, COUNT(*) AS messages,
               CAST(SUM(o.parts) AS BIGINT) AS parts, CAST(SUM(COALESCE(o.cost, 0)) AS BIGINT) AS cost
             FROM outbox AS o LEFT JOIN lanes AS l ON l.endpoint = o.endpoint AND l.address = o.address
               LEFT JOIN cases AS c ON c.id = o.case_id
             WHERE o.school_id = $1 AND o.created_at >= $2
               AND o.status IN ('accepted', 'sent', 'delivered', 'undelivered')
               AND o.purpose <> 'safeguarding' AND COALESCE(c.tier, 'ordinary') = 'ordinary'
             GROUP BY o.via, o.address, l.language",
            school,
            since
        ))
    }
}

fn is_not_done(status: Option<Status>) -> bool {
    use Status::{Failed, Queued, Sending, Uncertain, Undelivered};
    matches!(
        status,
        Some(Queued | Sending | Failed | Undelivered | Uncertain)
    )
}
