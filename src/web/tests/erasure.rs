//! Erasing words because somebody asks for it, and legal holds on a pupil, in the console.

use axum::http::StatusCode;

use super::{AMINA, world};

const NINA: &str = "+447700900108";

#[tokio::test]
async fn what_may_go_is_shown_with_the_law_and_goes_when_it_is_typed_once_more() {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, he cries before school")
        .await
        .unwrap();
    world
        .rig
        .hear(NINA, "im worried about ola, she cries before school")
        .await
        .unwrap();
    let head = world.signed_in("wright").await;
    let kept = world
        .get("/erasure?person=adult%3Aamina-yusuf", &head, &[])
        .await
        .body;
    assert!(kept.contains("Stays"), "{kept}");
    assert!(kept.contains("special educational needs"), "{kept}");
    let free = world
        .get("/erasure?person=pupil%3Aola", &head, &[])
        .await
        .body;
    assert!(free.contains("/c/1043/erase"), "{free}");

    let refused = world.get("/c/1042/entries/1/erase", &head, &[]).await.body;
    assert!(refused.contains("Nothing is erased."), "{refused}");
    assert!(!refused.contains("Erase it for good"), "{refused}");
    let entry = "/c/1043/entries/1/erase";
    let asked = world.get(entry, &head, &[]).await.body;
    assert!(asked.contains("The words of entry 1:"), "{asked}");
    assert!(asked.contains("Messages as they came in: 1."), "{asked}");
    assert!(
        !asked.contains("she cries"),
        "what goes is not said again: {asked}"
    );
    for (why, confirm, says) in [
        ("", "C-1043", "Write down why"),
        ("sent to us by mistake", "C-1042", "Type C-1043"),
    ] {
        let form = [("why", why), ("confirm", confirm)];
        let answer = world.post(entry, &head, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
        assert!(answer.body.contains(says), "{says}: {}", answer.body);
    }
    let form = [("why", "sent to us by mistake"), ("confirm", "c-1043")];
    let done = world.post(entry, &head, &form).await;
    assert_eq!(done.location(), "/c/1043?done=erased", "{}", done.body);
    let page = world.get("/c/1043", &head, &[]).await.body;
    assert!(!page.contains("she cries"), "{page}");
    assert!(
        page.contains("The words of entry 1 were erased: sent to us by mistake"),
        "{page}"
    );
    let again = world.post(entry, &head, &form).await;
    assert_eq!(again.status, StatusCode::UNPROCESSABLE_ENTITY);
    // All of a case goes once nobody waits for an answer in it.
    let open = world.get("/c/1043/erase", &head, &[]).await.body;
    assert!(open.contains("C-1043 is open: close it first"), "{open}");
    let mut tx = world.rig.d.store.read().await.unwrap();
    assert!(
        tx.verify().await.unwrap().1.is_empty(),
        "every chain is whole"
    );

    // It is nobody's but the head's and the leads'.
    for surname in ["cole", "park", "hughes"] {
        let cookie = world.signed_in(surname).await;
        for path in ["/erasure", "/c/1043/erase", entry] {
            let answer = world.get(path, &cookie, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{surname} {path}");
        }
    }
}

#[tokio::test]
async fn all_of_a_closed_case_goes_with_whom_it_was_about() {
    let world = world(false).await;
    world
        .rig
        .hear(NINA, "im worried about ola, she cries before school")
        .await
        .unwrap();
    let head = world.signed_in("wright").await;
    let mut tx = world.rig.d.store.begin().await.unwrap();
    let case = tx
        .case_by_number("kingfisher", 1042)
        .await
        .unwrap()
        .unwrap();
    let mut case = tx.hold_case("kingfisher", case.id).await.unwrap().unwrap();
    "closed".clone_into(&mut case.state);
    tx.keep_case(&case).await.unwrap();
    tx.save().await.unwrap();
    let form = [("why", "they asked on 1 December"), ("confirm", "C-1042")];
    let done = world.post("/c/1042/erase", &head, &form).await;
    assert_eq!(done.location(), "/c/1042?done=erased", "{}", done.body);
    let case = world.rig.case("C-1042").await.unwrap();
    assert_eq!(
        (case.adult, case.pupil, case.address.as_str()),
        (None, None, "")
    );
    let log = world.get("/audit", &head, &[]).await.body;
    assert!(log.contains("erased all words of C-1042"), "{log}");
}

#[tokio::test]
async fn a_hold_on_a_pupil_is_set_and_lifted_on_their_page() {
    let world = world(false).await;
    world
        .rig
        .hear(NINA, "im worried about ola, she cries before school")
        .await
        .unwrap();
    let head = world.signed_in("wright").await;
    let hold = "/pupils/ola/hold";
    let unsaid = world.post(hold, &head, &[("why", "")]).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    let set = world.post(hold, &head, &[("why", "a claim")]).await;
    assert_eq!(
        set.location(),
        "/pupils/ola?done=held-pupil",
        "{}",
        set.body
    );
    let refused = world.get("/c/1042/entries/1/erase", &head, &[]).await.body;
    assert!(refused.contains("A legal hold stands"), "{refused}");
    let lift = [("why", "settled"), ("lift", "yes")];
    let lifted = world.post(hold, &head, &lift).await;
    assert_eq!(
        lifted.location(),
        "/pupils/ola?done=lifted",
        "{}",
        lifted.body
    );
    let office = world.signed_in("park").await;
    assert_eq!(
        world.get(hold, &office, &[]).await.status,
        StatusCode::NOT_FOUND
    );
}
