//! Actions on the school's noticeboard: homework, events, who comes.

use super::{Doing, Outcome, Scene, outcome};
use crate::desk::tell;
use crate::flow::value::{Item, Value};
use crate::inbox::facts;
use crate::inbox::lane::values;
use crate::school::case::Kind;
use crate::school::meeting::reminders;
use crate::school::noticeboard::Event;
use crate::store::{Attending, NewEntry, Outgoing, Purpose, Result, Tx};

/// As many events as one text can offer.
const OFFERED: usize = 3;

/// The homework of a child's class today.
pub(super) fn find_homework(tx: &Tx, doing: &Doing<'_>) -> Outcome {
    let school = &doing.endpoint.school;
    let today = school.local(tx.now()).date();
    let pupil = doing.pupil("pupil").and_then(|p| school.people.pupil(p));
    let board = &school.config.noticeboard;
    let Some(homework) = pupil
        .filter(|_| doing.writer.checked)
        .and_then(|p| board.homework_of(&p.class, today))
    else {
        return outcome("none", []);
    };
    let due = homework.until.to_datetime(school.calendar().open);
    outcome(
        "found",
        [
            ("homework", Value::Text(homework.text.clone())),
            ("due", Value::When(due)),
        ],
    )
}

/// What is on, the next first.
pub(super) fn find_events(tx: &Tx, doing: &Doing<'_>) -> Outcome {
    let school = &doing.endpoint.school;
    let language = facts::language(school, Some(doing.lane), doing.writer);
    let now = school.local(tx.now());
    let events: Vec<Item> = school
        .config
        .noticeboard
        .ahead(now)
        .take(OFFERED)
        .map(|event| Item {
            id: event.id.clone(),
            label: say(doing, &language, "event-line", event),
        })
        .collect();
    if events.is_empty() {
        return outcome("none", []);
    }
    outcome("found", [("events", Value::List(events))])
}

fn say(doing: &Doing<'_>, language: &str, id: &str, event: &Event) -> String {
    let values = values([
        (
            "school",
            Value::Text(doing.endpoint.school.config.short_name.clone()),
        ),
        ("name", Value::Text(event.name.clone())),
        ("at", Value::When(event.at)),
        ("place", Value::Text(event.place.clone())),
    ]);
    doing.d.bundle().languages.say(language, id, &values)
}

impl Scene<'_> {
    /// Who comes: the organiser is told, and whoever comes is reminded the day before.
    pub(super) async fn rsvp(&mut self, tx: &mut Tx, doing: &mut Doing<'_>) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let now = tx.now();
        let asked = doing.text("event").unwrap_or_default().to_owned();
        let found = school.config.noticeboard.event(&asked);
        let Some(event) = found.filter(|e| e.at > school.local(now)) else {
            // Over, or taken off the noticeboard, since it was offered.
            let label = found.map_or(asked.as_str(), |e| e.name.as_str()).to_owned();
            let gone = Value::Item(Item { id: asked, label });
            return Ok(outcome("full", [("event", gone)]));
        };
        let said = doing.text("answer");
        let known = said.filter(|a| matches!(*a, "quietly" | "not-coming"));
        let answer = known.unwrap_or("coming");
        let needs = doing.text("needs").filter(|_| !self.sealed);
        let attending = tx
            .attend(
                &school.config.id,
                &event.id,
                &doing.lane.endpoint,
                &doing.lane.address,
                doing.writer.adult.map(|a| a.key.as_str()),
                answer,
                needs,
                event.capacity,
            )
            .await?;
        let (Attending::Noted(id) | Attending::Full(id) | Attending::Not(id)) = attending;
        tx.withdraw_for_meeting(id).await?;

        let organiser = school.people.staff(&event.organiser);
        let (case, told) = self.note(tx, doing, Kind::Rsvp, organiser).await?;
        self.put_words(tx, doing, &case, None).await?;
        let coming = match (attending, answer) {
            (Attending::Not(_), _) => "Not coming",
            (Attending::Full(_), _) => "Full: on the waiting list",
            (_, "quietly") => "Coming quietly",
            _ => "Coming",
        };
        let mut what = format!(
            "{coming}: {}, {}.",
            event.name,
            event.at.strftime("%a %-d %b %Y %H:%M")
        );
        if let Some(needs) = needs {
            what.push_str(&format!(" They need: {needs}"));
        }
        if matches!(attending, Attending::Not(_)) && event.capacity.is_some() {
            let all = tx.rsvps(&school.config.id, &event.id).await?;
            let waiting = all.iter().filter(|r| r.answer == "waiting").count();
            if waiting > 0 {
                what.push_str(&format!(" A place may be free; waiting: {waiting}."));
            }
        }
        tx.append(case.id, &NewEntry::new("rsvp", "schoolgate", &what))
            .await?;
        tell::owner(doing.d, tx, school, &case, told).await?;

        let item = Value::Item(Item {
            id: event.id.clone(),
            label: event.name.clone(),
        });
        if matches!(attending, Attending::Full(_)) {
            return Ok(outcome("full", [("event", item)]));
        }
        let [day_before, _] = reminders(event.at, school.calendar());
        let due = school.instant(day_before);
        if matches!(attending, Attending::Noted(_)) && due > now {
            let language = facts::language(school, Some(doing.lane), doing.writer);
            tx.queue(&Outgoing {
                case_id: Some(case.id),
                meeting: Some(id),
                stale: Some(school.instant(event.at)),
                ..Outgoing::text(
                    &school.config.id,
                    &doing.lane.endpoint,
                    &doing.lane.address,
                    Purpose::Reminder,
                    say(doing, &language, "event-reminder", event),
                    due,
                )
            })
            .await?;
        }
        Ok(outcome(
            "noted",
            [("event", item), ("at", Value::When(event.at))],
        ))
    }
}
