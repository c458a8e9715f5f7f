//! `schoolgate chat`: a conversation in the terminal, through the real inbox, store and outbox.

use std::collections::HashSet;
use std::io::{BufRead as _, Write as _};
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use uuid::Uuid;

use super::deployment;
use super::record::Record;
use crate::channel::{Channel, Inbound};
use crate::clock::Clock;
use crate::config::Config;
use crate::deployment::{Deployment, Endpoint};
use crate::flow::transcript;
use crate::phone::Phone;
use crate::settle::{advance, settle};
use crate::store::Moment;
use crate::testing::language_of;
use crate::{inbox, telemetry};

/// Reads a message a line and prints the replies after `< `. `@ +24h`, `@ Saturday 10:00` move the
/// clock; `[+447700900202] > OK 7294` is somebody else writing. Nothing leaves this machine.
#[derive(Debug, Args)]
pub struct Chat {
    /// The demo school (the default when no configuration is named).
    #[arg(long, conflicts_with = "config")]
    demo: bool,
    /// A school of your own, with its flows and texts. Nothing is sent to anybody.
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Whose phone this is.
    #[arg(long = "as", value_name = "NUMBER", default_value = "+447700900101")]
    who: String,
    /// Keep the conversation in this database; without it, it is gone at the end.
    #[arg(long, value_name = "URL")]
    db: Option<String>,
    /// Write the conversation to this file as it goes, for `flows test` to play. The clock then
    /// stands still between the `@` lines.
    #[arg(long, value_name = "FILE", conflicts_with = "db")]
    record: Option<PathBuf>,
    /// Write over the file that `--record` names.
    #[arg(long, requires = "record")]
    force: bool,
}

impl Chat {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        telemetry::start_logs(false);
        let who = Phone::parse(&self.who).with_context(|| format!("--as {}", self.who))?;
        let read = match &self.config {
            Some(path) => Config::load(path),
            None => Config::demo(),
        };
        let config =
            read.map_err(|refused| anyhow::anyhow!("the configuration has faults\n{refused}"))?;
        let config = config.on_handsets();
        let temp = match &self.db {
            Some(_) => None,
            None => Some(tempfile::tempdir()?),
        };
        let database = match (&self.db, &temp) {
            (Some(db), _) => db.clone(),
            (None, Some(dir)) => format!("sqlite:{}", dir.path().join("chat.db").display()),
            (None, None) => unreachable!("one of the two is there"),
        };
        let mut clock = Clock::movable();
        let mut record = None;
        if let Some(file) = &self.record {
            let school = config.schools.first().context("there is no school")?;
            let zone = school.calendar.zone.clone();
            let now = clock.now().to_zoned(zone.clone()).datetime();
            // A conversation file knows minutes.
            let now = now.date().at(now.hour(), now.minute(), 0, 0);
            clock = Clock::set(now.to_zoned(zone)?.timestamp());
            let language = language_of(&config, who.e164());
            record = Some(Record::begin(
                file,
                (who.e164(), &language),
                now,
                self.force,
            )?);
        }
        let d = deployment(config, &database, clock).await?;
        let mut session = Session {
            since: d.clock.now().into(),
            shown: HashSet::new(),
            record,
            d,
        };
        session.run(&who).await?;
        session.d.store.close().await;
        if let Some(record) = &session.record {
            eprintln!("chat: {}", record.summary());
        }
        Ok(ExitCode::SUCCESS)
    }
}

struct Session {
    d: Arc<Deployment>,
    since: Moment,
    shown: HashSet<Uuid>,
    record: Option<Record>,
}

impl Session {
    async fn run(&mut self, who: &Phone) -> anyhow::Result<()> {
        let endpoint = self
            .d
            .endpoints()
            .into_iter()
            .find(|e| matches!(*e.channel, Channel::Handset))
            .context("there is no handset to write from")?;
        let stdin = std::io::stdin();
        let mut raw = Vec::new();
        loop {
            raw.clear();
            if stdin.lock().read_until(b'\n', &mut raw)? == 0 {
                return Ok(());
            }
            while raw.last().is_some_and(|b| matches!(b, b'\n' | b'\r')) {
                raw.pop();
            }
            let line = String::from_utf8_lossy(&raw).into_owned();
            if let Some(time) = line.strip_prefix("@ ") {
                let school = &endpoint.school;
                let now = school.local(self.d.clock.now());
                match transcript::resolve(time.trim(), now) {
                    Ok(to) if school.instant(to) >= self.d.clock.now() => {
                        if let Some(record) = &mut self.record {
                            record.time(time)?;
                        }
                        advance(&self.d, school.instant(to)).await?;
                    }
                    Ok(_) => eprintln!("chat: the clock only goes forward: `{time}` is past"),
                    Err(why) => eprintln!("chat: {why}: write `@ +24h` or `@ Saturday 10:00`"),
                }
            } else if let Some((other, words)) =
                line.strip_prefix('[').and_then(|l| l.split_once("] > "))
            {
                match Phone::parse(other) {
                    Ok(other) => {
                        if let Some(record) = &mut self.record {
                            record.heard(Some(other.e164()), words)?;
                        }
                        self.hear(&endpoint, other.e164(), words.as_bytes()).await?;
                        self.show(&endpoint, other.e164(), Some(other.e164()))
                            .await?;
                    }
                    Err(e) => eprintln!("chat: [{other}]: {e}"),
                }
            } else {
                if let Some(record) = &mut self.record {
                    record.heard(None, &line)?;
                }
                self.hear(&endpoint, who.e164(), &raw).await?;
            }
            self.show(&endpoint, who.e164(), None).await?;
        }
    }

    async fn hear(&self, endpoint: &Endpoint, from: &str, body: &[u8]) -> anyhow::Result<()> {
        let inbound = Inbound {
            provider_id: format!("chat:{}", self.d.clock.id()),
            from: from.to_owned(),
            body: body.to_vec(),
            ..Inbound::default()
        };
        inbox::accept(&self.d, endpoint, &inbound, false).await?;
        settle(&self.d).await?;
        Ok(())
    }

    /// What has left for an address since it was last shown; `other` when it is not the parent's.
    async fn show(
        &mut self,
        endpoint: &Endpoint,
        to: &str,
        other: Option<&str>,
    ) -> anyhow::Result<()> {
        let prefix = other.map_or_else(|| "< ".to_owned(), |other| format!("[{other}] < "));
        let mut tx = self.d.store.read().await?;
        let mut out = std::io::stdout().lock();
        for row in tx.written_to(&endpoint.id, to, self.since).await? {
            let left = !matches!(
                row.status(),
                crate::channel::Status::Queued | crate::channel::Status::Expired
            );
            if left && self.shown.insert(row.id) {
                writeln!(out, "{prefix}{}", row.body.replace('\n', "\n  "))?;
                if let Some(record) = &mut self.record {
                    record.told(other, &row.body)?;
                }
            }
        }
        out.flush()?;
        Ok(())
    }
}
