//! A school's own flows, texts and reading files, laid over the program's: a file of the same path takes the
//! place of ours, whole.

use std::collections::BTreeSet;
use std::path::Path;

use toml::{Table, Value};

use crate::fault::{Fault, Sources, read_file};
use crate::flow::bundle::is_part;

/// Lays the files of a folder over those in the program.
pub(super) fn overlay(sources: &mut Sources, dir: &Path, name: &str, faults: &mut Vec<Fault>) {
    let mut folders = vec![(dir.to_owned(), name.to_owned())];
    while let Some((folder, name)) = folders.pop() {
        let entries = match std::fs::read_dir(&folder) {
            Ok(entries) => entries,
            Err(e) => {
                let what = format!("the folder cannot be read: {e}");
                faults.push(Fault::error(
                    folder.display().to_string(),
                    None,
                    what,
                    "name a folder that exists",
                ));
                continue;
            }
        };
        for entry in entries.flatten() {
            let path = entry.path();
            let inner = format!("{name}/{}", entry.file_name().to_string_lossy());
            if path.is_dir() {
                folders.push((path, inner));
            } else if path.extension().is_some_and(|e| e == "toml" || e == "ftl") {
                match read_file(&path, &inner) {
                    Ok(_) if !is_part(&inner) => faults.push(unread(&inner)),
                    Ok(text) => {
                        let ours = sources.get(&inner);
                        let lost =
                            ours.map_or_else(Vec::new, |ours| taken_away(&inner, ours, &text));
                        if !lost.is_empty() {
                            faults.push(too_little(&inner, &lost));
                        }
                        sources.insert(inner, text);
                    }
                    Err(fault) => faults.push(fault),
                }
            }
        }
    }
}

/// The tables of a file of the program that a file laid over it lacks, of those without which messages are
/// not understood, or a child's danger not seen. What cannot be read is told elsewhere.
fn taken_away(path: &str, ours: &str, theirs: &str) -> Vec<String> {
    let parts = match path.rsplit('/').next() {
        Some("reading.toml") => parts_of_reading,
        Some("screen-examples.toml") => kinds_of_lines,
        _ => return Vec::new(),
    };
    match (ours.parse(), theirs.parse()) {
        (Ok(ours), Ok(theirs)) => parts(&ours).difference(&parts(&theirs)).cloned().collect(),
        _ => Vec::new(),
    }
}

/// The screen's tables are parts one by one.
fn parts_of_reading(reading: &Table) -> BTreeSet<String> {
    let screen = reading.get("screen").and_then(Value::as_table);
    let screen = screen.into_iter().flat_map(filled);
    let screen = screen.map(|name| format!("screen.{name}"));
    filled(reading).chain(screen).collect()
}

/// What the screen learns from.
fn kinds_of_lines(lines: &Table) -> BTreeSet<String> {
    let examples = lines.get("examples").and_then(Value::as_table);
    let kinds = examples.into_iter().flat_map(filled);
    kinds.map(|kind| format!("examples.{kind}")).collect()
}

/// The keys of a table that hold something.
fn filled(table: &Table) -> impl Iterator<Item = String> {
    let empty = |value: &Value| match value {
        Value::Table(table) => table.is_empty(),
        Value::Array(list) => list.is_empty(),
        Value::String(text) => text.trim().is_empty(),
        _ => false,
    };
    let keys = table.iter().filter(move |(_, value)| !empty(value));
    keys.map(|(key, _)| key.clone())
}

/// A file that a school has put beside ours, under a name that nothing reads.
fn unread(path: &str) -> Fault {
    Fault::error(
        path,
        None,
        "nothing reads a file of this name",
        "name it reading.toml (which takes the place of ours), examples-….toml, screen-examples-….toml or \
         plain.toml in a language's folder, or ….ftl for texts; flows stand in flows/….toml",
    )
}

fn too_little(path: &str, lost: &[String]) -> Fault {
    let lost: Vec<String> = lost.iter().map(|name| format!("[{name}]")).collect();
    Fault::error(
        path,
        None,
        format!(
            "this file takes the place of the program's own, whole, and lacks {} of it",
            lost.join(", ")
        ),
        format!("copy the program's {path} and change the copy, or take this file away"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_file_of_a_schools_own_switches_the_screen_off() {
        let ours = "[choices]\na = [\"b\"]\n[screen]\nwhatlang = \"eng\"\n[screen.urgent]\nfire = [\"fire\"]\n";
        let path = "locales/en/reading.toml";
        let lost = |theirs: &str| taken_away(path, ours, theirs);
        assert_eq!(lost(ours), Vec::<String>::new());
        assert_eq!(
            lost(""),
            ["choices", "screen", "screen.urgent", "screen.whatlang"]
        );
        let words = "[choices]\nsecond-hand = [\"used\"]\n";
        assert_eq!(lost(words), ["screen", "screen.urgent", "screen.whatlang"]);
        let empty = "[choices]\na = [\"b\"]\n[screen]\nwhatlang = \"eng\"\n[screen.urgent]\n";
        assert_eq!(lost(empty), ["screen.urgent"]);
        let lines = "[examples]\nurgent = \"the house is on fire\"\n";
        let path = "locales/en/screen-examples.toml";
        assert_eq!(
            taken_away(path, lines, "[examples]\nurgent = \" \"\n"),
            ["examples.urgent"]
        );
        assert!(taken_away("locales/en/concern.ftl", "a = b", "").is_empty());
    }
}
