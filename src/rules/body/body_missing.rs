//! The document describes a body for this response, and the response has none. White space alone counts as none if JSON
//! is documented.
//!
//! **Why it matters.** A client that reads the code of the error finds nothing. It fails in its parser instead of
//! reporting the error.
//!
//! **Deviates**, where the 404 has a JSON body in the document:
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json
//! Content-Length: 0
//!
//! ```
//!
//! **Conforms.** The documented body.
//!
//! **Limits.** The rule does not apply to statuses that never have a body (204, 304) and to answers to HEAD.
//! `conformant lint` reports a document that describes a body for them. If a Content-Length hides the received bytes,
//! that is `content-length-wrong`.
//!
//! **Clause.** OpenAPI 3.0, Response Object, `content`.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "body-missing",
    summary: "The body that the document describes is missing",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Response Object, content",
    since: "0.1.0",
    source: include_str!("body_missing.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no response with a documented body came", |assessed, findings| {
        let Some(response) = assessed.response.filter(|response| !response.content.is_empty()) else {
            return false;
        };
        if matches!(assessed.body, BodyAssessment::Missing) {
            let size = assessed.answer().body_size;
            let came = if size == 0 {
                "no body".to_owned()
            } else {
                format!("{} of white space", format::count(size, "byte"))
            };
            let message = format!(
                "the {} response has no body, but the document describes one",
                assessed.status.unwrap_or_default()
            );
            findings.push(
                assessed.finding(&RULE, message).compared(format!("a body of {}", format::media(response)), came),
            );
        }
        true
    })
}
