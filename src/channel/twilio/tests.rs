use serde_json::json;
use wiremock::matchers::{basic_auth, body_string, method, path, query_param};
use wiremock::{Mock, MockServer, ResponseTemplate};

use super::*;
use crate::channel::fake::{answering, json_answer, text};
use crate::channel::{Channel, Status};

const LIST: &str = "/2010-04-01/Accounts/AC1/Messages.json";
const WORDS: &str = "Hello & £5 + more";

fn twilio(api: &str) -> Twilio {
    Twilio::new(
        api,
        "AC1",
        "token-of-ours".into(),
        Sender::Number("+447700900000".to_owned()),
        Some("https://school.example/hooks/twilio/main/status"),
    )
    .unwrap()
}

fn since() -> Timestamp {
    "2026-11-22T08:30:00Z".parse().unwrap()
}

#[tokio::test]
async fn a_text_is_posted_as_twilio_publishes_it() {
    let server = MockServer::start().await;
    Mock::given(method("POST"))
        .and(path(LIST))
        .and(basic_auth("AC1", "token-of-ours"))
        .and(body_string(
            "To=%2B447700900101&Body=Hello+%26+%C2%A35+%2B+more&From=%2B447700900000\
             &StatusCallback=https%3A%2F%2Fschool.example%2Fhooks%2Ftwilio%2Fmain%2Fstatus\
             %3Foutbox%3D00000000-0000-0000-0000-000000000007",
        ))
        .respond_with(json_answer(201, json!({"sid": "SM1", "status": "queued"})))
        .expect(1)
        .mount(&server)
        .await;
    let accepted = twilio(&server.uri()).send(&text(WORDS)).await.unwrap();
    assert_eq!(accepted.provider_id, "SM1");
    assert_eq!(accepted.status, Status::Accepted);
}

#[tokio::test]
async fn each_answer_says_whether_the_text_may_be_sent_again() {
    let fault = |code: u32| json!({"code": code, "message": "The 'To' number +447700900101 is wrong", "status": 400});
    let busy = json_answer(429, fault(20429)).insert_header("Retry-After", "7");
    let table = [
        (
            json_answer(201, json!({"sid": "SM1", "status": "sent"})),
            "ok SM1 sent",
        ),
        (
            json_answer(201, json!({"sid": "SM1", "status": "teleporting"})),
            "ok SM1 accepted",
        ),
        (
            json_answer(400, fault(21610)),
            "refused, stopped: error 21610",
        ),
        (json_answer(400, fault(21211)), "refused: error 21211"),
        (json_answer(401, fault(20003)), "refused: error 20003"),
        (
            ResponseTemplate::new(404).set_body_string("gone"),
            "refused: HTTP 404",
        ),
        (
            ResponseTemplate::new(308).insert_header("Location", "http://127.0.0.1:9/"),
            "refused: HTTP 308",
        ),
        (busy, "not sent, wait 7: error 20429"),
        (ResponseTemplate::new(503), "not sent: HTTP 503"),
        (ResponseTemplate::new(408), "unknown: HTTP 408"),
        (ResponseTemplate::new(500), "unknown: HTTP 500"),
        (
            ResponseTemplate::new(502).set_body_string("<html>"),
            "unknown: HTTP 502",
        ),
        (
            ResponseTemplate::new(201).set_body_string("{\"sid\""),
            "unknown: HTTP 201",
        ),
    ];
    for (answer, expected) in table {
        let server = answering(answer).await;
        let result = twilio(&server.uri()).send(&text(WORDS)).await;
        assert_eq!(told(result), expected);
    }
}

/// An outcome in a few words; checks that nothing private is among them.
fn told(result: Result<Accepted, SendError>) -> String {
    let brief = |why: String| {
        for private in ["7700900", "Hello", "token-of-ours"] {
            assert!(!why.contains(private), "{why}");
        }
        match why.split_once("error ") {
            Some((_, rest)) => format!("error {}", rest.split(' ').next().unwrap()),
            None => why
                .find("HTTP ")
                .map_or(why.clone(), |at| why[at..at + 8].to_owned()),
        }
    };
    match result {
        Ok(accepted) => format!("ok {} {}", accepted.provider_id, accepted.status.word()),
        Err(SendError::Refused { why, stopped }) => {
            format!(
                "refused{}: {}",
                if stopped { ", stopped" } else { "" },
                brief(why)
            )
        }
        Err(SendError::NotSent { why, retry_after }) => {
            let wait = retry_after.map_or(String::new(), |t| format!(", wait {}", t.as_secs()));
            format!("not sent{wait}: {}", brief(why))
        }
        Err(SendError::Unknown { why }) => format!("unknown: {}", brief(why)),
    }
}

#[tokio::test]
async fn nobody_listening_is_not_sent_and_a_broken_or_slow_answer_is_unknown() {
    let nobody = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}", nobody.local_addr().unwrap());
    drop(nobody);
    let result = twilio(&address).send(&text(WORDS)).await;
    assert_eq!(told(result), "not sent: no connection to Twilio");

    // Takes the request, then hangs up without a word.
    let hangs_up = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = format!("http://{}", hangs_up.local_addr().unwrap());
    let server = tokio::spawn(async move {
        let (mut stream, _) = hangs_up.accept().await.unwrap();
        let mut request = [0; 64];
        _ = tokio::io::AsyncReadExt::read(&mut stream, &mut request).await;
    });
    let result = twilio(&address).send(&text(WORDS)).await;
    assert_eq!(told(result), "unknown: the connection to Twilio broke");
    server.await.unwrap();

    let slow = answering(
        json_answer(201, json!({"sid": "SM1", "status": "queued"}))
            .set_delay(Duration::from_secs(5)),
    )
    .await;
    let mut impatient = twilio(&slow.uri());
    impatient.http = http::client(Duration::from_millis(200)).unwrap();
    let result = impatient.send(&text(WORDS)).await;
    assert_eq!(told(result), "unknown: Twilio did not answer in time");
}

#[tokio::test]
async fn catching_up_reads_every_page_oldest_first_with_what_came_along() {
    let server = MockServer::start().await;
    let listed = |sid: &str, direction: &str, media: &str, at: &str| {
        json!({"sid": sid, "direction": direction, "from": "+447700900101", "body": sid,
            "status": "received", "num_media": media,
            "date_sent": format!("Sun, 22 Nov 2026 {at} +0000")})
    };
    let first = json!({
        "messages": [listed("SM3", "inbound", "0", "08:33:00"), listed("SM9", "outbound-api", "0", "08:32:30")],
        "next_page_uri": format!("{LIST}?Page=1"),
    });
    let second = json!({
        "messages": [listed("SM2", "inbound", "1", "08:32:00"), listed("SM1", "inbound", "2", "08:31:00")],
        "next_page_uri": null,
    });
    Mock::given(path(LIST))
        .and(query_param("DateSent>", "2026-11-22T08:30:00Z"))
        .and(query_param("To", "+447700900000"))
        .respond_with(json_answer(200, first))
        .expect(1)
        .mount(&server)
        .await;
    // The same number on WhatsApp is a list of its own.
    let on_whatsapp = listed("SM4", "inbound", "0", "08:31:30");
    Mock::given(path(LIST))
        .and(query_param("To", "whatsapp:+447700900000"))
        .respond_with(json_answer(
            200,
            json!({"messages": [on_whatsapp], "next_page_uri": null}),
        ))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path(LIST))
        .and(query_param("Page", "1"))
        .and(basic_auth("AC1", "token-of-ours"))
        .respond_with(json_answer(200, second))
        .expect(1)
        .mount(&server)
        .await;
    Mock::given(path("/2010-04-01/Accounts/AC1/Messages/SM2/Media.json"))
        .respond_with(json_answer(
            200,
            json!({"media_list": [{"content_type": "image/jpeg",
                "uri": "/2010-04-01/Accounts/AC1/Messages/SM2/Media/ME1.json"}]}),
        ))
        .mount(&server)
        .await;
    let channel = Channel::Twilio(Box::new(twilio(&server.uri())));
    let texts = channel.recent(since()).await.unwrap().unwrap();
    let told: Vec<_> = texts
        .iter()
        .map(|text| {
            let media: Vec<_> = text.media.iter().map(|m| m.content_type.as_str()).collect();
            (
                text.provider_id.as_str(),
                text.sent_at.unwrap().to_string(),
                media,
            )
        })
        .collect();
    let unread = "application/octet-stream"; // SM1's list of media answers 404.
    assert_eq!(
        told,
        [
            (
                "SM1",
                "2026-11-22T08:31:00Z".to_owned(),
                vec![unread, unread]
            ),
            ("SM4", "2026-11-22T08:31:30Z".to_owned(), vec![]),
            ("SM2", "2026-11-22T08:32:00Z".to_owned(), vec!["image/jpeg"]),
            ("SM3", "2026-11-22T08:33:00Z".to_owned(), vec![]),
        ]
    );
    assert_eq!(
        texts[2].media[0].reference,
        format!(
            "{}/2010-04-01/Accounts/AC1/Messages/SM2/Media/ME1",
            server.uri()
        )
    );
    assert_eq!(texts[0].body, b"SM1");
    assert_eq!(texts[0].from, "+447700900101");
}

#[tokio::test]
async fn a_next_page_elsewhere_is_not_given_our_token() {
    let page = json!({"messages": [], "next_page_uri": "https://elsewhere.example/steal"});
    let server = answering(json_answer(200, page)).await;
    let result = twilio(&server.uri()).recent(since()).await;
    assert!(
        matches!(result, Err(FetchError::Refused { .. })),
        "{result:?}"
    );
}

#[tokio::test]
async fn an_unknown_outcome_is_settled_from_twilios_list() {
    let listed = |sid: &str, body: &str, direction: &str, at: &str| {
        json!({"sid": sid, "direction": direction, "body": body, "status": "delivered",
            "to": "+447700900101", "date_created": format!("Sun, 22 Nov 2026 {at} +0000")})
    };
    let ours = |sid: &str| listed(sid, WORDS, "outbound-api", "08:30:05");
    let trial = format!("{TRIAL}{WORDS}");
    let table = [
        ("nothing was sent", vec![], "absent"),
        ("it is there", vec![ours("SM1")], "SM1 delivered"),
        (
            "other words",
            vec![listed("SM1", "Hi", "outbound-api", "08:30:05")],
            "absent",
        ),
        (
            "the same words, as another of our messages",
            vec![ours("SM-owned")],
            "absent",
        ),
        ("both", vec![ours("SM-owned"), ours("SM2")], "SM2 delivered"),
        (
            "the same words, earlier",
            vec![listed("SM1", WORDS, "outbound-api", "08:20:00")],
            "absent",
        ),
        (
            "the parent wrote them",
            vec![listed("SM1", WORDS, "inbound", "08:30:05")],
            "absent",
        ),
        (
            "a trial account",
            vec![listed("SM1", &trial, "outbound-api", "08:30:05")],
            "SM1 delivered",
        ),
    ];
    let owned = HashSet::from(["SM-owned".to_owned()]);
    for (story, messages, expected) in table {
        let server = MockServer::start().await;
        Mock::given(path(LIST))
            .and(query_param("To", "+447700900101"))
            .and(query_param("From", "+447700900000"))
            .respond_with(json_answer(
                200,
                json!({"messages": messages, "next_page_uri": ""}),
            ))
            .mount(&server)
            .await;
        let found = twilio(&server.uri())
            .find_sent(&text(WORDS), since(), &owned)
            .await;
        let told = match found.unwrap() {
            Found::Sent(it) => format!("{} {}", it.provider_id, it.status.word()),
            Found::Absent => "absent".to_owned(),
            Found::CannotAsk => "cannot ask".to_owned(),
        };
        assert_eq!(told, expected, "{story}");
    }
}

#[tokio::test]
async fn the_search_ends_when_pages_are_long_past_and_gives_up_on_an_endless_list() {
    let page = |at: &str| {
        json!({"messages": [{"sid": "SM1", "direction": "outbound-api", "body": "other",
            "date_created": at}], "next_page_uri": format!("{LIST}?Page=1")})
    };
    let past = answering(json_answer(200, page("Fri, 20 Nov 2026 08:30:00 +0000"))).await;
    let found = twilio(&past.uri())
        .find_sent(&text(WORDS), since(), &HashSet::new())
        .await;
    assert_eq!(found, Ok(Found::Absent));
    assert_eq!(past.received_requests().await.unwrap().len(), 1);

    let endless = answering(json_answer(200, page("Sun, 22 Nov 2026 08:30:00 +0000"))).await;
    let found = twilio(&endless.uri())
        .find_sent(&text(WORDS), since(), &HashSet::new())
        .await;
    assert_eq!(found, Ok(Found::CannotAsk));
    assert_eq!(endless.received_requests().await.unwrap().len(), MOST_PAGES);
}

#[tokio::test]
async fn a_list_that_cannot_be_read_proves_nothing() {
    let table = [
        (
            ResponseTemplate::new(503).insert_header("Retry-After", "3"),
            "not available: Twilio answered HTTP 503",
        ),
        (
            ResponseTemplate::new(200).set_body_string("<html>"),
            "not available: Twilio's answer could not be read",
        ),
        (
            ResponseTemplate::new(401),
            "refused: Twilio answered HTTP 401",
        ),
    ];
    for (answer, expected) in table {
        let server = answering(answer).await;
        let found = twilio(&server.uri())
            .find_sent(&text(WORDS), since(), &HashSet::new())
            .await;
        assert_eq!(found.unwrap_err().to_string(), expected);
    }
}

#[tokio::test]
async fn doctor_is_told_what_is_wrong_and_what_to_do() {
    let table = [
        (
            json_answer(200, json!({"status": "active", "type": "Full"})),
            "the Twilio account is active",
        ),
        (
            json_answer(200, json!({"status": "active", "type": "Trial"})),
            "is a trial",
        ),
        (
            json_answer(200, json!({"status": "suspended"})),
            "account is suspended",
        ),
        (
            json_answer(401, json!({"code": 20003})),
            "compare the account SID and the auth token",
        ),
        (
            ResponseTemplate::new(500),
            "see whether this machine may reach",
        ),
    ];
    for (answer, expected) in table {
        let server = answering(answer).await;
        let told = twilio(&server.uri()).probe().await;
        assert_eq!(told.is_ok(), expected.ends_with("active"), "{expected}");
        let told = told.unwrap_or_else(|wrong| wrong);
        assert!(told.contains(expected), "{told}");
    }
}

#[test]
fn settings_that_cannot_work_are_named() {
    let sender = || Sender::Service("MG1".to_owned());
    let fault = |api: &str, account: &str, callback| {
        Twilio::new(api, account, "t".into(), sender(), callback).unwrap_err()
    };
    assert!(fault("twilio", "AC1", None).contains("api_base"));
    assert!(fault(API, "AC1/..", None).contains("account SID"));
    assert!(fault(API, "AC1", Some("school.example")).contains("status callback"));
}

#[tokio::test]
async fn a_file_is_fetched_from_this_account_at_twilio_and_nowhere_else() {
    const FILE: &str = "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1";
    let server = MockServer::start().await;
    let at = |of: &str| format!("{}{of}", server.uri());
    let answers = |of: &'static str, answer| {
        let right = Mock::given(method("GET"))
            .and(path(of))
            .and(basic_auth("AC1", "token-of-ours"));
        right.respond_with(answer).mount(&server)
    };
    let large = vec![0; 10 * 1024 * 1024 + 1];
    answers(FILE, ResponseTemplate::new(200).set_body_bytes(*b"GIF89a")).await;
    let of = |name: &str| format!("/2010-04-01/Accounts/AC1/Messages/MM1/Media/{name}");
    let (gone, huge, broken) = (of("GONE"), of("HUGE"), of("BROKEN"));
    for (of, answer) in [
        (&gone, ResponseTemplate::new(404)),
        (&huge, ResponseTemplate::new(200).set_body_bytes(large)),
        (&broken, ResponseTemplate::new(500)),
    ] {
        Mock::given(path(of.as_str()))
            .respond_with(answer)
            .mount(&server)
            .await;
    }
    let twilio = twilio(&server.uri());
    assert_eq!(twilio.fetch(&at(FILE)).await.unwrap(), b"GIF89a");
    let refused = async |reference: &str| match twilio.fetch(reference).await {
        Err(FetchError::Refused { why }) => why,
        other => panic!("{reference}: {other:?}"),
    };
    assert!(refused(&at(&gone)).await.contains("404"));
    assert!(refused(&at(&huge)).await.contains("larger than 10 MB"));
    let broken = twilio.fetch(&at(&broken)).await.unwrap_err();
    assert!(
        matches!(broken, FetchError::Unavailable { .. }),
        "{broken:?}"
    );

    // Not even asked for: another host, another account, another path, a login, no address at all.
    let before = server.received_requests().await.unwrap().len();
    let host = server.address();
    for reference in [
        format!("http://169.254.169.254{FILE}"),
        format!("http://localhost:{}{FILE}", host.port()),
        format!("https://{host}{FILE}"),
        format!("http://me:x@{host}{FILE}"),
        at("/2010-04-01/Accounts/AC2/Messages/MM1/Media/ME1"),
        at("/2010-04-01/Accounts/AC1/Messages/../../AC2/Messages/MM1/Media/ME1"),
        at("/2010-04-01/Accounts/AC1/Calls.json"),
        "file:///etc/passwd".to_owned(),
        "twilio".to_owned(),
        String::new(),
    ] {
        assert!(
            refused(&reference).await.contains("this account's"),
            "{reference}"
        );
    }
    assert_eq!(server.received_requests().await.unwrap().len(), before);

    // Twilio's own redirect is checked as well.
    for to in [
        "http://169.254.169.254/latest/meta-data",
        "https://127.0.0.1/x",
        "https://evil.example/x",
        "/2010-04-01/Accounts/AC1/Messages/MM1/Media/ME1",
    ] {
        let redirect = ResponseTemplate::new(307).insert_header("Location", to);
        let moved = MockServer::start().await;
        Mock::given(path(FILE))
            .respond_with(redirect)
            .mount(&moved)
            .await;
        let here = format!("{}{FILE}", moved.uri());
        let twilio = super::tests::twilio(&moved.uri());
        let error = twilio.fetch(&here).await.unwrap_err();
        assert!(
            error.to_string().contains("none of its own"),
            "{to}: {error}"
        );
    }
}

#[tokio::test]
async fn whatsapp_is_answered_on_whatsapp() {
    let server = answering(json_answer(201, json!({"sid": "SM1", "status": "queued"}))).await;
    let out = crate::channel::Outbound {
        to: "whatsapp:+447700900101".to_owned(),
        ..text("Hello")
    };
    twilio(&server.uri()).send(&out).await.unwrap();
    let requests = server.received_requests().await.unwrap();
    let form = parse_form(&requests[0].body);
    assert_eq!(form.text("From"), Some("whatsapp:+447700900000"));
    assert_eq!(form.text("To"), Some("whatsapp:+447700900101"));
}

#[test]
fn a_text_for_another_number_is_not_this_schools() {
    let twilio = twilio(API);
    let form = |fields: &[(&str, &str)]| -> Form { fields.iter().copied().collect() };
    for fields in [
        &[("To", "+447700900000"), ("AccountSid", "AC1")][..],
        &[("To", "whatsapp:+447700900000")],
        &[],
    ] {
        assert_eq!(twilio.is_for_us(&form(fields)), Ok(()), "{fields:?}");
    }
    for fields in [
        &[("To", "+447700900099"), ("AccountSid", "AC1")][..],
        &[("To", "+447700900000"), ("AccountSid", "AC2")],
        &[("To", "whatsapp:+447700900099")],
    ] {
        let why = twilio.is_for_us(&form(fields)).unwrap_err().to_string();
        assert!(why.contains("another") && !why.contains("0099"), "{why}");
    }
}
