//! Staff at the console, and a newcomer at the handset.

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use jiff::SignedDuration;

use super::{AMINA, world};

#[tokio::test]
async fn a_session_ends_when_nothing_is_done_and_a_page_that_renews_itself_does_nothing() {
    let world = world(false).await;
    let cookie = world.signed_in("cole").await;
    let later = |minutes| {
        let now = world.rig.d.clock.now();
        world
            .rig
            .d
            .clock
            .advance_to(now + SignedDuration::from_mins(minutes));
    };
    later(20);
    assert_eq!(
        world.get("/today", &cookie, &[]).await.status,
        StatusCode::OK
    );
    later(20);
    let refresh = [("x-schoolgate-refresh", "1")];
    assert_eq!(
        world.get("/today", &cookie, &refresh).await.status,
        StatusCode::OK
    );
    later(20);
    assert_eq!(
        world.get("/today", &cookie, &refresh).await.status,
        StatusCode::SEE_OTHER
    );

    let cookie = world.signed_in("cole").await;
    world.post("/sign-out", &cookie, &[]).await;
    assert_eq!(
        world.get("/today", &cookie, &[]).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn a_form_from_another_site_does_nothing() {
    let world = world(true).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, not sleeping")
        .await
        .unwrap();
    let cookie = world.signed_in("cole").await;
    for (name, value) in [
        ("origin", "https://evil.example"),
        ("sec-fetch-site", "cross-site"),
    ] {
        for path in [
            "/c/1042/acknowledge",
            "/c/1042/safeguarding",
            "/sign-in",
            "/handset",
        ] {
            let request = Request::post(path)
                .header(header::COOKIE, &cookie)
                .header(header::HOST, "school.example")
                .header(name, value)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let answer = world
                .ask(request.body(Body::from("from=today")).unwrap())
                .await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {name}");
            assert!(answer.body.contains("nothing was done"));
        }
    }
    assert!(
        world
            .get("/today", &cookie, &[])
            .await
            .body
            .contains("I have this")
    );
}

#[tokio::test]
async fn a_concern_is_acknowledged_and_answered_from_the_console() {
    let world = world(true).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, not sleeping <b>")
        .await
        .unwrap();
    let cookie = world.signed_in("cole").await;
    let today = world.get("/today", &cookie, &[]).await.body;
    assert!(
        today.contains("im worried about sam, not sleeping &#60;b&#62;"),
        "{today}"
    );

    let answer = world
        .post("/c/1042/acknowledge", &cookie, &[("from", "today")])
        .await;
    assert_eq!(answer.location(), "/today?done=acknowledged");
    let today = world.get(answer.location(), &cookie, &[]).await.body;
    assert!(today.contains("You have it.") && !today.contains("I have this"));

    let empty = world
        .post("/c/1042/reply", &cookie, &[("words", " ")])
        .await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        empty
            .body
            .contains("The message is empty: write what to say.")
    );
    let long = "x".repeat(919);
    let long = world
        .post("/c/1042/reply", &cookie, &[("words", &long)])
        .await;
    assert!(
        long.body.contains("919 characters") && long.body.contains("xxx</textarea>"),
        "what was written stays"
    );
    let words = "Thank you.\r\nI will ring.";
    assert_eq!(
        world
            .post("/c/1042/parts", &cookie, &[("words", words)])
            .await
            .body,
        "This goes out as 1 text."
    );
    let answer = world
        .post("/c/1042/reply", &cookie, &[("words", words)])
        .await;
    assert_eq!(answer.location(), "/c/1042?done=replied");
    crate::settle::settle(&world.rig.d).await.unwrap();
    let phone = world.get("/handset?as=%2B447700900101", "", &[]).await.body;
    assert!(
        phone.contains("Mrs Cole: Thank you. I will ring."),
        "{phone}"
    );

    let past = world
        .post(
            "/c/1042/ring",
            &cookie,
            &[("day", "2026-12-01"), ("time", "9am")],
        )
        .await;
    assert!(
        past.body.contains("is not a time still to come"),
        "{}",
        past.body
    );
    let ring = world
        .post(
            "/c/1042/ring",
            &cookie,
            &[("day", "2026-12-01"), ("time", "3pm")],
        )
        .await;
    assert_eq!(ring.location(), "/c/1042?done=ring");
    assert!(
        world
            .get("/c/C-1042", &cookie, &[])
            .await
            .body
            .contains("Mrs Cole will ring")
    );
    let call = world
        .post(
            "/c/1042/call",
            &cookie,
            &[("words", "Rang at 2: we meet on Friday.")],
        )
        .await;
    assert_eq!(call.location(), "/c/1042?done=called");
    let page = world.get("/c/1042", &cookie, &[]).await;
    assert!(page.body.contains("Call, by Mrs Cole") && page.body.len() < 100 * 1024);
    assert_eq!(page.headers[header::CACHE_CONTROL], "no-store");
}

#[tokio::test]
async fn what_a_parent_writes_later_is_on_today_until_somebody_has_read_it() {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, not sleeping")
        .await
        .unwrap();
    let cookie = world.signed_in("cole").await;
    world.post("/c/1042/acknowledge", &cookie, &[]).await;
    let today = async || world.get("/today", &cookie, &[]).await.body;
    assert!(!today().await.contains("They have written again"));

    let now = world.rig.d.clock.now();
    world
        .rig
        .d
        .clock
        .advance_to(now + SignedDuration::from_mins(1));
    world
        .rig
        .hear(AMINA, "he did not eat either")
        .await
        .unwrap();
    let page = today().await;
    assert!(
        page.contains("They have written again") && page.contains("he did not eat either"),
        "{page}"
    );
    let other = world.signed_in("nair").await;
    assert!(
        !world
            .get("/today", &other, &[])
            .await
            .body
            .contains("did not eat")
    );
    let read = world
        .post("/c/1042/acknowledge", &cookie, &[("from", "today")])
        .await;
    assert_eq!(read.location(), "/today?done=acknowledged");
    assert!(!today().await.contains("They have written again"));
}

#[tokio::test]
async fn each_sees_what_is_theirs_and_it_never_a_word() {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, not sleeping")
        .await
        .unwrap();
    let table = [
        ("cole", true),
        ("hughes", true),
        ("adeyemi", true),
        ("wright", true),
        ("nair", false),
        ("shah", false),
        ("evans", false),
        ("it", false),
        ("operator", false),
    ];
    for (who, sees) in table {
        let cookie = world.signed_in(who).await;
        let case = world.get("/c/1042", &cookie, &[]).await;
        let expected = if sees {
            StatusCode::OK
        } else {
            StatusCode::NOT_FOUND
        };
        assert_eq!(case.status, expected, "{who}");
        for path in ["/today", "/cases", "/health"] {
            let page = world.get(path, &cookie, &[]).await;
            assert!(!page.body.contains("not sleeping") || sees, "{who} {path}");
            assert!(!page.body.contains("Amina") || sees, "{who} {path}");
        }
        for path in [
            "/c/1042/note",
            "/c/1042/reply",
            "/c/1042/safeguarding",
            "/c/1042/acknowledge",
        ] {
            if !sees {
                let answer = world.post(path, &cookie, &[("words", "x")]).await;
                assert_eq!(answer.status, StatusCode::NOT_FOUND, "{who} {path}");
            }
        }
    }
    let cookie = world.signed_in("it").await;
    assert_eq!(
        world.get("/today", &cookie, &[]).await.location(),
        "/health"
    );
}

#[tokio::test]
async fn a_sealed_case_is_opened_by_a_person_who_may_and_by_nothing_else() {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "today he say boys hit him in toilet")
        .await
        .unwrap();
    let lead = world.signed_in("adeyemi").await;
    let paged = async || {
        let mut tx = world.rig.d.store.read().await.unwrap();
        !tx.unread_alerts("kingfisher").await.unwrap().is_empty()
    };
    let today = world.get("/today", &lead, &[]).await.body;
    assert!(
        today.contains("Open C-1042") && !today.contains("boys hit"),
        "a list holds no sealed words"
    );
    for said in [
        &[("sec-purpose", "prefetch")][..],
        &[
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-dest", "document"),
        ],
        &[("x-schoolgate-refresh", "1")],
    ] {
        let page = world.get("/c/1042", &lead, said).await;
        assert!(!page.body.contains("boys hit"), "{said:?}");
        assert!(paged().await, "{said:?}");
    }
    assert_eq!(
        world.get("/c/1042/entries/1", &lead, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    for who in ["cole", "hughes", "wright", "park"] {
        let cookie = world.signed_in(who).await;
        assert_eq!(
            world.get("/c/1042", &cookie, &[]).await.status,
            StatusCode::NOT_FOUND,
            "{who}"
        );
        assert!(
            !world
                .get("/today", &cookie, &[])
                .await
                .body
                .contains("C-1042"),
            "{who}"
        );
    }
    assert!(paged().await);
    assert!(
        world
            .get("/c/1042", &lead, &[])
            .await
            .body
            .contains("boys hit him in toilet")
    );
    assert!(!paged().await, "opening it, signed in, stops the pages");
}

#[tokio::test]
async fn anybody_can_say_that_it_is_a_safeguarding_matter() {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, not sleeping")
        .await
        .unwrap();
    let teacher = world.signed_in("hughes").await;
    let ask = world.get("/c/1042/safeguarding", &teacher, &[]).await;
    assert!(ask.body.contains("Yes, seal it"));
    assert_eq!(
        world
            .post("/c/1042/safeguarding", &teacher, &[])
            .await
            .location(),
        "/today?done=sealed"
    );
    assert_eq!(
        world.get("/c/1042", &teacher, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    let lead = world.signed_in("grant").await;
    assert!(
        world
            .get("/today", &lead, &[])
            .await
            .body
            .contains("Open C-1042")
    );
}

#[tokio::test]
async fn the_office_answers_its_two_questions_and_nobody_else_is_asked() {
    let world = world(false).await;
    let mark = "+447700900104";
    world
        .rig
        .hear(
            mark,
            "Hi its Leos dad mark reed. I want a meeting with his teacher",
        )
        .await
        .unwrap();
    let office = world.signed_in("park").await;
    let today = world.get("/today", &office, &[]).await.body;
    assert!(
        today.contains("A current contact?") && today.contains("Mark Reed, father of Leo (5K)"),
        "{today}"
    );
    let mut tx = world.rig.d.store.read().await.unwrap();
    let tasks = tx.open_tasks("kingfisher").await.unwrap();
    drop(tx);
    let task = tasks.iter().find(|t| t.kind == "two-questions").unwrap();
    let answer = format!("/tasks/{}/answer", task.id);

    let half = world
        .post(
            &answer,
            &office,
            &[("adult", "mark-reed"), ("current", "yes")],
        )
        .await;
    assert_eq!(half.status, StatusCode::UNPROCESSABLE_ENTITY);
    let whole = [("adult", "mark-reed"), ("current", "yes"), ("order", "no")];
    let teacher = world.signed_in("okafor").await;
    assert_eq!(
        world.post(&answer, &teacher, &whole).await.status,
        StatusCode::NOT_FOUND
    );
    assert!(
        !world
            .get("/today", &teacher, &[])
            .await
            .body
            .contains("A current contact?")
    );
    assert_eq!(
        world.post(&answer, &office, &whole).await.location(),
        "/today?done=answered"
    );
    assert!(
        !world
            .get("/today", &office, &[])
            .await
            .body
            .contains("A current contact?")
    );
}

#[tokio::test]
async fn there_is_a_handset_in_a_demo_and_nowhere_else() {
    let real = world(false).await;
    for path in ["/handset", "/handset/events"] {
        assert_eq!(
            real.get(path, "", &[]).await.status,
            StatusCode::NOT_FOUND,
            "{path}"
        );
    }
    assert_eq!(
        real.post("/handset", "", &[("as", AMINA), ("words", "x")])
            .await
            .status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(real.get("/", "", &[]).await.location(), "/today");

    let demo = world(true).await;
    for words in ["who do i talk to", "", "🙂🙂", &"a".repeat(10_000)] {
        let answer = demo
            .post("/handset", "", &[("as", AMINA), ("words", words)])
            .await;
        assert_eq!(answer.location(), "/handset?as=%2B447700900101");
    }
    let bytes = Request::post("/handset")
        .body(Body::from("as=%2B447700900101&words=%00%ff"))
        .unwrap();
    assert_eq!(demo.ask(bytes).await.status, StatusCode::SEE_OTHER);
    assert_eq!(
        demo.post("/handset", "", &[("as", "nobody"), ("words", "x")])
            .await
            .status,
        StatusCode::BAD_REQUEST
    );
    // A `+` in an address is a space; the phone is found all the same.
    let page = demo.get("/handset?as=+447700900101", "", &[]).await;
    assert!(page.body.contains("Amina Yusuf (mother of Sam, 3H)</h2>"));
    assert!(page.body.len() < 100 * 1024);
}

#[tokio::test]
async fn every_answer_keeps_browsers_from_doing_more_than_they_should() {
    let world = world(true).await;
    for path in ["/", "/sign-in", "/handset", "/nowhere", "/healthz"] {
        let answer = world.get(path, "", &[]).await;
        let policy = answer.headers[header::CONTENT_SECURITY_POLICY]
            .to_str()
            .unwrap();
        assert!(
            policy.contains("frame-ancestors 'none'") && !policy.contains("unsafe"),
            "{path}"
        );
        assert_eq!(
            answer.headers[header::X_CONTENT_TYPE_OPTIONS],
            "nosniff",
            "{path}"
        );
        assert_eq!(
            answer.headers[header::REFERRER_POLICY],
            "no-referrer",
            "{path}"
        );
        assert!(
            !answer.body.contains("<style") && !answer.body.contains(" style="),
            "{path}"
        );
    }
    let page = world.get("/sign-in", "", &[]).await.body;
    let css = page
        .split('"')
        .find(|part| part.ends_with("console.css"))
        .unwrap();
    let file = world.get(css, "", &[]).await;
    assert_eq!(
        file.headers[header::CACHE_CONTROL],
        "public, max-age=31536000, immutable"
    );
    let old = world.get("/assets/0/console.css", "", &[]).await;
    assert_eq!(old.headers[header::CACHE_CONTROL], "no-cache");
    assert_eq!(
        world.get("/assets/0/../mod.rs", "", &[]).await.status,
        StatusCode::NOT_FOUND
    );
    let wrong = Request::builder()
        .method(Method::DELETE)
        .uri("/sign-in")
        .body(Body::empty())
        .unwrap();
    assert_eq!(
        world.ask(wrong).await.status,
        StatusCode::METHOD_NOT_ALLOWED
    );
}

#[tokio::test]
async fn today_says_when_texts_do_not_leave_or_do_not_arrive_and_health_says_why() {
    let world = world(false).await;
    let (cole, it) = (world.signed_in("cole").await, world.signed_in("it").await);
    let said = async || {
        let today = world.get("/today", &cole, &[]).await.body;
        let health = world.get("/health", &it, &[]).await.body;
        (
            today.contains("may not be leaving"),
            today.contains("may not be arriving"),
            health.contains("no connection to Twilio"),
        )
    };
    assert_eq!(said().await, (false, false, false));
    let now = world.rig.d.clock.now();
    let ago = |minutes| crate::store::Moment::from(now - SignedDuration::from_mins(minutes));
    let mut failing = crate::store::Failing {
        endpoint: "kingfisher-sms".to_owned(),
        failures: 1,
        failing_since: ago(5),
        rests_until: None,
        why: "no connection to Twilio".to_owned(),
    };
    let mut canary = crate::store::Canary {
        endpoint: "kingfisher-sms".to_owned(),
        code: "AA11BB".to_owned(),
        sent_at: Some(ago(10)),
        heard_at: None,
        missed_at: Some(ago(5)),
        next_at: ago(-60),
    };
    let keep = async |failing: &crate::store::Failing, canary: &crate::store::Canary| {
        let mut tx = world.rig.d.store.begin().await.unwrap();
        tx.keep_failing(failing).await.unwrap();
        tx.keep_canary(canary).await.unwrap();
        tx.save().await.unwrap();
    };
    keep(&failing, &canary).await;
    assert_eq!(said().await, (false, true, true), "once is no failing");
    failing.failures = 2;
    failing.rests_until = Some(ago(-1));
    canary.heard_at = Some(ago(0));
    keep(&failing, &canary).await;
    assert_eq!(said().await, (true, false, true));
    let mut tx = world.rig.d.store.begin().await.unwrap();
    tx.works_again("kingfisher-sms").await.unwrap();
    tx.save().await.unwrap();
    assert_eq!(said().await, (false, false, false));
}

#[tokio::test]
async fn what_no_page_can_read_is_answered_by_a_page() {
    let world = world(false).await;
    let senco = world.signed_in("cole").await;
    let huge = "/c/1042/entries/999999999999999999999";
    let nowhere = world.get(huge, &senco, &[]).await;
    assert_eq!(nowhere.status, StatusCode::NOT_FOUND);
    assert!(nowhere.body.contains("Page not found"), "{}", nowhere.body);
    world.rig.hear(AMINA, "im worried about sam").await.unwrap();
    let long = "x".repeat(2 * crate::web::LARGEST_BODY);
    let note = [("words", long.as_str())];
    let refused = world.post("/c/1042/note", &senco, &note).await;
    assert_eq!(refused.status, StatusCode::PAYLOAD_TOO_LARGE);
    assert!(
        refused.body.contains("what you wrote is still there"),
        "{}",
        refused.body
    );
}
