//! A fault in a file that people write: where it is, what is wrong, what to do.
//!
//! Flow files, texts, reading files, the directory of services and `schoolgate.toml` all report
//! through this one type, so that every fault is printed alike: as `rustc` prints them.

use std::collections::BTreeMap;
use std::ops::Range;

use annotate_snippets::{AnnotationKind, Level, Renderer, Snippet};
use serde::Serialize;

/// Files by their path, as shown to people (`flows/concern.toml`), with their text.
pub type Sources = BTreeMap<String, String>;

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
        let start = self.span.as_ref()?.start;
        let source = sources.get(&self.file)?;
        Some(source.get(..start)?.matches('\n').count() + 1)
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
                let (start, end) = on_char_boundaries(source, span);
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

fn on_char_boundaries(source: &str, span: Range<usize>) -> (usize, usize) {
    let mut start = span.start.min(source.len());
    while !source.is_char_boundary(start) {
        start -= 1;
    }
    let mut end = span.end.clamp(start, source.len());
    while !source.is_char_boundary(end) {
        end += 1;
    }
    (start, end)
}

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
        None => format!("known here: {}", known.join(", ")),
    }
}
