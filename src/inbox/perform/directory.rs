//! Actions that look things up: whom to contact, and services outside the school.

use super::{Doing, Outcome, outcome};
use crate::flow::value::{Item, Value};
use crate::school::service::{Found, Kind, Service};
use crate::store::{Result, Tx};

/// The class teacher first, then the SENCO; for somebody not checked, the office only.
pub(super) fn find_contact(doing: &Doing<'_>) -> Outcome {
    let school = &doing.endpoint.school;
    let pupil = doing.pupil("pupil").and_then(|p| school.people.pupil(p));
    let teacher = pupil.and_then(|p| school.people.teachers_of(&p.class).next());
    match (pupil, teacher) {
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
    }
}

/// A service of the child's home council; counted with no name. Where no number is established the
/// website is given, and where the council is not in the directory the national finder.
pub(super) async fn find_service(tx: &mut Tx, doing: &Doing<'_>) -> Result<Outcome> {
    let school = &doing.endpoint.school;
    let kind = doing
        .text("kind")
        .and_then(Kind::from_word)
        .unwrap_or(Kind::Sendiass);
    let council = doing.text("council").unwrap_or(&school.config.authority);
    let day = school.local(tx.now()).date().to_string();
    let parts = doing.d.parts();
    let counted = parts
        .directory
        .council(council)
        .unwrap_or("another council");
    tx.count(
        &school.config.id,
        &format!("{} {counted}", kind.word()),
        &day,
    )
    .await?;
    let text = |t: &str| Value::Text(t.to_owned());
    Ok(match parts.directory.find(kind, council) {
        Some(Found::Local(Service {
            name,
            phone: Some(phone),
            website,
            ..
        })) => outcome(
            "found",
            [
                ("name", text(name)),
                ("website", text(website.as_deref().unwrap_or_default())),
                ("phone", text(phone)),
            ],
        ),
        Some(Found::Local(Service {
            name,
            website: Some(website),
            ..
        })) => outcome(
            "website",
            [("name", text(name)), ("website", text(website))],
        ),
        Some(Found::National(service) | Found::Local(service)) => outcome(
            "unknown",
            [(
                "website",
                text(service.website.as_deref().unwrap_or_default()),
            )],
        ),
        None => outcome("unknown", [("website", text(""))]),
    })
}
