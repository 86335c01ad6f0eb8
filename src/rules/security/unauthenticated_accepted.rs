//! The document requires a credential for the operation, the request carried none, and the answer is a 2xx. It stands
//! instead of `status-unexpected`.
//!
//! **Why it matters.** Whoever reaches the server can do what only the owner of a key should.
//!
//! **Deviates.**
//!
//! ```text
//! DELETE /conversations/1f3b     (no Authorization field)
//! 204 No Content
//! ```
//!
//! **Conforms.** A 401 with a challenge, whether or not the document lists it.
//!
//! **Limits.** Silent where one of the security requirements is empty (`- {}`), which means that anonymous access is
//! allowed, and where the case itself names the 2xx. Whether anything was destroyed is `effect-despite-refusal`.
//!
//! **Clause.** OpenAPI 3.0, Security Requirement Object: one of the requirements must be satisfied to authorise a request.
//! OWASP API2:2023, Broken Authentication.

use crate::assess::{Assessment, StatusAssessment, UnwarrantedSuccess, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "unauthenticated-accepted",
    summary: "A request without a credential is accepted",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Security Requirement Object; OWASP API2:2023",
    since: "0.1.0",
    source: include_str!("unauthenticated_accepted.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no judged answer has a status", |assessed, findings| {
        let Some(status) = assessed.status else {
            return false;
        };
        if let StatusAssessment::UnwarrantedSuccess(UnwarrantedSuccess::NoCredential) = assessed.status_assessment {
            let expected = assessed
                .expectation
                .map_or_else(|| "a refusal".to_owned(), |it| format::statuses(it, assessed.operation));
            let message = format!("a request without a credential is accepted with {status}");
            findings.push(
                assessed
                    .finding(&RULE, message)
                    .compared(expected, status.to_string())
                    .spec(&assessed.operation.anchor),
            );
        }
        true
    })
}
