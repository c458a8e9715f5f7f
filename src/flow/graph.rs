//! A flow as a picture: Mermaid text, which documentation pages and the console draw.

use std::fmt::Write as _;

use super::definition::{Act, Flow, Step};

/// The flow as a Mermaid flowchart: questions are rounded, actions are boxes, ends are circles.
pub fn mermaid(flow: &Flow) -> String {
    let mut out = String::from("flowchart TD\n");
    // Writing to a String cannot fail.
    for step in flow.steps.values() {
        let name = &step.name.it;
        let _ = writeln!(out, "  {name}{}", shape(step));
    }
    for step in flow.steps.values() {
        for (label, to) in arrows(step) {
            let arrow = if label.is_empty() {
                "-->".to_owned()
            } else {
                format!("-->|{label}|")
            };
            let _ = writeln!(out, "  {} {arrow} {to}", step.name.it);
        }
    }
    out
}

fn shape(step: &Step) -> String {
    let name = &step.name.it;
    match &step.act {
        Act::Ask(ask) => format!("([\"{name}: {}\"])", ask.text.it),
        Act::Do { action, .. } => format!("[\"{name}: {}\"]", action.it),
        Act::When(_) => format!("{{\"{name}\"}}"),
        Act::Call(jump) => format!("[[\"{name}: {}\"]]", jump.flow.it),
        Act::Goto(jump) => format!("[[\"{name}: to {}\"]]", jump.flow.it),
        Act::End => format!("((\"{name}\"))"),
        Act::Pass => format!("[\"{name}\"]"),
    }
}

fn arrows(step: &Step) -> Vec<(String, &str)> {
    let mut all: Vec<(String, &str)> = Vec::new();
    match &step.act {
        Act::Ask(ask) => {
            for choice in &ask.choices {
                if let Some(then) = &choice.then {
                    all.push((choice.value.it.clone(), &then.it));
                }
            }
            all.extend(
                ask.other
                    .iter()
                    .map(|to| ("other".to_owned(), to.it.as_str())),
            );
        }
        Act::Do { outcomes, .. } => {
            all.extend(
                outcomes
                    .iter()
                    .map(|(o, to)| (o.it.clone(), to.it.as_str())),
            );
        }
        Act::When(branches) => {
            for branch in branches {
                let label = branch.condition.as_ref().map_or("else", |_| "if");
                all.push((label.to_owned(), &branch.then.it));
            }
        }
        Act::Call(_) | Act::Goto(_) | Act::End | Act::Pass => {}
    }
    all.extend(step.then.iter().map(|to| (String::new(), to.it.as_str())));
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_flow_is_drawn() {
        let flow = crate::flow::load::flow(
            "flows/x.toml",
            "title = \"T\"\nstart = \"a\"\n[steps.a]\nask = \"q\"\nchoices = [{ value = \"call\", label = \"l\", then = \"b\" }]\n\
             [steps.b]\ndo = { cancel = { meeting = \"$m\" } }\noutcomes = { cancelled = \"c\" }\n[steps.c]\nend = true\n",
        )
        .unwrap();
        insta::assert_snapshot!(mermaid(&flow), @r#"
        flowchart TD
          a(["a: q"])
          b["b: cancel"]
          c(("c"))
          a -->|call| b
          b -->|cancelled| c
        "#);
    }
}
