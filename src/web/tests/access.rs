//! Every route, asked for as everybody: the table of who may what, made from the list of routes.

mod places;

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
            Some("hash" | "endpoint" | "school") => &[Self::Nothing],
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
