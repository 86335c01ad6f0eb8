//! A line of the head ends in LF alone.
//!
//! **Why it matters.** Recipients may accept it as a line end, and most do. Others see one long field. If a proxy and a
//! client disagree, fields can be smuggled.
//!
//! **Deviates**, the line ends shown as escapes:
//!
//! ```text
//! HTTP/1.1 204 No Content\n
//! Server: home-made\n
//! \n
//! ```
//!
//! **Conforms.** CR LF after each line.
//!
//! **Limits.** Bodies may end their lines as they like. Between chunks an LF alone is `chunk-malformed`.
//!
//! **Clause.** RFC 9112 §2.1, §2.2: lines end in CRLF; a recipient MAY recognise a single LF.

use crate::assess::Assessment;
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "line-end-bare-lf",
    summary: "A line of the head ends with LF, without CR",
    level: Level::Should,
    origin: Origin::Http,
    clause: "RFC 9112 §2.2",
    since: "0.1.0",
    source: include_str!("line_end_bare_lf.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::BareLf => Some(FaultText::new("a line of the head ends with LF, without CR", "CR LF")),
        _ => None,
    })
}
