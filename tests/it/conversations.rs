//! The conversations of `flows/tests`, through the real inbox, store and outbox.

use std::path::Path;
use std::process::Command;
use std::sync::Arc;

use schoolgate::testing::Stage;
use tokio::sync::Semaphore;

use crate::databases;

#[tokio::test(flavor = "multi_thread")]
async fn every_conversation_goes_as_written_in_every_language_and_they_take_every_way() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("flows/tests");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "chat"))
        .collect();
    files.sort();
    assert!(
        files.len() >= 90,
        "conversations are gone from {}",
        folder.display()
    );
    let stage = Arc::new(Stage::demo().unwrap());
    // All of them at once would wait for each other's connections longer than a program waits.
    let places = Arc::new(Semaphore::new(8));
    let mut playing = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        let (stage, places) = (Arc::clone(&stage), Arc::clone(&places));
        playing.push(tokio::spawn(async move {
            let _place = places.acquire().await.unwrap();
            let mut wrong = Vec::new();
            for database in databases::each().await {
                let goes = async {
                    let played = stage.play(&name, &source, &database.url).await?;
                    if database.kind != "sqlite" {
                        return Ok(());
                    }
                    for tag in stage.others(&source, &played)? {
                        let other = databases::sqlite();
                        stage
                            .play_in(&tag, &name, &source, &other.url, &played)
                            .await?;
                    }
                    anyhow::Ok(())
                };
                if let Err(why) = goes.await {
                    wrong.push(format!("{} ({}): {why:#}", name, database.kind));
                }
            }
            wrong
        }));
    }
    let mut wrong = Vec::new();
    for file in playing {
        wrong.extend(file.await.unwrap());
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));

    for (tag, coverage) in &stage.coverage {
        for flow in stage.parts.bundle.flows.values() {
            let (_, missing) = coverage.of(flow);
            let ways = missing.iter().map(|(visit, _)| {
                format!("{tag}: {} {}: {}", flow.name, visit.step, visit.missed())
            });
            wrong.extend(ways);
        }
    }
    assert!(
        wrong.is_empty(),
        "no conversation takes these ways; `schoolgate flows test --coverage` says where they are\n{}",
        wrong.join("\n")
    );
}

/// A conversation whose texts are wrong in every way a text can be, and one fact besides.
const WRONG: &str = "\
# Of a worry.
@ Tue 1 Dec 2026 10:00
> im worried about sam, not sleeping
< Thank you.
! C-1042 is a concern
! C-1042 is owned by nobody at all
> 1
< OK. We will ring you. That is added to C-1042. You can text more at any time.
< And one text too many.
";

#[test]
fn update_writes_the_texts_and_never_the_facts() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("worry.chat");
    std::fs::write(&file, WRONG).unwrap();
    let output = Command::new(env!("CARGO_BIN_EXE_schoolgate"))
        .args(["flows", "test", "--update"])
        .arg(&file)
        .output()
        .unwrap();
    assert!(!output.status.success(), "a fact did not hold");
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(said.contains("worry.chat:6"), "{said}");
    assert!(said.contains("is owned by Mr Hughes"), "{said}");
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        "\
# Of a worry.
@ Tue 1 Dec 2026 10:00
> im worried about sam, not sleeping
< Thank you for telling us. Your message is saved: C-1042. Mrs Cole or Mr Hughes will contact you by Thu 3 Dec, 4pm. If it gets worse, text us any time.
< How shall we talk? 1 By phone 2 At school 3 By text. 0 = a person.
! C-1042 is a concern
! C-1042 is owned by nobody at all
> 1
< OK. We will ring you. That is added to C-1042. You can text more at any time.
"
    );
}

/// In Polish "no" may be a yes: a conversation that depends on it says something else there.
#[tokio::test]
async fn a_conversation_that_goes_otherwise_in_another_language_is_found() {
    let stage = Stage::demo().unwrap();
    let source = "@ Tue 1 Dec 2026 10:00\n> who is this\n…\n> no\n…\n";
    let database = databases::sqlite();
    let played = stage.play("x.chat", source, &database.url).await.unwrap();
    let other = databases::sqlite();
    let why = stage
        .play_in("pl", "x.chat", source, &other.url, &played)
        .await
        .unwrap_err();
    let why = format!("{why:#}");
    assert!(why.contains("after line 4"), "{why}");

    let only = format!("# only in en\n{source}");
    let why = stage.others(&only, &played).unwrap_err().to_string();
    assert!(why.contains("say why"), "{why}");
    let only = format!("# only in pl: because\n{source}");
    let why = stage.others(&only, &played).unwrap_err().to_string();
    assert!(why.contains("is written to in `en`"), "{why}");
}
