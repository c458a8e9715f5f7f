//! What staff have set in the console, a section at a time; every version stays.

use std::collections::BTreeMap;

use super::{Moment, Result, Tx, all, exec, one};

/// One version of one section.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
pub struct Setting {
    /// Which section, by its word.
    pub section: String,
    /// Counts the changes of the school.
    pub version: i64,
    /// The TOML; `None` is what the file says.
    pub body: Option<String>,
    /// Who set it, by key; empty for the command line.
    pub staff: String,
    /// When.
    pub at: Moment,
}

impl Tx {
    /// The version of each school's settings; 0 where nothing was ever set.
    pub async fn settings_versions(&mut self) -> Result<BTreeMap<String, i64>> {
        let rows = all!(
            self,
            (String, i64),
            "SELECT id, settings_version FROM schools ORDER BY id"
        );
        Ok(rows.into_iter().collect())
    }

    /// What a school has set, the newest version of each section; and the version of it all.
    pub async fn settings(&mut self, school: &str) -> Result<(i64, Vec<Setting>)> {
        let version = one!(
            self,
            (i64,),
            "SELECT settings_version FROM schools WHERE id = $1",
            school
        );
        let set = all!(
            self,
            Setting,
            "SELECT section, version, body, staff, at FROM settings s WHERE school_id = $1
               AND version = (SELECT MAX(version) FROM settings n
                              WHERE n.school_id = s.school_id AND n.section = s.section)
             ORDER BY section",
            school
        );
        Ok((version.map_or(0, |r| r.0), set))
    }

    /// The versions of a section, the newest first.
    pub async fn setting_versions(
        &mut self,
        school: &str,
        section: &str,
        most: i64,
    ) -> Result<Vec<Setting>> {
        Ok(all!(
            self,
            Setting,
            "SELECT section, version, body, staff, at FROM settings
             WHERE school_id = $1 AND section = $2 ORDER BY version DESC LIMIT $3",
            school,
            section,
            most
        ))
    }

    /// One version of a section.
    pub async fn setting(
        &mut self,
        school: &str,
        section: &str,
        version: i64,
    ) -> Result<Option<Setting>> {
        Ok(one!(
            self,
            Setting,
            "SELECT section, version, body, staff, at FROM settings
             WHERE school_id = $1 AND section = $2 AND version = $3",
            school,
            section,
            version
        ))
    }

    /// Sets a section, from the version that whoever sets it has seen (0: none yet): the new version.
    /// `None` when somebody was quicker; the transaction is to be dropped then.
    pub async fn set_section(
        &mut self,
        school: &str,
        section: &str,
        seen: i64,
        body: Option<&str>,
        staff: &str,
    ) -> Result<Option<i64>> {
        // First, so that of two at once the second waits here, and then sees what the first did.
        let next = one!(
            self,
            (i64,),
            "UPDATE schools SET settings_version = settings_version + 1 WHERE id = $1
             RETURNING settings_version",
            school
        );
        let newest = self.setting_versions(school, section, 1).await?;
        let newest = newest.first().map_or(0, |setting| setting.version);
        let Some((next,)) = next.filter(|_| newest == seen) else {
            return Ok(None);
        };
        exec!(
            self,
            "INSERT INTO settings (school_id, section, version, body, staff, at) VALUES ($1, $2, $3, $4, $5, $6)",
            school,
            section,
            next,
            body,
            staff,
            Moment::from(self.now)
        );
        Ok(Some(next))
    }
}
