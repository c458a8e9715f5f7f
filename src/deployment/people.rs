//! People and settings that change while the program runs: an import, a merge, a number that was
//! matched, a day on which the school is closed; in this process or in another on the same database.

use std::sync::{Arc, PoisonError};

use super::{Deployment, Endpoint, Roll, School, as_set};
use crate::config;
use crate::school::people::People;
use crate::store::{Result, Tx};

/// A school's people as they stand now, and their version: those of the database, or while it has
/// none those of the people file.
pub async fn people_of(tx: &mut Tx, school: &config::School) -> Result<(i64, People)> {
    Ok(match tx.register(&school.id).await? {
        Some((version, register)) => (version, register.people()),
        None => (0, school.people.clone()),
    })
}

impl Deployment {
    /// Takes up people and settings that were changed; how many schools' were. Whoever holds a
    /// [`School`] from before goes on with what it had: a message is taken in by one and the same
    /// people, in one and the same school.
    pub async fn look_at_people(&self) -> Result<usize> {
        let now = self.roll();
        let mut tx = self.store.read().await?;
        let people = tx.people_versions().await?;
        let settings = tx.settings_versions().await?;
        let mut changed = Vec::new();
        for (id, school) in &now.schools {
            let is_other = |version: Option<&i64>, known| version.is_some_and(|v| *v != known);
            let other_people = is_other(people.get(id), school.people_version);
            let other_settings = is_other(settings.get(id), school.layer.version);
            if other_people || other_settings {
                let as_it_was = School::clone(school);
                let school = as_it_was.renewed(&mut tx, other_people, other_settings);
                changed.push(Arc::new(school.await?));
            }
        }
        drop(tx);
        if changed.is_empty() {
            return Ok(0);
        }
        let mut roll = self.roll.write().unwrap_or_else(PoisonError::into_inner);
        *roll = Arc::new(roll.with(&changed));
        Ok(changed.len())
    }
}

impl School {
    /// The same with the people and the settings of now.
    async fn renewed(mut self, tx: &mut Tx, people: bool, settings: bool) -> Result<Self> {
        if people {
            (self.people_version, self.people) = people_of(tx, &self.layer.file).await?;
        }
        if !settings {
            return Ok(self);
        }
        match as_set(tx, &self.layer.file).await? {
            Ok((config, layer)) => (self.config, self.layer) = (config, layer),
            Err(refused) => {
                let sections: Vec<&String> = refused.sources.keys().collect();
                tracing::error!(
                    school = %self.config.id, ?sections,
                    "what staff have set cannot be read and is not taken up: `schoolgate check` says why"
                );
                // Told once; what was set before goes on.
                let (version, set) = tx.settings(&self.config.id).await?;
                self.layer.version = version;
                self.layer.set = set;
                self.layer.refused = refused.faults;
            }
        }
        Ok(self)
    }
}

impl Roll {
    /// The same, but for these schools.
    fn with(&self, changed: &[Arc<School>]) -> Self {
        let mut roll = Self {
            schools: self.schools.clone(),
            endpoints: self.endpoints.clone(),
        };
        for school in changed {
            let id = &school.config.id;
            // Another look may have been quicker.
            let newer = |known: &Arc<School>| {
                known.people_version > school.people_version
                    || known.layer.version > school.layer.version
            };
            if roll.schools.get(id).is_some_and(newer) {
                continue;
            }
            roll.schools.insert(id.clone(), Arc::clone(school));
            for endpoint in roll.endpoints.values_mut() {
                if endpoint.school.config.id == *id {
                    *endpoint = Arc::new(Endpoint {
                        id: endpoint.id.clone(),
                        school: Arc::clone(school),
                        channel: Arc::clone(&endpoint.channel),
                        config: endpoint.config.clone(),
                    });
                }
            }
        }
        roll
    }
}
