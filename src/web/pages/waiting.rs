//! What waits for somebody: the rows of Today, each only if this person may see it.
//!
//! `desk` says who may open what; here things are only gathered, put in order and worded.

mod shut;
mod support;

use std::collections::HashMap;

use jiff::SignedDuration;
use uuid::Uuid;

use super::Stamp;
use super::wording::{
    adult_name, beginning, described, kind_words, mode_words, promise_words, pupil_name,
    task_title, who_at,
};
use crate::channel::Status;
use crate::deployment::School;
use crate::desk::life::unread;
use crate::desk::{ENDS_ELSEWHERE, may_open, may_see_task, sees_list};
use crate::inbox::phone_of;
use crate::phone::Phone;
use crate::school::people::{Role, Staff};
use crate::store::{
    Case, CaseFilter, Entry, Meeting, Moment, OutboxRow, Promise, Purpose, Result, Task, Tx,
};

pub(super) use shut::{Falls, ShutRow};

/// What did not arrive is shown for this long; the list that somebody ticks off keeps it longer.
const LATELY: SignedDuration = SignedDuration::from_hours(72);

/// A review stands on Today from a week before: time to find an hour with the family.
const WEEK: SignedDuration = SignedDuration::from_hours(7 * 24);

/// A page for a sealed case that nobody has opened.
pub(super) struct AlertRow {
    pub number: i64,
    pub reference: String,
    pub level: String,
    pub since: Stamp,
    pub pages: i64,
}

/// A case that nobody has acknowledged.
pub(super) struct CaseRow {
    pub number: i64,
    pub reference: String,
    pub kind: String,
    pub pupil: String,
    pub adult: String,
    pub owner: String,
    pub since: Stamp,
    /// By when somebody should have said "I have this".
    pub by: Option<Stamp>,
    pub overdue: bool,
    /// How the parent began.
    pub words: String,
}

/// A case in which the parent has written since anybody at school did anything.
pub(super) struct AgainRow {
    pub number: i64,
    pub reference: String,
    pub adult: String,
    pub when: Stamp,
    pub words: String,
    /// The entry that these words are.
    pub seen: i64,
}

/// A case that school and family are to look at again.
pub(super) struct ReviewRow {
    pub number: i64,
    pub reference: String,
    pub pupil: String,
    pub at: Stamp,
}

/// What a parent was told would happen.
pub(super) struct PromiseRow {
    pub number: i64,
    pub reference: String,
    pub promise: String,
    pub adult: String,
    pub due: Stamp,
}

/// A meeting of today.
pub(super) struct MeetingRow {
    pub at: Stamp,
    pub who: String,
    pub with: String,
    pub mode: &'static str,
    /// The case, if this person may open it.
    pub number: Option<i64>,
}

/// Something on a list.
pub(super) struct TaskRow {
    pub id: Uuid,
    pub title: &'static str,
    pub words: String,
    pub who: String,
    pub since: Stamp,
    pub due: Option<Stamp>,
    pub number: Option<i64>,
    pub reference: String,
    /// It is not ticked off here: a request has a page of its own.
    pub elsewhere: bool,
}

/// The office's two questions about somebody.
pub(super) struct QuestionRow {
    pub task: TaskRow,
    /// Key and description of everybody on the record for the number.
    pub adults: Vec<(String, String)>,
}

/// A message that did not arrive.
pub(super) struct DeliveryRow {
    pub to: String,
    pub when: Stamp,
    pub status: &'static str,
    pub number: Option<i64>,
    pub reference: String,
}

/// Everything that waits.
#[derive(Default)]
pub(super) struct Waiting {
    /// Numbers whose test text was not read this morning.
    pub silent: Vec<String>,
    /// Ways whose provider has been failing: which, since when and why.
    pub failing: Vec<(String, Stamp, String)>,
    pub alerts: Vec<AlertRow>,
    pub cases: Vec<CaseRow>,
    pub again: Vec<AgainRow>,
    pub promises: Vec<PromiseRow>,
    pub reviews: Vec<ReviewRow>,
    pub meetings: Vec<MeetingRow>,
    pub questions: Vec<QuestionRow>,
    pub tasks: Vec<TaskRow>,
    pub deliveries: Vec<DeliveryRow>,
    /// What waits in the graduated approach.
    pub support: support::Support,
    /// What falls on days on which the school is closed.
    pub shut: Vec<ShutRow>,
}

impl Waiting {
    /// How many things wait, meetings aside: those come by themselves.
    pub fn count(&self) -> usize {
        self.alerts.len()
            + self.cases.len()
            + self.again.len()
            + self.promises.len()
            + self.reviews.len()
            + self.questions.len()
            + self.tasks.len()
            + self.deliveries.len()
            + self.support.count()
            + self.shut.len()
    }
}

/// One look round for one person.
pub(super) struct Look<'a> {
    tx: &'a mut Tx,
    school: &'a School,
    staff: &'a Staff,
    now: Moment,
    /// Cases met so far: a promise, a task and a meeting may belong to one.
    cases: HashMap<Uuid, Option<Case>>,
}

impl<'a> Look<'a> {
    /// Begins.
    pub fn new(tx: &'a mut Tx, school: &'a School, staff: &'a Staff) -> Self {
        let now = Moment::from(tx.now());
        Self {
            tx,
            school,
            staff,
            now,
            cases: HashMap::new(),
        }
    }

    /// Gathers everything that waits for this person.
    pub async fn gather(mut self) -> Result<Waiting> {
        let open = CaseFilter {
            open_only: true,
            ..CaseFilter::default()
        };
        let open = self.tx.cases(&self.school.config.id, &open).await?;
        self.cases
            .extend(open.iter().map(|c| (c.id, Some(c.clone()))));
        let silent = self.silent().await?;
        let failing = self.failing().await?;
        let alerts = self.alerts().await?;
        let cases = self.unacknowledged(&open, &alerts).await?;
        let again = self.again(&open, &alerts).await?;
        let promises = self.promises().await?;
        let reviews = self.reviews().await?;
        let meetings = self.meetings().await?;
        let (questions, tasks) = self.tasks().await?;
        let deliveries = self.deliveries().await?;
        let support = self.support().await?;
        let (shut, _) = self.shut().await?;
        Ok(Waiting {
            silent,
            failing,
            alerts,
            cases,
            again,
            promises,
            reviews,
            meetings,
            questions,
            tasks,
            deliveries,
            support,
            shut,
        })
    }

    fn stamp(&self, at: Moment) -> Stamp {
        Stamp::new(self.school, at, self.now)
    }

    async fn case(&mut self, id: Option<Uuid>) -> Result<Option<Case>> {
        let Some(id) = id else { return Ok(None) };
        if let Some(known) = self.cases.get(&id) {
            return Ok(known.clone());
        }
        let found = self.tx.case(&self.school.config.id, id).await?;
        self.cases.insert(id, found.clone());
        Ok(found)
    }

    /// The case, if this person may open it.
    async fn openable(&mut self, id: Option<Uuid>) -> Result<Option<Case>> {
        let case = self.case(id).await?;
        Ok(case.filter(|c| may_open(self.school, self.staff, c)))
    }

    async fn alerts(&mut self) -> Result<Vec<AlertRow>> {
        let mut rows = Vec::new();
        for alert in self.tx.unread_alerts(&self.school.config.id).await? {
            if let Some(case) = self.openable(Some(alert.case_id)).await? {
                rows.push(AlertRow {
                    number: case.number,
                    reference: case.reference(),
                    level: alert.level.clone(),
                    since: self.stamp(alert.opened_at),
                    pages: alert.pages,
                });
            }
        }
        Ok(rows)
    }

    async fn unacknowledged(&mut self, open: &[Case], alerts: &[AlertRow]) -> Result<Vec<CaseRow>> {
        let waits = |case: &&Case| {
            // A booking asks nothing of anybody, unless it goes up like a concern.
            let asks = case.kind != "meeting" || case.escalate_at.is_some();
            let paged = alerts.iter().any(|a| a.number == case.number);
            asks && !paged
                && case.acknowledged_at.is_none()
                && may_open(self.school, self.staff, case)
        };
        let mut cases: Vec<&Case> = open.iter().filter(waits).collect();
        cases.sort_by_key(|case| (case.opened_at, case.number));
        let mut rows = Vec::new();
        for case in cases.into_iter().take(50) {
            let chronology = self.tx.chronology(case.id).await?;
            let first = chronology
                .iter()
                .find(|e| e.kind == "message-in")
                .map(|e| words_in_a_list(case, e));
            let overdue = case.escalations > 0 || case.escalate_at.is_some_and(|at| at < self.now);
            rows.push(CaseRow {
                number: case.number,
                reference: case.reference(),
                kind: kind_words(&case.kind),
                pupil: pupil_name(self.school, case),
                adult: adult_name(self.school, case),
                owner: case
                    .owner
                    .as_ref()
                    .map_or_else(|| "nobody yet".to_owned(), |k| self.school.name(k)),
                since: self.stamp(case.opened_at),
                by: case.escalate_at.map(|at| self.stamp(at)),
                overdue,
                words: first.unwrap_or_default(),
            });
        }
        Ok(rows)
    }

    /// For those who have a case: what the parent wrote after the last thing that staff did in it.
    async fn again(&mut self, open: &[Case], alerts: &[AlertRow]) -> Result<Vec<AgainRow>> {
        let key = Some(&self.staff.key);
        let mut rows = Vec::new();
        for case in open {
            let has = [&case.owner, &case.acknowledged_by, &case.staff_wrote].map(Option::as_ref);
            let theirs = has.contains(&key) || case.copied()?.contains(&self.staff.key);
            let paged = alerts.iter().any(|a| a.number == case.number);
            if !theirs
                || case.touched_at <= case.acknowledged_at.unwrap_or(case.touched_at)
                || paged
                || !may_open(self.school, self.staff, case)
            {
                continue;
            }
            let chronology = self.tx.chronology(case.id).await?;
            if let Some(newest) = unread(&self.school.people, case, &chronology) {
                rows.push(AgainRow {
                    number: case.number,
                    reference: case.reference(),
                    adult: adult_name(self.school, case),
                    when: self.stamp(newest.happened_at),
                    words: words_in_a_list(case, newest),
                    seen: newest.seq,
                });
            }
        }
        rows.truncate(50);
        Ok(rows)
    }

    async fn promises(&mut self) -> Result<Vec<PromiseRow>> {
        let mut rows = Vec::new();
        for promise in self.tx.open_promises(&self.school.config.id).await? {
            rows.extend(self.promise_row(&promise).await?);
        }
        rows.truncate(50);
        Ok(rows)
    }

    /// A promise, if this person may open its case.
    async fn promise_row(&mut self, promise: &Promise) -> Result<Option<PromiseRow>> {
        let Some(case) = self.openable(Some(promise.case_id)).await? else {
            return Ok(None);
        };
        let Ok(words) = promise_words(promise) else {
            return Ok(None);
        };
        Ok(Some(PromiseRow {
            number: case.number,
            reference: case.reference(),
            promise: words,
            adult: adult_name(self.school, &case),
            due: self.stamp(promise.due_at),
        }))
    }

    /// For those who have a case: what is to be looked at again within a week.
    async fn reviews(&mut self) -> Result<Vec<ReviewRow>> {
        let until = Moment::from(self.now.timestamp() + WEEK);
        let due = self
            .tx
            .cases_to_review(&self.school.config.id, until)
            .await?;
        let key = Some(&self.staff.key);
        let mut rows = Vec::new();
        for case in due {
            let theirs = case.owner.as_ref() == key || case.copied()?.contains(&self.staff.key);
            if let (true, true, Some(at)) = (
                theirs,
                may_open(self.school, self.staff, &case),
                case.review_at,
            ) {
                rows.push(ReviewRow {
                    number: case.number,
                    reference: case.reference(),
                    pupil: pupil_name(self.school, &case),
                    at: self.stamp(at),
                });
            }
        }
        rows.truncate(50);
        Ok(rows)
    }

    async fn meetings(&mut self) -> Result<Vec<MeetingRow>> {
        let today = self.school.local(self.now.timestamp()).date();
        let from = self
            .school
            .instant(today.to_datetime(jiff::civil::Time::midnight()));
        let to = from + SignedDuration::from_hours(24);
        let mut rows = Vec::new();
        let school = &self.school.config.id;
        for meeting in self.tx.meetings_between(school, from, to).await? {
            rows.extend(self.meeting_row(&meeting).await?);
        }
        Ok(rows)
    }

    /// A meeting, if this person is in it or keeps the school's diary.
    async fn meeting_row(&mut self, meeting: &Meeting) -> Result<Option<MeetingRow>> {
        let all = [Role::Senco, Role::Head, Role::Office, Role::Dsl]
            .iter()
            .any(|r| self.staff.is(*r));
        let attends = meeting.staff()?;
        let case = self.case(Some(meeting.case_id)).await?;
        let barred = case.as_ref().is_some_and(|c| is_about(c, self.staff));
        if barred || !(all || attends.contains(&self.staff.key)) {
            return Ok(None);
        }
        let number = case
            .as_ref()
            .filter(|c| may_open(self.school, self.staff, c))
            .map(|c| c.number);
        Ok(Some(MeetingRow {
            at: self.stamp(meeting.starts_at),
            who: case
                .map(|c| adult_name(self.school, &c))
                .unwrap_or_default(),
            with: attends
                .iter()
                .map(|k| self.school.name(k))
                .collect::<Vec<_>>()
                .join(" and "),
            mode: mode_words(&meeting.mode),
            number,
        }))
    }

    /// Providers that have failed for over two minutes, and more than once.
    async fn failing(&mut self) -> Result<Vec<(String, Stamp, String)>> {
        let since = Moment::from(self.now.timestamp() - jiff::SignedDuration::from_mins(2));
        let failing = self.tx.failing().await?;
        let channels = &self.school.config.channels;
        Ok(failing
            .iter()
            .filter(|f| f.failing_since <= since && f.rests_until.is_some())
            .filter_map(|f| {
                let channel = channels.iter().find(|c| c.id == f.endpoint)?;
                let number = channel.kind.number();
                let name = number.map_or_else(|| channel.id.clone(), Phone::national);
                Some((name, self.stamp(f.failing_since), f.why.clone()))
            })
            .collect())
    }

    async fn silent(&mut self) -> Result<Vec<String>> {
        let canaries = self.tx.canaries().await?;
        let missed = canaries
            .iter()
            .filter(|c| c.missed_at.is_some() && c.heard_at.is_none());
        let channels = &self.school.config.channels;
        Ok(missed
            .filter_map(|c| channels.iter().find(|channel| channel.id == c.endpoint))
            .filter_map(|channel| channel.kind.number())
            .map(Phone::national)
            .collect())
    }

    async fn tasks(&mut self) -> Result<(Vec<QuestionRow>, Vec<TaskRow>)> {
        let (mut questions, mut tasks) = (Vec::new(), Vec::new());
        for task in self.tx.open_tasks(&self.school.config.id).await? {
            let case = self.case(task.case_id).await?;
            if !may_do(self.school, self.staff, &task, case.as_ref()) {
                continue;
            }
            let row = self.task_row(&task, case.as_ref());
            if task.kind == "two-questions" {
                let adults = self.on_record(&task).await?;
                questions.push(QuestionRow { task: row, adults });
            } else {
                tasks.push(row);
            }
        }
        tasks.truncate(50);
        Ok((questions, tasks))
    }

    fn task_row(&self, task: &Task, case: Option<&Case>) -> TaskRow {
        let open = case.filter(|c| may_open(self.school, self.staff, c));
        TaskRow {
            id: task.id,
            title: task_title(&task.kind),
            words: beginning(&task.words),
            who: who_at(self.school, &task.address),
            since: self.stamp(task.created_at),
            due: task.due_at.map(|at| self.stamp(at)),
            number: open.map(|c| c.number),
            reference: case.map(Case::reference).unwrap_or_default(),
            elsewhere: ENDS_ELSEWHERE.contains(&task.kind.as_str()),
        }
    }

    /// Everybody on the record for a number, for whoever answers the two questions.
    async fn on_record(&mut self, task: &Task) -> Result<Vec<(String, String)>> {
        let lane = self.tx.lane(&task.endpoint, &task.address).await?;
        let phone = phone_of(lane.as_ref(), &task.address).and_then(|p| Phone::parse(p).ok());
        let Some(phone) = phone else {
            return Ok(Vec::new());
        };
        let adults = self.school.people.with_phone(&phone);
        Ok(adults
            .into_iter()
            .map(|a| (a.key.clone(), described(self.school, a)))
            .collect())
    }

    async fn deliveries(&mut self) -> Result<Vec<DeliveryRow>> {
        let since = Moment::from(self.now.timestamp() - LATELY);
        let mut rows = Vec::new();
        for row in self.tx.undelivered(&self.school.config.id).await? {
            let case = self.case(row.case_id).await?;
            if row.created_at < since || !self.concerns(&row, case.as_ref()) {
                continue;
            }
            let open = case
                .as_ref()
                .filter(|c| may_open(self.school, self.staff, c));
            rows.push(DeliveryRow {
                to: match &row.staff {
                    Some(key) => self.school.name(key),
                    None => who_at(self.school, &row.address),
                },
                when: self.stamp(row.created_at),
                status: match row.status() {
                    Status::Uncertain => "Nobody knows whether it arrived",
                    _ => "Did not arrive",
                },
                number: open.map(|c| c.number),
                reference: open.map(Case::reference).unwrap_or_default(),
            });
        }
        Ok(rows)
    }

    /// Whether this person is told that a message did not arrive: of a case, whoever may open it;
    /// of none, the office. Never more of a sealed one.
    fn concerns(&self, row: &OutboxRow, case: Option<&Case>) -> bool {
        match case {
            Some(case) => may_open(self.school, self.staff, case),
            None => row.purpose() != Purpose::Safeguarding && sees_list(self.staff, "office"),
        }
    }
}

/// The beginning of what somebody wrote. Sealed words are in no list, which others may see in passing.
fn words_in_a_list(case: &Case, entry: &Entry) -> String {
    if case.tier != "ordinary" {
        return "(sealed: open it to read it)".to_owned();
    }
    beginning(&entry.words().unwrap_or_default())
}

/// Whether somebody is written about in a case.
fn is_about(case: &Case, staff: &Staff) -> bool {
    case.barred()
        .map_or(true, |barred| barred.contains(&staff.key))
}

/// Whether somebody may see a task and do it: it is on a list of theirs, and not about themselves. What is
/// to be done in a sealed case is for whoever may open it, whoever it was meant for before.
pub(super) fn may_do(school: &School, staff: &Staff, task: &Task, case: Option<&Case>) -> bool {
    match case {
        Some(case) if case.tier != "ordinary" => may_open(school, staff, case),
        case => may_see_task(staff, task) && !case.is_some_and(|c| is_about(c, staff)),
    }
}
