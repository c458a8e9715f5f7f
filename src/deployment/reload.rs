//! Flows, texts and services that change while the program runs.
//!
//! The folders are read again every so often and compared by content: no notice of the operating
//! system is needed, and none is missed on a network drive. What does not check clean changes
//! nothing. Conversations under way stay on the bundle they began with.

use std::sync::{Arc, PoisonError};

use super::parts::{Files, Parts};
use super::{Deployment, NotReady};
use crate::config::{Folders, Refused};
use crate::store::StoreError;

/// Looks for changed files, one look after another.
#[derive(Debug)]
pub struct Watch {
    /// What stood there at the last look. Nothing is taken up before two looks agree, because a
    /// change of several files is not saved at one moment.
    seen: String,
    /// What was last taken up or refused.
    tried: String,
}

/// What one look came to.
#[derive(Debug)]
pub enum Look {
    /// Nothing new, or not yet complete.
    Unchanged,
    /// New conversations begin on what stands there now.
    Taken,
    /// What stands there has faults: the program goes on with what it had.
    Refused(Refused),
}

impl Watch {
    /// Begins with what the deployment runs on; `None` when it has no files of its own.
    pub fn over(d: &Deployment) -> Option<Self> {
        let config = &d.config;
        let any = [
            &config.flows_dir,
            &config.locales_dir,
            &config.services_file,
        ];
        any.iter().any(|path| path.is_some()).then(|| {
            let hash = d.parts().files.clone();
            Self {
                seen: hash.clone(),
                tried: hash,
            }
        })
    }

    /// Looks once.
    ///
    /// # Errors
    /// When the database cannot keep the new bundle; the next look tries again.
    pub async fn look(&mut self, d: &Arc<Deployment>) -> Result<Look, StoreError> {
        let files = blocking(d, |d| Files::read(&Folders::of(&d.config))).await;
        let Some(files) = files else {
            return Ok(Look::Unchanged);
        };
        let hash = files.hash();
        let settled = std::mem::replace(&mut self.seen, hash.clone()) == hash;
        if !settled || self.tried == hash {
            return Ok(Look::Unchanged);
        }
        let made = blocking(d, |d| {
            Parts::make(&d.config, files).inspect(Parts::learn_now)
        })
        .await;
        let look = match made {
            Some(Ok(parts)) => {
                d.take_up(parts).await?;
                Look::Taken
            }
            Some(Err(NotReady::Faults(refused))) => Look::Refused(refused),
            Some(Err(_)) | None => Look::Unchanged,
        };
        self.tried = hash;
        Ok(look)
    }
}

/// Reading and compiling take a while: not on a thread that answers. `None` when it panicked.
async fn blocking<T: Send + 'static>(
    d: &Arc<Deployment>,
    job: impl FnOnce(&Deployment) -> T + Send + 'static,
) -> Option<T> {
    let d = Arc::clone(d);
    let done = tokio::task::spawn_blocking(move || job(&d)).await;
    done.inspect_err(|why| tracing::error!(%why, "reading changed flows failed"))
        .ok()
}

impl Deployment {
    /// New conversations begin on `parts` from now on. Its sources are stored first, so that a
    /// conversation can never be pinned to a bundle that nobody has.
    async fn take_up(&self, parts: Parts) -> Result<(), StoreError> {
        let mut tx = self.store.begin().await?;
        tx.keep_bundle(&parts.bundle).await?;
        tx.save().await?;
        let before = {
            let mut now = self.parts.write().unwrap_or_else(PoisonError::into_inner);
            std::mem::replace(&mut *now, Arc::new(parts))
        };
        // Only the last one is likely to be needed; older ones are loaded from their sources again.
        let mut pinned = self.pinned.lock().unwrap_or_else(PoisonError::into_inner);
        pinned.clear();
        let bundle = Arc::clone(&before.bundle);
        pinned.insert(bundle.hash.clone(), Some(bundle));
        Ok(())
    }
}
