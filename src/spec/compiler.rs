//! What the schemas of one document share, and the keywords that the library checks: numbers, lengths, patterns.

use std::collections::HashMap;
use std::sync::{Arc, PoisonError, RwLock};

use jsonschema::error::ValidationErrorKind;
use jsonschema::{Draft, PatternOptions, ValidationError, Validator};
use serde_json::{Map, Value};

use super::dialect::{self, BYTES};
use super::discriminator::Choice;
use super::judge::{Judge, Stopped, address};
use super::pattern::{goes_back, too_much, weight};
use super::raw::Raw;
use crate::tree::{self, Node};

/// What it costs to make a validator, in steps.
const MAKING: u64 = 500;

/// What it costs to compile one weight of a pattern, in steps.
const COMPILING: u64 = 4;

/// How much a match costs, in steps, of a pattern whose engine goes back and tries again.
const GOING_BACK: u64 = 1_000;

/// How many bytes such an engine reads again in one step.
const BYTES_AGAIN: u64 = 128;

/// How often such an engine goes back before it gives up.
const MOST_TURNS: usize = 100_000;

/// How much the validators that are kept may weigh together. When there is more, all are made anew when they are needed.
const KEPT: u64 = 400_000;

/// The largest automaton of a pattern, in bytes.
const LARGEST: usize = 16 * 1024 * 1024;

/// What schemas of one document share.
pub(super) struct Compiler {
    pub(super) raw: Raw,
    /// By the address of a schema: what its `discriminator` chooses from.
    choices: HashMap<usize, Choice>,
    /// By the address of a schema that is a part of an `allOf`: the pointer of the outermost schema around it.
    tops: HashMap<usize, Arc<str>>,
    /// Whether anything that operations reach is `writeOnly`.
    pub(super) has_write_only: bool,
    made: RwLock<Made>,
}

/// The validators that were made, by the address of the schema.
#[derive(Default)]
struct Made {
    validators: HashMap<usize, Arc<Validator>>,
    weight: u64,
}

impl Compiler {
    pub(super) fn new(
        raw: Raw,
        choices: HashMap<usize, Choice>,
        tops: HashMap<usize, Arc<str>>,
        has_write_only: bool,
    ) -> Self {
        Self { raw, choices, tops, has_write_only, made: RwLock::default() }
    }

    /// What the `discriminator` of a schema chooses from.
    pub(super) fn choice(&self, schema: &Map<String, Value>) -> Option<&Choice> {
        if self.choices.is_empty() { None } else { self.choices.get(&address(schema)) }
    }

    /// The outermost schema around a part of an `allOf`.
    pub(super) fn top(&self, part: &Map<String, Value>) -> Option<&Map<String, Value>> {
        self.raw.get(self.tops.get(&address(part))?)?.as_object()
    }

    /// The library's validator of the keywords of a schema that it checks, once it is clear what checking a value costs.
    pub(super) fn library(
        &self,
        judge: &mut Judge<'_>,
        schema: &Map<String, Value>,
        value: &Node,
    ) -> Result<Arc<Validator>, Stopped> {
        let pattern = schema.get("pattern").and_then(Value::as_str);
        if let tree::Value::String(text) = &value.value {
            let length = text.len() as u64;
            // Such an engine begins anew at each character, and may read on to the end from there.
            let going_back =
                if pattern.is_some_and(goes_back) { GOING_BACK + length * length / BYTES_AGAIN } else { 0 };
            judge.spend(length / BYTES + going_back)?;
        }
        if let Some(made) = self.made.read().unwrap_or_else(PoisonError::into_inner).validators.get(&address(schema)) {
            return Ok(Arc::clone(made));
        }
        let weight = pattern.map_or(0, weight);
        judge.spend(MAKING + weight * COMPILING)?;
        let validator = Arc::new(make(schema).map_err(Stopped)?);
        let mut made = self.made.write().unwrap_or_else(PoisonError::into_inner);
        if made.weight > KEPT {
            *made = Made::default();
        }
        made.weight += weight + MAKING / 10;
        made.validators.insert(address(schema), Arc::clone(&validator));
        Ok(validator)
    }
}

/// The value of a string or number, which is all that the library is asked about.
pub(super) fn scalar(value: &Node) -> Option<Value> {
    matches!(value.value, tree::Value::String(_) | tree::Value::Number(_)).then(|| value.to_json())
}

/// Whether a pattern's engine gave up, so that nothing is known of the value.
pub(super) fn gave_up(error: &ValidationError<'_>) -> bool {
    matches!(
        error.kind(),
        ValidationErrorKind::BacktrackLimitExceeded { .. } | ValidationErrorKind::RegexEngineFailure { .. }
    )
}

/// Makes a validator of the keywords of a schema that the library checks; what is wrong with them, if it cannot.
pub(super) fn make(schema: &Map<String, Value>) -> Result<Validator, String> {
    if let Some(why) = schema.get("pattern").and_then(Value::as_str).and_then(too_much) {
        return Err(format!("the pattern {why}"));
    }
    let keywords = schema.iter().filter(|(keyword, _)| dialect::is_of_library(keyword));
    let keywords: Map<String, Value> = keywords.map(|(keyword, held)| (keyword.clone(), held.clone())).collect();
    jsonschema::options()
        .with_draft(Draft::Draft4)
        .with_pattern_options(PatternOptions::fancy_regex().backtrack_limit(MOST_TURNS).size_limit(LARGEST))
        .offline()
        .build(&Value::Object(keywords))
        .map_err(|error| match error.kind() {
            ValidationErrorKind::Format { format } if format == "regex" => {
                format!("`{}` is no regular expression", error.instance().as_str().unwrap_or_default())
            }
            _ => format!("this schema cannot be compiled: {error}"),
        })
}
