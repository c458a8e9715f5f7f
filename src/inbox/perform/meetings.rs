//! Actions about meetings: offer three, book, move, cancel.

use std::collections::BTreeSet;

use jiff::SignedDuration;

use super::{Doing, Outcome, Scene, outcome, own};
use crate::deployment::{School, Writer};
use crate::desk::{interpreter, promises, tell};
use crate::flow::value::{Item, Slot as Offered, Value};
use crate::inbox::facts::{self, case_item};
use crate::school::meeting::offer::{Diary, Wanted, three, together_or_alone};
use crate::school::meeting::{Kind, Mode, Quantum, Slot, quanta, reminders};
use crate::school::people::{Role, Staff};
use crate::store::{
    Booking, Case, Meeting, Moment, NewCase, NewEntry, NewMeeting, Outgoing, Purpose, Result, Tx,
};

/// Times that were offered to somebody in the last hour are offered to others last.
const OFFERED_LAST: SignedDuration = SignedDuration::from_hours(1);

impl Scene<'_> {
    /// Three times with the class teacher and the SENCO. Offered, not held: people answer hours later.
    pub(super) async fn find_slots(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let now = tx.now();
        let case = self.meeting_case(tx, doing).await?;
        if !doing.writer.checked {
            let due = promises::office_by(school, now);
            tx.promise(&school.config.id, case.id, "contact", &[], due)
                .await?;
            super::open::two_questions(tx, doing, &case, due).await?;
            return Ok(outcome(
                "office",
                [
                    ("case", Value::Item(case_item(&case))),
                    ("by", Value::When(school.local(due))),
                ],
            ));
        }
        let pupil = doing.pupil("pupil").or(case.pupil.as_deref());
        let kind = if doing.text("kind") == Some("ordinary") {
            Kind::Ordinary
        } else {
            Kind::Concern
        };
        let barred = barred(tx, doing, &case).await?;
        let staff = if case.kind == "complaint" {
            let owner = case.owner.as_deref().and_then(|k| school.people.staff(k));
            owner
                .filter(|o| !barred.contains(&o.key))
                .into_iter()
                .collect()
        } else {
            attendees(school, doing.writer, pupil, &barred)
        };
        let from = Moment::from(now - SignedDuration::from_hours(24));
        let first = quanta(school.local(from.timestamp()), 5)
            .first()
            .copied()
            .unwrap_or(0);
        let taken: BTreeSet<Quantum> = tx
            .taken_from(&school.config.id, first)
            .await?
            .into_iter()
            .collect();
        let diaries: Vec<Diary<'_>> = staff
            .iter()
            .map(|s| Diary {
                key: &s.key,
                work: &s.work,
                available: &s.available,
            })
            .collect();
        let wanted = Wanted {
            minutes: kind.minutes(),
            modes: if doing.writer.may_ring() {
                &[Mode::School, Mode::Phone, Mode::Video]
            } else {
                &[Mode::School, Mode::Video]
            },
            now: school.local(now),
            taken: &taken,
        };
        let free = together_or_alone(school.calendar(), &diaries, &wanted);
        let since = now - OFFERED_LAST;
        let others = tx
            .offered_to_others(
                &school.config.id,
                &doing.lane.endpoint,
                &doing.lane.address,
                since,
            )
            .await?;
        let offered: BTreeSet<Quantum> = others
            .iter()
            .filter_map(|id| Slot::from_id(id))
            .flat_map(|s| s.taken())
            .collect();
        // Asked again ("other times"), the same three are not offered a second time at once.
        let passed: BTreeSet<String> = tx
            .offered_to(
                &school.config.id,
                &doing.lane.endpoint,
                &doing.lane.address,
                since,
            )
            .await?
            .into_iter()
            .collect();
        let slots = three(&free, &passed, &offered);
        if slots.is_empty() {
            let due = promises::office_by(school, now);
            tx.promise(&school.config.id, case.id, "arrange", &[], due)
                .await?;
            let what = format!(
                "{}: no time suited. Arrange one with them.",
                case.reference()
            );
            tx.task(
                &school.config.id,
                "hand-over",
                "office",
                Some(case.id),
                &doing.lane.endpoint,
                &doing.lane.address,
                &what,
                Some(due),
            )
            .await?;
            return Ok(outcome("none", [("by", Value::When(school.local(due)))]));
        }
        for slot in &slots {
            tx.offered(
                &school.config.id,
                &slot.id(),
                &doing.lane.endpoint,
                &doing.lane.address,
            )
            .await?;
        }
        let names = names_of(school, slots.iter().flat_map(|s| &s.staff));
        Ok(outcome(
            "found",
            [
                ("minutes", Value::Number(i64::from(kind.minutes()))),
                ("who", Value::Everyone(names)),
                (
                    "slots",
                    Value::Slots(
                        slots
                            .iter()
                            .map(|s| Offered {
                                id: s.id(),
                                at: s.at,
                                mode: s.mode.word().to_owned(),
                            })
                            .collect(),
                    ),
                ),
            ],
        ))
    }

    /// Books a time that was offered; `gone` when somebody else has it by now.
    pub(super) async fn book(&mut self, tx: &mut Tx, doing: &mut Doing<'_>) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let Some(slot) = doing.text("slot").and_then(Slot::from_id) else {
            return Ok(outcome("gone", []));
        };
        let start = school.instant(slot.at);
        // The school may have closed that day since the time was offered.
        let closed = !school.calendar().is_school_day(slot.at.date());
        if start <= tx.now() || closed || !doing.writer.checked {
            return Ok(outcome("gone", []));
        }
        let replaces = standing(tx, doing).await?;
        let case = match &replaces {
            Some(meeting) => tx.hold_case(&school.config.id, meeting.case_id).await?,
            None => None,
        };
        let case = match case {
            Some(case) => case,
            None => self.meeting_case(tx, doing).await?,
        };
        self.case = Some(case.id);
        // Accused since the time was offered: nobody is sent to meet about themselves.
        let barred = barred(tx, doing, &case).await?;
        if slot.staff.iter().any(|key| barred.contains(key)) {
            return Ok(outcome("gone", []));
        }
        let pupil = doing
            .pupil("pupil")
            .map(str::to_owned)
            .or_else(|| case.pupil.clone());
        let booking = tx
            .book(
                &NewMeeting {
                    school_id: &school.config.id,
                    case_id: case.id,
                    endpoint: &doing.lane.endpoint,
                    address: &doing.lane.address,
                    adult: doing.writer.adult.map(|a| a.key.as_str()),
                    pupil: pupil.as_deref(),
                    staff: &slot.staff,
                    starts_at: start,
                    minutes: i64::from(slot.minutes),
                    mode: slot.mode.word(),
                    quanta: &quanta(slot.at, slot.minutes),
                },
                replaces.as_ref().map(|m| m.id),
            )
            .await?;
        let Booking::Booked(id) = booking else {
            return Ok(outcome("gone", []));
        };
        tx.withdraw_for_meeting(id).await?;
        let who = names_of(school, slot.staff.iter());
        let done = if replaces.is_some() {
            "moved to"
        } else {
            "booked for"
        };
        let what = format!(
            "Meeting {done} {} with {}, {} minutes, {}",
            slot.at.strftime("%a %-d %b %Y %H:%M"),
            who.join(" and "),
            slot.minutes,
            slot.mode.word()
        );
        self.write_message(tx, case.id).await?;
        tx.append(
            case.id,
            &NewEntry {
                audience: "parents",
                ..NewEntry::new("meeting", "schoolgate", &what)
            },
        )
        .await?;
        tx.promises_kept(case.id, "schoolgate").await?;
        if let Some(passport) = &doing.writer.passport {
            let how = slot.mode.word();
            interpreter::arrange(doing.d, tx, school, &case, passport, how, start).await?;
        }
        if slot.mode == Mode::Video {
            // They were told that they will have it.
            let what = format!(
                "{}: they meet by video on {}. Send them the link.",
                case.reference(),
                slot.at.strftime("%a %-d %b %H:%M")
            );
            tx.task(
                &school.config.id,
                "video-link",
                "office",
                Some(case.id),
                &doing.lane.endpoint,
                &doing.lane.address,
                &what,
                Some(start),
            )
            .await?;
        }
        remind(tx, doing, &case, id, &slot).await?;
        // Moved from one time to another: who waits at the first must know in time too.
        let soonest = replaces
            .as_ref()
            .map_or(start, |m| m.starts_at.timestamp().min(start));
        for key in &slot.staff {
            tell::meeting(tx, school, &case, key, soonest).await?;
        }
        Ok(outcome(
            "booked",
            [
                (
                    "meeting",
                    Value::Item(Item {
                        id: id.to_string(),
                        label: case.reference(),
                    }),
                ),
                ("at", Value::When(slot.at)),
                ("who", Value::Everyone(who)),
                ("minutes", Value::Number(i64::from(slot.minutes))),
                ("mode", Value::Text(slot.mode.word().to_owned())),
            ],
        ))
    }

    /// Cancels one's own meeting, frees its time and tells whoever was to be there.
    pub(super) async fn cancel(&mut self, tx: &mut Tx, doing: &mut Doing<'_>) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let own = own::meeting(tx, doing, doing.id("meeting")).await?;
        let Some(meeting) = own else {
            return Err(crate::store::StoreError::Unreadable {
                what: "a meeting",
                why: "the conversation's meeting is not this person's".to_owned(),
            });
        };
        let at = school.local(meeting.starts_at.timestamp());
        if meeting.state != "booked" {
            // Called off meanwhile: nothing more to do, and the parent hears what is so.
            return Ok(outcome("cancelled", [("at", Value::When(at))]));
        }
        tx.cancel_meeting(meeting.id).await?;
        tx.withdraw_for_meeting(meeting.id).await?;
        self.case = Some(meeting.case_id);
        self.write_message(tx, meeting.case_id).await?;
        let what = format!(
            "Meeting on {} cancelled by the parent",
            at.strftime("%a %-d %b %Y %H:%M")
        );
        tx.append(
            meeting.case_id,
            &NewEntry {
                audience: "parents",
                ..NewEntry::new("meeting", "schoolgate", &what)
            },
        )
        .await?;
        if let Some(case) = tx.case(&school.config.id, meeting.case_id).await? {
            for key in meeting.staff()? {
                tell::meeting(tx, school, &case, &key, meeting.starts_at.timestamp()).await?;
            }
        }
        Ok(outcome("cancelled", [("at", Value::When(at))]))
    }

    /// One's own meetings ahead. Asked about the only one, the words belong to its case.
    pub(super) async fn find_meetings(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let meetings = tx
            .meetings_ahead(&doing.lane.endpoint, &doing.lane.address)
            .await?;
        let label = |m: &Meeting| {
            school
                .local(m.starts_at.timestamp())
                .strftime("%a %-d %b %H:%M")
                .to_string()
        };
        if let [only] = meetings.as_slice() {
            self.case = self.case.or(Some(only.case_id));
        }
        Ok(match meetings.as_slice() {
            [] => outcome("none", []),
            [only] => outcome(
                "one",
                [
                    (
                        "meeting",
                        Value::Item(Item {
                            id: only.id.to_string(),
                            label: label(only),
                        }),
                    ),
                    ("at", Value::When(school.local(only.starts_at.timestamp()))),
                    (
                        "who",
                        Value::Everyone(names_of(school, only.staff()?.iter())),
                    ),
                ],
            ),
            many => outcome(
                "many",
                [(
                    "meetings",
                    Value::Slots(
                        many.iter()
                            .map(|m| Offered {
                                id: m.id.to_string(),
                                at: school.local(m.starts_at.timestamp()),
                                mode: m.mode.clone(),
                            })
                            .collect(),
                    ),
                )],
            ),
        })
    }

    /// The case a meeting belongs to: this turn's, the concern it came from, one that is open, or new.
    async fn meeting_case(&mut self, tx: &mut Tx, doing: &Doing<'_>) -> Result<Case> {
        let school = &doing.endpoint.school;
        let moved = standing(tx, doing).await?.map(|m| m.case_id);
        let known = moved.or(self.case).or_else(|| doing.id("case"));
        let complaint = doing.text("kind") == Some("complaint");
        let known = known.or(self.flow_case.filter(|_| complaint));
        let own = own::case(tx, doing, known).await?;
        let wanted = if complaint { "complaint" } else { "meeting" };
        let open = tx
            .open_cases_at(&doing.lane.endpoint, &doing.lane.address)
            .await?;
        let case = match own.or_else(|| open.into_iter().find(|c| c.kind == wanted)) {
            Some(case) => case,
            None => {
                let pupil = doing.pupil("pupil");
                let alleged = facts::alleged(tx, &doing.lane.endpoint, &doing.lane.address).await?;
                let alleged: Vec<String> = alleged.into_iter().collect();
                let owner = attendees(school, doing.writer, pupil, &alleged)
                    .first()
                    .map(|s| s.key.clone());
                let owner = if doing.writer.checked {
                    owner
                } else {
                    school
                        .first_with(Role::Office, &alleged)
                        .map(|s| s.key.clone())
                };
                let case = tx
                    .open_case(&NewCase {
                        school_id: &school.config.id,
                        kind: "meeting",
                        tier: "ordinary",
                        endpoint: &doing.lane.endpoint,
                        address: &doing.lane.address,
                        adult: doing.writer.adult.map(|a| a.key.as_str()),
                        pupil,
                        owner: owner.as_deref(),
                        copied: &[],
                        barred: &alleged,
                        escalate_at: None,
                    })
                    .await?;
                tell::owner(doing.d, tx, school, &case, "owner").await?;
                case
            }
        };
        self.case = Some(case.id);
        self.write_message(tx, case.id).await?;
        Ok(case)
    }
}

/// Whom this case, or an allegation of this person's that is still open, keeps out.
async fn barred(tx: &mut Tx, doing: &Doing<'_>, case: &Case) -> Result<Vec<String>> {
    let mut barred = case.barred()?;
    barred.extend(facts::alleged(tx, &doing.lane.endpoint, &doing.lane.address).await?);
    Ok(barred)
}

/// A meeting of this person's that still stands.
async fn standing(tx: &mut Tx, doing: &Doing<'_>) -> Result<Option<Meeting>> {
    let found = own::meeting(tx, doing, doing.id("replaces")).await?;
    Ok(found.filter(|m| m.state == "booked"))
}

/// The class teacher leads, the SENCO supports where the child is on the SEN register; without a
/// child, the SENCO. Nobody meets about themselves.
fn attendees<'s>(
    school: &'s School,
    writer: &Writer<'_>,
    pupil: Option<&str>,
    barred: &[String],
) -> Vec<&'s Staff> {
    let pupil = pupil
        .and_then(|p| school.people.pupil(p))
        .or(match writer.children.as_slice() {
            [only] => school.people.pupil(&only.key),
            _ => None,
        });
    let free = |s: &&Staff| !barred.contains(&s.key) && !s.available.is_empty();
    let teacher = pupil.and_then(|p| school.people.teachers_of(&p.class).find(free));
    let senco = school.first_with(Role::Senco, barred);
    match (teacher, senco, pupil.is_some_and(|p| p.sen.is_registered())) {
        (Some(teacher), Some(senco), true) => vec![senco, teacher],
        (Some(teacher), _, _) => vec![teacher],
        (None, senco, _) => senco.into_iter().collect(),
    }
}

fn names_of<'k>(school: &School, keys: impl Iterator<Item = &'k String>) -> Vec<String> {
    let keys: BTreeSet<&String> = keys.collect();
    let mut staff: Vec<&Staff> = keys
        .into_iter()
        .filter_map(|k| school.people.staff(k))
        .collect();
    staff.sort_by_key(|s| !s.is(Role::Senco));
    staff.into_iter().map(|s| s.name.clone()).collect()
}

/// Reminders the day before and two hours before, in waking hours, while the meeting stands.
async fn remind(
    tx: &mut Tx,
    doing: &Doing<'_>,
    case: &Case,
    meeting: uuid::Uuid,
    slot: &Slot,
) -> Result<()> {
    let school = &doing.endpoint.school;
    let language = doing
        .lane
        .language
        .clone()
        .or_else(|| doing.writer.adult.and_then(|a| a.language.clone()));
    let language = language
        .filter(|l| school.config.languages.contains(l))
        .unwrap_or_else(|| school.config.default_language.clone());
    let who = names_of(school, slot.staff.iter());
    let values = crate::inbox::lane::values([
        ("school", Value::Text(school.config.short_name.clone())),
        ("at", Value::When(slot.at)),
        ("who", Value::Everyone(who)),
        ("mode", Value::Text(slot.mode.word().to_owned())),
    ]);
    let body = doing
        .d
        .bundle()
        .languages
        .say(&language, "meeting-reminder", &values);
    let mut last = None;
    for at in reminders(slot.at, school.calendar()) {
        let due = school.instant(at);
        if due <= tx.now() || last == Some(due) {
            continue;
        }
        last = Some(due);
        tx.queue(&Outgoing {
            case_id: Some(case.id),
            meeting: Some(meeting),
            stale: Some(school.instant(slot.at)),
            ..Outgoing::text(
                &school.config.id,
                &doing.lane.endpoint,
                &doing.lane.address,
                Purpose::Reminder,
                body.clone(),
                due,
            )
        })
        .await?;
    }
    Ok(())
}
