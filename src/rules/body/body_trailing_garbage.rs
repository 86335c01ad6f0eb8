//! The body begins with a complete JSON value, and something other than white space follows: a second value, a debug
//! line, a closing tag, NUL bytes.
//!
//! **Why it matters.** Strict parsers refuse the whole body. Lenient parsers take the first value. So two clients
//! disagree about the response.
//!
//! **Deviates.**
//!
//! ```http
//! Content-Type: application/json
//!
//! {"code":"not_found","message":"Conversation Not Exists.","status":404}{"debug":true}
//! ```
//!
//! **Conforms.** One value, with any white space around it.
//!
//! **Limits.** Bytes after the end of the response itself are `content-length-wrong` or `bytes-after-answer`.
//!
//! **Clause.** RFC 8259 §2: `JSON-text = ws value ws`.

use crate::assess::{Assessment, BodyAssessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};
use crate::tree::json::JsonErrorKind;

pub(super) static RULE: Rule = Rule {
    id: "body-trailing-garbage",
    summary: "Something follows the JSON value in the body",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 8259 §2",
    since: "0.1.0",
    source: include_str!("body_trailing_garbage.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body that should be JSON came", |assessed, findings| match &assessed.body {
        BodyAssessment::NotJson(fault) if matches!(fault.kind, JsonErrorKind::TrailingGarbage) => {
            let body = assessed.answer().content();
            let rest = body.get(fault.span.start..).unwrap_or_default();
            let count = format::count(rest.len() as u64, "byte");
            let message = format!("{count} follow the JSON value, from byte {}", fault.span.start);
            let finding = assessed.finding(&RULE, message).compared("nothing after the value", format::bytes(rest));
            findings.push(finding);
            true
        }
        BodyAssessment::NotJson(_) | BodyAssessment::Json(..) => true,
        _ => false,
    })
}
