//! The pages that read: a child's, search, skim, messages; and what each must not tell.

use axum::http::StatusCode;
use jiff::SignedDuration;

use super::{AMINA, World, world};
use crate::channel::Status;
use crate::store::Moment;

const CONCERN: &str = "im worried about sam, not sleeping <b>";
const SEALED: &str = "today he say boys hit him in toilet";

/// Time passes, with nothing happening in it.
fn later(world: &World, minutes: i64) {
    let now = world.rig.d.clock.now();
    let then = now + SignedDuration::from_mins(minutes);
    world.rig.d.clock.advance_to(then);
}

#[tokio::test]
async fn a_childs_page_shows_what_happened_over_all_cases_to_those_who_may_see_the_child() {
    let world = world(false).await;
    world.rig.hear(AMINA, CONCERN).await.unwrap();
    let senco = world.signed_in("cole").await;
    let case = world.get("/c/1042", &senco, &[]).await.body;
    assert!(case.contains("href=\"/pupils/sam\""), "{case}");
    let page = world.get("/pupils/sam", &senco, &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    for part in [
        "Sam Yusuf, 3H",
        "SEN support",
        "Amina Yusuf, mother",
        "not sleeping &#60;b&#62;",
        "We promised",
        "C-1042",
    ] {
        assert!(page.body.contains(part), "{part}: {}", page.body);
    }

    // Somebody else's child, no child at all, and whoever reads no words: one answer.
    let other = world.signed_in("nair").await;
    let theirs = world.get("/pupils/sam", &other, &[]).await;
    let nobodys = world.get("/pupils/nobody", &other, &[]).await;
    assert_eq!(theirs.status, StatusCode::NOT_FOUND);
    assert_eq!(theirs.body, nobodys.body);
    for who in ["it", "evans", "operator", "shah"] {
        let cookie = world.signed_in(who).await;
        let page = world.get("/pupils/sam", &cookie, &[]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{who}");
    }
    // The office looks after the family and does not read the concern.
    let office = world.signed_in("park").await;
    let page = world.get("/pupils/sam", &office, &[]).await.body;
    assert!(page.contains("Amina Yusuf") && !page.contains("not sleeping"));

    let ahead = [("sec-purpose", "prefetch")];
    let page = world.get("/pupils/sam", &senco, &ahead).await;
    assert_eq!(page.status, StatusCode::NOT_FOUND, "nobody reads it");
}

#[tokio::test]
async fn sealed_words_are_found_by_those_who_may_read_them_and_shown_once_the_case_is_open() {
    let world = world(false).await;
    world.rig.hear(AMINA, SEALED).await.unwrap();
    let lead = world.signed_in("adeyemi").await;
    for path in ["/pupils/sam", "/search?q=toilet"] {
        let page = world.get(path, &lead, &[]).await.body;
        assert!(page.contains("Not opened yet"), "{path}: {page}");
        assert!(!page.contains("boys hit him"), "{path} shows the words");
    }
    world.get("/c/1042", &lead, &[]).await;
    for path in ["/pupils/sam", "/search?q=toilet"] {
        let page = world.get(path, &lead, &[]).await.body;
        assert!(page.contains("boys hit him"), "{path}: {page}");
        assert!(!page.contains("Not opened yet"), "{path}");
    }
    for who in ["cole", "hughes", "park", "nair"] {
        let cookie = world.signed_in(who).await;
        for path in [
            "/pupils/sam",
            "/search?q=toilet",
            "/search?q=C-1042",
            "/search?q=07700+900101",
            "/cases?show=all&words=toilet",
            "/messages",
        ] {
            let page = world.get(path, &cookie, &[]).await.body;
            for word in ["boys hit", "/c/1042", "Not opened"] {
                assert!(!page.contains(word), "{who} {path}: {page}");
            }
        }
    }
}

#[tokio::test]
async fn search_finds_words_names_numbers_and_references_of_what_somebody_may_read() {
    let world = world(false).await;
    world.rig.hear(AMINA, CONCERN).await.unwrap();
    let senco = world.signed_in("cole").await;
    let other = world.signed_in("nair").await;
    for (q, part) in [
        ("sleep", "<mark>sleeping</mark>"),
        ("SLEEPING+worried", "href=\"/c/1042\""),
        ("c1042", "href=\"/c/1042\""),
        ("07700+900101", "href=\"/c/1042\""),
        ("%2B447700900101", "Amina Yusuf"),
        ("amina", "/pupils/sam"),
        ("sam+3h", "/pupils/sam"),
        ("yusuf", "Sam Yusuf, 3H"),
    ] {
        let path = format!("/search?q={q}");
        let page = world.get(&path, &senco, &[]).await;
        assert_eq!(page.status, StatusCode::OK);
        assert!(page.body.contains(part), "{q}: {}", page.body);
        assert!(!page.body.contains("<b>"), "{q}");
        let page = world.get(&path, &other, &[]).await;
        assert!(!page.body.contains(part), "{q}: {}", page.body);
        assert!(page.body.contains("Nothing that you may read"), "{q}");
    }
    let page = world.get("/search?q=%3Cscript%3E", &senco, &[]).await.body;
    assert!(!page.contains("<script>") && page.contains("&#60;script&#62;"));
    let page = world.get("/search?q=sleeping+dragons", &senco, &[]).await;
    assert!(page.body.contains("Nothing that you may read"));
    let page = world.get("/search", &senco, &[]).await.body;
    assert!(!page.contains("Nothing that you may read"));
    for who in ["it", "evans", "operator"] {
        let cookie = world.signed_in(who).await;
        let page = world.get("/search?q=sleep", &cookie, &[]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{who}");
    }
}

#[tokio::test]
async fn cases_are_narrowed_by_words_state_and_the_name_of_a_pupil() {
    let world = world(false).await;
    world.rig.hear(AMINA, CONCERN).await.unwrap();
    let cookie = world.signed_in("cole").await;
    for (query, found) in [
        ("words=sleeping", true),
        ("words=dragons", false),
        ("state=received", true),
        ("state=closed", false),
        ("pupil=sam", true),
        ("pupil=Sam+Yusuf%2C+3H", true),
        ("pupil=zofia", false),
        ("kind=concern", true),
        ("before=1042", false),
        ("before=x", true),
    ] {
        let page = world.get(&format!("/cases?{query}"), &cookie, &[]).await;
        assert_eq!(page.body.contains("C-1042"), found, "{query}");
    }
    let page = world.get("/cases?pupil=nobody+here", &cookie, &[]).await;
    assert!(page.body.contains("No pupil of yours is called"));
}

#[tokio::test]
async fn a_lead_skims_what_did_not_alert_and_flags_what_should_have() {
    let world = world(false).await;
    world.rig.hear(AMINA, CONCERN).await.unwrap();
    world.rig.hear("+447700900103", "hello").await.unwrap();
    world.rig.hear("+447700900102", SEALED).await.unwrap();
    let lead = world.signed_in("adeyemi").await;
    let skim = async || world.get("/skim", &lead, &[]).await.body;
    assert!(skim().await.contains("Nothing new."), "it is too fresh");
    later(&world, 2);
    let page = skim().await;
    assert!(page.contains("not sleeping &#60;b&#62;"), "{page}");
    assert!(page.contains("hello"), "words of no case are read, too");
    assert!(!page.contains("boys hit"), "what alerted is read elsewhere");

    for (words, sender) in [("not sleeping", AMINA), ("hello", "+447700900103")] {
        let message = id_before(&skim().await, words);
        let flag = format!("/skim/{message}/flag");
        for who in ["cole", "wright", "hughes", "park", "it"] {
            let cookie = world.signed_in(who).await;
            let refused = world.post(&flag, &cookie, &[]).await;
            assert_eq!(refused.status, StatusCode::NOT_FOUND, "{who}");
            for path in ["/skim", "/skim/examples.txt"] {
                let page = world.get(path, &cookie, &[]).await;
                assert_eq!(page.status, StatusCode::NOT_FOUND, "{who} {path}");
            }
        }
        let answer = world.post(&flag, &lead, &[]).await;
        assert_eq!(answer.location(), "/skim?done=flagged");
        let again = world.post(&flag, &lead, &[]).await;
        assert_eq!(again.location(), "/skim?done=flagged", "twice is once");
        assert!(!skim().await.contains(words), "{sender} is still there");
    }
    let teacher = world.signed_in("hughes").await;
    let case = world.get("/c/1042", &teacher, &[]).await;
    assert_eq!(case.status, StatusCode::NOT_FOUND, "it is sealed");
    let today = world.get("/today", &lead, &[]).await.body;
    assert_eq!(today.matches("the pages stop when").count(), 3, "{today}");
    let file = world.get("/skim/examples.txt", &lead, &[]).await.body;
    assert!(
        file.contains("im worried about sam, not sleeping <b>\ten\treview\tflagged by a lead\n"),
        "{file}"
    );
    assert!(file.contains("hello\t"), "{file}");
}

/// The id of the message with these words on the Skim page.
fn id_before(page: &str, words: &str) -> String {
    let at = page.find(words).unwrap();
    let id = page[..at].rfind("id=\"words-").unwrap();
    page[id + 10..id + 46].to_owned()
}

#[tokio::test]
async fn what_a_lead_has_read_is_not_shown_again_and_what_names_them_never() {
    let world = world(false).await;
    world.rig.hear(AMINA, CONCERN).await.unwrap();
    world
        .rig
        .hear("+447700900103", "who is mrs adeyemi please")
        .await
        .unwrap();
    later(&world, 2);
    let lead = world.signed_in("adeyemi").await;
    let deputy = world.signed_in("grant").await;
    let page = world.get("/skim", &lead, &[]).await.body;
    assert!(page.contains("not sleeping") && !page.contains("mrs adeyemi"));
    let until = page.find("name=\"until\" value=\"").unwrap() + 20;
    let until = page[until..until + 36].to_owned();
    let read = world.post("/skim", &lead, &[("until", &until)]).await;
    assert_eq!(read.location(), "/skim?done=skimmed");
    assert!(
        world
            .get("/skim", &lead, &[])
            .await
            .body
            .contains("Nothing new.")
    );
    let page = world.get("/skim", &deputy, &[]).await.body;
    assert!(
        page.contains("not sleeping") && page.contains("mrs adeyemi"),
        "the deputy has a mark of their own: {page}"
    );
}

#[tokio::test]
async fn messages_show_their_states_and_it_sees_no_word_and_nobody() {
    let world = world(false).await;
    world.rig.hear(AMINA, CONCERN).await.unwrap();
    let senco = world.signed_in("cole").await;
    world
        .post(
            "/c/1042/reply",
            &senco,
            &[("words", "I will look in on Sam.")],
        )
        .await;
    let mut tx = world.rig.d.store.begin().await.unwrap();
    let case = tx
        .case_by_number("kingfisher", 1042)
        .await
        .unwrap()
        .unwrap();
    let rows = tx.outbox_of_case(case.id).await.unwrap();
    let reply = rows.iter().find(|r| r.body.contains("look in")).unwrap();
    assert!(
        tx.settle(reply.id, Status::Undelivered, None, Some("30003"))
            .await
            .unwrap()
    );
    tx.save().await.unwrap();

    let page = world.get("/messages?state=trouble", &senco, &[]).await.body;
    for part in [
        "I will look in on Sam.",
        "did not arrive",
        "30003",
        "07700 900101",
    ] {
        assert!(page.contains(part), "{part}: {page}");
    }
    let costs = world.get("/messages", &senco, &[]).await.body;
    assert!(
        costs.contains("December 2026") && costs.contains("English"),
        "{costs}"
    );

    // What a sealed case costs would tell everybody that there is one.
    let sum = |page: &str| page.split("What December").nth(1).unwrap().to_owned();
    let alarm = "my son is afraid to go home, his uncle hurts him";
    world.rig.hear("+447700900199", alarm).await.unwrap();
    let after = world.get("/messages", &senco, &[]).await.body;
    assert_eq!(sum(&after), sum(&costs));

    let it = world.signed_in("it").await;
    for path in ["/messages", "/messages?state=trouble"] {
        let page = world.get(path, &it, &[]).await.body;
        for part in ["look in", "07700", "Amina", "C-1042", "an answer", "notice"] {
            assert!(!page.contains(part), "{path} {part}: {page}");
        }
        assert!(page.contains("did not arrive"), "{page}");
    }
    // The office does not read the concern, nor what was answered to it.
    let office = world.signed_in("park").await;
    let retry = format!("/messages/{}/retry", reply.id);
    assert!(
        !world
            .get("/messages", &office, &[])
            .await
            .body
            .contains("look in")
    );
    for who in ["park", "hughes", "adeyemi", "evans"] {
        let cookie = world.signed_in(who).await;
        let answer = world.post(&retry, &cookie, &[]).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{who}");
    }
    let answer = world.post(&retry, &senco, &[]).await;
    assert_eq!(answer.location(), "/messages?state=trouble&done=again");
    let mut tx = world.rig.d.store.read().await.unwrap();
    let row = tx.outbox_row(reply.id).await.unwrap().unwrap();
    assert_eq!(row.status(), Status::Queued);
    assert!(row.due_at <= Moment::from(tx.now()));
}

#[tokio::test]
async fn reports_hide_small_numbers_and_are_for_those_who_have_them() {
    let world = world(false).await;
    world.rig.hear(AMINA, CONCERN).await.unwrap();
    world.rig.hear("+447700900103", SEALED).await.unwrap();
    for (who, figures, names) in [
        ("cole", true, true),
        ("wright", true, true),
        ("adeyemi", true, true),
        ("evans", true, false),
        ("hughes", false, false),
        ("park", false, false),
        ("it", false, false),
    ] {
        let cookie = world.signed_in(who).await;
        let answers = |sees: bool| match sees {
            true => StatusCode::OK,
            false => StatusCode::NOT_FOUND,
        };
        for path in ["/reports", "/reports/themes.csv", "/reports?period=2026"] {
            let page = world.get(path, &cookie, &[]).await;
            assert_eq!(page.status, answers(figures), "{who} {path}");
            assert!(!page.body.contains("Sam"), "{who} {path}");
            assert!(!page.body.contains("afeguarding,"), "{who} {path}");
        }
        for path in [
            "/reports/children",
            "/reports/children.csv",
            "/reports/families",
        ] {
            let page = world.get(path, &cookie, &[]).await;
            assert_eq!(page.status, answers(names), "{who} {path}");
        }
    }
    let senco = world.signed_in("cole").await;
    let page = world.get("/reports", &senco, &[]).await.body;
    assert!(
        page.contains("Concern: hidden") && !page.contains("Concern: 1"),
        "{page}"
    );
    assert!(page.contains("<svg") && page.len() < 100 * 1024);
    let themes = world.get("/reports/themes.csv", &senco, &[]).await;
    assert!(
        themes.body.contains("\"Concern\",\"hidden\"\r\n"),
        "{}",
        themes.body
    );
    for path in ["/reports/nothing.csv", "/reports/themes"] {
        let page = world.get(path, &senco, &[]).await;
        assert_eq!(page.status, StatusCode::NOT_FOUND, "{path}");
    }
    let children = world.get("/reports/children", &senco, &[]).await.body;
    assert!(children.contains("0 of 3 held") && children.contains("Sam Yusuf, 3H"));
    let families = world.get("/reports/families", &senco, &[]).await.body;
    assert!(
        !families.contains("Sam Yusuf") && families.contains("Zofia Kowalska"),
        "{families}"
    );
}

#[tokio::test]
async fn flows_show_their_texts_and_where_people_leave() {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "i want a meeting about sam")
        .await
        .unwrap();
    let later = jiff::civil::date(2026, 12, 6).at(12, 0, 0, 0);
    world.rig.at(later).await.unwrap();
    let senco = world.signed_in("cole").await;
    let list = world.get("/flows", &senco, &[]).await.body;
    assert!(list.contains("href=\"/flows/meeting\""), "{list}");
    let page = world.get("/flows/meeting", &senco, &[]).await.body;
    assert!(page.contains("1 time in the last 90 days"), "{page}");
    assert!(page.contains("lang=\"pl\"") && page.len() < 100 * 1024);
    let picture = world.get("/flows/meeting/picture.svg", &senco, &[]).await;
    assert!(picture.body.starts_with("<svg") && picture.body.contains("Left here 1 time"));
    for who in ["hughes", "park", "adeyemi", "evans"] {
        let cookie = world.signed_in(who).await;
        for path in ["/flows", "/flows/meeting", "/flows/meeting/picture.svg"] {
            let page = world.get(path, &cookie, &[]).await;
            assert_eq!(page.status, StatusCode::NOT_FOUND, "{who} {path}");
        }
    }
    let nothing = world.get("/flows/nothing", &senco, &[]).await;
    assert_eq!(nothing.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_pack_is_one_dated_chronology_with_nothing_sealed_or_confided() {
    let world = world(false).await;
    world.rig.hear(AMINA, CONCERN).await.unwrap();
    later(&world, 60 * 72);
    let senco = world.signed_in("cole").await;
    world
        .post("/c/1042/note", &senco, &[("words", "Looked at his sleep.")])
        .await;
    world.rig.hear(AMINA, SEALED).await.unwrap();
    let pack = world.get("/c/1042/pack", &senco, &[]).await;
    assert_eq!(pack.status, StatusCode::OK);
    for part in [
        "Record of Sam Yusuf, 3H",
        "Tue 1 December 2026",
        "not sleeping &#60;b&#62;",
        "Looked at his sleep.",
        "Made ",
    ] {
        assert!(pack.body.contains(part), "{part}: {}", pack.body);
    }
    assert!(!pack.body.contains("boys hit"));
    let alone = world.get("/c/1042/pack?only=case", &senco, &[]).await.body;
    assert!(alone.contains("Record of case C-1042"));

    // Who may read what is sealed makes no pack of it either.
    let lead = world.signed_in("adeyemi").await;
    world.get("/c/1043", &lead, &[]).await;
    assert!(
        !world
            .get("/c/1042/pack", &lead, &[])
            .await
            .body
            .contains("boys hit")
    );
    let sealed = world.get("/c/1043/pack", &lead, &[]).await;
    assert_eq!(sealed.status, StatusCode::NOT_FOUND);
    let other = world.signed_in("nair").await;
    let pack = world.get("/c/1042/pack", &other, &[]).await;
    assert_eq!(pack.status, StatusCode::NOT_FOUND);
}
