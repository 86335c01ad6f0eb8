//! Whether a value fits a schema, in steps that are counted.
//!
//! A document may be anybody's: its schemas may refer to each other in any shape, and a body may have any shape too. So
//! nothing here calls itself: what is asked about waits on a stack of its own, which grows on the heap. What was answered
//! about a value is remembered as long as one body is judged, so schemas that ask the same in many branches cost no more
//! than one. What is left is counted ([`STEPS`]); a judgement that would take more ends, and says so.
//!
//! Schemas are read as the document has them, in the dialect of OpenAPI 3.0 (see `dialect`). Nothing is compiled but what
//! the library checks (`library`).

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::rc::Rc;

use super::compiler::{Compiler, gave_up, scalar};
use super::dialect;
use super::discriminator::Chosen;
use crate::tree::{self, Entry as Member, Node};
use serde_json::{Map, Value, map};

/// How many steps the judgement of one value may take at least. A step is one schema that is held to one value, or as much
/// work.
pub const STEPS: u64 = 1_000_000;

/// How many steps are added for each value in a body, so that a large one is judged as well as a small one.
const STEPS_PER_VALUE: u64 = 8;

/// How many names may be looked up in one step.
pub(super) const LOOKS: u64 = 8;

/// How many answers are remembered. When there are more, all are forgotten, which costs time and no memory.
const REMEMBERED: usize = 1 << 16;

/// Why a judgement ended without an answer: a sentence without a full stop.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Stopped(pub(super) String);

/// What a judgement asks: an address of a schema, and one of a value. Both stay where they are meanwhile.
type Question = (usize, usize);

/// The judgement of one value.
pub(super) struct Judge<'c> {
    pub(super) compiler: &'c Compiler,
    /// How many steps are left.
    left: u64,
    known: HashMap<Question, bool>,
    /// By the address of a `$ref`'s schema: where it leads.
    targets: HashMap<usize, &'c Value>,
    /// By the address of a schema: the names of its properties that are `writeOnly`.
    hidden: HashMap<usize, Rc<HashSet<&'c str>>>,
}

/// A schema that is being held to a value.
struct Frame<'c, 'v> {
    question: Question,
    value: &'v Node,
    schema: &'c Map<String, Value>,
    /// The keywords that are still to be looked at.
    keywords: map::Iter<'c>,
    work: Work<'c, 'v>,
    /// The lowest place on the stack of a question that was asked again within this one, and counted as answered.
    lowest: usize,
}

/// What is left to do for one keyword.
enum Work<'c, 'v> {
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
    /// Each member must fit the schema of its name; whichever of the two are fewer are gone through.
    Members(&'c Map<String, Value>, Members<'v>),
    Schemas(map::Iter<'c>),
    /// Each member whose name is not among these must fit a schema.
    Additional(Option<&'c Map<String, Value>>, &'c Value, Members<'v>),
    Items(&'c Value, std::slice::Iter<'v, Node>),
}

/// What comes next for a frame.
enum Next<'c, 'v> {
    Ask(&'c Value, &'v Node),
    Answer(bool),
}

/// What a question comes to at first sight.
enum Begun<'c, 'v> {
    Answer(bool),
    /// It is being asked already, at this place on the stack.
    Open(usize),
    Frame(Frame<'c, 'v>),
}

impl<'c> Judge<'c> {
    pub(super) fn new(compiler: &'c Compiler, value: &Node) -> Self {
        Self {
            compiler,
            left: STEPS.saturating_add(count(value).saturating_mul(STEPS_PER_VALUE)),
            known: HashMap::new(),
            targets: HashMap::new(),
            hidden: HashMap::new(),
        }
    }

    /// The same with at most so many steps.
    pub(super) fn within(mut self, most: u64) -> Self {
        self.left = self.left.min(most);
        self
    }

    /// How many steps are left.
    pub(super) fn left(&self) -> u64 {
        self.left
    }

    /// Counts work.
    pub(super) fn spend(&mut self, steps: u64) -> Result<(), Stopped> {
        if let Some(left) = self.left.checked_sub(steps) {
            self.left = left;
            return Ok(());
        }
        self.left = 0;
        Err(Stopped(format!("judging it takes more than {STEPS} steps and {STEPS_PER_VALUE} for each value in it")))
    }

    /// The schema itself, references followed; none if it is no object, which takes every value.
    pub(super) fn resolve(&mut self, schema: &'c Value) -> Option<&'c Map<String, Value>> {
        let object = schema.as_object()?;
        if !object.contains_key("$ref") {
            return Some(object);
        }
        let target = match self.targets.entry(address(object)) {
            Entry::Occupied(known) => *known.get(),
            // The reader of the document refuses references that lead nowhere.
            Entry::Vacant(unknown) => unknown.insert(self.compiler.raw.followed(schema)?),
        };
        target.as_object()
    }

    /// Whether a value fits a schema.
    pub(super) fn fits(&mut self, schema: &'c Value, value: &Node) -> Result<bool, Stopped> {
        let mut stack: Vec<Frame<'c, '_>> = Vec::new();
        let mut open: HashMap<Question, usize> = HashMap::new();
        let mut came = match self.begin(schema, value, &open)? {
            Begun::Answer(answer) => return Ok(answer),
            Begun::Open(_) => return Ok(true),
            Begun::Frame(frame) => {
                open.insert(frame.question, 0);
                stack.push(frame);
                None
            }
        };
        while let Some(frame) = stack.last_mut() {
            match self.next(frame, came.take())? {
                Next::Ask(schema, value) => match self.begin(schema, value, &open)? {
                    Begun::Answer(answer) => came = Some(answer),
                    // A schema that leads to itself without going into the value says nothing more.
                    Begun::Open(place) => {
                        frame.lowest = frame.lowest.min(place);
                        came = Some(true);
                    }
                    Begun::Frame(frame) => {
                        open.insert(frame.question, stack.len());
                        stack.push(frame);
                    }
                },
                Next::Answer(answer) => {
                    let (question, lowest) = (frame.question, frame.lowest);
                    stack.pop();
                    open.remove(&question);
                    // What counted a question above it as answered is right there alone.
                    if lowest >= stack.len() {
                        self.remember(question, answer);
                    } else if let Some(above) = stack.last_mut() {
                        above.lowest = above.lowest.min(lowest);
                    }
                    came = Some(answer);
                }
            }
        }
        Ok(came.unwrap_or(true))
    }

    fn remember(&mut self, question: Question, answer: bool) {
        if self.known.len() >= REMEMBERED {
            self.known.clear();
        }
        self.known.insert(question, answer);
    }

    /// Looks at what a schema says of the value itself, and tells whether it says more of its parts or by other schemas.
    fn begin<'v>(
        &mut self,
        schema: &'c Value,
        value: &'v Node,
        open: &HashMap<Question, usize>,
    ) -> Result<Begun<'c, 'v>, Stopped> {
        self.spend(1)?;
        let Some(schema) = self.resolve(schema) else { return Ok(Begun::Answer(true)) };
        self.spend(schema.len() as u64 / LOOKS)?;
        let mut says_more = false;
        for (keyword, held) in schema {
            says_more |= match (keyword.as_str(), held) {
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
        if says_more {
            if let Some(known) = self.known.get(&question) {
                return Ok(Begun::Answer(*known));
            }
            if let Some(place) = open.get(&question) {
                return Ok(Begun::Open(*place));
            }
        }
        if !self.holds(schema, value)? {
            if says_more {
                self.remember(question, false);
            }
            return Ok(Begun::Answer(false));
        }
        if !says_more {
            return Ok(Begun::Answer(true));
        }
        let keywords = schema.iter();
        Ok(Begun::Frame(Frame { question, value, schema, keywords, work: Work::None, lowest: usize::MAX }))
    }

    /// Whether what a schema says of the value itself holds.
    fn holds(&mut self, schema: &'c Map<String, Value>, value: &Node) -> Result<bool, Stopped> {
        let mut by_library = false;
        for (keyword, held) in schema {
            let holds = match keyword.as_str() {
                "type" => dialect::has_type(schema, held, value),
                "enum" => dialect::is_listed(self, schema, held, value)?,
                "format" => dialect::has_format(self, held, value)?,
                "required" => self.missing(schema, held, value)?.is_empty(),
                "uniqueItems" => dialect::doubled(self, held, value)?.is_none(),
                keyword if dialect::is_count(keyword) => dialect::wrong_count(keyword, held, value).is_none(),
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
        let library = compiler.library(self, schema, value)?;
        if library.is_valid(&scalar) {
            return Ok(true);
        }
        // An engine that gave up has not refused anything.
        match library.iter_errors(&scalar).find(gave_up) {
            Some(_) => Err(Stopped("matching its `pattern` takes too many turns".to_owned())),
            None => Ok(false),
        }
    }

    /// The required properties that an object lacks: those that are `writeOnly` may be missing.
    pub(super) fn missing(
        &mut self,
        schema: &'c Map<String, Value>,
        required: &'c Value,
        value: &Node,
    ) -> Result<Vec<&'c str>, Stopped> {
        let (Some(names), Some(_)) = (required.as_array(), value.entries()) else { return Ok(Vec::new()) };
        self.spend(names.len() as u64 / LOOKS)?;
        let names = names.iter().filter_map(Value::as_str).filter(|name| value.get(name).is_none());
        let mut missing: Vec<&'c str> = names.collect();
        if self.compiler.has_write_only && !missing.is_empty() {
            let hidden = self.hidden_names(schema)?;
            missing.retain(|name| !hidden.contains(name));
        }
        Ok(missing)
    }

    /// The names of properties that are `writeOnly` by a schema and what stands beside it in an `allOf`.
    fn hidden_names(&mut self, schema: &'c Map<String, Value>) -> Result<Rc<HashSet<&'c str>>, Stopped> {
        let top = self.compiler.top(schema).unwrap_or(schema);
        if let Some(known) = self.hidden.get(&address(top)) {
            return Ok(Rc::clone(known));
        }
        let found = Rc::new(dialect::hidden(self, top)?);
        self.hidden.insert(address(top), Rc::clone(&found));
        Ok(found)
    }

    /// What comes next for a frame. `came` is the answer to what it asked last.
    fn next<'v>(&mut self, frame: &mut Frame<'c, 'v>, mut came: Option<bool>) -> Result<Next<'c, 'v>, Stopped> {
        let value = frame.value;
        loop {
            let came = came.take();
            match &mut frame.work {
                Work::None => match frame.keywords.next() {
                    None => return Ok(Next::Answer(true)),
                    Some((keyword, held)) => match self.work(frame.schema, keyword, held, value)? {
                        Some(work) => frame.work = work,
                        // What it names is no schema here.
                        None => return Ok(Next::Answer(false)),
                    },
                },
                Work::Not(schema) => match (schema.take(), came) {
                    (Some(schema), _) => return Ok(Next::Ask(schema, value)),
                    (None, Some(true)) => return Ok(Next::Answer(false)),
                    (None, _) => frame.work = Work::None,
                },
                Work::Any(schemas) => match (came, schemas.next()) {
                    (Some(true), _) => frame.work = Work::None,
                    (_, Some(schema)) => return Ok(Next::Ask(schema, value)),
                    (_, None) => return Ok(Next::Answer(false)),
                },
                Work::One(schemas, one) => {
                    if came == Some(true) {
                        if *one {
                            return Ok(Next::Answer(false));
                        }
                        *one = true;
                    }
                    match schemas.next() {
                        Some(schema) => return Ok(Next::Ask(schema, value)),
                        None if *one => frame.work = Work::None,
                        None => return Ok(Next::Answer(false)),
                    }
                }
                // Of all others each must fit.
                _ if came == Some(false) => return Ok(Next::Answer(false)),
                Work::All(schemas) => match schemas.next() {
                    Some(schema) => return Ok(Next::Ask(schema, value)),
                    None => frame.work = Work::None,
                },
                Work::Only(schema) => match schema.take() {
                    Some(schema) => return Ok(Next::Ask(schema, value)),
                    None => frame.work = Work::None,
                },
                Work::Members(schemas, members) => {
                    match members.find_map(|member| Some((schemas.get(&member.key)?, &member.value))) {
                        Some((schema, member)) => return Ok(Next::Ask(schema, member)),
                        None => frame.work = Work::None,
                    }
                }
                Work::Schemas(schemas) => match schemas.find_map(|(name, schema)| Some((schema, value.get(name)?))) {
                    Some((schema, member)) => return Ok(Next::Ask(schema, member)),
                    None => frame.work = Work::None,
                },
                Work::Additional(named, schema, members) => {
                    let is_named = |name: &str| named.is_some_and(|named| named.contains_key(name));
                    match members.find(|member| !is_named(&member.key)) {
                        // `false`, which takes nothing.
                        Some(_) if !schema.is_object() => return Ok(Next::Answer(false)),
                        Some(member) => return Ok(Next::Ask(schema, &member.value)),
                        None => frame.work = Work::None,
                    }
                }
                Work::Items(schema, items) => match items.next() {
                    Some(item) => return Ok(Next::Ask(schema, item)),
                    None => frame.work = Work::None,
                },
            }
        }
    }

    /// What a keyword asks of a value by other schemas; none if nothing can fit it.
    fn work<'v>(
        &mut self,
        schema: &'c Map<String, Value>,
        keyword: &str,
        held: &'c Value,
        value: &'v Node,
    ) -> Result<Option<Work<'c, 'v>>, Stopped> {
        Ok(Some(match (keyword, held, &value.value) {
            ("allOf", Value::Array(schemas), _) => Work::All(schemas.iter()),
            ("not", Value::Object(_), _) => Work::Not(Some(held)),
            ("anyOf" | "oneOf" | "discriminator", ..) => {
                let choice =
                    self.compiler.choice(schema).filter(|choice| choice.beside.unwrap_or("discriminator") == keyword);
                match (choice.map(|choice| choice.chosen(value)), held) {
                    (Some(Chosen::Schema(chosen)), _) => Work::Only(self.compiler.raw.get(chosen)),
                    (Some(Chosen::Missing | Chosen::Unknown(_)), _) => return Ok(None),
                    (_, Value::Array(schemas)) if keyword == "oneOf" => Work::One(schemas.iter(), false),
                    (_, Value::Array(schemas)) if keyword == "anyOf" => Work::Any(schemas.iter()),
                    _ => Work::None,
                }
            }
            ("properties", Value::Object(schemas), tree::Value::Mapping(members)) => {
                self.spend(schemas.len().min(members.len()) as u64 / LOOKS)?;
                if schemas.len() < members.len() {
                    Work::Schemas(schemas.iter())
                } else {
                    Work::Members(schemas, Members::of(value))
                }
            }
            ("additionalProperties", Value::Object(_) | Value::Bool(false), tree::Value::Mapping(members)) => {
                self.spend(members.len() as u64 / LOOKS)?;
                let named = schema.get("properties").and_then(Value::as_object);
                Work::Additional(named, held, Members::of(value))
            }
            ("items", Value::Object(_), tree::Value::Sequence(items)) => Work::Items(held, items.iter()),
            _ => Work::None,
        }))
    }
}

/// The identity of a schema as long as its document lives.
pub(super) fn address(schema: &Map<String, Value>) -> usize {
    std::ptr::from_ref(schema) as usize
}

/// How many values there are in a value, itself included. Readers of bodies and documents keep its depth in bounds.
pub(super) fn count(value: &Node) -> u64 {
    match &value.value {
        tree::Value::Sequence(items) => 1 + items.iter().map(count).sum::<u64>(),
        tree::Value::Mapping(members) => 1 + members.iter().map(|member| count(&member.value)).sum::<u64>(),
        _ => 1,
    }
}

/// The members of an object. Of several with one name the last counts, as for most readers.
pub(super) struct Members<'v> {
    object: &'v Node,
    members: std::slice::Iter<'v, Member>,
}

impl<'v> Members<'v> {
    pub(super) fn of(object: &'v Node) -> Self {
        Self { object, members: object.entries().unwrap_or_default().iter() }
    }
}

impl<'v> Iterator for Members<'v> {
    type Item = &'v Member;

    fn next(&mut self) -> Option<&'v Member> {
        let object = self.object;
        self.members.find(|member| object.entry(&member.key).is_some_and(|last| std::ptr::eq(last, *member)))
    }
}

#[cfg(test)]
#[path = "judge_tests.rs"]
mod tests;
