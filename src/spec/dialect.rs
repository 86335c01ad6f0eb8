//! The keywords of OpenAPI 3.0's dialect of JSON Schema that say something of a value itself: Draft 4 with `nullable`, where
//! `1.0` is an integer and what is `writeOnly` need not be in a response. `const`, `patternProperties`, `dependencies` and
//! other keywords that OpenAPI 3.0 does not have assert nothing.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::formats::Format;
use super::judge::{Judge, LOOKS, Stopped, address};
use super::pattern::LONGEST_PATTERN;

/// The types of OpenAPI 3.0.
pub(super) const TYPES: [&str; 6] = ["string", "boolean", "array", "object", "number", "integer"];

/// The keywords that the library checks.
const OF_LIBRARY: [&str; 13] = [
    "multipleOf",
    "maximum",
    "exclusiveMaximum",
    "minimum",
    "exclusiveMinimum",
    "maxLength",
    "minLength",
    "pattern",
    "maxItems",
    "minItems",
    "uniqueItems",
    "maxProperties",
    "minProperties",
];

/// How many values of an `enum` are shown.
const SHOWN: usize = 10;

/// How many bytes of a text are read in one step.
pub(super) const BYTES: u64 = 64;

/// Whether a value is short enough to be repeated in a message.
pub(super) fn is_short(value: &Value) -> bool {
    match value {
        Value::String(text) => text.len() <= 60,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => true,
    }
}

fn shown(value: &Value) -> String {
    if is_short(value) { value.to_string() } else { "the value".to_owned() }
}

/// Whether the library checks a keyword.
pub(super) fn is_of_library(keyword: &str) -> bool {
    OF_LIBRARY.contains(&keyword)
}

fn is_nullable(schema: &Map<String, Value>) -> bool {
    schema.get("nullable") == Some(&Value::Bool(true))
}

/// `type`, with `nullable`; `1.0` is an integer.
pub(super) fn has_type(schema: &Map<String, Value>, name: &Value, value: &Value) -> bool {
    let has = match name.as_str() {
        Some("string") => value.is_string(),
        Some("boolean") => value.is_boolean(),
        Some("array") => value.is_array(),
        Some("object") => value.is_object(),
        Some("number") => value.is_number(),
        Some("integer") => is_integer(value),
        // The reader of the document refuses others.
        _ => true,
    };
    has || (value.is_null() && is_nullable(schema))
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// What is wrong with a value that has not the type.
pub(super) fn wrong_type(schema: &Map<String, Value>, name: &Value, value: &Value) -> String {
    let null = if is_nullable(schema) { " or null" } else { "" };
    format!("{} is not of type {}{null}", shown(value), name.as_str().unwrap_or_default())
}

/// `enum`, which `nullable` widens by null.
pub(super) fn is_listed(
    judge: &mut Judge<'_>,
    schema: &Map<String, Value>,
    listed: &Value,
    value: &Value,
) -> Result<bool, Stopped> {
    let Some(listed) = listed.as_array() else { return Ok(true) };
    if value.is_null() && is_nullable(schema) && schema.contains_key("type") {
        return Ok(true);
    }
    judge.spend(listed.len() as u64 / LOOKS)?;
    for one in listed {
        if equal(judge, one, value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// What is wrong with a value that is not listed.
pub(super) fn not_listed(listed: &Value, value: &Value) -> String {
    let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
    let more = if listed.len() > SHOWN { ", …" } else { "" };
    let listed: Vec<String> = listed.iter().take(SHOWN).map(shown).collect();
    format!("{} is none of {}{more}", shown(value), listed.join(", "))
}

/// Equality of JSON Schema: numbers by their value. Values are as deep as bodies and documents may be.
fn equal(judge: &mut Judge<'_>, a: &Value, b: &Value) -> Result<bool, Stopped> {
    Ok(match (a, b) {
        (Value::Number(x), Value::Number(y)) => x == y || (x.as_f64() == y.as_f64() && (x.is_f64() || y.is_f64())),
        (Value::Array(x), Value::Array(y)) if x.len() == y.len() => {
            judge.spend(x.len() as u64 / LOOKS + 1)?;
            for (x, y) in x.iter().zip(y) {
                if !equal(judge, x, y)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Object(x), Value::Object(y)) if x.len() == y.len() => {
            judge.spend(x.len() as u64 / LOOKS + 1)?;
            for (key, x) in x {
                let Some(y) = y.get(key) else { return Ok(false) };
                if !equal(judge, x, y)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Array(_), Value::Array(_)) | (Value::Object(_), Value::Object(_)) => false,
        (Value::String(x), Value::String(y)) => {
            if x.len() == y.len() {
                judge.spend(x.len() as u64 / BYTES)?;
            }
            x == y
        }
        _ => a == b,
    })
}

/// `format`, where it is known.
pub(super) fn has_format(judge: &mut Judge<'_>, name: &Value, value: &Value) -> Result<bool, Stopped> {
    let Some(format) = name.as_str().and_then(known_format) else { return Ok(true) };
    if let Value::String(text) = value {
        judge.spend(text.len() as u64 / BYTES)?;
        if format.is_regex() && text.len() > LONGEST_PATTERN {
            return Err(Stopped(format!(
                "it holds a text of {} bytes that must be a regular expression, and at most {LONGEST_PATTERN} are read",
                text.len()
            )));
        }
    }
    Ok(format.holds(value))
}

/// What is wrong with a value that has not the format.
pub(super) fn wrong_format(name: &Value, value: &Value) -> String {
    format!("{} is no {}", shown(value), name.as_str().unwrap_or_default())
}

fn known_format(name: &str) -> Option<&'static Format> {
    static FORMATS: LazyLock<HashMap<&'static str, Format>> = LazyLock::new(Format::all);
    FORMATS.get(name)
}

/// What is missing, in words.
pub(super) fn lacks(name: &str) -> String {
    format!("the required property `{name}` is missing")
}

/// The names of the properties that are `writeOnly` in a schema: in its own `properties`, and in what its `allOf` holds.
pub(super) fn hidden<'c>(judge: &mut Judge<'c>, schema: &'c Map<String, Value>) -> Result<HashSet<&'c str>, Stopped> {
    let mut names = HashSet::new();
    // `allOf` may go in circles.
    let mut seen = HashSet::new();
    let mut waiting = vec![schema];
    while let Some(schema) = waiting.pop() {
        judge.spend(1)?;
        if !seen.insert(address(schema)) {
            continue;
        }
        if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
            judge.spend(properties.len() as u64)?;
            for (name, property) in properties {
                let flag = judge.resolve(property).and_then(|property| property.get("writeOnly"));
                if flag == Some(&Value::Bool(true)) {
                    names.insert(name.as_str());
                }
            }
        }
        for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
            waiting.extend(judge.resolve(part));
        }
    }
    Ok(names)
}
