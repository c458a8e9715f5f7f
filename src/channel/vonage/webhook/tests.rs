//! What is heard, and what is not: each row by POST, by GET and as JSON.

use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};

use super::*;
use crate::channel::vonage::tests::{SECRET, now, vonage};
use crate::channel::{NotHeard, Told};

const FORM: &str = "application/x-www-form-urlencoded";

/// The answer of one call, as Vonage would make it: `(query, body)`.
fn hear(status: bool, query: &str, kind: &str, body: &[u8]) -> Result<Vec<Told>, NotHeard> {
    let mut headers = HeaderMap::new();
    headers.insert(CONTENT_TYPE, HeaderValue::from_str(kind).unwrap());
    vonage(crate::channel::vonage::API).hear(&Call {
        url: "https://school.example/hooks/sms",
        query,
        status,
        headers: &headers,
        body,
        now: now(),
    })
}

/// A form with its timestamp, signed.
fn signed_at(fields: &str, seconds: i64) -> String {
    let written = now().as_second() + seconds;
    let fields = format!("{fields}&nonce=b0c2&timestamp={written}");
    let form = parse_form(fields.as_bytes());
    let signature = sign(&form, SECRET, SignatureMethod::Sha256).unwrap();
    format!("{fields}&sig={signature}")
}

fn signed(fields: &str) -> String {
    signed_at(fields, 0)
}

/// The same as JSON, which Vonage sends with every value in quotes.
fn as_json(fields: &str) -> Vec<u8> {
    let pairs = parse_form(fields.as_bytes()).0.into_iter();
    let object: serde_json::Map<String, Value> = pairs
        .map(|(name, value)| (name, String::from_utf8(value).unwrap().into()))
        .collect();
    serde_json::to_vec(&object).unwrap()
}

/// A text from a parent, and what may stand beside it.
fn from_amina(more: &str) -> String {
    format!("msisdn=447700900101&to=447700900000&messageId=0A01&type=text&keyword=IM{more}")
}

fn told(heard: Result<Vec<Told>, NotHeard>) -> String {
    let heard = match heard {
        Ok(heard) => heard,
        Err(why) => return why.to_string(),
    };
    let one = |told: Told| match told {
        Told::Message(m) => {
            let words = m.body.escape_ascii();
            let media = if m.media.is_empty() {
                ""
            } else {
                " with a file"
            };
            let part = m.part.map_or(String::new(), |part| {
                format!(" (part {} of {}, {})", part.n, part.total, part.reference)
            });
            format!("{} {}: {words}{media}{part}", m.provider_id, m.from)
        }
        Told::Receipt(r) => {
            let outbox = r.outbox.map(|id| id.as_u128());
            let id = r.provider_id.unwrap_or_default();
            let stopped = if r.stopped { ", stopped" } else { "" };
            let error = r.error.map(|e| format!(" ({e})")).unwrap_or_default();
            format!("{outbox:?} {id} {}{error}{stopped}", r.status.word())
        }
        Told::Nothing => "nothing".to_owned(),
    };
    heard.into_iter().map(one).collect::<Vec<_>>().join("; ")
}

#[test]
fn a_call_is_heard_when_it_is_signed_and_in_time() {
    let hello = from_amina("&text=im+worried+%26+tired");
    let good = "0A01 +447700900101: im worried & tired";
    let no = "the signature is missing or wrong";
    let flipped = signed(&hello).replace("worried", "Worried");
    let unsigned = format!("{hello}&timestamp={}", now().as_second());
    let untimed = {
        let form = parse_form(hello.as_bytes());
        let signature = sign(&form, SECRET, SignatureMethod::Sha256).unwrap();
        format!("{hello}&sig={signature}")
    };
    let upper = {
        let call = signed(&hello);
        let (fields, signature) = call.rsplit_once('=').unwrap();
        format!("{fields}={}", signature.to_uppercase())
    };
    let huge = "x".repeat(60_000);
    let long = format!("0A01 +447700900101: {huge}");
    let table: &[(&str, String, &str)] = &[
        ("a good message", signed(&hello), good),
        ("the same again", signed(&hello), good),
        (
            "to another number of the account",
            signed(&hello.replace("to=447700900000", "to=447700900009")),
            "a text for another number came here: at Vonage, point each number's webhook at its own channel",
        ),
        (
            "to a name, which is no number",
            signed(&hello.replace("to=447700900000", "to=SCHOOL")),
            good,
        ),
        ("again, and signed anew", signed_at(&hello, 60), good),
        ("23 hours old", signed_at(&hello, -82_800), good),
        ("25 hours old", signed_at(&hello, -90_000), no),
        ("25 hours ahead of us", signed_at(&hello, 90_000), no),
        ("signed in capital letters", upper, good),
        ("a changed letter", flipped, no),
        ("no signature", unsigned, no),
        (
            "an empty signature",
            format!("{hello}&timestamp=1&sig="),
            no,
        ),
        ("no timestamp", untimed, no),
        (
            "an extra field, unsigned",
            format!("{}&x=1", signed(&hello)),
            no,
        ),
        (
            "an extra field, signed",
            signed(&format!("{hello}&x=1")),
            good,
        ),
        (
            "a name with &",
            signed(&hello).replace("&keyword=", "&a%26keyword="),
            no,
        ),
        ("an empty body", String::new(), no),
        (
            "no id",
            signed("msisdn=447700900101&text=x"),
            "Vonage's request has no `messageId`",
        ),
        (
            "no sender",
            signed("messageId=0A01&text=x"),
            "Vonage's request has no `msisdn`",
        ),
        (
            "neither words nor a status",
            signed("x=1"),
            "Vonage's request has no `messageId`",
        ),
        (
            "no words",
            signed(&from_amina("&text=")),
            "0A01 +447700900101: ",
        ),
        (
            "NUL, and bytes that are not UTF-8",
            signed(&from_amina("&text=%00%ffx")),
            r"0A01 +447700900101: \x00\xffx",
        ),
        (
            "from abroad",
            signed("msisdn=48221234567&messageId=0A02&text=x"),
            "0A02 +48221234567: x",
        ),
        (
            "from a short code",
            signed("msisdn=60777&messageId=0A03&text=x"),
            "0A03 60777: x",
        ),
        (
            "from a name",
            signed("msisdn=NHS&messageId=0A04&text=x"),
            "0A04 NHS: x",
        ),
        (
            "the second part of three",
            signed(&from_amina(
                "&text=x&concat=true&concat-ref=171&concat-part=2&concat-total=3",
            )),
            "0A01-2 +447700900101: x (part 2 of 3, 171)",
        ),
        (
            "a part that cannot be",
            signed(&from_amina(
                "&text=x&concat=true&concat-ref=171&concat-part=4&concat-total=3",
            )),
            "0A01-4 +447700900101: x",
        ),
        (
            "a business card",
            signed("msisdn=447700900101&messageId=0A05&type=binary&data=424547&udh=06"),
            "0A05 +447700900101:  with a file",
        ),
        (
            "a huge one",
            signed(&from_amina(&format!("&text={huge}"))),
            &long,
        ),
    ];
    for (story, call, expected) in table {
        let expected = *expected;
        assert_eq!(
            told(hear(false, "", FORM, call.as_bytes())),
            expected,
            "{story}, by POST"
        );
        assert_eq!(
            told(hear(false, call, FORM, b"")),
            expected,
            "{story}, by GET"
        );
        // Easily swapped in the dashboard.
        if !story.starts_with("neither") {
            assert_eq!(
                told(hear(true, "", FORM, call.as_bytes())),
                expected,
                "{story}, swapped"
            );
        }
        if !call.contains("%ff") && !call.is_empty() {
            let json = as_json(call);
            let heard = hear(false, "", "application/json", &json);
            assert_eq!(told(heard), expected, "{story}, as JSON");
            let heard = hear(false, "", "text/plain", &json);
            assert_eq!(told(heard), expected, "{story}, of the wrong type");
        }
    }
    for garbage in [
        &b"{"[..],
        b"[]",
        b"null",
        b"\0\xff",
        b"{\"sig\":{}}",
        b"sig=%zz",
    ] {
        assert_eq!(
            told(hear(false, "", "application/json", garbage)),
            no,
            "{garbage:?}"
        );
    }
}

#[test]
fn what_is_not_signed_is_not_read() {
    // The query of an address of receipts, which Vonage may or may not sign.
    let fields = "messageId=0B01&status=delivered&err-code=0";
    let ours = "outbox=00000000000000000000000000000007";
    let read = "Some(7) 0B01 delivered";
    let body = signed(fields);
    assert_eq!(told(hear(true, ours, FORM, body.as_bytes())), read);
    let both = signed(&format!("{ours}&{fields}"));
    assert_eq!(
        told(hear(true, &both, FORM, b"")),
        read,
        "by GET, and signed"
    );
    assert_eq!(
        told(hear(true, &format!("{ours}&{body}"), FORM, b"")),
        read,
        "by GET, unsigned"
    );
    let rest = both.strip_prefix(&format!("{ours}&")).unwrap();
    assert_eq!(
        told(hear(true, ours, FORM, rest.as_bytes())),
        read,
        "by POST, and signed"
    );

    // Somebody who saw a signed request cannot say more with it.
    let body = signed(&format!("client-ref={}&{fields}", Uuid::from_u128(8)));
    let more = format!("{ours}&messageId=0B02&status=failed&err-code=9");
    assert_eq!(
        told(hear(true, &more, FORM, body.as_bytes())),
        "Some(8) 0B01 delivered"
    );
    let message = signed(&from_amina("&text=fine"));
    let heard = hear(
        false,
        "text=he+hits+me&messageId=0A09",
        FORM,
        message.as_bytes(),
    );
    assert_eq!(told(heard), "0A01 +447700900101: fine");
    let again = signed(&from_amina("&text=fine&messageId=0A09"));
    assert_eq!(
        told(hear(false, "", FORM, again.as_bytes())),
        "0A01 +447700900101: fine"
    );
}

#[test]
fn the_whole_message_is_told() {
    let fields = from_amina("&text=x&message-timestamp=2026-11-24+09%3A59%3A58");
    let heard = hear(false, "", FORM, signed(&fields).as_bytes()).unwrap();
    let expected = Inbound {
        provider_id: "0A01".to_owned(),
        from: "+447700900101".to_owned(),
        body: b"x".to_vec(),
        sent_at: Some("2026-11-24T09:59:58Z".parse().unwrap()),
        ..Inbound::default()
    };
    assert_eq!(heard, [Told::Message(expected)]);
    let card = signed("msisdn=447700900101&messageId=0A05&data=42&message-timestamp=soon");
    let heard = hear(false, "", FORM, card.as_bytes()).unwrap();
    let Told::Message(message) = &heard[0] else {
        panic!("{heard:?}")
    };
    assert_eq!((message.sent_at, message.body.as_slice()), (None, &b""[..]));
    let file = Media {
        content_type: "application/octet-stream".to_owned(),
        reference: "0A05".to_owned(),
    };
    assert_eq!(message.media, [file]);
}

/// The signatures that Vonage's own Ruby SDK expects in its tests (Apache-2.0).
#[test]
fn signatures_are_those_of_vonages_own_tests() {
    let form: Form = [
        ("message-timestamp", "2013-11-21 15:27:30"),
        ("messageId", "020000001B0FE827"),
        ("msisdn", "14843472194"),
        ("text", "Test again"),
        ("timestamp", "1385047698"),
        ("to", "13239877404"),
        ("type", "text"),
    ]
    .into_iter()
    .collect();
    for (method, expected) in [
        (SignatureMethod::Md5Hash, "d2e7b1dc968737c5998ad624e02f90b7"),
        (
            SignatureMethod::Sha1,
            "27d0d05c2876c7cb1720dbcdba4d492e1e55c09a",
        ),
        (
            SignatureMethod::Sha256,
            "ddb8397c2b90aac7f3882d306475c9a5058c92322eef43c92b298b6e0fc0d330",
        ),
        (
            SignatureMethod::Sha512,
            "e0d3c650f8c9d1a5c174d10dddbfb003e561f59b265616208b0487c5d819481c\
             d3c311d59cf6165ecd1139622d5ba3a256c0d763ac4a9ad9144b5a426b94fe82",
        ),
    ] {
        let made = sign(&form, "my_secret_key_for_testing", method);
        assert_eq!(made.as_deref(), Some(expected), "{method:?}");
    }
    for value in ["_", "&", "="] {
        let form: Form = [("k", value)].into_iter().collect();
        let made = sign(&form, "my_secret_key_for_testing", SignatureMethod::Md5Hash);
        assert_eq!(
            made.as_deref(),
            Some("c3d6a686ab9c7e7408bb1c0506e9629a"),
            "{value}"
        );
    }
}

#[test]
fn each_of_vonages_words_is_a_step_of_the_ladder_or_is_ignored() {
    let words = STATUSES.iter().map(|(word, _)| *word);
    let heard: Vec<String> = words
        .chain(["teleported"])
        .map(|word| {
            let call = signed(&format!("messageId=0B01&status={word}&err-code=0"));
            let heard = told(hear(true, "", FORM, call.as_bytes()));
            format!(
                "{word}: {}",
                heard.strip_prefix("None 0B01 ").unwrap_or(&heard)
            )
        })
        .collect();
    assert_eq!(
        heard,
        [
            "accepted: sent",
            "buffered: sent",
            "delivered: delivered",
            "undelivered: undelivered",
            "expired: undelivered",
            "rejected: failed",
            "failed: failed",
            "deleted: ",
            "unknown: ",
            "teleported: ",
        ]
    );
}

#[test]
fn a_receipt_says_why_a_text_failed_and_whether_the_person_stopped_us() {
    let failed = |more: &str| {
        let call = signed(&format!("messageId=0B01&status=failed{more}"));
        told(hear(true, "outbox=not-an-id", FORM, call.as_bytes()))
    };
    for (code, meaning) in ERRORS {
        let stopped = if *code == "9" { ", stopped" } else { "" };
        assert_eq!(
            failed(&format!("&err-code={code}")),
            format!("None 0B01 failed (Vonage's err-code {code}, {meaning}){stopped}")
        );
    }
    assert_eq!(ERRORS.len(), 16);
    assert_eq!(failed(""), "None 0B01 failed");
    let new = "None 0B01 failed (an err-code of Vonage's that is new to us)";
    assert_eq!(failed("&err-code=447700900101"), new);
    for (call, expected) in [
        ("messageId=0B01", "Vonage's request has no `status`"),
        ("status=failed", "Vonage's request has no `messageId`"),
    ] {
        let heard = hear(true, "", FORM, signed(call).as_bytes());
        assert_eq!(told(heard), expected);
    }
    let call = signed(&format!(
        "status=delivered&client-ref={}",
        Uuid::from_u128(7)
    ));
    let heard = hear(true, "", FORM, call.as_bytes());
    let receipt = Receipt {
        outbox: Some(Uuid::from_u128(7)),
        provider_id: None,
        status: Status::Delivered,
        error: None,
        stopped: false,
        part: None,
    };
    assert_eq!(heard, Ok(vec![Told::Receipt(receipt)]));
}
