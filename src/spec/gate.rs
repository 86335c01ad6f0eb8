//! The check of a document against the types of `openapiv3`: every object is converted to its type and back.
//!
//! A field that the type refuses is an error at that field. A field that the type drops is a remark. Each object is converted
//! alone, with minimal objects in place of those that it holds, so that an error is found at its own place, and the work
//! grows linearly with the document. Callbacks and links are not checked, because they are not used.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::objects::{Holds, ObjectKind};
use super::raw::{RawDocument, escape};
use super::remark::{MAX_ERRORS, MAX_REMARKS, Remark};
use crate::location::{InputError, InputErrors, nearest};

/// How many values of a list, and how many free keys of a mapping, are checked.
const LISTED: usize = 1000;

/// How many free fields are tried to find the wrong one.
const TRIED: usize = 100;

/// Checks the whole document. Gives remarks on the fields that are dropped, in the order of the file.
pub(super) fn check(raw: &RawDocument) -> Result<Vec<Remark>, InputErrors> {
    let mut gate = Gate { raw, errors: Vec::new(), remarks: Vec::new() };
    gate.object(ObjectKind::OpenApi, "", &raw.value);
    if gate.errors.is_empty() {
        return Ok(gate.remarks);
    }
    gate.errors.sort_by_key(|error| error.place.as_ref().map(|place| place.span.start));
    gate.errors.truncate(MAX_ERRORS);
    Err(InputErrors(gate.errors))
}

/// Checks one object that a reference leads to, at a place where the specification has no such object.
pub(super) fn check_one(raw: &RawDocument, object: ObjectKind, pointer: &str) -> Result<Vec<Remark>, InputErrors> {
    let mut gate = Gate { raw, errors: Vec::new(), remarks: Vec::new() };
    if let Some(value) = raw.get(pointer) {
        gate.object(object, pointer, value);
    }
    if gate.errors.is_empty() { Ok(gate.remarks) } else { Err(InputErrors(gate.errors)) }
}

struct Gate<'a> {
    raw: &'a RawDocument,
    errors: Vec<InputError>,
    remarks: Vec<Remark>,
}

impl Gate<'_> {
    fn object(&mut self, object: ObjectKind, pointer: &str, value: &Value) {
        if self.errors.len() >= MAX_ERRORS {
            return;
        }
        let Value::Object(map) = value else {
            return self.wrong_type(pointer, object.name(), "a mapping");
        };
        if object.may_be_reference() && map.contains_key("$ref") {
            return self.reference(pointer, map);
        }
        let shallow = self.shallow(object, pointer, map);
        match object.round_trip(&shallow) {
            Ok(back) => self.dropped(object, pointer, &shallow, &back),
            Err(error) => self.refused(object, pointer, &shallow, &error.to_string()),
        }
        for (key, value) in map {
            match (object.holds(key), value) {
                (Some(Holds::One(kind)), Value::Object(_)) => {
                    self.object(kind, &format!("{pointer}/{}", escape(key)), value);
                }
                (Some(Holds::List(kind)), Value::Array(items)) => {
                    for (index, item) in items.iter().enumerate() {
                        self.object(kind, &format!("{pointer}/{}/{index}", escape(key)), item);
                    }
                }
                (Some(Holds::Map(kind)), Value::Object(entries)) => {
                    for (name, value) in entries {
                        self.object(kind, &format!("{pointer}/{}/{}", escape(key), escape(name)), value);
                    }
                }
                _ => {}
            }
        }
    }

    fn reference(&mut self, pointer: &str, map: &Map<String, Value>) {
        if !map.get("$ref").is_some_and(Value::is_string) {
            return self.wrong_type(&format!("{pointer}/$ref"), "a `$ref`", "a string");
        }
        for key in map.keys().filter(|key| *key != "$ref" && !key.starts_with("x-")) {
            self.remark(pointer, key, format!("`{key}` beside a `$ref` is ignored (OpenAPI 3.0)"));
        }
    }

    /// The object with minimal objects in place of those that it holds, and without the fields that are not checked.
    fn shallow(&mut self, object: ObjectKind, pointer: &str, map: &Map<String, Value>) -> Value {
        let fixed: HashSet<&str> = object.fixed_fields().collect();
        let mut others = 0;
        let mut shallow = Map::new();
        for (key, value) in map {
            if key.starts_with("x-") || matches!(key.as_str(), "callbacks" | "links") {
                continue;
            }
            let at = || format!("{pointer}/{}", escape(key));
            let stand_in = match (object.holds(key), value) {
                // Any value is allowed here, and it may be large.
                (None, Value::Array(_) | Value::Object(_)) if is_free(object, key) && key != "enum" => Value::Null,
                // The first values show the type as well as all would.
                (None, Value::Array(values)) => values.iter().take(LISTED).cloned().collect(),
                (None, Value::Object(values)) => Value::Object(
                    values.iter().take(LISTED).map(|(name, value)| (name.clone(), value.clone())).collect(),
                ),
                (None, _) => value.clone(),
                (Some(Holds::One(_)), Value::Bool(_)) if key == "additionalProperties" => value.clone(),
                (Some(Holds::One(kind)), Value::Object(_)) => kind.least(),
                (Some(Holds::One(kind)), _) => {
                    self.wrong_type(&at(), kind.name(), "a mapping");
                    kind.least()
                }
                // One minimal object stands for all, because the types take some hundred bytes for each.
                (Some(Holds::List(kind)), Value::Array(items)) => items.iter().take(1).map(|_| kind.least()).collect(),
                (Some(Holds::List(_)), _) => {
                    self.wrong_type(&at(), &format!("`{key}`"), "a sequence");
                    Value::Array(Vec::new())
                }
                (Some(Holds::Map(kind)), Value::Object(entries)) => {
                    Value::Object(entries.keys().take(1).map(|name| (name.clone(), kind.least())).collect())
                }
                (Some(Holds::Map(_)), _) => {
                    self.wrong_type(&at(), &format!("`{key}`"), "a mapping");
                    Value::Object(Map::new())
                }
            };
            // The first free keys are enough, because the types take some hundred bytes for each.
            if fixed.contains(key.as_str()) || others < LISTED {
                shallow.insert(key.clone(), stand_in);
            }
            others += 1;
        }
        Value::Object(shallow)
    }

    fn wrong_type(&mut self, pointer: &str, what: &str, expected: &str) {
        let found = self.raw.kind(pointer);
        let help = match (expected, found) {
            (_, "null") => "Write its value, or remove the key.".to_owned(),
            ("a string", _) => "Write a string; put quotes around it if it looks like something else.".to_owned(),
            _ => format!("Write {expected}."),
        };
        let message = format!("{what} must be {expected}, and this is {found}");
        self.errors.push(InputError::at(self.raw.place(pointer), message).help(help));
    }

    /// Adds remarks on the fields that the type dropped.
    fn dropped(&mut self, object: ObjectKind, pointer: &str, written: &Value, back: &Value) {
        match (written, back) {
            (Value::Object(written), Value::Object(back)) => {
                for (key, value) in written {
                    let kept = back.get(key).or_else(|| back.get(&key.to_ascii_uppercase()));
                    match kept {
                        Some(_) if is_free(object, key) || object.holds(key).is_some() => {}
                        Some(kept) => self.dropped(object, &format!("{pointer}/{}", escape(key)), value, kept),
                        None if key.starts_with("x-") || object.fixed_fields().any(|field| field == key) => {}
                        None if self.remarks.len() >= MAX_REMARKS => {}
                        None => self.remark(pointer, key, unknown(object, key)),
                    }
                }
            }
            (Value::Array(written), Value::Array(back)) => {
                for (index, (written, back)) in written.iter().zip(back).enumerate() {
                    self.dropped(object, &format!("{pointer}/{index}"), written, back);
                }
            }
            _ => {}
        }
    }

    fn remark(&mut self, pointer: &str, key: &str, message: String) {
        if self.remarks.len() < MAX_REMARKS {
            let anchor = self.raw.anchor(&format!("{pointer}/{}", escape(key)));
            self.remarks.push(Remark { message, anchor });
        }
    }

    /// Adds an error for what the type refused.
    fn refused(&mut self, object: ObjectKind, pointer: &str, shallow: &Value, error: &str) {
        if let Some(field) = missing_field(error) {
            let message = format!("{} has no `{field}`", object.name());
            let help = format!("Write `{field}`; OpenAPI 3.0 requires it.");
            return self.errors.push(InputError::at(self.raw.key_place(pointer), message).help(help));
        }
        if error.contains("ParameterSchemaOrContent") {
            let message = format!("{} has neither `schema` nor `content`", object.name());
            return self.errors.push(
                InputError::at(self.raw.key_place(pointer), message).help("Write a `schema`; `{}` takes anything."),
            );
        }
        let Some(key) = culprit(object, shallow) else {
            let message = format!("{} does not match OpenAPI 3.0: {error}", object.name());
            return self
                .errors
                .push(InputError::at(self.raw.key_place(pointer), message).help("Compare it with the specification."));
        };
        let at = format!("{pointer}/{}", escape(&key));
        let found = self.raw.kind(&at);
        let (message, help) = match error.split_once(", expected ") {
            Some((_, expected)) if error.starts_with("invalid type") => {
                let expected = plain(expected);
                (format!("`{key}` must be {expected}, and this is {found}"), advice(object, &key, &expected, found))
            }
            Some((_, expected)) if error.starts_with("invalid value") => {
                let expected = plain(expected);
                (format!("`{key}` must be {expected}"), format!("Write {expected}."))
            }
            Some((_, expected)) if error.starts_with("unknown variant") => {
                let written = self.raw.get(&at).and_then(Value::as_str).unwrap_or_default();
                (
                    format!("`{key}` cannot be `{written}`"),
                    format!("Write {}.", expected.replace("one of ", "one of: ")),
                )
            }
            _ => (
                format!("`{key}` does not match OpenAPI 3.0: {error}"),
                "Compare it with the specification.".to_owned(),
            ),
        };
        self.errors.push(InputError::at(self.raw.place(&at), message).help(help));
    }
}

/// Whether the value of a field may be any value.
fn is_free(object: ObjectKind, key: &str) -> bool {
    match object {
        ObjectKind::Schema => matches!(key, "example" | "default" | "enum"),
        ObjectKind::Example => key == "value",
        ObjectKind::Parameter | ObjectKind::Header | ObjectKind::MediaType => key == "example",
        _ => false,
    }
}

fn unknown(object: ObjectKind, key: &str) -> String {
    match object {
        ObjectKind::Responses => format!("`{key}` is not a status, so the response under it is ignored"),
        ObjectKind::Paths => format!("`{key}` is not a path (it does not begin with `/`) and is ignored"),
        _ => {
            let meant =
                nearest(key, object.fixed_fields()).map_or(String::new(), |name| format!("; did you mean `{name}`?"));
            format!("`{key}` is not a field of {} and is ignored{meant}", object.name())
        }
    }
}

fn missing_field(error: &str) -> Option<&str> {
    error.strip_prefix("missing field `")?.split('`').next()
}

/// The wrong field: without it the type accepts the object, or lacks just that field.
fn culprit(object: ObjectKind, shallow: &Value) -> Option<String> {
    let map = shallow.as_object()?;
    // The field that selects the variant is tried last, because without it no other field can be wrong.
    let fixed: HashSet<&str> = object.fixed_fields().collect();
    // Each field is tried alone, so only some of the free fields are tried.
    let mut others = TRIED;
    let tried = map.keys().filter(|key| {
        let is_tried = fixed.contains(key.as_str()) || others > 0;
        others = others.saturating_sub(1);
        is_tried
    });
    let (tags, others): (Vec<&String>, Vec<&String>) = tried.partition(|key| object.tag() == Some(key));
    others
        .into_iter()
        .chain(tags)
        .find(|key| {
            let mut without = map.clone();
            without.shift_remove(*key);
            match object.round_trip(&Value::Object(without)) {
                Ok(_) => true,
                Err(error) => missing_field(&error.to_string()) == Some(key.as_str()),
            }
        })
        .cloned()
}

/// The name of a type for messages, from that of serde.
fn plain(expected: &str) -> String {
    match expected {
        "usize" | "u64" => "a whole number, not negative".to_owned(),
        "i64" => "a whole number".to_owned(),
        "a map" => "a mapping".to_owned(),
        "a JSON number" => "a number".to_owned(),
        other => other.to_owned(),
    }
}

fn advice(object: ObjectKind, key: &str, expected: &str, found: &str) -> String {
    match (object, key, expected, found) {
        (ObjectKind::Schema, "type", _, "a sequence") => {
            "Lists of types belong to OpenAPI 3.1. Write one type, and `nullable: true` if null is allowed.".to_owned()
        }
        (ObjectKind::Schema, "exclusiveMinimum" | "exclusiveMaximum", _, "a number") => {
            "Numbers there belong to OpenAPI 3.1. Write the limit as `minimum` or `maximum`, and `true` here."
                .to_owned()
        }
        (_, _, "a string", "a number" | "a boolean") => "Put quotes around it.".to_owned(),
        (_, _, _, "null") => "Write its value, or remove the key.".to_owned(),
        _ => format!("Write {expected}."),
    }
}
