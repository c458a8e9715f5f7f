//! The only module that knows SQL, and the only one that knows which database it is.
//!
//! SQLite is the default, PostgreSQL is for many machines; every query is written once, in the
//! common dialect, and expanded for both drivers by the `exec!`, `one!` and `all!` macros. Every
//! write goes through [`Store::begin`]; nothing is sent while a transaction is open.

mod accounts;
mod audit;
mod cases;
mod delivery;
mod detours;
mod due;
mod families;
mod figures;
mod files;
mod keeping;
mod lanes;
mod links;
mod listing;
mod mail;
mod meetings;
mod messages;
mod moment;
mod notices;
mod outbox;
mod parts;
mod people;
mod pupils;
mod rights;
mod sending;
mod sessions;
mod settings;
mod sharing;
mod skim;
mod staff;
mod stages;
mod tables;
mod tasks;
mod ties;
mod token;
mod ways;
mod words;

use std::str::FromStr as _;
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use sqlx::postgres::{PgConnectOptions, PgPool, PgPoolOptions};
use sqlx::sqlite::{
    SqliteConnectOptions, SqliteJournalMode, SqlitePool, SqlitePoolOptions, SqliteSynchronous,
};
use sqlx::{Postgres, Sqlite, Transaction};
use tokio::sync::watch;
use uuid::Uuid;

use crate::clock::Clock;

pub use accounts::{Invitation, SecondStep};
pub use audit::{AuditFilter, AuditLine};
pub use cases::{Break, Case, Entry, NewCase, NewEntry};
pub use delivery::{Carried, OutboxFilter};
pub use detours::Detour;
pub use due::Cue;
pub use families::{Attending, PassportVersion, Rsvp, Told};
pub use figures::{CaseFigures, Spoken};
pub use files::File;
pub use keeping::{Hold, Over};
pub use lanes::Lane;
pub use links::{Canary, LinkCode};
pub use listing::{CaseFilter, Within};
pub use mail::{Mail, MailThread, NewMail, WHOLE_EMAIL};
pub use meetings::{Booking, Meeting, NewMeeting};
pub use messages::Message;
pub use moment::Moment;
pub use notices::{Alert, Notice, Promise};
pub use outbox::{OutboxRow, Outgoing, Purpose};
pub use parts::WaitingPart;
pub use people::{Import, PeopleChange};
pub use rights::{Said, SubjectRequest};
pub use sessions::{NewSession, Session, Stage};
pub use settings::Setting;
pub use sharing::{NewShare, Share, Withheld};
pub use skim::Mark;
pub use staff::{Check, LEFT};
pub use stages::{FormalNotice, NewStage, StageChange, StageTold, YoungDecision};
pub use tables::{Cell, Column, ColumnKind, Table};
pub use tasks::Task;
pub use ties::{NewTie, Tie};
pub use token::Token;
pub use ways::{Failing, Queue, Spending};
pub use words::Term;

static MIGRATIONS: sqlx::migrate::Migrator = sqlx::migrate!("./migrations");

/// What can go wrong with the database.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The address of the database is not one of the two kinds. It may hold a password, and is not repeated.
    #[error("the database's address is neither `sqlite:<file>` nor `postgres://…`")]
    Address,
    /// The database said no, or is away.
    #[error("the database: {0}")]
    Database(#[from] sqlx::Error),
    /// The schema could not be brought up to date.
    #[error("migrating the database: {0}")]
    Migrate(#[from] sqlx::migrate::MigrateError),
    /// A row holds something this program does not understand.
    #[error("the database holds {what} that this version cannot read: {why}")]
    Unreadable {
        /// What it is.
        what: &'static str,
        /// Why not.
        why: String,
    },
}

/// The result of anything the store does.
pub type Result<T> = std::result::Result<T, StoreError>;

/// One database, shared by everything in this process.
#[derive(Clone)]
pub struct Store {
    db: Db,
    clock: Clock,
    commits: Arc<watch::Sender<u64>>,
}

#[derive(Clone)]
enum Db {
    Sqlite {
        /// One connection: 16 of them gave half the transactions and five times the wait.
        write: SqlitePool,
        read: SqlitePool,
    },
    Postgres(PgPool),
}

/// An open transaction: everything it holds commits together with [`Tx::save`], or not at all.
pub struct Tx {
    conn: Conn,
    clock: Clock,
    now: Timestamp,
    /// Told of a commit, so that workers look at once; `None` for a reader.
    commits: Option<Arc<watch::Sender<u64>>>,
}

pub(crate) enum Conn {
    Sqlite(Transaction<'static, Sqlite>),
    Postgres(Transaction<'static, Postgres>),
}

/// Runs a statement; how many rows it touched.
macro_rules! exec {
    ($tx:expr, $sql:expr $(, $bind:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) => {
                sqlx::query($sql)$(.bind($bind))*.execute(&mut **c).await?.rows_affected()
            }
            $crate::store::Conn::Postgres(c) => {
                sqlx::query($sql)$(.bind($bind))*.execute(&mut **c).await?.rows_affected()
            }
        }
    };
}

/// At most one row.
macro_rules! one {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(&mut **c).await?
            }
            $crate::store::Conn::Postgres(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(&mut **c).await?
            }
        }
    };
}

/// Like `one!`, taking the row for this transaction and passing over rows that others hold
/// (on SQLite the single writer is lock enough).
macro_rules! claim {
    ($tx:expr, $row:ty, $sql:literal $(, $bind:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(&mut **c).await?
            }
            $crate::store::Conn::Postgres(c) => {
                sqlx::query_as::<_, $row>(concat!($sql, " FOR UPDATE SKIP LOCKED"))
                    $(.bind($bind))*.fetch_optional(&mut **c).await?
            }
        }
    };
}

/// Like `claim!`, of all rows that nobody else holds.
macro_rules! claim_all {
    ($tx:expr, $row:ty, $sql:literal $(, $bind:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&mut **c).await?
            }
            $crate::store::Conn::Postgres(c) => {
                sqlx::query_as::<_, $row>(concat!($sql, " FOR UPDATE SKIP LOCKED"))
                    $(.bind($bind))*.fetch_all(&mut **c).await?
            }
        }
    };
}

/// Like `one!`, waiting for others to let go of the row.
macro_rules! lock {
    ($tx:expr, $row:ty, $sql:literal $(, $bind:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_optional(&mut **c).await?
            }
            $crate::store::Conn::Postgres(c) => {
                sqlx::query_as::<_, $row>(concat!($sql, " FOR UPDATE"))
                    $(.bind($bind))*.fetch_optional(&mut **c).await?
            }
        }
    };
}

/// All rows.
macro_rules! all {
    ($tx:expr, $row:ty, $sql:expr $(, $bind:expr)* $(,)?) => {
        match &mut $tx.conn {
            $crate::store::Conn::Sqlite(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&mut **c).await?
            }
            $crate::store::Conn::Postgres(c) => {
                sqlx::query_as::<_, $row>($sql)$(.bind($bind))*.fetch_all(&mut **c).await?
            }
        }
    };
}
pub(crate) use {all, claim, claim_all, exec, lock, one};

impl Store {
    /// Opens `sqlite:<file>` (made if missing) or `postgres://…`. Does not migrate.
    pub async fn open(address: &str, clock: Clock) -> Result<Self> {
        let db = if let Some(file) = address.strip_prefix("sqlite:") {
            let options = SqliteConnectOptions::from_str(&format!("sqlite:{file}"))?
                .create_if_missing(true)
                .journal_mode(SqliteJournalMode::Wal)
                .synchronous(SqliteSynchronous::Full)
                .foreign_keys(true)
                .busy_timeout(Duration::from_secs(10));
            let write = SqlitePoolOptions::new()
                .max_connections(1)
                .connect_with(options.clone())
                .await?;
            let read = SqlitePoolOptions::new()
                .max_connections(4)
                .connect_lazy_with(options.pragma("query_only", "ON"));
            Db::Sqlite { write, read }
        } else if address.starts_with("postgres://") || address.starts_with("postgresql://") {
            let options = PgConnectOptions::from_str(address)?
                .options([("synchronous_commit", "on"), ("statement_timeout", "30s")]);
            let pool = PgPoolOptions::new()
                .max_connections(12)
                .acquire_timeout(Duration::from_secs(5))
                .connect_with(options)
                .await?;
            Db::Postgres(pool)
        } else {
            return Err(StoreError::Address);
        };
        Ok(Self {
            db,
            clock,
            commits: Arc::new(watch::Sender::new(0)),
        })
    }

    /// Brings the schema up to date.
    pub async fn migrate(&self) -> Result<()> {
        match &self.db {
            Db::Sqlite { write, .. } => MIGRATIONS.run(write).await?,
            Db::Postgres(pool) => MIGRATIONS.run(pool).await?,
        }
        self.find_old_words().await
    }

    /// Makes the cases of before there was a search found by their words: SQL cannot fold a word.
    async fn find_old_words(&self) -> Result<()> {
        let mut last = Uuid::nil();
        loop {
            let mut tx = self.begin().await?;
            let cases = tx.cases_without_words(last).await?;
            for case in &cases {
                tx.renew_words(*case).await?;
            }
            tx.save().await?;
            match cases.last() {
                Some(case) => last = *case,
                None => return Ok(()),
            }
        }
    }

    /// A transaction that may write. The one place that says `BEGIN IMMEDIATE`: with plain `BEGIN`,
    /// SQLite refuses most concurrent read-then-write transactions as "locked".
    pub async fn begin(&self) -> Result<Tx> {
        let conn = match &self.db {
            Db::Sqlite { write, .. } => Conn::Sqlite(write.begin_with("BEGIN IMMEDIATE").await?),
            Db::Postgres(pool) => Conn::Postgres(pool.begin().await?),
        };
        Ok(Tx {
            conn,
            now: self.clock.now(),
            clock: self.clock.clone(),
            commits: Some(Arc::clone(&self.commits)),
        })
    }

    /// A transaction that only reads, and sees one moment of the database.
    pub async fn read(&self) -> Result<Tx> {
        let conn = match &self.db {
            Db::Sqlite { read, .. } => Conn::Sqlite(read.begin().await?),
            Db::Postgres(pool) => Conn::Postgres(
                pool.begin_with("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    .await?,
            ),
        };
        Ok(Tx {
            conn,
            now: self.clock.now(),
            clock: self.clock.clone(),
            commits: None,
        })
    }

    /// Changes whenever this process commits something, so that a worker need not wait for its
    /// next look round. A receiver never misses a commit made after it was taken.
    pub fn commits(&self) -> watch::Receiver<u64> {
        self.commits.subscribe()
    }

    /// Answers when the database does: `/readyz` asks.
    pub async fn ping(&self) -> Result<()> {
        let mut tx = self.read().await?;
        one!(tx, (i64,), "SELECT COUNT(*) FROM schools");
        Ok(())
    }

    /// Closes every connection, after what is under way has ended.
    pub async fn close(&self) {
        match &self.db {
            Db::Sqlite { write, read } => {
                read.close().await;
                write.close().await;
            }
            Db::Postgres(pool) => pool.close().await,
        }
    }
}

impl Tx {
    /// The moment this transaction began: everything in it happened then.
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The clock, for ids and codes.
    pub fn clock(&self) -> &Clock {
        &self.clock
    }

    /// Commits. Dropping a `Tx` instead undoes everything in it.
    pub async fn save(self) -> Result<()> {
        match self.conn {
            Conn::Sqlite(t) => t.commit().await?,
            Conn::Postgres(t) => t.commit().await?,
        }
        if let Some(commits) = self.commits {
            commits.send_modify(|n| *n = n.wrapping_add(1));
        }
        Ok(())
    }

    /// Marks a place to come back to: on PostgreSQL a refused statement would spoil the transaction.
    pub(crate) async fn savepoint(&mut self) -> Result<()> {
        exec!(self, "SAVEPOINT here");
        Ok(())
    }

    /// Undoes what came after the savepoint.
    pub(crate) async fn back_to_savepoint(&mut self) -> Result<()> {
        exec!(self, "ROLLBACK TO SAVEPOINT here");
        exec!(self, "RELEASE SAVEPOINT here");
        Ok(())
    }

    /// Keeps what came after the savepoint.
    pub(crate) async fn release_savepoint(&mut self) -> Result<()> {
        exec!(self, "RELEASE SAVEPOINT here");
        Ok(())
    }
}

/// JSON out of a TEXT column.
pub(crate) fn from_json<T: serde::de::DeserializeOwned>(
    what: &'static str,
    text: &str,
) -> Result<T> {
    serde_json::from_str(text).map_err(|e| StoreError::Unreadable {
        what,
        why: e.to_string(),
    })
}

/// JSON into a TEXT column.
pub(crate) fn to_json<T: serde::Serialize>(what: &'static str, value: &T) -> Result<String> {
    serde_json::to_string(value).map_err(|e| StoreError::Unreadable {
        what,
        why: e.to_string(),
    })
}
