//! The answer began, and the server closed or reset the connection before the empty line that ends the head.
//!
//! **Why it matters.** The client has half an answer: a status without a body at best, and no knowledge of what
//! happened.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Ty
//! ```
//!
//! **Conforms.** A whole head.
//!
//! **Limits.** As the head is not whole, nothing in it is judged.
//!
//! **Clause.** RFC 9112 §8: such a message is incomplete, and a client MUST record it as such. Where the status might
//! need its fields to be understood, the client cannot take it as told.

use super::ending::{self, Ending};
use super::{Checked, Evidence, shown};
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "cut-in-head",
    summary: "The connection ended inside the head of the answer",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §8",
    since: "0.1.0",
    source: include_str!("cut_in_head.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    evidence.over("nothing was judged", |held, findings| {
        if held.ending == Ending::CutInHead {
            let answer = held.answer();
            let tail = &answer.raw[answer.raw.len().saturating_sub(40)..];
            let came = format!("{} after {}", ending::in_words(&answer.end), shown::bytes(tail));
            let finding = held.finding(&RULE, "the connection ended inside the head of the answer");
            findings.push(finding.compared("a whole head", came));
        }
        true
    })
}
