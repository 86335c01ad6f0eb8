//! The response has several Content-Length values, in several lines or in a list, and they are not the same.
//!
//! **Why it matters.** A proxy uses one value and the client another. Attackers use that to split responses and to
//! poison caches.
//!
//! **Deviates.**
//!
//! ```http
//! Content-Length: 71
//! Content-Length: 17
//! ```
//!
//! **Conforms.** One line with one number.
//!
//! **Limits.** The same number several times is `content-length-repeated`, of level `should`.
//!
//! **Clause.** RFC 9112 §6.3: invalid framing, an unrecoverable error.

use crate::assess::{Assessment, format};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "content-length-conflicting",
    summary: "The response has Content-Length values that differ",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §6.3",
    since: "0.1.0",
    source: include_str!("content_length_conflicting.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::ContentLengthConflict(values) => {
            let came = values.iter().map(|value| format::short(value)).collect::<Vec<_>>().join(" and ");
            Some(FaultText::new("the response has Content-Length values that differ", "one length").actual(came))
        }
        _ => None,
    })
}
