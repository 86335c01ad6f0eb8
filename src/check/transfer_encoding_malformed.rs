//! The Transfer-Encoding is something else than `chunked` alone: an unknown coding, a compression that nobody offered to
//! accept, `chunked` twice or not last; or it stands in an HTTP/1.0 answer.
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
//! **Limits.** The requests here carry no `TE` field.
//!
//! **Clause.** RFC 9112 §6.1, §7.4; and §6.1 on HTTP/1.0: such a message has faulty framing.

use super::wire::{self, Told};
use super::{Checked, Evidence, shown};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "transfer-encoding-malformed",
    summary: "The Transfer-Encoding is none a client can ask for",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §6.1",
    since: "0.1.0",
    source: include_str!("transfer_encoding_malformed.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    wire::faults(evidence, &RULE, |_, kind| match kind {
        FaultKind::TransferEncoding(value) => {
            let told = Told::new("the Transfer-Encoding is not plain chunked", "chunked, alone");
            Some(told.actual(shown::quoted(value)))
        }
        FaultKind::TransferEncodingHttp10 => Some(Told::new(
            "an HTTP/1.0 answer has a Transfer-Encoding",
            "a Content-Length, or the end of the connection",
        )),
        _ => None,
    })
}
