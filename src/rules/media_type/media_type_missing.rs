//! The document lists media types for this response. A body came, and no Content-Type.
//!
//! **Why it matters.** Clients that choose their parser by the media type return bytes or text instead of an object.
//! Others guess, and do not guess the same.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Length: 71
//!
//! {"code":"not_found","message":"Conversation Not Exists.","status":404}
//! ```
//!
//! **Conforms.** The same with `Content-Type: application/json`.
//!
//! **Limits.** The rule is silent if the status is not documented, if there is no body, and if a malformed field line
//! may be the missing field. If the body is JSON, it is still compared with the document.
//!
//! **Clause.** OpenAPI 3.0, Response Object, `content`. RFC 9110 §8.3: a sender of content SHOULD send the field. So
//! HTTP alone allows to leave it out; the document does not.

use crate::assess::{Assessment, MediaTypeAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "media-type-missing",
    summary: "A documented body has no Content-Type",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Response Object, content; RFC 9110 §8.3",
    since: "0.1.0",
    source: include_str!("media_type_missing.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body of a documented response came", |assessed, findings| {
        match (&assessed.media_type, assessed.response) {
            (MediaTypeAssessment::Missing, Some(response)) => {
                let expected = format::media(response);
                let finding = assessed.finding(&RULE, "the response has a body, but no Content-Type");
                findings.push(finding.compared(expected, "no Content-Type"));
                true
            }
            (MediaTypeAssessment::NotJudged, _) => false,
            _ => true,
        }
    })
}
