//! What is understood of answers, measured on rows of `expect<TAB>local time<TAB>text<TAB>meaning`,
//! and on what Microsoft's recognizers are tested with, where that lies beside the project.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::Value;

/// A line for `schoolgate flows read`, and what should come out.
struct Row {
    asked: String,
    expected: String,
}

/// What `schoolgate flows read` prints for the lines, what it complains of, and whether it succeeds.
fn run(lines: &str, more: &[&str]) -> (Vec<String>, String, bool) {
    let mut child = Command::new(env!("CARGO_BIN_EXE_schoolgate"))
        .args(["flows", "read"])
        .args(more)
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let lines = lines.to_owned();
    let writing = std::thread::spawn(move || stdin.write_all(lines.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    let printed = printed.lines().map(str::to_owned).collect();
    (printed, errors, output.status.success())
}

/// How many rows are read rightly; prints those that are not.
fn right(rows: &[Row]) -> usize {
    let lines: Vec<&str> = rows.iter().map(|row| row.asked.as_str()).collect();
    let (printed, errors, success) = run(&(lines.join("\n") + "\n"), &["--why"]);
    assert!(success, "{errors}");
    assert_eq!(printed.len(), rows.len());
    let mut right = 0;
    for (row, printed) in rows.iter().zip(&printed) {
        if printed.split('\t').next() == Some(&row.expected) {
            right += 1;
        } else {
            eprintln!("{}: {printed}, not {}", row.asked, row.expected);
        }
    }
    right
}

fn file(path: &str) -> Option<String> {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).ok()
}

#[test]
fn answers_mean_what_their_writers_meant() {
    let table = file("tests/data/reading.tsv").unwrap();
    let rows: Vec<Row> = table
        .lines()
        .filter(|line| !line.starts_with('#'))
        .map(|line| {
            let (asked, expected) = line.rsplit_once('\t').unwrap();
            Row {
                asked: asked.to_owned(),
                expected: expected.to_owned(),
            }
        })
        .collect();
    assert!(rows.len() >= 150);
    assert_eq!(right(&rows), rows.len());
}

#[test]
fn a_line_that_cannot_be_read_is_named_and_the_others_are_read() {
    let lines = "yes-no\t2026-11-24T10:00\tyep\ndat\t2026-11-24T10:00\tfriday\ndate\ttoday\tfriday\n\
                 choice:\t2026-11-24T10:00\ta\nonly this\ndate\t2026-11-24T10:00\tfriday\n";
    let (printed, errors, success) = run(lines, &[]);
    assert_eq!(
        printed,
        ["yes", "error", "error", "error", "error", "2026-11-27"]
    );
    let errors: Vec<&str> = errors.lines().collect();
    assert_eq!(
        errors,
        [
            "error: line 2: `dat` is not one of yes-no, choice:a|b|c, date, time, datetime, \
             child:Sam|Zofia; did you mean `date`?",
            "error: line 3: `today` is no local time; write it as 2026-11-24T10:00",
            "error: line 4: `choice:` offers nothing; write `choice:one|two`",
            "error: line 5: write expect, local time and text with a tab between",
        ]
    );
    assert!(!success);
}

#[test]
fn one_language_may_be_chosen() {
    let line = "yes-no\t2026-11-24T10:00\tno\nyes-no\t2026-11-24T10:00\tno tak\n";
    assert_eq!(run(line, &[]).0, ["no", "yes"]);
    // A Polish "no" nods, and many write it for the English one.
    assert_eq!(run(line, &["--language", "pl"]).0, ["unclear", "yes"]);
    let (_, errors, success) = run(line, &["--language", "pll"]);
    assert!(errors.contains("there is no language `pll`") && errors.contains("did you mean `pl`?"));
    assert!(!success);
}

/// The rows of one of the files, when it is there: text, local time, results.
fn recognizers(name: &str) -> Option<Vec<(String, String, Vec<Value>)>> {
    let text = file(&format!("../shared/data/recognizers/{name}.json"))?;
    let rows: Vec<Value> = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    let row = |row: &Value| {
        let now = row["Context"]["ReferenceDateTime"].as_str();
        let now = now.unwrap_or("2026-11-24T10:00:00").to_owned();
        let text = row["Input"].as_str().unwrap().to_owned();
        (text, now, row["Results"].as_array().unwrap().clone())
    };
    Some(rows.iter().map(row).collect())
}

/// Rows to read, and rows left out with the reason.
#[derive(Default)]
struct Kept {
    rows: Vec<Row>,
    left: Vec<(String, &'static str)>,
}

impl Kept {
    fn keep(&mut self, expect: &str, now: &str, text: &str, expected: impl Into<String>) {
        self.rows.push(Row {
            asked: format!("{expect}\t{now}\t{text}"),
            expected: expected.into(),
        });
    }

    fn leave(&mut self, text: &str, why: &'static str) {
        self.left.push((text.to_owned(), why));
    }
}

/// More choices than one text ever offers, with names that nobody writes in such a row.
const TREES: [&str; 12] = [
    "Ash", "Beech", "Cedar", "Elm", "Fir", "Hazel", "Juniper", "Larch", "Maple", "Oak", "Pine",
    "Yew",
];

/// Words of a row in which somebody takes one of several; the others are about something else.
const TAKING: [&str; 6] = [
    "show me",
    "i like",
    "i meant",
    "the one before",
    "i want",
    "give me",
];

fn places(kept: &mut Kept) -> Option<()> {
    let choices = format!("choice:{}", TREES.join("|"));
    for (text, now, results) in recognizers("Number__English__OrdinalModel")? {
        let small = text.to_lowercase();
        let [result] = results.as_slice() else {
            kept.leave(&text, "no place, or two of them");
            continue;
        };
        let of = |key: &str| result["Resolution"][key].as_str().unwrap_or_default();
        let whole = result["Text"]
            .as_str()
            .is_some_and(|t| t.len() == text.len());
        let taking = TAKING.iter().any(|words| small.starts_with(words));
        let several = ["two", "3"]
            .iter()
            .any(|n| small.split(' ').any(|w| w == *n));
        let number: Option<usize> = of("offset").parse().ok().filter(|n| *n > 0);
        match (of("relativeTo"), number) {
            ("current", _) => kept.leave(
                &text,
                "next and previous are places in a book, not in a list",
            ),
            _ if !(whole || taking) => kept.leave(&text, "about something else than a choice"),
            _ if several => kept.leave(&text, "takes several at once"),
            ("end", _) => {
                let back: usize = of("offset").trim_start_matches('-').parse().unwrap();
                kept.keep(&choices, &now, &text, TREES[TREES.len() - 1 - back]);
            }
            (_, Some(n)) if n <= TREES.len() => kept.keep(&choices, &now, &text, TREES[n - 1]),
            // Not a place in a list, but a day: from the 24th on, this month's or the next one's.
            (_, Some(n)) if n <= 31 => {
                let month = if n < 24 { 12 } else { 11 };
                kept.keep("date", &now, &text, format!("2026-{month}-{n:02}"));
            }
            _ => kept.leave(&text, "a number beyond any list and any month"),
        }
    }
    Some(())
}

/// Days and times: of two readings, one gone by and one to come, the one to come.
fn days(kept: &mut Kept) -> Option<()> {
    let mut all = recognizers("DateTime__EnglishOthers__DateParser")?;
    all.extend(recognizers("DateTime__EnglishOthers__DateTimeModel")?);
    for (text, now, results) in all {
        let [result] = results.as_slice() else {
            kept.leave(&text, "several days and a length of time");
            continue;
        };
        let name = result["TypeName"].as_str().or(result["Type"].as_str());
        let name = name.unwrap_or_default().trim_start_matches("datetimeV2.");
        if name.ends_with("range") {
            kept.leave(&text, "a range: no answer to when");
            continue;
        }
        let values = result["Resolution"]["values"].as_array();
        let value = values.and_then(|all| all.last()?["value"].as_str());
        let value = value.or(result["Value"]["FutureResolution"]["date"].as_str());
        let value = value.unwrap().replace(' ', "T");
        let by_minute = match name {
            "time" => value[..5].to_owned(),
            "datetime" => value[..16].to_owned(),
            _ => value.clone(),
        };
        let gone = name != "time" && value.as_str() < &now[..value.len().min(now.len())];
        kept.keep(
            name,
            &now,
            &text,
            if gone { "past".to_owned() } else { by_minute },
        );
    }
    Some(())
}

#[test]
fn recognizers_rows_that_a_parent_might_write_are_read() {
    let mut kept = Kept::default();
    let Some(booleans) = recognizers("Choice__English__BooleanModel") else {
        eprintln!("../shared/data/recognizers is not there; nothing is measured");
        return;
    };
    for (text, now, results) in booleans {
        let yes = results[0]["Resolution"]["value"].as_bool().unwrap();
        kept.keep("yes-no", &now, &text, if yes { "yes" } else { "no" });
    }
    places(&mut kept).unwrap();
    days(&mut kept).unwrap();
    for (text, why) in &kept.left {
        eprintln!("left out, {why}: {text}");
    }
    let (right, all) = (right(&kept.rows), kept.rows.len());
    let left = kept.left.len();
    eprintln!("{right} of {all} read rightly, {left} left out");
    assert!(all >= 45, "{all}");
    assert!(right * 100 >= all * 90, "{right} of {all}");
}
