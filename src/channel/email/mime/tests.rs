use super::*;

fn read(raw: &str) -> Mail {
    super::read(raw.replace('\n', "\r\n").as_bytes(), &[])
}

/// A plain email, with headers of one's own before its body.
fn mail(headers: &str, body: &str) -> Mail {
    read(&format!(
        "From: Amina Yusuf <Amina@Home.example>\nTo: Cases <cases+abc@school.example>\nMessage-ID: <m1@home.example>\n\
         Subject: Sam\nDate: Tue, 1 Dec 2026 10:02:00 +0000\n{headers}\n\n{body}"
    ))
}

#[test]
fn words_are_read_whatever_they_were_written_in() {
    let table = [
        ("", "he is scared", "he is scared"),
        (
            "Content-Type: text/plain; charset=utf-8\nContent-Transfer-Encoding: quoted-printable",
            "nie =C5=9Bpi",
            "nie śpi",
        ),
        (
            "Content-Type: text/plain; charset=iso-8859-2\nContent-Transfer-Encoding: quoted-printable",
            "nie =B6pi",
            "nie śpi",
        ),
        (
            "Content-Type: text/plain; charset=windows-1250\nContent-Transfer-Encoding: base64",
            "bmllIJxwaQ==",
            "nie śpi",
        ),
        (
            "Content-Type: text/plain; charset=no-such",
            "hello",
            "hello",
        ),
        (
            "Content-Type: text/html; charset=utf-8",
            "<p>he is <b>scared</b></p><p>please ring &amp; help</p>",
            "he is scared\nplease ring & help",
        ),
        ("Content-Type: text/plain", "", ""),
        ("Content-Type: text/plain", "a\u{0}b", "a\u{fffd}b"),
    ];
    for (headers, body, words) in table {
        let read = mail(headers, body).text;
        let lines: Vec<&str> = read
            .lines()
            .map(str::trim)
            .filter(|l| !l.is_empty())
            .collect();
        assert_eq!(lines.join("\n"), words, "{headers}");
    }
    let long = mail("", &"ż".repeat(LONGEST + 5)).text;
    assert!(long.ends_with(CUT) && long.chars().count() < LONGEST + 100);
}

#[test]
fn who_wrote_to_whom_about_what_is_read() {
    let read = mail(
        "Cc: other@example.org\nDelivered-To: cases+def@school.example",
        "x",
    );
    assert_eq!(read.from, "amina@home.example");
    assert_eq!(
        read.to,
        [
            "cases+abc@school.example",
            "other@example.org",
            "cases+def@school.example"
        ]
    );
    assert_eq!(read.message_id.as_deref(), Some("m1@home.example"));
    assert_eq!(read.key, mail("", "other words, the same mail").key);
    assert!(!read.automatic && !read.is_report);
    let word =
        "From: =?utf-8?Q?Zo=C3=AB?= <zoe@home.example>\nSubject: =?iso-8859-2?Q?nie_=B6pi?=\n\nx";
    let read = super::read(word.as_bytes(), &["Cases+ABC@school.example".to_owned()]);
    assert_eq!(
        (read.subject.as_str(), read.from.as_str()),
        ("nie śpi", "zoe@home.example")
    );
    assert_eq!(read.to, ["cases+abc@school.example"]);
    assert_ne!(
        read.key,
        super::read(b"From: a@b.example\n\nother", &[]).key
    );
}

#[test]
fn a_machine_is_known_for_one() {
    let table = [
        ("Auto-Submitted: auto-replied", true),
        ("Auto-Submitted: no", false),
        ("Precedence: bulk", true),
        ("List-Id: <news.example.org>", true),
        ("Return-Path: <>", true),
        ("Return-Path: <amina@home.example>", false),
        ("X-Autoreply: yes", true),
        ("X-Mailer: a mail program", false),
    ];
    for (header, automatic) in table {
        assert_eq!(mail(header, "x").automatic, automatic, "{header}");
    }
    for from in ["MAILER-DAEMON@home.example", "no-reply@shop.example", ""] {
        assert!(
            read(&format!("From: {from}\nSubject: x\n\nx")).automatic,
            "{from}"
        );
    }
}

#[test]
fn what_is_attached_is_told_from_what_mail_programs_add() {
    let logo = "iVBORw0KGgo=";
    let raw = format!(
        "From: a@home.example\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=b\n\n--b\n\
         Content-Type: text/plain\n\nsee his arm\n--b\nContent-Type: image/png\nContent-ID: <logo>\n\
         Content-Disposition: inline\nContent-Transfer-Encoding: base64\n\n{logo}\n--b\n\
         Content-Type: image/png; name=arm.png\nContent-Disposition: attachment; filename=arm.png\n\
         Content-Transfer-Encoding: base64\n\n{logo}\n--b--\n"
    );
    let read = read(&raw);
    assert_eq!(read.text.trim(), "see his arm");
    let files: Vec<(&str, bool)> = read
        .files
        .iter()
        .map(|f| (f.content_type.as_str(), f.ornament))
        .collect();
    assert_eq!(files, [("image/png", true), ("image/png", false)]);
    assert!(read.files[1].content.starts_with(b"\x89PNG"));
}

fn bounce(action: &str, original: &str) -> Mail {
    read(&format!(
        "From: MAILER-DAEMON@school.example\nTo: texts@school.example\nMIME-Version: 1.0\n\
         Content-Type: multipart/report; report-type=delivery-status; boundary=b\n\n--b\n\
         Content-Type: text/plain\n\nit did not arrive\n--b\nContent-Type: message/delivery-status\n\n\
         Reporting-MTA: dns; mail.school.example\n\nFinal-Recipient: rfc822; senco@school.example\n\
         Action: {action}\nStatus: 5.1.1\n\n--b\nContent-Type: {original}\n\n\
         Message-ID: <00000000-0000-0000-0000-000000000007@school.example>\nSubject: x\n\nwords\n--b--\n"
    ))
}

#[test]
fn a_bounce_says_which_email_failed() {
    for original in ["message/rfc822", "text/rfc822-headers"] {
        let read = bounce("failed", original);
        assert!(read.is_report && read.automatic);
        let [receipt] = read.reports.as_slice() else {
            panic!("{original}: {:?}", read.reports)
        };
        assert_eq!(receipt.outbox, Some(Uuid::from_u128(7)));
        assert_eq!(
            (receipt.status, receipt.error.as_deref()),
            (Status::Failed, Some("5.1.1"))
        );
    }
    assert_eq!(
        bounce("delivered", "message/rfc822").reports[0].status,
        Status::Delivered
    );
    assert!(bounce("delayed", "message/rfc822").reports.is_empty());
}

proptest::proptest! {
    #[test]
    fn nothing_is_refused(raw in "(From: |Content-Type: |text/html|multipart/mixed; boundary=b|--b|\r\n|=\\?utf-8\\?B\\?|&#x|<[a-z]|[ -~\u{0}ż]){0,60}") {
        let mail = super::read(raw.as_bytes(), &[]);
        proptest::prop_assert!(!mail.text.contains('\0') && !mail.key.is_empty());
    }
}
