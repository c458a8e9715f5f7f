//! People that change while the program runs: an import, a merge, a number that was matched, in this
//! process or in another on the same database.

use std::sync::{Arc, PoisonError};

use super::{Deployment, Endpoint, Roll, School};
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
    /// Takes up people who were changed; how many schools' were. Whoever holds a [`School`] from
    /// before goes on with those it had: a message is taken in by one and the same people.
    pub async fn look_at_people(&self) -> Result<usize> {
        let now = self.roll();
        let mut tx = self.store.read().await?;
        let versions = tx.people_versions().await?;
        let mut changed = Vec::new();
        for (id, school) in &now.schools {
            if versions
                .get(id)
                .is_some_and(|v| *v != school.people_version)
            {
                let (people_version, people) = people_of(&mut tx, &school.config).await?;
                changed.push(Arc::new(School {
                    config: school.config.clone(),
                    people,
                    people_version,
                }));
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
            let newer = |known: &Arc<School>| known.people_version > school.people_version;
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
