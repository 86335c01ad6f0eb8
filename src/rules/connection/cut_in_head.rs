//! The response began, and the server closed or reset the connection before the empty line that ends the head.
//!
//! **Why it matters.** The client has a part of a response: at best a status without a body. It does not know what
//! happened.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Ty
//! ```
//!
//! **Conforms.** A complete head.
//!
//! **Limits.** The head is not complete, so nothing in it is judged.
//!
//! **Clause.** RFC 9112 §8: such a message is incomplete, and a client MUST record it as such. If a client needs the
//! fields to understand the status, it cannot rely on the status.

use crate::assess::{Assessment, Transfer, format, transfer};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "cut-in-head",
    summary: "The connection ended inside the head of a response",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §8",
    since: "0.1.0",
    source: include_str!("cut_in_head.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "nothing was judged", |assessed, findings| {
        if assessed.transfer == Transfer::CutInHead {
            let answer = assessed.answer();
            let came = format!("{} after {}", transfer::end_description(&answer.end), excerpt(&answer.raw));
            let finding = assessed.finding(&RULE, "the connection ended inside the head of a response");
            findings.push(finding.compared("a complete head", came));
        }
        true
    })
}

/// How much came, and its last line from the beginning: `44 bytes, in line 2: Content-Ty`.
fn excerpt(came: &[u8]) -> String {
    let size = format::count(came.len() as u64, "byte");
    let complete = came.strip_suffix(b"\n");
    let lines = complete.unwrap_or(came);
    let number = lines.split(|byte| *byte == b'\n').count();
    let last = lines.rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let place = if complete.is_some() { "at the end of" } else { "in" };
    match last.strip_suffix(b"\r").unwrap_or(last) {
        b"" => format!("{size}, {place} line {number}, which is empty"),
        last => format!("{size}, {place} line {number}: {}", format::bytes(last)),
    }
}
