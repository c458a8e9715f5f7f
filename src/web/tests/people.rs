//! Importing people and putting numbers on records, as the office does it.

use axum::body::Body;
use axum::http::{Request, StatusCode, header};

use super::{Answer, World, world};
use crate::school::people::Role;

const BOUNDARY: &str = "----a-boundary";

/// A form with files, as a browser sends it.
pub(super) fn form(files: &[(&str, &str, &str)]) -> String {
    let mut body = String::new();
    for (field, name, content) in files {
        body.push_str(&format!(
            "--{BOUNDARY}\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\
             content-type: text/csv\r\n\r\n{content}\r\n"
        ));
    }
    body.push_str(&format!("--{BOUNDARY}--\r\n"));
    body
}

impl World {
    pub(super) async fn upload(&self, cookie: &str, body: String) -> Answer {
        let request = Request::post("/people/import")
            .header(header::COOKIE, cookie)
            .header(header::HOST, "school.example")
            .header(header::ORIGIN, "https://school.example")
            .header(
                header::CONTENT_TYPE,
                format!("multipart/form-data; boundary={BOUNDARY}"),
            );
        self.ask(request.body(Body::from(body)).unwrap()).await
    }
}

pub(super) fn adults(extra: &str) -> String {
    format!("{}{extra}", include_str!("../../../demo/adults.csv"))
}

const NEWCOMER: &str =
    "<b>Ines</b> Duarte,07700 900160,,Zofia,Kowalska,1B,Stepmother,Y,Y,N,,,,,,,\n";

#[tokio::test]
async fn the_office_imports_people_after_a_look_at_what_would_change() {
    let world = world(false).await;
    let office = world.signed_in("park").await;
    let page = world.get("/people/import", &office, &[]).await;
    assert_eq!(page.status, StatusCode::OK);
    // A browser sends the fields that were left empty, too.
    let files = [
        ("pupils", "", ""),
        ("adults", "C:\\x\\adults.csv", &adults(NEWCOMER)),
        ("staff", "", ""),
    ];
    let sent = world.upload(&office, form(&files)).await;
    assert_eq!(sent.status, StatusCode::SEE_OTHER, "{}", sent.body);
    let review = sent.location().to_owned();
    let page = world.get(&review, &office, &[]).await;
    assert!(
        page.body
            .contains("From adults.csv. Nothing is changed yet."),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("&#60;b&#62;Ines&#60;/b&#62; Duarte"),
        "{}",
        page.body
    );
    assert!(
        world
            .rig
            .d
            .school("kingfisher")
            .unwrap()
            .people
            .adult("b-ines-b-duarte")
            .is_none()
    );
    // What one uploaded is nobody else's to see or to agree to.
    let head = world.signed_in("wright").await;
    assert_eq!(
        world.get(&review, &head, &[]).await.status,
        StatusCode::NOT_FOUND
    );
    assert_eq!(
        world.post(&review, &head, &[]).await.status,
        StatusCode::NOT_FOUND
    );

    let done = world.post(&review, &office, &[]).await;
    assert_eq!(done.location(), "/people?done=imported", "{}", done.body);
    assert!(
        world
            .rig
            .d
            .school("kingfisher")
            .unwrap()
            .people
            .adult("b-ines-b-duarte")
            .is_some()
    );
    let list = world
        .get("/people?q=duarte&done=imported", &office, &[])
        .await;
    assert!(
        list.body.contains("The people are imported."),
        "{}",
        list.body
    );
    assert!(list.body.contains("07700 900160"), "{}", list.body);
    assert_eq!(
        world.post(&review, &office, &[]).await.status,
        StatusCode::NOT_FOUND,
        "once"
    );
}

#[tokio::test]
async fn files_with_faults_are_told_row_by_row() {
    let world = world(false).await;
    let office = world.signed_in("park").await;
    let bad = adults("Nobody,,,Nemo,Nobody,1B,Mother,maybe,Y,N,,,,,,,\n");
    let answer = world
        .upload(&office, form(&[("adults", "a.csv", &bad)]))
        .await;
    assert_eq!(answer.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        answer.body.contains("there is no pupil `Nemo Nobody`"),
        "{}",
        answer.body
    );
    assert!(answer.body.contains("a.csv, line 16"), "{}", answer.body);
    let none = world.upload(&office, form(&[("adults", "", "")])).await;
    assert!(none.body.contains("No file was chosen."), "{}", none.body);
    let cut = form(&[("adults", "a.csv", "Name")]);
    let cut = world
        .upload(&office, cut[..cut.len() - 20].to_owned())
        .await;
    assert_eq!(cut.status, StatusCode::UNPROCESSABLE_ENTITY);
    let huge = "x".repeat(52 << 20);
    let huge = world
        .upload(&office, form(&[("adults", "a.csv", &huge)]))
        .await;
    assert!(huge.status.is_client_error(), "{}", huge.status);
    let wrong = world
        .post("/people/import", &office, &[("adults", "x")])
        .await;
    assert_eq!(wrong.status, StatusCode::BAD_REQUEST);
}

#[tokio::test]
async fn whoever_agrees_to_an_old_look_is_shown_a_new_one() {
    let world = world(false).await;
    let office = world.signed_in("park").await;
    let head = world.signed_in("wright").await;
    let newcomer = adults(NEWCOMER);
    let one = world
        .upload(&office, form(&[("adults", "a.csv", &newcomer)]))
        .await;
    let other = world
        .upload(&head, form(&[("adults", "a.csv", &newcomer)]))
        .await;
    world.post(other.location(), &head, &[]).await;
    let again = world.post(one.location(), &office, &[]).await;
    assert_eq!(again.status, StatusCode::SEE_OTHER);
    assert!(
        again.location().ends_with("?again=true"),
        "{}",
        again.location()
    );
    let page = world.get(again.location(), &office, &[]).await;
    assert!(
        page.body.contains("Somebody has changed the people"),
        "{}",
        page.body
    );
    let thrown = world
        .post(
            again.location().split('?').next().unwrap(),
            &office,
            &[("no", "no")],
        )
        .await;
    assert_eq!(thrown.location(), "/people?done=dropped");
}

#[tokio::test]
async fn a_number_that_nobody_has_is_found_and_put_on_a_record() {
    let world = world(false).await;
    world
        .rig
        .hear(
            "+447700900170",
            "im worried about my son, he cries before school",
        )
        .await
        .unwrap();
    let office = world.signed_in("park").await;
    let list = world.get("/people", &office, &[]).await.body;
    assert!(list.contains("07700 900170"), "{list}");
    assert!(list.contains("/people?match=%2B447700900170"), "{list}");
    let find = world
        .get("/people?match=%2B447700900170&q=yusuf", &office, &[])
        .await
        .body;
    assert!(find.contains("Whose number is 07700 900170?"), "{find}");
    let mut form = vec![("number", "+447700900170"), ("adult", "amina-yusuf")];
    let unsaid = world.post("/people/match", &office, &form).await;
    assert_eq!(unsaid.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        unsaid.body.contains("Write how you know"),
        "{}",
        unsaid.body
    );
    form.push(("told", "she rang from it"));
    let done = world.post("/people/match", &office, &form).await;
    assert_eq!(done.location(), "/people?done=matched");
    let record = world
        .get("/people/adults/amina-yusuf", &office, &[])
        .await
        .body;
    assert!(
        record.contains("07700 900170 (found by the office)"),
        "{record}"
    );
    let list = world.get("/people", &office, &[]).await.body;
    assert!(!list.contains("/people?match="), "{list}");
    assert!(list.contains("Matched a number of Amina Yusuf"), "{list}");
    let twice = world.post("/people/match", &office, &form).await;
    assert_eq!(twice.status, StatusCode::UNPROCESSABLE_ENTITY);
    assert!(
        twice.body.contains("on the record of Amina Yusuf already"),
        "{}",
        twice.body
    );
}

#[tokio::test]
async fn the_lists_are_for_those_who_keep_them() {
    let world = world(false).await;
    for surname in ["hughes", "baker", "it", "evans", "shah", "operator"] {
        let cookie = world.signed_in(surname).await;
        for path in ["/people", "/people/import", "/people/adults/amina-yusuf"] {
            let answer = world.get(path, &cookie, &[]).await;
            assert_eq!(answer.status, StatusCode::NOT_FOUND, "{surname} {path}");
        }
        let merge = [("stays", "amina-yusuf"), ("goes", "joy-campbell")];
        let answer = world.post("/people/merge", &cookie, &merge).await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{surname} merges");
        let answer = world
            .upload(&cookie, form(&[("adults", "a.csv", NEWCOMER)]))
            .await;
        assert_eq!(answer.status, StatusCode::NOT_FOUND, "{surname} uploads");
    }
}

#[tokio::test]
async fn no_list_of_the_offices_lets_somebody_read_what_is_sealed() {
    let world = world(false).await;
    let staff = include_str!("../../../demo/staff.csv");
    let raised = staff.replace("Ms Park,office,", "Ms Park,\"office, dsl\",");
    assert_ne!(staff, raised);
    let leads = |world: &World| {
        let school = world.rig.d.school("kingfisher").unwrap();
        let park = school.people.staff("ms-park").unwrap().clone();
        park.is(Role::Dsl)
    };
    for (surname, may) in [("park", false), ("wright", true)] {
        let cookie = world.signed_in(surname).await;
        let sent = world
            .upload(&cookie, form(&[("staff", "staff.csv", &raised)]))
            .await;
        let review = sent.location().to_owned();
        let page = world.get(&review, &cookie, &[]).await.body;
        assert!(
            page.contains("Ms Park would be safeguarding lead here, and read more than now."),
            "{page}"
        );
        assert_eq!(page.contains("The head says yes to that"), !may, "{page}");
        let yes = [("yes", "staff-ms-park")];
        let done = world.post(&review, &cookie, &yes).await;
        assert_eq!(done.location(), "/people?done=imported", "{}", done.body);
        assert_eq!(leads(&world), may, "{surname}");
    }
    let head = world.signed_in("wright").await;
    let chair = staff.replace("Ms Park,office,", "Ms Park,\"office, chair-of-governors\",");
    let sent = world
        .upload(&head, form(&[("staff", "staff.csv", &chair)]))
        .await;
    let review = sent.location().to_owned();
    let page = world.get(&review, &head, &[]).await.body;
    assert!(
        page.contains("Whoever looks after the machine says yes"),
        "{page}"
    );
    world
        .post(&review, &head, &[("yes", "staff-ms-park")])
        .await;
    let school = world.rig.d.school("kingfisher").unwrap();
    assert!(
        !school
            .people
            .staff("ms-park")
            .unwrap()
            .is(Role::ChairOfGovernors)
    );
    let audit = world.get("/audit", &head, &[]).await.body;
    assert!(
        audit.contains("imported people from staff.csv; yes to: Ms Park would be"),
        "{audit}"
    );
}

#[tokio::test]
async fn a_match_that_is_undone_leaves_no_case_open_to_the_number() {
    const UNKNOWN: &str = "+447700900170";
    let world = world(false).await;
    let office = world.signed_in("park").await;
    world.rig.hear(UNKNOWN, "hello").await.unwrap();
    let found = [
        ("number", UNKNOWN),
        ("adult", "amina-yusuf"),
        ("told", "she rang from it"),
    ];
    world.post("/people/match", &office, &found).await;
    world
        .rig
        .hear(UNKNOWN, "im worried about sam, not sleeping")
        .await
        .unwrap();
    let case = world.rig.case("C-1042").await.unwrap();
    assert_eq!(case.adult.as_deref(), Some("amina-yusuf"));
    let list = world.get("/people", &office, &[]).await.body;
    let undo = list
        .split("action=\"")
        .find(|part| part.contains("/undo\""));
    let undo = undo.and_then(|part| part.split('"').next()).unwrap();
    let undone = world.post(undo, &office, &[]).await;
    assert_eq!(undone.status, StatusCode::SEE_OTHER, "{}", undone.body);
    let senco = world.signed_in("cole").await;
    let words = [("words", "Sam had a good day in 3H")];
    let reply = world.post("/c/1042/reply", &senco, &words).await;
    assert_eq!(reply.status, StatusCode::UNPROCESSABLE_ENTITY);
    let page = world.get("/c/1042", &senco, &[]).await.body;
    assert!(
        page.contains("is Amina Yusuf&#39;s number no longer"),
        "{page}"
    );
}
