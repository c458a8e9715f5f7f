use tokio::io::{AsyncBufReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use uuid::Uuid;

use super::*;
use crate::channel::Channel;

/// Where the little server says no, and how.
#[derive(Clone, Copy, Default)]
struct Script {
    greeting: Option<&'static str>,
    mail: Option<&'static str>,
    rcpt: Option<&'static str>,
    data: Option<&'static str>,
    /// After the message; empty hangs up without a word.
    end: Option<&'static str>,
}

/// A mail server for one connection, which gives back what it was told.
async fn server(script: Script) -> (u16, JoinHandle<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let told = tokio::spawn(async move {
        let (stream, _) = listener.accept().await.unwrap();
        let mut stream = BufReader::new(stream);
        let mut told = String::new();
        let mut in_message = false;
        let mut answer = script.greeting.unwrap_or("220 hello");
        loop {
            if answer.is_empty() && !in_message {
                return told; // hangs up
            }
            if !answer.is_empty() {
                stream
                    .write_all(format!("{answer}\r\n").as_bytes())
                    .await
                    .unwrap();
            }
            let mut line = String::new();
            if stream.read_line(&mut line).await.unwrap_or(0) == 0 {
                return told;
            }
            told.push_str(&line);
            let word = line.get(..4).unwrap_or_default().to_uppercase();
            answer = match (in_message, word.as_str()) {
                (true, _) if line == ".\r\n" => {
                    in_message = false;
                    script.end.unwrap_or("250 taken")
                }
                (true, _) => "",
                (_, "EHLO") => "250-school.example\r\n250 8BITMIME",
                (_, "MAIL") => script.mail.unwrap_or("250 ok"),
                (_, "RCPT") => script.rcpt.unwrap_or("250 ok"),
                (_, "DATA") => {
                    in_message = script.data.is_none();
                    script.data.unwrap_or("354 go on")
                }
                _ => "221 bye",
            };
        }
    });
    (port, told)
}

fn email(port: u16) -> Email {
    Email::new(&Settings {
        host: "127.0.0.1".to_owned(),
        port,
        plain: true,
        login: None,
        from: "Hazel Lane School <school@example.org>".to_owned(),
        extra_root: None,
        reply: None,
    })
    .unwrap()
}

fn notice() -> Outbound {
    Outbound {
        id: Uuid::from_u128(7),
        to: "senco@example.org".to_owned(),
        body: "Sam's mum wrote: nie śpi, £5.\n.\nA line with one full stop.".to_owned(),
        subject: Some("C-1042: a concern\r\nBcc: everybody@example.org".to_owned()),
        buttons: vec![],
        ask_contact: false,
        correspondence: crate::channel::Correspondence::default(),
    }
}

#[tokio::test]
async fn a_notice_reaches_the_server_whole_and_in_its_thread() {
    let (port, told) = server(Script::default()).await;
    let channel = Channel::Email(Box::new(email(port)));
    let accepted = channel.send(&notice()).await.unwrap();
    let id = "<00000000-0000-0000-0000-000000000007@example.org>";
    assert_eq!(accepted.provider_id, id);
    assert_eq!(accepted.status, Status::Accepted);
    let told = told.await.unwrap();
    for expected in [
        "MAIL FROM:<school@example.org>",
        "RCPT TO:<senco@example.org>",
        "From: \"Hazel Lane School\" <school@example.org>\r\n",
        &format!("Message-ID: {id}\r\n"),
        "Subject: C-1042: a concern  Bcc: everybody@example.org\r\n",
        "References: <C-1042@example.org>\r\n",
        "Auto-Submitted: auto-generated\r\n",
        "Content-Type: text/plain; charset=utf-8\r\n",
        "nie =C5=9Bpi, =C2=A35.",
        "A line with one full stop.",
    ] {
        assert!(told.contains(expected), "no {expected:?} in:\n{told}");
    }
}

#[tokio::test]
async fn each_answer_says_whether_the_notice_may_be_sent_again() {
    let ok = Script::default();
    let table = [
        (
            Script {
                rcpt: Some("550 no senco@example.org here"),
                ..ok
            },
            "refused 550",
        ),
        (
            Script {
                rcpt: Some("451 later"),
                ..ok
            },
            "not sent 451",
        ),
        (
            Script {
                mail: Some("452 full"),
                ..ok
            },
            "not sent 452",
        ),
        (
            Script {
                greeting: Some("554 go away"),
                ..ok
            },
            "refused 554",
        ),
        (
            Script {
                greeting: Some("421 busy"),
                ..ok
            },
            "not sent 421",
        ),
        (
            Script {
                greeting: Some(""),
                ..ok
            },
            "not sent",
        ),
        (
            Script {
                data: Some("503 no"),
                ..ok
            },
            "refused 503",
        ),
        (
            Script {
                data: Some(""),
                ..ok
            },
            "not sent",
        ),
        (
            Script {
                end: Some("550 spam"),
                ..ok
            },
            "refused 550",
        ),
        (
            Script {
                end: Some("451 later"),
                ..ok
            },
            "not sent 451",
        ),
        (
            Script {
                end: Some(""),
                ..ok
            },
            "unknown",
        ),
    ];
    for (script, expected) in table {
        let (port, told) = server(script).await;
        let error = email(port).send(&notice()).await.unwrap_err();
        assert!(!error.to_string().contains("senco@"), "{error}");
        let (outcome, why) = match error {
            SendError::Refused { why, stopped } => {
                assert!(!stopped);
                ("refused", why)
            }
            SendError::NotSent { why, .. } => ("not sent", why),
            SendError::Unknown { why } => ("unknown", why),
        };
        let code = why.rsplit_once('(').map_or("", |(_, code)| code);
        assert_eq!(
            format!("{outcome} {}", code.trim_end_matches(')')).trim(),
            expected
        );
        told.await.unwrap();
    }
}

#[tokio::test]
async fn nobody_listening_is_not_sent_and_silence_depends_on_when() {
    let nobody = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let error = email(port).send(&notice()).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent { .. }), "{error}");

    // Accepts the connection and never greets.
    let mute = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let mut impatient = email(mute.local_addr().unwrap().port());
    impatient.timeout = Duration::from_millis(200);
    let error = impatient.send(&notice()).await.unwrap_err();
    assert!(matches!(error, SendError::NotSent { .. }), "{error}");
}

#[tokio::test]
async fn without_starttls_nothing_is_said() {
    let (port, told) = server(Script::default()).await;
    let settings = Settings {
        host: "localhost".to_owned(),
        port,
        plain: false,
        login: Some(("school".to_owned(), "hunter2".into())),
        from: "school@example.org".to_owned(),
        extra_root: None,
        reply: None,
    };
    let email = Email::new(&settings).unwrap();
    let error = email.send(&notice()).await.unwrap_err();
    assert!(matches!(error, SendError::Refused { .. }), "{error}");
    let told = told.await.unwrap();
    assert!(!told.contains("AUTH") && !told.contains("MAIL"), "{told}");
}

#[tokio::test]
async fn doctor_is_told_whether_the_server_answers() {
    let (port, _told) = server(Script::default()).await;
    let told = email(port).probe().await.unwrap();
    assert_eq!(told, "the mail server answers without TLS, on this machine");
    let (port, _told) = server(Script {
        greeting: Some("421 busy"),
        ..Script::default()
    })
    .await;
    let wrong = email(port).probe().await.unwrap_err();
    assert_eq!(
        wrong,
        "the mail server refused (421): see whether this machine may reach its host and port"
    );
}

#[tokio::test]
async fn an_address_that_cannot_be_one_is_refused_before_anything_is_sent() {
    for to in [
        "",
        "senco",
        "senco@example.org\r\nBcc: x@example.org",
        "señco@example.org",
        "a@b, c@d",
    ] {
        let out = Outbound {
            to: to.to_owned(),
            ..notice()
        };
        let error = email(1).send(&out).await.unwrap_err();
        assert!(matches!(error, SendError::Refused { .. }), "{to}: {error}");
    }
}

#[test]
fn settings_that_cannot_work_are_named() {
    let settings = |host: &str, from: &str, extra_root: Option<&str>| Settings {
        host: host.to_owned(),
        port: 587,
        plain: extra_root.is_none(),
        login: None,
        from: from.to_owned(),
        extra_root: extra_root.map(PathBuf::from),
        reply: None,
    };
    let fault = |settings: Settings| Email::new(&settings).unwrap_err();
    assert!(fault(settings("mail.example.org", "a@example.org", None)).contains("on this machine"));
    assert!(fault(settings("10.0.0.1", "a@example.org", None)).contains("on this machine"));
    assert!(fault(settings("localhost", "the school", None)).contains("sender's address"));
    let missing = settings("localhost", "a@example.org", Some("no/such.pem"));
    assert!(fault(missing).contains("no/such.pem"));
    assert!(Email::new(&settings("[::1]", "a@example.org", None)).is_ok());
}

#[test]
fn only_a_reference_makes_a_thread() {
    let table = [
        ("C-1042: a concern", Some("C-1042")),
        ("Re (C-1042)", Some("C-1042")),
        ("Digest of 3 cases", None),
        ("half-term, c-1 and C-", None),
    ];
    for (subject, expected) in table {
        assert_eq!(reference(subject), expected, "{subject}");
    }
}
