//! The safeguarding screen, measured on rows of `text<TAB>language<TAB>expected<TAB>kind`: the set that
//! is expected joined by `+`, `a|b` where either is right, `none`, or `unread`.

use std::collections::BTreeMap;
use std::path::Path;

use schoolgate::config::Config;
use schoolgate::deployment::{Parts, name_of};
use schoolgate::school::safeguarding::{Risk, Screen, StaffName};

fn screen() -> (Screen, Vec<StaffName>) {
    let config = Config::demo().unwrap();
    let screen = Parts::load(&config).unwrap().screen;
    let people = config
        .schools
        .iter()
        .flat_map(|school| &school.people.staff);
    let staff = people.map(|member| name_of(&screen, member)).collect();
    (screen, staff)
}

#[test]
fn no_risk_is_passed_over_and_few_harmless_messages_alert() {
    let (screen, staff) = screen();
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/screen.tsv");
    let rows = std::fs::read_to_string(path).unwrap();
    let mut kinds: BTreeMap<String, [u32; 3]> = BTreeMap::new();
    let (mut missed, mut alarms, mut read) = (Vec::new(), Vec::new(), Vec::new());
    let mut harmless = 0u32;
    for row in rows.lines().skip(1) {
        let cells: Vec<&str> = row.split('\t').collect();
        let [text, language, expected, kind] = cells[..] else {
            panic!("not four cells: {row}");
        };
        let verdict = screen.verdict(text, false, &staff);
        let shown = format!("{text} ({language}): {} {:?}", verdict.words(), verdict.why);
        let count = kinds.entry(format!("{language} {kind}")).or_default();
        count[0] += 1;
        match expected {
            "none" => {
                harmless += 1;
                if !verdict.set.is_empty() {
                    alarms.push(shown);
                    count[1] += 1;
                }
            }
            "unread" if !verdict.set.contains(&Risk::Unread) && !verdict.alerts() => {
                read.push(shown)
            }
            "unread" => {}
            expected => {
                if !verdict.alerts() {
                    missed.push(shown);
                    count[1] += 1;
                }
                let right = |set: &str| {
                    set.split('+')
                        .all(|word| verdict.set.iter().any(|risk| risk.word() == word))
                };
                if verdict.alerts() && !expected.split('|').any(right) {
                    count[2] += 1;
                }
            }
        }
    }
    for (kind, [rows, wrong, other]) in &kinds {
        eprintln!("{kind}: {rows} rows, {wrong} wrong, {other} alerted as another kind");
    }
    eprintln!(
        "{} of {harmless} harmless messages alert: {alarms:#?}",
        alarms.len()
    );
    assert!(missed.is_empty(), "passed over: {missed:#?}");
    assert!(read.is_empty(), "taken for read: {read:#?}");
    let most = harmless / 50;
    assert!(
        alarms.len() <= most as usize,
        "more than 2 % alert: {alarms:#?}"
    );
}
