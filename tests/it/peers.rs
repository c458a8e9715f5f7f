//! Programs that others wrote: Twilio's and Vonage's own SDKs sign what `serve` must accept, and a
//! real mail server takes what staff are told. `tests/run` installs them.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use jiff::civil::date;
use schoolgate::clock::Clock;
use schoolgate::config::Config;
use schoolgate::testing::Rig;
use serde::Deserialize;
use serde_json::json;

use crate::databases;
use crate::http::{Answer, Handler, Server};
use crate::service::{Deployed, client, until};
use crate::twilio::{TOKEN, Twilio, basic};

const SARAH: &str = "+447700900103";

/// A script of `tests/peers`, ready to run; `None` where there is no Python with what it needs.
fn peer(script: &str) -> Option<Command> {
    let Ok(python) = std::env::var("SCHOOLGATE_TEST_PYTHON") else {
        eprintln!("SCHOOLGATE_TEST_PYTHON is not set: {script} is not tried (tests/run does)");
        return None;
    };
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/peers");
    let mut command = Command::new(python);
    command.arg(folder.join(script));
    Some(command)
}

/// A request that Twilio's SDK signed.
#[derive(Deserialize)]
struct Signed {
    body: String,
    signature: String,
}

impl Signed {
    /// What the SDK signs for this address: texts, or receipts.
    fn for_address(mut signer: Command, url: &str, receipts: bool) -> Vec<Self> {
        let output = signer.args([TOKEN, url]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let lines = String::from_utf8(output.stdout).unwrap();
        let all = lines.lines().map(|l| serde_json::from_str(l).unwrap());
        all.filter(|r: &Self| r.body.contains("MessageStatus=") == receipts)
            .collect()
    }

    async fn post(&self, url: &str) -> u16 {
        let request = client()
            .post(url)
            .header("Content-Type", "application/x-www-form-urlencoded")
            .header("X-Twilio-Signature", &self.signature)
            .body(self.body.clone());
        request.send().await.unwrap().status().as_u16()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_twilios_sdk_signed_is_heard_once_and_nothing_else_is_heard() {
    let (Some(signer), Some(again)) = (peer("twilio_signatures.py"), peer("twilio_signatures.py"))
    else {
        return;
    };
    let database = databases::sqlite();
    let twilio = Twilio::start().await;
    let school = Deployed::new(&database.url, &twilio, "");
    let _serving = school.serve().await;
    let hook = format!("{}/hooks/sms", school.url());
    let receipts = format!("{hook}/status?outbox=00000000-0000-0000-0000-000000000000");
    let mut requests: Vec<(String, Signed)> = Vec::new();
    for signed in Signed::for_address(signer, &hook, false) {
        requests.push((hook.clone(), signed));
    }
    for signed in Signed::for_address(again, &receipts, true) {
        requests.push((receipts.clone(), signed));
    }
    assert_eq!(requests.len(), 6);

    for (url, signed) in &requests {
        let more = format!("{}{}more=1", url, if url.contains('?') { '&' } else { '?' });
        assert_eq!(signed.post(&more).await, 403, "another address");
        let other_body = Signed {
            body: signed.body.replacen("SM0", "SM1", 1),
            signature: signed.signature.clone(),
        };
        assert_eq!(
            other_body.post(url).await,
            403,
            "one byte of {}",
            signed.body
        );
        let (first, rest) = signed.signature.split_at(1);
        let first = if first == "A" { "B" } else { "A" };
        let forged = Signed {
            body: signed.body.clone(),
            signature: format!("{first}{rest}"),
        };
        assert_eq!(forged.post(url).await, 403, "one letter of the signature");
    }
    let messages = "SELECT provider_id FROM messages ORDER BY provider_id";
    assert!(school.column(messages).await.is_empty());

    for (url, signed) in &requests {
        assert_eq!(signed.post(url).await, 200, "{}", signed.body);
    }
    let all_sent = async || {
        until("all is read and sent", async || {
            let unread = "SELECT provider_id FROM messages WHERE processed_at IS NULL";
            let unsent = "SELECT status FROM outbox WHERE status IN ('queued', 'sending')";
            school.column(unread).await.is_empty() && school.column(unsent).await.is_empty()
        })
        .await;
    };
    all_sent().await;
    let amina = "+447700900101";
    let replies = twilio.texts_to(amina).len();
    // Several at once share an answer: what came before a question had left belongs to it.
    assert!(replies > 0);

    for (url, signed) in &requests {
        assert_eq!(signed.post(url).await, 200, "repeated");
    }
    // Whatever the repeats had caused would have come before this.
    assert_eq!(school.text("SM07", SARAH, "menu").await, 200);
    until("Sarah is answered", async || {
        !twilio.texts_to(SARAH).is_empty()
    })
    .await;
    all_sent().await;
    let ids = ["SM01", "SM02", "SM03", "SM04", "SM05", "SM07"];
    assert_eq!(school.column(messages).await, ids);
    assert_eq!(twilio.texts_to(amina).len(), replies);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_we_send_is_what_twilio_asks_for() {
    let database = databases::sqlite();
    let twilio = Twilio::start().await;
    let school = Deployed::new(&database.url, &twilio, "");
    let _serving = school.serve().await;
    assert_eq!(school.text("SM1", SARAH, "menu").await, 200);
    until("Sarah is answered", async || {
        let statuses = school.statuses(SARAH).await;
        !statuses.is_empty() && statuses.iter().all(|s| s == "accepted")
    })
    .await;
    let rows = school
        .column("SELECT lower(hex(id)) || ' ' || address || ' ' || body FROM outbox ORDER BY id")
        .await;
    let asked: Vec<String> = twilio
        .texts_to(SARAH)
        .into_iter()
        .map(|text| {
            assert_eq!(text.from, crate::twilio::NUMBER);
            let callback = text.callback.unwrap();
            let start = format!("{}/hooks/sms/status?outbox=", school.url());
            let id = callback.strip_prefix(&start).unwrap().replace('-', "");
            format!("{id} {} {}", text.to, text.body)
        })
        .collect();
    assert_eq!(asked, rows);
    assert!(twilio.logins().iter().all(|login| *login == basic()));
}

/// A request that Vonage's SDK signed.
#[derive(Deserialize)]
struct SignedByVonage {
    kind: String,
    status: bool,
    id: String,
    content: String,
}

impl SignedByVonage {
    async fn call(&self, hook: &str, content: &str) -> u16 {
        // The address of receipts has a query of ours, which the SDK's signature knows nothing of.
        let (url, mark) = if self.status {
            let ours = "00000000000000000000000000000000";
            (format!("{hook}/status?outbox={ours}"), '&')
        } else {
            (hook.to_owned(), '?')
        };
        let request = match self.kind.as_str() {
            "get" => client().get(format!("{url}{mark}{content}")),
            kind => {
                let kind = match kind {
                    "json" => "application/json",
                    _ => "application/x-www-form-urlencoded",
                };
                let post = client().post(url).header("Content-Type", kind);
                post.body(content.to_owned())
            }
        };
        request.send().await.unwrap().status().as_u16()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_vonages_sdk_signed_is_heard_once_and_what_we_send_it_would_send() {
    const METHODS: [&str; 3] = ["sha1", "sha256", "sha512"];
    const SECRET: &str = "not-a-secret-of-anybody";
    let mut signed: Vec<(String, SignedByVonage)> = Vec::new();
    for (at, method) in METHODS.iter().enumerate() {
        let Some(mut signer) = peer("vonage_signatures.py") else {
            return;
        };
        let number = format!("44770090000{at}");
        let output = signer.args([method, SECRET, &number]).output().unwrap();
        assert!(output.status.success(), "{output:?}");
        let lines = String::from_utf8(output.stdout).unwrap();
        let requests = lines.lines().map(|l| serde_json::from_str(l).unwrap());
        signed.extend(requests.map(|request| (format!("vonage-{method}"), request)));
    }
    assert_eq!(signed.len(), 54);

    let sent = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&sent);
    let handler: Handler = Arc::new(move |request| {
        let keep = Arc::clone(&keep);
        Box::pin(async move {
            let mut keep = keep.lock().unwrap();
            keep.push(String::from_utf8(request.body).unwrap());
            let part = json!({"status": "0", "message-id": format!("0C{}", keep.len())});
            Answer::Json(200, json!({"message-count": "1", "messages": [part]}))
        })
    });
    let server = Server::listen(([127, 0, 0, 1], 0).into(), handler).await;
    let channels: String = METHODS
        .iter()
        .enumerate()
        .map(|(at, method)| {
            format!(
                "[[school.channel]]\nid = \"vonage-{method}\"\nkind = \"vonage\"\n\
                 number = \"+44770090000{at}\"\napi_key = \"abcd1234\"\n\
                 api_secret_file = \"secret\"\nsignature_secret_file = \"secret\"\n\
                 signature_method = \"{method}\"\napi_base = \"http://{}\"\n",
                server.address
            )
        })
        .collect();
    let database = databases::sqlite();
    let files = [("secret", SECRET)];
    let school = Deployed::with_channels(&database.url, &channels, &files);
    let _serving = school.serve().await;
    let hook = |endpoint: &str| format!("{}/hooks/{endpoint}", school.url());

    for (endpoint, request) in &signed {
        let other = request.content.replacen(&request.id, "another", 1);
        assert_eq!(
            request.call(&hook(endpoint), &other).await,
            403,
            "{}",
            request.id
        );
        let elsewhere = METHODS.iter().find(|m| !endpoint.ends_with(*m)).unwrap();
        let elsewhere = hook(&format!("vonage-{elsewhere}"));
        let refused = request.call(&elsewhere, &request.content).await;
        assert_eq!(refused, 403, "{} by another method", request.id);
    }
    let messages = "SELECT provider_id FROM messages ORDER BY provider_id";
    assert!(school.column(messages).await.is_empty());
    for time in ["first", "again"] {
        for (endpoint, request) in &signed {
            let heard = request.call(&hook(endpoint), &request.content).await;
            assert_eq!(heard, 200, "{} {time}", request.id);
        }
    }
    let texts = signed.iter().filter(|(_, request)| !request.status);
    let mut ids: Vec<&str> = texts.map(|(_, request)| request.id.as_str()).collect();
    ids.sort_unstable();
    assert_eq!(school.column(messages).await, ids);

    until("all is read and sent", async || {
        let unread = "SELECT provider_id FROM messages WHERE processed_at IS NULL";
        let unsent = "SELECT status FROM outbox WHERE status IN ('queued', 'sending')";
        school.column(unread).await.is_empty() && school.column(unsent).await.is_empty()
    })
    .await;
    let forms = sent.lock().unwrap().join("\n");
    assert!(!forms.is_empty());
    let Some(mut checker) = peer("vonage_signatures.py") else {
        return;
    };
    let mut checker = checker
        .arg("--check")
        .stdin(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = checker.stdin.take().unwrap();
    input.write_all(forms.as_bytes()).unwrap();
    drop(input);
    assert!(checker.wait().unwrap().success(), "{forms}");
}

/// A message that the mail server took.
#[derive(Debug, Clone, Deserialize)]
struct Mail {
    from: String,
    to: Vec<String>,
    message_id: String,
    subject: String,
    text: String,
}

/// A mail server that wants STARTTLS and a login; ended when dropped.
struct MailServer {
    child: Child,
    port: u16,
    root: PathBuf,
    taken: Arc<Mutex<Vec<Mail>>>,
}

#[derive(Deserialize)]
struct Ready {
    port: u16,
    root: PathBuf,
}

impl MailServer {
    fn start(user: &str, password: &str) -> Option<Self> {
        let mut child = peer("smtp_server.py")?
            .args([user, password])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let ready: Ready = serde_json::from_str(&lines.next().unwrap().unwrap()).unwrap();
        let taken = Arc::new(Mutex::new(Vec::new()));
        let keep = Arc::clone(&taken);
        std::thread::spawn(move || {
            for line in lines.map_while(Result::ok) {
                keep.lock()
                    .unwrap()
                    .push(serde_json::from_str(&line).unwrap());
            }
        });
        Some(Self {
            child,
            port: ready.port,
            root: ready.root,
            taken,
        })
    }

    fn taken(&self) -> Vec<Mail> {
        self.taken.lock().unwrap().clone()
    }
}

impl Drop for MailServer {
    fn drop(&mut self) {
        // With its input at an end it tidies up and ends by itself.
        drop(self.child.stdin.take());
        _ = self.child.wait();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_senco_reads_the_words_by_email_and_everybody_else_a_link() -> anyhow::Result<()> {
    let Some(server) = MailServer::start("texts", "reeds and rushes") else {
        return Ok(());
    };
    let database = databases::sqlite();
    let email = format!(
        "[[school.channel]]\nid = \"handset\"\nkind = \"handset\"\nnumber = \"+447700900000\"\n\
         [email]\nhost = \"localhost\"\nport = {}\nusername = \"texts\"\npassword_file = \"password\"\n\
         certificate = '{}'\nfrom = \"Kingfisher texts <texts@kingfisher.example>\"\n",
        server.port,
        server.root.display()
    );
    let files = [("password", "reeds and rushes\n")];
    let school = Deployed::with_channels(&database.url, &email, &files);
    let config = Config::load(&school.file())?;
    let zone = config.schools[0].calendar.zone.clone();
    let tuesday = date(2026, 12, 1);
    let clock = Clock::set(tuesday.at(10, 0, 0, 0).to_zoned(zone)?.timestamp());
    let rig = Rig::with(config, &database.url, clock).await?;

    let concern = "im worried about leo, he wont eat and hides his dinner";
    rig.hear(SARAH, concern).await?;
    let complaint = "i want to make a complaint, nobody ever rings me back";
    rig.hear("+447700900108", complaint).await?;
    let sealed = "he hit me and i am scared for ayaan";
    rig.hear("+447700900106", sealed).await?;
    rig.at(tuesday.at(16, 0, 0, 0)).await?;

    let tx = &mut rig.d.store.read().await?;
    let left = tx.ladder().await?;
    assert!(
        left.iter()
            .all(|(status, _)| !matches!(status.as_str(), "failed" | "uncertain" | "sending")),
        "{left:?}"
    );
    until("the mail is taken", async || server.taken().len() > 3).await;
    let mails = server.taken();
    let to = |name: &str| -> Vec<&Mail> {
        let address = format!("{name}@kingfisher.example");
        mails.iter().filter(|m| m.to == [address.clone()]).collect()
    };
    assert!(
        to("cole").iter().any(|m| m.text.contains(concern)),
        "the SENCO reads the words"
    );
    for name in ["okafor", "wright", "adeyemi", "grant"] {
        assert!(!to(name).is_empty(), "{name} is told");
    }
    for mail in &mails {
        assert_eq!(mail.from, "texts@kingfisher.example");
        assert!(
            mail.message_id.ends_with("@kingfisher.example>"),
            "{mail:?}"
        );
        assert!(mail.text.contains(&school.url()), "a link: {mail:?}");
        if mail.to != ["cole@kingfisher.example"] {
            assert!(!mail.text.contains("dinner"), "{mail:?}");
        }
        for words in ["rings me", "hit me", "yaan", "Leo"] {
            assert!(!mail.text.contains(words), "{mail:?}");
            assert!(!mail.subject.contains(words), "{mail:?}");
        }
    }
    Ok(())
}
