//! What stands in the record of a case, as `!` lines say it.

use crate::deployment::School;
use crate::store::{Case, Moment, Tx};

/// Everything a `!` line may say of a case.
pub(super) async fn describe(
    tx: &mut Tx,
    school: &School,
    case: &Case,
    local: &(dyn Fn(Moment) -> String + Sync),
) -> anyhow::Result<Vec<String>> {
    let name = |key: &str| school.name(key);
    let mut facts = vec![
        format!("is a {}", case.kind),
        format!("is {}", case.state),
        format!("is of tier {}", case.tier),
    ];
    match case.pupil.as_deref().and_then(|p| school.people.pupil(p)) {
        Some(pupil) => facts.push(format!("is for {}", pupil.first_name)),
        None => facts.push("is for no pupil yet".to_owned()),
    }
    facts.push(format!(
        "is owned by {}",
        case.owner.as_deref().map_or("nobody".to_owned(), name)
    ));
    facts.extend(case.wish.iter().map(|w| format!("wishes {w}")));
    for key in case.barred()? {
        facts.push(format!("is kept from {}", name(&key)));
    }
    for promise in tx.promises_of(case.id).await? {
        let who = promise.who()?;
        let who = if who.is_empty() {
            "the office".to_owned()
        } else {
            who.join(" or ")
        };
        let state = match (promise.kept_at, promise.broken_at) {
            (Some(_), _) => "kept",
            (None, Some(_)) => "broken",
            (None, None) => "open",
        };
        facts.push(format!(
            "promise {} by {who}, {} ({state})",
            promise.what,
            local(promise.due_at)
        ));
    }
    for notice in tx.notices_of(case.id).await? {
        let at = notice
            .sent_at
            .or(notice.next_at)
            .map_or("never".to_owned(), local);
        let state = match (notice.acknowledged_at, notice.sent_at) {
            (Some(_), _) => "acknowledged",
            (None, Some(_)) => "told",
            (None, None) => "due",
        };
        facts.push(format!(
            "notice {} to {}, {at} ({state})",
            notice.kind,
            name(&notice.staff)
        ));
    }
    for meeting in tx.meetings_of(case.id).await? {
        let who: Vec<String> = meeting.staff()?.iter().map(|k| name(k)).collect();
        facts.push(format!(
            "meeting {} with {}, {} ({})",
            local(meeting.starts_at),
            who.join(" and "),
            meeting.mode,
            meeting.state
        ));
    }
    for entry in tx.chronology(case.id).await? {
        facts.push(format!(
            "holds {} {}: {}",
            entry.kind,
            entry.author,
            entry.words().unwrap_or_default()
        ));
    }
    Ok(facts)
}
