//! Requests that are sent at once are answered in any order, and in more than one right way: of two deletions one may find
//! nothing, or both be accepted. So what was recorded of one `at_once` is a set of alternatives, and each response is held
//! against the one that it is.

use std::ops::Range;

use serde_json::Value;

use super::difference::{Difference, differ};
use super::snapshot::Snapshot;
use crate::observation::{Observation, ObservedExchange, Role};
use crate::suite::{Action, Expectation, Statuses};

/// What was recorded, its alternatives put in the order of the answers that came. An answer that is right and of which
/// nothing was recorded stands for itself: there is nothing to hold it against.
pub(super) fn aligned(mut recorded: Value, actual: &Snapshot, observation: &Observation<'_>) -> Value {
    let came = actual.value["answers"].as_array().map(Vec::as_slice).unwrap_or_default();
    let Some(answers) = recorded["answers"].as_array_mut() else { return recorded };
    for group in groups(actual, observation) {
        let alternatives: Vec<Value> = answers.get(group.clone()).unwrap_or_default().to_vec();
        if alternatives.len() < group.len() {
            continue;
        }
        for index in group {
            let Some(answer) = came.get(index) else { continue };
            let observed = &observation.exchanges[actual.steps[index]];
            let of_its_status = alternatives.iter().filter(|one| one["status"] == answer["status"]);
            match of_its_status.min_by_key(|one| differences(one, answer).len()) {
                Some(nearest) => answers[index] = nearest.clone(),
                None if is_allowed(observation, observed) => answers[index] = answer.clone(),
                None => {}
            }
        }
    }
    recorded
}

/// The places of answers to requests that were sent at once, step by step.
fn groups(actual: &Snapshot, observation: &Observation<'_>) -> Vec<Range<usize>> {
    let step = |index: &usize| match observation.exchanges[*index].role {
        Role::Judged { step, .. } => Some(step),
        _ => None,
    };
    let mut groups = Vec::new();
    let mut start = 0;
    for chunk in actual.steps.chunk_by(|one, next| step(one) == step(next)) {
        let end = start + chunk.len();
        if chunk.len() > 1 {
            groups.push(start..end);
        }
        start = end;
    }
    groups
}

fn differences(recorded: &Value, answer: &Value) -> Vec<Difference> {
    let mut found = Vec::new();
    differ(recorded, answer, &mut String::new(), &mut found);
    found
}

/// Whether one of the expectations is of the answer's status.
fn is_allowed(observation: &Observation<'_>, observed: &ObservedExchange<'_>) -> bool {
    let Some(status) = observed.exchange.answer.status() else { return false };
    let documented = match &observed.step.action {
        Action::Operation(index) => observation.suite.document.operations[*index].response(status).is_some(),
        Action::Call { .. } => false,
    };
    let allows = |expectation: &Expectation| match &expectation.status {
        Statuses::OneOf(list) => list.contains(&status),
        Statuses::Documented => documented,
    };
    observed.step.expect.all().iter().any(allows)
}
