//! `discriminator`: the property of a value that names the schema which the value is of (OpenAPI 3.0.3 §4.7.25).
//!
//! It stands beside `oneOf` or `anyOf`, whose schemas it chooses from, or in a schema that others have in their `allOf`,
//! and chooses from these, and from what `mapping` names. A value is held against the chosen schema alone. A value that names none, or has no such
//! property, fits none. Schemas that are written out in the `oneOf` have no name and are never chosen; where there is
//! one, the discriminator is left aside, so that nothing is refused that may be right.

use std::collections::{HashMap, HashSet};

use serde_json::{Map, Value};

use super::dialect::is_short;
use super::gate::MAX_REMARKS;
use super::raw::{Raw, escape, unescape};
use crate::tree::{self, Node};

/// Where components stand that have a name to be chosen by.
const COMPONENTS: &str = "/components/schemas/";

/// How many schemas the discriminators of a document may choose from in all. Each of a long line of heirs may choose from
/// all that come after it.
const MOST: usize = 30_000;

/// How many values of a discriminating property are looked at: there may be as many in each of many schemas.
const TOLD_VALUES: usize = 1000;

/// How many of the known names are told.
const TOLD: usize = 8;

/// A schema with a `discriminator`, and what it chooses from.
#[derive(Debug)]
pub(super) struct Choice {
    /// The property that names the schema.
    property: String,
    /// Names with the pointers of their schemas: those of `mapping` first.
    known: Vec<(String, String)>,
    /// Where a name stands among them.
    places: HashMap<String, usize>,
    /// The keyword that it stands beside, whose schemas it chooses from; none if it chooses from those that have it in
    /// their `allOf`.
    pub(super) beside: Option<&'static str>,
}

/// What a value names.
pub(super) enum Chosen<'a> {
    /// A schema, by its pointer.
    Schema(&'a str),
    /// Only objects have properties.
    NoObject,
    /// The property is not there.
    Missing,
    /// It names none.
    Unknown(&'a Node),
}

impl Choice {
    /// The schemas that have a name.
    pub(super) fn schemas(&self) -> impl Iterator<Item = &str> {
        self.known.iter().map(|(_, pointer)| pointer.as_str())
    }

    /// Which schema a value names.
    pub(super) fn chosen<'a>(&'a self, value: &'a Node) -> Chosen<'a> {
        if value.entries().is_none() {
            return Chosen::NoObject;
        }
        let Some(named) = value.get(&self.property) else { return Chosen::Missing };
        // The names are strings; what is another scalar may be compared as one (OpenAPI 3.0.3 §4.7.25).
        let name = match &named.value {
            tree::Value::String(name) => name.clone(),
            tree::Value::Number(_) | tree::Value::Bool(_) => named.to_json().to_string(),
            _ => return Chosen::Unknown(named),
        };
        match self.places.get(&name).and_then(|place| self.known.get(*place)) {
            Some((_, pointer)) => Chosen::Schema(pointer),
            None => Chosen::Unknown(named),
        }
    }

    /// What is wrong with a value that names no schema: where, below the value, and what.
    pub(super) fn names_none(&self, chosen: &Chosen<'_>) -> (String, String) {
        let mut names: Vec<String> = self.known.iter().take(TOLD).map(|(name, _)| format!("`{name}`")).collect();
        if self.known.len() > TOLD {
            names.push("…".to_owned());
        }
        let (property, names) = (&self.property, names.join(", "));
        if let Chosen::Unknown(value) = chosen {
            let value = if is_short(value) { value.to_json().to_string() } else { "its value".to_owned() };
            let message = format!("{value} is no name of a schema here; `{property}` may be {names}");
            return (format!("/{}", escape(property)), message);
        }
        (String::new(), format!("`{property}` is missing, which says what this is; it may be {names}"))
    }
}

/// Where discriminators stand, while a document is read.
pub(super) struct Reader<'a> {
    raw: &'a Raw,
    /// How many more schemas may be chosen from in all.
    left: usize,
    /// From a schema to the components that have it in their `allOf`.
    heirs: Option<HashMap<String, Vec<String>>>,
}

/// What is read of one discriminator: the choice, if it can be made, and remarks with the pointers they are about.
pub(super) type ReadChoice = (Option<Choice>, Vec<(String, String)>);

impl<'a> Reader<'a> {
    pub(super) fn new(raw: &'a Raw) -> Self {
        Self { raw, left: MOST, heirs: None }
    }

    /// Reads the discriminator of the schema at a pointer.
    pub(super) fn read(&mut self, pointer: &str, schema: &Map<String, Value>) -> ReadChoice {
        let mut remarks = Vec::new();
        let at = format!("{pointer}/discriminator");
        let Some(property) = self.raw.get(&format!("{at}/propertyName")).and_then(Value::as_str) else {
            return (None, remarks);
        };
        let listed = ["oneOf", "anyOf"].into_iter().find_map(|key| Some((key, schema.get(key)?.as_array()?)));
        let mut schemas: Vec<(Option<String>, String)> = Vec::new();
        let too_many = (
            at.clone(),
            format!("`discriminator` is left aside: those of this document choose from more than {MOST} schemas"),
        );
        if self.left == 0 {
            return (None, vec![too_many]);
        }
        if let Some((key, items)) = listed {
            for (index, item) in items.iter().enumerate() {
                let written = item.get("$ref").and_then(Value::as_str);
                let (Some(written), Ok(found)) = (written, self.raw.follow(&format!("{pointer}/{key}/{index}"))) else {
                    let message = format!(
                        "`discriminator` is left aside: schema {} of `{key}` is written out, so it has no name to be \
                         chosen by; put it into `components.schemas`",
                        index + 1
                    );
                    return (None, vec![(at, message)]);
                };
                schemas.push((name(written.trim_start_matches('#')), found.pointer));
            }
        } else {
            schemas.push((name(pointer), pointer.to_owned()));
            let most = self.left;
            schemas.extend(self.heirs_of(pointer, most).into_iter().map(|heir| (name(&heir), heir)));
            let mapped = self.raw.get(&format!("{at}/mapping")).and_then(Value::as_object);
            if schemas.len() == 1 && mapped.is_none_or(Map::is_empty) {
                let message = "`discriminator` has nothing to choose from: no `oneOf` or `anyOf` stands beside it, and \
                               no schema of `components` has this one in its `allOf`";
                return (None, vec![(at, message.to_owned())]);
            }
        }
        self.left = self.left.saturating_sub(schemas.len());
        if self.left == 0 {
            return (None, vec![too_many]);
        }
        let can_be_chosen: HashSet<&str> = schemas.iter().map(|(_, pointer)| pointer.as_str()).collect();
        let mut known: Vec<(String, String)> = Vec::new();
        let mapping = self.raw.get(&format!("{at}/mapping")).and_then(Value::as_object);
        for (name, target) in mapping.into_iter().flatten() {
            let target = target.as_str().and_then(|target| self.mapped(target));
            let may = |target: &String| listed.is_none() || can_be_chosen.contains(target.as_str());
            match target.filter(may) {
                Some(target) => known.push((name.clone(), target)),
                None if remarks.len() >= MAX_REMARKS => {}
                None => remarks.push((
                    format!("{at}/mapping/{}", escape(name)),
                    format!("`mapping` sends `{name}` to what is none of the schemas that can be chosen here"),
                )),
            }
        }
        let mut places: HashMap<String, usize> = HashMap::new();
        for (place, (name, _)) in known.iter().enumerate() {
            places.entry(name.clone()).or_insert(place);
        }
        for (name, pointer) in schemas.iter().filter_map(|(name, pointer)| Some((name.as_ref()?, pointer))) {
            if !places.contains_key(name) {
                places.insert(name.clone(), known.len());
                known.push((name.clone(), pointer.clone()));
            }
        }
        for (_, schema) in &schemas {
            self.remark_on_values(schema, property, &places, &mut remarks);
        }
        let beside = listed.map(|(key, _)| key);
        (Some(Choice { property: property.to_owned(), known, places, beside }), remarks)
    }

    /// What a value of `mapping` leads to: the name of a component, or a reference.
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

    /// The components that have a schema in their `allOf`, and those that have these, and so on, up to so many.
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

    /// A schema may list values of the property that choose nothing: no answer with one could be right.
    fn remark_on_values(
        &self,
        schema: &str,
        property: &str,
        places: &HashMap<String, usize>,
        remarks: &mut Vec<(String, String)>,
    ) {
        let pointer = format!("{schema}/properties/{}", escape(property));
        let Some(value) = self.raw.get(&pointer) else { return };
        let (Some(found), led) = (self.raw.followed(value), self.raw.led_to(value)) else { return };
        let at = format!("{}/enum", led.unwrap_or(pointer));
        for value in found.get("enum").and_then(Value::as_array).into_iter().flatten().take(TOLD_VALUES) {
            let value = value.as_str().map_or_else(|| value.to_string(), ToOwned::to_owned);
            if !places.contains_key(&value) && remarks.len() < MAX_REMARKS {
                let message = format!(
                    "`{property}` may be `{value}` here, and no schema has this name; add it to the `mapping` of the \
                     discriminator"
                );
                remarks.push((at.clone(), message));
            }
        }
    }
}

/// The name by which a component is chosen.
fn name(pointer: &str) -> Option<String> {
    let pointer = percent_encoding::percent_decode_str(pointer).decode_utf8_lossy();
    let name = pointer.strip_prefix(COMPONENTS)?;
    (!name.contains('/')).then(|| unescape(name))
}

#[cfg(test)]
#[path = "discriminator_tests.rs"]
mod tests;
