//! The walk over all schemas that operations reach: whether their references lead somewhere, what is odd about them, and
//! what of them the compiler must know beforehand.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::combined::Site;
use super::discriminator::{self, Choice};
use super::objects::Object;
use super::raw::{Raw, escape};
use super::{Remark, gate};
use crate::location::{InputError, InputErrors};

/// What the walk found.
#[derive(Default)]
pub(super) struct Walked {
    /// Where schemas are combined.
    pub(super) sites: Vec<Site>,
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
        errors: Vec::new(),
        walked: Walked::default(),
    };
    for pointer in from {
        walk.from(pointer);
    }
    if walk.errors.is_empty() { Ok(walk.walked) } else { Err(InputErrors(walk.errors)) }
}

struct Walk<'a> {
    raw: &'a Raw,
    discriminators: discriminator::Reader<'a>,
    reached: HashSet<String>,
    errors: Vec<InputError>,
    walked: Walked,
}

impl Walk<'_> {
    fn from(&mut self, start: &str) {
        let mut waiting = vec![start.to_owned()];
        while let Some(pointer) = waiting.pop() {
            if !self.reached.insert(pointer.clone()) {
                continue;
            }
            let Some(Value::Object(schema)) = self.raw.get(&pointer) else { continue };
            if schema.contains_key("$ref") {
                waiting.extend(self.followed(&pointer));
                continue;
            }
            self.remark_on_null(&pointer, schema);
            self.remark_on_direction(&pointer, schema);
            waiting.extend(self.combined(&pointer, schema));
            for (key, value) in schema {
                let at = format!("{pointer}/{}", escape(key));
                match (key.as_str(), value) {
                    ("items" | "not" | "additionalProperties", Value::Object(_)) => waiting.push(at),
                    ("allOf" | "oneOf" | "anyOf", Value::Array(items)) => {
                        waiting.extend((0..items.len()).map(|index| format!("{at}/{index}")));
                    }
                    ("properties", Value::Object(properties)) => {
                        waiting.extend(properties.keys().map(|name| format!("{at}/{}", escape(name))));
                    }
                    _ => {}
                }
            }
        }
    }

    /// Keeps where schemas are combined, and gives those that a discriminator chooses from.
    fn combined(&mut self, pointer: &str, schema: &Map<String, Value>) -> Vec<String> {
        let mut choice = None;
        if schema.contains_key("discriminator") {
            let (read, remarks) = self.discriminators.read(pointer, schema);
            choice = read;
            for (pointer, message) in remarks {
                self.remark(&pointer, message);
            }
        }
        let chosen = choice.iter().flat_map(Choice::schemas).map(ToOwned::to_owned).collect();
        for keyword in ["oneOf", "anyOf"] {
            let Some(schemas) = schema.get(keyword).and_then(Value::as_array) else { continue };
            self.walked.sites.push(Site {
                pointer: format!("{pointer}/{keyword}"),
                count: schemas.len(),
                exactly_one: keyword == "oneOf",
                choice: choice.take_if(|choice| choice.beside == Some(keyword)),
            });
        }
        if choice.is_some() {
            let pointer = format!("{pointer}/discriminator");
            self.walked.sites.push(Site { pointer, count: 0, exactly_one: false, choice });
        }
        chosen
    }

    fn remark(&mut self, pointer: &str, message: impl Into<String>) {
        self.walked.remarks.push(Remark { message: message.into(), anchor: self.raw.anchor(pointer) });
    }

    fn remark_on_direction(&mut self, pointer: &str, schema: &Map<String, Value>) {
        let is = |key: &str| schema.get(key) == Some(&Value::Bool(true));
        if is("writeOnly") {
            self.walked.has_write_only = true;
            if is("readOnly") {
                let message = "a property must not be both `readOnly` and `writeOnly` (OpenAPI 3.0)";
                self.remark(&format!("{pointer}/writeOnly"), message);
            }
        }
    }

    fn followed(&mut self, pointer: &str) -> Option<String> {
        match self.raw.follow(pointer) {
            Ok(found) if !found.value.is_object() => {
                let message = format!("this `$ref` leads to {}, not to a schema", self.raw.kind(&found.pointer));
                let place = self.raw.place(&format!("{pointer}/$ref"));
                self.errors.push(InputError::at(place, message).help("Correct the reference."));
                None
            }
            Ok(found) => {
                if !found.pointer.starts_with("/components/schemas/") && !self.reached.contains(&found.pointer) {
                    match gate::check_one(self.raw, Object::Schema, &found.pointer) {
                        Ok(remarks) => self.walked.remarks.extend(remarks),
                        Err(errors) => {
                            self.errors.extend(errors.0);
                            return None;
                        }
                    }
                }
                Some(found.pointer)
            }
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    /// Where `nullable` does not do what its writer may think.
    fn remark_on_null(&mut self, pointer: &str, schema: &Map<String, Value>) {
        if schema.get("nullable") != Some(&Value::Bool(true)) {
            return;
        }
        let refusing =
            ["allOf", "oneOf", "anyOf"].into_iter().find(|key| !self.takes_null_in(pointer, key, &mut HashSet::new()));
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
        self.remark(&format!("{pointer}/nullable"), message);
    }

    /// Whether the schemas under a keyword take null, as far as their types say.
    fn takes_null_in(&self, pointer: &str, keyword: &str, seen: &mut HashSet<String>) -> bool {
        let at = format!("{pointer}/{keyword}");
        let Some(Value::Array(schemas)) = self.raw.get(&at) else { return true };
        let mut each = (0..schemas.len()).map(|index| self.takes_null(&format!("{at}/{index}"), seen));
        if keyword == "allOf" { each.all(|takes| takes) } else { each.any(|takes| takes) }
    }

    fn takes_null(&self, pointer: &str, seen: &mut HashSet<String>) -> bool {
        let Ok(found) = self.raw.follow(pointer) else { return true };
        // One that leads to itself says nothing more.
        let (true, Some(schema)) = (seen.insert(found.pointer.clone()), found.value.as_object()) else { return true };
        let nullable = schema.get("nullable") == Some(&Value::Bool(true));
        (nullable || !schema.contains_key("type"))
            && ["allOf", "oneOf", "anyOf"].into_iter().all(|key| self.takes_null_in(&found.pointer, key, seen))
    }
}
