//! The office's two questions about somebody who has not been checked, and what follows from them.

use uuid::Uuid;

use super::{Actor, DeskError, Result, item_of, promises, tell};
use crate::channel::phone_of_address;
use crate::flow::value::{Value, Values};
use crate::school::case::Kind;
use crate::school::case::access::{Opening, first_owner};
use crate::school::people::{Sen, Staff};
use crate::store::{Case, Check, Moment, NewEntry, Tx};

impl Actor<'_> {
    /// The office's two questions about somebody who has not been checked. Released, they are
    /// offered what they asked for; otherwise DSL and office carry on, and nothing is said.
    pub async fn answer_questions(
        &self,
        tx: &mut Tx,
        task: Uuid,
        adult: Option<&str>,
        current_contact: bool,
        order_or_note: bool,
    ) -> Result<()> {
        let found = tx.task_by_id(&self.school.config.id, task).await?;
        let task = found
            .filter(|t| t.kind == "two-questions")
            .ok_or(DeskError::NoSuchCase)?;
        if !tx.task_done(task.id, &self.staff.key).await? {
            return Err(DeskError::Done);
        }
        let phone = phone_of_task(tx, &task.endpoint, &task.address).await?;
        let check = Check {
            adult: adult.unwrap_or_default().to_owned(),
            current_contact,
            order_or_note,
            staff: self.staff.key.clone(),
            checked_at: Moment::from(tx.now()),
        };
        let known = phone.as_deref().is_some_and(|p| {
            crate::phone::Phone::parse(p).is_ok_and(|p| {
                self.school
                    .people
                    .with_phone(&p)
                    .iter()
                    .any(|a| Some(a.key.as_str()) == adult)
            })
        });
        let Some(case) = (match task.case_id {
            Some(id) => tx.hold_case(&self.school.config.id, id).await?,
            None => None,
        }) else {
            return Ok(());
        };
        let released = known && check.releases();
        if let (Some(phone), true) = (&phone, known) {
            tx.keep_check(&self.school.config.id, phone, &check).await?;
        }
        let what = format!(
            "Office: a current contact: {}; an order or a note: {}. {}",
            if current_contact { "yes" } else { "no" },
            if order_or_note { "yes" } else { "no" },
            if released {
                "Released."
            } else {
                "Not released: the next contact is a person's."
            }
        );
        tx.append(case.id, &NewEntry::new("check", &self.staff.key, &what))
            .await?;
        tx.audit(
            &self.school.config.id,
            &self.staff.key,
            "two questions",
            Some(case.id),
        )
        .await?;
        if released {
            let mut case = case;
            case.adult = adult.map(str::to_owned);
            tx.promises_kept(case.id, &self.staff.key).await?;
            self.hand_on(tx, &mut case).await?;
            if case.kind == "meeting" {
                let now = tx.now();
                let given = Values::from([("case".to_owned(), Value::Item(item_of(&case)))]);
                tx.cue(
                    &self.school.config.id,
                    &task.endpoint,
                    &task.address,
                    Some(case.id),
                    "released-meeting",
                    None,
                    &given,
                    now,
                )
                .await?;
            }
        } else {
            let what = format!(
                "{}: they were not released. The next contact is a person's.",
                case.reference()
            );
            tx.task(
                &self.school.config.id,
                "phone",
                "dsl",
                Some(case.id),
                &task.endpoint,
                &task.address,
                &what,
                None,
            )
            .await?;
        }
        Ok(())
    }

    /// The adult is known now: the case goes to whose it would have been, who makes the promise.
    async fn hand_on(&self, tx: &mut Tx, case: &mut Case) -> Result<()> {
        let adult = case
            .adult
            .as_deref()
            .and_then(|k| self.school.people.adult(k));
        if let (None, Some([only])) = (&case.pupil, adult.map(|a| a.children.as_slice())) {
            case.pupil = Some(only.pupil.clone());
        }
        let pupil = case
            .pupil
            .as_deref()
            .and_then(|p| self.school.people.pupil(p));
        let about = case.barred()?;
        let owners = first_owner(
            &self.school.people,
            &Opening {
                kind: Kind::from_word(&case.kind).unwrap_or(Kind::Question),
                class: pupil.map(|p| p.class.as_str()),
                sen: pupil.map_or(Sen::None, |p| p.sen),
                about_sen: false,
                about: &about,
                about_staff: false,
                key_worker: adult.and_then(|a| a.key_worker.as_deref()),
            },
        );
        case.owner = owners.owner.map(|s| s.key.clone());
        for staff in &owners.copied {
            case.copy_to(&staff.key)?;
        }
        tx.keep_case(case).await?;
        let named: Vec<&Staff> = owners
            .owner
            .into_iter()
            .chain(owners.copied.iter().copied())
            .collect();
        let (keys, due) = promises::contact(self.school, &named, tx.now());
        let names: Vec<String> = keys.iter().map(|k| self.school.name(k)).collect();
        tx.promise(&self.school.config.id, case.id, "contact", &names, due)
            .await?;
        tell::owner(self.d, tx, self.school, case, "owner").await?;
        Ok(())
    }
}

/// The phone behind an address: itself, or the number proved on Telegram.
async fn phone_of_task(tx: &mut Tx, endpoint: &str, address: &str) -> Result<Option<String>> {
    let lane = tx.lane(endpoint, address).await?;
    Ok(lane
        .and_then(|l| l.proved_phone)
        .or_else(|| phone_of_address(address).map(str::to_owned)))
}
