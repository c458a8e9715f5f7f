//! What is heard, and what is not.

use reqwest::header::{AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::json;

use super::*;
use crate::channel::notify::tests::{CALLBACK_TOKEN, notify};
use crate::channel::{Call, NotHeard};

const JSON: &str = "application/json";

fn hear(
    status: bool,
    bearer: Option<&str>,
    kind: &str,
    body: &[u8],
) -> Result<Vec<Told>, NotHeard> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(kind).unwrap());
    if let Some(bearer) = bearer {
        headers.insert(AUTHORIZATION, HeaderValue::from_str(bearer).unwrap());
    }
    notify(crate::channel::notify::API).hear(&Call {
        url: "https://school.example/hooks/notify",
        query: "",
        status,
        headers: &headers,
        body,
        now: "2026-11-24T10:00:00Z".parse().unwrap(),
    })
}

fn theirs(status: bool, body: &Value) -> Result<Vec<Told>, NotHeard> {
    let bearer = format!("Bearer {CALLBACK_TOKEN}");
    hear(status, Some(&bearer), JSON, body.to_string().as_bytes())
}

/// The callback of Notify's documentation, with a number of nobody's.
fn from_amina(words: &str) -> Value {
    json!({
        "id": "4f2c7d6e-0000-4000-8000-000000000001",
        "source_number": "447700900101",
        "destination_number": "07700900000",
        "message": words,
        "date_received": "2026-11-24T09:59:58.000000Z",
    })
}

fn receipt(word: &str, reference: Value) -> Value {
    json!({
        "id": "740e5834-3a29-46b4-9a6f-16142fde533a", "reference": reference,
        "to": "07700900101", "status": word, "notification_type": "sms",
        "created_at": "2026-11-24T09:59:00.000000Z", "completed_at": null, "sent_at": null,
        "template_id": "f33517ff-2a88-4f6e-b855-c550268ce08a", "template_version": 1,
    })
}

fn with(mut body: Value, name: &str, value: Value) -> Value {
    body[name] = value;
    body
}

fn without(mut body: Value, name: &str) -> Value {
    body.as_object_mut().unwrap().remove(name);
    body
}

fn said(heard: Result<Vec<Told>, NotHeard>) -> String {
    let heard = match heard {
        Ok(heard) => heard,
        Err(why) => return why.to_string(),
    };
    let one = |told: Told| match told {
        Told::Message(m) => format!("{}: {}", m.from, m.body.escape_ascii()),
        Told::Receipt(r) => {
            let outbox = r.outbox.map(|id| id.as_u128());
            let error = r.error.map(|e| format!(" ({e})")).unwrap_or_default();
            assert!(!r.stopped);
            format!("{outbox:?} {}{error}", r.status.word())
        }
        Told::Nothing => "nothing".to_owned(),
    };
    heard.into_iter().map(one).collect::<Vec<_>>().join("; ")
}

#[test]
fn only_who_shows_our_token_is_heard() {
    let body = from_amina("hello").to_string();
    let no = "the signature is missing or wrong";
    let good = format!("Bearer {CALLBACK_TOKEN}");
    let table = [
        ("ours", Some(good.clone()), "+447700900101: hello"),
        ("none", None, no),
        ("an empty one", Some("Bearer ".to_owned()), no),
        (
            "another",
            Some("Bearer callback-token-of-another".to_owned()),
            no,
        ),
        ("without its scheme", Some(CALLBACK_TOKEN.to_owned()), no),
        (
            "of another scheme",
            Some(format!("Basic {CALLBACK_TOKEN}")),
            no,
        ),
        ("longer", Some(format!("{good}x")), no),
        ("shorter", Some(good[..good.len() - 1].to_owned()), no),
        (
            "in capital letters",
            Some(format!("Bearer {}", CALLBACK_TOKEN.to_uppercase())),
            no,
        ),
    ];
    for (story, bearer, expected) in table {
        for body in [body.as_bytes(), b"{"] {
            let heard = said(hear(false, bearer.as_deref(), JSON, body));
            if body.len() > 1 || expected == no {
                assert_eq!(heard, expected, "{story}");
            } else {
                assert_eq!(heard, "Notify's callback is not JSON", "{story}");
            }
        }
    }
}

#[test]
fn callbacks_become_messages() {
    let hello = from_amina("im worried about sam");
    let good = "+447700900101: im worried about sam";
    let huge = "x".repeat(60_000);
    let long = format!("+447700900101: {huge}");
    let from = |number: &str| with(hello.clone(), "source_number", number.into());
    let table: &[(&str, Value, &str)] = &[
        ("a good message", hello.clone(), good),
        (
            "an extra field",
            with(hello.clone(), "network", json!({"a": [1]})),
            good,
        ),
        ("a number as people write it", from("07700900101"), good),
        ("a number with its plus", from("+447700900101"), good),
        (
            "a number from abroad",
            from("48221234567"),
            "+48221234567: im worried about sam",
        ),
        ("a name", from("NHS"), "NHS: im worried about sam"),
        ("no words", from_amina(""), "+447700900101: "),
        (
            "words that are missing",
            without(hello.clone(), "message"),
            "+447700900101: ",
        ),
        (
            "words that are null",
            with(hello.clone(), "message", Value::Null),
            "+447700900101: ",
        ),
        (
            "NUL in the words",
            from_amina("a\0b"),
            r"+447700900101: a\x00b",
        ),
        ("a huge one", from_amina(&huge), &long),
        (
            "no id",
            without(hello.clone(), "id"),
            "Notify's callback has no `id`",
        ),
        (
            "an empty id",
            with(hello.clone(), "id", "".into()),
            "Notify's callback has no `id`",
        ),
        (
            "an id of another type",
            with(hello.clone(), "id", 7.into()),
            "Notify's callback has no `id`",
        ),
        (
            "no sender",
            without(hello.clone(), "source_number"),
            "Notify's callback has no `source_number`",
        ),
        (
            "a list",
            json!([hello.clone()]),
            "Notify's callback is not JSON",
        ),
        (
            "a returned letter",
            json!({"notification_id": "1", "reference": null}),
            "",
        ),
    ];
    for (story, body, expected) in table {
        assert_eq!(said(theirs(false, body)), *expected, "{story}");
        if *story != "no sender" {
            assert_eq!(
                said(theirs(true, body)),
                *expected,
                "{story}, at the other address"
            );
        }
        let bearer = format!("Bearer {CALLBACK_TOKEN}");
        let heard = hear(
            false,
            Some(&bearer),
            "text/plain",
            body.to_string().as_bytes(),
        );
        assert_eq!(said(heard), *expected, "{story}, of the wrong type");
    }
    let bearer = format!("Bearer {CALLBACK_TOKEN}");
    let raw = |body: &[u8]| said(hear(false, Some(&bearer), JSON, body));
    for garbage in [
        &b""[..],
        b"{",
        b"null",
        b"7",
        b"\0\xff",
        b"id=1&source_number=2",
    ] {
        assert_eq!(raw(garbage), "Notify's callback is not JSON", "{garbage:?}");
    }
    assert_eq!(
        raw(b"{\"id\": \"1\", \"source_number\": \"447700900101\", \"message\": \"\xffx\"}"),
        r"+447700900101: \xef\xbf\xbdx"
    );
}

#[test]
fn the_whole_message_is_told_and_a_repeat_has_the_same_id() {
    let expected = Inbound {
        provider_id: "4f2c7d6e-0000-4000-8000-000000000001".to_owned(),
        from: "+447700900101".to_owned(),
        body: b"hello".to_vec(),
        sent_at: Some("2026-11-24T09:59:58Z".parse().unwrap()),
        ..Inbound::default()
    };
    for _ in 0..2 {
        let heard = theirs(false, &from_amina("hello"));
        assert_eq!(heard, Ok(vec![Told::Message(expected.clone())]));
    }
    let undated = with(from_amina("hello"), "date_received", "soon".into());
    let expected = Inbound {
        sent_at: None,
        ..expected
    };
    assert_eq!(theirs(false, &undated), Ok(vec![Told::Message(expected)]));
}

#[test]
fn each_of_notifys_words_is_a_step_of_the_ladder_or_is_ignored() {
    let ours = json!(Uuid::from_u128(7));
    let words = STATUSES.iter().map(|(word, _)| *word);
    let heard: Vec<String> = words
        .chain(["teleported"])
        .map(|word| {
            let heard = said(theirs(true, &receipt(word, ours.clone())));
            format!(
                "{word}: {}",
                heard.strip_prefix("Some(7) ").unwrap_or(&heard)
            )
        })
        .collect();
    assert_eq!(
        heard,
        [
            "created: accepted",
            "sending: sent",
            "pending: sent",
            "sent: sent",
            "delivered: delivered",
            "permanent-failure: undelivered (Notify's permanent-failure)",
            "temporary-failure: undelivered (Notify's temporary-failure)",
            "technical-failure: failed (Notify's technical-failure)",
            "failed: failed (Notify's failed)",
            "accepted: ",
            "cancelled: ",
            "pending-virus-check: ",
            "received: ",
            "returned-letter: ",
            "validation-failed: ",
            "virus-scan-failed: ",
            "teleported: ",
        ]
    );
}

#[test]
fn every_word_that_notifys_schema_has_is_known() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/notify_v2_schemas.json");
    let Ok(text) = std::fs::read_to_string(&path) else {
        println!(
            "passes without Notify's schemas: {} is not here",
            path.display()
        );
        return;
    };
    let schemas: Value = serde_json::from_str(&text).unwrap();
    let words = schemas
        .pointer("/get_notifications_request/properties/status/items/enum")
        .and_then(Value::as_array)
        .unwrap();
    let mut theirs: Vec<&str> = words.iter().map(|word| word.as_str().unwrap()).collect();
    let mut ours: Vec<&str> = STATUSES.iter().map(|(word, _)| *word).collect();
    theirs.sort_unstable();
    ours.sort_unstable();
    assert_eq!(ours, theirs);
}

#[test]
fn a_receipt_names_the_text_by_our_id_or_by_theirs() {
    let delivered = |reference: Value| receipt("delivered", reference);
    let table = [
        (
            "ours",
            delivered(json!(Uuid::from_u128(7))),
            "Some(7) delivered",
        ),
        ("no reference", delivered(Value::Null), "None delivered"),
        (
            "of another system",
            delivered("invoice-12".into()),
            "None delivered",
        ),
        ("an empty one", delivered("".into()), "None delivered"),
        (
            "an email",
            with(
                delivered(json!(Uuid::from_u128(7))),
                "notification_type",
                "email".into(),
            ),
            "",
        ),
        (
            "an extra field",
            with(delivered(Value::Null), "more", json!({})),
            "None delivered",
        ),
        (
            "no kind",
            without(delivered(Value::Null), "notification_type"),
            "None delivered",
        ),
        (
            "no id",
            without(delivered(Value::Null), "id"),
            "Notify's callback has no `id`",
        ),
    ];
    for (story, body, expected) in table {
        assert_eq!(said(theirs(true, &body)), expected, "{story}");
        assert_eq!(
            said(theirs(false, &body)),
            expected,
            "{story}, at the other address"
        );
    }
    let wordless = without(delivered(Value::Null), "status");
    assert_eq!(
        said(theirs(true, &wordless)),
        "Notify's callback has no `status`"
    );
    let Ok(heard) = theirs(true, &delivered(Value::Null)) else {
        panic!()
    };
    let [Told::Receipt(receipt)] = &heard[..] else {
        panic!("{heard:?}")
    };
    let id = receipt.provider_id.as_deref();
    assert_eq!(id, Some("740e5834-3a29-46b4-9a6f-16142fde533a"));
}
