//! What a case expects of fields and body beyond the status: held here for `header-unexpected`, `match-failed`, the
//! order of answers at once, and the proof by `undo`.

use std::borrow::Cow;

use super::held::{Held, Standing};
use super::shape::{self, Closeness};
use super::{Checked, Evidence, Role, Taken, shown};
use crate::case::{Action, Expectation, HeaderExpectation, MatchExpectation, Statuses, Text, Values};
use crate::exchange::Answer;
use crate::finding::Finding;
use crate::location::Pointer;
use crate::rule::Rule;
use crate::spec::{MediaType, Operation};
use crate::tree::Node;

/// An answer whose status is expected, with the expectation that it is held against.
pub(super) struct Asked<'e, 'a> {
    pub(super) taken: &'e Taken<'a>,
    pub(super) expectation: &'e Expectation,
    /// What follows from the answer, if it is a judged one.
    pub(super) held: Option<&'e Held<'a>>,
    index: usize,
}

impl Asked<'_, '_> {
    /// A finding about this answer.
    pub(super) fn finding(&self, rule: &'static Rule, message: String) -> Finding {
        match self.held {
            Some(held) => held.finding(rule, message),
            None => Finding::new(rule, message).step(self.index),
        }
    }
}

/// Looks at every answer that is expected by its status, those to calls too.
pub(super) fn each<'a>(
    evidence: &Evidence<'a>,
    unless: &'static str,
    mut look: impl FnMut(&Asked<'_, 'a>, &mut Vec<Finding>) -> bool,
) -> Checked {
    let mut findings = Vec::new();
    let mut applies = false;
    for held in evidence.held() {
        if let (Standing::Expected, Some(expectation)) = (held.standing, held.expectation) {
            let asked = Asked { taken: held.taken, expectation, held: Some(held), index: held.index };
            applies |= look(&asked, &mut findings);
        }
    }
    for (index, taken) in evidence.steps.iter().enumerate() {
        let (Role::Called { .. }, Some(expectation)) = (&taken.role, taken.step.expect.all().first()) else {
            continue;
        };
        let status = taken.exchange.answer.status();
        let expected = match &expectation.status {
            Statuses::OneOf(list) => status.is_some_and(|status| list.contains(&status)),
            Statuses::Documented => status.is_some(),
        };
        if expected {
            applies |= look(&Asked { taken, expectation, held: None, index }, &mut findings);
        }
    }
    if applies { Checked::Findings(findings) } else { Checked::NotApplicable(unless) }
}

/// What was expected and what came instead, ready to be shown.
pub(super) struct Mismatch {
    pub(super) expected: String,
    pub(super) actual: String,
}

/// Whether an answer meets all of an expectation but its status.
pub(super) fn met(
    evidence: &Evidence<'_>,
    taken: &Taken<'_>,
    operation: &Operation,
    expectation: &Expectation,
) -> bool {
    let answer = &taken.exchange.answer;
    expectation.header.iter().all(|(name, expected, _)| header(evidence, answer, name, expected).is_none())
        && expectation.matches.iter().all(|(pointer, expected, _)| body(evidence, taken, pointer, expected).is_none())
        && expectation.example.as_deref().is_none_or(|name| equals_example(taken, operation, expectation, name))
}

/// Whether the answer to a state's `exists` is the one that means yes, or no. The values are those of the object's state.
pub(super) fn look_met(values: &Values, taken: &Taken<'_>, expectation: &Expectation) -> bool {
    let Statuses::OneOf(statuses) = &expectation.status else { return false };
    taken.exchange.answer.status().is_some_and(|status| statuses.contains(&status))
        && expectation.matches.iter().all(|(pointer, expected, _)| body_of(values, taken, pointer, expected).is_none())
}

/// Whether the answer to a staged step meets an expectation, its status included.
pub(super) fn staged_met(evidence: &Evidence<'_>, taken: &Taken<'_>, expectation: &Expectation) -> bool {
    let operation = match &taken.step.action {
        Action::Operation(index) => evidence.suite.document.operations.get(*index),
        Action::Call { .. } => None,
    };
    let Some(status) = taken.exchange.answer.status() else {
        return false;
    };
    let status_met = match (&expectation.status, operation) {
        (Statuses::OneOf(list), _) => list.contains(&status),
        (Statuses::Documented, Some(operation)) => operation.response(status).is_some(),
        (Statuses::Documented, None) => false,
    };
    // Without an operation there is no example that could be named.
    status_met && operation.is_none_or(|operation| met(evidence, taken, operation, expectation))
}

fn equals_example(taken: &Taken<'_>, operation: &Operation, expectation: &Expectation, name: &str) -> bool {
    let response = taken.exchange.answer.status().and_then(|status| operation.response(status));
    let example = response.and_then(|response| response.example(name));
    match (example, taken.json()) {
        (Some((_, example)), Ok(read)) => {
            let compared = shape::compare(example.value(), &read.root, Closeness::Equal(&expectation.free));
            // What was not compared to its end does not equal the example.
            !compared.is_cut()
                && !compared
                    .differences
                    .iter()
                    .any(|difference| difference.kind.breaks_shape() || difference.kind == shape::Kind::Value)
        }
        _ => false,
    }
}

/// How an answer misses what is expected of a field; none if it meets it.
pub(super) fn header(
    evidence: &Evidence<'_>,
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
            values.next().map(|value| Mismatch { expected: "no such field".to_owned(), actual: shown::quoted(&value) })
        }
        HeaderExpectation::Value(text) => {
            let expected = rendered(evidence, text);
            let all: Vec<Cow<'_, str>> = values.collect();
            let one = |value: &str| {
                value == expected || (name.eq_ignore_ascii_case("content-type") && same_type(&expected, value))
            };
            if all.iter().any(|value| one(value)) || (all.len() > 1 && all.join(", ") == *expected) {
                return None;
            }
            let actual = match all.as_slice() {
                [] => "no such field".to_owned(),
                all => all.iter().map(|value| shown::quoted(value)).collect::<Vec<_>>().join(", "),
            };
            Some(Mismatch { expected: shown::quoted(&expected), actual })
        }
    }
}

/// Whether a media type is the expected one: case does not matter, and parameters that were not asked for do not.
fn same_type(expected: &str, actual: &str) -> bool {
    match (MediaType::parse(expected), MediaType::parse(actual)) {
        (Some(expected), Some(actual)) => expected.covers(&actual),
        _ => false,
    }
}

/// How a body misses what is expected at a pointer; none if it meets it. A body that is no JSON has nothing anywhere.
pub(super) fn body(
    evidence: &Evidence<'_>,
    taken: &Taken<'_>,
    pointer: &Pointer,
    expected: &MatchExpectation,
) -> Option<Mismatch> {
    body_of(evidence.values, taken, pointer, expected)
}

fn body_of(values: &Values, taken: &Taken<'_>, pointer: &Pointer, expected: &MatchExpectation) -> Option<Mismatch> {
    let root = taken.json().ok().map(|read| &read.root);
    let came = root.and_then(|root| at(root, pointer));
    let actual = || match (root, came) {
        (None, _) => "a body that is no JSON".to_owned(),
        (_, None) => "nothing".to_owned(),
        (_, Some(node)) => shown::node(node),
    };
    match expected {
        MatchExpectation::Absent => {
            came.is_some().then(|| Mismatch { expected: "nothing".to_owned(), actual: actual() })
        }
        MatchExpectation::OneOf(list) => {
            let mut own = values.clone();
            let mut expected = list.iter().filter_map(|template| template.render(&mut own).ok());
            if let Some(node) = came
                && expected.any(|expected| shape::equals(&expected, node))
            {
                return None;
            }
            let mut values = values.clone();
            let list: Vec<String> = list
                .iter()
                .filter_map(|template| template.render(&mut values).ok())
                .map(|value| shown::value(&value))
                .collect();
            Some(Mismatch { expected: list.join(" or "), actual: actual() })
        }
    }
}

fn at<'n>(root: &'n Node, pointer: &Pointer) -> Option<&'n Node> {
    let segments: Vec<String> = pointer.segments().collect();
    root.at(segments.iter().map(String::as_str))
}

/// A text with its values; an unresolved one as it is written, which no answer equals by accident.
fn rendered<'t>(evidence: &Evidence<'_>, text: &'t Text) -> Cow<'t, str> {
    if let Some(literal) = text.literal() {
        return Cow::Borrowed(literal);
    }
    match text.render(&mut evidence.values.clone()) {
        Ok(text) => Cow::Owned(text),
        Err(unresolved) => Cow::Owned(format!("{{{{{}}}}}", unresolved.placeholder)),
    }
}
