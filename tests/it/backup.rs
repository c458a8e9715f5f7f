//! Backups: one file from either database into either, whole or refused.

use std::collections::{BTreeMap, BTreeSet};
use std::io::{Read as _, Write};
use std::process::{Command, Output, Stdio};

use flate2::read::GzDecoder;
use jiff::civil::{DateTime, date};
use schoolgate::channel::Media;
use schoolgate::clock::Clock;
use schoolgate::keeping::archive::{BackupError, Beginning, Manifest};
use schoolgate::keeping::backup::{LEFT_OUT, backup};
use schoolgate::keeping::restore::{Restored, restore};
use schoolgate::store::{Moment, NewEntry, NewSession, Stage, Store, Token};
use schoolgate::testing::Rig;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::databases::{self, Database};

const AMINA: &str = "+447700900101";
const NOBODY: &str = "+447700900999";
const PIOTR: &str = "+447700900102";

fn tuesday() -> DateTime {
    date(2026, 12, 1).at(10, 0, 0, 0)
}

/// A school with some of everything: conversations, cases sealed and open, a file, notices, a meeting
/// asked for, promises.
async fn lived_in(database: &Database) -> Rig {
    let rig = Rig::open(&database.url, tuesday()).await.unwrap();
    for words in [
        "im worried about sam, not sleeping \u{1F614}",
        "can i meet mrs cole",
        "he told me his uncle hurts him",
    ] {
        rig.hear(AMINA, words).await.unwrap();
    }
    rig.hear(PIOTR, "co jest na zadanie").await.unwrap();
    // Nobody knows them: the office has two questions to answer.
    rig.hear(NOBODY, "im worried about my child, not sleeping")
        .await
        .unwrap();
    let photo = Media {
        content_type: "image/jpeg".to_owned(),
        reference: "https://example.org/photo".to_owned(),
    };
    rig.hear_with(PIOTR, b"look \xff\0 at this", vec![photo])
        .await
        .unwrap();
    let mut tx = rig.d.store.begin().await.unwrap();
    tx.set_password("kingfisher", "mrs-cole", "$argon2id$made-up")
        .await
        .unwrap();
    let session = NewSession {
        school: "kingfisher",
        staff: "mrs-cole",
        stage: Stage::In,
        browser: "Firefox",
    };
    let token = Token::fresh(tx.clock());
    tx.open_session(&token, &session).await.unwrap();
    tx.audit("kingfisher", "mrs-cole", "signed in", None)
        .await
        .unwrap();
    tx.save().await.unwrap();
    rig
}

async fn empty(database: &Database) -> Store {
    Store::open(&database.url, Clock::set(jiff::Timestamp::UNIX_EPOCH))
        .await
        .unwrap()
}

async fn taken(store: &Store) -> Vec<u8> {
    backup(store, Vec::new()).await.unwrap().0
}

async fn put(file: &[u8], store: &Store) -> Result<Restored, BackupError> {
    restore(store, file).await
}

/// First line, rows in no order, last line.
fn read(file: &[u8]) -> (Beginning, BTreeMap<String, Vec<String>>, Manifest) {
    let mut text = String::new();
    GzDecoder::new(file).read_to_string(&mut text).unwrap();
    let lines: Vec<&str> = text.lines().collect();
    let (first, rest) = lines.split_first().unwrap();
    let (last, rows) = rest.split_last().unwrap();
    let mut tables: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mut table = String::new();
    for line in rows {
        match line.strip_prefix("{\"table\":\"") {
            Some(name) => name.trim_end_matches("\"}").clone_into(&mut table),
            None => tables
                .entry(table.clone())
                .or_default()
                .push((*line).to_owned()),
        }
    }
    tables.values_mut().for_each(|rows| rows.sort());
    (
        serde_json::from_str(first).unwrap(),
        tables,
        serde_json::from_str(last).unwrap(),
    )
}

/// Every column of every table, asked of the database by other means than the program's.
async fn columns(database: &Database) -> BTreeSet<String> {
    let rows: Vec<(String,)> = if database.kind == "sqlite" {
        let mut c = SqliteConnection::connect(&database.url).await.unwrap();
        sqlx::query_as("SELECT m.name || '.' || i.name FROM sqlite_schema m JOIN pragma_table_info(m.name) i WHERE m.type = 'table'")
            .fetch_all(&mut c)
            .await
    } else {
        let mut c = PgConnection::connect(&database.url).await.unwrap();
        sqlx::query_as(
            "SELECT c.relname || '.' || a.attname FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace
             WHERE n.nspname = 'public' AND c.relkind = 'r' AND a.attnum > 0 AND NOT a.attisdropped",
        )
        .fetch_all(&mut c)
        .await
    }
    .unwrap();
    let ours = |name: &String| !name.starts_with("_sqlx") && !name.starts_with("sqlite_");
    rows.into_iter().map(|r| r.0).filter(ours).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_moves_from_either_database_to_either_and_nothing_is_missing() {
    for from in databases::each_bare().await {
        let rig = lived_in(&from).await;
        let file = taken(&rig.d.store).await;
        let (beginning, rows, manifest) = read(&file);
        for table in [
            "cases", "entries", "messages", "files", "outbox", "turns", "alerts", "tasks",
        ] {
            assert!(manifest.rows[table] > 0, "{}: {table}", from.kind);
        }
        for to in databases::each_bare().await {
            let store = empty(&to).await;
            let restored = put(&file, &store).await.unwrap();
            assert_eq!(restored.manifest, manifest, "{} to {}", from.kind, to.kind);
            assert_eq!(restored.sound, manifest.rows["entries"]);
            assert_eq!(restored.breaks, []);
            let (again, same, _) = read(&taken(&store).await);
            assert_eq!(same, rows, "{} to {}", from.kind, to.kind);
            assert_eq!(again.tables, beginning.tables);

            // And the service goes on from there: the same person is answered in the same case.
            store.close().await;
            let rig = Rig::open(&to.url, date(2026, 12, 1).at(10, 5, 0, 0))
                .await
                .unwrap();
            rig.hear(PIOTR, "hello").await.unwrap();
            assert!(!rig.texts_to(PIOTR).await.unwrap().is_empty());
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn every_column_of_every_table_is_in_it_or_left_out_by_name() {
    for database in databases::each_bare().await {
        let rig = lived_in(&database).await;
        let (beginning, rows, manifest) = read(&taken(&rig.d.store).await);
        let mut held = BTreeSet::new();
        for table in &beginning.tables {
            held.extend(table.columns.iter().map(|c| format!("{}.{c}", table.name)));
            assert!(manifest.rows.contains_key(&table.name));
            for row in rows.get(&table.name).into_iter().flatten() {
                let row: Vec<serde_json::Value> = serde_json::from_str(row).unwrap();
                assert_eq!(row.len(), table.columns.len(), "{}", table.name);
            }
        }
        let all = columns(&database).await;
        let is_left_out = |c: &&String| {
            LEFT_OUT
                .iter()
                .any(|(t, _)| c.starts_with(&format!("{t}.")))
        };
        let wanted: BTreeSet<String> = all.iter().filter(|c| !is_left_out(c)).cloned().collect();
        assert_eq!(held, wanted, "{}", database.kind);
        // What is left out by name is there to be left out, and the page about backups says so.
        let page = include_str!("../../docs/backup.md");
        for (table, why) in LEFT_OUT {
            assert!(
                all.iter().any(|c| c.starts_with(&format!("{table}."))),
                "there is no table {table} any more"
            );
            let row = format!("| `{table}` | {why} |");
            assert!(page.contains(&row), "docs/backup.md has no row {row}");
        }
        let mut text = String::new();
        let file = taken(&rig.d.store).await;
        GzDecoder::new(&file[..]).read_to_string(&mut text).unwrap();
        assert!(
            !text.contains("YSB0b2tlbidzIGRpZ2VzdA"),
            "a session is in it"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_cut_off_or_changed_is_refused_and_nothing_is_restored() {
    let source = databases::bare_sqlite();
    let rig = lived_in(&source).await;
    let file = taken(&rig.d.store).await;
    for to in databases::each_bare().await {
        let store = empty(&to).await;
        // Anywhere: in the head, in the rows, in the manifest, in gzip's own last bytes.
        let length = file.len();
        for end in [
            0,
            5,
            length / 3,
            length / 2,
            length - 40,
            length - 8,
            length - 1,
        ] {
            let why = put(&file[..end], &store).await.unwrap_err();
            let said = why.to_string();
            let refused = matches!(why, BackupError::CutOff(_) | BackupError::NotOurs(_));
            assert!(refused, "{} {end} of {length}: {said}", to.kind);
        }
        for at in [length / 4, length / 2, length - 6] {
            let mut other = file.clone();
            other[at] ^= 0x10;
            assert!(put(&other, &store).await.is_err(), "{} {at}", to.kind);
        }
        assert!(matches!(
            put(b"-- PostgreSQL database dump", &store).await,
            Err(BackupError::NotOurs(_))
        ));
        // None of them left anything: the whole file still goes in, and a second one does not.
        assert_eq!(put(&file, &store).await.unwrap().breaks, [], "{}", to.kind);
        let why = put(&file, &store).await.unwrap_err();
        assert!(
            matches!(why, BackupError::NotEmpty { .. }),
            "{}: {why}",
            to.kind
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_somebody_changed_is_restored_as_it_is_and_named() {
    for database in databases::each_bare().await {
        let rig = lived_in(&database).await;
        let meddle = "UPDATE entries SET author = 'nobody' WHERE seq = 2";
        if database.kind == "sqlite" {
            let mut c = SqliteConnection::connect(&database.url).await.unwrap();
            sqlx::query(meddle).execute(&mut c).await.unwrap();
        } else {
            let mut c = PgConnection::connect(&database.url).await.unwrap();
            sqlx::query(meddle).execute(&mut c).await.unwrap();
        }
        let file = taken(&rig.d.store).await;
        let to = databases::bare_sqlite();
        let restored = put(&file, &empty(&to).await).await.unwrap();
        assert_eq!(restored.breaks[0].seq, 2, "{}", database.kind);
    }
}

/// Does something while the backup is under way: after it has looked, before it has read.
struct Meanwhile<F: FnOnce()> {
    act: Option<F>,
    file: Vec<u8>,
}

impl<F: FnOnce()> Write for Meanwhile<F> {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if let Some(act) = self.act.take() {
            act();
        }
        self.file.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn it_shows_one_moment_while_the_service_goes_on() {
    for database in databases::each_bare().await {
        let rig = lived_in(&database).await;
        let (_, before, _) = read(&taken(&rig.d.store).await);
        let case = rig.case("C-1042").await.unwrap().id;
        let store = rig.d.store.clone();
        let handle = tokio::runtime::Handle::current();
        let to = Meanwhile {
            act: Some(|| {
                let note = async move {
                    let mut tx = store.begin().await.unwrap();
                    tx.append(case, &NewEntry::new("note", "mrs-cole", "meanwhile"))
                        .await
                        .unwrap();
                    tx.audit("kingfisher", "mrs-cole", "read", Some(case))
                        .await
                        .unwrap();
                    tx.save().await.unwrap();
                };
                let wrote = std::thread::spawn(move || handle.block_on(note)).join();
                wrote.unwrap();
            }),
            file: Vec::new(),
        };
        let (to, _) = backup(&rig.d.store, to).await.unwrap();
        assert!(to.act.is_none());
        assert_eq!(read(&to.file).1, before, "{}", database.kind);
        let mut tx = rig.d.store.read().await.unwrap();
        let entries = tx.chronology(case).await.unwrap();
        assert_eq!(entries.last().unwrap().words().unwrap(), "meanwhile");
        assert!(entries.last().unwrap().entered_at <= Moment::from(tx.now()));
    }
}

fn schoolgate(arguments: &[&str], input: &[u8]) -> Output {
    let mut child = Command::new(env!("CARGO_BIN_EXE_schoolgate"))
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    // A command that refuses before it reads closes its end.
    let _ = child.stdin.take().unwrap().write_all(input);
    child.wait_with_output().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn from_the_command_line_into_a_file_or_through_a_pipe() {
    for database in databases::each_bare().await {
        let rig = lived_in(&database).await;
        rig.d.store.close().await;
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tonight.backup");
        let file = file.to_str().unwrap();
        let url = database.url.as_str();

        let made = schoolgate(&["backup", file, "--db", url], b"");
        let said = String::from_utf8_lossy(&made.stderr);
        assert!(made.status.success(), "{said}");
        assert!(said.contains("not in it: sessions"), "{said}");
        let twice = schoolgate(&["backup", file, "--db", url], b"");
        let said = String::from_utf8_lossy(&twice.stderr);
        assert!(
            !twice.status.success() && said.contains("--force"),
            "{said}"
        );
        let left: Vec<_> = std::fs::read_dir(folder.path()).unwrap().collect();
        assert_eq!(left.len(), 1, "nothing unfinished is left beside it");

        let piped = schoolgate(&["backup", "-", "--db", url], b"");
        assert!(piped.status.success());
        for (n, (name, input)) in [(file, &b""[..]), ("-", &piped.stdout)].iter().enumerate() {
            let new = format!("sqlite:{}/new{n}.db", folder.path().display());
            let restored = schoolgate(&["restore", name, "--db", &new], input);
            let said = String::from_utf8_lossy(&restored.stdout);
            let errors = String::from_utf8_lossy(&restored.stderr);
            assert!(restored.status.success(), "{said}{errors}");
            assert!(said.contains("every chain whole"), "{said}");
            let verified = schoolgate(&["verify", "--db", &new], b"");
            assert!(verified.status.success());
            // Into a school that is in use, never.
            let again = schoolgate(&["restore", name, "--db", &new], input);
            let said = String::from_utf8_lossy(&again.stderr);
            assert!(
                !again.status.success() && said.contains("not empty"),
                "{said}"
            );
        }
        let missing = format!("sqlite:{}/none.db", folder.path().display());
        let none = schoolgate(&["restore", "mistyped.backup", "--db", &missing], b"");
        assert!(!none.status.success());
        assert!(
            !folder.path().join("none.db").exists(),
            "no empty database is made"
        );
    }
}
