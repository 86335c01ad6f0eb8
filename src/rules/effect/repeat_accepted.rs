//! A later step of the case repeats a request that was accepted before and expects a refusal, and a 2xx comes again. It
//! is reported instead of `status-unexpected`.
//!
//! **Why it matters.** The response says that an object was deleted that was no longer there. A client cannot tell a
//! typing error from a success. This is how a server is found that never checks whether an object exists.
//!
//! **Deviates.**
//!
//! ```text
//! DELETE /conversations/1f3b   204 No Content
//! DELETE /conversations/1f3b   204 No Content
//! ```
//!
//! **Conforms**, where the document has a 404 for an object that does not exist:
//!
//! ```text
//! DELETE /conversations/1f3b   204 No Content
//! DELETE /conversations/1f3b   404 Not Found
//! ```
//!
//! **Limits.** HTTP leaves room here. DELETE is idempotent (RFC 9110 §9.2.2), but that is about the effect. HTTP allows
//! any response to the second request. Only the document says that it is a 404. If the document has no 404, the origin of
//! the finding is the suite.
//!
//! **Clause.** OpenAPI 3.0, Responses Object: the documented response for an object that does not exist.

use crate::assess::{Assessment, StatusAssessment, UnwarrantedSuccess, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::suite::Expectation;

pub(super) static RULE: Rule = Rule {
    id: "repeat-accepted",
    summary: "The server accepted a request twice, not once",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Responses Object; RFC 9110 §9.2.2",
    since: "0.1.0",
    source: include_str!("repeat_accepted.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no judged response has a status", |assessed, findings| {
        let Some(status) = assessed.status else {
            return false;
        };
        if let StatusAssessment::UnwarrantedSuccess(UnwarrantedSuccess::Repeated { earlier }) =
            assessed.status_assessment
        {
            let expected = assessed
                .expectation
                .map_or_else(|| "a refusal".to_owned(), |it| format::statuses(it, assessed.operation));
            let before = assessment.observation.exchanges[earlier].exchange.answer.status().unwrap_or(status);
            let message =
                format!("the server accepted the same request twice: first with {before}, then with {status}");
            let documented = assessed
                .expectation
                .and_then(Expectation::single_status)
                .is_some_and(|expected| assessed.operation.response(expected).is_some());
            let finding = assessed.finding(&RULE, message).compared(expected, status.to_string());
            findings.push(finding.origin(if documented { Origin::Document } else { Origin::Suite }));
        }
        true
    })
}
