//! What leaves and what arrives, by `serve` itself and a Twilio that misbehaves: once, in order,
//! never silently.

use std::net::SocketAddr;
use std::time::Duration;

use futures::future::join_all;
use jiff::SignedDuration;
use jiff::civil::date;
use schoolgate::testing::Rig;
use sqlx::{Connection as _, SqliteConnection};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};
use tokio::task::{JoinHandle, JoinSet};

use crate::databases;
use crate::service::{Deployed, eventually, until};
use crate::twilio::{NUMBER, Text, Then, Twilio};

const AMINA: &str = "+447700900101";
const SARAH: &str = "+447700900103";
const JOY: &str = "+447700900105";
const HODAN: &str = "+447700900106";
const NINA: &str = "+447700900108";
const WORDS: &str = "im worried, not sleeping and not eating, says no to school";

/// The first text that Twilio has taken for somebody.
async fn first_text(twilio: &Twilio, to: &str) -> Text {
    eventually(&format!("a text to {to}"), async || {
        twilio.texts_to(to).into_iter().next()
    })
    .await
}

/// Everything queued for somebody stands so.
async fn stands(school: &Deployed, to: &str, status: &str) {
    until(&format!("every text to {to} is {status}"), async || {
        let statuses = school.statuses(to).await;
        !statuses.is_empty() && statuses.iter().all(|s| s == status)
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn receipts_in_any_order_never_go_back() {
    for database in databases::each().await {
        let twilio = Twilio::start().await;
        let school = Deployed::new(&database.url, &twilio, "");
        let _serving = school.serve().await;

        // Told that it was sent before Twilio has even answered our request.
        twilio.does(AMINA, &[Then::TakeSlowly(Duration::from_millis(500))]);
        assert_eq!(school.text("SM1", AMINA, WORDS).await, 200);
        let text = first_text(&twilio, AMINA).await;
        assert_eq!(school.receipt(&text, "sent").await, 200);
        assert_eq!(school.statuses(AMINA).await[0], "sent");
        for status in ["delivered", "queued", "sent", "undelivered", "failed"] {
            assert_eq!(school.receipt(&text, status).await, 200, "{status}");
        }
        assert_eq!(school.statuses(AMINA).await[0], "delivered");

        assert_eq!(school.text("SM2", SARAH, WORDS).await, 200);
        let text = first_text(&twilio, SARAH).await;
        for status in ["undelivered", "sent", "undelivered"] {
            assert_eq!(school.receipt(&text, status).await, 200, "{status}");
        }
        assert_eq!(school.statuses(SARAH).await[0], "undelivered");
        let tasks = school.column("SELECT kind FROM tasks").await;
        assert_eq!(tasks, ["delivery"], "told once, to a person");
        assert_eq!(
            twilio.texts_to(AMINA).len(),
            school.statuses(AMINA).await.len()
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_twilio_does_each_text_leaves_once_or_a_person_is_told() {
    // Each waits for the other side most of the time.
    let on_each = databases::each().await.into_iter().map(async |database| {
        let twilio = Twilio::start().await;
        let school = Deployed::new(&database.url, &twilio, "");
        let _serving = school.serve().await;

        twilio.does(AMINA, &[Then::TakeInSilence]);
        twilio.does(JOY, &[Then::TakeSlowly(Duration::from_secs(60))]);
        twilio.does(SARAH, &[Then::LoseIt]);
        twilio.does(NINA, &[Then::Busy]);
        twilio.does(HODAN, &[Then::Stopped]);
        for (sid, who) in [
            ("SM1", AMINA),
            ("SM2", SARAH),
            ("SM3", NINA),
            ("SM4", HODAN),
            ("SM5", JOY),
        ] {
            assert_eq!(school.text(sid, who, WORDS).await, 200);
        }

        // It took the text and said nothing, or not in time: found in its list, not sent again.
        for who in [AMINA, JOY] {
            stands(&school, who, "accepted").await;
        }
        // It never had it: found missing, sent once more. And what was busy is tried again.
        for who in [SARAH, NINA] {
            stands(&school, who, "accepted").await;
        }
        for (who, more) in [(AMINA, 0), (JOY, 0), (SARAH, 1), (NINA, 1)] {
            let texts = school.statuses(who).await.len();
            assert_eq!(twilio.texts_to(who).len(), texts, "{who} was texted once");
            assert_eq!(twilio.times_asked(who), texts + more, "{who}");
        }
        // This person has stopped us at Twilio: nothing more is tried, and the office rings
        // once, however many texts were waiting.
        stands(&school, HODAN, "failed").await;
        assert_eq!(twilio.texts_to(HODAN).len(), 0);
        let stopped = "SELECT address FROM lanes WHERE stopped_at IS NOT NULL";
        assert_eq!(school.column(stopped).await, [HODAN]);
        let tasks = "SELECT kind || ' ' || role || ' ' || address FROM tasks";
        let told = format!("stopped office {HODAN}");
        assert_eq!(school.column(tasks).await, [told]);
    });
    join_all(on_each).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_waits_until_twilio_can_be_reached() {
    let database = databases::sqlite();
    let twilio = Twilio::unreachable().await;
    let school = Deployed::new(&database.url, &twilio, "");
    let _serving = school.serve().await;
    assert_eq!(school.text("SM1", AMINA, WORDS).await, 200);
    until("it was tried in vain", async || {
        let tried = school
            .column("SELECT status FROM outbox WHERE attempts > 0 AND error IS NOT NULL")
            .await;
        tried.contains(&"queued".to_owned())
    })
    .await;
    twilio.connect().await;
    stands(&school, AMINA, "accepted").await;
    assert_eq!(
        twilio.texts_to(AMINA).len(),
        school.statuses(AMINA).await.len()
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_school_that_nobody_can_call_asks_for_its_texts() {
    for database in databases::each().await {
        let twilio = Twilio::start().await;
        twilio.received("SM1", AMINA, WORDS, SignedDuration::from_mins(10));
        let school = Deployed::new(&database.url, &twilio, "inbound = \"poll\"");
        let _serving = school.serve().await;
        stands(&school, AMINA, "accepted").await;
        let late = first_text(&twilio, AMINA).await.body;
        assert!(late.starts_with("Sorry for the delay"), "{late}");
        twilio.received("SM2", SARAH, WORDS, SignedDuration::ZERO);
        stands(&school, SARAH, "accepted").await;
        let soon = first_text(&twilio, SARAH).await.body;
        assert!(!soon.contains("Sorry"), "{soon}");
        // The same message by another way is the same message.
        assert_eq!(school.text("SM2", SARAH, WORDS).await, 200);
        let looks = twilio.times_listed();
        until("it has looked twice more", async || {
            twilio.times_listed() > looks + 1
        })
        .await;
        let ids = "SELECT provider_id FROM messages ORDER BY provider_id";
        assert_eq!(school.column(ids).await, ["SM1", "SM2"]);
        assert_eq!(school.entries(WORDS).await, 2);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_texts_at_once_are_answered_in_order() {
    for database in databases::each().await {
        let twilio = Twilio::start().await;
        let school = Deployed::new(&database.url, &twilio, "");
        let _serving = school.serve().await;
        let too = "im worried about his eating too";
        let (one, other) = tokio::join!(
            school.text("SM1", AMINA, WORDS),
            school.text("SM2", AMINA, too),
        );
        assert_eq!((one, other), (200, 200));
        until("both are answered", async || {
            let waiting = "SELECT provider_id FROM messages WHERE processed_at IS NULL";
            school.column(waiting).await.is_empty()
        })
        .await;
        stands(&school, AMINA, "accepted").await;
        let messages = "SELECT provider_id FROM messages ORDER BY received_at, id";
        let turns = "SELECT provider_id FROM turns JOIN messages ON messages.id = turns.message ORDER BY turns.at, turns.id";
        assert_eq!(school.column(messages).await, school.column(turns).await);
        let written: Vec<String> = school
            .column(&format!(
                "SELECT body FROM outbox WHERE address = '{AMINA}' ORDER BY id"
            ))
            .await;
        let taken: Vec<String> = twilio.texts_to(AMINA).into_iter().map(|t| t.body).collect();
        assert_eq!(taken, written);
        for words in [WORDS, too] {
            assert_eq!(school.entries(words).await, 1, "{words}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_too_large_or_for_nobody_is_refused() {
    let database = databases::sqlite();
    let twilio = Twilio::start().await;
    let school = Deployed::new(&database.url, &twilio, "");
    let _serving = school.serve().await;
    for path in ["/hooks/nobody", "/hooks/nobody/status"] {
        assert_eq!(
            school
                .post(path, &[("MessageSid", "SM1"), ("From", AMINA)])
                .await,
            404
        );
    }
    let longest = "x".repeat(60 * 1024);
    assert_eq!(school.text("SM1", AMINA, &longest).await, 200);
    // Only the beginning of ten megabytes: whoever refuses them need not read them.
    let mut stream = TcpStream::connect(school.url().trim_start_matches("http://"))
        .await
        .unwrap();
    let head = "POST /hooks/sms HTTP/1.1\r\nHost: school\r\nContent-Length: 10485760\r\n\r\nBody=";
    stream.write_all(head.as_bytes()).await.unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).await.unwrap();
    assert_eq!(&answer, b"HTTP/1.1 413");
    assert_eq!(
        school.column("SELECT provider_id FROM messages").await,
        ["SM1"]
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_that_stands_in_a_call_makes_a_database_refuse_it() {
    for database in databases::each().await {
        let twilio = Twilio::start().await;
        let school = Deployed::new(&database.url, &twilio, "");
        let _serving = school.serve().await;
        let endless = "9".repeat(10_000);
        let (nul, long) = ("SM\u{0}1", endless.as_str());
        for (sid, from) in [(nul, "+4477009\u{0}00101"), (long, long)] {
            let message = [
                ("MessageSid", sid),
                ("From", from),
                ("To", NUMBER),
                ("Body", "one \u{0} two"),
                ("NumMedia", "1"),
                ("MediaUrl0", "https://api.twilio.com/\u{0}"),
                ("MediaContentType0", "image/\u{0}"),
            ];
            let receipt = [
                ("MessageSid", sid),
                ("MessageStatus", "failed"),
                ("ErrorCode", "3\u{0}"),
            ];
            for (path, fields) in [
                ("/hooks/sms", &message[..]),
                ("/hooks/sms/status", &receipt),
            ] {
                for _ in 0..2 {
                    let status = school.post(path, fields).await;
                    assert_eq!(
                        status,
                        200,
                        "{}: {path}, {} bytes",
                        database.kind,
                        sid.len()
                    );
                }
            }
        }
        let all = school.column("SELECT provider_id FROM messages").await;
        assert_eq!(all.len(), 2, "{}: each once", database.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_message_that_cannot_be_stored_is_not_half_stored() {
    let database = databases::sqlite();
    let twilio = Twilio::start().await;
    let school = Deployed::new(&database.url, &twilio, "");
    let _serving = school.serve().await;
    let mut db = SqliteConnection::connect(&database.url).await.unwrap();
    // The message's own row is written by then.
    let full =
        "CREATE TRIGGER full BEFORE INSERT ON lanes BEGIN SELECT RAISE(ABORT, 'disk full'); END";
    sqlx::query(full).execute(&mut db).await.unwrap();
    assert_eq!(school.text("SM1", AMINA, WORDS).await, 503);
    let messages = "SELECT provider_id FROM messages";
    assert!(school.column(messages).await.is_empty());
    sqlx::query("DROP TRIGGER full")
        .execute(&mut db)
        .await
        .unwrap();
    assert_eq!(school.text("SM1", AMINA, WORDS).await, 200);
    stands(&school, AMINA, "accepted").await;
    assert_eq!(school.entries(WORDS).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn while_postgres_is_away_twilio_is_told_to_try_again() {
    let mut all = databases::each().await;
    let Some(database) = all.pop().filter(|d| d.kind == "postgres") else {
        return; // `each` has said so.
    };
    let (server, name) = database.url.rsplit_once('/').unwrap();
    let (user, server) = server.rsplit_once('@').unwrap();
    let mut wire = Wire::to(server, ([127, 0, 0, 1], 0).into()).await;
    let through = format!("{user}@{}/{name}", wire.address);

    let twilio = Twilio::start().await;
    let school = Deployed::new(&through, &twilio, "");
    let _serving = school.serve().await;
    wire.cut();
    assert_eq!(school.text("SM1", AMINA, WORDS).await, 503);
    wire = Wire::to(server, wire.address).await;
    eventually("the database is back", async || {
        (school.text("SM1", AMINA, WORDS).await == 200).then_some(())
    })
    .await;
    stands(&school, AMINA, "accepted").await;
    assert_eq!(
        school.column("SELECT provider_id FROM messages").await,
        ["SM1"]
    );
    assert_eq!(school.entries(WORDS).await, 1);
    assert_eq!(
        twilio.texts_to(AMINA).len(),
        school.statuses(AMINA).await.len()
    );
    drop(wire);
}

/// The wire to a database server, which can be cut.
struct Wire {
    address: SocketAddr,
    task: JoinHandle<()>,
}

impl Wire {
    async fn to(server: &str, address: SocketAddr) -> Self {
        let listener = TcpListener::bind(address).await.unwrap();
        let address = listener.local_addr().unwrap();
        let server = server.to_owned();
        let task = tokio::spawn(async move {
            let mut connections = JoinSet::new();
            while let Ok((mut near, _)) = listener.accept().await {
                let server = server.clone();
                connections.spawn(async move {
                    if let Ok(mut far) = TcpStream::connect(server).await {
                        _ = tokio::io::copy_bidirectional(&mut near, &mut far).await;
                    }
                });
            }
        });
        Self { address, task }
    }

    fn cut(&self) {
        self.task.abort();
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        self.cut();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn quiet_hours_hold_what_staff_write_and_nothing_else() -> anyhow::Result<()> {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, date(2026, 12, 1).at(21, 0, 0, 0)).await?;
        rig.hear(AMINA, WORDS).await?;
        let answered = rig.texts_to(AMINA).await?.len();
        assert!(answered > 0, "an answer is never held");

        // An hour later she may be asleep; Mr Hughes is still at it.
        rig.at(date(2026, 12, 1).at(22, 30, 0, 0)).await?;
        let hughes = rig.actor("+447700900202")?;
        let mut tx = rig.d.store.begin().await?;
        let mut case = hughes.case(&mut tx, 1042).await?;
        hughes
            .reply(&mut tx, &mut case, "Thank you. I will look out for him.")
            .await?;
        tx.save().await?;
        rig.at(date(2026, 12, 2).at(3, 0, 0, 0)).await?;
        let texts = rig.texts_to(AMINA).await?;
        assert_eq!(texts.len(), answered, "held overnight: {texts:?}");

        rig.hear(SARAH, "he hit me and i am scared for leo").await?;
        let urgent = rig.texts_to(SARAH).await?;
        assert!(!urgent.is_empty(), "safeguarding is never held");
        for lead in ["+447700900207", "+447700900208"] {
            assert_eq!(
                rig.texts_to(lead).await?.len(),
                1,
                "{lead} is paged at night"
            );
        }

        rig.at(date(2026, 12, 2).at(7, 29, 59, 0)).await?;
        assert_eq!(rig.texts_to(AMINA).await?.len(), answered);
        rig.at(date(2026, 12, 2).at(7, 30, 0, 0)).await?;
        let texts = rig.texts_to(AMINA).await?;
        assert_eq!(texts.len(), answered + 1);
        assert!(
            texts[answered].contains("I will look out for him."),
            "{texts:?}"
        );
    }
    Ok(())
}
