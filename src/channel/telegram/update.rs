//! What Telegram tells us, read as generously as can be done safely: a kind of message that is new
//! to us still brings its words, and what nobody can read is at least known to have come.
//!
//! Updates are read from their JSON and not through teloxide's types, which turn a photo, a voice
//! note or a document that differs in one field into an empty message and drop its words. A phone
//! number counts as proved only when a person shares their own contact.

use jiff::Timestamp;
use serde_json::Value;

use crate::channel::{Inbound, Media};

/// What we cannot name more closely.
const SOMETHING: &str = "application/octet-stream";

/// What may come along with a message or instead of words, and its usual content type. The first
/// that is there counts: an animation is repeated as a document, a venue as a location.
const CONTENTS: &[(&str, &str)] = &[
    ("voice", "audio/ogg"),
    ("photo", "image/jpeg"),
    ("animation", "video/mp4"),
    ("document", SOMETHING),
    ("audio", "audio/mpeg"),
    ("video", "video/mp4"),
    ("video_note", "video/mp4"),
    ("sticker", "image/webp"),
    ("contact", "text/vcard"),
];

/// What Telegram itself says in a person's chat, without the person having written anything.
const SERVICE: &[&str] = &[
    "chat_background_set",
    "chat_shared",
    "message_auto_delete_timer_changed",
    "pinned_message",
    "users_shared",
    "write_access_allowed",
];

/// One update, as far as it matters to a school.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// A person wrote to the bot, or changed what they wrote (a message of its own).
    Message(Inbound),
    /// A person pressed a button; the words are the button's answer. Once it is stored, give
    /// [`Pressed`] to [`super::Telegram::settle`].
    Press(Inbound, Pressed),
    /// Somebody wrote in a group that the bot was added to. Store nothing; see
    /// [`super::Telegram::leave`].
    Group {
        /// The group's chat id.
        chat: i64,
    },
    /// Nothing for us: a reaction, a channel's post, a service message.
    Nothing,
}

/// Which button was pressed, so that it can be put to rest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pressed {
    /// Telegram's id of the press; also the message's provider id.
    pub callback: String,
    /// The chat and number of the message whose buttons these are, where Telegram still knows.
    pub message: Option<(i64, i32)>,
}

/// A webhook request whose body is not an update at all.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the request holds no Telegram update")]
pub struct NotAnUpdate;

/// Reads the body of a webhook request. Check the secret first.
///
/// # Errors
/// [`NotAnUpdate`] when there is no JSON with an `update_id`.
pub fn parse(body: &[u8]) -> Result<Heard, NotAnUpdate> {
    let text = String::from_utf8_lossy(body);
    let update: Value = serde_json::from_str(&text).map_err(|_| NotAnUpdate)?;
    update_id(&update).ok_or(NotAnUpdate)?;
    Ok(read(&update))
}

/// The number of an update, by which polling goes on.
pub(super) fn update_id(update: &Value) -> Option<i64> {
    update.get("update_id")?.as_i64()
}

/// Telegram's ids of messages count per chat, so ours holds both.
pub(super) fn message_id(chat: i64, message: i64) -> String {
    format!("{chat}:{message}")
}

pub(super) fn read(update: &Value) -> Heard {
    let part = |name: &str| update.get(name);
    if let Some(message) = part("message").or(part("edited_message")) {
        heard(message).unwrap_or(Heard::Nothing)
    } else if let Some(query) = part("callback_query") {
        press(query).unwrap_or(Heard::Nothing)
    } else {
        Heard::Nothing
    }
}

/// `None` when it does not even say which message of which chat it is.
fn heard(message: &Value) -> Option<Heard> {
    let chat = message["chat"]["id"].as_i64()?;
    let id = message["message_id"].as_i64()?;
    if message["chat"]["type"] != "private" {
        return Some(Heard::Group { chat });
    }
    if SERVICE.iter().any(|kind| message.get(kind).is_some()) {
        return Some(Heard::Nothing);
    }
    // A lone die, ball or dart is an emoji that Telegram animates.
    let words = ["text", "caption"]
        .iter()
        .find_map(|name| message[name].as_str())
        .or(message["dice"]["emoji"].as_str());
    let proved_phone = own_number(message);
    let media = match CONTENTS
        .iter()
        .find(|(kind, _)| message.get(kind).is_some())
    {
        Some(_) if proved_phone.is_some() => None,
        Some((kind, usual)) => Some(file(&message[kind], usual)),
        // A place, a poll, something invented later: somebody must know that it came.
        None => words.is_none().then(|| file(&Value::Null, SOMETHING)),
    };
    let edited = message["edit_date"].as_i64();
    let id = message_id(chat, id);
    Some(Heard::Message(Inbound {
        provider_id: match edited {
            // An edit is a message of its own, and one edited twice is two.
            Some(at) => format!("{id}:edit:{at}"),
            None => id,
        },
        from: chat.to_string(),
        body: words.unwrap_or_default().into(),
        media: media.into_iter().collect(),
        sent_at: edited
            .or(message["date"].as_i64())
            .and_then(|at| Timestamp::from_second(at).ok()),
        proved_phone,
        part: None,
    }))
}

fn file(content: &Value, usual: &str) -> Media {
    // A photo comes in several sizes, of which the largest can be read best.
    let largest = content
        .as_array()
        .and_then(|sizes| sizes.iter().max_by_key(|size| size["width"].as_u64()));
    let content = largest.unwrap_or(content);
    Media {
        content_type: content["mime_type"].as_str().unwrap_or(usual).to_owned(),
        reference: content["file_id"].as_str().unwrap_or("telegram").to_owned(),
    }
}

/// The number of the sender's own contact, shared just now. An old card sent on may hold a number
/// that is no longer theirs.
fn own_number(message: &Value) -> Option<String> {
    let contact = message.get("contact")?;
    let owner = contact["user_id"].as_i64()?;
    let is_own = message["from"]["id"].as_i64() == Some(owner);
    if !is_own || message.get("forward_origin").is_some() {
        return None;
    }
    e164(contact["phone_number"].as_str()?)
}

fn press(query: &Value) -> Option<Heard> {
    let callback = query["id"].as_str()?.to_owned();
    // A private chat has the number of its person.
    let person = query["from"]["id"].as_i64()?;
    let message = &query["message"];
    let chat = message["chat"]["id"].as_i64();
    if let Some(chat) = chat
        && message["chat"]["type"] != "private"
    {
        return Some(Heard::Group { chat });
    }
    let number = message["message_id"].as_i64();
    let inbound = Inbound {
        provider_id: callback.clone(),
        from: person.to_string(),
        body: query["data"].as_str().unwrap_or_default().into(),
        ..Inbound::default()
    };
    let pressed = Pressed {
        callback,
        message: chat.zip(number.and_then(|number| i32::try_from(number).ok())),
    };
    Some(Heard::Press(inbound, pressed))
}

/// Telegram writes a contact's number with its country code, with or without the `+`. At most 15
/// digits (ITU-T E.164), and none shorter than 7.
fn e164(number: &str) -> Option<String> {
    let number = number.trim();
    let number = number.strip_prefix('+').unwrap_or(number);
    let digits: String = number.chars().filter(|c| !" -()".contains(*c)).collect();
    let is_whole = digits.bytes().all(|byte| byte.is_ascii_digit());
    (is_whole && (7..=15).contains(&digits.len()) && !digits.starts_with('0'))
        .then(|| format!("+{digits}"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn update(kind: &str, inner: Value) -> Heard {
        parse(json!({"update_id": 1, kind: inner}).to_string().as_bytes()).unwrap()
    }

    fn message(more: Value) -> Value {
        let mut message = json!({
            "message_id": 7,
            "from": {"id": 42, "is_bot": false, "first_name": "Ann"},
            "chat": {"id": 42, "type": "private", "first_name": "Ann"},
            "date": 1_795_336_200,
        });
        message
            .as_object_mut()
            .unwrap()
            .extend(more.as_object().unwrap().clone());
        message
    }

    fn said(heard: Heard) -> Inbound {
        match heard {
            Heard::Message(inbound) => inbound,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn words_come_with_who_wrote_them_and_when() {
        let inbound = said(update("message", message(json!({"text": "im worried 😀"}))));
        assert_eq!(inbound.provider_id, "42:7");
        assert_eq!(inbound.from, "42");
        assert_eq!(inbound.body, "im worried 😀".as_bytes());
        assert_eq!(inbound.sent_at.unwrap().to_string(), "2026-11-22T08:30:00Z");
        assert_eq!(inbound.media, []);
    }

    #[test]
    fn an_edited_message_is_a_message_of_its_own() {
        let edit = message(json!({"text": "not sleeping", "edit_date": 1_795_336_260}));
        let inbound = said(update("edited_message", edit));
        assert_eq!(inbound.provider_id, "42:7:edit:1795336260");
        assert_eq!(inbound.sent_at.unwrap().to_string(), "2026-11-22T08:31:00Z");
    }

    #[test]
    fn what_came_along_is_named_with_its_file() {
        let file = |id: &str| json!({"file_id": id, "file_unique_id": "u", "file_size": 1});
        let with = |id: &str, more: Value| {
            let mut file = file(id);
            file.as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            file
        };
        let size = |id: &str, side: u32| with(id, json!({"width": side, "height": side}));
        let table = [
            (
                json!({"voice": with("V", json!({"duration": 3}))}),
                "",
                "audio/ogg V",
            ),
            (
                json!({"voice": with("V", json!({"duration": 3, "mime_type": "audio/mpeg"}))}),
                "",
                "audio/mpeg V",
            ),
            (
                json!({"photo": [size("S", 90), size("L", 800), size("M", 320)], "caption": "his arm"}),
                "his arm",
                "image/jpeg L",
            ),
            (
                json!({"document": with("D", json!({"mime_type": "application/pdf"}))}),
                "",
                "application/pdf D",
            ),
            (
                json!({"document": file("D")}),
                "",
                "application/octet-stream D",
            ),
            (
                json!({"location": {"latitude": 51.5, "longitude": -0.1}}),
                "",
                "application/octet-stream telegram",
            ),
            (
                json!({"contact": {"phone_number": "447700900199", "first_name": "Bo", "user_id": 43}}),
                "",
                "text/vcard telegram",
            ),
            (json!({"dice": {"emoji": "🎲", "value": 3}}), "🎲", ""),
            (
                json!({"invented_later": {"x": 1}}),
                "",
                "application/octet-stream telegram",
            ),
        ];
        for (more, words, media) in table {
            let inbound = said(update("message", message(more.clone())));
            let told: Vec<_> = inbound
                .media
                .iter()
                .map(|m| format!("{} {}", m.content_type, m.reference))
                .collect();
            assert_eq!(
                (inbound.body.as_slice(), told.join(",").as_str()),
                (words.as_bytes(), media),
                "{more}"
            );
            assert_eq!(inbound.proved_phone, None, "{more}");
        }
    }

    #[test]
    fn only_a_persons_own_contact_proves_a_number() {
        let share = |number: &str, owner: Value, more: Value| {
            let mut contact =
                json!({"contact": {"phone_number": number, "first_name": "Ann", "user_id": owner}});
            contact
                .as_object_mut()
                .unwrap()
                .extend(more.as_object().unwrap().clone());
            said(update("message", message(contact))).proved_phone
        };
        let own = || json!(42);
        assert_eq!(
            share("+447700900101", own(), json!({})).as_deref(),
            Some("+447700900101")
        );
        assert_eq!(
            share("447700900101", own(), json!({})).as_deref(),
            Some("+447700900101")
        );
        assert_eq!(
            share("447700900101", json!(43), json!({})),
            None,
            "somebody else's"
        );
        assert_eq!(
            share("447700900101", Value::Null, json!({})),
            None,
            "not a user of Telegram"
        );
        assert_eq!(share("07700900101", own(), json!({})), None, "no country");
        assert_eq!(share("44770090010x", own(), json!({})), None);
        let forwarded =
            json!({"forward_origin": {"type": "hidden_user", "sender_user_name": "x", "date": 1}});
        assert_eq!(
            share("447700900101", own(), forwarded),
            None,
            "an old card, sent on"
        );
    }

    #[test]
    fn a_pressed_button_answers_with_its_data() {
        let query = json!({
            "id": "9001",
            "from": {"id": 42, "is_bot": false, "first_name": "Ann"},
            "chat_instance": "1",
            "message": message(json!({"text": "Which child?"})),
            "data": "2",
        });
        let Heard::Press(inbound, pressed) = update("callback_query", query) else {
            panic!("not a press");
        };
        assert_eq!(inbound.provider_id, "9001");
        assert_eq!(
            (inbound.from.as_str(), inbound.body.as_slice()),
            ("42", &b"2"[..])
        );
        assert_eq!(pressed.callback, "9001");
        assert_eq!(pressed.message, Some((42, 7)));
    }

    #[test]
    fn a_group_is_only_ever_a_group() {
        let group = json!({"text": "hi", "chat": {"id": -100, "type": "group", "title": "Year 3"}});
        assert_eq!(
            update("message", message(group)),
            Heard::Group { chat: -100 }
        );
        let unreadable = json!({"date": "x", "text": "hi", "chat": {"id": -100, "type": "group"}});
        assert_eq!(
            update("message", message(unreadable)),
            Heard::Group { chat: -100 }
        );
    }

    #[test]
    fn a_message_that_is_not_quite_telegrams_still_brings_its_words() {
        let odd = message(json!({"text": "he hit me", "from": {"id": "not a number"}}));
        let inbound = said(update("message", odd));
        assert_eq!(inbound.provider_id, "42:7");
        assert_eq!(inbound.body, b"he hit me");
        let captioned = message(json!({"invented_later": {}, "caption": "look"}));
        assert_eq!(said(update("message", captioned)).body, b"look");
    }

    #[test]
    fn what_is_not_an_update_is_refused_and_what_is_not_for_us_is_skipped() {
        for body in ["", "{", "[]", "{\"message\": {}}", "null"] {
            assert_eq!(parse(body.as_bytes()), Err(NotAnUpdate), "{body}");
        }
        assert_eq!(update("invented_later", json!({"x": 1})), Heard::Nothing);
        assert_eq!(update("message", json!({"x": 1})), Heard::Nothing);
        let pinned = message(json!({"pinned_message": {"message_id": 3}}));
        assert_eq!(update("message", pinned), Heard::Nothing);
        assert_eq!(
            update("channel_post", message(json!({"text": "hi"}))),
            Heard::Nothing
        );
    }

    /// 51 objects of the Bot API from teloxide's own tests: each is read, none is refused.
    #[test]
    fn every_update_of_teloxides_own_tests_is_read() {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../shared/data/telegram_updates.json");
        let Ok(text) = std::fs::read_to_string(&path) else {
            println!(
                "passed without Telegram's updates: {} is not here",
                path.display()
            );
            return;
        };
        let data: Value = serde_json::from_str(&text).unwrap();
        let (mut messages, mut groups, mut nothing) = (0, 0, 0);
        for case in data["cases"].as_array().unwrap() {
            let json = case["json"].clone();
            let whole = match case["kind"].as_str() {
                Some("update") => json,
                _ => json!({"update_id": 1, "message": json}),
            };
            match parse(whole.to_string().as_bytes()).unwrap() {
                Heard::Message(inbound) => {
                    assert!(inbound.provider_id.contains(':'));
                    messages += 1;
                }
                Heard::Group { .. } => groups += 1,
                Heard::Press(..) => panic!("none of them is a press"),
                Heard::Nothing => nothing += 1,
            }
        }
        assert_eq!((messages, groups, nothing), (14, 27, 10));
    }
}
