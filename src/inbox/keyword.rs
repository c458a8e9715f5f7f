//! STOP, START and HELP: whole messages only, at once, in every language, after the screen.

use crate::deployment::{Deployment, Endpoint};
use crate::store::{Lane, Moment, Result, Tx};
use crate::text::reading::Keyword;

/// Does what a keyword asks; false when the message is none.
pub async fn obey(
    d: &Deployment,
    tx: &mut Tx,
    endpoint: &Endpoint,
    lane: &mut Lane,
    words: &str,
) -> Result<bool> {
    let bundle = d.bundle();
    let Some(keyword) = bundle.readings.values().find_map(|r| r.keyword(words)) else {
        return Ok(false);
    };
    let id = match keyword {
        Keyword::Stop => {
            stop(tx, endpoint, lane).await?;
            "stopped"
        }
        Keyword::Start => {
            lane.stopped_at = None;
            // They can be texted again: nobody has to ring instead.
            tx.tasks_over("stopped", &lane.endpoint, &lane.address)
                .await?;
            "started"
        }
        Keyword::Help => "help",
    };
    // The carrier confirms STOP and START by itself, and would refuse ours (Twilio 21610).
    if endpoint.carrier_answers_stop() {
        return Ok(true);
    }
    let body = super::lane::own_words(d, tx, endpoint, lane, id).await?;
    crate::desk::tell::answer(tx, lane, body).await?;
    Ok(true)
}

/// Records it, and gives the office what can no longer be said by text.
async fn stop(tx: &mut Tx, endpoint: &Endpoint, lane: &mut Lane) -> Result<()> {
    if lane.stopped_at.is_some() {
        return Ok(());
    }
    lane.stopped_at = Some(Moment::from(tx.now()));
    let school = &endpoint.school.config.id;
    let open = tx.open_cases_at(&lane.endpoint, &lane.address).await?;
    let ahead = tx.meetings_ahead(&lane.endpoint, &lane.address).await?;
    if !open.is_empty() || !ahead.is_empty() {
        let what = if ahead.is_empty() {
            "They stopped our texts while a case is open: ring them about it."
        } else {
            "They stopped our texts with a meeting booked: ring them and ask whether it stands."
        };
        let case = open
            .first()
            .map(|c| c.id)
            .or_else(|| ahead.first().map(|m| m.case_id));
        tx.task(
            school,
            "stopped",
            "office",
            case,
            &lane.endpoint,
            &lane.address,
            what,
            None,
        )
        .await?;
    }
    Ok(())
}
