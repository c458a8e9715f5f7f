//! This person's own cases: the one way to find them, and to put words into one.

use uuid::Uuid;

use super::{Doing, Scene};
use crate::deployment::School;
use crate::inbox::facts;
use crate::store::{Case, Meeting, Message, Moment, NewEntry, Result, Tx};

/// This person's own case of an id, held until the transaction ends. An id from a stale
/// conversation, or made up, never opens another's.
pub(super) async fn case(tx: &mut Tx, doing: &Doing<'_>, id: Option<Uuid>) -> Result<Option<Case>> {
    let Some(id) = id else { return Ok(None) };
    let found = tx.hold_case(&doing.endpoint.school.config.id, id).await?;
    Ok(found.filter(|c| is_own(doing, &c.endpoint, &c.address)))
}

/// This person's own case of the number they say.
pub(super) async fn case_by_number(
    tx: &mut Tx,
    doing: &Doing<'_>,
    number: i64,
) -> Result<Option<Case>> {
    let school = &doing.endpoint.school.config.id;
    let found = tx.case_by_number(school, number).await?;
    Ok(found.filter(|c| is_own(doing, &c.endpoint, &c.address)))
}

/// This person's open cases touched since a moment, the last first; none that belongs to somebody
/// whom they accuse.
pub(super) async fn open_since(
    tx: &mut Tx,
    doing: &Doing<'_>,
    since: jiff::Timestamp,
) -> Result<Vec<Case>> {
    let since = Moment::from(since);
    let (endpoint, address) = (&doing.lane.endpoint, &doing.lane.address);
    let alleged = facts::alleged(tx, endpoint, address).await?;
    let mut open = tx.open_cases_at(endpoint, address).await?;
    open.retain(|c| {
        c.touched_at >= since && !c.owner.as_ref().is_some_and(|o| alleged.contains(o))
    });
    Ok(open)
}

/// This person's own meeting of an id.
pub(super) async fn meeting(
    tx: &mut Tx,
    doing: &Doing<'_>,
    id: Option<Uuid>,
) -> Result<Option<Meeting>> {
    let Some(id) = id else { return Ok(None) };
    let found = tx.meeting(&doing.endpoint.school.config.id, id).await?;
    Ok(found.filter(|m| is_own(doing, &m.endpoint, &m.address)))
}

fn is_own(doing: &Doing<'_>, endpoint: &str, address: &str) -> bool {
    doing.lane.endpoint == endpoint && doing.lane.address == address
}

/// Who has the sealed part, by name, for the case it also belongs to.
async fn sealed_with(tx: &mut Tx, school: &School, message: Option<&Message>) -> Result<String> {
    let sealed = match message.and_then(|m| m.safeguarding_case) {
        Some(id) => tx.case(&school.config.id, id).await?,
        None => None,
    };
    let owner = sealed
        .filter(|c| c.tier == "safeguarding")
        .and_then(|c| c.owner);
    Ok(owner.map_or_else(
        || "a senior member of staff".to_owned(),
        |k| school.name(&k),
    ))
}

impl Scene<'_> {
    /// The case this turn is about: of an action before, or of the flow that asks; this person's own.
    pub(super) async fn present_case(
        &self,
        tx: &mut Tx,
        doing: &Doing<'_>,
    ) -> Result<Option<Case>> {
        let id = doing.id("case").or(self.case).or(self.flow_case);
        case(tx, doing, id).await
    }

    /// Puts the message into a case, word for word, and what was said of it elsewhere: words of an
    /// earlier message, or a line of the flow's own. Sealed words are not copied: the case learns
    /// only that part of it is with the safeguarding lead.
    pub(super) async fn put_words(
        &mut self,
        tx: &mut Tx,
        doing: &Doing<'_>,
        case: &Case,
        words: Option<&str>,
    ) -> Result<()> {
        let school = &doing.endpoint.school;
        if self.sealed {
            let who = sealed_with(tx, school, self.message).await?;
            let what = format!("Part of this case is with {who}.");
            tx.append(
                case.id,
                &NewEntry::new("sealed-elsewhere", "schoolgate", &what),
            )
            .await?;
            return Ok(());
        }
        self.write_message(tx, case.id).await?;
        let Some(words) = words.map(str::trim).filter(|w| !w.is_empty()) else {
            return Ok(());
        };
        // Words that the screen took from an earlier message stay where they are.
        let (endpoint, address) = (&doing.lane.endpoint, &doing.lane.address);
        let sealed = tx.sealed_words(endpoint, address).await?;
        if doing.lane.sealed || sealed.iter().any(|s| s.contains(words)) {
            return Ok(());
        }
        let stands = tx.chronology(case.id).await?.iter().any(|e| {
            matches!(e.kind.as_str(), "message-in" | "said")
                && e.words().is_some_and(|w| w.contains(words))
        });
        if !stands {
            tx.append(case.id, &NewEntry::new("said", "parent", words).to_adult())
                .await?;
        }
        Ok(())
    }
}
