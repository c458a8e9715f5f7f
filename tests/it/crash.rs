//! `kill -9` between the 200 to the provider and the reply to the parent, at every kind of moment:
//! each message stands in one case record once, and each reply leaves once. And a machine that is lost:
//! from its last backup nothing is missing.

use std::time::Duration;

use futures::future::join_all;

use crate::databases;
use crate::service::{Deployed, Serving, until};
use crate::twilio::Twilio;

/// When the service is killed, after it has said 200.
#[derive(Debug, Clone, Copy)]
enum Moment {
    /// After so many milliseconds, wherever it is then.
    After(u64),
    /// Twilio has been asked to send the reply, and has not taken it yet.
    Asked,
    /// Twilio has taken the reply, and has not said so yet.
    Taken,
    /// Twilio has said so, and more is on its way.
    Answered,
}

const MOMENTS: [Moment; 10] = [
    Moment::Taken,
    Moment::After(0),
    Moment::Asked,
    Moment::After(8),
    Moment::After(20),
    Moment::After(35),
    Moment::Taken,
    Moment::After(60),
    Moment::Asked,
    Moment::Answered,
];

/// How long Twilio takes over each text: time enough to be killed in the middle.
const PACE: Duration = Duration::from_millis(300);

/// A person nobody knows yet, and what they write: unlike anybody else's.
fn writer(round: usize) -> (String, String) {
    let words = format!("im worried about my child, not sleeping since {round} days");
    (format!("+4477009003{round:02}"), words)
}

async fn kill(serving: Serving<'_>, moment: Moment, twilio: &Twilio, from: &str) {
    match moment {
        Moment::After(millis) => tokio::time::sleep(Duration::from_millis(millis)).await,
        Moment::Asked => until("Twilio is asked", async || twilio.times_asked(from) > 0).await,
        Moment::Taken => {
            until("Twilio takes it", async || {
                !twilio.texts_to(from).is_empty()
            })
            .await
        }
        Moment::Answered => {
            until("Twilio's answer is written down", async || {
                serving
                    .deployed
                    .statuses(from)
                    .await
                    .iter()
                    .any(|s| s == "accepted")
            })
            .await;
        }
    }
    serving.kill();
}

/// Everything that came in has been read, and everything that goes out has left.
async fn quiet(school: &Deployed) {
    until("all is read and sent", async || {
        let unread = "SELECT provider_id FROM messages WHERE processed_at IS NULL";
        let unsent = "SELECT status FROM outbox WHERE status IN ('queued', 'sending')";
        school.column(unread).await.is_empty() && school.column(unsent).await.is_empty()
    })
    .await;
}

/// Each reply that was written to somebody was taken by Twilio, once.
async fn each_reply_left_once(school: &Deployed, twilio: &Twilio, to: &str) -> usize {
    let mut written = school
        .column(&format!("SELECT body FROM outbox WHERE address = '{to}'"))
        .await;
    let mut taken: Vec<String> = twilio.texts_to(to).into_iter().map(|t| t.body).collect();
    written.sort();
    taken.sort();
    assert_eq!(taken, written, "to {to}");
    taken.len()
}

#[tokio::test(flavor = "multi_thread")]
async fn killed_at_any_moment_it_answers_and_records_each_message_once() {
    let on_each = databases::each().await.into_iter().map(async |database| {
        let moments = match database.kind {
            "sqlite" => &MOMENTS[..],
            _ => &MOMENTS[..3],
        };
        let twilio = Twilio::start().await;
        twilio.takes(PACE);
        let school = Deployed::new(&database.url, &twilio, "");
        for (round, moment) in moments.iter().enumerate() {
            let serving = school.serve().await;
            let (from, words) = writer(round);
            assert_eq!(school.text(&format!("SM{round}"), &from, &words).await, 200);
            kill(serving, *moment, &twilio, &from).await;
        }
        twilio.takes(Duration::ZERO);

        let _serving = school.serve().await;
        // Somebody to whom nothing happened, to compare with.
        let calm = moments.len();
        let (from, words) = writer(calm);
        assert_eq!(school.text("SM-calm", &from, &words).await, 200);
        quiet(&school).await;
        let usual = each_reply_left_once(&school, &twilio, &from).await;
        assert!(usual > 0);
        for (round, moment) in moments.iter().enumerate() {
            let (from, words) = writer(round);
            assert_eq!(school.entries(&words).await, 1, "{round}: {moment:?}");
            let replies = each_reply_left_once(&school, &twilio, &from).await;
            assert_eq!(replies, usual, "{round}: {moment:?}");
        }
        let whole = school.run(&["verify"]).unwrap();
        assert!(whole.contains("every chain whole"), "{whole}");
    });
    join_all(on_each).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn told_to_stop_it_ends_what_is_under_way() {
    for database in databases::each().await {
        let twilio = Twilio::start().await;
        twilio.takes(PACE);
        let school = Deployed::new(&database.url, &twilio, "");
        let serving = school.serve().await;
        let (from, words) = writer(0);
        assert_eq!(school.text("SM0", &from, &words).await, 200);
        until("Twilio is asked", async || twilio.times_asked(&from) > 0).await;
        assert!(serving.stop().await, "SIGTERM is no failure");

        // The text that was on its way has arrived, and that is written down.
        let statuses = school.statuses(&from).await;
        assert_eq!(statuses[0], "accepted");
        assert!(!statuses.contains(&"sending".to_owned()), "{statuses:?}");
        let _serving = school.serve().await;
        quiet(&school).await;
        assert_eq!(school.entries(&words).await, 1);
        each_reply_left_once(&school, &twilio, &from).await;
    }
}

/// Backup, kill, restore, on a machine that has nothing else.
#[tokio::test(flavor = "multi_thread")]
async fn a_service_that_is_lost_comes_back_from_its_backup() {
    const WROTE: usize = 4;
    for database in databases::each().await {
        let twilio = Twilio::start().await;
        let school = Deployed::new(&database.url, &twilio, "");
        let serving = school.serve().await;
        for round in 0..WROTE {
            let (from, words) = writer(round);
            assert_eq!(school.text(&format!("SM{round}"), &from, &words).await, 200);
        }
        quiet(&school).await;
        // Accepted, and not answered yet, when the backup is taken.
        twilio.takes(Duration::from_secs(30));
        let (late, late_words) = writer(WROTE);
        assert_eq!(school.text("SM-late", &late, &late_words).await, 200);

        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tonight.backup");
        let file = file.to_str().unwrap();
        // A backup that is killed leaves nothing under the name that it was to have.
        let mut killed = school.command(&["backup", file]).spawn().unwrap();
        killed.kill().unwrap();
        killed.wait().unwrap();
        assert!(!std::path::Path::new(file).exists());
        school.run(&["backup", file]).unwrap();
        serving.kill();
        twilio.takes(Duration::ZERO);

        let new = format!("sqlite:{}/new.db", folder.path().display());
        let school = Deployed::new(&new, &twilio, "");
        let said = school.run(&["restore", file]).unwrap();
        assert!(said.contains("every chain whole"), "{said}");
        let _serving = school.serve().await;
        quiet(&school).await;
        for round in 0..WROTE {
            let (from, words) = writer(round);
            assert_eq!(school.entries(&words).await, 1, "{} {round}", database.kind);
            assert!(each_reply_left_once(&school, &twilio, &from).await > 0);
        }
        assert_eq!(school.entries(&late_words).await, 1, "{}", database.kind);
        assert!(!twilio.texts_to(&late).is_empty());
        let whole = school.run(&["verify"]).unwrap();
        assert!(whole.contains("every chain whole"), "{whole}");
    }
}
