//! What Kannel calls us with.

use super::*;

#[test]
fn each_call_is_heard_for_what_it_is() {
    let message = |rest: &str| format!("{GOOD}&{rest}");
    let good = "from=%2B447700900101&to=%2B447700900000&id=K1&charset=UTF-8&time=1795748872&text=im+worried";
    let id = "outbox=00000000-0000-0000-0000-000000000007";
    let huge = format!("from=07700900101&id=K1&text={}", "%C5%BC".repeat(100_000));
    let lacks = |what: &str| {
        format!("Kannel's call lacks `{what}`: compare its get-url with docs/channels/kannel.md")
    };
    let said = |words: &str| format!("K1 from +447700900101: {words}");
    let table: Vec<(&str, String, bool, String)> = vec![
        ("a good message", message(good), false, said("im worried")),
        ("the same again", message(good), false, said("im worried")),
        (
            "one for another school's number",
            message(&good.replace("900000", "900099")),
            false,
            "a text for another number came here: in Kannel's sms-service, accept this channel's number only"
                .to_owned(),
        ),
        (
            "a good receipt",
            format!("{id}&{GOOD}&type=1&smsc=fake"),
            true,
            "delivered of Some(7)".to_owned(),
        ),
        (
            "the same receipt again",
            format!("{id}&{GOOD}&type=1&smsc=fake"),
            true,
            "delivered of Some(7)".to_owned(),
        ),
        (
            "a wrong secret",
            format!("secret=drei&{good}"),
            false,
            "not them".to_owned(),
        ),
        (
            "a longer secret",
            format!("{GOOD}x&{good}"),
            false,
            "not them".to_owned(),
        ),
        (
            "the secret twice, wrong first",
            format!("secret=x&{GOOD}&{good}"),
            false,
            "not them".to_owned(),
        ),
        ("no secret", good.to_owned(), false, "not them".to_owned()),
        (
            "an empty secret",
            format!("secret=&{good}"),
            false,
            "not them".to_owned(),
        ),
        (
            "no query at all",
            String::new(),
            false,
            "not them".to_owned(),
        ),
        (
            "a receipt without the secret",
            format!("{id}&type=1"),
            true,
            "not them".to_owned(),
        ),
        ("no sender", message("id=K1&text=x"), false, lacks("from")),
        (
            "no words",
            message("id=K1&from=07700900101"),
            false,
            lacks("text"),
        ),
        (
            "no id, and no time",
            message("id=&from=07700900101&text=x"),
            false,
            lacks("id"),
        ),
        (
            "a Kannel without ids, and no time",
            message("id=%I&from=07700900101&text=x"),
            false,
            lacks("id"),
        ),
        (
            "a receipt for no message",
            format!("{GOOD}&type=1"),
            true,
            "Kannel's receipt lacks `outbox`".to_owned(),
        ),
        (
            "a receipt for a strange message",
            format!("outbox=7&{GOOD}&type=1"),
            true,
            "Kannel's receipt lacks `outbox`".to_owned(),
        ),
        (
            "a receipt of nothing",
            format!("{id}&{GOOD}"),
            true,
            "Kannel's receipt lacks `type`".to_owned(),
        ),
        (
            "more fields",
            message(&format!("{good}&coding=0&more=1")),
            false,
            said("im worried"),
        ),
        (
            "no words in it",
            message("from=07700900101&id=K1&charset=UTF-8&text="),
            false,
            said(""),
        ),
        (
            "a NUL, and no UTF-8",
            message("from=07700900101&id=K1&charset=UTF-8&text=%FF%00x"),
            false,
            said(r"\xff\x00x"),
        ),
        (
            "UTF-16",
            message(
                "from=07700900101&id=K1&charset=UTF-16BE&text=%01%7C%00+%20%20%00%0A%D8%3D%DE%00",
            ),
            false,
            said(&"ż \u{2020}\n😀".as_bytes().escape_ascii().to_string()),
        ),
        (
            "UTF-16, cut off in a character",
            message("from=07700900101&id=K1&charset=utf-16be&text=%00x%D8%3D%00"),
            false,
            said(&"x\u{FFFD}\u{FFFD}".as_bytes().escape_ascii().to_string()),
        ),
        (
            "Latin 1",
            message("from=07700900101&id=K1&charset=ISO-8859-1&text=%A35"),
            false,
            said(&"£5".as_bytes().escape_ascii().to_string()),
        ),
        (
            "no text at all",
            message("from=07700900101&id=K1&charset=8-BIT&text=%06%05%04"),
            false,
            said(r"\x06\x05\x04"),
        ),
        (
            "an unknown charset",
            message("from=07700900101&id=K1&charset=EBCDIC&text=%FF"),
            false,
            said(r"\xff"),
        ),
        (
            "an unknown status",
            format!("{id}&{GOOD}&type=32"),
            true,
            "nothing".to_owned(),
        ),
        (
            "a status that was not filled in",
            format!("{id}&{GOOD}&type=%d"),
            true,
            "nothing".to_owned(),
        ),
        (
            "a huge one",
            message(&huge),
            false,
            said(&"\\xc5\\xbc".repeat(100_000)),
        ),
        (
            "SMPP's number",
            message("from=447700900101&id=K1&text=x"),
            false,
            said("x"),
        ),
        (
            "a number abroad",
            message("from=48601234567&id=K1&text=x"),
            false,
            "K1 from +48601234567: x".to_owned(),
        ),
        (
            "a name",
            message("from=NHS&id=K1&text=x"),
            false,
            "K1 from NHS: x".to_owned(),
        ),
        (
            "a short number",
            message("from=60006&id=K1&text=x"),
            false,
            "K1 from 60006: x".to_owned(),
        ),
    ];
    for (name, query, status, expected) in table {
        assert_eq!(heard(&query, status, b"", "text/plain"), expected, "{name}");
        // Kannel calls by GET: neither a body nor what kind it is of makes a difference.
        let posted = heard(&query, status, b"secret=x&text=y", "application/json");
        assert_eq!(posted, expected, "{name}, with a body");
    }
}

#[test]
fn a_text_without_an_id_is_known_by_its_second() {
    let id = |time: u64, words: &str| {
        let query = format!("{GOOD}&from=07700900101&to=1&id=&time={time}&text={words}");
        let said = heard(&query, false, b"", "text/plain");
        said.split_once(" from ").unwrap().0.to_owned()
    };
    let first = id(1_795_748_872, "yes");
    assert_eq!(first.len(), 64);
    assert_eq!(first, id(1_795_748_872, "yes"), "a repeat");
    assert_ne!(first, id(1_795_748_873, "yes"), "a second yes");
    assert_ne!(first, id(1_795_748_872, "no"));
}

#[test]
fn the_moment_of_receipt_is_told() {
    let query = parse_form(b"from=07700900101&id=K1&time=1795748872&text=x");
    let message = inbound(&query).unwrap();
    assert_eq!(message.sent_at.unwrap().to_string(), "2026-11-27T03:07:52Z");
    let never = parse_form(b"from=07700900101&id=K1&time=99999999999999999&text=x");
    assert_eq!(inbound(&never).unwrap().sent_at, None);
}

#[test]
fn all_five_reports_are_steps_of_the_ladder() {
    let words: Vec<_> = STATUSES.iter().map(|(word, s)| (*word, s.word())).collect();
    assert_eq!(
        words,
        [
            ("1", "delivered"),
            ("2", "undelivered"),
            ("4", "accepted"),
            ("8", "sent"),
            ("16", "failed"),
        ]
    );
    let all: u8 = words
        .iter()
        .map(|(word, _)| word.parse::<u8>().unwrap())
        .sum();
    assert_eq!(
        all.to_string(),
        EVERY_RECEIPT,
        "we ask for all that we know"
    );
}
