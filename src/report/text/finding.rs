//! A finding on paper: what was expected and what came, and both places where it rests.

use super::page::{NAME, Page, SENTENCE};
use crate::finding::Finding;
use crate::outcome::{CaseOutcome, DocumentInfo, ReportedFinding};
use crate::printable::escaped_line;
use crate::rule::Level;

/// How many findings of one case are shown in full; past that the first ones say it.
const IN_FULL: usize = 12;
/// How many of the lighter ones are shown.
const IN_BRIEF: usize = 20;
/// The longest value that is shown, in characters.
const VALUE: usize = 400;
/// The longest line of a file that is shown, in characters (quotes are windows around the place already).
const QUOTE: usize = 160;

/// A case's findings: what fails it in full, the rest in short.
pub(super) fn findings(page: &mut Page, case: &CaseOutcome, document: Option<&DocumentInfo>) {
    let file = document.map_or("the document", |document| document.file.as_str());
    let weighs = |found: &&ReportedFinding| found.finding.level == Level::Must && found.covered().is_none();
    let heavy: Vec<&ReportedFinding> = case.findings.iter().filter(weighs).collect();
    for found in heavy.iter().take(IN_FULL) {
        full(page, found, case, file);
    }
    omitted(page, heavy.len(), IN_FULL);
    let verbose = page.view.verbose > 0;
    // What is known is told in short, and what became of a known deviation always.
    let shown = |found: &&ReportedFinding| !weighs(found) && (is_shown_by_default(found) || verbose);
    let light: Vec<&ReportedFinding> = case.findings.iter().filter(shown).collect();
    for found in light.iter().take(IN_BRIEF) {
        brief(page, &found.finding, file);
        known(page, found);
    }
    omitted(page, light.len(), IN_BRIEF);
}

fn omitted(page: &mut Page, all: usize, shown: usize) {
    if all > shown {
        page.put(format!("  … and {} more; `--report json=FILE` has them", all - shown));
    }
}

fn full(page: &mut Page, found: &ReportedFinding, case: &CaseOutcome, file: &str) {
    let ReportedFinding { finding, count, .. } = found;
    headline(page, finding);
    if let Some(expected) = &finding.expected {
        page.put(format!("    expected: {}", escaped_line(expected, VALUE)));
    }
    if let Some(actual) = &finding.actual {
        page.put(format!("    actual:   {}", escaped_line(actual, VALUE)));
    }
    if case.runs > 1 {
        page.put(format!("    in {count} of {} runs", case.runs));
    }
    if let Some(place) = &finding.case {
        let shown = escaped_line(&place.to_string(), NAME);
        page.put(format!("    --> {}", page.paint.place(&shown)));
        let quote = place.quote();
        let (quoted, carets) = quote.split_once('\n').unwrap_or((&quote, ""));
        page.put(format!("    {}", escaped_line(quoted, QUOTE)));
        let carets = escaped_line(carets, QUOTE);
        page.put(format!("    {}", page.paint.bad(&carets)));
    }
    if let Some(anchor) = &finding.spec {
        let shown = escaped_line(&format!("{file}:{}", anchor.line), NAME);
        let pointer = escaped_line(&format!("#{}", anchor.pointer), NAME);
        page.put(format!("    spec: {}  {}", page.paint.place(&shown), page.paint.faint(&pointer)));
    }
    if let Some(advice) = &finding.advice {
        page.put(format!("    help: {}", escaped_line(advice, SENTENCE)));
    }
    page.put(format!("    more: conformant explain {}", finding.rule.id));
}

/// A finding in two or three lines.
pub(super) fn brief(page: &mut Page, finding: &Finding, file: &str) {
    headline(page, finding);
    if let (Some(expected), Some(actual)) = (&finding.expected, &finding.actual) {
        page.put(format!("    expected {}, got {}", escaped_line(expected, NAME), escaped_line(actual, NAME)));
    }
    let case = finding.case.as_ref().map(ToString::to_string);
    let spec = finding.spec.as_ref().map(|anchor| format!("{file}:{}", anchor.line));
    let places: Vec<String> = [case, spec].iter().flatten().map(|place| escaped_line(place, NAME)).collect();
    if !places.is_empty() {
        page.put(format!("    --> {}", page.paint.place(&places.join("  "))));
    }
}

fn headline(page: &mut Page, finding: &Finding) {
    let rule = match finding.level {
        Level::Must => page.paint.bad(finding.rule.id),
        Level::Should => page.paint.warn(finding.rule.id),
        Level::Note => page.paint.faint(finding.rule.id),
    };
    let message = escaped_line(&finding.message, SENTENCE);
    let text = format!("  {rule} ({}, {}): {message}", finding.level, finding.origin);
    page.put(text);
}

/// What is listed about a known deviation, with its place; a note about one stands at that place already.
fn known(page: &mut Page, found: &ReportedFinding) {
    let Some(known) = found.deviation() else { return };
    if found.covered().is_none() {
        page.put(format!("    listed as known: {}", escaped_line(&known.reason, SENTENCE)));
    } else {
        page.put(format!("    known deviation: {}", escaped_line(&known.reason, SENTENCE)));
    }
    page.put(format!("      until {}, {}", known.until, escaped_line(&known.link, NAME)));
    if found.covered().is_some() {
        page.put(format!("      --> {}", page.paint.place(&escaped_line(&known.place.to_string(), NAME))));
    } else if let Some(advice) = &found.finding.advice {
        page.put(format!("    help: {}", escaped_line(advice, SENTENCE)));
    }
}

/// Whether a finding is shown without `-v`: all but notes, and of the notes those about known deviations.
pub(super) fn is_shown_by_default(found: &ReportedFinding) -> bool {
    found.finding.level > Level::Note || found.deviation().is_some()
}
