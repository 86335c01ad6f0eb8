//! The case says which documented example the answer equals (`example: NAME`), and a value in the body is another. What
//! the case frees (`free: [/message]`) is left out, at and below the pointer; its type still counts.
//!
//! **Why it matters.** The `code` of an error is what clients branch on, and a `status` in the body that contradicts the
//! status line makes two clients of one API disagree.
//!
//! **Deviates**, from the example `{"status":404,"code":"not_found","message":"Conversation Not Exists."}`, the message
//! freed:
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
//! **Limits.** Arrays must be equal element by element. Null in the example takes any value. A freed text that differs is
//! `free-text-changed`, of level `should`.
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
