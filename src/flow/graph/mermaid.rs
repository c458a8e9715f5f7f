//! A picture as Mermaid text.

use std::fmt::Write as _;

use super::{Part, Picture, Shape};

/// The picture as a flowchart. Parts are numbered: a step may have any name, also one that Mermaid
/// keeps for itself (`end`).
pub(super) fn draw(picture: &Picture) -> String {
    let mut out = format!(
        "---\ntitle: {}\n---\nflowchart TD\n",
        // A JSON string is a YAML string.
        serde_json::Value::from(picture.title.as_str())
    );
    // Writing to a String cannot fail.
    for (at, part) in picture.parts.iter().enumerate() {
        let (open, close) = brackets(part.shape);
        let _ = writeln!(out, "  n{at}{open}\"{}\"{close}", label(part));
    }
    for arrow in &picture.arrows {
        let (from, to) = (arrow.from, arrow.to);
        if arrow.labels.is_empty() {
            let _ = writeln!(out, "  n{from} --> n{to}");
        } else {
            let labels: Vec<String> = arrow.labels.iter().map(|l| escaped(l)).collect();
            let _ = writeln!(out, "  n{from} -->|\"{}\"| n{to}", labels.join("<br>"));
        }
    }
    out
}

const fn brackets(shape: Shape) -> (&'static str, &'static str) {
    match shape {
        Shape::Start | Shape::Question | Shape::End => ("([", "])"),
        Shape::Said => ("[", "]"),
        Shape::Done => ("[/", "/]"),
        Shape::Branch => ("{", "}"),
        Shape::Flow => ("[[", "]]"),
        Shape::Person => ("{{", "}}"),
    }
}

fn label(part: &Part) -> String {
    let words = part.words.iter().map(|w| escaped(w));
    let notes = part.notes.iter().map(|n| format!("<i>{}</i>", escaped(n)));
    words.chain(notes).collect::<Vec<_>>().join("<br>")
}

/// Mermaid's own escapes, for every sign that means something to it or to HTML.
fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '"' | '<' | '>' | '&' | '#' | '`' | '\\' | ';' | '|' | '{' | '}' | '[' | ']' | '*'
            | '_' => {
                let _ = write!(out, "#{};", u32::from(c));
            }
            c if c.is_control() => out.push(' '),
            c => out.push(c),
        }
    }
    out
}
