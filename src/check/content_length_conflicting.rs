//! The answer has several Content-Length values, in several lines or in a list, and they are not the same.
//!
//! **Why it matters.** A proxy goes by the one, the client by the other: this is how responses are split and caches are
//! poisoned.
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

use super::wire::{self, Told};
use super::{Checked, Evidence, shown};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "content-length-conflicting",
    summary: "The answer has Content-Length values that differ",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §6.3",
    since: "0.1.0",
    source: include_str!("content_length_conflicting.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    wire::faults(evidence, &RULE, |_, kind| match kind {
        FaultKind::ContentLengthConflict(values) => {
            let came = values.iter().map(|value| shown::short(value)).collect::<Vec<_>>().join(" and ");
            Some(Told::new("the answer has Content-Length values that differ", "one length").actual(came))
        }
        _ => None,
    })
}
