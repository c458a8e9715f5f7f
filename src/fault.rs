//! A fault in a file that people write: where it is, what is wrong, what to do.
//!
//! Flow files, texts, reading files, the directory of services and `schoolgate.toml` all report
//! through this one type, so that every fault is printed alike: as `rustc` prints them.

use std::collections::BTreeMap;
use std::ops::Range;
use std::path::Path;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

/// Files by their path, as shown to people (`flows/concern.toml`), with their text.
pub type Sources = BTreeMap<String, String>;

/// The longest file that is read, in bytes: ten times the longest that the program carries. More is
/// no flow that somebody wrote, and would only cost time.
pub const LONGEST: usize = 1 << 20;

/// Reads a file that people write. A byte order mark, which some editors put before the text, goes.
///
/// # Errors
/// The fault: it is not there, is longer than [`LONGEST`], or is no UTF-8; `name` is how it is shown.
pub fn read_file(path: &Path, name: &str) -> Result<String, Fault> {
    let unreadable = |e: std::io::Error| {
        Fault::error(
            name,
            None,
            format!("cannot be read: {e}"),
            "name a file that is there and may be read",
        )
    };
    let size = std::fs::metadata(path).map_err(unreadable)?.len();
    if let Some(fault) = too_long(name, usize::try_from(size).unwrap_or(usize::MAX)) {
        return Err(fault);
    }
    let bytes = std::fs::read(path).map_err(unreadable)?;
    match String::from_utf8(bytes) {
        Ok(text) => Ok(match text.strip_prefix('\u{feff}') {
            Some(rest) => rest.to_owned(),
            None => text,
        }),
        Err(error) => {
            let good = error.utf8_error().valid_up_to();
            let lines = error.as_bytes().iter().take(good);
            let line = lines.filter(|b| **b == b'\n').count() + 1;
            Err(Fault::error(
                name,
                None,
                format!("line {line} holds a character that is not UTF-8"),
                "save the file as UTF-8 text",
            ))
        }
    }
}

/// The fault of a file that is longer than [`LONGEST`].
pub fn too_long(name: &str, size: usize) -> Option<Fault> {
    (size > LONGEST).then(|| {
        Fault::error(
            name,
            None,
            format!("the file is {size} bytes long; at most {LONGEST} are read"),
            "make several files of it, or take out what is not needed",
        )
    })
}

/// Whether a fault stops `serve` from starting.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// A parent would be misled or stuck: `serve` refuses to start.
    Error,
    /// Worth a look, but safe to run.
    Warning,
}

/// One fault, in one place of one file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Fault {
    /// Error or warning.
    pub severity: Severity,
    /// The file, as in [`Sources`].
    pub file: String,
    /// Byte range in the file; `None` when the fault is the whole file's (or the file is missing).
    pub span: Option<Range<usize>>,
    /// What is wrong, naming the thing.
    pub message: String,
    /// What to do about it, shown beside the place ("did you mean `words`?").
    pub remedy: String,
}

/// Where a fault is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Place<'s> {
    /// The line, from 1.
    pub line: usize,
    /// The column, in characters from 1.
    pub column: usize,
    /// The column after the last, in the same line.
    pub end_column: usize,
    /// The line itself.
    pub excerpt: &'s str,
}

/// A fault for tools: serialised, one JSON object. Without a place, the fault is the whole file's.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Told<'f> {
    kind: &'static str,
    severity: Severity,
    file: &'f str,
    #[serde(flatten)]
    place: Option<Place<'f>>,
    message: &'f str,
    remedy: &'f str,
}

impl Fault {
    /// An error at a place in a file.
    pub fn error(
        file: impl Into<String>,
        span: impl Into<Option<Range<usize>>>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Error,
            file: file.into(),
            span: span.into(),
            message: message.into(),
            remedy: remedy.into(),
        }
    }

    /// A warning at a place in a file.
    pub fn warning(
        file: impl Into<String>,
        span: impl Into<Option<Range<usize>>>,
        message: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self {
            severity: Severity::Warning,
            ..Self::error(file, span, message, remedy)
        }
    }

    /// The 1-based line of the fault, where it has a place.
    pub fn line(&self, sources: &Sources) -> Option<usize> {
        self.place(sources).map(|place| place.line)
    }

    /// Where the fault is, where it has a place.
    pub fn place<'s>(&self, sources: &'s Sources) -> Option<Place<'s>> {
        let source = sources.get(&self.file)?;
        let (start, end) = within_a_line(source, self.span.clone()?);
        let before = source.get(..start)?;
        let begins = before.rfind('\n').map_or(0, |at| at + 1);
        let excerpt = source.get(begins..)?.lines().next().unwrap_or_default();
        let column = source.get(begins..start)?.chars().count() + 1;
        Some(Place {
            line: before.matches('\n').count() + 1,
            column,
            end_column: column + source.get(start..end)?.chars().count(),
            excerpt,
        })
    }

    /// The fault as tools read it.
    pub fn told<'f>(&'f self, sources: &'f Sources) -> Told<'f> {
        Told {
            kind: "fault",
            severity: self.severity,
            file: &self.file,
            place: self.place(sources),
            message: &self.message,
            remedy: &self.remedy,
        }
    }

    /// The fault as a person reads it: message, file, line, caret and remedy.
    pub fn render(&self, sources: &Sources) -> String {
        let level = match self.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level.primary_title(self.message.as_str());
        let place = self.span.clone().zip(sources.get(&self.file));
        match place {
            Some((span, source)) => {
                let (start, end) = within_a_line(source, span);
                let snippet = Snippet::source(source.as_str())
                    .path(self.file.as_str())
                    .annotation(
                        AnnotationKind::Primary
                            .span(start..end)
                            .label(self.remedy.as_str()),
                    );
                Renderer::plain()
                    .render(&[title.element(snippet)])
                    .to_string()
            }
            None => format!(
                "{}: {}\n --> {}\n  = {}",
                match self.severity {
                    Severity::Error => "error",
                    Severity::Warning => "warning",
                },
                self.message,
                self.file,
                self.remedy
            ),
        }
    }
}

/// A span that starts and ends between characters, in one line: of a text over several lines its
/// first line is shown.
fn within_a_line(source: &str, span: Range<usize>) -> (usize, usize) {
    let mut start = span.start.min(source.len());
    while !source.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, source.len());
    while !source.is_char_boundary(end) {
        end += 1;
    }
    let line = source[start..end].lines().next().unwrap_or_default();
    (start, start + line.len())
}

/// More names than this are not listed: nobody reads them.
const MOST_NAMES: usize = 30;

/// "did you mean `words`?" when one of `known` is close to `got`; otherwise the list of what is known.
pub fn did_you_mean<'a>(got: &str, known: impl IntoIterator<Item = &'a str>) -> String {
    let known: Vec<&str> = known.into_iter().collect();
    let best = known
        .iter()
        .map(|k| (strsim::damerau_levenshtein(got, k), *k))
        .filter(|(d, k)| *d <= 1.max(k.len() / 3))
        .min();
    match best {
        Some((_, k)) => format!("did you mean `{k}`?"),
        None if known.is_empty() => "nothing of that kind is defined".to_owned(),
        None if known.len() > MOST_NAMES => format!(
            "known here: {} and {} more",
            known[..MOST_NAMES].join(", "),
            known.len() - MOST_NAMES
        ),
        None => format!("known here: {}", known.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(source: &str, span: Range<usize>) -> String {
        let sources = Sources::from([("a.toml".to_owned(), source.to_owned())]);
        Fault::error("a.toml", span, "wrong", "mend it").render(&sources)
    }

    #[test]
    fn the_caret_stands_under_what_is_wrong_whatever_stands_before_it() {
        // How much wider than one column a character is, in all, before the place.
        for (source, wider) in [
            ("x = 1\n\tthen = \"wrods\"\n", 0),
            ("x = 1\r\nthen = \"wrods\"\r\ny = 2\r\n", 0),
            ("x = \"żółć 漢字\", then = \"wrods\"", 2),
            ("x = \"e\u{301}\", then = \"wrods\"", -1),
        ] {
            let start = source.find("wrods").unwrap();
            let shown = at(source, start..start + 5);
            let lines: Vec<&str> = shown.lines().collect();
            let line = lines.iter().position(|l| l.contains("wrods")).unwrap();
            let column = |line: &str, what: &str| {
                let before = line.split(what).next().unwrap().chars().count();
                isize::try_from(before).unwrap()
            };
            let caret = column(lines[line + 1], "^^^^^ mend it");
            assert_eq!(caret, column(lines[line], "wrods") + wider, "{shown}");
            assert!(!shown.contains('\r') && !shown.contains('\t'), "{shown}");
        }
    }

    #[test]
    fn an_empty_file_and_the_end_of_one_have_a_place_too() {
        let several = "x = \"\"\"\none\ntwo\"\"\"\ny = 1";
        for (source, span) in [
            ("", 0..0),
            ("x = [\n", 6..6),
            ("x = [", 5..9),
            ("x = [", 90..100),
            ("\u{feff}", 0..1),
            (several, 4..17),
        ] {
            let shown = at(source, span);
            assert!(
                shown.contains("a.toml:") && shown.contains("mend it"),
                "{shown}"
            );
        }
        // Of several lines, the first.
        assert!(!at(several, 4..17).contains("two"));
    }

    #[test]
    fn tools_are_told_line_columns_and_the_line() {
        let source = "a = 1\r\nż = \"漢字\"\r\n";
        let sources = Sources::from([("a.toml".to_owned(), source.to_owned())]);
        let start = source.find('漢').unwrap();
        let fault = Fault::warning("a.toml", start..start + 6, "wrong", "mend it");
        assert_eq!(
            serde_json::to_value(fault.told(&sources)).unwrap(),
            serde_json::json!({
                "kind": "fault", "severity": "warning", "file": "a.toml", "line": 2, "column": 6,
                "end_column": 8, "excerpt": "ż = \"漢字\"", "message": "wrong", "remedy": "mend it",
            })
        );
        let whole = Fault::error("b.toml", None, "missing", "write it");
        let told = serde_json::to_value(whole.told(&sources)).unwrap();
        assert_eq!((&told["file"], told.get("line")), (&"b.toml".into(), None));
    }

    #[test]
    fn a_file_is_read_as_text_or_says_what_it_is() {
        let folder = tempfile::tempdir().unwrap();
        let read = |bytes: &[u8]| {
            let path = folder.path().join("a");
            std::fs::write(&path, bytes).unwrap();
            read_file(&path, "a.toml").map_err(|fault| fault.message)
        };
        assert_eq!(read("\u{feff}x = 1".as_bytes()).as_deref(), Ok("x = 1"));
        assert_eq!(
            read(b"a\nb\xff"),
            Err("line 2 holds a character that is not UTF-8".to_owned())
        );
        assert!(
            read(&vec![b' '; LONGEST + 1])
                .unwrap_err()
                .contains("at most")
        );
        assert!(read_file(&folder.path().join("none"), "none").is_err());
    }
}
