//! What leaves first, and what is sent again by hand.

use jiff::SignedDuration;
use jiff::civil::date;
use schoolgate::channel::{Receipt, Status};
use schoolgate::outbox;
use schoolgate::store::{Outgoing, Purpose};
use schoolgate::testing::Rig;

use crate::databases;

const AMINA: &str = "+447700900101";
const QUEUED: u32 = 3000;

#[tokio::test]
async fn an_answer_waits_for_no_queue_of_reminders_not_even_its_own_persons() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, date(2026, 12, 1).at(10, 0, 0, 0))
            .await
            .unwrap();
        let mut tx = rig.d.store.begin().await.unwrap();
        let due = tx.now();
        let text = |to: &str, purpose, words: &str| {
            let school = &rig.school().config.id;
            Outgoing::text(school, &rig.endpoint.id, to, purpose, words.to_owned(), due)
        };
        for n in 0..QUEUED {
            // Everybody has one, whoever writes next too.
            let to = if n == 0 {
                AMINA.to_owned()
            } else {
                format!("+4477009{:05}", n % 1000)
            };
            tx.queue(&text(&to, Purpose::Reminder, "a reminder"))
                .await
                .unwrap();
        }
        tx.queue(&text(AMINA, Purpose::Answer, "an answer"))
            .await
            .unwrap();
        tx.queue(&text("+447700900207", Purpose::Safeguarding, "a page"))
            .await
            .unwrap();
        tx.save().await.unwrap();

        let mut tx = rig.d.store.begin().await.unwrap();
        let by = rig.endpoint.id.as_str();
        assert_eq!(tx.ways_out().await.unwrap(), [by]);
        let lease = SignedDuration::from_secs(45);
        let rows = tx
            .claim_due(by, by, false, Purpose::Reminder, 3, lease)
            .await;
        let first: Vec<String> = rows.unwrap().into_iter().map(|row| row.body).collect();
        // Which way a reminder leaves is still to be chosen.
        assert_eq!(first, ["a page", "an answer"]);
    }
}

#[tokio::test]
async fn what_waits_is_sent_now_and_only_its_own_provider_speaks_of_it() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, date(2026, 12, 1).at(10, 0, 0, 0))
            .await
            .unwrap();
        let mut tx = rig.d.store.begin().await.unwrap();
        let tomorrow = tx.now() + SignedDuration::from_hours(24);
        let (school, handset) = (&rig.school().config.id, &rig.endpoint.id);
        let words = "tomorrow".to_owned();
        let text = Outgoing::text(school, handset, AMINA, Purpose::Answer, words, tomorrow);
        let id = tx.queue(&text).await.unwrap();
        tx.save().await.unwrap();
        assert_eq!(outbox::drain(&rig.d).await.unwrap(), 0);
        let mut tx = rig.d.store.begin().await.unwrap();
        assert!(tx.send_now(id).await.unwrap());
        tx.save().await.unwrap();
        assert_eq!(outbox::drain(&rig.d).await.unwrap(), 1);

        let failed = Receipt {
            outbox: Some(id),
            provider_id: None,
            status: Status::Failed,
            error: None,
            stopped: false,
            part: None,
        };
        for (endpoint, said) in [("another", 0), (handset.as_str(), 1)] {
            outbox::receipt(&rig.d, endpoint, &failed, "{}")
                .await
                .unwrap();
            let mut tx = rig.d.store.begin().await.unwrap();
            let receipts = tx.receipts_of(id).await.unwrap();
            assert_eq!(receipts.len(), said, "{endpoint}");
            assert!(!tx.send_now(id).await.unwrap(), "it has left");
        }
    }
}

#[tokio::test]
async fn what_failed_is_sent_again_and_nothing_else_is() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, date(2026, 12, 1).at(10, 0, 0, 0))
            .await
            .unwrap();
        let mut tx = rig.d.store.begin().await.unwrap();
        let due = tx.now();
        let school = rig.school().config.id.clone();
        let text = |words: &str| {
            let words = words.to_owned();
            Outgoing::text(
                &school,
                &rig.endpoint.id,
                AMINA,
                Purpose::School,
                words,
                due,
            )
        };
        let mut ids = Vec::new();
        for status in [
            Status::Failed,
            Status::Undelivered,
            Status::Uncertain,
            Status::Delivered,
        ] {
            let id = tx.queue(&text(status.word())).await.unwrap();
            assert!(
                tx.settle(id, status, Some(&format!("p{}", ids.len())), Some("why"))
                    .await
                    .unwrap()
            );
            ids.push(id);
        }
        let open = tx.outbox_open(&school, 100).await.unwrap();
        assert_eq!(open.len(), 3, "what arrived is not listed");
        for (at, id) in ids.iter().enumerate() {
            assert_eq!(tx.send_again(*id).await.unwrap(), at < 3);
            assert!(!tx.send_again(*id).await.unwrap(), "not twice");
        }
        let last = tx.outbox_row(ids[2]).await.unwrap().unwrap();
        assert_eq!(tx.held_back_by(&last).await.unwrap(), Some(ids[0]));
        tx.save().await.unwrap();
        assert_eq!(outbox::drain(&rig.d).await.unwrap(), 3);
        let mut tx = rig.d.store.read().await.unwrap();
        for id in ids {
            let row = tx.outbox_row(id).await.unwrap().unwrap();
            assert_eq!(row.status(), Status::Delivered, "{}", row.body);
        }
    }
}

#[tokio::test]
async fn nobody_is_asked_to_reach_them_once_the_message_has_arrived_after_all() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, date(2026, 12, 1).at(10, 0, 0, 0))
            .await
            .unwrap();
        let mut tx = rig.d.store.begin().await.unwrap();
        let (school, handset) = (&rig.school().config.id, &rig.endpoint.id);
        let now = tx.now();
        let words = "see you".to_owned();
        let text = Outgoing::text(school, handset, AMINA, Purpose::School, words, now);
        let id = tx.queue(&text).await.unwrap();
        tx.settle(id, Status::Sent, Some("p1"), None).await.unwrap();
        tx.save().await.unwrap();
        let says = async |status| {
            let receipt = Receipt {
                outbox: Some(id),
                provider_id: None,
                status,
                error: None,
                stopped: false,
                part: None,
            };
            outbox::receipt(&rig.d, handset, &receipt, "{}")
                .await
                .unwrap();
        };
        let asked = async || {
            let mut tx = rig.d.store.read().await.unwrap();
            tx.open_tasks(school).await.unwrap().len()
        };
        assert_eq!(asked().await, 0);
        says(Status::Undelivered).await;
        assert_eq!(asked().await, 1, "somebody has to reach them");
        let mut tx = rig.d.store.begin().await.unwrap();
        assert!(tx.send_again(id).await.unwrap());
        tx.save().await.unwrap();
        assert_eq!(asked().await, 0, "it is tried once more");
        says(Status::Failed).await;
        assert_eq!(asked().await, 1, "and fails once more");
        says(Status::Delivered).await;
        assert_eq!(asked().await, 0, "a late receipt");
    }
}
