//! A known deviation is listed for this case and this target, but the last day on which it is accepted has passed. The entry
//! covers nothing any more: findings count as if it were not listed.
//!
//! **Why it matters.** A deviation that is accepted without an end is accepted for good. The date makes the team look
//! again: was the API fixed, and does the deviation still matter?
//!
//! **Noted**, from 2026-02-01 on (in UTC):
//!
//! ```yaml
//! - {case: suite/case, rule: status-unexpected, reason: Will be fixed., link: https://example.com/7, until: 2026-01-31}
//! ```
//!
//! **Not noted.** The same entry on 2026-01-31 or earlier; an entry for another `target`.
//!
//! **Limits.** The note never fails a run, not even with `--strict`. The findings that the entry covered do.
//!
//! **Clause.** `until` in the suite's list of known deviations.

use super::entry::KnownEntry;
use crate::finding::Finding;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "known-expired",
    summary: "A known deviation is no longer accepted",
    level: Level::Note,
    origin: Origin::Suite,
    clause: "known_deviations.yaml, until",
    since: "0.1.0",
    source: include_str!("expired.rs"),
};

/// The note about an expired entry. `occurs`: the deviation still occurs.
pub(super) fn finding(entry: &KnownEntry, occurs: bool) -> Finding {
    let (rule, until) = (entry.rule.id, entry.deviation.until);
    let advice = if occurs {
        "Fix the API, or give the entry a later date."
    } else {
        "It does not occur any more. Remove the entry."
    };
    let message = format!("the known deviation `{rule}` of this case was accepted only until {until}");
    Finding::new(&RULE, message).case(entry.deviation.place.clone()).advice(advice)
}
