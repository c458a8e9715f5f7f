use super::*;

fn mail_in() -> MailIn {
    MailIn {
        address: ReplyAddress::parse("Cases@school.example").unwrap(),
        imap: None,
        secret: Some("in the reeds".into()),
    }
}

#[test]
fn a_token_stands_in_the_address_and_nowhere_else() {
    let address = mail_in().address;
    assert_eq!(address.with("ab12"), "cases+ab12@school.example");
    let to = [
        "cases+ab12@school.example",
        "cases@school.example",
        "cases+cd34@elsewhere.example",
        "other+ef56@school.example",
        "nothing",
    ];
    let to = to.map(str::to_owned);
    assert_eq!(address.tokens(&to), ["ab12"]);
    assert!(address.is("cases@school.example") && address.is("cases+x@school.example"));
    assert!(!address.is("senco@school.example"));
    for wrong in [
        "",
        "cases",
        "@school.example",
        "a b@school.example",
        "a@b@c",
        "x+y@school.example",
    ] {
        assert_eq!(ReplyAddress::parse(wrong), None, "{wrong}");
    }
}

#[test]
fn each_call_is_heard_for_what_it_is() {
    let secret = ("x-schoolgate-secret", "in the reeds");
    let heard = |query: &str,
                 headers: &[(&'static str, &str)],
                 body: &str,
                 fields: &[(&str, &str)]| {
        let mut map = HeaderMap::new();
        for (name, value) in headers {
            map.insert(*name, value.parse().unwrap());
        }
        let mail_in = mail_in();
        if let Err(why) = mail_in.known(query, &map) {
            return format!("{why:?}");
        }
        let fields: Vec<(String, Vec<u8>)> = fields
            .iter()
            .map(|(n, v)| ((*n).to_owned(), v.as_bytes().to_vec()))
            .collect();
        let call = MailCall {
            headers: &map,
            body: body.as_bytes(),
            fields: &fields,
        };
        match mail_in.posted(&call) {
            Ok(posted) => format!(
                "{} to {:?}",
                String::from_utf8_lossy(&posted.raw),
                posted.to
            ),
            Err(NotHeard::Unreadable(why)) => why.split(':').next().unwrap_or_default().to_owned(),
            Err(why) => format!("{why:?}"),
        }
    };
    let json = ("content-type", "application/json");
    let form = ("content-type", "multipart/form-data; boundary=b");
    let table = [
        (
            heard("secret=in+the+reeds", &[], "From: a", &[]),
            "From: a to []",
        ),
        (heard("", &[secret], "From: a", &[]), "From: a to []"),
        (heard("", &[], "From: a", &[]), "NotThem"),
        (heard("secret=other", &[], "From: a", &[]), "NotThem"),
        (
            heard(
                "secret=in+the+reeds",
                &[("x-schoolgate-secret", "other")],
                "From: a",
                &[],
            ),
            "NotThem",
        ),
        (
            heard("", &[secret], "", &[]),
            "the email provider's call holds no message",
        ),
        (
            heard(
                "",
                &[secret, json],
                r#"{"RawEmail": "From: a", "OriginalRecipient": "cases+x@school.example"}"#,
                &[],
            ),
            "From: a to [\"cases+x@school.example\"]",
        ),
        (heard("", &[secret, json], "{}", &[]), "no `RawEmail`"),
        (
            heard("", &[secret, json], "{", &[]),
            "the email provider's call is no JSON",
        ),
        (
            heard(
                "",
                &[secret, form],
                "",
                &[
                    ("email", "From: a"),
                    ("envelope", r#"{"to": ["c@s.example"], "from": "a"}"#),
                ],
            ),
            "From: a to [\"c@s.example\"]",
        ),
        (
            heard(
                "",
                &[secret, form],
                "",
                &[("body-mime", "From: a"), ("recipient", "c@s.example")],
            ),
            "From: a to [\"c@s.example\"]",
        ),
        (
            heard("", &[secret, form], "", &[("text", "words")]),
            "no field `email` or `body-mime`",
        ),
        (
            heard(
                "",
                &[
                    secret,
                    ("content-type", "application/x-www-form-urlencoded"),
                ],
                "body-mime=From%3A+a%00&recipient=c%40s.example",
                &[],
            ),
            "From: a\0 to [\"c@s.example\"]",
        ),
        (
            heard(
                "",
                &[
                    secret,
                    ("content-type", "application/x-www-form-urlencoded"),
                ],
                "text=x",
                &[],
            ),
            "no field `body-mime`",
        ),
    ];
    for (told, expected) in table {
        assert_eq!(told, expected);
    }
    let nobody = MailIn {
        secret: None,
        ..mail_in()
    };
    assert_eq!(
        nobody.known("secret=", &HeaderMap::new()),
        Err(NotHeard::NotCalled)
    );
}
