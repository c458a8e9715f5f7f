//! What the console's pages read from the store, on both databases.

use jiff::{SignedDuration, Timestamp};
use schoolgate::channel::Inbound;
use schoolgate::clock::Clock;
use schoolgate::school::safeguarding::Verdict;
use schoolgate::store::{
    CaseFilter, Mark, Moment, NewCase, NewEntry, OutboxFilter, Outgoing, Purpose, Store, Term, Tx,
};
use uuid::Uuid;

use crate::databases;

const SCHOOL: &str = "kingfisher";
const AMINA: &str = "+447700900101";

async fn open(url: &str) -> (Store, Clock) {
    let clock = Clock::set("2026-12-01T12:00:00Z".parse::<Timestamp>().unwrap());
    let store = Store::open(url, clock.clone()).await.unwrap();
    store.migrate().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.keep_school(SCHOOL, "Kingfisher", 1042).await.unwrap();
    tx.keep_school("heron", "Heron", 1).await.unwrap();
    tx.save().await.unwrap();
    (store, clock)
}

async fn case_with(tx: &mut Tx, school: &str, words: &[&str]) -> Uuid {
    let case = tx
        .open_case(&NewCase {
            school_id: school,
            kind: "concern",
            tier: "ordinary",
            endpoint: "sms",
            address: AMINA,
            adult: None,
            pupil: Some("sam"),
            owner: None,
            copied: &[],
            barred: &[],
            escalate_at: None,
        })
        .await
        .unwrap();
    for words in words {
        let entry = NewEntry::new("message-in", "parent", words);
        tx.append(case.id, &entry).await.unwrap();
    }
    case.id
}

/// The numbers of the cases of a school that a search finds.
async fn found(tx: &mut Tx, school: &str, said: &str) -> Vec<i64> {
    let filter = CaseFilter {
        words: Term::all(said),
        ..CaseFilter::default()
    };
    let cases = tx.some_cases(school, &filter, 10).await.unwrap();
    cases.into_iter().map(|c| c.number).collect()
}

#[tokio::test]
async fn cases_are_found_by_folded_words_and_by_the_beginnings_of_words() {
    for database in databases::each().await {
        let (store, _) = open(&database.url).await;
        let mut tx = store.begin().await.unwrap();
        case_with(
            &mut tx,
            SCHOOL,
            &["Sam isn't SLEEPING, he cries", "łóżko \u{fffd} glasses"],
        )
        .await;
        case_with(
            &mut tx,
            SCHOOL,
            &["he sleeps well; nine words more than eight go in two lots here"],
        )
        .await;
        case_with(&mut tx, "heron", &["sleeping"]).await;
        for (said, expected) in [
            ("sleep", vec![1043, 1042]),
            ("sleeping", vec![1042]),
            ("lozko", vec![1042]),
            ("glasses cries sleeping", vec![1042]),
            ("glasses lots", vec![]),
            ("here", vec![1043]),
            ("he", vec![1043, 1042]),
            ("h", vec![]),
            ("leep", vec![]),
        ] {
            assert_eq!(
                found(&mut tx, SCHOOL, said).await,
                expected,
                "{said} on {}",
                database.kind
            );
        }
        assert_eq!(found(&mut tx, "heron", "sleep").await, [1]);
        tx.save().await.unwrap();
    }
}

#[tokio::test]
async fn erased_words_find_nothing_and_old_cases_are_found_after_a_migration() {
    for database in databases::each().await {
        let (store, _) = open(&database.url).await;
        let mut tx = store.begin().await.unwrap();
        let case = case_with(&mut tx, SCHOOL, &["secret words", "other words"]).await;
        tx.save().await.unwrap();
        databases::run(&database, "DELETE FROM case_words").await;
        store.migrate().await.unwrap();
        let mut tx = store.begin().await.unwrap();
        assert_eq!(found(&mut tx, SCHOOL, "secret").await, [1042]);
        drop(tx);
        databases::run(
            &database,
            "UPDATE entries SET body = NULL, salt = NULL WHERE seq = 1",
        )
        .await;
        let mut tx = store.begin().await.unwrap();
        tx.renew_words(case).await.unwrap();
        assert!(found(&mut tx, SCHOOL, "secret").await.is_empty());
        assert_eq!(found(&mut tx, SCHOOL, "other words").await, [1042]);
    }
}

async fn heard(store: &Store, id: &str) -> Uuid {
    let mut tx = store.begin().await.unwrap();
    let inbound = Inbound {
        provider_id: id.to_owned(),
        from: AMINA.to_owned(),
        body: id.as_bytes().to_vec(),
        ..Inbound::default()
    };
    let message = tx
        .accept(SCHOOL, "sms", &inbound, false)
        .await
        .unwrap()
        .unwrap();
    tx.screened(message, &Verdict::default(), None)
        .await
        .unwrap();
    tx.save().await.unwrap();
    message
}

#[tokio::test]
async fn a_mark_never_goes_back_and_nothing_is_skimmed_before_a_minute_has_passed() {
    for database in databases::each().await {
        let (store, clock) = open(&database.url).await;
        let (one, two) = (heard(&store, "one").await, heard(&store, "two").await);
        let later = |seconds| clock.advance_to(clock.now() + SignedDuration::from_secs(seconds));
        let start = Mark::before(Moment(0));
        let mut tx = store.read().await.unwrap();
        assert!(tx.to_skim(SCHOOL, start, 10).await.unwrap().is_empty());
        drop(tx);
        later(60);
        let mut tx = store.begin().await.unwrap();
        let all = tx.to_skim(SCHOOL, start, 10).await.unwrap();
        let ids: Vec<Uuid> = all.iter().map(|(_, m)| m.id).collect();
        assert_eq!(ids, [one, two], "{}", database.kind);
        for message in [two, one, Uuid::nil()] {
            tx.keep_skimmed(SCHOOL, "mrs-adeyemi", message)
                .await
                .unwrap();
            let mark = tx.skimmed(SCHOOL, "mrs-adeyemi").await.unwrap().unwrap();
            assert_eq!(mark.message, two, "{}", database.kind);
            assert!(tx.to_skim(SCHOOL, mark, 10).await.unwrap().is_empty());
        }
        tx.keep_skimmed("heron", "x", one).await.unwrap();
        assert_eq!(tx.skimmed("heron", "x").await.unwrap(), None);
        tx.save().await.unwrap();
    }
}

#[tokio::test]
async fn the_outbox_is_listed_a_page_at_a_time_and_the_month_adds_up() {
    for database in databases::each().await {
        let (store, _) = open(&database.url).await;
        let mut tx = store.begin().await.unwrap();
        for n in 0..5 {
            let words = format!("text {n}");
            let out = Outgoing::text(SCHOOL, "sms", AMINA, Purpose::School, words, tx.now());
            let id = tx.queue(&out).await.unwrap();
            if n == 0 {
                use schoolgate::channel::Status;
                tx.settle(id, Status::Failed, None, Some("gone"))
                    .await
                    .unwrap();
            }
            if n == 1 {
                use schoolgate::channel::Status;
                tx.settle(id, Status::Delivered, Some("x"), None)
                    .await
                    .unwrap();
                tx.spend(id, SCHOOL, "2026-12", 35_000, 1).await.unwrap();
            }
        }
        let mut filter = OutboxFilter {
            status: None,
            trouble: false,
            via: None,
            since: Moment(0),
            before: None,
        };
        let first = tx.outbox_page(SCHOOL, &filter, 3).await.unwrap();
        filter.before = first.last().map(|r| (r.created_at, r.id));
        let second = tx.outbox_page(SCHOOL, &filter, 3).await.unwrap();
        let words: Vec<String> = first
            .iter()
            .chain(&second)
            .map(|r| r.body.clone())
            .collect();
        assert_eq!(
            words,
            ["text 4", "text 3", "text 2", "text 1", "text 0"],
            "{}",
            database.kind
        );
        filter.before = None;
        filter.trouble = true;
        let bad = tx.outbox_page(SCHOOL, &filter, 9).await.unwrap();
        assert_eq!(bad.len(), 1);
        filter.trouble = false;
        filter.status = Some(schoolgate::channel::Status::Queued);
        filter.via = Some("sms".to_owned());
        assert_eq!(tx.outbox_page(SCHOOL, &filter, 9).await.unwrap().len(), 3);
        let carried = tx.carried_since(SCHOOL, Moment(0)).await.unwrap();
        let [one] = carried.as_slice() else {
            panic!("{carried:?}")
        };
        assert_eq!((one.messages, one.parts, one.cost), (1, 1, 35_000));
    }
}
