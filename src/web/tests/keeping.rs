//! Who has read what, copies of what is held, and holds, as a browser meets them.

use axum::http::{StatusCode, header};

use super::{AMINA, World, world};

/// A concern that anybody of the class may read, and words that are sealed.
async fn with_cases() -> World {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, he and kai fight")
        .await
        .unwrap();
    world
        .rig
        .hear("+447700900105", "he told me his uncle hurts him")
        .await
        .unwrap();
    world
}

#[tokio::test]
async fn every_reading_is_in_the_log_and_a_sealed_case_only_for_who_may_open_it() {
    let world = with_cases().await;
    let sealed = world.rig.case("C-1043").await.unwrap();
    assert_eq!(sealed.tier, "safeguarding");
    let cole = world.signed_in("cole").await;
    world.get("/c/1042", &cole, &[]).await;
    world.get("/c/1042/entries/1", &cole, &[]).await;
    let dsl = world.signed_in("adeyemi").await;
    let fetched = [
        ("sec-fetch-dest", "document"),
        ("sec-fetch-site", "same-origin"),
    ];
    let opened = world.get("/c/1043", &dsl, &fetched).await;
    assert_eq!(opened.status, StatusCode::OK);

    let log = world.get("/audit", &dsl, &[]).await.body;
    assert!(
        log.contains("Mrs Cole") && log.contains("opened C-1042"),
        "{log}"
    );
    assert!(log.contains("opened C-1043"), "{log}");
    assert_eq!(log.matches("opened C-1042").count(), 2, "{log}");

    let head = world.signed_in("wright").await;
    let log = world.get("/audit", &head, &[]).await.body;
    assert!(log.contains("opened C-1042"), "{log}");
    assert!(!log.contains("C-1043"), "{log}");
    assert!(log.contains("looked at the audit log"), "{log}");
    let narrowed = world.get("/audit?case=C-1043", &head, &[]).await;
    assert_eq!(narrowed.status, StatusCode::UNPROCESSABLE_ENTITY);
    let unknown = world.get("/audit?case=C-9999", &head, &[]).await;
    assert_eq!(
        narrowed.body.replace("C-1043", ""),
        unknown.body.replace("C-9999", ""),
        "no such and not yours are one answer"
    );

    let by_person = world.get("/audit?person=mrs-cole", &head, &[]).await.body;
    assert!(
        !by_person.contains("looked at the audit log"),
        "{by_person}"
    );
    let another_day = world.get("/audit?day=2026-11-30", &head, &[]).await.body;
    assert!(another_day.contains("Nothing of this is in the log"));
    let no_day = world.get("/audit?day=soon", &head, &[]).await;
    assert!(no_day.body.contains("is not a day"), "{}", no_day.body);

    let file = world.get("/audit.csv?case=1042", &head, &[]).await;
    assert!(
        file.headers[header::CONTENT_TYPE]
            .to_str()
            .unwrap()
            .starts_with("text/csv")
    );
    assert!(
        file.body.contains(",Mrs Cole,opened C-1042,C-1042\r\n"),
        "{}",
        file.body
    );

    // The SENCO, the office and whoever keeps the machine have no audit log.
    for who in ["cole", "hughes"] {
        let cookie = world.signed_in(who).await;
        for page in ["/audit", "/audit.csv"] {
            let answer = world.get(page, &cookie, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{who} {page}");
        }
    }
}

#[tokio::test]
async fn the_log_is_paged_and_older_lines_are_a_link_away() {
    let world = with_cases().await;
    let mut tx = world.rig.d.store.begin().await.unwrap();
    for n in 0..120 {
        let did = format!("=line {n}");
        tx.audit("kingfisher", "mrs-cole", &did, None)
            .await
            .unwrap();
    }
    tx.save().await.unwrap();
    let head = world.signed_in("wright").await;
    let mut address = "/audit?person=mrs-cole".to_owned();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let page = world.get(&address, &head, &[]).await.body;
        let lines = page.split("=line ").skip(1);
        seen.extend(lines.map(|l| l.split('<').next().unwrap().parse::<u32>().unwrap()));
        let older = page.split("href=\"/audit?").nth(1);
        let Some(older) = older else { break };
        let query = older.split('"').next().unwrap().replace("&#38;", "&");
        address = format!("/audit?{query}");
    }
    assert_eq!(seen, (0..120).rev().collect::<Vec<_>>());
    let file = world
        .get("/audit.csv?person=mrs-cole", &head, &[])
        .await
        .body;
    assert!(file.contains(",'=line 7,"), "no cell is a formula");
}

#[tokio::test]
async fn a_copy_of_everything_is_asked_for_due_and_holds_what_is_theirs() {
    let world = with_cases().await;
    let hostile = "<script>alert(1)</script> im worried about sam & <img src=x onerror=y>";
    world.rig.hear(AMINA, hostile).await.unwrap();
    let office = world.signed_in("park").await;
    let new = |received: &'static str| {
        [
            ("person", "adult:amina-yusuf"),
            ("asked_by", "herself, <b>by letter</b>"),
            ("received", received),
        ]
    };
    let late = world.post("/requests", &office, &new("2026-12-02")).await;
    assert_eq!(late.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        late.body.contains("is not a day up to today"),
        "{}",
        late.body
    );
    let nobody = world
        .post(
            "/requests",
            &office,
            &[("asked_by", "x"), ("received", "2026-12-01")],
        )
        .await;
    assert!(nobody.body.contains("Choose whom the request is about"));
    let taken = world.post("/requests", &office, &new("2026-11-30")).await;
    assert_eq!(taken.status, StatusCode::SEE_OTHER);
    let request = taken.location().split('?').next().unwrap().to_owned();
    let page = world.get(&request, &office, &[]).await.body;
    assert!(page.contains("30 December 2026"), "{page}");
    assert!(page.contains("&#60;b&#62;by letter") && !page.contains("Save the copy"));
    let today = world.get("/today", &office, &[]).await.body;
    assert!(
        today.contains("Somebody asked for a copy of everything"),
        "{today}"
    );
    let copy = format!("{request}/record.html");
    assert_eq!(
        world.get(&copy, &office, &[]).await.status,
        StatusCode::NOT_FOUND,
        "the office writes it down; those who read all cases make the copy"
    );

    let senco = world.signed_in("cole").await;
    let made = world.get(&copy, &senco, &[]).await;
    assert_eq!(made.status, StatusCode::OK, "{}", made.body);
    let disposition = made.headers[header::CONTENT_DISPOSITION].to_str().unwrap();
    assert_eq!(disposition, "attachment; filename=\"record.html\"");
    let body = &made.body;
    assert!(
        body.contains("C-1042") && body.contains("07700 900101"),
        "{body}"
    );
    assert!(
        body.contains("sam") && !body.to_lowercase().contains("kai"),
        "{body}"
    );
    assert!(body.contains("&#60;script&#62;alert(1)"), "{body}");
    assert!(
        !body.contains("<script") && !body.contains("<img"),
        "{body}"
    );
    let json = world
        .get(&format!("{request}/record.json"), &senco, &[])
        .await
        .body;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["about"], "Amina Yusuf");
    assert_eq!(json["cases"][0]["reference"], "C-1042");
    assert!(json.get("left_out").is_none(), "it never goes out");

    let head = world.signed_in("wright").await;
    let log = world.get("/audit", &head, &[]).await.body;
    assert!(
        log.contains("took everything about Amina Yusuf out"),
        "{log}"
    );

    let answered = format!("{request}/answered");
    world.post(&answered, &office, &[]).await;
    let today = world.get("/today", &office, &[]).await.body;
    assert!(!today.contains("Somebody asked for a copy"), "{today}");
    let teacher = world.signed_in("hughes").await;
    for page in ["/requests", &request] {
        let answer = world.get(page, &teacher, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{page}");
    }
}

#[tokio::test]
async fn safeguarding_is_in_a_copy_only_if_a_lead_puts_it_there() {
    let world = with_cases().await;
    let dsl = world.signed_in("adeyemi").await;
    let senco = world.signed_in("cole").await;
    let new = [
        ("person", "adult:joy-campbell"),
        ("asked_by", "herself"),
        ("received", "2026-12-01"),
    ];
    let taken = world.post("/requests", &senco, &new).await;
    let request = taken.location().split('?').next().unwrap().to_owned();
    let get = async |cookie: &str, file: &str| {
        let file = format!("{request}/{file}");
        world.get(&file, cookie, &[]).await.body
    };
    let with = "record.html?safeguarding=yes";
    for copy in [
        get(&senco, "record.html").await,
        get(&senco, with).await,
        get(&dsl, "record.html").await,
    ] {
        assert!(
            !copy.contains("uncle") && !copy.contains("C-1043"),
            "{copy}"
        );
        assert!(!copy.to_lowercase().contains("safeguarding"), "{copy}");
    }
    assert!(!get(&senco, "left-out.html").await.contains("C-1043"));
    assert!(get(&dsl, "left-out.html").await.contains("C-1043"));
    assert!(get(&dsl, with).await.contains("uncle"));
}

#[tokio::test]
async fn one_parents_words_are_in_no_other_parents_copy() {
    let world = with_cases().await;
    let senco = world.signed_in("cole").await;
    let new = [
        ("person", "pupil:sam"),
        ("asked_by", "a parent"),
        ("received", "2026-12-01"),
    ];
    let taken = world.post("/requests", &senco, &new).await;
    let request = taken.location().split('?').next().unwrap().to_owned();
    let copy = async |to: &str| {
        world
            .get(&format!("{request}/record.html?to={to}"), &senco, &[])
            .await
    };
    assert!(
        copy("amina-yusuf")
            .await
            .body
            .contains("im worried about sam")
    );
    assert!(!copy("").await.body.contains("im worried about sam"));
    let stranger = copy("joy-campbell").await;
    assert_eq!(stranger.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        stranger.body.contains("not on the pupil&#39;s record"),
        "{}",
        stranger.body
    );
    let left_out = world
        .get(&format!("{request}/left-out.html"), &senco, &[])
        .await
        .body;
    assert!(left_out.contains("C-1042, entry 1"), "{left_out}");
}

#[tokio::test]
async fn a_hold_is_set_with_a_reason_shown_and_lifted() {
    let world = with_cases().await;
    let teacher = world.signed_in("hughes").await;
    let page = world.get("/c/1042", &teacher, &[]).await.body;
    assert!(!page.contains("legal hold"), "{page}");
    let refused = world
        .post("/c/1042/hold", &teacher, &[("why", "an appeal")])
        .await;
    assert_eq!(refused.status, StatusCode::NOT_FOUND);

    let senco = world.signed_in("cole").await;
    let empty = world.post("/c/1042/hold", &senco, &[("why", " ")]).await;
    assert_eq!(empty.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(empty.body.contains("Write down why"), "{}", empty.body);
    let set = world
        .post(
            "/c/1042/hold",
            &senco,
            &[("why", "an appeal to the tribunal")],
        )
        .await;
    assert_eq!(set.location(), "/c/1042?done=held");
    let page = world.get("/c/1042", &teacher, &[]).await.body;
    assert!(page.contains("Legal hold since") && page.contains("an appeal to the tribunal"));
    let lifted = world
        .post(
            "/c/1042/hold",
            &senco,
            &[("why", "decided"), ("lift", "yes")],
        )
        .await;
    assert_eq!(lifted.location(), "/c/1042?done=lifted");
    let page = world.get("/c/1042", &senco, &[]).await.body;
    assert!(!page.contains("Legal hold since"), "{page}");
}

#[tokio::test]
async fn nothing_of_a_child_goes_to_an_adult_whom_a_restriction_keeps_away() {
    let world = with_cases().await;
    let people = &world.rig.school().people;
    let today = world.rig.school().local(world.rig.d.clock.now()).date();
    let unchecked =
        |a: &&crate::school::people::Adult| a.children.iter().any(|c| c.is_restricted(today));
    let adult = people.adults.iter().find(unchecked).unwrap();
    let child = &adult.children[0].pupil;
    let first_name = people.pupil(child).unwrap().first_name.clone();
    let senco = world.signed_in("cole").await;
    let copy = async |person: String, to: &str| {
        let new = [
            ("person", person.as_str()),
            ("asked_by", "a solicitor"),
            ("received", "2026-12-01"),
        ];
        let taken = world.post("/requests", &senco, &new).await;
        let request = taken.location().split('?').next().unwrap().to_owned();
        world
            .get(&format!("{request}/record.html?to={to}"), &senco, &[])
            .await
    };
    let refused = copy(format!("pupil:{child}"), &adult.key).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        refused.body.contains("A restriction stands"),
        "{}",
        refused.body
    );
    let own = copy(format!("adult:{}", adult.key), "").await;
    assert_eq!(own.status, StatusCode::OK);
    assert!(
        own.body.contains(&adult.name) && !own.body.contains(&first_name),
        "{}",
        own.body
    );
}
