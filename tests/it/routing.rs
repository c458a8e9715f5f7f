//! Where opening messages lead, measured on rows of `text<TAB>language<TAB>expected`. `a|b`: either
//! is right; `a+b`: both are asked for, and the first is the main one. A row that begins with `#`
//! says how the rows came about.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};

struct Row {
    text: String,
    language: String,
    expected: String,
}

/// The rows of a file of this project, or `None` when it is not there.
fn rows(path: &str) -> Option<Vec<Row>> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(path);
    let file = std::fs::read_to_string(path).ok()?;
    let rows = file.lines().filter(|line| !line.starts_with('#'));
    let rows = rows.skip(1).filter_map(|line| {
        let mut cells = line.split('\t').map(str::to_owned);
        Some(Row {
            text: cells.next()?,
            language: cells.next()?,
            expected: cells.next()?.replace('_', "-"),
        })
    });
    Some(rows.collect())
}

/// What `schoolgate flows route` prints for each text.
fn routed(texts: &str) -> Vec<String> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_schoolgate"))
        .args(["flows", "route"])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let texts = texts.to_owned();
    let writing = std::thread::spawn(move || stdin.write_all(texts.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writing.join().unwrap().unwrap();
    assert!(output.status.success());
    let printed = String::from_utf8(output.stdout).unwrap();
    printed.lines().map(str::to_owned).collect()
}

/// The share of rows in the given languages whose main route is right; prints those that are not.
fn share_right(rows: &[Row], languages: &[&str]) -> f64 {
    let rows: Vec<&Row> = rows
        .iter()
        .filter(|row| languages.contains(&row.language.as_str()))
        .collect();
    let texts: Vec<&str> = rows.iter().map(|row| row.text.as_str()).collect();
    let printed = routed(&(texts.join("\n") + "\n"));
    assert_eq!(printed.len(), rows.len());
    let mut right = 0u32;
    for (row, printed) in rows.iter().zip(&printed) {
        let names = printed
            .split('\t')
            .next()
            .unwrap_or_default()
            .replace('_', "-");
        let main = names.split('+').next().unwrap_or_default();
        let mut either = row.expected.split('|').map(|one| one.split('+').next());
        if either.any(|expected| expected == Some(main)) {
            right += 1;
        } else {
            eprintln!("{}: {names}, not {}", row.text, row.expected);
        }
    }
    let all = u32::try_from(rows.len()).unwrap().max(1);
    let share = f64::from(right) / f64::from(all);
    eprintln!("{right} of {all} right: {share:.3}");
    share
}

#[test]
fn what_parents_say_leads_where_it_should() {
    let Some(rows) = rows("../shared/data/parents_say.tsv") else {
        eprintln!("passes unread: parents_say.tsv is not here");
        return;
    };
    assert!(share_right(&rows, &["en", "pl"]) >= 0.9);
    // What nobody here can read is never guessed at.
    for row in rows
        .iter()
        .filter(|r| !["en", "pl"].contains(&r.language.as_str()))
    {
        let printed = routed(&format!("{}\n", row.text));
        assert_eq!(
            printed[0].split('\t').next(),
            Some("unread"),
            "{}",
            row.text
        );
    }
}

#[test]
fn opening_messages_lead_where_they_should() {
    let rows = rows("tests/data/opening_messages.tsv").unwrap();
    assert!(share_right(&rows, &["en"]) >= 0.9);
    assert!(share_right(&rows, &["pl"]) >= 0.9);
}

#[test]
fn several_wishes_are_all_told_the_riskier_or_first_one_first() {
    let printed = routed(
        "need a meeting and who is the senco\n\
         who is his teacher and when is sports day\n\
         when is the play and how is he getting on in maths\n\
         im worried about her sleeping, also what is an EHCP\n\
         can I book a meeting and my nan is picking him up today\n\
         martwię się o córkę i chcę umówić spotkanie\n",
    );
    let names: Vec<&str> = printed
        .iter()
        .filter_map(|p| p.split('\t').next())
        .collect();
    assert_eq!(
        names,
        [
            "meeting+who-to-contact",
            "who-to-contact+events",
            "events+progress",
            "concern+ehcp",
            "today+meeting",
            "concern+meeting",
        ]
    );
}

#[test]
fn languages_in_our_letters_are_not_taken_for_english_or_polish() {
    let printed = routed(
        "copilul meu este bolnav azi\n\
         öğretmenle görüşmek istiyorum\n\
         dua të flas me mësuesin për djalin tim\n\
         bom dia, gostaria de marcar uma reunião\n\
         waxaan rabaa inaan la hadlo macalinka\n\
         buenos días, mi hijo está enfermo hoy\n\
         noriu susitikti su mokytoja\n\
         je voudrais parler avec la maîtresse de mon fils\n\
         volevo sapere come va mio figlio\n\
         szeretnék beszélni a tanárnővel\n",
    );
    for line in printed {
        assert!(line.starts_with("unread\t"), "{line}");
    }
}

#[test]
fn no_message_is_too_odd_to_be_routed() {
    let long = "please can somebody help me with this ".repeat(600);
    let odd = [
        "😡😡😡",
        "a\0b\0c",
        "\u{202e}olleh",
        "....",
        "<<<>>>",
        "«»",
        long.as_str(),
    ];
    let printed = routed(&(odd.join("\n") + "\n\n"));
    assert_eq!(printed.len(), odd.len() + 1);
    for line in printed {
        assert!(line.split('\t').count() == 2, "{line}");
    }
}

#[test]
fn why_names_the_words_that_weighed() {
    let output = Command::new("sh")
        .arg("-c")
        .arg("echo 'nobody plays with her at break' | \"$0\" flows route --why")
        .arg(env!("CARGO_BIN_EXE_schoolgate"))
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!(printed.starts_with("concern\t"), "{printed}");
    assert!(printed.contains("plays"), "{printed}");
}
