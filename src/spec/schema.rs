//! Schemas: what operations reach, checked when the document is read, compiled once each when first needed.

use std::collections::{BTreeSet, HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Registry, ValidationError, Validator};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Map, Value, json};

use super::combined::{Asked, Judgement, Site};
use super::discriminator::{Choice, Chosen};
use super::raw::Raw;
use super::{Remark, Violation, branches, dialect, noted, walk, write_only};
use crate::location::{Anchor, InputError, InputErrors, Pointer};
use crate::tree::{self, Node};

/// The name under which the document is known to the schema compiler.
const DOCUMENT: &str = "conformant:/document";

/// How many violations of one value are told.
pub const MAX_VIOLATIONS: usize = 100;

/// How many digits of a number are told.
const DIGITS: usize = 60;

/// What must be escaped in a pointer to make it a URI fragment (RFC 3986 §3.5); the letters of a pointer stay readable.
const FRAGMENT: &AsciiSet = &CONTROLS
    .add(b' ')
    .add(b'"')
    .add(b'#')
    .add(b'%')
    .add(b'<')
    .add(b'>')
    .add(b'[')
    .add(b'\\')
    .add(b']')
    .add(b'^')
    .add(b'`')
    .add(b'{')
    .add(b'|')
    .add(b'}');

/// A schema of the document. It is compiled once, when it is first asked.
pub struct Schema {
    /// Where the schema itself stands, references followed.
    pub anchor: Anchor,
    compiler: Late,
    validator: OnceLock<Compiled>,
}

/// The compiler of a document, which is there once all of it was read.
type Late = Arc<OnceLock<Arc<Compiler>>>;

/// A validator, or why there is none.
type Compiled = Arc<Result<Validator, String>>;

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", self.anchor.pointer)
    }
}

impl Schema {
    /// Every way in which a response value breaks the schema (the first 100 of them); empty if it does not.
    ///
    /// The schema is read in the dialect of OpenAPI 3.0 (specification 3.0.3 §4.7.24): JSON Schema Draft 4 with
    /// `nullable`, without `$ref` siblings, where `1.0` is an integer, formats are checked if they are known, a property
    /// that is `writeOnly` is not required, and a `discriminator` chooses the schema. With `nullable: true`, `enum` need
    /// not list null.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        self.told(value, None)
    }

    /// The same of a value as it was read: what is said of a number has its digits as they were sent.
    pub fn violations_of(&self, root: &Node) -> Vec<Violation> {
        self.told(&root.to_json(), Some(root))
    }

    fn told(&self, value: &Value, sent: Option<&Node>) -> Vec<Violation> {
        let Some(compiler) = self.compiler.get() else { return Vec::new() };
        let validator = self.validator.get_or_init(|| compiler.validator(&self.anchor.pointer));
        let _judgement = Judgement::begin();
        let mut told = Told { sent, ..Told::default() };
        compiler.collect((validator, &self.anchor.pointer), value, "", &mut told);
        told.violations
    }

    /// The properties of a response value that are `writeOnly`, which a response should not have: where they stand in
    /// the value, and where the document says so (the first 100 of them).
    pub fn write_only(&self, value: &Value) -> Vec<(String, Anchor)> {
        match self.compiler.get() {
            Some(compiler) if compiler.has_write_only => {
                let _judgement = Judgement::begin();
                write_only::find(compiler, &self.anchor.pointer, value)
            }
            _ => Vec::new(),
        }
    }

    /// The same of a value as it was read.
    pub fn write_only_of(&self, root: &Node) -> Vec<(String, Anchor)> {
        match self.compiler.get() {
            Some(compiler) if compiler.has_write_only => self.write_only(&root.to_json()),
            _ => Vec::new(),
        }
    }
}

/// What is told of one value.
#[derive(Default)]
struct Told<'n> {
    violations: Vec<Violation>,
    /// The sites that were looked into, for which values.
    sites: HashSet<(usize, *const Value)>,
    /// Whether it is told why a value fits none of the schemas at a site; not within the telling of just that.
    brief: bool,
    /// The whole value, as it was read.
    sent: Option<&'n Node>,
}

impl Told<'_> {
    /// The digits of a number at a place, where they are lost in the value that is judged.
    fn digits(&self, instance: &str) -> Option<String> {
        let segments: Vec<String> = Pointer::parse(instance)?.segments().collect();
        match &self.sent?.at(segments.iter().map(String::as_str))?.value {
            tree::Value::Number(number) if !number.is_kept() => Some(match number.0.get(..DIGITS) {
                Some(first) if first.len() < number.0.len() => format!("{first}…"),
                _ => number.0.clone(),
            }),
            _ => None,
        }
    }

    /// Tells something, once: parts of an `allOf` may say the same.
    fn tell(&mut self, violation: Violation) {
        if self.violations.len() < MAX_VIOLATIONS && !self.violations.contains(&violation) {
            self.violations.push(violation);
        }
    }
}

/// Compiles schemas of one document.
pub(super) struct Compiler {
    pub(super) raw: Raw,
    registry: Registry<'static>,
    /// Where schemas are combined.
    pub(super) sites: Vec<Site>,
    /// The same by pointer.
    by_pointer: HashMap<String, usize>,
    /// Whether anything that operations reach is `writeOnly`.
    has_write_only: bool,
    compiled: Mutex<HashMap<String, Compiled>>,
}

impl Compiler {
    /// The validator of the schema at a pointer, compiled once.
    fn validator(self: &Arc<Self>, pointer: &str) -> Compiled {
        let known = || self.compiled.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(compiled) = known().get(pointer) {
            return Arc::clone(compiled);
        }
        let compiled = match self.raw.follow(pointer) {
            // Whatever refers to one schema shares what it was compiled to.
            Ok(found) if found.pointer != pointer => self.validator(&found.pointer),
            _ => Arc::new(
                self.build(&reference(pointer)).map_err(|error| format!("the schema cannot be compiled: {error}")),
            ),
        };
        Arc::clone(known().entry(pointer.to_owned()).or_insert(compiled))
    }

    fn build(self: &Arc<Self>, schema: &Value) -> Result<Validator, Box<ValidationError<'static>>> {
        let options = jsonschema::options().with_draft(Draft::Draft4).with_registry(&self.registry).offline();
        dialect::apply(options, &self.raw.value, &Arc::downgrade(self)).build(schema).map_err(Box::new)
    }

    /// Whether a value fits the schema at a pointer.
    pub(super) fn fits(self: &Arc<Self>, pointer: &str, value: &Value) -> bool {
        self.validator(pointer).as_ref().as_ref().is_ok_and(|validator| validator.is_valid(value))
    }

    /// The site whose keyword stands at a pointer.
    pub(super) fn site(&self, keyword: &str) -> Option<usize> {
        self.by_pointer.get(keyword).copied()
    }

    /// Adds every way in which the value at a place breaks a schema.
    fn collect(
        self: &Arc<Self>,
        (validator, pointer): (&Compiled, &str),
        value: &Value,
        at: &str,
        told: &mut Told<'_>,
    ) {
        let validator = match validator.as_ref() {
            Ok(validator) => validator,
            Err(message) => {
                return told.tell(Violation {
                    instance: at.to_owned(),
                    anchor: self.raw.anchor(pointer),
                    keyword: "$ref".to_owned(),
                    message: message.clone(),
                    depth: 0,
                });
            }
        };
        if validator.is_valid(value) {
            return;
        }
        let (others, notes) = noted::during(|| {
            let errors = validator.iter_errors(value).take(MAX_VIOLATIONS);
            errors.map(|error| self.violation(&error, at, told)).collect::<Vec<_>>()
        });
        for (note, value, place) in noted::placed(value, notes) {
            let instance = format!("{at}{place}");
            if let Some(site) = self.site(&note.keyword) {
                self.collect_site(site, value, &instance, told);
                continue;
            }
            for message in note.messages {
                let message = match told.digits(&instance) {
                    Some(digits) => message.replacen(&value.to_string(), &digits, 1),
                    None => message,
                };
                told.tell(Violation {
                    depth: levels(&instance),
                    instance: instance.clone(),
                    anchor: self.raw.anchor(&note.keyword),
                    keyword: note.keyword.rsplit('/').next().unwrap_or_default().to_owned(),
                    message,
                });
            }
        }
        for violation in others {
            told.tell(violation);
        }
    }

    fn violation(&self, error: &ValidationError<'_>, at: &str, told: &Told<'_>) -> Violation {
        let instance = format!("{at}{}", error.instance_path().as_str());
        let depth = match error.kind() {
            ValidationErrorKind::Not { .. } | ValidationErrorKind::UniqueItems => usize::MAX,
            _ => levels(&instance),
        };
        let digits = told.digits(&instance).filter(|_| error.instance().is_number());
        let message = match digits {
            Some(digits) => error.masked_with(digits).to_string(),
            None if dialect::is_short(error.instance()) => error.to_string(),
            // A large value is not repeated.
            None => error.masked_with("the value").to_string(),
        };
        let anchor = self.raw.anchor(error.schema_path().as_str());
        Violation { instance, anchor, keyword: error.kind().keyword().to_owned(), message, depth }
    }

    /// Adds what is wrong with a value where schemas are combined.
    fn collect_site(self: &Arc<Self>, index: usize, value: &Value, at: &str, told: &mut Told<'_>) {
        // Schemas that refer to each other come here again, with what was told already.
        if !told.sites.insert((index, std::ptr::from_ref(value))) {
            return;
        }
        let Some(_asked) = Asked::begin(index, value) else { return };
        let site = &self.sites[index];
        let chosen = site.choice.as_ref().map(|choice| (choice, choice.chosen(value)));
        match chosen {
            Some((_, Chosen::Schema(chosen))) => self.collect((&self.validator(chosen), chosen), value, at, told),
            Some((choice, chosen @ (Chosen::Missing | Chosen::Unknown(_)))) => {
                let (below, message) = choice.names_none(&chosen);
                let schema = site.pointer.rsplit_once('/').map_or("", |(schema, _)| schema);
                told.tell(Violation {
                    instance: format!("{at}{below}"),
                    anchor: self.raw.anchor(&format!("{schema}/discriminator")),
                    keyword: "discriminator".to_owned(),
                    message,
                    depth: levels(at) + 1,
                });
            }
            Some((_, Chosen::NoObject)) | None => {
                let (message, depth) = if told.brief {
                    (format!("it does not fit `{}`", site.keyword()), usize::MAX)
                } else {
                    let wrong = self.wrong(site, value, at, told.sent);
                    // Each schema is refused by what rests on the fewest levels; one that is not could still be.
                    let refused = |wrong: &Vec<Violation>| wrong.iter().map(|it| it.depth).min().unwrap_or(usize::MAX);
                    let depth = wrong.iter().map(refused).max().unwrap_or(usize::MAX);
                    (branches::why(&self.raw, site, &wrong), depth)
                };
                told.tell(Violation {
                    instance: at.to_owned(),
                    anchor: self.raw.anchor(&site.pointer),
                    keyword: site.keyword().to_owned(),
                    message,
                    depth,
                });
            }
        }
    }

    /// What is wrong with a value in each of the schemas at a site.
    fn wrong(self: &Arc<Self>, site: &Site, value: &Value, at: &str, sent: Option<&Node>) -> Vec<Vec<Violation>> {
        let of_schema = |schema: String| {
            let mut told = Told { brief: true, sent, ..Told::default() };
            self.collect((&self.validator(&schema), &schema), value, at, &mut told);
            told.violations
        };
        site.schemas().map(of_schema).collect()
    }
}

/// How many levels of a value a place in it lies below.
fn levels(instance: &str) -> usize {
    instance.matches('/').count()
}

fn reference(pointer: &str) -> Value {
    json!({"$ref": format!("{DOCUMENT}#{}", utf8_percent_encode(pointer, FRAGMENT))})
}

/// The schemas that operations reach, each once.
pub(super) struct Schemas {
    raw: Raw,
    compiler: Late,
    known: HashMap<String, Arc<Schema>>,
    /// In the order in which they were first reached.
    order: Vec<String>,
}

impl Schemas {
    pub(super) fn new(raw: Raw) -> Self {
        Self { raw, compiler: Late::default(), known: HashMap::new(), order: Vec::new() }
    }

    /// The schema at a pointer that is no reference.
    pub(super) fn schema(&mut self, pointer: &str) -> Arc<Schema> {
        if let Some(schema) = self.known.get(pointer) {
            return Arc::clone(schema);
        }
        let compiler = Arc::clone(&self.compiler);
        let schema = Arc::new(Schema { anchor: self.raw.anchor(pointer), compiler, validator: OnceLock::new() });
        self.order.push(pointer.to_owned());
        self.known.insert(pointer.to_owned(), Arc::clone(&schema));
        schema
    }

    /// Checks everything that the schemas reach: references lead somewhere, and every keyword can be compiled. All
    /// are compiled in one go, in which what they share is compiled once.
    pub(super) fn finish(&mut self) -> Result<Vec<Remark>, InputErrors> {
        if self.order.is_empty() {
            return Ok(Vec::new());
        }
        let walked = walk::all(&self.raw, &self.order)?;
        let registry = Registry::new()
            .draft(Draft::Draft4)
            .add(DOCUMENT, Arc::clone(&self.raw.value))
            .and_then(jsonschema::RegistryBuilder::prepare)
            .map_err(|error| {
                InputError::at(self.raw.place(""), format!("the schemas of the document cannot be read: {error}"))
                    .help("Look for schemas with an `id` or `$schema`, which OpenAPI 3.0 does not have.")
            })?;
        let combined = walked.sites.iter().flat_map(|site| {
            let chosen = site.choice.iter().flat_map(Choice::schemas).map(ToOwned::to_owned);
            site.schemas().chain(chosen)
        });
        let all: BTreeSet<String> = self.order.iter().cloned().chain(combined).collect();
        let all: Map<String, Value> = all.iter().map(|pointer| (pointer.clone(), reference(pointer))).collect();
        let by_pointer = walked.sites.iter().enumerate().map(|(index, site)| (site.pointer.clone(), index));
        let compiler = Arc::new(Compiler {
            raw: self.raw.clone(),
            registry,
            by_pointer: by_pointer.collect(),
            sites: walked.sites,
            has_write_only: walked.has_write_only,
            compiled: Mutex::default(),
        });
        compiler.build(&json!({"properties": all})).map_err(|error| self.not_compiled(&error))?;
        // Only here is it set.
        let _ = self.compiler.set(compiler);
        Ok(walked.remarks)
    }

    fn not_compiled(&self, error: &ValidationError<'_>) -> InputError {
        let place = self.raw.place(error.schema_path().as_str());
        match error.kind() {
            ValidationErrorKind::Format { format } if format == "regex" => {
                let pattern = error.instance().as_str().unwrap_or_default();
                InputError::at(place, format!("`{pattern}` is no regular expression"))
                    .help("Write one as JavaScript has them (ECMA-262).")
            }
            ValidationErrorKind::Custom { message, .. } => {
                InputError::at(place, message.clone()).help("Correct it; see the Schema Object of OpenAPI 3.0.")
            }
            _ => InputError::at(place, format!("this schema cannot be compiled: {error}"))
                .help("Correct it; see the Schema Object of OpenAPI 3.0."),
        }
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
