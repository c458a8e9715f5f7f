//! What staff do on a case's page or on Today when it is too late, twice, or not theirs.

use axum::http::StatusCode;

use super::{AMINA, world};

#[tokio::test]
async fn what_is_to_do_in_a_case_goes_with_its_seal_to_the_leads() {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, not sleeping")
        .await
        .unwrap();
    world.rig.hear(AMINA, "0").await.unwrap();
    let office = world.signed_in("park").await;
    let asks = "Asked for a person";
    let today = world.get("/today", &office, &[]).await.body;
    assert!(today.contains(asks), "{today}");
    let senco = world.signed_in("cole").await;
    world.post("/c/1042/safeguarding", &senco, &[]).await;
    for who in ["park", "cole", "wright"] {
        let cookie = world.signed_in(who).await;
        let today = world.get("/today", &cookie, &[]).await.body;
        assert!(!today.contains(asks), "{who}: {today}");
    }
    let lead = world.signed_in("adeyemi").await;
    let today = world.get("/today", &lead, &[]).await.body;
    assert!(today.contains(asks), "{today}");
    // Her phone is answered as before.
    world.rig.hear(AMINA, "C-1042?").await.unwrap();
    let texts = world.rig.texts_to(AMINA).await.unwrap();
    let last = texts.last().unwrap();
    assert!(last.contains("C-1042 is saved"), "{last}");
}

#[tokio::test]
async fn a_request_is_not_ticked_off_a_list() {
    let world = world(false).await;
    let office = world.signed_in("park").await;
    let asked = [
        ("person", "pupil:sam"),
        ("asked_by", "Amina Yusuf, by letter"),
        ("received", "2026-11-30"),
    ];
    let taken = world.post("/requests", &office, &asked).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER, "{}", taken.body);
    let today = world.get("/today", &office, &[]).await.body;
    assert!(today.contains("under Requests"), "{today}");
    let mut tx = world.rig.d.store.read().await.unwrap();
    let tasks = tx.open_tasks("kingfisher").await.unwrap();
    let task = tasks.iter().find(|t| t.kind == "subject-access").unwrap();
    drop(tx);
    let done = format!("/tasks/{}/done", task.id);
    let done = world.post(&done, &office, &[]).await;
    assert_eq!(done.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_same_words_pressed_twice_are_one_reply() {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, not sleeping")
        .await
        .unwrap();
    let senco = world.signed_in("cole").await;
    let replies = async || {
        let case = world.rig.case("C-1042").await.unwrap();
        let mut tx = world.rig.d.store.read().await.unwrap();
        let entries = tx.chronology(case.id).await.unwrap();
        let from_her = |e: &&crate::store::Entry| e.kind == "message-out" && e.author == "mrs-cole";
        entries.iter().filter(from_her).count()
    };
    let words = [("words", "I will ring you at 3.")];
    for _ in 0..2 {
        let sent = world.post("/c/1042/reply", &senco, &words).await;
        assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    }
    assert_eq!(replies().await, 1);
    let minutes = jiff::SignedDuration::from_mins(5);
    world
        .rig
        .d
        .clock
        .advance_to(world.rig.d.clock.now() + minutes);
    world.post("/c/1042/reply", &senco, &words).await;
    assert_eq!(replies().await, 2, "said again later, it is said again");
}

#[tokio::test]
async fn nobody_answers_over_words_that_did_not_stand_on_their_page() {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, not sleeping")
        .await
        .unwrap();
    let senco = world.signed_in("cole").await;
    let page = world.get("/c/1042", &senco, &[]).await.body;
    let seen = page.split("name=\"seen\" value=\"").nth(1).unwrap();
    let seen = seen.split('"').next().unwrap();
    world
        .rig
        .hear(AMINA, "and he cries before school")
        .await
        .unwrap();
    for (act, more) in [
        ("reply", ""),
        ("note", ""),
        ("call", ""),
        ("step", "discussed"),
    ] {
        let form = [("words", "Fine, see you."), ("seen", seen), ("to", more)];
        let answer = world.post(&format!("/c/1042/{act}"), &senco, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{act}");
        assert!(
            answer.body.contains("They have written since you opened"),
            "{act}"
        );
        assert!(
            answer.body.contains("Fine, see you."),
            "{act}: what was typed"
        );
    }
    let given = [("staff", "mr-wright"), ("seen", seen)];
    let answer = world.post("/c/1042/assign", &senco, &given).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
}
