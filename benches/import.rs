//! How long an import of 20,000 people takes: `cargo bench --bench import`.
//!
//! 9,000 pupils, 10,800 adults and 200 staff in three CSV files, into SQLite on disk, as
//! `schoolgate import --apply` does it: nobody known before, the same files again, and the files of the
//! next school year in which every pupil's class is another. The reference, in the same run, is the same
//! rows read by the CSV library and written to a bare table in one transaction. Fails when an import
//! takes 20 s or more.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::path::Path;
use std::process::ExitCode;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use jiff::civil::date;
use schoolgate::clock::Clock;
use schoolgate::config::Config;
use schoolgate::desk::people::{carry_out, propose};
use schoolgate::school::people::import::{File, Mapping};
use schoolgate::testing::Rig;

const PUPILS: usize = 9_000;
const ADULTS: usize = 10_800;
const STAFF: usize = 200;
const MOST: Duration = Duration::from_secs(20);

/// A name that nobody else has and that sounds like nobody else's.
fn name(mut n: usize) -> String {
    const BEGIN: [&str; 12] = ["B", "D", "F", "G", "H", "K", "L", "M", "N", "P", "R", "T"];
    const END: [&str; 12] = [
        "ab", "el", "in", "or", "ud", "am", "et", "is", "on", "ur", "ak", "ef",
    ];
    let mut name = String::new();
    for _ in 0..5 {
        let at = n % (BEGIN.len() * END.len());
        n /= BEGIN.len() * END.len();
        let begin = BEGIN[at % BEGIN.len()];
        name += if name.is_empty() {
            begin.to_owned()
        } else {
            begin.to_lowercase()
        }
        .as_str();
        name += END[at / BEGIN.len()];
        if n == 0 {
            break;
        }
    }
    name
}

/// The demo school's own files, and many more people. `later` school years on, everybody is in another class.
fn files(later: usize) -> Vec<File> {
    let class = |n: usize| format!("{}{}", 1 + (n + later) % 6, n % 50);
    let mut pupils = include_str!("../demo/pupils.csv").to_owned();
    for n in 0..PUPILS {
        // Writing to a String cannot fail.
        let _ = writeln!(
            pupils,
            "{},{},{},Year {},K,Camden",
            name(n),
            name(100_000 + n),
            class(n),
            1 + (n + later) % 6
        );
    }
    let mut adults = include_str!("../demo/adults.csv").to_owned();
    for n in 0..ADULTS {
        let child = n % PUPILS;
        let _ = writeln!(
            adults,
            "{} {},077009{n:05},,{},{},{},Mother,Y,Y,N,,,,,,,",
            name(200_000 + n),
            name(100_000 + child),
            name(child),
            name(100_000 + child),
            class(child),
        );
    }
    let mut staff = include_str!("../demo/staff.csv").to_owned();
    for n in 0..STAFF {
        let _ = writeln!(
            staff,
            "Ms {},class-teacher,{},077008{n:05},t{n}@kingfisher.example,mon-fri,,",
            name(300_000 + n),
            class(n),
        );
    }
    let file = |name: &str, text: String| File {
        name: name.to_owned(),
        bytes: text.into_bytes(),
        kind: None,
    };
    vec![
        file("pupils.csv", pupils),
        file("adults.csv", adults),
        file("staff.csv", staff),
    ]
}

/// The rows read, and written to a table that means nothing.
async fn bare(folder: &Path, files: &[File]) -> anyhow::Result<Duration> {
    let began = Instant::now();
    let database = format!("sqlite:{}?mode=rwc", folder.join("bare.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await?;
    sqlx::query("CREATE TABLE rows (n INTEGER PRIMARY KEY, cells TEXT NOT NULL)")
        .execute(&pool)
        .await?;
    let mut tx = pool.begin().await?;
    for file in files {
        for row in csv::Reader::from_reader(file.bytes.as_slice()).records() {
            let row = row?;
            let cells: Vec<&str> = row.iter().collect();
            sqlx::query("INSERT INTO rows (cells) VALUES ($1)")
                .bind(serde_json::to_string(&cells)?)
                .execute(&mut *tx)
                .await?;
        }
    }
    tx.commit().await?;
    Ok(began.elapsed())
}

/// One import, as the command does it; how many people it changed, and how long it took.
async fn import(rig: &Rig, files: &[File]) -> anyhow::Result<(usize, Duration)> {
    let began = Instant::now();
    let id = rig.school().config.id.as_str();
    let school = rig.d.school(id).context("the school is gone")?;
    let bundle = rig.d.bundle();
    let mut tx = rig.d.store.begin().await?;
    let proposed = propose(&mut tx, &school, &bundle, files, &Mapping::default()).await?;
    let yes: BTreeSet<String> = proposed.proposal.every_yes();
    let changed = proposed.proposal.changes.len();
    if changed > 0 {
        carry_out(&mut tx, &school, "", &proposed, &yes, &|_| ()).await?;
    }
    tx.save().await?;
    rig.d.look_at_people().await?;
    Ok((changed, began.elapsed()))
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let config = Config::demo()?;
    let zone = config.schools[0].calendar.zone.clone();
    let now = date(2026, 9, 2).at(8, 0, 0, 0).to_zoned(zone)?;
    let database = format!("sqlite:{}", folder.path().join("bench.db").display());
    let rig = Rig::with(config, &database, Clock::set(now.timestamp())).await?;
    let reference = bare(folder.path(), &files(0)).await?;
    println!("{reference:>8.2?} the rows read, and written to a bare table: the reference");
    let mut good = true;
    for (what, later, least) in [
        ("all of them new", 0, PUPILS + ADULTS),
        ("the same files again", 0, 0),
        ("everybody in another class", 1, PUPILS),
    ] {
        let (changed, took) = import(&rig, &files(later)).await?;
        anyhow::ensure!(changed >= least, "{what}: only {changed} were changed");
        good &= took < MOST;
        println!(
            "{took:>8.2?} {:>5.1} times that: {} people, {what} ({changed} changed){}",
            took.as_secs_f64() / reference.as_secs_f64(),
            PUPILS + ADULTS + STAFF,
            if took < MOST { "" } else { "   TOO SLOW" }
        );
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
