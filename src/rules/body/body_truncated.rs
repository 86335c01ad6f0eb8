//! By its framing the body is complete, but its JSON text ends inside a value. The server lost the rest before it
//! framed the response.
//!
//! **Why it matters.** The parser of the client fails on every such answer, and nothing in the HTTP exchange explains
//! why.
//!
//! **Deviates**, with a Content-Length that counts exactly these bytes:
//!
//! ```http
//! Content-Type: application/json
//! Content-Length: 40
//!
//! {"code":"not_found","message":"Conversat
//! ```
//!
//! **Conforms.** The whole text.
//!
//! **Limits.** If the connection was cut, that is `cut-in-body`. If the Content-Length is too small for the received
//! bytes, that is `content-length-wrong`. This rule is then silent.
//!
//! **Clause.** RFC 8259 §2: a JSON text is one complete value.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::tree::json::JsonErrorKind;

pub(super) static RULE: Rule = Rule {
    id: "body-truncated",
    summary: "A JSON body ends in the middle",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 8259 §2",
    since: "0.1.0",
    source: include_str!("body_truncated.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body that should be JSON came", |assessed, findings| match &assessed.body {
        BodyAssessment::NotJson(fault) if matches!(fault.kind, JsonErrorKind::Truncated) => {
            let body = assessed.answer().content();
            let tail = &body[body.len().saturating_sub(32)..];
            let message =
                format!("the JSON body ends in the middle, after {}", format::count(body.len() as u64, "byte"));
            let cut = if tail.len() < body.len() { "…" } else { "" };
            let actual = format!("it ends with {cut}{}", format::bytes(tail));
            let finding = assessed.finding(&RULE, message).compared("a complete JSON text", actual);
            findings.push(finding);
            true
        }
        BodyAssessment::NotJson(_) | BodyAssessment::Json(..) => true,
        _ => false,
    })
}
