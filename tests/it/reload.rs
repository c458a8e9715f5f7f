//! Flows and texts that change while the service runs: new conversations begin on them, those under
//! way end as they began, and what has faults changes nothing.

use jiff::civil::date;
use schoolgate::clock::Clock;
use schoolgate::config::Config;
use schoolgate::deployment::{Look, Watch};
use schoolgate::flow::bundle::Bundle;
use schoolgate::testing::Rig;

use crate::databases;
use crate::service::{Deployed, until};
use crate::twilio::Twilio;

const AMINA: &str = "+447700900101";
const JOY: &str = "+447700900105";

/// A school's own copy of one of the shipped files.
fn shipped(path: &str) -> String {
    Bundle::embedded_sources().remove(path).unwrap()
}

async fn looks(watch: &mut Watch, rig: &Rig) -> Look {
    let first = watch.look(&rig.d).await.unwrap();
    assert!(
        matches!(first, Look::Unchanged),
        "a change may not be complete when it is first seen"
    );
    watch.look(&rig.d).await.unwrap()
}

async fn last_text(rig: &Rig, to: &str) -> String {
    rig.texts_to(to).await.unwrap().pop().unwrap()
}

#[tokio::test]
async fn who_has_begun_ends_as_they_began_and_who_begins_hears_the_new_words() {
    for database in databases::each().await {
        let folder = tempfile::tempdir().unwrap();
        let (flows, locales) = (folder.path().join("flows"), folder.path().join("locales"));
        std::fs::create_dir_all(&flows).unwrap();
        std::fs::create_dir_all(locales.join("en")).unwrap();
        let mut config = Config::demo().unwrap();
        config.flows_dir = Some(flows.clone());
        config.locales_dir = Some(locales.clone());
        let now = date(2026, 11, 24).at(10, 0, 0, 0);
        let clock = Clock::set(config.schools[0].calendar.instant(now));
        let rig = Rig::with(config, &database.url, clock).await.unwrap();
        let mut watch = Watch::over(&rig.d).unwrap();

        rig.hear(AMINA, "im worried about sam, not sleeping")
            .await
            .unwrap();
        assert!(last_text(&rig, AMINA).await.contains("How shall we talk?"));

        // The step is renamed and the question put in other words: two files, one change.
        let flow = shipped("flows/concern.toml").replace("steps.wish]", "steps.way]");
        let flow = flow.replace("then = \"wish\"", "then = \"way\"");
        let words =
            shipped("locales/en/concern.ftl").replace("How shall we talk?", "How can we talk?");
        std::fs::write(locales.join("en/concern.ftl"), &words).unwrap();
        let half = watch.look(&rig.d).await.unwrap();
        assert!(matches!(half, Look::Unchanged));
        std::fs::write(flows.join("concern.toml"), flow).unwrap();
        let look = looks(&mut watch, &rig).await;
        assert!(matches!(look, Look::Taken), "{look:?}");

        rig.hear(AMINA, "hm").await.unwrap();
        let again = last_text(&rig, AMINA).await;
        assert!(
            again.contains("How shall we talk?"),
            "{}: {again}",
            database.kind
        );
        rig.hear(AMINA, "1").await.unwrap();
        assert!(last_text(&rig, AMINA).await.contains("We will ring you"));
        rig.hear(JOY, "im worried about kai, not sleeping")
            .await
            .unwrap();
        let new = last_text(&rig, JOY).await;
        assert!(new.contains("How can we talk?"), "{}: {new}", database.kind);

        // A fault in one file: neither file is taken up, and the question stands as it was asked.
        std::fs::write(
            locales.join("en/concern.ftl"),
            words.replace("How can", "How could"),
        )
        .unwrap();
        std::fs::write(
            flows.join("menu.toml"),
            "title = \"Menu\"\nstart = \"nowhere\"\n",
        )
        .unwrap();
        let Look::Refused(refused) = looks(&mut watch, &rig).await else {
            panic!("a flow without a first step was taken up");
        };
        let told = refused.to_string();
        assert!(
            told.contains("flows/menu.toml:2") && told.contains("nowhere"),
            "{told}"
        );
        assert!(
            matches!(watch.look(&rig.d).await.unwrap(), Look::Unchanged),
            "told once"
        );
        rig.hear(JOY, "hm").await.unwrap();
        assert!(last_text(&rig, JOY).await.contains("How can we talk?"));

        std::fs::remove_file(flows.join("menu.toml")).unwrap();
        assert!(matches!(looks(&mut watch, &rig).await, Look::Taken));
    }
}

#[tokio::test]
async fn the_running_service_takes_up_what_is_saved() {
    let twilio = Twilio::start().await;
    let database = databases::sqlite();
    let deployed = Deployed::new(&database.url, &twilio, "");
    let locales = deployed.overlay("locales_dir");
    let serving = deployed.serve().await;
    let log = || std::fs::read_to_string(deployed.log()).unwrap();
    std::fs::create_dir_all(locales.join("en")).unwrap();
    std::fs::write(locales.join("en/own.ftl"), "concern-wish = Twice\n").unwrap();
    until("the fault is told", async || log().contains("not taken up")).await;
    assert!(log().contains("own.ftl"), "{}", log());
    std::fs::write(locales.join("en/own.ftl"), "own = Ours\n").unwrap();
    until("the change is taken up", async || {
        log().contains("are taken up")
    })
    .await;
    // Words for a choice, and no word of the screen: it would see nothing any more.
    let words = "[choices]\nsecond-hand = [\"used ones\"]\n";
    std::fs::write(locales.join("en/reading.toml"), words).unwrap();
    until("the screen is kept", async || {
        let log = log();
        log.contains("takes the place of the program's own") && log.contains("[screen.urgent]")
    })
    .await;
    assert_eq!(log().matches("are taken up").count(), 1, "{}", log());
    drop(serving);
}
