//! Who may import whom, and what stays pure: the map of `lib.rs`, held by a test.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Every room of the crate, and the rooms it may import from.
const MAY_IMPORT: &[(&str, &[&str])] = &[
    ("fault", &[]),
    ("clock", &[]),
    ("phone", &[]),
    ("document", &["fault"]),
    ("text", &["fault"]),
    ("flow", &["text", "phone", "fault"]),
    ("school", &["text", "phone", "fault", "document"]),
    ("channel", &["text", "phone", "clock"]),
    (
        "config",
        &["channel", "school", "phone", "fault", "document"],
    ),
    ("store", &["channel", "clock", "flow", "school", "text"]),
    (
        "deployment",
        &[
            "channel", "clock", "config", "fault", "flow", "phone", "school", "store",
        ],
    ),
    (
        "outbox",
        &["channel", "config", "deployment", "store", "text"],
    ),
    (
        "desk",
        &[
            "channel",
            "deployment",
            "fault",
            "flow",
            "phone",
            "school",
            "store",
            "text",
        ],
    ),
    (
        "inbox",
        &[
            "channel",
            "config",
            "deployment",
            "desk",
            "flow",
            "phone",
            "school",
            "store",
            "text",
        ],
    ),
    (
        "keeping",
        &["config", "deployment", "desk", "school", "store", "text"],
    ),
    (
        "jobs",
        &[
            "channel",
            "deployment",
            "desk",
            "flow",
            "inbox",
            "keeping",
            "outbox",
            "school",
            "store",
        ],
    ),
    (
        "settle",
        &["deployment", "inbox", "jobs", "outbox", "store"],
    ),
    (
        "web",
        &[
            "channel",
            "config",
            "deployment",
            "desk",
            "fault",
            "flow",
            "inbox",
            "keeping",
            "outbox",
            "phone",
            "school",
            "store",
            "text",
        ],
    ),
    ("telemetry", &[]),
    (
        "testing",
        &[
            "channel",
            "clock",
            "config",
            "deployment",
            "desk",
            "flow",
            "inbox",
            "phone",
            "school",
            "settle",
            "store",
            "text",
        ],
    ),
    (
        "cli",
        &[
            "channel",
            "clock",
            "config",
            "deployment",
            "desk",
            "fault",
            "flow",
            "inbox",
            "jobs",
            "keeping",
            "outbox",
            "phone",
            "school",
            "settle",
            "store",
            "telemetry",
            "testing",
            "text",
            "web",
        ],
    ),
];

fn sources(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(sources(&path));
        } else if path.extension().is_some_and(|e| e == "rs") {
            found.push(path);
        }
    }
    found
}

/// Each source file of the crate with its room, without comments and without tests of its own.
fn rooms() -> Vec<(String, PathBuf, String)> {
    let src = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut all = Vec::new();
    for path in sources(&src) {
        let inside = path.strip_prefix(&src).unwrap();
        let room = inside
            .components()
            .next()
            .unwrap()
            .as_os_str()
            .to_string_lossy()
            .replace(".rs", "");
        let name = inside.to_string_lossy();
        if matches!(room.as_str(), "main" | "lib")
            || name.contains("tests")
            || name.contains("fixture")
            || name.contains("stories")
        {
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        let text = text
            .split("#[cfg(test)]\nmod ")
            .next()
            .unwrap_or_default()
            .to_owned();
        let code: String = text
            .lines()
            .filter(|l| !l.trim_start().starts_with("//"))
            .map(|l| format!("{l}\n"))
            .collect();
        all.push((room, path, code));
    }
    all
}

#[test]
fn arrows_point_one_way() {
    let crate_path = regex::Regex::new(r"\bcrate::\{?([a-z_]+)").unwrap();
    let grouped = regex::Regex::new(r"(?s)\bcrate::\{([^;]*)\};").unwrap();
    let names: BTreeSet<&str> = MAY_IMPORT.iter().map(|(room, _)| *room).collect();
    let mut wrong = Vec::new();
    for (room, path, code) in rooms() {
        let Some((_, may)) = MAY_IMPORT.iter().find(|(name, _)| *name == room) else {
            panic!(
                "{}: a new room: put `{room}` into the map of lib.rs and into this table",
                path.display()
            );
        };
        let mut used: BTreeSet<String> = crate_path
            .captures_iter(&code)
            .map(|c| c[1].to_owned())
            .collect();
        for group in grouped.captures_iter(&code) {
            used.extend(
                group[1]
                    .split(',')
                    .filter_map(|p| p.trim().split("::").next())
                    .map(str::to_owned),
            );
        }
        for other in used {
            if names.contains(other.as_str()) && other != room && !may.contains(&other.as_str()) {
                wrong.push(format!("{} imports `{other}`", path.display()));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn flow_school_and_text_are_pure() {
    let impure = [
        "async fn",
        ".await",
        "sqlx::",
        "tokio::",
        "std::fs",
        "reqwest",
        "Timestamp::now",
        "rand::",
        "SystemTime",
    ];
    for (room, path, code) in rooms() {
        if matches!(room.as_str(), "flow" | "school" | "text") {
            for word in impure {
                assert!(
                    !code.contains(word),
                    "{} is to be pure, and has `{word}`",
                    path.display()
                );
            }
        }
    }
}

#[test]
fn only_the_store_speaks_sql() {
    for (room, path, code) in rooms() {
        if room != "store" {
            assert!(
                !code.contains("sqlx::"),
                "{} speaks to the database",
                path.display()
            );
        }
    }
}

#[test]
fn every_route_stands_in_the_list_with_its_rule() {
    for (room, path, code) in rooms() {
        let list = path.ends_with("web/routes.rs");
        assert!(
            room != "web" || list || !code.contains(".route("),
            "{} adds a route beside the list in web/routes.rs, where each has its rule",
            path.display()
        );
    }
}
