//! What holds of safeguarding whatever else goes wrong: the alert stands by itself, sealed words
//! stand in one place, and whoever is named hears nothing.

use std::io::Write;
use std::sync::{Arc, Mutex};

use jiff::civil::date;
use schoolgate::testing::Rig;
use schoolgate::text::fold;
use sqlx::{Column as _, Row as _, SqlitePool};
use tracing_subscriber::EnvFilter;
use uuid::Uuid;

use crate::databases;

const AMINA: &str = "+447700900101";
const ADEYEMI: &str = "+447700900207";
const GRANT: &str = "+447700900208";
const WRIGHT: &str = "+447700900209";
const HUGHES: &str = "+447700900202";

async fn tasks(rig: &Rig) -> Vec<(String, String, String)> {
    let mut tx = rig.d.store.read().await.unwrap();
    let tasks = tx.open_tasks(&rig.school().config.id).await.unwrap();
    tasks
        .into_iter()
        .map(|t| (t.kind, t.role, t.words))
        .collect()
}

/// Makes every further turn of Amina's fail: her conversation holds a case that is not hers, which
/// no action will touch.
async fn break_the_lane(rig: &Rig) {
    let case = rig.case("C-1042").await.unwrap();
    let mut tx = rig.d.store.begin().await.unwrap();
    let lane = tx.lane(&rig.endpoint.id, AMINA).await.unwrap().unwrap();
    let state = lane.conversation.clone().unwrap();
    let broken = state.replace(&case.id.to_string(), &Uuid::from_u128(9).to_string());
    assert_ne!(state, broken);
    tx.keep_lane(&schoolgate::store::Lane {
        conversation: Some(broken),
        ..lane
    })
    .await
    .unwrap();
    tx.save().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn a_turn_that_keeps_failing_neither_delays_nor_undoes_an_alert() {
    for database in databases::each().await {
        let start = date(2026, 12, 1).at(10, 0, 0, 0);
        let rig = Rig::open(&database.url, start).await.unwrap();
        rig.hear(AMINA, "im worried about sam").await.unwrap();
        break_the_lane(&rig).await;
        rig.hear(AMINA, "he is going to kill us, quokka")
            .await
            .unwrap();

        // The turn has failed once; the page and the urgent reply have left at the same moment.
        for lead in [ADEYEMI, GRANT] {
            let page = rig.texts_to(lead).await.unwrap();
            assert!(page[0].starts_with("URGENT"), "{}: {page:?}", database.kind);
        }
        let told = rig.texts_to(AMINA).await.unwrap();
        assert!(
            told.last()
                .unwrap()
                .starts_with("Thank you for telling us. A senior member"),
            "{told:?}"
        );
        assert!(tasks(&rig).await.is_empty(), "it is tried again first");

        // Four more failures later the office is told that something waits, but no word of it.
        rig.at(date(2026, 12, 1).at(10, 9, 0, 0)).await.unwrap();
        let list = tasks(&rig).await;
        let failed: Vec<_> = list.iter().filter(|t| t.0 == "failed-turn").collect();
        assert_eq!(failed.len(), 1, "{list:?}");
        assert!(!failed[0].2.contains("quokka"), "{list:?}");
        assert!(failed[0].2.contains("safeguarding lead has it"), "{list:?}");
        let told = rig.texts_to(AMINA).await.unwrap();
        assert!(
            told.last()
                .unwrap()
                .starts_with("Sorry, something went wrong"),
            "{told:?}"
        );

        // The entry stands, and its pages go on until somebody opens it.
        rig.at(date(2026, 12, 1).at(10, 10, 0, 0)).await.unwrap();
        assert_eq!(rig.texts_to(ADEYEMI).await.unwrap().len(), 2);
        let sealed = rig.case("C-1043").await.unwrap();
        let mut tx = rig.d.store.read().await.unwrap();
        let words: Vec<String> = tx
            .chronology(sealed.id)
            .await
            .unwrap()
            .into_iter()
            .filter_map(|e| e.words())
            .collect();
        assert_eq!(words[0], "he is going to kill us, quokka");
        let (_, breaks) = tx.verify().await.unwrap();
        assert!(breaks.is_empty(), "{breaks:?}");
        drop(tx);

        // The lane is whole again: she can go on.
        rig.hear(AMINA, "menu").await.unwrap();
        let told = rig.texts_to(AMINA).await.unwrap();
        assert!(
            told.last()
                .unwrap()
                .starts_with("Kingfisher Primary (automatic)"),
            "{told:?}"
        );
        rig.d.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ordinary_words_whose_turn_keeps_failing_end_on_the_offices_list() {
    for database in databases::each().await {
        let start = date(2026, 12, 1).at(10, 0, 0, 0);
        let rig = Rig::open(&database.url, start).await.unwrap();
        rig.hear(AMINA, "im worried about sam").await.unwrap();
        break_the_lane(&rig).await;
        rig.hear(AMINA, "and his quokka plays the drums")
            .await
            .unwrap();
        rig.at(date(2026, 12, 1).at(10, 9, 0, 0)).await.unwrap();
        let list = tasks(&rig).await;
        assert!(
            list.iter()
                .any(|t| t.0 == "failed-turn" && t.1 == "office" && t.2.contains("quokka")),
            "{}: {list:?}",
            database.kind
        );
        let case = rig.case("C-1043").await.unwrap();
        assert_eq!(case.kind, "question");
        rig.d.store.close().await;
    }
}

/// Every place of a database in which a word stands: the table, and the row's first column.
async fn places(url: &str, word: &str) -> Vec<String> {
    let pool = SqlitePool::connect(url).await.unwrap();
    let tables: Vec<(String,)> = sqlx::query_as(
        "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE '\\_%' ESCAPE '\\'",
    )
    .fetch_all(&pool)
    .await
    .unwrap();
    assert!(tables.len() > 10, "{tables:?}");
    let mut places = Vec::new();
    for (table,) in tables {
        let sql = sqlx::AssertSqlSafe(format!("SELECT * FROM {table}"));
        for row in sqlx::query(sql).fetch_all(&pool).await.unwrap() {
            for (i, column) in row.columns().iter().enumerate() {
                let bytes = row
                    .try_get_unchecked::<Option<Vec<u8>>, _>(i)
                    .ok()
                    .flatten();
                let text = bytes.map(|b| fold::fold(&String::from_utf8_lossy(&b)));
                if text.is_some_and(|t| t.contains(word)) {
                    places.push(format!("{table}.{}", column.name()));
                }
            }
        }
    }
    pool.close().await;
    places
}

/// Collects what is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

// One thread, so that the log of this test is all there is.
#[tokio::test]
async fn sealed_words_stand_in_one_place() {
    let log = Log::default();
    let writer = log.clone();
    let logs = tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::new("info,schoolgate=trace"))
        .with_writer(move || writer.clone())
        .finish();
    let logging = tracing::subscriber::set_default(logs);
    tracing::info!("the log begins");

    let database = databases::sqlite();
    let start = date(2026, 12, 1).at(10, 0, 0, 0);
    let rig = Rig::open(&database.url, start).await.unwrap();
    rig.hear(AMINA, "im worried about sam").await.unwrap();
    rig.hear(
        AMINA,
        "the quokka boys hit him in the toilet, dont let his uncle collect him today, i want a meeting and sendiass",
    )
    .await
    .unwrap();
    rig.hear(AMINA, "STOP the quokka man is going to kill us")
        .await
        .unwrap();
    rig.hear(AMINA, "the quokka is here").await.unwrap();
    // One that cannot be answered, and is handed to the office: without its words.
    rig.hear(AMINA, "im worried about his reading")
        .await
        .unwrap();
    break_the_lane(&rig).await;
    rig.hear(AMINA, "he hits us with the quokka every night")
        .await
        .unwrap();
    rig.at(date(2026, 12, 4).at(18, 0, 0, 0)).await.unwrap();

    let sealed = rig.case("C-1043").await.unwrap();
    assert_eq!(sealed.tier, "safeguarding");
    let mut tx = rig.d.store.read().await.unwrap();
    let held = tx.chronology(sealed.id).await.unwrap();
    let held = held
        .iter()
        .filter(|e| e.words().is_some_and(|w| w.contains("quokka")))
        .count();
    assert_eq!(held, 4, "each message stands in the sealed case");
    drop(tx);
    rig.d.store.close().await;
    drop(logging);

    let mut places = places(&database.url, "quokka").await;
    places.sort();
    // What was received, byte for byte; the entry of each, in the sealed case; and once the word by
    // which those who may open that case find it.
    assert_eq!(
        places,
        [
            "case_words.word",
            "entries.body",
            "entries.body",
            "entries.body",
            "entries.body",
            "messages.body",
            "messages.body",
            "messages.body",
            "messages.body",
        ]
    );
    let log = String::from_utf8(log.0.lock().unwrap().clone()).unwrap();
    assert!(log.contains("the log begins"));
    for private in ["quokka", "toilet", "900101", "Amina", "uncle"] {
        assert!(
            !log.contains(private),
            "`{private}` stands in the log:\n{log}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_named_is_on_no_list() {
    // Who is named, by number, and who must be paged instead.
    let table: &[(&str, &[&str], &str)] = &[
        ("Mr Grant hit sam today", &[GRANT], WRIGHT),
        (
            "mrs adeyemi pushed sam against the wall",
            &[ADEYEMI],
            WRIGHT,
        ),
        ("Mr Hughes grabbed sam and hit him", &[HUGHES], WRIGHT),
        ("mr wright hit sam", &[WRIGHT], "+447700900211"),
        (
            "mr grant and mrs adeyemi and mr wright hit sam",
            &[GRANT, ADEYEMI, WRIGHT],
            "+447700900211",
        ),
        ("dr shah hit sam", &["+447700900211"], WRIGHT),
        ("mrs cole hit sam", &["+447700900201"], WRIGHT),
        ("ms park hit sam", &["+447700900210"], WRIGHT),
        (
            "the boys hit sam and mr grant just laughed",
            &[GRANT],
            ADEYEMI,
        ),
    ];
    for (words, named, paged) in table {
        for database in databases::each().await {
            let start = date(2026, 12, 1).at(10, 0, 0, 0);
            let rig = Rig::open(&database.url, start).await.unwrap();
            rig.hear(AMINA, words).await.unwrap();
            rig.hear(AMINA, "nobody listens to me").await.unwrap();
            rig.at(date(2026, 12, 3).at(18, 0, 0, 0)).await.unwrap();

            let page = rig.texts_to(paged).await.unwrap();
            assert!(!page.is_empty(), "{words}: {paged} was not paged");
            let case = rig.case("C-1042").await.unwrap();
            assert_ne!(case.tier, "ordinary", "{words}");
            for phone in *named {
                let told = rig.texts_to(phone).await.unwrap();
                assert!(told.is_empty(), "{words}: {phone} was told {told:?}");
                let actor = rig.actor(phone).unwrap();
                let key = &actor.staff.key;
                assert!(case.barred().unwrap().contains(key), "{words}");
                assert_ne!(case.owner.as_ref(), Some(key), "{words}");
                assert!(!case.copied().unwrap().contains(key), "{words}");
                let mut tx = rig.d.store.begin().await.unwrap();
                assert!(actor.open(&mut tx, case.number).await.is_err(), "{words}");
                for notice in tx.notices_of(case.id).await.unwrap() {
                    assert_ne!(&notice.staff, key, "{words}");
                }
            }
            rig.d.store.close().await;
        }
    }
}
