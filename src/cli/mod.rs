//! The commands, one a file. They print; nothing else in the program does.
#![expect(
    clippy::print_stdout,
    reason = "commands talk to the person who ran them"
)]

mod backup;
mod cases;
mod chat;
mod check;
mod config;
mod demo;
mod doctor;
mod erase;
mod export;
mod flows;
mod hold;
mod import;
mod outbox;
mod record;
mod restore;
mod retention;
mod serve;
mod staff;
mod text;
mod verify;

use std::io::BufRead as _;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;

use anyhow::Context as _;
use clap::{Args, Parser, Subcommand};
use secrecy::ExposeSecret as _;

use crate::clock::Clock;
use crate::config::{Config, Database};
use crate::deployment::{Deployment, Layer, School, as_set, people_of};
use crate::store::Store;

/// schoolgate answers the parents and carers who text a school about a child's special educational
/// needs, keeps the case record, and holds the school to what it promised.
#[derive(Debug, Parser)]
#[command(name = "schoolgate", version, about, long_about = None)]
pub struct Command {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// Run an invented school with a handset page and the staff console: no account, no configuration.
    Demo(demo::Demo),
    /// Run the service for the schools in a configuration.
    Serve(serve::Serve),
    /// Talk to the service in the terminal, through the real inbox.
    Chat(chat::Chat),
    /// Check a configuration, its flows and its languages; change nothing.
    Check(check::Check),
    /// An example of a configuration, what is set in one, and where.
    Config {
        #[command(subcommand)]
        what: config::What,
    },
    /// Bring the database's schema up to date.
    Migrate(Where),
    /// Read case records.
    Cases(cases::Cases),
    /// What has not arrived, why, and another try.
    Outbox(outbox::Outbox),
    /// Walk the hash chains of every case record and name the first break of each.
    Verify(Where),
    Import(import::Import),
    /// Write everything the database holds into one file, while the service runs.
    Backup(backup::Backup),
    /// Put a backup into a new database, and walk through what came in.
    Restore(restore::Restore),
    /// Everything about one person who asked for it, as files.
    Export(export::Export),
    /// What has been kept for its time: show it, or remove it.
    Retention(retention::Retention),
    /// Keep everything of a case or pupil until further notice, or lift that.
    Hold(hold::Hold),
    /// Erase the words of one entry of a case, where the law lets it.
    Erase(erase::Erase),
    /// Staff accounts.
    Staff(staff::Accounts),
    /// Try, test and draw flows and languages.
    Flows(flows::Flows),
    /// Count what texts cost.
    Text(text::Text),
    /// Say what is missing for a school to go live.
    Doctor(doctor::Doctor),
}

/// Which deployment: a configuration, or the demo school on a database of your own.
#[derive(Debug, Args, Clone)]
pub struct Where {
    /// The configuration file.
    #[arg(long, value_name = "FILE", default_value = "schoolgate.toml")]
    config: PathBuf,
    /// The demo school on this database (`sqlite:<file>` or `postgres://…`), without a configuration.
    #[arg(long, value_name = "URL", conflicts_with = "config")]
    db: Option<String>,
}

impl Where {
    /// The configuration meant.
    fn config(&self) -> anyhow::Result<Config> {
        let read = match &self.db {
            Some(_) => Config::demo(),
            None => Config::load(&self.config),
        };
        // A refusal names files, lines and remedies by itself.
        read.map_err(|refused| anyhow::anyhow!("the configuration has faults\n{refused}"))
    }

    /// The address of the database meant.
    fn database(&self, config: &Config) -> anyhow::Result<String> {
        if let Some(db) = &self.db {
            return Ok(db.clone());
        }
        let url = config.database.url().context(
            "the database's address is not set: set the variable that `database_env` names, or use --db",
        )?;
        Ok(url.expose_secret().to_owned())
    }

    /// The configuration and the store, as they stand: commands that only read never migrate by themselves.
    async fn store(&self, clock: Clock) -> anyhow::Result<(Config, Store)> {
        let (mut config, store) = self.as_in_the_file(clock).await?;
        as_they_stand(&store, &mut config).await?;
        Ok((config, store))
    }

    /// The same, with the schools as the file has them.
    async fn as_in_the_file(&self, clock: Clock) -> anyhow::Result<(Config, Store)> {
        let config = self.config()?;
        let address = self.database(&config)?;
        if self.db.is_some() || matches!(config.database, Database::Sqlite(_)) {
            let file = address.strip_prefix("sqlite:").map(PathBuf::from);
            if let Some(file) = file.filter(|f| !f.exists()) {
                anyhow::bail!(
                    "there is no database at {}: run `schoolgate migrate` first",
                    file.display()
                );
            }
        }
        let store = Store::open(&address, clock).await?;
        store
            .ping()
            .await
            .context("the database is not ready: run `schoolgate migrate`")?;
        Ok((config, store))
    }
}

/// The schools as they stand: once people were imported the people file is not read any more, and
/// what staff have set counts before the configuration file.
async fn as_they_stand(store: &Store, config: &mut Config) -> anyhow::Result<()> {
    let mut tx = store.read().await?;
    for school in &mut config.schools {
        let people = people_of(&mut tx, school).await?.1;
        let file = Arc::new(school.clone());
        let laid = as_set(&mut tx, &file).await?;
        let (set, _) = laid.map_err(|refused| {
            anyhow::anyhow!("what staff have set in the console has faults\n{refused}")
        })?;
        *school = crate::config::School { people, ..set };
    }
    Ok(())
}

/// The schools meant: the one named, or all there are.
fn schools(config: &Config, named: Option<&str>) -> anyhow::Result<Vec<School>> {
    let schools: Vec<School> = config
        .schools
        .iter()
        .filter(|school| named.is_none_or(|id| id == school.id))
        .map(|school| School {
            people: school.people.clone(),
            layer: Layer::none(Arc::new(school.clone())),
            config: school.clone(),
            // Nobody looks for changes while a command runs.
            people_version: 0,
        })
        .collect();
    if schools.is_empty() {
        let named = named.unwrap_or_default();
        anyhow::bail!("there is no school `{named}` in the configuration");
    }
    Ok(schools)
}

/// The one school meant.
fn one_school(config: &Config, named: Option<&str>) -> anyhow::Result<School> {
    let mut schools = schools(config, named)?;
    match schools.pop() {
        Some(school) if schools.is_empty() => Ok(school),
        _ => anyhow::bail!("there are several schools: name one with --school"),
    }
}

/// The number of a case as people say it.
fn case_number(said: &str) -> anyhow::Result<i64> {
    crate::school::case::number(said)
        .with_context(|| format!("`{said}` is no reference: they look like C-1042"))
}

/// The lines of the standard input, decoded as messages are: bytes that are no UTF-8 never stop it.
fn lines() -> impl Iterator<Item = std::io::Result<String>> {
    std::io::stdin().lock().split(b'\n').map(|line| {
        let line = line?;
        let line = line.strip_suffix(b"\r").unwrap_or(&line);
        Ok(String::from_utf8_lossy(line).into_owned())
    })
}

/// A deployment on a database, migrated and ready to answer.
async fn deployment(
    config: Config,
    database: &str,
    clock: Clock,
) -> anyhow::Result<Arc<Deployment>> {
    let store = Store::open(database, clock.clone()).await?;
    store.migrate().await?;
    Ok(Arc::new(Deployment::new(config, store, clock).await?))
}

/// Runs one command.
///
/// # Errors
/// What went wrong, for the person who ran it.
pub async fn run(command: Command) -> anyhow::Result<ExitCode> {
    match command.what {
        What::Demo(demo) => demo.run().await,
        What::Serve(serve) => serve.run().await,
        What::Chat(chat) => chat.run().await,
        What::Check(check) => check.run().await,
        What::Config { what } => what.run().await,
        What::Migrate(place) => {
            let config = place.config()?;
            let store = Store::open(&place.database(&config)?, Clock::real()).await?;
            store.migrate().await?;
            println!("The database is up to date.");
            Ok(ExitCode::SUCCESS)
        }
        What::Cases(cases) => cases.run().await,
        What::Outbox(outbox) => outbox.run().await,
        What::Verify(place) => verify::run(&place).await,
        What::Import(import) => import.run().await,
        What::Backup(backup) => backup.run().await,
        What::Restore(restore) => restore.run().await,
        What::Export(export) => export.run().await,
        What::Retention(retention) => retention.run().await,
        What::Hold(hold) => hold.run().await,
        What::Erase(erase) => erase.run().await,
        What::Staff(staff) => staff.run().await,
        What::Flows(flows) => flows.run().await,
        What::Text(text) => text.run(),
        What::Doctor(doctor) => doctor.run().await,
    }
}
