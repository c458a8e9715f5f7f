//! Notify's lists: catching up, settling what is unknown, and what its schemas say of both.

use serde_json::{Value, json};
use wiremock::matchers::{path, query_param, query_param_is_missing};

use super::*;
use crate::channel::Channel;

const LIST: &str = "/v2/received-text-messages";

fn since() -> Timestamp {
    "2026-11-24T08:30:00Z".parse().unwrap()
}

/// A text in the list of those that left.
fn listed(reference: Value, status: &str) -> Value {
    json!({
        "id": SENT_ID, "reference": reference, "status": status, "type": "sms", "body": "Hello",
        "phone_number": "+447700900101", "email_address": null, "line_1": null, "line_2": null,
        "line_3": null, "line_4": null, "line_5": null, "line_6": null, "postcode": null,
        "template": {"id": TEMPLATE_ID, "version": 1, "uri": format!("{API}/v2/template/{TEMPLATE_ID}")},
        "created_at": "2026-11-24T08:30:05.000000Z", "sent_at": null, "completed_at": null,
    })
}

fn sent_page(notifications: &[Value]) -> Value {
    json!({"notifications": notifications, "links": {"current": format!("{API}/v2/notifications")}})
}

/// A text in the list of those that came in.
fn received(id: u128, minute: u8) -> Value {
    json!({
        "id": Uuid::from_u128(id), "user_number": "447700900101", "notify_number": "07700900000",
        "content": format!("text {id}"), "service_id": SERVICE,
        "created_at": format!("2026-11-24T08:{minute:02}:00.000000Z"),
    })
}

fn received_page(texts: &[Value]) -> Value {
    let mut links = json!({"current": format!("{API}{LIST}")});
    if let Some(last) = texts.last() {
        let id = last["id"].as_str().unwrap();
        links["next"] = format!("https://elsewhere.example{LIST}?older_than={id}").into();
    }
    json!({"received_text_messages": texts, "links": links})
}

#[tokio::test]
async fn catching_up_reads_pages_until_what_is_older_and_tells_the_oldest_first() {
    let server = MockServer::start().await;
    let page = |texts: &[Value]| json_answer(200, received_page(texts));
    Mock::given(path(LIST))
        .and(query_param_is_missing("older_than"))
        .respond_with(page(&[received(5, 35), received(4, 34)]))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path(LIST))
        .and(query_param("older_than", Uuid::from_u128(4).to_string()))
        .respond_with(page(&[received(3, 33), received(2, 29), received(1, 28)]))
        .expect(1)
        .mount(&server)
        .await;
    let channel = Channel::Notify(Box::new(notify(&server.uri())));
    let texts = channel.recent(since()).await.unwrap().unwrap();
    let bodies: Vec<_> = texts
        .iter()
        .map(|t| t.body.escape_ascii().to_string())
        .collect();
    assert_eq!(bodies, ["text 3", "text 4", "text 5"]);
    let first = Inbound {
        provider_id: Uuid::from_u128(3).to_string(),
        from: "+447700900101".to_owned(),
        body: b"text 3".to_vec(),
        sent_at: Some("2026-11-24T08:33:00Z".parse().unwrap()),
        ..Inbound::default()
    };
    assert_eq!(texts[0], first);
}

#[tokio::test]
async fn a_short_list_ends_with_an_empty_page_and_an_endless_one_is_given_up() {
    let server = MockServer::start().await;
    Mock::given(query_param_is_missing("older_than"))
        .respond_with(json_answer(200, received_page(&[received(1, 31)])))
        .mount(&server)
        .await;
    Mock::given(query_param("older_than", Uuid::from_u128(1).to_string()))
        .respond_with(json_answer(200, received_page(&[])))
        .expect(1)
        .mount(&server)
        .await;
    assert_eq!(
        notify(&server.uri()).recent(since()).await.unwrap().len(),
        1
    );

    let endless = answering(json_answer(200, received_page(&[received(1, 31)]))).await;
    let texts = notify(&endless.uri()).recent(since()).await.unwrap();
    assert_eq!(texts.len(), MOST_PAGES);
    assert_eq!(endless.received_requests().await.unwrap().len(), MOST_PAGES);
}

#[tokio::test]
async fn an_unknown_outcome_is_settled_by_our_reference() {
    let ours = || json!(Uuid::from_u128(7));
    let table = [
        ("nothing was sent", vec![], "absent"),
        (
            "it is there",
            vec![listed(ours(), "delivered")],
            "sent delivered",
        ),
        ("on its way", vec![listed(ours(), "sending")], "sent sent"),
        (
            "a new word",
            vec![listed(ours(), "teleporting")],
            "sent accepted",
        ),
        (
            "not ours",
            vec![
                listed(Value::Null, "sent"),
                listed(json!(Uuid::from_u128(8)), "sent"),
            ],
            "absent",
        ),
    ];
    for (story, notifications, expected) in table {
        let server = MockServer::start().await;
        Mock::given(path("/v2/notifications"))
            .and(query_param("reference", Uuid::from_u128(7).to_string()))
            .respond_with(json_answer(200, sent_page(&notifications)))
            .expect(1)
            .mount(&server)
            .await;
        let found = match notify(&server.uri())
            .find_sent(&text("Hello"))
            .await
            .unwrap()
        {
            Found::Sent(it) => {
                assert_eq!(it.provider_id, SENT_ID);
                format!("sent {}", it.status.word())
            }
            Found::Absent => "absent".to_owned(),
            Found::CannotAsk => "cannot ask".to_owned(),
        };
        assert_eq!(found, expected, "{story}");
    }
}

#[tokio::test]
async fn a_list_that_cannot_be_read_proves_nothing() {
    let wait = ResponseTemplate::new(503).insert_header("Retry-After", "3");
    let table = [
        ("503", wait, "not available: Notify answered HTTP 503"),
        (
            "500",
            fault(500, "Exception"),
            "not available: Notify answered HTTP 500 Exception",
        ),
        (
            "a page",
            ResponseTemplate::new(200).set_body_string("<html>"),
            "not available: Notify's answer could not be read",
        ),
        (
            "another shape",
            json_answer(200, json!({})),
            "not available: Notify's answer could not be read",
        ),
        (
            "too fast",
            fault(429, "RateLimitError"),
            "not available: Notify answered HTTP 429 RateLimitError: too many requests a minute",
        ),
        (
            "no number for texts",
            fault(400, "BadRequestError"),
            "refused: Notify answered HTTP 400 BadRequestError: the service",
        ),
    ];
    for (story, answer, expected) in table {
        let server = answering(answer).await;
        let notify = notify(&server.uri());
        let found = notify.find_sent(&text("Hello")).await.unwrap_err();
        assert!(found.to_string().starts_with(expected), "{story}: {found}");
        let listed = notify.recent(since()).await.unwrap_err();
        assert_eq!(listed, found, "{story}");
    }
    let nobody = notify("http://127.0.0.1:9")
        .recent(since())
        .await
        .unwrap_err();
    assert_eq!(nobody.to_string(), "not available: no connection to Notify");
}

#[tokio::test]
async fn what_we_ask_and_what_our_tests_answer_is_what_notifys_schemas_allow() {
    let file = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("../shared/data/notify_v2_schemas.json");
    let Ok(schemas) = std::fs::read_to_string(&file) else {
        println!(
            "passes without Notify's schemas: {} is not here",
            file.display()
        );
        return;
    };
    let all: Value = serde_json::from_str(&schemas).unwrap();
    let fits = |name: &str, instance: &Value| {
        let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
        let address = format!("{name}.json");
        compiler.add_resource(&address, all[name].clone()).unwrap();
        let at = compiler.compile(&address, &mut schemas).unwrap();
        schemas
            .validate(instance, at)
            .map_err(|fault| format!("{fault:#}"))
    };
    let answers = [
        ("post_sms_response", taken()),
        (
            "get_notifications_response",
            sent_page(&[listed(Value::Null, "sent")]),
        ),
        (
            "get_inbound_sms_response",
            received_page(&[received(1, 31)]),
        ),
        ("get_inbound_sms_response", received_page(&[])),
    ];
    for (name, answer) in answers {
        assert_eq!(fits(name, &answer), Ok(()), "{name}");
    }

    let server = answering(json_answer(201, taken())).await;
    notify(&server.uri())
        .send(&text("Hello & £5\nDziękuję 😀"))
        .await
        .unwrap();
    _ = notify(&server.uri()).find_sent(&text("Hello")).await;
    let asked = server.received_requests().await.unwrap();
    let sent: Value = serde_json::from_slice(&asked[0].body).unwrap();
    assert_eq!(fits("post_sms_request", &sent), Ok(()));
    let mut more = sent.clone();
    more["to"] = "+447700900101".into();
    assert!(
        fits("post_sms_request", &more).is_err(),
        "the schema means something"
    );
    let query = |request: &wiremock::Request| -> Value {
        let pairs = request.url.query_pairs().into_owned();
        pairs
            .map(|(name, value)| (name, Value::from(value)))
            .collect()
    };
    assert_eq!(fits("get_notifications_request", &query(&asked[1])), Ok(()));

    let listing = answering(json_answer(200, received_page(&[received(1, 31)]))).await;
    notify(&listing.uri()).recent(since()).await.unwrap();
    for request in listing.received_requests().await.unwrap() {
        assert_eq!(fits("get_inbound_sms_request", &query(&request)), Ok(()));
    }
}
