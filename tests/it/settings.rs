//! What staff set in the console: taken up by every process, kept with its versions, and never left out
//! in silence; on both databases.

use jiff::civil::{DateTime, date};
use schoolgate::channel::Status;
use schoolgate::desk::settings::SettingError;
use schoolgate::school::setting::{Draft, Section};
use schoolgate::store::{Outgoing, Purpose};
use schoolgate::testing::Rig;

use crate::databases;

const SCHOOL: &str = "kingfisher";
const PARK: &str = "+447700900210";

fn noon() -> DateTime {
    date(2026, 12, 1).at(12, 10, 0, 0)
}

fn is_closed(rig: &Rig) -> bool {
    let school = rig.d.school(SCHOOL).unwrap();
    !school.calendar().is_school_day(date(2026, 12, 7))
}

async fn close(rig: &Rig) -> Result<(), SettingError> {
    let mut tx = rig.d.store.begin().await.unwrap();
    let office = rig.actor(PARK).unwrap();
    office
        .close_school(&mut tx, "2026-12-07", "", "snow")
        .await?;
    tx.save().await.unwrap();
    rig.d.look_at_people().await.unwrap();
    Ok(())
}

#[tokio::test(flavor = "multi_thread")]
async fn every_process_takes_a_change_up_and_of_two_at_once_one_looks_again() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, noon()).await.unwrap();
        let other = Rig::open(&database.url, noon()).await.unwrap();
        close(&rig).await.unwrap();
        assert!(is_closed(&rig), "{}", database.kind);
        assert!(!is_closed(&other), "{}", database.kind);
        let late = close(&other).await;
        assert!(matches!(late, Err(SettingError::Meanwhile)), "{late:?}");
        assert_eq!(other.d.look_at_people().await.unwrap(), 1);
        assert_eq!(other.d.look_at_people().await.unwrap(), 0, "nothing new");
        assert!(is_closed(&other), "{}", database.kind);
        // A process that starts afterwards begins with it.
        let third = Rig::open(&database.url, noon()).await.unwrap();
        assert!(is_closed(&third), "{}", database.kind);

        let mut tx = rig.d.store.read().await.unwrap();
        let all = tx.setting_versions(SCHOOL, "closed", 10).await.unwrap();
        assert_eq!(all.len(), 1);
        assert_eq!(all[0].staff, "ms-park");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_is_reminded_of_what_falls_on_a_day_that_was_closed_since() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, noon()).await.unwrap();
        let mut tx = rig.d.store.begin().await.unwrap();
        // Reminded on Friday of a meeting on Monday, and of another on Tuesday.
        let mut ids = Vec::new();
        for meets in [date(2026, 12, 7), date(2026, 12, 8)] {
            let school = rig.school();
            let due = school.instant(date(2026, 12, 4).at(9, 0, 0, 0));
            let to = (&rig.endpoint.id, "+447700900101", "a reminder".to_owned());
            let text = Outgoing {
                stale: Some(school.instant(meets.at(9, 0, 0, 0))),
                ..Outgoing::text(SCHOOL, to.0, to.1, Purpose::Reminder, to.2, due)
            };
            ids.push(tx.queue(&text).await.unwrap());
        }
        tx.save().await.unwrap();
        close(&rig).await.unwrap();
        rig.at(date(2026, 12, 4).at(12, 0, 0, 0)).await.unwrap();
        let mut tx = rig.d.store.read().await.unwrap();
        let monday = tx.outbox_row(ids[0]).await.unwrap().unwrap();
        assert_eq!(monday.status(), Status::Expired, "{}", database.kind);
        assert_eq!(
            monday.error.as_deref(),
            Some("withdrawn: the school is closed on that day")
        );
        let tuesday = tx.outbox_row(ids[1]).await.unwrap().unwrap();
        assert_ne!(tuesday.status(), Status::Expired, "{}", database.kind);
        assert_ne!(tuesday.status(), Status::Queued, "{}", database.kind);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_read_leaves_what_was_set_before_and_nothing_starts_on_it() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, noon()).await.unwrap();
        close(&rig).await.unwrap();
        let seen = rig.d.school(SCHOOL).unwrap().layer.seen(Section::Closed);
        // As a newer program might have written it.
        let mut tx = rig.d.store.begin().await.unwrap();
        let body = Some("[[closed]]\nmoon = \"full\"\n");
        let set = tx
            .set_section(SCHOOL, "closed", seen, body, "ms-park")
            .await;
        assert!(set.unwrap().is_some());
        tx.save().await.unwrap();
        rig.d.look_at_people().await.unwrap();
        let school = rig.d.school(SCHOOL).unwrap();
        assert!(
            is_closed(&rig),
            "{}: what was set before goes on",
            database.kind
        );
        assert!(!school.layer.refused.is_empty(), "and it is said");

        let started = Rig::open(&database.url, noon()).await;
        let why = format!("{:#}", started.err().unwrap());
        assert!(why.contains("there is no key `moon`"), "{why}");
        assert!(why.contains("schoolgate config reset closed"), "{why}");

        // Whoever sets it again has mended it.
        let mut tx = rig.d.store.begin().await.unwrap();
        let office = rig.actor(PARK).unwrap();
        let seen = school.layer.seen(Section::Closed);
        let mut draft = Draft::default();
        draft.table("[[closed]]", "from");
        draft.put("from", "2026-12-07", "from");
        draft.put("why", "snow", "why");
        office
            .set(&mut tx, Section::Closed, seen, &draft)
            .await
            .unwrap();
        tx.save().await.unwrap();
        rig.d.look_at_people().await.unwrap();
        assert!(rig.d.school(SCHOOL).unwrap().layer.refused.is_empty());
        assert!(Rig::open(&database.url, noon()).await.is_ok());
    }
}
