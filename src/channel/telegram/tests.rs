use serde_json::{Value, json};
use uuid::Uuid;
use wiremock::matchers::{any, body_partial_json, path};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::channel::{Button, Channel};

const TOKEN: &str = "123:ABC";

fn telegram(api: &str) -> Telegram {
    Telegram::new(api, &TOKEN.into(), Some("shared_secret-1".into())).unwrap()
}

fn message(buttons: &[(&str, &str)]) -> Outbound {
    Outbound {
        id: Uuid::from_u128(7),
        to: "42".to_owned(),
        body: "Which child? 1 Sam 2 Ivy".to_owned(),
        subject: None,
        buttons: buttons
            .iter()
            .map(|(label, answer)| Button {
                label: (*label).to_owned(),
                answer: (*answer).to_owned(),
            })
            .collect(),
        ask_contact: false,
        correspondence: crate::channel::Correspondence::default(),
    }
}

fn sent() -> Value {
    json!({"ok": true, "result": {"message_id": 8, "date": 1_795_336_200, "text": "x",
        "chat": {"id": 42, "type": "private", "first_name": "Ann"}}})
}

async fn answering(status: u16, body: Value) -> MockServer {
    let server = MockServer::start().await;
    Mock::given(any())
        .respond_with(ResponseTemplate::new(status).set_body_json(body))
        .mount(&server)
        .await;
    server
}

/// What was asked of the server: the method's name and its parameters.
async fn asked(server: &MockServer) -> Vec<(String, Value)> {
    let requests = server.received_requests().await.unwrap();
    requests
        .iter()
        .map(|request| {
            let method = request.url.path().rsplit('/').next().unwrap().to_owned();
            let parameters = serde_json::from_slice(&request.body);
            (
                method,
                parameters.unwrap_or_else(|_| String::from_utf8_lossy(&request.body).into()),
            )
        })
        .collect()
}

#[tokio::test]
async fn a_message_shows_its_choices_as_buttons_and_fetches_no_preview() {
    let server = answering(200, sent()).await;
    let bot = Channel::Telegram(Box::new(telegram(&server.uri())));
    let accepted = bot
        .send(&message(&[("Sam", "1"), ("Ivy", "2")]))
        .await
        .unwrap();
    assert_eq!(accepted.provider_id, "42:8");
    assert_eq!(accepted.status, Status::Sent);

    let mut ask = message(&[("Share my number", "share")]);
    ask.ask_contact = true;
    bot.send(&ask).await.unwrap();
    let too_long = "x".repeat(65);
    bot.send(&message(&[("Sam", "1"), ("Ivy", &too_long)]))
        .await
        .unwrap();

    let asked = asked(&server).await;
    assert_eq!(asked[0].0, "SendMessage");
    assert_eq!(
        asked[0].1,
        json!({
            "chat_id": 42,
            "text": "Which child? 1 Sam 2 Ivy",
            "link_preview_options": {"is_disabled": true},
            "reply_markup": {"inline_keyboard": [
                [{"text": "Sam", "callback_data": "1"}],
                [{"text": "Ivy", "callback_data": "2"}],
            ]},
        })
    );
    let button = &asked[1].1["reply_markup"]["keyboard"][0][0];
    assert_eq!(
        button,
        &json!({"text": "Share my number", "request_contact": true})
    );
    assert_eq!(
        asked[2].1.get("reply_markup"),
        None,
        "the text has the choices"
    );
}

#[tokio::test]
async fn each_answer_says_whether_the_message_may_be_sent_again() {
    let fault = |text: &str| json!({"ok": false, "error_code": 0, "description": text});
    let wait = json!({"ok": false, "error_code": 429, "description": "Too Many Requests: retry after 5",
        "parameters": {"retry_after": 5}});
    let table = [
        (429, wait, "not sent, wait 5"),
        (429, fault("Too Many Requests"), "not sent"),
        (
            403,
            fault("Forbidden: bot was blocked by the user"),
            "stopped",
        ),
        (403, fault("Forbidden: user is deactivated"), "stopped"),
        (
            403,
            fault("Forbidden: bot can't initiate conversation with a user"),
            "stopped",
        ),
        (403, fault("Forbidden: something new"), "stopped"),
        (401, fault("Unauthorized"), "refused"),
        (400, fault("Bad Request: chat not found"), "refused"),
        (400, fault("Bad Request: message is too long"), "refused"),
        (
            400,
            fault("Bad Request: something new: Which child?"),
            "refused",
        ),
        (
            200,
            json!({"ok": true, "result": {"message_id": "?"}}),
            "unknown",
        ),
        (200, fault("Internal Server Error"), "unknown"),
    ];
    for (status, body, expected) in table {
        let server = answering(status, body).await;
        let error = telegram(&server.uri())
            .send(&message(&[]))
            .await
            .unwrap_err();
        for private in ["Which child", TOKEN, "42"] {
            assert!(!error.to_string().contains(private), "{error}");
        }
        let told = match error {
            SendError::NotSent {
                retry_after: Some(wait),
                ..
            } => {
                format!("not sent, wait {}", wait.as_secs())
            }
            SendError::NotSent { .. } => "not sent".to_owned(),
            SendError::Refused { stopped: true, .. } => "stopped".to_owned(),
            SendError::Refused { .. } => "refused".to_owned(),
            SendError::Unknown { .. } => "unknown".to_owned(),
        };
        assert_eq!(told, expected);
    }
}

#[tokio::test]
async fn nobody_listening_is_not_sent_and_a_servers_trouble_is_unknown() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let error = telegram(&address).send(&message(&[])).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent { .. }), "{error}");

    let server = answering(502, json!({"ok": false})).await;
    let mut impatient = telegram(&server.uri());
    impatient.timeout = Duration::from_millis(300);
    let error = impatient.send(&message(&[])).await.unwrap_err();
    assert!(matches!(error, SendError::Unknown { .. }), "{error}");
}

#[tokio::test]
async fn only_a_person_is_written_to() {
    let server = answering(200, sent()).await;
    for to in ["-100123", "+447700900101x", "", "ann"] {
        let out = Outbound {
            to: to.to_owned(),
            ..message(&[])
        };
        let error = telegram(&server.uri()).send(&out).await.unwrap_err();
        assert!(
            matches!(error, SendError::Refused { stopped: false, .. }),
            "{to}"
        );
    }
    assert_eq!(asked(&server).await.len(), 0);
}

#[tokio::test]
async fn polling_reads_what_it_can_and_goes_on_after_all_of_it() {
    let server = MockServer::start().await;
    let text = json!({"message_id": 7, "date": 1_795_336_200, "text": "hello",
        "from": {"id": 42, "is_bot": false, "first_name": "Ann"},
        "chat": {"id": 42, "type": "private", "first_name": "Ann"}});
    let updates = json!({"ok": true, "result": [
        {"update_id": 10, "message": text},
        {"update_id": 11, "invented_later": {}},
        {"update_id": 12, "message": {"message_id": 8, "text": "unreadable, but words",
            "date": 1_795_336_201, "chat": {"id": 42, "type": "private", "first_name": 5}}},
    ]});
    Mock::given(path(format!("/bot{TOKEN}/GetUpdates")))
        .and(body_partial_json(json!({"offset": 0, "timeout": 10,
            "allowed_updates": ["message", "edited_message", "callback_query"]})))
        .respond_with(ResponseTemplate::new(200).set_body_json(updates))
        .mount(&server)
        .await;
    Mock::given(body_partial_json(json!({"offset": 13})))
        .respond_with(ResponseTemplate::new(200).set_body_json(json!({"ok": true, "result": []})))
        .mount(&server)
        .await;
    let bot = telegram(&server.uri());
    let (heard, next) = bot.poll(0, Duration::from_secs(60)).await.unwrap();
    let words: Vec<_> = heard
        .iter()
        .map(|heard| match heard {
            Heard::Message(inbound) => str::from_utf8(&inbound.body).unwrap(),
            _ => "-",
        })
        .collect();
    assert_eq!(words, ["hello", "-", "unreadable, but words"]);
    assert_eq!(next, 13);
    assert_eq!(bot.poll(13, Duration::ZERO).await.unwrap(), (vec![], 13));
}

#[tokio::test]
async fn polling_beside_a_webhook_is_named_as_such() {
    let conflict = json!({"ok": false, "error_code": 409, "description":
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook"});
    let server = answering(409, conflict).await;
    let error = telegram(&server.uri())
        .poll(0, Duration::ZERO)
        .await
        .unwrap_err();
    assert!(error.to_string().contains("has a webhook"), "{error}");
}

#[tokio::test]
async fn a_pressed_button_is_put_to_rest_and_a_group_is_left() {
    let server = answering(200, json!({"ok": true, "result": true})).await;
    let bot = telegram(&server.uri());
    bot.settle(&Pressed {
        callback: "9001".to_owned(),
        message: Some((42, 7)),
    })
    .await;
    bot.leave(-100, "I only talk one to one").await;
    bot.use_webhook("https://school.example/hooks/telegram/main")
        .await
        .unwrap();
    bot.use_polling().await.unwrap();
    let asked = asked(&server).await;
    let methods: Vec<_> = asked.iter().map(|(method, _)| method.as_str()).collect();
    assert_eq!(
        methods,
        [
            "AnswerCallbackQuery",
            "EditMessageReplyMarkup",
            "SendMessage",
            "LeaveChat",
            "SetWebhook",
            "DeleteWebhook"
        ]
    );
    assert_eq!(asked[0].1["callback_query_id"], "9001");
    assert_eq!(asked[1].1, json!({"chat_id": 42, "message_id": 7}));
    assert_eq!(asked[3].1["chat_id"], -100);
    let form = asked[4].1.as_str().unwrap(); // teloxide sends this one as multipart
    assert!(form.contains("shared_secret-1"), "{form}");
}

#[test]
fn only_the_whole_secret_opens_the_webhook() {
    let bot = telegram(API);
    assert!(bot.verify_secret(Some(b"shared_secret-1")));
    for wrong in [
        &b"shared_secret-2"[..],
        b"shared_secret",
        b"",
        b"shared_secret-11",
    ] {
        assert!(!bot.verify_secret(Some(wrong)));
    }
    assert!(!bot.verify_secret(None));
    let open = Telegram::new(API, &TOKEN.into(), None).unwrap();
    assert!(!open.verify_secret(Some(b"")));
    assert!(!format!("{bot:?}").contains("ABC"));
    assert!(Telegram::new(API, &TOKEN.into(), Some("not allowed!".into())).is_err());
}

#[tokio::test]
async fn doctor_is_told_who_the_bot_is_or_what_to_do() {
    let me = json!({"ok": true, "result": {"id": 1, "is_bot": true, "first_name": "School",
        "username": "school_bot", "can_join_groups": false, "can_read_all_group_messages": false,
        "supports_inline_queries": false, "can_connect_to_business": false, "has_main_web_app": false}});
    let server = answering(200, me).await;
    assert_eq!(
        telegram(&server.uri()).probe().await.unwrap(),
        "the bot is @school_bot"
    );
    let server = answering(401, json!({"ok": false, "description": "Unauthorized"})).await;
    let wrong = telegram(&server.uri()).probe().await.unwrap_err();
    assert!(wrong.contains("@BotFather"), "{wrong}");
}

#[tokio::test]
async fn a_file_is_fetched_by_its_id_below_the_bots_own_path() {
    let server = MockServer::start().await;
    let file = |at: &str| json!({"ok": true, "result": {"file_id": "F", "file_unique_id": "U", "file_size": 6, "file_path": at}});
    let telegram = telegram(&server.uri());
    for (id, at) in [
        ("photo", "photos/file_1.jpg"),
        ("up", "../../bot1:other/getMe"),
        ("away", "http://evil.example/x"),
    ] {
        Mock::given(path("/bot123:ABC/GetFile"))
            .and(body_partial_json(json!({"file_id": id})))
            .respond_with(ResponseTemplate::new(200).set_body_json(file(at)))
            .mount(&server)
            .await;
    }
    Mock::given(path("/file/bot123:ABC/photos/file_1.jpg"))
        .respond_with(ResponseTemplate::new(200).set_body_bytes(*b"\xFF\xD8\xFF\xE0ab"))
        .mount(&server)
        .await;
    assert_eq!(
        telegram.fetch("photo").await.unwrap(),
        b"\xFF\xD8\xFF\xE0ab"
    );
    for id in ["up", "away"] {
        let error = telegram.fetch(id).await.unwrap_err();
        assert!(
            matches!(error, FetchError::Refused { .. }),
            "{id}: {error:?}"
        );
    }
    let gone = telegram.fetch("unknown").await.unwrap_err();
    assert!(
        !gone.to_string().contains("ABC"),
        "the token is nobody's to read: {gone}"
    );
}
