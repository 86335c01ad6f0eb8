//! The body went beyond the limit, or unpacks to more, and was not read further.
//!
//! **Why it matters.** A client that expects a short answer runs out of memory or time. An error answer of a megabyte is
//! most often a dump that should not have left the server.
//!
//! **Deviates.** A 404 with a body of 2 MiB.
//!
//! **Conforms.** A body below the limit, 1 MiB unless `--max-body` says otherwise.
//!
//! **Limits.** HTTP itself names no limit, so an answer that says its length is `should`, and shown as one that nothing
//! pinned: what it holds was not judged. One that does not say where it ends, or how much its compressed bytes hold, is
//! `must` where the document pins a body: as far as anybody can tell it never ends.
//!
//! **Clause.** RFC 9110 §8.6 lets the length be any; what clients take is their own matter.

use super::ending::has;
use super::wire::{self, Told};
use super::{Checked, Evidence};
use crate::exchange::{FaultKind, Framing};
use crate::rule::{Level, Origin, Rule};
use crate::spec::Response;

pub(super) static RULE: Rule = Rule {
    id: "body-too-large",
    summary: "The body of the answer is larger than the limit",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §8.6",
    since: "0.1.0",
    source: include_str!("body_too_large.rs"),
};

pub(super) fn run(evidence: &Evidence<'_>) -> Checked {
    let checked = wire::faults_in_any(evidence, &RULE, |_, kind| match kind {
        FaultKind::ContentTooLarge => Some(
            Told::new("the body unpacks to more than the limit", "a body that clients take")
                .actual("compressed content beyond the limit"),
        ),
        FaultKind::BodyTooLarge => Some(
            Told::new("the body of the answer is larger than the limit", "a body that clients take")
                .actual("a body beyond the limit"),
        ),
        _ => None,
    });
    let Checked::Findings(mut findings) = checked else { return checked };
    for finding in &mut findings {
        let endless = evidence.held().iter().any(|held| {
            Some(held.index) == finding.step
                && held.response.is_some_and(pins)
                && (!matches!(held.answer().framing, Framing::Length(_))
                    || has(held.answer(), |kind| matches!(kind, FaultKind::ContentTooLarge)))
        });
        if !endless {
            finding.level = Level::Should;
        }
    }
    Checked::Findings(findings)
}

/// Whether a response object says anything about a body that could have been held against it.
fn pins(response: &Response) -> bool {
    response.content.iter().any(|media| media.schema.is_some() || super::pin::by_example(media))
}
