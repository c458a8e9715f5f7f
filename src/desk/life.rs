//! The life of a case: whose it is, what came of it, when it is looked at again, and its end.

use jiff::civil::Date;

use super::{Actor, DeskError, Result, may_open, tell};
use crate::deployment::School;
use crate::flow::value::{Value, Values};
use crate::school::calendar::SchoolCalendar;
use crate::school::case::{Kind, State, Step, may_step};
use crate::school::people::{People, Staff};
use crate::store::{Case, Entry, Moment, NewEntry, Tx};

/// A step, as somebody writes it down.
#[derive(Debug, Clone, Copy)]
pub struct Taken<'a> {
    /// To where.
    pub to: State,
    /// What was talked about, agreed, or why nothing changes.
    pub words: &'a str,
    /// The parent is told these words.
    pub tell: bool,
    /// When they look at it again.
    pub review: Option<Date>,
}

/// The last of a parent's words in a case that somebody has taken on, where nobody at school has done
/// anything since.
pub fn unread<'e>(people: &People, case: &Case, chronology: &'e [Entry]) -> Option<&'e Entry> {
    case.acknowledged_at.filter(|at| case.touched_at > *at)?;
    let newest = chronology.iter().rev();
    newest
        .take_while(|e| people.staff(&e.author).is_none())
        .find(|e| matches!(e.kind.as_str(), "message-in" | "statement"))
}

impl Actor<'_> {
    /// Takes a case a step further. What came of it (agreed, or nothing changes) is every parent's to
    /// know; told or not, it stands in the record, and the case cannot close before it was told.
    pub async fn step(&self, tx: &mut Tx, case: &mut Case, step: &Taken<'_>) -> Result<()> {
        let words = step.words.trim();
        self.acknowledge(tx, case).await?;
        let outcome = matches!(step.to, State::Agreed | State::NoChange);
        if words.is_empty() && (outcome || step.to == State::Discussed) {
            return Err(DeskError::Empty);
        }
        self.may_take(tx, case, step).await?;
        let entry = match step.to {
            State::Discussed => NewEntry::new("talk", &self.staff.key, words),
            State::Agreed => shared(NewEntry::new("agreed", &self.staff.key, words)),
            State::NoChange => shared(NewEntry::new("nothing-changes", &self.staff.key, words)),
            State::Review => return self.set_review(tx, case, step).await,
            State::Closed => return self.close(tx, case, words).await,
            State::Received | State::Acknowledged => return Ok(()),
        };
        tx.append(case.id, &entry).await?;
        step.to.word().clone_into(&mut case.state);
        if outcome {
            // What they were told before was not this.
            case.told_at = None;
        }
        if outcome && step.tell {
            return self.tell(tx, case, words).await;
        }
        tx.keep_case(case).await?;
        Ok(())
    }

    /// Whether the case may take the step.
    async fn may_take(&self, tx: &mut Tx, case: &Case, step: &Taken<'_>) -> Result<()> {
        let from = State::from_word(&case.state).unwrap_or(State::Received);
        // What is sealed is not talked over by text: a lead ends it, in the record.
        if case.tier != "ordinary" {
            let ends = step.to == State::Closed && !step.words.trim().is_empty();
            return if ends && from != State::Closed {
                Ok(())
            } else {
                Err(DeskError::SealedStep)
            };
        }
        let kind = Kind::from_word(&case.kind).unwrap_or(Kind::Question);
        may_step(
            kind,
            from,
            &Step {
                to: step.to,
                reason: Some(step.words),
                outcome_told: case.told_at.is_some(),
                copy_owed: tx.open_task_of("copy", case.id).await?.is_some(),
            },
        )?;
        if step.to == State::Closed {
            let chronology = tx.chronology(case.id).await?;
            if unread(&self.school.people, case, &chronology).is_some() {
                return Err(DeskError::WroteSince);
            }
            let review = case.review_at.filter(|at| *at > Moment::from(tx.now()));
            if let Some(at) = review
                && step.words.trim().is_empty()
            {
                let day = self.school.local(at.timestamp());
                return Err(DeskError::BeforeReview(
                    day.strftime("%-d %B %Y").to_string(),
                ));
            }
            let promises = tx.promises_of(case.id).await?;
            let open = promises
                .iter()
                .find(|p| p.kept_at.is_none() && p.broken_at.is_none());
            if let Some(open) = open {
                return Err(DeskError::PromiseOpen(open.what.replace('-', " ")));
            }
        }
        Ok(())
    }

    /// Texts the parent what came of it.
    async fn tell(&self, tx: &mut Tx, case: &mut Case, words: &str) -> Result<()> {
        let values = Values::from([
            ("who".to_owned(), Value::Text(self.staff.name.clone())),
            ("words".to_owned(), Value::Text(words.to_owned())),
        ]);
        let language = self.language_of(tx, case).await?;
        let languages = &self.d.bundle().languages;
        let body = languages.say(&language, "desk-reply", &values);
        self.text_parent(tx, case, &body).await?;
        tx.append(
            case.id,
            &NewEntry::new("message-out", &self.staff.key, words).to_adult(),
        )
        .await?;
        tx.promises_kept(case.id, &self.staff.key).await?;
        self.wrote(tx, case).await
    }

    async fn set_review(&self, tx: &mut Tx, case: &mut Case, step: &Taken<'_>) -> Result<()> {
        let day = step.review.ok_or(DeskError::NoDay)?;
        let opens = self.school.calendar().open;
        let at = self.school.instant(day.to_datetime(opens));
        if at <= tx.now() {
            return Err(DeskError::NotATime(day.strftime("%-d %b %Y").to_string()));
        }
        case.review_at = Some(Moment::from(at));
        State::Review.word().clone_into(&mut case.state);
        let words = format!("To be looked at again on {}", day.strftime("%a %-d %b %Y"));
        tx.append(
            case.id,
            &shared(NewEntry::new("review", &self.staff.key, &words)),
        )
        .await?;
        tx.keep_case(case).await?;
        Ok(())
    }

    async fn close(&self, tx: &mut Tx, case: &mut Case, words: &str) -> Result<()> {
        State::Closed.word().clone_into(&mut case.state);
        case.closed_at = Some(Moment::from(tx.now()));
        case.escalate_at = None;
        case.review_at = None;
        let what = match words {
            "" => format!("{} closed it", self.staff.name),
            words => format!("{} closed it: {words}", self.staff.name),
        };
        tx.append(case.id, &NewEntry::new("closed", &self.staff.key, &what))
            .await?;
        tx.close_notices(case.id).await?;
        tx.keep_case(case).await?;
        Ok(())
    }

    /// Gives a case to somebody else: they are told of it, and whoever had it is told of it no more.
    pub async fn assign(&self, tx: &mut Tx, case: &mut Case, to: &str) -> Result<()> {
        if to.is_empty() {
            return Err(DeskError::NobodyToHave);
        }
        let nobody = || DeskError::CannotHave(self.school.name(to));
        let staff = self.school.people.staff(to).ok_or_else(nobody)?;
        if case.owner.as_deref() == Some(to) {
            return Err(DeskError::Done);
        }
        if !may_have(self.school, staff, case) {
            return Err(nobody());
        }
        case.owner = Some(to.to_owned());
        let what = format!("{} gave it to {}", self.staff.name, staff.name);
        tx.append(case.id, &NewEntry::new("owner", &self.staff.key, &what))
            .await?;
        tx.keep_case(case).await?;
        tell::to(self.d, tx, self.school, case, to, "owner").await?;
        Ok(())
    }

    /// Puts an earlier entry right, or writes down how a parent sees it: a new entry that points at
    /// the old one, which stays.
    pub async fn correct(
        &self,
        tx: &mut Tx,
        case: &Case,
        seq: i64,
        words: &str,
        of_parent: bool,
    ) -> Result<()> {
        let words = words.trim();
        if words.is_empty() {
            return Err(DeskError::Empty);
        }
        let entries = tx.chronology(case.id).await?;
        let old = entries
            .iter()
            .find(|e| e.seq == seq)
            .ok_or(DeskError::NoSuchCase)?;
        let kind = if of_parent { "statement" } else { "correction" };
        tx.append(
            case.id,
            &NewEntry {
                corrects: Some(seq),
                // Whoever was shown the mistake is shown that it was one.
                audience: &old.audience,
                ..NewEntry::new(kind, &self.staff.key, words)
            },
        )
        .await?;
        Ok(())
    }
}

/// What the school decided about a child: every parent's who may be told of them.
fn shared(entry: NewEntry<'_>) -> NewEntry<'_> {
    NewEntry {
        audience: "parents",
        ..entry
    }
}

/// Whether a case can be given to a member of staff: a message reaches them, and they may read it as its
/// owner. What is sealed goes only to those whom the seal lets in without being given it.
pub fn may_have(school: &School, staff: &Staff, case: &Case) -> bool {
    let mut theirs = case.clone();
    theirs.owner = (case.tier == "ordinary").then(|| staff.key.clone());
    staff.reachable() && may_open(school, staff, &theirs)
}

/// The day of a review, for the form: six school weeks on, which is about half a term.
pub fn review_day(calendar: &SchoolCalendar, today: Date) -> Date {
    let weeks = today.checked_add(jiff::Span::new().weeks(6));
    let day = weeks.unwrap_or(today);
    let before = day.yesterday().unwrap_or(day);
    calendar.next_school_day(before).unwrap_or(day)
}
