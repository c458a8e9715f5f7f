//! `schoolgate serve` as a process of its own, with the demo school and a Twilio that is made up.

use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::{Duration, Instant};

use jiff::civil::date;
use schoolgate::channel::http;
use schoolgate::clock::Clock;
use schoolgate::config::Config;
use sqlx::{Connection as _, PgConnection, SqliteConnection};

use crate::twilio::{self, ACCOUNT, NUMBER, TOKEN, Twilio};

/// How long anything may take before a test gives up on it.
const PATIENCE: Duration = Duration::from_secs(60);

/// A port that nobody listens on: below those the system gives to connections that go out, which
/// would take it between here and the service's start.
pub fn free_port() -> u16 {
    static NEXT: AtomicU16 = AtomicU16::new(0);
    let first = 12_000 + u16::try_from(std::process::id() % 10_000).unwrap();
    loop {
        let port = first + NEXT.fetch_add(1, Ordering::Relaxed);
        if TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// Looks until `found` finds something.
pub async fn eventually<T>(what: &str, mut found: impl AsyncFnMut() -> Option<T>) -> T {
    let start = Instant::now();
    loop {
        if let Some(found) = found().await {
            return found;
        }
        assert!(start.elapsed() < PATIENCE, "never happened: {what}");
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
}

/// Waits until `holds` does.
pub async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    eventually(what, async || holds().await.then_some(())).await;
}

/// What one school is told, in a folder of its own.
pub struct Deployed {
    /// The database's address.
    pub database: String,
    folder: tempfile::TempDir,
    port: u16,
}

impl Deployed {
    /// The demo school on `database`, with the channel `sms` at `twilio`. `more` are lines for that
    /// channel, and further tables after it.
    pub fn new(database: &str, twilio: &Twilio, more: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let port = free_port();
        let channel = format!(
            "[[school.channel]]\nid = \"sms\"\nkind = \"twilio\"\nnumber = \"{NUMBER}\"\n\
             account_sid = \"{ACCOUNT}\"\nauth_token_file = \"token\"\nopt_out = \"ours\"\n\
             api_base = \"http://{}\"\n{more}\n",
            twilio.address
        );
        std::fs::write(folder.path().join("token"), TOKEN).unwrap();
        let deployed = Self {
            database: database.to_owned(),
            folder,
            port,
        };
        deployed.write(&channel);
        deployed
    }

    /// The demo school with channels of one's own, and files beside the configuration.
    pub fn with_channels(database: &str, channels: &str, files: &[(&str, &str)]) -> Self {
        let deployed = Self {
            database: database.to_owned(),
            folder: tempfile::tempdir().unwrap(),
            port: free_port(),
        };
        for (name, text) in files {
            std::fs::write(deployed.folder.path().join(name), text).unwrap();
        }
        deployed.write(channels);
        deployed
    }

    /// The demo's own school in its terms, but for its channels: those and what follows are given.
    fn write(&self, channels: &str) {
        let manifest = Path::new(env!("CARGO_MANIFEST_DIR"));
        let people = manifest.join("demo/kingfisher.toml");
        let demo = std::fs::read_to_string(manifest.join("demo/schoolgate.toml")).unwrap();
        let school = &demo[demo.find("[[school]]").unwrap()..];
        let school = &school[..school.find("[[school.channel]]").unwrap()];
        assert!(school.contains("\"kingfisher.toml\""));
        let school = school.replace("\"kingfisher.toml\"", &format!("'{}'", people.display()));
        let board = manifest.join("demo/noticeboard.toml");
        let school = school.replace("\"noticeboard.toml\"", &format!("'{}'", board.display()));
        let text = format!(
            "database = \"{}\"\nlisten = \"127.0.0.1:{port}\"\npublic_url = \"{}\"\n\
             [timing]\nreconcile_after = \"400ms\"\nsend_timeout = \"1500ms\"\nlease = \"3100ms\"\n\
             catch_up_every = \"500ms\"\n{school}{channels}",
            self.database,
            self.url(),
            port = self.port,
        );
        std::fs::write(self.file(), text).unwrap();
    }

    /// The configuration file.
    pub fn file(&self) -> PathBuf {
        self.folder.path().join("schoolgate.toml")
    }

    /// The same configuration, and a clock that stands still at ten on a Tuesday in term: for a school
    /// in this process.
    pub fn on_a_tuesday(&self) -> (Config, Clock) {
        let config = Config::load(&self.file()).unwrap_or_else(|why| panic!("{why}"));
        let zone = config.schools[0].calendar.zone.clone();
        let ten = date(2026, 12, 1).at(10, 0, 0, 0).to_zoned(zone).unwrap();
        (config, Clock::set(ten.timestamp()))
    }

    /// A folder of the school's own files: `flows_dir` or `locales_dir`.
    pub fn overlay(&self, key: &str) -> PathBuf {
        let folder = self.folder.path().join(key);
        std::fs::create_dir(&folder).unwrap();
        let config = std::fs::read_to_string(self.file()).unwrap();
        std::fs::write(self.file(), format!("{key} = \"{key}\"\n{config}")).unwrap();
        folder
    }

    /// What the service has printed.
    pub fn log(&self) -> PathBuf {
        self.folder.path().join("log")
    }

    /// The public address.
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}", self.port)
    }

    /// Starts `serve` and waits until it answers.
    pub async fn serve(&self) -> Serving<'_> {
        let log = std::fs::OpenOptions::new()
            .create(true)
            .append(true)
            .open(self.log())
            .unwrap();
        let child = Command::new(env!("CARGO_BIN_EXE_schoolgate"))
            .arg("serve")
            .arg("--config")
            .arg(self.file())
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .stdout(log.try_clone().unwrap())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut serving = Serving {
            deployed: self,
            child,
        };
        let http = client();
        let ready = format!("{}/readyz", self.url());
        until("the service is ready", async || {
            assert!(
                serving.child.try_wait().unwrap().is_none(),
                "the service ended by itself"
            );
            let answer = http.get(&ready).send().await;
            answer.is_ok_and(|a| a.status().is_success())
        })
        .await;
        serving
    }

    /// A command about this school.
    pub fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_schoolgate"));
        command.args(arguments).arg("--config").arg(self.file());
        command
    }

    /// Runs a command that ends; what it printed.
    pub fn run(&self, arguments: &[&str]) -> Result<String, String> {
        let output = self.command(arguments).output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(said)
        } else {
            Err(said + &String::from_utf8_lossy(&output.stderr))
        }
    }

    /// Posts a form as Twilio does, signed; the status.
    pub async fn post(&self, path: &str, fields: &[(&str, &str)]) -> u16 {
        let signature = twilio::signature(&format!("{}{path}", self.url()), fields);
        self.try_post(path, fields, &signature).await.unwrap()
    }

    /// Posts a form with this signature; the status, or `None` where nobody answered.
    pub async fn try_post(
        &self,
        path: &str,
        fields: &[(&str, &str)],
        signature: &str,
    ) -> Option<u16> {
        let request = client()
            .post(format!("{}{path}", self.url()))
            .header("X-Twilio-Signature", signature)
            .form(fields);
        let answer = request.send().await.ok()?;
        Some(answer.status().as_u16())
    }

    /// Somebody texts the school, and Twilio hands it over; the status.
    pub async fn text(&self, sid: &str, from: &str, body: &str) -> u16 {
        let fields = [
            ("MessageSid", sid),
            ("From", from),
            ("To", NUMBER),
            ("Body", body),
        ];
        self.post("/hooks/sms", &fields).await
    }

    /// Twilio says what became of a text; the status.
    pub async fn receipt(&self, text: &twilio::Text, status: &str) -> u16 {
        let callback = text.callback.as_deref().unwrap();
        let path = callback.strip_prefix(&self.url()).unwrap();
        let fields = [
            ("MessageSid", text.sid.as_str()),
            ("MessageStatus", status),
            ("To", text.to.as_str()),
        ];
        self.post(path, &fields).await
    }

    /// The first column of a query, as text.
    pub async fn column(&self, sql: &str) -> Vec<String> {
        column(&self.database, sql).await
    }

    /// Where on the ladder the texts to somebody stand, oldest first.
    pub async fn statuses(&self, to: &str) -> Vec<String> {
        self.column(&format!(
            "SELECT status FROM outbox WHERE address = '{to}' ORDER BY created_at, id"
        ))
        .await
    }

    /// How often these words stand in a case record as having come in.
    pub async fn entries(&self, words: &str) -> usize {
        let bodies = self
            .column("SELECT CAST(body AS TEXT) FROM entries WHERE kind = 'message-in'")
            .await;
        // PostgreSQL writes bytes in hexadecimal.
        let hex: String = words.bytes().map(|b| format!("{b:02x}")).collect();
        let same = |body: &&String| body.as_str() == words || **body == format!("\\x{hex}");
        bodies.iter().filter(same).count()
    }
}

/// A running `serve`; killed when dropped, and its log shown when the test has failed.
pub struct Serving<'d> {
    /// What it serves.
    pub deployed: &'d Deployed,
    child: Child,
}

impl Serving<'_> {
    /// `kill -9`.
    pub fn kill(mut self) {
        self.child.kill().unwrap();
        self.child.wait().unwrap();
    }

    /// SIGTERM, and how it ended.
    pub async fn stop(mut self) -> bool {
        let sent = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status()
            .unwrap();
        assert!(sent.success());
        eventually("the service ends", async || self.child.try_wait().unwrap())
            .await
            .success()
    }
}

impl Drop for Serving<'_> {
    fn drop(&mut self) {
        // It may have ended already.
        _ = self.child.kill();
        _ = self.child.wait();
        if std::thread::panicking() {
            let log = std::fs::read_to_string(self.deployed.log()).unwrap_or_default();
            eprintln!("the service's log:\n{log}");
        }
    }
}

/// An HTTP client for the test itself.
pub fn client() -> reqwest::Client {
    http::client(Duration::from_secs(10)).unwrap()
}

/// The first column of a query, as text.
pub async fn column(database: &str, sql: &str) -> Vec<String> {
    let sql = sqlx::AssertSqlSafe(sql.to_owned());
    if database.starts_with("sqlite:") {
        let mut db = SqliteConnection::connect(database).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut db).await.unwrap()
    } else {
        let mut db = PgConnection::connect(database).await.unwrap();
        sqlx::query_scalar(sql).fetch_all(&mut db).await.unwrap()
    }
}
