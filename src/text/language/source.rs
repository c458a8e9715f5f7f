//! One language as it is read from its files: its texts compiled, and what the checker must know of
//! them.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast;
use unic_langid::LanguageIdentifier;

use crate::fault::{Fault, did_you_mean};

/// How deep brackets may stand in one message. Fluent's parser goes one call deeper with each.
const DEEPEST: usize = 20;

/// One language: its texts, compiled twice, because a phone and a page need different isolation.
pub(super) struct Language {
    /// For SMS: without U+2068/U+2069, which would turn a 160-character text into a 70-character one.
    pub(super) plain: FluentBundle<Arc<FluentResource>>,
    /// For pages: a name in another script is isolated, so that it cannot reorder the sentence.
    pub(super) html: FluentBundle<Arc<FluentResource>>,
    pub(super) messages: BTreeMap<String, Message>,
}

/// What the checker knows of one message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// The file it stands in.
    pub file: String,
    /// Where its name stands in that file.
    pub span: Option<Range<usize>>,
    /// Every variable it or a message it refers to uses.
    pub variables: BTreeSet<String>,
    /// Its fixed words, without what is filled in.
    pub words: String,
}

impl Language {
    pub(super) fn new(id: LanguageIdentifier) -> Self {
        let mut plain = FluentBundle::new_concurrent(vec![id.clone()]);
        plain.set_use_isolating(false);
        Self {
            plain,
            html: FluentBundle::new_concurrent(vec![id]),
            messages: BTreeMap::new(),
        }
    }

    pub(super) fn add(&mut self, path: &str, source: &str, faults: &mut Vec<Fault>) {
        if let Some(place) = too_deep(source) {
            faults.push(Fault::error(
                path,
                place,
                format!("brackets stand more than {DEEPEST} deep here"),
                "write it as several messages, each with fewer brackets",
            ));
            return;
        }
        let resource = match FluentResource::try_new(source.to_owned()) {
            Ok(resource) => Arc::new(resource),
            Err((_, errors)) => {
                faults.extend(errors.into_iter().map(|e| {
                    Fault::error(
                        path,
                        e.slice.unwrap_or(e.pos),
                        format!("this is not Fluent: {}", e.kind),
                        "see the Fluent syntax: `name = words { $variable }`",
                    )
                }));
                return;
            }
        };
        for entry in resource.entries() {
            let (id, pattern) = match entry {
                ast::Entry::Message(m) => (m.id.name.to_owned(), m.value.as_ref()),
                ast::Entry::Term(t) => (format!("-{}", t.id.name), Some(&t.value)),
                _ => continue,
            };
            let mut message = Message {
                file: path.to_owned(),
                span: place_of(source, &id),
                variables: BTreeSet::new(),
                words: String::new(),
            };
            match pattern {
                Some(pattern) => read_pattern(pattern, &mut message),
                None => faults.push(Fault::error(
                    path,
                    message.span.clone(),
                    format!("the message `{id}` says nothing"),
                    format!("write its words behind the sign: {id} = …"),
                )),
            }
            if let Some(before) = self.messages.get(&id) {
                faults.push(Fault::error(
                    path,
                    message.span.clone(),
                    format!("the message `{id}` is written twice"),
                    format!("it stands in {} already: remove one", before.file),
                ));
                continue;
            }
            self.messages.insert(id, message);
        }
        self.plain.add_resource_overriding(Arc::clone(&resource));
        self.html.add_resource_overriding(resource);
    }

    /// A message's variables include those of the messages and terms it refers to. A reference is
    /// noted as `{id` among the variables until here. One that leads nowhere, or round in a circle,
    /// is a fault: a parent would read `{name}`.
    pub(super) fn close_over_references(&mut self, faults: &mut Vec<Fault>) {
        let direct: BTreeMap<String, BTreeSet<String>> = self
            .messages
            .iter()
            .map(|(id, m)| (id.clone(), m.variables.clone()))
            .collect();
        for (name, message) in &mut self.messages {
            let mut all = BTreeSet::new();
            let mut seen = BTreeSet::new();
            let mut todo: Vec<String> = message.variables.iter().cloned().collect();
            let mut fault = |what: String, remedy: String| {
                faults.push(Fault::error(
                    &message.file,
                    message.span.clone(),
                    what,
                    remedy,
                ));
            };
            while let Some(next) = todo.pop() {
                let Some(id) = next.strip_prefix('{') else {
                    all.insert(next);
                    continue;
                };
                if !seen.insert(id.to_owned()) {
                    continue;
                }
                match direct.get(id) {
                    Some(_) if id == name => fault(
                        format!("the message `{name}` refers to itself"),
                        "take one reference of the circle out".to_owned(),
                    ),
                    Some(more) => todo.extend(more.iter().cloned()),
                    None if message.variables.contains(&next) => fault(
                        format!("the message `{name}` refers to `{id}`, which is not there"),
                        did_you_mean(id, direct.keys().filter(|k| *k != name).map(String::as_str)),
                    ),
                    None => {}
                }
            }
            message.variables = all;
        }
    }

    pub(super) fn format(
        &self,
        bundle: &FluentBundle<Arc<FluentResource>>,
        id: &str,
        args: &FluentArgs<'_>,
    ) -> String {
        let Some(pattern) = bundle.get_message(id).and_then(|m| m.value()) else {
            return id.to_owned();
        };
        // A value that is missing shows as `{$name}`; the checker refuses flows where one could be.
        let mut errors = Vec::new();
        let text = bundle.format_pattern(pattern, Some(args), &mut errors);
        if text.contains('\n') {
            text.replace('\n', " ")
        } else {
            text.into_owned()
        }
    }
}

/// Where brackets begin to stand too deep. A line that begins a message begins to count anew.
fn too_deep(source: &str) -> Option<Range<usize>> {
    let mut depth = 0_usize;
    let mut begins = true;
    for (at, byte) in source.bytes().enumerate() {
        if begins && (byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'#')) {
            depth = 0;
        }
        begins = byte == b'\n';
        match byte {
            b'{' | b'(' => depth += 1,
            b'}' | b')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        if depth > DEEPEST {
            return Some(at..at + 1);
        }
    }
    None
}

fn place_of(source: &str, id: &str) -> Option<Range<usize>> {
    let mut at = 0;
    for line in source.split_inclusive('\n') {
        if let Some(rest) = line.strip_prefix(id)
            && rest.trim_start().starts_with('=')
        {
            return Some(at..at + id.len());
        }
        at += line.len();
    }
    None
}

fn read_pattern(pattern: &ast::Pattern<&str>, message: &mut Message) {
    for element in &pattern.elements {
        match element {
            ast::PatternElement::TextElement { value } => message.words.push_str(value),
            ast::PatternElement::Placeable { expression } => read_expression(expression, message),
        }
    }
}

fn read_expression(expression: &ast::Expression<&str>, message: &mut Message) {
    match expression {
        ast::Expression::Inline(inline) => read_inline(inline, message),
        ast::Expression::Select { selector, variants } => {
            read_inline(selector, message);
            for variant in variants {
                message.words.push(' ');
                read_pattern(&variant.value, message);
            }
        }
    }
}

fn read_inline(inline: &ast::InlineExpression<&str>, message: &mut Message) {
    match inline {
        ast::InlineExpression::StringLiteral { value } => message.words.push_str(value),
        ast::InlineExpression::VariableReference { id } => {
            message.variables.insert(id.name.to_owned());
            message.words.push(' ');
        }
        ast::InlineExpression::MessageReference { id, .. } => {
            message.variables.insert(format!("{{{}", id.name));
        }
        ast::InlineExpression::TermReference { id, .. } => {
            message.variables.insert(format!("{{-{}", id.name));
        }
        ast::InlineExpression::FunctionReference { id, arguments } => {
            // No function is given to the texts, so that each is a reference to nothing.
            message.variables.insert(format!("{{{}()", id.name));
            for argument in &arguments.positional {
                read_inline(argument, message);
            }
        }
        ast::InlineExpression::Placeable { expression } => read_expression(expression, message),
        ast::InlineExpression::NumberLiteral { .. } => {}
    }
}
