//! In a chunked body, the size of a chunk is not a hexadecimal number, the data of a chunk is not followed by a line
//! break, or a line break is an LF alone.
//!
//! **Why it matters.** Clients lose the end of the body, and so the connection. Lenient clients read other bytes than
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
//! **Limits.** An LF alone may end a line of the head only (RFC 9112 §2.2). In a chunked body strict clients refuse it,
//! and if a proxy and a client disagree, answers can be smuggled. A body that ends before its last chunk is
//! `cut-in-body`.
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
