//! Actions that open cases and add to them.

use jiff::SignedDuration;

use super::{Doing, Outcome, Scene, outcome};
use crate::deployment::{Deployment, Endpoint, School, Writer};
use crate::desk::{alert, promises, tell};
use crate::flow::value::{Value, Values};
use crate::inbox::facts::{self, case_item};
use crate::school::case::Kind;
use crate::school::case::access::{self, Opening, Owners};
use crate::school::people::{Pupil, Role, Sen, Staff};
use crate::store::{Case, Message, Moment, NewCase, NewEntry, Promise, Result, Tx};

impl Scene<'_> {
    /// A case from its first words: reference, owner, notice and promise commit together.
    pub(super) async fn open_case(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let kind = doing.text("kind").unwrap_or("concern").to_owned();
        let pupil = doing.pupil("pupil").map(str::to_owned);
        let now = tx.now();

        let joins = Moment::from(now - doing.d.config.timing.join_within);
        let open = tx
            .open_cases_at(&doing.lane.endpoint, &doing.lane.address)
            .await?;
        let alleged = facts::alleged(tx, &doing.lane.endpoint, &doing.lane.address).await?;
        let same = open.into_iter().find(|c| {
            c.kind == kind
                && !c.owner.as_ref().is_some_and(|o| alleged.contains(o))
                && c.touched_at >= joins
                && (pupil.is_none() || c.pupil.is_none() || c.pupil == pupil)
        });
        if let Some(case) = same {
            self.case = Some(case.id);
            self.write_message(tx, case.id).await?;
            tell::owner(doing.d, tx, school, &case, "waiting").await?;
            return joined(tx, school, &case).await;
        }

        let words = self.message.map(Message::words).unwrap_or_default();
        // Whoever asks to meet somebody is not kept from them for being unhappy.
        let complaint = kind != "meeting" && is_complaint(doing.d, &words);
        let mut named = if complaint {
            school.named_in(doing.d.screen(), &words, doing.writer)
        } else {
            Vec::new()
        };
        named.extend(alleged);
        let pupil_record = pupil.as_deref().and_then(|p| school.people.pupil(p));
        let kind = if complaint && kind == "concern" {
            "complaint".to_owned()
        } else {
            kind
        };
        let Owners { owner, copied } = if doing.writer.checked || complaint {
            let rule = Kind::from_word(&kind).unwrap_or(Kind::Question);
            first_owner(school, rule, doing.writer, pupil_record, &named)
        } else {
            Owners {
                owner: school.first_with(Role::Office, &named),
                copied: Vec::new(),
            }
        };
        let copied: Vec<String> = copied.iter().map(|s| s.key.clone()).collect();
        let case = tx
            .open_case(&NewCase {
                school_id: &school.config.id,
                kind: &kind,
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
        self.case = Some(case.id);
        self.write_message(tx, case.id).await?;
        tell::owner(doing.d, tx, school, &case, "owner").await?;

        if !doing.writer.checked {
            let due = promises::office_by(school, now);
            tx.promise(&school.config.id, case.id, "contact", &[], due)
                .await?;
            two_questions(tx, doing, &case, due).await?;
            return Ok(outcome(
                "office",
                [
                    ("case", Value::Item(case_item(&case))),
                    ("by", Value::When(school.local(due))),
                ],
            ));
        }
        let who: Vec<&Staff> = owner
            .into_iter()
            .chain(copied.iter().filter_map(|k| school.people.staff(k)))
            .collect();
        let (keys, due) = promises::contact(school, &senco_first(who), now);
        let names: Vec<String> = keys.iter().map(|k| school.name(k)).collect();
        tx.promise(&school.config.id, case.id, "contact", &names, due)
            .await?;
        let by = Value::When(school.local(due));
        if names.is_empty() {
            return Ok(outcome(
                "office",
                [("case", Value::Item(case_item(&case))), ("by", by)],
            ));
        }
        Ok(outcome(
            "opened",
            [
                ("case", Value::Item(case_item(&case))),
                ("who", Value::Anyone(names)),
                ("by", by),
            ],
        ))
    }

    /// Adds what was said to a case. Sealed words are not copied: the case learns only that part of
    /// it is with the safeguarding lead.
    pub(super) async fn add_to_case(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let found = match doing.id("case") {
            Some(id) => tx.hold_case(&school.config.id, id).await?,
            None => None,
        };
        // Only this person's own case: an id from a stale conversation must not open another's.
        let own =
            found.filter(|c| c.endpoint == doing.lane.endpoint && c.address == doing.lane.address);
        let Some(mut case) = own else {
            let by = promises::hand_over_by(school, tx.now());
            return Err(crate::store::StoreError::Unreadable {
                what: "a case",
                why: format!(
                    "the conversation's case is not this person's (a person looks by {by})"
                ),
            });
        };
        self.case = Some(case.id);
        if self.sealed {
            let who = sealed_with(tx, school, self.message).await?;
            let what = format!("Part of this case is with {who}.");
            tx.append(
                case.id,
                &NewEntry::new("sealed-elsewhere", "schoolgate", &what),
            )
            .await?;
        } else {
            self.write_message(tx, case.id).await?;
        }
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
            hand_to_class(tx, doing, &mut case).await?;
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

    /// Gives the words to a person: the head for a complaint, the office for anything else.
    pub(super) async fn hand_over(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let reason = doing
            .text("reason")
            .unwrap_or("asked for a person")
            .to_owned();
        let words = doing.text("words").map(str::to_owned);
        // Asked beside something this turn has recorded: whoever reads the case reads this too.
        if let (Some(case), Some(about)) = (self.case, doing.text("about"))
            && let Some(case) = tx.case(&school.config.id, case).await?
        {
            tx.append(case.id, &NewEntry::new("also-about", "schoolgate", about))
                .await?;
            let by = promises::hand_over_by(school, tx.now());
            return Ok(outcome(
                "handed",
                [
                    ("case", Value::Item(case_item(&case))),
                    ("by", Value::When(school.local(by))),
                ],
            ));
        }
        let now = tx.now();
        let due = promises::hand_over_by(school, now);
        let joins = Moment::from(now - SignedDuration::from_hours(24));
        let open = tx
            .open_cases_at(&doing.lane.endpoint, &doing.lane.address)
            .await?;
        let alleged = facts::alleged(tx, &doing.lane.endpoint, &doing.lane.address).await?;
        let joined = open.into_iter().find(|c| {
            c.touched_at >= joins && !c.owner.as_ref().is_some_and(|o| alleged.contains(o))
        });
        let case = match joined {
            Some(case) => case,
            None => {
                let said = self
                    .message
                    .map(Message::words)
                    .or_else(|| words.clone())
                    .unwrap_or_default();
                open_question(
                    tx,
                    doing.d,
                    doing.endpoint,
                    doing.writer,
                    &doing.lane.address,
                    &said,
                )
                .await?
            }
        };
        self.case = Some(case.id);
        self.write_message(tx, case.id).await?;
        let what = match &words {
            Some(words) if !self.sealed => format!("{reason}: {words}"),
            _ => reason.clone(),
        };
        tx.append(case.id, &NewEntry::new("handed-over", "schoolgate", &what))
            .await?;
        tx.promise(&school.config.id, case.id, "contact", &[], due)
            .await?;
        if case.kind == "complaint" {
            // Its words go to its owner only, never on a list.
            tell::owner(doing.d, tx, school, &case, "owner").await?;
        } else {
            let listed = match (&words, self.sealed) {
                (Some(words), false) => format!("{}: {words}", case.reference()),
                _ => format!("{}: {reason}", case.reference()),
            };
            tx.task(
                &school.config.id,
                "hand-over",
                "office",
                Some(case.id),
                &doing.lane.endpoint,
                &doing.lane.address,
                &listed,
                Some(due),
            )
            .await?;
            tell::owner(doing.d, tx, school, &case, "owner").await?;
        }
        if !doing.writer.checked {
            two_questions(tx, doing, &case, due).await?;
        }
        Ok(outcome(
            "handed",
            [
                ("case", Value::Item(case_item(&case))),
                ("by", Value::When(school.local(due))),
            ],
        ))
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
        let found = tx.case_by_number(&school.config.id, number).await?;
        let own = found.filter(|c| {
            c.endpoint == doing.lane.endpoint
                && c.address == doing.lane.address
                && c.tier == "ordinary"
        });
        let Some(case) = own else {
            return Ok(outcome("unknown", []));
        };
        self.case = Some(case.id);
        let promise = open_promise(tx, &case).await?;
        let mut who = promise
            .as_ref()
            .map(Promise::who)
            .transpose()?
            .unwrap_or_default();
        if let Some(key) = &case.acknowledged_by {
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

    /// An answer to a question the desk asked, written into its case.
    pub(super) async fn answer(&mut self, tx: &mut Tx, doing: &mut Doing<'_>) -> Result<Outcome> {
        let question = doing.text("question").unwrap_or("question").to_owned();
        let value = match doing.flag("value") {
            Some(true) => "yes".to_owned(),
            Some(false) => "no".to_owned(),
            None => doing.text("value").unwrap_or_default().to_owned(),
        };
        if let Some(id) = doing.id("case") {
            self.case = Some(id);
            // The chain keeps who asked and what was answered; a "no" must not be missed.
            self.stands = false;
            self.write_message(tx, id).await?;
            tx.append(
                id,
                &NewEntry::new("answer", "schoolgate", &format!("{question}: {value}")),
            )
            .await?;
            if value == "no" {
                let school = &doing.endpoint.school.config.id;
                let what = match question.as_str() {
                    "ring-ok" => {
                        "Do not ring this phone: they said no to that. Read the case first."
                            .to_owned()
                    }
                    other => format!("They answered no to \"{other}\": read the case first."),
                };
                let tier = tx.case(school, id).await?.map(|c| c.tier);
                let role = if tier.as_deref() == Some("ordinary") {
                    "office"
                } else {
                    "dsl"
                };
                tx.task(
                    school,
                    "phone",
                    role,
                    Some(id),
                    &doing.lane.endpoint,
                    &doing.lane.address,
                    &what,
                    None,
                )
                .await?;
            }
        }
        Ok(outcome("recorded", []))
    }
}

/// Words that no flow could place, or that a person was asked for.
async fn open_question(
    tx: &mut Tx,
    d: &Deployment,
    endpoint: &Endpoint,
    writer: &Writer<'_>,
    address: &str,
    words: &str,
) -> Result<Case> {
    let school = &endpoint.school;
    let complaint = is_complaint(d, words);
    let mut named = if complaint {
        school.named_in(d.screen(), words, writer)
    } else {
        Vec::new()
    };
    named.extend(facts::alleged(tx, &endpoint.id, address).await?);
    let kind = if complaint {
        Kind::Complaint
    } else {
        Kind::HandOver
    };
    let owner = first_owner(school, kind, writer, None, &named).owner;
    tx.open_case(&NewCase {
        school_id: &school.config.id,
        kind: if complaint { "complaint" } else { "question" },
        tier: "ordinary",
        endpoint: &endpoint.id,
        address,
        adult: writer.adult.map(|a| a.key.as_str()),
        pupil: match writer.children.as_slice() {
            [only] if writer.listed => Some(only.key.as_str()),
            _ => None,
        },
        owner: owner.map(|s| s.key.as_str()),
        copied: &[],
        barred: &named,
        escalate_at: Some(promises::acknowledge_by(school, tx.now())),
    })
    .await
}

/// The case of a message whose turn failed for good; `None` when it stands in a case already.
pub async fn question_case(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    message: &Message,
    why: &str,
) -> Result<Option<Case>> {
    if tx.stands_in_a_case(message.id).await? {
        return Ok(None);
    }
    let writer = facts::writer(tx, &endpoint.school, &message.endpoint, &message.address).await?;
    let case = open_question(tx, d, endpoint, &writer, &message.address, &message.words()).await?;
    tx.append(case.id, &crate::inbox::lane::entry_of(message))
        .await?;
    tx.append(case.id, &NewEntry::new("handed-over", "schoolgate", why))
        .await?;
    Ok(Some(case))
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

async fn open_promise(tx: &mut Tx, case: &Case) -> Result<Option<Promise>> {
    Ok(tx
        .promises_of(case.id)
        .await?
        .into_iter()
        .rev()
        .find(|p| p.kept_at.is_none()))
}

/// Who has the sealed part, by name, for the case it also belongs to.
async fn sealed_with(tx: &mut Tx, school: &School, message: Option<&Message>) -> Result<String> {
    let sealed = match message.and_then(|m| m.safeguarding_case) {
        Some(id) => tx.case(&school.config.id, id).await?,
        None => None,
    };
    let owner = sealed
        .filter(|c| c.tier == "safeguarding")
        .and_then(|c| c.owner);
    Ok(owner.map_or_else(
        || "a senior member of staff".to_owned(),
        |k| school.name(&k),
    ))
}

/// The child became known after the case was opened: its class teacher owns it from now on.
async fn hand_to_class(tx: &mut Tx, doing: &Doing<'_>, case: &mut Case) -> Result<()> {
    let school = &doing.endpoint.school;
    if !matches!(case.kind.as_str(), "concern") || case.acknowledged_at.is_some() {
        return Ok(());
    }
    let Some(pupil) = case.pupil.as_deref().and_then(|p| school.people.pupil(p)) else {
        return Ok(());
    };
    let Owners { owner, copied } = first_owner(
        school,
        Kind::Concern,
        doing.writer,
        Some(pupil),
        &case.barred()?,
    );
    let Some(owner) = owner else { return Ok(()) };
    if case.owner.as_deref() != Some(&owner.key) {
        case.owner = Some(owner.key.clone());
        tx.keep_case(case).await?;
        let what = format!("{} owns it now", owner.name);
        tx.append(case.id, &NewEntry::new("assigned", "schoolgate", &what))
            .await?;
        tell::owner(doing.d, tx, school, case, "owner").await?;
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

fn is_complaint(d: &Deployment, words: &str) -> bool {
    d.bundle().readings.values().any(|r| {
        r.routes(words)
            .iter()
            .any(|route| route.flow == "complaint")
    })
}

/// Whose a case is at first, and who is copied, by the school's rule.
fn first_owner<'s>(
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
fn senco_first(mut who: Vec<&Staff>) -> Vec<&Staff> {
    who.sort_by_key(|s| !s.is(Role::Senco));
    who
}
