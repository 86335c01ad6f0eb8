//! After the last chunk comes a line that is no field line, or a field that is not allowed in a trailer: it frames the
//! message, routes it, asks for a credential, sets a cookie, controls caches, or describes the content.
//!
//! **Why it matters.** Clients that read trailers fail. If a client merges trailers into the header section, an
//! attacker can change the length or the type afterwards. Most clients ignore trailers, so they never see the field.
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
//! **Limits.** The values of trailers are not judged.
//!
//! **Clause.** RFC 9112 §7.1.2; RFC 9110 §6.5.1: a sender MUST NOT generate a trailer field unless the field's
//! definition permits it.

use crate::assess::Assessment;
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "trailer-malformed",
    summary: "A trailer field is malformed or not allowed",
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
            "field lines that are allowed after the content",
        )),
        _ => None,
    })
}
