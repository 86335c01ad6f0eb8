//! The document lists media types for this response, and the Content-Type of the response is not in that list. Examples are
//! JSON sent as `text/html`, and the HTML page of a framework or a proxy where JSON is documented.
//!
//! **Why it matters.** Clients choose their parser by the media type. A body that is labelled as a page is not read as
//! data.
//!
//! **Deviates**, where `application/json` is documented:
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: text/html; charset=utf-8
//!
//! <!doctype html><title>404 Not Found</title>
//! ```
//!
//! **Conforms.** `application/json`, `Application/JSON`, `application/json; charset=utf-8`, `application/json;
//! charset="UTF-8"`: case and parameters do not matter. If the document lists `application/*`, any of these. If the
//! document gives a parameter, as in `application/json; charset=utf-8`, a response without it still has the same media
//! type. If documented media types differ only in parameters, the one with the parameters of the response applies.
//!
//! **Limits.** The body is not judged further. It is in another format, so everything in it would differ for the same
//! cause.
//!
//! **Clause.** OpenAPI 3.0, Response Object, `content`: media types or ranges, the most specific applies.

use crate::assess::{Assessment, MediaTypeAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "media-type-undocumented",
    summary: "The document does not list the body's media type",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Response Object, content",
    since: "0.1.0",
    source: include_str!("media_type_undocumented.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body of a documented response came", |assessed, findings| {
        match (&assessed.media_type, assessed.response) {
            (MediaTypeAssessment::Undocumented(came), Some(response)) => {
                let expected = format::media(response);
                let essence = format::short(&came.essence());
                let message = format!("the server sent the body as {essence}, but the document lists {expected}");
                findings.push(assessed.finding(&RULE, message).compared(expected, essence));
                true
            }
            (MediaTypeAssessment::NotJudged, _) => false,
            _ => true,
        }
    })
}
