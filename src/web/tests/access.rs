//! Every route, asked for as everybody: the table of who may what, made from the list of routes.

use std::fmt::Write as _;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::body::Body;
use axum::http::{Method, Request, StatusCode, header};
use jiff::civil::date;
use tokio_util::sync::CancellationToken;
use tower::ServiceExt as _;
use uuid::Uuid;

use super::{AMINA, World, world, world_with};
use crate::channel::{Inbound, Media};
use crate::config::{ChannelKind, Config};
use crate::desk::accounts;
use crate::inbox;
use crate::phone::Phone;
use crate::school::people::Sen;
use crate::school::people::import::File;
use crate::store::{
    Moment, NewCase, NewEntry, NewStage, Outgoing, Purpose, Stage, SubjectRequest, Token,
};
use crate::web::Web;
use crate::web::access::Rule;
use crate::web::routes::{Listed, routes};

const SCHOOL: &str = "kingfisher";

/// The columns: nobody, somebody whose second step is still to come, and one of each role. The
/// concern is about a child of 3H.
const EVERYBODY: [(&str, Who); 14] = [
    ("nobody", Who::Nobody),
    ("halfway", Who::Halfway),
    ("SENCO", Who::Staff("mrs-cole")),
    ("3H", Who::Staff("mr-hughes")),
    ("1B", Who::Staff("miss-nair")),
    ("key", Who::Staff("mr-baker")),
    ("DSL", Who::Staff("mrs-adeyemi")),
    ("deputy", Who::Staff("mr-grant")),
    ("head", Who::Staff("mr-wright")),
    ("office", Who::Staff("ms-park")),
    ("chair", Who::Staff("dr-shah")),
    ("govern", Who::Staff("mr-evans")),
    ("IT", Who::Staff("it-support")),
    ("council", Who::Staff("council-operator")),
];

#[derive(Clone, Copy)]
enum Who {
    Nobody,
    Halfway,
    Staff(&'static str),
}

/// What an address can be about.
#[derive(Clone, Copy, PartialEq)]
enum Thing {
    Nothing,
    Concern,
    Sealed,
    AboutStaff,
    AboutTheHead,
    OfficeTask,
    LeadsTask,
    OwnSession,
    Invitation,
    Colleague,
    Parent,
    Change,
    Upload,
    Page,
    Request,
    Pupil,
    Skimmed,
    Outgoing,
    Shipped,
}

impl Thing {
    /// What the addresses of a path are about. A path with a name in it that is not known here needs
    /// a line here, and what it stands for in [`Place::path`].
    fn all(path: &str) -> &'static [Self] {
        let names: Vec<_> = path.split('{').skip(1).filter_map(name).collect();
        match names.first().copied() {
            None => &[Self::Nothing],
            // Every other address of a case has the same rule: there, these two tell enough.
            Some("number") if path == "/c/{number}" => &[
                Self::Concern,
                Self::Sealed,
                Self::AboutStaff,
                Self::AboutTheHead,
            ],
            Some("number") => &[Self::Concern, Self::Sealed],
            Some("task") => &[Self::OfficeTask, Self::LeadsTask],
            Some("session") => &[Self::OwnSession],
            Some("token") => &[Self::Invitation],
            Some("key") => &[Self::Colleague],
            Some("adult") => &[Self::Parent],
            Some("change") => &[Self::Change],
            Some("import") => &[Self::Upload],
            Some("page") => &[Self::Page],
            Some("request") => &[Self::Request],
            Some("pupil") => &[Self::Pupil],
            Some("message") => &[Self::Skimmed],
            Some("outgoing") => &[Self::Outgoing],
            Some("table" | "flow") => &[Self::Shipped],
            Some("hash" | "endpoint") => &[Self::Nothing],
            Some(new) => panic!("{path}: say in tests/access.rs what {{{new}}} stands for"),
        }
    }

    const fn words(self) -> &'static str {
        match self {
            Self::Concern => "of a concern",
            Self::Sealed => "of a sealed case",
            Self::AboutStaff => "of one about staff",
            Self::AboutTheHead => "of one about the head",
            Self::OfficeTask => "of the office",
            Self::LeadsTask => "of the leads",
            _ => "",
        }
    }
}

fn name(after: &str) -> Option<&str> {
    after.split('}').next()
}

/// What stands in an address in the place of each name.
#[derive(Clone, Default)]
struct Place {
    number: String,
    message: String,
    task: String,
    session: String,
    token: String,
    key: String,
    adult: String,
    change: String,
    import: String,
    request: String,
    pupil: String,
    outgoing: String,
}

impl Place {
    /// Something for every name, which is nothing that is there.
    fn anything() -> Self {
        let one = || "1".to_owned();
        Self {
            number: one(),
            message: one(),
            task: one(),
            session: one(),
            token: one(),
            key: one(),
            adult: one(),
            change: one(),
            import: one(),
            request: one(),
            pupil: one(),
            outgoing: one(),
        }
    }

    fn path(&self, path: &str) -> String {
        path.replace("{number}", &self.number)
            .replace("{message}", &self.message)
            .replace("{n}", "0")
            .replace("{seq}", "1")
            .replace("{task}", &self.task)
            .replace("{session}", &self.session)
            .replace("{token}", &self.token)
            .replace("{key}", &self.key)
            .replace("{adult}", &self.adult)
            .replace("{change}", &self.change)
            .replace("{import}", &self.import)
            .replace("{request}", &self.request)
            .replace("{copy}", "record.html")
            .replace("{pupil}", &self.pupil)
            .replace("{outgoing}", &self.outgoing)
            .replace("{table}", "themes.csv")
            .replace("{flow}", "concern")
            .replace("{page}", "00000000000000000000000000000000")
            .replace("{endpoint}", "kingfisher-sms")
            .replace("{hash}/{file}", "0/console.css")
    }
}

fn listed(world: &World, demo: bool) -> Vec<Listed> {
    let web = Web::new(Arc::clone(&world.rig.d), demo, CancellationToken::new());
    routes(&web).listed
}

impl World {
    /// Asks, and does not wait for the end of what may have none.
    async fn status(&self, method: &Method, path: &str, cookie: &str) -> (StatusCode, String) {
        const FORM: &str = "application/x-www-form-urlencoded";
        let told = if path.ends_with("/tell") {
            format!(
                "stage={}&do=not&adult=amina-yusuf&words=no",
                self.stage().await
            )
        } else {
            String::new()
        };
        let (kind, body) = match path {
            "/handset" => (FORM, "as=%2B447700900101&words=hello"),
            "/people/import" => ("multipart/form-data; boundary=b", "--b--\r\n"),
            path if path.ends_with("/step") => (FORM, "to=discussed&words=talked"),
            path if path.ends_with("/share") => (FORM, "do=keep&adult=amina-yusuf"),
            path if path.ends_with("/tell") => (FORM, told.as_str()),
            _ => (FORM, ""),
        };
        let request = Request::builder()
            .method(method)
            .uri(path)
            .header(header::COOKIE, cookie)
            .header(header::HOST, "school.example")
            .header(header::CONTENT_TYPE, kind);
        let request = request.body(Body::from(body.to_owned())).unwrap();
        let answer = self.app.clone().oneshot(request).await.unwrap();
        let to = answer.headers().get(header::LOCATION);
        let to = to.map_or("", |to| to.to_str().unwrap());
        (answer.status(), to.to_owned())
    }

    /// A change of Sam's stage, of which parents are to be told.
    async fn stage(&self) -> Uuid {
        let new = NewStage {
            pupil: "sam",
            stage: Sen::Support,
            plan: None,
            since: date(2026, 12, 1),
            source: "here",
            staff: "mrs-cole",
            entry: None,
        };
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let stage = tx.keep_stage(SCHOOL, &new).await.unwrap();
        tx.save().await.unwrap();
        stage
    }

    async fn cookie_of(&self, who: Who) -> String {
        match who {
            Who::Nobody => String::new(),
            Who::Halfway => self.session_of(SCHOOL, "mrs-cole", Stage::Code).await,
            Who::Staff(key) => self.session_of(SCHOOL, key, Stage::In).await,
        }
    }

    /// A case of Sam's (3H), as if his mother had written.
    async fn case_of_sam(&self, tier: &str) -> String {
        let sealed = tier != "ordinary";
        let owner = match tier {
            "ordinary" => "mr-hughes",
            "staff" => "mr-wright",
            "head" => "dr-shah",
            _ => "mrs-adeyemi",
        };
        let head = ["mr-wright".to_owned()];
        let new = NewCase {
            school_id: SCHOOL,
            kind: if sealed { "safeguarding" } else { "concern" },
            tier,
            endpoint: &self.rig.endpoint.id,
            address: AMINA,
            adult: Some("amina-yusuf"),
            pupil: Some("sam"),
            owner: Some(owner),
            copied: &[],
            barred: if tier == "head" { &head } else { &[] },
            escalate_at: None,
        };
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let case = tx.open_case(&new).await.unwrap();
        let said = NewEntry::new("message-in", AMINA, "he is not sleeping");
        tx.append(case.id, &said).await.unwrap();
        tx.save().await.unwrap();
        case.number.to_string()
    }

    async fn task_for(&self, school: &str, role: &str) -> String {
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let task = tx
            .task(
                school, "to-ring", role, None, "handset", AMINA, "ring", None,
            )
            .await
            .unwrap();
        tx.save().await.unwrap();
        task.to_string()
    }

    /// A session of somebody's that is not the one they ask with.
    async fn other_session(&self, school: &str, staff: &str) -> String {
        self.session_of(school, staff, Stage::In).await;
        let long_ago = Moment(0);
        let mut tx = self.rig.d.store.read().await.unwrap();
        let all = tx.sessions_of(school, staff, long_ago, long_ago).await;
        all.unwrap()[0].id.to_string()
    }

    /// What an address is about, made for this one request where the request may change it.
    async fn place(&self, thing: Thing, who: Who, read: &[Place; 2], method: &Method) -> Place {
        let reads = method == Method::GET;
        let mut place = Place::default();
        match thing {
            Thing::Concern if reads => return read[0].clone(),
            Thing::Sealed if reads => return read[1].clone(),
            Thing::Concern => place.number = self.case_of_sam("ordinary").await,
            Thing::Sealed => place.number = self.case_of_sam("safeguarding").await,
            Thing::AboutStaff => place.number = self.case_of_sam("staff").await,
            Thing::AboutTheHead => place.number = self.case_of_sam("head").await,
            Thing::OfficeTask => place.task = self.task_for(SCHOOL, "office").await,
            Thing::LeadsTask => place.task = self.task_for(SCHOOL, "dsl").await,
            Thing::OwnSession => {
                if let Who::Staff(key) = who {
                    place.session = self.other_session(SCHOOL, key).await;
                }
            }
            Thing::Invitation => {
                let colleague = self.rig.school().people.staff("mr-hughes").unwrap();
                let mut tx = self.rig.d.store.begin().await.unwrap();
                let link = accounts::invite(&mut tx, "", SCHOOL, colleague, "mrs-cole").await;
                tx.save().await.unwrap();
                place.token = link.unwrap().replace("/invitation/", "");
            }
            Thing::Colleague => "mr-hughes".clone_into(&mut place.key),
            Thing::Parent => {
                "amina-yusuf".clone_into(&mut place.adult);
                "sam".clone_into(&mut place.pupil);
                "+447700900101".clone_into(&mut place.number);
            }
            Thing::Change => place.change = self.change().await,
            Thing::Upload => {
                place.import = match who {
                    Who::Staff(key) => self.uploaded(SCHOOL, key).await,
                    _ => Uuid::nil().to_string(),
                };
            }
            Thing::Request => place.request = self.requested(SCHOOL).await,
            Thing::Pupil => "sam".clone_into(&mut place.pupil),
            Thing::Skimmed => {
                // Of a case of its own: who flags it seals that one.
                return self
                    .photo(SCHOOL, "when is sports day, i would like to help")
                    .await;
            }
            Thing::Outgoing => place.outgoing = self.sent(SCHOOL).await,
            Thing::Nothing | Thing::Page | Thing::Shipped => {}
        }
        place
    }

    /// A change of the people that can be undone.
    async fn change(&self) -> String {
        static NEXT: AtomicU32 = AtomicU32::new(900_500);
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let phone: Phone = format!("+447700{number}").parse().unwrap();
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let office = self.rig.actor("+447700900210").unwrap();
        office
            .match_number(&mut tx, &phone, "amina-yusuf")
            .await
            .unwrap();
        let made = tx.people_changes(SCHOOL, 1).await.unwrap();
        tx.save().await.unwrap();
        made[0].id.to_string()
    }

    /// A text to a parent that did not arrive.
    async fn sent(&self, school: &str) -> String {
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let now = tx.now();
        let text = Outgoing::text(
            school,
            "handset",
            AMINA,
            Purpose::School,
            "hello".to_owned(),
            now,
        );
        let id = tx.queue(&text).await.unwrap();
        tx.save().await.unwrap();
        id.to_string()
    }

    /// A request for a copy of everything about somebody.
    async fn requested(&self, school: &str) -> String {
        let task = self.task_for(school, "office").await;
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let request = SubjectRequest {
            id: self.rig.d.clock.id(),
            about: "pupil".to_owned(),
            person: "sam".to_owned(),
            asked_by: "his mother".to_owned(),
            received: "2026-12-01".to_owned(),
            due: "2027-01-04".to_owned(),
            staff: "ms-park".to_owned(),
            recorded_at: Moment::from(tx.now()),
            task: Uuid::parse_str(&task).unwrap(),
            done_at: None,
            done_by: None,
        };
        tx.keep_request(school, &request).await.unwrap();
        tx.save().await.unwrap();
        request.id.to_string()
    }

    /// Files that somebody has uploaded.
    async fn uploaded(&self, school: &str, staff: &str) -> String {
        let file = File {
            name: "adults.csv".to_owned(),
            bytes: include_bytes!("../../../demo/adults.csv").to_vec(),
            kind: None,
        };
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let id = tx.keep_import(school, staff, 0, &[file]).await.unwrap();
        tx.save().await.unwrap();
        id.to_string()
    }

    /// Somebody writes and sends a photo, which is kept: the case and the message it is in.
    async fn photo(&self, school: &str, words: &str) -> Place {
        let endpoint = self.rig.d.endpoints();
        let endpoint = endpoint
            .iter()
            .filter(|e| e.school.config.id == school)
            .find(|e| matches!(e.config.kind, ChannelKind::Handset { .. }))
            .unwrap();
        let inbound = Inbound {
            provider_id: format!("test:{}", self.rig.d.clock.id()),
            from: AMINA.to_owned(),
            body: words.as_bytes().to_vec(),
            media: vec![Media {
                content_type: "image/gif".to_owned(),
                reference: "somewhere".to_owned(),
            }],
            ..Inbound::default()
        };
        inbox::accept(&self.rig.d, endpoint, &inbound, false)
            .await
            .unwrap();
        crate::settle::settle(&self.rig.d).await.unwrap();
        let mut tx = self.rig.d.store.begin().await.unwrap();
        let all = tx.cases(school, &Default::default()).await.unwrap();
        // The school's own record of a child's support is nobody's message.
        let heard = all.iter().filter(|case| case.kind != "sen-record");
        let case = heard.max_by_key(|case| case.number).unwrap();
        let files = tx.files_of_case(case.id).await.unwrap();
        let file = files.first().unwrap_or_else(|| panic!("{words}: no photo"));
        tx.keep_file(file, "image/gif", b"GIF89a...").await.unwrap();
        tx.save().await.unwrap();
        Place {
            number: case.number.to_string(),
            message: file.message.to_string(),
            ..Place::default()
        }
    }
}

#[tokio::test]
async fn everybody_may_what_the_table_says_and_nothing_more() {
    let world = world(true).await;
    let concern = world
        .photo(SCHOOL, "im worried about sam, not sleeping")
        .await;
    let sealed = world
        .photo(SCHOOL, "today he say boys hit him in toilet")
        .await;
    assert_ne!(concern.number, sealed.number);
    // Opened by a lead: while it pages, its entries are shown by its own page alone.
    let lead = world.signed_in("adeyemi").await;
    let opened = format!("/c/{}", sealed.number);
    assert_eq!(world.get(&opened, &lead, &[]).await.status, StatusCode::OK);
    let read = [concern, sealed];

    let mut table = format!("{:62}", "");
    for (heading, _) in EVERYBODY {
        write!(table, "{heading:<8}").unwrap();
    }
    let mut wrong = Vec::new();
    for Listed { method, path, rule } in listed(&world, true) {
        for thing in Thing::all(path) {
            let row = format!("{:<4} {path} {}", method.as_str(), thing.words());
            write!(table, "\n{row:<62}").unwrap();
            if matches!(rule, Rule::Provider) {
                write!(table, "providers, each by its own secret").unwrap();
                continue;
            }
            for (_, who) in EVERYBODY {
                let cookie = world.cookie_of(who).await;
                let place = world.place(*thing, who, &read, method).await;
                let (status, to) = world.status(method, &place.path(path), &cookie).await;
                let may = match status {
                    StatusCode::NOT_FOUND => "-",
                    StatusCode::UNAUTHORIZED => "sign in",
                    StatusCode::SEE_OTHER if to.starts_with("/sign-in?next=") => "sign in",
                    StatusCode::BAD_REQUEST | StatusCode::UNSUPPORTED_MEDIA_TYPE => {
                        wrong.push(format!("{row}: {status}"));
                        "wrong"
                    }
                    status if status.is_server_error() => panic!("{row}: {status}"),
                    _ => "yes",
                };
                write!(table, "{may:<8}").unwrap();
            }
        }
    }
    assert!(wrong.is_empty(), "the test asks in a wrong way: {wrong:#?}");
    let lines: Vec<&str> = table.lines().map(str::trim_end).collect();
    insta::with_settings!({
        prepend_module_to_snapshot => false,
        snapshot_path => ".",
        omit_expression => true,
        description => "Who may what: yes; `-` for not there, or not theirs; or `sign in` first.",
    }, {
        insta::assert_snapshot!("who_may_what", lines.join("\n"));
    });
}

/// Another school in the same deployment, where people have the same keys.
fn add_a_school(config: &mut Config) {
    let mut owl = config.schools[0].clone();
    "owl".clone_into(&mut owl.id);
    owl.first_case = 5001;
    owl.channels
        .retain(|c| matches!(c.kind, ChannelKind::Handset { .. }));
    "owl-handset".clone_into(&mut owl.channels[0].id);
    for staff in &mut owl.people.staff {
        let email = staff.email.as_ref();
        staff.email = email.map(|e| e.replace("kingfisher", "owl"));
    }
    let mut only_there = owl.people.staff[1].clone();
    "mrs-barn".clone_into(&mut only_there.key);
    owl.people.staff.push(only_there);
    let mut only_there = owl.people.adults[0].clone();
    "mr-barn".clone_into(&mut only_there.key);
    owl.people.adults.push(only_there);
    let mut only_there = owl.people.pupils[0].clone();
    "only-there".clone_into(&mut only_there.key);
    owl.people.pupils.push(only_there);
    config.schools.push(owl);
}

/// What somebody sees of an address that is not theirs, and of one that is not there.
#[tokio::test]
async fn what_is_another_schools_is_answered_as_what_is_not_there() {
    let world = world_with(false, add_a_school).await;
    let ours = world
        .photo(SCHOOL, "im worried about sam, not sleeping")
        .await;
    let theirs = world
        .photo("owl", "im worried about sam, not sleeping")
        .await;
    assert_eq!(theirs.number, "5001");
    let nothing = Place {
        number: "9999".to_owned(),
        message: Uuid::nil().to_string(),
        task: Uuid::nil().to_string(),
        session: Uuid::nil().to_string(),
        token: "0".repeat(64),
        key: "nobody".to_owned(),
        adult: "nobody".to_owned(),
        change: Uuid::nil().to_string(),
        import: Uuid::nil().to_string(),
        request: Uuid::nil().to_string(),
        pupil: "nobody".to_owned(),
        outgoing: Uuid::nil().to_string(),
    };
    let theirs = Place {
        task: world.task_for("owl", "office").await,
        session: world.other_session("owl", "mrs-cole").await,
        key: "mrs-barn".to_owned(),
        adult: "mr-barn".to_owned(),
        change: Uuid::max().to_string(),
        import: world.uploaded("owl", "mrs-cole").await,
        request: world.requested("owl").await,
        pupil: "only-there".to_owned(),
        outgoing: world.sent("owl").await,
        token: nothing.token.clone(),
        ..theirs
    };
    let mut asked = 0;
    for Listed { method, path, rule } in listed(&world, false) {
        let whose = !["{hash}", "{page}", "{table}", "{flow}"]
            .iter()
            .any(|n| path.contains(n));
        if !path.contains('{') || matches!(rule, Rule::Provider) || !whose {
            continue;
        }
        let mut pairs = vec![(nothing.path(path), theirs.path(path))];
        if path.contains("{message}") {
            // A photo of theirs, asked for by way of a case of ours.
            let by_ours = |message: &str| Place {
                number: ours.number.clone(),
                message: message.to_owned(),
                ..Place::default()
            };
            pairs.push((
                by_ours(&nothing.message).path(path),
                by_ours(&theirs.message).path(path),
            ));
        }
        for (_, who) in EVERYBODY {
            for (nothing, theirs) in &pairs {
                let cookie = world.cookie_of(who).await;
                let of = async |path: &str| {
                    let request = Request::builder()
                        .method(method)
                        .uri(path)
                        .header(header::COOKIE, &cookie)
                        .header(header::HOST, "school.example")
                        .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
                    let answer = world.ask(request.body(Body::empty()).unwrap()).await;
                    let location = answer.location().replace(&encoded(path), "");
                    (answer.status, location, answer.headers.len(), answer.body)
                };
                let (none, other) = (of(nothing).await, of(theirs).await);
                assert_eq!(none, other, "{method} {theirs}");
                let signed_in = matches!(who, Who::Staff(_));
                assert!(!signed_in || none.0 == StatusCode::NOT_FOUND, "{theirs}");
                asked += 1;
            }
        }
    }
    assert!(asked > 200, "{asked}");

    // Within the school too.
    let teacher = world.signed_in("nair").await;
    let of = async |number: &str| {
        let answer = world.get(&format!("/c/{number}"), &teacher, &[]).await;
        (answer.status, answer.body)
    };
    assert_eq!(of(&ours.number).await, of("9999").await);
    assert_eq!(of("1e9").await, of("9999").await);
}

fn encoded(path: &str) -> String {
    path.replace('/', "%2F")
}

#[tokio::test]
async fn a_form_from_another_site_does_nothing_whatever_it_is() {
    let world = world(true).await;
    let cookie = world.signed_in("cole").await;
    let mut forms = 0;
    for Listed { method, path, rule } in listed(&world, true) {
        if method != Method::POST || matches!(rule, Rule::Provider) {
            continue;
        }
        for (name, value) in [
            ("origin", "https://evil.example"),
            ("origin", "null"),
            ("origin", "https://school.example.evil.example"),
            ("sec-fetch-site", "cross-site"),
            ("sec-fetch-site", "same-site"),
        ] {
            let request = Request::post(Place::anything().path(path))
                .header(header::COOKIE, &cookie)
                .header(header::HOST, "school.example")
                .header(name, value)
                .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded");
            let answer = world.ask(request.body(Body::from("from=today")).unwrap());
            let answer = answer.await;
            assert_eq!(answer.status, StatusCode::FORBIDDEN, "{path} {name}");
            assert!(answer.body.contains("nothing was done"), "{path} {name}");
        }
        forms += 1;
    }
    assert!(forms > 20, "{forms}");
    assert_eq!(
        world.get("/today", &cookie, &[]).await.status,
        StatusCode::OK,
        "nor has it signed anybody out"
    );
}

#[tokio::test]
async fn every_answer_of_every_route_keeps_browsers_from_doing_more_than_they_should() {
    let world = world(true).await;
    let cookie = world.signed_in("cole").await;
    for Listed { method, path, .. } in listed(&world, true) {
        for cookie in ["", &cookie] {
            let request = Request::builder()
                .method(method)
                .uri(Place::anything().path(path))
                .header(header::HOST, "school.example")
                .header(header::COOKIE, cookie);
            let request = request.body(Body::empty()).unwrap();
            let answer = world.app.clone().oneshot(request).await.unwrap();
            let says = |name| {
                let value = answer.headers().get(&name);
                let value = value.unwrap_or_else(|| panic!("{method} {path} has no {name}"));
                value.to_str().unwrap()
            };
            let policy = says(header::CONTENT_SECURITY_POLICY);
            assert!(policy.contains("default-src 'none'"), "{path}: {policy}");
            assert!(policy.contains("frame-ancestors 'none'"), "{path}");
            assert!(!policy.contains("unsafe"), "{path}: {policy}");
            assert_eq!(says(header::X_CONTENT_TYPE_OPTIONS), "nosniff");
            assert_eq!(says(header::REFERRER_POLICY), "no-referrer");
            assert_eq!(says(header::STRICT_TRANSPORT_SECURITY), "max-age=31536000");
            let kept = says(header::CACHE_CONTROL);
            assert!(kept.contains("no-store") || keeps(path), "{path}: {kept}");
        }
    }
}

/// What says for itself how long it is good: files of ours, and what only says that something changed.
fn keeps(path: &str) -> bool {
    path.starts_with("/assets") || path.ends_with("/events")
}

#[tokio::test]
async fn a_token_that_was_never_given_opens_nothing() {
    let world = world(false).await;
    let made_up = format!(
        "__Host-schoolgate={}",
        Token::fresh(&world.rig.d.clock).text()
    );
    for cookie in [
        made_up.as_str(),
        "__Host-schoolgate=",
        "__Host-schoolgate=%00",
    ] {
        let answer = world.get("/today", cookie, &[]).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{cookie}");
    }
}
