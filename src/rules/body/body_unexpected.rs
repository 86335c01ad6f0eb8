//! The document describes the response without `content`, and the response has a body.
//!
//! **Why it matters.** Readers of the document do not know that there is a body, nor what it is. A generated client
//! drops it, with the information in it.
//!
//! **Deviates**, where the 202 has no content in the document:
//!
//! ```http
//! HTTP/1.1 202 Accepted
//! Content-Type: application/json
//!
//! {"job":17}
//! ```
//!
//! **Conforms.** `Content-Length: 0`, or an empty chunked body, with or without a Content-Type.
//!
//! **Limits.** The level is `should` if the response object is a class (`4XX`) or `default`. Documents often leave out
//! the content there. Bytes after a status that never has a body are `bodiless-status-with-body`.
//!
//! **Clause.** OpenAPI 3.0, Response Object: `content` describes the potential payloads.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::spec::StatusPattern;

pub(super) static RULE: Rule = Rule {
    id: "body-unexpected",
    summary: "The response has a body that is not documented",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Response Object, content",
    since: "0.1.0",
    source: include_str!("body_unexpected.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no response without a documented body came", |assessed, findings| {
        let Some(response) = assessed.response.filter(|response| response.content.is_empty()) else {
            return false;
        };
        if matches!(assessed.body, BodyAssessment::Unexpected) {
            let answer = assessed.answer();
            let message = format!(
                "the {} response has a body, but the document describes none",
                assessed.status.unwrap_or_default()
            );
            let came = format!("{}: {}", format::count(answer.body_size, "byte"), format::bytes(&answer.body));
            let finding = assessed.finding(&RULE, message).compared("no body", came);
            let exact = matches!(response.status, StatusPattern::Exact(_));
            findings.push(finding.level(if exact { Level::Must } else { Level::Should }));
        }
        true
    })
}
