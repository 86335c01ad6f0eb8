//! Whether a value fits a schema, within a budget of steps.
//!
//! Documents and bodies are not trusted: schemas may refer to each other in any manner, and bodies may have any shape. So
//! nothing here is recursive: open questions wait on a stack on the heap. Answers about a value are remembered while one body
//! is judged, so that schemas which ask the same in many branches cost no more than one. The steps are counted, and a judgement
//! that would take more than its budget ends with an error.
//!
//! Schemas are read in the dialect of OpenAPI 3.0 (see `dialect`). Only the keywords that the library checks are compiled.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use serde_json::{Map, Value, map};

use super::budget::{Budget, LOOKUPS_PER_STEP, Stopped};
use super::compiler::{Compiler, gave_up};
use super::dialect;
use super::discriminator::Chosen;
use super::value::{Members, address, scalar};
use crate::tree::{self, Node};

/// How many answers are remembered. When there are more, all are forgotten.
const REMEMBERED: usize = 1 << 16;

/// A question: the address of a schema, and that of a value. Neither moves during a judgement.
type Question = (usize, usize);

/// The judgement of one value.
pub(super) struct Judge<'c> {
    pub(super) compiler: &'c Compiler,
    pub(super) budget: Budget,
    known: HashMap<Question, bool>,
    /// The targets of references, by the address of the reference.
    targets: HashMap<usize, &'c Value>,
    /// The names of the `writeOnly` properties of schemas, by the address of the schema.
    hidden: HashMap<usize, Rc<HashSet<&'c str>>>,
}

/// A value that is being compared with a schema.
struct OpenQuestion<'c, 'v> {
    question: Question,
    value: &'v Node,
    schema: &'c Map<String, Value>,
    /// The keywords that are still to be checked.
    keywords: map::Iter<'c>,
    work: KeywordWork<'c, 'v>,
    /// The lowest index on the stack of a question that was asked again within this one, and was assumed to be answered.
    lowest: usize,
}

/// The rest of the work for one keyword.
enum KeywordWork<'c, 'v> {
    None,
    /// All must fit.
    All(std::slice::Iter<'c, Value>),
    /// One schema must fit.
    Only(Option<&'c Value>),
    /// One schema must not fit.
    Not(Option<&'c Value>),
    Any(std::slice::Iter<'c, Value>),
    /// Exactly one must fit; whether one did.
    One(std::slice::Iter<'c, Value>, bool),
    /// Each member must fit the schema of its name. The members are enumerated, as they are fewer than the schemas.
    Members(&'c Map<String, Value>, Members<'v>),
    /// The same; the schemas are enumerated, as they are fewer.
    Schemas(map::Iter<'c>),
    /// Each member whose name is not among these must fit a schema.
    Additional(Option<&'c Map<String, Value>>, &'c Value, Members<'v>),
    Items(&'c Value, std::slice::Iter<'v, Node>),
}

/// What comes next for an open question.
enum NextMove<'c, 'v> {
    Ask(&'c Value, &'v Node),
    Answer(bool),
}

/// The result of the first look at a question.
enum FirstLook<'c, 'v> {
    Answer(bool),
    /// The same question is open already, at this index of the stack.
    Asked(usize),
    Question(OpenQuestion<'c, 'v>),
}

impl<'c> Judge<'c> {
    /// The judgement of a value, in `most` steps at most.
    pub(super) fn new(compiler: &'c Compiler, value: &Node, most: u64) -> Self {
        Self {
            compiler,
            budget: Budget::new(value, most),
            known: HashMap::new(),
            targets: HashMap::new(),
            hidden: HashMap::new(),
        }
    }

    /// The schema, with references followed; none if it is no object, which allows every value.
    pub(super) fn resolve(&mut self, schema: &'c Value) -> Option<&'c Map<String, Value>> {
        let object = schema.as_object()?;
        if !object.contains_key("$ref") {
            return Some(object);
        }
        let target = match self.targets.entry(address(object)) {
            Entry::Occupied(known) => *known.get(),
            // A document with references that cannot be followed is refused.
            Entry::Vacant(unknown) => unknown.insert(self.compiler.raw.followed(schema)?),
        };
        target.as_object()
    }

    /// Whether a value fits a schema.
    pub(super) fn fits(&mut self, schema: &'c Value, value: &Node) -> Result<bool, Stopped> {
        let mut stack: Vec<OpenQuestion<'c, '_>> = Vec::new();
        let mut open: HashMap<Question, usize> = HashMap::new();
        let mut answer_before = match self.begin(schema, value, &open)? {
            FirstLook::Answer(answer) => return Ok(answer),
            FirstLook::Asked(_) => return Ok(true),
            FirstLook::Question(frame) => {
                open.insert(frame.question, 0);
                stack.push(frame);
                None
            }
        };
        while let Some(frame) = stack.last_mut() {
            match self.next(frame, answer_before.take())? {
                NextMove::Ask(schema, value) => match self.begin(schema, value, &open)? {
                    FirstLook::Answer(answer) => answer_before = Some(answer),
                    // A schema that refers to itself for the same value says nothing more.
                    FirstLook::Asked(place) => {
                        frame.lowest = frame.lowest.min(place);
                        answer_before = Some(true);
                    }
                    FirstLook::Question(frame) => {
                        open.insert(frame.question, stack.len());
                        stack.push(frame);
                    }
                },
                NextMove::Answer(answer) => {
                    let (question, lowest) = (frame.question, frame.lowest);
                    stack.pop();
                    open.remove(&question);
                    // An answer that rests on the assumed answer of an open question holds only within that question.
                    if lowest >= stack.len() {
                        self.remember(question, answer);
                    } else if let Some(above) = stack.last_mut() {
                        above.lowest = above.lowest.min(lowest);
                    }
                    answer_before = Some(answer);
                }
            }
        }
        Ok(answer_before.unwrap_or(true))
    }

    fn remember(&mut self, question: Question, answer: bool) {
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(question, answer);
    }

    /// Checks the keywords about the value itself, and finds out whether others apply schemas to it or its parts.
    fn begin<'v>(
        &mut self,
        schema: &'c Value,
        value: &'v Node,
        open: &HashMap<Question, usize>,
    ) -> Result<FirstLook<'c, 'v>, Stopped> {
        self.budget.spend(1)?;
        let Some(schema) = self.resolve(schema) else { return Ok(FirstLook::Answer(true)) };
        self.budget.spend(schema.len() as u64 / LOOKUPS_PER_STEP)?;
        let mut asks_further = false;
        for (keyword, argument) in schema {
            asks_further |= match (keyword.as_str(), argument) {
                ("allOf" | "anyOf" | "oneOf", Value::Array(_)) | ("not", Value::Object(_)) => true,
                ("discriminator", _) => self.compiler.choice(schema).is_some(),
                ("properties", Value::Object(_)) | ("additionalProperties", Value::Object(_) | Value::Bool(false)) => {
                    value.entries().is_some()
                }
                ("items", Value::Object(_)) => value.items().is_some(),
                _ => false,
            };
        }
        let question = (address(schema), std::ptr::from_ref(value) as usize);
        if asks_further {
            if let Some(known) = self.known.get(&question) {
                return Ok(FirstLook::Answer(*known));
            }
            if let Some(place) = open.get(&question) {
                return Ok(FirstLook::Asked(*place));
            }
        }
        if !self.holds(schema, value)? {
            if asks_further {
                self.remember(question, false);
            }
            return Ok(FirstLook::Answer(false));
        }
        if !asks_further {
            return Ok(FirstLook::Answer(true));
        }
        let keywords = schema.iter();
        Ok(FirstLook::Question(OpenQuestion {
            question,
            value,
            schema,
            keywords,
            work: KeywordWork::None,
            lowest: usize::MAX,
        }))
    }

    /// Whether the value meets the keywords about the value itself.
    fn holds(&mut self, schema: &'c Map<String, Value>, value: &Node) -> Result<bool, Stopped> {
        let mut by_library = false;
        for (keyword, argument) in schema {
            let holds = match keyword.as_str() {
                "type" => dialect::has_type(schema, argument, value),
                "enum" => dialect::is_listed(&mut self.budget, schema, argument, value)?,
                "format" => dialect::has_format(&mut self.budget, argument, value)?,
                "required" => self.missing(schema, argument, value)?.is_empty(),
                "uniqueItems" => dialect::doubled(&mut self.budget, argument, value)?.is_none(),
                keyword if dialect::is_count(keyword) => dialect::wrong_count(keyword, argument, value).is_none(),
                keyword => {
                    by_library |= dialect::is_of_library(keyword);
                    true
                }
            };
            if !holds {
                return Ok(false);
            }
        }
        if !by_library {
            return Ok(true);
        }
        let Some(scalar) = scalar(value) else { return Ok(true) };
        let compiler = self.compiler;
        let library = compiler.library(&mut self.budget, schema, value)?;
        if library.is_valid(&scalar) {
            return Ok(true);
        }
        // If the engine gave up, the value may fit all the same.
        match library.iter_errors(&scalar).find(gave_up) {
            Some(_) => Err(Stopped("matching its `pattern` needs too much backtracking".to_owned())),
            None => Ok(false),
        }
    }

    /// The required properties that an object lacks, without those that are `writeOnly`.
    pub(super) fn missing(
        &mut self,
        schema: &'c Map<String, Value>,
        required: &'c Value,
        value: &Node,
    ) -> Result<Vec<&'c str>, Stopped> {
        let (Some(names), Some(_)) = (required.as_array(), value.entries()) else { return Ok(Vec::new()) };
        self.budget.spend(names.len() as u64 / LOOKUPS_PER_STEP)?;
        let names = names.iter().filter_map(Value::as_str).filter(|name| value.get(name).is_none());
        let mut missing: Vec<&'c str> = names.collect();
        if self.compiler.has_write_only && !missing.is_empty() {
            let hidden = self.hidden_names(schema)?;
            missing.retain(|name| !hidden.contains(name));
        }
        Ok(missing)
    }

    /// The names of the `writeOnly` properties of a schema and of the other schemas of its `allOf`.
    fn hidden_names(&mut self, schema: &'c Map<String, Value>) -> Result<Rc<HashSet<&'c str>>, Stopped> {
        let top = self.compiler.top(schema).unwrap_or(schema);
        if let Some(known) = self.hidden.get(&address(top)) {
            return Ok(Rc::clone(known));
        }
        let found = Rc::new(self.write_only_names(top)?);
        self.hidden.insert(address(top), Rc::clone(&found));
        Ok(found)
    }

    /// The names of the properties that are `writeOnly` in the `properties` of a schema and of the parts of its `allOf`.
    fn write_only_names(&mut self, schema: &'c Map<String, Value>) -> Result<HashSet<&'c str>, Stopped> {
        let mut names = HashSet::new();
        // `allOf` may form circles.
        let mut seen = HashSet::new();
        let mut waiting = vec![schema];
        while let Some(schema) = waiting.pop() {
            self.budget.spend(1)?;
            if !seen.insert(address(schema)) {
                continue;
            }
            if let Some(properties) = schema.get("properties").and_then(Value::as_object) {
                self.budget.spend(properties.len() as u64)?;
                for (name, property) in properties {
                    let flag = self.resolve(property).and_then(|property| property.get("writeOnly"));
                    if flag == Some(&Value::Bool(true)) {
                        names.insert(name.as_str());
                    }
                }
            }
            for part in schema.get("allOf").and_then(Value::as_array).into_iter().flatten() {
                waiting.extend(self.resolve(part));
            }
        }
        Ok(names)
    }

    /// What comes next for a question. `answer_before` is the answer to what it asked last.
    fn next<'v>(
        &mut self,
        frame: &mut OpenQuestion<'c, 'v>,
        mut answer_before: Option<bool>,
    ) -> Result<NextMove<'c, 'v>, Stopped> {
        let value = frame.value;
        loop {
            let answer_before = answer_before.take();
            match &mut frame.work {
                KeywordWork::None => match frame.keywords.next() {
                    None => return Ok(NextMove::Answer(true)),
                    Some((keyword, argument)) => match self.work(frame.schema, keyword, argument, value)? {
                        Some(work) => frame.work = work,
                        // Its discriminator names no schema.
                        None => return Ok(NextMove::Answer(false)),
                    },
                },
                KeywordWork::Not(schema) => match (schema.take(), answer_before) {
                    (Some(schema), _) => return Ok(NextMove::Ask(schema, value)),
                    (None, Some(true)) => return Ok(NextMove::Answer(false)),
                    (None, _) => frame.work = KeywordWork::None,
                },
                KeywordWork::Any(schemas) => match (answer_before, schemas.next()) {
                    (Some(true), _) => frame.work = KeywordWork::None,
                    (_, Some(schema)) => return Ok(NextMove::Ask(schema, value)),
                    (_, None) => return Ok(NextMove::Answer(false)),
                },
                KeywordWork::One(schemas, one) => {
                    if answer_before == Some(true) {
                        if *one {
                            return Ok(NextMove::Answer(false));
                        }
                        *one = true;
                    }
                    match schemas.next() {
                        Some(schema) => return Ok(NextMove::Ask(schema, value)),
                        None if *one => frame.work = KeywordWork::None,
                        None => return Ok(NextMove::Answer(false)),
                    }
                }
                // Of the schemas of all other keywords each must fit.
                _ if answer_before == Some(false) => return Ok(NextMove::Answer(false)),
                work => match next_part(work, value) {
                    Some(next) => return Ok(next),
                    None => *work = KeywordWork::None,
                },
            }
        }
    }

    /// What a keyword asks of a value by other schemas; none if no value can fit.
    fn work<'v>(
        &mut self,
        schema: &'c Map<String, Value>,
        keyword: &str,
        argument: &'c Value,
        value: &'v Node,
    ) -> Result<Option<KeywordWork<'c, 'v>>, Stopped> {
        Ok(Some(match (keyword, argument, &value.value) {
            ("allOf", Value::Array(schemas), _) => KeywordWork::All(schemas.iter()),
            ("not", Value::Object(_), _) => KeywordWork::Not(Some(argument)),
            ("anyOf" | "oneOf" | "discriminator", ..) => {
                let choice =
                    self.compiler.choice(schema).filter(|choice| choice.beside.unwrap_or("discriminator") == keyword);
                match (choice.map(|choice| choice.chosen(value)), argument) {
                    (Some(Chosen::Schema(chosen)), _) => KeywordWork::Only(self.compiler.raw.get(chosen)),
                    (Some(Chosen::Missing | Chosen::Unknown(_)), _) => return Ok(None),
                    (_, Value::Array(schemas)) if keyword == "oneOf" => KeywordWork::One(schemas.iter(), false),
                    (_, Value::Array(schemas)) if keyword == "anyOf" => KeywordWork::Any(schemas.iter()),
                    _ => KeywordWork::None,
                }
            }
            ("properties", Value::Object(schemas), tree::Value::Mapping(members)) => {
                self.budget.spend(schemas.len().min(members.len()) as u64 / LOOKUPS_PER_STEP)?;
                if schemas.len() < members.len() {
                    KeywordWork::Schemas(schemas.iter())
                } else {
                    KeywordWork::Members(schemas, Members::of(value))
                }
            }
            ("additionalProperties", Value::Object(_) | Value::Bool(false), tree::Value::Mapping(members)) => {
                self.budget.spend(members.len() as u64 / LOOKUPS_PER_STEP)?;
                let named = schema.get("properties").and_then(Value::as_object);
                KeywordWork::Additional(named, argument, Members::of(value))
            }
            ("items", Value::Object(_), tree::Value::Sequence(items)) => KeywordWork::Items(argument, items.iter()),
            _ => KeywordWork::None,
        }))
    }
}

/// The next schema of a keyword whose schemas must all fit; none if all were asked.
fn next_part<'c, 'v>(work: &mut KeywordWork<'c, 'v>, value: &'v Node) -> Option<NextMove<'c, 'v>> {
    match work {
        KeywordWork::All(schemas) => schemas.next().map(|schema| NextMove::Ask(schema, value)),
        KeywordWork::Only(schema) => schema.take().map(|schema| NextMove::Ask(schema, value)),
        KeywordWork::Members(schemas, members) => {
            let known = members.find_map(|member| Some((schemas.get(&member.key)?, &member.value)));
            known.map(|(schema, member)| NextMove::Ask(schema, member))
        }
        KeywordWork::Schemas(schemas) => {
            let known = schemas.find_map(|(name, schema)| Some((schema, value.get(name)?)));
            known.map(|(schema, member)| NextMove::Ask(schema, member))
        }
        KeywordWork::Additional(named, schema, members) => {
            let is_named = |name: &str| named.is_some_and(|named| named.contains_key(name));
            members.find(|member| !is_named(&member.key)).map(|member| {
                // `false` allows no further member.
                if schema.is_object() { NextMove::Ask(schema, &member.value) } else { NextMove::Answer(false) }
            })
        }
        KeywordWork::Items(schema, items) => items.next().map(|item| NextMove::Ask(schema, item)),
        KeywordWork::None | KeywordWork::Not(_) | KeywordWork::Any(_) | KeywordWork::One(..) => None,
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
