//! Which way a message leaves by: while a provider fails, when a number is refused, and when the
//! month's money is spent.

use std::num::NonZeroU32;

use jiff::SignedDuration;
use schoolgate::channel::{Inbound, Status};
use schoolgate::inbox;
use schoolgate::outbox::{self, Sender};
use schoolgate::settle::{advance, settle};
use schoolgate::store::{Failing, OutboxRow, Outgoing, Purpose};
use schoolgate::testing::Rig;

use crate::databases;
use crate::service::Deployed;
use crate::twilio::{ACCOUNT, Then, Twilio};

pub const AMINA: &str = "+447700900101";
pub const SARAH: &str = "+447700900103";
const NINA: &str = "+447700900108";
pub const WORRY: &str = "im worried about sam";

/// The demo school with two numbers, each at a provider of its own, on a Tuesday morning.
pub async fn two_numbers(database: &str, first: &Twilio, second: &Twilio, more: &str) -> Rig {
    let channels = format!(
        "{more}\n[[school.channel]]\nid = \"sms-2\"\nkind = \"twilio\"\nnumber = \"+447700900009\"\n\
         account_sid = \"{ACCOUNT}\"\nauth_token_file = \"token\"\nopt_out = \"ours\"\n\
         api_base = \"http://{}\"\n",
        second.address
    );
    let school = Deployed::new(database, first, &channels);
    let (config, clock) = school.on_a_tuesday();
    for twilio in [first, second] {
        twilio.by_chance(&clock, |_| None);
    }
    Rig::with(config, database, clock).await.unwrap()
}

pub async fn passes(rig: &Rig, time: SignedDuration) {
    advance(&rig.d, rig.d.clock.now() + time).await.unwrap();
}

async fn rows_to(rig: &Rig, address: &str) -> Vec<OutboxRow> {
    let mut tx = rig.d.store.read().await.unwrap();
    let since = jiff::Timestamp::UNIX_EPOCH.into();
    let mut rows = Vec::new();
    for endpoint in rig.d.roll().endpoints.keys() {
        rows.extend(tx.written_to(endpoint, address, since).await.unwrap());
    }
    rows
}

pub fn said(twilio: &Twilio, to: &str) -> Vec<String> {
    twilio.texts_to(to).into_iter().map(|t| t.body).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_fails_is_set_aside_and_the_schools_other_number_takes_over() {
    for database in databases::each().await {
        let (first, second) = (Twilio::unreachable().await, Twilio::start().await);
        let rig = two_numbers(&database.url, &first, &second, "").await;
        for who in [AMINA, SARAH, NINA] {
            rig.hear(who, WORRY).await.unwrap();
        }
        passes(&rig, SignedDuration::from_secs(30)).await;
        for who in [AMINA, SARAH, NINA] {
            let texts = said(&second, who);
            assert!(!texts.is_empty(), "{}: {who}", database.kind);
            assert!(
                texts[0].contains("Kingfisher"),
                "from a number nobody knows it says whose it is: {texts:?}"
            );
            let rows = rows_to(&rig, who).await;
            assert!(rows.iter().all(|r| r.via == "sms-2" && r.endpoint == "sms"));
            assert!(rows.iter().all(|r| r.status() == Status::Accepted));
        }
        let mut tx = rig.d.store.read().await.unwrap();
        let failing = tx.failing().await.unwrap();
        assert_eq!(failing.len(), 1);
        assert!(outbox::rests(&failing, "sms", rig.d.clock.now()));
        drop(tx);

        // What she answers to the other number goes on with the same conversation, once.
        let answer = Inbound {
            provider_id: "SM77".to_owned(),
            from: AMINA.to_owned(),
            body: b"he is not eating his lunch".to_vec(),
            ..Inbound::default()
        };
        let other = rig.d.endpoint("sms-2").unwrap();
        let before = said(&second, AMINA).len();
        for new in [true, false] {
            let id = inbox::accept(&rig.d, &other, &answer, false).await.unwrap();
            assert_eq!(id.is_some(), new);
            settle(&rig.d).await.unwrap();
        }
        let told = said(&second, AMINA);
        assert!(told.len() > before, "{told:?}");
        let mut tx = rig.d.store.read().await.unwrap();
        assert!(tx.lane("sms-2", AMINA).await.unwrap().is_none());
        let case = rig.case("C-1042").await.unwrap();
        let chronology = tx.chronology(case.id).await.unwrap();
        let words = chronology.iter().filter_map(|e| e.words());
        assert_eq!(words.filter(|w| w.contains("lunch")).count(), 1);
        drop(tx);

        // The first is back: whoever writes to it is answered by it, and it is not failing any more.
        first.connect().await;
        passes(&rig, SignedDuration::from_mins(2)).await;
        rig.hear(SARAH, "he cries in the morning").await.unwrap();
        assert!(!said(&first, SARAH).is_empty(), "{}", database.kind);
        let mut tx = rig.d.store.read().await.unwrap();
        assert!(tx.failing().await.unwrap().is_empty());
        drop(tx);
        // And whoever writes to the other is answered by the other.
        let more = Inbound {
            provider_id: "SM78".to_owned(),
            body: b"and he hides his shoes".to_vec(),
            ..answer
        };
        inbox::accept(&rig.d, &other, &more, false).await.unwrap();
        settle(&rig.d).await.unwrap();
        assert!(said(&first, AMINA).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_provider_that_asks_for_an_hour_is_left_alone_and_holds_up_nothing() {
    const RISK: &str = "my son wants to kill himself";
    for database in databases::each().await {
        let (first, second) = (Twilio::start().await, Twilio::start().await);
        let rig = two_numbers(&database.url, &first, &second, "").await;
        first.by_chance(&rig.d.clock, |_| Some(Then::ComeBackIn(3600)));
        rig.hear(AMINA, RISK).await.unwrap();
        rig.hear(SARAH, WORRY).await.unwrap();
        passes(&rig, SignedDuration::from_secs(61)).await;
        for who in [AMINA, SARAH] {
            let rows = rows_to(&rig, who).await;
            assert!(!rows.is_empty());
            for row in rows {
                assert_eq!(
                    row.status(),
                    Status::Accepted,
                    "{}: {}",
                    database.kind,
                    row.body
                );
                assert_eq!(row.via, "sms-2");
            }
        }
        let mut tx = rig.d.store.read().await.unwrap();
        let failing = tx.failing().await.unwrap();
        assert!(failing[0].asked(), "it works, and it shows: {failing:?}");
        drop(tx);
        let asked = first.asked();
        rig.hear(NINA, WORRY).await.unwrap();
        assert_eq!(first.asked(), asked, "it is asked for nothing meanwhile");
        assert!(!said(&second, NINA).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn where_nobody_stands_in_alerts_go_on_and_the_rest_waits_in_its_order() {
    for database in databases::each().await {
        let (first, second) = (Twilio::start().await, Twilio::unreachable().await);
        let rig = two_numbers(&database.url, &first, &second, "").await;
        // The other number is set aside already.
        let mut tx = rig.d.store.begin().await.unwrap();
        let now = rig.d.clock.now();
        tx.keep_failing(&Failing {
            endpoint: "sms-2".to_owned(),
            failures: 9,
            failing_since: now.into(),
            rests_until: Some((now + SignedDuration::from_hours(3)).into()),
            why: "gone".to_owned(),
        })
        .await
        .unwrap();
        tx.save().await.unwrap();

        first.does(SARAH, &[Then::ComeBackIn(90)]);
        rig.hear(SARAH, WORRY).await.unwrap();
        let asked = first.asked();
        rig.hear(SARAH, "he cries in the morning").await.unwrap();
        rig.hear(NINA, WORRY).await.unwrap();
        assert_eq!(first.asked(), asked, "{}: left alone", database.kind);
        passes(&rig, SignedDuration::from_secs(80)).await;
        assert!(said(&first, NINA).is_empty() && said(&first, SARAH).is_empty());
        passes(&rig, SignedDuration::from_secs(11)).await;
        assert!(!said(&first, NINA).is_empty(), "{}", database.kind);
        let written: Vec<String> = rows_to(&rig, SARAH)
            .await
            .into_iter()
            .map(|r| r.body)
            .collect();
        assert_eq!(
            said(&first, SARAH),
            written,
            "in the order they were written"
        );

        // An alert is tried within a minute, whatever it was asked.
        first.by_chance(&rig.d.clock, |_| Some(Then::ComeBackIn(3600)));
        rig.hear(AMINA, "my son wants to kill himself")
            .await
            .unwrap();
        let asked = first.asked();
        passes(&rig, SignedDuration::from_secs(61)).await;
        assert!(first.asked() > asked, "{}", database.kind);
        first.by_chance(&rig.d.clock, |_| None);
        passes(&rig, SignedDuration::from_secs(61)).await;
        let rows = rows_to(&rig, AMINA).await;
        assert!(
            rows.iter().all(|r| r.status() == Status::Accepted),
            "the rest follows"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_one_provider_refuses_leaves_by_the_next_and_at_last_a_person_is_told() {
    for database in databases::each().await {
        let (first, second) = (Twilio::start().await, Twilio::start().await);
        let rig = two_numbers(&database.url, &first, &second, "").await;
        first.does(AMINA, &[Then::NoSuchNumber]);
        rig.hear(AMINA, WORRY).await.unwrap();
        let rows = rows_to(&rig, AMINA).await;
        let refused = rows.iter().find(|r| r.status() == Status::Failed).unwrap();
        let instead = rows.iter().find(|r| r.instead_of == Some(refused.id));
        let instead = instead.unwrap();
        assert_eq!(
            (instead.via.as_str(), instead.body.as_str()),
            ("sms-2", refused.body.as_str())
        );
        assert_eq!(instead.status(), Status::Accepted);
        let mut tx = rig.d.store.read().await.unwrap();
        let school = rig.school().config.id.clone();
        let tasks = async |tx: &mut schoolgate::store::Tx| {
            let all = tx.open_tasks(&school).await.unwrap();
            all.into_iter().filter(|t| t.kind == "delivery").count()
        };
        assert_eq!(
            tasks(&mut tx).await,
            0,
            "it arrived: nobody has to do anything"
        );
        drop(tx);

        first.does(SARAH, &[Then::NoSuchNumber]);
        second.does(SARAH, &[Then::NoSuchNumber]);
        rig.hear(SARAH, WORRY).await.unwrap();
        let mut tx = rig.d.store.read().await.unwrap();
        assert_eq!(tasks(&mut tx).await, 1);
        drop(tx);

        // A reminder that is sent another way is still withdrawn when it is no longer true.
        let soon = rig.d.clock.now() + SignedDuration::from_mins(5);
        first.does(AMINA, &[Then::NoSuchNumber]);
        second.does(AMINA, &[Then::Busy; 20]);
        let mut tx = rig.d.store.begin().await.unwrap();
        let (now, words) = (tx.now(), "a reminder".to_owned());
        let text = Outgoing::text(&school, "sms", AMINA, Purpose::Reminder, words, now);
        let stale = Some(soon);
        tx.queue(&Outgoing { stale, ..text }).await.unwrap();
        tx.save().await.unwrap();
        settle(&rig.d).await.unwrap();
        passes(&rig, SignedDuration::from_mins(6)).await;
        let rows = rows_to(&rig, AMINA).await;
        let reminders = rows.iter().filter(|r| r.body == "a reminder");
        let stand: Vec<Status> = reminders.map(|r| r.status()).collect();
        assert_eq!(
            stand,
            [Status::Failed, Status::Expired],
            "{}",
            database.kind
        );

        // Whoever has stopped our texts is not followed to another number.
        first.does(NINA, &[Then::Stopped]);
        rig.hear(NINA, WORRY).await.unwrap();
        assert!(said(&second, NINA).is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn when_the_months_money_is_spent_reminders_wait_and_answers_do_not() {
    let price = "price = [{ to = \"+\", part = \"0.5\" }, { to = \"+447\", part = \"0.04\" }]";
    for database in databases::each().await {
        let (first, second) = (Twilio::start().await, Twilio::start().await);
        let rig = two_numbers(&database.url, &first, &second, price).await;
        let mut config = rig.d.config.clone();
        config.schools[0].monthly_budget = Some("0.20".parse().unwrap());
        let rig = Rig::with(config, &database.url, rig.d.clock.clone())
            .await
            .unwrap();
        let school = rig.school().config.id.clone();
        let queue = async |purpose, words: &str, stale| {
            let mut tx = rig.d.store.begin().await.unwrap();
            let now = tx.now();
            let text = Outgoing::text(&school, "sms", AMINA, purpose, words.to_owned(), now);
            let id = tx.queue(&Outgoing { stale, ..text }).await.unwrap();
            tx.save().await.unwrap();
            settle(&rig.d).await.unwrap();
            let mut tx = rig.d.store.read().await.unwrap();
            tx.outbox_row(id).await.unwrap().unwrap()
        };
        let warnings = async || {
            let mut tx = rig.d.store.read().await.unwrap();
            let all = tx.open_tasks(&school).await.unwrap();
            all.into_iter().filter(|t| t.kind == "budget").count()
        };
        let tomorrow = rig.d.clock.now() + SignedDuration::from_hours(24);
        for (spent, told) in [(40_000, 0), (80_000, 0), (120_000, 0), (160_000, 1)] {
            let row = queue(Purpose::Reminder, "a reminder", None).await;
            assert_eq!((row.status(), row.cost), (Status::Accepted, Some(40_000)));
            let mut tx = rig.d.store.read().await.unwrap();
            let month = rig.school().calendar().month(tx.now());
            assert_eq!(tx.spent(&school, &month).await.unwrap().cost, spent);
            assert_eq!(warnings().await, told, "at {spent}");
        }
        queue(Purpose::Answer, "the last that the budget covers", None).await;
        assert_eq!(warnings().await, 2);
        let held = queue(Purpose::Reminder, "a reminder", None).await;
        assert_eq!(held.status(), Status::Queued, "{}", database.kind);
        let stale = queue(Purpose::Reminder, "of tomorrow", Some(tomorrow)).await;
        for purpose in [Purpose::Answer, Purpose::School, Purpose::Safeguarding] {
            let row = queue(purpose, "something that matters", None).await;
            assert_eq!(row.status(), Status::Accepted, "{purpose:?}");
        }
        assert_eq!(warnings().await, 2, "told once of each");
        // Next month there is money again, and what was for tomorrow is not said then.
        passes(&rig, SignedDuration::from_hours(31 * 24)).await;
        let mut tx = rig.d.store.read().await.unwrap();
        let held = tx.outbox_row(held.id).await.unwrap().unwrap();
        assert_eq!(held.status(), Status::Accepted);
        let stale = tx.outbox_row(stale.id).await.unwrap().unwrap();
        assert_eq!(stale.status(), Status::Expired);
        let abroad = "+33700900000";
        let twilio = &rig.endpoint.config;
        assert_eq!(outbox::price(twilio, abroad), Some("0.5".parse().unwrap()));
        assert_eq!(
            outbox::price(&rig.d.endpoint("sms-2").unwrap().config, abroad),
            None
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_endpoint_keeps_its_pace_and_an_alert_does_not_wait_for_it() {
    let (first, second) = (Twilio::start().await, Twilio::start().await);
    let database = databases::sqlite();
    let rig = two_numbers(&database.url, &first, &second, "per_minute = 60").await;
    assert_eq!(rig.endpoint.config.per_minute, NonZeroU32::new(60));
    let (school, now) = (rig.school().config.id.clone(), rig.d.clock.now());
    let mut tx = rig.d.store.begin().await.unwrap();
    for (to, purpose) in [
        ("+447700900201", Purpose::Answer),
        ("+447700900202", Purpose::Answer),
    ] {
        let text = Outgoing::text(&school, "sms", to, purpose, "hello".to_owned(), now);
        tx.queue(&text).await.unwrap();
    }
    tx.save().await.unwrap();
    let mut sender = Sender::new(&rig.d);
    let began = std::time::Instant::now();
    // The first leaves at once; the second has its turn a second later.
    sender.round().await.unwrap();
    sender.one_ended().await;
    sender.round().await.unwrap();
    assert_eq!(first.texts().len(), 1);
    let mut tx = rig.d.store.begin().await.unwrap();
    let (to, alert) = ("+447700900203", Purpose::Safeguarding);
    let text = Outgoing::text(&school, "sms", to, alert, "a page".to_owned(), now);
    tx.queue(&text).await.unwrap();
    tx.save().await.unwrap();
    sender.round().await.unwrap();
    sender.one_ended().await;
    let taken: Vec<String> = first.texts().into_iter().map(|t| t.body).collect();
    assert_eq!(
        taken,
        ["hello", "a page"],
        "the alert went by the one that waits"
    );
    // What comes up meanwhile and matters more takes the next turn.
    let mut tx = rig.d.store.begin().await.unwrap();
    for (to, purpose) in [
        ("+447700900204", Purpose::Reminder),
        ("+447700900205", Purpose::Answer),
    ] {
        let words = purpose.word().to_owned();
        let text = Outgoing::text(&school, "sms", to, purpose, words, now);
        tx.queue(&text).await.unwrap();
    }
    tx.save().await.unwrap();
    while first.texts().len() < 4 {
        sender.round().await.unwrap();
        sender.one_ended().await;
    }
    let last = first.texts().pop().unwrap();
    assert_eq!(last.body, "answer", "before the reminder");
    assert!(began.elapsed().as_millis() >= 900, "{:?}", began.elapsed());
}

#[tokio::test(flavor = "multi_thread")]
async fn two_schools_with_providers_of_their_own_never_mix() {
    for database in databases::each().await {
        let (first, second) = (Twilio::start().await, Twilio::unreachable().await);
        let rig = two_numbers(&database.url, &first, &second, "").await;
        let mut config = rig.d.config.clone();
        let mut other = config.schools[0].clone();
        "kestrel".clone_into(&mut other.id);
        "Kestrel Juniors".clone_into(&mut other.short_name);
        other.channels = config.schools[0].channels.split_off(1);
        config.schools.push(other);
        let rig = Rig::with(config, &database.url, rig.d.clock.clone())
            .await
            .unwrap();
        let kestrel = rig.d.endpoint("sms-2").unwrap();
        // The same parent at both, with the same id of a message at both providers.
        for endpoint in [&rig.endpoint, &kestrel] {
            let heard = Inbound {
                provider_id: "SM1".to_owned(),
                from: AMINA.to_owned(),
                body: b"how do i find sendiass".to_vec(),
                ..Inbound::default()
            };
            let id = inbox::accept(&rig.d, endpoint, &heard, false)
                .await
                .unwrap();
            assert!(id.is_some(), "{}: {}", database.kind, endpoint.id);
        }
        settle(&rig.d).await.unwrap();
        passes(&rig, SignedDuration::from_mins(10)).await;
        let by_first = said(&first, AMINA);
        assert!(!by_first.is_empty());
        assert!(
            by_first.iter().all(|t| !t.contains("Kestrel")),
            "{by_first:?}"
        );
        second.connect().await;
        passes(&rig, SignedDuration::from_hours(1)).await;
        assert_eq!(
            said(&first, AMINA),
            by_first,
            "nothing of the other school's"
        );
        assert!(!said(&second, AMINA).is_empty());
        let rows = rows_to(&rig, AMINA).await;
        assert!(rows.iter().all(|r| r.via == r.endpoint));
        let mut tx = rig.d.store.read().await.unwrap();
        for (school, endpoint) in [("kingfisher", "sms"), ("kestrel", "sms-2")] {
            let lane = tx.lane(endpoint, AMINA).await.unwrap().unwrap();
            assert_eq!(lane.school_id, school);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_alert_is_tried_once_a_minute_and_at_once_when_a_provider_works_again() {
    for database in databases::each().await {
        let (first, second) = (Twilio::unreachable().await, Twilio::unreachable().await);
        let rig = two_numbers(&database.url, &first, &second, "").await;
        rig.hear(AMINA, "i think sam is being hurt at home by his uncle")
            .await
            .unwrap();
        passes(&rig, SignedDuration::from_mins(10)).await;
        first.connect().await;
        passes(&rig, SignedDuration::from_secs(80)).await;
        let paged = first.texts().iter().filter(|t| t.to != AMINA).count();
        assert!(paged > 0, "{}: nobody was paged", database.kind);
        assert!(!said(&first, AMINA).is_empty(), "{}", database.kind);
        let rows = rows_to(&rig, AMINA).await;
        assert!(
            rows.iter().all(|r| r.status() == Status::Accepted),
            "what waited for the provider left with it: {rows:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_refused_text_waits_for_the_number_that_is_set_aside_and_is_not_sent_again_by_the_same() {
    let (first, second) = (Twilio::start().await, Twilio::unreachable().await);
    let database = databases::sqlite();
    let rig = two_numbers(&database.url, &first, &second, "").await;
    // The second is set aside: whoever wrote to it is answered by the first.
    let other = rig.d.endpoint("sms-2").unwrap();
    for (id, who) in [("1", SARAH), ("2", NINA), ("3", SARAH)] {
        let heard = Inbound {
            provider_id: id.to_owned(),
            from: who.to_owned(),
            body: WORRY.into(),
            ..Inbound::default()
        };
        inbox::accept(&rig.d, &other, &heard, false).await.unwrap();
        settle(&rig.d).await.unwrap();
        passes(&rig, SignedDuration::from_secs(10)).await;
    }
    assert!(!said(&first, SARAH).is_empty(), "the first stands in");
    first.does(
        AMINA,
        &[Then::NoSuchNumber, Then::NoSuchNumber, Then::NoSuchNumber],
    );
    let mut tx = rig.d.store.begin().await.unwrap();
    let (school, now) = (rig.school().config.id.clone(), tx.now());
    let text = Outgoing::text(
        &school,
        "sms",
        AMINA,
        Purpose::Answer,
        "hello".to_owned(),
        now,
    );
    tx.queue(&text).await.unwrap();
    tx.save().await.unwrap();
    settle(&rig.d).await.unwrap();
    assert_eq!(first.times_asked(AMINA), 1);
    second.connect().await;
    passes(&rig, SignedDuration::from_hours(1)).await;
    assert_eq!(first.times_asked(AMINA), 1);
    assert_eq!(said(&second, AMINA).len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn two_texts_alike_are_two_texts_also_when_nobody_knows_of_the_first() {
    for database in databases::each().await {
        let (first, second) = (Twilio::start().await, Twilio::start().await);
        let rig = two_numbers(&database.url, &first, &second, "").await;
        let (school, endpoint) = (rig.school().config.id.clone(), rig.endpoint.id.clone());
        first.does(SARAH, &[Then::LoseIt, Then::TakeInSilence]);
        for _ in 0..3 {
            let mut tx = rig.d.store.begin().await.unwrap();
            let (now, words) = (tx.now(), "That is added.".to_owned());
            let text = Outgoing::text(&school, &endpoint, SARAH, Purpose::Answer, words, now);
            tx.queue(&text).await.unwrap();
            tx.save().await.unwrap();
            passes(&rig, SignedDuration::from_secs(20)).await;
        }
        passes(&rig, SignedDuration::from_mins(10)).await;
        // After two that brought no answer, the other number took over.
        let taken = said(&first, SARAH).len() + said(&second, SARAH).len();
        assert_eq!(taken, 3, "{}", database.kind);
        let mut sids: Vec<_> = rows_to(&rig, SARAH)
            .await
            .into_iter()
            .map(|r| (r.via, r.provider_id.unwrap()))
            .collect();
        sids.sort();
        sids.dedup();
        assert_eq!(
            sids.len(),
            3,
            "{}: each has an id of its own",
            database.kind
        );
    }
}
