//! The version is not exactly `HTTP/1.1` or `HTTP/1.0`. It is in lower case, has other digits, or is that of HTTP/2,
//! which has no status line.
//!
//! **Why it matters.** Clients compare the version byte for byte, so case matters.
//!
//! **Deviates.**
//!
//! ```text
//! http/1.1 404 Not Found
//! ```
//!
//! **Conforms.** `HTTP/1.1` and `HTTP/1.0`.
//!
//! **Limits.** The rule does not ask whether an HTTP/1.0 response suits its request.
//!
//! **Clause.** RFC 9112 §2.3.

use crate::assess::{Assessment, format};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "version-malformed",
    summary: "The status line does not name a version of HTTP/1",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §2.3",
    since: "0.1.0",
    source: include_str!("version_malformed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::Version(came) => Some(
            FaultText::new("the status line does not name a version of HTTP/1", "HTTP/1.1 or HTTP/1.0")
                .actual(format::quoted(came)),
        ),
        _ => None,
    })
}
