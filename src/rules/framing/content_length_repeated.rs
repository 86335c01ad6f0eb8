//! The response has the same Content-Length several times, in several lines or in a list.
//!
//! **Why it matters.** Clients may accept the values as one or refuse the response, and both happen. The usual cause is a
//! proxy that adds the field to a response that has it.
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
//! **Clause.** RFC 9110 §8.6: a recipient may refuse them or accept them as one; §5.3: a sender MUST NOT send several
//! lines of a field that is no list. The level is `should` because most clients accept them as one.

use crate::assess::{Assessment, format};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "content-length-repeated",
    summary: "The response repeats its Content-Length",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9110 §8.6, §5.3",
    since: "0.1.0",
    source: include_str!("content_length_repeated.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::ContentLengthRepeated(value) => Some(
            FaultText::new("the response repeats its Content-Length", "one line with one number")
                .actual(format::short(value)),
        ),
        _ => None,
    })
}
