//! A person takes over: what somebody asked a person for, or what nobody understood.

use jiff::SignedDuration;

use super::{Doing, Outcome, Scene, open, outcome, own};
use crate::deployment::{Deployment, Endpoint, Writer};
use crate::desk::{promises, tell};
use crate::flow::value::Value;
use crate::inbox::facts::{self, case_item};
use crate::school::case::Kind;
use crate::store::{Case, Message, NewCase, NewEntry, Result, Tx};

/// Asked for a person this soon after, it is about the case that is open.
const JOINS: SignedDuration = SignedDuration::from_hours(24);

impl Scene<'_> {
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
        let recent = own::open_since(tx, doing, now - JOINS).await?;
        let joined = recent.into_iter().next();
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
        let why = in_words(&reason);
        let what = match &words {
            Some(words) if !self.sealed => format!("{why}: {words}"),
            _ => why.to_owned(),
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
                _ => format!("{}: {why}", case.reference()),
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
            open::two_questions(tx, doing, &case, due).await?;
        }
        Ok(outcome(
            "handed",
            [
                ("case", Value::Item(case_item(&case))),
                ("by", Value::When(school.local(due))),
            ],
        ))
    }
}

/// Why a person takes over, for whoever reads the record.
fn in_words(reason: &str) -> &str {
    match reason {
        "person" => "They asked for a person",
        "tries" => "It was not understood",
        "no-flow" => "There is no script for it",
        "media" => "Something came that is no text",
        "more-words" => "They had also written",
        other => other,
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
    let complaint = open::is_complaint(d, words);
    let mut named = if complaint {
        school.named_in(&d.parts().screen, words, writer)
    } else {
        Vec::new()
    };
    named.extend(facts::alleged(tx, &endpoint.id, address).await?);
    let kind = if complaint {
        Kind::Complaint
    } else {
        Kind::HandOver
    };
    let owner = open::first_owner(school, kind, writer, None, &named).owner;
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
    crate::inbox::media::write_message(tx, case.id, message).await?;
    tx.append(case.id, &NewEntry::new("handed-over", "schoolgate", why))
        .await?;
    Ok(Some(case))
}
