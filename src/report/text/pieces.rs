//! Single pieces of the report, for what shows no whole one: the test door, JUnit.

use super::end::{documents, left_behind, notes};
use super::exchange::PrintedFailures;
use super::page::Page;
use super::parts::{TextParts, write_case};
use crate::event::RunStart;
use crate::outcome::{CaseOutcome, DocumentInfo, LeftBehind, RunOutcome};
use crate::report::format::View;

/// What a run is about as a person reads it: target, documents, profile.
pub fn head_text(start: &RunStart) -> String {
    TextParts::new(View::default()).head(start)
}

/// One case as a person reads it, without the run around it. `documents` are those of the run.
pub fn case_text(case: &CaseOutcome, documents: &[DocumentInfo], view: View) -> String {
    let mut page = Page::new(view);
    write_case(&mut page, case, documents, &mut PrintedFailures::default());
    page.text()
}

/// What belongs to no case: findings of the documents, notes.
pub(in crate::report) fn around_text(outcome: &RunOutcome, view: View) -> String {
    let mut page = Page::new(view);
    documents(&mut page, &outcome.documents);
    notes(&mut page, &outcome.notes);
    page.text()
}

/// What was left behind.
pub(in crate::report) fn left_behind_text(left: &[LeftBehind], view: View) -> String {
    let mut page = Page::new(view);
    left_behind(&mut page, left);
    page.text()
}
