//! The violations of a value that does not fit a schema: the keyword that each part of the value violates.
//!
//! This visits the schemas as the judgement (`judge`) does, and goes on only where a value does not fit. It is not recursive
//! either. Where schemas are combined, one short sentence says why the value fits none of them (`branches`).

use std::collections::HashSet;

use serde_json::{Map, Value, map};

use super::branches::{self, Combination};
use super::budget::Stopped;
use super::dialect;
use super::discriminator::{Choice, Chosen};
use super::judge::Judge;
use super::lazy_pointer::LazyPointer;
use super::value::{Members, address, is_short, scalar};
use super::violation::{MAX_VIOLATIONS, Violation};
use crate::tree::{self, Node};

/// How many digits of a number a message quotes.
const DIGITS: usize = 60;

/// How many names of unexpected properties a message lists.
const NAMES: usize = 5;

/// A schema that a value does not fit.
pub(super) struct Misfit<'c, 'v> {
    pub(super) schema: &'c Value,
    /// The pointer of the schema, before references are followed.
    pub(super) pointer: LazyPointer,
    pub(super) value: &'v Node,
    /// The pointer of the part of the value.
    pub(super) at: LazyPointer,
}

/// Collects the violations of one value.
pub(super) struct Explainer<'c, 'j> {
    judge: &'j mut Judge<'c>,
    /// Whether combinations of schemas are not explained, because this is part of the explanation of one.
    brief: bool,
    seen: HashSet<(usize, usize)>,
    pub(super) violations: Vec<Violation>,
}

/// A misfit that is being visited.
struct Visit<'c, 'v> {
    schema: &'c Map<String, Value>,
    pointer: LazyPointer,
    value: &'v Node,
    at: LazyPointer,
    keywords: map::Iter<'c>,
    parts: PendingParts<'c, 'v>,
}

/// The parts of one keyword that are still to be visited.
enum PendingParts<'c, 'v> {
    None,
    One(Option<(&'c Value, LazyPointer)>),
    All(&'c [Value], usize),
    Properties(&'c Map<String, Value>, Members<'v>),
    Additional(Option<&'c Map<String, Value>>, &'c Value, Members<'v>),
    Items(&'c Value, &'v [Node], usize),
}

impl<'c, 'v> Visit<'c, 'v> {
    /// The next part of the current keyword.
    fn next_part(&mut self) -> Option<Misfit<'c, 'v>> {
        let (value, at) = (self.value, &self.at);
        let part = match &mut self.parts {
            PendingParts::None => None,
            PendingParts::One(one) => {
                one.take().map(|(schema, pointer)| Misfit { schema, pointer, value, at: at.clone() })
            }
            PendingParts::All(schemas, index) => schemas.get(*index).map(|schema| {
                *index += 1;
                let pointer = self.pointer.key("allOf").index(*index - 1);
                Misfit { schema, pointer, value, at: at.clone() }
            }),
            PendingParts::Properties(schemas, members) => {
                let found = members.find_map(|member| Some((schemas.get(&member.key)?, member)));
                found.map(|(schema, member)| Misfit {
                    schema,
                    pointer: self.pointer.key("properties").key(&member.key),
                    value: &member.value,
                    at: at.key(&member.key),
                })
            }
            PendingParts::Additional(named, schema, members) => {
                let is_named = |name: &str| named.is_some_and(|named| named.contains_key(name));
                members.find(|member| !is_named(&member.key)).map(|member| Misfit {
                    schema,
                    pointer: self.pointer.key("additionalProperties"),
                    value: &member.value,
                    at: at.key(&member.key),
                })
            }
            PendingParts::Items(schema, items, index) => items.get(*index).map(|value| {
                *index += 1;
                Misfit { schema, pointer: self.pointer.key("items"), value, at: at.index(*index - 1) }
            }),
        };
        if part.is_none() {
            self.parts = PendingParts::None;
        }
        part
    }
}

impl<'c, 'j> Explainer<'c, 'j> {
    pub(super) fn new(judge: &'j mut Judge<'c>) -> Self {
        Self { judge, brief: false, seen: HashSet::new(), violations: Vec::new() }
    }

    /// Adds all violations of a misfit, up to [`MAX_VIOLATIONS`] in all.
    pub(super) fn explain<'v>(&mut self, misfit: Misfit<'c, 'v>) -> Result<(), Stopped> {
        let mut stack = Vec::new();
        self.enter(misfit, &mut stack)?;
        while let Some(visit) = stack.last_mut() {
            if self.violations.len() >= MAX_VIOLATIONS {
                break;
            }
            if let Some(part) = visit.next_part() {
                if !self.judge.fits(part.schema, part.value)? {
                    self.enter(part, &mut stack)?;
                }
            } else if let Some((keyword, argument)) = visit.keywords.next() {
                self.parts(visit, keyword, argument)?;
            } else {
                self.itself(visit)?;
                stack.pop();
            }
        }
        Ok(())
    }

    fn enter<'v>(&mut self, misfit: Misfit<'c, 'v>, stack: &mut Vec<Visit<'c, 'v>>) -> Result<(), Stopped> {
        self.judge.budget.spend(1)?;
        let Some(schema) = self.judge.resolve(misfit.schema) else { return Ok(()) };
        // Schemas that refer to each other may be visited again.
        if !self.seen.insert((address(schema), std::ptr::from_ref(misfit.value) as usize)) {
            return Ok(());
        }
        let pointer = match self.judge.compiler.raw.led_to(misfit.schema) {
            Some(pointer) => LazyPointer::from(&pointer),
            None => misfit.pointer,
        };
        let Misfit { value, at, .. } = misfit;
        stack.push(Visit { schema, pointer, value, at, keywords: schema.iter(), parts: PendingParts::None });
        Ok(())
    }

    /// Prepares the visit of the parts that a keyword applies schemas to. Their violations come before those of the whole.
    fn parts(&mut self, visit: &mut Visit<'c, '_>, keyword: &'c str, argument: &'c Value) -> Result<(), Stopped> {
        let named = || visit.schema.get("properties").and_then(Value::as_object);
        visit.parts = match (keyword, argument, &visit.value.value) {
            ("allOf", Value::Array(schemas), _) => PendingParts::All(schemas, 0),
            ("anyOf" | "oneOf" | "discriminator", ..) => return self.combined(visit, keyword, argument),
            ("properties", Value::Object(schemas), tree::Value::Mapping(_)) => {
                PendingParts::Properties(schemas, Members::of(visit.value))
            }
            ("additionalProperties", Value::Object(_), tree::Value::Mapping(_)) => {
                PendingParts::Additional(named(), argument, Members::of(visit.value))
            }
            ("items", Value::Object(_), tree::Value::Sequence(items)) => PendingParts::Items(argument, items, 0),
            _ => PendingParts::None,
        };
        Ok(())
    }

    /// Adds the violations of the value itself.
    fn itself(&mut self, visit: &Visit<'c, '_>) -> Result<(), Stopped> {
        let (schema, value) = (visit.schema, visit.value);
        let mut by_library = false;
        for (keyword, argument) in schema {
            match (keyword.as_str(), argument, &value.value) {
                ("type", ..) if !dialect::has_type(schema, argument, value) => {
                    self.own(visit, keyword, dialect::wrong_type(schema, argument, value));
                }
                ("enum", ..) if !dialect::is_listed(&mut self.judge.budget, schema, argument, value)? => {
                    self.own(visit, keyword, dialect::not_listed(argument, value));
                }
                ("format", ..) if !dialect::has_format(&mut self.judge.budget, argument, value)? => {
                    self.own(visit, keyword, dialect::wrong_format(argument, value));
                }
                ("required", ..) => {
                    for name in self.judge.missing(schema, argument, value)?.into_iter().take(MAX_VIOLATIONS) {
                        self.own(visit, keyword, dialect::lacks(name));
                    }
                }
                ("not", Value::Object(_), _) if self.judge.fits(argument, value)? => {
                    let message = "it fits the schema of `not`, and must not".to_owned();
                    self.add(visit, keyword, keyword, message, usize::MAX);
                }
                ("additionalProperties", Value::Bool(false), tree::Value::Mapping(_)) => {
                    let named = schema.get("properties").and_then(Value::as_object);
                    let is_named = |name: &str| named.is_some_and(|named| named.contains_key(name));
                    let all = Members::of(value).map(|member| member.key.as_str());
                    let unexpected: Vec<&str> = all.filter(|name| !is_named(name)).collect();
                    if !unexpected.is_empty() {
                        self.own(visit, keyword, not_allowed(&unexpected));
                    }
                }
                (keyword, ..) if let Some(message) = dialect::wrong_count(keyword, argument, value) => {
                    self.own(visit, keyword, message);
                }
                ("uniqueItems", ..)
                    if let Some((first, second)) = dialect::doubled(&mut self.judge.budget, argument, value)? =>
                {
                    let message = format!("its elements {first} and {second} are the same, and must not be");
                    self.add(visit, keyword, keyword, message, usize::MAX);
                }
                (keyword, ..) if dialect::is_of_library(keyword) && !by_library => {
                    by_library = true;
                    self.by_library(visit)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn by_library(&mut self, visit: &Visit<'c, '_>) -> Result<(), Stopped> {
        let compiler = self.judge.compiler;
        let validator = compiler.library(&mut self.judge.budget, visit.schema, visit.value)?;
        let Some(value) = scalar(visit.value) else { return Ok(()) };
        for error in validator.iter_errors(&value) {
            let keyword = error.schema_path().as_str().trim_start_matches('/').to_owned();
            let message = match digits(visit.value) {
                Some(digits) => error.masked_with(digits).to_string(),
                None if is_short(visit.value) => error.to_string(),
                // A large value is not quoted.
                None => error.masked_with("the value").to_string(),
            };
            let depth = levels(&visit.at.text());
            self.add(visit, &keyword, error.kind().keyword(), message, depth);
        }
        Ok(())
    }

    /// Adds a violation of a keyword that this module checks.
    fn own(&mut self, visit: &Visit<'c, '_>, keyword: &str, message: String) {
        let instance = visit.at.text();
        let message = match digits(visit.value) {
            Some(digits) => message.replacen(&visit.value.to_json().to_string(), &digits, 1),
            None => message,
        };
        let depth = levels(&instance);
        self.add(visit, keyword, keyword, message, depth);
    }

    fn add(&mut self, visit: &Visit<'c, '_>, place: &str, keyword: &str, message: String, depth: usize) {
        let violation = Violation {
            instance: visit.at.text(),
            anchor: self.judge.compiler.raw.anchor(&format!("{}/{place}", visit.pointer.text())),
            keyword: keyword.to_owned(),
            message,
            depth,
        };
        self.once(violation);
    }

    /// Adds a violation, unless it is there: parts of an `allOf` may have the same keyword.
    fn once(&mut self, violation: Violation) {
        if self.violations.len() < MAX_VIOLATIONS && !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
    }

    /// Adds the violation of a keyword that combines schemas, or prepares the visit of the chosen schema.
    fn combined(&mut self, visit: &mut Visit<'c, '_>, keyword: &'c str, argument: &'c Value) -> Result<(), Stopped> {
        let compiler = self.judge.compiler;
        let choice: Option<&Choice> =
            compiler.choice(visit.schema).filter(|choice| choice.beside.unwrap_or("discriminator") == keyword);
        match choice.map(|choice| (choice, choice.chosen(visit.value))) {
            Some((_, Chosen::Schema(chosen))) => {
                let schema = compiler.raw.get(chosen);
                visit.parts = PendingParts::One(schema.map(|schema| (schema, LazyPointer::from(chosen))));
                return Ok(());
            }
            Some((choice, chosen @ (Chosen::Missing | Chosen::Unknown(_)))) => {
                let (below, message) = choice.names_none(&chosen);
                let at = visit.at.text();
                self.once(Violation {
                    depth: levels(&at) + 1,
                    instance: at + &below,
                    anchor: compiler.raw.anchor(&format!("{}/discriminator", visit.pointer.text())),
                    keyword: "discriminator".to_owned(),
                    message,
                });
                return Ok(());
            }
            Some((_, Chosen::NoObject)) | None => {}
        }
        let Value::Array(schemas) = argument else { return Ok(()) };
        let mut fitting = 0;
        for schema in schemas {
            if self.judge.fits(schema, visit.value)? {
                fitting += 1;
            }
            if fitting > usize::from(keyword == "oneOf") {
                break;
            }
        }
        if fitting == 1 || (keyword == "anyOf" && fitting > 0) {
            return Ok(());
        }
        let (message, depth) = if self.brief {
            (format!("it does not fit `{keyword}`"), usize::MAX)
        } else {
            let combination = Combination { pointer: visit.pointer.key(keyword), keyword, schemas };
            let wrong = self.wrong(&combination, visit)?;
            // A schema is violated already by the violation that depends on the fewest levels. A schema that is not violated
            // could be at any depth.
            let refused = |wrong: &Vec<Violation>| wrong.iter().map(|it| it.depth).min().unwrap_or(usize::MAX);
            let depth = wrong.iter().map(refused).max().unwrap_or(usize::MAX);
            (branches::why(&combination, &wrong), depth)
        };
        self.add(visit, keyword, keyword, message, depth);
        Ok(())
    }

    /// The violations of each schema of a combination.
    fn wrong(&mut self, combination: &Combination<'c>, visit: &Visit<'c, '_>) -> Result<Vec<Vec<Violation>>, Stopped> {
        let mut wrong = Vec::new();
        for (index, schema) in combination.schemas.iter().enumerate() {
            if self.judge.fits(schema, visit.value)? {
                wrong.push(Vec::new());
                continue;
            }
            let mut explainer = Explainer { brief: true, ..Explainer::new(&mut *self.judge) };
            let pointer = combination.pointer.index(index);
            explainer.explain(Misfit { schema, pointer, value: visit.value, at: visit.at.clone() })?;
            wrong.push(explainer.violations);
        }
        Ok(wrong)
    }
}

/// The message for properties that no schema allows.
fn not_allowed(names: &[&str]) -> String {
    let mut shown: Vec<String> = names.iter().take(NAMES).map(|name| format!("`{}`", cut(name))).collect();
    if names.len() > NAMES {
        shown.push(format!("{} more", names.len() - NAMES));
    }
    match shown.as_slice() {
        [one] => format!("the property {one} is not allowed (`additionalProperties: false`)"),
        [most @ .., last] => {
            format!("the properties {} and {last} are not allowed (`additionalProperties: false`)", most.join(", "))
        }
        [] => String::new(),
    }
}

/// A name, cut if it is long.
fn cut(name: &str) -> String {
    match name.char_indices().nth(DIGITS) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// The digits of a number, if a double does not keep them.
fn digits(value: &Node) -> Option<String> {
    match &value.value {
        tree::Value::Number(number) if !number.is_kept() => Some(match number.0.get(..DIGITS) {
            Some(first) if first.len() < number.0.len() => format!("{first}…"),
            _ => number.0.to_string(),
        }),
        _ => None,
    }
}

/// How many levels deep a part of a value lies.
fn levels(instance: &str) -> usize {
    instance.matches('/').count()
}
