//! One field of a form, with its label, its hint, what was typed and what is wrong with it.

use askama::Template;

use super::Frame;

/// A field in which something is typed.
#[derive(Debug, Template)]
#[template(path = "field.html", config = "src/web/askama.toml")]
pub(super) struct Field {
    pub id: String,
    /// What the form calls it; empty where it is the id.
    pub name: &'static str,
    pub label: String,
    pub hint: &'static str,
    /// `text`, `date`, `time`, `number`.
    pub kind: &'static str,
    /// What stands in it.
    pub value: String,
    /// What is wrong with it.
    pub problem: Option<String>,
}

impl Field {
    pub fn new(id: impl Into<String>, label: impl Into<String>, kind: &'static str) -> Self {
        Self {
            id: id.into(),
            name: "",
            label: label.into(),
            hint: "",
            kind,
            value: String::new(),
            problem: None,
        }
    }

    pub fn hint(self, hint: &'static str) -> Self {
        Self { hint, ..self }
    }

    /// The same with what stands in it, and what the frame says is wrong with it.
    pub fn with(self, value: &str, frame: &Frame) -> Self {
        Self {
            value: value.to_owned(),
            problem: frame.problem_of(&self.id).map(str::to_owned),
            ..self
        }
    }

    /// How wide it is drawn.
    fn width(&self) -> &'static str {
        match self.kind {
            "text" => "",
            "number" => " govuk-input--width-5",
            _ => " govuk-input--width-10",
        }
    }
}
