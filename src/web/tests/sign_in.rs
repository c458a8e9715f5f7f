//! Signing in: the password, the second step, and what is refused.

use axum::http::{StatusCode, header};
use jiff::SignedDuration;
use totp_rs::{Builder, Secret};

use super::{Answer, PASSWORD, World, world};
use crate::web::second_step::recovery_token;

/// What the app of whoever is set up here makes codes from.
const SECRET: [u8; 20] = [7; 20];

const RECOVERY: &str = "k3f8-0000-abcd-wxyz";

const HALF_A_MINUTE: SignedDuration = SignedDuration::from_secs(30);

impl World {
    /// Gives the password, from a browser that holds a cookie already or none: the answer, and the
    /// cookie it sets.
    async fn password(&self, surname: &str, cookie: &str) -> (Answer, String) {
        let email = format!("{surname}@kingfisher.example");
        let form = [("email", email.as_str()), ("password", PASSWORD)];
        let answer = self.post("/sign-in", cookie, &form).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
        let cookie = set(&answer);
        (answer, cookie)
    }

    /// Somebody has set up their phone, and has one recovery code.
    async fn has_a_phone(&self, staff: &str) {
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let codes = [recovery_token(RECOVERY)];
        tx.set_second_step("kingfisher", staff, &SECRET, 0, &codes)
            .await
            .unwrap();
        tx.save().await.unwrap();
    }

    /// What an app with this secret shows now.
    fn code(&self, secret: &[u8]) -> String {
        let app = Builder::new().with_secret(Secret::new(secret.into()));
        let now = u64::try_from(self.rig.d.clock.now().as_second()).unwrap();
        app.build_noncompliant().generate(now).to_string()
    }

    async fn give(&self, code: &str, cookie: &str) -> Answer {
        self.post("/sign-in/code", cookie, &[("code", code)]).await
    }

    /// Whether whoever holds a cookie is signed in.
    async fn is_in(&self, cookie: &str) -> bool {
        self.get("/today", cookie, &[]).await.status == StatusCode::OK
    }
}

/// The cookie that an answer sets.
fn set(answer: &Answer) -> String {
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.ends_with("; Path=/; Secure; HttpOnly; SameSite=Lax"),
        "{cookie}"
    );
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn signing_in_tells_nobody_who_has_an_account_and_five_wrong_passwords_are_enough() {
    let world = world(false).await;
    let answer = world.get("/c/1042", "", &[]).await;
    assert_eq!(
        (answer.status, answer.location()),
        (StatusCode::SEE_OTHER, "/sign-in?next=%2Fc%2F1042")
    );
    assert_eq!(
        world
            .post("/c/1042/note", "", &[("words", "x")])
            .await
            .status,
        StatusCode::UNAUTHORIZED
    );

    let wrong = |email: &'static str| [("email", email), ("password", "not the password")];
    let unknown = world
        .post("/sign-in", "", &wrong("nobody@kingfisher.example"))
        .await;
    let known = world
        .post("/sign-in", "", &wrong("hughes@kingfisher.example"))
        .await;
    assert_eq!(unknown.status, StatusCode::UNPROCESSABLE_ENTITY);
    let no_email = |body: &str| body.replace("nobody@", "").replace("hughes@", "");
    assert_eq!(no_email(&unknown.body), no_email(&known.body));

    for _ in 0..4 {
        world
            .post("/sign-in", "", &wrong("Hughes@kingfisher.example "))
            .await;
    }
    let right = [
        ("email", "hughes@kingfisher.example"),
        ("password", PASSWORD),
    ];
    let shut = world.post("/sign-in", "", &right).await;
    assert_eq!(shut.status, StatusCode::TOO_MANY_REQUESTS);
    assert!(shut.body.contains("Wait 5 minutes"), "{}", shut.body);
    world.later(SignedDuration::from_mins(5));
    let cookie = world.password("hughes", "").await.1;
    assert_eq!(
        world.get("/today", &cookie, &[]).await.status,
        StatusCode::OK
    );
    let next = [
        ("email", "hughes@kingfisher.example"),
        ("password", PASSWORD),
        ("next", "//evil.example"),
    ];
    assert_eq!(world.post("/sign-in", "", &next).await.location(), "/today");
}

#[tokio::test]
async fn a_password_alone_opens_nothing_to_whoever_has_a_second_step() {
    let world = world(false).await;
    world.has_a_phone("mrs-cole").await;
    let (answer, half) = world.password("cole", "").await;
    assert_eq!(answer.location(), "/sign-in/code?next=");
    for path in ["/today", "/c/1042", "/account", "/account/second-step"] {
        let answer = world.get(path, &half, &[]).await;
        assert!(answer.location().starts_with("/sign-in?next="), "{path}");
    }
    let page = world.get("/sign-in/code?next=%2Fcases", &half, &[]).await;
    assert!(page.body.contains("value=\"/cases\""), "{}", page.body);
    let set_up = world.get("/sign-in/set-up", &half, &[]).await;
    assert_eq!(
        set_up.location(),
        "/sign-in/code?next=",
        "nobody sets up another phone with the password alone"
    );
    let form = [("code", world.code(&SECRET))];
    let form = form.each_ref().map(|(name, code)| (*name, code.as_str()));
    let set_up = world.post("/sign-in/set-up", &half, &form).await;
    assert_eq!(set_up.location(), "/sign-in");

    let wrong = world.give("000000", &half).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(wrong.body.contains("That code is not right"));
    assert!(!world.is_in(&half).await);

    let code = world.code(&SECRET);
    let form = [("code", code.as_str()), ("next", "/cases")];
    let right = world.post("/sign-in/code", &half, &form).await;
    assert_eq!(right.location(), "/cases");
    let whole = set(&right);
    assert!(world.is_in(&whole).await);
    let loops = world
        .get("/sign-in?next=%2Fsign-in%2Fcode", &whole, &[])
        .await;
    assert_eq!(loops.location(), "/today");
}

#[tokio::test]
async fn a_code_counts_once_and_so_do_those_before_it() {
    let world = world(false).await;
    world.has_a_phone("mrs-cole").await;
    let earlier = world.code(&SECRET);
    world.later(HALF_A_MINUTE);
    let code = world.code(&SECRET);
    let (_, half) = world.password("cole", "").await;
    assert_eq!(world.give(&code, &half).await.status, StatusCode::SEE_OTHER);
    for replayed in [&code, &earlier] {
        let (_, half) = world.password("cole", "").await;
        let again = world.give(replayed, &half).await;
        assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(!world.is_in(&half).await);
    }
    world.later(HALF_A_MINUTE);
    let (_, half) = world.password("cole", "").await;
    let next = world.give(&world.code(&SECRET), &half).await;
    assert!(world.is_in(&set(&next)).await);
}

#[tokio::test]
async fn a_recovery_code_stands_in_for_the_phone_once() {
    let world = world(false).await;
    world.has_a_phone("mrs-cole").await;
    let (_, half) = world.password("cole", "").await;
    let typed = " K3F8 OOOO abcd wxyz ";
    let right = world.give(typed, &half).await;
    assert!(world.is_in(&set(&right)).await);
    let page = world.get("/account", &set(&right), &[]).await.body;
    assert!(page.contains("Recovery codes left: 0 of 10."), "{page}");
    let (_, half) = world.password("cole", "").await;
    let again = world.give(RECOVERY, &half).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn five_wrong_codes_are_enough_and_the_password_does_not_forgive_them() {
    let world = world(false).await;
    world.has_a_phone("mrs-cole").await;
    let (_, half) = world.password("cole", "").await;
    for wrong in ["000000", "k3f8-0000-abcd-wxy0", "", "12345678", "000001"] {
        let answer = world.give(wrong, &half).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{wrong}");
    }
    let (_, half) = world.password("cole", "").await;
    for right in [world.code(&SECRET).as_str(), RECOVERY] {
        let shut = world.give(right, &half).await;
        assert_eq!(shut.status, StatusCode::TOO_MANY_REQUESTS);
        assert!(shut.body.contains("Wait 30 minutes"), "{}", shut.body);
    }
    world.has_a_phone("mrs-adeyemi").await;
    let (_, other) = world.password("adeyemi", "").await;
    let other = world.give(&world.code(&SECRET), &other).await;
    assert!(world.is_in(&set(&other)).await, "others are not shut out");
    world.later(SignedDuration::from_mins(30));
    let (_, half) = world.password("cole", "").await;
    let right = world.give(&world.code(&SECRET), &half).await;
    assert!(world.is_in(&set(&right)).await);
}

#[tokio::test]
async fn whoever_reads_across_the_school_sets_up_a_phone_before_they_see_anything() {
    let world = world(false).await;
    for who in ["cole", "adeyemi", "grant", "wright", "it", "operator"] {
        let (answer, _) = world.password(who, "").await;
        assert_eq!(answer.location(), "/sign-in/set-up?next=", "{who}");
    }
    for who in ["hughes", "baker", "park", "shah", "evans"] {
        let (answer, cookie) = world.password(who, "").await;
        assert_eq!(answer.location(), "/today", "{who}");
        assert!(world.is_in(&cookie).await, "{who}");
    }

    let (_, half) = world.password("cole", "").await;
    let page = world.get("/sign-in/set-up?next=%2Fcases", &half, &[]).await;
    let again = world.get("/sign-in/set-up?next=%2Fcases", &half, &[]).await;
    assert_eq!(page.body, again.body, "one picture, however often it loads");
    assert!(page.body.contains("<svg") && !page.body.contains("data:"));
    let letters = page.body.split("<code>").nth(1).unwrap();
    let letters = letters.split("</code>").next().unwrap().replace(' ', "");
    let secret = Secret::try_from_base32(&letters).unwrap();
    let secret = secret.as_bytes();
    let wrong = [("code", "000000"), ("next", "/cases")];
    let wrong = world.post("/sign-in/set-up", &half, &wrong).await;
    assert_eq!(wrong.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        wrong
            .body
            .contains(&page.body[page.body.find("<svg").unwrap()..][..300])
    );

    let (_, elsewhere) = world.password("cole", "").await;
    world.get("/sign-in/set-up", &elsewhere, &[]).await;
    let code = world.code(secret);
    let form = [("code", code.as_str()), ("next", "/cases")];
    let done = world.post("/sign-in/set-up", &half, &form).await;
    assert_eq!(done.status, StatusCode::OK, "{}", done.body);
    assert!(done.body.contains("href=\"/cases\""));
    let whole = set(&done);
    assert!(world.is_in(&whole).await && !world.is_in(&half).await);
    let codes: Vec<&str> = done.body.split("<li><code>").skip(1).collect();
    assert_eq!(codes.len(), 10);
    let recovery = codes[9].split("</code>").next().unwrap();

    // Whoever had the password alone meanwhile sets up nothing in its place.
    let late = world.post("/sign-in/set-up", &elsewhere, &form).await;
    assert_eq!(
        late.status,
        StatusCode::UNAUTHORIZED,
        "that session has ended"
    );
    let (answer, half) = world.password("cole", "").await;
    assert_eq!(answer.location(), "/sign-in/code?next=");
    let replayed = world.give(&code, &half).await;
    assert_eq!(replayed.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(world.is_in(&set(&world.give(recovery, &half).await)).await);
}

#[tokio::test]
async fn each_step_has_a_token_of_its_own_and_the_one_before_is_nothing() {
    let world = world(false).await;
    world.has_a_phone("mrs-cole").await;
    // Somebody plants a session of theirs in the browser of a victim, who then signs in.
    let planted = world.signed_in("hughes").await;
    let (_, half) = world.password("cole", &planted).await;
    assert_ne!(half, planted);
    assert!(!world.is_in(&planted).await, "the planted one has ended");
    let whole = set(&world.give(&world.code(&SECRET), &half).await);
    assert_ne!(whole, half);
    let before = world.give(RECOVERY, &half).await;
    assert_eq!(
        before.status,
        StatusCode::UNAUTHORIZED,
        "the half has ended"
    );
    assert!(world.is_in(&whole).await);
    // And one that nobody was given is not taken up.
    let (_, mine) = world.password("hughes", "__Host-schoolgate=fixed").await;
    assert_ne!(mine, "__Host-schoolgate=fixed");
}

#[tokio::test]
async fn whoever_leaves_the_second_step_begins_again_after_a_quarter_of_an_hour() {
    let world = world(false).await;
    world.has_a_phone("mrs-cole").await;
    let (_, half) = world.password("cole", "").await;
    world.later(SignedDuration::from_mins(15));
    let late = world.give(&world.code(&SECRET), &half).await;
    assert_eq!(late.status, StatusCode::UNAUTHORIZED);
    let page = world.get("/sign-in/code", &half, &[]).await;
    assert!(page.location().starts_with("/sign-in?next="));
}

#[tokio::test]
async fn in_a_demo_no_second_step_is_asked_and_the_pages_say_so() {
    let world = world(true).await;
    let page = world.get("/sign-in", "", &[]).await.body;
    assert!(page.contains("nobody is asked for a code"));
    let (answer, cookie) = world.password("cole", "").await;
    assert_eq!(answer.location(), "/today");
    assert!(world.is_in(&cookie).await);
    let page = world.get("/account", &cookie, &[]).await.body;
    assert!(page.contains("This is a demo"), "{page}");
}
