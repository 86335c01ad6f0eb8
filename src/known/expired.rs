//! A known deviation is listed for this case and this target, and the last day on which it was accepted has passed. It
//! covers nothing any more: what is found in the case counts as if it were not listed.
//!
//! **Why it matters.** A deviation that is accepted without an end is accepted for good. The day is there so that somebody
//! looks again: whether the API was mended, and whether it still matters.
//!
//! **Noted**, from 2026-02-01 on (days are those of UTC):
//!
//! ```yaml
//! - {case: suite/case, rule: status-unexpected, reason: Mended soon., link: https://example.com/7, until: 2026-01-31}
//! ```
//!
//! **Not noted.** The same entry until 2026-01-31, the last day included; an entry whose `target` is another.
//!
//! **Limits.** The note fails nothing, not even under `--strict`; what the entry had covered does.
//!
//! **Clause.** The suite's own list of known deviations, `until`.

use super::Entry;
use crate::finding::Finding;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "known-expired",
    summary: "A known deviation is accepted no longer",
    level: Level::Note,
    origin: Origin::Suite,
    clause: "known_deviations.yaml, until",
    since: "0.1.0",
    source: include_str!("expired.rs"),
};

/// The note about an entry whose day has passed, and whether what it is about still occurs.
pub(super) fn finding(entry: &Entry, occurs: bool) -> Finding {
    let (rule, until) = (entry.rule.id, entry.deviation.until);
    let advice = if occurs {
        "If it is to be accepted longer, give the entry a later day; else see that the API is mended."
    } else {
        "It does not occur any more: remove the entry."
    };
    let message = format!("the known deviation `{rule}` of this case was accepted until {until} and is not any more");
    Finding::new(&RULE, message).case(entry.deviation.place.clone()).advice(advice)
}
