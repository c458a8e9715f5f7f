//! Your account: a password, a phone, and where somebody is signed in.

use axum::http::{StatusCode, header};
use jiff::SignedDuration;
use totp_rs::{Builder, Secret};

use super::{PASSWORD, world};

const NEW: &str = "four other words here";

#[tokio::test]
async fn another_password_ends_every_other_session_and_keeps_this_one_by_another_token() {
    let world = world(false).await;
    let here = world.signed_in("hughes").await;
    let there = world.signed_in("hughes").await;
    let change = async |cookie: &str, current: &str, new: &str| {
        let form = [("current", current), ("new", new)];
        world.post("/account/password", cookie, &form).await
    };
    let wrong = change(&here, "not the password", NEW).await;
    assert!(wrong.body.contains("That is not your password."));
    let short = change(&here, PASSWORD, "short").await;
    assert!(short.body.contains("The password has 5 characters"));
    assert_eq!(short.status, StatusCode::UNPROCESSABLE_ENTITY);

    let changed = change(&here, PASSWORD, NEW).await;
    assert_eq!(changed.location(), "/account?done=password");
    let set = changed.headers[header::SET_COOKIE].to_str().unwrap();
    let now = set.split(';').next().unwrap().to_owned();
    assert_ne!(now, here);
    for (cookie, status) in [
        (&here, StatusCode::SEE_OTHER),
        (&there, StatusCode::SEE_OTHER),
        (&now, StatusCode::OK),
    ] {
        assert_eq!(world.get("/account", cookie, &[]).await.status, status);
    }
    for (password, status) in [
        (PASSWORD, StatusCode::UNPROCESSABLE_ENTITY),
        (NEW, StatusCode::SEE_OTHER),
    ] {
        let form = [
            ("email", "hughes@kingfisher.example"),
            ("password", password),
        ];
        assert_eq!(world.post("/sign-in", "", &form).await.status, status);
    }
    for _ in 0..5 {
        change(&now, "a guess at a desk", NEW).await;
    }
    let shut = change(&now, NEW, PASSWORD).await;
    assert!(
        shut.body.contains("too many wrong passwords"),
        "{}",
        shut.body
    );
}

#[tokio::test]
async fn somebody_sees_where_they_are_signed_in_and_ends_what_is_not_theirs() {
    let world = world(false).await;
    let form = [
        ("email", "hughes@kingfisher.example"),
        ("password", PASSWORD),
    ];
    let there = world.post("/sign-in", "", &form).await;
    let there = there.headers[header::SET_COOKIE].to_str().unwrap();
    let there = there.split(';').next().unwrap().to_owned();
    world.later(SignedDuration::from_mins(5));
    let here = world.signed_in("hughes").await;
    let other = world.signed_in("cole").await;
    let page = world.get("/account", &here, &[]).await.body;
    assert_eq!(page.matches("(this one)").count(), 1, "{page}");
    let ends: Vec<&str> = page
        .split('"')
        .filter(|part| part.starts_with("/account/sessions/") && part.ends_with("/end"))
        .filter(|part| *part != "/account/sessions/end")
        .collect();
    assert_eq!(ends.len(), 1, "{page}");

    let not_theirs = world.post(ends[0], &other, &[]).await;
    assert_eq!(not_theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(
        world.get("/today", &there, &[]).await.status,
        StatusCode::OK
    );
    let ended = world.post(ends[0], &here, &[]).await;
    assert_eq!(ended.location(), "/account?done=session");
    assert_eq!(
        world.get("/today", &there, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    let again = world.post(ends[0], &here, &[]).await;
    assert_eq!(again.status, StatusCode::NOT_FOUND);

    let (one, two) = (
        world.signed_in("hughes").await,
        world.signed_in("hughes").await,
    );
    world.post("/account/sessions/end", &here, &[]).await;
    for (cookie, status) in [
        (&one, StatusCode::SEE_OTHER),
        (&two, StatusCode::SEE_OTHER),
        (&here, StatusCode::OK),
        (&other, StatusCode::OK),
    ] {
        assert_eq!(world.get("/today", cookie, &[]).await.status, status);
    }
}

#[tokio::test]
async fn another_phone_takes_the_password_and_a_code_of_its_own() {
    let world = world(false).await;
    let here = world.signed_in("hughes").await;
    let there = world.signed_in("hughes").await;
    let page = world.get("/account/second-step", &here, &[]).await.body;
    let letters = page.split("<code>").nth(1).unwrap();
    let letters = letters.split("</code>").next().unwrap().replace(' ', "");
    let app = Builder::new().with_secret(Secret::try_from_base32(&letters).unwrap());
    let now = u64::try_from(world.rig.d.clock.now().as_second()).unwrap();
    let code = app.build_noncompliant().generate(now).to_string();
    let take = async |password: &str, code: &str| {
        let form = [("password", password), ("code", code)];
        world.post("/account/second-step", &here, &form).await
    };
    let wrong = take("not the password", &code).await;
    assert!(wrong.body.contains("That is not your password."));
    let wrong = take(PASSWORD, "000000").await;
    assert!(wrong.body.contains("That code is not right"));
    let taken = take(PASSWORD, &code).await;
    assert_eq!(
        taken.body.matches("<li><code>").count(),
        10,
        "{}",
        taken.body
    );
    let set = taken.headers[header::SET_COOKIE].to_str().unwrap();
    let now = set.split(';').next().unwrap().to_owned();
    for cookie in [&here, &there] {
        let answer = world.get("/today", cookie, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER);
    }
    let page = world.get("/account", &now, &[]).await.body;
    assert!(page.contains("Recovery codes left: 10 of 10."), "{page}");

    let form = [
        ("email", "hughes@kingfisher.example"),
        ("password", PASSWORD),
    ];
    let asked = world.post("/sign-in", "", &form).await;
    assert_eq!(
        asked.location(),
        "/sign-in/code?next=",
        "whoever has one is asked for it"
    );
}
