//! Whether a value that a suite sends fits the schema that the document gives for it.

use serde_json::{Number, Value};

use super::document_nodes::{at, followed};
use crate::spec::{Document, Schema, Violation};
use crate::suite::{StructuredValue, Text};
use crate::tree::{self, Node};

/// Keywords that say something about the shape of a value and nothing about the values in it.
const OF_SHAPE: [&str; 7] =
    ["type", "required", "additionalProperties", "minItems", "maxItems", "minProperties", "maxProperties"];

/// The violations by a JSON value of a request, without those that an unknown value in it may cure. Schemas are judged as
/// for responses, so a `readOnly` property is not required here, and a `writeOnly` one is not either.
pub(super) fn violations(document: &Document, schema: &Schema, value: &Value, unknown: &[String]) -> Vec<Violation> {
    // A value that takes too long to judge is not known to be wrong.
    let found = schema.violations(value).unwrap_or_default();
    let holds = |violation: &Violation| {
        let place = violation.instance.as_str();
        let is_within = |inner: &str, outer: &str| {
            inner.strip_prefix(outer).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
        };
        let inside_unknown = unknown.iter().any(|unknown| is_within(place, unknown));
        let around_unknown = unknown.iter().any(|unknown| is_within(unknown, place));
        !inside_unknown
            && (!around_unknown || OF_SHAPE.contains(&violation.keyword.as_str()))
            && !lacks_read_only(document, violation)
    };
    found.into_iter().filter(holds).collect()
}

/// Whether a violation is about a `readOnly` property that is missing. A request has none (OpenAPI 3.0, Schema Object).
fn lacks_read_only(document: &Document, violation: &Violation) -> bool {
    if violation.keyword != "required" {
        return false;
    }
    let Some(schema) = violation.anchor.pointer.strip_suffix("/required") else { return false };
    let properties = at(document, &format!("{schema}/properties")).and_then(Node::entries).unwrap_or_default();
    properties.iter().any(|entry| {
        violation.message.contains(&format!("`{}`", entry.key))
            && followed(document, &entry.value)
                .and_then(|property| property.get("readOnly"))
                .is_some_and(|flag| matches!(flag.value, tree::Value::Bool(true)))
    })
}

/// Why the value of a parameter, written by a style, breaks its schema; none if it fits in any way in which a server may
/// read it. `texts` are its texts, in the order of `value`.
pub(super) fn styled(document: &Document, schema: &Schema, value: &WrittenParameter) -> Option<String> {
    let mut first = None;
    for candidate in candidates(document, schema, value) {
        match misfit(schema, candidate) {
            None => return None,
            Some(why) => first = first.or(Some(why)),
        }
    }
    first
}

/// The value of a parameter, with samples for its placeholders.
pub(super) enum WrittenParameter {
    One(String),
    List(Vec<String>),
    Map(Vec<(String, String)>),
}

impl WrittenParameter {
    /// The value with this text for each text in it; none if a text is unknown.
    pub(super) fn of(value: &StructuredValue, text: impl Fn(&Text) -> Option<String>) -> Option<Self> {
        Some(match value {
            StructuredValue::One(one) => Self::One(text(one)?),
            StructuredValue::List(items) => Self::List(items.iter().map(text).collect::<Option<_>>()?),
            StructuredValue::Map(entries) => {
                let entry = |(key, value): &(String, Text)| Some((key.clone(), text(value)?));
                Self::Map(entries.iter().map(entry).collect::<Option<_>>()?)
            }
            StructuredValue::Json(_) => return None,
        })
    }
}

/// The values as which a server may read what is written: most styles do not tell a number from a text, or a text from a
/// list of one.
fn candidates(document: &Document, schema: &Schema, value: &WrittenParameter) -> Vec<Value> {
    let declared = at(document, &schema.anchor.pointer);
    let of_type = declared.and_then(|schema| schema.get("type")).and_then(Node::as_str);
    let combines =
        declared.is_some_and(|schema| ["allOf", "anyOf", "oneOf", "not"].iter().any(|key| schema.get(key).is_some()));
    let may_be_list = of_type == Some("array") || (of_type.is_none() && combines);
    let may_be_scalar = of_type != Some("array");
    let list = |items: &[&str]| Value::Array(items.iter().map(|item| read(item)).collect());
    let scalar = |text: &str| [read(text), Value::String(text.to_owned())];
    let mut all = Vec::new();
    match value {
        WrittenParameter::One(text) => {
            if may_be_scalar {
                all.extend(scalar(text));
            }
            if may_be_list {
                all.push(list(&[text]));
                all.extend([',', ' ', '|'].map(|separator| list(&text.split(separator).collect::<Vec<_>>())));
            }
        }
        WrittenParameter::List(items) => {
            if let ([one], true) = (items.as_slice(), may_be_scalar && of_type.is_some_and(|name| name != "object")) {
                all.extend(scalar(one));
            }
            all.push(list(&items.iter().map(String::as_str).collect::<Vec<_>>()));
        }
        WrittenParameter::Map(entries) => {
            all.push(Value::Object(entries.iter().map(|(key, value)| (key.clone(), read(value))).collect()));
        }
    }
    all
}

/// A text as the number or boolean that it writes, else as a string.
fn read(text: &str) -> Value {
    match text {
        "true" => Value::Bool(true),
        "false" => Value::Bool(false),
        _ => match serde_json::from_str::<Number>(text) {
            Ok(number) => Value::Number(number),
            Err(_) => Value::String(text.to_owned()),
        },
    }
}

/// Why a value breaks the schema. A number or boolean in it may be a text as well, so it is tried as a text where it breaks
/// the schema.
fn misfit(schema: &Schema, mut value: Value) -> Option<String> {
    let found = schema.violations(&value).unwrap_or_default();
    let first = found.first()?.message.clone();
    let mut changed = false;
    for violation in &found {
        if let Some(part) = value.pointer_mut(&violation.instance)
            && (part.is_number() || part.is_boolean())
        {
            *part = Value::String(part.to_string());
            changed = true;
        }
    }
    let cured = changed && schema.violations(&value).is_ok_and(|found| found.is_empty());
    (!cured).then_some(first)
}
