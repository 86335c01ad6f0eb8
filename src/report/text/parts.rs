//! The report in the parts in which it is printed while a run goes on: the head at the start, a case when it ends, the rest at
//! the end. The whole report is these parts in this order.

use std::collections::{BTreeMap, BTreeSet};

use super::end::{documents, end, left_behind, notes};
use super::exchange::{PrintedFailures, exchanges};
use super::finding::{advice_line, brief, headline, is_shown_by_default, known};
use super::head::head;
use super::page::{NAME, Page, SENTENCE};
use super::table::table;
use super::trouble::trouble;
use super::verdict::{badge, fails_only_strict, has_more, strict_reasons};
use crate::event::RunStart;
use crate::outcome::{CaseOutcome, DocumentInfo, ReportedFinding, RunOutcome, Verdict};
use crate::printable::escaped_line;
use crate::report::format::{Format, Syntax, View};
use crate::rule::Level;

/// The report for people.
pub(in crate::report) const FORMAT: Format =
    Format { name: "text", summary: "for people", render: whole, syntax: Syntax::Plain };

/// How many cases of one verdict are told about in full.
const IN_FULL: usize = 50;

/// How many findings of one case are shown in full; past that the first ones say it.
const FINDINGS_IN_FULL: usize = 12;
/// How many of the lighter ones are shown.
const IN_BRIEF: usize = 20;
/// The longest value that is shown, in characters.
const VALUE: usize = 400;
/// The longest line of a file that is shown, in characters (quotes are windows around the place already).
const QUOTE: usize = 160;

/// The whole report.
pub(super) fn whole(outcome: &RunOutcome, view: View) -> String {
    let mut page = Page::new(view);
    head(&mut page, &outcome.target, &outcome.documents, outcome.profile);
    let mut parts = TextParts::new(view);
    let cases = outcome.as_they_ended().filter_map(|case| parts.case(case, &outcome.documents));
    let cases: String = cases.collect();
    page.text() + &cases + &parts.rest(outcome)
}

/// A report that is printed part by part: what of it was printed.
pub(in crate::report) struct TextParts {
    view: View,
    /// How many cases of each verdict were told about in full.
    in_full: BTreeMap<Verdict, usize>,
    /// Which cases were.
    shown_in_full: BTreeSet<String>,
    failures: PrintedFailures,
}

impl TextParts {
    /// Nothing was printed.
    pub(in crate::report) fn new(view: View) -> Self {
        Self { view, in_full: BTreeMap::new(), shown_in_full: BTreeSet::new(), failures: PrintedFailures::default() }
    }

    /// The first part: what the run is about.
    pub(in crate::report) fn head(&self, start: &RunStart) -> String {
        let mut page = Page::new(self.view);
        head(&mut page, &start.target, &start.documents, start.profile);
        page.text()
    }

    /// What there is to say about a case that has ended, if there is more than its line in the table. Past a number of cases
    /// of one verdict nothing is said of each.
    pub(in crate::report) fn case(&mut self, case: &CaseOutcome, documents: &[DocumentInfo]) -> Option<String> {
        if !has_more(case, self.view) {
            return None;
        }
        let count = self.in_full.entry(case.verdict).or_default();
        if *count >= IN_FULL && self.view.verbose == 0 {
            return None;
        }
        *count += 1;
        self.shown_in_full.insert(case.id.clone());
        let mut page = Page::new(self.view);
        page.put("");
        write_case(&mut page, case, documents, &mut self.failures);
        Some(page.text())
    }

    /// The last part: everything else.
    pub(in crate::report) fn rest(&self, outcome: &RunOutcome) -> String {
        let mut page = Page::new(self.view);
        trouble(&mut page, outcome);
        let untold =
            outcome.cases.iter().filter(|case| has_more(case, self.view) && !self.shown_in_full.contains(&case.id));
        let mut cases: Vec<&CaseOutcome> = untold.collect();
        cases.sort_by_key(|case| case.verdict);
        for cases in cases.chunk_by(|one, next| one.verdict == next.verdict) {
            like_these(&mut page, cases);
        }
        table(&mut page, &outcome.cases);
        documents(&mut page, &outcome.documents);
        left_behind(&mut page, &outcome.left_behind);
        notes(&mut page, &outcome.notes);
        end(&mut page, outcome);
        page.text()
    }
}

/// What there is to say about one case.
pub(super) fn write_case(
    page: &mut Page,
    case: &CaseOutcome,
    documents: &[DocumentInfo],
    printed: &mut PrintedFailures,
) {
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
    if fails_only_strict(case, page.view) {
        page.put(format!("  {}", page.paint.bad(&format!("fails only by --strict: {}", strict_reasons([case])))));
    }
    findings(page, case, documents.get(case.document));
    for note in &case.notes {
        page.put(format!("  note: {}", escaped_line(note, SENTENCE)));
    }
    exchanges(page, case, printed);
}

/// A case's findings: what fails it in full, the rest in short.
fn findings(page: &mut Page, case: &CaseOutcome, document: Option<&DocumentInfo>) {
    let file = document.map_or("the document", |document| document.file.as_str());
    let strict = page.view.strict;
    let weighs = |found: &&ReportedFinding| {
        let least = if strict { Level::Should } else { Level::Must };
        found.finding.level >= least && found.covered().is_none()
    };
    let heavy: Vec<&ReportedFinding> = case.findings.iter().filter(weighs).collect();
    for found in heavy.iter().take(FINDINGS_IN_FULL) {
        full(page, found, case, file);
    }
    omitted(page, heavy.len(), FINDINGS_IN_FULL);
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
        page.put(advice_line(advice));
    }
    page.put(format!("    more: conformant explain {}", finding.rule.id));
}

fn omitted(page: &mut Page, all: usize, shown: usize) {
    if all > shown {
        page.put(format!("  … and {} more; `--report json=FILE` has them", all - shown));
    }
}

/// How many more there are, by what is wrong with them.
fn like_these(page: &mut Page, cases: &[&CaseOutcome]) {
    let Some(first) = cases.first() else { return };
    let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
    for case in cases {
        let weighs = case.findings.iter().find(|found| found.finding.level > Level::Note);
        let why = weighs.map_or("without a finding", |found| found.finding.rule.id);
        *rules.entry(why).or_default() += 1;
    }
    let rules: Vec<String> = rules.into_iter().map(|(rule, count)| format!("{count} {rule}")).collect();
    page.put(format!("\n… {} more cases: {}", cases.len(), first.verdict.as_str()));
    page.put(format!("  {}; `-v` or `--report json=FILE` has them all", rules.join(", ")));
}
