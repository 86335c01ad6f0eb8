//! The body is larger than the limit, or decompresses to more than the limit. The rest was not read.
//!
//! **Why it matters.** A client that expects a short answer runs out of memory or time. An error answer of a megabyte
//! is usually a dump that should not leave the server.
//!
//! **Deviates.** A 404 with a body of 2 MiB.
//!
//! **Conforms.** A body below the limit, 1 MiB unless `--max-body` says otherwise.
//!
//! **Limits.** HTTP itself has no limit. So a response that says its length is of level `should`, and is shown as an
//! answer that nothing pinned, because its content was not judged. If the response does not say where it ends, or how
//! large its decompressed content is, it may never end. Then the level is `must` if the document describes a body.
//!
//! **Clause.** RFC 9110 §8.6 allows any length. Each client has its own limit.

use crate::assess::transfer::has;
use crate::assess::{Assessment, has_example};
use crate::exchange::{FaultKind, Framing};
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};
use crate::spec::Response;

pub(super) static RULE: Rule = Rule {
    id: "body-too-large",
    summary: "The response body is larger than the limit",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §8.6",
    since: "0.1.0",
    source: include_str!("body_too_large.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    let checked = wire_findings::faults_in_any_protocol(assessment, &RULE, |_, kind| match kind {
        FaultKind::ContentTooLarge => Some(
            FaultText::new("the decompressed body is larger than the limit (--max-body)", "a body within the limit")
                .actual("compressed content that exceeds the limit"),
        ),
        FaultKind::BodyTooLarge => Some(
            FaultText::new("the response body is larger than the limit (--max-body)", "a body within the limit")
                .actual("a body that exceeds the limit"),
        ),
        _ => None,
    });
    let Checked::Findings(mut findings) = checked else { return checked };
    for finding in &mut findings {
        let endless = assessment.answers.iter().any(|assessed| {
            Some(assessed.index) == finding.step
                && assessed.response.is_some_and(describes_a_body)
                && (!matches!(assessed.answer().framing, Framing::Length(_))
                    || has(assessed.answer(), |kind| matches!(kind, FaultKind::ContentTooLarge)))
        });
        if !endless {
            finding.level = Level::Should;
        }
    }
    Checked::Findings(findings)
}

/// Whether a response object describes a body.
fn describes_a_body(response: &Response) -> bool {
    response.content.iter().any(|media| media.schema.is_some() || has_example(media))
}
