//! The dialect of schemas in OpenAPI 3.0, as keywords that replace those of JSON Schema Draft 4.
//!
//! The document is not rewritten, so that every broken keyword is a pointer into the document as it was written.

use std::collections::HashSet;
use std::sync::{Arc, Weak};

use jsonschema::paths::Location;
use jsonschema::{Keyword, Retrieve, ValidationError, ValidationOptions};
use percent_encoding::percent_decode_str;
use serde_json::{Map, Value};

use super::combined::Combined;
use super::formats::Format;
use super::noted::{Assertion, Own};
use super::schema::Compiler;

/// A keyword with its value, ready to check instances.
type Ready = Box<dyn for<'i> Keyword<'i>>;

/// The keywords of Draft 4 that OpenAPI 3.0 does not have: whatever stands there asserts nothing.
const FOREIGN: [&str; 3] = ["patternProperties", "additionalItems", "dependencies"];

/// The keywords that combine schemas, or choose one.
const COMBINED: [&str; 3] = ["oneOf", "anyOf", "discriminator"];

/// Adds the dialect to a compiler's options.
pub(super) fn apply<'i>(
    options: ValidationOptions<'i, Arc<dyn Retrieve>>,
    document: &Arc<Value>,
    compiler: &Weak<Compiler>,
) -> ValidationOptions<'i, Arc<dyn Retrieve>> {
    let document = Arc::clone(document);
    let options = options
        .with_keyword("type", |parent, value, at| Ok(ready(&at, make_type(parent, value)?)))
        .with_keyword("enum", |parent, value, at| Ok(ready(&at, make_enum(parent, value))))
        .with_keyword("format", |_, value, at| Ok(make_format(value, &at)))
        .with_keyword("required", move |parent, value, at| {
            let required = make_required(&document, parent, value, &at);
            Ok(ready(&at, required))
        });
    let options = COMBINED.into_iter().fold(options, |options, keyword| {
        let compiler = Weak::clone(compiler);
        options.with_keyword(keyword, move |_, _, at| Ok(make_combined(&compiler, &at)))
    });
    FOREIGN.into_iter().fold(options, |options, keyword| options.with_keyword(keyword, |_, _, _| Ok(Box::new(Nothing))))
}

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

fn ready(at: &Location, assertion: impl Assertion + 'static) -> Ready {
    Box::new(Own { pointer: at.as_str().into(), assertion })
}

fn is_nullable(parent: &Map<String, Value>) -> bool {
    parent.get("nullable") == Some(&Value::Bool(true))
}

/// `type`, with `nullable`; `1.0` is an integer.
struct Type {
    name: String,
    is: fn(&Value) -> bool,
    nullable: bool,
}

fn make_type(parent: &Map<String, Value>, value: &Value) -> Result<Type, ValidationError<'static>> {
    let name = value.as_str().unwrap_or_default().to_owned();
    let is: fn(&Value) -> bool = match name.as_str() {
        "string" => Value::is_string,
        "boolean" => Value::is_boolean,
        "array" => Value::is_array,
        "object" => Value::is_object,
        "number" => Value::is_number,
        "integer" => is_integer,
        "null" => {
            return Err(ValidationError::custom(
                "`null` is no type of OpenAPI 3.0; write `nullable: true` beside another",
            ));
        }
        _ => return Err(ValidationError::custom(format!("`{name}` is no type of OpenAPI 3.0"))),
    };
    Ok(Type { name, is, nullable: is_nullable(parent) })
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

impl Assertion for Type {
    fn holds(&self, value: &Value) -> bool {
        (self.is)(value) || (self.nullable && value.is_null())
    }

    fn wrong(&self, value: &Value) -> Vec<String> {
        let null = if self.nullable { " or null" } else { "" };
        vec![format!("{} is not of type {}{null}", shown(value), self.name)]
    }
}

/// `enum`, which `nullable` widens by null.
struct Enum {
    values: Vec<Value>,
    nullable: bool,
}

fn make_enum(parent: &Map<String, Value>, value: &Value) -> Enum {
    let nullable = is_nullable(parent) && parent.contains_key("type");
    Enum { values: value.as_array().cloned().unwrap_or_default(), nullable }
}

impl Assertion for Enum {
    fn holds(&self, value: &Value) -> bool {
        (self.nullable && value.is_null()) || self.values.iter().any(|listed| equal(listed, value))
    }

    fn wrong(&self, value: &Value) -> Vec<String> {
        let listed: Vec<String> = self.values.iter().take(10).map(shown).collect();
        let more = if self.values.len() > 10 { ", …" } else { "" };
        vec![format!("{} is none of {}{more}", shown(value), listed.join(", "))]
    }
}

/// Equality of JSON Schema: numbers by their value.
fn equal(a: &Value, b: &Value) -> bool {
    match (a, b) {
        (Value::Number(x), Value::Number(y)) => x == y || (x.as_f64() == y.as_f64() && (x.is_f64() || y.is_f64())),
        (Value::Array(x), Value::Array(y)) => x.len() == y.len() && x.iter().zip(y).all(|(x, y)| equal(x, y)),
        (Value::Object(x), Value::Object(y)) => {
            x.len() == y.len() && x.iter().all(|(key, x)| y.get(key).is_some_and(|y| equal(x, y)))
        }
        _ => a == b,
    }
}

impl Assertion for Format {
    fn holds(&self, value: &Value) -> bool {
        Self::holds(self, value)
    }

    fn wrong(&self, value: &Value) -> Vec<String> {
        vec![format!("{} is no {}", shown(value), self.name())]
    }
}

fn make_format(value: &Value, at: &Location) -> Ready {
    match value.as_str().and_then(Format::known) {
        Some(format) => ready(at, format),
        None => Box::new(Nothing),
    }
}

/// A keyword of several schemas.
fn make_combined(compiler: &Weak<Compiler>, at: &Location) -> Ready {
    match Combined::at(compiler, at.as_str()) {
        Some(combined) => ready(at, combined),
        None => Box::new(Nothing),
    }
}

/// `required`, without the properties that are `writeOnly`: a response need not have them.
struct Required(Vec<String>);

impl Required {
    fn missing<'s>(&'s self, value: &'s Value) -> impl Iterator<Item = &'s String> {
        let object = value.as_object();
        self.0.iter().filter(move |name| object.is_some_and(|object| !object.contains_key(*name)))
    }
}

impl Assertion for Required {
    fn holds(&self, value: &Value) -> bool {
        self.missing(value).next().is_none()
    }

    fn wrong(&self, value: &Value) -> Vec<String> {
        self.missing(value).map(|name| format!("the required property `{name}` is missing")).collect()
    }
}

fn make_required(document: &Value, parent: &Map<String, Value>, value: &Value, at: &Location) -> Required {
    let names = value.as_array().into_iter().flatten().filter_map(Value::as_str);
    let needed = names.filter(|name| {
        let mut search = Search { document, seen: HashSet::new() };
        !search.in_schema(parent, name) && !search.in_siblings(at.as_str(), name)
    });
    Required(needed.map(ToOwned::to_owned).collect())
}

/// Looks for a property that is `writeOnly`: in a schema's own properties, in what its `allOf` holds, and, for a part
/// of an `allOf`, in the other parts.
struct Search<'a> {
    document: &'a Value,
    /// The schemas that were looked at, by address: `allOf` may go in circles.
    seen: HashSet<*const Map<String, Value>>,
}

impl<'a> Search<'a> {
    fn in_schema(&mut self, schema: &'a Map<String, Value>, name: &str) -> bool {
        if !self.seen.insert(std::ptr::from_ref(schema)) {
            return false;
        }
        let own = schema.get("properties").and_then(|properties| properties.get(name));
        if own.and_then(|own| self.resolve(own)).is_some_and(|own| own.get("writeOnly") == Some(&Value::Bool(true))) {
            return true;
        }
        let parts = schema.get("allOf").and_then(Value::as_array);
        parts.into_iter().flatten().any(|part| self.resolve(part).is_some_and(|part| self.in_schema(part, name)))
    }

    fn in_siblings(&mut self, keyword: &str, name: &str) -> bool {
        let Some((schema, _)) = keyword.rsplit_once('/') else { return false };
        let mut pointer = schema;
        while let Some(above) = pointer.rsplit_once('/').and_then(|(all, _)| all.strip_suffix("/allOf")) {
            let around = self.document.pointer(above).and_then(Value::as_object);
            if around.is_some_and(|around| self.in_schema(around, name)) {
                return true;
            }
            pointer = above;
        }
        false
    }

    /// A schema with its references followed; none if they lead nowhere or in a circle.
    fn resolve(&self, value: &'a Value) -> Option<&'a Map<String, Value>> {
        let mut value = value;
        // Longer chains than this are circles, which the reader of the document refuses.
        for _ in 0..64 {
            let object = value.as_object()?;
            let Some(reference) = object.get("$ref").and_then(Value::as_str) else { return Some(object) };
            let pointer = percent_decode_str(reference.strip_prefix('#')?).decode_utf8_lossy();
            value = self.document.pointer(&pointer)?;
        }
        None
    }
}

/// A keyword that asserts nothing.
struct Nothing;

impl<'i> Keyword<'i> for Nothing {
    fn validate(&self, _: &'i Value) -> Result<(), ValidationError<'i>> {
        Ok(())
    }

    fn is_valid(&self, _: &'i Value) -> bool {
        true
    }
}
