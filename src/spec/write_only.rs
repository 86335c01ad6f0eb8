//! Properties that are `writeOnly`, in a value that came: OpenAPI 3.0.3 §4.7.24 says that they SHOULD NOT be sent as part
//! of a response.
//!
//! A value that has one still fits the schema, so this is no matter of validation: the schemas that apply to each part
//! of the value are walked through beside it. It leaves out schemas of a `oneOf` or `anyOf` that the value is not of.

use std::collections::HashSet;
use std::sync::Arc;

use serde_json::Value;

use super::discriminator::Chosen;
use super::raw::escape;
use super::schema::Compiler;
use crate::location::Anchor;

/// How many are told.
const MAX_TOLD: usize = 100;

/// The properties of a value that are `writeOnly`: where they stand in the value, and where the document says so.
pub(super) fn find(compiler: &Arc<Compiler>, schema: &str, value: &Value) -> Vec<(String, Anchor)> {
    let mut search = Search { compiler, seen: HashSet::new(), told: Vec::new() };
    search.walk(schema, value, &At { place: String::new(), is_property: false });
    search.told
}

struct Search<'a> {
    compiler: &'a Arc<Compiler>,
    /// What was walked through already: schemas by their pointers, values by their addresses. Schemas go in circles.
    seen: HashSet<(String, *const Value)>,
    told: Vec<(String, Anchor)>,
}

/// Where in the value the walk is.
struct At {
    /// The pointer.
    place: String,
    /// Whether it is a property, and no element or the whole.
    is_property: bool,
}

impl Search<'_> {
    fn walk(&mut self, schema: &str, value: &Value, at: &At) {
        // References lead somewhere: the document was read.
        let Ok(found) = self.compiler.raw.follow(schema) else { return };
        let (schema, Value::Object(keywords)) = (found.pointer, found.value) else { return };
        if self.told.len() >= MAX_TOLD || !self.seen.insert((schema.clone(), std::ptr::from_ref(value))) {
            return;
        }
        if at.is_property && keywords.get("writeOnly") == Some(&Value::Bool(true)) {
            if !self.told.iter().any(|(place, _)| *place == at.place) {
                self.told.push((at.place.clone(), self.compiler.raw.anchor(&format!("{schema}/writeOnly"))));
            }
            return;
        }
        for (keyword, held) in keywords {
            let below = format!("{schema}/{keyword}");
            match (keyword.as_str(), held, value) {
                ("properties", Value::Object(named), Value::Object(members)) => {
                    for (name, member) in members.iter().filter(|(name, _)| named.contains_key(*name)) {
                        self.walk(&format!("{below}/{}", escape(name)), member, &at.property(name));
                    }
                }
                ("additionalProperties", Value::Object(_), Value::Object(members)) => {
                    let named = keywords.get("properties").and_then(Value::as_object);
                    for (name, member) in members {
                        if !named.is_some_and(|named| named.contains_key(name)) {
                            self.walk(&below, member, &at.property(name));
                        }
                    }
                }
                ("items", Value::Object(_), Value::Array(items)) => {
                    for (index, item) in items.iter().enumerate() {
                        let place = format!("{}/{index}", at.place);
                        self.walk(&below, item, &At { place, is_property: false });
                    }
                }
                ("allOf", Value::Array(parts), _) => {
                    for index in 0..parts.len() {
                        self.walk(&format!("{below}/{index}"), value, at);
                    }
                }
                ("oneOf" | "anyOf" | "discriminator", ..) => self.combined(&below, value, at),
                _ => {}
            }
        }
    }

    fn combined(&mut self, keyword: &str, value: &Value, at: &At) {
        let compiler = self.compiler;
        let Some(site) = compiler.site(keyword).and_then(|site| compiler.sites.get(site)) else { return };
        match site.choice.as_ref().map(|choice| choice.chosen(value)) {
            Some(Chosen::Schema(chosen)) => self.walk(chosen, value, at),
            Some(Chosen::Missing | Chosen::Unknown(_)) => {}
            Some(Chosen::NoObject) | None => {
                for schema in site.schemas().filter(|schema| compiler.fits(schema, value)) {
                    self.walk(&schema, value, at);
                }
            }
        }
    }
}

impl At {
    fn property(&self, name: &str) -> Self {
        Self { place: format!("{}/{}", self.place, escape(name)), is_property: true }
    }
}
