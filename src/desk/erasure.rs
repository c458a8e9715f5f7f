//! Lawful erasure: what would go and what stays is looked at first, then the words go.
//!
//! An entry keeps its moment and its digest, so that every chain stays whole; a new entry says what was
//! done and why, and by whom stands in the audit log.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Actor;
use super::keeping::{KeepError, hold_on, may_erase_words, reason};
use crate::channel::Status;
use crate::deployment::School;
use crate::school::case::{Kind, State};
use crate::school::people::Sen;
use crate::school::retention::{Erasing, MayNotErase, may_erase};
use crate::store::{Case, Entry, NewEntry, StoreError, Tx};
use crate::text::gsm7;

/// What an erasure would take, and what it would leave.
#[derive(Debug, Clone)]
pub struct Erasure {
    /// The entries whose words would go.
    pub entries: Vec<Entry>,
    /// The texts and notices that carried them.
    pub texts: Vec<Uuid>,
    /// Messages whose words would go.
    pub messages: usize,
    /// Messages that stay, because another entry holds the same.
    pub held_elsewhere: usize,
    /// Photos, recordings and documents that would go.
    pub files: usize,
    /// One of its texts is on its way at this moment.
    on_its_way: bool,
}

/// Whether words of a case may be erased because somebody asks for it.
///
/// # Errors
/// Inside, why the law does not let it; outside, the database.
pub async fn lets(
    tx: &mut Tx,
    school: &School,
    case: &Case,
) -> Result<Result<(), MayNotErase>, StoreError> {
    let pupil = case.pupil.as_deref().and_then(|k| school.people.pupil(k));
    let sealed = case.tier != "ordinary" || case.kind == Kind::Safeguarding.word();
    let holds = tx.standing_holds(&school.config.id).await?;
    let erasing = Erasing {
        kind: if sealed {
            Kind::Safeguarding
        } else {
            Kind::from_word(&case.kind).unwrap_or(Kind::HandOver)
        },
        sen: pupil.map_or(Sen::None, |p| p.sen),
        born: pupil.and_then(|p| p.date_of_birth),
        held: hold_on(&holds, case).is_some(),
        today: school.local(tx.now()).date(),
    };
    Ok(may_erase(&school.config.retention, &erasing))
}

/// What erasing an entry would take; of a whole case, where no entry is named.
///
/// # Errors
/// [`KeepError`]: why it cannot be erased. Nothing is changed.
pub async fn weigh(
    tx: &mut Tx,
    school: &School,
    case: &Case,
    seq: Option<i64>,
) -> Result<Erasure, KeepError> {
    let chronology = tx.chronology(case.id).await?;
    let named: Vec<&Entry> = chronology
        .iter()
        .filter(|e| seq.is_none_or(|seq| e.seq == seq))
        .collect();
    if let (Some(seq), []) = (seq, named.as_slice()) {
        return Err(KeepError::NoEntry {
            case: case.reference(),
            seq,
            entries: case.entries,
        });
    }
    let entries: Vec<Entry> = named
        .into_iter()
        // That something was erased, and why, is no words of the family's.
        .filter(|e| e.words().is_some() && (seq.is_some() || e.kind != "erased"))
        .cloned()
        .collect();
    if entries.is_empty() {
        return Err(match seq {
            Some(seq) => KeepError::Already(seq),
            None => KeepError::AllErased(case.reference()),
        });
    }
    lets(tx, school, case).await??;
    if seq.is_none() && case.state != State::Closed.word() && !case.note {
        return Err(KeepError::Open(case.reference()));
    }
    let gone: BTreeSet<i64> = entries.iter().map(|e| e.seq).collect();
    let (mut messages, mut held_elsewhere, mut files) = (0, 0, 0);
    let of_messages: BTreeSet<Uuid> = entries.iter().filter_map(|e| e.message).collect();
    for message in of_messages {
        let held = tx.entries_of_message(message).await?;
        let stays = held
            .iter()
            .any(|(of, seq)| *of != case.id || !gone.contains(seq));
        if stays {
            held_elsewhere += 1;
        } else {
            messages += 1;
            files += tx.files_of_message(message).await?;
        }
    }
    let mut texts = Vec::new();
    let mut on_its_way = false;
    for row in tx.outbox_of_case(case.id).await? {
        // The texts and notices that carried these words carry them no more.
        let carries = seq.is_none()
            || entries.iter().any(|e| {
                let words = e.words().unwrap_or_default();
                let sent = gsm7::downgrade(&words);
                let whole = !words.trim().is_empty();
                whole && (row.body.contains(&words) || row.body.contains(&sent))
            });
        if carries {
            on_its_way |= row.status() == Status::Sending;
            texts.push(row.id);
        }
    }
    Ok(Erasure {
        entries,
        texts,
        messages,
        held_elsewhere,
        files: usize::try_from(files).unwrap_or_default(),
        on_its_way,
    })
}

/// Erases the words of one entry because somebody asks for it and the law does not stand against it
/// (UK GDPR article 17). The entry stays, with its digest; a new one says what was done and why.
///
/// # Errors
/// [`KeepError`]; nothing was erased.
pub async fn erase(
    tx: &mut Tx,
    school: &School,
    case: &Case,
    seq: i64,
    why: &str,
    by: &str,
) -> Result<(), KeepError> {
    let why = reason(why)?;
    let erasure = weigh(tx, school, case, Some(seq)).await?;
    if erasure.on_its_way {
        return Err(KeepError::OnItsWay);
    }
    for text in erasure.texts {
        tx.erase_text(text).await?;
    }
    if !tx.erase_entry(case.id, seq).await? {
        return Err(KeepError::Already(seq));
    }
    let what = format!("The words of entry {seq} were erased: {why}");
    written_down(tx, school, case, by, ("erased", &what)).await
}

/// The same of all entries of a case, and whom it was about: what stays is that there was one.
///
/// # Errors
/// [`KeepError`]; nothing was erased.
pub async fn erase_case(
    tx: &mut Tx,
    school: &School,
    case: &Case,
    why: &str,
    by: &str,
) -> Result<(), KeepError> {
    let why = reason(why)?;
    let erasure = weigh(tx, school, case, None).await?;
    if erasure.on_its_way {
        return Err(KeepError::OnItsWay);
    }
    tx.erase_case(case).await?;
    let what = format!("The words of this case, and whom it was about, were erased: {why}");
    written_down(tx, school, case, by, ("erased a case", &what)).await
}

async fn written_down(
    tx: &mut Tx,
    school: &School,
    case: &Case,
    by: &str,
    (did, what): (&str, &str),
) -> Result<(), KeepError> {
    tx.append(case.id, &NewEntry::new("erased", by, what))
        .await?;
    tx.audit(&school.config.id, by, did, Some(case.id)).await?;
    Ok(())
}

impl Actor<'_> {
    /// Erases the words of an entry, or of a whole case where none is named. `typed` is the case's
    /// reference, typed by whoever means it.
    ///
    /// # Errors
    /// [`KeepError`]; nothing was erased.
    pub async fn erase(
        &self,
        tx: &mut Tx,
        case: &Case,
        seq: Option<i64>,
        why: &str,
        typed: &str,
    ) -> Result<(), KeepError> {
        if !may_erase_words(self.staff) {
            return Err(KeepError::NotYours);
        }
        if crate::school::case::number(typed.trim()) != Some(case.number) {
            return Err(KeepError::NotConfirmed(case.reference()));
        }
        match seq {
            Some(seq) => erase(tx, self.school, case, seq, why, &self.staff.key).await,
            None => erase_case(tx, self.school, case, why, &self.staff.key).await,
        }
    }
}
