//! What the schemas of one document share, and the validators of the library, which checks numbers, lengths and patterns.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value};

use super::budget::{BYTES_PER_STEP, Budget, Stopped};
use super::dialect;
use super::discriminator::Choice;
use super::pattern::{goes_back, too_much, weight};
use super::raw::RawDocument;
use super::value::address;
use crate::tree::{self, Node};

/// The cost of making a validator, in steps.
const MAKING: u64 = 500;

/// The cost of compiling a pattern, in steps for each unit of its weight.
const COMPILING: u64 = 4;

/// The cost of a match by an engine that backtracks, in steps.
const GOING_BACK: u64 = 1_000;

/// How many bytes a backtracking engine reads again in one step.
const BYTES_AGAIN: u64 = 128;

/// How often a backtracking engine goes back before it gives up.
const MOST_TURNS: usize = 100_000;

/// How much the stored validators may weigh together. When they weigh more, all are dropped, and made again when needed.
const KEPT: u64 = 400_000;

/// The largest automaton of a pattern, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

/// What the schemas of one document share.
pub(super) struct Compiler {
    pub(super) raw: RawDocument,
    /// The choices of discriminators, by the address of the schema.
    choices: HashMap<usize, Choice>,
    /// The pointers of the outermost schemas around the parts of an `allOf`, by the address of the part.
    tops: HashMap<usize, Arc<str>>,
    /// Whether an operation reaches a property that is `writeOnly`.
    pub(super) has_write_only: bool,
    made: RwLock<Validators>,
}

/// Stored validators, by the address of the schema.
#[derive(Default)]
struct Validators {
    validators: HashMap<usize, Arc<Validator>>,
    weight: u64,
}

impl Compiler {
    pub(super) fn new(
        raw: RawDocument,
        choices: HashMap<usize, Choice>,
        tops: HashMap<usize, Arc<str>>,
        has_write_only: bool,
    ) -> Self {
        Self { raw, choices, tops, has_write_only, made: RwLock::default() }
    }

    /// The choice of the discriminator of a schema.
    pub(super) fn choice(&self, schema: &Map<String, Value>) -> Option<&Choice> {
        if self.choices.is_empty() { None } else { self.choices.get(&address(schema)) }
    }

    /// The outermost schema around a part of an `allOf`.
    pub(super) fn top(&self, part: &Map<String, Value>) -> Option<&Map<String, Value>> {
        self.raw.get(self.tops.get(&address(part))?)?.as_object()
    }

    /// The validator for the keywords of a schema that the library checks. The cost of checking the value is spent first.
    pub(super) fn library(
        &self,
        budget: &mut Budget,
        schema: &Map<String, Value>,
        value: &Node,
    ) -> Result<Arc<Validator>, Stopped> {
        let pattern = schema.get("pattern").and_then(Value::as_str);
        if let tree::Value::String(text) = &value.value {
            let length = text.len() as u64;
            // A backtracking engine starts at each character, and may read to the end from there.
            let going_back =
                if pattern.is_some_and(goes_back) { GOING_BACK + length * length / BYTES_AGAIN } else { 0 };
            budget.spend(length / BYTES_PER_STEP + going_back)?;
        }
        if let Some(made) = self.made.read().unwrap_or_else(PoisonError::into_inner).validators.get(&address(schema)) {
            return Ok(Arc::clone(made));
        }
        let weight = pattern.map_or(0, weight);
        budget.spend(MAKING + weight * COMPILING)?;
        let validator = Arc::new(make(schema).map_err(Stopped)?);
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        if made.weight > KEPT {
            *made = Validators::default();
        }
        made.weight += weight + MAKING / 10;
        made.validators.insert(address(schema), Arc::clone(&validator));
        Ok(validator)
    }
}

/// Whether the engine of a pattern gave up, so that it is unknown whether the value matches.
pub(super) fn gave_up(error: &ValidationError<'_>) -> bool {
    matches!(
        error.kind(),
        ValidationErrorKind::BacktrackLimitExceeded { .. } | ValidationErrorKind::RegexEngineFailure { .. }
    )
}

/// Makes a validator for the keywords of a schema that the library checks. The error says what is wrong with them.
pub(super) fn make(schema: &Map<String, Value>) -> Result<Validator, String> {
    if let Some(why) = schema.get("pattern").and_then(Value::as_str).and_then(too_much) {
        return Err(format!("the pattern {why}"));
    }
    let keywords = schema.iter().filter(|(keyword, _)| dialect::is_of_library(keyword));
    let keywords: Map<String, Value> =
        keywords.map(|(keyword, argument)| (keyword.clone(), argument.clone())).collect();
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(MOST_TURNS).size_limit(LARGEST))
        .offline()
        .build(&Value::Object(keywords))
        .map_err(|error| match error.kind() {
            ValidationErrorKind::Format { format } if format == "regex" => {
                format!("`{}` is not a regular expression", error.instance().as_str().unwrap_or_default())
            }
            _ => format!("this schema cannot be compiled: {error}"),
        })
}
