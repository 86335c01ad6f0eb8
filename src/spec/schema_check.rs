//! The check of all schemas that operations reach: whether their references can be followed and their keywords can be applied,
//! what is odd about them, and what a judgement must know about them in advance.
//!
//! Each schema is visited once, however many references lead to it. Nothing here is recursive, because a document may have a
//! hundred thousand schemas that refer to each other in any manner.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::discriminator::{Choice, DiscriminatorReader};
use super::lazy_pointer::LazyPointer;
use super::objects::ObjectKind;
use super::pattern::{too_much, weight};
use super::raw::RawDocument;
use super::remark::{MAX_ERRORS, MAX_REMARKS, Remark};
use super::value::address;
use super::{compiler, dialect, gate};
use crate::location::{InputError, InputErrors};

/// How much the patterns that are compiled while a document is read may weigh together, which takes about two seconds. Further
/// patterns are compiled when a value is judged.
const MOST_COMPILED: u64 = 150_000;

/// The least weight of a pattern, because compiling any pattern takes time.
const LEAST: u64 = 50;

/// How many schemas are visited to find out whether a schema allows null.
const MOST_VISITED: usize = 200;

/// The result of the check.
#[derive(Default)]
pub(super) struct CheckedSchemas {
    /// The choices of discriminators, by the address of the schema.
    pub(super) choices: HashMap<usize, Choice>,
    /// The pointers of the outermost schemas around the parts of an `allOf`, by the address of the part.
    pub(super) tops: HashMap<usize, Arc<str>>,
    /// Whether any property is `writeOnly`.
    pub(super) has_write_only: bool,
    pub(super) remarks: Vec<Remark>,
}

/// Checks all schemas that can be reached from these pointers.
pub(super) fn check(raw: &RawDocument, from: &[String]) -> Result<CheckedSchemas, InputErrors> {
    let mut checker = SchemaChecker {
        raw,
        discriminators: DiscriminatorReader::new(raw),
        reached: HashSet::new(),
        waiting: Vec::new(),
        patterns: HashSet::new(),
        compiled: 0,
        errors: Vec::new(),
        checked: CheckedSchemas::default(),
    };
    for pointer in from {
        if let Some(value) = raw.get(pointer) {
            checker.waiting.push(Waiting { value, above: LazyPointer::from(pointer), below: Below::Here });
        }
        checker.go();
    }
    if checker.errors.is_empty() { Ok(checker.checked) } else { Err(InputErrors(checker.errors)) }
}

struct SchemaChecker<'a> {
    raw: &'a RawDocument,
    discriminators: DiscriminatorReader<'a>,
    /// The addresses of the schemas that were visited.
    reached: HashSet<usize>,
    /// What is still to be visited. The next one is the last.
    waiting: Vec<Waiting<'a>>,
    patterns: HashSet<&'a str>,
    /// The weight of the patterns that were compiled.
    compiled: u64,
    errors: Vec<InputError>,
    checked: CheckedSchemas,
}

/// A schema that is still to be visited. There may be a hundred thousand, so its own pointer is built when it is visited.
struct Waiting<'a> {
    value: &'a Value,
    above: LazyPointer,
    below: Below<'a>,
}

/// The place of a schema below another place.
enum Below<'a> {
    Here,
    Key(&'a str),
    Index(usize),
}

impl<'a> SchemaChecker<'a> {
    fn go(&mut self) {
        while let Some(Waiting { value, above, below }) = self.waiting.pop() {
            if self.errors.len() >= MAX_ERRORS {
                return;
            }
            let Value::Object(schema) = value else { continue };
            if !self.reached.insert(address(schema)) {
                continue;
            }
            let pointer = match below {
                Below::Here => above,
                Below::Key(key) => above.key(key),
                Below::Index(index) => above.index(index),
            };
            if schema.contains_key("$ref") {
                self.follow(&pointer);
                continue;
            }
            self.remark_on_null(&pointer, schema);
            self.remark_on_direction(&pointer, schema);
            self.check(&pointer, schema);
            self.choose(&pointer, schema);
            for (key, value) in schema {
                match (key.as_str(), value) {
                    ("items" | "not" | "additionalProperties", Value::Object(_)) => {
                        self.waiting.push(Waiting { value, above: pointer.clone(), below: Below::Key(key) });
                    }
                    ("allOf" | "oneOf" | "anyOf", Value::Array(items)) => {
                        let at = pointer.key(key);
                        let each = items.iter().enumerate();
                        self.waiting.extend(each.map(|(index, value)| Waiting {
                            value,
                            above: at.clone(),
                            below: Below::Index(index),
                        }));
                    }
                    ("properties", Value::Object(properties)) => {
                        let at = pointer.key(key);
                        self.waiting.extend(properties.iter().map(|(name, value)| Waiting {
                            value,
                            above: at.clone(),
                            below: Below::Key(name),
                        }));
                    }
                    _ => {}
                }
            }
            self.parts(&pointer, schema);
        }
    }

    /// Notes the outermost schema around the parts of an `allOf`.
    fn parts(&mut self, pointer: &LazyPointer, schema: &'a Map<String, Value>) {
        let Some(Value::Array(parts)) = schema.get("allOf") else { return };
        let top = self.checked.tops.get(&address(schema)).cloned();
        let top = top.unwrap_or_else(|| pointer.text().into());
        for part in parts.iter().filter_map(Value::as_object) {
            self.checked.tops.insert(address(part), Arc::clone(&top));
        }
    }

    /// Notes what a discriminator chooses from, and visits that.
    fn choose(&mut self, pointer: &LazyPointer, schema: &'a Map<String, Value>) {
        if !schema.contains_key("discriminator") {
            return;
        }
        let (choice, remarks) = self.discriminators.read(&pointer.text(), schema);
        for (pointer, message) in remarks {
            self.remark(&pointer, message);
        }
        let Some(choice) = choice else { return };
        for pointer in choice.schemas() {
            if let Some(value) = self.raw.get(pointer)
                && !value.as_object().is_some_and(|schema| self.reached.contains(&address(schema)))
            {
                self.waiting.push(Waiting { value, above: LazyPointer::from(pointer), below: Below::Here });
            }
        }
        self.checked.choices.insert(address(schema), choice);
    }

    /// Adds errors for keywords that cannot be applied.
    fn check(&mut self, pointer: &LazyPointer, schema: &'a Map<String, Value>) {
        if let Some(Value::String(name)) = schema.get("type")
            && !dialect::TYPES.contains(&name.as_str())
        {
            let message = if name == "null" {
                "`null` is not a type of OpenAPI 3.0; write `nullable: true` beside another".to_owned()
            } else {
                format!("`{name}` is not a type of OpenAPI 3.0")
            };
            self.refuse(pointer, "type", message, "Correct it; see the Schema Object of OpenAPI 3.0.");
        }
        if let Some(Value::String(pattern)) = schema.get("pattern") {
            self.check_pattern(pointer, schema, pattern);
        } else if schema.contains_key("multipleOf")
            && let Err(message) = compiler::make(schema)
        {
            self.refuse(pointer, "multipleOf", message, "Correct it; see the Schema Object of OpenAPI 3.0.");
        }
    }

    fn check_pattern(&mut self, pointer: &LazyPointer, schema: &'a Map<String, Value>, pattern: &'a str) {
        if let Some(why) = too_much(pattern) {
            let message = format!("this pattern {why}");
            return self.refuse(
                pointer,
                "pattern",
                message,
                "Write a shorter one, or `maxLength` beside a simpler one.",
            );
        }
        if self.compiled >= MOST_COMPILED || !self.patterns.insert(pattern) {
            return;
        }
        self.compiled += weight(pattern) + LEAST;
        if let Err(message) = compiler::make(schema) {
            self.refuse(pointer, "pattern", message, "Write one as JavaScript has them (ECMA-262).");
        }
    }

    fn refuse(&mut self, pointer: &LazyPointer, keyword: &str, message: String, help: &str) {
        let place = self.raw.place(&pointer.key(keyword).text());
        self.errors.push(InputError::at(place, message).help(help));
    }

    fn remark(&mut self, pointer: &str, message: impl Into<String>) {
        if self.checked.remarks.len() < MAX_REMARKS {
            self.checked.remarks.push(Remark { message: message.into(), anchor: self.raw.anchor(pointer) });
        }
    }

    fn remark_on_direction(&mut self, pointer: &LazyPointer, schema: &Map<String, Value>) {
        let is = |key: &str| schema.get(key) == Some(&Value::Bool(true));
        if is("writeOnly") {
            self.checked.has_write_only = true;
            if is("readOnly") {
                let message = "a property must not be both `readOnly` and `writeOnly` (OpenAPI 3.0)";
                self.remark(&pointer.key("writeOnly").text(), message);
            }
        }
    }

    /// Follows a reference, and visits its target.
    fn follow(&mut self, pointer: &LazyPointer) {
        let text = pointer.text();
        match self.raw.follow(&text) {
            Ok(found) if !found.value.is_object() => {
                let message = format!("this `$ref` leads to {}, not to a schema", self.raw.kind(&found.pointer));
                let place = self.raw.place(&format!("{text}/$ref"));
                self.errors.push(InputError::at(place, message).help("Correct the reference."));
            }
            Ok(found) => {
                let is_reached = found.value.as_object().is_some_and(|it| self.reached.contains(&address(it)));
                if !found.pointer.starts_with("/components/schemas/") && !is_reached {
                    match gate::check_one(self.raw, ObjectKind::Schema, &found.pointer) {
                        Ok(remarks) => self.checked.remarks.extend(remarks),
                        Err(errors) => return self.errors.extend(errors.0),
                    }
                }
                self.waiting.push(Waiting {
                    value: found.value,
                    above: LazyPointer::from(&found.pointer),
                    below: Below::Here,
                });
            }
            Err(error) => self.errors.push(error),
        }
    }

    /// Adds a remark where `nullable` has no effect, or not the effect that it seems to have.
    fn remark_on_null(&mut self, pointer: &LazyPointer, schema: &Map<String, Value>) {
        if schema.get("nullable") != Some(&Value::Bool(true)) || self.checked.remarks.len() >= MAX_REMARKS {
            return;
        }
        let mut left = MOST_VISITED;
        let refusing = ["allOf", "oneOf", "anyOf"].into_iter().find(|key| !self.allows_null_in(schema, key, &mut left));
        let message = match schema.get("enum").and_then(Value::as_array) {
            _ if !schema.contains_key("type") => {
                "`nullable` has no effect without a `type` beside it (OpenAPI 3.0.3)".to_owned()
            }
            _ if let Some(key) = refusing => format!(
                "`nullable` is true and `{key}` refuses null, so null is refused: `nullable` does not reach into other \
                 schemas (OpenAPI 3.0.3)"
            ),
            Some(values) if !values.contains(&Value::Null) => {
                "`nullable` is true and `enum` does not list null; null is accepted here, others refuse it".to_owned()
            }
            _ => return,
        };
        self.remark(&pointer.key("nullable").text(), message);
    }

    /// Whether the schemas of a keyword allow null, by their types. Only a limited number of schemas is visited.
    fn allows_null_in(&self, schema: &Map<String, Value>, keyword: &str, left: &mut usize) -> bool {
        let Some(Value::Array(schemas)) = schema.get(keyword) else { return true };
        let mut each = schemas.iter().map(|schema| self.allows_null(schema, left));
        if keyword == "allOf" { each.all(|allows| allows) } else { each.any(|allows| allows) }
    }

    fn allows_null(&self, schema: &Value, left: &mut usize) -> bool {
        // This ends for schemas that refer to themselves too.
        *left = left.saturating_sub(1);
        if *left == 0 {
            return true;
        }
        let Some(schema) = self.raw.followed(schema).and_then(Value::as_object) else { return true };
        let nullable = schema.get("nullable") == Some(&Value::Bool(true));
        (nullable || !schema.contains_key("type"))
            && ["allOf", "oneOf", "anyOf"].into_iter().all(|key| self.allows_null_in(schema, key, left))
    }
}
