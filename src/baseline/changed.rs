//! A response is not as it was recorded.
//!
//! **What it checks.** Against a baseline, every part that was recorded must come again: the status, the headers that
//! clients act on (`Content-Type`, `WWW-Authenticate`, `Allow`, `Location`, `Retry-After`, `Content-Encoding`, and
//! those the document lists for the response), and every value of the body that is not generated, captured or freed by
//! the case.
//!
//! **Why it matters.** The document is rarely all that clients rely on. What the real API was seen to do is the other
//! half of "behaves like the real API".
//!
//! **Deviates.** The snapshot has `"code": "unauthorized"` in a 401's body, which no document pins, and the response says
//! `"code": "no_auth"`.
//!
//! **Conforms.** The same members with the same values, in any order; a further member is `baseline-added`.
//!
//! **Limits.** A step that already breaks the contract is not reported again here. The parameters of a media type, and
//! a Content-Type on a response without a body, are not compared.
//!
//! **Clause.** The case's own snapshot: what was recorded is what clients may rely on.

use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "baseline-changed",
    summary: "A response lacks or changes what was recorded",
    level: Level::Must,
    origin: Origin::Suite,
    clause: "the recorded snapshot of the case",
    since: "0.1.0",
    source: include_str!("changed.rs"),
};
