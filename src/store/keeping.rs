//! Holds, lawful erasure, and what has been kept for its time.
//!
//! Erasure takes words and their salt and never a digest: every chain stays whole.

use uuid::Uuid;

use super::{Case, Moment, Result, Tx, WHOLE_EMAIL, all, exec, one};

/// Nothing of a case, or of a pupil's cases, is removed.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Hold {
    /// Ours.
    pub id: Uuid,
    /// The case, if it is one case's.
    pub case_id: Option<Uuid>,
    /// The pupil, if it is on all of theirs.
    pub pupil: Option<String>,
    /// Why.
    pub why: String,
    /// Who set it, by key.
    pub staff: String,
    /// When.
    pub since: Moment,
}

/// What has been kept for its time: how much, and since when the oldest.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, sqlx::FromRow)]
pub struct Over {
    /// How many.
    pub count: i64,
    /// The oldest.
    pub oldest: Option<Moment>,
}

/// A message of no record, from before `$2` of the school `$1`: nothing holds it, nobody waits for it.
const OF_NO_RECORD: &str = "school_id = $1 AND received_at < $2 AND processed_at IS NOT NULL \
     AND safeguarding_case IS NULL AND NOT EXISTS (SELECT 1 FROM entries e WHERE e.message = messages.id)";

impl Tx {
    /// Sets a hold on a case or on a pupil.
    pub async fn set_hold(
        &mut self,
        school: &str,
        case_id: Option<Uuid>,
        pupil: Option<&str>,
        why: &str,
        staff: &str,
    ) -> Result<()> {
        let id = self.clock.id();
        exec!(
            self,
            "INSERT INTO holds (id, school_id, case_id, pupil, why, staff, since) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            id,
            school,
            case_id,
            pupil,
            why,
            staff,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// The holds that stand, the oldest first.
    pub async fn standing_holds(&mut self, school: &str) -> Result<Vec<Hold>> {
        Ok(all!(
            self,
            Hold,
            "SELECT id, case_id, pupil, why, staff, since FROM holds WHERE school_id = $1 AND lifted_at IS NULL
             ORDER BY since, id",
            school
        ))
    }

    /// Lifts a hold; false if it stood no more.
    pub async fn lift_hold(&mut self, school: &str, id: Uuid, staff: &str) -> Result<bool> {
        let rows = exec!(
            self,
            "UPDATE holds SET lifted_at = $3, lifted_by = $4 WHERE school_id = $1 AND id = $2 AND lifted_at IS NULL",
            school,
            id,
            Moment::from(self.now),
            staff
        );
        Ok(rows == 1)
    }

    /// Erases an entry's words and salt, and the message they came in where no other entry holds it; false
    /// where there is no such entry or its words are gone already.
    pub async fn erase_entry(&mut self, case_id: Uuid, seq: i64) -> Result<bool> {
        let message = one!(
            self,
            (Option<Uuid>,),
            "SELECT message FROM entries WHERE case_id = $1 AND seq = $2 AND body IS NOT NULL",
            case_id,
            seq
        );
        let Some((message,)) = message else {
            return Ok(false);
        };
        exec!(
            self,
            "UPDATE entries SET salt = NULL, body = NULL WHERE case_id = $1 AND seq = $2",
            case_id,
            seq
        );
        if let Some(message) = message {
            // The same words stand in the whole email.
            exec!(
                self,
                "UPDATE entries SET salt = NULL, body = NULL WHERE case_id = $1 AND message = $2 AND kind = $3",
                case_id,
                message,
                WHOLE_EMAIL
            );
            self.erase_message(message).await?;
        }
        // Nor does any search find the case by them.
        self.renew_words(case_id).await?;
        Ok(true)
    }

    /// A message whose words stand in no entry any more loses them, its files and its turn. The row
    /// stays: the same message that comes again is still known.
    async fn erase_message(&mut self, message: Uuid) -> Result<()> {
        let held = one!(
            self,
            (i64,),
            "SELECT COUNT(*) FROM entries WHERE message = $1 AND body IS NOT NULL",
            message
        );
        if held.is_some_and(|r| r.0 > 0) {
            return Ok(());
        }
        exec!(
            self,
            "UPDATE messages SET body = $2, media = '[]', mail = NULL WHERE id = $1",
            message,
            &b""[..]
        );
        exec!(
            self,
            "UPDATE files SET content = NULL, kind = NULL, size = NULL, reference = '', said_type = '', next_at = NULL,
               state = 'erased', why = 'erased, as the law asks' WHERE message = $1",
            message
        );
        exec!(self, "DELETE FROM turns WHERE message = $1", message);
        Ok(())
    }

    /// A text's words are erased; one that waits to leave is withdrawn.
    pub async fn erase_text(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE outbox SET body = '', subject = NULL, buttons = '[]',
               settled_at = CASE WHEN status = 'queued' THEN $2 ELSE settled_at END,
               status = CASE WHEN status = 'queued' THEN 'expired' ELSE status END
             WHERE id = $1 AND status <> 'sending'",
            id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// All words of a case are erased, and whom it was about: what stays is that there was one, and its
    /// chain.
    pub async fn erase_case(&mut self, case: &Case) -> Result<()> {
        for entry in self.chronology(case.id).await? {
            self.erase_entry(case.id, entry.seq).await?;
        }
        for row in self.outbox_of_case(case.id).await? {
            self.erase_text(row.id).await?;
        }
        for sql in [
            "UPDATE outbox SET address = '', mailbox = NULL, reply_token = NULL WHERE case_id = $1",
            "DELETE FROM mail_threads WHERE case_id = $1",
            "UPDATE tasks SET words = '', address = '' WHERE case_id = $1",
            "UPDATE meetings SET adult = NULL, pupil = NULL, address = '' WHERE case_id = $1",
            "UPDATE passports SET fields = '{}' WHERE case_id = $1",
            "DELETE FROM cues WHERE case_id = $1",
            "UPDATE cases SET adult = NULL, pupil = NULL, address = '', about = NULL, wish = NULL WHERE id = $1",
        ] {
            exec!(self, sql, case.id);
        }
        Ok(())
    }

    /// The keys of every pupil who has a case; an empty one stands for cases of no pupil.
    pub async fn pupils_of_cases(&mut self, school: &str) -> Result<Vec<String>> {
        let keys = all!(
            self,
            (String,),
            "SELECT DISTINCT COALESCE(pupil, '') FROM cases WHERE school_id = $1 ORDER BY 1",
            school
        );
        Ok(keys.into_iter().map(|r| r.0).collect())
    }

    /// Cases of a pupil that still hold words: the sealed ones, or all others.
    pub async fn cases_with_words(
        &mut self,
        school: &str,
        pupil: &str,
        sealed: bool,
    ) -> Result<Vec<Case>> {
        Ok(all!(
            self,
            Case,
            "SELECT * FROM cases WHERE school_id = $1 AND (pupil = $2 OR ($2 = '' AND pupil IS NULL)) AND (tier <> 'ordinary') = $3
               AND EXISTS (SELECT 1 FROM entries e WHERE e.case_id = cases.id AND e.body IS NOT NULL)
             ORDER BY number",
            school,
            pupil,
            sealed
        ))
    }

    /// Messages in and out that became part of no record, from before a moment.
    pub async fn messages_over(&mut self, school: &str, before: Moment) -> Result<Over> {
        let sql = format!(
            "SELECT COUNT(*) AS count, MIN(received_at) AS oldest FROM messages WHERE {OF_NO_RECORD}"
        );
        let heard = one!(
            self,
            Over,
            sqlx::AssertSqlSafe(sql.as_str()),
            school,
            before
        );
        let sent = one!(
            self,
            Over,
            "SELECT COUNT(*) AS count, MIN(created_at) AS oldest FROM outbox
             WHERE school_id = $1 AND created_at < $2 AND case_id IS NULL AND status NOT IN ('queued', 'sending')",
            school,
            before
        );
        let (heard, sent) = (heard.unwrap_or_default(), sent.unwrap_or_default());
        Ok(Over {
            count: heard.count + sent.count,
            oldest: heard.oldest.into_iter().chain(sent.oldest).min(),
        })
    }

    /// Removes some of them, `most` of each; how many went.
    pub async fn remove_messages(
        &mut self,
        school: &str,
        before: Moment,
        most: u32,
    ) -> Result<u64> {
        let sql =
            format!("SELECT id FROM messages WHERE {OF_NO_RECORD} ORDER BY received_at LIMIT $3");
        let heard = all!(
            self,
            (Uuid,),
            sqlx::AssertSqlSafe(sql.as_str()),
            school,
            before,
            i64::from(most)
        );
        for (id,) in &heard {
            for sql in [
                "DELETE FROM files WHERE message = $1",
                "DELETE FROM turns WHERE message = $1",
                "DELETE FROM flags WHERE message = $1",
                "DELETE FROM messages WHERE id = $1",
            ] {
                exec!(self, sql, *id);
            }
        }
        exec!(
            self,
            "DELETE FROM mail_threads WHERE school_id = $1 AND used_at < $2",
            school,
            before
        );
        let sent = exec!(
            self,
            "DELETE FROM outbox WHERE id IN (SELECT id FROM outbox WHERE school_id = $1 AND created_at < $2
               AND case_id IS NULL AND status NOT IN ('queued', 'sending') ORDER BY created_at LIMIT $3)",
            school,
            before,
            i64::from(most)
        );
        Ok(sent + heard.len() as u64)
    }

    /// What providers said of messages before a moment, on some endpoints of a school.
    pub async fn receipts_over(&mut self, endpoint: &str, before: Moment) -> Result<Over> {
        let over = one!(
            self,
            Over,
            "SELECT COUNT(*) AS count, MIN(at) AS oldest FROM receipts WHERE endpoint = $1 AND at < $2",
            endpoint,
            before
        );
        Ok(over.unwrap_or_default())
    }

    /// Removes them; how many went.
    pub async fn remove_receipts(&mut self, endpoint: &str, before: Moment) -> Result<u64> {
        Ok(exec!(
            self,
            "DELETE FROM receipts WHERE endpoint = $1 AND at < $2",
            endpoint,
            before
        ))
    }

    /// When a school's nightly removal is due next.
    pub async fn next_removal(&mut self, school: &str) -> Result<Option<Moment>> {
        let next = one!(
            self,
            (Moment,),
            "SELECT next_at FROM retention WHERE school_id = $1",
            school
        );
        Ok(next.map(|r| r.0))
    }

    /// Sets when it is due.
    pub async fn set_next_removal(&mut self, school: &str, next: Moment) -> Result<()> {
        exec!(
            self,
            "INSERT INTO retention (school_id, next_at) VALUES ($1, $2)
             ON CONFLICT (school_id) DO UPDATE SET next_at = excluded.next_at",
            school,
            next
        );
        Ok(())
    }
}
