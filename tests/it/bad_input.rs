//! Input that nobody wished for: each gets a clear answer, and nothing of it is lost.

use std::path::Path;
use std::process::{Command, Output};

use jiff::civil::date;
use schoolgate::channel::{Inbound, Media};
use schoolgate::clock::Clock;
use schoolgate::config::Config;
use schoolgate::settle::settle;
use schoolgate::testing::Rig;
use schoolgate::{inbox, outbox};

use crate::databases;

const AMINA: &str = "+447700900101";

async fn rig(url: &str) -> Rig {
    Rig::open(url, date(2026, 12, 1).at(10, 0, 0, 0))
        .await
        .unwrap()
}

fn message(id: &str, from: &str, body: &[u8]) -> Inbound {
    Inbound {
        provider_id: id.to_owned(),
        from: from.to_owned(),
        body: body.to_vec(),
        ..Inbound::default()
    }
}

/// The words of every entry of a case.
async fn words_in(rig: &Rig, reference: &str) -> Vec<String> {
    let case = rig.case(reference).await.unwrap();
    let mut tx = rig.d.store.read().await.unwrap();
    let chronology = tx.chronology(case.id).await.unwrap();
    chronology.into_iter().filter_map(|e| e.words()).collect()
}

async fn whole(rig: Rig) {
    let mut tx = rig.d.store.read().await.unwrap();
    let (_, breaks) = tx.verify().await.unwrap();
    assert!(breaks.is_empty(), "{breaks:?}");
    drop(tx);
    rig.d.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_words_is_answered_and_kept() {
    // What comes in, how the answer begins, and what stands in the case it opens, if it opens one.
    let table: &[(&str, &[u8], &str, Option<&str>)] = &[
        (
            "an empty text",
            b"",
            "Sorry, I did not understand. 1 Who to contact",
            None,
        ),
        (
            "only spaces",
            b" \n ",
            "Sorry, I did not understand. 1 Who to contact",
            None,
        ),
        ("only emoji", "😭😭😭".as_bytes(), "Sorry", None),
        (
            "NUL in the middle",
            b"im worried\0 about sam",
            "Thank you for telling us. Your message is saved: C-1042.",
            Some("im worried\0 about sam"),
        ),
        (
            "bytes that are no UTF-8",
            b"im worried about sam \xff\xfe he cries",
            "Thank you for telling us. Your message is saved: C-1042.",
            Some("im worried about sam \u{fffd}\u{fffd} he cries"),
        ),
    ];
    for (what, body, answer, kept) in table {
        for database in databases::each().await {
            let rig = rig(&database.url).await;
            rig.hear_bytes(AMINA, body).await.unwrap();
            let told = rig.texts_to(AMINA).await.unwrap();
            assert!(
                told[0].starts_with(answer),
                "{what} ({}): {told:?}",
                database.kind
            );
            if let Some(kept) = kept {
                assert_eq!(&words_in(&rig, "C-1042").await[0], kept, "{what}");
                let mut tx = rig.d.store.read().await.unwrap();
                let since = schoolgate::store::Moment::from(jiff::Timestamp::UNIX_EPOCH);
                let heard = tx.not_alerted("kingfisher", since).await.unwrap();
                assert_eq!(heard[0].body, *body, "{what}: received byte for byte");
            }
            whole(rig).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_characters_are_kept_to_the_last() {
    let mut words = "im worried about sam. ".to_owned();
    words.push_str(&"he cries and cries. ".repeat(500));
    words.push_str("please help");
    assert!(words.chars().count() > 10_000);
    for database in databases::each().await {
        let rig = rig(&database.url).await;
        rig.hear(AMINA, &words).await.unwrap();
        assert_eq!(words_in(&rig, "C-1042").await[0], words);
        for text in rig.texts_to(AMINA).await.unwrap() {
            assert!(
                text.chars().count() <= 160,
                "the answer is as short as ever: {text}"
            );
        }
        whole(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_with_no_words_is_seen_by_a_person() {
    for database in databases::each().await {
        let rig = rig(&database.url).await;
        let photo = Inbound {
            media: vec![Media {
                content_type: "image/jpeg".to_owned(),
                reference: "media/1".to_owned(),
            }],
            ..message("photo", AMINA, b"")
        };
        inbox::accept(&rig.d, &rig.endpoint, &photo, false)
            .await
            .unwrap();
        settle(&rig.d).await.unwrap();
        let told = rig.texts_to(AMINA).await.unwrap();
        assert_eq!(
            told,
            [
                "Sorry, this computer cannot read that. A person will look by Wed 2 Dec, 4pm. We can get an interpreter. Ring 020 7946 0123. In danger now? Ring 999."
            ]
        );
        let mut tx = rig.d.store.read().await.unwrap();
        let tasks = tx.open_tasks("kingfisher").await.unwrap();
        assert!(
            tasks
                .iter()
                .any(|t| t.kind == "unread" && t.role == "office"),
            "{tasks:?}"
        );
        drop(tx);
        whole(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_nobodys_and_one_that_is_none_are_answered_alike() {
    for database in databases::each().await {
        let rig = rig(&database.url).await;
        for from in [
            "+447700900999",
            "EE-INFO",
            "60777",
            "+0",
            "not a number, ' OR 1=1",
        ] {
            rig.hear(from, "im worried about sam in 3H").await.unwrap();
            let told = rig.texts_to(from).await.unwrap();
            assert!(
                told[0].starts_with("Thank you for telling us. Your message is saved: C-10"),
                "{from}: {told:?}"
            );
            assert!(
                told[1].starts_with("Which child is this about? Please text"),
                "{told:?}"
            );
        }
        for (n, reference) in ["C-1042", "C-1043", "C-1044", "C-1045", "C-1046"]
            .iter()
            .enumerate()
        {
            let case = rig.case(reference).await.unwrap();
            assert_eq!(case.pupil, None, "{n}: nothing about a child");
        }
        whole(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_twice_is_one_message() {
    for database in databases::each().await {
        let rig = rig(&database.url).await;
        let heard = message("SM1", AMINA, b"im worried about sam");
        for _ in 0..3 {
            inbox::accept(&rig.d, &rig.endpoint, &heard, false)
                .await
                .unwrap();
            settle(&rig.d).await.unwrap();
        }
        let told = rig.texts_to(AMINA).await.unwrap();
        assert_eq!(told.len(), 2, "the receipt and one question: {told:?}");
        let said = words_in(&rig, "C-1042").await;
        assert_eq!(
            said.iter().filter(|w| *w == "im worried about sam").count(),
            1
        );
        // The same words under another id are said twice.
        let again = message("SM2", AMINA, b"im worried about sam");
        inbox::accept(&rig.d, &rig.endpoint, &again, false)
            .await
            .unwrap();
        settle(&rig.d).await.unwrap();
        let said = words_in(&rig, "C-1042").await;
        assert_eq!(
            said.iter().filter(|w| *w == "im worried about sam").count(),
            2
        );
        whole(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_messages_at_once_are_both_read_in_order_by_whichever_worker() {
    for database in databases::each().await {
        let rig = rig(&database.url).await;
        for (id, body) in [
            ("1", "im worried about sam"),
            ("2", "he is not eating his lunch"),
        ] {
            let heard = message(id, AMINA, body.as_bytes());
            inbox::accept(&rig.d, &rig.endpoint, &heard, false)
                .await
                .unwrap();
        }
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let d = rig.d.clone();
                tokio::spawn(async move {
                    inbox::drain(&d).await.unwrap();
                    outbox::drain(&d).await.unwrap();
                })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        settle(&rig.d).await.unwrap();
        let said = words_in(&rig, "C-1042").await;
        let at = |words: &str| said.iter().position(|w| w == words).unwrap();
        assert!(
            at("im worried about sam") < at("he is not eating his lunch"),
            "{said:?}"
        );
        let told = rig.texts_to(AMINA).await.unwrap();
        let receipts = told
            .iter()
            .filter(|t| t.contains("Your message is saved"))
            .count();
        assert_eq!(receipts, 1, "{}: {told:?}", database.kind);
        whole(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_meeting_that_was_called_off_meanwhile_hears_what_is_so() {
    for database in databases::each().await {
        for (reply, answer) in [
            ("2", "Your meeting on Wed 2 Dec, 3.30pm is called off"),
            ("3", "OK. Your meeting stays as it is."),
            ("1", "Mrs Cole and Mr Hughes can see you on:"),
        ] {
            let url = databases::each().await;
            let url = url.iter().find(|d| d.kind == database.kind).unwrap();
            let rig = rig(&url.url).await;
            rig.hear(AMINA, "can i book a meeting").await.unwrap();
            rig.hear(AMINA, "1").await.unwrap();
            rig.hear(AMINA, "CHANGE").await.unwrap();
            let mut tx = rig.d.store.begin().await.unwrap();
            let ahead = tx.meetings_ahead(&rig.endpoint.id, AMINA).await.unwrap();
            tx.cancel_meeting(ahead[0].id).await.unwrap();
            tx.save().await.unwrap();

            rig.hear(AMINA, reply).await.unwrap();
            let told = rig.texts_to(AMINA).await.unwrap();
            assert!(
                told.last().unwrap().starts_with(answer),
                "{reply}: {told:?}"
            );
            let mut tx = rig.d.store.read().await.unwrap();
            let tasks = tx.open_tasks("kingfisher").await.unwrap();
            assert!(tasks.is_empty(), "no turn failed: {tasks:?}");
            drop(tx);
            whole(rig).await;
        }
    }
}

// ---- files with faults, through the program itself ----

fn schoolgate(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_schoolgate"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A folder with the example configuration and the people it names.
fn school(more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let config = std::fs::read_to_string(demo.join("schoolgate.toml")).unwrap();
    std::fs::write(
        folder.path().join("schoolgate.toml"),
        format!("{more}\n{config}"),
    )
    .unwrap();
    for file in ["kingfisher.toml", "noticeboard.toml"] {
        std::fs::copy(demo.join(file), folder.path().join(file)).unwrap();
    }
    folder
}

#[test]
fn a_mistake_in_a_flow_is_shown_with_its_place_and_a_remedy() {
    let folder = school(r#"flows_dir = "flows""#);
    std::fs::create_dir(folder.path().join("flows")).unwrap();
    let concern = Path::new(env!("CARGO_MANIFEST_DIR")).join("flows/concern.toml");
    let concern = std::fs::read_to_string(concern).unwrap();
    let wrong = concern.replacen(r#"then    = "record""#, r#"then    = "recrod""#, 1);
    assert_ne!(concern, wrong);
    let line = wrong.lines().position(|l| l.contains("recrod")).unwrap() + 1;
    std::fs::write(folder.path().join("flows/concern.toml"), wrong).unwrap();

    let checked = schoolgate(&["check", "--config", "schoolgate.toml"], folder.path());
    let said = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(1), "{said}");
    assert!(said.contains("there is no step `recrod`"), "{said}");
    assert!(said.contains(&format!("concern.toml:{line}:")), "{said}");
    assert!(said.contains("^^^"), "{said}");
    assert!(said.contains("did you mean `record`?"), "{said}");

    let served = schoolgate(&["serve", "--config", "schoolgate.toml"], folder.path());
    assert!(
        !served.status.success(),
        "serve refuses to start on an error"
    );
    let said = String::from_utf8(served.stderr).unwrap();
    assert!(said.contains("recrod"), "{said}");
}

#[test]
fn a_missing_translation_is_a_warning_that_names_it() {
    let folder = school(r#"locales_dir = "locales""#);
    let polish = folder.path().join("locales/pl");
    std::fs::create_dir_all(&polish).unwrap();
    std::fs::write(polish.join("privacy.ftl"), "privacy-others = Nie.\n").unwrap();
    let checked = schoolgate(&["check", "--config", "schoolgate.toml"], folder.path());
    let said = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(0), "{said}");
    let warning = said.lines().find(|l| l.contains("privacy-staff")).unwrap();
    assert!(warning.starts_with("warning:"), "{warning}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_not_translated_is_said_in_english() {
    const PIOTR: &str = "+447700900102";
    let locales = tempfile::tempdir().unwrap();
    std::fs::create_dir(locales.path().join("pl")).unwrap();
    std::fs::write(
        locales.path().join("pl/hand-over.ftl"),
        "hand-over-tries = Przekazano.\n",
    )
    .unwrap();
    for database in databases::each().await {
        let config = Config {
            locales_dir: Some(locales.path().to_owned()),
            ..Config::demo().unwrap()
        };
        let now = config.schools[0].calendar.zone.clone();
        let now = date(2026, 12, 1).at(10, 0, 0, 0).to_zoned(now).unwrap();
        let clock = Clock::set(now.timestamp());
        let rig = Rig::with(config, &database.url, clock).await.unwrap();
        rig.hear(PIOTR, "menu").await.unwrap();
        rig.hear(PIOTR, "0").await.unwrap();
        let told = rig.texts_to(PIOTR).await.unwrap();
        assert!(told[0].contains("Umów spotkanie"), "{told:?}");
        assert!(
            told[1].starts_with("OK. A person from the school office will contact you by"),
            "{told:?}"
        );
        whole(rig).await;
    }
}
