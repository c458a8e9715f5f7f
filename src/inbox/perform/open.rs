//! Opening a case: whose it is, who is told, what is promised. All of it commits together.

use super::{Doing, Outcome, Scene, outcome, own};
use crate::deployment::{Deployment, School, Writer};
use crate::desk::{promises, tell};
use crate::flow::value::Value;
use crate::inbox::facts::{self, case_item};
use crate::school::case::access::{self, Opening, Owners};
use crate::school::case::{Kind, Owner, Promised};
use crate::school::people::{Pupil, Role, Sen, Staff};
use crate::store::{Case, Message, NewCase, NewEntry, Promise, Result, Tx};

impl Scene<'_> {
    /// A case from its first words: reference, owner, notice and promise commit together.
    pub(super) async fn open_case(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let asked = doing.text("kind").unwrap_or("concern").to_owned();
        let said = doing.text("words").map(str::to_owned);
        let about = doing.text("about").map(str::to_owned);
        let pupil = doing.pupil("pupil").map(str::to_owned);
        let now = tx.now();

        let since = now - doing.d.config.timing.join_within;
        let same = own::open_since(tx, doing, since)
            .await?
            .into_iter()
            .find(|c| {
                c.kind == asked && (pupil.is_none() || c.pupil.is_none() || c.pupil == pupil)
            });
        if let Some(mut case) = same {
            self.case = Some(case.id);
            self.put_words(tx, doing, &case, said.as_deref()).await?;
            if about.is_some() && case.about != about {
                case.about = about;
                tx.keep_case(&case).await?;
            }
            tell::owner(doing.d, tx, school, &case, "waiting").await?;
            return joined(tx, school, &case).await;
        }

        let words = self.message.map(Message::words).unwrap_or_default();
        // Whoever asks to meet somebody is not kept from them for being unhappy.
        let complaint =
            asked == "complaint" || (asked != "meeting" && is_complaint(doing.d, &words));
        let mut named = if complaint {
            let all = format!("{words}\n{}", said.as_deref().unwrap_or_default());
            school.named_in(&doing.d.parts().screen, &all, doing.writer)
        } else {
            Vec::new()
        };
        named.extend(facts::alleged(tx, &doing.lane.endpoint, &doing.lane.address).await?);
        let kind = match Kind::from_word(&asked).unwrap_or(Kind::Question) {
            Kind::Concern if complaint => Kind::Complaint,
            other => other,
        };
        let rule = kind.rule();
        let Owners { owner, copied } =
            if doing.writer.checked || complaint || rule.owner == Owner::Head {
                let record = pupil.as_deref().and_then(|p| school.people.pupil(p));
                first_owner(school, kind, doing.writer, record, &named)
            } else {
                Owners {
                    owner: school.first_with(Role::Office, &named),
                    copied: Vec::new(),
                }
            };
        let copied: Vec<String> = copied.iter().map(|s| s.key.clone()).collect();
        let mut case = tx
            .open_case(&NewCase {
                school_id: &school.config.id,
                kind: kind.word(),
                tier: "ordinary",
                endpoint: &doing.lane.endpoint,
                address: &doing.lane.address,
                adult: doing.writer.adult.map(|a| a.key.as_str()),
                pupil: pupil.as_deref(),
                owner: owner.map(|s| s.key.as_str()),
                copied: &copied,
                barred: &named,
                escalate_at: Some(promises::acknowledge_by(school, now)),
            })
            .await?;
        if about.is_some() {
            case.about = about;
            tx.keep_case(&case).await?;
        }
        self.case = Some(case.id);
        self.put_words(tx, doing, &case, said.as_deref()).await?;
        tell::owner(doing.d, tx, school, &case, "owner").await?;

        let office = promises::office_by(school, now);
        if !doing.writer.checked {
            two_questions(tx, doing, &case, office).await?;
        }
        let owned: Vec<&Staff> = owner
            .into_iter()
            .chain(copied.iter().filter_map(|k| school.people.staff(k)))
            .collect();
        let (names, due) = match rule.promised {
            Promised::OneMonth => {
                let due = promises::one_month(school, now);
                let who = owner.map(|o| o.name.clone()).into_iter().collect();
                formal(tx, doing, &case, due).await?;
                (who, due)
            }
            _ if !doing.writer.checked => (Vec::new(), office),
            Promised::Answer => {
                let (keys, due) = promises::contact(school, &senco_first(owned), now);
                (keys.iter().map(|k| school.name(k)).collect(), due)
            }
            Promised::Office | Promised::Nothing => (Vec::new(), office),
        };
        let what = match rule.promised {
            Promised::OneMonth => "formal-answer",
            _ => "contact",
        };
        tx.promise(&school.config.id, case.id, what, &names, due)
            .await?;
        let item = Value::Item(case_item(&case));
        let by = Value::When(school.local(due));
        if names.is_empty() || !doing.writer.checked {
            return Ok(outcome("office", [("case", item), ("by", by)]));
        }
        let who = Value::Anyone(names);
        Ok(outcome(
            "opened",
            [("case", item), ("who", who), ("by", by)],
        ))
    }
}

/// A case of the usual sort with nothing promised yet: the caller puts the words in and promises.
pub(super) async fn plain(tx: &mut Tx, doing: &Doing<'_>, kind: Kind) -> Result<Case> {
    let school = &doing.endpoint.school;
    let alleged = facts::alleged(tx, &doing.lane.endpoint, &doing.lane.address).await?;
    let named: Vec<String> = alleged.into_iter().collect();
    let only = match doing.writer.children.as_slice() {
        [only] if doing.writer.listed => Some(*only),
        _ => None,
    };
    let Owners { owner, copied } = if doing.writer.checked {
        first_owner(school, kind, doing.writer, only, &named)
    } else {
        Owners {
            owner: school.first_with(Role::Office, &named),
            copied: Vec::new(),
        }
    };
    let copied: Vec<String> = copied.iter().map(|s| s.key.clone()).collect();
    let escalate_at = Some(promises::acknowledge_by(school, tx.now()));
    tx.open_case(&NewCase {
        school_id: &school.config.id,
        kind: kind.word(),
        tier: "ordinary",
        endpoint: &doing.lane.endpoint,
        address: &doing.lane.address,
        adult: doing.writer.adult.map(|a| a.key.as_str()),
        pupil: only.map(|p| p.key.as_str()),
        owner: owner.map(|s| s.key.as_str()),
        copied: &copied,
        barred: &named,
        escalate_at,
    })
    .await
}

/// A formal request is on somebody's list until it is answered: a reply alone does not answer it.
async fn formal(tx: &mut Tx, doing: &Doing<'_>, case: &Case, due: jiff::Timestamp) -> Result<()> {
    let what = format!(
        "{}: a formal request about personal data. Answer it in full by then, and make sure who asks.",
        case.reference()
    );
    tx.task(
        &doing.endpoint.school.config.id,
        "formal-answer",
        "head",
        Some(case.id),
        &case.endpoint,
        &case.address,
        &what,
        Some(due),
    )
    .await?;
    Ok(())
}

async fn joined(tx: &mut Tx, school: &School, case: &Case) -> Result<Outcome> {
    let mut result = outcome("joined", [("case", Value::Item(case_item(case)))]);
    if let Some(promise) = open_promise(tx, case).await? {
        let who = promise.who()?;
        if !who.is_empty() {
            result.values.insert("who".to_owned(), Value::Anyone(who));
        }
        result.values.insert(
            "by".to_owned(),
            Value::When(school.local(promise.due_at.timestamp())),
        );
    }
    Ok(result)
}

pub(super) async fn open_promise(tx: &mut Tx, case: &Case) -> Result<Option<Promise>> {
    Ok(tx
        .promises_of(case.id)
        .await?
        .into_iter()
        .rev()
        .find(|p| p.kept_at.is_none()))
}

/// The child became known after the case was opened: its class teacher owns it from now on.
pub(super) async fn hand_to_class(tx: &mut Tx, doing: &Doing<'_>, case: &mut Case) -> Result<()> {
    let school = &doing.endpoint.school;
    let kind = Kind::from_word(&case.kind).unwrap_or(Kind::HandOver);
    let rule = kind.rule();
    if rule.owner != Owner::Teacher || kind == Kind::Meeting || case.acknowledged_at.is_some() {
        return Ok(());
    }
    let Some(pupil) = case.pupil.as_deref().and_then(|p| school.people.pupil(p)) else {
        return Ok(());
    };
    let Owners { owner, copied } =
        first_owner(school, kind, doing.writer, Some(pupil), &case.barred()?);
    let Some(owner) = owner else { return Ok(()) };
    if case.owner.as_deref() != Some(&owner.key) {
        case.owner = Some(owner.key.clone());
        tx.keep_case(case).await?;
        let what = format!("{} owns it now", owner.name);
        tx.append(case.id, &NewEntry::new("assigned", "schoolgate", &what))
            .await?;
        tell::owner(doing.d, tx, school, case, "owner").await?;
        // What was promised in the office's name is the new owner's to keep, by the same time.
        let now = tx.now();
        let (keys, due) = promises::contact(school, &senco_first(vec![owner]), now);
        let standing = open_promise(tx, case).await?;
        if standing.is_some_and(|p| due <= p.due_at.timestamp()) {
            let names: Vec<String> = keys.iter().map(|k| school.name(k)).collect();
            tx.promises_go_to(case.id, &names).await?;
        }
    }
    for staff in copied {
        case.copy_to(&staff.key)?;
        tell::copy(tx, school, case, &staff.key).await?;
    }
    tx.keep_case(case).await?;
    Ok(())
}

/// The office is asked its two questions about somebody who has not been checked, once.
pub(super) async fn two_questions(
    tx: &mut Tx,
    doing: &Doing<'_>,
    case: &Case,
    due: jiff::Timestamp,
) -> Result<()> {
    if tx
        .open_task_for("two-questions", &case.endpoint, &case.address)
        .await?
        .is_some()
    {
        return Ok(());
    }
    let what = format!(
        "{}: is this a current contact? Is there an order, a restriction or a safeguarding note (ask the DSL)?",
        case.reference()
    );
    tx.task(
        &doing.endpoint.school.config.id,
        "two-questions",
        "office",
        Some(case.id),
        &case.endpoint,
        &case.address,
        &what,
        Some(due),
    )
    .await?;
    Ok(())
}

pub(super) fn is_complaint(d: &Deployment, words: &str) -> bool {
    d.bundle().readings.values().any(|r| {
        r.routes(words)
            .iter()
            .any(|route| route.flow == "complaint")
    })
}

/// Whose a case is at first, and who is copied, by the school's rule.
pub(super) fn first_owner<'s>(
    school: &'s School,
    kind: Kind,
    writer: &Writer<'_>,
    pupil: Option<&Pupil>,
    named: &[String],
) -> Owners<'s> {
    access::first_owner(
        &school.people,
        &Opening {
            kind,
            class: pupil.map(|p| p.class.as_str()),
            sen: pupil.map_or(Sen::None, |p| p.sen),
            about_sen: false,
            about: named,
            about_staff: false,
            key_worker: writer.adult.and_then(|a| a.key_worker.as_deref()),
        },
    )
}

/// The SENCO is named before the class teacher, as parents are told whom to expect.
pub(super) fn senco_first(mut who: Vec<&Staff>) -> Vec<&Staff> {
    who.sort_by_key(|s| !s.is(Role::Senco));
    who
}
