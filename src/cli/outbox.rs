//! `schoolgate outbox`: what has not arrived, why, and another try.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand};
use jiff::tz::TimeZone;
use rust_decimal::Decimal;
use uuid::Uuid;

use super::Where;
use super::cases::{of_several, when};
use crate::channel::{Status, email};
use crate::clock::Clock;
use crate::config::{Config, School};
use crate::store::{Failing, Moment, OutboxRow, Purpose, Tx};

/// Messages that go out: what waits, what failed, and why.
#[derive(Debug, Args)]
pub struct Outbox {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A line for each message that is not on its way: waiting, failed, or nobody knows.
    ///
    /// Prints its id, when it was written, where it stands, to whom, how often it was tried, and what
    /// the provider said last. Never the words: `explain` has them.
    List {
        /// As many of each school, at most; the newest.
        #[arg(long, default_value_t = 100)]
        most: u32,
        #[command(flatten)]
        place: Where,
    },
    /// Send again a message that failed, did not arrive, or of which nobody knows whether it left; or now
    /// one that waits.
    ///
    /// Where nobody knows, the person may get it twice. What a provider asked us to wait with still waits
    /// for the provider.
    Retry {
        /// As `list` prints it; its beginning is enough where no other begins so.
        id: String,
        #[command(flatten)]
        place: Where,
    },
    /// Everything known of one message, and what happens next.
    Explain {
        /// As `list` prints it; its beginning is enough where no other begins so.
        id: String,
        #[command(flatten)]
        place: Where,
    },
}

impl Outbox {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::List { most, place } => {
                let (config, store) = place.store(Clock::real()).await?;
                let mut tx = store.read().await?;
                let mut none = true;
                for failing in tx.failing().await? {
                    if let Some(school) = school_of(&config, &failing.endpoint) {
                        println!(
                            "{}",
                            fails(&school.calendar.zone, &failing, tx.now().into())
                        );
                    }
                }
                for school in &config.schools {
                    for row in tx.outbox_open(&school.id, most).await? {
                        println!("{}{}", of_several(&config, school), line(school, &row));
                        none = false;
                    }
                }
                if none {
                    println!("Everything that was written has left.");
                }
            }
            What::Retry { id, place } => {
                let (config, store) = place.store(Clock::real()).await?;
                let mut tx = store.begin().await?;
                let (school, row) = find(&mut tx, &config, &id).await?;
                let how = if tx.send_again(row.id).await? {
                    "will be sent again"
                } else if tx.send_now(row.id).await? {
                    "is due now"
                } else {
                    anyhow::bail!(
                        "{} stands at `{}`: only what waits, failed, did not arrive or is uncertain is sent",
                        row.id,
                        row.status().word()
                    );
                };
                tx.save().await?;
                println!("{} {how}: {}", row.id, to(school, &row));
            }
            What::Explain { id, place } => {
                let (config, store) = place.store(Clock::real()).await?;
                let mut tx = store.read().await?;
                let (school, row) = find(&mut tx, &config, &id).await?;
                explain(&mut tx, school, &row).await?;
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// The message meant by an id or its beginning, with its school.
async fn find<'c>(
    tx: &mut Tx,
    config: &'c Config,
    id: &str,
) -> anyhow::Result<(&'c School, OutboxRow)> {
    let rows = match Uuid::parse_str(id) {
        Ok(id) => tx.outbox_row(id).await?.into_iter().collect(),
        Err(_) => {
            let mut found = Vec::new();
            for school in &config.schools {
                let open = tx.outbox_open(&school.id, u32::MAX).await?;
                found.extend(
                    open.into_iter()
                        .filter(|row| row.id.to_string().starts_with(id)),
                );
            }
            found
        }
    };
    let [row] = rows.as_slice() else {
        let what = if rows.is_empty() {
            "no message that waits or failed"
        } else {
            "more than one message"
        };
        anyhow::bail!(
            "{what} has an id that begins with `{id}`: `schoolgate outbox list` prints them"
        );
    };
    let school = config.school(&row.school_id);
    let school = school.with_context(|| {
        format!(
            "{} is of the school `{}`, which is not in the configuration",
            row.id, row.school_id
        )
    })?;
    Ok((school, row.clone()))
}

fn line(school: &School, row: &OutboxRow) -> String {
    format!(
        "{}  {}  {:<11} {:<12} {}  tried {}{}",
        row.id,
        when(&school.calendar.zone, row.created_at),
        row.status().word(),
        row.purpose().word(),
        to(school, row),
        row.attempts,
        row.error
            .as_ref()
            .map_or(String::new(), |error| format!(": {error}"))
    )
}

fn to(school: &School, row: &OutboxRow) -> String {
    let staff = row
        .staff
        .as_deref()
        .and_then(|key| school.people.staff(key));
    let whom = staff.map_or_else(|| row.address.clone(), |s| s.name.clone());
    let instead = if row.via == row.planned {
        String::new()
    } else {
        format!(" in place of {}", row.planned)
    };
    format!("to {whom} by {}{instead}", row.via)
}

/// What is known of a provider that keeps failing.
fn fails(zone: &TimeZone, failing: &Failing, now: Moment) -> String {
    let rests = failing.rests_until.filter(|_| failing.rests(now));
    let rests = rests.map_or(String::new(), |until| {
        format!("; set aside until {}", when(zone, until))
    });
    if failing.asked() {
        return format!(
            "{} asked us to wait ({}){rests}",
            failing.endpoint, failing.why
        );
    }
    format!(
        "{} has failed since {}, {} times in a row ({}){rests}",
        failing.endpoint,
        when(zone, failing.failing_since),
        failing.failures,
        failing.why
    )
}

/// The school whose clock an endpoint goes by; of the mail server of several, the first.
fn school_of<'c>(config: &'c Config, endpoint: &str) -> Option<&'c School> {
    let mut servers = config.mail_servers();
    let server = servers.find(|(school, _)| match school {
        Some(school) => email::school_of(endpoint) == Some(school.id.as_str()),
        None => endpoint == email::ENDPOINT,
    });
    match server {
        Some((school, _)) => school.or(config.schools.first()),
        None => config.channel(endpoint).map(|(school, _)| school),
    }
}

/// Who has the task.
fn asked(row: &OutboxRow) -> &'static str {
    match row.staff {
        Some(_) => "IT",
        None => "the office",
    }
}

async fn explain(tx: &mut Tx, school: &School, row: &OutboxRow) -> anyhow::Result<()> {
    let zone = &school.calendar.zone;
    println!("{}", line(school, row));
    println!(
        "{} part(s) in {}; due {}",
        row.parts,
        row.encoding,
        when(zone, row.due_at)
    );
    if let Some(cost) = row.cost {
        println!("it cost {}", Decimal::new(cost, 6).normalize());
    }
    if let Some(before) = row.instead_of {
        println!("in place of {before}, which could not be sent");
    }
    let instead = tx.stood_in_for(row.id).await?;
    if let Some(instead) = instead {
        println!("{instead} was sent in its place");
    }
    for (at, status, error, raw) in tx.receipts_of(row.id).await? {
        let error = error.map_or(String::new(), |error| format!(" ({error})"));
        println!("{}: {status}{error}  {raw}", when(zone, at));
    }
    let failing = tx.failing().await?;
    if let Some(failing) = failing.iter().find(|f| f.endpoint == row.via) {
        println!("{}", fails(zone, failing, tx.now().into()));
    }
    if let Some(first) = row.first_try_at {
        println!("first handed to the provider {}", when(zone, first));
    }
    if let Some(case) = row.case_id
        && let Some(case) = tx.case(&school.id, case).await?
    {
        println!("of case {}", case.reference());
    }
    let before = tx.held_back_by(row).await?;
    let spent = match school.monthly_budget {
        Some(budget) => {
            let month = school.calendar.month(tx.now());
            let spent = tx.spent(&school.id, &month).await?;
            Decimal::new(spent.cost, 6) >= budget
        }
        None => false,
    };
    println!(
        "{}",
        match row.status() {
            Status::Queued if before.is_some() => format!(
                "It waits for {}, which was written to the same person before it.",
                before.unwrap_or_default()
            ),
            Status::Queued if spent && row.purpose() == Purpose::Reminder =>
                "This month's budget for texts is spent: it leaves next month, if it is still true then, \
                 or when `monthly_budget` is raised."
                    .to_owned(),
            Status::Queued if row.attempts > 0 =>
                "It did not leave and will be tried again when it is due.".to_owned(),
            Status::Queued => "It leaves when it is due, while `serve` runs.".to_owned(),
            Status::Sending =>
                "It was handed over and nobody has said yet what became of it. After a minute the \
                 provider is asked, where it can be."
                    .to_owned(),
            Status::Accepted | Status::Sent =>
                "The provider has it; where it gives receipts, one says when it reached the phone.".to_owned(),
            Status::Delivered => "It reached the phone.".to_owned(),
            Status::Failed | Status::Undelivered if instead.is_some() => "It will not be tried again this way.".to_owned(),
            Status::Failed | Status::Undelivered => format!(
                "It will not be tried again by itself; a task asks {} to reach them another way. \
                 `schoolgate outbox retry {}` sends it again.",
                asked(row),
                row.id
            ),
            Status::Uncertain => format!(
                "Nobody can say whether it arrived; a task asks {} to make sure. `schoolgate outbox retry \
                 {}` sends it again, perhaps twice.",
                asked(row),
                row.id
            ),
            Status::Expired => match row.error.as_deref().filter(|e| e.starts_with("withdrawn")) {
                Some(why) => format!("It did not leave, {why}."),
                None => "It was no longer true, and was withdrawn.".to_owned(),
            },
        }
    );
    println!("\n{}", row.body);
    Ok(())
}
