//! Schemas: what operations reach, checked when the document is read, held to values when they are asked.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, OnceLock};

use serde_json::Value;

use super::compiler::Compiler;
use super::judge::{Judge, Stopped};
use super::raw::Raw;
use super::telling::{Misfit, Telling, Way};
use super::{Remark, Violation, walk, write_only};
use crate::location::{Anchor, InputErrors, Pointer};
use crate::tree::Node;

/// A schema of the document.
pub struct Schema {
    /// Where the schema itself stands, references followed.
    pub anchor: Anchor,
    compiler: Late,
}

/// What the schemas of a document share, which is there once all of it was read.
type Late = Arc<OnceLock<Compiler>>;

/// A value was not judged, because that would take too much.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TooMuch {
    /// The schema.
    pub schema: Anchor,
    why: String,
}

impl fmt::Display for TooMuch {
    /// Which schema, why, and what to do: one sentence without a full stop.
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
    /// Every way in which a response value breaks the schema (the first 100 of them); empty if it does not.
    ///
    /// The schema is read in the dialect of OpenAPI 3.0 (specification 3.0.3 §4.7.24): JSON Schema Draft 4 with
    /// `nullable`, without `$ref` siblings, where `1.0` is an integer, formats are checked if they are known, a property
    /// that is `writeOnly` is not required, and a `discriminator` chooses the schema. With `nullable: true`, `enum` need
    /// not list null.
    ///
    /// An error if that would take more than [`STEPS`](super::STEPS) steps and eight for each value in the value.
    pub fn violations(&self, value: &Value) -> Result<Vec<Violation>, TooMuch> {
        self.violations_of(&Node::from_json(value))
    }

    /// The same with at most so many steps, from which those that it took are taken.
    pub fn violations_within(&self, value: &Value, steps: &mut u64) -> Result<Vec<Violation>, TooMuch> {
        self.told(&Node::from_json(value), steps)
    }

    /// The same of a value as it was read: what is said of a number has its digits as they were sent.
    pub fn violations_of(&self, value: &Node) -> Result<Vec<Violation>, TooMuch> {
        self.told(value, &mut u64::MAX.clone())
    }

    fn told(&self, value: &Node, steps: &mut u64) -> Result<Vec<Violation>, TooMuch> {
        let Some((compiler, schema)) = self.compiled() else { return Ok(Vec::new()) };
        let mut judge = Judge::new(compiler, value).within(*steps);
        let most = judge.left();
        let told = judge.fits(schema, value).and_then(|fits| {
            let mut telling = Telling::new(&mut judge);
            if !fits {
                let way = Way::from(&self.anchor.pointer);
                telling.tell(Misfit { schema, way, value, at: Way::from("") })?;
            }
            Ok(telling.violations)
        });
        *steps = steps.saturating_sub(most - judge.left());
        told.map_err(|stopped| self.too_much(stopped))
    }

    /// The properties of a response value that are `writeOnly`, which a response should not have: where they stand in
    /// the value, and where the document says so (the first 100 of them).
    pub fn write_only(&self, value: &Value) -> Result<Vec<(String, Anchor)>, TooMuch> {
        match self.compiled() {
            Some((compiler, _)) if compiler.has_write_only => self.write_only_of(&Node::from_json(value)),
            _ => Ok(Vec::new()),
        }
    }

    /// The same of a value as it was read.
    pub fn write_only_of(&self, value: &Node) -> Result<Vec<(String, Anchor)>, TooMuch> {
        match self.compiled() {
            Some((compiler, schema)) if compiler.has_write_only => {
                let mut judge = Judge::new(compiler, value);
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
        let schema = Arc::new(Schema { anchor: self.raw.anchor(pointer), compiler });
        self.order.push(pointer.to_owned());
        self.known.insert(pointer.to_owned(), Arc::clone(&schema));
        schema
    }

    /// Checks everything that the schemas reach: references lead somewhere, and every keyword can be carried out.
    pub(super) fn finish(&mut self) -> Result<Vec<Remark>, InputErrors> {
        if self.order.is_empty() {
            return Ok(Vec::new());
        }
        let walked = walk::all(&self.raw, &self.order)?;
        // Only here is it set.
        let _ = self.compiler.set(Compiler::new(self.raw.clone(), walked.choices, walked.tops, walked.has_write_only));
        Ok(walked.remarks)
    }
}

#[cfg(test)]
#[path = "schema_tests.rs"]
mod tests;
