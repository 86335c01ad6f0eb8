//! Properties that are `writeOnly`, in a value that came: OpenAPI 3.0.3 §4.7.24 says that they SHOULD NOT be sent as part
//! of a response.
//!
//! A value that has one still fits the schema, so this is no matter of validation: the schemas that apply to each part
//! of the value are walked through beside it. It leaves out schemas of a `oneOf` or `anyOf` that the value is not of.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::discriminator::Chosen;
use super::judge::{Judge, LOOKS, Members, Stopped, address};
use super::telling::Way;
use crate::location::Anchor;
use crate::tree::{self, Node};

/// How many are told.
const MAX_TOLD: usize = 100;

/// The properties of a value that are `writeOnly`: where they stand in the value, and where the document says so.
pub(super) fn find<'c>(
    judge: &mut Judge<'c>,
    schema: &'c Value,
    pointer: &str,
    value: &Node,
) -> Result<Vec<(String, Anchor)>, Stopped> {
    let mut search = Search { judge, seen: HashSet::new(), waiting: Vec::new(), told: Vec::new() };
    search.wait(schema, Way::from(pointer), value, Way::from(""), false);
    while let Some(part) = search.waiting.pop() {
        if search.told.len() >= MAX_TOLD {
            break;
        }
        search.look(part)?;
    }
    Ok(search.told)
}

struct Search<'c, 'v, 'j> {
    judge: &'j mut Judge<'c>,
    /// What was looked at already: schemas and values by their addresses. Schemas go in circles.
    seen: HashSet<(usize, usize)>,
    /// What is still to be looked at; the next is the last.
    waiting: Vec<Part<'c, 'v>>,
    told: Vec<(String, Anchor)>,
}

/// A part of the value, and a schema that applies to it.
struct Part<'c, 'v> {
    schema: &'c Value,
    way: Way,
    value: &'v Node,
    at: Way,
    /// Whether it is a property, and no element or the whole.
    is_property: bool,
}

impl<'c, 'v> Search<'c, 'v, '_> {
    fn wait(&mut self, schema: &'c Value, way: Way, value: &'v Node, at: Way, is_property: bool) {
        self.waiting.push(Part { schema, way, value, at, is_property });
    }

    fn look(&mut self, part: Part<'c, 'v>) -> Result<(), Stopped> {
        let Part { schema, way, value, at, is_property } = part;
        self.judge.spend(1)?;
        let way = self.judge.compiler.raw.led_to(schema).map_or(way, |pointer| Way::from(&pointer));
        let Some(schema) = self.judge.resolve(schema) else { return Ok(()) };
        if !self.seen.insert((address(schema), std::ptr::from_ref(value) as usize)) {
            return Ok(());
        }
        if is_property && schema.get("writeOnly") == Some(&Value::Bool(true)) {
            let place = at.pointer();
            if !self.told.iter().any(|(told, _)| *told == place) {
                let anchor = self.judge.compiler.raw.anchor(&way.key("writeOnly").pointer());
                self.told.push((place, anchor));
            }
            return Ok(());
        }
        let first = self.waiting.len();
        for (keyword, held) in schema {
            self.keyword(schema, (keyword, held), &way, (value, &at, is_property))?;
        }
        // The first that was found is looked at first.
        self.waiting[first..].reverse();
        Ok(())
    }

    fn keyword(
        &mut self,
        schema: &'c Map<String, Value>,
        (keyword, held): (&'c str, &'c Value),
        way: &Way,
        (value, at, is_property): (&'v Node, &Way, bool),
    ) -> Result<(), Stopped> {
        match (keyword, held, &value.value) {
            ("properties", Value::Object(named), tree::Value::Mapping(members)) => {
                self.judge.spend(members.len() as u64 / LOOKS)?;
                for member in Members::of(value) {
                    if let Some(schema) = named.get(&member.key) {
                        let way = way.key(keyword).key(&member.key);
                        self.wait(schema, way, &member.value, at.key(&member.key), true);
                    }
                }
            }
            ("additionalProperties", Value::Object(_), tree::Value::Mapping(members)) => {
                self.judge.spend(members.len() as u64 / LOOKS)?;
                let named = schema.get("properties").and_then(Value::as_object);
                for member in Members::of(value) {
                    if !named.is_some_and(|named| named.contains_key(&member.key)) {
                        self.wait(held, way.key(keyword), &member.value, at.key(&member.key), true);
                    }
                }
            }
            ("items", Value::Object(_), tree::Value::Sequence(items)) => {
                // What is neither object nor array has no properties.
                let may_have = |item: &Node| item.entries().is_some() || item.items().is_some();
                for (index, item) in items.iter().enumerate().filter(|(_, item)| may_have(item)) {
                    self.wait(held, way.key(keyword), item, at.index(index), false);
                }
            }
            ("allOf", Value::Array(parts), _) => {
                for (index, part) in parts.iter().enumerate() {
                    self.wait(part, way.key(keyword).index(index), value, at.clone(), is_property);
                }
            }
            ("oneOf" | "anyOf" | "discriminator", ..) => {
                self.combined(schema, (keyword, held), way, (value, at, is_property))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn combined(
        &mut self,
        schema: &'c Map<String, Value>,
        (keyword, held): (&'c str, &'c Value),
        way: &Way,
        (value, at, is_property): (&'v Node, &Way, bool),
    ) -> Result<(), Stopped> {
        let compiler = self.judge.compiler;
        let choice = compiler.choice(schema).filter(|choice| choice.beside.unwrap_or("discriminator") == keyword);
        match choice.map(|choice| choice.chosen(value)) {
            Some(Chosen::Schema(chosen)) => {
                if let Some(schema) = compiler.raw.get(chosen) {
                    self.wait(schema, Way::from(chosen), value, at.clone(), is_property);
                }
            }
            Some(Chosen::Missing | Chosen::Unknown(_)) => {}
            Some(Chosen::NoObject) | None => {
                for (index, schema) in held.as_array().into_iter().flatten().enumerate() {
                    if self.judge.fits(schema, value)? {
                        self.wait(schema, way.key(keyword).index(index), value, at.clone(), is_property);
                    }
                }
            }
        }
        Ok(())
    }
}
