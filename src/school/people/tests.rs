use jiff::civil::{Date, Time, date};

use super::*;
use crate::fault::{Fault, Sources};
use crate::school::calendar::Days;
use crate::school::fixture::kingfisher;

const TODAY: Date = date(2026, 12, 1);

fn hours() -> Work {
    Work {
        days: Days::WEEKDAYS,
        from: Time::constant(8, 30, 0, 0),
        to: Time::constant(16, 0, 0, 0),
        absent: Vec::new(),
    }
}

/// The faults of a people file, a line each.
fn told(text: &str) -> String {
    let faults = People::parse("people.toml", text, &hours()).unwrap_err();
    let sources = Sources::from([("people.toml".to_owned(), text.to_owned())]);
    let line = |f: &Fault| {
        let line = f.line(&sources).map_or("-".to_owned(), |l| l.to_string());
        format!("{line}: {} / {}", f.message, f.remedy)
    };
    faults.iter().map(line).collect::<Vec<_>>().join("\n")
}

#[test]
fn numbers_of_the_demo_school_stand_as_the_fixture_says() {
    let people = &kingfisher().people;
    for (number, expected) in [
        ("+447700900101", "checked amina-yusuf"),
        ("+447700900102", "checked piotr-kowalski"),
        ("+447700900103", "checked sarah-reed"),
        // Lives apart, court-order field blank.
        ("+447700900104", "unchecked mark-reed"),
        ("+447700900105", "checked joy-campbell"),
        // Restricted.
        ("+447700900107", "unchecked dean-price"),
        ("+447700900108", "checked nina-price"),
        // Two adults of one household, and one number on two households' records.
        ("+447700900109", "checked ravi-nandi meera-nandi"),
        ("+447700900110", "unchecked daniel-brooks ruth-osei"),
        ("+447700900999", "unknown"),
    ] {
        let keys = |adults: Vec<&Adult>| {
            let keys: Vec<_> = adults.iter().map(|a| a.key.as_str()).collect();
            keys.join(" ")
        };
        let standing = match people.standing(&Phone::parse(number).unwrap(), TODAY) {
            Standing::Unknown => "unknown".to_owned(),
            Standing::Unchecked(adults) => format!("unchecked {}", keys(adults)),
            Standing::Checked(adults) => format!("checked {}", keys(adults)),
        };
        assert_eq!(standing, expected, "{number}");
    }
}

#[test]
fn a_restriction_stands_from_its_first_to_its_last_day() {
    let dean = &kingfisher().people.adults;
    let dean = dean.iter().find(|a| a.key == "dean-price").unwrap();
    let mut ola = dean.children[0].clone();
    assert!(!ola.is_restricted(date(2026, 9, 6)));
    assert!(ola.is_restricted(date(2026, 9, 7)));
    ola.restriction.as_mut().unwrap().until = Some(date(2026, 12, 1));
    assert!(ola.is_restricted(date(2026, 12, 1)));
    assert!(!ola.is_restricted(date(2026, 12, 2)));
}

#[test]
fn staff_work_the_schools_hours_unless_their_line_says_otherwise() {
    let people = &kingfisher().people;
    let hughes = &people.staff("mr-hughes").unwrap().work;
    assert_eq!(*hughes, hours());
    let cole = &people.staff("mrs-cole").unwrap().work;
    assert_eq!(cole.days, Days::parse("mon-thu").unwrap());
    assert_eq!((cole.from, cole.to), (hours().from, hours().to));
}

#[test]
fn a_school_with_nobody_to_page_is_refused() {
    let text = "\
[[staff]]
key = \"mrs-cole\"
name = \"Mrs Cole\"
roles = [\"senco\"]
";
    insta::assert_snapshot!(told(text), @r#"
1: no message can reach Mrs Cole / add a phone or an email
-: no message can reach the SENCO / add a phone or an email
-: the school has no designated safeguarding lead / give somebody the role `dsl`
-: the school has no head / give somebody the role `head`
-: the school has no office / give somebody the role `office`
"#);
}

#[test]
fn every_fault_of_the_people_is_told_at_once() {
    let text = "\
[[staff]]
key     = \"one\"
name    = \"Miss One\"
roles   = [\"senco\", \"dls\"]
classes = [\"3H\"]
phone   = \"+447700900201\"
available = [{ days = \"mon\", from = \"15:32\", to = \"16:00\", modes = [\"telefone\"] }]

[[staff]]
key   = \"two\"
name  = \"Mr Two\"
roles = [\"dsl\", \"head\", \"office\"]
phone = \"07700 900201\"
cover = \"won\"

[[pupil]]
key        = \"sam\"
first_name = \"Sam\"
last_name  = \"Yusuf\"
class      = \"3J\"
sen        = \"suport\"

[[adult]]
key      = \"amina\"
name     = \"Amina Yusuf\"
phones   = [\"123\"]
language = \"Polish, I think\"
children = [{ pupil = \"sma\", kind = \"mother\", court_order = \"unknown\" }]

[[adult]]
key   = \"amina\"
name  = \"Amina Yusuf\"
phone = \"+447700900101\"
";
    insta::assert_snapshot!(told(text), @r#"
4: there is no role `dls` / did you mean `dsl`?
7: these times cannot be offered / put `from` before `to`, both on a multiple of five minutes
7: there is no way to meet called `telefone` / known here: school, phone, video, home
9: Mr Two and Miss One have the same phone / a notice is answered from a phone: give each their own, or leave one out
14: `cover` names `won`, who is not on the staff / known here: one, two
20: class `3J` has no teacher / did you mean `3H`?
21: `sen` cannot be `suport` / did you mean `support`?
26: `123` is not a phone number / write it as +447700900101 or 07700 900101
27: `language` cannot be read: `Polish, I think` / write a language tag, such as "pl"
28: there is no pupil `sma` / did you mean `sam`?
28: `court_order` cannot be `unknown` / known here: yes, no, blank
30: there are two `amina` / give each person a key of their own
33: there is no key `phone` in `adult` / did you mean `phones`?
"#);
}

#[test]
fn a_restriction_with_a_mistake_is_never_read_as_none() {
    let text = kingfisher_file().replace("since = 2026-09-07", "since = \"September\"");
    let told = told(&text);
    assert!(
        told.contains("`since` is not written as expected"),
        "{told}"
    );
    let text = kingfisher_file().replace(
        "[adult.children.restriction]",
        "[adult.children.restricton]",
    );
    assert!(self::told(&text).contains("did you mean `restriction`?"));
}

fn kingfisher_file() -> String {
    include_str!("../../../demo/kingfisher.toml").to_owned()
}
