//! A case from its first words to its end, and the page of it that a parent opens.

use axum::http::{StatusCode, header};

use super::{AMINA, World, world};

const WORRY: &str = "im worried about sam, he is not sleeping and cries before school";
const AGREED: &str =
    "Sam sits at the front from Monday. Mrs Cole asks him each Friday how it went.";

async fn with_concern() -> (World, String) {
    let world = world(false).await;
    world.rig.hear(AMINA, WORRY).await.unwrap();
    let cole = world.signed_in("cole").await;
    (world, cole)
}

impl World {
    /// Takes a step with C-1042; what the page says afterwards.
    async fn step(&self, cookie: &str, form: &[(&str, &str)]) -> (StatusCode, String) {
        let answer = self.post("/c/1042/step", cookie, form).await;
        match answer.status {
            StatusCode::SEE_OTHER => {
                let to = answer.location().to_owned();
                (answer.status, self.get(&to, cookie, &[]).await.body)
            }
            status => (status, answer.body),
        }
    }

    async fn case(&self) -> crate::store::Case {
        self.rig.case("C-1042").await.unwrap()
    }

    async fn kinds(&self) -> Vec<String> {
        let case = self.case().await;
        let mut tx = self.rig.d.store.read().await.unwrap();
        let entries = tx.chronology(case.id).await.unwrap();
        entries
            .into_iter()
            .map(|e| format!("{} {}", e.kind, e.audience))
            .collect()
    }
}

#[tokio::test]
async fn a_concern_is_talked_over_agreed_told_looked_at_again_and_closed() {
    let (world, cole) = with_concern().await;
    let early = [("to", "agreed"), ("words", AGREED), ("tell", "yes")];
    let (status, page) = world.step(&cole, &early).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("cannot become agreed"), "{page}");
    assert!(page.contains(AGREED), "what was typed is still there");

    let (_, page) = world
        .step(&cole, &[("to", "discussed"), ("words", "Rang her at 12.")])
        .await;
    assert!(page.contains("It is in the record."), "{page}");
    let (status, _) = world
        .step(&cole, &[("to", "agreed"), ("words", "  ")])
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    let (_, page) = world.step(&cole, &early).await;
    assert!(
        page.contains("They are told, and it is in the record."),
        "{page}"
    );
    world.rig.hear(AMINA, "thank you").await.unwrap();
    let texts = world.rig.texts_to(AMINA).await.unwrap().join("\n");
    assert!(texts.contains(&format!("Mrs Cole: {AGREED}")), "{texts}");

    let (status, _) = world.step(&cole, &[("to", "closed")]).await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a review comes first"
    );
    for day in ["", "2026-11-30", "soon"] {
        let (status, _) = world.step(&cole, &[("to", "review"), ("day", day)]).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{day}");
    }
    let (_, page) = world
        .step(&cole, &[("to", "review"), ("day", "2026-12-04")])
        .await;
    assert!(
        page.contains("to be looked at again on 4 December 2026"),
        "{page}"
    );
    let today = world.get("/today", &cole, &[]).await.body;
    assert!(
        today.contains("To be looked at again with the family"),
        "{today}"
    );
    let (_, page) = world
        .step(&cole, &[("to", "closed"), ("words", "He sleeps again.")])
        .await;
    assert!(page.contains("The case is closed."), "{page}");
    let case = world.case().await;
    assert!(case.closed_at.is_some() && case.review_at.is_none());
    let (status, _) = world
        .step(&cole, &[("to", "discussed"), ("words", "x")])
        .await;
    assert_eq!(
        status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "what is closed stays closed"
    );
    let today = world.get("/today", &cole, &[]).await.body;
    assert!(!today.contains("C-1042"), "{today}");
}

#[tokio::test]
async fn an_outcome_that_was_not_told_keeps_a_case_open() {
    let (world, cole) = with_concern().await;
    world
        .step(
            &cole,
            &[("to", "discussed"), ("words", "Talked at the gate.")],
        )
        .await;
    world
        .step(
            &cole,
            &[
                ("to", "no-change"),
                ("words", "Both want to wait until January."),
            ],
        )
        .await;
    world
        .step(&cole, &[("to", "review"), ("day", "2027-01-11")])
        .await;
    let (status, page) = world.step(&cole, &[("to", "closed")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.contains("Tell the parent the outcome before the case is closed."),
        "{page}"
    );
    let reply = [("words", "We wait until January, as we said at the gate.")];
    world.post("/c/1042/reply", &cole, &reply).await;
    let close = [("to", "closed"), ("words", "They are content to wait.")];
    let (status, _) = world.step(&cole, &close).await;
    assert_eq!(status, StatusCode::SEE_OTHER);
}

#[tokio::test]
async fn a_case_is_given_to_somebody_who_may_have_it() {
    let (world, cole) = with_concern().await;
    let page = world
        .get("/c/1042", &cole, &[("sec-fetch-mode", "navigate")])
        .await
        .body;
    assert!(
        page.contains("<option value=\"mr-wright\">Mr Wright</option>"),
        "{page}"
    );
    assert!(
        !page.contains("<option value=\"mr-evans\">"),
        "a governor reads no words"
    );
    for nobody in ["mr-evans", "it-support", "nobody", ""] {
        let answer = world
            .post("/c/1042/assign", &cole, &[("staff", nobody)])
            .await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{nobody}");
        let told = answer.body.contains("Choose who has it from now on");
        assert_eq!(told, nobody.is_empty(), "{}", answer.body);
    }
    let given = world
        .post("/c/1042/assign", &cole, &[("staff", "mr-wright")])
        .await;
    assert_eq!(given.location(), "/c/1042?done=assigned");
    assert_eq!(world.case().await.owner.as_deref(), Some("mr-wright"));
    let case = world.case().await;
    let mut tx = world.rig.d.store.read().await.unwrap();
    let told = tx.notices_of(case.id).await.unwrap();
    assert!(told.iter().any(|n| n.staff == "mr-wright"));
}

#[tokio::test]
async fn a_sealed_case_is_given_to_nobody_whom_the_seal_keeps_out() {
    let (world, cole) = with_concern().await;
    world.post("/c/1042/safeguarding", &cole, &[]).await;
    let lead = world.signed_in("adeyemi").await;
    for kept_out in ["mrs-cole", "mr-hughes"] {
        let answer = world
            .post("/c/1042/assign", &lead, &[("staff", kept_out)])
            .await;
        assert_eq!(
            answer.status,
            StatusCode::UNPROCESSABLE_ENTITY,
            "{kept_out}"
        );
    }
    let other = match world.case().await.owner.as_deref() {
        Some("mr-grant") => "mrs-adeyemi",
        _ => "mr-grant",
    };
    let answer = world
        .post("/c/1042/assign", &lead, &[("staff", other)])
        .await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
}

#[tokio::test]
async fn an_entry_is_put_right_beside_it_and_never_in_it() {
    let (world, cole) = with_concern().await;
    world
        .post("/c/1042/note", &cole, &[("words", "Rang on Monday.")])
        .await;
    let case = world.case().await;
    let seq = case.entries;
    let path = format!("/c/1042/entries/{seq}");
    let empty = world
        .post(&format!("{path}/correct"), &cole, &[("words", " ")])
        .await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    let words = [("words", "It was Tuesday."), ("of", "school")];
    world.post(&format!("{path}/correct"), &cole, &words).await;
    let page = world.get(&path, &cole, &[]).await.body;
    assert!(
        page.contains("Rang on Monday.") && page.contains("It was Tuesday."),
        "{page}"
    );
    let missing = world
        .post("/c/1042/entries/999/correct", &cole, &words)
        .await;
    assert_eq!(missing.status, StatusCode::NOT_FOUND);
    let mut tx = world.rig.d.store.read().await.unwrap();
    assert_eq!(tx.verify().await.unwrap().1, [], "the chain is whole");
}

/// Gives Amina a PIN and her page; the PIN, and the path of the page.
async fn given(world: &World, cole: &str) -> (String, String) {
    let office = world.signed_in("park").await;
    let page = world
        .post("/people/adults/amina-yusuf/pin", &office, &[])
        .await
        .body;
    let pin = page.split("govuk-heading-xl\">").nth(1).unwrap()[..6].to_owned();
    let form = [("adult", "amina-yusuf"), ("do", "give")];
    let gave = world.post("/c/1042/share", cole, &form).await;
    assert_eq!(
        gave.location(),
        "/c/1042/share?done=shared",
        "{}",
        gave.body
    );
    crate::settle::settle(&world.rig.d).await.unwrap();
    let sent = world.rig.sent_to(AMINA).await.unwrap();
    let text = sent
        .iter()
        .rfind(|row| row.body.contains("/p/"))
        .unwrap()
        .body
        .clone();
    assert!(!text.contains("Sam") && !text.contains("C-1042"), "{text}");
    let path = text.split("https://school.example").nth(1).unwrap();
    (pin, path.split(' ').next().unwrap().to_owned())
}

async fn opened(world: &World, path: &str, pin: &str) -> String {
    let answer = world.post(path, "", &[("pin", pin)]).await;
    assert_eq!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let cookie = answer.headers[header::SET_COOKIE].to_str().unwrap();
    assert!(
        cookie.contains("Secure; HttpOnly; SameSite=Strict"),
        "{cookie}"
    );
    cookie.split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_parent_opens_their_page_with_a_pin_and_adds_to_it() {
    let (world, cole) = with_concern().await;
    world
        .step(
            &cole,
            &[("to", "discussed"), ("words", "The school's own words.")],
        )
        .await;
    world
        .step(&cole, &[("to", "agreed"), ("words", AGREED)])
        .await;
    let (pin, path) = given(&world, &cole).await;
    let closed = world.get(&path, "", &[]).await.body;
    assert!(
        !closed.contains("Sam") && !closed.contains("Kingfisher"),
        "{closed}"
    );
    let cookie = opened(&world, &path, &pin).await;
    let page = world.get(&path, &cookie, &[]).await.body;
    assert!(
        page.contains("C-1042") && page.contains(AGREED) && page.contains(WORRY),
        "{page}"
    );
    assert!(!page.contains("own words"), "what is the school's: {page}");

    let right = world
        .post(&format!("{path}/answer"), &cookie, &[("right", "yes")])
        .await
        .body;
    assert!(
        right.contains("Thank you. The school sees that you have read it."),
        "{right}"
    );
    let words = "<script>x</script> He also needs the quiet room.";
    let added = world
        .post(&format!("{path}/answer"), &cookie, &[("words", words)])
        .await
        .body;
    assert!(added.contains("Your words are in the record"), "{added}");
    // Pressed twice: once in the record.
    world
        .post(&format!("{path}/answer"), &cookie, &[("words", words)])
        .await;
    crate::inbox::drain(&world.rig.d).await.unwrap();
    let statements = world
        .kinds()
        .await
        .iter()
        .filter(|k| k.starts_with("statement"))
        .count();
    assert_eq!(statements, 1);
    let case = world
        .get("/c/1042", &cole, &[("sec-fetch-mode", "navigate")])
        .await
        .body;
    assert!(case.contains("He also needs the quiet room."), "{case}");
    assert!(!case.contains("<script>x"), "{case}");
    let shared = world.get("/c/1042/share", &cole, &[]).await.body;
    assert!(shared.contains("answered"), "{shared}");
}

#[tokio::test]
async fn what_is_written_on_a_page_is_screened_like_any_message() {
    let (world, cole) = with_concern().await;
    let (pin, path) = given(&world, &cole).await;
    let cookie = opened(&world, &path, &pin).await;
    let words = "my partner hits me and sam saw it";
    world
        .post(&format!("{path}/answer"), &cookie, &[("words", words)])
        .await;
    crate::inbox::drain(&world.rig.d).await.unwrap();
    let statements = world
        .kinds()
        .await
        .iter()
        .filter(|k| k.starts_with("statement"))
        .count();
    assert_eq!(statements, 0, "sealed words stand in no other case");
    let sealed = world.rig.case("C-1043").await.unwrap();
    assert_eq!(sealed.kind, "safeguarding");
}

#[tokio::test]
async fn a_page_opens_for_nobody_else() {
    let (world, cole) = with_concern().await;
    let (pin, path) = given(&world, &cole).await;
    // A link that never was, and a wrong PIN, read alike.
    let wrong = world.post(&path, "", &[("pin", "000000x")]).await;
    let never = "/p/00000000000000000000000000000000";
    let unknown = world.post(never, "", &[("pin", &pin)]).await;
    assert_eq!(
        (wrong.status, unknown.status),
        (
            StatusCode::UNPROCESSABLE_ENTITY,
            StatusCode::UNPROCESSABLE_ENTITY
        )
    );
    assert_eq!(
        wrong.body.replace(&path, ""),
        unknown.body.replace(never, "")
    );
    // Somebody else's cookie opens nothing, and nothing can be answered without one.
    let cookie = opened(&world, &path, &pin).await;
    let without = world
        .post(&format!("{path}/answer"), "", &[("words", "x")])
        .await
        .body;
    assert!(without.contains("name=\"pin\""), "{without}");
    // After five wrong PINs the right one opens nothing either.
    let (pin, newer) = given(&world, &cole).await;
    let old = world.get(&path, &cookie, &[]).await.body;
    assert!(
        old.contains("name=\"pin\""),
        "a newer link ends the older: {old}"
    );
    for n in 0..6 {
        world.post(&newer, "", &[("pin", &format!("{n}"))]).await;
        world
            .rig
            .d
            .clock
            .advance_to(world.rig.d.clock.now() + jiff::SignedDuration::from_mins(6));
    }
    let late = world.post(&newer, "", &[("pin", &pin)]).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn nothing_goes_to_a_second_adult_before_somebody_decided_it() {
    let world = world(false).await;
    world
        .rig
        .hear("+447700900103", "im worried about leo, he is not sleeping")
        .await
        .unwrap();
    let cole = world.signed_in("cole").await;
    let page = world.get("/c/1042/share", &cole, &[]).await.body;
    assert!(
        page.contains("Sarah Reed") && page.contains("Mark Reed"),
        "{page}"
    );
    assert!(page.contains("They have not been checked"), "{page}");
    for (adult, told) in [
        ("mark-reed", "They have not been checked"),
        ("amina-yusuf", "no contact of this child"),
        ("sarah-reed", "They have no PIN"),
    ] {
        let form = [("adult", adult), ("do", "give")];
        let refused = world.post("/c/1042/share", &cole, &form).await;
        assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY, "{adult}");
        let told = told.to_lowercase();
        assert!(
            refused.body.to_lowercase().contains(&told),
            "{adult}: {}",
            refused.body
        );
    }
    // What is kept back needs a reason.
    let silent = [
        ("adult", "sarah-reed"),
        ("do", "keep"),
        ("kept", "1"),
        ("why", ""),
    ];
    let refused = world.post("/c/1042/share", &cole, &silent).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("Write why it is kept from them."),
        "{}",
        refused.body
    );
    let kept = [
        ("adult", "sarah-reed"),
        ("do", "keep"),
        ("kept", "1"),
        ("why", "names another child"),
    ];
    assert_eq!(
        world.post("/c/1042/share", &cole, &kept).await.status,
        StatusCode::SEE_OTHER
    );
}

#[tokio::test]
async fn what_is_ticked_to_be_kept_back_is_not_lost_with_the_reason() {
    let (world, cole) = with_concern().await;
    let kept = [("adult", "amina-yusuf"), ("do", "keep"), ("kept", "1")];
    world
        .post(
            "/people/adults/amina-yusuf/pin",
            &world.signed_in("park").await,
            &[],
        )
        .await;
    let refused = world.post("/c/1042/share", &cole, &kept).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("value=\"1\" checked"),
        "{}",
        refused.body
    );
    let nothing = [
        ("adult", "amina-yusuf"),
        ("do", "give"),
        ("why", "it is about another child"),
    ];
    let refused = world.post("/c/1042/share", &cole, &nothing).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("value=\"it is about another child\""),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn a_case_does_not_end_over_unread_words_and_words_after_its_end_open_it_again() {
    let (world, cole) = with_concern().await;
    for step in [
        &[("to", "discussed"), ("words", "Rang her.")] as &[_],
        &[("to", "agreed"), ("words", AGREED), ("tell", "yes")],
        &[("to", "review"), ("day", "2026-12-04")],
    ] {
        world.step(&cole, step).await;
    }
    let (pin, path) = given(&world, &cole).await;
    let cookie = opened(&world, &path, &pin).await;
    let says = async |words: &str| {
        let answer = format!("{path}/answer");
        world.post(&answer, &cookie, &[("words", words)]).await;
        crate::inbox::drain(&world.rig.d).await.unwrap();
    };
    let minute = jiff::SignedDuration::from_mins(1);
    world
        .rig
        .d
        .clock
        .advance_to(world.rig.d.clock.now() + minute);
    says("It is worse.").await;
    let (status, page) = world
        .step(&cole, &[("to", "closed"), ("words", "done")])
        .await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(page.contains("They have written since"), "{page}");
    world
        .rig
        .d
        .clock
        .advance_to(world.rig.d.clock.now() + minute);
    world.post("/c/1042/acknowledge", &cole, &[]).await;
    let (status, page) = world.step(&cole, &[("to", "closed")]).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        page.contains("write why it is closed before that"),
        "{page}"
    );
    let why = [("to", "closed"), ("words", "they moved away")];
    let (_, page) = world.step(&cole, &why).await;
    assert!(page.contains("The case is closed."), "{page}");
    world
        .rig
        .d
        .clock
        .advance_to(world.rig.d.clock.now() + minute);
    says("Please do not close it.").await;
    let case = world.case().await;
    assert_eq!(
        (case.state.as_str(), case.closed_at),
        ("acknowledged", None)
    );
    let today = world.get("/today", &cole, &[]).await.body;
    assert!(today.contains("Please do not close it."), "{today}");
}
