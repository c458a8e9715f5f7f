//! Actions that look things up: whom to contact, and services outside the school.

use super::{Doing, Outcome, outcome};
use crate::flow::value::{Item, Value};
use crate::inbox::facts;
use crate::school::people::{Role, Staff};
use crate::school::service::{Found, Kind};
use crate::store::{Result, Tx};

/// The class teacher first, then the SENCO; the office only for somebody not checked, and while an
/// allegation of theirs about one of the two is open: nobody is sent to whom they fear.
pub(super) async fn find_contact(tx: &mut Tx, doing: &Doing<'_>) -> Result<Outcome> {
    let school = &doing.endpoint.school;
    let alleged = facts::alleged(tx, &doing.lane.endpoint, &doing.lane.address).await?;
    let free = |s: &&Staff| !alleged.contains(&s.key);
    let pupil = doing.pupil("pupil").and_then(|p| school.people.pupil(p));
    let senco = school.first_with(Role::Senco, &[]);
    let teacher = pupil
        .filter(|_| senco.as_ref().is_none_or(free))
        .and_then(|p| school.people.teachers_of(&p.class).find(free));
    Ok(match (pupil, teacher) {
        (Some(pupil), Some(teacher)) if doing.writer.checked => {
            let label = pupil.first_name.clone();
            outcome(
                "named",
                [
                    (
                        "pupil",
                        Value::Item(Item {
                            id: pupil.key.clone(),
                            label,
                        }),
                    ),
                    ("teacher", Value::Text(teacher.name.clone())),
                    ("class", Value::Text(pupil.class.clone())),
                ],
            )
        }
        _ => outcome("office", []),
    })
}

/// A service of the child's home council; counted with no name. Where the council has none in the
/// directory, where a family can look.
pub(super) async fn find_service(tx: &mut Tx, doing: &Doing<'_>) -> Result<Outcome> {
    let school = &doing.endpoint.school;
    let kind = doing
        .text("kind")
        .and_then(Kind::from_word)
        .unwrap_or(Kind::Sendiass);
    let council = doing.text("council").unwrap_or(&school.config.authority);
    let day = school.local(tx.now()).date().to_string();
    let parts = doing.d.parts();
    let directory = school.directory(&parts);
    let counted = directory.council(council).unwrap_or("another council");
    tx.count(
        &school.config.id,
        &format!("{} {counted}", kind.word()),
        &day,
    )
    .await?;
    let found = directory.find(kind, council);
    if let Some(Found::Local(service)) = found {
        return Ok(outcome(
            "found",
            [
                ("name", Value::Text(service.name.clone())),
                ("reach", Value::Text(service.reach())),
            ],
        ));
    }
    // The council's own list, if not the whole country's, says who there is.
    let instead = found
        .or_else(|| directory.find(Kind::LocalOffer, council))
        .or_else(|| directory.find(Kind::Sendiass, council));
    let reach = match instead {
        Some(Found::Local(service) | Found::National(service)) => service.reach(),
        None => String::new(),
    };
    Ok(outcome("unknown", [("reach", Value::Text(reach))]))
}
