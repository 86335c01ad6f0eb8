//! The keywords of OpenAPI 3.0's dialect of JSON Schema that say something of a value itself: Draft 4 with `nullable`, where
//! `1.0` is an integer and what is `writeOnly` need not be in a response. `const`, `patternProperties`, `dependencies` and
//! other keywords that OpenAPI 3.0 does not have assert nothing.

use std::collections::{HashMap, HashSet};
use std::hash::BuildHasher as _;
use std::sync::LazyLock;

use serde_json::{Map, Value};

use super::compiler::scalar;
use super::formats::Format;
use super::judge::{Judge, LOOKS, Members, Stopped, address, count};
use super::pattern::LONGEST_PATTERN;
use crate::tree::{self, Node};

/// The types of OpenAPI 3.0.
pub(super) const TYPES: [&str; 6] = ["string", "boolean", "array", "object", "number", "integer"];

/// The keywords that the library checks: of numbers and strings.
const OF_LIBRARY: [&str; 8] =
    ["multipleOf", "maximum", "exclusiveMaximum", "minimum", "exclusiveMinimum", "maxLength", "minLength", "pattern"];

/// The keywords that count, whether they give the most, and what they count.
const COUNTS: [(&str, bool, &str); 4] = [
    ("maxItems", true, "element"),
    ("minItems", false, "element"),
    ("maxProperties", true, "property"),
    ("minProperties", false, "property"),
];

/// The longest text that is repeated in a message, in bytes.
const SHORT: usize = 60;

/// How many values of an `enum` are shown.
const SHOWN: usize = 10;

/// How many bytes of a text are read in one step.
pub(super) const BYTES: u64 = 64;

/// Whether a value is short enough to be repeated in a message.
pub(super) fn is_short(value: &Node) -> bool {
    match &value.value {
        tree::Value::String(text) => text.len() <= SHORT,
        tree::Value::Sequence(items) => items.is_empty(),
        tree::Value::Mapping(entries) => entries.is_empty(),
        _ => true,
    }
}

fn shown(value: &Node) -> String {
    if is_short(value) { value.to_json().to_string() } else { "the value".to_owned() }
}

/// A value that an `enum` lists, as it is shown.
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
        // The reader of the document refuses others.
        _ => true,
    };
    has || (matches!(value, tree::Value::Null) && is_nullable(schema))
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

/// What is wrong with a value that has not the type.
pub(super) fn wrong_type(schema: &Map<String, Value>, name: &Value, value: &Node) -> String {
    let null = if is_nullable(schema) { " or null" } else { "" };
    format!("{} is not of type {}{null}", shown(value), name.as_str().unwrap_or_default())
}

/// `enum`, which `nullable` widens by null.
pub(super) fn is_listed(
    judge: &mut Judge<'_>,
    schema: &Map<String, Value>,
    listed: &Value,
    value: &Node,
) -> Result<bool, Stopped> {
    let Some(listed) = listed.as_array() else { return Ok(true) };
    if matches!(value.value, tree::Value::Null) && is_nullable(schema) && schema.contains_key("type") {
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
pub(super) fn not_listed(listed: &Value, value: &Node) -> String {
    let listed = listed.as_array().map(Vec::as_slice).unwrap_or_default();
    let more = if listed.len() > SHOWN { ", …" } else { "" };
    let listed: Vec<String> = listed.iter().take(SHOWN).map(shown_listed).collect();
    format!("{} is none of {}{more}", shown(value), listed.join(", "))
}

/// Equality of JSON Schema: numbers by their value. Values are as deep as bodies and documents may be.
fn equal(judge: &mut Judge<'_>, a: &Value, b: &Node) -> Result<bool, Stopped> {
    Ok(match (a, &b.value) {
        (Value::Null, tree::Value::Null) => true,
        (Value::Bool(x), tree::Value::Bool(y)) => x == y,
        (Value::Number(_), tree::Value::Number(y)) => same_number(a, &y.to_json()),
        (Value::String(x), tree::Value::String(y)) => {
            if x.len() == y.len() {
                judge.spend(x.len() as u64 / BYTES)?;
            }
            x == y
        }
        (Value::Array(x), tree::Value::Sequence(y)) if x.len() == y.len() => {
            judge.spend(x.len() as u64 / LOOKS + 1)?;
            for (x, y) in x.iter().zip(y) {
                if !equal(judge, x, y)? {
                    return Ok(false);
                }
            }
            true
        }
        (Value::Object(x), tree::Value::Mapping(y)) if x.len() == Members::of(b).count() => {
            judge.spend(y.len() as u64 / LOOKS + 1)?;
            for (key, x) in x {
                let Some(y) = b.get(key) else { return Ok(false) };
                if !equal(judge, x, y)? {
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

/// Two elements of an array that are equal, by their indexes, where none may be: the first that has an equal one.
pub(super) fn doubled(judge: &mut Judge<'_>, held: &Value, value: &Node) -> Result<Option<(usize, usize)>, Stopped> {
    let (Value::Bool(true), Some(items)) = (held, value.items()) else { return Ok(None) };
    judge.spend(count(value))?;
    let keys = std::hash::RandomState::new();
    let mut hashes: Vec<(u64, usize)> =
        items.iter().enumerate().map(|(index, item)| (hash(&keys, item), index)).collect();
    hashes.sort_unstable();
    let mut groups: Vec<&[(u64, usize)]> =
        hashes.chunk_by(|(a, _), (b, _)| a == b).filter(|same| same.len() > 1).collect();
    // The hashes are others each time, and what is said of a value must not be.
    groups.sort_unstable_by_key(|same| same[0].1);
    for same in groups {
        // As good as always all of these are equal.
        for (place, (_, first)) in same.iter().enumerate() {
            let one = items[*first].to_json();
            judge.spend(count(&items[*first]))?;
            for (_, second) in &same[place + 1..] {
                if equal(judge, &one, &items[*second])? {
                    return Ok(Some((*first, *second)));
                }
            }
        }
    }
    Ok(None)
}

/// A number that is the same for values that are equal.
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
        // Whatever the order of the members.
        tree::Value::Mapping(_) => Members::of(value)
            .map(|member| keys.hash_one((&member.key, hash(keys, &member.value))))
            .fold(keys.hash_one(3_u8), u64::wrapping_add),
    }
}

/// Whether a keyword counts elements or properties.
pub(super) fn is_count(keyword: &str) -> bool {
    COUNTS.iter().any(|(name, ..)| *name == keyword)
}

/// What is wrong with a value that has too many or too few elements or properties by a keyword.
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

/// `format`, where it is known.
pub(super) fn has_format(judge: &mut Judge<'_>, name: &Value, value: &Node) -> Result<bool, Stopped> {
    let Some(format) = name.as_str().and_then(known_format) else { return Ok(true) };
    if let tree::Value::String(text) = &value.value {
        judge.spend(text.len() as u64 / BYTES)?;
        if format.is_regex() && text.len() > LONGEST_PATTERN {
            return Err(Stopped(format!(
                "it holds a text of {} bytes that must be a regular expression, and at most {LONGEST_PATTERN} are read",
                text.len()
            )));
        }
    }
    Ok(scalar(value).is_none_or(|value| format.holds(&value)))
}

/// What is wrong with a value that has not the format.
pub(super) fn wrong_format(name: &Value, value: &Node) -> String {
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
