//! What no provider should send and some will: one table for all of them, by construction. A new
//! provider has a row of each kind, and a new kind a row for each provider.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use serde_json::{Value, json};
use sha1::Sha1;
use sha2::Sha256;

use super::{AMINA, SECRET, TOKEN, World, world_with};
use crate::config::{self, Config};
use crate::settle::settle;
use crate::store::Task;
use crate::web::{LARGEST_CALL, LARGEST_MAIL};

/// A kind of call.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Row {
    Good,
    BadSignature,
    NoSignature,
    /// Without what the call is about.
    MissingField,
    ExtraField,
    /// A message with no words in it.
    NoWords,
    EmptyBody,
    Nul,
    NotUtf8,
    WrongContentType,
    /// A receipt with a word that nobody has published.
    UnknownStatus,
    Huge,
    /// More than is ever read.
    TooLarge,
    /// The good one, byte for byte.
    Replayed,
    /// The good message in another call.
    ReplayedAnew,
}

const ROWS: [Row; 15] = [
    Row::Good,
    Row::BadSignature,
    Row::NoSignature,
    Row::MissingField,
    Row::ExtraField,
    Row::NoWords,
    Row::EmptyBody,
    Row::Nul,
    Row::NotUtf8,
    Row::WrongContentType,
    Row::UnknownStatus,
    Row::Huge,
    Row::TooLarge,
    Row::Replayed,
    Row::ReplayedAnew,
];

impl Row {
    /// What the message says.
    fn words(self) -> Vec<u8> {
        match self {
            Self::NoWords => Vec::new(),
            Self::Nul => b"can you\0 ring me".to_vec(),
            Self::NotUtf8 => b"can you \xff\xfe ring me".to_vec(),
            Self::Huge => "can you ring me ".repeat(2_500).into_bytes(),
            Self::TooLarge => vec![b'x'; LARGEST_CALL + 1],
            _ => b"can you ring me".to_vec(),
        }
    }

    /// The message's own id.
    fn id(self) -> String {
        match self {
            Self::Replayed | Self::ReplayedAnew => "Good".to_owned(),
            other => format!("{other:?}"),
        }
    }

    /// The id of the call that brings it, where it has one.
    fn event(self) -> String {
        match self {
            Self::Replayed => "Good".to_owned(),
            other => format!("{other:?}"),
        }
    }

    /// What anybody would expect: the answer, and how many messages are kept.
    fn expected(self) -> (StatusCode, usize) {
        match self {
            Self::Good
            | Self::ExtraField
            | Self::NoWords
            | Self::Nul
            | Self::NotUtf8
            | Self::WrongContentType
            | Self::Huge => (StatusCode::OK, 1),
            Self::BadSignature | Self::NoSignature => (StatusCode::FORBIDDEN, 0),
            Self::MissingField | Self::EmptyBody => (StatusCode::BAD_REQUEST, 0),
            Self::TooLarge => (StatusCode::PAYLOAD_TOO_LARGE, 0),
            Self::UnknownStatus | Self::Replayed | Self::ReplayedAnew => (StatusCode::OK, 0),
        }
    }
}

/// A provider, as it calls us.
struct Provider {
    name: &'static str,
    call: fn(Row) -> Request<Body>,
    /// Where it differs from what anybody would expect, and why.
    but: &'static [(Row, StatusCode, usize, &'static str)],
}

const PROVIDERS: &[Provider] = &[
    Provider {
        name: "Twilio",
        call: twilio,
        but: &[],
    },
    Provider {
        name: "Vonage",
        call: vonage,
        but: &[(
            Row::EmptyBody,
            StatusCode::FORBIDDEN,
            0,
            "the signature is one of its fields",
        )],
    },
    Provider {
        name: "GOV.UK Notify",
        call: notify,
        but: &[],
    },
    Provider {
        name: "Kannel",
        call: kannel,
        but: &[(
            Row::EmptyBody,
            StatusCode::FORBIDDEN,
            0,
            "the secret is one of its fields",
        )],
    },
    Provider {
        name: "Android",
        call: android,
        but: &[],
    },
    Provider {
        name: "Telegram",
        call: telegram,
        but: &[],
    },
    Provider {
        name: "Email",
        call: email,
        but: &[(
            Row::MissingField,
            StatusCode::OK,
            1,
            "an email from nobody is read by the office",
        )],
    },
];

const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";
const SCHOOL: &str = "+447700900000";
const OUTBOX: &str = "00000000-0000-4000-8000-000000000007";

fn content_type(row: Row, usual: &'static str) -> &'static str {
    match row {
        Row::WrongContentType => "image/png",
        _ => usual,
    }
}

/// Fields as they are in a form: bytes, escaped.
fn form(fields: &[(&str, Vec<u8>)]) -> String {
    let escaped = |bytes: &[u8]| {
        bytes
            .iter()
            .map(|b| format!("%{b:02X}"))
            .collect::<String>()
    };
    let pairs = fields.iter().map(|(n, v)| format!("{n}={}", escaped(v)));
    pairs.collect::<Vec<_>>().join("&")
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}

fn sha256(key: &str, parts: &[&[u8]]) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    for part in parts {
        mac.update(part);
    }
    hex(&mac.finalize().into_bytes())
}

/// A string of JSON that holds these bytes, whatever they are.
fn json_string(bytes: &[u8]) -> Vec<u8> {
    let mut string = vec![b'"'];
    for byte in bytes {
        match byte {
            0 => string.extend_from_slice(b"\\u0000"),
            other => string.push(*other),
        }
    }
    string.push(b'"');
    string
}

/// JSON with the words in the place of `"WORDS"`.
fn with_words(json: &Value, words: &[u8]) -> Vec<u8> {
    let text = json.to_string();
    let Some((before, after)) = text.split_once("\"WORDS\"") else {
        return text.into_bytes();
    };
    [before.as_bytes(), &json_string(words), after.as_bytes()].concat()
}

fn twilio(row: Row) -> Request<Body> {
    let path = match row {
        Row::UnknownStatus => format!("/hooks/kingfisher-sms/status?outbox={OUTBOX}"),
        _ => "/hooks/kingfisher-sms".to_owned(),
    };
    let mut fields = vec![("MessageSid", row.id().into_bytes())];
    match row {
        Row::UnknownStatus => fields.push(("MessageStatus", b"reborn".to_vec())),
        _ => fields.push(("Body", row.words())),
    }
    if row != Row::MissingField {
        fields.push(("From", AMINA.into()));
    }
    fields.push(("To", SCHOOL.into()));
    if row == Row::ExtraField {
        fields.push(("InventedLater", b"1".to_vec()));
    }
    if row == Row::EmptyBody {
        fields.clear();
    }
    let body = form(&fields);
    fields.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(format!("https://school.example{path}").as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(&value);
    }
    let mut signature = STANDARD.encode(mac.finalize().into_bytes());
    if row == Row::BadSignature {
        signature = signature.to_lowercase();
    }
    let mut request = Request::post(path)
        .header(header::CONTENT_TYPE, content_type(row, FORM))
        .header("I-Twilio-Idempotency-Token", row.event());
    if row != Row::NoSignature {
        request = request.header("X-Twilio-Signature", signature);
    }
    request.body(Body::from(body)).unwrap()
}

fn vonage(row: Row) -> Request<Body> {
    let path = match row {
        Row::UnknownStatus => format!("/hooks/vonage/status?outbox={OUTBOX}"),
        _ => "/hooks/vonage".to_owned(),
    };
    let mut fields = vec![
        ("messageId", row.id().into_bytes()),
        ("nonce", row.event().into_bytes()),
        // Tuesday 1 December 2026, 12:10, as the test's clock has it.
        ("timestamp", b"1796127000".to_vec()),
        ("to", SCHOOL.trim_start_matches('+').into()),
    ];
    match row {
        Row::UnknownStatus => fields.push(("status", b"reborn".to_vec())),
        _ => fields.push(("text", row.words())),
    }
    if row != Row::MissingField {
        fields.push(("msisdn", AMINA.trim_start_matches('+').into()));
    }
    if row == Row::ExtraField {
        fields.push(("invented-later", b"1".to_vec()));
    }
    fields.sort_unstable();
    let mut signed = Vec::new();
    for (name, value) in &fields {
        signed.extend_from_slice(format!("&{name}=").as_bytes());
        signed.extend_from_slice(value);
    }
    let mut signature = sha256(SECRET, &[&signed]);
    if row == Row::BadSignature {
        signature = sha256("another", &[&signed]);
    }
    if row != Row::NoSignature {
        fields.push(("sig", signature.into_bytes()));
    }
    if row == Row::EmptyBody {
        fields.clear();
    }
    Request::post(path)
        .header(header::CONTENT_TYPE, content_type(row, FORM))
        .body(Body::from(form(&fields)))
        .unwrap()
}

fn notify(row: Row) -> Request<Body> {
    let (path, mut call) = match row {
        Row::UnknownStatus => (
            "/hooks/notify/status",
            json!({"id": "N1", "reference": OUTBOX, "status": "reborn", "notification_type": "sms"}),
        ),
        _ => (
            "/hooks/notify",
            json!({"id": row.id(), "source_number": AMINA.trim_start_matches('+'),
                "destination_number": "07700900000", "message": "WORDS",
                "date_received": "2026-12-01T12:09:58.000000Z"}),
        ),
    };
    match row {
        Row::MissingField => _ = call.as_object_mut().unwrap().remove("source_number"),
        Row::ExtraField => call["invented_later"] = json!({"x": 1}),
        Row::ReplayedAnew => call["date_received"] = json!("2026-12-01T12:09:59.000000Z"),
        _ => {}
    }
    let body = match row {
        Row::EmptyBody => Vec::new(),
        _ => with_words(&call, &row.words()),
    };
    let mut request = Request::post(path).header(header::CONTENT_TYPE, content_type(row, JSON));
    if row != Row::NoSignature {
        let token = if row == Row::BadSignature {
            "another"
        } else {
            SECRET
        };
        request = request.header(header::AUTHORIZATION, format!("Bearer {token}"));
    }
    request.body(Body::from(body)).unwrap()
}

fn kannel(row: Row) -> Request<Body> {
    let mut fields = vec![];
    if row != Row::NoSignature {
        let secret = if row == Row::BadSignature {
            "another"
        } else {
            SECRET
        };
        fields.push(("secret", secret.into()));
    }
    let path = match row {
        Row::UnknownStatus => {
            fields.push(("outbox", OUTBOX.into()));
            fields.push(("type", b"64".to_vec()));
            "/hooks/kannel/status"
        }
        _ => {
            fields.push(("id", row.id().into_bytes()));
            fields.push(("to", SCHOOL.into()));
            fields.push(("charset", b"UTF-8".to_vec()));
            "/hooks/kannel"
        }
    };
    if !matches!(row, Row::MissingField | Row::UnknownStatus) {
        fields.push(("from", AMINA.into()));
    }
    match row {
        Row::ExtraField => fields.push(("invented-later", b"1".to_vec())),
        // It has no id of a call; the second time its modem says another time.
        Row::ReplayedAnew => fields.push(("time", b"1796127000".to_vec())),
        _ => {}
    }
    // An address holds 64 KB and no more; whatever is larger is no call of Kannel's.
    let body = match row {
        Row::TooLarge => row.words(),
        _ => Vec::new(),
    };
    let words = match row {
        Row::TooLarge => Vec::new(),
        Row::Huge => "can you ring me ".repeat(1_000).into_bytes(),
        _ => row.words(),
    };
    fields.push(("text", words));
    if row == Row::EmptyBody {
        fields.clear();
    }
    let address = format!("{path}?{}", form(&fields));
    let request = match row {
        Row::TooLarge => Request::post(address),
        _ => Request::get(address),
    };
    request
        .header(header::CONTENT_TYPE, content_type(row, "text/plain"))
        .body(Body::from(body))
        .unwrap()
}

fn android(row: Row) -> Request<Body> {
    let mut payload = match row {
        Row::UnknownStatus => json!({"messageId": OUTBOX, "recipient": AMINA}),
        _ => json!({"messageId": row.id(), "message": "WORDS", "sender": AMINA,
            "recipient": SCHOOL, "simNumber": 1, "receivedAt": "2026-12-01T12:09:58.000+00:00"}),
    };
    match row {
        Row::MissingField => _ = payload.as_object_mut().unwrap().remove("sender"),
        Row::ExtraField => payload["inventedLater"] = json!(1),
        _ => {}
    }
    let name = match row {
        Row::UnknownStatus => "sms:reborn",
        _ => "sms:received",
    };
    let call = json!({"deviceId": "d1", "event": name, "id": row.event(), "payload": payload,
        "webhookId": "w1"});
    let body = match row {
        Row::EmptyBody => Vec::new(),
        _ => with_words(&call, &row.words()),
    };
    let seconds = "1796127000";
    let mut signature = sha256(SECRET, &[&body, seconds.as_bytes()]);
    if row == Row::BadSignature {
        signature = sha256("another", &[&body, seconds.as_bytes()]);
    }
    let mut request = Request::post("/hooks/android")
        .header(header::CONTENT_TYPE, content_type(row, JSON))
        .header("X-Timestamp", seconds);
    if row != Row::NoSignature {
        request = request.header("X-Signature", signature);
    }
    request.body(Body::from(body)).unwrap()
}

fn telegram(row: Row) -> Request<Body> {
    let id = ROWS.iter().position(|r| r.id() == row.id());
    let event = ROWS.iter().position(|r| r.event() == row.event());
    let mut message = json!({"message_id": id, "date": 1_796_127_000, "text": "WORDS",
        "from": {"id": 42, "is_bot": false, "first_name": "Ann"},
        "chat": {"id": 42, "type": "private", "first_name": "Ann"}});
    if row == Row::ExtraField {
        message["invented_later"] = json!({"x": 1});
    }
    let mut call = match row {
        Row::UnknownStatus => json!({"update_id": event, "my_chat_member": {"date": 1_796_127_000,
            "from": message["from"], "chat": message["chat"], "old_chat_member": {"status": "member"},
            "new_chat_member": {"status": "reborn"}}}),
        _ => json!({"update_id": event, "message": message}),
    };
    if row == Row::MissingField {
        call.as_object_mut().unwrap().remove("update_id");
    }
    let body = match row {
        Row::EmptyBody => Vec::new(),
        _ => with_words(&call, &row.words()),
    };
    let mut request = Request::post("/hooks/kingfisher-telegram")
        .header(header::CONTENT_TYPE, content_type(row, JSON));
    if row != Row::NoSignature {
        let secret = if row == Row::BadSignature {
            "another"
        } else {
            SECRET
        };
        request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
    }
    request.body(Body::from(body)).unwrap()
}

fn email(row: Row) -> Request<Body> {
    let mut raw = Vec::new();
    if row != Row::MissingField {
        raw.extend_from_slice(b"From: somebody@home.example\r\n");
    }
    if row == Row::ExtraField {
        raw.extend_from_slice(b"X-Invented-Later: 1\r\n");
    }
    // Every server on its way adds its own line: the second time it came another way.
    let by = format!("Received: by {}.example\r\n", row.event().to_lowercase());
    raw.extend_from_slice(by.as_bytes());
    let kind = match row {
        Row::UnknownStatus => "multipart/report; report-type=delivery-status; boundary=b",
        _ => "text/plain; charset=utf-8",
    };
    let head = format!(
        "To: cases@school.example\r\nMessage-ID: <{}@home.example>\r\nContent-Type: {kind}\r\n\r\n",
        row.id()
    );
    raw.extend_from_slice(head.as_bytes());
    match row {
        Row::UnknownStatus => raw.extend_from_slice(
            format!(
                "--b\r\nContent-Type: message/delivery-status\r\n\r\nReporting-MTA: dns; x.example\r\n\r\n\
                 Final-Recipient: rfc822; a@home.example\r\nAction: reborn\r\nStatus: 9.9.9\r\n\r\n\
                 --b\r\nContent-Type: message/rfc822\r\n\r\nMessage-ID: <{OUTBOX}@school.example>\r\n\r\nx\r\n--b--\r\n"
            )
            .as_bytes(),
        ),
        Row::TooLarge => raw.resize(LARGEST_MAIL + 1, b'x'),
        _ => raw.extend_from_slice(&row.words()),
    }
    if row == Row::EmptyBody {
        raw.clear();
    }
    let mut request = Request::post("/hooks/email")
        .header(header::CONTENT_TYPE, content_type(row, "message/rfc822"));
    if row != Row::NoSignature {
        let secret = if row == Row::BadSignature {
            "another"
        } else {
            SECRET
        };
        request = request.header("X-Schoolgate-Secret", secret);
    }
    request.body(Body::from(raw)).unwrap()
}

/// The demo school, with a channel of each kind that is called.
async fn school() -> World {
    let channels = format!(
        r#"
[[school.channel]]
id = "vonage"
kind = "vonage"
number = "{SCHOOL}"
api_key = "abcd1234"
api_secret_env = "SECRET"
signature_secret_env = "SECRET"

[[school.channel]]
id = "notify"
kind = "notify"
number = "{SCHOOL}"
api_key_env = "NOTIFY"
template_id = "00000000-0000-4000-8000-000000000020"
callback_token_env = "SECRET"

[[school.channel]]
id = "kannel"
kind = "kannel"
number = "{SCHOOL}"
sendsms_url = "http://127.0.0.1:9/cgi-bin/sendsms"
username = "school"
password_env = "SECRET"
secret_env = "SECRET"

[[school.channel]]
id = "android"
kind = "android"
number = "{SCHOOL}"
api_base = "http://127.0.0.1:9"
username = "school"
password_env = "SECRET"
signing_key_env = "SECRET"
"#
    );
    let inbound = "[email.inbound]\naddress = \"cases@school.example\"\nkind = \"webhook\"\n\
                   secret_env = \"SECRET\"\n\n[timing]";
    let text = config::EXAMPLE.replace("[timing]", inbound) + &channels;
    let env = |name: &str| {
        let id = "00000000-0000-4000-8000-0000000000";
        Some(match name {
            "NOTIFY" => format!("texts-{id}30-{id}40"),
            _ => SECRET.to_owned(),
        })
    };
    let config = Config::parse("example.toml", &text, &env).unwrap_or_else(|why| panic!("{why:?}"));
    world_with(false, |demo| {
        demo.email = config.email;
        let channels = config.schools.into_iter().next().unwrap().channels;
        let theirs = |id: &str| ["vonage", "notify", "kannel", "android"].contains(&id);
        demo.schools[0]
            .channels
            .extend(channels.into_iter().filter(|c| theirs(&c.id)));
    })
    .await
}

#[tokio::test]
async fn whatever_a_provider_sends_is_kept_once_or_refused_with_a_reason() {
    let world = school().await;
    let mut wrong = Vec::new();
    for provider in PROVIDERS {
        for row in ROWS {
            let but = provider.but.iter().find(|(but, ..)| *but == row);
            let expected = but.map_or(row.expected(), |(_, status, kept, _)| (*status, *kept));
            let before = world.stored().await;
            let answer = world.ask((provider.call)(row)).await;
            let told = (answer.status, world.stored().await - before);
            if told != expected {
                let name = provider.name;
                wrong.push(format!(
                    "{name}, {row:?}: {told:?}, not {expected:?}: {}",
                    answer.body
                ));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // What was kept is read to its end: no row of the table stops what comes after it.
    settle(&world.rig.d).await.unwrap();
    let mut tx = world.rig.d.store.read().await.unwrap();
    let tasks = tx.open_tasks("kingfisher").await.unwrap();
    let failed: Vec<_> = tasks.iter().filter(|t| t.kind == "failed-turn").collect();
    assert!(failed.is_empty(), "{failed:?}");
    let nobodys = |t: &&Task| t.kind == "hand-over" && t.address == "somebody";
    assert_eq!(
        tasks.iter().filter(nobodys).count(),
        1,
        "an email that does not say whose it is"
    );
}
