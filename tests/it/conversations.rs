//! The conversations of `flows/tests`, through the real inbox, store and outbox.

use std::path::Path;

use schoolgate::testing::play;

use crate::databases;

#[tokio::test(flavor = "multi_thread")]
async fn every_conversation_goes_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("flows/tests");
    let mut files: Vec<_> = std::fs::read_dir(&folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.extension().is_some_and(|e| e == "chat"))
        .collect();
    files.sort();
    assert!(
        files.len() >= 20,
        "the conversations are gone from {}",
        folder.display()
    );
    let mut playing = Vec::new();
    for file in files {
        let source = std::fs::read_to_string(&file).unwrap();
        let name = file.file_name().unwrap().to_string_lossy().into_owned();
        playing.push(tokio::spawn(async move {
            let mut wrong = Vec::new();
            for database in databases::each().await {
                if let Err(why) = play(&name, &source, &database.url).await {
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
}
