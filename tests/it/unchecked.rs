//! One answer for everyone who has not been checked: a father of whom the record says too little, a
//! father with an order, a number on two households' records and a number that is nobody's are told
//! the same, letter for letter and at the same moment. What differs would tell them something.

use std::sync::Arc;

use jiff::civil::{DateTime, date};
use jiff::{Timestamp, ToSpan as _};
use schoolgate::testing::Rig;
use tokio::sync::Semaphore;

use crate::databases;

/// Court-order field blank; an order; two households; nobody.
const UNCHECKED: [&str; 4] = [
    "+447700900104",
    "+447700900107",
    "+447700900110",
    "+447700900999",
];

/// What somebody writes, or how long they wait.
enum Line {
    Says(&'static str),
    Waits(i64),
}
use Line::{Says, Waits};

/// Conversations that people have who have not been checked. Each is played by all four.
const SCRIPTS: &[(&str, &[Line])] = &[
    (
        "a meeting, and why not",
        &[
            Says("I want a meeting with his teacher and the SEN lady. nobody tells me anything"),
            Says("why cant i just book im his DAD"),
            Says("what did his mum say"),
            Waits(3 * 24 * 60),
            Says("hello?"),
        ],
    ),
    (
        "a worry about any of the four children",
        &[
            Says("im worried about leo and ola and ada and max, not sleeping"),
            Says("Leo, 5K"),
            Says("C-1042?"),
            Waits(2 * 24 * 60),
        ],
    ),
    (
        "every number of the menu",
        &[
            Says("hello"),
            Says("1"),
            Says("menu"),
            Says("2"),
            Says("my son hates maths"),
            Says("Ola 1B"),
            Says("menu"),
            Says("3"),
            Says("about Ada in 3H"),
            Says("5"),
            Says("2"),
            Says("CHANGE"),
        ],
    ),
    (
        "who is the teacher",
        &[
            Says("who is leos teacher"),
            Says("who is olas class teacher and what class is she in"),
            Says("does max go to your school"),
            Says("is sarah reed there today"),
        ],
    ),
    (
        "a person",
        &[Says("0"), Says("can somebody ring me"), Waits(24 * 60)],
    ),
    (
        "advice, by the council they name",
        &[
            Says("sendiass"),
            Says("camden"),
            Says("1"),
            Says("sendiass please"),
            Says("atlantis"),
        ],
    ),
    (
        "another language",
        &[
            Says("polski"),
            Says("martwię się o syna, nie śpi"),
            Says("Max 6M"),
            Says("English"),
            Says("menu"),
        ],
    ),
    (
        "harm",
        &[
            Says("the boys hit leo in the toilet"),
            Says("please do something"),
            Waits(24 * 60),
            Says("he is going to kill us"),
            Says("mrs okafor hit leo"),
        ],
    ),
    (
        "for today",
        &[
            Says("please dont let his mum collect max today"),
            Says("i am collecting ola today at 2"),
            Waits(10 * 60),
            Says("ada has not come home from school"),
        ],
    ),
    (
        "stop and start",
        &[
            Says("im worried about max"),
            Says("STOP"),
            Says("are you there"),
            Says("START"),
            Says("HELP"),
        ],
    ),
    (
        "nothing that can be read",
        &[
            Says("Waan ka walwalsanahay wiilkayga, ma hurdo oo ma cuno"),
            Says("asdf qwer"),
            Says("zxcv"),
            Says("😭😭😭"),
            Says(""),
        ],
    ),
    (
        "a question that expires",
        &[
            Says("i have a concern"),
            Waits(5 * 24 * 60),
            Says("1"),
            Says("he is always on his own"),
            Says("back"),
            Says("thank you"),
        ],
    ),
    (
        "a complaint",
        &[
            Says("i want to complain about mrs okafor, she is useless"),
            Says("i told you on monday"),
            Waits(4 * 24 * 60),
        ],
    ),
];

/// What somebody is told: the words, and when they were to leave.
type Told = Vec<(String, Timestamp, i64)>;

async fn told(database: &str, who: &str, start: DateTime, script: &[Line]) -> Told {
    let rig = Rig::open(database, start).await.unwrap();
    let mut now = start;
    for line in script {
        match line {
            Says(words) => rig.hear(who, words).await.unwrap(),
            Waits(minutes) => {
                now = now.checked_add(minutes.minutes()).unwrap();
                rig.at(now).await.unwrap();
            }
        }
    }
    let sent = rig.sent_to(who).await.unwrap();
    rig.d.store.close().await;
    sent.into_iter()
        .map(|row| (row.body, row.due_at.timestamp(), row.parts))
        .collect()
}

/// Names and classes of pupils, names of staff, and the words of places.
fn secrets(rig: &Rig) -> Vec<String> {
    let people = &rig.school().people;
    let mut secrets: Vec<String> = people.pupils.iter().map(|p| p.first_name.clone()).collect();
    secrets.extend(people.pupils.iter().map(|p| p.class.clone()));
    secrets.extend(people.staff.iter().map(|s| s.name.clone()));
    secrets.extend(people.adults.iter().map(|a| a.name.clone()));
    secrets.extend(["at school, for", "By phone", "By video", "will ring you"].map(str::to_owned));
    secrets
}

#[tokio::test(flavor = "multi_thread")]
async fn everyone_who_has_not_been_checked_is_told_the_same() {
    // In school hours, and in the evening when nobody is there.
    let starts = [
        date(2026, 12, 1).at(12, 10, 0, 0),
        date(2026, 12, 1).at(21, 40, 0, 0),
    ];
    // All of them at once would wait for each other's connections longer than a program waits.
    let places = Arc::new(Semaphore::new(8));
    let mut playing = Vec::new();
    for (title, script) in SCRIPTS {
        for start in starts {
            let places = Arc::clone(&places);
            playing.push(tokio::spawn(async move {
                let _place = places.acquire().await.unwrap();
                let mut all: Vec<(String, Told)> = Vec::new();
                for who in UNCHECKED {
                    for database in databases::each().await {
                        let name = format!("{title}, {start}: {who} ({})", database.kind);
                        all.push((name, told(&database.url, who, start, script).await));
                    }
                }
                all
            }));
        }
    }
    let database = databases::sqlite();
    let rig = Rig::open(&database.url, starts[0]).await.unwrap();
    let secrets = secrets(&rig);
    for script in playing {
        let all = script.await.unwrap();
        let (_, first) = &all[0];
        assert!(!first.is_empty(), "{}: nobody is left unanswered", all[0].0);
        for (name, told) in &all {
            assert_eq!(
                told, first,
                "{name} is answered another way than the others"
            );
            for (text, ..) in told {
                for secret in &secrets {
                    assert!(
                        !text.contains(secret.as_str()),
                        "{name}: {secret} in {text}"
                    );
                }
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_who_was_checked_is_told_more() {
    let start = date(2026, 12, 1).at(12, 10, 0, 0);
    for database in databases::each().await {
        let script = [Says("who is sams teacher")];
        let told = told(&database.url, "+447700900101", start, &script).await;
        assert!(
            told[0].0.contains("Mr Hughes"),
            "{}: {told:?}",
            database.kind
        );
    }
}
