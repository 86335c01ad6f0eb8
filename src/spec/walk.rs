//! The walk over all schemas that operations reach: whether their references lead somewhere, whether their keywords can be
//! carried out, what is odd about them, and what of them a judgement must know beforehand.
//!
//! Each schema is looked at once, however many ways lead to it, and nothing here calls itself: a document may have schemas
//! by the hundred thousand, in any shape.

use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use serde_json::{Map, Value};

use super::discriminator::{self, Choice};
use super::gate::MAX_REMARKS;
use super::judge::address;
use super::objects::Object;
use super::pattern::{too_much, weight};
use super::raw::Raw;
use super::telling::Way;
use super::{Remark, compiler, dialect, gate};
use crate::location::{InputError, InputErrors};

/// After this many errors the rest of a document is not looked at.
const MAX_ERRORS: usize = 20;

/// How much the patterns that are tried while a document is read may weigh together: about two seconds. Those that come later
/// are tried when a value is judged by them.
const TRIED: u64 = 150_000;

/// What a pattern weighs at least: to make anything of it takes its time.
const LEAST: u64 = 50;

/// How many schemas are looked into to find out whether a schema takes null.
const LOOKED_INTO: usize = 200;

/// What the walk found.
#[derive(Default)]
pub(super) struct Walked {
    /// By the address of a schema: what its `discriminator` chooses from.
    pub(super) choices: HashMap<usize, Choice>,
    /// By the address of a schema that is a part of an `allOf`: the pointer of the outermost schema around it.
    pub(super) tops: HashMap<usize, Arc<str>>,
    /// Whether anything is `writeOnly`.
    pub(super) has_write_only: bool,
    pub(super) remarks: Vec<Remark>,
}

/// Walks over all schemas that can be reached from these.
pub(super) fn all(raw: &Raw, from: &[String]) -> Result<Walked, InputErrors> {
    let mut walk = Walk {
        raw,
        discriminators: discriminator::Reader::new(raw),
        reached: HashSet::new(),
        waiting: Vec::new(),
        patterns: HashSet::new(),
        tried: 0,
        errors: Vec::new(),
        walked: Walked::default(),
    };
    for pointer in from {
        if let Some(value) = raw.get(pointer) {
            walk.waiting.push(Waiting { value, above: Way::from(pointer), step: Step::Here });
        }
        walk.go();
    }
    if walk.errors.is_empty() { Ok(walk.walked) } else { Err(InputErrors(walk.errors)) }
}

struct Walk<'a> {
    raw: &'a Raw,
    discriminators: discriminator::Reader<'a>,
    /// By their addresses.
    reached: HashSet<usize>,
    /// What is still to be looked at, and where it stands; the next is the last.
    waiting: Vec<Waiting<'a>>,
    patterns: HashSet<&'a str>,
    /// What the patterns that were tried weigh.
    tried: u64,
    errors: Vec<InputError>,
    walked: Walked,
}

/// A schema that is still to be looked at. There may be a hundred thousand, so its own way is made when it is its turn.
struct Waiting<'a> {
    value: &'a Value,
    above: Way,
    step: Step<'a>,
}

/// Where a schema stands below another place.
enum Step<'a> {
    Here,
    Key(&'a str),
    Index(usize),
}

impl<'a> Walk<'a> {
    fn go(&mut self) {
        while let Some(Waiting { value, above, step }) = self.waiting.pop() {
            if self.errors.len() >= MAX_ERRORS {
                return;
            }
            let Value::Object(schema) = value else { continue };
            if !self.reached.insert(address(schema)) {
                continue;
            }
            let way = match step {
                Step::Here => above,
                Step::Key(key) => above.key(key),
                Step::Index(index) => above.index(index),
            };
            if schema.contains_key("$ref") {
                self.follow(&way);
                continue;
            }
            self.remark_on_null(&way, schema);
            self.remark_on_direction(&way, schema);
            self.check(&way, schema);
            self.choose(&way, schema);
            for (key, value) in schema {
                match (key.as_str(), value) {
                    ("items" | "not" | "additionalProperties", Value::Object(_)) => {
                        self.waiting.push(Waiting { value, above: way.clone(), step: Step::Key(key) });
                    }
                    ("allOf" | "oneOf" | "anyOf", Value::Array(items)) => {
                        let at = way.key(key);
                        let each = items.iter().enumerate();
                        self.waiting.extend(each.map(|(index, value)| Waiting {
                            value,
                            above: at.clone(),
                            step: Step::Index(index),
                        }));
                    }
                    ("properties", Value::Object(properties)) => {
                        let at = way.key(key);
                        self.waiting.extend(properties.iter().map(|(name, value)| Waiting {
                            value,
                            above: at.clone(),
                            step: Step::Key(name),
                        }));
                    }
                    _ => {}
                }
            }
            self.parts(&way, schema);
        }
    }

    /// Keeps which schema stands around the parts of an `allOf`.
    fn parts(&mut self, way: &Way, schema: &'a Map<String, Value>) {
        let Some(Value::Array(parts)) = schema.get("allOf") else { return };
        let top = self.walked.tops.get(&address(schema)).cloned();
        let top = top.unwrap_or_else(|| way.pointer().into());
        for part in parts.iter().filter_map(Value::as_object) {
            self.walked.tops.insert(address(part), Arc::clone(&top));
        }
    }

    /// Keeps what a discriminator chooses from, and goes on with that.
    fn choose(&mut self, way: &Way, schema: &'a Map<String, Value>) {
        if !schema.contains_key("discriminator") {
            return;
        }
        let (choice, remarks) = self.discriminators.read(&way.pointer(), schema);
        for (pointer, message) in remarks {
            self.remark(&pointer, message);
        }
        let Some(choice) = choice else { return };
        for pointer in choice.schemas() {
            if let Some(value) = self.raw.get(pointer)
                && !value.as_object().is_some_and(|schema| self.reached.contains(&address(schema)))
            {
                self.waiting.push(Waiting { value, above: Way::from(pointer), step: Step::Here });
            }
        }
        self.walked.choices.insert(address(schema), choice);
    }

    /// Whether the keywords of a schema can be carried out.
    fn check(&mut self, way: &Way, schema: &'a Map<String, Value>) {
        if let Some(Value::String(name)) = schema.get("type")
            && !dialect::TYPES.contains(&name.as_str())
        {
            let message = if name == "null" {
                "`null` is no type of OpenAPI 3.0; write `nullable: true` beside another".to_owned()
            } else {
                format!("`{name}` is no type of OpenAPI 3.0")
            };
            self.refuse(way, "type", message, "Correct it; see the Schema Object of OpenAPI 3.0.");
        }
        if let Some(Value::String(pattern)) = schema.get("pattern") {
            self.check_pattern(way, schema, pattern);
        } else if schema.contains_key("multipleOf")
            && let Err(message) = compiler::make(schema)
        {
            self.refuse(way, "multipleOf", message, "Correct it; see the Schema Object of OpenAPI 3.0.");
        }
    }

    fn check_pattern(&mut self, way: &Way, schema: &'a Map<String, Value>, pattern: &'a str) {
        if let Some(why) = too_much(pattern) {
            let message = format!("this pattern {why}");
            return self.refuse(way, "pattern", message, "Write a shorter one, or `maxLength` beside a simpler one.");
        }
        if self.tried >= TRIED || !self.patterns.insert(pattern) {
            return;
        }
        self.tried += weight(pattern) + LEAST;
        if let Err(message) = compiler::make(schema) {
            self.refuse(way, "pattern", message, "Write one as JavaScript has them (ECMA-262).");
        }
    }

    fn refuse(&mut self, way: &Way, keyword: &str, message: String, help: &str) {
        let place = self.raw.place(&way.key(keyword).pointer());
        self.errors.push(InputError::at(place, message).help(help));
    }

    fn remark(&mut self, pointer: &str, message: impl Into<String>) {
        if self.walked.remarks.len() < MAX_REMARKS {
            self.walked.remarks.push(Remark { message: message.into(), anchor: self.raw.anchor(pointer) });
        }
    }

    fn remark_on_direction(&mut self, way: &Way, schema: &Map<String, Value>) {
        let is = |key: &str| schema.get(key) == Some(&Value::Bool(true));
        if is("writeOnly") {
            self.walked.has_write_only = true;
            if is("readOnly") {
                let message = "a property must not be both `readOnly` and `writeOnly` (OpenAPI 3.0)";
                self.remark(&way.key("writeOnly").pointer(), message);
            }
        }
    }

    /// Follows a reference, and goes on with what it leads to.
    fn follow(&mut self, way: &Way) {
        let pointer = way.pointer();
        match self.raw.follow(&pointer) {
            Ok(found) if !found.value.is_object() => {
                let message = format!("this `$ref` leads to {}, not to a schema", self.raw.kind(&found.pointer));
                let place = self.raw.place(&format!("{pointer}/$ref"));
                self.errors.push(InputError::at(place, message).help("Correct the reference."));
            }
            Ok(found) => {
                let is_reached = found.value.as_object().is_some_and(|it| self.reached.contains(&address(it)));
                if !found.pointer.starts_with("/components/schemas/") && !is_reached {
                    match gate::check_one(self.raw, Object::Schema, &found.pointer) {
                        Ok(remarks) => self.walked.remarks.extend(remarks),
                        Err(errors) => return self.errors.extend(errors.0),
                    }
                }
                self.waiting.push(Waiting { value: found.value, above: Way::from(&found.pointer), step: Step::Here });
            }
            Err(error) => self.errors.push(error),
        }
    }

    /// Where `nullable` does not do what its writer may think.
    fn remark_on_null(&mut self, way: &Way, schema: &Map<String, Value>) {
        if schema.get("nullable") != Some(&Value::Bool(true)) || self.walked.remarks.len() >= MAX_REMARKS {
            return;
        }
        let mut looks = LOOKED_INTO;
        let refusing = ["allOf", "oneOf", "anyOf"].into_iter().find(|key| !self.takes_null_in(schema, key, &mut looks));
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
        self.remark(&way.key("nullable").pointer(), message);
    }

    /// Whether the schemas under a keyword take null, as far as their types say, and as far as one looks.
    fn takes_null_in(&self, schema: &Map<String, Value>, keyword: &str, looks: &mut usize) -> bool {
        let Some(Value::Array(schemas)) = schema.get(keyword) else { return true };
        let mut each = schemas.iter().map(|schema| self.takes_null(schema, looks));
        if keyword == "allOf" { each.all(|takes| takes) } else { each.any(|takes| takes) }
    }

    fn takes_null(&self, schema: &Value, looks: &mut usize) -> bool {
        // One that leads to itself ends here too.
        *looks = looks.saturating_sub(1);
        if *looks == 0 {
            return true;
        }
        let Some(schema) = self.raw.followed(schema).and_then(Value::as_object) else { return true };
        let nullable = schema.get("nullable") == Some(&Value::Bool(true));
        (nullable || !schema.contains_key("type"))
            && ["allOf", "oneOf", "anyOf"].into_iter().all(|key| self.takes_null_in(schema, key, looks))
    }
}
