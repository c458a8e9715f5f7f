//! What is held, erased and kept for its time, on both databases: words go, chains stay whole.

use jiff::civil::date;
use jiff::{SignedDuration, ToSpan as _};
use schoolgate::channel::{Inbound, Status};
use schoolgate::clock::Clock;
use schoolgate::config::Config;
use schoolgate::desk::erasure::erase;
use schoolgate::desk::keeping::{KeepError, hold, hold_pupil, lift};
use schoolgate::jobs;
use schoolgate::keeping::retention::{due, remove};
use schoolgate::school::retention::{Kept, MayNotErase};
use schoolgate::store::{Case, NewCase, NewEntry, Outgoing, Purpose, Tx};
use schoolgate::testing::Rig;

use crate::databases;

const SCHOOL: &str = "kingfisher";
const PIOTR: &str = "+447700900102";
const WORDS: &str = "the words of another family";

/// The demo school on the first of December 2026; Sam, who has SEN support, was born in 2018, and Zofia
/// in 1990.
async fn school(url: &str, nightly: &[Kept]) -> Rig {
    let mut config = Config::demo().unwrap();
    let school = &mut config.schools[0];
    school.retention.nightly = nightly.to_vec();
    for (key, born) in [("sam", date(2018, 5, 4)), ("zofia", date(1990, 5, 4))] {
        let pupil = school.people.pupils.iter_mut().find(|p| p.key == key);
        pupil.unwrap().date_of_birth = Some(born);
    }
    let ten = date(2026, 12, 1).at(10, 0, 0, 0);
    let now = ten.to_zoned(school.calendar.zone.clone()).unwrap();
    Rig::with(config, url, Clock::set(now.timestamp()))
        .await
        .unwrap()
}

/// A case with a message in, a text out that waits to leave, and a note.
async fn case(rig: &Rig, tx: &mut Tx, kind: &str, pupil: &str, id: &str) -> Case {
    let inbound = Inbound {
        provider_id: id.to_owned(),
        from: PIOTR.to_owned(),
        body: WORDS.as_bytes().to_vec(),
        ..Inbound::default()
    };
    let message = tx
        .accept(SCHOOL, &rig.endpoint.id, &inbound, false)
        .await
        .unwrap();
    let case = tx
        .open_case(&NewCase {
            school_id: SCHOOL,
            kind,
            tier: if kind == "safeguarding" {
                "safeguarding"
            } else {
                "ordinary"
            },
            endpoint: &rig.endpoint.id,
            address: PIOTR,
            adult: Some("piotr-kowalski"),
            pupil: Some(pupil),
            owner: None,
            copied: &[],
            barred: &[],
            escalate_at: None,
        })
        .await
        .unwrap();
    let heard = NewEntry {
        message,
        ..NewEntry::new("message-in", "parent", WORDS)
    };
    tx.append(case.id, &heard).await.unwrap();
    let said = NewEntry::new("message-out", "mrs-cole", "We have read it.").to_adult();
    tx.append(case.id, &said).await.unwrap();
    let later = tx.now() + SignedDuration::from_hours(1);
    let body = "Mrs Cole: We have read it.".to_owned();
    tx.queue(&Outgoing {
        case_id: Some(case.id),
        ..Outgoing::text(
            SCHOOL,
            &rig.endpoint.id,
            PIOTR,
            Purpose::School,
            body,
            later,
        )
    })
    .await
    .unwrap();
    tx.append(case.id, &NewEntry::new("note", "mrs-cole", "A note."))
        .await
        .unwrap();
    tx.case(SCHOOL, case.id).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn erased_words_are_nowhere_and_every_chain_is_whole() {
    for database in databases::each().await {
        let rig = school(&database.url, &[]).await;
        let mut tx = rig.d.store.begin().await.unwrap();
        let case = case(&rig, &mut tx, "question", "zofia", "one").await;
        for seq in [1, 2] {
            erase(
                &mut tx,
                rig.school(),
                &case,
                seq,
                "sent by mistake",
                "mr-wright",
            )
            .await
            .unwrap();
        }
        tx.save().await.unwrap();

        let mut tx = rig.d.store.begin().await.unwrap();
        let entries = tx.chronology(case.id).await.unwrap();
        let words: Vec<_> = entries.iter().map(|e| e.words()).collect();
        assert_eq!(words[..2], [None, None], "{}", database.kind);
        assert_eq!(words[2].as_deref(), Some("A note."));
        assert_eq!(
            words[4].as_deref(),
            Some("The words of entry 2 were erased: sent by mistake")
        );
        let (sound, breaks) = tx.verify().await.unwrap();
        assert_eq!((sound, breaks), (5, vec![]), "{}", database.kind);
        let rows = tx.outbox_of_case(case.id).await.unwrap();
        assert_eq!(
            (rows[0].body.as_str(), rows[0].status()),
            ("", Status::Expired)
        );
        let message = tx.claim_unscreened().await.unwrap().unwrap();
        assert_eq!(message.body, b"", "{}: the message itself", database.kind);
        let again = erase(&mut tx, rig.school(), &case, 1, "again", "mr-wright").await;
        assert!(matches!(again, Err(KeepError::Already(1))));
        let none = erase(&mut tx, rig.school(), &case, 99, "none", "mr-wright").await;
        assert!(matches!(none, Err(KeepError::NoEntry { .. })));
        let silent = erase(&mut tx, rig.school(), &case, 3, " ", "mr-wright").await;
        assert!(matches!(silent, Err(KeepError::NoReason)));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_the_school_must_keep_is_not_erased() {
    for database in databases::each().await {
        let rig = school(&database.url, &[]).await;
        let mut tx = rig.d.store.begin().await.unwrap();
        let ours = rig.school();
        let sealed = case(&rig, &mut tx, "safeguarding", "zofia", "one").await;
        let support = case(&rig, &mut tx, "concern", "sam", "two").await;
        let question = case(&rig, &mut tx, "question", "zofia", "three").await;
        let mut refused = Vec::new();
        hold(&mut tx, ours, &question, "an appeal", "mrs-cole")
            .await
            .unwrap();
        for case in [&sealed, &support, &question] {
            match erase(&mut tx, ours, case, 1, "asked to", "mr-wright").await {
                Err(KeepError::MayNot(why)) => refused.push(why),
                other => panic!("{other:?}"),
            }
        }
        let until = date(2049, 5, 4);
        assert_eq!(
            refused,
            [
                MayNotErase::Safeguarding,
                MayNotErase::SenRecord { until },
                MayNotErase::Held
            ]
        );
        let twice = hold(&mut tx, ours, &question, "again", "mrs-cole").await;
        assert!(matches!(twice, Err(KeepError::Hold(_))));
        lift(&mut tx, ours, &question, "decided", "mrs-cole")
            .await
            .unwrap();
        hold_pupil(&mut tx, ours, "zofia", "a claim", "mrs-cole", true)
            .await
            .unwrap();
        let held = erase(&mut tx, ours, &question, 1, "asked to", "mr-wright").await;
        assert!(matches!(held, Err(KeepError::MayNot(MayNotErase::Held))));
        hold_pupil(&mut tx, ours, "zofia", "over", "mrs-cole", false)
            .await
            .unwrap();
        erase(&mut tx, ours, &question, 1, "asked to", "mr-wright")
            .await
            .unwrap();
        assert_eq!(tx.verify().await.unwrap().1, []);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_was_kept_for_its_time_is_shown_and_then_removed_but_for_holds_and_sealed_cases() {
    for database in databases::each().await {
        let rig = school(&database.url, &[]).await;
        let mut tx = rig.d.store.begin().await.unwrap();
        let ours = rig.school();
        let old = case(&rig, &mut tx, "concern", "zofia", "one").await;
        let held = case(&rig, &mut tx, "concern", "zofia", "two").await;
        let sealed = case(&rig, &mut tx, "safeguarding", "zofia", "three").await;
        let young = case(&rig, &mut tx, "concern", "sam", "four").await;
        let undated = case(&rig, &mut tx, "concern", "kai", "five").await;
        hold(&mut tx, ours, &held, "an appeal", "mrs-cole")
            .await
            .unwrap();
        let counts = |found: &[schoolgate::keeping::retention::Due]| -> Vec<_> {
            found
                .iter()
                .map(|d| (d.kept, d.over.count, d.held, d.undated))
                .collect()
        };
        let found = due(&mut tx, ours).await.unwrap();
        assert_eq!(
            counts(&found),
            [
                (Kept::Messages, 0, 0, 0),
                (Kept::ProviderLogs, 0, 0, 0),
                (Kept::SenRecords, 1, 1, 1),
                (Kept::Safeguarding, 1, 0, 0)
            ],
            "{}",
            database.kind
        );
        assert_eq!(found[2].over.oldest, Some(old.opened_at));
        for (_, kept) in Kept::WORDS {
            remove(&mut tx, ours, *kept, "command-line").await.unwrap();
        }
        for (case, words) in [
            (&old, 0),
            (&held, 4),
            (&sealed, 3),
            (&young, 3),
            (&undated, 3),
        ] {
            let entries = tx.chronology(case.id).await.unwrap();
            let left = entries.iter().filter_map(|e| e.words()).count();
            assert_eq!(left, words, "{}: {}", database.kind, case.reference());
        }
        let gone = tx.case(SCHOOL, old.id).await.unwrap().unwrap();
        assert_eq!(
            (gone.adult, gone.pupil, gone.address.as_str()),
            (None, None, "")
        );
        assert_eq!(tx.verify().await.unwrap().1, [], "{}", database.kind);
        let found = due(&mut tx, ours).await.unwrap();
        assert_eq!(counts(&found)[2], (Kept::SenRecords, 0, 1, 1));
    }
}

/// How much of what a family wrote and was answered is left thirteen months and a night later.
async fn left_after_a_year(url: &str, nightly: &[Kept]) -> i64 {
    let rig = school(url, nightly).await;
    rig.hear(PIOTR, "STOP").await.unwrap();
    jobs::run_due(&rig.d).await.unwrap();
    let kept = async || {
        let mut tx = rig.d.store.read().await.unwrap();
        let before = rig.d.clock.now().into();
        tx.messages_over(SCHOOL, before).await.unwrap().count
    };
    assert_eq!(kept().await, 0, "of this moment");
    let now = rig.school().local(rig.d.clock.now());
    let later = rig.school().instant(now.saturating_add(13.months()));
    rig.d.clock.advance_to(later);
    assert_eq!(kept().await, 2, "the word and the answer");
    for _ in 0..3 {
        jobs::run_due(&rig.d).await.unwrap();
    }
    kept().await
}

#[tokio::test(flavor = "multi_thread")]
async fn each_night_only_what_the_school_has_switched_on_goes() {
    for database in databases::each().await {
        let left = left_after_a_year(&database.url, &[Kept::Messages]).await;
        assert_eq!(left, 0, "{}", database.kind);
    }
    let database = databases::sqlite();
    assert_eq!(left_after_a_year(&database.url, &[]).await, 2);
}
