//! Talks with a parent: a call that is promised, what came of it, and what is asked afterwards.

use jiff::civil::DateTime;

use super::{Actor, DeskError, Result, interpreter, item_of};
use crate::flow::value::{Value, Values};
use crate::store::{Case, NewEntry, Tx};

impl Actor<'_> {
    /// Promises to ring by a time: the parent is told, and asked whether this phone is safe to ring.
    pub async fn promise_ring(&self, tx: &mut Tx, case: &mut Case, by: DateTime) -> Result<()> {
        let due = self.school.instant(by);
        if due <= tx.now() {
            return Err(DeskError::NotATime(by.strftime("%a %H:%M").to_string()));
        }
        self.not_stopped(tx, case).await?;
        self.acknowledge(tx, case).await?;
        let who = [self.staff.name.clone()];
        // One promise at a time stands: this one is nearer to the parent than the machine's own.
        tx.promises_kept(case.id, &self.staff.key).await?;
        tx.promise(&self.school.config.id, case.id, "ring", &who, due)
            .await?;
        let what = format!(
            "{} will ring by {}",
            self.staff.name,
            by.strftime("%a %-d %b %H:%M")
        );
        tx.append(case.id, &NewEntry::new("promise", &self.staff.key, &what))
            .await?;
        if let Some(adult) = &case.adult
            && let Some((.., passport)) = tx.passport(&case.school_id, adult).await?
        {
            interpreter::arrange(self.d, tx, self.school, case, &passport, "phone", due).await?;
        }
        let given = Values::from([
            ("who".to_owned(), Value::Text(self.staff.name.clone())),
            ("by".to_owned(), Value::When(by)),
            (
                "today".to_owned(),
                Value::Flag(self.school.local(tx.now()).date() == by.date()),
            ),
            ("case".to_owned(), Value::Item(item_of(case))),
        ]);
        let now = tx.now();
        tx.cue(
            &self.school.config.id,
            &case.endpoint,
            &case.address,
            Some(case.id),
            "ring-ok",
            None,
            &given,
            now,
        )
        .await?;
        self.wrote(tx, case).await
    }

    /// Logs a call: what came of it. It keeps the promise to ring.
    pub async fn log_call(&self, tx: &mut Tx, case: &mut Case, outcome: &str) -> Result<()> {
        if outcome.trim().is_empty() {
            return Err(DeskError::Empty);
        }
        self.acknowledge(tx, case).await?;
        tx.append(
            case.id,
            &NewEntry::new("call", &self.staff.key, outcome.trim()),
        )
        .await?;
        tx.promises_kept(case.id, &self.staff.key).await?;
        if case.state == "acknowledged" {
            "discussed".clone_into(&mut case.state);
        }
        self.wrote(tx, case).await
    }

    /// After a talk: tells the parent that it is written down, and asks whether they want a copy or
    /// have something to add.
    pub async fn after_call(&self, tx: &mut Tx, case: &mut Case) -> Result<()> {
        self.cue(tx, case, "after-call", None).await?;
        let what = "They are asked whether they want a copy of what was agreed, or to add to it";
        tx.append(case.id, &NewEntry::new("asked", &self.staff.key, what))
            .await?;
        self.wrote(tx, case).await
    }

    /// The head asks how somebody who complained wants to go on: talk first, the formal way, or leave
    /// it. It says nothing of what the complaint was about.
    pub async fn ask_about(&self, tx: &mut Tx, case: &mut Case) -> Result<()> {
        if case.kind != "complaint" {
            return Err(DeskError::NothingToAsk);
        }
        self.acknowledge(tx, case).await?;
        self.cue(tx, case, "complaint", Some("ask")).await?;
        let what = "They are asked how they want to go on";
        tx.append(case.id, &NewEntry::new("asked", &self.staff.key, what))
            .await?;
        self.wrote(tx, case).await
    }

    /// Begins a flow in the parent's lane, about this case.
    async fn cue(&self, tx: &mut Tx, case: &Case, flow: &str, entry: Option<&str>) -> Result<()> {
        let bundle = self.d.bundle();
        let found = bundle.flows.get(flow);
        if found.is_none_or(|f| f.first_step(entry).is_none()) {
            return Err(DeskError::NothingToAsk);
        }
        self.not_stopped(tx, case).await?;
        let given = Values::from([("case".to_owned(), Value::Item(item_of(case)))]);
        let due = self
            .school
            .waking(tx, &case.endpoint, &case.address)
            .await?;
        tx.cue(
            &case.school_id,
            &case.endpoint,
            &case.address,
            Some(case.id),
            flow,
            entry,
            &given,
            due,
        )
        .await?;
        Ok(())
    }
}
