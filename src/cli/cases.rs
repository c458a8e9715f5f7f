//! `schoolgate cases`: the record, for a person at the machine or another program.

use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, Subcommand, ValueEnum};
use jiff::tz::TimeZone;
use serde_json::json;

use super::Where;
use crate::clock::Clock;
use crate::config::{Config, School};
use crate::desk::fate::fates;
use crate::store::{Case, CaseFilter, Moment, Tx};

/// Reads case records. Whoever can read the database's file can read them: keep it safe.
#[derive(Debug, Args)]
pub struct Cases {
    #[command(subcommand)]
    what: What,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For people.
    Text,
    /// For programs.
    Json,
}

#[derive(Debug, Subcommand)]
enum What {
    /// A line for each case, newest first.
    List {
        /// Only those still open.
        #[arg(long)]
        open: bool,
        /// How to print.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        #[command(flatten)]
        place: Where,
    },
    /// One case, with its chronology, promises, meetings and notices.
    Show {
        /// Such as C-1042.
        reference: String,
        /// How to print.
        #[arg(long, value_enum, default_value_t = Format::Text)]
        format: Format,
        /// Which school, where there are several.
        #[arg(long)]
        school: Option<String>,
        #[command(flatten)]
        place: Where,
    },
}

impl Cases {
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        match self.what {
            What::List {
                open,
                format,
                place,
            } => {
                let (config, store) = place.store(Clock::real()).await?;
                let mut tx = store.read().await?;
                for school in &config.schools {
                    let filter = CaseFilter {
                        open_only: open,
                        ..CaseFilter::default()
                    };
                    for case in tx.cases(&school.id, &filter).await? {
                        match format {
                            Format::Json => println!("{}", summary(school, &case)),
                            Format::Text => {
                                println!("{}{}", of_several(&config, school), line(school, &case));
                            }
                        }
                    }
                }
            }
            What::Show {
                reference,
                format,
                school,
                place,
            } => {
                let (config, store) = place.store(Clock::real()).await?;
                let mut tx = store.read().await?;
                let number: i64 = reference
                    .trim_start_matches(['C', 'c'])
                    .trim_start_matches('-')
                    .parse()
                    .with_context(|| {
                        format!("`{reference}` is no reference: they look like C-1042")
                    })?;
                let mut shown = 0;
                for school in config
                    .schools
                    .iter()
                    .filter(|s| school.as_ref().is_none_or(|id| *id == s.id))
                {
                    if let Some(case) = tx.case_by_number(&school.id, number).await? {
                        if format == Format::Text {
                            print!("{}", of_several(&config, school));
                        }
                        show(&mut tx, school, &case, format).await?;
                        shown += 1;
                    }
                }
                if shown == 0 {
                    anyhow::bail!("there is no case C-{number}: `schoolgate cases list` shows all");
                }
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

/// What stands before a line about one school where there are several: their case numbers may be the same.
pub(super) fn of_several(config: &Config, school: &School) -> String {
    match config.schools.len() {
        0 | 1 => String::new(),
        _ => format!("{}: ", school.id),
    }
}

pub(super) fn when(zone: &TimeZone, at: Moment) -> String {
    at.timestamp()
        .to_zoned(zone.clone())
        .strftime("%a %-d %b %Y %H:%M")
        .to_string()
}

fn rfc3339(at: Moment) -> String {
    at.timestamp().to_string()
}

fn name(school: &School, key: Option<&str>) -> String {
    let staff = key
        .and_then(|k| school.people.staff(k))
        .map(|s| s.name.clone());
    staff
        .or_else(|| key.map(str::to_owned))
        .unwrap_or_else(|| "nobody".to_owned())
}

fn pupil(school: &School, case: &Case) -> Option<String> {
    case.pupil
        .as_deref()
        .and_then(|k| school.people.pupil(k))
        .map(|p| format!("{} {}, {}", p.first_name, p.last_name, p.class))
}

fn adult(school: &School, case: &Case) -> Option<String> {
    let key = case.adult.as_deref()?;
    school.people.adult(key).map(|a| a.name.clone())
}

fn line(school: &School, case: &Case) -> String {
    format!(
        "{:<8} {:<13} {:<13} {}  {}  owner: {}",
        case.reference(),
        case.kind,
        case.state,
        when(&school.calendar.zone, case.opened_at),
        pupil(school, case).unwrap_or_else(|| "no pupil yet".to_owned()),
        name(school, case.owner.as_deref())
    )
}

fn summary(school: &School, case: &Case) -> serde_json::Value {
    json!({
        "reference": case.reference(),
        "school": school.id,
        "kind": case.kind,
        "tier": case.tier,
        "state": case.state,
        "pupil": pupil(school, case),
        "adult": adult(school, case),
        "address": case.address,
        "owner": case.owner.as_deref().map(|k| name(school, Some(k))),
        "wish": case.wish,
        "opened_at": rfc3339(case.opened_at),
        "acknowledged_at": case.acknowledged_at.map(rfc3339),
        "acknowledged_by": case.acknowledged_by.as_deref().map(|k| name(school, Some(k))),
        "closed_at": case.closed_at.map(rfc3339),
        "entries": case.entries,
    })
}

async fn show(tx: &mut Tx, school: &School, case: &Case, format: Format) -> anyhow::Result<()> {
    let chronology = tx.chronology(case.id).await?;
    let fates = fates(&chronology, &tx.outbox_of_case(case.id).await?);
    let promises = tx.promises_of(case.id).await?;
    let notices = tx.notices_of(case.id).await?;
    let meetings = tx.meetings_of(case.id).await?;
    let zone = &school.calendar.zone;
    if format == Format::Json {
        let mut all = summary(school, case);
        let entries: Vec<_> = chronology
            .iter()
            .map(|e| {
                json!({"seq": e.seq, "kind": e.kind, "author": e.author, "audience": e.audience,
                    "happened_at": rfc3339(e.happened_at), "entered_at": rfc3339(e.entered_at), "words": e.words(),
                    "text": fates.get(&e.seq).map(|f| f.status.word())})
            })
            .collect();
        let made: Vec<_> = promises
            .iter()
            .map(|p| {
                json!({"what": p.what, "who": p.who().unwrap_or_default(), "due_at": rfc3339(p.due_at),
                    "kept_at": p.kept_at.map(rfc3339), "broken_at": p.broken_at.map(rfc3339)})
            })
            .collect();
        let told: Vec<_> = notices
            .iter()
            .map(|n| {
                json!({"staff": name(school, Some(&n.staff)), "kind": n.kind, "due_at": n.next_at.map(rfc3339),
                    "sent_at": n.sent_at.map(rfc3339), "acknowledged_at": n.acknowledged_at.map(rfc3339)})
            })
            .collect();
        let met: Vec<_> = meetings
            .iter()
            .map(|m| {
                json!({"starts_at": rfc3339(m.starts_at), "minutes": m.minutes, "mode": m.mode, "state": m.state,
                    "staff": m.staff().unwrap_or_default()})
            })
            .collect();
        if let Some(map) = all.as_object_mut() {
            map.insert("chronology".to_owned(), json!(entries));
            map.insert("promises".to_owned(), json!(made));
            map.insert("notices".to_owned(), json!(told));
            map.insert("meetings".to_owned(), json!(met));
        }
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    println!("{}", line(school, case));
    if let Some(adult) = adult(school, case) {
        println!("  from {adult}");
    }
    if let Some(wish) = &case.wish {
        println!("  wishes: {wish}");
    }
    for p in &promises {
        let who = p.who()?;
        let who = if who.is_empty() {
            "the school office".to_owned()
        } else {
            who.join(" or ")
        };
        let how = match (p.kept_at, p.broken_at) {
            (Some(at), _) => format!("kept {}", when(zone, at)),
            (None, Some(_)) => "BROKEN".to_owned(),
            (None, None) => "open".to_owned(),
        };
        println!(
            "  promise: {} by {who}, due {} ({how})",
            p.what,
            when(zone, p.due_at)
        );
    }
    for m in &meetings {
        let staff: Vec<_> = m.staff()?.iter().map(|k| name(school, Some(k))).collect();
        println!(
            "  meeting: {} with {} for {} minutes, {} ({})",
            when(zone, m.starts_at),
            staff.join(" and "),
            m.minutes,
            m.mode,
            m.state
        );
    }
    for n in &notices {
        let state = match (n.acknowledged_at, n.sent_at, n.next_at) {
            (Some(at), _, _) => format!("acknowledged {}", when(zone, at)),
            (None, Some(at), _) => format!("told {}", when(zone, at)),
            (None, None, Some(at)) => format!("due {}", when(zone, at)),
            (None, None, None) => "on Today".to_owned(),
        };
        println!(
            "  notice ({}): {}, {state}",
            n.kind,
            name(school, Some(&n.staff))
        );
    }
    for e in &chronology {
        let author = if e.author == "parent" || e.author == "schoolgate" {
            e.author.clone()
        } else {
            name(school, Some(&e.author))
        };
        let words = e.words().unwrap_or_else(|| "(erased)".to_owned());
        let fate = fates.get(&e.seq);
        let fate = fate.map_or(String::new(), |f| format!(" [{}]", f.status.word()));
        println!(
            "  {:>3} {}  {:<16} {:<12} {}{fate}",
            e.seq,
            when(zone, e.happened_at),
            e.kind,
            author,
            words.replace('\n', "\n      ")
        );
    }
    Ok(())
}
