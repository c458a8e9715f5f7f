//! Who read or did what.

use uuid::Uuid;

use super::{Moment, Result, Tx, all, exec};

/// One line of the log.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct AuditLine {
    /// Ours.
    pub id: Uuid,
    /// When.
    pub at: Moment,
    /// Who, by key; `schoolgate` for what happened by itself.
    pub staff: String,
    /// What, in the program's own words.
    pub did: String,
    /// In which case.
    pub case_id: Option<Uuid>,
    /// About whom (a pupil's or an adult's key), where it was in no case.
    pub about: Option<String>,
}

/// Which lines to list.
#[derive(Debug, Clone)]
pub struct AuditFilter {
    /// Only this person's.
    pub staff: Option<String>,
    /// Only of this case.
    pub case_id: Option<Uuid>,
    /// From this moment on.
    pub from: Moment,
    /// Before this moment.
    pub until: Moment,
    /// Only lines older than this one, by its moment and id.
    pub before: Option<(Moment, Uuid)>,
}

impl Default for AuditFilter {
    fn default() -> Self {
        Self {
            staff: None,
            case_id: None,
            from: Moment(i64::MIN),
            until: Moment(i64::MAX),
            before: None,
        }
    }
}

impl Tx {
    /// Writes down who read or did what.
    pub async fn audit(
        &mut self,
        school: &str,
        staff: &str,
        did: &str,
        case_id: Option<Uuid>,
    ) -> Result<()> {
        self.log(school, staff, did, case_id, None).await
    }

    /// The same, of what was about a person and in no case.
    pub async fn audit_about(
        &mut self,
        school: &str,
        staff: &str,
        did: &str,
        person: &str,
    ) -> Result<()> {
        self.log(school, staff, did, None, Some(person)).await
    }

    async fn log(
        &mut self,
        school: &str,
        staff: &str,
        did: &str,
        case_id: Option<Uuid>,
        about: Option<&str>,
    ) -> Result<()> {
        let id = self.clock.id();
        exec!(
            self,
            "INSERT INTO audit (id, school_id, at, staff, did, case_id, about) VALUES ($1, $2, $3, $4, $5, $6, $7)",
            id,
            school,
            Moment::from(self.now),
            staff,
            did,
            case_id,
            about
        );
        Ok(())
    }

    /// Lines of a school's log, the newest first, as many as `most`.
    pub async fn audit_lines(
        &mut self,
        school: &str,
        filter: &AuditFilter,
        most: u32,
    ) -> Result<Vec<AuditLine>> {
        let (before, before_id) = filter.before.unwrap_or((Moment(i64::MAX), Uuid::max()));
        Ok(all!(
            self,
            AuditLine,
            "SELECT id, at, staff, did, case_id, about FROM audit
             WHERE school_id = $1 AND ($2 = '' OR staff = $2) AND ($3 = $4 OR case_id = $3)
               AND at >= $5 AND at < $6 AND (at < $7 OR (at = $7 AND id < $8))
             ORDER BY at DESC, id DESC LIMIT $9",
            school,
            filter.staff.as_deref().unwrap_or(""),
            filter.case_id.unwrap_or_default(),
            Uuid::nil(),
            filter.from,
            filter.until,
            before,
            before_id,
            i64::from(most),
        ))
    }
}
