//! `schoolgate chat --record`: a live trial becomes a conversation file that plays as it stands.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Output, Stdio};

/// What one run of the program said.
struct Run {
    ok: bool,
    out: String,
    err: String,
}

fn schoolgate(args: &[&str], typed: &[u8]) -> Run {
    let mut program = Command::new(env!("CARGO_BIN_EXE_schoolgate"))
        .args(args)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    program.stdin.take().unwrap().write_all(typed).unwrap();
    let Output {
        status,
        stdout,
        stderr,
    } = program.wait_with_output().unwrap();
    Run {
        ok: status.success(),
        out: String::from_utf8(stdout).unwrap(),
        err: String::from_utf8(stderr).unwrap(),
    }
}

/// Types a trial into `chat --record`, and plays what was recorded; the file.
fn recorded(who: &str, typed: &[u8]) -> (String, Run) {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("trial.chat");
    let path = file.to_str().unwrap();
    let run = schoolgate(&["chat", "--as", who, "--record", path], typed);
    assert!(run.ok, "{}", run.err);
    let source = std::fs::read_to_string(&file).unwrap();
    let played = schoolgate(&["flows", "test", path], b"");
    assert!(played.ok, "{}{}\n{source}", played.out, played.err);
    assert_eq!(
        std::fs::read_to_string(&file).unwrap(),
        source,
        "playing changes nothing"
    );
    (source, run)
}

#[test]
fn a_trial_becomes_a_file_that_plays() {
    let (source, run) = recorded(
        "+447700900101",
        b"im worried about sam, not sleeping\n1\n@ +24h\n[+447700900202] > OK 7294\nC-1042?\n",
    );
    let lines: Vec<&str> = source.lines().collect();
    assert_eq!(lines[0], "# as +447700900101");
    assert_eq!(lines[1], "# only in en: one trial, as it went");
    assert!(lines[2].starts_with("# A trial of "), "{source}");
    assert!(lines[3].starts_with("@ "), "{source}");
    assert_eq!(lines[4], "> im worried about sam, not sleeping");
    assert!(
        lines[5].starts_with("< Thank you") && lines[5].contains("C-1042"),
        "{source}"
    );
    assert!(lines.contains(&"@ +24h"), "{source}");
    assert!(
        lines.contains(&"[+447700900202] > OK 7294"),
        "what others write: {source}"
    );
    let told = lines.iter().filter(|l| l.starts_with("[+447700900202] < "));
    assert!(told.count() > 0, "and what they are told: {source}");
    assert!(run.out.contains("< Thank you"), "{}", run.out);
    assert!(
        run.err.contains("trial.chat holds 4 messages"),
        "it says what it wrote: {}",
        run.err
    );
}

#[test]
fn a_trial_in_polish_plays_in_polish() {
    let (source, _) = recorded(
        "+447700900102",
        "dzien dobry, martwie sie o zosie, nie chce chodzic do szkoly\n2\n".as_bytes(),
    );
    assert!(source.contains("# only in pl: "), "{source}");
}

#[test]
fn odd_input_is_recorded_as_it_was_typed() {
    let (source, run) = recorded(
        "+447700900101",
        "< hello\n# not a remark\n\n   \n\u{1f600}\u{1f44d}\n[\u{2026}]\n\u{2026}\n[what] > is this\n@ someday\n@ Mon 1 Jan 2001 10:00\n> > menu\n\
         im worried\u{2028}about sam \u{2026} [really]\r\n! every chain is broken\n"
            .as_bytes(),
    );
    for line in ["> < hello", "> # not a remark", ">", "> […]", "> …"] {
        assert!(source.lines().any(|l| l == line), "{line}: {source}");
    }
    for refused in ["[what]", "@ someday", "2001"] {
        assert!(!source.contains(refused), "{source}");
    }
    assert!(run.err.contains("someday"), "{}", run.err);
}

#[test]
fn a_trial_that_ends_in_the_middle_is_a_whole_file() {
    // No line break after the last words: Ctrl-D was pressed.
    let (source, _) = recorded("+447700900101", b"im worried about sam\nby pho");
    assert!(source.lines().any(|l| l == "> by pho"), "{source}");
    let (source, run) = recorded("+447700900101", b"");
    assert!(!source.contains("\n> "), "{source}");
    assert!(run.err.contains("holds 0 messages"), "{}", run.err);
    let (source, _) = recorded("+447700900101", b"hello \xff\xfe there\n");
    assert!(source.contains("> hello"), "{source}");
}

#[test]
fn a_file_that_is_there_is_kept_unless_it_is_said_otherwise() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("mine.chat");
    std::fs::write(&file, "# mine\n").unwrap();
    let path = file.to_str().unwrap();
    let run = schoolgate(&["chat", "--record", path], b"menu\n");
    assert!(
        !run.ok && run.out.is_empty(),
        "nothing was tried: {}",
        run.out
    );
    assert!(
        run.err.contains("mine.chat is there already"),
        "{}",
        run.err
    );
    assert!(run.err.contains("--force"), "{}", run.err);
    assert_eq!(std::fs::read_to_string(&file).unwrap(), "# mine\n");

    let run = schoolgate(&["chat", "--record", path, "--force"], b"menu\n");
    assert!(run.ok, "{}", run.err);
    assert!(std::fs::read_to_string(&file).unwrap().contains("> menu"));

    let nowhere = Path::new(path).join("below").display().to_string();
    let run = schoolgate(&["chat", "--record", &nowhere], b"");
    assert!(
        !run.ok && run.err.contains("cannot be written"),
        "{}",
        run.err
    );
}
