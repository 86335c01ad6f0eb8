//! The answer has the same Content-Length several times, in several lines or in a list.
//!
//! **Why it matters.** Clients may take them as one or refuse the answer, and both happen. It comes from a proxy that
//! adds the field to an answer that has it.
//!
//! **Deviates.**
//!
//! ```http
//! Content-Length: 71
//! Content-Length: 71
//! ```
//!
//! **Conforms.** One line with one number.
//!
//! **Limits.** Values that differ are `content-length-conflicting`.
//!
//! **Clause.** RFC 9110 §8.6: a recipient may refuse them or take them as one; §5.3: a sender MUST NOT send several
//! lines of a field that is no list. The level is `should` because most clients take them as one.

use crate::assess::{Assessment, format};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "content-length-repeated",
    summary: "The answer repeats its Content-Length",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §8.6, §5.3",
    since: "0.1.0",
    source: include_str!("content_length_repeated.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::ContentLengthRepeated(value) => Some(
            FaultText::new("the answer repeats its Content-Length", "one line with one number")
                .actual(format::short(value)),
        ),
        _ => None,
    })
}
