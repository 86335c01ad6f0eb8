//! The keywords about a value itself, in the dialect of OpenAPI 3.0 (specification 3.0.3 §4.7.24): JSON Schema Draft 4 with
//! `nullable`, where `1.0` is an integer and a `writeOnly` property is not required in a response. Keywords that OpenAPI 3.0
//! does not have, such as `const`, `patternProperties` and `dependencies`, assert nothing.

use std::collections::HashMap;
use std::hash::BuildHasher as _;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::budget::{BYTES_PER_STEP, Budget, LOOKUPS_PER_STEP, Stopped};
use super::formats::ValueFormat;
use super::pattern::LONGEST_PATTERN;
use super::value::{Members, SHORT, count, is_short, scalar};
use crate::tree::{self, Node};

/// The types of OpenAPI 3.0.
pub(super) const TYPES: [&str; 6] = ["string", "boolean", "array", "object", "number", "integer"];

/// The keywords of numbers and strings, which the library checks.
const OF_LIBRARY: [&str; 8] =
    ["multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern"];

/// The keywords that count: whether they limit the number from above, and what they count.
const COUNTS: [(&str, bool, &str); 4] = [
    ("maxItems", true, "element"),
    ("minItems", false, "element"),
    ("maxProperties", true, "property"),
    ("minProperties", false, "property"),
];

/// How many values of an `enum` are shown.
const SHOWN: usize = 10;

fn shown(value: &Node) -> String {
    if is_short(value) { value.to_json().to_string() } else { "the value".to_owned() }
}

/// A value of an `enum` for a message.
fn shown_listed(value: &Value) -> String {
    let is_short = match value {
        Value::String(text) => text.len() <= SHORT,
        Value::Array(items) => items.is_empty(),
        Value::Object(entries) => entries.is_empty(),
        _ => true,
    };
    if is_short { value.to_string() } else { "the value".to_owned() }
}

/// Whether the library checks a keyword.
pub(super) fn is_of_library(keyword: &str) -> bool {
    OF_LIBRARY.contains(&keyword)
}

fn is_nullable(schema: &Map<String, Value>) -> bool {
    schema.get("nullable") == Some(&Value::Bool(true))
}

/// `type`, with `nullable`; `1.0` is an integer.
pub(super) fn has_type(schema: &Map<String, Value>, name: &Value, value: &Node) -> bool {
    let value = &value.value;
    let has = match name.as_str() {
        Some("string") => matches!(value, tree::Value::String(_)),
        Some("boolean") => matches!(value, tree::Value::Bool(_)),
        Some("array") => matches!(value, tree::Value::Sequence(_)),
        Some("object") => matches!(value, tree::Value::Mapping(_)),
        Some("number") => matches!(value, tree::Value::Number(_)),
        Some("integer") => matches!(value, tree::Value::Number(number) if is_integer(&number.to_json())),
        // A document with other types is refused.
        _ => true,
    };
    has || (matches!(value, tree::Value::Null) && is_nullable(schema))
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// The message for a value of the wrong type.
pub(super) fn wrong_type(schema: &Map<String, Value>, name: &Value, value: &Node) -> String {
    let null = if is_nullable(schema) { " or null" } else { "" };
    format!("{} is not of type {}{null}", shown(value), name.as_str().unwrap_or_default())
}

/// `enum`, to which `nullable` adds null.
pub(super) fn is_listed(
    budget: &mut Budget,
    schema: &Map<String, Value>,
    listed: &Value,
    value: &Node,
) -> Result<bool, Stopped> {
    let Some(listed) = listed.as_array() else { return Ok(true) };
    if matches!(value.value, tree::Value::Null) && is_nullable(schema) && schema.contains_key("type") {
        return Ok(true);
    }
    budget.spend(listed.len() as u64 / LOOKUPS_PER_STEP)?;
    for one in listed {
        if equal(budget, one, value)? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// The message for a value that the `enum` does not list.
pub(super) fn not_listed(listed: &Value, value: &Node) -> String {
    let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
    let more = if listed.len() > SHOWN { ", …" } else { "" };
    let listed: Vec<String> = listed.iter().take(SHOWN).map(shown_listed).collect();
    format!("{} is none of {}{more}", shown(value), listed.join(", "))
}

/// Equality as in JSON Schema: numbers are compared by value. The depth of values is limited by their readers.
fn equal(budget: &mut Budget, a: &Value, b: &Node) -> Result<bool, Stopped> {
    Ok(match (a, &b.value) {
        (Value::Null, tree::Value::Null) => true,
        (Value::Bool(x), tree::Value::Bool(y)) => x == y,
        (Value::Number(_), tree::Value::Number(y)) => same_number(a, &y.to_json()),
        (Value::String(x), tree::Value::String(y)) => {
            if x.len() == y.len() {
                budget.spend(x.len() as u64 / BYTES_PER_STEP)?;
            }
            x == y
        }
        (Value::Array(x), tree::Value::Sequence(y)) if x.len() == y.len() => {
            budget.spend(x.len() as u64 / LOOKUPS_PER_STEP + 1)?;
            for (x, y) in x.iter().zip(y) {
                if !equal(budget, x, y)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Object(x), tree::Value::Mapping(y)) if x.len() == Members::of(b).count() => {
            budget.spend(y.len() as u64 / LOOKUPS_PER_STEP + 1)?;
            for (key, x) in x {
                let Some(y) = b.get(key) else { return Ok(false) };
                if !equal(budget, x, y)? {
                    return Ok(false);
                }
            }
            true
        }
        _ => false,
    })
}

fn same_number(a: &Value, b: &Value) -> bool {
    a == b || (a.as_f64() == b.as_f64() && (a.is_f64() || b.is_f64()))
}

/// The indexes of two equal elements of an array with `uniqueItems: true`: those of the first element that has an equal.
pub(super) fn doubled(budget: &mut Budget, argument: &Value, value: &Node) -> Result<Option<(usize, usize)>, Stopped> {
    let (Value::Bool(true), Some(items)) = (argument, value.items()) else { return Ok(None) };
    budget.spend(count(value))?;
    let keys = std::hash::RandomState::new();
    let mut hashes: Vec<(u64, usize)> =
        items.iter().enumerate().map(|(index, item)| (hash(&keys, item), index)).collect();
    hashes.sort_unstable();
    let mut groups: Vec<&[(u64, usize)]> =
        hashes.chunk_by(|(a, _), (b, _)| a == b).filter(|same| same.len() > 1).collect();
    // The hashes differ in each run, but the result must not.
    groups.sort_unstable_by_key(|same| same[0].1);
    for same in groups {
        // Elements with the same hash are nearly always equal.
        for (place, (_, first)) in same.iter().enumerate() {
            let one = items[*first].to_json();
            budget.spend(count(&items[*first]))?;
            for (_, second) in &same[place + 1..] {
                if equal(budget, &one, &items[*second])? {
                    return Ok(Some((*first, *second)));
                }
            }
        }
    }
    Ok(None)
}

/// A hash: equal values have equal hashes.
fn hash(keys: &std::hash::RandomState, value: &Node) -> u64 {
    match &value.value {
        tree::Value::Null => keys.hash_one(0_u8),
        tree::Value::Bool(value) => keys.hash_one(value),
        // Equal numbers have equal doubles; zero has two.
        tree::Value::Number(number) => {
            keys.hash_one((1_u8, (number.to_json().as_f64().unwrap_or_default() + 0.0).to_bits()))
        }
        tree::Value::String(text) => keys.hash_one(text),
        tree::Value::Sequence(items) => {
            items.iter().fold(keys.hash_one(2_u8), |all, item| keys.hash_one((all, hash(keys, item))))
        }
        // The order of the members does not matter.
        tree::Value::Mapping(_) => Members::of(value)
            .map(|member| keys.hash_one((&member.key, hash(keys, &member.value))))
            .fold(keys.hash_one(3_u8), u64::wrapping_add),
    }
}

/// Whether a keyword counts elements or properties.
pub(super) fn is_count(keyword: &str) -> bool {
    COUNTS.iter().any(|(name, ..)| *name == keyword)
}

/// The message for a value with too many or too few elements or properties. None if a keyword that counts is met.
pub(super) fn wrong_count(keyword: &str, limit: &Value, value: &Node) -> Option<String> {
    let (_, is_most, what) = COUNTS.iter().find(|(name, ..)| *name == keyword)?;
    let count = match (&value.value, *what) {
        (tree::Value::Sequence(items), "element") => items.len(),
        (tree::Value::Mapping(_), "property") => Members::of(value).count(),
        _ => return None,
    };
    let limit = limit.as_u64().or_else(|| whole(limit.as_f64()?))?;
    let count = count as u64;
    let plural = |count: u64| match (*what, count) {
        (what, 1) => format!("1 {what}"),
        ("property", _) => format!("{count} properties"),
        (what, _) => format!("{count} {what}s"),
    };
    match is_most {
        true if count > limit => Some(format!("it has {}, and at most {limit} may be there", plural(count))),
        false if count < limit => Some(format!("it has {}, and at least {limit} must be there", plural(count))),
        _ => None,
    }
}

/// A limit that is written as `1.0`.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "it is whole and not negative")]
fn whole(limit: f64) -> Option<u64> {
    (limit >= 0.0 && limit.fract() == 0.0).then_some(limit as u64)
}

/// `format`, if it is known.
pub(super) fn has_format(budget: &mut Budget, name: &Value, value: &Node) -> Result<bool, Stopped> {
    let Some(format) = name.as_str().and_then(known_format) else { return Ok(true) };
    if let tree::Value::String(text) = &value.value {
        budget.spend(text.len() as u64 / BYTES_PER_STEP)?;
        if format.is_regex() && text.len() > LONGEST_PATTERN {
            return Err(Stopped(format!(
                "it holds a text of {} bytes that must be a regular expression, and at most {LONGEST_PATTERN} are read",
                text.len()
            )));
        }
    }
    Ok(scalar(value).is_none_or(|value| format.holds(&value)))
}

/// The message for a value that has not the format.
pub(super) fn wrong_format(name: &Value, value: &Node) -> String {
    format!("{} is no {}", shown(value), name.as_str().unwrap_or_default())
}

fn known_format(name: &str) -> Option<&'static ValueFormat> {
    static FORMATS: LazyLock<HashMap<&'static str, ValueFormat>> = LazyLock::new(ValueFormat::all);
    FORMATS.get(name)
}

/// The message for a missing property.
pub(super) fn lacks(name: &str) -> String {
    format!("the required property `{name}` is missing")
}
