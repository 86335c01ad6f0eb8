//! The document gives a header of this response a schema, and no way to read the value fits it: neither as a string, nor
//! as a number or truth value, nor as a list of these (style `simple`), nor as JSON, where `content` says that it is.
//!
//! **Why it matters.** A `Retry-After: soon` or an `X-Total: many` fails in the client that reads a number there.
//!
//! **Deviates**, where the schema of `X-Total` is `{type: integer, minimum: 0}`:
//!
//! ```http
//! X-Total: -1
//! ```
//!
//! **Conforms.**
//!
//! ```http
//! x-total: 17
//! ```
//!
//! **Lists and JSON.** Where the schema is an array, the value is split at its commas, and the finding names the item that
//! is wrong. Where `content` describes the header instead of a schema, and the media type is JSON, the value must be a
//! JSON text that fits the schema there.
//!
//! **Limits.** A header that is not there is `header-missing`, or fine. Headers whose schema is an object are held against
//! nothing: the ways to write one in a field are too many to be sure. Nor are those whose `content` is not JSON.
//! `conformant lint` names both.
//!
//! **Clause.** OpenAPI 3.0, Header Object: a parameter of style `simple`, or `content`.

use std::collections::HashSet;

use serde_json::{Value, json};

use super::held::Held;
use super::{Checked, Evidence, shown};
use crate::rule::{Level, Origin, Rule};
use crate::spec::{Media, Schema, Violation};
use crate::tree;

pub(super) static RULE: Rule = Rule {
    id: "header-schema-violated",
    summary: "A response header breaks its documented schema",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Header Object, schema",
    since: "0.1.0",
    source: include_str!("header_schema_violated.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    evidence.over("no header with a schema came", |held, findings| {
        let Some(response) = held.response.filter(|_| held.ending.is_answered()) else {
            return false;
        };
        let mut applies = false;
        for header in response.headers.iter() {
            let values: Vec<_> = held.answer().values(&header.name).collect();
            if values.is_empty() {
                continue;
            }
            let value = values.join(", ");
            let wrong = match (&header.content, &header.schema) {
                (Some(content), _) if content.range.is_json() => in_json(held, content, &value),
                (None, Some(schema)) if !of_type(held, schema, &json!({})) => in_simple(held, schema, &value),
                _ => continue,
            };
            applies = true;
            if let Some(why) = wrong {
                let message = format!("{} breaks its schema: {why}", shown::short(&header.name));
                let finding = held.finding(&RULE, message);
                findings.push(finding.compared("what the schema allows", shown::quoted(&value)).spec(&header.anchor));
            }
        }
        applies
    })
}

/// What is wrong with a value that `content` says is JSON.
fn in_json(held: &Held<'_>, content: &Media, value: &str) -> Option<String> {
    let read = match tree::json::read(value.as_bytes()) {
        Ok(read) => read,
        Err(fault) => return Some(format!("it is no JSON, {}", shown::short(&fault.to_string()))),
    };
    let violations = content.schema.as_ref().map(|schema| held.violations_of(schema, &read.root)).unwrap_or_default();
    first(&violations, |it| {
        let place = if it.instance.is_empty() { String::new() } else { format!("{}: ", shown::short(&it.instance)) };
        format!("{place}{}", shown::sentence(&it.message))
    })
}

/// What is wrong with a value of style `simple`.
fn in_simple(held: &Held<'_>, schema: &Schema, value: &str) -> Option<String> {
    let as_text = held.violations(schema, &Value::from(value));
    let typed = scalar(value);
    if as_text.is_empty() || held.violations(schema, &typed).is_empty() {
        return None;
    }
    let items = list(held, schema, value);
    let in_list = held.violations(schema, &Value::from(items.clone()));
    if in_list.is_empty() {
        return None;
    }
    // Say what is wrong with the reading that has the right type.
    if of_type(held, schema, &json!([])) && !of_type(held, schema, &json!("")) {
        return first(&in_list, |it| {
            let index = it.instance.split('/').nth(1).and_then(|index| index.parse::<usize>().ok());
            let item = index.map(|index| format!("item {}: ", index + 1)).unwrap_or_default();
            format!("{item}{}", shown::sentence(&it.message))
        });
    }
    let nearest = if of_type(held, schema, &typed) { held.violations(schema, &typed) } else { as_text };
    first(&nearest, |it| shown::sentence(&it.message))
}

/// The first of what is wrong, and how much more there is.
fn first(violations: &[Violation], told: impl Fn(&Violation) -> String) -> Option<String> {
    let (first, more) = violations.split_first()?;
    let more = if more.is_empty() { String::new() } else { format!(" (and {} more)", more.len()) };
    Some(told(first) + &more)
}

/// Whether a value is of the type that a schema asks for.
fn of_type(held: &Held<'_>, schema: &Schema, value: &Value) -> bool {
    !held.violations(schema, value).iter().any(|it| it.instance.is_empty() && it.keyword == "type")
}

/// The items of a list, each as a number or truth value where the schema takes it as one, else as a text.
fn list(held: &Held<'_>, schema: &Schema, value: &str) -> Vec<Value> {
    let texts: Vec<&str> = value.split(',').map(str::trim).collect();
    if texts == [""] {
        return Vec::new();
    }
    let typed: Vec<Value> = texts.iter().map(|text| scalar(text)).collect();
    let wrong: HashSet<usize> = held
        .violations(schema, &Value::from(typed.clone()))
        .iter()
        .filter_map(|it| it.instance.split('/').nth(1)?.parse().ok())
        .collect();
    let item = |(index, (typed, text)): (usize, (Value, &&str))| {
        if wrong.contains(&index) { Value::from(*text) } else { typed }
    };
    typed.into_iter().zip(&texts).enumerate().map(item).collect()
}

/// A number or truth value, where a text is one; else a string.
fn scalar(text: &str) -> Value {
    let number_or_bool = |value: &Value| value.is_number() || value.is_boolean();
    serde_json::from_str(text).ok().filter(number_or_bool).unwrap_or_else(|| Value::from(text))
}
