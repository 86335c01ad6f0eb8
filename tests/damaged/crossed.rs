//! Hostile inputs crossed with each other: parts of one come into another, are repeated, wrapped, or made odd.

use std::sync::LazyLock;

use conformant::location::Source;
use conformant::tree::yaml;
use serde_json::{Map, Value, json};

use super::chance::Chance;

/// A sound document, and a sound suite that is bound to it.
pub(crate) const DOCUMENT: &str = "openapi: 3.0.3\ninfo: {title: T, version: '1'}\npaths:\n  /a/{id}:\n    delete:\n      \
    operationId: d\n      parameters: [{name: id, in: path, required: true, schema: {type: string}}]\n      responses: {'204': \
    {description: Gone.}, '404': {description: None.}}\n";
pub(crate) const SUITE: &str = "operation: d\ncases:\n  one: {path: {id: no-such-id}, expect: 404}\n";

/// The longest text that is made, in bytes. A longer one is left as it was.
const LONGEST: usize = 64 * 1024;

/// The keywords around which schemas and suites are built.
const KEYS: &[&str] = &[
    "anyOf",
    "allOf",
    "oneOf",
    "not",
    "items",
    "properties",
    "additionalProperties",
    "required",
    "enum",
    "type",
    "nullable",
    "minimum",
    "maximum",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "uniqueItems",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "writeOnly",
    "a",
    "b",
    "id",
    "expect",
    "match",
    "given",
    "then",
    "json",
    "path",
];

/// Values that are odd somewhere.
static ODD: LazyLock<Vec<Value>> = LazyLock::new(|| {
    vec![
        json!(null),
        json!(true),
        json!(false),
        json!(0),
        json!(-1),
        json!(2),
        json!(9_007_199_254_740_993_u64),
        json!(u64::MAX),
        json!(1e308),
        json!(0.1),
        json!(""),
        json!("a"),
        json!("string"),
        json!("object"),
        json!("array"),
        json!("integer"),
        json!([]),
        json!({}),
        json!(["a"]),
        json!({"$ref": "#/components/schemas/A"}),
        json!({"$ref": "#/components/schemas/B"}),
        json!({"$ref": "#/components/schemas/N1"}),
        json!({"type": "object"}),
        json!({"not": {}}),
        json!("\u{202e}\u{9b}31m\u{200b}"),
        json!("x\r\n::error::x\u{2028}##[group]y ##vso[a]b section_start:1:x"),
        json!("{{env.MY_TOKEN}}"),
        json!("{{user}}{{uuid}}{{mine.id}}"),
        json!("/proc/self/environ"),
        json!("https://user:hunter22@example.com/"),
        json!("k".repeat(2_000)),
        json!("\u{1f600}".repeat(500)),
    ]
});

/// Two texts crossed as the trees that they are; where one is none, the first as it is.
pub(crate) fn yaml(chance: &mut Chance, one: &[u8], other: &[u8]) -> Vec<u8> {
    let tree = |bytes: &[u8]| {
        let source = Source::new("a.yaml", String::from_utf8_lossy(bytes));
        yaml::read(&source).ok().map(|tree| tree.root.to_json())
    };
    let (Some(mut tree), Some(other)) = (tree(one), tree(other)) else { return one.to_vec() };
    cross(chance, &mut tree, &other);
    let text = tree.to_string();
    if text.len() > LONGEST { one.to_vec() } else { text.into_bytes() }
}

/// Two inputs of `holds::judge` crossed: schemas with schemas, bodies with bodies.
pub(crate) fn judged(chance: &mut Chance, one: &[u8], other: &[u8]) -> Vec<u8> {
    let parts = |bytes: &[u8]| {
        let text = std::str::from_utf8(bytes).ok()?;
        let (schemas, body) = text.split_once('\n')?;
        Some((serde_json::from_str::<Value>(schemas).ok()?, serde_json::from_str::<Value>(body).ok()?))
    };
    let (Some((mut schemas, mut body)), Some(other)) = (parts(one), parts(other)) else { return one.to_vec() };
    if chance.once_in(3) {
        // What the schemas of the one refer to may be the other's then.
        let (Value::Object(schemas), Value::Object(more)) = (&mut schemas, &other.0) else { return one.to_vec() };
        more.iter().for_each(|(name, schema)| _ = schemas.entry(name).or_insert_with(|| schema.clone()));
    }
    if chance.once_in(3) {
        body = other.1.clone();
    }
    if !chance.once_in(4) {
        cross(chance, &mut schemas, &other.0);
    }
    if chance.once_in(2) {
        cross(chance, &mut body, &other.1);
    }
    let text = format!("{schemas}\n{body}");
    if text.len() > LONGEST { one.to_vec() } else { text.into_bytes() }
}

fn cross(chance: &mut Chance, tree: &mut Value, other: &Value) {
    for _ in 0..=chance.below(3) {
        let from = part(chance, other).clone();
        let at = part_mut(chance, tree);
        change(chance, at, from);
    }
}

/// Some part of a tree, itself included.
fn part<'a>(chance: &mut Chance, tree: &'a Value) -> &'a Value {
    let mut at = tree;
    while !chance.once_in(4) {
        at = match at {
            Value::Array(items) if !items.is_empty() => &items[chance.below(items.len())],
            Value::Object(members) if !members.is_empty() => {
                members.values().nth(chance.below(members.len())).expect("a member")
            }
            _ => break,
        };
    }
    at
}

fn part_mut<'a>(chance: &mut Chance, tree: &'a mut Value) -> &'a mut Value {
    let holds_more = match &*tree {
        Value::Array(items) => !items.is_empty(),
        Value::Object(members) => !members.is_empty(),
        _ => false,
    };
    if !holds_more || chance.once_in(5) {
        return tree;
    }
    let next = match tree {
        Value::Array(items) => {
            let at = chance.below(items.len());
            &mut items[at]
        }
        Value::Object(members) => {
            let at = chance.below(members.len());
            members.values_mut().nth(at).expect("a member")
        }
        _ => unreachable!("it holds more"),
    };
    part_mut(chance, next)
}

fn change(chance: &mut Chance, at: &mut Value, from: Value) {
    match (chance.below(8), &mut *at) {
        (0 | 1, _) => *at = from,
        (2, _) => *at = chance.pick(&ODD),
        (3, _) => *at = wrapped(chance, at.take()),
        (4, _) => {
            for _ in 0..chance.below(60) {
                *at = json!({"allOf": [at.take()]});
            }
        }
        (5, Value::Object(members)) => {
            let key = if chance.once_in(4) { odd_key(chance) } else { chance.pick(KEYS).to_owned() };
            members.insert(key, from);
        }
        (6, Value::Object(members)) if !members.is_empty() => {
            let key = members.keys().nth(chance.below(members.len())).cloned().expect("a key");
            let value = members.remove(&key);
            if chance.once_in(2) {
                members.insert(odd_key(chance), value.expect("a value"));
            }
        }
        (_, Value::Array(items)) => {
            let count = items.len() * chance.below(12);
            let more: Vec<Value> = items.iter().cycle().take(count).cloned().collect();
            items.extend(more);
        }
        _ => *at = chance.pick(&ODD),
    }
}

fn wrapped(chance: &mut Chance, value: Value) -> Value {
    match chance.below(6) {
        0 => json!({"anyOf": [value, value]}),
        1 => json!({"oneOf": [value, {"type": "string"}]}),
        2 => json!({"not": value}),
        3 => json!({"properties": {"a": value}}),
        4 => json!([value]),
        _ => Value::Object(Map::from_iter([(chance.pick(KEYS).to_owned(), value)])),
    }
}

fn odd_key(chance: &mut Chance) -> String {
    match chance.pick(&ODD) {
        Value::String(text) => text,
        other => other.to_string(),
    }
}
