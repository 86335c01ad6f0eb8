//! The Content-Length is something other than digits: a sign, a unit, a fraction, nothing. Or the number is larger than
//! any length can be.
//!
//! **Why it matters.** Each client reads `-1` or `71 bytes` in its own way. So clients disagree about which bytes are
//! the body, and attackers use that.
//!
//! **Deviates.**
//!
//! ```http
//! Content-Length: 71 bytes
//! ```
//!
//! **Conforms.** `Content-Length: 71`
//!
//! **Limits.** Several values that differ are `content-length-conflicting`.
//!
//! **Clause.** RFC 9110 §8.6: `Content-Length = 1*DIGIT`; RFC 9112 §6.3: otherwise the framing is invalid.

use crate::assess::{Assessment, format};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "content-length-malformed",
    summary: "The Content-Length is not a number",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §8.6",
    since: "0.1.0",
    source: include_str!("content_length_malformed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::ContentLengthInvalid(value) => {
            let large = !value.is_empty() && value.bytes().all(|byte| byte.is_ascii_digit());
            let message =
                if large { "the Content-Length is larger than any body" } else { "the Content-Length is not a number" };
            let expected = if large { "a length below 2^64" } else { "digits" };
            Some(FaultText::new(message, expected).actual(format::quoted(value)))
        }
        _ => None,
    })
}
