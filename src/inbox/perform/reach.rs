//! What reaches a phone: lists that somebody asks for, and a phone that is not whose we thought.

use super::{Doing, Outcome, Scene, outcome};
use crate::phone::Phone;
use crate::store::{Moment, Result, Tx};

/// What somebody can ask to be told of.
const TOPICS: [&str; 3] = ["events", "news", "surveys"];

/// On a list, or off it.
pub(super) async fn subscribe(tx: &mut Tx, doing: &Doing<'_>) -> Result<Outcome> {
    let on = doing.flag("on").unwrap_or(true);
    if let Some(topic) = doing.text("topic").filter(|t| TOPICS.contains(t)) {
        let school = &doing.endpoint.school.config.id;
        let (endpoint, address) = (&doing.lane.endpoint, &doing.lane.address);
        tx.subscribe(school, endpoint, address, topic, on).await?;
    }
    let name = if on { "subscribed" } else { "unsubscribed" };
    Ok(outcome(name, []))
}

impl Scene<'_> {
    /// This phone is not whose the record says. Nothing more goes to it unasked, nobody who writes
    /// from it is known, and the office puts the record right.
    pub(super) async fn wrong_number(
        &mut self,
        tx: &mut Tx,
        doing: &mut Doing<'_>,
    ) -> Result<Outcome> {
        let school = &doing.endpoint.school;
        let (endpoint, address) = (doing.lane.endpoint.clone(), doing.lane.address.clone());
        doing.lane.wrong_at = Some(Moment::from(tx.now()));
        tx.forget_address(&endpoint, &address).await?;
        if tx
            .open_task_for("wrong-number", &endpoint, &address)
            .await?
            .is_none()
        {
            let phone = Phone::parse(&address).map_or_else(|_| address.clone(), |p| p.national());
            let on_record: Vec<&str> = doing
                .writer
                .on_record
                .iter()
                .map(|a| a.name.as_str())
                .collect();
            let whose = if on_record.is_empty() {
                "nobody".to_owned()
            } else {
                on_record.join(" and ")
            };
            let what = format!(
                "Wrong number: {phone} is not the phone of whom we think ({whose} on the record). \
                 Correct the record, then tick this off; until then no text goes there by itself."
            );
            tx.task(
                &school.config.id,
                "wrong-number",
                "office",
                None,
                &endpoint,
                &address,
                &what,
                None,
            )
            .await?;
        }
        Ok(outcome("noted", []))
    }
}
