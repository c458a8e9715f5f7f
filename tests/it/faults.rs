//! Ten thousand messages through providers that fail at random: before they take a text, after it, in
//! the middle of the answer, too late. None is lost, and none is sent twice but where nobody could be
//! asked, which is shown.

use std::collections::{BTreeMap, HashMap};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use jiff::SignedDuration;
use rand::rngs::StdRng;
use rand::{RngExt as _, SeedableRng as _};
use schoolgate::channel::form::parse_form;
use schoolgate::channel::{Receipt, Status};
use schoolgate::clock::Clock;
use schoolgate::outbox;
use schoolgate::settle::advance;
use schoolgate::store::{OutboxRow, Outgoing, Purpose};
use schoolgate::testing::Rig;
use uuid::Uuid;

use crate::databases;
use crate::http::{Answer, Handler, Server};
use crate::service::{Deployed, column};
use crate::twilio::{Then, Twilio};

/// People who are written to.
const PEOPLE: usize = 500;

/// How long our side waits for an answer.
const PATIENCE: Duration = Duration::from_millis(400);

/// What happens to one request; of a thousand, how many.
fn fate(rng: &mut StdRng) -> Option<Then> {
    match rng.random_range(0..1000) {
        0..80 => Some(Then::LoseIt),
        80..140 => Some(Then::TakeInSilence),
        140..180 => Some(Then::Busy),
        180..208 => Some(Then::TooMany),
        208..210 => Some(Then::ComeBackIn(20)),
        210..240 => Some(Then::Garbage),
        240..270 => Some(Then::HalfAnswer),
        270..274 => Some(Then::TakeSlowly(PATIENCE * 2)),
        _ => None,
    }
}

/// A gateway that cannot be asked, as Kannel cannot: what it has taken, by its words.
#[derive(Clone, Default)]
struct Gateway(Arc<Mutex<HashMap<String, usize>>>);

impl Gateway {
    async fn start(&self, seed: u64) -> Server {
        let taken = Arc::clone(&self.0);
        let rng = Arc::new(Mutex::new(StdRng::seed_from_u64(seed)));
        let handler: Handler = Arc::new(move |request| {
            let (taken, rng) = (Arc::clone(&taken), Arc::clone(&rng));
            Box::pin(async move {
                let fate = fate(&mut rng.lock().unwrap());
                match fate {
                    Some(Then::LoseIt) => return Answer::Close,
                    Some(Then::Busy | Then::TooMany) => return Answer::Garbage(503),
                    Some(Then::ComeBackIn(seconds)) => return Answer::Later(503, seconds),
                    _ => {}
                }
                let query = parse_form(request.query.as_bytes());
                let body = parse_form(&request.body);
                let words = query.text("text").or_else(|| body.text("text"));
                *taken
                    .lock()
                    .unwrap()
                    .entry(words.unwrap().to_owned())
                    .or_default() += 1;
                match fate {
                    Some(Then::TakeInSilence | Then::HalfAnswer) => Answer::Close,
                    Some(Then::TakeSlowly(wait)) => {
                        tokio::time::sleep(wait).await;
                        Answer::Plain(202, "0: Accepted for delivery".to_owned())
                    }
                    _ => Answer::Plain(202, "0: Accepted for delivery".to_owned()),
                }
            })
        });
        Server::listen(SocketAddr::from(([127, 0, 0, 1], 0)), handler).await
    }
}

/// Queues `count` messages to [`PEOPLE`] at an endpoint, each with words of its own; words by id.
async fn queue(
    rig: &Rig,
    endpoint: &str,
    count: usize,
    rng: &mut StdRng,
) -> BTreeMap<Uuid, String> {
    let mut tx = rig.d.store.begin().await.unwrap();
    let school = rig.d.endpoint(endpoint).unwrap().school.config.id.clone();
    let now = tx.now();
    let mut queued = BTreeMap::new();
    for n in 0..count {
        let to = format!("+447700900{:03}", rng.random_range(0..PEOPLE));
        let purpose = match rng.random_range(0..10) {
            0 => Purpose::Safeguarding,
            1..4 => Purpose::School,
            _ => Purpose::Answer,
        };
        let words = format!("{endpoint} {n}");
        let text = Outgoing::text(&school, endpoint, &to, purpose, words.clone(), now);
        queued.insert(tx.queue(&text).await.unwrap(), words);
    }
    tx.save().await.unwrap();
    queued
}

async fn row(rig: &Rig, id: Uuid) -> OutboxRow {
    let mut tx = rig.d.store.read().await.unwrap();
    tx.outbox_row(id).await.unwrap().unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whatever_providers_do_nothing_is_lost_and_only_what_nobody_could_ask_about_is_sent_twice()
{
    let seed: u64 = match std::env::var("SCHOOLGATE_TEST_SEED") {
        Ok(seed) => seed.parse().unwrap(),
        Err(_) => u64::try_from(Clock::real().now().as_microsecond()).unwrap(),
    };
    println!("SCHOOLGATE_TEST_SEED={seed}");
    for (database, scale) in databases::each().await.iter().zip([10, 2]) {
        let twilio = Twilio::start().await;
        let gateway = Gateway::default();
        let kannel = gateway.start(seed).await;
        let channels = format!(
            "per_minute = 1000000\n[[school.channel]]\nid = \"kannel\"\nkind = \"kannel\"\n\
             number = \"+447700900009\"\nsendsms_url = \"http://{}/cgi-bin/sendsms\"\nusername = \"k\"\n\
             password_file = \"token\"\nsecret_file = \"token\"\n",
            kannel.address
        );
        let school = Deployed::new(&database.url, &twilio, &channels);
        let (mut config, clock) = school.on_a_tuesday();
        config.timing.send_timeout = PATIENCE;
        // One provider each: here nothing may leave by the other.
        let mut other = config.schools[0].clone();
        "other".clone_into(&mut other.id);
        other.channels = config.schools[0].channels.split_off(1);
        config.schools.push(other);
        let rig = Rig::with(config, &database.url, clock.clone())
            .await
            .unwrap();

        let mut rng = StdRng::seed_from_u64(seed);
        let asked = queue(&rig, "sms", 800 * scale, &mut rng).await;
        let silent = queue(&rig, "kannel", 200 * scale, &mut rng).await;
        let chance = Mutex::new(StdRng::seed_from_u64(seed + 1));
        twilio.by_chance(&clock, move |_| fate(&mut chance.lock().unwrap()));
        advance(&rig.d, clock.now() + SignedDuration::from_hours(8))
            .await
            .unwrap();

        let mut taken: HashMap<String, Vec<String>> = HashMap::new();
        for text in twilio.texts() {
            taken.entry(text.body).or_default().push(text.sid);
        }
        for (id, words) in &asked {
            let row = row(&rig, *id).await;
            let sids = taken.remove(words).unwrap_or_default();
            let at = format!("{}, seed {seed}: {words}", database.kind);
            assert!(sids.len() <= 1, "{at} was sent {} times", sids.len());
            match row.status() {
                Status::Accepted => assert_eq!(sids.len(), 1, "{at} is lost"),
                // Six tries in two hours came to nothing: a person is told, and it never left.
                Status::Failed => assert!(sids.is_empty(), "{at} failed and left"),
                other => panic!("{at} stands at {other:?}"),
            }
        }
        assert!(taken.is_empty(), "{taken:?}");

        let taken = gateway.0.lock().unwrap().clone();
        let mut uncertain = 0;
        for (id, words) in &silent {
            let row = row(&rig, *id).await;
            let times = taken.get(words).copied().unwrap_or(0);
            let at = format!("{}, seed {seed}: {words}", database.kind);
            match (row.status(), row.purpose()) {
                // An alert about a child is sent again where nobody can be asked.
                (Status::Accepted, Purpose::Safeguarding) => assert!(times >= 1, "{at} is lost"),
                (Status::Accepted, _) => assert_eq!(times, 1, "{at}"),
                (Status::Failed, _) => assert_eq!(times, 0, "{at} failed and left"),
                (Status::Uncertain, purpose) => {
                    assert_ne!(purpose, Purpose::Safeguarding, "{at}");
                    assert!(times <= 1, "{at} was sent {times} times");
                    uncertain += 1;
                }
                (other, _) => panic!("{at} stands at {other:?}"),
            }
        }
        let tasks = "SELECT address FROM tasks WHERE words LIKE '%nobody knows%'";
        let shown = column(&database.url, tasks).await.len();
        assert_eq!(shown, uncertain, "each of them is shown to a person");
        assert!(uncertain > 0, "the gateway was never silent: seed {seed}");

        // Receipts in any order, twice, of parts, of nobody's messages: delivered is the last word.
        let mut receipts = Vec::new();
        for text in twilio.texts() {
            for status in [
                Status::Sent,
                Status::Delivered,
                Status::Delivered,
                Status::Failed,
            ] {
                receipts.push((text.sid.clone(), status));
            }
        }
        receipts.push(("SM of nobody".to_owned(), Status::Delivered));
        for n in (1..receipts.len()).rev() {
            receipts.swap(n, rng.random_range(0..=n));
        }
        let mut ours = HashMap::new();
        for id in asked.keys() {
            let row = row(&rig, *id).await;
            ours.extend(row.provider_id.map(|sid| (sid, *id)));
        }
        for (sid, status) in receipts.into_iter().take(500) {
            let receipt = Receipt {
                outbox: None,
                provider_id: Some(sid.clone()),
                status,
                error: None,
                stopped: false,
                part: None,
            };
            let Some(id) = ours.get(&sid) else {
                outbox::receipt(&rig.d, "sms", &receipt, "{}")
                    .await
                    .unwrap();
                continue;
            };
            let before = row(&rig, *id).await.status();
            outbox::receipt(&rig.d, "sms", &receipt, "{}")
                .await
                .unwrap();
            let after = row(&rig, *id).await.status();
            let climbs = before.may_become(status);
            assert_eq!(after, if climbs { status } else { before });
        }
    }
}
