//! Broken files, one fault each: every one is refused, with its place and a remedy. What is said
//! about `tests/broken/NAME` stands in the snapshot beside it.

use std::path::{Path, PathBuf};
use std::sync::{LazyLock, Mutex, PoisonError};

use schoolgate::fault::{Fault, Severity, Sources};
use schoolgate::flow::bundle::{Bundle, Parts};
use schoolgate::flow::{check, load};
use schoolgate::text::language::Languages;
use schoolgate::text::reading::Reading;

/// English alone: every fault of a flow would be told once more for each language.
static ENGLISH: LazyLock<Sources> = LazyLock::new(|| {
    let mut sources = Bundle::embedded_sources();
    sources.retain(|path, _| !path.starts_with("locales/") || path.starts_with("locales/en/"));
    sources
});

/// Loaded once, because the patterns of a language take a while; each file is put in and taken out.
static PARTS: LazyLock<Mutex<Parts>> = LazyLock::new(|| Mutex::new(Parts::load(&ENGLISH).0));

fn files() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let files = std::fs::read_dir(folder).unwrap();
    let mut files: Vec<PathBuf> = files.map(|file| file.unwrap().path()).collect();
    files.retain(|file| file.extension().is_some_and(|e| e != "snap"));
    files.sort();
    files
}

/// The errors of the service's own files with this one among them, and the file as they name it.
fn errors(file: &Path) -> (Vec<Fault>, Sources) {
    let source = std::fs::read_to_string(file).unwrap();
    let name = file.file_name().unwrap().to_str().unwrap();
    let mut parts = PARTS.lock().unwrap_or_else(PoisonError::into_inner);
    let (path, mut faults);
    if name.ends_with(".ftl") {
        path = format!("locales/en/{name}");
        let mut sources = ENGLISH.clone();
        if let Some(id) = source
            .split(' ')
            .next()
            .filter(|id| !id.starts_with("own-"))
        {
            // A text of the service's own, written otherwise.
            let common = sources.get_mut("locales/en/common.ftl").unwrap();
            *common = common.replace(&format!("\n{id} ="), &format!("\n{id}-before ="));
        }
        sources.insert(path.clone(), source.clone());
        let (languages, found) = Languages::read(&sources);
        let before = std::mem::replace(&mut parts.languages, languages);
        faults = found;
        faults.extend(check::check(&parts));
        parts.languages = before;
    } else if name.starts_with("reading-") {
        path = "locales/en-x-broken/reading.toml".to_owned();
        let tag = "en-x-broken";
        match Reading::load(tag, &path, &source) {
            Ok(reading) => {
                parts.readings.insert(tag.to_owned(), reading);
                faults = check::check(&parts);
                parts.readings.remove(tag);
            }
            Err(found) => faults = found,
        }
    } else {
        path = format!("flows/{name}");
        match load::flow(&path, &source) {
            Ok(flow) => {
                let name = flow.name.clone();
                parts.flows.insert(name.clone(), flow);
                faults = check::check(&parts);
                parts.flows.remove(&name);
            }
            Err(found) => faults = found,
        }
    }
    faults.retain(|fault| fault.severity == Severity::Error);
    let mut sources = ENGLISH.clone();
    sources.insert(path, source);
    (faults, sources)
}

#[test]
fn every_broken_file_is_refused_with_its_place_and_a_remedy() {
    let files = files();
    assert!(files.len() >= 20, "{files:?}");
    let folder = files[0].parent().unwrap();
    for file in &files {
        let (faults, sources) = errors(file);
        let name = file.file_name().unwrap().to_str().unwrap();
        assert!(!faults.is_empty(), "{name} passes");
        for fault in &faults {
            assert!(fault.place(&sources).is_some(), "{name}: {fault:?}");
            assert!(!fault.remedy.is_empty(), "{name}: {fault:?}");
        }
        let said: Vec<String> = faults.iter().map(|f| f.render(&sources)).collect();
        insta::with_settings!({
            snapshot_path => folder, prepend_module_to_snapshot => false, omit_expression => true,
        }, {
            insta::assert_snapshot!(name, said.join("\n"));
        });
    }
}

#[test]
fn tools_get_the_same_as_json() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken");
    let (faults, sources) = errors(&folder.join("unknown-step.toml"));
    let told = serde_json::to_value(faults[0].told(&sources)).unwrap();
    assert_eq!(
        told,
        serde_json::json!({
            "kind": "fault", "severity": "error", "file": "flows/unknown-step.toml", "line": 8,
            "column": 8, "end_column": 15, "excerpt": "then = \"wrods\"",
            "message": "there is no step `wrods`", "remedy": "did you mean `words`?",
        })
    );
}

#[test]
fn nothing_that_is_shipped_needs_a_second_look() {
    let examined = Bundle::examine(
        Bundle::embedded_sources(),
        &schoolgate::flow::value::Values::new(),
    );
    let sources = Bundle::embedded_sources();
    let faults = examined.faults.iter().chain(&examined.texts.warnings);
    let said: Vec<String> = faults.map(|fault| fault.render(&sources)).collect();
    assert!(said.is_empty(), "{}", said.join("\n\n"));
    for done in &examined.texts.done {
        eprintln!("{}: {} of {} texts", done.language, done.done, done.of);
        assert_eq!(done.percent(), 100, "{}", done.language);
    }
    let measured = examined.texts.costs.len();
    assert!(measured > 450, "only {measured} texts were measured");
}
