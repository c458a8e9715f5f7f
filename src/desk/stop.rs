//! Stopping all that is under way about a child to an adult, from the moment nothing more may go.

use crate::deployment::{About, KeptFrom, School, about};
use crate::phone::Phone;
use crate::school::people::Adult;
use crate::store::{Case, CaseFilter, Meeting, NewEntry, StoreError, Tx};

/// What was stopped.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stopped {
    /// Messages that had not left and were withdrawn.
    pub withdrawn: usize,
    /// Messages that are leaving at this moment: nobody can hold them.
    pub leaving: usize,
    /// Pages that open no more.
    pub pages: usize,
    /// Meetings that somebody has to decide about.
    pub meetings: usize,
    /// Cases of theirs about the child that are open.
    pub cases: usize,
}

impl Stopped {
    /// What it was, a sentence each, for the record.
    pub fn in_words(&self) -> String {
        let count = |n: usize, one: &str, many: &str| match n {
            0 => None,
            1 => Some(one.to_owned()),
            n => Some(format!("{n} {many}")),
        };
        let said: Vec<String> = [
            count(
                self.withdrawn,
                "1 message that had not left was withdrawn.",
                "messages that had not left were withdrawn.",
            ),
            count(
                self.leaving,
                "1 message was leaving at that moment and could not be held.",
                "messages were leaving at that moment and could not be held.",
            ),
            count(
                self.pages,
                "1 page of theirs opens no more.",
                "pages of theirs open no more.",
            ),
            count(
                self.meetings,
                "1 meeting is on the safeguarding leads' list: they decide whether it stands.",
                "meetings are on the safeguarding leads' list: they decide whether they stand.",
            ),
            count(
                self.cases,
                "1 open case of theirs says so.",
                "open cases of theirs say so.",
            ),
        ]
        .into_iter()
        .flatten()
        .collect();
        if said.is_empty() {
            "Nothing was under way to them.".to_owned()
        } else {
            said.join(" ")
        }
    }
}

/// Stops what is on its way to parents.
#[derive(Clone, Copy)]
pub(super) struct Stop<'a> {
    /// The school.
    pub school: &'a School,
    /// Who has decided it, by key; empty for the command line.
    pub by: &'a str,
    /// Why, as everybody may know it who sees a case: never the reason.
    pub why: &'a str,
}

impl Stop<'_> {
    /// Everything about a child that is on its way to an adult, and their open conversations with it.
    /// `adult` is as they stood before.
    pub async fn all(
        &self,
        tx: &mut Tx,
        adult: &Adult,
        pupil: &str,
    ) -> Result<Stopped, StoreError> {
        let (why, by) = (self.why, self.author());
        let id = &self.school.config.id;
        let mut stopped = Stopped::default();
        let kept = [KeptFrom { adult, pupil }];
        for row in tx.leaving_for_parents(id).await? {
            if about(tx, &kept, &row).await? == About::Other {
                continue;
            }
            if tx.withdraw(row.id, &format!("withdrawn: {why}")).await? {
                stopped.withdrawn += 1;
            } else {
                stopped.leaving += 1;
            }
        }
        // What was half said is about what they were told before.
        for phone in adult.numbers() {
            end_talks(tx, id, phone).await?;
        }
        let keys =
            std::iter::once(adult.key.as_str()).chain(adult.merged.iter().map(|m| m.key.as_str()));
        for key in keys {
            for case in tx.end_shares_about(id, key, pupil).await? {
                stopped.pages += 1;
                let what = format!("The page given to {} opens no more: {why}", adult.name);
                let entry = NewEntry::new("page-ended", by, &what);
                tx.append(case, &entry).await?;
            }
            tx.forget_duplicates(id, pupil, key).await?;
            tx.forget_checks(id, key).await?;
        }
        for meeting in tx.every_meeting_ahead(id).await? {
            if is_theirs(&meeting, adult, pupil) {
                stopped.meetings += 1;
                self.meeting_for_a_person(tx, &meeting, adult).await?;
            }
        }
        let open = CaseFilter {
            open_only: true,
            pupil: Some(pupil.to_owned()),
            ..CaseFilter::default()
        };
        for case in tx.cases(id, &open).await? {
            if case.adult.as_deref().is_some_and(|key| adult.is(key)) {
                stopped.cases += 1;
                self.case_says_so(tx, &case, adult).await?;
            }
        }
        Ok(stopped)
    }

    fn author(&self) -> &str {
        if self.by.is_empty() {
            "schoolgate"
        } else {
            self.by
        }
    }

    /// The meeting stands until somebody decides: who waits for whom is not for a program to change.
    async fn meeting_for_a_person(
        &self,
        tx: &mut Tx,
        meeting: &Meeting,
        adult: &Adult,
    ) -> Result<(), StoreError> {
        let why = self.why;
        let at = self.school.local(meeting.starts_at.timestamp());
        let with: Vec<String> = meeting
            .staff()?
            .iter()
            .map(|k| self.school.name(k))
            .collect();
        let what = format!(
            "{} is booked to meet {} on {}, and {why}. They are not reminded of it. Decide whether it \
             stands, and tell whoever waits.",
            adult.name,
            with.join(" and "),
            at.strftime("%a %-d %b %H:%M")
        );
        tx.task(
            &meeting.school_id,
            "moved-meeting",
            "dsl",
            Some(meeting.case_id),
            &meeting.endpoint,
            &meeting.address,
            &what,
            Some(meeting.starts_at.timestamp()),
        )
        .await?;
        Ok(())
    }

    /// Whoever has the case sees before they ring or write that they must not.
    async fn case_says_so(
        &self,
        tx: &mut Tx,
        case: &Case,
        adult: &Adult,
    ) -> Result<(), StoreError> {
        let (why, by) = (self.why, self.author());
        let what = format!(
            "Nothing about this child goes to {} any more: {why}. Ask a safeguarding lead before you \
             ring or write.",
            adult.name
        );
        let entry = NewEntry::new("restricted", by, &what);
        tx.append(case.id, &entry).await?;
        let promises = tx.promises_of(case.id).await?;
        let open = promises
            .iter()
            .any(|p| p.kept_at.is_none() && p.broken_at.is_none());
        if open && tx.open_task_of("restricted", case.id).await?.is_none() {
            let what = format!(
                "{}: {} was promised something, and {why}. Decide who speaks to them, and tell whoever \
                 has the case.",
                case.reference(),
                adult.name
            );
            tx.task(
                &case.school_id,
                "restricted",
                "dsl",
                Some(case.id),
                &case.endpoint,
                &case.address,
                &what,
                None,
            )
            .await?;
        }
        Ok(())
    }
}

/// The conversations that a number is in the middle of begin anew, and nothing that was about to be
/// said in them is.
pub(super) async fn end_talks(tx: &mut Tx, school: &str, phone: &Phone) -> Result<(), StoreError> {
    for lane in tx.lanes_of_number(school, phone.e164()).await? {
        let (endpoint, address) = (&lane.endpoint, &lane.address);
        tx.drop_cues(endpoint, address).await?;
        let mut held = tx.hold_lane(school, endpoint, address).await?;
        held.conversation = None;
        held.bundle = None;
        held.expires_at = None;
        held.nudge_at = None;
        tx.keep_lane(&held).await?;
    }
    Ok(())
}

/// Whether a meeting is this adult's, and about the child or nobody knows whom.
fn is_theirs(meeting: &Meeting, adult: &Adult, pupil: &str) -> bool {
    let whose = match &meeting.adult {
        Some(key) => adult.is(key),
        None => {
            let phone = crate::channel::phone_of_address(&meeting.address);
            adult.numbers().any(|n| Some(n.e164()) == phone)
        }
    };
    whose && meeting.pupil.as_deref().is_none_or(|p| p == pupil)
}
