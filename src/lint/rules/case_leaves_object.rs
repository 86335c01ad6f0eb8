//! A request of a case probably makes an object, and no later step removes it.
//!
//! The rule looks at POST and PUT requests of the document's operations that expect a 201.
//!
//! **Why it matters.** The run removes only the objects that the `call` of a state makes. An object that a case makes stays
//! on the target after every run, and no report lists it as `left_behind`.
//!
//! **Deviates.**
//!
//! ```yaml
//! operation: createThing          # POST /things
//! cases:
//!   created:
//!     json: {name: x}
//!     expect: 201
//! ```
//!
//! **Conforms.** The same with a step that removes the object, if the case names it itself:
//!
//! ```yaml
//!   created:
//!     path: {name: "{{uuid.thing}}"}    # PUT /things/{name}
//!     expect: 201
//!     then:
//!       - {operation: "DELETE /things/{name}", path: {name: "{{uuid.thing}}"}, expect: 204}
//! ```
//!
//! **Limits.** Any later DELETE counts as removing the object. A request that makes an object and gets a 200 or 202 is not
//! recognised.
//!
//! **Clause.** The duty of a suite: it removes what it makes.

use crate::finding::Finding;
use crate::lint::subject::{Subject, operation, quoted};
use crate::rule::{Level, Origin, Rule};
use crate::spec::{Document, StatusPattern};
use crate::suite::{Action, Statuses, Step};

pub(super) static RULE: Rule = Rule {
    id: "case-leaves-object",
    summary: "An object that a case makes is never removed",
    level: Level::Note,
    origin: Origin::Suite,
    clause: "the suite, cases",
    since: "0.1.0",
    source: include_str!("case_leaves_object.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let document = subject.document;
    let mut findings = Vec::new();
    for (suite, case) in subject.cases() {
        let left = case.steps.iter().enumerate().find(|(index, step)| {
            makes(document, step) && !case.steps[index + 1..].iter().any(|later| removes(document, later))
        });
        if let Some((_, step)) = left {
            let message =
                format!("the case {} probably makes an object, and none of its steps removes it", quoted(&case.name));
            findings.push(Finding::new(&RULE, message).case(suite.place(step.span)).advice(
                "Remove the object in a step of `then`, or run the case only where leftover objects do no harm.",
            ));
        }
    }
    findings
}

/// Whether a request of an operation expects the response of a request that made something.
fn makes(document: &Document, step: &Step) -> bool {
    const CREATED: u16 = 201;
    let Some(operation) = operation(document, step).filter(|it| matches!(it.method.as_str(), "POST" | "PUT")) else {
        return false;
    };
    step.expect.all().iter().any(|expectation| match &expectation.status {
        Statuses::OneOf(statuses) => statuses.contains(&CREATED),
        Statuses::Documented => {
            operation.responses.iter().any(|response| response.status == StatusPattern::Exact(CREATED))
        }
    })
}

fn removes(document: &Document, step: &Step) -> bool {
    let method = match &step.action {
        Action::Operation(_) => operation(document, step).map(|operation| operation.method.as_str()),
        Action::Call { method, .. } => Some(method.as_str()),
    };
    method == Some("DELETE")
}
