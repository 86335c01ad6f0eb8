//! A case or step says `invalid: true`, and its request breaks nothing of the document.
//!
//! **Why it matters.** The case was meant to send what the document forbids. It sends something else, or the document has
//! changed, so what it expects may no longer be right.
//!
//! **Deviates.** `limit` is an integer:
//!
//! ```yaml
//!   limit_is_no_number: {invalid: true, query: {limit: 10}, expect: 400}
//! ```
//!
//! **Conforms.** The same with `limit: many`; or without `invalid: true`.
//!
//! **Limits.** The rule is silent about a request that lacks a credential or writes it itself, that is sent byte for byte
//! (`body`, `{raw: …}`), that has a body which the document does not declare or values which only the target or a variable gives, or that is a `call`.
//!
//! **Clause.** OpenAPI 3.0, Parameter Object and Request Body Object.

use crate::finding::Finding;
use crate::lint::request_breaches::{breaches, is_known};
use crate::lint::subject::{Subject, quoted};
use crate::rule::{Level, Origin, Rule};
use crate::suite::{Step, Suite};

pub(super) static RULE: Rule = Rule {
    id: "invalid-unfounded",
    summary: "A request is said to be invalid, and is not",
    level: Level::Should,
    origin: Origin::Suite,
    clause: "OpenAPI 3.0 Parameter Object, Request Body Object",
    since: "0.1.0",
    source: include_str!("invalid_unfounded.rs"),
};

pub(super) fn run(subject: &Subject<'_>) -> Vec<Finding> {
    let is_valid = |suite: &Suite, step: &Step| breaches(suite, step).is_empty() && is_known(&suite.document, step);
    let mut findings = Vec::new();
    for (suite, case) in subject.cases() {
        let mut tell = |who: String, span| {
            let message = format!("{who} says `invalid: true`, and the document forbids nothing of it");
            let advice = "Remove `invalid: true`, or send what the document forbids.";
            findings.push(Finding::new(&RULE, message).case(suite.place(span)).advice(advice));
        };
        if let Some(span) = case.invalid.filter(|_| case.steps.iter().all(|step| is_valid(suite, step))) {
            tell(format!("the case {}", quoted(&case.name)), span);
        }
        for (index, step) in case.steps.iter().enumerate() {
            if let Some(span) = step.invalid.filter(|_| is_valid(suite, step)) {
                tell(format!("step {} of the case {}", index + 1, quoted(&case.name)), span);
            }
        }
    }
    findings
}
