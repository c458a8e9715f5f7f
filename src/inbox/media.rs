//! Photos, voice messages and files: what came, whether a question asked for it, and how a message
//! and what came with it stand in a chronology. Fetching them from a provider happens elsewhere: here
//! they are references.

use uuid::Uuid;

use crate::deployment::Deployment;
use crate::flow::conversation::{Conversation, Media};
use crate::store::{Lane, Message, NewEntry, Result, Tx};

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

/// Writes a message into a chronology, and beside it what came with it: the words say nothing of it.
pub(super) async fn write_message(tx: &mut Tx, case: Uuid, message: &Message) -> Result<()> {
    tx.append(case, &entry_of(message)).await?;
    for media in message.media()? {
        let what = match Media::of(&media.content_type) {
            Media::Photo => "A photo",
            Media::Voice => "A voice message",
            Media::File => "A file",
        };
        let body = format!("{what} came with it ({}).", media.content_type);
        let entry = NewEntry {
            happened: Some(message.received_at),
            message: Some(message.id),
            ..NewEntry::new("attachment", "parent", &body).to_adult()
        };
        tx.append(case, &entry).await?;
    }
    Ok(())
}

/// The entry a message makes in a chronology.
fn entry_of(message: &Message) -> NewEntry<'_> {
    NewEntry {
        kind: "message-in",
        author: "parent",
        audience: "adult",
        body: &message.body,
        happened: Some(message.received_at),
        message: Some(message.id),
        corrects: None,
    }
}
