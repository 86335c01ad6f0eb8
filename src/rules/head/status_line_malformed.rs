//! The first line is not `HTTP/1.1`, one space, three digits, one space and a reason phrase: it is something else
//! altogether, has no or several spaces, or control characters.
//!
//! **Why it matters.** Strict clients refuse the answer; lenient ones read a status out of it, and not all the same.
//!
//! **Deviates.**
//!
//! ```text
//! HTTP/1.1  404  Not Found
//! ```
//!
//! **Conforms.** `HTTP/1.1 404 Not Found`, `HTTP/1.1 404 ` and `HTTP/1.0 404 Nichts da`.
//!
//! **Limits.** A server must send the space after the code even where no reason phrase follows. Where it is missing,
//! every client reads an empty phrase, so this rule lets it pass. A version or a code that is wrong by itself is
//! `version-malformed` or `status-code-malformed`.
//!
//! **Clause.** RFC 9112 §4.

use crate::assess::Assessment;
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "status-line-malformed",
    summary: "The answer does not begin with a proper status line",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §4",
    since: "0.1.0",
    source: include_str!("status_line_malformed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    let checked = wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::StatusLine => {
            Some(FaultText::new("the answer does not begin with a proper status line", "HTTP/1.1, a status, a reason"))
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
const LATE: &str = "This connection was used before: bytes that come late, after the answer to an earlier request, look \
                    like this. Run the case alone to tell.";
