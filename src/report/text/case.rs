//! One case on paper: its verdict, why it was not judged, its findings, its exchanges.

use super::exchange::exchanges;
use super::finding::{findings, is_shown_by_default};
use super::page::{NAME, Page, SENTENCE};
use crate::outcome::{CaseOutcome, DocumentInfo, PinnedBy, Verdict};
use crate::printable::escaped_line;
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

/// What there is to say about one case.
pub(super) fn case(page: &mut Page, case: &CaseOutcome, documents: &[DocumentInfo]) {
    let id = escaped_line(&case.id, NAME);
    let about = case.about.as_deref().map(|about| escaped_line(about, SENTENCE)).unwrap_or_default();
    let gap = if about.is_empty() { "" } else { "  " };
    page.put(format!("{} {}{gap}{about}", badge(page, case), page.paint.strong(&id)));
    match (case.verdict, &case.reason) {
        (Verdict::Error, Some(reason)) => {
            page.put(format!("  could not be judged: {}", escaped_line(reason, SENTENCE)));
        }
        (Verdict::Skipped, Some(reason)) => page.put(format!("  skipped: {}", escaped_line(reason, SENTENCE))),
        _ => {}
    }
    findings(page, case, documents.get(case.document));
    for note in &case.notes {
        page.put(format!("  note: {}", escaped_line(note, SENTENCE)));
    }
    exchanges(page, case);
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
