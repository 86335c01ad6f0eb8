//! A known deviation is listed for this case and this target, the case was judged, and what is listed did not occur.
//!
//! **Why it matters.** The entry would hide the deviation when it comes back. If the API was mended, the entry has done
//! its service; if it names the wrong case or rule, it never did any.
//!
//! **Noted**, where `known_deviations.yaml` lists `rule: media-type-undocumented` for a case, and the answer is
//!
//! ```http
//! HTTP/1.1 404 Not Found
//! Content-Type: application/json
//! ```
//!
//! **Not noted.** The same answer as `text/html`; an entry whose `target` is another; a case that was skipped or could not
//! be judged, be it in one of its runs only; with `--repeat`, an entry that occurred in some of the runs.
//!
//! **Limits.** It never fails a case: a server that deviates less than the one that the entry was written for is no worse
//! for it. It fails a run under `--strict`. Where several targets are asked in turn, `target` says which of them an entry
//! is about.
//!
//! **Clause.** The suite's own list of known deviations: an entry says what happens.

use super::Entry;
use crate::finding::Finding;
use crate::outcome::Found;
use crate::rule::{Level, Origin, Rule};

pub(super) static RULE: Rule = Rule {
    id: "known-vanished",
    summary: "A listed known deviation did not occur",
    level: Level::Note,
    origin: Origin::Suite,
    clause: "known_deviations.yaml",
    since: "0.1.0",
    source: include_str!("vanished.rs"),
};

/// The note about an entry that did not occur. `others` are findings of its rule that are not the one meant.
pub(super) fn finding(entry: &Entry, others: &[&Found]) -> Finding {
    let expected = match &entry.actual {
        Some(actual) => format!("{} with {actual}", entry.rule.id),
        None => entry.rule.id.to_owned(),
    };
    let came: Vec<String> = others.iter().filter_map(|found| found.finding.actual.clone()).collect();
    let came = if came.is_empty() {
        "no such finding".to_owned()
    } else {
        format!("{} with {}", entry.rule.id, came.join(" and "))
    };
    Finding::new(&RULE, format!("the known deviation `{}` of this case did not occur", entry.rule.id))
        .compared(expected, came)
        .case(entry.deviation.place.clone())
        .advice("If the API was mended, remove the entry; if other targets still deviate, name them under `target`.")
}
