//! In a chunked body, a line that should give a chunk's size in hexadecimal digits does not, the data of a chunk is not
//! followed by a line break, or a line break is a LF alone.
//!
//! **Why it matters.** Clients lose the end of the body, and with it the connection; lenient ones read other bytes than
//! strict ones.
//!
//! **Deviates.**
//!
//! ```text
//! 4g\r\n
//! {"code":"not_found"…
//! ```
//!
//! **Conforms.** `47`, `0047`, `47;name=value`, each followed by CR LF; trailer fields after the last chunk.
//!
//! **Limits.** That a LF alone may end a line is said of the head only (RFC 9112 §2.2), so here it is no matter of taste:
//! strict clients refuse it, and where a proxy and a client disagree, answers can be smuggled. A body that ends before its last chunk was cut: `cut-in-body`.
//!
//! **Clause.** RFC 9112 §7.1.

use crate::assess::{Assessment, format};
use crate::exchange::FaultKind;
use crate::rule::{Level, Origin, Rule};
use crate::rules::check::Checked;
use crate::rules::wire_findings::{self, FaultText};

pub(super) static RULE: Rule = Rule {
    id: "chunk-malformed",
    summary: "A chunk of the body is malformed",
    level: Level::Must,
    origin: Origin::Http,
    clause: "RFC 9112 §7.1",
    since: "0.1.0",
    source: include_str!("chunk_malformed.rs"),
};

pub(super) fn run(assessment: &Assessment<'_>) -> Checked {
    wire_findings::faults(assessment, &RULE, |_, kind| match kind {
        FaultKind::Chunk(why) => Some(FaultText::new(
            format!("a chunk is malformed: {}", format::short(why)),
            "a size in hexadecimal, CR LF, the data, CR LF",
        )),
        _ => None,
    })
}
