//! Fresh databases for a test: SQLite always, and PostgreSQL when `SCHOOLGATE_TEST_POSTGRES` names
//! a server (`tests/run` starts one).

use std::sync::atomic::{AtomicU32, Ordering};

use sqlx::{Connection as _, PgConnection};

/// A database of one test's own.
pub struct Database {
    /// `sqlite` or `postgres`, for messages.
    pub kind: &'static str,
    /// Its address.
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

/// One SQLite file.
pub fn sqlite() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    Database {
        kind: "sqlite",
        url,
        _folder: Some(folder),
    }
}

/// One of each kind there is.
pub async fn each() -> Vec<Database> {
    let mut all = vec![sqlite()];
    match std::env::var("SCHOOLGATE_TEST_POSTGRES") {
        Ok(server) => all.push(postgres(&server).await),
        Err(_) => eprintln!(
            "SCHOOLGATE_TEST_POSTGRES is not set: not tried on PostgreSQL (tests/run does)"
        ),
    }
    all
}

async fn postgres(server: &str) -> Database {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "t{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let mut admin = PgConnection::connect(server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name}"));
    sqlx::query(create).execute(&mut admin).await.unwrap();
    let url = server
        .rsplit_once('/')
        .map(|(base, _)| format!("{base}/{name}"))
        .unwrap();
    Database {
        kind: "postgres",
        url,
        _folder: None,
    }
}

/// Runs a statement as nobody who uses schoolgate could.
pub async fn run(database: &Database, statement: &'static str) {
    match database.kind {
        "sqlite" => {
            let mut c = sqlx::SqliteConnection::connect(&database.url)
                .await
                .unwrap();
            sqlx::query(statement).execute(&mut c).await.unwrap();
        }
        _ => {
            let mut c = PgConnection::connect(&database.url).await.unwrap();
            sqlx::query(statement).execute(&mut c).await.unwrap();
        }
    }
}
