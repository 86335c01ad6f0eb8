//! More bytes came after the end of the response, as its framing says: a second answer without a request, or the rest of
//! something else.
//!
//! **Why it matters.** On a connection that stays open, the client reads these bytes as the response to its next request.
//!
//! **Deviates.**
//!
//! ```text
//! 0\r\n
//! \r\n
//! HTTP/1.1 200 OK\r\n …
//! ```
//!
//! **Conforms.** No bytes until the next request, or the end of the connection.
//!
//! **Limits.** Bytes beyond a Content-Length are `content-length-wrong`, bytes after a 204 `bodiless-status-with-body`.
//!
//! **Clause.** RFC 9112 §6.3: a client MUST NOT process such data as a separate response; §9.3: on a connection that
//! stays open every message has a length of its own.

use crate::assess::{Assessment, format};
use crate::exchange::Framing;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings;

pub(super) static RULE: Rule = Rule {
    id: "bytes-after-answer",
    summary: "Bytes that do not belong to it follow the response",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §6.3",
    since: "0.1.0",
    source: include_str!("bytes_after_answer.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::each_http1_answer(assessment, |assessed, findings| {
        let answer = assessed.answer();
        let Some(surplus) = &answer.surplus else {
            return;
        };
        let another = surplus.bytes.starts_with(b"HTTP/");
        match answer.framing {
            Framing::Bodiless => return,
            Framing::Length(_) if !another => return,
            _ => {}
        }
        let what = if another { "another response follows" } else { "bytes that belong to no response follow" };
        let message = format!("{what} the response ({})", format::count(surplus.size, "byte"));
        findings.push(assessed.finding(&RULE, message).compared("nothing", format::bytes(&surplus.bytes)));
    })
}
