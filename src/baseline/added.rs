//! A response has something that was not recorded.
//!
//! **What it checks.** Against a baseline, members of the body and headers that clients act on which the snapshot does
//! not have.
//!
//! **Why it matters.** Additions rarely break clients, but strict ones refuse unknown members, and an unexpected one is
//! often the first sign of another release.
//!
//! **Deviates.** The snapshot's body has `code`, `message` and `status`; the response adds `trace`.
//!
//! **Conforms.** Exactly the recorded members. Headers other than those that `baseline-changed` names may come and go.
//!
//! **Limits.** As those of `baseline-changed`.
//!
//! **Clause.** The case's own snapshot: what was recorded is what clients may rely on.

use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "baseline-added",
    summary: "A response has a part that was not recorded",
    level: Level::Should,
    origin: Origin::Suite,
    clause: "the recorded snapshot of the case",
    since: "0.1.0",
    source: include_str!("added.rs"),
};
