//! A flow as a picture that somebody at school can read: what is said, what is asked, where each
//! answer leads, and how a person comes in.
//!
//! [`Picture`] puts the flow into words; [`mermaid`] and [`svg`] draw it.

mod condition;
mod layout;
mod mermaid;
mod step;
mod svg;
mod texts;

use std::collections::{BTreeMap, BTreeSet};

use super::bundle::Bundle;
use super::definition::Flow;
use crate::text::language::Languages;

pub use texts::{StepTexts, Text, texts};

/// What a part of a picture stands for; it decides its shape.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shape {
    /// Where the flow begins, or another way in.
    Start,
    /// A question.
    Question,
    /// Something said.
    Said,
    /// Something done.
    Done,
    /// A branch.
    Branch,
    /// Another flow.
    Flow,
    /// A person takes over.
    Person,
    /// The end.
    End,
}

/// One part of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Its shape.
    pub shape: Shape,
    /// The step's name; empty where it has none.
    pub name: String,
    /// What it says, asks or does, a paragraph each.
    pub words: Vec<String>,
    /// What else is worth knowing, a line each.
    pub notes: Vec<String>,
}

/// One arrow of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Arrow {
    /// The part it leaves, by its place in the picture.
    pub from: usize,
    /// The part it reaches.
    pub to: usize,
    /// The answers or outcomes that take it, a line each.
    pub labels: Vec<String>,
}

/// A flow in words, before it is drawn.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Picture {
    /// The flow's title.
    pub title: String,
    /// Its file, and the language of its texts.
    pub about: String,
    /// What holds at every question.
    pub remark: &'static str,
    /// Its parts; the first is the start.
    pub parts: Vec<Part>,
    /// Its arrows.
    pub arrows: Vec<Arrow>,
}

/// How a person comes in, which no flow has to write down.
const REMARK: &str = "At every question: 0 or asking for a person brings a person; so do answers that \
                      are not understood. The safeguarding screen reads every message first.";

impl Picture {
    /// The flow in the words of a language; a text that is not there yet is English.
    pub fn new(flow: &Flow, bundle: &Bundle, language: &str) -> Self {
        Self::of(flow, &bundle.flows, &bundle.languages, language)
    }

    fn of(
        flow: &Flow,
        flows: &BTreeMap<String, Flow>,
        languages: &Languages,
        language: &str,
    ) -> Self {
        let words = step::Words {
            flow,
            flows,
            languages,
            language,
        };
        let mut drawing = Drawing::default();
        let mut starts = vec![("Start".to_owned(), flow.start.it.as_str())];
        starts.extend(
            flow.entries
                .iter()
                .map(|(name, step)| (format!("Entry: {}", name.it), step.it.as_str())),
        );
        for (label, step) in &starts {
            let start = Part {
                shape: Shape::Start,
                name: String::new(),
                words: vec![label.clone()],
                notes: Vec::new(),
            };
            let start = drawing.add(start);
            drawing.step(flow, step, &words);
            drawing.arrow(start, step, None);
        }
        // A step that nothing leads to is a fault, and shows as one.
        for step in flow.steps.keys() {
            drawing.step(flow, step, &words);
        }
        Self {
            title: flow.title.it.clone(),
            about: format!("{} · {}", flow.file, languages.own_name(language)),
            remark: REMARK,
            parts: drawing.parts,
            arrows: drawing.arrows,
        }
    }

    /// A Mermaid flowchart, which documentation pages draw.
    pub fn mermaid(&self) -> String {
        mermaid::draw(self)
    }

    /// An SVG of its own: no script, no font, nothing from outside.
    pub fn svg(&self) -> String {
        svg::draw(self)
    }
}

/// A picture while steps are added to it, each once, in the order of the conversation.
#[derive(Default)]
struct Drawing<'f> {
    parts: Vec<Part>,
    arrows: Vec<Arrow>,
    places: BTreeMap<&'f str, usize>,
    begun: BTreeSet<&'f str>,
}

impl<'f> Drawing<'f> {
    fn add(&mut self, part: Part) -> usize {
        self.parts.push(part);
        self.parts.len() - 1
    }

    /// Adds a step and everything it leads to, deepest first way first.
    fn step(&mut self, flow: &'f Flow, name: &str, words: &step::Words<'_>) {
        let mut open = vec![name.to_owned()];
        let mut found = Vec::new();
        while let Some(name) = open.pop() {
            let Some((name, step)) = flow.steps.get_key_value(&name) else {
                continue;
            };
            if !self.begun.insert(name) {
                continue;
            }
            let place = self.add(words.part(step));
            self.places.insert(name, place);
            let next = words.arrows(step);
            open.extend(next.iter().rev().map(|(_, to)| to.clone()));
            found.push((place, next));
        }
        for (from, next) in found {
            for (label, to) in next {
                self.arrow(from, &to, Some(label).filter(|l| !l.is_empty()));
            }
        }
    }

    /// Ways that lead to the same step are one arrow.
    fn arrow(&mut self, from: usize, to: &str, label: Option<String>) {
        let Some(to) = self.places.get(to).copied() else {
            return;
        };
        let same = |a: &&mut Arrow| a.from == from && a.to == to;
        match self.arrows.iter_mut().find(same) {
            Some(arrow) => arrow.labels.extend(label),
            None => self.arrows.push(Arrow {
                from,
                to,
                labels: label.into_iter().collect(),
            }),
        }
    }
}

#[cfg(test)]
mod tests;
