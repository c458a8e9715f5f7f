//! The store on both databases: what it promises to the rest of the program.

use jiff::{SignedDuration, Timestamp};
use schoolgate::channel::{Inbound, Receipt, Status};
use schoolgate::clock::Clock;
use schoolgate::store::{Booking, NewCase, NewEntry, NewMeeting, Outgoing, Purpose, Store};

use crate::databases;

const SCHOOL: &str = "kingfisher";
const AMINA: &str = "+447700900101";

async fn open(url: &str, clock: &Clock) -> Store {
    let store = Store::open(url, clock.clone()).await.unwrap();
    store.migrate().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.keep_school(SCHOOL, "Kingfisher", 1042).await.unwrap();
    tx.save().await.unwrap();
    store
}

fn clock() -> Clock {
    Clock::set("2026-12-01T12:00:00Z".parse::<Timestamp>().unwrap())
}

fn from_amina(id: &str, words: &[u8]) -> Inbound {
    Inbound {
        provider_id: id.to_owned(),
        from: AMINA.to_owned(),
        body: words.to_vec(),
        ..Inbound::default()
    }
}

fn to_amina(body: &str, purpose: Purpose, due: Timestamp) -> Outgoing {
    Outgoing::text(SCHOOL, "sms", AMINA, purpose, body.to_owned(), due)
}

fn concern() -> NewCase<'static> {
    NewCase {
        school_id: SCHOOL,
        kind: "concern",
        tier: "ordinary",
        endpoint: "sms",
        address: AMINA,
        adult: None,
        pupil: None,
        owner: None,
        copied: &[],
        barred: &[],
        escalate_at: None,
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_message_is_stored_once_however_often_it_comes() {
    for database in databases::each().await {
        let store = open(&database.url, &clock()).await;
        let mut racing = Vec::new();
        for _ in 0..8 {
            let store = store.clone();
            racing.push(tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let id = tx
                    .accept(SCHOOL, "sms", &from_amina("SM1", b"hello \0 \xff"), false)
                    .await
                    .unwrap();
                tx.save().await.unwrap();
                id
            }));
        }
        let mut stored = 0;
        for task in racing {
            stored += usize::from(task.await.unwrap().is_some());
        }
        assert_eq!(stored, 1, "{}", database.kind);
        let mut tx = store.begin().await.unwrap();
        let message = tx.claim_unscreened().await.unwrap().unwrap();
        assert_eq!(
            message.body, b"hello \0 \xff",
            "{}: not a byte is lost",
            database.kind
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_chronology_that_was_touched_is_found_out() {
    for database in databases::each().await {
        let store = open(&database.url, &clock()).await;
        let mut tx = store.begin().await.unwrap();
        let case = tx.open_case(&concern()).await.unwrap();
        assert_eq!(case.reference(), "C-1042");
        for words in ["im worried", "about sam", "not sleeping"] {
            tx.append(case.id, &NewEntry::new("message-in", "parent", words))
                .await
                .unwrap();
        }
        tx.save().await.unwrap();
        let mut tx = store.read().await.unwrap();
        assert_eq!(tx.verify().await.unwrap(), (3, vec![]), "{}", database.kind);
        drop(tx);

        for (statement, at) in [
            ("UPDATE entries SET kind = 'note' WHERE seq = 2", 2),
            ("DELETE FROM entries WHERE seq = 3", 2),
        ] {
            meddle(&database.url, statement).await;
            let mut tx = store.read().await.unwrap();
            let (_, breaks) = tx.verify().await.unwrap();
            assert_eq!(breaks.len(), 1, "{}: {statement}", database.kind);
            assert_eq!(
                (breaks[0].reference.as_str(), breaks[0].seq),
                ("C-1042", at),
                "{}",
                database.kind
            );
        }
    }
}

/// Changes a database behind the store's back, as only somebody with the file could.
async fn meddle(url: &str, statement: &'static str) {
    use sqlx::Connection as _;
    if url.starts_with("sqlite:") {
        let mut c = sqlx::SqliteConnection::connect(url).await.unwrap();
        sqlx::query(statement).execute(&mut c).await.unwrap();
    } else {
        let mut c = sqlx::PgConnection::connect(url).await.unwrap();
        sqlx::query(statement).execute(&mut c).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_meetings_cannot_take_one_time() {
    for database in databases::each().await {
        let store = open(&database.url, &clock()).await;
        let mut tx = store.begin().await.unwrap();
        let case = tx.open_case(&concern()).await.unwrap().id;
        tx.save().await.unwrap();
        let mut racing = Vec::new();
        for i in 0..20_i64 {
            let store = store.clone();
            racing.push(tokio::spawn(async move {
                // Overlapping half hours, in both orders of people.
                let quanta: Vec<i64> = (i % 3..i % 3 + 6).collect();
                let staff = if i % 2 == 0 {
                    ["cole", "hughes"]
                } else {
                    ["hughes", "cole"]
                };
                let mut tx = store.begin().await.unwrap();
                let booking = tx
                    .book(
                        &NewMeeting {
                            school_id: SCHOOL,
                            case_id: case,
                            endpoint: "sms",
                            address: AMINA,
                            adult: None,
                            pupil: None,
                            staff: &staff.map(str::to_owned),
                            starts_at: tx.now(),
                            minutes: 30,
                            mode: "school",
                            quanta: &quanta,
                        },
                        None,
                    )
                    .await
                    .unwrap();
                tx.save().await.unwrap();
                booking != Booking::Gone
            }));
        }
        let mut booked = 0;
        for task in racing {
            booked += usize::from(task.await.unwrap());
        }
        assert_eq!(
            booked, 1,
            "{}: one of twenty overlapping bookings stands",
            database.kind
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn messages_to_one_person_leave_in_order_and_safeguarding_waits_for_nothing() {
    let lease = SignedDuration::from_secs(45);
    for database in databases::each().await {
        let clock = clock();
        let store = open(&database.url, &clock).await;
        let mut tx = store.begin().await.unwrap();
        let now = tx.now();
        for body in ["first", "second"] {
            tx.queue(&to_amina(body, Purpose::Answer, now))
                .await
                .unwrap();
        }
        tx.queue(&to_amina("urgent", Purpose::Safeguarding, now))
            .await
            .unwrap();
        tx.save().await.unwrap();

        let claim = async || {
            let mut tx = store.begin().await.unwrap();
            let rows = tx
                .claim_due("sms", "sms", false, Purpose::Reminder, 1, lease)
                .await;
            tx.save().await.unwrap();
            rows.unwrap().pop()
        };
        assert_eq!(claim().await.unwrap().body, "urgent", "{}", database.kind);
        let first = claim().await.unwrap();
        assert_eq!(first.body, "first", "{}", database.kind);
        assert!(
            claim().await.is_none(),
            "{}: the second waits for the first",
            database.kind
        );

        // The first is retried: for a minute it holds the second back, and no longer.
        let mut tx = store.begin().await.unwrap();
        tx.retry(
            first.id,
            now + SignedDuration::from_secs(300),
            "no connection",
        )
        .await
        .unwrap();
        tx.save().await.unwrap();
        assert!(claim().await.is_none(), "{}", database.kind);
        clock.advance_to(now + SignedDuration::from_secs(61));
        assert_eq!(claim().await.unwrap().body, "second", "{}", database.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_receipt_never_moves_a_message_down_the_ladder() {
    for database in databases::each().await {
        let store = open(&database.url, &clock()).await;
        let mut tx = store.begin().await.unwrap();
        let now = tx.now();
        let id = tx
            .queue(&to_amina("hello", Purpose::Answer, now))
            .await
            .unwrap();
        let lease = SignedDuration::from_secs(45);
        let taken = tx
            .claim_due("sms", "sms", false, Purpose::Reminder, 1, lease)
            .await;
        assert_eq!(taken.unwrap().len(), 1);
        let receipt = |status| Receipt {
            outbox: Some(id),
            provider_id: Some("SM9".to_owned()),
            status,
            error: None,
            stopped: false,
            part: None,
        };
        // In the order in which providers really send them: delivered before sent.
        for (told, stands) in [
            (Status::Delivered, Status::Delivered),
            (Status::Sent, Status::Delivered),
            (Status::Failed, Status::Delivered),
            (Status::Accepted, Status::Delivered),
        ] {
            tx.receipt("sms", &receipt(told)).await.unwrap();
            let row = tx.outbox_row(id).await.unwrap().unwrap();
            assert_eq!(row.status(), stands, "{}: after {told:?}", database.kind);
        }
        assert!(
            tx.receipt("another", &receipt(Status::Failed))
                .await
                .unwrap()
                .is_none(),
            "not its endpoint's"
        );
        tx.save().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_belongs_to_one_person() {
    for database in databases::each().await {
        let store = open(&database.url, &clock()).await;
        let mut tx = store.begin().await.unwrap();
        let case = tx.open_case(&concern()).await.unwrap().id;
        let one = tx
            .notify(SCHOOL, case, "mrs-cole", "owner", None, false)
            .await
            .unwrap();
        let two = tx
            .notify(SCHOOL, case, "mr-hughes", "copy", None, false)
            .await
            .unwrap();
        assert_ne!(one.code, two.code);
        assert!(
            tx.notice_by_code(SCHOOL, "mr-hughes", one.code)
                .await
                .unwrap()
                .is_none()
        );
        assert_eq!(
            tx.notice_by_code(SCHOOL, "mrs-cole", one.code)
                .await
                .unwrap()
                .unwrap()
                .id,
            one.id
        );
        let again = tx
            .notify(SCHOOL, case, "mrs-cole", "owner", None, false)
            .await
            .unwrap();
        assert_eq!(again.id, one.id, "told again, under the same code");
        tx.save().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_has_arrived_when_its_last_part_has() {
    for database in databases::each().await {
        let store = open(&database.url, &clock()).await;
        let mut tx = store.begin().await.unwrap();
        let now = tx.now();
        let long = "Your meeting is on Tuesday. ".repeat(15);
        let id = tx
            .queue(&to_amina(&long, Purpose::Answer, now))
            .await
            .unwrap();
        let parts = tx.outbox_row(id).await.unwrap().unwrap().parts;
        assert_eq!(parts, 3);
        tx.settle(id, Status::Accepted, Some("P1"), None)
            .await
            .unwrap();
        let arrived = |part: &str| Receipt {
            outbox: Some(id),
            provider_id: Some(part.to_owned()),
            status: Status::Delivered,
            error: None,
            stopped: false,
            part: Some(part.to_owned()),
        };
        for (part, stands) in [
            ("P1", Status::Sent),
            ("P3", Status::Sent),
            ("P3", Status::Sent),
            ("P2", Status::Delivered),
            ("P1", Status::Delivered),
        ] {
            tx.keep_receipt("sms", &arrived(part), "{}").await.unwrap();
            tx.receipt("sms", &arrived(part)).await.unwrap();
            let row = tx.outbox_row(id).await.unwrap().unwrap();
            assert_eq!(row.status(), stands, "{}: after {part}", database.kind);
        }
        assert_eq!(tx.receipts_of(id).await.unwrap().len(), 5);
        tx.save().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_an_earlier_try_only_good_news_counts() {
    for database in databases::each().await {
        let store = open(&database.url, &clock()).await;
        let mut tx = store.begin().await.unwrap();
        let now = tx.now();
        let id = tx
            .queue(&to_amina("hello", Purpose::Answer, now))
            .await
            .unwrap();
        let lease = SignedDuration::from_secs(45);
        // The first try by `sms` came to nothing that anybody knew of; the second left by `sms-2`.
        let taken = tx.claim_due("sms", "sms-2", false, Purpose::Reminder, 1, lease);
        assert_eq!(taken.await.unwrap()[0].via, "sms-2");
        tx.settle(id, Status::Accepted, Some("P2"), None)
            .await
            .unwrap();
        let receipt = |theirs: &str, status| Receipt {
            outbox: Some(id),
            provider_id: Some(theirs.to_owned()),
            status,
            error: None,
            stopped: false,
            part: None,
        };
        for (endpoint, theirs, status, stands) in [
            ("sms", "P1", Status::Failed, Status::Accepted),
            ("sms-2", "P0", Status::Undelivered, Status::Accepted),
            ("sms", "P1", Status::Delivered, Status::Delivered),
        ] {
            let moved = tx
                .receipt(endpoint, &receipt(theirs, status))
                .await
                .unwrap();
            assert_eq!(moved.is_some(), stands == status);
            let row = tx.outbox_row(id).await.unwrap().unwrap();
            assert_eq!(
                row.status(),
                stands,
                "{}: {status:?} of {theirs}",
                database.kind
            );
        }
        tx.save().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_provider_asked_us_to_wait_with_is_not_brought_forward() {
    for database in databases::each().await {
        let store = open(&database.url, &clock()).await;
        let mut tx = store.begin().await.unwrap();
        let (now, lease) = (tx.now(), SignedDuration::from_secs(45));
        let later = now + SignedDuration::from_secs(300);
        let mut due = Vec::new();
        for (person, asked) in [("1", false), ("2", true)] {
            let to = format!("{AMINA}{person}");
            let text = Outgoing::text(SCHOOL, "sms", &to, Purpose::Answer, "hello".to_owned(), now);
            let id = tx.queue(&text).await.unwrap();
            tx.claim_due("sms", "sms", false, Purpose::Reminder, 1, lease)
                .await
                .unwrap();
            tx.retry(id, later, "busy").await.unwrap();
            if asked {
                tx.wait_until(id, later).await.unwrap();
            }
            due.push(id);
        }
        tx.bring_forward("sms", false).await.unwrap();
        for (id, at) in due.into_iter().zip([now, later]) {
            let row = tx.outbox_row(id).await.unwrap().unwrap();
            assert_eq!(row.due_at.timestamp(), at, "{}", database.kind);
        }
        tx.save().await.unwrap();
    }
}
