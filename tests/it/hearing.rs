//! What comes in by another way than one webhook a message: in parts, late, on WhatsApp, or a number's own
//! test text.

use jiff::SignedDuration;
use jiff::civil::date;
use schoolgate::channel::{Inbound, Part};
use schoolgate::inbox;
use schoolgate::settle::settle;
use schoolgate::store::Purpose;
use schoolgate::testing::Rig;

use crate::databases;
use crate::twilio::{NUMBER, Then, Twilio};
use crate::ways::{AMINA, SARAH, WORRY, passes, said, two_numbers};

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_does_not_hear_its_own_test_text_is_told_of_before_a_parent_writes() {
    for database in databases::each().await {
        let (first, second) = (Twilio::start().await, Twilio::start().await);
        let canary = "canary = \"sms-2\"";
        let rig = two_numbers(&database.url, &first, &second, canary).await;
        let silent = async || {
            let mut tx = rig.d.store.read().await.unwrap();
            let tasks = tx.open_tasks(&rig.school().config.id).await.unwrap();
            tasks.iter().filter(|t| t.kind == "canary").count()
        };
        let heard = async |body: &str, from: &str| {
            let inbound = Inbound {
                provider_id: format!("SM{body}"),
                from: from.to_owned(),
                body: body.as_bytes().to_vec(),
                ..Inbound::default()
            };
            let accepted = inbox::accept(&rig.d, &rig.endpoint, &inbound, false).await;
            settle(&rig.d).await.unwrap();
            accepted.unwrap().is_some()
        };
        let sent = || said(&second, NUMBER);

        // It is ten on Tuesday: the first is sent on Wednesday, and heard.
        rig.at(date(2026, 12, 2).at(7, 39, 0, 0)).await.unwrap();
        assert!(sent().is_empty());
        rig.at(date(2026, 12, 2).at(7, 41, 0, 0)).await.unwrap();
        assert_eq!(sent().len(), 1, "{}", database.kind);
        assert!(
            !heard(&sent()[0], "+447700900009").await,
            "it is no message of anybody's"
        );
        rig.at(date(2026, 12, 2).at(8, 0, 0, 0)).await.unwrap();
        assert_eq!(silent().await, 0);

        // On Thursday nobody hears it; a parent who sends the same words is no canary.
        rig.at(date(2026, 12, 3).at(7, 41, 0, 0)).await.unwrap();
        let words = sent().pop().unwrap();
        assert_ne!(words, sent()[0]);
        assert!(heard(&words, AMINA).await);
        rig.at(date(2026, 12, 3).at(7, 46, 0, 0)).await.unwrap();
        assert_eq!(silent().await, 1, "{}", database.kind);
        let park = "+447700900210";
        assert!(rig.school().staff_with_phone(park).is_some());
        let told = said(&first, park);
        assert!(
            told.iter().any(|t| t.contains("may not be arriving")),
            "{told:?}"
        );

        // It comes after all: nobody has to do anything any more.
        assert!(!heard(&words, "+447700900009").await);
        assert_eq!(silent().await, 0);
        // None on Saturday.
        rig.at(date(2026, 12, 5).at(12, 0, 0, 0)).await.unwrap();
        assert_eq!(sent().len(), 3, "Wednesday, Thursday, Friday");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_came_while_nobody_was_there_is_answered_once_with_an_apology() {
    for database in databases::each().await {
        let (first, second) = (Twilio::start().await, Twilio::start().await);
        let rig = two_numbers(&database.url, &first, &second, "").await;
        inbox::catch_up(&rig.d).await.unwrap();
        settle(&rig.d).await.unwrap();
        let (config, clock) = (rig.d.config.clone(), rig.d.clock.clone());
        rig.d.store.close().await;

        // Half an hour passes without us; ten parents write.
        clock.advance_to(clock.now() + SignedDuration::from_mins(30));
        let parents: Vec<String> = (0..10).map(|n| format!("+44770090030{n}")).collect();
        for (n, who) in (0..).zip(&parents) {
            let ago = SignedDuration::from_mins(29 - 2 * n);
            first.received(&format!("SM{n}"), who, "who do i speak to about sen", ago);
        }
        // One of them on WhatsApp, which is another list of Twilio's.
        let whatsapp = format!("whatsapp:{NUMBER}");
        let ago = SignedDuration::from_mins(5);
        let on_whatsapp = "whatsapp:+447700900310";
        first.received_at(
            &whatsapp,
            "SM10",
            on_whatsapp,
            "who do i speak to about sen",
            ago,
        );
        let rig = Rig::with(config, &database.url, clock).await.unwrap();
        for new in [11, 0] {
            assert_eq!(
                inbox::catch_up(&rig.d).await.unwrap(),
                new,
                "{}",
                database.kind
            );
            settle(&rig.d).await.unwrap();
        }
        for who in parents.iter().map(String::as_str).chain([on_whatsapp]) {
            let told = said(&first, who);
            let sorry = told.iter().filter(|t| t.starts_with("Sorry for the delay"));
            assert_eq!(sorry.count(), 1, "{told:?}");
            assert!(told.len() >= 2, "and answered: {told:?}");
        }
        // The webhook that Twilio repeats now is the same message.
        let again = Inbound {
            provider_id: "SM3".to_owned(),
            from: parents[3].clone(),
            body: b"who do i speak to about sen".to_vec(),
            ..Inbound::default()
        };
        let id = inbox::accept(&rig.d, &rig.endpoint, &again, false).await;
        assert!(id.unwrap().is_none());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_text_that_comes_in_parts_is_read_when_it_is_whole() {
    const HODAN: &str = "+447700900106";
    for database in databases::each().await {
        let (first, second) = (Twilio::start().await, Twilio::start().await);
        let rig = two_numbers(&database.url, &first, &second, "").await;
        let part = async |id: &str, who: &str, reference: &str, n, words: &str| {
            let inbound = Inbound {
                provider_id: id.to_owned(),
                from: who.to_owned(),
                body: words.as_bytes().to_vec(),
                part: Some(Part {
                    reference: reference.to_owned(),
                    n,
                    total: 3,
                }),
                ..Inbound::default()
            };
            let id = inbox::accept(&rig.d, &rig.endpoint, &inbound, false).await;
            settle(&rig.d).await.unwrap();
            id.unwrap().is_some()
        };
        let words = async || {
            let mut tx = rig.d.store.read().await.unwrap();
            let long_ago = jiff::Timestamp::UNIX_EPOCH;
            let all = tx.not_alerted("kingfisher", long_ago.into()).await.unwrap();
            let mut all: Vec<String> = all.iter().map(schoolgate::store::Message::words).collect();
            all.sort();
            all
        };
        // Out of order, one of them twice, another person's with the same reference between them.
        assert!(!part("A3", AMINA, "7", 3, "what sam should bring").await);
        assert!(!part("A1", AMINA, "7", 1, "hello, can you tell me ").await);
        assert!(!part("A1", AMINA, "7", 1, "hello, can you tell me ").await);
        assert!(!part("B1", SARAH, "7", 1, "hi there, ").await);
        assert!(words().await.is_empty(), "nobody reads half a sentence");
        assert!(part("A2", AMINA, "7", 2, "when the school trip is and ").await);
        let whole = "hello, can you tell me when the school trip is and what sam should bring";
        assert_eq!(words().await, [whole], "{}", database.kind);
        assert!(
            !part("A2", AMINA, "7", 2, "when the school trip is and ").await,
            "a repeat"
        );

        let held = "SELECT provider_id FROM parts WHERE LENGTH(body) > 0";
        let held = crate::service::column(&database.url, held).await;
        assert_eq!(held, ["B1"], "words stand in one place");

        // What does not come is not waited for, and what comes late is read by itself.
        assert!(!part("B3", SARAH, "7", 3, "the hall?").await);
        passes(&rig, SignedDuration::from_secs(31)).await;
        assert_eq!(
            words().await,
            [whole, "hi there,  … the hall?"],
            "{}",
            database.kind
        );
        assert!(!part("B2", SARAH, "7", 2, "when is the meeting in ").await);
        passes(&rig, SignedDuration::from_secs(31)).await;
        assert_eq!(words().await[0], " … when is the meeting in  … ");

        // A risk that is cut in two is found in the whole.
        assert!(!part("C1", HODAN, "9", 1, "i want to ki").await);
        assert!(!part("C2", HODAN, "9", 2, "ll myself, i cant do this any").await);
        assert!(part("C3", HODAN, "9", 3, "more").await);
        let mut tx = rig.d.store.read().await.unwrap();
        let told = tx
            .written_to("sms", HODAN, jiff::Timestamp::UNIX_EPOCH.into())
            .await;
        let told = told.unwrap();
        assert!(
            told.iter().any(|t| t.purpose() == Purpose::Safeguarding),
            "{told:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_on_whatsapp_is_who_she_is_by_her_number_and_another_number_texts_her() {
    const WRITES: &str = "whatsapp:+447700900101";
    for database in databases::each().await {
        let (first, second) = (Twilio::start().await, Twilio::start().await);
        let rig = two_numbers(&database.url, &first, &second, "").await;
        rig.hear(WRITES, WORRY).await.unwrap();
        let case = rig.case("C-1042").await.unwrap();
        assert_eq!(
            case.adult.as_deref(),
            Some("amina-yusuf"),
            "{}",
            database.kind
        );
        let told = first.texts_to(WRITES);
        assert!(!told.is_empty() && told.iter().all(|t| t.from.starts_with("whatsapp:+")));
        first.does(WRITES, &[Then::NoSuchNumber]);
        rig.hear(WRITES, "1").await.unwrap();
        assert!(!said(&second, AMINA).is_empty(), "{}", database.kind);
        assert!(said(&second, WRITES).is_empty());
    }
}
