//! Which expectation an answer is held against, where several requests were sent at once and the expectations may be
//! met in any order.

use super::{Evidence, Role, Taken, ending, expected_fields, held};
use crate::case::{Action, Expectation, Expected};
use crate::spec::Operation;

/// The expectation of one answer.
#[derive(Debug)]
pub(super) struct Assigned<'a> {
    /// None if the other answers took all that it could have met.
    pub(super) expectation: Option<&'a Expectation>,
    /// Whether this is the first answer of its step that has none.
    pub(super) speaks: bool,
}

/// The expectation for the answer at `index` of the evidence, which belongs to the case's step `step`.
pub(super) fn expectation<'a>(evidence: &Evidence<'a>, index: usize, step: usize) -> Assigned<'a> {
    let taken = &evidence.steps[index];
    let all = match &taken.step.expect {
        Expected::One(one) => return Assigned { expectation: Some(one), speaks: false },
        Expected::AnyOrder(all) => all,
    };
    let Action::Operation(operation) = &taken.step.action else {
        return Assigned { expectation: all.first(), speaks: false };
    };
    let operation = &evidence.suite.document.operations[*operation];
    let group: Vec<usize> = evidence
        .steps
        .iter()
        .enumerate()
        .filter(|(_, other)| matches!(other.role, Role::Judged { step: of, .. } if of == step))
        .map(|(index, _)| index)
        .collect();
    let matched = matching(evidence, operation, &group, all);
    let position = group.iter().position(|other| *other == index).unwrap_or(0);
    let expectation = matched[position].map(|expectation| &all[expectation]);
    let speaks = matched.iter().position(Option::is_none) == Some(position);
    Assigned { expectation, speaks }
}

/// For each answer of the group the expectation that it meets: as many as can be met together, and where there is a
/// choice, those met with header and body too.
fn matching(
    evidence: &Evidence<'_>,
    operation: &Operation,
    group: &[usize],
    all: &[Expectation],
) -> Vec<Option<usize>> {
    let by_status = |taken: &Taken<'_>, expectation: &Expectation| {
        ending::status(taken).is_some_and(|status| held::allows(expectation, operation, status))
    };
    let edges = |wholly: bool| -> Vec<Vec<bool>> {
        group
            .iter()
            .map(|&index| {
                let taken = &evidence.steps[index];
                all.iter()
                    .map(|expectation| {
                        by_status(taken, expectation)
                            && (!wholly || expected_fields::met(evidence, taken, operation, expectation))
                    })
                    .collect()
            })
            .collect()
    };
    let mut taken_by = vec![None; all.len()];
    for edges in [edges(true), edges(false)] {
        for answer in 0..group.len() {
            if !taken_by.contains(&Some(answer)) {
                augment(&edges, answer, &mut vec![false; all.len()], &mut taken_by);
            }
        }
    }
    (0..group.len()).map(|answer| taken_by.iter().position(|by| *by == Some(answer))).collect()
}

/// One augmenting path of the bipartite matching.
fn augment(edges: &[Vec<bool>], answer: usize, seen: &mut [bool], taken_by: &mut [Option<usize>]) -> bool {
    for expectation in 0..taken_by.len() {
        if !edges[answer][expectation] || seen[expectation] {
            continue;
        }
        seen[expectation] = true;
        let free = match taken_by[expectation] {
            None => true,
            Some(other) => augment(edges, other, seen, taken_by),
        };
        if free {
            taken_by[expectation] = Some(answer);
            return true;
        }
    }
    false
}
