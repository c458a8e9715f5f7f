//! A parent on Telegram, from end to end: `serve` polls a Bot API that is made up.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use jiff::SignedDuration;
use schoolgate::settle::advance;
use schoolgate::store::Lane;
use schoolgate::testing::Rig;
use serde_json::{Value, json};
use tokio::sync::Notify;

use crate::databases;
use crate::http::{Answer, Handler, Request, Server};
use crate::service::{Deployed, until};

const TOKEN: &str = "1:not-a-token-of-anybody";
/// Amina's chat.
const CHAT: i64 = 42;

#[derive(Default)]
struct State {
    updates: Vec<Value>,
    /// Every call but for updates: the method in lower case, and what it came with.
    calls: Vec<(String, Value)>,
}

/// Telegram as far as a bot knows it.
struct Telegram {
    state: Arc<Mutex<State>>,
    news: Arc<Notify>,
    server: Server,
}

impl Telegram {
    async fn start() -> Self {
        let state: Arc<Mutex<State>> = Arc::default();
        let news: Arc<Notify> = Arc::default();
        let (inner, bell) = (Arc::clone(&state), Arc::clone(&news));
        let handler: Handler = Arc::new(move |request| {
            let (state, news) = (Arc::clone(&inner), Arc::clone(&bell));
            Box::pin(async move { answer(&state, &news, request).await })
        });
        let server = Server::listen(SocketAddr::from(([127, 0, 0, 1], 0)), handler).await;
        Self {
            state,
            news,
            server,
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    fn update(&self, kind: &str, content: Value) {
        {
            let mut state = self.state();
            let id = state.updates.len() + 1;
            state.updates.push(json!({"update_id": id, kind: content}));
        }
        self.news.notify_waiters();
    }

    /// The person sends the bot something.
    fn hears(&self, content: Value) {
        let number = self.state().updates.len() + 1;
        let mut message = json!({
            "message_id": number,
            "from": {"id": CHAT, "is_bot": false, "first_name": "Amina"},
            "chat": {"id": CHAT, "type": "private", "first_name": "Amina"},
            "date": 1_795_336_200,
        });
        let fields = content.as_object().unwrap().clone();
        message.as_object_mut().unwrap().extend(fields);
        self.update("message", message);
    }

    /// The person presses the button with this answer.
    fn presses(&self, answer: &str) {
        self.update(
            "callback_query",
            json!({
                "id": "press",
                "from": {"id": CHAT, "is_bot": false, "first_name": "Amina"},
                "chat_instance": "1",
                "message": {
                    "message_id": 1000,
                    "chat": {"id": CHAT, "type": "private", "first_name": "Amina"},
                    "date": 1_795_336_200,
                },
                "data": answer,
            }),
        );
    }

    /// What the bot has done by this method.
    fn calls(&self, method: &str) -> Vec<Value> {
        let state = self.state();
        let calls = state.calls.iter().filter(|(m, _)| m == method);
        calls.map(|(_, with)| with.clone()).collect()
    }
}

async fn answer(state: &Mutex<State>, news: &Notify, request: Request) -> Answer {
    let bot = format!("/bot{TOKEN}/");
    let Some(method) = request.path.strip_prefix(&bot) else {
        return Answer::Json(
            401,
            json!({"ok": false, "error_code": 401, "description": "Unauthorized"}),
        );
    };
    let method = method.to_ascii_lowercase();
    let with: Value = serde_json::from_slice(&request.body).unwrap_or_default();
    let result = match method.as_str() {
        "getupdates" => updates(state, news, &with).await,
        _ => {
            let mut state = state.lock().unwrap();
            state.calls.push((method.clone(), with.clone()));
            match method.as_str() {
                "sendmessage" | "editmessagereplymarkup" => json!({
                    "message_id": 1000 + state.calls.len(),
                    "from": {"id": 1, "is_bot": true, "first_name": "Kingfisher"},
                    "chat": {"id": with["chat_id"], "type": "private", "first_name": "Amina"},
                    "date": 1_795_336_200,
                    "text": with["text"].as_str().unwrap_or("-"),
                }),
                _ => json!(true),
            }
        }
    };
    Answer::Json(200, json!({"ok": true, "result": result}))
}

/// What is new from an offset on; waits as long as the bot asked, or until there is something.
async fn updates(state: &Mutex<State>, news: &Notify, with: &Value) -> Value {
    let from = with["offset"].as_i64().unwrap_or(0);
    let patience = Duration::from_secs(with["timeout"].as_u64().unwrap_or(0));
    let ring = news.notified();
    tokio::pin!(ring);
    ring.as_mut().enable();
    let waiting = || -> Vec<Value> {
        let state = state.lock().unwrap();
        let new = state
            .updates
            .iter()
            .filter(|u| u["update_id"].as_i64() >= Some(from));
        new.cloned().collect()
    };
    if waiting().is_empty() {
        _ = tokio::time::timeout(patience, ring).await;
    }
    json!(waiting())
}

#[tokio::test(flavor = "multi_thread")]
async fn a_parent_on_telegram_presses_buttons_and_proves_her_number() {
    let database = databases::sqlite();
    let telegram = Telegram::start().await;
    let channel = format!(
        "[[school.channel]]\nid = \"bot\"\nkind = \"telegram\"\ntoken_file = \"token\"\n\
         api_base = \"http://{}\"\ninbound = \"poll\"\n",
        telegram.server.address
    );
    let school = Deployed::with_channels(&database.url, &channel, &[("token", TOKEN)]);
    let _serving = school.serve().await;
    assert_eq!(telegram.calls("deletewebhook").len(), 1);

    let all_done = async |messages: usize| {
        until("all is read and answered", async || {
            let read = "SELECT provider_id FROM messages WHERE processed_at IS NOT NULL";
            let unsent = "SELECT status FROM outbox WHERE status IN ('queued', 'sending')";
            school.column(read).await.len() == messages && school.column(unsent).await.is_empty()
        })
        .await;
        telegram.calls("sendmessage")
    };

    // Nobody knows her yet: she is welcome, chooses by buttons, and is asked once for her number.
    telegram.hears(json!({"text": "menu"}));
    let said = all_done(1).await;
    assert!(said.iter().all(|s| s["chat_id"] == CHAT));
    let buttons = |s: &Value| s["reply_markup"]["inline_keyboard"].as_array().cloned();
    let buttons = said.iter().find_map(buttons).unwrap();
    let asks = |s: &&Value| s["reply_markup"]["keyboard"][0][0]["request_contact"] == true;
    assert_eq!(said.iter().filter(asks).count(), 1);
    telegram.presses(buttons[0][0]["callback_data"].as_str().unwrap());
    let answered = all_done(2).await;
    assert!(answered.len() > said.len());
    assert_eq!(answered.iter().filter(asks).count(), 1);
    until("the button is put to rest", async || {
        telegram.calls("answercallbackquery").len() == 1
            && telegram.calls("editmessagereplymarkup").len() == 1
    })
    .await;

    // A card with somebody else's number proves nothing; her own does.
    let share = |owner: i64| json!({"contact": {"phone_number": "447700900101", "first_name": "Amina", "user_id": owner}});
    let proved = "SELECT coalesce(proved_phone, '-') FROM lanes WHERE endpoint = 'bot'";
    telegram.hears(share(43));
    all_done(3).await;
    assert_eq!(school.column(proved).await, ["-"]);
    telegram.hears(share(CHAT));
    let before = all_done(4).await.len();
    assert_eq!(school.column(proved).await, ["+447700900101"]);

    telegram.hears(json!({"text": "im worried about sam, he is not sleeping"}));
    let said = all_done(5).await;
    let receipt = said[before]["text"].as_str().unwrap();
    assert!(receipt.contains("Mrs Cole or Mr Hughes"), "{receipt}");
    let case = "SELECT kind || ' ' || coalesce(adult, '-') || ' ' || coalesce(pupil, '-') FROM cases WHERE kind = 'concern'";
    assert_eq!(school.column(case).await, ["concern amina-yusuf sam"]);
}

/// The demo school with a bot and a phone number, on a Tuesday morning.
async fn bot_and_number(database: &str, telegram: &Telegram) -> Rig {
    let channels = format!(
        "[[school.channel]]\nid = \"bot\"\nkind = \"telegram\"\ntoken_file = \"token\"\n\
         api_base = \"http://{}\"\ninbound = \"poll\"\n\
         [[school.channel]]\nid = \"sms\"\nkind = \"handset\"\nnumber = \"+447700900000\"\n",
        telegram.server.address
    );
    let school = Deployed::with_channels(database, &channels, &[("token", TOKEN)]);
    let (config, clock) = school.on_a_tuesday();
    Rig::with(config, database, clock).await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn whoever_types_the_code_that_was_texted_has_that_phone_and_nobody_else_does() {
    const AMINA: &str = "+447700900101";
    for database in databases::each().await {
        let telegram = Telegram::start().await;
        let rig = bot_and_number(&database.url, &telegram).await;
        let codes = async || {
            let mut tx = rig.d.store.read().await.unwrap();
            let since = jiff::Timestamp::UNIX_EPOCH.into();
            let rows = tx.written_to("sms", AMINA, since).await.unwrap();
            let code = |body: &str| {
                let words = body.split(|c: char| !c.is_ascii_digit());
                words.filter(|w| w.len() == 6).map(str::to_owned).next()
            };
            rows.iter()
                .filter_map(|r| code(&r.body))
                .collect::<Vec<_>>()
        };
        let proved = async |chat: &str| {
            let mut tx = rig.d.store.read().await.unwrap();
            let lane = tx.lane("bot", chat).await.unwrap();
            lane.and_then(|lane| lane.proved_phone)
        };
        let last = async |chat: &str| rig.texts_to(chat).await.unwrap().pop().unwrap();

        // Six digits before any code was asked for are words like others.
        rig.hear("42", "123456").await.unwrap();
        rig.hear("42", "07700 900101").await.unwrap();
        assert!(
            last("42").await.contains("texted a code"),
            "{}",
            last("42").await
        );
        let first = codes().await;
        assert_eq!(first.len(), 1, "{}", database.kind);
        let wrong = if first[0] == "000000" {
            "000001"
        } else {
            "000000"
        };
        rig.hear("42", wrong).await.unwrap();
        assert!(last("42").await.contains("not the code"));
        // Her code is no good in another chat.
        rig.hear("43", &first[0]).await.unwrap();
        assert_eq!((proved("42").await, proved("43").await), (None, None));
        let spaced = format!("{} {}", &first[0][..3], &first[0][3..]);
        rig.hear("42", &spaced).await.unwrap();
        assert_eq!(
            proved("42").await.as_deref(),
            Some(AMINA),
            "{}",
            database.kind
        );
        rig.hear("42", "im worried about sam, he is not sleeping")
            .await
            .unwrap();
        let case = rig.case("C-1042").await.unwrap();
        assert_eq!(case.adult.as_deref(), Some("amina-yusuf"));

        // Too late; and too often wrong.
        rig.hear("44", "07700900101").await.unwrap();
        let second = codes().await.pop().unwrap();
        advance(&rig.d, rig.d.clock.now() + SignedDuration::from_mins(11))
            .await
            .unwrap();
        rig.hear("44", &second).await.unwrap();
        assert!(
            last("44").await.contains("no longer good"),
            "{}",
            last("44").await
        );
        rig.hear("44", "07700 900 101").await.unwrap();
        let third = codes().await.pop().unwrap();
        let wrong = if third == "000000" {
            "000001"
        } else {
            "000000"
        };
        for _ in 0..5 {
            rig.hear("44", wrong).await.unwrap();
        }
        rig.hear("44", &third).await.unwrap();
        assert_eq!(proved("44").await, None, "{}", database.kind);
        // Three texts a day to one number, whoever asks for them.
        rig.hear("45", "+44 7700 900101").await.unwrap();
        assert_eq!(codes().await.len(), 3);
        assert!(
            last("45").await.contains("enough codes"),
            "{}",
            last("45").await
        );
        // A number that nobody here knows is treated alike.
        rig.hear("46", "07700 900999").await.unwrap();
        assert!(last("46").await.contains("texted a code"));
        // All chats of a school together get no more than a school has new families in a day.
        let mut tx = rig.d.store.begin().await.unwrap();
        let lane = tx.lane("bot", "46").await.unwrap().unwrap();
        for n in 0..60 {
            let other = Lane {
                address: format!("1{n:03}"),
                ..lane.clone()
            };
            let phone = format!("+447700900{n:03}");
            tx.keep_link_code(&other, &phone, "123456").await.unwrap();
        }
        tx.save().await.unwrap();
        rig.hear("47", "07700 900102").await.unwrap();
        assert!(last("47").await.contains("enough codes"));
    }
}
