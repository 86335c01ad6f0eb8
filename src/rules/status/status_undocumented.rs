//! The case leaves the status to the document (`expect: documented`), and the document does not list the status of the
//! answer: neither exactly, nor by its class (`4XX`), nor by `default`.
//!
//! **Why it matters.** A client that was generated from the document has no branch for this status. Most report an
//! unknown failure.
//!
//! **Deviates**, where the document lists 204, 400 and 404:
//!
//! ```http
//! HTTP/1.1 500 Internal Server Error
//! ```
//!
//! **Conforms.** Any of the three; any status at all if the document has `default`.
//!
//! **Limits.** If the case names a status and gets another, that is `status-unexpected`. If the case names an
//! undocumented status and gets it, the case passes, and the document gets a note (`response-undocumented`). A redirect
//! is `redirect-answered`. Statuses that every HTTP server may send, such as 429 or 503, must be documented like any
//! other.
//!
//! **Clause.** OpenAPI 3.0, Responses Object: it is "expected to cover a successful operation response and any known
//! errors".

use crate::assess::{Assessment, StatusAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::suite::Statuses;

pub(super) static RULE: Rule = Rule {
    id: "status-undocumented",
    summary: "The document does not list the status of the response",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Responses Object",
    since: "0.1.0",
    source: include_str!("status_undocumented.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no case step leaves the status to the document", |assessed, findings| {
        let documented = assessed.expectation.is_some_and(|expectation| expectation.status == Statuses::Documented);
        let (true, Some(status)) = (documented, assessed.status) else {
            return false;
        };
        if assessed.status_assessment == StatusAssessment::Undocumented {
            let listed = format::documented(assessed.operation);
            let message = format!(
                "the server answered {status}, which the document does not list for {}",
                assessed.operation.title()
            );
            findings.push(assessed.finding(&RULE, message).compared(listed, status.to_string()));
        }
        true
    })
}
