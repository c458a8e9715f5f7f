//! A real mailbox: Dovecot, read over TLS as `serve` reads it, with a mail server that takes what leaves.
//! `tests/run` installs it.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use schoolgate::channel::email::mime;
use schoolgate::jobs::look_into_mailbox;
use schoolgate::settle::settle;
use schoolgate::testing::Rig;
use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;

use crate::databases;
use crate::service::{Deployed, eventually, free_port, until};

const AMINA: &str = "+447700900101";
/// The class teacher, who is told at once.
const HUGHES: &str = "hughes@kingfisher.example";
const PASSWORD: &str = "reeds and rushes";

/// One Dovecot with one mailbox, in a folder of its own; ended when dropped.
struct Dovecot {
    folder: tempfile::TempDir,
    child: Child,
    port: u16,
}

fn run(program: &str, arguments: &[&str]) -> String {
    let output = Command::new(program).args(arguments).output();
    let output = output.unwrap_or_else(|why| panic!("{program}: {why}"));
    let said = String::from_utf8_lossy(&output.stdout).trim().to_owned();
    assert!(
        output.status.success(),
        "{program} {arguments:?}: {:?}",
        output.stderr
    );
    said
}

impl Dovecot {
    async fn start() -> Self {
        let places = [
            "/usr/sbin/dovecot",
            "/usr/local/sbin/dovecot",
            "/usr/bin/dovecot",
        ];
        let program = places
            .into_iter()
            .find(|p| Path::new(p).is_file())
            .unwrap_or_else(|| {
                panic!(
                    "Dovecot is not here: install Debian's package dovecot-imapd, as tests/run does"
                )
            });
        let folder = tempfile::tempdir().unwrap();
        let at = folder.path();
        let path = |name: &str| at.join(name).display().to_string();
        run(
            "openssl",
            &[
                "req",
                "-x509",
                "-newkey",
                "ec",
                "-pkeyopt",
                "ec_paramgen_curve:P-256",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=localhost",
                "-addext",
                "subjectAltName=DNS:localhost",
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-keyout",
                &path("key.pem"),
                "-out",
                &path("cert.pem"),
            ],
        );
        // As root it gives itself up to nobody; anybody else stays who they are.
        let root = run("id", &["-u"]) == "0";
        let (user, group) = match root {
            true => ("nobody".to_owned(), run("id", &["-gn", "nobody"])),
            false => (run("id", &["-un"]), run("id", &["-gn"])),
        };
        for sub in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(at.join("mail").join(sub)).unwrap();
        }
        if root {
            run("chown", &["-R", &format!("{user}:{group}"), &path("mail")]);
            run("chmod", &["755", &at.display().to_string()]);
        }
        let (port, plain) = (free_port(), free_port());
        let config = format!(
            "base_dir = {at}/run\nlog_path = {at}/log\nprotocols = imap\nlisten = 127.0.0.1\n\
             default_internal_user = {user}\ndefault_internal_group = {group}\ndefault_login_user = {user}\n\
             mail_location = maildir:{at}/mail\nmail_uid = {user}\nmail_gid = {group}\nfirst_valid_uid = 1\n\
             ssl = required\nssl_cert = <{at}/cert.pem\nssl_key = <{at}/key.pem\n\
             passdb {{\n driver = static\n args = password={word}\n}}\n\
             userdb {{\n driver = static\n args = uid={user} gid={group} home={at}/mail\n}}\n\
             service imap-login {{\n chroot =\n inet_listener imap {{\n port = {plain}\n }}\n \
             inet_listener imaps {{\n port = {port}\n ssl = yes\n }}\n}}\n\
             service anvil {{\n chroot =\n}}\nservice stats {{\n chroot =\n}}\n",
            at = at.display(),
            word = PASSWORD.replace(' ', "_"),
        );
        std::fs::write(at.join("dovecot.conf"), config).unwrap();
        let child = Command::new(program)
            .args(["-F", "-c", &path("dovecot.conf")])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .unwrap();
        until("Dovecot listens", async || {
            tokio::net::TcpStream::connect(("127.0.0.1", port))
                .await
                .is_ok()
        })
        .await;
        Self {
            folder,
            child,
            port,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// A message is delivered.
    fn deliver(&self, name: &str, raw: &str) {
        let written = self.path("mail/tmp").join(name);
        let mut file = std::fs::File::create(&written).unwrap();
        file.write_all(raw.as_bytes()).unwrap();
        if run("id", &["-u"]) == "0" {
            run("chown", &["nobody", &written.display().to_string()]);
        }
        std::fs::rename(&written, self.path("mail/new").join(name)).unwrap();
    }

    /// The names of what is in the folder now, with their flags; the newest flags only.
    fn lying(&self, folder: &str) -> Vec<String> {
        let mut names = Vec::new();
        for sub in ["new", "cur"] {
            let Ok(entries) = std::fs::read_dir(self.path("mail").join(folder).join(sub)) else {
                continue;
            };
            names.extend(
                entries
                    .flatten()
                    .map(|e| e.file_name().to_string_lossy().into_owned()),
            );
        }
        names.sort();
        names
    }
}

impl Drop for Dovecot {
    fn drop(&mut self) {
        // SIGTERM, so that it ends its own processes.
        _ = Command::new("kill")
            .arg(self.child.id().to_string())
            .status();
        _ = self.child.wait();
    }
}

/// A mail server on this machine that takes everything; each message as it came.
async fn sink() -> (u16, Arc<Mutex<Vec<String>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let taken = Arc::new(Mutex::new(Vec::new()));
    let keep = Arc::clone(&taken);
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let keep = Arc::clone(&keep);
            tokio::spawn(async move {
                let mut stream = BufReader::new(stream);
                let mut message: Option<String> = None;
                let mut answer = "220 hello\r\n";
                loop {
                    if !answer.is_empty() && stream.write_all(answer.as_bytes()).await.is_err() {
                        return;
                    }
                    let mut line = String::new();
                    if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                        return;
                    }
                    answer = match &mut message {
                        Some(_) if line == ".\r\n" => {
                            keep.lock().unwrap().extend(message.take());
                            "250 taken\r\n"
                        }
                        Some(message) => {
                            message.push_str(&line);
                            ""
                        }
                        None if line.starts_with("EHLO") => "250-here\r\n250 8BITMIME\r\n",
                        None if line.starts_with("DATA") => {
                            message = Some(String::new());
                            "354 go on\r\n"
                        }
                        None => "250 ok\r\n",
                    };
                }
            });
        }
    });
    (port, taken)
}

/// Where answers to the newest email for somebody go, and its text.
fn newest(taken: &Arc<Mutex<Vec<String>>>, to: &str) -> Option<(String, String)> {
    let taken = taken.lock().unwrap();
    let to = format!("To: {to}\r\n");
    let raw = taken.iter().rev().find(|raw| raw.contains(&to))?;
    let reply = raw
        .lines()
        .find_map(|line| line.strip_prefix("Reply-To: "))?;
    Some((
        reply.trim().to_owned(),
        mime::read(raw.as_bytes(), &[]).text,
    ))
}

#[tokio::test(flavor = "multi_thread")]
async fn answers_in_a_real_mailbox_are_read_once_and_marked_when_they_are_safe() {
    for database in databases::each().await {
        let dovecot = Dovecot::start().await;
        let (smtp, taken) = sink().await;
        let certificate = dovecot.path("cert.pem");
        let word = PASSWORD.replace(' ', "_");
        let settings = format!(
            "[[school.channel]]\nid = \"handset\"\nkind = \"handset\"\nnumber = \"+447700900000\"\n\
             [email]\nhost = \"localhost\"\nport = {smtp}\ntls = \"plain\"\nfrom = \"Kingfisher <texts@kingfisher.example>\"\n\
             [email.inbound]\naddress = \"cases@kingfisher.example\"\nkind = \"imap\"\nhost = \"localhost\"\nport = {}\n\
             username = \"cases\"\npassword_file = \"mailbox\"\ncertificate = '{}'\ndone_folder = \"Done\"\n",
            dovecot.port,
            certificate.display()
        );
        let school = Deployed::with_channels(&database.url, &settings, &[("mailbox", &word)]);
        let (config, clock) = school.on_a_tuesday();
        let rig = Rig::with(config, &database.url, clock).await.unwrap();
        let imap = rig.d.mail_servers[0]
            .mail_in
            .as_ref()
            .unwrap()
            .imap
            .as_ref()
            .unwrap();
        let told = imap.probe().await.unwrap_err();
        assert!(told.contains("no folder Done"), "{told}");

        rig.hear(AMINA, "im worried about sam, he cries in the morning")
            .await
            .unwrap();
        let (reply, notice) =
            eventually("the class teacher is told", async || newest(&taken, HUGHES)).await;
        let answer = |id: &str, words: &str| {
            format!(
                "From: Mr Hughes <{HUGHES}>\r\nTo: {reply}\r\nMessage-ID: <{id}@x.example>\r\nSubject: Re: it\r\n\r\n{words}\r\n"
            )
        };
        // The folder for what was read is not there yet: nothing is lost by that, and nothing said twice.
        dovecot.deliver(
            "1.a",
            &answer("m1", &format!("I will ring at 3\r\n> {}", notice.trim())),
        );
        for _ in 0..2 {
            look_into_mailbox(&rig.d, &rig.d.mail_servers[0])
                .await
                .unwrap();
            settle(&rig.d).await.unwrap();
        }
        let (_, echo) = newest(&taken, HUGHES).unwrap();
        assert!(
            echo.contains("\"I will ring at 3\""),
            "{}: {echo}",
            database.kind
        );
        let echoes = {
            let taken = taken.lock().unwrap();
            let texts = taken.iter().map(|raw| mime::read(raw.as_bytes(), &[]).text);
            texts.filter(|text| text.contains("Reply 7 to")).count()
        };
        assert_eq!(echoes, 1, "{}", database.kind);
        let inbox = dovecot.lying("");
        assert!(
            inbox.len() == 1 && inbox[0].ends_with('S'),
            "it is marked as read: {inbox:?}"
        );

        // Somebody looked into the mailbox before us: it is known by its number. With a folder to move
        // to, nothing stays.
        for sub in ["new", "cur", "tmp"] {
            std::fs::create_dir_all(dovecot.path("mail/.Done").join(sub)).unwrap();
        }
        if run("id", &["-u"]) == "0" {
            run(
                "chown",
                &[
                    "-R",
                    "nobody",
                    &dovecot.path("mail/.Done").display().to_string(),
                ],
            );
        }
        let told = imap.probe().await;
        assert_eq!(told.as_deref(), Ok("the mailbox opens, folder INBOX"));
        dovecot.deliver("2.b", &answer("m2", "7"));
        look_into_mailbox(&rig.d, &rig.d.mail_servers[0])
            .await
            .unwrap();
        settle(&rig.d).await.unwrap();
        let texts = rig.texts_to(AMINA).await.unwrap();
        assert!(
            texts.last().unwrap().ends_with("I will ring at 3"),
            "{}: {texts:?}",
            database.kind
        );
        assert!(
            dovecot
                .lying(".Done")
                .iter()
                .any(|n| n.starts_with("2.b") || n.contains('S'))
        );
        // The same email again, by another way: it has had its effects.
        dovecot.deliver("3.c", &answer("m2", "7"));
        assert_eq!(
            look_into_mailbox(&rig.d, &rig.d.mail_servers[0])
                .await
                .unwrap(),
            0
        );
        settle(&rig.d).await.unwrap();
        assert_eq!(rig.texts_to(AMINA).await.unwrap().len(), texts.len());
    }
}
