//! A line of the head begins with white space, which continues the field before it. HTTP/1.0 allowed this; HTTP/1.1
//! does not.
//!
//! **Why it matters.** Some clients join the lines, some drop the second, some refuse the response.
//!
//! **Deviates.**
//!
//! ```text
//! X-Trace: one
//!   two
//! ```
//!
//! **Conforms.** `X-Trace: one two`
//!
//! **Limits.** Within a `message/http` body folding is still allowed. Bodies are not searched for it.
//!
//! **Clause.** RFC 9112 §5.2: a sender MUST NOT generate a message that includes line folding.

use crate::assess::Assessment;
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "field-folded",
    summary: "A field value continues on the next line",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §5.2",
    since: "0.1.0",
    source: include_str!("field_folded.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::Folding => {
            Some(FaultText::new("a field value continues on the next line", "one line for each field"))
        }
        _ => None,
    })
}
