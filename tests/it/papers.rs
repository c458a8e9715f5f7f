//! Pictures, the reference, the schema and the page for beginners: each is what the program says.

use std::collections::HashSet;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use schoolgate::channel::{Found, Media, Outbound, abilities};
use schoolgate::clock::Clock;
use schoolgate::config::Config;
use schoolgate::flow::transcript::matches;
use schoolgate::testing::Rig;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn schoolgate(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_schoolgate"))
        .args(arguments)
        .output()
        .unwrap()
}

fn printed(arguments: &[&str]) -> String {
    let output = schoolgate(arguments);
    let errors = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{arguments:?}: {errors}");
    String::from_utf8(output.stdout).unwrap()
}

/// A page of `docs` is what a command prints.
fn is_printed(page: &str, command: &[&str]) {
    let now = printed(command);
    let written = std::fs::read_to_string(root().join("docs").join(page)).unwrap_or_default();
    assert!(
        now == written,
        "docs/{page} is not what the program says: run `cargo run -- {} > docs/{page}`",
        command.join(" ")
    );
}

#[test]
fn the_reference_is_what_the_program_reads_by() {
    is_printed("flow-reference.md", &["flows", "reference"]);
}

#[test]
fn the_schema_is_what_the_program_reads_by() {
    is_printed("flow.schema.json", &["flows", "schema"]);
}

#[test]
fn the_matrix_of_channels_is_what_they_say_of_themselves_and_each_has_a_page() {
    is_printed("channels/README.md", &["config", "channels"]);
    for abilities in abilities::ALL {
        let page = root().join("docs/channels").join(abilities.page);
        let page = std::fs::read_to_string(page).unwrap();
        let kind = format!("\"{}\"", abilities.kind);
        assert!(page.contains(&kind) || page.contains("[email]"), "{kind}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn each_channel_can_do_what_it_says_of_itself_and_no_more() {
    // Nobody listens there: whoever asks gets no answer, and who does not ask has one at once.
    let nobody = "127.0.0.1:1";
    let kinds = [
        (
            "twilio",
            "account_sid = \"AC00000000000000000000000000000000\"\nauth_token_file = \"key\"",
        ),
        (
            "vonage",
            "api_key = \"k\"\napi_secret_file = \"key\"\nsignature_secret_file = \"key\"",
        ),
        (
            "notify",
            "api_key_file = \"notify\"\ntemplate_id = \"f33517ff-2a88-4f6e-b855-c550268ce08a\"\ncallback_token_file = \"key\"",
        ),
        (
            "kannel",
            "sendsms_url = \"http://127.0.0.1:1/s\"\nusername = \"u\"\npassword_file = \"key\"\nsecret_file = \"key\"",
        ),
        (
            "android",
            "username = \"u\"\npassword_file = \"key\"\nsigning_key_file = \"key\"",
        ),
        ("telegram", "token_file = \"key\"\nsecret_file = \"key\""),
    ];
    let mut channels = String::new();
    for (kind, keys) in kinds {
        channels.push_str(&format!(
            "[[school.channel]]\nid = \"{kind}\"\nkind = \"{kind}\"\n{keys}\n"
        ));
        if kind != "telegram" {
            channels.push_str("number = \"+447700900000\"\n");
        }
        if kind != "kannel" {
            channels.push_str(&format!("api_base = \"http://{nobody}\"\n"));
        }
    }
    let notify = "test-26785a09-ab16-4eb0-8407-a37497a57506-3d844edf-8d35-48ac-975b-e847b4f122b0";
    let files = [("key", "0123456789abcdef"), ("notify", notify)];
    let database = crate::databases::sqlite();
    let school = crate::service::Deployed::with_channels(&database.url, &channels, &files);
    let config = Config::load(&school.file()).unwrap_or_else(|why| panic!("{why}"));
    let rig = Rig::with(config, &database.url, Clock::real())
        .await
        .unwrap();
    for endpoint in rig.d.endpoints() {
        let (channel, says) = (&endpoint.channel, endpoint.channel.abilities().unwrap());
        assert_eq!(says.kind, endpoint.id);
        let since = rig.d.clock.now();
        let listed = channel.recent(since).await;
        assert_eq!(
            !matches!(listed, Ok(None)),
            says.catches_up,
            "{}: {listed:?}",
            says.kind
        );
        let out = Outbound {
            id: uuid::Uuid::nil(),
            to: if says.kind == "telegram" {
                "42"
            } else {
                "+447700900101"
            }
            .to_owned(),
            body: "hello".to_owned(),
            subject: None,
            buttons: Vec::new(),
            ask_contact: false,
            correspondence: schoolgate::channel::Correspondence::default(),
        };
        let found = channel.find_sent(&out, since, &HashSet::new()).await;
        assert_eq!(
            found != Ok(Found::CannotAsk),
            says.can_be_asked,
            "{}: {found:?}",
            says.kind
        );
        let media = Media {
            content_type: "image/jpeg".to_owned(),
            reference: format!(
                "http://{nobody}/2010-04-01/Accounts/AC00000000000000000000000000000000/Messages/MM1/Media/ME1"
            ),
        };
        let fetched = channel.fetch(&media).await.unwrap_err();
        let fetches = !fetched.to_string().contains("hand over no files");
        assert_eq!(fetches, says.files, "{}: {fetched}", says.kind);
    }
}

#[test]
fn the_channels_that_need_no_public_address_are_those_that_say_so() {
    let database = crate::databases::sqlite();
    for says in abilities::ALL.iter().filter(|a| a.kind != "email") {
        let channel = format!(
            "[[school.channel]]\nid = \"c\"\nkind = \"{}\"\ninbound = \"poll\"\n",
            says.kind
        );
        let school = crate::service::Deployed::with_channels(&database.url, &channel, &[]);
        // Its other keys are missing, which is told as well.
        let told = Config::load(&school.file()).unwrap_err().to_string();
        let knows = !told.contains("there is no key `inbound`");
        assert_eq!(knows, says.polls, "{}: {told}", says.kind);
    }
}

fn json_of(source: &str) -> serde_json::Value {
    let table: toml::Table = source.parse().unwrap();
    serde_json::to_value(table).unwrap()
}

#[test]
fn every_shipped_flow_fits_the_schema_and_faulty_ones_do_not() {
    let schema = schoolgate::flow::schema::schema();
    let (mut schemas, mut compiler) = (boon::Schemas::new(), boon::Compiler::new());
    compiler.add_resource("flow.json", schema).unwrap();
    let at = compiler.compile("flow.json", &mut schemas).unwrap();
    let mut seen = 0;
    for entry in std::fs::read_dir(root().join("flows")).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|e| e != "toml") {
            continue;
        }
        let json = json_of(&std::fs::read_to_string(&path).unwrap());
        if let Err(fault) = schemas.validate(&json, at) {
            panic!("{}: {fault:#}", path.display());
        }
        seen += 1;
    }
    assert!(seen >= 16, "{seen} flows");
    let head = "title = \"T\"\nstart = \"a\"\n";
    for wrong in [
        "start = \"a\"\n[steps.a]\nend = true\n".to_owned(),
        format!("{head}breif = true\n[steps.a]\nend = true\n"),
        format!("{head}expires = \"soon\"\n[steps.a]\nend = true\n"),
        format!("{head}[steps.a]\nend = false\n"),
        format!("{head}[steps.a]\nask = \"q\"\n"),
        format!("{head}[steps.a]\nask = \"q\"\nexpect = \"txt\"\n"),
        format!("{head}[steps.a]\nsave = \"x\"\n"),
        format!("{head}[steps.a]\nask = \"q\"\nexpect = \"text\"\ntries = 9\n"),
        format!("{head}[steps.a]\nask = \"q\"\nchoices = [{{ value = \"x\" }}]\n"),
        format!("{head}[steps.a]\ndo = {{ fly = {{}} }}\noutcomes = {{}}\n"),
        format!(
            "{head}[steps.a]\ndo = {{ book = {{}} }}\noutcomes = {{ booked = \"a\", gone = \"a\" }}\n"
        ),
        format!(
            "{head}[steps.a]\ndo = {{ book = {{ slot = \"$s\" }} }}\noutcomes = {{ booked = \"a\" }}\n"
        ),
        format!(
            "{head}[steps.a]\ndo = {{ find-events = {{}} }}\nend = true\noutcomes = {{ found = \"a\", none = \"a\" }}\n"
        ),
        format!("{head}[steps.a]\ncall = {{ with = {{}} }}\n"),
    ] {
        assert!(schemas.validate(&json_of(&wrong), at).is_err(), "{wrong}");
    }
}

#[test]
fn a_picture_is_drawn_of_each_flow_in_each_language() {
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().to_str().unwrap();
    for (language, format) in [("en", "svg"), ("pl", "svg"), ("en", "mermaid")] {
        let command = ["flows", "graph", "--all", "--format", format];
        let said = printed(&[&command[..], &["--language", language, "--output", at]].concat());
        assert!(said.contains("flows drawn in"), "{said}");
    }
    let meeting = std::fs::read_to_string(folder.path().join("meeting.svg")).unwrap();
    assert!(meeting.starts_with("<svg") && meeting.trim_end().ends_with("</svg>"));
    let label = "choice-move = ";
    let polish = std::fs::read_to_string(root().join("locales/pl/meeting.ftl")).unwrap();
    let polish = polish.lines().find_map(|l| l.strip_prefix(label)).unwrap();
    assert!(meeting.contains(&format!(">{polish}</text>")), "{polish}");
    assert!(!meeting.contains("<script") && !meeting.contains("url(http"));
    let one = printed(&["flows", "graph", "meeting"]);
    assert!(one.contains(">Another time</text>"));
}

#[test]
fn a_name_that_is_mistyped_is_told() {
    for (arguments, remedy) in [
        (vec!["flows", "graph", "meetin"], "did you mean `meeting`?"),
        (
            vec!["flows", "graph", "meeting", "--language", "xx"],
            "known here: en, pl",
        ),
        (vec!["flows", "graph", "--all"], "--output"),
    ] {
        let output = schoolgate(&arguments);
        let errors = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            !output.status.success() && errors.contains(remedy),
            "{arguments:?}: {errors}"
        );
    }
}

/// What stands in the fences of a page.
enum Fence {
    File { path: PathBuf, text: String },
    Console(Vec<Step>),
}

/// A command, what is typed into it, and what it prints.
struct Step {
    command: String,
    typed: String,
    printed: Vec<String>,
}

fn fences(page: &str) -> Vec<Fence> {
    let mut all = Vec::new();
    let mut lines = page.lines();
    while let Some(line) = lines.next() {
        let Some(info) = line.strip_prefix("```") else {
            continue;
        };
        let body: Vec<&str> = lines.by_ref().take_while(|l| *l != "```").collect();
        if info == "console" {
            all.push(Fence::Console(steps(&body)));
        } else if let Some((_, path)) = info.split_once(' ') {
            all.push(Fence::File {
                path: path.into(),
                text: body.join("\n") + "\n",
            });
        }
    }
    all
}

fn steps(body: &[&str]) -> Vec<Step> {
    let mut all: Vec<Step> = Vec::new();
    for line in body {
        if let Some(command) = line.strip_prefix("$ ") {
            all.push(Step {
                command: command.to_owned(),
                typed: String::new(),
                printed: Vec::new(),
            });
            continue;
        }
        let step = all.last_mut().unwrap();
        if step.command.contains("schoolgate chat") && !line.starts_with("< ") {
            step.typed += &format!("{line}\n");
        } else {
            step.printed.push((*line).to_owned());
        }
    }
    all
}

/// Whether lines are as the page has them; `…` alone stands for any lines, inside one for any words.
fn as_printed(page: &[String], got: &[&str]) -> bool {
    match page.split_first() {
        None => got.is_empty(),
        Some((any, rest)) if any == "…" => (0..=got.len()).any(|at| as_printed(rest, &got[at..])),
        Some((line, rest)) => got
            .split_first()
            .is_some_and(|(first, got)| matches(line, first) && as_printed(rest, got)),
    }
}

#[test]
fn the_first_flow_is_written_as_the_page_says() {
    let page = std::fs::read_to_string(root().join("docs/write-your-first-flow.md")).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let demo = folder.path().join("demo");
    std::fs::create_dir(&demo).unwrap();
    for entry in std::fs::read_dir(root().join("demo")).unwrap() {
        let path = entry.unwrap().path();
        std::fs::copy(&path, demo.join(path.file_name().unwrap())).unwrap();
    }
    let binary = Path::new(env!("CARGO_BIN_EXE_schoolgate"))
        .parent()
        .unwrap();
    let path = format!("{}:{}", binary.display(), std::env::var("PATH").unwrap());
    let (mut files, mut commands) = (0, 0);
    for fence in fences(&page) {
        match fence {
            Fence::File { path, text } => {
                std::fs::write(folder.path().join(path), text).unwrap();
                files += 1;
            }
            Fence::Console(steps) => {
                for step in steps {
                    let got = run(&step, folder.path(), &path);
                    let got: Vec<&str> = got.lines().filter(|l| !l.is_empty()).collect();
                    assert!(
                        as_printed(&step.printed, &got),
                        "$ {}\nthe page:\n{}\nit printed:\n{}",
                        step.command,
                        step.printed.join("\n"),
                        got.join("\n")
                    );
                    commands += 1;
                }
            }
        }
    }
    assert!(
        files >= 5 && commands >= 12,
        "{files} files, {commands} commands"
    );
    let drawn = std::fs::read_to_string(folder.path().join("uniform.svg")).unwrap();
    assert!(drawn.contains("School uniform"));
}

fn run(step: &Step, folder: &Path, path: &str) -> String {
    let mut child = Command::new("bash")
        .args(["-c", &step.command])
        .current_dir(folder)
        .env("PATH", path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let mut input = child.stdin.take().unwrap();
    input.write_all(step.typed.as_bytes()).unwrap();
    drop(input);
    let output = child.wait_with_output().unwrap();
    String::from_utf8(output.stdout).unwrap() + &String::from_utf8_lossy(&output.stderr)
}
