//! What staff are told and what was promised: notices, alerts and promises.

use jiff::Timestamp;
use uuid::Uuid;

use super::{Moment, Result, Tx, all, exec, from_json, one, to_json};

/// What one member of staff is told of one case.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Notice {
    /// Ours.
    pub id: Uuid,
    /// Whose.
    pub school_id: String,
    /// Which case.
    pub case_id: Uuid,
    /// Who is told (staff key).
    pub staff: String,
    /// The code that answers it: of this notice and this person only.
    pub code: i64,
    /// `owner`, `copy`, `escalation`, `waiting` (a parent wrote again), `meeting`, `page`, `today`, `promise`.
    pub kind: String,
    /// When it came up.
    pub created_at: Moment,
    /// When it is told next; `None` when there is nothing more to tell.
    pub next_at: Option<Moment>,
    /// Told together with others at a digest's time, not by itself.
    pub digest: bool,
    /// When it was last told.
    pub sent_at: Option<Moment>,
    /// When this person said they have it.
    pub acknowledged_at: Option<Moment>,
    /// When it stopped mattering.
    pub closed_at: Option<Moment>,
}

/// The page that repeats until a sealed entry is opened, signed in.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Alert {
    /// The sealed case.
    pub case_id: Uuid,
    /// Whose.
    pub school_id: String,
    /// `urgent` or `review`.
    pub level: String,
    /// When it began.
    pub opened_at: Moment,
    /// How often it was paged.
    pub pages: i64,
    /// When it last was.
    pub last_page_at: Moment,
    /// When it is paged next; `None` once it was read.
    pub next_page_at: Option<Moment>,
    /// When the head (or deputy head, or chair) is paged too; `None` once they were.
    pub head_at: Option<Moment>,
    /// When the entry was opened, signed in.
    pub read_at: Option<Moment>,
    /// By whom.
    pub read_by: Option<String>,
}

/// What a person was told would happen, and by when.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Promise {
    /// Ours.
    pub id: Uuid,
    /// Whose.
    pub school_id: String,
    /// Which case.
    pub case_id: Uuid,
    /// `contact`, `ring`, `arrange`…
    pub what: String,
    who: String,
    /// When it was made.
    pub made_at: Moment,
    /// By when.
    pub due_at: Moment,
    /// When the parent was told that it will be late.
    pub admitted_at: Option<Moment>,
    /// When it was kept.
    pub kept_at: Option<Moment>,
    /// By whom.
    pub kept_by: Option<String>,
    /// When its time passed unkept.
    pub broken_at: Option<Moment>,
}

impl Promise {
    /// The names given in the promise.
    pub fn who(&self) -> Result<Vec<String>> {
        from_json("a promise's names", &self.who)
    }
}

impl Tx {
    /// Tells a member of staff of a case at `next` (or never, when `None`: it stands on Today).
    /// Returns the notice with its fresh code; an open notice of the same kind is returned as it is.
    pub async fn notify(
        &mut self,
        school: &str,
        case_id: Uuid,
        staff: &str,
        kind: &str,
        next: Option<Timestamp>,
        digest: bool,
    ) -> Result<Notice> {
        if let Some(there) = one!(
            self,
            Notice,
            "SELECT * FROM notices WHERE case_id = $1 AND staff = $2 AND kind = $3 AND closed_at IS NULL",
            case_id,
            staff,
            kind
        ) {
            if let Some(next) = next {
                self.notice_next(there.id, Some(next), digest).await?;
            }
            return Ok(Notice {
                next_at: next.map(Moment::from).or(there.next_at),
                digest,
                ..there
            });
        }
        let id = self.clock.id();
        let now = Moment::from(self.now);
        for attempt in 0_u64.. {
            let open = one!(
                self,
                (i64,),
                "SELECT COUNT(*) FROM notices WHERE school_id = $1",
                school
            );
            let already = u64::try_from(open.map_or(0, |r| r.0)).unwrap_or(0) + attempt;
            let code = i64::from(self.clock.code(already));
            let rows = exec!(
                self,
                "INSERT INTO notices (id, school_id, case_id, staff, code, kind, created_at, next_at, digest)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)
                 ON CONFLICT (school_id, staff, code) WHERE closed_at IS NULL DO NOTHING",
                id,
                school,
                case_id,
                staff,
                code,
                kind,
                now,
                next.map(Moment::from),
                digest,
            );
            if rows == 1 {
                break;
            }
        }
        let notice = one!(self, Notice, "SELECT * FROM notices WHERE id = $1", id);
        Ok(notice.ok_or(sqlx::Error::RowNotFound)?)
    }

    /// When a notice is told next.
    pub async fn notice_next(
        &mut self,
        id: Uuid,
        next: Option<Timestamp>,
        digest: bool,
    ) -> Result<()> {
        exec!(
            self,
            "UPDATE notices SET next_at = $2, digest = $3 WHERE id = $1",
            id,
            next.map(Moment::from),
            digest
        );
        Ok(())
    }

    /// A notice was told.
    pub async fn notice_sent(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE notices SET sent_at = $2, next_at = NULL WHERE id = $1",
            id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Notices whose time has come.
    pub async fn notices_due(&mut self) -> Result<Vec<Notice>> {
        Ok(all!(
            self,
            Notice,
            "SELECT * FROM notices WHERE next_at <= $1 AND closed_at IS NULL ORDER BY staff, created_at LIMIT 200",
            Moment::from(self.now)
        ))
    }

    /// The open notice a code stands for, for this member of staff only.
    pub async fn notice_by_code(
        &mut self,
        school: &str,
        staff: &str,
        code: i64,
    ) -> Result<Option<Notice>> {
        Ok(one!(
            self,
            Notice,
            "SELECT * FROM notices WHERE school_id = $1 AND staff = $2 AND code = $3 AND closed_at IS NULL",
            school,
            staff,
            code
        ))
    }

    /// Every notice of a case.
    pub async fn notices_of(&mut self, case_id: Uuid) -> Result<Vec<Notice>> {
        Ok(all!(
            self,
            Notice,
            "SELECT * FROM notices WHERE case_id = $1 ORDER BY created_at, id",
            case_id
        ))
    }

    /// Nobody is told of a case any more.
    pub async fn close_notices(&mut self, case_id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE notices SET closed_at = $2, next_at = NULL WHERE case_id = $1 AND closed_at IS NULL",
            case_id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// This person has said they have it.
    pub async fn acknowledge_notices(&mut self, case_id: Uuid, staff: &str) -> Result<()> {
        exec!(
            self,
            "UPDATE notices SET acknowledged_at = $3, next_at = NULL
             WHERE case_id = $1 AND staff = $2 AND acknowledged_at IS NULL AND closed_at IS NULL AND kind <> 'page'",
            case_id,
            staff,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Begins, or raises, the page of a sealed case.
    pub async fn raise_alert(
        &mut self,
        school: &str,
        case_id: Uuid,
        level: &str,
        next: Timestamp,
        head: Timestamp,
    ) -> Result<()> {
        exec!(
            self,
            "INSERT INTO alerts (case_id, school_id, level, opened_at, pages, last_page_at, next_page_at, head_at)
             VALUES ($1, $2, $3, $4, 1, $4, $5, $6)
             ON CONFLICT (case_id) DO UPDATE SET level = excluded.level, pages = alerts.pages + 1,
               last_page_at = excluded.last_page_at, next_page_at = excluded.next_page_at,
               head_at = excluded.head_at, read_at = NULL, read_by = NULL",
            case_id,
            school,
            level,
            Moment::from(self.now),
            Moment::from(next),
            Moment::from(head),
        );
        Ok(())
    }

    /// Alerts whose next page is due, and which nobody has opened.
    pub async fn alerts_due(&mut self) -> Result<Vec<Alert>> {
        Ok(all!(
            self,
            Alert,
            "SELECT * FROM alerts WHERE read_at IS NULL AND (next_page_at <= $1 OR head_at <= $1) ORDER BY opened_at LIMIT 50",
            Moment::from(self.now)
        ))
    }

    /// The alert of a sealed case.
    pub async fn alert(&mut self, case_id: Uuid) -> Result<Option<Alert>> {
        Ok(one!(
            self,
            Alert,
            "SELECT * FROM alerts WHERE case_id = $1",
            case_id
        ))
    }

    /// Alerts of a school that nobody has opened.
    pub async fn unread_alerts(&mut self, school: &str) -> Result<Vec<Alert>> {
        Ok(all!(
            self,
            Alert,
            "SELECT * FROM alerts WHERE school_id = $1 AND read_at IS NULL ORDER BY opened_at",
            school
        ))
    }

    /// Writes an alert back.
    pub async fn keep_alert(&mut self, alert: &Alert) -> Result<()> {
        exec!(
            self,
            "UPDATE alerts SET pages = $2, last_page_at = $3, next_page_at = $4, head_at = $5, read_at = $6, read_by = $7
             WHERE case_id = $1",
            alert.case_id,
            alert.pages,
            alert.last_page_at,
            alert.next_page_at,
            alert.head_at,
            alert.read_at,
            alert.read_by.as_deref(),
        );
        Ok(())
    }

    /// Keeps a promise made to a parent.
    pub async fn promise(
        &mut self,
        school: &str,
        case_id: Uuid,
        what: &str,
        who: &[String],
        due: Timestamp,
    ) -> Result<()> {
        let id = self.clock.id();
        let who = to_json("a promise's names", &who)?;
        exec!(
            self,
            "INSERT INTO promises (id, school_id, case_id, what, who, made_at, due_at) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            id,
            school,
            case_id,
            what,
            who.as_str(),
            Moment::from(self.now),
            Moment::from(due),
        );
        Ok(())
    }

    /// The promises of a case, in order.
    pub async fn promises_of(&mut self, case_id: Uuid) -> Result<Vec<Promise>> {
        Ok(all!(
            self,
            Promise,
            "SELECT * FROM promises WHERE case_id = $1 ORDER BY made_at, id",
            case_id
        ))
    }

    /// Open promises of a school, the first due first.
    pub async fn open_promises(&mut self, school: &str) -> Result<Vec<Promise>> {
        Ok(all!(
            self,
            Promise,
            "SELECT * FROM promises WHERE school_id = $1 AND kept_at IS NULL ORDER BY due_at LIMIT 200",
            school
        ))
    }

    /// Open promises that are due before `horizon` and have not been admitted late, or are past due.
    /// One that was made for sooner than the horizon is not admitted before its time.
    pub async fn promises_at_risk(&mut self, horizon: Timestamp) -> Result<Vec<Promise>> {
        Ok(all!(
            self,
            Promise,
            "SELECT * FROM promises WHERE kept_at IS NULL AND broken_at IS NULL
             AND ((admitted_at IS NULL AND due_at <= $1 AND due_at - made_at > $1 - $2) OR due_at <= $2) ORDER BY due_at LIMIT 50",
            Moment::from(horizon),
            Moment::from(self.now),
        ))
    }

    /// The parent was told that a promise will be late.
    pub async fn promise_admitted(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE promises SET admitted_at = $2 WHERE id = $1 AND admitted_at IS NULL",
            id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// A promise's time has passed.
    pub async fn promise_broken(&mut self, id: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE promises SET broken_at = $2 WHERE id = $1 AND kept_at IS NULL AND broken_at IS NULL",
            id,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Staff have been in touch, which is what was promised in this case (late ones are kept late, and
    /// stay broken). A copy and a formal answer are owed until they are ticked off.
    pub async fn promises_kept(&mut self, case_id: Uuid, by: &str) -> Result<()> {
        exec!(
            self,
            "UPDATE promises SET kept_at = $2, kept_by = $3 WHERE case_id = $1 AND kept_at IS NULL
               AND what NOT IN ('copy', 'formal-answer')",
            case_id,
            Moment::from(self.now),
            by
        );
        Ok(())
    }

    /// What was promised in this case by this word has been done.
    pub async fn promise_kept(&mut self, case_id: Uuid, what: &str, by: &str) -> Result<()> {
        exec!(
            self,
            "UPDATE promises SET kept_at = $2, kept_by = $3 WHERE case_id = $1 AND kept_at IS NULL AND what = $4",
            case_id,
            Moment::from(self.now),
            by,
            what
        );
        Ok(())
    }

    /// The case went to others: what is still promised is theirs to keep, by the same time.
    pub async fn promises_go_to(&mut self, case_id: Uuid, who: &[String]) -> Result<()> {
        let who = to_json("a promise's names", &who)?;
        exec!(
            self,
            "UPDATE promises SET who = $2 WHERE case_id = $1 AND what = 'contact' AND kept_at IS NULL AND broken_at IS NULL",
            case_id,
            who.as_str()
        );
        Ok(())
    }
}
