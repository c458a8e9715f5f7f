//! How fast the outbox empties itself: `cargo bench --bench outbox`.
//!
//! A provider on this machine takes 20 ms over each text. The reference, in the same run, is a bare
//! loop of requests to it with as many at once as the outbox has. Fails when the outbox, with every
//! send recorded durably in SQLite, comes to less than 80 % of that rate, or when a fresh answer takes
//! a second or longer to leave behind 100,000 reminders.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use axum::Json;
use axum::http::StatusCode;
use axum::routing::post;
use futures::StreamExt as _;
use schoolgate::channel::http;
use schoolgate::clock::Clock;
use schoolgate::config::Config;
use schoolgate::outbox::{self, Sender};
use schoolgate::store::{Outgoing, Purpose};
use schoolgate::testing::Rig;

/// How long the provider takes over a text.
const LATENCY: Duration = Duration::from_millis(20);

/// Requests at once, here as in the outbox.
const AT_ONCE: usize = 16;

/// Texts in each measured run.
const TEXTS: usize = 2000;

/// Runs of each kind; the fastest counts, since whatever else this machine does only slows one down.
const RUNS: usize = 3;

const QUEUED: usize = 100_000;

/// A provider, and how many texts it has taken.
async fn provider() -> anyhow::Result<(String, Arc<AtomicUsize>)> {
    let taken = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&taken);
    let take = move || {
        let count = Arc::clone(&count);
        async move {
            tokio::time::sleep(LATENCY).await;
            let n = count.fetch_add(1, Ordering::Relaxed);
            let sid = format!("SM{n:032x}");
            (
                StatusCode::CREATED,
                Json(serde_json::json!({"sid": sid, "status": "queued"})),
            )
        }
    };
    let app = axum::Router::new().route("/2010-04-01/Accounts/{account}/Messages.json", post(take));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await?;
    let address = listener.local_addr()?;
    tokio::spawn(async move { axum::serve(listener, app).await });
    Ok((format!("http://{address}"), taken))
}

/// The demo school, texting through the provider.
async fn school(folder: &std::path::Path, api: &str, per_minute: &str) -> anyhow::Result<Rig> {
    let demo = include_str!("../demo/schoolgate.toml");
    let at = demo.find("[[school.channel]]").unwrap_or(demo.len());
    let demo = demo[..at].replace("\"noticeboard.toml\"", "\"board.toml\"");
    let channel = format!(
        "[[school.channel]]\nid = \"sms\"\nkind = \"twilio\"\nnumber = \"+447700900000\"\n\
         account_sid = \"AC00000000000000000000000000000000\"\nauth_token_file = \"token\"\n\
         api_base = \"{api}\"\n{per_minute}\n"
    );
    std::fs::write(folder.join("token"), "not-a-token-of-anybody")?;
    std::fs::write(
        folder.join("kingfisher.toml"),
        include_str!("../demo/kingfisher.toml"),
    )?;
    std::fs::write(
        folder.join("board.toml"),
        include_str!("../demo/noticeboard.toml"),
    )?;
    let file = folder.join("schoolgate.toml");
    std::fs::write(&file, format!("{demo}{channel}"))?;
    let config = Config::load(&file)?;
    let database = format!("sqlite:{}", folder.join("bench.db").display());
    Rig::with(config, &database, Clock::real()).await
}

async fn queue(rig: &Rig, count: usize, purpose: Purpose) -> anyhow::Result<()> {
    let mut tx = rig.d.store.begin().await?;
    let (school, now) = (rig.school().config.id.clone(), tx.now());
    for n in 0..count {
        let to = format!("+4477009{n:05}");
        let words = "Kingfisher Primary: your meeting is tomorrow at 15:30.".to_owned();
        tx.queue(&Outgoing::text(&school, "sms", &to, purpose, words, now))
            .await?;
    }
    tx.save().await?;
    Ok(())
}

/// Texts a second by a bare loop.
async fn bare(api: &str) -> anyhow::Result<f64> {
    let client = http::client(Duration::from_secs(15)).map_err(anyhow::Error::msg)?;
    let url = format!("{api}/2010-04-01/Accounts/AC1/Messages.json");
    let began = Instant::now();
    let requests = futures::stream::iter(0..TEXTS).map(|n| {
        let form = [
            ("To", format!("+4477009{n:05}")),
            ("Body", "Your meeting is tomorrow.".to_owned()),
        ];
        let request = client.post(&url).form(&form);
        async move { request.send().await?.bytes().await }
    });
    let mut answers = requests.buffer_unordered(AT_ONCE);
    while let Some(answer) = answers.next().await {
        answer?;
    }
    Ok(rate(began))
}

fn rate(began: Instant) -> f64 {
    TEXTS as f64 / began.elapsed().as_secs_f64()
}

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let (api, taken) = provider().await?;
    let folder = tempfile::tempdir()?;
    let rig = school(folder.path(), &api, "per_minute = 1000000").await?;
    let (mut loops, mut drains) = (0.0_f64, 0.0_f64);
    for _ in 0..RUNS {
        loops = loops.max(bare(&api).await?);
        queue(&rig, TEXTS, Purpose::School).await?;
        let began = Instant::now();
        outbox::drain(&rig.d).await?;
        drains = drains.max(rate(began));
    }
    let share = drains / loops;
    println!("a bare loop of {AT_ONCE} requests at once   {loops:7.0} texts/s");
    println!(
        "the outbox, each recorded durably        {drains:7.0} texts/s   {share:.2} of the loop (0.80 asked)"
    );

    let folder = tempfile::tempdir()?;
    let rig = school(folder.path(), &api, "").await?;
    queue(&rig, QUEUED, Purpose::Reminder).await?;
    let mut sender = Sender::new(&rig.d);
    let before = taken.load(Ordering::Relaxed);
    // It is in the middle of them.
    while taken.load(Ordering::Relaxed) < before + 20 {
        sender.round().await?;
        sender.one_ended().await;
    }
    let began = Instant::now();
    let id = {
        let mut tx = rig.d.store.begin().await?;
        let (school, now) = (rig.school().config.id.clone(), tx.now());
        let words = "Your message is saved.".to_owned();
        let to = "+447700900101";
        let text = Outgoing::text(&school, "sms", to, Purpose::Answer, words, now);
        let id = tx.queue(&text).await?;
        tx.save().await?;
        id
    };
    let waited = loop {
        sender.round().await?;
        sender.one_ended().await;
        let mut tx = rig.d.store.read().await?;
        let row = tx.outbox_row(id).await?;
        if row.is_some_and(|row| row.provider_id.is_some()) {
            break began.elapsed();
        }
    };
    println!("an answer behind {QUEUED} reminders       left after {waited:.0?} (1 s asked)");
    let good = share >= 0.8 && waited < Duration::from_secs(1);
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
