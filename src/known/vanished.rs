//! A known deviation is listed for this case and this target, and the case was judged, but the deviation did not occur, or
//! not as recorded: the entry says `actual: 415`, and the finding says 204.
//!
//! **Why it matters.** The entry would hide the deviation if it came back. If the API was fixed, the entry is no longer
//! needed; if it names the wrong case or rule, it never worked.
//!
//! **Noted**, if `known_deviations.yaml` lists `rule: media-type-undocumented` for a case, and the response is
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json
//! ```
//!
//! **Not noted.** The same response as `text/html`; an entry for another `target`; a case that was skipped or could not be
//! judged in any of its runs; with `--repeat`, an entry that occurred in some of the runs.
//!
//! **Limits.** It never fails a case, because fewer deviations are no fault of the server. It fails a run with `--strict`.
//! If you test several targets, use `target` to say which of them an entry is for.
//!
//! **Clause.** The suite's list of known deviations.

use super::entry::KnownEntry;
use crate::finding::Finding;
use crate::outcome::ReportedFinding;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "known-vanished",
    summary: "A listed known deviation did not occur as recorded",
    level: Level::Note,
    origin: Origin::Suite,
    clause: "known_deviations.yaml",
    since: "0.1.0",
    source: include_str!("vanished.rs"),
};

/// The note about an entry that did not occur. `others` are the other findings of its rule; `fails` says whether the case fails
/// by these or other findings.
pub(super) fn finding(entry: &KnownEntry, others: &[&ReportedFinding], fails: bool) -> Finding {
    let rule = entry.rule.id;
    let recorded = match &entry.actual {
        Some(actual) => format!("{rule} with {actual}"),
        None => rule.to_owned(),
    };
    let others: Vec<String> = others.iter().filter_map(|found| found.finding.actual.clone()).collect();
    let (message, found, advice) = if others.is_empty() {
        let advice = if fails {
            "The case fails in another way: look at its other findings first. Remove the entry only if the API no longer does \
             what it records."
        } else {
            "If the API was fixed, remove the entry. If other targets still deviate, name them under `target`."
        };
        (format!("the known deviation `{rule}` of this case did not occur"), "no such finding".to_owned(), advice)
    } else {
        (
            format!("the known deviation `{rule}` of this case occurred in another form than recorded"),
            format!("{rule} with {}", others.join(" and ")),
            "The entry accepts only what it records. Fix the API, or change `actual` of the entry if you accept this too.",
        )
    };
    Finding::new(&RULE, message).compared(recorded, found).case(entry.deviation.place.clone()).advice(advice)
}
