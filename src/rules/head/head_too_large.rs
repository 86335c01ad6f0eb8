//! The head of the response, or of an interim response, is larger than the limit. The rest was not read.
//!
//! **Why it matters.** Clients and proxies have limits, often 8 to 64 KiB, and drop the connection if a head is larger.
//!
//! **Deviates.** A status line and cookies of 70 KiB.
//!
//! **Conforms.** A head below the limit, 64 KiB unless set otherwise.
//!
//! **Limits.** HTTP itself has no limit. The level is `must` because the end of the head was not read, so nothing else
//! in the response can be judged. A client with such a limit has the same problem.
//!
//! **Clause.** RFC 9110 §5.4: HTTP places no limit on fields; a client may discard or truncate field lines that are
//! larger than it wishes to process.

use crate::assess::Assessment;
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "head-too-large",
    summary: "The response head is larger than the limit",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §5.4",
    since: "0.1.0",
    source: include_str!("head_too_large.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults_in_any_protocol(assessment, &RULE, |_, kind| match kind {
        FaultKind::HeadTooLarge => Some(
            FaultText::new("the response head is larger than the limit", "a head within the limit")
                .actual("a head that exceeds the limit"),
        ),
        _ => None,
    })
}
