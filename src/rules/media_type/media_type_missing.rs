//! The document gives the media types of this response, a body came, and no Content-Type field.
//!
//! **Why it matters.** Clients that choose their parser by the type hand out bytes or text instead of an object; others
//! guess, and guess differently.
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
//! **Limits.** Not judged where the status is not documented, where there is no body, and where a malformed field line
//! may be the one that is missed. The body is still held against the document, if it reads as JSON.
//!
//! **Clause.** OpenAPI 3.0, Response Object, `content`. RFC 9110 §8.3: a sender of content SHOULD say what it is, so
//! HTTP by itself lets it be left out; the document does not.

use crate::assess::{Assessment, MediaTypeAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "media-type-missing",
    summary: "A documented body comes without a Content-Type",
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
                let finding = assessed.finding(&RULE, "the body comes without a Content-Type");
                findings.push(finding.compared(expected, "no Content-Type"));
                true
            }
            (MediaTypeAssessment::NotJudged, _) => false,
            _ => true,
        }
    })
}
