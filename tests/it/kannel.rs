//! Kannel itself, with the operator it ships for tests: what parents text goes through bearerbox
//! and smsbox to `serve`, and what it answers goes back. `tests/run` installs it.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use schoolgate::channel::form::parse_form;
use schoolgate::channel::kannel::{Kannel, Settings};

use crate::databases;
use crate::service::{Deployed, client, free_port, until};

const NUMBER: &str = "+447700900000";
const AMINA: &str = "+447700900101";
const PIOTR: &str = "+447700900102";
const USER: &str = "kingfisher";
const PASSWORD: &str = "reeds & rushes";
/// With letters that an address escapes, and escapes (`%C3`, `%AC`) that Kannel would fill in.
const SECRET: &str = "ó€&=+/% in the reeds";

/// A program of Kannel's, wherever Debian puts it.
fn program(name: &str) -> PathBuf {
    let places = [
        "/usr/sbin",
        "/usr/bin",
        "/usr/local/sbin",
        "/usr/lib/kannel/test",
    ];
    let mut paths = places.iter().map(|place| Path::new(place).join(name));
    paths.find(|path| path.is_file()).unwrap_or_else(|| {
        panic!(
            "Kannel's program {name} is not here: install Debian's packages kannel and \
             kannel-extras, as tests/run does"
        )
    })
}

/// One Kannel with its fake operator; ended when dropped.
struct Gateway {
    folder: tempfile::TempDir,
    boxes: Vec<Child>,
    phones: Option<Child>,
    admin: u16,
    operator: u16,
    sendsms: u16,
}

impl Gateway {
    /// One that is not started yet: its ports are known.
    fn new() -> Self {
        Self {
            folder: tempfile::tempdir().unwrap(),
            boxes: Vec::new(),
            phones: None,
            admin: free_port(),
            operator: free_port(),
            sendsms: free_port(),
        }
    }

    /// The demo school with this as its only channel.
    fn school(&self, database: &str) -> Deployed {
        let channel = format!(
            "[[school.channel]]\nid = \"sms\"\nkind = \"kannel\"\nnumber = \"{NUMBER}\"\n\
             sendsms_url = \"{}\"\nusername = \"{USER}\"\npassword_file = \"password\"\n\
             secret_file = \"secret\"\n",
            self.sendsms()
        );
        let files = [("password", PASSWORD), ("secret", SECRET)];
        Deployed::with_channels(database, &channel, &files)
    }

    fn sendsms(&self) -> String {
        format!("http://127.0.0.1:{}/cgi-bin/sendsms", self.sendsms)
    }

    /// Starts bearerbox and smsbox, which call this school. `recode`: whether Kannel makes UTF-8 of
    /// UTF-16, or leaves that to us.
    async fn start(&mut self, school: &Deployed, recode: bool) {
        let mut url = reqwest::Url::parse(&format!("{}/hooks/sms", school.url())).unwrap();
        url.query_pairs_mut().append_pair("secret", SECRET);
        // What docs/channels/kannel.md says, but for a secret that needs escapes.
        let get_url = format!(
            "{}&from=%p&to=%P&id=%I&charset=%C&time=%T&text=%b",
            url.as_str().replace('%', "%%")
        );
        let (admin, boxes, operator, sendsms) =
            (self.admin, free_port(), self.operator, self.sendsms);
        let folder = self.folder.path().display();
        let config = format!(
            "group = core\nadmin-port = {admin}\nadmin-interface = 127.0.0.1\n\
             admin-password = \"admin\"\nstatus-password = \"status\"\nsmsbox-port = {boxes}\n\
             smsbox-interface = 127.0.0.1\nbox-allow-ip = \"127.0.0.1\"\nstore-type = file\n\
             store-location = \"{folder}/store\"\ndlr-storage = internal\n\n\
             group = smsc\nsmsc = fake\nsmsc-id = fake\nport = {operator}\n\
             connect-allow-ip = \"127.0.0.1\"\n\n\
             group = smsbox\nbearerbox-host = 127.0.0.1\nsendsms-port = {sendsms}\n\
             sendsms-interface = 127.0.0.1\nmo-recode = {recode}\n\
             http-request-retry = 1000\nhttp-queue-delay = 1\n\n\
             group = sendsms-user\nusername = \"{USER}\"\npassword = \"{PASSWORD}\"\n\
             concatenation = true\nmax-messages = 10\n\n\
             group = sms-service\nkeyword = default\ncatch-all = yes\nmax-messages = 0\n\
             get-url = \"{get_url}\"\n"
        );
        std::fs::write(self.folder.path().join("kannel.conf"), config).unwrap();
        self.run("bearerbox");
        until("bearerbox waits for its operator", async || {
            self.status().await.contains("(connecting")
        })
        .await;
        self.run("smsbox");
        until("smsbox is connected", async || {
            self.status().await.contains("smsbox:")
        })
        .await;
        until("smsbox takes texts", async || {
            client().get(self.sendsms()).send().await.is_ok()
        })
        .await;
    }

    fn run(&mut self, name: &str) {
        let log = self.log(name);
        let child = Command::new(program(name))
            .args(["-v", "1", "kannel.conf"])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.boxes.push(child);
    }

    fn log(&self, name: &str) -> std::fs::File {
        let path = self.folder.path().join(format!("{name}.log"));
        let mut options = std::fs::OpenOptions::new();
        options.create(true).append(true).open(path).unwrap()
    }

    /// What bearerbox says of its connections; nothing while it does not answer.
    async fn status(&self) -> String {
        let url = format!("http://127.0.0.1:{}/status.txt?password=status", self.admin);
        match client().get(url).send().await {
            Ok(answer) => answer.text().await.unwrap_or_default(),
            Err(_) => String::new(),
        }
    }

    /// Somebody's phone sends a text; `kind` is `text`, or `ucs2` for letters beyond GSM's. From
    /// then on all phones are on, until the next text.
    async fn text(&mut self, from: &str, kind: &str, words: &str) {
        self.switch_off();
        // The operator takes one connection at a time.
        until("the operator waits for phones", async || {
            self.status().await.contains("connecting,")
        })
        .await;
        let words = match kind {
            "ucs2" => {
                let bytes = words.encode_utf16().flat_map(u16::to_be_bytes);
                bytes.map(|byte| format!("%{byte:02x}")).collect()
            }
            _ => words.to_owned(),
        };
        let port = self.operator.to_string();
        let message = format!("{from} {NUMBER} {kind} {words}");
        let log = self.log("phones");
        let phones = Command::new(program("fakesmsc"))
            .args([
                "-H",
                "127.0.0.1",
                "-r",
                &port,
                "-i",
                "0.01",
                "-m",
                "1",
                &message,
            ])
            .current_dir(self.folder.path())
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        self.phones = Some(phones);
        until("the operator has phones", async || {
            self.status().await.contains("(online")
        })
        .await;
    }

    fn switch_off(&mut self) {
        if let Some(mut phones) = self.phones.take() {
            phones.kill().unwrap();
            phones.wait().unwrap();
        }
    }

    /// The texts that have reached somebody's phone, oldest first.
    fn texts_to(&self, to: &str) -> Vec<String> {
        let log = std::fs::read(self.folder.path().join("phones.log")).unwrap_or_default();
        let log = String::from_utf8_lossy(&log);
        let texts = received(&log).into_iter();
        texts
            .filter(|(t, _)| t == to)
            .map(|(_, body)| body)
            .collect()
    }
}

impl Drop for Gateway {
    fn drop(&mut self) {
        for child in self.phones.iter_mut().chain(self.boxes.iter_mut().rev()) {
            // It may have ended already.
            _ = child.kill();
            _ = child.wait();
        }
        if std::thread::panicking() {
            for name in ["bearerbox", "smsbox", "phones"] {
                let path = self.folder.path().join(format!("{name}.log"));
                let log = std::fs::read_to_string(path).unwrap_or_default();
                eprintln!("the log of {name}:\n{log}");
            }
        }
    }
}

/// Whom texts went to and their words, from what fakesmsc prints: `Got message 3: <from to kind
/// words>`. It writes line by line, so a text of two lines is two messages to it; a long text comes
/// in parts, each with what GSM 03.40 9.2.3.24 puts before it.
fn received(log: &str) -> Vec<(String, String)> {
    let mut texts: Vec<(String, String)> = Vec::new();
    let mut parts: BTreeMap<(String, u8), Vec<u8>> = BTreeMap::new();
    for line in log.lines() {
        let Some((_, message)) = line.split_once("Got message ") else {
            continue;
        };
        let (_, message) = message.split_once(": <").unwrap();
        let message = message.strip_suffix('>').unwrap();
        let Some(message) = message.strip_prefix(&format!("{NUMBER} ")) else {
            let (_, last) = texts.last_mut().unwrap();
            last.push('\n');
            last.push_str(message);
            continue;
        };
        let (to, message) = message.split_once(' ').unwrap();
        let (kind, words) = message.split_once(' ').unwrap();
        let bytes = |text: &str| parse_form(format!("x={text}").as_bytes()).0.remove(0).1;
        let body = match kind {
            "text" => words.to_owned(),
            "ucs-2" => utf16(&bytes(words)),
            "udh" => {
                let (header, words) = words.split_once(" data ").unwrap();
                let [5, 0, 3, reference, of, part] = bytes(header)[..] else {
                    panic!("{line}");
                };
                let whole = parts.entry((to.to_owned(), reference)).or_default();
                whole.extend(bytes(words));
                if part < of {
                    continue;
                }
                // Text has no NUL, and UTF-16 of Latin letters has.
                match whole.contains(&0) {
                    true => utf16(whole),
                    false => String::from_utf8(whole.clone()).unwrap(),
                }
            }
            _ => panic!("{line}"),
        };
        texts.push((to.to_owned(), body));
    }
    texts
}

fn utf16(bytes: &[u8]) -> String {
    let units: Vec<u16> = bytes
        .chunks(2)
        .map(|unit| u16::from_be_bytes([unit[0], unit[1]]))
        .collect();
    String::from_utf16(&units).unwrap()
}

/// What was written to somebody has all arrived, and nothing else: Kannel texts nobody our answers
/// to its calls. The words, oldest first.
async fn arrived(school: &Deployed, gateway: &Gateway, to: &str, at_least: usize) -> Vec<String> {
    until(
        &format!("{at_least} texts to {to} are delivered"),
        async || {
            let unread = "SELECT provider_id FROM messages WHERE processed_at IS NULL";
            let statuses = school.statuses(to).await;
            statuses.len() >= at_least
                && statuses.iter().all(|status| status == "delivered")
                && school.column(unread).await.is_empty()
                && gateway.texts_to(to).len() >= statuses.len()
        },
    )
    .await;
    let written = format!("SELECT body FROM outbox WHERE address = '{to}' ORDER BY created_at, id");
    let written = school.column(&written).await;
    assert_eq!(gateway.texts_to(to), written, "to {to}");
    written
}

/// A worry from its first words to its end: what is asked is answered by `1`, "by phone".
async fn worry(school: &Deployed, gateway: &mut Gateway, from: &str, kind: &str, words: &str) {
    let to = if from.ends_with('1') { AMINA } else { PIOTR };
    gateway.text(from, kind, words).await;
    let replies = arrived(school, gateway, to, 2).await;
    let [receipt, question] = &replies[..] else {
        panic!("a receipt and a question: {replies:?}");
    };
    assert!(receipt.contains("C-10"), "{receipt}");
    assert!(question.contains("1 "), "{question}");
    assert_eq!(
        school.entries(words).await,
        1,
        "in the record, as it was written"
    );

    gateway.text(from, "text", "1").await;
    let replies = arrived(school, gateway, to, 3).await;
    assert_eq!(replies.len(), 3, "{replies:?}");
    assert!(replies[2].contains("C-10"), "{replies:?}");
    let wish = format!("SELECT wish FROM cases WHERE address = '{to}'");
    assert_eq!(school.column(&wish).await, ["call"]);
    let errors = format!("SELECT error FROM outbox WHERE address = '{to}' AND error IS NOT NULL");
    assert!(school.column(&errors).await.is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn worries_go_through_kannel_to_their_end_and_their_answers_are_delivered() {
    for recode in [true, false] {
        let database = databases::sqlite();
        let mut gateway = Gateway::new();
        let school = gateway.school(&database.url);
        let _serving = school.serve().await;
        gateway.start(&school, recode).await;

        // A modem names its caller as people dial.
        let words = "im worried about sam, not sleeping & costs £5 + [more]";
        worry(&school, &mut gateway, "07700900101", "text", words).await;
        // SMPP writes no plus; letters beyond GSM's come as UTF-16, and an answer goes out so.
        let words = "martwię się o Zosię, nie śpi, płacze rano \u{2020} 😀";
        worry(&school, &mut gateway, "447700900102", "ucs2", words).await;
        let polish = gateway.texts_to(PIOTR).concat();
        assert!(polish.contains('ę') || polish.contains('ż'), "{polish}");

        let ids = school.column("SELECT provider_id FROM messages").await;
        assert_eq!(ids.len(), 4);
        assert!(
            ids.iter().all(|id| uuid::Uuid::parse_str(id).is_ok()),
            "{ids:?}"
        );
        for secret in ["", "x", "%C3%B3"] {
            let url = format!(
                "{}/hooks/sms?secret={secret}&from=07700900101&id=x&time=1&text=x",
                school.url()
            );
            let answer = client().get(url).send().await.unwrap();
            assert_eq!(answer.status(), 403, "{secret}");
        }
        let whole = school.run(&["verify"]).unwrap();
        assert!(whole.contains("every chain whole"), "{whole}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_texted_while_nobody_listens_is_heard_once() {
    let database = databases::sqlite();
    let mut gateway = Gateway::new();
    let school = gateway.school(&database.url);
    school.serve().await.kill();
    gateway.start(&school, true).await;
    let words = "im worried about sam, not eating";
    gateway.text(AMINA, "text", words).await;
    let tried = gateway.folder.path().join("smsbox.log");
    until("Kannel has called in vain", async || {
        let log = std::fs::read_to_string(&tried).unwrap_or_default();
        log.contains("Couldn't fetch")
    })
    .await;

    let _serving = school.serve().await;
    let replies = arrived(&school, &gateway, AMINA, 2).await;
    assert_eq!(replies.len(), 2);
    let ids = school.column("SELECT provider_id FROM messages").await;
    let mut url = reqwest::Url::parse(&format!("{}/hooks/sms", school.url())).unwrap();
    let fields = [
        ("secret", SECRET),
        ("from", AMINA),
        ("id", &ids[0]),
        ("text", words),
    ];
    url.query_pairs_mut().extend_pairs(fields);
    let again = client().get(url).send().await.unwrap();
    assert_eq!(again.status(), 200, "a repeat");
    assert_eq!(school.column("SELECT provider_id FROM messages").await, ids);
    assert_eq!(school.entries(words).await, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn doctor_asks_a_real_smsbox_and_sends_nothing() {
    let database = databases::sqlite();
    let mut gateway = Gateway::new();
    let school = gateway.school(&database.url);
    let kannel = |sendsms: String, password: &str| {
        let settings = Settings {
            sendsms,
            number: NUMBER.to_owned(),
            username: USER.to_owned(),
            password: password.to_owned().into(),
            secret: SECRET.to_owned().into(),
            smsc: None,
            callback: None,
        };
        Kannel::new(&settings).unwrap()
    };
    let sendsms = gateway.sendsms();
    let off = kannel(sendsms.clone(), PASSWORD).probe().await.unwrap_err();
    assert!(off.contains("no connection to Kannel"), "{off}");

    gateway.start(&school, true).await;
    let said = kannel(sendsms.clone(), PASSWORD).probe().await.unwrap();
    assert!(said.contains("knows this user"), "{said}");
    let wrong = kannel(sendsms.clone(), "x").probe().await.unwrap_err();
    assert!(wrong.contains("refuses the user name"), "{wrong}");
    let elsewhere = sendsms.replace("sendsms", "sendmms");
    let wrong = kannel(elsewhere, PASSWORD).probe().await.unwrap_err();
    assert!(wrong.contains("/cgi-bin/sendsms"), "{wrong}");
    assert!(
        gateway.status().await.contains("sent: sms 0"),
        "nothing is sent"
    );
}
