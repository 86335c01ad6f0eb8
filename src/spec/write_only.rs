//! Properties in the value of a response that are `writeOnly`: they SHOULD NOT be sent in a response (OpenAPI 3.0.3 §4.7.24).
//!
//! A value with such a property still fits its schema, so this is no part of the judgement: it visits the schemas that apply to
//! each part of the value. Schemas of a `oneOf` or `anyOf` that the value does not fit are not visited.

use std::collections::HashSet;

use serde_json::{Map, Value};

use super::budget::{LOOKUPS_PER_STEP, Stopped};
use super::discriminator::Chosen;
use super::judge::Judge;
use super::lazy_pointer::LazyPointer;
use super::value::{Members, address};
use crate::location::Anchor;
use crate::tree::{self, Node};

/// How many properties are listed.
const MAX_LISTED: usize = 100;

/// The properties of a value that are `writeOnly`: the JSON pointer of each, and the place of the keyword in the document.
pub(super) fn find<'c>(
    judge: &mut Judge<'c>,
    schema: &'c Value,
    pointer: &str,
    value: &Node,
) -> Result<Vec<(String, Anchor)>, Stopped> {
    let mut search = Search { judge, seen: HashSet::new(), waiting: Vec::new(), found: Vec::new() };
    search.wait(schema, LazyPointer::from(pointer), value, LazyPointer::from(""), false);
    while let Some(part) = search.waiting.pop() {
        if search.found.len() >= MAX_LISTED {
            break;
        }
        search.look(part)?;
    }
    Ok(search.found)
}

struct Search<'c, 'v, 'j> {
    judge: &'j mut Judge<'c>,
    /// The pairs of schema and value that were visited, by their addresses. Schemas may form circles.
    seen: HashSet<(usize, usize)>,
    /// What is still to be visited. The next one is the last.
    waiting: Vec<PendingPart<'c, 'v>>,
    found: Vec<(String, Anchor)>,
}

/// A part of the value, and a schema that applies to it.
struct PendingPart<'c, 'v> {
    schema: &'c Value,
    pointer: LazyPointer,
    value: &'v Node,
    at: LazyPointer,
    /// Whether the value is a property, and not an element or the whole.
    is_property: bool,
}

impl<'c, 'v> Search<'c, 'v, '_> {
    fn wait(&mut self, schema: &'c Value, pointer: LazyPointer, value: &'v Node, at: LazyPointer, is_property: bool) {
        self.waiting.push(PendingPart { schema, pointer, value, at, is_property });
    }

    fn look(&mut self, part: PendingPart<'c, 'v>) -> Result<(), Stopped> {
        let PendingPart { schema, pointer, value, at, is_property } = part;
        self.judge.budget.spend(1)?;
        let pointer = self.judge.compiler.raw.led_to(schema).map_or(pointer, |target| LazyPointer::from(&target));
        let Some(schema) = self.judge.resolve(schema) else { return Ok(()) };
        if !self.seen.insert((address(schema), std::ptr::from_ref(value) as usize)) {
            return Ok(());
        }
        if is_property && schema.get("writeOnly") == Some(&Value::Bool(true)) {
            let place = at.text();
            if !self.found.iter().any(|(known, _)| *known == place) {
                let anchor = self.judge.compiler.raw.anchor(&pointer.key("writeOnly").text());
                self.found.push((place, anchor));
            }
            return Ok(());
        }
        let first = self.waiting.len();
        for (keyword, argument) in schema {
            self.keyword(schema, (keyword, argument), &pointer, (value, &at, is_property))?;
        }
        // The first one that was found is visited first.
        self.waiting[first..].reverse();
        Ok(())
    }

    fn keyword(
        &mut self,
        schema: &'c Map<String, Value>,
        (keyword, argument): (&'c str, &'c Value),
        pointer: &LazyPointer,
        (value, at, is_property): (&'v Node, &LazyPointer, bool),
    ) -> Result<(), Stopped> {
        match (keyword, argument, &value.value) {
            ("properties", Value::Object(named), tree::Value::Mapping(members)) => {
                self.judge.budget.spend(members.len() as u64 / LOOKUPS_PER_STEP)?;
                for member in Members::of(value) {
                    if let Some(schema) = named.get(&member.key) {
                        let pointer = pointer.key(keyword).key(&member.key);
                        self.wait(schema, pointer, &member.value, at.key(&member.key), true);
                    }
                }
            }
            ("additionalProperties", Value::Object(_), tree::Value::Mapping(members)) => {
                self.judge.budget.spend(members.len() as u64 / LOOKUPS_PER_STEP)?;
                let named = schema.get("properties").and_then(Value::as_object);
                for member in Members::of(value) {
                    if !named.is_some_and(|named| named.contains_key(&member.key)) {
                        self.wait(argument, pointer.key(keyword), &member.value, at.key(&member.key), true);
                    }
                }
            }
            ("items", Value::Object(_), tree::Value::Sequence(items)) => {
                // Other types have no properties.
                let may_have = |item: &Node| item.entries().is_some() || item.items().is_some();
                for (index, item) in items.iter().enumerate().filter(|(_, item)| may_have(item)) {
                    self.wait(argument, pointer.key(keyword), item, at.index(index), false);
                }
            }
            ("allOf", Value::Array(parts), _) => {
                for (index, part) in parts.iter().enumerate() {
                    self.wait(part, pointer.key(keyword).index(index), value, at.clone(), is_property);
                }
            }
            ("oneOf" | "anyOf" | "discriminator", ..) => {
                self.combined(schema, (keyword, argument), pointer, (value, at, is_property))?;
            }
            _ => {}
        }
        Ok(())
    }

    fn combined(
        &mut self,
        schema: &'c Map<String, Value>,
        (keyword, argument): (&'c str, &'c Value),
        pointer: &LazyPointer,
        (value, at, is_property): (&'v Node, &LazyPointer, bool),
    ) -> Result<(), Stopped> {
        let compiler = self.judge.compiler;
        let choice = compiler.choice(schema).filter(|choice| choice.beside.unwrap_or("discriminator") == keyword);
        match choice.map(|choice| choice.chosen(value)) {
            Some(Chosen::Schema(chosen)) => {
                if let Some(schema) = compiler.raw.get(chosen) {
                    self.wait(schema, LazyPointer::from(chosen), value, at.clone(), is_property);
                }
            }
            Some(Chosen::Missing | Chosen::Unknown(_)) => {}
            Some(Chosen::NoObject) | None => {
                for (index, schema) in argument.as_array().into_iter().flatten().enumerate() {
                    if self.judge.fits(schema, value)? {
                        self.wait(schema, pointer.key(keyword).index(index), value, at.clone(), is_property);
                    }
                }
            }
        }
        Ok(())
    }
}
