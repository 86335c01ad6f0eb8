//! The server closed or reset the connection before the body was as long as its Content-Length says, or before the last
//! chunk.
//!
//! **Why it matters.** The client gets an error from its HTTP library instead of the response.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json
//! Content-Length: 71
//!
//! {"code":"not_found","mess
//! ```
//!
//! **Conforms.** As many bytes as the Content-Length says.
//!
//! **Limits.** If the received body is complete JSON, only the length is wrong (`content-length-wrong`). The content of
//! a cut body is not judged.
//!
//! **Clause.** RFC 9112 §8: a message is incomplete if fewer bytes come than its framing says.

use crate::assess::{Assessment, Transfer, format, transfer};
use crate::exchange::Framing;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::{Checked, each_answer};

pub(super) static RULE: Rule = Rule {
    id: "cut-in-body",
    summary: "The connection ended inside the body of a response",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §8",
    since: "0.1.0",
    source: include_str!("cut_in_body.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    each_answer(assessment, "nothing was judged", |assessed, findings| {
        if assessed.transfer == Transfer::CutInBody {
            let answer = assessed.answer();
            let came =
                format!("{}, then {}", format::count(answer.body_size, "byte"), transfer::end_description(&answer.end));
            let expected = match answer.framing {
                Framing::Length(length) => format::count(length, "byte"),
                Framing::Chunked => "all chunks, with the last one".to_owned(),
                _ => "a complete body".to_owned(),
            };
            let finding = assessed.finding(&RULE, "the connection ended inside the body of a response");
            findings.push(finding.compared(expected, came));
        }
        true
    })
}
