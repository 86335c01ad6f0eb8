//! The document requires a credential for the operation, the request has none, and the response is a 2xx. It is reported
//! instead of `status-unexpected`.
//!
//! **Why it matters.** Anyone who reaches the server can do what only the owner of a key should be able to do.
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
//! **Limits.** The rule is silent if one of the security requirements is empty (`- {}`), because that allows anonymous
//! access, and if the case itself names the 2xx. If the request removed an object, that is `effect-despite-refusal`.
//!
//! **Clause.** OpenAPI 3.0, Security Requirement Object: one of the requirements must be satisfied to authorise a
//! request. OWASP API2:2023, Broken Authentication.

use crate::assess::{Assessment, StatusAssessment, UnwarrantedSuccess, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "unauthenticated-accepted",
    summary: "The server accepted a request without credential",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Security Requirement Object; OWASP API2:2023",
    since: "0.1.0",
    source: include_str!("unauthenticated_accepted.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no judged response has a status", |assessed, findings| {
        let Some(status) = assessed.status else {
            return false;
        };
        if let StatusAssessment::UnwarrantedSuccess(UnwarrantedSuccess::NoCredential) = assessed.status_assessment {
            let expected = assessed
                .expectation
                .map_or_else(|| "a refusal".to_owned(), |it| format::statuses(it, assessed.operation));
            let message = format!("the server accepted a request without a credential, and answered {status}");
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
