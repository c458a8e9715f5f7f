//! What the phone calls us with.

use std::fmt::Write as _;
use std::sync::LazyLock;

use reqwest::header::HeaderMap;

use super::*;

/// As the app signs: over the body and the seconds, in hexadecimal.
fn signature(key: &str, body: &[u8], seconds: &str) -> String {
    let mut mac = Hmac::<Sha256>::new_from_slice(key.as_bytes()).unwrap();
    mac.update(body);
    mac.update(seconds.as_bytes());
    let mut hex = String::new();
    for byte in mac.finalize().into_bytes() {
        write!(hex, "{byte:02x}").unwrap();
    }
    hex
}

/// One for all rows: each reads the machine's certificates.
static HEARING: LazyLock<Android> = LazyLock::new(|| android("http://127.0.0.1:9"));

fn call(headers: &[(&'static str, &str)], body: &[u8]) -> Result<Vec<Told>, NotHeard> {
    let mut map = HeaderMap::new();
    for (name, value) in headers {
        map.insert(*name, value.parse().unwrap());
    }
    HEARING.hear(&Call {
        url: "https://school.example/hooks/sms",
        query: "",
        status: false,
        headers: &map,
        body,
        now: now(),
    })
}

/// A call that is signed as it should be, in a few words.
fn heard(body: &[u8]) -> String {
    let seconds = now().as_second().to_string();
    let signature = signature(KEY, body, &seconds);
    said(call(
        &[("x-timestamp", &seconds), ("x-signature", &signature)],
        body,
    ))
}

fn said(told: Result<Vec<Told>, NotHeard>) -> String {
    match told {
        Err(NotHeard::NotThem) => "not them".to_owned(),
        Err(why) => why.to_string(),
        Ok(told) => match told.as_slice() {
            [Told::Message(m)] => {
                let words = m.body.escape_ascii();
                format!("{} from {}: {words}", m.provider_id, m.from)
            }
            [Told::Receipt(r)] => {
                let error = r.error.as_deref().unwrap_or("-");
                let id = r.outbox.map(|id| id.as_u128());
                format!("{} of {id:?} {:?} {error}", r.status.word(), r.provider_id)
            }
            [Told::Nothing] => "nothing".to_owned(),
            other => panic!("{other:?}"),
        },
    }
}

fn event(name: &str, id: &str, payload: Value) -> Vec<u8> {
    let event =
        json!({"deviceId": "d1", "event": name, "id": id, "payload": payload, "webhookId": "w1"});
    event.to_string().into_bytes()
}

fn received(id: &str, message_id: &str, at: &str, words: &str) -> Vec<u8> {
    let payload = json!({"messageId": message_id, "message": words, "sender": "+447700900101",
        "recipient": "+447700900000", "simNumber": 1, "receivedAt": at});
    event("sms:received", id, payload)
}

const AT: &str = "2026-11-27T08:59:58.000+00:00";

#[test]
fn each_call_is_heard_for_what_it_is() {
    let ours = Uuid::from_u128(7).to_string();
    let good = "a80532bb@1795769998000 from +447700900101: im worried";
    let without = |field: &str| {
        let mut payload =
            json!({"messageId": "m1", "message": "x", "sender": "07700900101", "receivedAt": AT});
        payload.as_object_mut().unwrap().remove(field);
        event("sms:received", "e1", payload)
    };
    let mut raw = received("e1", "m1", AT, "?x");
    let at = raw.iter().position(|b| *b == b'?').unwrap();
    raw[at] = 0xFF;
    let mut nul = raw.clone();
    nul[at] = 0;
    let long = "ż".repeat(100_000);
    let table: Vec<(&str, Vec<u8>, String)> = vec![
        (
            "a good message",
            received("e1", "a80532bb", AT, "im worried"),
            good.to_owned(),
        ),
        (
            "the same event again",
            received("e1", "a80532bb", AT, "im worried"),
            good.to_owned(),
        ),
        (
            "the same text as another event",
            received("e2", "a80532bb", AT, "im worried"),
            good.to_owned(),
        ),
        (
            "its time written for another zone",
            received(
                "e2",
                "a80532bb",
                "2026-11-27T09:59:58.000+01:00",
                "im worried",
            ),
            good.to_owned(),
        ),
        (
            "the same words and hash, a second later",
            received("e3", "a80532bb", "2026-11-27T08:59:59.000Z", "yes"),
            "a80532bb@1795769999000 from +447700900101: yes".to_owned(),
        ),
        (
            "sent",
            event(
                "sms:sent",
                "e1",
                json!({"messageId": ours, "partsCount": 1, "sentAt": AT}),
            ),
            format!("sent of Some(7) Some({ours:?}) -"),
        ),
        (
            "delivered, of one part",
            event("sms:delivered", "e1", json!({"messageId": ours})),
            format!("delivered of Some(7) Some({ours:?}) -"),
        ),
        (
            "delivered, of the other part",
            event("sms:delivered", "e2", json!({"messageId": ours})),
            format!("delivered of Some(7) Some({ours:?}) -"),
        ),
        (
            "failed",
            event(
                "sms:failed",
                "e1",
                json!({"messageId": ours, "reason": "Sending: RESULT_ERROR_LIMIT_EXCEEDED (5) for +447700900101"}),
            ),
            format!("failed of Some(7) Some({ours:?}) RESULT_ERROR_LIMIT_EXCEEDED"),
        ),
        (
            "failed in words",
            event(
                "sms:failed",
                "e1",
                json!({"messageId": ours, "reason": "no RESULT for +447700900101"}),
            ),
            format!("failed of Some(7) Some({ours:?}) -"),
        ),
        (
            "cancelled",
            event("sms:cancelled", "e1", json!({"messageId": ours})),
            format!("failed of Some(7) Some({ours:?}) -"),
        ),
        (
            "a text that somebody sent by hand",
            event("sms:sent", "e1", json!({"messageId": "hand-1"})),
            "sent of None Some(\"hand-1\") -".to_owned(),
        ),
        (
            "no sender",
            without("sender"),
            "the phone's text lacks `sender`".to_owned(),
        ),
        (
            "no words",
            without("message"),
            "the phone's text lacks `message`".to_owned(),
        ),
        (
            "no time",
            without("receivedAt"),
            "m1 from +447700900101: x".to_owned(),
        ),
        (
            "no id of the message: the event's",
            without("messageId"),
            "e1@1795769998000 from +447700900101: x".to_owned(),
        ),
        (
            "no id at all",
            event(
                "sms:received",
                "",
                json!({"message": "x", "sender": "07700900101"}),
            ),
            "the phone's text lacks `messageId`".to_owned(),
        ),
        (
            "a receipt for nothing",
            event("sms:sent", "e1", json!({})),
            "the phone's receipt lacks `messageId`".to_owned(),
        ),
        (
            "an app from before 2026",
            event(
                "sms:received",
                "e1",
                json!({"messageId": "m1", "message": "x", "phoneNumber": "07700900101", "receivedAt": AT}),
            ),
            "m1@1795769998000 from +447700900101: x".to_owned(),
        ),
        (
            "a name",
            event(
                "sms:received",
                "e1",
                json!({"messageId": "m1", "message": "x", "sender": "NHS"}),
            ),
            "m1 from NHS: x".to_owned(),
        ),
        (
            "more fields",
            event(
                "sms:received",
                "e1",
                json!({"messageId": "m1", "message": "x", "sender": "NHS", "more": {"a": [1]}}),
            ),
            "m1 from NHS: x".to_owned(),
        ),
        (
            "no words in it",
            received("e1", "m1", AT, ""),
            "m1@1795769998000 from +447700900101: ".to_owned(),
        ),
        (
            "a NUL, escaped",
            received("e1", "m1", AT, "\0x"),
            r"m1@1795769998000 from +447700900101: \x00x".to_owned(),
        ),
        (
            "no UTF-8",
            raw,
            r"m1@1795769998000 from +447700900101: \xef\xbf\xbdx".to_owned(),
        ),
        (
            "a NUL as it is, which is no JSON",
            nul,
            "the phone's webhook is no event".to_owned(),
        ),
        (
            "an empty body",
            vec![],
            "the phone's webhook is no event".to_owned(),
        ),
        (
            "no JSON",
            b"messageId=m1".to_vec(),
            "the phone's webhook is no event".to_owned(),
        ),
        (
            "deeper than anybody writes",
            "[".repeat(60_000).into_bytes(),
            "the phone's webhook is no event".to_owned(),
        ),
        (
            "an unknown event",
            event("sms:teleported", "e1", json!({"messageId": ours})),
            "nothing".to_owned(),
        ),
        (
            "a picture",
            event(
                "mms:downloaded",
                "e1",
                json!({"messageId": "m1", "body": "look", "sender": "07700900101", "attachments": []}),
            ),
            "m1:content from +447700900101: look".to_owned(),
        ),
        (
            "a sign of life",
            event("system:ping", "e1", json!({"health": {"status": "pass"}})),
            "nothing".to_owned(),
        ),
        (
            "a huge one",
            received("e1", "m1", AT, &long),
            format!(
                "m1@1795769998000 from +447700900101: {}",
                long.as_bytes().escape_ascii()
            ),
        ),
    ];
    for (name, body, expected) in table {
        assert_eq!(heard(&body), expected, "{name}");
    }
}

#[test]
fn only_what_is_signed_lately_is_heard() {
    let body = received("e1", "m1", AT, "x");
    let at = |seconds: i64| (now().as_second() + seconds).to_string();
    let right = |seconds: &str| signature(KEY, &body, seconds);
    let table = [
        ("now", Some(at(0)), Some(right(&at(0))), true),
        (
            "five minutes ago",
            Some(at(-300)),
            Some(right(&at(-300))),
            true,
        ),
        (
            "a clock that is fast",
            Some(at(300)),
            Some(right(&at(300))),
            true,
        ),
        ("replayed", Some(at(-301)), Some(right(&at(-301))), false),
        (
            "from the future",
            Some(at(301)),
            Some(right(&at(301))),
            false,
        ),
        (
            "replayed under a new time",
            Some(at(0)),
            Some(right(&at(-301))),
            false,
        ),
        ("no signature", Some(at(0)), None, false),
        (
            "an empty signature",
            Some(at(0)),
            Some(String::new()),
            false,
        ),
        ("no time", None, Some(right("")), false),
        (
            "a time that is none",
            Some("soon".to_owned()),
            Some(right("soon")),
            false,
        ),
        (
            "the end of time",
            Some(i64::MIN.to_string()),
            Some(right(&i64::MIN.to_string())),
            false,
        ),
        (
            "another key",
            Some(at(0)),
            Some(signature("x", &body, &at(0))),
            false,
        ),
        (
            "half a signature",
            Some(at(0)),
            Some(right(&at(0))[..32].to_owned()),
            false,
        ),
        (
            "more than a signature",
            Some(at(0)),
            Some(format!("{}0", right(&at(0)))),
            false,
        ),
        (
            "another body",
            Some(at(0)),
            Some(signature(KEY, b"{}", &at(0))),
            false,
        ),
    ];
    for (name, time, signature, heard) in table {
        let mut headers = vec![("content-type", "text/plain")];
        if let Some(time) = &time {
            headers.push(("x-timestamp", time));
        }
        if let Some(signature) = &signature {
            headers.push(("x-signature", signature));
        }
        let told = said(call(&headers, &body));
        assert_eq!(told != "not them", heard, "{name}: {told}");
    }
}

#[test]
fn the_webhooks_of_its_own_documentation_are_heard() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/android_sms_gateway_webhooks.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!(
            "passed without the app's own webhooks: {} is not here",
            path.display()
        );
        return;
    };
    let file: Value = serde_json::from_str(&text).unwrap();
    let payloads = file["payloads"].as_array().unwrap();
    let told: Vec<String> = payloads
        .iter()
        .map(|payload| {
            let said = heard(payload.to_string().as_bytes());
            format!("{}: {said}", payload["event"].as_str().unwrap())
        })
        .collect();
    let no = "nothing";
    assert_eq!(
        told,
        [
            // A number as its network shows it, which is no UK number: kept as it came.
            "sms:received: abc123@1719045971000 from 6505551212: Android is always a sweet treat!"
                .to_owned(),
            format!("sms:data-received: {no}"),
            "mms:received: mms_12345abcde@1755900930000 from 6505551212: Photo attachment"
                .to_owned(),
            "mms:downloaded: mms_12345abcde@1755900935000:content from 6505551212: Photo attachment\\nHello! Here is the photo."
                .to_owned(),
            "sms:sent: sent of None Some(\"msg-456\") -".to_owned(),
            "sms:delivered: delivered of None Some(\"msg-789\") -".to_owned(),
            "sms:failed: failed of None Some(\"msg-000\") -".to_owned(),
            "sms:cancelled: failed of None Some(\"msg-456\") -".to_owned(),
            format!("app:started: {no}"),
        ]
    );
}

#[test]
fn each_of_the_gateways_words_is_a_step_of_the_ladder() {
    let words: Vec<_> = STATUSES.iter().map(|(word, s)| (*word, s.word())).collect();
    assert_eq!(
        words,
        [
            ("Pending", "accepted"),
            ("Processed", "accepted"),
            ("Sent", "sent"),
            ("Delivered", "delivered"),
            ("Failed", "failed"),
            ("Cancelling", "accepted"),
            ("Cancelled", "failed"),
            ("sms:sent", "sent"),
            ("sms:delivered", "delivered"),
            ("sms:failed", "failed"),
            ("sms:cancelled", "failed"),
        ]
    );
}

#[test]
fn a_picture_message_is_heard_with_its_words_and_that_something_came() {
    let mms = |name: &str, more: Value| {
        let mut payload = json!({"messageId": "mms_1", "sender": "07700900101", "receivedAt": AT});
        let more = more.as_object().unwrap().clone();
        payload.as_object_mut().unwrap().extend(more);
        let body = event(name, "e1", payload);
        let seconds = now().as_second().to_string();
        let signature = signature(KEY, &body, &seconds);
        let told = call(
            &[("x-timestamp", &seconds), ("x-signature", &signature)],
            &body,
        );
        match told.as_deref() {
            Ok([Told::Message(m)]) => {
                let kinds: Vec<&str> = m.media.iter().map(|m| m.content_type.as_str()).collect();
                let words = String::from_utf8_lossy(&m.body).into_owned();
                format!("{} from {}: {words} {kinds:?}", m.provider_id, m.from)
            }
            other => format!("{other:?}"),
        }
    };
    let id = "mms_1@1795769998000";
    let from = "from +447700900101";
    let table = [
        (
            mms(
                "mms:received",
                json!({"subject": "his arm", "contentClass": "IMAGE_BASIC"}),
            ),
            format!("{id} {from}: his arm [\"image/*\"]"),
        ),
        (
            mms(
                "mms:received",
                json!({"subject": null, "contentClass": "TEXT"}),
            ),
            format!("{id} {from}:  []"),
        ),
        (
            mms(
                "mms:downloaded",
                json!({"subject": "his arm", "body": "look", "attachments": [
                    {"partId": 0, "contentType": "application/smil"},
                    {"partId": 1, "contentType": "image/jpeg", "data": "/9j/4AAQ"},
                    {"partId": 2, "contentType": "text/plain"},
                ]}),
            ),
            format!("{id}:content {from}: his arm\nlook [\"image/jpeg\"]"),
        ),
        (
            mms("mms:downloaded", json!({"body": "a long text"})),
            format!("{id}:content {from}: a long text []"),
        ),
    ];
    for (told, expected) in table {
        assert_eq!(told, expected);
    }
    let unsigned = event(
        "mms:downloaded",
        "e1",
        json!({"messageId": "m", "sender": "+447700900101"}),
    );
    assert_eq!(said(call(&[], &unsigned)), "not them");
}
