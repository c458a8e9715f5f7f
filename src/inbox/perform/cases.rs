//! Actions on a case that stands: add to it, ask after it, and what matters today.

use super::{Doing, Outcome, Scene, open, outcome, own};
use crate::desk::{alert, promises, tell};
use crate::flow::value::{Value, Values};
use crate::inbox::facts::{self, case_item};
use crate::school::people::Role;
use crate::store::{Case, Message, NewCase, NewEntry, Promise, Result, StoreError, Tx};

impl Scene<'_> {
    /// Adds what was said to a case.
    pub(super) async fn add_to_case(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let Some(mut case) = own::case(tx, doing, doing.id("case")).await? else {
            return Err(StoreError::Unreadable {
                what: "a case",
                why: "the conversation's case is not this person's".to_owned(),
            });
        };
        self.case = Some(case.id);
        let words = doing.text("words").map(str::to_owned);
        self.put_words(tx, doing, &case, words.as_deref()).await?;
        let mut changed = Vec::new();
        if case.pupil.is_none()
            && let Some(pupil) = doing.pupil("pupil")
        {
            case.pupil = Some(pupil.to_owned());
            changed.push(format!(
                "about {}",
                school
                    .people
                    .pupil(pupil)
                    .map_or(pupil, |p| p.first_name.as_str())
            ));
            open::hand_to_class(tx, doing, &mut case).await?;
        }
        if let Some(wish) = doing.text("wish") {
            case.wish = Some(wish.to_owned());
            changed.push(format!("wishes: {wish}"));
        }
        if !changed.is_empty() {
            tx.keep_case(&case).await?;
            tx.append(
                case.id,
                &NewEntry::new("details", "schoolgate", &changed.join("; ")),
            )
            .await?;
        }
        if case.tier != "ordinary" {
            // Whoever has opened it is told that there is more; until then the pages go on.
            let read = tx
                .alert(case.id)
                .await?
                .is_some_and(|a| a.read_at.is_some());
            if read && !self.sealed {
                alert::raise(doing.d, tx, school, &case, "review").await?;
            }
        } else if changed.is_empty() && !self.sealed {
            // A parent who waits in a live thread is heard at once, in the member's hours.
            tell::owner(doing.d, tx, school, &case, "waiting").await?;
        }
        Ok(outcome("added", [("case", Value::Item(case_item(&case)))]))
    }

    /// Collection, medicine, a child who has not come home: to the office at once, on screen and by
    /// phone; out of hours it pages the rota.
    pub(super) async fn pass_on(&mut self, tx: &mut Tx, doing: &mut Doing<'_>) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let now = tx.now();
        let pupil = doing.pupil("pupil").map(str::to_owned);
        let office = school.first_with(Role::Office, &[]);
        let case = tx
            .open_case(&NewCase {
                school_id: &school.config.id,
                kind: "today",
                tier: "ordinary",
                endpoint: &doing.lane.endpoint,
                address: &doing.lane.address,
                adult: doing.writer.adult.map(|a| a.key.as_str()),
                pupil: pupil.as_deref(),
                owner: office.map(|s| s.key.as_str()),
                copied: &[],
                barred: &[],
                escalate_at: Some(promises::acknowledge_by(school, now)),
            })
            .await?;
        self.case = Some(case.id);
        self.write_message(tx, case.id).await?;
        let words = if self.sealed {
            "ring them now about today; their words are with the safeguarding lead".to_owned()
        } else {
            self.message.map(Message::words).unwrap_or_default()
        };
        tx.task(
            &school.config.id,
            "today",
            "office",
            Some(case.id),
            &doing.lane.endpoint,
            &doing.lane.address,
            &format!("{}: {words}", case.reference()),
            Some(now),
        )
        .await?;
        if school.calendar().is_open(school.local(now)) {
            if let Some(office) = office {
                tx.notify(
                    &school.config.id,
                    case.id,
                    &office.key,
                    "today",
                    Some(now),
                    false,
                )
                .await?;
                tell::send_now(doing.d, tx).await?;
            }
        } else {
            crate::desk::alert::raise(doing.d, tx, school, &case, "review").await?;
        }
        Ok(outcome("passed", []))
    }

    /// "C-1042?": who has read it, and who will be in touch when. Only one's own cases are known.
    pub(super) async fn case_status(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let number = match doing.inputs.get("number") {
            Some(Value::Number(n)) => *n,
            _ => 0,
        };
        let Some(case) = own::case_by_number(tx, doing, number).await? else {
            return Ok(outcome("unknown", []));
        };
        // Whoever was given the reference is answered as before: that it is sealed now must not show on
        // the phone. A reference that nobody was given is not theirs to try.
        let sealed = case.tier != "ordinary";
        if sealed && !was_told(tx, &case).await? {
            return Ok(outcome("unknown", []));
        }
        if !sealed {
            self.case = Some(case.id);
        }
        let promise = match sealed {
            true => None,
            false => open::open_promise(tx, &case).await?,
        };
        let mut who = promise
            .as_ref()
            .map(Promise::who)
            .transpose()?
            .unwrap_or_default();
        if let Some(key) = case.acknowledged_by.as_ref().filter(|_| !sealed) {
            who = vec![school.name(key)];
        }
        let mut result = outcome(
            "known",
            [
                ("case", Value::Item(case_item(&case))),
                (
                    "read",
                    Value::Flag(case.acknowledged_at.is_some() && doing.writer.checked),
                ),
            ],
        );
        if who.is_empty() || !doing.writer.checked {
            let language = facts::language(school, Some(doing.lane), doing.writer);
            who = vec![
                doing
                    .d
                    .bundle()
                    .languages
                    .say(&language, "the-office", &Values::new()),
            ];
        }
        result.values.insert("who".to_owned(), Value::Anyone(who));
        if let Some(promise) = promise {
            result.values.insert(
                "by".to_owned(),
                Value::When(school.local(promise.due_at.timestamp())),
            );
        }
        Ok(result)
    }
}

/// Whether the person has been told the reference of a case.
async fn was_told(tx: &mut Tx, case: &Case) -> Result<bool> {
    let reference = case.reference();
    let mut told = tx.chronology(case.id).await?.into_iter();
    Ok(told.any(|entry| {
        let words = entry.words().unwrap_or_default();
        entry.kind == "message-out" && words.contains(&reference)
    }))
}
