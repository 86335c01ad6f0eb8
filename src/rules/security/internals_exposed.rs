//! The body holds what looks like a stack trace (Python, Java, .NET, Go, Node, PHP, Ruby, Rust), what a database says
//! about a failed query, or the path of a source file on the server.
//!
//! **Why it matters.** It tells an attacker which software runs where, and a user nothing. It comes from debug settings
//! that reached production.
//!
//! **Deviates.**
//!
//! ```text
//! Traceback (most recent call last):
//!   File "/app/api/controllers/conversation.py", line 71, in delete
//! ```
//!
//! **Conforms.** `{"code":"internal_error","message":"Something went wrong."}`, and any text that speaks of paths of
//! the API.
//!
//! **Limits.** Only patterns that harmless text does not have are looked for, so a trace in another form goes unseen.
//! The first 64 KiB of a body are looked at.
//!
//! **Clause.** CWE-209, error messages with sensitive information. RFC 9110 forbids none of this by a sentence of its
//! own; §17 asks to weigh what messages disclose, hence the level.

use super::internals;
use crate::assess::{Assessment, format};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "internals-exposed",
    summary: "The body shows a stack trace or the like",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §17; CWE-209",
    since: "0.1.0",
    source: include_str!("internals_exposed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "no body came", |assessed, findings| {
        let body = assessed.answer().content();
        if body.is_empty() {
            return false;
        }
        if let Some(trace) = internals::find(body) {
            let finding = assessed.finding(&RULE, format!("the body shows {}", trace.what));
            findings.push(finding.compared("no word of the server's inside", format::quoted(&trace.text)));
        }
        true
    })
}
