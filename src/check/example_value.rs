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

use super::example::{self, Kind};
use super::{Checked, Evidence, shown};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "example-value",
    summary: "A value differs from the example the case names",
    level: Level::Must,
    origin: Origin::Document,
    clause: "OpenAPI 3.0 Media Type Object, example",
    since: "0.1.0",
    source: include_str!("example_value.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    example::each(evidence, |held, against, findings| {
        for difference in against.compared.differences.iter().filter(|difference| difference.kind == Kind::Value) {
            let example = shown::example(against.name);
            let message = format!("{} differs from {example}", shown::pointer(&difference.pointer));
            findings.push(
                held.finding(&RULE, message)
                    .compared(difference.expected.as_str(), difference.actual.as_str())
                    .spec(against.anchor),
            );
        }
    })
}
