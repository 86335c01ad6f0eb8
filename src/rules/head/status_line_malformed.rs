//! The first line is not `HTTP/1.1`, one space, three digits, one space and a reason phrase. It is something else,
//! lacks a space, has several spaces, or has control characters.
//!
//! **Why it matters.** Strict clients refuse the response. Lenient clients read a status from it, and not all read the
//! same.
//!
//! **Deviates.**
//!
//! ```text
//! HTTP/1.1  404  Not Found
//! ```
//!
//! **Conforms.** `HTTP/1.1 404 Not Found`, `HTTP/1.1 404 ` and `HTTP/1.0 404 Nichts da`.
//!
//! **Limits.** A server must send the space after the code even without a reason phrase. If the space is missing, every
//! client reads an empty phrase, so this rule does not report it. A wrong version is `version-malformed`, and a wrong
//! code is `status-code-malformed`.
//!
//! **Clause.** RFC 9112 §4.

use crate::assess::Assessment;
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "status-line-malformed",
    summary: "The response does not begin with a valid status line",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §4",
    since: "0.1.0",
    source: include_str!("status_line_malformed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    let checked = wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::StatusLine => {
            Some(FaultText::new("the response does not begin with a valid status line", "HTTP/1.1, a status, a reason"))
        }
        _ => None,
    });
    let Checked::Findings(mut findings) = checked else { return checked };
    for finding in findings.iter_mut().filter(|finding| finding.advice.is_none()) {
        let reused = assessment
            .answers
            .iter()
            .any(|assessed| Some(assessed.index) == finding.step && assessed.observed.exchange.reused);
        if reused {
            finding.advice = Some(LATE.to_owned());
        }
    }
    Checked::Findings(findings)
}

/// What else it may be on a connection that carried an answer before.
const LATE: &str = "This connection was used before: bytes that come late, after the response to an earlier request, look \
                    like this. Run the case alone to tell.";
