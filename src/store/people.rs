//! Who is who, once a school has imported its people or changed one; what was changed, and uploaded
//! files that nobody has agreed to yet.

use std::collections::BTreeMap;

use uuid::Uuid;

use super::{Moment, Result, Tx, all, exec, from_json, one, to_json};
use crate::school::people::import::File;
use crate::school::people::{Entry, Kind, Person, Register};

/// A change of a school's people.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct PeopleChange {
    /// Ours.
    pub id: Uuid,
    /// Which version it made.
    pub version: i64,
    /// When.
    pub at: Moment,
    /// Who, by key; empty for the command line.
    pub staff: String,
    /// `import`, `merge`, `match`, `work`, `undo`.
    pub what: String,
    /// In words: the files, the two who were merged.
    pub about: String,
    /// When it was undone.
    pub undone_at: Option<Moment>,
}

/// Files that were uploaded to be looked at.
#[derive(Debug, Clone, sqlx::FromRow)]
pub struct Import {
    /// Ours.
    pub id: Uuid,
    /// Who uploaded them, by key.
    pub staff: String,
    /// When.
    pub at: Moment,
    /// The version of the people that they were compared with.
    pub people_version: i64,
}

#[derive(sqlx::FromRow)]
struct Row {
    record: String,
    gone: bool,
}

impl Row {
    fn entry(self) -> Result<Entry> {
        Ok(Entry {
            person: from_json("a person", &self.record)?,
            gone: self.gone,
        })
    }
}

impl Tx {
    /// The version of each school's people; 0 where the people file says who they are.
    pub async fn people_versions(&mut self) -> Result<BTreeMap<String, i64>> {
        let rows = all!(
            self,
            (String, i64),
            "SELECT id, people_version FROM schools ORDER BY id"
        );
        Ok(rows.into_iter().collect())
    }

    /// Everybody who is or was in a school's records, and the version; `None` while the people file
    /// says who they are.
    pub async fn register(&mut self, school: &str) -> Result<Option<(i64, Register)>> {
        let version = one!(
            self,
            (i64,),
            "SELECT people_version FROM schools WHERE id = $1",
            school
        );
        let Some((version,)) = version.filter(|(version,)| *version > 0) else {
            return Ok(None);
        };
        let rows = all!(
            self,
            Row,
            "SELECT record, gone FROM people WHERE school_id = $1 ORDER BY position, kind, key",
            school
        );
        let entries = rows.into_iter().map(Row::entry).collect::<Result<_>>()?;
        Ok(Some((version, Register { entries })))
    }

    /// Changes a school's people from `register`, which is of `version`: each of `entries` is somebody
    /// afterwards. `None` when somebody else has changed them meanwhile; nothing is changed then.
    /// `progress` is told how many of `entries` are done.
    pub async fn change_people(
        &mut self,
        school: &str,
        (version, register): (i64, &Register),
        entries: &[Entry],
        change: &PeopleChange,
        progress: &(dyn Fn(usize) + Sync),
    ) -> Result<Option<i64>> {
        let next = one!(
            self,
            (i64,),
            "UPDATE schools SET people_version = people_version + 1
             WHERE id = $1 AND people_version = $2 RETURNING people_version",
            school,
            version
        );
        let Some((next,)) = next else {
            return Ok(None);
        };
        exec!(
            self,
            "INSERT INTO people_changes (id, school_id, version, at, staff, what, about)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            change.id,
            school,
            next,
            Moment::from(self.now),
            change.staff.as_str(),
            change.what.as_str(),
            change.about.as_str()
        );
        let mut known: BTreeMap<(Kind, &str), &Entry> = BTreeMap::new();
        for (position, entry) in (0_i64..).zip(&register.entries) {
            known.insert((entry.person.kind(), entry.person.key()), entry);
            // The first change takes everybody over from the file.
            if version == 0 {
                self.keep_person(school, position, entry).await?;
            }
        }
        let mut position = i64::try_from(register.entries.len()).unwrap_or(i64::MAX);
        for (done, entry) in entries.iter().enumerate() {
            let before = known.get(&(entry.person.kind(), entry.person.key()));
            self.keep_person(school, position, entry).await?;
            position += i64::from(before.is_none());
            let (was, gone) = match before {
                Some(was) => (Some(to_json("a person", &was.person)?), was.gone),
                None => (None, true),
            };
            exec!(
                self,
                "INSERT INTO people_changed (change, school_id, kind, key, before, gone_before, after, gone_after)
                 VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
                change.id,
                school,
                entry.person.kind().word(),
                entry.person.key(),
                was,
                gone,
                to_json("a person", &entry.person)?,
                entry.gone
            );
            progress(done + 1);
        }
        Ok(Some(next))
    }

    async fn keep_person(&mut self, school: &str, position: i64, entry: &Entry) -> Result<()> {
        exec!(
            self,
            "INSERT INTO people (school_id, kind, key, position, record, gone) VALUES ($1, $2, $3, $4, $5, $6)
             ON CONFLICT (school_id, kind, key) DO UPDATE SET record = excluded.record, gone = excluded.gone",
            school,
            entry.person.kind().word(),
            entry.person.key(),
            position,
            to_json("a person", &entry.person)?,
            entry.gone
        );
        Ok(())
    }

    /// What was changed of a school's people, newest first.
    pub async fn people_changes(&mut self, school: &str, most: i64) -> Result<Vec<PeopleChange>> {
        Ok(all!(
            self,
            PeopleChange,
            "SELECT id, version, at, staff, what, about, undone_at FROM people_changes
             WHERE school_id = $1 ORDER BY version DESC LIMIT $2",
            school,
            most
        ))
    }

    /// One change, and everybody it touched: as they were before (who was not there before is gone)
    /// and as it left them.
    pub async fn people_changed(
        &mut self,
        school: &str,
        change: Uuid,
    ) -> Result<Vec<(Entry, Entry)>> {
        let rows = all!(
            self,
            (Option<String>, bool, String, bool),
            "SELECT before, gone_before, after, gone_after FROM people_changed
             WHERE school_id = $1 AND change = $2 ORDER BY kind, key",
            school,
            change
        );
        let person = |text: &str| from_json::<Person>("a person", text);
        rows.into_iter()
            .map(|(before, gone_before, after, gone_after)| {
                let was = Entry {
                    person: person(before.as_deref().unwrap_or(&after))?,
                    gone: gone_before,
                };
                let is = Entry {
                    person: person(&after)?,
                    gone: gone_after,
                };
                Ok((was, is))
            })
            .collect()
    }

    /// A change was undone.
    pub async fn change_undone(&mut self, school: &str, change: Uuid) -> Result<()> {
        exec!(
            self,
            "UPDATE people_changes SET undone_at = $3 WHERE school_id = $1 AND id = $2",
            school,
            change,
            Moment::from(self.now)
        );
        Ok(())
    }

    /// Keeps uploaded files until somebody agrees to them. Whatever the same person uploaded before
    /// and did not agree to goes.
    pub async fn keep_import(
        &mut self,
        school: &str,
        staff: &str,
        people_version: i64,
        files: &[File],
    ) -> Result<Uuid> {
        let id = self.clock.id();
        self.drop_imports(school, staff).await?;
        exec!(
            self,
            "INSERT INTO imports (id, school_id, staff, at, people_version) VALUES ($1, $2, $3, $4, $5)",
            id,
            school,
            staff,
            Moment::from(self.now),
            people_version
        );
        for (position, file) in (0_i64..).zip(files) {
            exec!(
                self,
                "INSERT INTO import_files (import, school_id, position, name, kind, bytes) VALUES ($1, $2, $3, $4, $5, $6)",
                id,
                school,
                position,
                file.name.as_str(),
                file.kind.map(Kind::word),
                file.bytes.as_slice()
            );
        }
        Ok(id)
    }

    /// Uploaded files that nobody has agreed to yet.
    pub async fn import(&mut self, school: &str, id: Uuid) -> Result<Option<(Import, Vec<File>)>> {
        let import = one!(
            self,
            Import,
            "SELECT id, staff, at, people_version FROM imports WHERE school_id = $1 AND id = $2",
            school,
            id
        );
        let Some(import) = import else {
            return Ok(None);
        };
        let files = all!(
            self,
            (String, Option<String>, Vec<u8>),
            "SELECT name, kind, bytes FROM import_files WHERE school_id = $1 AND import = $2 ORDER BY position",
            school,
            id
        );
        let files = files
            .into_iter()
            .map(|(name, kind, bytes)| File {
                name,
                kind: kind.as_deref().and_then(Kind::from_word),
                bytes,
            })
            .collect();
        Ok(Some((import, files)))
    }

    /// Uploaded files go: agreed to, or replaced.
    pub async fn drop_imports(&mut self, school: &str, staff: &str) -> Result<()> {
        exec!(
            self,
            "DELETE FROM import_files WHERE school_id = $1
             AND import IN (SELECT id FROM imports WHERE school_id = $1 AND staff = $2)",
            school,
            staff
        );
        exec!(
            self,
            "DELETE FROM imports WHERE school_id = $1 AND staff = $2",
            school,
            staff
        );
        Ok(())
    }
}
