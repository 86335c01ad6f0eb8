//! More bytes came than the Content-Length says. Or fewer came, and the body is complete JSON, so nothing was lost and
//! the number is wrong.
//!
//! **Why it matters.** If the length is too small, the client reads a part of the body, and reads the rest as the next
//! answer. If the length is too large, the client waits for bytes that never come until it gives up.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json
//! Content-Length: 60
//!
//! {"code":"not_found","message":"Conversation Not Exists.","status":404}
//! ```
//!
//! **Conforms.** The number of bytes, `Transfer-Encoding: chunked`, or neither and the connection closed at the end.
//!
//! **Limits.** If fewer bytes came and the body is not complete, the response was cut (`cut-in-body`) or did not end
//! (`answer-endless`). Bytes that begin another response are `bytes-after-answer`. If the length is uncertain, rules
//! about the body report only what is certain.
//!
//! **Clause.** RFC 9110 §8.6: the length of the content; RFC 9112 §6.3: surplus bytes may mean that it is incorrect.

use crate::assess::{Assessment, Transfer, format};
use crate::exchange::Framing;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings;

pub(super) static RULE: Rule = Rule {
    id: "content-length-wrong",
    summary: "The Content-Length differs from the size of the body",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §8.6; RFC 9112 §6.3",
    since: "0.1.0",
    source: include_str!("content_length_wrong.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::each_answer_read(assessment, |assessed, findings| {
        let answer = assessed.answer();
        let Framing::Length(length) = answer.framing else {
            return;
        };
        let came = match &answer.surplus {
            // A head that calls itself an answer is one (`bytes-after-answer`).
            Some(surplus) if !surplus.bytes.starts_with(b"HTTP/") && answer.status() != Some(205) => {
                answer.body_size + surplus.size
            }
            _ if assessed.transfer == Transfer::LengthTooLarge => answer.body_size,
            _ => return,
        };
        let message = format!("the Content-Length says {length}, but {} came", format::count(came, "byte"));
        let mut finding =
            assessed.finding(&RULE, message).compared(format::count(length, "byte"), format::count(came, "byte"));
        if let Some(surplus) = &answer.surplus {
            finding = finding.advice(format!("After that came: {}", format::bytes(&surplus.bytes)));
        }
        findings.push(finding);
    })
}
