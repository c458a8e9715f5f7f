//! What has been kept for its time: shown first, and removed when somebody says so.
//!
//! What is under a hold stays. A safeguarding case is never removed here: a safeguarding lead looks.

use jiff::civil::Time;
use jiff::{SignedDuration, ToSpan as _};

use crate::deployment::School;
use crate::desk::keeping::hold_on;
use crate::school::retention::Kept;
use crate::store::{Case, Moment, Over, Result, Tx};

/// Messages removed in one transaction, so that nobody waits for it.
const AT_ONCE: u32 = 500;

/// The nightly removal begins at this time.
const NIGHT: Time = Time::constant(2, 30, 0, 0);

/// What is over of one kind.
#[derive(Debug, Clone)]
pub struct Due {
    /// Of which kind.
    pub kept: Kept,
    /// How much, and the oldest.
    pub over: Over,
    /// How many more would be, but for a hold.
    pub held: usize,
    /// How many have no date to be counted from: the pupil, or their date of birth, is not on record.
    pub undated: usize,
    /// Those that a person looks at, by reference.
    pub review: Vec<String>,
}

/// What is over of each kind, today.
///
/// # Errors
/// The database.
pub async fn due(tx: &mut Tx, school: &School) -> Result<Vec<Due>> {
    let mut found = Vec::new();
    for (_, kept) in Kept::WORDS {
        found.push(match kept {
            Kept::Messages => plain(
                *kept,
                tx.messages_over(&school.config.id, messages(tx, school))
                    .await?,
            ),
            Kept::ProviderLogs => {
                let before = logs(tx, school);
                let mut all = Over::default();
                for channel in &school.config.channels {
                    let over = tx.receipts_over(&channel.id, before).await?;
                    all.count += over.count;
                    all.oldest = all.oldest.into_iter().chain(over.oldest).min();
                }
                plain(*kept, all)
            }
            Kept::SenRecords | Kept::Safeguarding => {
                let cases = cases(tx, school, *kept, true).await?;
                Due {
                    over: Over {
                        count: i64::try_from(cases.over.len()).unwrap_or(i64::MAX),
                        oldest: cases.over.iter().map(|c| c.opened_at).min(),
                    },
                    review: match kept {
                        Kept::Safeguarding => cases.over.iter().map(Case::reference).collect(),
                        _ => Vec::new(),
                    },
                    ..cases.due
                }
            }
        });
    }
    Ok(found)
}

const fn plain(kept: Kept, over: Over) -> Due {
    Due {
        kept,
        over,
        held: 0,
        undated: 0,
        review: Vec::new(),
    }
}

/// Removes some of what is over of a kind, and writes it down; how much went. Nothing more is over when
/// nothing went.
///
/// # Errors
/// The database.
pub async fn remove(tx: &mut Tx, school: &School, kept: Kept, by: &str) -> Result<u64> {
    let id = &school.config.id;
    let removed = match kept {
        Kept::Messages => {
            let before = messages(tx, school);
            tx.remove_messages(id, before, AT_ONCE).await?
        }
        Kept::ProviderLogs => {
            let before = logs(tx, school);
            let mut removed = 0;
            for channel in &school.config.channels {
                removed += tx.remove_receipts(&channel.id, before).await?;
            }
            removed
        }
        Kept::SenRecords => {
            let cases = cases(tx, school, kept, false).await?.over;
            for case in &cases {
                tx.erase_case(case).await?;
                tx.audit(
                    id,
                    by,
                    "removed what had been kept for its time",
                    Some(case.id),
                )
                .await?;
            }
            cases.len() as u64
        }
        // Never by a program.
        Kept::Safeguarding => 0,
    };
    if removed > 0 && kept != Kept::SenRecords {
        let did = format!("removed {removed} {}", kept.called());
        tx.audit(id, by, &did, None).await?;
    }
    Ok(removed)
}

/// The nightly removal of what a school has switched on: a part of it in one transaction; how much went.
/// A school that has switched nothing on is left alone.
///
/// # Errors
/// The database.
pub async fn nightly(tx: &mut Tx, school: &School) -> Result<u64> {
    let nightly = &school.config.retention.nightly;
    if nightly.is_empty() {
        return Ok(0);
    }
    let id = &school.config.id;
    let now = Moment::from(tx.now());
    let tonight = |school: &School| {
        let at = school.local(now.timestamp());
        let today = at.date().to_datetime(NIGHT);
        let next = if today > at {
            today
        } else {
            today.saturating_add(1.day())
        };
        Moment::from(school.instant(next))
    };
    match tx.next_removal(id).await? {
        None => {
            tx.set_next_removal(id, tonight(school)).await?;
            return Ok(1);
        }
        Some(next) if next > now => return Ok(0),
        Some(_) => {}
    }
    let mut removed = 0;
    for kept in nightly {
        removed += remove(tx, school, *kept, "schoolgate").await?;
    }
    if removed == 0 {
        tx.set_next_removal(id, tonight(school)).await?;
        return Ok(1);
    }
    Ok(removed)
}

/// Messages from before this moment are over.
fn messages(tx: &Tx, school: &School) -> Moment {
    let today = school.local(tx.now()).date();
    let day = school.config.retention.messages_before(today);
    school.instant(day.to_datetime(Time::midnight())).into()
}

/// What providers said before this moment is over.
fn logs(tx: &Tx, school: &School) -> Moment {
    let days = i64::from(school.config.retention.provider_logs_days);
    (tx.now() - SignedDuration::from_hours(24 * days)).into()
}

struct Cases {
    over: Vec<Case>,
    due: Due,
}

/// Cases of pupils whose time is over, but for those under a hold. Those without a date are only looked up
/// to be counted.
async fn cases(tx: &mut Tx, school: &School, kept: Kept, count: bool) -> Result<Cases> {
    let id = &school.config.id;
    let retention = &school.config.retention;
    let today = school.local(tx.now()).date();
    let holds = tx.standing_holds(id).await?;
    let sealed = kept == Kept::Safeguarding;
    let mut over = Vec::new();
    let (mut held, mut undated) = (0, 0);
    for key in tx.pupils_of_cases(id).await? {
        let born = school.people.pupil(&key).and_then(|p| p.date_of_birth);
        let until = born.map(|born| match sealed {
            true => retention.safeguarding_over(born),
            false => retention.sen_over(born),
        });
        if until.is_some_and(|until| today < until) || (until.is_none() && !count) {
            continue;
        }
        for case in tx.cases_with_words(id, &key, sealed).await? {
            match () {
                () if until.is_none() => undated += 1,
                () if hold_on(&holds, &case).is_some() => held += 1,
                () => over.push(case),
            }
        }
    }
    let due = Due {
        held,
        undated,
        ..plain(kept, Over::default())
    };
    Ok(Cases { over, due })
}
