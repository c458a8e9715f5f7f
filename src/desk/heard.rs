//! How a message that came in stands in a chronology, and what came with it.

use uuid::Uuid;

use crate::flow::conversation::Media;
use crate::store::{Message, NewEntry, Result, Tx, WHOLE_EMAIL};

/// Writes a message into a chronology, and beside it what came with it: the words say nothing of it.
/// Of an email of which something was left out, all of it stands there too.
pub async fn write_message(tx: &mut Tx, case: Uuid, message: &Message) -> Result<()> {
    tx.append(case, &entry_of(message)).await?;
    if let Some(whole) = message.mail()?.and_then(|mail| mail.whole) {
        let entry = NewEntry {
            happened: Some(message.received_at),
            message: Some(message.id),
            ..NewEntry::new(WHOLE_EMAIL, "parent", &whole).to_adult()
        };
        tx.append(case, &entry).await?;
    }
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
