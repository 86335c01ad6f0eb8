//! After the last chunk a line follows that is no field line, or one of a field that comes too late there: it frames the
//! message, routes it, asks for a credential, sets a cookie, steers caches, or says what the content is.
//!
//! **Why it matters.** Clients that read trailers fail; those that merge them into the header section can be told another
//! length or type afterwards; the others, which are most, never see what was meant for them.
//!
//! **Deviates.**
//!
//! ```text
//! 0\r\n
//! Content-Length: 5\r\n
//! \r\n
//! ```
//!
//! **Conforms.** `X-Checksum: 9f0c`, `ETag: "9f0c"` or `Server-Timing: db;dur=53` in the same place.
//!
//! **Limits.** What the trailers say is not judged.
//!
//! **Clause.** RFC 9112 §7.1.2; RFC 9110 §6.5.1: a sender MUST NOT generate a trailer field unless the field's definition
//! permits it.

use crate::assess::Assessment;
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "trailer-malformed",
    summary: "A trailer field is malformed or not allowed there",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §7.1.2; RFC 9110 §6.5.1",
    since: "0.1.0",
    source: include_str!("trailer_malformed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::Trailer => Some(FaultText::new(
            "a trailer field is malformed or not allowed",
            "field lines that may come after the content",
        )),
        _ => None,
    })
}
