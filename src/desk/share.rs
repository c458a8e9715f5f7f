//! Pages of a case for parents: who may be given one, the exact text for each, and what they answer.
//!
//! The link goes by text and opens nothing without a PIN that was given on paper. What they write on
//! the page is a message like any other: screened first, then in the case.

use jiff::{SignedDuration, Timestamp};
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{Actor, DeskError, Result, tell};
use crate::deployment::{Deployment, Endpoint, School};
use crate::flow::value::{Value, Values};

use crate::school::case::State;
use crate::school::case::share::{NotShared, Sharing, audience_of, shows};
use crate::school::people::Adult;
use crate::store::{
    Case, Entry, Message, Moment, NewEntry, NewShare, Outgoing, Purpose, Share, StoreError, Token,
    Tx,
};

/// How long a page opens: two school weeks, holidays or not.
const OPENS_FOR: SignedDuration = SignedDuration::from_hours(14 * 24);

/// Somebody to whom a page may be given, or may not.
#[derive(Debug, Clone)]
pub struct Recipient<'s> {
    /// Who.
    pub adult: &'s Adult,
    /// Whether the case is theirs.
    pub own: bool,
    /// Why they cannot have it, if so.
    pub not: Option<NotShared>,
    /// The exact text they would get, with dots where the link's secret would stand.
    pub text: String,
    /// The endpoint and address it would go to.
    pub way: Option<(String, String)>,
    /// What they would read: entries by number, and whether each is kept from them.
    pub entries: Vec<(i64, bool)>,
    /// The page they had last.
    pub last: Option<Share>,
}

/// The entries that a page for an adult shows.
pub fn page_entries<'e>(
    entries: &'e [Entry],
    adult: &str,
    own: bool,
    withheld: &[i64],
) -> Vec<&'e Entry> {
    entries
        .iter()
        .filter(|e| shows(&e.audience, adult, own) && !withheld.contains(&e.seq))
        .collect()
}

impl<'a> Actor<'a> {
    /// Everybody who has to do with the child of a case, and what each would get.
    pub async fn recipients(&self, tx: &mut Tx, case: &Case) -> Result<Vec<Recipient<'a>>> {
        let people = &self.school.people;
        let entries = tx.chronology(case.id).await?;
        let withheld = tx.withheld(case.id).await?;
        let shares = tx.shares_of(case.id).await?;
        let mut found = Vec::new();
        for adult in &people.adults {
            let own = case.adult.as_deref().is_some_and(|key| adult.is(key));
            let theirs = |pupil: &String| adult.children.iter().any(|c| c.pupil == *pupil);
            if !own && !case.pupil.as_ref().is_some_and(theirs) {
                continue;
            }
            let kept: Vec<i64> = withheld
                .iter()
                .filter(|w| adult.is(&w.adult))
                .map(|w| w.seq)
                .collect();
            let way = self.way(case, adult, own);
            found.push(Recipient {
                adult,
                own,
                not: self.not_shared(tx, case, adult, own, way.as_ref()).await?,
                text: self
                    .text(tx, case, adult, "…", tx.now() + OPENS_FOR)
                    .await?,
                way,
                entries: entries
                    .iter()
                    .filter(|e| shows(&e.audience, &adult.key, own))
                    .map(|e| (e.seq, kept.contains(&e.seq)))
                    .collect(),
                last: shares.iter().find(|s| adult.is(&s.adult)).cloned(),
            });
        }
        // Whoever wrote comes first.
        found.sort_by_key(|r| !r.own);
        Ok(found)
    }

    async fn not_shared(
        &self,
        tx: &mut Tx,
        case: &Case,
        adult: &Adult,
        own: bool,
        way: Option<&(String, String)>,
    ) -> Result<Option<NotShared>> {
        let school = &self.school.config.id;
        let copies = match &case.pupil {
            Some(pupil) => tx.duplicates(school, pupil, &adult.key).await?,
            None => None,
        };
        let sharing = Sharing {
            adult,
            pupil: case.pupil.as_deref(),
            own,
            sealed: case.tier != "ordinary",
            copies,
            alone: match &case.pupil {
                Some(pupil) => self.is_alone(tx, pupil).await?,
                None => false,
            },
            today: self.school.local(tx.now()).date(),
        };
        if let Err(why) = sharing.allowed() {
            return Ok(Some(why));
        }
        let Some((endpoint, address)) = way else {
            return Ok(Some(NotShared::NoNumber));
        };
        let lane = tx.lane(endpoint, address).await?;
        if lane.is_some_and(|l| l.stopped_at.is_some() || l.wrong_at.is_some()) {
            return Ok(Some(NotShared::Stopped));
        }
        if tx.pin(school, &adult.key).await?.is_none() {
            return Ok(Some(NotShared::NoPin));
        }
        Ok(None)
    }

    /// Where they are texted: where they wrote from, or their first number.
    fn way(&self, case: &Case, adult: &Adult, own: bool) -> Option<(String, String)> {
        if own && !case.address.is_empty() {
            return Some((case.endpoint.clone(), case.address.clone()));
        }
        self.by_phone(adult)
    }

    /// The school's first number, and an adult's.
    pub(super) fn by_phone(&self, adult: &Adult) -> Option<(String, String)> {
        let endpoint = self.d.staff_endpoint(&self.school.config.id)?;
        let phone = adult.numbers().next()?;
        Some((endpoint.id.clone(), phone.e164().to_owned()))
    }

    async fn text(
        &self,
        tx: &mut Tx,
        case: &Case,
        adult: &Adult,
        secret: &str,
        until: Timestamp,
    ) -> Result<String> {
        let way = self.way(case, adult, case.adult.as_deref() == Some(&adult.key));
        let language = language_of(tx, self.school, adult, way.as_ref()).await?;
        let values = Values::from([
            (
                "school".to_owned(),
                Value::Text(self.school.config.short_name.clone()),
            ),
            (
                "link".to_owned(),
                Value::Text(format!("{}/p/{secret}", self.d.public_url())),
            ),
            ("until".to_owned(), Value::When(self.school.local(until))),
        ]);
        let bundle = self.d.bundle();
        Ok(bundle.languages.say(&language, "page-link", &values))
    }

    /// Decides whether an adult who is not the one that wrote is given copies about this child.
    pub async fn decide_copies(
        &self,
        tx: &mut Tx,
        case: &Case,
        adult: &str,
        given: bool,
    ) -> Result<()> {
        let pupil = case
            .pupil
            .as_deref()
            .ok_or(DeskError::NotShared(NotShared::NotTheirs))?;
        let adult = self.recipient(case, adult)?;
        tx.decide_duplicates(
            &self.school.config.id,
            pupil,
            &adult.key,
            given,
            &self.staff.key,
        )
        .await?;
        let what = format!(
            "{} is {} copies of what concerns this child",
            adult.name,
            if given { "given" } else { "not given" }
        );
        tx.append(case.id, &NewEntry::new("copies", &self.staff.key, &what))
            .await?;
        Ok(())
    }

    /// Keeps entries from an adult who would see them, for a reason; those not named are shown again.
    pub async fn keep_from(
        &self,
        tx: &mut Tx,
        case: &Case,
        adult: &str,
        kept: &[i64],
        why: &str,
    ) -> Result<()> {
        let adult = self.recipient(case, adult)?;
        let before: Vec<i64> = tx
            .withheld(case.id)
            .await?
            .iter()
            .filter(|w| adult.is(&w.adult))
            .map(|w| w.seq)
            .collect();
        let new: Vec<i64> = kept
            .iter()
            .copied()
            .filter(|s| !before.contains(s))
            .collect();
        if !new.is_empty() && why.trim().is_empty() {
            return Err(DeskError::NoReason);
        }
        if new.is_empty() && !why.trim().is_empty() {
            return Err(DeskError::NothingTicked);
        }
        for seq in &new {
            tx.withhold(case, *seq, &adult.key, why.trim(), &self.staff.key)
                .await?;
        }
        for seq in before.iter().filter(|s| !kept.contains(s)) {
            tx.show_again(case.id, *seq, &adult.key).await?;
        }
        if !new.is_empty() {
            let what = format!(
                "Kept from {}: {} entries. Why: {}",
                adult.name,
                new.len(),
                why.trim()
            );
            tx.append(case.id, &NewEntry::new("withheld", &self.staff.key, &what))
                .await?;
        }
        Ok(())
    }

    /// Texts an adult the link to their page of a case. A link they had of it opens no more.
    pub async fn give_page(&self, tx: &mut Tx, case: &mut Case, adult: &str) -> Result<()> {
        let found = self.recipients(tx, case).await?;
        let recipient = found
            .into_iter()
            .find(|r| r.adult.is(adult))
            .ok_or(DeskError::NotShared(NotShared::NotTheirs))?;
        if let Some(why) = recipient.not {
            return Err(DeskError::NotShared(why));
        }
        let Some((endpoint, address)) = recipient.way else {
            return Err(DeskError::NotShared(NotShared::NoNumber));
        };
        let adult = recipient.adult;
        let secret = Token::short(tx.clock());
        let until = tx.now() + OPENS_FOR;
        tx.share(&NewShare {
            case,
            adult: &adult.key,
            endpoint: &endpoint,
            address: &address,
            token: &secret,
            staff: &self.staff.key,
            until,
        })
        .await?;
        let body = self.text(tx, case, adult, secret.text(), until).await?;
        let due = self.school.waking(tx, &endpoint, &address).await?;
        let text = Outgoing::text(
            &case.school_id,
            &endpoint,
            &address,
            Purpose::School,
            body,
            due,
        );
        tx.queue(&Outgoing {
            case_id: Some(case.id),
            ..text
        })
        .await?;
        let what = format!("A page of this case was given to {}", adult.name);
        tx.append(case.id, &NewEntry::new("shared", &self.staff.key, &what))
            .await?;
        tx.audit(
            &case.school_id,
            &self.staff.key,
            "gave a parent a page",
            Some(case.id),
        )
        .await?;
        if recipient.own {
            return self.wrote(tx, case).await;
        }
        Ok(())
    }

    /// Writes down that an adult was given what their page shows in another way: on paper, read out.
    pub async fn gave_otherwise(
        &self,
        tx: &mut Tx,
        case: &Case,
        adult: &str,
        how: &str,
    ) -> Result<()> {
        let found = self.recipients(tx, case).await?;
        let recipient = found
            .into_iter()
            .find(|r| r.adult.is(adult))
            .ok_or(DeskError::NotShared(NotShared::NotTheirs))?;
        if let Some(why) = recipient.not.filter(|why| !why.is_of_the_way()) {
            return Err(DeskError::NotShared(why));
        }
        if how.trim().is_empty() {
            return Err(DeskError::NoHow);
        }
        let what = format!(
            "{} was given what their page of this case shows. How: {}",
            recipient.adult.name,
            how.trim()
        );
        tx.append(case.id, &NewEntry::new("shared", &self.staff.key, &what))
            .await?;
        Ok(())
    }

    /// An adult who has to do with the child of a case.
    fn recipient(&self, case: &Case, key: &str) -> Result<&'a Adult> {
        let adult = self.school.people.adult(key);
        adult
            .filter(|a| {
                let own = case.adult.as_deref().is_some_and(|key| a.is(key));
                own || a
                    .children
                    .iter()
                    .any(|c| Some(&c.pupil) == case.pupil.as_ref())
            })
            .ok_or(DeskError::NotShared(NotShared::NotTheirs))
    }
}

/// The language a page for an adult is in: what they chose when they wrote, or what is on record.
pub async fn language_of(
    tx: &mut Tx,
    school: &School,
    adult: &Adult,
    way: Option<&(String, String)>,
) -> std::result::Result<String, StoreError> {
    let lane = match way {
        Some((endpoint, address)) => tx.lane(endpoint, address).await?,
        None => None,
    };
    let chosen = lane
        .and_then(|l| l.language)
        .or_else(|| adult.language.clone());
    let config = &school.config;
    Ok(chosen
        .filter(|tag| config.languages.contains(tag))
        .unwrap_or_else(|| config.default_language.clone()))
}

/// What stands before the id in the provider id of a message that was written on a page.
const ON_A_PAGE: &str = "page:";

/// The provider id of what is written on a page: once for each page and words.
pub fn provider_id(share: Uuid, words: &str) -> String {
    let words = Sha256::digest(words.as_bytes());
    let short: String = words
        .iter()
        .take(6)
        .map(|byte| format!("{byte:02x}"))
        .collect();
    format!("{ON_A_PAGE}{share}:{short}")
}

/// The page a message was written on.
pub fn page_of(provider_id: &str) -> Option<Uuid> {
    let rest = provider_id.strip_prefix(ON_A_PAGE)?;
    Uuid::parse_str(rest.split(':').next()?).ok()
}

/// Puts what was written on a page into its case, as how that adult sees it; its owner is told.
pub async fn answered(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    message: &Message,
    share: Uuid,
) -> std::result::Result<(), StoreError> {
    let school = &endpoint.school;
    let id = &school.config.id;
    let Some(share) = tx.share_by_id(id, share).await? else {
        return Ok(());
    };
    let Some(mut case) = tx.hold_case(id, share.case_id).await? else {
        return Ok(());
    };
    let own = case.adult.as_deref() == Some(share.adult.as_str());
    let audience = if own {
        "adult".to_owned()
    } else {
        audience_of(&share.adult)
    };
    let author = if own { "parent" } else { share.adult.as_str() };
    let words = message.words();
    tx.append(
        case.id,
        &NewEntry {
            audience: &audience,
            message: Some(message.id),
            happened: Some(message.received_at),
            ..NewEntry::new("statement", author, &words)
        },
    )
    .await?;
    reopen(tx, &mut case).await?;
    tell::owner(d, tx, school, &case, "owner").await
}

/// What a parent adds to a case that was closed opens it again: it would be on nobody's list.
async fn reopen(tx: &mut Tx, case: &mut Case) -> std::result::Result<(), StoreError> {
    if case.closed_at.is_none() || case.tier != "ordinary" {
        return Ok(());
    }
    case.closed_at = None;
    State::Acknowledged.word().clone_into(&mut case.state);
    tx.keep_case(case).await?;
    let what = "It was closed, and is open again: the parent has added something";
    tx.append(case.id, &NewEntry::new("reopened", "schoolgate", what))
        .await?;
    Ok(())
}

/// A moment from now until which whoever has opened a page may read on.
pub fn reads_until(now: Timestamp) -> Timestamp {
    now + SignedDuration::from_mins(30)
}

/// Whether a page still opens.
pub fn opens(share: &Share, now: Moment) -> bool {
    share.ended_at.is_none() && now < share.expires_at
}
