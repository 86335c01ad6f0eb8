//! The Content-Type says JSON and the document expects it, but the bytes are something else: HTML, plain text, a Python
//! dictionary in single quotes, `NaN`, comments, a comma too many.
//!
//! **Why it matters.** The parser of the client fails, and its error hides the error of the API.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json
//!
//! <html><body>Not Found</body></html>
//! ```
//!
//! **Conforms.** Any JSON text, with any white space, order of keys and escapes.
//!
//! **Limits.** A text that ends too early is `body-truncated`. A text with something after its end is
//! `body-trailing-garbage`. A text in another encoding is `body-encoding-wrong`. The grammar is checked to the end,
//! however deep the text is nested; very deep nesting is `body-too-deep`.
//!
//! **Clause.** RFC 8259 §2.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::tree::json::JsonErrorKind;

pub(super) static RULE: Rule = Rule {
    id: "body-not-json",
    summary: "A body labelled as JSON is not JSON",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 8259 §2",
    since: "0.1.0",
    source: include_str!("body_not_json.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body that should be JSON came", |assessed, findings| match &assessed.body {
        BodyAssessment::NotJson(fault) if fault.kind == JsonErrorKind::Syntax => {
            let body = assessed.answer().content();
            let at = body.get(fault.span.start..).unwrap_or_default();
            let message = format!("the body is not JSON: {} at byte {}", fault.message, fault.span.start);
            let actual = format!("{} (body: {})", format::bytes(&at[..at.len().min(24)]), format::bytes(body));
            let finding = assessed.finding(&RULE, message).compared("JSON", actual);
            findings.push(finding);
            true
        }
        BodyAssessment::NotJson(_) | BodyAssessment::Json(..) => true,
        _ => false,
    })
}
