//! The response has both a Content-Length and a Transfer-Encoding.
//!
//! **Why it matters.** A client that uses the length and a client that uses the chunks find different ends. This is the
//! classic way to smuggle requests and responses. A proxy may refuse such a response.
//!
//! **Deviates.**
//!
//! ```http
//! Transfer-Encoding: chunked
//! Content-Length: 71
//! ```
//!
//! **Conforms.** Either of them, or neither.
//!
//! **Limits.** For a status without a body, the rules about bodiless statuses report instead.
//!
//! **Clause.** RFC 9112 §6.2: a sender MUST NOT send a Content-Length in any message with a Transfer-Encoding.

use crate::assess::Assessment;
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "content-length-with-transfer-encoding",
    summary: "Content-Length and Transfer-Encoding are both there",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §6.2",
    since: "0.1.0",
    source: include_str!("content_length_with_transfer_encoding.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::LengthAndTransferEncoding => {
            Some(FaultText::new("the response has both a Content-Length and a Transfer-Encoding", "one of the two"))
        }
        _ => None,
    })
}
