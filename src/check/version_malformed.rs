//! The version is not exactly `HTTP/1.1` or `HTTP/1.0`: in lower case, with other digits, or of HTTP/2, which is never
//! written in a line like this.
//!
//! **Why it matters.** The name has a case, and clients compare it byte for byte.
//!
//! **Deviates.**
//!
//! ```text
//! http/1.1 404 Not Found
//! ```
//!
//! **Conforms.** `HTTP/1.1` and `HTTP/1.0`.
//!
//! **Limits.** Whether an HTTP/1.0 answer suits its request is not asked.
//!
//! **Clause.** RFC 9112 §2.3.

use super::wire::{self, Told};
use super::{Checked, Evidence, shown};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "version-malformed",
    summary: "The status line names no version of HTTP/1",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §2.3",
    since: "0.1.0",
    source: include_str!("version_malformed.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    wire::faults(evidence, &RULE, |_, kind| match kind {
        FaultKind::Version(came) => Some(
            Told::new("the status line names no version of HTTP/1", "HTTP/1.1 or HTTP/1.0").actual(shown::quoted(came)),
        ),
        _ => None,
    })
}
