//! The body has text that looks like a stack trace (Python, Java, .NET, Go, Node, PHP, Ruby, Rust), like the error of a
//! database about a query, or like the path of a source file on the server.
//!
//! **Why it matters.** It tells an attacker which software runs where, and does not help a user. The usual cause is a
//! debug setting in production.
//!
//! **Deviates.**
//!
//! ```text
//! Traceback (most recent call last):
//!   File "/app/api/controllers/conversation.py", line 71, in delete
//! ```
//!
//! **Conforms.** `{"code":"internal_error","message":"Something went wrong."}`, and any text with paths of the API.
//!
//! **Limits.** The rule searches only for patterns that harmless text does not have, so it misses a trace in another
//! form. It searches the first 64 KiB of a body.
//!
//! **Clause.** CWE-209, error messages with sensitive information. RFC 9110 has no sentence that forbids this. §17 asks
//! to consider what messages disclose, so the level is `should`.

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
            findings.push(finding.compared("no internals of the server", format::quoted(&trace.text)));
        }
        true
    })
}
