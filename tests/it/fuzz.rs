//! Two hundred random edits of each file that is shipped: never a panic, and whatever is refused has
//! a place and a remedy. The edits are the same every time; `SCHOOLGATE_FUZZ_SEED` asks for others.
//!
//! A reading file takes long to compile, because of all its patterns. So each edit of one is read
//! with the table it is in and the words that the table may name, not with the whole file.

use std::collections::BTreeMap;

use schoolgate::fault::{Fault, Sources};
use schoolgate::flow::bundle::{Bundle, Parts};
use schoolgate::flow::value::Values;
use schoolgate::flow::{check, load};
use schoolgate::school::safeguarding::Screen;
use schoolgate::text::language::Languages;
use schoolgate::text::plain::Plain;
use schoolgate::text::reading::Reading;

const EDITS: usize = 200;

/// A small generator of numbers (splitmix64), so that the same seed gives the same edits.
struct Numbers(u64);

impl Numbers {
    fn new(path: &str) -> Self {
        let seed = std::env::var("SCHOOLGATE_FUZZ_SEED").ok();
        let seed: u64 = seed.and_then(|seed| seed.parse().ok()).unwrap_or(1);
        let path = path.bytes().fold(seed, |all, byte| {
            all.wrapping_mul(31).wrapping_add(u64::from(byte))
        });
        eprintln!("{path:#x}: seed {seed}");
        Self(path)
    }

    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        let all = u64::try_from(end.max(1)).unwrap();
        usize::try_from((z ^ (z >> 31)) % all).unwrap()
    }
}

/// The file with one to three bytes, or a stretch of them, written otherwise; and where.
fn edited(source: &str, numbers: &mut Numbers) -> (String, usize) {
    const LIKELY: &[u8] = b"\"'[]{}()=.,#\n\r\t \\$-<>*+?|0aZ\0\xff\xc3\xef";
    let mut bytes = source.as_bytes().to_vec();
    let first = numbers.below(bytes.len());
    for _ in 0..=numbers.below(3) {
        let at = (first + numbers.below(40)).min(bytes.len().saturating_sub(1));
        let byte = match numbers.below(4) {
            0 => u8::try_from(numbers.below(256)).unwrap(),
            _ => LIKELY[numbers.below(LIKELY.len())],
        };
        match numbers.below(6) {
            0 if at < bytes.len() => {
                bytes.remove(at);
            }
            1 => bytes.insert(at, byte),
            2 if at < bytes.len() => {
                let end = (at + numbers.below(30)).min(bytes.len());
                bytes.drain(at..end);
            }
            3 => {
                let end = (at + numbers.below(30)).min(bytes.len());
                let twice = bytes[at..end].to_vec();
                drop(bytes.splice(at..at, twice));
            }
            _ if at < bytes.len() => bytes[at] = byte,
            _ => bytes.push(byte),
        }
    }
    (String::from_utf8_lossy(&bytes).into_owned(), first)
}

/// Every fault names a file, says what to do, and can be shown.
fn sound(faults: &[Fault], sources: &Sources) {
    for fault in faults {
        assert!(
            !fault.file.is_empty() && !fault.message.is_empty(),
            "{fault:?}"
        );
        assert!(!fault.remedy.is_empty(), "{fault:?}");
        if fault.span.is_some() && sources.contains_key(&fault.file) {
            assert!(fault.place(sources).is_some(), "{fault:?}");
        }
    }
    if let Some(first) = faults.first() {
        assert!(!first.render(sources).is_empty());
    }
}

fn shipped(is: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let mut sources = Bundle::embedded_sources();
    sources.retain(|path, _| is(path));
    assert!(!sources.is_empty());
    sources.into_iter().collect()
}

/// Runs the edits of each file; prints how many were refused.
fn each_edit(files: &[(String, String)], mut read: impl FnMut(&str, &str, usize) -> Vec<Fault>) {
    let (mut all, mut refused) = (0, 0);
    for (path, source) in files {
        let mut numbers = Numbers::new(path);
        for _ in 0..EDITS {
            let (text, at) = edited(source, &mut numbers);
            let faults = read(path, &text, at);
            all += 1;
            refused += usize::from(!faults.is_empty());
        }
    }
    eprintln!("{all} edits of {} files, {refused} refused", files.len());
    assert!(refused > all / 20, "the edits are too tame");
}

/// The flows, with as few texts as the checker needs to follow every path.
fn parts() -> Parts {
    let mut sources = Bundle::embedded_sources();
    sources.retain(|path, _| path.starts_with("flows/") || path.starts_with("locales/en/"));
    sources.insert("locales/en/reading.toml".to_owned(), String::new());
    sources.retain(|path, _| !path.contains("/examples"));
    let (parts, _) = Parts::load(&sources);
    assert!(parts.flows.len() > 16);
    parts
}

#[test]
fn edited_flows_are_read_and_checked() {
    let mut parts = parts();
    let files = shipped(|path| path.starts_with("flows/"));
    let mut nth = 0;
    each_edit(&files, |path, text, _| {
        let sources = Sources::from([(path.to_owned(), text.to_owned())]);
        let faults = match load::flow(path, text) {
            Err(faults) => faults,
            Ok(flow) => {
                nth += 1;
                let name = flow.name.clone();
                let before = parts.flows.insert(name.clone(), flow);
                // All flows are followed along all paths each time one is checked.
                let faults = check::check(&parts);
                parts.flows.extend(before.map(|flow| (name, flow)));
                faults
            }
        };
        sound(&faults, &sources);
        faults
    });
    eprintln!("{nth} were read and checked");
}

#[test]
fn edited_texts_are_read_and_measured() {
    let mut parts = parts();
    parts.flows.clear();
    let files = shipped(|path| path.ends_with(".ftl"));
    each_edit(&files, |path, text, _| {
        let sources = Sources::from([(path.to_owned(), text.to_owned())]);
        let (languages, faults) = Languages::read(&sources);
        sound(&faults, &sources);
        parts.languages = languages;
        sound(&check::texts(&parts, &Values::new()).warnings, &sources);
        // A file by itself is not the whole of English.
        faults.into_iter().filter(|f| f.file == path).collect()
    });
}

/// The tables of a TOML file, each with its place: from `[name]` to the next.
fn tables(source: &str) -> Vec<(usize, &str)> {
    let mut starts: Vec<usize> = source.match_indices("\n[").map(|(at, _)| at + 1).collect();
    starts.insert(0, 0);
    starts.push(source.len());
    let pairs = starts.windows(2);
    pairs
        .map(|pair| (pair[0], &source[pair[0]..pair[1]]))
        .collect()
}

#[test]
fn edited_reading_files_are_read() {
    let files = shipped(|path| path.ends_with("/reading.toml"));
    let (mut all, mut refused) = (0, 0);
    for (path, source) in &files {
        let mut numbers = Numbers::new(path);
        let tables = tables(source);
        let named = |name: &str| {
            let table = tables.iter().find(|(_, table)| table.starts_with(name));
            table.map_or("", |(_, table)| *table)
        };
        for _ in 0..EDITS {
            let at = numbers.below(source.len());
            let (_, table) = tables.iter().rev().find(|(start, _)| *start <= at).unwrap();
            let (table, _) = edited(table, &mut numbers);
            let mut text = String::new();
            for shared in ["[respell]", "[words]"] {
                if !table.starts_with(shared) {
                    text.push_str(named(shared));
                }
            }
            text.push_str(&table);
            let sources = Sources::from([(path.clone(), text.clone())]);
            let faults = Reading::load("en", path, &text).err().unwrap_or_default();
            sound(&faults, &sources);
            let screened = Screen::load(&[("en", path.as_str(), text.as_str())]);
            sound(&screened.err().unwrap_or_default(), &sources);
            all += 1;
            refused += usize::from(!faults.is_empty());
        }
    }
    eprintln!("{all} edits, {refused} refused");
    assert!(refused > all / 20, "the edits are too tame");
}

#[test]
fn edited_examples_and_plain_words_are_read() {
    let flows = shipped(|path| path.starts_with("flows/"));
    let routes: BTreeMap<&str, &str> = flows
        .iter()
        .map(|(path, _)| {
            (
                path.trim_start_matches("flows/").trim_end_matches(".toml"),
                "",
            )
        })
        .collect();
    let routes: String = routes
        .keys()
        .map(|flow| format!("[routes.{flow}]\n"))
        .collect();
    let mut reading = Reading::load("en", "reading.toml", &routes).unwrap();
    let mut numbers = Numbers::new("examples.toml");
    for (path, source) in shipped(|path| path.ends_with("examples.toml")) {
        let of_screen = path.contains("/screen-");
        for _ in 0..EDITS {
            // A few lines around the edit; to learn all of them takes long.
            let lines: Vec<&str> = source.lines().collect();
            let at = numbers.below(lines.len());
            let block: Vec<&str> = lines.iter().skip(at).take(60).copied().collect();
            let head = match (numbers.below(2), of_screen) {
                (0, true) => "[examples]\nreview = \"\"\"\n",
                (0, false) => "[examples]\nconcern = \"\"\"\n",
                _ => "",
            };
            let (text, _) = edited(&format!("{head}{}", block.join("\n")), &mut numbers);
            let sources = Sources::from([(path.clone(), text.clone())]);
            if of_screen {
                let reading = ("en", "locales/en/reading.toml", "[screen]\n");
                match Screen::load(&[reading, ("en", path.as_str(), text.as_str())]) {
                    Ok(screen) => drop(screen.verdict("he hits me", false, &[])),
                    Err(faults) => sound(&faults, &sources),
                }
            } else {
                sound(&reading.learn(&[(path.as_str(), text.as_str())]), &sources);
                reading.learn_now();
            }
        }
    }
    each_edit(
        &shipped(|path| path.ends_with("/plain.toml")),
        |path, text, _| {
            let sources = Sources::from([(path.to_owned(), text.to_owned())]);
            let read = Plain::load(path, text);
            if let Ok(plain) = &read {
                plain.hard("Prior to this, the DSL. We commence.");
            }
            let faults = read.err().unwrap_or_default();
            sound(&faults, &sources);
            faults
        },
    );
}
