//! What we hand to the phone, and what its answers mean.

use wiremock::matchers::{basic_auth, body_json, header, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::channel::fake::{answering, json_answer, text};

#[tokio::test]
async fn a_text_is_posted_as_the_gateway_publishes_it() {
    for (sim, base) in [(None, ""), (Some(2), "/3rdparty/v1/")] {
        let mut expected = json!({
            "id": "00000000-0000-0000-0000-000000000007",
            "phoneNumbers": ["+447700900101"],
            "textMessage": {"text": "Hello & £5 😀"},
            "withDeliveryReport": true,
        });
        if let Some(sim) = sim {
            expected["simNumber"] = json!(sim);
        }
        let server = MockServer::start().await;
        Mock::given(method("POST"))
            .and(path(format!("{}/messages", base.trim_end_matches('/'))))
            .and(basic_auth("ABC123", "phone-password"))
            .and(header("content-type", "application/json"))
            .and(body_json(expected))
            .respond_with(json_answer(202, json!({
                "id": "00000000-0000-0000-0000-000000000007", "deviceId": "d1", "state": "Pending",
                "isHashed": false, "isEncrypted": false, "recipients": [], "states": {},
            })))
            .expect(1)
            .mount(&server)
            .await;
        let mut settings = settings(&format!("{}{base}", server.uri()));
        settings.sim = sim;
        let accepted = Android::new(&settings)
            .unwrap()
            .send(&text("Hello & £5 😀"))
            .await
            .unwrap();
        assert_eq!(accepted.provider_id, Uuid::from_u128(7).to_string());
        assert_eq!(accepted.status, Status::Accepted);
    }
}

/// An outcome in a few words; checks that nothing private is among them.
fn told(result: Result<Accepted, SendError>) -> String {
    let said = match result {
        Ok(accepted) => format!("ok {} {}", accepted.provider_id, accepted.status.word()),
        Err(SendError::NotSent {
            why,
            retry_after: Some(wait),
        }) => {
            format!("not sent, wait {}: {why}", wait.as_secs())
        }
        Err(SendError::Refused { why, stopped: true }) => format!("stopped: {why}"),
        Err(error) => error.to_string(),
    };
    for private in ["7700900", "Hello", "ABC123", "phone-password"] {
        assert!(!said.contains(private), "{said}");
    }
    said.replace("the phone's gateway answered HTTP ", "")
        .replace("00000000-0000-0000-0000-00000000000", "")
}

#[tokio::test]
async fn each_answer_says_whether_the_text_may_be_sent_again() {
    let fault = || json!({"message": "invalid phone number +447700900101 in request"});
    let table = [
        (
            "taken",
            json_answer(202, json!({"id": "m1", "state": "Pending"})),
            "ok m1 accepted",
        ),
        (
            "sent at once",
            json_answer(202, json!({"id": "m1", "state": "Sent"})),
            "ok m1 sent",
        ),
        (
            "a new word",
            json_answer(202, json!({"id": "m1", "state": "Teleporting"})),
            "ok m1 accepted",
        ),
        ("taken before", json_answer(409, fault()), "ok 7 accepted"),
        (
            "200 with garbage",
            ResponseTemplate::new(200).set_body_string("<html>"),
            "outcome unknown: 200 without a message id",
        ),
        (
            "without an id",
            json_answer(202, json!({"id": "", "state": "Pending"})),
            "outcome unknown: 202 without a message id",
        ),
        (
            "busy",
            json_answer(429, fault()).insert_header("Retry-After", "7"),
            "not sent, wait 7: 429",
        ),
        (
            "its queue is full",
            json_answer(503, fault()),
            "not sent: 503",
        ),
        ("a fault", json_answer(500, fault()), "outcome unknown: 500"),
        (
            "a proxy's fault",
            ResponseTemplate::new(502),
            "outcome unknown: 502",
        ),
        (
            "a proxy's patience",
            ResponseTemplate::new(408),
            "outcome unknown: 408",
        ),
        ("a bad number", json_answer(400, fault()), "refused: 400"),
        (
            "a wrong password",
            json_answer(401, fault()),
            "refused: 401",
        ),
        (
            "another address",
            ResponseTemplate::new(404),
            "refused: 404",
        ),
        (
            "elsewhere",
            ResponseTemplate::new(308).insert_header("Location", "http://127.0.0.1:9/"),
            "refused: 308",
        ),
    ];
    for (name, answer, expected) in table {
        let server = answering(answer).await;
        let result = android(&server.uri()).send(&text("Hello & £5 😀")).await;
        assert_eq!(told(result), expected, "{name}");
    }
}

/// Takes one request, says this, and hangs up.
async fn saying(answer: &'static [u8]) -> (String, tokio::task::JoinHandle<()>) {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", listener.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let mut request = [0; 4096];
        _ = tokio::io::AsyncReadExt::read(&mut stream, &mut request).await;
        _ = tokio::io::AsyncWriteExt::write_all(&mut stream, answer).await;
        _ = tokio::io::AsyncWriteExt::shutdown(&mut stream).await;
    });
    (address, server)
}

#[tokio::test]
async fn nobody_listening_is_not_sent_and_a_broken_or_slow_answer_is_unknown() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let result = android(&address).send(&text("Hello & £5 😀")).await;
    assert_eq!(told(result), "not sent: no connection to the phone");

    let cut: [(&'static [u8], &str); 3] = [
        (b"", "outcome unknown: the connection to the phone broke"),
        (
            b"HTTP/1.1 202 Acc",
            "outcome unknown: the connection to the phone broke",
        ),
        (
            b"HTTP/1.1 202 Accepted\r\nContent-Length: 99\r\n\r\n{\"id\": \"m1\", \"st",
            "outcome unknown: 202 without a message id",
        ),
    ];
    for (answer, expected) in cut {
        let (address, server) = saying(answer).await;
        assert_eq!(
            told(android(&address).send(&text("Hello & £5 😀")).await),
            expected
        );
        server.await.unwrap();
    }

    let accepted = json_answer(202, json!({"id": "m1", "state": "Pending"}));
    let slow = answering(accepted.set_delay(Duration::from_secs(5))).await;
    let mut impatient = android(&slow.uri());
    impatient.http = http::client(Duration::from_millis(200)).unwrap();
    let result = impatient.send(&text("Hello & £5 😀")).await;
    assert_eq!(
        told(result),
        "outcome unknown: the phone did not answer in time"
    );
}

#[tokio::test]
async fn an_unknown_outcome_is_settled_by_our_own_id() {
    let table = [
        (
            "it is there",
            json_answer(200, json!({"id": "m1", "state": "Delivered"})),
            "m1 delivered",
        ),
        (
            "it failed",
            json_answer(200, json!({"id": "m1", "state": "Failed"})),
            "m1 failed",
        ),
        ("it is not there", ResponseTemplate::new(404), "absent"),
        (
            "a wrong password",
            ResponseTemplate::new(401),
            "refused: the phone's gateway answered HTTP 401",
        ),
        (
            "not now",
            ResponseTemplate::new(503),
            "not available: the phone's gateway answered HTTP 503",
        ),
        (
            "garbage",
            ResponseTemplate::new(200),
            "not available: the phone's answer could not be read",
        ),
    ];
    for (name, answer, expected) in table {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/messages/00000000-0000-0000-0000-000000000007"))
            .and(basic_auth("ABC123", "phone-password"))
            .respond_with(answer)
            .expect(1)
            .mount(&server)
            .await;
        let told = match android(&server.uri())
            .find_sent(&text("Hello & £5 😀"))
            .await
        {
            Ok(Found::Sent(it)) => format!("{} {}", it.provider_id, it.status.word()),
            Ok(Found::Absent) => "absent".to_owned(),
            Ok(Found::CannotAsk) => "cannot ask".to_owned(),
            Err(error) => error.to_string(),
        };
        assert_eq!(told, expected, "{name}");
    }
    let nobody = android("http://127.0.0.1:9")
        .find_sent(&text("Hello & £5 😀"))
        .await;
    assert_eq!(
        nobody.unwrap_err().to_string(),
        "not available: no connection to the phone"
    );
}

#[tokio::test]
async fn doctor_is_told_what_is_wrong_and_what_to_do() {
    let devices = json!([{"id": "d1", "name": "x", "lastSeen": "2026-11-26T07:00:00.123Z"},
        {"id": "d2", "name": "y", "lastSeen": "2026-11-27T10:00:00+02:00"}]);
    let table = [
        (
            json_answer(200, devices),
            "last heard of at 2026-11-27T08:00:00Z",
        ),
        (
            json_answer(200, json!([{"id": "d1", "lastSeen": "today"}])),
            "the phone's gateway answers",
        ),
        (json_answer(200, json!([])), "no phone is signed in"),
        (
            json_answer(401, json!({})),
            "compare the user name and the password",
        ),
        (ResponseTemplate::new(404), "api_base is not the address"),
        (
            ResponseTemplate::new(500),
            "see whether the app is switched on",
        ),
        (
            ResponseTemplate::new(200).set_body_string("<html>"),
            "could not be read",
        ),
    ];
    for (answer, expected) in table {
        let server = answering(answer).await;
        let probed = android(&server.uri()).probe().await;
        assert_eq!(
            probed.is_ok(),
            expected.contains("answers") || expected.contains("last"),
            "{expected}"
        );
        let probed = probed.unwrap_or_else(|wrong| wrong);
        assert!(probed.contains(expected), "{probed}");
    }
    // The phone's own server knows the older word only.
    let server = MockServer::start().await;
    Mock::given(path("/device"))
        .respond_with(json_answer(200, json!([{"id": "d1"}])))
        .mount(&server)
        .await;
    assert_eq!(
        android(&server.uri()).probe().await.unwrap(),
        "the phone's gateway answers"
    );
}

#[test]
fn settings_that_cannot_work_are_named() {
    assert!(
        Android::new(&settings("phone"))
            .unwrap_err()
            .contains("api_base")
    );
    let mut unsigned = settings("http://127.0.0.1:9");
    unsigned.signing_key = "".into();
    assert!(Android::new(&unsigned).unwrap_err().contains("signing key"));
    let shown = format!("{:?}", android("http://127.0.0.1:9"));
    assert!(
        !shown.contains("phone-password") && !shown.contains(KEY),
        "{shown}"
    );
}
