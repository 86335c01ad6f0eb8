//! A request breaks the document, and its case does not say that it means to.
//!
//! The rule looks at the requests of operations: a required parameter or body that is missing, a value of a parameter or of
//! a JSON body that its schema does not allow, a content type that the document does not list, and (level `note`) a query
//! parameter that it does not declare.
//!
//! **Why it matters.** A server may refuse such a request for another reason than the one that the case is about. The case
//! then passes or fails by accident.
//!
//! **Deviates.** `limit` is an integer:
//!
//! ```yaml
//! cases:
//!   unknown_thing: {query: {limit: many}, path: {id: "{{uuid}}"}, expect: 404}
//! ```
//!
//! **Conforms.** The same with `limit: 10`; or a case that is about the refusal:
//!
//! ```yaml
//!   limit_is_no_number: {invalid: true, query: {limit: many}, path: {id: "{{uuid}}"}, expect: 400}
//! ```
//!
//! **Limits.** Values that the target or a variable gives are not known here and count as right. `{raw: …}` path values and
//! credentials are not looked at. A `writeOnly` property counts as optional.
//!
//! **Clause.** OpenAPI 3.0, Parameter Object and Request Body Object.

use crate::finding::Finding;
use crate::lint::request_breaches::{Breach, breaches};
use crate::lint::subject::{Subject, quoted};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "request-invalid",
    summary: "A request breaks the document without saying so",
    level: Level::Should,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Parameter Object, Request Body Object",
    since: "0.1.0",
    source: include_str!("request_invalid.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    for (suite, case) in subject.cases().filter(|(_, case)| case.invalid.is_none()) {
        for (index, step) in case.steps.iter().enumerate().filter(|(_, step)| step.invalid.is_none()) {
            let who = match index {
                0 => format!("the case {}", quoted(&case.name)),
                _ => format!("step {} of the case {}", index + 1, quoted(&case.name)),
            };
            for Breach { message, level, at, anchor } in breaches(suite, step) {
                let advice = "Correct the request. If the case is about a request that the document forbids, write \
                              `invalid: true`.";
                findings.push(
                    Finding::new(&RULE, format!("{who} {message}"))
                        .level(level)
                        .spec(&anchor)
                        .case(suite.place(at.unwrap_or(step.span)))
                        .advice(advice),
                );
            }
        }
    }
    findings
}
