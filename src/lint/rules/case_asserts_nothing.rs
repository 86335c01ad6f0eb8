//! A case passes whatever the server responds: it leaves everything to the document, and the document leaves it open.
//!
//! All of this is true of such a case:
//!
//! - Every step says `expect: documented`, without `example`, `header` or `match`.
//! - The operation has a `default` response without schema or example, or all its responses describe a body without
//!   schema or example.
//! - The case has no objects (`given`) that the run looks at afterwards.
//!
//! **Why it matters.** The case is always green and tests nothing, but it looks like any other green case.
//!
//! **Deviates**, if the operation documents `default: {description: An error.}`:
//!
//! ```yaml
//! cases:
//!   works:
//!     expect: documented
//! ```
//!
//! **Conforms.** `expect: 204`; `expect: {status: documented, match: {/code: not_found}}`; the same case if every
//! response has a schema, an example or no body.
//!
//! **Limits.** An expected status is enough: the case is then shown as pinned by its status. The rules of HTTP apply to every
//! response, and do not count here.
//!
//! **Clause.** The purpose of a suite: a case that asserts nothing is no test.

use super::described::unpinned;
use crate::finding::Finding;
use crate::lint::subject::{Subject, operation};
use crate::rule::{Level, Origin, Rule};
use crate::spec::{Document, Operation, Response, StatusPattern};
use crate::suite::{Case, Statuses, Step, Suite};

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
            Finding::new(&RULE, format!("the case `{}` passes whatever the server responds", case.name))
                .case(suite.place(span))
                .advice("Expect a status, an example, or values of the body (`match`).")
        })
        .collect()
}

/// Whether the run looks at an object after the case.
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

/// Whether the document allows any response, or any body under every status that it lists.
fn leaves_open(document: &Document, operation: &Operation) -> bool {
    let loose = |response: &Response| {
        let any_status = response.status == StatusPattern::Default;
        unpinned(document, response) || (any_status && response.content.is_empty())
    };
    let default = operation.responses.iter().find(|response| response.status == StatusPattern::Default);
    default.is_some_and(loose) || (!operation.responses.is_empty() && operation.responses.iter().all(loose))
}
