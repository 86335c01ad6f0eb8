//! An empty line or white space comes before the status line, or white space comes before the first field.
//!
//! **Why it matters.** Clients that read the status line from the first byte find none. Some clients drop a first field
//! after white space, others join it to the status line.
//!
//! **Deviates.**
//!
//! ```text
//! \r\n
//! HTTP/1.1 404 Not Found\r\n
//! ```
//!
//! **Conforms.** The status line from the first byte, the first field right after it.
//!
//! **Limits.** White space at the beginning of a later field line is `field-folded`.
//!
//! **Clause.** RFC 9112 §2.2: a sender MUST NOT send white space between the start-line and the first field; §2.1: the
//! message begins with the start-line.

use crate::assess::Assessment;
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "head-leading-space",
    summary: "The head begins with white space or an empty line",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §2.2",
    since: "0.1.0",
    source: include_str!("head_leading_space.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::LeadingSpace => {
            Some(FaultText::new("the head begins with white space or an empty line", "the status line, then fields"))
        }
        _ => None,
    })
}
