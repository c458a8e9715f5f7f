//! Input that nobody wished for: each gets a clear answer, and nothing of it is lost.

use std::path::Path;
use std::process::{Command, Output};

use jiff::civil::date;
use schoolgate::channel::{Inbound, Media};
use schoolgate::clock::Clock;
use schoolgate::config::Config;
use schoolgate::settle::settle;
use schoolgate::testing::Rig;
use schoolgate::{inbox, outbox};

use crate::databases;

const AMINA: &str = "+447700900101";

async fn rig(url: &str) -> Rig {
    Rig::open(url, date(2026, 12, 1).at(10, 0, 0, 0))
        .await
        .unwrap()
}

fn message(id: &str, from: &str, body: &[u8]) -> Inbound {
    Inbound {
        provider_id: id.to_owned(),
        from: from.to_owned(),
        body: body.to_vec(),
        ..Inbound::default()
    }
}

/// The words of every entry of a case.
async fn words_in(rig: &Rig, reference: &str) -> Vec<String> {
    let case = rig.case(reference).await.unwrap();
    let mut tx = rig.d.store.read().await.unwrap();
    let chronology = tx.chronology(case.id).await.unwrap();
    chronology.into_iter().filter_map(|e| e.words()).collect()
}

async fn whole(rig: Rig) {
    let mut tx = rig.d.store.read().await.unwrap();
    let (_, breaks) = tx.verify().await.unwrap();
    assert!(breaks.is_empty(), "{breaks:?}");
    drop(tx);
    rig.d.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_no_words_is_answered_and_kept() {
    // What comes in, how the answer begins, and what stands in the case it opens, if it opens one.
    let table: &[(&str, &[u8], &str, Option<&str>)] = &[
        (
            "an empty text",
            b"",
            "Sorry, I did not understand. 1 Who to contact",
            None,
        ),
        (
            "only spaces",
            b" \n ",
            "Sorry, I did not understand. 1 Who to contact",
            None,
        ),
        ("only emoji", "😭😭😭".as_bytes(), "Sorry", None),
        (
            "NUL in the middle",
            b"im worried\0 about sam",
            "Thank you for telling us. Your message is saved: C-1042.",
            Some("im worried\0 about sam"),
        ),
        (
            "bytes that are no UTF-8",
            b"im worried about sam \xff\xfe he cries",
            "Thank you for telling us. Your message is saved: C-1042.",
            Some("im worried about sam \u{fffd}\u{fffd} he cries"),
        ),
    ];
    for (what, body, answer, kept) in table {
        for database in databases::each().await {
            let rig = rig(&database.url).await;
            rig.hear_bytes(AMINA, body).await.unwrap();
            let told = rig.texts_to(AMINA).await.unwrap();
            assert!(
                told[0].starts_with(answer),
                "{what} ({}): {told:?}",
                database.kind
            );
            if let Some(kept) = kept {
                assert_eq!(&words_in(&rig, "C-1042").await[0], kept, "{what}");
                let mut tx = rig.d.store.read().await.unwrap();
                let since = schoolgate::store::Moment::from(jiff::Timestamp::UNIX_EPOCH);
                let heard = tx.not_alerted("kingfisher", since).await.unwrap();
                assert_eq!(heard[0].body, *body, "{what}: received byte for byte");
            }
            whole(rig).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_thousand_characters_are_kept_to_the_last() {
    let mut words = "im worried about sam. ".to_owned();
    words.push_str(&"he cries and cries. ".repeat(500));
    words.push_str("please help");
    assert!(words.chars().count() > 10_000);
    for database in databases::each().await {
        let rig = rig(&database.url).await;
        rig.hear(AMINA, &words).await.unwrap();
        assert_eq!(words_in(&rig, "C-1042").await[0], words);
        for text in rig.texts_to(AMINA).await.unwrap() {
            assert!(
                text.chars().count() <= 160,
                "the answer is as short as ever: {text}"
            );
        }
        whole(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_photo_with_no_words_is_seen_by_a_person() {
    for database in databases::each().await {
        let rig = rig(&database.url).await;
        let photo = Inbound {
            media: vec![Media {
                content_type: "image/jpeg".to_owned(),
                reference: "media/1".to_owned(),
            }],
            ..message("photo", AMINA, b"")
        };
        inbox::accept(&rig.d, &rig.endpoint, &photo, false)
            .await
            .unwrap();
        settle(&rig.d).await.unwrap();
        let told = rig.texts_to(AMINA).await.unwrap();
        assert_eq!(
            told,
            [
                "Sorry, this computer cannot read that. A person will look by Wed 2 Dec, 4pm. We can get an interpreter. Ring 020 7946 0123. In danger now? Ring 999."
            ]
        );
        let mut tx = rig.d.store.read().await.unwrap();
        let tasks = tx.open_tasks("kingfisher").await.unwrap();
        assert!(
            tasks
                .iter()
                .any(|t| t.kind == "unread" && t.role == "office"),
            "{tasks:?}"
        );
        drop(tx);
        whole(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_number_that_is_nobodys_and_one_that_is_none_are_answered_alike() {
    for database in databases::each().await {
        let rig = rig(&database.url).await;
        for from in [
            "+447700900999",
            "EE-INFO",
            "60777",
            "+0",
            "not a number, ' OR 1=1",
        ] {
            rig.hear(from, "im worried about sam in 3H").await.unwrap();
            let told = rig.texts_to(from).await.unwrap();
            assert!(
                told[0].starts_with("Thank you for telling us. Your message is saved: C-10"),
                "{from}: {told:?}"
            );
            assert!(
                told[1].starts_with("Which child is this about? Please text"),
                "{told:?}"
            );
        }
        for (n, reference) in ["C-1042", "C-1043", "C-1044", "C-1045", "C-1046"]
            .iter()
            .enumerate()
        {
            let case = rig.case(reference).await.unwrap();
            assert_eq!(case.pupil, None, "{n}: nothing about a child");
        }
        whole(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_twice_is_one_message() {
    for database in databases::each().await {
        let rig = rig(&database.url).await;
        let heard = message("SM1", AMINA, b"im worried about sam");
        for _ in 0..3 {
            inbox::accept(&rig.d, &rig.endpoint, &heard, false)
                .await
                .unwrap();
            settle(&rig.d).await.unwrap();
        }
        let told = rig.texts_to(AMINA).await.unwrap();
        assert_eq!(told.len(), 2, "the receipt and one question: {told:?}");
        let said = words_in(&rig, "C-1042").await;
        assert_eq!(
            said.iter().filter(|w| *w == "im worried about sam").count(),
            1
        );
        // The same words under another id are said twice.
        let again = message("SM2", AMINA, b"im worried about sam");
        inbox::accept(&rig.d, &rig.endpoint, &again, false)
            .await
            .unwrap();
        settle(&rig.d).await.unwrap();
        let said = words_in(&rig, "C-1042").await;
        assert_eq!(
            said.iter().filter(|w| *w == "im worried about sam").count(),
            2
        );
        whole(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_messages_at_once_are_both_read_in_order_by_whichever_worker() {
    for database in databases::each().await {
        let rig = rig(&database.url).await;
        for (id, body) in [
            ("1", "im worried about sam"),
            ("2", "he is not eating his lunch"),
        ] {
            let heard = message(id, AMINA, body.as_bytes());
            inbox::accept(&rig.d, &rig.endpoint, &heard, false)
                .await
                .unwrap();
        }
        let workers: Vec<_> = (0..4)
            .map(|_| {
                let d = rig.d.clone();
                tokio::spawn(async move {
                    inbox::drain(&d).await.unwrap();
                    outbox::drain(&d).await.unwrap();
                })
            })
            .collect();
        for worker in workers {
            worker.await.unwrap();
        }
        settle(&rig.d).await.unwrap();
        let said = words_in(&rig, "C-1042").await;
        let at = |words: &str| said.iter().position(|w| w == words).unwrap();
        assert!(
            at("im worried about sam") < at("he is not eating his lunch"),
            "{said:?}"
        );
        let told = rig.texts_to(AMINA).await.unwrap();
        let receipts = told
            .iter()
            .filter(|t| t.contains("Your message is saved"))
            .count();
        assert_eq!(receipts, 1, "{}: {told:?}", database.kind);
        whole(rig).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_reply_to_a_meeting_that_was_called_off_meanwhile_hears_what_is_so() {
    for database in databases::each().await {
        for (reply, answer) in [
            ("2", "Your meeting on Wed 2 Dec, 3.30pm is called off"),
            ("3", "OK. Your meeting stays as it is."),
            ("1", "Mrs Cole and Mr Hughes can see you on:"),
        ] {
            let url = databases::each().await;
            let url = url.iter().find(|d| d.kind == database.kind).unwrap();
            let rig = rig(&url.url).await;
            rig.hear(AMINA, "can i book a meeting").await.unwrap();
            rig.hear(AMINA, "1").await.unwrap();
            rig.hear(AMINA, "CHANGE").await.unwrap();
            let mut tx = rig.d.store.begin().await.unwrap();
            let ahead = tx.meetings_ahead(&rig.endpoint.id, AMINA).await.unwrap();
            tx.cancel_meeting(ahead[0].id).await.unwrap();
            tx.save().await.unwrap();

            rig.hear(AMINA, reply).await.unwrap();
            let told = rig.texts_to(AMINA).await.unwrap();
            assert!(
                told.last().unwrap().starts_with(answer),
                "{reply}: {told:?}"
            );
            let mut tx = rig.d.store.read().await.unwrap();
            let tasks = tx.open_tasks("kingfisher").await.unwrap();
            assert!(tasks.is_empty(), "no turn failed: {tasks:?}");
            drop(tx);
            whole(rig).await;
        }
    }
}

// ---- files with faults, through the program itself ----

fn schoolgate(arguments: &[&str], folder: &Path) -> Output {
    Command::new(env!("CARGO_BIN_EXE_schoolgate"))
        .args(arguments)
        .current_dir(folder)
        .output()
        .unwrap()
}

/// A folder with the example configuration and the people it names.
fn school(more: &str) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new(env!("CARGO_MANIFEST_DIR")).join("demo");
    let config = std::fs::read_to_string(demo.join("schoolgate.toml")).unwrap();
    std::fs::write(
        folder.path().join("schoolgate.toml"),
        format!("{more}\n{config}"),
    )
    .unwrap();
    for file in ["kingfisher.toml", "noticeboard.toml"] {
        std::fs::copy(demo.join(file), folder.path().join(file)).unwrap();
    }
    folder
}

#[test]
fn a_mistake_in_a_flow_is_shown_with_its_place_and_a_remedy() {
    let folder = school(r#"flows_dir = "flows""#);
    std::fs::create_dir(folder.path().join("flows")).unwrap();
    let concern = Path::new(env!("CARGO_MANIFEST_DIR")).join("flows/concern.toml");
    let concern = std::fs::read_to_string(concern).unwrap();
    let wrong = concern.replacen(r#"then    = "record""#, r#"then    = "recrod""#, 1);
    assert_ne!(concern, wrong);
    let line = wrong.lines().position(|l| l.contains("recrod")).unwrap() + 1;
    std::fs::write(folder.path().join("flows/concern.toml"), wrong).unwrap();

    let checked = schoolgate(&["check", "--config", "schoolgate.toml"], folder.path());
    let said = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(1), "{said}");
    assert!(said.contains("there is no step `recrod`"), "{said}");
    assert!(said.contains(&format!("concern.toml:{line}:")), "{said}");
    assert!(said.contains("^^^"), "{said}");
    assert!(said.contains("did you mean `record`?"), "{said}");

    let served = schoolgate(&["serve", "--config", "schoolgate.toml"], folder.path());
    assert!(
        !served.status.success(),
        "serve refuses to start on an error"
    );
    let said = String::from_utf8(served.stderr).unwrap();
    assert!(said.contains("recrod"), "{said}");
}

#[test]
fn a_missing_translation_is_a_warning_that_names_it() {
    let folder = school(r#"locales_dir = "locales""#);
    let polish = folder.path().join("locales/pl");
    std::fs::create_dir_all(&polish).unwrap();
    std::fs::write(polish.join("privacy.ftl"), "privacy-others = Nie.\n").unwrap();
    let checked = schoolgate(&["check", "--config", "schoolgate.toml"], folder.path());
    let said = String::from_utf8(checked.stdout).unwrap();
    assert_eq!(checked.status.code(), Some(0), "{said}");
    let warning = said.lines().find(|l| l.contains("privacy-staff")).unwrap();
    assert!(warning.starts_with("warning:"), "{warning}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_text_that_is_not_translated_is_said_in_english() {
    const PIOTR: &str = "+447700900102";
    let locales = tempfile::tempdir().unwrap();
    std::fs::create_dir(locales.path().join("pl")).unwrap();
    std::fs::write(
        locales.path().join("pl/hand-over.ftl"),
        "hand-over-tries = Przekazano.\n",
    )
    .unwrap();
    for database in databases::each().await {
        let config = Config {
            locales_dir: Some(locales.path().to_owned()),
            ..Config::demo().unwrap()
        };
        let now = config.schools[0].calendar.zone.clone();
        let now = date(2026, 12, 1).at(10, 0, 0, 0).to_zoned(now).unwrap();
        let clock = Clock::set(now.timestamp());
        let rig = Rig::with(config, &database.url, clock).await.unwrap();
        rig.hear(PIOTR, "menu").await.unwrap();
        rig.hear(PIOTR, "0").await.unwrap();
        let told = rig.texts_to(PIOTR).await.unwrap();
        assert!(told[0].contains("Mam obawy"), "{told:?}");
        assert!(
            told[1].starts_with("OK. A person from the school office will contact you by"),
            "{told:?}"
        );
        whole(rig).await;
    }
}

/// What `check` says in JSON, a line each, and how it ended.
fn checked_as_json(folder: &Path) -> (Vec<serde_json::Value>, Option<i32>) {
    let arguments = ["check", "--config", "schoolgate.toml", "--format", "json"];
    let checked = schoolgate(&arguments, folder);
    let said = String::from_utf8(checked.stdout).unwrap();
    let lines = said.lines().map(|line| match serde_json::from_str(line) {
        Ok(value) => value,
        Err(e) => panic!("{e}: {line}"),
    });
    (lines.collect(), checked.status.code())
}

fn messages(said: &[serde_json::Value]) -> Vec<&str> {
    let messages = said.iter().filter_map(|line| line["message"].as_str());
    messages.collect()
}

#[test]
fn faults_of_the_configuration_the_flows_and_the_texts_are_told_together() {
    let folder = school("flows_dir = \"flows\"\nlocales_dir = \"locales\"\nlisten_on = 3");
    let write = |path: &str, text: &str| {
        let path = folder.path().join(path);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    write(
        "flows/a.toml",
        "title = \"A\"\nstart = \"a\"\n[steps.a]\nthen = \"b\"\n",
    );
    write("flows/b.toml", "title = \"B\"\nstart = 7\n");
    write("locales/en/own.ftl", "own = { $who\n");
    write(
        "locales/en/reading.toml",
        "[routes.concern]\nsure = ['(']\n",
    );
    let (said, code) = checked_as_json(folder.path());
    assert_eq!(code, Some(1));
    let messages = messages(&said);
    for part in [
        "there is no key `listen_on`",
        "there is no step `b`",
        "`start` takes words",
        "this is not Fluent",
        "the pattern `(` cannot be read",
    ] {
        assert!(
            messages.iter().any(|m| m.contains(part)),
            "{part}: {messages:?}"
        );
    }
    let summary = said.last().unwrap();
    assert_eq!(summary["kind"], "summary");
    assert!(summary["errors"].as_u64().unwrap() >= 5, "{summary}");
    assert!(
        !messages.iter().any(|m| m.contains("there is no text")),
        "what could not be read is not said to be missing: {messages:?}"
    );
}

#[test]
fn json_is_json_to_the_last_line_and_says_how_much_is_done() {
    let folder = school("");
    let (said, code) = checked_as_json(folder.path());
    assert_eq!(code, Some(0), "{said:?}");
    let summary = said.last().unwrap();
    assert_eq!(summary["errors"], 0);
    let polish = &summary["languages"][1];
    assert_eq!(
        (&polish["language"], &polish["percent"]),
        (&"pl".into(), &100.into())
    );
    assert!(polish["of"].as_u64().unwrap() > 300, "{summary}");
}

#[test]
fn each_text_has_its_parts_and_its_price() {
    let folder = school("");
    let table = schoolgate(
        &[
            "check",
            "--config",
            "schoolgate.toml",
            "--texts",
            "--price-per-part",
            "3.5",
        ],
        folder.path(),
    );
    let said = String::from_utf8(table.stdout).unwrap();
    let row = |id: &str, language: &str| -> Vec<String> {
        let mut rows = said
            .lines()
            .map(|line| line.split_whitespace().collect::<Vec<_>>());
        let row = rows.find(|row| row.first() == Some(&id) && row.get(1) == Some(&language));
        row.unwrap().iter().map(|cell| (*cell).to_owned()).collect()
    };
    assert_eq!(row("concern-receipt", "en")[2..4], ["GSM-7", "1"]);
    assert_eq!(row("concern-receipt", "pl")[2..4], ["UCS-2", "2"]);
    assert_eq!(row("concern-receipt", "pl")[5], "7.0");
}

#[test]
fn files_too_long_too_deep_or_in_odd_clothes_are_refused_or_read() {
    let deep = "[".repeat(10_000);
    let braces = "{".repeat(10_000);
    let long = "# a line that says nothing at all\n".repeat(160_000);
    let brackets = "(".repeat(10_000);
    let refused: &[(&str, String, &str)] = &[
        ("flows/x.toml", String::new(), "`title` is missing"),
        ("flows/x.toml", long, "bytes long; at most"),
        (
            "flows/x.toml",
            format!("title = {deep}"),
            "this is not TOML",
        ),
        (
            "flows/x.toml",
            format!("title = {}", "{a=".repeat(10_000)),
            "this is not TOML",
        ),
        (
            "flows/x.toml",
            format!(
                "title = \"X\"\nstart = \"a\"\n[steps.a]\nskip-if = \"{brackets}\"\nend = true\n"
            ),
            "longer than",
        ),
        ("locales/en/own.ftl", format!("own = {braces}"), "deep"),
        (
            "locales/en/own.ftl",
            format!("own = {{ A{} }}", "(B".repeat(10_000)),
            "deep",
        ),
        (
            "locales/en/reading.toml",
            format!("[routes.concern]\nsure = ['{brackets}a']\n"),
            "cannot be read",
        ),
        (
            "locales/en/reading.toml",
            "[routes.concern]\nsure = ['((a{1,99}){1,99}){1,99}']\n".to_owned(),
            "cannot be read",
        ),
        (
            "locales/en/reading.toml",
            format!(
                "[words]\na0 = ['x']\n{}[routes.concern]\nsure = ['<a8>']\n",
                (1..9)
                    .map(|n| format!(
                        "a{n} = [{}]\n",
                        vec![format!("'<a{}>'", n - 1); 12].join(",")
                    ))
                    .collect::<String>()
            ),
            "",
        ),
    ];
    for (path, text, wanted) in refused {
        let folder = school("flows_dir = \"flows\"\nlocales_dir = \"locales\"");
        for file in [path, &"flows/one.toml", &"locales/one.ftl"] {
            let file = folder.path().join(file);
            std::fs::create_dir_all(file.parent().unwrap()).unwrap();
        }
        std::fs::write(folder.path().join(path), text).unwrap();
        let (said, code) = checked_as_json(folder.path());
        assert_eq!(code, Some(1), "{path}, {wanted}: {said:?}");
        let of_file = said.iter().filter(|line| line["file"] == *path);
        let told: Vec<_> = of_file
            .filter_map(|line| line["message"].as_str())
            .collect();
        let shown: Vec<String> = told.iter().map(|m| m.chars().take(200).collect()).collect();
        assert!(
            told.iter().any(|m| m.contains(wanted)),
            "{path}, {wanted}: {shown:?}"
        );
    }
    let folder = school("flows_dir = \"flows\"");
    std::fs::create_dir(folder.path().join("flows")).unwrap();
    let flow = "\u{feff}title = \"Żółć 漢字\"\r\nstart = \"a\"\r\nbrief = true\r\n\r\n[steps.a]\r\nend = true\r\n";
    std::fs::write(folder.path().join("flows/odd.toml"), flow).unwrap();
    let (said, code) = checked_as_json(folder.path());
    assert_eq!(
        code,
        Some(0),
        "a byte order mark and CRLF hurt nobody: {said:?}"
    );
    assert!(
        messages(&said).contains(&"nothing leads to the flow `odd`"),
        "{said:?}"
    );
}

#[test]
fn a_configuration_must_fit_its_languages_its_directory_and_its_staff() {
    let folder = school("");
    let edit = |file: &str, from: &str, to: &str| {
        let path = folder.path().join(file);
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{file} has no {from}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    };
    edit("schoolgate.toml", "\"pl\"", "\"pl\", \"so\"");
    edit(
        "kingfisher.toml",
        "home_council = \"Barnet\"",
        "home_council = \"Lyonesse\"",
    );
    let (said, code) = checked_as_json(folder.path());
    assert_eq!(code, Some(1));
    let told = messages(&said);
    assert!(
        told.contains(&"there are no texts in the language `so`"),
        "{told:?}"
    );
    assert!(
        told.contains(&"there is no council `Lyonesse` in the directory of services"),
        "{told:?}"
    );
}
