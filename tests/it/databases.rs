//! Fresh databases for a test: SQLite always, and PostgreSQL when `SCHOOLGATE_TEST_POSTGRES` names
//! a server (`tests/run` starts one).

use std::sync::LazyLock;
use std::sync::atomic::{AtomicU32, Ordering};

use schoolgate::clock::Clock;
use schoolgate::store::Store;
use sqlx::{Connection as _, PgConnection};
use tokio::sync::OnceCell;

/// A database of one test's own.
pub struct Database {
    /// `sqlite` or `postgres`, for messages.
    pub kind: &'static str,
    /// Its address.
    pub url: String,
    _folder: Option<tempfile::TempDir>,
}

/// One SQLite file, its schema up to date.
pub fn sqlite() -> Database {
    /// Made once: bringing a schema up to date a hundred times is most of what the tests would do.
    static SCHEMA: LazyLock<Vec<u8>> = LazyLock::new(|| {
        let one = bare_sqlite();
        let url = one.url.clone();
        std::thread::spawn(move || {
            tokio::runtime::Runtime::new()
                .unwrap()
                .block_on(migrate(&url))
        })
        .join()
        .unwrap();
        std::fs::read(one.url.trim_start_matches("sqlite:")).unwrap()
    });
    let one = bare_sqlite();
    std::fs::write(one.url.trim_start_matches("sqlite:"), &*SCHEMA).unwrap();
    one
}

/// One SQLite file without a schema.
pub fn bare_sqlite() -> Database {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("test.db").display());
    Database {
        kind: "sqlite",
        url,
        _folder: Some(folder),
    }
}

/// One of each kind there is, its schema up to date.
pub async fn each() -> Vec<Database> {
    static SCHEMA: OnceCell<String> = OnceCell::const_new();
    let mut all = vec![sqlite()];
    if let Some(server) = server() {
        let schema = SCHEMA.get_or_init(async || {
            let one = postgres(&server, "template1").await;
            migrate(&one.url).await;
            one.url.rsplit('/').next().unwrap().to_owned()
        });
        all.push(postgres(&server, schema.await).await);
    }
    all
}

/// One of each kind there is, without a schema.
pub async fn each_bare() -> Vec<Database> {
    let mut all = vec![bare_sqlite()];
    if let Some(server) = server() {
        all.push(postgres(&server, "template1").await);
    }
    all
}

fn server() -> Option<String> {
    let server = std::env::var("SCHOOLGATE_TEST_POSTGRES").ok();
    if server.is_none() {
        eprintln!("SCHOOLGATE_TEST_POSTGRES is not set: not tried on PostgreSQL (tests/run does)");
    }
    server
}

async fn migrate(url: &str) {
    let store = Store::open(url, Clock::real()).await.unwrap();
    store.migrate().await.unwrap();
    store.close().await;
}

async fn postgres(server: &str, template: &str) -> Database {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let name = format!(
        "t{}_{}",
        std::process::id(),
        NEXT.fetch_add(1, Ordering::Relaxed)
    );
    let mut admin = PgConnection::connect(server).await.unwrap();
    let create = sqlx::AssertSqlSafe(format!("CREATE DATABASE {name} TEMPLATE {template}"));
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
