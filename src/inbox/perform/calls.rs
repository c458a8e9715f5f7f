//! What somebody at school is asked to do: ring, send a copy, look at a case; and the answer to what
//! the desk asked.

use super::{Doing, Outcome, Scene, open, outcome, own};
use crate::desk::{interpreter, promises, tell};
use crate::flow::value::Value;
use crate::school::case::Kind;
use crate::school::people::{Role, Staff};
use crate::store::{Case, NewEntry, Result, Tx};

impl Scene<'_> {
    /// The case something is asked about: this turn's, the flow's, the last of today; or a new one.
    async fn case_for(&mut self, tx: &mut Tx, doing: &Doing<'_>, kind: Kind) -> Result<Case> {
        if let Some(case) = self.present_case(tx, doing).await? {
            self.case = Some(case.id);
            return Ok(case);
        }
        let since = tx.now() - doing.d.config.timing.join_within;
        let recent = own::open_since(tx, doing, since).await?.into_iter().next();
        let case = match recent {
            Some(case) => case,
            None => {
                let case = open::plain(tx, doing, kind).await?;
                tell::owner(doing.d, tx, &doing.endpoint.school, &case, "owner").await?;
                case
            }
        };
        self.case = Some(case.id);
        Ok(case)
    }

    /// Somebody will ring: a promise, and a task of whoever made it.
    pub(super) async fn request_callback(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        if doing.writer.checked && !doing.writer.may_ring() {
            return Ok(outcome("no-calls", []));
        }
        let now = tx.now();
        let words = doing.text("words").map(str::to_owned);
        let case = self.case_for(tx, doing, Kind::Request).await?;
        self.put_words(tx, doing, &case, words.as_deref()).await?;
        let times = doing
            .text("times")
            .map(|t| format!(" Good times: {t}."))
            .unwrap_or_default();
        let what = format!("{}: they ask for a call.{times}", case.reference());
        tx.append(case.id, &NewEntry::new("call-asked", "schoolgate", &what))
            .await?;

        let barred = case.barred()?;
        let wanted = doing.text("staff").or(case.owner.as_deref());
        let caller = wanted
            .and_then(|key| school.people.staff(key))
            .filter(|s| doing.writer.checked && !barred.contains(&s.key));
        let named: Vec<&Staff> = caller.into_iter().collect();
        let (keys, due) = if doing.writer.checked {
            promises::contact(school, &named, now)
        } else {
            (Vec::new(), promises::office_by(school, now))
        };
        let names: Vec<String> = keys.iter().map(|k| school.name(k)).collect();
        tx.promise(&school.config.id, case.id, "ring", &names, due)
            .await?;
        let role = if case.tier == "ordinary" {
            "office"
        } else {
            "dsl"
        };
        let task = tx
            .task(
                &school.config.id,
                "phone",
                role,
                Some(case.id),
                &doing.lane.endpoint,
                &doing.lane.address,
                &what,
                Some(due),
            )
            .await?;
        if let Some(passport) = &doing.writer.passport {
            interpreter::arrange(doing.d, tx, school, &case, passport, "phone", due).await?;
        }
        let by = Value::When(school.local(due));
        let Some(key) = keys.first() else {
            if !doing.writer.checked {
                open::two_questions(tx, doing, &case, due).await?;
            }
            return Ok(outcome("office", [("by", by)]));
        };
        tx.task_for(task, key).await?;
        if case.owner.as_ref() != Some(key) {
            tell::to(doing.d, tx, school, &case, key, "copy").await?;
        }
        Ok(outcome(
            "requested",
            [("who", Value::Anyone(names)), ("by", by)],
        ))
    }

    /// A copy of what is written down: on the office's list; what the office may not read, on the
    /// list of whoever has it. The case cannot close before.
    pub(super) async fn send_record(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let now = tx.now();
        let case = self.case_for(tx, doing, Kind::Records).await?;
        self.put_words(tx, doing, &case, None).await?;
        if let Some(standing) = tx.open_task_of("copy", case.id).await?
            && let Some(due) = standing.due_at.filter(|d| d.timestamp() > now)
        {
            let by = school.local(due.timestamp());
            return Ok(outcome("requested", [("by", Value::When(by))]));
        }
        let office: Vec<&Staff> = school.first_with(Role::Office, &[]).into_iter().collect();
        let due = if doing.writer.checked {
            promises::contact(school, &office, now).1
        } else {
            promises::office_by(school, now)
        };
        let how = match doing.text("how") {
            Some("translated") => "translated",
            Some("read-out") => "read out to them, with an interpreter if they need one",
            _ => "on paper",
        };
        let what = format!("{}: a copy for them, {how}.", case.reference());
        tx.append(case.id, &NewEntry::new("copy-asked", "schoolgate", &what))
            .await?;
        tx.promise(&school.config.id, case.id, "copy", &[], due)
            .await?;
        let sealed = case.tier != "ordinary";
        let task = tx
            .task(
                &school.config.id,
                "copy",
                if sealed { "dsl" } else { "office" },
                Some(case.id),
                &doing.lane.endpoint,
                &doing.lane.address,
                &what,
                Some(due),
            )
            .await?;
        let private = Kind::rule_of(&case.kind).private;
        if let (true, false, Some(owner)) = (private, sealed, &case.owner) {
            tx.task_for(task, owner).await?;
        }
        if !doing.writer.checked {
            open::two_questions(tx, doing, &case, due).await?;
        }
        let by = Value::When(school.local(due));
        Ok(outcome("requested", [("by", by)]))
    }

    /// Somebody more reads the case and is told of it; never whoever it is about.
    pub(super) async fn forward(&mut self, tx: &mut Tx, doing: &mut Doing<'_>) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let Some(mut case) = self.present_case(tx, doing).await? else {
            return Ok(outcome("nobody", []));
        };
        let barred = case.barred()?;
        let to = match doing.text("to") {
            Some("key-worker") => doing
                .writer
                .adult
                .and_then(|a| a.key_worker.as_deref())
                .and_then(|key| school.people.staff(key))
                .filter(|s| !barred.contains(&s.key)),
            Some("head") => school.first_with(Role::Head, &barred),
            Some("senco") => school.first_with(Role::Senco, &barred),
            Some("office") => school.first_with(Role::Office, &barred),
            _ => None,
        };
        // What is sealed is shared by the safeguarding leads and by nobody else.
        let Some(staff) = to.filter(|s| s.reachable() && case.tier == "ordinary") else {
            return Ok(outcome("nobody", []));
        };
        self.case = Some(case.id);
        self.put_words(tx, doing, &case, None).await?;
        if case.owner.as_deref() != Some(&staff.key) {
            case.copy_to(&staff.key)?;
            tx.keep_case(&case).await?;
        }
        let what = format!("{} is told of it", staff.name);
        tx.append(case.id, &NewEntry::new("forward", "schoolgate", &what))
            .await?;
        tell::copy(tx, school, &case, &staff.key).await?;
        let who = Value::Text(staff.name.clone());
        Ok(outcome("forwarded", [("who", who)]))
    }

    /// An answer to a question the desk asked, written into its case. A "no" is on the list of
    /// whoever asked, and how else to reach them is told at once.
    pub(super) async fn answer(&mut self, tx: &mut Tx, doing: &mut Doing<'_>) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let question = doing.text("question").unwrap_or("question").to_owned();
        let value = match doing.flag("value") {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => doing.text("value").unwrap_or_default().to_owned(),
        };
        let Some(case) = own::case(tx, doing, doing.id("case")).await? else {
            return Ok(outcome("recorded", []));
        };
        self.case = Some(case.id);
        // The chain keeps who asked and what was answered; a "no" must not be missed.
        self.stands = false;
        self.write_message(tx, case.id).await?;
        tx.append(
            case.id,
            &NewEntry::new("answer", "schoolgate", &format!("{question}: {value}")),
        )
        .await?;
        let asked_by = case.staff_wrote.clone();
        if value == "no" {
            let what = match question.as_str() {
                "ring-ok" => {
                    "Do not ring this phone: they said no to that. Read the case first.".to_owned()
                }
                other => format!("They answered no to \"{other}\": read the case first."),
            };
            let role = if case.tier == "ordinary" {
                "office"
            } else {
                "dsl"
            };
            let task = tx
                .task(
                    &school.config.id,
                    "phone",
                    role,
                    Some(case.id),
                    &doing.lane.endpoint,
                    &doing.lane.address,
                    &what,
                    None,
                )
                .await?;
            if let Some(key) = &asked_by {
                tx.task_for(task, key).await?;
            }
        } else if question == "ring-other-way"
            && let Some(key) = &asked_by
        {
            tell::to(doing.d, tx, school, &case, key, "waiting").await?;
        }
        Ok(outcome("recorded", []))
    }
}
