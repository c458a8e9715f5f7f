//! Messages on their way: who takes them, what the provider said, the ladder.

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{Moment, OutboxRow, Outgoing, Purpose, Result, Tx, all, claim, claim_all, exec, one};
use crate::channel::{Receipt, Status};

/// How long a message that is being retried still holds back later ones to the same person. One that its
/// provider asked to wait with holds them back until it was tried again.
const HOLDS_BACK: SignedDuration = SignedDuration::from_secs(60);

/// And one of which nobody knows yet whether it left: a provider is asked after a minute, and two alike
/// to one person could not be told apart.
const UNKNOWN_HOLDS_BACK: SignedDuration = SignedDuration::from_mins(2);

/// How long what providers said is kept.
const KEEP_RECEIPTS: SignedDuration = SignedDuration::from_hours(7 * 24);

impl Tx {
    /// The endpoints by which something is due to leave. A step through the index for each of them, and
    /// a look at each priority, however long their queues are.
    pub async fn ways_out(&mut self) -> Result<Vec<String>> {
        Ok(all!(
            self,
            (String,),
            "WITH RECURSIVE ways (way) AS (
               SELECT MIN(planned) FROM outbox WHERE status = 'queued'
               UNION ALL
               SELECT (SELECT MIN(planned) FROM outbox WHERE status = 'queued' AND planned > ways.way)
               FROM ways WHERE ways.way IS NOT NULL)
             SELECT way FROM ways WHERE way IS NOT NULL AND (
               EXISTS (SELECT 1 FROM outbox AS o WHERE o.status = 'queued' AND o.planned = ways.way
                 AND o.priority = 0 AND o.due_at <= $1)
               OR EXISTS (SELECT 1 FROM outbox AS o WHERE o.status = 'queued' AND o.planned = ways.way
                 AND o.priority = 1 AND o.due_at <= $1)
               OR EXISTS (SELECT 1 FROM outbox AS o WHERE o.status = 'queued' AND o.planned = ways.way
                 AND o.priority = 2 AND o.due_at <= $1)
               OR EXISTS (SELECT 1 FROM outbox AS o WHERE o.status = 'queued' AND o.planned = ways.way
                 AND o.priority = 3 AND o.due_at <= $1))",
            Moment::from(self.now)
        )
        .into_iter()
        .map(|r| r.0)
        .collect())
    }

    /// Messages whose first way is still to be chosen, held while it is.
    pub async fn to_choose(&mut self) -> Result<Vec<OutboxRow>> {
        Ok(claim_all!(
            self,
            OutboxRow,
            "SELECT * FROM outbox WHERE choose AND status = 'queued' ORDER BY created_at LIMIT 100"
        ))
    }

    /// A message's first way is the one that was planned.
    pub async fn chosen(&mut self, id: Uuid) -> Result<()> {
        exec!(self, "UPDATE outbox SET choose = FALSE WHERE id = $1", id);
        Ok(())
    }

    /// A message leaves by its lane's own endpoint first.
    pub async fn leaves_by_lane(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE outbox SET choose = FALSE, planned = endpoint, via = endpoint, mailbox = NULL, reply_token = NULL,
               answers = NULL, subject = NULL WHERE id = $1",
            id
        );
        Ok(())
    }

    /// A message leaves by email first: by this mail server's endpoint, to this mailbox.
    pub async fn leaves_by_email(
        &mut self,
        row: &OutboxRow,
        server: &str,
        mailbox: &str,
        subject: &str,
    ) -> Result<()> {
        let out = Outgoing {
            mailbox: Some(mailbox.to_owned()),
            case_id: row.case_id,
            ..Outgoing::text(
                &row.school_id,
                &row.endpoint,
                &row.address,
                row.purpose(),
                String::new(),
                self.now,
            )
        };
        let letter = self.letter(&out).await?;
        exec!(
            self,
            "UPDATE outbox SET choose = FALSE, planned = $2, via = $2, mailbox = $3, reply_token = $4, answers = $5,
               subject = COALESCE(subject, $6) WHERE id = $1",
            row.id,
            server,
            letter.mailbox.as_deref().unwrap_or(mailbox),
            letter.token.as_deref(),
            letter.answers.as_deref(),
            letter.subject.as_deref().unwrap_or(subject),
        );
        Ok(())
    }

    /// Takes messages that were planned to leave by `planned` and are due, at most `most` of them and
    /// none that matters less than `least`, and marks them `sending` by `way` under a lease: by another
    /// way than planned none that is fixed, and none but those with `only_fixed`.
    ///
    /// Messages to one person leave in order, but for safeguarding, which waits for nothing, and what
    /// matters less, for which nothing waits.
    pub async fn claim_due(
        &mut self,
        planned: &str,
        way: &str,
        only_fixed: bool,
        least: Purpose,
        most: usize,
        lease: SignedDuration,
    ) -> Result<Vec<OutboxRow>> {
        let now = Moment::from(self.now);
        let holding = Moment::from(self.now - HOLDS_BACK);
        let unknown = Moment::from(self.now - UNKNOWN_HOLDS_BACK);
        let mut taken: Vec<OutboxRow> = Vec::new();
        // One look for each priority, so that a long queue of one is not read to find another.
        for priority in 0..=least.priority() {
            let left = i64::try_from(most.saturating_sub(taken.len())).unwrap_or(0);
            if left == 0 {
                break;
            }
            taken.extend(claim_all!(
                self,
                OutboxRow,
                "SELECT * FROM outbox AS o WHERE o.status = 'queued' AND o.planned = $1 AND o.priority = $2
                   AND o.due_at <= $3 AND NOT o.choose AND (o.fixed OR NOT $8) AND (o.planned = $6 OR NOT o.fixed)
                   AND (o.priority = 0 OR NOT EXISTS (
                     SELECT 1 FROM outbox AS e WHERE e.endpoint = o.endpoint AND e.address = o.address AND e.id < o.id
                       AND e.priority <= o.priority AND e.status IN ('queued', 'sending')
                       AND ((e.attempts = 0 AND e.due_at <= $3) OR (e.attempts > 0 AND e.first_try_at > $4)
                         OR (e.status = 'queued' AND e.wait_until IS NOT NULL) OR (e.status = 'sending' AND e.first_try_at > $7))))
                 ORDER BY o.due_at, o.id LIMIT $5",
                planned,
                priority,
                now,
                holding,
                left,
                way,
                unknown,
                only_fixed,
            ));
        }
        for row in &mut taken {
            exec!(
                self,
                "UPDATE outbox SET status = 'sending', via = $4, attempts = attempts + 1, lease_until = $2,
                 first_try_at = COALESCE(first_try_at, $3) WHERE id = $1",
                row.id,
                Moment::from(self.now + lease),
                now,
                way,
            );
            way.clone_into(&mut row.via);
            row.attempts += 1;
            row.first_try_at = row.first_try_at.or(Some(now));
        }
        Ok(taken)
    }

    /// Takes one message whose lease ran out while it was `sending`: nobody knows whether it left.
    pub async fn claim_unknown(&mut self, lease: SignedDuration) -> Result<Option<OutboxRow>> {
        let Some(row) = claim!(
            self,
            OutboxRow,
            "SELECT * FROM outbox WHERE status = 'sending' AND lease_until <= $1 ORDER BY lease_until LIMIT 1",
            Moment::from(self.now),
        ) else {
            return Ok(None);
        };
        exec!(
            self,
            "UPDATE outbox SET lease_until = $2 WHERE id = $1",
            row.id,
            Moment::from(self.now + lease)
        );
        Ok(Some(row))
    }

    /// Withdraws what is no longer true: a reminder of what has begun.
    pub async fn withdraw_stale(&mut self) -> Result<u64> {
        Ok(exec!(
            self,
            "UPDATE outbox SET status = 'expired', settled_at = $1 WHERE status = 'queued' AND stale_at <= $1",
            Moment::from(self.now)
        ))
    }

    /// Moves a message up the ladder; false when it stood as high already. Never down, whatever
    /// order receipts arrive in.
    pub async fn settle(
        &mut self,
        id: Uuid,
        status: Status,
        provider_id: Option<&str>,
        error: Option<&str>,
    ) -> Result<bool> {
        let Some((word, known)) = one!(
            self,
            (String, Option<String>),
            "SELECT status, provider_id FROM outbox WHERE id = $1",
            id
        ) else {
            return Ok(false);
        };
        let from = Status::from_word(&word).unwrap_or(Status::Uncertain);
        let climbs = from.may_become(status);
        if !climbs && known.is_some() {
            return Ok(false);
        }
        let to = if climbs { status } else { from };
        // The old status stands in the condition, so that of two receipts at once one is not lost.
        let rows = exec!(
            self,
            "UPDATE outbox SET status = $2, provider_id = COALESCE(provider_id, $3), error = COALESCE($4, error),
             settled_at = $5, lease_until = NULL WHERE id = $1 AND status = $6",
            id,
            to.word(),
            provider_id,
            error,
            Moment::from(self.now),
            word.as_str(),
        );
        let moved = rows == 1 && climbs;
        let trouble = |status| {
            matches!(
                status,
                Status::Failed | Status::Undelivered | Status::Uncertain
            )
        };
        if moved && trouble(from) && !trouble(to) {
            self.tasks_about_over(id).await?;
        }
        Ok(moved)
    }

    /// A receipt from a provider, by our id or by theirs, which [`Self::keep_receipt`] has kept; the
    /// message it moved, and the step it moved it to.
    pub async fn receipt(
        &mut self,
        endpoint: &str,
        receipt: &Receipt,
    ) -> Result<Option<(OutboxRow, Status)>> {
        let theirs = receipt.provider_id.as_deref();
        let row = match (receipt.outbox, theirs) {
            (Some(id), _) => one!(
                self,
                OutboxRow,
                "SELECT * FROM outbox WHERE id = $1 AND (via = $2 OR endpoint = $2)",
                id,
                endpoint
            ),
            (None, Some(theirs)) => one!(
                self,
                OutboxRow,
                "SELECT * FROM outbox WHERE via = $1 AND provider_id = $2",
                endpoint,
                theirs
            ),
            (None, None) => None,
        };
        let Some(row) = row else { return Ok(None) };
        // Of an earlier try, by this endpoint or another, it is good news that it arrived, and no news
        // that it did not: a later try is under way.
        let known = row
            .provider_id
            .as_deref()
            .filter(|_| receipt.part.is_none());
        let earlier = row.via != endpoint || known.zip(theirs).is_some_and(|(a, b)| a != b);
        let failed = matches!(receipt.status, Status::Failed | Status::Undelivered);
        if earlier && failed {
            return Ok(None);
        }
        // Of a long text each part arrives by itself: it has arrived when the last has.
        let status = match &receipt.part {
            Some(_) if receipt.status == Status::Delivered && row.parts > 1 => {
                let arrived = one!(
                    self,
                    (i64,),
                    "SELECT COUNT(DISTINCT part) FROM receipts WHERE outbox = $1 AND status = 'delivered'",
                    row.id
                );
                if arrived.is_some_and(|(arrived,)| arrived >= row.parts) {
                    Status::Delivered
                } else {
                    Status::Sent
                }
            }
            _ => receipt.status,
        };
        let climbed = self
            .settle(row.id, status, theirs, receipt.error.as_deref())
            .await?;
        if receipt.stopped {
            self.stop_lane(&row.endpoint, &row.address).await?;
        }
        Ok(climbed.then_some((row, status)))
    }

    /// Keeps what a provider said, and forgets what was said over a week ago.
    pub async fn keep_receipt(
        &mut self,
        endpoint: &str,
        receipt: &Receipt,
        raw: &str,
    ) -> Result<()> {
        let known = match (receipt.outbox, receipt.provider_id.as_deref()) {
            // What another provider says of it is not about it.
            (Some(id), _) => one!(
                self,
                (Uuid,),
                "SELECT id FROM outbox WHERE id = $1 AND $2 IN (via, planned, endpoint)",
                id,
                endpoint
            )
            .map(|r| r.0),
            (None, Some(theirs)) => one!(
                self,
                (Uuid,),
                "SELECT id FROM outbox WHERE via = $1 AND provider_id = $2",
                endpoint,
                theirs
            )
            .map(|r| r.0),
            (None, None) => None,
        };
        exec!(
            self,
            "DELETE FROM receipts WHERE at < $1",
            Moment::from(self.now - KEEP_RECEIPTS)
        );
        let id = self.clock.id();
        exec!(
            self,
            "INSERT INTO receipts (id, endpoint, outbox, at, status, error, raw, part)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            id,
            endpoint,
            known,
            Moment::from(self.now),
            receipt.status.word(),
            receipt.error.as_deref(),
            raw.replace('\0', "\u{fffd}"),
            receipt.part.as_deref()
        );
        Ok(())
    }

    /// What its provider said of a message in the last week, oldest first: when, the step, the error,
    /// the call.
    pub async fn receipts_of(
        &mut self,
        id: Uuid,
    ) -> Result<Vec<(Moment, String, Option<String>, String)>> {
        Ok(all!(
            self,
            (Moment, String, Option<String>, String),
            "SELECT at, status, error, raw FROM receipts WHERE outbox = $1 ORDER BY at, id",
            id
        ))
    }

    /// It certainly did not leave: back in the queue, due later.
    pub async fn retry(&mut self, id: Uuid, due: Timestamp, error: &str) -> Result<()> {
        exec!(
            self,
            "UPDATE outbox SET status = 'queued', due_at = $2, lease_until = NULL, wait_until = NULL, error = $3
             WHERE id = $1 AND status IN ('sending', 'uncertain', 'failed')",
            id,
            Moment::from(due),
            error
        );
        Ok(())
    }

    /// The provider has asked us to wait until then: nothing brings it forward.
    pub async fn wait_until(&mut self, id: Uuid, until: Timestamp) -> Result<()> {
        exec!(
            self,
            "UPDATE outbox SET wait_until = $2 WHERE id = $1",
            id,
            Moment::from(until)
        );
        Ok(())
    }

    /// What waits to be tried again by this endpoint, or by one that stands in for it, is due now; what its
    /// provider asked us to wait with only where it leaves by another (`asked_too`).
    pub async fn bring_forward(&mut self, endpoint: &str, asked_too: bool) -> Result<()> {
        exec!(
            self,
            "UPDATE outbox SET due_at = $2, wait_until = NULL WHERE status = 'queued' AND attempts > 0 AND due_at > $2
               AND (planned = $1 OR via = $1) AND ($3 OR wait_until IS NULL OR wait_until <= $2)",
            endpoint,
            Moment::from(self.now),
            asked_too
        );
        Ok(())
    }

    /// Another message that a provider's id is written down for.
    pub async fn owner_of(
        &mut self,
        via: &str,
        provider_id: &str,
        but: Uuid,
    ) -> Result<Option<Uuid>> {
        Ok(one!(
            self,
            (Uuid,),
            "SELECT id FROM outbox WHERE via = $1 AND provider_id = $2 AND id <> $3",
            via,
            provider_id,
            but
        )
        .map(|r| r.0))
    }

    /// A message was taken for one that is another's: nobody knows again whether it left. The one way
    /// down the ladder, since it never stood there.
    pub async fn was_mistaken(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE outbox SET status = 'sending', provider_id = NULL, settled_at = NULL, lease_until = $2
             WHERE id = $1 AND status IN ('accepted', 'sent')",
            id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Nobody knows whether it left: ask again at `at`.
    pub async fn unknown_until(&mut self, id: Uuid, at: Timestamp, error: &str) -> Result<()> {
        exec!(
            self,
            "UPDATE outbox SET lease_until = $2, error = $3 WHERE id = $1 AND status = 'sending'",
            id,
            Moment::from(at),
            error
        );
        Ok(())
    }

    /// Provider ids of an endpoint that are known to be ours, among messages to this address.
    pub async fn owned_ids(&mut self, via: &str, address: &str) -> Result<Vec<String>> {
        Ok(all!(
            self,
            (String,),
            "SELECT provider_id FROM outbox WHERE via = $1 AND address = $2 AND provider_id IS NOT NULL",
            via,
            address
        )
        .into_iter()
        .map(|r| r.0)
        .collect())
    }

    /// What waits is due now; false for anything else. What its provider asked us to wait with waits.
    pub async fn send_now(&mut self, id: Uuid) -> Result<bool> {
        let rows = exec!(
            self,
            "UPDATE outbox SET due_at = $2 WHERE id = $1 AND status = 'queued'",
            id,
            Moment::from(self.now)
        );
        Ok(rows == 1)
    }

    /// Queues again, at once, what failed, did not arrive or is uncertain; false for anything else.
    pub async fn send_again(&mut self, id: Uuid) -> Result<bool> {
        let rows = exec!(
            self,
            "UPDATE outbox SET status = 'queued', due_at = $2, attempts = 0, first_try_at = NULL, lease_until = NULL,
             provider_id = NULL, settled_at = NULL, stale_at = NULL, error = NULL
             WHERE id = $1 AND status IN ('failed', 'undelivered', 'uncertain')",
            id,
            Moment::from(self.now)
        );
        if rows == 1 {
            self.tasks_about_over(id).await?;
        }
        Ok(rows == 1)
    }

    /// The earlier message to the same person that a queued one waits for, as [`Self::claim_due`] has it.
    pub async fn held_back_by(&mut self, row: &OutboxRow) -> Result<Option<Uuid>> {
        if row.purpose() == Purpose::Safeguarding {
            return Ok(None);
        }
        let found = one!(
            self,
            (Uuid,),
            "SELECT id FROM outbox WHERE endpoint = $1 AND address = $2 AND id < $3 AND priority <= $4
               AND status IN ('queued', 'sending')
               AND ((attempts = 0 AND due_at <= $5) OR (attempts > 0 AND first_try_at > $6)
                 OR (status = 'queued' AND wait_until IS NOT NULL) OR (status = 'sending' AND first_try_at > $7))
             ORDER BY id LIMIT 1",
            row.endpoint.as_str(),
            row.address.as_str(),
            row.id,
            row.purpose().priority(),
            Moment::from(self.now),
            Moment::from(self.now - HOLDS_BACK),
            Moment::from(self.now - UNKNOWN_HOLDS_BACK)
        );
        Ok(found.map(|(id,)| id))
    }

    /// Whether a message was sent in place of this one.
    pub async fn stood_in_for(&mut self, id: Uuid) -> Result<Option<Uuid>> {
        Ok(one!(
            self,
            (Uuid,),
            "SELECT id FROM outbox WHERE instead_of = $1 ORDER BY id LIMIT 1",
            id
        )
        .map(|r| r.0))
    }
}
