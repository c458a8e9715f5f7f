//! How staff sign in, as both databases keep it.

use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use schoolgate::clock::Clock;
use schoolgate::store::{Moment, NewSession, Stage, Store, Token};

use crate::databases;

const SCHOOL: &str = "kingfisher";
const COLE: &str = "mrs-cole";

async fn open(url: &str, clock: &Clock) -> Store {
    let store = Store::open(url, clock.clone()).await.unwrap();
    store.migrate().await.unwrap();
    let mut tx = store.begin().await.unwrap();
    tx.keep_school(SCHOOL, "Kingfisher", 1042).await.unwrap();
    tx.set_password(SCHOOL, COLE, "a hash").await.unwrap();
    tx.save().await.unwrap();
    store
}

fn clock() -> Clock {
    Clock::set("2026-12-01T12:00:00Z".parse::<Timestamp>().unwrap())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_code_an_invitation_and_a_recovery_code_count_once_however_many_use_them_at_once() {
    for database in databases::each().await {
        let clock = clock();
        let store = open(&database.url, &clock).await;
        let (link, code) = (Token::fresh(&clock), Token::fresh(&clock));
        let until = clock.now() + SignedDuration::from_hours(1);
        let mut tx = store.begin().await.unwrap();
        tx.set_second_step(SCHOOL, COLE, &[7; 20], 100, std::slice::from_ref(&code))
            .await
            .unwrap();
        tx.invite(&link, SCHOOL, COLE, "the command line", until)
            .await
            .unwrap();
        tx.save().await.unwrap();
        let mut racing = Vec::new();
        for _ in 0..8 {
            let (store, link, code) = (store.clone(), link.clone(), code.clone());
            racing.push(tokio::spawn(async move {
                let mut tx = store.begin().await.unwrap();
                let step = tx.use_step(SCHOOL, COLE, 101).await.unwrap();
                let code = tx.use_recovery_code(SCHOOL, COLE, &code).await.unwrap();
                let link = tx.use_invitation(&link).await.unwrap();
                tx.save().await.unwrap();
                [step, code, link].map(usize::from)
            }));
        }
        let mut used = [0; 3];
        for task in racing {
            let one = task.await.unwrap();
            used = [used[0] + one[0], used[1] + one[1], used[2] + one[2]];
        }
        assert_eq!(used, [1, 1, 1], "{}", database.kind);
        let mut tx = store.begin().await.unwrap();
        for earlier in [99, 100, 101] {
            assert!(!tx.use_step(SCHOOL, COLE, earlier).await.unwrap());
        }
        assert!(!tx.use_step(SCHOOL, "mr-hughes", 102).await.unwrap());
        assert!(tx.use_step(SCHOOL, COLE, 102).await.unwrap());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_newest_invitation_works_until_it_is_old_and_a_password_withdraws_it() {
    for database in databases::each().await {
        let clock = clock();
        let store = open(&database.url, &clock).await;
        let until = clock.now() + SignedDuration::from_hours(1);
        let invite = async || {
            let link = Token::fresh(&clock);
            let mut tx = store.begin().await.unwrap();
            tx.invite(&link, SCHOOL, COLE, "mr-wright", until)
                .await
                .unwrap();
            tx.save().await.unwrap();
            link
        };
        let works = async |link: &Token| {
            let mut tx = store.read().await.unwrap();
            tx.invitation(link).await.unwrap().is_some()
        };
        let (first, second) = (invite().await, invite().await);
        assert!(!works(&first).await && works(&second).await);
        let mut tx = store.begin().await.unwrap();
        tx.set_password(SCHOOL, COLE, "another hash").await.unwrap();
        tx.save().await.unwrap();
        assert!(!works(&second).await, "{}", database.kind);

        let third = invite().await;
        clock.advance_to(until);
        assert!(!works(&third).await, "{}", database.kind);
        let mut tx = store.begin().await.unwrap();
        assert!(!tx.use_invitation(&third).await.unwrap());
        assert!(tx.invitations_of(SCHOOL).await.unwrap().is_empty());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sessions_are_somebodys_own_and_the_database_holds_no_token() {
    for database in databases::each().await {
        let clock = clock();
        let store = open(&database.url, &clock).await;
        let begin = async |staff: &str, stage: Stage| {
            let token = Token::fresh(&clock);
            let session = NewSession {
                school: SCHOOL,
                staff,
                stage,
                browser: "Firefox on Windows",
            };
            let mut tx = store.begin().await.unwrap();
            tx.open_session(&token, &session).await.unwrap();
            tx.save().await.unwrap();
            token
        };
        let (one, two) = (begin(COLE, Stage::In).await, begin(COLE, Stage::In).await);
        let half = begin(COLE, Stage::SetUp).await;
        let other = begin("mr-hughes", Stage::In).await;
        let ever = Moment(0);
        let mut tx = store.begin().await.unwrap();
        let all = tx.sessions_of(SCHOOL, COLE, ever, ever).await.unwrap();
        assert_eq!(all.len(), 2, "{}: a half is none yet", database.kind);
        let mine = tx.session(&one, ever).await.unwrap().unwrap();
        assert_eq!(mine.browser, "Firefox on Windows");
        let halfway = tx.session(&half, ever).await.unwrap().unwrap();
        assert_eq!(halfway.stage(), Stage::SetUp);
        tx.offer_secret(halfway.id, &[7; 20]).await.unwrap();
        let offered = tx.offered_secret(halfway.id).await.unwrap();
        assert_eq!(offered.as_deref(), Some(&[7; 20][..]));
        assert_eq!(tx.offered_secret(mine.id).await.unwrap(), None);

        assert!(
            !tx.end_session_of(SCHOOL, "mr-hughes", mine.id)
                .await
                .unwrap(),
            "nobody ends another's"
        );
        tx.end_other_sessions(SCHOOL, COLE, mine.id).await.unwrap();
        assert!(tx.session(&one, ever).await.unwrap().is_some());
        for ended in [&two, &half] {
            assert!(tx.session(ended, ever).await.unwrap().is_none());
        }
        let soon = Moment::from(clock.now() + SignedDuration::from_mins(31));
        tx.forget_idle_sessions(soon).await.unwrap();
        assert!(tx.session(&other, ever).await.unwrap().is_none());
        tx.save().await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_line_invites_the_first_person_and_lets_go_of_a_lost_phone() {
    let folder = tempfile::tempdir().unwrap();
    let url = format!("sqlite:{}", folder.path().join("school.db").display());
    let run = |arguments: &[&str]| {
        let output = Command::new(env!("CARGO_BIN_EXE_schoolgate"))
            .args(arguments)
            .args(["--db", &url])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        let wrong = String::from_utf8_lossy(&output.stderr).into_owned();
        (output.status.success(), said + &wrong)
    };
    let (done, said) = run(&["migrate"]);
    assert!(done, "{said}");
    let (done, said) = run(&["staff", "invite", "Cole@kingfisher.example"]);
    assert!(done && said.contains("Give it to Mrs Cole"), "{said}");
    let link = said.lines().next().unwrap();
    let token = link.rsplit_once("/invitation/").unwrap().1;

    let store = Store::open(&url, Clock::real()).await.unwrap();
    let mut tx = store.begin().await.unwrap();
    let invited = tx.invitation(&Token::shown(token)).await.unwrap().unwrap();
    assert_eq!(
        (invited.school_id.as_str(), invited.staff.as_str()),
        (SCHOOL, COLE)
    );
    let week = invited.expires_at.timestamp().duration_since(tx.now());
    assert_eq!((week + SignedDuration::from_mins(5)).as_hours(), 7 * 24);
    tx.set_password(SCHOOL, COLE, "a hash").await.unwrap();
    tx.set_second_step(SCHOOL, COLE, &[7; 20], 0, &[])
        .await
        .unwrap();
    tx.save().await.unwrap();

    let list = run(&["staff", "list"]).1;
    let cole = list.lines().find(|l| l.contains("Mrs Cole")).unwrap();
    assert!(cole.contains("can sign in, with a second step"), "{cole}");
    let (done, said) = run(&["staff", "forget-phone", "cole@kingfisher.example"]);
    assert!(done && said.contains("Mrs Cole sets up another"), "{said}");
    let list = run(&["staff", "list"]).1;
    assert!(list.contains("sets up a second step first"), "{list}");

    for command in ["invite", "forget-phone"] {
        let (done, said) = run(&["staff", command, "nobody@kingfisher.example"]);
        assert!(
            !done && said.contains("nobody in the people files"),
            "{said}"
        );
    }
}
