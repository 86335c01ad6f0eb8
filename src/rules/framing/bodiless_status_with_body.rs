//! Bytes followed the head of a 204, a 304 or a response to a HEAD, at once or a moment later on the open connection. Or
//! a 205 came with a body.
//!
//! **Why it matters.** The response ends with its head. On a connection that stays open, the client reads these bytes as
//! the beginning of the next response. The next request fails, or gets the response of another request. Most HTTP clients
//! hide this from tests, so the fault lives long in proxies and mocks.
//!
//! **Deviates.**
//!
//! ```http
//! HTTP/1.1 204 No Content
//! Content-Type: application/json
//!
//! {"result":"success"}
//! ```
//!
//! **Conforms.**
//!
//! ```http
//! HTTP/1.1 204 No Content
//! Content-Type: application/json
//!
//! ```
//!
//! **Limits.** A Content-Length or Transfer-Encoding without any bytes has its own rule
//! (`bodiless-status-with-content-length`, `bodiless-status-with-transfer-encoding`). With bytes, only this rule
//! reports. Late bytes are seen for 20 ms, or as long as `--linger` says. Bytes that come even later look like a
//! malformed answer to the next request.
//!
//! **Clause.** RFC 9110 §15.3.5: a 204 is terminated by the end of the header section; it cannot contain content.
//! §15.4.5 says the same of a 304, §9.3.2 of the response to a HEAD. §15.3.6: a server MUST NOT generate content in a
//! 205.

use crate::assess::transfer::has;
use crate::assess::{Assessment, format};
use crate::exchange::{FaultKind, Framing};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings;

pub(super) static RULE: Rule = Rule {
    id: "bodiless-status-with-body",
    summary: "Body bytes follow a status without a body",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §15.3.5, §6.4.1; RFC 9112 §6.3",
    since: "0.1.0",
    source: include_str!("bodiless_status_with_body.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::each_answer_read(assessment, |assessed, findings| {
        let answer = assessed.answer();
        let Some(status) = answer.status() else {
            return;
        };
        let (bytes, size, late) = match (&answer.surplus, answer.framing) {
            (Some(surplus), Framing::Bodiless) => (&surplus.bytes, surplus.size, surplus.late),
            (_, framing) if framing != Framing::Bodiless && status == 205 && answer.body_size > 0 => {
                (&answer.body, answer.body_size, false)
            }
            _ => return,
        };
        // The end of an empty chunked body is no body: its Transfer-Encoding is what is wrong.
        if is_empty_chunked(bytes) && has(answer, |kind| matches!(kind, FaultKind::BodilessWithTransferEncoding(_))) {
            return;
        }
        let count = format::count(size, "byte");
        let when = if late { ", a moment later" } else { "" };
        let length = answer
            .value("content-length")
            .map_or_else(String::new, |value| format!(" (Content-Length: {})", format::short(&value)));
        let message = format!("the server sent {count} after the head of the {status} response{when}{length}");
        let finding = assessed.finding(&RULE, message).compared("nothing after the head", format::bytes(bytes));
        findings
            .push(finding.advice(
                "A client that reuses the connection reads these bytes as the beginning of the next response.",
            ));
    })
}

pub(super) fn is_empty_chunked(bytes: &[u8]) -> bool {
    bytes == b"0\r\n\r\n"
}
