use serde_json::Value;
use wiremock::matchers::{body_json, method, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

mod lists;

use super::*;
use crate::channel::fake::{answering, hangs_up, json_answer, text};

const SERVICE: &str = "26785a09-ab16-4eb0-8407-a37497a57506";
const SECRET: &str = "3d844edf-8d35-48ac-975b-e847b4f122b0";
const TEMPLATE_ID: &str = "f33517ff-2a88-4f6e-b855-c550268ce08a";
const SENT_ID: &str = "740e5834-3a29-46b4-9a6f-16142fde533a";

/// What Notify shows.
pub(super) const CALLBACK_TOKEN: &str = "callback-token-of-ours";

fn settings(api: &str) -> Settings {
    Settings {
        api: api.to_owned(),
        key: format!("kingfisher-texts-{SERVICE}-{SECRET}").into(),
        template: TEMPLATE_ID.to_owned(),
        callback_token: CALLBACK_TOKEN.into(),
    }
}

pub(super) fn notify(api: &str) -> Notify {
    Notify::new(&settings(api)).unwrap()
}

fn taken() -> Value {
    json!({
        "id": SENT_ID, "reference": Uuid::from_u128(7),
        "content": {"body": "Hello", "from_number": "07700900000"},
        "uri": format!("{API}/v2/notifications/{SENT_ID}"),
        "template": {"id": TEMPLATE_ID, "version": 1, "uri": format!("{API}/v2/template/{TEMPLATE_ID}")},
    })
}

fn fault(status: u16, error: &str) -> ResponseTemplate {
    json_answer(
        status,
        json!({"status_code": status, "errors": [{"error": error, "message": "+447700900101 Hello"}]}),
    )
}

/// An outcome in a few words; checks that nothing private is among them.
fn outcome(result: Result<Accepted, SendError>) -> String {
    let brief = |why: String| {
        for private in ["7700900", "Hello", SERVICE, SECRET] {
            assert!(!why.contains(private), "{why}");
        }
        why.split(':').next().unwrap().to_owned()
    };
    match result {
        Ok(accepted) => format!("ok {} {}", accepted.provider_id, accepted.status.word()),
        Err(SendError::Refused { why, stopped }) => {
            assert!(!stopped, "Notify never says so");
            format!("refused: {}", brief(why))
        }
        Err(SendError::NotSent { why, retry_after }) => {
            let wait = retry_after.map_or(String::new(), |t| format!(", wait {}", t.as_secs()));
            format!("not sent{wait}: {}", brief(why))
        }
        Err(SendError::Unknown { why }) => format!("unknown: {}", brief(why)),
    }
}

/// Made by GOV.UK Notify's own Python client (13.0) for this key at this moment.
#[test]
fn a_token_is_what_notifys_own_client_makes() {
    let at = "2026-11-24T10:00:00Z".parse().unwrap();
    let expected = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.\
        eyJpc3MiOiIyNjc4NWEwOS1hYjE2LTRlYjAtODQwNy1hMzc0OTdhNTc1MDYiLCJpYXQiOjE3OTU1MTQ0MDB9.\
        l73Lu44zBhCRqPAlg331y4X52YUfmYzruugRjnvCJ78";
    assert_eq!(token(SERVICE, SECRET, at), expected);
    let ids = Some((SERVICE, SECRET));
    for name in [
        "texts",
        "kingfisher-texts",
        "",
        "-",
        &Uuid::from_u128(1).to_string(),
    ] {
        assert_eq!(halves(&format!("{name}-{SERVICE}-{SECRET}")), ids, "{name}");
    }
    assert_eq!(halves(&format!("  texts-{SERVICE}-{SECRET}\n")), ids);
}

#[tokio::test]
async fn a_text_is_posted_as_notify_publishes_it() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path("/v2/notifications/sms"))
        .and(body_json(json!({
            "phone_number": "+447700900101", "template_id": TEMPLATE_ID,
            "personalisation": {"message": "Hello & £5\nDziękuję"},
            "reference": "00000000-0000-0000-0000-000000000007",
        })))
        .respond_with(json_answer(201, taken()))
        .expect(1)
        .mount(&server)
        .await;
    let accepted = notify(&server.uri())
        .send(&text("Hello & £5\nDziękuję"))
        .await;
    assert_eq!(outcome(accepted), format!("ok {SENT_ID} accepted"));
    let asked = &server.received_requests().await.unwrap()[0];
    let bearer = asked.headers["authorization"].to_str().unwrap();
    let claims = bearer
        .strip_prefix("Bearer ")
        .unwrap()
        .split('.')
        .nth(1)
        .unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(claims["iss"], SERVICE);
    let age = Clock::real().now().as_second() - claims["iat"].as_i64().unwrap();
    assert!((0..30).contains(&age), "{age} seconds old");
}

#[tokio::test]
async fn what_is_longer_than_notify_takes_does_not_leave() {
    let server = answering(json_answer(201, taken())).await;
    let notify = notify(&server.uri());
    let long = "ż".repeat(LONGEST + 1);
    let refused = notify.send(&text(&long)).await.unwrap_err();
    assert_eq!(
        refused.to_string(),
        "refused: the text has 919 characters, and GOV.UK Notify takes 918"
    );
    assert!(server.received_requests().await.unwrap().is_empty());
    let accepted = notify.send(&text(&long[..2 * LONGEST])).await;
    assert_eq!(outcome(accepted), format!("ok {SENT_ID} accepted"));
}

#[tokio::test]
async fn each_answer_says_whether_the_text_may_be_sent_again() {
    let garbage = |body: &str| ResponseTemplate::new(201).set_body_string(body);
    let busy = fault(429, "RateLimitError").insert_header("Retry-After", "7");
    let table = [
        (
            "accepted",
            json_answer(201, taken()),
            format!("ok {SENT_ID} accepted"),
        ),
        (
            "half an answer",
            garbage("{\"id\": \""),
            "unknown: Notify answered HTTP 201 without a message id".to_owned(),
        ),
        (
            "a page",
            garbage("<html>"),
            "unknown: Notify answered HTTP 201 without a message id".to_owned(),
        ),
        (
            "no id",
            json_answer(200, json!({})),
            "unknown: Notify answered HTTP 200 without a message id".to_owned(),
        ),
        (
            "a bad number",
            fault(400, "ValidationError"),
            "refused: Notify answered HTTP 400 ValidationError".to_owned(),
        ),
        (
            "trial mode",
            fault(400, "BadRequestError"),
            "refused: Notify answered HTTP 400 BadRequestError".to_owned(),
        ),
        (
            "a wrong key",
            fault(403, "AuthError"),
            "refused: Notify answered HTTP 403 AuthError".to_owned(),
        ),
        (
            "no template",
            fault(404, "NoResultFound"),
            "refused: Notify answered HTTP 404 NoResultFound".to_owned(),
        ),
        (
            "private words",
            fault(400, "+447700900101 Hello"),
            "refused: Notify answered HTTP 400".to_owned(),
        ),
        (
            "another shape",
            json_answer(403, json!({"token": ["Invalid"]})),
            "refused: Notify answered HTTP 403".to_owned(),
        ),
        (
            "a redirect",
            ResponseTemplate::new(308).insert_header("Location", "http://127.0.0.1:9/"),
            "refused: Notify answered HTTP 308".to_owned(),
        ),
        (
            "too fast",
            busy,
            "not sent, wait 7: Notify answered HTTP 429 RateLimitError".to_owned(),
        ),
        (
            "too many today",
            fault(429, "TooManyRequestsError"),
            "not sent: Notify answered HTTP 429 TooManyRequestsError".to_owned(),
        ),
        (
            "503",
            ResponseTemplate::new(503),
            "not sent: Notify answered HTTP 503".to_owned(),
        ),
        (
            "408",
            ResponseTemplate::new(408),
            "unknown: Notify answered HTTP 408".to_owned(),
        ),
        (
            "500",
            fault(500, "Exception"),
            "unknown: Notify answered HTTP 500 Exception".to_owned(),
        ),
        (
            "502",
            ResponseTemplate::new(502).set_body_string("<html>"),
            "unknown: Notify answered HTTP 502".to_owned(),
        ),
    ];
    for (story, answer, expected) in table {
        let server = answering(answer).await;
        let result = notify(&server.uri()).send(&text("Hello")).await;
        assert_eq!(outcome(result), expected, "{story}");
    }
}

#[tokio::test]
async fn nobody_listening_is_not_sent_and_a_broken_or_slow_answer_is_unknown() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let result = notify(&address).send(&text("Hello")).await;
    assert_eq!(outcome(result), "not sent: no connection to Notify");

    let result = notify(&hangs_up("").await).send(&text("Hello")).await;
    assert_eq!(outcome(result), "unknown: the connection to Notify broke");
    let half = "HTTP/1.1 201 Created\r\nContent-Type: application/json\r\nContent-Length: 99\r\n\r\n\
                {\"id\": \"740e5834\"";
    let result = notify(&hangs_up(half).await).send(&text("Hello")).await;
    assert_eq!(
        outcome(result),
        "unknown: Notify answered HTTP 201 without a message id"
    );

    let slow = answering(json_answer(201, taken()).set_delay(Duration::from_secs(5))).await;
    let mut impatient = notify(&slow.uri());
    impatient.http = http::client(Duration::from_millis(200)).unwrap();
    let result = impatient.send(&text("Hello")).await;
    assert_eq!(outcome(result), "unknown: Notify did not answer in time");
}

#[tokio::test]
async fn doctor_is_told_what_is_wrong_and_what_to_do() {
    let template = |kind: &str, body: &str| {
        json_answer(
            200,
            json!({"id": TEMPLATE_ID, "type": kind, "name": "schoolgate",
            "body": body, "subject": null, "version": 3, "created_by": "x@school.example",
            "created_at": "2026-11-01T08:30:05.000000Z", "updated_at": null}),
        )
    };
    let table = [
        (template("sms", "((message))"), Ok("the template is right")),
        (
            template("sms", "((message))\r\n"),
            Ok("the template is right"),
        ),
        (
            template("sms", "Kingfisher: ((message))"),
            Err("edit it so that its whole content is ((message))"),
        ),
        (
            template("sms", "((Message))"),
            Err("edit it so that its whole content is ((message))"),
        ),
        (
            template("email", "((message))"),
            Err("is not a text message"),
        ),
        (fault(403, "AuthError"), Err("compare api_key")),
        (fault(404, "NoResultFound"), Err("compare template_id")),
        (
            ResponseTemplate::new(500),
            Err("see whether this machine may reach"),
        ),
        (
            ResponseTemplate::new(200),
            Err("see whether this machine may reach"),
        ),
    ];
    for (answer, expected) in table {
        let server = answering(answer).await;
        let said = notify(&server.uri()).probe().await;
        let asked = &server.received_requests().await.unwrap()[0];
        assert_eq!(asked.url.path(), format!("/v2/template/{TEMPLATE_ID}"));
        match (&said, expected) {
            (Ok(said), Ok(expected)) | (Err(said), Err(expected)) => {
                assert!(said.contains(expected), "{said}");
            }
            _ => panic!("{said:?}, not {expected:?}"),
        }
    }
}

#[test]
fn settings_that_cannot_work_are_named_and_secrets_are_not() {
    let fault = |change: fn(&mut Settings)| {
        let mut settings = settings(API);
        change(&mut settings);
        let fault = Notify::new(&settings).unwrap_err();
        assert!(!fault.contains(SECRET), "{fault}");
        fault
    };
    assert!(fault(|s| s.api = "notify".to_owned()).contains("api_base"));
    assert!(fault(|s| s.template = "../x".to_owned()).contains("template_id"));
    assert!(fault(|s| s.callback_token = "".into()).contains("callback_token"));
    for key in [
        String::new(),
        SECRET.to_owned(),
        format!("{SERVICE}-{SECRET}"),
        format!("texts-{SERVICE}"),
        format!("texts-{SERVICE}-{SECRET}x"),
        format!("texts{SERVICE}-{SECRET}"),
        "ż".repeat(80),
    ] {
        let mut settings = settings(API);
        settings.key = key.clone().into();
        assert!(
            Notify::new(&settings).unwrap_err().contains("api_key"),
            "{key}"
        );
    }
    let shown = format!("{:?} {:?}", notify(API), settings(API));
    assert!(
        !shown.contains(SECRET) && !shown.contains(CALLBACK_TOKEN),
        "{shown}"
    );
}
