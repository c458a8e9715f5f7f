//! The ways messages travel: which fail, which a person used last, and what they cost.

use jiff::SignedDuration;

use super::{Moment, Result, Tx, all, exec, one};

/// An endpoint whose provider has been failing, or has asked to wait.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Failing {
    /// Which.
    pub endpoint: String,
    /// Failures in a row; none where it works and has asked to wait.
    pub failures: i64,
    /// Since when; where it asked to wait, when it last did.
    pub failing_since: Moment,
    /// Set aside until then, where another takes over meanwhile.
    pub rests_until: Option<Moment>,
    /// What happened last, without words, names or numbers.
    pub why: String,
}

impl Failing {
    /// Whether its provider works, and has asked to wait.
    pub fn asked(&self) -> bool {
        self.failures == 0
    }

    /// Whether it is set aside.
    pub fn rests(&self, now: Moment) -> bool {
        self.rests_until.is_some_and(|until| until > now)
    }

    /// For how long it was set aside.
    pub fn rest(&self) -> SignedDuration {
        let since = self.failing_since.timestamp();
        self.rests_until.map_or(SignedDuration::ZERO, |until| {
            until.timestamp().duration_since(since)
        })
    }
}

/// What a school has spent on texts in a month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, sqlx::FromRow)]
pub struct Spending {
    /// In millionths of the unit that prices are in.
    pub cost: i64,
    /// Parts sent.
    pub parts: i64,
    /// The share of the budget, in hundredths, that the office was last told of.
    pub warned: i64,
}

/// What waits to leave by one endpoint.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Queue {
    /// Which.
    pub endpoint: String,
    /// How many messages, those of later among them.
    pub waiting: i64,
    /// Since when the oldest that is due, or was tried in vain, has waited.
    pub oldest: Option<Moment>,
}

impl Tx {
    /// The endpoints whose providers have been failing.
    pub async fn failing(&mut self) -> Result<Vec<Failing>> {
        Ok(all!(
            self,
            Failing,
            "SELECT * FROM endpoint_health ORDER BY endpoint"
        ))
    }

    /// When a school's endpoint last brought a message in, and when one last left by it.
    pub async fn last_in_and_out(
        &mut self,
        school: &str,
        endpoint: &str,
    ) -> Result<(Option<Moment>, Option<Moment>)> {
        let came = one!(
            self,
            (Option<Moment>,),
            "SELECT MAX(received_at) FROM messages WHERE endpoint = $1 AND school_id = $2",
            endpoint,
            school
        );
        let went = one!(
            self,
            (Option<Moment>,),
            "SELECT first_try_at FROM outbox WHERE school_id = $1 AND via = $2
               AND status IN ('accepted', 'sent', 'delivered')
             ORDER BY created_at DESC LIMIT 1",
            school,
            endpoint
        );
        Ok((came.and_then(|r| r.0), went.and_then(|r| r.0)))
    }

    /// Writes down how an endpoint fails.
    pub async fn keep_failing(&mut self, failing: &Failing) -> Result<()> {
        exec!(
            self,
            "INSERT INTO endpoint_health (endpoint, failures, failing_since, rests_until, why)
             VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (endpoint) DO UPDATE SET failures = excluded.failures,
               failing_since = excluded.failing_since, rests_until = excluded.rests_until, why = excluded.why",
            failing.endpoint.as_str(),
            failing.failures,
            failing.failing_since,
            failing.rests_until,
            failing.why.as_str(),
        );
        Ok(())
    }

    /// The endpoint's provider works again.
    pub async fn works_again(&mut self, endpoint: &str) -> Result<()> {
        exec!(
            self,
            "DELETE FROM endpoint_health WHERE endpoint = $1",
            endpoint
        );
        Ok(())
    }

    /// The endpoint that this person's last message in a lane came by: what works for them.
    pub async fn last_heard_by(&mut self, endpoint: &str, address: &str) -> Result<Option<String>> {
        Ok(one!(
            self,
            (String,),
            "SELECT via FROM messages WHERE endpoint = $1 AND address = $2 ORDER BY received_at DESC, id DESC LIMIT 1",
            endpoint,
            address
        )
        .map(|r| r.0))
    }

    /// The lane that a message heard at `via` belongs to, where it answers one of ours that left by
    /// there in place of the lane's own endpoint. Whoever has a lane at `via` itself wrote there
    /// before we did.
    pub(super) async fn lane_written_to_by(
        &mut self,
        via: &str,
        address: &str,
    ) -> Result<Option<String>> {
        Ok(one!(
            self,
            (String,),
            "SELECT endpoint FROM outbox WHERE via = $1 AND address = $2 AND via <> endpoint
               AND NOT EXISTS (SELECT 1 FROM lanes WHERE endpoint = $1 AND address = $2)
             ORDER BY created_at DESC LIMIT 1",
            via,
            address
        )
        .map(|r| r.0))
    }

    /// Adds what a message cost to its row and to its school's month (`2026-12`).
    pub async fn spend(
        &mut self,
        outbox: uuid::Uuid,
        school: &str,
        month: &str,
        cost: i64,
        parts: i64,
    ) -> Result<Spending> {
        exec!(
            self,
            "UPDATE outbox SET cost = COALESCE(cost, 0) + $2 WHERE id = $1",
            outbox,
            cost
        );
        exec!(
            self,
            "INSERT INTO spending (school_id, month, cost, parts, warned) VALUES ($1, $2, $3, $4, 0)
             ON CONFLICT (school_id, month) DO UPDATE SET cost = spending.cost + excluded.cost,
               parts = spending.parts + excluded.parts",
            school,
            month,
            cost,
            parts,
        );
        self.spent(school, month).await
    }

    /// What a school has spent in a month.
    pub async fn spent(&mut self, school: &str, month: &str) -> Result<Spending> {
        Ok(one!(
            self,
            Spending,
            "SELECT cost, parts, warned FROM spending WHERE school_id = $1 AND month = $2",
            school,
            month
        )
        .unwrap_or_default())
    }

    /// The office has been told that so many hundredths of the month's budget are spent.
    pub async fn warned_of_spending(
        &mut self,
        school: &str,
        month: &str,
        warned: i64,
    ) -> Result<()> {
        exec!(
            self,
            "UPDATE spending SET warned = $3 WHERE school_id = $1 AND month = $2",
            school,
            month,
            warned
        );
        Ok(())
    }

    /// How many messages wait to leave by each endpoint.
    pub async fn queues(&mut self) -> Result<Vec<Queue>> {
        Ok(all!(
            self,
            Queue,
            "SELECT planned AS endpoint, COUNT(*) AS waiting,
               MIN(CASE WHEN attempts > 0 THEN first_try_at WHEN due_at <= $1 THEN due_at END) AS oldest
             FROM outbox WHERE status = 'queued' GROUP BY planned",
            Moment::from(self.now)
        ))
    }
}
