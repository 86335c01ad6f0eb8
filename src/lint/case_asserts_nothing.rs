//! A case passes whatever the server answers: it leaves all to the document, and the document leaves it open.
//!
//! That is so where every step says `expect: documented` without `example`, `header` or `match`, where the operation
//! has a `default` response that nothing pins or describes bodies that nothing pins throughout, and where no object is
//! given whose fate would be looked at.
//!
//! **Why it matters.** It is a green line that says nothing, and it looks like all the others.
//!
//! **Deviates**, where the operation documents `default: {description: An error.}`:
//!
//! ```yaml
//! cases:
//!   works:
//!     expect: documented
//! ```
//!
//! **Conforms.** `expect: 204`; `expect: {status: documented, match: {/code: not_found}}`; the same case where every
//! response is pinned by a schema or an example, or has no body.
//!
//! **Limits.** A status by itself is something: the case is then shown as pinned by its status. HTTP's own rules apply
//! to every answer and are not counted here.
//!
//! **Clause.** The suite's own aim: a case that asserts nothing is no test.

use super::described::unpinned;
use super::{Subject, operation};
use crate::case::{Case, Statuses, Step, Suite};
use crate::finding::Finding;
use crate::rule::{Level, Origin, Rule};
use crate::spec::{Document, Operation, Response, StatusPattern};

pub(super) static RULE: Rule = Rule {
    id: "case-asserts-nothing",
    summary: "A case passes whatever the server answers",
    level: Level::Should,
    origin: Origin::Suite,
    clause: "the case, expect",
    since: "0.1.0",
    source: include_str!("case_asserts_nothing.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let document = subject.document;
    let empty = subject.cases().filter(|(suite, case)| {
        !looks_at_objects(suite, case) && case.steps.iter().all(|step| !asserts(document, step))
    });
    empty
        .map(|(suite, case)| {
            let span = case.steps.first().map_or(case.span, |step| step.span);
            Finding::new(&RULE, format!("the case `{}` passes whatever is answered", case.name))
                .case(suite.place(span))
                .advice("Name the status, an example, or what the body holds (`match`).")
        })
        .collect()
}

/// Whether the fate of an object proves something after the case.
fn looks_at_objects(suite: &Suite, case: &Case) -> bool {
    let mut states = case.given.iter().filter_map(|given| suite.states.get(given.state));
    states.any(|state| state.exists.is_some() || state.undo.is_some())
}

fn asserts(document: &Document, step: &Step) -> bool {
    let open = operation(document, step).is_some_and(|operation| leaves_open(document, operation));
    step.expect.all().iter().any(|expectation| {
        let names = expectation.status != Statuses::Documented
            || expectation.example.is_some()
            || !expectation.header.is_empty()
            || !expectation.matches.is_empty();
        names || !open
    })
}

/// Whether the document takes any answer, or any body under every status that it lists.
fn leaves_open(document: &Document, operation: &Operation) -> bool {
    let loose = |response: &Response| {
        let any_status = response.status == StatusPattern::Default;
        unpinned(document, response) || (any_status && response.content.is_empty())
    };
    let default = operation.responses.iter().find(|response| response.status == StatusPattern::Default);
    default.is_some_and(loose) || (!operation.responses.is_empty() && operation.responses.iter().all(loose))
}
