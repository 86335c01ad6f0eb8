//! The end of the report: what belongs to no case, the totals, the verdict, and what to do next.

use super::finding::brief;
use super::page::{NAME, Page, SENTENCE, time};
use super::rerun;
use super::verdict::{fails_only_strict, findings_of_level_should, strict_reasons, weak};
use crate::outcome::{
    CaseOutcome, DocumentInfo, Exit, LeftBehind, ReportedFinding, RunOutcome, TranscriptStep, Verdict,
};
use crate::printable::escaped_line;
use crate::rule::Level;

/// What was found about the documents.
pub(super) fn documents(page: &mut Page, documents: &[DocumentInfo]) {
    for document in documents.iter().filter(|document| !document.findings.is_empty()) {
        page.put(format!("\n{} {}", page.paint.strong("the document"), escaped_line(&document.file, NAME)));
        for finding in &document.findings {
            brief(page, finding, &document.file);
        }
    }
}

/// What was made and could not be removed.
pub(super) fn left_behind(page: &mut Page, left: &[LeftBehind]) {
    if left.is_empty() {
        return;
    }
    let heading = format!("left behind: {}", LeftBehind::counted(left, " of this run that may still exist"));
    page.put(format!("\n{}", page.paint.warn(&heading)));
    for object in left {
        let id = if object.id.is_empty() { "with an unknown id".to_owned() } else { escaped_line(&object.id, NAME) };
        page.put(format!(
            "  {} {id} of user {} (for {}): {}",
            escaped_line(&object.state, NAME),
            escaped_line(&object.user, NAME),
            escaped_line(LeftBehind::purpose(&object.case), NAME),
            escaped_line(&object.reason, SENTENCE)
        ));
    }
}

/// What a reader should know about the run as a whole.
pub(super) fn notes(page: &mut Page, notes: &[String]) {
    if !notes.is_empty() {
        page.put("");
    }
    for note in notes {
        page.put(format!("note: {}", escaped_line(note, SENTENCE)));
    }
}

/// How many cases came to what, and what the run came to.
pub(super) fn end(page: &mut Page, outcome: &RunOutcome) {
    let counts = outcome.summary();
    // A case that fails only by --strict keeps its verdict, and is counted with the failures here.
    let of = |verdict| {
        let strict = outcome.cases.iter().filter(|case| case.verdict == verdict && fails_only_strict(case, page.view));
        strict.count() as u64
    };
    let (strict_pass, strict_known) = (of(Verdict::Pass), of(Verdict::Known));
    let strict = strict_pass + strict_known;
    let weak = outcome
        .cases
        .iter()
        .filter(|case| case.verdict == Verdict::Pass && weak(case) && !fails_only_strict(case, page.view))
        .count();
    let parts: Vec<String> = [
        (counts.pass - strict_pass, "pass"),
        (counts.known - strict_known, "known"),
        (counts.skipped, "skipped"),
        (counts.fail + strict, "fail"),
        (counts.error, "error"),
    ]
    .into_iter()
    .filter(|(count, _)| *count > 0)
    .map(|(count, word)| match (word, weak) {
        ("fail", _) if strict > 0 => format!("{count} fail ({strict} only by --strict)"),
        ("pass", 1..) => format!("{count} pass ({weak} weak: no body was checked against the document)"),
        _ => format!("{count} {word}"),
    })
    .collect();
    let cases = outcome.cases.len();
    let total = format!("{cases} {} in {}", if cases == 1 { "case" } else { "cases" }, time(outcome.elapsed));
    let left = match outcome.left_behind.as_slice() {
        [] => String::new(),
        left => format!("; {}", LeftBehind::counted(left, " left behind")),
    };
    let is_should = |found: &&ReportedFinding| found.finding.level == Level::Should && found.covered().is_none();
    let should = match outcome.cases.iter().flat_map(|case| &case.findings).filter(is_should).count() {
        0 => String::new(),
        count => format!("; {}", findings_of_level_should(count)),
    };
    clean_up_removed_nothing(page, &outcome.cases);
    page.put(format!("\n{total}{}{}{should}{left}", if parts.is_empty() { "" } else { ": " }, parts.join(", ")));
    verdict(page, outcome, cases > 0 && counts.skipped == cases as u64, counts.fail > 0);
}

/// Says in one line that clean-up requests removed nothing, if that happened in several cases: then it has one cause.
fn clean_up_removed_nothing(page: &mut Page, cases: &[CaseOutcome]) {
    let removed_nothing = |case: &&CaseOutcome| {
        let Some(transcript) = &case.transcript else { return false };
        let is_clean_up = |step: usize| {
            transcript.steps.get(step).is_some_and(|step| step.role.starts_with(TranscriptStep::CLEAN_UP))
        };
        let found = case.findings.iter().map(|found| &found.finding);
        found.filter(|finding| finding.rule.id == "effect-missing").any(|finding| finding.step.is_some_and(is_clean_up))
    };
    let count = cases.iter().filter(removed_nothing).count();
    if count > 1 {
        page.put(format!("\nin {count} cases the server accepted the clean-up request, but removed nothing"));
    }
}

fn verdict(page: &mut Page, outcome: &RunOutcome, all_skipped: bool, failed: bool) {
    let paint = page.paint;
    let first = |verdict| outcome.cases.iter().find(|case| case.verdict == verdict);
    // Then the command would repeat this run.
    let is_shown_alone = page.view.verbose > 0 && outcome.cases.len() == 1;
    let alone = "next: run one case alone, and show its requests and responses:";
    match outcome.exit(page.view.strict) {
        Exit::Conforms => page.put(paint.good("conforms")),
        Exit::Fails if failed => {
            page.put(paint.bad("does not conform"));
            if let Some(case) = first(Verdict::Fail).filter(|_| !is_shown_alone) {
                page.put(format!("{alone} {}", rerun::command(outcome, case, false)));
            }
        }
        Exit::Fails => {
            page.put(paint.bad(&format!("does not conform under --strict: {}", strict_reasons(&outcome.cases))));
            let light = outcome.cases.iter().find(|case| case.findings.iter().any(ReportedFinding::fails_strict));
            if let Some(case) = light.filter(|_| !is_shown_alone) {
                page.put(format!("{alone} {}", rerun::command(outcome, case, true)));
            }
        }
        Exit::BadInput => page.put(paint.bad("bad input")),
        Exit::NotJudged => {
            let both = unjudged(outcome, page.view.strict);
            page.put(paint.bad(both.as_deref().unwrap_or("could not be judged")));
            if let Some(case) = first(Verdict::Error) {
                page.put(if is_shown_alone {
                    "next: correct the error first, then run this again".to_owned()
                } else {
                    let again = rerun::command(outcome, case, false);
                    format!("next: correct the errors first, then run one case alone: {again}")
                });
            } else if all_skipped {
                page.put("next: every case was skipped; set what the reasons above name");
            }
        }
        Exit::Interrupted => {
            let counts = outcome.summary();
            let judged = counts.pass + counts.known + counts.fail;
            let message = match outcome.cases.len() as u64 {
                0 => "interrupted before any case began".to_owned(),
                all if judged == 0 => format!("interrupted: none of {all} cases was judged"),
                all if judged == all => "interrupted, and every case was judged".to_owned(),
                all => format!("interrupted: {judged} of {all} cases were judged, {} were not", all - judged),
            };
            if outcome.left_behind.is_empty() {
                page.put("nothing is left behind");
            }
            page.put(paint.warn(&message));
        }
    }
}

/// Both things that a run came to of which some cases could not be judged and others fail it: whoever asks again because of
/// the first must not miss the second. None where nothing failed.
pub fn unjudged(outcome: &RunOutcome, strict: bool) -> Option<String> {
    let counts = outcome.summary();
    let light = || outcome.cases.iter().flat_map(|case| &case.findings).any(ReportedFinding::fails_strict);
    let failed = match counts.fail {
        0 if strict && light() => format!("does not conform under --strict: {}", strict_reasons(&outcome.cases)),
        0 => return None,
        fail => format!("{fail} failed"),
    };
    Some(match counts.error {
        0 => format!("{failed}, and the rest could not be judged"),
        error if counts.fail == 0 => format!("{failed}; {error} could not be judged"),
        error => format!("{failed}, {error} could not be judged"),
    })
}
