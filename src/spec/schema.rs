//! Schemas: what operations reach, checked when the document is read, compiled once each when first needed.

use std::collections::{HashMap, HashSet};
use std::fmt;
use std::sync::{Arc, OnceLock};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, Registry, ValidationError, Validator};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
use serde_json::{Value, json};

use super::objects::Object;
use super::raw::{Raw, escape};
use super::{Remark, Violation, dialect, gate};
use crate::location::{Anchor, InputError, InputErrors};

/// The name under which the document is known to the schema compiler.
const DOCUMENT: &str = "conformant:/document";

/// How many violations of one value are told.
const MAX_VIOLATIONS: usize = 100;

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
    compiler: Arc<Compiler>,
    validator: OnceLock<Result<Validator, String>>,
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", self.anchor.pointer)
    }
}

impl Schema {
    /// Every way in which a response value breaks the schema (the first 100 of them); empty if it does not.
    ///
    /// The schema is read in the dialect of OpenAPI 3.0 (specification 3.0.3 §4.7.24): JSON Schema Draft 4 with
    /// `nullable`, without `$ref` siblings, where `1.0` is an integer, formats are checked if they are known, and a
    /// property that is `writeOnly` is not required. `discriminator` is not looked at. With `nullable: true`, `enum`
    /// need not list null.
    pub fn violations(&self, value: &Value) -> Vec<Violation> {
        let validator = match self.validator.get_or_init(|| self.compiler.compile(&self.anchor.pointer)) {
            Ok(validator) => validator,
            Err(message) => {
                return vec![Violation {
                    instance: String::new(),
                    anchor: self.anchor.clone(),
                    keyword: "$ref".to_owned(),
                    message: message.clone(),
                }];
            }
        };
        if validator.is_valid(value) {
            return Vec::new();
        }
        validator.iter_errors(value).take(MAX_VIOLATIONS).map(|error| self.violation(&error)).collect()
    }

    fn violation(&self, error: &ValidationError<'_>) -> Violation {
        Violation {
            instance: error.instance_path().as_str().to_owned(),
            anchor: self.compiler.raw.anchor(error.schema_path().as_str()),
            keyword: error.kind().keyword().to_owned(),
            message: message(error),
        }
    }
}

/// What is wrong; a large value is not repeated.
fn message(error: &ValidationError<'_>) -> String {
    match error.kind() {
        ValidationErrorKind::Custom { message, .. } => message.clone(),
        _ if dialect::is_short(error.instance()) => error.to_string(),
        _ => error.masked_with("the value").to_string(),
    }
}

/// Compiles schemas of one document.
struct Compiler {
    raw: Raw,
    registry: Registry<'static>,
}

impl Compiler {
    fn compile(&self, pointer: &str) -> Result<Validator, String> {
        self.build(&reference(pointer)).map_err(|error| format!("the schema cannot be compiled: {error}"))
    }

    fn build(&self, schema: &Value) -> Result<Validator, Box<ValidationError<'static>>> {
        let options = jsonschema::options().with_draft(Draft::Draft4).with_registry(&self.registry).offline();
        dialect::apply(options, &self.raw.value).build(schema).map_err(Box::new)
    }
}

fn reference(pointer: &str) -> Value {
    json!({"$ref": format!("{DOCUMENT}#{}", utf8_percent_encode(pointer, FRAGMENT))})
}

/// The schemas that operations reach, each once.
pub(super) struct Schemas {
    raw: Raw,
    compiler: Option<Arc<Compiler>>,
    known: HashMap<String, Arc<Schema>>,
    /// In the order in which they were first reached.
    order: Vec<String>,
}

impl Schemas {
    pub(super) fn new(raw: Raw) -> Self {
        Self { raw, compiler: None, known: HashMap::new(), order: Vec::new() }
    }

    /// The schema at a pointer that is no reference.
    pub(super) fn schema(&mut self, pointer: &str) -> Result<Arc<Schema>, InputError> {
        if let Some(schema) = self.known.get(pointer) {
            return Ok(Arc::clone(schema));
        }
        let compiler = self.compiler()?;
        let schema = Arc::new(Schema { anchor: self.raw.anchor(pointer), compiler, validator: OnceLock::new() });
        self.order.push(pointer.to_owned());
        self.known.insert(pointer.to_owned(), Arc::clone(&schema));
        Ok(schema)
    }

    fn compiler(&mut self) -> Result<Arc<Compiler>, InputError> {
        if let Some(compiler) = &self.compiler {
            return Ok(Arc::clone(compiler));
        }
        let registry = Registry::new()
            .draft(Draft::Draft4)
            .add(DOCUMENT, Arc::clone(&self.raw.value))
            .and_then(jsonschema::RegistryBuilder::prepare)
            .map_err(|error| {
                InputError::at(self.raw.place(""), format!("the schemas of the document cannot be read: {error}"))
                    .help("Look for schemas with an `id` or `$schema`, which OpenAPI 3.0 does not have.")
            })?;
        let compiler = Arc::new(Compiler { raw: self.raw.clone(), registry });
        self.compiler = Some(Arc::clone(&compiler));
        Ok(compiler)
    }

    /// Checks everything that the schemas reach: references lead somewhere, and every keyword can be compiled. All
    /// are compiled in one go, in which what they share is compiled once.
    pub(super) fn finish(&mut self) -> Result<Vec<Remark>, InputErrors> {
        let mut walk = Walk::new(&self.raw);
        for pointer in &self.order {
            walk.from(pointer);
        }
        if !walk.errors.is_empty() {
            return Err(InputErrors(walk.errors));
        }
        if let Some(compiler) = &self.compiler {
            let all: Vec<Value> = self.order.iter().map(|pointer| reference(pointer)).collect();
            compiler.build(&json!({"allOf": all})).map_err(|error| self.not_compiled(&error))?;
        }
        Ok(walk.remarks)
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

/// The walk over all schemas that can be reached.
struct Walk<'a> {
    raw: &'a Raw,
    reached: HashSet<String>,
    errors: Vec<InputError>,
    remarks: Vec<Remark>,
}

impl<'a> Walk<'a> {
    fn new(raw: &'a Raw) -> Self {
        Self { raw, reached: HashSet::new(), errors: Vec::new(), remarks: Vec::new() }
    }

    fn from(&mut self, start: &str) {
        let mut waiting = vec![start.to_owned()];
        while let Some(pointer) = waiting.pop() {
            if !self.reached.insert(pointer.clone()) {
                continue;
            }
            let Some(Value::Object(schema)) = self.raw.get(&pointer) else { continue };
            if schema.contains_key("$ref") {
                waiting.extend(self.followed(&pointer));
                continue;
            }
            self.remark_on_null(&pointer, schema);
            for (key, value) in schema {
                let at = format!("{pointer}/{}", escape(key));
                match (key.as_str(), value) {
                    ("items" | "not" | "additionalProperties", Value::Object(_)) => waiting.push(at),
                    ("allOf" | "oneOf" | "anyOf", Value::Array(items)) => {
                        waiting.extend((0..items.len()).map(|index| format!("{at}/{index}")));
                    }
                    ("properties", Value::Object(properties)) => {
                        waiting.extend(properties.keys().map(|name| format!("{at}/{}", escape(name))));
                    }
                    _ => {}
                }
            }
        }
    }

    fn followed(&mut self, pointer: &str) -> Option<String> {
        match self.raw.follow(pointer) {
            Ok(found) if !found.value.is_object() => {
                let message = format!("this `$ref` leads to {}, not to a schema", self.raw.kind(&found.pointer));
                let place = self.raw.place(&format!("{pointer}/$ref"));
                self.errors.push(InputError::at(place, message).help("Correct the reference."));
                None
            }
            Ok(found) => {
                if !found.pointer.starts_with("/components/schemas/") && !self.reached.contains(&found.pointer) {
                    match gate::check_one(self.raw, Object::Schema, &found.pointer) {
                        Ok(remarks) => self.remarks.extend(remarks),
                        Err(errors) => {
                            self.errors.extend(errors.0);
                            return None;
                        }
                    }
                }
                Some(found.pointer)
            }
            Err(error) => {
                self.errors.push(error);
                None
            }
        }
    }

    /// Where `nullable` does not do what its writer may think.
    fn remark_on_null(&mut self, pointer: &str, schema: &serde_json::Map<String, Value>) {
        if schema.get("nullable") != Some(&Value::Bool(true)) {
            return;
        }
        let message = match schema.get("enum").and_then(Value::as_array) {
            _ if !schema.contains_key("type") => {
                "`nullable` has no effect without a `type` beside it (OpenAPI 3.0.3)".to_owned()
            }
            Some(values) if !values.contains(&Value::Null) => {
                "`nullable` is true and `enum` does not list null; null is accepted here, others refuse it".to_owned()
            }
            _ => return,
        };
        self.remarks.push(Remark { message, anchor: self.raw.anchor(&format!("{pointer}/nullable")) });
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
