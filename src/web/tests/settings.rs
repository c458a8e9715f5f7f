//! Settings, as the office uses them: closed days, terms, services, retention, absence.

use axum::http::StatusCode;
use jiff::civil::date;

use super::{AMINA, World, world};
use crate::deployment::School;
use crate::school::service::{Found, Kind};

impl World {
    /// The school as it stands now.
    fn now(&self) -> std::sync::Arc<School> {
        self.rig.d.school("kingfisher").unwrap()
    }
}

#[tokio::test]
async fn the_office_closes_the_school_for_snow_and_staff_see_what_falls_on_it() {
    let world = world(false).await;
    let words = "im worried about sam, not sleeping";
    world.rig.hear(AMINA, words).await.unwrap();
    let mut tx = world.rig.d.store.read().await.unwrap();
    let promises = tx.open_promises("kingfisher").await.unwrap();
    drop(tx);
    let due = world.now().local(promises[0].due_at.timestamp()).date();
    let office = world.signed_in("park").await;
    let senco = world.signed_in("cole").await;

    // A day of another year is asked about, with what was typed kept.
    let typed = [("from", "2025-12-03"), ("why", "<snow>")];
    let refused = world.post("/settings/closed", &office, &typed).await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told = "These days are in no term: check the year";
    assert!(refused.body.contains(told), "{}", refused.body);
    assert!(refused.body.contains("&#60;snow&#62;"), "{}", refused.body);
    let nonsense = [("from", "tomorrow"), ("why", "snow")];
    let refused = world.post("/settings/closed", &office, &nonsense).await;
    assert!(
        refused
            .body
            .contains("The first day is not written as expected: write a day, such as 2026-09-02"),
        "{}",
        refused.body
    );
    let typing_error = [
        ("from", "2026-12-07"),
        ("to", "2030-12-07"),
        ("why", "snow"),
    ];
    let refused = world.post("/settings/closed", &office, &typing_error).await;
    let told = "The school would be closed for more than a year";
    assert!(refused.body.contains(told), "{}", refused.body);
    assert!(world.now().calendar().is_school_day(due));

    let day = due.to_string();
    let snow = [("from", day.as_str()), ("why", "snow")];
    let done = world.post("/settings/closed", &office, &snow).await;
    assert_eq!(done.location(), "/settings/closed?done=closed-day");
    assert!(!world.now().calendar().is_school_day(due));
    let half_term = date(2027, 2, 15);
    assert!(
        !world.now().calendar().is_school_day(half_term),
        "as before"
    );
    for page in ["/settings/closed", "/today"] {
        let seen = world.get(page, &senco, &[]).await;
        assert!(seen.body.contains("(snow)"), "{page}: {}", seen.body);
        assert!(seen.body.contains("C-1042"), "{page}: {}", seen.body);
    }
    // The case is not the office's to open, and so neither is its promise.
    let office_sees = world.get("/settings/closed", &office, &[]).await;
    assert!(!office_sees.body.contains("C-1042"), "{}", office_sees.body);
    assert!(
        office_sees.body.contains("Here, by Ms Park"),
        "{}",
        office_sees.body
    );

    let both = [("from", day.as_str()), ("to", day.as_str())];
    let open = world.post("/settings/closed/open", &office, &both).await;
    assert_eq!(open.location(), "/settings/closed?done=opened-day");
    assert!(world.now().calendar().is_school_day(due));
}

#[tokio::test]
async fn what_the_file_could_not_say_is_refused_beside_its_field_and_versions_come_back() {
    let world = world(false).await;
    let head = world.signed_in("wright").await;
    let page = world.get("/settings/terms", &head, &[]).await;
    assert!(
        page.body.contains("was installed (schoolgate.toml)"),
        "{}",
        page.body
    );
    let form = |close: &'static str, seen: &'static str| {
        [
            ("seen", seen),
            ("day", "mon"),
            ("day", "tue"),
            ("open", "08:00"),
            ("close", close),
            ("from-0", "2026-09-02"),
            ("to-0", "2026-12-18"),
            ("from-1", ""),
            ("to-1", ""),
            ("from-3", "2027-04-12"),
            ("to-3", "2027-07-23"),
        ]
    };
    let refused = world
        .post("/settings/terms", &head, &form("07:00", "0"))
        .await;
    assert_eq!(refused.status, StatusCode::UNPROCESSABLE_ENTITY);
    let told =
        "The school closes before it opens: put the hour it opens before the hour it closes.";
    assert!(refused.body.contains(told), "{}", refused.body);
    assert!(refused.body.contains("value=\"07:00\""), "{}", refused.body);

    let mut without = form("15:00", "0");
    (without[5].1, without[6].1) = ("", "");
    let refused = world.post("/settings/terms", &head, &without).await;
    let told = "keep the term that is running";
    assert!(refused.body.contains(told), "{}", refused.body);

    let done = world
        .post("/settings/terms", &head, &form("15:00", "0"))
        .await;
    assert_eq!(done.location(), "/settings/terms?done=set", "{}", done.body);
    let calendar = world.now().calendar().clone();
    assert_eq!(
        (calendar.days.to_string(), calendar.terms.len()),
        ("mon, tue".to_owned(), 2)
    );
    // Whoever has the page of before open does not write over it.
    let late = world
        .post("/settings/terms", &head, &form("17:00", "0"))
        .await;
    assert!(
        late.body
            .contains("Somebody else has changed this meanwhile"),
        "{}",
        late.body
    );

    let all = world.get("/settings", &head, &[]).await;
    assert!(
        all.body.contains("here, by Mr Wright, today"),
        "{}",
        all.body
    );
    let seen = world.now().layer.version.to_string();
    let back = [
        ("section", "terms"),
        ("seen", seen.as_str()),
        ("version", "0"),
    ];
    let done = world.post("/settings/restore", &head, &back).await;
    assert_eq!(
        done.location(),
        "/settings/terms?done=restored",
        "{}",
        done.body
    );
    assert_eq!(world.now().calendar().terms.len(), 3);
    let again = world.now().layer.version.to_string();
    let first = [
        ("section", "terms"),
        ("seen", again.as_str()),
        ("version", seen.as_str()),
    ];
    world.post("/settings/restore", &head, &first).await;
    assert_eq!(world.now().calendar().terms.len(), 2);

    let few = [
        ("seen", "0"),
        ("sen_years", "5"),
        ("safeguarding_years", "25"),
        ("messages_months", "12"),
        ("provider_logs_days", "7"),
        ("nightly", "messages"),
    ];
    let refused = world.post("/settings/retention", &head, &few).await;
    assert!(
        refused
            .body
            .contains("an education, health and care plan may go on to the age of 25"),
        "{}",
        refused.body
    );
    let mut enough = few;
    enough[1].1 = "30";
    world.post("/settings/retention", &head, &enough).await;
    assert_eq!(world.now().config.retention.sen_years, 30);
    // How many sealed cases there are is for those who look at them.
    let before = world.get("/settings/retention", &head, &[]).await.body;
    assert!(
        before.contains("a safeguarding lead looks at each"),
        "{before}"
    );
    let alarm = "my son is afraid to go home, his uncle hurts him";
    world.rig.hear("+447700900199", alarm).await.unwrap();
    let after = world.get("/settings/retention", &head, &[]).await.body;
    assert_eq!(after, before);
    let office = world.signed_in("park").await;
    let hers = world.get("/settings/retention", &office, &[]).await;
    assert_eq!(hers.status, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn the_office_checks_the_services_that_families_are_sent_to() {
    let world = world(false).await;
    let office = world.signed_in("park").await;
    let today = world.get("/today", &office, &[]).await;
    assert!(
        today
            .body
            .contains("have never been checked, or not for a year"),
        "{}",
        today.body
    );
    let parts = world.rig.d.parts();
    let checked = |key: &str| {
        let school = world.now();
        let directory = school.directory(&parts);
        directory.get(key).unwrap().last_verified
    };
    assert_eq!(checked("camden-sendiass"), None);
    let which = [("key", "camden-sendiass")];
    let done = world
        .post("/settings/services/checked", &office, &which)
        .await;
    assert_eq!(done.location(), "/settings/services?done=checked");
    assert_eq!(checked("camden-sendiass"), Some(date(2026, 12, 1)));

    let forum = [
        ("key", "camden-forum"),
        ("council", "Camden"),
        ("kind", "forum"),
        ("name", "Parents together"),
        ("about", "Parents of Camden."),
        ("phone", "ask for Jo"),
        ("source", "rang them"),
    ];
    let refused = world.post("/settings/services/edit", &office, &forum).await;
    assert!(
        refused
            .body
            .contains("\u{201c}phone\u{201d} cannot be read: \u{201c}ask for Jo\u{201d}"),
        "{}",
        refused.body
    );
    assert!(
        refused.body.contains("value=\"Parents together\""),
        "{}",
        refused.body
    );
    let mut right = forum;
    right[5].1 = "020 7946 0150";
    let done = world.post("/settings/services/edit", &office, &right).await;
    assert_eq!(
        done.location(),
        "/settings/services?done=set",
        "{}",
        done.body
    );
    let reach = |kind| {
        let school = world.now();
        let directory = school.directory(&parts);
        match directory.find(kind, "Camden") {
            Some(Found::Local(service)) => service.reach(),
            _ => String::new(),
        }
    };
    assert_eq!(reach(Kind::Forum), "020 7946 0150");
    world
        .post(
            "/settings/services/hide",
            &office,
            &[("key", "camden-forum")],
        )
        .await;
    assert_eq!(reach(Kind::Forum), "");
    // The country's own stay: families fall back on them.
    let kept = world
        .post("/settings/services/hide", &office, &[("key", "emergency")])
        .await;
    assert_eq!(kept.status, StatusCode::NOT_FOUND);
    let page = world.get("/settings/services", &office, &[]).await;
    assert!(
        page.body.contains("Send families there again"),
        "{}",
        page.body
    );
}

#[tokio::test]
async fn an_absence_counts_at_once_and_keys_are_shown_without_their_secrets() {
    let world = world(false).await;
    let office = world.signed_in("park").await;
    let form = [
        ("day", "mon"),
        ("day", "wed"),
        ("from", "08:30"),
        ("to", "15:00"),
        ("away_from", "2026-12-07"),
        ("away_to", ""),
        ("away_from", ""),
        ("away_to", ""),
        ("cover", "mr-hughes"),
    ];
    let mut wrong = form;
    wrong[3].1 = "08:00";
    let refused = world
        .post("/settings/cover/mrs-cole", &office, &wrong)
        .await;
    let told = "The working day ends before it begins: put `from` before `to`.";
    assert!(refused.body.contains(told), "{}", refused.body);
    assert!(
        refused.body.contains("value=\"2026-12-07\""),
        "{}",
        refused.body
    );
    let done = world.post("/settings/cover/mrs-cole", &office, &form).await;
    assert_eq!(done.location(), "/settings/cover?done=set", "{}", done.body);
    let cole = world.now().people.staff("mrs-cole").unwrap().clone();
    assert_eq!(cole.cover.as_deref(), Some("mr-hughes"));
    let school = world.now();
    let works = |day| school.calendar().works_on(&cole.work, day);
    assert!(works(date(2026, 12, 2)));
    assert!(!works(date(2026, 12, 7)), "away");
    assert!(!works(date(2026, 12, 8)), "not her day");

    let support = world
        .rig
        .school()
        .people
        .staff("it-support")
        .unwrap()
        .key
        .clone();
    let support = world
        .session_of("kingfisher", &support, crate::store::Stage::In)
        .await;
    let keys = world.get("/settings/keys", &support, &[]).await;
    assert!(
        keys.body
            .contains("Set, in environment variable KINGFISHER_TWILIO_TOKEN"),
        "{}",
        keys.body
    );
    assert!(!keys.body.contains(super::TOKEN), "{}", keys.body);
}
