use serde_json::{Value, json};
use wiremock::matchers::{basic_auth, body_string, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::channel::fake::{answering, hangs_up, json_answer, text};
use crate::channel::{Channel, FetchError, Found, Status};

/// Signs webhooks.
pub(super) const SECRET: &str = "signature-secret-of-ours";
const NOW: &str = "2026-11-24T10:00:00Z";

fn settings(api: &str) -> Settings {
    Settings {
        api: api.to_owned(),
        number: "+447700900000".to_owned(),
        key: "abcd1234".to_owned(),
        secret: "secret-of-ours".into(),
        signature_secret: SECRET.into(),
        method: SignatureMethod::Sha256,
        callback: Some("https://school.example/hooks/sms/status".to_owned()),
    }
}

pub(super) fn vonage(api: &str) -> Vonage {
    Vonage::new(&settings(api)).unwrap()
}

pub(super) fn now() -> jiff::Timestamp {
    NOW.parse().unwrap()
}

/// Vonage's answer, one entry for each part.
fn parts(statuses: &[&str]) -> Value {
    let parts: Vec<_> = statuses
        .iter()
        .enumerate()
        .map(|(at, status)| match *status {
            "0" => json!({"to": "447700900101", "message-id": format!("0C{at}"), "status": "0",
                "remaining-balance": "15.5", "message-price": "0.03", "network": "23410"}),
            status => json!({"status": status, "error-text": "447700900101 token"}),
        })
        .collect();
    json!({"message-count": parts.len().to_string(), "messages": parts})
}

#[tokio::test]
async fn a_text_is_posted_as_vonage_publishes_it() {
    for (words, written) in [
        (
            "Hello & £5 + more",
            "Hello+%26+%C2%A35+%2B+more&client-ref=00000000-0000-0000-0000-000000000007",
        ),
        (
            "Dziękuję",
            "Dzi%C4%99kuj%C4%99&client-ref=00000000-0000-0000-0000-000000000007&type=unicode",
        ),
    ] {
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path("/sms/json"))
            .and(basic_auth("abcd1234", "secret-of-ours"))
            .and(body_string(format!(
                "from=447700900000&to=447700900101&text={written}\
                 &callback=https%3A%2F%2Fschool.example%2Fhooks%2Fsms%2Fstatus\
                 %3Foutbox%3D00000000000000000000000000000007"
            )))
            .respond_with(json_answer(200, parts(&["0"])))
            .expect(1)
            .mount(&server)
            .await;
        let accepted = vonage(&server.uri()).send(&text(words)).await.unwrap();
        assert_eq!(accepted.provider_id, "0C0");
        assert_eq!(accepted.status, Status::Accepted);
    }
}

#[test]
fn an_address_of_receipts_is_never_longer_than_vonage_takes() {
    let with = |callback: Option<String>| {
        Vonage::new(&Settings {
            callback,
            ..settings(API)
        })
    };
    let address = |length: usize| format!("https://school.example/{}", "x".repeat(length - 23));
    let callback_of = |length| {
        with(Some(address(length)))
            .unwrap()
            .callback_of(Uuid::from_u128(7))
    };
    assert_eq!(callback_of(60).unwrap().len(), 100);
    assert_eq!(callback_of(61), Some(address(61)), "client-ref says it");
    assert_eq!(callback_of(100), Some(address(100)));
    assert!(with(Some(address(101))).unwrap_err().contains("public_url"));
    assert_eq!(with(None).unwrap().callback_of(Uuid::from_u128(7)), None);
}

/// An outcome in a few words; checks that nothing private is among them.
fn outcome(result: Result<Accepted, SendError>) -> String {
    let brief = |why: String| {
        for private in ["7700900", "Hello", "secret-of-ours", "token"] {
            assert!(!why.contains(private), "{why}");
        }
        why
    };
    match result {
        Ok(accepted) => format!("ok {} {}", accepted.provider_id, accepted.status.word()),
        Err(SendError::Refused { why, stopped }) => {
            assert!(!stopped);
            format!("refused: {}", brief(why))
        }
        Err(SendError::NotSent { why, retry_after }) => {
            let wait = retry_after.map_or(String::new(), |t| format!(", wait {}", t.as_secs()));
            format!("not sent{wait}: {}", brief(why))
        }
        Err(SendError::Unknown { why }) => format!("unknown: {}", brief(why)),
    }
}

#[tokio::test]
async fn each_answer_says_whether_the_text_may_be_sent_again() {
    let with_wait = |answer: ResponseTemplate| answer.insert_header("Retry-After", "7");
    let garbage = |body: &str| ResponseTemplate::new(200).set_body_string(body);
    let no_id = json!({"messages": [{"status": "0", "message-id": ""}]});
    let bare = json!({"messages": [{"status": 0, "message-id": "0C9"}]});
    let table = [
        (
            "accepted",
            json_answer(200, parts(&["0"])),
            "ok 0C0 accepted",
        ),
        (
            "three parts",
            json_answer(200, parts(&["0", "0", "0"])),
            "ok 0C0 accepted",
        ),
        ("a bare number", json_answer(200, bare), "ok 0C9 accepted"),
        (
            "throttled",
            json_answer(200, parts(&["1"])),
            "not sent: Vonage's status 1: more texts a second than the account may send",
        ),
        (
            "throttled, with a wait",
            with_wait(json_answer(200, parts(&["1", "1"]))),
            "not sent, wait 7: Vonage's status 1: more texts a second than the account may send",
        ),
        (
            "throttled half way",
            json_answer(200, parts(&["0", "1"])),
            "unknown: only a part of the text was taken, Vonage's status 1: more texts a second than the account may send",
        ),
        (
            "refused half way",
            json_answer(200, parts(&["0", "1", "7"])),
            "refused: Vonage's status 7: the number is barred",
        ),
        (
            "lost half way",
            json_answer(200, parts(&["0", "5"])),
            "unknown: Vonage's status 5: an error inside Vonage",
        ),
        (
            "a new code",
            json_answer(200, parts(&["4477"])),
            "unknown: Vonage's status 4477: a code that is new to us",
        ),
        (
            "no code",
            json_answer(200, json!({"messages": [{"status": "+447700900101"}]})),
            "unknown: Vonage's status 447: a code that is new to us",
        ),
        (
            "no parts",
            json_answer(200, parts(&[])),
            "unknown: Vonage answered without a message id",
        ),
        (
            "no id",
            json_answer(200, no_id),
            "unknown: Vonage answered without a message id",
        ),
        (
            "half an answer",
            garbage("{\"messages\": ["),
            "unknown: Vonage answered HTTP 200 unreadably",
        ),
        (
            "a page",
            garbage("<html>"),
            "unknown: Vonage answered HTTP 200 unreadably",
        ),
        (
            "an empty answer",
            garbage(""),
            "unknown: Vonage answered HTTP 200 unreadably",
        ),
        (
            "401",
            ResponseTemplate::new(401),
            "refused: Vonage answered HTTP 401",
        ),
        (
            "308",
            ResponseTemplate::new(308).insert_header("Location", "http://127.0.0.1:9/"),
            "refused: Vonage answered HTTP 308",
        ),
        (
            "429",
            with_wait(ResponseTemplate::new(429)),
            "not sent, wait 7: Vonage answered HTTP 429",
        ),
        (
            "503",
            ResponseTemplate::new(503),
            "not sent: Vonage answered HTTP 503",
        ),
        (
            "408",
            ResponseTemplate::new(408),
            "unknown: Vonage answered HTTP 408",
        ),
        (
            "500",
            ResponseTemplate::new(500),
            "unknown: Vonage answered HTTP 500",
        ),
    ];
    for (story, answer, expected) in table {
        let server = answering(answer).await;
        let result = vonage(&server.uri()).send(&text("Hello")).await;
        assert_eq!(outcome(result), expected, "{story}");
    }
}

#[tokio::test]
async fn every_documented_code_has_one_meaning() {
    for (code, verdict, why) in api::CODES {
        let server = answering(json_answer(200, parts(&[code]))).await;
        let result = outcome(vonage(&server.uri()).send(&text("Hello")).await);
        let said = format!("Vonage's status {code}: {why}");
        let expected = match verdict {
            api::Verdict::Taken => "ok 0C0 accepted".to_owned(),
            api::Verdict::Refused => format!("refused: {said}"),
            api::Verdict::Unknown => format!("unknown: {said}"),
            api::Verdict::Later => format!("not sent: {said}"),
        };
        assert_eq!(result, expected);
    }
    assert_eq!(api::CODES.len(), 20);
}

#[tokio::test]
async fn nobody_listening_is_not_sent_and_a_broken_or_slow_answer_is_unknown() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let result = vonage(&address).send(&text("Hello")).await;
    assert_eq!(outcome(result), "not sent: no connection to Vonage");

    let result = vonage(&hangs_up("").await).send(&text("Hello")).await;
    assert_eq!(outcome(result), "unknown: the connection to Vonage broke");
    let half = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n\
                {\"messages\": [{\"status\": \"0\"";
    let result = vonage(&hangs_up(half).await).send(&text("Hello")).await;
    assert_eq!(
        outcome(result),
        "unknown: Vonage answered HTTP 200 unreadably"
    );

    let slow = answering(json_answer(200, parts(&["0"])).set_delay(Duration::from_secs(5))).await;
    let mut impatient = vonage(&slow.uri());
    impatient.http = http::client(Duration::from_millis(200)).unwrap();
    let result = impatient.send(&text("Hello")).await;
    assert_eq!(outcome(result), "unknown: Vonage did not answer in time");
}

#[tokio::test]
async fn doctor_is_told_what_is_wrong_and_what_to_do() {
    let balance = |value: f64, reloads: bool| {
        json_answer(200, json!({"value": value, "autoReload": reloads}))
    };
    let table = [
        (balance(10.28, false), Ok("works and has credit")),
        (balance(0.0, true), Ok("works and has credit")),
        (balance(0.0, false), Err("top it up")),
        (balance(-1.5, false), Err("top it up")),
        (
            ResponseTemplate::new(401),
            Err("compare api_key and api_secret"),
        ),
        (
            ResponseTemplate::new(500),
            Err("see whether this machine may reach"),
        ),
        (ResponseTemplate::new(200), Err("could not be read")),
    ];
    for (answer, expected) in table {
        let server = answering(answer).await;
        let said = vonage(&server.uri()).probe().await;
        let asked = &server.received_requests().await.unwrap()[0];
        assert_eq!(asked.url.path(), "/account/get-balance");
        assert!(
            asked.headers["authorization"]
                .to_str()
                .unwrap()
                .starts_with("Basic ")
        );
        match (&said, expected) {
            (Ok(said), Ok(expected)) | (Err(said), Err(expected)) => {
                assert!(said.contains(expected), "{said}");
                assert!(!said.contains("secret-of-ours"), "{said}");
            }
            _ => panic!("{said:?}, not {expected:?}"),
        }
    }
    let nobody = vonage("http://127.0.0.1:9").probe().await;
    assert!(nobody.unwrap_err().starts_with("no connection to Vonage"));
}

#[test]
fn settings_that_cannot_work_are_named_and_secrets_are_not() {
    let fault = |change: fn(&mut Settings)| {
        let mut settings = settings(API);
        change(&mut settings);
        Vonage::new(&settings).unwrap_err()
    };
    assert!(fault(|s| s.api = "vonage".to_owned()).contains("api_base"));
    assert!(fault(|s| s.key = "a b".to_owned()).contains("api_key"));
    assert!(fault(|s| s.key = String::new()).contains("api_key"));
    assert!(fault(|s| s.signature_secret = "".into()).contains("signature_secret"));
    let address = fault(|s| s.callback = Some("school.example".to_owned()));
    assert!(address.contains("the address of receipts"));
    let shown = format!("{:?} {:?}", vonage(API), settings(API));
    assert!(!shown.contains("secret-of-ours"), "{shown}");
}

#[tokio::test]
async fn nothing_can_be_asked_of_vonage() {
    let channel = Channel::Vonage(Box::new(vonage("http://127.0.0.1:9")));
    let since = now();
    assert_eq!(channel.recent(since).await, Ok(None));
    let found: Result<Found, FetchError> = channel
        .find_sent(&text("Hello"), since, &std::collections::HashSet::new())
        .await;
    assert_eq!(found, Ok(Found::CannotAsk));
}
