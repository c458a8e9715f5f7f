//! Providers call: signed or forged, twice, too large, and while the database is away.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha1::Sha1;

use super::{AMINA, SECRET, TOKEN, world};
use crate::store::Moment;
use crate::web::error::form_encoded;

fn twilio(path: &str, body: &str, signature: Option<&str>) -> Request<Body> {
    let mut request =
        Request::post(path).header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
    if let Some(signature) = signature {
        request = request.header("X-Twilio-Signature", signature);
    }
    request.body(Body::from(body.to_owned())).unwrap()
}

/// As Twilio signs: HMAC-SHA1, in base64, over the address and the sorted fields.
fn signature(path: &str, fields: &[(&str, &str)]) -> String {
    let mut fields = fields.to_vec();
    fields.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(format!("https://school.example{path}").as_bytes());
    for (name, value) in fields {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    STANDARD.encode(mac.finalize().into_bytes())
}

fn encoded(fields: &[(&str, &str)]) -> String {
    let pairs: Vec<_> = fields.iter().map(|(n, v)| (*n, (*v).to_owned())).collect();
    form_encoded(&pairs)
}

#[tokio::test]
async fn a_text_from_twilio_is_stored_before_it_is_told_so_and_a_forged_one_never() {
    let world = world(false).await;
    let path = "/hooks/kingfisher-sms";
    let fields = [
        ("MessageSid", "SM1"),
        ("From", AMINA),
        ("Body", "who do i talk to about sam"),
    ];
    let (body, right) = (encoded(&fields), signature(path, &fields));

    for wrong in [
        None,
        Some(""),
        Some("AAAA"),
        Some(right.to_lowercase().as_str()),
    ] {
        let answer = world.ask(twilio(path, &body, wrong)).await;
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{wrong:?}");
    }
    let altered = encoded(&[
        ("MessageSid", "SM1"),
        ("From", AMINA),
        ("Body", "something else"),
    ]);
    assert_eq!(
        world.ask(twilio(path, &altered, Some(&right))).await.status,
        StatusCode::FORBIDDEN
    );
    assert_eq!(world.stored().await, 0, "nothing forged is kept");

    for time in ["first", "again"] {
        let answer = world.ask(twilio(path, &body, Some(&right))).await;
        assert_eq!(answer.status, StatusCode::OK, "{time}");
        assert_eq!(
            answer.headers[header::CONTENT_TYPE],
            "text/xml; charset=utf-8"
        );
        assert!(answer.body.ends_with("<Response/>"));
        assert_eq!(world.stored().await, 1, "{time}");
    }
}

#[tokio::test]
async fn a_webhook_that_cannot_be_taken_says_why() {
    let world = world(false).await;
    let fields = [("MessageSid", "SM1"), ("From", AMINA), ("Body", "hello")];
    let body = encoded(&fields);
    let elsewhere = signature("/hooks/nowhere", &fields);
    assert_eq!(
        world
            .ask(twilio("/hooks/nowhere", &body, Some(&elsewhere)))
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    let handset = signature("/hooks/kingfisher-handset", &fields);
    let answer = world
        .ask(twilio("/hooks/kingfisher-handset", &body, Some(&handset)))
        .await;
    assert_eq!(
        answer.status,
        StatusCode::NOT_FOUND,
        "nobody calls a handset"
    );

    let path = "/hooks/kingfisher-sms";
    let long = "x".repeat(10 << 20);
    assert_eq!(
        world.ask(twilio(path, &long, None)).await.status,
        StatusCode::PAYLOAD_TOO_LARGE
    );
    let empty = signature(path, &[("Body", "hello")]);
    let answer = world.ask(twilio(path, "Body=hello", Some(&empty))).await;
    assert_eq!(
        answer.status,
        StatusCode::BAD_REQUEST,
        "signed, and from nobody"
    );
    let get = world.get(path, "", &[]).await;
    assert_eq!(
        get.status,
        StatusCode::FORBIDDEN,
        "Twilio signs what it calls"
    );

    assert_eq!(world.get("/readyz", "", &[]).await.status, StatusCode::OK);
    world.rig.d.store.close().await;
    let right = signature(path, &fields);
    let away = world.ask(twilio(path, &body, Some(&right))).await;
    assert_eq!(away.status, StatusCode::SERVICE_UNAVAILABLE);
    assert_eq!(
        world.get("/readyz", "", &[]).await.status,
        StatusCode::SERVICE_UNAVAILABLE
    );
    assert_eq!(
        world.get("/healthz", "", &[]).await.status,
        StatusCode::OK,
        "alive all the same"
    );
}

#[tokio::test]
async fn a_receipt_is_signed_with_its_query_and_moves_the_message_it_names() {
    let world = world(false).await;
    let fields = [
        ("MessageSid", "SM1"),
        ("From", AMINA),
        ("Body", "who do i talk to about sam"),
    ];
    let inbound = "/hooks/kingfisher-sms";
    world
        .ask(twilio(
            inbound,
            &encoded(&fields),
            Some(&signature(inbound, &fields)),
        ))
        .await;
    let endpoint = world.rig.d.endpoint("kingfisher-sms").unwrap();
    crate::inbox::drain(&world.rig.d).await.unwrap();
    let mut tx = world.rig.d.store.read().await.unwrap();
    let sent = tx.written_to(&endpoint.id, AMINA, Moment(0)).await.unwrap();
    drop(tx);
    let id = sent.first().unwrap().id;

    let path = format!("{inbound}/status?outbox={id}");
    let fields = [("MessageSid", "SM9"), ("MessageStatus", "delivered")];
    let other = signature(&format!("{inbound}/status"), &fields);
    let answer = world
        .ask(twilio(&path, &encoded(&fields), Some(&other)))
        .await;
    assert_eq!(
        answer.status,
        StatusCode::FORBIDDEN,
        "the query is signed too"
    );
    let right = signature(&path, &fields);
    assert_eq!(
        world
            .ask(twilio(&path, &encoded(&fields), Some(&right)))
            .await
            .status,
        StatusCode::OK
    );
    let mut tx = world.rig.d.store.read().await.unwrap();
    let row = tx.outbox_row(id).await.unwrap().unwrap();
    assert_eq!(row.status(), crate::channel::Status::Delivered);
}

#[tokio::test]
async fn telegram_shows_its_secret() {
    let world = world(false).await;
    let update = r#"{"update_id": 7, "message": {"message_id": 3, "date": 1764590000,
        "chat": {"id": 42, "type": "private", "first_name": "A"}, "text": "who do i talk to"}}"#;
    for (secret, body, expected) in [
        (None, update, StatusCode::FORBIDDEN),
        (Some("telegram-test-secreT"), update, StatusCode::FORBIDDEN),
        (Some(SECRET), "not JSON", StatusCode::BAD_REQUEST),
        (Some(SECRET), update, StatusCode::OK),
        (Some(SECRET), update, StatusCode::OK),
    ] {
        let mut request = Request::post("/hooks/kingfisher-telegram");
        if let Some(secret) = secret {
            request = request.header("X-Telegram-Bot-Api-Secret-Token", secret);
        }
        let answer = world.ask(request.body(Body::from(body)).unwrap()).await;
        assert_eq!(answer.status, expected, "{secret:?} {body}");
    }
    assert_eq!(world.stored().await, 1);
}
