//! What a case looks like at a glance: its verdict as a word, whether anything backs it, whether there is more to say.

use super::finding::is_shown_by_default;
use super::page::Page;
use crate::outcome::{CaseOutcome, PinnedBy, Verdict};
use crate::report::format::View;

/// A verdict as a word of fixed width. A pass that nothing in the document backs is not shown as one.
pub(super) fn badge(page: &Page, case: &CaseOutcome) -> String {
    let paint = page.paint;
    match case.verdict {
        Verdict::Pass if weak(case) => paint.warn("weak "),
        Verdict::Pass => paint.good("pass "),
        Verdict::Skipped => paint.warn("skip "),
        Verdict::Known => paint.warn("known"),
        Verdict::Fail => paint.bad("FAIL "),
        Verdict::Error => paint.bad("ERROR"),
    }
    .into_owned()
}

/// Whether there is more to say about a case than its line in the table.
pub(in crate::report) fn has_more(case: &CaseOutcome, view: View) -> bool {
    let spoken = case.findings.iter().any(|found| is_shown_by_default(found) || view.verbose > 0);
    let asked = view.verbose > 0 && case.transcript.is_some();
    matches!(case.verdict, Verdict::Fail | Verdict::Error) || spoken || asked || !case.notes.is_empty()
}

/// Whether a case passed without the document saying anything about what came beyond, at most, its status.
pub(super) fn weak(case: &CaseOutcome) -> bool {
    matches!(case.pinned_by, PinnedBy::Nothing | PinnedBy::Status)
}
