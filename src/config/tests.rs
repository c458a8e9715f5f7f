use secrecy::ExposeSecret as _;

use super::*;
use crate::fault::Severity;

fn nothing_set(_: &str) -> Option<String> {
    None
}

/// The faults of a configuration, a line each: "4: message / remedy".
fn told(text: &str) -> String {
    let faults = Config::parse("schoolgate.toml", text, &nothing_set).unwrap_err();
    let sources = Sources::from([("schoolgate.toml".to_owned(), text.to_owned())]);
    let line = |f: &Fault| {
        let line = f.line(&sources).map_or("-".to_owned(), |l| l.to_string());
        format!("{line}: {} / {}", f.message, f.remedy)
    };
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

/// The example with one piece of it replaced.
fn example_with(from: &str, to: &str) -> String {
    assert!(EXAMPLE.contains(from), "the example no longer says {from}");
    EXAMPLE.replace(from, to)
}

#[test]
fn the_demo_school_is_the_fixture() {
    let config = Config::demo().unwrap_or_else(|refused| panic!("{refused}"));
    let school = config.school("kingfisher").unwrap();
    assert_eq!(school.name, "Kingfisher Primary School");
    assert_eq!(school.office_phone.national(), "020 7946 0123");
    assert_eq!(school.people.adults.len(), 13);
    assert_eq!(school.people.pupils.len(), 11);
    assert_eq!(school.people.staff.len(), 14);
    assert_eq!(config.missing_secrets(), []);
    // One number stands on two households' records, on purpose.
    let messages: Vec<_> = config.warnings.iter().map(|w| w.message.as_str()).collect();
    assert_eq!(
        messages,
        ["Ruth Osei and Daniel Brooks have one phone and no child in common"]
    );
}

#[test]
fn the_example_passes_and_names_the_secrets_it_needs() {
    let config = Config::parse("schoolgate.toml", EXAMPLE, &nothing_set)
        .unwrap_or_else(|faults| panic!("{faults:#?}"));
    assert_eq!(config.warnings, []);
    let missing: Vec<_> = config
        .missing_secrets()
        .iter()
        .map(ToString::to_string)
        .collect();
    assert_eq!(
        missing,
        [
            "the mail server's password is missing: set SCHOOLGATE_SMTP_PASSWORD",
            "the auth token of channel kingfisher-sms is missing: set KINGFISHER_TWILIO_TOKEN",
            "the token of channel kingfisher-telegram is missing: set KINGFISHER_TELEGRAM_TOKEN",
            "the webhook secret of channel kingfisher-telegram is missing: \
             set KINGFISHER_TELEGRAM_SECRET",
        ]
    );
}

#[test]
fn the_example_shows_the_defaults() {
    let shown = Config::parse("schoolgate.toml", EXAMPLE, &nothing_set).unwrap();
    assert_eq!(shown.timing, Timing::default());
    let table = |name: &str| {
        let start = EXAMPLE.find(name).unwrap();
        let end = start + EXAMPLE[start..].find("\n\n").unwrap();
        &EXAMPLE[start..end]
    };
    let silent = EXAMPLE
        .replace(table("[school.promises]"), "")
        .replace(table("[school.retention]"), "")
        .replace(table("[school.email_words]"), "");
    let silent = Config::parse("schoolgate.toml", &silent, &nothing_set).unwrap();
    assert_eq!(shown.schools[0].promises, silent.schools[0].promises);
    assert_eq!(shown.schools[0].email_words, silent.schools[0].email_words);
    assert_eq!(shown.schools[0].retention, silent.schools[0].retention);
}

#[test]
fn a_time_that_the_law_does_not_let_be_so_short_is_a_fault() {
    let text = example_with("sen_years          = 31", "sen_years          = 6");
    assert!(
        told(&text).contains("`sen_years` cannot be 6"),
        "{}",
        told(&text)
    );
    assert!(told(&text).ends_with("write 25 to 100"), "{}", told(&text));
    let nightly = "# nightly          = [\"messages\", \"provider-logs\"]";
    let text = example_with(nightly, "nightly = [\"safeguarding\", \"mesages\"]");
    let told = told(&text);
    assert!(told.contains("never removed by a program"), "{told}");
    assert!(
        told.contains("`mesages` is nothing that is kept for a time"),
        "{told}"
    );
}

#[test]
fn secrets_are_read_from_the_environment_and_never_printed() {
    let env = |name: &str| (name == "KINGFISHER_TWILIO_TOKEN").then(|| "hunter2".to_owned());
    let config = Config::parse("schoolgate.toml", EXAMPLE, &env).unwrap();
    let (_, channel) = config.channel("kingfisher-sms").unwrap();
    let ChannelKind::Twilio(twilio) = &channel.kind else {
        panic!("not Twilio")
    };
    let token = twilio.auth_token.value().unwrap();
    assert_eq!(token.expose_secret(), "hunter2");
    assert!(!format!("{config:?}").contains("hunter2"));
}

#[test]
fn secrets_are_read_from_files_beside_the_configuration() {
    let folder = std::env::temp_dir().join(format!("schoolgate-config-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let text = example_with(
        "auth_token_env = \"KINGFISHER_TWILIO_TOKEN\"",
        "auth_token_file = \"token\"",
    );
    std::fs::write(folder.join("schoolgate.toml"), text).unwrap();
    std::fs::write(folder.join("token"), "hunter2\n").unwrap();
    let config = Config::load(&folder.join("schoolgate.toml")).unwrap();
    std::fs::remove_dir_all(&folder).unwrap();
    let (_, channel) = config.channel("kingfisher-sms").unwrap();
    let ChannelKind::Twilio(twilio) = &channel.kind else {
        panic!("not Twilio")
    };
    assert_eq!(
        twilio.auth_token.value().unwrap().expose_secret(),
        "hunter2"
    );
    let Database::Sqlite(path) = &config.database else {
        panic!("not SQLite")
    };
    assert_eq!(path, &folder.join("schoolgate.db"));
}

#[test]
fn a_secret_in_the_file_is_refused_and_not_repeated() {
    for (from, to) in [
        (
            "auth_token_env = \"KINGFISHER_TWILIO_TOKEN\"",
            "auth_token = \"hunter2\"",
        ),
        (
            "auth_token_env = \"KINGFISHER_TWILIO_TOKEN\"",
            "auth_token_env = \"hunter2\"",
        ),
        (
            "database = \"sqlite:schoolgate.db\"",
            "database = \"postgres://me:hunter2@db/school\"",
        ),
    ] {
        let told = told(&example_with(from, to));
        assert!(told.contains("secret"), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }
}

#[test]
fn every_fault_is_told_at_once_with_its_line() {
    let text = "\
databse = \"sqlite:a.db\"
listen = \"8080\"
public_url = \"http://texts.school.example\"

[[school]]
id = \"Kingfisher\"
name = \"Kingfisher\"
office_phone = \"12\"
hours = { days = \"mon-fry\", open = \"08:30\", close = \"08:00\" }

[[school.term]]
from = 2026-09-02
to = 2026-08-02

[school.safeguarding]
rotta = []

[[school.channel]]
id = \"sms\"
kind = \"twillio\"
";
    insta::assert_snapshot!(told(text), @r#"
1: there is no key `databse` in the file / did you mean `database`?
2: `listen` cannot be read: `8080` / write an address and port, such as "127.0.0.1:8080"
3: `public_url` cannot be `http://texts.school.example` / use https: words about children must not travel in the open
5: `authority` is missing in `school` / add: authority = "…"
6: `id` cannot be read: `Kingfisher` / write small letters, digits and dashes
8: `office_phone` cannot be read: `12` / write a number such as "020 7946 0123"
9: the school closes before it opens / put `open` before `close`
9: `days` cannot be read: `mon-fry` / write days such as "mon-fri"
11: this ends before it begins / put `from` before `to`
15: nobody is on the safeguarding rota from Monday 00:00 / add a [[school.safeguarding.rota]] for it, or write not_staffed = true
16: there is no key `rotta` in `safeguarding` / did you mean `rota`?
20: `kind` cannot be `twillio` / did you mean `twilio`?
-: `database` is missing in the file / add: database = "sqlite:schoolgate.db"
"#);
}

#[test]
fn what_would_mislead_a_parent_is_refused() {
    for (from, to, expected) in [
        (
            "not_staffed      = true",
            "not_staffed      = false",
            "nobody is on the safeguarding rota from Monday 00:00",
        ),
        (
            "\"en\", \"pl\"]",
            "\"pl\"]",
            "the default language `en` is not offered",
        ),
        (
            "send_timeout     = \"15s\"",
            "send_timeout     = \"25s\"",
            "a message could be sent twice",
        ),
        (
            "public_url = \"https://texts.school.example\"",
            "",
            "waits for webhooks at no address",
        ),
        (
            "tls          = \"starttls\"",
            "tls          = \"plain\"",
            "email would leave this machine unprotected",
        ),
        (
            "senco = true",
            "governor = true",
            "`governor` never reads a parent's words",
        ),
        (
            "id         = \"kingfisher-telegram\"",
            "id         = \"kingfisher-sms\"",
            "there are two channels `kingfisher-sms`",
        ),
        (
            "id         = \"kingfisher-telegram\"",
            "id         = \"email\"",
            "no channel can be called `email`",
        ),
        (
            "opt_out        = \"carrier\"",
            "per_minute = 5\nopt_out = \"carrier\"",
            "fewer than 6 messages a minute",
        ),
        (
            "opt_out        = \"carrier\"",
            "canary = \"kingfisher-sms\"\nopt_out = \"carrier\"",
            "Twilio does not let a number text itself",
        ),
        (
            "opt_out        = \"carrier\"",
            "canary = \"kingfisher-telegram\"\nopt_out = \"carrier\"",
            "no channel `kingfisher-telegram` of this school sends texts",
        ),
        (
            "secret_env = \"KINGFISHER_TELEGRAM_SECRET\"",
            "secret_env = \"KINGFISHER_TELEGRAM_SECRET\"\ncanary = \"kingfisher-sms\"",
            "a bot has no number to text",
        ),
        (
            "opt_out        = \"carrier\"",
            "price = [{ to = \"44\", part = \"0.04\" }]\nopt_out = \"carrier\"",
            "`to` cannot be read: `44`",
        ),
        (
            "opt_out        = \"carrier\"",
            "price = [{ to = \"+44\" }]\nopt_out = \"carrier\"",
            "`part` is missing",
        ),
        (
            "opt_out        = \"carrier\"",
            "price = [{ to = \"+44\", part = \"-0.04\" }]\nopt_out = \"carrier\"",
            "`part` cannot be read: `-0.04`",
        ),
        (
            "first_case       = 1 ",
            "monthly_budget = \"a lot\"\nfirst_case = 1 ",
            "`monthly_budget` cannot be read: `a lot`",
        ),
        (
            "to   = 2026-12-18",
            "to   = 2027-01-18",
            "two terms overlap",
        ),
        (
            "secret_env = \"KINGFISHER_TELEGRAM_SECRET\"\n",
            "",
            "`secret_env` is missing",
        ),
    ] {
        let told = told(&example_with(from, to));
        assert!(told.contains(expected), "{expected}: {told}");
    }
}

#[test]
fn a_term_beyond_the_known_bank_holidays_is_worth_a_look() {
    let text = example_with("to   = 2027-07-23", "to   = 2028-07-23");
    let config = Config::parse("schoolgate.toml", &text, &nothing_set).unwrap();
    let warning = &config.warnings[0];
    assert_eq!(warning.severity, Severity::Warning);
    assert_eq!(warning.message, "bank holidays are known until 2027 only");
}

#[test]
fn a_budget_without_prices_is_worth_a_look() {
    let budget = "monthly_budget = \"50.00\"\nfirst_case = 1 ";
    let text = example_with("first_case       = 1 ", budget);
    let config = Config::parse("schoolgate.toml", &text, &nothing_set).unwrap();
    assert_eq!(
        config.warnings[0].message,
        "a budget and no prices: nothing is counted against it"
    );
    let price = "price = [{ to = \"+44\", part = \"0.0418\" }]\nopt_out        = \"carrier\"";
    let text = text.replace("opt_out        = \"carrier\"", price);
    let config = Config::parse("schoolgate.toml", &text, &nothing_set).unwrap();
    assert_eq!(config.warnings, []);
    let school = &config.schools[0];
    assert_eq!(school.monthly_budget, Some(Decimal::from(50)));
    assert_eq!(school.channels[0].prices[0].part, Decimal::new(418, 4));
}

#[test]
fn a_service_at_notify_is_one_channels() {
    let channel = |key: &str| {
        let id = key.to_lowercase();
        format!(
            "\n[[school.channel]]\nid = \"{id}\"\nkind = \"notify\"\nnumber = \"+447700900010\"\n\
             api_key_env = \"{key}\"\ntemplate_id = \"00000000-0000-4000-8000-000000000020\"\n\
             callback_token_env = \"TOKEN\"\n"
        )
    };
    let text = format!("{EXAMPLE}{}{}", channel("ONE"), channel("TWO"));
    // Two keys, each with a name and a secret of its own.
    let read = |other: &str| {
        Config::parse("schoolgate.toml", &text, &|name| {
            let service = if name == "TWO" { other } else { "1" };
            let key = |service: &str| {
                format!(
                    "{name}-00000000-0000-4000-8000-00000000000{service}-00000000-0000-4000-8000-000000000030"
                )
            };
            ["ONE", "TWO", "TOKEN"]
                .contains(&name)
                .then(|| key(service))
        })
    };
    let faults = read("1").unwrap_err();
    assert_eq!(
        faults[0].message,
        "channels `one` and `two` are one service at GOV.UK Notify"
    );
    assert!(read("2").is_ok());
}

#[test]
fn a_mailbox_is_one_mail_servers() {
    let server = |table: &str, mailbox: &str| {
        format!(
            "\n[{table}]\nhost = \"localhost\"\nfrom = \"a@b.example\"\n\
             [{table}.inbound]\nkind = \"webhook\"\nsecret_env = \"MAIL\"\naddress = \"{mailbox}\"\n"
        )
    };
    let start = EXAMPLE.find("[email]").unwrap();
    let end = EXAMPLE.find("[timing]").unwrap();
    let of_all = server("email", "cases@council.example");
    let read = |mailbox: &str| {
        let own = server("school.email", mailbox);
        let text = format!("{}{of_all}{}{own}", &EXAMPLE[..start], &EXAMPLE[end..]);
        Config::parse("schoolgate.toml", &text, &|name| {
            Some(name.to_owned()).filter(|n| n != "MAIL")
        })
    };
    let config = read("cases@kingfisher.example").unwrap();
    let missing: Vec<_> = config
        .missing_secrets()
        .into_iter()
        .map(|m| m.what)
        .collect();
    assert_eq!(
        missing,
        [
            "the secret of the email provider that calls us",
            "the secret of the email provider that calls us of kingfisher"
        ]
    );
    let faults = read("Cases@Council.example").unwrap_err();
    assert_eq!(
        faults[0].message,
        "answers to cases@council.example are read twice, last for kingfisher"
    );
}

#[test]
fn what_cannot_be_an_address_and_what_costs_twice_are_named() {
    let number = |more: &str| {
        format!(
            "{EXAMPLE}\n[[school.channel]]\nid = \"k\"\nkind = \"kannel\"\nnumber = \"+447700900010\"\n\
             username = \"u\"\npassword_env = \"P\"\nsecret_env = \"S\"\n{more}\n"
        )
    };
    let told = told(&number("sendsms_url = \"http://\""));
    assert!(
        told.contains("https://sms.example.org/cgi-bin/sendsms"),
        "{told}"
    );
    let twice = "sendsms_url = \"http://localhost:13013/x\"\n\
                 price = [{ to = \"+44\", part = \"0.04\" }, { to = \"+\", part = \"0.1\" }, { to = \"+44\", part = \"0.05\" }]";
    let told = self::told(&number(twice));
    assert!(
        told.contains("numbers that begin with +44 have two prices"),
        "{told}"
    );
}

#[test]
fn a_number_is_one_schools() {
    let school = &EXAMPLE[EXAMPLE.find("[[school]]").unwrap()..];
    let other = school
        .replace("\"kingfisher\"", "\"kestrel\"")
        .replace("\"kingfisher-", "\"kestrel-");
    let told = told(&format!("{EXAMPLE}\n{other}"));
    assert!(
        told.contains("07700 900000 is a number of `kingfisher` and of `kestrel`"),
        "{told}"
    );
}

#[test]
fn a_missing_file_says_how_to_begin() {
    let refused = Config::load(std::path::Path::new("no-such-file.toml")).unwrap_err();
    let shown = refused.to_string();
    assert!(shown.contains("no-such-file.toml"), "{shown}");
    assert!(shown.contains("schoolgate config example"), "{shown}");
}

#[test]
fn school_accounts_are_of_one_issuer_and_their_secret_stands_elsewhere() {
    let with = |issuer: &str, rest: &str| {
        format!(
            "{EXAMPLE}\n[sign_in.oidc]\nissuer = \"{issuer}\"\nclient_id = \"us\"\nlabel = \"Google\"\n{rest}"
        )
    };
    let env = "client_secret_env = \"OIDC\"";
    let google = "https://accounts.google.com";
    let read = Config::parse("schoolgate.toml", &with(google, env), &nothing_set).unwrap();
    let accounts = read.school_accounts.as_ref().unwrap();
    assert_eq!(
        (accounts.issuer.as_str(), accounts.label.as_str()),
        (google, "Google")
    );
    let missing = read.missing_secrets();
    let missing: Vec<_> = missing.iter().map(ToString::to_string).collect();
    assert!(
        missing.contains(&"the client secret of Google is missing: set OIDC".to_owned()),
        "{missing:?}"
    );

    for (text, said) in [
        (with("http://accounts.google.com", env), "`issuer`"),
        (
            with("https://login.microsoftonline.com/common/v2.0", env),
            "everybody's accounts at Microsoft",
        ),
        (with(google, "client_secret = \"s3cret\""), "is a secret"),
        (with(google, ""), "client_secret_env"),
        (with(google, &format!("{env}\ncolour = 1")), "colour"),
        (
            with(google, env).replace("public_url =", "# public_url ="),
            "sent back to no address",
        ),
    ] {
        let told = told(&text);
        assert!(
            told.contains(said) && !told.contains("s3cret"),
            "{said}: {told}"
        );
    }
}

#[test]
fn the_way_in_of_email_is_read_and_what_is_wrong_with_it_named() {
    let with = |inbound: &str| {
        let text = EXAMPLE.replace(
            "[timing]",
            &format!("[email.inbound]\n{inbound}\n\n[timing]"),
        );
        Config::parse("schoolgate.toml", &text, &|name| {
            (name == "SECRET").then(|| "x".to_owned())
        })
    };
    const IMAP: &str = "address = \"Cases@school.example\"\nkind = \"imap\"\nhost = \"imap.school.example\"\nusername = \"cases\"\npassword_env = \"SECRET\"";
    let read = with(IMAP).unwrap().email.unwrap().inbound.unwrap();
    let mailbox = read.imap.unwrap();
    assert_eq!(read.address, "cases@school.example");
    assert_eq!(
        (
            mailbox.port,
            mailbox.folder.as_str(),
            mailbox.every.as_secs()
        ),
        (993, "INBOX", 30)
    );
    assert!(read.secret.is_none());
    let both = "address = \"c@s.example\"\nkind = \"webhook\"\nsecret_env = \"SECRET\"";
    assert!(
        with(both)
            .unwrap()
            .email
            .unwrap()
            .inbound
            .unwrap()
            .imap
            .is_none()
    );
    let table = [
        (IMAP.replace("Cases@school.example", "cases"), "address"),
        (IMAP.replace("\"imap\"", "\"pop\""), "pop"),
        (format!("{IMAP}\ntls = \"plain\""), "unprotected"),
        (format!("{IMAP}\nsecret_env = \"SECRET\""), "secret_env"),
        (IMAP.replace("kind = \"imap\"\n", ""), "kind"),
        (
            "address = \"c@s.example\"\nkind = \"webhook\"".to_owned(),
            "secret",
        ),
    ];
    for (inbound, word) in table {
        let faults = with(&inbound).unwrap_err();
        let told: Vec<String> = faults
            .iter()
            .map(|f| format!("{} {}", f.message, f.remedy))
            .collect();
        assert!(told.iter().any(|t| t.contains(word)), "{word}: {told:?}");
    }
}
