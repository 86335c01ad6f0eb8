//! The schemas that operations reach. They are checked when the document is read, and compared with values on demand.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::budget::Stopped;
use super::compiler::Compiler;
use super::explain::{Explainer, Misfit};
use super::judge::Judge;
use super::lazy_pointer::LazyPointer;
use super::raw::RawDocument;
use super::remark::Remark;
use super::violation::Violation;
use super::{schema_check, write_only};
use crate::location::{Anchor, InputErrors, Pointer};
use crate::tree::Node;

/// A schema of the document.
pub struct Schema {
    /// The place of the schema, with references followed.
    pub anchor: Anchor,
    compiler: SharedCompiler,
}

/// The compiler that all schemas of a document share. It is set when the whole document was read.
type SharedCompiler = Arc<OnceLock<Compiler>>;

/// A value could not be judged, because that would take too many steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooMuch {
    /// The schema.
    pub schema: Anchor,
    why: String,
}

impl fmt::Display for TooMuch {
    /// The schema, the reason, and what to do: one sentence without a full stop.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { schema, why } = self;
        write!(
            f,
            "the value could not be judged by the schema `#{}` (line {} of the document): {why}; let fewer schemas apply to \
             one value, for example by a `discriminator`, or take a shorter value",
            schema.pointer, schema.line
        )
    }
}

impl std::error::Error for TooMuch {}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Schema({})", self.anchor.pointer)
    }
}

impl Schema {
    /// The violations of the schema by a value of a response, at most [`MAX_VIOLATIONS`](super::MAX_VIOLATIONS); empty if the
    /// value fits.
    ///
    /// The schema is read in the dialect of OpenAPI 3.0 (specification 3.0.3 §4.7.24): JSON Schema Draft 4 with `nullable`,
    /// without siblings of `$ref`. `1.0` is an integer. Known formats are checked. A property that is `writeOnly` is not
    /// required. A `discriminator` chooses the schema. With `nullable: true`, `enum` need not list null.
    ///
    /// An error if this would take more than [`STEPS`](super::STEPS) steps and eight more for each value in the value.
    pub fn violations(&self, value: &Value) -> Result<Vec<Violation>, TooMuch> {
        self.violations_of(&Node::from_json(value))
    }

    /// Like [`Schema::violations`], with at most `steps` steps. The steps that it took are subtracted from `steps`.
    pub fn violations_within(&self, value: &Value, steps: &mut u64) -> Result<Vec<Violation>, TooMuch> {
        self.explained(&Node::from_json(value), steps)
    }

    /// Like [`Schema::violations`], for a value as it was read. Messages quote the digits of a number as they were sent.
    pub fn violations_of(&self, value: &Node) -> Result<Vec<Violation>, TooMuch> {
        self.explained(value, &mut u64::MAX.clone())
    }

    fn explained(&self, value: &Node, steps: &mut u64) -> Result<Vec<Violation>, TooMuch> {
        let Some((compiler, schema)) = self.compiled() else { return Ok(Vec::new()) };
        let mut judge = Judge::new(compiler, value, *steps);
        let most = judge.budget.left();
        let violations = judge.fits(schema, value).and_then(|fits| {
            let mut explainer = Explainer::new(&mut judge);
            if !fits {
                let pointer = LazyPointer::from(&self.anchor.pointer);
                explainer.explain(Misfit { schema, pointer, value, at: LazyPointer::from("") })?;
            }
            Ok(explainer.violations)
        });
        *steps = steps.saturating_sub(most - judge.budget.left());
        violations.map_err(|stopped| self.too_much(stopped))
    }

    /// The properties of a value of a response that are `writeOnly`, which a response SHOULD NOT have: the JSON pointer of each
    /// in the value, and the place of the keyword in the document. At most 100 are listed.
    pub fn write_only(&self, value: &Value) -> Result<Vec<(String, Anchor)>, TooMuch> {
        match self.compiled() {
            Some((compiler, _)) if compiler.has_write_only => self.write_only_of(&Node::from_json(value)),
            _ => Ok(Vec::new()),
        }
    }

    /// Like [`Schema::write_only`], for a value as it was read.
    pub fn write_only_of(&self, value: &Node) -> Result<Vec<(String, Anchor)>, TooMuch> {
        match self.compiled() {
            Some((compiler, schema)) if compiler.has_write_only => {
                let mut judge = Judge::new(compiler, value, u64::MAX);
                let found = write_only::find(&mut judge, schema, &self.anchor.pointer, value);
                found.map_err(|stopped| self.too_much(stopped))
            }
            _ => Ok(Vec::new()),
        }
    }

    /// Whether it says more about a value than its type as a whole. If it does not, a documented example is the contract.
    /// `root` is the tree of the document that the schema is in.
    pub fn says_more_than_type(&self, root: &Node) -> bool {
        let Some(pointer) = Pointer::parse(&self.anchor.pointer) else {
            return true;
        };
        let segments: Vec<String> = pointer.segments().collect();
        let Some(entries) = root.at(segments.iter().map(String::as_str)).and_then(Node::entries) else {
            return true;
        };
        entries.iter().any(|entry| {
            let says_nothing = matches!(
                entry.key.as_str(),
                "type"
                    | "title"
                    | "description"
                    | "example"
                    | "default"
                    | "nullable"
                    | "deprecated"
                    | "externalDocs"
                    | "xml"
            );
            let empty = entry.value.entries().is_some_and(<[_]>::is_empty);
            // A value without parts is described by its type.
            let scalar = entry.key == "type" && !matches!(entry.value.as_str(), Some("object" | "array"));
            scalar || (!says_nothing && !empty && !entry.key.starts_with("x-"))
        })
    }

    fn compiled(&self) -> Option<(&Compiler, &Value)> {
        let compiler = self.compiler.get()?;
        Some((compiler, compiler.raw.get(&self.anchor.pointer)?))
    }

    fn too_much(&self, stopped: Stopped) -> TooMuch {
        TooMuch { schema: self.anchor.clone(), why: stopped.0 }
    }
}

/// The schemas that operations reach, each once.
pub(super) struct Schemas {
    raw: RawDocument,
    compiler: SharedCompiler,
    known: HashMap<String, Arc<Schema>>,
    /// In the order in which they were first reached.
    order: Vec<String>,
}

impl Schemas {
    pub(super) fn new(raw: RawDocument) -> Self {
        Self { raw, compiler: SharedCompiler::default(), known: HashMap::new(), order: Vec::new() }
    }

    /// The schema at a pointer that is no reference.
    pub(super) fn schema(&mut self, pointer: &str) -> Arc<Schema> {
        if let Some(schema) = self.known.get(pointer) {
            return Arc::clone(schema);
        }
        let compiler = Arc::clone(&self.compiler);
        let schema = Arc::new(Schema { anchor: self.raw.anchor(pointer), compiler });
        self.order.push(pointer.to_owned());
        self.known.insert(pointer.to_owned(), Arc::clone(&schema));
        schema
    }

    /// Checks everything that the schemas reach: references can be followed, and keywords can be applied.
    pub(super) fn finish(&mut self) -> Result<Vec<Remark>, InputErrors> {
        if self.order.is_empty() {
            return Ok(Vec::new());
        }
        let checked = schema_check::check(&self.raw, &self.order)?;
        // It is set only here.
        let _ =
            self.compiler.set(Compiler::new(self.raw.clone(), checked.choices, checked.tops, checked.has_write_only));
        Ok(checked.remarks)
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
