//! A case names a status that the document does not list, and gets it. The case passes, but the document is not
//! complete. So this is a note about the document, once for each operation and status. It is never about the case.
//!
//! **Why it matters.** Generated clients and readers of the document do not know about this answer.
//!
//! **Noted**, where the document lists 204, 400 and 404, and the case expects 401:
//!
//! ```http
//! HTTP/1.1 401 Unauthorized
//! WWW-Authenticate: Bearer
//! ```
//!
//! **Not noted.** The same, where the document lists 401, `4XX` or `default`.
//!
//! **Limits.** The content of the response is not judged, because the document does not describe it. Only the rules of
//! HTTP apply, and what the case expects with `header` and `match`.
//!
//! **Clause.** OpenAPI 3.0, Responses Object: all known errors should be covered.

use crate::assess::{Assessment, StatusAssessment, format};
use crate::finding::Finding;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "response-undocumented",
    summary: "The API answers with a status that the document lacks",
    level: Level::Note,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Responses Object",
    since: "0.1.0",
    source: include_str!("response_undocumented.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no judged response has a status", |assessed, findings| {
        let Some(status) = assessed.status else {
            return false;
        };
        if assessed.response.is_none() && assessed.status_assessment == StatusAssessment::Expected {
            let title = assessed.operation.title();
            findings.push(
                Finding::new(
                    &RULE,
                    format!("the server answered {status} to {title}, and the document does not list it"),
                )
                .compared(format::documented(assessed.operation), status.to_string())
                .spec(&assessed.operation.anchor)
                .advice(format!("Add a response for {status} to the document.")),
            );
        }
        true
    })
}
