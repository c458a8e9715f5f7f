//! The second net under the screen: the leads read what did not alert, and flag what should have.

use jiff::SignedDuration;
use uuid::Uuid;

use super::heard::write_message;
use super::sight::may_skim;
use super::{Actor, DeskError, Result, alert, may_open};
use crate::channel::phone_of_address;
use crate::deployment::Writer;
use crate::school::case::Kind;
use crate::store::{Case, Mark, Message, Moment, NewCase, NewEntry, Tx};

/// How far back it begins for whoever has never looked.
const FIRST_LOOK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// Messages that are read at a time until a page is full.
const AT_ONCE: i64 = 100;

/// A message that did not alert.
#[derive(Debug)]
pub struct Passed {
    /// The message.
    pub message: Message,
    /// The case it stands in, if it stands in one.
    pub case: Option<Case>,
}

/// What did not alert since somebody last looked.
#[derive(Debug)]
pub struct Skim {
    /// The messages, the first first.
    pub passed: Vec<Passed>,
    /// How far the page reaches, messages that are not shown included; `None` when there is nothing.
    pub until: Option<Uuid>,
    /// Whether there are more after it.
    pub more: bool,
    /// Since when: where the last look ended.
    pub since: Moment,
}

impl Actor<'_> {
    /// What did not alert since this lead last looked, a page of it.
    pub async fn skim(&self, tx: &mut Tx, on_a_page: usize) -> Result<Skim> {
        let school = &self.school.config.id;
        let began = Mark::before(Moment::from(tx.now() - FIRST_LOOK));
        let last = tx.skimmed(school, &self.staff.key).await?;
        let since = last.unwrap_or(began);
        let mut place = since;
        let mut skim = Skim {
            passed: Vec::new(),
            until: None,
            more: false,
            since: since.screened_at,
        };
        loop {
            let some = tx.to_skim(school, place, AT_ONCE).await?;
            let all = some.len();
            let Some((last, _)) = some.last() else {
                return Ok(skim);
            };
            let mut holding = tx.cases_to_skim(school, place, *last).await?;
            for (mark, message) in some {
                if skim.passed.len() == on_a_page {
                    skim.more = true;
                    return Ok(skim);
                }
                let cases = holding.remove(&message.id).unwrap_or_default();
                if let Some(passed) = self.passed(tx, message, cases).await? {
                    skim.passed.push(passed);
                }
                place = mark;
                skim.until = Some(mark.message);
            }
            if i64::try_from(all).unwrap_or(i64::MAX) < AT_ONCE {
                return Ok(skim);
            }
        }
    }

    /// A message as this lead may see it: not where a case that is not theirs holds it, nor where it
    /// names them and stands in none yet. Another lead reads those.
    async fn passed(
        &self,
        tx: &mut Tx,
        message: Message,
        cases: Vec<Case>,
    ) -> Result<Option<Passed>> {
        let sealed = cases.iter().any(|c| c.tier != "ordinary");
        let theirs = cases.iter().all(|c| may_open(self.school, self.staff, c));
        if sealed || !theirs || (cases.is_empty() && self.names_me(tx, &message).await?) {
            return Ok(None);
        }
        Ok(Some(Passed {
            message,
            case: cases.into_iter().next(),
        }))
    }

    async fn names_me(&self, tx: &mut Tx, message: &Message) -> Result<bool> {
        let named = self.named_in(tx, message).await?;
        Ok(named.contains(&self.staff.key))
    }

    async fn named_in(&self, tx: &mut Tx, message: &Message) -> Result<Vec<String>> {
        let writer = self.writer(tx, message).await?;
        let screen = &self.d.parts().screen;
        Ok(self.school.named_in(screen, &message.words(), &writer))
    }

    async fn writer(&self, tx: &mut Tx, message: &Message) -> Result<Writer<'_>> {
        let lane = tx.lane(&message.endpoint, &message.address).await?;
        let proved = lane.as_ref().and_then(|l| l.proved_phone.as_deref());
        let phone = proved.or_else(|| phone_of_address(&message.address));
        let checks = match phone {
            Some(phone) => tx.checks(&self.school.config.id, phone).await?,
            None => Vec::new(),
        };
        if lane.as_ref().is_some_and(|l| l.wrong_at.is_some()) {
            return Ok(Writer::default());
        }
        let today = self.school.local(tx.now()).date();
        Ok(Writer::new(self.school, phone, &checks, today))
    }

    /// "This is a safeguarding matter", of a message: every case it stands in is sealed and paged, or
    /// a sealed one is opened for it. The message is kept as an example for the screen.
    pub async fn flag(&self, tx: &mut Tx, message: Uuid) -> Result<Case> {
        let school = &self.school.config.id;
        if !may_skim(self.staff) {
            return Err(DeskError::NoSuchCase);
        }
        let found = tx.message(school, message).await?;
        let message = found.ok_or(DeskError::NoSuchCase)?;
        if message.safeguarding_case.is_some() {
            return Err(DeskError::Done);
        }
        let cases = tx.cases_holding(school, message.id).await?;
        if cases.iter().any(|c| c.tier != "ordinary") {
            return Err(DeskError::Done);
        }
        if !cases.iter().all(|c| may_open(self.school, self.staff, c)) {
            return Err(DeskError::NoSuchCase);
        }
        let mut sealed = None;
        for case in cases {
            let held = tx.hold_case(school, case.id).await?;
            let mut case = held.ok_or(DeskError::NoSuchCase)?;
            self.mark_safeguarding(tx, &mut case).await?;
            sealed.get_or_insert(case);
        }
        let case = match sealed {
            Some(case) => case,
            None => self.seal(tx, &message).await?,
        };
        tx.keep_flag(school, message.id, case.id, &self.staff.key)
            .await?;
        Ok(case)
    }

    /// A sealed case for a message that stands in none.
    async fn seal(&self, tx: &mut Tx, message: &Message) -> Result<Case> {
        let school = &self.school.config.id;
        let barred = self.named_in(tx, message).await?;
        if barred.contains(&self.staff.key) {
            return Err(DeskError::NoSuchCase);
        }
        let writer = self.writer(tx, message).await?;
        let owner = alert::recipients(self.school, "safeguarding", &barred, tx.now());
        let case = tx
            .open_case(&NewCase {
                school_id: school,
                kind: Kind::Safeguarding.word(),
                tier: "safeguarding",
                endpoint: &message.endpoint,
                address: &message.address,
                adult: writer.adult.map(|a| a.key.as_str()),
                pupil: match writer.children.as_slice() {
                    [only] => Some(only.key.as_str()),
                    _ => None,
                },
                owner: owner.first().map(|s| s.key.as_str()),
                copied: &[],
                barred: &barred,
                escalate_at: None,
            })
            .await?;
        write_message(tx, case.id, message).await?;
        let what = format!("{} flagged it as a safeguarding matter", self.staff.name);
        tx.append(case.id, &NewEntry::new("sealed", &self.staff.key, &what))
            .await?;
        alert::raise(self.d, tx, self.school, &case, "review").await?;
        Ok(case)
    }
}
