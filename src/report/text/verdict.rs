//! What a case looks like at a glance: its verdict as a word, whether anything backs it, whether there is more to say.

use super::finding::is_shown_by_default;
use super::page::Page;
use crate::outcome::{CaseOutcome, PinnedBy, ReportedFinding, Verdict};
use crate::report::format::View;
use crate::rule::Level;

/// A verdict as a word of fixed width. A pass that nothing in the document backs is not shown as one.
pub(super) fn badge(page: &Page, case: &CaseOutcome) -> String {
    let paint = page.paint;
    if fails_only_strict(case, page.view) {
        return paint.bad("FAIL ").into_owned();
    }
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

/// Whether the run fails by this case because it is strict, and not by the case's verdict.
pub(super) fn fails_only_strict(case: &CaseOutcome, view: View) -> bool {
    let passes = matches!(case.verdict, Verdict::Pass | Verdict::Known);
    view.strict && passes && case.findings.iter().any(ReportedFinding::fails_strict)
}

/// What a strict run fails by: `3 findings of level should and 1 known deviation that did not occur as recorded`.
pub(super) fn strict_reasons<'c>(cases: impl IntoIterator<Item = &'c CaseOutcome>) -> String {
    let (mut should, mut vanished) = (0, 0);
    for found in cases.into_iter().flat_map(|case| &case.findings).filter(|found| found.fails_strict()) {
        *(if found.finding.level >= Level::Should { &mut should } else { &mut vanished }) += 1;
    }
    let should = (should > 0).then(|| findings_of_level_should(should));
    let vanished = (vanished > 0).then(|| {
        let deviations = if vanished == 1 { "deviation" } else { "deviations" };
        format!("{vanished} known {deviations} that did not occur as recorded")
    });
    should.into_iter().chain(vanished).collect::<Vec<_>>().join(" and ")
}

/// How many findings of level should, in words.
pub(super) fn findings_of_level_should(count: usize) -> String {
    let findings = if count == 1 { "finding" } else { "findings" };
    format!("{count} {findings} of level should")
}

/// Whether a case passed without the document saying anything about what came beyond, at most, its status.
pub(super) fn weak(case: &CaseOutcome) -> bool {
    case.pinned_by <= PinnedBy::Status
}
