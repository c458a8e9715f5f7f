//! Restricting contact, who is a contact of whom, passports and numbers, as the office and the
//! safeguarding leads meet them.

use axum::http::StatusCode;
use jiff::SignedDuration;

use super::people::{adults, form};
use super::{AMINA, World, world};
use crate::channel::Status;
use crate::store::{Case, NewMeeting, NewShare, Outgoing, Purpose, Token};

const TIE: &str = "/people/adults/amina-yusuf/children/sam";

/// A restriction as a safeguarding lead types it.
const ORDER: [(&str, &str); 6] = [
    ("basis", "order"),
    ("by", "mrs-adeyemi"),
    ("since", "2026-11-30"),
    ("until", ""),
    ("why", "Family Court, <b>30 November</b>"),
    ("say", "The office will write to you."),
];

/// The same with one field typed otherwise.
fn but(field: &'static str, value: &'static str) -> Vec<(&'static str, &'static str)> {
    let typed = ORDER.into_iter();
    typed
        .map(|(name, is)| (name, if name == field { value } else { is }))
        .collect()
}

impl World {
    /// A reminder to an adult about a case, due in two days.
    async fn reminder(&self, case: &Case) -> uuid::Uuid {
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let due = tx.now() + SignedDuration::from_hours(48);
        let text = "You meet Mrs Cole about Sam.".to_owned();
        let text = Outgoing::text(
            "kingfisher",
            &case.endpoint,
            &case.address,
            Purpose::Reminder,
            text,
            due,
        );
        let id = tx
            .queue(&Outgoing {
                case_id: Some(case.id),
                ..text
            })
            .await
            .unwrap();
        tx.save().await.unwrap();
        id
    }

    /// What became of a message: where it stands, and what is written beside it.
    async fn fate(&self, message: uuid::Uuid) -> (Status, String) {
        let mut tx = self.rig.d.store.read().await.unwrap();
        let row = tx.outbox_row(message).await.unwrap().unwrap();
        (row.status(), row.error.unwrap_or_default())
    }

    /// A meeting about Sam and a page of the case, as Amina has them.
    async fn meeting_and_page(&self, case: &Case) {
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let starts = tx.now() + SignedDuration::from_hours(72);
        let staff = ["mrs-cole".to_owned()];
        let meeting = NewMeeting {
            school_id: "kingfisher",
            case_id: case.id,
            endpoint: &case.endpoint,
            address: &case.address,
            adult: Some("amina-yusuf"),
            pupil: Some("sam"),
            staff: &staff,
            starts_at: starts,
            minutes: 20,
            mode: "school",
            quanta: &[1],
        };
        tx.book(&meeting, None).await.unwrap();
        let token = Token::short(&self.rig.d.clock);
        let page = NewShare {
            case,
            adult: "amina-yusuf",
            endpoint: &case.endpoint,
            address: &case.address,
            token: &token,
            staff: "mrs-cole",
            until: starts,
        };
        tx.share(&page).await.unwrap();
        tx.save().await.unwrap();
    }

    /// What Amina is answered when she asks whom to contact.
    async fn asked_by_amina(&self) -> String {
        let before = self.rig.texts_to(AMINA).await.unwrap().len();
        self.rig.hear(AMINA, "menu").await.unwrap();
        self.rig
            .hear(AMINA, "who is the class teacher")
            .await
            .unwrap();
        self.rig.texts_to(AMINA).await.unwrap()[before..].join("\n")
    }
}

#[tokio::test]
async fn a_restriction_stops_what_is_on_its_way_and_is_ended_for_a_reason() {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, he cries before school")
        .await
        .unwrap();
    let case = world.rig.case("C-1042").await.unwrap();
    let waiting = world.reminder(&case).await;
    world.meeting_and_page(&case).await;

    let lead = world.signed_in("adeyemi").await;
    let record = world.get("/people/adults/amina-yusuf", &lead, &[]).await;
    assert!(record.body.contains(TIE), "{}", record.body);
    assert!(!record.body.contains("Make a PIN"), "a lead keeps no lists");
    let set = format!("{TIE}/restriction");
    for (field, value, says) in [
        ("basis", "", "Choose whether it is a court order"),
        ("by", "mr-hughes", "Choose who decided it"),
        ("since", "2026-12-02", "is still to come"),
        ("until", "2026-11-01", "is over"),
        ("why", " ", "Write what the order says"),
    ] {
        let answer = world.post(&set, &lead, &but(field, value)).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{field}");
        assert!(answer.body.contains(says), "{field}: {}", answer.body);
        assert!(answer.body.contains("The office will write to you."));
    }
    assert_eq!(world.fate(waiting).await.0, Status::Queued);

    let done = world.post(&set, &lead, &ORDER).await;
    assert_eq!(
        done.location(),
        format!("{TIE}?done=restricted"),
        "{}",
        done.body
    );
    assert_eq!(
        world.fate(waiting).await,
        (
            Status::Expired,
            "withdrawn: a restriction stands".to_owned()
        )
    );
    let page = world.get(TIE, &lead, &[]).await.body;
    for said in [
        "1 message that had not left was withdrawn.",
        "1 page of theirs opens no more.",
        "1 meeting is on the safeguarding leads&#39; list",
        "1 open case of theirs says so.",
        "Family Court, &#60;b&#62;30 November",
    ] {
        assert!(page.contains(said), "{said}: {page}");
    }
    let today = world.get("/today", &lead, &[]).await.body;
    assert!(
        today.contains("Amina Yusuf is booked to meet Mrs Cole"),
        "{today}"
    );
    assert!(
        today.contains("Decide who speaks to them"),
        "the promise: {today}"
    );

    // She is answered as anybody whom nobody knows, and is not told why.
    let answer = world.asked_by_amina().await;
    assert!(
        !answer.contains("Hughes") && !answer.contains("restrict"),
        "{answer}"
    );
    // Staff cannot text her about Sam; the class sees that there is a restriction, and not why.
    let cole = world.signed_in("cole").await;
    let reply = world
        .post("/c/1042/reply", &cole, &[("words", "Hello")])
        .await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        reply.body.contains("A restriction stands against them"),
        "{}",
        reply.body
    );
    let hughes = world.signed_in("hughes").await;
    for (path, cookie) in [("/pupils/sam", &hughes), (TIE, &cole), ("/c/1042", &hughes)] {
        let page = world.get(path, cookie, &[]).await.body;
        assert!(page.contains("estrict"), "{path}: {page}");
        assert!(!page.contains("Family Court"), "{path}: {page}");
    }
    let pupil = world.get("/pupils/sam", &hughes, &[]).await.body;
    assert!(
        pupil.contains("say: The office will write to you."),
        "{pupil}"
    );

    // Only a lead or the head ends it, and no button undoes it.
    let end = format!("{TIE}/restriction/end");
    let office = world.signed_in("park").await;
    assert_eq!(
        world.get(&end, &office, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    let mut tx = world.rig.d.store.read().await.unwrap();
    let change = tx.people_changes("kingfisher", 1).await.unwrap().remove(0);
    drop(tx);
    let undo = format!("/people/changes/{}/undo", change.id);
    let undone = world.post(&undo, &office, &[]).await;
    assert!(
        undone.body.contains("where the reason is kept"),
        "{}",
        undone.body
    );
    let head = world.signed_in("wright").await;
    let asked = world.get(&end, &head, &[]).await.body;
    assert!(
        asked.contains("is answered about Sam Yusuf like any parent"),
        "{asked}"
    );
    let unsaid = world.post(&end, &head, &[("reason", " ")]).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    let why = [("reason", "The order was discharged on 1 December")];
    let done = world.post(&end, &head, &why).await;
    assert_eq!(
        done.location(),
        format!("{TIE}?done=restriction-ended"),
        "{}",
        done.body
    );
    assert!(world.asked_by_amina().await.contains("Hughes"));
    assert_eq!(
        world.fate(waiting).await.0,
        Status::Expired,
        "it stays withdrawn"
    );
    let log = world.get("/audit", &head, &[]).await.body;
    assert!(log.contains("ended a restriction of Amina Yusuf"), "{log}");
    assert!(log.contains("set a restriction of Amina Yusuf"), "{log}");
}

#[tokio::test]
async fn what_was_written_without_knowing_is_withdrawn_before_it_leaves() {
    let world = world(false).await;
    world
        .rig
        .hear(AMINA, "im worried about sam, he cries before school")
        .await
        .unwrap();
    let case = world.rig.case("C-1042").await.unwrap();
    let lead = world.signed_in("grant").await;
    let typed = but("by", "mr-grant");
    let set = world
        .post(&format!("{TIE}/restriction"), &lead, &typed)
        .await;
    assert_eq!(set.status, StatusCode::SEE_OTHER, "{}", set.body);
    // As a process would that has not looked at the people yet.
    let late = world.reminder(&case).await;
    world
        .rig
        .at(jiff::civil::date(2026, 12, 4).at(12, 0, 0, 0))
        .await
        .unwrap();
    assert_eq!(
        world.fate(late).await,
        (
            Status::Expired,
            "withdrawn: a restriction stands".to_owned()
        )
    );
    let page = world
        .get("/c/1042", &world.signed_in("cole").await, &[])
        .await
        .body;
    assert!(page.contains("A message to them was not sent"), "{page}");
}

#[tokio::test]
async fn the_office_records_an_order_and_no_import_of_its_own_lifts_it() {
    let world = world(false).await;
    let office = world.signed_in("park").await;
    let set = format!("{TIE}/restriction");
    let decided: Vec<_> = but("basis", "decision");
    let decided = world.post(&set, &office, &decided).await;
    assert!(
        decided.body.contains("The office records a court order"),
        "{}",
        decided.body
    );
    let order = world.post(&set, &office, &but("by", "ms-park")).await;
    assert_eq!(order.status, StatusCode::SEE_OTHER, "{}", order.body);
    let changed = world.post(&set, &office, &but("until", "2026-12-24")).await;
    assert_eq!(
        changed.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "a lead changes it"
    );

    // The school's own file knows of no restriction.
    let restricted = |world: &World| {
        let school = world.rig.d.school("kingfisher").unwrap();
        let tie = school.people.adult("amina-yusuf").unwrap().tie("sam");
        tie.unwrap().restriction.is_some()
    };
    for (surname, lifts) in [("park", false), ("wright", true)] {
        let cookie = world.signed_in(surname).await;
        let sent = world
            .upload(&cookie, form(&[("adults", "a.csv", &adults(""))]))
            .await;
        let review = sent.location().to_owned();
        let page = world.get(&review, &cookie, &[]).await.body;
        assert!(
            page.contains("that stands against Amina Yusuf. Is it lifted?"),
            "{page}"
        );
        assert_eq!(
            page.contains("yes-adult-amina-yusuf"),
            lifts,
            "{surname}: {page}"
        );
        let yes = [("yes", "adult-amina-yusuf")];
        let done = world.post(&review, &cookie, &yes).await;
        assert_eq!(done.location(), "/people?done=imported", "{}", done.body);
        assert_eq!(restricted(&world), !lifts, "{surname}");
    }
}

#[tokio::test]
async fn a_contact_is_made_and_ended_by_hand_and_an_import_asks_before_it_undoes_that() {
    let world = world(false).await;
    let office = world.signed_in("park").await;
    let new = "/people/adults/sarah-reed/children";
    let typed = [
        ("pupil", "ben"),
        ("kind", "Childminder"),
        ("responsibility", "no"),
        ("lives_with", "yes"),
        ("order", "no"),
        ("reason", ""),
    ];
    let unsaid = world.post(new, &office, &typed).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(unsaid.body.contains("Write why") && unsaid.body.contains("Childminder"));
    let mut said = typed;
    said[5].1 = "his mother, in person";
    let made = world.post(new, &office, &said).await;
    assert_eq!(
        made.location(),
        "/people/adults/sarah-reed?done=tie-added",
        "{}",
        made.body
    );
    let twice = world.post(new, &office, &said).await;
    assert!(
        twice.body.contains("a contact of Ben Nandi already"),
        "{}",
        twice.body
    );

    let leo = "/people/adults/sarah-reed/children/leo";
    let ended = world
        .post(
            &format!("{leo}/end"),
            &office,
            &[("reason", "she moved away")],
        )
        .await;
    assert_eq!(
        ended.location(),
        "/people/adults/sarah-reed?done=tie-ended",
        "{}",
        ended.body
    );
    let children = |world: &World| {
        let school = world.rig.d.school("kingfisher").unwrap();
        let adult = school.people.adult("sarah-reed").unwrap().clone();
        adult
            .children
            .iter()
            .map(|c| c.pupil.clone())
            .collect::<Vec<_>>()
    };
    assert_eq!(children(&world), ["ben"]);
    // The school's own file still has her as Leo's mother, and knows nothing of Ben.
    let sent = world
        .upload(&office, form(&[("adults", "a.csv", &adults(""))]))
        .await;
    let review = sent.location().to_owned();
    let page = world.get(&review, &office, &[]).await.body;
    assert!(
        page.contains("Sarah Reed was taken off the contacts of a child"),
        "{page}"
    );
    world.post(&review, &office, &[]).await;
    assert_eq!(children(&world), ["ben"]);

    // Of Mark nobody knew whether an order concerns him: that it does not needs a word.
    let mark = "/people/adults/mark-reed/children/leo";
    let mut free = [
        ("kind", "father"),
        ("responsibility", "unknown"),
        ("lives_with", "no"),
        ("order", "no"),
        ("reason", ""),
    ];
    let unsaid = world.post(mark, &office, &free).await;
    assert_eq!(
        unsaid.status,
        StatusCode::UNPROCESSABLE_ENTITY,
        "{}",
        unsaid.body
    );
    free[4].1 = "Leo's mother, on the phone";
    let told = world.post(mark, &office, &free).await;
    assert_eq!(told.location(), format!("{mark}?done=tie"), "{}", told.body);
    // Dean's order is not the office's to take back.
    let dean = "/people/adults/dean-price/children/ola";
    let refused = world.post(dean, &office, &free).await;
    assert!(
        refused
            .body
            .contains("A safeguarding lead or the head does this"),
        "{}",
        refused.body
    );
}

#[tokio::test]
async fn what_they_told_the_office_is_a_new_version_and_a_number_that_moved_is_nobodys() {
    let world = world(false).await;
    let office = world.signed_in("park").await;
    let passport = "/people/adults/amina-yusuf/passport";
    let typed = [
        ("told", ""),
        ("language", "Somali"),
        ("interpreter", "yes"),
        ("channel", "text"),
        ("times", "after <i>six</i>"),
    ];
    let unsaid = world.post(passport, &office, &typed).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unsaid.body.contains("Write how they told you"),
        "{}",
        unsaid.body
    );
    let mut told = typed;
    told[0].1 = "on the phone on 1 December";
    let kept = world.post(passport, &office, &told).await;
    assert_eq!(
        kept.location(),
        format!("{passport}?done=passport"),
        "{}",
        kept.body
    );
    told[3].1 = "ring";
    world.post(passport, &office, &told).await;
    let page = world.get(passport, &office, &[]).await.body;
    assert!(
        page.contains("version 2") && page.contains("Before: version 1"),
        "{page}"
    );
    assert!(
        page.contains("language: Somali") && page.contains("by a call"),
        "{page}"
    );
    assert!(
        page.contains("written down by Ms Park: on the phone"),
        "{page}"
    );
    assert!(page.contains("after &#60;i&#62;six"), "{page}");
    let same = world.post(passport, &office, &told).await;
    assert!(same.body.contains("Nothing is different"), "{}", same.body);
    let note = world.rig.case("C-1042").await.unwrap();
    assert_eq!((note.kind.as_str(), note.note), ("passport", true));

    let numbers = "/people/adults/amina-yusuf/numbers";
    for (number, says) in [
        ("0770", "is not a phone number"),
        ("07700 900102", "on the record of Piotr Kowalski already"),
        ("07700 900201", "who works here"),
    ] {
        let form = [("number", number), ("told", "on the phone")];
        let answer = world.post(numbers, &office, &form).await;
        assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY, "{number}");
        assert!(answer.body.contains(says), "{number}: {}", answer.body);
    }
    let form_of_new = [("number", "07700 900171"), ("told", "on the phone")];
    let added = world.post(numbers, &office, &form_of_new).await;
    assert_eq!(
        added.location(),
        "/people/adults/amina-yusuf?done=number",
        "{}",
        added.body
    );
    let record = world
        .get("/people/adults/amina-yusuf", &office, &[])
        .await
        .body;
    assert!(
        record.contains("07700 900171 (found by the office) (nobody has written"),
        "{record}"
    );

    world
        .rig
        .hear(AMINA, "im worried about sam, he cries before school")
        .await
        .unwrap();
    let case = world.rig.case("C-1043").await.unwrap();
    let waiting = world.reminder(&case).await;
    let lose = format!("{numbers}/{AMINA}/lose");
    let asked = world.get(&lose, &office, &[]).await.body;
    assert!(
        asked.contains("Pages that were texted there open no more"),
        "{asked}"
    );
    let lost = world
        .post(&lose, &office, &[("reason", "she has a new phone")])
        .await;
    assert_eq!(
        lost.location(),
        "/people/adults/amina-yusuf?done=number-lost",
        "{}",
        lost.body
    );
    assert_eq!(world.fate(waiting).await.0, Status::Expired);
    assert!(
        !world.asked_by_amina().await.contains("Hughes"),
        "whoever has it now"
    );
    let cole = world.signed_in("cole").await;
    let reply = world
        .post("/c/1043/reply", &cole, &[("words", "Hello")])
        .await;
    assert!(
        reply.body.contains("This phone is not theirs"),
        "{}",
        reply.body
    );
    // An import that still has it leaves it out, and says so.
    let sent = world
        .upload(&office, form(&[("adults", "a.csv", &adults(""))]))
        .await;
    let page = world.get(sent.location(), &office, &[]).await.body;
    assert!(
        page.contains("07700 900101 was marked as no longer theirs"),
        "{page}"
    );
}

#[tokio::test]
async fn nobody_answers_a_restricted_adult_in_a_case_that_names_neither_them_nor_the_child() {
    let world = world(false).await;
    let lead = world.signed_in("adeyemi").await;
    let set = format!("{TIE}/restriction");
    let done = world.post(&set, &lead, &ORDER).await;
    assert_eq!(done.status, StatusCode::SEE_OTHER, "{}", done.body);
    world
        .rig
        .hear(AMINA, "im worried about my son, is he sleeping in class")
        .await
        .unwrap();
    let case = world.rig.case("C-1042").await.unwrap();
    assert_eq!((case.adult, case.pupil), (None, None));
    let before = world.rig.texts_to(AMINA).await.unwrap().len();

    let office = world.signed_in("park").await;
    let page = world.get("/c/1042", &office, &[]).await.body;
    assert!(page.contains("Contact is restricted"), "{page}");
    assert!(page.contains("The office will write to you."), "{page}");
    let reply = [("words", "Sam is well, he is at school until 3.15pm today.")];
    let answer = world.post("/c/1042/reply", &office, &reply).await;
    assert_ne!(answer.status, StatusCode::SEE_OTHER, "{}", answer.body);
    let after = world.rig.texts_to(AMINA).await.unwrap();
    assert_eq!(after.len(), before, "{after:?}");
}
