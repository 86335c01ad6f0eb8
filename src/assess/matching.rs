//! Which expectation an answer is compared with. Several requests that are sent at once may meet their expectations in any
//! order.

use super::{expected_fields, transfer};
use crate::observation::{Observation, ObservedExchange, Role};
use crate::spec::Operation;
use crate::suite::{Action, Expectation, Expected};

/// The expectation of one answer.
#[derive(Debug)]
pub(super) struct Matched<'a> {
    /// None if the answer meets none that is left.
    pub(super) expectation: Option<&'a Expectation>,
    /// Whether this is the first answer of its step that has no expectation.
    pub(super) is_first_without: bool,
}

/// The expectation for the answer at `index` of the exchanges, which belongs to the case's step `step`.
pub(super) fn expectation<'a>(observation: &Observation<'a>, index: usize, step: usize) -> Matched<'a> {
    let observed = &observation.exchanges[index];
    let all = match &observed.step.expect {
        Expected::One(one) => return Matched { expectation: Some(one), is_first_without: false },
        Expected::AnyOrder(all) => all,
    };
    let Action::Operation(operation) = &observed.step.action else {
        return Matched { expectation: all.first(), is_first_without: false };
    };
    let operation = &observation.suite.document.operations[*operation];
    let group: Vec<usize> = observation
        .exchanges
        .iter()
        .enumerate()
        .filter(|(_, other)| matches!(other.role, Role::Judged { step: of, .. } if of == step))
        .map(|(index, _)| index)
        .collect();
    let matched = match_group(observation, operation, &group, all);
    let position = group.iter().position(|other| *other == index).unwrap_or(0);
    let expectation = matched[position].map(|expectation| &all[expectation]);
    let is_first_without = matched.iter().position(Option::is_none) == Some(position);
    Matched { expectation, is_first_without }
}

/// The expectation of each answer of a group, so that as many answers as possible have one. Where there is a choice, an
/// answer gets an expectation that it meets in its fields and its body too.
fn match_group(
    observation: &Observation<'_>,
    operation: &Operation,
    group: &[usize],
    all: &[Expectation],
) -> Vec<Option<usize>> {
    let by_status = |observed: &ObservedExchange<'_>, expectation: &Expectation| {
        transfer::status(observed).is_some_and(|status| expectation.allows(operation, status))
    };
    let edges = |wholly: bool| -> Vec<Vec<bool>> {
        group
            .iter()
            .map(|&index| {
                let observed = &observation.exchanges[index];
                all.iter()
                    .map(|expectation| {
                        by_status(observed, expectation)
                            && (!wholly || expected_fields::meets(observation, observed, operation, expectation))
                    })
                    .collect()
            })
            .collect()
    };
    let mut answer_of = vec![None; all.len()];
    for edges in [edges(true), edges(false)] {
        for answer in 0..group.len() {
            if !answer_of.contains(&Some(answer)) {
                augment(&edges, answer, &mut vec![false; all.len()], &mut answer_of);
            }
        }
    }
    (0..group.len()).map(|answer| answer_of.iter().position(|of| *of == Some(answer))).collect()
}

/// Looks for one augmenting path of the bipartite matching.
fn augment(edges: &[Vec<bool>], answer: usize, seen: &mut [bool], answer_of: &mut [Option<usize>]) -> bool {
    for expectation in 0..answer_of.len() {
        if !edges[answer][expectation] || seen[expectation] {
            continue;
        }
        seen[expectation] = true;
        let free = match answer_of[expectation] {
            None => true,
            Some(other) => augment(edges, other, seen, answer_of),
        };
        if free {
            answer_of[expectation] = Some(answer);
            return true;
        }
    }
    false
}
