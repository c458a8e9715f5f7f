//! Email that comes back, posted by a provider: staff answer notices, a parent answers a letter, and
//! whoever proves nothing is read by the office.

use axum::body::Body;
use axum::http::{Request, StatusCode};
use jiff::SignedDuration;

use super::{AMINA, World, world_with};
use crate::channel::email::ENDPOINT as EMAIL;
use crate::channel::{Inbound, Status};
use crate::config::{self, Config};
use crate::deployment::mail_endpoint;
use crate::inbox::accept;
use crate::school::passport::Passport;
use crate::settle::settle;
use crate::store::{Moment, OutboxRow, Task};

/// The class teacher, who is told at once.
const HUGHES: &str = "hughes@kingfisher.example";

/// The SENCO.
const COLE: &str = "cole@kingfisher.example";

const AT_HOME: &str = "amina@home.example";
const SECRET: &str = "in the reeds";

/// The demo school with a mail server that nobody answers at, and answers posted by a provider.
async fn school() -> World {
    let env = |name: &str| (name == "MAIL_SECRET").then(|| SECRET.to_owned());
    let text = config::EXAMPLE
        .replace("smtp.school.example", "localhost")
        .replace("\"starttls\"", "\"plain\"");
    let text = text
        .replace("username     = \"texts@school.example\"\n", "")
        .replace("587", "9");
    let text = text.replace("password_env = \"SCHOOLGATE_SMTP_PASSWORD\"\n", "");
    let inbound = "[email.inbound]\naddress = \"cases@school.example\"\nkind = \"webhook\"\nsecret_env = \"MAIL_SECRET\"\n\n[timing]";
    let text = text.replace("[timing]", inbound);
    let config = Config::parse("example.toml", &text, &env).unwrap_or_else(|why| panic!("{why:?}"));
    world_with(false, |demo| {
        demo.email = config.email;
        let adults = &mut demo.schools[0].people.adults;
        let amina = adults.iter_mut().find(|a| a.key == "amina-yusuf").unwrap();
        amina.email = Some(AT_HOME.to_owned());
    })
    .await
}

impl World {
    /// An email is posted; everything that follows is done.
    async fn mail(&self, from: &str, to: &str, id: &str, headers: &str, body: &str) -> StatusCode {
        let raw = format!(
            "From: {from}\r\nTo: {to}\r\nMessage-ID: <{id}@home.example>\r\n{headers}\r\n{}",
            body.replace('\n', "\r\n")
        );
        let request = Request::post("/hooks/email").header("x-schoolgate-secret", SECRET);
        let answer = self.ask(request.body(Body::from(raw)).unwrap()).await;
        settle(&self.rig.d).await.unwrap();
        answer.status
    }

    async fn letters(&self, endpoint: &str, address: &str) -> Vec<OutboxRow> {
        let mut tx = self.rig.d.store.read().await.unwrap();
        let rows = tx.written_to(endpoint, address, Moment(0)).await.unwrap();
        rows.into_iter().filter(|r| r.planned == EMAIL).collect()
    }

    async fn handed_over(&self) -> Vec<Task> {
        let mut tx = self.rig.d.store.read().await.unwrap();
        let tasks = tx.open_tasks("kingfisher").await.unwrap();
        tasks
            .into_iter()
            .filter(|t| t.kind == "hand-over")
            .collect()
    }

    async fn words_of(&self, reference: &str) -> Vec<(String, String)> {
        let case = self.rig.case(reference).await.unwrap();
        let mut tx = self.rig.d.store.read().await.unwrap();
        let entries = tx.chronology(case.id).await.unwrap();
        entries
            .iter()
            .filter_map(|e| Some((e.kind.clone(), e.words()?)))
            .collect()
    }
}

/// The demo school with its own mail server, and beside it another school that uses the council's.
async fn two_schools() -> World {
    let env = |_: &str| Some(SECRET.to_owned());
    let server = |address: &str| {
        let text = format!(
            "[email]\nhost = \"localhost\"\nport = 9\ntls = \"plain\"\nfrom = \"{address}\"\n\
             [email.inbound]\naddress = \"{address}\"\nkind = \"webhook\"\nsecret_env = \"MAIL_SECRET\"\n[timing]"
        );
        let start = config::EXAMPLE.find("[email]").unwrap();
        let end = config::EXAMPLE.find("[timing]").unwrap() + "[timing]".len();
        let example = config::EXAMPLE.replace(&config::EXAMPLE[start..end], &text);
        Config::parse("example.toml", &example, &env).unwrap_or_else(|why| panic!("{why:?}"))
    };
    world_with(false, |demo| {
        demo.email = server("send@council.example").email;
        let mut other = demo.schools[0].clone();
        other.id = "kestrel".to_owned();
        for channel in &mut other.channels {
            channel.id = channel.id.replace("kingfisher", "kestrel");
        }
        demo.schools.push(other);
        demo.schools[0].email = server("cases@kingfisher.example").email;
    })
    .await
}

#[tokio::test]
async fn a_schools_own_mail_server_carries_its_email_and_hears_nobody_elses() {
    let world = two_schools().await;
    let d = &world.rig.d;
    for handset in ["kingfisher-handset", "kestrel-handset"] {
        let heard = Inbound {
            provider_id: handset.to_owned(),
            from: AMINA.to_owned(),
            body: b"im worried about sam, he cries in the morning".to_vec(),
            ..Inbound::default()
        };
        let endpoint = d.endpoint(handset).unwrap();
        accept(d, &endpoint, &heard, false).await.unwrap();
        settle(d).await.unwrap();
    }
    let letter = async |server: &str| {
        let mut tx = d.store.read().await.unwrap();
        let rows = tx.written_to(server, HUGHES, Moment(0)).await.unwrap();
        let row = rows.into_iter().next().expect("the class teacher is told");
        assert_eq!(row.planned, server);
        row
    };
    let theirs = letter(EMAIL).await;
    assert_eq!(theirs.school_id, "kestrel");
    let own = letter("email@kingfisher").await;
    assert_eq!(own.school_id, "kingfisher");
    let post = async |path: &str, mailbox: &str, letter: &OutboxRow, id: &str| {
        let token = letter.outbound().unwrap().correspondence.token.unwrap();
        let (name, domain) = mailbox.split_once('@').unwrap();
        let raw = format!(
            "From: {HUGHES}\r\nTo: {name}+{token}@{domain}\r\nMessage-ID: <{id}@x.example>\r\n\r\nOK\r\n"
        );
        let request = Request::post(path).header("x-schoolgate-secret", SECRET);
        let answer = world.ask(request.body(Body::from(raw)).unwrap()).await;
        settle(d).await.unwrap();
        answer.status
    };
    let acknowledged_by = async |school: &str| {
        let mut tx = d.store.read().await.unwrap();
        let handset = format!("{school}-handset");
        let cases = tx.open_cases_at(&handset, AMINA).await.unwrap();
        cases[0].acknowledged_by.clone()
    };

    // Another school's answer in a mailbox is nobody's; in its own it is its reader's.
    let (ours, councils) = ("cases@kingfisher.example", "send@council.example");
    assert_eq!(
        post("/hooks/email/kingfisher", ours, &theirs, "m1").await,
        StatusCode::OK
    );
    assert_eq!(
        post("/hooks/email", councils, &own, "m0").await,
        StatusCode::OK
    );
    assert_eq!(acknowledged_by("kingfisher").await, None);
    assert_eq!(acknowledged_by("kestrel").await, None);
    assert_eq!(
        post("/hooks/email/kingfisher", ours, &own, "m2").await,
        StatusCode::OK
    );
    assert_eq!(
        acknowledged_by("kingfisher").await.as_deref(),
        Some("mr-hughes")
    );
    assert_eq!(
        post("/hooks/email", councils, &theirs, "m3").await,
        StatusCode::OK
    );
    assert_eq!(
        acknowledged_by("kestrel").await.as_deref(),
        Some("mr-hughes")
    );
    let packed = Request::post("/hooks/email")
        .header("x-schoolgate-secret", SECRET)
        .header("content-encoding", "gzip");
    let packed = world.ask(packed.body(Body::from("x")).unwrap()).await;
    assert_eq!(packed.status, StatusCode::BAD_REQUEST);
    for nowhere in ["/hooks/email/kestrel", "/hooks/email/nowhere"] {
        let answer = post(nowhere, councils, &theirs, "m4").await;
        assert_eq!(answer, StatusCode::NOT_FOUND, "{nowhere}");
    }
}

/// Where answers to a letter go.
fn reply_to(letter: &OutboxRow) -> String {
    let token = letter.outbound().unwrap().correspondence.token;
    format!("cases+{}@school.example", token.expect("it has a token"))
}

#[tokio::test]
async fn a_member_of_staff_answers_a_notice_by_email_as_by_text() {
    let world = school().await;
    world
        .rig
        .hear(AMINA, "im worried about sam, he cries in the morning")
        .await
        .unwrap();
    let notices = world.letters(EMAIL, HUGHES).await;
    let notice = notices.first().expect("the class teacher is told by email");
    let quoted = format!(
        "I will ring you at 3\n\nOn Tue, 1 Dec 2026 at 12:10, Kingfisher <texts@school.example> wrote:\n> {}\n\nSent from my iPhone",
        notice.body.replace('\n', "\n> ")
    );
    // Nothing is done for a stranger who was shown the letter, nor without the secret.
    let stranger = world
        .mail("x@home.example", &reply_to(notice), "m0", "", "OK")
        .await;
    assert_eq!(stranger, StatusCode::OK);
    assert_eq!(world.handed_over().await.len(), 1);
    let request = Request::post("/hooks/email")
        .body(Body::from("From: a"))
        .unwrap();
    assert_eq!(world.ask(request).await.status, StatusCode::FORBIDDEN);

    for time in ["first", "again"] {
        let status = world
            .mail(
                HUGHES,
                &reply_to(notice),
                "m1",
                "Subject: Re: your notice\r\n",
                &quoted,
            )
            .await;
        assert_eq!(status, StatusCode::OK, "{time}");
        let said = world.letters(&mail_endpoint("kingfisher"), HUGHES).await;
        let bodies: Vec<&str> = said.iter().map(|l| l.body.as_str()).collect();
        assert_eq!(bodies.len(), 1, "{time}: {bodies:?}");
        assert!(
            bodies[0].contains("Amina Yusuf") && bodies[0].contains("\"I will ring you at 3\""),
            "{bodies:?}"
        );
    }
    let said = world.letters(&mail_endpoint("kingfisher"), HUGHES).await;
    assert_eq!(
        reply_to(&said[0]),
        reply_to(notice),
        "one conversation, one address"
    );
    world.mail(HUGHES, &reply_to(&said[0]), "m2", "", "7").await;
    let texts = world.rig.texts_to(AMINA).await.unwrap();
    let last = texts.last().unwrap();
    assert!(last.ends_with("I will ring you at 3"), "{texts:?}");
    let words = world.words_of("C-1042").await;
    assert!(
        words
            .iter()
            .any(|(kind, words)| kind == "message-out" && words == "I will ring you at 3")
    );

    // A holiday notice stands in the case, and nobody answers it.
    let before = world
        .letters(&mail_endpoint("kingfisher"), HUGHES)
        .await
        .len();
    world
        .mail(
            HUGHES,
            &reply_to(notice),
            "m3",
            "Auto-Submitted: auto-replied\r\n",
            "I am away until Monday",
        )
        .await;
    assert_eq!(
        world
            .letters(&mail_endpoint("kingfisher"), HUGHES)
            .await
            .len(),
        before
    );
    let words = world.words_of("C-1042").await;
    assert!(
        words
            .iter()
            .any(|(kind, words)| kind == "automatic-answer" && words.contains("away until Monday"))
    );
}

#[tokio::test]
async fn a_parent_who_asks_for_email_is_written_to_there_and_what_they_answer_is_heard_like_a_text()
{
    let world = school().await;
    world
        .rig
        .hear(AMINA, "im worried about sam, he cries in the morning")
        .await
        .unwrap();
    let case = world.rig.case("C-1042").await.unwrap();
    let mut tx = world.rig.d.store.begin().await.unwrap();
    let by_email = Passport {
        channel: Some("email".to_owned()),
        ..Passport::default()
    };
    tx.keep_passport("kingfisher", "amina-yusuf", &by_email, case.id, None)
        .await
        .unwrap();
    tx.save().await.unwrap();
    let staff = world
        .rig
        .school()
        .people
        .staff
        .iter()
        .find(|s| s.email.as_deref() == Some(COLE));
    let actor = crate::desk::Actor {
        d: &world.rig.d,
        school: world.rig.school(),
        staff: staff.unwrap(),
    };
    let mut tx = world.rig.d.store.begin().await.unwrap();
    let mut case = actor.case(&mut tx, 1042).await.unwrap();
    actor
        .reply(&mut tx, &mut case, "Shall we talk on Friday?")
        .await
        .unwrap();
    tx.save().await.unwrap();
    settle(&world.rig.d).await.unwrap();
    let lane = &world.rig.endpoint.id;
    let letters = world.letters(lane, AMINA).await;
    let [letter] = letters.as_slice() else {
        panic!("one letter: {letters:?}")
    };
    assert_eq!(letter.mailbox.as_deref(), Some(AT_HOME));
    assert!(
        letter
            .outbound()
            .unwrap()
            .subject
            .unwrap()
            .ends_with("C-1042")
    );

    let photo = "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==";
    let headers = "MIME-Version: 1.0\r\nContent-Type: multipart/mixed; boundary=b\r\n";
    let body = format!(
        "--b\nContent-Type: text/plain; charset=utf-8\n\nyes friday is good, he sleeps better now\n\n\
         On Tue, 1 Dec 2026 at 12:10, Kingfisher wrote:\n> {}\n--b\nContent-Type: image/png\n\
         Content-Disposition: attachment\nContent-Transfer-Encoding: base64\n\n{photo}\n--b--\n",
        letter.body
    );
    world
        .mail(AT_HOME, &reply_to(letter), "m1", headers, &body)
        .await;
    let words = world.words_of("C-1042").await;
    let mut wrote = words
        .iter()
        .filter(|(kind, _)| kind == "message-in")
        .map(|(_, w)| w.as_str());
    assert_eq!(
        wrote.next_back(),
        Some("yes friday is good, he sleeps better now"),
        "{words:?}"
    );
    assert!(
        words
            .iter()
            .any(|(kind, w)| kind == "whole-email" && w.contains("> ")),
        "{words:?}"
    );
    let mut tx = world.rig.d.store.read().await.unwrap();
    let files = tx.files_of_case(case.id).await.unwrap();
    drop(tx);
    assert_eq!(
        (
            files.len(),
            files[0].kind.as_deref(),
            files[0].state.as_str()
        ),
        (1, Some("image/png"), "kept")
    );
    let letters = world.letters(lane, AMINA).await;
    assert!(letters.len() > 1, "what answers her goes the way she wrote");
    let answer = letters.last().unwrap().outbound().unwrap();
    assert_eq!(
        answer.correspondence.answers.as_deref(),
        Some("m1@home.example")
    );

    // The screen comes first, in an email too, below a signature too.
    world
        .mail(
            AT_HOME,
            &reply_to(letter),
            "m2",
            "",
            "ok\n\n-- \nAmina\nhis dad hit him with a belt last night",
        )
        .await;
    let mut tx = world.rig.d.store.read().await.unwrap();
    let filter = crate::store::CaseFilter {
        kind: Some("safeguarding".to_owned()),
        ..crate::store::CaseFilter::default()
    };
    assert_eq!(tx.cases("kingfisher", &filter).await.unwrap().len(), 1);
    drop(tx);

    // It comes back: whoever keeps the address is told, and she gets it another way.
    let bounce = format!(
        "--b\nContent-Type: text/plain\n\nno such mailbox\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; x.example\n\nAction: failed\nStatus: 5.1.1\n\n--b\nContent-Type: message/rfc822\n\n\
         Message-ID: <{}@school.example>\n\nx\n--b--\n",
        letter.id
    );
    let mut tx = world.rig.d.store.begin().await.unwrap();
    tx.settle(letter.id, Status::Accepted, Some("x"), None)
        .await
        .unwrap();
    tx.save().await.unwrap();
    let headers = "MIME-Version: 1.0\r\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\r\n";
    world
        .mail(
            "mailer-daemon@home.example",
            "texts@school.example",
            "m3",
            headers,
            &bounce,
        )
        .await;
    let mut tx = world.rig.d.store.read().await.unwrap();
    let row = tx.outbox_row(letter.id).await.unwrap().unwrap();
    assert_eq!(row.status(), Status::Failed);
    drop(tx);
    let texts = world.rig.texts_to(AMINA).await.unwrap();
    assert!(
        texts.iter().any(|t| t.contains("Shall we talk on Friday?")),
        "{texts:?}"
    );
}

#[tokio::test]
async fn whoever_proves_nothing_is_read_by_the_office_and_told_so_once_a_day() {
    let world = school().await;
    let lane = mail_endpoint("kingfisher");
    let words = "please ring me about sam";
    world
        .mail(
            "Amina <amina@home.example>",
            "cases@school.example",
            "m1",
            "Subject: my son\r\n",
            words,
        )
        .await;
    world
        .mail(
            AT_HOME,
            "cases+0123456789abcdef@school.example",
            "m2",
            "",
            "and soon, please",
        )
        .await;
    let tasks = world.handed_over().await;
    assert_eq!(tasks.len(), 2, "{tasks:?}");
    assert!(
        tasks
            .iter()
            .any(|t| t.words.contains("my son\nplease ring me about sam"))
    );
    assert_eq!(world.letters(&lane, AT_HOME).await.len(), 1, "told once");
    assert!(
        world.letters(&lane, AT_HOME).await[0]
            .outbound()
            .unwrap()
            .correspondence
            .token
            .is_none()
    );
    world.later(SignedDuration::from_hours(25));
    world
        .mail(AT_HOME, "cases@school.example", "m3", "", "are you there")
        .await;
    assert_eq!(world.letters(&lane, AT_HOME).await.len(), 2);

    // Machines and our own are never answered; newsletters are nobody's work.
    for (n, (from, headers)) in [
        ("list@shop.example", "List-Id: <x>\r\n"),
        ("cases@school.example", ""),
        ("mailer-daemon@home.example", "Return-Path: <>\r\n"),
    ]
    .into_iter()
    .enumerate()
    {
        world
            .mail(
                from,
                "cases@school.example",
                &format!("a{n}"),
                headers,
                "hello",
            )
            .await;
        assert!(world.letters(&lane, from).await.is_empty(), "{from}");
    }
    assert_eq!(world.handed_over().await.len(), 3);

    // The screen reads a stranger's email as it reads a stranger's text.
    world
        .mail(
            "x@home.example",
            "cases@school.example",
            "m9",
            "",
            "my stepdad hits me and i am scared to go home",
        )
        .await;
    let mut tx = world.rig.d.store.read().await.unwrap();
    let filter = crate::store::CaseFilter {
        kind: Some("safeguarding".to_owned()),
        ..crate::store::CaseFilter::default()
    };
    let sealed = tx.cases("kingfisher", &filter).await.unwrap();
    assert_eq!(
        (sealed.len(), sealed[0].address.as_str()),
        (1, "x@home.example")
    );
    drop(tx);
    // NUL bytes, nothing at all, no headers: taken, and answered 200.
    for (n, body) in ["", "a\0b", "\u{fffd}\n\n\n"].iter().enumerate() {
        let status = world
            .mail(
                "y@home.example",
                "cases@school.example",
                &format!("o{n}"),
                "",
                body,
            )
            .await;
        assert_eq!(status, StatusCode::OK);
    }
    let request = Request::post("/hooks/email").header("x-schoolgate-secret", SECRET);
    let answer = world
        .ask(request.body(Body::from("\u{0}\u{1}")).unwrap())
        .await;
    assert_eq!(answer.status, StatusCode::OK);
}
