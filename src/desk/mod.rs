//! What staff do, wherever they do it: by text, by Telegram, in the console.
//!
//! Acknowledge, reply, promise to ring, log a call, open a sealed entry, answer the office's two
//! questions. Each is one function on one transaction; who may do it is checked here, so no way in
//! can forget it. What is said to a parent passes through their lane.

pub mod accounts;
pub mod alert;
pub mod by_text;
pub mod discussion;
pub mod erasure;
pub mod fate;
pub mod heard;
pub mod interpreter;
pub mod keeping;
pub mod letter;
pub mod life;
pub mod people;
pub mod promises;
mod questions;
pub mod reaching;
mod release;
pub mod rights;
pub mod settings;
pub mod share;
pub mod sight;
pub mod skim;
pub mod stage;
mod stop;
mod talk;
pub mod tell;
pub mod ties;
pub mod young;

use jiff::SignedDuration;
use uuid::Uuid;

use crate::deployment::{Deployment, School};
use crate::flow::value::{Item, Value, Values};
use crate::school::case::access::{Record, may_read};
use crate::school::case::discussion::Lacks;
use crate::school::case::share::NotShared;
use crate::school::case::{Kind, NotYet};
use crate::school::people::{Role, Staff};
use crate::store::{Case, Entry, Moment, NewEntry, Outgoing, Purpose, StoreError, Task, Tx};

/// Why something at the desk was not done.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// There is no such case, or this person may not know of it: the same answer for both.
    #[error("there is no case of that number that you may open")]
    NoSuchCase,
    /// Nothing was written.
    #[error("the message is empty: write what to say")]
    Empty,
    /// A text too long to be read on a phone.
    #[error("the message is {0} characters long: keep it under 918 (six texts)")]
    TooLong(usize),
    /// The person has stopped messages.
    #[error("they have stopped our messages: ring them instead (a task was made)")]
    Stopped,
    /// The phone is not whose we thought.
    #[error("this phone is not theirs: the office has to correct the record first")]
    WrongNumber,
    /// Nothing about the child goes to them.
    #[error(
        "a restriction stands against them: nothing about this child goes to them by text; ask a safeguarding lead"
    )]
    Restricted,
    /// Only of a sealed safeguarding entry is a part given on.
    #[error("this entry is not sealed: whoever has it reads all of it")]
    NotSealed,
    /// The flow that would ask is not there, or the case is not one it asks about.
    #[error("there is nothing to ask them about in this case")]
    NothingToAsk,
    /// A step that its case cannot take yet.
    #[error(transparent)]
    NotYet(#[from] NotYet),
    /// A sealed case is closed with a word why, and takes no other step.
    #[error("a sealed case only ends: write why")]
    SealedStep,
    /// A promise to the parent is open.
    #[error("a promise to the parent is still open (to {0}): keep it before the case is closed")]
    PromiseOpen(String),
    /// A review without a day.
    #[error("choose the day on which you look at it again")]
    NoDay,
    /// A case was to be given to somebody, and nobody was chosen.
    #[error("choose who has it from now on")]
    NobodyToHave,
    /// Somebody who may not read the case, or is not there.
    #[error("{0} cannot have this case: they may not read it, or no message reaches them")]
    CannotHave(String),
    /// Something was to be kept from a parent, and nobody wrote why.
    #[error("write why it is kept from them")]
    NoReason,
    /// Somebody wrote why something is kept from a parent, and ticked nothing.
    #[error("tick what is kept from them, or clear the reason")]
    NothingTicked,
    /// A parent's words would go unread with the case.
    #[error(
        "they have written since: say that you have read it, or answer them, before the case is closed"
    )]
    WroteSince,
    /// Somebody acts on a page on which the parent's last words did not stand yet.
    #[error("they have written since you opened this page: read it, then press again")]
    WroteMeanwhile,
    /// A case would end before the day on which it was to be looked at again.
    #[error("it is to be looked at again on {0}: write why it is closed before that")]
    BeforeReview(String),
    /// A page of the case cannot be given to this adult.
    #[error(transparent)]
    NotShared(#[from] NotShared),
    /// The time has gone by or cannot be read.
    #[error("`{0}` is not a time still to come: write one such as 15:00")]
    NotATime(String),
    /// A form names nobody.
    #[error("choose whom the request is about")]
    NobodyChosen,
    /// Nobody is named who asked.
    #[error("write who asked, and how")]
    NobodyAsked,
    /// A day that cannot be read, or is still to come.
    #[error("`{0}` is not a day up to today: write one such as 2026-12-01")]
    NotADay(String),
    /// Something is decided, and nobody wrote why.
    #[error("write why: it stands in the record")]
    NoWhy,
    /// A stage that a form does not name.
    #[error("choose the stage")]
    NoStage,
    /// The stage is what it was.
    #[error("the stage is \u{201c}{0}\u{201d} already: choose another, or leave it")]
    SameStage(String),
    /// It would begin before the one it follows.
    #[error("the stage is \u{201c}{0}\u{201d} since {1}: choose that day or a later one")]
    StageBefore(String, String),
    /// How something reached somebody is not said.
    #[error("say how they were told")]
    NoHow,
    /// How a letter was sent is not said.
    #[error("choose how it was sent: by post, by hand or by email")]
    NotSentHow,
    /// There is no letter yet.
    #[error("make the letter first")]
    NoLetter,
    /// A young person who does not decide yet.
    #[error("they decide for themselves from {}: write it down from {} on", .from.strftime("%-d %B %Y"), .said.strftime("%-d %B %Y"))]
    TooYoung {
        /// When they decide.
        from: jiff::civil::Date,
        /// From when it can be written down.
        said: jiff::civil::Date,
    },
    /// What was decided is not said.
    #[error("choose what was decided")]
    NotDecided,
    /// A note of a discussion is not whole.
    #[error(transparent)]
    Lacks(#[from] Lacks),
    /// The people could not be changed.
    #[error(transparent)]
    People(#[from] people::PeopleError),
    /// It was done already.
    #[error("somebody has done that already")]
    Done,
    /// The database.
    #[error(transparent)]
    Store(#[from] StoreError),
}

type Result<T> = std::result::Result<T, DeskError>;

/// Tasks that are not ticked off: another page ends them, which asks for more.
pub const ENDS_ELSEWHERE: [&str; 2] = ["two-questions", "subject-access"];

/// The longest reply, which is also GOV.UK Notify's limit: six texts of 153.
pub const LONGEST: usize = 918;

/// For so long the same words to a parent are one reply.
const SAME_REPLY: SignedDuration = SignedDuration::from_mins(2);

/// Somebody at the desk: a member of staff of a school.
#[derive(Clone, Copy)]
pub struct Actor<'a> {
    /// What is running.
    pub d: &'a Deployment,
    /// Their school.
    pub school: &'a School,
    /// Who.
    pub staff: &'a Staff,
}

/// Whether a member of staff may read a case.
pub fn may_open(school: &School, staff: &Staff, case: &Case) -> bool {
    let (Ok(about), Ok(mut held_by)) = (case.barred(), case.copied()) else {
        return false;
    };
    held_by.extend(case.owner.clone());
    let sealed = case.tier != "ordinary";
    let pupil = case.pupil.as_deref().and_then(|p| school.people.pupil(p));
    let key_worker = case.adult.as_deref().and_then(|a| school.people.adult(a));
    held_by.extend(
        key_worker
            .and_then(|a| a.key_worker.clone())
            .filter(|_| !sealed && case.kind != "complaint"),
    );
    let record = Record {
        // What is no kind of its own (a message nobody could read) is the office's, like a hand-over.
        kind: if sealed {
            Kind::Safeguarding
        } else {
            Kind::from_word(&case.kind).unwrap_or(Kind::HandOver)
        },
        class: pupil.map(|p| p.class.as_str()),
        about: &about,
        about_head: case.tier == "head",
        about_staff: matches!(case.tier.as_str(), "staff" | "head"),
        held_by: &held_by,
        // What the school began itself came from nobody who would have to be checked.
        unchecked: case.adult.is_none() && !case.address.is_empty(),
    };
    may_read(staff, &record)
}

impl Actor<'_> {
    /// A case this person may open, held until the transaction ends.
    pub async fn case(&self, tx: &mut Tx, number: i64) -> Result<Case> {
        let found = tx.case_by_number(&self.school.config.id, number).await?;
        let case = found
            .filter(|c| may_open(self.school, self.staff, c))
            .ok_or(DeskError::NoSuchCase)?;
        tx.hold_case(&self.school.config.id, case.id)
            .await?
            .ok_or(DeskError::NoSuchCase)
    }

    /// Opens a case, signed in: the read is written down, and pages for it stop.
    pub async fn open(&self, tx: &mut Tx, number: i64) -> Result<Case> {
        let case = self.case(tx, number).await?;
        tx.audit(
            &self.school.config.id,
            &self.staff.key,
            "read",
            Some(case.id),
        )
        .await?;
        // The head, paged as the next one up, reads a sealed entry because it was paged to them.
        alert::read(tx, &case, self.staff).await?;
        Ok(case)
    }

    /// Says "I have it". The parent who asks is told who has read it; nothing goes up any more.
    pub async fn acknowledge(&self, tx: &mut Tx, case: &mut Case) -> Result<()> {
        if case.acknowledged_at.is_none() {
            case.acknowledged_at = Some(Moment::from(tx.now()));
            case.acknowledged_by = Some(self.staff.key.clone());
            case.escalate_at = None;
            if case.state == "received" {
                "acknowledged".clone_into(&mut case.state);
            }
            let what = format!("{} has it", self.staff.name);
            tx.append(
                case.id,
                &NewEntry::new("acknowledged", &self.staff.key, &what),
            )
            .await?;
            tx.keep_case(case).await?;
        }
        tx.acknowledge_notices(case.id, &self.staff.key).await?;
        Ok(())
    }

    /// Writes to the parent on their own channel; the words stand in the case. It is an
    /// acknowledgement too, and keeps the promise to be in touch.
    pub async fn reply(&self, tx: &mut Tx, case: &mut Case, words: &str) -> Result<()> {
        let words = words.trim();
        if words.is_empty() {
            return Err(DeskError::Empty);
        }
        let length = words.chars().count();
        if length > LONGEST {
            return Err(DeskError::TooLong(length));
        }
        if self.has_just_said(tx, case, words).await? {
            return Ok(());
        }
        let values = Values::from([
            ("who".to_owned(), Value::Text(self.staff.name.clone())),
            ("words".to_owned(), Value::Text(words.to_owned())),
        ]);
        let language = self.language_of(tx, case).await?;
        let body = self
            .d
            .bundle()
            .languages
            .say(&language, "desk-reply", &values);
        self.text_parent(tx, case, &body).await?;
        self.acknowledge(tx, case).await?;
        tx.append(
            case.id,
            &NewEntry::new("message-out", &self.staff.key, words).to_adult(),
        )
        .await?;
        tx.promises_kept(case.id, &self.staff.key).await?;
        self.wrote(tx, case).await
    }

    /// Refuses what somebody does on a page that showed a case up to the entry `seen`, when the parent has
    /// written since: nobody answers, or takes for read, what they have not had before them.
    pub async fn has_before_them(&self, tx: &mut Tx, case: &Case, seen: Option<i64>) -> Result<()> {
        let Some(seen) = seen else { return Ok(()) };
        let theirs = |e: &Entry| matches!(e.kind.as_str(), "message-in" | "statement");
        let mut since = tx
            .chronology(case.id)
            .await?
            .into_iter()
            .filter(|e| e.seq > seen);
        match since.any(|entry| theirs(&entry)) {
            true => Err(DeskError::WroteMeanwhile),
            false => Ok(()),
        }
    }

    /// Whether these were the last words to the parent, moments ago, and theirs: a button pressed twice, or a
    /// page that was gone back to.
    async fn has_just_said(&self, tx: &mut Tx, case: &Case, words: &str) -> Result<bool> {
        let since = tx.now() - SAME_REPLY;
        let chronology = tx.chronology(case.id).await?;
        let last = chronology.iter().rfind(|e| e.kind.starts_with("message"));
        Ok(last.is_some_and(|e| {
            e.kind == "message-out"
                && e.author == self.staff.key
                && e.entered_at.timestamp() > since
                && e.words()
                    .is_some_and(|said| said.split_whitespace().eq(words.split_whitespace()))
        }))
    }

    /// Adds a note for the school's own eyes.
    pub async fn note(&self, tx: &mut Tx, case: &Case, words: &str) -> Result<()> {
        if words.trim().is_empty() {
            return Err(DeskError::Empty);
        }
        tx.append(
            case.id,
            &NewEntry::new("note", &self.staff.key, words.trim()),
        )
        .await?;
        Ok(())
    }

    /// "This is a safeguarding matter": the second net. The whole case is sealed and paged.
    pub async fn mark_safeguarding(&self, tx: &mut Tx, case: &mut Case) -> Result<()> {
        if case.tier != "ordinary" {
            return Err(DeskError::Done);
        }
        "safeguarding".clone_into(&mut case.tier);
        case.copy_to_nobody();
        case.owner = alert::recipients(self.school, "safeguarding", &case.barred()?, tx.now())
            .first()
            .map(|s| s.key.clone());
        case.escalate_at = None;
        tx.keep_case(case).await?;
        let what = format!("{} marked it as a safeguarding matter", self.staff.name);
        tx.append(case.id, &NewEntry::new("sealed", &self.staff.key, &what))
            .await?;
        alert::raise(self.d, tx, self.school, case, "review").await?;
        Ok(())
    }

    /// Ticks something off a list.
    pub async fn task_done(&self, tx: &mut Tx, task: Uuid) -> Result<()> {
        let found = tx.task_by_id(&self.school.config.id, task).await?;
        let task = found
            .filter(|t| !ENDS_ELSEWHERE.contains(&t.kind.as_str()))
            .ok_or(DeskError::NoSuchCase)?;
        if !tx.task_done(task.id, &self.staff.key).await? {
            return Err(DeskError::Done);
        }
        if task.kind == "wrong-number" {
            // The record is right again: whoever it names may be written to.
            let school = &self.school.config.id;
            let mut lane = tx.hold_lane(school, &task.endpoint, &task.address).await?;
            lane.wrong_at = None;
            tx.keep_lane(&lane).await?;
        }
        if let Some(case) = task.case_id {
            // A copy or a formal answer is owed until it is ticked off.
            tx.promise_kept(case, &task.kind, &self.staff.key).await?;
            let what = format!("Done: {}", task.words);
            tx.append(case, &NewEntry::new("task", &self.staff.key, &what))
                .await?;
        }
        Ok(())
    }

    async fn language_of(&self, tx: &mut Tx, case: &Case) -> Result<String> {
        let lane = tx.lane(&case.endpoint, &case.address).await?;
        let chosen = lane.and_then(|l| l.language);
        let adult = case
            .adult
            .as_deref()
            .and_then(|k| self.school.people.adult(k));
        Ok(chosen
            .or_else(|| adult.and_then(|a| a.language.clone()))
            .filter(|tag| self.school.config.languages.contains(tag))
            .unwrap_or_else(|| self.school.config.default_language.clone()))
    }

    async fn not_stopped(&self, tx: &mut Tx, case: &Case) -> Result<()> {
        let today = self.school.local(tx.now()).date();
        if self.school.kept_from_writer(case, today).is_some() {
            return Err(DeskError::Restricted);
        }
        if self.school.is_lost_number(case) {
            return Err(DeskError::WrongNumber);
        }
        // A record that the school began for a child whose adults have no number.
        if case.address.is_empty() {
            return Err(DeskError::NotShared(NotShared::NoNumber));
        }
        let lane = tx
            .hold_lane(&case.school_id, &case.endpoint, &case.address)
            .await?;
        if lane.stopped_at.is_some() {
            return Err(DeskError::Stopped);
        }
        if lane.wrong_at.is_some() {
            return Err(DeskError::WrongNumber);
        }
        Ok(())
    }

    /// Queues a text of the school's own to the parent; it keeps quiet hours.
    async fn text_parent(&self, tx: &mut Tx, case: &Case, body: &str) -> Result<()> {
        self.not_stopped(tx, case).await?;
        let due = self
            .school
            .waking(tx, &case.endpoint, &case.address)
            .await?;
        let text = body.to_owned();
        tx.queue(&Outgoing {
            case_id: Some(case.id),
            ..Outgoing::text(
                &case.school_id,
                &case.endpoint,
                &case.address,
                Purpose::School,
                text,
                due,
            )
        })
        .await?;
        Ok(())
    }

    /// Staff have written to or rung this adult: the thread is live.
    async fn wrote(&self, tx: &mut Tx, case: &mut Case) -> Result<()> {
        case.staff_wrote_at = Some(Moment::from(tx.now()));
        case.staff_wrote = Some(self.staff.key.clone());
        case.told_at = case.staff_wrote_at;
        // A note that somebody answers is a case: what the parent says next belongs to it.
        case.note = false;
        tx.keep_case(case).await?;
        Ok(())
    }
}

/// A case as the flows know one.
fn item_of(case: &Case) -> Item {
    Item {
        id: case.id.to_string(),
        label: case.reference(),
    }
}

/// Whether a task is on somebody's list: their own, or of a role of theirs.
pub fn may_see_task(staff: &Staff, task: &Task) -> bool {
    match &task.staff {
        Some(key) if *key == staff.key => true,
        // The leads stand in for each other; what one person promised is nobody else's.
        Some(_) => task.role == "dsl" && sees_list(staff, "dsl"),
        None => sees_list(staff, &task.role),
    }
}

/// Whether somebody answers for who has read what: the safeguarding leads and the head. Lines about a
/// case are besides only for those who may open it.
pub fn sees_audit(staff: &Staff) -> bool {
    let answer = [Role::Dsl, Role::DeputyDsl, Role::Head];
    answer.iter().any(|role| staff.is(*role))
}

/// Whether somebody works off the list of a role.
pub fn sees_list(staff: &Staff, role: &str) -> bool {
    match role {
        "head" => staff.is(Role::Head),
        "dsl" => staff.is(Role::Dsl) || staff.is(Role::DeputyDsl),
        "it" => staff.is(Role::It) || staff.is(Role::Office),
        "senco" => staff.is(Role::Senco),
        _ => staff.is(Role::Office) || staff.is(Role::Senco) || staff.is(Role::Head),
    }
}
