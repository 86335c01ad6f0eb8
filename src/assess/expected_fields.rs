//! Whether an answer has the fields and the values in its body that a case expects.
//!
//! It leaves out what is said about a difference (`header-unexpected`, `match-failed`).

use std::borrow::Cow;

use super::example_diff::{self, Comparison, DifferenceKind};
use super::format;
use crate::exchange::Answer;
use crate::location::Pointer;
use crate::observation::{Observation, ObservedExchange};
use crate::spec::{MediaType, Operation};
use crate::suite::{Action, Expectation, HeaderExpectation, MatchExpectation, Statuses, Text, Values};
use crate::tree::Node;

/// What was expected and what came instead, as a finding shows it.
pub(crate) struct Mismatch {
    pub(crate) expected: String,
    pub(crate) actual: String,
}

/// Whether an answer meets an expectation in everything but its status.
pub(super) fn meets(
    observation: &Observation<'_>,
    observed: &ObservedExchange<'_>,
    operation: &Operation,
    expectation: &Expectation,
) -> bool {
    let answer = &observed.exchange.answer;
    expectation.header.iter().all(|(name, expected, _)| header(observation, answer, name, expected).is_none())
        && expectation
            .matches
            .iter()
            .all(|(pointer, expected, _)| body(observation, observed, pointer, expected).is_none())
        && expectation.example.as_deref().is_none_or(|name| equals_example(observed, operation, expectation, name))
}

/// Whether the answer to a state's `exists` meets the expectation for yes, or that for no. The values are those of the
/// object's state.
pub(super) fn look_meets(values: &Values, observed: &ObservedExchange<'_>, expectation: &Expectation) -> bool {
    let Statuses::OneOf(statuses) = &expectation.status else { return false };
    observed.exchange.answer.status().is_some_and(|status| statuses.contains(&status))
        && expectation
            .matches
            .iter()
            .all(|(pointer, expected, _)| body_of(values, observed, pointer, expected).is_none())
}

/// Whether the answer to a step of a state meets an expectation, its status included.
pub(super) fn meets_with_status(
    observation: &Observation<'_>,
    observed: &ObservedExchange<'_>,
    expectation: &Expectation,
) -> bool {
    let operation = match &observed.step.action {
        Action::Operation(index) => observation.suite.document.operations.get(*index),
        Action::Call { .. } => None,
    };
    let Some(status) = observed.exchange.answer.status() else {
        return false;
    };
    let status_met = match (&expectation.status, operation) {
        (Statuses::OneOf(list), _) => list.contains(&status),
        (Statuses::Documented, Some(operation)) => operation.response(status).is_some(),
        (Statuses::Documented, None) => false,
    };
    // Without an operation, no example can be named.
    status_met && operation.is_none_or(|operation| meets(observation, observed, operation, expectation))
}

fn equals_example(
    observed: &ObservedExchange<'_>,
    operation: &Operation,
    expectation: &Expectation,
    name: &str,
) -> bool {
    let response = observed.exchange.answer.status().and_then(|status| operation.response(status));
    let example = response.and_then(|response| response.example(name));
    match (example, observed.json()) {
        (Some((_, example)), Ok(read)) => {
            let diff = example_diff::compare(example.value(), &read.root, Comparison::Equal(&expectation.free));
            // A body that was not compared to its end does not equal the example.
            !diff.gave_up()
                && !diff
                    .differences
                    .iter()
                    .any(|difference| difference.kind.breaks_shape() || difference.kind == DifferenceKind::Value)
        }
        _ => false,
    }
}

/// How a field differs from what the case expects; none if it does not.
pub(crate) fn header(
    observation: &Observation<'_>,
    answer: &Answer,
    name: &str,
    expected: &HeaderExpectation,
) -> Option<Mismatch> {
    let mut values = answer.values(name).peekable();
    match expected {
        HeaderExpectation::Present => match values.peek() {
            Some(_) => None,
            None => Some(Mismatch { expected: "any value".to_owned(), actual: "no such field".to_owned() }),
        },
        HeaderExpectation::Absent => {
            values.next().map(|value| Mismatch { expected: "no such field".to_owned(), actual: format::quoted(&value) })
        }
        HeaderExpectation::Value(text) => {
            let expected = rendered(observation, text);
            let all: Vec<Cow<'_, str>> = values.collect();
            let one = |value: &str| {
                value == expected || (name.eq_ignore_ascii_case("content-type") && same_type(&expected, value))
            };
            if all.iter().any(|value| one(value)) || (all.len() > 1 && all.join(", ") == *expected) {
                return None;
            }
            let actual = match all.as_slice() {
                [] => "no such field".to_owned(),
                all => all.iter().map(|value| format::quoted(value)).collect::<Vec<_>>().join(", "),
            };
            Some(Mismatch { expected: format::quoted(&expected), actual })
        }
    }
}

/// Whether a media type is the expected one. Upper case counts as lower case, and parameters that the case does not name
/// are ignored.
fn same_type(expected: &str, actual: &str) -> bool {
    match (MediaType::parse(expected), MediaType::parse(actual)) {
        (Some(expected), Some(actual)) => expected.covers(&actual),
        _ => false,
    }
}

/// How a body differs from what the case expects at a pointer; none if it does not. A body that is not JSON has no value
/// anywhere.
pub(crate) fn body(
    observation: &Observation<'_>,
    observed: &ObservedExchange<'_>,
    pointer: &Pointer,
    expected: &MatchExpectation,
) -> Option<Mismatch> {
    body_of(observation.values, observed, pointer, expected)
}

fn body_of(
    values: &Values,
    observed: &ObservedExchange<'_>,
    pointer: &Pointer,
    expected: &MatchExpectation,
) -> Option<Mismatch> {
    let root = observed.json().ok().map(|read| &read.root);
    let came = root.and_then(|root| at(root, pointer));
    let actual = || match (root, came) {
        (None, _) => "a body that is no JSON".to_owned(),
        (_, None) => "nothing".to_owned(),
        (_, Some(node)) => format::node(node),
    };
    match expected {
        MatchExpectation::Absent => {
            came.is_some().then(|| Mismatch { expected: "nothing".to_owned(), actual: actual() })
        }
        MatchExpectation::Schema(schema) => match came {
            Some(node) => schema
                .misfit(node)
                .map(|why| Mismatch { expected: format!("a value that fits the schema: {why}"), actual: actual() }),
            None => Some(Mismatch { expected: "a value that fits the schema".to_owned(), actual: actual() }),
        },
        MatchExpectation::OneOf(list) => {
            let mut own = values.clone();
            let mut expected = list.iter().filter_map(|template| template.render(&mut own).ok());
            if let Some(node) = came
                && expected.any(|expected| example_diff::equals(&expected, node))
            {
                return None;
            }
            let mut values = values.clone();
            let list: Vec<String> = list
                .iter()
                .filter_map(|template| template.render(&mut values).ok())
                .map(|value| format::value(&value))
                .collect();
            Some(Mismatch { expected: list.join(" or "), actual: actual() })
        }
    }
}

fn at<'n>(root: &'n Node, pointer: &Pointer) -> Option<&'n Node> {
    let segments: Vec<String> = pointer.segments().collect();
    root.at(segments.iter().map(String::as_str))
}

/// A text with its values filled in. A placeholder without a value stays as it is written, and no answer equals it by
/// accident.
fn rendered<'t>(observation: &Observation<'_>, text: &'t Text) -> Cow<'t, str> {
    if let Some(literal) = text.literal() {
        return Cow::Borrowed(literal);
    }
    match text.render(&mut observation.values.clone()) {
        Ok(text) => Cow::Owned(text),
        Err(unresolved) => Cow::Owned(format!("{{{{{}}}}}", unresolved.placeholder)),
    }
}
