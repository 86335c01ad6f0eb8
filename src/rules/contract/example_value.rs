//! The case names the documented example that the response must equal (`example: NAME`), and a value in the body differs.
//! Values at and below a pointer that the case frees (`free: [/message]`) do not count; their type does.
//!
//! **Why it matters.** Clients branch on the `code` of an error. If a `status` in the body contradicts the status line,
//! two clients of one API disagree.
//!
//! **Deviates**, from the example `{"status":404,"code":"not_found","message":"Conversation Not Exists."}`, with a free
//! message:
//!
//! ```json
//! {"status":404,"code":"conversation_not_found","message":"Conversation Not Exists."}
//! ```
//!
//! **Conforms.**
//!
//! ```json
//! {"message":"No such conversation.","code":"not_found","status":404}
//! ```
//!
//! **Limits.** Arrays must be equal element by element. Null in the example allows any value. A freed text that differs
//! is `free-text-changed`, of level `should`.
//!
//! **Clause.** OpenAPI 3.0, Media Type Object, `examples`; the case says that this answer is the documented one.

use super::example_findings;
use crate::assess::example_diff::DifferenceKind;
use crate::assess::{Assessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;

pub(super) static RULE: Rule = Rule {
    id: "example-value",
    summary: "A value differs from the example the case names",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object, example",
    since: "0.1.0",
    source: include_str!("example_value.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    example_findings::each(assessment, |assessed, example, findings| {
        for difference in example.diff.differences.iter().filter(|difference| difference.kind == DifferenceKind::Value)
        {
            let name = format::example(example.name);
            let message = format!("{} differs from {name}", format::pointer(&difference.pointer));
            findings.push(
                assessed
                    .finding(&RULE, message)
                    .compared(difference.expected.as_str(), difference.actual.as_str())
                    .spec(example.anchor),
            );
        }
    })
}
