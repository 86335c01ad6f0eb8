//! `discriminator`: the property of a value that names the schema of the value (OpenAPI 3.0.3 §4.7.25).
//!
//! Beside `oneOf` or `anyOf` it chooses from their schemas. Otherwise it chooses from the schemas that have its own schema in
//! their `allOf`, and from those that `mapping` names. A value is compared with the chosen schema alone. A value that names no
//! schema, or has no such property, fits none.
//!
//! An inline schema in a `oneOf` has no name and cannot be chosen. If there is one, the discriminator is ignored, so that no
//! valid value is refused.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::raw::{RawDocument, escape, unescape};
use super::remark::MAX_REMARKS;
use super::value::is_short;
use crate::tree::{self, Node};

/// The place of the schemas with a name.
const COMPONENTS: &str = "/components/schemas/";

/// How many schemas all discriminators of a document may choose from together. In a long chain of `allOf`, each schema may choose
/// from all that build on it.
const MOST: usize = 30_000;

/// How many values of the discriminating property are checked in each schema.
const MOST_VALUES: usize = 1000;

/// How many known names a message lists.
const LISTED: usize = 8;

/// What a `discriminator` chooses from.
#[derive(Debug)]
pub(super) struct Choice {
    /// The property that names the schema.
    property: String,
    /// Names and the pointers of their schemas. The names of `mapping` come first.
    known: Vec<(String, String)>,
    /// The index of each name among them.
    indexes: HashMap<String, usize>,
    /// The keyword whose schemas it chooses from; none if it chooses from the schemas that have its schema in their `allOf`.
    pub(super) beside: Option<&'static str>,
}

/// The choice for a value.
pub(super) enum Chosen<'a> {
    /// A schema, by its pointer.
    Schema(&'a str),
    /// The value is no object, so it has no properties.
    NoObject,
    /// The property is missing.
    Missing,
    /// The property names no schema.
    Unknown(&'a Node),
}

impl Choice {
    /// The schemas that have a name.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|(_, pointer)| pointer.as_str())
    }

    /// The schema that a value names.
    pub(super) fn chosen<'a>(&'a self, value: &'a Node) -> Chosen<'a> {
        if value.entries().is_none() {
            return Chosen::NoObject;
        }
        let Some(named) = value.get(&self.property) else { return Chosen::Missing };
        // Names are strings. Other scalars are converted to strings (OpenAPI 3.0.3 §4.7.25).
        let name = match &named.value {
            tree::Value::String(name) => name.clone(),
            tree::Value::Number(_) | tree::Value::Bool(_) => named.to_json().to_string(),
            _ => return Chosen::Unknown(named),
        };
        match self.indexes.get(&name).and_then(|index| self.known.get(*index)) {
            Some((_, pointer)) => Chosen::Schema(pointer),
            None => Chosen::Unknown(named),
        }
    }

    /// The pointer and the message for a value that names no schema. The pointer is relative to the value.
    pub(super) fn names_none(&self, chosen: &Chosen<'_>) -> (String, String) {
        let mut names: Vec<String> = self.known.iter().take(LISTED).map(|(name, _)| format!("`{name}`")).collect();
        if self.known.len() > LISTED {
            names.push("…".to_owned());
        }
        let (property, names) = (&self.property, names.join(", "));
        if let Chosen::Unknown(value) = chosen {
            let value = if is_short(value) { value.to_json().to_string() } else { "its value".to_owned() };
            let message = format!("{value} names no schema here; `{property}` may be {names}");
            return (format!("/{}", escape(property)), message);
        }
        (String::new(), format!("the property `{property}`, which names the schema, is missing; it may be {names}"))
    }
}

/// A schema that may be chosen.
struct ChoosableSchema {
    /// The name of the component, if it has one.
    name: Option<String>,
    pointer: String,
}

/// Reads the discriminators of a document.
pub(super) struct DiscriminatorReader<'a> {
    raw: &'a RawDocument,
    /// How many more schemas may be chosen from.
    left: usize,
    /// For each schema, the components that have it in their `allOf`.
    heirs: Option<HashMap<String, Vec<String>>>,
}

/// The result for one discriminator: the choice, unless it is ignored, and remarks with their pointers.
pub(super) type ReadChoice = (Option<Choice>, Vec<(String, String)>);

impl<'a> DiscriminatorReader<'a> {
    pub(super) fn new(raw: &'a RawDocument) -> Self {
        Self { raw, left: MOST, heirs: None }
    }

    /// Reads the discriminator of the schema at a pointer.
    pub(super) fn read(&mut self, pointer: &str, schema: &Map<String, Value>) -> ReadChoice {
        let at = format!("{pointer}/discriminator");
        let Some(property) = self.raw.get(&format!("{at}/propertyName")).and_then(Value::as_str) else {
            return (None, Vec::new());
        };
        let too_many =
            || format!("`discriminator` is ignored: those of this document choose from more than {MOST} schemas");
        if self.left == 0 {
            return (None, vec![(at, too_many())]);
        }
        let listed = ["oneOf", "anyOf"].into_iter().find_map(|key| Some((key, schema.get(key)?.as_array()?)));
        let schemas = match listed {
            Some((key, items)) => self.listed_schemas(pointer, key, items),
            None => self.inheriting_schemas(pointer, &at),
        };
        let schemas = match schemas {
            Ok(schemas) => schemas,
            Err(message) => return (None, vec![(at, message)]),
        };
        self.left = self.left.saturating_sub(schemas.len());
        if self.left == 0 {
            return (None, vec![(at, too_many())]);
        }
        let mut remarks = Vec::new();
        let known = self.known_names(&at, &schemas, listed.is_some(), &mut remarks);
        let mut indexes: HashMap<String, usize> = HashMap::new();
        for (index, (name, _)) in known.iter().enumerate() {
            indexes.entry(name.clone()).or_insert(index);
        }
        for schema in &schemas {
            self.remark_on_values(&schema.pointer, property, &indexes, &mut remarks);
        }
        let beside = listed.map(|(key, _)| key);
        (Some(Choice { property: property.to_owned(), known, indexes, beside }), remarks)
    }

    /// The schemas of a `oneOf` or `anyOf`. The error says why the discriminator is ignored.
    fn listed_schemas(&self, pointer: &str, key: &str, items: &[Value]) -> Result<Vec<ChoosableSchema>, String> {
        let read = |(index, item): (usize, &Value)| {
            let written = item.get("$ref").and_then(Value::as_str);
            match (written, self.raw.follow(&format!("{pointer}/{key}/{index}"))) {
                (Some(written), Ok(found)) => {
                    Ok(ChoosableSchema { name: name(written.trim_start_matches('#')), pointer: found.pointer })
                }
                _ => Err(format!(
                    "`discriminator` is ignored: schema {} of `{key}` is written out, so it has no name to be chosen \
                     by; put it into `components.schemas`",
                    index + 1
                )),
            }
        };
        items.iter().enumerate().map(read).collect()
    }

    /// The schema at a pointer, and those that have it in their `allOf`. The error says why the discriminator is ignored.
    fn inheriting_schemas(&mut self, pointer: &str, at: &str) -> Result<Vec<ChoosableSchema>, String> {
        let most = self.left;
        let heirs = self.heirs_of(pointer, most);
        let all = std::iter::once(pointer.to_owned()).chain(heirs);
        let schemas: Vec<ChoosableSchema> =
            all.map(|pointer| ChoosableSchema { name: name(&pointer), pointer }).collect();
        let mapped = self.raw.get(&format!("{at}/mapping")).and_then(Value::as_object);
        if schemas.len() == 1 && mapped.is_none_or(Map::is_empty) {
            return Err(
                "`discriminator` has nothing to choose from: no `oneOf` or `anyOf` stands beside it, and no schema \
                        of `components` has this one in its `allOf`"
                    .to_owned(),
            );
        }
        Ok(schemas)
    }

    /// The names that choose a schema: those of `mapping`, then those of the schemas themselves. `listed`: `mapping` may name
    /// only these schemas.
    fn known_names(
        &self,
        at: &str,
        schemas: &[ChoosableSchema],
        listed: bool,
        remarks: &mut Vec<(String, String)>,
    ) -> Vec<(String, String)> {
        let can_be_chosen: HashSet<&str> = schemas.iter().map(|schema| schema.pointer.as_str()).collect();
        let mut known: Vec<(String, String)> = Vec::new();
        let mapping = self.raw.get(&format!("{at}/mapping")).and_then(Value::as_object);
        for (name, target) in mapping.into_iter().flatten() {
            let target = target.as_str().and_then(|target| self.mapped(target));
            match target.filter(|target| !listed || can_be_chosen.contains(target.as_str())) {
                Some(target) => known.push((name.clone(), target)),
                None if remarks.len() >= MAX_REMARKS => {}
                None => remarks.push((
                    format!("{at}/mapping/{}", escape(name)),
                    format!("`mapping` sends `{name}` to what is none of the schemas that can be chosen here"),
                )),
            }
        }
        let mut seen: HashSet<String> = known.iter().map(|(name, _)| name.clone()).collect();
        for schema in schemas {
            if let Some(name) = &schema.name
                && seen.insert(name.clone())
            {
                known.push((name.clone(), schema.pointer.clone()));
            }
        }
        known
    }

    /// The pointer of a schema that `mapping` names, by the name of a component or by a reference.
    fn mapped(&self, target: &str) -> Option<String> {
        let component = format!("{COMPONENTS}{}", escape(target));
        let pointer = match self.raw.get(&component) {
            Some(_) => component,
            None => percent_encoding::percent_decode_str(target.strip_prefix('#')?).decode_utf8_lossy().into_owned(),
        };
        let value = self.raw.get(&pointer)?;
        match self.raw.led_to(value) {
            Some(led) => Some(led),
            None => value.get("$ref").is_none().then_some(pointer),
        }
    }

    /// The components that have a schema in their `allOf`, directly or not, about `most` of them.
    fn heirs_of(&mut self, pointer: &str, most: usize) -> Vec<String> {
        let raw = self.raw;
        let heirs = self.heirs.get_or_insert_with(|| {
            let mut heirs: HashMap<String, Vec<String>> = HashMap::new();
            let components = raw.get("/components/schemas").and_then(Value::as_object);
            for (name, schema) in components.into_iter().flatten() {
                let heir = format!("{COMPONENTS}{}", escape(name));
                for (index, part) in schema.get("allOf").and_then(Value::as_array).into_iter().flatten().enumerate() {
                    let pointer = raw.led_to(part).unwrap_or_else(|| format!("{heir}/allOf/{index}"));
                    heirs.entry(pointer).or_default().push(heir.clone());
                }
            }
            heirs
        });
        let mut all = Vec::new();
        let mut seen = HashSet::from([pointer.to_owned()]);
        let mut waiting = vec![pointer.to_owned()];
        while let Some(next) = waiting.pop() {
            if all.len() > most {
                break;
            }
            for heir in heirs.get(&next).into_iter().flatten() {
                if seen.insert(heir.clone()) {
                    all.push(heir.clone());
                    waiting.push(heir.clone());
                }
            }
        }
        all
    }

    /// Adds remarks on values that a schema lists for the property and that choose no schema: no response with one could be
    /// valid.
    fn remark_on_values(
        &self,
        schema: &str,
        property: &str,
        indexes: &HashMap<String, usize>,
        remarks: &mut Vec<(String, String)>,
    ) {
        let pointer = format!("{schema}/properties/{}", escape(property));
        let Some(value) = self.raw.get(&pointer) else { return };
        let (Some(found), led) = (self.raw.followed(value), self.raw.led_to(value)) else { return };
        let at = format!("{}/enum", led.unwrap_or(pointer));
        for value in found.get("enum").and_then(Value::as_array).into_iter().flatten().take(MOST_VALUES) {
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            if !indexes.contains_key(&value) && remarks.len() < MAX_REMARKS {
                let message = format!(
                    "`{property}` may be `{value}` here, and no schema has this name; add it to the `mapping` of the \
                     discriminator"
                );
                remarks.push((at.clone(), message));
            }
        }
    }
}

/// The name of the component at a pointer.
fn name(pointer: &str) -> Option<String> {
    let pointer = percent_encoding::percent_decode_str(pointer).decode_utf8_lossy();
    let name = pointer.strip_prefix(COMPONENTS)?;
    (!name.contains('/')).then(|| unescape(name))
}

#[cfg(test)]
#[path = "discriminator_tests.rs"]
mod tests;
