use jiff::civil::date;

use super::*;

fn directory() -> Directory {
    Directory::embedded().unwrap_or_else(|faults| panic!("{faults:#?}"))
}

#[test]
fn a_family_is_told_whatever_way_there_is_to_reach_a_service() {
    let service = |lines: &str| {
        let text = format!(
            "[[service]]\nkey = \"a\"\nkind = \"forum\"\nname = \"A\"\nabout = \"B\"\n\
                 source = \"C\"\nlast_verified = \"never\"\n{lines}\n"
        );
        let directory = Directory::load("services.toml", &text).unwrap();
        directory.get("a").unwrap().reach()
    };
    let phone = "phone = \"020 7946 0123\"";
    let website = "website = \"a.example\"";
    let email = "email = \"a@a.example\"";
    assert_eq!(service(phone), "020 7946 0123");
    assert_eq!(service(website), "a.example");
    assert_eq!(service(email), "a@a.example");
    assert_eq!(
        service(&format!("{phone}\n{website}\n{email}")),
        "020 7946 0123, a.example"
    );
}

#[test]
fn people_name_their_council_as_they_like() {
    let directory = directory();
    for (said, expected) in [
        ("Camden", Some("Camden")),
        ("camden council", Some("Camden")),
        ("London Borough of Camden", Some("Camden")),
        ("its camdon", Some("Camden")),
        ("hull", Some("Hull")),
        ("Hull City Council", Some("Hull")),
        ("Kingston upon Hull", Some("Hull")),
        ("Barnett", Some("Barnet")),
        ("cambs", Some("Cambridgeshire")),
        ("Cambridgeshire County Council", Some("Cambridgeshire")),
        ("cambridgshire", Some("Cambridgeshire")),
        ("we live in camden now", Some("Camden")),
        // A council of its own, which the post puts in another's county.
        ("Peterborough", Some("Peterborough")),
        ("Peterborough, Cambridgeshire", None),
        ("barnet or camden", None),
        ("Kingston upon Thames", None),
        ("Kingston", None),
        ("hall", None),
        ("council", None),
        ("", None),
    ] {
        assert_eq!(directory.council(said), expected, "{said}");
    }
}

#[test]
fn advice_is_that_of_the_home_council_or_the_national_finder() {
    let directory = directory();
    let told = |council| match directory.find(Kind::Sendiass, council) {
        Some(Found::Local(service)) => format!("local {}", service.key),
        Some(Found::National(service)) => format!("national {}", service.key),
        None => "nothing".to_owned(),
    };
    assert_eq!(told("camden council"), "local camden-sendiass");
    assert_eq!(told("barnet"), "local barnet-sendiass");
    assert_eq!(told("Leeds"), "national iass-finder");
    assert_eq!(told("Peterborough"), "national iass-finder");
    // Hull's mediator is not known, and there is no national one.
    assert_eq!(directory.find(Kind::Mediation, "Hull"), None);
}

#[test]
fn no_number_is_given_that_was_not_established() {
    let directory = directory();
    for service in directory.services() {
        if service.kind == Kind::Sendiass {
            assert_eq!(service.phone, None, "{}", service.key);
        }
    }
    // A number of a neighbour, and of a person who has moved on.
    let all: Vec<&str> = directory
        .services()
        .iter()
        .filter_map(|s| s.phone.as_deref())
        .collect();
    for wrong in ["0300 365 1020", "020 7974 6264"] {
        assert!(!all.contains(&wrong), "{wrong}");
    }
    let samaritans = directory.get("samaritans").unwrap();
    assert_eq!(samaritans.phone.as_deref(), Some("116 123"));
}

#[test]
fn what_was_never_checked_is_always_due() {
    let text = r#"
            [[service]]
            key = "a"
            kind = "helpline"
            name = "A"
            about = "A."
            phone = "116 123"
            source = "https://a.example"
            last_verified = 2026-11-01

            [[service]]
            key = "b"
            kind = "helpline"
            name = "B"
            about = "B."
            phone = "0800 1111"
            source = "https://b.example"
            last_verified = "never"
        "#;
    let directory = Directory::load("services.toml", text).unwrap();
    let due = |day| {
        let due = directory.unverified_since(day);
        due.map(|s| s.key.as_str()).collect::<Vec<_>>()
    };
    assert_eq!(due(date(2026, 6, 1)), ["b"]);
    assert_eq!(due(date(2026, 12, 1)), ["a", "b"]);
}

#[test]
fn a_school_knows_better_and_what_it_checked_counts_until_it_changes() {
    let directory = directory();
    let mut own = Own::default();
    let today = date(2026, 12, 1);
    let advice = directory.get("camden-sendiass").unwrap();
    own.check(advice, today);
    own.hidden.push("camden-forum".to_owned());
    own.set(Service {
        key: "hull-advice".to_owned(),
        council: Some("Hull".to_owned()),
        phone: Some("020 7946 0999".to_owned()),
        ..advice.clone()
    });
    let read = Own::load("own", own.draft().text()).unwrap();
    assert_eq!(read, own);

    let known = directory.with(&own);
    let checked = known.get("camden-sendiass").unwrap();
    assert_eq!(checked.last_verified, Some(today));
    assert!(known.find(Kind::Forum, "Camden").is_none());
    // What the school wrote comes before what the directory has of that kind.
    let Some(Found::Local(hull)) = known.find(Kind::Sendiass, "hull") else {
        panic!("Hull has one");
    };
    assert_eq!(hull.key, "hull-advice");

    let mut moved = directory.clone();
    for service in &mut moved.services {
        if service.key == "camden-sendiass" {
            service.website = Some("elsewhere.example".to_owned());
        }
    }
    let moved = moved.with(&own);
    assert_eq!(moved.get("camden-sendiass").unwrap().last_verified, None);
}

#[test]
fn what_no_family_could_use_is_refused() {
    let told = |line: &str| {
        let text = format!(
            "[[service]]\nkey = \"a\"\nkind = \"forum\"\nname = \"A\"\nabout = \"B\"\n\
                 source = \"C\"\nlast_verified = \"never\"\n{line}\n"
        );
        let faults = Own::load("own", &text).unwrap_err();
        faults.into_iter().map(|f| f.message).collect::<Vec<_>>()
    };
    assert_eq!(
        told("website = \"javascript:alert(1)\""),
        ["`javascript:alert(1)` is no web address"]
    );
    assert_eq!(told("email = \"x\""), ["`email` cannot be read: `x`"]);
    let long = format!("website = \"{}.example\"", "a".repeat(80));
    assert_eq!(told(&long), ["`website` has 88 characters"]);
}

#[test]
fn a_directory_with_faults_is_refused() {
    let text = "\
[[service]]
key = \"x\"
kind = \"sendias\"
council = \"Camdem\"
name = \"X\"
about = \"X.\"
webiste = \"x.example\"
last_verified = \"yes\"

[[council]]
name = \"Camden\"
";
    let faults = Directory::load("services.toml", text).unwrap_err();
    let sources = [("services.toml".to_owned(), text.to_owned())].into();
    let told: Vec<String> = faults
        .iter()
        .map(|f| {
            format!(
                "{}: {} / {}",
                f.line(&sources).unwrap(),
                f.message,
                f.remedy
            )
        })
        .collect();
    insta::assert_snapshot!(told.join("\n"), @r#"
1: a family would be sent to a service that it cannot reach / add a phone, a website or an email
1: `source` is missing in `service` / add: source = "…"
3: `kind` cannot be `sendias` / did you mean `sendiass`?
4: there is no council `Camdem` in this file / did you mean `Camden`?
7: there is no key `webiste` in `service` / did you mean `website`?
8: `last_verified` is not written as expected / write a day, such as 2026-09-02
"#);
}
