//! Settings, Staff: who can sign in, and invitations by a link that works once.

use axum::http::{StatusCode, header};
use jiff::SignedDuration;

use super::{World, world, world_with};
use crate::config::{Config, Email, Tls};

const NEW: &str = "four other words here";

impl World {
    /// Invites somebody, without email: the path of the link that is shown.
    async fn invited(&self, key: &str, cookie: &str) -> String {
        let path = format!("/settings/staff/{key}/invite");
        let page = self.post(&path, cookie, &[]).await;
        assert_eq!(page.status, StatusCode::OK, "{}", page.body);
        let link = page.body.split("https://school.example").nth(1).unwrap();
        link.split('<').next().unwrap().to_owned()
    }
}

#[tokio::test]
async fn a_link_sets_a_password_once_and_what_comes_next_is_asked_for() {
    let world = world(false).await;
    let senco = world.signed_in("cole").await;
    let before = world.signed_in("wright").await;
    let first = world.invited("mr-wright", &senco).await;
    let second = world.invited("mr-wright", &senco).await;
    let staff = world.get("/settings/staff", &senco, &[]).await.body;
    assert!(staff.contains("The link works until"), "{staff}");
    assert!(!staff.contains("/invitation/"), "it is shown once");

    let choose =
        async |path: &str, password: &str| world.post(path, "", &[("password", password)]).await;
    for path in [&first, "/invitation/", "/invitation/0"] {
        let none = world.get(path, "", &[]).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND, "{path}");
        let none = choose(path, NEW).await;
        assert_eq!(none.status, StatusCode::NOT_FOUND, "only the newest works");
    }
    // A mail server looks before people do.
    for _ in 0..3 {
        let page = world.get(&second, "", &[]).await;
        assert!(
            page.body.contains("Mr Wright, this is how"),
            "{}",
            page.body
        );
    }
    let short = choose(&second, "short").await;
    assert!(short.body.contains("The password has 5 characters"));
    let chosen = choose(&second, NEW).await;
    assert_eq!(
        chosen.location(),
        "/sign-in/set-up?next=",
        "the head sees nothing without a second step"
    );
    let used = choose(&second, "yet another one").await;
    assert_eq!(used.status, StatusCode::NOT_FOUND);
    let gone = world.get(&second, "", &[]).await;
    assert!(gone.body.contains("works once, for 7 days"));
    assert_eq!(
        world.get("/today", &before, &[]).await.status,
        StatusCode::SEE_OTHER,
        "whoever was signed in with the old one is not any more"
    );

    let teacher = world.invited("mr-hughes", &senco).await;
    let chosen = choose(&teacher, NEW).await;
    assert_eq!(chosen.location(), "/today");
    let cookie = chosen.headers[header::SET_COOKIE].to_str().unwrap();
    let cookie = cookie.split(';').next().unwrap();
    let today = world.get("/today", cookie, &[]).await;
    assert!(today.body.contains("Mr Hughes"));
}

#[tokio::test]
async fn a_link_works_for_seven_days() {
    let world = world(false).await;
    let senco = world.signed_in("cole").await;
    let link = world.invited("mr-hughes", &senco).await;
    world.later(SignedDuration::from_hours(7 * 24) - SignedDuration::from_secs(1));
    assert_eq!(world.get(&link, "", &[]).await.status, StatusCode::OK);
    world.later(SignedDuration::from_secs(1));
    let old = world.get(&link, "", &[]).await;
    let never = world.get("/invitation/0", "", &[]).await;
    assert_eq!((old.status, old.body), (never.status, never.body));
    let late = world.post(&link, "", &[("password", NEW)]).await;
    assert_eq!(late.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn whoever_looks_after_sign_in_sees_who_can_and_signs_people_out() {
    let world = world(false).await;
    let it = world.signed_in("it").await;
    let teacher = world.signed_in("hughes").await;
    let page = world.get("/settings/staff", &it, &[]).await.body;
    assert!(page.contains("Mr Hughes (class teacher)") && page.contains("Not asked of them"));
    assert!(page.contains("Not yet: asked when they sign in"), "{page}");
    let out = world
        .post("/settings/staff/mr-hughes/sign-out", &it, &[])
        .await;
    assert_eq!(out.location(), "/settings/staff?done=staff-signed-out");
    assert_eq!(
        world.get("/today", &teacher, &[]).await.status,
        StatusCode::SEE_OTHER
    );
    assert_eq!(
        world.get("/settings/staff", &it, &[]).await.status,
        StatusCode::OK
    );
}

/// A mail server on this machine that is not there.
fn with_email(config: &mut Config) {
    config.email = Some(Email {
        host: "127.0.0.1".to_owned(),
        port: 1,
        tls: Tls::Plain,
        username: None,
        password: None,
        certificate: None,
        from: "texts@kingfisher.example".to_owned(),
        inbound: None,
    });
}

#[tokio::test]
async fn with_email_nobody_sees_the_link_but_whoever_it_is_for() {
    let world = world_with(false, with_email).await;
    let senco = world.signed_in("cole").await;
    let page = world
        .post("/settings/staff/mr-hughes/invite", &senco, &[])
        .await;
    assert_eq!(page.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.body
            .contains("The email to Mr Hughes could not be sent"),
        "{}",
        page.body
    );
    assert!(!page.body.contains("/invitation/"));
    let mut tx = world.rig.d.store.read().await.unwrap();
    let queued = tx
        .written_to(
            "email",
            "hughes@kingfisher.example",
            crate::store::Moment(0),
        )
        .await
        .unwrap();
    assert!(
        queued.is_empty(),
        "the outbox keeps what it sends: not this"
    );
}
