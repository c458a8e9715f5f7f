//! Photos, voice messages and files: what came, and whether a question asked for it. Fetching them from
//! a provider happens elsewhere: here they are references.

use crate::deployment::Deployment;
pub(super) use crate::desk::heard::write_message;
use crate::flow::conversation::{Conversation, Media};
use crate::store::{Lane, Message, Result, Tx};

/// What came with a message, as the flows know it.
pub(super) fn of(message: &Message) -> Result<Vec<Media>> {
    let media = message.media()?;
    Ok(media.iter().map(|m| Media::of(&m.content_type)).collect())
}

/// Whether the question that is open in a lane asked for what came.
pub(super) async fn asked_for(
    d: &Deployment,
    tx: &mut Tx,
    lane: &Lane,
    media: &[Media],
) -> Result<bool> {
    let state = lane.conversation.as_deref().filter(|_| !media.is_empty());
    let Some(Ok(conversation)) = state.map(Conversation::from_json) else {
        return Ok(false);
    };
    let mut bundle = Some(d.bundle());
    if bundle
        .as_ref()
        .is_some_and(|b| b.hash != conversation.bundle)
    {
        let stored = tx.bundle_sources(&conversation.bundle).await?;
        bundle = d.pinned(&conversation.bundle, stored.as_deref());
    }
    Ok(bundle.is_some_and(|bundle| conversation.takes(&bundle, media).is_some()))
}
