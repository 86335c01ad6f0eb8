//! A field value has a NUL, a CR that does not end the line, or any control character except a tab.
//!
//! **Why it matters.** Implementations read these characters differently. Some end the line at a bare CR, so one field
//! becomes two. Others refuse the response or replace the character.
//!
//! **Deviates**, the bytes shown as escapes:
//!
//! ```text
//! X-Trace: a\x00b
//! ```
//!
//! **Conforms.** Visible ASCII, spaces, tabs, and bytes from 0x80, although these are unwise.
//!
//! **Limits.** Line ends without CR are `line-end-bare-lf`.
//!
//! **Clause.** RFC 9110 §5.5: CR, LF and NUL are invalid and dangerous; other control characters are invalid too.

use crate::assess::Assessment;
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "field-value-malformed",
    summary: "A field value holds a control character",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9110 §5.5",
    since: "0.1.0",
    source: include_str!("field_value_malformed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::FieldValue => {
            Some(FaultText::new("a field value holds a control character", "visible characters, spaces and tabs"))
        }
        _ => None,
    })
}
