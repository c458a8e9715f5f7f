//! Every action of flows, done in the database: each is called by a small flow of its own, written
//! from its declaration, and what came of it is read from the record.

use jiff::civil::{DateTime, date};
use schoolgate::flow::value::Value;
use schoolgate::settle::settle;
use schoolgate::store::Attending;

use crate::databases;
use crate::trying::{Try, item, text};

/// Amina Yusuf, mother of Sam in 3H; Joy Campbell, carer of Kai in 6M; a number nobody knows.
const AMINA: &str = "+447700900101";
const JOY: &str = "+447700900105";
const NOBODY: &str = "+447700900999";

/// A Tuesday morning in term.
fn tuesday() -> DateTime {
    date(2026, 12, 1).at(10, 0, 0, 0)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_whose_its_kind_says_and_is_promised_by_their_days() {
    for db in databases::each().await {
        let school = Try::new(&db.url, tuesday()).await;
        let mut said = Vec::new();
        for (n, kind) in [
            "concern",
            "question",
            "ehcp",
            "records",
            "data-rights",
            "family-support",
            "complaint",
        ]
        .into_iter()
        .enumerate()
        {
            let inputs = [
                ("kind", text(kind)),
                ("words", text("it is about the taxi to swimming")),
                ("pupil", item("sam")),
                ("about", text("travel")),
            ];
            let answer = school.does(AMINA, "open-case", &inputs).await;
            let case = school.case(1042 + i64::try_from(n).unwrap()).await;
            let copied = case.copied().unwrap().join("+");
            let owner = case.owner.clone().unwrap_or_default();
            said.push(format!("{kind}: {owner} [{copied}] {answer}"));
            assert_eq!(case.about.as_deref(), Some("travel"));
            let holds = school.holds(&case).await;
            assert!(
                holds.contains("said: it is about the taxi to swimming"),
                "{holds}"
            );
        }

        assert_eq!(
            said,
            [
                "concern: mr-hughes [mrs-cole] opened C-1042 Mrs Cole or Mr Hughes Thu 3 Dec, 4pm",
                "question: mr-hughes [mrs-cole] opened C-1043 Mrs Cole or Mr Hughes Thu 3 Dec, 4pm",
                "ehcp: mrs-cole [] opened C-1044 Mrs Cole Thu 3 Dec, 4pm",
                "records: mrs-cole [] opened C-1045 Mrs Cole Thu 3 Dec, 4pm",
                "data-rights: mr-wright [mrs-cole] opened C-1046 Mr Wright Mon 4 Jan, 4pm",
                "family-support: mr-baker [] opened C-1047 Mr Baker Thu 10 Dec, 4pm",
                "complaint: mr-wright [] opened C-1048 Mr Wright Thu 3 Dec, 4pm",
            ]
        );
        let got0 = school.lists().await;
        assert_eq!(got0, "formal-answer head");
        // Told in a word what it is about; what is private says no more than its kind.
        let told = school
            .rig
            .texts_to("+447700900202")
            .await
            .unwrap()
            .join("\n");
        assert!(told.contains("New question (travel), class 3H"), "{told}");
        let head = school
            .rig
            .texts_to("+447700900209")
            .await
            .unwrap()
            .join("\n");
        assert!(head.contains("New complaint, class 3H"), "{head}");
        school.rig.d.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_note_is_told_as_its_kind_says_and_joins_the_one_of_today() {
    for db in databases::each().await {
        let school = Try::new(&db.url, tuesday()).await;
        let note = async |who: &str, kind: &str, words: &str| {
            let inputs = [
                ("kind", text(kind)),
                ("words", text(words)),
                ("pupil", item("sam")),
            ];
            school.does(who, "add-note", &inputs).await
        };
        assert_eq!(note(AMINA, "news", "he slept well").await, "noted C-1042");
        assert_eq!(note(AMINA, "news", "and he ate").await, "noted C-1042");
        let news = school.case(1042).await;
        assert!(news.note && news.escalate_at.is_none());
        assert_eq!(school.told(&news).await, "mr-hughes owner Tue 1 Dec 15:30");
        // It turns out to be about health: the same news, to the teacher and the office at once.
        assert_eq!(
            note(AMINA, "news-health", "a seizure at six").await,
            "noted C-1042"
        );
        let news = school.case(1042).await;
        assert_eq!(news.kind, "news-health");
        let got0 = school.told(&news).await;
        let got1 = school.holds(&news).await;
        assert_eq!(
            got0,
            "mr-hughes owner Tue 1 Dec 10:00, ms-park owner Tue 1 Dec 10:00"
        );
        assert_eq!(
            got1,
            "said: he slept well | said: and he ate | said: a seizure at six"
        );
        for (kind, expected) in [
            ("home-task", ""),
            ("home-task-help", "mr-hughes owner Tue 1 Dec 15:30"),
            ("feedback", "mr-wright month Mon 4 Jan 08:00"),
            ("absence", "ms-park owner Tue 1 Dec 10:00"),
            ("signposted", ""),
        ] {
            let answer = note(AMINA, kind, "some words").await;
            let number = answer.strip_prefix("noted C-").unwrap().parse().unwrap();
            let case = school.case(number).await;
            assert_eq!(school.told(&case).await, expected, "{kind}");
        }
        // Of whoever is not checked the office is told, and no child is known.
        let answer = note(NOBODY, "news", "sam slept").await;
        let number = answer.strip_prefix("noted C-").unwrap().parse().unwrap();
        let case = school.case(number).await;
        assert_eq!(
            (case.owner.as_deref(), case.pupil.as_deref()),
            (Some("ms-park"), None)
        );
        // No note is promised on, waits for anybody, or takes up later words.
        let mut tx = school.rig.d.store.read().await.unwrap();
        let id = &school.rig.school().config.id;
        assert!(tx.open_promises(id).await.unwrap().is_empty());
        assert!(
            tx.open_cases_at(&school.rig.endpoint.id, AMINA)
                .await
                .unwrap()
                .is_empty()
        );
        drop(tx);
        school.rig.d.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_passport_is_dated_added_to_and_heeded() {
    for db in databases::each().await {
        let school = Try::new(&db.url, tuesday()).await;
        let concern = [
            ("kind", text("concern")),
            ("words", text("sam not sleep")),
            ("pupil", item("sam")),
        ];
        school.does(AMINA, "open-case", &concern).await;
        let first = [
            ("language", text("so")),
            ("interpreter", Value::Flag(true)),
            ("channel", text("ring")),
        ];
        assert_eq!(school.does(AMINA, "save-passport", &first).await, "saved 1");
        let second = [("needs", text("big print"))];
        assert_eq!(
            school.does(AMINA, "save-passport", &second).await,
            "saved 2"
        );
        let got0 = school.lists().await;
        let got1 = school.tasks().await[0].words.clone();
        assert_eq!(got0, "interpreter office");
        assert_eq!(got1, "C-1042: Somali interpreter, phone, before Thu 16:00.");
        let note = school.case(1043).await;
        assert_eq!((note.kind.as_str(), note.note), ("passport", true));
        let got0 = school.told(&note).await;
        let got1 = school.holds(&note).await;
        assert_eq!(
            got0,
            "ms-park owner Tue 1 Dec 15:30, mr-hughes copy Tue 1 Dec 15:30"
        );
        assert_eq!(
            got1,
            "passport: Version 1: language: Somali; interpreter: yes; reach them: by a call | passport: Version 2: needs: big print"
        );
        // They may be rung, until they say otherwise.
        let call = [("times", text("morning"))];
        let rung = school.does(AMINA, "request-callback", &call).await;
        assert!(rung.starts_with("requested Mr Hughes"), "{rung}");
        assert_eq!(school.lists().await, "interpreter office, phone mr-hughes");
        let text_me = [("channel", text("text"))];
        school.does(AMINA, "save-passport", &text_me).await;
        assert_eq!(
            school.does(AMINA, "request-callback", &call).await,
            "no-calls"
        );
        // Nobody knows whose it is: the office asks.
        let unknown = school.does(NOBODY, "save-passport", &first).await;
        assert!(unknown.starts_with("office C-1044"), "{unknown}");
        school.rig.d.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_copy_is_owed_until_it_is_ticked_off() {
    for db in databases::each().await {
        let school = Try::new(&db.url, tuesday()).await;
        let how = [("how", text("read-out"))];
        let answer = school.does(JOY, "send-record", &how).await;
        assert_eq!(answer, "requested Thu 3 Dec, 4pm");
        assert_eq!(
            school.does(JOY, "send-record", &how).await,
            answer,
            "asked twice, owed once"
        );
        assert_eq!(school.lists().await, "copy office");
        let actor = school.rig.actor("+447700900201").unwrap();
        let mut tx = school.rig.d.store.begin().await.unwrap();
        let mut case = actor.case(&mut tx, 1042).await.unwrap();
        actor
            .reply(&mut tx, &mut case, "It is on its way")
            .await
            .unwrap();
        let open: Vec<_> = tx.promises_of(case.id).await.unwrap();
        assert!(
            open.iter().all(|p| p.what != "copy" || p.kept_at.is_none()),
            "words are no copy"
        );
        let task = tx.open_task_of("copy", case.id).await.unwrap().unwrap();
        actor.task_done(&mut tx, task.id).await.unwrap();
        let open = tx.promises_of(case.id).await.unwrap();
        assert!(open.iter().all(|p| p.kept_at.is_some()));
        tx.save().await.unwrap();
        school.rig.d.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_noticeboard_is_told_and_the_last_place_is_one_persons() {
    for db in databases::each().await {
        let school = Try::new(&db.url, tuesday()).await;
        let sam = [("pupil", item("sam"))];
        let homework = school.does(AMINA, "find-homework", &sam).await;
        assert!(homework.starts_with("found Read together"), "{homework}");
        assert_eq!(school.does(NOBODY, "find-homework", &sam).await, "none");
        assert_eq!(school.does(NOBODY, "find-events", &[]).await, "found");
        let rsvp = async |who: &str, answer: &str| {
            let inputs = [
                ("event", item("winter-celebration-2026")),
                ("answer", text(answer)),
                ("needs", text("step-free")),
            ];
            school.does(who, "rsvp", &inputs).await
        };
        assert_eq!(
            rsvp(AMINA, "quietly").await,
            "noted Winter celebration Wed 16 Dec, 2pm"
        );
        let case = school.case(1042).await;
        assert_eq!(
            case.owner.as_deref(),
            Some("mr-wright"),
            "the organiser has it"
        );
        let got0 = school.holds(&case).await;
        assert_eq!(
            got0,
            "rsvp: Coming quietly: Winter celebration, Wed 16 Dec 2026 14:00. They need: step-free"
        );
        rsvp(JOY, "coming").await;
        rsvp(JOY, "not-coming").await;
        school
            .rig
            .at(date(2026, 12, 15).at(15, 0, 0, 0))
            .await
            .unwrap();
        let reminded = |texts: Vec<String>| {
            texts
                .iter()
                .filter(|t| t.contains("Winter celebration is on"))
                .count()
        };
        assert_eq!(reminded(school.rig.texts_to(AMINA).await.unwrap()), 1);
        assert_eq!(
            reminded(school.rig.texts_to(JOY).await.unwrap()),
            0,
            "she does not come"
        );

        // Twenty people want three places at once.
        let wanting: Vec<_> = (0..20)
            .map(|n| {
                let store = school.rig.d.store.clone();
                let id = school.rig.school().config.id.clone();
                tokio::spawn(async move {
                    let mut tx = store.begin().await.unwrap();
                    let who = format!("+4477009003{n:02}");
                    let came = tx
                        .attend(&id, "small", "e", &who, None, "coming", None, Some(3))
                        .await
                        .unwrap();
                    tx.save().await.unwrap();
                    came
                })
            })
            .collect();
        let mut places = Vec::new();
        for one in wanting {
            places.push(one.await.unwrap());
        }
        let seated = places
            .iter()
            .filter(|p| matches!(p, Attending::Noted(_)))
            .count();
        assert_eq!(seated, 3, "{}", db.kind);
        school.rig.d.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_number_is_left_alone_and_unknown_until_the_record_is_right() {
    for db in databases::each().await {
        let school = Try::new(&db.url, tuesday()).await;
        let on = [("topic", text("events")), ("on", Value::Flag(true))];
        assert_eq!(school.does(AMINA, "subscribe", &on).await, "subscribed");
        school
            .rig
            .hear(AMINA, "im worried about sam")
            .await
            .unwrap();
        assert_eq!(
            school.does(AMINA, "wrong-number", &[]).await,
            "",
            "nothing by itself any more"
        );
        assert_eq!(school.lists().await, "wrong-number office");
        let mut tx = school.rig.d.store.read().await.unwrap();
        assert!(
            tx.subscriptions(&school.rig.endpoint.id, AMINA)
                .await
                .unwrap()
                .is_empty()
        );
        drop(tx);
        // The school cannot write there; who writes from it is nobody we know.
        let actor = school.rig.actor("+447700900202").unwrap();
        let mut tx = school.rig.d.store.begin().await.unwrap();
        let mut case = actor.case(&mut tx, 1042).await.unwrap();
        assert!(actor.reply(&mut tx, &mut case, "hello").await.is_err());
        drop(tx);
        let before = school.rig.texts_to(AMINA).await.unwrap().len();
        school
            .rig
            .hear(AMINA, "im worried about sam")
            .await
            .unwrap();
        let texts = school.rig.texts_to(AMINA).await.unwrap();
        assert!(texts.len() > before, "they are answered");
        assert!(!texts[before..].join(" ").contains("Hughes"), "{texts:?}");
        // Harm is answered and paged, whoever it is.
        school
            .rig
            .hear(AMINA, "he is going to kill us")
            .await
            .unwrap();
        let texts = school.rig.texts_to(AMINA).await.unwrap().join(" ");
        assert!(texts.contains("ring 999"), "{texts}");
        // The office has put the record right.
        let office = school.rig.actor("+447700900210").unwrap();
        let task = school
            .tasks()
            .await
            .into_iter()
            .find(|t| t.kind == "wrong-number")
            .unwrap();
        let mut tx = school.rig.d.store.begin().await.unwrap();
        office.task_done(&mut tx, task.id).await.unwrap();
        let lane = tx
            .lane(&school.rig.endpoint.id, AMINA)
            .await
            .unwrap()
            .unwrap();
        assert!(lane.wrong_at.is_none());
        tx.save().await.unwrap();
        school.rig.d.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_case_is_forwarded_but_never_to_whoever_it_is_about() {
    for db in databases::each().await {
        let school = Try::new(&db.url, tuesday()).await;
        school
            .rig
            .hear(JOY, "i want to complain about mr lewis, he shouted at kai")
            .await
            .unwrap();
        let case = school.case(1042).await;
        let forward = async |to: &str| {
            let inputs = [("case", item(&case.id.to_string())), ("to", text(to))];
            school.does(JOY, "forward", &inputs).await
        };
        assert_eq!(forward("senco").await, "forwarded Mrs Cole");
        assert_eq!(
            forward("class-teacher").await,
            "nobody",
            "no role of this action"
        );
        let copied = school.case(1042).await.copied().unwrap();
        assert!(
            copied.contains(&"mrs-cole".to_owned()) && !copied.contains(&"mr-lewis".to_owned())
        );
        school.rig.d.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_time_offered_before_an_allegation_is_not_booked_with_the_accused() {
    for db in databases::each().await {
        let school = Try::new(&db.url, tuesday()).await;
        let kai = [("pupil", item("kai")), ("kind", text("meeting"))];
        let found = school.does(JOY, "find-slots", &kai).await;
        assert!(found.starts_with("found"), "{found}");
        let slot = "2026-12-04T15:30/30/school/mr-lewis";
        school.rig.hear(JOY, "mr lewis hit kai").await.unwrap();
        let book = [("slot", item(slot)), ("pupil", item("kai"))];
        assert_eq!(school.does(JOY, "book", &book).await, "gone", "{}", db.kind);
        school.rig.d.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn no_to_a_call_is_on_the_list_of_whoever_promised_it() {
    for db in databases::each().await {
        let school = Try::new(&db.url, tuesday()).await;
        school
            .rig
            .hear(AMINA, "im worried about sam, he is alone")
            .await
            .unwrap();
        let actor = school.rig.actor("+447700900202").unwrap();
        let mut tx = school.rig.d.store.begin().await.unwrap();
        let mut case = actor.case(&mut tx, 1042).await.unwrap();
        let by = date(2026, 12, 1).at(15, 0, 0, 0);
        actor.promise_ring(&mut tx, &mut case, by).await.unwrap();
        tx.save().await.unwrap();
        settle(&school.rig.d).await.unwrap();
        school.rig.hear(AMINA, "no").await.unwrap();
        assert_eq!(school.lists().await, "phone mr-hughes");
        let task = &school.tasks().await[0];
        let office = school.rig.actor("+447700900210").unwrap();
        assert!(schoolgate::desk::may_see_task(actor.staff, task));
        assert!(!schoolgate::desk::may_see_task(office.staff, task));
        school.rig.d.store.close().await;
    }
}
