//! A line of the head has no colon, has white space before the colon, or has characters that are not allowed in a name.
//!
//! **Why it matters.** Attackers used white space before the colon to smuggle fields past proxies. On a line without a
//! colon, some clients refuse the response and others drop the line.
//!
//! **Deviates.**
//!
//! ```text
//! Content-Type : application/json
//! X Trace: 1
//! just some words
//! ```
//!
//! **Conforms.** `Content-Type:application/json`, `content-type: application/json`, `X_Trace: 1`.
//!
//! **Limits.** The malformed line may be a field that another rule looks for. So rules about missing fields are silent
//! when this one reports.
//!
//! **Clause.** RFC 9112 §5.1: no white space is allowed between the name and the colon; RFC 9110 §5.1: a name is a
//! token.

use crate::assess::Assessment;
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "field-name-malformed",
    summary: "A field line has no valid name",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §5.1; RFC 9110 §5.1",
    since: "0.1.0",
    source: include_str!("field_name_malformed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::NoColon => Some(FaultText::new("a line of the head has no colon", "Name: value")),
        FaultKind::SpaceBeforeColon => {
            Some(FaultText::new("there is white space before the colon of a field", "Name: value"))
        }
        FaultKind::FieldName => {
            Some(FaultText::new("a field name has characters that HTTP does not allow in names", "Name: value"))
        }
        _ => None,
    })
}
