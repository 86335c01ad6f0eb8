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

use super::content::MediaState;
use super::{Checked, Evidence, shown};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "media-type-missing",
    summary: "A documented body comes without a Content-Type",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Response Object, content; RFC 9110 §8.3",
    since: "0.1.0",
    source: include_str!("media_type_missing.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    evidence.over("no body of a documented response came", |held, findings| match (&held.media, held.response) {
        (MediaState::Missing, Some(response)) => {
            let expected = shown::media(response);
            let finding = held.finding(&RULE, "the body comes without a Content-Type");
            findings.push(finding.compared(expected, "no Content-Type"));
            true
        }
        (MediaState::NotJudged, _) => false,
        _ => true,
    })
}
