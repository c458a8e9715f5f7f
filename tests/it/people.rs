//! Who is who, changed while the service runs: imports, merges, numbers that are matched, on both
//! databases.

use std::collections::BTreeSet;

use jiff::civil::{DateTime, date};
use schoolgate::channel::Status;
use schoolgate::desk::people::{PeopleError, carry_out, propose};
use schoolgate::desk::stage::{Setting, standings};
use schoolgate::phone::Phone;
use schoolgate::school::passport::Passport;
use schoolgate::school::people::import::{File, Mapping};
use schoolgate::school::people::{Adult, Basis, People, Restricting, Sen};
use schoolgate::store::{Case, Outgoing, Purpose};
use schoolgate::testing::Rig;

use crate::databases;

const NEWCOMER: &str = "+447700900160";
const AMINA: &str = "+447700900101";
const COLE: &str = "+447700900201";
const ADEYEMI: &str = "+447700900207";
const PARK: &str = "+447700900210";
const SCHOOL: &str = "kingfisher";

fn noon() -> DateTime {
    date(2026, 12, 1).at(12, 10, 0, 0)
}

fn file(name: &str, text: &str) -> File {
    File {
        name: name.to_owned(),
        bytes: text.as_bytes().to_vec(),
        kind: None,
    }
}

/// The demo school's parents, and one more.
fn with_newcomer() -> File {
    let known = include_str!("../../demo/adults.csv");
    let row = "Ines Duarte,07700 900160,,Zofia,Kowalska,1B,Stepmother,Y,Y,N,,,,,,,\n";
    file("adults.csv", &format!("{known}{row}"))
}

async fn import(rig: &Rig, files: &[File]) -> Result<(), PeopleError> {
    let mut tx = rig.d.store.begin().await.unwrap();
    let school = rig.d.school(SCHOOL).unwrap();
    let bundle = rig.d.bundle();
    let proposed = propose(&mut tx, &school, &bundle, files, &Mapping::default()).await?;
    carry_out(
        &mut tx,
        &school,
        "ms-park",
        &proposed,
        &BTreeSet::new(),
        &|_| (),
    )
    .await?;
    tx.save().await.unwrap();
    rig.d.look_at_people().await.unwrap();
    Ok(())
}

fn people(rig: &Rig) -> People {
    rig.d.school(SCHOOL).unwrap().people.clone()
}

fn adult(rig: &Rig, key: &str) -> Option<Adult> {
    people(rig).adult(key).cloned()
}

/// How the office knows.
const TOLD: &str = "she rang from it";

#[tokio::test(flavor = "multi_thread")]
async fn whoever_is_imported_is_known_at_once_and_by_every_process() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, noon()).await.unwrap();
        // Another process on the same database.
        let other = Rig::open(&database.url, noon()).await.unwrap();
        rig.hear(NEWCOMER, "who do i contact").await.unwrap();
        let before = rig.texts_to(NEWCOMER).await.unwrap().join("\n");
        assert!(!before.contains("Miss Nair"), "{}: {before}", database.kind);

        import(&rig, &[with_newcomer()]).await.unwrap();
        assert_eq!(
            adult(&rig, "ines-duarte").unwrap().children[0].pupil,
            "zofia"
        );
        assert!(adult(&other, "ines-duarte").is_none());
        assert_eq!(other.d.look_at_people().await.unwrap(), 1);
        assert!(adult(&other, "ines-duarte").is_some());
        assert_eq!(other.d.look_at_people().await.unwrap(), 0, "nothing new");

        other.hear(NEWCOMER, "menu").await.unwrap();
        other
            .hear(NEWCOMER, "who is the class teacher")
            .await
            .unwrap();
        let after = other.texts_to(NEWCOMER).await.unwrap().join("\n");
        assert!(after.contains("Miss Nair"), "{}: {after}", database.kind);

        // A third, started afterwards, reads them from the database and not from the file.
        let third = Rig::open(&database.url, noon()).await.unwrap();
        assert_eq!(people(&third), people(&rig));
        assert_eq!(third.school().people_version, 1);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_two_changes_at_once_one_is_told_to_look_again() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, noon()).await.unwrap();
        let school = rig.d.school(SCHOOL).unwrap();
        let bundle = rig.d.bundle();
        let files = [with_newcomer()];
        let mut tx = rig.d.store.read().await.unwrap();
        let stale = propose(&mut tx, &school, &bundle, &files, &Mapping::default())
            .await
            .unwrap();
        drop(tx);
        import(&rig, &files).await.unwrap();
        let mut tx = rig.d.store.begin().await.unwrap();
        let refused = carry_out(&mut tx, &school, "", &stale, &BTreeSet::new(), &|_| ()).await;
        assert!(
            matches!(refused, Err(PeopleError::Meanwhile)),
            "{refused:?}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_with_a_fault_changes_nothing() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, noon()).await.unwrap();
        let before = people(&rig);
        let staff = "Name,Roles,Mobile\nMrs Cole,SENCO,07700 900201\n";
        let refused = import(&rig, &[file("staff.csv", staff)]).await;
        let Err(PeopleError::Unusable(unusable)) = refused else {
            panic!("{refused:?}");
        };
        let words: Vec<&str> = unusable.faults.iter().map(|f| f.message.as_str()).collect();
        assert!(words.contains(&"the school has no head"), "{words:?}");
        rig.d.look_at_people().await.unwrap();
        assert_eq!(people(&rig), before);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_the_rota_pages_cannot_be_imported_away() {
    let database = databases::sqlite();
    let rig = Rig::open(&database.url, noon()).await.unwrap();
    let staff: String = include_str!("../../demo/staff.csv")
        .lines()
        .filter(|line| !line.starts_with("Mr Grant"))
        .map(|line| format!("{line}\n"))
        .collect();
    let refused = import(&rig, &[file("staff.csv", &staff)])
        .await
        .unwrap_err();
    let PeopleError::Unusable(unusable) = refused else {
        panic!("{refused}");
    };
    let told = &unusable
        .faults
        .iter()
        .find(|f| f.message.contains("rota"))
        .unwrap()
        .message;
    assert!(told.contains("`mr-grant`"), "{told}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_stage_that_was_set_here_is_not_overwritten_and_one_that_an_import_brings_is_kept() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, noon()).await.unwrap();
        let setting = Setting {
            stage: "ehcp",
            plan: "Individual Support Plan",
            since: "2026-11-30",
            why: "The council's letter came.",
        };
        let mut tx = rig.d.store.begin().await.unwrap();
        let actor = rig.actor(COLE).unwrap();
        actor.set_stage(&mut tx, "sam", &setting).await.unwrap();
        tx.save().await.unwrap();
        rig.d.look_at_people().await.unwrap();

        // The file says K of Sam still, and of Zofia since this morning.
        let text = include_str!("../../demo/pupils.csv");
        let text = text.replace("Zofia,Kowalska,1B,Year 1,N", "Zofia,Kowalska,1B,Year 1,K");
        let pupils = file("pupils.csv", &text);
        let mut tx = rig.d.store.begin().await.unwrap();
        let school = rig.d.school(SCHOOL).unwrap();
        let files = [pupils.clone()];
        let proposed = propose(
            &mut tx,
            &school,
            &rig.d.bundle(),
            &files,
            &Mapping::default(),
        )
        .await;
        let doubts = proposed.unwrap().proposal.doubts;
        let doubt = doubts.iter().find(|d| d.message.contains("Sam Yusuf"));
        let doubt = &doubt.unwrap().message;
        assert!(doubt.contains("Individual Support Plan"), "{doubt}");
        drop(tx);
        import(&rig, &[pupils]).await.unwrap();
        assert_eq!(people(&rig).pupil("sam").unwrap().sen, Sen::Ehcp);
        assert_eq!(people(&rig).pupil("zofia").unwrap().sen, Sen::Support);

        let mut tx = rig.d.store.begin().await.unwrap();
        let of = tx.stages_of(SCHOOL, "sam").await.unwrap();
        assert_eq!(of[0].called(), "Individual Support Plan");
        let of = tx.stages_of(SCHOOL, "zofia").await.unwrap();
        assert_eq!(
            (of[0].stage(), of[0].source.as_str()),
            (Sen::Support, "import")
        );
        // Her father is told, and gets his letter, in a record that begins with it.
        let actor = rig.actor(COLE).unwrap();
        let piotr = "piotr-kowalski";
        actor.make_letter(&mut tx, &of[0], piotr, "").await.unwrap();
        let waits = standings(&mut tx, &school, &of[0]).await.unwrap();
        assert!(
            waits
                .iter()
                .any(|s| s.adult.key == piotr && s.waits(Sen::Support))
        );
        actor
            .letter_sent(&mut tx, &of[0], piotr, "post", "2026-12-01")
            .await
            .unwrap();
        let again = actor.make_letter(&mut tx, &of[0], piotr, "").await;
        assert!(again.is_err(), "what was sent stays as it was");
        let open = tx.stages_to_tell(SCHOOL).await.unwrap();
        assert_eq!(
            open.iter().map(|c| c.pupil.as_str()).collect::<Vec<_>>(),
            ["sam"]
        );
        let record = tx.sen_record(SCHOOL, "zofia").await.unwrap().unwrap();
        let entries = tx.chronology(record.id).await.unwrap();
        let sent = entries.last().unwrap().words().unwrap();
        assert!(
            sent.contains("Szanowni Pa\u{144}stwo (Piotr Kowalski)"),
            "{sent}"
        );
        tx.save().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_is_matched_and_two_records_are_merged_and_both_can_be_undone() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, noon()).await.unwrap();
        let before = people(&rig);
        let actor = rig.actor(COLE).unwrap();
        let phone: Phone = NEWCOMER.parse().unwrap();

        let mut tx = rig.d.store.begin().await.unwrap();
        actor
            .match_number(&mut tx, &phone, "amina-yusuf", TOLD)
            .await
            .unwrap();
        let taken = actor
            .match_number(&mut tx, &phone, "sarah-reed", TOLD)
            .await;
        assert!(matches!(taken, Err(PeopleError::Taken(_))), "{taken:?}");
        actor
            .merge_adults(&mut tx, "amina-yusuf", "joy-campbell", TOLD)
            .await
            .unwrap();
        let gone = actor
            .merge_adults(&mut tx, "sarah-reed", "joy-campbell", TOLD)
            .await;
        assert!(matches!(gone, Err(PeopleError::Nobody)), "{gone:?}");
        tx.save().await.unwrap();
        rig.d.look_at_people().await.unwrap();
        let one = adult(&rig, "joy-campbell").unwrap();
        assert_eq!(one.key, "amina-yusuf", "cases of either find the one");
        assert_eq!(one.numbers().count(), 3);
        assert_eq!(one.children.len(), 2);

        // The file still has both rows: they are one person's.
        let known = file("adults.csv", include_str!("../../demo/adults.csv"));
        let mut tx = rig.d.store.begin().await.unwrap();
        let made = tx.people_changes(SCHOOL, 10).await.unwrap();
        let [merge, matched] = made.as_slice() else {
            panic!("{made:?}");
        };
        let early = actor.undo_people(&mut tx, matched.id).await;
        assert!(
            matches!(early, Err(PeopleError::ChangedSince(_))),
            "{early:?}"
        );
        actor.undo_people(&mut tx, merge.id).await.unwrap();
        actor.undo_people(&mut tx, matched.id).await.unwrap();
        let twice = actor.undo_people(&mut tx, matched.id).await;
        assert!(matches!(twice, Err(PeopleError::Nobody)), "{twice:?}");
        tx.save().await.unwrap();
        rig.d.look_at_people().await.unwrap();
        let mut after = people(&rig);
        after.home_councils = before.home_councils.clone();
        let amina = after.adults.iter_mut().find(|a| a.key == "amina-yusuf");
        let lost = std::mem::take(&mut amina.unwrap().lost);
        assert!(lost.contains(&phone), "no case is answered there: {lost:?}");
        assert_eq!(after, before, "{}", database.kind);
        import(&rig, &[known]).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn class_teachers_change_nobody() {
    let database = databases::sqlite();
    let rig = Rig::open(&database.url, noon()).await.unwrap();
    let teacher = rig.actor("+447700900202").unwrap();
    let mut tx = rig.d.store.begin().await.unwrap();
    let refused = teacher
        .merge_adults(&mut tx, "amina-yusuf", "joy-campbell", TOLD)
        .await;
    assert!(matches!(refused, Err(PeopleError::Nobody)), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_restriction_stops_what_is_on_its_way_and_what_is_written_after_it() {
    for database in databases::each().await {
        let rig = Rig::open(&database.url, noon()).await.unwrap();
        let words = "im worried about sam, he cries before school";
        rig.hear(AMINA, words).await.unwrap();
        let case = rig.case("C-1042").await.unwrap();
        let before = reminder(&rig, &case).await;
        let lead = rig.actor(ADEYEMI).unwrap();
        let order = Restricting {
            basis: Some(Basis::Order),
            by: "mrs-adeyemi",
            since: "2026-12-01",
            until: "",
            why: "Family Court, 30 November",
            say: "",
        };
        let mut tx = rig.d.store.begin().await.unwrap();
        let stopped = lead
            .restrict(&mut tx, "amina-yusuf", "sam", &order)
            .await
            .unwrap();
        assert_eq!(
            (stopped.withdrawn, stopped.cases),
            (1, 1),
            "{}",
            database.kind
        );
        tx.save().await.unwrap();
        rig.d.look_at_people().await.unwrap();
        let after = reminder(&rig, &case).await;
        rig.at(date(2026, 12, 4).at(12, 0, 0, 0)).await.unwrap();
        let mut tx = rig.d.store.begin().await.unwrap();
        for message in [before, after] {
            let row = tx.outbox_row(message).await.unwrap().unwrap();
            assert_eq!(row.status(), Status::Expired, "{}", database.kind);
        }
        let ended = lead
            .end_restriction(&mut tx, "amina-yusuf", "sam", "it was discharged")
            .await;
        ended.unwrap();
        let ties = tx.ties_of(SCHOOL, "amina-yusuf").await.unwrap();
        let did: Vec<&str> = ties.iter().map(|t| t.did.as_str()).collect();
        assert_eq!(did, ["restriction-ended", "restricted"]);

        // A number that moved, and what they told the office.
        let office = rig.actor(PARK).unwrap();
        office
            .lose_number(&mut tx, "amina-yusuf", AMINA, "a new phone")
            .await
            .unwrap();
        let passport = Passport {
            channel: Some("ring".to_owned()),
            ..Passport::default()
        };
        office
            .write_passport(&mut tx, "amina-yusuf", &passport, "on the phone")
            .await
            .unwrap();
        let versions = tx.passports_of(SCHOOL, "amina-yusuf").await.unwrap();
        assert_eq!(versions[0].told.as_deref(), Some("on the phone"));
        tx.save().await.unwrap();
        rig.d.look_at_people().await.unwrap();
        let amina = adult(&rig, "amina-yusuf").unwrap();
        assert!(amina.phones.is_empty() && amina.lost.len() == 1);
        assert!(amina.tie("sam").unwrap().restriction.is_none());
    }
}

/// A reminder of a case, due in two days.
async fn reminder(rig: &Rig, case: &Case) -> uuid::Uuid {
    let mut tx = rig.d.store.begin().await.unwrap();
    let due = tx.now() + jiff::SignedDuration::from_hours(48);
    let (of, to) = (&case.endpoint, &case.address);
    let text = Outgoing::text(SCHOOL, of, to, Purpose::Reminder, "Soon.".to_owned(), due);
    let text = Outgoing {
        case_id: Some(case.id),
        ..text
    };
    let id = tx.queue(&text).await.unwrap();
    tx.save().await.unwrap();
    id
}
