//! Twilio as far as schoolgate knows it: it takes texts, lists them, and signs what it calls with.
//! It can be told to take one and say nothing, to be busy, or to refuse.

use std::collections::{HashMap, VecDeque};
use std::net::SocketAddr;
use std::sync::{Arc, Mutex, MutexGuard};
use std::time::Duration;

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::{SignedDuration, Timestamp};
use schoolgate::channel::form::{Form, parse_form};
use schoolgate::clock::Clock;
use serde_json::{Value, json};
use sha1::Sha1;

use crate::http::{Answer, Handler, Request, Server};

/// The account.
pub const ACCOUNT: &str = "AC00000000000000000000000000000000";
/// Its token.
pub const TOKEN: &str = "not-a-token-of-anybody";
/// The school's number.
pub const NUMBER: &str = "+447700900000";

/// What Twilio does with one text.
#[derive(Clone, Copy)]
pub enum Then {
    /// Takes it, and answers only after so long.
    TakeSlowly(Duration),
    /// Takes it and closes the connection.
    TakeInSilence,
    /// Closes the connection without having taken it.
    LoseIt,
    /// Says 503.
    Busy,
    /// Says 21610, from then on: this person has stopped us.
    Stopped,
    /// Says 21211: there is no such number.
    NoSuchNumber,
    /// Says 429.
    TooMany,
    /// Says 503, and after how many seconds to come back.
    ComeBackIn(u64),
    /// Says 200 and something that is no answer of Twilio's, without having taken it.
    Garbage,
    /// Takes it and breaks off in the middle of the answer.
    HalfAnswer,
}

/// A text that Twilio has, either way.
#[derive(Clone)]
pub struct Text {
    /// Its id.
    pub sid: String,
    /// Whom it goes to.
    pub to: String,
    /// Whom it is from.
    pub from: String,
    /// Its words.
    pub body: String,
    /// Who is told what became of it.
    pub callback: Option<String>,
    inbound: bool,
    at: Timestamp,
}

/// What it does where nothing else is said: a function of how often it was asked.
type Fate = Box<dyn Fn(usize) -> Option<Then> + Send>;

#[derive(Default)]
struct State {
    texts: Vec<Text>,
    /// Every request to send, taken or not: whom to, and the login it came with.
    asked: Vec<(String, String)>,
    script: HashMap<String, VecDeque<Then>>,
    listed: usize,
    /// Photos, by their path.
    files: HashMap<String, Vec<u8>>,
    /// Of texts, and whether a list is given.
    fate: Option<Fate>,
    /// What it dates texts by, where that is not the real time.
    clock: Option<Clock>,
    /// How long each text takes, half before it is written down and half after.
    pace: Duration,
}

/// A Twilio of one test's own.
#[derive(Clone)]
pub struct Twilio {
    state: Arc<Mutex<State>>,
    /// The address of its API.
    pub address: SocketAddr,
    server: Arc<Mutex<Option<Server>>>,
}

impl Twilio {
    /// One that works.
    pub async fn start() -> Self {
        let twilio = Self::unreachable().await;
        twilio.connect().await;
        twilio
    }

    /// One at whose address nobody listens yet.
    pub async fn unreachable() -> Self {
        let port = crate::service::free_port();
        Self {
            state: Arc::default(),
            address: SocketAddr::from(([127, 0, 0, 1], port)),
            server: Arc::default(),
        }
    }

    /// From now on it can be reached.
    pub async fn connect(&self) {
        let state = Arc::clone(&self.state);
        let handler: Handler = Arc::new(move |request| {
            let state = Arc::clone(&state);
            Box::pin(async move { answer(&state, request).await })
        });
        let server = Server::listen(self.address, handler).await;
        *self.server.lock().unwrap() = Some(server);
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap()
    }

    /// What it does with the next texts to this person, one after the other; then it takes them.
    pub fn does(&self, to: &str, then: &[Then]) {
        self.state()
            .script
            .insert(to.to_owned(), then.iter().copied().collect());
    }

    /// What it does with texts and lists is left to chance, from now on; the clock dates them.
    pub fn by_chance(&self, clock: &Clock, fate: impl Fn(usize) -> Option<Then> + Send + 'static) {
        let mut state = self.state();
        state.fate = Some(Box::new(fate));
        state.clock = Some(clock.clone());
    }

    /// All texts it has taken, oldest first.
    pub fn texts(&self) -> Vec<Text> {
        let state = self.state();
        state.texts.iter().filter(|t| !t.inbound).cloned().collect()
    }

    /// It keeps a photo.
    pub fn keeps(&self, path: &str, content: &[u8]) {
        self.state().files.insert(path.to_owned(), content.to_vec());
    }

    /// Each text takes so long.
    pub fn takes(&self, pace: Duration) {
        self.state().pace = pace;
    }

    /// The texts it has taken for this person, oldest first.
    pub fn texts_to(&self, to: &str) -> Vec<Text> {
        let state = self.state();
        let ours = state.texts.iter().filter(|t| !t.inbound && t.to == to);
        ours.cloned().collect()
    }

    /// How often it was asked to text this person.
    pub fn times_asked(&self, to: &str) -> usize {
        self.state().asked.iter().filter(|(t, _)| t == to).count()
    }

    /// How often it was asked to send anything to anybody.
    pub fn asked(&self) -> usize {
        self.state().asked.len()
    }

    /// How often it was asked for its list.
    pub fn times_listed(&self) -> usize {
        self.state().listed
    }

    /// The logins of all requests to send.
    pub fn logins(&self) -> Vec<String> {
        let state = self.state();
        state.asked.iter().map(|(_, login)| login.clone()).collect()
    }

    /// Somebody texted the school so long ago, and Twilio has kept it to itself.
    pub fn received(&self, sid: &str, from: &str, body: &str, ago: SignedDuration) {
        self.received_at(NUMBER, sid, from, body, ago);
    }

    /// The same at one of its addresses: the number, or the number on WhatsApp.
    pub fn received_at(&self, to: &str, sid: &str, from: &str, body: &str, ago: SignedDuration) {
        let mut state = self.state();
        let at = state.now() - ago;
        state.texts.push(Text {
            sid: sid.to_owned(),
            to: to.to_owned(),
            from: from.to_owned(),
            body: body.to_owned(),
            callback: None,
            inbound: true,
            at,
        });
    }
}

impl State {
    /// What Twilio does is dated by the real clock, if the service under test runs on it.
    fn now(&self) -> Timestamp {
        self.clock.clone().unwrap_or_else(Clock::real).now()
    }
}

async fn answer(state: &Mutex<State>, request: Request) -> Answer {
    let messages = format!("/2010-04-01/Accounts/{ACCOUNT}/Messages.json");
    let login = request.headers.get("authorization").cloned();
    if login != Some(basic()) {
        return Answer::Json(401, json!({"code": 20003}));
    }
    match (request.method.as_str(), request.path == messages) {
        ("GET", true) => list(state, &parse_form(request.query.as_bytes())),
        ("POST", true) => {
            let form = parse_form(&request.body);
            take(state, &form, login.unwrap_or_default()).await
        }
        _ => match state.lock().unwrap().files.get(&request.path) {
            Some(file) => Answer::Bytes(file.clone()),
            None => Answer::Json(404, json!({"code": 20404})),
        },
    }
}

async fn take(state: &Mutex<State>, form: &Form, login: String) -> Answer {
    let field = |name: &str| form.text(name).map(str::to_owned);
    // The contract: whom to, whom from, and something to say.
    let (Some(to), Some(from), Some(body)) = (field("To"), field("From"), field("Body")) else {
        return Answer::Json(400, json!({"code": 21602}));
    };
    let (then, pace) = {
        let mut state = state.lock().unwrap();
        state.asked.push((to.clone(), login));
        let script = state.script.get_mut(&to);
        let then = script.and_then(|script| match script.front() {
            Some(Then::Stopped) => Some(Then::Stopped),
            _ => script.pop_front(),
        });
        let asked = state.asked.len();
        let fate = state.fate.as_ref();
        (
            then.or_else(|| fate.and_then(|fate| fate(asked))),
            state.pace,
        )
    };
    match then {
        Some(Then::LoseIt) => return Answer::Close,
        Some(Then::Busy) => return Answer::Json(503, json!({"code": 20503})),
        Some(Then::Stopped) => return Answer::Json(400, json!({"code": 21610})),
        Some(Then::NoSuchNumber) => return Answer::Json(400, json!({"code": 21211})),
        Some(Then::TooMany) => return Answer::Json(429, json!({"code": 20429})),
        Some(Then::ComeBackIn(seconds)) => return Answer::Later(503, seconds),
        Some(Then::Garbage) => return Answer::Garbage(200),
        Some(Then::TakeSlowly(_) | Then::TakeInSilence | Then::HalfAnswer) | None => {}
    }
    tokio::time::sleep(pace / 2).await;
    let text = {
        let mut state = state.lock().unwrap();
        let text = Text {
            sid: format!("SM{:032x}", state.texts.len() + 0xa000),
            to,
            from,
            body,
            callback: field("StatusCallback"),
            inbound: false,
            at: state.now(),
        };
        state.texts.push(text.clone());
        text
    };
    match then {
        Some(Then::TakeInSilence) => return Answer::Close,
        Some(Then::HalfAnswer) => return Answer::Half(201, resource(&text)),
        Some(Then::TakeSlowly(wait)) => tokio::time::sleep(wait).await,
        _ => tokio::time::sleep(pace / 2).await,
    }
    Answer::Json(201, resource(&text))
}

fn list(state: &Mutex<State>, query: &Form) -> Answer {
    let is = |name: &str, value: &str| query.text(name).is_none_or(|wanted| wanted == value);
    let mut state = state.lock().unwrap();
    state.listed += 1;
    match state.fate.as_ref().and_then(|fate| fate(state.listed)) {
        Some(Then::LoseIt | Then::TakeInSilence | Then::HalfAnswer) => return Answer::Close,
        Some(Then::Busy | Then::TooMany) => return Answer::Json(503, json!({"code": 20503})),
        _ => {}
    }
    let newest_first = state.texts.iter().rev();
    let messages: Vec<Value> = newest_first
        .filter(|t| is("To", &t.to) && is("From", &t.from))
        .map(resource)
        .collect();
    Answer::Json(200, json!({"messages": messages, "next_page_uri": null}))
}

fn resource(text: &Text) -> Value {
    let at = text.at.strftime("%a, %d %b %Y %H:%M:%S +0000").to_string();
    let (direction, status) = if text.inbound {
        ("inbound", "received")
    } else {
        ("outbound-api", "queued")
    };
    json!({
        "sid": text.sid, "to": text.to, "from": text.from, "body": text.body,
        "direction": direction, "status": status, "num_media": "0",
        "date_created": at, "date_sent": at, "messaging_service_sid": null,
    })
}

/// The login of the account (RFC 7617).
pub fn basic() -> String {
    format!("Basic {}", base64(format!("{ACCOUNT}:{TOKEN}").as_bytes()))
}

/// Twilio's signature of a form posted to `url`, by the description in its documentation: the
/// address, then each name and value by name, HMAC-SHA1, base64.
pub fn signature(url: &str, fields: &[(&str, &str)]) -> String {
    let mut sorted = fields.to_vec();
    sorted.sort_unstable();
    let mut mac = Hmac::<Sha1>::new_from_slice(TOKEN.as_bytes()).unwrap();
    mac.update(url.as_bytes());
    for (name, value) in sorted {
        mac.update(name.as_bytes());
        mac.update(value.as_bytes());
    }
    base64(&mac.finalize().into_bytes())
}

/// RFC 4648.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for three in bytes.chunks(3) {
        let mut bits = 0;
        for place in 0..3 {
            bits = bits << 8 | usize::from(three.get(place).copied().unwrap_or(0));
        }
        for place in 0..4 {
            let letter = LETTERS[bits >> (18 - 6 * place) & 63];
            text.push(if place <= three.len() {
                char::from(letter)
            } else {
                '='
            });
        }
    }
    text
}
