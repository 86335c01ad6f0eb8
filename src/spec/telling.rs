//! What is wrong with a value that does not fit a schema: which keyword of the document each part of it breaks.
//!
//! The way down is that of the judgement (`judge`), along what does not fit. It is kept on a stack of its own too. Where
//! schemas are combined, it is told of each why the value does not fit it, in one short sentence (`branches`).

use std::collections::HashSet;
use std::rc::Rc;
use std::sync::Arc;

use serde_json::{Map, Value, map};

use super::branches::{self, Site};
use super::compiler::scalar;
use super::discriminator::{Choice, Chosen};
use super::judge::{Judge, Members, Stopped, address};
use super::raw::escape;
use super::{Violation, dialect};
use crate::tree::{self, Node};

/// How many violations of one value are told.
pub const MAX_VIOLATIONS: usize = 100;

/// How many digits of a number are told.
const DIGITS: usize = 60;

/// How many names that may not be there are told.
const NAMES: usize = 5;

/// A place in a value or a document, from the whole down.
#[derive(Clone)]
pub(super) struct Way(Option<Rc<Step>>);

struct Step {
    above: Way,
    to: To,
}

enum To {
    /// A pointer from the root.
    Pointer(Arc<str>),
    Key(String),
    Index(usize),
}

impl Way {
    /// The place of a pointer.
    pub(super) fn from(pointer: &str) -> Self {
        Self(Some(Rc::new(Step { above: Self(None), to: To::Pointer(pointer.into()) })))
    }

    pub(super) fn key(&self, key: &str) -> Self {
        Self(Some(Rc::new(Step { above: self.clone(), to: To::Key(escape(key)) })))
    }

    pub(super) fn index(&self, index: usize) -> Self {
        Self(Some(Rc::new(Step { above: self.clone(), to: To::Index(index) })))
    }

    /// The pointer.
    pub(super) fn pointer(&self) -> String {
        let mut steps = Vec::new();
        let mut way = self;
        while let Some(step) = &way.0 {
            steps.push(&step.to);
            way = &step.above;
        }
        let mut pointer = String::new();
        for step in steps.into_iter().rev() {
            match step {
                To::Pointer(all) => pointer.push_str(all),
                To::Key(key) => {
                    pointer.push('/');
                    pointer.push_str(key);
                }
                To::Index(index) => {
                    pointer.push('/');
                    pointer.push_str(&index.to_string());
                }
            }
        }
        pointer
    }
}

/// A schema that a value does not fit.
pub(super) struct Misfit<'c, 'v> {
    pub(super) schema: &'c Value,
    /// Where the schema stands, before references are followed.
    pub(super) way: Way,
    pub(super) value: &'v Node,
    pub(super) at: Way,
}

/// What is told of one value.
pub(super) struct Telling<'c, 'j> {
    judge: &'j mut Judge<'c>,
    /// Whether it is told why a value fits none of several schemas; not within the telling of just that.
    brief: bool,
    seen: HashSet<(usize, usize)>,
    pub(super) violations: Vec<Violation>,
}

/// A misfit on the way down.
struct Frame<'c, 'v> {
    schema: &'c Map<String, Value>,
    way: Way,
    value: &'v Node,
    at: Way,
    keywords: map::Iter<'c>,
    parts: Parts<'c, 'v>,
}

/// The parts of one keyword that are still to be looked at.
enum Parts<'c, 'v> {
    None,
    One(Option<(&'c Value, Way)>),
    All(&'c [Value], usize),
    Properties(&'c Map<String, Value>, Members<'v>),
    Additional(Option<&'c Map<String, Value>>, &'c Value, Members<'v>),
    Items(&'c Value, &'v [Node], usize),
}

impl<'c, 'v> Frame<'c, 'v> {
    /// The next part that a keyword holds a schema to.
    fn next_part(&mut self) -> Option<Misfit<'c, 'v>> {
        let (value, at) = (self.value, &self.at);
        let part = match &mut self.parts {
            Parts::None => None,
            Parts::One(one) => one.take().map(|(schema, way)| Misfit { schema, way, value, at: at.clone() }),
            Parts::All(schemas, index) => schemas.get(*index).map(|schema| {
                *index += 1;
                let way = self.way.key("allOf").index(*index - 1);
                Misfit { schema, way, value, at: at.clone() }
            }),
            Parts::Properties(schemas, members) => {
                let found = members.find_map(|member| Some((schemas.get(&member.key)?, member)));
                found.map(|(schema, member)| Misfit {
                    schema,
                    way: self.way.key("properties").key(&member.key),
                    value: &member.value,
                    at: at.key(&member.key),
                })
            }
            Parts::Additional(named, schema, members) => {
                let is_named = |name: &str| named.is_some_and(|named| named.contains_key(name));
                members.find(|member| !is_named(&member.key)).map(|member| Misfit {
                    schema,
                    way: self.way.key("additionalProperties"),
                    value: &member.value,
                    at: at.key(&member.key),
                })
            }
            Parts::Items(schema, items, index) => items.get(*index).map(|value| {
                *index += 1;
                Misfit { schema, way: self.way.key("items"), value, at: at.index(*index - 1) }
            }),
        };
        if part.is_none() {
            self.parts = Parts::None;
        }
        part
    }
}

impl<'c, 'j> Telling<'c, 'j> {
    pub(super) fn new(judge: &'j mut Judge<'c>) -> Self {
        Self { judge, brief: false, seen: HashSet::new(), violations: Vec::new() }
    }

    /// Adds every way in which a value breaks a schema, up to [`MAX_VIOLATIONS`] in all.
    pub(super) fn tell<'v>(&mut self, misfit: Misfit<'c, 'v>) -> Result<(), Stopped> {
        let mut stack = Vec::new();
        self.enter(misfit, &mut stack)?;
        while let Some(frame) = stack.last_mut() {
            if self.violations.len() >= MAX_VIOLATIONS {
                break;
            }
            if let Some(part) = frame.next_part() {
                if !self.judge.fits(part.schema, part.value)? {
                    self.enter(part, &mut stack)?;
                }
            } else if let Some((keyword, held)) = frame.keywords.next() {
                self.parts(frame, keyword, held)?;
            } else {
                self.itself(frame)?;
                stack.pop();
            }
        }
        Ok(())
    }

    fn enter<'v>(&mut self, misfit: Misfit<'c, 'v>, stack: &mut Vec<Frame<'c, 'v>>) -> Result<(), Stopped> {
        self.judge.spend(1)?;
        let Some(schema) = self.judge.resolve(misfit.schema) else { return Ok(()) };
        // Schemas that refer to each other come here again, with what was told already.
        if !self.seen.insert((address(schema), std::ptr::from_ref(misfit.value) as usize)) {
            return Ok(());
        }
        let way = match self.judge.compiler.raw.led_to(misfit.schema) {
            Some(pointer) => Way::from(&pointer),
            None => misfit.way,
        };
        let Misfit { value, at, .. } = misfit;
        stack.push(Frame { schema, way, value, at, keywords: schema.iter(), parts: Parts::None });
        Ok(())
    }

    /// Sets out the parts that a keyword is about. What is wrong with them is told before what is wrong with the whole.
    fn parts(&mut self, frame: &mut Frame<'c, '_>, keyword: &'c str, held: &'c Value) -> Result<(), Stopped> {
        let named = || frame.schema.get("properties").and_then(Value::as_object);
        frame.parts = match (keyword, held, &frame.value.value) {
            ("allOf", Value::Array(schemas), _) => Parts::All(schemas, 0),
            ("anyOf" | "oneOf" | "discriminator", ..) => return self.combined(frame, keyword, held),
            ("properties", Value::Object(schemas), tree::Value::Mapping(_)) => {
                Parts::Properties(schemas, Members::of(frame.value))
            }
            ("additionalProperties", Value::Object(_), tree::Value::Mapping(_)) => {
                Parts::Additional(named(), held, Members::of(frame.value))
            }
            ("items", Value::Object(_), tree::Value::Sequence(items)) => Parts::Items(held, items, 0),
            _ => Parts::None,
        };
        Ok(())
    }

    /// Tells what is wrong with the value itself.
    fn itself(&mut self, frame: &Frame<'c, '_>) -> Result<(), Stopped> {
        let (schema, value) = (frame.schema, frame.value);
        let mut by_library = false;
        for (keyword, held) in schema {
            match (keyword.as_str(), held, &value.value) {
                ("type", ..) if !dialect::has_type(schema, held, value) => {
                    self.own(frame, keyword, dialect::wrong_type(schema, held, value));
                }
                ("enum", ..) if !dialect::is_listed(self.judge, schema, held, value)? => {
                    self.own(frame, keyword, dialect::not_listed(held, value));
                }
                ("format", ..) if !dialect::has_format(self.judge, held, value)? => {
                    self.own(frame, keyword, dialect::wrong_format(held, value));
                }
                ("required", ..) => {
                    for name in self.judge.missing(schema, held, value)?.into_iter().take(MAX_VIOLATIONS) {
                        self.own(frame, keyword, dialect::lacks(name));
                    }
                }
                ("not", Value::Object(_), _) if self.judge.fits(held, value)? => {
                    let message = "it fits the schema of `not`, and must not".to_owned();
                    self.tell_of(frame, keyword, keyword, message, usize::MAX);
                }
                ("additionalProperties", Value::Bool(false), tree::Value::Mapping(_)) => {
                    let named = schema.get("properties").and_then(Value::as_object);
                    let is_named = |name: &str| named.is_some_and(|named| named.contains_key(name));
                    let all = Members::of(value).map(|member| member.key.as_str());
                    let unexpected: Vec<&str> = all.filter(|name| !is_named(name)).collect();
                    if !unexpected.is_empty() {
                        self.own(frame, keyword, not_allowed(&unexpected));
                    }
                }
                (keyword, ..) if let Some(message) = dialect::wrong_count(keyword, held, value) => {
                    self.own(frame, keyword, message);
                }
                ("uniqueItems", ..) if let Some((first, second)) = dialect::doubled(self.judge, held, value)? => {
                    let message = format!("its elements {first} and {second} are the same, and must not be");
                    self.tell_of(frame, keyword, keyword, message, usize::MAX);
                }
                (keyword, ..) if dialect::is_of_library(keyword) && !by_library => {
                    by_library = true;
                    self.by_library(frame)?;
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn by_library(&mut self, frame: &Frame<'c, '_>) -> Result<(), Stopped> {
        let compiler = self.judge.compiler;
        let validator = compiler.library(self.judge, frame.schema, frame.value)?;
        let Some(value) = scalar(frame.value) else { return Ok(()) };
        for error in validator.iter_errors(&value) {
            let keyword = error.schema_path().as_str().trim_start_matches('/').to_owned();
            let message = match digits(frame.value) {
                Some(digits) => error.masked_with(digits).to_string(),
                None if dialect::is_short(frame.value) => error.to_string(),
                // A large value is not repeated.
                None => error.masked_with("the value").to_string(),
            };
            let depth = levels(&frame.at.pointer());
            self.tell_of(frame, &keyword, error.kind().keyword(), message, depth);
        }
        Ok(())
    }

    /// Tells what is wrong by one of our own keywords.
    fn own(&mut self, frame: &Frame<'c, '_>, keyword: &str, message: String) {
        let instance = frame.at.pointer();
        let message = match digits(frame.value) {
            Some(digits) => message.replacen(&frame.value.to_json().to_string(), &digits, 1),
            None => message,
        };
        let depth = levels(&instance);
        self.tell_of(frame, keyword, keyword, message, depth);
    }

    fn tell_of(&mut self, frame: &Frame<'c, '_>, place: &str, keyword: &str, message: String, depth: usize) {
        let violation = Violation {
            instance: frame.at.pointer(),
            anchor: self.judge.compiler.raw.anchor(&format!("{}/{place}", frame.way.pointer())),
            keyword: keyword.to_owned(),
            message,
            depth,
        };
        self.once(violation);
    }

    /// Tells something, once: parts of an `allOf` may say the same.
    fn once(&mut self, violation: Violation) {
        if self.violations.len() < MAX_VIOLATIONS && !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
    }

    /// Tells what is wrong with a value where schemas are combined.
    fn combined(&mut self, frame: &mut Frame<'c, '_>, keyword: &'c str, held: &'c Value) -> Result<(), Stopped> {
        let compiler = self.judge.compiler;
        let choice: Option<&Choice> =
            compiler.choice(frame.schema).filter(|choice| choice.beside.unwrap_or("discriminator") == keyword);
        match choice.map(|choice| (choice, choice.chosen(frame.value))) {
            Some((_, Chosen::Schema(chosen))) => {
                let schema = compiler.raw.get(chosen);
                frame.parts = Parts::One(schema.map(|schema| (schema, Way::from(chosen))));
                return Ok(());
            }
            Some((choice, chosen @ (Chosen::Missing | Chosen::Unknown(_)))) => {
                let (below, message) = choice.names_none(&chosen);
                let at = frame.at.pointer();
                self.once(Violation {
                    depth: levels(&at) + 1,
                    instance: at + &below,
                    anchor: compiler.raw.anchor(&format!("{}/discriminator", frame.way.pointer())),
                    keyword: "discriminator".to_owned(),
                    message,
                });
                return Ok(());
            }
            Some((_, Chosen::NoObject)) | None => {}
        }
        let Value::Array(schemas) = held else { return Ok(()) };
        let mut fitting = 0;
        for schema in schemas {
            if self.judge.fits(schema, frame.value)? {
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
            let site = Site { way: frame.way.key(keyword), keyword, schemas };
            let wrong = self.wrong(&site, frame)?;
            // Each schema is refused by what rests on the fewest levels; one that is not could still be.
            let refused = |wrong: &Vec<Violation>| wrong.iter().map(|it| it.depth).min().unwrap_or(usize::MAX);
            let depth = wrong.iter().map(refused).max().unwrap_or(usize::MAX);
            (branches::why(&site, &wrong), depth)
        };
        self.tell_of(frame, keyword, keyword, message, depth);
        Ok(())
    }

    /// What is wrong with a value in each of the schemas at a site.
    fn wrong(&mut self, site: &Site<'c>, frame: &Frame<'c, '_>) -> Result<Vec<Vec<Violation>>, Stopped> {
        let mut wrong = Vec::new();
        for (index, schema) in site.schemas.iter().enumerate() {
            if self.judge.fits(schema, frame.value)? {
                wrong.push(Vec::new());
                continue;
            }
            let mut telling = Telling { brief: true, ..Telling::new(&mut *self.judge) };
            let way = site.way.index(index);
            telling.tell(Misfit { schema, way, value: frame.value, at: frame.at.clone() })?;
            wrong.push(telling.violations);
        }
        Ok(wrong)
    }
}

/// What is wrong with an object that has properties which no schema allows.
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

/// A name, cut where it is long.
fn cut(name: &str) -> String {
    match name.char_indices().nth(DIGITS) {
        Some((end, _)) => format!("{}…", &name[..end]),
        None => name.to_owned(),
    }
}

/// The digits of a number, where they are lost in the value that is judged.
fn digits(value: &Node) -> Option<String> {
    match &value.value {
        tree::Value::Number(number) if !number.is_kept() => Some(match number.0.get(..DIGITS) {
            Some(first) if first.len() < number.0.len() => format!("{first}…"),
            _ => number.0.to_string(),
        }),
        _ => None,
    }
}

/// How many levels of a value a place in it lies below.
fn levels(instance: &str) -> usize {
    instance.matches('/').count()
}
