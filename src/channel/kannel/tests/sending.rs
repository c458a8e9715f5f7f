//! What we hand to Kannel, and what its answers mean.

use wiremock::matchers::{method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::channel::fake::{answering, text};

#[tokio::test]
async fn a_text_is_handed_over_as_kannel_publishes_it() {
    let table = [
        ("Hello & £5 + [more] €", None, "0"),
        ("zażółć 😀\nsecond line", Some("vodafone"), "2"),
    ];
    for (body, smsc, coding) in table {
        let server = MockServer::start().await;
        Mock::given(method("GET"))
            .and(path("/cgi-bin/sendsms"))
            .respond_with(ResponseTemplate::new(202).set_body_string("0: Accepted for delivery"))
            .expect(1)
            .mount(&server)
            .await;
        let mut settings = settings(&format!("{}/cgi-bin/sendsms", server.uri()));
        settings.smsc = smsc.map(str::to_owned);
        let accepted = Kannel::new(&settings).unwrap().send(&text(body)).await;
        let accepted = accepted.unwrap();
        assert_eq!(accepted.provider_id, Uuid::from_u128(7).to_string());
        assert_eq!(accepted.status, Status::Accepted);

        let request = server.received_requests().await.unwrap().remove(0);
        let asked: Vec<(String, String)> = request.url.query_pairs().into_owned().collect();
        // Kannel makes `%` of `%%`, fills in `%d` and `%i`, and calls what that gives.
        let receipts = "https://school.example/hooks/sms/status\
            ?outbox=00000000-0000-0000-0000-000000000007\
            &secret=drei+%%E2%%82%%AC%%26%%3D%%2B%%2F&type=%d&smsc=%i";
        let mut expected = vec![
            ("username", "school"),
            ("password", "p&ss"),
            ("from", "+447700900000"),
            ("to", "+447700900101"),
            ("text", body),
            ("charset", "UTF-8"),
            ("coding", coding),
        ];
        expected.extend(smsc.map(|smsc| ("smsc", smsc)));
        expected.extend([("dlr-mask", "31"), ("dlr-url", receipts)]);
        let asked: Vec<_> = asked
            .iter()
            .map(|(n, v)| (n.as_str(), v.as_str()))
            .collect();
        assert_eq!(asked, expected);

        let called = receipts
            .replace("%%", "\0")
            .replace("%d", "8")
            .replace("%i", "a");
        let called = called.replace('\0', "%");
        let (_, query) = called.split_once('?').unwrap();
        assert_eq!(heard(query, true, b"", "text/plain"), "sent of Some(7)");
    }
}

#[tokio::test]
async fn without_a_public_address_no_receipts_are_asked_for() {
    let server = answering(ResponseTemplate::new(202).set_body_string("0: x")).await;
    let mut settings = settings(&server.uri());
    settings.callback = None;
    Kannel::new(&settings)
        .unwrap()
        .send(&text("x"))
        .await
        .unwrap();
    let request = server.received_requests().await.unwrap().remove(0);
    assert!(!request.url.as_str().contains("dlr"), "{}", request.url);
}

/// An outcome in a few words; checks that nothing private is among them.
fn told(result: Result<Accepted, SendError>) -> String {
    let said = match result {
        Ok(accepted) => format!("ok {}", accepted.status.word()),
        Err(SendError::NotSent {
            why,
            retry_after: Some(wait),
        }) => {
            format!("not sent, wait {}: {why}", wait.as_secs())
        }
        Err(SendError::Refused { why, stopped: true }) => format!("stopped: {why}"),
        Err(error) => error.to_string(),
    };
    for private in ["7700900", "Hello", "p&ss", "p%26ss", "drei", "school"] {
        assert!(!said.contains(private), "{said}");
    }
    said.replace("Kannel answered HTTP ", "")
}

#[tokio::test]
async fn each_answer_says_whether_the_text_may_be_sent_again() {
    let answer = |status, body: &str| ResponseTemplate::new(status).set_body_string(body);
    let table = [
        (
            "taken",
            answer(202, "0: Accepted for delivery"),
            "ok accepted",
        ),
        (
            "kept for later",
            answer(202, "3: Queued for later delivery"),
            "ok accepted",
        ),
        (
            "taken without waiting",
            answer(202, "Sent. Message splits: 2"),
            "ok accepted",
        ),
        (
            "200 with garbage",
            answer(200, "<html>It works!"),
            "outcome unknown: 200 and not that it has the text",
        ),
        (
            "200 with nothing",
            answer(200, ""),
            "outcome unknown: 200 and not that it has the text",
        ),
        (
            "busy",
            answer(429, "").insert_header("Retry-After", "7"),
            "not sent, wait 7: 429",
        ),
        (
            "not now",
            answer(503, "Temporal failure, try again later."),
            "not sent: 503",
        ),
        (
            "a fault",
            answer(500, "Sending failed."),
            "outcome unknown: 500",
        ),
        (
            "a proxy's fault",
            answer(502, "<html>"),
            "outcome unknown: 502",
        ),
        (
            "a proxy's patience",
            answer(408, ""),
            "outcome unknown: 408",
        ),
        (
            "a wrong password",
            answer(403, "Authorization failed for sendsms"),
            "refused: 403: it does not know the user name and password",
        ),
        (
            "nobody takes it",
            answer(403, "Not routable. Do not try again."),
            "refused: 403: none of its connections takes this number",
        ),
        (
            "a barred number",
            answer(400, "Number(s) +447700900101 denied"),
            "refused: 400: its lists bar the number, or the request lacks something",
        ),
        (
            "another address",
            answer(404, "Unknown request."),
            "refused: 404: it takes no texts at this address",
        ),
        (
            "elsewhere",
            answer(302, "").insert_header("Location", "http://127.0.0.1:9/"),
            "refused: 302",
        ),
    ];
    for (name, answer, expected) in table {
        let server = answering(answer).await;
        let result = kannel(&server.uri()).send(&text("Hello")).await;
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
    let result = kannel(&address).send(&text("Hello")).await;
    assert_eq!(told(result), "not sent: no connection to Kannel");

    let cut: [(&'static [u8], &str); 3] = [
        (b"", "outcome unknown: the connection to Kannel broke"),
        (
            b"HTTP/1.1 202 Acc",
            "outcome unknown: the connection to Kannel broke",
        ),
        (
            b"HTTP/1.1 202 Accepted\r\nContent-Length: 24\r\n\r\n0: Acc",
            "outcome unknown: 202 and not that it has the text",
        ),
    ];
    for (answer, expected) in cut {
        let (address, server) = saying(answer).await;
        assert_eq!(told(kannel(&address).send(&text("Hello")).await), expected);
        server.await.unwrap();
    }

    let accepted = ResponseTemplate::new(202).set_body_string("0: Accepted for delivery");
    let slow = answering(accepted.set_delay(Duration::from_secs(5))).await;
    let mut impatient = kannel(&slow.uri());
    impatient.http = http::client(Duration::from_millis(200)).unwrap();
    let result = impatient.send(&text("Hello")).await;
    assert_eq!(
        told(result),
        "outcome unknown: Kannel did not answer in time"
    );
}

#[tokio::test]
async fn doctor_is_told_what_is_wrong_and_sends_nothing() {
    let table = [
        (400, "answers and knows this user"),
        (403, "refuses the user name, the password or this machine"),
        (404, "/cgi-bin/sendsms"),
        (503, "HTTP 503"),
        (200, "no Kannel"),
    ];
    for (status, expected) in table {
        let server = answering(ResponseTemplate::new(status)).await;
        let probed = kannel(&server.uri()).probe().await;
        assert_eq!(probed.is_ok(), status == 400, "{status}");
        let probed = probed.unwrap_or_else(|wrong| wrong);
        assert!(probed.contains(expected), "{probed}");
        let request = server.received_requests().await.unwrap().remove(0);
        let names: Vec<_> = request
            .url
            .query_pairs()
            .map(|(n, _)| n.into_owned())
            .collect();
        assert_eq!(names, ["username", "password", "from"], "to nobody");
    }
    let nobody = kannel("http://127.0.0.1:9/cgi-bin/sendsms").probe().await;
    let why = nobody.unwrap_err();
    assert!(
        why.contains("no connection to Kannel at http://127.0.0.1:9:"),
        "{why}"
    );
}

#[test]
fn settings_that_cannot_work_are_named() {
    let fault = |change: fn(&mut Settings)| {
        let mut settings = settings("http://127.0.0.1:9/cgi-bin/sendsms");
        change(&mut settings);
        Kannel::new(&settings).unwrap_err()
    };
    assert!(fault(|s| s.sendsms = "sendsms".to_owned()).contains("sendsms_url"));
    assert!(fault(|s| s.callback = Some("x".to_owned())).contains("status callback"));
    assert!(fault(|s| s.secret = "".into()).contains("secret"));
    let shown = format!("{:?}", kannel("http://127.0.0.1:9/"));
    assert!(
        !shown.contains("p&ss") && !shown.contains("drei"),
        "{shown}"
    );
}
