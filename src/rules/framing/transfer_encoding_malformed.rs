//! The Transfer-Encoding is something other than `chunked` alone: an unknown coding, a compression that the request
//! does not accept, `chunked` twice or not last. Or an HTTP/1.0 response has the field.
//!
//! **Why it matters.** The client cannot tell where the body ends, or cannot read it.
//!
//! **Deviates.**
//!
//! ```http
//! Transfer-Encoding: gzip, chunked
//! ```
//!
//! **Conforms.** `Transfer-Encoding: chunked`, in any case.
//!
//! **Limits.** The requests have no `TE` field, so no other coding is accepted.
//!
//! **Clause.** RFC 9112 §6.1, §7.4; and §6.1 on HTTP/1.0: such a message has faulty framing.

use crate::assess::{Assessment, format};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "transfer-encoding-malformed",
    summary: "The Transfer-Encoding is not plain chunked",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §6.1",
    since: "0.1.0",
    source: include_str!("transfer_encoding_malformed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::TransferEncoding(value) => {
            let text = FaultText::new("the Transfer-Encoding is not plain chunked", "chunked, alone");
            Some(text.actual(format::quoted(value)))
        }
        FaultKind::TransferEncodingHttp10 => Some(FaultText::new(
            "an HTTP/1.0 response has a Transfer-Encoding",
            "a Content-Length, or the end of the connection",
        )),
        _ => None,
    })
}
