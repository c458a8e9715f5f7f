//! A JSON Schema of flow files, so that editors complete them and mark mistakes while they are
//! written. `check` knows more: it reads all flows and texts together.

use serde_json::{Map, Value, json};

use super::action::{self, Spec};
use super::definition::EXPECTS;
use super::load::keys::{ACTS, BRANCH, CHOICE, FLOW, JUMP, Key, Kind, NUDGE, STEP};
use super::reference;

/// The schema, in the draft that editors' TOML plugins read.
pub fn schema() -> Value {
    let mut step = table(STEP);
    let pairs = ACTS
        .iter()
        .enumerate()
        .flat_map(|(at, one)| ACTS[at + 1..].iter().map(move |other| (*one, *other)));
    let mut rules: Vec<Value> = pairs
        .map(|(one, other)| json!({ "not": { "required": [one, other] } }))
        .collect();
    rules.push(json!({
        "if": { "required": ["ask"] },
        "then": { "anyOf": [{ "required": ["expect"] }, { "required": ["choices"] }] }
    }));
    rules.extend(action::ALL.iter().map(|spec| outcomes(spec)));
    step["allOf"] = Value::Array(rules);
    let mut schema = table(FLOW);
    schema["$schema"] = json!("http://json-schema.org/draft-07/schema#");
    schema["title"] = json!("A flow of schoolgate");
    schema["description"] = json!("Written by `schoolgate flows schema`.");
    schema["definitions"] = json!({
        "step": step,
        "choice": table(CHOICE),
        "branch": table(BRANCH),
        "jump": table(JUMP),
        "nudge": table(NUDGE),
        "action": actions(),
        "given": {
            "description": "Words, a number, true, false, or a name such as \"$case\"; \"$case?\" may be missing.",
            "type": ["string", "integer", "boolean"],
        },
    });
    schema
}

fn table(keys: &[Key]) -> Value {
    let mut properties = Map::new();
    let mut dependencies = Map::new();
    for key in keys {
        let mut value = kind(key.kind);
        value["description"] = json!(key.doc);
        properties.insert(key.name.to_owned(), value);
        if let Some(other) = key.beside {
            dependencies.insert(key.name.to_owned(), json!([other]));
        }
    }
    let needed = keys.iter().filter(|k| k.needed).map(|k| k.name);
    let mut table = json!({
        "type": "object",
        "properties": properties,
        "required": needed.collect::<Vec<_>>(),
        "additionalProperties": false,
    });
    if !dependencies.is_empty() {
        table["dependencies"] = Value::Object(dependencies);
    }
    table
}

fn kind(kind: Kind) -> Value {
    let list =
        |of: &str| json!({ "type": "array", "items": { "$ref": format!("#/definitions/{of}") } });
    // A reference takes its description beside it, inside `allOf`: the draft reads nothing else there.
    let one = |of: &str| json!({ "allOf": [{ "$ref": format!("#/definitions/{of}") }] });
    match kind {
        Kind::Words | Kind::Step | Kind::Text | Kind::Name | Kind::Condition | Kind::Flow => {
            json!({ "type": "string", "minLength": 1 })
        }
        Kind::Texts | Kind::Names => json!({ "anyOf": [
            { "type": "string" },
            { "type": "array", "items": { "type": "string" } },
        ] }),
        Kind::Ways => json!({ "type": "object", "additionalProperties": { "type": "string" } }),
        Kind::Flag => json!({ "type": "boolean" }),
        Kind::True => json!({ "const": true }),
        Kind::Length => length(),
        Kind::Nudge => json!({ "anyOf": [
            length(),
            { "$ref": "#/definitions/nudge" },
            { "const": false },
        ] }),
        Kind::Few => json!({ "type": "integer", "minimum": 1, "maximum": 5 }),
        Kind::Expect => {
            let words = EXPECTS.iter().map(|(word, _)| *word);
            json!({ "enum": words.collect::<Vec<_>>() })
        }
        Kind::Given => one("given"),
        Kind::Givens => json!({
            "type": "object",
            "additionalProperties": { "$ref": "#/definitions/given" },
        }),
        Kind::Steps => json!({
            "type": "object",
            "minProperties": 1,
            "additionalProperties": { "$ref": "#/definitions/step" },
        }),
        Kind::Choices => list("choice"),
        Kind::Branches => list("branch"),
        Kind::Action => one("action"),
        Kind::Jump => json!({ "anyOf": [{ "type": "string" }, { "$ref": "#/definitions/jump" }] }),
    }
}

fn length() -> Value {
    json!({ "type": "string", "pattern": "^[1-9][0-9]* (minute|hour|day)s?$" })
}

/// What may stand behind `do`: one action, with what it is given.
fn actions() -> Value {
    let mut properties = Map::new();
    for spec in action::ALL {
        let mut inputs = Map::new();
        for input in spec.inputs {
            let sort = reference::kind(input.kind);
            inputs.insert(
                input.name.to_owned(),
                json!({ "allOf": [{ "$ref": "#/definitions/given" }], "description": sort }),
            );
        }
        let needed = spec.inputs.iter().filter(|i| !i.optional).map(|i| i.name);
        properties.insert(
            spec.name.to_owned(),
            json!({
                "description": spec.doc,
                "type": "object",
                "properties": inputs,
                "required": needed.collect::<Vec<_>>(),
                "additionalProperties": false,
            }),
        );
    }
    json!({
        "type": "object",
        "properties": properties,
        "minProperties": 1,
        "maxProperties": 1,
        "additionalProperties": false,
    })
}

/// A step that does this action routes each of its outcomes, and no other.
fn outcomes(spec: &Spec) -> Value {
    let names: Vec<&str> = spec.outcomes.iter().map(|o| o.name).collect();
    json!({
        "if": { "required": ["do"], "properties": { "do": { "required": [spec.name] } } },
        "then": {
            "required": ["outcomes"],
            "properties": { "outcomes": {
                "required": names,
                "propertyNames": { "enum": names },
            } },
        },
    })
}
