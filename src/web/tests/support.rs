//! The graduated approach: a note of an early talk, the stage of a child's support, how each adult is
//! told of it, and a young person who decides.

use axum::http::StatusCode;
use jiff::SignedDuration;
use jiff::civil::date;

use super::{AMINA, Answer, World, world, world_with};
use crate::school::people::Sen;

const WORRY: &str = "im worried about sam, he is not sleeping and cries before school";
const DAYS: SignedDuration = SignedDuration::from_hours(24);

impl World {
    /// Presses a button of a pupil's stage, for one adult.
    async fn tell(&self, cookie: &str, pupil: &str, form: &[(&str, &str)]) -> Answer {
        let mut tx = self.rig.d.store.read().await.unwrap();
        let changes = tx.stages_of("kingfisher", pupil).await.unwrap();
        drop(tx);
        let id = changes[0].id.to_string();
        let mut all = vec![("stage", id.as_str())];
        all.extend(form);
        self.post(&format!("/pupils/{pupil}/tell"), cookie, &all)
            .await
    }

    async fn set_stage(&self, cookie: &str, pupil: &str, stage: &str) -> Answer {
        let form = [
            ("stage", stage),
            ("since", "2026-12-01"),
            (
                "why",
                "Reading is two years behind, and help in class was not enough.",
            ),
        ];
        self.post(&format!("/pupils/{pupil}/stage"), cookie, &form)
            .await
    }

    async fn page(&self, cookie: &str, path: &str) -> String {
        let answer = self
            .get(path, cookie, &[("sec-fetch-mode", "navigate")])
            .await;
        assert_eq!(answer.status, StatusCode::OK, "{path}");
        answer.body
    }
}

#[tokio::test]
async fn a_talk_is_written_down_in_four_parts_for_the_record_and_the_parents() {
    let world = world(false).await;
    world.rig.hear(AMINA, WORRY).await.unwrap();
    let cole = world.signed_in("cole").await;
    world
        .post("/c/1042/call", &cole, &[("words", "Rang her at 12.")])
        .await;
    let chased = "Talked over, and no note for the record";
    assert!(!world.page(&cole, "/today").await.contains(chased));
    world.later(DAYS * 2);
    let cole = world.signed_in("cole").await;
    let today = world.page(&cole, "/today").await;
    assert!(
        today.contains(chased) && today.contains("due 3 December 2026"),
        "{today}"
    );

    // The parents' page shows what they would read once there is a PIN for it.
    world
        .post("/people/adults/amina-yusuf/pin", &cole, &[])
        .await;
    let mut note = vec![
        ("held", "2026-12-04"),
        ("present", "Mrs Cole, Amina Yusuf"),
        ("strengths", "He draws well. Mornings are hard."),
        ("concerns", "He does not sleep."),
        ("outcomes", "He comes in by the side door."),
        ("steps", "Mrs Cole asks him each Friday."),
    ];
    let ahead = world.post("/c/1042/discussion", &cole, &note).await;
    assert_eq!(ahead.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        ahead.body.contains("today, or a day before"),
        "{}",
        ahead.body
    );
    assert!(
        ahead.body.contains("by the side door"),
        "what was typed stays"
    );
    note[0] = ("held", "2026-12-01");
    let unasked = world.post("/c/1042/discussion", &cole, &note).await;
    assert!(
        unasked.body.contains("why they were not sought."),
        "{}",
        unasked.body
    );
    note.push(("no_views", "He was ill."));
    let kept = world.post("/c/1042/discussion", &cole, &note).await;
    assert_eq!(kept.location(), "/c/1042/share?done=discussion");

    // It is each parent's who may be told, and nobody is chased any more.
    let share = world.page(&cole, kept.location()).await;
    assert!(share.contains("Early discussion, by Mrs Cole"), "{share}");
    assert!(share.contains("by the side door"), "{share}");
    let today = world.page(&cole, "/today").await;
    assert!(!today.contains(chased), "{today}");
    assert!(
        today.contains("Notes that no parent has been given"),
        "{today}"
    );
    let paper = [
        ("do", "otherwise"),
        ("adult", "amina-yusuf"),
        ("why", "on paper, at the gate"),
    ];
    let paper = world.post("/c/1042/share", &cole, &paper).await;
    assert_eq!(paper.status, StatusCode::SEE_OTHER, "{}", paper.body);
    let today = world.page(&cole, "/today").await;
    assert!(!today.contains("Notes that no parent"), "{today}");
    let case = world.page(&cole, "/c/1042").await;
    assert!(case.contains("<strong>Agreed outcomes</strong>"), "{case}");
    let pack = world.page(&cole, "/c/1042/pack").await;
    assert!(pack.contains("Next steps:"), "{pack}");
}

#[tokio::test]
async fn a_stage_is_set_with_its_reason_and_parents_get_a_letter() {
    let world = world(false).await;
    let teacher = world.signed_in("hughes").await;
    let refused = world.set_stage(&teacher, "sam", "support").await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);
    let cole = world.signed_in("cole").await;
    let silent = [("stage", "concern"), ("since", "2026-12-01")];
    let silent = world.post("/pupils/sam/stage", &cole, &silent).await;
    assert!(
        silent.body.contains("Write why: it stands in the record."),
        "{}",
        silent.body
    );
    let concern = world.set_stage(&cole, "sam", "concern").await;
    assert_eq!(concern.location(), "/pupils/sam/stage?done=stage#tell");
    let support = world.set_stage(&cole, "sam", "support").await;
    assert_eq!(support.status, StatusCode::SEE_OTHER, "{}", support.body);
    assert_eq!(
        world
            .rig
            .d
            .school("kingfisher")
            .unwrap()
            .people
            .pupil("sam")
            .unwrap()
            .sen,
        Sen::Support
    );

    // Nothing has gone out; Today says who waits.
    assert!(world.rig.texts_to(AMINA).await.unwrap().is_empty());
    let today = world.page(&cole, "/today").await;
    assert!(
        today.contains("SEN support since 1 December 2026: Amina Yusuf"),
        "{today}"
    );
    assert_eq!(
        today.matches("/pupils/sam/stage#tell").count(),
        1,
        "{today}"
    );
    let page = world.page(&cole, "/pupils/sam/stage").await;
    assert!(
        page.contains("a letter about Sam is on its way to you"),
        "{page}"
    );
    assert!(
        page.contains("Initial concern</strong> since 1 December 2026, set by Mrs Cole"),
        "{page}"
    );

    let amina = ("adult", "amina-yusuf");
    let text = [
        amina,
        ("do", "text"),
        ("words", "Kingfisher: a letter about Sam is coming."),
    ];
    world.tell(&cole, "sam", &text).await;
    crate::settle::settle(&world.rig.d).await.unwrap();
    let texts = world.rig.texts_to(AMINA).await.unwrap();
    assert_eq!(texts, ["Kingfisher: a letter about Sam is coming."]);
    world.tell(&cole, "sam", &text).await;
    crate::settle::settle(&world.rig.d).await.unwrap();
    assert_eq!(
        world.rig.texts_to(AMINA).await.unwrap().len(),
        1,
        "told once"
    );

    let unmade = [amina, ("do", "sent"), ("how", "post"), ("on", "2026-12-01")];
    let unmade = world.tell(&cole, "sam", &unmade).await;
    assert!(
        unmade.body.contains("Make the letter first."),
        "{}",
        unmade.body
    );
    let made = [
        amina,
        ("do", "letter"),
        ("words", "Sam reads with Mrs Cole on Mondays."),
    ];
    let made = world.tell(&cole, "sam", &made).await;
    let letter = world.page(&cole, made.location()).await;
    for said in [
        "Dear Amina Yusuf,",
        "Sam reads with Mrs Cole",
        "section 68",
        "Since Tue 1 Dec 2026",
    ] {
        assert!(letter.contains(said), "{said}: {letter}");
    }
    world.later(DAYS * 20);
    let cole = world.signed_in("cole").await;
    let today = world.page(&cole, "/today").await;
    assert!(
        today.contains("The letter was due 15 December 2026"),
        "{today}"
    );
    let sent = [amina, ("do", "sent"), ("how", "hand"), ("on", "2026-12-18")];
    let sent = world.tell(&cole, "sam", &sent).await;
    assert_eq!(sent.location(), "/pupils/sam/stage?done=stage-letter#tell");
    let today = world.page(&cole, "/today").await;
    assert!(!today.contains("tell the parents"), "{today}");

    // Everything stands in the record of support, which its teacher reads too.
    let mut tx = world.rig.d.store.read().await.unwrap();
    let record = tx.sen_record_as_it_is("kingfisher", "sam").await.unwrap();
    let record = record.unwrap();
    let entries = tx.chronology(record.id).await.unwrap();
    let kinds: Vec<_> = entries
        .iter()
        .map(|e| format!("{} {}", e.kind, e.audience))
        .collect();
    assert_eq!(
        kinds,
        [
            "stage parents",
            "stage parents",
            "message-out adult",
            "letter-made school",
            "formal-notice adult"
        ]
    );
    drop(tx);
    let case = world.page(&cole, &format!("/c/{}", record.number)).await;
    assert!(
        case.contains("sent by hand on 18 December 2026 by Mrs Cole"),
        "{case}"
    );
    assert!(case.contains("Stages of support"), "{case}");
}

#[tokio::test]
async fn nobody_is_told_of_a_stage_who_may_not_be() {
    let world = world(false).await;
    let cole = world.signed_in("cole").await;
    world.set_stage(&cole, "ola", "concern").await;
    let restricted = [
        ("adult", "dean-price"),
        ("do", "text"),
        ("words", "Ola has a plan."),
    ];
    let answer = world.tell(&cole, "ola", &restricted).await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("A restriction stands against them"),
        "{}",
        answer.body
    );

    // The second adult of a household waits for a decision about copies.
    world.set_stage(&cole, "ben", "concern").await;
    let second = [
        ("adult", "meera-nandi"),
        ("do", "otherwise"),
        ("on", "2026-12-01"),
        ("words", "At the gate."),
    ];
    let answer = world.tell(&cole, "ben", &second).await;
    assert!(
        answer
            .body
            .contains("Decide first whether they are given copies"),
        "{}",
        answer.body
    );
    let first = [
        ("adult", "ravi-nandi"),
        ("do", "otherwise"),
        ("on", "2026-12-01"),
        ("words", "At the gate."),
    ];
    world.tell(&cole, "ben", &first).await;
    let today = world.page(&cole, "/today").await;
    assert!(today.contains("Meera Nandi (decide first"), "{today}");
    world
        .tell(
            &cole,
            "ben",
            &[("adult", "meera-nandi"), ("do", "no-copies")],
        )
        .await;
    let today = world.page(&cole, "/today").await;
    assert!(!today.contains("/pupils/ben/stage"), "{today}");
    assert!(
        world
            .rig
            .texts_to("+447700900107")
            .await
            .unwrap()
            .is_empty()
    );
    assert!(
        world
            .rig
            .texts_to("+447700900109")
            .await
            .unwrap()
            .is_empty()
    );
}

#[tokio::test]
async fn a_young_person_who_wants_only_themselves_told_is_heard() {
    let world = world_with(false, |config| {
        let pupils = &mut config.schools[0].people.pupils;
        let sam = pupils.iter_mut().find(|p| p.key == "sam").unwrap();
        sam.sen = Sen::Support;
        sam.date_of_birth = Some(date(2010, 3, 1));
    })
    .await;
    world.rig.hear(AMINA, WORRY).await.unwrap();
    let cole = world.signed_in("cole").await;
    let today = world.page(&cole, "/today").await;
    assert!(
        today.contains("has decided for themselves since 26 June 2026"),
        "{today}"
    );
    let young = [
        ("decided", "alone"),
        ("since", "2026-12-01"),
        ("words", "Said so to Mrs Cole, twice."),
    ];
    let silent = world
        .post(
            "/pupils/sam/decision",
            &cole,
            &[("decided", "alone"), ("since", "2026-12-01")],
        )
        .await;
    assert_eq!(silent.status, StatusCode::UNPROCESSABLE_ENTITY);
    let kept = world.post("/pupils/sam/decision", &cole, &young).await;
    assert_eq!(kept.location(), "/pupils/sam?done=decision#young");
    let page = world.page(&cole, kept.location()).await;
    assert!(
        page.contains("The young person wants only themselves told, from 1 December 2026"),
        "{page}"
    );
    let today = world.page(&cole, "/today").await;
    assert!(!today.contains("has decided for themselves"), "{today}");

    let give = [("do", "give"), ("adult", "amina-yusuf")];
    let refused = world.post("/c/1042/share", &cole, &give).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("wants only themselves told"),
        "{}",
        refused.body
    );
    let ada = world.post("/pupils/ada/decision", &cole, &young).await;
    assert_eq!(
        ada.location(),
        "/pupils/ada?done=decision#young",
        "no date of birth: nothing stands in the way"
    );
}

#[tokio::test]
async fn one_stage_follows_the_other_and_none_is_older_than_the_child() {
    let world = world(false).await;
    let cole = world.signed_in("cole").await;
    let set = async |stage: &str, since: &str| {
        let form = [("stage", stage), ("since", since), ("why", "we talked")];
        world.post("/pupils/sam/stage", &cole, &form).await
    };
    let long_ago = set("concern", "1990-01-01").await;
    assert_eq!(long_ago.status, StatusCode::UNPROCESSABLE_ENTITY);
    let first = set("concern", "2026-11-27").await;
    assert_eq!(first.status, StatusCode::SEE_OTHER, "{}", first.body);
    world.rig.d.look_at_people().await.unwrap();
    let before = set("support", "2026-11-20").await;
    assert_eq!(before.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = "since 27 November 2026: choose that day or a later one";
    assert!(before.body.contains(told), "{}", before.body);
    let next = set("support", "2026-11-27").await;
    assert_eq!(next.status, StatusCode::SEE_OTHER, "{}", next.body);
}
