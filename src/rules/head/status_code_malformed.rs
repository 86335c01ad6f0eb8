//! The status is not three digits, or below 100 or above 599.
//!
//! **Why it matters.** The first digit is the class by which clients treat codes that they do not know. There is no class 6
//! and no class 0; clients throw, or treat it as 5xx.
//!
//! **Deviates.**
//!
//! ```text
//! HTTP/1.1 999 Request Denied
//! ```
//!
//! **Conforms.** Any status from 100 to 599, registered or not.
//!
//! **Limits.** It stands instead of `status-unexpected`: such a number is no status.
//!
//! **Clause.** RFC 9110 §15: values outside 100 to 599 are invalid; RFC 9112 §4: `status-code = 3DIGIT`.

use crate::assess::{Assessment, format};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "status-code-malformed",
    summary: "The status is not three digits from 100 to 599",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §15; RFC 9112 §4",
    since: "0.1.0",
    source: include_str!("status_code_malformed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::StatusCode(came) => Some(
            FaultText::new("the status is not three digits from 100 to 599", "100 to 599").actual(format::quoted(came)),
        ),
        _ => None,
    })
}
