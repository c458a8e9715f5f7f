//! How fast the console's pages are on a large school: `cargo bench --bench console`; with `-- skim`,
//! those whose address has that in it.
//!
//! 1,000 pupils, 2,000 adults, 5,000 cases and 100,000 messages on SQLite, which is more than three
//! years of a busy primary. Each page is asked for in turn, as somebody whose page it is; the reference,
//! in the same run, is the bare health page. Fails when a page takes 50 ms or more at the median or
//! 150 ms at the 99th percentile, when a search takes 100 ms at the median, or when a page weighs
//! 100 KB.

#![expect(clippy::print_stdout, reason = "a benchmark prints")]

use std::fmt::Write as _;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use axum::Router;
use axum::body::{Body, to_bytes};
use axum::http::{Request, header};
use jiff::SignedDuration;
use jiff::civil::date;
use schoolgate::channel::{Inbound, Status};
use schoolgate::clock::Clock;
use schoolgate::config::Config;
use schoolgate::school::safeguarding::Verdict;
use schoolgate::store::{NewCase, NewEntry, Outgoing, Purpose, Tx};
use schoolgate::testing::Rig;
use schoolgate::web::{self, password::hash_password};
use tower::ServiceExt as _;

const PUPILS: usize = 1_000;
const ADULTS: usize = 2_000;
const CASES: usize = 5_000;
const MESSAGES: usize = 100_000;
const CLASSES: usize = 34;

/// Each page is asked for so often.
const ROUNDS: usize = 120;

const LARGEST: usize = 100 * 1024;
const MEDIAN: Duration = Duration::from_millis(50);
const SEARCH: Duration = Duration::from_millis(100);
const RARELY: Duration = Duration::from_millis(150);

const PASSWORD: &str = "kingfisher in the reeds";

/// Numbers that look random and are the same in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, n: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap_or(0) % n
    }
}

/// Some words that parents write; others are made of two of them, as a school's words are many.
const WORDS: &[&str] = &[
    "sam", "worried", "sleeping", "reading", "teacher", "school", "homework", "meeting", "please",
    "ring", "morning", "tired", "cries", "spelling", "glasses", "friends", "lunch", "autism",
    "support", "plan", "progress", "maths", "anxious", "about", "his", "her", "the", "and", "not",
    "with", "today", "thank", "you", "very", "much", "when", "will", "have", "week", "doctor",
];

fn sentence(dice: &mut Dice) -> String {
    let mut words = Vec::new();
    for _ in 0..8 + dice.below(8) {
        let word = WORDS[dice.below(WORDS.len())];
        // A third of the words are rare.
        if dice.below(3) == 0 {
            words.push(format!("{word}{}", WORDS[dice.below(WORDS.len())]));
        } else {
            words.push(word.to_owned());
        }
    }
    words.join(" ")
}

fn class(n: usize) -> String {
    format!("C{}", n % CLASSES)
}

fn phone(n: usize) -> String {
    format!("+4477009{n:05}")
}

/// The demo school with many more children and adults.
fn people() -> String {
    let mut all = include_str!("../demo/kingfisher.toml").to_owned();
    for n in 0..PUPILS {
        let sen = if n.is_multiple_of(5) {
            "support"
        } else {
            "none"
        };
        // Writing to a String cannot fail.
        let _ = write!(
            all,
            "\n[[pupil]]\nkey = \"p{n}\"\nfirst_name = \"Child\"\nlast_name = \"Number{n}\"\n\
             class = \"{}\"\nyear = {}\nhome_council = \"Camden\"\nsen = \"{sen}\"\n",
            class(n),
            1 + n % 6
        );
    }
    for n in 0..ADULTS {
        let _ = write!(
            all,
            "\n[[adult]]\nkey = \"a{n}\"\nname = \"Adult Number{n}\"\nphones = [\"{}\"]\n\
             children = [{{ pupil = \"p{}\", kind = \"mother\", parental_responsibility = \"yes\", \
             lives_with = \"yes\", court_order = \"no\" }}]\n",
            phone(10_000 + n),
            n % PUPILS
        );
    }
    for n in 0..CLASSES {
        let _ = write!(
            all,
            "\n[[staff]]\nkey = \"t{n}\"\nname = \"Teacher {n}\"\nroles = [\"class-teacher\"]\n\
             classes = [\"{}\"]\nphone = \"{}\"\nemail = \"t{n}@kingfisher.example\"\n",
            class(n),
            phone(20_000 + n)
        );
    }
    all
}

async fn school(folder: &std::path::Path) -> anyhow::Result<Rig> {
    let demo = include_str!("../demo/schoolgate.toml");
    let demo = demo.replace("\"noticeboard.toml\"", "\"board.toml\"");
    std::fs::write(folder.join("kingfisher.toml"), people())?;
    std::fs::write(
        folder.join("board.toml"),
        include_str!("../demo/noticeboard.toml"),
    )?;
    let file = folder.join("schoolgate.toml");
    std::fs::write(&file, demo)?;
    let config = Config::load(&file)?;
    let zone = config.schools[0].calendar.zone.clone();
    let now = date(2026, 9, 2).at(8, 0, 0, 0).to_zoned(zone)?;
    let database = format!("sqlite:{}", folder.join("bench.db").display());
    Rig::with(config, &database, Clock::set(now.timestamp())).await
}

/// One case with its messages, of which every other one is answered.
async fn case(rig: &Rig, tx: &mut Tx, n: usize, dice: &mut Dice) -> anyhow::Result<()> {
    let (pupil, adult) = (n % PUPILS, n % ADULTS);
    let address = phone(10_000 + adult);
    let school = rig.school().config.id.clone();
    let teacher = format!("t{}", pupil % CLASSES);
    let kinds = ["concern", "question", "meeting", "news", "request"];
    let (key, child) = (format!("a{adult}"), format!("p{pupil}"));
    let mut case = tx
        .open_case(&NewCase {
            school_id: &school,
            kind: kinds[n % kinds.len()],
            tier: if n.is_multiple_of(50) {
                "safeguarding"
            } else {
                "ordinary"
            },
            endpoint: &rig.endpoint.id,
            address: &address,
            adult: Some(&key),
            pupil: Some(&child),
            owner: Some(&teacher),
            copied: &[],
            barred: &[],
            escalate_at: None,
        })
        .await?;
    for of_it in 0..MESSAGES / CASES {
        let words = sentence(dice);
        let inbound = Inbound {
            provider_id: format!("{n}-{of_it}"),
            from: address.clone(),
            body: words.clone().into_bytes(),
            ..Inbound::default()
        };
        let accepted = tx
            .accept(&school, &rig.endpoint.id, &inbound, false)
            .await?;
        let message = accepted.context("the same message twice")?;
        let sealed = (case.tier != "ordinary").then_some(case.id);
        tx.screened(message, &Verdict::default(), sealed).await?;
        tx.processed(message).await?;
        let entry = NewEntry {
            message: Some(message),
            ..NewEntry::new("message-in", "parent", &words)
        };
        tx.append(case.id, &entry).await?;
        if of_it.is_multiple_of(2) {
            let answer = "Thank you. We will be in touch.".to_owned();
            let entry = NewEntry::new("message-out", &teacher, &answer);
            tx.append(case.id, &entry).await?;
            let now = tx.now();
            let out = Outgoing {
                case_id: Some(case.id),
                ..Outgoing::text(
                    &school,
                    &rig.endpoint.id,
                    &address,
                    Purpose::School,
                    answer,
                    now,
                )
            };
            let id = tx.queue(&out).await?;
            let bad = dice.below(1_000) == 0;
            let status = if bad {
                Status::Failed
            } else {
                Status::Delivered
            };
            tx.settle(id, status, Some("sent"), None).await?;
        }
    }
    // The newest fifty wait for somebody, the fifty before those are in somebody's hands, the rest is done.
    let now = schoolgate::store::Moment::from(tx.now());
    if n < CASES - 50 {
        case.acknowledged_at = Some(now);
        case.acknowledged_by = Some(teacher.clone());
        "acknowledged".clone_into(&mut case.state);
    }
    if n < CASES - 100 {
        case.told_at = Some(now);
        case.closed_at = Some(now);
        "closed".clone_into(&mut case.state);
    }
    tx.keep_case(&case).await?;
    let due = tx.now() + SignedDuration::from_hours(24);
    let who = [format!("Teacher {}", pupil % CLASSES)];
    tx.promise(&school, case.id, "contact", &who, due).await?;
    if n < CASES - 50 {
        tx.promises_kept(case.id, &teacher).await?;
    }
    Ok(())
}

/// Fills the school, over ninety days.
async fn fill(rig: &Rig) -> anyhow::Result<()> {
    let mut dice = Dice(1);
    let began = rig.d.clock.now();
    let span = SignedDuration::from_hours(90 * 24);
    for some in (0..CASES).collect::<Vec<_>>().chunks(50) {
        let first = some.first().copied().unwrap_or(0);
        let part = span * i32::try_from(first)? / i32::try_from(CASES)?;
        rig.d.clock.advance_to(began + part);
        let mut tx = rig.d.store.begin().await?;
        for n in some {
            case(rig, &mut tx, *n, &mut dice).await?;
        }
        tx.save().await?;
    }
    rig.d
        .clock
        .advance_to(began + span + SignedDuration::from_mins(10));
    let hash = hash_password(PASSWORD)?;
    let mut tx = rig.d.store.begin().await?;
    let school = rig.school().config.id.clone();
    for staff in &rig.school().people.staff {
        tx.set_password(&school, &staff.key, &hash).await?;
    }
    tx.save().await?;
    Ok(())
}

async fn sign_in(app: &Router, origin: &str, who: &str) -> anyhow::Result<String> {
    let form = format!(
        "email={who}%40kingfisher.example&password={}",
        PASSWORD.replace(' ', "+")
    );
    let request = Request::post("/sign-in")
        .header(header::ORIGIN, origin)
        .header(header::HOST, origin.trim_start_matches("http://"))
        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
        .body(Body::from(form))?;
    let answer = app.clone().oneshot(request).await?;
    let cookie = answer.headers().get(header::SET_COOKIE);
    let cookie = cookie
        .with_context(|| format!("{who} cannot sign in"))?
        .to_str()?;
    Ok(cookie.split(';').next().unwrap_or_default().to_owned())
}

/// What asking for a page so often came to.
struct Took {
    median: Duration,
    rarely: Duration,
    size: usize,
}

async fn measure(app: &Router, path: &str, cookie: &str) -> anyhow::Result<Took> {
    let mut times = Vec::new();
    let mut size = 0;
    for _ in 0..ROUNDS {
        let request = Request::get(path)
            .header(header::COOKIE, cookie)
            .body(Body::empty())?;
        let began = Instant::now();
        let answer = app.clone().oneshot(request).await?;
        let status = answer.status();
        let body = to_bytes(answer.into_body(), usize::MAX).await?;
        times.push(began.elapsed());
        anyhow::ensure!(status.is_success(), "{path} is answered with {status}");
        size = body.len();
    }
    times.sort_unstable();
    Ok(Took {
        median: times[times.len() / 2],
        rarely: times[times.len() * 99 / 100],
        size,
    })
}

/// Who asks for what. The last column of the table is the bound of its median.
const PAGES: &[(&str, &str, Duration)] = &[
    ("cole", "/today", MEDIAN),
    ("t3", "/today", MEDIAN),
    ("cole", "/cases", MEDIAN),
    ("cole", "/cases?show=all", MEDIAN),
    ("t3", "/cases?show=all", MEDIAN),
    ("cole", "/cases?show=all&pupil=p33", MEDIAN),
    ("cole", "/cases?show=all&words=glasses&state=closed", MEDIAN),
    ("cole", "/c/3000", MEDIAN),
    ("cole", "/c/3000/pack", MEDIAN),
    ("cole", "/pupils/p33", MEDIAN),
    ("t3", "/pupils/p3", MEDIAN),
    ("cole", "/search?q=glasses", SEARCH),
    ("cole", "/search?q=gla", SEARCH),
    ("cole", "/search?q=autismsupport+worriedspelling", SEARCH),
    ("cole", "/search?q=nobodywritesthis", SEARCH),
    ("cole", "/search?q=number1234", SEARCH),
    ("cole", "/search?q=07700+911234", SEARCH),
    ("cole", "/search?q=C-3000", SEARCH),
    ("t3", "/search?q=glasses", SEARCH),
    ("t3", "/search?q=nobodywritesthis", SEARCH),
    ("adeyemi", "/skim", MEDIAN),
    ("cole", "/messages", MEDIAN),
    ("park", "/messages", MEDIAN),
    ("cole", "/messages?state=trouble", MEDIAN),
    ("it", "/messages?state=expired", MEDIAN),
    ("wright", "/reports", MEDIAN),
    ("evans", "/reports?period=2026", MEDIAN),
    ("cole", "/reports/children", MEDIAN),
    ("cole", "/reports/families", MEDIAN),
    ("cole", "/flows", MEDIAN),
    ("cole", "/flows/meeting", MEDIAN),
    ("it", "/health", MEDIAN),
];

#[tokio::main]
async fn main() -> anyhow::Result<ExitCode> {
    let folder = tempfile::tempdir()?;
    let rig = school(folder.path()).await?;
    let began = Instant::now();
    fill(&rig).await?;
    println!(
        "{PUPILS} pupils, {ADULTS} adults, {CASES} cases, {MESSAGES} messages, filled in {:.0?}",
        began.elapsed()
    );
    // As in the demo, where nobody is asked for a second step.
    let app = web::router(Arc::clone(&rig.d), true);
    let origin = rig.d.public_url();
    let bare = measure(&app, "/healthz", "").await?;
    println!("{:>8.2?} the bare health page", bare.median);
    let mut good = true;
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    let wanted = |path: &str| {
        let mut named = wanted
            .iter()
            .filter(|word| !word.starts_with('-'))
            .peekable();
        named.peek().is_none() || named.any(|word| path.contains(word.as_str()))
    };
    for (who, path, bound) in PAGES.iter().filter(|(_, path, _)| wanted(path)) {
        let cookie = sign_in(&app, &origin, who).await?;
        let took = measure(&app, path, &cookie).await?;
        let holds = took.median < *bound && took.rarely < RARELY.max(*bound) && took.size < LARGEST;
        good &= holds;
        println!(
            "{:>8.2?} {:>8.2?} at the 99th percentile, {:>5.0} times the bare page, {:>3} KB  {path} as {who}{}",
            took.median,
            took.rarely,
            took.median.as_secs_f64() / bare.median.as_secs_f64(),
            took.size / 1024,
            if holds {
                ""
            } else {
                "   TOO SLOW OR TOO LARGE"
            }
        );
    }
    Ok(if good {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
