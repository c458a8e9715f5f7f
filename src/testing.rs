//! A school in a temporary folder, for tests and for conversations as tests: the real store, inbox
//! and outbox on a clock that stands still, on SQLite and, where there is one, on PostgreSQL.

mod heard;
mod playing;
mod record;
mod setting;
mod stage;

use std::sync::Arc;

use anyhow::Context as _;
use jiff::civil::DateTime;

use crate::channel::{Inbound, Media, Status};
use crate::clock::Clock;
use crate::config::Config;
use crate::deployment::{Deployment, Endpoint, Parts, School};
use crate::desk::Actor;
use crate::inbox;
use crate::settle::{advance, settle};
use crate::store::{Case, Moment, OutboxRow, Store};

pub use stage::{Played, Stage, language_of};

/// The demo school on a database of its own, at a moment of its own.
pub struct Rig {
    /// What is running.
    pub d: Arc<Deployment>,
    /// The handset endpoint.
    pub endpoint: Arc<Endpoint>,
    since: Moment,
}

impl Rig {
    /// The demo school on `database`, at `now` on its clock.
    pub async fn open(database: &str, now: DateTime) -> anyhow::Result<Self> {
        let (config, parts) = stage::demo()?;
        let clock = clock_of(&config, now)?;
        Self::with_parts(config, parts, database, clock).await
    }

    /// Any configuration on `database`.
    pub async fn with(config: Config, database: &str, clock: Clock) -> anyhow::Result<Self> {
        let parts = Arc::new(Parts::load(&config)?);
        Self::with_parts(config, parts, database, clock).await
    }

    /// The same, with flows and texts that were loaded before.
    pub async fn with_parts(
        config: Config,
        parts: Arc<Parts>,
        database: &str,
        clock: Clock,
    ) -> anyhow::Result<Self> {
        let store = Store::open(database, clock.clone()).await?;
        store.migrate().await?;
        let d = Arc::new(Deployment::with_parts(config, parts, store, clock).await?);
        let endpoint = d
            .endpoints()
            .into_iter()
            .next()
            .context("there is no endpoint")?;
        Ok(Self {
            endpoint,
            since: d.clock.now().into(),
            d,
        })
    }

    /// The school.
    pub fn school(&self) -> &School {
        &self.endpoint.school
    }

    /// Somebody writes; everything that follows at once is done.
    pub async fn hear(&self, from: &str, words: &str) -> anyhow::Result<()> {
        self.hear_bytes(from, words.as_bytes()).await
    }

    /// The same, with bytes that need not be text.
    pub async fn hear_bytes(&self, from: &str, body: &[u8]) -> anyhow::Result<()> {
        self.hear_with(from, body, Vec::new()).await
    }

    /// The same, with photos or recordings.
    pub async fn hear_with(
        &self,
        from: &str,
        body: &[u8],
        media: Vec<Media>,
    ) -> anyhow::Result<()> {
        let inbound = Inbound {
            provider_id: format!("test:{}", self.d.clock.id()),
            from: from.to_owned(),
            body: body.to_vec(),
            media,
            ..Inbound::default()
        };
        // On the heap, as what settles is: a test hears many messages in one function.
        Box::pin(inbox::accept(&self.d, &self.endpoint, &inbound, false)).await?;
        settle(&self.d).await?;
        Ok(())
    }

    /// The clock moves to `to`, and everything that falls due on the way is done.
    pub async fn at(&self, to: DateTime) -> anyhow::Result<()> {
        advance(&self.d, self.school().instant(to)).await?;
        Ok(())
    }

    /// Everything that has left for an address, oldest first.
    pub async fn sent_to(&self, address: &str) -> anyhow::Result<Vec<OutboxRow>> {
        let mut tx = self.d.store.read().await?;
        let rows = tx
            .written_to(&self.endpoint.id, address, self.since)
            .await?;
        Ok(rows
            .into_iter()
            .filter(|r| !matches!(r.status(), Status::Queued | Status::Expired))
            .collect())
    }

    /// The texts that have left for an address.
    pub async fn texts_to(&self, address: &str) -> anyhow::Result<Vec<String>> {
        Ok(self
            .sent_to(address)
            .await?
            .into_iter()
            .map(|r| r.body)
            .collect())
    }

    /// A member of staff at the desk.
    pub fn actor(&self, phone: &str) -> anyhow::Result<Actor<'_>> {
        let staff = self
            .school()
            .staff_with_phone(phone)
            .with_context(|| format!("{phone} is nobody on the staff"))?;
        Ok(Actor {
            d: &self.d,
            school: self.school(),
            staff,
        })
    }

    /// A case by what people call it.
    pub async fn case(&self, reference: &str) -> anyhow::Result<Case> {
        let number = crate::school::case::number(reference)
            .with_context(|| format!("`{reference}` is no reference"))?;
        let mut tx = self.d.store.read().await?;
        let found = tx.case_by_number(&self.school().config.id, number).await?;
        found.with_context(|| format!("there is no case {reference}"))
    }
}

/// A clock that stands still at a moment of the first school's.
fn clock_of(config: &Config, now: DateTime) -> anyhow::Result<Clock> {
    let school = config.schools.first().context("there is no school")?;
    let zone = school.calendar.zone.clone();
    Ok(Clock::set(now.to_zoned(zone)?.timestamp()))
}
