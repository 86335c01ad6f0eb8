//! Another judge of values, for the part of OpenAPI 3.0 that says the same in Draft 4 of JSON Schema.

use jsonschema::Draft;
use serde_json::{Map, Value};

/// The keywords that mean the same in both, but for those that hold schemas.
const SAME: [&str; 13] = [
    "type",
    "enum",
    "required",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
];

/// The keywords that say nothing about a value.
const SILENT: [&str; 6] = ["title", "description", "example", "default", "readOnly", "deprecated"];

/// How many schemas are looked at, references followed, and how deep they may lie in each other.
const MOST: usize = 300;
const DEEPEST: usize = 24;

/// The largest number of which every reader makes the same.
const LARGEST: u64 = 1 << 53;

/// Whether a value fits the schema `A`. None where the two might differ, or where that would cost much.
pub(crate) fn fits(schemas: &Value, value: &Value) -> Option<bool> {
    let mut left = MOST;
    let schema = plain(schemas.get("A")?, schemas, &mut left, 0)?;
    if !is_plain(value) {
        return None;
    }
    let validator = jsonschema::options().with_draft(Draft::Draft4).build(&schema).ok()?;
    Some(validator.is_valid(value))
}

/// The schema with every reference replaced by what it leads to.
fn plain(schema: &Value, schemas: &Value, left: &mut usize, depth: usize) -> Option<Value> {
    *left = left.checked_sub(1)?;
    if depth > DEEPEST {
        return None;
    }
    let schema = schema.as_object()?;
    let mut next = |schema: &Value| plain(schema, schemas, left, depth + 1);
    if let Some(target) = schema.get("$ref") {
        let name = target.as_str()?.strip_prefix("#/components/schemas/")?;
        let is_word = name.bytes().all(|byte| byte.is_ascii_alphanumeric());
        return if is_word { next(schemas.get(name)?) } else { None };
    }
    let mut out = Map::new();
    for (keyword, value) in schema {
        let value = match (keyword.as_str(), value) {
            (name, _) if SILENT.contains(&name) || name.starts_with("x-") => continue,
            ("allOf" | "anyOf" | "oneOf", Value::Array(all)) => all.iter().map(&mut next).collect::<Option<Value>>()?,
            ("properties", Value::Object(all)) => {
                let each = all.iter().map(|(name, schema)| Some((name.clone(), next(schema)?)));
                Value::Object(each.collect::<Option<_>>()?)
            }
            ("items" | "not" | "additionalProperties", Value::Object(_)) => next(value)?,
            ("additionalProperties" | "uniqueItems", Value::Bool(_)) => value.clone(),
            (name, _) if SAME.contains(&name) && is_plain(value) => value.clone(),
            _ => return None,
        };
        out.insert(keyword.clone(), value);
    }
    Some(Value::Object(out))
}

/// Whether a value holds only numbers that every reader takes for the same.
fn is_plain(value: &Value) -> bool {
    match value {
        Value::Number(number) => number.as_i64().is_some_and(|number| number.unsigned_abs() <= LARGEST),
        Value::Array(items) => items.iter().all(is_plain),
        Value::Object(members) => members.values().all(is_plain),
        _ => true,
    }
}
