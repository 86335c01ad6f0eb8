//! The body went beyond the limit, and was not read further.
//!
//! **Why it matters.** A client that expects a short answer runs out of memory or time. An error answer of a megabyte is
//! most often a dump that should not have left the server.
//!
//! **Deviates.** A 404 with a body of 2 MiB.
//!
//! **Conforms.** A body below the limit, 1 MiB unless set otherwise.
//!
//! **Limits.** HTTP itself names no limit, hence the level. What such a body holds is not judged.
//!
//! **Clause.** RFC 9110 §8.6 lets the length be any; what clients take is their own matter.

use super::wire::{self, Told};
use super::{Checked, Evidence};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "body-too-large",
    summary: "The body of the answer is larger than the limit",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §8.6",
    since: "0.1.0",
    source: include_str!("body_too_large.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    wire::faults(evidence, &RULE, |_, kind| match kind {
        FaultKind::BodyTooLarge => Some(
            Told::new("the body of the answer is larger than the limit", "a body that clients take")
                .actual("a body beyond the limit"),
        ),
        _ => None,
    })
}
